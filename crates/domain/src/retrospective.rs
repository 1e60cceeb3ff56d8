//! Retrospectives: what a team says about a sprint and agrees on. A retrospective, its notes,
//! groups, insights and actions are things of the present, kept by registers. What is deliberately
//! absent: private notes, which stay on the device until their author reveals them, and the facts
//! of the sprint, which are rendered from the log up to the position kept here.

mod formats;
mod rules;

pub use formats::{Column, Format, MAX_FORMATS, formats, read_formats, written};
pub use rules::{
    ACTIONS, CARRIES, Refusal, VOTES_EACH, VOTES_ON_ONE, before, carry, closable, in_order,
    may_open_notes, new_actions, ratings, undecided, votes,
};

use crate::Millis;
use crate::change::{Change, Entity, Kind, path, pieces};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Declares a closed set of words, which are the same in the log, on the command line and in the
/// window.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$line:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name { $($(#[$line])* $variant),+ }

        impl $name {
            /// All of them, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// Reads a word, without regard to case; blanks and `_` stand for `-`.
            pub fn from_word(word: &str) -> Option<Self> {
                let word = word.trim().to_lowercase().replace(['_', ' '], "-");
                Self::ALL.iter().copied().find(|known| known.word() == word)
            }
        }
    };
}

words! {
    /// How notes name their authors. One screen cannot promise more.
    Authors {
        /// By name.
        #[default]
        Named = "named",
        /// By initials.
        Initials = "initials",
        /// Not at all; no author is stored, and nobody can bring him back.
        Unattributed = "unattributed",
    }
}

words! {
    /// How votes are entered. They are stored alike: votes by group.
    Voting {
        /// A count a group, for the whole room.
        #[default]
        Tallies = "tallies",
        /// Each for himself.
        Individual = "individual",
    }
}

words! {
    /// The steps of a retrospective, in their order.
    Step {
        /// Open actions from before.
        #[default]
        OpenActions = "open-actions",
        /// The facts of the sprint, read together.
        Facts = "facts",
        /// Notes, each for himself, then revealed.
        Notes = "notes",
        /// Groups, and votes on them.
        Group = "group",
        /// The groups with most votes, one after the other.
        Discuss = "discuss",
        /// At most three actions.
        Actions = "actions",
        /// Return on time, confidence, who leads next, thanks.
        Close = "close",
    }
}

impl Step {
    /// How long it takes by default, in minutes; a timer advises and cuts nobody off.
    pub fn minutes(self) -> u32 {
        match self {
            Self::OpenActions => 5,
            Self::Facts | Self::Notes => 10,
            Self::Group | Self::Actions => 8,
            Self::Discuss => 15,
            Self::Close => 4,
        }
    }
}

words! {
    /// What an action changes.
    Target {
        /// How the team works.
        #[default]
        Team = "team",
        /// The playbook: closed when a version with the change is adopted.
        Playbook = "playbook",
        /// A tool.
        Tool = "tool",
        /// Something that others decide.
        Outside = "outside",
    }
}

words! {
    /// Where an action stands.
    ActionState {
        /// To be done.
        #[default]
        Open = "open",
        /// Done.
        Done = "done",
        /// Given up, with a reason.
        Dropped = "dropped",
        /// Another one, smaller, took its place.
        Superseded = "superseded",
    }
}

words! {
    /// Where a metric shall go.
    Direction {
        /// Less of it.
        #[default]
        Down = "down",
        /// More of it.
        Up = "up",
    }
}

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

/// Registers as they are filled.
#[derive(Default)]
struct Registers(BTreeMap<String, Value>);

impl Registers {
    fn set(&mut self, register: &str, value: impl Into<Value>) {
        self.0.insert(register.to_owned(), value.into());
    }

    fn some(&mut self, register: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.set(register, value);
        }
    }

    fn elements<T: ToString>(&mut self, set: &str, elements: &BTreeSet<T>) {
        for element in elements {
            let register = path::element(set, &element.to_string());
            self.set(&register, true);
        }
    }
}

/// Registers as they are read; what does not fit is as if it were unset.
struct Reader<'a>(&'a Entity);

impl<'a> Reader<'a> {
    fn of(entity: &'a Entity, kind: Kind) -> Option<Self> {
        (entity.kind() == Some(kind) && entity.lives()).then_some(Self(entity))
    }

    fn id(&self, register: &str) -> Option<Uuid> {
        self.0.text(register).and_then(|id| Uuid::try_parse(id).ok())
    }

    fn ids(&self, set: &str) -> BTreeSet<Uuid> {
        self.0.set(set).iter().filter_map(|id| Uuid::try_parse(id).ok()).collect()
    }

    fn number(&self, register: &str) -> Option<Millis> {
        self.0.registers.get(register)?.as_i64()
    }

    fn word<T: Default>(&self, register: &str, read: fn(&str) -> Option<T>) -> T {
        self.0.text(register).and_then(read).unwrap_or_default()
    }

    fn json<T: for<'de> Deserialize<'de>>(&self, register: &str) -> Option<T> {
        serde_json::from_value(self.0.registers.get(register)?.clone()).ok()
    }

    fn values<T: for<'de> Deserialize<'de>>(
        &self,
        map: &'static str,
    ) -> impl Iterator<Item = (String, T)> + '_ {
        self.0.registers.iter().filter_map(move |(register, value)| {
            let element = path::element_of(register, map)?;
            Some((element, serde_json::from_value(value.clone()).ok()?))
        })
    }

    fn counts(&self, map: &'static str) -> [u32; 5] {
        let mut counts = [0; 5];
        for (rating, count) in self.values::<u32>(map) {
            let place = rating.parse::<usize>().ok().and_then(|rating| rating.checked_sub(1));
            if let Some(slot) = place.and_then(|place| counts.get_mut(place)) {
                *slot = count;
            }
        }
        counts
    }
}

#[cfg(test)]
mod tests;
