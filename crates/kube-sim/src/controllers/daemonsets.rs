//! `DaemonSets`: one pod on every node that suits.

use crate::controllers::replicasets::{counter, create_pod};
use crate::controllers::{
    CONTROLLER, is_active, is_available, is_ready, number, number_or, owned, revisions, scheduler,
};
use crate::managed::Part;
use crate::store::{Key, Stored};
use crate::world::World;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Daemons run on nodes that take no other pods.
fn tolerations() -> Value {
    let taints = [
        ("node.kubernetes.io/not-ready", "NoExecute"),
        ("node.kubernetes.io/unreachable", "NoExecute"),
        ("node.kubernetes.io/unreachable", "NoSchedule"),
        ("node.kubernetes.io/disk-pressure", "NoSchedule"),
        ("node.kubernetes.io/memory-pressure", "NoSchedule"),
        ("node.kubernetes.io/unschedulable", "NoSchedule"),
    ];
    let one = |(key, effect): &(&str, &str)| json!({ "key": key, "operator": "Exists", "effect": effect });
    Value::Array(taints.iter().map(one).collect())
}

pub(crate) fn look(world: &mut World, key: &Key, stored: &Stored) {
    let set = &stored.value;
    if set["metadata"].get("deletionTimestamp").is_some() {
        return;
    }
    let Some((_, hash)) = revisions::present(world, stored) else { return };
    let mut template = set["spec"]["template"].clone();
    let own = template["spec"]["tolerations"].as_array().cloned().unwrap_or_default();
    let added = tolerations().as_array().cloned().unwrap_or_default();
    template["spec"]["tolerations"] = Value::Array([own, added].concat());
    let suits = |node: &Stored| scheduler::unfit(&template["spec"], &node.value).is_none();
    let nodes: Vec<String> = world
        .store
        .list(world.kind("Node"), None)
        .filter(|(_, node)| suits(node))
        .map(|(key, _)| key.name.clone())
        .collect();
    let pods = by_node(world, stored);
    for node in nodes.iter().filter(|node| !pods.contains_key(*node)) {
        let more = json!({
            "metadata": { "labels": { revisions::HASH: hash } },
            // The scheduler would place it there by an affinity; the outcome is the same.
            "spec": { "nodeName": node },
            "status": { "phase": "Pending" },
        });
        let _ = create_pod(world, set, &template, &format!("{}-", key.name), &more);
    }
    for (node, (pod, stored)) in &pods {
        let phase = stored.value["status"]["phase"].as_str();
        let ended = matches!(phase, Some("Failed" | "Succeeded"));
        if (!nodes.contains(node) || ended)
            && stored.value["metadata"].get("deletionTimestamp").is_none()
        {
            let _ = world.delete(pod, &Value::Null);
        }
    }
    if set["spec"]["updateStrategy"]["type"] != "OnDelete" {
        renew(world, set, &pods, &nodes, &hash);
    }
    report(world, key, stored, &nodes, &hash);
}

type Pods = BTreeMap<String, (Key, Arc<Stored>)>;

fn by_node(world: &World, stored: &Stored) -> Pods {
    let pods = owned(world, stored, "Pod").into_iter();
    let placed = pods.filter_map(|(key, pod)| {
        let node = pod.value["spec"]["nodeName"].as_str()?.to_owned();
        Some((node, (key, pod)))
    });
    placed.collect()
}

fn renew(world: &mut World, set: &Value, pods: &Pods, nodes: &[String], hash: &str) {
    let most = number_or(&set["spec"]["updateStrategy"]["rollingUpdate"]["maxUnavailable"], 1);
    let serving = |node: &String| {
        pods.get(node).is_some_and(|(_, pod)| is_active(&pod.value) && is_ready(&pod.value))
    };
    let away = nodes.iter().filter(|node| !serving(node)).count();
    let mut room = most - i64::try_from(away).unwrap_or(i64::MAX);
    for (key, pod) in pods.values() {
        let old = !revisions::of_pod(&pod.value).ends_with(hash) && is_active(&pod.value);
        if !old {
            continue;
        }
        // One that does not serve costs nothing.
        if !is_ready(&pod.value) {
            let _ = world.delete(key, &Value::Null);
        } else if room > 0 {
            room -= 1;
            let _ = world.delete(key, &Value::Null);
        }
    }
}

fn report(world: &mut World, key: &Key, stored: &Stored, nodes: &[String], hash: &str) {
    let pods = by_node(world, stored);
    let min_ready = number(&stored.value["spec"]["minReadySeconds"]);
    let now = world.now;
    let (mut current, mut ready, mut available, mut updated, mut next) = (0, 0, 0, 0, None);
    for (_, pod) in nodes.iter().filter_map(|node| pods.get(node)) {
        if !is_active(&pod.value) {
            continue;
        }
        let (is, at) = is_available(&pod.value, min_ready, now);
        current += 1;
        ready += usize::from(is_ready(&pod.value));
        available += usize::from(is);
        updated += usize::from(revisions::of_pod(&pod.value).ends_with(hash));
        next = [next, at].into_iter().flatten().min();
    }
    if let Some(next) = next {
        world.wake(next, key);
    }
    let wanted = nodes.len();
    world.change(key, CONTROLLER, Part::Status, |set| {
        let generation = set["metadata"]["generation"].clone();
        let status = &mut set["status"];
        status["observedGeneration"] = generation;
        status["desiredNumberScheduled"] = Value::from(wanted);
        status["currentNumberScheduled"] = Value::from(current);
        status["numberMisscheduled"] = Value::from(0);
        status["numberReady"] = Value::from(ready);
        counter(status, "numberAvailable", available);
        counter(status, "numberUnavailable", wanted.saturating_sub(available));
        counter(status, "updatedNumberScheduled", updated);
    });
    let in_use = pods.values().map(|(_, pod)| revisions::of_pod(&pod.value).to_owned());
    let in_use: Vec<String> = in_use.chain([hash.to_owned()]).collect();
    revisions::clean_up(world, stored, &in_use);
}
