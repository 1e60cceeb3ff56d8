//! Flow: how services move through a programme, day by day.
//!
//! Everything is a fold of [`Track`]s up to a moment, so scope of the past is the scope of then. Two
//! views come from one function: tracks walked from all that is known today tell the past *as it
//! was*; tracks walked from what had been recorded by a moment tell it *as it was known*.
//!
//! A day is a local date and shows its close. Deliberately absent: points, velocity, and any order
//! of people or teams.

mod burn;
mod law;
mod rates;
mod sprint;
mod times;

pub use burn::{Ideal, ideal};
pub use law::{Law, days_in_progress, law};
pub use rates::{Growth, Rate, growth, regression_rate, spread_ratio, stability_index};
pub use sprint::{SprintDelivery, SprintScope, sprint_delivery};
pub use times::{
    Age, BlockedShare, CycleTime, Percentiles, age_limit, ages, blocked_share, cycle_times,
    percentiles,
};

use chrono::NaiveDate;
use chrono_tz::Tz;
use pilotage_domain::Millis;
use pilotage_domain::calendar::{day_of, start_of};
use pilotage_domain::flow::FlowDay;
use pilotage_domain::journey::Move;
use std::ops::RangeInclusive;
use uuid::Uuid;

/// Where a service stands from a moment on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// From then on.
    pub at: Millis,
    /// Number of its stage; 0 before the first.
    pub stage: usize,
    /// It takes part.
    pub in_scope: bool,
    /// A check that it needs went from pass to fail.
    pub regressed: bool,
}

/// A time in which work could not go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocked {
    /// From.
    pub from: Millis,
    /// Until; none while it lasts.
    pub until: Option<Millis>,
    /// Why.
    pub reason: String,
}

/// A service's way through the programme.
#[derive(Clone, Debug, PartialEq)]
pub struct Track {
    /// The service.
    pub service: Uuid,
    /// Where it stood, oldest first.
    pub turns: Vec<Turn>,
    /// The first step done on it, or the first pass of a check beyond the stage *Assessed*.
    pub started: Option<Millis>,
    /// When it was blocked, oldest first.
    pub blocked: Vec<Blocked>,
}

/// Days and the meaning of *done*.
#[derive(Clone, Debug)]
pub struct Window {
    /// The programme's reporting zone.
    pub zone: Tz,
    /// Number of the stage from which on a service is done.
    pub done_stage: usize,
    /// The days, both ends included.
    pub days: RangeInclusive<NaiveDate>,
}

impl Window {
    fn iter(&self) -> impl Iterator<Item = NaiveDate> {
        let last = *self.days.end();
        self.days.start().iter_days().take_while(move |day| *day <= last)
    }

    /// The first moment after a day.
    fn end_of(&self, day: NaiveDate) -> Millis {
        day.succ_opt().map_or(Millis::MAX, |next| start_of(next, self.zone))
    }

    fn close(&self) -> Millis {
        self.end_of(*self.days.end())
    }
}

/// Where a service stands, as far as flow is concerned.
#[expect(clippy::struct_excessive_bools, reason = "four facts that do not depend on each other")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct State {
    in_scope: bool,
    at_done_stage: bool,
    regressed: bool,
    /// It was started, or was done before: a fall makes work of it.
    begun: bool,
}

impl State {
    fn is_done(self) -> bool {
        self.in_scope && self.at_done_stage
    }

    fn is_in_progress(self) -> bool {
        self.in_scope && self.begun && !self.at_done_stage
    }
}

/// What a change of state is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Event {
    Added,
    Removed,
    FirstDone,
    FoundLive,
    Repeat,
    Regressed,
    /// It left *done* because its proof went stale or was taken back.
    Lapsed,
}

/// A change of state, and what it is.
struct Step {
    at: Millis,
    before: State,
    after: State,
    events: Vec<Event>,
}

impl Track {
    /// From a service's moves on the ladder, whose stages are named in climbing order.
    /// `is_regressed` tells for the moment of a move whether a failed check is behind it.
    pub fn of_moves(
        service: Uuid,
        moves: &[Move],
        stages: &[String],
        is_regressed: impl Fn(Millis) -> bool,
    ) -> Self {
        let number = |stage: &Option<String>| {
            let place = stage.as_ref().and_then(|id| stages.iter().position(|stage| stage == id));
            place.map_or(0, |place| place + 1)
        };
        let turns = moves
            .iter()
            .map(|step| Turn {
                at: step.at,
                stage: number(&step.stage),
                in_scope: step.in_scope,
                regressed: is_regressed(step.at),
            })
            .collect();
        Self { service, turns, started: None, blocked: Vec::new() }
    }

    /// Every entry into *done* that was work: first ones and repeats, but not services that were
    /// found live. What a forecast's sample counts.
    pub fn entries(&self, window: &Window) -> Vec<Millis> {
        self.moments(window, |event| matches!(event, Event::FirstDone | Event::Repeat))
    }

    /// Every fall from *done* because a check failed.
    pub fn regressions(&self, window: &Window) -> Vec<Millis> {
        self.moments(window, |event| event == Event::Regressed)
    }

    /// When it was first done, if ever. A later fall does not erase it.
    pub fn first_done(&self, window: &Window) -> Option<Millis> {
        let done = |event| matches!(event, Event::FirstDone | Event::FoundLive);
        self.moments(window, done).first().copied()
    }

    fn moments(&self, window: &Window, wanted: impl Fn(Event) -> bool) -> Vec<Millis> {
        let steps = self.steps(window).into_iter();
        let found = steps.filter(|step| step.events.iter().any(|event| wanted(*event)));
        found.map(|step| step.at).collect()
    }

    /// The state at a moment.
    fn at(&self, window: &Window, moment: Millis) -> State {
        let steps = self.steps(window);
        let last = steps.iter().rfind(|step| step.at <= moment);
        last.map(|step| step.after).unwrap_or_default()
    }

    fn is_blocked_at(&self, moment: Millis) -> bool {
        let holds = |blocked: &Blocked| {
            blocked.from <= moment && blocked.until.is_none_or(|until| moment < until)
        };
        self.blocked.iter().any(holds)
    }

    /// Every change of state, oldest first.
    fn steps(&self, window: &Window) -> Vec<Step> {
        let mut state = State::default();
        let (mut was_done, mut entered_on) = (false, None);
        let mut steps = Vec::new();
        for (at, turn) in self.changes() {
            let before = state;
            match turn {
                None => state.begun = true,
                Some(turn) => {
                    state.in_scope = turn.in_scope;
                    state.at_done_stage = turn.stage >= window.done_stage;
                    state.regressed = turn.regressed;
                }
            }
            let mut events = Vec::new();
            if !before.in_scope && state.in_scope {
                events.push(Event::Added);
                entered_on = entered_on.or(Some(day_of(at, window.zone)));
            } else if before.in_scope && !state.in_scope {
                events.push(Event::Removed);
            }
            let climbed = !before.at_done_stage && state.at_done_stage;
            if state.is_done() && !was_done {
                let found = !before.in_scope || entered_on == Some(day_of(at, window.zone));
                events.push(if found { Event::FoundLive } else { Event::FirstDone });
                was_done = true;
            } else if state.is_done() && climbed {
                events.push(Event::Repeat);
            } else if before.is_done() && state.in_scope && !state.at_done_stage {
                events.push(if state.regressed { Event::Regressed } else { Event::Lapsed });
            }
            state.begun |= was_done;
            steps.push(Step { at, before, after: state, events });
        }
        steps
    }

    /// Turns, and the start among them, in order.
    fn changes(&self) -> Vec<(Millis, Option<Turn>)> {
        let mut changes: Vec<_> = self.turns.iter().map(|turn| (turn.at, Some(*turn))).collect();
        changes.extend(self.started.map(|at| (at, None)));
        // The start before what happens at the same moment.
        changes.sort_by_key(|(at, turn)| (*at, turn.is_some()));
        changes
    }
}

/// One day, at its close.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayFigures {
    /// The local day.
    pub day: NaiveDate,
    /// Services in scope.
    pub scope: u32,
    /// Of them, done.
    pub done: u32,
    /// Of them, started and not done.
    pub in_progress: u32,
    /// Of those in progress, blocked.
    pub blocked: u32,
    /// Services that came into scope on the day.
    pub added: u32,
    /// Services that left it.
    pub removed: u32,
    /// Services done for the first time on the day.
    pub throughput: u32,
    /// Services done again.
    pub repeats: u32,
    /// Services that came into scope done: no throughput.
    pub found_live: u32,
    /// Services that left *done* because a check failed.
    pub regressions: u32,
    /// Services that left *done* because their proof went stale or was taken back.
    pub lapsed: u32,
    /// Services that were in progress at any time of the day.
    pub touched: u32,
}

impl DayFigures {
    fn empty(day: NaiveDate) -> Self {
        Self {
            day,
            scope: 0,
            done: 0,
            in_progress: 0,
            blocked: 0,
            added: 0,
            removed: 0,
            throughput: 0,
            repeats: 0,
            found_live: 0,
            regressions: 0,
            lapsed: 0,
            touched: 0,
        }
    }

    /// What remains: always the difference, never a total that is kept.
    pub fn remaining(&self) -> u32 {
        self.scope - self.done
    }

    fn count(&mut self, event: Event) {
        let counted = match event {
            Event::Added => &mut self.added,
            Event::Removed => &mut self.removed,
            Event::FirstDone => &mut self.throughput,
            Event::FoundLive => &mut self.found_live,
            Event::Repeat => &mut self.repeats,
            Event::Regressed => &mut self.regressions,
            Event::Lapsed => &mut self.lapsed,
        };
        *counted += 1;
    }

    fn close(&mut self, state: State, is_blocked: bool) {
        self.scope += u32::from(state.in_scope);
        self.done += u32::from(state.is_done());
        self.in_progress += u32::from(state.is_in_progress());
        self.blocked += u32::from(state.is_in_progress() && is_blocked);
    }
}

/// The figures of every day of the window: burn-up (`scope`, `done`), burn-down (`remaining`),
/// throughput, work in progress.
pub fn days(tracks: &[Track], window: &Window) -> Vec<DayFigures> {
    let mut days: Vec<DayFigures> = window.iter().map(DayFigures::empty).collect();
    let ends: Vec<Millis> = days.iter().map(|day| window.end_of(day.day)).collect();
    let begin = start_of(*window.days.start(), window.zone);
    for track in tracks {
        let steps = track.steps(window);
        let before = steps.iter().rfind(|step| step.at < begin);
        let mut state = before.map(|step| step.after).unwrap_or_default();
        let mut steps = steps.iter().filter(|step| step.at >= begin).peekable();
        for (day, end) in days.iter_mut().zip(&ends) {
            let mut touched = state.is_in_progress();
            while let Some(step) = steps.next_if(|step| step.at < *end) {
                touched |= step.before.is_in_progress() || step.after.is_in_progress();
                step.events.iter().for_each(|event| day.count(*event));
                state = step.after;
            }
            day.touched += u32::from(touched);
            day.close(state, track.is_blocked_at(*end - 1));
        }
    }
    days
}

/// A day of the cumulative flow as bands: services in scope that have reached each stage, the first
/// being all of them.
pub fn reached(day: &FlowDay) -> Vec<u32> {
    let mut bands: Vec<u32> = day
        .here
        .iter()
        .rev()
        .scan(0, |sum, here| {
            *sum += here;
            Some(*sum)
        })
        .collect();
    bands.reverse();
    bands
}
