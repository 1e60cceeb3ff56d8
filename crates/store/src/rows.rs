//! Rows on their way into a statement: one bound text, a JSON array of arrays, which `json_each`
//! takes apart in the database. Blobs travel as hex digits.

use serde::Serialize;
use uuid::Uuid;

/// A JSON array under construction.
#[derive(Debug, Default)]
pub(crate) struct Rows(String);

impl Rows {
    /// Adds a row: a tuple, or one value.
    pub(crate) fn push(&mut self, one: &impl Serialize) {
        self.push_row(&row(one));
    }

    /// Adds what [`row`] made.
    pub(crate) fn push_row(&mut self, row: &str) {
        self.0.push(if self.0.is_empty() { '[' } else { ',' });
        self.0.push_str(row);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How long the text is so far.
    pub(crate) fn length(&self) -> usize {
        self.0.len()
    }

    /// A row by what [`Self::length`] was before and after it was added.
    pub(crate) fn between(&self, before: usize, after: usize) -> &str {
        // The first byte separates it from the row before.
        self.0.get(before + 1..after).unwrap_or_default()
    }

    /// The array.
    pub(crate) fn text(mut self) -> String {
        if self.0.is_empty() {
            self.0.push('[');
        }
        self.0.push(']');
        self.0
    }
}

/// The text of one row.
pub(crate) fn row(row: &impl Serialize) -> String {
    // Tuples of texts and numbers always have a JSON form.
    serde_json::to_string(row).unwrap_or_default()
}

/// Ids as an array of hex digits.
pub(crate) fn ids<'a>(ids: impl IntoIterator<Item = &'a Uuid>) -> String {
    let texts: Vec<String> = ids.into_iter().map(|id| hex(id.as_bytes())).collect();
    serde_json::json!(texts).to_string()
}

/// Lower-case hex digits of an id.
pub(crate) fn hex(id: &[u8; 16]) -> String {
    Uuid::from_bytes(*id).simple().to_string()
}
