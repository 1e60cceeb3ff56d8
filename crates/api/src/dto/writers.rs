//! The team's word on who writes to clusters.

use super::session::NodeRef;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Rules on writers, and the pipelines of single services.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WritersView {
    /// Rules of the programme, in the order in which they are tried; the first that fits counts.
    pub rules: Vec<WriterRuleView>,
    /// Services whose own pipeline writes under names of its own.
    pub pipelines: Vec<PipelineView>,
}

/// By what a writer is recognised; what is absent does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(optional_fields)]
pub struct WriterIs {
    /// The name, exactly.
    pub manager: Option<String>,
    /// How the name begins.
    pub manager_prefix: Option<String>,
    /// `Apply` or `Update`.
    pub operation: Option<String>,
    /// Namespace, with `*` for anything.
    pub namespace: Option<String>,
    /// Context as the programme's targets name it.
    pub cluster: Option<String>,
    /// Kind of the workload.
    pub kind: Option<String>,
    /// An annotation that must belong to this very rollout.
    pub marker: Option<String>,
}

/// A rule of the programme.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WriterRuleView {
    /// Its id.
    pub id: String,
    /// Whom it is about.
    pub is: WriterIs,
    /// The same in words.
    pub words: String,
    /// `manual`, `pipeline`, `gitops`, `controller` or `ambiguous`.
    pub class: String,
    /// Why.
    pub note: String,
    /// Who said so last.
    pub by: String,
    /// When, RFC 3339.
    pub at: String,
    /// The day of that in the programme's zone.
    pub on: String,
}

/// Names under which a service's own pipeline writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PipelineView {
    /// The service.
    pub service: NodeRef,
    /// The names.
    pub managers: Vec<String>,
}

/// A rule that is made, changed, or tried.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(optional_fields)]
pub struct EditWriterRule {
    /// The rule that is changed; a new one without it, tried after all others.
    pub id: Option<String>,
    /// Whom it is about; without it, the rule is taken away.
    pub is: Option<WriterIs>,
    /// What he is.
    pub class: Option<String>,
    /// Why.
    pub note: Option<String>,
}

/// Names under which a service's own pipeline writes, all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct EditPipeline {
    /// The service: id, name or alias.
    pub service: String,
    /// The names; none where it has no pipeline of its own.
    pub managers: Vec<String>,
}

/// What a rule would change of what is seen now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WriterTrial {
    /// Workloads whose writer would be another one's.
    pub changed: Vec<TriedWriter>,
    /// Workloads that were looked at: those of the contexts that are on.
    pub looked_at: u32,
}

/// A workload that would be read otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TriedWriter {
    /// Context, namespace, kind and name.
    pub workload: String,
    /// The service that runs as it.
    pub service: Option<NodeRef>,
    /// The name the writer gave.
    pub manager: String,
    /// Class as it is read now.
    pub from: String,
    /// Class as it would be read.
    pub to: String,
}
