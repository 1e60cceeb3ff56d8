//! The playbook as a team edits it: text, faults with their lines, and what adopting it would do.

use super::session::NodeRef;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The playbook in force.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct PlaybookView {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: u32,
    /// Title.
    pub title: String,
    /// When it was adopted; nothing where the programme has the one that comes with the product.
    pub adopted_at: Option<String>,
    /// Give it to `adopt_playbook`: it says which version was on screen.
    pub adoption: Option<String>,
    /// The text, as a team edits it.
    pub text: String,
    /// `anyone` or `second_person`.
    pub waivers: String,
    /// Stages in climbing order, with their checks.
    pub stages: Vec<PlaybookStage>,
    /// Kinds of service that the checks or the services name.
    pub archetypes: Vec<String>,
    /// Every adoption, newest first.
    pub history: Vec<AdoptionView>,
}

/// A stage of the playbook.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct PlaybookStage {
    /// Stage id.
    pub id: String,
    /// Title.
    pub title: String,
    /// What being here means.
    pub meaning: String,
    /// Its checks, drafts too, in the order of the text.
    pub checks: Vec<PlaybookRow>,
}

/// A check of the playbook.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct PlaybookRow {
    /// Check id.
    pub id: String,
    /// Title.
    pub title: String,
    /// Version of the check.
    pub version: u32,
    /// `auto`, `manual` or `approval`.
    pub kind: String,
    /// `draft`, `visible` or `counted`.
    pub state: String,
    /// First day on which it counts, where that is later than the adoption.
    pub counted_from: Option<String>,
    /// 5 blocker, 3 major, 1 minor, 0 information.
    pub weight: u32,
    /// Kinds of service it is for; none means all.
    pub archetypes: Vec<String>,
    /// Line of the text at which it begins.
    pub line: u32,
    /// Services in scope that pass it.
    pub passed: u32,
    /// Services in scope to which it applies.
    pub applies: u32,
    /// What must be true.
    pub what: String,
    /// Why it matters.
    pub why: String,
    /// How to get there.
    pub steps: Vec<String>,
    /// A script to copy.
    pub script: Option<String>,
    /// Where to read more.
    pub fix_link: Option<String>,
    /// Skills it needs, as titles.
    pub skills: Vec<String>,
    /// Days until an attestation must be renewed.
    pub stale_after_days: Option<u32>,
}

/// Which adoption.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct AdoptionRequest {
    /// Its id, as the history lists it.
    pub adoption: String,
}

/// A playbook as it was adopted.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct AdoptedText {
    /// The adoption.
    pub adoption: AdoptionView,
    /// The text of then.
    pub text: String,
}

/// One adoption.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AdoptionView {
    /// Its id.
    pub id: String,
    /// Name of the playbook.
    pub name: String,
    /// Version of the playbook.
    pub version: u32,
    /// When.
    pub at: String,
    /// By whom.
    pub by: String,
    /// Counted checks.
    pub counted: u32,
}

/// A playbook to look at before it is adopted.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct TryPlaybook {
    /// The text.
    pub text: String,
}

/// What is wrong with a playbook, or what adopting it would change.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct PlaybookTrial {
    /// Faults; while there are any, it cannot be adopted.
    pub faults: Vec<PlaybookFault>,
    /// Its version.
    pub version: u32,
    /// How its checks and stages differ from the playbook in force.
    pub differences: Vec<PlaybookDifference>,
    /// Services that would stand elsewhere or be marked.
    pub affected: Vec<AffectedService>,
    /// Services in scope that were looked at.
    pub services: u32,
}

/// A fault of a playbook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PlaybookFault {
    /// Line of the text, from 1, where it is known.
    pub line: Option<u32>,
    /// What is wrong.
    pub text: String,
    /// The version of the playbook that would mend it, where it is no more than that.
    pub raise_to: Option<u32>,
}

/// One difference between two playbooks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PlaybookDifference {
    /// `check` or `stage`.
    pub of: String,
    /// Id of the check or stage.
    pub id: String,
    /// `added`, `removed`, `stricter` (a higher version), `counts`, `counts_no_more`, `moved`,
    /// `reworded`.
    pub kind: String,
    /// One sentence.
    pub text: String,
}

/// A service that the playbook would move or mark.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct AffectedService {
    /// The service.
    pub service: NodeRef,
    /// Title of its stage now.
    pub from: String,
    /// Title of its stage then.
    pub to: String,
    /// True where it would climb, false where it would fall; nothing where it stays.
    pub up: Option<bool>,
    /// It would be re-proving and is not now.
    pub reproving: bool,
    /// Counted checks that pass, now and then.
    pub passed: (u32, u32),
    /// Counted checks that apply, now and then.
    pub counted: (u32, u32),
    /// Checks that make the difference, each with a sentence.
    pub why: Vec<String>,
}

/// Adopts a playbook.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct AdoptPlaybook {
    /// The text.
    pub text: String,
    /// The adoption that was on screen; another one since is refused.
    #[serde(default)]
    pub seen: Option<String>,
    /// Ids of actions of retrospectives that this version is the answer to: open, with the playbook
    /// as their target. They are done with it, and open again where it is undone.
    #[serde(default)]
    #[ts(optional, as = "Option<Vec<String>>")]
    pub closes: Vec<String>,
}

/// A check to be added to the playbook as a draft.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct DraftCheck {
    /// Title.
    pub title: String,
    /// Stage it is judged with.
    pub stage: String,
    /// What must be true.
    pub what: String,
    /// Why it matters.
    pub why: String,
    /// The service on which it came up; it is named in the text.
    #[serde(default)]
    pub service: Option<String>,
    /// A text that is being edited, to be added to; without it, the playbook in force.
    #[serde(default)]
    pub text: Option<String>,
}

/// A text with a new check in it, not adopted yet.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct DraftedPlaybook {
    /// The text.
    pub text: String,
    /// Id that the check was given.
    pub check: String,
    /// Line at which it begins.
    pub line: u32,
}
