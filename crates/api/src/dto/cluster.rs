//! Clusters: contexts and what runs in them, and which service runs as which workload.

use super::deployments::SourceView;
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

/// The Cluster page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ClusterView {
    /// Whether this host watches clusters.
    pub available: bool,
    /// The clusters are simulated and the sample's; nothing real is contacted.
    pub simulated: bool,
    /// Every context, switched on or not.
    pub contexts: Vec<ContextView>,
    /// How many contexts may be on at once.
    pub most: u32,
    /// Kubeconfigs that cannot be read, a sentence each.
    pub problems: Vec<String>,
    /// Nodes of the contexts that are on.
    pub nodes: Vec<NodeView>,
    /// Namespaces that hold workloads.
    pub namespaces: Vec<NamespaceView>,
    /// Workloads of the contexts that are on.
    pub workloads: Vec<WorkloadView>,
    /// Changes that were seen and have not held long enough to be findings.
    pub suspected: Vec<SuspectedView>,
    /// Checks that so many services began to fail at once that the cluster is the likelier cause.
    pub held_back: Vec<String>,
}

/// A context.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ContextView {
    /// Its name.
    pub name: String,
    /// The address of its server; empty within the process.
    pub server: String,
    /// Its user's name.
    pub user: String,
    /// The kubeconfig that defines it.
    pub file: String,
    /// What should be pointed out about it, a sentence each.
    pub notes: Vec<String>,
    /// Environments whose targets name it.
    pub environments: Vec<String>,
    /// The person switched it on, on this device.
    pub on: bool,
    /// `off`, `connecting`, `live`, `stale`, `forbidden`, `expired`, `unreachable`, `needs_person`.
    pub state: String,
    /// Since when it is stale.
    pub since: Option<String>,
    /// One line that says more about the state.
    pub why: String,
    /// What gets one out of the state.
    pub way_out: String,
    /// What may not or could not be read.
    pub missing: Vec<UnreadView>,
    /// Whether everything that health needs was read.
    pub complete: bool,
    /// A program that has to be agreed to before it brings credentials.
    pub consent: Option<ConsentView>,
    /// Workloads by verdict, from good to bad; those that there are none of are left out.
    pub workloads: Vec<CountView>,
    /// Pods by kubectl's status words.
    pub pods: Vec<CountView>,
}

/// How many of something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CountView {
    /// Of what.
    pub word: String,
    /// How many.
    pub count: u32,
}

/// What may not or could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct UnreadView {
    /// What, such as `pods`.
    pub resource: String,
    /// Where; empty for the whole cluster.
    pub namespace: String,
    /// `forbidden`, `api_absent`, `not_synced`, `stale`.
    pub reason: String,
}

/// What a person agrees to, once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ConsentView {
    /// The key of this very stanza; any change of it asks again.
    pub consent: String,
    /// The program, as it was found.
    pub path: String,
    /// Its arguments, in order.
    pub arguments: Vec<String>,
    /// Names of the variables that it is given; values stay in the kubeconfig.
    pub variables: Vec<VariableView>,
    /// The version of the exchange.
    pub api_version: String,
    /// A program and arguments as its vendor documents them.
    pub known: bool,
}

/// A variable of a program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct VariableView {
    /// Its name.
    pub name: String,
    /// It changes what programs do, such as `PATH`.
    pub delicate: bool,
}

/// A node of a cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NodeView {
    /// Its context.
    pub context: String,
    /// Name.
    pub name: String,
    /// What kubectl would print.
    pub status: String,
    /// How it fares.
    pub verdict: String,
    /// Why.
    pub reason: String,
    /// Since when.
    pub since: Option<String>,
    /// Version of its kubelet.
    pub version: String,
    /// Marks that keep pods away.
    pub taints: Vec<String>,
}

/// A namespace with its workloads by verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NamespaceView {
    /// Its context.
    pub context: String,
    /// Name.
    pub name: String,
    /// Workloads by verdict, from good to bad.
    pub workloads: Vec<CountView>,
}

/// A workload.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct WorkloadView {
    /// Its context.
    pub context: String,
    /// Namespace.
    pub namespace: String,
    /// Kind.
    pub kind: String,
    /// Name.
    pub name: String,
    /// `healthy`, `suspended`, `progressing`, `missing`, `degraded`, `unknown`.
    pub verdict: String,
    /// Why, as a code.
    pub reason: String,
    /// What decided, with its value.
    pub deciding_field: String,
    /// Since when.
    pub since: Option<String>,
    /// Whether users still get answers: `none` is missing, `reduced`, `outage`, `unknown`.
    pub impact: String,
    /// What stands beside it.
    pub note: String,
    /// The service that runs as it.
    pub service: Option<NodeRef>,
    /// Who last wrote its images.
    pub writer: WriterView,
    /// Its pods; nothing where they may not be read.
    pub pods: Option<PodsView>,
    /// Why a pod of it has no place, in the scheduler's words.
    pub pending: Option<String>,
}

/// Who last wrote the images of a workload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WriterView {
    /// `manual`, `ambiguous`, `controller`, `pipeline`, `gitops`.
    pub class: String,
    /// The name that was given.
    pub manager: String,
    /// Not later than.
    pub at: Option<String>,
    /// Why it has its class, as a code.
    pub reason: String,
    /// What would settle it, where it is not settled.
    pub help: Option<String>,
}

/// Pods in numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PodsView {
    /// Wanted.
    pub wanted: i32,
    /// Ready.
    pub ready: i32,
    /// Restarts of all that are there.
    pub restarts: u32,
    /// By kubectl's status words.
    pub by_status: Vec<CountView>,
}

/// A change that has not held yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SuspectedView {
    /// The service.
    pub service: String,
    /// The target.
    pub target: String,
    /// The check.
    pub check: String,
    /// The finding as it stands.
    pub result: String,
    /// What it may become.
    pub suspected: String,
    /// What was seen.
    pub observed: String,
    /// Who wrote it, where that matters.
    pub writer: Option<String>,
}

/// Which workload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct WorkloadRequest {
    /// Its context.
    pub context: String,
    /// Namespace.
    pub namespace: String,
    /// Kind.
    pub kind: String,
    /// Name.
    pub name: String,
}

/// An opened workload.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct WorkloadDetail {
    /// Its row.
    pub workload: WorkloadView,
    /// Its pods; nothing where they may not be read.
    pub pods: Option<Vec<PodView>>,
    /// Rollouts that were recorded or are still told by the cluster, newest first.
    pub rollouts: Vec<RolloutView>,
    /// Since when somebody watches: what happened before has no writer.
    pub watched_since: Option<String>,
    /// Warnings, newest first; nothing where they may not be read.
    pub warnings: Option<Vec<WarningView>>,
    /// Health around the service's cut-over; empty where there was none.
    pub cut_over: Vec<LookView>,
    /// It fares worse after the cut-over than before.
    pub worse: bool,
}

/// A pod.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PodView {
    /// Name.
    pub name: String,
    /// The node it runs on.
    pub node: String,
    /// kubectl's status word.
    pub status: String,
    /// Ready containers.
    pub ready: u32,
    /// Containers.
    pub containers: u32,
    /// Restarts.
    pub restarts: u32,
    /// How it fares.
    pub verdict: String,
    /// Why.
    pub reason: String,
    /// The scheduler's or the node's own words.
    pub message: String,
    /// When it was made.
    pub created: Option<String>,
}

/// A rollout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RolloutView {
    /// Number of the revision.
    pub revision: i32,
    /// When.
    pub at: String,
    /// How its time was found: `created`, `condition`, `history`, `observed`.
    pub time: String,
    /// Where nobody looked when it happened: since when nobody had.
    pub unseen_since: Option<String>,
    /// `image`, `config`, `restart`, `rollback`, `first`.
    pub change: String,
    /// Container and image.
    pub images: Vec<ImageView>,
    /// Who wrote it.
    pub class: String,
    /// The name that was given; empty where nobody looked.
    pub manager: String,
    /// Run or commit, where it names one.
    pub trace: Option<String>,
    /// It is recorded in the programme.
    pub recorded: bool,
    /// What delivered it, where the history of a delivery controller tells.
    pub source: Option<SourceView>,
}

/// A container and its image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ImageView {
    /// The container.
    pub container: String,
    /// The image.
    pub image: String,
}

/// A warning of the cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WarningView {
    /// When last.
    pub at: Option<String>,
    /// Why, in one word.
    pub reason: String,
    /// What, in a sentence.
    pub message: String,
    /// What it is about.
    pub about: String,
    /// How often.
    pub count: u32,
}

/// A look at a service's health around its cut-over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LookView {
    /// `before`, `hour`, `day`, `week`.
    pub look: String,
    /// `later`, `now`, `done`, `not_observed`.
    pub due: String,
    /// The verdict, where it was taken.
    pub verdict: Option<String>,
    /// What was seen.
    pub observed: String,
}

/// Records that users were moved over to the new platform now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RecordCutOver {
    /// Id, name or alias of the service.
    pub service: String,
    /// What there is to say about it.
    #[serde(default)]
    pub note: Option<String>,
}

/// Switches a context on or off, on this device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SwitchContext {
    /// Its name.
    pub context: String,
    /// Whether it is watched from now on.
    pub on: bool,
}

/// Which context.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ContextRequest {
    /// Its name.
    pub context: String,
}

/// Agrees that a program brings the credentials of a context.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct AgreeToPlugin {
    /// The context.
    pub context: String,
    /// The key that was shown: what changed since is not agreed to.
    pub consent: String,
}
