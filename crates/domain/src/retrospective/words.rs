//! The closed sets of words of retrospectives.

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
