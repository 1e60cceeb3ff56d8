//! The one generator: `ChaCha8`, with 64 bits of counter and 64 bits of stream, as D. J. Bernstein
//! published it (2008). Own, because it is forty lines with a published stream to test against, and
//! because the numbers of an engine version must never change with a library. Each trial reads a
//! stream of its own, so that neither threads nor the length of another trial can change a result.

const ROUNDS: usize = 8;
const WORDS: usize = 16;

/// One stream of random numbers.
#[derive(Clone, Debug)]
pub struct Random {
    input: [u32; WORDS],
    block: [u32; WORDS],
    /// Words of the block that are used up.
    used: usize,
    /// Normal numbers come in pairs; the second of the last pair.
    pub(crate) spare: Option<f64>,
}

impl Random {
    /// The stream of this number under this seed.
    pub fn new(seed: u64, stream: u64) -> Self {
        let mut input = [0; WORDS];
        input[..4].copy_from_slice(&[0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574]);
        input[4..6].copy_from_slice(&halves(seed));
        input[14..].copy_from_slice(&halves(stream));
        Self { input, block: [0; WORDS], used: WORDS, spare: None }
    }

    fn word(&mut self) -> u32 {
        if self.used == WORDS {
            self.refill();
        }
        self.used += 1;
        self.block[self.used - 1]
    }

    fn refill(&mut self) {
        let mut block = self.input;
        for _ in 0..ROUNDS / 2 {
            quarter(&mut block, 0, 4, 8, 12);
            quarter(&mut block, 1, 5, 9, 13);
            quarter(&mut block, 2, 6, 10, 14);
            quarter(&mut block, 3, 7, 11, 15);
            quarter(&mut block, 0, 5, 10, 15);
            quarter(&mut block, 1, 6, 11, 12);
            quarter(&mut block, 2, 7, 8, 13);
            quarter(&mut block, 3, 4, 9, 14);
        }
        for (word, input) in block.iter_mut().zip(self.input) {
            *word = word.wrapping_add(input);
        }
        self.block = block;
        self.used = 0;
        let (low, carry) = self.input[12].overflowing_add(1);
        self.input[12] = low;
        self.input[13] = self.input[13].wrapping_add(u32::from(carry));
    }

    /// A number strictly between 0 and 1, in steps of 2⁻⁵².
    pub fn unit(&mut self) -> f64 {
        let (high, low) = (self.word() >> 6, self.word() >> 6);
        // 26 and 26 bits, and a half so that neither end is met.
        (f64::from(high) * 67_108_864.0 + f64::from(low) + 0.5) / 4_503_599_627_370_496.0
    }
}

fn halves(number: u64) -> [u32; 2] {
    let bytes = number.to_le_bytes();
    let half =
        |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
    [half(0), half(4)]
}

#[inline]
fn quarter(block: &mut [u32; WORDS], a: usize, b: usize, c: usize, d: usize) {
    block[a] = block[a].wrapping_add(block[b]);
    block[d] = (block[d] ^ block[a]).rotate_left(16);
    block[c] = block[c].wrapping_add(block[d]);
    block[b] = (block[b] ^ block[c]).rotate_left(12);
    block[a] = block[a].wrapping_add(block[b]);
    block[d] = (block[d] ^ block[a]).rotate_left(8);
    block[c] = block[c].wrapping_add(block[d]);
    block[b] = (block[b] ^ block[c]).rotate_left(7);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;

    #[test]
    fn the_stream_is_the_published_one() {
        // ChaCha8, 256 bits of key and all of it zero: first 64 bytes of the key stream.
        let published = "3e00ef2f895f40d67f5bb8e81f09a5a12c840ec3ce9a7f3b181be188ef711a1e\
                         984ce172b9216f419f445367456d5619314a42a3da86b001387bfdb80e0cfe42";
        let mut random = Random::new(0, 0);
        let mut stream = String::new();
        for _ in 0..WORDS {
            for byte in random.word().to_le_bytes() {
                let _ = write!(stream, "{byte:02x}");
            }
        }
        assert_eq!(stream, published);
    }

    #[test]
    fn streams_and_seeds_differ_and_repeat() {
        let first = |seed, stream| Random::new(seed, stream).unit();
        assert!((first(1, 2) - first(1, 2)).abs() < f64::EPSILON, "the same stream repeats");
        assert!((first(1, 2) - first(2, 1)).abs() > f64::EPSILON, "seed and stream are not one");
        assert!((first(1, 2) - first(1, 3)).abs() > f64::EPSILON, "streams differ");
        assert!((first(1 << 40, 0) - first(0, 0)).abs() > f64::EPSILON, "all of the seed counts");
    }
}
