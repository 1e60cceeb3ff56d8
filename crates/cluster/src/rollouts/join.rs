//! Rollouts and deliveries, joined: which entry of a delivery controller's history a rollout belongs
//! to, and which entries are deployments of which no revision is known any more. It is computed
//! whenever it is asked for and never written, so the order in which anybody learned of either does
//! not matter and nothing is counted twice. What is deliberately absent: a delivery beside a writer
//! who is known to be somebody else.

use chrono::TimeDelta;
use pilotage_domain::Millis;
use pilotage_domain::cluster::{Rollout, RolloutKind, TimeSource, Writer, WriterClass};
use pilotage_domain::delivery::Delivery;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Clocks of two clusters, and whole seconds.
const SLACK: TimeDelta = TimeDelta::seconds(10);
/// A condition bears the time at which a rollout was done, which is so much later than its beginning;
/// and a delivery that lies this close to a rollout is not counted beside it.
const CLOSE: TimeDelta = TimeDelta::minutes(15);

/// How the rollouts and the deliveries of one workload belong together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Joined {
    /// Places of a rollout and of the delivery that made it.
    pub pairs: Vec<(usize, usize)>,
    /// Places of deliveries that are deployments of their own: no revision is known for them.
    pub unpaired: Vec<usize>,
}

/// Joins the rollouts and the deliveries of one workload. A delivery that belongs to no rollout is a
/// deployment only where revisions of the workload are missing at its time; where they follow each
/// other without a hole, it changed nothing of the pod template.
pub fn join(rollouts: &[(Millis, &Rollout)], deliveries: &[(Millis, &Delivery)]) -> Joined {
    let mut near: Vec<(Millis, Reverse<i64>, usize, usize)> = Vec::new();
    for (place, (at, rollout)) in rollouts.iter().enumerate() {
        for (of, (moment, delivery)) in deliveries.iter().enumerate() {
            if belongs(*at, rollout, delivery) {
                near.push(((at - moment).abs(), Reverse(rollout.revision), place, of));
            }
        }
    }
    // The nearest first; each once.
    near.sort_unstable();
    let mut joined = Joined::default();
    for (_, _, place, of) in near {
        if joined.pairs.iter().all(|(rollout, delivery)| *rollout != place && *delivery != of) {
            joined.pairs.push((place, of));
        }
    }
    joined.pairs.sort_unstable();
    joined.unpaired = unpaired(rollouts, deliveries, &joined.pairs);
    joined
}

/// Deliveries that are deployments of their own. A hole holds no more of them than revisions are
/// missing in it.
fn unpaired(
    rollouts: &[(Millis, &Rollout)],
    deliveries: &[(Millis, &Delivery)],
    pairs: &[(usize, usize)],
) -> Vec<usize> {
    let paired = |of: usize| pairs.iter().any(|(_, delivery)| *delivery == of);
    let mut held: BTreeMap<i64, i64> = BTreeMap::new();
    let mut places: Vec<usize> = (0..deliveries.len()).collect();
    places.sort_by_key(|place| deliveries[*place].0);
    places.retain(|place| {
        let (at, delivery) = deliveries[*place];
        if !delivery.is_deployment || paired(*place) || !stands_alone(delivery, rollouts) {
            return false;
        }
        let Some(hole) = hole(at, rollouts) else { return false };
        let held = held.entry(hole.after).or_default();
        *held += 1;
        *held <= hole.missing
    });
    places.sort_unstable();
    places
}

/// Whether nobody rolled anything out around its time: else it may be that very rollout.
fn stands_alone(delivery: &Delivery, rollouts: &[(Millis, &Rollout)]) -> bool {
    let close = CLOSE.num_milliseconds();
    let around = delivery.from - close..=delivery.until + close;
    rollouts.iter().all(|(at, _)| !around.contains(at))
}

fn belongs(at: Millis, rollout: &Rollout, delivery: &Delivery) -> bool {
    let until = match rollout.time {
        // It happened at some time before.
        TimeSource::Observed => return false,
        TimeSource::Condition => delivery.until + CLOSE.num_milliseconds(),
        TimeSource::Created | TimeSource::History => delivery.until,
    };
    let slack = SLACK.num_milliseconds();
    let by_controller = matches!(
        rollout.writer.class,
        // Older controllers write names that laptops write too, so an ambiguous one may be theirs.
        WriterClass::Gitops | WriterClass::Ambiguous
    );
    by_controller && (delivery.from - slack..=until + slack).contains(&at)
}

/// Revisions that nobody knows.
struct Hole {
    /// Number of the revision before it; 0 where none is known.
    after: i64,
    /// How many are missing.
    missing: i64,
}

/// The revisions that are missing around a moment: before the first that is known, or between two
/// whose numbers do not follow each other. Where none is known, nor is what is missing: the kind may
/// have no revisions, or they may not be read.
fn hole(at: Millis, rollouts: &[(Millis, &Rollout)]) -> Option<Hole> {
    let order = |one: &&(Millis, &Rollout)| (one.0, one.1.revision);
    let before = rollouts.iter().filter(|one| one.0 <= at).max_by_key(order);
    // All that was made since the last one was seen, or will be at the next look.
    let (_, next) = rollouts.iter().filter(|one| one.0 > at).min_by_key(order)?;
    if next.time == TimeSource::Observed {
        // It was made at some time before it was seen, and so may be this very delivery.
        return None;
    }
    let after = before.map_or(0, |(_, rollout)| rollout.revision);
    let missing = next.revision - after - 1;
    (missing > 0).then_some(Hole { after, missing })
}

/// The writer of a rollout that a delivery made: where nobody saw him, the controller. A name that
/// was seen stays what it says.
pub fn writer(rollout: &Rollout) -> Writer {
    let writer = &rollout.writer;
    if writer.class == WriterClass::Ambiguous && writer.manager.is_empty() {
        return Writer { class: WriterClass::Gitops, ..writer.clone() };
    }
    writer.clone()
}

/// A delivery as the deployment that it is: what it changed is not known.
pub fn deployment(delivery: &Delivery) -> Rollout {
    Rollout {
        workload: delivery.workload.clone(),
        uid: delivery.uid.clone(),
        revision: 0,
        change: RolloutKind::Delivery,
        images: Vec::new(),
        writer: Writer { class: WriterClass::Gitops, manager: String::new(), at: None },
        time: TimeSource::History,
        unseen_since: None,
        trace: delivery.revision.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pilotage_domain::cluster::WorkloadName;
    use pilotage_domain::delivery::{Start, Tool};
    use uuid::Uuid;

    const MINUTE: Millis = 60_000;

    fn workload() -> WorkloadName {
        WorkloadName {
            target: Uuid::nil(),
            namespace: "shop".into(),
            kind: "Deployment".into(),
            name: "cart".into(),
        }
    }

    fn rollout(revision: i64, class: WriterClass, manager: &str, time: TimeSource) -> Rollout {
        Rollout {
            workload: workload(),
            uid: "u".into(),
            revision,
            change: RolloutKind::Image,
            images: Vec::new(),
            writer: Writer { class, manager: manager.into(), at: None },
            time,
            unseen_since: None,
            trace: None,
        }
    }

    /// One that took from a minute before to its moment.
    fn delivery(at: Millis, is_deployment: bool) -> Delivery {
        Delivery {
            workload: workload(),
            uid: "u".into(),
            tool: Tool::ArgoCd,
            source: "argocd/shop".into(),
            source_uid: "a".into(),
            entry: at.to_string(),
            from: (at - 1) * MINUTE,
            until: at * MINUTE,
            revision: None,
            start: Start::Automated,
            is_deployment,
        }
    }

    fn check(rollouts: &[(Millis, Rollout)], deliveries: &[(Millis, bool)], expect: &Joined) {
        let rollouts: Vec<(Millis, &Rollout)> =
            rollouts.iter().map(|(at, one)| (at * MINUTE, one)).collect();
        let kept: Vec<Delivery> =
            deliveries.iter().map(|(at, whole)| delivery(*at, *whole)).collect();
        let deliveries: Vec<(Millis, &Delivery)> =
            kept.iter().map(|one| (one.until, one)).collect();
        assert_eq!(join(&rollouts, &deliveries), *expect, "{rollouts:?} {deliveries:?}");
    }

    fn pairs(pairs: &[(usize, usize)]) -> Joined {
        Joined { pairs: pairs.to_vec(), unpaired: Vec::new() }
    }

    fn unpaired(places: &[usize]) -> Joined {
        Joined { pairs: Vec::new(), unpaired: places.to_vec() }
    }

    #[test]
    fn a_delivery_belongs_to_the_rollout_that_was_made_in_its_time() {
        use TimeSource::{Condition, Created, Observed};
        use WriterClass::{Ambiguous, Controller, Gitops, Manual, Pipeline};
        let made = |at: Millis, class, time| vec![(at, rollout(2, class, "", time))];
        let one = [(100, true)];
        check(&made(100, Ambiguous, Created), &one, &pairs(&[(0, 0)]));
        check(&made(99, Gitops, Created), &one, &pairs(&[(0, 0)]));
        check(&made(98, Ambiguous, Created), &one, &pairs(&[]));
        // Too far away on either side, and still too close to be counted beside it.
        check(&made(101, Ambiguous, Created), &one, &pairs(&[]));
        check(&made(102, Ambiguous, Created), &one, &pairs(&[]));
        // Before the second revision there was the first, which is forgotten.
        check(&made(116, Ambiguous, Created), &one, &unpaired(&[0]));
        // A condition tells when it was done, and what was merely observed was made at any time.
        check(&made(110, Ambiguous, Condition), &one, &pairs(&[(0, 0)]));
        check(&made(117, Ambiguous, Condition), &one, &unpaired(&[0]));
        check(&made(500, Ambiguous, Observed), &one, &pairs(&[]));
        check(&made(100, Ambiguous, Observed), &one, &pairs(&[]));
        // Whoever is known to be somebody else is.
        for class in [Manual, Pipeline, Controller] {
            check(&made(100, class, Created), &one, &pairs(&[]));
        }
    }

    #[test]
    fn each_belongs_to_one_and_the_nearest_wins() {
        let made = |at: Millis, revision| {
            (at, rollout(revision, WriterClass::Ambiguous, "", TimeSource::Created))
        };
        check(&[made(99, 1), made(100, 2)], &[(100, true)], &pairs(&[(1, 0)]));
        check(&[made(100, 1)], &[(101, true), (100, true)], &pairs(&[(0, 1)]));
        check(&[made(99, 1), made(100, 2)], &[(100, true), (99, true)], &pairs(&[(0, 1), (1, 0)]));
    }

    #[test]
    fn a_delivery_of_its_own_is_one_where_revisions_are_missing() {
        let made = |at: Millis, revision| {
            (at, rollout(revision, WriterClass::Ambiguous, "", TimeSource::Created))
        };
        let at_100 = [(100, true)];
        check(&[], &at_100, &unpaired(&[]));
        check(&[made(500, 4)], &at_100, &unpaired(&[0]));
        check(&[made(20, 2), made(500, 4)], &at_100, &unpaired(&[0]));
        // One is missing, so two cannot both have been one.
        check(&[made(20, 2), made(500, 4)], &[(200, true), (100, true)], &unpaired(&[1]));
        check(&[made(20, 2), made(500, 5)], &[(200, true), (100, true)], &unpaired(&[0, 1]));
        // Without a hole it changed nothing of the template.
        check(&[made(20, 3), made(500, 4)], &at_100, &unpaired(&[]));
        check(&[made(500, 1)], &at_100, &unpaired(&[]));
        check(&[made(20, 3)], &at_100, &unpaired(&[]));
        // Nor where it is not known to have brought anything to this very workload.
        check(&[], &[(100, false)], &unpaired(&[]));
        check(&[made(500, 4)], &[(100, false), (200, true)], &unpaired(&[1]));
    }

    #[test]
    fn only_a_writer_whom_nobody_saw_becomes_the_controller() {
        use WriterClass::{Ambiguous, Gitops, Manual};
        let check = |class, manager: &str, expect| {
            let told = writer(&rollout(1, class, manager, TimeSource::Created));
            assert_eq!((told.class, told.manager.as_str()), (expect, manager));
        };
        check(Ambiguous, "", Gitops);
        check(Ambiguous, "kubectl-client-side-apply", Ambiguous);
        check(Gitops, "argocd-controller", Gitops);
        check(Manual, "kubectl-edit", Manual);
    }
}
