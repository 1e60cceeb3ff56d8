//! Which kinds the API serves, and how each is called.

use serde_json::Value;

/// One served kind. The words are those of Kubernetes' discovery.
#[expect(clippy::struct_excessive_bools, reason = "independent traits, as discovery lists them")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kind {
    /// Empty for the core group.
    pub group: String,
    /// Such as `v1`.
    pub version: String,
    /// Such as `Deployment`.
    pub kind: String,
    /// Such as `deployments`, as it stands in addresses.
    pub plural: String,
    /// What command lines accept besides, such as `deploy`.
    pub short_names: Vec<String>,
    /// Lives in a namespace.
    pub namespaced: bool,
    /// Has `/status` apart: then a write to the object leaves its status alone.
    pub has_status: bool,
    /// Has `/scale`.
    pub has_scale: bool,
    /// Listed by `kubectl get all`.
    pub in_all: bool,
    /// Known to clients by its types, so that strategic merge patches are allowed.
    pub built_in: bool,
}

impl Kind {
    /// A kind as a custom resource definition would add it: namespaced, with a status apart.
    pub fn custom(group: &str, version: &str, kind: &str, plural: &str) -> Self {
        let mut made = Self::plain(group, version, kind, plural);
        made.has_status = true;
        made.built_in = false;
        made
    }

    fn plain(group: &str, version: &str, kind: &str, plural: &str) -> Self {
        Self {
            group: group.to_owned(),
            version: version.to_owned(),
            kind: kind.to_owned(),
            plural: plural.to_owned(),
            short_names: Vec::new(),
            namespaced: true,
            has_status: false,
            has_scale: false,
            in_all: false,
            built_in: true,
        }
    }

    /// `apps/v1`, or `v1` in the core group.
    pub fn api_version(&self) -> String {
        match self.group.as_str() {
            "" => self.version.clone(),
            group => format!("{group}/{}", self.version),
        }
    }

    /// As messages of the server name it: `deployments.apps`.
    pub(crate) fn resource(&self) -> String {
        match self.group.as_str() {
            "" => self.plural.clone(),
            group => format!("{}.{group}", self.plural),
        }
    }

    /// The name clients use for one of it.
    pub(crate) fn singular(&self) -> String {
        self.kind.to_lowercase()
    }

    /// What may be done with it.
    pub(crate) fn verbs() -> Value {
        serde_json::json!([
            "create",
            "delete",
            "deletecollection",
            "get",
            "list",
            "patch",
            "update",
            "watch"
        ])
    }
}

/// A row of the table: group, version, kind, plural, short names, and letters:
/// `c` cluster-wide, `s` status apart, `r` scale, `a` in `all`.
type Row = (&'static str, &'static str, &'static str, &'static str, &'static str, &'static str);

const TABLE: &[Row] = &[
    ("", "v1", "Namespace", "namespaces", "ns", "cs"),
    ("", "v1", "Node", "nodes", "no", "cs"),
    ("", "v1", "Pod", "pods", "po", "sa"),
    ("", "v1", "Service", "services", "svc", "sa"),
    ("", "v1", "ConfigMap", "configmaps", "cm", ""),
    ("", "v1", "Secret", "secrets", "", ""),
    ("", "v1", "ServiceAccount", "serviceaccounts", "sa", ""),
    ("", "v1", "Event", "events", "ev", ""),
    ("", "v1", "Endpoints", "endpoints", "ep", ""),
    ("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", "pvc", "s"),
    ("", "v1", "PersistentVolume", "persistentvolumes", "pv", "cs"),
    ("", "v1", "ResourceQuota", "resourcequotas", "quota", "s"),
    ("", "v1", "LimitRange", "limitranges", "limits", ""),
    ("apps", "v1", "Deployment", "deployments", "deploy", "sra"),
    ("apps", "v1", "ReplicaSet", "replicasets", "rs", "sra"),
    ("apps", "v1", "StatefulSet", "statefulsets", "sts", "sra"),
    ("apps", "v1", "DaemonSet", "daemonsets", "ds", "sa"),
    ("apps", "v1", "ControllerRevision", "controllerrevisions", "", ""),
    ("batch", "v1", "Job", "jobs", "", "sa"),
    ("batch", "v1", "CronJob", "cronjobs", "cj", "sa"),
    ("autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", "hpa", "sa"),
    ("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", "pdb", "s"),
    ("networking.k8s.io", "v1", "Ingress", "ingresses", "ing", "s"),
    ("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies", "netpol", ""),
    ("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices", "", ""),
    ("storage.k8s.io", "v1", "StorageClass", "storageclasses", "sc", "c"),
    ("rbac.authorization.k8s.io", "v1", "Role", "roles", "", ""),
    ("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings", "", ""),
    ("rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", "", "c"),
    ("rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings", "", "c"),
];

/// The kinds every simulated cluster serves.
pub(crate) fn built_in() -> Vec<Kind> {
    let made = TABLE.iter().map(|(group, version, kind, plural, short, letters)| {
        let mut made = Kind::plain(group, version, kind, plural);
        made.short_names = short.split_whitespace().map(str::to_owned).collect();
        made.namespaced = !letters.contains('c');
        made.has_status = letters.contains('s');
        made.has_scale = letters.contains('r');
        made.in_all = letters.contains('a');
        made
    });
    made.collect()
}
