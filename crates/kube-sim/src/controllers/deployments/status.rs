//! What a Deployment says of its rollout.

use super::{bounds, is_of, owned};
use crate::controllers::conditions::{self, Condition};
use crate::controllers::replicasets::counter;
use crate::controllers::{CONTROLLER, number, number_or};
use crate::managed::Part;
use crate::store::{Key, Stored};
use crate::time;
use crate::world::World;
use chrono::{DateTime, Duration, Utc};
use serde_json::Value;

/// A deadline that never comes, in the words of Kubernetes.
const NO_DEADLINE: i64 = 2_147_483_647;

struct Counts {
    replicas: i64,
    updated: i64,
    ready: i64,
    available: i64,
    wanted: i64,
}

pub(super) fn write(world: &mut World, key: &Key, stored: &Stored) {
    let Some(current) = world.store.get(key).cloned() else { return };
    let deployment = &current.value;
    let sets = owned(world, stored, "ReplicaSet");
    let new = sets.iter().find(|set| is_of(deployment, &set.1.value));
    let sum = |name: &str| sets.iter().map(|(_, set)| number(&set.value["status"][name])).sum();
    let counts = Counts {
        replicas: sum("replicas"),
        updated: new.map_or(0, |(_, set)| number(&set.value["status"]["replicas"])),
        ready: sum("readyReplicas"),
        available: sum("availableReplicas"),
        wanted: number_or(&deployment["spec"]["replicas"], 1),
    };
    let failure = sets.iter().find_map(|(_, set)| {
        conditions::find(&set.value, "ReplicaFailure").filter(|one| one["status"] == "True")
    });
    let failure = failure.and_then(|one| one["message"].as_str()).map(str::to_owned);
    let new_name = new.map(|(key, _)| key.name.clone()).unwrap_or_default();
    let now = world.now;
    let before = deployment["status"].clone();
    world.change(key, CONTROLLER, Part::Status, |deployment| {
        count(deployment, &counts);
        judge_available(deployment, &counts, now);
        match &failure {
            Some(why) => {
                let condition = Condition::new("ReplicaFailure", true);
                let condition = condition.because("FailedCreate", why).updated();
                conditions::set(deployment, &condition, now);
            }
            None => conditions::drop(deployment, "ReplicaFailure"),
        }
        judge_progress(deployment, &counts, &before, &new_name, now);
    });
    wake_at_deadline(world, key);
}

fn count(deployment: &mut Value, counts: &Counts) {
    let generation = deployment["metadata"]["generation"].clone();
    let status = &mut deployment["status"];
    status["observedGeneration"] = generation;
    let missing = (counts.wanted.max(counts.replicas) - counts.available).max(0);
    for (name, count) in [
        ("replicas", counts.replicas),
        ("updatedReplicas", counts.updated),
        ("readyReplicas", counts.ready),
        ("availableReplicas", counts.available),
        ("unavailableReplicas", missing),
    ] {
        counter(status, name, usize::try_from(count).unwrap_or(0));
    }
}

fn judge_available(deployment: &mut Value, counts: &Counts, now: DateTime<Utc>) {
    let (_, gap) = bounds(deployment);
    let enough = counts.available >= counts.wanted - gap;
    let (reason, message) = if enough {
        ("MinimumReplicasAvailable", "Deployment has minimum availability.")
    } else {
        ("MinimumReplicasUnavailable", "Deployment does not have minimum availability.")
    };
    let condition = Condition::new("Available", enough).because(reason, message).updated();
    conditions::set(deployment, &condition, now);
}

fn deadline(deployment: &Value) -> Option<i64> {
    let seconds = number_or(&deployment["spec"]["progressDeadlineSeconds"], NO_DEADLINE);
    (seconds != NO_DEADLINE).then_some(seconds)
}

/// The reason of the last report; once a rollout is complete, nothing is judged until the next one.
fn judge_progress(
    deployment: &mut Value,
    counts: &Counts,
    before: &Value,
    new_name: &str,
    now: DateTime<Utc>,
) {
    let Some(seconds) = deadline(deployment) else {
        conditions::drop(deployment, "Progressing");
        return;
    };
    let last = conditions::find(deployment, "Progressing").cloned();
    let reason = last.as_ref().and_then(|one| one["reason"].as_str()).unwrap_or_default();
    let message = last.as_ref().and_then(|one| one["message"].as_str()).unwrap_or_default();
    let complete = counts.updated == counts.wanted
        && counts.replicas == counts.wanted
        && counts.available == counts.wanted;
    let about_new = message.contains(new_name);
    // Complete before, and the same ReplicaSet still: a service that dies later is no rollout.
    if reason == "NewReplicaSetAvailable" && about_new && counts.replicas == counts.updated {
        return;
    }
    if deployment["spec"]["paused"] == true {
        let condition = Condition::new("Progressing", true);
        let condition = condition.because("DeploymentPaused", "Deployment is paused").updated();
        if reason != "DeploymentPaused" && reason != "ProgressDeadlineExceeded" {
            let mut condition = condition;
            condition.status = "Unknown";
            conditions::set(deployment, &condition, now);
        }
        return;
    }
    if complete {
        let text = format!("ReplicaSet {new_name:?} has successfully progressed.");
        let condition = Condition::new("Progressing", true);
        let condition = condition.because("NewReplicaSetAvailable", &text).updated();
        conditions::set(deployment, &condition, now);
        return;
    }
    let was = |name: &str| number(&before[name]);
    let old_before = was("replicas") - was("updatedReplicas");
    let moved = counts.updated > was("updatedReplicas")
        || counts.replicas - counts.updated < old_before
        || counts.ready > was("readyReplicas")
        || counts.available > was("availableReplicas");
    let first = last.is_none() || reason == "DeploymentPaused" || !about_new;
    if first || moved {
        let (reason, verb) = if first {
            ("NewReplicaSetCreated", "Created new replica set")
        } else {
            ("ReplicaSetUpdated", "ReplicaSet")
        };
        let text = if first {
            format!("{verb} {new_name:?}")
        } else {
            format!("{verb} {new_name:?} is progressing.")
        };
        // Progress moves the moment of the update, whatever the words.
        let condition = Condition::new("Progressing", true).because(reason, &text).updated();
        conditions::set(deployment, &condition, now);
        conditions::touch(deployment, "Progressing", "lastUpdateTime", now);
        return;
    }
    if is_overdue(deployment, seconds, now) && reason != "ProgressDeadlineExceeded" {
        let text = format!("ReplicaSet {new_name:?} has timed out progressing.");
        let condition = Condition::new("Progressing", false);
        let condition = condition.because("ProgressDeadlineExceeded", &text).updated();
        conditions::set(deployment, &condition, now);
    }
}

fn due(deployment: &Value, seconds: i64) -> Option<DateTime<Utc>> {
    let last = conditions::find(deployment, "Progressing")?;
    if matches!(
        last["reason"].as_str(),
        Some("NewReplicaSetAvailable" | "ProgressDeadlineExceeded" | "DeploymentPaused")
    ) {
        return None;
    }
    let from = last["lastUpdateTime"].as_str().and_then(time::read)?;
    Some(from + Duration::seconds(seconds))
}

fn is_overdue(deployment: &Value, seconds: i64, now: DateTime<Utc>) -> bool {
    due(deployment, seconds).is_some_and(|due| due <= now)
}

fn wake_at_deadline(world: &mut World, key: &Key) {
    let Some(stored) = world.store.get(key).cloned() else { return };
    let due = deadline(&stored.value).and_then(|seconds| due(&stored.value, seconds));
    if let Some(due) = due {
        world.wake(due, key);
    }
}
