//! `ControllerRevisions`: the templates a `StatefulSet` or `DaemonSet` has had.

use crate::controllers::{CONTROLLER, number, number_or, owned};
use crate::managed::{Part, Writer};
use crate::store::{Key, Stored};
use crate::world::{World, controlled_by, template_hash};
use serde_json::{Value, json};

/// The label by which pods name their revision.
pub(crate) const HASH: &str = "controller-revision-hash";

/// The revision of the present template, made if it is new. Its name and the hash in it.
pub(crate) fn present(world: &mut World, owner: &Stored) -> Option<(String, String)> {
    let object = &owner.value;
    let name = object["metadata"]["name"].as_str()?;
    let namespace = object["metadata"]["namespace"].as_str()?.to_owned();
    let hash = template_hash(&object["spec"]["template"]);
    let revision_name = format!("{name}-{hash}");
    let all = owned(world, owner, "ControllerRevision");
    let most = all.iter().map(|(_, one)| number(&one.value["revision"])).max().unwrap_or(0);
    if let Some((key, one)) = all.iter().find(|(key, _)| key.name == revision_name) {
        // A template that comes back is the newest again.
        if number(&one.value["revision"]) < most {
            world.change(key, CONTROLLER, Part::Object, |revision| {
                revision["revision"] = Value::from(most + 1);
            });
        }
        return Some((revision_name, hash));
    }
    let mut template = object["spec"]["template"].clone();
    template["$patch"] = Value::from("replace");
    let mut labels = object["spec"]["template"]["metadata"]["labels"].clone();
    labels[HASH] = Value::from(hash.clone());
    let notes = object["metadata"]["annotations"].as_object().cloned().unwrap_or_default();
    let notes: serde_json::Map<String, Value> = notes
        .into_iter()
        .filter(|(name, _)| !name.ends_with("last-applied-configuration"))
        .collect();
    let mut revision = json!({
        "metadata": {
            "name": revision_name,
            "labels": labels,
            "ownerReferences": controlled_by(object),
        },
        "data": { "spec": { "template": template } },
        "revision": most + 1,
    });
    if !notes.is_empty() {
        revision["metadata"]["annotations"] = Value::Object(notes);
    }
    let kind = world.kind("ControllerRevision");
    world.create(kind, &namespace, revision, &Writer::update(CONTROLLER)).ok()?;
    Some((revision_name, hash))
}

/// Revisions that no pod has any more, beyond the limit, go.
pub(crate) fn clean_up(world: &mut World, owner: &Stored, in_use: &[String]) {
    let limit = number_or(&owner.value["spec"]["revisionHistoryLimit"], 10);
    let mut spare: Vec<(i64, Key)> = owned(world, owner, "ControllerRevision")
        .into_iter()
        .filter(|(key, _)| !in_use.iter().any(|hash| key.name.ends_with(hash.as_str())))
        .map(|(key, one)| (number(&one.value["revision"]), key))
        .collect();
    spare.sort();
    let surplus = i64::try_from(spare.len()).unwrap_or(0) - limit;
    for (_, key) in spare.into_iter().take(usize::try_from(surplus).unwrap_or(0)) {
        let _ = world.delete(&key, &Value::Null);
    }
}

/// The revision a pod was made from.
pub(crate) fn of_pod(pod: &Value) -> &str {
    pod["metadata"]["labels"][HASH].as_str().unwrap_or_default()
}
