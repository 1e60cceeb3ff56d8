//! The words after the subcommand. A whole parser would be the only dependency of this crate.

use crate::problem::{Problem, Result};

/// Words not yet taken.
pub struct Arguments {
    words: Vec<String>,
}

impl Arguments {
    pub fn new(words: Vec<String>) -> Self {
        Self { words }
    }

    /// Whether help is wanted; with `anywhere` false only the first word is looked at.
    pub fn asks_for_help(&mut self, anywhere: bool) -> bool {
        let reach = if anywhere { self.words.len() } else { 1 };
        self.words.iter().take(reach).any(|word| matches!(word.as_str(), "--help" | "-h"))
    }

    /// Takes a flag, as often as it was given.
    pub fn flag(&mut self, name: &str) -> bool {
        let before = self.words.len();
        self.words.retain(|word| word != name);
        self.words.len() < before
    }

    /// Takes `NAME a`, `NAME=a` and `NAME a,b`, as often as given.
    pub fn values(&mut self, name: &str) -> Result<Vec<String>> {
        let mut values = Vec::new();
        let mut rest = Vec::new();
        let mut words = std::mem::take(&mut self.words).into_iter();
        while let Some(word) = words.next() {
            let value = if word == name {
                words.next().filter(|value| !value.starts_with("--"))
            } else if let Some(value) = word.strip_prefix(name).and_then(|v| v.strip_prefix('=')) {
                Some(value.to_owned())
            } else {
                rest.push(word);
                continue;
            };
            let value = value.filter(|value| !value.is_empty());
            let value = value.ok_or_else(|| Problem::wrong_use(format!("{name} needs a value")))?;
            values.extend(value.split(',').map(str::to_owned));
        }
        self.words = rest;
        Ok(values)
    }

    /// Everything left, for a program that reads it itself.
    pub fn rest(self) -> Vec<String> {
        self.words
    }

    /// Nothing may be left: a mistyped flag must not be ignored.
    pub fn finish(self) -> Result<()> {
        match self.words.first() {
            None => Ok(()),
            Some(word) => {
                Err(Problem::wrong_use(format!("`{word}` is not understood; see --help")))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(words: &str) -> Arguments {
        Arguments::new(words.split_whitespace().map(str::to_owned).collect())
    }

    #[test]
    fn values_are_taken_in_every_form() {
        let check = |words: &str, expect: &[&str]| {
            let mut arguments = arguments(words);
            let values = arguments.values("--only").expect("values");
            assert_eq!(values, expect, "{words}");
            arguments.finish().expect("nothing left");
        };
        check("", &[]);
        check("--only tidy", &["tidy"]);
        check("--only=tidy --only clippy", &["tidy", "clippy"]);
        check("--only tidy,clippy", &["tidy", "clippy"]);
    }

    #[test]
    fn a_value_is_not_forgotten_in_silence() {
        for words in ["--only", "--only --list", "--only="] {
            let result = arguments(words).values("--only");
            assert!(result.is_err(), "{words} must fail");
        }
    }

    #[test]
    fn a_mistyped_flag_is_wrong_use() {
        let mut given = arguments("--keep-gonig");
        assert!(!given.flag("--keep-going"), "another word");
        assert!(given.finish().is_err(), "must not be ignored");
    }

    #[test]
    fn help_after_a_bench_name_belongs_to_the_bench() {
        assert!(arguments("--help").asks_for_help(false), "first word");
        assert!(!arguments("replay --help").asks_for_help(false), "later word");
        assert!(arguments("--list --help").asks_for_help(true), "anywhere");
    }
}
