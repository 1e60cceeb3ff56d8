//! Revisions of workloads, from which rollouts are read: each `ReplicaSet` of a Deployment and each
//! `ControllerRevision` of the others.

use super::lenient::{Any, Loose, Print, clean, part};
use super::meta::{Condition, Selector};
use super::{Strings, kind};
use crate::writers::markers::is_marker;
use serde::de::MapAccess;
use serde_json::Value;
use std::sync::Arc;

/// Number of a Deployment's revision.
pub const REVISION: &str = "deployment.kubernetes.io/revision";
/// Earlier numbers of the same revision, separated by commas: it was returned to.
pub const REVISION_HISTORY: &str = "deployment.kubernetes.io/revision-history";
/// Number of an Argo Rollout's revision.
pub const ROLLOUT_REVISION: &str = "rollout.argoproj.io/revision";
/// What somebody wrote about a change.
pub const CHANGE_CAUSE: &str = "kubernetes.io/change-cause";
/// Set in a template by a restart.
pub const RESTARTED_AT: &str = "kubectl.kubernetes.io/restartedAt";

fn keeps(annotation: &str) -> bool {
    matches!(annotation, REVISION | REVISION_HISTORY | ROLLOUT_REVISION | CHANGE_CAUSE)
        || is_marker(annotation)
}

kind! {
    /// A ReplicaSet.
    ReplicaSet = "ReplicaSet" in "apps" / "v1" as "replicasets", NamespaceResourceScope,
        keeps keeps, shares share {
        /// What is wanted.
        "spec" spec: ReplicaSetSpec,
        /// What is.
        "status" status: ReplicaSetStatus,
    }
}
kind! {
    /// A revision of a StatefulSet or DaemonSet.
    ControllerRevision = "ControllerRevision" in "apps" / "v1" as "controllerrevisions",
        NamespaceResourceScope, keeps keeps {
        /// Its number.
        "revision" revision: Option<i64>,
        /// The template that it holds.
        "data" data: RevisionData,
    }
}

fn share(set: &mut ReplicaSet, strings: &mut Strings) {
    for (name, image) in &mut set.spec.template.images {
        strings.share(name);
        strings.share(image);
    }
}

part! {
    /// What is wanted of a ReplicaSet.
    ReplicaSetSpec {
        /// How many pods; absent means 1.
        replicas: Option<i64>,
        /// Its pods.
        selector: Selector,
        /// The pods.
        template: TemplateCore,
    }
    /// What is of a ReplicaSet.
    ReplicaSetStatus {
        /// The generation that the controller has seen.
        observed_generation: Option<i64>,
        /// Pods.
        replicas: Option<i64>,
        /// Available pods.
        available_replicas: Option<i64>,
        /// Conditions.
        conditions: Box<[Condition]>,
    }
    /// What a ControllerRevision holds.
    RevisionData {
        /// A part of the specification.
        spec: RevisionSpec,
    }
    /// The part of the specification.
    RevisionSpec {
        /// The pods.
        template: TemplateCore,
    }
}

/// The core of a template: enough to tell a restart from a change of images or of anything else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TemplateCore {
    /// Container and image, in order of the name; init containers too.
    pub images: Box<[(Arc<str>, Arc<str>)]>,
    /// When it was restarted by hand.
    pub restarted_at: Option<Box<str>>,
    /// Marks of a pipeline on the template.
    pub marks: Box<[(Box<str>, Box<str>)]>,
    /// Fingerprint of all of it, without the hash of the template and without the restart.
    pub print: Print,
}

impl Loose for TemplateCore {
    fn map<'de, A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        Any::map(map).map(|template| Self::of(template.0))
    }
}

impl TemplateCore {
    fn of(mut template: Value) -> Self {
        // A ControllerRevision is a patch and carries its directive.
        if let Some(fields) = template.as_object_mut() {
            fields.remove("$patch");
        }
        let mut images: Vec<(Arc<str>, Arc<str>)> = ["containers", "initContainers"]
            .iter()
            .filter_map(|list| template["spec"][list].as_array())
            .flatten()
            .filter_map(|container| {
                let text = |field: &str| container[field].as_str().map(|text| clean(text).into());
                Some((text("name")?, text("image")?))
            })
            .collect();
        images.sort_unstable();
        if let Some(labels) =
            template.pointer_mut("/metadata/labels").and_then(Value::as_object_mut)
        {
            for hash in ["pod-template-hash", "rollouts-pod-template-hash"] {
                labels.remove(hash);
            }
        }
        let mut restarted_at = None;
        let mut marks = Vec::new();
        let annotations = template.pointer_mut("/metadata/annotations");
        if let Some(annotations) = annotations.and_then(Value::as_object_mut) {
            restarted_at = annotations.remove(RESTARTED_AT);
            for (key, value) in annotations.iter() {
                if let Some(value) = value.as_str().filter(|_| is_marker(key)) {
                    marks.push((clean(key).into(), clean(value).into()));
                }
            }
            if annotations.is_empty() {
                template["metadata"].as_object_mut().map(|meta| meta.remove("annotations"));
            }
        }
        Self {
            images: images.into(),
            restarted_at: restarted_at.and_then(|at| at.as_str().map(|at| clean(at).into())),
            marks: marks.into(),
            print: Print::of(&template),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::tests::object;
    use serde_json::json;

    fn set(template: Value) -> TemplateCore {
        let set: ReplicaSet = object(json!({"spec": {"template": template}}));
        set.spec.template
    }

    #[test]
    fn only_what_matters_changes_the_fingerprint() {
        let template = |hash: &str, image: &str, restart: Option<&str>| {
            let mut template = json!({
                "metadata": {"labels": {"app": "cart", "pod-template-hash": hash}},
                "spec": {"containers": [{"name": "cart", "image": image}]},
            });
            if let Some(restart) = restart {
                template["metadata"]["annotations"] = json!({RESTARTED_AT: restart});
            }
            set(template)
        };
        let first = template("a", "cart:1", None);
        assert_eq!(first.print, template("b", "cart:1", None).print, "the hash is left out");
        let restarted = template("c", "cart:1", Some("2026-03-01"));
        assert_eq!(first.print, restarted.print, "so is a restart");
        assert_eq!(restarted.restarted_at.as_deref(), Some("2026-03-01"));
        assert_ne!(first.print, template("a", "cart:2", None).print, "an image is not");
        assert_eq!(&*first.images[0].1, "cart:1");
    }

    #[test]
    fn a_controller_revision_reads_alike() {
        let revision: ControllerRevision = object(json!({
            "revision": 3,
            "data": {"spec": {"template": {"$patch": "replace", "metadata": {"labels": {"app": "cart"}},
                "spec": {"containers": [{"name": "cart", "image": "cart:1"}]}}}},
        }));
        let plain = set(json!({"metadata": {"labels": {"app": "cart"}},
            "spec": {"containers": [{"name": "cart", "image": "cart:1"}]}}));
        assert_eq!(revision.revision, Some(3));
        assert_eq!(revision.data.spec.template.print, plain.print);
    }
}
