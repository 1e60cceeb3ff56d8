//! What went wrong, in words for the person at the terminal.

use std::fmt;

pub type Result<T> = std::result::Result<T, Problem>;

/// A message, and the output of the program that failed, where there is one.
#[derive(Debug)]
pub struct Problem {
    message: String,
    log: Option<String>,
    wrong_use: bool,
    reported: bool,
}

impl Problem {
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), log: None, wrong_use: false, reported: false }
    }

    /// The command line was wrong.
    pub fn wrong_use(message: impl Into<String>) -> Self {
        Self { wrong_use: true, ..Self::new(message) }
    }

    /// Everything has been said; only the exit code is left.
    pub fn reported() -> Self {
        Self { reported: true, ..Self::new("failed") }
    }

    pub fn with_log(self, log: impl Into<String>) -> Self {
        Self { log: Some(log.into()), ..self }
    }

    pub fn is_wrong_use(&self) -> bool {
        self.wrong_use
    }

    pub fn is_reported(&self) -> bool {
        self.reported
    }

    /// All output of the program that failed.
    pub fn log(&self) -> Option<&str> {
        self.log.as_deref()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

/// Says what was being done, as an IO error alone names neither file nor intent.
pub trait Doing<T> {
    fn doing(self, what: impl fmt::Display) -> Result<T>;
}

impl<T> Doing<T> for std::io::Result<T> {
    fn doing(self, what: impl fmt::Display) -> Result<T> {
        self.map_err(|error| Problem::new(format!("could not {what}: {error}")))
    }
}
