//! The hybrid logical clock: one `u64`, upper 48 bits milliseconds, lower 16 a counter. The counter
//! overflows into the milliseconds: it carries, nothing throws.

use crate::Millis;

/// A reading of the hybrid logical clock.
pub type Hlc = u64;

/// Readings from here on (the year 2200) are never folded: they would push every clock to the end.
pub const CAP: Hlc = 0x0699_e991_a800_0000;

/// The next reading of an author whose last reading was `last`, at wall clock `now`.
pub fn next(last: Hlc, now: Millis) -> Hlc {
    let wall = u64::try_from(now.max(0)).unwrap_or(0) << 16;
    (last + 1).max(wall)
}

/// The last reading after seeing `other`. Never called for quarantined readings.
pub fn seen(last: Hlc, other: Hlc) -> Hlc {
    last.max(other)
}

/// The milliseconds of a reading.
pub fn millis(hlc: Hlc) -> Millis {
    Millis::try_from(hlc >> 16).unwrap_or(Millis::MAX)
}

/// 16 lower-case hex digits, which sort as text.
pub fn to_hex(hlc: Hlc) -> String {
    format!("{hlc:016x}")
}

/// Reads exactly what [`to_hex`] writes.
pub fn from_hex(text: &str) -> Option<Hlc> {
    let shape = text.len() == 16
        && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    if shape { u64::from_str_radix(text, 16).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_counter_carries_into_the_milliseconds() {
        let last = (5 << 16) | 0xffff;
        assert_eq!(next(last, 5), 6 << 16, "65,536 readings in one millisecond borrow the next");
        assert_eq!(next(last, 3), 6 << 16, "a clock set back does not turn readings back");
        assert_eq!(next(last, 9), 9 << 16, "a later wall clock leads");
        assert_eq!(next(0, -7), 1, "a wall clock before 1970 counts as 1970");
    }

    #[test]
    fn hex_round_trips_and_refuses_other_spellings() {
        assert_eq!(from_hex(&to_hex(CAP)), Some(CAP));
        for wrong in ["", "0", "0699E991A8000000", "+699e991a8000000", "0699e991a80000000"] {
            assert_eq!(from_hex(wrong), None, "{wrong:?} is not canonical");
        }
    }
}
