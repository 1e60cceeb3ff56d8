//! Sprints: planned, started, paused, ended; their scope, burn-up and day log.

use super::actions::{name, note, parse_day};
use super::services::{dependency_degrees, row_of, stage_refs};
use crate::app::App;
use crate::clock::rfc3339;
use crate::describe::Describer;
use crate::dto::service::ServiceRow;
use crate::dto::session::{EventView, NodeRef, Nothing, Saved};
use crate::dto::sprint::{
    BurnUpDay, EditSprint, PlanSprint, ScopeSprint, SprintRequest, SprintRow, SprintScopeChange,
    SprintScopeStep, SprintService, SprintTurn, SprintView, SprintsView, TurnSprint,
};
use crate::error::{ApiError, Code};
use crate::names::{Names, find_node};
use crate::outlook::{self, Basis};
use crate::programme::Programme;
use chrono::NaiveDate;
use pilotage_domain::Millis;
use pilotage_domain::calendar::{Calendar, day_of, start_of};
use pilotage_domain::change::{Change, Kind, Presence, path};
use pilotage_domain::fact::{Fact, Recorded};
use pilotage_domain::issued::Occasion;
use pilotage_domain::sprint::{self, Plan, Run, SprintKind, State, Turn};
use pilotage_domain::words::NodeClass;
use pilotage_store::{NodeRow, When};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use uuid::Uuid;

/// Events of the day log.
const LOG: u32 = 500;
/// Longest sprint, in days: what is longer is a programme.
const LONGEST: i64 = 92;

/// A sprint with its life.
pub(crate) struct Sprint {
    pub(crate) id: Uuid,
    pub(crate) plan: Plan,
    pub(crate) run: Run,
}

impl Sprint {
    /// Those that nobody deleted, as these facts tell them.
    pub(crate) async fn living(app: &App, facts: &[Recorded]) -> Result<Vec<Self>, ApiError> {
        let entities = app.store.entities(Kind::Sprint).await?;
        let mut runs = Run::each(facts);
        let living = entities.iter().filter(|entity| entity.lives());
        Ok(living
            .filter_map(|entity| {
                let run = runs.remove(&entity.id).unwrap_or_default();
                Some(Self { id: entity.id, plan: Plan::of(entity)?, run })
            })
            .collect())
    }

    /// Its scope at a moment, by id. `places` says where each service stands among `nodes`; what is
    /// deleted is not told.
    pub(crate) fn scope<'a>(
        &'a self,
        programme: &Programme,
        nodes: &'a [NodeRow],
        places: &HashMap<Uuid, usize>,
        moment: Millis,
    ) -> Vec<Scoped<'a>> {
        let scope = self.run.scope_at(moment).into_iter();
        // Services that turned out to be one are one.
        let mut told = BTreeSet::new();
        scope
            .filter_map(|(service, stage)| {
                let node = &nodes[*places.get(&service)?];
                let target = programme.ladder.number(Some(stage));
                told.insert(node.id).then_some(Scoped { node, stage, target })
            })
            .collect()
    }

    /// The moment that its numbers are told for: now, or its end.
    pub(crate) fn moment(&self, now: Millis) -> Millis {
        self.run.turned(Turn::Ended).unwrap_or(now)
    }

    /// The last day of its burn-up; none where nothing is to be drawn yet.
    fn last_drawn(&self, now: Millis, calendar: &Calendar) -> Option<NaiveDate> {
        self.run.turned(Turn::Started)?;
        Some(day_of(self.moment(now), calendar.zone))
    }
}

/// A service of a scope.
pub(crate) struct Scoped<'a> {
    pub(crate) node: &'a NodeRow,
    /// The stage it shall reach.
    pub(crate) stage: &'a str,
    /// That stage's number; 0 where the playbook in force has no such stage.
    target: usize,
}

impl Scoped<'_> {
    /// Whether it stood at its target or beyond at a moment.
    pub(crate) fn has_reached(&self, programme: &Programme, moment: Millis) -> bool {
        self.target > 0 && programme.stood(self.node, moment) >= self.target
    }
}

/// What every view of sprints needs.
pub(crate) struct Office {
    pub(crate) programme: Programme,
    pub(crate) names: Names,
    pub(crate) nodes: Arc<Vec<NodeRow>>,
    /// Where each node stands among them; services of sprints that were merged, by what they are now.
    places: HashMap<Uuid, usize>,
    pub(crate) calendar: Calendar,
    pub(crate) sprints: Vec<Sprint>,
    pub(crate) now: Millis,
}

impl Office {
    pub(crate) async fn open(app: &App) -> Result<Self, ApiError> {
        let now = app.clock.now();
        // Each is read on a connection of its own.
        let (programme, names, nodes, facts) = tokio::try_join!(
            Programme::load(app),
            Names::load_for_log(app),
            async { Ok(app.store.nodes(now).await?) },
            sprint_facts(app),
        )?;
        let calendar = programme.calendar();
        let places = places(app, &nodes).await?;
        let mut sprints = Sprint::living(app, &facts).await?;
        sprints.sort_by(|a, b| (b.plan.first, &b.plan.name).cmp(&(a.plan.first, &a.plan.name)));
        Ok(Self { programme, names, nodes, places, calendar, sprints, now })
    }

    /// The sprint of that id or name, without regard to case.
    pub(crate) fn find(&self, sprint: &str) -> Result<&Sprint, ApiError> {
        let id = Uuid::try_parse(sprint.trim()).ok();
        let folded = sprint.trim().to_lowercase();
        self.sprints
            .iter()
            .find(|known| id == Some(known.id))
            .or_else(|| self.sprints.iter().find(|known| known.plan.name.to_lowercase() == folded))
            .ok_or_else(|| ApiError::not_found("sprint", sprint))
    }

    /// The one that runs or rests; else the next that is planned; else the last.
    fn current(&self) -> Option<&Sprint> {
        let of =
            |states: &'static [State]| move |sprint: &&Sprint| states.contains(&sprint.run.state);
        self.sprints
            .iter()
            .find(of(&[State::Running, State::Paused]))
            .or_else(|| self.sprints.iter().rev().find(of(&[State::Planned])))
            .or_else(|| self.sprints.first())
    }

    pub(crate) fn node(&self, id: Uuid) -> Option<&NodeRow> {
        self.places.get(&id).map(|place| &self.nodes[*place])
    }

    /// Whether a service is this one by now.
    fn is(&self, service: Uuid, node: Uuid) -> bool {
        self.node(service).is_some_and(|found| found.id == node)
    }

    pub(crate) fn scope<'a>(&'a self, sprint: &'a Sprint, moment: Millis) -> Vec<Scoped<'a>> {
        sprint.scope(&self.programme, &self.nodes, &self.places, moment)
    }

    pub(crate) fn has_reached(&self, scoped: &Scoped<'_>, moment: Millis) -> bool {
        scoped.has_reached(&self.programme, moment)
    }

    /// How many services a scope held at a moment, and how many of them had reached their target.
    fn count(&self, sprint: &Sprint, moment: Millis) -> (u32, u32) {
        let scope = self.scope(sprint, moment);
        let reached = scope.iter().filter(|scoped| self.has_reached(scoped, moment));
        (number(scope.len()), number(reached.count()))
    }

    fn row(&self, sprint: &Sprint) -> SprintRow {
        let Sprint { plan, run, .. } = sprint;
        let (planned, reached) = self.count(sprint, sprint.moment(self.now));
        let today = day_of(self.now, self.calendar.zone);
        let within = plan.first <= today && today <= plan.last && self.calendar.is_working(today);
        SprintRow {
            id: sprint.id.to_string(),
            name: plan.name.clone(),
            goal: plan.goal.clone(),
            kind: plan.kind.word().to_owned(),
            state: run.state.word().to_owned(),
            first: plan.first.to_string(),
            last: plan.last.to_string(),
            working_days: self.calendar.workdays(plan.first, plan.last),
            day: within.then(|| self.calendar.workdays(plan.first, today)),
            leader: plan.leader.map(|leader| self.names.reference(leader)),
            members: plan.members.iter().map(|id| self.names.reference(*id)).collect(),
            planned,
            reached,
        }
    }

    pub(crate) fn burn_up(&self, sprint: &Sprint) -> Vec<BurnUpDay> {
        let Some(last) = sprint.last_drawn(self.now, &self.calendar) else { return Vec::new() };
        let started = sprint.run.turned(Turn::Started).unwrap_or_default();
        let zone = self.calendar.zone;
        let days = sprint.plan.first.iter_days().take_while(|day| *day <= last);
        days.map(|day| {
            let end = day.succ_opt().map_or(self.now, |next| start_of(next, zone) - 1);
            let end = end.min(sprint.moment(self.now));
            // Before a late start, what it set out to do is what was planned by then.
            let scope = self.scope(sprint, end.max(started));
            let reached = scope.iter().filter(|scoped| self.has_reached(scoped, end)).count();
            BurnUpDay {
                date: day.to_string(),
                scope: number(scope.len()),
                reached: number(reached),
            }
        })
        .collect()
    }

    fn services(&self, sprint: &Sprint, rows: &BTreeMap<Uuid, ServiceRow>) -> Vec<SprintService> {
        let moment = sprint.moment(self.now);
        let started = sprint.run.turned(Turn::Started);
        let mut services: Vec<SprintService> = self
            .scope(sprint, moment)
            .into_iter()
            .filter_map(|scoped| {
                let id = scoped.node.id;
                let mut steps = sprint.run.steps.iter().filter(|step| self.is(step.service, id));
                let came = steps.rfind(|step| step.target_stage.is_some())?;
                Some(SprintService {
                    service: rows.get(&id)?.clone(),
                    target_stage: scoped.stage.to_owned(),
                    target_title: self.programme.title(Some(scoped.stage)),
                    reached: self.has_reached(&scoped, moment),
                    added: started.is_some_and(|started| came.at > started),
                    reason: came.reason.clone(),
                })
            })
            .collect();
        services.sort_by(|a, b| a.service.name.cmp(&b.service.name));
        services
    }

    /// Changes of scope since the start.
    fn scope_changes(&self, sprint: &Sprint) -> Vec<SprintScopeStep> {
        let Some(started) = sprint.run.turned(Turn::Started) else { return Vec::new() };
        let steps = sprint.run.steps.iter().filter(|step| step.at > started);
        steps
            .map(|step| {
                let name =
                    self.node(step.service).map_or("a service that is gone", |node| &node.name);
                SprintScopeStep {
                    at: rfc3339(step.at),
                    day: day_of(step.at, self.calendar.zone).to_string(),
                    service: NodeRef { id: step.service.to_string(), name: name.to_owned() },
                    target_title: step
                        .target_stage
                        .as_deref()
                        .map(|stage| self.programme.title(Some(stage))),
                    reason: step.reason.clone(),
                    by: self.names.of(step.by),
                }
            })
            .collect()
    }

    /// What happened to the services of a sprint while it ran, latest first.
    async fn log(&self, app: &App, sprint: &Sprint) -> Result<Vec<EventView>, ApiError> {
        let Some(started) = sprint.run.turned(Turn::Started) else { return Ok(Vec::new()) };
        let now = |service| self.node(service).map(|node| node.id);
        let services = sprint.run.steps.iter().map(|step| step.service);
        let ever: BTreeSet<String> = services
            .flat_map(|service| [Some(service), now(service)])
            .flatten()
            .map(|id| id.to_string())
            .collect();
        // The turn that begins it belongs to it.
        let (batches, _) = app.store.between(started - 1, sprint.moment(self.now), LOG).await?;
        let describer = Describer::new(&self.programme, &self.names, &self.nodes);
        let events =
            batches.iter().flat_map(|logged| describer.events(logged.device, &logged.batch, None));
        Ok(events
            .filter(|event| match &event.service {
                Some(service) => ever.contains(&service.id),
                None => event.kind == "sprint",
            })
            .collect())
    }

    fn stage(&self, stage: Option<&str>) -> Result<String, ApiError> {
        let Some(stage) = stage.map(str::trim).filter(|stage| !stage.is_empty()) else {
            return Ok(self.programme.done_stage().to_owned());
        };
        let stages = &self.programme.ladder.stages;
        stages
            .iter()
            .find(|id| {
                id.eq_ignore_ascii_case(stage)
                    || self.programme.title(Some(id)).eq_ignore_ascii_case(stage)
            })
            .cloned()
            .ok_or_else(|| ApiError::not_found("stage", stage))
    }

    fn service(&self, name: &str) -> Result<&NodeRow, ApiError> {
        let node = find_node(&self.nodes, name)?;
        if node.class == NodeClass::Service {
            return Ok(node);
        }
        Err(ApiError::new(
            Code::NotPossible,
            format!(
                "{} is a {}; only services climb stages. Nothing was changed.",
                node.name,
                node.class.word()
            ),
        ))
    }

    /// A name for a sprint that no other one has.
    fn free_name(&self, entered: &str, own: Option<Uuid>) -> Result<String, ApiError> {
        let entered = name("name", entered)?;
        let folded = entered.to_lowercase();
        let taken = self
            .sprints
            .iter()
            .any(|known| Some(known.id) != own && known.plan.name.to_lowercase() == folded);
        if taken {
            let message = format!(
                "A sprint is called {entered} already. Nothing was changed. Choose another name."
            );
            return Err(ApiError::new(Code::NameTaken, message));
        }
        Ok(entered)
    }
}

/// Where each node stands among these; services that were merged, by what they count as.
pub(crate) async fn places(app: &App, nodes: &[NodeRow]) -> Result<HashMap<Uuid, usize>, ApiError> {
    let mut places: HashMap<Uuid, usize> =
        nodes.iter().enumerate().map(|(place, node)| (node.id, place)).collect();
    for (service, root) in app.store.merges().await? {
        if let Some(place) = places.get(&root).copied() {
            places.insert(service, place);
        }
    }
    Ok(places)
}

async fn sprint_facts(app: &App) -> Result<Vec<Recorded>, ApiError> {
    let mut facts = app.store.facts_of_kind("sprint_turned").await?.to_vec();
    facts.extend_from_slice(&app.store.facts_of_kind("sprint_scope_changed").await?);
    if !facts.is_empty() {
        facts.extend_from_slice(&app.store.facts_of_kind("retraction").await?);
    }
    Ok(facts)
}

pub(crate) async fn sprints(app: &App, _: Nothing) -> Result<SprintsView, ApiError> {
    let office = Office::open(app).await?;
    Ok(SprintsView { sprints: office.sprints.iter().map(|sprint| office.row(sprint)).collect() })
}

pub(crate) async fn sprint(
    app: &App,
    request: SprintRequest,
) -> Result<Option<SprintView>, ApiError> {
    let office = Office::open(app).await?;
    let sprint = match &request.sprint {
        Some(sprint) => office.find(sprint)?,
        None => match office.current() {
            Some(sprint) => sprint,
            None => return Ok(None),
        },
    };
    let (dependencies, log) =
        tokio::try_join!(async { Ok(app.store.dependencies().await?) }, office.log(app, sprint),)?;
    let degrees = dependency_degrees(&dependencies);
    let ever: BTreeSet<Uuid> =
        sprint.run.steps.iter().filter_map(|step| Some(office.node(step.service)?.id)).collect();
    let rows = office
        .nodes
        .iter()
        .filter(|node| ever.contains(&node.id))
        .map(|node| (node.id, row_of(node, &office.programme, &office.names, &degrees)))
        .collect();
    Ok(Some(SprintView {
        sprint: office.row(sprint),
        started_at: sprint.run.turned(Turn::Started).map(rfc3339),
        ended_at: sprint.run.turned(Turn::Ended).map(rfc3339),
        services: office.services(sprint, &rows),
        scope_changes: office.scope_changes(sprint),
        burn_up: office.burn_up(sprint),
        log,
        stages: stage_refs(&office.programme),
    }))
}

pub(crate) async fn plan_sprint(app: &App, request: PlanSprint) -> Result<Saved, ApiError> {
    let office = Office::open(app).await?;
    let actor = app.need_actor(&office.names)?;
    let members: BTreeSet<Uuid> = people(&office.names, &request.members)?;
    let plan = Plan {
        name: office.free_name(&request.name, None)?,
        goal: note("goal", request.goal)?.unwrap_or_default(),
        kind: kind(&request.kind)?,
        first: parse_day("first day", &request.first)?,
        last: parse_day("last day", &request.last)?,
        leader: request.leader.as_deref().map(|leader| office.names.need(leader)).transpose()?,
        members: members.into_iter().collect(),
    };
    in_order(plan.first, plan.last)?;
    let target = office.stage(request.target_stage.as_deref())?;
    let mut services = BTreeSet::new();
    for service in &request.services {
        services.insert(office.service(service)?.id);
    }
    let id = Uuid::now_v7();
    let mut changes = plan.create(id);
    changes.extend(
        services.into_iter().map(|service| {
            happened(sprint::scope(id, service, Some(&target), "planned", office.now))
        }),
    );
    let summary = format!("Sprint {} planned", plan.name);
    app.save(actor, changes, summary, Some(id)).await
}

pub(crate) async fn edit_sprint(app: &App, request: EditSprint) -> Result<Saved, ApiError> {
    let office = Office::open(app).await?;
    let actor = app.need_actor(&office.names)?;
    let Sprint { id, plan, .. } = office.find(&request.sprint)?;
    let mut changes = Vec::new();
    if let Some(entered) = &request.name {
        changes.push(Change::field(*id, path::NAME, office.free_name(entered, Some(*id))?));
    }
    if request.goal.is_some() {
        let goal = note("goal", request.goal)?.unwrap_or_default();
        changes.push(Change::field(*id, path::GOAL, goal));
    }
    if let Some(word) = &request.kind {
        changes.push(Change::field(*id, path::SPRINT_KIND, kind(word)?.word()));
    }
    let day = |field: &str, entered: &Option<String>| {
        entered.as_deref().map(|day| parse_day(field, day)).transpose()
    };
    let (first, last) = (day("first day", &request.first)?, day("last day", &request.last)?);
    in_order(first.unwrap_or(plan.first), last.unwrap_or(plan.last))?;
    for (register, day) in [(path::FIRST_DAY, first), (path::LAST_DAY, last)] {
        if let Some(day) = day {
            changes.push(Change::field(*id, register, day.to_string()));
        }
    }
    if let Some(leader) = request.leader.as_deref().map(str::trim) {
        let value = match leader {
            "" => Value::Null,
            leader => Value::String(office.names.need(leader)?.to_string()),
        };
        changes.push(Change::field(*id, path::LEADER, value));
    }
    if let Some(members) = &request.members {
        let (before, after) =
            (plan.members.iter().copied().collect(), people(&office.names, members)?);
        let mut put =
            |people: Vec<&Uuid>, presence| {
                changes.extend(people.into_iter().map(|person| {
                    Change::element(*id, path::MEMBERS, &person.to_string(), presence)
                }));
            };
        put(BTreeSet::difference(&after, &before).collect(), Presence::In);
        put(BTreeSet::difference(&before, &after).collect(), Presence::Out);
    }
    app.save(actor, changes, format!("Sprint {} changed", plan.name), Some(*id)).await
}

pub(crate) async fn turn_sprint(app: &App, request: TurnSprint) -> Result<Saved, ApiError> {
    let office = Office::open(app).await?;
    let actor = app.need_actor(&office.names)?;
    let sprint = office.find(&request.sprint)?;
    let turn = match request.turn {
        SprintTurn::Start => Turn::Started,
        SprintTurn::Pause => Turn::Paused,
        SprintTurn::Resume => Turn::Resumed,
        SprintTurn::End => Turn::Ended,
    };
    let name = &sprint.plan.name;
    if sprint.run.state.after(turn).is_none() {
        let state = sprint.run.state.word();
        return Err(ApiError::new(
            Code::NotPossible,
            format!(
                "Sprint {name} is {state}, so it cannot be {}. Nothing was changed.",
                turn.word()
            ),
        ));
    }
    let running = office
        .sprints
        .iter()
        .find(|other| other.id != sprint.id && other.run.state == State::Running);
    if matches!(turn, Turn::Started | Turn::Resumed)
        && let Some(other) = running
    {
        return Err(ApiError::new(
            Code::NotPossible,
            format!(
                "Sprint {} is running. End or pause it first. Nothing was changed.",
                other.plan.name
            ),
        ));
    }
    let note = note("note", request.note)?.unwrap_or_default();
    let mut changes = vec![happened(sprint::turn(sprint.id, turn, &note, office.now))];
    let mut summary = format!("Sprint {name} {}", turn.word());
    if let Some(next) = &request.carry_over_to {
        if turn != Turn::Ended {
            return Err(ApiError::argument("carry over", "is for a sprint that ends"));
        }
        let next = office.find(next)?;
        if next.id == sprint.id || next.run.state == State::Ended {
            let why = "must name a sprint that has not ended, and another one";
            return Err(ApiError::argument("carry over", why));
        }
        let carried = carry_over(&office, sprint, next);
        summary = format!("{summary}, {} carried over to {}", carried.len(), next.plan.name);
        changes.extend(carried);
    }
    let occasion = match turn {
        Turn::Started => Some(Occasion::SprintStart),
        Turn::Ended => Some(Occasion::SprintEnd),
        Turn::Paused | Turn::Resumed => None,
    };
    if let Some(occasion) = occasion {
        let (when, turned) = (When::AsItWas(office.now), Some((sprint.id, turn)));
        let basis = Basis::load_with(app, when, &office.nodes, turned).await?;
        changes.extend(outlook::issue(app, &basis, occasion, Some(sprint.id)).await?);
    }
    app.save(actor, changes, summary, Some(sprint.id)).await
}

/// The services of a sprint that did not reach their stage go into the next one, with the same
/// target, unless they are there already.
fn carry_over(office: &Office, sprint: &Sprint, next: &Sprint) -> Vec<Change> {
    let there: BTreeSet<Uuid> =
        office.scope(next, office.now).into_iter().map(|scoped| scoped.node.id).collect();
    let reason = format!("carried over from {}", sprint.plan.name);
    office
        .scope(sprint, office.now)
        .into_iter()
        .filter(|scoped| !there.contains(&scoped.node.id))
        .filter(|scoped| !office.has_reached(scoped, office.now))
        .map(|Scoped { node, stage, .. }| {
            happened(sprint::scope(next.id, node.id, Some(stage), &reason, office.now))
        })
        .collect()
}

pub(crate) async fn scope_sprint(app: &App, request: ScopeSprint) -> Result<Saved, ApiError> {
    let office = Office::open(app).await?;
    let actor = app.need_actor(&office.names)?;
    let sprint = office.find(&request.sprint)?;
    let name = &sprint.plan.name;
    if sprint.run.state == State::Ended {
        let message = format!("Sprint {name} has ended; its scope stays. Nothing was changed.");
        return Err(ApiError::new(Code::NotPossible, message));
    }
    let reason = match note("reason", request.reason)? {
        Some(reason) => reason,
        None if sprint.run.state == State::Planned => "planned".to_owned(),
        None => {
            let why = "is needed: the sprint has started, and its chart shows the step";
            return Err(ApiError::argument("reason", why));
        }
    };
    let target = office.stage(request.target_stage.as_deref())?;
    let scope = sprint.run.scope();
    let mut changes = Vec::new();
    let mut count = 0;
    for service in &request.services {
        let node = office.service(service)?;
        let wanted = match request.change {
            SprintScopeChange::In => Some(target.as_str()),
            SprintScopeChange::Out => None,
        };
        // Several, where services of the scope turned out to be one.
        let held: Vec<(Uuid, &str)> = scope
            .iter()
            .filter(|(service, _)| office.is(**service, node.id))
            .map(|(service, stage)| (*service, *stage))
            .collect();
        if held.first().map(|(_, stage)| *stage) == wanted {
            continue;
        }
        count += 1;
        let mut step = |service, stage| {
            let fact = sprint::scope(sprint.id, service, stage, &reason, office.now);
            changes.push(happened(fact));
        };
        let others = held.iter().filter(|(service, _)| wanted.is_none() || *service != node.id);
        others.for_each(|(service, _)| step(*service, None));
        if wanted.is_some() {
            step(node.id, wanted);
        }
    }
    if changes.is_empty() {
        let message = format!("The scope of {name} is like that already. Nothing was changed.");
        return Err(ApiError::new(Code::NotPossible, message));
    }
    let services = if count == 1 { "1 service".to_owned() } else { format!("{count} services") };
    let way = match request.change {
        SprintScopeChange::In => "into",
        SprintScopeChange::Out => "out of",
    };
    app.save(actor, changes, format!("{services} {way} sprint {name}"), Some(sprint.id)).await
}

fn happened(fact: Fact) -> Change {
    Change::Happened { id: Uuid::now_v7(), fact }
}

fn kind(word: &str) -> Result<SprintKind, ApiError> {
    SprintKind::from_word(word)
        .ok_or_else(|| ApiError::argument("kind", "must be expert-led, internal or regular"))
}

fn people(names: &Names, entered: &[String]) -> Result<BTreeSet<Uuid>, ApiError> {
    entered.iter().map(|person| names.need(person)).collect()
}

fn in_order(first: NaiveDate, last: NaiveDate) -> Result<(), ApiError> {
    let days = (last - first).num_days();
    if (0..LONGEST).contains(&days) {
        return Ok(());
    }
    Err(ApiError::argument(
        "last day",
        format!("must be the first day or up to {LONGEST} days later"),
    ))
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
