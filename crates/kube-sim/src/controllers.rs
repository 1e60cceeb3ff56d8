//! What the controllers of a cluster do, as a function of the state and the clock.
//!
//! Each controller looks at one object, changes what is behind, and says when to look again. Nothing
//! here waits: time moves only when somebody moves it.

mod conditions;
mod cronjobs;
mod daemonsets;
mod deployments;
mod endpoints;
mod jobs;
mod namespaces;
mod nodes;
pub(crate) mod pods;
mod replicasets;
mod revisions;
mod schedule;
mod scheduler;
mod statefulsets;

use crate::store::{Key, Stored, controller_of};
use crate::time;
use crate::world::World;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use std::sync::Arc;

/// The name under which controllers write.
pub(crate) const CONTROLLER: &str = "kube-controller-manager";
/// The name under which nodes write.
pub(crate) const KUBELET: &str = "kubelet";

/// Lets every controller look until nothing is left to do at this moment.
pub(crate) fn settle(world: &mut World) {
    while let Some(key) = world.next_marked() {
        look(world, &key);
    }
}

fn look(world: &mut World, key: &Key) {
    let Some(stored) = world.store.get(key).cloned() else { return };
    if is_abandoned(world, &stored) {
        let _ = world.delete(key, &Value::Null);
        return;
    }
    let kind = &world.kinds[key.kind];
    if !kind.built_in {
        return;
    }
    match kind.kind.as_str() {
        "Namespace" => namespaces::look(world, key, &stored),
        "Node" => nodes::look(world, key, &stored),
        "Pod" => pods::look(world, key, &stored),
        "Service" => endpoints::look(world, key, &stored),
        "ReplicaSet" => replicasets::look(world, key, &stored),
        "Deployment" => deployments::look(world, key, &stored),
        "StatefulSet" => statefulsets::look(world, key, &stored),
        "DaemonSet" => daemonsets::look(world, key, &stored),
        "Job" => jobs::look(world, key, &stored),
        "CronJob" => cronjobs::look(world, key, &stored),
        _ => {}
    }
}

/// Everything it belongs to is gone: the garbage collector takes it.
fn is_abandoned(world: &World, stored: &Stored) -> bool {
    let owners = stored.value["metadata"]["ownerReferences"].as_array();
    let Some(owners) = owners.filter(|owners| !owners.is_empty()) else { return false };
    let leaving = stored.value["metadata"].get("deletionTimestamp").is_some();
    let lives = |owner: &Value| world.store.by_uid(owner["uid"].as_str().unwrap_or_default());
    !leaving && owners.iter().all(|owner| lives(owner).is_none())
}

/// Objects of a kind that an object controls, with their keys.
pub(crate) fn owned(world: &World, owner: &Stored, kind: &str) -> Vec<(Key, Arc<Stored>)> {
    let kind = world.kind(kind);
    let keys = world.store.owned_by(owner.uid()).into_iter().filter(|key| key.kind == kind);
    let found = keys.filter_map(|key| world.store.get(&key).cloned().map(|one| (key, one)));
    found.filter(|(_, one)| controller_of(&one.value) == Some(owner.uid())).collect()
}

/// The name of the topmost object that controls this one, or its own.
pub(crate) fn topmost(world: &World, object: &Value) -> String {
    let mut name = object["metadata"]["name"].as_str().unwrap_or_default();
    let mut at = controller_of(object).map(str::to_owned);
    while let Some(uid) = at {
        let owner = world.store.by_uid(&uid).and_then(|key| world.store.get(key));
        let Some(owner) = owner else { break };
        name = owner.value["metadata"]["name"].as_str().unwrap_or_default();
        at = controller_of(&owner.value).map(str::to_owned);
    }
    name.to_owned()
}

/// A pod that will not become another one: not ended, not on its way out.
pub(crate) fn is_active(pod: &Value) -> bool {
    !matches!(pod["status"]["phase"].as_str(), Some("Succeeded" | "Failed"))
        && pod["metadata"].get("deletionTimestamp").is_none()
}

pub(crate) fn is_ready(pod: &Value) -> bool {
    conditions::is_true(pod, "Ready")
}

/// Ready for at least `minReadySeconds`. The second value is when it will be.
pub(crate) fn is_available(
    pod: &Value,
    min_ready_seconds: i64,
    now: DateTime<Utc>,
) -> (bool, Option<DateTime<Utc>>) {
    if !is_ready(pod) {
        return (false, None);
    }
    let since = conditions::find(pod, "Ready")
        .and_then(|one| one["lastTransitionTime"].as_str())
        .and_then(time::read);
    let from = since.unwrap_or(now) + chrono::Duration::seconds(min_ready_seconds);
    (from <= now, (from > now).then_some(from))
}

pub(crate) fn number(value: &Value) -> i64 {
    value.as_i64().unwrap_or(0)
}

/// A number of a field that may be absent.
pub(crate) fn number_or(value: &Value, absent: i64) -> i64 {
    value.as_i64().unwrap_or(absent)
}

/// When it was made.
pub(crate) fn created(object: &Value) -> Option<DateTime<Utc>> {
    object["metadata"]["creationTimestamp"].as_str().and_then(time::read)
}

/// Writes an event, or counts an equal one up.
pub(crate) fn event(world: &mut World, about: &Value, severity: &str, reason: &str, message: &str) {
    let namespace = about["metadata"]["namespace"].as_str().unwrap_or("default").to_owned();
    let component = match reason {
        "FailedScheduling" | "Scheduled" => "default-scheduler",
        "NodeNotReady" => "node-controller",
        "SuccessfulCreate" | "SuccessfulDelete" | "FailedCreate" | "ScalingReplicaSet" => {
            "controller-manager"
        }
        _ => KUBELET,
    };
    let uid = about["metadata"]["uid"].as_str().unwrap_or_default();
    // The same thing again is the same event.
    let hash = uuid::Uuid::new_v5(
        &uuid::Uuid::NAMESPACE_OID,
        format!("{uid} {reason} {message}").as_bytes(),
    );
    let name = about["metadata"]["name"].as_str().unwrap_or_default();
    let name = format!("{name}.{}", &hash.simple().to_string()[..16]);
    let key = world.key("Event", &namespace, &name);
    let now = time::text(world.now);
    if world.store.get(&key).is_some() {
        world.change(&key, component, crate::managed::Part::Object, |event| {
            event["count"] = Value::from(number(&event["count"]) + 1);
            event["lastTimestamp"] = Value::from(now);
        });
        return;
    }
    let value = json!({
        "metadata": { "name": name },
        "involvedObject": {
            "apiVersion": about["apiVersion"],
            "kind": about["kind"],
            "name": about["metadata"]["name"],
            "namespace": about["metadata"]["namespace"],
            "uid": about["metadata"]["uid"],
        },
        "type": severity,
        "reason": reason,
        "message": message,
        "source": { "component": component },
        "reportingComponent": component,
        "reportingInstance": "",
        "firstTimestamp": now,
        "lastTimestamp": now,
        "eventTime": null,
        "count": 1,
    });
    let writer = crate::managed::Writer::update(component);
    // A namespace on its way out takes no events.
    let _ = world.create(key.kind, &namespace, value, &writer);
}
