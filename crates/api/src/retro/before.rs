//! "We talked about this before": notes of earlier retrospectives on the same check or service, and
//! the actions that came of them. Notes of a retrospective that another programme held stand in its
//! export and are no things of this one, so they are read from there; the services they are about
//! are those that go by the same id or name here.

use super::desk::Desk;
use super::render::read;
use crate::dto::retro::{ActionView, NoteView};
use crate::handlers::sprints::Office;
use crate::names::find_node;
use chrono::NaiveDate;
use pilotage_domain::retrospective::{Note, Retrospective};
use uuid::Uuid;

/// A note of an earlier retrospective.
pub(super) struct Earlier {
    service: Option<Uuid>,
    check: Option<String>,
    /// What it said, then the actions that came of it.
    told: Vec<String>,
}

/// Notes of retrospectives whose sprints began before this one's, those of the oldest sprint first.
pub(super) fn earlier(desk: &Desk) -> Vec<Earlier> {
    let first = |sprint: Option<Uuid>| -> Option<NaiveDate> {
        let known = desk.office.sprints.iter().find(|known| Some(known.id) == sprint);
        known.map(|sprint| sprint.plan.first)
    };
    let here = first(Some(desk.sprint));
    let others = desk.others.iter().filter(|(id, _)| **id != desk.id);
    let mut held: Vec<(Option<NaiveDate>, Uuid, &Retrospective)> =
        others.map(|(id, other)| (first(Some(other.sprint)), *id, other)).collect();
    held.retain(|(began, ..)| *began < here);
    held.sort_by_key(|(began, id, _)| (*began, *id));
    let notes = held.into_iter().flat_map(|(_, id, other)| match other.imported.as_str() {
        "" => own(desk, id),
        export => imported(desk, id, export),
    });
    notes.collect()
}

/// What was said before on the check of a note, or on its service where it names no check.
pub(super) fn before(desk: &Desk, earlier: &[Earlier], note: &Note) -> Vec<String> {
    let service = note.service.map(|service| now(desk, service));
    let same = |other: &&Earlier| match &note.check {
        Some(check) => other.check.as_ref() == Some(check),
        None => service.is_some() && other.service == service,
    };
    earlier.iter().filter(same).flat_map(|other| other.told.clone()).collect()
}

fn own(desk: &Desk, retrospective: Uuid) -> Vec<Earlier> {
    let from = desk.held_for(retrospective);
    let notes = desk.all_notes.iter().filter(|(_, note)| note.retrospective == retrospective);
    let earlier = notes.map(|(id, note)| {
        let came = desk.actions.values().filter(|action| action.notes.contains(id));
        let came = came.map(|action| told_action(&from, action.state.word(), &action.text));
        Earlier {
            service: note.service.map(|service| now(desk, service)),
            check: note.check.clone(),
            told: std::iter::once(format!("{from}: {}", note.text)).chain(came).collect(),
        }
    });
    earlier.collect()
}

/// Notes of an export. One that a later version wrote says nothing here.
fn imported(desk: &Desk, retrospective: Uuid, export: &str) -> Vec<Earlier> {
    let Ok(document) = read(export) else { return Vec::new() };
    let from = desk.held_for(retrospective);
    // The actions live on here, so where they stand is known here.
    let state = |action: &ActionView| {
        let here = Uuid::try_parse(&action.id).ok().and_then(|id| desk.actions.get(&id));
        here.map_or_else(|| action.state.clone(), |here| here.state.word().to_owned())
    };
    let earlier = document.notes.iter().map(|note| {
        let came = document.actions.iter().filter(|action| action.notes.contains(&note.id));
        let came = came.map(|action| told_action(&from, &state(action), &action.text));
        Earlier {
            service: service_of(&desk.office, note),
            check: note.check.clone(),
            told: std::iter::once(format!("{from}: {}", note.text)).chain(came).collect(),
        }
    });
    earlier.collect()
}

fn told_action(from: &str, state: &str, text: &str) -> String {
    format!("{from}, action, {state}: {text}")
}

/// The service here that a note of another programme is about; none where several could be meant.
pub(crate) fn service_of(office: &Office, note: &NoteView) -> Option<Uuid> {
    let service = note.service.as_ref()?;
    let by_id = Uuid::try_parse(&service.id).ok().and_then(|id| office.node(id));
    let found = by_id.or_else(|| find_node(&office.nodes, &service.name).ok());
    found.map(|node| node.id)
}

/// A service by what it is now: it may have been merged since.
fn now(desk: &Desk, service: Uuid) -> Uuid {
    desk.office.node(service).map_or(service, |node| node.id)
}
