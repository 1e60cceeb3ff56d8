//! Nodes: what they report while they live, and what is said of them when they fall silent.

use crate::controllers::conditions::{self, Condition};
use crate::controllers::{CONTROLLER, KUBELET, event};
use crate::managed::Part;
use crate::store::{Key, Stored};
use crate::time;
use crate::world::World;
use serde_json::{Value, json};

/// The taint of a node that nobody hears of.
pub(crate) const UNREACHABLE: &str = "node.kubernetes.io/unreachable";
/// The taint of a cordoned node.
pub(crate) const UNSCHEDULABLE: &str = "node.kubernetes.io/unschedulable";

/// Conditions a healthy node reports as false, with reason and message.
const PRESSURES: &[(&str, &str, &str)] = &[
    ("MemoryPressure", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    ("DiskPressure", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    ("PIDPressure", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
];

pub(crate) fn look(world: &mut World, key: &Key, stored: &Stored) {
    let down = world.troubles.is_down(&key.name);
    let was_ready = conditions::is_true(&stored.value, "Ready");
    let now = world.now;
    if down {
        world.change(key, CONTROLLER, Part::Status, |node| {
            let message = "Kubelet stopped posting node status.";
            for name in ["MemoryPressure", "DiskPressure", "PIDPressure", "Ready"] {
                let mut condition =
                    Condition::new(name, false).because("NodeStatusUnknown", message);
                condition.status = "Unknown";
                conditions::set(node, &condition, now);
            }
        });
    } else {
        world.change(key, KUBELET, Part::Status, |node| report(node, now));
    }
    let cordoned = stored.value["spec"]["unschedulable"] == true;
    world.change(key, CONTROLLER, Part::Object, |node| {
        set_taint(node, UNREACHABLE, "NoSchedule", down, None);
        set_taint(node, UNREACHABLE, "NoExecute", down, Some(time::text(now)));
        set_taint(node, UNSCHEDULABLE, "NoSchedule", cordoned, None);
    });
    if down && was_ready {
        let message = format!("Node {} status is now: NodeNotReady", key.name);
        event(world, &stored.value, "Normal", "NodeNotReady", &message);
    }
}

/// A kubelet's report. What a manifest says of size stays.
fn report(node: &mut Value, now: chrono::DateTime<chrono::Utc>) {
    let name = node["metadata"]["name"].as_str().unwrap_or_default().to_owned();
    let status = &mut node["status"];
    if !status["capacity"].is_object() {
        status["capacity"] = json!({ "cpu": "8", "memory": "32Gi", "pods": "110" });
    }
    if !status["allocatable"].is_object() {
        status["allocatable"] = status["capacity"].clone();
    }
    if !status["addresses"].is_array() {
        status["addresses"] = json!([{ "type": "Hostname", "address": name }]);
    }
    if !status["nodeInfo"].is_object() {
        status["nodeInfo"] = json!({
            "kubeletVersion": crate::discovery::VERSION,
            "operatingSystem": "linux",
            "architecture": "amd64",
            "containerRuntimeVersion": "containerd://2.1.0",
            "osImage": "Linux",
            "kernelVersion": "6.12.0",
        });
    }
    for (name, reason, message) in PRESSURES {
        // A script may say otherwise by writing the status; only a silent node is corrected.
        let said = conditions::find(node, name).is_some_and(|one| one["status"] != "Unknown");
        if !said {
            conditions::set(node, &Condition::new(name, false).because(reason, message), now);
        }
    }
    let ready =
        Condition::new("Ready", true).because("KubeletReady", "kubelet is posting ready status");
    conditions::set(node, &ready, now);
}

fn set_taint(node: &mut Value, key: &str, effect: &str, wanted: bool, since: Option<String>) {
    let is_it = |taint: &Value| taint["key"] == key && taint["effect"] == effect;
    let mut taints = node["spec"]["taints"].as_array().cloned().unwrap_or_default();
    let there = taints.iter().any(is_it);
    if there == wanted {
        return;
    }
    if wanted {
        let mut taint = json!({ "key": key, "effect": effect });
        if let Some(since) = since {
            taint["timeAdded"] = Value::from(since);
        }
        taints.push(taint);
    } else {
        taints.retain(|taint| !is_it(taint));
    }
    if taints.is_empty() {
        crate::world::remove(&mut node["spec"], "taints");
    } else {
        node["spec"]["taints"] = Value::Array(taints);
    }
}
