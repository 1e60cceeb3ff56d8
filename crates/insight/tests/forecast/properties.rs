//! What holds for every sample.

use pilotage_insight::forecast::{ENGINE_VERSION, Engine, Inputs, LEVELS, Method, seed};
use proptest::prelude::*;

fn inputs() -> impl Strategy<Value = Inputs> {
    (proptest::collection::vec(0_u32..5, 5..45), 1_u32..60).prop_map(|(sample, remaining)| Inputs {
        sample,
        remaining,
        ..Inputs::default()
    })
}

fn few(method: Method) -> Engine {
    Engine { trials: 200, method, ..Engine::default() }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// On the same paths, at least `k` by day `h` is the same as `k` done by day `h`, exactly.
    #[test]
    fn dates_and_counts_are_two_readings_of_one_path(
        inputs in inputs(), count in 1_u32..60, horizon in 1_u32..60, seed: u64,
    ) {
        let engine = few(Method::Days);
        let reached = engine.simulate(&inputs, &[horizon], seed);
        let reached = reached.likelihood_of_count(horizon, count.into()).unwrap();
        let done = engine.simulate(&Inputs { remaining: count, ..inputs }, &[], seed);
        prop_assert!((reached - done.likelihood(horizon)).abs() < 1e-12);
    }

    #[test]
    fn higher_levels_are_later_dates_and_smaller_counts(inputs in inputs(), seed: u64) {
        let line = few(Method::Clock).simulate(&inputs, &[10], seed);
        let dates = LEVELS.map(|level| line.when(level).unwrap_or(u32::MAX));
        let counts = LEVELS.map(|level| line.how_many(10, level).unwrap());
        prop_assert!(dates.is_sorted(), "{dates:?}");
        prop_assert!(counts.is_sorted_by(|a, b| a >= b), "{counts:?}");
    }

    #[test]
    fn the_same_inputs_give_the_same_numbers(inputs in inputs(), seed: u64) {
        let line = |method| few(method).simulate(&inputs, &[5, 20], seed);
        prop_assert_eq!(line(Method::Clock), line(Method::Clock));
        prop_assert_eq!(line(Method::Days), line(Method::Days));
    }

    #[test]
    fn more_work_is_never_sooner(inputs in inputs(), seed: u64) {
        let more = Inputs { remaining: inputs.remaining + 1, ..inputs.clone() };
        let days = |inputs| few(Method::Days).simulate(inputs, &[], seed).when(85).unwrap_or(u32::MAX);
        prop_assert!(days(&inputs) <= days(&more));
    }
}

/// Half the people take about twice as long; nobody for ever ends never.
#[test]
fn capacity_stretches_time() {
    let mut inputs = Inputs { sample: vec![2; 10], remaining: 40, ..Inputs::default() };
    for method in [Method::Clock, Method::Days] {
        let engine = Engine { method, ..Engine::default() };
        let median = |inputs: &Inputs| engine.simulate(inputs, &[], 3).when(50);
        inputs.capacity.after = 1.0;
        let full = median(&inputs).unwrap();
        inputs.capacity.after = 0.5;
        let half = median(&inputs).unwrap();
        assert!(half.abs_diff(2 * full) <= 2, "{method:?}: {half} days with half, {full} with all");
        // Ten days with all, then none.
        inputs.capacity.planned = vec![1.0; 10];
        inputs.capacity.after = 0.0;
        assert_eq!(median(&inputs), None, "{method:?}");
        inputs.capacity.planned.clear();
    }
}

/// The two methods agree with unequal capacity and scattered days too.
#[test]
fn both_methods_agree() {
    let mut inputs =
        Inputs { sample: vec![0, 5, 0, 1, 0, 0, 4, 0], remaining: 15, ..Inputs::default() };
    inputs.capacity.planned = vec![0.5, 0.5, 2.0, 0.0, 1.0, 3.0, 0.2];
    inputs.capacity.after = 0.8;
    let line = |method| Engine { method, ..Engine::default() }.simulate(&inputs, &[3, 30], 9);
    let (clock, days) = (line(Method::Clock), line(Method::Days));
    for day in [2, 5, 10, 20, 40, 80] {
        let (a, b) = (clock.likelihood(day), days.likelihood(day));
        let error = 5.0 * (2.0 * b * (1.0 - b) / 10_000.0).sqrt() + 1e-3;
        assert!((a - b).abs() <= error, "by day {day}: {a} by the clock, {b} by days");
    }
    for (horizon, count) in [(3, 1), (3, 4), (30, 10), (30, 25)] {
        let share = |line: &pilotage_insight::forecast::Line| {
            line.likelihood_of_count(horizon, count).unwrap()
        };
        let (a, b) = (share(&clock), share(&days));
        let error = 5.0 * (2.0 * b * (1.0 - b) / 10_000.0).sqrt() + 1e-3;
        assert!((a - b).abs() <= error, "{count} in {horizon} days: {a} by the clock, {b} by days");
    }
}

/// To the digit, on every machine. Whoever changes a number here changes the engine's version:
/// recorded forecasts keep theirs.
#[test]
fn the_numbers_of_this_engine_version_stay() {
    let check = |regressions, additions, sample: &[u32], expect: ([u32; 4], [u64; 4], u64)| {
        let inputs = Inputs {
            sample: sample.to_vec(),
            remaining: 60,
            regressions,
            additions,
            ..Inputs::default()
        };
        let engine = Engine::default();
        let seed = seed(&engine, uuid::Uuid::nil(), 1_772_755_200_000, &inputs);
        let line = engine.forecast(&inputs, &[10], seed).unwrap();
        let line = line.growing.unwrap_or(line.today);
        let days = LEVELS.map(|level| line.when(level).unwrap_or(0));
        let counts = LEVELS.map(|level| line.how_many(10, level).unwrap());
        assert_eq!((days, counts, seed), expect, "{sample:?}");
    };
    assert_eq!(ENGINE_VERSION, 1);
    check(
        0,
        0,
        &[1, 2, 2, 2, 3, 1, 1, 2, 1, 1],
        ([41, 53, 70, 96], [15, 11, 8, 5], 16_174_923_561_703_436_510),
    );
    check(
        0,
        0,
        &[0, 0, 3, 0, 1, 0, 4, 0, 0, 2],
        ([69, 99, 140, 224], [9, 5, 3, 1], 12_709_292_749_253_787_811),
    );
    check(
        2,
        0,
        &[1, 2, 2, 2, 3, 1, 1, 2, 1, 1],
        ([48, 62, 81, 112], [15, 11, 8, 5], 7_932_006_961_270_470_822),
    );
    check(
        1,
        2,
        &[0, 3, 0, 1, 0, 4, 0, 0, 2, 1, 0, 5, 1, 0, 2, 3],
        ([61, 84, 122, 207], [12, 8, 5, 3], 12_027_957_866_252_037_051),
    );
}
