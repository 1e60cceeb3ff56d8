//! One workload with all that belongs to it, taken out of a snapshot once.

mod workload;

pub use workload::Workload;

use crate::health::pod::{self, Judged};
use crate::health::workload::{self as judged, Look, Pods};
use crate::health::{Health, Memory, Past, Thresholds, Verdict};
use crate::shape::meta::Labels;
use crate::shape::network::Service;
use crate::shape::others::{HorizontalPodAutoscaler, Node, PodDisruptionBudget};
use crate::shape::pod::Pod;
use crate::shape::revision::{ControllerRevision, REVISION, ROLLOUT_REVISION, ReplicaSet};
use crate::shape::workload::{CronJob, DaemonSet, Deployment, Rollout, StatefulSet, Template};
use crate::shape::{Kind, Moment};
use crate::snapshot::{Snapshot, State, Told};
use crate::writers::classify;
use crate::writers::markers::{self, Freshness};
use std::collections::{BTreeSet, HashMap};

/// Finds what belongs together in a snapshot.
#[derive(Debug)]
pub struct Index<'a> {
    /// The snapshot.
    pub snapshot: &'a Snapshot,
    pods: HashMap<&'a str, Vec<&'a Pod>>,
    sets: HashMap<&'a str, Vec<&'a ReplicaSet>>,
    revisions: HashMap<&'a str, Vec<&'a ControllerRevision>>,
    /// Nodes that are not ready.
    nodes_down: Option<BTreeSet<String>>,
}

fn by_owner<'a, K: Kind>(objects: impl Iterator<Item = &'a K>) -> HashMap<&'a str, Vec<&'a K>> {
    let mut owned: HashMap<&str, Vec<&K>> = HashMap::new();
    for object in objects {
        if let Some(owner) = object.meta().controller() {
            owned.entry(&owner.uid).or_default().push(object);
        }
    }
    owned
}

impl<'a> Index<'a> {
    /// Looks through a snapshot once.
    pub fn of(snapshot: &'a Snapshot) -> Self {
        let nodes = snapshot.read(&snapshot.nodes, "").ok();
        let nodes_down = nodes.map(|nodes| {
            let down = |node: &&Node| {
                matches!(&*crate::health::node::judge(node).reason, "unreachable" | "not_ready")
            };
            nodes.filter(down).map(|node| node.meta.name.to_string()).collect()
        });
        Self {
            snapshot,
            pods: by_owner(snapshot.pods.iter().map(|pod| &**pod)),
            sets: by_owner(snapshot.replica_sets.iter().map(|set| &**set)),
            revisions: by_owner(snapshot.revisions.iter().map(|one| &**one)),
            nodes_down,
        }
    }

    /// A workload with all that belongs to it.
    pub fn view(&'a self, workload: Workload<'a>, limits: &'a Thresholds, past: Past) -> View<'a> {
        let snapshot = self.snapshot;
        let namespace = &workload.meta().namespace;
        let template = self.template(workload);
        let sets = snapshot
            .read(&snapshot.replica_sets, namespace)
            .map(|_| self.sets.get(&*workload.meta().uid).cloned().unwrap_or_default());
        let revisions = snapshot
            .read(&snapshot.revisions, namespace)
            .map(|_| self.revisions.get(&*workload.meta().uid).cloned().unwrap_or_default());
        let newest = newest(
            workload,
            sets.as_deref().unwrap_or_default(),
            revisions.as_deref().unwrap_or_default(),
        );
        // Pods are found, and told from earlier ones, by their revisions.
        let by_revision = match workload {
            Workload::Deployment(_) | Workload::Rollout(_) => sets.as_ref().err(),
            Workload::DaemonSet(_) => revisions.as_ref().err(),
            Workload::StatefulSet(_) | Workload::CronJob(_) => None,
        };
        let pods = match by_revision {
            Some(untold) => Err(untold.clone()),
            None => snapshot
                .read(&snapshot.pods, namespace)
                .map(|_| self.pods_of(workload, sets.as_deref().unwrap_or_default())),
        };
        let current = pods.as_ref().map(|pods| {
            let current = |pod: &&&Pod| newest.as_ref().is_none_or(|newest| newest.has(pod));
            let judge = |pod: &&'a Pod| pod::judge(pod, snapshot.now, limits);
            pods.iter().filter(current).map(judge).filter(|judged| judged.counts).collect()
        });
        let mut view = View {
            index: self,
            workload,
            template,
            limits,
            past,
            sets,
            revisions,
            current: current.map_err(Clone::clone),
            pods,
            health: Health::unknown("not_judged"),
        };
        view.health = view.judged();
        view
    }

    fn pods_of(&self, workload: Workload<'_>, sets: &[&ReplicaSet]) -> Vec<&'a Pod> {
        let uids = sets.iter().map(|set| &*set.meta.uid);
        let direct = std::iter::once(&*workload.meta().uid);
        let of = |uid: &str| self.pods.get(uid).cloned().unwrap_or_default();
        direct.chain(uids).flat_map(of).collect()
    }

    /// The template, which an Argo Rollout may leave to a Deployment.
    fn template(&self, workload: Workload<'a>) -> &'a Template {
        let elsewhere = match workload {
            Workload::Rollout(rollout) => rollout.spec.workload_ref.as_deref(),
            _ => None,
        };
        let named = elsewhere.and_then(|reference| {
            self.snapshot.deployments.iter().find(|one| {
                one.meta.namespace == workload.meta().namespace && one.meta.name == reference.name
            })
        });
        named.map_or_else(|| workload.template(), |deployment| &deployment.spec.template)
    }
}

/// How pods of the newest revision are recognised.
struct Newest<'a> {
    label: &'static str,
    hash: &'a str,
}

impl Newest<'_> {
    fn has(&self, pod: &Pod) -> bool {
        pod.meta.labels.get(self.label).is_none_or(|hash| hash == self.hash)
    }
}

fn newest<'a>(
    workload: Workload<'a>,
    sets: &[&'a ReplicaSet],
    revisions: &[&'a ControllerRevision],
) -> Option<Newest<'a>> {
    const LABEL: &str = "controller-revision-hash";
    match workload {
        Workload::Deployment(_) | Workload::Rollout(_) => {
            let label = if matches!(workload, Workload::Deployment(_)) {
                "pod-template-hash"
            } else {
                "rollouts-pod-template-hash"
            };
            let newest = sets.iter().max_by_key(|set| revision_of(set))?;
            Some(Newest { label, hash: newest.meta.labels.get(label)? })
        }
        Workload::StatefulSet(set) => {
            Some(Newest { label: LABEL, hash: set.status.update_revision.as_deref()? })
        }
        // The status of a DaemonSet does not tell its newest revision.
        Workload::DaemonSet(_) => {
            let newest = revisions.iter().max_by_key(|one| one.revision)?;
            Some(Newest { label: LABEL, hash: newest.meta.labels.get(LABEL)? })
        }
        Workload::CronJob(_) => None,
    }
}

/// Number of a `ReplicaSet`'s revision; 0 where none is told.
pub fn revision_of(set: &ReplicaSet) -> i64 {
    let annotations = &set.meta.annotations;
    let number = annotations.get(REVISION).or_else(|| annotations.get(ROLLOUT_REVISION));
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// One workload with all that belongs to it.
#[derive(Debug)]
pub struct View<'a> {
    /// Everything around it.
    pub index: &'a Index<'a>,
    /// The workload.
    pub workload: Workload<'a>,
    /// Its template.
    pub template: &'a Template,
    /// Settings.
    pub limits: &'a Thresholds,
    /// What earlier looks saw.
    pub past: Past,
    /// Its `ReplicaSets`.
    pub sets: Told<Vec<&'a ReplicaSet>>,
    /// Its `ControllerRevisions`.
    pub revisions: Told<Vec<&'a ControllerRevision>>,
    /// Its pods, of all revisions.
    pub pods: Told<Vec<&'a Pod>>,
    /// Pods of the newest template that count.
    pub current: Told<Vec<Judged<'a>>>,
    /// How it fares.
    pub health: Health,
}

impl<'a> View<'a> {
    /// The snapshot.
    pub fn snapshot(&self) -> &'a Snapshot {
        self.index.snapshot
    }

    /// Its namespace.
    pub fn namespace(&self) -> &'a str {
        &self.workload.meta().namespace
    }

    /// When it was looked at.
    pub fn now(&self) -> Moment {
        self.snapshot().now
    }

    fn judged(&self) -> Health {
        // Nothing is shown as it was once nobody can tell that it still is.
        let state = self.workload.state(self.snapshot());
        if state != State::Complete {
            return Health::unknown(state.reason());
        }
        let pods = Pods {
            current: self.current.as_deref().ok(),
            nodes_down: self.index.nodes_down.as_ref(),
        };
        let look = Look { now: self.now(), limits: self.limits, past: self.past };
        match self.workload {
            Workload::Deployment(object) => judged::deployment(object, &pods, &look),
            Workload::StatefulSet(object) => judged::stateful_set(object, &pods, &look),
            Workload::DaemonSet(object) => judged::daemon_set(object, &pods, &look),
            Workload::CronJob(object) => judged::cron_job(object, &look),
            Workload::Rollout(object) => judged::rollout(object, &pods, &look),
        }
    }

    /// Services that select its pods.
    pub fn services(&self) -> Told<Vec<&'a Service>> {
        let snapshot = self.snapshot();
        let labels = &self.template.metadata.labels;
        let selects =
            |service: &&Service| service.selects() && labels.contain(&service.spec.selector);
        Ok(snapshot.read(&snapshot.services, self.namespace())?.filter(selects).collect())
    }

    /// The autoscaler that scales it.
    pub fn autoscaler(&self) -> Told<Option<&'a HorizontalPodAutoscaler>> {
        let snapshot = self.snapshot();
        let mut scalers = snapshot.read(&snapshot.autoscalers, self.namespace())?;
        Ok(scalers.find(|one| {
            let target = &one.spec.scale_target_ref;
            *target.kind == *self.workload.kind() && target.name == self.workload.meta().name
        }))
    }

    /// Disruption budgets that cover its pods.
    pub fn budgets(&self) -> Told<Vec<&'a PodDisruptionBudget>> {
        let snapshot = self.snapshot();
        let labels = &self.template.metadata.labels;
        let covers = |budget: &&PodDisruptionBudget| {
            budget.spec.selector.as_deref().is_some_and(|selector| selector.matches(labels))
        };
        Ok(snapshot.read(&snapshot.budgets, self.namespace())?.filter(covers).collect())
    }

    /// Wanted replicas, or the fewest that an autoscaler leaves.
    pub fn fewest_replicas(&self) -> Told<Option<i64>> {
        let Some(replicas) = self.workload.replicas() else { return Ok(None) };
        let scaler = self.autoscaler()?;
        Ok(Some(scaler.map_or(replicas, |one| one.spec.min_replicas.unwrap_or(1))))
    }

    /// Pods of its namespace that its selector or one of these Services matches.
    pub fn matched_pods(&self, services: &[&Service]) -> Told<Vec<&'a Pod>> {
        let snapshot = self.snapshot();
        let own = self.workload.selector().filter(|selector| !selector.is_empty());
        let matches = |labels: &Labels| {
            own.is_some_and(|selector| selector.matches(labels))
                || services.iter().any(|service| labels.contain(&service.spec.selector))
        };
        let pods = snapshot.read(&snapshot.pods, self.namespace())?;
        Ok(pods.filter(|pod| matches(&pod.meta.labels)).collect())
    }

    /// When its newest revision was made.
    pub fn rollout_at(&self) -> Option<Moment> {
        let sets = self.sets.as_deref().unwrap_or_default();
        let set = sets.iter().max_by_key(|set| revision_of(set)).and_then(|set| set.meta.created);
        let revisions = self.revisions.as_deref().unwrap_or_default();
        let newest = revisions.iter().max_by_key(|one| one.revision);
        set.or_else(|| newest.and_then(|one| one.meta.created))
    }

    /// The object as writers are judged on it.
    pub fn written(&self, changed_together: bool, controller_read: bool) -> classify::Object<'a> {
        let workload = self.workload;
        classify::Object {
            group: workload.group(),
            kind: workload.kind(),
            meta: workload.meta(),
            template: self.template,
            writers: workload.writers(),
            cluster: &self.snapshot().context,
            freshness: Freshness { rollout_at: self.rollout_at(), changed_together },
            controller_read,
        }
    }

    /// Which delivery controller follows it.
    pub fn follows(&self) -> Option<markers::Follows> {
        markers::follows(self.workload.group(), self.workload.kind(), self.workload.meta())
    }
}

/// The verdict on a workload that is mapped and not among those that were read: missing only where
/// the whole list was.
pub fn absent(snapshot: &Snapshot, kind: &str, namespace: &str) -> Health {
    let state = match kind {
        Deployment::KIND => snapshot.state::<Deployment>(namespace),
        StatefulSet::KIND => snapshot.state::<StatefulSet>(namespace),
        DaemonSet::KIND => snapshot.state::<DaemonSet>(namespace),
        CronJob::KIND => snapshot.state::<CronJob>(namespace),
        Rollout::KIND => snapshot.state::<Rollout>(namespace),
        _ => return Health::unknown("unsupported_kind"),
    };
    if state == State::Complete {
        Health::new(Verdict::Missing, "not_found").by("metadata.name", "absent")
    } else {
        Health::unknown(state.reason())
    }
}

/// Judges all workloads of a snapshot, the memory noting each.
pub fn views<'a>(
    index: &'a Index<'a>,
    limits: &'a Thresholds,
    memory: &mut Memory,
) -> Vec<View<'a>> {
    let now = index.snapshot.now;
    Workload::all(index.snapshot)
        .map(|workload| {
            let uid = &workload.meta().uid;
            let mut view = index.view(workload, limits, memory.past(uid));
            view.health = memory.note(uid, view.health.clone(), now);
            view
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::tests::now;
    use crate::world::World;
    use chrono::TimeDelta;

    #[test]
    fn nothing_is_healthy_that_nobody_can_see_any_more() {
        let check = |state: State, expect: (Verdict, &str)| {
            let mut world = World::healthy();
            world.state("deployments", state);
            let snapshot = world.snapshot();
            let index = Index::of(&snapshot);
            let limits = Thresholds::default();
            let views = views(&index, &limits, &mut Memory::default());
            assert_eq!((views[0].health.verdict, &*views[0].health.reason), expect, "{state:?}");
        };
        check(State::Complete, (Verdict::Healthy, "healthy"));
        check(State::Stale, (Verdict::Unknown, "stale"));
        check(State::NotSynced, (Verdict::Unknown, "not_synced"));
        check(State::Forbidden, (Verdict::Unknown, "forbidden"));
    }

    #[test]
    fn missing_is_what_a_whole_list_does_not_hold() {
        let check = |state: State, kind: &str, expect: (Verdict, &str)| {
            let mut world = World::empty();
            world.state("deployments", state);
            let health = absent(&world.snapshot(), kind, "shop");
            assert_eq!((health.verdict, &*health.reason), expect, "{state:?}");
        };
        check(State::Complete, "Deployment", (Verdict::Missing, "not_found"));
        check(State::Forbidden, "Deployment", (Verdict::Unknown, "forbidden"));
        check(State::Stale, "Deployment", (Verdict::Unknown, "stale"));
        check(State::Complete, "Knative", (Verdict::Unknown, "unsupported_kind"));
    }

    #[test]
    fn a_moment_of_blindness_does_not_begin_a_grace_anew() {
        let mut memory = Memory::default();
        let open = || Health::new(Verdict::Progressing, "updating");
        let at = |minutes| now() + TimeDelta::minutes(minutes);
        let _ = memory.note("u", open(), at(0));
        let _ = memory.note("u", Health::unknown("stale"), at(1));
        let _ = memory.note("u", open(), at(2));
        assert_eq!(memory.past("u").open_since, Some(at(0)));
        let _ = memory.note("u", Health::new(Verdict::Healthy, "healthy"), at(3));
        let _ = memory.note("u", open(), at(4));
        assert_eq!(memory.past("u").open_since, Some(at(4)), "being well does");
    }
}
