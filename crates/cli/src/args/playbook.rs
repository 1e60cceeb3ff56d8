//! Words for the playbook: `playbook`.

use clap::Subcommand;
use std::path::PathBuf;

/// `playbook`.
#[derive(Debug, Subcommand)]
pub enum Playbook {
    /// Show stages and checks, and how many services pass each
    Show,
    /// Print the text, as a team edits it
    Text {
        /// Id of an earlier adoption [default: the one in force]
        adoption: Option<String>,
        /// Write to this file instead of standard output
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Say what is wrong with a playbook, or what adopting it would change; nothing is changed
    Check {
        /// The playbook's file
        file: PathBuf,
    },
    /// Adopt a playbook from now on
    Adopt {
        /// The playbook's file
        file: PathBuf,
        /// Action of a retrospective that this version answers, by the beginning of its id; it is
        /// done with the adoption. May be repeated
        #[arg(long = "closes", value_name = "ACTION")]
        closes: Vec<String>,
    },
    /// List adoptions, newest first
    History,
}
