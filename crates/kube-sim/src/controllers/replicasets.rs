//! `ReplicaSets`: as many pods as wanted.

use crate::controllers::conditions::{self, Condition};
use crate::controllers::{
    CONTROLLER, event, is_active, is_available, is_ready, number, number_or, owned, topmost,
};
use crate::managed::{Part, Writer};
use crate::store::{Key, Stored};
use crate::trouble::{Place, Trouble};
use crate::world::{World, controlled_by};
use serde_json::{Value, json};
use std::sync::Arc;

pub(crate) fn look(world: &mut World, key: &Key, stored: &Stored) {
    let set = &stored.value;
    if set["metadata"].get("deletionTimestamp").is_some() {
        return;
    }
    let wanted = number_or(&set["spec"]["replicas"], 1);
    let mut pods = active_pods(world, stored);
    let have = i64::try_from(pods.len()).unwrap_or(i64::MAX);
    let mut failure = None;
    for _ in have..wanted {
        let prefix = format!("{}-", key.name);
        if let Err(why) = create_pod(world, set, &set["spec"]["template"], &prefix, &json!({})) {
            failure = Some(why);
            break;
        }
    }
    if have > wanted {
        // Those that serve least go first, and of equals the younger.
        pods.sort_by_key(|(key, pod)| {
            let pod = &pod.value;
            let placed = pod["spec"].get("nodeName").is_some();
            let made = pod["metadata"]["creationTimestamp"].as_str().map(str::to_owned);
            (is_ready(pod), placed, std::cmp::Reverse(made), key.name.clone())
        });
        let surplus = usize::try_from(have - wanted).unwrap_or_default();
        for (pod, _) in pods.iter().take(surplus) {
            let _ = world.delete(pod, &Value::Null);
        }
    }
    report(world, key, stored, failure.as_deref());
}

fn report(world: &mut World, key: &Key, stored: &Stored, failure: Option<&str>) {
    let pods = active_pods(world, stored);
    let min_ready = number(&stored.value["spec"]["minReadySeconds"]);
    let now = world.now;
    let ready = pods.iter().filter(|(_, pod)| is_ready(&pod.value)).count();
    let (mut available, mut next) = (0, None);
    for (_, pod) in &pods {
        let (is, at) = is_available(&pod.value, min_ready, now);
        available += usize::from(is);
        next = [next, at].into_iter().flatten().min();
    }
    if let Some(next) = next {
        world.wake(next, key);
    }
    world.change(key, CONTROLLER, Part::Status, |set| {
        set["status"]["replicas"] = Value::from(pods.len());
        set["status"]["observedGeneration"] = set["metadata"]["generation"].clone();
        let counters = [
            ("fullyLabeledReplicas", pods.len()),
            ("readyReplicas", ready),
            ("availableReplicas", available),
        ];
        for (name, count) in counters {
            counter(&mut set["status"], name, count);
        }
        match failure {
            Some(why) => {
                let condition = Condition::new("ReplicaFailure", true);
                conditions::set(set, &condition.because("FailedCreate", why), now);
            }
            None if set["status"].get("conditions").is_some() => {
                conditions::drop(set, "ReplicaFailure");
            }
            None => {}
        }
    });
}

/// A counter of a status, absent when it is 0, as the server omits it.
pub(crate) fn counter(status: &mut Value, name: &str, count: usize) {
    if count == 0 {
        crate::world::remove(status, name);
    } else {
        status[name] = Value::from(count);
    }
}

/// Pods of an owner that neither ended nor are ending.
pub(crate) fn active_pods(world: &World, owner: &Stored) -> Vec<(Key, Arc<Stored>)> {
    let mut pods = owned(world, owner, "Pod");
    pods.retain(|(_, pod)| is_active(&pod.value));
    pods
}

/// Makes a pod from a template. `more` is merged over it, such as a name or a node.
pub(crate) fn create_pod(
    world: &mut World,
    owner: &Value,
    template: &Value,
    prefix: &str,
    more: &Value,
) -> Result<Key, String> {
    let namespace = owner["metadata"]["namespace"].as_str().unwrap_or_default().to_owned();
    let workload = topmost(world, owner);
    let at = Place { namespace: &namespace, pod: "", workload: &workload };
    if world.troubles.of_pod(&at).any(|trouble| *trouble == Trouble::QuotaExceeded) {
        let why = format!(
            "pods {prefix:?} is forbidden: exceeded quota: compute, requested: pods=1, \
             used: pods=10, limited: pods=10"
        );
        let message = format!("Error creating: {why}");
        event(world, owner, "Warning", "FailedCreate", &message);
        return Err(why);
    }
    let mut pod = template.clone();
    pod["metadata"]["generateName"] = Value::from(prefix);
    pod["metadata"]["ownerReferences"] = controlled_by(owner);
    crate::patch::merge(&mut pod, more);
    let made = world.create(world.kind("Pod"), &namespace, pod, &Writer::update(CONTROLLER));
    let made = made.map_err(|failure| failure.message)?;
    let name = made.value["metadata"]["name"].as_str().unwrap_or_default().to_owned();
    Ok(world.key("Pod", &namespace, &name))
}
