//! Deployments: a `ReplicaSet` per template, and the way from the old ones to the new one.

mod status;

use crate::controllers::{CONTROLLER, created, number, number_or, owned};
use crate::managed::{Part, Writer};
use crate::store::{Key, Stored};
use crate::world::{World, controlled_by, remove, template_hash};
use serde_json::{Value, json};
use std::sync::Arc;

pub(crate) const REVISION: &str = "deployment.kubernetes.io/revision";
const HISTORY: &str = "deployment.kubernetes.io/revision-history";
const DESIRED: &str = "deployment.kubernetes.io/desired-replicas";
const MOST: &str = "deployment.kubernetes.io/max-replicas";
const HASH: &str = "pod-template-hash";
/// Annotations of the Deployment that its `ReplicaSets` do not get.
const OWN: &[&str] =
    &["kubectl.kubernetes.io/last-applied-configuration", REVISION, HISTORY, DESIRED, MOST];

/// A `ReplicaSet` of a Deployment.
pub(crate) type Set = (Key, Arc<Stored>);

pub(crate) fn look(world: &mut World, key: &Key, stored: &Stored) {
    let deployment = &stored.value;
    if deployment["metadata"].get("deletionTimestamp").is_some() {
        return;
    }
    let sets = owned(world, stored, "ReplicaSet");
    let new = sets.iter().find(|set| is_of(deployment, &set.1.value)).cloned();
    let paused = deployment["spec"]["paused"] == true;
    if paused {
        // A paused one still follows its replica count.
        if let Some(new) = &new {
            scale_alone(world, deployment, new, &sets);
        }
        status::write(world, key, stored);
        return;
    }
    let new = match new {
        Some(new) => {
            raise_revision(world, deployment, &new, &sets);
            new
        }
        None => match make_set(world, deployment, &sets) {
            Some(new) => new,
            None => return,
        },
    };
    let old: Vec<Set> = sets.into_iter().filter(|set| set.0 != new.0).collect();
    if deployment["spec"]["strategy"]["type"] == "Recreate" {
        recreate(world, deployment, &new, &old);
    } else {
        roll(world, deployment, &new, &old);
    }
    copy_revision(world, key, &new);
    clean_up(world, deployment, &old);
    status::write(world, key, stored);
}

/// The template without the label that tells `ReplicaSets` apart.
fn bare(template: &Value) -> Value {
    let mut bare = template.clone();
    remove(&mut bare["metadata"]["labels"], HASH);
    bare
}

pub(crate) fn is_of(deployment: &Value, set: &Value) -> bool {
    bare(&deployment["spec"]["template"]) == bare(&set["spec"]["template"])
}

pub(crate) fn revision(object: &Value) -> i64 {
    let text = object["metadata"]["annotations"][REVISION].as_str().unwrap_or_default();
    text.parse().unwrap_or(0)
}

fn highest(sets: &[Set]) -> i64 {
    sets.iter().map(|set| revision(&set.1.value)).max().unwrap_or(0)
}

/// Numbers of pods a rollout may be above and below the wanted one.
pub(crate) fn bounds(deployment: &Value) -> (i64, i64) {
    let wanted = number_or(&deployment["spec"]["replicas"], 1);
    let rolling = &deployment["spec"]["strategy"]["rollingUpdate"];
    let part = |value: &Value, up: bool| match value {
        Value::String(text) => {
            let percent: i64 = text.trim_end_matches('%').parse().unwrap_or(25);
            (percent * wanted + if up { 99 } else { 0 }) / 100
        }
        other => number(other),
    };
    let (surge, gap) = (part(&rolling["maxSurge"], true), part(&rolling["maxUnavailable"], false));
    // Neither above nor below would never move.
    if surge == 0 && gap == 0 { (0, 1) } else { (surge, gap) }
}

fn annotations(deployment: &Value) -> serde_json::Map<String, Value> {
    let own = deployment["metadata"]["annotations"].as_object().cloned().unwrap_or_default();
    own.into_iter().filter(|(name, _)| !OWN.contains(&name.as_str())).collect()
}

fn make_set(world: &mut World, deployment: &Value, sets: &[Set]) -> Option<Set> {
    let namespace = deployment["metadata"]["namespace"].as_str()?.to_owned();
    let name = deployment["metadata"]["name"].as_str()?;
    let template = &deployment["spec"]["template"];
    let hash = template_hash(template);
    let mut template = template.clone();
    template["metadata"]["labels"][HASH] = Value::from(hash.clone());
    let mut selector = deployment["spec"]["selector"].clone();
    selector["matchLabels"][HASH] = Value::from(hash.clone());
    let (surge, _) = bounds(deployment);
    let wanted = number_or(&deployment["spec"]["replicas"], 1);
    let running: i64 = sets.iter().map(|set| size(&set.1.value)).sum();
    let first = match deployment["spec"]["strategy"]["type"].as_str() {
        Some("Recreate") if running > 0 => 0,
        Some("Recreate") => wanted,
        _ => wanted.min((wanted + surge - running).max(0)),
    };
    let mut notes = annotations(deployment);
    notes.insert(REVISION.to_owned(), Value::from((highest(sets) + 1).to_string()));
    notes.insert(DESIRED.to_owned(), Value::from(wanted.to_string()));
    notes.insert(MOST.to_owned(), Value::from((wanted + surge).to_string()));
    let mut set = json!({
        "metadata": {
            "name": format!("{name}-{hash}"),
            "labels": template["metadata"]["labels"],
            "annotations": notes,
            "ownerReferences": controlled_by(deployment),
        },
        "spec": { "replicas": first, "selector": selector, "template": template },
    });
    if let Some(seconds) = deployment["spec"].get("minReadySeconds") {
        set["spec"]["minReadySeconds"] = seconds.clone();
    }
    let kind = world.kind("ReplicaSet");
    let made = world.create(kind, &namespace, set, &Writer::update(CONTROLLER)).ok()?;
    let name = made.value["metadata"]["name"].as_str().unwrap_or_default();
    Some((world.key("ReplicaSet", &namespace, name), made))
}

/// A `ReplicaSet` that is used again gets a new number and remembers the old ones.
fn raise_revision(world: &mut World, deployment: &Value, new: &Set, sets: &[Set]) {
    let (own, most) = (revision(&new.1.value), highest(sets));
    let wanted = annotations(deployment);
    let again = sets.iter().any(|set| set.0 != new.0 && revision(&set.1.value) > own);
    world.change(&new.0, CONTROLLER, Part::Object, |set| {
        for (name, value) in wanted {
            set["metadata"]["annotations"][name] = value;
        }
        if !again {
            return;
        }
        let notes = &mut set["metadata"]["annotations"];
        let mut history = notes[HISTORY].as_str().unwrap_or_default().to_owned();
        if !history.is_empty() {
            history.push(',');
        }
        history.push_str(&own.to_string());
        notes[HISTORY] = Value::from(history);
        notes[REVISION] = Value::from((most + 1).to_string());
    });
}

fn copy_revision(world: &mut World, key: &Key, new: &Set) {
    let Some(set) = world.store.get(&new.0).cloned() else { return };
    let number = set.value["metadata"]["annotations"][REVISION].clone();
    world.change(key, CONTROLLER, Part::Status, |deployment| {
        deployment["metadata"]["annotations"][REVISION] = number;
    });
}

fn size(set: &Value) -> i64 {
    number_or(&set["spec"]["replicas"], 1)
}

fn available(set: &Value) -> i64 {
    number(&set["status"]["availableReplicas"])
}

fn scale(world: &mut World, deployment: &Value, key: &Key, count: i64) {
    let wanted = number_or(&deployment["spec"]["replicas"], 1);
    let (surge, _) = bounds(deployment);
    world.change(key, CONTROLLER, Part::Object, |set| {
        set["spec"]["replicas"] = Value::from(count.max(0));
        let notes = &mut set["metadata"]["annotations"];
        notes[DESIRED] = Value::from(wanted.to_string());
        notes[MOST] = Value::from((wanted + surge).to_string());
    });
}

fn scale_alone(world: &mut World, deployment: &Value, new: &Set, sets: &[Set]) {
    let others = sets.iter().any(|set| set.0 != new.0 && size(&set.1.value) > 0);
    let wanted = number_or(&deployment["spec"]["replicas"], 1);
    if !others && size(&new.1.value) != wanted {
        scale(world, deployment, &new.0, wanted);
    }
}

fn recreate(world: &mut World, deployment: &Value, new: &Set, old: &[Set]) {
    for (key, _) in old.iter().filter(|set| size(&set.1.value) > 0) {
        scale(world, deployment, key, 0);
    }
    let left = old.iter().any(|(_, set)| !owned(world, set, "Pod").is_empty());
    if left {
        // The pods that end come back here through their ReplicaSet; look again to be sure.
        let later = world.now + chrono::Duration::seconds(1);
        if let Some(key) = world.store.by_uid(uid(deployment)).cloned() {
            world.wake(later, &key);
        }
    } else {
        scale(world, deployment, &new.0, number_or(&deployment["spec"]["replicas"], 1));
    }
}

fn uid(object: &Value) -> &str {
    object["metadata"]["uid"].as_str().unwrap_or_default()
}

fn roll(world: &mut World, deployment: &Value, new: &Set, old: &[Set]) {
    let wanted = number_or(&deployment["spec"]["replicas"], 1);
    let (surge, gap) = bounds(deployment);
    let mut new_size = size(&new.1.value);
    let mut sizes: Vec<i64> = old.iter().map(|set| size(&set.1.value)).collect();
    let olds: i64 = sizes.iter().sum();
    if new_size > wanted {
        new_size = wanted;
    } else if new_size < wanted {
        let room = (wanted + surge - olds - new_size).max(0);
        new_size = wanted.min(new_size + room);
    }
    if new_size != size(&new.1.value) {
        scale(world, deployment, &new.0, new_size);
    }
    let least = wanted - gap;
    // Old pods that serve nobody anyway go first.
    let new_missing = new_size - available(&new.1.value);
    let mut budget = (olds + new_size - least - new_missing).max(0);
    for (at, (_, set)) in old.iter().enumerate() {
        let useless = (sizes[at] - available(&set.value)).max(0).min(budget);
        sizes[at] -= useless;
        budget -= useless;
    }
    let serving: i64 =
        old.iter().zip(&sizes).map(|((_, set), size)| available(&set.value).min(*size)).sum();
    let mut spare = (serving + available(&new.1.value) - least).max(0);
    for size in &mut sizes {
        let taken = spare.min(*size);
        *size -= taken;
        spare -= taken;
    }
    for ((key, set), count) in old.iter().zip(sizes) {
        if size(&set.value) != count {
            scale(world, deployment, key, count);
        }
    }
}

/// Old `ReplicaSets` beyond the history limit go, the oldest first.
fn clean_up(world: &mut World, deployment: &Value, old: &[Set]) {
    let limit = number_or(&deployment["spec"]["revisionHistoryLimit"], 10);
    let mut empty: Vec<&Set> = old
        .iter()
        .filter(|(_, set)| size(&set.value) == 0 && number(&set.value["status"]["replicas"]) == 0)
        .collect();
    empty.sort_by_key(|(_, set)| (revision(&set.value), created(&set.value)));
    let surplus = i64::try_from(empty.len()).unwrap_or(0) - limit;
    for (key, _) in empty.into_iter().take(usize::try_from(surplus).unwrap_or(0)) {
        let _ = world.delete(key, &Value::Null);
    }
}
