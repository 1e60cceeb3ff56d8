//! Objects with their versions, and the log of changes that watches read.

use bytes::Bytes;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, OnceLock};

/// Where an object lives. `kind` counts in the table of kinds; the namespace is empty for objects of
/// the whole cluster.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Key {
    pub kind: usize,
    pub namespace: String,
    pub name: String,
}

/// One version of an object, with its text made once for all who read it.
#[derive(Debug)]
pub(crate) struct Stored {
    pub value: Value,
    text: OnceLock<Bytes>,
}

impl Stored {
    fn new(value: Value) -> Self {
        Self { value, text: OnceLock::new() }
    }

    /// The object as JSON.
    pub(crate) fn text(&self) -> Bytes {
        self.text.get_or_init(|| Bytes::from(self.value.to_string())).clone()
    }

    /// The same state under another version.
    pub(crate) fn at_version(&self, version: u64) -> Self {
        let mut value = self.value.clone();
        value["metadata"]["resourceVersion"] = Value::from(version.to_string());
        Self::new(value)
    }

    pub(crate) fn uid(&self) -> &str {
        self.value["metadata"]["uid"].as_str().unwrap_or_default()
    }
}

/// One change. Records follow each other without a gap, one per version.
#[derive(Debug)]
pub(crate) struct Record {
    pub version: u64,
    pub key: Key,
    pub before: Option<Arc<Stored>>,
    /// `None` for a removal; then `before` carries the version of the removal.
    pub after: Option<Arc<Stored>>,
}

#[derive(Debug, Default)]
pub(crate) struct Store {
    objects: BTreeMap<Key, Arc<Stored>>,
    log: VecDeque<Arc<Record>>,
    /// Changes after this version can be told.
    oldest: u64,
    version: u64,
    limit: usize,
    by_uid: BTreeMap<String, Key>,
    owned: BTreeMap<String, BTreeSet<Key>>,
}

impl Store {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, ..Self::default() }
    }

    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    pub(crate) fn oldest(&self) -> u64 {
        self.oldest
    }

    pub(crate) fn get(&self, key: &Key) -> Option<&Arc<Stored>> {
        self.objects.get(key)
    }

    /// Objects of a kind in the order of their names; of one namespace, or of all.
    pub(crate) fn list(
        &self,
        kind: usize,
        namespace: Option<&str>,
    ) -> impl Iterator<Item = (&Key, &Arc<Stored>)> {
        let namespace = namespace.map(str::to_owned);
        let from =
            Key { kind, namespace: namespace.clone().unwrap_or_default(), name: String::new() };
        self.objects.range(from..).take_while(move |(key, _)| {
            key.kind == kind && namespace.as_ref().is_none_or(|one| *one == key.namespace)
        })
    }

    /// Keys of everything in a namespace.
    pub(crate) fn inside(&self, namespace: &str) -> Vec<Key> {
        let inside = self.objects.keys().filter(|key| key.namespace == namespace);
        inside.cloned().collect()
    }

    pub(crate) fn by_uid(&self, uid: &str) -> Option<&Key> {
        self.by_uid.get(uid)
    }

    /// Objects that name this one as an owner.
    pub(crate) fn owned_by(&self, uid: &str) -> Vec<Key> {
        self.owned.get(uid).into_iter().flatten().cloned().collect()
    }

    /// Stores a version and logs it.
    pub(crate) fn put(&mut self, key: &Key, mut value: Value) -> Arc<Stored> {
        self.version += 1;
        value["metadata"]["resourceVersion"] = Value::from(self.version.to_string());
        let stored = Arc::new(Stored::new(value));
        let before = self.objects.insert(key.clone(), Arc::clone(&stored));
        if let Some(before) = &before {
            self.forget(key, before);
        }
        self.by_uid.insert(stored.uid().to_owned(), key.clone());
        for owner in owners(&stored.value) {
            self.owned.entry(owner.to_owned()).or_default().insert(key.clone());
        }
        self.log(key.clone(), before, Some(Arc::clone(&stored)));
        stored
    }

    /// Removes an object and logs it.
    pub(crate) fn remove(&mut self, key: &Key) -> Option<Arc<Stored>> {
        let before = self.objects.remove(key)?;
        self.forget(key, &before);
        self.version += 1;
        let last = Arc::new(before.at_version(self.version));
        self.log(key.clone(), Some(Arc::clone(&last)), None);
        Some(last)
    }

    fn forget(&mut self, key: &Key, before: &Stored) {
        self.by_uid.remove(before.uid());
        for owner in owners(&before.value) {
            if let Some(owned) = self.owned.get_mut(owner) {
                owned.remove(key);
                if owned.is_empty() {
                    self.owned.remove(owner);
                }
            }
        }
    }

    fn log(&mut self, key: Key, before: Option<Arc<Stored>>, after: Option<Arc<Stored>>) {
        self.log.push_back(Arc::new(Record { version: self.version, key, before, after }));
        if self.log.len() > self.limit {
            self.log.pop_front();
            self.oldest += 1;
        }
    }

    /// Forgets what happened so far, as a server does after a while.
    pub(crate) fn expire(&mut self) {
        self.log.clear();
        self.oldest = self.version;
    }

    /// At most `most` changes after a version; `None` where they are forgotten.
    pub(crate) fn after(&self, version: u64, most: usize) -> Option<Vec<Arc<Record>>> {
        let skip = version.checked_sub(self.oldest)?;
        let skip = usize::try_from(skip).unwrap_or(usize::MAX);
        Some(self.log.iter().skip(skip).take(most).cloned().collect())
    }
}

fn owners(object: &Value) -> impl Iterator<Item = &str> {
    let references = object["metadata"]["ownerReferences"].as_array().into_iter().flatten();
    references.filter_map(|reference| reference["uid"].as_str())
}

/// The uid of the owner that controls an object.
pub(crate) fn controller_of(object: &Value) -> Option<&str> {
    let mut references = object["metadata"]["ownerReferences"].as_array().into_iter().flatten();
    references.find(|reference| reference["controller"] == true)?["uid"].as_str()
}
