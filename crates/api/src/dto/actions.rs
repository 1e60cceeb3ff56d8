//! What a person can do. Limits live in the types' documentation and are checked in one place
//! (`crate::limits`): names 200 characters, notes and reasons 4,000, links 2,000.

use super::session::NodeRef;
use super::skills::DoneBy;
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
    /// Who did it. Left out, a check that passes was done by the acting person alone; an approval,
    /// a failure and what does not apply are nobody's step.
    #[serde(default)]
    #[ts(optional)]
    pub done_by: Option<DoneBy>,
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
#[serde(deny_unknown_fields)]
pub enum ServiceEdit {
    /// New name.
    Name(String),
    /// New class.
    Class(String),
    /// New target day, or none.
    TargetDate(Option<String>),
    /// Who answers for it.
    Owner(Option<String>),
    /// Team.
    Team(Option<String>),
    /// https address of the repository.
    Repository(Option<String>),
    /// From 1 (hardly noticed) to 5 (the company stops).
    Criticality(Option<u8>),
    /// `S`, `M`, `L` or `XL`.
    Effort(Option<String>),
    /// Kind of service; checks can be for some kinds only.
    Archetype(Option<String>),
    /// `easy`, `moderate` or `hard`.
    Difficulty(Option<String>),
    /// Notes, Markdown, at most 20,000 characters.
    Notes(Option<String>),
    /// Puts a tag on or takes it off.
    Tag {
        /// The tag.
        tag: String,
        /// True to put on.
        present: bool,
    },
    /// Adds a name it is known by, or takes it away.
    Alias {
        /// The name.
        alias: String,
        /// True to add.
        present: bool,
    },
    /// Adds or retitles a link; without a title the link goes.
    Link {
        /// https address.
        address: String,
        /// What it leads to.
        #[serde(default)]
        title: Option<String>,
    },
    /// Puts a person on it or takes him off.
    Assignee {
        /// Person id or name.
        person: String,
        /// True to put on.
        assigned: bool,
    },
    /// Takes it into scope or out of it.
    Scope {
        /// The choice.
        scope: ScopeChoice,
        /// Why; required.
        reason: String,
    },
    /// Day by which a check should pass, or none.
    Due {
        /// Check id.
        check: String,
        /// The day.
        #[serde(default)]
        day: Option<String>,
    },
    /// Who takes care of a check, or nobody.
    Doing {
        /// Check id.
        check: String,
        /// Person id or name.
        #[serde(default)]
        person: Option<String>,
    },
}

/// Changes several services in one action. Nothing is changed unless everything can be.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct EditServices {
    /// Ids, names or aliases; at most 5,000.
    pub services: Vec<String>,
    /// The changes, each made to every service. A name cannot be given to several.
    pub edits: Vec<ServiceEdit>,
}

/// Adds a service, or another node, by hand.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct AddService {
    /// Name; unique in the programme, without regard to case and separators.
    pub name: String,
    /// Class; a service without one.
    #[serde(default)]
    pub class: Option<String>,
}

/// Says that two nodes are one thing. Facts, names and dependencies of the one count for the other
/// from then on; `split_service` takes it back.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct MergeServices {
    /// The node that goes: id, name or alias.
    pub service: String,
    /// The node that stays.
    pub into: String,
}

/// Makes two of one: a node that was merged comes back as it was, or an alias becomes a service of
/// its own, without findings.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SplitService {
    /// The service that stays.
    pub service: String,
    /// Name of the merged node, or the alias.
    pub name: String,
}

/// Answers a request for a waiver.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct AnswerWaiver {
    /// Id of the request.
    pub request: String,
    /// True to grant it.
    pub grant: bool,
    /// Why not.
    #[serde(default)]
    pub note: Option<String>,
}

/// A waiver that somebody asked for and nobody answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WaiverRequestView {
    /// Id; give it to `answer_waiver`.
    pub request: String,
    /// The service.
    pub service: NodeRef,
    /// Check id.
    pub check: String,
    /// Title of the check.
    pub title: String,
    /// Why it is asked for.
    pub reason: String,
    /// Who asks.
    pub by: String,
    /// Since when.
    pub since: String,
    /// Last day on which the waiver would hold; after it the request lapses.
    pub expires_on: String,
}

/// Keeps an address of the window under a name, for everyone; without an address the name goes.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct KeepView {
    /// The name.
    pub name: String,
    /// Page, filters and sorting, as the address says them, starting with `#/`.
    #[serde(default)]
    pub address: Option<String>,
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
    /// Whether the CTO's page may name people.
    #[serde(default)]
    #[ts(optional)]
    pub names_shown: Option<bool>,
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
