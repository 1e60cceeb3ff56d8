//! Documents of sprints and retrospectives: what leaves the programme, and what is taken in.

use super::progress::ReportFormat;
use super::retro::RetroSprint;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Asks for the report of a sprint.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SprintReport {
    /// Id or name of the sprint. Without it, the one that runs or rests; else the last that ended.
    #[serde(default)]
    #[ts(optional)]
    pub sprint: Option<String>,
    /// Which form.
    pub format: ReportFormat,
    /// As it stood at the end of a past day.
    #[serde(default)]
    #[ts(optional)]
    pub at: Option<String>,
}

/// Asks for the document of a sprint's retrospective.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RetroReport {
    /// Id or name of the sprint. Without it, the one that runs or rests; else the last that ended.
    #[serde(default)]
    #[ts(optional)]
    pub sprint: Option<String>,
    /// Which form.
    pub format: ReportFormat,
    /// As it stood at the end of a past day.
    #[serde(default)]
    #[ts(optional)]
    pub at: Option<String>,
    /// With the notes that speak about people; without it they are left out and counted.
    #[serde(default)]
    #[ts(optional, as = "Option<bool>")]
    pub with_people: bool,
}

/// The document of a retrospective as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RetroText {
    /// A name for a file of it.
    pub file_name: String,
    /// The whole text.
    pub text: String,
    /// Notes that speak about people and are not in it.
    pub notes_left_out: u32,
}

/// What the export of a retrospective would bring into this programme. Nothing is changed yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RetroPreview {
    /// Name of the file.
    pub file_name: String,
    /// The export itself, to be taken in.
    pub text: String,
    /// The programme that held it.
    pub programme: String,
    /// The sprint that it looked back on, as it goes by here.
    pub sprint: RetroSprint,
    /// The sprint is in this programme already.
    pub sprint_is_here: bool,
    /// Its notes.
    pub notes: u32,
    /// Notes that speak about people and were left out when it was exported.
    pub notes_left_out: u32,
    /// Services that its notes are about and that go by no such name here.
    pub unknown_services: Vec<String>,
    /// Its actions.
    pub actions: Vec<IncomingAction>,
    /// People who become known here with it.
    pub people: Vec<String>,
}

/// An action of a retrospective that would be taken in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct IncomingAction {
    /// What is to be done.
    pub text: String,
    /// Who does it; none where nobody is named.
    pub owner: Option<String>,
    /// `open`, `done`, `dropped` or `superseded`.
    pub state: String,
    /// It is in this programme already and stays as it is.
    pub is_here: bool,
}

/// Takes an export of another programme in.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ImportRetro {
    /// The export, as JSON.
    pub text: String,
}

/// Reads an export back.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ReadRetro {
    /// The export, as JSON.
    pub text: String,
    /// In which form it is told.
    pub format: ReportFormat,
}
