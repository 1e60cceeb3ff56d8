//! `EndpointSlices`: which pods answer for a Service.

use crate::controllers::{CONTROLLER, is_active, is_ready};
use crate::managed::{Part, Writer};
use crate::selector::LabelSelector;
use crate::store::{Key, Stored};
use crate::world::{World, controlled_by};
use serde_json::{Value, json};

const LABEL: &str = "kubernetes.io/service-name";

pub(crate) fn look(world: &mut World, key: &Key, stored: &Stored) {
    let service = &stored.value;
    let selector = &service["spec"]["selector"];
    if selector.as_object().is_none_or(serde_json::Map::is_empty) {
        return;
    }
    let selector = LabelSelector::of_object(&json!({ "matchLabels": selector }));
    let pods = world.store.list(world.kind("Pod"), Some(&key.namespace));
    let endpoints: Vec<Value> = pods
        .filter(|(_, pod)| selector.matches(&pod.value["metadata"]["labels"]))
        .filter_map(|(key, pod)| endpoint(key, &pod.value))
        .collect();
    let ports = service["spec"]["ports"].as_array().into_iter().flatten();
    let ports: Vec<Value> = ports
        .map(|port| {
            let number = if port["targetPort"].is_number() { "targetPort" } else { "port" };
            let name = port["name"].as_str().unwrap_or_default();
            json!({ "name": name, "port": port[number], "protocol": port["protocol"] })
        })
        .collect();
    let slices = crate::controllers::owned(world, stored, "EndpointSlice");
    if let Some((slice, _)) = slices.first() {
        world.change(slice, CONTROLLER, Part::Object, |slice| {
            slice["endpoints"] = Value::Array(endpoints);
            slice["ports"] = Value::Array(ports);
        });
        return;
    }
    let slice = json!({
        "metadata": {
            "generateName": format!("{}-", key.name),
            "labels": { LABEL: key.name },
            "ownerReferences": controlled_by(service),
        },
        "addressType": "IPv4",
        "endpoints": endpoints,
        "ports": ports,
    });
    let kind = world.kind("EndpointSlice");
    let _ = world.create(kind, &key.namespace, slice, &Writer::update(CONTROLLER));
}

fn endpoint(key: &Key, pod: &Value) -> Option<Value> {
    let address = pod["status"]["podIP"].as_str()?;
    let ended = matches!(pod["status"]["phase"].as_str(), Some("Succeeded" | "Failed"));
    if ended {
        return None;
    }
    let ready = is_ready(pod);
    let terminating = !is_active(pod);
    Some(json!({
        "addresses": [address],
        "conditions": {
            "ready": ready && !terminating,
            "serving": ready,
            "terminating": terminating,
        },
        "nodeName": pod["spec"]["nodeName"],
        "targetRef": {
            "kind": "Pod",
            "namespace": key.namespace,
            "name": key.name,
            "uid": pod["metadata"]["uid"],
        },
    }))
}
