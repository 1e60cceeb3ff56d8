//! Import: preview, then apply.

use super::service::EvidenceView;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What an import would do, or did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ImportReport {
    /// Give it to `apply_import`; absent once applied.
    pub token: Option<String>,
    /// Files that were read, by name.
    pub files: Vec<String>,
    /// True once it is saved.
    pub applied: bool,
    /// Nodes that are new.
    pub created: u32,
    /// Nodes that change.
    pub updated: u32,
    /// Nodes that stay as they are.
    pub unchanged: u32,
    /// Nodes with a field that somebody edited here and the file says otherwise.
    pub differs: u32,
    /// Entries that cannot be taken.
    pub rejected: u32,
    /// One row a node or rejected entry.
    pub rows: Vec<ImportRow>,
    /// Declared dependencies.
    pub dependencies: ImportedDependencies,
    /// Things to know that stop nothing.
    pub warnings: Vec<ImportWarning>,
    /// Id of the action, for `undo`.
    pub batch: Option<String>,
}

/// What happens to one node or entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ImportRow {
    /// `created`, `updated`, `unchanged`, `differs` or `rejected`.
    pub outcome: String,
    /// Name of the node, or of the rejected entry.
    pub name: String,
    /// Class, for nodes.
    pub class: Option<String>,
    /// Why that class.
    pub class_reason: Option<String>,
    /// File it stands in.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Why it is rejected, or nothing.
    pub reason: Option<String>,
    /// Fields that change or differ.
    pub fields: Vec<ImportField>,
}

/// One field of one node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ImportField {
    /// Name of the field.
    pub field: String,
    /// What the programme says.
    pub here: Option<String>,
    /// What the file says.
    pub file: Option<String>,
}

/// Dependencies of an import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ImportedDependencies {
    /// New ones.
    pub created: u32,
    /// Ones with new evidence.
    pub updated: u32,
    /// Ones that stay.
    pub unchanged: u32,
    /// All of them.
    pub rows: Vec<ImportedDependency>,
}

/// One declared dependency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ImportedDependency {
    /// `created`, `updated` or `unchanged`.
    pub outcome: String,
    /// Caller.
    pub from: String,
    /// Callee.
    pub to: String,
    /// `start_order`.
    pub kind: String,
    /// Where it stands.
    pub evidence: Vec<EvidenceView>,
}

/// Something to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ImportWarning {
    /// File.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// What.
    pub text: String,
}

/// Saves a previewed import.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ApplyImport {
    /// From the preview.
    pub token: String,
}
