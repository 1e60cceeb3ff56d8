//! What people say: notes, their groups, and what the room understood.

use super::Kept;
use super::registers::{Reader, Registers};
use crate::change::{Entity, Kind, path};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Who wrote a note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Author {
    /// By name.
    Person(Uuid),
    /// By initials.
    Initials(String),
}

/// A note that was revealed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Note {
    /// Its retrospective.
    pub retrospective: Uuid,
    /// What it says.
    pub text: String,
    /// Id of its column.
    pub column: String,
    /// Who wrote it; none where notes are unattributed.
    pub author: Option<Author>,
    /// The service it is about.
    pub service: Option<Uuid>,
    /// The check it is about.
    pub check: Option<String>,
    /// Facts it speaks of, by the figure's id.
    pub facts: BTreeSet<String>,
    /// The group it is in.
    pub group: Option<Uuid>,
}

impl Kept for Note {
    const KIND: Kind = Kind::Note;

    fn registers(&self) -> BTreeMap<String, Value> {
        let mut all = Registers::default();
        all.set("retrospective", self.retrospective.to_string());
        all.set("text", self.text.as_str());
        all.set("column", self.column.as_str());
        match &self.author {
            Some(Author::Person(person)) => all.set("author", person.to_string()),
            Some(Author::Initials(initials)) => all.set("initials", initials.as_str()),
            None => {}
        }
        all.some("service", self.service.map(|service| service.to_string()));
        all.some("check", self.check.as_deref());
        all.elements("facts", &self.facts);
        all.some("group", self.group.map(|group| group.to_string()));
        all.0
    }

    fn read(entity: &Entity) -> Option<Self> {
        let of = Reader::of(entity, Self::KIND)?;
        let initials = || entity.text("initials").map(|text| Author::Initials(text.to_owned()));
        Some(Self {
            retrospective: of.id("retrospective")?,
            text: entity.text("text")?.to_owned(),
            column: entity.text("column").unwrap_or_default().to_owned(),
            author: of.id("author").map(Author::Person).or_else(initials),
            service: of.id("service"),
            check: entity.text("check").map(str::to_owned),
            facts: entity.set("facts").into_iter().collect(),
            group: of.id("group"),
        })
    }
}

/// Notes that belong together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// Its retrospective.
    pub retrospective: Uuid,
    /// What they have in common.
    pub name: String,
    /// Votes by who cast them: [`Group::ROOM`], or a person's id.
    pub votes: BTreeMap<String, u32>,
}

impl Group {
    /// Who casts the votes of a whole room.
    pub const ROOM: &'static str = "room";

    /// All votes on it.
    pub fn total(&self) -> u32 {
        self.votes.values().sum()
    }
}

impl Kept for Group {
    const KIND: Kind = Kind::Group;

    fn registers(&self) -> BTreeMap<String, Value> {
        let mut all = Registers::default();
        all.set("retrospective", self.retrospective.to_string());
        all.set(path::NAME, self.name.as_str());
        for (voter, count) in self.votes.iter().filter(|(_, count)| **count > 0) {
            all.set(&path::element("votes", voter), *count);
        }
        all.0
    }

    fn read(entity: &Entity) -> Option<Self> {
        let of = Reader::of(entity, Self::KIND)?;
        Some(Self {
            retrospective: of.id("retrospective")?,
            name: entity.name().to_owned(),
            votes: of.values("votes").collect(),
        })
    }
}

/// What the room understood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Insight {
    /// Its retrospective.
    pub retrospective: Uuid,
    /// What it says.
    pub statement: String,
    /// Notes that led to it.
    pub notes: BTreeSet<Uuid>,
    /// Facts that led to it, by the figure's id.
    pub facts: BTreeSet<String>,
}

impl Kept for Insight {
    const KIND: Kind = Kind::Insight;

    fn registers(&self) -> BTreeMap<String, Value> {
        let mut all = Registers::default();
        all.set("retrospective", self.retrospective.to_string());
        all.set("statement", self.statement.as_str());
        all.elements("notes", &self.notes);
        all.elements("facts", &self.facts);
        all.0
    }

    fn read(entity: &Entity) -> Option<Self> {
        let of = Reader::of(entity, Self::KIND)?;
        Some(Self {
            retrospective: of.id("retrospective")?,
            statement: entity.text("statement")?.to_owned(),
            notes: of.ids("notes"),
            facts: entity.set("facts").into_iter().collect(),
        })
    }
}
