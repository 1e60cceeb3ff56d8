//! Import: preview, then apply.

use super::service::EvidenceView;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What an import would do, or did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ImportReport {
    /// Give it to `apply_import`; absent once applied.
    pub token: Option<String>,
    /// `compose`, `backstage`, `csv`, `manifests` or `pilotage`.
    pub format: String,
    /// Columns of a table, in order.
    pub columns: Vec<ImportColumn>,
    /// Words that `map_import` takes for a column of a table.
    pub fields: Vec<String>,
    /// Files that were named, by name.
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
    /// What an export of Pilotage adds to the log; only then.
    pub log: Option<ImportedLog>,
    /// Id of the action, for `undo`.
    pub batch: Option<String>,
}

/// One column of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ImportColumn {
    /// Its title, unique in the file.
    pub title: String,
    /// What it was taken for; nothing where it is left out.
    pub field: Option<String>,
    /// Its first cells that are not empty, three at most.
    pub samples: Vec<String>,
}

/// What an export of Pilotage adds to the log.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ImportedLog {
    /// Devices that wrote it.
    pub devices: u32,
    /// Actions that are new here.
    pub new: u32,
    /// Actions that are here already.
    pub known: u32,
    /// Lines of later versions, or that break a rule of the log: kept, not counted.
    pub set_aside: u32,
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
    /// Somebody edited it here: it stays unless it is taken.
    pub differs: bool,
}

/// Dependencies of an import.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
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
    /// `start_order`, `declared` or `interface`.
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
    /// Differing fields whose value is taken from the file.
    #[serde(default)]
    pub take: Vec<TakeField>,
}

/// A field of one node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct TakeField {
    /// Name of the node's row.
    pub name: String,
    /// Name of the field, as in the row.
    pub field: String,
}

/// Previews the same files again, with other columns.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct MapImport {
    /// From the preview, which it replaces.
    pub token: String,
    /// What the columns hold; columns that are not named are recognised by their titles.
    pub columns: Vec<MapColumn>,
}

/// What one column of a table holds.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct MapColumn {
    /// Its title.
    pub title: String,
    /// One of the report's `fields`; nothing leaves the column out.
    pub field: Option<String>,
}

/// What is exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ExportKind {
    /// Everything with the log, JSON: it can be imported again.
    Everything,
    /// Services with all fields, stage, progress, blockers, scope, CSV.
    Services,
    /// Dependencies with their evidence, CSV.
    Dependencies,
    /// Every check of every service, CSV.
    Checks,
    /// Every write of the log, CSV.
    Log,
}

/// Saves an export where the person chooses.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SaveExport {
    /// What.
    pub what: ExportKind,
}
