//! Errors that cross the border: a closed set of codes, a message for people, parameters for the
//! window. Nothing ever matches on the message.

use pilotage_store::StoreError;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;
use ts_rs::TS;

/// The closed set of codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// The arguments are not of the command's form.
    ArgumentsInvalid,
    /// No command has that name.
    CommandUnknown,
    /// A file could not be taken; `file` and, where known, `line` name the place.
    FileRejected,
    /// The preview is gone or was applied already.
    ImportExpired,
    /// Several things go by that name; `candidates` lists them.
    NameAmbiguous,
    /// The name is taken.
    NameTaken,
    /// Nothing goes by that id or name.
    NotFound,
    /// It cannot be done now; the message says why and what to do instead.
    NotPossible,
    /// The database is damaged.
    WorkspaceDamaged,
    /// The file exists already.
    WorkspaceExists,
    /// The file is no workspace of Pilotage.
    WorkspaceForeign,
    /// There is no workspace there.
    WorkspaceMissing,
    /// A newer version wrote it.
    WorkspaceNewer,
    /// It cannot be written.
    WorkspaceReadOnly,
    /// Another program holds it for too long; nothing was changed.
    WorkspaceBusy,
    /// Another window has it open.
    WorkspaceOpen,
    /// A workspace may not lie there.
    WorkspacePlace,
    /// Nobody has said who is working.
    WhoUnknown,
    /// The disk refused; nothing was saved.
    DiskFailed,
    /// The disk is full, or this person's share of it; nothing was saved.
    DiskFull,
    /// A defect of Pilotage.
    Internal,
}

/// An error as the window and the command line see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, thiserror::Error)]
#[error("{message}")]
pub struct ApiError {
    /// What kind.
    pub code: Code,
    /// What happened, what is unharmed, what to do.
    pub message: String,
    /// Named details.
    pub params: BTreeMap<String, String>,
}

impl ApiError {
    /// An error without details.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), params: BTreeMap::new() }
    }

    /// Adds a detail.
    #[must_use]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "callers hand over numbers and displays alike"
    )]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.params.insert(name.to_owned(), value.to_string());
        self
    }
}

/// What the store's errors mean to a person.
impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        let detail = error.to_string();
        match error {
            StoreError::Missing(_) => Self::new(Code::WorkspaceMissing, "The programme's file is gone."),
            StoreError::Exists(_) => Self::new(
                Code::WorkspaceExists,
                "There is a file already. It is unharmed. Choose another place.",
            ),
            StoreError::Foreign(why) | StoreError::Tampered(why) => Self::new(
                Code::WorkspaceForeign,
                format!("This is no programme of Pilotage: {why}. The file is unharmed. Choose another."),
            ),
            StoreError::ReadOnly(why) => Self::new(
                Code::WorkspaceReadOnly,
                if why.contains('.') {
                    why
                } else {
                    "The programme's file cannot be written. Nothing was changed. Check its \
                     permissions."
                        .to_owned()
                },
            ),
            StoreError::Busy => Self::new(
                Code::WorkspaceBusy,
                "Another program kept the programme's file for too long. Nothing was changed. Try again.",
            ),
            StoreError::Damaged(_) => Self::new(
                Code::WorkspaceDamaged,
                "The programme's file is damaged. Nothing was changed. Close Pilotage and open it \
                 again: it then sets the file aside, restores the newest good backup and saves \
                 what can still be read.",
            ),
            StoreError::Full(_) => Self::new(
                Code::DiskFull,
                "Not saved: the disk is full. What was saved before is unharmed. Free some space, \
                 then try again.",
            ),
            StoreError::Place(why) => Self::new(
                Code::WorkspacePlace,
                format!(
                    "A programme's file cannot lie there: {why}. Nothing was changed. Choose a \
                     folder on a disk of this machine; without --workspace, Pilotage takes its own."
                ),
            ),
            StoreError::OpenElsewhere(_) => Self::new(
                Code::WorkspaceOpen,
                "Another window has this programme open. Nothing was changed. Go on there, or \
                 close it first.",
            ),
            StoreError::Disk(_) => Self::new(
                Code::DiskFailed,
                "The disk refused. Nothing was saved; what was saved before is unharmed. Check free \
                 space and permissions, then try again.",
            ),
            StoreError::Refused(_) => Self::new(
                Code::ArgumentsInvalid,
                format!("This is too large to save: {detail}. Nothing was changed. Shorten it."),
            ),
            StoreError::NotFound(what) => {
                Self::new(Code::NotFound, format!("Nothing goes by {what}. Nothing was changed."))
            }
            StoreError::Closed => Self::new(Code::NotPossible, "The programme is closed."),
            StoreError::Unexpected(_) => Self::new(
                Code::Internal,
                "Pilotage made a mistake. Nothing was changed. Please report it with the detail.",
            ),
        }
        .with("detail", detail)
    }
}

impl ApiError {
    /// An error at opening, naming the file.
    pub(crate) fn opening(error: StoreError, path: &Path) -> Self {
        let shown = path.display().to_string();
        let error = match error {
            StoreError::Missing(_) => Self::new(
                Code::WorkspaceMissing,
                format!(
                    "There is no programme at {shown}. Make one with `pilotage init`, or name another file."
                ),
            ),
            StoreError::Foreign(why) | StoreError::Tampered(why) => Self::new(
                Code::WorkspaceForeign,
                format!(
                    "{shown} is no programme of Pilotage: {why}. The file is unharmed. Name another."
                ),
            ),
            other => Self::from(other),
        };
        error.with("file", shown)
    }

    /// An argument that cannot be taken.
    pub(crate) fn argument(field: &str, why: impl std::fmt::Display) -> Self {
        Self::new(Code::ArgumentsInvalid, format!("The {field} {why}. Nothing was changed."))
            .with("field", field)
    }

    /// Nothing goes by that name.
    pub(crate) fn not_found(what: &str, name: &str) -> Self {
        let shown = pilotage_domain::text::visible(name);
        Self::new(
            Code::NotFound,
            format!("No {what} goes by \u{201c}{shown}\u{201d}. Nothing was changed."),
        )
        .with("name", name)
    }
}
