//! What the server fills in where a manifest says nothing.

use crate::kinds::Kind;
use serde_json::{Map, Value, json};

/// Fills the defaults of a kind in.
pub(crate) fn fill(kind: &Kind, object: &mut Value) {
    if !kind.built_in {
        return;
    }
    match kind.kind.as_str() {
        "Namespace" => {
            let name = object["metadata"]["name"].clone();
            set(object, &["metadata", "labels"], "kubernetes.io/metadata.name", name);
            set(object, &["spec"], "finalizers", json!(["kubernetes"]));
        }
        "Pod" => pod_spec(&mut object["spec"], "Always"),
        "Service" => service(object),
        "Deployment" => {
            let spec = &mut object["spec"];
            default(spec, "replicas", json!(1));
            default(spec, "revisionHistoryLimit", json!(10));
            default(spec, "progressDeadlineSeconds", json!(600));
            default(spec, "strategy", json!({ "type": "RollingUpdate" }));
            default(&mut spec["strategy"], "type", json!("RollingUpdate"));
            if spec["strategy"]["type"] == "RollingUpdate" {
                let rolling = &mut spec["strategy"];
                default(rolling, "rollingUpdate", json!({}));
                default(&mut rolling["rollingUpdate"], "maxUnavailable", json!("25%"));
                default(&mut rolling["rollingUpdate"], "maxSurge", json!("25%"));
            }
            pod_spec(&mut spec["template"]["spec"], "Always");
        }
        "ReplicaSet" => {
            default(&mut object["spec"], "replicas", json!(1));
            pod_spec(&mut object["spec"]["template"]["spec"], "Always");
        }
        "StatefulSet" => {
            let spec = &mut object["spec"];
            default(spec, "replicas", json!(1));
            default(spec, "revisionHistoryLimit", json!(10));
            default(spec, "podManagementPolicy", json!("OrderedReady"));
            let rolling = json!({ "type": "RollingUpdate", "rollingUpdate": { "partition": 0 } });
            default(spec, "updateStrategy", rolling);
            pod_spec(&mut spec["template"]["spec"], "Always");
        }
        "DaemonSet" => {
            let spec = &mut object["spec"];
            default(spec, "revisionHistoryLimit", json!(10));
            let rolling = json!({ "maxUnavailable": 1, "maxSurge": 0 });
            let rolling = json!({ "type": "RollingUpdate", "rollingUpdate": rolling });
            default(spec, "updateStrategy", rolling);
            pod_spec(&mut spec["template"]["spec"], "Always");
        }
        "Job" => job_spec(&mut object["spec"]),
        "CronJob" => {
            let spec = &mut object["spec"];
            default(spec, "concurrencyPolicy", json!("Allow"));
            default(spec, "suspend", json!(false));
            default(spec, "successfulJobsHistoryLimit", json!(3));
            default(spec, "failedJobsHistoryLimit", json!(1));
            pod_spec(&mut spec["jobTemplate"]["spec"]["template"]["spec"], "Always");
        }
        _ => {}
    }
}

fn job_spec(spec: &mut Value) {
    if spec.get("completions").is_none() && spec.get("parallelism").is_none() {
        default(spec, "completions", json!(1));
    }
    default(spec, "parallelism", json!(1));
    default(spec, "backoffLimit", json!(6));
    default(spec, "completionMode", json!("NonIndexed"));
    default(spec, "suspend", json!(false));
    pod_spec(&mut spec["template"]["spec"], "Always");
}

fn service(object: &mut Value) {
    let spec = &mut object["spec"];
    default(spec, "type", json!("ClusterIP"));
    default(spec, "sessionAffinity", json!("None"));
    for port in spec["ports"].as_array_mut().into_iter().flatten() {
        default(port, "protocol", json!("TCP"));
        let number = port["port"].clone();
        default(port, "targetPort", number);
    }
}

fn pod_spec(spec: &mut Value, restart: &str) {
    if !spec.is_object() {
        return;
    }
    default(spec, "restartPolicy", json!(restart));
    default(spec, "terminationGracePeriodSeconds", json!(30));
    default(spec, "dnsPolicy", json!("ClusterFirst"));
    default(spec, "schedulerName", json!("default-scheduler"));
    default(spec, "securityContext", json!({}));
    for list in ["initContainers", "containers"] {
        let containers = spec.get_mut(list).and_then(Value::as_array_mut);
        for container in containers.into_iter().flatten() {
            self::container(container);
        }
    }
}

fn container(container: &mut Value) {
    let image = container["image"].as_str().unwrap_or_default();
    let last = image.rsplit('/').next().unwrap_or_default();
    let floating = !image.contains('@') && (!last.contains(':') || last.ends_with(":latest"));
    let policy = if floating { "Always" } else { "IfNotPresent" };
    default(container, "imagePullPolicy", json!(policy));
    default(container, "resources", json!({}));
    default(container, "terminationMessagePath", json!("/dev/termination-log"));
    default(container, "terminationMessagePolicy", json!("File"));
    for port in container.get_mut("ports").and_then(Value::as_array_mut).into_iter().flatten() {
        default(port, "protocol", json!("TCP"));
    }
    for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
        let Some(probe) = container.get_mut(probe) else { continue };
        default(probe, "failureThreshold", json!(3));
        default(probe, "periodSeconds", json!(10));
        default(probe, "successThreshold", json!(1));
        default(probe, "timeoutSeconds", json!(1));
    }
}

fn default(object: &mut Value, name: &str, value: Value) {
    if object.is_null() {
        *object = Value::Object(Map::new());
    }
    if let Some(map) = object.as_object_mut() {
        map.entry(name).or_insert(value);
    }
}

fn set(object: &mut Value, path: &[&str], name: &str, value: Value) {
    let place = path.iter().fold(object, |at, part| {
        default(at, part, json!({}));
        &mut at[*part]
    });
    default(place, name, value);
}
