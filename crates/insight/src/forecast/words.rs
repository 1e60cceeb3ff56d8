//! How a likelihood is said.

use super::Line;
use crate::draw::whole;
use chrono::NaiveDate;
use pilotage_domain::calendar::Calendar;

/// How a programme stands against its deadline. Computed, never chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// At least 85 %.
    OnCourse,
    /// 70 to 85 %.
    Likely,
    /// 50 to 70 %.
    AtRisk,
    /// Below 50 %.
    OffCourse,
    /// No forecast, or no deadline.
    Unknown,
}

impl Status {
    /// By the likelihood at the deadline, a share. It goes by the whole percent, so that the word
    /// never contradicts the number beside it.
    pub fn of(likelihood: Option<f64>) -> Self {
        match likelihood.map(percent) {
            None => Self::Unknown,
            Some(85..) => Self::OnCourse,
            Some(70..) => Self::Likely,
            Some(50..) => Self::AtRisk,
            Some(_) => Self::OffCourse,
        }
    }

    /// The word, as shown.
    pub fn word(self) -> &'static str {
        match self {
            Self::OnCourse => "On course",
            Self::Likely => "Likely",
            Self::AtRisk => "At risk",
            Self::OffCourse => "Off course",
            Self::Unknown => "Unknown",
        }
    }
}

/// The likelihood of a deadline.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Chance {
    /// Share of the trials that meet it.
    pub share: f64,
    /// It lies before day 1.
    pub passed: bool,
}

impl Chance {
    /// As shown: "78 %", "< 5 %, passed".
    pub fn words(self) -> String {
        percent_words(self.share) + if self.passed { ", passed" } else { "" }
    }
}

impl Line {
    /// How likely it is that nothing remains at the end of `deadline`, a local day.
    pub fn by(&self, calendar: &Calendar, day_one: NaiveDate, deadline: NaiveDate) -> Chance {
        let share = self.likelihood(calendar.workdays(day_one, deadline));
        Chance { share, passed: deadline < day_one }
    }
}

/// The share in whole percent.
fn percent(share: f64) -> u64 {
    whole((share * 100.0).round())
}

/// A share in whole percent; never 0 or 100 while work remains.
pub fn percent_words(share: f64) -> String {
    match percent(share) {
        96.. => "> 95 %".to_owned(),
        percent @ 5..=95 => format!("{percent} %"),
        _ => "< 5 %".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_said_in_whole_percent_and_never_as_certain() {
        let check = |share: f64, words: &str, status: Status| {
            assert_eq!(percent_words(share), words, "{share}");
            assert_eq!(Status::of(Some(share)), status, "{share}");
        };
        check(0.0, "< 5 %", Status::OffCourse);
        check(0.044, "< 5 %", Status::OffCourse);
        check(0.0815, "8 %", Status::OffCourse);
        check(0.494, "49 %", Status::OffCourse);
        check(0.5, "50 %", Status::AtRisk);
        check(0.7762, "78 %", Status::Likely);
        check(0.844, "84 %", Status::Likely);
        check(0.846, "85 %", Status::OnCourse);
        check(0.954, "95 %", Status::OnCourse);
        check(0.96, "> 95 %", Status::OnCourse);
        check(1.0, "> 95 %", Status::OnCourse);
        assert_eq!(Status::of(None), Status::Unknown);
    }
}
