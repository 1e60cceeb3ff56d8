//! Custom resource definitions: what they define is served from then on. The definitions themselves
//! are not kept, and their schemas are not applied: custom objects are stored as they are written.

use crate::kinds::Kind;
use serde_json::Value;

/// The kinds that a definition defines, one for each version that is served; nothing where the object
/// is no definition.
pub(crate) fn defined(object: &Value) -> Option<Vec<Kind>> {
    let group = object["apiVersion"].as_str()?.split('/').next()?;
    if object["kind"] != "CustomResourceDefinition" || group != "apiextensions.k8s.io" {
        return None;
    }
    let spec = &object["spec"];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let names = &spec["names"];
    let short = names["shortNames"].as_array().into_iter().flatten();
    let short: Vec<String> = short.map(text).collect();
    let versions = spec["versions"].as_array().into_iter().flatten();
    let served = versions.filter(|version| version["served"] != false);
    let kinds = served.map(|version| {
        let (group, name) = (text(&spec["group"]), text(&version["name"]));
        let mut kind = Kind::custom(&group, &name, &text(&names["kind"]), &text(&names["plural"]));
        kind.short_names.clone_from(&short);
        kind.namespaced = spec["scope"] != "Cluster";
        kind.has_status = version["subresources"]["status"].is_object();
        kind
    });
    Some(kinds.collect())
}
