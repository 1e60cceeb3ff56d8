//! Pods: the verdict. The word that kubectl prints is [`super::status`], and neither is derived
//! from the other.

use super::{Basis, Health, Impact, Thresholds, Verdict, gate};
use crate::shape::Moment;
use crate::shape::meta::Truth;
use crate::shape::pod::{ContainerStatus, Pod};
use chrono::TimeDelta;
use std::borrow::Cow;

/// A pod with its verdict.
#[derive(Clone, Debug)]
pub struct Judged<'a> {
    /// The pod.
    pub pod: &'a Pod,
    /// Its verdict.
    pub health: Health,
    /// Whether it counts for its owner: leftovers that were replaced already do not, nor do pods
    /// of a job or pods that are going.
    pub counts: bool,
}

/// Judges a pod.
pub fn judge<'a>(pod: &'a Pod, now: Moment, limits: &Thresholds) -> Judged<'a> {
    let mut health = verdict(pod, now, limits);
    health.impact = Impact::Unknown;
    health.basis = Basis::Object;
    let owner = pod.meta.controller().map_or("", |owner| &owner.kind);
    let leftover = &*pod.status.phase == "Failed"
        && matches!(owner, "ReplicaSet" | "StatefulSet" | "DaemonSet");
    let counts = !leftover && owner != "Job" && pod.meta.deleted.is_none();
    Judged { pod, health, counts }
}

fn verdict(pod: &Pod, now: Moment, limits: &Thresholds) -> Health {
    let status = &pod.status;
    let reason = status.reason.as_deref().unwrap_or_default();
    if reason == "NodeLost" {
        return Health::new(Verdict::Degraded, "node_lost").by("status.reason", reason);
    }
    if let Some(health) = gate(&pod.meta, now, limits) {
        return health;
    }
    let phase = &*status.phase;
    if phase == "Succeeded" {
        return Health::new(Verdict::Healthy, "completed").by("status.phase", phase);
    }
    if phase == "Failed" {
        let why =
            if reason.is_empty() { Cow::Borrowed("failed") } else { reason.to_owned().into() };
        return Health::new(Verdict::Degraded, why).by("status.phase", phase);
    }
    let scheduled = pod.condition("PodScheduled");
    if scheduled.is_some_and(|condition| condition.reason() == "SchedulingGated") {
        return Health::new(Verdict::Suspended, "gated")
            .by("status.conditions[PodScheduled].reason", "SchedulingGated");
    }
    let ready = pod.condition("Ready");
    let ready_since = ready.and_then(|ready| ready.last_transition_time).or(pod.meta.created);
    if let Some((container, why)) = failing(pod) {
        return Health::new(Verdict::Degraded, why.clone())
            .by(format!("status.containerStatuses[{container}].state.waiting.reason"), &why)
            .since(ready_since);
    }
    let is_ready = ready.is_some_and(|ready| ready.status == Truth::True);
    if !is_ready && let Some(status) = looping(pod, now, limits) {
        let ended = status.last_state.terminated.as_deref();
        let why = ended.and_then(|end| end.reason.as_deref()).unwrap_or_default();
        return Health::new(Verdict::Degraded, "crash_looping")
            .by(
                format!("status.containerStatuses[{}].restartCount", status.name),
                status.restart_count,
            )
            .since(ready_since)
            .note(&format!("last ended: {why}, {}", ended.map_or(0, |end| end.exit_code)));
    }
    let age = pod.meta.created.map(|created| now - created);
    let older = |limit: TimeDelta| age.is_some_and(|age| age > limit);
    if let Some(condition) = scheduled
        && condition.status == Truth::False
        && condition.reason() == "Unschedulable"
    {
        let late = older(limits.unschedulable);
        let verdict = if late { Verdict::Degraded } else { Verdict::Progressing };
        return Health::new(verdict, "unschedulable")
            .by("status.conditions[PodScheduled].reason", "Unschedulable")
            .since(condition.last_transition_time.or(pod.meta.created))
            .note(condition.message());
    }
    match phase {
        "Pending" if older(limits.pending_too_long) => {
            Health::new(Verdict::Degraded, "pending_too_long")
                .by("status.phase", phase)
                .since(pod.meta.created)
        }
        "Pending" => Health::new(Verdict::Progressing, "pending")
            .by("status.phase", phase)
            .since(pod.meta.created),
        "Running" => running(pod, now, limits),
        _ => Health::unknown("phase_unknown").by("status.phase", phase),
    }
}

fn running(pod: &Pod, now: Moment, limits: &Thresholds) -> Health {
    let Some(ready) = pod.condition("Ready") else {
        return Health::unknown("no_conditions").by("status.conditions[Ready]", "absent");
    };
    let field = "status.conditions[Ready].status";
    let since = ready.last_transition_time;
    match ready.status {
        Truth::True => Health::new(Verdict::Healthy, "ready").by(field, "True").since(since),
        Truth::Unknown => Health::unknown("ready_unknown").by(field, "Unknown").since(since),
        Truth::False => {
            let started = pod
                .status
                .container_statuses
                .iter()
                .filter(|status| !status.ready)
                .filter_map(|status| status.state.running.as_deref()?.started_at)
                .max();
            let containers = pod.spec.containers.iter();
            let budget = containers.map(|container| i64::from(container.start_up.0)).max();
            let budget = TimeDelta::seconds(budget.unwrap_or(0)).max(limits.start_up);
            // Counted from the last start, or from when it stopped being ready.
            let from = started.max(since).or(pod.meta.created);
            let late = from.is_some_and(|from| now - from > budget);
            let (verdict, reason) = if late {
                (Verdict::Degraded, "not_ready")
            } else {
                (Verdict::Progressing, "starting")
            };
            Health::new(verdict, reason).by(field, "False").since(since).note(ready.message())
        }
    }
}

/// A container that waits for a reason that does not go away by itself, and the reason. The two
/// names of a failing pull take turns and read as one.
pub fn failing(pod: &Pod) -> Option<(&str, String)> {
    pod.statuses().find_map(|status| {
        let reason = status.state.waiting.as_deref()?.reason.as_deref()?;
        let bad = reason.starts_with("Err")
            || reason.ends_with("Error")
            || reason.ends_with("BackOff")
            || reason == "InvalidImageName";
        let reason = if reason == "ErrImagePull" { "ImagePullBackOff" } else { reason };
        bad.then(|| (&*status.name, reason.to_owned()))
    })
}

/// A container that crashed again and again just now, between two of its back-offs.
pub fn looping<'a>(pod: &'a Pod, now: Moment, limits: &Thresholds) -> Option<&'a ContainerStatus> {
    pod.statuses().find(|status| {
        let ended = status.last_state.terminated.as_deref().and_then(|end| end.finished_at);
        status.restart_count >= limits.crash_count
            && ended.is_some_and(|ended| now - ended <= limits.crash_window)
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::super::tests::{ago, now};
    use super::*;
    use crate::shape::tests::object;
    use serde_json::{Value, json};

    pub(crate) fn pod(json: Value) -> Pod {
        object(json)
    }

    fn owned(kind: &str, mut json: Value) -> Value {
        json["metadata"]["ownerReferences"] =
            json!([{"kind": kind, "name": "cart", "uid": "o", "controller": true}]);
        json
    }

    pub(crate) fn waiting(reason: &str) -> Value {
        json!({"metadata": {"name": "a", "creationTimestamp": ago(300)}, "status": {"phase": "Pending",
            "containerStatuses": [{"name": "cart", "state": {"waiting": {"reason": reason}}}]}})
    }

    fn condition(kind: &str, status: &str, reason: &str, seconds: i64) -> Value {
        json!({"type": kind, "status": status, "reason": reason, "lastTransitionTime": ago(seconds)})
    }

    #[track_caller]
    fn check(json: Value, verdict: Verdict, reason: &str, counts: bool) -> Health {
        let pod = pod(json);
        let judged = judge(&pod, now(), &Thresholds::default());
        assert_eq!(
            (judged.health.verdict, &*judged.health.reason, judged.counts),
            (verdict, reason, counts),
            "{pod:?}"
        );
        judged.health
    }

    #[test]
    fn each_rule_of_pods() {
        use Verdict::{Degraded, Healthy, Progressing, Suspended, Unknown};
        let phase = |phase: &str| json!({"metadata": {"name": "a"}, "status": {"phase": phase}});
        let lost = json!({"status": {"phase": "Running", "reason": "NodeLost"}});
        check(lost, Degraded, "node_lost", true);
        let gone = |seconds| json!({"metadata": {"deletionTimestamp": ago(seconds), "finalizers": ["a/b"]}});
        check(gone(0), Progressing, "terminating", false);
        check(gone(300), Progressing, "terminating", false);
        let stuck = check(gone(301), Degraded, "stuck_terminating", false);
        assert_eq!(stuck.note, "a/b");
        check(phase("Succeeded"), Healthy, "completed", true);
        let evicted = json!({"status": {"phase": "Failed", "reason": "Evicted"}});
        check(owned("ReplicaSet", evicted.clone()), Degraded, "Evicted", false);
        check(owned("StatefulSet", evicted.clone()), Degraded, "Evicted", false);
        check(owned("Job", phase("Failed")), Degraded, "failed", false);
        check(evicted, Degraded, "Evicted", true);
        let gated = json!({"status": {"phase": "Pending",
            "conditions": [condition("PodScheduled", "False", "SchedulingGated", 900)]}});
        check(gated, Suspended, "gated", true);
        for reason in ["CrashLoopBackOff", "ImagePullBackOff", "CreateContainerConfigError"] {
            check(waiting(reason), Degraded, reason, true);
        }
        check(waiting("InvalidImageName"), Degraded, "InvalidImageName", true);
        check(waiting("ErrImageNeverPull"), Degraded, "ErrImageNeverPull", true);
        check(waiting("ErrImagePull"), Degraded, "ImagePullBackOff", true);
        check(waiting("ContainerCreating"), Progressing, "pending", true);
        let sidecar = json!({"metadata": {"creationTimestamp": ago(9)}, "status": {"phase": "Pending", "initContainerStatuses":
            [{"name": "mesh", "state": {"waiting": {"reason": "CrashLoopBackOff"}}}]}});
        check(sidecar, Degraded, "CrashLoopBackOff", true);
        check(phase("Unknown"), Unknown, "phase_unknown", true);
        check(phase("Running"), Unknown, "no_conditions", true);
        check(owned("Job", waiting("ContainerCreating")), Progressing, "pending", false);
    }

    #[test]
    fn crashes_count_between_two_back_offs() {
        let crashed = |restarts: u32, seconds: i64, ready: &str| {
            json!({"metadata": {"creationTimestamp": ago(3600)}, "status": {"phase": "Running",
                "conditions": [condition("Ready", ready, "", 30)],
                "containerStatuses": [{"name": "cart", "restartCount": restarts, "state": {"running": {"startedAt": ago(20)}},
                    "lastState": {"terminated": {"exitCode": 1, "finishedAt": ago(seconds)}}}]}})
        };
        check(crashed(2, 599, "False"), Verdict::Degraded, "crash_looping", true);
        check(crashed(1, 599, "False"), Verdict::Progressing, "starting", true);
        check(crashed(2, 601, "False"), Verdict::Progressing, "starting", true);
        check(crashed(9, 10, "True"), Verdict::Healthy, "ready", true);
    }

    #[test]
    fn waiting_for_a_place_or_for_readiness_has_its_time() {
        let unschedulable = |age: i64| {
            json!({"metadata": {"creationTimestamp": ago(age)}, "status": {"phase": "Pending", "conditions":
                [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable",
                  "message": "0/3 nodes are available: insufficient memory"}]}})
        };
        check(unschedulable(15), Verdict::Progressing, "unschedulable", true);
        let health = check(unschedulable(16), Verdict::Degraded, "unschedulable", true);
        assert!(health.note.contains("insufficient memory"), "the scheduler's own reason");
        let pending = |age: i64| json!({"metadata": {"creationTimestamp": ago(age)}, "status": {"phase": "Pending"}});
        check(pending(600), Verdict::Progressing, "pending", true);
        check(pending(601), Verdict::Degraded, "pending_too_long", true);
        let not_ready = |seconds: i64, budget: i64| {
            json!({"metadata": {"creationTimestamp": ago(9_000)},
                "spec": {"containers": [{"name": "cart", "startupProbe": {"failureThreshold": budget, "periodSeconds": 10}}]},
                "status": {"phase": "Running", "conditions": [condition("Ready", "False", "", seconds)]}})
        };
        check(not_ready(300, 1), Verdict::Progressing, "starting", true);
        check(not_ready(301, 1), Verdict::Degraded, "not_ready", true);
        check(not_ready(301, 60), Verdict::Progressing, "starting", true);
        check(not_ready(601, 60), Verdict::Degraded, "not_ready", true);
        let unknown = json!({"status": {"phase": "Running", "conditions": [condition("Ready", "Unknown", "", 9)]}});
        check(unknown, Verdict::Unknown, "ready_unknown", true);
    }
}
