//! From `managedFields` to a summary. The record is a tree of field names: `f:` before a field,
//! `k:` before the JSON key of a list item, `.` for the thing itself.

use super::{Entry, Operation, Owns, Writers};
use crate::shape::Moment;
use crate::shape::lenient::{Any, clean, part};
use crate::shape::revision::RESTARTED_AT;
use serde_json::Value;
use std::collections::BTreeMap;

/// Most paths of one entry that are kept.
const MAX_PATHS: usize = 24;
/// Deepest tree that is followed; a template is about ten deep.
const MAX_DEPTH: usize = 32;

part! {
    /// One entry as it is read.
    Wire {
        /// Name of the client.
        manager: Box<str>,
        /// How it wrote.
        operation: Operation,
        /// When.
        time: Option<Moment>,
        /// Through what.
        subresource: Box<str>,
        /// What.
        #[serde(rename = "fieldsV1")]
        fields: Any,
    }
}

/// One client with two API versions is one entry. The order of the record does not matter.
pub(super) fn summarise(wires: Vec<Wire>) -> Writers {
    let mut entries: BTreeMap<(Box<str>, Operation, Box<str>), Reading> = BTreeMap::new();
    for wire in wires {
        let key = (wire.manager, wire.operation, wire.subresource);
        let reading = entries.entry(key).or_default();
        reading.at = reading.at.max(wire.time);
        reading.walk(&wire.fields.0, &mut Vec::new());
    }
    let entries = entries.into_iter().map(|((manager, operation, subresource), reading)| Entry {
        manager,
        operation,
        subresource,
        at: reading.at,
        owns: reading.owns,
        images: sorted(reading.images),
        all_images: reading.all_images,
        more_paths: u32::try_from(reading.paths.len().saturating_sub(MAX_PATHS)).unwrap_or(0),
        paths: sorted(reading.paths).into_vec().into_iter().take(MAX_PATHS).collect(),
    });
    Writers { entries: entries.collect() }
}

fn sorted(mut texts: Vec<Box<str>>) -> Box<[Box<str>]> {
    texts.sort_unstable();
    texts.dedup();
    texts.into()
}

#[derive(Default)]
struct Reading {
    at: Option<Moment>,
    owns: Owns,
    images: Vec<Box<str>>,
    all_images: bool,
    paths: Vec<Box<str>>,
}

impl Reading {
    fn walk(&mut self, node: &Value, path: &mut Vec<String>) {
        let children = node.as_object().filter(|_| path.len() < MAX_DEPTH);
        let mut leaf = true;
        for (key, child) in children.into_iter().flatten() {
            let Some(step) = step(key) else { continue };
            leaf = false;
            path.push(step);
            self.walk(child, path);
            path.pop();
        }
        if leaf && !path.is_empty() {
            self.take(path);
        }
    }

    /// A field, or the point above it where the record ends: then all below is owned.
    fn take(&mut self, path: &[String]) {
        let steps: Vec<&str> = path.iter().map(String::as_str).collect();
        match steps.as_slice() {
            ["metadata", ..] => return self.owns.add(Owns::METADATA),
            ["status", ..] => return self.owns.add(Owns::STATUS),
            ["spec", "replicas"] => self.owns.add(Owns::SCALE),
            ["spec", "paused"] => self.owns.add(Owns::PAUSED),
            ["spec"] => {
                self.owns.add(Owns::SPEC);
                self.all_images = true;
            }
            ["spec", "jobTemplate", "spec", "template", rest @ ..]
            | ["spec", "template", rest @ ..] => self.take_template(rest),
            // The job of a CronJob, where the record ends above its template.
            ["spec", "jobTemplate"] | ["spec", "jobTemplate", "spec"] => self.take_template(&[]),
            ["spec", ..] => self.owns.add(Owns::OTHER),
            _ => return,
        }
        let path = path.iter().fold(String::new(), |mut text, step| {
            if !text.is_empty() && !step.starts_with('[') {
                text.push('.');
            }
            text.push_str(step);
            text
        });
        self.paths.push(path.into());
    }

    fn take_template(&mut self, rest: &[&str]) {
        match rest {
            ["metadata", "annotations", annotation] if *annotation == RESTARTED_AT => {
                self.owns.add(Owns::RESTART);
            }
            ["spec", "containers" | "initContainers", item, "image"] => self.image(item),
            ["spec", "containers" | "initContainers", item] => {
                self.image(item);
                self.owns.add(Owns::CONFIG);
            }
            [] | ["spec"] | ["spec", "containers" | "initContainers"] => {
                self.all_images = true;
                self.owns.add(if rest.is_empty() { Owns::TEMPLATE } else { Owns::IMAGE });
                self.owns.add(Owns::CONFIG);
            }
            _ => self.owns.add(Owns::CONFIG),
        }
    }

    fn image(&mut self, item: &str) {
        self.owns.add(Owns::IMAGE);
        let name = item.trim_start_matches('[').trim_end_matches(']');
        self.images.push(name.into());
    }
}

/// One step of a path. List items are told by their name, whatever else stands in the key and in
/// whatever order; the text of the key is never compared.
fn step(key: &str) -> Option<String> {
    if let Some(field) = key.strip_prefix("f:") {
        return Some(clean(field));
    }
    if let Some(item) = key.strip_prefix("k:") {
        let keys: Value = serde_json::from_str(item).unwrap_or_default();
        let name = ["name", "key", "containerPort", "mountPath", "type", "uid"]
            .iter()
            .find_map(|field| keys.get(field))
            .map_or_else(
                || item.to_owned(),
                |value| value.as_str().map_or_else(|| value.to_string(), str::to_owned),
            );
        return Some(format!("[{}]", clean(&name)));
    }
    // Items of a set and items by position.
    key.strip_prefix("v:").or(key.strip_prefix("i:")).map(|item| format!("[{}]", clean(item)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::lenient::Loose;
    use serde_json::json;

    pub(crate) fn writers(json: Value) -> Writers {
        crate::shape::lenient::loose(json).unwrap()
    }

    fn template(inner: Value) -> Value {
        json!({"f:spec": {"f:template": {"f:spec": {"f:containers": inner}}}})
    }

    #[test]
    fn fields_are_told_apart_by_their_path() {
        let check = |fields: Value, expect: Owns, images: &[&str]| {
            let read =
                writers(json!([{"manager": "m", "operation": "Update", "fieldsV1": fields}]));
            let entry = &read.entries[0];
            assert_eq!(entry.owns, expect, "{fields}");
            let read: Vec<&str> = entry.images.iter().map(|name| &**name).collect();
            assert_eq!(read, images, "{fields}");
        };
        let both = |one: Owns, other: Owns| Owns(one.0 | other.0);
        let item = r#"k:{"name":"app"}"#;
        check(template(json!({item: {".": {}, "f:image": {}}})), Owns::IMAGE, &["app"]);
        // Keys of a list item come in any order and with others beside the name.
        check(
            template(json!({r#"k:{"a":1, "name" : "app"}"#: {"f:image": {}}})),
            Owns::IMAGE,
            &["app"],
        );
        check(
            template(json!({item: {"f:env": {".": {}, r#"k:{"name":"X"}"#: {}}}})),
            Owns::CONFIG,
            &[],
        );
        check(template(json!({item: {}})), both(Owns::IMAGE, Owns::CONFIG), &["app"]);
        check(
            json!({"f:spec": {"f:jobTemplate": {"f:spec": {"f:template": {"f:spec": {"f:initContainers": {item: {"f:image": {}}}}}}}}}),
            Owns::IMAGE,
            &["app"],
        );
        let annotation = |key: &str| json!({"f:spec": {"f:template": {"f:metadata": {"f:annotations": {".": {}, format!("f:{key}"): {}}}}}});
        check(annotation(RESTARTED_AT), Owns::RESTART, &[]);
        check(annotation("checksum/config"), Owns::CONFIG, &[]);
        check(json!({"f:spec": {"f:replicas": {}}}), Owns::SCALE, &[]);
        check(json!({"f:spec": {"f:paused": {}}}), Owns::PAUSED, &[]);
        check(json!({"f:spec": {"f:strategy": {"f:type": {}}}}), Owns::OTHER, &[]);
        check(json!({"f:metadata": {"f:labels": {"f:a": {}}}}), Owns::METADATA, &[]);
        check(json!({"f:status": {"f:replicas": {}}}), Owns::STATUS, &[]);
        check(json!({"f:spec": {"f:template": {}}}), Owns::TEMPLATE, &[]);
        check(json!("none"), Owns::default(), &[]);
    }

    #[test]
    fn where_the_record_ends_above_the_containers_all_images_are_owned() {
        let read = writers(json!([{"manager": "m", "fieldsV1": {"f:spec": {"f:template": {}}}}]));
        assert_eq!(read.of_image("whatever").count(), 1);
    }

    #[test]
    fn order_and_api_versions_do_not_matter() {
        let item = r#"k:{"name":"app"}"#;
        let entry = |version: &str, time: &str, fields: Value| json!({"manager": "m", "operation": "Update", "apiVersion": version, "time": time, "fieldsV1": fields});
        let one =
            entry("apps/v1", "2026-03-01T10:00:00Z", template(json!({item: {"f:image": {}}})));
        let two =
            entry("apps/v1beta1", "2026-03-02T10:00:00Z", json!({"f:spec": {"f:replicas": {}}}));
        let other = json!({"manager": "a", "operation": "Apply", "fieldsV1": {}});
        let read = writers(json!([one, two, other]));
        assert_eq!(read, writers(json!([other, two, one])), "a permutation changes nothing");
        assert_eq!(read.entries.len(), 2, "two versions of one client are one entry");
        let merged = &read.entries[1];
        assert!(merged.owns.any(Owns::SCALE) && merged.owns_image("app"));
        assert!(merged.at.is_some_and(|at| at.to_rfc3339().starts_with("2026-03-02")));
    }

    #[test]
    fn a_tree_without_end_and_names_without_end_are_bounded() {
        let mut tree = json!({});
        for _ in 0..100 {
            tree = json!({"f:a": tree});
        }
        let mut many = serde_json::Map::new();
        for number in 0..1_000 {
            many.insert(format!("f:field{number}"), json!({}));
        }
        let read = writers(json!([
            {"manager": "m\u{202e}", "fieldsV1": {"f:spec": tree}},
            {"manager": "n", "fieldsV1": {"f:spec": many}},
        ]));
        let by = |name: &str| read.entries.iter().find(|entry| &*entry.manager == name).unwrap();
        assert_eq!(by("m\u{fffd}").paths.len(), 1);
        assert_eq!(by("n").paths.len(), MAX_PATHS);
        assert_eq!(by("n").more_paths, 1_000 - 24);
        assert_eq!(Writers::text("none"), Writers::default());
    }
}
