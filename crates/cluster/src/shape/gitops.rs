//! Objects of Argo CD and Flux, where they are served and may be read: only what tells whether a
//! workload is in step with its source.

use super::lenient::part;
use super::meta::Condition;
use super::{Moment, kind};
use std::sync::Arc;

kind! {
    /// An application of Argo CD.
    Application = "Application" in "argoproj.io" / "v1alpha1" as "applications",
        NamespaceResourceScope {
        /// What is wanted.
        "spec" spec: ApplicationSpec,
        /// What is.
        "status" status: ApplicationStatus,
    }
}
kind! {
    /// A Kustomization of Flux.
    Kustomization = "Kustomization" in "kustomize.toolkit.fluxcd.io" / "v1" as "kustomizations",
        NamespaceResourceScope {
        /// What is wanted.
        "spec" spec: FluxSpec,
        /// What is.
        "status" status: FluxStatus,
    }
}
kind! {
    /// A release of Helm that Flux keeps.
    HelmRelease = "HelmRelease" in "helm.toolkit.fluxcd.io" / "v2" as "helmreleases",
        NamespaceResourceScope {
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
    }
    /// When an application syncs.
    SyncPolicy {
        /// By itself.
        automated: super::lenient::Present,
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
        /// Commit.
        revision: Option<Box<str>>,
        /// When it was done.
        deployed_at: Option<Moment>,
    }
    /// What is wanted of an object of Flux.
    FluxSpec {
        /// Whether it stands still.
        suspend: bool,
    }
    /// What is of an object of Flux.
    FluxStatus {
        /// Conditions.
        conditions: Box<[Condition]>,
        /// What was last applied.
        last_applied_revision: Option<Box<str>>,
        /// Releases of Helm.
        history: Box<[Released]>,
    }
    /// One release of Helm.
    Released {
        /// Its number.
        version: Option<i64>,
        /// Version of the chart.
        chart_version: Option<Box<str>>,
        /// How it stands.
        status: Option<Arc<str>>,
        /// When.
        last_deployed: Option<Moment>,
    }
}
