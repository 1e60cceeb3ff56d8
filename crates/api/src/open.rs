//! The steps of opening a programme: one window, the right device, and recovery where the file is
//! damaged.

use crate::app::{OpenOptions, Watch, device_name};
use crate::device::{DeviceFile, DeviceNotes, new_device};
use crate::error::ApiError;
use pilotage_store::{Look, Opener, Opening, Store, StoreError, WindowLock};
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// An opened file and what belongs to it on this device.
pub(crate) struct Opened {
    pub(crate) store: Store,
    pub(crate) device_file: DeviceFile,
    pub(crate) notes: DeviceNotes,
    pub(crate) lock: Option<WindowLock>,
    /// Whether the file was damaged just now, or is found to be behind.
    pub(crate) news: bool,
}

/// Where the copies of a workspace go: beside the device's notes, never beside the file itself.
pub(crate) fn backups(data_folder: &Path, workspace: Uuid) -> PathBuf {
    data_folder.join("backups").join(workspace.to_string())
}

/// Opens the file.
pub(crate) async fn open(options: &OpenOptions) -> Result<Opened, ApiError> {
    let path = &options.workspace;
    let opening = |error| ApiError::opening(error, path);
    if !Store::is_at(path) {
        return Err(opening(StoreError::Missing(path.display().to_string())));
    }
    let lock = match options.watch {
        Watch::Yes => Some(WindowLock::take(path).map_err(opening)?),
        Watch::No => None,
    };
    let (workspace, damage) = match Store::identify(path).await {
        Ok(workspace) => (workspace, None),
        Err(StoreError::Damaged(text) | StoreError::Foreign(text)) if path.is_file() => {
            // A file that says nothing any more is known by its place.
            let known = DeviceFile::known(&options.data_folder, path);
            let workspace = known.ok_or_else(|| opening(StoreError::Foreign(text.clone())))?;
            (workspace, Some(text))
        }
        Err(error) => return Err(opening(error)),
    };
    let (device_file, mut notes) = DeviceFile::load(&options.data_folder, workspace, path)?;
    let how = Opening {
        backups: Some(backups(&options.data_folder, workspace)),
        now: options.clock.now(),
        look: if notes.suspect { Look::Close } else { Look::Usual },
        ..Opening::default()
    };
    let tried = match damage {
        Some(text) => Err(StoreError::Damaged(text)),
        None => Store::open_with(path, notes.device, &device_name(), how.clone()).await,
    };
    let (mut recovered, behind_before) = (false, notes.behind);
    let store = match tried {
        Ok(store) => same_device(store, &device_file, &mut notes, path, &how).await?,
        Err(StoreError::Damaged(text)) => {
            // Should this program end before the notes name the new id, no number of the old one
            // is given again.
            notes.own_position = u64::MAX;
            device_file.write(&notes)?;
            let opener = Opener { device: notes.device, fresh: new_device(), name: device_name() };
            let result = Store::recover(path, workspace, &opener, &text, how).await;
            let (store, report) = result.map_err(opening)?;
            notes.start_anew(opener.fresh);
            notes.recovery = Some(report);
            recovered = true;
            store
        }
        Err(error) => return Err(opening(error)),
    };
    if notes.suspect || recovered {
        notes.suspect = false;
        device_file.write(&notes)?;
    }
    let news = recovered || notes.behind > behind_before;
    Ok(Opened { store, device_file, notes, lock, news })
}

/// Makes sure that the store writes under the id that the notes name, and that no number of that id
/// can be given twice: the file may have been replaced while this program waited for it, or put back
/// by hand.
async fn same_device(
    store: Store,
    device_file: &DeviceFile,
    notes: &mut DeviceNotes,
    path: &Path,
    how: &Opening,
) -> Result<Store, ApiError> {
    let opening = |error| ApiError::opening(error, path);
    if let Some(newer) = device_file.read() {
        *notes = newer;
    }
    let position = store.own_position().await.map_err(opening)?;
    if position < notes.own_position {
        // After an interrupted recovery nobody knows.
        if notes.own_position != u64::MAX {
            notes.behind = notes.own_position - position;
        }
        notes.start_anew(new_device());
        device_file.write(notes)?;
    }
    if store.device() == notes.device {
        return Ok(store);
    }
    store.close().await;
    Store::open_with(path, notes.device, &device_name(), how.clone()).await.map_err(opening)
}
