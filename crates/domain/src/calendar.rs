//! The programme's calendar: which local days are worked, and how work is counted in them.
//!
//! A day is a local date in the programme's one reporting zone. What is deliberately absent:
//! arithmetic with hours. A day of 23 or 25 hours is a day.

mod timetable;

pub use timetable::{Rest, Timetable, person_days, read_time, read_weekdays, weekdays_value};

use crate::Millis;
use chrono::{DateTime, Datelike as _, NaiveDate, NaiveTime, TimeZone as _, Utc, WeekdaySet};
use chrono_tz::Tz;
use std::collections::{BTreeMap, BTreeSet};

/// How far ahead or back a working day is looked for. Five years of one working day a week fit.
const REACH: usize = 366 * 50;

/// The local day of a moment.
pub fn day_of(moment: Millis, zone: Tz) -> NaiveDate {
    local(moment, zone).0
}

/// The first moment of a local day. Where midnight does not exist (a change to summer time), the
/// first moment that does.
pub fn start_of(day: NaiveDate, zone: Tz) -> Millis {
    (0..24)
        .find_map(|hour| zone.from_local_datetime(&day.and_hms_opt(hour, 0, 0)?).earliest())
        .map_or(0, |moment| moment.timestamp_millis())
}

/// Whole local days between two moments; 0 within one day.
pub fn days_between(from: Millis, to: Millis, zone: Tz) -> u32 {
    u32::try_from((day_of(to, zone) - day_of(from, zone)).num_days()).unwrap_or(0)
}

fn local(moment: Millis, zone: Tz) -> (NaiveDate, NaiveTime) {
    let moment = DateTime::<Utc>::from_timestamp_millis(moment).unwrap_or_default();
    let moment = moment.with_timezone(&zone);
    (moment.date_naive(), moment.time())
}

/// A time without work, such as a sprint or a programme that is paused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pause {
    /// The first day without.
    pub from: NaiveDate,
    /// The first day with work again; none where nobody has planned it.
    pub resumes: Option<NaiveDate>,
}

impl Pause {
    /// Whether the day belongs to it.
    pub fn holds(&self, day: NaiveDate) -> bool {
        self.from <= day && self.resumes.is_none_or(|resumes| day < resumes)
    }
}

/// Which days are worked.
#[derive(Clone, Debug, PartialEq)]
pub struct Calendar {
    /// The programme's reporting zone.
    pub zone: Tz,
    /// The weekdays that are worked.
    pub weekdays: WeekdaySet,
    /// Local time at which a working day is over: then it counts as closed.
    pub day_ends: NaiveTime,
    /// Days that are not worked though their weekday is: holidays and blackouts.
    pub holidays: BTreeSet<NaiveDate>,
    /// Times that are not worked.
    pub pauses: Vec<Pause>,
    /// Person-days of a working day, from each date on until the next one; not known before the
    /// first. With 0 person-days a day is not worked.
    pub capacity: BTreeMap<NaiveDate, f64>,
}

impl Calendar {
    /// Monday to Friday until 18:00, without holidays.
    pub fn weekly(zone: Tz) -> Self {
        use chrono::Weekday::{Fri, Mon, Thu, Tue, Wed};
        Self {
            zone,
            weekdays: WeekdaySet::from_array([Mon, Tue, Wed, Thu, Fri]),
            day_ends: NaiveTime::from_hms_opt(18, 0, 0).unwrap_or_default(),
            holidays: BTreeSet::new(),
            pauses: Vec::new(),
            capacity: BTreeMap::new(),
        }
    }

    /// Whether the day is worked.
    pub fn is_working(&self, day: NaiveDate) -> bool {
        self.weekdays.contains(day.weekday())
            && !self.holidays.contains(&day)
            && !self.pauses.iter().any(|pause| pause.holds(day))
            && self.person_days(day).is_none_or(|days| days > 0.0)
    }

    /// Planned person-days of the day; none where capacity is not kept.
    pub fn person_days(&self, day: NaiveDate) -> Option<f64> {
        self.capacity.range(..=day).next_back().map(|(_, days)| *days)
    }

    /// The first working day on or after `day`; none where work does not go on.
    pub fn working_from(&self, day: NaiveDate) -> Option<NaiveDate> {
        self.ahead(day).next()
    }

    /// The last working day on or before `day`: work of a weekend or holiday is counted there.
    pub fn working_until(&self, day: NaiveDate) -> Option<NaiveDate> {
        self.back(day).next()
    }

    /// Working days from `day` on, itself included.
    pub fn ahead(&self, day: NaiveDate) -> impl Iterator<Item = NaiveDate> {
        day.iter_days().take(REACH).filter(|day| self.is_working(*day))
    }

    /// Working days from `day` back, itself included.
    pub fn back(&self, day: NaiveDate) -> impl Iterator<Item = NaiveDate> {
        let days = std::iter::successors(Some(day), NaiveDate::pred_opt);
        days.take(REACH).filter(|day| self.is_working(*day))
    }

    /// The last working day that is over at the moment.
    pub fn last_closed(&self, moment: Millis) -> Option<NaiveDate> {
        let (today, time) = local(moment, self.zone);
        let over = if time >= self.day_ends { Some(today) } else { today.pred_opt() };
        self.working_until(over?)
    }

    /// The first working day that is not over at the moment: day 1 of a forecast.
    pub fn first_open(&self, moment: Millis) -> Option<NaiveDate> {
        let (today, time) = local(moment, self.zone);
        let open = if time >= self.day_ends { today.succ_opt() } else { Some(today) };
        self.working_from(open?)
    }

    /// The `count`-th working day counted from `first`, itself included. None for a count of 0, and
    /// where work does not go on that long, as in a pause without an end.
    pub fn project(&self, first: NaiveDate, count: u32) -> Option<NaiveDate> {
        self.ahead(first).nth(usize::try_from(count.checked_sub(1)?).ok()?)
    }

    /// How many working days lie between, both ends included; 0 where `to` is before `from`.
    pub fn workdays(&self, from: NaiveDate, to: NaiveDate) -> u32 {
        let days = from.iter_days().take_while(|day| *day <= to);
        u32::try_from(days.filter(|day| self.is_working(*day)).count()).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn moment(text: &str) -> Millis {
        let local: chrono::NaiveDateTime = text.parse().unwrap();
        chrono_tz::Europe::Berlin.from_local_datetime(&local).unwrap().timestamp_millis()
    }

    fn berlin() -> Calendar {
        Calendar::weekly(chrono_tz::Europe::Berlin)
    }

    fn with_holiday(holiday: &str) -> Calendar {
        Calendar { holidays: BTreeSet::from([day(holiday)]), ..berlin() }
    }

    #[test]
    fn a_date_is_counted_from_the_next_working_day() {
        let check = |calendar: &Calendar, as_of: &str, count: u32, first: &str, expect: &str| {
            let open = calendar.first_open(moment(as_of)).unwrap();
            assert_eq!(open, day(first), "day 1 as of {as_of}");
            assert_eq!(calendar.project(open, count), Some(day(expect)), "{as_of} + {count}");
        };
        check(&berlin(), "2026-03-06T18:00:00", 5, "2026-03-09", "2026-03-13");
        check(&berlin(), "2026-03-06T10:00:00", 5, "2026-03-06", "2026-03-12");
        let holiday = with_holiday("2026-03-11");
        check(&holiday, "2026-03-06T18:00:00", 5, "2026-03-09", "2026-03-16");
        // Clocks change on Sunday the 29th, and back on Sunday 25 October.
        check(&berlin(), "2026-03-27T18:00:00", 1, "2026-03-30", "2026-03-30");
        check(&berlin(), "2026-03-28T23:30:00", 5, "2026-03-30", "2026-04-03");
        check(&berlin(), "2026-10-23T18:00:00", 2, "2026-10-26", "2026-10-27");
        check(&berlin(), "2026-03-07T11:00:00", 1, "2026-03-09", "2026-03-09");
    }

    #[test]
    fn the_last_closed_day_is_over_and_worked() {
        let check = |as_of: &str, expect: &str| {
            let closed = with_holiday("2026-03-11").last_closed(moment(as_of));
            assert_eq!(closed, Some(day(expect)), "as of {as_of}");
        };
        check("2026-03-06T17:59:59", "2026-03-05");
        check("2026-03-06T18:00:00", "2026-03-06");
        check("2026-03-08T12:00:00", "2026-03-06");
        check("2026-03-09T00:00:00", "2026-03-06");
        check("2026-03-11T20:00:00", "2026-03-10");
        check("2026-03-29T12:00:00", "2026-03-27");
    }

    #[test]
    fn workdays_count_both_ends() {
        let check = |from: &str, to: &str, expect: u32| {
            assert_eq!(berlin().workdays(day(from), day(to)), expect, "{from} to {to}");
        };
        check("2026-03-09", "2026-03-13", 5);
        check("2026-03-09", "2026-03-15", 5); // a Sunday
        check("2026-03-09", "2026-03-09", 1);
        check("2026-03-07", "2026-03-08", 0); // a weekend
        check("2026-03-09", "2026-03-06", 0); // a deadline in the past
        check("2026-03-23", "2026-04-03", 10); // over the change of clocks
    }

    #[test]
    fn pauses_and_days_without_people_are_not_worked() {
        let check = |calendar: &Calendar, count: u32, expect: Option<&str>| {
            let found = calendar.project(day("2026-03-09"), count);
            assert_eq!(found, expect.map(day), "{count} days from 9 March");
        };
        let paused = |resumes: Option<&str>| Calendar {
            pauses: vec![Pause { from: day("2026-03-11"), resumes: resumes.map(day) }],
            ..berlin()
        };
        check(&paused(Some("2026-03-16")), 3, Some("2026-03-16"));
        check(&paused(None), 2, Some("2026-03-10"));
        check(&paused(None), 3, None);
        check(&berlin(), 0, None);
        let away = Calendar {
            capacity: BTreeMap::from([
                (day("2026-03-10"), 0.0),
                (day("2026-03-12"), 3.0),
                (day("2026-03-13"), 0.0),
            ]),
            ..berlin()
        };
        check(&away, 1, Some("2026-03-09"));
        check(&away, 2, Some("2026-03-12"));
        check(&away, 3, None);
        assert_eq!(away.person_days(day("2026-03-09")), None, "not known before the first");
        assert_eq!(away.person_days(day("2026-03-12")), Some(3.0));
        let never = Calendar { weekdays: WeekdaySet::EMPTY, ..berlin() };
        check(&never, 1, None);
        assert_eq!(never.last_closed(moment("2026-03-09T12:00:00")), None);
    }

    #[test]
    fn a_day_without_midnight_starts_when_it_can() {
        // Beirut moved its clocks from 00:00 to 01:00 on 2024-03-31.
        let day = NaiveDate::from_ymd_opt(2024, 3, 31).unwrap();
        let start = start_of(day, chrono_tz::Asia::Beirut);
        assert_eq!(day_of(start, chrono_tz::Asia::Beirut), day);
        assert_eq!(day_of(start - 1, chrono_tz::Asia::Beirut), day.pred_opt().unwrap());
        assert_eq!(days_between(start - 1, start, chrono_tz::Asia::Beirut), 1);
    }

    fn calendars() -> impl Strategy<Value = Calendar> {
        let days = proptest::collection::btree_set(0_u64..400, 0..30);
        let pauses = proptest::collection::vec((0_u64..400, 1_u64..40), 0..3);
        let week = 1_u8..128;
        (days, pauses, week).prop_map(|(days, pauses, week)| {
            let at = |offset: u64| day("2026-01-01") + chrono::Days::new(offset);
            let mut weekdays = WeekdaySet::EMPTY;
            for (index, day) in WeekdaySet::ALL.iter(chrono::Weekday::Mon).enumerate() {
                if week >> index & 1 == 1 {
                    weekdays.insert(day);
                }
            }
            Calendar {
                weekdays,
                holidays: days.into_iter().map(at).collect(),
                pauses: pauses
                    .into_iter()
                    .map(|(from, length)| Pause {
                        from: at(from),
                        resumes: Some(at(from + length)),
                    })
                    .collect(),
                ..berlin()
            }
        })
    }

    proptest! {
        #[test]
        fn projecting_and_counting_are_inverse(
            calendar in calendars(), offset in 0_u64..400, count in 1_u32..300,
        ) {
            let first = day("2026-01-01") + chrono::Days::new(offset);
            let date = calendar.project(first, count).unwrap();
            prop_assert!(calendar.is_working(date));
            prop_assert_eq!(calendar.workdays(first, date), count);
        }

        #[test]
        fn the_first_open_day_follows_the_last_closed_one(
            calendar in calendars(), hours in 0_i64..(400 * 24),
        ) {
            let moment = moment("2026-01-10T00:00:00") + hours * 3_600_000;
            let open = calendar.first_open(moment).unwrap();
            let closed = calendar.last_closed(moment).unwrap();
            prop_assert_eq!(calendar.workdays(closed, open), 2);
        }
    }
}
