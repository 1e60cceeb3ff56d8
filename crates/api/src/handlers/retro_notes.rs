//! What people say in a retrospective: notes, private and revealed, their groups and votes, and what
//! the room understood.

use super::actions::{needed, note};
use super::retro::initials;
use super::retro_edit::{freeze, opening, save, word};
use crate::app::App;
use crate::dto::actions::ById;
use crate::dto::retro::{GroupNotes, RetroOf, WriteInsight, WriteNote};
use crate::dto::session::Saved;
use crate::error::{ApiError, Code};
use crate::names::find_node;
use crate::retro::desk::{self, Desk, pick, refused};
use crate::retro::drafts::Kept as KeptNote;
use pilotage_domain::change::Change;
use pilotage_domain::retrospective::{
    self as rules, Author, Authors, Group, Insight, Kept as _, Note, Refusal, Retrospective, Voting,
};
use uuid::Uuid;

/// Longest name that a new group takes from its first note, in characters.
const GROUP_NAME: usize = 48;

pub(crate) async fn write_note(app: &App, request: WriteNote) -> Result<Saved, ApiError> {
    let desk = Desk::open(app, request.sprint.as_deref()).await?;
    let Some(desk) = desk else {
        let message = "No sprint has started yet, so the note belongs to none. Name a sprint, or \
                       start one first.";
        return Err(ApiError::new(Code::NotPossible, message));
    };
    if desk.retrospective.is_closed() {
        return Err(refused(&Refusal::Closed));
    }
    let actor = app.need_actor(&desk.office.names)?;
    let text = needed("note", &request.text)?;
    let column = column(&desk, request.column.as_deref())?;
    let service = request.service.as_deref().filter(|name| !name.trim().is_empty());
    let service = service.map(|name| find_node(&desk.office.nodes, name.trim())).transpose()?;
    let check = request.check.as_deref().filter(|check| !check.trim().is_empty());
    let check = check.map(|check| {
        let mut checks = desk.office.programme.ladder.checks.iter();
        let known = checks.find(|(_, rule)| rule.id.eq_ignore_ascii_case(check.trim()));
        known.map(|(_, rule)| rule.id.clone()).ok_or_else(|| ApiError::not_found("check", check))
    });
    let (service, check) = (service.map(|node| node.id), check.transpose()?);
    let drafts = desk::drafts(app);
    let id = request
        .id
        .as_deref()
        .map(|id| Uuid::try_parse(id.trim()).map_err(|_| ApiError::not_found("note", id)));
    let id = id.transpose()?;
    let known = id.and_then(|id| drafts.all().0.into_iter().find(|note| note.id == id));
    let in_log = id.and_then(|id| Some((id, desk.all_notes.get(&id)?)));
    if let (Some(id), None, None) = (id, &known, &in_log) {
        return Err(ApiError::not_found("note", &id.to_string()));
    }
    let attributed = desk.retrospective.authors != Authors::Unattributed;
    let kept = KeptNote {
        id: id.unwrap_or_else(Uuid::now_v7),
        sprint: desk.sprint,
        text,
        column,
        author: match &known {
            Some(known) => known.author,
            None => attributed.then_some(actor),
        },
        written_at: known.as_ref().map_or(desk.office.now, |known| known.written_at),
        service,
        check,
        facts: request.facts,
    };
    let saved = |summary: &str| Saved {
        batch: None,
        summary: summary.to_owned(),
        id: Some(kept.id.to_string()),
    };
    if let Some((id, before)) = in_log.filter(|_| known.is_none()) {
        let mut after = revealed(&desk, &kept);
        (after.author, after.group) = (before.author.clone(), before.group);
        let changes = after.amend(id, before);
        return app.save(writer(&desk, actor), changes, "Note changed", Some(id)).await;
    }
    if desk.retrospective.revealed.is_some() && known.is_none() {
        let changes = revealed(&desk, &kept).create(kept.id);
        let actor = writer(&desk, actor);
        return app.save(actor, changes, "Note added", Some(kept.id)).await;
    }
    drafts.keep(&kept)?;
    Ok(saved("Note kept on this device until you reveal it"))
}

fn column(desk: &Desk, entered: Option<&str>) -> Result<String, ApiError> {
    let Some(entered) = entered.map(str::trim).filter(|column| !column.is_empty()) else {
        return Ok(String::new());
    };
    let format = crate::retro::format_of(desk, &desk.retrospective.format);
    let is = |known: &&rules::Column| {
        known.id.eq_ignore_ascii_case(entered) || known.title.eq_ignore_ascii_case(entered)
    };
    let known = format.columns.iter().find(is).map(|column| column.id.clone());
    word("column", known, format.columns.iter().map(|column| column.id.as_str()))
}

/// Who writes notes into the log. Where they are unattributed nobody does: the operation itself
/// names its actor, too.
fn writer(desk: &Desk, actor: Uuid) -> Uuid {
    match desk.retrospective.authors {
        Authors::Unattributed => Uuid::nil(),
        Authors::Named | Authors::Initials => actor,
    }
}

/// A private note as it stands in the log.
fn revealed(desk: &Desk, kept: &KeptNote) -> Note {
    let author = kept.author.and_then(|person| match desk.retrospective.authors {
        Authors::Named => Some(Author::Person(person)),
        Authors::Initials => Some(Author::Initials(initials(&desk.person(person)))),
        Authors::Unattributed => None,
    });
    Note {
        retrospective: desk.id,
        text: kept.text.clone(),
        column: kept.column.clone(),
        author,
        service: kept.service,
        check: kept.check.clone(),
        facts: kept.facts.iter().cloned().collect(),
        group: None,
    }
}

/// Throws a note away.
pub(crate) async fn discard_note(app: &App, request: ById) -> Result<Saved, ApiError> {
    let wanted = Uuid::try_parse(request.id.trim()).ok();
    let drafts = desk::drafts(app);
    let draft = drafts.all().0.into_iter().find(|note| Some(note.id) == wanted);
    if let Some(draft) = draft {
        drafts.remove(draft.id)?;
        let summary = "Private note thrown away".to_owned();
        return Ok(Saved { batch: None, summary, id: Some(draft.id.to_string()) });
    }
    let missing = || ApiError::not_found("note", &request.id);
    let entity = app.store.entity(wanted.ok_or_else(missing)?).await?;
    let note = Note::read(&entity).ok_or_else(missing)?;
    let retrospective = app.store.entity(note.retrospective).await?;
    let sprint = Retrospective::read(&retrospective).ok_or_else(missing)?.sprint;
    let desk = Desk::changing(app, &sprint.to_string()).await?;
    let actor = app.need_actor(&desk.office.names)?;
    let changes = vec![Change::Deleted { entity: entity.id }];
    app.save(writer(&desk, actor), changes, "Note removed", Some(entity.id)).await
}

/// Reveals the private notes of this device. They leave it only after the log has them.
pub(crate) async fn reveal_notes(app: &App, request: RetroOf) -> Result<Saved, ApiError> {
    let desk = Desk::changing(app, &request.sprint).await?;
    let actor = app.need_actor(&desk.office.names)?;
    desk.need_decisions()?;
    let drafts = desk::drafts(app);
    let here: Vec<KeptNote> =
        drafts.all().0.into_iter().filter(|note| note.sprint == desk.sprint).collect();
    let fresh = here.iter().filter(|note| !desk.all_notes.contains_key(&note.id));
    let changes: Vec<Change> =
        fresh.flat_map(|note| revealed(&desk, note).create(note.id)).collect();
    if !changes.is_empty() {
        app.save(writer(&desk, actor), changes, "Notes revealed", None).await?;
    }
    let mut after = desk.retrospective.clone();
    after.revealed = after.revealed.or(Some(desk.office.now));
    freeze(app, &desk, &mut after).await?;
    let count = here.len();
    let what =
        if count == 1 { "has 1 note more".to_owned() } else { format!("has {count} notes more") };
    let saved = save(app, actor, &desk, &after, Vec::new(), &what).await?;
    for note in here {
        drafts.remove(note.id)?;
    }
    Ok(saved)
}

pub(crate) async fn group_notes(app: &App, request: GroupNotes) -> Result<Saved, ApiError> {
    let desk = Desk::changing(app, &request.sprint).await?;
    let actor = app.need_actor(&desk.office.names)?;
    let mut notes = Vec::new();
    for id in &request.notes {
        let id = pick(&desk.all_notes, id)?;
        let note = &desk.all_notes[&id];
        if note.retrospective != desk.id {
            return Err(ApiError::not_found("note", &id.to_string()));
        }
        notes.push((id, note));
    }
    let wanted = request.group.as_deref().map(str::trim).filter(|group| !group.is_empty());
    let (group, before) = match wanted {
        Some("none") => (None, None),
        Some(group) => {
            let id = pick(&desk.groups, group)?;
            (Some(id), Some(&desk.groups[&id]))
        }
        None if notes.is_empty() => return Err(ApiError::argument("notes", "are needed")),
        None => (Some(Uuid::now_v7()), None),
    };
    let mut changes = Vec::new();
    if let Some(id) = group {
        let mut after = before.cloned().unwrap_or_else(|| Group {
            retrospective: desk.id,
            name: notes[0].1.text.chars().take(GROUP_NAME).collect(),
            votes: std::collections::BTreeMap::new(),
        });
        if let Some(name) = &request.name {
            after.name = super::actions::name("name", name)?;
        }
        if let Some(votes) = request.votes {
            let voter = match desk.retrospective.voting {
                Voting::Tallies => Group::ROOM.to_owned(),
                Voting::Individual => actor.to_string(),
            };
            rules::votes(&desk.retrospective, &desk.groups, id, &voter, votes)
                .map_err(|refusal| refused(&refusal))?;
            after.votes.insert(voter, votes);
        }
        changes.extend(match before {
            Some(before) => after.amend(id, before),
            None => after.create(id),
        });
    }
    for (id, note) in notes {
        let mut moved = note.clone();
        moved.group = group;
        changes.extend(moved.amend(id, note));
    }
    let saved = app.save(actor, changes, "Groups changed", group).await?;
    Ok(saved)
}

pub(crate) async fn write_insight(app: &App, request: WriteInsight) -> Result<Saved, ApiError> {
    let desk = Desk::changing(app, &request.sprint).await?;
    let actor = app.need_actor(&desk.office.names)?;
    let id = request.id.as_deref().map(|id| pick(&desk.insights, id)).transpose()?;
    let Some(statement) = note("insight", Some(request.statement))? else {
        let id = id.ok_or_else(|| ApiError::argument("insight", "is empty"))?;
        let changes = vec![Change::Deleted { entity: id }];
        return app.save(actor, changes, "Insight removed", Some(id)).await;
    };
    let notes = request.notes.iter().map(|note| pick(&desk.all_notes, note));
    let after = Insight {
        retrospective: desk.id,
        statement,
        notes: notes.collect::<Result<_, _>>()?,
        facts: request.facts.into_iter().collect(),
    };
    let before = id.and_then(|id| desk.insights.get(&id));
    let id = id.unwrap_or_else(Uuid::now_v7);
    let mut changes = opening(&desk);
    changes.extend(before.map_or_else(|| after.create(id), |before| after.amend(id, before)));
    app.save(actor, changes, "Insight kept", Some(id)).await
}
