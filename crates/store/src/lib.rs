//! The workspace file: operation log, registers and read model in one database. Nothing else opens
//! it.
//!
//! One writer task per process owns the only connection that can write. A write is one short
//! `BEGIN IMMEDIATE` transaction that draws sequence and clock, appends the batch, folds it and
//! refreshes the read model; it is acknowledged after the commit returned, and never cancelled by a
//! caller that goes away. Readers are read-only connections.
//!
//! Around the file: where it may lie (`place`), who has it open (`lock`), whether it is sound
//! (`check`), its copies (`backup`), and what happens after damage (`replace`, `salvage`,
//! `recovery`).
//!
//! What is deliberately absent: any write outside the writer task, any UPDATE of the log, any
//! deletion of a damaged or replaced file, and the current time (it comes with each command).

pub mod backup;
mod ballast;
mod check;
mod connect;
pub mod disk;
mod error;
mod find;
mod fold;
mod kinds;
mod lock;
mod mark;
mod merges;
mod nodes;
mod opening;
mod past;
pub mod place;
mod read;
mod rebuild;
mod recovery;
mod refresh;
mod replace;
mod rows;
mod salvage;
mod undo;
mod writer;

pub use backup::{Backup, Backups, Reason};
pub use error::StoreError;
pub use find::{Conflict, Found, Place, Recent};
use kinds::Kinds;
pub use lock::WindowLock;
use nodes::Nodes;
pub use opening::{Durability, Harness, Look, Opening};
pub use past::{Mover, Stood, When};
pub use read::{
    DependencyRow, KnownNode, Listed, LogFacts, LoggedBatch, NodeDetail, NodeRow, Watcher,
};
pub use rebuild::Rebuilding;
pub use recovery::{Missing, Opener, Recovery};
pub use undo::{BatchRange, UndoPlan, founds};
pub use writer::{Commit, Committed, Received};

use lock::InUse;
use pilotage_domain::Millis;
use pilotage_domain::ids::DeviceId;
use rebuild::{Slices, Told};
use replace::Plan;
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection, SqlitePool};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};
use uuid::Uuid;

/// How long a replacement waits for reads that are under way.
const READS_END: Duration = Duration::from_secs(5);

/// An open workspace.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    workspace: Uuid,
    device_name: String,
    opening: Opening,
    /// What is doubtful about where the file lies.
    doubt: Option<String>,
    in_use: InUse,
    /// Replaced as a whole when another file takes the place of this one.
    open: tokio::sync::RwLock<Open>,
    condition: RwLock<Condition>,
}

/// The connections.
#[derive(Debug)]
struct Open {
    readers: SqlitePool,
    memory: Arc<Memory>,
    /// None where the file can only be read.
    writer: Option<mpsc::Sender<writer::Command>>,
    writer_task: Option<tokio::task::JoinHandle<()>>,
}

/// What was read of the file, kept for as long as nothing is written.
#[derive(Debug, Default)]
struct Memory {
    kinds: Kinds,
    nodes: Nodes,
}

impl Memory {
    fn forget(&self) {
        self.kinds.forget();
        self.nodes.forget();
    }
}

/// What is asked for often and changes only with the connections.
#[derive(Debug, Clone)]
struct Condition {
    device: DeviceId,
    read_only: Option<String>,
    /// Whether an older version made the read model.
    outdated: bool,
}

/// What a restore did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// The id under which this device writes from now on.
    pub device: DeviceId,
    /// The copy of the present that was made before; nothing where the present was damaged.
    pub copy_of_present: Option<Backup>,
    /// The folder with the files that were replaced.
    pub aside: PathBuf,
}

impl Open {
    async fn start(
        path: &Path,
        device: DeviceId,
        device_name: &str,
        opening: &Opening,
    ) -> Result<(Self, Condition, Uuid), StoreError> {
        let header = connect::identify(path, &opening.harness).await?;
        let mut read_only = header.read_only;
        let mut writer = None;
        let mut writer_task = None;
        if read_only.is_none() {
            match connect::writer(path, opening).await {
                Ok(connection) => {
                    let reading = connect::reading(path, &opening.harness);
                    let workspace = header.workspace;
                    let (sender, task) =
                        writer::start(connection, reading, workspace, device, device_name);
                    writer = Some(sender);
                    writer_task = Some(task);
                }
                Err(StoreError::ReadOnly(reason)) => read_only = Some(reason),
                Err(error) => return Err(error),
            }
        }
        let readers = connect::readers(path, &opening.harness).await?;
        let open = Self { readers, memory: Arc::default(), writer, writer_task };
        let outdated = rebuild::is_outdated(&open.readers, read_only.is_some()).await?;
        Ok((open, Condition { device, read_only, outdated }, header.workspace))
    }

    /// Ends the writer after what it has begun, and closes every connection.
    async fn shut(&mut self) -> Result<(), StoreError> {
        let closed = tokio::time::timeout(READS_END, self.readers.close()).await;
        drop(self.writer.take());
        if let Some(task) = self.writer_task.take() {
            // The task ends by itself once its sender is gone; a panic in it has no one to tell.
            let _ = task.await;
        }
        closed.map_err(|_| StoreError::Busy)
    }
}

impl Store {
    /// Makes a new, empty workspace file. Refuses a path where something is already, and places
    /// where a database is not safe.
    pub async fn create(path: &Path, workspace: Uuid, now: Millis) -> Result<(), StoreError> {
        Self::create_with(path, workspace, now, &Harness::default()).await
    }

    /// See [`Self::create`]; for fault tests.
    pub async fn create_with(
        path: &Path,
        workspace: Uuid,
        now: Millis,
        harness: &Harness,
    ) -> Result<(), StoreError> {
        if replace::occupied(path) {
            return Err(StoreError::Exists(path.display().to_string()));
        }
        connect::create(path, workspace, now, harness).await
    }

    /// Whether a workspace lies at the path, or will again once an interrupted restore is finished.
    pub fn is_at(path: &Path) -> bool {
        replace::occupied(path)
    }

    /// The id of the workspace at `path`, without opening it for work.
    pub async fn identify(path: &Path) -> Result<Uuid, StoreError> {
        if let Some(plan) = replace::begun(path) {
            return Ok(plan.workspace);
        }
        connect::identify(path, &Harness::default()).await.map(|header| header.workspace)
    }

    /// Opens a workspace for `device`. A file that cannot be written, or that a newer version
    /// wrote, opens for reading.
    pub async fn open(
        path: &Path,
        device: DeviceId,
        device_name: &str,
    ) -> Result<Self, StoreError> {
        Self::open_with(path, device, device_name, Opening::default()).await
    }

    /// See [`Self::open`]. A damaged file is [`StoreError::Damaged`]; nothing was changed then, and
    /// [`Self::recover`] is the way on.
    pub async fn open_with(
        path: &Path,
        device: DeviceId,
        device_name: &str,
        opening: Opening,
    ) -> Result<Self, StoreError> {
        if !replace::occupied(path) {
            return Err(StoreError::Missing(path.display().to_string()));
        }
        let doubt = place::accept(path)?;
        let in_use = InUse::join(path).await?;
        if replace::begun(path).is_some() {
            in_use.alone().await?;
            let moved = recovery::finish_moving(path, &opening).await;
            in_use.share().await?;
            if moved?.is_some() {
                return Err(StoreError::Damaged("a recovery was interrupted".to_owned()));
            }
        }
        let log = std::fs::metadata(lock::beside(path, "-wal"));
        let unclean = in_use.alone && log.is_ok_and(|log| log.len() > 0);
        if unclean || opening.look == Look::Close {
            // Another program's or another version's file is told apart first.
            connect::identify(path, &opening.harness).await?;
            connect::examine(path, opening.look, &opening.harness).await?;
        }
        Self::start(path, device, device_name, opening, doubt, in_use).await
    }

    async fn start(
        path: &Path,
        device: DeviceId,
        device_name: &str,
        opening: Opening,
        doubt: Option<String>,
        in_use: InUse,
    ) -> Result<Self, StoreError> {
        let (open, condition, workspace) = Open::start(path, device, device_name, &opening).await?;
        Ok(Self {
            path: path.to_owned(),
            workspace,
            device_name: device_name.to_owned(),
            opening,
            doubt,
            in_use,
            open: tokio::sync::RwLock::new(open),
            condition: RwLock::new(condition),
        })
    }

    /// Sets a damaged workspace aside, restores the newest good copy, takes in what the damaged
    /// files still hold, and opens the result. An interrupted recovery is finished.
    pub async fn recover(
        path: &Path,
        workspace: Uuid,
        opener: &Opener,
        damage: &str,
        opening: Opening,
    ) -> Result<(Self, Recovery), StoreError> {
        let doubt = place::accept(path)?;
        let in_use = InUse::join(path).await?;
        in_use.alone().await?;
        let (disk, harness) = (opening.harness.disk.clone(), opening.harness.clone());
        let plan = if let Some(plan) = replace::begun(path) {
            plan
        } else {
            let plan = recovery::plan(path, workspace, damage, &opening).await?;
            replace::begin(disk.as_ref(), path, &plan)?;
            plan
        };
        if let Err(error) = replace::carry_on(&harness, path, &plan).await {
            // The error is the news. What cannot be taken back now is finished at the next start.
            let _ = replace::take_back(disk.as_ref(), path, &plan);
            return Err(error);
        }
        in_use.share().await?;
        let store =
            Self::start(path, opener.fresh, &opener.name, opening.clone(), doubt, in_use).await?;
        let taken = recovery::take_in(&store, path, &plan, opener, &opening).await;
        match taken {
            Ok(report) => {
                replace::finish(disk.as_ref(), path)?;
                Ok((store, report))
            }
            Err(error) => {
                store.close().await;
                Err(error)
            }
        }
    }

    /// Id of the workspace.
    pub fn workspace(&self) -> Uuid {
        self.workspace
    }

    /// Id under which this device writes.
    pub fn device(&self) -> DeviceId {
        self.condition().device
    }

    /// Why nothing can be written, or nothing.
    pub fn read_only(&self) -> Option<String> {
        self.condition().read_only
    }

    /// What is doubtful about where the file lies, or nothing.
    pub fn doubt(&self) -> Option<&str> {
        self.doubt.as_deref()
    }

    fn condition(&self) -> Condition {
        self.condition.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether an older version made the read model: until [`Store::rebuild`], views may lack what
    /// this one shows. It can take seconds, so it is for the caller to start and to show.
    pub fn is_outdated(&self) -> bool {
        self.condition().outdated
    }

    /// Appends one action. `None` where every field already has its value: then nothing is written.
    pub async fn commit(&self, commit: Commit) -> Result<Option<Committed>, StoreError> {
        self.ask(|reply| writer::Command::Commit(commit, reply)).await
    }

    /// Takes in batches of another device, in order of their sequence.
    pub async fn receive(
        &self,
        device: DeviceId,
        lines: Vec<Vec<u8>>,
        now: Millis,
    ) -> Result<Received, StoreError> {
        self.ask(|reply| writer::Command::Receive { device, lines, now, reply }).await
    }

    /// Drops the read model and folds the whole log again, with what was set aside as of a later
    /// format and is understood by now.
    pub async fn rebuild(&self, now: Millis) -> Result<(), StoreError> {
        self.rebuild_by(now, Slices::Wide, Told::nobody()).await
    }

    /// A rebuild that tells how far it is.
    pub async fn rebuild_watched(
        &self,
        now: Millis,
        progress: watch::Sender<Rebuilding>,
    ) -> Result<(), StoreError> {
        self.rebuild_by(now, Slices::Wide, Told::by(progress)).await
    }

    /// A rebuild that folds every write alone: the oracle of the tests for slices, and what the
    /// bench measures them against.
    #[doc(hidden)]
    pub async fn rebuild_row_by_row(&self, now: Millis) -> Result<(), StoreError> {
        self.rebuild_by(now, Slices::One, Told::nobody()).await
    }

    async fn rebuild_by(&self, now: Millis, slices: Slices, told: Told) -> Result<(), StoreError> {
        let rebuilt = self.ask(|reply| writer::Command::Rebuild { now, slices, told, reply }).await;
        // It folds the same log: but who asks for it doubts what is there.
        self.open.read().await.memory.forget();
        rebuilt
    }

    async fn ask<T>(
        &self,
        command: impl FnOnce(oneshot::Sender<Result<T, StoreError>>) -> writer::Command,
    ) -> Result<T, StoreError> {
        // A write that begins while the file is being replaced waits for the new one.
        let writer = self.open.read().await.writer.clone();
        let Some(writer) = writer else {
            let reason = self.read_only();
            return Err(reason.map_or(StoreError::Closed, StoreError::ReadOnly));
        };
        let (reply, answer) = oneshot::channel();
        writer.send(command(reply)).await.map_err(|_| StoreError::Closed)?;
        drop(writer);
        match answer.await.map_err(|_| StoreError::Closed)? {
            Err(StoreError::Full(text)) => Err(self.relieve(text).await),
            Err(StoreError::Disk(text))
                if ballast::is_full(self.opening.harness.disk.as_ref(), &self.path) =>
            {
                Err(self.relieve(text).await)
            }
            answer => answer,
        }
    }

    /// The disk is full: gives the ballast back and lets the log be written home, so that the next
    /// attempt and a clean end have room.
    async fn relieve(&self, text: String) -> StoreError {
        if ballast::drop_it(self.opening.harness.disk.as_ref(), &self.path) {
            // It is no more than an attempt: the log is as safe as the file.
            let _ = self.write_log_home().await;
        }
        StoreError::Full(text)
    }

    async fn write_log_home(&self) -> Result<(), StoreError> {
        let mut connection = connect::writing(&self.path, &self.opening.harness).connect().await?;
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut connection).await?;
        Ok(connection.close().await?)
    }

    /// Sets space aside for the day the disk is full.
    pub fn take_on_ballast(&self) -> Result<(), StoreError> {
        ballast::take_on(self.opening.harness.disk.as_ref(), &self.path)
    }

    /// Copies the workspace beside running work. Refuses where no folder for copies was named.
    pub async fn back_up(&self, reason: Reason, now: Millis) -> Result<Backup, StoreError> {
        self.backups()?.make(&self.path, reason, now).await
    }

    /// The copies of this workspace.
    pub fn backups(&self) -> Result<Backups, StoreError> {
        let folder = self.opening.backups.as_ref();
        let folder =
            folder.ok_or_else(|| StoreError::NotFound("a folder for backups".to_owned()))?;
        Ok(Backups::at(folder, self.opening.harness.clone()))
    }

    /// Looks at every page, every index, and at the read model against the log. Answers what is
    /// wrong; a sound file gives an empty list.
    pub async fn check(&self) -> Result<Vec<String>, StoreError> {
        let options = connect::base(&self.path, &self.opening.harness).read_only(true);
        let mut connection = options.connect().await?;
        let problems = check::whole(&mut connection).await;
        let _ = connection.close().await;
        problems
    }

    /// Puts a copy in the place of the present, which is copied before and set aside. Waits for
    /// commands of other programs, and refuses while one has the workspace open for long. Where the
    /// copy's log is shorter than the present one, the device goes on as `fresh`.
    pub async fn restore(
        &self,
        backup: &Backup,
        fresh: DeviceId,
        now: Millis,
    ) -> Result<Restored, StoreError> {
        self.backups()?.check(backup, self.workspace).await?;
        let mut open = self.open.write().await;
        self.in_use.alone().await?;
        let shut = open.shut().await;
        let replaced = match shut {
            Ok(()) => self.swap(backup, now).await,
            Err(error) => Err(error),
        };
        let shared = self.in_use.share().await;
        let device = match &replaced {
            Ok((_, was)) if !self.reaches(*was).await => fresh,
            _ => self.device(),
        };
        let (again, condition, _) =
            Open::start(&self.path, device, &self.device_name, &self.opening).await?;
        *open = again;
        *self.condition.write().unwrap_or_else(PoisonError::into_inner) = condition;
        shared?;
        let ((copy_of_present, aside), _) = replaced?;
        Ok(Restored { device, copy_of_present, aside })
    }

    /// The copying and moving of a restore; answers how far the own log went before, where the file
    /// could still say so.
    async fn swap(
        &self,
        backup: &Backup,
        now: Millis,
    ) -> Result<((Option<Backup>, PathBuf), Option<u64>), StoreError> {
        // The copy of the present may push older ones out, and this one is about to be used.
        let keep = self.path.with_extension("restoring");
        let harness = &self.opening.harness;
        let disk = harness.disk.as_ref();
        disk.copy(&backup.path, &keep)?;
        let swapped = async {
            let was = self.position_while_shut().await.ok();
            let present = match self.back_up(Reason::Restore, now).await {
                Ok(copy) => Some(copy),
                // Then the file that is set aside is all there is.
                Err(StoreError::Damaged(_)) => None,
                Err(error) => return Err(error),
            };
            let plan = Plan::new(&self.path, self.workspace, now, Some(keep.clone()), None);
            replace::begin(disk, &self.path, &plan)?;
            if let Err(error) = replace::carry_on(harness, &self.path, &plan).await {
                let _ = replace::take_back(disk, &self.path, &plan);
                return Err(error);
            }
            replace::finish(disk, &self.path)?;
            Ok(((present, plan.aside), was))
        };
        let swapped = swapped.await;
        // Left behind where an interrupted restore still needs it.
        if replace::begun(&self.path).is_none() {
            let _ = disk.remove(&keep);
        }
        swapped
    }

    /// Whether the own log of the file in place goes as far as it did before.
    async fn reaches(&self, before: Option<u64>) -> bool {
        match (before, self.position_while_shut().await) {
            (Some(before), Ok(now)) => now >= before,
            _ => false,
        }
    }

    /// How far the own log goes.
    pub async fn own_position(&self) -> Result<u64, StoreError> {
        self.position_on(&mut *self.reader().await?).await
    }

    /// The same while no reader is there.
    async fn position_while_shut(&self) -> Result<u64, StoreError> {
        let options = connect::base(&self.path, &self.opening.harness).read_only(true);
        let mut connection = options.connect().await?;
        let position = self.position_on(&mut connection).await;
        let _ = connection.close().await;
        position
    }

    async fn position_on(&self, connection: &mut SqliteConnection) -> Result<u64, StoreError> {
        let seq: Option<i64> = sqlx::query_scalar("SELECT seq FROM device WHERE device = ?")
            .bind(self.device().0.to_vec())
            .fetch_optional(connection)
            .await?;
        Ok(seq.map_or(0, fold::unsigned))
    }

    /// The sequences of a device that are in the log.
    pub async fn sequences(&self, device: DeviceId) -> Result<BTreeSet<u64>, StoreError> {
        let rows: Vec<i64> = sqlx::query_scalar("SELECT seq FROM batch WHERE device = ?")
            .bind(device.0.to_vec())
            .fetch_all(&self.open.read().await.readers)
            .await?;
        Ok(rows.into_iter().map(fold::unsigned).collect())
    }

    /// Ends the writer after what it has begun, and closes every connection.
    pub async fn close(mut self) {
        // Readers that are still under way keep nothing from being safe.
        let _ = self.open.get_mut().shut().await;
    }
}
