//! The engine against the golden examples.

use crate::examples::{A, D, Example, F, examples};
use pilotage_insight::forecast::{Drift, Engine, Inputs, LEVELS, Line, Method};

fn inputs(sample: &[u32], remaining: u32) -> Inputs {
    Inputs { sample: sample.to_vec(), remaining, ..Inputs::default() }
}

/// Four standard errors of the share of 10,000 trials.
fn tolerance(share: f64) -> f64 {
    4.0 * (share * (1.0 - share) / 10_000.0).sqrt()
}

fn check(name: &str, found: f64, expect: f64) {
    assert!((found - expect).abs() <= tolerance(expect), "{name}: {found}, not {expect}");
}

fn line(example: &Example, method: Method) -> Line {
    let engine = Engine { drift: example.drift, method, ..Engine::default() };
    let inputs = inputs(example.sample, example.remaining);
    let forecast = engine.forecast(&inputs, &[10], 20_260_306).expect("the guard lets it pass");
    let found = forecast.pace.dispersion;
    assert!((found - example.dispersion).abs() < 1e-12, "φ of {}: {found}", example.name);
    forecast.today
}

fn check_table(method: Method) {
    for example in examples() {
        let line = line(&example, method);
        for (day, share) in example.days.into_iter().zip(example.shares) {
            let name = format!("{} by day {day}, {method:?}", example.name);
            check(&name, line.likelihood(day), f64::from(share) / 10_000.0);
        }
        for (level, day) in LEVELS.into_iter().zip(example.days) {
            // A quantile is never further than the noise of the share allows.
            let found = line.when(level).expect("it ends");
            assert!(
                found.abs_diff(day) <= 1 + day / 20,
                "{} at {level} %, {method:?}: day {found}, not {day}",
                example.name
            );
        }
        for (level, count) in LEVELS.into_iter().zip(example.how_many) {
            let found = line.how_many(10, level).expect("10 days were asked for");
            assert!(
                found.abs_diff(count) <= 1,
                "{} in 10 days at {level} %, {method:?}: {found}, not {count}",
                example.name
            );
        }
    }
}

#[test]
fn the_rates_clock_gives_the_integrated_values() {
    check_table(Method::Clock);
}

#[test]
fn day_by_day_gives_the_integrated_values() {
    check_table(Method::Days);
}

#[test]
fn the_table_would_notice_a_forecast_without_drift() {
    let without = Engine { drift: Drift::Fixed(0.0), ..Engine::default() };
    let share = without.simulate(&inputs(A, 60), &[], 1).likelihood(70);
    assert!((share - 0.8550).abs() > tolerance(0.8550), "{share} passes for the rule's value");
}

#[test]
fn likelihoods_and_counts_of_example_a() {
    let line = Engine::default().simulate(&inputs(A, 60), &[10], 85);
    for (day, share) in [(20, 0.0815), (40, 0.4876), (60, 0.7762)] {
        check(&format!("by day {day}"), line.likelihood(day), share);
    }
    let counts = [(15, 0.5048), (11, 0.7135), (8, 0.8615), (5, 0.9616)];
    let one_more = [(16, 0.4573), (12, 0.6601), (9, 0.8157), (6, 0.9355)];
    for (count, share) in counts.into_iter().chain(one_more) {
        let found = line.likelihood_of_count(10, count).unwrap();
        check(&format!("{count} in 10 days"), found, share);
    }
    let by_ten = Engine::default().simulate(&inputs(A, 15), &[], 7).likelihood(10);
    check("15 done by day 10", by_ten, 0.5048);
}

/// Returns and growth were simulated: within 2 %, and at least a day.
#[test]
fn returns_and_growth_push_the_dates_out() {
    let check = |name: &str, line: &Line, expect: &[u32]| {
        for (level, day) in LEVELS.into_iter().zip(expect.iter().copied()) {
            let found = line.when(level).unwrap();
            let allowed = 1.0_f64.max(0.02 * f64::from(day));
            let off = f64::from(found.abs_diff(day));
            assert!(off <= allowed, "{name} at {level} %: day {found}, not {day}");
        }
    };
    let engine = Engine { trials: 20_000, ..Engine::default() };
    let with = |sample: &[u32], remaining, regressions, additions| {
        let inputs = Inputs { regressions, additions, ..inputs(sample, remaining) };
        engine.forecast(&inputs, &[], 4).unwrap()
    };
    check("A, 1 regression", &with(A, 60, 1, 0).today, &[45, 59, 77, 106]);
    check("A, 3 regressions", &with(A, 60, 3, 0).today, &[52, 68, 89, 124]);
    check("F, 6 additions", &with(F, 60, 0, 6).growing.unwrap(), &[69, 90, 119, 173]);
    let both = with(F, 60, 2, 6).growing.unwrap();
    check("F, 2 regressions, 6 additions", &both, &[74, 97, 129, 189]);
    let tail = with(D, 12, 0, 3).growing.unwrap();
    check("D, 3 additions", &tail, &[22, 37, 69]);
    // So far out, a day more or less is hardly a share.
    assert!((tail.likelihood(224) - 0.95).abs() < 0.006, "{} by day 224", tail.likelihood(224));
    assert!((tail.beyond() - 0.026).abs() < 0.006, "{} of the trials never end", tail.beyond());
}

/// The whole table in milliseconds on an optimised build; an unhurried bound, since other work
/// shares the machine. The bench prints the figure.
#[test]
fn the_golden_examples_are_quick() {
    let before = std::time::Instant::now();
    for example in examples() {
        line(&example, Method::Clock);
    }
    let time = before.elapsed();
    assert!(time.as_millis() < 2_500, "the golden examples took {time:?}");
}
