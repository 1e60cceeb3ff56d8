//! What a window does beside the work: a copy a day, and space set aside for a full disk.

use crate::app::Changed;
use crate::clock::Clock;
use crate::commands::Tag;
use pilotage_domain::change::path;
use pilotage_store::backup::DAY;
use pilotage_store::{Reason, Store, StoreError};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast;

/// How often a window that stays open looks again.
const AGAIN: Duration = Duration::from_hours(1);

/// Works until the window ends.
pub(crate) async fn keep(store: Arc<Store>, clock: Clock, changes: broadcast::Sender<Changed>) {
    if is_sample(&store).await {
        return;
    }
    let for_ballast = Arc::clone(&store);
    let ballast = tokio::task::spawn_blocking(move || for_ballast.take_on_ballast()).await;
    if let Ok(Err(error)) = ballast {
        tracing::warn!(%error, "no space was set aside");
    }
    loop {
        match copy_if_due(&store, clock).await {
            Ok(true) => {
                // Nobody listening is no error.
                let _ = changes.send(Changed { tags: vec![Tag::Storage] });
            }
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "the daily copy was not made"),
        }
        tokio::time::sleep(AGAIN).await;
    }
}

async fn copy_if_due(store: &Store, clock: Clock) -> Result<bool, StoreError> {
    let now = clock.now();
    let newest = store.backups()?.newest()?;
    if newest.is_some_and(|newest| now - newest.made_at < DAY) {
        return Ok(false);
    }
    store.back_up(Reason::Daily, now).await?;
    Ok(true)
}

/// The sample programme is made afresh each day: nothing of it is kept.
pub(crate) async fn is_sample(store: &Store) -> bool {
    let programme = store.entity(store.workspace()).await;
    programme
        .is_ok_and(|entity| entity.registers.get(path::SAMPLE).is_some_and(|value| value == true))
}
