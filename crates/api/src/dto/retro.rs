//! Retrospectives: the document, private notes, and what one does in them.

use super::session::{NodeRef, PersonRef};
use super::sprint::BurnUpDay;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use ts_rs::TS;

/// Version of the document's form. An export of a later form is refused by name.
pub const SCHEMA_VERSION: u32 = 1;

/// Which sprint's.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RetroRequest {
    /// Id or name of the sprint. Without it, the one that runs or rests; else the last that ended.
    #[serde(default)]
    #[ts(optional)]
    pub sprint: Option<String>,
}

/// The page.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RetroView {
    /// What is agreed, and would be exported.
    pub document: RetroDocument,
    /// Somebody opened it; before, there is nothing to close or to revise.
    pub opened: bool,
    /// Notes of this device that nobody else sees, oldest first.
    pub drafts: Vec<Draft>,
    /// Private notes whose files cannot be read; they are kept as they are.
    pub unreadable: u32,
    /// Why notes may not be revealed yet, where they may not.
    pub waits: Option<String>,
    /// Formats to choose from, the default first.
    pub formats: Vec<FormatView>,
    /// The steps in order.
    pub steps: Vec<StepView>,
    /// Metrics that an action can be bound to; a check is bound as `check:<id>`.
    pub metrics: Vec<MetricRef>,
    /// People of the programme.
    pub people: Vec<PersonRef>,
    /// Ids of notes that speak of a person of the programme by name: the team's own, and nothing to
    /// share outside it unasked.
    pub about_people: Vec<String>,
    /// Sprints that have started, the latest first.
    pub sprints: Vec<RetroSprint>,
}

/// A step and how long it takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct StepView {
    /// Its word.
    pub step: String,
    /// Advice, in minutes.
    pub minutes: u32,
}

/// A metric.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MetricRef {
    /// Id.
    pub id: String,
    /// What it counts, and in which unit.
    pub title: String,
}

/// A set of columns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FormatView {
    /// Id.
    pub id: String,
    /// Title.
    pub title: String,
    /// The columns.
    pub columns: Vec<ColumnView>,
}

/// A column of notes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ColumnView {
    /// Id.
    pub id: String,
    /// Title.
    pub title: String,
    /// What it asks for.
    pub prompt: String,
}

/// Formats as a team edits them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FormatsText {
    /// A JSON list; see docs/retrospectives.md.
    pub text: String,
    /// The team keeps its own; else they are those of the product.
    pub own: bool,
}

/// Keeps formats of the team's own.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct KeepFormats {
    /// The whole text; empty: those of the product again.
    pub text: String,
}

/// The sprint that it looks back on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RetroSprint {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Goal.
    pub goal: String,
    /// `expert-led`, `internal` or `regular`.
    pub kind: String,
    /// `planned`, `running`, `paused` or `ended`.
    pub state: String,
    /// First day.
    pub first: String,
    /// Last day.
    pub last: String,
}

/// A retrospective, whole: the same content in every form it is exported in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RetroDocument {
    /// Version of this form.
    pub schema_version: u32,
    /// Id.
    pub id: String,
    /// The programme.
    pub programme: String,
    /// The sprint.
    pub sprint: RetroSprint,
    /// Who led it.
    pub leader: Option<PersonRef>,
    /// Who is there.
    pub present: Vec<PersonRef>,
    /// The moment of its facts.
    pub as_of: String,
    /// Whether the facts are frozen.
    pub frozen: bool,
    /// Where the log stood: the last sequence of every device.
    #[ts(type = "Record<string, number>")]
    pub position: BTreeMap<String, u64>,
    /// Facts about the sprint that were recorded after that.
    pub later_corrections: u32,
    /// The columns.
    pub format: FormatView,
    /// `named`, `initials` or `unattributed`.
    pub authors: String,
    /// `tallies` or `individual`.
    pub voting: String,
    /// Where the room is.
    pub step: String,
    /// Who decided to go on without looking at all open actions.
    pub skipped_by: Option<PersonRef>,
    /// Whether its notes are revealed.
    pub revealed: bool,
    /// Whether it is closed.
    pub closed: bool,
    /// Closings and reopenings, oldest first.
    pub revisions: Vec<RevisionView>,
    /// Open actions from before, those without an owner first, then the oldest.
    pub open_actions: Vec<ActionView>,
    /// The facts of the sprint.
    pub facts: FactsView,
    /// Facts that somebody doubts.
    pub doubts: Vec<DoubtView>,
    /// Notes, by column.
    pub notes: Vec<NoteView>,
    /// Notes that speak about people and were left out of this document.
    #[serde(default, skip_serializing_if = "is_none")]
    #[ts(optional, as = "Option<u32>")]
    pub notes_left_out: u32,
    /// Groups, most votes first.
    pub groups: Vec<GroupView>,
    /// Insights.
    pub insights: Vec<InsightView>,
    /// Actions that it agreed on.
    pub actions: Vec<ActionView>,
    /// How actions of all retrospectives fared.
    pub follow_through: FollowThrough,
    /// How many said so, from 1 to 5.
    pub return_on_time: Vec<u32>,
    /// How many said so, from 1 to 5.
    pub confidence: Vec<u32>,
    /// Who leads the next sprint.
    pub next_leader: Option<LeaderView>,
    /// Who works with whom.
    pub pairs: Vec<PairView>,
    /// Thanks.
    pub kudos: Vec<KudosView>,
}

/// Nothing left out is not told, so that a document stays as it was exported.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_none(left_out: &u32) -> bool {
    *left_out == 0
}

/// A closing or a reopening.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RevisionView {
    /// Closed, or opened again.
    pub closed: bool,
    /// When.
    pub at: String,
    /// By whom.
    pub by: PersonRef,
    /// Why it was opened again.
    pub reason: String,
}

/// The facts of a sprint.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FactsView {
    /// Sections 2.1 to 2.9.
    pub sections: Vec<FactSection>,
    /// Fewer than three services: lists say more than charts.
    pub small: bool,
    /// Scope and result at the end of each day.
    pub burn_up: Vec<BurnUpDay>,
    /// What became of metrics that actions are bound to.
    pub effects: Vec<EffectView>,
}

/// A section of the facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FactSection {
    /// Its number: `2.1`.
    pub number: String,
    /// Title.
    pub title: String,
    /// What was asked of the log.
    pub query: String,
    /// `measured`, `proxy`, `self-reported` or `assumption`.
    pub tag: String,
    /// Why it was not observed, where it was not.
    pub not_observed: Option<String>,
    /// The figures.
    pub figures: Vec<FactFigure>,
}

/// A figure and the list behind it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FactFigure {
    /// Id, which stays the same for the same sprint: `2.1/done`.
    pub id: String,
    /// What it tells.
    pub label: String,
    /// The number, with its unit.
    pub value: String,
    /// What it counts.
    pub items: Vec<FactItem>,
}

/// One thing behind a figure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FactItem {
    /// In words.
    pub text: String,
    /// The service it is about.
    pub service: Option<NodeRef>,
    /// The check it is about.
    pub check: Option<String>,
    /// The local day of it.
    pub day: Option<String>,
}

/// A metric before and after an action. No cause is claimed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct EffectView {
    /// The action.
    pub action: String,
    /// What it was.
    pub text: String,
    /// The metric.
    pub metric: MetricRef,
    /// Where it shall go: `up` or `down`.
    pub direction: String,
    /// The sprint before it, with what was counted.
    pub before: Measured,
    /// This sprint.
    pub after: Measured,
    /// `as hoped`, `not as hoped`, `unchanged` or `not observed`.
    pub moved: String,
}

/// A metric of a sprint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Measured {
    /// The sprint.
    pub sprint: String,
    /// The value; none where there was nothing to measure.
    pub value: Option<u32>,
    /// From how many.
    pub n: u32,
}

/// A doubt about a fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DoubtView {
    /// Id of the figure.
    pub figure: String,
    /// What is wrong with it.
    pub comment: String,
    /// Who says so.
    pub by: PersonRef,
}

/// A note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NoteView {
    /// Id.
    pub id: String,
    /// Id of its column.
    pub column: String,
    /// What it says.
    pub text: String,
    /// Name or initials of its author; none where notes are unattributed.
    pub author: Option<String>,
    /// The service it is about.
    pub service: Option<NodeRef>,
    /// The check it is about.
    pub check: Option<String>,
    /// Facts it speaks of.
    pub facts: Vec<String>,
    /// The group it is in.
    pub group: Option<String>,
    /// Earlier notes and actions on the same service or check.
    pub before: Vec<String>,
}

/// A group of notes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct GroupView {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// All votes; none while people still vote each for himself.
    pub votes: Option<u32>,
    /// Votes by who cast them, `room` or a person's id; empty while people still vote.
    pub cast: BTreeMap<String, u32>,
}

/// An insight.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct InsightView {
    /// Id.
    pub id: String,
    /// What it says.
    pub statement: String,
    /// Notes that led to it.
    pub notes: Vec<String>,
    /// Facts that led to it.
    pub facts: Vec<String>,
}

/// An action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ActionView {
    /// Id.
    pub id: String,
    /// What is to be done.
    pub text: String,
    /// Who does it; none where he left.
    pub owner: Option<PersonRef>,
    /// Name of the sprint in which it is due; none: the one after.
    pub due_sprint: Option<PersonRef>,
    /// How the team will see that it worked.
    pub seen_by: String,
    /// The metric that shall move.
    pub metric: Option<MetricRef>,
    /// Where it shall go.
    pub direction: Option<String>,
    /// `team`, `playbook`, `tool` or `outside`.
    pub target: String,
    /// Notes it comes from.
    pub notes: Vec<String>,
    /// The insight it comes from.
    pub insight: Option<String>,
    /// The action whose place it took.
    pub supersedes: Option<String>,
    /// `open`, `done`, `dropped` or `superseded`.
    pub state: String,
    /// Why it was dropped, or how it was done.
    pub reason: String,
    /// How often it was carried on.
    pub carried: u32,
    /// Days since it was agreed on, up to when it was settled.
    pub age_days: u32,
    /// What this retrospective decided: `done`, `kept`, `dropped`, `superseded` or `undecided`.
    pub outcome: String,
    /// The sprint whose retrospective agreed on it.
    pub from: String,
}

/// How actions of all retrospectives up to this one fared.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FollowThrough {
    /// Agreed on.
    pub agreed: u32,
    /// Done.
    pub done: u32,
    /// Median age of those that are open, in days.
    pub open_age: Option<u32>,
    /// Carried on at least once.
    pub carried: u32,
}

/// Who leads next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LeaderView {
    /// Who.
    pub person: PersonRef,
    /// Why.
    pub reason: String,
}

/// Who works together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PairView {
    /// Who.
    pub people: Vec<PersonRef>,
    /// Why.
    pub reason: String,
}

/// Thanks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct KudosView {
    /// Id.
    pub id: String,
    /// To whom.
    pub to: PersonRef,
    /// For what.
    pub text: String,
}

/// A private note, which lies on this device only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Draft {
    /// Id; the note keeps it when it is revealed.
    pub id: String,
    /// The sprint it is about.
    pub sprint: String,
    /// What it says.
    pub text: String,
    /// Id of its column; empty where none is chosen yet.
    pub column: String,
    /// Who wrote it.
    pub author: Option<PersonRef>,
    /// When.
    pub written_at: String,
    /// The service it is about.
    pub service: Option<NodeRef>,
    /// The check it is about.
    pub check: Option<String>,
    /// Facts it speaks of.
    pub facts: Vec<String>,
}

/// Writes a note for the retrospective. It stays on this device until it is revealed.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct WriteNote {
    /// Id or name of the sprint. Without it, the one that runs or rests; else the last that ended.
    #[serde(default)]
    #[ts(optional)]
    pub sprint: Option<String>,
    /// Id of a note to change.
    #[serde(default)]
    #[ts(optional)]
    pub id: Option<String>,
    /// What it says.
    pub text: String,
    /// Id of its column.
    #[serde(default)]
    #[ts(optional)]
    pub column: Option<String>,
    /// The service it is about, by id, name or alias.
    #[serde(default)]
    #[ts(optional)]
    pub service: Option<String>,
    /// The check it is about.
    #[serde(default)]
    #[ts(optional)]
    pub check: Option<String>,
    /// Facts it speaks of.
    #[serde(default)]
    #[ts(optional, as = "Option<Vec<String>>")]
    pub facts: Vec<String>,
}

/// Changes a retrospective, and opens it where nobody has. What is left out stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct EditRetro {
    /// Id or name of the sprint.
    pub sprint: String,
    /// Id of a format; only before notes are revealed.
    #[serde(default)]
    #[ts(optional)]
    pub format: Option<String>,
    /// `named`, `initials` or `unattributed`; only before notes are revealed.
    #[serde(default)]
    #[ts(optional)]
    pub authors: Option<String>,
    /// `tallies` or `individual`; only while nobody has voted.
    #[serde(default)]
    #[ts(optional)]
    pub voting: Option<String>,
    /// All who are there, by id or name.
    #[serde(default)]
    #[ts(optional)]
    pub present: Option<Vec<String>>,
    /// Where the room goes.
    #[serde(default)]
    #[ts(optional)]
    pub step: Option<String>,
    /// Goes on though open actions wait; recorded with the acting person's name.
    #[serde(default)]
    #[ts(optional, as = "Option<bool>")]
    pub skip: bool,
    /// A fact that is doubted.
    #[serde(default)]
    #[ts(optional)]
    pub doubt: Option<DoubtFact>,
    /// How many said that it was worth its time, from 1 to 5.
    #[serde(default)]
    #[ts(optional)]
    pub return_on_time: Option<Vec<u32>>,
    /// How many trust the next sprint, from 1 to 5.
    #[serde(default)]
    #[ts(optional)]
    pub confidence: Option<Vec<u32>>,
    /// Who leads the next sprint, by id or name; empty for nobody.
    #[serde(default)]
    #[ts(optional)]
    pub next_leader: Option<ProposePerson>,
    /// Who works with whom: all pairs.
    #[serde(default)]
    #[ts(optional)]
    pub pairs: Option<Vec<ProposePair>>,
    /// Thanks to add.
    #[serde(default)]
    #[ts(optional)]
    pub kudos: Option<ProposePerson>,
}

/// Doubts a fact.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct DoubtFact {
    /// Id of the figure.
    pub figure: String,
    /// What is wrong with it; empty takes the doubt back.
    pub comment: String,
}

/// A person, and why.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ProposePerson {
    /// Who, by id or name.
    pub person: String,
    /// Why.
    pub reason: String,
}

/// People who work together, and why.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ProposePair {
    /// Who, by id or name.
    pub people: Vec<String>,
    /// Why.
    pub reason: String,
}

/// A retrospective, by its sprint.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RetroOf {
    /// Id or name of the sprint.
    pub sprint: String,
}

/// Closes a retrospective, or opens it again.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct TurnRetro {
    /// Id or name of the sprint.
    pub sprint: String,
    /// Closed, or open again.
    pub closed: bool,
    /// Why it is opened again.
    #[serde(default)]
    #[ts(optional)]
    pub reason: Option<String>,
}

/// Puts notes into a group, names it, votes on it.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct GroupNotes {
    /// Id or name of the sprint.
    pub sprint: String,
    /// Notes that come into the group.
    #[serde(default)]
    #[ts(optional, as = "Option<Vec<String>>")]
    pub notes: Vec<String>,
    /// Id of the group; without it a new one is made, and `none` takes the notes out of theirs.
    #[serde(default)]
    #[ts(optional)]
    pub group: Option<String>,
    /// Its name.
    #[serde(default)]
    #[ts(optional)]
    pub name: Option<String>,
    /// Votes on it: of the room, or of the acting person where people vote each for himself.
    #[serde(default)]
    #[ts(optional)]
    pub votes: Option<u32>,
}

/// Adds or changes an insight; an empty statement removes it.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct WriteInsight {
    /// Id or name of the sprint.
    pub sprint: String,
    /// Id of one to change.
    #[serde(default)]
    #[ts(optional)]
    pub id: Option<String>,
    /// What it says.
    pub statement: String,
    /// Notes that led to it.
    #[serde(default)]
    #[ts(optional, as = "Option<Vec<String>>")]
    pub notes: Vec<String>,
    /// Facts that led to it.
    #[serde(default)]
    #[ts(optional, as = "Option<Vec<String>>")]
    pub facts: Vec<String>,
}

/// Agrees on an action.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct AgreeAction {
    /// Id or name of the sprint whose retrospective agrees on it.
    pub sprint: String,
    /// What is to be done, beginning with a verb.
    pub text: String,
    /// Who does it, by id or name.
    pub owner: String,
    /// How the team will see that it worked.
    pub seen_by: String,
    /// Id or name of the sprint in which it is due; without it, the one after.
    #[serde(default)]
    #[ts(optional)]
    pub due_sprint: Option<String>,
    /// A metric that shall move.
    #[serde(default)]
    #[ts(optional)]
    pub metric: Option<String>,
    /// `up` or `down`.
    #[serde(default)]
    #[ts(optional)]
    pub direction: Option<String>,
    /// `team`, `playbook`, `tool` or `outside`.
    #[serde(default)]
    #[ts(optional)]
    pub target: Option<String>,
    /// Notes it comes from.
    #[serde(default)]
    #[ts(optional, as = "Option<Vec<String>>")]
    pub notes: Vec<String>,
    /// The insight it comes from.
    #[serde(default)]
    #[ts(optional)]
    pub insight: Option<String>,
    /// A new action that is dropped for it, where there are three already.
    #[serde(default)]
    #[ts(optional)]
    pub instead_of: Option<String>,
    /// An action from before that is rewritten, smaller.
    #[serde(default)]
    #[ts(optional)]
    pub supersedes: Option<String>,
}

/// What becomes of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// It is done.
    Done,
    /// It is carried on.
    Keep,
    /// It is given up.
    Drop,
}

/// Decides on an action.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct DecideAction {
    /// Id of the action, or its beginning.
    pub action: String,
    /// What becomes of it.
    pub decision: Decision,
    /// The sprint whose retrospective decides; without it, somebody does on his own.
    #[serde(default)]
    #[ts(optional)]
    pub sprint: Option<String>,
    /// Why, or how.
    #[serde(default)]
    #[ts(optional)]
    pub reason: Option<String>,
    /// Who does it from now on, by id or name.
    #[serde(default)]
    #[ts(optional)]
    pub owner: Option<String>,
}
