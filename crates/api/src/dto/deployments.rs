//! Deployments as they were seen in clusters.

use super::session::NodeRef;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Which deployments.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(optional_fields)]
pub struct DeploymentsRequest {
    /// Those of one service: id, name or alias. Without it, of all.
    pub service: Option<String>,
    /// Weeks that are told, this one included; 26 without it.
    pub weeks: Option<u32>,
    /// Of every environment, and not of production alone.
    pub everywhere: Option<bool>,
    /// Lists those of this week alone, by its Monday; the numbers stay those of all.
    pub week: Option<String>,
    /// Lists those of this class of writers alone.
    pub class: Option<String>,
}

/// What was deployed by whom. Classes of writers are never mixed into one number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DeploymentsView {
    /// The service, where one was asked for.
    pub service: Option<NodeRef>,
    /// Weeks without a hole, oldest first; none where nothing was ever seen.
    pub weeks: Vec<DeployedWeek>,
    /// Whole days since the last deployment by hand; none where none was seen.
    pub days_since_manual: Option<u32>,
    /// When that was.
    pub last_manual: Option<String>,
    /// Deployments since then, or since the first look, of which nobody can tell who wrote them.
    pub ambiguous_since: u32,
    /// When somebody first looked at what these deployments ran on.
    pub watched_since: Option<String>,
    /// Services that were deployed within 15 minutes of each other, the most frequent first.
    pub together: Vec<TogetherRow>,
    /// Delivery figures, of one service alone.
    pub delivery: Option<DeliveryView>,
    /// Deployments of these weeks that are asked for, newest first.
    pub deployments: Vec<DeploymentRow>,
    /// How many there are; the list may be shorter.
    pub total: u32,
}

/// Deployments of a week, Monday first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DeployedWeek {
    /// Its Monday.
    pub week: String,
    /// Somebody looked in it, or what it left was still there to be seen. If not, it is a gap and
    /// its numbers are none.
    pub observed: bool,
    /// By a person.
    pub manual: u32,
    /// By whom cannot be told.
    pub ambiguous: u32,
    /// By a controller of the cluster.
    pub controller: u32,
    /// By a pipeline.
    pub pipeline: u32,
    /// By a reconciler of a repository.
    pub gitops: u32,
}

/// Delivery figures of a service, as dora.dev defines them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DeliveryView {
    /// The figures.
    pub figures: Vec<DeliveryFigure>,
    /// Whether they stand beside each other for times of one length before and after the move.
    pub compared: bool,
    /// Why not, where the service has moved.
    pub not_compared: Option<String>,
}

/// A delivery figure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DeliveryFigure {
    /// What it is.
    pub title: String,
    /// `measured`, `proxy` or `self-reported`.
    pub tag: String,
    /// Over the weeks that are told; none where nothing is known, which is no zero.
    pub value: Option<String>,
    /// How many rollouts it covers, of how many.
    pub covers: String,
    /// Before the move.
    pub before: Option<String>,
    /// After it.
    pub after: Option<String>,
}

/// Two services that were deployed together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TogetherRow {
    /// One of them; the service that was asked for.
    pub first: NodeRef,
    /// The other one.
    pub second: NodeRef,
    /// Deployments of the first with one of the second beside them.
    pub times: u32,
    /// Deployments of the first.
    pub of_first: u32,
    /// Deployments of the second.
    pub of_second: u32,
}

/// A deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DeploymentRow {
    /// Monday of its week.
    pub week: String,
    /// When it happened, or was first seen.
    pub at: String,
    /// Somebody looked last before it at this moment, where the time is that of the first look.
    pub unseen_since: Option<String>,
    /// The service that ran as the workload.
    pub service: Option<NodeRef>,
    /// Id of the fact.
    pub id: String,
    /// Name of the environment.
    pub environment: String,
    /// Namespace, kind and name of the workload.
    pub workload: String,
    /// Number of the revision.
    #[ts(type = "number")]
    pub revision: i64,
    /// What it changed: `image`, `config`, `rollback` or `first`; `delivery` where that is not known,
    /// since the history of a delivery controller alone tells of it. Then it has no revision either,
    /// and its number is 0.
    pub change: String,
    /// Images, each with its container.
    pub images: Vec<String>,
    /// Class of the writer.
    pub class: String,
    /// The name he gave; empty where none is known.
    pub manager: String,
    /// Run or commit, where it names one.
    pub trace: Option<String>,
    /// What delivered it, where the history of a delivery controller tells.
    pub source: Option<SourceView>,
}

/// An entry in the history of a delivery controller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SourceView {
    /// `Argo CD`, `Flux` or `Flux Helm`.
    pub tool: String,
    /// Kind of the object that bears the history.
    pub kind: String,
    /// Its namespace and name.
    pub object: String,
    /// Commit or version of a chart, as short as people write it.
    pub short_revision: Option<String>,
    /// The same in full.
    pub revision: Option<String>,
    /// `automated`; `requested` where somebody asked for it, who may be a person or a pipeline's
    /// account; `untold` where the history does not say.
    pub start: String,
}
