//! Which past days count, and how work falls on them.
//!
//! Two rules hold everything together. Whatever is removed from the sample (holidays, pauses, days
//! of another mode) is removed from the horizon too, since both use one calendar. And everything is
//! read *as known* at the as-of moment, so that a backtest does not look into the future.

use crate::forecast::{CAP, Capacity, WINDOW};
use chrono::{DateTime, NaiveDate, Timelike as _, Utc};
use pilotage_domain::Millis;
use pilotage_domain::calendar::{Calendar, day_of, start_of};
use std::ops::RangeInclusive;

/// Something that happened to a service: it entered *done*, regressed, or was added to the scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Happening {
    /// When it happened.
    pub occurred: Millis,
    /// When it was recorded: before, nobody knew.
    pub recorded: Millis,
}

/// Who leads the work. The two are never mixed in one sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The team works without an expert.
    Independent,
    /// An expert-led sprint runs.
    ExpertLed,
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Question<'a> {
    /// The programme's calendar.
    pub calendar: &'a Calendar,
    /// When the work began. A first day that began at or after local noon does not count.
    pub began: Millis,
    /// The days of expert-led sprints, both ends included.
    pub expert_led: &'a [RangeInclusive<NaiveDate>],
    /// The mode of the days to come: only days of the same one count.
    pub mode: Mode,
    /// The moment as known at which everything is read.
    pub as_of: Millis,
}

/// A closed working day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SampleDay {
    /// The day.
    pub day: NaiveDate,
    /// Entries into *done*, repeats included, those of non-working days after it too.
    pub done: u32,
}

/// The days that count.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// At most [`WINDOW`] closed working days of the mode, oldest first.
    pub days: Vec<SampleDay>,
    /// Day 1 of the forecast; none while work is paused without a planned end.
    pub day_one: Option<NaiveDate>,
    /// What happened before this moment is behind: sample, scope and what remains are taken here.
    pub close: Millis,
}

impl Question<'_> {
    /// The sample, with the entries into *done* counted on its days.
    pub fn sample(&self, entries: &[Happening]) -> Sample {
        let calendar = self.calendar;
        let day_one = calendar.first_open(self.as_of);
        let close = day_one.map_or(self.as_of, |day| start_of(day, calendar.zone));
        let first = self.first_day();
        let mut days: Vec<SampleDay> = calendar
            .last_closed(self.as_of)
            .into_iter()
            .flat_map(|last| calendar.back(last))
            .take_while(|day| *day >= first)
            .filter(|day| self.mode_of(*day) == self.mode)
            .take(WINDOW)
            .map(|day| SampleDay { day, done: 0 })
            .collect();
        days.reverse();
        let mut sample = Sample { days, day_one, close };
        for entry in entries {
            if let Some(place) = self.place(&sample, entry) {
                sample.days[place].done += 1;
            }
        }
        sample
    }

    /// How many of the happenings fall within the sample: regressions, additions.
    pub fn count(&self, sample: &Sample, happenings: &[Happening]) -> u32 {
        let within = happenings.iter().filter(|it| self.place(sample, it).is_some());
        u32::try_from(within.count()).unwrap_or(u32::MAX)
    }

    /// The day of the sample that a happening belongs to; work of a weekend, holiday or pause is
    /// counted on the working day before.
    fn place(&self, sample: &Sample, happening: &Happening) -> Option<usize> {
        if happening.recorded > self.as_of || happening.occurred >= sample.close {
            return None;
        }
        let day = self.calendar.working_until(day_of(happening.occurred, self.calendar.zone))?;
        sample.days.binary_search_by_key(&day, |sampled| sampled.day).ok()
    }

    fn mode_of(&self, day: NaiveDate) -> Mode {
        let led = self.expert_led.iter().any(|days| days.contains(&day));
        if led { Mode::ExpertLed } else { Mode::Independent }
    }

    fn first_day(&self) -> NaiveDate {
        let day = day_of(self.began, self.calendar.zone);
        let moment = DateTime::<Utc>::from_timestamp_millis(self.began).unwrap_or_default();
        let before_noon = moment.with_timezone(&self.calendar.zone).hour() < 12;
        if before_noon { day } else { day.succ_opt().unwrap_or(day) }
    }
}

impl Sample {
    /// The counts, oldest first, as [`crate::forecast::Inputs`] wants them.
    pub fn counts(&self) -> Vec<u32> {
        self.days.iter().map(|day| day.done).collect()
    }

    /// Planned person-days of the days to come over the mean of the sample's; 1 where no capacity
    /// is kept.
    pub fn capacity(&self, calendar: &Calendar) -> Capacity {
        let known: Vec<f64> =
            self.days.iter().filter_map(|sampled| calendar.person_days(sampled.day)).collect();
        let Some(day_one) = self.day_one.filter(|_| !known.is_empty()) else {
            return Capacity::default();
        };
        let count = f64::from(u32::try_from(known.len()).unwrap_or(u32::MAX));
        let mean = known.iter().sum::<f64>() / count;
        let factor = |day| calendar.person_days(day).map_or(1.0, |days| days / mean);
        let reach = usize::try_from(CAP).unwrap_or(usize::MAX);
        let planned: Vec<f64> = calendar.ahead(day_one).take(reach).map(factor).collect();
        let after = planned.last().copied().unwrap_or(1.0);
        Capacity { planned, after }
    }
}

/// The pace that would meet the deadline, in services per working day; none where no working day
/// is left.
pub fn pace_needed(
    calendar: &Calendar,
    day_one: NaiveDate,
    deadline: NaiveDate,
    remaining: u32,
) -> Option<f64> {
    let days = calendar.workdays(day_one, deadline);
    (days > 0).then(|| f64::from(remaining) / f64::from(days))
}
