//! Where a pod goes, or why it goes nowhere, in the words of the scheduler.

use crate::load::{Load, milli, requests};
use crate::selector::LabelSelector;
use crate::world::World;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The name of a node, or the scheduler's message.
pub(crate) fn place(world: &World, pod: &Value) -> Result<String, String> {
    let kind = world.kind("Node");
    let asked = requests(&pod["spec"]);
    let (mut refusals, mut count) = (BTreeMap::<String, usize>::new(), 0);
    let mut best: Option<(i64, &str)> = None;
    for (key, node) in world.store.list(kind, None) {
        count += 1;
        let load = world.loads.of(&key.name);
        if let Some(why) = refusal(pod, &node.value, asked, load) {
            *refusals.entry(why).or_default() += 1;
        } else if best.is_none_or(|(least, _)| load.pods < least) {
            best = Some((load.pods, &key.name));
        }
    }
    match best {
        Some((_, name)) => Ok(name.to_owned()),
        None if count == 0 => Err("no nodes available to schedule pods".to_owned()),
        None => Err(sentence(count, &refusals)),
    }
}

/// The message for a pod that a script keeps from every node.
pub(crate) fn nowhere(world: &World) -> String {
    let count = world.store.list(world.kind("Node"), None).count();
    sentence(count, &BTreeMap::from([("Insufficient cpu".to_owned(), count)]))
}

fn sentence(count: usize, refusals: &BTreeMap<String, usize>) -> String {
    let mut parts: Vec<String> =
        refusals.iter().map(|(why, nodes)| format!("{nodes} {why}")).collect();
    parts.sort();
    let parts = parts.join(", ");
    format!(
        "0/{count} nodes are available: {parts}. preemption: 0/{count} nodes are available: \
         {count} Preemption is not helpful for scheduling."
    )
}

fn refusal(pod: &Value, node: &Value, asked: Load, load: Load) -> Option<String> {
    if let Some(why) = unfit(&pod["spec"], node) {
        return Some(why);
    }
    let room = &node["status"]["allocatable"];
    let short = |name: &str, asked: i64, used: i64, room: i64| {
        (room > 0 && asked > 0 && used + asked > room).then(|| format!("Insufficient {name}"))
    };
    short("cpu", asked.cpu, load.cpu, milli(&room["cpu"]))
        .or_else(|| short("memory", asked.memory, load.memory, milli(&room["memory"]) / 1000))
        .or_else(|| {
            let room = milli(&room["pods"]) / 1000;
            (room > 0 && load.pods + 1 > room).then(|| "Too many pods".to_owned())
        })
}

/// Why a pod may not be on a node at all, whatever room there is. Also what a `DaemonSet` asks.
pub(crate) fn unfit(spec: &Value, node: &Value) -> Option<String> {
    for taint in node["spec"]["taints"].as_array().into_iter().flatten() {
        if taint["effect"] != "PreferNoSchedule" && !tolerates(spec, taint) {
            if taint["key"] == super::nodes::UNSCHEDULABLE {
                return Some("node(s) were unschedulable".to_owned());
            }
            let word = |name: &str| taint[name].as_str().unwrap_or_default();
            return Some(format!(
                "node(s) had untolerated taint {{{}: {}}}",
                word("key"),
                word("value")
            ));
        }
    }
    let labels = &node["metadata"]["labels"];
    let selector = LabelSelector::of_object(&json!({ "matchLabels": spec["nodeSelector"] }));
    let terms = spec["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
        ["nodeSelectorTerms"]
        .as_array();
    let fits = terms.is_none_or(|terms| {
        terms.iter().any(|term| LabelSelector::of_object(term).matches(labels))
    });
    let matches = selector.matches(labels) && fits;
    (!matches).then(|| "node(s) didn't match Pod's node affinity/selector".to_owned())
}

fn tolerates(spec: &Value, taint: &Value) -> bool {
    spec["tolerations"].as_array().into_iter().flatten().any(|one| {
        let effect = one["effect"].as_str().unwrap_or_default();
        if !effect.is_empty() && taint["effect"] != effect {
            return false;
        }
        let key = one["key"].as_str().unwrap_or_default();
        if one["operator"] == "Exists" {
            return key.is_empty() || taint["key"] == key;
        }
        let value = |from: &Value| from["value"].as_str().unwrap_or_default().to_owned();
        taint["key"] == key && value(one) == value(taint)
    })
}
