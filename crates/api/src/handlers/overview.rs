//! The heat map, the evidence behind one cell, and what needs the acting person.

use super::actions::no_check;
use super::service::Context;
use crate::app::App;
use crate::clock::{from_rfc3339, rfc3339};
use crate::dto::overview::{
    EvidencePanel, EvidenceRequest, HeatColumn, HeatMapView, HeatRow, LookedAt, NoticeView,
    NoticesView, PastFinding,
};
use crate::dto::session::Nothing;
use crate::error::ApiError;
use crate::names::{Names, find_node, node_ref};
use crate::programme::Programme;
use pilotage_domain::change::Entity;
use pilotage_domain::fact::{Happening, Recorded, Scope};
use pilotage_domain::flow;
use pilotage_domain::journey::{Standing, retracted};
use pilotage_domain::playbook::CheckKind;
use pilotage_domain::words::NodeClass;
use pilotage_domain::{DAY, Millis, hlc};
use pilotage_store::{NodeDetail, NodeRow};
use uuid::Uuid;

/// Notices that are listed.
const NOTICES: usize = 200;
/// A waiver that ends within this time is a notice.
const SOON: Millis = 7 * DAY;

pub(crate) async fn heat_map(app: &App, _: Nothing) -> Result<HeatMapView, ApiError> {
    let programme = Programme::load(app).await?;
    let nodes = app.store.nodes(app.clock.now()).await?;
    let ladder = &programme.ladder;
    let checks = ladder
        .checks
        .iter()
        .map(|(number, rule)| {
            let stage = ladder.stage(*number);
            HeatColumn {
                id: rule.id.clone(),
                title: programme.check_title(&rule.id),
                stage: stage.unwrap_or_default().to_owned(),
                stage_title: programme.title(stage),
                kind: rule.kind.word().to_owned(),
                counted: rule.counted,
                weight: programme.check(&rule.id).map_or(0, |check| check.weight),
            }
        })
        .collect();
    let rows = nodes
        .iter()
        .filter(|node| in_scope(node))
        .map(|node| HeatRow {
            service: node_ref(node),
            team: node.listed.team.clone(),
            owner: node.listed.owner.clone(),
            archetype: node.listed.archetype.clone(),
            difficulty: node.listed.difficulty.clone(),
            tags: node.listed.tags.clone(),
            stage_index: u32::try_from(node.summary.number).unwrap_or(0),
            cells: node.summary.cells.clone(),
            passed: node.summary.counts.passed,
            counted: node.summary.counts.counted,
        })
        .collect();
    Ok(HeatMapView { checks, rows })
}

fn in_scope(node: &NodeRow) -> bool {
    node.class == NodeClass::Service && node.summary.scope == Scope::In
}

pub(crate) async fn evidence(
    app: &App,
    request: EvidenceRequest,
) -> Result<EvidencePanel, ApiError> {
    let now = app.clock.now();
    let programme = Programme::load(app).await?;
    let names = Names::load(app).await?;
    let nodes = app.store.nodes(now).await?;
    let row = find_node(&nodes, &request.service)?;
    let Some(detail) = app.store.node(row.id, now).await? else {
        return Err(ApiError::not_found("service", &request.service));
    };
    let actor = app.actor(&names);
    let context = Context { programme: &programme, names: &names, detail: &detail, actor, now };
    let standing = detail
        .journey
        .checks
        .iter()
        .find(|standing| standing.check.eq_ignore_ascii_case(request.check.trim()))
        .ok_or_else(|| no_check(&detail, &request.check))?;
    let facts: Vec<&Recorded> = detail.facts.iter().collect();
    let dead = retracted(&facts);
    let mut history: Vec<PastFinding> = detail
        .facts
        .iter()
        .filter_map(|recorded| {
            let Happening::Finding { check, check_version, result, .. } = &recorded.fact.what
            else {
                return None;
            };
            if *check != standing.check {
                return None;
            }
            Some(PastFinding {
                finding: context.finding_view(recorded, seen_word(*result), false)?,
                check_version: *check_version,
                retracted: dead.contains(&recorded.id),
            })
        })
        .collect();
    history.reverse();
    Ok(EvidencePanel { service: node_ref(&detail.row), check: context.check(standing), history })
}

fn seen_word(seen: pilotage_domain::fact::Seen) -> &'static str {
    use pilotage_domain::fact::Seen;
    match seen {
        Seen::Pass => "pass",
        Seen::Fail => "fail",
        Seen::Unknown => "unknown",
        Seen::NotApplicable => "not_applicable",
    }
}

pub(crate) async fn notices(app: &App, _: Nothing) -> Result<NoticesView, ApiError> {
    let now = app.clock.now();
    let programme = Programme::load(app).await?;
    let names = Names::load(app).await?;
    let nodes = app.store.nodes(now).await?;
    let looked = app.notes().looked_at.unwrap_or(0);
    let me = app.actor(&names).map(|actor| actor.to_string());
    let today = flow::day_of(now, programme.zone).to_string();
    let mut notices: Vec<(u8, Millis, NoticeView)> = Vec::new();
    for node in nodes.iter().filter(|node| in_scope(node)) {
        let summary = &node.summary;
        let mine = me.as_ref().is_some_and(|me| node.listed.assignees.contains(me));
        let due = node
            .listed
            .due
            .iter()
            .any(|(check, day)| *day < today && concerns(node, check, me.as_ref()));
        let worth = summary.open_requests > 0
            || summary.waiver_ends.is_some_and(|end| end - now < SOON)
            || due
            || (mine && (summary.regressed || summary.blocked_since.is_some()))
            || summary.awaits_approval;
        if !worth {
            continue;
        }
        let Some(detail) = app.store.node(node.id, now).await? else { continue };
        let reader = Looker {
            programme: &programme,
            names: &names,
            detail: &detail,
            me: me.as_ref(),
            mine,
            now,
        };
        reader.notices(&today, &mut notices);
    }
    conflict_notices(app, &nodes, &mut notices).await?;
    notices.sort_by(|a, b| {
        (a.0, std::cmp::Reverse(a.1), &a.2.text).cmp(&(b.0, std::cmp::Reverse(b.1), &b.2.text))
    });
    let mut unseen = 0;
    let notices = notices
        .into_iter()
        .take(NOTICES)
        .map(|(_, at, mut notice)| {
            notice.unseen = at > looked;
            unseen += u32::from(notice.unseen);
            notice
        })
        .collect();
    Ok(NoticesView { notices, unseen })
}

/// One notice for each thing with fields in conflict, to everybody: who wrote both values may be
/// away, and the second one looked like a success to its writer.
async fn conflict_notices(
    app: &App,
    nodes: &[NodeRow],
    into: &mut Vec<(u8, Millis, NoticeView)>,
) -> Result<(), ApiError> {
    let conflicts = app.store.conflicts_all().await?;
    let ids: Vec<Uuid> = conflicts.iter().map(|conflict| conflict.entity).collect();
    let entities = app.store.entities_of(&ids).await?;
    for together in conflicts.chunk_by(|a, b| a.entity == b.entity) {
        let entity = together[0].entity;
        let fields: Vec<&str> = together.iter().map(|conflict| conflict.path.as_str()).collect();
        let at = together
            .iter()
            .flat_map(|conflict| &conflict.heads)
            .map(|(_, version, _)| hlc::millis(version.hlc))
            .max()
            .unwrap_or_default();
        let name = entities.get(&entity).map(Entity::name).unwrap_or_default();
        into.push((
            3,
            at,
            NoticeView {
                kind: "conflict".to_owned(),
                service: nodes.iter().find(|node| node.id == entity).map(node_ref),
                check: None,
                text: format!("{name} has two values for {}", fields.join(", ")),
                at: rfc3339(at),
                unseen: false,
                request: None,
            },
        ));
    }
    Ok(())
}

/// A check concerns whoever takes care of it; where nobody does, whoever works on the service.
fn concerns(node: &NodeRow, check: &str, me: Option<&String>) -> bool {
    let Some(me) = me else { return false };
    match node.listed.doing.get(check) {
        Some(person) => person == me,
        None => node.listed.assignees.contains(me),
    }
}

struct Looker<'a> {
    programme: &'a Programme,
    names: &'a Names,
    detail: &'a NodeDetail,
    me: Option<&'a String>,
    mine: bool,
    now: Millis,
}

impl Looker<'_> {
    fn is_me(&self, person: uuid::Uuid) -> bool {
        self.me.is_some_and(|me| *me == person.to_string())
    }

    fn notices(&self, today: &str, into: &mut Vec<(u8, Millis, NoticeView)>) {
        let name = &self.detail.row.name;
        let mut note = |urgency: u8, at: Millis, kind: &str, check: Option<&str>, text: String| {
            into.push((
                urgency,
                at,
                NoticeView {
                    kind: kind.to_owned(),
                    service: Some(node_ref(&self.detail.row)),
                    check: check.map(str::to_owned),
                    text,
                    at: rfc3339(at),
                    unseen: false,
                    request: None,
                },
            ));
        };
        let fact = |id| self.detail.facts.iter().find(|recorded| recorded.id == id);
        let journey = &self.detail.journey;
        for check in journey.checks.iter().filter(|check| check.counted) {
            let title = self.programme.check_title(&check.check);
            let said = format!("{} \u{201c}{title}\u{201d}", check.check);
            if let Standing::Regressed { at, .. } = check.standing
                && self.mine
            {
                note(
                    0,
                    at,
                    "regressed",
                    Some(&check.check),
                    format!("{said} fails on {name} since it passed"),
                );
            }
            let kind = self.programme.check(&check.check).map(|check| check.kind);
            // Approvals of later stages are nobody's turn yet.
            let approval = kind == Some(CheckKind::Approval)
                && check.stage <= journey.number + 1
                && !check.result.satisfies();
            if approval && journey.awaits_approval && !self.mine && self.me.is_some() {
                note(
                    2,
                    journey.stage_since,
                    "approval",
                    Some(&check.check),
                    format!("{name} waits for an approval: {said}"),
                );
            }
            if let Some(recorded) = check.waiver.and_then(fact)
                && let Happening::Waiver { expires_at, .. } = &recorded.fact.what
                && *expires_at - self.now < SOON
                && (self.mine || self.is_me(recorded.actor))
            {
                let last = flow::day_of(expires_at - 1, self.programme.zone);
                let since = (expires_at - SOON).max(recorded.fact.occurred_at);
                note(
                    5,
                    since,
                    "waiver_ending",
                    Some(&check.check),
                    format!("The waiver of {said} on {name} ends after {last}"),
                );
            }
            let due = self.detail.row.listed.due.get(&check.check);
            if let Some(day) = due.filter(|day| day.as_str() < today)
                && !check.result.satisfies()
                && concerns(&self.detail.row, &check.check, self.me)
            {
                let at = chrono::NaiveDate::parse_from_str(day, "%Y-%m-%d")
                    .ok()
                    .and_then(|day| day.succ_opt())
                    .map_or(self.now, |day| flow::start_of(day, self.programme.zone));
                note(
                    3,
                    at,
                    "overdue",
                    Some(&check.check),
                    format!("{said} on {name} was due on {day}"),
                );
            }
        }
        for recorded in journey.open_blockers.iter().filter_map(|id| fact(*id)) {
            if let Happening::BlockerOpened { waiting_for, .. } = &recorded.fact.what
                && self.mine
            {
                note(
                    4,
                    recorded.fact.occurred_at,
                    "blocked",
                    None,
                    format!("{name} is blocked, waiting for {waiting_for}"),
                );
            }
        }
        for recorded in journey.open_requests.iter().filter_map(|id| fact(*id)) {
            let Happening::WaiverRequested { check, reason, .. } = &recorded.fact.what else {
                continue;
            };
            // The one who asked waits for another person.
            if self.is_me(recorded.actor) {
                continue;
            }
            let by = self.names.of(recorded.actor);
            into.push((
                1,
                recorded.fact.occurred_at,
                NoticeView {
                    kind: "waiver_requested".to_owned(),
                    service: Some(node_ref(&self.detail.row)),
                    check: Some(check.clone()),
                    text: format!("{by} asks that {check} be waived on {name}: {reason}"),
                    at: rfc3339(recorded.fact.occurred_at),
                    unseen: false,
                    request: Some(recorded.id.to_string()),
                },
            ));
        }
    }
}

pub(crate) async fn looked_at(app: &App, request: LookedAt) -> Result<Nothing, ApiError> {
    let until = from_rfc3339(&request.until)
        .ok_or_else(|| ApiError::argument("moment", "is no RFC 3339 time"))?;
    app.remember_look(until)?;
    Ok(Nothing {})
}
