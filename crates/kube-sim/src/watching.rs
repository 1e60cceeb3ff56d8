//! Watches: a stream of changes that ends when its time is over or its history is gone.

use crate::failure::Failure;
use crate::listing::{Filter, object_text};
use crate::request::{Form, Query};
use crate::sim::Shared;
use crate::store::{Record, Stored};
use crate::world::World;
use bytes::{BufMut as _, Bytes, BytesMut};
use serde_json::json;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// How long a watch lives that asks for no limit: the least a server gives.
const DEFAULT_LIFE: Duration = Duration::from_mins(30);
/// How often a quiet watch says that it lives.
const BOOKMARKS: Duration = Duration::from_mins(1);
/// So many changes are taken under one lock.
const BATCH: usize = 500;

/// One running watch.
pub(crate) struct Watching {
    shared: Arc<Shared>,
    changed: watch::Receiver<u64>,
    filter: Filter,
    form: Form,
    bookmarks: bool,
    /// Told up to this version.
    told: u64,
    ready: VecDeque<Bytes>,
    ends: Instant,
    next_bookmark: Instant,
    over: bool,
}

impl Watching {
    /// Begins a watch. The caller holds the lock on the world.
    pub(crate) fn begin(
        shared: &Arc<Shared>,
        world: &World,
        filter: Filter,
        query: &Query,
        form: Form,
    ) -> Result<Self, Failure> {
        let bookmarks = query.is("allowWatchBookmarks");
        let life = query.number("timeoutSeconds")?.filter(|seconds| *seconds > 0);
        let life = life.map_or(DEFAULT_LIFE, Duration::from_secs);
        let asked = query.number("resourceVersion")?.unwrap_or(0);
        let initial = query.is("sendInitialEvents");
        if initial && query.get("resourceVersionMatch") != "NotOlderThan" {
            let message = "resourceVersionMatch: must be NotOlderThan with sendInitialEvents";
            return Err(Failure::bad_request(message));
        }
        let current = world.store.version();
        if asked > current {
            return Err(Failure::too_large(asked, current));
        }
        let now = Instant::now();
        let mut made = Self {
            shared: Arc::clone(shared),
            changed: shared.subscribe(),
            filter,
            form,
            bookmarks,
            told: asked,
            ready: VecDeque::new(),
            ends: now + life,
            next_bookmark: now + BOOKMARKS,
            over: false,
        };
        // Without a version, the state is told first.
        if initial || asked == 0 && query.get("sendInitialEvents").is_empty() {
            made.tell_state(world);
            made.told = current;
        } else if asked == 0 {
            made.told = current;
        }
        if initial && bookmarks {
            let mark = made.bookmark(world, true);
            made.ready.push_back(mark);
        }
        Ok(made)
    }

    fn tell_state(&mut self, world: &World) {
        let all = world.store.list(self.filter.kind, self.filter.namespace.as_deref());
        for (_, stored) in all.filter(|(_, stored)| self.filter.matches(&stored.value)) {
            self.ready.push_back(event("ADDED", &object_text(stored, self.form)));
        }
    }

    fn bookmark(&self, world: &World, end_of_state: bool) -> Bytes {
        let kind = &world.kinds[self.filter.kind];
        let mut object = match self.form {
            Form::Metadata => {
                json!({ "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1" })
            }
            Form::Whole | Form::Aggregated => {
                json!({ "kind": kind.kind, "apiVersion": kind.api_version() })
            }
        };
        object["metadata"] = json!({ "resourceVersion": self.told.to_string() });
        if end_of_state {
            object["metadata"]["annotations"] = json!({ "k8s.io/initial-events-end": "true" });
        }
        event("BOOKMARK", &Bytes::from(object.to_string()))
    }

    /// The next piece of the stream; `None` at its end.
    pub(crate) async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Some(piece) = self.ready.pop_front() {
                return Some(piece);
            }
            if self.over {
                return None;
            }
            self.changed.borrow_and_update();
            if self.read() {
                continue;
            }
            let wake = if self.bookmarks { self.ends.min(self.next_bookmark) } else { self.ends };
            tokio::select! {
                changed = self.changed.changed() => {
                    if changed.is_err() {
                        self.over = true;
                    }
                }
                () = tokio::time::sleep_until(wake) => self.ring(),
            }
        }
    }

    /// Takes what happened since; whether there was anything.
    fn read(&mut self) -> bool {
        let shared = Arc::clone(&self.shared);
        let world = shared.world();
        let Some(records) = world.store.after(self.told, BATCH) else {
            let failure = Failure::expired(self.told, world.store.oldest());
            self.ready.push_back(event("ERROR", &Bytes::from(failure.status().to_string())));
            self.over = true;
            return true;
        };
        for record in &records {
            self.told = record.version;
            if let Some(piece) = self.tell(record) {
                self.ready.push_back(piece);
            }
        }
        !records.is_empty()
    }

    /// A change as this watch sees it: entering its selection is an addition, leaving it a deletion.
    fn tell(&self, record: &Record) -> Option<Bytes> {
        let here = record.key.kind == self.filter.kind
            && self.filter.namespace.as_ref().is_none_or(|one| *one == record.key.namespace);
        if !here {
            return None;
        }
        let seen = |stored: &Option<Arc<Stored>>| {
            stored.as_ref().filter(|stored| self.filter.matches(&stored.value)).cloned()
        };
        let (word, stored) = match (seen(&record.before), seen(&record.after)) {
            (None, Some(after)) => ("ADDED", after),
            (Some(_), Some(after)) => ("MODIFIED", after),
            // It is told as it was, with the version of the change that took it out of sight.
            (Some(before), None) => ("DELETED", Arc::new(before.at_version(record.version))),
            (None, None) => return None,
        };
        Some(event(word, &object_text(&stored, self.form)))
    }

    fn ring(&mut self) {
        let now = Instant::now();
        if self.bookmarks {
            let shared = Arc::clone(&self.shared);
            let mark = self.bookmark(&shared.world(), false);
            self.ready.push_back(mark);
            self.next_bookmark = now + BOOKMARKS;
        }
        self.over = now >= self.ends;
    }
}

fn event(word: &str, object: &[u8]) -> Bytes {
    let mut text = BytesMut::with_capacity(object.len() + 40);
    text.put_slice(b"{\"type\":\"");
    text.put_slice(word.as_bytes());
    text.put_slice(b"\",\"object\":");
    text.put_slice(object);
    text.put_slice(b"}\n");
    text.freeze()
}
