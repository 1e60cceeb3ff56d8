//! What the YAML reader says, in the words of whoever edits a playbook. A sentence that is not
//! known here is passed on as it is.

/// One sentence about a fault, without its place.
pub(super) fn in_words(said: &str) -> String {
    // The first line says it; a picture of the place follows.
    let said = said.lines().next().unwrap_or_default();
    let said = without_place(said);
    if let Some(rest) = said.strip_prefix("unknown field ") {
        let (key, keys) = rest.split_once(", expected one of ").unwrap_or((rest, ""));
        return format!("{key} is no key here; the keys are {keys}");
    }
    if let Some(rest) = said.strip_prefix("unknown variant ") {
        let (word, words) = rest.split_once(", expected one of ").unwrap_or((rest, ""));
        return format!("{word} is none of {words}");
    }
    if let Some(key) = said.strip_prefix("missing field ") {
        return format!("the key {key} is missing");
    }
    if let Some(rest) = said.strip_prefix("duplicate mapping key: ") {
        let key = rest.split(", set ").next().unwrap_or(rest);
        return format!("the key `{key}` stands twice");
    }
    let known = match said {
        "invalid u32" => "a whole number is expected here",
        "expected sequence start" => "a list is expected here",
        "expected mapping start" => "keys with values are expected here",
        "externally tagged enum expected scalar or mapping" => "one word is expected here",
        "mapping values are not allowed in this context" => {
            "a colon is out of place; a text with a colon and a blank in it wants quotes"
        }
        "while scanning a plain scalar, found a tab" => "there is a tab where blanks must be",
        "unexpected end of input" => "the text ends too early",
        // From reading a day.
        "input contains invalid characters"
        | "premature end of input"
        | "input is out of range"
        | "trailing input" => "a day such as 2027-03-01 is expected here",
        other => other,
    };
    known.to_owned()
}

/// Without `error: line 7 column 3: `: the place is told apart.
fn without_place(said: &str) -> &str {
    let said = said.strip_prefix("error: ").unwrap_or(said);
    let place = said.strip_prefix("line ").and_then(|rest| rest.split_once(": "));
    match place {
        Some((place, rest))
            if place.chars().all(|c| c.is_ascii_digit() || " column".contains(c)) =>
        {
            rest
        }
        _ => said,
    }
}

#[cfg(test)]
mod tests {
    use crate::playbook::{DEFAULT, Playbook};

    #[test]
    fn faults_are_said_in_the_editors_words() {
        let check = |from: &str, to: &str, expect: &str| {
            let text = DEFAULT.replacen(from, to, 1);
            assert_ne!(text, DEFAULT, "{from:?} must occur");
            let faults = Playbook::parse(&text).unwrap_err().0;
            assert_eq!(faults.len(), 1, "{faults:?}");
            assert!(faults[0].line.is_some(), "{to:?} has its line");
            assert_eq!(faults[0].text, expect, "{to:?}");
        };
        check("version: 1", "version: one", "a whole number is expected here");
        check("version: 1\n", "", "the key `version` is missing");
        check(
            "title: Into",
            "titel: Into",
            "`titel` is no key here; the keys are playbook, version, title, waivers, stages, \
             skills, checks",
        );
        check("state: counted", "state: count", "`count` is none of draft, visible, counted");
        check(
            "archetypes: []",
            "archetypes: []\n    archetypes: []",
            "the key `archetypes` stands twice",
        );
        check("skills: [discovery", "skills: discovery #", "a list is expected here");
        check("kind: manual", "kind: [", "one word is expected here");
        check(
            "state: counted",
            "state: counted\n    counted_from: tomorrow",
            "a day such as 2027-03-01 is expected here",
        );
        check(
            "    what: ",
            "    what: a: ",
            "a colon is out of place; a text with a colon and a blank in it wants quotes",
        );
        check("\nchecks:", "\n\tchecks:", "there is a tab where blanks must be");
        // What nobody gave words to stays.
        check("weight: 5", "weight: *five", "alias references unknown anchor");
    }
}
