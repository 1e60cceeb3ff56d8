//! Power cuts. The real store works over a tape; at any step the power can go: what was flushed is
//! there, of the rest a part. The disk as it is then is laid out as real files and opened by the
//! real store, as after a start of the machine.

use crate::story::{self, DEVICE, NOW, WORKSPACE};
use crate::tape::{Event, Tape};
use crate::{Dice, Outcome, folder};
use pilotage_store::{Backups, Durability, Look, Opening, Store, StoreError};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What becomes of writes that were not flushed.
#[derive(Debug, Clone, Copy)]
enum Loss {
    /// None is there.
    Dropped,
    /// Those up to one of them are there.
    Truncated,
    /// Each is there or not.
    Thinned,
    /// Each sector of each is there or not.
    Torn,
}

const LOSSES: [Loss; 4] = [Loss::Dropped, Loss::Truncated, Loss::Thinned, Loss::Torn];
const SECTOR: usize = 512;
/// Services of the largest action: several batches, as an import makes.
const LARGEST: u32 = 60;
/// Cuts of one run of the story.
const CUTS_EACH: u64 = 250;

/// What was found.
#[derive(Debug, Default, Clone, Copy)]
pub struct Found {
    /// Power cuts.
    pub cuts: u64,
    /// Files that did not open, or were not sound.
    pub corrupt: u64,
    /// Cuts after which an acknowledged batch was missing.
    pub lossy: u64,
    /// Acknowledged batches that were missing.
    pub lost: u64,
    /// Acknowledged copies that were missing or not good.
    pub copies: u64,
    /// Acknowledged copies that were looked at.
    pub copies_seen: u64,
}

#[derive(Clone)]
enum Pending {
    Write { at: u64, bytes: Vec<u8> },
    Size(u64),
}

/// A file: what was flushed, and what was not.
#[derive(Clone, Default)]
struct Content {
    flushed: Vec<u8>,
    pending: Vec<Pending>,
}

#[derive(Clone)]
enum Naming {
    Name(PathBuf, usize),
    Unname(PathBuf),
    Rename(PathBuf, PathBuf),
}

/// The disk: contents, and names that were flushed and that were not.
#[derive(Clone, Default)]
struct Platter {
    contents: Vec<Content>,
    /// As programs see them.
    names: BTreeMap<PathBuf, usize>,
    /// As the medium holds them.
    flushed: BTreeMap<PathBuf, usize>,
    pending: Vec<Naming>,
}

impl Platter {
    fn content(&mut self, path: &Path) -> Option<&mut Content> {
        let index = *self.names.get(path)?;
        self.contents.get_mut(index)
    }

    fn step(&mut self, event: &Event) {
        match event {
            Event::Created(path) => {
                self.contents.push(Content::default());
                let index = self.contents.len() - 1;
                self.names.insert(path.clone(), index);
                self.pending.push(Naming::Name(path.clone(), index));
            }
            Event::Wrote { path, at, bytes } => {
                if let Some(content) = self.content(path) {
                    content.pending.push(Pending::Write { at: *at, bytes: bytes.clone() });
                }
            }
            Event::Cut { path, size } => {
                if let Some(content) = self.content(path) {
                    content.pending.push(Pending::Size(*size));
                }
            }
            Event::Synced(path) => {
                if let Some(content) = self.content(path) {
                    for pending in std::mem::take(&mut content.pending) {
                        pending.apply(&mut content.flushed);
                    }
                }
                // The database flushes the folder with the first flush of a log.
                if path.to_string_lossy().ends_with("-wal")
                    || path.to_string_lossy().ends_with("-journal")
                {
                    self.flush_names();
                }
            }
            Event::FolderSynced(_) => self.flush_names(),
            Event::Renamed(from, to) => {
                if let Some(index) = self.names.remove(from) {
                    self.names.insert(to.clone(), index);
                }
                self.pending.push(Naming::Rename(from.clone(), to.clone()));
            }
            Event::Removed(path) => {
                self.names.remove(path);
                self.pending.push(Naming::Unname(path.clone()));
            }
            Event::Acknowledged(_) | Event::CopyAcknowledged(..) => {}
        }
    }

    fn flush_names(&mut self) {
        for naming in std::mem::take(&mut self.pending) {
            naming.apply(&mut self.flushed);
        }
    }

    /// The files after a power cut. Names change in order: a journal of the file system keeps it.
    fn after_cut(&self, loss: Loss, dice: &mut Dice) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut names = self.flushed.clone();
        let kept = match loss {
            Loss::Dropped => 0,
            _ => dice.below(self.pending.len() + 1),
        };
        for naming in &self.pending[..kept] {
            naming.apply(&mut names);
        }
        names
            .into_iter()
            .map(|(path, index)| {
                let content = &self.contents[index];
                let mut bytes = content.flushed.clone();
                let most = dice.below(content.pending.len() + 1);
                for (number, pending) in content.pending.iter().enumerate() {
                    match loss {
                        Loss::Truncated if number < most => pending.apply(&mut bytes),
                        Loss::Thinned if dice.below(2) == 0 => pending.apply(&mut bytes),
                        Loss::Torn => pending.tear(&mut bytes, dice),
                        Loss::Dropped | Loss::Truncated | Loss::Thinned => {}
                    }
                }
                (path, bytes)
            })
            .collect()
    }
}

impl Naming {
    fn apply(&self, names: &mut BTreeMap<PathBuf, usize>) {
        match self {
            Self::Name(path, index) => {
                names.insert(path.clone(), *index);
            }
            Self::Unname(path) => {
                names.remove(path);
            }
            Self::Rename(from, to) => {
                if let Some(index) = names.remove(from) {
                    names.insert(to.clone(), index);
                }
            }
        }
    }
}

impl Pending {
    fn apply(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Write { at, bytes: new } => put(bytes, *at, new),
            Self::Size(size) => bytes.resize(usize::try_from(*size).unwrap_or(0), 0),
        }
    }

    fn tear(&self, bytes: &mut Vec<u8>, dice: &mut Dice) {
        match self {
            Self::Write { at, bytes: new } => {
                for (number, sector) in new.chunks(SECTOR).enumerate() {
                    if dice.below(2) == 0 {
                        put(bytes, at + (number * SECTOR) as u64, sector);
                    }
                }
            }
            Self::Size(_) if dice.below(2) == 0 => self.apply(bytes),
            Self::Size(_) => {}
        }
    }
}

fn put(bytes: &mut Vec<u8>, at: u64, new: &[u8]) {
    let at = usize::try_from(at).unwrap_or(usize::MAX / 2);
    if bytes.len() < at + new.len() {
        bytes.resize(at + new.len(), 0);
    }
    bytes[at..at + new.len()].copy_from_slice(new);
}

/// Cuts the power that many times, at random steps of stories with seeds of their own.
pub async fn cut(cuts: u64, durability: Durability, seed: u64) -> Outcome<Found> {
    let mut found = Found::default();
    let mut dice = Dice::new(seed);
    while found.cuts < cuts {
        let guard = folder()?;
        let root = guard.path().join("disk");
        std::fs::create_dir(&root).map_err(|error| error.to_string())?;
        let tape = Tape::of_folder(&root);
        story::run(&root, &tape, durability, LARGEST, &mut dice)
            .await
            .map_err(|error| error.to_string())?;
        let events = tape.events();
        let each = CUTS_EACH.min(cuts - found.cuts);
        let mut places: Vec<usize> = (0..each).map(|_| dice.below(events.len() + 1)).collect();
        places.sort_unstable();
        let mut platter = Platter::default();
        let (mut done, mut acknowledged, mut copies) = (0, 0, Vec::new());
        for place in places {
            for event in &events[done..place] {
                platter.step(event);
                match event {
                    Event::Acknowledged(batch) => acknowledged = *batch,
                    Event::CopyAcknowledged(name, batches) => copies.push((name.clone(), *batches)),
                    _ => {}
                }
            }
            done = place;
            let loss = LOSSES[dice.below(LOSSES.len())];
            let files = platter.after_cut(loss, &mut dice);
            found.cuts += 1;
            judge(&mut found, &root, &files, acknowledged, &copies).await?;
        }
    }
    Ok(found)
}

async fn judge(
    found: &mut Found,
    root: &Path,
    files: &BTreeMap<PathBuf, Vec<u8>>,
    acknowledged: u64,
    copies: &[(String, u64)],
) -> Outcome<()> {
    let guard = folder()?;
    let place = guard.path();
    for (path, bytes) in files {
        let target = place.join(path.strip_prefix(root).unwrap_or(path));
        let folder = target.parent().unwrap_or(place);
        std::fs::create_dir_all(folder).map_err(|error| error.to_string())?;
        std::fs::write(&target, bytes).map_err(|error| error.to_string())?;
    }
    match sequences(&place.join(story::FILE)).await {
        Ok(sequences) => {
            let held = sequences.len() as u64;
            let lost = acknowledged.saturating_sub(held);
            found.lost += lost;
            found.lossy += u64::from(lost > 0);
            if sequences != (1..=held).collect::<Vec<_>>() {
                found.corrupt += 1;
            }
        }
        // Before the file was acknowledged it may not be there.
        Err(StoreError::Missing(_)) if acknowledged == 0 => {}
        Err(StoreError::Missing(_)) => {
            found.lossy += 1;
            found.lost += acknowledged;
        }
        Err(_) => found.corrupt += 1,
    }
    let backups = Backups::in_folder(&place.join(story::BACKUPS));
    for (name, batches) in copies {
        found.copies_seen += 1;
        let good = match backups.find(name) {
            Ok(copy) => {
                backups.check(&copy, WORKSPACE).await.is_ok()
                    && sequences_of(&copy.path)
                        .await
                        .is_ok_and(|last| last.len() as u64 >= *batches)
            }
            Err(_) => false,
        };
        found.copies += u64::from(!good);
    }
    Ok(())
}

async fn sequences_of(path: &Path) -> Result<Vec<u64>, StoreError> {
    let store = Store::open(path, DEVICE, "laptop").await?;
    let sequences = store.sequences(DEVICE).await;
    store.close().await;
    Ok(sequences?.into_iter().collect())
}

/// Opens as after a start, looks closely, and answers the sequences of the log.
async fn sequences(path: &Path) -> Result<Vec<u64>, StoreError> {
    let opening = Opening { look: Look::Close, now: NOW, ..Opening::default() };
    let store = Store::open_with(path, DEVICE, "laptop", opening).await?;
    let sequences = store.sequences(DEVICE).await;
    store.close().await;
    Ok(sequences?.into_iter().collect())
}
