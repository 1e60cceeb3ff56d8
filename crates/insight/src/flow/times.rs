//! Cycle time and age, in calendar days: nights, weekends and blocked time are part of them. A
//! service that is done on the day it was started took 1 day, never 0.

use super::{Track, Window};
use chrono::NaiveDate;
use pilotage_domain::calendar::{day_of, days_between};
use std::collections::BTreeMap;
use uuid::Uuid;

/// From this count on a median is told.
const FEW: usize = 5;
/// From this count on the 85th percentile is told.
const ENOUGH: usize = 10;

/// How long a done service took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CycleTime {
    /// The service.
    pub service: Uuid,
    /// The day it was last done.
    pub done_on: NaiveDate,
    /// Days from the start to then; none where no start is known, which is never the day it was done.
    pub days: Option<u32>,
    /// Days from the start to the first time it was done.
    pub first_days: Option<u32>,
}

/// How long a service has been in progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Age {
    /// The service.
    pub service: Uuid,
    /// Days from the start to the end of the window, both included.
    pub days: u32,
    /// It is done no more.
    pub regressed: bool,
}

/// Percentiles that so many values allow to tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Percentiles {
    /// From 5 values on.
    pub median: Option<u32>,
    /// From 10 values on: the service level expectation.
    pub p85: Option<u32>,
}

/// The cycle times of services that are done at the close of the window, and were done within it.
pub fn cycle_times(tracks: &[Track], window: &Window) -> Vec<CycleTime> {
    let time = |track: &Track| {
        let done = track.at(window, window.close() - 1).is_done();
        let until_close = |at: &i64| *at < window.close();
        let entries = track.entries(window);
        let last = entries.iter().copied().rfind(|at| until_close(at)).filter(|_| done)?;
        let first = track.first_done(window)?;
        let done_on = day_of(last, window.zone);
        let took = |to| track.started.filter(|from| *from <= to);
        let days = |to| took(to).map(|from| days_between(from, to, window.zone) + 1);
        let (days, first_days) = (days(last), days(first));
        window.days.contains(&done_on).then_some(CycleTime {
            service: track.service,
            done_on,
            days,
            first_days,
        })
    };
    tracks.iter().filter_map(time).collect()
}

/// The ages of services in progress at the close of the window, oldest first.
pub fn ages(tracks: &[Track], window: &Window) -> Vec<Age> {
    let now = window.close() - 1;
    let age = |track: &Track| {
        let state = track.at(window, now);
        let from = track.started.or_else(|| track.first_done(window));
        let from = from.filter(|_| state.is_in_progress())?;
        let days = days_between(from, now, window.zone) + 1;
        Some(Age { service: track.service, days, regressed: state.regressed })
    };
    let mut ages: Vec<Age> = tracks.iter().filter_map(age).collect();
    ages.sort_by_key(|age| (std::cmp::Reverse(age.days), age.service));
    ages
}

/// Percentiles by nearest rank: the value number `⌈p·n/100⌉` in order.
pub fn percentiles(values: &[u32]) -> Percentiles {
    Percentiles {
        median: nearest_rank(values, 50).filter(|_| values.len() >= FEW),
        p85: nearest_rank(values, 85).filter(|_| values.len() >= ENOUGH),
    }
}

fn nearest_rank(values: &[u32], percent: usize) -> Option<u32> {
    let mut ordered = values.to_vec();
    ordered.sort_unstable();
    ordered.get((percent * values.len()).div_ceil(100).checked_sub(1)?).copied()
}

/// The age above which work in progress stands out: the 85th percentile of at least 10 cycle times,
/// else twice the median of at least 3.
pub fn age_limit(cycle_times: &[u32]) -> Option<u32> {
    let median = nearest_rank(cycle_times, 50).filter(|_| cycle_times.len() >= 3);
    percentiles(cycle_times).p85.or(median.map(|median| 2 * median))
}

/// How much of an age was blocked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockedShare {
    /// Days of the age.
    pub age: u32,
    /// Of them, days on which it was blocked at any time.
    pub blocked: u32,
    /// The same by reason; days with two reasons count for both.
    pub by_reason: BTreeMap<String, u32>,
}

/// How much of a service's time in progress was blocked, up to the close of the window or until it
/// was done. None where it never started.
pub fn blocked_share(track: &Track, window: &Window) -> Option<BlockedShare> {
    let now = window.close() - 1;
    let started = track.started.filter(|from| *from <= now)?;
    let done = track.at(window, now).is_done();
    let entries = track.entries(window);
    let end = entries.into_iter().rfind(|at| done && *at <= now).unwrap_or(now);
    let zone = window.zone;
    let age = days_between(started, end, zone) + 1;
    let mut share = BlockedShare { age, blocked: 0, by_reason: BTreeMap::new() };
    let first = day_of(started, zone);
    let last = day_of(end, zone);
    for day in first.iter_days().take_while(|day| *day <= last) {
        let (from, to) = (pilotage_domain::calendar::start_of(day, zone), window.end_of(day));
        let mut reasons: Vec<&str> = track
            .blocked
            .iter()
            .filter(|it| it.from < to && it.until.is_none_or(|until| until > from))
            .map(|it| it.reason.as_str())
            .collect();
        share.blocked += u32::from(!reasons.is_empty());
        reasons.sort_unstable();
        reasons.dedup();
        for reason in reasons {
            *share.by_reason.entry(reason.to_owned()).or_default() += 1;
        }
    }
    Some(share)
}
