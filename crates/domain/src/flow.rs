//! Cumulative flow: how many services stood at each stage at the end of each day, as they were
//! then. It is a fold of the moves, so today's scope never rewrites yesterday. Days are those of
//! [`crate::calendar`].

use crate::Millis;
pub use crate::calendar::{day_of, days_between, start_of};
use crate::journey::Move;
use chrono::{Days, NaiveDate};
use chrono_tz::Tz;

/// One day of the chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowDay {
    /// The local day.
    pub day: NaiveDate,
    /// Services in scope whose stage was exactly `stages[i]`, `stages[0]` being "no stage".
    pub here: Vec<u32>,
}

/// Counts services by stage at the end of each day from `from` to `to`, both included. `stages`
/// are stage ids in climbing order; a stage that is not among them counts as none.
pub fn cumulative_flow(
    services: &[Vec<Move>],
    stages: &[String],
    from: NaiveDate,
    to: NaiveDate,
    zone: Tz,
) -> Vec<FlowDay> {
    let column = |stage: &Option<String>| {
        stage
            .as_ref()
            .and_then(|id| stages.iter().position(|stage| stage == id))
            .map_or(0, |index| index + 1)
    };
    // Each service leaves one column and enters another: sweep the changes once, in order.
    let mut changes: Vec<(Millis, Option<usize>, Option<usize>)> = Vec::new();
    for moves in services {
        let mut at = None;
        for step in moves {
            let to = step.in_scope.then(|| column(&step.stage));
            changes.push((step.at, at, to));
            at = to;
        }
    }
    changes.sort_by_key(|(at, ..)| *at);

    let mut here = vec![0_u32; stages.len() + 1];
    let mut changes = changes.into_iter().peekable();
    let mut days = Vec::new();
    let mut day = from;
    while day <= to {
        let Some(next) = day.checked_add_days(Days::new(1)) else {
            break;
        };
        let end = start_of(next, zone);
        while let Some((_, leave, enter)) = changes.next_if(|(at, ..)| *at < end) {
            if let Some(column) = leave {
                here[column] = here[column].saturating_sub(1);
            }
            if let Some(column) = enter {
                here[column] += 1;
            }
        }
        days.push(FlowDay { day, here: here.clone() });
        day = next;
    }
    days
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;

    fn step(at: &str, stage: Option<&str>, in_scope: bool) -> Move {
        let at = DateTime::parse_from_rfc3339(at).unwrap().timestamp_millis();
        Move { at, stage: stage.map(str::to_owned), in_scope }
    }

    #[test]
    fn days_end_at_local_midnight_and_scope_is_as_it_was() {
        let services = vec![
            vec![
                step("2026-03-02T09:00:00Z", None, true),
                step("2026-03-03T23:30:00Z", Some("live"), true), // already the 4th in Berlin
            ],
            vec![
                step("2026-03-02T09:00:00Z", None, true),
                step("2026-03-04T09:00:00Z", None, false),
            ],
        ];
        let day = |d| NaiveDate::from_ymd_opt(2026, 3, d).unwrap();
        let stages = vec!["pipeline".to_owned(), "live".to_owned()];
        let berlin = chrono_tz::Europe::Berlin;
        let flow = cumulative_flow(&services, &stages, day(1), day(4), berlin);
        let here: Vec<Vec<u32>> = flow.into_iter().map(|day| day.here).collect();
        assert_eq!(here, [vec![0, 0, 0], vec![2, 0, 0], vec![2, 0, 0], vec![0, 0, 1]]);
    }
}
