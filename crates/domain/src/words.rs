//! The words of the programme that are closed sets. Their text form is the same in the log, on the
//! command line and in the window.

use serde::{Deserialize, Serialize};

/// What a node of the inventory is. Only [`NodeClass::Service`] enters stages and percentages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NodeClass {
    /// A program of the team's own, or a gateway carrying the team's own routes.
    Service,
    /// A database, cache, queue or object store.
    Datastore,
    /// Telemetry, registries, configuration servers, feature flags.
    Platform,
    /// Makes artificial traffic.
    #[serde(rename = "load generator")]
    LoadGenerator,
    /// Outside the team's systems.
    External,
}

impl NodeClass {
    /// All classes, in the order lists show them.
    pub const ALL: [Self; 5] =
        [Self::Service, Self::Datastore, Self::Platform, Self::LoadGenerator, Self::External];

    /// The word, as written in the log, on the command line and in the window.
    pub fn word(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Datastore => "datastore",
            Self::Platform => "platform",
            Self::LoadGenerator => "load generator",
            Self::External => "external",
        }
    }

    /// Reads a word; `load_generator` and `load-generator` are accepted too.
    pub fn from_word(word: &str) -> Option<Self> {
        let word = word.trim().to_lowercase().replace(['_', '-'], " ");
        Self::ALL.into_iter().find(|class| class.word() == word)
    }
}

/// What kind of evidence stands behind a dependency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DependencyKind {
    /// A file says that one starts after the other (`depends_on`, `links`).
    StartOrder,
    /// A catalogue or a person says that one needs the other.
    Declared,
    /// A catalogue says that one consumes an interface that the other provides.
    Interface,
}

impl DependencyKind {
    /// The word, as written in the log, on the command line and in the window.
    pub fn word(self) -> &'static str {
        match self {
            Self::StartOrder => "start_order",
            Self::Declared => "declared",
            Self::Interface => "interface",
        }
    }
}

/// Effort of a move, as a team estimates it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Effort {
    /// A day.
    Small,
    /// Some days.
    Medium,
    /// A week.
    Large,
    /// Longer: cut it.
    ExtraLarge,
}

impl Effort {
    /// From small to large.
    pub const ALL: [Self; 4] = [Self::Small, Self::Medium, Self::Large, Self::ExtraLarge];

    /// The word, as written in the log, on the command line and in the window.
    pub fn word(self) -> &'static str {
        match self {
            Self::Small => "S",
            Self::Medium => "M",
            Self::Large => "L",
            Self::ExtraLarge => "XL",
        }
    }

    /// Reads a word, without regard to case.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|effort| effort.word().eq_ignore_ascii_case(word.trim()))
    }
}

/// How hard a move is, by kind rather than by size: progress is shown by it, so that an easy
/// half does not pass for half of the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Difficulty {
    /// Like one that was moved already.
    Easy,
    /// Needs some of its own.
    Moderate,
    /// State, many neighbours, or nobody who knows it.
    Hard,
}

impl Difficulty {
    /// From easy to hard.
    pub const ALL: [Self; 3] = [Self::Easy, Self::Moderate, Self::Hard];

    /// The word, as written in the log, on the command line and in the window.
    pub fn word(self) -> &'static str {
        match self {
            Self::Easy => "easy",
            Self::Moderate => "moderate",
            Self::Hard => "hard",
        }
    }

    /// Reads a word, without regard to case.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.word().eq_ignore_ascii_case(word.trim()))
    }
}
