//! The traps, each by its name. Two more, the direction of "how many" and ties, stand beside the
//! quantiles in `src/forecast/result.rs`.

use chrono::{NaiveDate, NaiveDateTime, TimeZone as _};
use pilotage_domain::Millis;
use pilotage_domain::calendar::{Calendar, Pause};
use pilotage_insight::forecast::{Capacity, Engine, HEADLINE, Inputs, Status, Withheld, guard};
use pilotage_insight::sample::{Happening, Mode, Question, Sample, pace_needed};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

const ZONE: chrono_tz::Tz = chrono_tz::Europe::Berlin;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn moment(text: &str) -> Millis {
    let local: NaiveDateTime = text.parse().expect("a local time");
    ZONE.from_local_datetime(&local).single().expect("it exists once").timestamp_millis()
}

fn at(text: &str) -> Happening {
    Happening { occurred: moment(text), recorded: moment(text) }
}

fn question<'a>(calendar: &'a Calendar, as_of: &str) -> Question<'a> {
    Question {
        calendar,
        began: moment("2026-03-02T09:00:00"),
        expert_led: &[],
        mode: Mode::Independent,
        as_of: moment(as_of),
    }
}

fn inputs(sample: &[u32], remaining: u32) -> Inputs {
    Inputs { sample: sample.to_vec(), remaining, ..Inputs::default() }
}

fn refusal(sample: &[u32], remaining: u32) -> Withheld {
    Engine::default().forecast(&inputs(sample, remaining), &[10], 1).expect_err("the guard refuses")
}

#[test]
fn all_zeros() {
    assert_eq!(refusal(&[0; 12], 5), Withheld::NothingDone { days: 12 });
    let calendar = Calendar::weekly(ZONE);
    let needed = |deadline| pace_needed(&calendar, day("2026-03-09"), day(deadline), 5);
    assert_eq!(needed("2026-03-20"), Some(0.5), "5 in 10 working days");
    assert_eq!(needed("2026-03-06"), None, "no day is left");
    // Without the guard too, nothing is infinite: it ends beyond the cap or at a date.
    let line = Engine::default().simulate(&inputs(&[0; 12], 5), &[10], 1);
    assert_eq!(line.how_many(10, 85), Some(0));
    assert!(line.beyond() > 0.0 && line.beyond() < 1.0, "{}", line.beyond());
}

#[test]
fn one_huge_day() {
    assert_eq!(
        refusal(&[0, 0, 10, 0, 0, 0, 0, 0, 0, 0], 5),
        Withheld::TooFewActiveDays { active: 1 }
    );
    let engine = Engine::default();
    let huge = inputs(&[1, 0, 30, 1, 0, 1, 0, 1, 0, 1], 20);
    let even = inputs(&[4, 3, 4, 3, 4, 3, 4, 3, 4, 3], 20);
    let pace = engine.pace(&huge);
    assert!(pace.dispersion > 20.0, "it stays in the sample: φ = {}", pace.dispersion);
    let by = |inputs| engine.forecast(inputs, &[], 1).unwrap().today.when(HEADLINE).unwrap();
    assert!(by(&huge) > 3 * by(&even), "the same mean, and a far date: {}", by(&huge));
}

#[test]
fn nothing_remaining() {
    assert_eq!(refusal(&[1, 1, 1, 1, 1], 0), Withheld::Finished);
}

#[test]
fn n_is_one() {
    assert_eq!(refusal(&[7], 5), Withheld::TooFewDays { days: 1 });
    let line = Engine::default().simulate(&inputs(&[7], 5), &[3], 1);
    assert!(line.when(50).is_some(), "and without the guard it ends in a number");
}

#[test]
fn dst() {
    // Clocks go forward on Sunday 29 March: Friday evening's day 1 is Monday, as in any week.
    let calendar = Calendar::weekly(ZONE);
    let entries = [at("2026-03-27T17:00:00"), at("2026-03-29T01:59:00"), at("2026-03-29T03:00:00")];
    let sample = question(&calendar, "2026-03-29T23:59:00").sample(&entries);
    assert_eq!(sample.day_one, Some(day("2026-03-30")));
    assert_eq!(sample.counts().last(), Some(&3), "both Sunday entries join the Friday");
    assert_eq!(sample.days.len(), 20, "four weeks of five days");
    assert_eq!(calendar.project(day("2026-03-30"), 1), Some(day("2026-03-30")));
}

#[test]
fn deadline_in_the_past() {
    let calendar = Calendar::weekly(ZONE);
    let line = Engine::default().simulate(&inputs(&[2, 1, 2, 1, 2], 4), &[], 1);
    let check = |deadline: &str, words: &str, status: Status| {
        let chance = line.by(&calendar, day("2026-03-09"), day(deadline));
        assert_eq!(chance.words(), words, "{deadline}");
        assert_eq!(Status::of(Some(chance.share)), status, "{deadline}");
    };
    check("2026-03-06", "< 5 %, passed", Status::OffCourse);
    check("2026-03-08", "< 5 %, passed", Status::OffCourse);
    check("2027-03-08", "> 95 %", Status::OnCourse);
    let sunday = line.by(&calendar, day("2026-03-09"), day("2026-03-15"));
    let friday = line.by(&calendar, day("2026-03-09"), day("2026-03-13"));
    assert_eq!(sunday, friday, "a Sunday is no working day");
}

#[test]
fn paused_sprint() {
    let pause = Pause { from: day("2026-03-11"), resumes: Some(day("2026-03-18")) };
    let calendar = Calendar { pauses: vec![pause], ..Calendar::weekly(ZONE) };
    let entries = [at("2026-03-10T12:00:00"), at("2026-03-12T12:00:00"), at("2026-03-18T12:00:00")];
    let sample = question(&calendar, "2026-03-20T18:00:00").sample(&entries);
    // Seven days before the pause, three after it.
    assert_eq!(sample.counts(), [0, 0, 0, 0, 0, 0, 2, 1, 0, 0]);
    assert_eq!(sample.days[6].day, day("2026-03-10"), "work of the pause joins the day before");
    assert_eq!(sample.days[7].day, day("2026-03-18"));
    let paused = question(&calendar, "2026-03-12T12:00:00").sample(&[]);
    assert_eq!(paused.day_one, Some(day("2026-03-18")), "it goes on from the planned day");
    let open = Pause { resumes: None, ..pause };
    let calendar = Calendar { pauses: vec![open], ..calendar };
    let paused = question(&calendar, "2026-03-12T12:00:00").sample(&entries);
    assert_eq!(paused.day_one, None, "paused, no date");
    assert_eq!(paused.days.len(), 7, "what is behind stays known");
}

#[test]
fn weekend_work() {
    let calendar = Calendar::weekly(ZONE);
    let entries = [at("2026-03-06T12:00:00"), at("2026-03-07T12:00:00"), at("2026-03-09T12:00:00")];
    let counts = |as_of| question(&calendar, as_of).sample(&entries).counts();
    assert_eq!(counts("2026-03-06T19:00:00"), [0, 0, 0, 0, 1]);
    assert_eq!(counts("2026-03-07T19:00:00"), [0, 0, 0, 0, 2], "Saturday joins Friday");
    assert_eq!(counts("2026-03-09T12:30:00"), [0, 0, 0, 0, 2], "a day in progress is no sample");
    assert_eq!(counts("2026-03-09T18:00:00"), [0, 0, 0, 0, 2, 1]);
}

#[test]
fn regression_after_done() {
    // Done on Tuesday, regressed on Wednesday, done again on Thursday: both entries count, and one
    // regression.
    let calendar = Calendar::weekly(ZONE);
    let entries = [at("2026-03-03T12:00:00"), at("2026-03-05T12:00:00")];
    let question = question(&calendar, "2026-03-06T18:00:00");
    let sample = question.sample(&entries);
    assert_eq!(sample.counts(), [0, 1, 0, 1, 0]);
    assert_eq!(question.count(&sample, &[at("2026-03-04T12:00:00")]), 1);
    let engine = Engine::default();
    let mut inputs = inputs(&[1, 2, 2, 2, 3, 1, 1, 2, 1, 1], 60);
    let by = |inputs: &Inputs| engine.forecast(inputs, &[], 1).unwrap();
    let without = by(&inputs).today.when(HEADLINE);
    inputs.regressions = 3;
    assert!(by(&inputs).today.when(HEADLINE) > without, "returns push the date out");
    assert!(!by(&inputs).returns_exceed_sample);
    inputs.regressions = 17;
    assert!(by(&inputs).returns_exceed_sample, "17 regressions of 16 done are a guess");
}

#[test]
fn late_entry() {
    // Done on Tuesday, told on the next Monday.
    let calendar = Calendar::weekly(ZONE);
    let late = Happening {
        occurred: moment("2026-03-03T12:00:00"),
        recorded: moment("2026-03-09T10:00:00"),
    };
    let counts = |as_of| question(&calendar, as_of).sample(&[late]).counts();
    assert_eq!(counts("2026-03-06T18:00:00"), [0, 0, 0, 0, 0], "as known, nobody knew");
    assert_eq!(counts("2026-03-09T12:00:00"), [0, 1, 0, 0, 0], "on its own day once known");
}

#[test]
fn the_modes_are_never_mixed() {
    let calendar = Calendar::weekly(ZONE);
    let led: [RangeInclusive<NaiveDate>; 1] = [day("2026-03-02")..=day("2026-03-06")];
    let entries = [at("2026-03-04T12:00:00"), at("2026-03-07T12:00:00"), at("2026-03-10T12:00:00")];
    let of = |mode| {
        let question = question(&calendar, "2026-03-11T18:00:00");
        Question { expert_led: &led, mode, ..question }.sample(&entries).counts()
    };
    assert_eq!(of(Mode::Independent), [0, 1, 0]);
    assert_eq!(of(Mode::ExpertLed), [0, 0, 1, 0, 1], "Saturday belongs to the led Friday");
}

#[test]
fn a_day_that_began_at_noon_does_not_count() {
    let calendar = Calendar::weekly(ZONE);
    let check = |began: &str, days: usize| {
        let question = question(&calendar, "2026-03-06T18:00:00");
        let sample: Sample = Question { began: moment(began), ..question }.sample(&[]);
        assert_eq!(sample.days.len(), days, "began {began}");
    };
    check("2026-03-04T11:59:00", 3);
    check("2026-03-04T12:00:00", 2);
}

#[test]
fn capacity_is_that_of_the_sample() {
    let from = |text: &str, days: f64| (day(text), days);
    let calendar = Calendar {
        capacity: BTreeMap::from([from("2026-03-02", 2.0), from("2026-03-10", 3.0)]),
        ..Calendar::weekly(ZONE)
    };
    let sample = question(&calendar, "2026-03-06T18:00:00").sample(&[]);
    let capacity = sample.capacity(&calendar);
    assert_eq!(capacity.planned[..3], [1.0, 1.5, 1.5], "2 person-days on Monday, then 3");
    assert_eq!(capacity.after.total_cmp(&1.5), std::cmp::Ordering::Equal);
    let unknown = sample.capacity(&Calendar::weekly(ZONE));
    assert_eq!(unknown, Capacity::default(), "not kept");
}

#[test]
fn the_guard_has_a_control() {
    assert_eq!(guard(&inputs(&[1, 0, 1, 0, 1], 5)), Ok(()));
}
