//! Working a service: each action is checked, decided and appended.

use crate::app::App;
use crate::dto::actions::{
    Assign, Attest, AttestedResult, CloseBlocker, EditService, OpenBlocker, Retract, RevokeWaiver,
    ScopeChoice, ServiceEdit, SetScope, Undo, Waive,
};
use crate::dto::session::Saved;
use crate::error::{ApiError, Code};
use crate::handlers::hosted::checked_link;
use crate::handlers::service::attest_advice;
use crate::names::{Names, find_node};
use crate::programme::Programme;
use chrono::NaiveDate;
use pilotage_domain::Millis;
use pilotage_domain::change::{Change, Presence, path};
use pilotage_domain::fact::{Fact, Happening, Recorded, Scope, Seen, Source};
use pilotage_domain::flow;
use pilotage_domain::ids::normalised_name;
use pilotage_domain::text;
use pilotage_domain::words::NodeClass;
use pilotage_store::{BatchRange, NodeDetail, NodeRow};
use uuid::Uuid;

/// A waiver holds a year at most: then somebody looks again.
const LONGEST_WAIVER_DAYS: i64 = 366;

/// What every action on a service needs.
struct Bench {
    names: Names,
    programme: Programme,
    nodes: Vec<NodeRow>,
    actor: Uuid,
    now: Millis,
}

impl Bench {
    async fn set_up(app: &App) -> Result<Self, ApiError> {
        let names = Names::load(app).await?;
        let actor = app.need_actor(&names)?;
        let programme = Programme::load(app).await?;
        let now = app.clock.now();
        Ok(Self { names, programme, nodes: app.store.nodes(now).await?, actor, now })
    }

    fn happened(&self, what: Happening) -> (Uuid, Change) {
        let id = Uuid::now_v7();
        (id, Change::Happened { id, fact: Fact { occurred_at: self.now, what } })
    }

    async fn detail(&self, app: &App, name: &str) -> Result<NodeDetail, ApiError> {
        let id = find_node(&self.nodes, name)?.id;
        app.store.node(id, self.now).await?.ok_or_else(|| ApiError::not_found("service", name))
    }

    fn name(&self, service: Uuid) -> &str {
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
    app.save(bench.actor, vec![change], summary, Some(id)).await
}

fn no_check(detail: &NodeDetail, check: &str) -> ApiError {
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
    let detail = bench.detail(app, &service.to_string()).await?;
    let facts: Vec<&Recorded> = detail.facts.iter().collect();
    if pilotage_domain::journey::retracted(&facts).contains(&recorded.id) {
        return Err(ApiError::new(
            Code::NotPossible,
            "This attestation was taken back already. Nothing was changed.",
        ));
    }
    let summary = format!("{check} on {} taken back", bench.name(*service));
    let (id, change) = bench.happened(Happening::Retraction {
        of: recorded.id,
        service: Some(*service),
        note: note("note", request.note)?.unwrap_or_default(),
    });
    app.save(bench.actor, vec![change], summary, Some(id)).await
}

pub(crate) async fn waive(app: &App, request: Waive) -> Result<Saved, ApiError> {
    let bench = Bench::set_up(app).await?;
    let detail = bench.detail(app, &request.service).await?;
    let reason = needed("reason", &request.reason)?;
    let Some(standing) = detail
        .journey
        .checks
        .iter()
        .find(|standing| standing.check.eq_ignore_ascii_case(request.check.trim()))
    else {
        return Err(no_check(&detail, &request.check));
    };
    let last = parse_day("expiry", &request.expires_on)?;
    let today = flow::day_of(bench.now, bench.programme.zone);
    if last < today {
        return Err(ApiError::argument("expiry", "lies in the past"));
    }
    if (last - today).num_days() > LONGEST_WAIVER_DAYS {
        return Err(ApiError::argument(
            "expiry",
            "lies more than a year ahead; choose an earlier day",
        ));
    }
    let expires_at = flow::start_of(last.succ_opt().unwrap_or(last), bench.programme.zone);
    let summary = format!("{} waived on {} until {last}", standing.check, detail.row.name);
    let (id, change) = bench.happened(Happening::Waiver {
        service: detail.row.id,
        check: standing.check.clone(),
        reason,
        expires_at,
        request: None,
    });
    app.save(bench.actor, vec![change], summary, Some(id)).await
}

pub(crate) async fn revoke_waiver(app: &App, request: RevokeWaiver) -> Result<Saved, ApiError> {
    let bench = Bench::set_up(app).await?;
    let recorded = need_fact(app, "waiver", &request.waiver).await?;
    let Happening::Waiver { service, check, .. } = &recorded.fact.what else {
        return Err(ApiError::not_found("waiver", &request.waiver));
    };
    let detail = bench.detail(app, &service.to_string()).await?;
    let in_force =
        detail.journey.checks.iter().any(|standing| standing.waiver == Some(recorded.id));
    if !in_force {
        return Err(ApiError::new(
            Code::NotPossible,
            "This waiver is not in force any more. Nothing was changed.",
        ));
    }
    let summary = format!("waiver of {check} on {} ended", detail.row.name);
    let (id, change) = bench.happened(Happening::Retraction {
        of: recorded.id,
        service: Some(*service),
        note: String::new(),
    });
    app.save(bench.actor, vec![change], summary, Some(id)).await
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

pub(crate) async fn set_scope(app: &App, request: SetScope) -> Result<Saved, ApiError> {
    let bench = Bench::set_up(app).await?;
    let detail = bench.detail(app, &request.service).await?;
    let scope = match request.scope {
        ScopeChoice::In => Scope::In,
        ScopeChoice::Retire => Scope::Retire,
        ScopeChoice::Retain => Scope::Retain,
        ScopeChoice::Archived => Scope::Archived,
    };
    let name = &detail.row.name;
    if scope == detail.journey.scope {
        return Err(ApiError::new(
            Code::NotPossible,
            format!("That is the scope of {name} already. Nothing was changed."),
        ));
    }
    let reason = needed("reason", &request.reason)?;
    let (id, change) =
        bench.happened(Happening::ScopeChanged { service: detail.row.id, scope, reason });
    let summary = match scope {
        Scope::In => format!("{name} is in scope"),
        Scope::Retire => format!("{name} is out of scope: it will be retired"),
        Scope::Retain => format!("{name} is out of scope: it stays where it is"),
        Scope::Archived => format!("{name} is archived"),
    };
    app.save(bench.actor, vec![change], summary, Some(id)).await
}

pub(crate) async fn assign(app: &App, request: Assign) -> Result<Saved, ApiError> {
    let bench = Bench::set_up(app).await?;
    let node = find_node(&bench.nodes, &request.service)?;
    let person = bench.names.need(&request.person)?;
    let presence = if request.assigned { Presence::In } else { Presence::Out };
    let change = Change::element(node.id, path::ASSIGNEES, &person.to_string(), presence);
    let verb = if request.assigned { "works on" } else { "is off" };
    let summary = format!("{} {verb} {}", bench.names.of(person), node.name);
    app.save(bench.actor, vec![change], summary, None).await
}

pub(crate) async fn edit_service(app: &App, request: EditService) -> Result<Saved, ApiError> {
    let bench = Bench::set_up(app).await?;
    let node = find_node(&bench.nodes, &request.service)?;
    let (changes, summary) = match request.edit {
        ServiceEdit::Name(name) => {
            let name = self::name("name", &name)?;
            let key = normalised_name(&name);
            let taken = bench.nodes.iter().find(|other| {
                other.id != node.id
                    && (normalised_name(&other.name) == key
                        || other.listed.aliases.iter().any(|alias| normalised_name(alias) == key))
            });
            if let Some(other) = taken {
                return Err(ApiError::new(
                    Code::NameTaken,
                    format!("{} goes by that name already. Nothing was changed.", other.name),
                ));
            }
            // The old name stays an alias, so that files which use it still find the service.
            let changes = vec![
                Change::field(node.id, path::NAME, name.clone()),
                Change::element(node.id, path::ALIASES, &node.name, Presence::In),
            ];
            (changes, format!("{} is now called {name}", node.name))
        }
        ServiceEdit::Class(class) => {
            let Some(class) = NodeClass::from_word(&class) else {
                return Err(ApiError::argument(
                    "class",
                    "must be service, datastore, platform, load generator or external",
                ));
            };
            let changes = vec![
                Change::field(node.id, path::CLASS, class.word()),
                Change::field(
                    node.id,
                    path::CLASS_REASON,
                    format!("set by {}", bench.names.of(bench.actor)),
                ),
            ];
            (changes, format!("{} is now a {}", node.name, class.word()))
        }
        ServiceEdit::TargetDate(day) => {
            let day = day.as_deref().map(str::trim).filter(|day| !day.is_empty());
            let day = day.map(|day| parse_day("target date", day)).transpose()?;
            let value = day.map_or(serde_json::Value::Null, |day| day.to_string().into());
            let summary = day.map_or_else(
                || format!("{} has no target date any more", node.name),
                |day| format!("{} is due on {day}", node.name),
            );
            (vec![Change::field(node.id, path::TARGET_DATE, value)], summary)
        }
    };
    app.save(bench.actor, changes, summary, None).await
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

async fn need_fact(app: &App, what: &str, id: &str) -> Result<Recorded, ApiError> {
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

fn note(field: &str, entered: Option<String>) -> Result<Option<String>, ApiError> {
    text::note(&entered.unwrap_or_default()).map_err(|why| ApiError::argument(field, why))
}

fn needed(field: &str, entered: &str) -> Result<String, ApiError> {
    note(field, Some(entered.to_owned()))?.ok_or_else(|| ApiError::argument(field, "is empty"))
}

fn link(entered: Option<String>) -> Result<Option<String>, ApiError> {
    entered.filter(|link| !link.trim().is_empty()).map(|link| checked_link(&link)).transpose()
}
