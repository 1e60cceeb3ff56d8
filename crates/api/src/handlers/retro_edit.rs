//! What people do in a retrospective. The rules are `domain::retrospective`'s; here they meet the
//! programme.

use super::actions::{needed, note};
use super::retro::initials;
use crate::app::App;
use crate::dto::actions::ById;
use crate::dto::retro::{
    AgreeAction, DecideAction, Decision, EditRetro, GroupNotes, RetroOf, TurnRetro, WriteInsight,
    WriteNote,
};
use crate::dto::session::Saved;
use crate::error::{ApiError, Code};
use crate::names::find_node;
use crate::retro::desk::{self, Desk, pick, refused};
use crate::retro::drafts::Kept as KeptNote;
use crate::retro::metric_of;
use pilotage_domain::change::Change;
use pilotage_domain::ids::DeviceId;
use pilotage_domain::retrospective::{
    self as rules, ACTIONS, Action, ActionState, Author, Authors, Direction, Doubt, Frozen, Group,
    Insight, Kept as _, Kudos, Note, Refusal, Retrospective, Revision, Step, Target, Voting,
};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Longest name that a new group takes from its first note, in characters.
const GROUP_NAME: usize = 48;

pub(crate) async fn edit_retro(app: &App, request: EditRetro) -> Result<Saved, ApiError> {
    let desk = Desk::changing(app, &request.sprint).await?;
    let actor = app.need_actor(&desk.office.names)?;
    let mut after = desk.retrospective.clone();
    choose(&desk, &request, &mut after)?;
    if let Some(present) = &request.present {
        let people = present.iter().map(|person| desk.office.names.need(person));
        after.present = people.collect::<Result<_, _>>()?;
    }
    if let Some(step) = &request.step {
        after.step = word("step", Step::from_word(step), Step::ALL.iter().map(|s| s.word()))?;
    }
    if after.step != Step::OpenActions {
        let before = desk.before();
        match rules::may_open_notes(desk.id, &after, &before) {
            Err(_) if request.skip => after.skipped_by = Some(actor),
            checked => checked.map_err(|refusal| refused(&refusal))?,
        }
        freeze(app, &desk, &mut after).await?;
    }
    if let Some(doubt) = request.doubt {
        let figure = needed("figure", &doubt.figure)?;
        match note("comment", Some(doubt.comment))? {
            Some(comment) => after.doubts.insert(figure, Doubt { comment, by: actor }),
            None => after.doubts.remove(&figure),
        };
    }
    for (counts, kept) in [
        (request.return_on_time, &mut after.return_on_time),
        (request.confidence, &mut after.confidence),
    ] {
        let Some(counts) = counts else { continue };
        let why = "must be five counts, for the answers 1 to 5";
        *kept = counts.try_into().map_err(|_| ApiError::argument("distribution", why))?;
    }
    for counts in [after.return_on_time, after.confidence] {
        rules::ratings(&after, counts).map_err(|refusal| refused(&refusal))?;
    }
    if let Some(leader) = request.next_leader {
        after.next_leader = match leader.person.trim() {
            "" => None,
            person => {
                let reason = note("reason", Some(leader.reason))?.unwrap_or_default();
                Some((desk.office.names.need(person)?, reason))
            }
        };
    }
    if let Some(pairs) = request.pairs {
        after.pairs.clear();
        for pair in pairs {
            let people = pair.people.iter().map(|person| desk.office.names.need(person));
            let people: BTreeSet<Uuid> = people.collect::<Result<_, _>>()?;
            if people.len() < 2 {
                return Err(ApiError::argument("pair", "needs two people"));
            }
            after.pairs.insert(people, note("reason", Some(pair.reason))?.unwrap_or_default());
        }
    }
    if let Some(kudos) = request.kudos {
        let to = desk.office.names.need(&kudos.person)?;
        let text = needed("thanks", &kudos.reason)?;
        after.kudos.insert(Uuid::now_v7(), Kudos { to, text });
    }
    save(app, actor, &desk, &after, Vec::new(), "changed").await
}

/// What is chosen before the room begins.
fn choose(desk: &Desk, request: &EditRetro, after: &mut Retrospective) -> Result<(), ApiError> {
    let revealed = desk.retrospective.revealed.is_some();
    if revealed && (request.format.is_some() || request.authors.is_some()) {
        let message = "Notes are revealed, so format and names of authors stay as they are. \
                       Nothing was changed.";
        return Err(ApiError::new(Code::NotPossible, message));
    }
    if let Some(format) = &request.format {
        let formats = desk.formats();
        let ids = formats.iter().map(|format| format.id.as_str());
        let known = formats.iter().find(|known| known.id == format.trim().to_lowercase());
        after.format = word("format", known.map(|format| format.id.clone()), ids)?;
    }
    if let Some(authors) = &request.authors {
        let words = Authors::ALL.iter().map(|authors| authors.word());
        after.authors = word("way of naming authors", Authors::from_word(authors), words)?;
    }
    if let Some(voting) = &request.voting {
        let words = Voting::ALL.iter().map(|voting| voting.word());
        let voting = word("way of voting", Voting::from_word(voting), words)?;
        if voting != after.voting && desk.groups.values().any(|group| group.total() > 0) {
            let message = "Somebody has voted, so the way of voting stays. Take the votes back \
                           first. Nothing was changed.";
            return Err(ApiError::new(Code::NotPossible, message));
        }
        after.voting = voting;
    }
    Ok(())
}

fn word<'a, T>(
    field: &str,
    read: Option<T>,
    words: impl Iterator<Item = &'a str>,
) -> Result<T, ApiError> {
    read.ok_or_else(|| {
        let words: Vec<&str> = words.collect();
        ApiError::argument(field, format!("must be one of {}", words.join(", ")))
    })
}

/// Freezes the facts where the log stands now, once.
async fn freeze(app: &App, desk: &Desk, after: &mut Retrospective) -> Result<(), ApiError> {
    let started = desk.sprint().is_some_and(|sprint| !sprint.run.turns.is_empty());
    if after.frozen.is_none() && started {
        let position = app.store.log_position().await?;
        let hex = |(device, seq): (&DeviceId, &u64)| (device.to_hex(), *seq);
        let position = position.iter().map(hex).collect();
        after.frozen = Some(Frozen { moment: desk.office.now, position });
    }
    Ok(())
}

/// Writes what differs; opens the retrospective where nobody has.
async fn save(
    app: &App,
    actor: Uuid,
    desk: &Desk,
    after: &Retrospective,
    mut changes: Vec<Change>,
    what: &str,
) -> Result<Saved, ApiError> {
    changes.splice(
        0..0,
        if desk.opened { after.amend(desk.id, &desk.retrospective) } else { after.create(desk.id) },
    );
    let summary = format!("Retrospective of {} {what}", desk.sprint_name(desk.sprint));
    app.save(actor, changes, summary, Some(desk.id)).await
}

/// What opens the retrospective, where nobody has: things that belong to it stand in none else.
fn opening(desk: &Desk) -> Vec<Change> {
    if desk.opened { Vec::new() } else { desk.retrospective.create(desk.id) }
}

pub(crate) async fn turn_retro(app: &App, request: TurnRetro) -> Result<Saved, ApiError> {
    let desk = Desk::of(app, &request.sprint).await?;
    let actor = app.need_actor(&desk.office.names)?;
    let mut after = desk.retrospective.clone();
    let mut reason = String::new();
    if request.closed {
        rules::closable(desk.id, &after, &desk.before()).map_err(|refusal| refused(&refusal))?;
        freeze(app, &desk, &mut after).await?;
        after.step = Step::Close;
    } else {
        if !after.is_closed() {
            return Err(refused(&Refusal::Open));
        }
        if !after.imported.is_empty() {
            let message = "This retrospective was read from an export and stays as it is. Nothing \
                           was changed; open it again where it was held.";
            return Err(ApiError::new(Code::NotPossible, message));
        }
        reason = note("reason", request.reason)?
            .ok_or_else(|| ApiError::argument("reason", "is needed to open it again"))?;
    }
    let at = desk.office.now;
    after.revisions.push(Revision { closed: request.closed, at, by: actor, reason });
    let what = if request.closed { "closed" } else { "opened again" };
    save(app, actor, &desk, &after, Vec::new(), what).await
}

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
