//! The ways to change a part of an object: JSON merge patch (RFC 7386), JSON patch (RFC 6902),
//! strategic merge patch, and the merge of server-side apply.

use crate::failure::Failure;
use crate::shape::{self, List};
use serde_json::{Map, Value};

/// RFC 7386.
pub(crate) fn merge(target: &mut Value, patch: &Value) {
    let Some(fields) = patch.as_object() else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    if let Some(map) = target.as_object_mut() {
        for (name, value) in fields {
            if value.is_null() {
                map.remove(name);
            } else {
                merge(map.entry(name.clone()).or_insert(Value::Null), value);
            }
        }
    }
}

/// RFC 6902.
pub(crate) fn json(target: &mut Value, patch: Value) -> Result<(), Failure> {
    let patch: json_patch::Patch = serde_json::from_value(patch)
        .map_err(|error| Failure::bad_request(format!("error decoding patch: {error}")))?;
    json_patch::patch(target, &patch)
        .map_err(|error| Failure::bad_request(format!("cannot apply the patch: {error}")))
}

/// Kubernetes' strategic merge patch: lists whose items have names are merged item by item.
pub(crate) fn strategic(target: &mut Value, patch: &Value) {
    let Some(fields) = patch.as_object() else {
        *target = patch.clone();
        return;
    };
    if fields.get("$patch").is_some_and(|directive| directive == "replace") {
        let mut replaced = fields.clone();
        replaced.remove("$patch");
        *target = Value::Object(replaced);
        return;
    }
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Some(map) = target.as_object_mut() else { return };
    if let Some(kept) = fields.get("$retainKeys").and_then(Value::as_array) {
        map.retain(|name, _| kept.iter().any(|one| one == name));
    }
    for (name, value) in fields {
        if let Some(list) = name.strip_prefix("$deleteFromPrimitiveList/") {
            let gone = value.as_array().cloned().unwrap_or_default();
            if let Some(items) = map.get_mut(list).and_then(Value::as_array_mut) {
                items.retain(|item| !gone.contains(item));
            }
        } else if name.starts_with('$') {
            // Orders are applied below, after their lists are merged.
        } else if value.is_null() {
            map.remove(name);
        } else if let Value::Array(items) = value {
            let own = map.entry(name.clone()).or_insert_with(|| Value::Array(Vec::new()));
            strategic_list(name, own, items);
        } else {
            strategic(map.entry(name.clone()).or_insert(Value::Null), value);
        }
    }
    for (name, order) in fields {
        let list = name.strip_prefix("$setElementOrder/");
        let own = list.and_then(|list| map.get_mut(list)).and_then(Value::as_array_mut);
        if let (Some(own), Some(order)) = (own, order.as_array()) {
            sort_as(list.unwrap_or_default(), own, order);
        }
    }
}

fn strategic_list(name: &str, own: &mut Value, items: &[Value]) {
    let Some(own) = own.as_array_mut() else {
        *own = Value::Array(items.to_vec());
        return;
    };
    let sample: Vec<Value> = own.iter().chain(items).cloned().collect();
    if shape::list(name, &sample) == List::Set {
        let new: Vec<Value> = items.iter().filter(|item| !own.contains(item)).cloned().collect();
        own.extend(new);
        return;
    }
    let Some(key) = shape::patch_key(name, &sample) else {
        *own = items.to_vec();
        return;
    };
    for item in items {
        let place = own.iter().position(|one| one.get(key) == item.get(key));
        let directive = item.get("$patch").and_then(Value::as_str);
        match (place, directive) {
            (Some(place), Some("delete")) => {
                own.remove(place);
            }
            (None, Some("delete")) => {}
            (Some(place), _) => strategic(&mut own[place], item),
            (None, _) => {
                let mut made = Value::Null;
                strategic(&mut made, item);
                own.push(made);
            }
        }
    }
}

/// Puts the items that the order names into that order, behind those it does not name.
fn sort_as(name: &str, own: &mut [Value], order: &[Value]) {
    let key = shape::patch_key(name, own);
    let place = |item: &Value| {
        order.iter().position(|one| match key {
            Some(key) => one.get(key) == item.get(key),
            None => one == item,
        })
    };
    own.sort_by_key(place);
}

/// The merge of server-side apply: maps by field, keyed lists by item, the rest replaced.
pub(crate) fn apply(target: &mut Value, wanted: &Value) {
    let Some(fields) = wanted.as_object() else {
        *target = wanted.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Some(map) = target.as_object_mut() else { return };
    for (name, value) in fields {
        let own = map.entry(name.clone()).or_insert(Value::Null);
        match value {
            Value::Object(_) if !shape::is_atomic_map(name) => apply(own, value),
            Value::Array(items) => apply_list(name, own, items),
            _ => *own = value.clone(),
        }
    }
}

fn apply_list(name: &str, own: &mut Value, items: &[Value]) {
    let List::Keyed(keys) = shape::list(name, items) else {
        if shape::list(name, items) == List::Set
            && let Some(own) = own.as_array_mut()
        {
            let new: Vec<Value> =
                items.iter().filter(|item| !own.contains(item)).cloned().collect();
            own.extend(new);
            return;
        }
        *own = Value::Array(items.to_vec());
        return;
    };
    if !own.is_array() {
        *own = Value::Array(Vec::new());
    }
    let Some(own) = own.as_array_mut() else { return };
    for item in items {
        let key = shape::key_of(item, keys);
        match own.iter_mut().find(|one| key.is_some() && shape::key_of(one, keys) == key) {
            Some(one) => apply(one, item),
            None => own.push(item.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn strategic_patches_merge_items_by_name() {
        let check = |target: Value, patch: Value, expect: Value| {
            let mut found = target.clone();
            strategic(&mut found, &patch);
            assert_eq!(found, expect, "{target} with {patch}");
        };
        check(
            json!({"containers": [{"name": "a", "image": "1"}, {"name": "b", "image": "1"}]}),
            json!({"containers": [{"name": "b", "image": "2"}]}),
            json!({"containers": [{"name": "a", "image": "1"}, {"name": "b", "image": "2"}]}),
        );
        check(
            json!({"env": [{"name": "a", "value": "1"}]}),
            json!({"env": [{"name": "a", "$patch": "delete"}, {"name": "b", "value": "2"}]}),
            json!({"env": [{"name": "b", "value": "2"}]}),
        );
        check(
            json!({"containers": [{"name": "a"}, {"name": "b"}]}),
            json!({"$setElementOrder/containers": [{"name": "b"}, {"name": "a"}]}),
            json!({"containers": [{"name": "b"}, {"name": "a"}]}),
        );
        check(
            json!({"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}}),
            json!({"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}),
            json!({"strategy": {"type": "Recreate"}}),
        );
        check(
            json!({"finalizers": ["a", "b"]}),
            json!({"$deleteFromPrimitiveList/finalizers": ["a"], "finalizers": ["c"]}),
            json!({"finalizers": ["b", "c"]}),
        );
        check(json!({"args": ["a", "b"]}), json!({"args": ["c"]}), json!({"args": ["c"]}));
        check(json!({"a": {"b": 1}}), json!({"a": {"b": null}}), json!({"a": {}}));
        check(
            json!({"a": {"b": 1}}),
            json!({"a": {"$patch": "replace", "c": 2}}),
            json!({"a": {"c": 2}}),
        );
    }

    #[test]
    fn merge_patches_replace_lists() {
        let mut target = json!({"a": [1, 2], "b": {"c": 1, "d": 2}});
        merge(&mut target, &json!({"a": [3], "b": {"c": null}, "e": {"f": null}}));
        assert_eq!(target, json!({"a": [3], "b": {"d": 2}, "e": {}}));
    }

    #[test]
    fn an_apply_keeps_items_of_others() {
        let mut target = json!({"containers": [{"name": "a", "image": "1"}], "args": ["x", "y"]});
        apply(&mut target, &json!({"containers": [{"name": "b", "image": "1"}], "args": ["z"]}));
        let expect = json!({"containers": [{"name": "a", "image": "1"}, {"name": "b", "image": "1"}],
            "args": ["z"]});
        assert_eq!(target, expect);
    }
}
