//! Everything of one retrospective, as handlers and the document need it.

use super::drafts::Drafts;
use crate::app::App;
use crate::dto::session::PersonRef;
use crate::error::{ApiError, Code};
use crate::handlers::sprints::{Office, Sprint};
use crate::programme::Programme;
use pilotage_domain::change::{Change, Entity, path};
use pilotage_domain::retrospective::{
    self, Action, ActionState, Format, Group, Insight, Kept, Note, Refusal, Retrospective, Target,
};
use pilotage_domain::sprint::State;
use std::collections::BTreeMap;
use uuid::Uuid;

/// A retrospective with all that belongs to it.
pub(crate) struct Desk {
    pub(crate) office: Office,
    /// The sprint's id.
    pub(crate) sprint: Uuid,
    pub(crate) id: Uuid,
    pub(crate) retrospective: Retrospective,
    /// Somebody opened it already.
    pub(crate) opened: bool,
    /// Notes of all retrospectives.
    pub(crate) all_notes: BTreeMap<Uuid, Note>,
    pub(crate) groups: BTreeMap<Uuid, Group>,
    pub(crate) insights: BTreeMap<Uuid, Insight>,
    /// Actions of all retrospectives.
    pub(crate) actions: BTreeMap<Uuid, Action>,
    /// All retrospectives that were opened.
    pub(crate) others: BTreeMap<Uuid, Retrospective>,
}

impl Desk {
    /// The desk of a sprint: of the one named, else of the one that runs or rests, else of the last
    /// that ended. None where no sprint has started.
    pub(crate) async fn open(app: &App, sprint: Option<&str>) -> Result<Option<Self>, ApiError> {
        let office = Office::open(app).await?;
        let sprint = match sprint {
            Some(sprint) => Some(office.find(sprint)?.id),
            None => current(&office.sprints).map(|sprint| sprint.id),
        };
        let Some(sprint) = sprint else { return Ok(None) };
        let id = retrospective::of_sprint(sprint);
        let others: BTreeMap<Uuid, Retrospective> = read_all(app).await?;
        let known = others.get(&id).cloned();
        let opened = known.is_some();
        let first_format =
            || formats_of(&office.programme).into_iter().next().map(|format| format.id);
        let retrospective = known.unwrap_or_else(|| Retrospective {
            sprint,
            format: first_format().unwrap_or_default(),
            ..Retrospective::default()
        });
        let mut groups: BTreeMap<Uuid, Group> = read_all(app).await?;
        groups.retain(|_, group| group.retrospective == id);
        let mut insights: BTreeMap<Uuid, Insight> = read_all(app).await?;
        insights.retain(|_, insight| insight.retrospective == id);
        Ok(Some(Self {
            sprint,
            id,
            retrospective,
            opened,
            all_notes: read_all(app).await?,
            groups,
            insights,
            actions: read_all(app).await?,
            others,
            office,
        }))
    }

    /// The desk of a sprint that is named.
    pub(crate) async fn of(app: &App, sprint: &str) -> Result<Self, ApiError> {
        let desk = Self::open(app, Some(sprint)).await?;
        desk.ok_or_else(|| ApiError::not_found("sprint", sprint))
    }

    /// The same, where it may still be changed.
    pub(crate) async fn changing(app: &App, sprint: &str) -> Result<Self, ApiError> {
        let desk = Self::of(app, sprint).await?;
        if desk.retrospective.is_closed() {
            return Err(refused(&Refusal::Closed));
        }
        Ok(desk)
    }

    /// The team's formats, the default first; those of the product where it keeps none.
    pub(crate) fn formats(&self) -> Vec<Format> {
        formats_of(&self.office.programme)
    }

    pub(crate) fn sprint(&self) -> Option<&Sprint> {
        self.office.sprints.iter().find(|sprint| sprint.id == self.sprint)
    }

    /// Notes of this retrospective.
    pub(crate) fn notes(&self) -> impl Iterator<Item = (Uuid, &Note)> {
        let here = |note: &&Note| note.retrospective == self.id;
        let notes = self.all_notes.iter().filter(move |(_, note)| here(note));
        notes.map(|(id, note)| (*id, note))
    }

    /// Whether an action's owner is still there.
    pub(crate) fn has_owner(&self, action: &Action) -> bool {
        action.owner.is_some_and(|owner| self.office.names.is_person(owner))
    }

    /// Open actions from before.
    pub(crate) fn before(&self) -> Vec<(Uuid, &Action)> {
        let has_owner = |action: &Action| self.has_owner(action);
        retrospective::before(self.id, &self.retrospective, &self.actions, has_owner)
    }

    /// Step 1 is behind the room.
    pub(crate) fn need_decisions(&self) -> Result<(), ApiError> {
        retrospective::may_open_notes(self.id, &self.retrospective, &self.before())
            .map_err(|refusal| refused(&refusal))
    }

    pub(crate) fn person(&self, id: Uuid) -> PersonRef {
        self.office.names.reference(id)
    }

    pub(crate) fn sprint_name(&self, id: Uuid) -> String {
        let sprint = self.office.sprints.iter().find(|sprint| sprint.id == id);
        sprint.map_or_else(|| "a sprint that is gone".to_owned(), |s| s.plan.name.clone())
    }

    /// Name of the sprint whose retrospective this is.
    pub(crate) fn held_for(&self, retrospective: Uuid) -> String {
        let sprint = self.others.get(&retrospective).map(|other| other.sprint);
        sprint.map_or_else(|| "a sprint that is gone".to_owned(), |id| self.sprint_name(id))
    }
}

/// Formats that a later version wrote, and that are none to this one, are as if there were none.
fn formats_of(programme: &Programme) -> Vec<Format> {
    let own = programme.entity.text(path::FORMATS);
    own.and_then(|text| retrospective::read_formats(text).ok())
        .unwrap_or_else(retrospective::formats)
}

/// The one that runs or rests, else the last that ended; they come latest first.
fn current(sprints: &[Sprint]) -> Option<&Sprint> {
    let of = |states: &'static [State]| move |sprint: &&Sprint| states.contains(&sprint.run.state);
    let running = sprints.iter().find(of(&[State::Running, State::Paused]));
    running.or_else(|| sprints.iter().find(of(&[State::Ended])))
}

pub(crate) async fn read_all<T: Kept>(app: &App) -> Result<BTreeMap<Uuid, T>, ApiError> {
    let entities: Vec<Entity> = app.store.entities(T::KIND).await?;
    let read = |entity: &Entity| Some((entity.id, T::read(entity)?));
    Ok(entities.iter().filter_map(read).collect())
}

/// Actions whose target is the playbook are done when a version that answers them is adopted.
pub(crate) async fn adopted(
    app: &App,
    closes: &[String],
    reason: &str,
) -> Result<Vec<Change>, ApiError> {
    let actions: BTreeMap<Uuid, Action> = read_all(app).await?;
    let mut changes = Vec::new();
    for id in closes {
        let id = pick(&actions, id)?;
        let before = &actions[&id];
        if before.target != Target::Playbook {
            let why = "must have the playbook as its target";
            return Err(ApiError::argument("action", why));
        }
        if before.state != ActionState::Open {
            return Err(refused(&Refusal::Settled(before.state.word())));
        }
        let mut after = before.clone();
        after.state = ActionState::Done;
        reason.clone_into(&mut after.reason);
        after.settled_at = Some(app.clock.now());
        changes.extend(after.amend(id, before));
    }
    Ok(changes)
}

/// The private notes of this device.
pub(crate) fn drafts(app: &App) -> Drafts {
    Drafts::of(&app.data_folder, app.store.workspace())
}

/// A rule's word as an error.
pub(crate) fn refused(refusal: &Refusal) -> ApiError {
    ApiError::new(Code::NotPossible, format!("{refusal} Nothing was changed."))
}

/// The one thing whose id begins so.
pub(crate) fn pick<T: Kept>(things: &BTreeMap<Uuid, T>, id: &str) -> Result<Uuid, ApiError> {
    let wanted = id.trim().to_lowercase();
    let mut found = things.keys().filter(|id| id.to_string().starts_with(&wanted));
    match (found.next(), found.next()) {
        (Some(id), None) if !wanted.is_empty() => Ok(*id),
        _ => Err(ApiError::not_found(T::KIND.word(), id)),
    }
}
