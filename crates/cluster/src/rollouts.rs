//! Rollouts: observed changes of pod templates, and what a programme reads from them. The cluster
//! forgets (it keeps ten revisions or fewer, and no writers); what was seen once is kept. What is
//! deliberately absent: a writer for what happened before the first look. It stays ambiguous.

pub mod histories;
pub mod join;
pub mod trends;

use crate::shape::Moment;
use crate::shape::revision::{REVISION_HISTORY, TemplateCore};
use crate::view::{View, Workload, revision_of};
use crate::writers::classify::ImageWriters;
use pilotage_domain::cluster::{
    Rollout, RolloutKind, TimeSource, WorkloadName, Writer, WriterClass,
};
use std::collections::BTreeSet;
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
    /// This program has seen the workload with all its revisions before: then whatever is not
    /// recorded is new, and no clock has to be compared with the cluster's.
    pub followed: bool,
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
    for (place, revision) in all.iter().enumerate() {
        let previous = before.replace(revision);
        if known.recorded.contains(&revision.number) {
            continue;
        }
        let change = change(previous, revision);
        let is_newest = newest == Some(revision.number);
        let (mut at, time) = time(view, revision, change, is_newest);
        // Whatever is not known of it: it was there before the next one was made.
        if let Some(next) = all[place + 1..].iter().filter_map(|next| next.created).min()
            && time == TimeSource::Observed
        {
            at = at.min(next);
        }
        let after = known.looked_before.is_some_and(|looked| at > looked);
        let fresh = is_newest && (known.followed || after);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::tests::{ago, now};
    use crate::health::{Past, Thresholds};
    use crate::view::Index;
    use crate::world::World;
    use crate::writers::classify::Rules;
    use chrono::TimeDelta;
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
            &Known { target: Uuid::nil(), recorded: &recorded, looked_before, followed: false },
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
    fn a_return_that_nobody_saw_came_before_the_next_revision() {
        let mut world = World::healthy();
        let mut third = world.objects[R][1].clone();
        third["metadata"]["uid"] = json!("r-3");
        third["metadata"]["name"] = json!("cart-3");
        third["metadata"]["creationTimestamp"] = json!(ago(30));
        third["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = json!("3");
        third["spec"]["template"]["spec"]["containers"][0]["image"] = json!("cart:3");
        world.objects.get_mut(R).unwrap().push(third);
        world.set_nth(
            R,
            1,
            "/metadata/annotations/deployment.kubernetes.io|revision-history",
            json!("1"),
        );
        let seen = look(&world, &[1], None);
        assert_eq!((seen[0].rollout.change, seen[1].rollout.revision), (RolloutKind::Rollback, 3));
        assert_eq!(seen[0].at, now() - TimeDelta::seconds(30), "not now, long after the third");
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
}
