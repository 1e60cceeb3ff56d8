//! Several teams, groups or classes. Forecasts are never added up: that would count each one's bad
//! luck once more.

use super::{CAP, Engine, Inputs, Line};

/// How lines depend on each other; all of them are needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Together {
    /// Independent teams: their shares multiply, so that 85 % and 85 % give 72 %.
    Teams,
    /// Groups of one team in parallel: the smaller share counts.
    Groups,
}

/// The share of trials in which all lines are done by a working day, day 1 being the same for all.
pub fn likelihood_of_all(lines: &[Line], together: Together, day: u32) -> f64 {
    let shares = lines.iter().map(|line| line.likelihood(day));
    match together {
        Together::Teams => shares.product(),
        Together::Groups => shares.fold(1.0, f64::min),
    }
}

/// The first working day by which all lines are done with `level` percent; none beyond [`CAP`].
pub fn when_all(lines: &[Line], together: Together, level: u8) -> Option<u32> {
    let wanted = f64::from(level) / 100.0;
    let is_short = |day: u32| likelihood_of_all(lines, together, day) < wanted;
    let (mut low, mut high) = (0, CAP);
    if is_short(high) {
        return None;
    }
    while high - low > 1 {
        let middle = u32::midpoint(low, high);
        if is_short(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    Some(high)
}

impl Engine {
    /// One line for each class of difficulty, taken in the planned order by one team at one rate:
    /// the line of a class ends when it and all before it are done. `inputs.remaining` is not read.
    pub fn classes(&self, inputs: &Inputs, classes: &[u32], seed: u64) -> Vec<Line> {
        let until = classes.iter().scan(0_u32, |sum, class| {
            *sum = sum.saturating_add(*class);
            Some(*sum)
        });
        // On the same paths, so that no class ends before the one before it.
        let engine = Self { method: super::Method::Days, ..*self };
        let line = |remaining| engine.simulate(&Inputs { remaining, ..inputs.clone() }, &[], seed);
        until.map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(days: impl IntoIterator<Item = u32>) -> Line {
        Line::new(days.into_iter().collect(), std::iter::empty())
    }

    #[test]
    fn all_are_needed() {
        let lines = [line(1..=100), line(1..=100)];
        let check = |together, level: u8, day: Option<u32>| {
            assert_eq!(when_all(&lines, together, level), day, "{together:?} at {level} %");
        };
        let of = |together| likelihood_of_all(&lines, together, 85);
        assert!((of(Together::Teams) - 0.7225).abs() < 1e-12, "{}", of(Together::Teams));
        assert!((of(Together::Groups) - 0.85).abs() < 1e-12, "{}", of(Together::Groups));
        check(Together::Groups, 85, Some(85));
        check(Together::Teams, 85, Some(93)); // 0.92² is 0.846
        check(Together::Teams, 50, Some(71));
        let never = [line([1, 2]), line([1, u32::MAX])];
        assert_eq!(when_all(&never, Together::Groups, 70), None);
        assert_eq!(when_all(&never, Together::Groups, 50), Some(1));
        assert_eq!(when_all(&[line([1])], Together::Teams, 95), Some(1));
    }

    #[test]
    fn classes_end_in_their_planned_order() {
        let inputs = Inputs { sample: vec![1, 2, 0, 3, 1, 2], remaining: 0, ..Inputs::default() };
        let engine = Engine { trials: 500, ..Engine::default() };
        let lines = engine.classes(&inputs, &[5, 10, 3], 1);
        let days: Vec<u32> = lines.iter().filter_map(|line| line.when(85)).collect();
        assert!(days.len() == 3 && days.is_sorted_by(|a, b| a < b), "{days:?}");
        let whole = Inputs { remaining: 18, ..inputs };
        let engine = Engine { method: super::super::Method::Days, ..engine };
        assert_eq!(lines[2], engine.simulate(&whole, &[], 1), "the last class is all of it");
    }
}
