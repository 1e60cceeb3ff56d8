//! `StatefulSets`: numbered pods, one after the other.

use crate::controllers::replicasets::{counter, create_pod};
use crate::controllers::{
    CONTROLLER, is_active, is_available, is_ready, number, number_or, owned, revisions,
};
use crate::managed::Part;
use crate::store::{Key, Stored};
use crate::world::World;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

type Pods = BTreeMap<i64, (Key, Arc<Stored>)>;

pub(crate) fn look(world: &mut World, key: &Key, stored: &Stored) {
    let set = &stored.value;
    if set["metadata"].get("deletionTimestamp").is_some() {
        return;
    }
    let Some((update_name, update_hash)) = revisions::present(world, stored) else { return };
    let pods = numbered(world, stored, &key.name);
    let current_name = current(set, &pods, &update_name);
    let wanted = number_or(&set["spec"]["replicas"], 1);
    let ordered = set["spec"]["podManagementPolicy"] != "Parallel";
    let partition = number(&set["spec"]["updateStrategy"]["rollingUpdate"]["partition"]);
    let complete = fill(
        world,
        set,
        key,
        &pods,
        &Wanted {
            count: wanted,
            ordered,
            partition,
            update: &update_hash,
            current: current_name.trim_start_matches(&format!("{}-", key.name)),
        },
    );
    let extra = pods.iter().rev().find(|(number, _)| **number >= wanted);
    if let Some((_, (pod, stored))) = extra {
        if is_active(&stored.value) {
            let _ = world.delete(pod, &Value::Null);
        }
    } else if complete && set["spec"]["updateStrategy"]["type"] != "OnDelete" {
        renew(world, &pods, partition, &update_hash);
    }
    report(world, key, stored, &update_name, &update_hash);
}

fn numbered(world: &World, stored: &Stored, name: &str) -> Pods {
    let prefix = format!("{name}-");
    let pods = owned(world, stored, "Pod").into_iter();
    let numbered = pods.filter_map(|(key, pod)| {
        let number = key.name.strip_prefix(&prefix)?.parse().ok()?;
        Some((number, (key, pod)))
    });
    numbered.collect()
}

/// The revision the set is at; a new set starts at its newest.
fn current(set: &Value, pods: &Pods, update: &str) -> String {
    let observed = set["status"]["observedGeneration"].is_number();
    match set["status"]["currentRevision"].as_str() {
        Some(current) if !pods.is_empty() || observed => current.to_owned(),
        _ => update.to_owned(),
    }
}

struct Wanted<'a> {
    count: i64,
    ordered: bool,
    partition: i64,
    update: &'a str,
    current: &'a str,
}

/// Makes what is missing. Whether all pods are there and ready.
fn fill(world: &mut World, set: &Value, key: &Key, pods: &Pods, wanted: &Wanted<'_>) -> bool {
    let mut complete = true;
    for number in 0..wanted.count {
        if let Some((pod_key, pod)) = pods.get(&number) {
            let ended =
                matches!(pod.value["status"]["phase"].as_str(), Some("Failed" | "Succeeded"));
            if ended {
                let _ = world.delete(pod_key, &Value::Null);
            }
            if is_ready(&pod.value) && is_active(&pod.value) {
                continue;
            }
        } else {
            let hash = if number < wanted.partition { wanted.current } else { wanted.update };
            make(world, set, key, number, hash);
        }
        complete = false;
        if wanted.ordered {
            return false;
        }
    }
    complete
}

fn make(world: &mut World, set: &Value, key: &Key, number: i64, hash: &str) {
    let name = format!("{}-{number}", key.name);
    // Held back by a partition: made from the template the set had.
    let revision = world.key("ControllerRevision", &key.namespace, &format!("{}-{hash}", key.name));
    let template = match world.store.get(&revision) {
        Some(one) => one.value["data"]["spec"]["template"].clone(),
        None => set["spec"]["template"].clone(),
    };
    let more = json!({
        "$patch": null,
        "metadata": {
            "name": name,
            "generateName": format!("{}-", key.name),
            "labels": {
                revisions::HASH: format!("{}-{hash}", key.name),
                "statefulset.kubernetes.io/pod-name": name,
                "apps.kubernetes.io/pod-index": number.to_string(),
            },
        },
        "spec": { "hostname": name, "subdomain": set["spec"]["serviceName"] },
    });
    let _ = create_pod(world, set, &template, &format!("{}-", key.name), &more);
}

/// Replaces one old pod at a time, from the highest number down to the partition.
fn renew(world: &mut World, pods: &Pods, partition: i64, hash: &str) {
    for (number, (key, pod)) in pods.iter().rev() {
        if *number < partition {
            return;
        }
        if !revisions::of_pod(&pod.value).ends_with(hash) {
            if is_active(&pod.value) {
                let _ = world.delete(key, &Value::Null);
            }
            return;
        }
    }
}

fn report(world: &mut World, key: &Key, stored: &Stored, update: &str, hash: &str) {
    let Some(fresh) = world.store.get(key).cloned() else { return };
    let set = &fresh.value;
    let pods = numbered(world, stored, &key.name);
    let wanted = number_or(&set["spec"]["replicas"], 1);
    let min_ready = number(&set["spec"]["minReadySeconds"]);
    let now = world.now;
    let (mut ready, mut available, mut updated, mut next) = (0, 0, 0, None);
    for (_, pod) in pods.values() {
        let active = is_active(&pod.value);
        let (is, at) = is_available(&pod.value, min_ready, now);
        ready += usize::from(is_ready(&pod.value) && active);
        available += usize::from(is && active);
        updated += usize::from(revisions::of_pod(&pod.value).ends_with(hash) && active);
        next = [next, at].into_iter().flatten().min();
    }
    if let Some(next) = next {
        world.wake(next, key);
    }
    let before = current(set, &pods, update);
    let all = usize::try_from(wanted).unwrap_or(0);
    let done = updated == all && ready == all && pods.len() == all;
    let current = if done { update.to_owned() } else { before };
    let on_current = pods
        .values()
        .filter(|(_, pod)| is_active(&pod.value) && revisions::of_pod(&pod.value) == current);
    let on_current = on_current.count();
    world.change(key, CONTROLLER, Part::Status, |set| {
        let generation = set["metadata"]["generation"].clone();
        let status = &mut set["status"];
        status["observedGeneration"] = generation;
        status["replicas"] = Value::from(pods.len());
        status["availableReplicas"] = Value::from(available);
        status["currentRevision"] = Value::from(current);
        status["updateRevision"] = Value::from(update);
        status["collisionCount"] = Value::from(0);
        counter(status, "readyReplicas", ready);
        counter(status, "currentReplicas", on_current);
        counter(status, "updatedReplicas", updated);
    });
    let in_use: Vec<String> =
        pods.values().map(|(_, pod)| revisions::of_pod(&pod.value).to_owned()).collect();
    let in_use = [in_use, vec![update.to_owned()]].concat();
    revisions::clean_up(world, stored, &in_use);
}
