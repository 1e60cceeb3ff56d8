//! The forecast: from the counts of past working days to dates and counts, each at a level of
//! confidence that was measured to hold.
//!
//! The rate of a team is known from few days only, and its future rate is not its past one. So a
//! trial draws the rate from its posterior (Jeffreys prior, information divided by the dispersion
//! `φ`: quasi-likelihood), one factor of drift, and then days that scatter as the past days did
//! (negative binomial of variance `φ·μ`). Resampling past days leaves the first two out, and its
//! dates at 85 % hold two times of three.
//!
//! Deliberately absent: narrowing the window by itself, detection of regimes, and a smaller `σ` for
//! samples that look even: none of them made forecasts come true more often.

mod combined;
mod guard;
mod model;
mod result;
mod seed;
mod words;

pub use combined::{Together, likelihood_of_all, when_all};
pub use guard::{Withheld, guard};
pub use model::Capacity;
pub use result::{Forecast, Line, NoGrowth, Pace};
pub use seed::seed;
pub use words::{Chance, Status, percent_words};

use model::{Model, Trial};

/// Changes whenever any number may change; recorded forecasts keep theirs.
pub const ENGINE_VERSION: u32 = 1;
/// Levels of confidence, in percent.
pub const LEVELS: [u8; 4] = [50, 70, 85, 95];
/// The level of headlines, in percent.
pub const HEADLINE: u8 = 85;
/// Working days after which a trial counts as never: five years.
pub const CAP: u32 = 1_300;
/// Closed working days that a sample has at most.
pub const WINDOW: usize = 40;
/// Days from which on the dispersion is that of 5-day blocks, and growth of scope is told.
const ENOUGH_DAYS: usize = 15;
/// Days in a block.
const BLOCK: usize = 5;

/// What is known at the close of the last working day.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Inputs {
    /// Entries into *done* per closed working day, oldest first, zeros included. Only the last
    /// [`WINDOW`] count.
    pub sample: Vec<u32>,
    /// Services in scope that are not done, regressed ones included.
    pub remaining: u32,
    /// Services that were done and regressed, within the days of the sample.
    pub regressions: u32,
    /// Services added to the scope within the days of the sample.
    pub additions: u32,
    /// Capacity of the days to come against that of the sample's days.
    pub capacity: Capacity,
}

impl Inputs {
    /// The days that count.
    pub fn window(&self) -> &[u32] {
        &self.sample[self.sample.len().saturating_sub(WINDOW)..]
    }
}

/// How far the future rate may drift from the past one: the standard deviation of its logarithm.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Drift {
    /// `√(0.35² + 0.6/n)`, fitted on 83 series of public repositories, so that the four levels hold
    /// at every `n` from 5 to 40.
    #[default]
    Rule,
    /// This one. To be lowered only on the programme's own resolved forecasts.
    Fixed(f64),
}

impl Drift {
    /// `σ` for a sample of so many days.
    pub fn sigma(self, days: usize) -> f64 {
        match self {
            Self::Rule => (0.35 * 0.35 + 0.6 / draw_count(days.max(1))).sqrt(),
            Self::Fixed(sigma) => sigma,
        }
    }
}

fn draw_count(count: usize) -> f64 {
    crate::draw::real(u64::try_from(count).unwrap_or(u64::MAX))
}

/// How the trials of today's scope without returns are run. Both answer alike.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// By the rate's own clock: a count reaches `R` when the clock reaches a `Gamma(R, 1)` number.
    #[default]
    Clock,
    /// Day by day, as with returns or growth. The reference.
    Days,
}

/// The engine and its settings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Engine {
    /// How many trials; at least 1.
    pub trials: u32,
    /// The drift.
    pub drift: Drift,
    /// How they are run.
    pub method: Method,
}

impl Default for Engine {
    fn default() -> Self {
        Self { trials: 10_000, drift: Drift::Rule, method: Method::Clock }
    }
}

impl Engine {
    /// Forecasts, or says why it does not. `horizons` are working days for "how many by then", each
    /// at most [`CAP`].
    pub fn forecast(
        &self,
        inputs: &Inputs,
        horizons: &[u32],
        seed: u64,
    ) -> Result<Forecast, Withheld> {
        guard(inputs)?;
        let growing = if inputs.window().len() < ENOUGH_DAYS {
            Err(NoGrowth::TooFewDays)
        } else if inputs.additions == 0 {
            Err(NoGrowth::NoneSeen)
        } else {
            let model = Model::new(inputs, self.drift).growing();
            Ok(self.run(&model, horizons, seed))
        };
        Ok(Forecast {
            pace: self.pace(inputs),
            today: self.simulate(inputs, horizons, seed),
            growing,
            returns_exceed_sample: Model::new(inputs, self.drift).returns_exceed_sample(),
        })
    }

    /// The line of today's scope without asking the guard: for measuring the guard itself.
    pub fn simulate(&self, inputs: &Inputs, horizons: &[u32], seed: u64) -> Line {
        self.run(&Model::new(inputs, self.drift), horizons, seed)
    }

    /// What the engine reads from the sample.
    pub fn pace(&self, inputs: &Inputs) -> Pace {
        let window = inputs.window();
        Pace {
            days: window.len(),
            done: window.iter().map(|day| u64::from(*day)).sum(),
            dispersion: model::dispersion(window),
            sigma: self.drift.sigma(window.len()),
        }
    }

    fn run(&self, model: &Model, horizons: &[u32], seed: u64) -> Line {
        let mut horizons: Vec<u32> = horizons.iter().map(|days| (*days).min(CAP)).collect();
        horizons.sort_unstable();
        horizons.dedup();
        let mut finish = Vec::new();
        let mut counts = vec![Vec::new(); horizons.len()];
        for trial in 0..self.trials.max(1) {
            let Trial { finished, done } = model.trial(seed, trial.into(), &horizons, self.method);
            finish.push(finished.unwrap_or(result::BEYOND));
            for (counts, done) in counts.iter_mut().zip(done) {
                counts.push(done);
            }
        }
        Line::new(finish, horizons.into_iter().zip(counts))
    }
}
