//! Waivers: granted, asked for, answered, ended early. Where the playbook wants a second person,
//! nobody waives alone.

use super::actions::{Bench, need_fact, needed, no_check, note, parse_day};
use crate::app::App;
use crate::clock::rfc3339;
use crate::dto::actions::{AnswerWaiver, RevokeWaiver, Waive, WaiverRequestView};
use crate::dto::session::{Nothing, Saved};
use crate::error::{ApiError, Code};
use crate::names::{Names, node_ref};
use crate::programme::Programme;
use chrono::NaiveDate;
use pilotage_domain::Millis;
use pilotage_domain::fact::Happening;
use pilotage_domain::flow;
use pilotage_domain::playbook::WaiverPolicy;
use uuid::Uuid;

/// A waiver holds a year at most: then somebody looks again.
const LONGEST_WAIVER_DAYS: i64 = 366;

/// What a waiver, asked for or granted, says.
struct Wanted {
    service: Uuid,
    name: String,
    check: String,
    reason: String,
    last: NaiveDate,
    expires_at: Millis,
}

async fn wanted(app: &App, bench: &Bench, request: Waive) -> Result<Wanted, ApiError> {
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
    Ok(Wanted {
        service: detail.row.id,
        name: detail.row.name.clone(),
        check: standing.check.clone(),
        reason,
        last,
        expires_at: flow::start_of(last.succ_opt().unwrap_or(last), bench.programme.zone),
    })
}

pub(crate) async fn waive(app: &App, request: Waive) -> Result<Saved, ApiError> {
    let bench = Bench::set_up(app).await?;
    if bench.programme.words.waivers == WaiverPolicy::SecondPerson {
        return Err(ApiError::new(
            Code::NotPossible,
            "The playbook wants a second person for every waiver. Ask for it, and let another \
             person grant it. Nothing was changed.",
        ));
    }
    let wanted = wanted(app, &bench, request).await?;
    let summary = format!("{} waived on {} until {}", wanted.check, wanted.name, wanted.last);
    let (id, change) = bench.happened(Happening::Waiver {
        service: wanted.service,
        check: wanted.check,
        reason: wanted.reason,
        expires_at: wanted.expires_at,
        request: None,
    });
    app.save(bench.actor, vec![change], summary, Some(id)).await
}

pub(crate) async fn request_waiver(app: &App, request: Waive) -> Result<Saved, ApiError> {
    let bench = Bench::set_up(app).await?;
    let wanted = wanted(app, &bench, request).await?;
    let summary =
        format!("asked that {} be waived on {} until {}", wanted.check, wanted.name, wanted.last);
    let (id, change) = bench.happened(Happening::WaiverRequested {
        service: wanted.service,
        check: wanted.check,
        reason: wanted.reason,
        expires_at: wanted.expires_at,
    });
    app.save(bench.actor, vec![change], summary, Some(id)).await
}

pub(crate) async fn waiver_requests(
    app: &App,
    _: Nothing,
) -> Result<Vec<WaiverRequestView>, ApiError> {
    let now = app.clock.now();
    let programme = Programme::load(app).await?;
    let names = Names::load(app).await?;
    let mut requests = Vec::new();
    for node in app.store.nodes(now).await?.iter() {
        if node.summary.open_requests == 0 {
            continue;
        }
        let Some(detail) = app.store.node(node.id, now).await? else { continue };
        for recorded in &detail.facts {
            let Happening::WaiverRequested { check, reason, expires_at, .. } = &recorded.fact.what
            else {
                continue;
            };
            if detail.journey.open_requests.contains(&recorded.id) {
                requests.push(WaiverRequestView {
                    request: recorded.id.to_string(),
                    service: node_ref(node),
                    check: check.clone(),
                    title: programme.check_title(check),
                    reason: reason.clone(),
                    by: names.of(recorded.actor),
                    since: rfc3339(recorded.fact.occurred_at),
                    expires_on: flow::day_of(expires_at - 1, programme.zone).to_string(),
                });
            }
        }
    }
    requests.sort_by(|a, b| (&a.since, &a.request).cmp(&(&b.since, &b.request)));
    Ok(requests)
}

pub(crate) async fn answer_waiver(app: &App, request: AnswerWaiver) -> Result<Saved, ApiError> {
    let bench = Bench::set_up(app).await?;
    let recorded = need_fact(app, "request", &request.request).await?;
    let Happening::WaiverRequested { service, check, reason, expires_at } = &recorded.fact.what
    else {
        return Err(ApiError::not_found("request", &request.request));
    };
    let detail = bench.detail(app, &service.to_string()).await?;
    if !detail.journey.open_requests.contains(&recorded.id) {
        return Err(ApiError::new(
            Code::NotPossible,
            "This request was answered, taken back or has lapsed. Nothing was changed.",
        ));
    }
    if request.grant && recorded.actor == bench.actor {
        return Err(ApiError::new(
            Code::NotPossible,
            "You asked for this waiver; another person grants it. Nothing was changed.",
        ));
    }
    let (name, answer) = (&detail.row.name, note("note", request.note)?);
    let (what, summary) = if request.grant {
        let last = flow::day_of(expires_at - 1, bench.programme.zone);
        let what = Happening::Waiver {
            service: *service,
            check: check.clone(),
            reason: reason.clone(),
            expires_at: *expires_at,
            request: Some(recorded.id),
        };
        (what, format!("{check} waived on {name} until {last}"))
    } else {
        let what = Happening::WaiverDeclined {
            of: recorded.id,
            service: *service,
            note: answer.unwrap_or_default(),
        };
        (what, format!("waiver of {check} on {name} declined"))
    };
    let (id, change) = bench.happened(what);
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
