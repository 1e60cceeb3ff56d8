//! Why the date moved: the difference between two forecasts, split by exchanging their inputs one
//! after the other. Every run uses the new seed, so the parts add up.

use crate::forecast::{Engine, HEADLINE, Inputs, guard};
use chrono::NaiveDate;
use pilotage_domain::calendar::Calendar;

/// What a forecast was made from.
#[derive(Clone, Debug)]
pub struct Position<'a> {
    /// What was known.
    pub inputs: Inputs,
    /// Its day 1.
    pub day_one: NaiveDate,
    /// Its calendar.
    pub calendar: &'a Calendar,
}

/// What happened to the scope between two forecasts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Between {
    /// Services added.
    pub added: u32,
    /// Services removed that were not done.
    pub removed: u32,
    /// Services that were done and regressed.
    pub returned: u32,
}

/// The parts of a move, in working days of the new calendar; later is positive. They add up to the
/// move from the recorded date to the new one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Slip {
    /// Services added and removed.
    pub scope: i64,
    /// Regressions, and that more are expected.
    pub regressions: i64,
    /// Calendar and capacity.
    pub calendar: i64,
    /// The sample, and what was done since: 0 where all went at the expected pace.
    pub pace: i64,
    /// The old inputs run again against what was recorded: noise of the simulation, a day or so.
    pub noise: i64,
}

impl Slip {
    /// The whole move.
    pub fn total(&self) -> i64 {
        self.scope + self.regressions + self.calendar + self.pace + self.noise
    }
}

/// Splits the move of the headline date. `recorded` is the date that was shown before. None where
/// one of the forecasts has no date.
pub fn slip(
    engine: &Engine,
    before: &Position<'_>,
    after: &Position<'_>,
    between: Between,
    recorded: NaiveDate,
    seed: u64,
) -> Option<Slip> {
    let mut step = before.clone();
    let date = |step: &Position<'_>| {
        guard(&step.inputs).ok()?;
        let days = engine.simulate(&step.inputs, &[], seed).when(HEADLINE)?;
        step.calendar.project(step.day_one, days)
    };
    let mut dates = vec![recorded, date(&step)?];
    step.inputs.remaining = (step.inputs.remaining + between.added).saturating_sub(between.removed);
    dates.push(date(&step)?);
    step.inputs.remaining += between.returned;
    step.inputs.regressions = after.inputs.regressions;
    dates.push(date(&step)?);
    step.inputs.capacity = after.inputs.capacity.clone();
    step.calendar = after.calendar;
    dates.push(date(&step)?);
    dates.push(date(after)?);
    // Counted from one origin, moves between dates add up whichever way they go.
    let origin = dates.iter().copied().min()?;
    let places: Vec<i64> =
        dates.iter().map(|date| i64::from(after.calendar.workdays(origin, *date))).collect();
    let part = |number: usize| places[number] - places[number - 1];
    Some(Slip {
        noise: part(1),
        scope: part(2),
        regressions: part(3),
        calendar: part(4),
        pace: part(5),
    })
}
