//! A pod's life: placed, pulled, started, ready, ended; and all that goes wrong on the way.

mod container;
mod status;

use crate::controllers::conditions::{self, Condition};
use crate::controllers::{CONTROLLER, KUBELET, event, nodes, scheduler, topmost};
use crate::managed::Part;
use crate::store::{Key, Stored};
use crate::time;
use crate::trouble::{Place, Trouble};
use crate::world::World;
use chrono::{DateTime, Duration, Utc};
pub(crate) use container::Run;
use container::{Circumstances, Role};
use serde_json::Value;

/// How long an ending pod takes, in seconds.
const ENDING: i64 = 1;
/// How long a pod stays on a silent node before it is evicted, in seconds: the default toleration.
const EVICTION: i64 = 300;

pub(crate) fn look(world: &mut World, key: &Key, stored: &Stored) {
    let pod = &stored.value;
    let node = pod["spec"]["nodeName"].as_str().map(str::to_owned);
    let silent = node.as_ref().is_some_and(|node| world.troubles.is_down(node));
    if pod["metadata"].get("deletionTimestamp").is_some() {
        if !silent {
            end(world, key, pod);
        }
        return;
    }
    if matches!(pod["status"]["phase"].as_str(), Some("Succeeded" | "Failed")) {
        return;
    }
    match node {
        None => place(world, key, pod),
        Some(node) if silent => wait_for(world, key, pod, &node),
        Some(node) if has_node(world, &node) => live(world, key, stored),
        // Its node was taken away: the pod collector removes it.
        Some(_) => {
            world.remove(key);
        }
    }
}

fn has_node(world: &World, node: &str) -> bool {
    world.store.get(&world.key("Node", "", node)).is_some()
}

fn end(world: &mut World, key: &Key, pod: &Value) {
    let metadata = &pod["metadata"];
    let due = metadata["deletionTimestamp"].as_str().and_then(time::read).unwrap_or(world.now);
    let grace = metadata["deletionGracePeriodSeconds"].as_i64().unwrap_or(0);
    let gone = due - Duration::seconds(grace) + Duration::seconds(ENDING.min(grace));
    if gone > world.now {
        world.wake(gone, key);
        return;
    }
    let held = metadata["finalizers"].as_array().is_some_and(|all| !all.is_empty());
    if !held {
        world.remove(key);
    }
}

fn place(world: &mut World, key: &Key, pod: &Value) {
    let workload = topmost(world, pod);
    let at = Place { namespace: &key.namespace, pod: &key.name, workload: &workload };
    let kept = world.troubles.of_pod(&at).any(|one| *one == Trouble::Unschedulable);
    let found = if kept { Err(scheduler::nowhere(world)) } else { scheduler::place(world, pod) };
    let now = world.now;
    match found {
        Ok(node) => {
            // A binding is no update: it leaves no trace in the managed fields.
            let mut placed = pod.clone();
            placed["spec"]["nodeName"] = Value::from(node);
            placed["status"]["phase"] = Value::from("Pending");
            conditions::set(&mut placed, &Condition::new("PodScheduled", true), now);
            world.put(key, placed);
        }
        Err(message) => {
            let before = conditions::find(pod, "PodScheduled").cloned();
            world.change(key, "kube-scheduler", Part::Status, |pod| {
                pod["status"]["phase"] = Value::from("Pending");
                let not = Condition::new("PodScheduled", false);
                conditions::set(pod, &not.because("Unschedulable", &message), now);
            });
            if before.is_none_or(|before| before["message"] != message.as_str()) {
                event(world, pod, "Warning", "FailedScheduling", &message);
            }
        }
    }
}

/// A pod on a node that nobody hears of: not ready, and evicted after a while.
fn wait_for(world: &mut World, key: &Key, pod: &Value, node: &str) {
    let now = world.now;
    world.change(key, CONTROLLER, Part::Status, |pod| {
        conditions::set(pod, &Condition::new("Ready", false), now);
    });
    let daemon = pod["metadata"]["ownerReferences"][0]["kind"] == "DaemonSet";
    let node = world.key("Node", "", node);
    let Some(node) = world.store.get(&node).cloned() else { return };
    let taints = node.value["spec"]["taints"].as_array().cloned().unwrap_or_default();
    let since = taints
        .iter()
        .find(|taint| taint["key"] == nodes::UNREACHABLE && taint["effect"] == "NoExecute")
        .and_then(|taint| taint["timeAdded"].as_str())
        .and_then(time::read);
    let Some(since) = since else { return };
    let due = since + Duration::seconds(EVICTION);
    if daemon {
        return;
    }
    if due > now {
        world.wake(due, key);
    } else {
        let _ = world.delete(key, &Value::Null);
    }
}

/// What the kubelet does with a pod of its node.
fn live(world: &mut World, key: &Key, stored: &Stored) {
    let pod = &stored.value;
    let workload = topmost(world, pod);
    let at = Place { namespace: &key.namespace, pod: &key.name, workload: &workload };
    let mut run = world.runs.remove(stored.uid()).unwrap_or_default();
    let mut next: Option<DateTime<Utc>> = None;
    let policy = pod["spec"]["restartPolicy"].as_str().unwrap_or("Always").to_owned();
    let started = pod["status"]["startTime"].as_str().and_then(time::read).unwrap_or(world.now);
    let mut from = Some(started);
    let lists = [("initContainers", Role::Init), ("containers", Role::Main)];
    for (list, role) in lists {
        for spec in pod["spec"][list].as_array().into_iter().flatten() {
            let Some(begin) = from else { break };
            let sidecar = role == Role::Init && spec["restartPolicy"] == "Always";
            let role = if sidecar { Role::Sidecar } else { role };
            let around = Circumstances {
                now: world.now,
                begin,
                role,
                policy: &policy,
                troubles: &world.troubles.of_container(&at, spec),
            };
            let name = spec["name"].as_str().unwrap_or_default();
            let wake = run.step(name, &around);
            next = [next, wake].into_iter().flatten().min();
            // The next init container starts when this one is done.
            from = match role {
                Role::Main => from,
                Role::Sidecar => run.running_since(name),
                Role::Init => run.succeeded_at(name),
            };
        }
    }
    let (report, wake) = status::report(pod, &run, world.now);
    next = [next, wake].into_iter().flatten().min();
    let before = waiting_reasons(pod);
    world.runs.insert(stored.uid().to_owned(), run);
    let started = time::text(started);
    world.change(key, KUBELET, Part::Status, |pod| {
        status::write(pod, &report, &started);
    });
    if let Some(next) = next {
        world.wake(next, key);
    }
    warn(world, key, &before);
}

fn waiting_reasons(pod: &Value) -> Vec<String> {
    let lists = ["initContainerStatuses", "containerStatuses"];
    let all = lists.iter().flat_map(|list| pod["status"][*list].as_array().into_iter().flatten());
    all.filter_map(|one| one["state"]["waiting"]["reason"].as_str()).map(str::to_owned).collect()
}

/// Warning events, when a container enters a bad state.
fn warn(world: &mut World, key: &Key, before: &[String]) {
    let Some(stored) = world.store.get(key).cloned() else { return };
    let pod = &stored.value;
    for list in ["initContainerStatuses", "containerStatuses"] {
        for one in pod["status"][list].as_array().into_iter().flatten() {
            let waiting = &one["state"]["waiting"];
            let reason = waiting["reason"].as_str().unwrap_or_default();
            if before.iter().any(|known| known == reason) {
                continue;
            }
            let name = one["name"].as_str().unwrap_or_default();
            let image = one["image"].as_str().unwrap_or_default();
            match reason {
                "CrashLoopBackOff" => {
                    let pod_name = &key.name;
                    let message =
                        format!("Back-off restarting failed container {name} in pod {pod_name}");
                    event(world, pod, "Warning", "BackOff", &message);
                }
                "ErrImagePull" => {
                    let message = format!("Failed to pull image {image:?}: not found");
                    event(world, pod, "Warning", "Failed", &message);
                }
                "ImagePullBackOff" => {
                    let message = format!("Back-off pulling image {image:?}");
                    event(world, pod, "Normal", "BackOff", &message);
                }
                "InvalidImageName" => {
                    let message = format!("Failed to apply default image tag {image:?}");
                    event(world, pod, "Warning", "InspectFailed", &message);
                }
                _ => {}
            }
        }
    }
}
