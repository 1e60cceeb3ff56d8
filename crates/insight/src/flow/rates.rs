//! Rates of regression and growth, and two hints about a sample.

use super::DayFigures;
use crate::draw::real;

/// A share with its plausible range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// `(0.5 + k)/(1 + s)`.
    pub share: f64,
    /// The middle 90 % of Beta(0.5 + k, 0.5 + s − k).
    pub plausible: (f64, f64),
}

/// The share of done services that regress: `regressions` among `done`. More regressions than done
/// services count as all of them.
pub fn regression_rate(regressions: u32, done: u32) -> Rate {
    let regressed = f64::from(regressions.min(done));
    let (a, b) = (0.5 + regressed, 0.5 + f64::from(done) - regressed);
    Rate { share: a / (a + b), plausible: (beta_quantile(a, b, 0.05), beta_quantile(a, b, 0.95)) }
}

/// How scope grows. Removals stand apart: leaving something out is a decision.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Growth {
    /// Services added after the first day.
    pub added: u32,
    /// Services removed after it.
    pub removed: u32,
    /// Additions a working day; none without one.
    pub added_a_day: Option<f64>,
    /// Additions over the scope at the close of the first day; none where that is empty.
    pub added_of_start: Option<f64>,
}

/// Growth of scope over days, in which so many working days follow the first. None without a day.
pub fn growth(days: &[DayFigures], working_days: u32) -> Option<Growth> {
    let (first, rest) = days.split_first()?;
    let added: u32 = rest.iter().map(|day| day.added).sum();
    let of = |whole: u32| (whole > 0).then(|| f64::from(added) / f64::from(whole));
    Some(Growth {
        added,
        removed: rest.iter().map(|day| day.removed).sum(),
        added_a_day: of(working_days),
        added_of_start: of(first.scope),
    })
}

/// How uneven a sample is: in order of size, the difference between the means of its odd and even
/// ranks over its range. Under 10 % is even, under 25 % acceptable (`FocusedObjective` sheets). A
/// hint for eyes only: it does not tell which forecasts to trust. None for fewer than two values or
/// a range of nothing.
pub fn stability_index(sample: &[u32]) -> Option<f64> {
    let mut ordered = sample.to_vec();
    ordered.sort_unstable();
    let range = f64::from(ordered.last()? - ordered.first()?);
    let mean = |first: usize| {
        let ranks = || ordered.iter().skip(first).step_by(2);
        let sum: u64 = ranks().map(|value| u64::from(*value)).sum();
        real(sum) / real(ranks().count() as u64)
    };
    (range > 0.0).then(|| (mean(0) - mean(1)).abs() / range)
}

/// The 85 % date over the even one; over 3 is volatile.
pub fn spread_ratio(days_at_85: u32, days_at_50: u32) -> Option<f64> {
    (days_at_50 > 0).then(|| f64::from(days_at_85) / f64::from(days_at_50))
}

/// Where the share of a Beta distribution lies below which `part` of it falls, by halving.
fn beta_quantile(a: f64, b: f64, part: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if beta_below(a, b, middle) < part {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

/// The regularised incomplete beta function, by its continued fraction (Abramowitz and Stegun
/// 26.5.8), on the side where it converges.
fn beta_below(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return x.clamp(0.0, 1.0);
    }
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - beta_below(b, a, 1.0 - x);
    }
    let front = libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b)
        + a * libm::log(x)
        + b * libm::log(1.0 - x);
    libm::exp(front) / (a * fraction(a, b, x))
}

/// The continued fraction from its tail; 300 terms are far more than the sizes here need.
fn fraction(a: f64, b: f64, x: f64) -> f64 {
    (1..=300_u32).rev().fold(1.0, |below, term| {
        let half = f64::from(term / 2);
        let numerator = if term % 2 == 0 {
            half * (b - half) * x / ((a + 2.0 * half - 1.0) * (a + 2.0 * half))
        } else {
            -(a + half) * (a + b + half) * x / ((a + 2.0 * half) * (a + 2.0 * half + 1.0))
        };
        1.0 + numerator / below
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beta_function_is_right_where_it_is_known() {
        let check = |a: f64, b: f64, x: f64, expect: f64| {
            let found = beta_below(a, b, x);
            assert!((found - expect).abs() < 1e-9, "{a}, {b} below {x}: {found}, not {expect}");
        };
        check(1.0, 1.0, 0.3, 0.3);
        check(1.0, 5.0, 0.2, 1.0 - 0.8_f64.powi(5));
        check(3.0, 1.0, 0.9, 0.729);
        // Half of the arcsine distribution.
        check(0.5, 0.5, 0.5, 0.5);
        check(0.5, 0.5, 0.25, 1.0 / 3.0);
        // P(at least 2 of 4 at 0.3).
        check(2.0, 3.0, 0.3, 0.3483);
    }

    #[test]
    fn rates_and_hints() {
        let rate = regression_rate(1, 10);
        assert!((rate.share - 1.5 / 11.0).abs() < 1e-12, "{rate:?}");
        let (low, high) = rate.plausible;
        assert!((beta_below(1.5, 9.5, low) - 0.05).abs() < 1e-9, "{rate:?}");
        assert!((beta_below(1.5, 9.5, high) - 0.95).abs() < 1e-9, "{rate:?}");
        assert!((regression_rate(0, 0).share - 0.5).abs() < 1e-12, "nothing is known");
        assert_eq!(regression_rate(5, 3), regression_rate(3, 3));
        let check = |sample: &[u32], expect: Option<f64>| {
            let found = stability_index(sample);
            let near = match (found, expect) {
                (Some(found), Some(expect)) => (found - expect).abs() < 1e-12,
                (found, expect) => found == expect,
            };
            assert!(near, "{sample:?}: {found:?}, not {expect:?}");
        };
        check(&[1, 2, 3, 4], Some(1.0 / 3.0));
        check(&[5, 1, 3], Some(0.0));
        check(&[2, 2, 2], None);
        check(&[7], None);
        check(&[], None);
        assert_eq!(spread_ratio(30, 10), Some(3.0));
        assert_eq!(spread_ratio(30, 0), None);
    }
}
