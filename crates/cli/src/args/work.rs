//! Words for working a service: `service`, `check`, `block`.

use super::skills::Who;
use clap::{Args, Subcommand, ValueEnum};

/// `service`.
#[derive(Debug, Args)]
pub struct Service {
    /// Name, alias or id; several for a change that all of them get
    #[arg(value_name = "SERVICE", required = true)]
    pub names: Vec<String>,
    /// What to change.
    #[command(flatten)]
    pub edits: ServiceEdits,
}

/// Changes of services: one action, whatever their number. `none` unsets a field.
#[derive(Debug, Default, PartialEq, Args)]
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
    /// Who answers for it
    #[arg(long)]
    pub owner: Option<String>,
    /// Team
    #[arg(long)]
    pub team: Option<String>,
    /// https address of the repository
    #[arg(long, value_name = "URL")]
    pub repository: Option<String>,
    /// From 1, hardly noticed, to 5, the company stops
    #[arg(long, value_name = "1-5")]
    pub criticality: Option<String>,
    /// S, M, L or XL
    #[arg(long)]
    pub effort: Option<String>,
    /// Kind of service, which checks can be for
    #[arg(long)]
    pub archetype: Option<String>,
    /// easy, moderate or hard
    #[arg(long)]
    pub difficulty: Option<String>,
    /// Notes in Markdown
    #[arg(long, value_name = "TEXT")]
    pub notes: Option<String>,
    /// Put a tag on it
    #[arg(long, value_name = "TAG")]
    pub tag: Vec<String>,
    /// Take a tag off it
    #[arg(long, value_name = "TAG")]
    pub untag: Vec<String>,
    /// Another name it is known by
    #[arg(long, value_name = "NAME")]
    pub alias: Vec<String>,
    /// A name it is no longer known by
    #[arg(long, value_name = "NAME")]
    pub unalias: Vec<String>,
    /// A link and what it leads to
    #[arg(long, value_name = "TITLE=URL")]
    pub link: Vec<String>,
    /// A link that goes
    #[arg(long, value_name = "URL")]
    pub unlink: Vec<String>,
    /// Day by which a check should pass, or `none`
    #[arg(long, value_name = "CHECK=DAY")]
    pub due: Vec<String>,
    /// Who takes care of a check, or `none`
    #[arg(long, value_name = "CHECK=PERSON")]
    pub doing: Vec<String>,
}

impl ServiceEdits {
    /// Nothing is to be changed.
    pub fn are_none(&self) -> bool {
        *self == Self::default()
    }
}

/// What to do with the inventory beside listing it.
#[derive(Debug, Subcommand)]
pub enum ServicesCommand {
    /// Add a service, or another node, by hand
    Add {
        /// Its name
        name: String,
        /// Its class [default: service]
        #[arg(long)]
        class: Option<String>,
    },
    /// Say that two nodes are one; `split` takes it back
    Merge {
        /// The node that goes
        service: String,
        /// The node that stays
        #[arg(long, value_name = "SERVICE")]
        into: String,
    },
    /// Make two of one: a merged node, or an alias
    Split {
        /// The service that stays
        service: String,
        /// The merged node or the alias that becomes a service of its own
        #[arg(long, value_name = "NAME")]
        out: String,
    },
}

/// Whether a service takes part.
#[derive(Debug, Clone, Copy, PartialEq, ValueEnum)]
pub enum ScopeWord {
    /// It migrates
    In,
    /// It will be switched off
    Retire,
    /// It stays where it is
    Retain,
    /// It is listed no more
    Archived,
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
        /// Who did it.
        #[command(flatten)]
        who: Who,
        /// Record nothing of who did it
        #[arg(long, conflicts_with_all = ["with", "own", "by_script", "exceptional"])]
        unrecorded: bool,
    },
    /// Record who did a check's step, without attesting the check
    Done {
        /// Name, alias or id of the service
        service: String,
        /// Check id
        check: String,
        /// Who did it.
        #[command(flatten)]
        who: Who,
        /// It was done in another programme, and counts up to L2
        #[arg(long)]
        imported: bool,
        /// The day on which it was done [default: today]
        #[arg(long, value_name = "DAY")]
        on: Option<String>,
        /// What there is to say
        #[arg(long)]
        note: Option<String>,
    },
    /// Confirm what another person did
    Confirm {
        /// Id of the execution, or the service
        #[arg(value_name = "EXECUTION|SERVICE")]
        subject: String,
        /// Check id, after a service: the latest that nobody confirmed
        check: Option<String>,
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
