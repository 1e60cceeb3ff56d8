//! The workspace file: operation log, registers and read model in one database. Nothing else opens
//! it.
//!
//! One writer task per process owns the only connection that can write. A write is one short
//! `BEGIN IMMEDIATE` transaction that draws sequence and clock, appends the batch, folds it and
//! refreshes the read model; it is acknowledged after the commit returned, and never cancelled by a
//! caller that goes away. Readers are read-only connections.
//!
//! What is deliberately absent: any write outside the writer task, any UPDATE of the log, and the
//! current time (it comes with each command).

mod connect;
mod error;
mod find;
mod fold;
mod merges;
mod past;
mod read;
mod rebuild;
mod refresh;
mod rows;
mod undo;
mod writer;

pub use error::StoreError;
pub use find::{Conflict, Found, Place, Recent};
pub use past::{Mover, Stood, When};
pub use read::{DependencyRow, Listed, LogFacts, LoggedBatch, NodeDetail, NodeRow, Watcher};
pub use rebuild::Rebuilding;
pub use undo::{BatchRange, UndoPlan, founds};
pub use writer::{Commit, Committed, Received};

use pilotage_domain::Millis;
use pilotage_domain::ids::DeviceId;
use rebuild::{Slices, Told};
use sqlx::SqlitePool;
use std::path::Path;
use tokio::sync::{mpsc, oneshot, watch};
use uuid::Uuid;

/// An open workspace.
#[derive(Debug)]
pub struct Store {
    workspace: Uuid,
    readers: SqlitePool,
    /// None where the file can only be read.
    writer: Option<mpsc::Sender<writer::Command>>,
    writer_task: Option<tokio::task::JoinHandle<()>>,
    /// Why it can only be read.
    read_only: Option<String>,
    /// Whether an older version made the read model.
    outdated: bool,
}

impl Store {
    /// Makes a new, empty workspace file. Refuses a path where something is already.
    pub async fn create(path: &Path, workspace: Uuid, now: Millis) -> Result<(), StoreError> {
        connect::create(path, workspace, now).await
    }

    /// The id of the workspace at `path`, without opening it for work.
    pub async fn identify(path: &Path) -> Result<Uuid, StoreError> {
        connect::identify(path).await.map(|header| header.workspace)
    }

    /// Opens a workspace for `device`. A file that cannot be written, or that a newer version
    /// wrote, opens for reading.
    pub async fn open(
        path: &Path,
        device: DeviceId,
        device_name: &str,
    ) -> Result<Self, StoreError> {
        let header = connect::identify(path).await?;
        let mut read_only = header.read_only;
        let mut writer = None;
        let mut writer_task = None;
        if read_only.is_none() {
            match connect::writer(path).await {
                Ok(connection) => {
                    let (sender, task) =
                        writer::start(connection, header.workspace, device, device_name);
                    writer = Some(sender);
                    writer_task = Some(task);
                }
                Err(StoreError::ReadOnly(reason)) => read_only = Some(reason),
                Err(error) => return Err(error),
            }
        }
        let readers = connect::readers(path).await?;
        let outdated = rebuild::is_outdated(&readers, read_only.is_some()).await?;
        let workspace = header.workspace;
        Ok(Self { workspace, readers, writer, writer_task, read_only, outdated })
    }

    /// Id of the workspace.
    pub fn workspace(&self) -> Uuid {
        self.workspace
    }

    /// Why nothing can be written, or nothing.
    pub fn read_only(&self) -> Option<&str> {
        self.read_only.as_deref()
    }

    /// Whether an older version made the read model: until [`Store::rebuild`], views may lack what
    /// this one shows. It can take seconds, so it is for the caller to start and to show.
    pub fn is_outdated(&self) -> bool {
        self.outdated
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
        self.ask(|reply| writer::Command::Rebuild { now, slices, told, reply }).await
    }

    async fn ask<T>(
        &self,
        command: impl FnOnce(oneshot::Sender<Result<T, StoreError>>) -> writer::Command,
    ) -> Result<T, StoreError> {
        let Some(writer) = &self.writer else {
            return Err(StoreError::ReadOnly(self.read_only.clone().unwrap_or_default()));
        };
        let (reply, answer) = oneshot::channel();
        writer.send(command(reply)).await.map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| StoreError::Closed)?
    }

    /// Ends the writer after what it has begun, and closes every connection.
    pub async fn close(mut self) {
        self.readers.close().await;
        drop(self.writer.take());
        if let Some(task) = self.writer_task.take() {
            // The task ends by itself once its sender is gone; a panic in it has no one to tell.
            let _ = task.await;
        }
    }
}
