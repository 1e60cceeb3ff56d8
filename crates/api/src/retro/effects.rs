//! Metrics that an action can be bound to, before and after it. No cause is claimed: other things
//! changed too.

use super::looked::Looked;
use crate::app::App;
use crate::dto::retro::{EffectView, Measured, MetricRef};
use crate::error::ApiError;
use crate::handlers::sprints::Office;
use crate::programme::Programme;
use pilotage_domain::change::Kind;
use pilotage_domain::fact::Happening;
use pilotage_domain::retrospective::{Action, ActionState, Direction, Kept as _, Retrospective};
use std::collections::BTreeMap;
use uuid::Uuid;

/// How the id of a check's metric begins.
const CHECK: &str = "check:";

/// Id and title of each metric of a sprint.
const METRICS: [(&str, &str); 8] = [
    ("reached", "Services of its scope that reached their stage, in percent"),
    ("blocked_hours", "Hours blocked"),
    ("redo", "Checks done again"),
    ("regressions", "Services that fell back"),
    ("cycle_days", "Median cycle time, in days"),
    ("added", "Services added after the start"),
    ("alone", "Confirmed executions of the team that were done alone, in percent"),
    ("automated", "Rollouts without a hand, in percent"),
];

/// The metrics that are always there.
pub(crate) fn catalogue() -> Vec<MetricRef> {
    let metric =
        |(id, title): (&str, &str)| MetricRef { id: id.to_owned(), title: title.to_owned() };
    METRICS.into_iter().map(metric).collect()
}

/// The metric of that id; `check:<id>` is how often that check was done again.
pub(crate) fn metric_of(programme: &Programme, id: &str) -> Option<MetricRef> {
    let id = id.trim();
    if let Some(check) = id.strip_prefix(CHECK) {
        let known = programme.check(check)?;
        let title = format!("{} {}: how often it was done again", known.id, known.title);
        return Some(MetricRef { id: format!("{CHECK}{}", known.id), title });
    }
    catalogue().into_iter().find(|metric| metric.id == id)
}

/// Every action that is bound to a metric, and was agreed on after an earlier sprint.
pub(super) async fn effects(
    app: &App,
    office: &Office,
    looked: &Looked<'_>,
) -> Result<Vec<EffectView>, ApiError> {
    let retrospectives: BTreeMap<Uuid, Uuid> = app
        .store
        .entities(Kind::Retrospective)
        .await?
        .iter()
        .filter_map(|entity| Some((entity.id, Retrospective::read(entity)?.sprint)))
        .collect();
    let mut effects = Vec::new();
    for entity in app.store.entities(Kind::Action).await? {
        let Some(action) = Action::read(&entity) else { continue };
        let given_up = matches!(action.state, ActionState::Dropped | ActionState::Superseded);
        let metric = action.metric.as_deref().and_then(|id| metric_of(&office.programme, id));
        let Some(metric) = metric.filter(|_| !given_up) else { continue };
        let from = retrospectives.get(&action.retrospective).copied();
        let sprint = office.sprints.iter().find(|sprint| Some(sprint.id) == from);
        let Some(sprint) = sprint.filter(|sprint| sprint.id != looked.sprint.id) else { continue };
        let Some(before) = Looked::at(app, office, sprint).await? else { continue };
        if before.started >= looked.started {
            continue;
        }
        let (before, after) = (measured(&before, &metric.id), measured(looked, &metric.id));
        effects.push(EffectView {
            action: entity.id.to_string(),
            text: action.text,
            direction: action.direction.word().to_owned(),
            moved: moved(action.direction, &before, &after).to_owned(),
            metric,
            before,
            after,
        });
    }
    effects.sort_by(|a, b| a.action.cmp(&b.action));
    Ok(effects)
}

fn moved(direction: Direction, before: &Measured, after: &Measured) -> &'static str {
    let (Some(before), Some(after)) = (before.value, after.value) else { return "not observed" };
    match (direction, before.cmp(&after)) {
        (_, std::cmp::Ordering::Equal) => "unchanged",
        (Direction::Up, std::cmp::Ordering::Less)
        | (Direction::Down, std::cmp::Ordering::Greater) => "as hoped",
        _ => "not as hoped",
    }
}

/// A metric of a sprint, and from how many it was made.
fn measured(looked: &Looked<'_>, metric: &str) -> Measured {
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let services = number(looked.services.len());
    let share = |part: u32, of: u32| (of > 0).then(|| (part * 200 + of) / (of * 2));
    let counted = |count: usize| (Some(number(count)), services);
    let (value, n) = match metric {
        "reached" => {
            let (reached, carried) = (number(looked.reached().len()), looked.carried().len());
            let scope = reached + number(carried);
            (share(reached, scope), scope)
        }
        "blocked_hours" => {
            let waits = looked.waits();
            (Some(waits.iter().map(super::looked::Wait::hours).sum()), services)
        }
        "redo" => counted(looked.redone().len()),
        "regressions" => counted(looked.regressions().len()),
        "added" => counted(looked.steps(true).len()),
        "cycle_days" => {
            let mut days: Vec<u32> =
                looked.cycle_times().iter().filter_map(|time| time.days).collect();
            days.sort_unstable();
            let median = days.len().checked_sub(1).and_then(|last| days.get(last / 2)).copied();
            (median, number(days.len()))
        }
        "alone" => {
            let figures = looked.taught.independence();
            (share(figures.alone, figures.all), figures.all)
        }
        "automated" => {
            let all = looked.rollouts();
            let rollouts = all.iter().filter_map(|(_, recorded, _)| match &recorded.fact.what {
                Happening::RolloutSeen { rollout, .. } if rollout.change.deploys() => {
                    Some(rollout.writer.class.delivers())
                }
                _ => None,
            });
            let rollouts: Vec<bool> = rollouts.collect();
            let delivered = number(rollouts.iter().filter(|delivered| **delivered).count());
            (share(delivered, number(rollouts.len())), number(rollouts.len()))
        }
        other => {
            let check = other.strip_prefix(CHECK).unwrap_or(other);
            counted(looked.redone().iter().filter(|redo| redo.check == check).count())
        }
    };
    Measured { sprint: looked.sprint.plan.name.clone(), value, n }
}
