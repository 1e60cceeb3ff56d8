//! How a workspace file is recognised, made and opened. Every pragma says why.

use crate::backup::{Backups, Reason};
use crate::check;
use crate::disk::folder_of;
use crate::error::StoreError;
use crate::lock::beside;
use crate::opening::{Harness, Look, Opening};
use crate::place;
use pilotage_domain::Millis;
use pilotage_schema::{APPLICATION_ID, MIGRATOR, USER_VERSION};
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions};
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection, SqlitePool};
use std::fs::Metadata;
use std::path::Path;
use std::time::Duration;
use uuid::Uuid;

/// How long a write waits for another process before it gives up, having changed nothing.
const BUSY: Duration = Duration::from_secs(10);

/// Memory of the writer's connection, as the pragma wants it. 64 MB: a long log received at once
/// would write its pages over and over with the 2 MB of the default.
pub(crate) const CACHE: &str = "-65536";

/// The same of each connection that reads: 32 MB hold what the pages of 1,000 services ask for, which
/// would be read from the file each time otherwise. A small programme never fills it.
const READ_CACHE: &str = "-32768";

/// What a look at the file says.
pub(crate) struct Header {
    pub(crate) workspace: Uuid,
    pub(crate) read_only: Option<String>,
}

pub(crate) fn base(path: &Path, harness: &Harness) -> SqliteConnectOptions {
    let options = SqliteConnectOptions::new().filename(path);
    let options = match &harness.vfs {
        Some(name) => options.vfs(name.clone()),
        None => options,
    };
    options
        // Rows wait for whoever reads them in a queue; with the 50 of the default, a long answer is
        // one change of threads after the other.
        .row_buffer_size(1_000)
        .foreign_keys(true)
        .busy_timeout(BUSY)
        // A workspace file may come from someone else: its schema may not call functions.
        .pragma("trusted_schema", "OFF")
        // Finds damage when a page is read, not when it has spread.
        .pragma("cell_size_check", "ON")
        // Nothing of ours in temporary files.
        .pragma("temp_store", "MEMORY")
        // Memory mapping has made corruptions worse in the field.
        .pragma("mmap_size", "0")
}

pub(crate) fn writing(path: &Path, harness: &Harness) -> SqliteConnectOptions {
    base(path, harness)
        // Readers never block the writer.
        .journal_mode(SqliteJournalMode::Wal)
        // The promise: what is called saved survives a power cut. NORMAL may lose commits.
        .synchronous(harness.durability.pragma())
        // macOS: a plain fsync does not reach the medium; no effect elsewhere.
        .pragma("fullfsync", "ON")
        .pragma("checkpoint_fullfsync", "ON")
        // The writer writes the log home when nobody waits for it; a commit does so only where it
        // never comes to that, at 64 MB.
        .pragma("wal_autocheckpoint", "16000")
        .pragma("cache_size", CACHE)
        // The log shrinks again after a burst.
        .pragma("journal_size_limit", "67108864")
}

/// Makes an empty workspace file: under another name, so that the name is never that of half a file.
pub(crate) async fn create(
    path: &Path,
    workspace: Uuid,
    now: Millis,
    harness: &Harness,
) -> Result<(), StoreError> {
    if path.exists() {
        return Err(StoreError::Exists(path.display().to_string()));
    }
    place::accept(path)?;
    let disk = harness.disk.as_ref();
    let folder = folder_of(path);
    if !folder.is_dir() {
        disk.create_folder(&folder)?;
    }
    let making = beside(path, &format!(".making-{}", Uuid::new_v4().simple()));
    let made = fill(&making, workspace, now, harness).await;
    let named = made.and_then(|()| {
        owner_only(&making)?;
        disk.sync_file(&making)?;
        Ok(disk.rename(&making, path)?)
    });
    if named.is_err() {
        for part in ["", "-journal"] {
            // The error is the news; what stays bears no name that anything looks for.
            let _ = disk.remove(&beside(&making, part));
        }
    }
    named?;
    Ok(disk.sync_folder(&folder)?)
}

async fn fill(
    path: &Path,
    workspace: Uuid,
    now: Millis,
    harness: &Harness,
) -> Result<(), StoreError> {
    // Without the log: its part of the file would be written home at the close, and an error there
    // is not told. The first writer turns it on.
    let options = writing(path, harness).journal_mode(SqliteJournalMode::Delete);
    let mut connection = options.create_if_missing(true).connect().await?;
    assert_version(&mut connection).await?;
    migrated(&MIGRATOR, &mut connection).await?;
    let id = workspace.as_bytes().to_vec();
    // An empty log is folded.
    let folded = crate::rebuild::READ_MODEL;
    sqlx::query!(
        "INSERT INTO workspace (only, id, created_at, folded) VALUES (1, ?, ?, ?)",
        id,
        now,
        folded
    )
    .execute(&mut connection)
    .await?;
    for (pragma, value) in [("application_id", APPLICATION_ID), ("user_version", USER_VERSION)] {
        // Pragmas take no parameters; both parts are constants.
        let statement = sqlx::AssertSqlSafe(format!("PRAGMA {pragma} = {value}"));
        sqlx::query(statement).execute(&mut connection).await?;
    }
    Ok(connection.close().await?)
}

#[cfg(unix)]
pub(crate) fn owner_only(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
pub(crate) fn owner_only(_: &Path) -> std::io::Result<()> {
    Ok(())
}

/// Looks at a file read-only, before anything else touches it.
pub(crate) async fn identify(path: &Path, harness: &Harness) -> Result<Header, StoreError> {
    let shown = path.display().to_string();
    let metadata = std::fs::metadata(path).map_err(|_| StoreError::Missing(shown))?;
    if metadata.is_dir() {
        return Err(StoreError::Foreign("it is a folder".to_owned()));
    }
    if metadata.len() == 0 {
        return Err(StoreError::Foreign("it is empty".to_owned()));
    }
    let mut header = look_at(path, &metadata, harness).await;
    // The first write of all turns the log on and keeps a journal for that one moment. Where it was
    // interrupted, only who may write can undo it.
    if matches!(header, Err(StoreError::ReadOnly(_))) && beside(path, "-journal").exists() {
        let mut connection = base(path, harness).connect().await?;
        let undone =
            sqlx::query("SELECT count(*) FROM sqlite_schema").execute(&mut connection).await;
        let _ = connection.close().await;
        undone?;
        header = look_at(path, &metadata, harness).await;
    }
    header
}

async fn look_at(
    path: &Path,
    metadata: &Metadata,
    harness: &Harness,
) -> Result<Header, StoreError> {
    let mut connection = base(path, harness).read_only(true).connect().await?;
    let header = look(&mut connection, metadata).await;
    // Its error would only repeat one of the look's.
    let _ = connection.close().await;
    header
}

async fn look(
    connection: &mut SqliteConnection,
    metadata: &Metadata,
) -> Result<Header, StoreError> {
    assert_version(connection).await?;
    let application: i32 =
        sqlx::query_scalar("PRAGMA application_id").fetch_one(&mut *connection).await?;
    if application != APPLICATION_ID {
        return Err(StoreError::Foreign("another program made it".to_owned()));
    }
    // Nothing of ours is a trigger or a view: a file that has one was tampered with.
    let strange: i64 =
        sqlx::query_scalar!("SELECT count(*) FROM sqlite_schema WHERE type IN ('trigger', 'view')")
            .fetch_one(&mut *connection)
            .await?;
    if strange > 0 {
        return Err(StoreError::Tampered(
            "it holds triggers or views of another program".to_owned(),
        ));
    }
    let version: i32 =
        sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut *connection).await?;
    let id = sqlx::query_scalar!("SELECT id FROM workspace WHERE only = 1")
        .fetch_optional(&mut *connection)
        .await
        .map_err(|error| match StoreError::from(error) {
            // The mark in the header is ours, so the rest should be too.
            StoreError::Unexpected(text) => StoreError::Damaged(text),
            other => other,
        })?
        .ok_or_else(|| StoreError::Damaged("it does not say which programme it is".to_owned()))?;
    let workspace =
        Uuid::from_slice(&id).map_err(|error| StoreError::Damaged(error.to_string()))?;
    if version <= USER_VERSION {
        check::schema(connection).await?;
    }
    let read_only = if version > USER_VERSION {
        Some(needs_newer(connection, version).await)
    } else if metadata.permissions().readonly() {
        Some("The file is write-protected. Make it writable to change the programme.".to_owned())
    } else {
        None
    };
    Ok(Header { workspace, read_only })
}

/// Names the version that a newer file needs: of those that wrote into it the newest, which is at
/// least as new as the one that raised the format.
async fn needs_newer(connection: &mut SqliteConnection, format: i32) -> String {
    let written = sqlx::query_scalar::<_, Option<String>>(
        "SELECT json_extract(value, '$.app') FROM register WHERE path = 'device'",
    )
    .fetch_all(connection)
    .await
    // A newer format may keep them elsewhere.
    .unwrap_or_default();
    let numbers = |version: &String| -> Vec<u32> {
        version.split('.').map_while(|part| part.parse().ok()).collect()
    };
    let newest = written.into_iter().flatten().max_by_key(numbers);
    let wanted = newest
        .filter(|version| numbers(version) > numbers(&env!("CARGO_PKG_VERSION").to_owned()))
        .map_or_else(
            || "a newer version".to_owned(),
            |version| format!("version {version} or newer"),
        );
    format!(
        "A newer version of Pilotage wrote this programme (format {format}; this version writes \
         format {USER_VERSION}). It needs {wanted} to be changed: update Pilotage."
    )
}

fn not_migrated(error: MigrateError) -> StoreError {
    match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
        other => StoreError::Unexpected(other.to_string()),
    }
}

/// The one connection that writes, after the migrations. A copy is made before those.
pub(crate) async fn writer(path: &Path, opening: &Opening) -> Result<SqliteConnection, StoreError> {
    let mut connection = writing(path, &opening.harness).connect().await?;
    // Two programs that start together migrate one after the other.
    sqlx::query("BEGIN IMMEDIATE").execute(&mut connection).await?;
    sqlx::query("COMMIT").execute(&mut connection).await?;
    if let Some(folder) = &opening.backups
        && is_behind(&mut connection).await?
    {
        let backups = Backups::at(folder, opening.harness.clone());
        backups.make(path, Reason::Migration, opening.now).await?;
    }
    // A newer version may have added to the schema; while `user_version` lets us write, we may.
    let mut migrator = Migrator::with_migrations(MIGRATOR.iter().cloned().collect());
    migrator.set_ignore_missing(true);
    migrated(&migrator, &mut connection).await?;
    Ok(connection)
}

/// Runs migrations. `run` itself gives a future that no other thread may take over, for a reason of
/// lifetimes only (sqlx says so beside `run_direct`).
pub(crate) async fn migrated(
    migrator: &Migrator,
    connection: &mut SqliteConnection,
) -> Result<(), StoreError> {
    migrator.run_direct(None, connection, false).await.map_err(not_migrated)
}

/// Whether migrations are due.
async fn is_behind(connection: &mut SqliteConnection) -> Result<bool, StoreError> {
    let applied: i64 = sqlx::query_scalar("SELECT coalesce(max(version), 0) FROM _sqlx_migrations")
        .fetch_one(connection)
        .await?;
    Ok(MIGRATOR.iter().any(|migration| migration.version > applied))
}

/// Looks for damage before anything is written, where there is reason to.
pub(crate) async fn examine(path: &Path, look: Look, harness: &Harness) -> Result<(), StoreError> {
    let mut connection = base(path, harness).read_only(true).connect().await?;
    let problems = match look {
        Look::Usual => check::pages(&mut connection).await,
        Look::Close => check::whole(&mut connection).await,
    };
    let _ = connection.close().await;
    match problems?.first() {
        Some(problem) => Err(StoreError::Damaged(problem.clone())),
        None => Ok(()),
    }
}

/// For connections that cannot write.
pub(crate) fn reading(path: &Path, harness: &Harness) -> SqliteConnectOptions {
    base(path, harness).read_only(true).pragma("query_only", "ON").pragma("cache_size", READ_CACHE)
}

/// Connections that cannot write.
pub(crate) async fn readers(path: &Path, harness: &Harness) -> Result<SqlitePool, StoreError> {
    Ok(SqlitePoolOptions::new()
        .min_connections(1)
        .max_connections(4)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_with(reading(path, harness))
        .await?)
}

/// Versions before 3.51.3 can corrupt a database that two connections write and checkpoint at the
/// same moment; 3.52.0 was withdrawn.
async fn assert_version(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let version: String =
        sqlx::query_scalar("SELECT sqlite_version()").fetch_one(connection).await?;
    if version_is_sound(&version) {
        Ok(())
    } else {
        Err(StoreError::Unexpected(format!("SQLite {version} is not safe to write with")))
    }
}

fn version_is_sound(version: &str) -> bool {
    let numbers: Vec<u32> = version.split('.').filter_map(|part| part.parse().ok()).collect();
    numbers.as_slice() >= [3, 51, 3].as_slice() && numbers != [3, 52, 0]
}

#[cfg(test)]
mod tests {
    use super::{create, readers, version_is_sound, writer};
    use crate::opening::{Harness, Opening};
    use sqlx::Row as _;
    use uuid::Uuid;

    #[tokio::test]
    async fn the_pragmas_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("programme.pilotage");
        create(&path, Uuid::from_u128(1), 0, &Harness::default()).await.unwrap();
        let mut writer = writer(&path, &Opening::default()).await.unwrap();
        let mut reader =
            readers(&path, &Harness::default()).await.unwrap().acquire().await.unwrap();
        let mut check = async |pragma: &str, writing: &str, reading: &str| {
            let ask = || sqlx::query(sqlx::AssertSqlSafe(format!("PRAGMA {pragma}")));
            let answers = [ask().fetch_one(&mut writer).await, ask().fetch_one(&mut *reader).await];
            // As text, whatever the type.
            let answers = answers.map(|row| row.unwrap().get_unchecked::<String, _>(0));
            assert_eq!(answers, [writing, reading], "{pragma}");
        };
        check("journal_mode", "wal", "wal").await;
        check("synchronous", "2", "2").await;
        check("foreign_keys", "1", "1").await;
        check("busy_timeout", "10000", "10000").await;
        check("trusted_schema", "0", "0").await;
        check("cell_size_check", "1", "1").await;
        check("temp_store", "2", "2").await;
        check("query_only", "0", "1").await;
        check("fullfsync", "1", "0").await;
        check("checkpoint_fullfsync", "1", "0").await;
        check("wal_autocheckpoint", "16000", "1000").await;
        check("cache_size", "-65536", "-32768").await;
        check("journal_size_limit", "67108864", "-1").await;
        check("application_id", "1347179591", "1347179591").await;
        check("user_version", "2", "2").await;
        let mapped = sqlx::query("PRAGMA mmap_size").fetch_all(&mut writer).await.unwrap();
        assert!(mapped.iter().all(|row| row.get::<i64, _>(0) == 0), "nothing is mapped");
    }

    #[tokio::test]
    async fn readers_cannot_write() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("programme.pilotage");
        create(&path, Uuid::from_u128(1), 0, &Harness::default()).await.unwrap();
        let readers = readers(&path, &Harness::default()).await.unwrap();
        for statement in
            ["DELETE FROM workspace", "CREATE TABLE more (a)", "PRAGMA user_version = 9"]
        {
            let error = sqlx::query(statement).execute(&readers).await.unwrap_err();
            let error = crate::StoreError::from(error);
            assert!(matches!(error, crate::StoreError::ReadOnly(_)), "{statement}: {error:?}");
        }
    }

    #[test]
    fn unsafe_versions_of_sqlite_are_refused() {
        for (version, sound) in [
            ("3.51.3", true),
            ("3.53.0", true),
            ("3.51.2", false),
            ("3.52.0", false),
            ("3.9.2", false),
        ] {
            assert_eq!(version_is_sound(version), sound, "{version}");
        }
    }
}
