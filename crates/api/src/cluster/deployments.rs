//! What was deployed by whom: the rollouts that were seen, by week and class of writer. Progress, the
//! Cluster page, a service and the command line tell the same numbers.

use super::delivery::figures;
use super::histories::joined;
use crate::app::App;
use crate::clock::rfc3339;
use crate::dto::deployments::{
    DeployedWeek, DeploymentRow, DeploymentsRequest, DeploymentsView, SourceView, TogetherRow,
};
use crate::dto::session::NodeRef;
use crate::error::ApiError;
use crate::handlers::sprints::places;
use crate::names::{find_node, node_ref};
use crate::outlook::living_facts;
use crate::programme::zone_of;
use chrono::NaiveDate;
use chrono_tz::Tz;
use pilotage_cluster::rollouts::trends::{Watched, Week, monday, per_week, since_manual, together};
use pilotage_domain::calendar::{day_of, start_of};
use pilotage_domain::change::{Entity, Kind, path};
use pilotage_domain::cluster::{
    Mapping, Rollout, RolloutKind, TimeSource, WriterClass, looked_days, workloads,
};
use pilotage_domain::delivery::Delivery;
use pilotage_domain::fact::{Happening, Recorded};
use pilotage_domain::journey::Move;
use pilotage_domain::words::NodeClass;
use pilotage_domain::{DAY, Millis};
use pilotage_store::{NodeRow, When};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Weeks that are told where nobody asks for another number.
const WEEKS: u32 = 26;
/// Most of them.
const MOST_WEEKS: u32 = 520;
/// Deployments that are listed.
const LISTED: usize = 500;
/// Pairs of services that are listed.
const PAIRS: usize = 20;

/// Every deployment that was seen in some targets, up to a moment.
pub(crate) struct Deployments {
    facts: Vec<Recorded>,
    /// The delivery that made a rollout, by id of the fact, where the history of a delivery controller
    /// tells of one.
    sources: BTreeMap<Uuid, Delivery>,
    /// Environments of the targets, by target.
    environments: BTreeMap<Uuid, String>,
    /// Days on which somebody completed a look, by target.
    days: BTreeMap<Uuid, Vec<NaiveDate>>,
}

impl Deployments {
    /// Those on production, or on all targets. Targets that are gone are among them: what was
    /// deployed there was.
    pub(crate) async fn load(app: &App, when: When, everywhere: bool) -> Result<Self, ApiError> {
        let environments = app.store.entities(Kind::Environment).await?;
        let names: BTreeMap<String, &str> =
            environments.iter().map(|one| (one.id.to_string(), one.name())).collect();
        let targets = app.store.entities(Kind::Target).await?;
        let name = |target: &Entity| {
            let name = names.get(target.text(path::ENVIRONMENT)?).copied()?;
            let wanted = everywhere || name.eq_ignore_ascii_case("production");
            wanted.then(|| (target.id, name.to_owned()))
        };
        let environments: BTreeMap<Uuid, String> = targets.iter().filter_map(name).collect();
        let looked = targets.iter().filter(|target| environments.contains_key(&target.id));
        let days = looked.map(|target| (target.id, looked_days(target))).collect();
        let mut told = living_facts(app, "rollout_seen", when).await?;
        told.extend(living_facts(app, "delivery_seen", when).await?);
        let (mut facts, mut sources) = (Vec::new(), BTreeMap::new());
        for (recorded, source) in joined(&told) {
            let is_wanted = deployed(&recorded).is_some_and(|rollout| {
                rollout.change.deploys() && environments.contains_key(&rollout.workload.target)
            });
            if is_wanted {
                sources.extend(source.map(|source| (recorded.id, source)));
                facts.push(recorded);
            }
        }
        Ok(Self { facts, sources, environments, days })
    }

    /// Moment and rollout of each, oldest first.
    pub(crate) fn rollouts(&self) -> Vec<(Millis, &Rollout)> {
        let told = |recorded| Some((at(recorded), deployed(recorded)?));
        self.facts.iter().filter_map(told).collect()
    }

    /// When somebody first looked: on the first day with a complete look, or when the first rollout
    /// was recorded.
    pub(crate) fn watched_since(&self, zone: Tz) -> Option<Millis> {
        let recorded = |one: &Recorded| pilotage_domain::hlc::millis(one.version.hlc);
        let recorded = self.facts.iter().map(recorded).min();
        let day = self.days.values().flatten().min().map(|day| start_of(*day, zone));
        // Of the day of the first record, the record says more.
        match (recorded, day) {
            (Some(recorded), Some(day)) if recorded - day >= DAY => Some(day),
            (recorded, day) => recorded.or(day),
        }
    }

    /// By week, without a hole; a week in which nobody looked is a gap.
    pub(crate) fn weeks(&self, now: Millis, zone: Tz, most: usize) -> Vec<Week> {
        let start = |day: &NaiveDate| start_of(*day, zone);
        let watched: Vec<Watched> = self
            .days
            .values()
            .flatten()
            .map(start)
            .filter(|at| *at <= now)
            .map(|at| (at, at))
            .collect();
        let mut weeks = per_week(&self.rollouts(), &watched, now, zone);
        weeks.drain(..weeks.len().saturating_sub(most));
        weeks
    }
}

fn at(recorded: &Recorded) -> Millis {
    recorded.fact.occurred_at
}

fn deployed(recorded: &Recorded) -> Option<&Rollout> {
    match &recorded.fact.what {
        Happening::RolloutSeen { rollout, .. } => Some(rollout),
        _ => None,
    }
}

/// Deployments of one service or of all.
pub(crate) async fn deployments(
    app: &App,
    request: DeploymentsRequest,
) -> Result<DeploymentsView, ApiError> {
    let weeks = request.weeks.unwrap_or(WEEKS);
    if !(1..=MOST_WEEKS).contains(&weeks) {
        return Err(ApiError::argument("weeks", format!("must be between 1 and {MOST_WEEKS}")));
    }
    let now = app.clock.now();
    let programme = app.store.entity(app.store.workspace()).await?;
    let zone = zone_of(&programme);
    let nodes = app.store.nodes(now).await?;
    let places = places(app, &nodes).await?;
    let service = match &request.service {
        Some(name) => {
            let node = find_node(&nodes, name)?;
            if node.class != NodeClass::Service {
                return Err(ApiError::argument("service", "is no service: nothing deploys it"));
            }
            Some(node.id)
        }
        None => None,
    };
    let everywhere = request.everywhere == Some(true);
    let mut all = Deployments::load(app, When::AsItWas(now), everywhere).await?;
    // Which service it is by now: of merged ones, the one that stayed.
    let of = |recorded: &Recorded| -> Option<NodeRef> {
        let Happening::RolloutSeen { service, .. } = &recorded.fact.what else { return None };
        places.get(&(*service)?).map(|place| node_ref(&nodes[*place]))
    };
    let whole = all.facts.clone();
    if let Some(service) = service {
        let asked = service.to_string();
        all.facts.retain(|recorded| of(recorded).is_some_and(|service| service.id == asked));
        // A look elsewhere saw nothing of this service: only where it runs, none means none.
        let held = app.store.entity(service).await?;
        let said = workloads(&held).into_iter();
        let confirmed = said.filter(|(_, word)| *word == Mapping::Confirmed);
        let mut there: BTreeSet<Uuid> = confirmed.map(|(workload, _)| workload.target).collect();
        there.extend(all.rollouts().iter().map(|(_, rollout)| rollout.workload.target));
        all.days.retain(|target, _| there.contains(target));
    }
    let rollouts = all.rollouts();
    let told = all.weeks(now, zone, usize::try_from(weeks).unwrap_or(usize::MAX));
    let first = told.first().map(|week| week.monday);
    let node = service.and_then(|id| places.get(&id)).map(|place| &nodes[*place]);
    let moved = match node {
        Some(node) => moved_at(app, node, When::AsItWas(now)).await?.map(|at| (at, now)),
        None => None,
    };
    let delivery =
        node.map(|_| figures(&rollouts, &told, moved, |week| start_of(week.monday, zone)));
    let recent = |recorded: &&Recorded| {
        first.is_some_and(|first| first <= monday(day_of(at(recorded), zone)))
    };
    let pairs = pairs(whole.iter().filter(recent), service, &of);
    let since = since_manual(&rollouts, all.watched_since(zone), now, zone);
    let by_hand = |(_, rollout): &&(Millis, &Rollout)| rollout.writer.class == WriterClass::Manual;
    let last_manual = rollouts.iter().filter(by_hand).map(|(at, _)| *at).max();
    let mut rows: Vec<DeploymentRow> = all
        .facts
        .iter()
        .filter_map(|recorded| {
            let rollout = deployed(recorded)?;
            let week = monday(day_of(at(recorded), zone));
            let environment = all.environments.get(&rollout.workload.target)?;
            let source = all.sources.get(&recorded.id).map(source);
            let row = || DeploymentRow {
                source,
                ..row(recorded, rollout, week, environment, of(recorded))
            };
            first.is_some_and(|first| first <= week).then(row)
        })
        .collect();
    rows.reverse();
    let is_wanted = |row: &DeploymentRow| {
        request.week.as_ref().is_none_or(|week| row.week == *week)
            && request.class.as_ref().is_none_or(|class| row.class == *class)
    };
    rows.retain(is_wanted);
    let total = u32::try_from(rows.len()).unwrap_or(u32::MAX);
    rows.truncate(LISTED);
    Ok(DeploymentsView {
        service: node.map(node_ref),
        delivery,
        weeks: told.iter().map(week).collect(),
        days_since_manual: since.days.and_then(|days| u32::try_from(days).ok()),
        last_manual: last_manual.map(rfc3339),
        ambiguous_since: since.ambiguous_since,
        watched_since: since.watched_since.map(rfc3339),
        together: pairs,
        deployments: rows,
        total,
    })
}

/// When a service was moved: the moment that a person recorded, else its first entry into the stage
/// *Live*.
async fn moved_at(app: &App, node: &NodeRow, when: When) -> Result<Option<Millis>, ApiError> {
    let said = living_facts(app, "cut_over", when).await?;
    let of_it = |recorded: &&Recorded| matches!(recorded.fact.what, Happening::CutOver { service, .. } if service == node.id);
    let said = said.iter().filter(of_it).map(at).max();
    let live = |step: &&Move| step.stage.as_deref() == Some("live");
    Ok(said.or_else(|| node.summary.moves.iter().find(live).map(|step| step.at)))
}

fn week(week: &Week) -> DeployedWeek {
    let of = |class| week.by_class.get(&class).copied().unwrap_or(0);
    DeployedWeek {
        week: week.monday.to_string(),
        observed: week.observed,
        manual: of(WriterClass::Manual),
        ambiguous: of(WriterClass::Ambiguous),
        controller: of(WriterClass::Controller),
        pipeline: of(WriterClass::Pipeline),
        gitops: of(WriterClass::Gitops),
    }
}

fn row(
    recorded: &Recorded,
    rollout: &Rollout,
    week: NaiveDate,
    environment: &str,
    service: Option<NodeRef>,
) -> DeploymentRow {
    let workload = &rollout.workload;
    DeploymentRow {
        week: week.to_string(),
        at: rfc3339(at(recorded)),
        unseen_since: rollout.unseen_since.map(rfc3339),
        service,
        id: recorded.id.to_string(),
        environment: environment.to_owned(),
        workload: format!("{}/{} {}", workload.namespace, workload.kind, workload.name),
        revision: rollout.revision,
        change: rollout.change.word().to_owned(),
        images: rollout.images.iter().map(|(name, image)| format!("{name}: {image}")).collect(),
        class: rollout.writer.class.word().to_owned(),
        manager: rollout.writer.manager.clone(),
        trace: rollout.trace.clone(),
        source: None,
    }
}

/// What the history of a delivery controller says of a deployment.
pub(crate) fn source(delivery: &Delivery) -> SourceView {
    SourceView {
        tool: delivery.tool.title().to_owned(),
        kind: delivery.tool.kind().to_owned(),
        object: delivery.source.clone(),
        short_revision: delivery.short_revision(),
        revision: delivery.revision.clone(),
        start: delivery.start.word().to_owned(),
    }
}

/// Services that were deployed together; of one service, those with it. A first revision is an
/// installation, and a moment at which something was merely first seen is that of the look: neither
/// says that two services were deployed together.
fn pairs<'a>(
    recorded: impl Iterator<Item = &'a Recorded>,
    service: Option<Uuid>,
    of: &impl Fn(&Recorded) -> Option<NodeRef>,
) -> Vec<TogetherRow> {
    let mut names: BTreeMap<Uuid, NodeRef> = BTreeMap::new();
    let mut moments = Vec::new();
    for recorded in recorded {
        let timed = deployed(recorded).is_some_and(|rollout| {
            rollout.change != RolloutKind::First && rollout.time != TimeSource::Observed
        });
        let Some(node) = of(recorded).filter(|_| timed) else { continue };
        let Ok(id) = Uuid::try_parse(&node.id) else { continue };
        names.insert(id, node);
        moments.push((id, at(recorded)));
    }
    let wanted = |pair: &pilotage_cluster::rollouts::trends::Together| {
        service.is_none_or(|id| pair.first == id || pair.second == id)
    };
    let found = together(&moments).into_iter().filter(wanted).take(PAIRS);
    let name = |id: &Uuid| names[id].clone();
    found
        .map(|pair| {
            let row = TogetherRow {
                first: name(&pair.first),
                second: name(&pair.second),
                times: pair.times,
                of_first: pair.of_first,
                of_second: pair.of_second,
            };
            // Whoever was asked for stands first.
            if service == Some(pair.second) {
                let TogetherRow { first, second, times, of_first, of_second } = row;
                let (first, second, of_first, of_second) = (second, first, of_second, of_first);
                TogetherRow { first, second, times, of_first, of_second }
            } else {
                row
            }
        })
        .collect()
}
