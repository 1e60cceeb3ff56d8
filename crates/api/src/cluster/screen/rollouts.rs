//! The rollouts of an opened workload.

use super::signed;
use crate::clock::rfc3339;
use crate::cluster::deployments::source;
use crate::cluster::desk::Desk;
use crate::cluster::histories::attribute;
use crate::dto::cluster::{ImageView, RolloutView};
use pilotage_cluster::rollouts::{Known, Seen, unrecorded};
use pilotage_cluster::shape::Moment;
use pilotage_cluster::view::View;
use pilotage_cluster::writers::classify::ImageWriters;
use pilotage_domain::cluster::{Rollout, TimeSource};
use uuid::Uuid;

/// Recorded rollouts and those that the cluster still tells of, newest first.
pub(super) fn rollouts(
    view: &View<'_>,
    writers: &ImageWriters,
    desk: &Desk,
    uid: &str,
) -> Vec<RolloutView> {
    let known = desk.rollouts.get(uid).map(Vec::as_slice).unwrap_or_default();
    let numbers = known.iter().map(|(_, one)| one.revision).collect();
    let target =
        Known { target: Uuid::nil(), recorded: &numbers, looked_before: None, followed: false };
    let fresh: Vec<Seen> = unrecorded(view, writers, &target);
    let recorded = known.len();
    let mut all: Vec<(Moment, Rollout)> = known.to_vec();
    all.extend(fresh.into_iter().map(|seen| (seen.at, seen.rollout)));
    let deliveries = desk.deliveries.get(uid).map(Vec::as_slice).unwrap_or_default();
    let sources = attribute(&mut all, deliveries);
    let mut views: Vec<(Moment, RolloutView)> = all
        .iter()
        .enumerate()
        .map(|(place, (at, one))| {
            let source = sources.get(&place).map(source);
            (*at, RolloutView { source, ..rollout(*at, one, place < recorded) })
        })
        .collect();
    views.sort_by_key(|(at, view)| std::cmp::Reverse((view.revision, *at)));
    views.into_iter().map(|(_, view)| view).collect()
}

fn rollout(when: Moment, one: &Rollout, recorded: bool) -> RolloutView {
    let time = match one.time {
        TimeSource::Created => "created",
        TimeSource::Condition => "condition",
        TimeSource::History => "history",
        TimeSource::Observed => "observed",
    };
    RolloutView {
        revision: signed(one.revision),
        at: rfc3339(when.timestamp_millis()),
        time: time.to_owned(),
        unseen_since: one.unseen_since.map(rfc3339),
        change: one.change.word().to_owned(),
        images: one
            .images
            .iter()
            .map(|(container, image)| ImageView {
                container: container.clone(),
                image: image.clone(),
            })
            .collect(),
        class: one.writer.class.word().to_owned(),
        manager: one.writer.manager.clone(),
        trace: one.trace.clone(),
        recorded,
        source: None,
    }
}
