//! A forecast of counts in a file: the engine alone, without a programme. The calendar is Monday to
//! Friday, without holidays.
//!
//! What is deliberately absent: any forecast of a programme. That one reads its own log, calendar
//! and scope.

use crate::clock::Clock;
use crate::error::{ApiError, Code};
use crate::handlers::parse_day;
use crate::programme;
use chrono::NaiveDate;
use pilotage_domain::calendar::{Calendar, start_of};
use pilotage_domain::text::visible;
use pilotage_insight::forecast::{
    Chance, ENGINE_VERSION, Engine, Forecast, Inputs, LEVELS, Line, Status, seed,
};
use pilotage_insight::sample::pace_needed;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// Larger files hold no counts of working days.
const MAX_BYTES: u64 = 1 << 20;
/// No more is done in a day.
const MAX_COUNT: u32 = 1_000_000;

/// What is asked.
#[derive(Debug, Clone)]
pub struct ForecastQuestion {
    /// The file with the counts: separated by blanks or line ends, one a working day, oldest first.
    pub throughput: PathBuf,
    /// What remains to be done.
    pub remaining: u32,
    /// Day 1, moved to the next working day; today without it.
    pub start: Option<String>,
    /// Working days for "how many by then".
    pub horizon: Option<u32>,
    /// A local day for the likelihood.
    pub deadline: Option<String>,
}

/// What is answered. Keys of the maps are the levels in percent.
#[derive(Debug, Clone, Serialize)]
pub struct ForecastAnswer {
    /// The working day, day 1 included, by which nothing remains; null beyond five years.
    pub when: Option<BTreeMap<String, Option<u32>>>,
    /// The same as dates.
    pub dates: Option<BTreeMap<String, Option<String>>>,
    /// How many are done at least within the horizon; may be more than remain. Null without one.
    pub how_many: Option<BTreeMap<String, u64>>,
    /// Why there is no forecast.
    pub reason: Option<String>,
    /// Day 1.
    pub start: String,
    /// What remains to be done.
    pub remaining: u32,
    /// Working days of `how_many`.
    pub horizon: Option<u32>,
    /// The deadline, where one was named.
    pub deadline: Option<DeadlineAnswer>,
    /// Share of the trials that end beyond five years.
    pub beyond: Option<f64>,
    /// What was read from the file.
    pub sample: SampleAnswer,
    /// Version of the engine.
    pub engine_version: u32,
    /// The seed, in 16 hexadecimal digits; the same inputs have the same.
    pub seed: String,
}

/// How the deadline stands.
#[derive(Debug, Clone, Serialize)]
pub struct DeadlineAnswer {
    /// The day.
    pub date: String,
    /// Working days from day 1 until then.
    pub workdays: u32,
    /// It lies before day 1.
    pub passed: bool,
    /// Share of the trials that meet it; null without a forecast.
    pub likelihood: Option<f64>,
    /// The same, as it is said.
    pub words: Option<String>,
    /// By the likelihood: On course, Likely, At risk, Off course, or Unknown.
    pub status: String,
    /// Services a working day that would meet it; null where no working day is left.
    pub pace_needed: Option<f64>,
}

/// What the engine read from the counts.
#[derive(Debug, Clone, Serialize)]
pub struct SampleAnswer {
    /// Working days that count, at most 40.
    pub days: usize,
    /// Done in them.
    pub done: u64,
    /// How the days scatter, `φ`.
    pub dispersion: f64,
    /// How far the pace may drift, `σ`.
    pub sigma: f64,
}

/// Forecasts. Where the sample is too small to tell, the answer says why.
pub fn forecast_file(
    question: &ForecastQuestion,
    clock: Clock,
) -> Result<ForecastAnswer, ApiError> {
    let sample = read(&question.throughput)?;
    let zone = programme::parse_zone(&programme::system_zone()).unwrap_or_default();
    let calendar = Calendar::weekly(zone);
    let start = match &question.start {
        Some(day) => calendar.working_from(parse_day("start", day)?),
        None => calendar.first_open(clock.now()),
    };
    let start = start.ok_or_else(|| ApiError::argument("start", "lies beyond all calendars"))?;
    let deadline = question.deadline.as_deref().map(|day| parse_day("deadline", day));
    let deadline = deadline.transpose()?;
    let inputs = Inputs { sample, remaining: question.remaining, ..Inputs::default() };
    let engine = Engine::default();
    let as_of = start_of(start, chrono_tz::UTC);
    let seed = seed(&engine, Uuid::nil(), as_of, &inputs);
    let forecast = engine.forecast(&inputs, question.horizon.as_slice(), seed);
    let reason = forecast.as_ref().err().map(|why| sentence(&why.to_string()));
    let line = forecast.ok().map(|Forecast { today, .. }| today);
    let pace = engine.pace(&inputs);
    let days = line.as_ref().map(|line| LEVELS.map(|level| (level.to_string(), line.when(level))));
    let dated = |(level, days): (String, Option<u32>)| {
        let date = days.and_then(|days| calendar.project(start, days));
        (level, date.map(|date| date.to_string()))
    };
    Ok(ForecastAnswer {
        dates: days.clone().map(|days| days.into_iter().map(dated).collect()),
        when: days.map(|days| days.into_iter().collect()),
        how_many: line.as_ref().zip(question.horizon).map(|(line, days)| counts(line, days)),
        reason,
        start: start.to_string(),
        remaining: question.remaining,
        horizon: question.horizon,
        deadline: deadline.map(|day| by(line.as_ref(), &calendar, start, day, question.remaining)),
        beyond: line.as_ref().map(Line::beyond),
        sample: SampleAnswer {
            days: pace.days,
            done: pace.done,
            dispersion: pace.dispersion,
            sigma: pace.sigma,
        },
        engine_version: ENGINE_VERSION,
        seed: format!("{seed:016x}"),
    })
}

fn counts(line: &Line, horizon: u32) -> BTreeMap<String, u64> {
    LEVELS
        .into_iter()
        .map(|level| (level.to_string(), line.how_many(horizon, level).unwrap_or(0)))
        .collect()
}

fn by(
    line: Option<&Line>,
    calendar: &Calendar,
    start: NaiveDate,
    deadline: NaiveDate,
    remaining: u32,
) -> DeadlineAnswer {
    let chance = line.map(|line| line.by(calendar, start, deadline));
    DeadlineAnswer {
        date: deadline.to_string(),
        workdays: calendar.workdays(start, deadline),
        passed: deadline < start,
        likelihood: chance.map(|chance| chance.share),
        words: chance.map(Chance::words),
        status: Status::of(chance.map(|chance| chance.share)).word().to_owned(),
        pace_needed: pace_needed(calendar, start, deadline, remaining),
    }
}

fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str() + "."
}

/// The counts of a file, oldest first.
fn read(path: &Path) -> Result<Vec<u32>, ApiError> {
    let shown = path.display().to_string();
    let refuse = |reason: &str, why: String| {
        let message = format!("{} {why}. Nothing was forecast.", visible(&shown));
        ApiError::new(Code::FileRejected, message).with("file", &shown).with("reason", reason)
    };
    let facts = match std::fs::metadata(path) {
        Ok(facts) => facts,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(refuse("file_missing", "is not there".to_owned()));
        }
        Err(error) => return Err(refuse("file_unreadable", format!("cannot be read: {error}"))),
    };
    if facts.is_dir() {
        return Err(refuse("file_is_directory", "is a folder, not a file".to_owned()));
    }
    if facts.len() > MAX_BYTES {
        return Err(refuse("file_too_large", "is larger than 1 MB".to_owned()));
    }
    let bytes = std::fs::read(path)
        .map_err(|error| refuse("file_unreadable", format!("cannot be read: {error}")))?;
    let text = String::from_utf8(bytes)
        .map_err(|_| refuse("file_not_text", "is not text in UTF-8".to_owned()))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let mut counts = Vec::new();
    for (index, line) in text.lines().enumerate() {
        for (place, word) in line.split_whitespace().enumerate() {
            counts.push(count(word).ok_or_else(|| {
                let line = index + 1;
                let why = format!(
                    "line {line}, word {}: \u{201c}{}\u{201d} is no count; write whole numbers from \
                     0 to {MAX_COUNT}, one a working day",
                    place + 1,
                    visible(&shortened(word))
                );
                let message = format!("{}, {why}. Nothing was forecast.", visible(&shown));
                ApiError::new(Code::FileRejected, message)
                    .with("file", &shown)
                    .with("line", line)
                    .with("reason", "count_invalid")
            })?);
        }
    }
    Ok(counts)
}

fn count(word: &str) -> Option<u32> {
    let digits = word.bytes().all(|byte| byte.is_ascii_digit());
    word.parse().ok().filter(|count| digits && *count <= MAX_COUNT)
}

fn shortened(word: &str) -> String {
    if word.chars().count() <= 40 {
        return word.to_owned();
    }
    word.chars().take(40).chain(['…']).collect()
}
