//! Words for who did what: options of `check attest` and `check done`, and `skills`.

use clap::{Args, Subcommand, ValueEnum};

/// Who did it, beside whoever is working.
#[derive(Debug, Default, Args)]
pub struct Who {
    /// Who took part as well, and how: 0 watched, 1 was told how, 2 asked for help, 3 did it alone,
    /// 4 guided. May be repeated; with yourself in it, the list is all
    #[arg(long = "with", value_name = "PERSON:LEVEL")]
    pub with: Vec<String>,
    /// Your own level [default: 3, or 2 where somebody guided or did it with you]
    #[arg(long = "own", value_name = "LEVEL", value_parser = clap::value_parser!(u8).range(0..=4))]
    pub own: Option<u8>,
    /// A script did it, and the doer ran the script
    #[arg(long)]
    pub by_script: bool,
    /// A rollback, or a cut-over that failed
    #[arg(long)]
    pub exceptional: bool,
}

/// `skills`.
#[derive(Debug, Args)]
pub struct Skills {
    /// Something beside showing them.
    #[command(subcommand)]
    pub command: Option<SkillsCommand>,
}

/// What is wished of a pair.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum PairWord {
    /// They work together
    Lock,
    /// They do not
    Forbid,
    /// Nothing is said of them any more
    Free,
}

/// Below `skills`.
#[derive(Debug, Subcommand)]
pub enum SkillsCommand {
    /// List who did what, the latest first
    Executions {
        /// Only on this service
        #[arg(long)]
        service: Option<String>,
        /// Only of this check
        #[arg(long)]
        check: Option<String>,
        /// Only with this person
        #[arg(long)]
        person: Option<String>,
        /// Only of this skill
        #[arg(long)]
        skill: Option<String>,
        /// Only while this sprint ran
        #[arg(long)]
        sprint: Option<String>,
        /// Only those that nobody confirmed
        #[arg(long)]
        unconfirmed: bool,
    },
    /// Report an expert's hours on a service
    Hours {
        /// Name, alias or id of the service
        service: String,
        /// Hours, such as 1.5
        hours: String,
        /// Who spent them [default: whoever is working]
        #[arg(long)]
        person: Option<String>,
        /// On which day [default: today]
        #[arg(long, value_name = "DAY")]
        on: Option<String>,
        /// What there is to say
        #[arg(long)]
        note: Option<String>,
    },
    /// Say where you see yourself in a skill; it never enters a figure
    Assess {
        /// Skill id
        skill: String,
        /// 0 to 5, or `none`
        level: String,
    },
    /// Say whether two people work together; every suggested plan keeps to it
    Pair {
        /// Name or id of a person
        person: String,
        /// Name or id of the other one
        with: String,
        /// What is wished
        wish: PairWord,
    },
    /// Say which check a service's regression comes from
    Cause {
        /// Name, alias or id of the service
        service: String,
        /// The check that is the cause
        check: String,
        /// What there is to say
        #[arg(long)]
        note: Option<String>,
    },
    /// Doubt an execution; the doubt shows until it is settled
    Contest {
        /// Id of the execution
        execution: String,
        /// What is doubted
        #[arg(long)]
        note: String,
    },
    /// Settle a doubt
    Settle {
        /// Id of the doubt
        doubt: String,
        /// How
        #[arg(long)]
        note: String,
    },
    /// Take an execution, hours or the cause of a regression back
    Retract {
        /// Its id
        id: String,
        /// Why
        #[arg(long, default_value = "")]
        note: String,
    },
}

impl Skills {
    /// Nothing is to be changed.
    pub fn looks(&self) -> bool {
        matches!(&self.command, None | Some(SkillsCommand::Executions { .. }))
    }
}
