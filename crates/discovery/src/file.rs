//! Files to text, with limits. Reads regular files only: a pipe or device would never end.

use std::fs::{File, Metadata};
use std::io::{ErrorKind, Read};
use std::path::Path;

use crate::error::DiscoveryError;

const MIB: u64 = 1024 * 1024;
/// Checked before reading and again while reading, since a file may grow or lie about its size.
const MAX_MIB: u64 = 8;

/// Reads a file as UTF-8. `file` is the name for messages.
pub(crate) fn read_text(path: &Path, file: &str) -> Result<String, DiscoveryError> {
    read_text_up_to(path, file, MAX_MIB)
}

/// Reads a regular file of at most so many MiB as UTF-8. `file` is the name for messages.
pub fn read_text_up_to(path: &Path, file: &str, most_mib: u64) -> Result<String, DiscoveryError> {
    let metadata = std::fs::metadata(path).map_err(|error| refused(file, &error))?;
    check_metadata(&metadata, file, most_mib)?;
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|opened| opened.take(most_mib * MIB + 1).read_to_end(&mut bytes))
        .map_err(|error| refused(file, &error))?;
    if bytes.len() as u64 > most_mib * MIB {
        return Err(too_large(file, most_mib));
    }
    decode(bytes, file)
}

fn check_metadata(metadata: &Metadata, file: &str, most_mib: u64) -> Result<(), DiscoveryError> {
    if metadata.is_dir() {
        return Err(DiscoveryError::FileIsDirectory { file: file.to_owned() });
    }
    if !metadata.is_file() {
        return Err(DiscoveryError::FileUnreadable {
            file: file.to_owned(),
            problem: "it is a pipe or a device".to_owned(),
        });
    }
    if metadata.len() > most_mib * MIB {
        return Err(too_large(file, most_mib));
    }
    Ok(())
}

fn decode(bytes: Vec<u8>, file: &str) -> Result<String, DiscoveryError> {
    let not_text = |line, problem: &str| DiscoveryError::FileNotText {
        file: file.to_owned(),
        line,
        problem: problem.to_owned(),
    };
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return Err(not_text(1, "it begins as UTF-16"));
    }
    if let Some(position) = bytes.iter().position(|&byte| byte == 0) {
        return Err(not_text(line_at(&bytes, position), "it holds a zero byte"));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let position = error.utf8_error().valid_up_to();
        not_text(line_at(error.as_bytes(), position), "it holds a byte that is no part of UTF-8")
    })?;
    match text.strip_prefix('\u{FEFF}') {
        Some(rest) => Ok(rest.to_owned()),
        None => Ok(text),
    }
}

fn line_at(bytes: &[u8], position: usize) -> u32 {
    let breaks = bytes.iter().take(position).filter(|&&byte| byte == b'\n').count();
    u32::try_from(breaks + 1).unwrap_or(u32::MAX)
}

fn refused(file: &str, error: &std::io::Error) -> DiscoveryError {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => {
            DiscoveryError::FileMissing { file: file.to_owned() }
        }
        ErrorKind::IsADirectory => DiscoveryError::FileIsDirectory { file: file.to_owned() },
        kind => DiscoveryError::FileUnreadable { file: file.to_owned(), problem: kind.to_string() },
    }
}

fn too_large(file: &str, limit_mib: u64) -> DiscoveryError {
    DiscoveryError::FileTooLarge { file: file.to_owned(), limit_mib }
}
