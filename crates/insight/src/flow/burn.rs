//! The ideal line beside a burn-down. A change of scope steps it on its own day and aims it at zero
//! anew from there; what is past stays.

/// One day of the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ideal {
    /// Change of scope on the day.
    pub change: i32,
    /// The day is worked; on other days the line is flat.
    pub is_working: bool,
}

/// What should remain at the close of each day. With no working day left to aim at, the line stays.
pub fn ideal(scope_at_start: u32, days: &[Ideal]) -> Vec<f64> {
    let mut left = days.iter().filter(|day| day.is_working).count();
    let mut line = f64::from(scope_at_start);
    let step = |day: &Ideal| {
        line = (line + f64::from(day.change)).max(0.0);
        if day.is_working {
            line -= line / crate::draw::real(left as u64);
            left -= 1;
        }
        line
    };
    days.iter().map(step).collect()
}
