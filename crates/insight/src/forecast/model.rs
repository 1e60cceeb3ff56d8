//! One trial: a rate, a drift, and the days that follow from them.

use super::{BLOCK, CAP, Drift, ENOUGH_DAYS, Inputs, Method, draw_count};
use crate::draw::{Counts, is_scattered, real, whole};
use crate::random::Random;

/// More regressions than completions tell little; no more than this share is taken to return.
const MOST_RETURN: f64 = 0.9;

/// Capacity of the days to come, as a multiple of the mean of the sample's days.
#[derive(Clone, Debug, PartialEq)]
pub struct Capacity {
    /// Of the first days, day 1 first.
    pub planned: Vec<f64>,
    /// Of every day after them.
    pub after: f64,
}

impl Default for Capacity {
    fn default() -> Self {
        Self { planned: Vec::new(), after: 1.0 }
    }
}

impl Capacity {
    /// Of a day to come, counted from 1.
    pub fn of(&self, day: u32) -> f64 {
        let planned = usize::try_from(day).ok().and_then(|day| self.planned.get(day - 1));
        planned.copied().unwrap_or(self.after).max(0.0)
    }
}

/// Sample variance over mean, at least 1: of the days, or from 15 days on of the totals of 5-day
/// blocks that are aligned to the end. The oldest days that fill no block do not count here.
pub fn dispersion(window: &[u32]) -> f64 {
    let totals: Vec<f64> = if window.len() < ENOUGH_DAYS {
        window.iter().map(|day| f64::from(*day)).collect()
    } else {
        let blocks = window[window.len() % BLOCK..].chunks(BLOCK);
        blocks.map(|block| block.iter().map(|day| f64::from(*day)).sum()).collect()
    };
    if totals.len() < 2 {
        return 1.0;
    }
    let mean = totals.iter().sum::<f64>() / draw_count(totals.len());
    let squares: f64 = totals.iter().map(|total| (total - mean) * (total - mean)).sum();
    let variance = squares / draw_count(totals.len() - 1);
    if mean > 0.0 { (variance / mean).max(1.0) } else { 1.0 }
}

/// What every trial shares.
pub struct Model {
    remaining: u64,
    /// Shape and scale of the rate's posterior, completions a day.
    rate: (f64, f64),
    dispersion: f64,
    sigma: f64,
    /// Shapes of the share that returns, where a regression was seen.
    returns: Option<(f64, f64)>,
    returns_exceed_sample: bool,
    /// Shape and scale of the additions a day, on the line of growing scope.
    growth: Option<(f64, f64)>,
    additions: (f64, f64),
    /// Capacity of the first days together, from none to all [`CAP`].
    running: Vec<f64>,
    capacity: Vec<f64>,
}

/// What came of one trial.
pub struct Trial {
    /// The working day on which nothing remained.
    pub finished: Option<u32>,
    /// Completions until each horizon, more than remained included.
    pub done: Vec<u64>,
}

impl Model {
    pub fn new(inputs: &Inputs, drift: Drift) -> Self {
        let window = inputs.window();
        let days = draw_count(window.len().max(1));
        let done = window.iter().map(|day| f64::from(*day)).sum::<f64>();
        let dispersion = dispersion(window);
        let regressions = f64::from(inputs.regressions);
        let capacity: Vec<f64> = (1..=CAP).map(|day| inputs.capacity.of(day)).collect();
        let mut running = vec![0.0];
        running.extend(capacity.iter().scan(0.0, |sum, capacity| {
            *sum += capacity;
            Some(*sum)
        }));
        Self {
            remaining: inputs.remaining.into(),
            rate: ((0.5 + done) / dispersion, dispersion / days),
            dispersion,
            sigma: drift.sigma(window.len()),
            returns: (inputs.regressions > 0)
                .then_some((0.5 + regressions, 0.5 + (done - regressions).max(0.0))),
            returns_exceed_sample: regressions > done,
            growth: None,
            additions: (0.5 + f64::from(inputs.additions), 1.0 / days),
            running,
            capacity,
        }
    }

    /// The same, with scope that keeps growing as seen.
    pub fn growing(self) -> Self {
        Self { growth: Some(self.additions), ..self }
    }

    pub fn returns_exceed_sample(&self) -> bool {
        self.returns_exceed_sample
    }

    /// Runs one trial on its own stream. The order of the draws is fixed: rate, drift, share of
    /// returns, growth, then the days.
    pub fn trial(&self, seed: u64, number: u64, horizons: &[u32], method: Method) -> Trial {
        let mut random = Random::new(seed, number);
        let (shape, scale) = self.rate;
        let rate = random.gamma(shape) * scale;
        let drift = libm::exp(self.sigma * random.normal() - self.sigma * self.sigma / 2.0);
        let returns = self.returns.map(|(a, b)| random.beta(a, b));
        let returns = returns
            .map(|share| if self.returns_exceed_sample { share.min(MOST_RETURN) } else { share });
        let growth = self.growth.map(|(shape, scale)| random.gamma(shape) * scale);
        let rate = rate * drift;
        if method == Method::Days || returns.is_some() || growth.is_some() {
            return self.by_days(&mut random, rate, returns, growth, horizons);
        }
        let finished = if is_scattered(self.dispersion) {
            self.scattered_finish(&mut random, rate)
        } else {
            self.even_finish(&mut random, rate)
        };
        Trial { finished, done: self.counts(&mut random, rate, horizons) }
    }

    fn by_days(
        &self,
        random: &mut Random,
        rate: f64,
        returns: Option<f64>,
        growth: Option<f64>,
        horizons: &[u32],
    ) -> Trial {
        let longest = horizons.last().copied().unwrap_or(0);
        let mut trial = Trial { finished: None, done: Vec::with_capacity(horizons.len()) };
        let (mut remaining, mut total) = (self.remaining, 0);
        let growth = growth.map(|mean| Counts::new(mean, 1.0));
        // Most days are like the one before.
        let (mut of, mut completions) = (1.0, Counts::new(rate, self.dispersion));
        for (day, capacity) in (1..).zip(&self.capacity) {
            if trial.finished.is_some() && day > longest {
                break;
            }
            remaining += growth.as_ref().map_or(0, |additions| additions.draw(random));
            if capacity.total_cmp(&of).is_ne() {
                (of, completions) = (*capacity, Counts::new(rate * capacity, self.dispersion));
            }
            let completed = completions.draw(random);
            let taken = completed.min(remaining);
            remaining -= taken;
            total += completed;
            if horizons.get(trial.done.len()) == Some(&day) {
                trial.done.push(total);
            }
            if trial.finished.is_none() {
                if remaining == 0 {
                    trial.finished = Some(day);
                }
                // They come back on the following day.
                else if let Some(share) = returns {
                    remaining += random.binomial(taken, share);
                }
            }
        }
        trial
    }

    /// A count reaches `R` when its clock reaches `Gamma(R, 1)`.
    fn even_finish(&self, random: &mut Random, rate: f64) -> Option<u32> {
        let target = random.gamma(real(self.remaining));
        let day = self.running.partition_point(|capacity| rate * capacity < target);
        u32::try_from(day).ok().filter(|day| *day <= CAP)
    }

    /// The same with a clock that scatters: a Gamma process. Its increments are drawn over longer
    /// and longer stretches until it passes the target; then the stretch is halved, each half's
    /// share being a Beta number.
    fn scattered_finish(&self, random: &mut Random, rate: f64) -> Option<u32> {
        let scale = self.dispersion - 1.0;
        let target = random.gamma(real(self.remaining)) / scale;
        let rate = rate / scale;
        let span = |from: usize, to: usize| rate * (self.running[to] - self.running[from]);
        let cap = self.running.len() - 1;
        let expected = usize::try_from(whole(target / rate)).unwrap_or(cap);
        let (mut low, mut clock) = (0, 0.0);
        let mut high = expected.clamp(1, cap);
        let mut step = random.gamma(span(low, high));
        while clock + step < target {
            if high == cap {
                return None;
            }
            clock += step;
            low = high;
            high = (2 * high).min(cap);
            step = random.gamma(span(low, high));
        }
        while high - low > 1 {
            let middle = usize::midpoint(low, high);
            let first = step * random.beta(span(low, middle), span(middle, high));
            if clock + first < target {
                clock += first;
                low = middle;
                step -= first;
            } else {
                high = middle;
                step = first;
            }
        }
        u32::try_from(high).ok()
    }

    fn counts(&self, random: &mut Random, rate: f64, horizons: &[u32]) -> Vec<u64> {
        let (mut passed, mut total) = (0.0, 0);
        let counted = horizons.iter().map(|day| {
            let capacity = self.running[usize::try_from(*day).unwrap_or(0)];
            total += random.count(rate * (capacity - passed), self.dispersion);
            passed = capacity;
            total
        });
        counted.collect()
    }
}
