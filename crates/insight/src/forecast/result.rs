//! What a forecast says: quantiles in integers, and the two directions of safety. A later date is
//! safer; a smaller count is.

use super::CAP;

/// Stands for a trial that never ended.
pub const BEYOND: u32 = u32::MAX;
const MILLIONTHS_IN_PERCENT: u32 = 10_000;

/// What the engine read from the sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    /// Days of the sample, `n`.
    pub days: usize,
    /// Completions of the sample, `s`.
    pub done: u64,
    /// Dispersion, `φ`.
    pub dispersion: f64,
    /// Drift, `σ`.
    pub sigma: f64,
}

/// Why there is no line of growing scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoGrowth {
    /// Few days make its tail explode.
    #[error("too few days to tell how scope grows: 15 are needed")]
    TooFewDays,
    /// Scope did not grow.
    #[error("no service was added to the scope in the days of the sample")]
    NoneSeen,
}

/// A forecast: always both lines of scope.
#[derive(Clone, Debug, PartialEq)]
pub struct Forecast {
    /// What the engine read from the sample.
    pub pace: Pace,
    /// Today's scope; returns only once a regression was seen. The calibrated line.
    pub today: Line,
    /// If scope keeps growing as seen, or why that is not told.
    pub growing: Result<Line, NoGrowth>,
    /// More services regressed than were done in the sample: the share of returns is a guess.
    pub returns_exceed_sample: bool,
}

/// The trials of one line of scope.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Working days until nothing remained, in order; [`BEYOND`] for never.
    finish: Vec<u32>,
    /// For each horizon in working days, the completions until then, in order.
    counts: Vec<(u32, Vec<u64>)>,
}

impl Line {
    pub(super) fn new(mut finish: Vec<u32>, counts: impl Iterator<Item = (u32, Vec<u64>)>) -> Self {
        finish.sort_unstable();
        let ordered = |(horizon, mut counts): (u32, Vec<u64>)| {
            counts.sort_unstable();
            (horizon, counts)
        };
        Self { finish, counts: counts.map(ordered).collect() }
    }

    /// The working day by which it is done with `level` percent: the first that enough trials make.
    /// None where too many trials end beyond [`CAP`].
    pub fn when(&self, level: u8) -> Option<u32> {
        self.when_at(u32::from(level) * MILLIONTHS_IN_PERCENT)
    }

    /// The same at a level in millionths, for levels that were adjusted.
    pub(crate) fn when_at(&self, level: u32) -> Option<u32> {
        let day = self.finish[need(level, self.finish.len()) - 1];
        (day != BEYOND).then_some(day)
    }

    /// How many are done within the horizon with `level` percent: the *largest* count that enough
    /// trials reach. More than remain, where the pace outruns them. None for a horizon that was not
    /// asked for.
    pub fn how_many(&self, horizon: u32, level: u8) -> Option<u64> {
        self.how_many_at(horizon, u32::from(level) * MILLIONTHS_IN_PERCENT)
    }

    /// The same at a level in millionths.
    pub(crate) fn how_many_at(&self, horizon: u32, level: u32) -> Option<u64> {
        let (_, counts) = self.counts.iter().find(|(days, _)| *days == horizon)?;
        Some(counts[counts.len() - need(level, counts.len())])
    }

    /// The share of trials that are done by the working day, whether any ended on it or not.
    pub fn likelihood(&self, day: u32) -> f64 {
        let done = self.finish.partition_point(|finish| *finish <= day.min(CAP));
        super::draw_count(done) / super::draw_count(self.finish.len())
    }

    /// The share of trials that reach at least `count` within the horizon.
    pub fn likelihood_of_count(&self, horizon: u32, count: u64) -> Option<f64> {
        let (_, counts) = self.counts.iter().find(|(days, _)| *days == horizon)?;
        let fewer = counts.partition_point(|reached| *reached < count);
        Some(super::draw_count(counts.len() - fewer) / super::draw_count(counts.len()))
    }

    /// The share of trials that end beyond [`CAP`].
    pub fn beyond(&self) -> f64 {
        1.0 - self.likelihood(CAP)
    }

    /// The day of every trial, in order; none for those beyond [`CAP`], which come last.
    pub fn days(&self) -> impl Iterator<Item = Option<u32>> {
        self.finish.iter().map(|day| (*day != BEYOND).then_some(*day))
    }
}

/// How many of the trials a level in millionths needs: in integers, since `⌈0.55 · 100⌉` is 56 in
/// floating point.
fn need(level: u32, trials: usize) -> usize {
    let needed = (u64::from(level) * trials as u64).div_ceil(1_000_000);
    usize::try_from(needed).unwrap_or(trials).clamp(1, trials)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_needs_so_many_trials() {
        let check = |level: u32, trials: usize, expect: usize| {
            assert_eq!(
                need(level * MILLIONTHS_IN_PERCENT, trials),
                expect,
                "{level} % of {trials}"
            );
        };
        check(55, 100, 55);
        check(85, 10_000, 8_500);
        check(85, 7, 6);
        check(50, 1, 1);
        check(95, 3, 3);
        check(70, 10, 7);
    }

    /// The trap is named: "later" is safer for dates, "fewer" is safer for counts.
    #[test]
    fn direction_of_how_many() {
        let days: Vec<u32> = (1..=100).collect();
        let counts: Vec<u64> = (1..=100).collect();
        let line = Line::new(days, std::iter::once((10, counts)));
        let check = |level: u8, when: u32, how_many: u64| {
            assert_eq!(line.when(level), Some(when), "when, {level} %");
            assert_eq!(line.how_many(10, level), Some(how_many), "how many, {level} %");
        };
        check(50, 50, 51);
        check(70, 70, 31);
        check(85, 85, 16);
        check(95, 95, 6);
        assert_eq!(line.how_many(9, 50), None, "nobody asked for 9 days");
    }

    #[test]
    fn ties() {
        let line = Line::new(vec![7, 3, 3, 3, 9, 3, 3, 3, 3, 3], [(5, vec![2; 10])].into_iter());
        assert_eq!(line.when(50), Some(3));
        assert_eq!(line.when(85), Some(7), "8 of 10 end on day 3, and 9 are needed");
        assert_eq!(line.when(95), Some(9));
        assert_eq!(line.how_many(5, 95), Some(2));
        let check = |day: u32, expect: f64| {
            let found = line.likelihood(day);
            assert!((found - expect).abs() < 1e-12, "by day {day}: {found}, not {expect}");
        };
        check(2, 0.0);
        check(3, 0.8);
        check(5, 0.8); // a day on which no trial ended
        check(9, 1.0);
    }

    #[test]
    fn trials_that_never_end_are_no_date() {
        let line = Line::new(vec![1, 2, BEYOND, BEYOND], std::iter::empty());
        assert_eq!(line.when(50), Some(2));
        assert_eq!(line.when(70), None, "half of the trials never end");
        assert!((line.beyond() - 0.5).abs() < 1e-12, "{}", line.beyond());
        assert!((line.likelihood(u32::MAX) - 0.5).abs() < 1e-12, "beyond the cap nobody looked");
        assert_eq!(line.days().flatten().count(), 2);
    }
}
