//! What the programme keeps of its calendar: registers of the programme, each of which two devices
//! may set without knowing of each other. A register that cannot be read counts as unset.

use super::{Calendar, Pause};
use crate::change::{Entity, path};
use chrono::{NaiveDate, NaiveTime, Weekday, WeekdaySet};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A time without work.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rest {
    /// The first day with work again; none where nobody has planned it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resumes: Option<NaiveDate>,
    /// Why.
    #[serde(default)]
    pub reason: String,
}

/// Working days, holidays, pauses and capacity, as they were entered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timetable {
    /// Weekdays that are worked, as three small letters each, Monday first.
    pub working_days: Vec<String>,
    /// Local time at which a working day is over.
    pub day_ends: NaiveTime,
    /// Days that are not worked, with their names.
    pub holidays: BTreeMap<NaiveDate, String>,
    /// Times without work, by their first day.
    pub pauses: BTreeMap<NaiveDate, Rest>,
    /// Hundredths of a person-day in a working day, from each date on: the log holds whole numbers.
    pub capacity: BTreeMap<NaiveDate, u32>,
}

impl Default for Timetable {
    fn default() -> Self {
        let weekly = Calendar::weekly(Tz::UTC);
        Self {
            working_days: words(weekly.weekdays),
            day_ends: weekly.day_ends,
            holidays: BTreeMap::new(),
            pauses: BTreeMap::new(),
            capacity: BTreeMap::new(),
        }
    }
}

impl Timetable {
    /// Reads it off the programme.
    pub fn of(programme: &Entity) -> Self {
        let usual = Self::default();
        let register = |path: &str| programme.registers.get(path);
        let days = register(path::WORKING_DAYS).and_then(read_days);
        let ends = register(path::DAY_ENDS).and_then(Value::as_str).and_then(read_time);
        Self {
            working_days: days.map_or(usual.working_days, words),
            day_ends: ends.unwrap_or(usual.day_ends),
            holidays: by_day(programme, path::HOLIDAYS, |value| value.as_str().map(str::to_owned)),
            pauses: by_day(programme, path::PAUSES, |value| {
                serde_json::from_value(value.clone()).ok()
            }),
            capacity: by_day(programme, path::CAPACITY, |value| {
                value.as_u64().and_then(|hundredths| u32::try_from(hundredths).ok())
            }),
        }
    }

    /// The calendar that it makes in a zone.
    pub fn calendar(&self, zone: Tz) -> Calendar {
        let weekdays = self.working_days.iter().filter_map(|word| weekday(word));
        Calendar {
            zone,
            weekdays: weekdays.collect(),
            day_ends: self.day_ends,
            holidays: self.holidays.keys().copied().collect(),
            pauses: self
                .pauses
                .iter()
                .map(|(from, rest)| Pause { from: *from, resumes: rest.resumes })
                .collect(),
            capacity: self
                .capacity
                .iter()
                .map(|(from, hundredths)| (*from, person_days(*hundredths)))
                .collect(),
        }
    }
}

/// Hundredths as person-days.
pub fn person_days(hundredths: u32) -> f64 {
    f64::from(hundredths) / 100.0
}

/// Reads weekdays: English names, of which the first three letters count.
pub fn read_weekdays<'a>(names: impl IntoIterator<Item = &'a str>) -> Option<WeekdaySet> {
    names.into_iter().map(weekday).collect()
}

/// The value of the register of working days.
pub fn weekdays_value(days: WeekdaySet) -> Value {
    json!(words(days))
}

/// Reads a local time, `18:00`.
pub fn read_time(text: &str) -> Option<NaiveTime> {
    NaiveTime::parse_from_str(text.trim(), "%H:%M").ok()
}

fn weekday(name: &str) -> Option<Weekday> {
    let folded = name.trim().to_lowercase();
    folded.parse().ok()
}

fn words(days: WeekdaySet) -> Vec<String> {
    days.iter(Weekday::Mon).map(|day| day.to_string().to_lowercase()).collect()
}

fn read_days(value: &Value) -> Option<WeekdaySet> {
    let names = value.as_array()?.iter().map(Value::as_str).collect::<Option<Vec<_>>>()?;
    read_weekdays(names).filter(|days| !days.is_empty())
}

fn by_day<T>(
    entity: &Entity,
    set: &str,
    read: impl Fn(&Value) -> Option<T>,
) -> BTreeMap<NaiveDate, T> {
    let registers = entity.registers.iter();
    registers
        .filter_map(|(register, value)| {
            let day = path::element_of(register, set)?.parse().ok()?;
            Some((day, read(value)?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn programme(registers: &[(&str, Value)]) -> Entity {
        let registers =
            registers.iter().map(|(path, value)| ((*path).to_owned(), value.clone())).collect();
        Entity { registers, ..Entity::default() }
    }

    #[test]
    fn a_programme_without_words_works_from_monday_to_friday() {
        let timetable = Timetable::of(&programme(&[]));
        assert_eq!(timetable, Timetable::default());
        assert_eq!(timetable.calendar(Tz::Europe__Berlin), Calendar::weekly(Tz::Europe__Berlin));
    }

    #[test]
    fn what_was_entered_makes_the_calendar() {
        let timetable = Timetable::of(&programme(&[
            (path::WORKING_DAYS, json!(["sun", "Monday", "tue"])),
            (path::DAY_ENDS, json!("16:30")),
            ("holidays/2026-12-25", json!("Christmas Day")),
            ("pauses/2026-12-28", json!({"resumes": "2027-01-04", "reason": "freeze"})),
            ("pauses/2027-03-01", json!({"reason": "nobody knows"})),
            ("capacity/2026-11-02", json!(250)),
            ("capacity/2026-11-09", json!(-1)),
            ("holidays/soon", json!("no day")),
        ]));
        let calendar = timetable.calendar(Tz::UTC);
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let check = |date: &str, works: bool| {
            assert_eq!(calendar.is_working(day(date)), works, "{date}");
        };
        assert_eq!(timetable.working_days, ["mon", "tue", "sun"]);
        check("2026-11-01", true); // a Sunday
        check("2026-11-04", false); // a Wednesday
        check("2026-12-28", false);
        check("2027-01-04", true);
        check("2027-03-02", false);
        assert_eq!(timetable.holidays.len(), 1);
        assert_eq!(
            calendar.person_days(day("2026-11-10")),
            Some(2.5),
            "less than nothing is no capacity"
        );
        assert_eq!(calendar.day_ends, NaiveTime::from_hms_opt(16, 30, 0).unwrap());
    }

    #[test]
    fn what_cannot_be_read_counts_as_unset() {
        let check = |path: &str, value: Value| {
            assert_eq!(Timetable::of(&programme(&[(path, value)])), Timetable::default(), "{path}");
        };
        check(path::WORKING_DAYS, json!("mon"));
        check(path::WORKING_DAYS, json!(["someday"]));
        check(path::WORKING_DAYS, json!([]));
        check(path::DAY_ENDS, json!("late"));
        check("capacity/2026-11-02", json!("many"));
        check("pauses/2026-11-02", json!("long"));
        check("holidays/2026-11-02", Value::Null);
    }
}
