//! Marks that a pipeline leaves beside its name. A mark says something about a rollout only while
//! it belongs to it: it stands on the pod template, or bears a time close to it, or changed
//! together with it. One that stayed the same across a change by hand proves nothing.

use crate::shape::Moment;
use crate::shape::lenient::clean;
use crate::shape::meta::{Annotations, Labels, Meta};
use chrono::TimeDelta;
use serde::Serialize;

/// A mark with a time belongs to a rollout that lies this close.
const CLOSE: TimeDelta = TimeDelta::minutes(15);

const GITHUB: &str = "actions.github.com/k8s-deploy";
const TRACKING_ID: &str = "argocd.argoproj.io/tracking-id";
const KUSTOMIZE_NAME: &str = "kustomize.toolkit.fluxcd.io/name";
const HELM_CONTROLLER_NAME: &str = "helm.toolkit.fluxcd.io/name";

/// Annotations that only a run of a pipeline leaves. Skaffold's label is not among them: laptops
/// run Skaffold too, and so does what `app.kubernetes.io/managed-by` says.
const RUNS: [&str; 3] = [GITHUB, "app.gitlab.com/app", "app.gitlab.com/env"];
/// The same, by how they begin.
const RUN_PREFIXES: [&str; 3] =
    ["moniker.spinnaker.io/", "artifact.spinnaker.io/", "pipelines.jfrog.com/"];
/// Annotations that tell what was deployed, whoever did it.
const CONTEXTS: [&str; 6] = [
    TRACKING_ID,
    "argocd.argoproj.io/installation-id",
    "meta.helm.sh/release-name",
    "meta.helm.sh/release-namespace",
    "config.k8s.io/owning-inventory",
    "pulumi.com/patchFieldManager",
];

/// Whether an annotation is a mark.
pub fn is_marker(annotation: &str) -> bool {
    is_run(annotation) || CONTEXTS.contains(&annotation)
}

fn is_run(annotation: &str) -> bool {
    RUNS.contains(&annotation) || RUN_PREFIXES.iter().any(|prefix| annotation.starts_with(prefix))
}

/// The mark of a run on a rollout.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Mark {
    /// The annotation.
    pub key: String,
    /// Address of the run, where it names one.
    pub run: Option<String>,
    /// Commit, where it names one.
    pub commit: Option<String>,
}

impl Mark {
    /// The commit or the run.
    pub fn trace(&self) -> Option<&str> {
        self.commit.as_deref().or(self.run.as_deref())
    }
}

/// Which delivery controller follows an object, by its marks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "tool", rename_all = "snake_case")]
pub enum Follows {
    /// An application of Argo CD.
    ArgoCd {
        /// Namespace of the application, where it is named.
        namespace: Option<String>,
        /// Name of the application.
        application: String,
    },
    /// A Kustomization of Flux.
    Kustomization {
        /// Namespace.
        namespace: String,
        /// Name.
        name: String,
    },
    /// A release of Flux's Helm controller.
    HelmRelease {
        /// Namespace.
        namespace: String,
        /// Name.
        name: String,
    },
}

/// Which delivery controller follows the object. A tracking id that names another object was
/// copied with its manifest and says nothing.
pub fn follows(group: &str, kind: &str, meta: &Meta) -> Option<Follows> {
    let flux = |name: &str, namespace: &str| {
        let name = meta.labels.get(name)?;
        let namespace = meta.labels.get(namespace).unwrap_or(&meta.namespace);
        Some((name.to_owned(), namespace.to_owned()))
    };
    if let Some((name, namespace)) = flux(KUSTOMIZE_NAME, "kustomize.toolkit.fluxcd.io/namespace") {
        return Some(Follows::Kustomization { namespace, name });
    }
    if let Some((name, namespace)) = flux(HELM_CONTROLLER_NAME, "helm.toolkit.fluxcd.io/namespace")
    {
        return Some(Follows::HelmRelease { namespace, name });
    }
    let mut parts = meta.annotations.get(TRACKING_ID)?.splitn(3, ':');
    let (application, object, place) = (parts.next()?, parts.next()?, parts.next()?);
    let names =
        object == format!("{group}/{kind}") && place == format!("{}/{}", meta.namespace, meta.name);
    let (namespace, application) = match application.split_once('_') {
        Some((namespace, name)) => (Some(namespace.to_owned()), name),
        None => (None, application),
    };
    names.then(|| Follows::ArgoCd { namespace, application: application.to_owned() })
}

/// What decides whether a mark belongs to the newest rollout.
#[derive(Clone, Copy, Debug, Default)]
pub struct Freshness {
    /// When the newest rollout was, where that is known.
    pub rollout_at: Option<Moment>,
    /// Whether the marks of the object were seen to change together with it.
    pub changed_together: bool,
}

/// The mark of a run that belongs to the newest rollout. The template's own marks do by nature.
pub fn fresh(object: &Annotations, template: &Annotations, freshness: Freshness) -> Option<Mark> {
    let on = |annotations: &Annotations| {
        annotations.iter().find(|(key, _)| is_run(key)).map(|(key, value)| read(key, value))
    };
    if let Some((mark, _)) = on(template) {
        return Some(mark);
    }
    let (mark, at) = on(object)?;
    let close =
        at.zip(freshness.rollout_at).is_some_and(|(at, rollout)| (at - rollout).abs() <= CLOSE);
    (close || freshness.changed_together).then_some(mark)
}

/// Whether a mark of the team's own belongs to the newest rollout.
pub fn own_is_fresh(
    key: &str,
    object: &Annotations,
    template: &Annotations,
    freshness: Freshness,
) -> bool {
    template.get(key).is_some() || (object.get(key).is_some() && freshness.changed_together)
}

/// Reads a mark and its time. Who started the run is not kept.
fn read(key: &str, value: &str) -> (Mark, Option<Moment>) {
    let mut mark = Mark { key: key.to_owned(), ..Mark::default() };
    let mut at = None;
    if key == GITHUB
        && let Ok(run) = serde_json::from_str::<serde_json::Value>(value)
    {
        let text = |field: &str| run[field].as_str().filter(|text| !text.is_empty()).map(clean);
        mark.run = text("runUri");
        mark.commit = text("commit");
        at = run["deployTimestamp"]
            .as_str()
            .and_then(time)
            .or_else(|| chrono::DateTime::from_timestamp_millis(run["deployTimestamp"].as_i64()?));
    }
    (mark, at)
}

fn time(text: &str) -> Option<Moment> {
    if let Ok(number) = text.parse::<i64>() {
        return chrono::DateTime::from_timestamp_millis(number);
    }
    chrono::DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc())
}

/// What a workload tells of its origin: check CD-34. The first that names a commit, a run, a chart
/// or a cause.
pub fn trace(object: &Meta, template: (&Labels, &Annotations)) -> Option<(String, String)> {
    let (labels, annotations) = template;
    for all in [annotations, &object.annotations] {
        for (key, value) in all.iter().filter(|(key, _)| is_run(key)) {
            let (mark, _) = read(key, value);
            if let Some(trace) = mark.trace() {
                return Some((key.to_owned(), trace.to_owned()));
            }
        }
    }
    let chart = ["helm.sh/chart"].iter().find_map(|key| {
        Some(((*key).to_owned(), object.labels.get(key).or(labels.get(key))?.to_owned()))
    });
    chart.or_else(|| {
        let key = crate::shape::revision::CHANGE_CAUSE;
        let cause = object.annotations.get(key).filter(|cause| !cause.trim().is_empty())?;
        Some((key.to_owned(), cause.to_owned()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::tests::object;
    use crate::shape::workload::Deployment;
    use serde_json::json;

    fn deployment(annotations: serde_json::Value, template: serde_json::Value) -> Deployment {
        object(json!({
            "metadata": {"name": "cart", "namespace": "shop", "annotations": annotations},
            "spec": {"template": {"metadata": {"annotations": template}}},
        }))
    }

    fn at(text: &str) -> Moment {
        chrono::DateTime::parse_from_rfc3339(text).unwrap().to_utc()
    }

    #[test]
    fn a_mark_counts_while_it_belongs_to_the_rollout() {
        let run = |time: &str| json!({GITHUB: json!({"runUri": "https://ci.example/7", "commit": "abc", "createdBy": "anna", "deployTimestamp": time}).to_string()});
        let check = |object: &serde_json::Value,
                     template: &serde_json::Value,
                     together: bool,
                     expect: bool| {
            let read = deployment(object.clone(), template.clone());
            let freshness = Freshness {
                rollout_at: Some(at("2026-03-01T10:00:00Z")),
                changed_together: together,
            };
            let mark =
                fresh(&read.meta.annotations, &read.spec.template.metadata.annotations, freshness);
            assert_eq!(mark.is_some(), expect, "{object} {template}");
        };
        let none = json!({});
        check(&none, &run("2020-01-01T00:00:00Z"), false, true);
        check(&run("2026-03-01T10:14:00Z"), &none, false, true);
        check(&run("2026-03-01T10:16:00Z"), &none, false, false);
        check(&run("2026-03-01T10:16:00Z"), &none, true, true);
        check(&json!({GITHUB: "no json"}), &none, false, false);
        check(&json!({"app.gitlab.com/env": "prod"}), &none, false, false);
        check(&none, &json!({"app.gitlab.com/env": "prod"}), false, true);
        check(&none, &json!({"skaffold.dev/run-id": "7"}), false, false);
        let read = deployment(run("2026-03-01T10:00:00Z"), none);
        let (_, value) = read.meta.annotations.iter().next().unwrap();
        let (mark, _) = super::read(GITHUB, value);
        assert_eq!(mark.trace(), Some("abc"));
        assert!(!format!("{mark:?}").contains("anna"), "no person is kept");
    }

    #[test]
    fn a_copied_tracking_id_says_nothing() {
        let check = |id: &str, expect: Option<(&str, Option<&str>)>| {
            let read = deployment(json!({TRACKING_ID: id}), json!({}));
            let follows = follows("apps", "Deployment", &read.meta);
            let told = follows.as_ref().map(|follows| match follows {
                Follows::ArgoCd { namespace, application } => {
                    (application.as_str(), namespace.as_deref())
                }
                other => panic!("{other:?}"),
            });
            assert_eq!(told, expect, "{id}");
        };
        check("shop:apps/Deployment:shop/cart", Some(("shop", None)));
        check("team_shop:apps/Deployment:shop/cart", Some(("shop", Some("team"))));
        check("shop:apps/Deployment:shop/orders", None);
        check("shop:apps/Deployment:other/cart", None);
        check("shop", None);
    }

    #[test]
    fn what_runs_is_traced_by_run_chart_or_cause() {
        let check = |annotations: serde_json::Value, label: Option<&str>, expect: Option<&str>| {
            let mut read = deployment(annotations.clone(), json!({}));
            if let Some(chart) = label {
                let labels = json!({"metadata": {"labels": {"helm.sh/chart": chart}}});
                read.meta.labels = object::<Deployment>(labels).meta.labels;
            }
            let template = &read.spec.template.metadata;
            let found = trace(&read.meta, (&template.labels, &template.annotations));
            assert_eq!(found.as_ref().map(|(_, value)| value.as_str()), expect, "{annotations}");
        };
        check(json!({GITHUB: "{\"commit\": \"abc\"}"}), Some("cart-1.2.3"), Some("abc"));
        check(json!({}), Some("cart-1.2.3"), Some("cart-1.2.3"));
        check(json!({crate::shape::revision::CHANGE_CAUSE: "ticket 7"}), None, Some("ticket 7"));
        check(json!({crate::shape::revision::CHANGE_CAUSE: " "}), None, None);
        check(json!({}), None, None);
    }
}
