//! How a workspace is opened.

use crate::disk::{Disk, SystemDisk};
use pilotage_domain::Millis;
use sqlx::sqlite::SqliteSynchronous;
use std::path::PathBuf;
use std::sync::Arc;

/// How a workspace is opened.
#[derive(Debug, Clone, Default)]
pub struct Opening {
    /// Where copies of this workspace go. Without it none is made before a migration.
    pub backups: Option<PathBuf>,
    /// The moment, for the names of copies.
    pub now: Millis,
    /// How closely the file is looked at first.
    pub look: Look,
    /// For fault tests.
    pub harness: Harness,
}

/// How closely a file is looked at before it is opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Look {
    /// Header and schema; after an unclean end also every page.
    #[default]
    Usual,
    /// Every page, every index, and the read model against the log: after an error spoke of damage.
    Close,
}

/// What fault tests put in place of the product's own. No option of a shipped program leads here.
#[derive(Debug, Clone)]
pub struct Harness {
    /// Name of a registered file layer of `SQLite`.
    pub vfs: Option<String>,
    /// When the database flushes.
    pub durability: Durability,
    /// Steps on files.
    pub disk: Arc<dyn Disk>,
}

impl Default for Harness {
    fn default() -> Self {
        Self { vfs: None, durability: Durability::Full, disk: Arc::new(SystemDisk) }
    }
}

/// When the database flushes. The product knows one answer; the others are the controls of the
/// fault tests, and must lose.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Durability {
    /// At each commit: what is acknowledged survives a power cut.
    #[default]
    Full,
    /// At checkpoints: commits may be lost.
    Normal,
    /// Never: the file may be torn.
    Off,
}

impl Durability {
    pub(crate) fn pragma(self) -> SqliteSynchronous {
        match self {
            Self::Full => SqliteSynchronous::Full,
            Self::Normal => SqliteSynchronous::Normal,
            Self::Off => SqliteSynchronous::Off,
        }
    }
}
