//! Thresholds of checks, as the playbook gives them.

use chrono::TimeDelta;
use pilotage_domain::playbook::{Parameter, Verify};
use std::collections::BTreeMap;

/// What the playbook says about a check's rule; everything has a default.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parameters(BTreeMap<String, Parameter>);

impl Parameters {
    /// Of the playbook's check.
    pub fn of(verify: Option<&Verify>) -> Self {
        Self(verify.map(|verify| verify.parameters.clone()).unwrap_or_default())
    }

    /// Sets one.
    #[must_use]
    pub fn with(mut self, name: &str, value: Parameter) -> Self {
        self.0.insert(name.to_owned(), value);
        self
    }

    /// A number.
    pub fn number(&self, name: &str, default: i64) -> i64 {
        match self.0.get(name) {
            Some(Parameter::Number(number)) => *number,
            _ => default,
        }
    }

    /// A number of minutes.
    pub fn minutes(&self, name: &str, default: i64) -> TimeDelta {
        TimeDelta::try_minutes(self.number(name, default)).unwrap_or(TimeDelta::MAX)
    }

    /// A list of words; nothing where the playbook does not name it.
    pub fn list(&self, name: &str) -> Option<&[String]> {
        match self.0.get(name) {
            Some(Parameter::List(list)) => Some(list),
            _ => None,
        }
    }

    /// Yes or no.
    pub fn flag(&self, name: &str) -> bool {
        matches!(self.0.get(name), Some(Parameter::Flag(true)))
    }
}
