//! The one error type: what makes a whole import impossible.

use serde::Serialize;

use crate::format::{Field, Format};

/// Why no inventory can be made. Each names the file as [`crate::Place`] does, so that no path of
/// the person's machine is shown, and the line where there is one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum DiscoveryError {
    /// The request names no file.
    #[error("No file was named. Choose at least one.")]
    NoFile,
    /// Nothing is there.
    #[error("{file} does not exist. Check the path, or choose another file.")]
    FileMissing {
        /// The file.
        file: String,
    },
    /// A folder where a file is needed.
    #[error("{file} is a folder. Choose the file inside it.")]
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
        "{file} has more than {limit_mib} MiB. An inventory is far smaller: choose another file."
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
    /// Readable, but not of the format it was taken for.
    #[error("{file}, line {line}: this is no {}: {problem}.", format.title())]
    NotOfFormat {
        /// The file.
        file: String,
        /// The line.
        line: u32,
        /// What it was taken for.
        format: Format,
        /// What is wrong, and what to do.
        problem: String,
    },
    /// Files of several formats at once.
    #[error(
        "{file} is a {}, {first_file} is a {}. Import one kind of file at a time.",
        format.title(),
        first_format.title()
    )]
    FormatsMixed {
        /// The first file that is of another format.
        file: String,
        /// Its format.
        format: Format,
        /// The first file.
        first_file: String,
        /// Its format.
        first_format: Format,
    },
    /// A mapping names a column that is not there.
    #[error("No column is called “{column}”. The columns are: {known}.")]
    ColumnUnknown {
        /// As named.
        column: String,
        /// The titles of all columns.
        known: String,
    },
    /// A mapping gives one field to two columns.
    #[error("The columns “{first}” and “{second}” are both mapped to {}. Leave one of them out.", field.word())]
    ColumnTwice {
        /// The field.
        field: Field,
        /// The first column.
        first: String,
        /// The second column.
        second: String,
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
            Self::NotOfFormat { .. } => "not_of_format",
            Self::FormatsMixed { .. } => "formats_mixed",
            Self::ColumnUnknown { .. } => "column_unknown",
            Self::ColumnTwice { .. } => "column_twice",
            Self::LimitExceeded { .. } => "limit_exceeded",
        }
    }

    /// The file it is about, written as in [`crate::Place`].
    pub fn file(&self) -> Option<&str> {
        match self {
            Self::NoFile | Self::ColumnUnknown { .. } | Self::ColumnTwice { .. } => None,
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
            | Self::NotOfFormat { file, .. }
            | Self::FormatsMixed { file, .. }
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
            | Self::FileTooLarge { .. }
            | Self::FormatsMixed { .. }
            | Self::ColumnUnknown { .. }
            | Self::ColumnTwice { .. } => None,
            Self::FileNotText { line, .. }
            | Self::YamlInvalid { line, .. }
            | Self::DuplicateKey { line, .. }
            | Self::ComposeInvalid { line, .. }
            | Self::ExtendsCycle { line, .. }
            | Self::IncludeCycle { line, .. }
            | Self::NotOfFormat { line, .. }
            | Self::LimitExceeded { line, .. } => Some(*line),
        }
    }
}
