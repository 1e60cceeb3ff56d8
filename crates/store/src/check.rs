//! Whether a file is sound: its schema is the known one, its pages and indexes agree, and its read
//! model is what its log folds to.

use crate::connect::migrated;
use crate::error::StoreError;
use crate::fold::{device, signed, unsigned};
use pilotage_domain::operation::Batch;
use pilotage_schema::MIGRATOR;
use sqlx::migrate::Migrator;
use sqlx::{Connection as _, Row as _, SqliteConnection};
use std::collections::{BTreeMap, HashMap};

/// What the check says at most; more lines of the same help nobody.
const LINES: usize = 20;

/// Refuses a file whose tables are not ours. A later version may have added tables and columns, and
/// says so in its list of migrations; nothing else may.
pub(crate) async fn schema(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let applied: Vec<i64> =
        match sqlx::query_scalar("SELECT version FROM _sqlx_migrations ORDER BY version")
            .fetch_all(&mut *connection)
            .await
            .map_err(StoreError::from)
        {
            Ok(applied) => applied,
            Err(StoreError::Unexpected(text)) => return Err(StoreError::Damaged(text)),
            Err(error) => return Err(error),
        };
    let known = known(&applied).await?;
    let later = applied.iter().any(|version| MIGRATOR.iter().all(|ours| ours.version != *version));
    let mut found = objects(connection).await?;
    for (name, sql) in &known {
        let same = match found.remove(name) {
            None => {
                return Err(StoreError::Damaged(format!("its table or index {name} is missing")));
            }
            Some(other) => other == *sql || (later && sql.starts_with("CREATE TABLE")),
        };
        if !same {
            return Err(StoreError::Foreign(format!("its {name} is not that of Pilotage")));
        }
    }
    match found.keys().next() {
        Some(name) if !later => {
            Err(StoreError::Tampered(format!("it holds {name}, which is not of Pilotage")))
        }
        _ => Ok(()),
    }
}

/// The schema after the migrations that a file says it had.
async fn known(applied: &[i64]) -> Result<BTreeMap<String, String>, StoreError> {
    let ours = MIGRATOR.iter().filter(|migration| applied.contains(&migration.version)).cloned();
    let mut memory = SqliteConnection::connect("sqlite::memory:").await?;
    migrated(&Migrator::with_migrations(ours.collect()), &mut memory).await?;
    let known = objects(&mut memory).await?;
    memory.close().await?;
    Ok(known)
}

/// Tables and indexes with their SQL. Those of the database itself come and go.
async fn objects(
    connection: &mut SqliteConnection,
) -> Result<BTreeMap<String, String>, StoreError> {
    let rows = sqlx::query(
        "SELECT name, sql FROM sqlite_schema
         WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND sql IS NOT NULL",
    )
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
        .collect::<Result<_, sqlx::Error>>()
        .map_err(|error| StoreError::Damaged(error.to_string()))
}

/// Every page once: what is broken, at most [`LINES`].
pub(crate) async fn pages(connection: &mut SqliteConnection) -> Result<Vec<String>, StoreError> {
    pragma(connection, "PRAGMA quick_check(20)").await
}

/// Every page, every index, and the read model against the log.
pub(crate) async fn whole(connection: &mut SqliteConnection) -> Result<Vec<String>, StoreError> {
    let mut problems = pragma(connection, "PRAGMA integrity_check(20)").await?;
    if problems.is_empty() {
        problems = match log_against_registers(connection).await {
            Ok(problems) => problems,
            Err(StoreError::Damaged(text)) => vec![text],
            Err(StoreError::Refused(refused)) => vec![format!("the log: {refused}")],
            Err(error) => return Err(error),
        };
    }
    problems.truncate(LINES);
    Ok(problems)
}

async fn pragma(
    connection: &mut SqliteConnection,
    statement: &'static str,
) -> Result<Vec<String>, StoreError> {
    let lines = sqlx::query_scalar::<_, String>(statement).fetch_all(connection).await;
    match lines.map_err(StoreError::from) {
        Ok(lines) if lines == ["ok"] => Ok(Vec::new()),
        Ok(lines) => Ok(lines),
        // Some damage stops the check itself.
        Err(
            StoreError::Damaged(text) | StoreError::Foreign(text) | StoreError::Unexpected(text),
        ) => Ok(vec![text]),
        Err(error) => Err(error),
    }
}

/// Every write of the log is in `register_write` as it was written, or a fact that stands alone, and
/// nothing else is. The database keeps no sums of its pages: a bit that flipped within a value is
/// found only like this.
async fn log_against_registers(
    connection: &mut SqliteConnection,
) -> Result<Vec<String>, StoreError> {
    let damaged = |error: sqlx::Error| match StoreError::from(error) {
        StoreError::Unexpected(text) => StoreError::Damaged(text),
        other => other,
    };
    let mut problems = Vec::new();
    let mut transaction = connection.begin().await?;
    let batches = sqlx::query("SELECT device, seq, hlc, wall, writes, body FROM batch")
        .fetch_all(&mut *transaction)
        .await
        .map_err(damaged)?;
    let mut writes = HashMap::new();
    for row in &batches {
        let (id, seq): (Vec<u8>, i64) =
            (row.try_get(0).map_err(damaged)?, row.try_get(1).map_err(damaged)?);
        let body: Vec<u8> = row.try_get(5).map_err(damaged)?;
        let batch = Batch::parse(&body)?;
        let told = (
            row.try_get::<i64, _>(2).map_err(damaged)?,
            row.try_get::<i64, _>(3).map_err(damaged)?,
            row.try_get::<i64, _>(4).map_err(damaged)?,
        );
        let count = i64::try_from(batch.writes.len()).unwrap_or(i64::MAX);
        if unsigned(seq) != batch.seq || told != (signed(batch.hlc), batch.wall, count) {
            problems
                .push(format!("batch {seq} of {} is not what its row says", device(&id)?.short()));
        }
        for write in batch.writes {
            let key = (write.entity, write.path, batch.hlc, id.clone());
            writes.insert(key, write.value.to_string());
        }
    }
    drop(batches);
    let rows = sqlx::query(
        "SELECT entity, path, hlc, device, value FROM register_write
         UNION ALL
         SELECT id, 'fact', hlc, device, body FROM fact
         WHERE NOT EXISTS (SELECT 1 FROM register WHERE entity = fact.id AND path = 'fact')",
    )
    .fetch_all(&mut *transaction)
    .await
    .map_err(damaged)?;
    for row in &rows {
        let entity: Vec<u8> = row.try_get(0).map_err(damaged)?;
        let key = (
            crate::fold::uuid(&entity)?,
            row.try_get::<String, _>(1).map_err(damaged)?,
            unsigned(row.try_get(2).map_err(damaged)?),
            row.try_get::<Vec<u8>, _>(3).map_err(damaged)?,
        );
        let value: String = row.try_get(4).map_err(damaged)?;
        if writes.remove(&key) != Some(value) && problems.len() < LINES {
            problems.push(format!("a value of {} is not what the log says ({})", key.0, key.1));
        }
    }
    if !writes.is_empty() {
        problems.push(format!("{} writes of the log are missing from the registers", writes.len()));
    }
    // The winners are copies of those rows.
    let strays: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM register r LEFT JOIN register_write w ON w.entity = r.entity
         AND w.path = r.path AND w.hlc = r.hlc AND w.device = r.device AND w.value = r.value
         WHERE w.entity IS NULL",
    )
    .fetch_one(&mut *transaction)
    .await
    .map_err(damaged)?;
    if strays > 0 {
        problems.push(format!("{strays} values in force are not those of the log"));
    }
    Ok(problems)
}
