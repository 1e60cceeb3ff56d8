//! What can go wrong with a workspace file. Each variant is one situation a person can act on.

use pilotage_domain::operation::Refused;

/// Errors of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Nothing lies at the path.
    #[error("there is no file at {0}")]
    Missing(String),
    /// Something lies where a new file should go.
    #[error("there is already a file at {0}")]
    Exists(String),
    /// Not a workspace of Pilotage.
    #[error("{0}")]
    Foreign(String),
    /// Cannot be written.
    #[error("{0}")]
    ReadOnly(String),
    /// Another program kept the file for too long; nothing was changed.
    #[error("another program is writing to the workspace")]
    Busy,
    /// The file is damaged.
    #[error("the database is damaged: {0}")]
    Damaged(String),
    /// The disk is full or refuses; nothing was changed.
    #[error("the disk refused: {0}")]
    Disk(String),
    /// A batch breaks a rule of the log.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// A reference leads nowhere.
    #[error("nothing goes by {0}")]
    NotFound(String),
    /// The store was closed.
    #[error("the workspace is closed")]
    Closed,
    /// A defect: the database answered in a way the code does not expect.
    #[error("unexpected answer of the database: {0}")]
    Unexpected(String),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        if let Some(primary) = primary_code(&error) {
            let text = error.to_string();
            match primary {
                5 | 6 => return Self::Busy,
                8 => return Self::ReadOnly(text),
                10 | 13 | 14 => return Self::Disk(text),
                11 => return Self::Damaged(text),
                26 => return Self::Foreign("it is no SQLite database".to_owned()),
                _ => {}
            }
        }
        match error {
            sqlx::Error::Io(io) => Self::Disk(io.to_string()),
            sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => Self::Closed,
            // What this program wrote has a form of its own; another one is not its writing.
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => {
                Self::Damaged(error.to_string())
            }
            other => Self::Unexpected(other.to_string()),
        }
    }
}

/// The primary result code of the database: the low byte of the extended one.
fn primary_code(error: &sqlx::Error) -> Option<u32> {
    let code = error.as_database_error()?.code()?;
    code.parse::<u32>().ok().map(|code| code & 0xff)
}
