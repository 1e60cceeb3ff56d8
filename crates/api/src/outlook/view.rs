//! The forecast as it is shown.

use super::basis::{Basis, FAN, HORIZON};
use super::issued::{self, Kept};
use crate::app::App;
use crate::dto::outlook::{
    BasisView, BurnDay, DeadlineView, FanPoint, LevelView, OutlookView, SampleDayView, SlipView,
};
use crate::error::ApiError;
use chrono::NaiveDate;
use pilotage_domain::calendar::Calendar;
use pilotage_insight::calibration::Adaptive;
use pilotage_insight::flow;
use pilotage_insight::forecast::{
    Chance, ENGINE_VERSION, Engine, Forecast, LEVELS, Line, Status, Withheld,
};
use pilotage_insight::sample::{Mode, pace_needed};
use std::fmt::Write as _;
use std::sync::Arc;

/// Days of the burn-up that are told, counted back from the last.
const BURN_DAYS: usize = 366;

/// A forecast on its way to be shown.
pub(crate) struct View<'a> {
    pub(crate) basis: &'a Basis,
    pub(crate) seed: u64,
    forecast: Result<Arc<Forecast>, Withheld>,
    pub(super) adaptive: Adaptive,
}

/// What may be expected.
pub(crate) async fn view(app: &App, basis: &Basis) -> Result<OutlookView, ApiError> {
    let kept = issued::kept(app, basis).await?;
    let (seed, forecast) = basis.forecast(app);
    let adaptive = Adaptive::after(issued::held(&kept));
    let view = View { basis, seed, forecast, adaptive };
    Ok(view.outlook(&kept))
}

/// The answers of a line, adjusted by what earlier forecasts came to.
pub(crate) fn levels(
    line: &Line,
    adaptive: &Adaptive,
    calendar: &Calendar,
    day_one: Option<NaiveDate>,
    remaining: u32,
) -> Vec<LevelView> {
    let counts = adaptive.how_many(line, HORIZON).unwrap_or_default();
    LEVELS
        .into_iter()
        .zip(adaptive.when(line))
        .zip(counts)
        .map(|((level, days), count)| LevelView {
            level,
            working_days: days,
            date: days
                .zip(day_one)
                .and_then(|(days, day_one)| Some(calendar.project(day_one, days)?.to_string())),
            how_many: u32::try_from(count).unwrap_or(u32::MAX).min(remaining),
        })
        .collect()
}

/// How a deadline stands, with a forecast or without.
pub(crate) fn deadline(
    line: Option<&Line>,
    calendar: &Calendar,
    day_one: NaiveDate,
    deadline: NaiveDate,
    remaining: u32,
) -> DeadlineView {
    let chance = line.map(|line| line.by(calendar, day_one, deadline));
    DeadlineView {
        date: deadline.to_string(),
        workdays: calendar.workdays(day_one, deadline),
        passed: deadline < day_one,
        likelihood: chance.map(|chance| chance.share),
        words: chance.map(Chance::words),
        pace_needed: pace_needed(calendar, day_one, deadline, remaining),
    }
}

impl View<'_> {
    fn line(&self) -> Option<&Line> {
        // Work that rests without a planned end has no date.
        let running = self.basis.sample.day_one.is_some();
        self.forecast.as_ref().ok().filter(|_| running).map(|forecast| &forecast.today)
    }

    fn growing(&self) -> Result<&Line, String> {
        match &self.forecast {
            Ok(forecast) => forecast.growing.as_ref().map_err(ToString::to_string),
            Err(why) => Err(why.to_string()),
        }
    }

    fn reason(&self) -> Option<String> {
        if self.basis.inputs.remaining > 0 && self.basis.sample.day_one.is_none() {
            return Some(
                "Work is paused and nobody has planned when it resumes: no date.".to_owned(),
            );
        }
        let why = self.forecast.as_ref().err()?;
        let mut words = sentence(&why.to_string());
        if self.basis.mode == Mode::ExpertLed {
            words.push_str(" Only days with an expert count while one leads.");
        } else if !self.basis.sprints.is_empty() {
            words.push_str(" Days on which an expert led do not count.");
        }
        Some(words)
    }

    fn levels_of(&self, line: &Line) -> Vec<LevelView> {
        let Basis { calendar, sample, inputs, .. } = self.basis;
        levels(line, &self.adaptive, calendar, sample.day_one, inputs.remaining)
    }

    fn outlook(&self, kept: &[Kept]) -> OutlookView {
        let basis = self.basis;
        let line = self.line();
        let day_one = basis.sample.day_one;
        let deadline = basis.deadline().zip(day_one).map(|(day, day_one)| {
            deadline(line, &basis.calendar, day_one, day, basis.inputs.remaining)
        });
        let growing = self.growing();
        let slip = line.and_then(|line| issued::moved(self, line, kept));
        let mut outlook = OutlookView {
            sentence: String::new(),
            status: Status::of(deadline.as_ref().and_then(|day| day.likelihood)).word().to_owned(),
            reason: self.reason(),
            scope: basis.scope,
            remaining: basis.inputs.remaining,
            day_one: day_one.map(|day| day.to_string()),
            levels: line.map(|line| self.levels_of(line)).unwrap_or_default(),
            horizon: HORIZON,
            growing: line
                .and(growing.as_ref().ok())
                .map(|line| self.levels_of(line))
                .unwrap_or_default(),
            growing_reason: growing.as_ref().err().map(|why| sentence(why)),
            beyond: line.map(Line::beyond),
            deadline,
            slip,
            adjusted: line.and_then(|line| self.adjusted(line)),
            basis: self.basis_view(),
            burn_up: burn_up(basis),
            fan: line.map(|line| self.fan(line)).unwrap_or_default(),
            calibration: issued::calibration(kept),
        };
        outlook.sentence = said(&outlook);
        outlook
    }

    /// How the levels were adjusted, in working days of the headline level.
    fn adjusted(&self, line: &Line) -> Option<String> {
        if !self.adaptive.is_active() {
            return None;
        }
        let (plain, adjusted) = (line.when(85)?, self.adaptive.when(line)[2]?);
        let days = adjusted.cast_signed() - plain.cast_signed();
        let count = self.adaptive.resolved();
        Some(format!("Adjusted by {} after {count} forecasts.", signed_days(days)))
    }

    fn basis_view(&self) -> BasisView {
        let Basis { mode, sample, inputs, .. } = self.basis;
        let pace = Engine::default().pace(inputs);
        BasisView {
            mode: match mode {
                Mode::Independent => "independent",
                Mode::ExpertLed => "expert-led",
            }
            .to_owned(),
            sample: sample
                .days
                .iter()
                .map(|day| SampleDayView { date: day.day.to_string(), done: day.done })
                .collect(),
            regressions: inputs.regressions,
            additions: inputs.additions,
            dispersion: pace.dispersion,
            sigma: pace.sigma,
            seed: format!("{:016x}", self.seed),
            engine_version: ENGINE_VERSION,
        }
    }

    /// How many are done by days to come, until the date at 95 % or as far as is told.
    fn fan(&self, line: &Line) -> Vec<FanPoint> {
        let basis = self.basis;
        let Some(day_one) = basis.sample.day_one else { return Vec::new() };
        let done = basis.scope - basis.inputs.remaining;
        let last = line.when(95).unwrap_or(u32::MAX);
        let mut until = FAN.iter().filter(|days| **days <= last).copied().collect::<Vec<_>>();
        // One more, so that the fan reaches the line of scope.
        until.extend(FAN.iter().find(|days| **days > last));
        let at = |line: &Line, days: u32| -> Vec<u32> {
            let count = |level| line.how_many(days, level).unwrap_or(0);
            let left = basis.inputs.remaining;
            LEVELS
                .map(|level| done + u32::try_from(count(level)).unwrap_or(u32::MAX).min(left))
                .to_vec()
        };
        until
            .into_iter()
            .filter_map(|days| {
                Some(FanPoint {
                    date: basis.calendar.project(day_one, days)?.to_string(),
                    done: at(line, days),
                    growing: self.growing().map(|line| at(line, days)).unwrap_or_default(),
                })
            })
            .collect()
    }
}

fn burn_up(basis: &Basis) -> Vec<BurnDay> {
    let days = flow::days(&basis.tracks, &basis.window);
    let from = days.len().saturating_sub(BURN_DAYS);
    days[from..]
        .iter()
        .map(|day| BurnDay { date: day.day.to_string(), scope: day.scope, done: day.done })
        .collect()
}

/// The forecast in sentences, with all it depends on.
fn said(outlook: &OutlookView) -> String {
    let mut text = String::new();
    let basis = &outlook.basis;
    if outlook.remaining == 0 && outlook.scope > 0 {
        return "Nothing remains to be done.".to_owned();
    }
    if let Some(reason) = &outlook.reason {
        let _ = write!(text, "No forecast: {}", lower(reason));
    } else if let [even, _, likely, _] = outlook.levels.as_slice() {
        let by = |level: &LevelView| match &level.date {
            Some(day) => format!("{} % by {}", level.level, spelt(day)),
            None => format!("{} %: beyond 5 years at this pace", level.level),
        };
        let _ = write!(text, "With today\u{2019}s scope: {}, {}.", by(even), by(likely));
    }
    if let Some(deadline) = &outlook.deadline {
        let day = spelt(&deadline.date);
        if let Some(words) = &deadline.words {
            let _ = write!(text, " Deadline {day}: {words}.");
        } else if let Some(pace) = deadline.pace_needed {
            let _ = write!(text, " Deadline {day} needs {pace:.2} services a working day.");
        } else {
            let _ = write!(text, " Deadline {day} has passed.");
        }
    }
    if let Some(slip) = &outlook.slip {
        text.push(' ');
        text.push_str(&slipped(slip));
    }
    if outlook.reason.is_none() {
        let days = basis.sample.len();
        let _ = write!(text, " From {days} working days, {}.", basis.mode);
    }
    text.trim_start().to_owned()
}

fn slipped(slip: &SlipView) -> String {
    let since = spelt(&slip.since);
    if slip.total == 0 {
        return format!("The 85 % date has not moved since {since}.");
    }
    let parts: Vec<String> = [
        ("scope", slip.scope),
        ("regressions", slip.regressions),
        ("calendar", slip.calendar),
        ("pace", slip.pace),
        ("simulation", slip.noise),
    ]
    .into_iter()
    .filter(|(_, days)| *days != 0)
    .map(|(word, days)| format!("{word} {}", signed(days)))
    .collect();
    format!(
        "The 85 % date moved by {} since {since}: {}.",
        signed_days(slip.total),
        parts.join(", ")
    )
}

fn signed(days: i32) -> String {
    if days < 0 { format!("\u{2212}{}", days.unsigned_abs()) } else { format!("+{days}") }
}

fn signed_days(days: i32) -> String {
    let word = if days.abs() == 1 { "working day" } else { "working days" };
    format!("{} {word}", signed(days))
}

/// A day as it is said: `Fri 12 March 2027`.
pub(super) fn spelt(day: &str) -> String {
    let read: Option<NaiveDate> = day.parse().ok();
    read.map_or_else(|| day.to_owned(), |day| day.format("%a %-d %B %Y").to_string())
}

pub(crate) fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str() + "."
}

fn lower(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(|first| first.to_lowercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}
