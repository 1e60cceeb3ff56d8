//! What earlier looks saw, in this program or in the command before. Nothing of it is part of the
//! programme.

use chrono::TimeDelta;
use pilotage_cluster::checks::suspected::Suspicion;
use pilotage_cluster::health;
use pilotage_cluster::shape::Moment;
use pilotage_cluster::view::View;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uuid::Uuid;

/// A suspicion that nobody looked at for so long begins anew.
const FORGOTTEN: TimeDelta = TimeDelta::minutes(30);

/// A change that has not held yet, as a device remembers it between two commands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SuspicionNote {
    service: Uuid,
    check: String,
    suspicion: Suspicion,
    /// When it was last looked at.
    seen: Moment,
}

/// What earlier looks saw. Nothing of it is part of the programme.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    pub(super) suspicions: BTreeMap<(Uuid, String), (Suspicion, Moment)>,
    /// By context.
    health: BTreeMap<String, health::Memory>,
    /// When each target was last looked at.
    pub(super) looked: BTreeMap<Uuid, Moment>,
    /// Workloads that were seen with all their revisions.
    pub(super) followed: BTreeSet<String>,
    pub(super) restarts: Restarts,
}

/// Restarts that were seen to happen.
#[derive(Debug, Default)]
pub(super) struct Restarts {
    /// By uid of the pod.
    counts: HashMap<String, u32>,
    /// By uid of the workload: since when it is watched, and each restart seen.
    seen: HashMap<String, (Moment, Vec<Moment>)>,
}

impl Restarts {
    pub(super) fn note(&mut self, view: &View<'_>) {
        let Ok(pods) = &view.pods else { return };
        let uid = view.workload.meta().uid.to_string();
        let now = view.now();
        let (_, seen) = self.seen.entry(uid).or_insert_with(|| (now, Vec::new()));
        for pod in pods {
            let count = health::status::line(pod).restarts;
            let before = self.counts.insert(pod.meta.uid.to_string(), count);
            let more = before.map_or(0, |before| count.saturating_sub(before));
            seen.extend((0..more).map(|_| now));
        }
        seen.retain(|at| now - *at <= TimeDelta::days(8));
    }

    pub(super) fn of(&self, uid: &str) -> (Option<Moment>, &[Moment]) {
        self.seen.get(uid).map_or((None, &[]), |(since, seen)| (Some(*since), seen))
    }
}

impl Memory {
    /// What this device remembered, as far as it is not too old.
    pub(crate) fn recall(notes: &[SuspicionNote], now: Moment) -> Self {
        let fresh = notes.iter().filter(|note| now - note.seen <= FORGOTTEN);
        let suspicions = fresh
            .map(|note| ((note.service, note.check.clone()), (note.suspicion, note.seen)))
            .collect();
        Self { suspicions, ..Self::default() }
    }

    /// What is suspected of a service's check; nothing where nobody looked for long.
    pub(super) fn suspicion(&self, key: &(Uuid, String), now: Moment) -> Option<Suspicion> {
        let (suspicion, seen) = self.suspicions.get(key)?;
        (now - *seen <= FORGOTTEN).then_some(*suspicion)
    }

    /// What is worth remembering for the next command.
    pub(crate) fn notes(&self) -> Vec<SuspicionNote> {
        let note =
            |((service, check), (suspicion, seen)): (&(Uuid, String), &(Suspicion, Moment))| {
                SuspicionNote {
                    service: *service,
                    check: check.clone(),
                    suspicion: *suspicion,
                    seen: *seen,
                }
            };
        self.suspicions.iter().map(note).collect()
    }

    /// The health of a context's workloads as seen so far.
    pub(crate) fn health(&mut self, context: &str) -> &mut health::Memory {
        self.health.entry(context.to_owned()).or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pilotage_domain::fact::Seen;

    #[test]
    fn a_suspicion_that_nobody_looked_at_for_long_begins_anew() {
        let seen: Moment = "2026-03-02T18:00:00Z".parse().unwrap();
        let key = (Uuid::from_u128(1), "CD-02".to_owned());
        let suspicion = Suspicion { result: Seen::Fail, since: seen };
        let mut memory = Memory::default();
        memory.suspicions.insert(key.clone(), (suspicion, seen));
        let check = |minutes: i64, expect: Option<Suspicion>| {
            let now = seen + TimeDelta::minutes(minutes);
            assert_eq!(memory.suspicion(&key, now), expect, "{minutes}");
        };
        check(15, Some(suspicion));
        check(30, Some(suspicion));
        check(31, None);
        check(15 * 60, None);
    }
}
