//! What people agree on.

use super::registers::{Reader, Registers};
use super::{ActionState, Direction, Kept, Target};
use crate::Millis;
use crate::change::{Entity, Kind, path};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// What somebody will do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Action {
    /// The retrospective that agreed on it.
    pub retrospective: Uuid,
    /// What is to be done, beginning with a verb.
    pub text: String,
    /// Who does it: one person.
    pub owner: Option<Uuid>,
    /// The sprint in which it is due; none: the one after.
    pub due_sprint: Option<Uuid>,
    /// How the team will see that it worked.
    pub seen_by: String,
    /// The metric that shall move.
    pub metric: Option<String>,
    /// Where it shall go.
    pub direction: Direction,
    /// What it changes.
    pub target: Target,
    /// Notes it comes from.
    pub notes: BTreeSet<Uuid>,
    /// The insight it comes from.
    pub insight: Option<Uuid>,
    /// The action whose place it took.
    pub supersedes: Option<Uuid>,
    /// When it was agreed on.
    pub agreed_at: Millis,
    /// Where it stands.
    pub state: ActionState,
    /// Why it was dropped, or how it was done.
    pub reason: String,
    /// When it left *open*.
    pub settled_at: Option<Millis>,
    /// The retrospective in which it did.
    pub settled_in: Option<Uuid>,
    /// Retrospectives in which it was carried on.
    pub kept: BTreeSet<Uuid>,
}

impl Kept for Action {
    const KIND: Kind = Kind::Action;

    fn registers(&self) -> BTreeMap<String, Value> {
        let text = |id: Option<Uuid>| id.map(|id| id.to_string());
        let filled = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let mut all = Registers::default();
        all.set("retrospective", self.retrospective.to_string());
        all.set("text", self.text.as_str());
        all.some(path::OWNER, text(self.owner));
        all.some("due_sprint", text(self.due_sprint));
        all.set("seen_by", self.seen_by.as_str());
        all.some("metric", self.metric.as_deref());
        all.some("direction", self.metric.as_ref().map(|_| self.direction.word()));
        all.set("target", self.target.word());
        all.elements("notes", &self.notes);
        all.some("insight", text(self.insight));
        all.some("supersedes", text(self.supersedes));
        all.set("agreed_at", self.agreed_at);
        all.set("state", self.state.word());
        all.some("reason", filled(&self.reason));
        all.some("settled_at", self.settled_at);
        all.some("settled_in", text(self.settled_in));
        all.elements("kept", &self.kept);
        all.0
    }

    fn read(entity: &Entity) -> Option<Self> {
        let of = Reader::of(entity, Self::KIND)?;
        let text = |register| entity.text(register).unwrap_or_default().to_owned();
        Some(Self {
            retrospective: of.id("retrospective")?,
            text: entity.text("text")?.to_owned(),
            owner: of.id(path::OWNER),
            due_sprint: of.id("due_sprint"),
            seen_by: text("seen_by"),
            metric: entity.text("metric").map(str::to_owned),
            direction: of.word("direction", Direction::from_word),
            target: of.word("target", Target::from_word),
            notes: of.ids("notes"),
            insight: of.id("insight"),
            supersedes: of.id("supersedes"),
            agreed_at: of.number("agreed_at").unwrap_or_default(),
            state: of.word("state", ActionState::from_word),
            reason: text("reason"),
            settled_at: of.number("settled_at"),
            settled_in: of.id("settled_in"),
            kept: of.ids("kept"),
        })
    }
}
