//! What a window does beside the work: a copy a day, a look at the whole file a week, and space set
//! aside for a full disk.

use crate::app::Changed;
use crate::clock::Clock;
use crate::commands::Tag;
use crate::device::Notebook;
use crate::error::ApiError;
use pilotage_domain::change::path;
use pilotage_store::backup::DAY;
use pilotage_store::{Reason, Store, StoreError};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast;

/// How often a window that stays open looks again.
const AGAIN: Duration = Duration::from_hours(1);

/// A window's keeper.
pub(crate) struct Keeper {
    pub(crate) store: Arc<Store>,
    pub(crate) notebook: Arc<Notebook>,
    pub(crate) clock: Clock,
    pub(crate) changes: broadcast::Sender<Changed>,
}

impl Keeper {
    /// Works until the window ends.
    pub(crate) async fn keep(self) {
        if is_sample(&self.store).await {
            return;
        }
        let store = Arc::clone(&self.store);
        let ballast = tokio::task::spawn_blocking(move || store.take_on_ballast()).await;
        if let Ok(Err(error)) = ballast {
            tracing::warn!(%error, "no space was set aside");
        }
        loop {
            let copied = self.copy_if_due().await;
            let copied = copied.unwrap_or_else(|error| {
                tracing::warn!(%error, "the daily copy was not made");
                false
            });
            let damaged = self.look_if_due().await;
            let damaged = damaged.unwrap_or_else(|error| {
                tracing::warn!(%error, "the weekly look at the file was not taken");
                false
            });
            if copied || damaged {
                // Nobody listening is no error.
                let _ = self.changes.send(Changed { tags: vec![Tag::Storage] });
            }
            tokio::time::sleep(AGAIN).await;
        }
    }

    async fn copy_if_due(&self) -> Result<bool, StoreError> {
        let now = self.clock.now();
        let newest = self.store.backups()?.newest()?;
        if newest.is_some_and(|newest| now - newest.made_at < DAY) {
            return Ok(false);
        }
        self.store.back_up(Reason::Daily, now).await?;
        Ok(true)
    }

    /// Looks at every page and at the log once a week, so that damage is found while the copies
    /// still reach back before it. Answers whether there is some: the next start looks closely, and
    /// recovers.
    async fn look_if_due(&self) -> Result<bool, ApiError> {
        let now = self.clock.now();
        let (sound_at, suspect) = {
            let notes = self.notebook.notes();
            (notes.sound_at, notes.suspect)
        };
        let Some(sound_at) = sound_at else {
            // A new programme, or one that was opened by an older version: the week begins.
            self.notebook.amend(|notes| notes.sound_at = Some(now))?;
            return Ok(false);
        };
        if suspect || now - sound_at < 7 * DAY {
            return Ok(false);
        }
        let problems = self.store.check().await?;
        if let Some(first) = problems.first() {
            tracing::warn!(problems = problems.len(), first, "the file is damaged");
            self.notebook.amend(|notes| notes.suspect = true)?;
            return Ok(true);
        }
        self.notebook.amend(|notes| notes.sound_at = Some(now))?;
        Ok(false)
    }
}

/// The sample programme is made afresh each day: nothing of it is kept.
pub(crate) async fn is_sample(store: &Store) -> bool {
    let programme = store.entity(store.workspace()).await;
    programme
        .is_ok_and(|entity| entity.registers.get(path::SAMPLE).is_some_and(|value| value == true))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::{App, OpenOptions, Watch};
    use crate::host::NoDialogs;
    use crate::programme::{NewProgramme, create};
    use serde_json::json;
    use std::path::Path;

    const OWNER: &[u8] = b"Wilhelmina";

    /// A look taken this long after the last one, at a sound file and at one in which a letter of
    /// a value flipped: no sum of a page tells of it, the log does.
    async fn check(folder: &Path, days: i64, expect: bool) {
        let now = 1_767_265_200_000;
        let options = |clock| OpenOptions {
            workspace: folder.join("p.pilotage"),
            data_folder: folder.to_owned(),
            clock,
            watch: Watch::No,
        };
        let app = App::open(options(Clock::Fixed(now)), Arc::new(NoDialogs)).await.unwrap();
        let keeper = Keeper {
            store: Arc::clone(&app.store),
            notebook: Arc::clone(&app.notebook),
            clock: Clock::Fixed(now),
            changes: broadcast::channel(1).0,
        };
        keeper.notebook.amend(|notes| notes.sound_at = Some(now - days * DAY)).unwrap();
        assert_eq!(keeper.look_if_due().await.unwrap(), expect, "after {days} days");
        assert_eq!(keeper.notebook.notes().suspect, expect);
        let looked = keeper.notebook.notes().sound_at == Some(now);
        assert_eq!(looked, !expect && days >= 7, "the week begins anew after a sound look only");
        let advice = app.call("storage", json!({})).await.unwrap()["advice"].clone();
        let told = advice.as_array().unwrap().iter().any(|advice| advice["kind"] == "damaged");
        assert_eq!(told, expect, "{advice}");
        drop(keeper);
        app.close().await;
    }

    #[tokio::test]
    async fn a_letter_that_flipped_is_found_within_the_week() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("p.pilotage");
        let clock = Clock::Fixed(1_767_000_000_000);
        let new = NewProgramme { name: "Shop".to_owned(), time_zone: "UTC".to_owned() };
        create(&file, folder.path(), clock, &new).await.unwrap();
        let options = OpenOptions {
            workspace: file.clone(),
            data_folder: folder.path().to_owned(),
            clock,
            watch: Watch::No,
        };
        let app = App::open(options, Arc::new(NoDialogs)).await.unwrap();
        let me = app.call("add_person", json!({"name": "Ann"})).await.unwrap();
        app.call("act_as", json!({"id": me["id"]})).await.unwrap();
        let cart = app.call("add_service", json!({"name": "cart"})).await.unwrap();
        let owner = json!({"field": "owner", "value": "Wilhelmina"});
        app.call("edit_service", json!({"service": cart["id"], "edit": owner})).await.unwrap();
        app.close().await;
        check(folder.path(), 8, false).await;

        let mut bytes = std::fs::read(&file).unwrap();
        let at = bytes.windows(OWNER.len()).position(|window| window == OWNER).unwrap();
        bytes[at] = b'X';
        std::fs::write(&file, bytes).unwrap();
        check(folder.path(), 6, false).await;
        check(folder.path(), 7, true).await;
    }
}
