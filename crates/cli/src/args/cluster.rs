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
    /// Where contexts come from.
    #[command(flatten)]
    pub files: Kubeconfig,
    /// The context [default: the current one]
    #[arg(long, value_name = "CONTEXT", conflicts_with = "all_contexts")]
    pub context: Option<String>,
    /// Look at all contexts
    #[arg(long)]
    pub all_contexts: bool,
    /// Also try this namespace where you may not read the whole cluster; may be repeated
    #[arg(long = "namespace", value_name = "NAMESPACE")]
    pub namespaces: Vec<String>,
    /// Run the program that the context gets its credentials from
    #[arg(long)]
    pub allow_plugin: bool,
}
