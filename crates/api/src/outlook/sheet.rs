//! What else stands on the CTO's page: classes, decisions that somebody waits for, how services are
//! deployed, independence, and what the numbers stand on.

use super::basis::{Basis, is_in_scope, number};
use crate::app::App;
use crate::clock::rfc3339;
use crate::cluster::deployments::Deployments;
use crate::dto::outlook::{
    ClassRow, DeploymentWeek, HealthView, IndependenceView, NeedRow, SheetView, SprintDone,
    TrustView,
};
use crate::dto::progress::BlockedRow;
use crate::dto::session::NodeRef;
use crate::error::ApiError;
use crate::names::{Names, node_ref};
use pilotage_domain::Millis;
use pilotage_domain::calendar::days_between;
use pilotage_domain::change::{Entity, Kind};
use pilotage_domain::cluster::{WriterClass, last_look};
use pilotage_domain::sprint::Turn;
use pilotage_domain::words::Difficulty;
use pilotage_insight::flow::Track;
use pilotage_insight::forecast::{HEADLINE, Inputs};
use pilotage_store::NodeRow;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Decisions that are named.
const NEEDS: usize = 3;
/// Weeks of rollouts that are told.
const WEEKS: usize = 26;

/// Everything beside the forecast. `blocked` are the open blockers of services in scope.
pub(crate) async fn sheet(
    app: &App,
    basis: &Basis,
    names: &Names,
    blocked: &[BlockedRow],
) -> Result<SheetView, ApiError> {
    let (deployments, since) = deployed(app, basis).await?;
    Ok(SheetView {
        classes: classes(basis),
        needs: needs(app, basis, blocked),
        deployments,
        deployments_since: since,
        independence: IndependenceView {
            transfer: crate::skills::transfer(app, basis, names).await?,
            ..independence(basis)
        },
        health: health(basis),
        trust: trust(app, basis).await?,
    })
}

fn classes(basis: &Basis) -> Vec<ClassRow> {
    let mut classes: Vec<Option<String>> =
        Difficulty::ALL.iter().map(|class| Some(class.word().to_owned())).collect();
    classes.push(None);
    let moment = basis.moment();
    let rows = classes.into_iter().map(|class| {
        let of_class = |node: &&NodeRow| is_in_scope(node) && node.listed.difficulty == class;
        let members: Vec<&NodeRow> = basis.services.iter().filter(of_class).collect();
        let is_done = |node: &&&NodeRow| node.summary.number >= basis.window.done_stage;
        let open = members.iter().filter(|node| !is_done(node) && node.summary.number > 1);
        let oldest = open.min_by_key(|node| (node.summary.stage_since, &node.name));
        ClassRow {
            class,
            total: number(members.len()),
            done: number(members.iter().filter(is_done).count()),
            oldest: oldest.map(|node| node_ref(node)),
            oldest_days: oldest.map_or(0, |node| {
                days_between(node.summary.stage_since, moment, basis.calendar.zone)
            }),
        }
    });
    rows.filter(|row| row.total > 0).collect()
}

/// Blockers by whom they wait for; the cost is how much nearer the 85 % date would be without the
/// services that wait.
fn needs(app: &App, basis: &Basis, blocked: &[BlockedRow]) -> Vec<NeedRow> {
    let mut by_owner: BTreeMap<String, Vec<&BlockedRow>> = BTreeMap::new();
    for row in blocked {
        by_owner.entry(row.waiting_for.trim().to_lowercase()).or_default().push(row);
    }
    let mut needs: Vec<NeedRow> = by_owner
        .into_values()
        .map(|rows| {
            let mut services: Vec<NodeRef> = rows.iter().map(|row| row.service.clone()).collect();
            services.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
            services.dedup();
            let first = rows[0];
            NeedRow {
                what: first.reason.clone(),
                owner: first.waiting_for.clone(),
                days: rows.iter().map(|row| row.days).max().unwrap_or(0),
                needed_by: needed_by(basis, &services),
                cost_days: cost(app, basis, &services),
                services,
            }
        })
        .collect();
    needs.sort_by(|a, b| (b.cost_days, b.days, &a.owner).cmp(&(a.cost_days, a.days, &b.owner)));
    needs.truncate(NEEDS);
    needs
}

fn find<'a>(basis: &'a Basis, service: &NodeRef) -> Option<&'a NodeRow> {
    let id = Uuid::try_parse(&service.id).ok()?;
    basis.services.iter().find(|node| node.id == id)
}

fn needed_by(basis: &Basis, services: &[NodeRef]) -> Option<String> {
    let targets =
        services.iter().filter_map(|service| find(basis, service)?.listed.target_date.clone());
    targets.min().or_else(|| basis.deadline().map(|day| day.to_string()))
}

fn cost(app: &App, basis: &Basis, services: &[NodeRef]) -> Option<i32> {
    let waits = |service: &&NodeRef| {
        find(basis, service).is_some_and(|node| !basis.is_done_before(node, basis.sample.close))
    };
    let fewer = number(services.iter().filter(waits).count());
    let remaining = basis.inputs.remaining.saturating_sub(fewer);
    let date = |inputs: &Inputs| {
        let forecast = basis.forecast_of(app, inputs).ok()?;
        i32::try_from(forecast.today.when(HEADLINE)?).ok()
    };
    let now = date(&basis.inputs)?;
    // Where nothing else remains, all of it is the cost.
    let without =
        if remaining == 0 { 0 } else { date(&Inputs { remaining, ..basis.inputs.clone() })? };
    Some(now - without)
}

/// Deployments on production by week, and since when anybody looked.
async fn deployed(
    app: &App,
    basis: &Basis,
) -> Result<(Vec<DeploymentWeek>, Option<String>), ApiError> {
    let all = Deployments::load(app, basis.when, false).await?;
    let zone = basis.calendar.zone;
    let weeks = all.weeks(basis.moment(), zone, WEEKS);
    let told = weeks.iter().map(|week| {
        let of = |class| week.by_class.get(&class).copied().unwrap_or(0);
        DeploymentWeek {
            week: week.monday.to_string(),
            manual: of(WriterClass::Manual),
            automated: of(WriterClass::Pipeline) + of(WriterClass::Gitops),
            other: of(WriterClass::Controller) + of(WriterClass::Ambiguous),
            observed: week.observed,
        }
    });
    let first = all.rollouts().first().map(|(at, _)| *at);
    let since = first.into_iter().chain(all.watched_since(zone)).min();
    Ok((told.collect(), since.map(rfc3339)))
}

fn independence(basis: &Basis) -> IndependenceView {
    let entries: Vec<Millis> =
        basis.tracks.iter().flat_map(|track| track.entries(&basis.window)).collect();
    let led = entries.iter().filter(|at| basis.is_led(**at)).count();
    let sprints = basis.sprints.iter().filter_map(|sprint| {
        sprint.run.turned(Turn::Started)?;
        let moment = sprint.run.turned(Turn::Ended).unwrap_or(basis.moment());
        let scope = sprint.scope(&basis.programme, &basis.services, &basis.places, moment);
        let reached = scope.iter().filter(|scoped| scoped.has_reached(&basis.programme, moment));
        Some(SprintDone {
            name: sprint.plan.name.clone(),
            kind: sprint.plan.kind.word().to_owned(),
            planned: number(scope.len()),
            reached: number(reached.count()),
        })
    });
    IndependenceView {
        led: number(led),
        unled: number(entries.len() - led),
        sprints: sprints.collect(),
        transfer: None,
    }
}

fn health(basis: &Basis) -> HealthView {
    let falls: usize =
        basis.tracks.iter().map(|track| track.regressions(&basis.window).len()).sum();
    let mut recoveries: Vec<u32> =
        basis.tracks.iter().flat_map(|track| recoveries(basis, track)).collect();
    recoveries.sort_unstable();
    let open = basis.services.iter().filter(|node| is_in_scope(node) && node.summary.regressed);
    HealthView {
        regressions: number(falls),
        open: number(open.count()),
        recovery_days: recoveries
            .len()
            .checked_sub(1)
            .and_then(|last| recoveries.get(last / 2).copied()),
    }
}

/// Days from each fall to the return.
fn recoveries(basis: &Basis, track: &Track) -> Vec<u32> {
    let entries = track.entries(&basis.window);
    let back = |fall: &Millis| entries.iter().find(|at| *at > fall).copied();
    let falls = track.regressions(&basis.window).into_iter();
    falls.filter_map(|fall| Some(days_between(fall, back(&fall)?, basis.calendar.zone))).collect()
}

async fn trust(app: &App, basis: &Basis) -> Result<TrustView, ApiError> {
    let mut targets = app.store.entities(Kind::Target).await?;
    targets.retain(Entity::lives);
    // A register holds the last look only: of a past day it may say nothing.
    let last = |target| last_look(target).map(|(_, at)| at).filter(|at| *at <= basis.moment());
    let looks: Vec<Option<Millis>> = targets.iter().map(last).collect();
    let in_scope = basis.services.iter().filter(|node| is_in_scope(node));
    let open: u32 =
        in_scope.map(|node| node.summary.counts.counted - node.summary.counts.passed).sum();
    let late = app.store.late_entries(basis.when).await?;
    Ok(TrustView {
        last_look: looks.iter().flatten().min().copied().map(rfc3339),
        never_looked: number(looks.iter().filter(|look| look.is_none()).count()),
        late_entries: u32::try_from(late).unwrap_or(u32::MAX),
        open_checks: open,
    })
}
