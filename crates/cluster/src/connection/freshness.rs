//! Proof of life per address. Bookmarks are not surfaced by kube, so a quiet watch looks like a dead
//! one; what comes over the wire tells them apart.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// How long a watch is asked to last. The server then ends it, and the next begins.
pub const WATCH_LIFE: Duration = Duration::from_mins(2);

/// After that long without a sign a kind is stale: twice the life of a watch and 5 s
/// (kube-client.md, section 6).
pub const FRESHNESS_LIMIT: Duration = Duration::from_secs(245);

/// What came over the wire for one address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Signs {
    /// The last accepted answer or piece of one.
    pub last: Option<Instant>,
    /// Requests that were sent.
    pub requests: u64,
    /// Bytes of bodies.
    pub bytes: u64,
}

/// The signs of one connection. Clones are handles on the same ones.
#[derive(Clone, Debug, Default)]
pub struct ProofOfLife {
    paths: Arc<Mutex<BTreeMap<String, Signs>>>,
}

impl ProofOfLife {
    /// No sign yet.
    pub fn new() -> Self {
        Self::default()
    }

    pub(crate) fn sent(&self, path: &str) {
        self.change(path, |signs| signs.requests += 1);
    }

    pub(crate) fn seen(&self, path: &str, bytes: usize) {
        self.change(path, |signs| {
            signs.last = Some(Instant::now());
            signs.bytes += bytes as u64;
        });
    }

    /// What came for an address, without its query.
    pub fn of(&self, path: &str) -> Signs {
        self.lock().get(path).copied().unwrap_or_default()
    }

    /// Whether nothing came for longer than the limit. An address that never answered is not fresh
    /// either.
    pub fn is_stale(&self, path: &str, limit: Duration) -> bool {
        self.of(path).last.is_none_or(|last| last.elapsed() > limit)
    }

    /// Requests and bytes over all addresses.
    pub fn total(&self) -> Signs {
        self.lock().values().fold(Signs::default(), |sum, one| Signs {
            last: sum.last.max(one.last),
            requests: sum.requests + one.requests,
            bytes: sum.bytes + one.bytes,
        })
    }

    fn change(&self, path: &str, change: impl FnOnce(&mut Signs)) {
        let mut paths = self.lock();
        if let Some(signs) = paths.get_mut(path) {
            change(signs);
        } else {
            change(paths.entry(path.to_owned()).or_default());
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Signs>> {
        self.paths.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
