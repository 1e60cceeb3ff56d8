//! Sprints: what was planned, what the scope was at each moment, and how it went. A sprint's words
//! (goal, dates, leader, members) are registers; that it started, paused, resumed and ended, and
//! every change of its scope, are dated facts with a reason, so that a burn-up can be replayed as it
//! was. What is deliberately absent: whether a service reached its target; that is the journey's.

use crate::Millis;
use crate::change::{Change, Entity, Kind, Presence, path};
use crate::fact::{Fact, Happening, Recorded};
use crate::journey::retracted;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Who leads the work of a sprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SprintKind {
    /// An expert from outside leads, the team does.
    ExpertLed,
    /// One of the team leads, and migrating is all that is done.
    Internal,
    /// Beside the team's usual work.
    Regular,
}

impl SprintKind {
    /// All kinds, in the order a programme goes through them.
    pub const ALL: [Self; 3] = [Self::ExpertLed, Self::Internal, Self::Regular];

    /// The word, as written in the log, on the command line and in the window.
    pub fn word(self) -> &'static str {
        match self {
            Self::ExpertLed => "expert-led",
            Self::Internal => "internal",
            Self::Regular => "regular",
        }
    }

    /// Reads a word, without regard to case; `expert_led` and `expert led` are accepted too.
    pub fn from_word(word: &str) -> Option<Self> {
        let word = word.trim().to_lowercase().replace(['_', ' '], "-");
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// A turn in the life of a sprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Turn {
    /// Work begins.
    Started,
    /// Work rests.
    Paused,
    /// Work goes on.
    Resumed,
    /// Work is over.
    Ended,
}

impl Turn {
    /// The word, as written in the log, on the command line and in the window.
    pub fn word(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Paused => "paused",
            Self::Resumed => "resumed",
            Self::Ended => "ended",
        }
    }
}

/// Where a sprint is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Not begun.
    #[default]
    Planned,
    /// Work goes on.
    Running,
    /// Work rests.
    Paused,
    /// Over.
    Ended,
}

impl State {
    /// The word, as shown on the command line and in the window.
    pub fn word(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Ended => "ended",
        }
    }

    /// The state after a turn; none where the turn is not possible.
    pub fn after(self, turn: Turn) -> Option<Self> {
        match (self, turn) {
            (Self::Planned, Turn::Started) | (Self::Paused, Turn::Resumed) => Some(Self::Running),
            (Self::Running, Turn::Paused) => Some(Self::Paused),
            (Self::Running | Self::Paused, Turn::Ended) => Some(Self::Ended),
            _ => None,
        }
    }
}

/// What a sprint sets out to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// A short name.
    pub name: String,
    /// What shall be true at the end.
    pub goal: String,
    /// Who leads the work.
    pub kind: SprintKind,
    /// First day.
    pub first: NaiveDate,
    /// Last day.
    pub last: NaiveDate,
    /// Who leads it.
    pub leader: Option<Uuid>,
    /// Who takes part.
    pub members: Vec<Uuid>,
}

impl Plan {
    /// Reads the plan from a sprint's registers; none where it is no sprint, or not whole.
    pub fn of(entity: &Entity) -> Option<Self> {
        let day = |register| entity.text(register).and_then(|day| day.parse().ok());
        let person = |id: &str| Uuid::try_parse(id).ok();
        Some(Self {
            name: entity.name().to_owned(),
            goal: entity.text(path::GOAL).unwrap_or_default().to_owned(),
            kind: SprintKind::from_word(entity.text(path::SPRINT_KIND)?)?,
            first: day(path::FIRST_DAY)?,
            last: day(path::LAST_DAY)?,
            leader: entity.text(path::LEADER).and_then(person),
            members: entity.set(path::MEMBERS).iter().filter_map(|id| person(id)).collect(),
        })
    }

    /// The changes that make a sprint of it.
    pub fn create(&self, sprint: Uuid) -> Vec<Change> {
        let mut changes = vec![
            Change::Created { entity: sprint, kind: Kind::Sprint },
            Change::field(sprint, path::NAME, self.name.as_str()),
            Change::field(sprint, path::GOAL, self.goal.as_str()),
            Change::field(sprint, path::SPRINT_KIND, self.kind.word()),
            Change::field(sprint, path::FIRST_DAY, self.first.to_string()),
            Change::field(sprint, path::LAST_DAY, self.last.to_string()),
        ];
        if let Some(leader) = self.leader {
            changes.push(Change::field(sprint, path::LEADER, leader.to_string()));
        }
        changes.extend(self.members.iter().map(|person| {
            Change::element(sprint, path::MEMBERS, &person.to_string(), Presence::In)
        }));
        changes
    }
}

/// One change of a sprint's scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeStep {
    /// When.
    pub at: Millis,
    /// The service.
    pub service: Uuid,
    /// The stage it shall reach, or nothing where it was taken out.
    pub target_stage: Option<String>,
    /// Why.
    pub reason: String,
    /// Who decided it.
    pub by: Uuid,
}

/// How a sprint went, from its facts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Run {
    /// Where it is.
    pub state: State,
    /// Turns with their moments and words, oldest first. A turn that was not possible, as when two
    /// people start the same sprint, is left out.
    pub turns: Vec<(Millis, Turn, String)>,
    /// Changes of its scope, oldest first.
    pub steps: Vec<ScopeStep>,
}

impl Run {
    /// Folds the facts about one sprint; see [`Self::each`].
    pub fn of(sprint: Uuid, facts: &[Recorded]) -> Self {
        Self::each(facts).remove(&sprint).unwrap_or_default()
    }

    /// Folds facts into the runs of the sprints they are about, in one pass. Those about something
    /// else are passed over, and so is what was retracted. Facts may come in any order.
    pub fn each(facts: &[Recorded]) -> BTreeMap<Uuid, Self> {
        let mut ordered: Vec<&Recorded> = facts.iter().collect();
        ordered.sort_by_key(|recorded| (recorded.fact.occurred_at, recorded.version));
        let dead = retracted(&ordered);
        let mut runs: BTreeMap<Uuid, Self> = BTreeMap::new();
        for recorded in ordered.into_iter().filter(|recorded| !dead.contains(&recorded.id)) {
            let at = recorded.fact.occurred_at;
            match &recorded.fact.what {
                Happening::SprintTurned { sprint, turn, note } => {
                    runs.entry(*sprint).or_default().take(at, *turn, note);
                }
                Happening::SprintScopeChanged { sprint, service, target_stage, reason } => {
                    runs.entry(*sprint).or_default().steps.push(ScopeStep {
                        at,
                        service: *service,
                        target_stage: target_stage.clone(),
                        reason: reason.clone(),
                        by: recorded.actor,
                    });
                }
                _ => {}
            }
        }
        runs
    }

    /// Takes a turn; one that is not possible is left out.
    pub fn take(&mut self, at: Millis, turn: Turn, note: &str) {
        if let Some(state) = self.state.after(turn) {
            self.state = state;
            self.turns.push((at, turn, note.to_owned()));
        }
    }

    /// The scope at a moment: services with the stage each shall reach.
    pub fn scope_at(&self, moment: Millis) -> BTreeMap<Uuid, &str> {
        let mut scope = BTreeMap::new();
        for step in self.steps.iter().take_while(|step| step.at <= moment) {
            match &step.target_stage {
                Some(stage) => scope.insert(step.service, stage.as_str()),
                None => scope.remove(&step.service),
            };
        }
        scope
    }

    /// The scope after all that was recorded.
    pub fn scope(&self) -> BTreeMap<Uuid, &str> {
        self.scope_at(Millis::MAX)
    }

    /// When a turn was taken last.
    pub fn turned(&self, turn: Turn) -> Option<Millis> {
        self.turns.iter().rev().find(|(_, took, _)| *took == turn).map(|(at, ..)| *at)
    }
}

/// The fact of a turn.
pub fn turn(sprint: Uuid, turn: Turn, note: &str, occurred_at: Millis) -> Fact {
    Fact { occurred_at, what: Happening::SprintTurned { sprint, turn, note: note.to_owned() } }
}

/// The fact that a service is to reach a stage within the sprint, or, without a stage, that it is
/// taken out.
pub fn scope(
    sprint: Uuid,
    service: Uuid,
    target_stage: Option<&str>,
    reason: &str,
    occurred_at: Millis,
) -> Fact {
    let what = Happening::SprintScopeChanged {
        sprint,
        service,
        target_stage: target_stage.map(str::to_owned),
        reason: reason.to_owned(),
    };
    Fact { occurred_at, what }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::DeviceId;
    use crate::operation::Version;
    use Turn::{Ended, Paused, Resumed, Started};

    const SPRINT: Uuid = Uuid::from_u128(1);
    const CART: Uuid = Uuid::from_u128(2);
    const LEDGER: Uuid = Uuid::from_u128(3);

    fn recorded(id: u128, fact: Fact) -> Recorded {
        let hlc = u64::try_from(id).unwrap();
        let version = Version { hlc, device: DeviceId([1; 16]), seq: hlc };
        Recorded { id: Uuid::from_u128(id), version, actor: Uuid::from_u128(99), fact }
    }

    #[test]
    fn a_plan_reads_back_as_it_was_made() {
        let plan = Plan {
            name: "First week".into(),
            goal: "Ten services are live".into(),
            kind: SprintKind::ExpertLed,
            first: NaiveDate::from_ymd_opt(2026, 3, 2).unwrap(),
            last: NaiveDate::from_ymd_opt(2026, 3, 6).unwrap(),
            leader: Some(Uuid::from_u128(7)),
            members: vec![Uuid::from_u128(8), Uuid::from_u128(9)],
        };
        let mut entity = Entity::default();
        for (write, _) in plan.create(SPRINT).iter().flat_map(Change::writes) {
            entity.registers.insert(write.path, write.value);
        }
        assert_eq!(Plan::of(&entity), Some(plan));
        entity.registers.insert(path::LAST_DAY.into(), "soon".into());
        assert_eq!(Plan::of(&entity), None, "a sprint without a last day is none");
    }

    #[test]
    fn turns_that_are_not_possible_are_left_out() {
        let check = |turns: &[Turn], state: State, kept: usize| {
            let facts: Vec<Recorded> = (100..)
                .zip(turns)
                .map(|(id, took)| recorded(id, turn(SPRINT, *took, "", i64::try_from(id).unwrap())))
                .collect();
            let mut backwards = facts.clone();
            backwards.reverse();
            let run = Run::of(SPRINT, &facts);
            assert_eq!((run.state, run.turns.len()), (state, kept), "{turns:?}");
            assert_eq!(Run::of(SPRINT, &backwards), run, "the order of arrival does not matter");
        };
        check(&[], State::Planned, 0);
        check(&[Started], State::Running, 1);
        check(&[Started, Started], State::Running, 1);
        check(&[Paused], State::Planned, 0);
        check(&[Started, Paused], State::Paused, 2);
        check(&[Started, Paused, Resumed], State::Running, 3);
        check(&[Started, Paused, Ended], State::Ended, 3);
        check(&[Started, Ended, Resumed], State::Ended, 2);
    }

    #[test]
    fn the_scope_is_known_for_every_moment() {
        let retraction = Happening::Retraction {
            of: Uuid::from_u128(104),
            service: Some(LEDGER),
            note: String::new(),
        };
        let facts = [
            recorded(101, scope(SPRINT, CART, Some("live"), "planned", 10)),
            recorded(102, scope(SPRINT, LEDGER, Some("staging"), "planned", 10)),
            recorded(103, scope(SPRINT, CART, None, "its owner is away", 20)),
            recorded(104, scope(SPRINT, LEDGER, None, "by mistake", 30)),
            recorded(105, Fact { occurred_at: 31, what: retraction }),
            recorded(106, scope(Uuid::from_u128(9), CART, Some("live"), "another", 5)),
        ];
        let run = Run::of(SPRINT, &facts);
        let check = |at: Millis, expect: &[(Uuid, &str)]| {
            let scope: Vec<(Uuid, &str)> = run.scope_at(at).into_iter().collect();
            assert_eq!(scope, expect, "at {at}");
        };
        check(9, &[]);
        check(10, &[(CART, "live"), (LEDGER, "staging")]);
        check(20, &[(LEDGER, "staging")]);
        check(40, &[(LEDGER, "staging")]);
        assert_eq!(run.steps.len(), 3, "what was taken back is no step");
    }
}
