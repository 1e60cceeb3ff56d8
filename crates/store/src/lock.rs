//! Who has a workspace open. Two locks of the operating system, in files beside the workspace: they
//! end with the program that holds them, however it ends, so no stale lock is ever judged.
//!
//! `<workspace>.lock` is held by the one window. `<workspace>.use` is shared by everybody who has
//! the file open, and held alone by who replaces the file: nobody then writes to a file that is
//! being moved away. A file system without locks, or a folder that cannot be written, has none;
//! nothing can be replaced there either.

use crate::error::StoreError;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long a replacement waits for short commands of other programs to end.
const PATIENCE: Duration = Duration::from_secs(5);

/// The path of a file that belongs to the workspace: its name with an ending more.
pub(crate) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Held for the life of a window.
#[derive(Debug)]
pub struct WindowLock {
    /// Closing it frees the lock.
    _file: Option<File>,
}

impl WindowLock {
    /// Takes the lock of the one window, or says that another has it.
    pub fn take(path: &Path) -> Result<Self, StoreError> {
        // Two names of one file are one workspace.
        let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let Some(mut file) = lock_file(&path, ".lock") else { return Ok(Self { _file: None }) };
        match file.try_lock() {
            Ok(()) => {
                // For people who look; nothing reads it to decide anything.
                let note =
                    format!("pid {}\nversion {}\n", std::process::id(), env!("CARGO_PKG_VERSION"));
                let _ = file.set_len(0).and_then(|()| file.write_all(note.as_bytes()));
                Ok(Self { _file: Some(file) })
            }
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                let _ = file.rewind();
                let _ = file.take(200).read_to_string(&mut holder);
                let holder = holder.lines().next().unwrap_or_default().to_owned();
                Err(StoreError::OpenElsewhere(holder))
            }
            Err(TryLockError::Error(_)) => Ok(Self { _file: None }),
        }
    }
}

/// Held by everybody who has the file open.
#[derive(Debug)]
pub(crate) struct InUse {
    file: Option<File>,
    /// Nobody else had it open when this began.
    pub(crate) alone: bool,
}

impl InUse {
    /// Joins those who have the file open. Waits while it is being replaced.
    pub(crate) async fn join(path: &Path) -> Result<Self, StoreError> {
        let Some(file) = lock_file(path, ".use") else {
            return Ok(Self { file: None, alone: false });
        };
        let alone = file.try_lock().is_ok();
        if alone {
            // The lock is not turned into a shared one in a single step everywhere.
            let _ = file.unlock();
        }
        patiently(|| file.try_lock_shared()).await?;
        Ok(Self { file: Some(file), alone })
    }

    /// Waits until nobody else has the file open, and keeps everybody out until [`Self::share`].
    pub(crate) async fn alone(&self) -> Result<(), StoreError> {
        let Some(file) = &self.file else {
            return Err(StoreError::ReadOnly(
                "The programme's folder cannot be written.".to_owned(),
            ));
        };
        let _ = file.unlock();
        let taken = patiently(|| file.try_lock()).await;
        if taken.is_err() {
            self.share().await?;
        }
        taken
    }

    /// Lets others in again.
    pub(crate) async fn share(&self) -> Result<(), StoreError> {
        let Some(file) = &self.file else { return Ok(()) };
        let _ = file.unlock();
        patiently(|| file.try_lock_shared()).await
    }
}

async fn patiently(
    mut attempt: impl FnMut() -> Result<(), TryLockError>,
) -> Result<(), StoreError> {
    let begun = Instant::now();
    loop {
        match attempt() {
            Ok(()) => return Ok(()),
            // A file system without locks keeps nobody out.
            Err(TryLockError::Error(error)) => {
                return match error.kind() {
                    std::io::ErrorKind::Unsupported => Ok(()),
                    _ => Err(StoreError::Disk(error.to_string())),
                };
            }
            Err(TryLockError::WouldBlock) if begun.elapsed() > PATIENCE => {
                return Err(StoreError::Busy);
            }
            Err(TryLockError::WouldBlock) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

/// Nothing where the folder cannot be written.
fn lock_file(path: &Path, ending: &str) -> Option<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(beside(path, ending)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_window_has_the_lock() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.pilotage");
        for round in 0..100 {
            let first = WindowLock::take(&path).unwrap();
            let second = WindowLock::take(&path);
            assert!(matches!(second, Err(StoreError::OpenElsewhere(_))), "{round}: {second:?}");
            drop(first);
        }
        // The control: a lock by the existence of its file would be stuck now.
        assert!(folder.path().join("p.pilotage.lock").exists(), "the file stays, unlocked");
        WindowLock::take(&path).unwrap();
    }

    #[tokio::test]
    async fn a_replacement_waits_for_everybody() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.pilotage");
        let first = InUse::join(&path).await.unwrap();
        assert!(first.alone);
        let second = InUse::join(&path).await.unwrap();
        assert!(!second.alone);
        drop(second);
        first.alone().await.unwrap();
        assert!(matches!(
            lock_file(&path, ".use").unwrap().try_lock_shared(),
            Err(TryLockError::WouldBlock)
        ));
        first.share().await.unwrap();
        let third = InUse::join(&path).await.unwrap();
        assert!(!third.alone);
    }
}
