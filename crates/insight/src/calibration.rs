//! How right were we? Every forecast that was shown is recorded, resolved later, and scored level
//! by level; the levels then adapt to what happened.

use crate::draw::{real, whole};
use crate::forecast::{ENGINE_VERSION, Forecast, LEVELS, Line};
use chrono::NaiveDate;
use pilotage_domain::Millis;

/// Beside each date, how many are done in so many working days is recorded: a programme has one
/// finish, but this resolves every sprint.
pub const SHORT_HORIZON: u32 = 10;
/// Resolved forecasts from which on the levels adapt.
pub const ADAPTIVE_FROM: u32 = 10;
/// How fast they adapt.
const LEARNING_RATE: f64 = 0.05;
/// Where the share of misses aimed at is kept.
const SHARES: (f64, f64) = (0.003, 0.5);
/// Of the standard normal: 90 % lie within.
const Z: f64 = 1.645;

/// What was forecast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// The working day by which so many remaining services are done.
    When {
        /// `R` at the as-of moment.
        remaining: u32,
    },
    /// How many are done in so many working days.
    HowMany {
        /// `h`.
        horizon: u32,
    },
}

/// A forecast as it was shown. It stays as it was, whatever becomes known later.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The moment as known at which it was made.
    pub as_of: Millis,
    /// The last closed working day then.
    pub last_closed: NaiveDate,
    /// What was forecast.
    pub question: Question,
    /// The answer at each of [`LEVELS`]: a working day counted from day 1, or a count; none beyond
    /// the cap.
    pub quantiles: [Option<u64>; 4],
    /// Of the engine.
    pub engine_version: u32,
    /// `σ`.
    pub sigma: f64,
    /// `φ`.
    pub dispersion: f64,
    /// `n`.
    pub days: usize,
    /// `s`.
    pub done: u64,
    /// The seed.
    pub seed: u64,
    /// Capacity of day 1 against the sample's.
    pub capacity: f64,
    /// Which calendar was in force.
    pub calendar_revision: u64,
}

/// When and from what a forecast was made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Circumstances {
    /// The as-of moment.
    pub as_of: Millis,
    /// The last closed working day.
    pub last_closed: NaiveDate,
    /// `R`.
    pub remaining: u32,
    /// The seed.
    pub seed: u64,
    /// Capacity of day 1 against the sample's.
    pub capacity: f64,
    /// Which calendar was in force.
    pub calendar_revision: u64,
}

/// The records of a forecast's main line: its date, and the count of [`SHORT_HORIZON`] where that
/// was among its horizons.
pub fn record(forecast: &Forecast, circumstances: &Circumstances) -> Vec<Record> {
    let line = &forecast.today;
    let of = |question, quantiles| Record {
        as_of: circumstances.as_of,
        last_closed: circumstances.last_closed,
        question,
        quantiles,
        engine_version: ENGINE_VERSION,
        sigma: forecast.pace.sigma,
        dispersion: forecast.pace.dispersion,
        days: forecast.pace.days,
        done: forecast.pace.done,
        seed: circumstances.seed,
        capacity: circumstances.capacity,
        calendar_revision: circumstances.calendar_revision,
    };
    let when = LEVELS.map(|level| line.when(level).map(u64::from));
    let counts = LEVELS.map(|level| line.how_many(SHORT_HORIZON, level));
    let mut records = vec![of(Question::When { remaining: circumstances.remaining }, when)];
    if counts.iter().all(Option::is_some) {
        records.push(of(Question::HowMany { horizon: SHORT_HORIZON }, counts));
    }
    records
}

/// What happened on one closed working day after a forecast, to the services it spoke of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Since {
    /// Entries into *done*.
    pub entries: u32,
    /// Services that were done and regressed.
    pub returns: u32,
    /// Services removed from that scope.
    pub removed: u32,
    /// The programme was planned anew by hand.
    pub replanned: bool,
}

/// What became of a forecast. The arrays go with [`LEVELS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// Not known yet. A level whose day has passed is missed already: waiting would hide failures.
    Open {
        /// Levels that are missed.
        missed: [bool; 4],
    },
    /// It came to this day, or this count.
    Resolved {
        /// The working day counted from day 1, or the count.
        value: u64,
        /// Levels that held.
        held: [bool; 4],
    },
    /// Listed, not scored: more than a fifth of its services were removed, or all was replanned.
    Void,
}

/// Resolves a forecast by the closed working days since, day 1 first.
pub fn resolve(record: &Record, days: &[Since]) -> Resolution {
    match record.question {
        Question::When { remaining } => resolve_date(record, remaining, days),
        Question::HowMany { horizon } => resolve_count(record, horizon, days),
    }
}

fn resolve_date(record: &Record, remaining: u32, days: &[Since]) -> Resolution {
    let (mut net, mut removed) = (0_i64, 0_u64);
    let remaining = u64::from(remaining);
    for (number, day) in (1_u64..).zip(days) {
        removed += u64::from(day.removed);
        if day.replanned || removed * 5 > remaining {
            return Resolution::Void;
        }
        net += i64::from(day.entries) - i64::from(day.returns);
        if u64::try_from(net).is_ok_and(|net| net + removed >= remaining) {
            let held = record.quantiles.map(|by| by.is_none_or(|by| number <= by));
            return Resolution::Resolved { value: number, held };
        }
    }
    let passed = u64::try_from(days.len()).unwrap_or(u64::MAX);
    Resolution::Open { missed: record.quantiles.map(|by| by.is_some_and(|by| by <= passed)) }
}

fn resolve_count(record: &Record, horizon: u32, days: &[Since]) -> Resolution {
    let horizon = usize::try_from(horizon).unwrap_or(usize::MAX);
    let within = &days[..days.len().min(horizon)];
    if within.iter().any(|day| day.replanned) {
        return Resolution::Void;
    }
    if within.len() < horizon {
        return Resolution::Open { missed: [false; 4] };
    }
    let value = within.iter().map(|day| u64::from(day.entries)).sum();
    let held = record.quantiles.map(|least| least.is_none_or(|least| value >= least));
    Resolution::Resolved { value, held }
}

/// Levels that adapt to what came true: adaptive conformal inference (Gibbs and Candès 2021),
/// `α ← α + 0.05·(α₀ − miss)`. It cannot rescue a bad model, and need not correct a good one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adaptive {
    /// The share of misses aimed at, for each of [`LEVELS`].
    alpha: [f64; 4],
    /// Forecasts that were resolved.
    resolved: u32,
}

impl Default for Adaptive {
    fn default() -> Self {
        Self { alpha: LEVELS.map(promised_misses), resolved: 0 }
    }
}

fn promised_misses(level: u8) -> f64 {
    1.0 - f64::from(level) / 100.0
}

impl Adaptive {
    /// From the levels that held, oldest forecast first.
    pub fn after(resolved: impl IntoIterator<Item = [bool; 4]>) -> Self {
        resolved.into_iter().fold(Self::default(), Self::observe)
    }

    fn observe(mut self, held: [bool; 4]) -> Self {
        for ((alpha, level), held) in self.alpha.iter_mut().zip(LEVELS).zip(held) {
            let miss = if held { 0.0 } else { 1.0 };
            *alpha += LEARNING_RATE * (promised_misses(level) - miss);
            *alpha = alpha.clamp(SHARES.0, SHARES.1);
        }
        self.resolved += 1;
        self
    }

    /// How many resolved forecasts it has seen.
    pub fn resolved(&self) -> u32 {
        self.resolved
    }

    /// Whether it changes anything yet.
    pub fn is_active(&self) -> bool {
        self.resolved >= ADAPTIVE_FROM
    }

    /// The levels to read for each of [`LEVELS`], in millionths; the same while it is not active.
    fn millionths(&self) -> [u32; 4] {
        let alpha = if self.is_active() { self.alpha } else { Self::default().alpha };
        alpha.map(|alpha| u32::try_from(whole(((1.0 - alpha) * 1e6).round())).unwrap_or(1_000_000))
    }

    /// The adjusted days of a line, at each of [`LEVELS`]; they never cross.
    pub fn when(&self, line: &Line) -> [Option<u32>; 4] {
        let mut days = self.millionths().map(|level| line.when_at(level).unwrap_or(u32::MAX));
        days.sort_unstable();
        days.map(|day| (day != u32::MAX).then_some(day))
    }

    /// The adjusted counts of a line within a horizon, at each of [`LEVELS`]; they never cross.
    pub fn how_many(&self, line: &Line, horizon: u32) -> Option<[u64; 4]> {
        let mut counts = [0; 4];
        for (count, level) in counts.iter_mut().zip(self.millionths()) {
            *count = line.how_many_at(horizon, level)?;
        }
        counts.sort_unstable_by(|a, b| b.cmp(a));
        Some(counts)
    }
}

/// How often one level held.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coverage {
    /// The level, in percent.
    pub level: u8,
    /// Forecasts that held.
    pub held: u32,
    /// Forecasts that are resolved.
    pub resolved: u32,
}

impl Coverage {
    /// The plausible shares: Wilson's interval of 90 % (1927); none without a resolved forecast.
    pub fn plausible(&self) -> Option<(f64, f64)> {
        if self.resolved == 0 {
            return None;
        }
        let count = f64::from(self.resolved);
        let share = f64::from(self.held) / count;
        let square = Z * Z;
        let centre = share + square / (2.0 * count);
        let reach = Z * (share * (1.0 - share) / count + square / (4.0 * count * count)).sqrt();
        let scale = 1.0 + square / count;
        // Rounding would pass the ends of a share: no 100.00000000000002 %.
        Some((((centre - reach) / scale).max(0.0), ((centre + reach) / scale).min(1.0)))
    }

    /// Until the interval is narrower than 20 points.
    pub fn is_too_few(&self) -> bool {
        self.plausible().is_none_or(|(low, high)| high - low >= 0.2)
    }

    /// As shown: "85 % forecasts held 11 of 13 times (63–95 % plausible): too few to judge."
    pub fn words(&self) -> String {
        let Some((low, high)) = self.plausible() else {
            return format!("No {} % forecast is resolved yet.", self.level);
        };
        let percent = |share: f64| whole((share * 100.0).round());
        let few = if self.is_too_few() { ": too few to judge" } else { "" };
        format!(
            "{} % forecasts held {} of {} times ({}–{} % plausible){few}.",
            self.level,
            self.held,
            self.resolved,
            percent(low),
            percent(high)
        )
    }
}

/// Coverage of each of [`LEVELS`]. What is missed already counts, though not resolved at other
/// levels; a void forecast does not.
pub fn coverage(resolutions: &[Resolution]) -> [Coverage; 4] {
    let mut all = LEVELS.map(|level| Coverage { level, held: 0, resolved: 0 });
    for resolution in resolutions {
        for (place, coverage) in all.iter_mut().enumerate() {
            let held = match resolution {
                Resolution::Resolved { held, .. } => Some(held[place]),
                Resolution::Open { missed } => missed[place].then_some(false),
                Resolution::Void => None,
            };
            coverage.resolved += u32::from(held.is_some());
            coverage.held += u32::from(held == Some(true));
        }
    }
    all
}

/// The probability integral transform of a day that came: the share of the trials below it. Days
/// are whole, so it is spread over its step by `spread`, a seeded number between 0 and 1. Over many
/// forecasts flat is right; a U is over-confident, a hump too cautious.
pub fn transform_of_day(line: &Line, day: u32, spread: f64) -> f64 {
    let below = line.likelihood(day.saturating_sub(1));
    below + spread * (line.likelihood(day) - below)
}

/// The same for a count within a horizon; none for a horizon that was not asked for.
pub fn transform_of_count(line: &Line, horizon: u32, count: u64, spread: f64) -> Option<f64> {
    let below = 1.0 - line.likelihood_of_count(horizon, count)?;
    let through = 1.0 - line.likelihood_of_count(horizon, count + 1)?;
    Some(below + spread * (through - below))
}

/// The pinball loss of a quantile at a share from 0 to 1: small where it is near, and weighted by
/// the side it errs on.
pub fn pinball(came: u64, quantile: u64, share: f64) -> f64 {
    if came >= quantile {
        real(came - quantile) * share
    } else {
        real(quantile - came) * (1.0 - share)
    }
}

/// The chance that the next value lies within the range of `days` values seen so far, free of any
/// model: `(n − 1)/(n + 1)`.
pub fn chance_of_range(days: u32) -> f64 {
    f64::from(days.saturating_sub(1)) / (f64::from(days) + 1.0)
}
