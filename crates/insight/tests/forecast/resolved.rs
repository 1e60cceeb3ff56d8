//! What became of forecasts: resolved, scored, adapted, and why a date moved.

use chrono::NaiveDate;
use pilotage_domain::calendar::{Calendar, Pause};
use pilotage_insight::calibration::{
    Adaptive, Circumstances, Coverage, Question, Record, Resolution, Since, chance_of_range,
    coverage, pinball, record, resolve, transform_of_count, transform_of_day,
};
use pilotage_insight::forecast::{Engine, Inputs, LEVELS, Line};
use pilotage_insight::slip::{Between, Position, Slip, slip};
use proptest::prelude::*;
use std::collections::BTreeSet;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn example(remaining: u32) -> Inputs {
    Inputs { sample: vec![1, 2, 2, 2, 3, 1, 1, 2, 1, 1], remaining, ..Inputs::default() }
}

fn line() -> Line {
    Engine::default().simulate(&example(60), &[10], 1)
}

fn promised(question: Question, quantiles: [u64; 4]) -> Record {
    let forecast = Engine::default().forecast(&example(60), &[10], 1).expect("enough is known");
    let circumstances = Circumstances {
        as_of: 0,
        last_closed: day("2026-03-06"),
        remaining: 60,
        seed: 1,
        capacity: 1.0,
        calendar_revision: 0,
    };
    let record = record(&forecast, &circumstances).remove(0);
    Record { question, quantiles: quantiles.map(Some), ..record }
}

fn done(entries: u32) -> Since {
    Since { entries, ..Since::default() }
}

#[test]
fn a_forecast_is_recorded_with_all_it_depends_on() {
    let forecast = Engine::default().forecast(&example(60), &[10], 1).unwrap();
    let circumstances = Circumstances {
        as_of: 7,
        last_closed: day("2026-03-06"),
        remaining: 60,
        seed: 1,
        capacity: 1.5,
        calendar_revision: 3,
    };
    let records = record(&forecast, &circumstances);
    let questions: Vec<Question> = records.iter().map(|record| record.question).collect();
    assert_eq!(questions, [Question::When { remaining: 60 }, Question::HowMany { horizon: 10 }]);
    let dates = LEVELS.map(|level| forecast.today.when(level).map(u64::from));
    assert_eq!(records[0].quantiles, dates);
    assert_eq!((records[1].days, records[1].done, records[1].calendar_revision), (10, 16, 3));
    let without = Engine::default().forecast(&example(60), &[], 1).unwrap();
    assert_eq!(record(&without, &circumstances).len(), 1, "no count was asked for");
}

#[test]
fn dates_resolve_on_the_first_day_that_reaches_the_work() {
    let check = |days: &[Since], expect: Resolution| {
        let record = promised(Question::When { remaining: 10 }, [2, 3, 4, 6]);
        assert_eq!(resolve(&record, days), expect, "{days:?}");
    };
    let resolved = |value, held| Resolution::Resolved { value, held };
    check(&[done(4), done(6)], resolved(2, [true; 4]));
    check(&[done(4), done(3), done(3), done(9)], resolved(3, [false, true, true, true]));
    // What regressed has to come back.
    let back = Since { entries: 6, returns: 2, ..Since::default() };
    check(&[done(4), back, done(1), done(1)], resolved(4, [false, false, true, true]));
    // Its day has passed: a miss now, not once it resolves.
    check(&[done(1)], Resolution::Open { missed: [false; 4] });
    check(&[done(1); 3], Resolution::Open { missed: [true, true, false, false] });
    check(&[done(0); 9], Resolution::Open { missed: [true; 4] });
    let replanned = Since { replanned: true, ..Since::default() };
    check(&[done(4), replanned, done(6)], Resolution::Void);
    check(&[done(10), replanned], resolved(1, [true; 4]));
}

#[test]
fn descoped_service() {
    let record = promised(Question::When { remaining: 10 }, [2, 3, 4, 6]);
    let removed = |removed, entries| Since { removed, entries, ..Since::default() };
    let held = [false, true, true, true];
    assert_eq!(
        resolve(&record, &[done(4), removed(2, 3), done(1)]),
        Resolution::Resolved { value: 3, held },
        "two of ten left: eight were enough"
    );
    assert_eq!(
        resolve(&record, &[done(4), removed(3, 3), done(1)]),
        Resolution::Void,
        "three of ten are more than a fifth"
    );
    assert_eq!(
        resolve(&record, &[done(10), removed(9, 0)]),
        Resolution::Resolved { value: 1, held: [true; 4] },
        "what leaves afterwards changes nothing"
    );
}

#[test]
fn counts_resolve_at_the_close_of_their_last_day() {
    let check = |days: &[Since], expect: Resolution| {
        let record = promised(Question::HowMany { horizon: 3 }, [9, 7, 5, 2]);
        assert_eq!(resolve(&record, days), expect, "{days:?}");
    };
    check(&[done(9), done(9)], Resolution::Open { missed: [false; 4] });
    let held = [false, true, true, true];
    check(&[done(3), done(3), done(1), done(9)], Resolution::Resolved { value: 7, held });
    check(&[done(0); 3], Resolution::Resolved { value: 0, held: [false; 4] });
    let replanned = Since { replanned: true, ..Since::default() };
    check(&[done(9), replanned, done(9)], Resolution::Void);
}

#[test]
fn coverage_counts_misses_at_once_and_leaves_void_ones_out() {
    let resolutions = [
        Resolution::Resolved { value: 3, held: [false, true, true, true] },
        Resolution::Open { missed: [true, true, false, false] },
        Resolution::Void,
    ];
    let counts = coverage(&resolutions).map(|level| (level.held, level.resolved));
    assert_eq!(counts, [(0, 2), (1, 2), (1, 1), (1, 1)]);
}

#[test]
fn few_forecasts_are_said_to_be_few() {
    let check = |held, resolved, expect: &str| {
        assert_eq!(Coverage { level: 85, held, resolved }.words(), expect);
    };
    check(0, 0, "No 85 % forecast is resolved yet.");
    check(11, 13, "85 % forecasts held 11 of 13 times (63–95 % plausible): too few to judge.");
    check(51, 60, "85 % forecasts held 51 of 60 times (76–91 % plausible).");
    let (low, high) = Coverage { level: 85, held: 5, resolved: 5 }.plausible().unwrap();
    assert!((low - 0.649).abs() < 0.001 && (high - 1.0).abs() < 1e-9, "{low} to {high}");
}

#[test]
fn levels_adapt_from_ten_resolved_forecasts_on() {
    let line = line();
    let promised = LEVELS.map(|level| line.when(level));
    let adapted = |held: [bool; 4], times| Adaptive::after(std::iter::repeat_n(held, times));
    let nine = adapted([false; 4], 9);
    assert!(!nine.is_active());
    assert_eq!(nine.when(&line), promised, "not yet");
    let ten = adapted([false; 4], 10);
    assert!(ten.is_active() && ten.resolved() == 10);
    let later = ten.when(&line);
    assert!(later[2] > promised[2], "ten misses: {later:?} after {promised:?}");
    let counts = ten.how_many(&line, 10).unwrap();
    assert!(counts[2] < line.how_many(10, 85).unwrap(), "and fewer: {counts:?}");
    let sooner = adapted([true; 4], 12).when(&line);
    assert!(sooner[2] < promised[2], "twelve hits: {sooner:?}");
    assert_eq!(sooner[0], promised[0], "half of all misses is the most that is aimed at");
    // Misses at 50 % alone push its date beyond that of 70 %; the dates stay in order.
    let crossed = adapted([false, true, true, true], 40).when(&line);
    assert!(crossed.is_sorted(), "{crossed:?}");
    assert_eq!(ten.how_many(&line, 9), None, "nobody asked for 9 days");
}

/// A model that is right stays right: with misses as promised, levels hardly move.
#[test]
fn levels_that_hold_as_promised_stay() {
    let line = line();
    // Of 20 forecasts, 10, 14, 17 and 19 held, in turns.
    let held = (0..20).map(|turn| {
        let turn = (turn * 7) % 20;
        [turn < 10, turn < 14, turn < 17, turn < 19]
    });
    let days = Adaptive::after(held).when(&line);
    for (found, level) in days.into_iter().zip(LEVELS) {
        let (found, promised) = (found.unwrap(), line.when(level).unwrap());
        let off = found.abs_diff(promised);
        assert!(off <= promised / 6, "{level} %: day {found}, promised {promised}");
    }
}

#[test]
fn losses_and_transforms() {
    let check = |came, quantile, expect: f64| {
        let found = pinball(came, quantile, 0.85);
        assert!((found - expect).abs() < 1e-12, "{came} against {quantile}: {found}");
    };
    check(10, 10, 0.0);
    check(14, 10, 3.4);
    check(6, 10, 0.6);
    assert!((chance_of_range(5) - 2.0 / 3.0).abs() < 1e-12 && chance_of_range(1).abs() < 1e-12);
    assert!((chance_of_range(39) - 0.95).abs() < 1e-12);
    let line = line();
    let median = line.when(50).unwrap();
    let (low, high) = (transform_of_day(&line, median, 0.0), transform_of_day(&line, median, 1.0));
    assert!(low < 0.5 && 0.5 <= high, "the median lies at {low} to {high}");
    assert!((high - line.likelihood(median)).abs() < 1e-12);
    let count = line.how_many(10, 50).unwrap();
    let low = transform_of_count(&line, 10, count, 0.0).unwrap();
    let high = transform_of_count(&line, 10, count, 1.0).unwrap();
    assert!(low <= 0.5 && 0.5 < high + 1e-9, "and of counts: {low} to {high}");
    assert_eq!(transform_of_count(&line, 9, 1, 0.5), None);
}

fn position<'a>(calendar: &'a Calendar, inputs: Inputs, first: &str) -> Position<'a> {
    Position { inputs, day_one: day(first), calendar }
}

#[test]
fn a_move_is_split_into_its_causes() {
    let engine = Engine::default();
    let zone = chrono_tz::Europe::Berlin;
    let plain = Calendar::weekly(zone);
    let before = position(&plain, example(60), "2026-03-09");
    let headline = engine.forecast(&before.inputs, &[], 5).unwrap().today.when(85).unwrap();
    let recorded = plain.project(before.day_one, headline).unwrap();
    let check = |name: &str, after: &Position<'_>, between: Between, only: &str| {
        let slip = slip(&engine, &before, after, between, recorded, 5).unwrap();
        let Slip { scope, regressions, calendar, pace, noise } = slip;
        assert_eq!(noise, 0, "{name}: the same seed as recorded");
        for (part, value) in
            [("scope", scope), ("regressions", regressions), ("calendar", calendar), ("pace", pace)]
        {
            assert_eq!(value > 0, part == only, "{name}: {part} is {value}");
            assert!(value >= 0, "{name}: {part} is {value}");
        }
    };
    check("nothing", &before, Between::default(), "none");
    let more = position(&plain, example(64), "2026-03-09");
    check("four added", &more, Between { added: 4, ..Between::default() }, "scope");
    let mut regressed = example(61);
    regressed.regressions = 1;
    let regressed = position(&plain, regressed, "2026-03-09");
    let one = Between { returned: 1, ..Between::default() };
    check("one regressed", &regressed, one, "regressions");
    let mut half = example(60);
    half.capacity.after = 0.5;
    check("half", &position(&plain, half, "2026-03-09"), Between::default(), "calendar");
    let slow = Inputs { sample: vec![1; 10], ..example(60) };
    check("slower", &position(&plain, slow, "2026-03-09"), Between::default(), "pace");
    let pause = Pause { from: day("2026-03-16"), resumes: Some(day("2026-03-23")) };
    let paused = Calendar { pauses: vec![pause], ..plain.clone() };
    let after = position(&paused, example(60), "2026-03-09");
    let parts = slip(&engine, &before, &after, Between::default(), recorded, 5).unwrap();
    assert_eq!(parts.total(), 5, "a week's pause: five days of the calendar left, {parts:?}");
    assert_eq!(parts.calendar, 5);
}

#[test]
fn a_week_at_the_expected_pace_moves_little() {
    let engine = Engine::default();
    let calendar = Calendar::weekly(chrono_tz::Europe::Berlin);
    let before = position(&calendar, example(60), "2026-03-09");
    let mut inputs = example(52);
    inputs.sample.extend([2, 1, 2, 1, 2]);
    let after = position(&calendar, inputs, "2026-03-16");
    let headline = engine.forecast(&before.inputs, &[], 6).unwrap().today.when(85).unwrap();
    let recorded = calendar.project(before.day_one, headline).unwrap();
    let slip = slip(&engine, &before, &after, Between::default(), recorded, 5).unwrap();
    assert_eq!((slip.scope, slip.regressions, slip.calendar), (0, 0, 0));
    assert!(slip.noise.abs() <= 2, "another seed is noise: {slip:?}");
    assert!(slip.pace < 0, "more is known, so the date comes nearer: {slip:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_parts_add_up(
        before in 10_u32..40, added in 0_u32..9, removed in 0_u32..9, returned in 0_u32..3,
        sample in proptest::collection::vec(1_u32..4, 5..30), holidays in 0_u64..30,
    ) {
        let engine = Engine { trials: 300, ..Engine::default() };
        let calendar = Calendar::weekly(chrono_tz::Europe::Berlin);
        let holidays: BTreeSet<NaiveDate> =
            (0..holidays).map(|day| march(day * 3)).collect();
        let new = Calendar { holidays, ..calendar.clone() };
        let old = position(&calendar, example(before), "2026-03-09");
        let remaining = before + added - removed + returned;
        let inputs = Inputs { sample, remaining, regressions: returned, ..Inputs::default() };
        let after = position(&new, inputs, "2026-03-16");
        let recorded = day("2026-04-01");
        let between = Between { added, removed, returned };
        let slip = slip(&engine, &old, &after, between, recorded, 1).unwrap();
        let days = engine.forecast(&after.inputs, &[], 1).unwrap().today.when(85).unwrap();
        let date = new.project(after.day_one, days).unwrap();
        let origin = date.min(recorded);
        let moved = i64::from(new.workdays(origin, date)) - i64::from(new.workdays(origin, recorded));
        prop_assert_eq!(slip.total(), moved);
    }
}

fn march(offset: u64) -> NaiveDate {
    day("2026-03-09") + chrono::Days::new(offset)
}
