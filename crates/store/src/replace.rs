//! Putting another file in a workspace's place, so that it can be interrupted anywhere.
//!
//! What is to happen is written down first (`<workspace>.replacing`). Database, log and index of
//! the log (`-wal`, `-shm`) are then moved aside together: a log left behind would be played over
//! the new file. Nothing is deleted. Whoever opens the workspace next finishes what was begun.

use crate::connect;
use crate::disk::{Disk, folder_of, settle};
use crate::error::StoreError;
use crate::lock::beside;
use crate::opening::Harness;
use chrono::{DateTime, Utc};
use pilotage_domain::Millis;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use uuid::Uuid;

const NOTE: &str = ".replacing";
const INCOMING: &str = ".incoming";
/// The files of a database.
const PARTS: [&str; 3] = ["", "-wal", "-shm"];

/// What is to happen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Plan {
    pub(crate) workspace: Uuid,
    pub(crate) now: Millis,
    /// Where the present files go.
    pub(crate) aside: PathBuf,
    /// What takes their place; nothing is a new, empty file.
    pub(crate) copy: Option<PathBuf>,
    /// What was wrong: then the files set aside still hold something to be saved.
    pub(crate) damage: Option<String>,
}

impl Plan {
    pub(crate) fn new(
        path: &Path,
        workspace: Uuid,
        now: Millis,
        copy: Option<PathBuf>,
        damage: Option<String>,
    ) -> Self {
        let moment = DateTime::<Utc>::from_timestamp_millis(now).unwrap_or_default();
        let what = if damage.is_some() { "damaged" } else { "replaced" };
        let stem = format!("-{what}-{}", moment.format("%Y%m%dT%H%M%S%3fZ"));
        let mut aside = beside(path, &stem);
        let mut number = 2;
        while aside.exists() {
            aside = beside(path, &format!("{stem}-{number}"));
            number += 1;
        }
        Self { workspace, now, aside, copy, damage }
    }

    /// The set-aside database.
    pub(crate) fn old(&self, path: &Path) -> PathBuf {
        self.aside.join(path.file_name().unwrap_or_default())
    }
}

/// What was begun and not finished at this path.
pub(crate) fn begun(path: &Path) -> Option<Plan> {
    serde_json::from_slice(&std::fs::read(beside(path, NOTE)).ok()?).ok()
}

/// Whether something lies at the path, or is about to again.
pub(crate) fn occupied(path: &Path) -> bool {
    path.exists() || beside(path, NOTE).exists() || beside(path, "-wal").exists()
}

/// Writes down what is to happen.
pub(crate) fn begin(disk: &dyn Disk, path: &Path, plan: &Plan) -> Result<(), StoreError> {
    disk.create_folder(&plan.aside)?;
    let text =
        serde_json::to_vec(plan).map_err(|error| StoreError::Unexpected(error.to_string()))?;
    let writing = beside(path, ".replacing.tmp");
    disk.write(&writing, &text)?;
    disk.sync_file(&writing)?;
    disk.rename(&writing, &beside(path, NOTE))?;
    Ok(disk.sync_folder(&folder_of(path))?)
}

/// Does what is not done yet. Needs the workspace for itself.
pub(crate) async fn carry_on(
    harness: &Harness,
    path: &Path,
    plan: &Plan,
) -> Result<(), StoreError> {
    let disk = harness.disk.as_ref();
    let old = plan.old(path);
    if path.exists() && old.exists() {
        // The new file is in place already.
        return Ok(());
    }
    disk.create_folder(&plan.aside)?;
    for part in PARTS {
        let (from, to) = (beside(path, part), beside(&old, part));
        if from.exists() {
            disk.rename(&from, &to)?;
        }
    }
    disk.sync_folder(&plan.aside)?;
    disk.sync_folder(&folder_of(path))?;
    let incoming = beside(path, INCOMING);
    for part in PARTS {
        disk.remove(&beside(&incoming, part))?;
    }
    match &plan.copy {
        Some(copy) => disk.copy(copy, &incoming)?,
        None => connect::create(&incoming, plan.workspace, plan.now, harness).await?,
    }
    connect::owner_only(&incoming)?;
    settle(disk, &incoming)?;
    disk.rename(&incoming, path)?;
    Ok(disk.sync_folder(&folder_of(path))?)
}

/// Everything is done.
pub(crate) fn finish(disk: &dyn Disk, path: &Path) -> Result<(), StoreError> {
    disk.remove(&beside(path, NOTE))?;
    Ok(disk.sync_folder(&folder_of(path))?)
}

/// Puts the old files back where the new one could not take their place.
pub(crate) fn take_back(disk: &dyn Disk, path: &Path, plan: &Plan) -> Result<(), StoreError> {
    let old = plan.old(path);
    if !path.exists() {
        for part in PARTS {
            let (from, to) = (beside(path, part), beside(&old, part));
            if to.exists() {
                disk.rename(&to, &from)?;
            }
        }
    }
    disk.remove(&beside(path, INCOMING))?;
    // It is empty now, or holds what must stay.
    let _ = std::fs::remove_dir(&plan.aside);
    finish(disk, path)
}
