//! Jobs: pods until enough of them succeeded, or too many failed.

use crate::controllers::conditions::{self, Condition};
use crate::controllers::replicasets::{counter, create_pod};
use crate::controllers::{CONTROLLER, is_active, is_ready, number, number_or, owned};
use crate::managed::Part;
use crate::store::{Key, Stored};
use crate::time;
use crate::world::World;
use serde_json::{Value, json};

pub(crate) fn look(world: &mut World, key: &Key, stored: &Stored) {
    let job = &stored.value;
    let ended = conditions::is_true(job, "Complete") || conditions::is_true(job, "Failed");
    if job["metadata"].get("deletionTimestamp").is_some() || ended {
        return;
    }
    let now = world.now;
    if job["spec"]["suspend"] == true {
        suspend(world, key, stored);
        return;
    }
    let pods = owned(world, stored, "Pod");
    let phase =
        |word: &str| pods.iter().filter(|(_, pod)| pod.value["status"]["phase"] == word).count();
    let (succeeded, failed) = (phase("Succeeded"), phase("Failed"));
    let active = pods.iter().filter(|(_, pod)| is_active(&pod.value)).count();
    let restarts: i64 = pods.iter().map(|(_, pod)| restarts(&pod.value)).sum();
    let wanted = usize::try_from(number_or(&job["spec"]["completions"], 1)).unwrap_or(1);
    let at_once = usize::try_from(number_or(&job["spec"]["parallelism"], 1)).unwrap_or(1);
    let backoff = number_or(&job["spec"]["backoffLimit"], 6);
    let complete = succeeded >= wanted;
    let lost = i64::try_from(failed).unwrap_or(i64::MAX) + restarts > backoff;
    let mut made = 0;
    if complete || lost {
        for (pod, _) in pods.iter().filter(|(_, pod)| is_active(&pod.value)) {
            let _ = world.delete(pod, &Value::Null);
        }
    } else {
        let missing = at_once.min(wanted - succeeded).saturating_sub(active);
        made = make(world, job, key, missing);
    }
    let ready = pods.iter().filter(|(_, pod)| is_ready(&pod.value)).count();
    world.change(key, CONTROLLER, Part::Status, |job| {
        if job["status"]["startTime"].is_null() {
            job["status"]["startTime"] = Value::from(time::text(now));
        }
        let status = &mut job["status"];
        counter(status, "active", if complete || lost { 0 } else { active + made });
        counter(status, "succeeded", succeeded);
        counter(status, "failed", failed);
        counter(status, "ready", ready);
        if conditions::find(job, "Suspended").is_some() {
            let resumed = Condition::new("Suspended", false).because("JobResumed", "Job resumed");
            conditions::set(job, &resumed, now);
        }
        if complete {
            let why = "Reached expected number of succeeded pods";
            for name in ["SuccessCriteriaMet", "Complete"] {
                let condition = Condition::new(name, true).because("CompletionsReached", why);
                conditions::set(job, &condition, now);
            }
            job["status"]["completionTime"] = Value::from(time::text(now));
        } else if lost {
            let why = "Job has reached the specified backoff limit";
            for name in ["FailureTarget", "Failed"] {
                let condition = Condition::new(name, true).because("BackoffLimitExceeded", why);
                conditions::set(job, &condition, now);
            }
        }
    });
}

fn make(world: &mut World, job: &Value, key: &Key, count: usize) -> usize {
    let labels = json!({
        "batch.kubernetes.io/job-name": key.name,
        "batch.kubernetes.io/controller-uid": job["metadata"]["uid"],
        "job-name": key.name,
    });
    let more = json!({ "metadata": { "labels": labels } });
    let prefix = format!("{}-", key.name);
    (0..count)
        .take_while(|_| create_pod(world, job, &job["spec"]["template"], &prefix, &more).is_ok())
        .count()
}

fn restarts(pod: &Value) -> i64 {
    let statuses = pod["status"]["containerStatuses"].as_array().into_iter().flatten();
    statuses.map(|status| number(&status["restartCount"])).sum()
}

fn suspend(world: &mut World, key: &Key, stored: &Stored) {
    for (pod, one) in owned(world, stored, "Pod") {
        if is_active(&one.value) {
            let _ = world.delete(&pod, &Value::Null);
        }
    }
    let now = world.now;
    world.change(key, CONTROLLER, Part::Status, |job| {
        let condition = Condition::new("Suspended", true).because("JobSuspended", "Job suspended");
        conditions::set(job, &condition, now);
        counter(&mut job["status"], "active", 0);
    });
}
