//! The Progress page.

use super::outlook::{OutlookView, SheetView};
use super::session::{EventView, NodeRef};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What to show beside today's numbers.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ProgressRequest {
    /// Changes since this moment are listed; without it, since the last visit.
    #[serde(default)]
    pub since: Option<String>,
    /// A past day (`YYYY-MM-DD`): the programme is shown as it stood at its end, under the playbook
    /// of that day. Without it, or with today, as it stands now.
    #[serde(default)]
    #[ts(optional)]
    pub at: Option<String>,
    /// Shows the past day as it was known then: only what had been recorded by its end. Otherwise
    /// as it was, by what is known today.
    #[serde(default)]
    #[ts(optional, as = "Option<bool>")]
    pub as_known: bool,
}

/// The CTO's page.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ProgressView {
    /// Name of the programme.
    pub programme: String,
    /// IANA name of the programme's time zone.
    pub time_zone: String,
    /// Day by which the programme wants to be done.
    pub deadline: Option<String>,
    /// Id of the stage that counts as done.
    pub done_stage: String,
    /// The moment of these numbers: now, or the end of the day that is shown.
    pub as_of: String,
    /// The past day that is shown; none where it is now.
    pub at: Option<String>,
    /// Whether it is shown as it was known then.
    pub as_known: bool,
    /// What may be expected.
    pub outlook: OutlookView,
    /// What else stands on the CTO's page.
    pub sheet: SheetView,
    /// One sentence that says where the programme stands.
    pub sentence: String,
    /// The programme's numbers.
    pub totals: Totals,
    /// One row a stage in climbing order, the first being "not started" (id `none`).
    pub stages: Vec<StageCount>,
    /// How many services stood at each stage at the end of each day.
    pub flow: Flow,
    /// Open blockers, oldest first.
    pub blocked: Vec<BlockedRow>,
    /// Regressed services.
    pub regressed: Vec<RegressedRow>,
    /// Start of the list of changes.
    pub since: Option<String>,
    /// What changed since then, newest first, at most 200.
    pub changes: Vec<EventView>,
    /// How many changes there were in all.
    pub changes_total: u32,
    /// Services that entered a stage since then.
    pub moved: Vec<MovedRow>,
}

/// Numbers over all services in scope.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Totals {
    /// Nodes of class service that are in scope.
    pub in_scope: u32,
    /// Nodes of class service that were taken out of scope.
    pub out_of_scope: u32,
    /// Services at the done stage or beyond.
    pub done: u32,
    /// Services with an open blocker.
    pub blocked: u32,
    /// Services that lost a stage because a check went from pass to fail.
    pub regressed: u32,
    /// Services that keep a stage while a new or stricter check is open.
    pub reproving: u32,
    /// Services that keep a stage on a pass that went stale.
    pub unproven: u32,
    /// Counted checks that pass, over all services in scope.
    pub passed: u32,
    /// Counted checks that apply, over all services in scope.
    pub counted: u32,
    /// Passed checks that are proved, not claimed.
    pub proved: u32,
    /// Passed checks that are claimed.
    pub claimed: u32,
    /// Checks waived.
    pub waived: u32,
    /// Checks that do not apply.
    pub not_applicable: u32,
}

/// One stage of the ladder and who stands there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct StageCount {
    /// Stage id, or `none`.
    pub stage: String,
    /// Title.
    pub title: String,
    /// What being here means.
    pub meaning: String,
    /// Services whose stage is exactly this one.
    pub here: u32,
    /// Services at this stage or beyond.
    pub reached: u32,
    /// The services that stand exactly here.
    pub services: Vec<NodeRef>,
    /// False where the programme has no such environment.
    pub applicable: bool,
}

/// Cumulative flow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Flow {
    /// Stage ids in climbing order, `none` first.
    pub stages: Vec<String>,
    /// One row a day, oldest first.
    pub days: Vec<FlowDay>,
    /// Days on which the playbook or the scope changed.
    pub marks: Vec<FlowMark>,
}

/// One day of the cumulative flow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FlowDay {
    /// The day.
    pub date: String,
    /// Services whose stage is exactly `stages[i]` at the end of the day.
    pub here: Vec<u32>,
}

/// A remark on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FlowMark {
    /// The day.
    pub date: String,
    /// The remark.
    pub label: String,
}

/// An open blocker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BlockedRow {
    /// Id of the blocker.
    pub blocker: String,
    /// The service.
    pub service: NodeRef,
    /// Why.
    pub reason: String,
    /// For whom or what it waits.
    pub waiting_for: String,
    /// Since when.
    pub since: String,
    /// Whole days since then, in the programme's time zone.
    pub days: u32,
    /// Who opened it.
    pub opened_by: String,
}

/// A service that lost a stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RegressedRow {
    /// The service.
    pub service: NodeRef,
    /// Title of the stage it stood at.
    pub from: String,
    /// Title of the stage it stands at now.
    pub to: String,
    /// The check that fails.
    pub check: String,
    /// Its title.
    pub check_title: String,
    /// What was seen.
    pub observed: String,
    /// Who or what saw it.
    pub source: String,
    /// When.
    pub at: String,
}

/// A service that moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MovedRow {
    /// The service.
    pub service: NodeRef,
    /// Title of the stage before.
    pub from: String,
    /// Title of the stage now.
    pub to: String,
    /// True for a climb.
    pub up: bool,
}

/// Which form of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ReportFormat {
    /// Markdown.
    Md,
    /// One self-contained page without script.
    Html,
    /// The view as JSON.
    Json,
    /// Rows for a spreadsheet.
    Csv,
}

/// Asks for the progress report.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ReportRequest {
    /// Its form.
    pub format: ReportFormat,
    /// A past day, as for Progress.
    #[serde(default)]
    #[ts(optional)]
    pub at: Option<String>,
    /// As that day was known then.
    #[serde(default)]
    #[ts(optional, as = "Option<bool>")]
    pub as_known: bool,
}

/// A rendered report.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ReportText {
    /// Suggested file name.
    pub file_name: String,
    /// Content.
    pub text: String,
}
