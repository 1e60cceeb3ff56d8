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
