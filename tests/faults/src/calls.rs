//! The n-th call fails, for every n up to the run in which none does: opening, migrating, writing,
//! copying, closing. Nothing panics, and what was acknowledged is there afterwards.

use crate::story::{self, DEVICE, FILE, NOW};
use crate::tape::{Event, Failing, Fault, Tape};
use crate::{Dice, Outcome, folder};
use pilotage_store::{Durability, Look, Opening, Store, StoreError};
use std::path::PathBuf;
use std::sync::Arc;
use tempfile::TempDir;

/// Services of the largest action: there are many runs.
const SMALL: u32 = 6;

/// What was found.
#[derive(Debug, Default, Clone, Copy)]
pub struct Found {
    /// Runs with a call that failed.
    pub runs: u64,
    /// Of these, runs that said so.
    pub told: u64,
    /// Runs that ended in a panic.
    pub panics: u64,
    /// Runs after which something acknowledged was missing.
    pub lossy: u64,
    /// Runs after which the file did not open or was not sound.
    pub corrupt: u64,
    /// Runs of a full disk that called it something else.
    pub misnamed: u64,
}

/// Fails the n-th call in run n, stepping `step` at a time, up to the last call of a run in which
/// none fails. With `on`, all later calls fail too, as on a disk that stays full.
pub async fn fail(fault: Fault, on: bool, step: usize) -> Outcome<Found> {
    let mut found = Found::default();
    let clean = run(None).await?;
    if !matches!(clean.ended, Ok(Ok(()))) {
        return Err("the story fails by itself".to_owned());
    }
    for from in (1..=clean.calls).step_by(step) {
        let run = run(Some(Failing { from, on, fault })).await?;
        // A full disk does not fail what needs no space.
        found.runs += u64::from(run.failed > 0);
        match &run.ended {
            Err(_) => found.panics += 1,
            Ok(Err(error)) => {
                found.told += 1;
                let named = matches!(error, StoreError::Full(_));
                found.misnamed += u64::from(fault == Fault::Full && !named);
            }
            Ok(Ok(())) => {}
        }
        judge(&mut found, &run.root(), &run.events).await;
    }
    Ok(found)
}

/// One play of the story.
struct Run {
    guard: TempDir,
    ended: Result<Result<(), StoreError>, tokio::task::JoinError>,
    calls: u64,
    failed: u64,
    events: Vec<Event>,
}

impl Run {
    fn root(&self) -> PathBuf {
        self.guard.path().join("disk")
    }
}

async fn run(failing: Option<Failing>) -> Outcome<Run> {
    let guard = folder()?;
    let root = guard.path().join("disk");
    std::fs::create_dir(&root).map_err(|error| error.to_string())?;
    let tape = Tape::of_folder(&root);
    tape.fail(failing);
    let playing = Arc::clone(&tape);
    // A task of its own, so that a panic is seen and not passed on.
    let task = tokio::spawn(async move {
        let mut dice = Dice::new(1);
        story::run(&root, &playing, Durability::Full, SMALL, &mut dice).await
    });
    let ended = task.await;
    let (calls, failed) = tape.calls();
    Ok(Run { guard, ended, calls, failed, events: tape.events() })
}

async fn judge(found: &mut Found, root: &std::path::Path, events: &[Event]) {
    let acknowledged = events
        .iter()
        .filter_map(|event| match event {
            Event::Acknowledged(batch) => Some(*batch),
            _ => None,
        })
        .next_back()
        .unwrap_or(0);
    let opening = Opening { look: Look::Close, now: NOW, ..Opening::default() };
    match Store::open_with(&root.join(FILE), DEVICE, "laptop", opening).await {
        Ok(store) => {
            let last = store.sequences(DEVICE).await.map_or(0, |all| all.len() as u64);
            found.lossy += u64::from(last < acknowledged);
            store.close().await;
        }
        // It was never made: nothing lies there under its name.
        Err(StoreError::Missing(_)) => found.lossy += u64::from(acknowledged > 0),
        Err(error) => {
            eprintln!("run {}: {error:?}", found.runs);
            found.corrupt += 1;
        }
    }
}
