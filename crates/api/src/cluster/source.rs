//! Where the contexts of a window come from, and the connections to them.

use super::desk::moment;
use crate::clock::Clock;
use crate::device::Notebook;
use pilotage_cluster::connection::broker::{Broker, Made, Maker};
use pilotage_cluster::connection::consent::{self, Consent, Refusal};
use pilotage_cluster::connection::direct::Direct;
use pilotage_cluster::connection::freshness::ProofOfLife;
use pilotage_cluster::connection::kubeconfig::{self, Context, ContextKey, Kubeconfigs};
use pilotage_cluster::connection::maker::{ContextMaker, Question, Surroundings};
use pilotage_cluster::connection::plugin;
use pilotage_cluster::connection::proxy::ProxyVariables;
use pilotage_cluster::connection::redact::redact;
use pilotage_cluster::connection::reload::Reloading;
use pilotage_cluster::connection::state::Failure;
use pilotage_cluster::watch::Access;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// Where a window's contexts come from.
#[derive(Debug)]
pub enum ClusterSource {
    /// Kubeconfigs: those named, else those that the environment names. They are followed.
    Kubeconfigs(Option<Vec<PathBuf>>),
    /// Clusters within the process: the sample's, by name of the context.
    Simulated(BTreeMap<String, Direct>),
}

/// The kubeconfigs of a person, as `KUBECONFIG` or the home folder name them.
pub(super) fn usual_paths() -> Vec<PathBuf> {
    let home = directories::BaseDirs::new();
    kubeconfig::paths(
        std::env::var_os("KUBECONFIG").as_deref(),
        home.as_ref().map(directories::BaseDirs::home_dir),
    )
}

/// Whether a person agreed to a program.
pub(super) type Consented = Arc<dyn Fn(&Consent) -> bool + Send + Sync>;

/// The world around this process.
pub(super) fn surroundings(consented: Consented) -> Surroundings {
    Surroundings {
        proxies: ProxyVariables::read(|name| std::env::var(name).ok()),
        search_path: std::env::var("PATH").unwrap_or_default(),
        consented,
        plugin_limit: plugin::LIMIT,
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is behind these locks is replaced whole.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One connection.
pub(super) struct Connection {
    pub(super) access: Arc<dyn Access>,
    pub(super) life: ProofOfLife,
    /// None within the process.
    pub(super) broker: Option<Arc<Broker>>,
}

/// Contexts and the way to them.
pub(super) enum Contexts {
    Files {
        reloading: Arc<Reloading>,
        news: Mutex<watch::Receiver<Arc<Kubeconfigs>>>,
        /// Shared with what makes sessions: the login shell's path may come later.
        around: Arc<Mutex<Surroundings>>,
        clock: Clock,
    },
    Simulated(BTreeMap<String, Direct>),
}

impl Contexts {
    pub(super) fn of(source: ClusterSource, notebook: Arc<Notebook>, clock: Clock) -> Self {
        let paths = match source {
            ClusterSource::Simulated(clusters) => return Self::Simulated(clusters),
            ClusterSource::Kubeconfigs(paths) => paths.unwrap_or_else(usual_paths),
        };
        let consented =
            move |consent: &Consent| notebook.notes().consents.contains(&consent.text());
        Self::following(Kubeconfigs::load(&paths), Arc::new(consented), clock)
    }

    /// The contexts of kubeconfigs, which are followed.
    pub(super) fn following(files: Kubeconfigs, consented: Consented, clock: Clock) -> Self {
        let around = Arc::new(Mutex::new(surroundings(consented)));
        let reloading = Arc::new(Reloading::start(files));
        let news = Mutex::new(reloading.changes());
        Self::Files { reloading, news, around, clock }
    }

    /// Whether the files changed since this was last asked.
    pub(super) fn files_changed(&self) -> bool {
        let Self::Files { news, .. } = self else { return false };
        let mut news = lock(news);
        let changed = news.has_changed().unwrap_or(false);
        news.mark_unchanged();
        changed
    }

    /// Asks the login shell for its path, once, where a program is not found on that of this process:
    /// a desktop starts programs with a short one.
    pub(super) async fn learn_path(&self) {
        let Self::Files { reloading, around, .. } = self else { return };
        let path = lock(around).search_path.clone();
        let not_found = |context: Context| {
            let program = context.program?;
            matches!(consent::resolve(&program, &path), Err(Refusal::NotFound { .. })).then_some(())
        };
        if !reloading.present().contexts().into_iter().any(|one| not_found(one).is_some()) {
            return;
        }
        let Some(shell) = std::env::var_os("SHELL").map(PathBuf::from) else { return };
        let Some(variables) = plugin::login_variables(&shell).await else { return };
        let mut around = lock(around);
        if let Some(path) = variables.get("PATH") {
            around.search_path.clone_from(path);
        }
        let named = |name: &str| variables.get(name).cloned().or_else(|| std::env::var(name).ok());
        around.proxies = ProxyVariables::read(named);
    }

    pub(super) fn is_simulated(&self) -> bool {
        matches!(self, Self::Simulated(_))
    }

    /// Present kubeconfigs; none within the process.
    pub(super) fn files(&self) -> Option<Arc<Kubeconfigs>> {
        match self {
            Self::Files { reloading, .. } => Some(reloading.present()),
            Self::Simulated(_) => None,
        }
    }

    /// Names of the contexts, in order of the files.
    pub(super) fn names(&self) -> Vec<String> {
        match self {
            Self::Files { reloading, .. } => {
                reloading.present().contexts().into_iter().map(|one| one.key.name).collect()
            }
            Self::Simulated(clusters) => clusters.keys().cloned().collect(),
        }
    }

    fn context(&self, name: &str) -> Option<Context> {
        self.files()?.contexts().into_iter().find(|one| one.key.name == name)
    }

    /// The namespace a context names itself.
    pub(super) fn own_namespace(&self, name: &str) -> String {
        let own = self.context(name).and_then(|context| context.namespace);
        own.unwrap_or_else(|| "default".to_owned())
    }

    /// What a person has to agree to first, or why the program is never run.
    pub(super) fn question(&self, name: &str) -> Result<Option<Question>, String> {
        let Self::Files { reloading, around, .. } = self else { return Ok(None) };
        let Some(context) = self.context(name) else { return Ok(None) };
        let files = reloading.present();
        let life = ProofOfLife::new();
        let around = lock(around).clone();
        match ContextMaker::new(&files, &context.key, around, life) {
            Some(maker) => maker.question().map_err(|refusal| redact(&refusal.to_string())),
            None => Ok(None),
        }
    }

    /// Connects; nothing is contacted before somebody asks for a session.
    pub(super) fn connect(&self, name: &str) -> Option<Connection> {
        match self {
            Self::Simulated(clusters) => {
                let direct = clusters.get(name)?.clone();
                let life = direct.life();
                Some(Connection { access: Arc::new(direct), life, broker: None })
            }
            Self::Files { reloading, around, clock, .. } => {
                let context = self.context(name)?;
                let life = ProofOfLife::new();
                let maker = Following {
                    reloading: Arc::clone(reloading),
                    key: context.key,
                    around: Arc::clone(around),
                    life: life.clone(),
                };
                let clock = *clock;
                let broker = Broker::start(maker, Arc::new(move || moment(clock.now())));
                let broker = Arc::new(broker);
                let access: Arc<dyn Access> = Arc::<Broker>::clone(&broker);
                Some(Connection { access, life, broker: Some(broker) })
            }
        }
    }
}

/// Makes sessions of a context as its files are at that moment.
struct Following {
    reloading: Arc<Reloading>,
    key: ContextKey,
    around: Arc<Mutex<Surroundings>>,
    life: ProofOfLife,
}

impl Maker for Following {
    fn make(
        &mut self,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<Made, Failure>> + Send + '_>> {
        let files = self.reloading.present();
        let around = lock(&self.around).clone();
        let made = ContextMaker::new(&files, &self.key, around, self.life.clone());
        Box::pin(async move {
            match made {
                Some(mut maker) => maker.make().await,
                None => Err(Failure::NeedsPerson(
                    "its kubeconfig no longer holds this context".to_owned(),
                )),
            }
        })
    }
}
