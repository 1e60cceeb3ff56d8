//! What was written, flushed, renamed and removed below one folder, in order, and the call that is
//! to fail.

use pilotage_store::disk::{Disk, SystemDisk};
use pilotage_store::{Durability, Harness};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// One step.
#[derive(Debug, Clone)]
pub enum Event {
    /// A new, empty file.
    Created(PathBuf),
    /// Bytes at a place.
    Wrote {
        /// The file.
        path: PathBuf,
        /// Where.
        at: u64,
        /// What.
        bytes: Vec<u8>,
    },
    /// A new size.
    Cut {
        /// The file.
        path: PathBuf,
        /// In bytes.
        size: u64,
    },
    /// Flushed.
    Synced(PathBuf),
    /// The names in a folder were flushed.
    FolderSynced(PathBuf),
    /// Renamed.
    Renamed(PathBuf, PathBuf),
    /// Removed.
    Removed(PathBuf),
    /// Batches up to this one were acknowledged.
    Acknowledged(u64),
    /// A copy was acknowledged, by file name, with the batches it holds at least.
    CopyAcknowledged(String, u64),
}

/// A kind of call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// Opening a file.
    Open,
    /// Reading.
    Read,
    /// Writing.
    Write,
    /// Changing a size.
    Truncate,
    /// Flushing a file.
    Sync,
    /// Flushing a folder.
    SyncFolder,
    /// Removing.
    Delete,
    /// Renaming.
    Rename,
    /// Making a folder.
    Folder,
}

/// How a call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// EIO and its like.
    Io,
    /// No space.
    Full,
}

/// Which calls fail.
#[derive(Debug, Clone, Copy)]
pub struct Failing {
    /// The first of them, counted from 1.
    pub from: u64,
    /// Whether all later ones fail too.
    pub on: bool,
    /// How. A full disk fails only what needs space.
    pub fault: Fault,
}

#[derive(Debug, Default)]
struct State {
    events: Vec<Event>,
    calls: u64,
    failing: Option<Failing>,
    failed: u64,
}

/// The tape of one folder.
#[derive(Debug)]
pub struct Tape {
    folder: PathBuf,
    state: Mutex<State>,
}

static TAPES: Mutex<Vec<Weak<Tape>>> = Mutex::new(Vec::new());

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Tape {
    /// A tape of what happens below a folder, as long as it is held.
    pub fn of_folder(folder: &Path) -> Arc<Self> {
        crate::vfs::register();
        let tape = Arc::new(Self { folder: folder.to_owned(), state: Mutex::default() });
        let mut tapes = held(&TAPES);
        tapes.retain(|tape| tape.strong_count() > 0);
        tapes.push(Arc::downgrade(&tape));
        tape
    }

    /// The tape that a path belongs to. Indexes of logs do not survive anything, and are not taped.
    pub fn of(path: &Path) -> Option<Arc<Self>> {
        let tapes = held(&TAPES);
        tapes.iter().filter_map(Weak::upgrade).find(|tape| path.starts_with(&tape.folder))
    }

    /// What the store opens with, so that everything goes over this tape.
    pub fn harness(self: &Arc<Self>, durability: Durability) -> Harness {
        Harness {
            vfs: Some(crate::vfs::NAME.to_owned()),
            durability,
            disk: Arc::new(TapedDisk(Arc::clone(self))),
        }
    }

    /// Adds a step.
    pub fn record(&self, event: Event) {
        held(&self.state).events.push(event);
    }

    /// Lets calls fail from now on, or none; the count begins anew.
    pub fn fail(&self, failing: Option<Failing>) {
        let mut state = held(&self.state);
        (state.failing, state.calls, state.failed) = (failing, 0, 0);
    }

    /// Counts a call, and says how it fails, if it does.
    pub fn call(&self, call: Call) -> Option<Fault> {
        let mut state = held(&self.state);
        state.calls += 1;
        let failing = state.failing?;
        let due = state.calls == failing.from || (failing.on && state.calls > failing.from);
        let needs_space = matches!(call, Call::Write | Call::Folder);
        let fails = due && (failing.fault == Fault::Io || needs_space);
        state.failed += u64::from(fails);
        fails.then_some(failing.fault)
    }

    /// How many calls there were, and how many of them failed.
    pub fn calls(&self) -> (u64, u64) {
        let state = held(&self.state);
        (state.calls, state.failed)
    }

    /// The steps so far.
    pub fn events(&self) -> Vec<Event> {
        held(&self.state).events.clone()
    }
}

/// The system's steps on files, over a tape.
#[derive(Debug)]
struct TapedDisk(Arc<Tape>);

impl TapedDisk {
    fn call(&self, call: Call) -> io::Result<()> {
        match self.0.call(call) {
            None => Ok(()),
            Some(Fault::Full) => Err(io::Error::from(io::ErrorKind::StorageFull)),
            Some(Fault::Io) => Err(io::Error::other("injected")),
        }
    }
}

impl Disk for TapedDisk {
    fn create_folder(&self, folder: &Path) -> io::Result<()> {
        self.call(Call::Folder)?;
        SystemDisk.create_folder(folder)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.call(Call::Rename)?;
        SystemDisk.rename(from, to)?;
        self.0.record(Event::Renamed(from.to_owned(), to.to_owned()));
        Ok(())
    }

    fn copy(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.call(Call::Write)?;
        let bytes = std::fs::read(from)?;
        self.write(to, &bytes)
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.call(Call::Write)?;
        self.0.record(Event::Created(path.to_owned()));
        self.0.record(Event::Wrote { path: path.to_owned(), at: 0, bytes: bytes.to_vec() });
        SystemDisk.write(path, bytes)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.call(Call::Delete)?;
        if path.exists() {
            self.0.record(Event::Removed(path.to_owned()));
        }
        SystemDisk.remove(path)
    }

    fn sync_file(&self, path: &Path) -> io::Result<()> {
        self.call(Call::Sync)?;
        SystemDisk.sync_file(path)?;
        self.0.record(Event::Synced(path.to_owned()));
        Ok(())
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        self.call(Call::SyncFolder)?;
        SystemDisk.sync_folder(folder)?;
        self.0.record(Event::FolderSynced(folder.to_owned()));
        Ok(())
    }

    fn free(&self, folder: &Path) -> Option<u64> {
        SystemDisk.free(folder)
    }
}
