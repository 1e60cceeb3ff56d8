//! How a workspace file is recognised, made and opened. Every pragma says why.

use crate::error::StoreError;
use pilotage_domain::Millis;
use pilotage_schema::{APPLICATION_ID, MIGRATOR, USER_VERSION};
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection, SqlitePool};
use std::path::Path;
use std::time::Duration;
use uuid::Uuid;

/// How long a write waits for another process before it gives up, having changed nothing.
const BUSY: Duration = Duration::from_secs(10);

/// What a look at the file says.
pub(crate) struct Header {
    pub(crate) workspace: Uuid,
    pub(crate) read_only: Option<String>,
}

fn base(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
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

fn writing(path: &Path) -> SqliteConnectOptions {
    base(path)
        // Readers never block the writer.
        .journal_mode(SqliteJournalMode::Wal)
        // The promise: what is called saved survives a power cut. NORMAL may lose commits.
        .synchronous(SqliteSynchronous::Full)
        // macOS: a plain fsync does not reach the medium; no effect elsewhere.
        .pragma("fullfsync", "ON")
        .pragma("checkpoint_fullfsync", "ON")
        // The default, stated: checkpoint after 1,000 pages.
        .pragma("wal_autocheckpoint", "1000")
        // 64 MB: a rebuild, or a long log received at once, would write its pages over and over
        // with the 2 MB of the default.
        .pragma("cache_size", "-65536")
        // The log shrinks again after a burst.
        .pragma("journal_size_limit", "67108864")
}

/// Makes an empty workspace file.
pub(crate) async fn create(path: &Path, workspace: Uuid, now: Millis) -> Result<(), StoreError> {
    if path.exists() {
        return Err(StoreError::Exists(path.display().to_string()));
    }
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|error| StoreError::Disk(error.to_string()))?;
    }
    let mut connection = writing(path).create_if_missing(true).connect().await?;
    assert_version(&mut connection).await?;
    MIGRATOR.run(&mut connection).await.map_err(not_migrated)?;
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
    connection.close().await?;
    owner_only(path)
}

#[cfg(unix)]
fn owner_only(path: &Path) -> Result<(), StoreError> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))
        .map_err(|error| StoreError::Disk(error.to_string()))
}

#[cfg(not(unix))]
fn owner_only(_: &Path) -> Result<(), StoreError> {
    Ok(())
}

/// Looks at a file read-only, before anything else touches it.
pub(crate) async fn identify(path: &Path) -> Result<Header, StoreError> {
    let shown = path.display().to_string();
    let metadata = std::fs::metadata(path).map_err(|_| StoreError::Missing(shown))?;
    if metadata.is_dir() {
        return Err(StoreError::Foreign("it is a folder".to_owned()));
    }
    if metadata.len() == 0 {
        return Err(StoreError::Foreign("it is empty".to_owned()));
    }
    let mut connection = base(path).read_only(true).connect().await?;
    assert_version(&mut connection).await?;
    let application: i32 =
        sqlx::query_scalar("PRAGMA application_id").fetch_one(&mut connection).await?;
    if application != APPLICATION_ID {
        return Err(StoreError::Foreign("another program made it".to_owned()));
    }
    // Nothing of ours is a trigger or a view: a file that has one was tampered with.
    let strange: i64 =
        sqlx::query_scalar!("SELECT count(*) FROM sqlite_schema WHERE type IN ('trigger', 'view')")
            .fetch_one(&mut connection)
            .await?;
    if strange > 0 {
        return Err(StoreError::Foreign(
            "it holds triggers or views of another program".to_owned(),
        ));
    }
    let version: i32 = sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut connection).await?;
    let id = sqlx::query_scalar!("SELECT id FROM workspace WHERE only = 1")
        .fetch_optional(&mut connection)
        .await
        .map_err(|error| match StoreError::from(error) {
            // The mark in the header is ours, so the rest should be too.
            StoreError::Unexpected(text) => StoreError::Damaged(text),
            other => other,
        })?
        .ok_or_else(|| StoreError::Damaged("it does not say which programme it is".to_owned()))?;
    connection.close().await?;
    let workspace =
        Uuid::from_slice(&id).map_err(|error| StoreError::Damaged(error.to_string()))?;
    let read_only = if version > USER_VERSION {
        Some("A newer version of Pilotage wrote this programme. Update to change it.".to_owned())
    } else if metadata.permissions().readonly() {
        Some("The file is write-protected. Make it writable to change the programme.".to_owned())
    } else {
        None
    };
    Ok(Header { workspace, read_only })
}

fn not_migrated(error: MigrateError) -> StoreError {
    match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
        other => StoreError::Unexpected(other.to_string()),
    }
}

/// The one connection that writes, after the migrations.
pub(crate) async fn writer(path: &Path) -> Result<SqliteConnection, StoreError> {
    let mut connection = writing(path).connect().await?;
    // Two programs that start together migrate one after the other.
    sqlx::query("BEGIN IMMEDIATE").execute(&mut connection).await?;
    sqlx::query("COMMIT").execute(&mut connection).await?;
    // A newer version may have added to the schema; while `user_version` lets us write, we may.
    let mut migrator = Migrator::with_migrations(MIGRATOR.iter().cloned().collect());
    migrator.set_ignore_missing(true).run(&mut connection).await.map_err(not_migrated)?;
    Ok(connection)
}

/// Connections that cannot write.
pub(crate) async fn readers(path: &Path) -> Result<SqlitePool, StoreError> {
    let options = base(path).read_only(true).pragma("query_only", "ON");
    Ok(SqlitePoolOptions::new()
        .min_connections(1)
        .max_connections(4)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_with(options)
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
    use sqlx::Row as _;
    use uuid::Uuid;

    #[tokio::test]
    async fn the_pragmas_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("programme.pilotage");
        create(&path, Uuid::from_u128(1), 0).await.unwrap();
        let mut writer = writer(&path).await.unwrap();
        let mut reader = readers(&path).await.unwrap().acquire().await.unwrap();
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
        check("wal_autocheckpoint", "1000", "1000").await;
        check("cache_size", "-65536", "-2000").await;
        check("journal_size_limit", "67108864", "-1").await;
        check("application_id", "1347179591", "1347179591").await;
        check("user_version", "1", "1").await;
        let mapped = sqlx::query("PRAGMA mmap_size").fetch_all(&mut writer).await.unwrap();
        assert!(mapped.iter().all(|row| row.get::<i64, _>(0) == 0), "nothing is mapped");
    }

    #[tokio::test]
    async fn readers_cannot_write() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("programme.pilotage");
        create(&path, Uuid::from_u128(1), 0).await.unwrap();
        let readers = readers(&path).await.unwrap();
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
