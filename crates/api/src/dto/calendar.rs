//! The programme's calendar.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Which days are worked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct CalendarView {
    /// Weekdays that are worked, as three small letters each, Monday first.
    pub working_days: Vec<String>,
    /// Local time at which a working day is over: `18:00`.
    pub day_ends: String,
    /// Days that are not worked though their weekday is, by date.
    pub holidays: Vec<HolidayWords>,
    /// Times without work, by their first day.
    pub pauses: Vec<PauseWords>,
    /// Person-days of a working day from each date on.
    pub capacity: Vec<CapacityWords>,
}

/// A holiday.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct HolidayWords {
    /// The day.
    pub date: String,
    /// What it is called.
    #[serde(default)]
    pub name: String,
}

/// A time without work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct PauseWords {
    /// The first day without.
    pub from: String,
    /// The first day with work again; none where nobody has planned it.
    #[serde(default)]
    pub resumes: Option<String>,
    /// Why.
    #[serde(default)]
    pub reason: String,
}

/// What is planned to be worked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct CapacityWords {
    /// From this day on.
    pub from: String,
    /// Person-days of a working day, from 0 to 1,000.
    pub person_days: f64,
}

/// Changes the calendar. What is not named stays; all that is named is one action.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct EditCalendar {
    /// All weekdays that are worked.
    #[serde(default)]
    #[ts(optional)]
    pub working_days: Option<Vec<String>>,
    /// Local time at which a working day is over.
    #[serde(default)]
    #[ts(optional)]
    pub day_ends: Option<String>,
    /// Holidays to enter, or to name anew.
    #[serde(default)]
    #[ts(optional, as = "Option<Vec<HolidayWords>>")]
    pub holidays: Vec<HolidayWords>,
    /// Holidays to take away, by date.
    #[serde(default)]
    #[ts(optional, as = "Option<Vec<String>>")]
    pub no_holidays: Vec<String>,
    /// Pauses to enter, or to change.
    #[serde(default)]
    #[ts(optional, as = "Option<Vec<PauseWords>>")]
    pub pauses: Vec<PauseWords>,
    /// Pauses to take away, by their first day.
    #[serde(default)]
    #[ts(optional, as = "Option<Vec<String>>")]
    pub no_pauses: Vec<String>,
    /// Capacities to enter, or to change.
    #[serde(default)]
    #[ts(optional, as = "Option<Vec<CapacityWords>>")]
    pub capacity: Vec<CapacityWords>,
    /// Capacities to take away, by their day.
    #[serde(default)]
    #[ts(optional, as = "Option<Vec<String>>")]
    pub no_capacity: Vec<String>,
}
