//! Formats: sets of columns with what each asks for. Some come with the product; a team may keep its
//! own instead, which it edits as a file. What is deliberately absent: anything that a format could
//! change about facts, actions and closing, which are the same for all.

use serde::Deserialize;
use std::collections::BTreeSet;

/// Longest text of a team's formats, in bytes: quoting may double it, and it is one register.
pub const MAX_FORMATS: usize = crate::operation::MAX_VALUE / 2 - 64;
/// Most formats, and most columns of one: what is more fits no screen.
const MOST: (usize, usize) = (20, 6);
/// Longest id, title and prompt, in characters.
const LONGEST: (usize, usize, usize) = (40, 60, 200);

/// A set of columns with what each asks for.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Format {
    /// Id.
    pub id: String,
    /// Title.
    pub title: String,
    /// The columns, from left to right.
    pub columns: Vec<Column>,
}

/// A column of notes.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Id.
    pub id: String,
    /// Title.
    pub title: String,
    /// What it asks for.
    pub prompt: String,
}

/// The text that comes with the product: what a team begins its own from.
pub fn written() -> &'static str {
    include_str!("../../retrospective/formats.json")
}

/// The formats that come with the product, the default first.
pub fn formats() -> Vec<Format> {
    serde_json::from_str(written()).unwrap_or_default()
}

/// Reads formats as a team writes them: a JSON list, the default first.
///
/// # Errors
/// The first fault in words, with its line where it is one of the JSON.
pub fn read_formats(text: &str) -> Result<Vec<Format>, String> {
    if text.len() > MAX_FORMATS {
        return Err(format!("the text is longer than {MAX_FORMATS} bytes"));
    }
    let formats: Vec<Format> = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let (most_formats, most_columns) = MOST;
    if formats.is_empty() || formats.len() > most_formats {
        return Err(format!(
            "there must be 1 to {most_formats} formats, and there are {}",
            formats.len()
        ));
    }
    distinct("formats have", formats.iter().map(|format| format.id.as_str()))?;
    for format in &formats {
        named(&format!("format \u{201c}{}\u{201d}", format.id), &format.id, &format.title)?;
        let count = format.columns.len();
        if count == 0 || count > most_columns {
            return Err(format!(
                "format \u{201c}{}\u{201d} must have 1 to {most_columns} columns, and has {count}",
                format.id
            ));
        }
        let ids = format.columns.iter().map(|column| column.id.as_str());
        distinct(&format!("columns of \u{201c}{}\u{201d} have", format.id), ids)?;
        for column in &format.columns {
            let what =
                format!("column \u{201c}{}\u{201d} of \u{201c}{}\u{201d}", column.id, format.id);
            named(&what, &column.id, &column.title)?;
            if column.prompt.chars().count() > LONGEST.2 {
                return Err(format!("{what} asks in more than {} characters", LONGEST.2));
            }
        }
    }
    Ok(formats)
}

fn distinct<'a>(whose: &str, ids: impl Iterator<Item = &'a str>) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    for id in ids {
        if !seen.insert(id) {
            return Err(format!("two {whose} the id \u{201c}{id}\u{201d}"));
        }
    }
    Ok(())
}

/// An id that stands in the log and on the command line, and a title that stands on the page.
fn named(what: &str, id: &str, title: &str) -> Result<(), String> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if id.is_empty() || id.len() > LONGEST.0 || !id.chars().all(plain) {
        return Err(format!(
            "the id of {what} must be 1 to {} small letters, digits and hyphens",
            LONGEST.0
        ));
    }
    let length = title.trim().chars().count();
    if length == 0 || length > LONGEST.1 {
        return Err(format!("the title of {what} must have 1 to {} characters", LONGEST.1));
    }
    Ok(())
}
