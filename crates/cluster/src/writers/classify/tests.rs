//! Every row of the table of names, of the order of rules, and of what context may change.

use super::*;
use crate::shape::tests::object;
use crate::shape::workload::Deployment;
use pilotage_domain::cluster::WriterMatch;
use serde_json::{Value, json};

const ITEM: &str = r#"k:{"name":"cart"}"#;

/// A Deployment whose record has these entries: manager, operation, subresource, what it owns.
struct Given {
    entries: Vec<(&'static str, &'static str, &'static str, Value)>,
    labels: Value,
    annotations: Value,
    template_annotations: Value,
    rules: Rules,
    rollout_at: Option<&'static str>,
    controller_read: bool,
}

impl Default for Given {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            labels: json!({}),
            annotations: json!({}),
            template_annotations: json!({}),
            rules: Rules::default(),
            rollout_at: None,
            controller_read: true,
        }
    }
}

fn image() -> Value {
    json!({"f:spec": {"f:template": {"f:spec": {"f:containers": {ITEM: {"f:image": {}}}}}}})
}

fn restart() -> Value {
    json!({"f:spec": {"f:template": {"f:metadata": {"f:annotations": {
        "f:kubectl.kubernetes.io/restartedAt": {}}}}}})
}

fn by(manager: &'static str, operation: &'static str) -> Given {
    Given { entries: vec![(manager, operation, "", image())], ..Given::default() }
}

impl Given {
    fn deployment(&self) -> Deployment {
        let entries: Vec<Value> = self
            .entries
            .iter()
            .map(|(manager, operation, subresource, fields)| {
                json!({"manager": manager, "operation": operation, "subresource": subresource,
                    "time": "2026-03-01T10:00:00Z", "fieldsV1": fields})
            })
            .collect();
        object(json!({
            "metadata": {"name": "cart", "namespace": "shop", "labels": self.labels,
                "annotations": self.annotations, "managedFields": entries},
            "spec": {"template": {"metadata": {"annotations": self.template_annotations},
                "spec": {"containers": [{"name": "cart", "image": "cart:1"}]}}},
        }))
    }

    fn judged(&self) -> ImageWriters {
        self.judged_by(NAMES)
    }

    fn judged_by(&self, names: &[Known]) -> ImageWriters {
        self.with(|object| image_writers_by(names, object, &self.rules))
    }

    fn drifts(&self) -> Vec<Drift> {
        self.with(|object| drifts(object, &self.rules))
    }

    fn with<T>(&self, look: impl Fn(&Object<'_>) -> T) -> T {
        let deployment = self.deployment();
        let rollout_at =
            self.rollout_at.map(|at| chrono::DateTime::parse_from_rfc3339(at).unwrap().to_utc());
        look(&Object {
            group: "apps",
            kind: "Deployment",
            meta: &deployment.meta,
            template: &deployment.spec.template,
            writers: &deployment.writers,
            cluster: "prod",
            freshness: Freshness { rollout_at, changed_together: false },
            controller_read: self.controller_read,
        })
    }
}

#[track_caller]
fn check(given: &Given, class: WriterClass, reason: Reason) -> ImageWriters {
    let judged = given.judged();
    let worst = judged.worst().unwrap();
    assert_eq!((worst.judged.class, worst.judged.reason), (class, reason), "{worst:?}");
    judged
}

use WriterClass::{Ambiguous, Controller, Gitops, Manual, Pipeline};

#[test]
fn every_name_that_was_seen() {
    use Reason::{HistoryLost, Name, NotClassifiedOperator, SharedCli, SharedTool, Unrecognised};
    let check = |manager: &'static str, operation: &'static str, class, reason| {
        check(&by(manager, operation), class, reason);
    };
    check("kubectl-client-side-apply", "Update", Ambiguous, SharedCli);
    check("kubectl", "Update", Ambiguous, SharedCli);
    check("kubectl", "Apply", Ambiguous, SharedCli);
    check("kubectl-last-applied", "Apply", Ambiguous, SharedCli);
    check("kubectl-edit", "Update", Manual, Name);
    for verb in [
        "kubectl-set",
        "kubectl-patch",
        "kubectl-replace",
        "kubectl-create",
        "kubectl-run",
        "kubectl-expose",
        "kubectl-autoscale",
        "kubectl-label",
        "kubectl-annotate",
        "kubectl-taint",
        "kubectl-rollout",
    ] {
        check(verb, "Update", Ambiguous, SharedCli);
    }
    check("helm", "Update", Ambiguous, SharedTool);
    check("helm", "Apply", Ambiguous, SharedTool);
    check("Go-http-client", "Update", Ambiguous, Unrecognised);
    check("argocd-controller", "Apply", Gitops, Name);
    check("argocd-controller", "Update", Gitops, Name);
    check("argocd-application-controller", "Update", Gitops, Name);
    check("kustomize-controller", "Apply", Gitops, Name);
    check("helm-controller", "Update", Gitops, Name);
    check("fleetagent", "Update", Gitops, Name);
    check("Terraform", "Apply", Ambiguous, SharedTool);
    check("HashiCorp", "Update", Ambiguous, SharedTool);
    check("pulumi-kubernetes", "Update", Ambiguous, SharedTool);
    check("pulumi-kubernetes-a1b2c3", "Apply", Ambiguous, SharedTool);
    check("skaffold", "Update", Ambiguous, SharedTool);
    check("kapp-controller", "Update", Ambiguous, SharedTool);
    check("rancher", "Update", Ambiguous, SharedTool);
    check("codefresh", "Update", Pipeline, Name);
    check("jenkins-x", "Update", Pipeline, Name);
    check("tekton-pipelines", "Update", Pipeline, Name);
    check("gitlab-agent", "Update", Pipeline, Name);
    check("github-actions", "Update", Pipeline, Name);
    check("harness-delegate", "Update", Pipeline, Name);
    check("azure-pipelines", "Update", Pipeline, Name);
    check("spinnaker", "Update", Pipeline, Name);
    check("kube-controller-manager", "Update", Controller, Name);
    check("k3s", "Update", Controller, Name);
    check("vpa-updater", "Update", Controller, Name);
    check("shop-operator", "Update", Controller, NotClassifiedOperator);
    check("inject-webhook", "Update", Controller, NotClassifiedOperator);
    check("cert-manager-cainjector", "Update", Controller, NotClassifiedOperator);
    check("k9s", "Update", Manual, Name);
    check("node-fetch", "Update", Manual, Name);
    check("Mozilla", "Update", Manual, Name);
    check("Freelens", "Update", Manual, Name);
    check("Headlamp 0.45.0 (linux", "Update", Manual, Name);
    check("dashboard", "Update", Manual, Name);
    check("OpenLens", "Update", Manual, Name);
    check("oc", "Update", Ambiguous, SharedCli);
    check("", "Update", Ambiguous, Unrecognised);
    check("unknown", "Update", Ambiguous, Unrecognised);
    check("ancient-changes", "Update", Ambiguous, HistoryLost);
    check("before-first-apply", "Update", Ambiguous, HistoryLost);
    // Unverified names are shipped switched off.
    check("fleet-agent", "Update", Ambiguous, Unrecognised);
    check("rollouts-controller", "Update", Ambiguous, Unrecognised);
    // A name is not a substring.
    check("my-helm", "Update", Ambiguous, Unrecognised);
}

#[test]
fn a_laptop_with_helm_is_no_pipeline_and_this_test_could_tell() {
    check(&by("helm", "Update"), Ambiguous, Reason::SharedTool);
    // The common simplification: whatever tool it is, it is the pipeline.
    let simple: Vec<Known> = NAMES
        .iter()
        .map(|known| match known.reason {
            Reason::SharedTool => Known { class: Pipeline, ..*known },
            _ => *known,
        })
        .collect();
    assert_eq!(by("helm", "Update").judged_by(&simple).class, Pipeline);
}

fn rule(matches: WriterMatch, class: WriterClass) -> (String, WriterRule) {
    ("r1".to_owned(), WriterRule { order: 0, matches, class, note: String::new() })
}

#[test]
fn the_teams_word_comes_first() {
    let manager = |name: &str| WriterMatch { manager: Some(name.into()), ..WriterMatch::default() };
    let ruled = |given: Given, matches: WriterMatch, class: WriterClass| Given {
        rules: Rules { programme: vec![rule(matches, class)].into(), ..Rules::default() },
        ..given
    };
    check(&ruled(by("helm", "Update"), manager("helm"), Pipeline), Pipeline, Reason::Rule);
    // Even of what is certain otherwise.
    let edit = ruled(by("kubectl-edit", "Update"), manager("kubectl-edit"), Pipeline);
    check(&edit, Pipeline, Reason::Rule);
    check(&ruled(by("helm", "Update"), manager("other"), Pipeline), Ambiguous, Reason::SharedTool);
    let each = [
        (WriterMatch { manager_prefix: Some("ci-".into()), ..WriterMatch::default() }, true),
        (WriterMatch { manager_prefix: Some("cd-".into()), ..WriterMatch::default() }, false),
        (WriterMatch { operation: Some("Apply".into()), ..manager("ci-shop") }, true),
        (WriterMatch { operation: Some("Update".into()), ..manager("ci-shop") }, false),
        (WriterMatch { namespace: Some("sh*".into()), ..manager("ci-shop") }, true),
        (WriterMatch { namespace: Some("prod-*".into()), ..manager("ci-shop") }, false),
        (WriterMatch { cluster: Some("prod".into()), ..manager("ci-shop") }, true),
        (WriterMatch { cluster: Some("staging".into()), ..manager("ci-shop") }, false),
        (WriterMatch { kind: Some("Deployment".into()), ..manager("ci-shop") }, true),
        (WriterMatch { kind: Some("CronJob".into()), ..manager("ci-shop") }, false),
    ];
    for (matches, expect) in each {
        let given = ruled(by("ci-shop", "Apply"), matches.clone(), Pipeline);
        let reason = if expect { Reason::Rule } else { Reason::Unrecognised };
        let class = if expect { Pipeline } else { Ambiguous };
        let judged = check(&given, class, reason);
        let by_rule = judged.worst().unwrap().judged.rule.clone();
        assert_eq!(by_rule.is_some(), expect, "{matches:?}");
    }
    // A tool that laptops share counts only with the team's own mark on this very rollout.
    let marked = WriterMatch { marker: Some("deploy.example/run".into()), ..manager("helm") };
    let run = json!({"deploy.example/run": "7"});
    let on_template = Given { template_annotations: run.clone(), ..by("helm", "Update") };
    check(&ruled(on_template, marked.clone(), Pipeline), Pipeline, Reason::Rule);
    let on_object = Given { annotations: run, ..by("helm", "Update") };
    check(&ruled(on_object, marked, Pipeline), Ambiguous, Reason::SharedTool);
}

#[test]
fn the_word_of_the_service_beats_that_of_the_programme() {
    let manager = WriterMatch { manager: Some("helm".into()), ..WriterMatch::default() };
    let rules = Rules {
        programme: vec![rule(manager, Manual)].into(),
        pipeline_managers: BTreeSet::from(["helm".to_owned()]),
    };
    check(&Given { rules, ..by("helm", "Update") }, Pipeline, Reason::Rule);
}

#[test]
fn what_context_may_change() {
    let run = || json!({"actions.github.com/k8s-deploy": json!({"runUri": "https://ci.example/7", "deployTimestamp": "2026-03-01T10:05:00Z"}).to_string()});
    // A mark of this very rollout.
    let fresh = Given {
        annotations: run(),
        rollout_at: Some("2026-03-01T10:00:00Z"),
        ..by("kubectl-client-side-apply", "Update")
    };
    let judged = check(&fresh, Pipeline, Reason::Marker);
    let mark = judged.worst().unwrap().judged.mark.clone().unwrap();
    assert_eq!(mark.run.as_deref(), Some("https://ci.example/7"));
    // The same mark on a later rollout by hand.
    let old = Given { rollout_at: Some("2026-03-01T12:00:00Z"), ..fresh };
    check(&old, Ambiguous, Reason::SharedCli);
    // Beside a delivery controller.
    let followed = |manager| Given {
        labels: json!({"kustomize.toolkit.fluxcd.io/name": "shop"}),
        ..by(manager, "Update")
    };
    for manager in
        ["kubectl-set", "kubectl-patch", "kubectl-replace", "kubectl-create", "kubectl-run"]
    {
        check(&followed(manager), Manual, Reason::BesideGitops);
    }
    for manager in ["kubectl-client-side-apply", "kubectl"] {
        check(&followed(manager), Ambiguous, Reason::SharedCli);
    }
    let tracked = |object: &str| Given {
        annotations: json!({"argocd.argoproj.io/tracking-id":
            format!("shop:apps/Deployment:shop/{object}")}),
        ..by("kubectl-set", "Update")
    };
    check(&tracked("cart"), Manual, Reason::BesideGitops);
    check(&tracked("orders"), Ambiguous, Reason::SharedCli);
    // The service declares its pipeline, and this is none of its names.
    let declared = |manager| Given {
        rules: Rules {
            pipeline_managers: BTreeSet::from(["codefresh".to_owned()]),
            ..Rules::default()
        },
        ..by(manager, "Update")
    };
    check(&declared("kubectl-set"), Manual, Reason::OtherThanDeclared);
    check(&declared("ancient-changes"), Ambiguous, Reason::HistoryLost);
    check(&declared("argocd-controller"), Gitops, Reason::Name);
    // A delivery controller whose own object nobody could read.
    let unread = Given { controller_read: false, ..by("kustomize-controller", "Apply") };
    let judged = check(&unread, Gitops, Reason::Name);
    assert_eq!(judged.worst().unwrap().judged.confidence, Confidence::Medium);
}

#[test]
fn several_owners_and_several_containers() {
    let owners = |names: &[&'static str]| Given {
        entries: names.iter().map(|name| (*name, "Update", "", image())).collect(),
        ..Given::default()
    };
    let adopted = check(&owners(&["kubectl-edit", "argocd-controller"]), Gitops, Reason::Name);
    assert!(adopted.worst().unwrap().adopted, "taken over into the source");
    check(&owners(&["kubectl-edit"]), Manual, Reason::Name);
    check(&owners(&["kubectl-edit", "kubectl-set"]), Manual, Reason::Name);
    check(&owners(&["helm", "codefresh"]), Pipeline, Reason::Name);
    // Marks of a delivery controller do not excuse a change by hand: that is the drift.
    let drift = Given {
        labels: json!({"kustomize.toolkit.fluxcd.io/name": "shop"}),
        ..by("kubectl-edit", "Update")
    };
    check(&drift, Manual, Reason::Name);
    // The worst container counts.
    let both: Deployment = object(json!({
        "metadata": {"name": "cart", "managedFields": [
            {"manager": "codefresh", "operation": "Update", "fieldsV1": image()},
            {"manager": "kubectl-edit", "operation": "Update", "fieldsV1": {"f:spec": {"f:template":
                {"f:spec": {"f:initContainers": {r#"k:{"name":"init"}"#: {"f:image": {}}}}}}}},
        ]},
        "spec": {"template": {"spec": {"containers": [{"name": "cart", "image": "a:1"}],
            "initContainers": [{"name": "init", "image": "b:1"}]}}},
    }));
    let judged = image_writers(
        &Object {
            group: "apps",
            kind: "Deployment",
            meta: &both.meta,
            template: &both.spec.template,
            writers: &both.writers,
            cluster: "prod",
            freshness: Freshness::default(),
            controller_read: true,
        },
        &Rules::default(),
    );
    assert_eq!(judged.class, Manual);
    assert_eq!(judged.worst().unwrap().container, "init");
}

#[test]
fn entries_of_subresources_and_of_nobody() {
    let mut given = by("codefresh", "Update");
    let alone = given.judged();
    given.entries.push(("kubectl", "Update", "scale", json!({"f:spec": {"f:replicas": {}}})));
    given.entries.push(("kubectl-edit", "Update", "status", image()));
    given.entries.push(("kube-controller-manager", "Update", "status", json!({"f:status": {}})));
    assert_eq!(given.judged(), alone, "neither status nor scale own a template");
    given.entries.reverse();
    assert_eq!(given.judged(), alone, "nor does their order matter");
    given.entries.clear();
    check(&given, Ambiguous, Reason::NoManagedFields);
    let no_image = json!({"f:spec": {"f:replicas": {}}});
    given.entries.push(("codefresh", "Update", "", no_image));
    check(&given, Ambiguous, Reason::HistoryLost);
}

#[test]
fn drift_is_a_hand_on_the_specification() {
    let check =
        |fields: Value, manager: &'static str, subresource: &'static str, expect: Option<bool>| {
            let entries = vec![(manager, "Update", subresource, fields.clone())];
            let drifts = Given { entries, ..Given::default() }.drifts();
            let read = drifts.first().map(|drift| drift.restart_only);
            assert_eq!(read, expect, "{manager} {fields}");
        };
    check(image(), "kubectl-edit", "", Some(false));
    check(image(), "helm", "", None);
    check(image(), "kubectl-edit", "status", None);
    check(restart(), "k9s", "", Some(true));
    check(json!({"f:spec": {"f:replicas": {}}}), "k9s", "", Some(false));
    check(json!({"f:metadata": {"f:labels": {"f:a": {}}}}), "kubectl-edit", "", None);
    let fields =
        Given { entries: vec![("kubectl-edit", "Update", "", image())], ..Given::default() };
    assert_eq!(fields.drifts()[0].fields, ["spec.template.spec.containers[cart].image"]);
}

#[test]
fn every_unsettled_reason_comes_with_help() {
    for reason in [
        Reason::SharedCli,
        Reason::SharedTool,
        Reason::Unrecognised,
        Reason::HistoryLost,
        Reason::NoManagedFields,
        Reason::NotClassifiedOperator,
    ] {
        assert!(reason.help().is_some(), "{reason:?}");
    }
    assert!(Reason::SharedCli.help().unwrap().contains("--field-manager"));
    assert!(NAMES.iter().all(|known| known.class != Ambiguous || known.reason.help().is_some()));
}

#[test]
fn a_name_is_proposed_after_three_rollouts() {
    let rollouts = |times: usize, class| vec![("kubectl-set", Some("run"), class); times];
    assert_eq!(proposals(rollouts(3, Ambiguous)), ["kubectl-set"]);
    assert!(proposals(rollouts(2, Ambiguous)).is_empty());
    assert!(proposals(rollouts(3, Manual)).is_empty());
}
