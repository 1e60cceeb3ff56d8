//! From judgements to findings: a pure state machine per service, target and check. A change is
//! *suspected* at once, and is a finding after two equal observations that lie as far apart as the
//! check's hold asks. What only says something about this laptop never becomes a finding.

use super::{Hold, Judgement};
use crate::shape::Moment;
use chrono::TimeDelta;
use pilotage_domain::fact::Seen;
use serde::{Deserialize, Serialize};

/// A change that has not held long enough yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspicion {
    /// What it seems to be.
    pub result: Seen,
    /// Since when.
    pub since: Moment,
}

/// What is known of one check on one target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The finding that was last recorded, by whomever.
    pub finding: Option<Seen>,
    /// When it was last confirmed by a look.
    pub confirmed: Option<Moment>,
    /// What may come.
    pub suspicion: Option<Suspicion>,
}

/// What an observation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing to record.
    Nothing,
    /// Show it as suspected.
    Suspected,
    /// Record the finding, with the moment from which it held.
    Find {
        /// The moment.
        since: Moment,
    },
    /// The finding stands, and has been seen again: it may be recorded anew before it goes stale.
    Confirm,
}

impl Held {
    /// Takes an observation. `at` is by the clock of the cluster.
    #[must_use]
    pub fn observe(self, judgement: &Judgement, at: Moment, hold: Hold) -> (Self, Effect) {
        // Nobody's proof is overwritten by what this laptop cannot see; nor does it end a suspicion
        // that had begun, because it says nothing about it.
        if judgement.is_local() {
            return (self, Effect::Nothing);
        }
        let result = judgement.result;
        if self.finding == Some(result) {
            let again = Self { confirmed: Some(at), suspicion: None, ..self };
            let due = self.confirmed.is_none_or(|seen| at - seen >= hold.stale_after / 2);
            let effect = if due { Effect::Confirm } else { Effect::Nothing };
            // Confirmations are noted only when they are recorded, so that they come due.
            return if due { (again, effect) } else { (Self { suspicion: None, ..self }, effect) };
        }
        let since = match self.suspicion {
            Some(suspicion) if suspicion.result == result => suspicion.since,
            _ => at,
        };
        let wait = if result == Seen::Fail { hold.fail } else { hold.other };
        // Two observations at least: a single one never decides, whatever the hold.
        let twice = self.suspicion.is_some_and(|suspicion| suspicion.result == result);
        if twice && at - since >= wait {
            let found = Self { finding: Some(result), confirmed: Some(at), suspicion: None };
            return (found, Effect::Find { since });
        }
        (Self { suspicion: Some(Suspicion { result, since }), ..self }, Effect::Suspected)
    }

    /// What is shown: the finding, or unknown once it has gone stale.
    pub fn shown(&self, now: Moment, hold: Hold) -> Option<Seen> {
        let fresh = self.confirmed.is_some_and(|seen| now - seen <= hold.stale_after);
        self.finding.map(|finding| if fresh { finding } else { Seen::Unknown })
    }
}

/// Holds findings back where the cluster, not the services, is in trouble: so many fail the same
/// operational check at once that a drained node or an upgrade is the likelier cause. `failing` are
/// the moments at which services began to fail it, one each; `services` is how many were judged on
/// it. A wave stays one for as long as it lasts, whoever begins to fail after it.
pub fn is_blip(failing: &[Moment], services: usize) -> bool {
    const SHARE_PERCENT: usize = 30;
    // With a handful of services, a third of them is one or two: no wave.
    const FEWEST: usize = 3;
    let window = TimeDelta::minutes(10);
    let mut failing = failing.to_vec();
    failing.sort_unstable();
    (0..failing.len()).any(|first| {
        let together = failing[first..].partition_point(|at| *at - failing[first] <= window);
        together >= FEWEST && together * 100 > services * SHARE_PERCENT
    })
}
