//! Names: which are accepted, which count as the same, and how foreign text is shown.

/// Characters of a service name.
const MAX_NAME_CHARS: usize = 200;
/// Characters of foreign text in a message.
const MAX_SHOWN_CHARS: usize = 120;

/// Why a service cannot have this name, or nothing if it can.
pub(crate) fn name_problem(name: &str) -> Option<String> {
    if name.trim().is_empty() {
        return Some("The name is empty. Give the service a name.".to_owned());
    }
    if name.chars().count() > MAX_NAME_CHARS {
        return Some(format!("The name has more than {MAX_NAME_CHARS} characters. Shorten it."));
    }
    if name.chars().any(char::is_control) {
        return Some("The name holds a control character. Remove it.".to_owned());
    }
    if name.chars().any(steers_direction) {
        return Some(
            "The name holds an invisible character that changes the reading direction. Remove it."
                .to_owned(),
        );
    }
    None
}

/// The form in which names are compared: lower case without `-`, `_` and `.`.
pub(crate) fn normalised(name: &str) -> String {
    name.chars()
        .filter(|character| !matches!(character, '-' | '_' | '.'))
        .flat_map(char::to_lowercase)
        .collect()
}

/// Foreign text made fit for one line of a message: no control characters, not too long.
pub(crate) fn shown(text: &str) -> String {
    let mut result: String = text
        .chars()
        .take(MAX_SHOWN_CHARS)
        .map(|character| {
            let unfit = character.is_control() || steers_direction(character);
            if unfit { char::REPLACEMENT_CHARACTER } else { character }
        })
        .collect();
    if text.chars().nth(MAX_SHOWN_CHARS).is_some() {
        result.push('…');
    }
    result
}

/// Unicode's bidirectional controls (UAX #9), which can make one name look like another.
fn steers_direction(character: char) -> bool {
    matches!(
        character,
        '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}'
    )
}
