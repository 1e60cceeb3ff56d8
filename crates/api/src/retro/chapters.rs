//! One function a section of the facts.

use super::facts::{Chapter, item};
use super::looked::Looked;
use crate::app::App;
use crate::dto::retro::{FactItem, FactSection};
use crate::error::ApiError;
use crate::outlook::{self, Basis};
use pilotage_domain::calendar::start_of;
use pilotage_domain::cluster::{RolloutKind, WriterClass};
use pilotage_domain::fact::{Happening, Seen};
use pilotage_domain::issued::{IssuedForecast, Occasion};
use pilotage_domain::journey::Result as Found;
use pilotage_insight::forecast::LEVELS;
use pilotage_store::When;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Things that a list of the longest or the most names.
const MOST: usize = 5;

/// Number, title and what is asked of the log.
pub(super) const TITLES: [(&str, &str, &str); 9] = [
    (
        "2.1",
        "Scope and result",
        "sprint_scope_changed, with the stages of its services at the start and at the end",
    ),
    ("2.2", "Timeline", "facts and stage moves of its services while it ran, by local day"),
    (
        "2.3",
        "Flow",
        "first pass beyond Assessed to the stage that counts as done, in calendar days",
    ),
    ("2.4", "Blockers", "blocker_opened and blocker_closed, cut to the time the sprint ran"),
    (
        "2.5",
        "Checks",
        "findings and retractions while it ran; waits from the stage before a check's to its first pass",
    ),
    ("2.6", "Transfer", "step executions while it ran"),
    ("2.7", "Forecast", "forecast_issued at its start, and entries into done since"),
    ("2.8", "Delivery", "rollout_seen of its services while it ran, by class of writer"),
    (
        "2.9",
        "Data quality",
        "facts recorded more than a day late, unknown findings, checks that nobody has looked at",
    ),
];

pub(super) fn scope(looked: &Looked<'_>) -> FactSection {
    let named = |services: Vec<Uuid>| -> Vec<FactItem> {
        let mut items: Vec<FactItem> =
            services.into_iter().map(|id| item(looked.name(id)).on(looked, id)).collect();
        items.sort_by(|a, b| a.text.cmp(&b.text));
        items
    };
    let stepped = |came| {
        let steps = looked.steps(came).into_iter();
        let told = steps.map(|(service, at, why)| {
            item(format!("{}: {why}", looked.name(service))).on(looked, service).at(looked, at)
        });
        told.collect::<Vec<FactItem>>()
    };
    let planned = looked.office.scope(looked.sprint, looked.started);
    let fell = looked.regressions().into_iter();
    let fell =
        fell.map(|(service, at)| item(looked.name(service)).on(looked, service).at(looked, at));
    Chapter::of("2.1")
        .list("planned", "Planned", named(planned.iter().map(|scoped| scoped.node.id).collect()))
        .list("added", "Added", stepped(true))
        .list("removed", "Removed", stepped(false))
        .list("done", "Done", named(looked.reached()))
        .list("carried", "Carried", named(looked.carried()))
        .list("regressed", "Regressed", fell.collect())
        .done()
}

pub(super) fn timeline(looked: &Looked<'_>) -> FactSection {
    let mut days: BTreeMap<String, Vec<(i64, FactItem)>> = BTreeMap::new();
    let mut tell = |at: i64, told: FactItem| {
        days.entry(looked.day(at).to_string()).or_default().push((at, told.at(looked, at)));
    };
    for (at, turn, note) in &looked.sprint.run.turns {
        let note = if note.is_empty() { String::new() } else { format!(": {note}") };
        tell(*at, item(format!("Sprint {}{note}", turn.word())));
    }
    for (came, words) in [(true, "added"), (false, "removed")] {
        for (service, at, why) in looked.steps(came) {
            tell(at, item(format!("{} {words}: {why}", looked.name(service))).on(looked, service));
        }
    }
    let mut passes: BTreeMap<(String, Uuid), (i64, u32)> = BTreeMap::new();
    for (service, recorded) in looked.within() {
        let (at, name) = (recorded.fact.occurred_at, looked.name(service));
        match &recorded.fact.what {
            Happening::Finding { result: Seen::Pass, .. } => {
                let day = looked.day(at).to_string();
                passes.entry((day, service)).or_insert((at, 0)).1 += 1;
            }
            Happening::Finding { check, result: Seen::Fail, .. } => {
                tell(
                    at,
                    item(format!("{check} failed on {name}")).on(looked, service).check(check),
                );
            }
            Happening::BlockerOpened { reason, .. } => {
                tell(at, item(format!("{name} blocked: {reason}")).on(looked, service));
            }
            Happening::BlockerClosed { note, .. } => {
                let note = if note.is_empty() { String::new() } else { format!(": {note}") };
                tell(at, item(format!("{name} unblocked{note}")).on(looked, service));
            }
            _ => {}
        }
    }
    for ((_, service), (at, count)) in passes {
        let checks = if count == 1 { "1 check".to_owned() } else { format!("{count} checks") };
        tell(at, item(format!("{checks} passed on {}", looked.name(service))).on(looked, service));
    }
    let fell: BTreeSet<(Uuid, i64)> = looked.regressions().into_iter().collect();
    for (service, detail) in &looked.services {
        let number =
            |stage: &Option<String>| looked.office.programme.ladder.number(stage.as_deref());
        for pair in detail.journey.moves.windows(2) {
            let (at, stage) = (pair[1].at, &pair[1].stage);
            if !looked.ran_at(at) || number(stage) == number(&pair[0].stage) {
                continue;
            }
            let title = looked.office.programme.title(stage.as_deref());
            let verb = if number(stage) > number(&pair[0].stage) {
                "reached"
            } else if fell.contains(&(*service, at)) {
                "regressed to"
            } else {
                "went back to"
            };
            tell(
                at,
                item(format!("{} {verb} {title}", looked.name(*service))).on(looked, *service),
            );
        }
    }
    let mut chapter = Chapter::of("2.2");
    for (day, mut told) in days {
        told.sort_by(|a, b| (a.0, &a.1.text).cmp(&(b.0, &b.1.text)));
        let items = told.into_iter().map(|(_, told)| told).collect();
        chapter = chapter.list(&day, day.as_str(), items);
    }
    chapter.done()
}

pub(super) fn charts(looked: &Looked<'_>) -> FactSection {
    let days = |days: u32| if days == 1 { "1 day".to_owned() } else { format!("{days} days") };
    let times = looked.cycle_times();
    let dots = times.iter().filter_map(|time| {
        let text = format!("{}: {}", looked.name(time.service), days(time.days?));
        let mut told = item(text).on(looked, time.service);
        told.day = Some(time.done_on.to_string());
        Some(told)
    });
    let dots: Vec<FactItem> = dots.collect();
    let ages = looked.ages();
    let oldest = ages.iter().map(|age| {
        item(format!("{}: {}", looked.name(age.service), days(age.days))).on(looked, age.service)
    });
    Chapter::of("2.3")
        .list("cycle-times", "Services done, with their cycle times", dots)
        .list("in-progress", "In progress, the oldest first", oldest.collect())
        .done()
}

pub(super) fn blockers(looked: &Looked<'_>) -> FactSection {
    let waits = looked.waits();
    let mut reasons: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (place, wait) in waits.iter().enumerate() {
        reasons.entry(&wait.reason).or_default().push(place);
    }
    let mut reasons: Vec<(&str, Vec<usize>)> = reasons.into_iter().collect();
    let hours = |places: &[usize]| places.iter().map(|place| waits[*place].hours()).sum::<u32>();
    reasons.sort_by_key(|(reason, places)| (std::cmp::Reverse(hours(places)), *reason));
    let told = |place: &usize| {
        let wait = &waits[*place];
        let open = if wait.open { ", still" } else { "" };
        let (name, by, hours) = (looked.name(wait.service), &wait.waiting_for, wait.hours());
        let text = format!("{name}, waiting for {by}: {hours} h{open}");
        item(text).on(looked, wait.service).at(looked, wait.from)
    };
    let all: Vec<usize> = (0..waits.len()).collect();
    let total = format!("{} h, {}", hours(&all), times(waits.len()));
    let mut chapter =
        Chapter::of("2.4").figure("blocked", "Blocked", total, all.iter().map(told).collect());
    for (place, (reason, places)) in reasons.iter().enumerate() {
        let value = format!("{} h, {}", hours(places), times(places.len()));
        let items = places.iter().map(told).collect();
        chapter = chapter.figure(&format!("reason-{}", place + 1), *reason, value, items);
    }
    chapter.done()
}

fn times(count: usize) -> String {
    if count == 1 { "once".to_owned() } else { format!("{count} times") }
}

pub(super) fn checks(looked: &Looked<'_>) -> FactSection {
    let title = |check: &str| format!("{check} {}", looked.office.programme.check_title(check));
    let redone = looked.redone().into_iter().map(|redo| {
        let text = format!("{} on {}: {}", title(&redo.check), looked.name(redo.service), redo.why);
        item(text).on(looked, redo.service).check(&redo.check).at(looked, redo.at)
    });
    let waits = looked.check_waits();
    let longest = waits.iter().take(MOST).map(|(service, check, days, at)| {
        let text = format!("{} on {}: {days} days", title(check), looked.name(*service));
        item(text).on(looked, *service).check(check).at(looked, *at)
    });
    let most = waits.first().map_or_else(
        || "–".to_owned(),
        |(_, _, days, _)| match days {
            1 => "1 day".to_owned(),
            days => format!("{days} days"),
        },
    );
    let helped = looked.taught.helped();
    let most_help = match helped.first() {
        Some((check, services)) => format!("{check}, {}", times(services.len())),
        None if looked.taught.here.is_empty() => {
            "not observed: nobody recorded with which help a step was done".to_owned()
        }
        None => "every step was done without help".to_owned(),
    };
    let helped = helped.iter().take(MOST).map(|(check, services)| {
        let names: Vec<String> = services.iter().map(|id| looked.name(*id)).collect();
        item(format!("{} on {}", title(check), names.join(", "))).check(check)
    });
    let helped = helped.collect();
    Chapter::of("2.5")
        .figure("help", "Most help", most_help, helped)
        .list("redo", "Done again", redone.collect())
        .figure("wait", "Longest wait", most, longest.collect())
        .done()
}

pub(super) async fn forecast(app: &App, looked: &Looked<'_>) -> Result<FactSection, ApiError> {
    let chapter = Chapter::of("2.7");
    let now = When::AsItWas(looked.office.now);
    let issued = outlook::living_facts(app, "forecast_issued", now).await?.into_iter();
    let mut of_start = issued.filter_map(|recorded| match recorded.fact.what {
        Happening::ForecastIssued { forecast }
            if forecast.sprint == Some(looked.sprint.id)
                && forecast.occasion == Occasion::SprintStart =>
        {
            Some(forecast)
        }
        _ => None,
    });
    let Some(said) = of_start.next() else {
        return Ok(chapter.unseen(
            "no forecast was issued at its start: there were too few closed working days, or none \
             was kept",
        ));
    };
    let basis = Basis::load(app, now, &looked.office.nodes).await?;
    let begin = start_of(said.day_one, basis.calendar.zone);
    let mut entries: Vec<(i64, Uuid)> = Vec::new();
    for track in &basis.tracks {
        entries.extend(track.entries(&basis.window).into_iter().map(|at| (at, track.service)));
    }
    entries.retain(|(at, _)| (begin..=looked.end).contains(at));
    entries.sort_unstable();
    let last = basis.calendar.last_closed(looked.end);
    let over = last.map_or(0, |last| basis.calendar.workdays(said.day_one, last));
    let items = entries
        .iter()
        .map(|(at, service)| item(looked.name(*service)).on(looked, *service).at(looked, *at));
    let happened = format!("{} in {over} working days", entries.len());
    let levels = levels(&said, entries.len(), over);
    Ok(chapter
        .figure("said", "Said at the start", promise(&said), Vec::new())
        .figure("happened", "Happened by the end", happened, items.collect())
        .figure("held", "Level that held", levels, Vec::new())
        .done())
}

fn promise(said: &IssuedForecast) -> String {
    let level = |place: usize| format!("{} % at least {}", LEVELS[place], said.how_many[place]);
    let date = said.dates[2].map_or_else(|| "beyond 5 years".to_owned(), |day| day.to_string());
    format!(
        "in {} working days: {}; all {} by {date} at 85 %",
        said.horizon,
        (0..LEVELS.len()).map(level).collect::<Vec<_>>().join(", "),
        said.remaining
    )
}

fn levels(said: &IssuedForecast, happened: usize, over: u32) -> String {
    let happened = u64::try_from(happened).unwrap_or(u64::MAX);
    let held: Vec<String> = LEVELS
        .iter()
        .zip(said.how_many)
        .filter(|(_, least)| happened >= *least)
        .map(|(level, _)| level.to_string())
        .collect();
    let held = if held.is_empty() { "none".to_owned() } else { format!("{} %", held.join(", ")) };
    if over < said.horizon {
        return format!("open: {over} of {} working days are over; so far {held}", said.horizon);
    }
    held
}

pub(super) fn delivery(looked: &Looked<'_>) -> FactSection {
    let mut classes: BTreeMap<WriterClass, Vec<FactItem>> = BTreeMap::new();
    let mut services: BTreeMap<Uuid, (u32, u32)> = BTreeMap::new();
    for (service, recorded, source) in looked.rollouts() {
        let Happening::RolloutSeen { rollout, .. } = &recorded.fact.what else { continue };
        if !rollout.change.deploys() {
            continue;
        }
        let class = rollout.writer.class;
        let what = match &source {
            Some(source) if rollout.change == RolloutKind::Delivery => {
                format!("delivered by {}", source.tool.title())
            }
            _ => format!("revision {}", rollout.revision),
        };
        let text = format!("{}, {what}", looked.name(service));
        let told = item(text).on(looked, service).at(looked, recorded.fact.occurred_at);
        classes.entry(class).or_default().push(told);
        let counts = services.entry(service).or_default();
        counts.0 += 1;
        counts.1 += u32::from(class.delivers());
    }
    let chapter = Chapter::of("2.8");
    if classes.is_empty() {
        return chapter.unseen(
            "no rollout of its services was seen while it ran: no cluster was watched, or nothing \
             was rolled out",
        );
    }
    let mut chapter = chapter;
    for class in WriterClass::ALL {
        let items = classes.remove(&class).unwrap_or_default();
        chapter = chapter.list(class.word(), format!("Rollouts, {}", class.word()), items);
    }
    let each = services.iter().map(|(service, (all, delivered))| {
        let text = format!("{}: {delivered} of {all} without a hand", looked.name(*service));
        item(text).on(looked, *service)
    });
    chapter.list("services", "Services with rollouts", each.collect()).done()
}

pub(super) fn quality(looked: &Looked<'_>) -> FactSection {
    let told = |service: Uuid, words: &str, at: i64| {
        item(format!("{}: {words}", looked.name(service))).on(looked, service).at(looked, at)
    };
    let late = looked.late().into_iter().map(|(service, recorded)| {
        let recorded_on = looked.day(pilotage_domain::hlc::millis(recorded.version.hlc));
        told(service, &format!("recorded on {recorded_on}"), recorded.fact.occurred_at)
    });
    let unknown = looked.within().filter_map(|(service, recorded)| match &recorded.fact.what {
        Happening::Finding { check, result: Seen::Unknown, .. } => {
            Some(told(service, check, recorded.fact.occurred_at).check(check))
        }
        _ => None,
    });
    let ladder = &looked.office.programme.ladder;
    let mut unseen = Vec::new();
    for scoped in looked.office.scope(looked.sprint, looked.end) {
        let Some(detail) = looked.services.get(&scoped.node.id) else { continue };
        let target = ladder.number(Some(scoped.stage));
        let open = detail.journey.checks.iter().filter(|check| {
            check.counted
                && check.stage <= target
                && check.result == Found::Unknown
                && check.finding.is_none()
        });
        unseen.extend(open.map(|check| {
            let text = format!("{}: {}", looked.name(scoped.node.id), check.check);
            item(text).on(looked, scoped.node.id).check(&check.check)
        }));
    }
    Chapter::of("2.9")
        .tagged("measured")
        .list("late", "Late entries", late.collect())
        .list("not-observed", "Checks up to the target that nobody looked at", unseen)
        .list("unknown", "Unknown findings", unknown.collect())
        .done()
}
