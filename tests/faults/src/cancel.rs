//! Callers that go away: a write whose caller stopped waiting is either there whole, and found by
//! its id, or not there at all.

use crate::story::{DEVICE, FILE, NOW, WORKSPACE, services};
use crate::{Dice, Outcome, folder};
use pilotage_store::{Store, StoreError};
use std::time::Duration;

/// What was found.
#[derive(Debug, Default, Clone, Copy)]
pub struct Found {
    /// Writes.
    pub writes: u64,
    /// Callers that stopped waiting.
    pub gone: u64,
    /// Of those, writes that were there all the same: asked for again, they answer.
    pub there: u64,
    /// Writes that were there twice, or in part.
    pub wrong: u64,
}

/// Lets callers go away at random.
pub async fn cancel(writes: u64, seed: u64) -> Outcome<Found> {
    let text = |error: StoreError| error.to_string();
    let guard = folder()?;
    let path = guard.path().join(FILE);
    Store::create(&path, WORKSPACE, NOW).await.map_err(text)?;
    let store = Store::open(&path, DEVICE, "laptop").await.map_err(text)?;
    let (mut found, mut dice) = (Found::default(), Dice::new(seed));
    for _ in 0..writes {
        let commit = services(3, &mut dice);
        let again = commit.clone();
        let patience = Duration::from_micros(dice.roll() % 3_000);
        found.writes += 1;
        let before = store.own_position().await.map_err(text)?;
        if tokio::time::timeout(patience, store.commit(commit)).await.is_ok() {
            continue;
        }
        found.gone += 1;
        // The same id again: written once, whoever waited.
        let done = store.commit(again.clone()).await.map_err(text)?.ok_or("nothing was written")?;
        let repeated = store.commit(again).await.map_err(text)?;
        let after = store.own_position().await.map_err(text)?;
        found.there += u64::from(after == before + 1 && done.last == before + 1);
        found.wrong += u64::from(repeated != Some(done) || after != before + 1);
    }
    let problems = store.check().await.map_err(text)?;
    found.wrong += problems.len() as u64;
    store.close().await;
    Ok(found)
}
