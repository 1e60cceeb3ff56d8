//! The rules of a retrospective. They are pure: what is asked for, and whether it may be.

use super::{Action, ActionState, Group, Retrospective, Voting};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use uuid::Uuid;

/// New actions of one retrospective.
pub const ACTIONS: usize = 3;
/// At this carry an action is done, dropped or rewritten smaller.
pub const CARRIES: usize = 3;
/// Votes that each person has.
pub const VOTES_EACH: u32 = 3;
/// Votes that one person may put on one group.
pub const VOTES_ON_ONE: u32 = 2;

/// Why something may not be. Each says what happened and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is closed.
    #[error("This retrospective is closed. Reopen it with a reason first.")]
    Closed,
    /// Open actions come first.
    #[error(
        "{0} open actions from before wait for a decision. Mark each done, kept or dropped, or go \
         on without, which is recorded with your name."
    )]
    OpenActionsFirst(usize),
    /// The third carry.
    #[error(
        "This action was carried twice already. A third time it must be done, dropped, or \
         rewritten smaller."
    )]
    ThirdCarry,
    /// It is settled.
    #[error("This action is {0} already.")]
    Settled(&'static str),
    /// Too many new ones.
    #[error("A retrospective agrees on at most 3 new actions. Say which of these to drop: {0}.")]
    TooManyActions(String),
    /// Nobody is said to be there.
    #[error("Nobody is marked as present. Say who is there first.")]
    NobodyPresent,
    /// Not there.
    #[error("Only people who are present vote.")]
    NotPresent,
    /// Over the budget of the room.
    #[error("{0} votes are more than the room has: 3 for each of {1} people make {2}.")]
    RoomBudget(u32, u32, u32),
    /// Over a person's budget.
    #[error("Each person has 3 votes; this would make {0}.")]
    PersonBudget(u32),
    /// Too many on one group.
    #[error("At most 2 votes of one person go to one group.")]
    TooManyOnOne,
    /// More ratings than people.
    #[error("{0} answers are more than the {1} people who are present.")]
    TooManyRatings(u32, u32),
    /// It was not closed.
    #[error("This retrospective is open already.")]
    Open,
}

/// Actions that a retrospective looks at first: those from others that were open when it was held.
/// Those without an owner come first (`has_owner` says who is still there), then the oldest.
pub fn before<'a>(
    id: Uuid,
    retrospective: &Retrospective,
    actions: &'a BTreeMap<Uuid, Action>,
    has_owner: impl Fn(&Action) -> bool,
) -> Vec<(Uuid, &'a Action)> {
    let closed = retrospective.closed_at().unwrap_or(i64::MAX);
    let was_open = |action: &Action| {
        action.settled_in == Some(id) || action.settled_at.is_none_or(|settled| settled > closed)
    };
    let mut found: Vec<(Uuid, &Action)> = actions
        .iter()
        .filter(|(_, action)| action.retrospective != id && action.agreed_at <= closed)
        .filter(|(_, action)| was_open(action))
        .map(|(id, action)| (*id, action))
        .collect();
    found.sort_by_key(|(id, action)| (has_owner(action), action.agreed_at, *id));
    found
}

/// How many of them nobody has decided on in this retrospective.
pub fn undecided(id: Uuid, before: &[(Uuid, &Action)]) -> usize {
    let open = |action: &Action| action.settled_in != Some(id) && !action.kept.contains(&id);
    before.iter().filter(|(_, action)| open(action)).count()
}

/// Step 1 is behind the room: everything is decided on, or somebody said to go on without.
pub fn may_open_notes(
    id: Uuid,
    retrospective: &Retrospective,
    before: &[(Uuid, &Action)],
) -> Result<(), Refusal> {
    match undecided(id, before) {
        0 => Ok(()),
        _ if retrospective.skipped_by.is_some() => Ok(()),
        open => Err(Refusal::OpenActionsFirst(open)),
    }
}

/// The action, carried on in a retrospective.
pub fn carry(action: &Action, retrospective: Uuid) -> Result<Action, Refusal> {
    if action.state != ActionState::Open {
        return Err(Refusal::Settled(action.state.word()));
    }
    let mut carried = action.clone();
    carried.kept.insert(retrospective);
    if carried.kept.len() >= CARRIES && !action.kept.contains(&retrospective) {
        return Err(Refusal::ThirdCarry);
    }
    Ok(carried)
}

/// The new actions of a retrospective that count against its limit; one that was rewritten is not
/// new.
pub fn new_actions(id: Uuid, actions: &BTreeMap<Uuid, Action>) -> Vec<(Uuid, &Action)> {
    let stands = |action: &Action| {
        action.retrospective == id
            && action.supersedes.is_none()
            && !matches!(action.state, ActionState::Dropped | ActionState::Superseded)
    };
    let mut found: Vec<(Uuid, &Action)> =
        actions.iter().filter(|(_, action)| stands(action)).map(|(id, a)| (*id, a)).collect();
    found.sort_by_key(|(id, action)| (action.agreed_at, *id));
    found
}

/// Whether somebody may put so many votes on a group, in place of those he put there before.
pub fn votes(
    retrospective: &Retrospective,
    groups: &BTreeMap<Uuid, Group>,
    group: Uuid,
    voter: &str,
    count: u32,
) -> Result<(), Refusal> {
    let people = u32::try_from(retrospective.present.len()).unwrap_or(u32::MAX);
    if people == 0 {
        return Err(Refusal::NobodyPresent);
    }
    let others = groups.iter().filter(|(id, _)| **id != group);
    let of_voter = |(_, group): (&Uuid, &Group)| group.votes.get(voter).copied().unwrap_or(0);
    let total = others.map(of_voter).sum::<u32>().saturating_add(count);
    match retrospective.voting {
        Voting::Tallies => {
            let budget = VOTES_EACH.saturating_mul(people);
            let fits = total <= budget;
            fits.then_some(()).ok_or(Refusal::RoomBudget(total, people, budget))
        }
        Voting::Individual => {
            let present = |person: &Uuid| person.to_string() == voter;
            if !retrospective.present.iter().any(present) {
                Err(Refusal::NotPresent)
            } else if count > VOTES_ON_ONE {
                Err(Refusal::TooManyOnOne)
            } else if total > VOTES_EACH {
                Err(Refusal::PersonBudget(total))
            } else {
                Ok(())
            }
        }
    }
}

/// Whether so many answers can come from the people who are there.
pub fn ratings(retrospective: &Retrospective, counts: [u32; 5]) -> Result<(), Refusal> {
    let people = u32::try_from(retrospective.present.len()).unwrap_or(u32::MAX);
    let total = counts.iter().copied().fold(0, u32::saturating_add);
    (total <= people).then_some(()).ok_or(Refusal::TooManyRatings(total, people))
}

/// Whether it may be closed now.
pub fn closable(
    id: Uuid,
    retrospective: &Retrospective,
    before: &[(Uuid, &Action)],
) -> Result<(), Refusal> {
    if retrospective.is_closed() {
        return Err(Refusal::Closed);
    }
    may_open_notes(id, retrospective, before)
}

/// Groups in the order in which they are discussed: most votes first.
pub fn in_order(groups: &BTreeMap<Uuid, Group>) -> Vec<(Uuid, &Group)> {
    let mut ordered: Vec<(Uuid, &Group)> = groups.iter().map(|(id, group)| (*id, group)).collect();
    ordered.sort_by_key(|(id, group)| (Reverse(group.total()), group.name.to_lowercase(), *id));
    ordered
}
