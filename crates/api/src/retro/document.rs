//! The document of a retrospective, from its desk and its facts.

use super::before::{before, earlier};
use super::desk::Desk;
use super::effects::metric_of;
use super::facts;
use crate::app::App;
use crate::clock::rfc3339;
use crate::dto::retro::{
    ActionView, ColumnView, DoubtView, FollowThrough, FormatView, GroupView, InsightView,
    KudosView, LeaderView, NoteView, PairView, RetroDocument, RetroSprint, RevisionView,
    SCHEMA_VERSION,
};
use crate::dto::session::{NodeRef, PersonRef};
use crate::error::ApiError;
use crate::handlers::sprints::Sprint;
use pilotage_domain::calendar::days_between;
use pilotage_domain::retrospective::{
    Action, ActionState, Author, Authors, Format, Note, Step, Voting, formats, in_order,
};
use uuid::Uuid;

/// The document as it is now.
pub(crate) async fn document(app: &App, desk: &Desk) -> Result<RetroDocument, ApiError> {
    let retrospective = &desk.retrospective;
    if !retrospective.imported.is_empty() {
        return super::read(&retrospective.imported);
    }
    let Some(sprint) = desk.sprint() else {
        return Err(ApiError::not_found("sprint", &desk.sprint.to_string()));
    };
    let (facts, later_corrections) = match &retrospective.frozen {
        None => (facts::gather(app, &desk.office, desk.sprint).await?, 0),
        Some(frozen) => (
            (*facts::frozen(app, desk.sprint, frozen).await?).clone(),
            facts::later_corrections(app, &desk.office, sprint, frozen).await?,
        ),
    };
    let frozen = retrospective.frozen.as_ref();
    Ok(RetroDocument {
        schema_version: SCHEMA_VERSION,
        id: desk.id.to_string(),
        programme: desk.office.programme.name().to_owned(),
        sprint: sprint_view(sprint),
        leader: sprint.plan.leader.map(|leader| desk.person(leader)),
        present: people(desk, retrospective.present.iter().copied()),
        as_of: rfc3339(frozen.map_or(desk.office.now, |frozen| frozen.moment)),
        frozen: frozen.is_some(),
        position: frozen.map(|frozen| frozen.position.clone()).unwrap_or_default(),
        later_corrections,
        format: format_view(&format_of(desk, &retrospective.format)),
        authors: retrospective.authors.word().to_owned(),
        voting: retrospective.voting.word().to_owned(),
        step: retrospective.step.word().to_owned(),
        skipped_by: retrospective.skipped_by.map(|person| desk.person(person)),
        revealed: retrospective.revealed.is_some(),
        closed: retrospective.is_closed(),
        revisions: retrospective
            .revisions
            .iter()
            .map(|revision| RevisionView {
                closed: revision.closed,
                at: rfc3339(revision.at),
                by: desk.person(revision.by),
                reason: revision.reason.clone(),
            })
            .collect(),
        open_actions: desk
            .before()
            .into_iter()
            .map(|(id, action)| action_view(desk, id, action))
            .collect(),
        facts,
        doubts: retrospective
            .doubts
            .iter()
            .map(|(figure, doubt)| DoubtView {
                figure: figure.clone(),
                comment: doubt.comment.clone(),
                by: desk.person(doubt.by),
            })
            .collect(),
        notes: notes(desk),
        notes_left_out: 0,
        groups: groups(desk),
        insights: desk
            .insights
            .iter()
            .map(|(id, insight)| InsightView {
                id: id.to_string(),
                statement: insight.statement.clone(),
                notes: insight.notes.iter().map(Uuid::to_string).collect(),
                facts: insight.facts.iter().cloned().collect(),
            })
            .collect(),
        actions: agreed(desk),
        follow_through: follow_through(desk),
        return_on_time: retrospective.return_on_time.to_vec(),
        confidence: retrospective.confidence.to_vec(),
        next_leader: retrospective.next_leader.as_ref().map(|(person, reason)| LeaderView {
            person: desk.person(*person),
            reason: reason.clone(),
        }),
        pairs: retrospective
            .pairs
            .iter()
            .map(|(pair, reason)| PairView {
                people: people(desk, pair.iter().copied()),
                reason: reason.clone(),
            })
            .collect(),
        kudos: retrospective
            .kudos
            .iter()
            .map(|(id, kudos)| KudosView {
                id: id.to_string(),
                to: desk.person(kudos.to),
                text: kudos.text.clone(),
            })
            .collect(),
    })
}

pub(crate) fn sprint_view(sprint: &Sprint) -> RetroSprint {
    RetroSprint {
        id: sprint.id.to_string(),
        name: sprint.plan.name.clone(),
        goal: sprint.plan.goal.clone(),
        kind: sprint.plan.kind.word().to_owned(),
        state: sprint.run.state.word().to_owned(),
        first: sprint.plan.first.to_string(),
        last: sprint.plan.last.to_string(),
    }
}

/// The format of that id: the team's, else one that comes with the product; the default where a
/// later version named another.
pub(crate) fn format_of(desk: &Desk, id: &str) -> Format {
    let mut all = desk.formats();
    all.extend(formats());
    let place = all.iter().position(|format| format.id == id).unwrap_or(0);
    all.swap_remove(place)
}

pub(crate) fn format_view(format: &Format) -> FormatView {
    let column = |column: &pilotage_domain::retrospective::Column| ColumnView {
        id: column.id.clone(),
        title: column.title.clone(),
        prompt: column.prompt.clone(),
    };
    FormatView {
        id: format.id.clone(),
        title: format.title.clone(),
        columns: format.columns.iter().map(column).collect(),
    }
}

fn people(desk: &Desk, ids: impl Iterator<Item = Uuid>) -> Vec<PersonRef> {
    let mut people: Vec<PersonRef> = ids.map(|id| desk.person(id)).collect();
    people.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    people
}

fn service(desk: &Desk, id: Uuid) -> NodeRef {
    let name = desk.office.node(id).map_or("a service that is gone", |node| &node.name);
    NodeRef { id: id.to_string(), name: name.to_owned() }
}

fn notes(desk: &Desk) -> Vec<NoteView> {
    let columns = format_of(desk, &desk.retrospective.format).columns;
    let place = |note: &Note| columns.iter().position(|column| column.id == note.column);
    let mut notes: Vec<(Uuid, &Note)> = desk.notes().collect();
    notes.sort_by_key(|(id, note)| (place(note).unwrap_or(usize::MAX), *id));
    let earlier = earlier(desk);
    notes
        .into_iter()
        .map(|(id, note)| NoteView {
            id: id.to_string(),
            column: note.column.clone(),
            text: note.text.clone(),
            author: match (&note.author, desk.retrospective.authors) {
                (None, _) | (_, Authors::Unattributed) => None,
                (Some(Author::Person(person)), _) => Some(desk.office.names.of(*person)),
                (Some(Author::Initials(initials)), _) => Some(initials.clone()),
            },
            service: note.service.map(|id| service(desk, id)),
            check: note.check.clone(),
            facts: note.facts.iter().cloned().collect(),
            group: note.group.filter(|id| desk.groups.contains_key(id)).map(|id| id.to_string()),
            before: before(desk, &earlier, note),
        })
        .collect()
}

fn groups(desk: &Desk) -> Vec<GroupView> {
    let hidden =
        desk.retrospective.voting == Voting::Individual && desk.retrospective.step == Step::Group;
    in_order(&desk.groups)
        .into_iter()
        .map(|(id, group)| GroupView {
            id: id.to_string(),
            name: group.name.clone(),
            votes: (!hidden).then(|| group.total()),
            cast: if hidden { std::collections::BTreeMap::new() } else { group.votes.clone() },
        })
        .collect()
}

fn agreed(desk: &Desk) -> Vec<ActionView> {
    let here = |action: &&Action| action.retrospective == desk.id;
    let mut actions: Vec<(&Uuid, &Action)> =
        desk.actions.iter().filter(|(_, action)| here(action)).collect();
    actions.sort_by_key(|(id, action)| (action.agreed_at, **id));
    actions.into_iter().map(|(id, action)| action_view(desk, *id, action)).collect()
}

pub(crate) fn action_view(desk: &Desk, id: Uuid, action: &Action) -> ActionView {
    let metric = action.metric.as_deref();
    let metric = metric.and_then(|metric| metric_of(&desk.office.programme, metric));
    let until = action.settled_at.unwrap_or(desk.office.now);
    let outcome = if action.settled_in == Some(desk.id) {
        action.state.word()
    } else if action.kept.contains(&desk.id) {
        "kept"
    } else {
        "undecided"
    };
    ActionView {
        id: id.to_string(),
        text: action.text.clone(),
        owner: action.owner.filter(|_| desk.has_owner(action)).map(|owner| desk.person(owner)),
        due_sprint: action
            .due_sprint
            .map(|sprint| PersonRef { id: sprint.to_string(), name: desk.sprint_name(sprint) }),
        seen_by: action.seen_by.clone(),
        direction: metric.as_ref().map(|_| action.direction.word().to_owned()),
        metric,
        target: action.target.word().to_owned(),
        notes: action.notes.iter().map(Uuid::to_string).collect(),
        insight: action.insight.map(|insight| insight.to_string()),
        supersedes: action.supersedes.map(|action| action.to_string()),
        state: action.state.word().to_owned(),
        reason: action.reason.clone(),
        carried: u32::try_from(action.kept.len()).unwrap_or(u32::MAX),
        age_days: days_between(action.agreed_at, until, desk.office.calendar.zone),
        outcome: outcome.to_owned(),
        from: desk.held_for(action.retrospective),
    }
}

/// Actions of all retrospectives; one that was rewritten counts once.
fn follow_through(desk: &Desk) -> FollowThrough {
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let actions = || desk.actions.values();
    let of = |state| number(actions().filter(|action| action.state == state).count());
    let zone = desk.office.calendar.zone;
    let open = actions().filter(|action| action.state == ActionState::Open);
    let mut ages: Vec<u32> =
        open.map(|action| days_between(action.agreed_at, desk.office.now, zone)).collect();
    ages.sort_unstable();
    FollowThrough {
        agreed: number(actions().count()) - of(ActionState::Superseded),
        done: of(ActionState::Done),
        open_age: ages.len().checked_sub(1).and_then(|last| ages.get(last / 2)).copied(),
        carried: number(actions().filter(|action| !action.kept.is_empty()).count()),
    }
}
