//! Sprints.

use super::service::{ServiceRow, StageRef};
use super::session::{EventView, NodeRef, PersonRef};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A sprint in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SprintRow {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// What shall be true at its end.
    pub goal: String,
    /// `expert-led`, `internal` or `regular`.
    pub kind: String,
    /// `planned`, `running`, `paused` or `ended`.
    pub state: String,
    /// First day.
    pub first: String,
    /// Last day.
    pub last: String,
    /// Working days from the first to the last.
    pub working_days: u32,
    /// Which of them today is; none before it, after it, and on days that are not worked.
    pub day: Option<u32>,
    /// Who leads it.
    pub leader: Option<PersonRef>,
    /// Who takes part.
    pub members: Vec<PersonRef>,
    /// Services in its scope: now, or at its end.
    pub planned: u32,
    /// How many of them stand at their target stage or beyond: now, or at its end.
    pub reached: u32,
}

/// All sprints, the latest first.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SprintsView {
    /// The sprints.
    pub sprints: Vec<SprintRow>,
}

/// Which sprint.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SprintRequest {
    /// Id or name. Without it the one that runs; else the next that is planned; else the last.
    #[serde(default)]
    #[ts(optional)]
    pub sprint: Option<String>,
}

/// One sprint.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SprintView {
    /// The sprint.
    pub sprint: SprintRow,
    /// When it was started, where it was.
    pub started_at: Option<String>,
    /// When it was ended, where it was.
    pub ended_at: Option<String>,
    /// Its scope, by name.
    pub services: Vec<SprintService>,
    /// Changes of its scope after it was started, oldest first.
    pub scope_changes: Vec<SprintScopeStep>,
    /// Scope and result at the end of each day, up to today or to the day it ended.
    pub burn_up: Vec<BurnUpDay>,
    /// What happened to its services while it ran, latest first.
    pub log: Vec<EventView>,
    /// The ladder, for the board.
    pub stages: Vec<StageRef>,
}

/// A service of a sprint.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SprintService {
    /// The service as the table has it, now.
    pub service: ServiceRow,
    /// The stage it shall reach.
    pub target_stage: String,
    /// That stage's title.
    pub target_title: String,
    /// It stands there or beyond: now, or at the end of the sprint.
    pub reached: bool,
    /// It came in after the sprint was started.
    pub added: bool,
    /// Why it is in scope.
    pub reason: String,
}

/// One change of a sprint's scope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SprintScopeStep {
    /// When.
    pub at: String,
    /// The local day of it, in the programme's time zone.
    pub day: String,
    /// The service.
    pub service: NodeRef,
    /// Title of the stage it shall reach; none where it was taken out.
    pub target_title: Option<String>,
    /// Why.
    pub reason: String,
    /// Who decided.
    pub by: String,
}

/// Scope and result of a sprint at the end of a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BurnUpDay {
    /// The day.
    pub date: String,
    /// Services in scope.
    pub scope: u32,
    /// How many of them stood at their target stage or beyond.
    pub reached: u32,
}

/// Plans a sprint.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct PlanSprint {
    /// Name, which no other sprint has.
    pub name: String,
    /// What shall be true at its end.
    #[serde(default)]
    #[ts(optional)]
    pub goal: Option<String>,
    /// `expert-led`, `internal` or `regular`.
    pub kind: String,
    /// First day.
    pub first: String,
    /// Last day.
    pub last: String,
    /// Who leads it, by id or name.
    #[serde(default)]
    #[ts(optional)]
    pub leader: Option<String>,
    /// Who takes part, by id or name.
    #[serde(default)]
    #[ts(optional, as = "Option<Vec<String>>")]
    pub members: Vec<String>,
    /// Services of its scope, by id, name or alias.
    #[serde(default)]
    #[ts(optional, as = "Option<Vec<String>>")]
    pub services: Vec<String>,
    /// The stage they shall reach; without it, the stage that counts as done.
    #[serde(default)]
    #[ts(optional)]
    pub target_stage: Option<String>,
}

/// Changes a sprint's words. What is left out stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct EditSprint {
    /// Id or name.
    pub sprint: String,
    /// Name.
    #[serde(default)]
    #[ts(optional)]
    pub name: Option<String>,
    /// Goal.
    #[serde(default)]
    #[ts(optional)]
    pub goal: Option<String>,
    /// Kind.
    #[serde(default)]
    #[ts(optional)]
    pub kind: Option<String>,
    /// First day.
    #[serde(default)]
    #[ts(optional)]
    pub first: Option<String>,
    /// Last day.
    #[serde(default)]
    #[ts(optional)]
    pub last: Option<String>,
    /// Leader, by id or name; empty for nobody.
    #[serde(default)]
    #[ts(optional)]
    pub leader: Option<String>,
    /// All who take part, by id or name.
    #[serde(default)]
    #[ts(optional)]
    pub members: Option<Vec<String>>,
}

/// A turn of a sprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SprintTurn {
    /// Work begins.
    Start,
    /// Work rests.
    Pause,
    /// Work goes on.
    Resume,
    /// Work is over.
    End,
}

/// Starts, pauses, resumes or ends a sprint.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct TurnSprint {
    /// Id or name.
    pub sprint: String,
    /// Which turn.
    pub turn: SprintTurn,
    /// Why, or what there is to say.
    #[serde(default)]
    #[ts(optional)]
    pub note: Option<String>,
    /// Where it ends: the sprint that takes over the services which did not reach their stage.
    #[serde(default)]
    #[ts(optional)]
    pub carry_over_to: Option<String>,
}

/// Changes the scope of a sprint.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ScopeSprint {
    /// Id or name.
    pub sprint: String,
    /// Services, by id, name or alias.
    pub services: Vec<String>,
    /// Whether they come in or go out.
    pub change: SprintScopeChange,
    /// The stage they shall reach; without it, the stage that counts as done.
    #[serde(default)]
    #[ts(optional)]
    pub target_stage: Option<String>,
    /// Why. Needed once the sprint has started.
    #[serde(default)]
    #[ts(optional)]
    pub reason: Option<String>,
}

/// Into a scope or out of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SprintScopeChange {
    /// In.
    In,
    /// Out.
    Out,
}
