//! Finding things across the programme: search, conflicts, recent changes.

use super::session::{EventView, NodeRef};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Asks for what holds some words.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SearchRequest {
    /// Words; all of them must be in one text, in any order, without regard to case.
    pub query: String,
}

/// What was found.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SearchView {
    /// People first, then names of services, then what is said of them; at most 100.
    pub hits: Vec<SearchHit>,
    /// How many there are in all.
    pub total: u32,
}

/// One text that holds the words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SearchHit {
    /// Where: `person`, `name`, `alias`, `tag`, `field`, `blocker`, `check`.
    pub place: String,
    /// The service, but for people.
    pub service: Option<NodeRef>,
    /// Id of the person, the blocker or the check, or the field.
    pub reference: String,
    /// Title of the check, where it is one's note.
    pub title: Option<String>,
    /// The text.
    pub text: String,
}

/// What is in conflict.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ConflictsView {
    /// Fields with two or more values that nobody chose between.
    pub conflicts: Vec<ConflictRow>,
}

/// A field in conflict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ConflictRow {
    /// Id of the thing.
    pub entity: String,
    /// What it is: `service`, `person`, `dependency` and so on.
    pub kind: String,
    /// Its name, where it has one.
    pub name: String,
    /// The field.
    pub field: String,
    /// Its values; the first is in force.
    pub values: Vec<ConflictChoice>,
}

/// One value of a field in conflict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ConflictChoice {
    /// The value for people.
    pub shown: String,
    /// The value as JSON; give it to `settle_conflict`.
    pub value: String,
    /// Names the value's version; give all that were shown to `settle_conflict`.
    pub version: String,
    /// Who set it.
    pub by: String,
    /// When.
    pub at: String,
}

/// Settles a conflict.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SettleConflict {
    /// Id of the thing.
    pub entity: String,
    /// The field.
    pub field: String,
    /// The value that stays, as JSON: one of those in conflict, or a new one of their kind.
    pub value: String,
    /// The versions that were shown; without them, all there are now. What came since stays in
    /// conflict.
    #[serde(default)]
    #[ts(optional, as = "Option<Vec<String>>")]
    pub seen: Vec<String>,
}

/// What changed last.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RecentView {
    /// Services, the last changed first, at most 30.
    pub services: Vec<RecentRow>,
}

/// A service that changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct RecentRow {
    /// The service.
    pub service: NodeRef,
    /// When it changed.
    pub changed_at: String,
    /// What happened, where it can be told.
    pub event: Option<EventView>,
}
