//! Words for working a service: `service`, `check`, `block`.

use clap::{Args, Subcommand, ValueEnum};

/// `service`.
#[derive(Debug, Args)]
pub struct Service {
    /// Name, alias or id
    #[arg(value_name = "SERVICE")]
    pub name: String,
    /// What to change.
    #[command(flatten)]
    pub edits: ServiceEdits,
}

/// Changes of one service; each is an action of its own.
#[derive(Debug, Args)]
pub struct ServiceEdits {
    /// Put a person on it
    #[arg(long, value_name = "PERSON")]
    pub assign: Vec<String>,
    /// Take a person off it
    #[arg(long, value_name = "PERSON")]
    pub unassign: Vec<String>,
    /// Day by which it should be done, or `none`
    #[arg(long, value_name = "DAY")]
    pub target_date: Option<String>,
    /// Take it into scope or out of it
    #[arg(long, requires = "reason")]
    pub scope: Option<ScopeWord>,
    /// Why the scope changes
    #[arg(long, requires = "scope")]
    pub reason: Option<String>,
    /// New class
    #[arg(long)]
    pub class: Option<String>,
    /// New name; the old one stays an alias
    #[arg(long, value_name = "NAME")]
    pub rename: Option<String>,
}

impl ServiceEdits {
    /// Nothing is to be changed.
    pub fn is_empty(&self) -> bool {
        self.assign.is_empty()
            && self.unassign.is_empty()
            && self.target_date.is_none()
            && self.scope.is_none()
            && self.class.is_none()
            && self.rename.is_none()
    }
}

/// Whether a service takes part.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum ScopeWord {
    /// It migrates
    In,
    /// It will be switched off
    Retire,
    /// It stays where it is
    Retain,
}

/// `check`.
#[derive(Debug, Subcommand)]
pub enum Check {
    /// Attest a check
    Attest {
        /// Name, alias or id of the service
        service: String,
        /// Check id
        check: String,
        /// What was found
        #[arg(long, value_enum, default_value_t = ResultWord::Pass)]
        result: ResultWord,
        /// What was seen; needed unless the check passes
        #[arg(long)]
        note: Option<String>,
        /// https link to evidence
        #[arg(long, value_name = "URL")]
        link: Option<String>,
    },
    /// Take an attestation back
    Retract {
        /// Id of the finding, or the service
        #[arg(value_name = "FINDING|SERVICE")]
        subject: String,
        /// Check id, after a service
        check: Option<String>,
        /// Why
        #[arg(long)]
        note: Option<String>,
    },
    /// Waive a check, or ask that another person does
    Waive {
        /// Name, alias or id of the service
        service: String,
        /// Check id
        check: String,
        /// Why
        #[arg(long)]
        reason: String,
        /// Last day on which the waiver holds, such as 2027-03-31
        #[arg(long, value_name = "DAY")]
        until: String,
        /// Only ask for it; another person answers
        #[arg(long)]
        ask: bool,
    },
    /// Grant or decline a waiver that another person asked for
    Answer {
        /// Id of the request, or the service
        #[arg(value_name = "REQUEST|SERVICE")]
        subject: String,
        /// Check id, after a service
        check: Option<String>,
        /// What the answer is.
        #[command(flatten)]
        word: AnswerWord,
        /// Why not, for whoever asked
        #[arg(long, conflicts_with = "grant")]
        note: Option<String>,
    },
    /// List waivers that were asked for and not answered, oldest first
    Requests,
    /// End a waiver early
    Revoke {
        /// Id of the waiver, or the service
        #[arg(value_name = "WAIVER|SERVICE")]
        subject: String,
        /// Check id, after a service
        check: Option<String>,
    },
    /// List a service's checks and how they stand
    List {
        /// Name, alias or id of the service
        service: String,
    },
}

/// The answer to a request.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct AnswerWord {
    /// Let it hold
    #[arg(long)]
    pub grant: bool,
    /// Do not
    #[arg(long)]
    pub decline: bool,
}

/// A person's finding.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum ResultWord {
    /// It holds
    Pass,
    /// It does not hold
    Fail,
    /// It does not apply to this service
    #[value(alias = "not_applicable")]
    NotApplicable,
}

/// `block`.
#[derive(Debug, Subcommand)]
pub enum Block {
    /// Say that a service is blocked
    Open {
        /// Name, alias or id of the service
        service: String,
        /// Why
        #[arg(long)]
        reason: String,
        /// For whom or what it waits
        #[arg(long, value_name = "WHOM")]
        waiting_for: String,
    },
    /// Say that a blocker is gone
    Close {
        /// Id of the blocker, or the service if it has one open blocker
        #[arg(value_name = "BLOCKER|SERVICE")]
        subject: String,
        /// How it was solved
        #[arg(long)]
        note: Option<String>,
    },
    /// List open blockers, oldest first
    List,
}
