//! `$NAME` and `${NAME…}` in values, by the Compose specification's chapter on interpolation.

/// Nested defaults (`${A:-${B:-…}}`); deeper ones stay as written.
const MAX_NESTING: usize = 16;
/// Bytes of one value with a variable in it. Anything longer is no setting.
const MAX_VALUE_BYTES: usize = 64 * 1024;

/// Something about a value that the person should know. Holds names and messages, never values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Finding {
    /// No value anywhere; it became empty.
    Unset(String),
    /// `${NAME:?message}` without a value; it became empty.
    Required { name: String, message: String },
    /// Not a variable by the rules; it stayed as written.
    Malformed,
    /// Nested too deep or too long; it stayed as written or was cut.
    TooLarge,
}

/// Where variables get their values from.
pub(crate) trait Lookup {
    /// The value of a name; nothing if it is not set.
    fn value(&mut self, name: &str) -> Option<String>;
}

/// Replaces every variable of a text.
pub(crate) fn interpolate(
    text: &str,
    lookup: &mut dyn Lookup,
    findings: &mut Vec<Finding>,
) -> String {
    if !text.contains('$') {
        return text.to_owned();
    }
    if text.len() > MAX_VALUE_BYTES {
        findings.push(Finding::TooLarge);
        return text.to_owned();
    }
    let mut substitution = Substitution { lookup, findings };
    let mut result = substitution.run(text, 0);
    if result.len() > MAX_VALUE_BYTES {
        substitution.findings.push(Finding::TooLarge);
        let cut = (0..=MAX_VALUE_BYTES).rev().find(|&end| result.is_char_boundary(end));
        result.truncate(cut.unwrap_or(0));
    }
    result
}

struct Substitution<'run> {
    lookup: &'run mut dyn Lookup,
    findings: &'run mut Vec<Finding>,
}

impl Substitution<'_> {
    fn run(&mut self, text: &str, depth: usize) -> String {
        let mut result = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('$') {
            result.push_str(before);
            if result.len() > MAX_VALUE_BYTES {
                return result;
            }
            if let Some(tail) = after.strip_prefix('$') {
                result.push('$');
                rest = tail;
            } else if let Some(braced) = after.strip_prefix('{') {
                let Some(end) = closing_brace(braced) else {
                    // Nothing after an open brace can be trusted: the rest stays as written.
                    self.findings.push(Finding::Malformed);
                    result.push('$');
                    rest = after;
                    break;
                };
                let (expression, tail) = braced.split_at(end);
                if let Some(value) = self.braced(expression, depth) {
                    result.push_str(&value);
                } else {
                    result.push_str("${");
                    result.push_str(expression);
                    result.push('}');
                }
                rest = tail.get(1..).unwrap_or_default();
            } else {
                let (name, tail) = split_name(after);
                if name.is_empty() {
                    self.findings.push(Finding::Malformed);
                    result.push('$');
                } else {
                    result.push_str(&self.plain(name));
                }
                rest = tail;
            }
        }
        result.push_str(rest);
        result
    }

    /// The inside of `${…}`; nothing if it stays as written.
    fn braced(&mut self, expression: &str, depth: usize) -> Option<String> {
        let (name, rest) = split_name(expression);
        if name.is_empty() {
            self.findings.push(Finding::Malformed);
            return None;
        }
        if rest.is_empty() {
            return Some(self.plain(name));
        }
        let (empty_counts_as_unset, rest) = match rest.strip_prefix(':') {
            Some(tail) => (true, tail),
            None => (false, rest),
        };
        let operator = rest.chars().next().filter(|first| matches!(first, '-' | '?' | '+'));
        let Some(operator) = operator else {
            self.findings.push(Finding::Malformed);
            return None;
        };
        if depth >= MAX_NESTING {
            self.findings.push(Finding::TooLarge);
            return None;
        }
        let word = rest.get(1..).unwrap_or_default();
        let value =
            self.lookup.value(name).filter(|value| !(empty_counts_as_unset && value.is_empty()));
        Some(match (operator, value) {
            ('-' | '?', Some(value)) => value,
            ('-', None) | ('+', Some(_)) => self.run(word, depth + 1),
            ('+', None) => String::new(),
            _ => {
                let message = self.run(word, depth + 1);
                self.findings.push(Finding::Required { name: name.to_owned(), message });
                String::new()
            }
        })
    }

    fn plain(&mut self, name: &str) -> String {
        self.lookup.value(name).unwrap_or_else(|| {
            self.findings.push(Finding::Unset(name.to_owned()));
            String::new()
        })
    }
}

/// Where the brace closes that was opened just before the text.
fn closing_brace(text: &str) -> Option<usize> {
    let mut open = 1_usize;
    let mut previous = ' ';
    for (position, character) in text.char_indices() {
        match character {
            '{' if previous == '$' => open += 1,
            '}' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return Some(position);
        }
        previous = character;
    }
    None
}

fn split_name(text: &str) -> (&str, &str) {
    let starts_well = text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    let is_part = |character: char| character.is_ascii_alphanumeric() || character == '_';
    let end = if starts_well {
        text.find(|character| !is_part(character)).unwrap_or(text.len())
    } else {
        0
    };
    text.split_at(end)
}
