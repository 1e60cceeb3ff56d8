//! Words for `retro`.

use super::FormatWord;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// `retro`.
#[derive(Debug, Subcommand)]
pub enum Retro {
    /// The retrospective of a sprint, as Markdown
    Show {
        /// Name or id [default: the sprint that runs, else the last that ended]
        sprint: Option<String>,
    },
    /// Write it as a document
    Export(RetroExport),
    /// Tell an export in another form; needs nothing but the file
    Read {
        /// An export as JSON
        file: PathBuf,
        /// Form of the document
        #[arg(long, default_value = "md")]
        format: FormatWord,
    },
    /// Take the export of a closed retrospective in: the same document, its sprint and its actions
    Import {
        /// An export as JSON
        file: PathBuf,
    },
    /// Keep a note on this device until it is revealed
    Note(NoteWords),
    /// Reveal the notes of this device
    Reveal {
        /// Name or id of the sprint
        sprint: String,
    },
    /// Say who is there, choose format, authors and votes, go to a step
    Edit(Box<EditRetroWords>),
    /// Put notes into a group, name it, vote on it
    Group(GroupWords),
    /// Agree on an action
    Action(Box<ActionWords>),
    /// Print the formats, keep the team's own, or go back to those of the product
    Formats {
        /// Keep the formats of this file
        #[arg(long, value_name = "FILE", conflicts_with = "product")]
        keep: Option<PathBuf>,
        /// Go back to those of the product
        #[arg(long)]
        product: bool,
    },
    /// List open actions
    Actions,
    /// Mark an action done, carry it on, or drop it
    Decide(DecideWords),
    /// Close it
    Close {
        /// Name or id of the sprint
        sprint: String,
    },
    /// Open a closed one again
    Reopen {
        /// Name or id of the sprint
        sprint: String,
        /// Why
        #[arg(long)]
        reason: String,
    },
}

impl Retro {
    /// Nothing is to be changed.
    pub fn looks(&self) -> bool {
        matches!(
            self,
            Self::Show { .. }
                | Self::Export(_)
                | Self::Read { .. }
                | Self::Actions
                | Self::Formats { keep: None, product: false }
        )
    }
}

/// `retro export` and `report retro`.
#[derive(Debug, Args)]
pub struct RetroExport {
    /// Which document, and where it goes
    #[command(flatten)]
    pub document: SprintDocument,
    /// With notes that speak about people by name; they are left out otherwise, and counted
    #[arg(long)]
    pub with_people: bool,
}

/// A document of a sprint: `report sprint`, and those of its retrospective.
#[derive(Debug, Args)]
pub struct SprintDocument {
    /// Name or id [default: the sprint that runs, else the last that ended]
    pub sprint: Option<String>,
    /// Form of the document [default: by the ending of FILE, else md]
    #[arg(long)]
    pub format: Option<FormatWord>,
    /// Write to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// As it was known at the end of a past day
    #[arg(long, value_name = "DAY")]
    pub at: Option<String>,
}

/// `retro note`.
#[derive(Debug, Args)]
pub struct NoteWords {
    /// What it says
    pub text: String,
    /// Sprint [default: the one that runs, else the last that ended]
    #[arg(long, value_name = "SPRINT")]
    pub sprint: Option<String>,
    /// Column of the format
    #[arg(long)]
    pub column: Option<String>,
    /// Service it is about
    #[arg(long, value_name = "SERVICE")]
    pub service: Option<String>,
    /// Check it is about
    #[arg(long, value_name = "CHECK")]
    pub check: Option<String>,
}

/// `retro edit`.
#[derive(Debug, Args)]
pub struct EditRetroWords {
    /// Name or id of the sprint
    pub sprint: String,
    /// Who is there; may be repeated
    #[arg(long, value_name = "PERSON")]
    pub present: Vec<String>,
    /// Id of a format; `retro formats` prints them
    #[arg(long)]
    pub format: Option<String>,
    /// named, initials or unattributed
    #[arg(long)]
    pub authors: Option<String>,
    /// tallies or individual
    #[arg(long)]
    pub voting: Option<String>,
    /// open-actions, facts, notes, group, discuss, actions or close
    #[arg(long)]
    pub step: Option<String>,
    /// Go on though open actions wait; recorded with your name
    #[arg(long)]
    pub skip: bool,
    /// How many answered 1, 2, 3, 4 and 5 to: was it worth the time
    #[arg(long, value_name = "N,N,N,N,N", value_delimiter = ',')]
    pub return_on_time: Vec<u32>,
    /// How many answered 1, 2, 3, 4 and 5 to: do you trust the next sprint
    #[arg(long, value_name = "N,N,N,N,N", value_delimiter = ',')]
    pub confidence: Vec<u32>,
    /// Who leads the next sprint
    #[arg(long, value_name = "PERSON")]
    pub next_leader: Option<String>,
    /// Why, with --next-leader
    #[arg(long, requires = "next_leader")]
    pub reason: Option<String>,
}

/// `retro group`.
#[derive(Debug, Args)]
pub struct GroupWords {
    /// Name or id of the sprint
    pub sprint: String,
    /// Note that comes into the group, by the beginning of its id; may be repeated
    #[arg(long = "note", value_name = "NOTE")]
    pub notes: Vec<String>,
    /// Group, by the beginning of its id; `none` takes the notes out [default: a new one]
    #[arg(long)]
    pub group: Option<String>,
    /// Its name
    #[arg(long)]
    pub name: Option<String>,
    /// Votes on it
    #[arg(long)]
    pub votes: Option<u32>,
}

/// `retro action`.
#[derive(Debug, Args)]
pub struct ActionWords {
    /// What is to be done, beginning with a verb
    pub text: String,
    /// Name or id of the sprint whose retrospective agrees on it
    #[arg(long, value_name = "SPRINT")]
    pub sprint: String,
    /// Who does it
    #[arg(long, value_name = "PERSON")]
    pub owner: String,
    /// How the team will see that it worked
    #[arg(long, value_name = "TEXT")]
    pub seen_by: String,
    /// Sprint in which it is due [default: the next]
    #[arg(long, value_name = "SPRINT")]
    pub due: Option<String>,
    /// Metric that shall move, or `check:ID`
    #[arg(long, requires = "direction")]
    pub metric: Option<String>,
    /// up or down
    #[arg(long)]
    pub direction: Option<String>,
    /// team, playbook, tool or outside
    #[arg(long)]
    pub target: Option<String>,
    /// New action that is dropped for it
    #[arg(long, value_name = "ACTION")]
    pub instead_of: Option<String>,
    /// Action from before that is rewritten, smaller
    #[arg(long, value_name = "ACTION")]
    pub supersedes: Option<String>,
}

/// What becomes of an action.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum DecisionWord {
    /// It is done
    Done,
    /// It is carried on
    Keep,
    /// It is given up
    Drop,
}

/// `retro decide`.
#[derive(Debug, Args)]
pub struct DecideWords {
    /// Action, by the beginning of its id
    pub action: String,
    /// What becomes of it
    pub decision: DecisionWord,
    /// Sprint whose retrospective decides
    #[arg(long, value_name = "SPRINT")]
    pub sprint: Option<String>,
    /// Why, or how
    #[arg(long)]
    pub reason: Option<String>,
    /// Who does it from now on
    #[arg(long, value_name = "PERSON")]
    pub owner: Option<String>,
}
