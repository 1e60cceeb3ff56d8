//! Words for clusters: `cluster`.

use clap::{Args, Subcommand};
use std::path::PathBuf;

/// `cluster`.
#[derive(Debug, Subcommand)]
pub enum Cluster {
    /// List the contexts of the kubeconfigs; contacts none
    Contexts(Kubeconfig),
    /// Show nodes, workloads by verdict and pods by status
    Health(Reach),
    /// Show each workload: how it fares, why, and who wrote it
    Workloads(Reach),
    /// Show who last wrote each container's image
    Writers(Reach),
    /// Show what was deployed by whom, by week, as far as it was seen
    Deployments(Deployments),
    /// List the team's rules on writers
    Rules,
    /// Say what a writer is, change a rule, or take it away; the first rule that fits counts
    Rule(WriterRule),
    /// Say under which names a service's own pipeline writes; without a name, it has none
    Pipeline {
        /// Service, by id, name or alias
        service: String,
        /// Names as the cluster shows them
        #[arg(value_name = "MANAGER")]
        managers: Vec<String>,
    },
    /// Say which services run as which workloads; without an option, list what is proposed
    Map(Map),
    /// Record that a service's users were moved over now: its health is compared around this moment
    CutOver {
        /// Service, by id, name or alias
        service: String,
        /// What there is to say about it
        #[arg(long)]
        note: Option<String>,
    },
}

/// `cluster deployments`.
#[derive(Debug, Args)]
pub struct Deployments {
    /// Only this service, by id, name or alias [default: all]
    #[arg(value_name = "SERVICE")]
    pub service: Option<String>,
    /// Weeks that are shown, this one included [default: 26]
    #[arg(long, value_name = "N")]
    pub weeks: Option<u32>,
    /// Of every environment, and not of production alone
    #[arg(long)]
    pub everywhere: bool,
}

/// `cluster rule`.
#[derive(Debug, Args)]
pub struct WriterRule {
    /// The rule that is changed, by the end of its id [default: a new one, tried last]
    #[arg(value_name = "RULE")]
    pub id: Option<String>,
    /// What the writer is: manual, pipeline, gitops, controller or ambiguous
    #[arg(long, required_unless_present = "remove")]
    pub class: Option<String>,
    /// The writer's name, exactly
    #[arg(long)]
    pub manager: Option<String>,
    /// How the name begins
    #[arg(long, value_name = "TEXT")]
    pub manager_prefix: Option<String>,
    /// Apply or Update
    #[arg(long)]
    pub operation: Option<String>,
    /// In this namespace; `*` stands for anything
    #[arg(long, value_name = "NAMESPACE")]
    pub in_namespace: Option<String>,
    /// In this context
    #[arg(long, value_name = "CONTEXT")]
    pub in_context: Option<String>,
    /// On workloads of this kind
    #[arg(long)]
    pub kind: Option<String>,
    /// With this annotation, which must belong to the very rollout
    #[arg(long, value_name = "ANNOTATION")]
    pub marker: Option<String>,
    /// Why
    #[arg(long)]
    pub note: Option<String>,
    /// Take the rule away
    #[arg(long, requires = "id")]
    pub remove: bool,
}

/// `cluster map`.
#[derive(Debug, Args)]
pub struct Map {
    /// Only these services, by id, name or alias [default: all]
    #[arg(value_name = "SERVICE")]
    pub services: Vec<String>,
    /// Confirm what is proposed, in one action
    #[arg(long, conflicts_with_all = ["to", "reject", "forget"])]
    pub confirm: bool,
    /// The workload that the service runs as
    #[arg(long, value_name = "KIND/NAMESPACE/NAME")]
    pub to: Option<String>,
    /// The environment that the workload lies in, where several have targets
    #[arg(long, value_name = "ENVIRONMENT", requires = "to")]
    pub environment: Option<String>,
    /// Say that the service does not run as the workload, so that it is not proposed again
    #[arg(long, requires = "to", conflicts_with = "forget")]
    pub reject: bool,
    /// Take back what was said about the service and the workload
    #[arg(long, requires = "to")]
    pub forget: bool,
    /// How clusters are reached.
    #[command(flatten)]
    pub access: Access,
}

/// `verify`.
#[derive(Debug, Args)]
pub struct Verify {
    /// Only these services, by id, name or alias [default: all]
    #[arg(value_name = "SERVICE")]
    pub services: Vec<String>,
    /// Look once and end: what has not held yet is shown as suspected and not recorded
    #[arg(long)]
    pub no_wait: bool,
    /// Only targets of this context; without a programme, the context itself [default: the current
    /// one]
    #[arg(long, value_name = "CONTEXT")]
    pub context: Option<String>,
    /// How clusters are reached.
    #[command(flatten)]
    pub access: Access,
}

/// How clusters are reached.
#[derive(Debug, Args)]
pub struct Access {
    /// Where contexts come from.
    #[command(flatten)]
    pub files: Kubeconfig,
    /// Also try this namespace where you may not read the whole cluster; may be repeated
    #[arg(long = "namespace", value_name = "NAMESPACE")]
    pub namespaces: Vec<String>,
    /// Run the program that the context gets its credentials from
    #[arg(long)]
    pub allow_plugin: bool,
    /// Use the service account of the pod this runs in
    #[arg(long, conflicts_with = "kubeconfig")]
    pub in_cluster: bool,
}

/// Where contexts come from.
#[derive(Debug, Args)]
pub struct Kubeconfig {
    /// The kubeconfig [default: those that KUBECONFIG names, else .kube/config in the home folder]
    #[arg(long, value_name = "FILE")]
    pub kubeconfig: Option<PathBuf>,
}

/// Which contexts are looked at.
#[derive(Debug, Args)]
pub struct Reach {
    /// The context [default: the current one]
    #[arg(long, value_name = "CONTEXT", conflicts_with_all = ["all_contexts", "in_cluster"])]
    pub context: Option<String>,
    /// Look at all contexts
    #[arg(long, conflicts_with = "in_cluster")]
    pub all_contexts: bool,
    /// Go on looking, and tell every change, until the command is ended
    #[arg(long)]
    pub watch: bool,
    /// How clusters are reached.
    #[command(flatten)]
    pub access: Access,
}
