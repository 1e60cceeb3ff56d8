//! Everything at a glance: the heat map, the evidence behind one of its cells, and what needs the
//! acting person.

use super::service::{CheckView, FindingView};
use super::session::NodeRef;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Services × checks.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct HeatMapView {
    /// The columns, in climbing order.
    pub checks: Vec<HeatColumn>,
    /// The rows, by name: nodes of class service that are in scope.
    pub rows: Vec<HeatRow>,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct HeatColumn {
    /// Check id.
    pub id: String,
    /// Title.
    pub title: String,
    /// Id of the stage that judges it.
    pub stage: String,
    /// Title of that stage.
    pub stage_title: String,
    /// `auto`, `manual` or `approval`.
    pub kind: String,
    /// True where it decides the stage; else it is only visible.
    pub counted: bool,
    /// 5 blocker, 3 major, 1 minor, 0 information.
    pub weight: u32,
}

/// One service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct HeatRow {
    /// The service.
    pub service: NodeRef,
    /// Team.
    pub team: Option<String>,
    /// Owner.
    pub owner: Option<String>,
    /// Archetype.
    pub archetype: Option<String>,
    /// Difficulty class.
    pub difficulty: Option<String>,
    /// Tags.
    pub tags: Vec<String>,
    /// Position of its stage on the ladder: 0 is "not started".
    pub stage_index: u32,
    /// One letter a check, in the order of the columns: `p` pass, `c` claimed pass, `f` fail,
    /// `r` regressed, `s` stale, `v` re-proving, `u` unknown, `w` waived, `n` not applicable.
    pub cells: String,
    /// Counted checks that pass.
    pub passed: u32,
    /// Counted checks that apply and are not waived.
    pub counted: u32,
}

/// One cell.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct EvidenceRequest {
    /// Id, name or alias of the service.
    pub service: String,
    /// Check id.
    pub check: String,
}

/// What stands behind one cell.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct EvidencePanel {
    /// The service.
    pub service: NodeRef,
    /// The check and its current finding.
    pub check: CheckView,
    /// Every finding about it, newest first; the current one among them.
    pub history: Vec<PastFinding>,
}

/// A finding of the past.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PastFinding {
    /// The finding.
    pub finding: FindingView,
    /// Version of the check that was judged.
    pub check_version: u32,
    /// It was taken back.
    pub retracted: bool,
}

/// What needs the acting person, most urgent first.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct NoticesView {
    /// The notices, at most 200.
    pub notices: Vec<NoticeView>,
    /// How many of them are newer than the last look.
    pub unseen: u32,
}

/// One thing to look at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct NoticeView {
    /// `regressed`, `waiver_requested`, `approval`, `overdue`, `blocked`, `waiver_ending`,
    /// `conflict`.
    pub kind: String,
    /// The service.
    pub service: Option<NodeRef>,
    /// Check id, where it is about one.
    pub check: Option<String>,
    /// One sentence.
    pub text: String,
    /// Since when.
    pub at: String,
    /// Newer than the last look.
    pub unseen: bool,
    /// Id of the request, for `answer_waiver`.
    pub request: Option<String>,
}

/// Says that the notices up to a moment were looked at.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct LookedAt {
    /// The newest moment that was on screen.
    pub until: String,
}
