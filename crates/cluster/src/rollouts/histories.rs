//! What the histories of Argo CD and Flux tell of the workloads of a snapshot. A list that is not
//! whole tells nothing, and neither does an object that delivers to another cluster. What is
//! deliberately absent: the releases that Helm itself keeps, which lie in Secrets and are never read.

use crate::shape::gitops::{
    Application, Deployed, FluxStatus, HelmRelease, Kustomization, Listed, Place, Released,
    Resource,
};
use crate::shape::meta::{Meta, Truth, condition};
use crate::shape::{Kind, Moment};
use crate::snapshot::{Snapshot, State};
use crate::view::View;
use crate::writers::markers::Follows;
use chrono::TimeDelta;
use pilotage_domain::cluster::WorkloadName;
use pilotage_domain::delivery::{Delivery, Start, Tool};
use std::collections::HashMap;
use uuid::Uuid;

/// A history that tells only one end of a delivery: the other lies within this time of it.
const LASTED: TimeDelta = TimeDelta::minutes(15);
/// How Argo CD names the cluster that it runs in.
const HERE: [&str; 2] = ["https://kubernetes.default.svc", "in-cluster"];

/// A delivery with its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// When, as the history dates it.
    pub at: Moment,
    /// What.
    pub delivery: Delivery,
}

/// The objects of a snapshot that bear histories.
#[derive(Debug, Default)]
pub struct Histories<'a> {
    applications: HashMap<&'a str, Vec<&'a Application>>,
    /// Applications by namespace, kind and name of a workload that they list.
    delivering: HashMap<(&'a str, &'a str, &'a str), Vec<&'a Application>>,
    kustomizations: HashMap<(&'a str, &'a str), &'a Kustomization>,
    releases: HashMap<(&'a str, &'a str), &'a HelmRelease>,
}

impl<'a> Histories<'a> {
    /// Looks through a snapshot once.
    pub fn of(snapshot: &'a Snapshot) -> Self {
        let mut all = Self::default();
        for one in whole(snapshot, &snapshot.applications).filter(|one| !is_elsewhere(one)) {
            all.applications.entry(&one.meta.name).or_default().push(one);
            for resource in one.status.resources.iter().filter(|one| one.is_workload()) {
                let namespace = resource.namespace.as_deref().unwrap_or_default();
                let place = (namespace, &*resource.kind, &*resource.name);
                all.delivering.entry(place).or_default().push(one);
            }
        }
        let kustomizations = whole(snapshot, &snapshot.kustomizations);
        all.kustomizations = kustomizations
            .filter(|one| !one.spec.kube_config.0)
            .map(|one| ((&*one.meta.namespace, &*one.meta.name), one))
            .collect();
        let releases = whole(snapshot, &snapshot.helm_releases);
        all.releases = releases
            .filter(|one| !one.spec.kube_config.0)
            .map(|one| ((&*one.meta.namespace, &*one.meta.name), one))
            .collect();
        all
    }

    /// Whether there is no object that bears a history.
    pub fn is_empty(&self) -> bool {
        self.applications.is_empty() && self.kustomizations.is_empty() && self.releases.is_empty()
    }

    /// What they tell of a workload since it was made, oldest first.
    pub fn deliveries(&self, view: &View<'_>, target: Uuid) -> Vec<Told> {
        let Some((tool, bearer, entries)) = self.entries(view) else { return Vec::new() };
        let meta = view.workload.meta();
        let made = meta.created.unwrap_or(Moment::MIN_UTC);
        let told = |entry: Entry| Told {
            at: entry.at,
            delivery: Delivery {
                workload: WorkloadName {
                    target,
                    namespace: meta.namespace.to_string(),
                    kind: view.workload.kind().to_owned(),
                    name: meta.name.to_string(),
                },
                uid: meta.uid.to_string(),
                tool,
                source: format!("{}/{}", bearer.namespace, bearer.name),
                source_uid: bearer.uid.to_string(),
                entry: entry.name,
                from: entry.from.timestamp_millis(),
                until: entry.until.timestamp_millis(),
                revision: entry.revision,
                start: entry.start,
                is_deployment: entry.is_deployment,
            },
        };
        // What was delivered before it was made went to another object, or not to it.
        let mut all: Vec<Told> =
            entries.into_iter().filter(|entry| entry.until >= made).map(told).collect();
        all.sort_by_key(|one| one.at);
        all
    }

    fn entries(&self, view: &View<'_>) -> Option<(Tool, &'a Meta, Vec<Entry>)> {
        match view.follows() {
            Some(Follows::Kustomization { namespace, name }) => {
                let one = *self.kustomizations.get(&(namespace.as_str(), name.as_str()))?;
                let lists = lists(&one.status, view);
                let entries = || reconciled(&one.status, lists == Lists::This);
                matches!(lists, Lists::This | Lists::Among)
                    .then(|| (Tool::FluxKustomization, &one.meta, entries()))
            }
            Some(Follows::HelmRelease { namespace, name }) => {
                let one = *self.releases.get(&(namespace.as_str(), name.as_str()))?;
                let lists = lists(&one.status, view);
                let entries = || released(&one.status.history, lists == Lists::This);
                // Older versions do not tell what a release delivers.
                (lists != Lists::Others).then(|| (Tool::FluxHelm, &one.meta, entries()))
            }
            Some(Follows::ArgoCd { namespace, application }) => {
                let of_name = self.applications.get(application.as_str())?;
                let of_namespace = of_name.iter().filter(|one| {
                    namespace.as_deref().is_none_or(|name| *one.meta.namespace == *name)
                });
                // One that lists what it delivers, and not this, is not its application.
                let candidates = of_namespace.filter(|one| {
                    one.status.resources.is_empty()
                        || one.status.resources.iter().any(|resource| is_of(resource, view))
                });
                deployed(candidates.copied())
            }
            // Argo CD may track by a label that charts set too; what the application lists tells.
            None => {
                let meta = view.workload.meta();
                let place = (&*meta.namespace, view.workload.kind(), &*meta.name);
                let candidates = self.delivering.get(&place)?.iter().filter(|one| {
                    is_here(one)
                        && one.status.resources.iter().any(|resource| is_of(resource, view))
                });
                deployed(candidates.copied())
            }
        }
    }
}

/// The history of the only application among these.
fn deployed<'a>(
    mut candidates: impl Iterator<Item = &'a Application>,
) -> Option<(Tool, &'a Meta, Vec<Entry>)> {
    let one = candidates.next()?;
    if candidates.next().is_some() {
        // Two of them claim it, and which of them delivered it when cannot be told.
        return None;
    }
    let workloads = one.status.resources.iter().filter(|one| one.is_workload()).count();
    Some((Tool::ArgoCd, &one.meta, synced(&one.status.history, workloads == 1)))
}

/// Objects whose list is whole.
fn whole<'a, K: Kind>(
    snapshot: &'a Snapshot,
    objects: &'a [std::sync::Arc<K>],
) -> impl Iterator<Item = &'a K> {
    let is_whole = |one: &&K| snapshot.state::<K>(&one.meta().namespace) == State::Complete;
    objects.iter().map(|one| &**one).filter(is_whole)
}

fn destination(one: &Application) -> Option<&str> {
    let to = &one.spec.destination;
    [&to.server, &to.name].into_iter().find_map(|one| one.as_deref().filter(|one| !one.is_empty()))
}

fn is_here(one: &Application) -> bool {
    destination(one).is_some_and(|to| HERE.contains(&to.trim_end_matches('/')))
}

fn is_elsewhere(one: &Application) -> bool {
    destination(one).is_some() && !is_here(one)
}

fn is_of(resource: &Resource, view: &View<'_>) -> bool {
    let meta = view.workload.meta();
    resource.group.as_deref().unwrap_or_default() == view.workload.group()
        && *resource.kind == *view.workload.kind()
        && resource.namespace.as_deref().unwrap_or_default() == &*meta.namespace
        && *resource.name == *meta.name
}

/// What an object of Flux lists, as it concerns a workload that bears its labels.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lists {
    /// No workload at all: not every version lists them.
    Nothing,
    /// Others, and not this one: the labels came with a copied manifest.
    Others,
    /// This one alone.
    This,
    /// This one among others.
    Among,
}

fn lists(status: &FluxStatus, view: &View<'_>) -> Lists {
    let listed: Vec<Place<'_>> =
        status.inventory.entries.iter().filter_map(Listed::workload).collect();
    let meta = view.workload.meta();
    let this = Place {
        group: view.workload.group(),
        kind: view.workload.kind(),
        namespace: &meta.namespace,
        name: &meta.name,
    };
    match listed.len() {
        0 => Lists::Nothing,
        _ if !listed.contains(&this) => Lists::Others,
        1 => Lists::This,
        _ => Lists::Among,
    }
}

/// One entry of a history.
struct Entry {
    name: String,
    at: Moment,
    /// What it changed was written between these.
    from: Moment,
    until: Moment,
    revision: Option<String>,
    start: Start,
    is_deployment: bool,
}

/// Argo CD writes an entry for every full sync that succeeded, whether it changed anything or not.
fn synced(history: &[Deployed], alone: bool) -> Vec<Entry> {
    let mut history: Vec<&Deployed> = history.iter().filter(|one| one.id.is_some()).collect();
    history.sort_by_key(|one| one.id);
    let mut before: Option<&Deployed> = None;
    let mut all = Vec::new();
    for one in history {
        let previous = before.replace(one);
        let (Some(id), Some(at)) = (one.id, one.deployed_at) else { continue };
        // What the oldest one brought cannot be told: those before it are forgotten.
        let brings = previous.is_some_and(|previous| {
            (&previous.revision, &previous.revisions) != (&one.revision, &one.revisions)
        });
        let by = &one.initiated_by;
        all.push(Entry {
            name: id.to_string(),
            at,
            from: one.deploy_started_at.unwrap_or(at - LASTED).min(at),
            until: at,
            revision: revision_of(one),
            start: if by.automated {
                Start::Automated
            } else if by.username.0 {
                Start::Requested
            } else {
                Start::Untold
            },
            is_deployment: alone && brings,
        });
    }
    all
}

fn revision_of(one: &Deployed) -> Option<String> {
    let several = || (!one.revisions.is_empty()).then(|| one.revisions.join(", "));
    let single = one.revision.as_deref().filter(|revision| !revision.is_empty());
    single.map(str::to_owned).or_else(several)
}

/// Releases of Helm. Their time is that at which the release was begun.
fn released(history: &[Released], alone: bool) -> Vec<Entry> {
    let mut history: Vec<&Released> = history.iter().filter(|one| one.version.is_some()).collect();
    history.sort_by_key(|one| one.version);
    let mut before: Option<&Released> = None;
    let mut all = Vec::new();
    for one in history {
        let previous = before.replace(one);
        let (Some(version), Some(at)) = (one.version, one.last_deployed) else { continue };
        let brings = previous.is_some_and(|previous| {
            (&previous.chart_version, &previous.config_digest)
                != (&one.chart_version, &one.config_digest)
        });
        let succeeded = matches!(one.status.as_deref(), Some("deployed" | "superseded"));
        all.push(Entry {
            name: version.to_string(),
            at,
            from: at,
            until: at + LASTED,
            revision: one.chart_version.as_deref().map(str::to_owned),
            start: Start::Untold,
            is_deployment: alone && brings && succeeded,
        });
    }
    all
}

/// What a Kustomization reconciled. Older versions keep no history: of them the last revision is
/// known, and when it became ready.
fn reconciled(status: &FluxStatus, alone: bool) -> Vec<Entry> {
    let mut history: Vec<(&Released, &str, Moment)> = status
        .history
        .iter()
        .filter_map(|one| Some((one, one.digest.as_deref()?, one.first_reconciled?)))
        .collect();
    let entry = |name: &str, at: Moment, until: Moment, revision: Option<&str>| Entry {
        name: name.to_owned(),
        at,
        from: at - LASTED,
        until,
        revision: revision.map(str::to_owned),
        start: Start::Untold,
        is_deployment: false,
    };
    if history.is_empty() {
        let ready = condition(&status.conditions, "Ready");
        let ready = ready.filter(|ready| ready.status == Truth::True);
        let at = ready.and_then(|ready| ready.last_transition_time);
        let last = at.zip(status.last_applied_revision.as_deref());
        return last.map(|(at, last)| entry(last, at, at, Some(last))).into_iter().collect();
    }
    history.sort_by_key(|(_, _, at)| *at);
    let mut all: Vec<Entry> = Vec::new();
    for (place, (one, digest, at)) in history.iter().enumerate() {
        if all.iter().any(|earlier| earlier.name == **digest) {
            // The same state, reconciled with another result.
            continue;
        }
        let succeeded = one.last_reconciled_status.as_deref() == Some("ReconciliationSucceeded");
        // Whether the time is that of its beginning or its end is not said, so it may be either.
        let mut told = entry(digest, *at, *at + LASTED, one.metadata.revision.as_deref());
        // With the oldest one the history itself may have begun.
        told.is_deployment = alone && succeeded && place > 0;
        all.push(told);
    }
    all
}

#[cfg(test)]
mod tests;
