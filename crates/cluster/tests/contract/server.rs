//! The server that the contract is tried on: the simulated one behind a loopback listener, or the one
//! of `PILOTAGE_TEST_KUBECONFIG`. Read through the product's own connection; written by a client that
//! is no part of the product, into namespaces that the contract makes and removes.

use futures_util::FutureExt as _;
use k8s_openapi::api::core::v1::Namespace;
use kube::api::{Api, DeleteParams, ListParams, PostParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use pilotage_cluster::connection::broker::{Broker, Clock};
use pilotage_cluster::connection::client::harden;
use pilotage_cluster::connection::freshness::ProofOfLife;
use pilotage_cluster::connection::kubeconfig::Kubeconfigs;
use pilotage_cluster::connection::maker::{ContextMaker, Surroundings};
use pilotage_cluster::connection::proxy::{ProxyVariables, proxy_for};
use pilotage_cluster::shape::Moment;
use pilotage_cluster::watch::{Access as _, Session};
use pilotage_kube_faults::{Listening, listen};
use pilotage_kube_sim::Sim;
use serde_json::json;
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use uuid::Uuid;

/// Names the kubeconfig of the server that the contract is tried on.
pub const VARIABLE: &str = "PILOTAGE_TEST_KUBECONFIG";
/// What the namespaces of the contract are labelled with, whoever made them.
const LABEL: &str = "app.kubernetes.io/managed-by=pilotage-contract";
/// How long a server may take to bring about what was asked of it.
const PATIENCE: Duration = Duration::from_secs(90);
const PAUSE: Duration = Duration::from_millis(100);

/// Why a case could not be tried on this server. Not a failure, and never a pass.
pub struct NotRun(pub String);

/// What a case answers.
pub type Tried = Result<(), NotRun>;

/// The server, and this run on it.
pub struct Server {
    kubeconfig: PathBuf,
    /// Labels what this run makes.
    run: String,
    _simulated: Option<Simulated>,
}

struct Simulated {
    _listening: Listening,
    _folder: TempDir,
    clock: JoinHandle<()>,
}

impl Drop for Simulated {
    fn drop(&mut self) {
        self.clock.abort();
    }
}

/// The present moment.
#[expect(clippy::disallowed_methods, reason = "a server that is not simulated has the real time")]
pub fn now() -> Moment {
    std::time::SystemTime::now().into()
}

impl Server {
    /// The one that the variable names, or else the simulated one with three nodes, whose clock goes
    /// with the real one.
    pub async fn open(named: Option<PathBuf>) -> Self {
        let run = Uuid::now_v7().simple().to_string();
        if let Some(kubeconfig) = named {
            return Self { kubeconfig, run, _simulated: None };
        }
        let sim = Sim::new(11, now());
        sim.add_nodes(3);
        let listening = listen(sim.service()).await.expect("a free port");
        let folder = TempDir::new().expect("a folder");
        let kubeconfig = folder.path().join("config");
        std::fs::write(&kubeconfig, listening.kubeconfig()).expect("a kubeconfig");
        let clock = tokio::spawn(async move {
            loop {
                sim.advance(now());
                tokio::time::sleep(PAUSE).await;
            }
        });
        let simulated = Simulated { _listening: listening, _folder: folder, clock };
        Self { kubeconfig, run, _simulated: Some(simulated) }
    }

    fn maker(&self, life: ProofOfLife) -> ContextMaker {
        let files = Kubeconfigs::load(std::slice::from_ref(&self.kubeconfig));
        let context = files.current().unwrap_or_else(|| {
            panic!("{} has no current context: {:?}", self.kubeconfig.display(), files.problems())
        });
        let around = Surroundings {
            proxies: proxies(),
            search_path: std::env::var("PATH").unwrap_or_default(),
            // Whoever sets the variable has agreed to what the kubeconfig runs.
            consented: Arc::new(|_| true),
            plugin_limit: Duration::from_secs(30),
        };
        ContextMaker::new(&files, &context, around, life).expect("the context is there")
    }

    /// The product's way to the server.
    pub fn access(&self) -> (Arc<Broker>, ProofOfLife) {
        let life = ProofOfLife::new();
        let clock: Clock = Arc::new(now);
        (Arc::new(Broker::start(self.maker(life.clone()), clock)), life)
    }

    /// A session that only reads.
    pub async fn session(&self) -> Session {
        let (broker, _) = self.access();
        let session = broker.session().await;
        session.unwrap_or_else(|failure| panic!("no session: {failure}"))
    }

    /// The client that writes. The product has none like it.
    pub async fn writing(&self) -> kube::Client {
        let config = Kubeconfig::read_from(&self.kubeconfig).expect("a kubeconfig");
        let options = KubeConfigOptions::default();
        let config = kube::Config::from_custom_kubeconfig(config, &options).await;
        let mut config = config.expect("a context");
        let own = config.proxy_url.as_ref().map(ToString::to_string);
        let proxy = proxy_for(&config.cluster_url, own.as_deref(), &proxies()).expect("a proxy");
        harden(&mut config, proxy);
        kube::Client::try_from(config).expect("a client")
    }

    /// Makes a namespace, and removes it whatever becomes of the case in it.
    pub async fn in_namespace(&self, case: impl AsyncFnOnce(String) -> Tried) -> Tried {
        let name = self.make_namespace().await?;
        let tried = AssertUnwindSafe(case(name.clone())).catch_unwind().await;
        self.remove_namespace(&name).await;
        tried.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }

    /// A namespace that nobody removes.
    pub async fn make_namespace(&self) -> Result<String, NotRun> {
        let namespaces: Api<Namespace> = Api::all(self.writing().await);
        let unique = Uuid::now_v7().simple().to_string();
        let name = format!("pilotage-contract-{}", &unique[unique.len() - 12..]);
        let labels = json!({
            "app.kubernetes.io/managed-by": "pilotage-contract", "pilotage-contract-run": self.run,
        });
        let namespace = json!({"metadata": {"name": name, "labels": labels}});
        let namespace = serde_json::from_value(namespace).expect("a namespace");
        match namespaces.create(&PostParams::default(), &namespace).await {
            Ok(_) => Ok(name),
            Err(kube::Error::Api(status)) if status.code == 403 => {
                Err(NotRun("these credentials may not make namespaces".to_owned()))
            }
            Err(error) => panic!("no namespace was made: {error}"),
        }
    }

    pub async fn remove_namespace(&self, name: &str) {
        let namespaces: Api<Namespace> = Api::all(self.writing().await);
        match namespaces.delete(name, &DeleteParams::background()).await {
            Ok(_) => {}
            Err(kube::Error::Api(status)) if status.code == 404 => {}
            Err(error) => panic!(
                "the namespace {name} is left behind: {error}; \
                 remove it: kubectl delete namespace -l {LABEL}"
            ),
        }
    }

    /// Namespaces of this run that are still there.
    pub async fn left(&self) -> Vec<String> {
        let namespaces: Api<Namespace> = Api::all(self.writing().await);
        let mine = ListParams::default().labels(&format!("pilotage-contract-run={}", self.run));
        let list = namespaces.list(&mine).await.expect("namespaces can be listed");
        list.items.into_iter().filter_map(|one| one.metadata.name).collect()
    }
}

fn proxies() -> ProxyVariables {
    ProxyVariables::read(|name| std::env::var(name).ok())
}

/// Waits for what a server brings about by itself; answers whether it came.
pub async fn comes(mut holds: impl AsyncFnMut() -> bool) -> bool {
    let waiting = async {
        while !holds().await {
            tokio::time::sleep(PAUSE).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.is_ok()
}
