//! Names of writers, and what each says by itself.

use super::{Confidence, Reason};
use pilotage_domain::cluster::WriterClass;

/// What a name says by itself.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// Names; `*` at the end or the beginning stands for anything.
    pub names: &'static [&'static str],
    /// What they are.
    pub class: WriterClass,
    /// How sure.
    pub confidence: Confidence,
    /// Why.
    pub reason: Reason,
}

const fn known(
    names: &'static [&'static str],
    class: WriterClass,
    confidence: Confidence,
    reason: Reason,
) -> Known {
    Known { names, class, confidence, reason }
}

/// Names seen, tried in this order. Not here, because unverified: `fleet*`, `gitops-*`,
/// `rollouts-controller`. A team declares them.
pub const NAMES: &[Known] = &[
    known(
        &[
            "kube-controller-manager",
            "kubelet",
            "kube-scheduler",
            "kube-apiserver",
            "k3s",
            "rke2",
            "cloud-controller-manager",
            "cluster-autoscaler",
            "vpa-*",
        ],
        WriterClass::Controller,
        Confidence::High,
        Reason::Name,
    ),
    known(
        &["*-operator", "*-webhook", "cert-manager*"],
        WriterClass::Controller,
        Confidence::Medium,
        Reason::NotClassifiedOperator,
    ),
    known(
        &["ancient-changes", "before-first-apply"],
        WriterClass::Ambiguous,
        Confidence::Low,
        Reason::HistoryLost,
    ),
    known(
        &[
            "argocd-controller",
            "argocd-application-controller",
            "kustomize-controller",
            "helm-controller",
            "fleetagent",
        ],
        WriterClass::Gitops,
        Confidence::High,
        Reason::Name,
    ),
    known(
        &[
            "kubectl-edit",
            "k9s",
            "node-fetch",
            "Mozilla",
            "dashboard",
            "Headlamp*",
            "Lens*",
            "Freelens*",
            "OpenLens*",
        ],
        WriterClass::Manual,
        Confidence::High,
        Reason::Name,
    ),
    known(
        &[
            "codefresh*",
            "jenkins*",
            "tekton*",
            "gitlab*",
            "github*",
            "harness*",
            "azure*",
            "spinnaker*",
        ],
        WriterClass::Pipeline,
        Confidence::Medium,
        Reason::Name,
    ),
    known(
        &["helm", "Terraform", "HashiCorp", "pulumi-*", "skaffold", "kapp*", "rancher"],
        WriterClass::Ambiguous,
        Confidence::Low,
        Reason::SharedTool,
    ),
    known(
        &[
            "kubectl-client-side-apply",
            "kubectl",
            "kubectl-set",
            "kubectl-patch",
            "kubectl-replace",
            "kubectl-create",
            "kubectl-rollout",
            "kubectl-run",
            "kubectl-expose",
            "kubectl-autoscale",
            "kubectl-label",
            "kubectl-annotate",
            "kubectl-taint",
            "kubectl-last-applied",
            "oc",
        ],
        WriterClass::Ambiguous,
        Confidence::Low,
        Reason::SharedCli,
    ),
];

/// Of a name that nobody knows.
pub(super) const NOBODY: Known =
    known(&[], WriterClass::Ambiguous, Confidence::Low, Reason::Unrecognised);
