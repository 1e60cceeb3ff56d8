//! Little's law on a finite window, in its sample-path form: `L = Λ·w`, exactly, for any data. As a
//! figure it is trivial; its worth is that the days in progress are counted in two ways that share
//! no arithmetic, and must agree.

use super::{DayFigures, State, Track, Window};
use chrono::NaiveDate;
use pilotage_domain::calendar::day_of;

/// Little's law over a window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Law {
    /// Days of the window, `T`.
    pub days: u32,
    /// Service-days in progress within the window, `H`.
    pub service_days: u64,
    /// Services in progress at any time of it, `A`.
    pub services: u32,
    /// Mean days in progress of those that were finished within it, `W*`; none without one.
    pub finished: Option<f64>,
}

impl Law {
    /// Mean services in progress, `L = H/T`.
    pub fn in_progress(&self) -> f64 {
        self.share(self.days)
    }

    /// Mean days of a service within the window, `w = H/A`; none without a service.
    pub fn time(&self) -> Option<f64> {
        (self.services > 0).then(|| self.share(self.services))
    }

    /// `w − W*`, the coherence gap. Growing and positive, open work ages beyond what finished work
    /// took.
    pub fn gap(&self) -> Option<f64> {
        Some(self.time()? - self.finished?)
    }

    fn share(&self, of: u32) -> f64 {
        crate::draw::real(self.service_days) / f64::from(of.max(1))
    }
}

/// Service-days in progress, by the days: each counts the services in progress at any time of it,
/// those done on the day included.
pub fn days_in_progress(days: &[DayFigures]) -> u64 {
    days.iter().map(|day| u64::from(day.touched)).sum()
}

/// The law, by the services: each counts its days in progress that fall within the window.
pub fn law(tracks: &[Track], window: &Window) -> Law {
    let (first, last) = (*window.days.start(), *window.days.end());
    let mut law = Law { days: length(first, last), service_days: 0, services: 0, finished: None };
    let (mut finished, mut finished_days) = (0_u32, 0_u64);
    for track in tracks {
        let spells = spells(track, window);
        let within = spells.iter().map(|(from, to)| length(*from.max(&first), *to.min(&last)));
        let days: u64 = within.map(u64::from).sum();
        law.service_days += days;
        law.services += u32::from(days > 0);
        if days > 0 && track.at(window, window.close() - 1).is_done() {
            finished += 1;
            finished_days += days;
        }
    }
    law.finished = (finished > 0).then(|| crate::draw::real(finished_days) / f64::from(finished));
    law
}

/// Days from the first to the last, both included; 0 where the last comes before.
fn length(first: NaiveDate, last: NaiveDate) -> u32 {
    u32::try_from((last - first).num_days() + 1).unwrap_or(0)
}

/// The times in progress up to the end of the window, in days, both ends included; no day twice.
fn spells(track: &Track, window: &Window) -> Vec<(NaiveDate, NaiveDate)> {
    let mut spells: Vec<(NaiveDate, NaiveDate)> = Vec::new();
    let mut open: Option<NaiveDate> = None;
    let mut end = |from: NaiveDate, to: NaiveDate| match spells.last_mut() {
        // It was taken up again on the day it was done.
        Some((_, last)) if *last >= from => *last = to,
        _ => spells.push((from, to)),
    };
    let mut state = State::default();
    for step in track.steps(window).into_iter().filter(|step| step.at < window.close()) {
        let day = day_of(step.at, window.zone);
        if !state.is_in_progress() && step.after.is_in_progress() {
            open = Some(day);
        } else if state.is_in_progress() && !step.after.is_in_progress() {
            end(open.take().unwrap_or(day), day);
        }
        state = step.after;
    }
    if let Some(from) = open {
        end(from, *window.days.end());
    }
    spells
}
