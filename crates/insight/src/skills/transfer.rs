//! Whether knowledge moves to the team: independence, coverage, truck factor.

use super::{Execution, Help, Standings};
use chrono::NaiveDate;
use pilotage_domain::calendar::Calendar;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Up to so many people every absence is tried.
const MOST_PEOPLE: usize = 10;
/// From so many people on a median is told.
const FEW: usize = 3;

/// Executions alone among those that people of the team did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Independence {
    /// Confirmed ones that were done alone.
    pub alone: u32,
    /// Confirmed ones.
    pub all: u32,
    /// Done alone, unconfirmed included.
    pub alone_with_unconfirmed: u32,
    /// All, unconfirmed included.
    pub all_with_unconfirmed: u32,
}

impl Independence {
    /// The ratio of confirmed executions; none, not 0, without one.
    pub fn ratio(&self) -> Option<f64> {
        (self.all > 0).then(|| f64::from(self.alone) / f64::from(self.all))
    }
}

/// The independence of a team in some executions, as of a sprint. What people from outside did is
/// not among them.
pub fn independence(executions: &[Execution], team: &BTreeSet<Uuid>) -> Independence {
    let mut figures = Independence::default();
    for execution in executions {
        let by_team = |(person, help): &(Uuid, Help)| help.is_doing() && team.contains(person);
        if !execution.people.iter().any(by_team) {
            continue;
        }
        let alone = u32::from(execution.alone().is_some());
        figures.all_with_unconfirmed += 1;
        figures.alone_with_unconfirmed += alone;
        if execution.confirmed {
            figures.all += 1;
            figures.alone += alone;
        }
    }
    figures
}

/// The services among `done` whose every execution was done alone by the team, without an hour of an
/// expert. One without any execution proves nothing and is not among them.
pub fn unaided(
    done: &BTreeSet<Uuid>,
    executions: &[Execution],
    team: &BTreeSet<Uuid>,
    expert_hours: &BTreeMap<Uuid, f64>,
) -> BTreeSet<Uuid> {
    let mut alone: BTreeMap<Uuid, bool> = BTreeMap::new();
    for execution in executions.iter().filter(|it| done.contains(&it.service)) {
        let by_team = execution.alone().is_some_and(|person| team.contains(&person));
        *alone.entry(execution.service).or_insert(true) &= by_team;
    }
    let without_hours =
        |service: &Uuid| expert_hours.get(service).is_none_or(|hours| *hours <= 0.0);
    alone
        .into_iter()
        .filter(|(service, alone)| *alone && without_hours(service))
        .map(|(service, _)| service)
        .collect()
}

/// Who holds each mandatory skill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// People with L3 or more, "L3?" excluded, by skill.
    pub holders: BTreeMap<String, BTreeSet<Uuid>>,
}

/// What coverage means for the team.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// The smallest number of people whose absence leaves a skill with nobody; none where nothing
    /// is covered.
    pub truck_factor: Option<usize>,
    /// The skills that so few hold.
    pub weakest: Vec<String>,
    /// Skills that nobody holds: told apart, never mixed into the truck factor.
    pub orphaned: Vec<String>,
}

/// The coverage of the mandatory skills by people of the team.
pub fn coverage(
    mandatory: &BTreeSet<String>,
    standings: &Standings,
    team: &BTreeSet<Uuid>,
) -> Coverage {
    let holders = |skill: &String| {
        let holders = standings.iter().filter(|((person, of), standing)| {
            of == skill && standing.holds() && team.contains(person)
        });
        (skill.clone(), holders.map(|((person, _), _)| *person).collect())
    };
    Coverage { holders: mandatory.iter().map(holders).collect() }
}

impl Coverage {
    /// Truck factor and orphaned skills.
    pub fn transfer(&self) -> Transfer {
        let covered = || self.holders.iter().filter(|(_, people)| !people.is_empty());
        let truck_factor = covered().map(|(_, people)| people.len()).min();
        let weakest = covered().filter(|(_, people)| Some(people.len()) == truck_factor);
        let orphaned = self.holders.iter().filter(|(_, people)| people.is_empty());
        Transfer {
            truck_factor,
            weakest: weakest.map(|(skill, _)| skill.clone()).collect(),
            orphaned: orphaned.map(|(skill, _)| skill.clone()).collect(),
        }
    }
}

/// The fewest people whose absence leaves fewer than half of the skills with anybody; every absence
/// is tried. None with more than 10 people, and where fewer than half are covered as it is.
pub fn half_lost(coverage: &Coverage) -> Option<usize> {
    let people: BTreeSet<Uuid> = coverage.holders.values().flatten().copied().collect();
    let people: Vec<Uuid> = people.into_iter().collect();
    if people.len() > MOST_PEOPLE {
        return None;
    }
    let is_half_lost = |absent: u32| {
        let is_here = |person: &Uuid| {
            people.iter().position(|one| one == person).is_some_and(|at| absent >> at & 1 == 0)
        };
        let left = coverage.holders.values().filter(|holders| holders.iter().any(is_here));
        2 * left.count() < coverage.holders.len()
    };
    if is_half_lost(0) {
        return None;
    }
    let absences = 1..1_u32 << people.len();
    let fewest = absences.filter(|absent| is_half_lost(*absent)).map(u32::count_ones).min()?;
    usize::try_from(fewest).ok()
}

/// How long a person took to hold a skill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeToIndependence {
    /// The person.
    pub person: Uuid,
    /// Working days from the first evidence to L3, both included.
    pub working_days: u32,
    /// Services worked on until then.
    pub services: usize,
}

/// The times to independence in a skill, by person, and their median from 3 people on.
pub fn times_to_independence(
    skill: &str,
    standings: &Standings,
    executions: &[Execution],
    calendar: &Calendar,
) -> (Vec<TimeToIndependence>, Option<u32>) {
    let services_of = |person: Uuid, until: NaiveDate| {
        let own = executions.iter().filter(|it| {
            it.on <= until
                && it.people.iter().any(|(one, _)| *one == person)
                && it.skills.iter().any(|named| named == skill)
        });
        own.map(|it| it.service).collect::<BTreeSet<Uuid>>().len()
    };
    let times: Vec<TimeToIndependence> = standings
        .iter()
        .filter(|((_, of), _)| of == skill)
        .filter_map(|((person, _), standing)| {
            let (first, since) = (standing.first_evidence?, standing.independent_since?);
            let working_days = calendar.workdays(first, since);
            Some(TimeToIndependence {
                person: *person,
                working_days,
                services: services_of(*person, since),
            })
        })
        .collect();
    let mut days: Vec<u32> = times.iter().map(|time| time.working_days).collect();
    days.sort_unstable();
    let median = (days.len() >= FEW).then(|| days[(days.len() - 1) / 2]);
    (times, median)
}
