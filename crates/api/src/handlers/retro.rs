//! Retrospectives as they are read, and the reports of sprints.

use super::past;
use crate::app::App;
use crate::clock::rfc3339;
use crate::dto::progress::{ReportFormat, ReportText};
use crate::dto::retro::{ActionView, Draft, RetroRequest, RetroSprint, RetroView, StepView};
use crate::dto::retro_documents::{ReadRetro, RetroReport, RetroText, SprintReport};
use crate::dto::session::{NodeRef, Nothing, PersonRef};
use crate::dto::sprint::{SprintRequest, SprintView};
use crate::error::{ApiError, Code};
use crate::handlers::frozen::Then;
use crate::report;
use crate::retro::about_people::NameWords;
use crate::retro::drafts::Kept;
use crate::retro::{self, Desk, catalogue, desk, document};
use pilotage_domain::Millis;
use pilotage_domain::ids::DeviceId;
use pilotage_domain::operation::Batch;
use pilotage_domain::retrospective::{ActionState, Step};
use std::collections::BTreeMap;
use uuid::Uuid;

pub(crate) async fn retro(app: &App, request: RetroRequest) -> Result<Option<RetroView>, ApiError> {
    let Some(desk) = Desk::open(app, request.sprint.as_deref()).await? else { return Ok(None) };
    let (drafts, unreadable) = desk::drafts(app).all();
    // A note that was revealed while its file could not be removed is told once.
    let here = |note: &&Kept| note.sprint == desk.sprint && !desk.all_notes.contains_key(&note.id);
    let names = &desk.office.names;
    let person = |person: &pilotage_domain::change::Entity| names.reference(person.id);
    let document = document(app, &desk).await?;
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
        about_people: NameWords::of(&desk, &document).notes(&document),
        sprints: started(&desk),
        document,
    }))
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

pub(crate) async fn retro_report(app: &App, request: RetroReport) -> Result<RetroText, ApiError> {
    let Some(then) = then(app, request.at.as_deref()).await? else {
        return told(app, &request).await;
    };
    let text = Box::pin(told(&then.app, &request)).await;
    then.close().await;
    text
}

async fn told(app: &App, request: &RetroReport) -> Result<RetroText, ApiError> {
    let desk = Desk::open(app, request.sprint.as_deref()).await?.ok_or_else(no_sprint)?;
    let mut document = document(app, &desk).await?;
    let whole = document.notes.len();
    // A table of actions holds no note.
    if !request.with_people && request.format != ReportFormat::Csv {
        document = NameWords::of(&desk, &document).left_out(document);
    }
    let notes_left_out = u32::try_from(whole - document.notes.len()).unwrap_or(u32::MAX);
    let ReportText { file_name, text } = retro::render(&document, request.format);
    Ok(RetroText { file_name, text, notes_left_out })
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
    let Some(then) = then(app, request.at.as_deref()).await? else {
        return shown(super::sprint(app, of(request.sprint.clone())).await?, None);
    };
    let view = Box::pin(super::sprint(&then.app, of(request.sprint.clone()))).await;
    then.close().await;
    shown(view?, request.at.as_deref())
}

/// The programme as it was known at the end of the day that is asked for; none for today.
async fn then(app: &App, day: Option<&str>) -> Result<Option<Then>, ApiError> {
    let Some(day) = day else { return Ok(None) };
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
    request: RetroReport,
) -> Result<Option<String>, ApiError> {
    let report = retro_report(app, request).await?;
    super::hosted::save(app, &report.file_name, &report.text).await
}

/// A person as the page names him.
pub(super) fn initials(person: &PersonRef) -> String {
    person.name.split_whitespace().filter_map(|word| word.chars().next()).collect()
}
