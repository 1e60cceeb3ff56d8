//! Step executions: who did which check on which service, and with how much help. Each is a fact of
//! the past; that a second person confirms it, doubts it or settles the doubt are facts of their
//! own, and so are an expert's hours and the cause of a regression.
//!
//! What is deliberately absent: levels. They are computed from what is folded here, in the crate
//! above, and no fact sets one.

use crate::Millis;
use crate::fact::{Happening, Recorded};
use crate::journey::retracted;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Most people in one execution.
pub const MOST_PEOPLE: usize = 20;
/// Most hours of an expert in one entry, in hundredths: a day.
pub const MOST_HUNDREDTHS: u32 = 24 * 100;

/// How much help a person had. An ordinal scale: no mean is ever taken. In the log, 0 to 4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub enum Help {
    /// 0: watched.
    Watched,
    /// 1: did it while being told how.
    Told,
    /// 2: did it, and asked for help on the way.
    Asked,
    /// 3: did it alone.
    Alone,
    /// 4: guided the one who did it.
    Guided,
}

impl Help {
    /// All of them, in their order.
    pub const ALL: [Self; 5] = [Self::Watched, Self::Told, Self::Asked, Self::Alone, Self::Guided];

    /// Reads the number.
    pub fn from_level(level: u8) -> Option<Self> {
        Self::ALL.get(usize::from(level)).copied()
    }

    /// The number.
    pub fn level(self) -> u8 {
        match self {
            Self::Watched => 0,
            Self::Told => 1,
            Self::Asked => 2,
            Self::Alone => 3,
            Self::Guided => 4,
        }
    }

    /// Whether the person did it.
    pub fn is_doing(self) -> bool {
        matches!(self, Self::Told | Self::Asked | Self::Alone)
    }

    /// What the person did, as told after a name: "did it alone".
    pub fn words(self) -> &'static str {
        match self {
            Self::Watched => "watched",
            Self::Told => "did it while being told how",
            Self::Asked => "did it and asked for help on the way",
            Self::Alone => "did it alone",
            Self::Guided => "guided",
        }
    }
}

impl From<Help> for u8 {
    fn from(help: Help) -> Self {
        help.level()
    }
}

impl TryFrom<u8> for Help {
    type Error = String;

    fn try_from(level: u8) -> Result<Self, String> {
        Self::from_level(level).ok_or_else(|| format!("a help level is 0 to 4, not {level}"))
    }
}

/// Somebody who took part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Participant {
    /// The person.
    pub person: Uuid,
    /// With how much help.
    pub help: Help,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_no(flag: &bool) -> bool {
    !flag
}

/// A step that somebody did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Execution {
    /// Check id.
    pub check: String,
    /// Version of the check that was in force.
    pub check_version: u32,
    /// Who took part; each person once, and at least one of them did it.
    pub people: Vec<Participant>,
    /// The finding it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finding: Option<Uuid>,
    /// A script did it, and the doer ran the script.
    #[serde(default, skip_serializing_if = "is_no")]
    pub by_script: bool,
    /// An exceptional case: a rollback, or a cut-over that failed.
    #[serde(default, skip_serializing_if = "is_no")]
    pub exceptional: bool,
    /// It was brought from another programme.
    #[serde(default, skip_serializing_if = "is_no")]
    pub imported: bool,
    /// What there is to say.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

impl Execution {
    /// What is wrong with it, in words that follow "an execution".
    pub fn fault(&self) -> Option<&'static str> {
        let people: BTreeSet<Uuid> = self.people.iter().map(|one| one.person).collect();
        let doers = self.people.iter().filter(|one| one.help.is_doing()).count();
        let guides = self.people.iter().filter(|one| one.help == Help::Guided).count();
        let alone = self.people.iter().any(|one| one.help == Help::Alone);
        match () {
            () if self.people.len() > MOST_PEOPLE => Some("has at most 20 people"),
            () if people.len() < self.people.len() => Some("names each person once"),
            () if doers == 0 => Some("has somebody who did it: help level 1, 2 or 3"),
            () if alone && doers > 1 => Some("that was done alone has one doer"),
            () if alone && guides > 0 => Some("that was done alone has no guide"),
            () => None,
        }
    }

    /// With how much help a person took part.
    pub fn help_of(&self, person: Uuid) -> Option<Help> {
        self.people.iter().find(|one| one.person == person).map(|one| one.help)
    }
}

/// A doubt about an execution, which shows until it is settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contest {
    /// The fact.
    pub id: Uuid,
    /// When.
    pub at: Millis,
    /// Who doubts it.
    pub by: Uuid,
    /// What is doubted.
    pub note: String,
    /// Who settled it, when, and how.
    pub settled: Option<(Uuid, Millis, String)>,
}

/// An execution with what was said about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The fact.
    pub id: Uuid,
    /// When it happened.
    pub at: Millis,
    /// Who recorded it.
    pub by: Uuid,
    /// The service.
    pub service: Uuid,
    /// The execution.
    pub execution: Execution,
    /// Who confirmed it and when; a guide who records it confirms it by that.
    pub confirmed: Option<(Uuid, Millis)>,
    /// Doubts, oldest first.
    pub contests: Vec<Contest>,
}

impl Told {
    /// Why a person cannot confirm it, in words that follow his name; none where he can. The same
    /// rule decides whether a confirmation counts that another device wrote.
    pub fn bars(&self, person: Uuid) -> Option<&'static str> {
        match self.execution.help_of(person) {
            Some(help) if help.is_doing() => Some("did it, and nobody confirms his own"),
            _ if person == self.by => Some("recorded it, and a second person confirms"),
            _ if person.is_nil() => Some("is nobody"),
            _ => None,
        }
    }

    /// A doubt is not settled.
    pub fn is_contested(&self) -> bool {
        self.contests.iter().any(|contest| contest.settled.is_none())
    }
}

/// An expert's hours on a service, as he reports them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hours {
    /// The fact.
    pub id: Uuid,
    /// The service.
    pub service: Uuid,
    /// Who spent them.
    pub person: Uuid,
    /// On which local day.
    pub on: NaiveDate,
    /// How many, in hundredths of an hour.
    pub hundredths: u32,
}

/// A regression whose cause a person traced to a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// The fact.
    pub id: Uuid,
    /// When the service regressed.
    pub at: Millis,
    /// The service.
    pub service: Uuid,
    /// The check that is the cause.
    pub check: String,
    /// Who said so.
    pub by: Uuid,
    /// What he said.
    pub note: String,
}

/// The kinds of fact that [`Executions::of`] folds, as the log calls them.
pub const KINDS: [&str; 6] = [
    "step_executed",
    "execution_confirmed",
    "execution_contested",
    "contest_settled",
    "expert_hours",
    "regression_traced",
];

/// All that is known of who did what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Executions {
    /// Executions in order of occurrence.
    pub told: Vec<Told>,
    /// Experts' hours in order of occurrence.
    pub hours: Vec<Hours>,
    /// Causes of regressions in order of occurrence.
    pub causes: Vec<Cause>,
}

impl Executions {
    /// Folds facts; those of other kinds are passed over, and so is what was retracted, a
    /// confirmation that is nobody's second look, and what was said of an execution that is not
    /// there. Facts may come in any order.
    pub fn of<'a>(facts: impl IntoIterator<Item = &'a Recorded>) -> Self {
        let mut ordered: Vec<&Recorded> = facts.into_iter().collect();
        ordered.sort_by_key(|recorded| recorded.order());
        let dead = retracted(&ordered);
        ordered.retain(|recorded| !dead.contains(&recorded.id));
        let mut all = Self::default();
        for recorded in &ordered {
            all.take(recorded);
        }
        // Only now what refers to them: a slow clock may put a confirmation before its execution.
        let places: BTreeMap<Uuid, usize> =
            all.told.iter().enumerate().map(|(place, told)| (told.id, place)).collect();
        let mut contests = BTreeMap::new();
        for recorded in &ordered {
            all.refer(recorded, &places, &mut contests);
        }
        for recorded in &ordered {
            let Happening::ContestSettled { of, note, .. } = &recorded.fact.what else { continue };
            let Some((place, nth)) = contests.get(of) else { continue };
            let contest: &mut Contest = &mut all.told[*place].contests[*nth];
            let settled = (recorded.actor, recorded.fact.occurred_at, note.clone());
            contest.settled.get_or_insert(settled);
        }
        all
    }

    fn take(&mut self, recorded: &Recorded) {
        let (id, at, by) = (recorded.id, recorded.fact.occurred_at, recorded.actor);
        match &recorded.fact.what {
            Happening::StepExecuted { service, execution } => {
                let guides = execution.help_of(by) == Some(Help::Guided);
                self.told.push(Told {
                    id,
                    at,
                    by,
                    service: *service,
                    execution: (**execution).clone(),
                    confirmed: guides.then_some((by, at)),
                    contests: Vec::new(),
                });
            }
            Happening::ExpertHours { service, person, on, hundredths, .. } => {
                self.hours.push(Hours {
                    id,
                    service: *service,
                    person: *person,
                    on: *on,
                    hundredths: *hundredths,
                });
            }
            Happening::RegressionTraced { service, check, note, .. } => self.causes.push(Cause {
                id,
                at,
                service: *service,
                check: check.clone(),
                by,
                note: note.clone(),
            }),
            _ => {}
        }
    }

    fn refer(
        &mut self,
        recorded: &Recorded,
        places: &BTreeMap<Uuid, usize>,
        contests: &mut BTreeMap<Uuid, (usize, usize)>,
    ) {
        let (at, by) = (recorded.fact.occurred_at, recorded.actor);
        match &recorded.fact.what {
            Happening::ExecutionConfirmed { of, .. } => {
                let Some(told) = places.get(of).map(|place| &mut self.told[*place]) else { return };
                if told.bars(by).is_none() {
                    told.confirmed.get_or_insert((by, at));
                }
            }
            Happening::ExecutionContested { of, note, .. } => {
                let Some(place) = places.get(of) else { return };
                let told = &mut self.told[*place];
                contests.insert(recorded.id, (*place, told.contests.len()));
                let contest =
                    Contest { id: recorded.id, at, by, note: note.clone(), settled: None };
                told.contests.push(contest);
            }
            _ => {}
        }
    }

    /// One execution.
    pub fn find(&self, id: Uuid) -> Option<&Told> {
        self.told.iter().find(|told| told.id == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::Fact;
    use crate::ids::DeviceId;
    use crate::operation::Version;

    const CART: Uuid = Uuid::from_u128(1);
    const ANN: Uuid = Uuid::from_u128(11);
    const BEN: Uuid = Uuid::from_u128(12);
    const EXPERT: Uuid = Uuid::from_u128(13);

    fn recorded(id: u128, actor: Uuid, what: Happening) -> Recorded {
        let hlc = u64::try_from(id).unwrap();
        let version = Version { hlc, device: DeviceId([1; 16]), seq: hlc };
        let occurred_at = i64::try_from(id).unwrap();
        Recorded { id: Uuid::from_u128(id), version, actor, fact: Fact { occurred_at, what } }
    }

    fn execution(people: &[(Uuid, u8)]) -> Execution {
        let people = people.iter().map(|(person, level)| Participant {
            person: *person,
            help: Help::from_level(*level).unwrap(),
        });
        Execution {
            check: "PL-01".into(),
            check_version: 1,
            people: people.collect(),
            ..Execution::default()
        }
    }

    fn executed(people: &[(Uuid, u8)]) -> Happening {
        Happening::StepExecuted { service: CART, execution: Box::new(execution(people)) }
    }

    fn confirmed(of: u128) -> Happening {
        Happening::ExecutionConfirmed { of: Uuid::from_u128(of), service: CART }
    }

    fn taken_back(of: u128) -> Happening {
        let of = Uuid::from_u128(of);
        Happening::Retraction { of, service: Some(CART), note: String::new() }
    }

    #[test]
    fn facts_read_back_as_they_are_written() {
        let check = |what: Happening, expect: &str| {
            let fact = Fact { occurred_at: 5, what };
            let text = serde_json::to_string(&fact).unwrap();
            assert_eq!(Fact::parse(&text).unwrap(), fact, "{text}");
            assert!(text.contains(expect), "{text} has {expect}");
            let kind = serde_json::from_str::<serde_json::Value>(&text).unwrap()["kind"].clone();
            assert!(KINDS.contains(&kind.as_str().unwrap()), "{kind} is folded");
            assert_eq!(fact.what.service(), Some(CART));
        };
        check(executed(&[(ANN, 3)]), r#""help":3"#);
        check(confirmed(1), r#""of":"00000000"#);
        let (of, note) = (Uuid::from_u128(1), String::from("it was me"));
        check(Happening::ExecutionContested { of, service: CART, note: note.clone() }, "it was me");
        check(Happening::ContestSettled { of, service: CART, note: note.clone() }, "it was me");
        let on = NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();
        let person = EXPERT;
        let hours = Happening::ExpertHours { service: CART, person, on, hundredths: 150, note };
        check(hours, r#""on":"2026-03-02""#);
        let cause = Happening::RegressionTraced {
            service: CART,
            check: "PL-01".into(),
            finding: None,
            note: String::new(),
        };
        check(cause, "PL-01");
        let wrong = r#"{"kind":"step_executed","occurred_at":1,"service":"00000000-0000-0000-0000-000000000001","execution":{"check":"A","check_version":1,"people":[{"person":"00000000-0000-0000-0000-00000000000b","help":5}]}}"#;
        assert!(Fact::parse(wrong).is_err(), "there is no help level 5");
        assert!(Fact::parse(&wrong.replace(":5}", ":4}")).is_ok(), "the rest of it is well formed");
    }

    #[test]
    fn an_execution_names_its_fault() {
        let check = |people: &[(Uuid, u8)], fault: Option<&str>| {
            let found = execution(people).fault();
            assert_eq!(found.is_some(), fault.is_some(), "{people:?}: {found:?}");
            if let (Some(found), Some(fault)) = (found, fault) {
                assert!(found.contains(fault), "{people:?}: {found}");
            }
        };
        check(&[(ANN, 3)], None);
        check(&[(ANN, 1), (EXPERT, 4), (BEN, 0)], None);
        check(&[(ANN, 2), (BEN, 2)], None);
        check(&[], Some("somebody who did it"));
        check(&[(EXPERT, 4), (BEN, 0)], Some("somebody who did it"));
        check(&[(ANN, 3), (ANN, 0)], Some("each person once"));
        check(&[(ANN, 3), (BEN, 2)], Some("one doer"));
        check(&[(ANN, 3), (EXPERT, 4)], Some("no guide"));
        let crowd: Vec<(Uuid, u8)> = (100..121).map(|id| (Uuid::from_u128(id), 1)).collect();
        check(&crowd, Some("at most 20"));
        check(&crowd[1..], None);
    }

    #[test]
    fn a_second_person_confirms() {
        let check = |by: Uuid, people: &[(Uuid, u8)], then: &[(Uuid, Happening)], expect| {
            let mut facts = vec![recorded(1, by, executed(people))];
            let later = (2..).zip(then);
            facts.extend(later.map(|(id, (actor, what))| recorded(id, *actor, what.clone())));
            let told = Executions::of(&facts).told;
            facts.reverse();
            assert_eq!(Executions::of(&facts).told, told, "the order of arrival does not matter");
            let by = told.first().and_then(|told| told.confirmed).map(|(by, _)| by);
            assert_eq!(by, expect, "{people:?} {then:?}");
        };
        check(ANN, &[(ANN, 3)], &[], None);
        check(EXPERT, &[(ANN, 1), (EXPERT, 4)], &[], Some(EXPERT));
        check(ANN, &[(ANN, 1), (EXPERT, 4)], &[], None);
        check(ANN, &[(ANN, 1), (EXPERT, 4)], &[(EXPERT, confirmed(1))], Some(EXPERT));
        check(ANN, &[(ANN, 3)], &[(BEN, confirmed(1))], Some(BEN));
        check(ANN, &[(ANN, 3), (BEN, 0)], &[(BEN, confirmed(1))], Some(BEN));
        // Nobody confirms his own, not even from another device; neither does who recorded it.
        check(ANN, &[(ANN, 3)], &[(ANN, confirmed(1))], None);
        check(BEN, &[(ANN, 3)], &[(ANN, confirmed(1))], None);
        check(BEN, &[(ANN, 3)], &[(BEN, confirmed(1))], None);
        check(ANN, &[(ANN, 2), (BEN, 2)], &[(BEN, confirmed(1))], None);
        check(ANN, &[(ANN, 3)], &[(BEN, confirmed(7))], None);
        // A confirmation can be taken back, and that too.
        let undone = [(BEN, confirmed(1)), (BEN, taken_back(2))];
        check(ANN, &[(ANN, 3)], &undone, None);
        let again = [(BEN, confirmed(1)), (BEN, taken_back(2)), (BEN, taken_back(3))];
        check(ANN, &[(ANN, 3)], &again, Some(BEN));
        check(ANN, &[(ANN, 3)], &[(BEN, confirmed(1)), (ANN, taken_back(1))], None);
    }

    #[test]
    fn a_doubt_shows_until_it_is_settled() {
        let contested = Happening::ExecutionContested {
            of: Uuid::from_u128(1),
            service: CART,
            note: "I only watched".into(),
        };
        let settled = |of: u128| Happening::ContestSettled {
            of: Uuid::from_u128(of),
            service: CART,
            note: "corrected".into(),
        };
        let check = |then: &[Happening], contests: usize, open: bool| {
            let mut facts = vec![recorded(1, BEN, executed(&[(ANN, 3)]))];
            facts.extend((2..).zip(then).map(|(id, what)| recorded(id, ANN, what.clone())));
            let all = Executions::of(&facts);
            let told = all.find(Uuid::from_u128(1)).unwrap();
            assert_eq!((told.contests.len(), told.is_contested()), (contests, open), "{then:?}");
        };
        check(&[], 0, false);
        check(std::slice::from_ref(&contested), 1, true);
        check(&[contested.clone(), settled(2)], 1, false);
        check(&[contested.clone(), settled(9)], 1, true);
        check(&[contested.clone(), settled(2), taken_back(3)], 1, true);
        check(&[contested.clone(), taken_back(2)], 0, false);
        check(&[contested.clone(), contested.clone(), settled(2)], 2, true);
    }

    #[test]
    fn hours_and_causes_can_be_taken_back() {
        let on = NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();
        let note = String::new();
        let hours = Happening::ExpertHours {
            service: CART,
            person: EXPERT,
            on,
            hundredths: 150,
            note: note.clone(),
        };
        let cause = Happening::RegressionTraced {
            service: CART,
            check: "PL-01".into(),
            finding: None,
            note,
        };
        let mut facts = vec![recorded(1, EXPERT, hours), recorded(2, ANN, cause)];
        let all = Executions::of(&facts);
        assert_eq!((all.hours[0].hundredths, all.hours[0].on), (150, on));
        assert_eq!((all.causes[0].at, all.causes[0].check.as_str()), (2, "PL-01"));
        facts.push(recorded(3, EXPERT, taken_back(1)));
        facts.push(recorded(4, ANN, taken_back(2)));
        assert_eq!(Executions::of(&facts), Executions::default());
    }
}
