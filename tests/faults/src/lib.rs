//! Faults, through the real store: power cuts, calls that fail, kills, damage, callers that go
//! away. Each has a control that must go wrong. Small numbers run with the tests; `cargo xtask bench
//! durability` runs the full ones.

pub mod calls;
pub mod cancel;
pub mod damage;
pub mod kill;
pub mod power;
pub mod story;
pub mod table;
pub mod tape;
mod vfs;

use tempfile::TempDir;
use uuid::Uuid;

/// A result whose error is a sentence.
pub type Outcome<T> = Result<T, String>;

/// A folder that goes away; in memory where the system has such a place, since flushes are counted
/// here and not measured.
pub fn folder() -> Outcome<TempDir> {
    let memory = std::path::Path::new("/dev/shm");
    let made = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    made.map_err(|error| error.to_string())
}

/// `SplitMix64`: one seed replays everything.
#[derive(Debug)]
pub struct Dice(u64);

impl Dice {
    /// Dice that always fall the same way.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next throw.
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to `sides` - 1.
    pub fn below(&mut self, sides: usize) -> usize {
        usize::try_from(self.roll() % sides.max(1) as u64).unwrap_or(0)
    }

    /// An id.
    pub fn id(&mut self) -> Uuid {
        Uuid::from_u64_pair(self.roll(), self.roll())
    }
}
