//! Secrets in foreign messages become dots before anybody sees them.

/// Words after which a secret stands, behind a colon or an equals sign.
const MARKS: &[&str] =
    &["token", "password", "passwd", "secret", "authorization", "api-key", "apikey"];
/// What ends a word besides white space.
const ENDS: &[char] = &['"', '\'', ',', '&', ';', '(', ')', '<', '>', '{', '}'];

/// Puts dots where a token, a password, credentials in an address or a private key stand. What looks
/// like none passes, so that messages stay readable.
pub fn redact(text: &str) -> String {
    let text = after_marks(&without_keys(text));
    let is_end = |letter: char| letter.is_whitespace() || ENDS.contains(&letter);
    text.split_inclusive(is_end)
        .map(|piece| {
            let word = piece.trim_end_matches(is_end);
            let end = &piece[word.len()..];
            if is_token(word) { format!("…{end}") } else { without_userinfo(word) + end }
        })
        .collect()
}

fn after_marks(text: &str) -> String {
    // The same length as the text, so that places in one are places in the other.
    let lower = text.to_ascii_lowercase();
    let mut shown = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(letter) = text[at..].chars().next() {
        let Some(value) = value_after_mark(&lower, at) else {
            shown.push(letter);
            at += letter.len_utf8();
            continue;
        };
        let ends = |letter: char| letter.is_whitespace() || ENDS.contains(&letter);
        let length = text[value..].find(ends).unwrap_or(text.len() - value);
        shown.push_str(&text[at..value]);
        shown.push_str(if length > 0 { "…" } else { "" });
        at = value + length;
    }
    shown
}

/// Where the secret begins, if a mark stands here.
fn value_after_mark(lower: &str, at: usize) -> Option<usize> {
    let rest = &lower[at..];
    if let Some(after) = rest.strip_prefix("bearer ") {
        return Some(lower.len() - after.trim_start().len());
    }
    let mark = MARKS.iter().find(|mark| rest.starts_with(**mark))?;
    let after = rest[mark.len()..].trim_start_matches(['"', '\'', ' ']);
    let after = after.strip_prefix([':', '='])?.trim_start_matches(['"', '\'', ' ']);
    // `Authorization: Bearer …` has its own mark.
    (!after.starts_with("bearer ")).then(|| lower.len() - after.len())
}

/// Three parts of base64 with dots between, or the known heads of tokens.
fn is_token(word: &str) -> bool {
    let heads = ["ghp_", "gho_", "glpat-", "k8s-aws-v1.", "ya29.", "xoxb-", "sk-"];
    let plain = |part: &str| {
        part.len() >= 8
            && part.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_=".contains(letter))
    };
    let parts: Vec<&str> = word.split('.').collect();
    let jwt =
        parts.len() == 3 && parts[0].starts_with("ey") && parts.iter().all(|part| plain(part));
    jwt || heads.iter().any(|head| word.starts_with(head) && word.len() > head.len() + 8)
}

fn without_userinfo(word: &str) -> String {
    let Some((scheme, rest)) = word.split_once("://") else { return word.to_owned() };
    let host = rest.split('/').next().unwrap_or_default();
    match host.rfind('@') {
        Some(at) => format!("{scheme}://…{}", &rest[at..]),
        None => word.to_owned(),
    }
}

fn without_keys(text: &str) -> String {
    let mut shown = String::new();
    let mut rest = text;
    while let Some(from) = rest.find("-----BEGIN") {
        shown.push_str(&rest[..from]);
        shown.push('…');
        let after = &rest[from..];
        let end = after.find("-----END").map(|end| {
            let tail = &after[end + 8..];
            end + 8 + tail.find("-----").map_or(tail.len(), |last| last + 5)
        });
        rest = end.map_or("", |end| &after[end..]);
    }
    shown.push_str(rest);
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planted_secrets_are_hidden_and_the_rest_is_not() {
        let check = |text: &str, expect: &str| assert_eq!(redact(text), expect, "{text}");
        check("connection refused", "connection refused");
        check("Authorization: Bearer abc.def", "Authorization: Bearer …");
        check("token=abc, try again", "token=…, try again");
        check("the token: abc123 is old", "the token: … is old");
        check("{\"token\":\"abc\"}", "{\"token\":\"…\"}");
        check("password = 'x y'", "password = '… y'");
        check("proxy http://anna:pass@proxy:3128/ failed", "proxy http://…@proxy:3128/ failed");
        check("got eyJhbGciOiJIUzI1.eyJzdWIiOiIx.c2lnbmF0dXJl here", "got … here");
        check("k8s-aws-v1.aHR0cHM6Ly9zdHMu", "…");
        check("a -----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY----- b", "a … b");
        check("-----BEGIN PRIVATE KEY-----\ncut off", "…");
        check("tokens are fine", "tokens are fine");
    }
}
