//! What a person can do. Limits live in the types' documentation and are checked in one place
//! (`crate::limits`): names 200 characters, notes and reasons 4,000, links 2,000.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A person's finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AttestedResult {
    /// It holds.
    Pass,
    /// It does not hold.
    Fail,
    /// It does not apply to this service.
    NotApplicable,
}

/// Attests a check.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Attest {
    /// Id, name or alias.
    pub service: String,
    /// Check id.
    pub check: String,
    /// What the person found.
    pub result: AttestedResult,
    /// What was seen.
    #[serde(default)]
    pub note: Option<String>,
    /// https link to evidence.
    #[serde(default)]
    pub link: Option<String>,
}

/// Takes an attestation back.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Retract {
    /// Id of the finding.
    pub finding: String,
    /// Why.
    #[serde(default)]
    pub note: Option<String>,
}

/// Waives a check.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Waive {
    /// Id, name or alias.
    pub service: String,
    /// Check id.
    pub check: String,
    /// Why; required.
    pub reason: String,
    /// Last day on which it holds; not in the past, at most a year ahead.
    pub expires_on: String,
}

/// Ends a waiver early.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RevokeWaiver {
    /// Id of the waiver.
    pub waiver: String,
}

/// Opens a blocker.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct OpenBlocker {
    /// Id, name or alias.
    pub service: String,
    /// Why; required.
    pub reason: String,
    /// For whom or what it waits; required.
    pub waiting_for: String,
}

/// Closes a blocker.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct CloseBlocker {
    /// Id of the blocker.
    pub blocker: String,
    /// How it was solved.
    #[serde(default)]
    pub note: Option<String>,
}

/// Whether a service takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ScopeChoice {
    /// It migrates.
    In,
    /// It will be switched off.
    Retire,
    /// It stays where it is.
    Retain,
    /// It is listed no more.
    Archived,
}

/// Takes a service into scope or out of it.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SetScope {
    /// Id, name or alias.
    pub service: String,
    /// The choice.
    pub scope: ScopeChoice,
    /// Why; required.
    pub reason: String,
}

/// Puts a person on a service, or takes him off it.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Assign {
    /// Id, name or alias.
    pub service: String,
    /// Person id or name.
    pub person: String,
    /// True to put on, false to take off.
    pub assigned: bool,
}

/// Changes one field of a service.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct EditService {
    /// Id, name or alias.
    pub service: String,
    /// The change.
    pub edit: ServiceEdit,
}

/// One field of a service.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(tag = "field", content = "value", rename_all = "snake_case")]
pub enum ServiceEdit {
    /// New name.
    Name(String),
    /// New class.
    Class(String),
    /// New target day, or none.
    TargetDate(Option<String>),
}

/// Changes the programme. Absent fields stay.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct EditProgramme {
    /// New name.
    #[serde(default)]
    pub name: Option<String>,
    /// New IANA time zone.
    #[serde(default)]
    pub time_zone: Option<String>,
    /// New deadline; the empty text removes it.
    #[serde(default)]
    pub deadline: Option<String>,
    /// New done stage.
    #[serde(default)]
    pub done_stage: Option<String>,
}

/// Adds a person.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct AddPerson {
    /// Name; unique in the programme, without regard to case.
    pub name: String,
    /// E-mail.
    #[serde(default)]
    pub email: Option<String>,
}

/// Changes a person.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct EditPerson {
    /// Person id.
    pub person: String,
    /// New name.
    pub name: String,
    /// New e-mail.
    #[serde(default)]
    pub email: Option<String>,
}

/// Names one thing by its id (or, for people, name).
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ById {
    /// The id.
    pub id: String,
}

/// Adds an environment.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct AddEnvironment {
    /// Name, such as `staging`.
    pub name: String,
}

/// Adds a target to an environment.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct AddTarget {
    /// Environment id.
    pub environment: String,
    /// Name of the kubeconfig context.
    pub context: String,
    /// Namespaces; none means all.
    #[serde(default)]
    pub namespaces: Vec<String>,
}

/// Takes an action back.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Undo {
    /// Id of the action.
    pub batch: String,
}

/// Opens a link in the person's browser.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct OpenLink {
    /// https address.
    pub url: String,
}
