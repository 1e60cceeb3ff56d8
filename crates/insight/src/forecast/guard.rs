//! When not to forecast: too little is known, and a number would only decorate.

use super::Inputs;

/// Closed days that are needed.
const DAYS: usize = 5;
/// Days with a completion that are needed.
const ACTIVE_DAYS: usize = 3;
/// Completions that are needed.
const DONE: u64 = 3;

/// Why there is no forecast.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Withheld {
    /// Nothing remains to be done.
    #[error("nothing remains to be done")]
    Finished,
    /// No closed day is known.
    #[error("no closed working day is known: 0 of {DAYS} days")]
    NoDays,
    /// Nothing was done.
    #[error("no service done in {days} {}: no date at this pace", plural(*days, "day"))]
    NothingDone {
        /// Closed days of the sample.
        days: usize,
    },
    /// Too few closed days.
    #[error("too few days to tell a pace: {days} of {DAYS} days")]
    TooFewDays {
        /// Closed days of the sample.
        days: usize,
    },
    /// Too few days with a completion: the rest may be one lucky batch.
    #[error("too few active days to tell a pace: {active} of {ACTIVE_DAYS} days with a completion")]
    TooFewActiveDays {
        /// Days with a completion.
        active: usize,
    },
}

fn plural(count: usize, word: &str) -> String {
    if count == 1 { word.to_owned() } else { format!("{word}s") }
}

/// Refuses samples that cannot carry a forecast: fewer than 5 days, fewer than 3 days with a
/// completion, or fewer than 3 completions (which 3 active days imply).
pub fn guard(inputs: &Inputs) -> Result<(), Withheld> {
    let window = inputs.window();
    let days = window.len();
    let active = window.iter().filter(|day| **day > 0).count();
    let done: u64 = window.iter().map(|day| u64::from(*day)).sum();
    if inputs.remaining == 0 {
        Err(Withheld::Finished)
    } else if days == 0 {
        Err(Withheld::NoDays)
    } else if done == 0 && days >= DAYS {
        Err(Withheld::NothingDone { days })
    } else if days < DAYS {
        Err(Withheld::TooFewDays { days })
    } else if active < ACTIVE_DAYS || done < DONE {
        Err(Withheld::TooFewActiveDays { active })
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_what_is_missing() {
        let check = |sample: &[u32], remaining: u32, expect: &str| {
            let inputs = Inputs { sample: sample.to_vec(), remaining, ..Inputs::default() };
            let found = guard(&inputs).map_or_else(|why| why.to_string(), |()| "enough".to_owned());
            assert_eq!(found, expect, "{sample:?}, {remaining} remain");
        };
        check(&[1, 0, 1, 0, 1], 9, "enough");
        check(&[1, 2, 1, 3], 9, "too few days to tell a pace: 4 of 5 days");
        check(&[], 9, "no closed working day is known: 0 of 5 days");
        check(
            &[0, 0, 10, 0, 0, 0, 0, 0, 0, 0],
            9,
            "too few active days to tell a pace: 1 of 3 days with a completion",
        );
        check(&[0; 12], 9, "no service done in 12 days: no date at this pace");
        check(&[1, 1, 1, 1, 1], 0, "nothing remains to be done");
        // Completions before the window are no part of it.
        let mut old = vec![5; 10];
        old.extend([0; 40]);
        check(&old, 9, "no service done in 40 days: no date at this pace");
    }
}
