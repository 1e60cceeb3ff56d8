//! Values of fields from foreign files, brought to the form that a person's entry would have. Each
//! function answers the value or why it cannot be taken, as the end of a sentence.

use chrono::NaiveDate;
use pilotage_domain::operation::MAX_PATH;
use pilotage_domain::text;
use pilotage_domain::words::{Difficulty, Effort};

use crate::discovered::Said;
use crate::names::{name_problem, shown};

/// Characters of an address.
const MAX_ADDRESS: usize = 400;
/// Elements of one service's set.
const MAX_ELEMENTS: usize = 100;

/// A name of a service, as it is stored.
pub(crate) fn name(written: &str) -> Result<String, String> {
    if let Some(problem) = name_problem(written) {
        return Err(problem);
    }
    text::name(written).map_err(|problem| format!("The name {problem}."))
}

/// One line: owner, team, archetype, tag.
pub(crate) fn line(written: &str) -> Result<String, String> {
    text::name(written).map_err(|problem| problem.to_string())
}

/// Text of several lines.
pub(crate) fn notes(written: &str) -> Result<Option<String>, String> {
    let notes = text::note(written).map_err(|problem| problem.to_string())?;
    let hidden = notes.as_deref().and_then(|notes| {
        notes.chars().find(|c| text::is_hidden(*c) && !matches!(c, '\n' | '\t' | '\r' | '\u{200d}'))
    });
    match hidden {
        Some(hidden) => Err(text::TextRefused::Hidden(hidden.into()).to_string()),
        None => Ok(notes),
    }
}

/// An address of a repository: `https`, `ssh` or `user@host:path`, without a password.
pub(crate) fn repository(written: &str) -> Result<String, String> {
    let address = line(written)?;
    let rest = ["https://", "http://", "ssh://", "git://"]
        .iter()
        .find_map(|scheme| strip_prefix_any_case(&address, scheme));
    let known = match rest {
        Some(rest) => !rest.is_empty(),
        None => !address.contains("://") && address.contains('/') && !address.starts_with('-'),
    };
    if !known {
        return Err("is no address of a repository".to_owned());
    }
    check_address(&address)?;
    let authority = rest.and_then(|rest| rest.split('/').next()).unwrap_or_default();
    if authority.rsplit_once('@').is_some_and(|(user, _)| user.contains(':')) {
        return Err("holds a password; leave it out".to_owned());
    }
    Ok(address)
}

/// The address of a link: `https` only, no user in it.
pub(crate) fn link(written: &str) -> Result<String, String> {
    let address = line(written)?;
    let Some(rest) = strip_prefix_any_case(&address, "https://") else {
        return Err("is no link that starts with https://".to_owned());
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.is_empty() || authority.contains('@') {
        return Err("names no host, or a user beside it".to_owned());
    }
    check_address(&address)?;
    // The address is the name of a register, and of a second one that notes what was imported:
    // each `/` takes three bytes in the first, five in the second.
    let escaped = address.len() + 4 * address.matches(['/', '%']).count();
    if escaped + 32 > MAX_PATH {
        return Err("is too long for a link".to_owned());
    }
    Ok(address)
}

fn check_address(address: &str) -> Result<(), String> {
    if address.chars().count() > MAX_ADDRESS {
        return Err(format!("is longer than {MAX_ADDRESS} characters"));
    }
    if address.contains(char::is_whitespace) {
        return Err("holds a blank".to_owned());
    }
    Ok(())
}

fn strip_prefix_any_case<'text>(text: &'text str, prefix: &str) -> Option<&'text str> {
    let head = text.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then(|| text.get(prefix.len()..)).flatten()
}

/// A whole number from 1 to 5.
pub(crate) fn criticality(written: &str) -> Result<u8, String> {
    match written.trim().parse() {
        Ok(number @ 1..=5) => Ok(number),
        _ => Err(format!("“{}” is no whole number from 1 to 5", shown(written.trim()))),
    }
}

/// The word of an effort.
pub(crate) fn effort(written: &str) -> Result<&'static str, String> {
    let effort = Effort::from_word(written).map(Effort::word);
    effort.ok_or_else(|| format!("“{}” is none of S, M, L, XL", shown(written.trim())))
}

/// The word of a difficulty.
pub(crate) fn difficulty(written: &str) -> Result<&'static str, String> {
    let difficulty = Difficulty::from_word(written).map(Difficulty::word);
    difficulty.ok_or_else(|| format!("“{}” is none of easy, moderate, hard", shown(written.trim())))
}

/// A day: `2026-12-31` or `31.12.2026`. Other orders cannot be told apart.
pub(crate) fn day(written: &str) -> Result<String, String> {
    let written = written.trim();
    ["%Y-%m-%d", "%d.%m.%Y"]
        .iter()
        .find_map(|form| NaiveDate::parse_from_str(written, form).ok())
        .filter(|day| (1970..2200).contains(&chrono::Datelike::year(day)))
        .map(|day| day.format("%Y-%m-%d").to_string())
        .ok_or_else(|| format!("“{}” is no day; write it as 2026-12-31", shown(written)))
}

impl Said {
    /// Adds a tag.
    pub(crate) fn add_tag(&mut self, written: &str) -> Result<(), String> {
        let tag = line(written)?;
        if self.tags.len() >= MAX_ELEMENTS {
            return Err(format!("is one of more than {MAX_ELEMENTS} tags"));
        }
        self.tags.insert(tag);
        Ok(())
    }

    /// Adds a link; without a title it is called by its host.
    pub(crate) fn add_link(&mut self, address: &str, title: Option<&str>) -> Result<(), String> {
        let address = link(address)?;
        if self.links.len() >= MAX_ELEMENTS {
            return Err(format!("is one of more than {MAX_ELEMENTS} links"));
        }
        let title = match title.map(str::trim).filter(|title| !title.is_empty()) {
            Some(title) => line(title)?,
            None => address.split('/').nth(2).unwrap_or_default().to_owned(),
        };
        self.links.insert(address, title);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repositories_are_addresses_without_passwords() {
        for good in [
            "https://git.example/shop/pay",
            "ssh://git@git.example:22/pay.git",
            "git@git.example:shop/pay.git",
            "https://git@git.example/pay",
        ] {
            assert_eq!(repository(good).as_deref(), Ok(good));
        }
        for bad in [
            "",
            "javascript://alert",
            "file:///etc/passwd",
            "--upload-pack=x/y",
            "https://u:secret@git.example/pay",
            "https://",
            "https://git.example/a b",
            "pay\u{202e}/x",
        ] {
            assert!(repository(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn links_are_plain_https() {
        assert!(link("https://docs.example/a?b#c").is_ok());
        let long = format!("https://docs.example/{}", "a/".repeat(90));
        for bad in
            ["http://a.example/", "javascript:x", "https://u@a.example/", "https:///x", &long]
        {
            assert!(link(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_link_fits_its_registers() {
        use pilotage_domain::change::path;
        let mut address = "https://docs.example/".to_owned();
        while link(&format!("{address}%/a")).is_ok() {
            address.push_str("%/a");
        }
        let register = path::element(path::LINKS, &address);
        let noted = path::element(path::IMPORTED, &register);
        assert!(noted.len() <= MAX_PATH, "{} bytes", noted.len());
        assert!(noted.len() > MAX_PATH - 64, "the limit is not far from it: {}", noted.len());
    }

    #[test]
    fn days_are_read_in_two_forms() {
        assert_eq!(day(" 2026-02-28 ").as_deref(), Ok("2026-02-28"));
        assert_eq!(day("28.2.2026").as_deref(), Ok("2026-02-28"));
        for bad in ["02/03/2026", "2026-02-30", "soon", "1200-01-01", "99999-01-01"] {
            assert!(day(bad).is_err(), "{bad}");
        }
    }
}
