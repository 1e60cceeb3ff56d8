//! What the room does in a retrospective: who is there, its steps, its close. The rules are
//! `domain::retrospective`'s; here they meet the programme.

use super::actions::{needed, note};
use crate::app::App;
use crate::dto::retro::{EditRetro, TurnRetro};
use crate::dto::session::Saved;
use crate::error::{ApiError, Code};
use crate::retro::desk::{Desk, refused};
use pilotage_domain::change::Change;
use pilotage_domain::ids::DeviceId;
use pilotage_domain::retrospective::{
    self as rules, Authors, Doubt, Frozen, Kept as _, Kudos, Refusal, Retrospective, Revision,
    Step, Voting,
};
use std::collections::BTreeSet;
use uuid::Uuid;

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
    if let Some(doubt) = &request.doubt {
        let figure = needed("figure", &doubt.figure)?;
        match note("comment", Some(doubt.comment.clone()))? {
            Some(comment) => after.doubts.insert(figure, Doubt { comment, by: actor }),
            None => after.doubts.remove(&figure),
        };
    }
    ending(&desk, request, &mut after)?;
    save(app, actor, &desk, &after, Vec::new(), "changed").await
}

/// What is said at the close: was it worth the time, who leads next and who pairs, thanks.
fn ending(desk: &Desk, request: EditRetro, after: &mut Retrospective) -> Result<(), ApiError> {
    for (counts, kept) in [
        (request.return_on_time, &mut after.return_on_time),
        (request.confidence, &mut after.confidence),
    ] {
        let Some(counts) = counts else { continue };
        let why = "must be five counts, for the answers 1 to 5";
        *kept = counts.try_into().map_err(|_| ApiError::argument("distribution", why))?;
    }
    for counts in [after.return_on_time, after.confidence] {
        rules::ratings(after, counts).map_err(|refusal| refused(&refusal))?;
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
    Ok(())
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

pub(super) fn word<'a, T>(
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
pub(super) async fn freeze(
    app: &App,
    desk: &Desk,
    after: &mut Retrospective,
) -> Result<(), ApiError> {
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
pub(super) async fn save(
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
pub(super) fn opening(desk: &Desk) -> Vec<Change> {
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
