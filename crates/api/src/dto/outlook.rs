//! What a programme may expect: the forecast, what it was made from, and whether earlier ones held.

use super::progress::ReportFormat;
use super::session::NodeRef;
use super::skills::IndependenceRatio;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Which day's forecast.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct OutlookRequest {
    /// A past day, as for Progress.
    #[serde(default)]
    #[ts(optional)]
    pub at: Option<String>,
    /// As that day was known then.
    #[serde(default)]
    #[ts(optional, as = "Option<bool>")]
    pub as_known: bool,
}

/// What may be expected at a moment. Without a forecast it says why, and what pace is needed.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct OutlookView {
    /// What the forecast says, in sentences.
    pub sentence: String,
    /// By the likelihood at the deadline: On course, Likely, At risk, Off course, or Unknown.
    pub status: String,
    /// Why there is no forecast.
    pub reason: Option<String>,
    /// Services in scope.
    pub scope: u32,
    /// Of them, not done at the close of the last working day.
    pub remaining: u32,
    /// Day 1 of the forecast; none while work rests without a planned end.
    pub day_one: Option<String>,
    /// The answers with today's scope; empty without a forecast.
    pub levels: Vec<LevelView>,
    /// Working days of the counts in `levels`.
    pub horizon: u32,
    /// The answers if scope keeps growing as seen.
    pub growing: Vec<LevelView>,
    /// Why these are not told.
    pub growing_reason: Option<String>,
    /// Share of the trials with today's scope that end beyond five years.
    pub beyond: Option<f64>,
    /// How the deadline stands.
    pub deadline: Option<DeadlineView>,
    /// Why the date moved since the last forecast that was kept.
    pub slip: Option<SlipView>,
    /// What earlier forecasts changed in the levels.
    pub adjusted: Option<String>,
    /// What it was made from.
    pub basis: BasisView,
    /// Scope and done at the close of each day.
    pub burn_up: Vec<BurnDay>,
    /// How many will be done, by working days to come.
    pub fan: Vec<FanPoint>,
    /// Whether earlier forecasts held.
    pub calibration: CalibrationView,
}

/// The answer at one level of confidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LevelView {
    /// In percent.
    pub level: u8,
    /// The working day, day 1 included, by which nothing remains; none beyond five years.
    pub working_days: Option<u32>,
    /// The same as a date.
    pub date: Option<String>,
    /// How many are done at least within the horizon, of those that remain.
    pub how_many: u32,
}

/// How a deadline stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct DeadlineView {
    /// The day.
    pub date: String,
    /// Working days from day 1 until then.
    pub workdays: u32,
    /// It lies before day 1.
    pub passed: bool,
    /// Share of the trials that meet it; none without a forecast.
    pub likelihood: Option<f64>,
    /// The same, as it is said.
    pub words: Option<String>,
    /// Services a working day that would meet it; none where no working day is left.
    pub pace_needed: Option<f64>,
}

/// Why the 85 % date moved, in working days; later is positive. The parts add up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SlipView {
    /// When the forecast was kept that it moved from.
    pub since: String,
    /// The date it said.
    pub from: String,
    /// All of it.
    pub total: i32,
    /// Services added and removed.
    pub scope: i32,
    /// Regressions.
    pub regressions: i32,
    /// Calendar and capacity.
    pub calendar: i32,
    /// The pace.
    pub pace: i32,
    /// Noise of the simulation.
    pub noise: i32,
}

/// What a forecast was made from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct BasisView {
    /// `independent` or `expert-led`: only days of that mode count.
    pub mode: String,
    /// The days that count, oldest first, zeros included.
    pub sample: Vec<SampleDayView>,
    /// Services that regressed within them.
    pub regressions: u32,
    /// Services added to the scope within them.
    pub additions: u32,
    /// How the days scatter, `φ`.
    pub dispersion: f64,
    /// How far the pace may drift, `σ`.
    pub sigma: f64,
    /// The seed, in 16 hexadecimal digits.
    pub seed: String,
    /// Version of the engine.
    pub engine_version: u32,
}

/// One closed working day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SampleDayView {
    /// The day.
    pub date: String,
    /// Entries into *done*.
    pub done: u32,
}

/// One day of the burn-up, at its close.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BurnDay {
    /// The day.
    pub date: String,
    /// Services in scope.
    pub scope: u32,
    /// Of them, done.
    pub done: u32,
}

/// How many are done by a day to come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FanPoint {
    /// The day.
    pub date: String,
    /// Done by then, at least, at 50, 70, 85 and 95 %.
    pub done: Vec<u32>,
    /// The same if scope keeps growing; empty where that is not told.
    pub growing: Vec<u32>,
}

/// How right were we?
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct CalibrationView {
    /// In a sentence, at 85 %.
    pub words: String,
    /// How often each level held, of dates and of counts, of the forecasts at the start of sprints.
    pub coverage: Vec<CoverageView>,
    /// Forecasts that were kept, the latest first.
    pub forecasts: Vec<IssuedView>,
}

/// How often one level held.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct CoverageView {
    /// `when` or `how_many`.
    pub question: String,
    /// In percent.
    pub level: u8,
    /// Forecasts that held.
    pub held: u32,
    /// Forecasts that are resolved.
    pub resolved: u32,
    /// The plausible shares: Wilson's interval of 90 %.
    pub low: Option<f64>,
    /// Its upper end.
    pub high: Option<f64>,
    /// In a sentence.
    pub words: String,
}

/// A forecast that was kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct IssuedView {
    /// Its fact.
    pub id: String,
    /// When it was made.
    pub as_of: String,
    /// `sprint_start`, `sprint_end` or `report`.
    pub occasion: String,
    /// Services that remained.
    pub remaining: u32,
    /// The dates at 50, 70, 85 and 95 %.
    pub dates: Vec<Option<String>>,
    /// The counts of the next working days, at the same levels.
    pub how_many: Vec<u32>,
    /// Working days of the counts.
    pub horizon: u32,
    /// What became of its date, and of its count: `open`, `missed`, `held`, `void`, at 85 %.
    pub date_at_85: String,
    /// What became of its count.
    pub count_at_85: String,
}

/// What else the CTO's page shows.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
pub struct SheetView {
    /// By class of difficulty, easy first; those without a class last.
    pub classes: Vec<ClassRow>,
    /// At most three decisions, the dearest first.
    pub needs: Vec<NeedRow>,
    /// Rollouts seen in clusters, by week; empty where none was.
    pub deployments: Vec<DeploymentWeek>,
    /// From when on rollouts were seen.
    pub deployments_since: Option<String>,
    /// Services done without an expert leading.
    pub independence: IndependenceView,
    /// Regressions of done services.
    pub health: HealthView,
    /// What the numbers stand on.
    pub trust: TrustView,
}

/// Services of one class of difficulty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ClassRow {
    /// `easy`, `moderate`, `hard`, or none where nobody said.
    pub class: Option<String>,
    /// Services in scope.
    pub total: u32,
    /// Of them, done.
    pub done: u32,
    /// The one that has stood longest where it stands, of those that are begun and not done.
    pub oldest: Option<NodeRef>,
    /// For how many days.
    pub oldest_days: u32,
}

/// A decision that somebody waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NeedRow {
    /// What is to be decided or done.
    pub what: String,
    /// Who can.
    pub owner: String,
    /// The services that wait.
    pub services: Vec<NodeRef>,
    /// For how many days already.
    pub days: u32,
    /// By when it is needed: the first target day of the services, else the deadline.
    pub needed_by: Option<String>,
    /// The cost of waiting: working days by which the 85 % date would be nearer without them.
    pub cost_days: Option<i32>,
}

/// Rollouts of one week, Monday first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DeploymentWeek {
    /// Its Monday.
    pub week: String,
    /// By hand.
    pub manual: u32,
    /// By a pipeline or a reconciler.
    pub automated: u32,
    /// By a controller, or by whom cannot be told.
    pub other: u32,
    /// Somebody looked in this week; if not, it is a gap and no zero.
    pub observed: bool,
}

/// How far the team goes alone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct IndependenceView {
    /// Entries into *done* while an expert led.
    pub led: u32,
    /// Entries into *done* otherwise.
    pub unled: u32,
    /// Sprints that were started, oldest first.
    pub sprints: Vec<SprintDone>,
    /// From what is recorded of who did what; where there is any, it takes the place of the rest.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub transfer: Option<TransferView>,
}

/// How knowledge moves to the team, in counts and skills.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TransferView {
    /// Over all executions.
    pub independence: IndependenceRatio,
    /// Services that are done, whose every execution was done alone by the team.
    pub unaided: u32,
    /// The smallest number of people whose absence leaves a mandatory skill with nobody.
    pub truck_factor: Option<u32>,
    /// Mandatory skills that fewer than two people hold.
    pub thin: Vec<HeldSkill>,
    /// Sprints that were started, oldest first.
    pub sprints: Vec<SprintTold>,
}

/// A skill and how many hold it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct HeldSkill {
    /// Id.
    pub skill: String,
    /// Title.
    pub title: String,
    /// How many people; 0 is orphaned.
    pub held_by: u32,
    /// Who, where the programme says that names may stand here.
    pub names: Vec<String>,
}

/// What a sprint did for the team's independence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SprintTold {
    /// Name.
    pub name: String,
    /// `expert-led`, `internal` or `regular`.
    pub kind: String,
    /// Executions while it ran.
    pub independence: IndependenceRatio,
    /// Services that became done while it ran.
    pub done: u32,
    /// Of them, those that the team did unaided.
    pub unaided: u32,
    /// An expert's hours for each service of its scope, in hundredths; self-reported.
    pub hours_per_service: Option<u32>,
}

/// What a sprint brought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SprintDone {
    /// Its name.
    pub name: String,
    /// `expert-led`, `internal` or `regular`.
    pub kind: String,
    /// Services in its scope.
    pub planned: u32,
    /// Of them, at their target.
    pub reached: u32,
}

/// How services fare once they are done.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct HealthView {
    /// Falls from *done* because a check failed, since the start.
    pub regressions: u32,
    /// Services that are regressed.
    pub open: u32,
    /// Median days from a fall to the return; none without one.
    pub recovery_days: Option<u32>,
}

/// What the numbers stand on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TrustView {
    /// The oldest of the targets' last complete looks; none where a target was never looked at.
    pub last_look: Option<String>,
    /// Targets that were never looked at.
    pub never_looked: u32,
    /// Entries that were recorded more than a day after they happened.
    pub late_entries: u32,
    /// Counted checks that nobody knows or that do not pass.
    pub open_checks: u32,
}

/// Asks what would be if.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct WhatIf {
    /// Services that wait for nothing, or are left out, by id or name.
    #[serde(default)]
    #[ts(optional, as = "Option<Vec<String>>")]
    pub without: Vec<String>,
    /// Services more, or fewer.
    #[serde(default)]
    #[ts(optional, as = "Option<i32>")]
    pub scope: i32,
    /// First day of a pause.
    #[serde(default)]
    #[ts(optional)]
    pub pause_from: Option<String>,
    /// First day with work after it.
    #[serde(default)]
    #[ts(optional)]
    pub pause_until: Option<String>,
    /// Capacity of all days to come, in percent of what is planned; 100 without it.
    #[serde(default)]
    #[ts(optional)]
    pub capacity: Option<u32>,
}

/// What would be.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct WhatIfView {
    /// Why there is no forecast.
    pub reason: Option<String>,
    /// As planned.
    pub now: Vec<LevelView>,
    /// As supposed.
    pub supposed: Vec<LevelView>,
    /// How the deadline stands as supposed.
    pub deadline: Option<DeadlineView>,
    /// Status as supposed.
    pub status: String,
    /// Working days by which the 85 % date moves; later is positive.
    pub moved: Option<i32>,
}

/// Freezes the progress report as it is now.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct FreezeReport {
    /// What there is to say.
    #[serde(default)]
    #[ts(optional)]
    pub note: Option<String>,
}

/// A report that was frozen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FrozenView {
    /// Its id.
    pub id: String,
    /// The moment of its numbers.
    pub at: String,
    /// Who froze it.
    pub by: String,
    /// What there is to say.
    pub note: String,
    /// SHA-256 of its JSON, in hexadecimal.
    pub hash: String,
    /// Version of the program that rendered it.
    pub version: String,
}

/// Asks for a frozen report.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct FrozenRequest {
    /// Its id, or the beginning of it.
    pub id: String,
    /// Its form.
    pub format: ReportFormat,
}

/// A frozen report, rendered again.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct FrozenText {
    /// Suggested file name.
    pub file_name: String,
    /// Content.
    pub text: String,
    /// SHA-256 of the content as it was frozen.
    pub hash: String,
    /// The content is, byte for byte, what was frozen.
    pub identical: bool,
}
