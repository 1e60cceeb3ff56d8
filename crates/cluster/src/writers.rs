//! Who changed a workload, and how sure we are. The server records, per field, the *name* that a
//! client gave and one time per entry: neither a log nor an identity. What is deliberately absent:
//! any guess. A name that laptops and pipelines share stays ambiguous until the team declares its
//! own ([`classify::Rules`]) or the rollout bears the mark of a run ([`markers`]).

pub mod classify;
mod fields;
pub mod markers;

use crate::shape::Moment;
use crate::shape::lenient::Loose;
use serde::de::SeqAccess;
use serde::{Deserialize, Serialize};

/// How a client wrote.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Operation {
    /// By replacing or patching.
    #[default]
    Update,
    /// By server-side apply.
    Apply,
}

impl Operation {
    /// The word as the cluster writes it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Update => "Update",
            Self::Apply => "Apply",
        }
    }
}

impl Loose for Operation {
    fn text(text: &str) -> Self {
        if text == "Apply" { Self::Apply } else { Self::Update }
    }
}

/// Kinds of change, told apart by path, so that a restart or a scale is not called a deploy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Owns(u8);

impl Owns {
    /// The image of a container.
    pub const IMAGE: Self = Self(1);
    /// The rest of the template.
    pub const CONFIG: Self = Self(2);
    /// Only the mark of a restart.
    pub const RESTART: Self = Self(4);
    /// The number of replicas.
    pub const SCALE: Self = Self(8);
    /// Whether it is paused.
    pub const PAUSED: Self = Self(16);
    /// Any other part of the specification.
    pub const OTHER: Self = Self(32);
    /// Labels and annotations of the object: never drift.
    pub const METADATA: Self = Self(64);
    /// Status.
    pub const STATUS: Self = Self(128);

    /// All that belongs to the template.
    pub const TEMPLATE: Self = Self(1 | 2 | 4);
    /// All that belongs to the specification.
    pub const SPEC: Self = Self(1 | 2 | 4 | 8 | 16 | 32);

    /// Whether any of these is among them.
    pub fn any(self, of: Self) -> bool {
        self.0 & of.0 != 0
    }

    fn add(&mut self, more: Self) {
        self.0 |= more.0;
    }
}

/// What one client wrote, in one way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// The name it gave; empty where it gave none.
    pub manager: Box<str>,
    /// How it wrote.
    pub operation: Operation,
    /// `status` or `scale`; empty for the object itself.
    pub subresource: Box<str>,
    /// When it last changed any of its fields: for each of them, *not later than*.
    pub at: Option<Moment>,
    /// What it owns.
    pub owns: Owns,
    /// Containers whose image it owns.
    pub images: Box<[Box<str>]>,
    /// Whether it owns the images of all containers, because the record ends above them.
    pub all_images: bool,
    /// Some of the fields of the specification that it owns.
    pub paths: Box<[Box<str>]>,
    /// How many more there are.
    pub more_paths: u32,
}

impl Entry {
    /// Whether it owns the image of this container through the object itself.
    pub fn owns_image(&self, container: &str) -> bool {
        self.subresource.is_empty()
            && (self.all_images || self.images.iter().any(|name| **name == *container))
    }
}

/// Who wrote which field of an object, summarised before `managedFields` are dropped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Writers {
    /// One entry per client, operation and subresource, in a fixed order.
    pub entries: Box<[Entry]>,
}

impl Writers {
    /// Whether nothing is recorded at all.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Entries that own the image of a container.
    pub fn of_image(&self, container: &str) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| entry.owns_image(container))
    }

    /// Entries that own something through the object itself.
    pub fn of(&self, owns: Owns) -> impl Iterator<Item = &Entry> {
        self.entries
            .iter()
            .filter(move |entry| entry.subresource.is_empty() && entry.owns.any(owns))
    }
}

impl Loose for Writers {
    fn list<'de, A: SeqAccess<'de>>(list: A) -> Result<Self, A::Error> {
        Vec::<fields::Wire>::list(list).map(fields::summarise)
    }
}
