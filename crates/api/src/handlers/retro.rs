//! Retrospectives as they are read, and the reports of sprints.

use super::past;
use crate::app::App;
use crate::clock::rfc3339;
use crate::dto::progress::ReportText;
use crate::dto::retro::{
    ActionView, Draft, ReadRetro, RetroRequest, RetroSprint, RetroView, SprintReport, StepView,
};
use crate::dto::session::{NodeRef, Nothing, PersonRef};
use crate::dto::sprint::{SprintRequest, SprintView};
use crate::error::{ApiError, Code};
use crate::handlers::frozen::Then;
use crate::report;
use crate::retro::drafts::Kept;
use crate::retro::{self, Desk, catalogue, desk, document};
use pilotage_domain::Millis;
use pilotage_domain::ids::DeviceId;
use pilotage_domain::operation::Batch;
use pilotage_domain::retrospective::{ActionState, Step};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

pub(crate) async fn retro(app: &App, request: RetroRequest) -> Result<Option<RetroView>, ApiError> {
    let Some(desk) = Desk::open(app, request.sprint.as_deref()).await? else { return Ok(None) };
    let (drafts, unreadable) = desk::drafts(app).all();
    // A note that was revealed while its file could not be removed is told once.
    let here = |note: &&Kept| note.sprint == desk.sprint && !desk.all_notes.contains_key(&note.id);
    let names = &desk.office.names;
    let person = |person: &pilotage_domain::change::Entity| names.reference(person.id);
    Ok(Some(RetroView {
        opened: desk.opened,
        drafts: drafts.iter().filter(here).map(|note| draft(&desk, note)).collect(),
        unreadable,
        waits: desk.need_decisions().err().map(|error| error.message),
        formats: desk.formats().iter().map(retro::format_view).collect(),
        steps: Step::ALL
            .iter()
            .map(|step| StepView { step: step.word().to_owned(), minutes: step.minutes() })
            .collect(),
        metrics: catalogue(),
        people: names.present().into_iter().map(person).collect(),
        about_people: about_people(&desk),
        sprints: started(&desk),
        document: document(app, &desk).await?,
    }))
}

/// Notes in which a whole word is a word of somebody's name. Too many is better than one too few:
/// a person decides.
fn about_people(desk: &Desk) -> Vec<String> {
    let words = |text: &str| -> BTreeSet<String> {
        let words = text.split(|c: char| !c.is_alphanumeric());
        words.map(str::to_lowercase).filter(|word| word.chars().count() > 1).collect()
    };
    let names: BTreeSet<String> =
        desk.office.names.present().iter().flat_map(|person| words(person.name())).collect();
    let speaks = |text: &str| !words(text).is_disjoint(&names);
    let notes = desk.notes().filter(|(_, note)| speaks(&note.text));
    notes.map(|(id, _)| id.to_string()).collect()
}

fn started(desk: &Desk) -> Vec<RetroSprint> {
    let started = desk.office.sprints.iter().filter(|sprint| !sprint.run.turns.is_empty());
    started.map(retro::sprint_view).collect()
}

fn draft(desk: &Desk, note: &Kept) -> Draft {
    let service = |id: Uuid| {
        let name = desk.office.node(id).map_or("a service that is gone", |node| &node.name);
        NodeRef { id: id.to_string(), name: name.to_owned() }
    };
    Draft {
        id: note.id.to_string(),
        sprint: note.sprint.to_string(),
        text: note.text.clone(),
        column: note.column.clone(),
        author: note.author.map(|author| desk.person(author)),
        written_at: rfc3339(note.written_at),
        service: note.service.map(service),
        check: note.check.clone(),
        facts: note.facts.clone(),
    }
}

/// Actions that are open, those without an owner first, then the oldest.
pub(crate) async fn open_actions(app: &App, _: Nothing) -> Result<Vec<ActionView>, ApiError> {
    let Some(desk) = Desk::open(app, None).await? else { return Ok(Vec::new()) };
    let open = desk.actions.iter().filter(|(_, action)| action.state == ActionState::Open);
    let mut open: Vec<_> = open.collect();
    open.sort_by_key(|(id, action)| (desk.has_owner(action), action.agreed_at, **id));
    Ok(open.into_iter().map(|(id, action)| retro::action_view(&desk, *id, action)).collect())
}

pub(crate) async fn retro_report(app: &App, request: SprintReport) -> Result<ReportText, ApiError> {
    let Some(then) = then(app, &request).await? else { return told(app, &request).await };
    let text = Box::pin(told(&then.app, &request)).await;
    then.close().await;
    text
}

async fn told(app: &App, request: &SprintReport) -> Result<ReportText, ApiError> {
    let desk = Desk::open(app, request.sprint.as_deref()).await?.ok_or_else(no_sprint)?;
    Ok(retro::render(&document(app, &desk).await?, request.format))
}

pub(crate) async fn sprint_report(
    app: &App,
    request: SprintReport,
) -> Result<ReportText, ApiError> {
    let of = |sprint| SprintRequest { sprint };
    let shown = |view: Option<SprintView>, day: Option<&str>| {
        let view = view.ok_or_else(no_sprint)?;
        Ok(report::sprint::render(&view, day, request.format))
    };
    let Some(then) = then(app, &request).await? else {
        return shown(super::sprint(app, of(request.sprint.clone())).await?, None);
    };
    let view = Box::pin(super::sprint(&then.app, of(request.sprint.clone()))).await;
    then.close().await;
    shown(view?, request.at.as_deref())
}

/// The programme as it was known at the end of the day that is asked for; none for today.
async fn then(app: &App, request: &SprintReport) -> Result<Option<Then>, ApiError> {
    let Some(day) = request.at.as_deref() else { return Ok(None) };
    let day = past::Day::of(app, Some(day), true).await?;
    if day.past().is_none() {
        return Ok(None);
    }
    let position = position_at(app, day.moment()).await?;
    Then::open(app, &position, day.moment()).await.map(Some)
}

/// The last sequence of every device that had been written by a moment.
async fn position_at(app: &App, moment: Millis) -> Result<BTreeMap<DeviceId, u64>, ApiError> {
    let mut position = BTreeMap::new();
    for (device, line) in app.store.log().await? {
        if let Ok(batch) = Batch::parse(&line)
            && batch.wall <= moment
        {
            let last = position.entry(device).or_insert(0);
            *last = batch.seq.max(*last);
        }
    }
    Ok(position)
}

fn no_sprint() -> ApiError {
    let message = "No sprint has started yet, so there is nothing to look back on. Plan one with \
                   `pilotage sprint plan`, then start it.";
    ApiError::new(Code::NotFound, message)
}

pub(crate) async fn read_retro(_: &App, request: ReadRetro) -> Result<ReportText, ApiError> {
    Ok(retro::render(&retro::read(&request.text)?, request.format))
}

pub(crate) async fn save_retro(
    app: &App,
    request: SprintReport,
) -> Result<Option<String>, ApiError> {
    let report = retro_report(app, request).await?;
    super::hosted::save(app, &report.file_name, &report.text).await
}

/// A person as the page names him.
pub(super) fn initials(person: &PersonRef) -> String {
    person.name.split_whitespace().filter_map(|word| word.chars().next()).collect()
}
