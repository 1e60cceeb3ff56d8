//! Recorded deliveries beside recorded rollouts: what is joined here is shown, counted and judged. A
//! fact stays as it was written; a rollout whose writer nobody saw is told with the controller that
//! delivered it.

use super::desk::moment;
use crate::app::App;
use crate::error::ApiError;
use pilotage_cluster::rollouts::join::{deployment, join, writer};
use pilotage_cluster::shape::Moment;
use pilotage_domain::Millis;
use pilotage_domain::cluster::Rollout;
use pilotage_domain::delivery::Delivery;
use pilotage_domain::fact::{Happening, Recorded};
use pilotage_domain::hlc;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Deliveries by uid of the workload.
pub(crate) type Deliveries = BTreeMap<String, Vec<(Moment, Delivery)>>;

/// Rollouts by uid of the workload, and when the first of each was recorded.
pub(crate) type Rollouts = (BTreeMap<String, Vec<(Moment, Rollout)>>, BTreeMap<String, Moment>);

/// Rollouts that the programme keeps and nobody took back, oldest first.
pub(crate) async fn recorded_rollouts(
    app: &App,
    retracted: &BTreeSet<Uuid>,
) -> Result<Rollouts, ApiError> {
    let mut rollouts: BTreeMap<String, Vec<(Moment, Rollout)>> = BTreeMap::new();
    let mut watched: BTreeMap<String, Moment> = BTreeMap::new();
    for recorded in app.store.facts_of_kind("rollout_seen").await?.iter() {
        if retracted.contains(&recorded.id) {
            continue;
        }
        let Happening::RolloutSeen { rollout, .. } = &recorded.fact.what else { continue };
        let first = moment(hlc::millis(recorded.version.hlc));
        let since = watched.entry(rollout.uid.clone()).or_insert(first);
        *since = (*since).min(first);
        rollouts
            .entry(rollout.uid.clone())
            .or_default()
            .push((moment(recorded.fact.occurred_at), (**rollout).clone()));
    }
    Ok((rollouts, watched))
}

/// Deliveries that the programme keeps and nobody took back.
pub(crate) async fn recorded_deliveries(
    app: &App,
    retracted: &BTreeSet<Uuid>,
) -> Result<Deliveries, ApiError> {
    let mut deliveries = Deliveries::new();
    for recorded in app.store.facts_of_kind("delivery_seen").await?.iter() {
        if let Happening::DeliverySeen { delivery, .. } = &recorded.fact.what
            && !retracted.contains(&recorded.id)
        {
            let at = moment(recorded.fact.occurred_at);
            deliveries.entry(delivery.uid.clone()).or_default().push((at, (**delivery).clone()));
        }
    }
    Ok(deliveries)
}

fn timed<T>(all: &[(Moment, T)]) -> Vec<(Millis, &T)> {
    all.iter().map(|(at, one)| (at.timestamp_millis(), one)).collect()
}

/// Which of the deliveries of one workload say something: those that made a rollout, and those that
/// are deployments of their own.
pub(crate) fn telling(
    rollouts: &[(Moment, Rollout)],
    deliveries: &[(Moment, Delivery)],
) -> BTreeSet<usize> {
    let joined = join(&timed(rollouts), &timed(deliveries));
    joined.pairs.into_iter().map(|(_, delivery)| delivery).chain(joined.unpaired).collect()
}

/// Gives the rollouts of one workload the writers that deliveries tell; answers the delivery of each
/// by the place of the rollout.
pub(crate) fn attribute(
    rollouts: &mut [(Moment, Rollout)],
    deliveries: &[(Moment, Delivery)],
) -> BTreeMap<usize, Delivery> {
    let pairs = join(&timed(rollouts), &timed(deliveries)).pairs;
    let mut sources = BTreeMap::new();
    for (place, of) in pairs {
        rollouts[place].1.writer = writer(&rollouts[place].1);
        sources.insert(place, deliveries[of].1.clone());
    }
    sources
}

/// Rollouts among facts, each with the delivery that made it, if one is known. A delivery that is a
/// deployment of its own is told as a rollout, under its own id.
pub(crate) fn joined<'a>(
    facts: impl IntoIterator<Item = &'a Recorded>,
) -> Vec<(Recorded, Option<Delivery>)> {
    type Facts<'a, T> = Vec<(&'a Recorded, &'a T)>;
    let mut by_workload: BTreeMap<&str, (Facts<'_, Rollout>, Facts<'_, Delivery>)> =
        BTreeMap::new();
    for recorded in facts {
        match &recorded.fact.what {
            Happening::RolloutSeen { rollout, .. } => {
                by_workload.entry(&rollout.uid).or_default().0.push((recorded, rollout));
            }
            Happening::DeliverySeen { delivery, .. } => {
                by_workload.entry(&delivery.uid).or_default().1.push((recorded, delivery));
            }
            _ => {}
        }
    }
    let mut all = Vec::new();
    for (rollouts, deliveries) in by_workload.into_values() {
        let at = |recorded: &Recorded| recorded.fact.occurred_at;
        let own: Vec<(Millis, &Rollout)> =
            rollouts.iter().map(|(recorded, one)| (at(recorded), *one)).collect();
        let told: Vec<(Millis, &Delivery)> =
            deliveries.iter().map(|(recorded, one)| (at(recorded), *one)).collect();
        let found = join(&own, &told);
        let sources: BTreeMap<usize, usize> = found.pairs.into_iter().collect();
        for (place, (recorded, rollout)) in rollouts.into_iter().enumerate() {
            let source = sources.get(&place).map(|of| deliveries[*of].1.clone());
            let mut told = recorded.clone();
            if source.is_some()
                && let Happening::RolloutSeen { rollout: kept, .. } = &mut told.fact.what
            {
                kept.writer = writer(rollout);
            }
            all.push((told, source));
        }
        for of in found.unpaired {
            let (recorded, delivery) = deliveries[of];
            let mut told = recorded.clone();
            if let Happening::DeliverySeen { service, .. } = recorded.fact.what {
                let rollout = Box::new(deployment(delivery));
                told.fact.what = Happening::RolloutSeen { service, rollout };
            }
            all.push((told, Some(delivery.clone())));
        }
    }
    all.sort_by_key(|(recorded, _)| recorded.order());
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use pilotage_domain::cluster::{RolloutKind, TimeSource, WorkloadName, Writer, WriterClass};
    use pilotage_domain::delivery::{Start, Tool};
    use pilotage_domain::fact::Fact;
    use pilotage_domain::ids::DeviceId;
    use pilotage_domain::operation::Version;

    fn recorded(number: u128, at: Millis, what: Happening) -> Recorded {
        let version = Version { hlc: 0, device: DeviceId([0; 16]), seq: 0 };
        let fact = Fact { occurred_at: at, what };
        Recorded { id: Uuid::from_u128(number), version, actor: Uuid::nil(), fact }
    }

    fn workload() -> WorkloadName {
        let [namespace, kind, name] = ["shop", "Deployment", "cart"].map(str::to_owned);
        WorkloadName { target: Uuid::nil(), namespace, kind, name }
    }

    fn rollout(number: u128, at: Millis, uid: &str, revision: i64) -> Recorded {
        let rollout = Rollout {
            workload: workload(),
            uid: uid.into(),
            revision,
            change: RolloutKind::Image,
            images: Vec::new(),
            writer: Writer { class: WriterClass::Ambiguous, manager: String::new(), at: None },
            time: TimeSource::Created,
            unseen_since: None,
            trace: None,
        };
        let what = Happening::RolloutSeen { service: None, rollout: Box::new(rollout) };
        recorded(number, at, what)
    }

    fn delivery(number: u128, at: Millis, uid: &str) -> Recorded {
        let delivery = Delivery {
            workload: workload(),
            uid: uid.into(),
            tool: Tool::ArgoCd,
            source: "argocd/shop".into(),
            source_uid: "a".into(),
            entry: number.to_string(),
            from: at - 1_000,
            until: at,
            revision: None,
            start: Start::Automated,
            is_deployment: true,
        };
        let what = Happening::DeliverySeen { service: None, delivery: Box::new(delivery) };
        recorded(number, at, what)
    }

    #[test]
    fn each_deployment_is_told_once_in_the_order_of_time() {
        use WriterClass::{Ambiguous, Gitops};
        const HOUR: Millis = 3_600_000;
        let facts = [
            rollout(1, 10 * HOUR, "u", 3),
            // Made by the sync at that moment; another object's sync is no business of it.
            delivery(2, 10 * HOUR, "u"),
            delivery(3, 20 * HOUR, "v"),
            // Its first revision is forgotten.
            rollout(8, 30 * HOUR, "v", 2),
            rollout(4, 20 * HOUR + 1, "u", 4),
            // Before the third revision, two are forgotten.
            delivery(5, 5 * HOUR, "u"),
            // Between the third and the fourth there was none.
            delivery(6, 15 * HOUR, "u"),
            recorded(7, 0, Happening::CutOver { service: Uuid::nil(), note: String::new() }),
        ];
        let told = |facts: &[Recorded]| {
            let line = |(recorded, source): &(Recorded, Option<Delivery>)| {
                let Happening::RolloutSeen { rollout, .. } = &recorded.fact.what else {
                    panic!("only rollouts are told")
                };
                let source = source.as_ref().map(|source| source.entry.clone());
                (recorded.id.as_u128(), rollout.revision, rollout.writer.class, source)
            };
            joined(facts).iter().map(line).collect::<Vec<_>>()
        };
        let by = |entry: &str| Some(entry.to_owned());
        let expect = [
            (5, 0, Gitops, by("5")),
            (1, 3, Gitops, by("2")),
            (3, 0, Gitops, by("3")),
            (4, 4, Ambiguous, None),
            (8, 2, Ambiguous, None),
        ];
        assert_eq!(told(&facts), expect);
        let mut turned = facts.to_vec();
        turned.reverse();
        assert_eq!(told(&turned), expect, "whatever was learned first");
    }
}
