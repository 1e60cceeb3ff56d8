//! Lists and watches that look after themselves.
//!
//! One [`Supervisor`] reads one kind in one [`Scope`]: it lists, watches, and begins again where it
//! must, at a pace the server can bear. What it reads goes to a [`Sink`]; how it fares is a
//! [`Report`], so that nothing old is ever shown as fresh.
//!
//! kube's own watcher is not used: it retries an expired version for ever, reconnects at once after a
//! clean close, loses a whole page to one bad object, and hides bookmarks (kube-client.md, section 3).
//!
//! Deliberately absent: stores, and any judgement of what is read.

mod backoff;
mod listing;
pub mod once;
mod scope;
mod stream;
mod supervisor;

pub(crate) use scope::each_once;
pub use scope::{MOST_NAMESPACES, Scope, probe};
pub use supervisor::{Settings, Supervisor};

use crate::connection::freshness::{FRESHNESS_LIMIT, ProofOfLife};
use crate::connection::state::{Failure, State};
use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use std::time::Duration;
use tokio::time::Instant;

/// What a supervisor reads, in order. Between `Begin` and `Complete` the earlier content stays valid
/// to look at, as old as it is.
#[derive(Clone, Debug, PartialEq)]
pub enum Event<K> {
    /// A new list begins.
    Begin,
    /// Objects of that list.
    Page(Vec<K>),
    /// The list is whole: what it did not hold is gone.
    Complete,
    /// An object is new or changed.
    Applied(K),
    /// An object is gone.
    Removed(K),
}

/// Takes what is read. It must not block.
pub trait Sink<K>: Send + 'static {
    /// The next event.
    fn take(&mut self, event: Event<K>);
}

impl<K, F: FnMut(Event<K>) + Send + 'static> Sink<K> for F {
    fn take(&mut self, event: Event<K>) {
        self(event);
    }
}

/// One client with its credentials.
#[derive(Clone)]
pub struct Session {
    /// Grows with each new client, so that late refusals of an old one are not taken for those of
    /// the new one.
    pub number: u64,
    /// Passes the guard.
    pub client: kube::Client,
    /// What came over the wire.
    pub life: ProofOfLife,
    /// Whether the server surely streams lists. Cleared when it does not after all.
    pub streams_lists: std::sync::Arc<std::sync::atomic::AtomicBool>,
}

/// Where supervisors get their client from. One per context.
pub trait Access: Send + Sync + 'static {
    /// The present client; waits while credentials are being brought.
    fn session(&self) -> BoxFuture<'_, Result<Session, Failure>>;

    /// The server did not accept the credentials of this session. Comes back when there are other
    /// ones, or says that a person is needed.
    fn rejected(&self, session: u64) -> BoxFuture<'_, Result<(), Failure>>;

    /// Comes back when a person has done something that makes another attempt worth while.
    fn retry_wanted(&self) -> BoxFuture<'_, ()>;
}

/// How a supervisor fares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// As of the last event. [`Report::state_at`] says how it reads now.
    pub state: State,
    /// While a list is being read: when it began, and how many objects came.
    pub reading: Option<Reading>,
    /// A whole list has been read at least once, so that what is absent is absent.
    pub complete: bool,
    /// Objects of the last list, and changes since, that could not be read.
    pub unread: usize,
    /// The server does not serve the kind.
    pub absent: bool,
    /// When the next attempt is made, if one is waited for.
    pub next_try: Option<Instant>,
}

/// A list on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// When it began.
    pub since: Instant,
    /// Objects so far.
    pub count: usize,
}

/// After that long without a whole list, reading is called slow.
const SLOW: Duration = Duration::from_mins(1);

impl Report {
    pub(crate) fn new() -> Self {
        Self {
            state: State::Connecting,
            reading: None,
            complete: false,
            unread: 0,
            absent: false,
            next_try: None,
        }
    }

    /// A list takes long; a person may want to choose fewer namespaces.
    pub fn is_slow(&self) -> bool {
        self.reading.is_some_and(|reading| reading.since.elapsed() > SLOW)
    }

    /// The state now: what claims to live, but gave no sign for longer than the freshness limit, is
    /// stale. `path` is the address that the supervisor reads.
    pub fn state_at(&self, now: DateTime<Utc>, life: &ProofOfLife, path: &str) -> State {
        if self.state != State::Live || !life.is_stale(path, FRESHNESS_LIMIT) {
            return self.state.clone();
        }
        let age = life.of(path).last.map_or(FRESHNESS_LIMIT, |last| last.elapsed());
        State::Stale { since: now - chrono::Duration::from_std(age).unwrap_or_default() }
    }
}
