//! Where a kind is read: everywhere, or in the namespaces one may read.

use super::Session;
use super::listing;
use crate::connection::state::Failure;
use kube::Resource;

/// At most so many namespaces are watched one by one; more would be polled in turn.
pub const MOST_NAMESPACES: usize = 25;

/// Namespaces in their order, none twice: an object that is read twice would be shown twice.
pub(crate) fn each_once(mut namespaces: Vec<String>) -> Vec<String> {
    let mut seen = std::collections::BTreeSet::new();
    namespaces.retain(|one| seen.insert(one.clone()));
    namespaces
}

/// The extent of one supervisor.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// The whole cluster.
    Cluster,
    /// One namespace.
    Namespace(String),
}

impl Scope {
    /// The address of a kind in this scope.
    pub fn path<K: Resource<DynamicType = ()>>(&self) -> String {
        match self {
            Self::Cluster => K::url_path(&(), None),
            Self::Namespace(namespace) => K::url_path(&(), Some(namespace)),
        }
    }

    /// What is read, in the words of Kubernetes: `deployments.apps in shop`.
    pub fn resource<K: Resource<DynamicType = ()>>(&self) -> String {
        let (plural, group) = (K::plural(&()), K::group(&()));
        let dot = if group.is_empty() { "" } else { "." };
        match self {
            Self::Cluster => format!("{plural}{dot}{group}"),
            Self::Namespace(namespace) => format!("{plural}{dot}{group} in {namespace}"),
        }
    }
}

/// Tries where a kind may be read: everywhere, else in each of the namespaces given, at most
/// [`MOST_NAMESPACES`]. The read itself is the test, as reviews of rights are writes in form. Each
/// scope comes with its answer.
///
/// # Errors
/// When the first question fails otherwise than by a refusal.
pub async fn probe<K: Resource<DynamicType = ()>>(
    session: &Session,
    namespaces: &[String],
) -> Result<Vec<(Scope, Result<(), Failure>)>, Failure> {
    match one::<K>(session, &Scope::Cluster).await {
        Ok(()) => return Ok(vec![(Scope::Cluster, Ok(()))]),
        Err(Failure::Forbidden) => {}
        Err(other) => return Err(other),
    }
    let mut found = Vec::new();
    for namespace in namespaces.iter().take(MOST_NAMESPACES) {
        let scope = Scope::Namespace(namespace.clone());
        let answer = one::<K>(session, &scope).await;
        found.push((scope, answer));
    }
    Ok(found)
}

async fn one<K: Resource<DynamicType = ()>>(
    session: &Session,
    scope: &Scope,
) -> Result<(), Failure> {
    let path = scope.path::<K>();
    let ask = listing::page_text(session, &path, "limit=1");
    match tokio::time::timeout(listing::ONE_SHOT, ask).await {
        Ok(answer) => answer.map(drop),
        Err(_) => Err(Failure::Unreachable("no answer within 15 s".to_owned())),
    }
}
