//! The one error type: what makes a whole import impossible.

use serde::Serialize;

/// Why no inventory can be made. Each names the file as [`crate::Place`] does, so that no path of
/// the person's machine is shown, and the line where there is one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum DiscoveryError {
    /// The request names no file.
    #[error("No Compose file was named. Choose at least one.")]
    NoFile,
    /// Nothing is there.
    #[error("{file} does not exist. Check the path, or choose another file.")]
    FileMissing {
        /// The file.
        file: String,
    },
    /// A folder where a file is needed.
    #[error("{file} is a folder. Choose the Compose file inside it.")]
    FileIsDirectory {
        /// The folder.
        file: String,
    },
    /// The operating system refuses, or it is a pipe or device.
    #[error("{file} cannot be read: {problem}. Check who may read it.")]
    FileUnreadable {
        /// The file.
        file: String,
        /// What the operating system says.
        problem: String,
    },
    /// Above the limit; found before reading.
    #[error(
        "{file} has more than {limit_mib} MiB. A Compose file is far smaller: choose another file."
    )]
    FileTooLarge {
        /// The file.
        file: String,
        /// The limit in MiB (1,048,576 bytes).
        limit_mib: u64,
    },
    /// Not UTF-8.
    #[error(
        "{file}, line {line}: this is not UTF-8 text ({problem}). Save the file as UTF-8 and import it again."
    )]
    FileNotText {
        /// The file.
        file: String,
        /// Where the first wrong byte stands.
        line: u32,
        /// What was seen instead.
        problem: String,
    },
    /// The text is not YAML.
    #[error("{file}, line {line}: this is not valid YAML ({problem}). Correct the line.")]
    YamlInvalid {
        /// The file.
        file: String,
        /// The line.
        line: u32,
        /// What the parser says.
        problem: String,
    },
    /// A key stands twice in one map, for example two services with one name.
    #[error(
        "{file}, line {line}: “{key}” already stands in line {first_line}. Remove or rename one of the two."
    )]
    DuplicateKey {
        /// The file.
        file: String,
        /// The second line.
        line: u32,
        /// The first line.
        first_line: u32,
        /// The key.
        key: String,
    },
    /// YAML, but not Compose.
    #[error("{file}, line {line}: this is not a Compose file: {problem}.")]
    ComposeInvalid {
        /// The file.
        file: String,
        /// The line.
        line: u32,
        /// What is wrong and what is expected.
        problem: String,
    },
    /// A service inherits from itself.
    #[error("{file}, line {line}: `extends` runs in a circle: {circle}. Remove one of its steps.")]
    ExtendsCycle {
        /// The file of the `extends` that closes the circle.
        file: String,
        /// Its line.
        line: u32,
        /// The services, in order.
        circle: String,
    },
    /// A file includes itself.
    #[error("{file}, line {line}: `include` runs in a circle: {circle}. Remove one of its steps.")]
    IncludeCycle {
        /// The file of the `include` that closes the circle.
        file: String,
        /// Its line.
        line: u32,
        /// The files, in order.
        circle: String,
    },
    /// A guard against hostile or generated files.
    #[error("{file}, line {line}: {limit}. Split the file, or remove what it repeats.")]
    LimitExceeded {
        /// The file.
        file: String,
        /// Where the limit was passed.
        line: u32,
        /// Which limit, with its number.
        limit: String,
    },
}

impl DiscoveryError {
    /// The stable word for programs; the message may change, this may not.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoFile => "no_file",
            Self::FileMissing { .. } => "file_missing",
            Self::FileIsDirectory { .. } => "file_is_directory",
            Self::FileUnreadable { .. } => "file_unreadable",
            Self::FileTooLarge { .. } => "file_too_large",
            Self::FileNotText { .. } => "file_not_text",
            Self::YamlInvalid { .. } => "yaml_invalid",
            Self::DuplicateKey { .. } => "duplicate_key",
            Self::ComposeInvalid { .. } => "compose_invalid",
            Self::ExtendsCycle { .. } => "extends_cycle",
            Self::IncludeCycle { .. } => "include_cycle",
            Self::LimitExceeded { .. } => "limit_exceeded",
        }
    }

    /// The file it is about, written as in [`crate::Place`].
    pub fn file(&self) -> Option<&str> {
        match self {
            Self::NoFile => None,
            Self::FileMissing { file }
            | Self::FileIsDirectory { file }
            | Self::FileUnreadable { file, .. }
            | Self::FileTooLarge { file, .. }
            | Self::FileNotText { file, .. }
            | Self::YamlInvalid { file, .. }
            | Self::DuplicateKey { file, .. }
            | Self::ComposeInvalid { file, .. }
            | Self::ExtendsCycle { file, .. }
            | Self::IncludeCycle { file, .. }
            | Self::LimitExceeded { file, .. } => Some(file),
        }
    }

    /// The line it is about, from 1, where there is one.
    pub fn line(&self) -> Option<u32> {
        match self {
            Self::NoFile
            | Self::FileMissing { .. }
            | Self::FileIsDirectory { .. }
            | Self::FileUnreadable { .. }
            | Self::FileTooLarge { .. } => None,
            Self::FileNotText { line, .. }
            | Self::YamlInvalid { line, .. }
            | Self::DuplicateKey { line, .. }
            | Self::ComposeInvalid { line, .. }
            | Self::ExtendsCycle { line, .. }
            | Self::IncludeCycle { line, .. }
            | Self::LimitExceeded { line, .. } => Some(*line),
        }
    }
}
