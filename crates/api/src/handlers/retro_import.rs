//! A retrospective of another programme, taken in from its export: the same document, the sprint it
//! looked back on, and its actions, which go on living here.

use super::sprints::Office;
use crate::app::App;
use crate::dto::retro::{ActionView, ImportRetro, RetroDocument};
use crate::dto::session::{PersonRef, Saved};
use crate::error::{ApiError, Code};
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

pub(crate) async fn import_retro(app: &App, request: ImportRetro) -> Result<Saved, ApiError> {
    let office = Office::open(app).await?;
    let actor = app.need_actor(&office.names)?;
    let document = read(&request.text)?;
    let taken = Taken::of(&document)?;
    let id = of_sprint(taken.sprint);
    let known: BTreeMap<Uuid, Retrospective> = read_all(app).await?;
    if known.contains_key(&id) {
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
    let mut people = People { office: &office, met: BTreeMap::new(), changes: Vec::new() };
    let mut changes = Vec::new();
    if !office.sprints.iter().any(|sprint| sprint.id == taken.sprint) {
        changes.extend(taken.sprint(&document, &office, &mut people)?);
    }
    let revisions = vec![Revision {
        closed: true,
        at: taken.closed_at,
        by: document.revisions.last().map_or(actor, |last| people.meet(&last.by)),
        reason: String::new(),
    }];
    let retrospective = Retrospective {
        sprint: taken.sprint,
        format: document.format.id.clone(),
        step: Step::Close,
        revisions,
        imported: request.text.clone(),
        ..Retrospective::default()
    };
    changes.extend(retrospective.create(id));
    let here: BTreeMap<Uuid, Action> = read_all(app).await?;
    for view in document.actions.iter().chain(&document.open_actions) {
        let action = uuid("action", &view.id)?;
        if !here.contains_key(&action) {
            changes.extend(taken.action(&office, &mut people, id, view)?.create(action));
        }
    }
    people.changes.extend(changes);
    let summary = format!("Retrospective of {} taken in", document.sprint.name);
    app.save(actor, people.changes, summary, Some(id)).await
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
    changes: Vec<Change>,
}

impl People<'_> {
    fn meet(&mut self, person: &PersonRef) -> Uuid {
        let id = Uuid::try_parse(&person.id).unwrap_or_else(|_| Uuid::nil());
        if let Some(known) = self.met.get(&id) {
            return *known;
        }
        let names = &self.office.names;
        let known = names.find(&person.id).or_else(|| names.find(&person.name));
        let here = known.unwrap_or_else(|| {
            self.changes.push(Change::Created { entity: id, kind: Kind::Person });
            self.changes.push(Change::field(id, path::NAME, person.name.as_str()));
            id
        });
        self.met.insert(id, here);
        here
    }
}

/// What of a document has to be sound before anything is written.
struct Taken {
    sprint: Uuid,
    first: NaiveDate,
    last: NaiveDate,
    as_of: Millis,
    closed_at: Millis,
}

impl Taken {
    fn of(document: &RetroDocument) -> Result<Self, ApiError> {
        let day = |text: &str| {
            text.parse().map_err(|_| refused(&format!("\u{201c}{text}\u{201d} is no day")))
        };
        let as_of = moment(&document.as_of)?;
        let closed = document.revisions.iter().rfind(|revision| revision.closed);
        Ok(Self {
            sprint: uuid("sprint", &document.sprint.id)?,
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
        let members: BTreeSet<Uuid> =
            document.present.iter().map(|person| people.meet(person)).collect();
        let plan = Plan {
            name: document.sprint.name.clone(),
            goal: document.sprint.goal.clone(),
            kind,
            first: self.first,
            last: self.last,
            leader: document.leader.as_ref().map(|leader| people.meet(leader)),
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
            owner: view.owner.as_ref().map(|owner| people.meet(owner)),
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
