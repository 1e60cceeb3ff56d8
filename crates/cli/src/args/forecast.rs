//! Words for forecasts: `forecast`.

use clap::Args;
use std::path::PathBuf;

/// `forecast`.
#[derive(Debug, Args)]
pub struct Forecast {
    /// Counts of what was done, separated by blanks or line ends: one a working day, oldest first,
    /// zeros included. The last 40 count
    #[arg(long, value_name = "FILE")]
    pub throughput: PathBuf,
    /// How many remain to be done
    #[arg(long, value_name = "N")]
    pub remaining: u32,
    /// Day 1, moved to the next working day (Monday to Friday) [default: today, after 18:00 tomorrow]
    #[arg(long, value_name = "DAY")]
    pub start: Option<String>,
    /// Also say how many are done in so many working days, at most 1300
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=1300))]
    pub horizon: Option<u32>,
    /// Also say how likely it is that nothing remains by the end of this day
    #[arg(long, value_name = "DAY")]
    pub deadline: Option<String>,
}
