//! The state of one simulated cluster, and the one way to change it.

use crate::controllers::pods::Run;
use crate::defaults;
use crate::failure::Failure;
use crate::fields::FieldSet;
use crate::kinds::Kind;
use crate::load::NodeLoads;
use crate::managed::{self, Operation, Part, Writer};
use crate::patch;
use crate::selector::LabelSelector;
use crate::store::{Key, Store, Stored, controller_of};
use crate::time;
use crate::trouble::Troubles;
use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use uuid::Uuid;

/// Letters of generated names: no vowels, so that they spell nothing.
const LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";

#[derive(Debug)]
pub(crate) struct World {
    pub kinds: Vec<Kind>,
    pub store: Store,
    pub now: DateTime<Utc>,
    pub troubles: Troubles,
    /// What the kubelets know of the containers they run, by the uid of the pod.
    pub runs: BTreeMap<String, Run>,
    pub loads: NodeLoads,
    /// Objects a controller should look at, those at the bottom of an ownership first.
    dirty: BTreeSet<(u8, Key)>,
    timers: BTreeSet<(DateTime<Utc>, Key)>,
    seed: Uuid,
    drawn: u64,
}

impl World {
    pub(crate) fn new(seed: u64, now: DateTime<Utc>, history: usize, kinds: Vec<Kind>) -> Self {
        let seed = Uuid::new_v5(&Uuid::NAMESPACE_OID, &seed.to_be_bytes());
        Self {
            kinds,
            store: Store::new(history),
            now,
            troubles: Troubles::default(),
            runs: BTreeMap::new(),
            loads: NodeLoads::default(),
            dirty: BTreeSet::new(),
            timers: BTreeSet::new(),
            seed,
            drawn: 0,
        }
    }

    /// The number of a built-in kind.
    pub(crate) fn kind(&self, name: &str) -> usize {
        self.kinds.iter().position(|kind| kind.built_in && kind.kind == name).unwrap_or(usize::MAX)
    }

    pub(crate) fn kind_of(&self, api_version: &str, name: &str) -> Option<usize> {
        self.kinds.iter().position(|kind| kind.kind == name && kind.api_version() == api_version)
    }

    pub(crate) fn key(&self, kind: &str, namespace: &str, name: &str) -> Key {
        let (namespace, name) = (namespace.to_owned(), name.to_owned());
        Key { kind: self.kind(kind), namespace, name }
    }

    pub(crate) fn is(&self, key: &Key, kind: &str) -> bool {
        self.kinds[key.kind].built_in && self.kinds[key.kind].kind == kind
    }

    // Names and numbers that come out the same on every run.

    fn draw(&mut self) -> Uuid {
        self.drawn += 1;
        Uuid::new_v5(&self.seed, &self.drawn.to_be_bytes())
    }

    /// Five letters, as generated names end.
    pub(crate) fn suffix(&mut self) -> String {
        let drawn = self.draw();
        letters(drawn.as_u128(), 5)
    }

    // Writing.

    /// Creates an object; `value` names its kind.
    pub(crate) fn create(
        &mut self,
        kind: usize,
        namespace: &str,
        mut value: Value,
        writer: &Writer,
    ) -> Result<Arc<Stored>, Failure> {
        let key = self.name(kind, namespace, &mut value)?;
        self.refuse_unplaced(&key)?;
        if self.store.get(&key).is_some() {
            return Err(Failure::already_exists(&self.kinds[kind], &key.name));
        }
        let wanted = value.clone();
        defaults::fill(&self.kinds[kind], &mut value);
        self.check(kind, &key, &Value::Null, &value)?;
        let uid = self.draw().to_string();
        let metadata = &mut value["metadata"];
        for name in ["resourceVersion", "managedFields", "deletionTimestamp", "selfLink"] {
            remove(metadata, name);
        }
        metadata["uid"] = Value::from(uid);
        metadata["creationTimestamp"] = Value::from(time::text(self.now));
        if value.get("spec").is_some() && kind != self.kind("Namespace") {
            value["metadata"]["generation"] = Value::from(1);
        }
        match writer.operation {
            Operation::Update => {
                let (manager, part) = (&writer.manager, Part::Object);
                managed::book_update(&Value::Null, &mut value, manager, part, self.now);
            }
            Operation::Apply | Operation::ForcedApply => {
                managed::book_apply(&Value::Null, &wanted, &mut value, writer, self.now)?;
            }
        }
        Ok(self.put(&key, value))
    }

    /// Puts a whole new state in place of the stored one.
    pub(crate) fn update(
        &mut self,
        key: &Key,
        mut value: Value,
        manager: &str,
        part: Part,
    ) -> Result<Arc<Stored>, Failure> {
        let stored = self.stored(key)?;
        let before = &stored.value;
        let sent = value["metadata"]["resourceVersion"].as_str().unwrap_or_default();
        if !sent.is_empty() && sent != before["metadata"]["resourceVersion"] {
            return Err(Failure::stale(&self.kinds[key.kind], &key.name));
        }
        let uid = value["metadata"]["uid"].as_str().unwrap_or_default();
        if !uid.is_empty() && uid != stored.uid() {
            return Err(Failure::stale(&self.kinds[key.kind], &key.name));
        }
        self.keep_fixed(key, before, &mut value, part);
        self.check(key.kind, key, before, &value)?;
        managed::book_update(before, &mut value, manager, part, self.now);
        Ok(self.settle(key, &stored, value))
    }

    /// Server-side apply.
    pub(crate) fn apply(
        &mut self,
        kind: usize,
        namespace: &str,
        wanted: &Value,
        writer: &Writer,
    ) -> Result<Arc<Stored>, Failure> {
        let mut named = wanted.clone();
        let key = self.name(kind, namespace, &mut named)?;
        let Some(stored) = self.store.get(&key).cloned() else {
            return self.create(kind, namespace, named, writer);
        };
        let mut merged = stored.value.clone();
        patch::apply(&mut merged, &named);
        self.keep_fixed(&key, &stored.value, &mut merged, Part::Object);
        managed::book_apply(&stored.value, &named, &mut merged, writer, self.now)?;
        self.keep_fixed(&key, &stored.value, &mut merged, Part::Object);
        self.check(kind, &key, &stored.value, &merged)?;
        Ok(self.settle(&key, &stored, merged))
    }

    /// Deletes, or marks for deletion where somebody still has to clean up.
    pub(crate) fn delete(&mut self, key: &Key, options: &Value) -> Result<Arc<Stored>, Failure> {
        let stored = self.stored(key)?;
        let wanted = options["preconditions"]["uid"].as_str();
        if wanted.is_some_and(|uid| uid != stored.uid()) {
            return Err(Failure::stale(&self.kinds[key.kind], &key.name));
        }
        let mut value = stored.value.clone();
        let orphan = options["propagationPolicy"] == "Orphan";
        if orphan {
            self.orphan_all(stored.uid());
        }
        let graceful = self.grace(key, &value, options);
        let held = value["metadata"]["finalizers"].as_array().is_some_and(|all| !all.is_empty());
        if graceful.is_none() && !held && !self.is(key, "Namespace") {
            return Ok(self.remove(key).unwrap_or(stored));
        }
        if value["metadata"].get("deletionTimestamp").is_none() {
            let grace = graceful.unwrap_or(0);
            let due = self.now + Duration::seconds(grace);
            value["metadata"]["deletionTimestamp"] = Value::from(time::text(due));
            value["metadata"]["deletionGracePeriodSeconds"] = Value::from(grace);
            if self.is(key, "Namespace") {
                value["status"]["phase"] = Value::from("Terminating");
            }
            return Ok(self.put(key, value));
        }
        Ok(stored)
    }

    /// Seconds a pod gets to end; `None` for what goes at once.
    fn grace(&self, key: &Key, object: &Value, options: &Value) -> Option<i64> {
        if !self.is(key, "Pod") || object["spec"].get("nodeName").is_none() {
            return None;
        }
        if matches!(object["status"]["phase"].as_str(), Some("Succeeded" | "Failed")) {
            return None;
        }
        let own = object["spec"]["terminationGracePeriodSeconds"].as_i64().unwrap_or(30);
        let grace = options["gracePeriodSeconds"].as_i64().unwrap_or(own);
        (grace > 0).then_some(grace)
    }

    fn orphan_all(&mut self, uid: &str) {
        for key in self.store.owned_by(uid) {
            let Some(stored) = self.store.get(&key).cloned() else { continue };
            let mut value = stored.value.clone();
            if let Some(owners) = value["metadata"]["ownerReferences"].as_array_mut() {
                owners.retain(|owner| owner["uid"] != uid);
            }
            self.put(&key, value);
        }
    }

    /// A controller's write: the closure changes a copy, and nothing is stored if it changed
    /// nothing.
    pub(crate) fn change(
        &mut self,
        key: &Key,
        manager: &str,
        part: Part,
        change: impl FnOnce(&mut Value),
    ) {
        let Some(stored) = self.store.get(key).cloned() else { return };
        let mut value = stored.value.clone();
        change(&mut value);
        if value == stored.value {
            return;
        }
        self.keep_fixed(key, &stored.value, &mut value, part);
        managed::book_update(&stored.value, &mut value, manager, part, self.now);
        self.settle(key, &stored, value);
    }

    /// What a write to this part of an object cannot change.
    fn keep_fixed(&self, key: &Key, before: &Value, value: &mut Value, part: Part) {
        let kind = &self.kinds[key.kind];
        value["apiVersion"] = before["apiVersion"].clone();
        value["kind"] = before["kind"].clone();
        match part {
            Part::Status => {
                for name in before.as_object().map(|map| map.keys()).into_iter().flatten() {
                    if !matches!(name.as_str(), "status" | "metadata") {
                        value[name] = before[name].clone();
                    }
                }
                copy(before, value, &["metadata", "labels"]);
            }
            Part::Object if kind.has_status => copy(before, value, &["status"]),
            Part::Object | Part::Scale => {}
        }
        for name in [
            "name",
            "namespace",
            "uid",
            "creationTimestamp",
            "generation",
            "deletionTimestamp",
            "deletionGracePeriodSeconds",
        ] {
            copy(before, value, &["metadata", name]);
        }
        defaults::fill(kind, value);
        let respecified = value.get("spec") != before.get("spec");
        if respecified && let Some(generation) = before["metadata"]["generation"].as_i64() {
            value["metadata"]["generation"] = Value::from(generation + 1);
        }
    }

    /// Stores a changed state; an object without finalizers that waits for deletion goes.
    fn settle(&mut self, key: &Key, stored: &Arc<Stored>, mut value: Value) -> Arc<Stored> {
        value["metadata"]["resourceVersion"] = stored.value["metadata"]["resourceVersion"].clone();
        if same_but_times(&stored.value, &value) {
            return Arc::clone(stored);
        }
        let leaving = value["metadata"].get("deletionTimestamp").is_some();
        let held = value["metadata"]["finalizers"].as_array().is_some_and(|all| !all.is_empty());
        let was_held =
            stored.value["metadata"]["finalizers"].as_array().is_some_and(|all| !all.is_empty());
        let put = self.put(key, value);
        if leaving && was_held && !held {
            return self.remove(key).unwrap_or(put);
        }
        put
    }

    fn name(&mut self, kind: usize, namespace: &str, value: &mut Value) -> Result<Key, Failure> {
        if !value.is_object() {
            return Err(Failure::bad_request("the body is no object"));
        }
        let served = &self.kinds[kind];
        let (api_version, word) = (served.api_version(), served.kind.clone());
        for (field, expect) in [("apiVersion", &api_version), ("kind", &word)] {
            match value[field].as_str() {
                None | Some("") => value[field] = Value::from(expect.clone()),
                Some(sent) if sent == expect => {}
                Some(sent) => {
                    let message = format!("the object provided is of {field} {sent}, not {expect}");
                    return Err(Failure::bad_request(message));
                }
            }
        }
        let namespaced = served.namespaced;
        let sent = value["metadata"]["namespace"].as_str().unwrap_or_default();
        if namespaced && !sent.is_empty() && sent != namespace {
            let message = "the namespace of the provided object does not match the namespace sent on the request";
            return Err(Failure::bad_request(message));
        }
        let name = value["metadata"]["name"].as_str().unwrap_or_default().to_owned();
        let prefix = value["metadata"]["generateName"].as_str().unwrap_or_default().to_owned();
        let name = match (name.is_empty(), prefix.is_empty()) {
            (false, _) => name,
            (true, false) => format!("{prefix}{}", self.suffix()),
            (true, true) => {
                let why = "Required value: name or generateName is required";
                return Err(Failure::invalid(&self.kinds[kind], "", "metadata.name", why));
            }
        };
        value["metadata"]["name"] = Value::from(name.clone());
        let namespace = if namespaced { namespace.to_owned() } else { String::new() };
        if namespaced {
            value["metadata"]["namespace"] = Value::from(namespace.clone());
        } else {
            remove(&mut value["metadata"], "namespace");
        }
        Ok(Key { kind, namespace, name })
    }

    fn refuse_unplaced(&self, key: &Key) -> Result<(), Failure> {
        if key.namespace.is_empty() {
            return Ok(());
        }
        let kind = self.kind("Namespace");
        let namespace = Key { kind, namespace: String::new(), name: key.namespace.clone() };
        match self.store.get(&namespace) {
            None => Err(Failure::not_found(&self.kinds[kind], &key.namespace)),
            Some(found) if found.value["metadata"].get("deletionTimestamp").is_some() => {
                let why = format!(
                    "unable to create new content in namespace {} because it is being terminated",
                    key.namespace
                );
                Err(Failure::forbidden(&self.kinds[key.kind], &key.name, &why))
            }
            Some(_) => Ok(()),
        }
    }

    /// The few rules whose breach would leave a controller without footing.
    fn check(&self, kind: usize, key: &Key, before: &Value, after: &Value) -> Result<(), Failure> {
        let served = &self.kinds[kind];
        let invalid = |field: &str, why: &str| Failure::invalid(served, &key.name, field, why);
        let template = match served.kind.as_str() {
            "Deployment" | "ReplicaSet" | "StatefulSet" | "DaemonSet" if served.built_in => {
                &after["spec"]["template"]
            }
            "Job" if served.built_in => &after["spec"]["template"],
            "CronJob" if served.built_in => &after["spec"]["jobTemplate"]["spec"]["template"],
            "Pod" if served.built_in => after,
            _ => return Ok(()),
        };
        let containers = template["spec"]["containers"].as_array();
        if containers.is_none_or(Vec::is_empty) {
            return Err(invalid("spec.template.spec.containers", "Required value"));
        }
        for container in containers.into_iter().flatten() {
            if container["name"].as_str().is_none_or(str::is_empty) {
                return Err(invalid("spec.template.spec.containers[0].name", "Required value"));
            }
        }
        if matches!(served.kind.as_str(), "Pod" | "Job" | "CronJob") {
            return Ok(());
        }
        let selector = &after["spec"]["selector"];
        let read = LabelSelector::of_object(selector);
        if read.is_empty() {
            return Err(invalid("spec.selector", "Required value"));
        }
        if !read.matches(&template["metadata"]["labels"]) {
            let why = "Invalid value: `selector` does not match template `labels`";
            return Err(invalid("spec.template.metadata.labels", why));
        }
        if !before.is_null() && before["spec"]["selector"] != *selector {
            return Err(invalid("spec.selector", "Invalid value: field is immutable"));
        }
        Ok(())
    }

    fn stored(&self, key: &Key) -> Result<Arc<Stored>, Failure> {
        let found = self.store.get(key).cloned();
        found.ok_or_else(|| Failure::not_found(&self.kinds[key.kind], &key.name))
    }

    pub(crate) fn put(&mut self, key: &Key, value: Value) -> Arc<Stored> {
        let before = self.store.get(key).cloned();
        let after = self.store.put(key, value);
        self.noticed(key, before.as_deref(), Some(&after));
        after
    }

    pub(crate) fn remove(&mut self, key: &Key) -> Option<Arc<Stored>> {
        let last = self.store.remove(key)?;
        self.noticed(key, Some(&last), None);
        for owned in self.store.owned_by(last.uid()) {
            self.mark(owned);
        }
        Some(last)
    }

    /// Says which controllers have to look after a change.
    fn noticed(&mut self, key: &Key, before: Option<&Stored>, after: Option<&Stored>) {
        self.mark(key.clone());
        let value = after.or(before).map(|stored| &stored.value);
        if let Some(owner) = value.and_then(controller_of)
            && let Some(owner) = self.store.by_uid(owner).cloned()
        {
            self.mark(owner);
        }
        if self.is(key, "Pod") {
            self.loads.changed(before.map(|one| &one.value), after.map(|one| &one.value));
            if after.is_none()
                && let Some(before) = before
            {
                self.runs.remove(before.uid());
            }
            let kind = self.kind("Service");
            let services: Vec<Key> =
                self.store.list(kind, Some(&key.namespace)).map(|(key, _)| key.clone()).collect();
            for service in services {
                self.mark(service);
            }
        }
        if self.is(key, "Node") {
            self.mark_all("Pod");
            self.mark_all("DaemonSet");
        }
    }

    pub(crate) fn mark(&mut self, key: Key) {
        let rank = match self.kinds[key.kind].kind.as_str() {
            "Node" => 0,
            "Pod" => 1,
            "ReplicaSet" => 2,
            "Service" | "Namespace" => 4,
            _ => 3,
        };
        self.dirty.insert((rank, key));
    }

    pub(crate) fn mark_all(&mut self, kind: &str) {
        let kind = self.kind(kind);
        let keys: Vec<Key> = self.store.list(kind, None).map(|(key, _)| key.clone()).collect();
        for key in keys {
            self.mark(key);
        }
    }

    pub(crate) fn next_marked(&mut self) -> Option<Key> {
        self.dirty.pop_first().map(|(_, key)| key)
    }

    /// Has a controller look again at a moment to come.
    pub(crate) fn wake(&mut self, at: DateTime<Utc>, key: &Key) {
        if at > self.now {
            self.timers.insert((at, key.clone()));
        }
    }

    /// The next moment at which something happens by itself, if it is not after `limit`.
    pub(crate) fn next_moment(&self, limit: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.timers.first().map(|(at, _)| *at).filter(|at| *at <= limit)
    }

    /// Moves the clock and marks what was to be looked at by then.
    pub(crate) fn move_to(&mut self, moment: DateTime<Utc>) {
        self.now = self.now.max(moment);
        while let Some((at, key)) = self.timers.pop_first() {
            if at > self.now {
                self.timers.insert((at, key));
                return;
            }
            if self.store.get(&key).is_some() {
                self.mark(key);
            }
        }
    }
}

/// Whether two states differ in nothing but the bookkeeping's moments.
fn same_but_times(before: &Value, after: &Value) -> bool {
    let (changed, gone) = FieldSet::compare(before, after);
    changed.is_empty()
        && gone.is_empty()
        && before["metadata"].get("generation") == after["metadata"].get("generation")
        && owners_of_fields(before) == owners_of_fields(after)
}

fn owners_of_fields(object: &Value) -> Vec<(Value, Value, Value)> {
    let entries = object["metadata"]["managedFields"].as_array().into_iter().flatten();
    let parts = |entry: &Value| {
        (entry["manager"].clone(), entry["operation"].clone(), entry["fieldsV1"].clone())
    };
    entries.map(parts).collect()
}

fn copy(from: &Value, to: &mut Value, path: &[&str]) {
    let Some((last, parents)) = path.split_last() else { return };
    let found = path.iter().try_fold(from, |at, part| at.get(*part)).cloned();
    let place = parents.iter().fold(to, |at, part| &mut at[*part]);
    match found {
        Some(found) => place[*last] = found,
        None => remove(place, last),
    }
}

pub(crate) fn remove(object: &mut Value, name: &str) {
    if let Some(map) = object.as_object_mut() {
        map.remove(name);
    }
}

/// A number in letters that spell nothing.
pub(crate) fn letters(mut number: u128, count: usize) -> String {
    let base = LETTERS.len() as u128;
    let mut text = String::with_capacity(count);
    for _ in 0..count {
        let at = usize::try_from(number % base).unwrap_or_default();
        text.push(char::from(LETTERS[at]));
        number /= base;
    }
    text
}

/// A hash of a template, in the letters of generated names.
pub(crate) fn template_hash(template: &Value) -> String {
    let text = template.to_string();
    letters(Uuid::new_v5(&Uuid::NAMESPACE_OID, text.as_bytes()).as_u128(), 10)
}

/// The reference by which an object is controlled.
pub(crate) fn controlled_by(owner: &Value) -> Value {
    json!([{
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
        "controller": true,
        "blockOwnerDeletion": true,
    }])
}
