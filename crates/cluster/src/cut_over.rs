//! Before and after a cut-over: which looks at a service's health are due, which were missed, and
//! whether it fares worse than before.

use crate::health::Verdict;
use chrono::TimeDelta;
use pilotage_domain::Millis;
use pilotage_domain::fact::Look;
use serde::Serialize;
use std::collections::BTreeSet;

/// How long after its moment a look still counts for it.
pub const LATEST: TimeDelta = TimeDelta::hours(2);

/// How a look stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Due {
    /// It is not time yet.
    Later,
    /// Whoever looks now takes it.
    Now,
    /// It was taken.
    Done,
    /// Nobody looked in time: *not observed*, which is neither good nor bad.
    NotObserved,
}

/// How each look stands at a moment. The one before is taken at the cut-over itself, from what was
/// seen last; where nothing was, it is not observed.
pub fn looks(cut_over: Millis, done: &BTreeSet<Look>, now: Millis) -> Vec<(Look, Due)> {
    Look::ALL
        .into_iter()
        .map(|look| {
            let moment = cut_over + look.due();
            let due = if done.contains(&look) {
                Due::Done
            } else if now < moment {
                Due::Later
            } else if now <= moment + LATEST.num_milliseconds() {
                Due::Now
            } else {
                Due::NotObserved
            };
            (look, due)
        })
        .collect()
}

/// How a service fared at one look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Fared {
    /// Its verdict on the target.
    pub verdict: Verdict,
    /// Restarts of its containers within the last hour.
    pub restarts: u32,
}

/// Whether a service fares worse after than before. What cannot be told is not worse.
pub fn worse(before: Fared, after: Fared) -> bool {
    let known = before.verdict != Verdict::Unknown && after.verdict != Verdict::Unknown;
    // A rollout under way is no illness.
    let bad = matches!(after.verdict, Verdict::Missing | Verdict::Degraded);
    known && ((bad && after.verdict > before.verdict) || after.restarts > before.restarts + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_are_due_in_their_time_only() {
        let hour = 3_600_000;
        let check = |after: Millis, done: &[Look], expect: [Due; 4]| {
            let done = done.iter().copied().collect();
            let read: Vec<Due> =
                looks(1_000, &done, 1_000 + after).into_iter().map(|(_, due)| due).collect();
            assert_eq!(read, expect, "{after}");
        };
        use Due::{Done, Later, NotObserved, Now};
        check(0, &[], [Now, Later, Later, Later]);
        check(hour, &[Look::Before], [Done, Now, Later, Later]);
        check(3 * hour, &[Look::Before], [Done, Now, Later, Later]);
        check(3 * hour + 1, &[Look::Before], [Done, NotObserved, Later, Later]);
        check(25 * hour, &[], [NotObserved, NotObserved, Now, Later]);
        check(7 * 24 * hour, &[Look::Day], [NotObserved, NotObserved, Done, Now]);
        check(8 * 24 * hour, &[], [NotObserved; 4]);
    }

    #[test]
    fn worse_is_what_is_known_to_be_worse() {
        let check = |before: (Verdict, u32), after: (Verdict, u32), expect: bool| {
            let fared = |(verdict, restarts)| Fared { verdict, restarts };
            assert_eq!(worse(fared(before), fared(after)), expect, "{before:?} {after:?}");
        };
        use Verdict::{Degraded, Healthy, Missing, Progressing, Unknown};
        check((Healthy, 0), (Degraded, 0), true);
        check((Healthy, 0), (Missing, 0), true);
        check((Healthy, 0), (Progressing, 0), false);
        check((Degraded, 0), (Degraded, 0), false);
        check((Healthy, 0), (Unknown, 9), false);
        check((Unknown, 0), (Degraded, 0), false);
        check((Healthy, 1), (Healthy, 3), false);
        check((Healthy, 1), (Healthy, 4), true);
    }
}
