//! Retrospectives: what a team says about a sprint and agrees on. A retrospective, its notes,
//! groups, insights and actions are things of the present, kept by registers. What is deliberately
//! absent: private notes, which stay on the device until their author reveals them, and the facts
//! of the sprint, which are rendered from the log up to the position kept here.

mod action;
mod formats;
mod notes;
mod registers;
mod rules;
mod words;

pub use action::Action;
pub use formats::{Column, Format, MAX_FORMATS, formats, read_formats, written};
pub use notes::{Author, Group, Insight, Note};
pub use rules::{
    ACTIONS, CARRIES, Refusal, VOTES_EACH, VOTES_ON_ONE, before, carry, closable, in_order,
    may_open_notes, new_actions, ratings, undecided, votes,
};
pub use words::{ActionState, Authors, Direction, Step, Target, Voting};

use crate::Millis;
use crate::change::{Change, Entity, Kind, path, pieces};
use registers::{Reader, Registers};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// The one retrospective that a sprint has: two people who open it make one.
pub fn of_sprint(sprint: Uuid) -> Uuid {
    Uuid::new_v5(&sprint, b"retrospective")
}

/// Something that is kept by registers.
pub trait Kept: Sized {
    /// What it is.
    const KIND: Kind;

    /// Its registers; what is unset is left out.
    fn registers(&self) -> BTreeMap<String, Value>;

    /// Reads it; none where it is another thing, deleted, or not whole.
    fn read(entity: &Entity) -> Option<Self>;

    /// The changes that make it.
    fn create(&self, entity: Uuid) -> Vec<Change> {
        let mut changes = vec![Change::Created { entity, kind: Self::KIND }];
        let set = |(register, value)| Change::field(entity, register, value);
        changes.extend(self.registers().into_iter().map(set));
        changes
    }

    /// The changes that turn `before` into it: what is the same is not written, so that two people
    /// who change different things do not undo each other.
    fn amend(&self, entity: Uuid, before: &Self) -> Vec<Change> {
        let (old, new) = (before.registers(), self.registers());
        let unset = old.keys().filter(|register| !new.contains_key(*register));
        let unset = unset.map(|register| Change::field(entity, register.as_str(), Value::Null));
        let set = new.iter().filter(|(register, value)| old.get(*register) != Some(value));
        let set =
            set.map(|(register, value)| Change::field(entity, register.as_str(), value.clone()));
        unset.chain(set).collect()
    }
}

/// Where the log stood when the facts were frozen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frozen {
    /// The moment of the facts.
    pub moment: Millis,
    /// The last sequence of every device that was in the log, by the device's id in hexadecimal.
    pub position: BTreeMap<String, u64>,
}

/// A closing, or a reopening with its reason. Earlier ones stay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revision {
    /// Closed, or opened again.
    pub closed: bool,
    /// When.
    pub at: Millis,
    /// By whom.
    pub by: Uuid,
    /// Why it was opened again.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

/// Somebody doubts a fact. The fact stays; a correction is to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doubt {
    /// What is wrong with it.
    pub comment: String,
    /// Who says so.
    pub by: Uuid,
}

/// Thanks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kudos {
    /// To whom.
    pub to: Uuid,
    /// For what.
    pub text: String,
}

/// A retrospective.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Retrospective {
    /// The sprint.
    pub sprint: Uuid,
    /// Id of its format.
    pub format: String,
    /// How notes name their authors.
    pub authors: Authors,
    /// How votes are entered.
    pub voting: Voting,
    /// Who is there.
    pub present: BTreeSet<Uuid>,
    /// Where the room is.
    pub step: Step,
    /// Who decided to go on without looking at all open actions.
    pub skipped_by: Option<Uuid>,
    /// When its notes were revealed.
    pub revealed: Option<Millis>,
    /// Where the log stood when its facts were frozen.
    pub frozen: Option<Frozen>,
    /// Facts that somebody doubts, by the figure's id.
    pub doubts: BTreeMap<String, Doubt>,
    /// Closings and reopenings, oldest first.
    pub revisions: Vec<Revision>,
    /// How many said that it was worth its time: from 1 (lost) to 5 (more than it cost).
    pub return_on_time: [u32; 5],
    /// How many trust the next sprint, from 1 to 5.
    pub confidence: [u32; 5],
    /// Who leads the next sprint, and why.
    pub next_leader: Option<(Uuid, String)>,
    /// Who works with whom in the next sprint, and why.
    pub pairs: BTreeMap<BTreeSet<Uuid>, String>,
    /// Thanks, by id.
    pub kudos: BTreeMap<Uuid, Kudos>,
    /// The export that it was read from, where another programme held it: it stays as it is.
    pub imported: String,
}

impl Retrospective {
    /// Whether it is closed now.
    pub fn is_closed(&self) -> bool {
        self.revisions.last().is_some_and(|revision| revision.closed)
    }

    /// When it was first closed.
    pub fn closed_at(&self) -> Option<Millis> {
        self.revisions.iter().find(|revision| revision.closed).map(|revision| revision.at)
    }
}

impl Kept for Retrospective {
    const KIND: Kind = Kind::Retrospective;

    fn registers(&self) -> BTreeMap<String, Value> {
        let mut all = Registers::default();
        all.set("sprint", self.sprint.to_string());
        all.set("format", self.format.as_str());
        all.set("authors", self.authors.word());
        all.set("voting", self.voting.word());
        all.elements("present", &self.present);
        all.set("step", self.step.word());
        all.some("skipped_by", self.skipped_by.map(|person| person.to_string()));
        all.some("revealed", self.revealed);
        all.some("frozen", self.frozen.as_ref().map(|frozen| json!(frozen)));
        for (figure, doubt) in &self.doubts {
            all.set(&path::element("doubts", figure), json!(doubt));
        }
        for (number, revision) in self.revisions.iter().enumerate() {
            all.set(&path::element("revisions", &format!("{number:04}")), json!(revision));
        }
        for (set, counts) in
            [("return_on_time", &self.return_on_time), ("confidence", &self.confidence)]
        {
            for (place, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
                all.set(&path::element(set, &(place + 1).to_string()), *count);
            }
        }
        all.some("next_leader", self.next_leader.as_ref().map(|(person, _)| person.to_string()));
        all.some("next_leader_reason", self.next_leader.as_ref().map(|(_, why)| why.as_str()));
        for (people, why) in &self.pairs {
            let people: Vec<String> = people.iter().map(Uuid::to_string).collect();
            all.set(&path::element("pairs", &people.join("+")), why.as_str());
        }
        for (id, kudos) in &self.kudos {
            all.set(&path::element("kudos", &id.to_string()), json!(kudos));
        }
        for (register, piece) in pieces("imported", &self.imported) {
            all.set(&register, piece);
        }
        all.0
    }

    fn read(entity: &Entity) -> Option<Self> {
        let of = Reader::of(entity, Self::KIND)?;
        let next_leader = of.id("next_leader");
        let why = entity.text("next_leader_reason").unwrap_or_default().to_owned();
        Some(Self {
            sprint: of.id("sprint")?,
            format: entity.text("format").unwrap_or_default().to_owned(),
            authors: of.word("authors", Authors::from_word),
            voting: of.word("voting", Voting::from_word),
            present: of.ids("present"),
            step: of.word("step", Step::from_word),
            skipped_by: of.id("skipped_by"),
            revealed: of.number("revealed"),
            frozen: of.json("frozen"),
            doubts: of.values("doubts").collect(),
            revisions: of.values("revisions").map(|(_, revision)| revision).collect(),
            return_on_time: of.counts("return_on_time"),
            confidence: of.counts("confidence"),
            next_leader: next_leader.map(|person| (person, why)),
            pairs: of
                .values::<String>("pairs")
                .map(|(people, why)| {
                    (people.split('+').filter_map(|id| Uuid::try_parse(id).ok()).collect(), why)
                })
                .collect(),
            kudos: of
                .values("kudos")
                .filter_map(|(id, kudos)| Some((Uuid::try_parse(&id).ok()?, kudos)))
                .collect(),
            imported: of.values::<String>("imported").map(|(_, piece)| piece).collect(),
        })
    }
}

#[cfg(test)]
mod tests;
