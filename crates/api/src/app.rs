//! An open programme, as a host holds it.

use crate::clock::Clock;
use crate::cluster::live::Live;
use crate::commands::Tag;
use crate::device::{DeviceNotes, Notebook};
use crate::dto::backups::RecoveryView;
use crate::dto::session::Saved;
use crate::error::{ApiError, Code};
use crate::host::Host;
use crate::imports::Preview;
use crate::keeper::Keeper;
use crate::names::Names;
use crate::open::{self, Opened};
use crate::retro::facts::Remembered;
use pilotage_domain::Millis;
use pilotage_domain::change::Change;
use pilotage_domain::ids::DeviceId;
use pilotage_domain::playbook::Playbook;
use pilotage_insight::forecast::Forecast;
use pilotage_store::{BatchRange, Commit, Recovery, Store, WindowLock};
use serde::Serialize;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::broadcast;
use uuid::Uuid;

/// How often the window looks whether another program wrote. One number is read.
const WATCH: Duration = Duration::from_millis(250);

/// Says what changed, never what it changed to: the page pulls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Changed {
    /// What became old.
    pub tags: Vec<Tag>,
}

/// How to open a programme.
#[derive(Debug, Clone)]
pub struct OpenOptions {
    /// The workspace file.
    pub workspace: PathBuf,
    /// The app's own data folder, for what belongs to this device.
    pub data_folder: PathBuf,
    /// The clock.
    pub clock: Clock,
    /// Whether to watch for other programs' writes, as a window does.
    pub watch: Watch,
}

/// Whether other programs' writes become change events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Watch {
    /// A window does.
    Yes,
    /// A command that ends soon does not.
    No,
}

/// An open programme.
#[derive(Debug)]
pub struct App {
    pub(crate) store: Arc<Store>,
    pub(crate) clock: Clock,
    pub(crate) host: Arc<dyn Host>,
    pub(crate) workspace: PathBuf,
    /// The app's own data folder.
    pub(crate) data_folder: PathBuf,
    /// When this device last had the programme open, before this session.
    pub(crate) last_visit: Option<Millis>,
    pub(crate) notebook: Arc<Notebook>,
    pub(crate) previews: Mutex<HashMap<String, Preview>>,
    /// Playbooks that are or were in force, by the adoption that made them so.
    pub(crate) words: Mutex<HashMap<Uuid, Arc<Playbook>>>,
    /// Forecasts by their seed, which names all that they depend on.
    pub(crate) forecasts: Mutex<HashMap<(u64, u64), Arc<Forecast>>>,
    /// Frozen facts of retrospectives by their position in the log.
    pub(crate) facts: Mutex<Remembered>,
    changes: broadcast::Sender<Changed>,
    watch: Watch,
    /// Whether this start found something to tell of the file.
    news: bool,
    watcher: Mutex<Option<tokio::task::JoinHandle<()>>>,
    keeper: Mutex<Option<tokio::task::JoinHandle<()>>>,
    /// Watched clusters, and what keeps watching them.
    live: Mutex<Option<Arc<Live>>>,
    living: Mutex<Option<tokio::task::JoinHandle<()>>>,
    /// A window's; freed when this value ends.
    _lock: Option<WindowLock>,
}

impl App {
    /// Opens a programme. A damaged file is set aside and recovered; see [`App::recovered_now`].
    pub async fn open(options: OpenOptions, host: Arc<dyn Host>) -> Result<Self, ApiError> {
        let Opened { store, device_file, mut notes, lock, news } = open::open(&options).await?;
        if store.is_outdated() && store.read_only().is_none() {
            tracing::info!("an older version made the read model; the log is folded again");
            store.rebuild(options.clock.now()).await?;
        }
        let store = Arc::new(store);
        let (changes, _) = broadcast::channel(256);
        let last_visit = notes.last_visit;
        if options.watch == Watch::Yes {
            notes.last_visit = Some(options.clock.now());
            device_file.write(&notes)?;
        }
        let app = Self {
            store,
            clock: options.clock,
            host,
            workspace: options.workspace,
            data_folder: options.data_folder,
            last_visit,
            notebook: Arc::new(Notebook::new(device_file, notes)),
            previews: Mutex::default(),
            words: Mutex::default(),
            forecasts: Mutex::default(),
            facts: Mutex::default(),
            changes,
            watch: options.watch,
            news,
            watcher: Mutex::default(),
            keeper: Mutex::default(),
            live: Mutex::default(),
            living: Mutex::default(),
            _lock: lock,
        };
        app.start_watching();
        if app.watch == Watch::Yes {
            let keeper = Keeper {
                store: Arc::clone(&app.store),
                notebook: Arc::clone(&app.notebook),
                clock: app.clock,
                changes: app.changes.clone(),
            };
            *app.keeper.lock().unwrap_or_else(PoisonError::into_inner) =
                Some(tokio::spawn(keeper.keep()));
        }
        Ok(app)
    }

    fn start_watching(&self) {
        if self.watch == Watch::Yes {
            let watcher = tokio::spawn(watch(Arc::clone(&self.store), self.changes.clone()));
            *self.watcher.lock().unwrap_or_else(PoisonError::into_inner) = Some(watcher);
        }
    }

    /// Ends a background task, and waits until it let go of the file.
    async fn end(task: &Mutex<Option<tokio::task::JoinHandle<()>>>) {
        let task = task.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(task) = task {
            task.abort();
            // An aborted task reports just that.
            let _ = task.await;
        }
    }

    /// Takes on what watches clusters.
    pub(crate) fn start_living(&self, live: Arc<Live>, task: tokio::task::JoinHandle<()>) {
        *self.live.lock().unwrap_or_else(PoisonError::into_inner) = Some(live);
        let before = self.living.lock().unwrap_or_else(PoisonError::into_inner).replace(task);
        if let Some(before) = before {
            before.abort();
        }
    }

    /// The watched clusters, where this host watches some.
    pub(crate) fn live(&self) -> Option<Arc<Live>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Id under which this device writes.
    pub(crate) fn device(&self) -> DeviceId {
        self.store.device()
    }

    /// Whether this is a window.
    pub(crate) fn is_window(&self) -> bool {
        self.watch == Watch::Yes
    }

    /// Runs what replaces the file. Nothing watches it meanwhile, and the notes learn the device's
    /// new id before anything can be written under it.
    pub(crate) async fn replacing<T>(
        &self,
        replace: impl Future<Output = Result<T, ApiError>>,
    ) -> Result<T, ApiError> {
        Self::end(&self.watcher).await;
        // Should this program end before the notes name a new id, no number is given twice: what
        // cannot be noted is not replaced.
        if let Err(error) = self.try_to_note_position().await {
            self.start_watching();
            return Err(error);
        }
        let replaced = replace.await;
        let device = self.device();
        let noted = if self.notes().device == device {
            Ok(())
        } else {
            self.notebook.amend(|notes| notes.start_anew(device))
        };
        self.start_watching();
        let replaced = replaced?;
        noted.map(|()| replaced)
    }

    /// Remembers what an error says about the file.
    pub(crate) fn noticed(&self, error: ApiError) -> ApiError {
        if error.code == Code::WorkspaceDamaged
            && let Err(error) = self.notebook.amend(|notes| notes.suspect = true)
        {
            tracing::warn!(%error, "the next start will not look closely");
        }
        error
    }

    /// What the last recovery brought back, until somebody has read it.
    pub(crate) fn recovery(&self) -> Option<Recovery> {
        self.notes().recovery.clone()
    }

    /// What the recovery at this very start brought back.
    pub fn recovered_now(&self) -> Option<RecoveryView> {
        self.news.then(|| self.recovery().as_ref().map(RecoveryView::from)).flatten()
    }

    /// What this very start found missing of what the device had saved.
    pub fn behind_now(&self) -> Option<String> {
        self.news.then(|| self.behind()).flatten()
    }

    /// What the file lacks of what the device had saved, until somebody has read it.
    pub(crate) fn behind(&self) -> Option<String> {
        let actions = match self.notes().behind {
            0 => return None,
            1 => "1 action".to_owned(),
            count => format!("{count} actions"),
        };
        Some(format!(
            "The programme's file ends {actions} before what this device had saved: it was put \
             back by hand, or its log was cut off. This device goes on under a new id. If the \
             missing actions matter, restore a backup."
        ))
    }

    /// Somebody has read it.
    pub(crate) fn forget_recovery(&self) -> Result<(), ApiError> {
        self.notebook.amend(|notes| (notes.recovery, notes.behind) = (None, 0))
    }

    /// Hears what changes, by this app or by another program.
    pub fn changes(&self) -> broadcast::Receiver<Changed> {
        self.changes.subscribe()
    }

    /// Where the workspace file lies.
    pub fn workspace(&self) -> &Path {
        &self.workspace
    }

    /// Stops watching and closes the file.
    pub async fn close(self) {
        Self::end(&self.watcher).await;
        Self::end(&self.keeper).await;
        Self::end(&self.living).await;
        self.note_position().await;
        let store = Arc::clone(&self.store);
        drop(self);
        if let Ok(store) = Arc::try_unwrap(store) {
            store.close().await;
        }
    }

    /// Notes how far the own log goes, so that a file which comes out shorter is recognised. Without
    /// the note, nothing but that guard is missing.
    pub(crate) async fn note_position(&self) {
        if let Err(error) = self.try_to_note_position().await {
            tracing::warn!(%error, "how far the log goes was not noted");
        }
    }

    async fn try_to_note_position(&self) -> Result<(), ApiError> {
        // A damaged file may not say.
        let Ok(position) = self.store.own_position().await else { return Ok(()) };
        if position <= self.notes().own_position {
            return Ok(());
        }
        self.notebook.amend(|notes| notes.own_position = notes.own_position.max(position))
    }

    pub(crate) fn publish(&self, tags: &[Tag]) {
        if !tags.is_empty() {
            // Nobody listening is no error.
            let _ = self.changes.send(Changed { tags: tags.to_vec() });
        }
    }

    pub(crate) fn notes(&self) -> MutexGuard<'_, DeviceNotes> {
        self.notebook.notes()
    }

    /// Remembers who is working on this device.
    pub(crate) fn remember_actor(&self, person: Option<Uuid>) -> Result<(), ApiError> {
        if self.notes().acting_as == person {
            return Ok(());
        }
        self.notebook.amend(|notes| notes.acting_as = person)
    }

    /// Remembers up to when notices were looked at; never goes back.
    pub(crate) fn remember_look(&self, until: Millis) -> Result<(), ApiError> {
        if self.notes().looked_at.is_some_and(|before| before >= until) {
            return Ok(());
        }
        self.notebook.amend(|notes| notes.looked_at = notes.looked_at.max(Some(until)))
    }

    /// Acts as this person for this session only, as `--as` does.
    pub(crate) fn act_for_now(&self, person: Uuid) {
        self.notes().acting_as = Some(person);
    }

    /// Who is working, if he still is a person of the programme.
    pub(crate) fn actor(&self, names: &Names) -> Option<Uuid> {
        self.notes().acting_as.filter(|person| names.is_person(*person))
    }

    /// Who is working, or a clear refusal.
    pub(crate) fn need_actor(&self, names: &Names) -> Result<Uuid, ApiError> {
        self.actor(names).ok_or_else(|| {
            ApiError::new(
                Code::WhoUnknown,
                "Nobody has said who is working. Nothing was changed. Choose a person first; on \
                 the command line, add --as PERSON.",
            )
        })
    }

    /// Appends one action.
    pub(crate) async fn save(
        &self,
        actor: Uuid,
        changes: Vec<Change>,
        summary: impl Into<String>,
        id: Option<Uuid>,
    ) -> Result<Saved, ApiError> {
        let commit = Commit { id: Uuid::now_v7(), actor, now: self.clock.now(), changes };
        let committed = self.store.commit(commit).await?;
        Ok(Saved {
            batch: committed.map(|done| {
                BatchRange { device: done.device, first: done.first, last: done.last }.to_string()
            }),
            summary: summary.into(),
            id: id.map(|id| id.to_string()),
        })
    }
}

impl Drop for App {
    fn drop(&mut self) {
        for task in [&self.watcher, &self.keeper, &self.living] {
            if let Some(task) = task.lock().unwrap_or_else(PoisonError::into_inner).take() {
                task.abort();
            }
        }
    }
}

/// Turns other programs' commits into change events. Time alone changes numbers too (a pass goes
/// stale), which the page covers by pulling again when it is looked at.
async fn watch(store: Arc<Store>, changes: broadcast::Sender<Changed>) {
    let Ok(mut watcher) = store.watch().await else {
        return;
    };
    let Ok(mut last) = watcher.version().await else {
        return;
    };
    loop {
        tokio::time::sleep(WATCH).await;
        match watcher.version().await {
            Ok(version) if version != last => {
                last = version;
                let tags = Tag::ALL.to_vec();
                let _ = changes.send(Changed { tags });
            }
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(%error, "cannot see other programs' writes any more");
                return;
            }
        }
    }
}

/// The app's own data folder on this system.
pub fn data_folder() -> Result<PathBuf, ApiError> {
    directories::ProjectDirs::from("app", "", "pilotage")
        .map(|folders| folders.data_dir().to_owned())
        .ok_or_else(|| {
            ApiError::new(
                Code::NotPossible,
                "This account has no home folder. Name one with --data-folder.",
            )
        })
}

pub(crate) fn device_name() -> String {
    ["HOSTNAME", "COMPUTERNAME"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok())
        .or_else(|| std::fs::read_to_string("/etc/hostname").ok())
        .map_or_else(|| "this device".to_owned(), |name| name.trim().chars().take(100).collect())
}
