//! Moments as Kubernetes writes them: whole seconds, UTC.

use chrono::{DateTime, SecondsFormat, Utc};

/// `2026-03-02T10:00:00Z`.
pub(crate) fn text(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Reads what [`text`] wrote, and any other form of RFC 3339.
pub(crate) fn read(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).ok().map(|moment| moment.to_utc())
}
