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
}

impl DependencyKind {
    /// The word, as written in the log, on the command line and in the window.
    pub fn word(self) -> &'static str {
        match self {
            Self::StartOrder => "start_order",
        }
    }
}
