//! When a CronJob runs next: five fields, lists, ranges, steps, names and the usual short forms. A
//! schedule in another form is not read.

use crate::shape::Moment;
use chrono::{Datelike as _, NaiveDate, TimeDelta, TimeZone as _, Timelike as _};
use chrono_tz::Tz;

/// A schedule that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    weekdays: u64,
    /// Day of month or weekday, whichever fits, as soon as both are named.
    either_day: bool,
    zone: Tz,
}

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

impl Schedule {
    /// Reads a schedule. Without a zone of its own it follows that of the control plane, which is
    /// nearly always UTC.
    pub fn parse(text: &str, zone: Option<&str>) -> Option<Self> {
        let zone: Tz = zone.unwrap_or("UTC").parse().ok()?;
        let text = match text.trim() {
            "@yearly" | "@annually" => "0 0 1 1 *",
            "@monthly" => "0 0 1 * *",
            "@weekly" => "0 0 * * 0",
            "@daily" | "@midnight" => "0 0 * * *",
            "@hourly" => "0 * * * *",
            other => other,
        };
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minutes, hours, days, months, weekdays] = fields.as_slice() else { return None };
        let mut week = field(weekdays, 0, 7, &WEEKDAYS, 0)?;
        // Seven is Sunday as well.
        week |= week >> 7 & 1;
        let any = |text: &str| text.starts_with('*') || text.starts_with('?');
        Some(Self {
            minutes: field(minutes, 0, 59, &[], 0)?,
            hours: field(hours, 0, 23, &[], 0)?,
            days: field(days, 1, 31, &[], 0)?,
            months: field(months, 1, 12, &MONTHS, 1)?,
            weekdays: week,
            either_day: !any(days) && !any(weekdays),
            zone,
        })
    }

    /// The first run after a moment, within four years and a bit: 29 February is the rarest.
    pub fn after(&self, moment: Moment) -> Option<Moment> {
        let start = moment.with_timezone(&self.zone).naive_local() + TimeDelta::minutes(1);
        let start = start.with_second(0)?.with_nanosecond(0)?;
        let mut day = start.date();
        for _ in 0..=(4 * 366) {
            if self.fits_day(day) {
                for hour in 0..24 {
                    for minute in (0..60).filter(|_| self.hours >> hour & 1 == 1) {
                        let at = day.and_hms_opt(hour, minute, 0)?;
                        if self.minutes >> minute & 1 == 0 || at < start {
                            continue;
                        }
                        // An hour that the clock skips has no such moment.
                        if let Some(at) = self.zone.from_local_datetime(&at).earliest()
                            && at.to_utc() > moment
                        {
                            return Some(at.to_utc());
                        }
                    }
                }
            }
            day = day.succ_opt()?;
        }
        None
    }

    fn fits_day(&self, day: NaiveDate) -> bool {
        let of_month = self.days >> day.day() & 1 == 1;
        let of_week = self.weekdays >> day.weekday().num_days_from_sunday() & 1 == 1;
        let fits = if self.either_day { of_month || of_week } else { of_month && of_week };
        fits && self.months >> day.month() & 1 == 1
    }
}

/// One field as a set of bits.
fn field(text: &str, least: u32, most: u32, names: &[&str], first: u32) -> Option<u64> {
    let number = |text: &str| -> Option<u32> {
        let lower = text.to_ascii_lowercase();
        let word = names.iter().position(|name| *name == lower);
        let number = match word {
            Some(index) => u32::try_from(index).ok()? + first,
            None => text.parse().ok()?,
        };
        (least..=most).contains(&number).then_some(number)
    };
    let mut bits = 0;
    for part in text.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, step.parse::<usize>().ok().filter(|step| *step > 0)?),
            None => (part, 1),
        };
        let (from, to) = match range.split_once('-') {
            _ if range == "*" || range == "?" => (least, most),
            Some((from, to)) => (number(from)?, number(to)?),
            None if part.contains('/') => (number(range)?, most),
            None => (number(range)?, number(range)?),
        };
        for value in (from..=to).step_by(step) {
            bits |= 1 << value;
        }
    }
    (bits != 0).then_some(bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_run() {
        let check = |text: &str, zone: Option<&str>, from: &str, expect: Option<&str>| {
            let at = |text: &str| chrono::DateTime::parse_from_rfc3339(text).unwrap().to_utc();
            let next = Schedule::parse(text, zone).and_then(|schedule| schedule.after(at(from)));
            assert_eq!(next, expect.map(at), "{text} after {from}");
        };
        let noon = "2026-03-01T12:00:00Z"; // a Sunday
        check("*/15 * * * *", None, noon, Some("2026-03-01T12:15:00Z"));
        check("0 12 * * *", None, noon, Some("2026-03-02T12:00:00Z"));
        check("30 2 * * 1-5", None, noon, Some("2026-03-02T02:30:00Z"));
        check("0 0 * * sun", None, noon, Some("2026-03-08T00:00:00Z"));
        check("0 0 * * 7", None, noon, Some("2026-03-08T00:00:00Z"));
        check("0 0 1,15 * *", None, noon, Some("2026-03-15T00:00:00Z"));
        check("0 0 13 * 5", None, noon, Some("2026-03-06T00:00:00Z"));
        check("0 0 29 2 *", None, noon, Some("2028-02-29T00:00:00Z"));
        check("5/20 3 * jan-mar *", None, noon, Some("2026-03-02T03:05:00Z"));
        check("@hourly", None, noon, Some("2026-03-01T13:00:00Z"));
        check("0 9 * * *", Some("Europe/Berlin"), noon, Some("2026-03-02T08:00:00Z"));
        // The clock skips 02:30 on this day.
        check(
            "30 2 * * *",
            Some("Europe/Berlin"),
            "2026-03-28T12:00:00Z",
            Some("2026-03-30T00:30:00Z"),
        );
        check("0 0 31 2 *", None, noon, None);
        check("now and then", None, noon, None);
        check("61 * * * *", None, noon, None);
        check("0 0 * * *", Some("Mars/Olympus"), noon, None);
        check("*/0 * * * *", None, noon, None);
    }
}
