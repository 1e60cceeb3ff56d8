//! Plain resampling: what most tools do, and what the engine is measured against. Past days are
//! drawn with replacement until the work is used up. Never shipped; the bench uses this file too.

/// `SplitMix64`.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap_or(0)
    }
}

/// Working days until `remaining` are done, one a trial, in order; [`u32::MAX`] beyond `cap` days.
pub fn finish_days(
    sample: &[u32],
    remaining: u32,
    trials: u32,
    cap: u32,
    random: &mut Random,
) -> Vec<u32> {
    let trial = |_| {
        let mut left = remaining;
        for day in 1..=cap {
            left = left.saturating_sub(sample[random.below(sample.len())]);
            if left == 0 {
                return day;
            }
        }
        u32::MAX
    };
    let mut days: Vec<u32> = (0..trials).map(trial).collect();
    days.sort_unstable();
    days
}

/// The day by which `level` percent of the trials end.
pub fn when(days: &[u32], level: u8) -> u32 {
    days[(usize::from(level) * days.len()).div_ceil(100) - 1]
}
