//! Which cluster a watched context leads to, asked beside its watches: switching the context off ends
//! the question with it, and nothing else waits for the answer than what is to name the cluster.

use crate::connection::state::Failure;
use crate::watch::{Access, once};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// What a cluster is called whose identity may not be read.
pub const UNKNOWN: &str = "unknown";
/// How long the question may wait for a session.
const PATIENCE: Duration = Duration::from_secs(15);
/// So long after a question that failed it is asked again.
const AGAIN: Duration = Duration::from_secs(30);

/// The identity of one context's cluster; its question ends with this value.
#[derive(Debug, Default)]
pub struct Identity {
    known: String,
    asking: JoinSet<Option<String>>,
    /// When it was last asked, and whether any question has come to its end.
    asked: Option<Instant>,
    ended: bool,
}

impl Identity {
    /// Empty as long as it is not known.
    pub fn known(&self) -> &str {
        &self.known
    }

    /// Whether the first question is still under way: evidence shall name the cluster.
    pub fn is_awaited(&self) -> bool {
        !self.ended && !self.asking.is_empty()
    }

    /// Takes an answer that came, and asks where none is known. Never waits.
    pub fn tend(&mut self, access: impl FnOnce() -> Arc<dyn Access>) {
        if let Some(answer) = self.asking.try_join_next() {
            self.known = answer.ok().flatten().unwrap_or_default();
            self.ended = true;
        }
        let rests = self.asked.is_some_and(|asked| asked.elapsed() < AGAIN);
        if self.known.is_empty() && self.asking.is_empty() && !rests {
            self.asked = Some(Instant::now());
            self.asking.spawn(ask(access()));
        }
    }
}

/// None where nothing was learned, which says nothing about the cluster.
async fn ask(access: Arc<dyn Access>) -> Option<String> {
    let session = tokio::time::timeout(PATIENCE, access.session()).await.ok()?.ok()?;
    match once::identity(&session).await {
        Ok(identity) => Some(identity),
        Err(Failure::Forbidden) => Some(UNKNOWN.to_owned()),
        Err(_) => None,
    }
}
