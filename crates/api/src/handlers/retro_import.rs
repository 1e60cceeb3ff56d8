//! A retrospective of another programme, taken in from its export: the same document, the sprint it
//! looked back on, and its actions, which go on living here.

use super::sprints::Office;
use crate::app::App;
use crate::dto::retro::{ActionView, RetroDocument, RetroSprint};
use crate::dto::retro_documents::{ImportRetro, IncomingAction, RetroPreview};
use crate::dto::session::{Nothing, PersonRef, Saved};
use crate::error::{ApiError, Code};
use crate::imports::{name_of, rejected};
use crate::retro::before::service_of;
use crate::retro::desk::read_all;
use crate::retro::{metric_of, read};
use chrono::{DateTime, NaiveDate};
use pilotage_domain::Millis;
use pilotage_domain::calendar::start_of;
use pilotage_domain::change::{Change, Kind, path};
use pilotage_domain::retrospective::{
    Action, ActionState, Direction, Kept, Retrospective, Revision, Step, Target, of_sprint,
};
use pilotage_domain::sprint::{self, Plan, SprintKind, Turn};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

const DAY: Millis = 24 * 60 * 60 * 1_000;

/// Largest export, in MiB: a retrospective of 500 services has a tenth of it.
const MAX_MIB: u64 = 8;

pub(crate) async fn choose_retro(app: &App, _: Nothing) -> Result<Option<RetroPreview>, ApiError> {
    let Some(path) = app.host.choose_retrospective().await else { return Ok(None) };
    let file_name = name_of(&path);
    let name = file_name.clone();
    // Reading blocks: off the async threads.
    let read = move || pilotage_discovery::read_text_up_to(&path, &name, MAX_MIB);
    let text = tokio::task::spawn_blocking(read).await.map_err(|error| {
        ApiError::new(Code::Internal, "The file was not read. Nothing was changed.")
            .with("detail", error)
    })?;
    let text = text.map_err(|error| rejected(&error))?;
    let office = Office::open(app).await?;
    let incoming = Incoming::read(app, &office, Uuid::nil(), text).await?;
    Ok(Some(RetroPreview { file_name, ..incoming.preview }))
}

pub(crate) async fn import_retro(app: &App, request: ImportRetro) -> Result<Saved, ApiError> {
    let office = Office::open(app).await?;
    let actor = app.need_actor(&office.names)?;
    let incoming = Incoming::read(app, &office, actor, request.text).await?;
    let summary = format!("Retrospective of {} taken in", incoming.preview.sprint.name);
    app.save(actor, incoming.changes, summary, Some(incoming.id)).await
}

/// What an export brings in: all of it, or the reason why nothing.
struct Incoming {
    id: Uuid,
    changes: Vec<Change>,
    preview: RetroPreview,
}

impl Incoming {
    async fn read(app: &App, office: &Office, actor: Uuid, text: String) -> Result<Self, ApiError> {
        let document = read(&text)?;
        let taken = Taken::of(&document, office)?;
        let id = of_sprint(taken.sprint);
        let known: BTreeMap<Uuid, Retrospective> = read_all(app).await?;
        may_come(&document, known.contains_key(&id))?;
        let mut people = People::of(office);
        let sprint_is_here = office.sprints.iter().any(|sprint| sprint.id == taken.sprint);
        let mut changes = Vec::new();
        if !sprint_is_here {
            changes.extend(taken.sprint(&document, office, &mut people)?);
        }
        let by = document.revisions.last().map(|last| people.meet(&last.by)).transpose()?;
        let revisions = vec![Revision {
            closed: true,
            at: taken.closed_at,
            by: by.unwrap_or(actor),
            reason: String::new(),
        }];
        let retrospective = Retrospective {
            sprint: taken.sprint,
            format: document.format.id.clone(),
            step: Step::Close,
            revisions,
            imported: text.clone(),
            ..Retrospective::default()
        };
        changes.extend(retrospective.create(id));
        let here: BTreeMap<Uuid, Action> = read_all(app).await?;
        let (mut actions, mut seen) = (Vec::new(), BTreeSet::new());
        for view in document.actions.iter().chain(&document.open_actions) {
            let action = uuid("action", &view.id)?;
            if !seen.insert(action) {
                return Err(refused("two of its actions have one id"));
            }
            let is_here = here.contains_key(&action);
            if !is_here {
                changes.extend(taken.action(office, &mut people, id, view)?.create(action));
            }
            actions.push(IncomingAction {
                text: view.text.clone(),
                owner: view.owner.as_ref().map(|owner| owner.name.clone()),
                state: view.state.clone(),
                is_here,
            });
        }
        let unknown = document.notes.iter().filter(|note| service_of(office, note).is_none());
        let unknown = unknown.filter_map(|note| Some(note.service.as_ref()?.name.clone()));
        let unknown: BTreeSet<String> = unknown.collect();
        let sprint = RetroSprint { name: taken.name, ..document.sprint };
        let preview = RetroPreview {
            file_name: String::new(),
            text,
            programme: document.programme,
            sprint,
            sprint_is_here,
            notes: u32::try_from(document.notes.len()).unwrap_or(u32::MAX),
            notes_left_out: document.notes_left_out,
            unknown_services: unknown.into_iter().collect(),
            actions,
            people: people.unknown,
        };
        people.changes.extend(changes);
        Ok(Self { id, changes: people.changes, preview })
    }
}

/// Only a closed one comes in, and only once.
fn may_come(document: &RetroDocument, is_here: bool) -> Result<(), ApiError> {
    if is_here {
        let message = format!(
            "The retrospective of {} is in this programme already. Nothing was changed.",
            document.sprint.name
        );
        return Err(ApiError::new(Code::NotPossible, message));
    }
    if !document.closed {
        let message = "Only a closed retrospective is taken in: close it where it was held, and \
                       export it again. Nothing was changed.";
        return Err(ApiError::new(Code::NotPossible, message));
    }
    Ok(())
}

fn refused(why: &str) -> ApiError {
    let message = format!("This is no export of a retrospective: {why}. Nothing was changed.");
    ApiError::new(Code::FileRejected, message)
}

fn uuid(what: &str, id: &str) -> Result<Uuid, ApiError> {
    Uuid::try_parse(id).map_err(|_| refused(&format!("the id of its {what} is none")))
}

fn moment(text: &str) -> Result<Millis, ApiError> {
    let read = DateTime::parse_from_rfc3339(text);
    read.map(|moment| moment.timestamp_millis())
        .map_err(|_| refused(&format!("\u{201c}{text}\u{201d} is no moment")))
}

/// People of the other programme, by who they are here; who is unknown here becomes known.
struct People<'a> {
    office: &'a Office,
    met: BTreeMap<Uuid, Uuid>,
    /// Names of those who become known.
    unknown: Vec<String>,
    changes: Vec<Change>,
}

impl<'a> People<'a> {
    fn of(office: &'a Office) -> Self {
        Self { office, met: BTreeMap::new(), unknown: Vec::new(), changes: Vec::new() }
    }

    fn meet(&mut self, person: &PersonRef) -> Result<Uuid, ApiError> {
        let id = uuid("person", &person.id)?;
        let names = &self.office.names;
        if let Some(known) = self.met.get(&id) {
            return Ok(*known);
        }
        // Nobody acts under the nil id; who was removed here stays removed.
        if id.is_nil() || names.people.contains_key(&id) {
            return Ok(id);
        }
        let here = names.find(&person.name).unwrap_or_else(|| {
            self.changes.push(Change::Created { entity: id, kind: Kind::Person });
            self.changes.push(Change::field(id, path::NAME, person.name.as_str()));
            self.unknown.push(person.name.clone());
            id
        });
        self.met.insert(id, here);
        Ok(here)
    }
}

/// The name of a document's sprint here. Where another sprint has it, the programme that held it
/// stands beside it.
fn name_here(document: &RetroDocument, office: &Office, sprint: Uuid) -> String {
    if let Some(known) = office.sprints.iter().find(|known| known.id == sprint) {
        return known.plan.name.clone();
    }
    let name = &document.sprint.name;
    let is_free = |name: &str| {
        let folded = name.to_lowercase();
        office.sprints.iter().all(|known| known.plan.name.to_lowercase() != folded)
    };
    let numbered = (2..).map(|number| format!("{name} ({} {number})", document.programme));
    let mut names =
        [name.clone(), format!("{name} ({})", document.programme)].into_iter().chain(numbered);
    names.find(|name| is_free(name)).unwrap_or_default()
}

/// What of a document has to be sound before anything is written.
struct Taken {
    sprint: Uuid,
    /// By which name the sprint goes here: each sprint has one of its own.
    name: String,
    first: NaiveDate,
    last: NaiveDate,
    as_of: Millis,
    closed_at: Millis,
}

impl Taken {
    fn of(document: &RetroDocument, office: &Office) -> Result<Self, ApiError> {
        let day = |text: &str| {
            text.parse().map_err(|_| refused(&format!("\u{201c}{text}\u{201d} is no day")))
        };
        let as_of = moment(&document.as_of)?;
        let closed = document.revisions.iter().rfind(|revision| revision.closed);
        let sprint = uuid("sprint", &document.sprint.id)?;
        Ok(Self {
            sprint,
            name: name_here(document, office, sprint),
            first: day(&document.sprint.first)?,
            last: day(&document.sprint.last)?,
            as_of,
            closed_at: closed.map_or(Ok(as_of), |revision| moment(&revision.at))?,
        })
    }

    /// The sprint that it looked back on: it started and ended on its days.
    fn sprint(
        &self,
        document: &RetroDocument,
        office: &Office,
        people: &mut People<'_>,
    ) -> Result<Vec<Change>, ApiError> {
        let kind = SprintKind::from_word(&document.sprint.kind)
            .ok_or_else(|| refused("its sprint is of no kind that is known here"))?;
        let members = document.present.iter().map(|person| people.meet(person));
        let members: BTreeSet<Uuid> = members.collect::<Result<_, _>>()?;
        let plan = Plan {
            name: self.name.clone(),
            goal: document.sprint.goal.clone(),
            kind,
            first: self.first,
            last: self.last,
            leader: document.leader.as_ref().map(|leader| people.meet(leader)).transpose()?,
            members: members.into_iter().collect(),
        };
        let zone = office.calendar.zone;
        let start = start_of(self.first, zone);
        let end = start_of(self.last, zone) + DAY / 2;
        let turns = [(Turn::Started, start), (Turn::Ended, end)];
        let mut changes = plan.create(self.sprint);
        changes.extend(turns.map(|(turn, at)| {
            let fact = sprint::turn(self.sprint, turn, "taken in from an export", at);
            Change::Happened { id: Uuid::now_v7(), fact }
        }));
        Ok(changes)
    }

    fn action(
        &self,
        office: &Office,
        people: &mut People<'_>,
        retrospective: Uuid,
        view: &ActionView,
    ) -> Result<Action, ApiError> {
        let id = uuid("action", &view.id)?;
        let state = ActionState::from_word(&view.state)
            .ok_or_else(|| refused("an action stands as none does here"))?;
        let settled = state != ActionState::Open;
        // How often it was carried counts, and in which retrospectives is not known here.
        let carried = (0..view.carried).map(|number| Uuid::new_v5(&id, &number.to_be_bytes()));
        let metric =
            view.metric.as_ref().and_then(|metric| metric_of(&office.programme, &metric.id));
        Ok(Action {
            retrospective,
            text: view.text.clone(),
            owner: view.owner.as_ref().map(|owner| people.meet(owner)).transpose()?,
            seen_by: view.seen_by.clone(),
            direction: view.direction.as_deref().and_then(Direction::from_word).unwrap_or_default(),
            metric: metric.map(|metric| metric.id),
            target: Target::from_word(&view.target).unwrap_or_default(),
            agreed_at: self.as_of - Millis::from(view.age_days) * DAY,
            state,
            reason: view.reason.clone(),
            settled_at: settled.then_some(self.closed_at),
            settled_in: settled.then_some(retrospective),
            kept: carried.collect(),
            ..Action::default()
        })
    }
}
