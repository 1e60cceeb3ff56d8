//! The Services table, one service, and a person's checklist.

use super::session::{EventView, NodeRef, PersonRef};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Partial progress of one service.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ProgressCounts {
    /// Counted checks that pass.
    pub passed: u32,
    /// Counted checks that apply and are not waived.
    pub counted: u32,
    /// Passed checks that are proved: by a verifier, or, for a manual check, by a signature.
    pub proved: u32,
    /// Counted checks that are waived.
    pub waived: u32,
    /// Counted checks that do not apply.
    pub not_applicable: u32,
}

/// One row of the Services table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ServiceRow {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Class: service, datastore, platform, load generator, external.
    pub class: String,
    /// `in`, `retire` or `retain`.
    pub scope: String,
    /// Stage id, or nothing before the first stage (and for nodes that are no services).
    pub stage: Option<String>,
    /// Position of the stage on the ladder: 0 is "not started".
    pub stage_index: u32,
    /// Has an open blocker.
    pub blocked: bool,
    /// Since when it is blocked.
    pub blocked_since: Option<String>,
    /// Lost a stage because a check went from pass to fail.
    pub regressed: bool,
    /// Keeps its stage while a new or stricter check is open.
    pub reproving: bool,
    /// Keeps its stage on a pass that went stale, since then.
    pub unproven_since: Option<String>,
    /// Partial progress.
    pub progress: ProgressCounts,
    /// Who works on it.
    pub assignees: Vec<PersonRef>,
    /// Day by which it should be done.
    pub target_date: Option<String>,
    /// The next open counted check.
    pub next_check: Option<CheckRef>,
    /// How many nodes it calls.
    pub calls: u32,
    /// How many nodes call it.
    pub called_by: u32,
    /// When its stage last changed.
    pub stage_since: Option<String>,
    /// When anything about it last changed.
    pub changed_at: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Team.
    pub team: Option<String>,
    /// From 1 (hardly noticed) to 5 (the company stops).
    pub criticality: Option<u8>,
    /// `S`, `M`, `L` or `XL`.
    pub effort: Option<String>,
    /// Kind of service.
    pub archetype: Option<String>,
    /// `easy`, `moderate` or `hard`.
    pub difficulty: Option<String>,
    /// Tags, in order.
    pub tags: Vec<String>,
    /// Other names it is known by.
    pub known_as: Vec<String>,
    /// The first day on which one of its open checks is due.
    pub next_due: Option<String>,
}

/// A check, by id and title.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CheckRef {
    /// Check id.
    pub id: String,
    /// Title.
    pub title: String,
}

/// All rows, and the ladder they stand on.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ServicesView {
    /// Every node of the inventory, by name.
    pub rows: Vec<ServiceRow>,
    /// The ladder.
    pub stages: Vec<StageRef>,
}

/// A stage, by id and title.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct StageRef {
    /// Stage id.
    pub id: String,
    /// Title.
    pub title: String,
    /// False where the programme has no such environment.
    pub applicable: bool,
}

/// Which service.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ServiceRequest {
    /// Id, name or alias.
    pub service: String,
}

/// One service, whole.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ServiceView {
    /// Its row.
    #[serde(flatten)]
    pub row: ServiceRow,
    /// Why it has its class.
    pub class_reason: Option<String>,
    /// Image, as imported.
    pub image: Option<String>,
    /// Source directory, as imported.
    pub source_directory: Option<String>,
    /// https address of its repository.
    pub repository: Option<String>,
    /// Notes, Markdown.
    pub notes: Option<String>,
    /// Links.
    pub links: Vec<LinkView>,
    /// Nodes that turned out to be this one.
    pub merged: Vec<NodeRef>,
    /// Other names it is known by.
    pub aliases: Vec<String>,
    /// Why it is out of scope, and who decided.
    pub scope_reason: Option<String>,
    /// The ladder with its checks.
    pub ladder: Vec<LadderStage>,
    /// Blockers, open first.
    pub blockers: Vec<BlockerView>,
    /// What it calls.
    pub dependencies: Vec<DependencyView>,
    /// What calls it.
    pub dependents: Vec<DependencyView>,
    /// Current finding of every check that has one.
    pub findings: Vec<FindingView>,
    /// What happened, newest first.
    pub timeline: Vec<EventView>,
    /// Fields that two people changed without seeing each other.
    pub conflicts: Vec<ConflictView>,
}

/// A link of a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LinkView {
    /// https address.
    pub address: String,
    /// What it leads to.
    pub title: String,
}

/// One rung.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct LadderStage {
    /// Stage id.
    pub stage: String,
    /// Title.
    pub title: String,
    /// What being here means.
    pub meaning: String,
    /// `reached`, `current`, `next`, `ahead` or `not_applicable`.
    pub state: String,
    /// The day the service first got here.
    pub first_reached: Option<String>,
    /// Its checks.
    pub checks: Vec<CheckView>,
}

/// One check of one service.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct CheckView {
    /// Check id.
    pub id: String,
    /// Title.
    pub title: String,
    /// Stage it is judged with.
    pub stage: String,
    /// `auto`, `manual` or `approval`.
    pub kind: String,
    /// `draft`, `visible` or `counted`.
    pub state: String,
    /// Weight: 5 blocker, 3 major, 1 minor, 0 information.
    pub weight: u32,
    /// Skills it needs, as titles.
    pub skills: Vec<String>,
    /// What must be true.
    pub what: String,
    /// Why it matters.
    pub why: String,
    /// How to get there.
    pub steps: Vec<String>,
    /// A script to copy.
    pub script: Option<String>,
    /// Where to read more.
    pub fix_link: Option<String>,
    /// `pass`, `fail`, `unknown`, `not_applicable` or `waived`.
    pub result: String,
    /// Why the result is what it is, where it is not simply what was seen: `never_seen`, `stale`,
    /// `retracted`, `older_version`, `waiver_ended`, `archetype`.
    pub reason: Option<String>,
    /// Passes on a person's word while a verifier could prove it.
    pub claimed: bool,
    /// Went from pass to fail on a reached stage.
    pub regressed: bool,
    /// New or stricter since the stage was reached.
    pub reproving: bool,
    /// The current finding.
    pub finding: Option<FindingView>,
    /// The waiver in force.
    pub waiver: Option<WaiverView>,
    /// The newest request for a waiver that nobody answered.
    pub request: Option<WaiverView>,
    /// Day by which it should pass.
    pub due: Option<String>,
    /// Who takes care of it.
    pub doing: Option<PersonRef>,
    /// Why a person cannot attest it now, as advice; nothing where he can.
    pub advice: Option<String>,
}

/// A finding and its evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FindingView {
    /// Id; give it to `retract`.
    pub id: String,
    /// Check id.
    pub check: String,
    /// `pass`, `fail`, `unknown`, `not_applicable` or `waived`.
    pub result: String,
    /// `person`, `cluster`, `repository` or `delivery`.
    pub source: String,
    /// Name of the person or verifier.
    pub by: String,
    /// Counts on a person's word while a verifier could prove it.
    pub claimed: bool,
    /// What was seen, or the note.
    pub observed: String,
    /// Link to evidence.
    pub link: Option<String>,
    /// When it was seen.
    pub seen_at: String,
    /// When it goes stale.
    pub stale_after: Option<String>,
}

/// A waiver in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WaiverView {
    /// Id; give it to `revoke_waiver`.
    pub id: String,
    /// Why.
    pub reason: String,
    /// Who granted it.
    pub by: String,
    /// Last day on which it holds.
    pub expires_on: String,
}

/// A blocker, open or closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BlockerView {
    /// Id; give it to `close_blocker`.
    pub id: String,
    /// Why.
    pub reason: String,
    /// For whom or what it waits.
    pub waiting_for: String,
    /// Since when.
    pub since: String,
    /// Whole days, until now or until it was closed.
    pub days: u32,
    /// Who opened it.
    pub opened_by: String,
    /// When it was closed.
    pub closed_at: Option<String>,
}

/// One dependency, seen from one of its ends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct DependencyView {
    /// Id.
    pub id: String,
    /// Name of the caller.
    pub from: String,
    /// Name of the callee.
    pub to: String,
    /// The node at the other end.
    pub node: NodeRef,
    /// Its class.
    pub class: String,
    /// Its stage, for services.
    pub stage: Option<String>,
    /// `start_order`, …
    pub kind: String,
    /// From 0 to 1.
    pub confidence: f64,
    /// Where it was read.
    pub evidence: Vec<EvidenceView>,
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct EvidenceView {
    /// File, relative to the import.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// What stands there.
    pub text: String,
}

/// Two values, neither of which saw the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ConflictView {
    /// Which field.
    pub field: String,
    /// The values, winner first.
    pub values: Vec<ConflictValue>,
}

/// One side of a conflict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ConflictValue {
    /// The value, as text.
    pub value: String,
    /// Who wrote it.
    pub by: String,
    /// When.
    pub at: String,
}

/// Whose checklist.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ChecklistRequest {
    /// Person id; without it, the acting person.
    #[serde(default)]
    pub person: Option<String>,
}

/// The next steps of one person across services.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ChecklistView {
    /// Whose list.
    pub person: Option<PersonRef>,
    /// Services assigned to that person, most urgent first.
    pub services: Vec<ChecklistService>,
    /// Open checks that the person takes care of on services of others, earliest day first.
    pub elsewhere: Vec<CheckElsewhere>,
    /// Services in scope that nobody works on.
    pub unassigned: Vec<NodeRef>,
}

/// An open check of a service that the person is not assigned to.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct CheckElsewhere {
    /// The service.
    pub service: NodeRef,
    /// The check.
    pub check: CheckView,
}

/// One service of the checklist, with the open checks of its next stage.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ChecklistService {
    /// The service.
    pub row: ServiceRow,
    /// Title of the next stage, or nothing when it has climbed all.
    pub next_stage: Option<String>,
    /// Open counted checks of the next stage.
    pub open: Vec<CheckView>,
    /// How many checks of the next stage are done.
    pub done: u32,
    /// Open blockers.
    pub blockers: Vec<BlockerView>,
}
