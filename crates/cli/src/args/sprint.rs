//! Words for `sprint`.

use clap::{Args, Subcommand};

/// `sprint`.
#[derive(Debug, Subcommand)]
pub enum Sprint {
    /// All sprints, the latest first
    List,
    /// One sprint: its services, what changed in its scope, and its day log
    Show {
        /// Name or id [default: the one that runs, else the next, else the last]
        sprint: Option<String>,
    },
    /// Plan a sprint
    Plan(Box<PlanWords>),
    /// Change a sprint's words
    Edit(Box<EditWords>),
    /// Start it
    Start(TurnWords),
    /// Let it rest
    Pause(TurnWords),
    /// Go on with it
    Resume(TurnWords),
    /// End it
    End {
        /// Which one, and why.
        #[command(flatten)]
        turn: TurnWords,
        /// Sprint that takes over the services which did not reach their stage
        #[arg(long, value_name = "SPRINT")]
        carry_over_to: Option<String>,
    },
    /// Take services into its scope
    Add {
        /// Which ones, and why.
        #[command(flatten)]
        scope: ScopeWords,
        /// Stage they shall reach [default: the one that counts as done]
        #[arg(long, value_name = "STAGE")]
        target_stage: Option<String>,
    },
    /// Take services out of its scope
    Remove {
        /// Which ones, and why.
        #[command(flatten)]
        scope: ScopeWords,
    },
}

/// `sprint plan`.
#[derive(Debug, Args)]
pub struct PlanWords {
    /// Its name
    pub name: String,
    /// What shall be true at its end
    #[arg(long)]
    pub goal: Option<String>,
    /// expert-led, internal or regular
    #[arg(long)]
    pub kind: String,
    /// First day
    #[arg(long, value_name = "DAY")]
    pub from: String,
    /// Last day
    #[arg(long, value_name = "DAY")]
    pub to: String,
    /// Who leads it
    #[arg(long, value_name = "PERSON")]
    pub leader: Option<String>,
    /// Who takes part; may be repeated
    #[arg(long = "member", value_name = "PERSON")]
    pub members: Vec<String>,
    /// Service of its scope; may be repeated
    #[arg(long = "service", value_name = "SERVICE")]
    pub services: Vec<String>,
    /// Stage they shall reach [default: the one that counts as done]
    #[arg(long, value_name = "STAGE")]
    pub target_stage: Option<String>,
}

/// `sprint edit`.
#[derive(Debug, Args)]
pub struct EditWords {
    /// Name or id
    pub sprint: String,
    /// New name
    #[arg(long, value_name = "NAME")]
    pub rename: Option<String>,
    /// What shall be true at its end
    #[arg(long)]
    pub goal: Option<String>,
    /// expert-led, internal or regular
    #[arg(long)]
    pub kind: Option<String>,
    /// First day
    #[arg(long, value_name = "DAY")]
    pub from: Option<String>,
    /// Last day
    #[arg(long, value_name = "DAY")]
    pub to: Option<String>,
    /// Who leads it, or `none`
    #[arg(long, value_name = "PERSON")]
    pub leader: Option<String>,
    /// All who take part; may be repeated
    #[arg(long = "member", value_name = "PERSON")]
    pub members: Vec<String>,
}

/// A sprint and a reason.
#[derive(Debug, Args)]
pub struct TurnWords {
    /// Name or id
    pub sprint: String,
    /// Why, or what there is to say
    #[arg(long)]
    pub note: Option<String>,
}

/// A sprint and services.
#[derive(Debug, Args)]
pub struct ScopeWords {
    /// Name or id
    pub sprint: String,
    /// Services
    #[arg(value_name = "SERVICE", required = true)]
    pub services: Vec<String>,
    /// Why; needed once the sprint has started
    #[arg(long)]
    pub reason: Option<String>,
}
