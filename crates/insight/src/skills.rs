//! Skills: levels computed from evidence, never claimed and never set. A level belongs to one person
//! and one skill, and every execution behind it can be shown.
//!
//! Deliberately absent: any sum over skills, any order of people, any pace of a person. A person's
//! own assessment stands beside a level and never enters a figure.

mod leader;
mod pairs;
mod transfer;

pub use pilotage_domain::execution::Help;

pub use leader::{Candidate, LeaderScore, LeaderSuggestion, suggest_leader};
pub use pairs::{Group, PairRequest, Plan, Plans, Support, suggest_pairs};
pub use transfer::{
    Coverage, Independence, TimeToIndependence, Transfer, coverage, half_lost, independence,
    times_to_independence, unaided,
};

use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// A regression within so many days after an execution counts against it.
const TRACED_WITHIN: i64 = 14;
/// After so many days without use a level fades; it stays.
const FRESH_FOR: i64 = 60;

/// A step that somebody did on a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Execution {
    /// The service.
    pub service: Uuid,
    /// The check it is about.
    pub check: String,
    /// The skills that the check names in the playbook.
    pub skills: Vec<String>,
    /// The local day.
    pub on: NaiveDate,
    /// Who took part, and with how much help.
    pub people: Vec<(Uuid, Help)>,
    /// The guide recorded it, or a second person confirmed it.
    pub confirmed: bool,
    /// A rollback, a failed cut-over, or a hard service.
    pub exceptional: bool,
    /// It comes from another programme: counts up to L2.
    pub imported: bool,
}

impl Execution {
    /// The one who did it, if it was one.
    fn sole_doer(&self) -> Option<(Uuid, Help)> {
        let mut doers = self.people.iter().filter(|(_, help)| help.is_doing());
        let doer = doers.next().copied();
        doer.filter(|_| doers.next().is_none())
    }

    /// Who did it alone; with a second doer, nobody did.
    fn alone(&self) -> Option<Uuid> {
        self.sole_doer().filter(|(_, help)| *help == Help::Alone).map(|(person, _)| person)
    }
}

/// A regression whose cause a person traced to a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Traced {
    /// The service that regressed.
    pub service: Uuid,
    /// The check that is the cause.
    pub check: String,
    /// The local day.
    pub on: NaiveDate,
}

impl Traced {
    fn counts_against(&self, execution: &Execution) -> bool {
        self.service == execution.service
            && self.check == execution.check
            && (0..=TRACED_WITHIN).contains(&(self.on - execution.on).num_days())
    }
}

/// Where a person stands in a skill.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// 0 to 5.
    pub level: u8,
    /// "L3?": a regression was traced to it, until one more execution alone passes. Counts for
    /// coverage as L2.
    pub reopened: bool,
    /// Last used, alone or as a guide, more than 60 days ago; or never.
    pub faded: bool,
    /// Used alone within 60 days.
    pub alone_lately: bool,
    /// The day L3 was first reached.
    pub independent_since: Option<NaiveDate>,
    /// The first evidence.
    pub first_evidence: Option<NaiveDate>,
    /// The last use, alone or as a guide.
    pub last_use: Option<NaiveDate>,
}

impl Standing {
    /// The level that coverage counts.
    pub fn counted(&self) -> u8 {
        if self.reopened { 2 } else { self.level }
    }

    /// Whether the person holds the skill: L3 or more, not reopened.
    pub fn holds(&self) -> bool {
        self.counted() >= 3
    }

    /// As shown: "L3", "L3?".
    pub fn words(&self) -> String {
        format!("L{}{}", self.level, if self.reopened { "?" } else { "" })
    }
}

/// Standings by person and skill.
pub type Standings = BTreeMap<(Uuid, String), Standing>;

/// Computes every standing at the end of `as_of` from what happened until then.
pub fn standings(executions: &[Execution], regressions: &[Traced], as_of: NaiveDate) -> Standings {
    let executions: Vec<&Execution> = in_order(executions, as_of, |it| it.on);
    let regressions: Vec<&Traced> = in_order(regressions, as_of, |it| it.on);
    let mut keys: BTreeSet<(Uuid, &str)> = BTreeSet::new();
    for execution in &executions {
        for (person, _) in &execution.people {
            keys.extend(execution.skills.iter().map(|skill| (*person, skill.as_str())));
        }
    }
    let standing = |(person, skill): &(Uuid, &str)| {
        let mut replay = Replay::new(*person);
        let mut ahead = regressions.iter().peekable();
        let own = executions.iter().filter(|it| {
            it.skills.iter().any(|named| named == skill)
                && it.people.iter().any(|(one, _)| one == person)
        });
        for execution in own {
            // A regression comes after the executions of its day.
            while let Some(regression) = ahead.next_if(|it| it.on < execution.on) {
                replay.regressed(regression);
            }
            replay.executed(execution);
        }
        ahead.for_each(|regression| replay.regressed(regression));
        ((*person, (*skill).to_owned()), replay.finish(as_of))
    };
    let mut standings: Standings = keys.iter().map(standing).collect();
    // Who guided others to independence: only now that theirs is known.
    let guides: Vec<(Uuid, String)> = standings
        .iter()
        .filter(|((person, skill), standing)| {
            standing.holds() && guided(*person, skill, &executions, &standings).len() >= 2
        })
        .map(|(key, _)| key.clone())
        .collect();
    for key in guides {
        if let Some(standing) = standings.get_mut(&key) {
            standing.level = 5;
        }
    }
    standings
}

/// The people whom a person guided in a skill and who then reached L3 in it.
pub fn guided_to_independence(
    person: Uuid,
    skill: &str,
    executions: &[Execution],
    standings: &Standings,
) -> BTreeSet<Uuid> {
    guided(person, skill, &executions.iter().collect::<Vec<_>>(), standings)
}

fn guided(
    person: Uuid,
    skill: &str,
    executions: &[&Execution],
    standings: &Standings,
) -> BTreeSet<Uuid> {
    let is_guide = |it: &&&Execution| it.people.contains(&(person, Help::Guided));
    executions
        .iter()
        .filter(is_guide)
        .filter(|it| it.skills.iter().any(|named| named == skill))
        .flat_map(|it| it.people.iter().map(|(other, help)| (*other, *help, it.on)))
        .filter(|(other, help, on)| {
            let reached = standings.get(&(*other, skill.to_owned()));
            let reached = reached.and_then(|standing| standing.independent_since);
            *other != person && help.is_doing() && reached.is_some_and(|day| day >= *on)
        })
        .map(|(other, ..)| other)
        .collect()
}

fn in_order<T>(all: &[T], as_of: NaiveDate, on: impl Fn(&T) -> NaiveDate) -> Vec<&T> {
    let mut all: Vec<&T> = all.iter().filter(|it| on(it) <= as_of).collect();
    all.sort_by_key(|it| on(it));
    all
}

/// What happened to one person in one skill, in order: L0 to L4, and the dates.
struct Replay<'a> {
    person: Uuid,
    executions: Vec<&'a Execution>,
    regressions: Vec<&'a Traced>,
    last_alone: Option<NaiveDate>,
    standing: Standing,
}

impl<'a> Replay<'a> {
    fn new(person: Uuid) -> Self {
        Self {
            person,
            executions: Vec::new(),
            regressions: Vec::new(),
            last_alone: None,
            standing: Standing::default(),
        }
    }

    fn executed(&mut self, execution: &'a Execution) {
        self.executions.push(execution);
        let alone = execution.alone() == Some(self.person);
        let guided = execution.people.contains(&(self.person, Help::Guided));
        let standing = &mut self.standing;
        standing.first_evidence = standing.first_evidence.or(Some(execution.on));
        if alone || guided {
            standing.last_use = Some(execution.on);
        }
        if alone {
            self.last_alone = Some(execution.on);
        }
        if alone && execution.confirmed && !execution.imported {
            standing.reopened = false;
        }
        self.judge();
        if self.standing.level >= 3 {
            let since = self.standing.independent_since;
            self.standing.independent_since = since.or(Some(execution.on));
        }
    }

    fn regressed(&mut self, regression: &'a Traced) {
        let is_own = self.counting().any(|it| regression.counts_against(it));
        self.regressions.push(regression);
        if is_own && self.standing.level >= 3 {
            self.standing.reopened = true;
        }
        self.judge();
    }

    fn judge(&mut self) {
        self.standing.level = if self.standing.reopened { 3 } else { self.level() };
    }

    /// Executions that count towards L3: alone, confirmed, of this programme, and no regression
    /// was traced to them.
    fn counting(&self) -> impl Iterator<Item = &'a Execution> {
        self.executions.iter().copied().filter(|it| {
            it.alone() == Some(self.person)
                && it.confirmed
                && !it.imported
                && !self.regressions.iter().any(|regression| regression.counts_against(it))
        })
    }

    fn level(&self) -> u8 {
        let services: BTreeSet<Uuid> = self.counting().map(|it| it.service).collect();
        if services.len() >= 2 {
            return if self.counting().any(|it| it.exceptional) { 4 } else { 3 };
        }
        let people = self.executions.iter().flat_map(|it| &it.people);
        let did = people.clone().any(|(one, help)| *one == self.person && *help != Help::Watched);
        match (did, self.executions.is_empty()) {
            (true, _) => 2,
            (false, false) => 1,
            (false, true) => 0,
        }
    }

    fn finish(mut self, as_of: NaiveDate) -> Standing {
        let is_fresh =
            |on: Option<NaiveDate>| on.is_some_and(|on| (as_of - on).num_days() <= FRESH_FOR);
        self.standing.faded = !is_fresh(self.standing.last_use);
        self.standing.alone_lately = is_fresh(self.last_alone);
        self.standing
    }
}
