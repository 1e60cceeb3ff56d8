//! What a sprint delivered: lists, so that every number opens what it counts. No points, no
//! velocity. For a sprint that aims at another stage, that stage is the window's done stage.

use super::{Track, Window};
use pilotage_domain::calendar::start_of;
use std::collections::BTreeSet;
use uuid::Uuid;

/// The scope of a sprint and how it changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SprintScope {
    /// Services planned at the start.
    pub planned: BTreeSet<Uuid>,
    /// Services added since.
    pub added: BTreeSet<Uuid>,
    /// Services removed since, planned or added.
    pub removed: BTreeSet<Uuid>,
}

/// What became of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SprintDelivery {
    /// Services in its scope that entered *done* within it and are done at its close.
    pub done: BTreeSet<Uuid>,
    /// Services in its scope that are not done at its close.
    pub carried: BTreeSet<Uuid>,
    /// Services that it held at any time and that regressed within it.
    pub regressed: BTreeSet<Uuid>,
    /// Planned services that are done, of all planned ones; none where nothing was planned.
    pub planned_done: Option<f64>,
}

/// What a sprint delivered; the window is its days.
pub fn sprint_delivery(scope: &SprintScope, tracks: &[Track], window: &Window) -> SprintDelivery {
    let (begin, end) = (start_of(*window.days.start(), window.zone), window.close());
    let within = |moments: Vec<i64>| moments.iter().any(|at| (begin..end).contains(at));
    let held = |service: &Uuid| scope.planned.contains(service) || scope.added.contains(service);
    let mut delivery = SprintDelivery::default();
    for track in tracks.iter().filter(|track| held(&track.service)) {
        if within(track.regressions(window)) {
            delivery.regressed.insert(track.service);
        }
        if scope.removed.contains(&track.service) {
            continue;
        }
        let is_done = track.at(window, end - 1).is_done();
        if !is_done {
            delivery.carried.insert(track.service);
        } else if within(track.entries(window)) {
            delivery.done.insert(track.service);
        }
    }
    let planned = scope.planned.len();
    let done = scope.planned.intersection(&delivery.done).count();
    delivery.planned_done =
        (planned > 0).then(|| crate::draw::real(done as u64) / crate::draw::real(planned as u64));
    delivery
}
