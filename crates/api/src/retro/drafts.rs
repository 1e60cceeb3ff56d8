//! Private notes for retrospectives. They lie in the app's own data folder, a file each, keyed by
//! workspace, and in no log: nobody but this device sees them until their author reveals them. Each
//! is on the disk before it is acknowledged; a file that cannot be read is left as it is and
//! counted.

use crate::error::{ApiError, Code};
use pilotage_domain::Millis;
use serde::{Deserialize, Serialize};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// A note as it is kept on this device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kept {
    pub(crate) id: Uuid,
    pub(crate) sprint: Uuid,
    pub(crate) text: String,
    #[serde(default)]
    pub(crate) column: String,
    #[serde(default)]
    pub(crate) author: Option<Uuid>,
    pub(crate) written_at: Millis,
    #[serde(default)]
    pub(crate) service: Option<Uuid>,
    #[serde(default)]
    pub(crate) check: Option<String>,
    #[serde(default)]
    pub(crate) facts: Vec<String>,
}

/// The folder of a workspace's private notes.
pub(crate) struct Drafts {
    folder: PathBuf,
}

impl Drafts {
    pub(crate) fn of(data_folder: &Path, workspace: Uuid) -> Self {
        Self { folder: data_folder.join("notes").join(workspace.to_string()) }
    }

    /// All of them, oldest first, and how many files cannot be read.
    pub(crate) fn all(&self) -> (Vec<Kept>, u32) {
        let (mut notes, mut unreadable) = (Vec::new(), 0);
        let entries = std::fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let files = entries.map(|entry| entry.path());
        for file in files.filter(|file| file.extension().is_some_and(|ending| ending == "json")) {
            let read = std::fs::read(&file).ok();
            match read.and_then(|text| serde_json::from_slice::<Kept>(&text).ok()) {
                Some(note) => notes.push(note),
                None => unreadable += 1,
            }
        }
        notes.sort_by_key(|note| (note.written_at, note.id));
        (notes, unreadable)
    }

    /// Keeps a note; when this returns, it is on the disk.
    pub(crate) fn keep(&self, note: &Kept) -> Result<(), ApiError> {
        self.write(note).map_err(|error| self.failed(&error))
    }

    fn write(&self, note: &Kept) -> std::io::Result<()> {
        std::fs::create_dir_all(&self.folder)?;
        let text = serde_json::to_vec_pretty(note)?;
        // Written aside and renamed: whoever reads the name reads a whole note.
        let aside = self.folder.join(format!("{}.tmp", Uuid::new_v4().simple()));
        let mut file = std::fs::File::create(&aside)?;
        file.write_all(&text)?;
        file.sync_all()?;
        std::fs::rename(&aside, self.file(note.id))?;
        self.settle()
    }

    /// Lets go of a note: it was revealed, or its author threw it away.
    pub(crate) fn remove(&self, id: Uuid) -> Result<(), ApiError> {
        match std::fs::remove_file(self.file(id)) {
            Ok(()) => self.settle().map_err(|error| self.failed(&error)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(self.failed(&error)),
        }
    }

    /// The names of the folder are on the disk, too. Only Unix has folders that can be flushed.
    fn settle(&self) -> std::io::Result<()> {
        if cfg!(unix) {
            std::fs::File::open(&self.folder)?.sync_all()?;
        }
        Ok(())
    }

    fn file(&self, id: Uuid) -> PathBuf {
        self.folder.join(format!("{id}.json"))
    }

    fn failed(&self, error: &std::io::Error) -> ApiError {
        let message = format!(
            "The note was not kept: the app's own data folder cannot be written: {error}. Earlier \
             notes and the programme are unharmed. Check the folder's permissions and free space."
        );
        ApiError::new(Code::DiskFailed, message).with("file", self.folder.display())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(id: u128, written_at: Millis) -> Kept {
        Kept {
            id: Uuid::from_u128(id),
            sprint: Uuid::from_u128(1),
            text: "ask earlier".to_owned(),
            column: String::new(),
            author: None,
            written_at,
            service: None,
            check: Some("CD-09".to_owned()),
            facts: Vec::new(),
        }
    }

    #[test]
    fn notes_survive_and_a_damaged_one_is_counted_and_left() {
        let folder = tempfile::tempdir().unwrap();
        let drafts = Drafts::of(folder.path(), Uuid::from_u128(9));
        assert_eq!(drafts.all(), (Vec::new(), 0));
        for kept in [note(2, 20), note(3, 10)] {
            drafts.keep(&kept).unwrap();
        }
        let again = Drafts::of(folder.path(), Uuid::from_u128(9));
        assert_eq!(again.all(), (vec![note(3, 10), note(2, 20)], 0), "oldest first");
        let other = Drafts::of(folder.path(), Uuid::from_u128(8));
        assert_eq!(other.all(), (Vec::new(), 0), "another workspace has none");
        std::fs::write(drafts.file(Uuid::from_u128(4)), "{").unwrap();
        assert_eq!(drafts.all().1, 1, "a torn file is counted");
        drafts.remove(Uuid::from_u128(2)).unwrap();
        drafts.remove(Uuid::from_u128(2)).unwrap();
        assert_eq!(drafts.all(), (vec![note(3, 10)], 1), "and left as it is");
    }

    #[test]
    fn a_note_that_cannot_be_kept_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("notes"), "a file in the way").unwrap();
        let drafts = Drafts::of(folder.path(), Uuid::from_u128(9));
        assert_eq!(drafts.keep(&note(2, 1)).unwrap_err().code, Code::DiskFailed);
    }
}
