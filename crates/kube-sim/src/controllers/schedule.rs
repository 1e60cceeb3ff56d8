//! The five fields of a cron schedule.

use chrono::{DateTime, Datelike as _, Duration, Timelike as _, Utc};
use chrono_tz::Tz;

/// A parsed schedule in a time zone.
#[derive(Debug)]
pub(crate) struct Schedule {
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    weekdays: u64,
    /// Both the day of the month and that of the week are named: either is enough.
    either_day: bool,
    zone: Tz,
}

/// How far ahead a next moment is looked for, in days: a leap day is at most eight years away.
const HORIZON: i64 = 8 * 366;

impl Schedule {
    /// `None` where it cannot be read.
    pub(crate) fn parse(text: &str, zone: &str) -> Option<Self> {
        let text = match text.trim() {
            "@hourly" => "0 * * * *",
            "@daily" | "@midnight" => "0 0 * * *",
            "@weekly" => "0 0 * * 0",
            "@monthly" => "0 0 1 * *",
            "@yearly" | "@annually" => "0 0 1 1 *",
            other => other,
        };
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minutes, hours, days, months, weekdays] = fields.as_slice() else { return None };
        let either_day = !days.starts_with('*') && !weekdays.starts_with('*');
        let mut week = field(weekdays, 0, 7)?;
        // Both 0 and 7 are Sunday.
        if week & (1 << 7) != 0 {
            week |= 1;
        }
        Some(Self {
            minutes: field(minutes, 0, 59)?,
            hours: field(hours, 0, 23)?,
            days: field(days, 1, 31)?,
            months: field(months, 1, 12)?,
            weekdays: week,
            either_day,
            zone: zone.parse().ok()?,
        })
    }

    /// The first moment after this one.
    pub(crate) fn next_after(&self, moment: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let limit = moment + Duration::days(HORIZON);
        let mut at = (moment + Duration::minutes(1)).with_second(0)?.with_nanosecond(0)?;
        while at < limit {
            let local = at.with_timezone(&self.zone);
            let has = |set: u64, number: u32| set & (1 << number) != 0;
            let day = has(self.days, local.day());
            let weekday = has(self.weekdays, local.weekday().num_days_from_sunday());
            let today = if self.either_day { day || weekday } else { day && weekday };
            if !has(self.months, local.month()) || !today {
                // On to the next hour, as days begin on the hour everywhere but for a few.
                at = (at + Duration::hours(1)).with_minute(0)?;
            } else if !has(self.hours, local.hour()) || !has(self.minutes, local.minute()) {
                at += Duration::minutes(1);
            } else {
                return Some(at);
            }
        }
        None
    }
}

/// A set of numbers as bits.
fn field(text: &str, least: u32, most: u32) -> Option<u64> {
    let mut set = 0;
    for part in text.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, step.parse::<u32>().ok().filter(|step| *step > 0)?),
            None => (part, 1),
        };
        let (from, to) = match range.split_once('-') {
            Some((from, to)) => (from.parse().ok()?, to.parse().ok()?),
            None if range == "*" => (least, most),
            None => {
                let from: u32 = range.parse().ok()?;
                // `5/10` runs to the end; `5` is itself.
                (from, if part.contains('/') { most } else { from })
            }
        };
        if from < least || to > most || from > to {
            return None;
        }
        let mut number = from;
        while number <= to {
            set |= 1 << number;
            number += step;
        }
    }
    Some(set)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time;

    #[test]
    fn the_next_moment_is_found() {
        let check = |schedule: &str, zone: &str, from: &str, expect: Option<&str>| {
            let parsed = Schedule::parse(schedule, zone);
            let found = parsed.and_then(|one| one.next_after(time::read(from).unwrap()));
            assert_eq!(found.map(time::text).as_deref(), expect, "{schedule} {zone} after {from}");
        };
        let noon = "2026-03-02T12:00:00Z"; // a Monday
        check("*/5 * * * *", "UTC", noon, Some("2026-03-02T12:05:00Z"));
        check("0 3 * * *", "UTC", noon, Some("2026-03-03T03:00:00Z"));
        check("0 3 * * *", "Europe/Berlin", noon, Some("2026-03-03T02:00:00Z"));
        check("30 8 * * 1-5", "UTC", "2026-03-06T09:00:00Z", Some("2026-03-09T08:30:00Z"));
        check("0 0 1,15 * *", "UTC", noon, Some("2026-03-15T00:00:00Z"));
        check("0 0 13 * 5", "UTC", noon, Some("2026-03-06T00:00:00Z"));
        check("0 0 29 2 *", "UTC", noon, Some("2028-02-29T00:00:00Z"));
        check("0 0 * * 7", "UTC", noon, Some("2026-03-08T00:00:00Z"));
        check("@hourly", "UTC", noon, Some("2026-03-02T13:00:00Z"));
        check("0 0 31 2 *", "UTC", noon, None);
        check("every day", "UTC", noon, None);
        check("61 * * * *", "UTC", noon, None);
        check("0 0 * * *", "Nowhere/Land", noon, None);
    }
}
