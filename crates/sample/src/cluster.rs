//! The clusters that the sample programme runs on: simulated, within the process. What the story says
//! of a service is what runs here; after a while somebody edits an image by hand, so that one sees
//! what happens then.

use crate::platform::SERVICES;
use chrono::{DateTime, TimeDelta, Utc};
use pilotage_cluster::connection::direct::Direct;
use pilotage_domain::Millis;
use pilotage_kube_sim::{Sim, SimError, Subject, Trouble, Writer};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;

/// The namespace of the platform.
pub(crate) const NAMESPACE: &str = "lending";
/// The name under which the platform's pipeline writes.
const PIPELINE: &str = "codefresh";
/// How often the clusters' clock comes up to the real one.
const TICK: Duration = Duration::from_millis(500);
/// So long after the start the image is edited by hand.
const EDITED_AFTER: TimeDelta = TimeDelta::minutes(2);
/// Whose image that is.
const EDITED: &str = "customer-portal";
/// Every so often the pipeline delivers something.
const DELIVERS_EVERY: TimeDelta = TimeDelta::minutes(4);

/// Stages a service must have climbed to run on an environment.
const ENVIRONMENTS: [(&str, usize); 2] = [("staging", 5), ("production", PRODUCTION)];
const PRODUCTION: usize = 6;

/// Name of an environment's context.
pub(crate) fn context(environment: &str) -> String {
    format!("sample-{environment}")
}

/// Begins the sample's clusters, by name of their context. They live as long as the runtime.
///
/// # Errors
/// When a manifest of ours is not accepted: a defect.
pub fn clusters(now: Millis) -> Result<BTreeMap<String, Direct>, SimError> {
    let now = DateTime::from_timestamp_millis(now).unwrap_or_default();
    // Making a history takes a moment, which has passed as well.
    let started = Instant::now();
    let mut contexts = BTreeMap::new();
    let mut sims = Vec::new();
    for (seed, (environment, climbed)) in (1..).zip(ENVIRONMENTS) {
        let sim = begun(seed, climbed, now)?;
        contexts.insert(context(environment), Direct::over(sim.service()));
        sims.push(sim);
    }
    tokio::spawn(live(sims, now, started));
    Ok(contexts)
}

/// A cluster with a history of two weeks.
fn begun(seed: u64, climbed: usize, now: DateTime<Utc>) -> Result<Sim, SimError> {
    let sim = Sim::new(seed, now - TimeDelta::days(14));
    sim.add_nodes(4);
    sim.ensure_namespace(NAMESPACE);
    let here: Vec<&str> = SERVICES
        .iter()
        .filter(|service| service.climb.len() >= climbed)
        .map(|service| service.name)
        .collect();
    let pipeline = Writer::update(PIPELINE);
    for (version, days_ago) in [(1, 14), (2, 8), (3, 2)] {
        sim.advance(now - TimeDelta::days(days_ago));
        for name in &here {
            for object in objects(name, version) {
                sim.apply_object(&object, &pipeline)?;
            }
        }
    }
    sim.advance(now - TimeDelta::hours(2));
    if climbed == PRODUCTION {
        // Seven restarts for lack of memory, as the story tells; it runs again since.
        let gateway = Subject::Workload {
            namespace: NAMESPACE.to_owned(),
            name: "payment-gateway".to_owned(),
        };
        sim.trouble(gateway.clone(), Trouble::Crashes { exit_code: 137 });
        sim.advance(now - TimeDelta::minutes(100));
        sim.heal(&gateway);
    } else {
        // Not live yet, and it shows: there is no node that its pods would fit on.
        let waits =
            Subject::Workload { namespace: NAMESPACE.to_owned(), name: "broker-api".to_owned() };
        sim.trouble(waits, Trouble::Unschedulable);
        sim.apply_object(&deployment("broker-api", 4), &pipeline)?;
    }
    sim.advance(now);
    Ok(sim)
}

/// Lets time pass, and now and then something happens.
async fn live(sims: Vec<Sim>, begun: DateTime<Utc>, started: Instant) {
    let (mut edited, mut delivered) = (false, 0_i32);
    loop {
        tokio::time::sleep(TICK).await;
        let passed = TimeDelta::from_std(started.elapsed()).unwrap_or_default();
        let now = begun + passed;
        for sim in &sims {
            sim.advance(now);
        }
        let Some(production) = sims.last() else { return };
        if !edited && passed >= EDITED_AFTER {
            edited = true;
            let mut hotfix = deployment(EDITED, 3);
            hotfix["spec"]["template"]["spec"]["containers"][0]["image"] =
                json!(format!("registry.northlight.example/{EDITED}:3-hotfix"));
            // What is refused is not shown; the sample goes on.
            let _ = production.apply_object(&hotfix, &Writer::update("kubectl-edit"));
        }
        if passed >= DELIVERS_EVERY * (delivered + 1) {
            let all = ["loan-origination", "ledger", "pricing-engine", "credit-scoring"];
            let turn = usize::try_from(delivered).unwrap_or(0);
            let name = all[turn % all.len()];
            let version = 4 + turn / all.len();
            delivered += 1;
            for sim in &sims {
                let _ = sim.apply_object(&deployment(name, version), &Writer::update(PIPELINE));
            }
        }
    }
}

fn replicas(name: &str) -> u32 {
    // Waived in the story until the mail queue takes competing consumers.
    if name == "notification-hub" { 1 } else { 2 }
}

fn objects(name: &str, version: usize) -> Vec<Value> {
    let labels = json!({ "app.kubernetes.io/name": name });
    let meta = json!({ "name": name, "namespace": NAMESPACE, "labels": labels });
    let mut objects = vec![
        json!({ "apiVersion": "v1", "kind": "ServiceAccount", "metadata": meta }),
        json!({
            "apiVersion": "v1", "kind": "Service", "metadata": meta,
            "spec": { "selector": labels, "ports": [{ "port": 80, "targetPort": 8080 }] },
        }),
        deployment(name, version),
    ];
    if replicas(name) > 1 {
        objects.push(json!({
            "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": meta,
            "spec": { "maxUnavailable": 1, "selector": { "matchLabels": labels } },
        }));
    }
    objects
}

fn deployment(name: &str, version: usize) -> Value {
    let labels = json!({ "app.kubernetes.io/name": name });
    let probe = |path: &str| json!({ "httpGet": { "path": path, "port": 8080 } });
    json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "name": name,
            "namespace": NAMESPACE,
            "labels": labels,
            "annotations": { "kubernetes.io/change-cause": format!("build {version}") },
        },
        "spec": {
            "replicas": replicas(name),
            "selector": { "matchLabels": labels },
            "template": {
                "metadata": { "labels": labels },
                "spec": {
                    "serviceAccountName": name,
                    "containers": [{
                        "name": "app",
                        "image": format!("registry.northlight.example/{name}:1.{version}.0"),
                        "ports": [{ "containerPort": 8080 }],
                        "readinessProbe": probe("/ready"),
                        "livenessProbe": probe("/alive"),
                        "resources": {
                            "requests": { "cpu": "100m", "memory": "128Mi" },
                            "limits": { "memory": "256Mi" },
                        },
                    }],
                },
            },
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_clusters_stand_as_the_story_says() {
        let now: DateTime<Utc> = "2026-11-24T11:00:00Z".parse().expect("a moment");
        assert_eq!(clusters(now.timestamp_millis()).expect("they begin").len(), 2);
        let production = begun(2, PRODUCTION, now).expect("it begins");
        let all = production.list("Deployment");
        let live = SERVICES.iter().filter(|service| service.climb.len() >= PRODUCTION).count();
        assert_eq!(all.len(), live);
        let ready = |one: &&Value| one["status"]["availableReplicas"] == one["spec"]["replicas"];
        assert_eq!(all.iter().filter(ready).count(), live, "everything runs");
        let restarts = |pod: &Value| {
            pod["status"]["containerStatuses"][0]["restartCount"].as_u64().unwrap_or(0)
        };
        let restarted: Vec<String> = production
            .list("Pod")
            .iter()
            .filter(|pod| restarts(pod) > 0)
            .map(|pod| pod["metadata"]["labels"]["app.kubernetes.io/name"].to_string())
            .collect();
        assert_eq!(restarted, ["\"payment-gateway\""; 2]);
        let staging = begun(1, 5, now).expect("it begins");
        let pending =
            |pod: &Value| pod["status"]["phase"] == "Pending" && pod["spec"]["nodeName"].is_null();
        assert!(staging.list("Pod").iter().any(pending), "one waits for a node");
    }
}
