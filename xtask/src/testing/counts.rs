//! How many test cases ran, read from what the test runners print.

use std::fmt;
use std::iter::Sum;

/// Of one run, or of several.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    pub passed: usize,
    pub failed: usize,
    /// Ignored, or left out by a filter of the test's author.
    pub skipped: usize,
}

impl fmt::Display for Counts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 {
            write!(formatter, ", {} skipped", self.skipped)?;
        }
        Ok(())
    }
}

impl Sum for Counts {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, one| Self {
            passed: sum.passed + one.passed,
            failed: sum.failed + one.failed,
            skipped: sum.skipped + one.skipped,
        })
    }
}

/// Adds up every summary in the output of cargo test, nextest or vitest. `None` without any.
pub fn read(log: &str) -> Option<Counts> {
    let counts: Vec<Counts> = log.lines().filter_map(|line| summary(&plain(line))).collect();
    (!counts.is_empty()).then(|| counts.into_iter().sum())
}

fn summary(line: &str) -> Option<Counts> {
    let line = line.trim();
    // test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in …
    if let Some(rest) = line.strip_prefix("test result: ") {
        return Some(words(rest, "ignored"));
    }
    // Summary [   0.5s] 34 tests run: 33 passed (1 slow), 1 failed, 12 skipped
    // Its skipped tests are those of other packages, which our own filter leaves to other steps.
    if line.starts_with("Summary [") {
        return line.split_once("run:").map(|(_, rest)| words(rest, ""));
    }
    // Tests  1 failed | 11 passed | 2 skipped (14)
    let rest = line.strip_prefix("Tests ")?;
    rest.trim_end().ends_with(')').then(|| words(rest, "skipped"))
}

/// Numbers before words. Nextest sets apart what timed out or could not be started.
fn words(text: &str, skipped: &str) -> Counts {
    let mut counts = Counts::default();
    let tokens: Vec<&str> = text.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    let tokens: Vec<&str> = tokens.into_iter().filter(|token| !token.is_empty()).collect();
    for pair in tokens.windows(2) {
        let Ok(number) = pair[0].parse::<usize>() else {
            continue;
        };
        match pair[1] {
            "passed" => counts.passed += number,
            "failed" | "timed" | "exec" => counts.failed += number,
            word if word == skipped => counts.skipped += number,
            _ => {}
        }
    }
    counts
}

/// Without the terminal's colour codes.
fn plain(line: &str) -> String {
    let mut text = String::new();
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        if character == '\u{1b}' {
            characters.by_ref().find(char::is_ascii_alphabetic);
        } else {
            text.push(character);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summaries_of_every_runner_are_read() {
        let check = |log: &str, passed, failed, skipped| {
            assert_eq!(read(log), Some(Counts { passed, failed, skipped }), "{log}");
        };
        check(
            "running 3 tests\ntest result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; \
             finished in 0.00s\n\ntest result: FAILED. 4 passed; 2 failed; 0 ignored; 0 measured;",
            7,
            2,
            1,
        );
        check("     Summary [   0.512s] 34 tests run: 34 passed, 12 skipped", 34, 0, 0);
        check(
            "     Summary [   9.1s] 34 tests run: 31 passed (1 slow), 2 failed, 1 timed out",
            31,
            3,
            0,
        );
        check("  Summary [ 9.1s] 5/34 tests run: 4 passed, 1 exec failed, 2 skipped", 4, 1, 0);
        check(" Test Files  2 passed (2)\n      Tests  12 passed (12)\n", 12, 0, 0);
        check("      Tests  1 failed | 11 passed | 2 skipped (14)", 11, 1, 2);
        check(
            "\u{1b}[2m      Tests \u{1b}[22m \u{1b}[1m\u{1b}[32m12 passed\u{1b}[39m (12)",
            12,
            0,
            0,
        );
    }

    #[test]
    fn other_output_counts_nothing() {
        for log in ["", "error: could not compile", "Test Files  2 passed (2)", "Tests are good"] {
            assert_eq!(read(log), None, "{log}");
        }
    }
}
