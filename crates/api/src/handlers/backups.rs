//! Copies of the programme, and what happened to its file.

use crate::app::App;
use crate::clock::rfc3339;
use crate::device::new_device;
use crate::dto::backups::{
    BackupView, MissingView, RecoveryView, RestoreBackup, StorageAdvice, StorageView,
    WorkspaceCheck,
};
use crate::dto::session::{Nothing, Saved};
use crate::error::{ApiError, Code};
use crate::keeper::is_sample;
use pilotage_domain::Millis;
use pilotage_store::backup::{DAY, moment_of};
use pilotage_store::disk::{Disk as _, SystemDisk};
use pilotage_store::{Backup, Missing, Reason, Recovery, StoreError, WindowLock};
use std::fmt::Write as _;

/// An import that makes more things than this is preceded by a copy.
const MANY: u32 = 5;
/// A log above this size means that something keeps it from being written home.
const LARGE_LOG: u64 = 256 * 1024 * 1024;
/// Below this many free bytes the disk is nearly full.
const NEARLY_FULL: u64 = 256 * 1024 * 1024;

pub(crate) async fn storage(app: &App, _: Nothing) -> Result<StorageView, ApiError> {
    let backups = app.store.backups()?;
    let list = backups.list()?;
    let daily = !is_sample(&app.store).await;
    Ok(StorageView {
        folder: backups.folder().display().to_string(),
        total_kib: kib(list.iter().map(|backup| backup.bytes).sum()),
        advice: advice(app, &list, daily),
        daily,
        recovery: app.recovery().map(|recovery| recovered(&recovery)),
        backups: list.iter().map(shown).collect(),
    })
}

pub(crate) async fn make_backup(app: &App, _: Nothing) -> Result<Saved, ApiError> {
    let backup = app.store.back_up(Reason::Asked, app.clock.now()).await.map_err(not_copied)?;
    Ok(done(format!("Backup made: {}", backup.name), backup.name))
}

pub(crate) async fn restore_backup(app: &App, request: RestoreBackup) -> Result<Saved, ApiError> {
    let backup = app.store.backups()?.find(&request.name)?;
    // A command line may only replace the file while no window has it open.
    let _lock = if app.is_window() { None } else { Some(WindowLock::take(&app.workspace)?) };
    let (fresh, now) = (new_device(), app.clock.now());
    let restored = app
        .replacing(async {
            app.store.restore(&backup, fresh, now).await.map_err(|error| match error {
                StoreError::Damaged(text)
                | StoreError::Foreign(text)
                | StoreError::Tampered(text) => ApiError::new(
                    Code::NotPossible,
                    format!(
                        "{} is damaged. Nothing was changed. Choose another backup.",
                        backup.name
                    ),
                )
                .with("detail", text),
                other => ApiError::from(other),
            })
        })
        .await?;
    let before = match restored.copy_of_present {
        Some(copy) => format!("what was there is kept as {}", copy.name),
        None => "what was there was damaged and is set aside".to_owned(),
    };
    let made = plain(backup.made_at);
    Ok(done(
        format!("Restored the backup of {made}; {before}"),
        restored.aside.display().to_string(),
    ))
}

pub(crate) async fn check_workspace(app: &App, _: Nothing) -> Result<WorkspaceCheck, ApiError> {
    let problems = app.store.check().await?;
    let summary = if problems.is_empty() {
        "The file is sound: pages, indexes, and every value against the log".to_owned()
    } else {
        // The next start recovers.
        app.noticed(ApiError::from(StoreError::Damaged(String::new())));
        "The file is damaged. Close Pilotage and open it again to recover it".to_owned()
    };
    Ok(WorkspaceCheck { problems, summary })
}

pub(crate) async fn dismiss_recovery(app: &App, _: Nothing) -> Result<Nothing, ApiError> {
    app.forget_recovery()?;
    Ok(Nothing {})
}

impl App {
    /// Copies the programme before an import that makes many things.
    pub(crate) async fn copy_before_many(&self, things: u32) -> Result<(), ApiError> {
        if things > MANY && !is_sample(&self.store).await {
            let made = self.store.back_up(Reason::Import, self.clock.now()).await;
            made.map_err(not_copied)?;
        }
        Ok(())
    }
}

fn not_copied(error: StoreError) -> ApiError {
    match error {
        StoreError::Full(text) => ApiError::new(
            Code::DiskFull,
            "No backup could be made: the disk is full. The programme is unharmed. Free some \
             space, then try again.",
        )
        .with("detail", text),
        StoreError::Disk(text) => ApiError::new(
            Code::DiskFailed,
            "No backup could be made: the disk refused. The programme is unharmed. Check the \
             permissions of the backup folder, then try again.",
        )
        .with("detail", text),
        other => ApiError::from(other),
    }
}

fn done(summary: String, id: String) -> Saved {
    Saved { batch: None, summary, id: Some(id) }
}

fn shown(backup: &Backup) -> BackupView {
    BackupView {
        name: backup.name.clone(),
        made_at: rfc3339(backup.made_at),
        reason: backup.reason.word().to_owned(),
        kib: kib(backup.bytes),
    }
}

fn kib(bytes: u64) -> u32 {
    number(bytes.div_ceil(1024))
}

fn number(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn advice(app: &App, list: &[Backup], daily: bool) -> Vec<StorageAdvice> {
    let mut advice = Vec::new();
    let mut say = |kind: &str, text: String| {
        advice.push(StorageAdvice { kind: kind.to_owned(), text });
    };
    if let Some(doubt) = app.store.doubt() {
        say("place", doubt.to_owned());
    }
    if app.notes().suspect {
        let text = "The programme's file is damaged. What is shown may be incomplete. Close Pilotage and open it again: the file is then set aside and the newest good copy restored with what its log still holds.";
        say("damaged", text.to_owned());
    }
    if let Some(behind) = app.behind() {
        say("behind", behind);
    }
    // A programme of today has none yet; the window makes the first one.
    if daily && list.first().is_some_and(|newest| app.clock.now() - newest.made_at > 3 * DAY) {
        let text =
            "The newest backup is older than three days. Make one now, and look why none was made.";
        say("backup_old", text.to_owned());
    }
    let mut log = app.workspace.as_os_str().to_owned();
    log.push("-wal");
    if std::fs::metadata(log).is_ok_and(|log| log.len() > LARGE_LOG) {
        let text = "The database's log has grown above 256 MB: a program reads for very long. Close other programs that use this file.";
        say("log_large", text.to_owned());
    }
    let folder = app.workspace.parent().map(std::path::Path::to_owned).unwrap_or_default();
    if SystemDisk.free(&folder).is_some_and(|free| free < NEARLY_FULL) {
        let text = "The disk is nearly full: changes may soon not be saved. Free some space.";
        say("disk_nearly_full", text.to_owned());
    }
    advice
}

impl From<&Recovery> for RecoveryView {
    fn from(recovery: &Recovery) -> Self {
        recovered(recovery)
    }
}

fn recovered(recovery: &Recovery) -> RecoveryView {
    let made_at = recovery.backup.as_deref().and_then(moment_of);
    RecoveryView {
        at: rfc3339(recovery.at),
        damage: recovery.damage.clone(),
        aside: recovery.aside.display().to_string(),
        summary: sentences(recovery, made_at),
        backup_made_at: made_at.map(rfc3339),
        backup: recovery.backup.clone(),
        bad_backups: recovery.bad_backups.clone(),
        salvaged: number(recovery.salvaged),
        waiting: number(recovery.waiting),
        missing: recovery.missing.iter().map(missing).collect(),
    }
}

fn missing(missing: &Missing) -> MissingView {
    MissingView {
        device: missing.device.short(),
        actions: number(missing.batches),
        first: number(missing.first),
        last: number(missing.last),
        from: missing.from.map(rfc3339),
        to: missing.to.map(rfc3339),
    }
}

/// A moment in a sentence.
fn plain(moment: Millis) -> String {
    let moment = chrono::DateTime::from_timestamp_millis(moment).unwrap_or_default();
    moment.format("%Y-%m-%d %H:%M UTC").to_string()
}

fn sentences(recovery: &Recovery, made_at: Option<Millis>) -> String {
    let actions =
        |count: u64| if count == 1 { "1 action".to_owned() } else { format!("{count} actions") };
    let from = match made_at {
        Some(moment) => format!("The backup of {} was restored", plain(moment)),
        None => "There was no good backup".to_owned(),
    };
    let mut text = format!(
        "The programme's file was damaged and is set aside. {from}, and {} more came from the \
         damaged file.",
        actions(recovery.salvaged)
    );
    let lost: u64 = recovery.missing.iter().map(|missing| missing.batches).sum();
    if recovery.unread {
        text.push_str(
            " Nothing could be read of the damaged file: what was done here after the backup is \
             lost, and how much that was cannot be told.",
        );
    } else if lost == 0 {
        text.push_str(" As far as the file tells, nothing is missing.");
    } else {
        let _ = write!(text, " Lost on this machine: {}.", actions(lost));
    }
    if recovery.waiting > 0 {
        let waiting = actions(recovery.waiting);
        let _ = write!(text, " Kept until the ones before them arrive: {waiting}.");
    }
    text
}
