//! What the history of a delivery controller says of a workload: a moment at which it was delivered,
//! from which revision, and whether somebody asked for it. What is deliberately absent: who asked. The
//! histories name an account, which may be a person or a robot, and the name is not kept.

use crate::cluster::WorkloadName;
use crate::{Millis, ids};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A delivery controller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tool {
    /// Argo CD, by an Application.
    ArgoCd,
    /// Flux, by a Kustomization.
    FluxKustomization,
    /// Flux, by a `HelmRelease`.
    FluxHelm,
}

impl Tool {
    /// As people call it.
    pub fn title(self) -> &'static str {
        match self {
            Self::ArgoCd => "Argo CD",
            Self::FluxKustomization => "Flux",
            Self::FluxHelm => "Flux Helm",
        }
    }

    /// Kind of the object that bears the history.
    pub fn kind(self) -> &'static str {
        match self {
            Self::ArgoCd => "Application",
            Self::FluxKustomization => "Kustomization",
            Self::FluxHelm => "HelmRelease",
        }
    }
}

/// What set a delivery going, as far as the history tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Start {
    /// The controller by itself.
    Automated,
    /// Somebody asked for it: a person, or an account that a pipeline uses.
    Requested,
    /// The history does not tell.
    Untold,
}

impl Start {
    /// The word, as written in the log, on the command line and in the window.
    pub fn word(self) -> &'static str {
        match self {
            Self::Automated => "automated",
            Self::Requested => "requested",
            Self::Untold => "untold",
        }
    }
}

/// An entry of a history, as it concerns one workload. It is dated by the history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// The workload.
    pub workload: WorkloadName,
    /// Uid of the workload.
    pub uid: String,
    /// Whose history.
    pub tool: Tool,
    /// Namespace and name of the object that bears the history, with a slash between them.
    pub source: String,
    /// Uid of that object.
    pub source_uid: String,
    /// What the entry is called within its history: a number, or a digest.
    pub entry: String,
    /// Whatever the delivery changed was written after this moment.
    pub from: Millis,
    /// And before this one.
    pub until: Millis,
    /// Commit, or version of a chart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    /// What set it going.
    pub start: Start,
    /// It succeeded, brought another revision than the entry before it, and this workload is the only
    /// one that the object delivers: it is a deployment even where no revision of the workload is known.
    #[serde(default)]
    pub is_deployment: bool,
}

impl Delivery {
    /// Its entity: two engineers who see the same entry make one record for a workload.
    pub fn id(&self, workspace: Uuid) -> Uuid {
        ids::delivery(workspace, &self.uid, &self.source_uid, &self.entry)
    }

    /// The revision as people tell commits apart: the first eight digits of a hash.
    pub fn short_revision(&self) -> Option<String> {
        let revision = self.revision.as_deref()?;
        let is_hash =
            |text: &str| text.len() >= 40 && text.bytes().all(|letter| letter.is_ascii_hexdigit());
        // Flux writes `main@sha1:<hash>`.
        let (head, last) = match revision.rfind([':', '/', '@']) {
            Some(at) => revision.split_at(at + 1),
            None => ("", revision),
        };
        if !is_hash(last) {
            return Some(revision.to_owned());
        }
        let head = head.trim_end_matches("sha1:").trim_end_matches("sha256:");
        Some(format!("{head}{}", &last[..8]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delivery(revision: Option<&str>) -> Delivery {
        Delivery {
            workload: WorkloadName {
                target: Uuid::from_u128(7),
                namespace: "shop".into(),
                kind: "Deployment".into(),
                name: "cart".into(),
            },
            uid: "u-1".into(),
            tool: Tool::ArgoCd,
            source: "argocd/shop".into(),
            source_uid: "a-1".into(),
            entry: "4".into(),
            from: 1,
            until: 2,
            revision: revision.map(str::to_owned),
            start: Start::Requested,
            is_deployment: false,
        }
    }

    #[test]
    fn revisions_are_short_where_they_are_hashes() {
        let check = |revision: Option<&str>, expect: Option<&str>| {
            assert_eq!(delivery(revision).short_revision().as_deref(), expect, "{revision:?}");
        };
        check(Some("0123456789abcdef0123456789abcdef01234567"), Some("01234567"));
        check(Some("main@sha1:0123456789abcdef0123456789abcdef01234567"), Some("main@01234567"));
        check(Some("cart-1.2.3"), Some("cart-1.2.3"));
        check(Some("0123456789"), Some("0123456789"));
        check(Some("refs/heads/main"), Some("refs/heads/main"));
        check(None, None);
    }

    #[test]
    fn an_entry_has_one_id_for_all_who_see_it_and_one_for_each_workload() {
        let workspace = Uuid::from_u128(1);
        let one = delivery(Some("abc"));
        let mut elsewhere = one.clone();
        elsewhere.workload.target = Uuid::from_u128(8);
        elsewhere.is_deployment = true;
        assert_eq!(one.id(workspace), elsewhere.id(workspace));
        let check = |change: fn(&mut Delivery)| {
            let mut other = one.clone();
            change(&mut other);
            assert_ne!(other.id(workspace), one.id(workspace), "{other:?}");
        };
        check(|other| other.uid = "u-2".into());
        check(|other| other.source_uid = "a-2".into());
        check(|other| other.entry = "5".into());
    }
}
