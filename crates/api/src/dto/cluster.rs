//! Clusters: contexts and what runs in them, and which service runs as which workload.

use super::session::NodeRef;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A workload within a target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct WorkloadRef {
    /// Id of the target.
    pub target: String,
    /// Namespace.
    pub namespace: String,
    /// Kind, such as `Deployment`.
    pub kind: String,
    /// Name.
    pub name: String,
}

/// Which service runs as which workload, for every target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MappingView {
    /// Targets, production last.
    pub targets: Vec<TargetMapping>,
}

/// Services and workloads of one target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TargetMapping {
    /// Id of the target.
    pub target: String,
    /// Name of its environment.
    pub environment: String,
    /// Name of its context.
    pub context: String,
    /// Its namespaces; none means all.
    pub namespaces: Vec<String>,
    /// Whether all of it was looked at: only then what is absent is absent.
    pub seen: bool,
    /// What a person confirmed, and is there.
    pub confirmed: Vec<MappedView>,
    /// What a person confirmed, and is not there.
    pub missing: Vec<MappedView>,
    /// What is proposed.
    pub proposed: Vec<ProposalView>,
    /// What several services claim.
    pub contested: Vec<ContestedView>,
    /// Workloads that nobody is: perhaps born here.
    pub unmapped: Vec<UnmappedView>,
    /// Services that have nothing here.
    pub unmatched: Vec<NodeRef>,
}

/// A service and the workload it runs as.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MappedView {
    /// The workload.
    pub workload: WorkloadRef,
    /// The service.
    pub service: NodeRef,
}

/// A proposal with its reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ProposalView {
    /// The workload.
    pub workload: WorkloadRef,
    /// The service.
    pub service: NodeRef,
    /// Why, in a few words.
    pub reason: String,
}

/// A workload that several services claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ContestedView {
    /// The workload.
    pub workload: WorkloadRef,
    /// Who claims it.
    pub services: Vec<NodeRef>,
}

/// A workload that no service is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct UnmappedView {
    /// The workload.
    pub workload: WorkloadRef,
    /// The name that a new service would get.
    pub name: String,
    /// Its images.
    pub images: Vec<String>,
}

/// What a person says about a service and a workload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum MappingWord {
    /// The service runs as the workload.
    Confirmed,
    /// It does not; it is not proposed again.
    Rejected,
    /// Nothing: earlier words are taken back.
    Open,
}

/// One service and one workload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct MapWorkload {
    /// The workload.
    pub workload: WorkloadRef,
    /// Id, name or alias of the service.
    pub service: String,
    /// The service is new: it was born on the new platform, and is added under that name.
    #[serde(default)]
    pub born: bool,
}

/// Says of services and workloads that they belong together, or that they do not, in one action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct MapWorkloads {
    /// Pairs; at most 5,000.
    pub pairs: Vec<MapWorkload>,
    /// What is said of all of them.
    pub word: MappingWord,
}
