//! Draws from distributions, each exact: no normal shortcut for large means. Elementary functions
//! come from `libm`, so that every machine draws the same numbers.

use crate::random::Random;

/// Below this mean a Poisson number is found by inversion.
const SMALL_MEAN: f64 = 10.0;
/// Up to this dispersion a scattered count is found by inversion.
const SMALL_DISPERSION: f64 = 50.0;
/// From this dispersion on, counts scatter more than Poisson.
const SCATTERED: f64 = 1.0001;
/// Up to so many trials a binomial number is counted trial by trial.
const FEW_TRIALS: u64 = 16;

/// A count as a real number. Counts stay far below 2⁵³.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2⁵³")]
pub fn real(count: u64) -> f64 {
    count as f64
}

/// A number without its fraction; 0 below 0.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the fraction is not wanted, and the cast saturates"
)]
pub fn whole(number: f64) -> u64 {
    number as u64
}

/// Whether counts of this dispersion are told from Poisson.
pub fn is_scattered(dispersion: f64) -> bool {
    dispersion > SCATTERED
}

/// Counts of one mean and dispersion, drawn many times: what can be computed once is. The same
/// distribution as [`Random::count`].
pub struct Counts {
    mean: f64,
    dispersion: f64,
    /// The chance of 0; none where counts are not found by inversion.
    none: Option<f64>,
}

impl Counts {
    pub fn new(mean: f64, dispersion: f64) -> Self {
        let chance = if is_scattered(dispersion) {
            libm::exp(-mean / (dispersion - 1.0) * libm::log(dispersion))
        } else {
            libm::exp(-mean)
        };
        let is_small = mean < SMALL_MEAN && dispersion < SMALL_DISPERSION;
        Self { mean, dispersion, none: (is_small && chance > 0.0).then_some(chance) }
    }

    pub fn draw(&self, random: &mut Random) -> u64 {
        let Some(none) = self.none else {
            return random.count(self.mean, self.dispersion);
        };
        if !is_scattered(self.dispersion) {
            return random.invert(none, |count, chance| chance * self.mean / real(count));
        }
        let size = self.mean / (self.dispersion - 1.0);
        let share = 1.0 - 1.0 / self.dispersion;
        random.invert(none, |count, chance| chance * share * (real(count - 1) + size) / real(count))
    }
}

impl Random {
    /// Normal with mean 0 and variance 1, by Marsaglia's polar method.
    pub fn normal(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        loop {
            let (x, y) = (2.0 * self.unit() - 1.0, 2.0 * self.unit() - 1.0);
            let square = x * x + y * y;
            if square < 1.0 && square > 0.0 {
                let factor = (-2.0 * libm::log(square) / square).sqrt();
                self.spare = Some(y * factor);
                return x * factor;
            }
        }
    }

    /// Gamma with scale 1, by Marsaglia and Tsang (2000); a shape below 1 by their step `U^(1/a)`.
    /// 0 for a shape of 0; a tiny shape may underflow to 0.
    pub fn gamma(&mut self, shape: f64) -> f64 {
        if shape <= 0.0 {
            return 0.0;
        }
        if shape < 1.0 {
            let boosted = self.gamma(shape + 1.0);
            return boosted * libm::exp(libm::log(self.unit()) / shape);
        }
        // The paper's d and c.
        let centre = shape - 1.0 / 3.0;
        let slope = 1.0 / (9.0 * centre).sqrt();
        loop {
            let normal = self.normal();
            let root = 1.0 + slope * normal;
            if root <= 0.0 {
                continue;
            }
            let cube = root * root * root;
            let unit = self.unit();
            let square = normal * normal;
            if unit < 1.0 - 0.0331 * square * square
                || libm::log(unit) < 0.5 * square + centre * (1.0 - cube + libm::log(cube))
            {
                return centre * cube;
            }
        }
    }

    /// Beta. Where both shapes are so small that both sides underflow, it is all on one side, which
    /// falls by their sizes.
    pub fn beta(&mut self, a: f64, b: f64) -> f64 {
        let (x, y) = (self.gamma(a), self.gamma(b));
        if x + y > 0.0 {
            return x / (x + y);
        }
        if self.unit() * (a + b) < a { 1.0 } else { 0.0 }
    }

    /// A count of this mean and of variance `dispersion` times the mean: Poisson with a Gamma mean
    /// of constant scale, that is, negative binomial.
    pub fn count(&mut self, mean: f64, dispersion: f64) -> u64 {
        if !is_scattered(dispersion) {
            return self.poisson(mean);
        }
        let scale = dispersion - 1.0;
        let mean = self.gamma(mean / scale) * scale;
        self.poisson(mean)
    }

    /// Poisson, by inversion; a large mean is split first with a Gamma number: the moment of the
    /// m-th event of the process (Ahrens and Dieter 1974).
    pub fn poisson(&mut self, mean: f64) -> u64 {
        let (mut mean, mut count) = (mean, 0);
        while mean >= SMALL_MEAN {
            let events = whole(mean * 7.0 / 8.0);
            let moment = self.gamma(real(events));
            if moment > mean {
                return count + self.binomial(events - 1, mean / moment);
            }
            count += events;
            mean -= moment;
        }
        count + self.poisson_by_inversion(mean)
    }

    fn poisson_by_inversion(&mut self, mean: f64) -> u64 {
        self.invert(libm::exp(-mean), |count, chance| chance * mean / real(count))
    }

    /// The count at which the running sum of the chances passes a uniform number, from the chance
    /// of 0 and the step from one chance to the next.
    fn invert(&mut self, none: f64, next: impl Fn(u64, f64) -> f64) -> u64 {
        let mut left = self.unit();
        let (mut chance, mut count) = (none, 0);
        // Where rounding leaves a rest that no chance covers, they run out.
        while left > chance && chance > 0.0 {
            left -= chance;
            count += 1;
            chance = next(count, chance);
        }
        count
    }

    /// Binomial; many trials are split with a Beta number: the middle one of that many uniform
    /// numbers in order (Devroye 1986, section X.4.3).
    pub fn binomial(&mut self, trials: u64, chance: f64) -> u64 {
        let (mut trials, mut chance, mut count) = (trials, chance, 0);
        while trials > FEW_TRIALS {
            let middle = trials.div_ceil(2);
            let at = self.beta(real(middle), real(trials + 1 - middle));
            if at <= chance {
                count += middle;
                trials -= middle;
                chance = (chance - at) / (1.0 - at);
            } else {
                trials = middle - 1;
                chance /= at;
            }
        }
        (0..trials).fold(count, |count, _| count + u64::from(self.unit() < chance))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DRAWS: u64 = 40_000;

    /// Mean and variance of many draws lie within five standard errors of what they should be. The
    /// error of the variance is bounded by a kurtosis of at most `kurtosis`.
    fn check(
        name: &str,
        mean: f64,
        variance: f64,
        kurtosis: f64,
        draw: impl Fn(&mut Random) -> f64,
    ) {
        let count = real(DRAWS);
        let drawn: Vec<f64> = (0..DRAWS).map(|trial| draw(&mut Random::new(7, trial))).collect();
        let found = drawn.iter().sum::<f64>() / count;
        let spread = drawn.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / count;
        let error = (variance / count).sqrt();
        assert!((found - mean).abs() <= 5.0 * error, "{name}: mean {found}, not {mean}");
        let error = variance * (kurtosis / count).sqrt();
        assert!((spread - variance).abs() <= 5.0 * error, "{name}: variance {spread}, {variance}");
    }

    #[test]
    fn draws_have_their_means_and_variances() {
        check("normal", 0.0, 1.0, 3.0, Random::normal);
        for shape in [0.05, 0.5, 1.0, 1.7, 20.0, 3_000.0] {
            check(&format!("gamma {shape}"), shape, shape, 3.0 + 6.0 / shape, |r| r.gamma(shape));
        }
        for (a, b) in [(0.5, 0.5), (2.0, 5.0), (30.0, 3.0)] {
            let (sum, mean) = (a + b, a / (a + b));
            let variance = mean * (1.0 - mean) / (sum + 1.0);
            check(&format!("beta {a} {b}"), mean, variance, 6.0, |r| r.beta(a, b));
        }
        for mean in [0.01, 1.4, 9.9, 10.1, 75.0, 12_345.0] {
            check(&format!("poisson {mean}"), mean, mean, 3.0 + 1.0 / mean, |r| {
                real(r.poisson(mean))
            });
        }
        for (mean, dispersion) in
            [(0.3, 2.0), (1.4, 1.0), (1.4, 2.5), (4.0, 40.0), (20.0, 3.0), (2.0, 70.0)]
        {
            let variance = mean * dispersion;
            // Of a negative binomial; a Poisson's is smaller.
            let kurtosis = 3.0 + 6.0 * (dispersion - 1.0) / mean + 1.0 / variance;
            let counts = Counts::new(mean, dispersion);
            check(&format!("counts {mean} {dispersion}"), mean, variance, kurtosis, |r| {
                real(counts.draw(r))
            });
            check(&format!("count {mean} {dispersion}"), mean, variance, kurtosis, |r| {
                real(r.count(mean, dispersion))
            });
        }
        for (trials, chance) in [(1_u64, 0.3), (16, 0.5), (17, 0.1), (1_000, 0.02), (9_999, 0.7)] {
            let mean = real(trials) * chance;
            let variance = mean * (1.0 - chance);
            check(&format!("binomial {trials} {chance}"), mean, variance, 4.0, |r| {
                real(r.binomial(trials, chance))
            });
        }
    }

    #[test]
    fn the_ends_of_a_poisson_and_a_binomial_are_exact() {
        let share = |draw: &dyn Fn(&mut Random) -> bool| {
            real((0..DRAWS).filter(|trial| draw(&mut Random::new(11, *trial))).count() as u64)
                / real(DRAWS)
        };
        let check = |name: &str, expect: f64, found: f64| {
            let error = 4.0 * (expect * (1.0 - expect) / real(DRAWS)).sqrt();
            assert!((found - expect).abs() <= error, "{name}: {found}, not {expect}");
        };
        check("no event at 1.4", libm::exp(-1.4), share(&|r| r.poisson(1.4) == 0));
        // P(X ≤ 11) for a mean of 20, and P(X ≤ 3) for 40 trials of 0.15.
        check("few events at 20", 0.021_387, share(&|r| r.poisson(20.0) <= 11));
        let counts = Counts::new(1.4, 2.5);
        let none = libm::exp(-1.4 / 1.5 * libm::log(2.5));
        check("no count at 1.4", none, share(&|r| counts.draw(r) == 0));
        check("no count at 1.4, by Gamma", none, share(&|r| r.count(1.4, 2.5) == 0));
        check("few of 40", 0.130_169, share(&|r| r.binomial(40, 0.15) <= 3));
        check("the side of tiny shapes", 0.25, share(&|r| r.beta(1e-9, 3e-9) > 0.5));
        assert_eq!(Random::new(1, 1).poisson(0.0), 0, "nothing happens at a mean of 0");
        assert_eq!(Random::new(1, 1).binomial(100, 0.0), 0, "nothing at a chance of 0");
        assert_eq!(Random::new(1, 1).binomial(100, 1.0), 100, "all at a chance of 1");
        assert!(Random::new(1, 1).gamma(0.0).abs() < f64::EPSILON, "no shape, no number");
    }
}
