//! One verdict per object, and what decided it. One pure function per kind: the object, the pods of
//! its newest template where they are known, the moment, the thresholds → [`Health`]. A verdict is
//! instant; findings are held over time on top of it (`checks`). What is deliberately absent: a
//! verdict read from the text that kubectl prints. It is for people ([`status`]).

pub mod beside;
pub mod node;
pub mod pod;
pub mod rollup;
pub mod schedule;
pub mod status;
pub mod workload;

use crate::shape::{Meta, Moment};
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::HashMap;

/// How an object fares, from good to bad; [`Verdict::Unknown`] stands apart and never counts as
/// healthy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// As it should be.
    Healthy,
    /// Somebody asked for it to stand still.
    Suspended,
    /// Expected to become healthy without help.
    Progressing,
    /// It is mapped and not there.
    Missing,
    /// It will not become healthy, or it is too late.
    Degraded,
    /// It cannot be told.
    Unknown,
}

impl Verdict {
    /// All verdicts, from good to bad.
    pub const ALL: [Self; 6] = [
        Self::Healthy,
        Self::Suspended,
        Self::Progressing,
        Self::Missing,
        Self::Degraded,
        Self::Unknown,
    ];

    /// The word, as written on the command line and in the window.
    pub fn word(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Suspended => "suspended",
            Self::Progressing => "progressing",
            Self::Missing => "missing",
            Self::Degraded => "degraded",
            Self::Unknown => "unknown",
        }
    }
}

/// Whether users still get answers; kept apart from the verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Impact {
    /// Nothing is missing.
    None,
    /// Fewer than wanted answer.
    Reduced,
    /// Nobody answers.
    Outage,
    /// It cannot be told.
    #[default]
    Unknown,
}

/// Where [`Health::since`] comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SinceFrom {
    /// The cluster says so.
    Cluster,
    /// When we first saw it.
    FirstSeen,
}

/// What a verdict rests on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// The object alone.
    #[default]
    Object,
    /// The object and its pods.
    ObjectAndPods,
}

/// How an object fares, and what decided it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Health {
    /// The verdict.
    pub verdict: Verdict,
    /// Reason code; the interface words it. For containers, the reason that the node gave.
    pub reason: Cow<'static, str>,
    /// Path of the field that decided.
    pub field: Cow<'static, str>,
    /// What it held.
    pub value: String,
    /// Since when.
    pub since: Option<Moment>,
    /// Where that comes from.
    pub since_from: Option<SinceFrom>,
    /// Whether users still get answers.
    pub impact: Impact,
    /// What it rests on.
    pub basis: Basis,
    /// What stands beside it: the cluster's message, or the pods concerned.
    pub note: String,
}

/// Longest message of the cluster that is shown, in characters.
pub const MAX_MESSAGE: usize = 300;

impl Health {
    pub(crate) fn new(verdict: Verdict, reason: impl Into<Cow<'static, str>>) -> Self {
        Self {
            verdict,
            reason: reason.into(),
            field: Cow::Borrowed(""),
            value: String::new(),
            since: None,
            since_from: None,
            impact: Impact::Unknown,
            basis: Basis::Object,
            note: String::new(),
        }
    }

    #[expect(clippy::needless_pass_by_value, reason = "numbers and texts alike")]
    pub(crate) fn by(mut self, field: impl Into<Cow<'static, str>>, value: impl ToString) -> Self {
        self.field = field.into();
        self.value = value.to_string();
        self
    }

    pub(crate) fn since(mut self, at: Option<Moment>) -> Self {
        self.since = at;
        self.since_from = at.map(|_| SinceFrom::Cluster);
        self
    }

    pub(crate) fn first_seen(mut self, at: Option<Moment>) -> Self {
        if self.since.is_none() {
            self.since = at;
            self.since_from = at.map(|_| SinceFrom::FirstSeen);
        }
        self
    }

    pub(crate) fn impact(mut self, impact: Impact) -> Self {
        self.impact = impact;
        self
    }

    pub(crate) fn note(mut self, note: &str) -> Self {
        self.note = crate::shape::lenient::cut(note, MAX_MESSAGE);
        self
    }

    /// Unknown, for a reason of this laptop or of its rights.
    pub fn unknown(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Verdict::Unknown, reason)
    }

    /// Whether it has been so for longer than a limit.
    pub fn held(&self, limit: TimeDelta, now: Moment) -> bool {
        self.since.is_some_and(|since| now - since > limit)
    }
}

/// Settings of the programme, with their defaults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thresholds {
    /// How long too few replicas are borne.
    pub availability_grace: TimeDelta,
    /// How long a failing pod is borne.
    pub failing_pod_grace: TimeDelta,
    /// When a rollout without a deadline of its own is too late.
    pub fallback_deadline: TimeDelta,
    /// From what age on a pod without a place is degraded.
    pub unschedulable: TimeDelta,
    /// From what age on a waiting pod is degraded.
    pub pending_too_long: TimeDelta,
    /// How recent a crash must be.
    pub crash_window: TimeDelta,
    /// How many restarts make a loop.
    pub crash_count: u32,
    /// How long past its time a deletion is borne.
    pub stuck_terminating: TimeDelta,
    /// How long a controller may take to see a specification.
    pub silent_controller: TimeDelta,
    /// Shortest time that a pod is given to start.
    pub start_up: TimeDelta,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            availability_grace: TimeDelta::minutes(2),
            failing_pod_grace: TimeDelta::seconds(60),
            fallback_deadline: TimeDelta::minutes(10),
            unschedulable: TimeDelta::seconds(15),
            pending_too_long: TimeDelta::minutes(10),
            crash_window: TimeDelta::minutes(10),
            crash_count: 2,
            stuck_terminating: TimeDelta::minutes(5),
            silent_controller: TimeDelta::minutes(2),
            start_up: TimeDelta::minutes(5),
        }
    }
}

/// Whether what was last proved to be alive at `seen` may still be shown as it was. A healthy watch
/// is renewed at least once per time-out of the watch; twice that and five seconds more is too old.
/// By the clock of this machine on both sides.
pub fn fresh(seen: Option<Moment>, now: Moment, watch_timeout: TimeDelta) -> bool {
    let limit = watch_timeout * 2 + TimeDelta::seconds(5);
    seen.is_some_and(|seen| now - seen <= limit)
}

/// A verdict as it may be shown: what is too old reads unknown, whatever it was.
#[must_use]
pub fn as_shown(
    health: Health,
    seen: Option<Moment>,
    now: Moment,
    watch_timeout: TimeDelta,
) -> Health {
    if fresh(seen, now, watch_timeout) {
        return health;
    }
    let reason = if seen.is_some() { "stale" } else { "not_synced" };
    Health::unknown(reason).first_seen(seen)
}

/// What earlier looks at an object saw; all of it may be absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Past {
    /// Since when it has not been settled.
    pub open_since: Option<Moment>,
    /// Since when the controller has not seen its specification.
    pub unobserved_since: Option<Moment>,
    /// The last verdict.
    pub verdict: Option<Verdict>,
    /// Since when the verdict and its reason have been the same.
    pub same_since: Option<Moment>,
}

/// What earlier looks saw, by uid. Owned by whoever looks; nothing of it is stored.
#[derive(Debug, Default)]
pub struct Memory {
    pasts: HashMap<Box<str>, (Past, Cow<'static, str>)>,
}

impl Memory {
    /// What was seen of an object before.
    pub fn past(&self, uid: &str) -> Past {
        self.pasts.get(uid).map(|(past, _)| *past).unwrap_or_default()
    }

    /// Remembers a look, and puts the moment of the first such look where the cluster tells none.
    #[must_use]
    pub fn note(&mut self, uid: &str, health: Health, now: Moment) -> Health {
        // What could not be seen says nothing about the object.
        if matches!(&*health.reason, "forbidden" | "api_absent" | "not_synced" | "stale") {
            return health;
        }
        let known = self.pasts.get(uid);
        let before = known.map(|(past, _)| *past).unwrap_or_default();
        let same = before.verdict == Some(health.verdict)
            && known.is_some_and(|(_, reason)| *reason == health.reason);
        let unobserved = matches!(&*health.reason, "spec_not_observed" | "controller_silent");
        let open = matches!(health.verdict, Verdict::Progressing | Verdict::Degraded);
        let past = Past {
            open_since: open.then(|| before.open_since.unwrap_or(now)),
            unobserved_since: unobserved.then(|| before.unobserved_since.unwrap_or(now)),
            verdict: Some(health.verdict),
            same_since: Some(if same { before.same_since.unwrap_or(now) } else { now }),
        };
        self.pasts.insert(uid.into(), (past, health.reason.clone()));
        health.first_seen(past.same_since)
    }

    /// Forgets objects that are gone.
    pub fn keep(&mut self, lives: impl Fn(&str) -> bool) {
        self.pasts.retain(|uid, _| lives(uid));
    }
}

/// Being deleted: before every kind.
pub(crate) fn gate(meta: &Meta, now: Moment, limits: &Thresholds) -> Option<Health> {
    // The deletion's time contains the grace period already.
    let due = meta.deleted?;
    let health = if now > due + limits.stuck_terminating {
        let finalizers: Vec<&str> = meta.finalizers.iter().map(|name| &**name).collect();
        Health::new(Verdict::Degraded, "stuck_terminating").note(&finalizers.join(", "))
    } else {
        Health::new(Verdict::Progressing, "terminating")
    };
    let health = health.by("metadata.deletionTimestamp", due.to_rfc3339());
    Some(health.since(Some(due)))
}

/// A specification that the controller has not seen yet.
pub(crate) fn unobserved(
    meta: &Meta,
    observed: Option<i64>,
    past: &Past,
    now: Moment,
    limits: &Thresholds,
) -> Option<Health> {
    let generation = meta.generation?;
    if observed.unwrap_or(0) >= generation {
        return None;
    }
    let silent = past.unobserved_since.is_some_and(|since| now - since > limits.silent_controller);
    let health = if silent {
        Health::unknown("controller_silent")
    } else {
        Health::new(Verdict::Progressing, "spec_not_observed")
    };
    let value = format!("{} of {generation}", observed.unwrap_or(0));
    Some(health.by("status.observedGeneration", value).first_seen(past.unobserved_since))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The moment of all tests.
    pub(crate) const NOW: &str = "2026-03-01T12:00:00Z";

    /// That many seconds before [`NOW`], as the cluster writes it.
    pub(crate) fn ago(seconds: i64) -> String {
        (now() - TimeDelta::seconds(seconds)).to_rfc3339()
    }

    pub(crate) fn now() -> Moment {
        chrono::DateTime::parse_from_rfc3339(NOW).unwrap().to_utc()
    }

    #[test]
    fn nothing_stale_is_shown_as_it_was() {
        let check = |age: Option<i64>, expect: Verdict, reason: &str| {
            let seen = age.map(|age| now() - TimeDelta::seconds(age));
            let healthy = Health::new(Verdict::Healthy, "healthy");
            let shown = as_shown(healthy, seen, now(), TimeDelta::seconds(120));
            assert_eq!((shown.verdict, &*shown.reason), (expect, reason), "{age:?}");
        };
        check(Some(0), Verdict::Healthy, "healthy");
        check(Some(245), Verdict::Healthy, "healthy");
        check(Some(246), Verdict::Unknown, "stale");
        check(None, Verdict::Unknown, "not_synced");
    }

    #[test]
    fn memory_tells_since_when() {
        let mut memory = Memory::default();
        let at = |seconds| now() + TimeDelta::seconds(seconds);
        let waiting = || Health::new(Verdict::Progressing, "updating");
        let _ = memory.note("u", waiting(), at(0));
        let second = memory.note("u", waiting(), at(60));
        assert_eq!((second.since, second.since_from), (Some(at(0)), Some(SinceFrom::FirstSeen)));
        let other = Health::new(Verdict::Progressing, "waiting_available");
        assert_eq!(memory.note("u", other, at(90)).since, Some(at(90)), "another reason");
        assert_eq!(memory.past("u").open_since, Some(at(0)), "and still not settled");
        let _ = memory.note("u", Health::new(Verdict::Healthy, "healthy"), at(120));
        assert_eq!(memory.past("u").open_since, None);
        memory.keep(|_| false);
        assert_eq!(memory.past("u"), Past::default());
    }
}
