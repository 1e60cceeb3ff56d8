//! Damage to a file at rest: a byte, a page, a cut, in the database, in its log, in a copy. What
//! comes back is compared with what was there.

use crate::story::{BACKUPS, DEVICE, FILE, NOW, WORKSPACE, services};
use crate::{Dice, Outcome, folder};
use pilotage_domain::ids::DeviceId;
use pilotage_store::backup::DAY;
use pilotage_store::{Backups, Look, Opener, Opening, Reason, Recovery, Store, StoreError};
use std::path::{Path, PathBuf};

/// What was found.
#[derive(Debug, Default, Clone, Copy)]
pub struct Found {
    /// Damages.
    pub damages: u64,
    /// Bytes nobody reads: everything was there and sound.
    pub harmless: u64,
    /// Found at an ordinary start or at the look at the whole file, and everything came back.
    pub recovered: u64,
    /// Found, and what is missing was named.
    pub named: u64,
    /// The log of an unclean end came out shorter, as after a power cut, and the device's own note of
    /// how far it had written tells.
    pub shortened: u64,
    /// A copy that was damaged was found and not used.
    pub copies: u64,
    /// Something was missing or wrong and nothing said so.
    pub silent: u64,
    /// Recoveries that failed.
    pub failed: u64,
}

/// What is damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    Database,
    Log,
    Copy,
}

/// Whether a recovery sets the log aside with the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aside {
    /// The product's.
    Together,
    /// The control: the copy is put beside the old log.
    LogStays,
}

/// A workspace after an unclean end, as bytes.
struct Specimen {
    database: Vec<u8>,
    log: Vec<u8>,
    copies: Vec<(String, Vec<u8>)>,
    state: String,
    last: u64,
}

impl Specimen {
    async fn new(dice: &mut Dice) -> Outcome<Self> {
        let text = |error: StoreError| error.to_string();
        let read = |path: &Path| std::fs::read(path).map_err(|error| error.to_string());
        let guard = folder()?;
        let path = guard.path().join(FILE);
        Store::create(&path, WORKSPACE, NOW).await.map_err(text)?;
        let opening = opening(guard.path(), Look::Usual);
        for round in 0..2 {
            let store =
                Store::open_with(&path, DEVICE, "laptop", opening.clone()).await.map_err(text)?;
            for number in 0..12 {
                store.commit(services(1 + number % 3, dice)).await.map_err(text)?;
            }
            store.back_up(Reason::Daily, NOW + round * DAY).await.map_err(text)?;
            store.close().await;
        }
        let store = Store::open_with(&path, DEVICE, "laptop", opening).await.map_err(text)?;
        for _ in 0..12 {
            store.commit(services(1, dice)).await.map_err(text)?;
        }
        // Read while it is open: as a kill leaves it.
        let (database, log) = (read(&path)?, read(&beside(&path, "-wal"))?);
        let copies = Backups::in_folder(&guard.path().join(BACKUPS)).list().map_err(text)?;
        let copies = copies
            .into_iter()
            .map(|copy| Ok((copy.name, read(&copy.path)?)))
            .collect::<Outcome<_>>()?;
        let state = store.state_hash().await.map_err(text)?;
        let last = store.own_position().await.map_err(text)?;
        store.close().await;
        Ok(Self { database, log, copies, state, last })
    }

    fn lay_out(&self, root: &Path) -> Outcome<()> {
        let write = |path: PathBuf, bytes: &[u8]| {
            std::fs::write(&path, bytes).map_err(|error| format!("{}: {error}", path.display()))
        };
        let path = root.join(FILE);
        write(path.clone(), &self.database)?;
        write(beside(&path, "-wal"), &self.log)?;
        let backups = root.join(BACKUPS);
        std::fs::create_dir_all(&backups).map_err(|error| error.to_string())?;
        for (name, bytes) in &self.copies {
            write(backups.join(name), bytes)?;
        }
        Ok(())
    }
}

fn opening(root: &Path, look: Look) -> Opening {
    Opening { backups: Some(root.join(BACKUPS)), now: NOW + 3 * DAY, look, ..Opening::default() }
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Damages that many files.
pub async fn damage(damages: u64, aside: Aside, seed: u64) -> Outcome<Found> {
    let (mut found, mut dice) = (Found::default(), Dice::new(seed));
    let mut specimen = Specimen::new(&mut dice).await?;
    while found.damages < damages {
        if found.damages % 200 == 199 {
            specimen = Specimen::new(&mut dice).await?;
        }
        let guard = folder()?;
        specimen.lay_out(guard.path())?;
        let target = match dice.below(10) {
            0..=5 => Target::Database,
            6 | 7 => Target::Log,
            _ => Target::Copy,
        };
        spoil(guard.path(), target, &specimen, &mut dice)?;
        found.damages += 1;
        if aside == Aside::LogStays {
            put_back_beside_the_log(&mut found, guard.path(), &specimen).await?;
        } else if target == Target::Copy {
            judge_copy(&mut found, guard.path(), &specimen).await?;
        } else {
            judge(&mut found, guard.path(), target, &specimen).await;
        }
    }
    Ok(found)
}

fn spoil(root: &Path, target: Target, specimen: &Specimen, dice: &mut Dice) -> Outcome<()> {
    let path = match target {
        Target::Database => root.join(FILE),
        Target::Log => beside(&root.join(FILE), "-wal"),
        Target::Copy => root.join(BACKUPS).join(&specimen.copies[0].0),
    };
    let mut bytes = std::fs::read(&path).map_err(|error| error.to_string())?;
    let at = dice.below(bytes.len());
    match dice.below(4) {
        0 => bytes[at] ^= 1 << dice.below(8),
        1 => {
            let page = at / 4096 * 4096;
            let end = (page + 4096).min(bytes.len());
            bytes[page..end].iter_mut().for_each(|byte| *byte = dice.roll().to_le_bytes()[0]);
        }
        2 => {
            let end = (at + 512).min(bytes.len());
            bytes[at..end].fill(0);
        }
        _ => bytes.truncate(at),
    }
    std::fs::write(&path, bytes).map_err(|error| error.to_string())
}

fn opener() -> Opener {
    Opener { device: DEVICE, fresh: DeviceId([9; 16]), name: "laptop".to_owned() }
}

/// An ordinary start; where it finds nothing, the look at the whole file.
async fn start(root: &Path) -> Result<(Store, Option<Recovery>), StoreError> {
    let path = root.join(FILE);
    let mut damage = None;
    for look in [Look::Usual, Look::Close] {
        match Store::open_with(&path, DEVICE, "laptop", opening(root, look)).await {
            Ok(store) if look == Look::Close => return Ok((store, None)),
            Ok(store) => store.close().await,
            Err(
                StoreError::Damaged(text) | StoreError::Foreign(text) | StoreError::Tampered(text),
            ) => {
                damage = Some(text);
                break;
            }
            Err(error) => return Err(error),
        }
    }
    let damage = damage.unwrap_or_default();
    let how = opening(root, Look::Usual);
    let (store, report) = Store::recover(&path, WORKSPACE, &opener(), &damage, how).await?;
    Ok((store, Some(report)))
}

async fn judge(found: &mut Found, root: &Path, target: Target, specimen: &Specimen) {
    let (store, report) = match start(root).await {
        Ok(started) => started,
        Err(error) => {
            eprintln!("damage {} of {target:?}: {error:?}", found.damages);
            found.failed += 1;
            return;
        }
    };
    let same = store.state_hash().await.is_ok_and(|state| state == specimen.state);
    let sound = store.check().await.is_ok_and(|problems| problems.is_empty());
    // What the notes of the device know: how far it had written.
    let mut reached = store.sequences(DEVICE).await.map_or(0, |all| all.len() as u64);
    reached += store.sequences(opener().fresh).await.map_or(0, |all| all.len() as u64);
    store.close().await;
    match report {
        _ if !sound => found.silent += 1,
        None if same => found.harmless += 1,
        Some(_) if same => found.recovered += 1,
        Some(report) if report.unread || !report.missing.is_empty() => found.named += 1,
        _ if reached < specimen.last && target == Target::Log => found.shortened += 1,
        // Its last batches left no trace in the file, but the notes of the device say that they were.
        Some(_) if reached < specimen.last => found.named += 1,
        _ => found.silent += 1,
    }
}

async fn judge_copy(found: &mut Found, root: &Path, specimen: &Specimen) -> Outcome<()> {
    let text = |error: StoreError| error.to_string();
    let backups = Backups::in_folder(&root.join(BACKUPS));
    let (good, bad) = backups.newest_good(WORKSPACE).await.map_err(text)?;
    let Some(good) = good else {
        found.failed += 1;
        return Ok(());
    };
    let bytes = std::fs::read(&good.path).map_err(|error| error.to_string())?;
    let original = specimen.copies.iter().find(|(name, _)| *name == good.name);
    let unharmed = original.is_some_and(|(_, original)| *original == bytes);
    if bad.is_empty() && !unharmed {
        // It passed: then what it holds must be what it held.
        let look = |path: PathBuf| async move {
            let store = Store::open(&path, DEVICE, "look").await?;
            let state = store.state_hash().await;
            store.close().await;
            state
        };
        let damaged = look(good.path.clone()).await.map_err(text)?;
        let whole = root.join("whole");
        std::fs::write(&whole, original.map(|(_, bytes)| bytes.clone()).unwrap_or_default())
            .map_err(|error| error.to_string())?;
        if look(whole).await.map_err(text)? == damaged {
            found.harmless += 1;
        } else {
            found.silent += 1;
        }
    } else {
        found.copies += 1;
    }
    Ok(())
}

/// The control: a copy is put in the place of the database, and the log stays.
async fn put_back_beside_the_log(
    found: &mut Found,
    root: &Path,
    specimen: &Specimen,
) -> Outcome<()> {
    let path = root.join(FILE);
    let (_, copy) = specimen.copies.last().ok_or("there is a copy")?;
    std::fs::write(&path, copy).map_err(|error| error.to_string())?;
    std::fs::write(beside(&path, "-wal"), &specimen.log).map_err(|error| error.to_string())?;
    let alone = root.join("alone");
    std::fs::write(&alone, copy).map_err(|error| error.to_string())?;
    let state = |path: PathBuf| async move {
        let store = Store::open(&path, DEVICE, "look").await.ok()?;
        let sound = store.check().await.is_ok_and(|problems| problems.is_empty());
        let state = store.state_hash().await.ok();
        store.close().await;
        state.filter(|_| sound)
    };
    let expect = state(alone).await;
    if state(path).await == expect {
        found.recovered += 1;
    } else {
        found.silent += 1;
    }
    Ok(())
}
