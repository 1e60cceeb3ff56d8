//! Copies of a workspace: made beside running work, looked at before they count, and thinned out.
//!
//! A copy is written by the database itself (`VACUUM INTO`): copying the file would miss what still
//! lies in its log. It is written under another name, checked, flushed and only then named, so a
//! file that carries the name of a copy is a whole one.

use crate::check;
use crate::connect::{base, identify};
use crate::disk::settle;
use crate::error::StoreError;
use crate::opening::Harness;
use crate::read::hash_of;
use chrono::{DateTime, Datelike as _, NaiveDateTime, Utc};
use pilotage_domain::Millis;
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// A copy younger than this is recent enough at a start.
pub const DAY: Millis = 24 * 60 * 60 * 1000;

const ENDING: &str = ".pilotage";
const MOMENT: &str = "%Y%m%dT%H%M%S%3fZ";
/// How often a copy is compared again because somebody wrote meanwhile.
const COMPARISONS: u32 = 3;

/// Why a copy was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// The newest was older than a day.
    Daily,
    /// The schema was about to change.
    Migration,
    /// Another copy was about to be restored.
    Restore,
    /// An import was about to make many things.
    Import,
    /// A person asked for it.
    Asked,
}

impl Reason {
    const ALL: [Self; 5] = [Self::Daily, Self::Migration, Self::Restore, Self::Import, Self::Asked];

    /// As it stands in names.
    pub fn word(self) -> &'static str {
        match self {
            Self::Daily => "daily",
            Self::Migration => "migration",
            Self::Restore => "restore",
            Self::Import => "import",
            Self::Asked => "asked",
        }
    }

    /// How many of them stay, besides those that stay for their day or week.
    fn kept(self) -> usize {
        match self {
            Self::Daily => 1,
            Self::Migration | Self::Restore | Self::Import | Self::Asked => 3,
        }
    }
}

/// A copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup {
    /// Its file name.
    pub name: String,
    /// Where it lies.
    pub path: PathBuf,
    /// When it was made.
    pub made_at: Millis,
    /// Why.
    pub reason: Reason,
    /// Its size in bytes.
    pub bytes: u64,
}

impl Backup {
    /// The copy that a file of this name in `folder` is.
    fn of(folder: &Path, name: &str) -> Option<Self> {
        let (_, rest) = name.strip_suffix(ENDING)?.split_once('-')?;
        let reason = Reason::ALL.into_iter().find(|reason| {
            // A second copy within a millisecond has a number.
            rest.split('-').next() == Some(reason.word())
        })?;
        let made_at = moment_of(name)?;
        let path = folder.join(name);
        let bytes = std::fs::metadata(&path).ok().filter(std::fs::Metadata::is_file)?.len();
        Some(Self { name: name.to_owned(), path, made_at, reason, bytes })
    }
}

/// When the copy of this name was made.
pub fn moment_of(name: &str) -> Option<Millis> {
    let (moment, _) = name.split_once('-')?;
    Some(NaiveDateTime::parse_from_str(moment, MOMENT).ok()?.and_utc().timestamp_millis())
}

/// The copies of one workspace.
#[derive(Debug, Clone)]
pub struct Backups {
    folder: PathBuf,
    harness: Harness,
}

impl Backups {
    /// The copies in `folder`, which holds those of one workspace only.
    pub fn in_folder(folder: &Path) -> Self {
        Self::at(folder, Harness::default())
    }

    pub(crate) fn at(folder: &Path, harness: Harness) -> Self {
        Self { folder: folder.to_owned(), harness }
    }

    /// Where they lie.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// All of them, newest first. A folder that is not there holds none.
    pub fn list(&self) -> Result<Vec<Backup>, StoreError> {
        let entries = match std::fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error.into()),
        };
        let mut list = Vec::new();
        for entry in entries {
            let name = entry?.file_name();
            list.extend(name.to_str().and_then(|name| Backup::of(&self.folder, name)));
        }
        list.sort_by(|a, b| (b.made_at, &b.name).cmp(&(a.made_at, &a.name)));
        Ok(list)
    }

    /// The newest copy.
    pub fn newest(&self) -> Result<Option<Backup>, StoreError> {
        Ok(self.list()?.into_iter().next())
    }

    /// One of them, by file name.
    pub fn find(&self, name: &str) -> Result<Backup, StoreError> {
        let found = self.list()?.into_iter().find(|backup| backup.name == name);
        found.ok_or_else(|| StoreError::NotFound(format!("a backup named {name:?}")))
    }

    /// Copies the workspace at `source`, on a connection of its own: work goes on meanwhile. The
    /// copies that are no longer needed are removed afterwards.
    pub async fn make(
        &self,
        source: &Path,
        reason: Reason,
        now: Millis,
    ) -> Result<Backup, StoreError> {
        let disk = &self.harness.disk;
        disk.create_folder(&self.folder)?;
        self.need_space(source)?;
        self.remove_unfinished()?;
        let making = self.folder.join(format!("making-{}.tmp", Uuid::new_v4().simple()));
        let made = self.copy(source, &making).await;
        if let Err(error) = made {
            // The error is the news; the rest is removed at the next attempt where it stays.
            let _ = disk.remove(&making);
            return Err(error);
        }
        let name = self.free_name(reason, now);
        let path = self.folder.join(&name);
        disk.rename(&making, &path)?;
        disk.sync_folder(&self.folder)?;
        let backup = Backup::of(&self.folder, &name)
            .ok_or_else(|| StoreError::Disk(format!("{name} is gone again")))?;
        self.thin_out(&backup)?;
        Ok(backup)
    }

    async fn copy(&self, source: &Path, target: &Path) -> Result<(), StoreError> {
        // Not one of the readers: `query_only` refuses it.
        let mut connection = base(source, &self.harness).read_only(true).connect().await?;
        // The harness of the fault tests decides over flushes; here they are always made.
        let copied = self.copy_on(&mut connection, target).await;
        let _ = connection.close().await;
        copied?;
        crate::connect::owner_only(target)?;
        settle(self.harness.disk.as_ref(), target)
    }

    async fn copy_on(
        &self,
        connection: &mut SqliteConnection,
        target: &Path,
    ) -> Result<(), StoreError> {
        for attempt in 1..=COMPARISONS {
            let before = hash_of(connection).await?;
            let to = target.to_str().ok_or_else(|| {
                StoreError::Place("its path holds characters that are no text".to_owned())
            })?;
            sqlx::query("VACUUM INTO ?").bind(to).execute(&mut *connection).await?;
            let mut copy = base(target, &self.harness).read_only(true).connect().await?;
            let looked = async {
                let problems = check::pages(&mut copy).await?;
                if let Some(problem) = problems.first() {
                    return Err(StoreError::Damaged(problem.clone()));
                }
                hash_of(&mut copy).await
            };
            let looked = looked.await;
            let _ = copy.close().await;
            let after = looked?;
            if before == after {
                return Ok(());
            }
            // Somebody wrote between the two looks: then the copy holds more, and is compared anew.
            if after.batches > before.batches {
                if attempt == COMPARISONS {
                    return Ok(());
                }
                self.harness.disk.remove(target)?;
                continue;
            }
            break;
        }
        Err(StoreError::Damaged("the copy is not what was copied".to_owned()))
    }

    /// Twice the size: the copy, and room for the work that goes on.
    fn need_space(&self, source: &Path) -> Result<(), StoreError> {
        let bytes = std::fs::metadata(source)?.len();
        match self.harness.disk.free(&self.folder) {
            Some(free) if free < 2 * bytes => Err(StoreError::Full(format!(
                "a copy of {bytes} bytes needs twice that; {free} bytes are free"
            ))),
            _ => Ok(()),
        }
    }

    fn free_name(&self, reason: Reason, now: Millis) -> String {
        let moment = DateTime::<Utc>::from_timestamp_millis(now).unwrap_or_default();
        let stem = format!("{}-{}", moment.format(MOMENT), reason.word());
        let mut name = format!("{stem}{ENDING}");
        let mut number = 2;
        while self.folder.join(&name).exists() {
            name = format!("{stem}-{number}{ENDING}");
            number += 1;
        }
        name
    }

    /// What a program that was killed left behind. A copy another program is making right now has
    /// its file open and, on Unix, loses only the name: it then fails, and is made again.
    fn remove_unfinished(&self) -> Result<(), StoreError> {
        for entry in std::fs::read_dir(&self.folder)? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let old = std::fs::metadata(&path)
                .and_then(|facts| facts.modified())
                .ok()
                .and_then(|modified| modified.elapsed().ok())
                .is_some_and(|age| age.as_secs() > 3600);
            if name.starts_with("making-") && old {
                self.harness.disk.remove(&path)?;
            }
        }
        Ok(())
    }

    /// Removes what no rule keeps. `good` was just looked at, so one good copy always stays.
    fn thin_out(&self, good: &Backup) -> Result<(), StoreError> {
        let list = self.list()?;
        let kept = kept(&list);
        for backup in &list {
            if !kept.contains(&backup.name) && backup.name != good.name {
                self.harness.disk.remove(&backup.path)?;
            }
        }
        Ok(())
    }

    /// Looks at a copy as closely as at the workspace itself.
    pub async fn check(&self, backup: &Backup, workspace: Uuid) -> Result<(), StoreError> {
        let header = identify(&backup.path, &self.harness).await?;
        if header.workspace != workspace {
            return Err(StoreError::Foreign("it is a copy of another programme".to_owned()));
        }
        let mut connection = base(&backup.path, &self.harness).read_only(true).connect().await?;
        let problems = check::whole(&mut connection).await;
        let _ = connection.close().await;
        match problems?.first() {
            Some(problem) => Err(StoreError::Damaged(problem.clone())),
            None => Ok(()),
        }
    }

    /// The newest copy that is good, and those newer ones that are not.
    pub async fn newest_good(
        &self,
        workspace: Uuid,
    ) -> Result<(Option<Backup>, Vec<Backup>), StoreError> {
        let mut bad = Vec::new();
        for backup in self.list()? {
            match self.check(&backup, workspace).await {
                Ok(()) => return Ok((Some(backup), bad)),
                Err(error) => {
                    tracing::warn!(%error, backup = backup.name, "a copy is not good");
                    bad.push(backup);
                }
            }
        }
        Ok((None, bad))
    }
}

/// The names that stay, of copies listed newest first: the newest of each of 7 days and of each of
/// 4 weeks, and the newest of each reason. Days and weeks without a copy do not count.
fn kept(list: &[Backup]) -> BTreeSet<String> {
    let mut kept = BTreeSet::new();
    let day = |backup: &Backup| {
        DateTime::<Utc>::from_timestamp_millis(backup.made_at).unwrap_or_default().date_naive()
    };
    let week = |backup: &Backup| {
        let week = day(backup).iso_week();
        (week.year(), week.week())
    };
    let (mut days, mut weeks) = (BTreeSet::new(), BTreeSet::new());
    for backup in list {
        if days.len() < 7 && days.insert(day(backup)) {
            kept.insert(backup.name.clone());
        }
        if weeks.len() < 4 && weeks.insert(week(backup)) {
            kept.insert(backup.name.clone());
        }
    }
    for reason in Reason::ALL {
        let of_reason = list.iter().filter(|backup| backup.reason == reason);
        kept.extend(of_reason.take(reason.kept()).map(|backup| backup.name.clone()));
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn backup(made_at: Millis, reason: Reason) -> Backup {
        let moment = DateTime::<Utc>::from_timestamp_millis(made_at).unwrap();
        let name = format!("{}-{}{ENDING}", moment.format(MOMENT), reason.word());
        Backup { path: name.clone().into(), name, made_at, reason, bytes: 1 }
    }

    #[test]
    fn names_carry_moment_and_reason() {
        let folder = tempfile::tempdir().unwrap();
        for reason in Reason::ALL {
            let expect = backup(1_790_000_000_123, reason);
            std::fs::write(folder.path().join(&expect.name), "x").unwrap();
            let found = Backup::of(folder.path(), &expect.name).unwrap();
            assert_eq!((found.made_at, found.reason), (expect.made_at, reason), "{}", expect.name);
        }
        for other in
            ["notes.txt", "making-1.tmp", "20260101T000000000Z-odd.pilotage", "x-daily.pilotage"]
        {
            std::fs::write(folder.path().join(other), "x").unwrap();
            assert_eq!(Backup::of(folder.path(), other), None, "{other} is no copy");
        }
    }

    #[test]
    fn seven_days_four_weeks_and_three_before_migrations_stay() {
        let start = 1_790_000_000_000;
        let mut list = Vec::new();
        for ago in 0..60 {
            list.push(backup(start - ago * DAY, Reason::Daily));
            list.push(backup(start - ago * DAY - 1000, Reason::Migration));
            list.push(backup(start - ago * DAY - 2000, Reason::Asked));
        }
        let kept = kept(&list);
        let count = |reason: Reason| {
            list.iter().filter(|one| one.reason == reason && kept.contains(&one.name)).count()
        };
        assert_eq!(count(Reason::Migration), 3);
        assert_eq!(count(Reason::Asked), 3, "what a person asked for outlives the same day's");
        // Seven days, and of the three earlier weeks one each: some of those are the same copy.
        assert!((9..=10).contains(&count(Reason::Daily)), "{kept:?}");
        assert!(kept.contains(&list[0].name), "the newest stays");
    }

    #[test]
    fn old_copies_stay_where_there_are_no_newer_ones() {
        let list: Vec<_> =
            (0..7).map(|n| backup(1_600_000_000_000 - n * 90 * DAY, Reason::Daily)).collect();
        assert_eq!(kept(&list).len(), 7, "days without a copy do not count");
    }
}
