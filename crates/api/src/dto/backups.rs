//! Copies of the programme, and what happened to its file.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The Backups section of Settings, and the notices above every page.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct StorageView {
    /// The folder with the copies.
    pub folder: String,
    /// The copies, newest first.
    pub backups: Vec<BackupView>,
    /// Size of all copies together, in KiB, rounded up.
    pub total_kib: u32,
    /// Whether a copy is made each day: not of the sample programme.
    pub daily: bool,
    /// What needs attention.
    pub advice: Vec<StorageAdvice>,
    /// What the last recovery brought back, until somebody has read it.
    pub recovery: Option<RecoveryView>,
}

/// A copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BackupView {
    /// Its file name; give it to `restore_backup`.
    pub name: String,
    /// When it was made.
    pub made_at: String,
    /// Why: `daily`, `migration`, `restore`, `import`, `asked`.
    pub reason: String,
    /// Its size in KiB, rounded up.
    pub kib: u32,
}

/// Something that needs attention, with what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct StorageAdvice {
    /// What kind: `place`, `damaged`, `behind` (until `dismiss_recovery`), `backup_old`, `log_large`,
    /// `disk_nearly_full`.
    pub kind: String,
    /// One or two sentences.
    pub text: String,
}

/// What came back after damage, and what did not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RecoveryView {
    /// When.
    pub at: String,
    /// What was wrong, as the database says it.
    pub damage: String,
    /// The folder with the damaged files.
    pub aside: String,
    /// When the copy was made that was restored; nothing where no good one was there.
    pub backup_made_at: Option<String>,
    /// Name of that copy.
    pub backup: Option<String>,
    /// Newer copies that were damaged too.
    pub bad_backups: Vec<String>,
    /// Actions that the copy did not have and the damaged files still gave.
    pub salvaged: u32,
    /// Actions that wait for others of their device.
    pub waiting: u32,
    /// Actions that are lost here, by device.
    pub missing: Vec<MissingView>,
    /// All of that in sentences.
    pub summary: String,
}

/// Actions of one device that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MissingView {
    /// The device, shortened.
    pub device: String,
    /// How many actions.
    pub actions: u32,
    /// Number of the first.
    pub first: u32,
    /// Number of the last.
    pub last: u32,
    /// When the first was made, where that is known.
    pub from: Option<String>,
    /// When the last was made, where that is known.
    pub to: Option<String>,
}

/// Restores a copy.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RestoreBackup {
    /// File name of the copy.
    pub name: String,
}

/// What a look at the whole file says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WorkspaceCheck {
    /// What is wrong; nothing in a sound file.
    pub problems: Vec<String>,
    /// One sentence.
    pub summary: String,
}
