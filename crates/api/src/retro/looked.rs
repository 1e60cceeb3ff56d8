//! What the log says of one sprint and its services: the ground of every fact.

use super::transfer::Taught;
use crate::app::App;
use crate::cluster::histories::joined;
use crate::error::ApiError;
use crate::handlers::sprints::{Office, Sprint};
use chrono::NaiveDate;
use pilotage_domain::calendar::day_of;
use pilotage_domain::delivery::Delivery;
use pilotage_domain::fact::{Happening, Recorded, Seen};
use pilotage_domain::journey::{Move, retracted};
use pilotage_domain::sprint::Turn;
use pilotage_domain::{DAY, Millis};
use pilotage_insight::flow::{Age, CycleTime, Track, Window, ages, cycle_times};
use pilotage_store::NodeDetail;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// A sprint as it went, up to its end or to the moment of the facts.
pub(super) struct Looked<'a> {
    pub(super) office: &'a Office,
    pub(super) sprint: &'a Sprint,
    pub(super) started: Millis,
    pub(super) end: Millis,
    /// Services that it held at any time, by id.
    pub(super) services: BTreeMap<Uuid, NodeDetail>,
    /// Facts that were taken back.
    pub(super) dead: BTreeSet<Uuid>,
    pub(super) tracks: Vec<Track>,
    window: Window,
    pub(super) taught: Taught,
}

/// A time in which a service was blocked, as far as the sprint is concerned.
pub(super) struct Wait {
    pub(super) service: Uuid,
    pub(super) reason: String,
    pub(super) waiting_for: String,
    pub(super) from: Millis,
    pub(super) until: Millis,
    pub(super) open: bool,
}

impl Wait {
    /// Hours, of day and night, rounded down.
    pub(super) fn hours(&self) -> u32 {
        u32::try_from((self.until - self.from) / 3_600_000).unwrap_or(0)
    }
}

/// A check whose pass did not hold.
pub(super) struct Redo {
    pub(super) service: Uuid,
    pub(super) check: String,
    pub(super) at: Millis,
    pub(super) why: &'static str,
}

impl<'a> Looked<'a> {
    /// None where the sprint has not started.
    pub(super) async fn at(
        app: &App,
        office: &'a Office,
        sprint: &'a Sprint,
    ) -> Result<Option<Self>, ApiError> {
        let Some(started) = sprint.run.turned(Turn::Started) else { return Ok(None) };
        let end = sprint.moment(office.now);
        let held: BTreeSet<Uuid> = sprint
            .run
            .steps
            .iter()
            .filter(|step| step.at <= end)
            .filter_map(|step| Some(office.node(step.service)?.id))
            .collect();
        let taught = Taught::load(app, office, sprint, started..=end, &held).await?;
        // Every fact counts here, not only those that the journey of today stands on.
        let held: Vec<Uuid> = held.into_iter().collect();
        let services = app.store.nodes_with_all_facts(&held, office.now).await?;
        let all: Vec<&Recorded> = services.values().flat_map(|detail| &detail.facts).collect();
        let dead = retracted(&all);
        let done_stage = office.programme.ladder.number(Some(office.programme.done_stage())).max(1);
        let zone = office.calendar.zone;
        let window = Window { zone, done_stage, days: day_of(started, zone)..=day_of(end, zone) };
        let mut looked = Self {
            office,
            sprint,
            started,
            end,
            services,
            dead,
            tracks: Vec::new(),
            window,
            taught,
        };
        looked.tracks = looked.tracks(app).await?;
        Ok(Some(looked))
    }

    async fn tracks(&self, app: &App) -> Result<Vec<Track>, ApiError> {
        let falls: BTreeMap<Uuid, Vec<Millis>> = self
            .services
            .iter()
            .map(|(id, detail)| (*id, self.falls(&detail.journey.moves)))
            .filter(|(_, falls)| !falls.is_empty())
            .collect();
        let marks = app.store.marks_each(&falls).await?;
        let failed = |service: &Uuid, at: Millis| {
            let moments = falls.get(service).into_iter().flatten();
            let marks = marks.get(service).into_iter().flatten();
            moments.zip(marks).any(|(moment, marks)| *moment == at && !marks.lost.is_empty())
        };
        let stages = &self.office.programme.ladder.stages;
        Ok(self
            .services
            .iter()
            .map(|(id, detail)| {
                let moves = &detail.journey.moves;
                let mut track = Track::of_moves(*id, moves, stages, |at| failed(id, at));
                track.started = self.work_began(detail);
                track
            })
            .collect())
    }

    fn falls(&self, moves: &[Move]) -> Vec<Millis> {
        let number = |step: &Move| self.office.programme.ladder.number(step.stage.as_deref());
        moves
            .windows(2)
            .filter(|pair| number(&pair[1]) < number(&pair[0]))
            .map(|pair| pair[1].at)
            .collect()
    }

    /// The first pass of a check beyond the stage *Assessed*.
    fn work_began(&self, detail: &NodeDetail) -> Option<Millis> {
        let ladder = &self.office.programme.ladder;
        let assessed = ladder.number(Some("assessed"));
        let beyond = |check: &str| {
            ladder.checks.iter().any(|(stage, rule)| rule.id == check && *stage > assessed)
        };
        self.living(detail)
            .filter(|recorded| match &recorded.fact.what {
                Happening::Finding { check, result: Seen::Pass, .. } => beyond(check),
                _ => false,
            })
            .map(|recorded| recorded.fact.occurred_at)
            .min()
    }

    /// Facts of a service that nobody took back, by when they happened.
    pub(super) fn living<'b>(
        &'b self,
        detail: &'b NodeDetail,
    ) -> impl Iterator<Item = &'b Recorded> + 'b {
        detail.facts.iter().filter(|recorded| !self.dead.contains(&recorded.id))
    }

    /// Facts of its services that happened while it ran.
    pub(super) fn within(&self) -> impl Iterator<Item = (Uuid, &Recorded)> {
        self.services.iter().flat_map(|(id, detail)| {
            let within = self.living(detail).filter(|r| self.ran_at(r.fact.occurred_at));
            within.map(|recorded| (*id, recorded))
        })
    }

    /// Rollouts of its services while it ran, each with the delivery that made it, if one is known.
    pub(super) fn rollouts(&self) -> Vec<(Uuid, Recorded, Option<Delivery>)> {
        let mut all = Vec::new();
        for (id, detail) in &self.services {
            // Which belong together is told by all, also by those before and after.
            let joined = joined(self.living(detail)).into_iter();
            let within = joined.filter(|(one, _)| self.ran_at(one.fact.occurred_at));
            all.extend(within.map(|(recorded, source)| (*id, recorded, source)));
        }
        all
    }

    pub(super) fn ran_at(&self, moment: Millis) -> bool {
        (self.started..=self.end).contains(&moment)
    }

    pub(super) fn day(&self, moment: Millis) -> NaiveDate {
        day_of(moment, self.office.calendar.zone)
    }

    pub(super) fn name(&self, service: Uuid) -> String {
        let node = self.office.node(service);
        node.map_or_else(|| "a service that is gone".to_owned(), |node| node.name.clone())
    }

    /// Services of the scope at its end that stand at their target.
    pub(super) fn reached(&self) -> Vec<Uuid> {
        self.at_end(true)
    }

    /// Services of the scope at its end that do not.
    pub(super) fn carried(&self) -> Vec<Uuid> {
        self.at_end(false)
    }

    fn at_end(&self, reached: bool) -> Vec<Uuid> {
        let scope = self.office.scope(self.sprint, self.end);
        let stands = scope.iter().filter(|s| self.office.has_reached(s, self.end) == reached);
        stands.map(|scoped| scoped.node.id).collect()
    }

    /// Services that came in after the start, with the moment and why.
    pub(super) fn steps(&self, came: bool) -> Vec<(Uuid, Millis, &str)> {
        let steps = self.sprint.run.steps.iter();
        let since = steps.filter(|step| step.at > self.started && step.at <= self.end);
        since
            .filter(|step| step.target_stage.is_some() == came)
            .filter_map(|step| Some((self.office.node(step.service)?.id, step.at, &*step.reason)))
            .collect()
    }

    /// Falls because a check failed, while it ran.
    pub(super) fn regressions(&self) -> Vec<(Uuid, Millis)> {
        let fell = |track: &Track| {
            let turns = track.turns.windows(2);
            let falls = turns.filter(|pair| pair[1].regressed && pair[1].stage < pair[0].stage);
            let falls: Vec<Millis> = falls.map(|pair| pair[1].at).collect();
            falls.into_iter().filter(|at| self.ran_at(*at)).map(|at| (track.service, at)).collect()
        };
        self.tracks.iter().flat_map(|track| -> Vec<(Uuid, Millis)> { fell(track) }).collect()
    }

    /// Blocked times, cut to the sprint, the longest first.
    pub(super) fn waits(&self) -> Vec<Wait> {
        let mut waits = Vec::new();
        for (service, detail) in &self.services {
            let mut closed: BTreeMap<Uuid, Millis> = BTreeMap::new();
            for recorded in self.living(detail) {
                if let Happening::BlockerClosed { of, .. } = &recorded.fact.what {
                    closed.entry(*of).or_insert(recorded.fact.occurred_at);
                }
            }
            for recorded in self.living(detail) {
                let Happening::BlockerOpened { reason, waiting_for, .. } = &recorded.fact.what
                else {
                    continue;
                };
                let ended = closed.get(&recorded.id).copied().unwrap_or(Millis::MAX);
                let from = recorded.fact.occurred_at.max(self.started);
                let until = ended.min(self.end);
                if from <= until {
                    waits.push(Wait {
                        service: *service,
                        reason: reason.clone(),
                        waiting_for: waiting_for.clone(),
                        from,
                        until,
                        open: ended > self.end,
                    });
                }
            }
        }
        waits.sort_by_key(|wait| (wait.from - wait.until, wait.service));
        waits
    }

    /// Passes that did not hold while it ran: a check that failed after it had passed, or a pass
    /// that was taken back.
    pub(super) fn redone(&self) -> Vec<Redo> {
        let mut redone = Vec::new();
        for (service, detail) in &self.services {
            let mut passed: BTreeSet<&str> = BTreeSet::new();
            for recorded in &detail.facts {
                let at = recorded.fact.occurred_at;
                let mut again = |check: &str, why| {
                    if self.ran_at(at) {
                        redone.push(Redo { service: *service, check: check.to_owned(), at, why });
                    }
                };
                match &recorded.fact.what {
                    Happening::Finding { check, result: Seen::Pass, .. } => {
                        passed.insert(check);
                    }
                    Happening::Finding { check, result: Seen::Fail, .. }
                        if passed.remove(check.as_str()) =>
                    {
                        again(check, "failed after it had passed");
                    }
                    Happening::Retraction { of, .. } => {
                        let taken_back = detail.facts.iter().find(|fact| fact.id == *of);
                        if let Some(Happening::Finding { check, result: Seen::Pass, .. }) =
                            taken_back.map(|fact| &fact.fact.what)
                        {
                            passed.remove(check.as_str());
                            again(check, "its pass was taken back");
                        }
                    }
                    _ => {}
                }
            }
        }
        redone
    }

    /// How long checks took from the stage before theirs to their first pass within the sprint, in
    /// days, the longest first.
    pub(super) fn check_waits(&self) -> Vec<(Uuid, String, u32, Millis)> {
        let ladder = &self.office.programme.ladder;
        let mut waits = Vec::new();
        for (service, detail) in &self.services {
            let mut first: BTreeMap<&str, Millis> = BTreeMap::new();
            for recorded in self.living(detail) {
                if let Happening::Finding { check, result: Seen::Pass, .. } = &recorded.fact.what {
                    first.entry(check).or_insert(recorded.fact.occurred_at);
                }
            }
            for (check, at) in first.into_iter().filter(|(_, at)| self.ran_at(*at)) {
                let Some((stage, _)) = ladder.checks.iter().find(|(_, rule)| rule.id == check)
                else {
                    continue;
                };
                let before = |step: &&Move| ladder.number(step.stage.as_deref()) + 1 >= *stage;
                let Some(ready) = detail.journey.moves.iter().find(before).map(|step| step.at)
                else {
                    continue;
                };
                if ready <= at {
                    let days = u32::try_from((at - ready) / DAY).unwrap_or(0);
                    waits.push((*service, check.to_owned(), days, at));
                }
            }
        }
        waits.sort_by(|a, b| (b.2, a.0, &a.1).cmp(&(a.2, b.0, &b.1)));
        waits
    }

    pub(super) fn cycle_times(&self) -> Vec<CycleTime> {
        cycle_times(&self.tracks, &self.window)
    }

    pub(super) fn ages(&self) -> Vec<Age> {
        ages(&self.tracks, &self.window)
    }

    /// Facts that were recorded more than a day after they happened.
    pub(super) fn late(&self) -> Vec<(Uuid, &Recorded)> {
        let recorded_at = |recorded: &Recorded| pilotage_domain::hlc::millis(recorded.version.hlc);
        self.within()
            .filter(|(_, recorded)| recorded_at(recorded) > recorded.fact.occurred_at + DAY)
            .collect()
    }
}
