//! Rollouts: observed changes of pod templates, and what a programme reads from them. The cluster
//! forgets (it keeps ten revisions or fewer, and no writers); what was seen once is kept. What is
//! deliberately absent: a writer for what happened before the first look. It stays ambiguous.

use crate::shape::Moment;
use crate::shape::revision::{REVISION_HISTORY, TemplateCore};
use crate::view::{View, Workload, revision_of};
use crate::writers::classify::ImageWriters;
use chrono::{DateTime, Datelike as _, Days, NaiveDate, TimeDelta};
use chrono_tz::Tz;
use pilotage_domain::Millis;
use pilotage_domain::cluster::{
    Rollout, RolloutKind, TimeSource, WorkloadName, Writer, WriterClass,
};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// A rollout with its time.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// When.
    pub at: Moment,
    /// What.
    pub rollout: Rollout,
}

/// One revision of a workload, as the cluster keeps it.
struct Revision<'a> {
    number: i64,
    created: Option<Moment>,
    template: &'a TemplateCore,
    /// An earlier number of the same revision: it was returned to.
    earlier: Option<i64>,
    trace: Option<String>,
}

fn revisions<'a>(view: &View<'a>) -> Vec<Revision<'a>> {
    let sets = view.sets.as_deref().unwrap_or_default().iter();
    let mut all: Vec<Revision<'a>> = sets
        .map(|set| {
            let history = set.meta.annotations.get(REVISION_HISTORY);
            let earlier =
                history.and_then(|numbers| numbers.rsplit(',').next()?.trim().parse().ok());
            Revision {
                number: revision_of(set),
                created: set.meta.created,
                template: &set.spec.template,
                earlier,
                trace: trace(&set.spec.template),
            }
        })
        .collect();
    for one in view.revisions.as_deref().unwrap_or_default() {
        let number = one.revision.unwrap_or(0);
        let template = &one.data.spec.template;
        all.push(Revision {
            number,
            created: one.meta.created,
            template,
            earlier: None,
            trace: trace(template),
        });
    }
    // By number: a revision that was returned to keeps the day on which it was made.
    all.retain(|revision| revision.number > 0);
    all.sort_by_key(|revision| revision.number);
    all
}

fn trace(template: &TemplateCore) -> Option<String> {
    template.marks.first().map(|(key, value)| format!("{key}={value}"))
}

/// What is known when a workload is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// The target it lies in.
    pub target: Uuid,
    /// Numbers of the revisions of this workload that are recorded already.
    pub recorded: &'a BTreeSet<i64>,
    /// The look before this one, where there was one; nothing at the first.
    pub looked_before: Option<Moment>,
}

/// Rollouts of a workload that nobody has recorded yet, oldest first. The newest revision gets the
/// writer of the images if it came after the look before; all others happened before anybody
/// looked, or between two looks, and their writer is not known.
pub fn unrecorded(view: &View<'_>, writers: &ImageWriters, known: &Known<'_>) -> Vec<Seen> {
    let all = revisions(view);
    let newest = all.last().map(|revision| revision.number);
    let workload = view.workload;
    let meta = workload.meta();
    let mut seen = Vec::new();
    let mut before: Option<&Revision<'_>> = None;
    for revision in &all {
        let previous = before.replace(revision);
        if known.recorded.contains(&revision.number) {
            continue;
        }
        let change = change(previous, revision);
        let is_newest = newest == Some(revision.number);
        let (at, time) = time(view, revision, change, is_newest);
        let fresh = is_newest && known.looked_before.is_some_and(|looked| at > looked);
        let writer = if fresh { writer(writers) } else { nobody() };
        seen.push(Seen {
            at,
            rollout: Rollout {
                workload: WorkloadName {
                    target: known.target,
                    namespace: meta.namespace.to_string(),
                    kind: workload.kind().to_owned(),
                    name: meta.name.to_string(),
                },
                uid: meta.uid.to_string(),
                revision: revision.number,
                change,
                images: revision
                    .template
                    .images
                    .iter()
                    .map(|(name, image)| (name.to_string(), image.to_string()))
                    .collect(),
                writer,
                time,
                unseen_since: (time == TimeSource::Observed)
                    .then(|| known.looked_before.map(|at| at.timestamp_millis()))
                    .flatten(),
                trace: revision.trace.clone(),
            },
        });
    }
    seen
}

fn change(previous: Option<&Revision<'_>>, revision: &Revision<'_>) -> RolloutKind {
    let Some(previous) = previous else {
        // The first that is left is the first of all only if its number says so.
        let first = revision.number == 1;
        return if first { RolloutKind::First } else { RolloutKind::Config };
    };
    if revision.earlier.is_some() {
        RolloutKind::Rollback
    } else if revision.template.images != previous.template.images {
        RolloutKind::Image
    } else if revision.template.print == previous.template.print {
        RolloutKind::Restart
    } else {
        RolloutKind::Config
    }
}

/// When it happened, and how that is known. A revision that came back was made long before.
fn time(
    view: &View<'_>,
    revision: &Revision<'_>,
    change: RolloutKind,
    newest: bool,
) -> (Moment, TimeSource) {
    if change != RolloutKind::Rollback
        && let Some(created) = revision.created
    {
        return (created, TimeSource::Created);
    }
    let progress = match view.workload {
        Workload::Deployment(one) => one.status.condition("Progressing"),
        _ => None,
    };
    match progress.and_then(|one| one.last_update_time.or(one.last_transition_time)) {
        Some(at) if newest => (at, TimeSource::Condition),
        _ => (view.now(), TimeSource::Observed),
    }
}

fn writer(writers: &ImageWriters) -> Writer {
    writers.worst().map_or_else(nobody, |one| Writer {
        class: one.judged.class,
        manager: one.manager.clone(),
        at: one.at.map(|at| at.timestamp_millis()),
    })
}

fn nobody() -> Writer {
    Writer { class: WriterClass::Ambiguous, manager: String::new(), at: None }
}

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

fn monday(day: NaiveDate) -> NaiveDate {
    let back = Days::new(day.weekday().num_days_from_monday().into());
    day.checked_sub_days(back).unwrap_or(day)
}

/// Deployments per week, oldest first, without a hole between the first and the last week. Restarts
/// are no deployments. A week before the first look counts as observed only where revisions of it
/// were still there, and then is a lower bound.
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
            week.observed = true;
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
    use crate::health::tests::{ago, now};
    use crate::health::{Past, Thresholds};
    use crate::view::Index;
    use crate::world::World;
    use crate::writers::classify::Rules;
    use serde_json::json;

    const R: &str = "replicasets";

    fn look(world: &World, recorded: &[i64], before: Option<i64>) -> Vec<Seen> {
        let snapshot = world.snapshot();
        let index = Index::of(&snapshot);
        let limits = Thresholds::default();
        let workload = Workload::all(&snapshot).next().unwrap();
        let view = index.view(workload, &limits, Past::default());
        let rules = Rules::default();
        let around = crate::checks::Around::nothing(&rules);
        let writers = crate::checks::delivery::image_writers(&view, &around);
        let recorded = recorded.iter().copied().collect();
        let looked_before = before.map(|seconds| now() - TimeDelta::seconds(seconds));
        unrecorded(
            &view,
            &writers,
            &Known { target: Uuid::nil(), recorded: &recorded, looked_before },
        )
    }

    fn told(seen: &[Seen]) -> Vec<(i64, RolloutKind, WriterClass, TimeSource)> {
        seen.iter()
            .map(|one| {
                let rollout = &one.rollout;
                (rollout.revision, rollout.change, rollout.writer.class, rollout.time)
            })
            .collect()
    }

    #[test]
    fn what_was_before_the_first_look_has_no_writer() {
        use RolloutKind::{First, Image};
        use TimeSource::Created;
        use WriterClass::{Ambiguous, Pipeline};
        let world = World::healthy();
        let first = look(&world, &[], None);
        assert_eq!(told(&first), [(1, First, Ambiguous, Created), (2, Image, Ambiguous, Created)]);
        assert_eq!(
            first[1].rollout.images,
            [("cart".to_owned(), "registry.example/cart:1.2.3".to_owned())]
        );
        // Somebody had looked before the newest one: its writer is what the object says now.
        assert_eq!(told(&look(&world, &[1], Some(50_000))), [(2, Image, Pipeline, Created)]);
        // It was there at the look before already, and nobody recorded it.
        assert_eq!(told(&look(&world, &[1], Some(60))), [(2, Image, Ambiguous, Created)]);
        assert_eq!(look(&world, &[1, 2], Some(60)), [], "each once");
    }

    #[test]
    fn restarts_changes_and_returns_are_told_apart() {
        use RolloutKind::{Config, First, Restart, Rollback};
        let check = |change: fn(&mut World), expect: (RolloutKind, TimeSource)| {
            let mut world = World::healthy();
            world.set_nth(
                R,
                1,
                "/spec/template/spec/containers/0/image",
                json!("registry.example/cart:1.2.2"),
            );
            change(&mut world);
            let seen = look(&world, &[1], None);
            assert_eq!((seen[0].rollout.change, seen[0].rollout.time), expect);
        };
        check(
            |w| {
                w.set_nth(
                    R,
                    1,
                    "/spec/template/metadata/annotations",
                    json!({"kubectl.kubernetes.io/restartedAt": "x"}),
                )
            },
            (Restart, TimeSource::Created),
        );
        check(
            |w| {
                w.set_nth(
                    R,
                    1,
                    "/spec/template/metadata/annotations",
                    json!({"checksum/config": "x"}),
                )
            },
            (Config, TimeSource::Created),
        );
        // The old revision came back: its number was raised, its day is the old one.
        check(
            |w| {
                w.set_nth(
                    R,
                    1,
                    "/metadata/annotations/deployment.kubernetes.io|revision-history",
                    json!("1,3"),
                );
                w.set("deployments", "/status/conditions/1/lastUpdateTime", json!(ago(120)));
            },
            (Rollback, TimeSource::Condition),
        );
        check(
            |w| {
                w.set_nth(
                    R,
                    1,
                    "/metadata/annotations/deployment.kubernetes.io|revision-history",
                    json!("1"),
                );
            },
            (Rollback, TimeSource::Observed),
        );
        let mut world = World::healthy();
        world.objects.get_mut(R).unwrap().truncate(1);
        assert_eq!(look(&world, &[], None)[0].rollout.change, First);
        world.set(R, "/metadata/annotations/deployment.kubernetes.io|revision", json!("7"));
        assert_eq!(look(&world, &[], None)[0].rollout.change, Config, "earlier ones are forgotten");
    }

    #[test]
    fn an_observed_time_tells_its_gap() {
        let mut world = World::healthy();
        world.set_nth(
            R,
            1,
            "/metadata/annotations/deployment.kubernetes.io|revision-history",
            json!("1"),
        );
        let seen = look(&world, &[1], Some(600));
        let before = (now() - TimeDelta::seconds(600)).timestamp_millis();
        assert_eq!((seen[0].at, seen[0].rollout.unseen_since), (now(), Some(before)));
    }

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
        use WriterClass::{Manual, Pipeline};
        let manual = rollout(RolloutKind::Image, Manual);
        let pipeline = rollout(RolloutKind::Config, Pipeline);
        let restart = rollout(RolloutKind::Restart, Manual);
        let rollouts = [
            // A Sunday evening in UTC is a Monday in Berlin.
            (at("2026-02-01T23:30:00Z"), &manual),
            (at("2026-02-03T10:00:00Z"), &pipeline),
            (at("2026-02-03T11:00:00Z"), &pipeline),
            (at("2026-02-04T11:00:00Z"), &restart),
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
                week("2026-02-09", &[], false),
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
