//! Who did what, with how much help, and what the team can do alone. Levels are computed from
//! executions; a person's own assessment stands beside them and enters no figure. What is
//! deliberately absent: an order of people, and any sum over skills.

use super::session::{NodeRef, PersonRef};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Somebody who took part in a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct TookPart {
    /// Person id or name.
    pub person: String,
    /// 0 watched, 1 did it while being told how, 2 did it and asked for help, 3 did it alone,
    /// 4 guided the one who did it.
    pub help: u8,
}

/// Who did a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "who", rename_all = "snake_case", deny_unknown_fields)]
pub enum DoneBy {
    /// Nothing is recorded about it.
    Nobody,
    /// These people.
    People {
        /// Each once, and at least one who did it.
        people: Vec<TookPart>,
        /// A script did it, and the doer ran the script.
        #[serde(default)]
        by_script: bool,
        /// A rollback, or a cut-over that failed.
        #[serde(default)]
        exceptional: bool,
    },
}

/// Records who did a step, without attesting the check.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RecordExecution {
    /// Id, name or alias.
    pub service: String,
    /// Check id.
    pub check: String,
    /// Each once, and at least one who did it.
    pub people: Vec<TookPart>,
    /// A script did it, and the doer ran the script.
    #[serde(default)]
    pub by_script: bool,
    /// A rollback, or a cut-over that failed.
    #[serde(default)]
    pub exceptional: bool,
    /// It was done in another programme, and counts up to L2.
    #[serde(default)]
    pub imported: bool,
    /// What there is to say.
    #[serde(default)]
    #[ts(optional)]
    pub note: Option<String>,
    /// The day on which it was done; without it, now. Not in the future.
    #[serde(default)]
    #[ts(optional)]
    pub on: Option<String>,
}

/// Says something about an execution, or about a doubt: needed words.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SayOf {
    /// Id of the execution or of the doubt.
    pub id: String,
    /// What there is to say.
    pub note: String,
}

/// An expert reports hours.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ReportHours {
    /// Id, name or alias of the service.
    pub service: String,
    /// Hundredths of an hour, 1 to 2,400.
    pub hundredths: u32,
    /// Who spent them; without it, the acting person. An expert from outside the team.
    #[serde(default)]
    #[ts(optional)]
    pub person: Option<String>,
    /// On which day; without it, today. Not in the future.
    #[serde(default)]
    #[ts(optional)]
    pub on: Option<String>,
    /// What there is to say.
    #[serde(default)]
    #[ts(optional)]
    pub note: Option<String>,
}

/// Says which check a service's regression comes from.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct TraceRegression {
    /// Id, name or alias of the service; it has regressed.
    pub service: String,
    /// The check that is the cause.
    pub check: String,
    /// What there is to say.
    #[serde(default)]
    #[ts(optional)]
    pub note: Option<String>,
}

/// Says how a person stands to the team; what is left out stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct DescribePerson {
    /// Person id or name.
    pub person: String,
    /// An expert from outside the team.
    #[serde(default)]
    #[ts(optional)]
    pub outside: Option<bool>,
    /// Wants to lead sprints.
    #[serde(default)]
    #[ts(optional)]
    pub willing: Option<bool>,
    /// Others may see the person's own assessment. Only the person says so.
    #[serde(default)]
    #[ts(optional)]
    pub open_assessment: Option<bool>,
}

/// What people say of two who could work together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Wish {
    /// They work together: every suggestion holds the pair.
    Locked,
    /// They do not: no suggestion holds the pair.
    Forbidden,
    /// Nothing is said of them any more.
    Free,
}

/// Says whether two people work together, whatever the scores say.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct WishPair {
    /// Person id or name.
    pub person: String,
    /// Another one's.
    pub with: String,
    /// What is wished.
    pub wish: Wish,
}

/// A wish that holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WishedPair {
    /// The two, by name.
    pub people: Vec<PersonRef>,
    /// `Locked` or `Forbidden`.
    pub wish: Wish,
}

/// The acting person assesses himself.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct AssessSelf {
    /// Skill id.
    pub skill: String,
    /// 0 to 5, or nothing to take it back.
    pub level: Option<u8>,
}

/// Which executions are asked for; what is left out is not looked at.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ExecutionsRequest {
    /// Id, name or alias of the service.
    #[serde(default)]
    #[ts(optional)]
    pub service: Option<String>,
    /// Check id.
    #[serde(default)]
    #[ts(optional)]
    pub check: Option<String>,
    /// Person id or name: took part.
    #[serde(default)]
    #[ts(optional)]
    pub person: Option<String>,
    /// Skill id.
    #[serde(default)]
    #[ts(optional)]
    pub skill: Option<String>,
    /// Sprint id or name: while it ran.
    #[serde(default)]
    #[ts(optional)]
    pub sprint: Option<String>,
    /// Only those that nobody confirmed.
    #[serde(default)]
    #[ts(optional)]
    pub unconfirmed: Option<bool>,
}

/// Executions, the latest first.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ExecutionsView {
    /// At most 500.
    pub executions: Vec<ExecutionView>,
    /// How many there are.
    pub total: u32,
}

/// A step that somebody did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[expect(clippy::struct_excessive_bools, reason = "marks, each there or not")]
pub struct ExecutionView {
    /// Id.
    pub id: String,
    /// The service.
    pub service: NodeRef,
    /// Check id.
    pub check: String,
    /// Title of the check.
    pub check_title: String,
    /// Titles of the skills that the check needs.
    pub skills: Vec<String>,
    /// The local day.
    pub on: String,
    /// When it happened.
    pub at: String,
    /// Who recorded it.
    pub by: String,
    /// Who took part.
    pub people: Vec<ParticipantView>,
    /// A script did it.
    pub by_script: bool,
    /// A rollback, a failed cut-over, or a hard service.
    pub exceptional: bool,
    /// It comes from another programme: counts up to L2.
    pub imported: bool,
    /// It was done on an earlier version of the check.
    pub older_version: bool,
    /// What was said.
    pub note: Option<String>,
    /// Who confirmed it; nobody yet: it raises no level above L2.
    pub confirmed_by: Option<String>,
    /// Doubts, oldest first.
    pub contests: Vec<ContestView>,
    /// Why the acting person cannot confirm it; nothing where he can.
    pub confirm_advice: Option<String>,
}

/// Somebody who took part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ParticipantView {
    /// Id and name.
    #[serde(flatten)]
    pub person: PersonRef,
    /// 0 to 4.
    pub help: u8,
    /// The same in words, as told after a name.
    pub words: String,
    /// An expert from outside: a guide by declaration.
    pub outside: bool,
}

/// A doubt about an execution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ContestView {
    /// Id.
    pub id: String,
    /// Who doubts it.
    pub by: String,
    /// When.
    pub at: String,
    /// What is doubted.
    pub note: String,
    /// How it was settled, and by whom.
    pub settled: Option<String>,
}

/// The Skills page.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SkillsView {
    /// The day of the numbers.
    pub as_of: String,
    /// Skills in the playbook's order.
    pub skills: Vec<SkillRow>,
    /// Everybody, by name.
    pub people: Vec<SkilledPerson>,
    /// Where somebody has evidence in a skill, or assessed himself.
    pub levels: Vec<LevelCell>,
    /// Executions that are known.
    pub executions: u32,
    /// Of them, those that nobody confirmed.
    pub unconfirmed: u32,
    /// Of them, those that are in doubt.
    pub contested: u32,
    /// The smallest number of people whose absence leaves a mandatory skill with nobody.
    pub truck_factor: Option<u32>,
    /// Ids of the skills that so few hold.
    pub weakest: Vec<String>,
    /// Ids of mandatory skills that nobody holds.
    pub orphaned: Vec<String>,
    /// The fewest people whose absence leaves fewer than half of the mandatory skills with anybody.
    pub half_lost: Option<u32>,
    /// Over all executions.
    pub independence: IndependenceRatio,
    /// Services that are done, whose every execution was done alone by the team.
    pub unaided: Vec<NodeRef>,
    /// Of them, those that are regressed: the number that keeps the other one honest.
    pub unaided_regressed: Vec<NodeRef>,
    /// Sprints that were started, oldest first.
    pub sprints: Vec<SprintTransfer>,
    /// An expert's hours, by service.
    pub hours: Vec<ServiceHours>,
    /// Who could lead and who could work with whom in the next sprint, or the one that runs.
    pub suggestion: Suggestion,
}

/// Executions alone among those that the team did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct IndependenceRatio {
    /// Confirmed ones that were done alone.
    pub alone: u32,
    /// Confirmed ones.
    pub all: u32,
    /// Done alone, unconfirmed included.
    pub alone_with_unconfirmed: u32,
    /// All, unconfirmed included.
    pub all_with_unconfirmed: u32,
}

/// A skill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SkillRow {
    /// Id.
    pub id: String,
    /// Title.
    pub title: String,
    /// The team cannot do without it.
    pub mandatory: bool,
    /// People of the team with L3 or more; "L3?" is not among them. The target is 2.
    pub holders: Vec<PersonRef>,
    /// Working days from the first evidence to L3, median; told from 3 people on.
    pub median_days: Option<u32>,
    /// The same, by person.
    pub times: Vec<TimeRow>,
}

/// How long somebody took to hold a skill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TimeRow {
    /// Who.
    pub person: PersonRef,
    /// Working days from the first evidence to L3, both included.
    pub working_days: u32,
    /// Services worked on until then.
    pub services: u32,
}

/// A person as the Skills page knows him.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SkilledPerson {
    /// Id and name.
    #[serde(flatten)]
    pub person: PersonRef,
    /// An expert from outside the team.
    pub outside: bool,
    /// Wants to lead sprints.
    pub willing: bool,
    /// Others may see the person's own assessment.
    pub open_assessment: bool,
}

/// Where a person stands in a skill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LevelCell {
    /// Person id.
    pub person: String,
    /// Skill id.
    pub skill: String,
    /// 0 to 5.
    pub level: u8,
    /// As shown: `L3`, `L3?`.
    pub words: String,
    /// A regression was traced to it, until one more execution alone passes.
    pub reopened: bool,
    /// Last used more than 60 days ago, or only on earlier versions of the checks.
    pub faded: bool,
    /// Last used, alone or as a guide.
    pub last_use: Option<String>,
    /// The day on which L3 was first reached.
    pub since: Option<String>,
    /// Executions behind it.
    pub executions: u32,
    /// Of them, those that nobody confirmed.
    pub unconfirmed: u32,
    /// What the person says of himself; told to himself, and to others where he agrees.
    pub assessed: Option<u8>,
}

/// What a sprint did for the team's independence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SprintTransfer {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// `expert-led`, `internal` or `regular`.
    pub kind: String,
    /// Executions while it ran.
    pub independence: IndependenceRatio,
    /// Services that became done while it ran.
    pub done: u32,
    /// Of them, those that the team did unaided.
    pub unaided: Vec<NodeRef>,
    /// An expert's hours, in hundredths; self-reported.
    pub hours: u32,
    /// Services in its scope.
    pub services: u32,
    /// Hours for each service of its scope, in hundredths; nothing without any.
    pub hours_per_service: Option<u32>,
}

/// An expert's hours on a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ServiceHours {
    /// The service.
    pub service: NodeRef,
    /// Hundredths of an hour; self-reported.
    pub hundredths: u32,
    /// Each entry, oldest first.
    pub entries: Vec<HoursEntry>,
}

/// One report of hours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct HoursEntry {
    /// Id; give it to `retract_execution`.
    pub id: String,
    /// Who.
    pub person: String,
    /// When.
    pub on: String,
    /// Hundredths of an hour.
    pub hundredths: u32,
}

/// A suggestion, never a decision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Suggestion {
    /// For which sprint; nothing where none is planned or running: then for every mandatory skill.
    pub sprint: Option<String>,
    /// Its state.
    pub state: Option<String>,
    /// Ids of the skills that its planned checks need.
    pub needed: Vec<String>,
    /// Of them, the mandatory ones.
    pub mandatory: Vec<String>,
    /// Who could lead.
    pub leader: SuggestedLeader,
    /// Who could work with whom; nothing where there are fewer than two people, and where what is
    /// wished leaves no plan.
    pub pairs: Option<PairsView>,
    /// What people said of pairs; hard constraints of every plan.
    pub wishes: Vec<WishedPair>,
    /// What is to be known about it.
    pub note: Option<String>,
}

/// Who could lead.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct SuggestedLeader {
    /// Who holds every mandatory skill and is willing: the suggested one, the runner-up, the rest.
    pub eligible: Vec<LeaderRow>,
    /// Who lacks one skill, and which.
    pub one_step_away: Vec<LackRow>,
    /// Where nobody is eligible, the two nearest: with the expert in support.
    pub nearest: Vec<LackRow>,
}

/// The parts of a score: `2 · high + guided + fresh − 2 · led the last sprint`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct LeaderRow {
    /// Who.
    pub person: PersonRef,
    /// Mandatory skills at L4 or L5.
    pub high: u32,
    /// People guided to L3.
    pub guided: u32,
    /// Share of the mandatory skills that were used alone within 60 days.
    pub fresh: f64,
    /// Led the last sprint.
    pub led_last_sprint: bool,
    /// The score.
    pub total: f64,
}

/// Somebody and the skills he lacks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LackRow {
    /// Who.
    pub person: PersonRef,
    /// Ids of the skills.
    pub skills: Vec<String>,
}

/// Who could work with whom.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct PairsView {
    /// The suggested plan.
    pub best: PairPlan,
    /// The second best.
    pub runner_up: Option<PairPlan>,
    /// With more than ten people not every plan is tried.
    pub greedy: bool,
}

/// Everybody in a group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct PairPlan {
    /// The sum over its groups.
    pub score: f64,
    /// The groups.
    pub groups: Vec<PairGroup>,
}

/// Two people, or three in a team of odd size.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct PairGroup {
    /// Who.
    pub people: Vec<PersonRef>,
    /// Its score.
    pub score: f64,
    /// Ids of at most two skills that would move somebody towards independence.
    pub moves: Vec<String>,
    /// What the group lacks, and who stands by.
    pub support: Vec<SupportRow>,
}

/// A mandatory skill that a group lacks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SupportRow {
    /// Skill id.
    pub skill: String,
    /// Who holds it and stands by; nobody where it is missing altogether.
    pub person: Option<PersonRef>,
}
