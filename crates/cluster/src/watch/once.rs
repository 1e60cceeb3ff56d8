//! One look by lists alone: for a command that ends. What may not be read in the whole cluster is
//! read in the namespaces given; whatever stays unread is said in the states of the snapshot.

use super::listing::{self, Page};
use super::{MOST_NAMESPACES, Scope, Session, each_once};
use crate::connection::state::Failure;
use crate::shape::others::{Event, Namespace};
use crate::shape::{Kind, Moment, Read};
use crate::snapshot::{Snapshot, State};
use std::sync::Arc;

/// Objects a page.
const PAGE: usize = 500;
/// A list whose pages expire is begun so many times.
const ATTEMPTS: usize = 3;

/// Lists what health and writers need, once. `namespaces` are tried where the whole cluster may not
/// be read, at most [`MOST_NAMESPACES`].
///
/// # Errors
/// When the server does not answer, or not to these credentials, or when it refuses every list.
pub async fn look(
    session: &Session,
    context: &str,
    namespaces: &[String],
    now: Moment,
) -> Result<Snapshot, Failure> {
    let mut seen = Snapshot::empty(context, now);
    let mut reader = Reader { session, namespaces, answered: false };
    seen.deployments = reader.read(&mut seen).await?;
    seen.stateful_sets = reader.read(&mut seen).await?;
    seen.daemon_sets = reader.read(&mut seen).await?;
    seen.cron_jobs = reader.read(&mut seen).await?;
    seen.rollouts = reader.read(&mut seen).await?;
    seen.replica_sets = reader.read(&mut seen).await?;
    seen.revisions = reader.read(&mut seen).await?;
    seen.pods = reader.read(&mut seen).await?;
    seen.nodes = reader.read_whole(&mut seen).await?;
    if reader.answered { Ok(seen) } else { Err(Failure::Forbidden) }
}

/// The same with all that checks need besides. What may not be read stays untold, and no refusal of
/// it ends the look.
///
/// # Errors
/// As [`look`].
pub async fn whole_look(
    session: &Session,
    context: &str,
    namespaces: &[String],
    now: Moment,
) -> Result<Snapshot, Failure> {
    let mut seen = look(session, context, namespaces, now).await?;
    let mut reader = Reader { session, namespaces, answered: true };
    seen.services = reader.read(&mut seen).await?;
    seen.endpoint_slices = reader.read(&mut seen).await?;
    seen.ingresses = reader.read(&mut seen).await?;
    seen.http_routes = reader.read(&mut seen).await?;
    seen.reference_grants = reader.read(&mut seen).await?;
    seen.autoscalers = reader.read(&mut seen).await?;
    seen.scaled_objects = reader.read(&mut seen).await?;
    seen.budgets = reader.read(&mut seen).await?;
    seen.service_accounts = reader.read(&mut seen).await?;
    seen.config_maps = reader.read(&mut seen).await?;
    seen.applications = reader.read(&mut seen).await?;
    seen.kustomizations = reader.read(&mut seen).await?;
    seen.helm_releases = reader.read(&mut seen).await?;
    // A look without it is one all the same.
    seen.cluster = identity(session).await.unwrap_or_default();
    Ok(seen)
}

/// What one cluster is known by: the uid of its namespace `kube-system`, which outlives renamed
/// contexts. Two people may know one cluster by two.
///
/// # Errors
/// When it may not be read, or nothing answers.
pub async fn identity(session: &Session) -> Result<String, Failure> {
    let asking = listing::page_text(session, "/api/v1/namespaces/kube-system", "");
    let answer = tokio::time::timeout(listing::ONE_SHOT, asking).await;
    let text = answer.unwrap_or_else(|_| Err(listing::late()))?;
    let read = serde_json::from_str::<Read<Namespace>>(&text);
    let namespace = read.map_err(|error| Failure::Unreadable(error.to_string()))?;
    Ok(namespace.object.meta.uid.to_string())
}

/// The warnings of a namespace, as many as one page holds.
///
/// # Errors
/// When they may not be read, or nothing answers.
pub async fn warnings(session: &Session, namespace: &str) -> Result<Vec<Event>, Failure> {
    let scope = Scope::Namespace(namespace.to_owned());
    let query = format!("limit={PAGE}&fieldSelector=type%3DWarning");
    let path = scope.path::<Read<Event>>();
    let page: Page<Read<Event>> = listing::page_by(session, &path, &query).await?;
    Ok(page.items.into_iter().map(|read| read.object).collect())
}

struct Reader<'a> {
    session: &'a Session,
    namespaces: &'a [String],
    /// At least one list was read.
    answered: bool,
}

impl Reader<'_> {
    /// A kind that lies in namespaces.
    async fn read<K: Kind>(&mut self, seen: &mut Snapshot) -> Result<Vec<Arc<K>>, Failure> {
        let mut objects = self.read_whole(seen).await?;
        if seen.state::<K>("") != State::Forbidden {
            return Ok(objects);
        }
        for namespace in each_once(self.namespaces.to_vec()).iter().take(MOST_NAMESPACES) {
            let (some, state) = self.list(&Scope::Namespace(namespace.clone())).await?;
            objects.extend(some);
            seen.set_state::<K>(namespace, state);
        }
        Ok(objects)
    }

    /// A kind in the whole cluster.
    async fn read_whole<K: Kind>(&mut self, seen: &mut Snapshot) -> Result<Vec<Arc<K>>, Failure> {
        let (objects, state) = self.list(&Scope::Cluster).await?;
        seen.set_state::<K>("", state);
        Ok(objects)
    }

    async fn list<K: Kind>(&mut self, scope: &Scope) -> Result<(Vec<Arc<K>>, State), Failure> {
        match all::<K>(self.session, scope).await {
            // An object that could not be read leaves the list with a hole.
            Ok((objects, unread)) => {
                self.answered = true;
                let state = if unread == 0 { State::Complete } else { State::NotSynced };
                Ok((objects, state))
            }
            Err(Failure::Forbidden) => Ok((Vec::new(), State::Forbidden)),
            Err(Failure::NotFound) => Ok((Vec::new(), State::Absent)),
            // The one list is busy or unreadable, the others need not be.
            Err(Failure::Busy { .. } | Failure::Expired | Failure::Unreadable(_))
                if self.answered =>
            {
                Ok((Vec::new(), State::NotSynced))
            }
            Err(other) => Err(other),
        }
    }
}

/// All pages, and how many objects could not be read.
async fn all<K: Kind>(session: &Session, scope: &Scope) -> Result<(Vec<Arc<K>>, usize), Failure> {
    let path = scope.path::<Read<K>>();
    let mut attempts = 0;
    let (mut objects, mut unread, mut next) = (Vec::new(), 0, None);
    loop {
        let page: Page<Read<K>> = match listing::page(session, &path, PAGE, next.as_deref()).await {
            Err(Failure::Expired) if attempts + 1 < ATTEMPTS => {
                attempts += 1;
                (objects, unread, next) = (Vec::new(), 0, None);
                continue;
            }
            answer => answer?,
        };
        objects.extend(page.items.into_iter().map(|read| Arc::new(read.object)));
        unread += page.unread;
        next = page.next;
        if next.is_none() {
            return Ok((objects, unread));
        }
    }
}
