//! Who did what: recorded, confirmed, doubted, taken back; and how people stand to the team.

use super::actions::{Bench, needed, no_check, note, parse_day};
use crate::app::App;
use crate::dto::actions::ById;
use crate::dto::session::Saved;
use crate::dto::skills::{
    AssessSelf, DescribePerson, DoneBy, RecordExecution, ReportHours, SayOf, TookPart,
    TraceRegression, Wish, WishPair,
};
use crate::error::{ApiError, Code};
use crate::names::Names;
use crate::programme::Programme;
use crate::skills::{Evidence, confirm_advice};
use chrono::NaiveDate;
use pilotage_domain::Millis;
use pilotage_domain::calendar::{day_of, start_of};
use pilotage_domain::change::{Change, path};
use pilotage_domain::execution::{
    Execution, Executions, Help, KINDS, MOST_HUNDREDTHS, Participant, Told,
};
use pilotage_domain::fact::{Fact, Happening, Recorded, Seen};
use pilotage_domain::journey::{Standing, retracted};
use pilotage_domain::playbook::{CheckKind, Rule};
use pilotage_store::When;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Local noon, counted from the start of a day: when a step of an earlier day is said to have been.
const NOON: Millis = 12 * 60 * 60 * 1_000;

/// The execution that goes with an attestation, if one does.
pub(super) async fn done_by(
    app: &App,
    bench: &Bench,
    rule: &Rule,
    result: Seen,
    entered: Option<DoneBy>,
) -> Result<Option<Execution>, ApiError> {
    let (people, by_script, exceptional) = match entered {
        Some(DoneBy::Nobody) => return Ok(None),
        Some(DoneBy::People { .. }) if result != Seen::Pass => {
            let why = "goes with a check that passes: nothing was done otherwise";
            return Err(ApiError::argument("who did it", why));
        }
        Some(DoneBy::People { people, by_script, exceptional }) => {
            (participants(&bench.names, &people)?, by_script, exceptional)
        }
        // Whoever approves looks at what others did.
        None if result != Seen::Pass || rule.kind == CheckKind::Approval => return Ok(None),
        None => {
            let alone = Participant { person: bench.actor, help: Help::Alone };
            (vec![alone], false, false)
        }
    };
    let execution = Execution {
        check: rule.id.clone(),
        check_version: rule.version,
        people,
        by_script,
        exceptional,
        ..Execution::default()
    };
    sound(app, bench, &execution).await?;
    Ok(Some(execution))
}

fn participants(names: &Names, entered: &[TookPart]) -> Result<Vec<Participant>, ApiError> {
    let one = |part: &TookPart| {
        let help = Help::from_level(part.help).ok_or_else(|| {
            let why = "is 0 watched, 1 told how, 2 asked for help, 3 alone or 4 guided";
            ApiError::argument("help level", why)
        })?;
        Ok(Participant { person: names.need(&part.person)?, help })
    };
    entered.iter().map(one).collect()
}

/// Refuses what contradicts itself, and a guide who has not done it alone before.
async fn sound(app: &App, bench: &Bench, execution: &Execution) -> Result<(), ApiError> {
    if let Some(fault) = execution.fault() {
        let message = format!("An execution {fault}. Nothing was changed.");
        return Err(ApiError::new(Code::ArgumentsInvalid, message));
    }
    let skills = bench.programme.check(&execution.check).map(|check| check.skills.as_slice());
    let skills = skills.unwrap_or_default();
    let guides: Vec<Uuid> = execution
        .people
        .iter()
        .filter(|one| one.help == Help::Guided)
        .map(|one| one.person)
        .filter(|person| !is_outside(&bench.names, *person))
        .collect();
    // Most executions have no guide, and nothing is read for them.
    if guides.is_empty() || skills.is_empty() {
        return Ok(());
    }
    let nodes = app.store.nodes(bench.now).await?;
    let when = When::AsItWas(bench.now);
    let evidence = Evidence::load(app, &bench.programme, &bench.names, &nodes, when).await?;
    for guide in guides {
        let held = skills.iter().any(|skill| {
            let standing = evidence.standings.get(&(guide, skill.clone()));
            standing.is_some_and(|standing| standing.independent_since.is_some())
        });
        if !held {
            let name = bench.names.of(guide);
            let titles: Vec<&str> = skills
                .iter()
                .map(|skill| {
                    bench.programme.skills.get(skill).map_or(skill.as_str(), String::as_str)
                })
                .collect();
            return Err(ApiError::new(
                Code::NotPossible,
                format!(
                    "{name} has not reached L3 in {} yet, and a guide has. Choose another help \
                     level, or say that {name} is an expert from outside. Nothing was changed.",
                    titles.join(" or ")
                ),
            ));
        }
    }
    Ok(())
}

fn is_outside(names: &Names, person: Uuid) -> bool {
    let person = names.people.get(&person);
    person.is_some_and(|person| person.registers.get(path::OUTSIDE) == Some(&Value::Bool(true)))
}

pub(crate) async fn record_execution(
    app: &App,
    request: RecordExecution,
) -> Result<Saved, ApiError> {
    let bench = Bench::set_up(app).await?;
    let detail = bench.detail(app, &request.service).await?;
    let rules = &bench.programme.ladder.checks;
    let has = |id: &str| detail.journey.checks.iter().any(|standing| standing.check == id);
    let wanted = |(_, rule): &&(usize, Rule)| {
        rule.id.eq_ignore_ascii_case(request.check.trim()) && has(&rule.id)
    };
    let Some((_, rule)) = rules.iter().find(wanted) else {
        return Err(no_check(&detail, &request.check));
    };
    let execution = Execution {
        check: rule.id.clone(),
        check_version: rule.version,
        people: participants(&bench.names, &request.people)?,
        finding: None,
        by_script: request.by_script,
        exceptional: request.exceptional,
        imported: request.imported,
        note: note("note", request.note)?.unwrap_or_default(),
    };
    sound(app, &bench, &execution).await?;
    let occurred_at = match past_day(&bench, request.on.as_deref())? {
        Some(day) => (start_of(day, bench.programme.zone) + NOON).min(bench.now),
        None => bench.now,
    };
    let summary = format!("who did {} on {} recorded", rule.id, detail.row.name);
    let id = Uuid::now_v7();
    let what = Happening::StepExecuted { service: detail.row.id, execution: Box::new(execution) };
    let change = Change::Happened { id, fact: Fact { occurred_at, what } };
    app.save(bench.actor, vec![change], summary, Some(id)).await
}

/// A day that was entered; none where none was, or where it is today.
fn past_day(bench: &Bench, entered: Option<&str>) -> Result<Option<NaiveDate>, ApiError> {
    let Some(entered) = entered.map(str::trim).filter(|day| !day.is_empty()) else {
        return Ok(None);
    };
    let day = parse_day("day", entered)?;
    let today = day_of(bench.now, bench.programme.zone);
    if day > today {
        return Err(ApiError::argument("day", "is in the future; say it when it has happened"));
    }
    Ok((day < today).then_some(day))
}

/// All that is known of executions.
async fn known(app: &App) -> Result<Executions, ApiError> {
    let mut facts = Vec::new();
    for kind in KINDS {
        facts.extend_from_slice(&app.store.facts_of_kind(kind).await?);
    }
    facts.extend_from_slice(&app.store.facts_of_kind("retraction").await?);
    Ok(Executions::of(&facts))
}

fn need_told<'a>(known: &'a Executions, id: &str) -> Result<&'a Told, ApiError> {
    let found = Uuid::try_parse(id.trim()).ok().and_then(|id| known.find(id));
    found.ok_or_else(|| ApiError::not_found("execution", id))
}

/// Executions that belong to a finding and were not taken back.
pub(super) async fn belonging_to(app: &App, finding: Uuid) -> Result<Vec<Uuid>, ApiError> {
    let mut facts = app.store.facts_of_kind("step_executed").await?.to_vec();
    let belongs = |recorded: &Recorded| match &recorded.fact.what {
        Happening::StepExecuted { execution, .. } => execution.finding == Some(finding),
        _ => false,
    };
    facts.retain(belongs);
    if facts.is_empty() {
        return Ok(Vec::new());
    }
    let found: Vec<Uuid> = facts.iter().map(|recorded| recorded.id).collect();
    facts.extend_from_slice(&app.store.facts_of_kind("retraction").await?);
    let dead = retracted(&facts.iter().collect::<Vec<_>>());
    Ok(found.into_iter().filter(|id| !dead.contains(id)).collect())
}

pub(crate) async fn confirm_execution(app: &App, request: ById) -> Result<Saved, ApiError> {
    let bench = Bench::set_up(app).await?;
    let known = known(app).await?;
    let told = need_told(&known, &request.id)?;
    if let Some(advice) = confirm_advice(told, Some(bench.actor)) {
        let message = format!("{advice} Nothing was changed.");
        return Err(ApiError::new(Code::NotPossible, message));
    }
    let (check, on) = (&told.execution.check, bench.name(told.service));
    let summary = format!("who did {check} on {on} confirmed");
    let what = Happening::ExecutionConfirmed { of: told.id, service: told.service };
    let (id, change) = bench.happened(what);
    app.save(bench.actor, vec![change], summary, Some(id)).await
}

pub(crate) async fn contest_execution(app: &App, request: SayOf) -> Result<Saved, ApiError> {
    let bench = Bench::set_up(app).await?;
    let known = known(app).await?;
    let told = need_told(&known, &request.id)?;
    let note = needed("note", &request.note)?;
    let (check, on) = (&told.execution.check, bench.name(told.service));
    let summary = format!("who did {check} on {on} is in doubt");
    let what = Happening::ExecutionContested { of: told.id, service: told.service, note };
    let (id, change) = bench.happened(what);
    app.save(bench.actor, vec![change], summary, Some(id)).await
}

pub(crate) async fn settle_contest(app: &App, request: SayOf) -> Result<Saved, ApiError> {
    let bench = Bench::set_up(app).await?;
    let known = known(app).await?;
    let wanted = Uuid::try_parse(request.id.trim()).ok();
    let found = known.told.iter().find_map(|told| {
        let contest = told.contests.iter().find(|contest| Some(contest.id) == wanted)?;
        Some((told, contest))
    });
    let (told, contest) = found.ok_or_else(|| ApiError::not_found("doubt", &request.id))?;
    if contest.settled.is_some() {
        let message = "This doubt is settled already. Nothing was changed.";
        return Err(ApiError::new(Code::NotPossible, message));
    }
    let note = needed("note", &request.note)?;
    let summary =
        format!("doubt about {} on {} settled", told.execution.check, bench.name(told.service));
    let what = Happening::ContestSettled { of: contest.id, service: told.service, note };
    let (id, change) = bench.happened(what);
    app.save(bench.actor, vec![change], summary, Some(id)).await
}

pub(crate) async fn retract_execution(app: &App, request: SayOf) -> Result<Saved, ApiError> {
    let bench = Bench::set_up(app).await?;
    let known = known(app).await?;
    let wanted = Uuid::try_parse(request.id.trim()).ok();
    let told = known.told.iter().map(|told| (told.id, told.service, "who did a step"));
    let hours = known.hours.iter().map(|entry| (entry.id, entry.service, "hours of an expert"));
    let causes =
        known.causes.iter().map(|cause| (cause.id, cause.service, "cause of a regression"));
    let mut all = told.chain(hours).chain(causes);
    let found = all.find(|(id, ..)| Some(*id) == wanted);
    let (of, service, words) =
        found.ok_or_else(|| ApiError::not_found("execution", &request.id))?;
    let summary = format!("{words} on {} taken back", bench.name(service));
    let note = note("note", Some(request.note))?.unwrap_or_default();
    let (id, change) = bench.happened(Happening::Retraction { of, service: Some(service), note });
    app.save(bench.actor, vec![change], summary, Some(id)).await
}

pub(crate) async fn report_hours(app: &App, request: ReportHours) -> Result<Saved, ApiError> {
    let bench = Bench::set_up(app).await?;
    let detail = bench.detail(app, &request.service).await?;
    let person = match &request.person {
        Some(person) => bench.names.need(person)?,
        None => bench.actor,
    };
    let name = bench.names.of(person);
    if !is_outside(&bench.names, person) {
        return Err(ApiError::new(
            Code::NotPossible,
            format!(
                "{name} is of the team, and hours are told of experts from outside. Say first that \
                 {name} is one. Nothing was changed."
            ),
        ));
    }
    if !(1..=MOST_HUNDREDTHS).contains(&request.hundredths) {
        return Err(ApiError::argument("hours", "must be more than 0 and at most 24"));
    }
    let day = past_day(&bench, request.on.as_deref())?;
    let zone = bench.programme.zone;
    let on = day.unwrap_or_else(|| day_of(bench.now, zone));
    let occurred_at = day.map_or(bench.now, |day| (start_of(day, zone) + NOON).min(bench.now));
    let summary = format!("hours of {name} on {}", detail.row.name);
    let id = Uuid::now_v7();
    let what = Happening::ExpertHours {
        service: detail.row.id,
        person,
        on,
        hundredths: request.hundredths,
        note: note("note", request.note)?.unwrap_or_default(),
    };
    let change = Change::Happened { id, fact: Fact { occurred_at, what } };
    app.save(bench.actor, vec![change], summary, Some(id)).await
}

pub(crate) async fn trace_regression(
    app: &App,
    request: TraceRegression,
) -> Result<Saved, ApiError> {
    let bench = Bench::set_up(app).await?;
    let detail = bench.detail(app, &request.service).await?;
    let rules = &bench.programme.ladder.checks;
    let cause = rules.iter().find(|(_, rule)| rule.id.eq_ignore_ascii_case(request.check.trim()));
    let Some((_, cause)) = cause else { return Err(no_check(&detail, &request.check)) };
    let regressed = detail.journey.checks.iter().find_map(|check| match check.standing {
        Standing::Regressed { at, .. } => Some((at, check.finding)),
        _ => None,
    });
    let Some((occurred_at, finding)) = regressed else {
        let name = &detail.row.name;
        let message = format!("{name} has not regressed. Nothing was changed.");
        return Err(ApiError::new(Code::NotPossible, message));
    };
    let summary = format!("regression of {} comes from {}", detail.row.name, cause.id);
    let id = Uuid::now_v7();
    let what = Happening::RegressionTraced {
        service: detail.row.id,
        check: cause.id.clone(),
        finding,
        note: note("note", request.note)?.unwrap_or_default(),
    };
    let change = Change::Happened { id, fact: Fact { occurred_at, what } };
    app.save(bench.actor, vec![change], summary, Some(id)).await
}

pub(crate) async fn describe_person(app: &App, request: DescribePerson) -> Result<Saved, ApiError> {
    let names = Names::load(app).await?;
    let actor = app.need_actor(&names)?;
    let id = names.need(&request.person)?;
    if request.open_assessment.is_some() && id != actor {
        return Err(ApiError::new(
            Code::NotPossible,
            "Whether others see it, each person says for himself. Nothing was changed.",
        ));
    }
    let fields = [
        (path::OUTSIDE, request.outside),
        (path::WILLING, request.willing),
        (path::OPEN_ASSESSMENT, request.open_assessment),
    ];
    let fields = fields.into_iter().filter_map(|(field, value)| Some((field, value?)));
    let changes = fields.map(|(field, value)| Change::field(id, field, value)).collect();
    app.save(actor, changes, format!("{} changed", names.of(id)), Some(id)).await
}

pub(crate) async fn assess_self(app: &App, request: AssessSelf) -> Result<Saved, ApiError> {
    let names = Names::load(app).await?;
    let actor = app.need_actor(&names)?;
    let programme = Programme::load(app).await?;
    let known: BTreeSet<&String> = programme.skills.keys().collect();
    let wanted = request.skill.trim();
    let skill = known.into_iter().find(|id| id.eq_ignore_ascii_case(wanted));
    let skill = skill.ok_or_else(|| ApiError::not_found("skill", &request.skill))?;
    if request.level.is_some_and(|level| level > 5) {
        return Err(ApiError::argument("level", "is 0 to 5"));
    }
    let field = path::element(path::ASSESSMENT, skill);
    let change = Change::field(actor, field, json!(request.level));
    let title = &programme.skills[skill];
    app.save(actor, vec![change], format!("own assessment in {title}"), None).await
}

pub(crate) async fn wish_pair(app: &App, request: WishPair) -> Result<Saved, ApiError> {
    let names = Names::load(app).await?;
    let actor = app.need_actor(&names)?;
    let (one, other) = (names.need(&request.person)?, names.need(&request.with)?);
    if one == other {
        return Err(ApiError::argument("pair", "needs two people"));
    }
    if let Some(outside) = [one, other].into_iter().find(|person| is_outside(&names, *person)) {
        let message = format!(
            "{} is an expert from outside, and pairs are made of the team. Nothing was changed.",
            names.of(outside)
        );
        return Err(ApiError::new(Code::NotPossible, message));
    }
    let (wish, verb) = match request.wish {
        Wish::Locked => (json!(path::LOCKED), "work together"),
        Wish::Forbidden => (json!(path::FORBIDDEN), "do not work together"),
        Wish::Free => (Value::Null, "work together or not, as it fits"),
    };
    let field = path::element(path::PAIRS, &format!("{}+{}", one.min(other), one.max(other)));
    let summary = format!("{} and {} {verb}", names.of(one), names.of(other));
    let change = Change::field(app.store.workspace(), field, wish);
    app.save(actor, vec![change], summary, None).await
}
