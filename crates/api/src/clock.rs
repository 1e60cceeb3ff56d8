//! The one place that asks what time it is. Tests and the sample pass their own.

use chrono::{DateTime, SecondsFormat, Utc};
use pilotage_domain::Millis;
use std::sync::atomic::{AtomicI64, Ordering};

/// Tells the time.
#[derive(Debug, Clone, Copy)]
pub enum Clock {
    /// The system's.
    System,
    /// Stands still.
    Fixed(Millis),
    /// Stands where its holder puts it, in milliseconds since 1970: for what lives through hours.
    Moved(&'static AtomicI64),
}

impl Clock {
    /// The moment.
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    pub fn now(self) -> Millis {
        match self {
            Self::System => Utc::now().timestamp_millis(),
            Self::Fixed(moment) => moment,
            Self::Moved(moment) => moment.load(Ordering::SeqCst),
        }
    }
}

/// A moment as it crosses the border: RFC 3339 in UTC.
pub fn rfc3339(moment: Millis) -> String {
    DateTime::<Utc>::from_timestamp_millis(moment)
        .unwrap_or_default()
        .to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// Reads a moment that crossed the border.
pub fn from_rfc3339(text: &str) -> Option<Millis> {
    DateTime::parse_from_rfc3339(text).ok().map(|moment| moment.timestamp_millis())
}
