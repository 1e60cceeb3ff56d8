//! Sets of field paths, in the form `fieldsV1` has.

use crate::shape::{self, List};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A trie of path elements: `f:name`, `k:{…}`, `v:…`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FieldSet {
    /// The path that ends here belongs to the set.
    member: bool,
    below: BTreeMap<String, FieldSet>,
}

impl FieldSet {
    pub(crate) fn is_empty(&self) -> bool {
        !self.member && self.below.is_empty()
    }

    /// Reads `fieldsV1`.
    pub(crate) fn read(text: &Value) -> Self {
        let mut set = Self::default();
        for (element, value) in text.as_object().into_iter().flatten() {
            if element == "." {
                set.member = true;
                continue;
            }
            let mut below = Self::read(value);
            if value.as_object().is_some_and(Map::is_empty) {
                below.member = true;
            }
            set.below.insert(element.clone(), below);
        }
        set
    }

    /// Writes `fieldsV1`.
    pub(crate) fn write(&self) -> Value {
        let mut map = Map::new();
        if self.member && !self.below.is_empty() {
            map.insert(".".to_owned(), Value::Object(Map::new()));
        }
        for (element, below) in &self.below {
            map.insert(element.clone(), below.write());
        }
        Value::Object(map)
    }

    /// All fields an object has, as somebody owns them who applies it as a whole.
    pub(crate) fn of(object: &Value) -> Self {
        let mut set = Self::default();
        set.add_map(object);
        set.without_bookkeeping()
    }

    fn add_map(&mut self, map: &Value) {
        for (name, value) in map.as_object().into_iter().flatten() {
            let below = self.below.entry(format!("f:{name}")).or_default();
            below.add_value(name, value);
        }
    }

    fn add_value(&mut self, name: &str, value: &Value) {
        match value {
            Value::Object(map) if !map.is_empty() && !shape::is_atomic_map(name) => {
                self.add_map(value);
            }
            Value::Array(items) => self.add_list(name, items),
            _ => self.member = true,
        }
    }

    fn add_list(&mut self, name: &str, items: &[Value]) {
        let Some(keyed) = keyed(name, items) else {
            self.member = true;
            return;
        };
        if keyed.is_empty() {
            self.member = true;
        }
        for (key, item) in keyed {
            let below = self.below.entry(key).or_default();
            below.member = true;
            below.add_map(item);
        }
    }

    /// What differs between two states of an object: fields that were added or changed, and fields
    /// that are gone.
    pub(crate) fn compare(before: &Value, after: &Value) -> (Self, Self) {
        let (mut changed, mut gone) = (Self::default(), Self::default());
        compare_maps(before, after, &mut changed, &mut gone);
        (changed.without_bookkeeping(), gone.without_bookkeeping())
    }

    /// Leaves out what the server itself writes, which no manager owns.
    fn without_bookkeeping(mut self) -> Self {
        self.below.remove("f:apiVersion");
        self.below.remove("f:kind");
        if let Some(metadata) = self.below.get_mut("f:metadata") {
            for name in [
                "name",
                "namespace",
                "uid",
                "resourceVersion",
                "generation",
                "creationTimestamp",
                "deletionTimestamp",
                "deletionGracePeriodSeconds",
                "selfLink",
                "managedFields",
            ] {
                metadata.below.remove(&format!("f:{name}"));
            }
            metadata.member = false;
            if metadata.below.is_empty() {
                self.below.remove("f:metadata");
            }
        }
        self
    }

    pub(crate) fn without_status(mut self) -> Self {
        self.below.remove("f:status");
        self
    }

    /// Only what a write to a subresource can own.
    pub(crate) fn only(mut self, names: &[&str]) -> Self {
        self.below.retain(|element, _| names.iter().any(|name| element == &format!("f:{name}")));
        self
    }

    pub(crate) fn union(&mut self, other: &Self) {
        self.member |= other.member;
        for (element, below) in &other.below {
            self.below.entry(element.clone()).or_default().union(below);
        }
    }

    /// Takes the paths of `other` away, and all that lies below a leaf of it.
    pub(crate) fn subtract(&mut self, other: &Self) {
        if other.member {
            self.member = false;
            if other.below.is_empty() {
                self.below.clear();
            }
        }
        for (element, taken) in &other.below {
            if let Some(below) = self.below.get_mut(element) {
                below.subtract(taken);
                if below.is_empty() {
                    self.below.remove(element);
                }
            }
        }
    }

    /// Paths that stand in both.
    pub(crate) fn intersection(&self, other: &Self) -> Self {
        let below = self.below.iter().filter_map(|(element, mine)| {
            let both = mine.intersection(other.below.get(element)?);
            (!both.is_empty()).then(|| (element.clone(), both))
        });
        Self { member: self.member && other.member, below: below.collect() }
    }

    /// Each path in the words of an error: `.spec.template.spec.containers[name="app"].image`.
    pub(crate) fn paths(&self) -> Vec<String> {
        let mut paths = Vec::new();
        self.collect_paths(String::new(), &mut paths);
        paths
    }

    fn collect_paths(&self, path: String, paths: &mut Vec<String>) {
        for (element, below) in &self.below {
            let step = match element.split_once(':') {
                Some(("f", name)) => format!(".{name}"),
                Some(("k", key)) => {
                    let key: Map<String, Value> = serde_json::from_str(key).unwrap_or_default();
                    let parts: Vec<String> =
                        key.iter().map(|(name, value)| format!("{name}={value}")).collect();
                    format!("[{}]", parts.join(","))
                }
                Some((_, value)) => format!("[={value}]"),
                None => element.clone(),
            };
            below.collect_paths(format!("{path}{step}"), paths);
        }
        if self.member {
            paths.push(path);
        }
    }

    /// Takes the fields of this set out of an object. Items and maps that still hold something stay.
    pub(crate) fn remove_from(&self, object: &mut Value) {
        for (element, below) in &self.below {
            match element.split_once(':') {
                Some(("f", name)) => {
                    let Some(map) = object.as_object_mut() else { continue };
                    let Some(child) = map.get_mut(name) else { continue };
                    if below.below.is_empty() {
                        map.remove(name);
                        continue;
                    }
                    below.remove_from(child);
                    if is_hollow(child) {
                        map.remove(name);
                    }
                }
                Some(("k", key)) => {
                    let key: Map<String, Value> = serde_json::from_str(key).unwrap_or_default();
                    let Some(items) = object.as_array_mut() else { continue };
                    let named = |item: &Value| {
                        key.iter().all(|(name, value)| match item.get(name) {
                            Some(own) => own == value,
                            None => name == "protocol",
                        })
                    };
                    if below.member {
                        items.retain(|item| !named(item));
                    } else if let Some(item) = items.iter_mut().find(|item| named(item)) {
                        below.remove_from(item);
                    }
                }
                Some(("v", value)) => {
                    let value: Value = serde_json::from_str(value).unwrap_or_default();
                    if let Some(items) = object.as_array_mut() {
                        items.retain(|item| *item != value);
                    }
                }
                _ => {}
            }
        }
    }
}

fn is_hollow(value: &Value) -> bool {
    match value {
        Value::Object(map) => map.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

/// The items of a list under their keys; `None` where the list is one value.
fn keyed<'a>(name: &str, items: &'a [Value]) -> Option<Vec<(String, &'a Value)>> {
    match shape::list(name, items) {
        List::Atomic => None,
        List::Set => Some(items.iter().map(|item| (format!("v:{item}"), item)).collect()),
        List::Keyed(keys) => items
            .iter()
            .map(|item| shape::key_of(item, keys).map(|key| (key, item)))
            .collect::<Option<Vec<_>>>(),
    }
}

fn compare_maps(before: &Value, after: &Value, changed: &mut FieldSet, gone: &mut FieldSet) {
    let (old, new) = (before.as_object(), after.as_object());
    for (name, value) in new.into_iter().flatten() {
        let own = old.and_then(|old| old.get(name)).unwrap_or(&Value::Null);
        if own == value {
            continue;
        }
        let mut below = (FieldSet::default(), FieldSet::default());
        compare_values(name, own, value, &mut below);
        keep(changed, gone, &format!("f:{name}"), below);
    }
    for (name, value) in old.into_iter().flatten() {
        if new.is_none_or(|new| !new.contains_key(name)) {
            let mut below = FieldSet::default();
            below.add_value(name, value);
            below.member = true;
            gone.below.insert(format!("f:{name}"), below);
        }
    }
}

fn keep(changed: &mut FieldSet, gone: &mut FieldSet, element: &str, below: (FieldSet, FieldSet)) {
    if !below.0.is_empty() {
        changed.below.insert(element.to_owned(), below.0);
    }
    if !below.1.is_empty() {
        gone.below.insert(element.to_owned(), below.1);
    }
}

/// Fields that hold the object together: who writes below them does not own them.
fn is_structural(name: &str) -> bool {
    matches!(
        name,
        "metadata"
            | "spec"
            | "status"
            | "template"
            | "jobTemplate"
            | "containers"
            | "strategy"
            | "updateStrategy"
    )
}

fn compare_values(name: &str, before: &Value, after: &Value, below: &mut (FieldSet, FieldSet)) {
    let (changed, gone) = (&mut below.0, &mut below.1);
    match after {
        Value::Object(map) if !map.is_empty() && !shape::is_atomic_map(name) => {
            changed.member = before.is_null() && !is_structural(name);
            compare_maps(before, after, changed, gone);
        }
        Value::Array(items) => {
            let none = Vec::new();
            let old = before.as_array().unwrap_or(&none);
            let (Some(old), Some(new)) = (keyed(name, old), keyed(name, items)) else {
                changed.member = true;
                return;
            };
            changed.member = before.is_null() && !is_structural(name);
            for (key, item) in &new {
                let own = old.iter().find(|(own, _)| own == key).map(|(_, item)| *item);
                let mut one = (FieldSet::default(), FieldSet::default());
                one.0.member = own.is_none();
                compare_maps(own.unwrap_or(&Value::Null), item, &mut one.0, &mut one.1);
                keep(changed, gone, key, one);
            }
            for (key, item) in &old {
                if !new.iter().any(|(own, _)| own == key) {
                    let mut one = FieldSet { member: true, ..FieldSet::default() };
                    one.add_map(item);
                    gone.below.insert(key.clone(), one);
                }
            }
        }
        _ => changed.member = true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn field_sets_are_written_as_the_server_writes_them() {
        let object = json!({
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": "a", "labels": {"app": "a"}},
            "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "a"}}, "template": {"spec": {
                "containers": [{"name": "app", "image": "a:1", "args": ["-v"],
                    "ports": [{"containerPort": 80}]}]}}},
        });
        let expect = json!({
            "f:metadata": {"f:labels": {"f:app": {}}},
            "f:spec": {"f:replicas": {}, "f:selector": {}, "f:template": {"f:spec": {
                "f:containers": {"k:{\"name\":\"app\"}": {".": {}, "f:args": {}, "f:image": {},
                    "f:name": {}, "f:ports": {
                        "k:{\"containerPort\":80,\"protocol\":\"TCP\"}": {".": {},
                            "f:containerPort": {}}}}}}}},
        });
        assert_eq!(FieldSet::of(&object).write(), expect, "an applied object");
        assert_eq!(FieldSet::read(&expect).write(), expect, "read back");
    }

    #[test]
    fn only_what_differs_is_found() {
        let before = json!({"spec": {"a": 1, "b": 2, "containers": [{"name": "x", "image": "1"}]}});
        let after = json!({"spec": {"a": 1, "containers": [{"name": "x", "image": "2"},
            {"name": "y", "image": "1"}]}, "metadata": {"annotations": {"k": "v"}}});
        let (changed, gone) = FieldSet::compare(&before, &after);
        let expect = json!({
            "f:metadata": {"f:annotations": {".": {}, "f:k": {}}},
            "f:spec": {"f:containers": {
                "k:{\"name\":\"x\"}": {"f:image": {}},
                "k:{\"name\":\"y\"}": {".": {}, "f:image": {}, "f:name": {}}}},
        });
        assert_eq!(changed.write(), expect, "changed");
        assert_eq!(gone.write(), json!({"f:spec": {"f:b": {}}}), "gone");
    }

    #[test]
    fn a_set_takes_its_fields_out_of_an_object() {
        let mut object = json!({"metadata": {"labels": {"a": "1"}, "annotations": {"b": "1", "c": "2"}},
            "spec": {"containers": [{"name": "x"}, {"name": "y"}]}});
        let set = FieldSet::read(&json!({
            "f:metadata": {"f:labels": {"f:a": {}}, "f:annotations": {"f:b": {}}},
            "f:spec": {"f:containers": {"k:{\"name\":\"y\"}": {".": {}, "f:name": {}}}},
        }));
        set.remove_from(&mut object);
        let expect = json!({"metadata": {"annotations": {"c": "2"}},
            "spec": {"containers": [{"name": "x"}]}});
        assert_eq!(object, expect);
    }
}
