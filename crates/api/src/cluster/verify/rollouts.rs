//! What was rolled out and delivered since nobody recorded it.

use super::{Round, pairs};
use crate::cluster::desk::moment;
use crate::cluster::histories::telling;
use chrono::TimeDelta;
use pilotage_cluster::rollouts::histories::Histories;
use pilotage_cluster::rollouts::{Known, unrecorded};
use pilotage_cluster::shape::Moment;
use pilotage_cluster::writers::classify::image_writers;
use pilotage_domain::change::Change;
use pilotage_domain::delivery::Delivery;
use pilotage_domain::fact::{Fact, Happening};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

impl Round<'_> {
    pub(super) fn record_rollouts(&mut self) {
        let (mut recorded, mut whole) = (Vec::new(), Vec::new());
        for (service, target) in pairs(self.desk) {
            if !self.asks_about(service) {
                continue;
            }
            let rules = self.desk.rules(Some(service));
            for view in self.views_of(service, target) {
                let uid = view.workload.meta().uid.to_string();
                let known = self.rollouts.get(&uid).map(Vec::as_slice).unwrap_or_default();
                let numbers: BTreeSet<i64> = known.iter().map(|(_, one)| one.revision).collect();
                let looked_before = self
                    .memory
                    .looked
                    .get(&target.id)
                    .copied()
                    .or_else(|| target.looked_at.map(moment))
                    // Clusters tell whole seconds; what is not recorded was not there at that look.
                    .map(|at| at - TimeDelta::seconds(1));
                let followed = self.memory.followed.contains(&uid);
                let known =
                    Known { target: target.id, recorded: &numbers, looked_before, followed };
                let writers = image_writers(&view.written(false, false), &rules);
                for seen in unrecorded(view, &writers, &known) {
                    recorded.push((service.id, uid.clone(), seen));
                }
                if view.sets.is_ok() && view.revisions.is_ok() {
                    whole.push(uid);
                }
            }
        }
        self.memory.followed.extend(whole);
        for (service, uid, seen) in recorded {
            let all = self.rollouts.entry(uid.clone()).or_default();
            if all.iter().any(|(_, one)| one.revision == seen.rollout.revision) {
                // Two targets that overlap see one workload.
                continue;
            }
            if !self.desk.watched.contains_key(&uid) {
                self.fresh.insert(uid);
            }
            all.push((seen.at, seen.rollout.clone()));
            all.sort_by_key(|(at, _)| *at);
            let id = seen.rollout.id(self.desk.workspace);
            let what =
                Happening::RolloutSeen { service: Some(service), rollout: Box::new(seen.rollout) };
            let fact = Fact { occurred_at: seen.at.timestamp_millis(), what };
            self.outcome.changes.push(Change::Happened { id, fact });
            self.outcome.rollouts += 1;
        }
    }

    /// What the histories of delivery controllers tell of these workloads and nobody has recorded:
    /// which entry made a rollout, and which is a deployment of its own. A sync that changed nothing
    /// of the workload is none. Checks are judged by the writers that were seen: an entry lies near a
    /// rollout in time, which proves nothing of who made it.
    pub(super) fn record_deliveries(&mut self) {
        let histories: BTreeMap<&str, Histories<'_>> = self
            .looks
            .iter()
            .map(|(context, looked)| (*context, Histories::of(looked.snapshot)))
            .filter(|(_, histories)| !histories.is_empty())
            .collect();
        if histories.is_empty() {
            return;
        }
        let mut deliveries = self.desk.deliveries.clone();
        let mut fresh: Vec<(Uuid, Moment, Delivery)> = Vec::new();
        for (service, target) in pairs(self.desk).filter(|(service, _)| self.asks_about(service)) {
            let Some(histories) = histories.get(target.context.as_str()) else { continue };
            for view in self.views_of(service, target) {
                let uid = &*view.workload.meta().uid;
                let known = deliveries.entry(uid.to_owned()).or_default();
                let recorded = known.len();
                for told in histories.deliveries(view, target.id) {
                    let is_same = |one: &(Moment, Delivery)| {
                        (&one.1.source_uid, &one.1.entry)
                            == (&told.delivery.source_uid, &told.delivery.entry)
                    };
                    if !known.iter().any(is_same) {
                        known.push((told.at, told.delivery));
                    }
                }
                let rollouts = self.rollouts.get(uid).map(Vec::as_slice).unwrap_or_default();
                let telling = telling(rollouts, known);
                let new = telling.into_iter().filter(|place| *place >= recorded);
                let new: Vec<(Moment, Delivery)> = new.map(|at| known[at].clone()).collect();
                known.truncate(recorded);
                known.extend(new.iter().cloned());
                fresh.extend(new.into_iter().map(|(at, delivery)| (service.id, at, delivery)));
            }
        }
        for (service, at, delivery) in fresh {
            let id = delivery.id(self.desk.workspace);
            let delivery = Box::new(delivery);
            let what = Happening::DeliverySeen { service: Some(service), delivery };
            let fact = Fact { occurred_at: at.timestamp_millis(), what };
            self.outcome.changes.push(Change::Happened { id, fact });
        }
    }
}
