//! A hand-made cluster for tests: objects as JSON, read as a list would read them.

use crate::health::tests::{ago, now};
use crate::shape::{Kind, Read};
use crate::snapshot::{Snapshot, State};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

#[derive(Clone)]
pub(crate) struct World {
    pub(crate) objects: BTreeMap<String, Vec<Value>>,
    pub(crate) states: BTreeMap<(String, String), State>,
}

/// Every list by its plural.
macro_rules! lists {
    ($($plural:literal $list:ident $kind:ty,)*) => {
        pub(crate) const PLURALS: &[&str] = &[$($plural),*];

        impl World {
            pub(crate) fn snapshot(&self) -> Snapshot {
                let mut snapshot = Snapshot::empty("prod", now());
                "cluster-1".clone_into(&mut snapshot.cluster);
                $(
                    assert_eq!($plural, <$kind as Kind>::PLURAL);
                    snapshot.$list = self.read::<$kind>($plural);
                    for ((plural, namespace), state) in &self.states {
                        if plural == $plural {
                            snapshot.set_state::<$kind>(namespace, *state);
                        }
                    }
                )*
                snapshot
            }
        }
    };
}

lists! {
    "deployments" deployments crate::shape::workload::Deployment,
    "statefulsets" stateful_sets crate::shape::workload::StatefulSet,
    "daemonsets" daemon_sets crate::shape::workload::DaemonSet,
    "cronjobs" cron_jobs crate::shape::workload::CronJob,
    "rollouts" rollouts crate::shape::workload::Rollout,
    "replicasets" replica_sets crate::shape::revision::ReplicaSet,
    "controllerrevisions" revisions crate::shape::revision::ControllerRevision,
    "pods" pods crate::shape::pod::Pod,
    "nodes" nodes crate::shape::others::Node,
    "services" services crate::shape::network::Service,
    "endpointslices" endpoint_slices crate::shape::network::EndpointSlice,
    "ingresses" ingresses crate::shape::network::Ingress,
    "httproutes" http_routes crate::shape::network::HttpRoute,
    "referencegrants" reference_grants crate::shape::network::ReferenceGrant,
    "horizontalpodautoscalers" autoscalers crate::shape::others::HorizontalPodAutoscaler,
    "scaledobjects" scaled_objects crate::shape::others::ScaledObject,
    "poddisruptionbudgets" budgets crate::shape::others::PodDisruptionBudget,
    "serviceaccounts" service_accounts crate::shape::others::ServiceAccount,
    "configmaps" config_maps crate::shape::others::ConfigMap,
    "applications" applications crate::shape::gitops::Application,
    "kustomizations" kustomizations crate::shape::gitops::Kustomization,
    "helmreleases" helm_releases crate::shape::gitops::HelmRelease,
}

impl World {
    /// Nothing, and every list whole.
    pub(crate) fn empty() -> Self {
        let whole = |plural: &&str| (((*plural).to_owned(), String::new()), State::Complete);
        Self { objects: BTreeMap::new(), states: PLURALS.iter().map(whole).collect() }
    }

    fn read<K: Kind>(&self, plural: &str) -> Vec<Arc<K>> {
        let all = self.objects.get(plural).into_iter().flatten();
        let read = |json: &Value| {
            let read: Read<K> = serde_json::from_value(json.clone()).unwrap();
            Arc::new(read.object)
        };
        all.map(read).collect()
    }

    /// A Deployment as it should be, with all that belongs to it.
    pub(crate) fn healthy() -> Self {
        let mut world = Self::empty();
        let labels = || json!({"app": "cart"});
        let named = |name: &str, uid: &str| {
            json!({"name": name, "namespace": "shop", "uid": uid, "resourceVersion": "7", "generation": 3,
                "creationTimestamp": ago(86_400)})
        };
        let mut meta = named("cart", "d-1");
        meta["labels"] = json!({"app.kubernetes.io/name": "cart", "app.kubernetes.io/version": "1",
            "app.kubernetes.io/managed-by": "ci", "helm.sh/chart": "cart-1.2.3"});
        meta["managedFields"] = json!([{"manager": "codefresh", "operation": "Update", "time": ago(3_600),
            "fieldsV1": {"f:spec": {"f:template": {"f:spec": {"f:containers":
                {r#"k:{"name":"cart"}"#: {"f:image": {}}}}}}}}]);
        let container = json!({
            "name": "cart", "image": "registry.example/cart:1.2.3",
            "ports": [{"name": "http", "containerPort": 8080}],
            "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"memory": "64Mi"}},
            "readinessProbe": {"httpGet": {"path": "/ready", "port": 8080}},
            "livenessProbe": {"httpGet": {"path": "/alive", "port": 8080}},
            "envFrom": [{"configMapRef": {"name": "cart-settings"}}, {"secretRef": {"name": "cart-keys"}}],
            "securityContext": {"runAsNonRoot": true, "allowPrivilegeEscalation": false},
        });
        let template = |hash: Option<&str>| {
            let mut labels = labels();
            if let Some(hash) = hash {
                labels["pod-template-hash"] = json!(hash);
            }
            json!({"metadata": {"labels": labels}, "spec": {"serviceAccountName": "cart", "containers": [container]}})
        };
        world.add("deployments", json!({"metadata": meta,
            "spec": {"replicas": 2, "progressDeadlineSeconds": 600, "selector": {"matchLabels": labels()},
                "strategy": {"type": "RollingUpdate"}, "template": template(None)},
            "status": {"observedGeneration": 3, "replicas": 2, "updatedReplicas": 2, "readyReplicas": 2,
                "availableReplicas": 2, "conditions": [
                    {"type": "Available", "status": "True", "lastTransitionTime": ago(3_000)},
                    {"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable"}]}}));
        for (number, hash, replicas) in [(1, "old", 0), (2, "new", 2)] {
            let mut meta = named(&format!("cart-{hash}"), &format!("r-{number}"));
            meta["labels"] = json!({"app": "cart", "pod-template-hash": hash});
            meta["annotations"] = json!({"deployment.kubernetes.io/revision": number.to_string()});
            meta["creationTimestamp"] = json!(ago(86_400 / number));
            meta["ownerReferences"] =
                json!([{"kind": "Deployment", "name": "cart", "uid": "d-1", "controller": true}]);
            let mut template = template(Some(hash));
            template["spec"]["containers"][0]["image"] =
                json!(format!("registry.example/cart:1.2.{}", number + 1));
            world.add("replicasets", json!({"metadata": meta, "spec": {"replicas": replicas, "template": template},
                "status": {"observedGeneration": 3, "replicas": replicas, "availableReplicas": replicas}}));
        }
        for (pod, node) in [("cart-new-1", "node-1"), ("cart-new-2", "node-2")] {
            let mut meta = named(pod, pod);
            meta["labels"] = json!({"app": "cart", "pod-template-hash": "new"});
            meta["creationTimestamp"] = json!(ago(3_600));
            meta["ownerReferences"] = json!([{"kind": "ReplicaSet", "name": "cart-new", "uid": "r-2", "controller": true}]);
            world.add("pods", json!({"metadata": meta, "spec": {"nodeName": node, "containers": [container]},
                "status": {"phase": "Running", "conditions": [
                    {"type": "PodScheduled", "status": "True"},
                    {"type": "Ready", "status": "True", "lastTransitionTime": ago(3_000)}],
                    "containerStatuses": [{"name": "cart", "ready": true, "started": true, "restartCount": 0,
                        "imageID": "registry.example/cart@sha256:aa", "state": {"running": {"startedAt": ago(3_500)}}}]}}));
            let ready = json!([{"type": "Ready", "status": "True"}]);
            world.add("nodes", json!({"metadata": {"name": node, "uid": node, "labels": {"kubernetes.io/arch": "amd64"}},
                "status": {"conditions": ready}}));
        }
        world.add("services", json!({"metadata": named("cart", "s-1"),
            "spec": {"selector": labels(), "ports": [{"name": "http", "port": 80, "targetPort": "http"}]}}));
        let mut slice = named("cart-x", "e-1");
        slice["labels"] = json!({"kubernetes.io/service-name": "cart"});
        world.add(
            "endpointslices",
            json!({"metadata": slice,
            "endpoints": [{"conditions": {"ready": true}}, {"conditions": {"ready": true}}]}),
        );
        world.add(
            "ingresses",
            json!({"metadata": named("shop", "i-1"), "spec": {"rules": [{"http": {"paths": [
            {"backend": {"service": {"name": "cart", "port": {"number": 80}}}}]}}]}}),
        );
        world.add("horizontalpodautoscalers", json!({"metadata": named("cart", "h-1"),
            "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "cart"}, "minReplicas": 2, "maxReplicas": 5},
            "status": {"conditions": [{"type": "AbleToScale", "status": "True"}]}}));
        world.add(
            "poddisruptionbudgets",
            json!({"metadata": named("cart", "b-1"),
            "spec": {"selector": {"matchLabels": labels()}, "maxUnavailable": 1}}),
        );
        world.add("serviceaccounts", json!({"metadata": named("cart", "a-1")}));
        world.add("configmaps", json!({"metadata": named("cart-settings", "c-1")}));
        world
    }

    pub(crate) fn add(&mut self, plural: &str, object: Value) {
        self.objects.entry(plural.to_owned()).or_default().push(object);
    }

    /// Sets a field of the first object of a kind, making the way to it.
    pub(crate) fn set(&mut self, plural: &str, pointer: &str, value: Value) {
        self.set_nth(plural, 0, pointer, value);
    }

    pub(crate) fn set_nth(&mut self, plural: &str, nth: usize, pointer: &str, value: Value) {
        let object = &mut self.objects.get_mut(plural).unwrap()[nth];
        let mut at = object;
        for step in pointer.trim_start_matches('/').split('/') {
            at = match step.parse::<usize>() {
                Ok(index) if at.is_array() => &mut at[index],
                _ => &mut at[step.replace('|', "/")],
            };
        }
        *at = value;
    }

    pub(crate) fn clear(&mut self, plural: &str) {
        self.objects.remove(plural);
    }

    pub(crate) fn state(&mut self, plural: &str, state: State) {
        self.states.insert((plural.to_owned(), String::new()), state);
    }
}
