//! How long to wait before another attempt: doubling, with jitter, forgotten after a quiet while.

use std::time::Duration;
use tokio::time::Instant;

const FIRST: Duration = Duration::from_millis(800);
const LONGEST: Duration = Duration::from_secs(30);
/// Attempts that last this long forgive the earlier ones.
const QUIET: Duration = Duration::from_mins(2);

/// The waits of one supervisor.
#[derive(Debug)]
pub(super) struct Backoff {
    tries: u32,
    random: u64,
    last: Instant,
}

impl Backoff {
    /// The seed spreads the attempts of many supervisors.
    pub(super) fn new(seed: u64) -> Self {
        Self { tries: 0, random: seed | 1, last: Instant::now() }
    }

    /// The next wait: between the doubled base and one and a half times it.
    pub(super) fn next(&mut self) -> Duration {
        if self.last.elapsed() > QUIET {
            self.tries = 0;
        }
        let base = FIRST.saturating_mul(1 << self.tries.min(10)).min(LONGEST);
        self.tries += 1;
        let wait = base + self.part_of(base / 2);
        self.last = Instant::now() + wait;
        wait
    }

    /// Something went well.
    pub(super) fn forgive(&mut self) {
        self.tries = 0;
    }

    /// A part of a duration, drawn evenly. Xorshift: this spreads load and guards nothing.
    pub(super) fn part_of(&mut self, most: Duration) -> Duration {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        let share = u32::try_from(self.random % 1024).unwrap_or(0);
        most * share / 1024
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn waits_double_with_jitter_and_are_forgotten() {
        let mut backoff = Backoff::new(7);
        let base = [800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000];
        for base in base {
            let wait = u64::try_from(backoff.next().as_millis()).unwrap();
            assert!((base..=base + base / 2).contains(&wait), "{wait} after {base}");
        }
        let others: Vec<Duration> = (1..50).map(|seed| Backoff::new(seed * 77).next()).collect();
        assert!(others.iter().any(|wait| *wait != others[0]), "seeds spread");
        tokio::time::sleep(QUIET * 2).await;
        assert!(backoff.next() < Duration::from_millis(1300), "forgotten");
    }
}
