//! Who is working, on which programme, and what the last action was.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// No arguments.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// A person of the programme, by id and name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PersonRef {
    /// Id.
    pub id: String,
    /// Name, for people.
    pub name: String,
}

/// The frame around every page.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SessionView {
    /// Name of the programme.
    pub programme: String,
    /// File name of the workspace, without its folder.
    pub workspace: String,
    /// Version of the app.
    pub version: String,
    /// Who is working, or nobody yet: then the window asks.
    pub acting_as: Option<PersonRef>,
    /// A name the operating system suggests for the first person.
    pub suggested_name: Option<String>,
    /// E-mail that goes with the suggested name.
    pub suggested_email: Option<String>,
    /// Everyone who may act.
    pub people: Vec<PersonRef>,
    /// Today in the programme's time zone.
    pub today: String,
    /// When this device last had the programme open, before this session.
    pub last_visit: Option<String>,
    /// The action that "undo" would take back, if the acting person has one.
    pub undo: Option<UndoView>,
    /// Why nothing can be written, or nothing.
    pub read_only: Option<String>,
    /// True for the invented sample programme, which says so on every page.
    pub sample: bool,
    /// Number of nodes in the inventory; 0 leads to the import.
    pub nodes: u32,
    /// Addresses of the window that were kept under a name, by name.
    pub views: Vec<KeptView>,
    /// How far a new programme has come.
    pub first_steps: FirstSteps,
}

/// An address of the window, kept under a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct KeptView {
    /// The name.
    pub name: String,
    /// Page, filters and sorting, starting with `#/`.
    pub address: String,
}

/// What a new programme has already; the window leads to what is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[expect(clippy::struct_excessive_bools, reason = "a list of steps, each done or not")]
pub struct FirstSteps {
    /// Somebody has said who is working.
    pub person: bool,
    /// There are services.
    pub services: bool,
    /// Somebody works on a service.
    pub assigned: bool,
    /// A check was attested or verified.
    pub looked: bool,
}

/// An action that can be taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct UndoView {
    /// Id of the action.
    pub batch: String,
    /// One sentence: what it did.
    pub summary: String,
}

/// One event of a timeline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct EventView {
    /// Id of the action it came with; give it to `undo`.
    pub batch: String,
    /// When it happened.
    pub occurred_at: String,
    /// When it was recorded; differs for late entries.
    pub recorded_at: String,
    /// Who recorded it.
    pub actor: String,
    /// The device it was recorded on, shortened.
    pub device: String,
    /// The service it is about.
    pub service: Option<NodeRef>,
    /// What kind of event: `stage`, `finding`, `blocker`, `waiver`, `scope`, `field`, `import`,
    /// `playbook`, `undo`, `other`.
    pub kind: String,
    /// One sentence.
    pub summary: String,
    /// Note that was left with it.
    pub note: Option<String>,
    /// Link that was left with it.
    pub link: Option<String>,
}

/// A node of the inventory, by id and name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NodeRef {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
}

/// Answer to every write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Saved {
    /// Id of the action; give it to `undo`. Absent where nothing had to change.
    pub batch: Option<String>,
    /// One sentence: what is saved.
    pub summary: String,
    /// The id of the thing that was made, where one was.
    pub id: Option<String>,
}
