//! How services fare around their cut-over, and that somebody looked.

use super::Round;
use crate::cluster::desk::Service;
use pilotage_cluster::cut_over::{Due, looks};
use pilotage_cluster::health::{self, Verdict, rollup};
use pilotage_cluster::shape::pod::Pod;
use pilotage_cluster::shape::workload::Deployment;
use pilotage_cluster::snapshot::{Snapshot, State};
use pilotage_cluster::view::View;
use pilotage_domain::change::Change;
use pilotage_domain::cluster::{looked, looked_on};
use pilotage_domain::fact::{Fact, Happening};
use pilotage_domain::{DAY, Millis};
use std::collections::BTreeMap;
use uuid::Uuid;

impl Round<'_> {
    /// How services fare around their cut-over, where a look is due.
    pub(super) fn record_health(&mut self) {
        let mut changes = Vec::new();
        for service in self.desk.services.iter().filter(|service| service.in_scope) {
            let Some(cut_over) = service.cut_over.filter(|_| self.asks_about(service)) else {
                continue;
            };
            let Some((verdict, now, observed)) = self.fares(service) else { continue };
            for (look, due) in looks(cut_over, &service.looks.keys().copied().collect(), now) {
                if due != Due::Now {
                    continue;
                }
                let what = Happening::HealthSeen {
                    service: service.id,
                    look,
                    verdict: Some(verdict.word().to_owned()),
                    observed: observed.clone(),
                };
                let fact = Fact { occurred_at: now, what };
                changes.push(Change::Happened { id: Uuid::now_v7(), fact });
            }
        }
        self.outcome.changes.extend(changes);
    }

    /// How a service fares on production; nothing where that cannot be told.
    fn fares(&self, service: &Service) -> Option<(Verdict, Millis, String)> {
        let targets = self.desk.targets.iter();
        let on_production =
            targets.filter(|target| target.environment.eq_ignore_ascii_case("production"));
        let views: Vec<&View<'_>> =
            on_production.flat_map(|target| self.views_of(service, target)).collect();
        let verdict = rollup::target(views.iter().map(|view| view.health.verdict)).verdict?;
        if verdict == Verdict::Unknown {
            return None;
        }
        let now = views.first()?.now();
        let restarts: u32 = views
            .iter()
            .flat_map(|view| view.pods.as_deref().unwrap_or_default())
            .map(|pod: &&Pod| health::status::line(pod).restarts)
            .sum();
        let observed = format!(
            "{} of {} workloads, {restarts} restarts of their pods",
            verdict.word(),
            views.len()
        );
        Some((verdict, now.timestamp_millis(), observed))
    }

    /// Once a day, the last complete look at each target, and that there was one on this day.
    pub(super) fn record_looks(&mut self, seen: &BTreeMap<String, Snapshot>) {
        for target in &self.desk.targets {
            let Some(snapshot) = seen.get(&target.context) else { continue };
            let whole = |namespace: &str| {
                snapshot.state::<Deployment>(namespace) == State::Complete
                    && snapshot.state::<Pod>(namespace) == State::Complete
            };
            let complete = if target.namespaces.is_empty() {
                whole("")
            } else {
                target.namespaces.iter().all(|namespace| whole(namespace))
            };
            if !complete {
                continue;
            }
            let at = snapshot.now.timestamp_millis();
            self.memory.looked.insert(target.id, snapshot.now);
            if target.own_look.is_none_or(|before| at - before >= DAY) {
                self.outcome.changes.push(looked(target.id, self.desk.device, at));
            }
            let day = snapshot.now.date_naive();
            if target.looked_on.is_none_or(|before| before < day) {
                self.outcome.changes.push(looked_on(target.id, day));
            }
        }
    }
}
