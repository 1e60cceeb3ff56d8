//! Which lists are maps in disguise, and which maps are one value: what Kubernetes' own schema says
//! of the fields that workloads use.

use serde_json::{Map, Value};

/// How a list is owned and merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum List {
    /// Items are told apart by these fields.
    Keyed(&'static [&'static str]),
    /// Plain values, each owned by itself.
    Set,
    /// One value as a whole.
    Atomic,
}

/// The shape of a list, by the field that holds it.
pub(crate) fn list(field: &str, items: &[Value]) -> List {
    match field {
        "containers"
        | "initContainers"
        | "ephemeralContainers"
        | "env"
        | "volumes"
        | "imagePullSecrets"
        | "secrets" => List::Keyed(&["name"]),
        "volumeMounts" => List::Keyed(&["mountPath"]),
        "volumeDevices" => List::Keyed(&["devicePath"]),
        "ports" if items.iter().any(|item| item.get("containerPort").is_some()) => {
            List::Keyed(&["containerPort", "protocol"])
        }
        "ports" if items.iter().any(|item| item.get("targetPort").is_some()) => {
            List::Keyed(&["port", "protocol"])
        }
        "conditions" | "addresses" => List::Keyed(&["type"]),
        "ownerReferences" => List::Keyed(&["uid"]),
        "hostAliases" | "podIPs" => List::Keyed(&["ip"]),
        "topologySpreadConstraints" => List::Keyed(&["topologyKey", "whenUnsatisfiable"]),
        "finalizers" => List::Set,
        _ => List::Atomic,
    }
}

/// Whether a map is one value: nobody owns a part of it.
pub(crate) fn is_atomic_map(field: &str) -> bool {
    matches!(
        field,
        "selector"
            | "nodeSelector"
            | "labelSelector"
            | "podSelector"
            | "namespaceSelector"
            | "fieldRef"
            | "resourceFieldRef"
            | "secretKeyRef"
            | "configMapKeyRef"
            | "secretRef"
            | "configMapRef"
            | "scaleTargetRef"
            | "involvedObject"
    )
}

/// The key of an item as field ownership writes it: `k:{"name":"app"}`. `None` where a key is
/// missing, so that the list has to be taken as a whole.
pub(crate) fn key_of(item: &Value, keys: &[&str]) -> Option<String> {
    let mut found = Map::new();
    for key in keys {
        let value = match (item.get(*key), *key) {
            (Some(value), _) => value.clone(),
            // The server's default, filled in before keys are compared.
            (None, "protocol") => Value::from("TCP"),
            (None, _) => return None,
        };
        found.insert((*key).to_owned(), value);
    }
    Some(format!("k:{}", Value::Object(found)))
}

/// The field by which strategic merge patches tell items apart: a single one.
pub(crate) fn patch_key(field: &str, items: &[Value]) -> Option<&'static str> {
    match list(field, items) {
        List::Keyed(keys) => keys.first().copied(),
        List::Set | List::Atomic => None,
    }
}
