//! Objects of Argo CD and Flux, where they are served and may be read: only what tells whether a
//! workload is in step with its source, and what was delivered to it when. What is deliberately
//! absent: whoever asked for a delivery, and all that they deliver besides workloads.

use super::lenient::{Loose, Present, part};
use super::meta::Condition;
use super::{Moment, Strings, kind};
use std::sync::Arc;

kind! {
    /// An application of Argo CD.
    Application = "Application" in "argoproj.io" / "v1alpha1" as "applications",
        NamespaceResourceScope, shares keep_workloads {
        /// What is wanted.
        "spec" spec: ApplicationSpec,
        /// What is.
        "status" status: ApplicationStatus,
    }
}
kind! {
    /// A Kustomization of Flux.
    Kustomization = "Kustomization" in "kustomize.toolkit.fluxcd.io" / "v1" as "kustomizations",
        NamespaceResourceScope, shares keep_listed {
        /// What is wanted.
        "spec" spec: FluxSpec,
        /// What is.
        "status" status: FluxStatus,
    }
}
kind! {
    /// A release of Helm that Flux keeps.
    HelmRelease = "HelmRelease" in "helm.toolkit.fluxcd.io" / "v2" as "helmreleases",
        NamespaceResourceScope, shares keep_released {
        /// What is wanted.
        "spec" spec: FluxSpec,
        /// What is.
        "status" status: FluxStatus,
    }
}

part! {
    /// What is wanted of an application.
    ApplicationSpec {
        /// When it syncs.
        sync_policy: SyncPolicy,
        /// Where to.
        destination: Destination,
    }
    /// Where an application is delivered to.
    Destination {
        /// Address of the cluster.
        server: Option<Box<str>>,
        /// Or its name.
        name: Option<Box<str>>,
    }
    /// When an application syncs.
    SyncPolicy {
        /// By itself.
        automated: Present,
    }
    /// What is of an application.
    ApplicationStatus {
        /// Whether it is in step.
        sync: Sync,
        /// Whether it is well.
        health: Health,
        /// The last sync.
        operation_state: OperationState,
        /// When it was last compared.
        reconciled_at: Option<Moment>,
        /// What was deployed.
        history: Box<[Deployed]>,
        /// The workloads among what it delivers.
        resources: Box<[Resource]>,
    }
    /// An object that an application delivers.
    Resource {
        /// API group.
        group: Option<Arc<str>>,
        /// Kind.
        kind: Arc<str>,
        /// Namespace.
        namespace: Option<Arc<str>>,
        /// Name.
        name: Arc<str>,
    }
    /// Whether an application is in step.
    Sync {
        /// `Synced`, `OutOfSync` or `Unknown`.
        status: Arc<str>,
        /// Commit.
        revision: Option<Box<str>>,
    }
    /// Whether an application is well.
    Health {
        /// What Argo CD thinks.
        status: Arc<str>,
    }
    /// The last sync.
    OperationState {
        /// How it ended.
        phase: Option<Arc<str>>,
    }
    /// One deployment by Argo CD. Who pressed the button is not kept.
    Deployed {
        /// Its number.
        id: Option<i64>,
        /// Commit, where there is one source.
        revision: Option<Box<str>>,
        /// Commits, where there are several.
        revisions: Box<[Box<str>]>,
        /// When it began; older versions do not tell.
        deploy_started_at: Option<Moment>,
        /// When it was done.
        deployed_at: Option<Moment>,
        /// What set it going; older versions do not tell.
        initiated_by: Initiated,
    }
    /// What set a deployment of Argo CD going.
    Initiated {
        /// Argo CD itself.
        automated: bool,
        /// An account asked for it.
        username: Given,
    }
    /// What is wanted of an object of Flux.
    FluxSpec {
        /// Whether it stands still.
        suspend: bool,
        /// It delivers to another cluster.
        kube_config: Present,
    }
    /// What is of an object of Flux.
    FluxStatus {
        /// Conditions.
        conditions: Box<[Condition]>,
        /// What was last applied.
        last_applied_revision: Option<Box<str>>,
        /// Releases of Helm, or what a Kustomization reconciled.
        history: Box<[Released]>,
        /// What it delivers.
        inventory: Inventory,
    }
    /// What an object of Flux delivers.
    Inventory {
        /// The workloads among it.
        entries: Box<[Listed]>,
    }
    /// An object that Flux delivers.
    Listed {
        /// Namespace, name, group and kind, with underscores between them.
        id: Box<str>,
    }
    /// One release of Helm, or one state that a Kustomization reconciled. They share the field
    /// `history`, and of each the other's fields are absent.
    Released {
        /// Number of the release.
        version: Option<i64>,
        /// Version of the chart.
        chart_version: Option<Box<str>>,
        /// Fingerprint of the values.
        config_digest: Option<Box<str>>,
        /// How the release stands.
        status: Option<Arc<str>>,
        /// When the release was begun.
        last_deployed: Option<Moment>,
        /// Fingerprint of what was reconciled.
        digest: Option<Box<str>>,
        /// When it was reconciled for the first time.
        first_reconciled: Option<Moment>,
        /// How that went.
        last_reconciled_status: Option<Arc<str>>,
        /// Of the source.
        metadata: Reconciled,
    }
    /// Of which source a state was reconciled.
    Reconciled {
        /// Commit.
        revision: Option<Box<str>>,
    }
}

/// Whether a name is given. The name itself is not kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Given(pub bool);

impl Loose for Given {
    fn text(text: &str) -> Self {
        Self(!text.trim().is_empty())
    }
}

/// Kinds that are judged as workloads, with their API groups.
const WORKLOADS: [(&str, &str); 5] = [
    ("apps", "Deployment"),
    ("apps", "StatefulSet"),
    ("apps", "DaemonSet"),
    ("batch", "CronJob"),
    ("argoproj.io", "Rollout"),
];

impl Resource {
    /// Whether it is a workload.
    pub fn is_workload(&self) -> bool {
        WORKLOADS.contains(&(self.group.as_deref().unwrap_or_default(), &*self.kind))
    }
}

/// An object in an inventory of Flux.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    /// API group.
    pub group: &'a str,
    /// Kind.
    pub kind: &'a str,
    /// Namespace.
    pub namespace: &'a str,
    /// Name.
    pub name: &'a str,
}

impl Listed {
    /// Where it lies, where it is a workload.
    pub fn workload(&self) -> Option<Place<'_>> {
        let mut parts = self.id.split('_');
        let (namespace, name) = (parts.next()?, parts.next()?);
        let (group, kind) = (parts.next()?, parts.next()?);
        let is_workload = parts.next().is_none() && WORKLOADS.contains(&(group, kind));
        is_workload.then_some(Place { group, kind, namespace, name })
    }
}

/// An application may deliver hundreds of objects; those that are no workloads are not kept.
fn keep_workloads(application: &mut Application, strings: &mut Strings) {
    let resources = std::mem::take(&mut application.status.resources).into_vec();
    let mut kept: Vec<Resource> = resources.into_iter().filter(Resource::is_workload).collect();
    for one in &mut kept {
        strings.share(&mut one.kind);
        let optional = [&mut one.group, &mut one.namespace];
        optional.into_iter().flatten().for_each(|text| strings.share(text));
    }
    application.status.resources = kept.into();
}

fn keep_listed(kustomization: &mut Kustomization, _: &mut Strings) {
    kustomization.status.inventory.keep_workloads();
}

fn keep_released(release: &mut HelmRelease, _: &mut Strings) {
    release.status.inventory.keep_workloads();
}

impl Inventory {
    fn keep_workloads(&mut self) {
        let entries = std::mem::take(&mut self.entries).into_vec();
        self.entries = entries.into_iter().filter(|one| one.workload().is_some()).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::Kind as _;
    use crate::shape::tests::object;
    use serde_json::json;

    #[test]
    fn of_what_is_delivered_only_workloads_are_kept_and_of_who_asked_only_that_somebody_did() {
        let mut read: Application = object(json!({
            "metadata": {"name": "shop", "namespace": "argocd"},
            "status": {
                "resources": [
                    {"group": "apps", "version": "v1", "kind": "Deployment", "namespace": "shop", "name": "cart"},
                    {"version": "v1", "kind": "Service", "namespace": "shop", "name": "cart"},
                    {"group": "shop.example", "version": "v1", "kind": "Deployment", "namespace": "shop", "name": "odd"},
                    "torn",
                ],
                "history": [
                    {"id": 0, "initiatedBy": {"username": "anna"}},
                    {"id": 1, "initiatedBy": {"automated": true}},
                    {"id": 2, "initiatedBy": {"username": ""}},
                    {"id": 3},
                ],
            },
        }));
        read.share(&mut Strings::default());
        let names: Vec<&str> = read.status.resources.iter().map(|one| &*one.name).collect();
        assert_eq!(names, ["cart"]);
        let asked = |one: &Deployed| (one.initiated_by.automated, one.initiated_by.username.0);
        let all: Vec<(bool, bool)> = read.status.history.iter().map(asked).collect();
        assert_eq!(all, [(false, true), (true, false), (false, false), (false, false)]);
        assert!(!format!("{read:?}").contains("anna"), "no account is kept");
    }

    #[test]
    fn inventories_of_flux_are_read_by_their_ids() {
        let check = |id: &str, expect: Option<(&str, &str, &str)>| {
            let listed = Listed { id: id.into() };
            let told = listed.workload().map(|one| (one.namespace, one.name, one.kind));
            assert_eq!(told, expect, "{id}");
        };
        check("shop_cart_apps_Deployment", Some(("shop", "cart", "Deployment")));
        check("shop_nightly_batch_CronJob", Some(("shop", "nightly", "CronJob")));
        check("shop_cart__Service", None);
        check("_shop__Namespace", None);
        check("shop_cart_apps_Deployment_more", None);
        check("shop", None);
        let mut read: Kustomization = object(json!({
            "status": {"inventory": {"entries": [
                {"id": "shop_cart_apps_Deployment", "v": "v1"}, {"id": "shop_cart__Service", "v": "v1"}]}},
        }));
        read.share(&mut Strings::default());
        assert_eq!(read.status.inventory.entries.len(), 1);
    }
}
