//! Workloads. Rules are tried in order and the first that fits decides; their names (D2, S3 …) are
//! those of the tests.

use super::pod::Judged;
use super::{Basis, Health, Impact, Past, Thresholds, Verdict, gate, schedule, unobserved};
use crate::shape::Moment;
use crate::shape::meta::{Truth, condition};
use crate::shape::revision::ReplicaSet;
use crate::shape::workload::{CronJob, DaemonSet, Deployment, Job, Rollout, StatefulSet};
use chrono::TimeDelta;
use std::collections::BTreeSet;

/// The pods of an object as far as they are known.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pods<'a> {
    /// Pods of the newest template; nothing where pods may not be read.
    pub current: Option<&'a [Judged<'a>]>,
    /// Nodes that are not ready; nothing where nodes may not be read.
    pub nodes_down: Option<&'a BTreeSet<String>>,
}

/// The moment and the settings of a look.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    /// When, by the clock of the cluster.
    pub now: Moment,
    /// Settings.
    pub limits: &'a Thresholds,
    /// What earlier looks saw.
    pub past: Past,
}

impl Look<'_> {
    /// Whether it has not been settled for longer than the fallback deadline.
    fn overdue(&self) -> bool {
        self.past.open_since.is_some_and(|open| self.now - open > self.limits.fallback_deadline)
    }
}

/// No deadline: the controller never gives up.
const NO_DEADLINE: i64 = 2_147_483_647;

impl Pods<'_> {
    /// A pod of the newest template that has failed for longer than a grace.
    fn failing(&self, look: &Look<'_>) -> Option<&Judged<'_>> {
        let counted = self.current?.iter().filter(|judged| judged.counts);
        counted
            .filter(|judged| judged.health.verdict == Verdict::Degraded)
            .find(|judged| judged.health.held(look.limits.failing_pod_grace, look.now))
    }

    fn new_pods_failing(&self, look: &Look<'_>) -> Option<Health> {
        let judged = self.failing(look)?;
        let mut health = Health::new(Verdict::Degraded, "new_pods_failing")
            .by(
                format!("pods[{}].{}", judged.pod.meta.name, judged.health.field),
                &judged.health.value,
            )
            .since(judged.health.since)
            .note(&self.sentence());
        health.basis = Basis::ObjectAndPods;
        Some(health)
    }

    /// Such as `2 of 5 pods: ImagePullBackOff`.
    pub fn sentence(&self) -> String {
        let Some(current) = self.current else { return String::new() };
        let counted: Vec<&Judged<'_>> = current.iter().filter(|judged| judged.counts).collect();
        let mut reasons: std::collections::BTreeMap<&str, usize> =
            std::collections::BTreeMap::new();
        for judged in &counted {
            if judged.health.verdict != Verdict::Healthy {
                *reasons.entry(&judged.health.reason).or_default() += 1;
            }
        }
        let total = counted.len();
        let parts: Vec<String> = reasons
            .into_iter()
            .map(|(reason, count)| format!("{count} of {total} pods: {reason}"))
            .collect();
        parts.join("; ")
    }
}

fn impact(available: i64, wanted: i64) -> Impact {
    if wanted == 0 || available >= wanted {
        Impact::None
    } else if available <= 0 {
        Impact::Outage
    } else {
        Impact::Reduced
    }
}

/// Adds what pods say, and the basis, to a verdict about a workload.
fn finish(mut health: Health, pods: &Pods<'_>, impact: Impact) -> Health {
    if health.impact == Impact::Unknown && health.verdict != Verdict::Unknown {
        health.impact = impact;
    }
    if pods.current.is_some() {
        health.basis = Basis::ObjectAndPods;
    }
    if health.note.is_empty() {
        health.note = pods.sentence();
    }
    health
}

/// A Deployment.
pub fn deployment(object: &Deployment, pods: &Pods<'_>, look: &Look<'_>) -> Health {
    let wanted = object.spec.replicas.unwrap_or(1);
    let available = object.status.available_replicas.unwrap_or(0);
    finish(deployment_verdict(object, pods, look), pods, impact(available, wanted))
}

fn deployment_verdict(object: &Deployment, pods: &Pods<'_>, look: &Look<'_>) -> Health {
    let Deployment { meta, spec, status, .. } = object;
    if let Some(health) = gate(meta, look.now, look.limits)
        .or_else(|| unobserved(meta, status.observed_generation, &look.past, look.now, look.limits))
    {
        return health;
    }
    let wanted = spec.replicas.unwrap_or(1);
    let have = status.replicas.unwrap_or(0);
    // D1
    if wanted == 0 {
        let (verdict, reason) = if have > 0 {
            (Verdict::Progressing, "scaling_down")
        } else {
            (Verdict::Suspended, "scaled_to_zero")
        };
        return Health::new(verdict, reason).by("spec.replicas", 0);
    }
    // D2 … D6
    if let Some(health) = deployment_trouble(object, pods, look) {
        return health;
    }
    deployment_counts(object, wanted, look)
}

fn deployment_trouble(object: &Deployment, pods: &Pods<'_>, look: &Look<'_>) -> Option<Health> {
    let Deployment { spec, status, .. } = object;
    let now = look.now;
    if let Some(progress) = status.condition("Progressing")
        && progress.reason() == "ProgressDeadlineExceeded"
    {
        return Some(
            Health::new(Verdict::Degraded, "deadline_exceeded")
                .by("status.conditions[Progressing].reason", progress.reason())
                .since(progress.last_transition_time)
                .note(progress.message()),
        );
    }
    if let Some(failure) = status.condition("ReplicaFailure")
        && failure.status == Truth::True
        && failure.last_transition_time.is_some_and(|at| now - at >= look.limits.failing_pod_grace)
    {
        return Some(
            Health::new(Verdict::Degraded, "replica_failure")
                .by("status.conditions[ReplicaFailure].reason", failure.reason())
                .since(failure.last_transition_time)
                .note(failure.message()),
        );
    }
    if let Some(available) = status.condition("Available")
        && available.status == Truth::False
        && available
            .last_transition_time
            .is_some_and(|at| now - at > look.limits.availability_grace)
    {
        return Some(
            Health::new(Verdict::Degraded, "below_minimum")
                .by("status.conditions[Available].status", "False")
                .since(available.last_transition_time),
        );
    }
    if spec.paused {
        return Some(Health::new(Verdict::Suspended, "paused").by("spec.paused", true));
    }
    pods.new_pods_failing(look)
}

/// D7 … D12
fn deployment_counts(object: &Deployment, wanted: i64, look: &Look<'_>) -> Health {
    let Deployment { spec, status, .. } = object;
    let have = status.replicas.unwrap_or(0);
    let updated = status.updated_replicas.unwrap_or(0);
    let available = status.available_replicas.unwrap_or(0);
    let progress = status.condition("Progressing");
    // Once a rollout has completed, its deadline does not run any more: a service that dies later
    // keeps this reason.
    let complete = progress.is_some_and(|one| one.reason() == "NewReplicaSetAvailable");
    let of = |number: i64, whole: i64| format!("{number} of {whole}");
    let open = if updated < wanted {
        Health::new(Verdict::Progressing, "updating")
            .by("status.updatedReplicas", of(updated, wanted))
    } else if have > updated {
        Health::new(Verdict::Progressing, "old_pods_leaving")
            .by("status.replicas", of(have, updated))
    } else if available < updated && complete {
        let lost = status
            .condition("Available")
            .filter(|one| one.status == Truth::False)
            .and_then(|one| one.last_transition_time)
            .or(look.past.open_since);
        let late = lost.is_some_and(|lost| look.now - lost > look.limits.availability_grace);
        let verdict = if late { Verdict::Degraded } else { Verdict::Progressing };
        return Health::new(verdict, "lost_replicas")
            .by("status.availableReplicas", of(available, updated))
            .first_seen(lost);
    } else if available < updated {
        Health::new(Verdict::Progressing, "waiting_available")
            .by("status.availableReplicas", of(available, updated))
    } else {
        return Health::new(Verdict::Healthy, "healthy")
            .by("status.availableReplicas", of(available, wanted));
    };
    let deadline = spec.progress_deadline_seconds.filter(|seconds| *seconds != NO_DEADLINE);
    too_late(open, deadline.is_none(), look)
}

/// D11: where no deadline of its own runs, ours does.
fn too_late(mut open: Health, without_deadline: bool, look: &Look<'_>) -> Health {
    if without_deadline && look.overdue() {
        open.verdict = Verdict::Degraded;
        open.reason = "no_progress".into();
    }
    open.first_seen(look.past.open_since)
}

/// A StatefulSet.
pub fn stateful_set(object: &StatefulSet, pods: &Pods<'_>, look: &Look<'_>) -> Health {
    let wanted = object.spec.replicas.unwrap_or(1);
    let ready = object.status.ready_replicas.unwrap_or(0);
    finish(stateful_set_verdict(object, pods, look), pods, impact(ready, wanted))
}

fn stateful_set_verdict(object: &StatefulSet, pods: &Pods<'_>, look: &Look<'_>) -> Health {
    let StatefulSet { meta, spec, status, .. } = object;
    if let Some(health) = gate(meta, look.now, look.limits) {
        return health;
    }
    let wanted = spec.replicas.unwrap_or(1);
    let have = status.replicas.unwrap_or(0);
    // S1
    if wanted == 0 {
        return Health::new(Verdict::Suspended, "scaled_to_zero").by("spec.replicas", 0);
    }
    // S2
    let observed = status.observed_generation;
    if let Some(health) = unobserved(meta, observed, &look.past, look.now, look.limits) {
        return health;
    }
    if observed.unwrap_or(0) == 0 {
        return Health::new(Verdict::Progressing, "spec_not_observed")
            .by("status.observedGeneration", 0)
            .first_seen(look.past.unobserved_since);
    }
    let ready = status.ready_replicas.unwrap_or(0);
    let of = |number: i64, whole: i64| format!("{number} of {whole}");
    // S3
    if ready < wanted {
        if let Some(health) = pods.new_pods_failing(look) {
            return health;
        }
        let open = Health::new(Verdict::Progressing, "waiting_ready")
            .by("status.readyReplicas", of(ready, wanted));
        return too_late(open, true, look);
    }
    // S4
    if have > wanted {
        return Health::new(Verdict::Progressing, "scaling_down")
            .by("status.replicas", of(have, wanted))
            .first_seen(look.past.open_since);
    }
    let current = status.current_revision.as_deref().unwrap_or_default();
    let update = status.update_revision.as_deref().unwrap_or_default();
    let revisions = || format!("{current} and {update}");
    let differ = current != update;
    // S5
    if spec.update_strategy.name() == "OnDelete" {
        if differ {
            return Health::new(Verdict::Suspended, "waits_for_pod_deletion")
                .by("status.currentRevision", revisions());
        }
    } else {
        let partition = spec.update_strategy.partition();
        let updated = status.updated_replicas.unwrap_or(0);
        // S6
        if updated < wanted - partition && differ {
            let open = Health::new(Verdict::Progressing, "updating")
                .by("status.updatedReplicas", of(updated, wanted - partition));
            return too_late(open, true, look);
        }
        // S7, S8
        if differ && partition > 0 {
            return Health::new(Verdict::Suspended, "held_by_partition")
                .by("spec.updateStrategy.rollingUpdate.partition", partition);
        }
        if differ {
            return Health::new(Verdict::Progressing, "revision_mismatch")
                .by("status.currentRevision", revisions())
                .first_seen(look.past.open_since);
        }
    }
    // S9
    Health::new(Verdict::Healthy, "healthy").by("status.readyReplicas", of(ready, wanted))
}

/// A DaemonSet.
pub fn daemon_set(object: &DaemonSet, pods: &Pods<'_>, look: &Look<'_>) -> Health {
    let wanted = object.status.desired_number_scheduled.unwrap_or(0);
    let available = object.status.number_available.unwrap_or(0);
    finish(daemon_set_verdict(object, pods, look), pods, impact(available, wanted))
}

fn daemon_set_verdict(object: &DaemonSet, pods: &Pods<'_>, look: &Look<'_>) -> Health {
    let DaemonSet { meta, spec, status, .. } = object;
    if let Some(health) = gate(meta, look.now, look.limits)
        .or_else(|| unobserved(meta, status.observed_generation, &look.past, look.now, look.limits))
    {
        return health;
    }
    let wanted = status.desired_number_scheduled.unwrap_or(0);
    let updated = status.updated_number_scheduled.unwrap_or(0);
    let available = status.number_available.unwrap_or(0);
    let of = |number: i64| format!("{number} of {wanted}");
    // A1
    if wanted == 0 {
        return Health::new(Verdict::Suspended, "no_matching_nodes")
            .by("status.desiredNumberScheduled", 0);
    }
    if updated < wanted {
        // A2
        if spec.update_strategy.name() == "OnDelete" {
            return Health::new(Verdict::Suspended, "waits_for_pod_deletion")
                .by("status.updatedNumberScheduled", of(updated));
        }
        // A3
        let open = Health::new(Verdict::Progressing, "updating")
            .by("status.updatedNumberScheduled", of(updated));
        return too_late(open, true, look);
    }
    // A4
    if available < wanted {
        return missing_on_nodes(wanted - available, pods)
            .or_else(|| pods.new_pods_failing(look))
            .unwrap_or_else(|| {
                let open = Health::new(Verdict::Progressing, "waiting_available")
                    .by("status.numberAvailable", of(available));
                too_late(open, true, look)
            });
    }
    // A5
    let healthy = Health::new(Verdict::Healthy, "healthy");
    let misplaced = status.number_misscheduled.unwrap_or(0);
    let note = if misplaced > 0 {
        format!("{misplaced} run on nodes that should not have them")
    } else {
        String::new()
    };
    healthy.by("status.numberAvailable", of(available)).note(&note)
}

/// Every missing pod sits on a node that is down.
fn missing_on_nodes(missing: i64, pods: &Pods<'_>) -> Option<Health> {
    let down = pods.nodes_down?;
    let not_ready: Vec<&Judged<'_>> = pods
        .current?
        .iter()
        .filter(|judged| judged.counts && judged.health.verdict != Verdict::Healthy)
        .collect();
    let nodes: BTreeSet<&str> =
        not_ready.iter().map(|judged| &*judged.pod.spec.node_name).collect();
    let all_down = nodes.iter().all(|node| down.contains(*node));
    let enough = i64::try_from(not_ready.len()).is_ok_and(|count| count >= missing);
    (enough && missing > 0 && all_down).then(|| {
        let names: Vec<&str> = nodes.into_iter().collect();
        Health::new(Verdict::Degraded, "node_down")
            .by("status.numberAvailable", format!("{missing} missing"))
            .note(&names.join(", "))
    })
}

/// A `ReplicaSet` that no Deployment owns; owned ones are judged through their Deployment.
pub fn replica_set(object: &ReplicaSet, look: &Look<'_>) -> Health {
    let ReplicaSet { meta, spec, status } = object;
    if let Some(health) = gate(meta, look.now, look.limits)
        .or_else(|| unobserved(meta, status.observed_generation, &look.past, look.now, look.limits))
    {
        return health;
    }
    let wanted = spec.replicas.unwrap_or(1);
    let available = status.available_replicas.unwrap_or(0);
    if let Some(failure) = condition(&status.conditions, "ReplicaFailure")
        && failure.status == Truth::True
    {
        return Health::new(Verdict::Degraded, "replica_failure")
            .by("status.conditions[ReplicaFailure].reason", failure.reason())
            .since(failure.last_transition_time)
            .note(failure.message())
            .impact(impact(available, wanted));
    }
    let health = if wanted == 0 {
        Health::new(Verdict::Suspended, "scaled_to_zero").by("spec.replicas", 0)
    } else if available < wanted {
        let open = Health::new(Verdict::Progressing, "waiting_available")
            .by("status.availableReplicas", format!("{available} of {wanted}"));
        too_late(open, true, look)
    } else {
        Health::new(Verdict::Healthy, "healthy")
            .by("status.availableReplicas", format!("{available} of {wanted}"))
    };
    health.impact(impact(available, wanted))
}

/// A Job.
pub fn job(object: &Job, look: &Look<'_>) -> Health {
    if let Some(health) = gate(&object.meta, look.now, look.limits) {
        return health;
    }
    let holds = |kind: &str| {
        condition(&object.status.conditions, kind).filter(|one| one.status == Truth::True)
    };
    for kind in ["Failed", "FailureTarget"] {
        if let Some(failed) = holds(kind) {
            return Health::new(Verdict::Degraded, "failed")
                .by(format!("status.conditions[{kind}].reason"), failed.reason())
                .since(failed.last_transition_time)
                .note(failed.message());
        }
    }
    if let Some(done) = holds("Complete") {
        return Health::new(Verdict::Healthy, "completed")
            .by("status.conditions[Complete].status", "True")
            .since(done.last_transition_time);
    }
    if let Some(suspended) = holds("Suspended") {
        return Health::new(Verdict::Suspended, "suspended")
            .by("status.conditions[Suspended].status", "True")
            .since(suspended.last_transition_time);
    }
    Health::new(Verdict::Progressing, "running")
        .by(
            "status.startTime",
            object.status.start_time.map_or_else(String::new, |at| at.to_rfc3339()),
        )
        .since(object.status.start_time)
}

/// A CronJob.
pub fn cron_job(object: &CronJob, look: &Look<'_>) -> Health {
    let CronJob { meta, spec, status, .. } = object;
    if let Some(health) = gate(meta, look.now, look.limits) {
        return health;
    }
    let time = |at: Option<Moment>| at.map_or_else(|| "absent".to_owned(), |at| at.to_rfc3339());
    if spec.suspend {
        return Health::new(Verdict::Suspended, "suspended").by("spec.suspend", true);
    }
    let Some(scheduled) = status.last_schedule_time else {
        return Health::unknown("never_ran").by("status.lastScheduleTime", "absent");
    };
    if !status.active.is_empty()
        && let Some(verdict) = look.past.verdict.filter(|before| *before != Verdict::Progressing)
    {
        return Health::new(verdict, "running").by("status.active", status.active.len());
    }
    let Some(succeeded) = status.last_successful_time else {
        return Health::unknown("never_succeeded").by("status.lastSuccessfulTime", "absent");
    };
    if succeeded < scheduled && status.active.is_empty() {
        return Health::new(Verdict::Degraded, "last_run_failed")
            .by("status.lastSuccessfulTime", time(Some(succeeded)))
            .since(Some(scheduled));
    }
    if missed(spec.schedule.as_ref(), spec.time_zone.as_deref(), scheduled, look.now) {
        return Health::new(Verdict::Degraded, "missed_schedule")
            .by("status.lastScheduleTime", time(Some(scheduled)))
            .since(Some(scheduled));
    }
    Health::new(Verdict::Healthy, "healthy")
        .by("status.lastSuccessfulTime", time(Some(succeeded)))
        .since(Some(succeeded))
}

/// Two periods without a run. A schedule that cannot be read tells nothing.
fn missed(text: &str, zone: Option<&str>, last: Moment, now: Moment) -> bool {
    let Some(schedule) = schedule::Schedule::parse(text, zone) else { return false };
    let second = schedule.after(last).and_then(|first| schedule.after(first));
    // A minute for the controller to start it.
    second.is_some_and(|second| second + TimeDelta::minutes(1) < now)
}

/// A Rollout of Argo Rollouts. Its controller's word counts once it has seen the specification.
pub fn rollout(object: &Rollout, pods: &Pods<'_>, look: &Look<'_>) -> Health {
    let Rollout { meta, spec, status, .. } = object;
    let observed = status.observed_generation.as_deref().and_then(|number| number.parse().ok());
    let wanted = spec.replicas.unwrap_or(1);
    let health = gate(meta, look.now, look.limits)
        .or_else(|| unobserved(meta, observed, &look.past, look.now, look.limits))
        .unwrap_or_else(|| {
            let phase = status.phase.as_deref().unwrap_or_default();
            let (verdict, reason) = match phase {
                "Healthy" => (Verdict::Healthy, "healthy"),
                "Progressing" => (Verdict::Progressing, "updating"),
                "Degraded" => (Verdict::Degraded, "degraded"),
                "Paused" => (Verdict::Suspended, "paused"),
                _ => (Verdict::Unknown, "no_phase"),
            };
            Health::new(verdict, reason)
                .by("status.phase", phase)
                .note(status.message.as_deref().unwrap_or_default())
        });
    finish(health, pods, impact(status.available_replicas.unwrap_or(0), wanted))
}

#[cfg(test)]
mod tests;
