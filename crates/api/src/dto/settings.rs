//! The programme's settings, people, environments, and the playbook in force.

use super::calendar::CalendarView;
use super::service::StageRef;
use super::session::PersonRef;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The Settings page.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SettingsView {
    /// Name of the programme.
    pub name: String,
    /// IANA time zone.
    pub time_zone: String,
    /// Zones that can be chosen.
    pub time_zones: Vec<String>,
    /// Day by which the programme wants to be done.
    pub deadline: Option<String>,
    /// Stage that counts as done.
    pub done_stage: String,
    /// Whether the CTO's page may name people.
    pub names_shown: bool,
    /// The ladder.
    pub stages: Vec<StageRef>,
    /// Which days are worked.
    pub calendar: CalendarView,
    /// People, by name.
    pub people: Vec<PersonView>,
    /// Environments, in order.
    pub environments: Vec<EnvironmentView>,
    /// The playbook in force.
    pub playbook: PlaybookSummary,
    /// Where the workspace lies and how much it holds.
    pub workspace: WorkspaceFacts,
    /// Whether this device's desktop is told of regressions.
    pub tells_desktop: bool,
}

/// Says whether the desktop is told of regressions, on this device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct TellDesktop {
    /// Whether it is.
    pub on: bool,
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PersonView {
    /// Id and name.
    #[serde(flatten)]
    pub person: PersonRef,
    /// E-mail.
    pub email: Option<String>,
    /// How many services the person works on.
    pub services: u32,
}

/// An environment of the programme.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct EnvironmentView {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Where it lives.
    pub targets: Vec<TargetView>,
}

/// A context and its namespaces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TargetView {
    /// Id.
    pub id: String,
    /// Name of the kubeconfig context.
    pub context: String,
    /// Namespaces; none means all.
    pub namespaces: Vec<String>,
}

/// The playbook in numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PlaybookSummary {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: u32,
    /// When the programme adopted it.
    pub adopted_at: String,
    /// All checks.
    pub checks: u32,
    /// Those that count.
    pub counted: u32,
}

/// Facts of the workspace file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WorkspaceFacts {
    /// Its id.
    pub id: String,
    /// This device, shortened.
    pub device: String,
    /// Actions in the log.
    pub batches: u32,
    /// Register writes in the log.
    pub writes: u32,
    /// Batches kept but not folded, because they break a rule of the log.
    pub quarantined: u32,
    /// Fields in conflict.
    pub conflicts: u32,
}
