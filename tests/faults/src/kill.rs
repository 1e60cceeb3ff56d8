//! SIGKILL: a child works and acknowledges, and is killed at a random moment. Then its workspace is
//! opened as at any start.

use crate::story::{BACKUPS, DEVICE, FILE, NOW, WORKSPACE, services};
use crate::{Dice, Outcome};
use pilotage_store::{Look, Opening, Reason, Store, StoreError};
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt as _, BufReader};

/// Kills of one workspace, before it grows too large.
const KILLS_EACH: u64 = 50;
/// Every so many kills the whole file is looked at.
const LOOK_EACH: u64 = 10;

/// What the child does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// Small actions.
    Commits,
    /// Actions the size of an import.
    Imports,
    /// Small actions while copies are made.
    Backups,
    /// Small actions, each followed by a close that writes the log home.
    Checkpoints,
    /// Small actions that are acknowledged before they are committed: the control.
    Early,
}

impl Work {
    /// What the product does.
    pub const PRODUCT: [Self; 4] = [Self::Commits, Self::Imports, Self::Backups, Self::Checkpoints];

    /// As the child's argument.
    pub fn word(self) -> &'static str {
        match self {
            Self::Commits => "commits",
            Self::Imports => "imports",
            Self::Backups => "backups",
            Self::Checkpoints => "checkpoints",
            Self::Early => "early",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        let all = Self::PRODUCT.into_iter().chain([Self::Early]);
        all.into_iter().find(|work| work.word() == word)
    }
}

/// What was found.
#[derive(Debug, Default, Clone, Copy)]
pub struct Found {
    /// Kills.
    pub kills: u64,
    /// Acknowledged batches.
    pub acknowledged: u64,
    /// Kills after which an acknowledged batch was missing.
    pub lossy: u64,
    /// Acknowledged batches that were missing.
    pub lost: u64,
    /// Files that did not open, had gaps, or were not sound.
    pub corrupt: u64,
    /// Copies with the name of a good one that were not good.
    pub copies: u64,
    /// The slowest start after a kill, in milliseconds.
    pub slowest_start: u128,
}

/// Kills `program`, a build of `faults-child`, that many times.
pub async fn kill(program: &Path, work: Work, kills: u64, seed: u64) -> Outcome<Found> {
    let text = |error: StoreError| error.to_string();
    let mut found = Found::default();
    let mut dice = Dice::new(seed);
    while found.kills < kills {
        // On the disk, as programs are.
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let path = folder.path().join(FILE);
        Store::create(&path, WORKSPACE, NOW).await.map_err(text)?;
        for _ in 0..KILLS_EACH.min(kills - found.kills) {
            let told = run_and_kill(program, folder.path(), work, &mut dice).await?;
            found.kills += 1;
            found.acknowledged += told.count;
            judge(&mut found, folder.path(), told.last).await?;
        }
    }
    Ok(found)
}

struct Told {
    last: u64,
    count: u64,
}

async fn run_and_kill(program: &Path, folder: &Path, work: Work, dice: &mut Dice) -> Outcome<Told> {
    let mut child = tokio::process::Command::new(program)
        .arg(folder)
        .arg(work.word())
        .arg(dice.roll().to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| format!("{}: {error}", program.display()))?;
    let output = child.stdout.take().ok_or("the child has no output")?;
    let mut lines = BufReader::new(output).lines();
    let mut told = Told { last: 0, count: 0 };
    let mut note = |line: String| {
        if let Some(number) = line.strip_prefix("acknowledged ").and_then(|word| word.parse().ok())
        {
            told = Told { last: number, count: told.count + 1 };
        }
    };
    let first = lines.next_line().await.map_err(|error| error.to_string())?;
    note(first.ok_or("the child ended before it acknowledged anything")?);
    let end = tokio::time::Instant::now() + Duration::from_micros(dice.roll() % 30_000);
    while let Ok(Ok(Some(line))) = tokio::time::timeout_at(end, lines.next_line()).await {
        note(line);
    }
    child.kill().await.map_err(|error| error.to_string())?;
    // What it had told before it died counts too.
    while let Ok(Some(line)) = lines.next_line().await {
        note(line);
    }
    Ok(told)
}

async fn judge(found: &mut Found, folder: &Path, acknowledged: u64) -> Outcome<()> {
    let path = folder.join(FILE);
    let look = if found.kills.is_multiple_of(LOOK_EACH) { Look::Close } else { Look::Usual };
    let backups = Some(folder.join(BACKUPS));
    let opening = Opening { backups, look, now: NOW, ..Opening::default() };
    let begun = Instant::now();
    let store = match Store::open_with(&path, DEVICE, "laptop", opening).await {
        Ok(store) => store,
        Err(error) => {
            found.corrupt += 1;
            return Err(format!("after kill {}: {error}", found.kills));
        }
    };
    if look == Look::Usual {
        found.slowest_start = found.slowest_start.max(begun.elapsed().as_millis());
    }
    let text = |error: StoreError| error.to_string();
    let sequences = store.sequences(DEVICE).await.map_err(text)?;
    let held = sequences.len() as u64;
    found.corrupt += u64::from(!sequences.iter().copied().eq(1..=held));
    let lost = acknowledged.saturating_sub(held);
    found.lost += lost;
    found.lossy += u64::from(lost > 0);
    let backups = store.backups().map_err(text)?;
    // The newest was made by this very child.
    if let Some(copy) = backups.newest().map_err(text)? {
        found.copies += u64::from(backups.check(&copy, WORKSPACE).await.is_err());
    }
    store.close().await;
    Ok(())
}

/// The child's part: works on the workspace in the folder until it is killed.
pub async fn work(folder: &Path, which: &str, seed: u64) -> Outcome<()> {
    let work = Work::from_word(which).ok_or("no such work")?;
    let text = |error: StoreError| error.to_string();
    let path = folder.join(FILE);
    let opening = Opening { backups: Some(folder.join(BACKUPS)), now: NOW, ..Opening::default() };
    let open = || Store::open_with(&path, DEVICE, "child", opening.clone());
    let mut dice = Dice::new(seed);
    let mut store = open().await.map_err(text)?;
    let mut next = store.own_position().await.map_err(text)? + 1;
    let mut moment = NOW + i64::try_from(next).unwrap_or(0);
    loop {
        if work == Work::Early {
            say(next)?;
        }
        let count = if work == Work::Imports { 40 } else { 1 };
        let commit = services(count, &mut dice);
        let done = if work == Work::Backups {
            moment += 1;
            let (done, copy) =
                tokio::join!(store.commit(commit), store.back_up(Reason::Asked, moment));
            copy.map_err(text)?;
            done
        } else {
            store.commit(commit).await
        };
        let done = done.map_err(text)?.ok_or("nothing was written")?;
        if work != Work::Early {
            say(done.last)?;
        }
        next = done.last + 1;
        if work == Work::Checkpoints {
            store.close().await;
            store = open().await.map_err(text)?;
        }
    }
}

fn say(number: u64) -> Outcome<()> {
    let mut output = std::io::stdout().lock();
    writeln!(output, "acknowledged {number}")
        .and_then(|()| output.flush())
        .map_err(|error| error.to_string())
}
