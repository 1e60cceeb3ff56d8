//! What a forecast is made from.

use crate::app::App;
use crate::error::ApiError;
use crate::handlers::sprints::{Sprint, places};
use crate::programme::Programme;
use chrono::NaiveDate;
use chrono_tz::Tz;
use pilotage_domain::Millis;
use pilotage_domain::calendar::{Calendar, Pause, day_of};
use pilotage_domain::change::path;
use pilotage_domain::fact::{Happening as Fact, Recorded};
use pilotage_domain::sprint::{Run, SprintKind, State, Turn};
use pilotage_domain::words::NodeClass;
use pilotage_insight::flow::{Track, Window};
use pilotage_insight::forecast::{Engine, Forecast, Inputs, Withheld, seed};
use pilotage_insight::sample::{Happening, Mode, Question, Sample};
use pilotage_store::{NodeRow, When};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::RangeInclusive;
use std::sync::{Arc, PoisonError};
use uuid::Uuid;

/// Working days of "how many by then" that every forecast tells, so that each resolves soon.
pub(crate) const HORIZON: u32 = pilotage_insight::calibration::SHORT_HORIZON;
/// Working days at which the fan is drawn.
pub(super) const FAN: [u32; 16] =
    [1, 3, 5, 8, HORIZON, 15, 20, 25, 30, 40, 50, 60, 75, 90, 110, 130];
/// Forecasts that are remembered: the same inputs give the same numbers.
const REMEMBERED: usize = 64;

/// The programme at a moment, as a forecast needs it.
pub(crate) struct Basis {
    pub(crate) programme: Programme,
    pub(crate) when: When,
    pub(crate) calendar: Calendar,
    pub(crate) window: Window,
    /// Nodes of class service.
    pub(crate) services: Vec<NodeRow>,
    /// Where each service stands among them; merged ones, by what they count as.
    pub(crate) places: HashMap<Uuid, usize>,
    pub(crate) tracks: Vec<Track>,
    pub(crate) sprints: Vec<Sprint>,
    pub(crate) mode: Mode,
    expert_led: Vec<RangeInclusive<NaiveDate>>,
    pub(crate) began: Millis,
    pub(crate) sample: Sample,
    pub(crate) inputs: Inputs,
    /// Services in scope.
    pub(crate) scope: u32,
}

impl Basis {
    /// Reads everything as it was, or as it was known, at a moment.
    pub(crate) async fn load(app: &App, when: When, nodes: &[NodeRow]) -> Result<Self, ApiError> {
        Self::load_with(app, when, nodes, None).await
    }

    /// The same with a turn of a sprint that is about to be recorded: what is forecast at a turn
    /// speaks of the time after it.
    pub(crate) async fn load_with(
        app: &App,
        when: When,
        nodes: &[NodeRow],
        turn: Option<(Uuid, Turn)>,
    ) -> Result<Self, ApiError> {
        let programme = Programme::load_at(app, when).await?;
        let moment = when.moment();
        let services: Vec<NodeRow> =
            nodes.iter().filter(|node| node.class == NodeClass::Service).cloned().collect();
        let mut sprints = known_sprints(app, when).await?;
        if let Some((of, turn)) = turn
            && let Some(sprint) = sprints.iter_mut().find(|sprint| sprint.id == of)
        {
            sprint.run.take(moment, turn, "");
        }
        let mut calendar = programme.calendar();
        let zone = calendar.zone;
        calendar.pauses.extend(rests(&sprints, moment, zone));
        let done_stage = programme.ladder.number(Some(programme.done_stage())).max(1);
        let tracks = tracks(app, &programme, &services, done_stage).await?;
        let arrived = services.iter().filter_map(|node| node.summary.moves.first());
        let arrived = arrived.map(|step| step.at).min().unwrap_or(moment);
        let today = day_of(moment, calendar.zone);
        let first = day_of(arrived, calendar.zone);
        let window = Window { zone: calendar.zone, done_stage, days: first.min(today)..=today };
        let began = began(&sprints, &tracks, &window).unwrap_or(arrived);
        let expert_led = led_days(&sprints, moment, zone);
        let leads = |sprint: &Sprint| {
            sprint.plan.kind == SprintKind::ExpertLed && sprint.run.state == State::Running
        };
        let mode = if sprints.iter().any(leads) { Mode::ExpertLed } else { Mode::Independent };
        let mut basis = Self {
            sample: Sample { days: Vec::new(), day_one: None, close: moment },
            inputs: Inputs::default(),
            scope: 0,
            programme,
            when,
            calendar,
            window,
            places: places(app, &services).await?,
            services,
            tracks,
            sprints,
            mode,
            expert_led,
            began,
        };
        basis.take_sample();
        Ok(basis)
    }

    pub(crate) fn moment(&self) -> Millis {
        self.when.moment()
    }

    fn take_sample(&mut self) {
        let question = Question {
            calendar: &self.calendar,
            began: self.began,
            expert_led: &self.expert_led,
            mode: self.mode,
            as_of: self.moment(),
        };
        let all = |of: &dyn Fn(&Track) -> Vec<Millis>| -> Vec<Happening> {
            // What was read is as it was known: nothing of it was recorded later.
            let known = |at: Millis| Happening { occurred: at, recorded: at.min(self.moment()) };
            self.tracks.iter().flat_map(of).map(known).collect()
        };
        let entries = all(&|track| track.entries(&self.window));
        let sample = question.sample(&entries);
        let regressions = all(&|track| track.regressions(&self.window));
        let additions = all(&|track| self.additions(track));
        let in_scope = self.services.iter().filter(|node| is_in_scope(node));
        let scope = in_scope.clone().count();
        let done = in_scope.filter(|node| self.is_done_before(node, sample.close)).count();
        self.inputs = Inputs {
            sample: sample.counts(),
            remaining: number(scope - done),
            regressions: question.count(&sample, &regressions),
            additions: question.count(&sample, &additions),
            capacity: sample.capacity(&self.calendar),
        };
        self.scope = number(scope);
        self.sample = sample;
    }

    /// When a service came into scope after the day on which the work began: what was there then is
    /// the scope at the start, and no growth.
    pub(crate) fn additions(&self, track: &Track) -> Vec<Millis> {
        let first = day_of(self.began, self.calendar.zone);
        let mut was = false;
        let mut added = Vec::new();
        for turn in &track.turns {
            if turn.in_scope && !was && day_of(turn.at, self.calendar.zone) > first {
                added.push(turn.at);
            }
            was = turn.in_scope;
        }
        added
    }

    /// Whether an expert led on the day of a moment.
    pub(crate) fn is_led(&self, moment: Millis) -> bool {
        let day = day_of(moment, self.calendar.zone);
        self.expert_led.iter().any(|days| days.contains(&day))
    }

    /// Whether a service was done just before a moment.
    pub(crate) fn is_done_before(&self, node: &NodeRow, moment: Millis) -> bool {
        let step = node.summary.moves.iter().rev().find(|step| step.at < moment);
        step.is_some_and(|step| {
            self.programme.ladder.number(step.stage.as_deref()) >= self.window.done_stage
        })
    }

    /// The seed of these inputs: it changes with a new closed day or a new fact, not with a redraw.
    pub(crate) fn seed(&self, app: &App, inputs: &Inputs) -> u64 {
        seed(&Engine::default(), app.store.workspace(), self.sample.close, inputs)
    }

    /// The forecast of today's inputs, with its seed.
    pub(crate) fn forecast(&self, app: &App) -> (u64, Result<Arc<Forecast>, Withheld>) {
        (self.seed(app, &self.inputs), self.forecast_of(app, &self.inputs))
    }

    /// The forecast of other inputs, from the seed of today's: what differs is then the inputs'
    /// doing and not the dice's. What was computed once is remembered.
    pub(crate) fn forecast_of(
        &self,
        app: &App,
        inputs: &Inputs,
    ) -> Result<Arc<Forecast>, Withheld> {
        let seed = self.seed(app, &self.inputs);
        let key = (seed, self.seed(app, inputs));
        let known = app.forecasts.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if let Some(forecast) = known {
            return Ok(forecast);
        }
        let forecast = Engine::default().forecast(inputs, &FAN, seed).map(Arc::new);
        if let Ok(forecast) = &forecast {
            let mut remembered = app.forecasts.lock().unwrap_or_else(PoisonError::into_inner);
            if remembered.len() >= REMEMBERED {
                remembered.clear();
            }
            remembered.insert(key, Arc::clone(forecast));
        }
        forecast
    }

    pub(crate) fn deadline(&self) -> Option<NaiveDate> {
        self.programme.entity.text(path::DEADLINE).and_then(|day| day.parse().ok())
    }

    /// The working day that something counts on: the one before, where its own is not worked.
    pub(crate) fn counts_on(&self, moment: Millis) -> Option<NaiveDate> {
        self.calendar.working_until(day_of(moment, self.calendar.zone))
    }
}

pub(crate) fn is_in_scope(node: &NodeRow) -> bool {
    node.summary.scope == pilotage_domain::fact::Scope::In
}

/// Working days from one date to another, negative backwards.
pub(crate) fn moved_by(calendar: &Calendar, from: NaiveDate, to: NaiveDate) -> i32 {
    let days = |from, to| calendar.workdays(from, to).cast_signed() - 1;
    if to >= from { days(from, to) } else { -days(to, from) }
}

pub(super) fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Facts of a kind as far as they had happened, and were known, at a moment.
async fn facts(app: &App, kind: &str, when: When) -> Result<Vec<Recorded>, ApiError> {
    let facts = app.store.facts_of_kind(kind).await?;
    Ok(facts.iter().filter(|recorded| is_known(recorded, when)).cloned().collect())
}

/// Whether a fact had happened, and was known, at a moment.
pub(crate) fn is_known(recorded: &Recorded, when: When) -> bool {
    let known = match when {
        When::AsItWas(_) => true,
        When::AsKnown(moment) => recorded_at(recorded) <= moment,
    };
    known && recorded.fact.occurred_at <= when.moment()
}

/// When a fact was recorded, in milliseconds: the clock's reading without its counter.
pub(super) fn recorded_at(recorded: &Recorded) -> Millis {
    pilotage_domain::hlc::millis(recorded.version.hlc)
}

pub(crate) async fn known_sprints(app: &App, when: When) -> Result<Vec<Sprint>, ApiError> {
    let mut told = facts(app, "sprint_turned", when).await?;
    told.extend(facts(app, "sprint_scope_changed", when).await?);
    if !told.is_empty() {
        told.extend(facts(app, "retraction", when).await?);
    }
    let mut sprints = Sprint::living(app, &told).await?;
    sprints.sort_by(|a, b| (a.plan.first, &a.plan.name).cmp(&(b.plan.first, &b.plan.name)));
    Ok(sprints)
}

/// The days on which a sprint ran, or rested, up to the moment. The day of a pause was worked in
/// part, and so was the one on which work went on.
fn days(run: &Run, running: bool, moment: Millis, zone: Tz) -> Vec<RangeInclusive<NaiveDate>> {
    let mut found = Vec::new();
    let mut state = State::Planned;
    let mut since = moment;
    let end = (moment, Turn::Ended, String::new());
    for (at, turn, _) in run.turns.iter().chain([&end]) {
        let (from, to) = (day_of(since, zone), day_of(*at, zone));
        match state {
            State::Running if running => found.push(from..=to),
            State::Paused if !running => {
                found.extend(from.succ_opt().zip(to.pred_opt()).map(|(from, to)| from..=to));
            }
            _ => {}
        }
        state = state.after(*turn).unwrap_or(state);
        since = *at;
    }
    found.retain(|days| !days.is_empty());
    found
}

/// The days on which a sprint rested and no other was worked on. A rest that goes on says nothing of
/// the days to come: whoever plans that the programme rests enters a pause.
fn rests(sprints: &[Sprint], moment: Millis, zone: Tz) -> Vec<Pause> {
    let all = |running: bool| -> BTreeSet<NaiveDate> {
        let ranges = sprints.iter().flat_map(|sprint| days(&sprint.run, running, moment, zone));
        ranges
            .flat_map(|days| days.start().iter_days().take_while(move |day| day <= days.end()))
            .collect()
    };
    let worked = all(true);
    let mut rests: Vec<Pause> = Vec::new();
    for day in all(false).difference(&worked) {
        match rests.last_mut() {
            Some(last) if last.resumes == Some(*day) => last.resumes = day.succ_opt(),
            _ => rests.push(Pause { from: *day, resumes: day.succ_opt() }),
        }
    }
    rests
}

/// The days on which an expert led.
fn led_days(sprints: &[Sprint], moment: Millis, zone: Tz) -> Vec<RangeInclusive<NaiveDate>> {
    let led = sprints.iter().filter(|sprint| sprint.plan.kind == SprintKind::ExpertLed);
    led.flat_map(|sprint| days(&sprint.run, true, moment, zone)).collect()
}

/// When the work began: with the first sprint, or with the first service that was done before it.
fn began(sprints: &[Sprint], tracks: &[Track], window: &Window) -> Option<Millis> {
    let started = sprints.iter().filter_map(|sprint| sprint.run.turned(Turn::Started)).min()?;
    let done = tracks.iter().flat_map(|track| track.entries(window)).min();
    Some(done.map_or(started, |done| done.min(started)))
}

async fn tracks(
    app: &App,
    programme: &Programme,
    services: &[NodeRow],
    done_stage: usize,
) -> Result<Vec<Track>, ApiError> {
    let number = |stage: &Option<String>| programme.ladder.number(stage.as_deref());
    // Only falls from the done stage are asked after: a failed check may be behind them.
    let mut falls: BTreeMap<Uuid, Vec<Millis>> = BTreeMap::new();
    for node in services {
        for pair in node.summary.moves.windows(2) {
            if number(&pair[0].stage) >= done_stage && number(&pair[1].stage) < done_stage {
                falls.entry(node.id).or_default().push(pair[1].at);
            }
        }
    }
    let marks = app.store.marks_each(&falls).await?;
    let is_regressed = |service: &Uuid, at: Millis| {
        let moments = falls.get(service).into_iter().flatten();
        let marks = marks.get(service).into_iter().flatten();
        moments.zip(marks).any(|(moment, marks)| *moment == at && !marks.lost.is_empty())
    };
    Ok(services
        .iter()
        .map(|node| {
            let moves = &node.summary.moves;
            let stages = &programme.ladder.stages;
            Track::of_moves(node.id, moves, stages, |at| is_regressed(&node.id, at))
        })
        .collect())
}

/// Whether a fact is one of these; what was undone is not.
pub(crate) async fn living_facts(
    app: &App,
    kind: &str,
    when: When,
) -> Result<Vec<Recorded>, ApiError> {
    let told = facts(app, kind, when).await?;
    if told.is_empty() {
        return Ok(told);
    }
    let mut all = facts(app, "retraction", when).await?;
    all.extend(told.iter().cloned());
    all.sort_by_key(Recorded::order);
    let dead = pilotage_domain::journey::retracted(&all.iter().collect::<Vec<_>>());
    all.retain(|recorded| {
        !dead.contains(&recorded.id) && !matches!(recorded.fact.what, Fact::Retraction { .. })
    });
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use pilotage_domain::DAY;
    use pilotage_domain::sprint::Plan;

    /// Noon of a day of March 2026, UTC.
    fn noon(day: i64) -> Millis {
        1_772_366_400_000 + (day - 1) * DAY
    }

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 3, day).unwrap()
    }

    fn sprint(kind: SprintKind, turns: &[(i64, Turn)]) -> Sprint {
        let plan = Plan {
            name: String::new(),
            goal: String::new(),
            kind,
            first: day(1),
            last: day(31),
            leader: None,
            members: Vec::new(),
        };
        let mut run = Run::default();
        for (at, turn) in turns {
            run.take(noon(*at), *turn, "");
        }
        Sprint { id: Uuid::nil(), plan, run }
    }

    #[test]
    fn a_rest_takes_only_days_on_which_no_other_sprint_is_worked_on() {
        let check = |sprints: &[Sprint], expect: &[(u32, u32)]| {
            let found = rests(sprints, noon(20), Tz::UTC);
            let expect: Vec<Pause> = expect
                .iter()
                .map(|(from, resumes)| Pause { from: day(*from), resumes: Some(day(*resumes)) })
                .collect();
            assert_eq!(found, expect);
        };
        let paused = || sprint(SprintKind::Internal, &[(2, Turn::Started), (4, Turn::Paused)]);
        let beside =
            |from, to| sprint(SprintKind::Internal, &[(from, Turn::Started), (to, Turn::Ended)]);
        check(&[paused()], &[(5, 20)]);
        check(&[paused(), beside(4, 20)], &[]);
        check(&[paused(), beside(9, 12)], &[(5, 9), (13, 20)]);
        let resumed =
            [(2, Turn::Started), (4, Turn::Paused), (9, Turn::Resumed), (11, Turn::Ended)];
        check(&[sprint(SprintKind::Internal, &resumed)], &[(5, 9)]);
        let ended = [(2, Turn::Started), (4, Turn::Paused), (9, Turn::Ended)];
        check(&[sprint(SprintKind::Internal, &ended)], &[(5, 9)]);
        check(&[beside(2, 4)], &[]);
    }

    #[test]
    fn an_expert_leads_on_the_days_on_which_the_sprint_is_worked_on() {
        let turns = [(2, Turn::Started), (4, Turn::Paused), (9, Turn::Resumed)];
        let led = led_days(&[sprint(SprintKind::ExpertLed, &turns)], noon(10), Tz::UTC);
        assert_eq!(led, [day(2)..=day(4), day(9)..=day(10)]);
        let alone = led_days(&[sprint(SprintKind::Internal, &turns)], noon(10), Tz::UTC);
        assert_eq!(alone, [], "the control: nobody from outside");
    }
}
