//! Words for `calendar`.

use clap::{Args, Subcommand};

/// `calendar`.
#[derive(Debug, Args)]
pub struct Calendar {
    /// Change instead of show.
    #[command(subcommand)]
    pub set: Option<CalendarCommand>,
}

/// Below `calendar`.
#[derive(Debug, Subcommand)]
pub enum CalendarCommand {
    /// Change working days, holidays, pauses or capacity; all options make one action
    Set(Box<CalendarSet>),
}

/// `calendar set`.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub struct CalendarSet {
    /// All weekdays that are worked, such as mon,tue,wed
    #[arg(long, value_name = "DAYS", value_delimiter = ',')]
    pub working_days: Option<Vec<String>>,
    /// Local time at which a working day is over [at first: 18:00]
    #[arg(long, value_name = "TIME")]
    pub day_ends: Option<String>,
    /// A day that is not worked, and its name; may be repeated
    #[arg(long = "holiday", value_name = "DAY[=NAME]")]
    pub holidays: Vec<String>,
    /// A day that is no holiday after all; may be repeated
    #[arg(long = "no-holiday", value_name = "DAY")]
    pub no_holidays: Vec<String>,
    /// A time without work: its first day, the first day with work again, and why; may be repeated
    #[arg(long = "pause", value_name = "FROM[..RESUMES][=REASON]")]
    pub pauses: Vec<String>,
    /// First day of a pause that is none after all; may be repeated
    #[arg(long = "no-pause", value_name = "FROM")]
    pub no_pauses: Vec<String>,
    /// Person-days of a working day from a day on; may be repeated
    #[arg(long = "capacity", value_name = "DAY=PERSON-DAYS")]
    pub capacity: Vec<String>,
    /// Day from which no capacity of its own is kept any more; may be repeated
    #[arg(long = "no-capacity", value_name = "DAY")]
    pub no_capacity: Vec<String>,
}
