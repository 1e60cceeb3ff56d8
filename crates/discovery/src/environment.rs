//! The variables of a project: `.env` and env files. Never the environment of the process.
//!
//! Values live only as long as the run; no result and no message carries one.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::error::DiscoveryError;
use crate::file::read_text;
use crate::interpolate::{Lookup, interpolate};
use crate::names::shown;
use crate::node::{At, FileId};
use crate::report::Session;

/// Values that name values that name values; deeper ones become empty.
const MAX_STEPS: usize = 32;

/// Whether a missing env file matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    /// The `.env` that may lie beside a file.
    Optional,
    /// One that the person named.
    Required,
}

/// Names with their final values.
#[derive(Debug, Default)]
pub(crate) struct Environment {
    values: BTreeMap<String, String>,
}

impl Environment {
    /// Reads env files in order, later ones win, then resolves what values say about each other.
    /// Values of `outer` win over all of them: an including project overrides what it includes.
    pub(crate) fn read(
        files: &[(PathBuf, Presence)],
        outer: Option<&Self>,
        session: &mut Session,
    ) -> Result<Self, DiscoveryError> {
        let mut raw = BTreeMap::new();
        for (path, presence) in files {
            let id = session.file(path);
            let shown_name = session.shown(id).to_owned();
            match read_text(path, &shown_name) {
                Ok(text) => raw.extend(parse(&text, id, session)),
                Err(error) if *presence == Presence::Required => return Err(error),
                Err(DiscoveryError::FileMissing { .. }) => {}
                Err(error) => {
                    let text = format!("{error} Its variables are not used.");
                    session.warn(At { file: id, line: 1 }, text);
                }
            }
        }
        let mut resolver = Resolver {
            raw: &raw,
            done: outer.map(|outer| outer.values.clone()).unwrap_or_default(),
            active: Vec::new(),
            session,
        };
        for name in raw.keys() {
            resolver.value(name);
        }
        Ok(Self { values: resolver.done })
    }
}

impl Lookup for &Environment {
    fn value(&mut self, name: &str) -> Option<String> {
        self.values.get(name).cloned()
    }
}

/// A value as it stands in the file.
struct Raw {
    text: String,
    /// Single quotes: variables in it are no variables.
    literal: bool,
    at: At,
}

fn parse(text: &str, file: FileId, session: &mut Session) -> BTreeMap<String, Raw> {
    let mut result = BTreeMap::new();
    let mut lines = (1_u32..).zip(text.lines());
    while let Some((line, written)) = lines.next() {
        let at = At { file, line };
        let trimmed = written.trim();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        let assignment = trimmed.strip_prefix("export ").unwrap_or(trimmed);
        let Some((name, value)) = assignment.split_once('=') else {
            if assignment.contains(char::is_whitespace) {
                session.warn(at, "This line is no NAME=value; it was left out.");
            }
            continue;
        };
        let name = name.trim();
        if name.is_empty() || name.contains(char::is_whitespace) {
            session.warn(at, "This line is no NAME=value; it was left out.");
            continue;
        }
        let value = value.trim_start();
        let raw = match value.chars().next().filter(|first| matches!(first, '"' | '\'')) {
            None => Raw { text: unquoted(value), literal: false, at },
            Some(quote) => {
                let mut body = value.get(1..).unwrap_or_default().to_owned();
                while closing_quote(&body, quote).is_none() {
                    let Some((_, more)) = lines.next() else { break };
                    body.push('\n');
                    body.push_str(more);
                    if body.len() > 64 * 1024 {
                        break;
                    }
                }
                let Some(end) = closing_quote(&body, quote) else {
                    let name = shown(name);
                    session
                        .warn(at, format!("The quote of {name} is never closed; it was left out."));
                    continue;
                };
                let body = body.get(..end).unwrap_or_default();
                let literal = quote == '\'';
                Raw { text: if literal { body.to_owned() } else { unescaped(body) }, literal, at }
            }
        };
        result.insert(name.to_owned(), raw);
    }
    result
}

/// Without the comment at its end and without blanks around it.
fn unquoted(value: &str) -> String {
    let comment = value
        .char_indices()
        .zip(value.chars().skip(1))
        .find(|((_, blank), next)| blank.is_whitespace() && *next == '#')
        .map(|((position, _), _)| position);
    value.get(..comment.unwrap_or(value.len())).unwrap_or(value).trim().to_owned()
}

fn closing_quote(body: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (position, character) in body.char_indices() {
        if character == quote && !escaped {
            return Some(position);
        }
        escaped = quote == '"' && character == '\\' && !escaped;
    }
    None
}

fn unescaped(body: &str) -> String {
    let mut result = String::with_capacity(body.len());
    let mut characters = body.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            result.push(character);
            continue;
        }
        match characters.next() {
            Some('n') => result.push('\n'),
            Some('t') => result.push('\t'),
            Some('r') => result.push('\r'),
            // Interpolation follows and reads two as one.
            Some('$') => result.push_str("$$"),
            Some(other) => result.push(other),
            None => result.push('\\'),
        }
    }
    result
}

struct Resolver<'run> {
    raw: &'run BTreeMap<String, Raw>,
    /// Final values; those of the including project are there from the start.
    done: BTreeMap<String, String>,
    /// Names being resolved, to stop circles.
    active: Vec<String>,
    session: &'run mut Session,
}

impl Lookup for Resolver<'_> {
    fn value(&mut self, name: &str) -> Option<String> {
        if let Some(value) = self.done.get(name) {
            return Some(value.clone());
        }
        let raw = self.raw.get(name)?;
        if raw.literal {
            self.done.insert(name.to_owned(), raw.text.clone());
            return Some(raw.text.clone());
        }
        if self.active.len() >= MAX_STEPS || self.active.iter().any(|active| active == name) {
            let name = shown(name);
            let text = format!(
                "The variable {name} refers to itself or over more than {MAX_STEPS} steps; it was read as empty."
            );
            self.session.warn(raw.at, text);
            return Some(String::new());
        }
        self.active.push(name.to_owned());
        let mut findings = Vec::new();
        let value = interpolate(&raw.text, self, &mut findings).trim().to_owned();
        self.active.pop();
        for finding in findings {
            self.session.note(finding, raw.at);
        }
        self.done.insert(name.to_owned(), value.clone());
        Some(value)
    }
}
