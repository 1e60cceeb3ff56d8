//! Flow against hand-worked tables, and Little's law on random logs.

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeZone as _};
use chrono_tz::Tz;
use pilotage_domain::flow::cumulative_flow;
use pilotage_domain::journey::Move;
use pilotage_domain::{DAY, Millis};
use pilotage_insight::flow::{
    Blocked, DayFigures, Ideal, Percentiles, SprintDelivery, SprintScope, Track, Turn, Window,
    age_limit, ages, blocked_share, cycle_times, days, days_in_progress, growth, ideal, law,
    percentiles, reached, sprint_delivery,
};
use proptest::prelude::*;
use std::collections::BTreeSet;
use uuid::Uuid;

const BERLIN: Tz = chrono_tz::Europe::Berlin;

fn day(number: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 1).expect("a day") + chrono::Days::new(number.into())
}

/// Noon of day `number` of March, in Berlin. March 2 2026 is a Monday: day 1.
fn noon(number: u32) -> Millis {
    at(number, 12)
}

fn at(number: u32, hour: u32) -> Millis {
    let local: NaiveDateTime = day(number).and_hms_opt(hour, 0, 0).expect("an hour");
    BERLIN.from_local_datetime(&local).single().expect("it exists once").timestamp_millis()
}

fn window(first: u32, last: u32) -> Window {
    Window { zone: BERLIN, done_stage: 3, days: day(first)..=day(last) }
}

fn turn(at: Millis, stage: usize) -> Turn {
    Turn { at, stage, in_scope: true, regressed: false }
}

fn track(number: u128, turns: &[Turn], started: Option<Millis>) -> Track {
    Track { service: Uuid::from_u128(number), turns: turns.to_vec(), started, blocked: Vec::new() }
}

fn column(figures: &[DayFigures], of: impl Fn(&DayFigures) -> u32) -> Vec<u32> {
    figures.iter().map(of).collect()
}

/// Start scope 5, two added on day 3, one removed on day 4; done per day 1, 1, 2, 0, 1.
fn sprint() -> Vec<Track> {
    let done_on = [Some(1), Some(2), Some(3), Some(3), Some(5)];
    let mut tracks: Vec<Track> = (1..)
        .zip(done_on)
        .map(|(number, done): (u128, Option<u32>)| {
            let mut turns = vec![turn(noon(0), 1)];
            turns.extend(done.map(|done| turn(noon(done), 3)));
            track(number, &turns, Some(at(1, 9)))
        })
        .collect();
    tracks.push(track(6, &[turn(noon(3), 1)], None));
    let out = Turn { in_scope: false, ..turn(noon(4), 1) };
    tracks.push(track(7, &[turn(noon(3), 1), out], None));
    tracks
}

#[test]
fn burn_up_and_burn_down_are_those_of_the_day() {
    let figures = days(&sprint(), &window(1, 5));
    assert_eq!(column(&figures, |day| day.scope), [5, 5, 7, 6, 6]);
    assert_eq!(column(&figures, |day| day.done), [1, 2, 4, 4, 5]);
    assert_eq!(column(&figures, DayFigures::remaining), [4, 3, 3, 2, 1]);
    assert_eq!(column(&figures, |day| day.throughput), [1, 1, 2, 0, 1]);
    assert_eq!(column(&figures, |day| day.added), [0, 0, 2, 0, 0]);
    assert_eq!(column(&figures, |day| day.removed), [0, 0, 0, 1, 0]);
    // The wrong way, by today's scope, would start at 5.
    let wrong: Vec<u32> = figures.iter().map(|day| figures[4].scope - day.done).collect();
    assert_eq!(wrong, [5, 4, 2, 2, 1]);
    let growth = growth(&figures, 4).unwrap();
    assert_eq!((growth.added, growth.removed), (2, 1));
    assert_eq!((growth.added_a_day, growth.added_of_start), (Some(0.5), Some(0.4)));
}

#[test]
fn the_ideal_line_steps_with_the_scope_and_rests_on_weekends() {
    let check = |start: u32, days: &[(i32, bool)], expect: &[f64]| {
        let days: Vec<Ideal> = days
            .iter()
            .map(|(change, work)| Ideal { change: *change, is_working: *work })
            .collect();
        let found = ideal(start, &days);
        assert_eq!(found.len(), expect.len());
        for (found, expect) in found.iter().zip(expect) {
            assert!((found - expect).abs() < 0.005, "{found}, not {expect}: {days:?}");
        }
    };
    let week = [(0, true), (0, true), (2, true), (-1, true), (0, true)];
    check(5, &week, &[4.0, 3.0, 3.33, 1.17, 0.0]);
    let weekend = [(0, true), (0, false), (0, false), (0, true)];
    check(4, &weekend, &[2.0, 2.0, 2.0, 0.0]);
    check(1, &[(-5, true), (3, true), (1, false)], &[0.0, 0.0, 1.0]);
    check(3, &[], &[]);
}

#[test]
fn repeats_regressions_and_services_found_live_are_told_apart() {
    let fell = Turn { regressed: true, ..turn(noon(3), 2) };
    let back = track(1, &[turn(noon(0), 1), turn(noon(2), 3), fell, turn(noon(4), 3)], None);
    let found = track(2, &[turn(at(2, 9), 1), turn(at(2, 10), 3)], None);
    let lapsed = track(3, &[turn(noon(0), 1), turn(noon(1), 4), turn(noon(5), 2)], None);
    let window = window(1, 5);
    let figures = days(&[back.clone(), found, lapsed], &window);
    assert_eq!(column(&figures, |day| day.throughput), [1, 1, 0, 0, 0]);
    assert_eq!(column(&figures, |day| day.found_live), [0, 1, 0, 0, 0]);
    assert_eq!(column(&figures, |day| day.regressions), [0, 0, 1, 0, 0]);
    assert_eq!(column(&figures, |day| day.repeats), [0, 0, 0, 1, 0]);
    assert_eq!(column(&figures, |day| day.lapsed), [0, 0, 0, 0, 1]);
    assert_eq!(column(&figures, |day| day.done), [1, 3, 2, 3, 2]);
    assert_eq!(column(&figures, |day| day.in_progress), [0, 0, 1, 0, 1], "a fall makes work");
    assert_eq!(back.entries(&window), [noon(2), noon(4)]);
    assert_eq!(back.regressions(&window), [noon(3)]);
    assert_eq!(back.first_done(&window), Some(noon(2)), "a fall does not erase it");
}

#[test]
fn leaving_and_rejoining_the_scope_done_is_no_throughput() {
    let out = Turn { in_scope: false, ..turn(noon(2), 3) };
    let tracks = [track(1, &[turn(noon(0), 1), turn(noon(1), 3), out, turn(noon(3), 3)], None)];
    let figures = days(&tracks, &window(1, 4));
    assert_eq!(column(&figures, |day| day.throughput), [1, 0, 0, 0]);
    assert_eq!(column(&figures, |day| day.repeats), [0, 0, 0, 0]);
    assert_eq!(column(&figures, |day| day.done), [1, 0, 1, 1]);
}

/// Stages reached on days (1, 2, 4), (1, 3, –), (2, –, –); the first regresses on day 5.
#[test]
fn cumulative_flow_falls_only_with_an_event() {
    let stages = ["assessed", "pipeline", "live"].map(str::to_owned);
    let climbs: [&[(u32, &str)]; 3] = [
        &[(1, "assessed"), (2, "pipeline"), (4, "live"), (5, "pipeline")],
        &[(1, "assessed"), (3, "pipeline")],
        &[(2, "assessed")],
    ];
    let services: Vec<Vec<Move>> = climbs
        .iter()
        .map(|climb| {
            let step = |(number, stage): &(u32, &str)| Move {
                at: noon(*number),
                stage: Some((*stage).to_owned()),
                in_scope: true,
            };
            let arrival = Move { at: noon(0), stage: None, in_scope: true };
            std::iter::once(arrival).chain(climb.iter().map(step)).collect()
        })
        .collect();
    let flow = cumulative_flow(&services, &stages, day(1), day(5), BERLIN);
    let bands: Vec<Vec<u32>> = flow.iter().map(reached).collect();
    let band = |stage: usize| bands.iter().map(|day| day[stage]).collect::<Vec<u32>>();
    assert_eq!(band(0), [3, 3, 3, 3, 3], "all in scope");
    assert_eq!(band(1), [2, 3, 3, 3, 3]);
    assert_eq!(band(2), [0, 1, 2, 2, 2]);
    assert_eq!(band(3), [0, 0, 0, 1, 0]);
    let first = Track::of_moves(Uuid::nil(), &services[0], &stages, |at| at == noon(5));
    assert_eq!(first.regressions(&window(1, 5)), [noon(5)]);
}

/// Services in progress on days 1–3, 2–5, 4–open.
fn three() -> Vec<Track> {
    let of = |number, start, done: Option<u32>| {
        let mut turns = vec![turn(noon(0), 1)];
        turns.extend(done.map(|done| turn(noon(done), 3)));
        track(number, &turns, Some(at(start, 9)))
    };
    vec![of(1, 1, Some(3)), of(2, 2, Some(5)), of(3, 4, None)]
}

#[test]
fn littles_law_on_the_example() {
    let check = |last, service_days, in_progress: f64, time: f64, gap: f64| {
        let window = window(1, last);
        let law = law(&three(), &window);
        assert_eq!((law.service_days, law.services), (service_days, 3), "{last} days");
        assert_eq!(days_in_progress(&days(&three(), &window)), service_days, "{last} days");
        let near = |found: f64, expect: f64| (found - expect).abs() < 1e-12;
        assert!(near(law.in_progress(), in_progress), "{law:?}");
        assert!(law.time().is_some_and(|found| near(found, time)), "{law:?}");
        assert_eq!(law.finished, Some(3.5));
        assert!(law.gap().is_some_and(|found| near(found, gap)), "{law:?}");
    };
    check(5, 9, 1.8, 3.0, -0.5);
    check(8, 12, 1.5, 4.0, 0.5);
    let figures = days(&three(), &window(1, 5));
    assert_eq!(column(&figures, |day| day.touched), [1, 2, 2, 2, 2]);
    assert_eq!(column(&figures, |day| day.in_progress), [1, 2, 1, 2, 1], "at the close");
}

#[test]
fn times_count_both_ends_and_never_zero() {
    let window = window(1, 8);
    let times = cycle_times(&three(), &window);
    let took: Vec<Option<u32>> = times.iter().map(|time| time.days).collect();
    assert_eq!(took, [Some(3), Some(4)]);
    let ages = ages(&three(), &window);
    assert_eq!(ages.len(), 1);
    assert_eq!((ages[0].days, ages[0].regressed), (5, false), "day 4 to day 8");
    let friday = track(9, &[turn(noon(0), 1), turn(at(5, 17), 3)], Some(at(5, 9)));
    assert_eq!(cycle_times(&[friday], &window)[0].days, Some(1), "started and done on Friday");
    let unknown = track(9, &[turn(noon(0), 1), turn(noon(5), 3)], None);
    assert_eq!(cycle_times(&[unknown], &window)[0].days, None, "no start is known");
    let fell = Turn { regressed: true, ..turn(noon(4), 2) };
    let turns = [turn(noon(0), 1), turn(noon(2), 3), fell, turn(noon(6), 3)];
    let back = [track(9, &turns, Some(noon(1)))];
    let time = cycle_times(&back, &window)[0];
    assert_eq!((time.days, time.first_days), (Some(6), Some(2)), "to the last, and the first");
    let open = Window { days: day(1)..=day(5), ..window };
    assert_eq!(cycle_times(&back, &open), [], "it is not done at the close");
    assert!(pilotage_insight::flow::ages(&back, &open)[0].regressed);
}

/// Planned 1 to 4, 5 added, 4 removed.
#[test]
fn a_sprint_delivers_lists() {
    let ids = |numbers: &[u128]| numbers.iter().map(|number| Uuid::from_u128(*number)).collect();
    let scope = SprintScope { planned: ids(&[1, 2, 3, 4]), added: ids(&[5]), removed: ids(&[4]) };
    let fell = Turn { regressed: true, ..turn(noon(4), 2) };
    let tracks = [
        track(1, &[turn(noon(0), 1), turn(noon(3), 3)], Some(at(1, 9))),
        track(2, &[turn(noon(0), 1), turn(noon(2), 3), fell], Some(at(1, 9))),
        track(3, &[turn(noon(0), 1)], None),
        track(4, &[turn(noon(0), 1), turn(noon(4), 3)], None),
        track(5, &[turn(noon(1), 1), turn(noon(5), 4)], Some(at(2, 9))),
        // Not of the sprint.
        track(6, &[turn(noon(0), 1), turn(noon(2), 3)], None),
    ];
    let found = sprint_delivery(&scope, &tracks, &window(1, 5));
    let expect = SprintDelivery {
        done: ids(&[1, 5]),
        carried: ids(&[2, 3]),
        regressed: ids(&[2]),
        planned_done: Some(0.25),
    };
    assert_eq!(found, expect);
    let earlier = sprint_delivery(&scope, &tracks, &window(1, 2));
    assert_eq!(earlier.done, ids(&[2]), "only 2 was done by then");
    let later = sprint_delivery(&scope, &tracks, &window(6, 9));
    assert_eq!(later.done, ids(&[]), "what was done before is not delivered again");
    assert_eq!(sprint_delivery(&SprintScope::default(), &tracks, &window(1, 5)).planned_done, None);
}

#[test]
fn percentiles_are_told_when_enough_is_known() {
    let check = |values: &[u32], median: Option<u32>, p85: Option<u32>, limit: Option<u32>| {
        assert_eq!(percentiles(values), Percentiles { median, p85 }, "{values:?}");
        assert_eq!(age_limit(values), limit, "{values:?}");
    };
    check(&[3, 5, 8, 1, 13], Some(5), None, Some(10));
    check(&[3, 5, 8, 1], None, None, Some(6));
    check(&[3, 5], None, None, None);
    check(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], Some(5), Some(9), Some(9));
    check(&[], None, None, None);
}

#[test]
fn blocked_days_are_counted_once_and_by_reason() {
    let mut blocked = three().remove(2);
    let spell = |from, until, reason: &str| Blocked { from, until, reason: reason.to_owned() };
    blocked.blocked = vec![
        spell(at(4, 10), Some(at(5, 11)), "keys"),
        spell(at(5, 15), Some(at(5, 16)), "keys"),
        spell(at(5, 9), None, "review"),
    ];
    let share = blocked_share(&blocked, &window(1, 8)).unwrap();
    assert_eq!((share.age, share.blocked), (5, 5));
    let by: Vec<(&str, u32)> =
        share.by_reason.iter().map(|(why, days)| (why.as_str(), *days)).collect();
    assert_eq!(by, [("keys", 2), ("review", 4)]);
    assert_eq!(days(&[blocked], &window(3, 5)).iter().map(|day| day.blocked).max(), Some(1));
    let never = track(9, &[turn(noon(0), 1)], None);
    assert_eq!(blocked_share(&never, &window(1, 8)), None);
}

/// A random way: arrivals, climbs, falls, leaving and rejoining, several on one day and at one
/// moment, at all hours.
fn tracks() -> impl Strategy<Value = Vec<Track>> {
    let hour = 3_600_000_i64;
    let turn = (0_i64..24 * 40, 0_usize..6, prop::bool::weighted(0.85), any::<bool>());
    let turns = proptest::collection::vec(turn, 1..9);
    let started = proptest::option::of(0_i64..24 * 40);
    proptest::collection::vec((turns, started), 0..12).prop_map(move |services| {
        let begin = noon(0) - DAY;
        let service = |(number, (turns, started)): (usize, (Vec<_>, Option<i64>))| {
            let mut turns: Vec<Turn> = turns
                .into_iter()
                .map(|(at, stage, in_scope, regressed)| Turn {
                    at: begin + at * hour,
                    stage,
                    in_scope,
                    regressed,
                })
                .collect();
            turns.sort_by_key(|turn| turn.at);
            track(number as u128, &turns, started.map(|at| begin + at * hour))
        };
        services.into_iter().enumerate().map(service).collect()
    })
}

proptest! {
    /// Days in progress by the days and by the services agree to the integer, in any zone, over the
    /// changes of clocks.
    #[test]
    fn littles_law_holds_on_random_logs(
        tracks in tracks(), first in 0_u32..35, length in 1_u32..20, zone in 0_usize..4,
    ) {
        let zone = [BERLIN, chrono_tz::Pacific::Auckland, chrono_tz::America::New_York, chrono_tz::UTC][zone];
        let window = Window { zone, ..window(first, first + length - 1) };
        let figures = days(&tracks, &window);
        let law = law(&tracks, &window);
        prop_assert_eq!(law.service_days, days_in_progress(&figures));
        prop_assert_eq!(law.days, length);
        if let Some(time) = law.time() {
            let rate = f64::from(law.services) / f64::from(law.days);
            prop_assert!((law.in_progress() - rate * time).abs() < 1e-9);
        }
    }

    /// Each line is the sum of its steps, and nothing falls without an event.
    #[test]
    fn lines_are_the_sums_of_their_events(tracks in tracks()) {
        let figures = days(&tracks, &window(0, 60));
        let mut scope = figures[0].scope;
        let mut done = figures[0].done;
        for day in &figures[1..] {
            prop_assert_eq!(day.scope + day.removed, scope + day.added);
            let fell = day.regressions + day.lapsed + day.removed;
            prop_assert!(day.done + fell >= done, "{:?}", day);
            prop_assert!(day.done <= day.scope && day.in_progress <= day.touched);
            prop_assert!(day.blocked <= day.in_progress);
            (scope, done) = (day.scope, day.done);
        }
        let live: BTreeSet<Uuid> =
            tracks.iter().filter(|track| track.first_done(&window(0, 60)).is_some()).map(|track| track.service).collect();
        let first: u32 = days(&tracks, &window(0, 60)).iter().map(|day| day.throughput + day.found_live).sum();
        prop_assert!(first as usize <= live.len(), "a service is first done once");
    }
}

#[test]
fn the_law_would_notice_a_day_that_is_lost() {
    // The control: one day counted less on one side is not equal any more.
    let window = window(1, 5);
    let figures = days(&three(), &window);
    assert_ne!(law(&three(), &window).service_days, days_in_progress(&figures[1..]));
    let moment = DateTime::from_timestamp_millis(noon(1)).expect("a moment");
    assert_eq!(moment.with_timezone(&BERLIN).date_naive(), day(1), "the fixture's own days");
}
