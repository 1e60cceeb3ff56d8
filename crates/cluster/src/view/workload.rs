//! What owns pods, whichever kind it is.

use crate::shape::Kind;
use crate::shape::meta::{Meta, Selector};
use crate::shape::workload::{CronJob, DaemonSet, Deployment, Rollout, StatefulSet, Template};
use crate::snapshot::{Snapshot, State};
use crate::writers::Writers;

/// What owns pods.
#[derive(Clone, Copy, Debug)]
pub enum Workload<'a> {
    /// A Deployment.
    Deployment(&'a Deployment),
    /// A StatefulSet.
    StatefulSet(&'a StatefulSet),
    /// A DaemonSet.
    DaemonSet(&'a DaemonSet),
    /// A CronJob.
    CronJob(&'a CronJob),
    /// A Rollout.
    Rollout(&'a Rollout),
}

macro_rules! each {
    ($workload:expr, $object:ident => $result:expr) => {
        match $workload {
            Workload::Deployment($object) => $result,
            Workload::StatefulSet($object) => $result,
            Workload::DaemonSet($object) => $result,
            Workload::CronJob($object) => $result,
            Workload::Rollout($object) => $result,
        }
    };
}

impl<'a> Workload<'a> {
    /// What every object has.
    pub fn meta(self) -> &'a Meta {
        each!(self, object => &object.meta)
    }

    /// Who wrote it.
    pub fn writers(self) -> &'a Writers {
        each!(self, object => &object.writers)
    }

    /// Its kind.
    pub fn kind(self) -> &'static str {
        fn kind<K: Kind>(_: &K) -> &'static str {
            K::KIND
        }
        each!(self, object => kind(object))
    }

    /// Its API group.
    pub fn group(self) -> &'static str {
        fn group<K: Kind>(_: &K) -> &'static str {
            K::GROUP
        }
        each!(self, object => group(object))
    }

    /// `apps/v1`.
    pub fn api_version(self) -> String {
        fn version<K: Kind>(_: &K) -> String {
            K::api_version()
        }
        each!(self, object => version(object))
    }

    /// How whole the list is that it was read from.
    pub fn state(self, snapshot: &Snapshot) -> State {
        fn state<K: Kind>(_: &K, snapshot: &Snapshot, namespace: &str) -> State {
            snapshot.state::<K>(namespace)
        }
        each!(self, object => state(object, snapshot, &object.meta.namespace))
    }

    /// Wanted replicas, where the kind has them.
    pub fn replicas(self) -> Option<i64> {
        match self {
            Self::Deployment(object) => Some(object.spec.replicas.unwrap_or(1)),
            Self::StatefulSet(object) => Some(object.spec.replicas.unwrap_or(1)),
            Self::Rollout(object) => Some(object.spec.replicas.unwrap_or(1)),
            Self::DaemonSet(_) | Self::CronJob(_) => None,
        }
    }

    /// The template that the object itself holds.
    pub fn template(self) -> &'a Template {
        match self {
            Self::Deployment(object) => &object.spec.template,
            Self::StatefulSet(object) => &object.spec.template,
            Self::DaemonSet(object) => &object.spec.template,
            Self::CronJob(object) => &object.spec.job_template.spec.template,
            Self::Rollout(object) => &object.spec.template,
        }
    }

    pub(super) fn selector(self) -> Option<&'a Selector> {
        match self {
            Self::Deployment(object) => Some(&object.spec.selector),
            Self::StatefulSet(object) => Some(&object.spec.selector),
            Self::DaemonSet(object) => Some(&object.spec.selector),
            Self::Rollout(object) => Some(&object.spec.selector),
            Self::CronJob(_) => None,
        }
    }

    /// Path of the template.
    pub fn template_path(self) -> &'static str {
        match self {
            Self::CronJob(_) => "spec.jobTemplate.spec.template",
            _ => "spec.template",
        }
    }

    /// All workloads of a snapshot.
    pub fn all(snapshot: &'a Snapshot) -> impl Iterator<Item = Self> {
        let deployments = snapshot.deployments.iter().map(|one| Self::Deployment(one));
        deployments
            .chain(snapshot.stateful_sets.iter().map(|one| Self::StatefulSet(one)))
            .chain(snapshot.daemon_sets.iter().map(|one| Self::DaemonSet(one)))
            .chain(snapshot.cron_jobs.iter().map(|one| Self::CronJob(one)))
            .chain(snapshot.rollouts.iter().map(|one| Self::Rollout(one)))
    }
}
