//! Delivery figures of one service as dora.dev defines them, before and after its move. Each says how
//! it came about and how much it covers; what was not observed has no figure. They are never
//! averaged over services and never ranked.

use crate::dto::deployments::{DeliveryFigure, DeliveryView};
use pilotage_cluster::rollouts::trends::Week;
use pilotage_domain::cluster::{Rollout as Seen, RolloutKind as Change};
use pilotage_domain::{DAY, Millis};
use pilotage_insight::delivery::{
    Delivery, ENOUGH, Failure, Figure, Frequency, Rollout, RolloutKind, Tag, Watched, compared,
    delivery,
};

/// A return within this time says that what it took back had failed.
const TAKEN_BACK: Millis = DAY;
/// Titles of the figures, in the order of [`told`].
const TITLES: [&str; 7] = [
    "Deployments of images",
    "Deployments of configuration",
    "By pipeline or GitOps",
    "Signs of failure",
    "Time to recover",
    "Change lead time",
    "Unplanned rework",
];

/// The figures of the weeks that are told and, around a moment at which the service moved, those of
/// times of one length before and after it.
pub(super) fn figures(
    rollouts: &[(Millis, &Seen)],
    weeks: &[Week],
    moved: Option<(Millis, Millis)>,
    start: impl Fn(&Week) -> Millis,
) -> DeliveryView {
    let all = read(rollouts);
    // A week counts for as much of it as lies within.
    let watched = |from: Millis, to: Millis| {
        let days: Millis = weeks
            .iter()
            .filter(|week| week.observed)
            .map(|week| {
                let begin = start(week);
                ((begin + 7 * DAY).min(to) - begin.max(from)).max(0) / DAY
            })
            .sum();
        Watched { days: u32::try_from(days).unwrap_or(0), failures: days > 0 }
    };
    let first = weeks.first().map_or(0, &start);
    let within = |from: Millis, to: Millis| -> Vec<Rollout> {
        all.iter().filter(|one| from <= one.at && one.at < to).copied().collect()
    };
    let now = told(&delivery(&within(first, Millis::MAX), watched(first, Millis::MAX - 7 * DAY)));
    let sides = moved.map(|(moment, until)| {
        let length = (until - moment).min(moment - first).max(0);
        let side = |from, to| (within(from, to), watched(from, to));
        let before = side(moment - length, moment);
        let after = side(moment, moment + length);
        let found = compared((&before.0, before.1), (&after.0, after.1));
        (before.0.len(), after.0.len(), found.map(|(before, after)| (told(&before), told(&after))))
    });
    let compared = sides.as_ref().and_then(|(_, _, found)| found.as_ref());
    let figures = TITLES.iter().enumerate().map(|(place, title)| {
        let (value, tag, covers) = now[place].clone();
        DeliveryFigure {
            title: (*title).to_owned(),
            tag: tag.to_owned(),
            value,
            covers,
            before: compared.and_then(|(before, _)| before[place].0.clone()),
            after: compared.and_then(|(_, after)| after[place].0.clone()),
        }
    });
    let too_few = |(before, after, found): (usize, usize, Option<_>)| {
        found.is_none().then(|| {
            format!(
                "Too few to compare: {before} deployments before the move and {after} after it, \
                 {ENOUGH} are needed on each side."
            )
        })
    };
    DeliveryView {
        figures: figures.collect(),
        compared: compared.is_some(),
        not_compared: sides.and_then(too_few),
    }
}

/// Rollouts as the figures want them: the first revision is an installation and deploys no change,
/// and of what a history alone tells nobody knows what it changed. A
/// return within a day is the sign that what it took back had failed; when the service was well
/// again is not known from it.
fn read(rollouts: &[(Millis, &Seen)]) -> Vec<Rollout> {
    let taken_back = |at: Millis, rollout: &Seen| {
        let mut later =
            rollouts.iter().filter(|(other, one)| *other > at && one.uid == rollout.uid);
        let (back, next) = later.next()?;
        let is_return = next.change == Change::Rollback && back - at <= TAKEN_BACK;
        is_return.then_some(Failure { first_sign: *back, recovered: None })
    };
    let mut read: Vec<Rollout> = rollouts
        .iter()
        .filter(|(_, one)| !matches!(one.change, Change::First | Change::Delivery))
        .filter(|(_, one)| one.change.deploys())
        .map(|(at, one)| Rollout {
            kind: match one.change {
                Change::Config => RolloutKind::Config,
                _ => RolloutKind::Image,
            },
            at: *at,
            writer: one.writer.class,
            committed_at: None,
            failure: taken_back(*at, one),
            unplanned: None,
        })
        .collect();
    read.sort_by_key(|one| one.at);
    read
}

/// Value in words, how it came about, and how much it covers.
type Told = (Option<String>, &'static str, String);

fn told(delivery: &Delivery) -> [Told; 7] {
    [
        often(&delivery.images),
        often(&delivery.configs),
        told_of(&delivery.pipeline_share, |share| percent(*share)),
        told_of(&delivery.fail_rate, |share| percent(*share)),
        told_of(&delivery.recovery, |time| hours(*time)),
        told_of(&delivery.lead_time, |time| hours(*time)),
        told_of(&delivery.rework_rate, |share| percent(*share)),
    ]
}

fn often(frequency: &Frequency) -> Told {
    told_of(&frequency.per_week, |rate| {
        let gap = frequency.median_gap.map(|gap| format!(", median gap {}", hours(gap)));
        format!("{rate:.1} a week{}", gap.unwrap_or_default())
    })
}

fn told_of<T>(figure: &Figure<T>, words: impl Fn(&T) -> String) -> Told {
    let tag = match figure.tag {
        Tag::Measured => "measured",
        Tag::Proxy => "proxy",
        Tag::SelfReported => "self-reported",
    };
    let covers = format!("{} of {}", figure.covered, figure.of);
    (figure.value.as_ref().map(words), tag, covers)
}

fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

fn hours(time: Millis) -> String {
    let hours = time / 3_600_000;
    if hours >= 48 { format!("{} days", hours / 24) } else { format!("{hours} h") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDate;
    use pilotage_domain::cluster::{TimeSource, WorkloadName, Writer, WriterClass};
    use std::collections::BTreeMap;
    use uuid::Uuid;

    fn seen(change: Change, class: WriterClass) -> Seen {
        Seen {
            workload: WorkloadName {
                target: Uuid::nil(),
                namespace: "shop".into(),
                kind: "Deployment".into(),
                name: "cart".into(),
            },
            uid: "u".into(),
            revision: 1,
            change,
            images: Vec::new(),
            writer: Writer { class, manager: String::new(), at: None },
            time: TimeSource::Created,
            unseen_since: None,
            trace: None,
        }
    }

    /// Weeks of the epoch, the third of which nobody observed.
    fn weeks(count: i64) -> Vec<Week> {
        let week = |number: i64| Week {
            monday: NaiveDate::default() + chrono::TimeDelta::days(7 * number),
            by_class: BTreeMap::new(),
            observed: number != 2,
        };
        (0..count).map(week).collect()
    }

    fn start(week: &Week) -> Millis {
        week.monday.and_time(chrono::NaiveTime::MIN).and_utc().timestamp_millis()
    }

    /// Days and what happened on them.
    fn view(events: &[(i64, Change, WriterClass)], moved: Option<(i64, i64)>) -> DeliveryView {
        let kept: Vec<(Millis, Seen)> =
            events.iter().map(|(day, change, class)| (day * DAY, seen(*change, *class))).collect();
        let rollouts: Vec<(Millis, &Seen)> = kept.iter().map(|(at, one)| (*at, one)).collect();
        let moved = moved.map(|(at, until)| (at * DAY, until * DAY));
        figures(&rollouts, &weeks(8), moved, start)
    }

    fn values(view: &DeliveryView) -> Vec<Option<&str>> {
        view.figures.iter().map(|figure| figure.value.as_deref()).collect()
    }

    #[test]
    fn a_return_within_a_day_is_a_sign_of_failure_and_a_gap_is_no_time() {
        use Change::{Config, First, Image, Rollback};
        use WriterClass::{Ambiguous, Manual, Pipeline};
        // 7 observed weeks: 49 days. Five rollouts count; the installation does not.
        let told = view(
            &[
                (0, First, Ambiguous),
                (1, Image, Manual),
                (8, Image, Pipeline),
                (9, Rollback, Manual),
                (30, Image, Pipeline),
                (33, Config, Pipeline),
            ],
            None,
        );
        let expect = [
            Some("0.6 a week, median gap 7 days"),
            Some("0.1 a week"),
            Some("60 %"),
            Some("20 %"),
            None,
            None,
            None,
        ];
        assert_eq!(values(&told), expect);
        assert_eq!((told.compared, &told.not_compared), (false, &None), "nothing moved");
        // The control: two days later it says nothing of failure.
        let late = view(&[(8, Image, Pipeline), (10, Rollback, Manual)], None);
        assert_eq!(late.figures[3].value.as_deref(), Some("0 %"));
        assert_eq!(
            values(&view(&[], None))[..4],
            [Some("0.0 a week"), Some("0.0 a week"), None, None]
        );
    }

    #[test]
    fn before_and_after_are_of_one_length_and_need_eight_each() {
        use Change::Image;
        use WriterClass::{Manual, Pipeline};
        let days = |from: i64, count: i64, class| {
            (0..count).map(move |day| (from + day, Image, class)).collect::<Vec<_>>()
        };
        let mut events = days(29, 8, Manual);
        events.extend(days(40, 8, Pipeline));
        // Moved on day 40, now day 56: 16 days on each side.
        let told = view(&events, Some((40, 56)));
        assert!(told.compared, "{told:?}");
        let share = &told.figures[2];
        assert_eq!((share.before.as_deref(), share.after.as_deref()), (Some("0 %"), Some("100 %")));
        let often = &told.figures[0];
        assert_eq!(often.before.as_deref(), Some("3.5 a week, median gap 24 h"));
        events.pop();
        let few = view(&events, Some((40, 56)));
        assert!(!few.compared && few.figures[2].after.is_none());
        assert!(few.not_compared.unwrap().contains("8 deployments before the move and 7 after"));
    }
}
