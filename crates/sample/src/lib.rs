//! The sample programme: an invented lending platform, mid-migration, with four weeks of history
//! made through ordinary operations. People are roles. Stages are computed from it like from any
//! other programme: nothing here sets one.

mod cluster;
mod executions;
mod platform;
mod retro;
mod story;

pub use cluster::clusters;

use chrono::{DateTime, Datelike as _, Days, NaiveDate, Utc, Weekday};
use chrono_tz::Tz;
use pilotage_domain::change::Change;
use pilotage_domain::ids::DeviceId;
use pilotage_domain::playbook::PlaybookRefused;
use pilotage_domain::retrospective::Frozen;
use pilotage_domain::{Millis, flow};
use pilotage_store::{Commit, Store, StoreError};
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// Who looks at the sample.
pub const ACTING_AS: &str = "Engineer C";

/// The programme's time zone.
const ZONE: Tz = chrono_tz::Europe::Berlin;

/// Working days of history.
const DAYS: u32 = 20;

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
pub enum SampleError {
    /// The file could not be written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The default playbook is unsound.
    #[error(transparent)]
    Playbook(#[from] PlaybookRefused),
    /// The folder refused.
    #[error("the sample's folder refused: {0}")]
    Folder(#[from] std::io::Error),
}

/// The sample of today in `data_folder`: made when it is not there yet, so that its history always
/// ends yesterday. Earlier samples are removed.
pub async fn fresh(data_folder: &Path, now: Millis) -> Result<PathBuf, SampleError> {
    let folder = data_folder.join("sample");
    let path = folder.join(format!("sample-{}.pilotage", flow::day_of(now, ZONE)));
    if path.exists() {
        return Ok(path);
    }
    if folder.exists() {
        for entry in std::fs::read_dir(&folder)? {
            std::fs::remove_file(entry?.path())?;
        }
    }
    let making = folder.join(format!("making-{}.pilotage", Uuid::new_v4().simple()));
    create(&making, now).await?;
    std::fs::rename(&making, &path)?;
    Ok(path)
}

/// Makes the sample programme at `path`; its history ends on the last working day before `now`.
pub async fn create(path: &Path, now: Millis) -> Result<(), SampleError> {
    let workspace = Uuid::now_v7();
    let days = working_days(now);
    let first = flow::start_of(days[0], ZONE);
    Store::create(path, workspace, first).await?;
    let store = Store::open(path, DeviceId(*Uuid::new_v4().as_bytes()), "sample").await?;
    for step in story::steps(workspace, &days)? {
        let mut changes = step.changes;
        if let Some(retrospective) = step.freezes {
            let position = store.log_position().await?;
            let position = position.iter().map(|(device, seq)| (device.to_hex(), *seq)).collect();
            let frozen = serde_json::json!(Frozen { moment: step.at, position });
            changes.push(Change::field(retrospective, "frozen", frozen));
        }
        let commit = Commit { id: Uuid::now_v7(), actor: step.actor, now: step.at, changes };
        store.commit(commit).await?;
    }
    store.close().await;
    Ok(())
}

/// The last working days before the day of `now`, oldest first.
fn working_days(now: Millis) -> Vec<NaiveDate> {
    let today = DateTime::<Utc>::from_timestamp_millis(now)
        .unwrap_or_default()
        .with_timezone(&ZONE)
        .date_naive();
    let mut days: Vec<NaiveDate> = (1..)
        .map_while(|back| today.checked_sub_days(Days::new(back)))
        .filter(|day| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun))
        .take(DAYS as usize)
        .collect();
    days.reverse();
    days
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn history_ends_on_a_working_day_before_today() {
        let monday = DateTime::parse_from_rfc3339("2026-11-23T08:00:00Z").unwrap();
        let days = working_days(monday.timestamp_millis());
        assert_eq!(days.len(), 20);
        assert_eq!(days[19].to_string(), "2026-11-20", "the Friday before");
        assert_eq!(days[0].to_string(), "2026-10-26", "four weeks earlier");
    }
}
