//! Text at the border: what a person enters is brought to NFC and checked; what was observed is
//! stored as seen, and only its view changes.

use unicode_normalization::UnicodeNormalization as _;

/// Longest name, in characters.
pub const MAX_NAME: usize = 200;
/// Longest note, reason or observed text, in characters.
pub const MAX_NOTE: usize = 4_000;

/// Why an entered text is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextRefused {
    /// Nothing but blanks.
    #[error("is empty")]
    Empty,
    /// Too long.
    #[error("is longer than {0} characters")]
    TooLong(usize),
    /// Has an invisible or direction-changing character.
    #[error("has an invisible or control character (U+{0:04X})")]
    Hidden(u32),
}

/// A name as it is stored: NFC, trimmed, without hidden characters.
pub fn name(entered: &str) -> Result<String, TextRefused> {
    let name: String = entered.trim().nfc().collect();
    if name.is_empty() {
        return Err(TextRefused::Empty);
    }
    if name.chars().count() > MAX_NAME {
        return Err(TextRefused::TooLong(MAX_NAME));
    }
    match name.chars().find(|c| is_hidden(*c)) {
        Some(hidden) => Err(TextRefused::Hidden(hidden.into())),
        None => Ok(name),
    }
}

/// A note or reason as it is stored: NFC, trimmed. Empty notes are none.
pub fn note(entered: &str) -> Result<Option<String>, TextRefused> {
    long(entered, MAX_NOTE)
}

/// A text of at most `most` characters, treated as a note.
pub fn long(entered: &str, most: usize) -> Result<Option<String>, TextRefused> {
    let note: String = entered.trim().nfc().collect();
    if note.chars().count() > most {
        return Err(TextRefused::TooLong(most));
    }
    Ok((!note.is_empty()).then_some(note))
}

/// Controls, bidirectional controls, zero-width and tag characters.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// A foreign text for a terminal: hidden characters become visible, escape sequences never pass.
pub fn visible(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\n' | '\t' => ' ',
            c if (c as u32) < 0x20 => char::from_u32(0x2400 + c as u32).unwrap_or('\u{fffd}'),
            c if is_hidden(c) => '\u{fffd}',
            c => c,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_trimmed_composed_and_free_of_hidden_characters() {
        assert_eq!(name("  Cafe\u{301} "), Ok("Café".into()));
        assert_eq!(name(" \t "), Err(TextRefused::Empty));
        assert_eq!(name("pay\u{202e}ments"), Err(TextRefused::Hidden(0x202e)));
        assert_eq!(name(&"x".repeat(201)), Err(TextRefused::TooLong(MAX_NAME)));
    }

    #[test]
    fn escape_sequences_never_reach_a_terminal() {
        assert_eq!(visible("a\u{1b}[31mb\u{200b}c\nd"), "a␛[31mb\u{fffd}c d");
    }
}
