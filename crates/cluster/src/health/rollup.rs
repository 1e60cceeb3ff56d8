//! From many verdicts to one, or to counts. One object that nobody may read must neither hide an
//! outage nor pass for health.

use super::Verdict;
use serde::Serialize;

/// The verdict of a target over its workloads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Target {
    /// The worst of those that are known; unknown if nothing known is worse than healthy and one is
    /// unknown. Nothing where there is nothing.
    pub verdict: Option<Verdict>,
    /// How many are unknown.
    pub unknown: usize,
}

/// Rolls up a target.
pub fn target(verdicts: impl IntoIterator<Item = Verdict>) -> Target {
    let mut worst = None;
    let mut unknown = 0;
    for verdict in verdicts {
        if verdict == Verdict::Unknown {
            unknown += 1;
        } else {
            worst = worst.max(Some(verdict));
        }
    }
    let hidden = unknown > 0 && worst.is_none_or(|worst| worst == Verdict::Healthy);
    Target { verdict: if hidden { Some(Verdict::Unknown) } else { worst }, unknown }
}

/// How many objects have each verdict: a fleet has counts, never one colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// As they should be.
    pub healthy: usize,
    /// Standing still on purpose.
    pub suspended: usize,
    /// On their way.
    pub progressing: usize,
    /// Mapped and not there.
    pub missing: usize,
    /// Not well.
    pub degraded: usize,
    /// Not to be told.
    pub unknown: usize,
}

impl Counts {
    /// Counts verdicts.
    pub fn of(verdicts: impl IntoIterator<Item = Verdict>) -> Self {
        let mut counts = Self::default();
        for verdict in verdicts {
            *match verdict {
                Verdict::Healthy => &mut counts.healthy,
                Verdict::Suspended => &mut counts.suspended,
                Verdict::Progressing => &mut counts.progressing,
                Verdict::Missing => &mut counts.missing,
                Verdict::Degraded => &mut counts.degraded,
                Verdict::Unknown => &mut counts.unknown,
            } += 1;
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_neither_hides_an_outage_nor_passes_for_health() {
        use Verdict::{Degraded, Healthy, Missing, Progressing, Suspended, Unknown};
        let check = |verdicts: &[Verdict], expect: Option<Verdict>, unknown: usize| {
            let rolled = target(verdicts.iter().copied());
            assert_eq!(rolled, Target { verdict: expect, unknown }, "{verdicts:?}");
        };
        check(&[], None, 0);
        check(&[Healthy], Some(Healthy), 0);
        check(&[Healthy, Unknown], Some(Unknown), 1);
        check(&[Unknown], Some(Unknown), 1);
        check(&[Degraded, Unknown], Some(Degraded), 1);
        check(&[Healthy, Suspended], Some(Suspended), 0);
        check(&[Suspended, Progressing], Some(Progressing), 0);
        check(&[Progressing, Missing], Some(Missing), 0);
        check(&[Missing, Degraded], Some(Degraded), 0);
        let counts = Counts::of([Healthy, Healthy, Unknown, Missing]);
        assert_eq!((counts.healthy, counts.unknown, counts.missing), (2, 1, 1));
    }
}
