//! Section 2.6: what the team learned, from step executions. People are named for credit only.

use super::facts::{Chapter, item};
use super::looked::Looked;
use crate::app::App;
use crate::dto::retro::{FactItem, FactSection};
use crate::error::ApiError;
use crate::handlers::sprints::{Office, Sprint};
use pilotage_domain::calendar::day_of;
use pilotage_domain::execution::{Executions, Help, KINDS};
use pilotage_domain::sprint::SprintKind;
use pilotage_insight::skills::{
    Execution, Independence, Standing, Traced, independence, standings, unaided,
};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Who did what, as far as the log knows.
pub(super) struct Taught {
    /// All executions, those before the sprint included: levels are made from them.
    all: Vec<Execution>,
    traced: Vec<Traced>,
    /// Experts' hours by service while the sprint ran.
    hours: BTreeMap<Uuid, f64>,
    /// The executions on services of the sprint while it ran.
    pub(super) here: Vec<Execution>,
    /// People whose work is the team's: an expert who leads is not among them.
    team: BTreeSet<Uuid>,
}

impl Taught {
    pub(super) async fn load(
        app: &App,
        office: &Office,
        sprint: &Sprint,
        ran: std::ops::RangeInclusive<i64>,
        held: &BTreeSet<Uuid>,
    ) -> Result<Self, ApiError> {
        let mut facts = Vec::new();
        for kind in KINDS.iter().chain(&["retraction"]) {
            facts.push(app.store.facts_of_kind(kind).await?);
        }
        let told = Executions::of(facts.iter().flat_map(|facts| facts.iter()));
        let zone = office.calendar.zone;
        let mut all = Vec::new();
        let mut here = Vec::new();
        for told in &told.told {
            let execution = &told.execution;
            let skills = office.programme.check(&execution.check);
            let service = office.node(told.service).map_or(told.service, |node| node.id);
            let one = Execution {
                service,
                check: execution.check.clone(),
                skills: skills.map(|check| check.skills.clone()).unwrap_or_default(),
                on: day_of(told.at, zone),
                people: execution.people.iter().map(|one| (one.person, one.help)).collect(),
                confirmed: told.confirmed.is_some(),
                exceptional: execution.exceptional,
                imported: execution.imported,
            };
            if ran.contains(&told.at) && held.contains(&service) {
                here.push(one.clone());
            }
            all.push(one);
        }
        let traced = told.causes.into_iter().map(|cause| Traced {
            service: cause.service,
            check: cause.check,
            on: day_of(cause.at, zone),
        });
        let days = day_of(*ran.start(), zone)..=day_of(*ran.end(), zone);
        let mut hours: BTreeMap<Uuid, f64> = BTreeMap::new();
        for spent in told.hours.iter().filter(|spent| days.contains(&spent.on)) {
            *hours.entry(spent.service).or_default() += f64::from(spent.hundredths) / 100.0;
        }
        let mut team: BTreeSet<Uuid> = sprint.plan.members.iter().copied().collect();
        match (sprint.plan.leader, sprint.plan.kind) {
            (Some(leader), SprintKind::ExpertLed) => team.remove(&leader),
            (Some(leader), _) => team.insert(leader),
            (None, _) => false,
        };
        Ok(Self { all, traced: traced.collect(), hours, here, team })
    }

    /// Executions of the team, and how many of them were done alone.
    pub(super) fn independence(&self) -> Independence {
        independence(&self.here, &self.team)
    }

    /// Checks by how often somebody had help with them, most first.
    pub(super) fn helped(&self) -> Vec<(&str, Vec<Uuid>)> {
        let mut helped: BTreeMap<&str, Vec<Uuid>> = BTreeMap::new();
        for execution in &self.here {
            let had_help = |(_, help): &(Uuid, Help)| matches!(help, Help::Told | Help::Asked);
            if execution.people.iter().any(had_help) {
                helped.entry(&execution.check).or_default().push(execution.service);
            }
        }
        let mut helped: Vec<(&str, Vec<Uuid>)> = helped.into_iter().collect();
        helped.sort_by_key(|(check, services)| (std::cmp::Reverse(services.len()), *check));
        helped
    }
}

pub(super) fn transfer(looked: &Looked<'_>) -> FactSection {
    let taught = &looked.taught;
    let chapter = Chapter::of("2.6");
    if taught.here.is_empty() {
        return chapter.unseen("no step execution was recorded while the sprint ran");
    }
    let figures = taught.independence();
    let ratio = match figures.all {
        0 => "\u{2013}: none of the team's executions is confirmed".to_owned(),
        all => format!("{} of {all} confirmed executions alone", figures.alone),
    };
    let with = format!(
        "{} of {} with those that nobody confirmed",
        figures.alone_with_unconfirmed, figures.all_with_unconfirmed
    );
    let reached: BTreeSet<Uuid> = looked.reached().into_iter().collect();
    let alone = unaided(&reached, &taught.here, &taught.team, &taught.hours);
    let alone = alone.into_iter().map(|id| item(looked.name(id)).on(looked, id)).collect();
    chapter
        .figure("independence", "Independence", ratio, vec![item(with)])
        .list("unaided", "Services done unaided", alone)
        .list("levels", "Levels reached", levels(looked))
        .done()
}

/// Levels that people of the team reached: credit, so with names.
fn levels(looked: &Looked<'_>) -> Vec<FactItem> {
    let taught = &looked.taught;
    let (first, last) = (looked.day(looked.started), looked.day(looked.end));
    let before = first.pred_opt().unwrap_or(first);
    let before = standings(&taught.all, &taught.traced, before);
    let after = standings(&taught.all, &taught.traced, last);
    let level = |standing: Option<&Standing>| standing.map_or(0, Standing::counted);
    let rose = after.iter().filter(|(key, standing)| {
        taught.team.contains(&key.0) && standing.counted() > level(before.get(key))
    });
    let told = rose.map(|(key, standing)| {
        let name = looked.office.names.of(key.0);
        let skill = looked.office.programme.skills.get(&key.1).unwrap_or(&key.1);
        item(format!("{name} reached L{} in {skill}", standing.counted()))
    });
    let mut told: Vec<FactItem> = told.collect();
    told.sort_by(|a, b| a.text.cmp(&b.text));
    told
}
