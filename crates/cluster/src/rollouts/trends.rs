//! What a programme reads from its rollouts: deployments per week by writer, days since the last one
//! by hand, services that are deployed together, and the gaps in which nobody looked. Classes of
//! writers are never mixed into one number.

use chrono::{DateTime, Datelike as _, Days, NaiveDate, TimeDelta};
use chrono_tz::Tz;
use pilotage_domain::Millis;
use pilotage_domain::cluster::{Rollout, RolloutKind, WriterClass};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Deployments of one week by writer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Week {
    /// Its Monday, in the programme's zone.
    pub monday: NaiveDate,
    /// Number of deployments by class.
    pub by_class: BTreeMap<WriterClass, u32>,
    /// Whether anybody looked in this week at all; if not, it is a gap and no zero.
    pub observed: bool,
}

/// A stretch of time in which somebody looked, both ends included.
pub type Watched = (Millis, Millis);

fn day(at: Millis, zone: Tz) -> NaiveDate {
    let at = DateTime::from_timestamp_millis(at).unwrap_or_default();
    at.with_timezone(&zone).date_naive()
}

/// The Monday of a day's week.
pub fn monday(day: NaiveDate) -> NaiveDate {
    let back = Days::new(day.weekday().num_days_from_monday().into());
    day.checked_sub_days(back).unwrap_or(day)
}

/// Deployments per week, oldest first, without a hole between the first and the last week. Restarts
/// are no deployments. A week before the first look counts as observed only where revisions of it
/// were still there, and then is a lower bound; what only a delivery controller's history tells is
/// counted and makes no week an observed one.
pub fn per_week(
    rollouts: &[(Millis, &Rollout)],
    watched: &[Watched],
    now: Millis,
    zone: Tz,
) -> Vec<Week> {
    let deployed = || rollouts.iter().filter(|(_, one)| one.change.deploys());
    let first = deployed().map(|(at, _)| *at).chain(watched.iter().map(|(from, _)| *from)).min();
    let Some(first) = first else { return Vec::new() };
    let last = monday(day(now, zone));
    let mut weeks: BTreeMap<NaiveDate, Week> = BTreeMap::new();
    let mut next = monday(day(first, zone));
    while next <= last {
        weeks.insert(next, Week { monday: next, ..Week::default() });
        let Some(after) = next.checked_add_days(Days::new(7)) else { break };
        next = after;
    }
    for (from, to) in watched {
        let (from, to) = (monday(day(*from, zone)), monday(day(*to, zone)));
        for (_, week) in weeks.range_mut(from..=to.max(from)) {
            week.observed = true;
        }
    }
    for (at, rollout) in deployed() {
        if let Some(week) = weeks.get_mut(&monday(day(*at, zone))) {
            // What a history alone tells was told by nobody who looked then: others may be missing.
            week.observed |= rollout.change != RolloutKind::Delivery;
            *week.by_class.entry(rollout.writer.class).or_default() += 1;
        }
    }
    weeks.into_values().collect()
}

/// Stretches between looks that are longer than looks usually lie apart: drawn as gaps.
pub fn gaps(looks: &[Millis], usual: TimeDelta) -> Vec<(Millis, Millis)> {
    let mut looks = looks.to_vec();
    looks.sort_unstable();
    looks
        .windows(2)
        .filter(|pair| pair[1] - pair[0] > usual.num_milliseconds())
        .map(|pair| (pair[0], pair[1]))
        .collect()
}

/// Days since the last deployment by hand, and how many since then nobody can tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SinceManual {
    /// Whole days since the last one by hand, where one was seen.
    pub days: Option<i64>,
    /// Deployments since then, or since the first look, that are ambiguous: beside it, not in it.
    pub ambiguous_since: u32,
    /// Since when anybody looked.
    pub watched_since: Option<Millis>,
}

/// Days since the last deployment by hand.
pub fn since_manual(
    rollouts: &[(Millis, &Rollout)],
    watched_since: Option<Millis>,
    now: Millis,
    zone: Tz,
) -> SinceManual {
    let by = |class: WriterClass| {
        rollouts
            .iter()
            .filter(move |(_, one)| one.writer.class == class && one.change.deploys())
            .map(|(at, _)| *at)
    };
    let last = by(WriterClass::Manual).max();
    let from = last.max(watched_since).unwrap_or(Millis::MIN);
    let ambiguous = by(WriterClass::Ambiguous).filter(|at| *at >= from).count();
    SinceManual {
        days: last.map(|at| (day(now, zone) - day(at, zone)).num_days()),
        ambiguous_since: u32::try_from(ambiguous).unwrap_or(u32::MAX),
        watched_since,
    }
}

/// Services that were deployed within this time are deployed together.
pub const TOGETHER: TimeDelta = TimeDelta::minutes(15);

/// How often two services were deployed together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Together {
    /// The one with the smaller id.
    pub first: Uuid,
    /// The other one.
    pub second: Uuid,
    /// Deployments of the first that had one of the second beside them.
    pub times: u32,
    /// Deployments of the first.
    pub of_first: u32,
    /// Deployments of the second.
    pub of_second: u32,
}

/// Pairs of services that were deployed within 15 minutes of each other, the most frequent first.
/// Each deployment counts once per pair. `deployments` are service and moment; several workloads of
/// one service within the time are one deployment.
pub fn together(deployments: &[(Uuid, Millis)]) -> Vec<Together> {
    let close = TOGETHER.num_milliseconds();
    let mut by_service: BTreeMap<Uuid, Vec<Millis>> = BTreeMap::new();
    let mut sorted: Vec<(Millis, Uuid)> = deployments.iter().map(|(id, at)| (*at, *id)).collect();
    sorted.sort_unstable();
    for (at, service) in &sorted {
        let moments = by_service.entry(*service).or_default();
        if moments.last().is_none_or(|last| at - last > close) {
            moments.push(*at);
        }
    }
    let mut merged: Vec<(Millis, Uuid)> = by_service
        .iter()
        .flat_map(|(service, moments)| moments.iter().map(|at| (*at, *service)))
        .collect();
    merged.sort_unstable();
    let mut pairs: BTreeMap<(Uuid, Uuid), BTreeSet<Millis>> = BTreeMap::new();
    for (index, (at, service)) in merged.iter().enumerate() {
        let near = merged[index + 1..].iter().take_while(|(later, _)| later - at <= close);
        for (later, other) in near.filter(|(_, other)| other != service) {
            let (pair, of_first) = if service < other {
                ((*service, *other), *at)
            } else {
                ((*other, *service), *later)
            };
            pairs.entry(pair).or_default().insert(of_first);
        }
    }
    let count = |service: &Uuid| u32::try_from(by_service[service].len()).unwrap_or(u32::MAX);
    let mut all: Vec<Together> = pairs
        .into_iter()
        .map(|((first, second), moments)| Together {
            first,
            second,
            times: u32::try_from(moments.len()).unwrap_or(u32::MAX),
            of_first: count(&first),
            of_second: count(&second),
        })
        .collect();
    all.sort_by_key(|pair| (std::cmp::Reverse(pair.times), pair.first, pair.second));
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use pilotage_domain::cluster::{TimeSource, WorkloadName, Writer};

    fn rollout(change: RolloutKind, class: WriterClass) -> Rollout {
        Rollout {
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
            time: TimeSource::Observed,
            unseen_since: None,
            trace: None,
        }
    }

    fn at(text: &str) -> Millis {
        DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis()
    }

    #[test]
    fn weeks_count_by_class_and_gaps_are_no_zeros() {
        use WriterClass::{Gitops, Manual, Pipeline};
        let manual = rollout(RolloutKind::Image, Manual);
        let pipeline = rollout(RolloutKind::Config, Pipeline);
        let restart = rollout(RolloutKind::Restart, Manual);
        // Only a history tells of it, and nobody looked then: others may be missing.
        let told = rollout(RolloutKind::Delivery, Gitops);
        let rollouts = [
            // A Sunday evening in UTC is a Monday in Berlin.
            (at("2026-02-01T23:30:00Z"), &manual),
            (at("2026-02-03T10:00:00Z"), &pipeline),
            (at("2026-02-03T11:00:00Z"), &pipeline),
            (at("2026-02-04T11:00:00Z"), &restart),
            (at("2026-02-10T11:00:00Z"), &told),
        ];
        let watched = [(at("2026-02-16T08:00:00Z"), at("2026-02-20T08:00:00Z"))];
        let weeks = per_week(&rollouts, &watched, at("2026-02-24T08:00:00Z"), Tz::Europe__Berlin);
        let read: Vec<(String, Vec<u32>, bool)> = weeks
            .iter()
            .map(|week| {
                (week.monday.to_string(), week.by_class.values().copied().collect(), week.observed)
            })
            .collect();
        let week =
            |monday: &str, counts: &[u32], observed| (monday.to_owned(), counts.to_vec(), observed);
        assert_eq!(
            read,
            [
                week("2026-02-02", &[1, 2], true),
                week("2026-02-09", &[1], false),
                week("2026-02-16", &[], true),
                week("2026-02-23", &[], false),
            ]
        );
        assert_eq!(per_week(&[], &[], 0, Tz::UTC), []);
        let looks =
            [at("2026-02-01T00:00:00Z"), at("2026-02-01T01:00:00Z"), at("2026-02-05T00:00:00Z")];
        assert_eq!(gaps(&looks, TimeDelta::days(1)), [(looks[1], looks[2])]);
    }

    #[test]
    fn days_since_the_last_one_by_hand() {
        use WriterClass::{Ambiguous, Manual, Pipeline};
        let check = |rollouts: &[(i64, RolloutKind, WriterClass)], expect: (Option<i64>, u32)| {
            let kept: Vec<(Millis, Rollout)> = rollouts
                .iter()
                .map(|(day, kind, class)| (day * pilotage_domain::DAY, rollout(*kind, *class)))
                .collect();
            let all: Vec<(Millis, &Rollout)> = kept.iter().map(|(at, one)| (*at, one)).collect();
            let since = since_manual(
                &all,
                Some(5 * pilotage_domain::DAY),
                30 * pilotage_domain::DAY,
                Tz::UTC,
            );
            assert_eq!((since.days, since.ambiguous_since), expect);
        };
        let image = RolloutKind::Image;
        check(&[], (None, 0));
        check(&[(20, image, Manual), (25, image, Pipeline)], (Some(10), 0));
        check(
            &[(20, image, Manual), (25, image, Ambiguous), (10, image, Ambiguous)],
            (Some(10), 1),
        );
        check(&[(20, RolloutKind::Restart, Manual)], (None, 0));
        // What was before the first look is not told.
        check(&[(1, image, Ambiguous), (6, image, Ambiguous)], (None, 1));
    }

    #[test]
    fn deployed_together_within_fifteen_minutes() {
        let [a, b, c] = [1, 2, 3].map(Uuid::from_u128);
        let minute = |minutes: i64| minutes * 60_000;
        let check = |deployments: &[(Uuid, i64)], expect: &[(Uuid, Uuid, u32)]| {
            let deployments: Vec<(Uuid, Millis)> =
                deployments.iter().map(|(id, at)| (*id, minute(*at))).collect();
            let read: Vec<(Uuid, Uuid, u32)> = together(&deployments)
                .iter()
                .map(|pair| (pair.first, pair.second, pair.times))
                .collect();
            assert_eq!(read, expect, "{deployments:?}");
        };
        check(&[(a, 0), (b, 15)], &[(a, b, 1)]);
        check(&[(a, 0), (b, 16)], &[]);
        check(&[(b, 0), (a, 5), (c, 100)], &[(a, b, 1)]);
        // Two workloads of one service are one deployment of it.
        check(&[(a, 0), (a, 3), (b, 4)], &[(a, b, 1)]);
        check(&[(a, 0), (b, 4), (a, 60), (b, 64), (c, 66)], &[(a, b, 2), (a, c, 1), (b, c, 1)]);
    }
}
