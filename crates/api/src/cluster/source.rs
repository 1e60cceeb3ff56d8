//! Where the contexts of a window come from, and the connections to them.

use super::desk::moment;
use crate::clock::Clock;
use crate::device::Notebook;
use pilotage_cluster::connection::broker::{Broker, Made, Maker};
use pilotage_cluster::connection::consent::{self, Consent, Refusal};
use pilotage_cluster::connection::direct::Direct;
use pilotage_cluster::connection::freshness::ProofOfLife;
use pilotage_cluster::connection::kubeconfig::{self, Context, ContextKey, Kubeconfigs, Program};
use pilotage_cluster::connection::maker::{ContextMaker, Question, Surroundings};
use pilotage_cluster::connection::plugin;
use pilotage_cluster::connection::proxy::ProxyVariables;
use pilotage_cluster::connection::redact::redact;
use pilotage_cluster::connection::reload::Reloading;
use pilotage_cluster::connection::state::Failure;
use pilotage_cluster::watch::Access;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
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
        /// Whether the login shell was asked for its path: once is enough.
        asked_shell: AtomicBool,
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
        Self::Files { reloading, news, around, asked_shell: AtomicBool::new(false), clock }
    }

    /// Whether the files changed since this was last asked.
    pub(super) fn files_changed(&self) -> bool {
        let Self::Files { news, .. } = self else { return false };
        let mut news = lock(news);
        let changed = news.has_changed().unwrap_or(false);
        news.mark_unchanged();
        changed
    }

    /// Whether the login shell is to be asked for its path now: a context that is on names a program
    /// which is not found on the path of this process, since a desktop starts programs with a short
    /// one. True once; a person is asked about the program itself only when it is found.
    pub(super) fn take_shell_question(&self, on: &[String]) -> bool {
        let Self::Files { reloading, around, asked_shell, .. } = self else { return false };
        if asked_shell.load(Ordering::SeqCst) {
            return false;
        }
        let path = lock(around).search_path.clone();
        let is_missing = |program: &Program| {
            matches!(consent::resolve(program, &path), Err(Refusal::NotFound { .. }))
        };
        let contexts = reloading.present().contexts();
        let mut wanted = contexts.iter().filter(|context| on.contains(&context.key.name));
        let asks = wanted.any(|context| context.program.as_ref().is_some_and(is_missing));
        asks && !asked_shell.swap(true, Ordering::SeqCst)
    }

    /// Asks the login shell for its path.
    pub(super) async fn learn_path(&self) {
        let Self::Files { around, .. } = self else { return };
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

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = "
apiVersion: v1
kind: Config
clusters: [{ name: one, cluster: { server: 'https://one.invalid' } }]
users:
  - { name: plain, user: { token: planted } }
  - name: missing
    user:
      exec:
        apiVersion: client.authentication.k8s.io/v1
        command: a-program-that-is-nowhere
        interactiveMode: Never
contexts:
  - { name: plain, context: { cluster: one, user: plain } }
  - { name: missing, context: { cluster: one, user: missing } }
";

    #[tokio::test]
    async fn the_login_shell_is_asked_for_a_context_that_is_on_and_once() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config");
        std::fs::write(&file, CONFIG).unwrap();
        let files = Kubeconfigs::load(&[file]);
        let contexts = Contexts::following(files, Arc::new(|_: &Consent| false), Clock::System);
        let check = |on: &[&str], expect: bool| {
            let on: Vec<String> = on.iter().map(|name| (*name).to_owned()).collect();
            assert_eq!(contexts.take_shell_question(&on), expect, "{on:?}");
        };
        check(&[], false);
        check(&["plain"], false);
        check(&["plain", "missing"], true);
        check(&["plain", "missing"], false);
    }
}
