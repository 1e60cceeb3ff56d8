//! Words for forecasts: `forecast`.

use clap::Args;
use std::path::PathBuf;

/// `forecast`.
#[derive(Debug, Args)]
pub struct Forecast {
    /// Forecast from a file, without a programme: counts of what was done, separated by blanks or
    /// line ends, one a working day, oldest first, zeros included. The last 40 count
    #[arg(long, value_name = "FILE", requires = "remaining")]
    pub throughput: Option<PathBuf>,
    /// How many remain to be done
    #[arg(long, value_name = "N", requires = "throughput")]
    pub remaining: Option<u32>,
    /// Day 1, moved to the next working day (Monday to Friday) [default: today, after 18:00 tomorrow]
    #[arg(long, value_name = "DAY", requires = "throughput")]
    pub start: Option<String>,
    /// Also say how many are done in so many working days, at most 1300
    #[arg(long, value_name = "DAYS", requires = "throughput", value_parser = clap::value_parser!(u32).range(1..=1300))]
    pub horizon: Option<u32>,
    /// Also say how likely it is that nothing remains by the end of this day
    #[arg(long, value_name = "DAY", requires = "throughput")]
    pub deadline: Option<String>,
    /// The programme's forecast as of the end of a past day, by what is known today
    #[arg(long, value_name = "DAY", conflicts_with = "throughput")]
    pub at: Option<String>,
    /// Only by what had been recorded by the end of that day
    #[arg(long, requires = "at")]
    pub as_known: bool,
}
