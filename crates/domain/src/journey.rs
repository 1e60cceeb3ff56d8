//! The stage computation. [`walk`] is the one function that computes a service's stage; nothing
//! else does, and nobody sets one by hand.
//!
//! A walk replays a service's facts in order of occurrence under the ladder in force at each
//! moment, together with what time alone does (a pass goes stale, a waiver expires, a grace ends).
//! It yields where the service stands now, and every move on the way, from which charts of the past
//! are drawn.
//!
//! The rules (DESIGN section 2):
//! - *computed* is the highest stage whose counted checks, and all before it, are satisfied: pass,
//!   waived or not applicable. Unknown never satisfies.
//! - *kept* is the highest stage up to the one held before, all whose counted checks are satisfied
//!   or held. A check is held while it is *unproven* (its pass went stale or unknown, for 14 days)
//!   or *re-proving* (it is new or stricter since the stage was reached).
//! - the stage is the greater of the two. So a held check keeps a stage and never supports a new
//!   one, and a new check never regresses anyone.
//! - *regressed*: a counted check of a held stage went from pass to fail under one version of the
//!   check. It stays so until the check is satisfied again.
//! - what time alone does at the moment a playbook is adopted, it does before.
//! - a retracted finding was entered in error: from the retraction on, the service stands as if it
//!   had never been there. The moves of the time between stay, as it was. A revoked waiver was no
//!   error; it held until then.

use crate::fact::{Fact, Happening, Recorded, Scope, Seen, Source};
use crate::playbook::{CheckKind, Ladder, Rule};
use crate::{DAY, Millis};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uuid::Uuid;

/// How long a stale pass keeps a stage that was reached.
pub const GRACE: Millis = 14 * DAY;

/// The current word on a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Result {
    /// It holds.
    Pass,
    /// It does not hold.
    Fail,
    /// It cannot be told.
    Unknown,
    /// It does not apply.
    NotApplicable,
    /// It does not hold or is unknown, and a waiver is in force.
    Waived,
}

impl Result {
    /// The word, as written on the command line and in the window.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Unknown => "unknown",
            Self::NotApplicable => "not_applicable",
            Self::Waived => "waived",
        }
    }

    /// Unknown and fail do not satisfy.
    pub fn satisfies(self) -> bool {
        matches!(self, Self::Pass | Self::NotApplicable | Self::Waived)
    }
}

/// Why a result is not simply what was last seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Nobody looked yet.
    NeverSeen,
    /// The last look is too old.
    Stale,
    /// The last look was retracted.
    Retracted,
    /// The last look was at an earlier version of the check.
    OlderVersion,
    /// A waiver was in force and is not any more.
    WaiverEnded,
    /// The check is for another kind of service.
    Archetype,
}

impl Reason {
    /// The word, as written on the command line and in the window.
    pub fn word(self) -> &'static str {
        match self {
            Self::NeverSeen => "never_seen",
            Self::Stale => "stale",
            Self::Retracted => "retracted",
            Self::OlderVersion => "older_version",
            Self::WaiverEnded => "waiver_ended",
            Self::Archetype => "archetype",
        }
    }
}

/// How a check stands between two moments of the walk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Not satisfied, and nothing holds it.
    #[default]
    Open,
    /// Satisfied, by a pass or otherwise.
    Satisfied {
        /// Version of the check that was satisfied.
        version: u32,
        /// By a pass, not by a waiver or by not applying.
        by_pass: bool,
    },
    /// A pass that went stale or unknown, held for [`GRACE`].
    Unproven {
        /// Version of the check that was satisfied.
        version: u32,
        /// When it went.
        since: Millis,
    },
    /// New or stricter since the stage was reached.
    Reproving {
        /// When the ladder changed.
        since: Millis,
    },
    /// Went from pass to fail on a reached stage.
    Regressed {
        /// Version of the check that failed.
        version: u32,
        /// When.
        at: Millis,
        /// Number of the stage that was lost.
        from: usize,
    },
}

impl Standing {
    fn holds(self) -> bool {
        matches!(self, Self::Satisfied { .. } | Self::Unproven { .. } | Self::Reproving { .. })
    }
}

/// Where one check stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CheckStanding {
    /// Check id.
    pub check: String,
    /// Number of the stage that judges it.
    pub stage: usize,
    /// Whether it decides the stage.
    pub counted: bool,
    /// The current word.
    pub result: Result,
    /// Why, where it is not simply what was last seen.
    pub reason: Option<Reason>,
    /// Passes on a person's word though a verifier could prove it.
    pub claimed: bool,
    /// How it stands.
    pub standing: Standing,
    /// The finding behind it.
    pub finding: Option<Uuid>,
    /// The waiver in force.
    pub waiver: Option<Uuid>,
}

impl CheckStanding {
    /// How it stands in one letter: `p` pass, `c` claimed pass, `f` fail, `r` regressed, `s` stale,
    /// `v` re-proving, `u` unknown, `w` waived, `n` not applicable.
    pub fn letter(&self) -> char {
        letter(self.result, self.reason, self.claimed, self.standing)
    }
}

fn letter(result: Result, reason: Option<Reason>, claimed: bool, standing: Standing) -> char {
    match (result, standing) {
        (Result::Waived, _) => 'w',
        (Result::NotApplicable, _) => 'n',
        (Result::Pass, _) if claimed => 'c',
        (Result::Pass, _) => 'p',
        (_, Standing::Regressed { .. }) => 'r',
        (Result::Fail, _) => 'f',
        (Result::Unknown, Standing::Reproving { .. }) => 'v',
        (Result::Unknown, _) if reason == Some(Reason::Stale) => 's',
        (Result::Unknown, _) => 'u',
    }
}

/// Partial progress: levels never hide work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Counted checks that pass.
    pub passed: u32,
    /// Counted checks that apply and are not waived.
    pub counted: u32,
    /// Passed checks that are not claimed.
    pub proved: u32,
    /// Counted checks that are waived.
    pub waived: u32,
    /// Counted checks that do not apply.
    pub not_applicable: u32,
}

/// A move on the ladder or in scope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Move {
    /// When.
    pub at: Millis,
    /// Stage id from then on.
    pub stage: Option<String>,
    /// In scope from then on.
    pub in_scope: bool,
}

/// Where a service stands, and how it came there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Journey {
    /// Stage id; none before the first stage.
    pub stage: Option<String>,
    /// Its number; 0 before the first stage.
    pub number: usize,
    /// When the stage last changed.
    pub stage_since: Millis,
    /// When each stage was first reached, by stage id.
    pub first_reached: BTreeMap<String, Millis>,
    /// Whether it takes part.
    pub scope: Scope,
    /// The fact that says so, where one does.
    pub scope_fact: Option<Uuid>,
    /// Open blockers, oldest first.
    pub open_blockers: Vec<Uuid>,
    /// When the oldest open blocker was opened.
    pub blocked_since: Option<Millis>,
    /// Requests for waivers that nobody answered, oldest first; those that time has overtaken are
    /// not among them.
    #[serde(default)]
    pub open_requests: Vec<Uuid>,
    /// When the first of the waivers in force ends.
    #[serde(default)]
    pub waiver_ends: Option<Millis>,
    /// An approval is all that keeps it from the next stage.
    #[serde(default)]
    pub awaits_approval: bool,
    /// Lost a stage because a check went from pass to fail.
    pub regressed: bool,
    /// Keeps its stage while a new or stricter check is open.
    pub reproving: bool,
    /// Keeps its stage on a pass that went stale, since then.
    pub unproven_since: Option<Millis>,
    /// Partial progress.
    pub counts: Counts,
    /// Every visible and counted check.
    pub checks: Vec<CheckStanding>,
    /// Every move, oldest first, the first being the service's arrival.
    pub moves: Vec<Move>,
    /// From this moment on time alone may change the result.
    pub valid_until: Option<Millis>,
}

impl Journey {
    /// What stands against the service.
    pub fn marks(&self) -> Marks {
        let blockers = self.open_blockers.iter().map(|id| Mark::Blocker(*id));
        let lost = self.checks.iter().filter(|check| check.counted).filter_map(|check| {
            let Standing::Regressed { at, from, .. } = check.standing else { return None };
            let (check, finding) = (check.check.clone(), check.finding);
            Some(Mark::Lost(Lost { check, at, from, finding }))
        });
        Marks::of(blockers.chain(lost))
    }

    /// The next counted check to work on: the first open one of the lowest stage.
    pub fn next_check(&self) -> Option<&CheckStanding> {
        self.checks
            .iter()
            .filter(|check| check.counted && !check.result.satisfies())
            .min_by_key(|check| check.stage)
    }
}

/// The small part of a journey that lists and charts need.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Stage id; none before the first stage.
    pub stage: Option<String>,
    /// Its number.
    pub number: usize,
    /// When the stage last changed.
    pub stage_since: Millis,
    /// Whether it takes part.
    pub scope: Scope,
    /// When the oldest open blocker was opened.
    pub blocked_since: Option<Millis>,
    /// Lost a stage because a check went from pass to fail.
    pub regressed: bool,
    /// Keeps its stage while a new or stricter check is open.
    pub reproving: bool,
    /// Keeps its stage on a pass that went stale, since then.
    pub unproven_since: Option<Millis>,
    /// Partial progress.
    pub counts: Counts,
    /// Id of the next open counted check.
    pub next_check: Option<String>,
    /// How every check of the ladder stands, one letter each; see [`CheckStanding::letter`].
    #[serde(default)]
    pub cells: String,
    /// How many requests for waivers are open.
    #[serde(default)]
    pub open_requests: u32,
    /// When the first of the waivers in force ends.
    #[serde(default)]
    pub waiver_ends: Option<Millis>,
    /// An approval is all that keeps it from the next stage.
    #[serde(default)]
    pub awaits_approval: bool,
    /// Every move, oldest first.
    pub moves: Vec<Move>,
}

impl From<&Journey> for Summary {
    fn from(journey: &Journey) -> Self {
        Self {
            stage: journey.stage.clone(),
            number: journey.number,
            stage_since: journey.stage_since,
            scope: journey.scope,
            blocked_since: journey.blocked_since,
            regressed: journey.regressed,
            reproving: journey.reproving,
            unproven_since: journey.unproven_since,
            counts: journey.counts,
            next_check: journey.next_check().map(|check| check.check.clone()),
            cells: journey.checks.iter().map(CheckStanding::letter).collect(),
            open_requests: u32::try_from(journey.open_requests.len()).unwrap_or(u32::MAX),
            waiver_ends: journey.waiver_ends,
            awaits_approval: journey.awaits_approval,
            moves: journey.moves.clone(),
        }
    }
}

impl Summary {
    /// As a past day tells it: what only lists of the present show is left out.
    #[must_use]
    pub fn of_the_past(self) -> Self {
        Self {
            cells: String::new(),
            open_requests: 0,
            waiver_ends: None,
            awaits_approval: false,
            ..self
        }
    }
}

/// Where a service stood from a moment on, until the next point.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "PointRow", into = "PointRow")]
struct Point {
    at: Millis,
    number: usize,
    scope: Scope,
    blocked_since: Option<Millis>,
    regressed: bool,
    reproving: bool,
    unproven_since: Option<Millis>,
    counts: Counts,
    next_check: Option<String>,
    /// Only from the present on: what lists show and charts of the past do not.
    ahead: Option<Ahead>,
}

/// What lists show of a service beside its point.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Ahead {
    cells: String,
    open_requests: u32,
    waiver_ends: Option<Millis>,
    awaits_approval: bool,
}

impl Point {
    /// Whether the service stands as before: then no point is needed.
    fn continues(&self, before: &Self) -> bool {
        Self { at: before.at, ..self.clone() } == *before
    }
}

/// A point as it is kept: hundreds of them stand beside a service, so their fields have places,
/// not names.
type PointRow = (
    Millis,
    usize,
    Scope,
    Option<Millis>,
    (bool, bool),
    Option<Millis>,
    (u32, u32, u32, u32, u32),
    Option<String>,
    Option<Ahead>,
);

impl From<PointRow> for Point {
    fn from(row: PointRow) -> Self {
        let (at, number, scope, blocked_since, marks, unproven_since, counts, next_check, ahead) =
            row;
        let (passed, counted, proved, waived, not_applicable) = counts;
        Self {
            at,
            number,
            scope,
            blocked_since,
            regressed: marks.0,
            reproving: marks.1,
            unproven_since,
            counts: Counts { passed, counted, proved, waived, not_applicable },
            next_check,
            ahead,
        }
    }
}

impl From<Point> for PointRow {
    fn from(point: Point) -> Self {
        let Counts { passed, counted, proved, waived, not_applicable } = point.counts;
        (
            point.at,
            point.number,
            point.scope,
            point.blocked_since,
            (point.regressed, point.reproving),
            point.unproven_since,
            (passed, counted, proved, waived, not_applicable),
            point.next_check,
            point.ahead,
        )
    }
}

/// A counted check that went from pass to fail on a reached stage.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Lost {
    /// Check id.
    pub check: String,
    /// When it went.
    pub at: Millis,
    /// Number of the stage that was lost.
    pub from: usize,
    /// The finding behind it.
    pub finding: Option<Uuid>,
}

/// What stands against a service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// Open blockers, in order of their id.
    pub open_blockers: Vec<Uuid>,
    /// Checks that lost it a stage, in order of their id.
    pub lost: Vec<Lost>,
}

impl Marks {
    fn of(marks: impl IntoIterator<Item = Mark>) -> Self {
        let mut all = Self::default();
        for mark in marks {
            match mark {
                Mark::Blocker(id) => all.open_blockers.push(id),
                Mark::Lost(lost) => all.lost.push(lost),
            }
        }
        all.open_blockers.sort_unstable();
        all.lost.sort_unstable();
        all
    }
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Mark {
    Blocker(Uuid),
    Lost(Lost),
}

/// A mark from a moment on, and the first moment without it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Spell(Millis, Option<Millis>, Mark);

/// Where a service stood at every moment, by what is known of it now; moments to come included, as
/// time alone will change them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Course {
    moves: Vec<Move>,
    points: Vec<Point>,
    spells: Vec<Spell>,
}

impl Course {
    fn note(&mut self, point: Point, marks: BTreeSet<Mark>) {
        let at = point.at;
        let mut begun = marks;
        for Spell(_, until, mark) in self.spells.iter_mut().filter(|spell| spell.1.is_none()) {
            if !begun.remove(mark) {
                *until = Some(at);
            }
        }
        self.spells.extend(begun.into_iter().map(|mark| Spell(at, None, mark)));
        if self.points.last().is_none_or(|last| !point.continues(last)) {
            self.points.push(point);
        }
    }

    /// What stood against the service at a moment.
    pub fn marks_at(&self, moment: Millis) -> Marks {
        let holds =
            |spell: &&Spell| spell.0 <= moment && spell.1.is_none_or(|until| until > moment);
        Marks::of(self.spells.iter().filter(holds).map(|Spell(_, _, mark)| mark.clone()))
    }

    /// When time alone changes next where the service stands; nothing where it does not.
    pub fn changes_after(&self, moment: Millis) -> Option<Millis> {
        let points = self.points.iter().map(|point| point.at);
        points.chain(self.moves.iter().map(|step| step.at)).filter(|at| *at > moment).min()
    }

    /// Where the service stood at a moment; nothing before its arrival. Before the present, there
    /// are no cells, and nothing of waivers and approvals.
    pub fn at(&self, moment: Millis) -> Option<Summary> {
        let point = self.points.iter().rfind(|point| point.at <= moment)?;
        let moves: Vec<Move> =
            self.moves.iter().take_while(|step| step.at <= moment).cloned().collect();
        let last = moves.last()?;
        // Scope alone may have moved it since it came to its stage.
        let stayed = moves.iter().rev().take_while(|step| step.stage == last.stage).last()?;
        let ahead = point.ahead.clone().unwrap_or_default();
        Some(Summary {
            stage: last.stage.clone(),
            number: point.number,
            stage_since: stayed.at,
            scope: point.scope,
            blocked_since: point.blocked_since,
            regressed: point.regressed,
            reproving: point.reproving,
            unproven_since: point.unproven_since,
            counts: point.counts,
            next_check: point.next_check.clone(),
            cells: ahead.cells,
            open_requests: ahead.open_requests,
            waiver_ends: ahead.waiver_ends,
            awaits_approval: ahead.awaits_approval,
            moves,
        })
    }
}

/// What a walk needs to know of a service.
#[derive(Clone, Debug)]
pub struct Subject<'a> {
    /// When the service came into the inventory.
    pub created_at: Millis,
    /// Its kind, for checks that are for some kinds only.
    pub archetype: Option<&'a str>,
    /// Its facts, in any order.
    pub facts: &'a [Recorded],
}

/// Computes the stage. `ladders` are in force from their moment on, oldest first; before the first
/// one, the first one counts.
pub fn walk(subject: &Subject<'_>, ladders: &[(Millis, Ladder)], now: Millis) -> Journey {
    let Some((_, first)) = ladders.first() else {
        return empty(subject, now);
    };
    let facts = in_order(subject.facts);
    let mut route = Route::start(subject, &facts, ladders);
    let until = now.max(route.start);
    let mut walk = Walk::start(subject.archetype, first, route.start);
    let next = walk.replay(&mut route, until, None);
    walk.finish(until, next)
}

/// The same walk, and where the service stood on the whole way, beyond `now` too.
pub fn walk_on(
    subject: &Subject<'_>,
    ladders: &[(Millis, Ladder)],
    now: Millis,
) -> (Journey, Course) {
    let Some((_, first)) = ladders.first() else {
        let journey = empty(subject, now);
        let point = Point {
            at: subject.created_at,
            number: 0,
            scope: Scope::In,
            blocked_since: None,
            regressed: false,
            reproving: false,
            unproven_since: None,
            counts: Counts::default(),
            next_check: None,
            ahead: None,
        };
        let (moves, points) = (journey.moves.clone(), vec![point]);
        let course = Course { moves, points, spells: Vec::new() };
        return (journey, course);
    };
    let facts = in_order(subject.facts);
    let mut route = Route::start(subject, &facts, ladders);
    let until = now.max(route.start);
    let mut walk = Walk::start(subject.archetype, first, route.start);
    let mut course = Course::default();
    let next = walk.replay(&mut route, until, Some(&mut course));
    let journey = walk.finish(until, next);
    walk.is_ahead = true;
    walk.replay(&mut route, Millis::MAX, Some(&mut course));
    (journey, Course { moves: walk.moves, ..course })
}

fn in_order(facts: &[Recorded]) -> Vec<&Recorded> {
    let mut facts: Vec<&Recorded> = facts.iter().collect();
    facts.sort_by_key(|recorded| recorded.order());
    facts
}

fn empty(subject: &Subject<'_>, now: Millis) -> Journey {
    Journey {
        stage: None,
        number: 0,
        stage_since: subject.created_at.min(now),
        first_reached: BTreeMap::new(),
        scope: Scope::In,
        scope_fact: None,
        open_blockers: Vec::new(),
        blocked_since: None,
        open_requests: Vec::new(),
        waiver_ends: None,
        awaits_approval: false,
        regressed: false,
        reproving: false,
        unproven_since: None,
        counts: Counts::default(),
        checks: Vec::new(),
        moves: vec![Move { at: subject.created_at, stage: None, in_scope: true }],
        valid_until: None,
    }
}

/// What lies ahead of a walk.
struct Route<'f, 'a> {
    facts: &'f [&'a Recorded],
    ladders: &'a [(Millis, Ladder)],
    start: Millis,
    /// How many of the facts and of the ladders lie behind.
    applied: usize,
    adopted: usize,
    /// The next moment at which something happens.
    next: Option<Millis>,
}

impl<'f, 'a> Route<'f, 'a> {
    fn start(
        subject: &Subject<'_>,
        facts: &'f [&'a Recorded],
        ladders: &'a [(Millis, Ladder)],
    ) -> Self {
        let start = facts
            .first()
            .map_or(subject.created_at, |first| first.fact.occurred_at.min(subject.created_at));
        Self::from(start, facts, ladders)
    }

    fn from(start: Millis, facts: &'f [&'a Recorded], ladders: &'a [(Millis, Ladder)]) -> Self {
        Self { facts, ladders, start, applied: 0, adopted: 0, next: Some(start) }
    }
}

struct Walk<'a> {
    archetype: Option<&'a str>,
    ladder: &'a Ladder,
    /// Place of each check on the ladder.
    places: HashMap<&'a str, usize>,
    /// Checks that a ladder, new at this moment, made new or stricter on the stages held.
    changed: BTreeSet<&'a str>,
    applied: Vec<&'a Recorded>,
    /// Findings by check, oldest first: a judgement looks at its own check's only.
    looks: HashMap<&'a str, Vec<&'a Recorded>>,
    /// Waivers by check, oldest first.
    waivers: HashMap<&'a str, Vec<&'a Recorded>>,
    retractions: Vec<&'a Recorded>,
    scopes: Vec<&'a Recorded>,
    openings: Vec<&'a Recorded>,
    closings: Vec<&'a Recorded>,
    /// Requests for waivers, and what was answered to them.
    requests: Vec<&'a Recorded>,
    answers: Vec<&'a Recorded>,
    /// Facts that a live retraction names.
    dead: BTreeSet<Uuid>,
    /// Findings that are retracted, and retractions that are. A revoked waiver is no error.
    in_error: BTreeSet<Uuid>,
    /// Those of them that the standings were computed without.
    withdrawn: BTreeSet<Uuid>,
    /// The last judgement of each check of the ladder; none where something new was heard of it.
    judged: Vec<Option<Judgement>>,
    /// How each check of the ladder stands.
    standings: Vec<Standing>,
    number: usize,
    stage_since: Millis,
    first_reached: BTreeMap<String, Millis>,
    moves: Vec<Move>,
    /// The present lies behind.
    is_ahead: bool,
}

/// What [`Walk::judge`] says of one check at one moment.
#[derive(Clone, Copy)]
struct Judgement {
    result: Result,
    reason: Option<Reason>,
    claimed: bool,
    finding: Option<Uuid>,
    waiver: Option<Uuid>,
    /// The next moment at which time alone changes this judgement.
    due: Option<Millis>,
}

fn places(ladder: &Ladder) -> HashMap<&str, usize> {
    let checks = ladder.checks.iter().enumerate();
    checks.map(|(place, (_, rule))| (rule.id.as_str(), place)).collect()
}

impl<'a> Walk<'a> {
    fn start(archetype: Option<&'a str>, ladder: &'a Ladder, moment: Millis) -> Self {
        Self {
            archetype,
            ladder,
            places: places(ladder),
            changed: BTreeSet::new(),
            applied: Vec::new(),
            looks: HashMap::new(),
            waivers: HashMap::new(),
            retractions: Vec::new(),
            scopes: Vec::new(),
            openings: Vec::new(),
            closings: Vec::new(),
            requests: Vec::new(),
            answers: Vec::new(),
            dead: BTreeSet::new(),
            in_error: BTreeSet::new(),
            withdrawn: BTreeSet::new(),
            judged: vec![None; ladder.checks.len()],
            standings: vec![Standing::default(); ladder.checks.len()],
            number: 0,
            stage_since: moment,
            first_reached: BTreeMap::new(),
            moves: Vec::new(),
            is_ahead: false,
        }
    }

    /// Replays what happens up to and including `until`, and returns the next moment at which
    /// something does. With a `course`, notes where the service stands on the way.
    fn replay(
        &mut self,
        route: &mut Route<'_, 'a>,
        until: Millis,
        mut course: Option<&mut Course>,
    ) -> Option<Millis> {
        while let Some(moment) = route.next.filter(|moment| *moment <= until) {
            // What time alone does at this moment, it does under the ladder in force until now: a
            // waiver that ends as a playbook is adopted takes nothing of the new one's checks along.
            let adopts = route.ladders.get(route.adopted).is_some_and(|(at, _)| *at <= moment);
            if adopts && moment > route.start {
                self.evaluate(moment);
            }
            // All else that happens at one moment is taken together.
            while let Some((_, ladder)) =
                route.ladders.get(route.adopted).filter(|(at, _)| *at <= moment)
            {
                route.adopted += 1;
                self.change_ladder(ladder);
            }
            while let Some(recorded) = route
                .facts
                .get(route.applied)
                .filter(|recorded| recorded.fact.occurred_at <= moment)
            {
                route.applied += 1;
                self.apply(recorded);
            }
            let due = if self.in_error == self.withdrawn {
                self.evaluate(moment)
            } else {
                self.withdrawn = self.in_error.clone();
                self.correct(route, moment)
            };
            self.note_move(moment);
            if let Some(course) = course.as_deref_mut() {
                let point = self.point(moment);
                course.note(point, self.marks());
            }
            route.next = [
                route.facts.get(route.applied).map(|recorded| recorded.fact.occurred_at),
                route.ladders.get(route.adopted).map(|(at, _)| *at),
                due,
            ]
            .into_iter()
            .flatten()
            .min();
        }
        route.next
    }

    /// Brings the service to where it stood without what was entered in error. This does not
    /// recurse: every retraction that is left names something that is not there.
    fn correct(&mut self, route: &Route<'_, 'a>, moment: Millis) -> Option<Millis> {
        let rest: Vec<&Recorded> = route
            .facts
            .iter()
            .copied()
            .filter(|recorded| !self.withdrawn.contains(&recorded.id))
            .collect();
        let first = route.ladders.first().map_or(self.ladder, |(_, first)| first);
        let mut anew = Walk::start(self.archetype, first, route.start);
        let mut again = Route::from(route.start, &rest, route.ladders);
        let next = anew.replay(&mut again, moment, None);
        self.changed = anew.changed;
        self.standings = anew.standings;
        self.number = anew.number;
        self.first_reached = anew.first_reached;
        next
    }

    fn change_ladder(&mut self, ladder: &'a Ladder) {
        let old = self.ladder;
        // Stages are held by id: a playbook may insert one, or take one out.
        let renumber = |number: usize| {
            (1..=number)
                .rev()
                .map(|number| ladder.number(old.stage(number)))
                .find(|number| *number > 0)
                .unwrap_or(0)
        };
        let known = |rule: &Rule| {
            old.checks.iter().any(|(stage, before)| {
                *stage <= self.number
                    && before.id == rule.id
                    && before.version == rule.version
                    && before.kind == rule.kind
                    && before.counted == rule.counted
                    && before.archetypes == rule.archetypes
            })
        };
        let changed = ladder.checks.iter().filter(|(_, rule)| !known(rule));
        self.changed.extend(changed.map(|(_, rule)| rule.id.as_str()));
        // A check that is taken out and comes back later is a new one.
        let mut standings = vec![Standing::default(); ladder.checks.len()];
        for (standing, (_, rule)) in standings.iter_mut().zip(&ladder.checks) {
            if let Some(before) = self.places.get(rule.id.as_str()) {
                *standing = self.standings[*before];
            }
            if let Standing::Regressed { from, .. } = standing {
                *from = renumber(*from);
            }
        }
        self.standings = standings;
        self.judged = vec![None; ladder.checks.len()];
        self.places = places(ladder);
        self.number = renumber(self.number);
        self.ladder = ladder;
    }

    fn apply(&mut self, recorded: &'a Recorded) {
        self.applied.push(recorded);
        match &recorded.fact.what {
            Happening::Finding { check, .. } => {
                self.looks.entry(check).or_default().push(recorded);
                self.hear_of(check);
            }
            Happening::Waiver { check, request, .. } => {
                self.waivers.entry(check).or_default().push(recorded);
                self.hear_of(check);
                if request.is_some() {
                    self.answers.push(recorded);
                }
            }
            Happening::WaiverRequested { .. } => self.requests.push(recorded),
            Happening::WaiverDeclined { .. } => self.answers.push(recorded),
            Happening::Retraction { .. } => self.retractions.push(recorded),
            Happening::ScopeChanged { .. } => self.scopes.push(recorded),
            Happening::BlockerOpened { .. } => self.openings.push(recorded),
            Happening::BlockerClosed { .. } => self.closings.push(recorded),
            // Rollouts, health and sprints are told beside the journey; no fact of theirs sets a stage.
            Happening::RolloutSeen { .. }
            | Happening::DeliverySeen { .. }
            | Happening::CutOver { .. }
            | Happening::HealthSeen { .. }
            | Happening::SprintTurned { .. }
            | Happening::StepExecuted { .. }
            | Happening::ExecutionConfirmed { .. }
            | Happening::ExecutionContested { .. }
            | Happening::ContestSettled { .. }
            | Happening::ExpertHours { .. }
            | Happening::RegressionTraced { .. }
            | Happening::ForecastIssued { .. }
            | Happening::ReportFrozen { .. }
            | Happening::SprintScopeChanged { .. }
            | Happening::PlaybookAdopted { .. } => {}
        }
        if matches!(recorded.fact.what, Happening::Retraction { .. }) {
            self.dead = retracted(&self.retractions);
            self.judged.fill(None);
            let applied = self.applied.iter().copied();
            self.in_error = applied.filter(|one| self.errs(one)).map(|one| one.id).collect();
        } else if self.errs(recorded) {
            // Its retraction happened before it.
            self.in_error.insert(recorded.id);
        }
    }

    fn hear_of(&mut self, check: &str) {
        if let Some(place) = self.places.get(check) {
            self.judged[*place] = None;
        }
    }

    /// Was entered in error, as far as is known at this moment.
    fn errs(&self, recorded: &Recorded) -> bool {
        matches!(recorded.fact.what, Happening::Finding { .. } | Happening::Retraction { .. })
            && self.dead.contains(&recorded.id)
    }

    fn lives(&self, recorded: &Recorded) -> bool {
        !self.dead.contains(&recorded.id)
    }

    /// Judges every check, moves the stage, and returns when time alone will next matter.
    fn evaluate(&mut self, moment: Millis) -> Option<Millis> {
        let ladder = self.ladder;
        let held = self.number;
        // A request that nobody answers lapses.
        let mut due = self.open_requests(moment).1;
        let mut computed = ladder.stages.len();
        let mut kept = held;
        for (place, (stage, rule)) in ladder.checks.iter().enumerate() {
            let judgement = self.judgement(place, rule, moment);
            let before = self.standings[place];
            let standing = self.stand(rule, *stage <= held, before, &judgement, moment);
            self.standings[place] = standing;
            let ends = match standing {
                Standing::Unproven { since, .. } => Some(since + GRACE),
                _ => None,
            };
            due = [due, judgement.due, ends.filter(|at| *at > moment)].into_iter().flatten().min();
            if rule.counted && !judgement.result.satisfies() {
                computed = computed.min(stage - 1);
            }
            if rule.counted && !standing.holds() {
                kept = kept.min(stage - 1);
            }
        }
        let mut number = computed.max(kept);
        // Nobody rests on a stage that does not apply.
        while number > 0 && !ladder.applicable[number - 1] {
            number -= 1;
        }
        for stage in held + 1..=number {
            if ladder.applicable[stage - 1] {
                self.first_reached.entry(ladder.stages[stage - 1].clone()).or_insert(moment);
            }
        }
        self.number = number;
        self.changed.clear();
        due
    }

    /// Notes where the service stands from this moment on, if that is elsewhere than before.
    fn note_move(&mut self, moment: Millis) {
        let in_scope = self.scope().0 == Scope::In;
        let stage = self.ladder.stage(self.number).map(str::to_owned);
        let last = self.moves.last();
        if last.is_some_and(|last| last.stage != stage) {
            self.stage_since = moment;
        }
        if last.is_none_or(|last| last.stage != stage || last.in_scope != in_scope) {
            self.moves.push(Move { at: moment, stage, in_scope });
        }
    }

    /// How a check stands after a judgement. `reached`: its stage is held.
    fn stand(
        &self,
        rule: &Rule,
        reached: bool,
        before: Standing,
        judgement: &Judgement,
        moment: Millis,
    ) -> Standing {
        if judgement.result.satisfies() {
            let by_pass = judgement.result == Result::Pass;
            return Standing::Satisfied { version: rule.version, by_pass };
        }
        let failed = judgement.result == Result::Fail;
        let changed = reached && self.changed.contains(rule.id.as_str());
        match before {
            Standing::Regressed { version, .. } if version == rule.version && !changed => before,
            _ if !reached => Standing::Open,
            Standing::Reproving { .. } => before,
            _ if changed => Standing::Reproving { since: moment },
            Standing::Satisfied { version, by_pass: true } | Standing::Unproven { version, .. }
                if failed && rule.counted =>
            {
                Standing::Regressed { version, at: moment, from: self.number }
            }
            Standing::Satisfied { version, by_pass: true } if !failed => {
                Standing::Unproven { version, since: moment }
            }
            Standing::Unproven { since, .. } if !failed && moment < since + GRACE => before,
            _ => Standing::Open,
        }
    }

    /// The word on the check at a place of the ladder. Only what was heard since and time change
    /// it, so most of them stand.
    fn judgement(&mut self, place: usize, rule: &Rule, moment: Millis) -> Judgement {
        let holds = |judged: &Judgement| judged.due.is_none_or(|due| due > moment);
        if let Some(judged) = self.judged[place].filter(holds) {
            return judged;
        }
        let judged = self.judge(rule, moment);
        self.judged[place] = Some(judged);
        judged
    }

    fn judge(&self, rule: &Rule, moment: Millis) -> Judgement {
        let elsewhere = !rule.archetypes.is_empty()
            && self
                .archetype
                .is_some_and(|archetype| !rule.archetypes.iter().any(|a| a == archetype));
        if elsewhere {
            return Judgement {
                result: Result::NotApplicable,
                reason: Some(Reason::Archetype),
                claimed: false,
                finding: None,
                waiver: None,
                due: None,
            };
        }
        let mut judgement = self.judge_finding(rule, moment);
        if matches!(judgement.result, Result::Pass | Result::NotApplicable) {
            return judgement;
        }
        let (waiver, ended) = self.waiver(&rule.id, moment);
        if let Some((waiver, expires_at)) = waiver {
            judgement.result = Result::Waived;
            judgement.waiver = Some(waiver);
            judgement.claimed = false;
            judgement.due = Some(judgement.due.map_or(expires_at, |due| due.min(expires_at)));
        } else if ended {
            judgement.reason = Some(Reason::WaiverEnded);
        }
        judgement
    }

    fn judge_finding(&self, rule: &Rule, moment: Millis) -> Judgement {
        let unknown = |reason| Judgement {
            result: Result::Unknown,
            reason: Some(reason),
            claimed: false,
            finding: None,
            waiver: None,
            due: None,
        };
        let looks = self.looks.get(rule.id.as_str()).map_or(&[][..], Vec::as_slice);
        // Newest first; once a verifier speaks, its word replaces the claim.
        let newest = |by_person: bool| {
            looks.iter().rev().find(|recorded| {
                !self.dead.contains(&recorded.id)
                    && matches!(&recorded.fact.what, Happening::Finding { source, .. }
                        if (*source == Source::Person) == by_person)
            })
        };
        let verified = if rule.kind == CheckKind::Auto { newest(false) } else { None };
        let Some(recorded) = verified.or_else(|| newest(true)) else {
            let retracted = looks.iter().any(|recorded| {
                matches!(&recorded.fact.what, Happening::Finding { source, .. }
                    if rule.kind == CheckKind::Auto || *source == Source::Person)
            });
            return unknown(if retracted { Reason::Retracted } else { Reason::NeverSeen });
        };
        let Happening::Finding { check_version, result, source, stale_after, .. } =
            &recorded.fact.what
        else {
            return unknown(Reason::NeverSeen);
        };
        if *check_version < rule.version {
            return Judgement { finding: Some(recorded.id), ..unknown(Reason::OlderVersion) };
        }
        if stale_after.is_some_and(|at| at <= moment) {
            return Judgement { finding: Some(recorded.id), ..unknown(Reason::Stale) };
        }
        let result = match result {
            Seen::Pass => Result::Pass,
            Seen::Fail => Result::Fail,
            Seen::Unknown => Result::Unknown,
            Seen::NotApplicable => Result::NotApplicable,
        };
        Judgement {
            result,
            reason: None,
            claimed: result == Result::Pass
                && rule.kind == CheckKind::Auto
                && *source == Source::Person,
            finding: Some(recorded.id),
            waiver: None,
            due: *stale_after,
        }
    }

    /// The waiver in force with its end, and whether one was in force before.
    fn waiver(&self, check: &str, moment: Millis) -> (Option<(Uuid, Millis)>, bool) {
        let mut ended = false;
        let mut in_force = None;
        for recorded in self.waivers.get(check).into_iter().flatten() {
            if let Happening::Waiver { expires_at, .. } = &recorded.fact.what {
                if *expires_at > moment && !self.dead.contains(&recorded.id) {
                    in_force = Some((recorded.id, *expires_at));
                } else {
                    ended = true;
                }
            }
        }
        (in_force, ended)
    }

    fn scope(&self) -> (Scope, Option<Uuid>) {
        let chosen = self.scopes.iter().rfind(|recorded| self.lives(recorded));
        chosen
            .and_then(|recorded| match &recorded.fact.what {
                Happening::ScopeChanged { scope, .. } => Some((*scope, Some(recorded.id))),
                _ => None,
            })
            .unwrap_or_default()
    }

    /// Open blockers, oldest first.
    fn open_blockers(&self) -> impl Iterator<Item = &'a Recorded> + '_ {
        let closes = |closing: &Recorded, opening: Uuid| {
            matches!(closing.fact.what, Happening::BlockerClosed { of, .. } if of == opening)
                && self.lives(closing)
        };
        self.openings.iter().copied().filter(move |opening| {
            self.lives(opening) && !self.closings.iter().any(|closing| closes(closing, opening.id))
        })
    }

    /// Where the service stands at a moment that was just evaluated.
    fn point(&mut self, moment: Millis) -> Point {
        let ladder = self.ladder;
        let mut point = Point {
            at: moment,
            number: self.number,
            scope: self.scope().0,
            blocked_since: self.open_blockers().next().map(|first| first.fact.occurred_at),
            regressed: false,
            reproving: false,
            unproven_since: None,
            counts: Counts::default(),
            next_check: None,
            ahead: None,
        };
        let mut next: Option<(usize, &str)> = None;
        for (place, (stage, rule)) in ladder.checks.iter().enumerate() {
            if !rule.counted {
                continue;
            }
            let held = *stage <= self.number;
            match self.standings[place] {
                Standing::Regressed { .. } => point.regressed = true,
                Standing::Reproving { .. } if held => point.reproving = true,
                Standing::Unproven { since, .. } if held => {
                    let first = point.unproven_since.map_or(since, |first| first.min(since));
                    point.unproven_since = Some(first);
                }
                _ => {}
            }
            let judgement = self.judgement(place, rule, moment);
            count(&mut point.counts, &judgement);
            // The first open one of the lowest stage.
            if !judgement.result.satisfies() && next.is_none_or(|(lowest, _)| *stage < lowest) {
                next = Some((*stage, &rule.id));
            }
        }
        point.next_check = next.map(|(_, id)| id.to_owned());
        if self.is_ahead {
            point.ahead = Some(self.ahead(moment));
        }
        point
    }

    /// What lists show beside the point, at a moment that was just evaluated.
    fn ahead(&mut self, moment: Millis) -> Ahead {
        let ladder = self.ladder;
        let mut ahead = Ahead {
            cells: String::with_capacity(ladder.checks.len()),
            open_requests: u32::try_from(self.open_requests(moment).0.len()).unwrap_or(u32::MAX),
            waiver_ends: None,
            awaits_approval: false,
        };
        let mut open = 0;
        for (place, (stage, rule)) in ladder.checks.iter().enumerate() {
            let judgement = self.judgement(place, rule, moment);
            ahead.cells.push(letter(
                judgement.result,
                judgement.reason,
                judgement.claimed,
                self.standings[place],
            ));
            if judgement.waiver.is_some() {
                ahead.waiver_ends = [ahead.waiver_ends, judgement.due].into_iter().flatten().min();
            }
            if rule.counted && *stage <= self.number + 1 && !judgement.result.satisfies() {
                open += 1;
                ahead.awaits_approval = open == 1 && rule.kind == CheckKind::Approval;
            }
        }
        ahead
    }

    /// Unanswered requests for waivers, and when the first of them lapses.
    fn open_requests(&self, now: Millis) -> (Vec<Uuid>, Option<Millis>) {
        let answers = |answer: &Recorded, request: Uuid| {
            let named = match &answer.fact.what {
                Happening::Waiver { request, .. } => *request,
                Happening::WaiverDeclined { of, .. } => Some(*of),
                _ => None,
            };
            named == Some(request) && self.lives(answer)
        };
        let mut open = Vec::new();
        let mut lapse: Option<Millis> = None;
        for recorded in self.requests.iter().filter(|recorded| self.lives(recorded)) {
            let Happening::WaiverRequested { expires_at, .. } = recorded.fact.what else {
                continue;
            };
            let answered = self.answers.iter().any(|answer| answers(answer, recorded.id));
            if expires_at > now && !answered {
                open.push(recorded.id);
                lapse = Some(lapse.map_or(expires_at, |first| first.min(expires_at)));
            }
        }
        (open, lapse)
    }

    /// What stands against the service at a moment that was just evaluated.
    fn marks(&self) -> BTreeSet<Mark> {
        let blockers = self.open_blockers().map(|opening| Mark::Blocker(opening.id));
        let mut marks: BTreeSet<Mark> = blockers.collect();
        for (place, (_, rule)) in self.ladder.checks.iter().enumerate() {
            if let Standing::Regressed { at, from, .. } = self.standings[place]
                && rule.counted
            {
                let finding = self.judged[place].and_then(|judged| judged.finding);
                marks.insert(Mark::Lost(Lost { check: rule.id.clone(), at, from, finding }));
            }
        }
        marks
    }

    fn finish(&mut self, now: Millis, valid_until: Option<Millis>) -> Journey {
        let ladder = self.ladder;
        let mut checks = Vec::with_capacity(ladder.checks.len());
        for (place, (stage, rule)) in ladder.checks.iter().enumerate() {
            let judgement = self.judgement(place, rule, now);
            checks.push(CheckStanding {
                check: rule.id.clone(),
                stage: *stage,
                counted: rule.counted,
                result: judgement.result,
                reason: judgement.reason,
                claimed: judgement.claimed,
                standing: self.standings[place],
                finding: judgement.finding,
                waiver: judgement.waiver,
            });
        }
        let point = self.point(now);
        let ahead = self.ahead(now);
        let (open_requests, _) = self.open_requests(now);
        Journey {
            stage: self.ladder.stage(self.number).map(str::to_owned),
            number: self.number,
            stage_since: self.stage_since,
            first_reached: self.first_reached.clone(),
            scope: point.scope,
            scope_fact: self.scope().1,
            blocked_since: point.blocked_since,
            open_blockers: self.open_blockers().map(|opening| opening.id).collect(),
            open_requests,
            waiver_ends: ahead.waiver_ends,
            awaits_approval: ahead.awaits_approval,
            regressed: point.regressed,
            reproving: point.reproving,
            unproven_since: point.unproven_since,
            counts: point.counts,
            checks,
            moves: self.moves.clone(),
            valid_until,
        }
    }
}

/// Counts one counted check in.
fn count(counts: &mut Counts, judgement: &Judgement) {
    match judgement.result {
        Result::Waived => counts.waived += 1,
        Result::NotApplicable => counts.not_applicable += 1,
        result => {
            counts.counted += 1;
            if result == Result::Pass {
                counts.passed += 1;
                counts.proved += u32::from(!judgement.claimed);
            }
        }
    }
}

/// Facts named by a retraction that is not itself retracted. A retraction is retracted when an
/// undo is undone, so the last word on each chain counts.
pub fn retracted(facts: &[&Recorded]) -> BTreeSet<Uuid> {
    let retractions: BTreeMap<Uuid, Uuid> = facts
        .iter()
        .filter_map(|recorded| match &recorded.fact {
            Fact { what: Happening::Retraction { of, .. }, .. } => Some((recorded.id, *of)),
            _ => None,
        })
        .collect();
    // Later retractions decide first: what they name is dead before it can speak itself. Later is
    // what the logical clock says, since a retraction may be undone on a device whose clock is slow.
    let mut order: Vec<&&Recorded> =
        facts.iter().filter(|recorded| retractions.contains_key(&recorded.id)).collect();
    order.sort_by_key(|recorded| recorded.version);
    let mut dead = BTreeSet::new();
    for recorded in order.into_iter().rev() {
        if let Some(of) = retractions.get(&recorded.id)
            && !dead.contains(&recorded.id)
        {
            dead.insert(*of);
        }
    }
    dead
}
