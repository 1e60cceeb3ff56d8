//! A simulated cluster and the handle on it.

use crate::controllers;
use crate::definitions::defined;
use crate::failure::Failure;
use crate::kinds::{Kind, built_in};
use crate::listing::Pages;
use crate::managed::{Operation, Part, Writer};
use crate::patch;
use crate::service::SimService;
use crate::store::Key;
use crate::trouble::{Subject, Trouble};
use crate::world::World;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// So many changes can be told to watches that lag behind.
const HISTORY: usize = 20_000;

/// Manifests that were refused, or could not be read.
#[derive(Debug, thiserror::Error)]
pub enum SimError {
    /// The text is no YAML. Nothing was written.
    #[error("the manifest cannot be read: {0}")]
    Yaml(String),
    /// The API does not serve such objects. What stands before it was written.
    #[error("{api_version} {kind} is not served; define it, or serve it with Sim::serve")]
    NotServed {
        /// As the manifest names it.
        api_version: String,
        /// As the manifest names it.
        kind: String,
    },
    /// The API refused an object. What stands before it was written.
    #[error(transparent)]
    Refused(#[from] Failure),
}

#[derive(Debug)]
pub(crate) struct State {
    pub world: World,
    pub pages: Pages,
}

/// What all handles and watches share.
#[derive(Debug)]
pub(crate) struct Shared {
    state: Mutex<State>,
    version: watch::Sender<u64>,
}

impl Shared {
    /// Changes the state, then tells those who watch.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.lock();
        let outcome = change(&mut state);
        let version = state.world.store.version();
        drop(state);
        self.version.send_if_modified(|told| std::mem::replace(told, version) != version);
        outcome
    }

    pub(crate) fn subscribe(&self) -> watch::Receiver<u64> {
        self.version.subscribe()
    }

    pub(crate) fn world(&self) -> WorldGuard<'_> {
        WorldGuard(self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic in one test's thread shall not hide behind panics of all others.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) struct WorldGuard<'a>(MutexGuard<'a, State>);

impl std::ops::Deref for WorldGuard<'_> {
    type Target = World;

    fn deref(&self) -> &World {
        &self.0.world
    }
}

/// One simulated cluster. Clones are handles on the same one.
///
/// Nothing happens by itself: requests change objects, and [`Sim::advance`] lets controllers,
/// scheduler and nodes act. The same seed, the same calls and the same moments give the same cluster.
#[derive(Clone, Debug)]
pub struct Sim {
    shared: Arc<Shared>,
}

impl Sim {
    /// An empty cluster with its four usual namespaces and no node. Names and uids come from the
    /// seed; `now` is the moment at which it begins.
    pub fn new(seed: u64, now: DateTime<Utc>) -> Self {
        Self::with_history(seed, now, HISTORY)
    }

    /// As [`Sim::new`], with another number of changes that are remembered for watches.
    pub fn with_history(seed: u64, now: DateTime<Utc>, changes: usize) -> Self {
        let world = World::new(seed, now, changes, built_in());
        let state = Mutex::new(State { world, pages: Pages::default() });
        let sim = Self { shared: Arc::new(Shared { state, version: watch::Sender::new(0) }) };
        for namespace in ["default", "kube-node-lease", "kube-public", "kube-system"] {
            sim.ensure_namespace(namespace);
        }
        sim.advance(now);
        sim
    }

    /// Serves a kind more, as a custom resource definition would. One that is served already stays as
    /// it is.
    pub fn serve(&self, kind: Kind) {
        self.shared.change(|state| {
            let kinds = &mut state.world.kinds;
            let is_same = |one: &Kind| {
                (&one.group, &one.version, &one.plural)
                    == (&kind.group, &kind.version, &kind.plural)
            };
            if !kinds.iter().any(is_same) {
                kinds.push(kind);
            }
        });
    }

    /// The API, for clients of this process.
    pub fn service(&self) -> SimService {
        SimService::new(Arc::clone(&self.shared))
    }

    /// The clock of the cluster.
    pub fn now(&self) -> DateTime<Utc> {
        self.shared.world().now
    }

    /// Makes a namespace, unless it is there.
    pub fn ensure_namespace(&self, name: &str) {
        self.shared.change(|state| {
            let kind = state.world.kind("Namespace");
            let namespace = json!({ "metadata": { "name": name } });
            // Being there already is as good.
            let _ = state.world.create(kind, "", namespace, &Writer::update("kube-apiserver"));
        });
    }

    /// Adds healthy nodes `node-1` to `node-n`, of 8 cores, 32 GiB and room for 110 pods each, and
    /// lets them report.
    pub fn add_nodes(&self, count: usize) {
        self.shared.change(|state| {
            let world = &mut state.world;
            let kind = world.kind("Node");
            for number in 1..=count {
                let name = format!("node-{number}");
                let labels = json!({
                    "kubernetes.io/hostname": name,
                    "kubernetes.io/os": "linux",
                    "kubernetes.io/arch": "amd64",
                    // Servers still set the old names, and old manifests still select by them.
                    "beta.kubernetes.io/os": "linux",
                    "beta.kubernetes.io/arch": "amd64",
                });
                let node = json!({ "metadata": { "name": name, "labels": labels }, "spec": {} });
                let _ = world.create(kind, "", node, &Writer::update("kubelet"));
            }
            controllers::settle(world);
        });
    }

    /// Writes every document of a YAML text, as `writer`: creates what is new, and merges into what
    /// is there. Objects without a namespace go to `default`. A `status` in the text is written too. A
    /// custom resource definition has its kinds served to the documents after it.
    ///
    /// Controllers act at the next [`Sim::advance`].
    pub fn apply(&self, yaml: &str, writer: &Writer) -> Result<(), SimError> {
        let documents: Vec<Value> =
            serde_saphyr::from_multiple(yaml).map_err(|error| SimError::Yaml(error.to_string()))?;
        let mut objects = Vec::new();
        for document in documents.into_iter().filter(|document| !document.is_null()) {
            match document["items"].as_array() {
                Some(items) if document["kind"] == "List" => objects.extend(items.iter().cloned()),
                _ => objects.push(document),
            }
        }
        objects.into_iter().try_for_each(|object| self.apply_object(&object, writer))
    }

    /// As [`Sim::apply`], for one object.
    pub fn apply_object(&self, object: &Value, writer: &Writer) -> Result<(), SimError> {
        let text = |name: &str| object[name].as_str().unwrap_or_default().to_owned();
        let (api_version, kind) = (text("apiVersion"), text("kind"));
        if let Some(kinds) = defined(object) {
            for kind in kinds {
                self.serve(kind);
            }
            return Ok(());
        }
        self.shared.change(|state| {
            let world = &mut state.world;
            let Some(number) = world.kind_of(&api_version, &kind) else {
                return Err(SimError::NotServed { api_version, kind });
            };
            write(world, number, object, writer).map_err(SimError::from)
        })
    }

    /// Deletes an object by its kind, namespace (empty for the whole cluster) and name.
    pub fn delete(&self, kind: &str, namespace: &str, name: &str) -> Result<(), Failure> {
        self.shared.change(|state| {
            let key = state.world.key(kind, namespace, name);
            state.world.delete(&key, &Value::Null).map(drop)
        })
    }

    /// An object as it is stored, by a built-in kind's name.
    pub fn get(&self, kind: &str, namespace: &str, name: &str) -> Option<Value> {
        let world = self.shared.world();
        let key = world.key(kind, namespace, name);
        world.store.get(&key).map(|stored| stored.value.clone())
    }

    /// All objects of a built-in kind, in the order of namespace and name.
    pub fn list(&self, kind: &str) -> Vec<Value> {
        let world = self.shared.world();
        let kind = world.kind(kind);
        world.store.list(kind, None).map(|(_, stored)| stored.value.clone()).collect()
    }

    /// Lets everything happen that happens until then. A moment that is past moves nothing back, but
    /// lets controllers act at the present one.
    pub fn advance(&self, to: DateTime<Utc>) {
        self.shared.change(|state| {
            let world = &mut state.world;
            controllers::settle(world);
            while let Some(moment) = world.next_moment(to) {
                world.move_to(moment);
                controllers::settle(world);
            }
            world.move_to(to);
            controllers::settle(world);
        });
    }

    /// As [`Sim::advance`], by seconds from the present.
    pub fn advance_by(&self, seconds: i64) {
        self.advance(self.now() + chrono::Duration::seconds(seconds));
    }

    /// Brings a trouble over a subject. It shows at the next [`Sim::advance`].
    pub fn trouble(&self, subject: Subject, trouble: Trouble) {
        self.shared.change(|state| {
            state.world.troubles.add(subject, trouble);
            look_everywhere(&mut state.world);
        });
    }

    /// Ends all troubles of a subject.
    pub fn heal(&self, subject: &Subject) {
        self.shared.change(|state| {
            state.world.troubles.heal(subject);
            look_everywhere(&mut state.world);
        });
    }

    /// Silences a node, or lets it speak again.
    pub fn set_node_down(&self, node: &str, down: NodeState) {
        self.shared.change(|state| {
            state.world.troubles.set_node(node, down == NodeState::Down);
            let key = state.world.key("Node", "", node);
            state.world.mark(key);
            state.world.mark_all("Pod");
        });
    }

    /// Writes an event about an object, as a component would: `severity` is `Normal` or `Warning`.
    pub fn event(&self, about: &Value, severity: &str, reason: &str, message: &str) {
        self.shared.change(|state| {
            controllers::event(&mut state.world, about, severity, reason, message);
        });
    }

    /// Forgets the history: watches that begin earlier, or lag behind, and lists that were begun are
    /// told that they came too late.
    pub fn expire_history(&self) {
        self.shared.change(|state| {
            state.world.store.expire();
            state.pages.expire();
        });
    }

    /// The version of the newest change.
    pub fn version(&self) -> u64 {
        self.shared.world().store.version()
    }
}

/// Whether a node reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeState {
    /// It reports.
    Up,
    /// Nobody hears of it.
    Down,
}

fn look_everywhere(world: &mut World) {
    for kind in ["Pod", "ReplicaSet", "StatefulSet", "DaemonSet", "Job"] {
        world.mark_all(kind);
    }
}

fn write(world: &mut World, kind: usize, object: &Value, writer: &Writer) -> Result<(), Failure> {
    let namespaced = world.kinds[kind].namespaced;
    let namespace = match object["metadata"]["namespace"].as_str() {
        Some(namespace) if namespaced => namespace.to_owned(),
        None if namespaced => "default".to_owned(),
        _ => String::new(),
    };
    let name = object["metadata"]["name"].as_str().unwrap_or_default().to_owned();
    let key = Key { kind, namespace: namespace.clone(), name };
    let existing = world.store.get(&key).cloned();
    let mut wanted = object.clone();
    let status = wanted.as_object_mut().and_then(|map| map.remove("status"));
    match (existing, writer.operation) {
        (_, Operation::Apply | Operation::ForcedApply) => {
            world.apply(kind, &namespace, &wanted, writer)?;
        }
        (None, Operation::Update) => {
            world.create(kind, &namespace, wanted, writer)?;
        }
        (Some(stored), Operation::Update) => {
            let mut value = stored.value.clone();
            patch::strategic(&mut value, &wanted);
            world.update(&key, value, &writer.manager, Part::Object)?;
        }
    }
    if let Some(status) = status
        && let Some(stored) = world.store.get(&key).cloned()
    {
        let mut value = stored.value.clone();
        patch::merge(&mut value["status"], &status);
        world.update(&key, value, &writer.manager, Part::Status)?;
    }
    Ok(())
}
