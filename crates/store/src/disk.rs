//! The few steps on files that the database does not make itself: moving, copying, and the flushes
//! that let a rename survive a power cut. They are behind a trait so that the fault tests can fail
//! or lose each of them.

use crate::error::StoreError;
use std::io;
use std::path::{Path, PathBuf};

/// Steps on files.
pub trait Disk: Send + Sync + std::fmt::Debug {
    /// Makes a folder and those above it, for the owner only.
    fn create_folder(&self, folder: &Path) -> io::Result<()>;
    /// Renames within a file system, replacing what is at `to`.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Copies a file that nobody writes.
    fn copy(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Writes a small file.
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;
    /// Removes a file; one that is not there is no error.
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Makes a file's content survive a power cut.
    fn sync_file(&self, path: &Path) -> io::Result<()>;
    /// Makes the names in a folder survive a power cut.
    fn sync_folder(&self, folder: &Path) -> io::Result<()>;
    /// Free bytes for this user, where the system says so.
    fn free(&self, folder: &Path) -> Option<u64>;
}

/// The operating system's.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemDisk;

impl Disk for SystemDisk {
    fn create_folder(&self, folder: &Path) -> io::Result<()> {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        std::fs::rename(from, to)
    }

    fn copy(&self, from: &Path, to: &Path) -> io::Result<()> {
        std::fs::copy(from, to).map(|_| ())
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        std::fs::write(path, bytes)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn sync_file(&self, path: &Path) -> io::Result<()> {
        // Windows flushes only what may be written.
        std::fs::OpenOptions::new().read(true).write(true).open(path)?.sync_all()
    }

    #[cfg(unix)]
    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        std::fs::File::open(folder)?.sync_all()
    }

    /// Windows writes names through with the files.
    #[cfg(not(unix))]
    fn sync_folder(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }

    #[cfg(unix)]
    fn free(&self, folder: &Path) -> Option<u64> {
        let facts = rustix::fs::statvfs(folder).ok()?;
        Some(facts.f_bavail.saturating_mul(facts.f_frsize))
    }

    #[cfg(not(unix))]
    fn free(&self, _: &Path) -> Option<u64> {
        None
    }
}

/// The folder a path lies in.
pub(crate) fn folder_of(path: &Path) -> PathBuf {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.map_or_else(|| PathBuf::from("."), Path::to_owned)
}

/// Makes the file and its name survive a power cut.
pub(crate) fn settle(disk: &dyn Disk, path: &Path) -> Result<(), StoreError> {
    disk.sync_file(path)?;
    disk.sync_folder(&folder_of(path))?;
    Ok(())
}
