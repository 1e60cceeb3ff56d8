//! What moved since a day.

use super::session::NodeRef;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Asks what moved.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct MoversRequest {
    /// A past day (`YYYY-MM-DD`): today is compared with its end.
    pub since: String,
}

/// Services that stand otherwise now than at the end of a day, as it was by what is known today.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct MoversView {
    /// The day.
    pub since: String,
    /// Every service whose stage, scope, blocker or number of passed checks is another one, by
    /// name.
    pub movers: Vec<MoverRow>,
    /// Those of them in scope that pass more checks now, most improved first, at most 10.
    pub improved: Vec<MoverRow>,
    /// Those of them in scope that pass fewer checks now, worst drop first, at most 10.
    pub dropped: Vec<MoverRow>,
}

/// A service then and now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MoverRow {
    /// The service.
    pub service: NodeRef,
    /// Where it stood; none where it arrived since.
    pub from: Option<Stand>,
    /// Where it stands.
    pub to: Stand,
    /// Passed checks now less passed checks then.
    pub passed_difference: i32,
}

/// Where a service stands, in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Stand {
    /// Stage id, none before the first.
    pub stage: Option<String>,
    /// Title of the stage.
    pub title: String,
    /// Number of the stage on the ladder of its day; 0 before the first.
    pub number: u32,
    /// Scope.
    pub scope: String,
    /// Has an open blocker.
    pub blocked: bool,
    /// Counted checks that pass.
    pub passed: u32,
    /// Counted checks that apply.
    pub counted: u32,
}
