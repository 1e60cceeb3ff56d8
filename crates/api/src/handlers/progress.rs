//! The Progress page and its report.

use crate::app::App;
use crate::clock::{from_rfc3339, rfc3339};
use crate::describe::Describer;
use crate::dto::outlook::{OutlookRequest, OutlookView};
use crate::dto::progress::{
    BlockedRow, Flow, FlowDay, FlowMark, MovedRow, ProgressRequest, ProgressView, RegressedRow,
    ReportFormat, ReportRequest, ReportText, StageCount, Totals,
};
use crate::error::ApiError;
use crate::handlers::past;
use crate::names::{Names, node_ref};
use crate::outlook::{self, Basis};
use crate::programme::Programme;
use crate::report;
use crate::skills;
use pilotage_domain::change::path;
use pilotage_domain::fact::{Happening, Scope};
use pilotage_domain::flow;
use pilotage_domain::journey::Marks;
use pilotage_domain::words::NodeClass;
use pilotage_domain::{DAY, Millis};
use pilotage_store::NodeRow;
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// Changes that are listed.
const CHANGES: u32 = 200;
/// Days of the chart, counted back from today.
const CHART_DAYS: i64 = 366;

pub(crate) async fn report(app: &App, request: ReportRequest) -> Result<ReportText, ApiError> {
    let ReportRequest { format, at, as_known } = request;
    let day = past::Day::of(app, at.as_deref(), as_known).await?;
    rendered(app, &day, format).await
}

/// The report of a day. It looks a week back, whoever asks: two people get the same one.
pub(crate) async fn rendered(
    app: &App,
    day: &past::Day,
    format: ReportFormat,
) -> Result<ReportText, ApiError> {
    let view = progress_of(app, day, Some(day.moment() - 7 * DAY)).await?;
    let services = super::services::services_of(app, day).await?;
    Ok(report::render(&view, &services, format))
}

/// What may be expected, alone.
pub(crate) async fn outlook(app: &App, request: OutlookRequest) -> Result<OutlookView, ApiError> {
    let day = past::Day::of(app, request.at.as_deref(), request.as_known).await?;
    let nodes = day.nodes(app).await?;
    let basis = Basis::load(app, day.when(), &nodes).await?;
    outlook::view(app, &basis).await
}

pub(crate) async fn progress(
    app: &App,
    request: ProgressRequest,
) -> Result<ProgressView, ApiError> {
    let since = match &request.since {
        Some(since) => Some(
            from_rfc3339(since)
                .ok_or_else(|| ApiError::argument("moment", "is no RFC 3339 time"))?,
        ),
        None => None,
    };
    let day = past::Day::of(app, request.at.as_deref(), request.as_known).await?;
    progress_of(app, &day, since).await
}

async fn progress_of(
    app: &App,
    day: &past::Day,
    since: Option<Millis>,
) -> Result<ProgressView, ApiError> {
    let moment = day.moment();
    // What the levels follow from is by far the longest list where the history is long, so it is read
    // ahead, beside the rest, and is in memory when it is asked for.
    let ((names, nodes, marks, basis), _) = tokio::try_join!(
        async {
            let names = Names::load_for_log(app).await?;
            let (nodes, marks) = day.nodes_and_marks(app).await?;
            let basis = Basis::load(app, day.when(), &nodes).await?;
            Ok::<_, ApiError>((names, nodes, marks, basis))
        },
        skills::facts(app),
    )?;
    let programme = &basis.programme;
    let services: Vec<&NodeRow> =
        nodes.iter().filter(|node| node.class == NodeClass::Service).collect();
    let in_scope: Vec<&NodeRow> =
        services.iter().copied().filter(|node| node.summary.scope == Scope::In).collect();
    // A first visit looks a week back, and so does a look at a past day.
    let visit = app.last_visit.filter(|_| day.past().is_none());
    let since = since.or(visit).unwrap_or(moment - 7 * DAY);
    let totals = totals(programme, &services, &in_scope);
    let (batches, changes_total) = app.store.between(since, day.end(), CHANGES).await?;
    let describer = Describer::new(programme, &names, &nodes);
    let changes = batches
        .iter()
        .flat_map(|logged| describer.events(logged.device, &logged.batch, None))
        .collect();
    let (blocked, regressed) = overlays(app, programme, &names, &in_scope, &marks, moment).await?;
    Ok(ProgressView {
        programme: programme.name().to_owned(),
        time_zone: programme.zone.name().to_owned(),
        deadline: programme.entity.text(path::DEADLINE).map(str::to_owned),
        done_stage: programme.done_stage().to_owned(),
        as_of: rfc3339(moment),
        outlook: outlook::view(app, &basis).await?,
        sheet: outlook::sheet(app, &basis, &names, &blocked).await?,
        at: day.past().map(|past| past.to_string()),
        as_known: day.is_as_known(),
        sentence: sentence(programme, &totals, day.past().is_some()),
        stages: stage_counts(programme, &in_scope),
        flow: chart(app, programme, &services, moment).await?,
        blocked,
        regressed,
        since: Some(rfc3339(since)),
        changes,
        changes_total: u32::try_from(changes_total).unwrap_or(u32::MAX),
        moved: moved(programme, &services, since),
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

fn sentence(programme: &Programme, totals: &Totals, past: bool) -> String {
    if totals.in_scope == 0 {
        let verb = if past { "were" } else { "are" };
        return format!("No services {verb} in scope yet.");
    }
    let stage = programme.title(Some(programme.done_stage())).to_lowercase();
    let verb = |count: u32| match (count, past) {
        (1, false) => "is",
        (_, false) => "are",
        (1, true) => "was",
        (_, true) => "were",
    };
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
        let verb = if past { "were" } else { "are" };
        parts.push(format!("; {share} % of the passed checks {verb} proved"));
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
    for recorded in app.store.rules().await?.0 {
        let day = flow::day_of(recorded.fact.occurred_at, zone);
        if let Happening::PlaybookAdopted { rules } = &recorded.fact.what
            && day > from
            && recorded.fact.occurred_at <= now
        {
            let label = format!("Playbook {} adopted", rules.version);
            marks.push(FlowMark { date: day.to_string(), label });
        }
    }
    let by_id: HashMap<Uuid, &NodeRow> = services.iter().map(|node| (node.id, *node)).collect();
    for recorded in app.store.facts_of_kind("scope_changed").await?.iter() {
        let Happening::ScopeChanged { service, scope, .. } = recorded.fact.what else {
            continue;
        };
        let Some(node) = by_id.get(&service).filter(|_| recorded.fact.occurred_at <= now) else {
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
    marks: &BTreeMap<Uuid, Marks>,
    now: Millis,
) -> Result<(Vec<BlockedRow>, Vec<RegressedRow>), ApiError> {
    let mut blocked = Vec::new();
    let mut regressed = Vec::new();
    let marked = || in_scope.iter().filter_map(|node| Some((*node, marks.get(&node.id)?)));
    let told = marked().flat_map(|(_, marks)| {
        let findings = marks.lost.iter().filter_map(|lost| lost.finding);
        marks.open_blockers.iter().copied().chain(findings)
    });
    let facts = app.store.facts(&told.collect::<Vec<_>>()).await?;
    let fact = |id| facts.get(&id);
    for (node, marks) in marked() {
        for id in &marks.open_blockers {
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
        for lost in &marks.lost {
            let finding = lost.finding.and_then(fact);
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
                from: programme.title(programme.ladder.stage(lost.from)),
                to: programme.title(node.summary.stage.as_deref()),
                check: lost.check.clone(),
                check_title: programme.check_title(&lost.check),
                observed,
                source,
                at: rfc3339(lost.at),
            });
        }
    }
    blocked.sort_by(|a, b| (&a.since, &a.service.name).cmp(&(&b.since, &b.service.name)));
    regressed.sort_by(|a, b| (&a.at, &a.service.name).cmp(&(&b.at, &b.service.name)));
    Ok((blocked, regressed))
}

/// Services that stand elsewhere than they did then.
fn moved(programme: &Programme, services: &[&NodeRow], since: Millis) -> Vec<MovedRow> {
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
