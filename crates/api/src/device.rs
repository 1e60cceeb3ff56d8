//! What belongs to this device and not to the programme: its id, who is working on it, when it was
//! last open. It lies in the app's own data folder, keyed by workspace id, never inside the
//! workspace file: a copied or mailed file so gets a new device before its first write.

use crate::cluster::memory::SuspicionNote;
use crate::error::{ApiError, Code};
use pilotage_domain::Millis;
use pilotage_domain::ids::DeviceId;
use pilotage_store::Recovery;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use uuid::Uuid;

/// A device's own notes on one workspace.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct DeviceNotes {
    pub(crate) device: DeviceId,
    /// Where the workspace file was when this device id was minted or last used.
    path: PathBuf,
    #[serde(default)]
    pub(crate) acting_as: Option<Uuid>,
    #[serde(default)]
    pub(crate) last_visit: Option<Millis>,
    /// Notices up to this moment were looked at.
    #[serde(default)]
    pub(crate) looked_at: Option<Millis>,
    /// How far the own log went when it was last looked at: a file that is behind was put back by
    /// somebody, and its numbers are taken.
    #[serde(default)]
    pub(crate) own_position: u64,
    /// How many of this device's actions the file had lost when it was last opened, until somebody
    /// has read it.
    #[serde(default)]
    pub(crate) behind: u64,
    /// An error spoke of damage: the next start looks closely.
    #[serde(default)]
    pub(crate) suspect: bool,
    /// What the last recovery brought back, until somebody has read it.
    #[serde(default)]
    pub(crate) recovery: Option<Recovery>,
    /// When the whole file was last looked at and found sound.
    #[serde(default)]
    pub(crate) sound_at: Option<Millis>,
    /// What the last verification by a command saw and did not hold yet.
    #[serde(default)]
    pub(crate) suspicions: Vec<SuspicionNote>,
    /// Contexts that are watched while the window is open, in the order they were switched on.
    #[serde(default)]
    pub(crate) contexts: Vec<String>,
    /// Programs that may bring credentials, each by the key of its stanza.
    #[serde(default)]
    pub(crate) consents: BTreeSet<String>,
    /// The desktop is not told of regressions.
    #[serde(default)]
    pub(crate) quiet: bool,
}

impl DeviceNotes {
    /// The device goes on under another id.
    pub(crate) fn start_anew(&mut self, device: DeviceId) {
        self.device = device;
        self.own_position = 0;
    }
}

/// The notes of an open programme, shared by all that works on it.
#[derive(Debug)]
pub(crate) struct Notebook {
    file: DeviceFile,
    notes: Mutex<DeviceNotes>,
}

impl Notebook {
    pub(crate) fn new(file: DeviceFile, notes: DeviceNotes) -> Self {
        Self { file, notes: Mutex::new(notes) }
    }

    pub(crate) fn notes(&self) -> MutexGuard<'_, DeviceNotes> {
        // The notes are replaced whole: a panic elsewhere leaves them sound.
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes what is noted on this device. What only this session knows, such as who acts for
    /// now, is not written with it.
    pub(crate) fn amend(&self, amend: impl Fn(&mut DeviceNotes)) -> Result<(), ApiError> {
        let mut notes = self.notes();
        amend(&mut notes);
        let mut on_disk = self.file.read().unwrap_or_else(|| notes.clone());
        amend(&mut on_disk);
        self.file.write(&on_disk)
    }
}

/// What stands under a name.
enum Look {
    Sound(Box<DeviceNotes>),
    Damaged,
    Absent,
}

/// Reads and writes the notes.
#[derive(Debug, Clone)]
pub(crate) struct DeviceFile {
    file: PathBuf,
}

impl DeviceFile {
    /// The notes of `workspace`, whose file lies at `path`. A second copy of the file, while the
    /// first is still where it was, is a new device.
    pub(crate) fn load(
        data_folder: &Path,
        workspace: Uuid,
        path: &Path,
    ) -> Result<(Self, DeviceNotes), ApiError> {
        let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let folder = data_folder.join("devices");
        let mut free = None;
        for index in 0..1_000 {
            let name = if index == 0 {
                format!("{workspace}.json")
            } else {
                format!("{workspace}-{index}.json")
            };
            let this = Self { file: folder.join(name) };
            let mut notes = match this.look()? {
                Look::Sound(notes) => *notes,
                Look::Absent => return free.unwrap_or(this).begin(path),
                // The notes of this copy may stand under a later name.
                Look::Damaged => {
                    free.get_or_insert(this);
                    continue;
                }
            };
            let moved = notes.path != path && !notes.path.exists();
            if moved {
                notes.path.clone_from(&path);
                this.write(&notes)?;
            }
            if notes.path == path {
                return Ok((this, notes));
            }
        }
        Err(ApiError::new(Code::Internal, "Too many copies of this workspace on this device."))
    }

    /// A new device.
    fn begin(self, path: PathBuf) -> Result<(Self, DeviceNotes), ApiError> {
        let notes = DeviceNotes {
            device: new_device(),
            path,
            acting_as: None,
            last_visit: None,
            looked_at: None,
            own_position: 0,
            behind: 0,
            suspect: false,
            recovery: None,
            sound_at: None,
            suspicions: Vec::new(),
            contexts: Vec::new(),
            consents: BTreeSet::new(),
            quiet: false,
        };
        // Two programs may start together: the first to make the file names the device.
        match self.create(&notes) {
            Ok(()) => Ok((self, notes)),
            Err(error) => match self.read() {
                Some(notes) => Ok((self, notes)),
                None => Err(error),
            },
        }
    }

    /// The workspace that this device knows at `path`: a damaged file may no longer say.
    pub(crate) fn known(data_folder: &Path, path: &Path) -> Option<Uuid> {
        let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        std::fs::read_dir(data_folder.join("devices")).ok()?.find_map(|entry| {
            let this = Self { file: entry.ok()?.path() };
            this.read().filter(|notes| notes.path == path)?;
            // `<workspace>.json`, or `<workspace>-<number>.json` for a second copy.
            Uuid::try_parse(this.file.file_stem()?.to_str()?.get(..36)?).ok()
        })
    }

    /// Looks for the notes. Damaged ones are set aside: this is a new device then, which harms
    /// nothing, and what the old one wrote is in the log.
    fn look(&self) -> Result<Look, ApiError> {
        let text = match std::fs::read(&self.file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Look::Absent),
            Err(error) => return Err(self.unread(&error)),
        };
        if let Ok(notes) = serde_json::from_slice(&text) {
            return Ok(Look::Sound(notes));
        }
        let aside = self.file.with_extension(format!("{}.damaged", Uuid::new_v4().simple()));
        std::fs::rename(&self.file, &aside).map_err(|error| self.failed(&error))?;
        tracing::warn!(aside = %aside.display(), "this device's notes were damaged and are set aside");
        Ok(Look::Damaged)
    }

    pub(crate) fn read(&self) -> Option<DeviceNotes> {
        serde_json::from_slice(&std::fs::read(&self.file).ok()?).ok()
    }

    fn create(&self, notes: &DeviceNotes) -> Result<(), ApiError> {
        let text = serde_json::to_vec_pretty(notes).map_err(|error| self.failed(&error))?;
        if let Some(folder) = self.file.parent() {
            std::fs::create_dir_all(folder).map_err(|error| self.failed(&error))?;
        }
        // Written aside and linked into place: whoever reads the name reads a whole file.
        let aside = self.aside();
        settled(&aside, &text).map_err(|error| self.failed(&error))?;
        let linked = std::fs::hard_link(&aside, &self.file).map_err(|error| self.failed(&error));
        let _ = std::fs::remove_file(&aside);
        linked?;
        self.settle().map_err(|error| self.failed(&error))
    }

    /// Replaces the notes; a reader sees the old or the new ones, whole.
    pub(crate) fn write(&self, notes: &DeviceNotes) -> Result<(), ApiError> {
        let text = serde_json::to_vec_pretty(notes).map_err(|error| self.failed(&error))?;
        let aside = self.aside();
        settled(&aside, &text).map_err(|error| self.failed(&error))?;
        std::fs::rename(&aside, &self.file).map_err(|error| self.failed(&error))?;
        self.settle().map_err(|error| self.failed(&error))
    }

    /// The names of the folder are on the disk, too. Only Unix has folders that can be flushed.
    fn settle(&self) -> std::io::Result<()> {
        match self.file.parent() {
            Some(folder) if cfg!(unix) => std::fs::File::open(folder)?.sync_all(),
            _ => Ok(()),
        }
    }

    fn aside(&self) -> PathBuf {
        self.file.with_extension(format!("{}.tmp", Uuid::new_v4().simple()))
    }

    fn unread(&self, error: &dyn std::error::Error) -> ApiError {
        let message = format!(
            "The app's own data folder cannot be read: {error}. The programme is unharmed. Check the \
             folder's permissions."
        );
        ApiError::new(Code::DiskFailed, message).with("file", self.file.display())
    }

    fn failed(&self, error: &dyn std::error::Error) -> ApiError {
        let message = format!(
            "The app's own data folder cannot be written: {error}. The programme is unharmed. Check \
             the folder's permissions and free space."
        );
        ApiError::new(Code::DiskFailed, message).with("file", self.file.display())
    }
}

/// Writes a file whose bytes are on the disk before it gets its name: a power cut must not leave the
/// name with nothing behind it.
fn settled(file: &Path, text: &[u8]) -> std::io::Result<()> {
    let mut file = std::fs::File::create(file)?;
    file.write_all(text)?;
    file.sync_all()
}

/// A new id for this device.
pub(crate) fn new_device() -> DeviceId {
    DeviceId(*Uuid::new_v4().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_a_new_device_and_a_moved_file_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let (first, copy) = (folder.path().join("a.pilotage"), folder.path().join("b.pilotage"));
        std::fs::write(&first, "x").unwrap();
        std::fs::write(&copy, "x").unwrap();
        let load = |path: &Path| {
            DeviceFile::load(folder.path(), Uuid::from_u128(1), path).unwrap().1.device
        };
        let device = load(&first);
        assert_eq!(load(&first), device, "the same file is the same device");
        let second = load(&copy);
        assert_ne!(second, device, "a copy beside it is another");
        assert_eq!(load(&copy), second, "and stays that other");
        std::fs::remove_file(&copy).unwrap();
        std::fs::rename(&first, folder.path().join("moved.pilotage")).unwrap();
        assert_eq!(load(&folder.path().join("moved.pilotage")), device, "a moved file is the same");
    }

    #[test]
    fn damaged_notes_are_set_aside_and_this_is_a_new_device() {
        let folder = tempfile::tempdir().unwrap();
        let workspace = folder.path().join("a.pilotage");
        std::fs::write(&workspace, "x").unwrap();
        let load = || DeviceFile::load(folder.path(), Uuid::from_u128(1), &workspace);
        let (file, notes) = load().unwrap();
        for damage in ["", "{\"device\":"] {
            std::fs::write(&file.file, damage).unwrap();
            let (_, anew) = load().unwrap();
            assert_ne!(anew.device, notes.device, "{damage:?}");
            assert_eq!(load().unwrap().1.device, anew.device, "and it stays that");
        }
        let entries = std::fs::read_dir(folder.path().join("devices")).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        assert_eq!(names.filter(|name| name.ends_with(".damaged")).count(), 2, "both are kept");
    }

    #[test]
    fn damaged_notes_of_one_copy_cost_the_other_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (first, copy) = (folder.path().join("a.pilotage"), folder.path().join("b.pilotage"));
        std::fs::write(&first, "x").unwrap();
        std::fs::write(&copy, "x").unwrap();
        let load = |path: &Path| DeviceFile::load(folder.path(), Uuid::from_u128(1), path).unwrap();
        let (file, before) = load(&first);
        let of_copy = load(&copy).1.device;
        std::fs::write(&file.file, "").unwrap();
        assert_eq!(load(&copy).1.device, of_copy);
        let anew = load(&first).1.device;
        assert_ne!(anew, before.device, "the control: this one's were damaged");
        assert_ne!(anew, of_copy);
        assert_eq!(
            (load(&first).1.device, load(&copy).1.device),
            (anew, of_copy),
            "and so it stays"
        );
    }

    #[cfg(unix)]
    #[test]
    fn notes_that_may_not_be_read_are_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let workspace = folder.path().join("a.pilotage");
        std::fs::write(&workspace, "x").unwrap();
        let load = || DeviceFile::load(folder.path(), Uuid::from_u128(1), &workspace);
        let (file, notes) = load().unwrap();
        // A folder in its place cannot be read as a file, whoever asks.
        let away = folder.path().join("away.json");
        std::fs::rename(&file.file, &away).unwrap();
        std::fs::create_dir(&file.file).unwrap();
        let error = load().unwrap_err();
        assert_eq!(error.code, Code::DiskFailed);
        std::fs::remove_dir(&file.file).unwrap();
        std::fs::rename(&away, &file.file).unwrap();
        assert_eq!(load().unwrap().1.device, notes.device, "the control");
    }
}
