//! Working a service: each action is checked, decided and appended.

use crate::app::App;
use crate::dto::actions::{Attest, AttestedResult, CloseBlocker, OpenBlocker, Retract, Undo};
use crate::dto::session::Saved;
use crate::error::{ApiError, Code};
use crate::handlers::executions::{belonging_to, done_by};
use crate::handlers::hosted::checked_link;
use crate::handlers::service::attest_advice;
use crate::names::{Names, find_node};
use crate::programme::Programme;
use chrono::NaiveDate;
use pilotage_domain::Millis;
use pilotage_domain::change::Change;
use pilotage_domain::fact::{Fact, Happening, Recorded, Seen, Source};
use pilotage_domain::text;
use pilotage_domain::words::NodeClass;
use pilotage_store::{BatchRange, KnownNode, NodeDetail};
use uuid::Uuid;

/// What every action on a service needs.
pub(crate) struct Bench {
    pub(crate) names: Names,
    pub(crate) programme: Programme,
    pub(crate) nodes: Vec<KnownNode>,
    pub(crate) actor: Uuid,
    pub(crate) now: Millis,
}

impl Bench {
    pub(crate) async fn set_up(app: &App) -> Result<Self, ApiError> {
        let names = Names::load(app).await?;
        let actor = app.need_actor(&names)?;
        let programme = Programme::load(app).await?;
        let now = app.clock.now();
        Ok(Self { names, programme, nodes: app.store.known_nodes().await?, actor, now })
    }

    pub(crate) fn happened(&self, what: Happening) -> (Uuid, Change) {
        let id = Uuid::now_v7();
        (id, Change::Happened { id, fact: Fact { occurred_at: self.now, what } })
    }

    /// The reason that a class has when the acting person chose it.
    pub(crate) fn said_by(&self) -> String {
        format!("set by {}", self.names.of(self.actor))
    }

    /// A node with those of its facts that its journey names: an action needs no others.
    pub(crate) async fn detail(&self, app: &App, name: &str) -> Result<NodeDetail, ApiError> {
        let id = find_node(&self.nodes, name)?.id;
        let mut found = app.store.nodes_with_facts(&[id], self.now).await?;
        found.remove(&id).ok_or_else(|| ApiError::not_found("service", name))
    }

    pub(crate) fn name(&self, service: Uuid) -> &str {
        self.nodes.iter().find(|node| node.id == service).map_or("a service", |node| &node.name)
    }
}

pub(crate) async fn attest(app: &App, request: Attest) -> Result<Saved, ApiError> {
    let bench = Bench::set_up(app).await?;
    let detail = bench.detail(app, &request.service).await?;
    let (note, link) = (note("note", request.note)?, link(request.link)?);
    let Some(standing) = detail
        .journey
        .checks
        .iter()
        .find(|standing| standing.check.eq_ignore_ascii_case(request.check.trim()))
    else {
        return Err(no_check(&detail, &request.check));
    };
    let Some((_, rule)) =
        bench.programme.ladder.checks.iter().find(|(_, rule)| rule.id == standing.check)
    else {
        return Err(no_check(&detail, &request.check));
    };
    let finding =
        standing.finding.and_then(|id| detail.facts.iter().find(|recorded| recorded.id == id));
    let advice = attest_advice(rule.kind, standing, &detail, finding, Some(bench.actor));
    if let Some(advice) = advice {
        return Err(ApiError::new(Code::NotPossible, format!("{advice} Nothing was changed.")));
    }
    let result = match request.result {
        AttestedResult::Pass => Seen::Pass,
        AttestedResult::Fail => Seen::Fail,
        AttestedResult::NotApplicable => Seen::NotApplicable,
    };
    if result != Seen::Pass && note.is_none() {
        return Err(ApiError::argument(
            "note",
            "is needed: say what was seen, so that the next person understands",
        ));
    }
    let word = match result {
        Seen::Pass => "passes",
        Seen::Fail => "fails",
        Seen::NotApplicable => "does not apply",
        Seen::Unknown => "is unknown",
    };
    let summary = format!("{} {word} on {}", rule.id, detail.row.name);
    let done_by = done_by(app, &bench, rule, result, request.done_by).await?;
    let (id, change) = bench.happened(Happening::Finding {
        service: detail.row.id,
        check: rule.id.clone(),
        check_version: rule.version,
        result,
        source: Source::Person,
        observed: note.unwrap_or_default(),
        link,
        stale_after: rule.stale_after(bench.now),
    });
    let mut changes = vec![change];
    if let Some(mut execution) = done_by {
        execution.finding = Some(id);
        let (service, execution) = (detail.row.id, Box::new(execution));
        changes.push(bench.happened(Happening::StepExecuted { service, execution }).1);
    }
    app.save(bench.actor, changes, summary, Some(id)).await
}

pub(crate) fn no_check(detail: &NodeDetail, check: &str) -> ApiError {
    if detail.row.class == NodeClass::Service {
        ApiError::not_found("check of the playbook", check)
    } else {
        ApiError::new(
            Code::NotPossible,
            format!(
                "{} is a {}; only services have checks. Nothing was changed.",
                detail.row.name,
                detail.row.class.word()
            ),
        )
    }
}

pub(crate) async fn retract(app: &App, request: Retract) -> Result<Saved, ApiError> {
    let bench = Bench::set_up(app).await?;
    let recorded = need_fact(app, "finding", &request.finding).await?;
    let Happening::Finding { service, check, source, .. } = &recorded.fact.what else {
        return Err(ApiError::not_found("finding", &request.finding));
    };
    if *source != Source::Person {
        return Err(ApiError::new(
            Code::NotPossible,
            "A verifier found this; a person cannot take it back. Waive the check with a reason. \
             Nothing was changed.",
        ));
    }
    let detail = app.store.node(*service, bench.now).await?;
    let facts: Vec<&Recorded> = detail.iter().flat_map(|detail| &detail.facts).collect();
    if pilotage_domain::journey::retracted(&facts).contains(&recorded.id) {
        return Err(ApiError::new(
            Code::NotPossible,
            "This attestation was taken back already. Nothing was changed.",
        ));
    }
    let summary = format!("{check} on {} taken back", bench.name(*service));
    let note = note("note", request.note)?.unwrap_or_default();
    let retraction =
        |of: Uuid| Happening::Retraction { of, service: Some(*service), note: note.clone() };
    let (id, change) = bench.happened(retraction(recorded.id));
    let mut changes = vec![change];
    // Who did it goes with it: it was not done.
    for execution in belonging_to(app, recorded.id).await? {
        changes.push(bench.happened(retraction(execution)).1);
    }
    app.save(bench.actor, changes, summary, Some(id)).await
}

pub(crate) async fn open_blocker(app: &App, request: OpenBlocker) -> Result<Saved, ApiError> {
    let bench = Bench::set_up(app).await?;
    let detail = bench.detail(app, &request.service).await?;
    if detail.row.class != NodeClass::Service {
        return Err(no_check(&detail, "blockers"));
    }
    let what = Happening::BlockerOpened {
        service: detail.row.id,
        reason: needed("reason", &request.reason)?,
        waiting_for: needed("field \u{201c}waiting for\u{201d}", &request.waiting_for)?,
    };
    let (id, change) = bench.happened(what);
    let summary = format!("{} is blocked", detail.row.name);
    app.save(bench.actor, vec![change], summary, Some(id)).await
}

pub(crate) async fn close_blocker(app: &App, request: CloseBlocker) -> Result<Saved, ApiError> {
    let bench = Bench::set_up(app).await?;
    let recorded = need_fact(app, "blocker", &request.blocker).await?;
    let Happening::BlockerOpened { service, .. } = &recorded.fact.what else {
        return Err(ApiError::not_found("blocker", &request.blocker));
    };
    let detail = bench.detail(app, &service.to_string()).await?;
    if !detail.journey.open_blockers.contains(&recorded.id) {
        return Err(ApiError::new(
            Code::NotPossible,
            "This blocker is closed already. Nothing was changed.",
        ));
    }
    let (id, change) = bench.happened(Happening::BlockerClosed {
        of: recorded.id,
        service: *service,
        note: note("note", request.note)?.unwrap_or_default(),
    });
    let summary = format!("blocker of {} closed", detail.row.name);
    app.save(bench.actor, vec![change], summary, Some(id)).await
}

pub(crate) async fn undo(app: &App, request: Undo) -> Result<Saved, ApiError> {
    let names = Names::load(app).await?;
    let actor = app.need_actor(&names)?;
    let range: BatchRange = request.batch.parse()?;
    let plan = app.store.plan_undo(range, app.clock.now(), Uuid::now_v7).await?;
    if pilotage_store::founds(&plan.batches, actor) {
        return Err(ApiError::new(
            Code::NotPossible,
            "This made the programme, or you as a person of it, and cannot be taken back. Nothing \
             was changed.",
        ));
    }
    if plan.changes.is_empty() {
        return Err(ApiError::new(
            Code::NotPossible,
            "Everything this action did was changed since. Nothing was changed now.",
        ));
    }
    let summary = if plan.kept.is_empty() {
        "taken back".to_owned()
    } else {
        format!("taken back, but for {} fields that were changed since", plan.kept.len())
    };
    app.save(actor, plan.changes, summary, None).await
}

pub(crate) async fn need_fact(app: &App, what: &str, id: &str) -> Result<Recorded, ApiError> {
    let found = match Uuid::try_parse(id.trim()) {
        Ok(id) => app.store.fact(id).await?,
        Err(_) => None,
    };
    found.ok_or_else(|| ApiError::not_found(what, id))
}

/// A name as it is stored.
pub(crate) fn name(field: &str, entered: &str) -> Result<String, ApiError> {
    text::name(entered).map_err(|why| ApiError::argument(field, why))
}

/// A day.
pub(crate) fn parse_day(field: &str, day: &str) -> Result<NaiveDate, ApiError> {
    NaiveDate::parse_from_str(day.trim(), "%Y-%m-%d")
        .ok()
        .filter(|day| (1970..=2199).contains(&chrono::Datelike::year(day)))
        .ok_or_else(|| ApiError::argument(field, "must be a day such as 2026-03-31"))
}

pub(crate) fn note(field: &str, entered: Option<String>) -> Result<Option<String>, ApiError> {
    text::note(&entered.unwrap_or_default()).map_err(|why| ApiError::argument(field, why))
}

pub(crate) fn needed(field: &str, entered: &str) -> Result<String, ApiError> {
    note(field, Some(entered.to_owned()))?.ok_or_else(|| ApiError::argument(field, "is empty"))
}

fn link(entered: Option<String>) -> Result<Option<String>, ApiError> {
    entered.filter(|link| !link.trim().is_empty()).map(|link| checked_link(&link)).transpose()
}
