//! One case per rule, and the situations in which other tools disagree.

use super::super::pod::{
    judge,
    tests::{pod, waiting},
};
use super::super::tests::{ago, now};
use super::*;
use crate::shape::pod::Pod;
use crate::shape::tests::object;
use serde_json::{Value, json};

use Verdict::{Degraded, Healthy, Progressing, Suspended, Unknown};

fn look(open: Option<i64>, limits: &Thresholds) -> Look<'_> {
    let before = |seconds: i64| now() - TimeDelta::seconds(seconds);
    let past = Past {
        open_since: open.map(before),
        unobserved_since: open.map(before),
        ..Past::default()
    };
    Look { now: now(), limits, past }
}

/// A condition with its status, reason and age in seconds.
fn with(kind: &str, status: &str, reason: &str, seconds: i64) -> Value {
    json!({"type": kind, "status": status, "reason": reason, "message": "why",
        "lastTransitionTime": ago(seconds)})
}

fn done() -> Value {
    with("Progressing", "True", "NewReplicaSetAvailable", 90_000)
}

/// Replicas: all, updated, available.
fn counts(all: i64, updated: i64, available: i64, conditions: &[Value]) -> Value {
    json!({"observedGeneration": 3, "replicas": all, "updatedReplicas": updated,
        "readyReplicas": available, "availableReplicas": available, "conditions": conditions})
}

fn deploy(spec: Value, status: Value) -> Deployment {
    let mut spec = spec;
    if spec.get("progressDeadlineSeconds").is_none() {
        spec["progressDeadlineSeconds"] = json!(600);
    }
    object(json!({"metadata": {"name": "cart", "generation": 3}, "spec": spec, "status": status}))
}

#[track_caller]
fn check(
    spec: Value,
    status: Value,
    pods: Option<&[Pod]>,
    open: Option<i64>,
    expect: (Verdict, &str, Impact),
) -> Health {
    let limits = Thresholds::default();
    let judged: Option<Vec<Judged<'_>>> =
        pods.map(|pods| pods.iter().map(|pod| judge(pod, now(), &limits)).collect());
    let pods = Pods { current: judged.as_deref(), nodes_down: None };
    let health = deployment(&deploy(spec, status), &pods, &look(open, &limits));
    assert_eq!((health.verdict, &*health.reason, health.impact), expect, "{health:?}");
    health
}

#[test]
fn deployments() {
    use Impact::{None as Nobody, Outage, Reduced};
    let three = || json!({"replicas": 3});
    let failing = [pod(waiting("ImagePullBackOff"))];
    // D1
    check(
        json!({"replicas": 0}),
        counts(0, 0, 0, &[]),
        None,
        None,
        (Suspended, "scaled_to_zero", Nobody),
    );
    check(
        json!({"replicas": 0}),
        counts(2, 2, 2, &[]),
        None,
        None,
        (Progressing, "scaling_down", Nobody),
    );
    // D2
    let exceeded = with("Progressing", "False", "ProgressDeadlineExceeded", 5);
    check(
        three(),
        counts(4, 1, 3, &[exceeded]),
        None,
        None,
        (Degraded, "deadline_exceeded", Nobody),
    );
    // D3
    let failure = |seconds| with("ReplicaFailure", "True", "FailedCreate", seconds);
    let health = check(
        three(),
        counts(1, 1, 1, &[failure(60)]),
        None,
        None,
        (Degraded, "replica_failure", Reduced),
    );
    assert_eq!(health.note, "why");
    check(three(), counts(1, 1, 1, &[failure(59)]), None, None, (Progressing, "updating", Reduced));
    // D4
    let below = |seconds| with("Available", "False", "MinimumReplicasUnavailable", seconds);
    check(
        three(),
        counts(3, 3, 0, &[below(121), done()]),
        None,
        None,
        (Degraded, "below_minimum", Outage),
    );
    check(
        three(),
        counts(3, 3, 0, &[below(120), done()]),
        None,
        None,
        (Progressing, "lost_replicas", Outage),
    );
    // D5: a paused outage still shows.
    check(
        json!({"replicas": 3, "paused": true}),
        counts(3, 3, 3, &[]),
        None,
        None,
        (Suspended, "paused", Nobody),
    );
    check(
        json!({"replicas": 3, "paused": true}),
        counts(3, 3, 0, &[below(300)]),
        None,
        None,
        (Degraded, "below_minimum", Outage),
    );
    // D6: the old pods serve.
    let health = check(
        three(),
        counts(4, 1, 3, &[]),
        Some(&failing),
        None,
        (Degraded, "new_pods_failing", Nobody),
    );
    assert_eq!(health.note, "1 of 1 pods: ImagePullBackOff");
    assert_eq!(health.basis, Basis::ObjectAndPods);
    let young = json!({"metadata": {"creationTimestamp": ago(60)}, "status": {"phase": "Pending",
        "containerStatuses": [{"name": "a", "state": {"waiting": {"reason": "ImagePullBackOff"}}}]}});
    check(
        three(),
        counts(4, 1, 3, &[]),
        Some(&[pod(young)]),
        None,
        (Progressing, "updating", Nobody),
    );
    // A leftover does not lower its workload.
    let evicted = json!({"metadata": {"creationTimestamp": ago(900), "ownerReferences": [{"kind": "ReplicaSet", "controller": true}]},
        "status": {"phase": "Failed", "reason": "Evicted"}});
    check(
        three(),
        counts(3, 3, 3, &[done()]),
        Some(&[pod(evicted)]),
        None,
        (Healthy, "healthy", Nobody),
    );
    // D7, D8, D10
    check(three(), counts(3, 1, 3, &[]), None, None, (Progressing, "updating", Nobody));
    check(three(), counts(4, 3, 3, &[]), None, None, (Progressing, "old_pods_leaving", Nobody));
    check(three(), counts(3, 3, 2, &[]), None, None, (Progressing, "waiting_available", Reduced));
    // D9: pods die days after a good rollout, and no deadline runs any more.
    check(
        three(),
        counts(3, 3, 1, &[done()]),
        None,
        Some(120),
        (Progressing, "lost_replicas", Reduced),
    );
    check(
        three(),
        counts(3, 3, 1, &[done()]),
        None,
        Some(121),
        (Degraded, "lost_replicas", Reduced),
    );
    // D11
    let endless = || json!({"replicas": 3, "progressDeadlineSeconds": 2_147_483_647});
    check(endless(), counts(3, 1, 3, &[]), None, Some(600), (Progressing, "updating", Nobody));
    check(endless(), counts(3, 1, 3, &[]), None, Some(601), (Degraded, "no_progress", Nobody));
    check(three(), counts(3, 1, 3, &[]), None, Some(601), (Progressing, "updating", Nobody));
    // D12
    check(three(), counts(3, 3, 3, &[done()]), None, None, (Healthy, "healthy", Nobody));
    check(json!({}), counts(1, 1, 1, &[done()]), None, None, (Healthy, "healthy", Nobody));
}

#[test]
fn the_gate_comes_first() {
    let limits = Thresholds::default();
    let read = |meta: Value, observed: i64, open: Option<i64>| {
        let object: Deployment = object(
            json!({"metadata": meta, "status": {"observedGeneration": observed, "availableReplicas": 1,
                "updatedReplicas": 1, "replicas": 1}}),
        );
        let health = deployment(&object, &Pods::default(), &look(open, &limits));
        (health.verdict, health.reason.to_string())
    };
    let seen = |verdict, reason: &str| (verdict, reason.to_owned());
    assert_eq!(read(json!({"generation": 3}), 3, None), seen(Healthy, "healthy"));
    assert_eq!(read(json!({"generation": 3}), 2, None), seen(Progressing, "spec_not_observed"));
    assert_eq!(read(json!({"generation": 3}), 2, Some(121)), seen(Unknown, "controller_silent"));
    let gone = |seconds| json!({"generation": 3, "deletionTimestamp": ago(seconds)});
    assert_eq!(read(gone(0), 2, None), seen(Progressing, "terminating"));
    assert_eq!(read(gone(301), 3, None), seen(Degraded, "stuck_terminating"));
}

#[test]
fn stateful_sets() {
    let limits = Thresholds::default();
    let failing = pod(waiting("CrashLoopBackOff"));
    let judged = [judge(&failing, now(), &limits)];
    let check =
        |spec: Value, status: Value, pods: bool, open: Option<i64>, expect: (Verdict, &str)| {
            let mut status = status;
            if status.get("observedGeneration").is_none() {
                status["observedGeneration"] = json!(3);
            }
            let set: StatefulSet =
                object(json!({"metadata": {"generation": 3}, "spec": spec, "status": status}));
            let pods = Pods { current: pods.then_some(judged.as_slice()), nodes_down: None };
            let health = stateful_set(&set, &pods, &look(open, &limits));
            assert_eq!((health.verdict, &*health.reason), expect, "{spec} {status}");
        };
    let status = |replicas: i64, ready: i64, updated: i64, update: &str| {
        json!({"replicas": replicas, "readyReplicas": ready, "updatedReplicas": updated,
            "currentRevision": "a", "updateRevision": update})
    };
    let three = || json!({"replicas": 3});
    let rolling = |partition: i64| json!({"replicas": 3, "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": partition}}});
    let on_delete = || json!({"replicas": 3, "updateStrategy": {"type": "OnDelete"}});
    check(json!({"replicas": 0}), status(0, 0, 0, "a"), false, None, (Suspended, "scaled_to_zero"));
    check(
        three(),
        json!({"observedGeneration": 0}),
        false,
        None,
        (Progressing, "spec_not_observed"),
    );
    check(
        three(),
        json!({"observedGeneration": 2}),
        false,
        None,
        (Progressing, "spec_not_observed"),
    );
    check(three(), status(3, 2, 3, "a"), false, None, (Progressing, "waiting_ready"));
    check(three(), status(3, 2, 3, "a"), true, None, (Degraded, "new_pods_failing"));
    check(three(), status(3, 2, 3, "a"), false, Some(601), (Degraded, "no_progress"));
    check(three(), status(4, 4, 3, "a"), false, None, (Progressing, "scaling_down"));
    check(on_delete(), status(3, 3, 0, "b"), false, None, (Suspended, "waits_for_pod_deletion"));
    check(on_delete(), status(3, 3, 3, "a"), false, None, (Healthy, "healthy"));
    check(rolling(0), status(3, 3, 1, "b"), false, None, (Progressing, "updating"));
    check(rolling(2), status(3, 3, 0, "b"), false, None, (Progressing, "updating"));
    check(rolling(2), status(3, 3, 1, "b"), false, None, (Suspended, "held_by_partition"));
    check(rolling(0), status(3, 3, 3, "b"), false, None, (Progressing, "revision_mismatch"));
    check(rolling(0), status(3, 3, 3, "a"), false, None, (Healthy, "healthy"));
    check(three(), status(3, 3, 0, "a"), false, None, (Healthy, "healthy"));
}

#[test]
fn daemon_sets() {
    let limits = Thresholds::default();
    let sick = |node: &str| {
        let mut json = waiting("ContainerCreating");
        json["spec"] = json!({"nodeName": node});
        pod(json)
    };
    let check = |strategy: &str,
                 numbers: (i64, i64, i64),
                 nodes: &[&str],
                 open: Option<i64>,
                 expect: (Verdict, &str)| {
        let set: DaemonSet = object(json!({"metadata": {"generation": 1},
            "spec": {"updateStrategy": {"type": strategy}},
            "status": {"observedGeneration": 1, "desiredNumberScheduled": numbers.0,
                "updatedNumberScheduled": numbers.1, "numberAvailable": numbers.2}}));
        let pods: Vec<Pod> = nodes.iter().map(|node| sick(node)).collect();
        let judged: Vec<Judged<'_>> = pods.iter().map(|pod| judge(pod, now(), &limits)).collect();
        let down = BTreeSet::from(["down".to_owned()]);
        let pods = Pods { current: Some(&judged), nodes_down: Some(&down) };
        let health = daemon_set(&set, &pods, &look(open, &limits));
        assert_eq!((health.verdict, &*health.reason), expect, "{numbers:?}");
    };
    check("RollingUpdate", (0, 0, 0), &[], None, (Suspended, "no_matching_nodes"));
    check("OnDelete", (3, 1, 3), &[], None, (Suspended, "waits_for_pod_deletion"));
    check("RollingUpdate", (3, 1, 3), &[], None, (Progressing, "updating"));
    check("RollingUpdate", (3, 1, 3), &[], Some(601), (Degraded, "no_progress"));
    check("RollingUpdate", (3, 3, 2), &["down"], None, (Degraded, "node_down"));
    check("RollingUpdate", (3, 3, 1), &["down", "up"], None, (Progressing, "waiting_available"));
    check("RollingUpdate", (3, 3, 2), &[], None, (Progressing, "waiting_available"));
    check("RollingUpdate", (3, 3, 2), &[], Some(601), (Degraded, "no_progress"));
    check("RollingUpdate", (3, 3, 3), &[], None, (Healthy, "healthy"));
}

#[test]
fn replica_sets_jobs_and_rollouts() {
    let limits = Thresholds::default();
    let set = |replicas: i64,
               available: i64,
               failure: bool,
               open: Option<i64>,
               expect: (Verdict, &str)| {
        let conditions: Vec<Value> = failure
            .then(|| with("ReplicaFailure", "True", "FailedCreate", 5))
            .into_iter()
            .collect();
        let set: ReplicaSet = object(json!({"spec": {"replicas": replicas},
            "status": {"availableReplicas": available, "conditions": conditions}}));
        let health = replica_set(&set, &look(open, &limits));
        assert_eq!((health.verdict, &*health.reason), expect);
    };
    set(2, 2, false, None, (Healthy, "healthy"));
    set(2, 2, true, None, (Degraded, "replica_failure"));
    set(2, 1, false, None, (Progressing, "waiting_available"));
    set(2, 1, false, Some(601), (Degraded, "no_progress"));
    set(0, 0, false, None, (Suspended, "scaled_to_zero"));

    let check_job = |kind: &str, expect: (Verdict, &str)| {
        let read: Job = object(
            json!({"status": {"startTime": ago(60), "conditions": [with(kind, "True", "", 5)]}}),
        );
        let health = job(&read, &look(None, &limits));
        assert_eq!((health.verdict, &*health.reason), expect, "{kind}");
    };
    check_job("Failed", (Degraded, "failed"));
    check_job("FailureTarget", (Degraded, "failed"));
    check_job("Complete", (Healthy, "completed"));
    check_job("Suspended", (Suspended, "suspended"));
    check_job("SuccessCriteriaMet", (Progressing, "running"));

    let check_rollout = |phase: &str, observed: &str, expect: (Verdict, &str)| {
        let read: Rollout = object(json!({"metadata": {"generation": 3},
            "status": {"phase": phase, "observedGeneration": observed}}));
        let health = rollout(&read, &Pods::default(), &look(None, &limits));
        assert_eq!((health.verdict, &*health.reason), expect, "{phase}");
    };
    check_rollout("Healthy", "3", (Healthy, "healthy"));
    check_rollout("Progressing", "3", (Progressing, "updating"));
    check_rollout("Degraded", "3", (Degraded, "degraded"));
    check_rollout("Paused", "3", (Suspended, "paused"));
    check_rollout("", "3", (Unknown, "no_phase"));
    check_rollout("Healthy", "2", (Progressing, "spec_not_observed"));
}

#[test]
fn cron_jobs() {
    let limits = Thresholds::default();
    let check = |spec: Value, status: Value, before: Option<Verdict>, expect: (Verdict, &str)| {
        let read: CronJob = object(json!({"spec": spec, "status": status}));
        let mut look = look(None, &limits);
        look.past.verdict = before;
        let health = cron_job(&read, &look);
        assert_eq!((health.verdict, &*health.reason), expect, "{spec} {status}");
    };
    let hourly = || json!({"schedule": "0 * * * *"});
    let runs = |scheduled: i64, succeeded: i64| json!({"lastScheduleTime": ago(scheduled), "lastSuccessfulTime": ago(succeeded)});
    check(
        json!({"schedule": "0 * * * *", "suspend": true}),
        json!({}),
        None,
        (Suspended, "suspended"),
    );
    check(hourly(), json!({}), None, (Unknown, "never_ran"));
    check(hourly(), json!({"lastScheduleTime": ago(60)}), None, (Unknown, "never_succeeded"));
    check(hourly(), runs(60, 30), None, (Healthy, "healthy"));
    check(hourly(), runs(60, 3_600), None, (Degraded, "last_run_failed"));
    check(hourly(), runs(10_900, 10_800), None, (Degraded, "missed_schedule"));
    check(json!({"schedule": "whenever"}), runs(90_000, 89_000), None, (Healthy, "healthy"));
    let mut running = runs(60, 3_600);
    running["active"] = json!([{"name": "run"}]);
    check(hourly(), running.clone(), Some(Degraded), (Degraded, "running"));
    check(hourly(), running.clone(), Some(Healthy), (Healthy, "running"));
    check(hourly(), running, None, (Healthy, "healthy"));
}
