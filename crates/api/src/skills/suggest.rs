//! Who could lead the next sprint and who could work with whom, with all the parts of each score.

use super::evidence::{Evidence, is_outside, span};
use crate::dto::session::PersonRef;
use crate::dto::skills::{
    LackRow, LeaderRow, PairGroup, PairPlan, PairsView, SuggestedLeader, Suggestion, SupportRow,
    Wish, WishedPair,
};
use crate::handlers::sprints::Sprint;
use crate::names::Names;
use crate::programme::Programme;
use pilotage_domain::Millis;
use pilotage_domain::change::path;
use pilotage_domain::sprint::State;
use pilotage_insight::skills::{
    Candidate, LeaderSuggestion, PairRequest, Plan, guided_to_independence, suggest_leader,
    suggest_pairs,
};
use pilotage_store::NodeRow;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Locked and refused pairs contradict each other.
const NO_PLAN: &str = "No plan meets all that is said of pairs. Take one of the locked or refused \
                       pairs back.";

/// What a suggestion is made from.
pub(super) struct Asked<'a> {
    pub(super) programme: &'a Programme,
    pub(super) names: &'a Names,
    pub(super) nodes: &'a [NodeRow],
    /// In order of their first day.
    pub(super) sprints: &'a [Sprint],
    pub(super) evidence: &'a Evidence,
    pub(super) mandatory: &'a BTreeSet<String>,
    pub(super) now: Millis,
}

impl Asked<'_> {
    /// For the next sprint that is planned, else the one that runs or rests.
    pub(super) fn suggestion(&self) -> Suggestion {
        let of = |states: &'static [State]| {
            self.sprints.iter().position(|sprint| states.contains(&sprint.run.state))
        };
        let place = of(&[State::Planned]).or_else(|| of(&[State::Running, State::Paused]));
        let sprint = place.map(|place| &self.sprints[place]);
        let needed = sprint.map_or_else(|| self.mandatory.clone(), |sprint| self.needed(sprint));
        let mandatory: BTreeSet<String> = needed.intersection(self.mandatory).cloned().collect();
        let before = &self.sprints[..place.unwrap_or(self.sprints.len())];
        let before: Vec<&Sprint> =
            before.iter().filter(|sprint| span(sprint, self.now).is_some()).collect();
        let people = self.people(sprint);
        let candidates: Vec<Candidate> =
            people.iter().map(|person| self.candidate(*person, &before)).collect();
        let leader = self.leader(suggest_leader(&mandatory, &candidates));
        let wishes = self.wishes();
        let pairs = self.pairs(&people, &needed, &mandatory, &before);
        let stuck = pairs.is_none() && people.len() > 1;
        let note = if stuck {
            Some(NO_PLAN.to_owned())
        } else {
            note(&people, &mandatory, self.mandatory, sprint.is_some())
        };
        let said = |((one, other), wish): ((Uuid, Uuid), Wish)| WishedPair {
            people: vec![self.names.reference(one), self.names.reference(other)],
            wish,
        };
        Suggestion {
            sprint: sprint.map(|sprint| sprint.plan.name.clone()),
            state: sprint.map(|sprint| sprint.run.state.word().to_owned()),
            note,
            needed: needed.into_iter().collect(),
            mandatory: mandatory.into_iter().collect(),
            leader,
            pairs,
            wishes: wishes.into_iter().map(said).collect(),
        }
    }

    /// The skills of the checks that a sprint's services lack until their target.
    fn needed(&self, sprint: &Sprint) -> BTreeSet<String> {
        let ladder = &self.programme.ladder;
        let mut needed = BTreeSet::new();
        for (service, stage) in sprint.run.scope() {
            let Some(node) = self.nodes.iter().find(|node| node.id == service) else { continue };
            let target = ladder.number(Some(stage));
            for ((number, rule), letter) in ladder.checks.iter().zip(node.summary.cells.chars()) {
                // Passed, claimed, waived and not applicable: nothing to do.
                if *number > target || !rule.counted || "pcwn".contains(letter) {
                    continue;
                }
                let check = self.programme.check(&rule.id);
                needed.extend(check.into_iter().flat_map(|check| check.skills.iter().cloned()));
            }
        }
        needed
    }

    /// Members of the team who take part; where nobody is named, the team.
    fn people(&self, sprint: Option<&Sprint>) -> BTreeSet<Uuid> {
        let team = &self.evidence.team;
        let members = sprint.into_iter().flat_map(|sprint| sprint.plan.members.iter().copied());
        let members: BTreeSet<Uuid> = members.filter(|person| team.contains(person)).collect();
        if members.is_empty() { team.clone() } else { members }
    }

    fn candidate(&self, person: Uuid, before: &[&Sprint]) -> Candidate {
        let led = |sprint: &&&Sprint| sprint.plan.leader == Some(person);
        let standings: BTreeMap<_, _> = self
            .evidence
            .standings
            .iter()
            .filter(|((of, _), _)| *of == person)
            .map(|((_, skill), standing)| (skill.clone(), *standing))
            .collect();
        let guided: BTreeSet<Uuid> = standings
            .keys()
            .flat_map(|skill| {
                let (executions, standings) = (&self.evidence.executions, &self.evidence.standings);
                guided_to_independence(person, skill, executions, standings)
            })
            .collect();
        let entity = self.names.people.get(&person);
        let unwilling = entity.is_some_and(|person| {
            person.registers.get(path::WILLING) == Some(&Value::Bool(false)) || is_outside(person)
        });
        Candidate {
            person,
            present: true,
            willing: !unwilling,
            standings,
            guided: number(guided.len()),
            sprints_led: number(before.iter().filter(led).count()),
            last_led: before.iter().rfind(led).map(|sprint| sprint.plan.first),
            led_last_sprint: before.last().is_some_and(|sprint| led(&sprint)),
        }
    }

    fn leader(&self, suggested: LeaderSuggestion) -> SuggestedLeader {
        let lack = |(person, skills): (Uuid, Vec<String>)| LackRow {
            person: self.names.reference(person),
            skills,
        };
        let step = suggested.one_step_away.into_iter();
        SuggestedLeader {
            eligible: suggested
                .ranked
                .into_iter()
                .map(|score| LeaderRow {
                    person: self.names.reference(score.person),
                    high: score.high,
                    guided: score.guided,
                    fresh: score.fresh,
                    led_last_sprint: score.led_last_sprint,
                    total: score.total(),
                })
                .collect(),
            one_step_away: step.map(|(person, skill)| lack((person, vec![skill]))).collect(),
            nearest: suggested.nearest.into_iter().map(lack).collect(),
        }
    }

    /// What people said of pairs, of those who are still there.
    fn wishes(&self) -> Vec<((Uuid, Uuid), Wish)> {
        let registers = &self.programme.entity.registers;
        let read = |(register, value): (&String, &Value)| {
            let pair = path::element_of(register, path::PAIRS)?;
            let (one, other) = pair.split_once('+')?;
            let pair = (Uuid::try_parse(one).ok()?, Uuid::try_parse(other).ok()?);
            let wish = match value.as_str()? {
                path::LOCKED => Wish::Locked,
                path::FORBIDDEN => Wish::Forbidden,
                _ => return None,
            };
            let here = self.names.is_person(pair.0) && self.names.is_person(pair.1);
            here.then_some((pair, wish))
        };
        registers.iter().filter_map(read).collect()
    }

    fn pairs(
        &self,
        people: &BTreeSet<Uuid>,
        needed: &BTreeSet<String>,
        mandatory: &BTreeSet<String>,
        before: &[&Sprint],
    ) -> Option<PairsView> {
        // Whoever is not there can neither be locked nor refused.
        let wished = |wanted: Wish| {
            let both = |(pair, wish): &((Uuid, Uuid), Wish)| {
                *wish == wanted && people.contains(&pair.0) && people.contains(&pair.1)
            };
            self.wishes().into_iter().filter(both).map(|(pair, _)| pair).collect()
        };
        let mut earlier = before.iter().rev().map(|sprint| self.paired(sprint));
        let plans = suggest_pairs(&PairRequest {
            people: people.clone(),
            needed: needed.clone(),
            mandatory: mandatory.clone(),
            standings: &self.evidence.standings,
            last: earlier.next().unwrap_or_default(),
            before_last: earlier.next().unwrap_or_default(),
            locked: wished(Wish::Locked),
            forbidden: wished(Wish::Forbidden),
        })?;
        Some(PairsView {
            best: self.plan(&plans.best),
            runner_up: plans.runner_up.map(|plan| self.plan(&plan)),
            greedy: plans.greedy,
        })
    }

    /// Who worked with whom while a sprint ran: they took part in the same execution.
    fn paired(&self, sprint: &Sprint) -> BTreeSet<(Uuid, Uuid)> {
        let Some((from, to)) = span(sprint, self.now) else { return BTreeSet::new() };
        let mut pairs = BTreeSet::new();
        for execution in self.evidence.between(from, to) {
            for (one, _) in &execution.people {
                let others = execution.people.iter().filter(|(other, _)| other > one);
                pairs.extend(others.map(|(other, _)| (*one, *other)));
            }
        }
        pairs
    }

    fn plan(&self, plan: &Plan) -> PairPlan {
        let person = |id: &Uuid| -> PersonRef { self.names.reference(*id) };
        let group = |(place, group): (usize, &pilotage_insight::skills::Group)| PairGroup {
            people: group.people.iter().map(person).collect(),
            score: group.score,
            moves: group.moves.clone(),
            support: plan
                .support
                .iter()
                .filter(|support| support.group == place)
                .map(|support| SupportRow {
                    skill: support.skill.clone(),
                    person: support.person.as_ref().map(person),
                })
                .collect(),
        };
        PairPlan {
            score: plan.score(),
            groups: plan.groups.iter().enumerate().map(group).collect(),
        }
    }
}

/// What is to be known about a suggestion, in a sentence.
fn note(
    people: &BTreeSet<Uuid>,
    needed: &BTreeSet<String>,
    mandatory: &BTreeSet<String>,
    for_sprint: bool,
) -> Option<String> {
    let note = if mandatory.is_empty() {
        "No skill is marked as mandatory. Mark some in the playbook; they decide who can lead."
    } else if people.len() < 2 {
        "A team of one has no pairs, and each skill it covers has a truck factor of 1."
    } else if needed.is_empty() && for_sprint {
        "The sprint\u{2019}s open checks need no mandatory skill, so everybody could lead."
    } else {
        return None;
    };
    Some(note.to_owned())
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
