//! House rules that no compiler checks, read from the sources.
//!
//! A rule is a function from the tree to what breaks it, so that each has a test with a tree that
//! breaks it. Deliberately absent: anything clippy or eslint can say.

mod bans;
mod layers;
mod origins;
mod tree;

pub use tree::{File, Tree};

use crate::problem::{Problem, Result};
use crate::workspace::Workspace;
use std::fmt;

/// One place that breaks a rule.
#[derive(Debug, PartialEq, Eq)]
pub struct Violation {
    pub path: String,
    /// Counted from 1; `None` where the whole file is meant.
    pub line: Option<usize>,
    pub message: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(formatter, "{}:{line}: {}", self.path, self.message),
            None => write!(formatter, "{}: {}", self.path, self.message),
        }
    }
}

/// Checks every rule. Says how many files were read.
pub fn check(workspace: &Workspace) -> Result<String> {
    let tree = Tree::load(workspace)?;
    let violations = violations(&tree);
    if violations.is_empty() {
        return Ok(format!("{} files", tree.files.len()));
    }
    Err(report(&violations))
}

/// A problem that lists them.
pub fn report(violations: &[Violation]) -> Problem {
    let lines: Vec<String> = violations.iter().map(Violation::to_string).collect();
    let message = match violations.len() {
        1 => "1 violation".to_owned(),
        count => format!("{count} violations"),
    };
    Problem::new(message).with_log(lines.join("\n"))
}

fn violations(tree: &Tree) -> Vec<Violation> {
    let rules = [bans::check, layers::check, origins::check, origins::check_sizes];
    rules.iter().flat_map(|rule| rule(tree)).collect()
}
