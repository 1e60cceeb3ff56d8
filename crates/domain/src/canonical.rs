//! Canonical JSON: one line, keys sorted by bytes, no spaces, shortest escapes, integers within
//! ±(2^53−1), no floats, depth at most 8. Equal values have equal bytes, so hashes agree.

use serde_json::Value;

/// Deepest nesting of arrays and objects.
pub const MAX_DEPTH: usize = 8;
const MAX_INTEGER: i64 = (1 << 53) - 1;

/// Why a text is not canonical.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotCanonical {
    /// Not JSON at all.
    #[error("not JSON: {0}")]
    Syntax(String),
    /// A number with a fraction, an exponent, or beyond 2^53−1.
    #[error("number {0} is no integer within 2^53-1")]
    Number(String),
    /// Nested too deeply.
    #[error("nested deeper than {MAX_DEPTH}")]
    Depth,
    /// JSON, but spelt another way (spaces, key order, escapes, duplicate keys).
    #[error("JSON, but not in canonical spelling")]
    Spelling,
}

/// The canonical line of a value.
pub fn write(value: &Value) -> Result<String, NotCanonical> {
    check(value, 0)?;
    // serde_json without `preserve_order` keeps keys sorted by bytes and writes the shortest escapes.
    serde_json::to_string(value).map_err(|error| NotCanonical::Syntax(error.to_string()))
}

/// Parses, serialises and compares bytes: the only accepted spelling is the canonical one.
pub fn parse(line: &[u8]) -> Result<Value, NotCanonical> {
    let value: Value =
        serde_json::from_slice(line).map_err(|error| NotCanonical::Syntax(error.to_string()))?;
    if write(&value)?.as_bytes() == line { Ok(value) } else { Err(NotCanonical::Spelling) }
}

fn check(value: &Value, depth: usize) -> Result<(), NotCanonical> {
    if depth > MAX_DEPTH {
        return Err(NotCanonical::Depth);
    }
    match value {
        Value::Null | Value::Bool(_) | Value::String(_) => Ok(()),
        Value::Number(number) => match number.as_i64() {
            Some(integer) if (-MAX_INTEGER..=MAX_INTEGER).contains(&integer) => Ok(()),
            _ => Err(NotCanonical::Number(number.to_string())),
        },
        Value::Array(items) => items.iter().try_for_each(|item| check(item, depth + 1)),
        Value::Object(entries) => entries.values().try_for_each(|item| check(item, depth + 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling_is_accepted() {
        let accept = |line: &str| assert!(parse(line.as_bytes()).is_ok(), "{line} is canonical");
        let refuse = |line: &str| assert!(parse(line.as_bytes()).is_err(), "{line} is not");
        accept(r#"{"a":1,"b":[true,null,"é\n\u001f"]}"#);
        accept("9007199254740991");
        refuse("9007199254740992");
        refuse("1.0");
        refuse("1e3");
        refuse(r#"{"b":1,"a":1}"#);
        refuse(r#"{"a":1,"a":1}"#);
        refuse(r#"{"a": 1}"#);
        refuse(r#""\u00e9""#);
        refuse(r#""\u001F""#);
        refuse(r#""\ud800""#);
        refuse("[[[[[[[[[[1]]]]]]]]]]");
        accept("[[[[[[[[1]]]]]]]]");
    }
}
