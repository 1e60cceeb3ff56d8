//! A context that is watched: every kind that health and checks need, each read by a supervisor of
//! its own, and a snapshot of all of them at any moment.
//!
//! Where the whole cluster may not be read, the namespaces given are watched one by one. A kind that
//! is refused or not served costs no other.

use crate::connection::freshness::{FRESHNESS_LIMIT, ProofOfLife};
use crate::connection::state::State as Shown;
use crate::shape::gitops::{Application, HelmRelease, Kustomization};
use crate::shape::network::{EndpointSlice, HttpRoute, Ingress, ReferenceGrant, Service};
use crate::shape::others::{
    ConfigMap, HorizontalPodAutoscaler, Node, PodDisruptionBudget, ScaledObject, ServiceAccount,
};
use crate::shape::pod::Pod;
use crate::shape::revision::{ControllerRevision, ReplicaSet};
use crate::shape::workload::{CronJob, DaemonSet, Deployment, Rollout, StatefulSet};
use crate::shape::{Kind, Moment, Read, Strings};
use crate::snapshot::{Snapshot, State};
use crate::watch::{
    Access, Event, MOST_NAMESPACES, Report, Scope, Settings, Supervisor, each_once,
};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// What is read of one kind in one scope.
#[derive(Debug)]
struct Objects<K> {
    shown: HashMap<Box<str>, Arc<K>>,
    coming: HashMap<Box<str>, Arc<K>>,
}

impl<K> Default for Objects<K> {
    fn default() -> Self {
        Self { shown: HashMap::new(), coming: HashMap::new() }
    }
}

impl<K: Kind> Objects<K> {
    /// Takes an event; answers whether what is shown became another.
    fn take(&mut self, event: Event<Read<K>>, strings: &Mutex<Strings>) -> bool {
        let slim = |read: Read<K>| {
            let mut object = read.object;
            object.share(&mut lock(strings));
            (Box::from(&*object.meta().uid), Arc::new(object))
        };
        match event {
            Event::Begin => self.coming.clear(),
            Event::Page(page) => self.coming.extend(page.into_iter().map(slim)),
            Event::Complete => self.shown = std::mem::take(&mut self.coming),
            Event::Applied(read) => {
                let (uid, object) = slim(read);
                self.shown.insert(uid, object);
            }
            Event::Removed(read) => {
                self.shown.remove(&*read.object.meta().uid);
                return true;
            }
        }
        self.coming.is_empty()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is behind these locks is replaced whole: a panic elsewhere leaves it sound.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One kind in one scope.
struct Part<K> {
    scope: Scope,
    objects: Arc<Mutex<Objects<K>>>,
    supervisor: Supervisor,
}

/// One kind.
struct List<K> {
    parts: Vec<Part<K>>,
}

/// How one list stands, for the state of the whole.
struct Standing {
    shown: Shown,
    state: State,
}

/// What every list is begun with.
struct Common {
    access: Arc<dyn Access>,
    life: ProofOfLife,
    namespaces: Vec<String>,
    strings: Arc<Mutex<Strings>>,
    changes: watch::Sender<u64>,
}

impl<K: Kind> List<K>
where
    Read<K>: kube::Resource<DynamicType = ()>,
{
    fn begin(common: &Common, seed: u64) -> Self {
        Self { parts: vec![Part::begin(common, Scope::Cluster, seed)] }
    }

    /// Reads namespaces where the whole is refused, and no longer than that: those that are named
    /// now, each once.
    fn tend(&mut self, common: &Common) {
        let Some(whole) = self.parts.first() else { return };
        let report = whole.supervisor.report();
        if report.complete {
            self.parts.truncate(1);
        } else if matches!(report.state, Shown::Forbidden { .. }) {
            let named: Vec<Scope> = common
                .namespaces
                .iter()
                .take(MOST_NAMESPACES)
                .map(|namespace| Scope::Namespace(namespace.clone()))
                .collect();
            self.parts.retain(|part| part.scope == Scope::Cluster || named.contains(&part.scope));
            for (seed, scope) in named.into_iter().enumerate() {
                if self.parts.iter().all(|part| part.scope != scope) {
                    self.parts.push(Part::begin(common, scope, seed as u64));
                }
            }
        }
    }

    /// The whole or its parts, never both: each object is read once.
    fn read(&self, snapshot: &mut Snapshot, common: &Common) -> Vec<Arc<K>> {
        let mut objects = Vec::new();
        let in_parts = self.parts.len() > 1
            && self.parts.first().is_some_and(|whole| !whole.supervisor.report().complete);
        for part in &self.parts {
            let (namespace, wanted) = match &part.scope {
                Scope::Cluster => ("", !in_parts),
                Scope::Namespace(namespace) => (namespace.as_str(), in_parts),
            };
            let report = part.supervisor.report();
            let state = state(&report, &part.supervisor.path, &common.life);
            if wanted || namespace.is_empty() {
                snapshot.set_state::<K>(namespace, state);
            }
            // What was read before the rights were lost is not shown as if it were fresh.
            if wanted && state != State::Forbidden {
                objects.extend(lock(&part.objects).shown.values().cloned());
            }
        }
        // Tables do not jump, and two looks at one thing are equal.
        objects.sort_by(|one: &Arc<K>, other| {
            let (one, other) = (one.meta(), other.meta());
            one.namespace.cmp(&other.namespace).then_with(|| one.name.cmp(&other.name))
        });
        objects
    }

    fn standings(&self, now: Moment, common: &Common) -> impl Iterator<Item = Standing> {
        self.parts.iter().map(move |part| {
            let (report, path) = (part.supervisor.report(), &part.supervisor.path);
            Standing {
                shown: report.state_at(now, &common.life, path),
                state: state(&report, path, &common.life),
            }
        })
    }
}

impl<K: Kind> Part<K>
where
    Read<K>: kube::Resource<DynamicType = ()>,
{
    fn begin(common: &Common, scope: Scope, seed: u64) -> Self {
        let objects: Arc<Mutex<Objects<K>>> = Arc::default();
        let (own, strings) = (Arc::clone(&objects), Arc::clone(&common.strings));
        let changes = common.changes.clone();
        let sink = move |event| {
            if lock(&own).take(event, &strings) {
                changes.send_modify(|count| *count += 1);
            }
        };
        let settings = Settings { seed, ..Settings::default() };
        let access = Arc::clone(&common.access);
        let supervisor = Supervisor::start::<Read<K>>(access, &scope, sink, settings);
        Self { scope, objects, supervisor }
    }
}

/// How whole a list is now: what was read to its end counts for as long as it is fresh, whatever
/// happened to the connection since.
fn state(report: &Report, path: &str, life: &ProofOfLife) -> State {
    match &report.state {
        _ if report.absent => State::Absent,
        Shown::Forbidden { .. } => State::Forbidden,
        _ if !report.complete || report.unread > 0 => State::NotSynced,
        _ if life.is_stale(path, FRESHNESS_LIMIT) => State::Stale,
        _ => State::Complete,
    }
}

macro_rules! lists {
    ($($field:ident $kind:ty,)*) => {
        struct Lists {
            $($field: List<$kind>,)*
        }

        impl Lists {
            fn begin(common: &Common) -> Self {
                let mut seed = 0;
                let mut next = || {
                    seed += 1;
                    seed
                };
                Self { $($field: List::begin(common, next()),)* }
            }

            fn tend(&mut self, common: &Common) {
                $(self.$field.tend(common);)*
            }

            fn read(&self, snapshot: &mut Snapshot, common: &Common) {
                $(snapshot.$field = self.$field.read(snapshot, common);)*
            }
        }
    };
}

lists! {
    deployments Deployment,
    stateful_sets StatefulSet,
    daemon_sets DaemonSet,
    cron_jobs CronJob,
    rollouts Rollout,
    replica_sets ReplicaSet,
    revisions ControllerRevision,
    pods Pod,
    nodes Node,
    services Service,
    endpoint_slices EndpointSlice,
    ingresses Ingress,
    http_routes HttpRoute,
    reference_grants ReferenceGrant,
    autoscalers HorizontalPodAutoscaler,
    scaled_objects ScaledObject,
    budgets PodDisruptionBudget,
    service_accounts ServiceAccount,
    config_maps ConfigMap,
    applications Application,
    kustomizations Kustomization,
    helm_releases HelmRelease,
}

/// A context that is watched; it ends with this value.
pub struct Watching {
    context: String,
    common: Common,
    lists: Lists,
    changes: watch::Receiver<u64>,
}

impl std::fmt::Debug for Watching {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Watching").field("context", &self.context).finish_non_exhaustive()
    }
}

impl Watching {
    /// Begins to watch. `namespaces` are read where the whole cluster may not be; `life` is that of
    /// the connection which `access` gives.
    pub fn start(
        context: impl Into<String>,
        access: Arc<dyn Access>,
        life: ProofOfLife,
        namespaces: Vec<String>,
    ) -> Self {
        let (sender, changes) = watch::channel(0);
        let strings = Arc::default();
        let namespaces = each_once(namespaces);
        let common = Common { access, life, namespaces, strings, changes: sender };
        let lists = Lists::begin(&common);
        Self { context: context.into(), common, lists, changes }
    }

    /// Counts up with every change of what was read.
    pub fn changes(&self) -> u64 {
        *self.changes.borrow()
    }

    /// Names the namespaces that are read where the whole cluster may not be, in place of those named
    /// before; [`Watching::tend`] begins and ends their watches.
    pub fn name_namespaces(&mut self, namespaces: Vec<String>) {
        self.common.namespaces = each_once(namespaces);
    }

    /// Does what has become needful; call it now and then.
    pub fn tend(&mut self) {
        self.lists.tend(&self.common);
    }

    /// Where a client comes from, for what is asked once.
    pub fn access(&self) -> Arc<dyn Access> {
        Arc::clone(&self.common.access)
    }

    /// All that was read so far, as whole as it is. The identity of the cluster is the caller's.
    pub fn snapshot(&self, now: Moment) -> Snapshot {
        let mut snapshot = Snapshot::empty(&self.context, now);
        self.lists.read(&mut snapshot, &self.common);
        snapshot
    }

    /// The state of the context: the worst that concerns all of it. A refusal of one kind is told
    /// beside it, and is the state only where nothing at all may be read.
    pub fn state(&self, now: Moment) -> Shown {
        let mut all: Vec<Standing> = Vec::new();
        all.extend(self.lists.deployments.standings(now, &self.common));
        all.extend(self.lists.pods.standings(now, &self.common));
        all.extend(self.lists.replica_sets.standings(now, &self.common));
        all.extend(self.lists.stateful_sets.standings(now, &self.common));
        all.extend(self.lists.daemon_sets.standings(now, &self.common));
        all.extend(self.lists.nodes.standings(now, &self.common));
        let readable: Vec<&Standing> = all
            .iter()
            .filter(|one| !matches!(one.state, State::Forbidden | State::Absent))
            .collect();
        let rank = |shown: &Shown| match shown {
            Shown::NeedsPerson { .. } => 6,
            Shown::Expired => 5,
            Shown::Unreachable { .. } => 4,
            Shown::Stale { .. } => 3,
            Shown::Connecting => 2,
            Shown::Live => 1,
            Shown::Forbidden { .. } => 0,
        };
        let worst = readable.iter().map(|one| &one.shown).max_by_key(|shown| rank(shown));
        worst
            .or_else(|| all.iter().map(|one| &one.shown).max_by_key(|shown| rank(shown)))
            .cloned()
            .unwrap_or(Shown::Connecting)
    }
}
