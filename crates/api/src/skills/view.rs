//! The Skills page, and the executions behind each of its numbers.

use super::evidence::{Evidence, is_outside, span};
use super::suggest::Asked;
use crate::app::App;
use crate::clock::rfc3339;
use crate::dto::outlook::{HeldSkill, SprintTold, TransferView};
use crate::dto::session::NodeRef;
use crate::dto::skills::{
    ContestView, ExecutionView, ExecutionsRequest, ExecutionsView, HoursEntry, IndependenceRatio,
    LevelCell, ParticipantView, ServiceHours, SkillRow, SkilledPerson, SkillsView, SprintTransfer,
    TimeRow,
};
use crate::error::ApiError;
use crate::handlers::sprints::Sprint;
use crate::names::{Names, find_node, node_ref};
use crate::outlook::{self, Basis};
use crate::programme::Programme;
use pilotage_domain::Millis;
use pilotage_domain::calendar::day_of;
use pilotage_domain::change::{Entity, path};
use pilotage_domain::execution::Told;
use pilotage_insight::skills::{
    Coverage, Execution, Independence, coverage, half_lost, independence, times_to_independence,
    unaided,
};
use pilotage_store::{NodeRow, When};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use uuid::Uuid;

/// Executions that are listed.
const LIST: usize = 500;

/// What the reads are made from.
struct Ground {
    programme: Programme,
    names: Names,
    nodes: Arc<Vec<NodeRow>>,
    sprints: Vec<Sprint>,
    evidence: Evidence,
    actor: Option<Uuid>,
    now: Millis,
}

impl Ground {
    async fn open(app: &App) -> Result<Self, ApiError> {
        let now = app.clock.now();
        let when = When::AsItWas(now);
        let programme = Programme::load(app).await?;
        let names = Names::load(app).await?;
        let nodes = app.store.nodes(now).await?;
        let sprints = outlook::known_sprints(app, when).await?;
        let evidence = Evidence::load(app, &programme, &names, &nodes, when).await?;
        let actor = app.actor(&names);
        Ok(Self { programme, names, nodes, sprints, evidence, actor, now })
    }

    fn room(&self) -> Room<'_> {
        Room::new(Parts {
            programme: &self.programme,
            names: &self.names,
            nodes: &self.nodes,
            sprints: &self.sprints,
            evidence: &self.evidence,
            actor: self.actor,
            now: self.now,
        })
    }
}

/// The same, borrowed: Progress has most of it already.
#[derive(Clone, Copy)]
struct Parts<'a> {
    programme: &'a Programme,
    names: &'a Names,
    nodes: &'a [NodeRow],
    sprints: &'a [Sprint],
    evidence: &'a Evidence,
    /// Who looks.
    actor: Option<Uuid>,
    now: Millis,
}

/// What every number is told from.
struct Room<'a> {
    parts: Parts<'a>,
    places: HashMap<Uuid, usize>,
    /// When each service in scope was first done.
    first_done: Vec<(Uuid, Millis)>,
    /// Those of them that the team did unaided.
    unaided: BTreeSet<Uuid>,
}

impl<'a> std::ops::Deref for Room<'a> {
    type Target = Parts<'a>;

    fn deref(&self) -> &Parts<'a> {
        &self.parts
    }
}

impl<'a> Room<'a> {
    fn new(parts: Parts<'a>) -> Self {
        let ladder = &parts.programme.ladder;
        let stage = ladder.number(Some(parts.programme.done_stage())).max(1);
        let first = |node: &NodeRow| {
            let mut moves = node.summary.moves.iter();
            moves.find(|step| ladder.number(step.stage.as_deref()) >= stage).map(|step| step.at)
        };
        let services = parts.nodes.iter().filter(|node| outlook::is_in_scope(node));
        let first_done: Vec<(Uuid, Millis)> =
            services.filter_map(|node| Some((node.id, first(node)?))).collect();
        let done: BTreeSet<Uuid> = first_done.iter().map(|(id, _)| *id).collect();
        let Evidence { executions, team, .. } = parts.evidence;
        let unaided = unaided(&done, executions, team, &parts.evidence.hours());
        let places = parts.nodes.iter().enumerate().map(|(place, node)| (node.id, place));
        Self { places: places.collect(), parts, first_done, unaided }
    }

    fn service(&self, id: Uuid) -> NodeRef {
        self.places.get(&id).map_or_else(
            || NodeRef { id: id.to_string(), name: "a service that is gone".to_owned() },
            |place| node_ref(&self.nodes[*place]),
        )
    }

    fn skill_title(&self, id: &String) -> String {
        self.programme.skills.get(id).unwrap_or(id).clone()
    }

    /// Whether a check has been raised by more than one version since.
    fn is_outdated(&self, told: &Told) -> bool {
        let current = self.programme.check(&told.execution.check).map(|check| check.version);
        current.is_some_and(|current| told.execution.check_version + 1 < current)
    }

    fn execution(&self, told: &Told, execution: &Execution) -> ExecutionView {
        let check = self.programme.check(&told.execution.check);
        let person = |id: Uuid| self.names.people.get(&id);
        ExecutionView {
            id: told.id.to_string(),
            service: self.service(told.service),
            check: told.execution.check.clone(),
            check_title: self.programme.check_title(&told.execution.check),
            skills: execution.skills.iter().map(|id| self.skill_title(id)).collect(),
            on: execution.on.to_string(),
            at: rfc3339(told.at),
            by: self.names.of(told.by),
            people: told
                .execution
                .people
                .iter()
                .map(|one| ParticipantView {
                    person: self.names.reference(one.person),
                    help: one.help.level(),
                    words: one.help.words().to_owned(),
                    outside: person(one.person).is_some_and(is_outside),
                })
                .collect(),
            by_script: told.execution.by_script,
            exceptional: execution.exceptional,
            imported: told.execution.imported,
            older_version: check.is_some_and(|check| told.execution.check_version < check.version),
            note: Some(told.execution.note.clone()).filter(|note| !note.is_empty()),
            confirmed_by: told.confirmed.map(|(by, _)| self.names.of(by)),
            contests: told
                .contests
                .iter()
                .map(|contest| ContestView {
                    id: contest.id.to_string(),
                    by: self.names.of(contest.by),
                    at: rfc3339(contest.at),
                    note: contest.note.clone(),
                    settled: contest
                        .settled
                        .as_ref()
                        .map(|(by, _, how)| format!("{how} ({})", self.names.of(*by))),
                })
                .collect(),
            confirm_advice: confirm_advice(told, self.actor),
        }
    }

    fn mandatory(&self) -> BTreeSet<String> {
        let skills = self.programme.words.skills.iter().filter(|skill| skill.mandatory);
        skills.map(|skill| skill.id.clone()).collect()
    }

    fn skills(&self) -> Vec<SkillRow> {
        let all: BTreeSet<String> =
            self.programme.words.skills.iter().map(|skill| skill.id.clone()).collect();
        let Coverage { holders } = coverage(&all, &self.evidence.standings, &self.evidence.team);
        let calendar = self.programme.calendar();
        let row = |skill: &pilotage_domain::playbook::Skill| {
            let (mut times, _) = times_to_independence(
                &skill.id,
                &self.evidence.standings,
                &self.evidence.executions,
                &calendar,
            );
            // What an expert brought with him took no time here.
            times.retain(|time| self.evidence.team.contains(&time.person));
            let mut days: Vec<u32> = times.iter().map(|time| time.working_days).collect();
            days.sort_unstable();
            SkillRow {
                id: skill.id.clone(),
                title: skill.title.clone(),
                mandatory: skill.mandatory,
                holders: holders[&skill.id].iter().map(|id| self.names.reference(*id)).collect(),
                median_days: (days.len() >= 3).then(|| days[(days.len() - 1) / 2]),
                times: times
                    .into_iter()
                    .map(|time| TimeRow {
                        person: self.names.reference(time.person),
                        working_days: time.working_days,
                        services: number(time.services),
                    })
                    .collect(),
            }
        };
        self.programme.words.skills.iter().map(row).collect()
    }

    fn people(&self) -> Vec<SkilledPerson> {
        let is = |person: &Entity, register: &str, value: bool| {
            person.registers.get(register) == Some(&Value::Bool(value))
        };
        let row = |person: &&Entity| SkilledPerson {
            person: self.names.reference(person.id),
            outside: is_outside(person),
            willing: !is(person, path::WILLING, false),
            open_assessment: is(person, path::OPEN_ASSESSMENT, true),
        };
        self.names.present().iter().map(row).collect()
    }

    /// What a person says of himself, where whoever looks may see it.
    fn assessed(&self, person: Uuid, skill: &str) -> Option<u8> {
        let entity = self.names.people.get(&person)?;
        let open = entity.registers.get(path::OPEN_ASSESSMENT) == Some(&Value::Bool(true));
        if !open && self.actor != Some(person) {
            return None;
        }
        let level = entity.registers.get(&path::element(path::ASSESSMENT, skill))?.as_u64()?;
        u8::try_from(level).ok().filter(|level| *level <= 5)
    }

    fn levels(&self) -> Vec<LevelCell> {
        /// Executions, those not confirmed, those of outdated versions.
        type Counts = (u32, u32, u32);
        let mut counts: BTreeMap<(Uuid, &str), Counts> = BTreeMap::new();
        for (told, execution) in self.evidence.both() {
            for (person, _) in &execution.people {
                for skill in &execution.skills {
                    let count = counts.entry((*person, skill.as_str())).or_default();
                    count.0 += 1;
                    count.1 += u32::from(told.confirmed.is_none());
                    count.2 += u32::from(self.is_outdated(told));
                }
            }
        }
        let mut cells = Vec::new();
        for person in self.names.present() {
            for skill in &self.programme.words.skills {
                let key = (person.id, skill.id.clone());
                let assessed = self.assessed(person.id, &skill.id);
                let standing = self.evidence.standings.get(&key);
                if standing.is_none() && assessed.is_none() {
                    continue;
                }
                let standing = standing.copied().unwrap_or_default();
                let (executions, unconfirmed, outdated) =
                    counts.get(&(person.id, skill.id.as_str())).copied().unwrap_or_default();
                cells.push(LevelCell {
                    person: person.id.to_string(),
                    skill: skill.id.clone(),
                    level: standing.level,
                    words: standing.words(),
                    reopened: standing.reopened,
                    faded: executions > 0 && (standing.faded || outdated == executions),
                    last_use: standing.last_use.map(|day| day.to_string()),
                    since: standing.independent_since.map(|day| day.to_string()),
                    executions,
                    unconfirmed,
                    assessed,
                });
            }
        }
        cells
    }

    /// Services that the team did unaided, of those that were first done within a span.
    fn unaided_of(&self, from: Millis, to: Millis) -> Vec<NodeRef> {
        let within =
            |(id, at): &&(Uuid, Millis)| from <= *at && *at <= to && self.unaided.contains(id);
        let found = self.first_done.iter().filter(within);
        let mut found: Vec<NodeRef> = found.map(|(id, _)| self.service(*id)).collect();
        found.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
        found
    }

    fn sprints(&self) -> Vec<SprintTransfer> {
        let zone = self.programme.calendar().zone;
        let row = |sprint: &Sprint| {
            let (from, to) = span(sprint, self.now)?;
            let done = self.first_done.iter().filter(|(_, at)| from <= *at && *at <= to);
            let (first, last) = (day_of(from, zone), day_of(to, zone));
            let within = self.evidence.told.hours.iter();
            let within = within.filter(|entry| first <= entry.on && entry.on <= last);
            let hours: u32 = within.map(|entry| entry.hundredths).sum();
            let services = number(sprint.run.scope_at(to).len());
            let executions = self.evidence.between(from, to);
            Some(SprintTransfer {
                id: sprint.id.to_string(),
                name: sprint.plan.name.clone(),
                kind: sprint.plan.kind.word().to_owned(),
                independence: ratio(&independence(executions, &self.evidence.team)),
                done: number(done.count()),
                unaided: self.unaided_of(from, to),
                hours,
                services,
                hours_per_service: (hours > 0 && services > 0).then(|| hours / services),
            })
        };
        self.sprints.iter().filter_map(row).collect()
    }

    fn hours(&self) -> Vec<ServiceHours> {
        let mut by_service: BTreeMap<Uuid, Vec<HoursEntry>> = BTreeMap::new();
        for entry in &self.evidence.told.hours {
            by_service.entry(entry.service).or_default().push(HoursEntry {
                id: entry.id.to_string(),
                person: self.names.of(entry.person),
                on: entry.on.to_string(),
                hundredths: entry.hundredths,
            });
        }
        let mut hours: Vec<ServiceHours> = by_service
            .into_iter()
            .map(|(service, entries)| ServiceHours {
                service: self.service(service),
                hundredths: entries.iter().map(|entry| entry.hundredths).sum(),
                entries,
            })
            .collect();
        hours.sort_by(|a, b| a.service.name.cmp(&b.service.name));
        hours
    }
}

/// Why a person cannot confirm an execution; nothing where he can.
pub(crate) fn confirm_advice(told: &Told, actor: Option<Uuid>) -> Option<String> {
    if told.confirmed.is_some() {
        return Some("It is confirmed already.".to_owned());
    }
    let Some(actor) = actor else {
        return Some("Say first who is working.".to_owned());
    };
    told.bars(actor).map(|why| {
        let how = "A guide, a watcher or another person can confirm it.";
        format!("Whoever is working here {why}. {how}")
    })
}

/// The engine's figures, for the border.
fn ratio(figures: &Independence) -> IndependenceRatio {
    IndependenceRatio {
        alone: figures.alone,
        all: figures.all,
        alone_with_unconfirmed: figures.alone_with_unconfirmed,
        all_with_unconfirmed: figures.all_with_unconfirmed,
    }
}

/// What Progress tells of it; nothing where nobody said who did what. People are named only where
/// the programme says so.
pub(crate) async fn transfer(
    app: &App,
    basis: &Basis,
    names: &Names,
) -> Result<Option<TransferView>, ApiError> {
    let (programme, nodes) = (&basis.programme, &basis.services);
    let evidence = Evidence::load(app, programme, names, nodes, basis.when).await?;
    if evidence.is_empty() {
        return Ok(None);
    }
    let room = Room::new(Parts {
        programme,
        names,
        nodes,
        sprints: &basis.sprints,
        evidence: &evidence,
        actor: None,
        now: basis.moment(),
    });
    let covered = coverage(&room.mandatory(), &evidence.standings, &evidence.team);
    let figures = covered.transfer();
    let shown = programme.entity.registers.get(path::NAMES_SHOWN) == Some(&Value::Bool(true));
    let held = |(skill, holders): (&String, &BTreeSet<Uuid>)| HeldSkill {
        skill: skill.clone(),
        title: room.skill_title(skill),
        held_by: number(holders.len()),
        names: holders.iter().filter(|_| shown).map(|id| names.of(*id)).collect(),
    };
    Ok(Some(TransferView {
        independence: ratio(&independence(&evidence.executions, &evidence.team)),
        unaided: number(room.unaided.len()),
        truck_factor: figures.truck_factor.map(number),
        thin: covered.holders.iter().filter(|(_, people)| people.len() < 2).map(held).collect(),
        sprints: room
            .sprints()
            .into_iter()
            .map(|sprint| SprintTold {
                name: sprint.name,
                kind: sprint.kind,
                independence: sprint.independence,
                done: sprint.done,
                unaided: number(sprint.unaided.len()),
                hours_per_service: sprint.hours_per_service,
            })
            .collect(),
    }))
}

pub(crate) async fn view(app: &App) -> Result<SkillsView, ApiError> {
    let ground = Ground::open(app).await?;
    let room = ground.room();
    let mandatory = room.mandatory();
    let evidence = room.evidence;
    let covered = coverage(&mandatory, &evidence.standings, &evidence.team);
    let transfer = covered.transfer();
    let unaided = room.unaided_of(Millis::MIN, Millis::MAX);
    let regressed = |service: &&NodeRef| {
        room.nodes.iter().any(|node| node.id.to_string() == service.id && node.summary.regressed)
    };
    let asked = Asked {
        programme: room.programme,
        names: room.names,
        nodes: room.nodes,
        sprints: room.sprints,
        evidence,
        mandatory: &mandatory,
        now: room.now,
    };
    let told = &evidence.told.told;
    Ok(SkillsView {
        as_of: evidence.today.to_string(),
        skills: room.skills(),
        people: room.people(),
        levels: room.levels(),
        executions: number(told.len()),
        unconfirmed: number(told.iter().filter(|told| told.confirmed.is_none()).count()),
        contested: number(told.iter().filter(|told| told.is_contested()).count()),
        truck_factor: transfer.truck_factor.map(number),
        weakest: transfer.weakest,
        orphaned: transfer.orphaned,
        half_lost: half_lost(&covered).map(number),
        independence: ratio(&independence(&evidence.executions, &evidence.team)),
        unaided_regressed: unaided.iter().filter(regressed).cloned().collect(),
        unaided,
        sprints: room.sprints(),
        hours: room.hours(),
        suggestion: asked.suggestion(),
    })
}

pub(crate) async fn executions(
    app: &App,
    request: ExecutionsRequest,
) -> Result<ExecutionsView, ApiError> {
    let ground = Ground::open(app).await?;
    let room = ground.room();
    let service = match &request.service {
        Some(name) => Some(find_node(room.nodes, name)?.id),
        None => None,
    };
    let person = request.person.as_deref().map(|name| room.names.need(name)).transpose()?;
    let sprint = match &request.sprint {
        Some(name) => Some(sprint_span(&room, name)?),
        None => None,
    };
    let is_wanted = |(told, execution): &(&Told, &Execution)| {
        service.is_none_or(|service| told.service == service)
            && request.check.as_ref().is_none_or(|id| told.execution.check.eq_ignore_ascii_case(id))
            && person.is_none_or(|person| told.execution.help_of(person).is_some())
            && request.skill.as_ref().is_none_or(|skill| execution.skills.contains(skill))
            && sprint.is_none_or(|(from, to)| from <= told.at && told.at <= to)
            && (request.unconfirmed != Some(true) || told.confirmed.is_none())
    };
    let found: Vec<(&Told, &Execution)> = room.evidence.both().filter(is_wanted).collect();
    let latest = found.iter().rev().take(LIST);
    Ok(ExecutionsView {
        executions: latest.map(|(told, execution)| room.execution(told, execution)).collect(),
        total: number(found.len()),
    })
}

fn sprint_span(room: &Room<'_>, name: &str) -> Result<(Millis, Millis), ApiError> {
    let folded = name.trim().to_lowercase();
    let known = |sprint: &&Sprint| {
        sprint.id.to_string() == folded || sprint.plan.name.to_lowercase() == folded
    };
    let found = room.sprints.iter().find(known);
    let sprint = found.ok_or_else(|| ApiError::not_found("sprint", name))?;
    // One that has not begun has no executions.
    Ok(span(sprint, room.now).unwrap_or((Millis::MAX, Millis::MIN)))
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
