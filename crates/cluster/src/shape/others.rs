//! Nodes, and what stands beside workloads.

use super::lenient::{NumberOrText, part};
use super::meta::{Condition, Selector};
use super::workload::Reference;
use super::{Moment, kind};
use std::sync::Arc;

kind! {
    /// A node.
    Node = "Node" in "" / "v1" as "nodes", ClusterResourceScope {
        /// What is wanted.
        "spec" spec: NodeSpec,
        /// What is.
        "status" status: NodeStatus,
    }
}
kind! {
    /// A namespace.
    Namespace = "Namespace" in "" / "v1" as "namespaces", ClusterResourceScope {}
}
kind! {
    /// Changes the number of replicas by load.
    HorizontalPodAutoscaler = "HorizontalPodAutoscaler" in "autoscaling" / "v2"
        as "horizontalpodautoscalers", NamespaceResourceScope {
        /// What is wanted.
        "spec" spec: AutoscalerSpec,
        /// What is.
        "status" status: AutoscalerStatus,
    }
}
kind! {
    /// A scaled object of KEDA.
    ScaledObject = "ScaledObject" in "keda.sh" / "v1alpha1" as "scaledobjects",
        NamespaceResourceScope {
        /// What is wanted.
        "spec" spec: ScaledObjectSpec,
    }
}
kind! {
    /// How many pods may go at once.
    PodDisruptionBudget = "PodDisruptionBudget" in "policy" / "v1" as "poddisruptionbudgets",
        NamespaceResourceScope {
        /// What is wanted.
        "spec" spec: BudgetSpec,
        /// What is.
        "status" status: BudgetStatus,
    }
}
kind! {
    /// A claim to storage.
    PersistentVolumeClaim = "PersistentVolumeClaim" in "" / "v1" as "persistentvolumeclaims",
        NamespaceResourceScope {
        /// What is.
        "status" status: ClaimStatus,
    }
}
kind! {
    /// A service account.
    ServiceAccount = "ServiceAccount" in "" / "v1" as "serviceaccounts", NamespaceResourceScope {}
}
kind! {
    /// A ConfigMap: that it exists, never what it holds.
    ConfigMap = "ConfigMap" in "" / "v1" as "configmaps", NamespaceResourceScope {}
}
kind! {
    /// Something that happened.
    Event = "Event" in "" / "v1" as "events", NamespaceResourceScope {
        /// `Normal` or `Warning`.
        "type" kind: Arc<str>,
        /// Why, in one word.
        "reason" reason: Arc<str>,
        /// What, in a sentence.
        "message" message: Box<str>,
        /// How often.
        "count" count: Option<i64>,
        /// When last; newer events leave it out.
        "lastTimestamp" last: Option<Moment>,
        /// When.
        "eventTime" at: Option<Moment>,
        /// What it is about.
        "involvedObject" about: About,
    }
}

part! {
    /// What an event is about.
    About {
        /// Kind.
        kind: Arc<str>,
        /// Name.
        name: Box<str>,
        /// Uid.
        uid: Box<str>,
    }
    /// What is wanted of a node.
    NodeSpec {
        /// Whether it takes no new pods.
        unschedulable: bool,
        /// Marks that keep pods away.
        taints: Box<[Taint]>,
    }
    /// A mark that keeps pods away.
    Taint {
        /// Key.
        key: Arc<str>,
        /// What it does.
        effect: Arc<str>,
    }
    /// What is of a node.
    NodeStatus {
        /// Conditions.
        conditions: Box<[Condition]>,
        /// What it is.
        node_info: NodeInfo,
    }
    /// What a node is.
    NodeInfo {
        /// Version of the kubelet.
        kubelet_version: Arc<str>,
        /// Architecture.
        architecture: Arc<str>,
    }
    /// What is wanted of an autoscaler.
    AutoscalerSpec {
        /// What it scales.
        scale_target_ref: Reference,
        /// Fewest replicas; absent means 1.
        min_replicas: Option<i64>,
        /// Most replicas.
        max_replicas: Option<i64>,
    }
    /// What is of an autoscaler.
    AutoscalerStatus {
        /// How many it sees.
        current_replicas: Option<i64>,
        /// When it last changed the number.
        last_scale_time: Option<Moment>,
        /// Conditions.
        conditions: Box<[Condition]>,
    }
    /// What is wanted of a scaled object.
    ScaledObjectSpec {
        /// What it scales.
        scale_target_ref: ScaleTarget,
        /// Fewest replicas; absent means 0.
        min_replica_count: Option<i64>,
    }
    /// What a scaled object scales.
    ScaleTarget {
        /// Kind; absent means Deployment.
        kind: Option<Box<str>>,
        /// Name.
        name: Box<str>,
    }
    /// What is wanted of a disruption budget.
    BudgetSpec {
        /// Its pods.
        selector: Option<Box<Selector>>,
        /// Fewest pods that must stay.
        min_available: NumberOrText,
        /// Most pods that may go.
        max_unavailable: NumberOrText,
    }
    /// What is of a disruption budget.
    BudgetStatus {
        /// How many may go now.
        disruptions_allowed: Option<i64>,
        /// How many are well.
        current_healthy: Option<i64>,
        /// How many must be.
        desired_healthy: Option<i64>,
        /// How many there are.
        expected_pods: Option<i64>,
        /// Conditions.
        conditions: Box<[Condition]>,
    }
    /// What is of a claim.
    ClaimStatus {
        /// Phase.
        phase: Option<Arc<str>>,
    }
}
