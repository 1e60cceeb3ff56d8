//! Forecasts that were issued: made into facts, resolved by what happened since, and compared with
//! the one of today.

use super::basis::{Basis, HORIZON, living_facts, moved_by, number};
use super::view::View;
use crate::app::App;
use crate::clock::rfc3339;
use crate::dto::outlook::{CalibrationView, CoverageView, IssuedView, SlipView};
use crate::error::ApiError;
use chrono::NaiveDate;
use pilotage_domain::Millis;
use pilotage_domain::calendar::{day_of, start_of};
use pilotage_domain::change::Change;
use pilotage_domain::fact::{Fact, Happening, Recorded};
use pilotage_domain::issued::{IssuedForecast, Occasion};
use pilotage_insight::calibration::{
    Adaptive, Coverage, Question, Record, Resolution, Since, coverage, resolve,
};
use pilotage_insight::flow::Track;
use pilotage_insight::forecast::{ENGINE_VERSION, Engine, HEADLINE, Inputs, Line};
use pilotage_insight::sample::{Sample, SampleDay};
use pilotage_insight::slip::{Between, Position, slip};
use uuid::Uuid;

/// Place of the headline level among the levels.
const AT_85: usize = 2;
/// Forecasts that are listed.
const LISTED: usize = 40;

/// The change that keeps the forecast of this moment, as it is shown: levels that adapt learn from
/// what was said. None where it was withheld.
pub(crate) async fn issue(
    app: &App,
    basis: &Basis,
    occasion: Occasion,
    sprint: Option<Uuid>,
) -> Result<Option<Change>, ApiError> {
    let adaptive = adaptive(app, basis).await?;
    Ok(issued(app, basis, &adaptive, occasion, sprint))
}

fn issued(
    app: &App,
    basis: &Basis,
    adaptive: &Adaptive,
    occasion: Occasion,
    sprint: Option<Uuid>,
) -> Option<Change> {
    let (seed, forecast) = basis.forecast(app);
    let forecast = forecast.ok()?;
    let (day_one, last) = (basis.sample.day_one?, basis.sample.days.last()?);
    let line = &forecast.today;
    let when = adaptive.when(line);
    let deadline = basis.deadline();
    let issued = IssuedForecast {
        occasion,
        sprint,
        as_of: basis.moment(),
        last_closed: last.day,
        day_one,
        scope: basis.scope,
        remaining: basis.inputs.remaining,
        sample: basis.inputs.sample.clone(),
        regressions: basis.inputs.regressions,
        additions: basis.inputs.additions,
        when,
        dates: when.map(|days| basis.calendar.project(day_one, days?)),
        how_many: adaptive.how_many(line, HORIZON).unwrap_or_default(),
        horizon: HORIZON,
        deadline,
        likelihood: deadline
            .map(|day| millionths(line.by(&basis.calendar, day_one, day).share))
            .and_then(|share| u32::try_from(share).ok()),
        dispersion: millionths(forecast.pace.dispersion),
        sigma: millionths(forecast.pace.sigma),
        seed: format!("{seed:016x}"),
        engine_version: ENGINE_VERSION,
        zone: basis.calendar.zone.name().to_owned(),
        timetable: basis.programme.timetable.clone(),
    };
    let what = Happening::ForecastIssued { forecast: Box::new(issued) };
    Some(Change::Happened { id: Uuid::now_v7(), fact: Fact { occurred_at: basis.moment(), what } })
}

/// The log holds whole numbers.
fn millionths(number: f64) -> u64 {
    format!("{:.0}", (number * 1e6).max(0.0)).parse().unwrap_or(u64::MAX)
}

fn share(millionths: u64) -> f64 {
    // Exact: far below 2^53.
    f64::from(u32::try_from(millionths).unwrap_or(u32::MAX)) / 1e6
}

/// A forecast that was issued, and what became of its date and its count.
pub(super) struct Kept {
    id: Uuid,
    forecast: IssuedForecast,
    date: Resolution,
    count: Resolution,
}

/// Forecasts issued before the moment, oldest first, resolved by what is known at it.
pub(super) async fn kept(app: &App, basis: &Basis) -> Result<Vec<Kept>, ApiError> {
    let facts = living_facts(app, "forecast_issued", basis.when).await?;
    let went = if facts.is_empty() {
        Vec::new()
    } else {
        basis.tracks.iter().map(|track| Went::of(basis, track)).collect()
    };
    let of = |recorded: Recorded| match recorded.fact.what {
        Happening::ForecastIssued { forecast } => {
            let (date, count) = resolved(basis, &forecast, &went);
            Some(Kept { id: recorded.id, forecast: *forecast, date, count })
        }
        _ => None,
    };
    Ok(facts.into_iter().filter_map(of).collect())
}

/// What became of a service, each by the working day that it counts on.
struct Went<'a> {
    track: &'a Track,
    entries: Vec<NaiveDate>,
    returns: Vec<NaiveDate>,
    removed: Vec<NaiveDate>,
}

impl<'a> Went<'a> {
    fn of(basis: &Basis, track: &'a Track) -> Self {
        let days = |moments: Vec<Millis>| -> Vec<NaiveDate> {
            moments.into_iter().filter_map(|at| basis.counts_on(at)).collect()
        };
        Self {
            track,
            entries: days(track.entries(&basis.window)),
            returns: days(track.regressions(&basis.window)),
            removed: days(removals(basis, track)),
        }
    }
}

fn resolved(basis: &Basis, issued: &IssuedForecast, went: &[Went<'_>]) -> (Resolution, Resolution) {
    let record = |question, quantiles| Record {
        as_of: issued.as_of,
        last_closed: issued.last_closed,
        question,
        quantiles,
        engine_version: issued.engine_version,
        sigma: share(issued.sigma),
        dispersion: share(issued.dispersion),
        days: issued.sample.len(),
        done: issued.sample.iter().map(|day| u64::from(*day)).sum(),
        seed: u64::from_str_radix(&issued.seed, 16).unwrap_or_default(),
        capacity: 1.0,
        calendar_revision: 0,
    };
    let date = record(
        Question::When { remaining: issued.remaining },
        issued.when.map(|days| days.map(u64::from)),
    );
    let count = record(Question::HowMany { horizon: issued.horizon }, issued.how_many.map(Some));
    let spoken_of = went.iter().filter(|went| in_scope_at(went.track, issued.as_of));
    (
        resolve(&date, &since(basis, issued.day_one, spoken_of)),
        resolve(&count, &since(basis, issued.day_one, went.iter())),
    )
}

fn in_scope_at(track: &Track, moment: Millis) -> bool {
    track.turns.iter().rfind(|turn| turn.at <= moment).is_some_and(|turn| turn.in_scope)
}

/// What happened to these services on each closed working day since, day 1 first.
fn since<'a>(
    basis: &Basis,
    day_one: NaiveDate,
    went: impl Iterator<Item = &'a Went<'a>>,
) -> Vec<Since> {
    let Some(last) = basis.calendar.last_closed(basis.moment()) else { return Vec::new() };
    let days: Vec<NaiveDate> =
        basis.calendar.ahead(day_one).take_while(|day| *day <= last).collect();
    let mut since = vec![Since::default(); days.len()];
    let mut count = |happened: &[NaiveDate], field: fn(&mut Since) -> &mut u32| {
        for day in happened {
            if let Ok(place) = days.binary_search(day) {
                *field(&mut since[place]) += 1;
            }
        }
    };
    for went in went {
        count(&went.entries, |day| &mut day.entries);
        count(&went.returns, |day| &mut day.returns);
        count(&went.removed, |day| &mut day.removed);
    }
    since
}

/// When a service that was not done left the scope.
fn removals(basis: &Basis, track: &Track) -> Vec<Millis> {
    let left = |pair: &[pilotage_insight::flow::Turn]| {
        let open = pair[0].in_scope && pair[0].stage < basis.window.done_stage;
        (open && !pair[1].in_scope).then_some(pair[1].at)
    };
    track.turns.windows(2).filter_map(left).collect()
}

/// Levels that held, oldest first: what the levels of today adapt to. One a sprint, the one at its
/// start: forecasts that overlap are not independent.
pub(super) fn held(kept: &[Kept]) -> Vec<[bool; 4]> {
    let scored = kept.iter().filter(|kept| is_scored(kept));
    scored
        .filter_map(|kept| match kept.count {
            Resolution::Resolved { held, .. } => Some(held),
            _ => None,
        })
        .collect()
}

fn is_scored(kept: &Kept) -> bool {
    kept.forecast.occasion == Occasion::SprintStart
}

/// "How right were we?"
pub(super) fn calibration(kept: &[Kept]) -> CalibrationView {
    let of = |what: fn(&Kept) -> Resolution| -> [Coverage; 4] {
        let scored: Vec<Resolution> =
            kept.iter().filter(|kept| is_scored(kept)).map(what).collect();
        coverage(&scored)
    };
    let (counts, dates) = (of(|kept| kept.count), of(|kept| kept.date));
    let view = |question: &str, coverage: &Coverage| {
        let plausible = coverage.plausible();
        CoverageView {
            question: question.to_owned(),
            level: coverage.level,
            held: coverage.held,
            resolved: coverage.resolved,
            low: plausible.map(|(low, _)| low),
            high: plausible.map(|(_, high)| high),
            words: coverage.words(),
        }
    };
    let rows = counts.iter().map(|row| view("how_many", row));
    CalibrationView {
        words: counts[AT_85].words(),
        coverage: rows.chain(dates.iter().map(|row| view("when", row))).collect(),
        forecasts: kept.iter().rev().take(LISTED).map(issued_view).collect(),
    }
}

fn issued_view(kept: &Kept) -> IssuedView {
    let issued = &kept.forecast;
    IssuedView {
        id: kept.id.to_string(),
        as_of: rfc3339(issued.as_of),
        occasion: match issued.occasion {
            Occasion::SprintStart => "sprint_start",
            Occasion::SprintEnd => "sprint_end",
            Occasion::Report => "report",
        }
        .to_owned(),
        remaining: issued.remaining,
        dates: issued.dates.iter().map(|day| day.map(|day| day.to_string())).collect(),
        how_many: issued
            .how_many
            .iter()
            .map(|count| u32::try_from(*count).unwrap_or(u32::MAX).min(issued.remaining))
            .collect(),
        horizon: issued.horizon,
        date_at_85: outcome(kept.date).to_owned(),
        count_at_85: outcome(kept.count).to_owned(),
    }
}

fn outcome(resolution: Resolution) -> &'static str {
    match resolution {
        Resolution::Void => "void",
        Resolution::Resolved { held, .. } if held[AT_85] => "held",
        Resolution::Resolved { .. } => "missed",
        Resolution::Open { missed } if missed[AT_85] => "missed",
        Resolution::Open { .. } => "open",
    }
}

/// The levels of today, adapted to what became of earlier forecasts.
pub(crate) async fn adaptive(app: &App, basis: &Basis) -> Result<Adaptive, ApiError> {
    Ok(Adaptive::after(held(&kept(app, basis).await?)))
}

/// Why the 85 % date moved since the last forecast that was kept. What the levels adapted to since
/// stands with the noise: no fact about the programme moved it.
pub(super) fn moved(view: &View<'_>, line: &Line, kept: &[Kept]) -> Option<SlipView> {
    let basis = view.basis;
    let before = &kept.iter().rfind(|kept| kept.forecast.as_of < basis.moment())?.forecast;
    let recorded = before.dates[AT_85]?;
    let zone = before.zone.parse().unwrap_or(basis.calendar.zone);
    let calendar = before.timetable.calendar(zone);
    let days = calendar.back(before.last_closed).take(before.sample.len());
    let mut days: Vec<SampleDay> = days.map(|day| SampleDay { day, done: 0 }).collect();
    days.reverse();
    let sample =
        Sample { days, day_one: Some(before.day_one), close: start_of(before.day_one, zone) };
    let old = Position {
        inputs: Inputs {
            sample: before.sample.clone(),
            remaining: before.remaining,
            regressions: before.regressions,
            additions: before.additions,
            capacity: sample.capacity(&calendar),
        },
        day_one: before.day_one,
        calendar: &calendar,
    };
    let new = Position {
        inputs: basis.inputs.clone(),
        day_one: basis.sample.day_one?,
        calendar: &basis.calendar,
    };
    let after = |moments: Vec<Millis>| {
        let within = moments.into_iter().filter(|at| *at > before.as_of);
        number(within.filter(|at| *at <= basis.moment()).count())
    };
    let sum = |of: &dyn Fn(&Track) -> Vec<Millis>| {
        basis.tracks.iter().map(|track| after(of(track))).sum()
    };
    let between = Between {
        added: sum(&|track| basis.additions(track)),
        removed: sum(&|track| removals(basis, track)),
        returned: sum(&|track| track.regressions(&basis.window)),
    };
    let parts = slip(&Engine::default(), &old, &new, between, recorded, view.seed)?;
    let date = |days: u32| basis.calendar.project(new.day_one, days);
    let plain = date(line.when(HEADLINE)?)?;
    let shown = date(view.adaptive.when(line)[AT_85]?)?;
    let adapted = i64::from(moved_by(&basis.calendar, plain, shown));
    Some(SlipView {
        since: day_of(before.as_of, basis.calendar.zone).to_string(),
        from: recorded.to_string(),
        total: whole(parts.total() + adapted),
        scope: whole(parts.scope),
        regressions: whole(parts.regressions),
        calendar: whole(parts.calendar),
        pace: whole(parts.pace),
        noise: whole(parts.noise + adapted),
    })
}

/// Working days of a programme fit by far.
fn whole(days: i64) -> i32 {
    i32::try_from(days).unwrap_or(if days < 0 { i32::MIN } else { i32::MAX })
}
