//! What the API says of itself.

use crate::kinds::Kind;
use serde_json::{Value, json};

/// The version of Kubernetes that is played.
pub const VERSION: &str = "v1.34.2";

pub(crate) fn version() -> Value {
    json!({
        "major": "1",
        "minor": "34",
        "gitVersion": VERSION,
        "gitCommit": "",
        "gitTreeState": "clean",
        "buildDate": "2026-01-01T00:00:00Z",
        "goVersion": "",
        "compiler": "",
        "platform": "linux/amd64",
    })
}

pub(crate) fn core_versions() -> Value {
    json!({ "kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": [] })
}

/// Groups besides the core, each with its versions.
fn groups(kinds: &[Kind]) -> Vec<(&str, Vec<&str>)> {
    let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
    for kind in kinds.iter().filter(|kind| !kind.group.is_empty()) {
        match groups.iter_mut().find(|(group, _)| *group == kind.group) {
            Some((_, versions)) if versions.contains(&kind.version.as_str()) => {}
            Some((_, versions)) => versions.push(&kind.version),
            None => groups.push((&kind.group, vec![&kind.version])),
        }
    }
    groups
}

pub(crate) fn group_list(kinds: &[Kind]) -> Value {
    let groups = groups(kinds).into_iter().map(|(group, versions)| group_of(group, &versions));
    json!({ "kind": "APIGroupList", "apiVersion": "v1", "groups": groups.collect::<Vec<_>>() })
}

/// One group; `None` where it is not served.
pub(crate) fn group(kinds: &[Kind], name: &str) -> Option<Value> {
    let (group, versions) = groups(kinds).into_iter().find(|(group, _)| *group == name)?;
    let mut made = group_of(group, &versions);
    made["kind"] = Value::from("APIGroup");
    made["apiVersion"] = Value::from("v1");
    Some(made)
}

fn group_of(group: &str, versions: &[&str]) -> Value {
    let versions: Vec<Value> = versions
        .iter()
        .map(|version| json!({ "groupVersion": format!("{group}/{version}"), "version": version }))
        .collect();
    json!({ "name": group, "versions": versions, "preferredVersion": versions.first() })
}

/// The kinds of a group and version; `None` where none is served.
pub(crate) fn resources(kinds: &[Kind], api_version: &str) -> Option<Value> {
    let mut list = Vec::new();
    for kind in kinds.iter().filter(|kind| kind.api_version() == api_version) {
        let mut entry = json!({
            "name": kind.plural,
            "singularName": kind.singular(),
            "namespaced": kind.namespaced,
            "kind": kind.kind,
            "verbs": Kind::verbs(),
            "shortNames": kind.short_names,
        });
        if kind.in_all {
            entry["categories"] = json!(["all"]);
        }
        list.push(entry);
        let subresource = |name: &str, of: &str| {
            json!({
                "name": format!("{}/{name}", kind.plural),
                "singularName": "",
                "namespaced": kind.namespaced,
                "kind": of,
                "verbs": ["get", "patch", "update"],
            })
        };
        if kind.has_status {
            list.push(subresource("status", &kind.kind));
        }
        if kind.has_scale {
            let mut scale = subresource("scale", "Scale");
            scale["group"] = Value::from("autoscaling");
            scale["version"] = Value::from("v1");
            list.push(scale);
        }
    }
    if list.is_empty() {
        return None;
    }
    Some(json!({
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": api_version,
        "resources": list,
    }))
}

/// Everything in one answer: the core alone, or all other groups.
pub(crate) fn aggregated(kinds: &[Kind], core: bool) -> Value {
    let groups = if core { vec![("", vec!["v1"])] } else { groups(kinds) };
    let items: Vec<Value> = groups
        .into_iter()
        .map(|(group, versions)| {
            let versions: Vec<Value> = versions
                .into_iter()
                .map(|version| {
                    let own = kinds.iter();
                    let own = own.filter(|kind| kind.group == group && kind.version == version);
                    let resources: Vec<Value> = own.map(aggregated_resource).collect();
                    json!({ "version": version, "freshness": "Current", "resources": resources })
                })
                .collect();
            json!({ "metadata": { "name": group }, "versions": versions })
        })
        .collect();
    json!({
        "kind": "APIGroupDiscoveryList",
        "apiVersion": "apidiscovery.k8s.io/v2",
        "metadata": {},
        "items": items,
    })
}

fn aggregated_resource(kind: &Kind) -> Value {
    let response = |of: &str| json!({ "group": kind.group, "version": kind.version, "kind": of });
    let mut subresources = Vec::new();
    if kind.has_status {
        subresources.push(json!({
            "subresource": "status",
            "responseKind": response(&kind.kind),
            "verbs": ["get", "patch", "update"],
        }));
    }
    if kind.has_scale {
        subresources.push(json!({
            "subresource": "scale",
            "responseKind": { "group": "autoscaling", "version": "v1", "kind": "Scale" },
            "verbs": ["get", "patch", "update"],
        }));
    }
    let mut made = json!({
        "resource": kind.plural,
        "responseKind": response(&kind.kind),
        "scope": if kind.namespaced { "Namespaced" } else { "Cluster" },
        "singularResource": kind.singular(),
        "shortNames": kind.short_names,
        "verbs": Kind::verbs(),
        "subresources": subresources,
    });
    if kind.in_all {
        made["categories"] = json!(["all"]);
    }
    made
}

/// Where the schema of each group and version is.
pub(crate) fn schemas(kinds: &[Kind]) -> Value {
    let mut paths = serde_json::Map::new();
    for kind in kinds {
        let path = root(kind);
        let address = format!("/openapi/v3/{path}");
        paths.insert(path, json!({ "serverRelativeURL": address }));
    }
    json!({ "paths": paths })
}

fn root(kind: &Kind) -> String {
    let root = if kind.group.is_empty() { "api" } else { "apis" };
    format!("{root}/{}", kind.api_version())
}

/// A schema that says one thing: patches are checked by the server. Clients that want to check for
/// themselves, `kubectl edit` among them, then leave it at that.
pub(crate) fn schema(kinds: &[Kind], api_version: &str) -> Option<Value> {
    let mut paths = serde_json::Map::new();
    for kind in kinds.iter().filter(|kind| kind.api_version() == api_version) {
        let scope = if kind.namespaced { "namespaces/{namespace}/" } else { "" };
        let path = format!("/{}/{scope}{}/{{name}}", root(kind), kind.plural);
        let checks =
            json!({ "name": "fieldValidation", "in": "query", "schema": { "type": "string" } });
        let operation = json!({
            "parameters": [checks],
            "responses": {},
            "x-kubernetes-action": "patch",
            "x-kubernetes-group-version-kind":
                { "group": kind.group, "version": kind.version, "kind": kind.kind },
        });
        paths.insert(path, json!({ "patch": operation }));
    }
    (!paths.is_empty()).then(|| {
        json!({
            "openapi": "3.0.0",
            "info": { "title": "Kubernetes", "version": VERSION },
            "paths": paths,
            "components": { "schemas": {} },
        })
    })
}
