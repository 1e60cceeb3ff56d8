//! What people agree on in a retrospective, and what becomes of it.

use super::actions::{needed, note};
use super::retro_edit::{opening, word};
use crate::app::App;
use crate::dto::retro::{AgreeAction, DecideAction, Decision};
use crate::dto::session::Saved;
use crate::error::ApiError;
use crate::retro::desk::{Desk, pick, refused};
use crate::retro::metric_of;
use pilotage_domain::change::Change;
use pilotage_domain::retrospective::{
    self as rules, ACTIONS, Action, ActionState, Direction, Kept as _, Refusal, Target,
};
use uuid::Uuid;

pub(crate) async fn agree_action(app: &App, request: AgreeAction) -> Result<Saved, ApiError> {
    let desk = Desk::changing(app, &request.sprint).await?;
    let actor = app.need_actor(&desk.office.names)?;
    desk.need_decisions()?;
    let mut changes = opening(&desk);
    let supersedes = request.supersedes.as_deref().map(|id| pick(&desk.actions, id)).transpose()?;
    if let Some(id) = supersedes {
        let old = &desk.actions[&id];
        let settled = settle(&desk, old, ActionState::Superseded, "rewritten smaller", true)?;
        changes.extend(settled.amend(id, old));
    } else {
        changes.extend(make_room(&desk, request.instead_of.as_deref())?);
    }
    let action = asked_for(&desk, &request, supersedes)?;
    let id = Uuid::now_v7();
    changes.extend(action.create(id));
    let owner = action.owner.map(|owner| desk.office.names.of(owner)).unwrap_or_default();
    let summary = format!("{owner} will: {}", action.text);
    app.save(actor, changes, summary, Some(id)).await
}

/// A fourth new action takes the place of one of the three.
fn make_room(desk: &Desk, instead_of: Option<&str>) -> Result<Vec<Change>, ApiError> {
    let new = rules::new_actions(desk.id, &desk.actions);
    if let Some(id) = instead_of {
        let id = pick(&desk.actions, id)?;
        if !new.iter().any(|(known, _)| *known == id) {
            return Err(ApiError::argument("instead of", "must be a new action of this one"));
        }
        let old = &desk.actions[&id];
        let dropped = settle(desk, old, ActionState::Dropped, "another one took its place", true)?;
        return Ok(dropped.amend(id, old));
    }
    if new.len() >= ACTIONS {
        let texts: Vec<String> = new
            .iter()
            .map(|(id, action)| format!("{} ({})", action.text, &id.to_string()[24..]))
            .collect();
        let ids: Vec<String> = new.iter().map(|(id, _)| id.to_string()).collect();
        let refusal = Refusal::TooManyActions(texts.join("; "));
        return Err(refused(&refusal).with("candidates", ids.join(" ")));
    }
    Ok(Vec::new())
}

fn asked_for(
    desk: &Desk,
    request: &AgreeAction,
    supersedes: Option<Uuid>,
) -> Result<Action, ApiError> {
    let filled = |text: &Option<String>| {
        text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let metric = filled(&request.metric).map(|id| {
        metric_of(&desk.office.programme, &id)
            .map(|metric| metric.id)
            .ok_or_else(|| ApiError::not_found("metric", &id))
    });
    let direction = filled(&request.direction).map(|direction| {
        let words = Direction::ALL.iter().map(|direction| direction.word());
        word("direction", Direction::from_word(&direction), words)
    });
    let (metric, direction) = (metric.transpose()?, direction.transpose()?);
    if metric.is_some() && direction.is_none() {
        return Err(ApiError::argument("direction", "is needed: shall the metric go up or down"));
    }
    let target = filled(&request.target).map(|target| {
        let words = Target::ALL.iter().map(|target| target.word());
        word("target", Target::from_word(&target), words)
    });
    let due = filled(&request.due_sprint).map(|due| Ok(desk.office.find(&due)?.id));
    let notes = request.notes.iter().map(|note| pick(&desk.all_notes, note));
    let insight = filled(&request.insight).map(|id| pick(&desk.insights, &id));
    Ok(Action {
        retrospective: desk.id,
        text: needed("action", &request.text)?,
        owner: Some(desk.office.names.need(request.owner.trim())?),
        due_sprint: due.transpose().map_err(|error: ApiError| error)?,
        seen_by: needed("sign that it worked", &request.seen_by)?,
        metric,
        direction: direction.unwrap_or_default(),
        target: target.transpose()?.unwrap_or_default(),
        notes: notes.collect::<Result<_, _>>()?,
        insight: insight.transpose()?,
        supersedes,
        agreed_at: desk.office.now,
        ..Action::default()
    })
}

/// The action, settled; what the same retrospective decided before is taken back.
fn settle(
    desk: &Desk,
    action: &Action,
    state: ActionState,
    reason: &str,
    here: bool,
) -> Result<Action, ApiError> {
    let mut settled = reconsidered(desk, action);
    if settled.state != ActionState::Open {
        return Err(refused(&Refusal::Settled(settled.state.word())));
    }
    settled.state = state;
    reason.clone_into(&mut settled.reason);
    settled.settled_at = Some(desk.office.now);
    settled.settled_in = here.then_some(desk.id);
    Ok(settled)
}

/// The action as it was before this retrospective decided on it.
fn reconsidered(desk: &Desk, action: &Action) -> Action {
    let mut action = action.clone();
    action.kept.remove(&desk.id);
    if action.settled_in == Some(desk.id) && action.state != ActionState::Superseded {
        action.state = ActionState::Open;
        action.reason.clear();
        (action.settled_at, action.settled_in) = (None, None);
    }
    action
}

pub(crate) async fn decide_action(app: &App, request: DecideAction) -> Result<Saved, ApiError> {
    let sprint = request.sprint.as_deref().map(str::trim).filter(|sprint| !sprint.is_empty());
    let desk = if let Some(sprint) = sprint {
        Desk::changing(app, sprint).await?
    } else {
        let desk = Desk::open(app, None).await?;
        desk.ok_or_else(|| ApiError::not_found("action", &request.action))?
    };
    let actor = app.need_actor(&desk.office.names)?;
    let id = pick(&desk.actions, &request.action)?;
    let before = &desk.actions[&id];
    let reason = note("reason", request.reason)?;
    let here = sprint.is_some();
    let mut after = match request.decision {
        Decision::Done => {
            settle(&desk, before, ActionState::Done, &reason.unwrap_or_default(), here)?
        }
        Decision::Drop => {
            let reason = reason
                .ok_or_else(|| ApiError::argument("reason", "is needed to drop an action"))?;
            settle(&desk, before, ActionState::Dropped, &reason, here)?
        }
        Decision::Keep if !here => {
            let why = "is needed: an action is carried on from one retrospective to the next";
            return Err(ApiError::argument("sprint", why));
        }
        Decision::Keep => rules::carry(&reconsidered(&desk, before), desk.id)
            .map_err(|refusal| refused(&refusal))?,
    };
    if let Some(owner) = request.owner.as_deref().map(str::trim).filter(|owner| !owner.is_empty()) {
        after.owner = Some(desk.office.names.need(owner)?);
    }
    if !here {
        after.kept.clone_from(&before.kept);
    }
    let mut changes = after.amend(id, before);
    if here {
        changes.extend(opening(&desk));
    }
    let word = match request.decision {
        Decision::Done => "done",
        Decision::Keep => "carried on",
        Decision::Drop => "dropped",
    };
    app.save(actor, changes, format!("Action {word}: {}", before.text), Some(id)).await
}
