//! What one look at a context saw: slim objects, and how whole each list was. Everything that is
//! judged is judged on a snapshot; nothing reads a cluster while judging.

use crate::shape::gitops::{Application, HelmRelease, Kustomization};
use crate::shape::network::{EndpointSlice, HttpRoute, Ingress, ReferenceGrant, Service};
use crate::shape::others::{
    ConfigMap, HorizontalPodAutoscaler, Node, PodDisruptionBudget, ScaledObject, ServiceAccount,
};
use crate::shape::pod::Pod;
use crate::shape::revision::{ControllerRevision, ReplicaSet};
use crate::shape::workload::{CronJob, DaemonSet, Deployment, Rollout, StatefulSet};
use crate::shape::{Kind, Moment};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How whole a list is. All but the first say something about this laptop or its rights, never
/// about the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Read to its end, and fresh.
    Complete,
    /// No right to read it.
    Forbidden,
    /// The cluster does not serve the kind.
    Absent,
    /// Not read to its end yet.
    NotSynced,
    /// Last proved alive too long ago.
    Stale,
}

impl State {
    /// The reason code of everything that cannot be told for it.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Forbidden => "forbidden",
            Self::Absent => "api_absent",
            Self::NotSynced => "not_synced",
            Self::Stale => "stale",
        }
    }
}

/// Why something cannot be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Untold {
    /// Reason code.
    pub reason: &'static str,
    /// What was to be read, such as `pods in shop`.
    pub what: String,
}

/// Something that may not be readable.
pub type Told<T> = Result<T, Untold>;

/// What one look at a context saw.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// Name of the context.
    pub context: String,
    /// Identity of the cluster; empty where it is not known.
    pub cluster: String,
    /// When, by the clock of the cluster.
    pub now: Moment,
    /// How whole each list is, by plural and namespace; an empty namespace stands for all.
    pub states: BTreeMap<(&'static str, String), State>,
    /// Objects.
    pub deployments: Vec<Arc<Deployment>>,
    /// Objects.
    pub stateful_sets: Vec<Arc<StatefulSet>>,
    /// Objects.
    pub daemon_sets: Vec<Arc<DaemonSet>>,
    /// Objects.
    pub cron_jobs: Vec<Arc<CronJob>>,
    /// Objects.
    pub rollouts: Vec<Arc<Rollout>>,
    /// Objects.
    pub replica_sets: Vec<Arc<ReplicaSet>>,
    /// Objects.
    pub revisions: Vec<Arc<ControllerRevision>>,
    /// Objects.
    pub pods: Vec<Arc<Pod>>,
    /// Objects.
    pub nodes: Vec<Arc<Node>>,
    /// Objects.
    pub services: Vec<Arc<Service>>,
    /// Objects.
    pub endpoint_slices: Vec<Arc<EndpointSlice>>,
    /// Objects.
    pub ingresses: Vec<Arc<Ingress>>,
    /// Objects.
    pub http_routes: Vec<Arc<HttpRoute>>,
    /// Objects.
    pub reference_grants: Vec<Arc<ReferenceGrant>>,
    /// Objects.
    pub autoscalers: Vec<Arc<HorizontalPodAutoscaler>>,
    /// Objects.
    pub scaled_objects: Vec<Arc<ScaledObject>>,
    /// Objects.
    pub budgets: Vec<Arc<PodDisruptionBudget>>,
    /// Objects.
    pub service_accounts: Vec<Arc<ServiceAccount>>,
    /// Objects.
    pub config_maps: Vec<Arc<ConfigMap>>,
    /// Objects.
    pub applications: Vec<Arc<Application>>,
    /// Objects.
    pub kustomizations: Vec<Arc<Kustomization>>,
    /// Objects.
    pub helm_releases: Vec<Arc<HelmRelease>>,
}

impl Snapshot {
    /// A look at a context that has seen nothing yet.
    pub fn empty(context: impl Into<String>, now: Moment) -> Self {
        Self {
            context: context.into(),
            cluster: String::new(),
            now,
            states: BTreeMap::new(),
            deployments: Vec::new(),
            stateful_sets: Vec::new(),
            daemon_sets: Vec::new(),
            cron_jobs: Vec::new(),
            rollouts: Vec::new(),
            replica_sets: Vec::new(),
            revisions: Vec::new(),
            pods: Vec::new(),
            nodes: Vec::new(),
            services: Vec::new(),
            endpoint_slices: Vec::new(),
            ingresses: Vec::new(),
            http_routes: Vec::new(),
            reference_grants: Vec::new(),
            autoscalers: Vec::new(),
            scaled_objects: Vec::new(),
            budgets: Vec::new(),
            service_accounts: Vec::new(),
            config_maps: Vec::new(),
            applications: Vec::new(),
            kustomizations: Vec::new(),
            helm_releases: Vec::new(),
        }
    }

    /// Says how whole the list of a kind is; an empty namespace stands for all.
    pub fn set_state<K: Kind>(&mut self, namespace: &str, state: State) {
        self.states.insert((K::PLURAL, namespace.to_owned()), state);
    }

    /// How whole the list of a kind is in a namespace. What nobody spoke of is not read yet.
    pub fn state<K: Kind>(&self, namespace: &str) -> State {
        let of = |namespace: &str| self.states.get(&(K::PLURAL, namespace.to_owned())).copied();
        of(namespace).or_else(|| of("")).unwrap_or(State::NotSynced)
    }

    /// Objects of a namespace, where the list is whole.
    pub fn read<'a, K: Kind>(
        &'a self,
        objects: &'a [Arc<K>],
        namespace: &'a str,
    ) -> Told<impl Iterator<Item = &'a K> + use<'a, K>> {
        match self.state::<K>(namespace) {
            State::Complete => Ok(objects
                .iter()
                .map(|object| &**object)
                .filter(move |object| *object.meta().namespace == *namespace)),
            state => Err(untold::<K>(state, namespace)),
        }
    }

    /// The same for an optional kind: where the cluster does not serve it, there is none.
    pub fn read_optional<'a, K: Kind>(
        &'a self,
        objects: &'a [Arc<K>],
        namespace: &'a str,
    ) -> Told<Vec<&'a K>> {
        match self.state::<K>(namespace) {
            State::Absent => Ok(Vec::new()),
            _ => self.read(objects, namespace).map(Iterator::collect),
        }
    }
}

pub(crate) fn untold<K: Kind>(state: State, namespace: &str) -> Untold {
    let what = if namespace.is_empty() {
        K::PLURAL.to_owned()
    } else {
        format!("{} in {namespace}", K::PLURAL)
    };
    Untold { reason: state.reason(), what }
}
