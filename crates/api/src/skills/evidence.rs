//! Executions as the engine of levels wants them.

use crate::app::App;
use crate::error::{ApiError, Code};
use crate::handlers::sprints::{Sprint, places};
use crate::names::Names;
use crate::outlook;
use crate::programme::Programme;
use chrono::NaiveDate;
use pilotage_domain::Millis;
use pilotage_domain::calendar::day_of;
use pilotage_domain::change::{Entity, path};
use pilotage_domain::execution::{Executions, KINDS, Told};
use pilotage_domain::fact::Recorded;
use pilotage_domain::sprint::Turn;
use pilotage_domain::words::Difficulty;
use pilotage_insight::skills::{Execution, Standings, Traced, standings};
use pilotage_store::{NodeRow, When};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tokio::task::JoinSet;
use uuid::Uuid;

/// Who did what, as of a moment, and the levels that follow.
pub(crate) struct Evidence {
    pub(crate) told: Executions,
    /// The same for the engine, in the same order. A merged service is the one it is now.
    pub(crate) executions: Vec<Execution>,
    pub(crate) standings: Standings,
    /// People who are there and are no experts from outside.
    pub(crate) team: BTreeSet<Uuid>,
    pub(crate) today: NaiveDate,
}

/// Whether a person is an expert from outside the team.
pub(crate) fn is_outside(person: &Entity) -> bool {
    person.registers.get(path::OUTSIDE) == Some(&Value::Bool(true))
}

/// The facts that levels follow from, a list a kind. Each is read beside the others, on a thread of
/// its own: right after a programme was opened none is in memory, and to read thousands takes longer
/// than all that is made of them.
pub(crate) async fn facts(app: &App) -> Result<Vec<Arc<Vec<Recorded>>>, ApiError> {
    let mut reading = JoinSet::new();
    for (place, kind) in KINDS.into_iter().enumerate() {
        let store = Arc::clone(&app.store);
        reading.spawn(async move { (place, store.facts_of_kind(kind).await) });
    }
    let mut facts = vec![Arc::default(); KINDS.len()];
    while let Some(read) = reading.join_next().await {
        let (place, read) = read.map_err(|error| {
            let message = "Who did what could not be read. Nothing was changed. Try again.";
            ApiError::new(Code::Internal, message).with("detail", error)
        })?;
        facts[place] = read?;
    }
    Ok(facts)
}

impl Evidence {
    pub(crate) async fn load(
        app: &App,
        programme: &Programme,
        names: &Names,
        nodes: &[NodeRow],
        when: When,
    ) -> Result<Self, ApiError> {
        let mut facts = facts(app).await?;
        facts.push(app.store.facts_of_kind("retraction").await?);
        let known = |recorded: &&Recorded| outlook::is_known(recorded, when);
        let mut told = Executions::of(facts.iter().flat_map(|facts| facts.iter()).filter(known));
        let places = places(app, nodes).await?;
        let root = |id: Uuid| places.get(&id).map_or(id, |place| nodes[*place].id);
        told.told.iter_mut().for_each(|told| told.service = root(told.service));
        told.hours.iter_mut().for_each(|hours| hours.service = root(hours.service));
        told.causes.iter_mut().for_each(|cause| cause.service = root(cause.service));
        let zone = programme.calendar().zone;
        let hard: BTreeSet<Uuid> = nodes
            .iter()
            .filter(|node| node.listed.difficulty.as_deref() == Some(Difficulty::Hard.word()))
            .map(|node| node.id)
            .collect();
        let skills: BTreeMap<&str, &Vec<String>> =
            programme.words.checks.iter().map(|check| (check.id.as_str(), &check.skills)).collect();
        let executions: Vec<Execution> = told
            .told
            .iter()
            .map(|told| {
                let skills = skills.get(told.execution.check.as_str());
                Execution {
                    service: told.service,
                    check: told.execution.check.clone(),
                    skills: skills.map(|skills| (*skills).clone()).unwrap_or_default(),
                    on: day_of(told.at, zone),
                    people: told
                        .execution
                        .people
                        .iter()
                        .map(|one| (one.person, one.help))
                        .collect(),
                    confirmed: told.confirmed.is_some(),
                    exceptional: told.execution.exceptional || hard.contains(&told.service),
                    imported: told.execution.imported,
                }
            })
            .collect();
        let traced: Vec<Traced> = told
            .causes
            .iter()
            .map(|cause| Traced {
                service: cause.service,
                check: cause.check.clone(),
                on: day_of(cause.at, zone),
            })
            .collect();
        let today = day_of(when.moment(), zone);
        let standings = standings(&executions, &traced, today);
        let living = names.people.values().filter(|person| person.lives() && !is_outside(person));
        let team = living.map(|person| person.id).collect();
        Ok(Self { told, executions, standings, team, today })
    }

    /// Nobody said anything of who did what.
    pub(crate) fn is_empty(&self) -> bool {
        self.told.told.is_empty() && self.told.hours.is_empty()
    }

    /// Each execution with what the engine makes of it.
    pub(crate) fn both(&self) -> impl Iterator<Item = (&Told, &Execution)> {
        self.told.told.iter().zip(&self.executions)
    }

    /// Executions of a span of time, both ends included.
    pub(crate) fn between(&self, from: Millis, to: Millis) -> &[Execution] {
        // They are in order of occurrence.
        let first = self.told.told.partition_point(|told| told.at < from);
        let end = self.told.told.partition_point(|told| told.at <= to);
        self.executions.get(first..end).unwrap_or_default()
    }

    /// Hours of experts by service, all of them, in hours.
    pub(crate) fn hours(&self) -> BTreeMap<Uuid, f64> {
        let mut hours: BTreeMap<Uuid, f64> = BTreeMap::new();
        for entry in &self.told.hours {
            *hours.entry(entry.service).or_default() += f64::from(entry.hundredths) / 100.0;
        }
        hours
    }
}

/// From when to when a sprint ran; up to `now` where it goes on.
pub(super) fn span(sprint: &Sprint, now: Millis) -> Option<(Millis, Millis)> {
    let started = sprint.run.turned(Turn::Started)?;
    Some((started, sprint.run.turned(Turn::Ended).unwrap_or(now)))
}
