//! An open programme, as a host holds it.

use crate::clock::Clock;
use crate::commands::Tag;
use crate::device::{DeviceFile, DeviceNotes};
use crate::dto::session::Saved;
use crate::error::{ApiError, Code};
use crate::host::Host;
use crate::imports::Preview;
use crate::names::Names;
use pilotage_domain::Millis;
use pilotage_domain::change::Change;
use pilotage_domain::playbook::Playbook;
use pilotage_store::{BatchRange, Commit, Store};
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
    pub(crate) device: pilotage_domain::ids::DeviceId,
    /// When this device last had the programme open, before this session.
    pub(crate) last_visit: Option<Millis>,
    device_file: DeviceFile,
    notes: Mutex<DeviceNotes>,
    pub(crate) previews: Mutex<HashMap<String, Preview>>,
    /// Playbooks that are or were in force, by the adoption that made them so.
    pub(crate) words: Mutex<HashMap<Uuid, Arc<Playbook>>>,
    changes: broadcast::Sender<Changed>,
    watcher: Option<tokio::task::JoinHandle<()>>,
}

impl App {
    /// Opens a programme.
    pub async fn open(options: OpenOptions, host: Arc<dyn Host>) -> Result<Self, ApiError> {
        let workspace = Store::identify(&options.workspace)
            .await
            .map_err(|error| ApiError::opening(error, &options.workspace))?;
        let (device_file, mut notes) =
            DeviceFile::load(&options.data_folder, workspace, &options.workspace)?;
        let store = Store::open(&options.workspace, notes.device, &device_name())
            .await
            .map_err(|error| ApiError::opening(error, &options.workspace))?;
        if store.is_outdated() && store.read_only().is_none() {
            tracing::info!("an older version made the read model; the log is folded again");
            store.rebuild(options.clock.now()).await?;
        }
        let store = Arc::new(store);
        let (changes, _) = broadcast::channel(256);
        let last_visit = notes.last_visit;
        let watcher = match options.watch {
            Watch::Yes => {
                notes.last_visit = Some(options.clock.now());
                device_file.write(&notes)?;
                Some(tokio::spawn(watch(Arc::clone(&store), changes.clone())))
            }
            Watch::No => None,
        };
        Ok(Self {
            store,
            clock: options.clock,
            host,
            workspace: options.workspace,
            device: notes.device,
            last_visit,
            device_file,
            notes: Mutex::new(notes),
            previews: Mutex::default(),
            words: Mutex::default(),
            changes,
            watcher,
        })
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
    pub async fn close(mut self) {
        if let Some(watcher) = self.watcher.take() {
            watcher.abort();
            // An aborted task reports just that.
            let _ = watcher.await;
        }
        let store = Arc::clone(&self.store);
        drop(self);
        if let Ok(store) = Arc::try_unwrap(store) {
            store.close().await;
        }
    }

    pub(crate) fn publish(&self, tags: &[Tag]) {
        if !tags.is_empty() {
            // Nobody listening is no error.
            let _ = self.changes.send(Changed { tags: tags.to_vec() });
        }
    }

    pub(crate) fn notes(&self) -> MutexGuard<'_, DeviceNotes> {
        // The notes are replaced whole: a panic elsewhere leaves them sound.
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers who is working on this device.
    pub(crate) fn remember_actor(&self, person: Option<Uuid>) -> Result<(), ApiError> {
        let mut notes = self.notes();
        if notes.acting_as != person {
            notes.acting_as = person;
            self.device_file.write(&notes)?;
        }
        Ok(())
    }

    /// Remembers up to when notices were looked at; never goes back.
    pub(crate) fn remember_look(&self, until: Millis) -> Result<(), ApiError> {
        let mut notes = self.notes();
        if notes.looked_at.is_none_or(|before| before < until) {
            notes.looked_at = Some(until);
            self.device_file.write(&notes)?;
        }
        Ok(())
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
        if let Some(watcher) = &self.watcher {
            watcher.abort();
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
                let tags = vec![Tag::Session, Tag::Services, Tag::Programme];
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

fn device_name() -> String {
    ["HOSTNAME", "COMPUTERNAME"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok())
        .or_else(|| std::fs::read_to_string("/etc/hostname").ok())
        .map_or_else(|| "this device".to_owned(), |name| name.trim().chars().take(100).collect())
}
