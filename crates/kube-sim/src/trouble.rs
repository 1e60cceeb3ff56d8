//! Troubles that a script brings over the cluster.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What a trouble befalls.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// Every container that runs this image, so that a new rollout fails while old pods serve.
    Image(String),
    /// Every pod of a workload, by the name of its topmost owner.
    Workload {
        /// The namespace of the workload.
        namespace: String,
        /// The name of the Deployment, `StatefulSet`, `DaemonSet`, Job or `CronJob`.
        name: String,
    },
    /// One pod.
    Pod {
        /// The namespace of the pod.
        namespace: String,
        /// The name of the pod.
        name: String,
    },
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trouble {
    /// The container ends over and over with this code. 137 reads `OOMKilled`.
    Crashes {
        /// Not 0: a container that ends well is restarted as well, but is no trouble.
        exit_code: u8,
    },
    /// The image cannot be pulled.
    ImagePull,
    /// The name of the image is none.
    InvalidImageName,
    /// The container runs and never becomes ready: a stuck rollout.
    NeverReady,
    /// No node is good enough.
    Unschedulable,
    /// The quota of the namespace allows no further pod.
    QuotaExceeded,
}

#[derive(Debug, Default)]
pub(crate) struct Troubles {
    by_subject: BTreeMap<Subject, BTreeSet<Trouble>>,
    nodes_down: BTreeSet<String>,
}

/// A pod as troubles find it: its own name and that of its topmost owner.
pub(crate) struct Place<'a> {
    pub namespace: &'a str,
    pub pod: &'a str,
    pub workload: &'a str,
}

impl Troubles {
    pub(crate) fn add(&mut self, subject: Subject, trouble: Trouble) {
        self.by_subject.entry(subject).or_default().insert(trouble);
    }

    pub(crate) fn heal(&mut self, subject: &Subject) {
        self.by_subject.remove(subject);
    }

    pub(crate) fn set_node(&mut self, node: &str, down: bool) {
        if down {
            self.nodes_down.insert(node.to_owned());
        } else {
            self.nodes_down.remove(node);
        }
    }

    pub(crate) fn is_down(&self, node: &str) -> bool {
        self.nodes_down.contains(node)
    }

    /// Troubles of a pod as a whole.
    pub(crate) fn of_pod(&self, place: &Place<'_>) -> impl Iterator<Item = &Trouble> {
        let namespace = place.namespace.to_owned();
        let (pod, workload) = (place.pod.to_owned(), place.workload.to_owned());
        let subjects = [
            Subject::Pod { namespace: namespace.clone(), name: pod },
            Subject::Workload { namespace, name: workload },
        ];
        subjects.into_iter().filter_map(|subject| self.by_subject.get(&subject)).flatten()
    }

    /// Troubles of a container: those of its pod and those of its image.
    pub(crate) fn of_container(&self, place: &Place<'_>, container: &Value) -> Vec<Trouble> {
        let image = container["image"].as_str().unwrap_or_default().to_owned();
        let of_image = self.by_subject.get(&Subject::Image(image)).into_iter().flatten();
        self.of_pod(place).chain(of_image).cloned().collect()
    }
}
