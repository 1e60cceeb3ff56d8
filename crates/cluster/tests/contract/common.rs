//! A simulated cluster with faults before it, and somebody who watches it.

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::{Client, Resource};
use pilotage_cluster::connection::client;
use pilotage_cluster::connection::freshness::ProofOfLife;
use pilotage_cluster::connection::state::{Failure, State};
use pilotage_cluster::watch::{Access, Event, Report, Scope, Session, Settings, Supervisor};
use pilotage_kube_faults::{Faults, Faulty};
use pilotage_kube_sim::{Sim, SimService, Writer};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Notify;
use tower::Layer as _;

/// A slim shape, as `cluster` reads them: what is absent is absent, what is there has its type.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Deployment {
    pub metadata: ObjectMeta,
    #[serde(default)]
    spec: Spec,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Spec {
    template: Template,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Template {
    spec: PodSpec,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct PodSpec {
    containers: Vec<Container>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Container {
    image: String,
}

impl Deployment {
    pub fn image(&self) -> &str {
        self.spec.template.spec.containers.first().map_or("", |one| &one.image)
    }
}

impl Resource for Deployment {
    type DynamicType = ();
    type Scope = NamespaceResourceScope;

    fn kind((): &()) -> Cow<'_, str> {
        "Deployment".into()
    }

    fn group((): &()) -> Cow<'_, str> {
        "apps".into()
    }

    fn version((): &()) -> Cow<'_, str> {
        "v1".into()
    }

    fn plural((): &()) -> Cow<'_, str> {
        "deployments".into()
    }

    fn meta(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn meta_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}

/// Hands out clients, and new ones when the old are rejected: once.
pub struct TestAccess {
    service: Faulty<SimService>,
    life: ProofOfLife,
    number: AtomicU64,
    renewals: AtomicUsize,
    streams: Arc<AtomicBool>,
    retry: Notify,
}

impl TestAccess {
    pub fn present(&self) -> Session {
        Session {
            number: self.number.load(Ordering::Relaxed),
            client: client::over(self.service.clone(), "default", self.life.clone()),
            life: self.life.clone(),
            streams_lists: Arc::clone(&self.streams),
        }
    }

    pub fn renewals(&self) -> usize {
        self.renewals.load(Ordering::Relaxed)
    }

    pub fn stream_lists(&self) {
        self.streams.store(true, Ordering::Relaxed);
    }

    pub fn retry(&self) {
        self.retry.notify_waiters();
    }
}

impl Access for TestAccess {
    fn session(&self) -> BoxFuture<'_, Result<Session, Failure>> {
        std::future::ready(Ok(self.present())).boxed()
    }

    fn rejected(&self, session: u64) -> BoxFuture<'_, Result<(), Failure>> {
        let renewed = if session == 0 {
            self.renewals.fetch_add(1, Ordering::Relaxed);
            self.number.store(1, Ordering::Relaxed);
            Ok(())
        } else {
            Err(Failure::NeedsPerson("sign in".to_owned()))
        };
        std::future::ready(renewed).boxed()
    }

    fn retry_wanted(&self) -> BoxFuture<'_, ()> {
        self.retry.notified().boxed()
    }
}

pub struct Desk {
    pub sim: Sim,
    pub faults: Faults,
    pub access: Arc<TestAccess>,
}

impl Desk {
    /// A cluster with so many Deployments `shop-0` and on.
    pub fn new(count: usize) -> Self {
        let sim = Sim::new(5, "2026-03-02T10:00:00Z".parse().expect("a moment"));
        let faults = Faults::new();
        let access = Arc::new(TestAccess {
            service: faults.layer(sim.service()),
            life: ProofOfLife::new(),
            number: AtomicU64::new(0),
            renewals: AtomicUsize::new(0),
            streams: Arc::new(AtomicBool::new(false)),
            retry: Notify::new(),
        });
        let desk = Self { sim, faults, access };
        for number in 0..count {
            desk.write(&format!("shop-{number}"), &format!("shop-{number}:1"));
        }
        desk
    }

    /// As a pipeline writes: the test's own writing client.
    pub fn write(&self, name: &str, image: &str) {
        let yaml = format!(
            "{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: {name}}}, spec: {{
              selector: {{matchLabels: {{app: {name}}}}},
              template: {{metadata: {{labels: {{app: {name}}}}},
                spec: {{containers: [{{name: app, image: '{image}'}}]}}}}}}}}"
        );
        self.sim.apply(&yaml, &Writer::update("ci")).expect("it is written");
    }

    pub fn service(&self) -> Faulty<SimService> {
        self.access.service.clone()
    }

    pub fn client(&self) -> Client {
        self.access.present().client
    }

    /// Without the guard.
    pub fn bare_client(&self) -> Client {
        Client::new(self.service(), "default")
    }

    pub fn watch(&self) -> Watched {
        self.start(&Scope::Cluster, Settings::default())
    }

    pub fn watch_pages_of(&self, page_size: usize) -> Watched {
        self.start(&Scope::Cluster, Settings { page_size, ..Settings::default() })
    }

    pub fn watch_in(&self, scope: &Scope) -> Watched {
        self.start(scope, Settings::default())
    }

    fn start(&self, scope: &Scope, settings: Settings) -> Watched {
        let store: Arc<Mutex<Store>> = Arc::default();
        let own = Arc::clone(&store);
        let sink = move |event| own.lock().expect("no panic").take(event);
        let access: Arc<dyn Access> = Arc::<TestAccess>::clone(&self.access);
        let supervisor = Supervisor::start::<Deployment>(access, scope, sink, settings);
        Watched { supervisor, store, life: self.access.life.clone() }
    }
}

type Objects = BTreeMap<String, Deployment>;

#[derive(Default)]
struct Store {
    shown: Objects,
    coming: Objects,
}

impl Store {
    fn take(&mut self, event: Event<Deployment>) {
        let name = |object: &Deployment| object.metadata.name.clone().unwrap_or_default();
        match event {
            Event::Begin => self.coming.clear(),
            Event::Page(page) => self.coming.extend(page.into_iter().map(|one| (name(&one), one))),
            Event::Complete => self.shown = std::mem::take(&mut self.coming),
            Event::Applied(object) => {
                self.shown.insert(name(&object), object);
            }
            Event::Removed(object) => {
                self.shown.remove(&name(&object));
            }
        }
    }
}

pub struct Settled {
    pub names: usize,
    pub state: State,
}

pub struct Watched {
    supervisor: Supervisor,
    store: Arc<Mutex<Store>>,
    life: ProofOfLife,
}

impl Watched {
    pub fn report(&self) -> Report {
        self.supervisor.report()
    }

    pub fn store(&self) -> Objects {
        self.store.lock().expect("no panic").shown.clone()
    }

    pub fn state(&self) -> State {
        let now = "2026-03-02T12:00:00Z".parse().expect("a moment");
        self.report().state_at(now, &self.life, &self.supervisor.path)
    }

    pub async fn settles(&self, expect: Settled) {
        let mut last = (0, State::Connecting);
        let settled = async {
            loop {
                last = (self.store().len(), self.state());
                if last == (expect.names, expect.state.clone()) {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        let in_time = tokio::time::timeout(Duration::from_mins(5), settled).await;
        assert!(in_time.is_ok(), "{last:?}, not {} {:?}", expect.names, expect.state);
    }

    pub async fn until(&self, holds: impl Fn(&Objects) -> bool) {
        wait_until(|| holds(&self.store())).await;
    }
}

/// Waits for something that comes by itself; panics when it does not come.
pub async fn wait_until(holds: impl Fn() -> bool) {
    let waiting = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let in_time = tokio::time::timeout(Duration::from_mins(5), waiting).await;
    assert!(in_time.is_ok(), "it did not come to pass");
}
