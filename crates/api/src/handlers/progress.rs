//! The Progress page and its report.

use crate::app::App;
use crate::clock::{from_rfc3339, rfc3339};
use crate::describe::Describer;
use crate::dto::progress::{
    BlockedRow, Flow, FlowDay, FlowMark, MovedRow, ProgressRequest, ProgressView, RegressedRow,
    ReportRequest, ReportText, StageCount, Totals,
};
use crate::error::ApiError;
use crate::names::{Names, node_ref};
use crate::programme::Programme;
use crate::report;
use pilotage_domain::change::path;
use pilotage_domain::fact::{Happening, Scope};
use pilotage_domain::flow;
use pilotage_domain::journey::Standing;
use pilotage_domain::words::NodeClass;
use pilotage_domain::{DAY, Millis};
use pilotage_store::NodeRow;

/// Changes that are listed.
const CHANGES: u32 = 200;
/// Days of the chart, counted back from today.
const CHART_DAYS: i64 = 366;

pub(crate) async fn report(app: &App, request: ReportRequest) -> Result<ReportText, ApiError> {
    let view = progress(app, ProgressRequest::default()).await?;
    let services = super::services(app, crate::dto::session::Nothing {}).await?;
    Ok(report::render(&view, &services, request.format))
}

pub(crate) async fn progress(
    app: &App,
    request: ProgressRequest,
) -> Result<ProgressView, ApiError> {
    let now = app.clock.now();
    let programme = Programme::load(app).await?;
    let names = Names::load(app).await?;
    let nodes = app.store.nodes(now).await?;
    let services: Vec<&NodeRow> =
        nodes.iter().filter(|node| node.class == NodeClass::Service).collect();
    let in_scope: Vec<&NodeRow> =
        services.iter().copied().filter(|node| node.summary.scope == Scope::In).collect();
    let since = match &request.since {
        Some(since) => Some(
            from_rfc3339(since)
                .ok_or_else(|| ApiError::argument("moment", "is no RFC 3339 time"))?,
        ),
        // A first visit looks a week back.
        None => Some(app.last_visit.unwrap_or(now - 7 * DAY)),
    };
    let totals = totals(&programme, &services, &in_scope);
    let (batches, changes_total) = match since {
        Some(since) => app.store.since(since, CHANGES).await?,
        None => (Vec::new(), 0),
    };
    let describer = Describer::new(&programme, &names, &nodes);
    let changes = batches
        .iter()
        .flat_map(|logged| describer.events(logged.device, &logged.batch, None))
        .collect();
    let (blocked, regressed) = overlays(app, &programme, &names, &in_scope, now).await?;
    Ok(ProgressView {
        programme: programme.name().to_owned(),
        time_zone: programme.zone.name().to_owned(),
        deadline: programme.entity.text(path::DEADLINE).map(str::to_owned),
        done_stage: programme.done_stage().to_owned(),
        as_of: rfc3339(now),
        sentence: sentence(&programme, &totals),
        stages: stage_counts(&programme, &in_scope),
        flow: chart(app, &programme, &services, now).await?,
        blocked,
        regressed,
        since: since.map(rfc3339),
        changes,
        changes_total: u32::try_from(changes_total).unwrap_or(u32::MAX),
        moved: moved(&programme, &services, since),
        totals,
    })
}

fn totals(programme: &Programme, services: &[&NodeRow], in_scope: &[&NodeRow]) -> Totals {
    let done = programme.ladder.number(Some(programme.done_stage()));
    let mut totals = Totals {
        in_scope: number(in_scope.len()),
        out_of_scope: number(services.len() - in_scope.len()),
        ..Totals::default()
    };
    for node in in_scope {
        let summary = &node.summary;
        totals.done += u32::from(done > 0 && summary.number >= done);
        totals.blocked += u32::from(summary.blocked_since.is_some());
        totals.regressed += u32::from(summary.regressed);
        totals.reproving += u32::from(summary.reproving);
        totals.unproven += u32::from(summary.unproven_since.is_some());
        totals.passed += summary.counts.passed;
        totals.counted += summary.counts.counted;
        totals.proved += summary.counts.proved;
        totals.claimed += summary.counts.passed - summary.counts.proved;
        totals.waived += summary.counts.waived;
        totals.not_applicable += summary.counts.not_applicable;
    }
    totals
}

fn sentence(programme: &Programme, totals: &Totals) -> String {
    if totals.in_scope == 0 {
        return "No services are in scope yet.".to_owned();
    }
    let stage = programme.title(Some(programme.done_stage())).to_lowercase();
    let verb = |count: u32| if count == 1 { "is" } else { "are" };
    let mut parts = vec![format!(
        "{} of {} services {} {stage}",
        totals.done,
        totals.in_scope,
        verb(totals.done)
    )];
    if totals.blocked > 0 {
        parts.push(format!(", {} {} blocked", totals.blocked, verb(totals.blocked)));
    }
    if totals.regressed > 0 {
        parts.push(format!(", {} regressed", totals.regressed));
    }
    if totals.passed > 0 {
        let share = (u64::from(totals.proved) * 200 + u64::from(totals.passed))
            / (u64::from(totals.passed) * 2);
        parts.push(format!("; {share} % of the passed checks are proved"));
    }
    parts.concat() + "."
}

fn stage_counts(programme: &Programme, in_scope: &[&NodeRow]) -> Vec<StageCount> {
    (0..=programme.ladder.stages.len())
        .map(|stage| {
            let id = programme.ladder.stage(stage);
            let here: Vec<&&NodeRow> =
                in_scope.iter().filter(|node| node.summary.number == stage).collect();
            StageCount {
                stage: id.unwrap_or("none").to_owned(),
                title: programme.title(id),
                meaning: id.map_or_else(
                    || "No stage is reached yet.".to_owned(),
                    |id| programme.meaning(id),
                ),
                here: number(here.len()),
                reached: number(
                    in_scope.iter().filter(|node| node.summary.number >= stage).count(),
                ),
                services: here.into_iter().map(|node| node_ref(node)).collect(),
                applicable: stage == 0 || programme.ladder.applicable[stage - 1],
            }
        })
        .collect()
}

async fn chart(
    app: &App,
    programme: &Programme,
    services: &[&NodeRow],
    now: Millis,
) -> Result<Flow, ApiError> {
    let zone = programme.zone;
    let to = flow::day_of(now, zone);
    let first = services.iter().filter_map(|node| node.summary.moves.first()).map(|m| m.at).min();
    let from = first.map_or(to, |first| flow::day_of(first.max(now - CHART_DAYS * DAY), zone));
    let moves: Vec<_> = services.iter().map(|node| node.summary.moves.clone()).collect();
    let days = flow::cumulative_flow(&moves, &programme.ladder.stages, from, to, zone);
    let mut marks: Vec<FlowMark> = Vec::new();
    for recorded in app.store.adoptions().await? {
        let day = flow::day_of(recorded.fact.occurred_at, zone);
        if let Happening::PlaybookAdopted { rules } = &recorded.fact.what
            && day > from
        {
            let label = format!("Playbook {} adopted", rules.version);
            marks.push(FlowMark { date: day.to_string(), label });
        }
    }
    for recorded in app.store.facts_of_kind("scope_changed").await? {
        let Happening::ScopeChanged { service, scope, .. } = recorded.fact.what else {
            continue;
        };
        let Some(node) = services.iter().find(|node| node.id == service) else {
            continue;
        };
        let label = match scope {
            Scope::In => format!("{} into scope", node.name),
            Scope::Retire | Scope::Retain | Scope::Archived => {
                format!("{} out of scope", node.name)
            }
        };
        let day = flow::day_of(recorded.fact.occurred_at, zone);
        marks.push(FlowMark { date: day.to_string(), label });
    }
    marks.sort_by(|a, b| (&a.date, &a.label).cmp(&(&b.date, &b.label)));
    let mut stages = vec!["none".to_owned()];
    stages.extend(programme.ladder.stages.iter().cloned());
    Ok(Flow {
        stages,
        days: days
            .into_iter()
            .map(|day| FlowDay { date: day.day.to_string(), here: day.here })
            .collect(),
        marks,
    })
}

async fn overlays(
    app: &App,
    programme: &Programme,
    names: &Names,
    in_scope: &[&NodeRow],
    now: Millis,
) -> Result<(Vec<BlockedRow>, Vec<RegressedRow>), ApiError> {
    let mut blocked = Vec::new();
    let mut regressed = Vec::new();
    for node in in_scope {
        if node.summary.blocked_since.is_none() && !node.summary.regressed {
            continue;
        }
        let Some(detail) = app.store.node(node.id, now).await? else {
            continue;
        };
        let fact = |id| detail.facts.iter().find(|recorded| recorded.id == id);
        for id in &detail.journey.open_blockers {
            let Some(recorded) = fact(*id) else { continue };
            let Happening::BlockerOpened { reason, waiting_for, .. } = &recorded.fact.what else {
                continue;
            };
            blocked.push(BlockedRow {
                blocker: id.to_string(),
                service: node_ref(node),
                reason: reason.clone(),
                waiting_for: waiting_for.clone(),
                since: rfc3339(recorded.fact.occurred_at),
                days: flow::days_between(recorded.fact.occurred_at, now, programme.zone),
                opened_by: names.of(recorded.actor),
            });
        }
        for check in detail.journey.checks.iter().filter(|check| check.counted) {
            let Standing::Regressed { at, from, .. } = check.standing else {
                continue;
            };
            let finding = check.finding.and_then(fact);
            let (observed, source) = match finding.map(|recorded| (&recorded.fact.what, recorded)) {
                Some((Happening::Finding { observed, source, .. }, recorded)) => {
                    let person = *source == pilotage_domain::fact::Source::Person;
                    let by =
                        if person { names.of(recorded.actor) } else { source.word().to_owned() };
                    (observed.clone(), by)
                }
                _ => (String::new(), String::new()),
            };
            regressed.push(RegressedRow {
                service: node_ref(node),
                from: programme.title(programme.ladder.stage(from)),
                to: programme.title(node.summary.stage.as_deref()),
                check: check.check.clone(),
                check_title: programme.check_title(&check.check),
                observed,
                source,
                at: rfc3339(at),
            });
        }
    }
    blocked.sort_by(|a, b| (&a.since, &a.service.name).cmp(&(&b.since, &b.service.name)));
    regressed.sort_by(|a, b| (&a.at, &a.service.name).cmp(&(&b.at, &b.service.name)));
    Ok((blocked, regressed))
}

/// Services that stand elsewhere than they did then.
fn moved(programme: &Programme, services: &[&NodeRow], since: Option<Millis>) -> Vec<MovedRow> {
    let Some(since) = since else {
        return Vec::new();
    };
    services
        .iter()
        .filter(|node| node.summary.scope == Scope::In)
        .filter_map(|node| {
            let then = node.summary.moves.iter().rev().find(|step| step.at <= since)?;
            let (from, to) = (then.stage.as_deref(), node.summary.stage.as_deref());
            (from != to).then(|| MovedRow {
                service: node_ref(node),
                from: programme.title(from),
                to: programme.title(to),
                up: programme.ladder.number(to) > programme.ladder.number(from),
            })
        })
        .collect()
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
