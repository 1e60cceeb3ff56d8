//! What a programme said about its future, kept: forecasts as they were issued, and reports as they
//! were frozen. Both are facts, so that every device resolves the same forecasts, and neither is
//! ever changed by what becomes known later.
//!
//! The log holds whole numbers: shares and factors are kept in millionths.

use crate::Millis;
use crate::calendar::Timetable;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// On which occasion a forecast was issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Occasion {
    /// A sprint started: the one that is scored.
    SprintStart,
    /// A sprint ended.
    SprintEnd,
    /// A report was frozen.
    Report,
}

/// A forecast as it was issued, with all that it was made from, so that a later one can say why the
/// date moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuedForecast {
    /// Why it was issued.
    pub occasion: Occasion,
    /// The sprint that started or ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sprint: Option<Uuid>,
    /// The moment as known at which it was made.
    pub as_of: Millis,
    /// The last working day that was over.
    pub last_closed: NaiveDate,
    /// The first day it speaks of.
    pub day_one: NaiveDate,
    /// Services in scope, `R` being those of them that were not done.
    pub scope: u32,
    /// `R`.
    pub remaining: u32,
    /// Entries into *done* a working day, oldest first.
    pub sample: Vec<u32>,
    /// Regressions within the days of the sample.
    pub regressions: u32,
    /// Additions to the scope within the days of the sample.
    pub additions: u32,
    /// The working day by which nothing remains, at 50, 70, 85 and 95 %; none beyond the cap.
    pub when: [Option<u32>; 4],
    /// The same as dates.
    pub dates: [Option<NaiveDate>; 4],
    /// How many are done in [`IssuedForecast::horizon`] working days, at the same levels.
    pub how_many: [u64; 4],
    /// Working days of `how_many`.
    pub horizon: u32,
    /// The deadline then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<NaiveDate>,
    /// Share of the trials that met it, in millionths.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub likelihood: Option<u32>,
    /// `φ`, in millionths.
    pub dispersion: u64,
    /// `σ`, in millionths.
    pub sigma: u64,
    /// The seed, in 16 hexadecimal digits.
    pub seed: String,
    /// Version of the engine.
    pub engine_version: u32,
    /// IANA name of the programme's zone then.
    pub zone: String,
    /// The calendar then.
    pub timetable: Timetable,
}

/// A report as it was frozen: enough to render the same bytes again, and to tell whether they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrozenReport {
    /// Which report: `progress`.
    pub report: String,
    /// The moment of its numbers.
    pub moment: Millis,
    /// The last sequence of every device that was in the log, by the device's id in hexadecimal.
    pub position: BTreeMap<String, u64>,
    /// SHA-256 of each form, by the form's ending.
    pub hashes: BTreeMap<String, String>,
    /// Version of the program that rendered it.
    pub version: String,
    /// What there is to say.
    #[serde(default)]
    pub note: String,
}
