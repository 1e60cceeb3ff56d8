//! Rebuild: the read model is dropped and the whole log folded again, in slices within one
//! transaction. A rebuild that is cut off has changed nothing, and nobody reads half of one.
//!
//! Three things go on at once: a task reads the log on a connection of its own, a thread makes the
//! next slice ready, and the writer folds the one before.

use crate::error::StoreError;
use crate::fold::{self, Folded, Refresh, Slice, signed, unsigned};
use crate::refresh;
use crate::writer::Append;
use pilotage_domain::Millis;
use pilotage_domain::ids::DeviceId;
use pilotage_domain::operation::Batch;
use sqlx::{Connection as _, SqliteConnection, SqlitePool};
use std::collections::VecDeque;
use tokio::sync::{mpsc, watch};

/// The form of the read model that this version keeps. Raised whenever an older one would answer
/// otherwise: a file that holds an older form is folded again when it is opened.
pub(crate) const READ_MODEL: i64 = 4;

/// Batches that are folded together. Most hold a few writes, some a quarter of a megabyte.
const READ: usize = 2_000;
/// Batches of one device that are read together.
const AHEAD: i64 = 500;

/// Facts that are kept in memory while the log is folded, about 400 bytes each. A longer log goes
/// back to the database for each.
const KEPT: usize = 1_000_000;

/// How far a rebuild is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rebuilding {
    /// Register writes folded.
    pub folded: u64,
    /// Register writes of the whole log.
    pub writes: u64,
    /// Services whose journey was walked.
    pub walked: u64,
    /// Services to walk; known once the log is folded.
    pub services: u64,
}

/// Whether an older version made the read model of the file. A file that can only be read must
/// have the tables at least: nothing can make them there.
pub(crate) async fn is_outdated(readers: &SqlitePool, read_only: bool) -> Result<bool, StoreError> {
    let table = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'node_course') AS "is: bool""#
    )
    .fetch_one(readers)
    .await?;
    if !table {
        return if read_only {
            Err(StoreError::ReadOnly(
                "An older version of Pilotage wrote this programme, and the file is \
                 write-protected. Make it writable, so that it can be brought up to date."
                    .to_owned(),
            ))
        } else {
            Ok(true)
        };
    }
    let folded = sqlx::query_scalar!("SELECT folded FROM workspace WHERE only = 1")
        .fetch_one(readers)
        .await?;
    Ok(folded < READ_MODEL)
}

/// Who is told how far it is; nobody, usually.
#[derive(Debug, Default)]
pub(crate) struct Told(Option<watch::Sender<Rebuilding>>);

impl Told {
    pub(crate) fn nobody() -> Self {
        Self(None)
    }

    pub(crate) fn by(sender: watch::Sender<Rebuilding>) -> Self {
        Self(Some(sender))
    }

    fn begins(&self, writes: u64) {
        self.tell(|progress| *progress = Rebuilding { writes, ..Rebuilding::default() });
    }

    fn folded(&self, more: usize) {
        self.tell(|progress| progress.folded += more as u64);
    }

    pub(crate) fn computed(&self, more: usize, all: usize) {
        self.tell(|progress| {
            progress.walked += more as u64;
            progress.services = all as u64;
        });
    }

    fn tell(&self, change: impl FnOnce(&mut Rebuilding)) {
        if let Some(sender) = &self.0 {
            sender.send_modify(change);
        }
    }
}

/// How many writes a slice of a rebuild takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slices {
    /// All that were read together.
    Wide,
    /// One: what folding in slices is measured against.
    One,
}

/// Drops the read model and folds the whole log again. `log` is another connection to the same
/// file, which reads what was committed: the transaction of `connection` must have begun, so that
/// nobody commits meanwhile, and must not have written to the log.
pub(crate) async fn rebuild(
    connection: &mut SqliteConnection,
    log: SqliteConnection,
    now: Millis,
    slices: Slices,
    told: &Told,
) -> Result<(), StoreError> {
    let writes =
        sqlx::query_scalar!(r#"SELECT coalesce(sum(writes), 0) AS "writes!: i64" FROM batch"#)
            .fetch_one(&mut *connection)
            .await?;
    told.begins(unsigned(writes));
    clear(connection).await?;
    let index = drop_index(connection).await?;
    let mut refresh = Refresh::default();
    let mut folded = (slices == Slices::Wide).then(Folded::default);
    let mut ready = read_ahead(log, slices);
    while let Some(made) = ready.recv().await {
        for (slice, writes) in made? {
            refresh.merge(slice.fold(connection, folded.as_mut()).await?);
            told.folded(writes);
        }
        folded = folded.filter(|folded| folded.len() <= KEPT);
    }
    // Constants of the schema; statements that define take no parameters.
    sqlx::query(sqlx::AssertSqlSafe(index)).execute(&mut *connection).await?;
    refresh.all = true;
    let at_hand = match folded {
        Some(folded) => Some(folded.by_service(connection).await?),
        None => None,
    };
    refresh::refresh(connection, refresh, at_hand, now, told).await?;
    sqlx::query!("UPDATE workspace SET folded = ? WHERE only = 1", READ_MODEL)
        .execute(&mut *connection)
        .await?;
    Ok(())
}

/// Drops the index that facts are found by, of which nothing is asked while the log is folded, and
/// returns how it was made: made again over all of them at the end it costs a fraction.
async fn drop_index(connection: &mut SqliteConnection) -> Result<String, StoreError> {
    let made: String =
        sqlx::query_scalar("SELECT sql FROM sqlite_schema WHERE name = 'fact_by_service'")
            .fetch_one(&mut *connection)
            .await?;
    sqlx::query("DROP INDEX fact_by_service").execute(&mut *connection).await?;
    Ok(made)
}

/// Slices, each with the number of its writes.
type Made = Result<Vec<(Slice, usize)>, StoreError>;

/// Reads the log and makes slices ready, one piece ahead of whoever takes them. It ends with the
/// log, with an error, which it hands over, or when nobody takes any more.
fn read_ahead(connection: SqliteConnection, slices: Slices) -> mpsc::Receiver<Made> {
    let (ready, taken) = mpsc::channel(1);
    tokio::spawn(async move {
        if let Err(error) = hand_over(connection, slices, &ready).await {
            // Who went away wants to know no error.
            let _ = ready.send(Err(error)).await;
        }
    });
    taken
}

async fn hand_over(
    mut connection: SqliteConnection,
    slices: Slices,
    ready: &mpsc::Sender<Made>,
) -> Result<(), StoreError> {
    let mut log = Log::open(&mut connection).await?;
    let mut rows = log.read(&mut connection).await?;
    while !rows.is_empty() {
        let making = tokio::task::spawn_blocking(move || make(&rows, slices));
        rows = log.read(&mut connection).await?;
        let made = making.await.map_err(|error| StoreError::Unexpected(error.to_string()))?;
        if ready.send(made).await.is_err() {
            break;
        }
    }
    Ok(connection.close().await?)
}

fn make(rows: &[(DeviceId, Vec<u8>)], slices: Slices) -> Made {
    let batches = rows
        .iter()
        .map(|(device, body)| Ok((*device, fold::batch(body)?)))
        .collect::<Result<Vec<_>, StoreError>>()?;
    let borrowed = || batches.iter().map(|(device, batch)| (*device, batch));
    Ok(match slices {
        Slices::Wide => {
            let writes = batches.iter().map(|(_, batch)| batch.writes.len()).sum();
            vec![(Slice::of(borrowed()), writes)]
        }
        Slices::One => borrowed()
            .flat_map(|(device, batch)| {
                let (version, actor) = (batch.version(device), batch.actor);
                let one = move |write| (Slice::of_writes([(version, actor, write)]), 1);
                batch.writes.iter().map(one)
            })
            .collect(),
    })
}

/// The log in order of the clock, read piece by piece: of each device in its own order, which is how
/// the table lies, and which is that of the clock too. Looking batches up one by one through an
/// index by the clock takes longer than folding them.
struct Log {
    devices: Vec<Device>,
}

/// A device's log on its way.
struct Device {
    id: Vec<u8>,
    /// The last sequence that was read.
    read: i64,
    /// What was read: reading and line.
    waiting: VecDeque<(i64, Vec<u8>)>,
    ended: bool,
}

impl Log {
    async fn open(connection: &mut SqliteConnection) -> Result<Self, StoreError> {
        let mut devices: Vec<Device> = Vec::new();
        loop {
            let last = devices.last().map_or(Vec::new(), |last| last.id.clone());
            let next = sqlx::query_scalar!(
                r#"SELECT min(device) AS "id: Vec<u8>" FROM batch WHERE device > ?"#,
                last
            )
            .fetch_one(&mut *connection)
            .await?;
            let Some(id) = next else { return Ok(Self { devices }) };
            devices.push(Device { id, read: 0, waiting: VecDeque::new(), ended: false });
        }
    }

    /// The next batches; none at the end.
    async fn read(
        &mut self,
        connection: &mut SqliteConnection,
    ) -> Result<Vec<(DeviceId, Vec<u8>)>, StoreError> {
        let mut batches = Vec::with_capacity(READ);
        while batches.len() < READ {
            for device in &mut self.devices {
                device.read_on(connection).await?;
            }
            let heads = self.devices.iter_mut().filter_map(|device| {
                let hlc = device.waiting.front()?.0;
                Some((hlc, device))
            });
            let next = heads.min_by(|(a, one), (b, other)| (a, &one.id).cmp(&(b, &other.id)));
            let Some((_, device)) = next else { break };
            let id = fold::device(&device.id)?;
            batches.extend(device.waiting.pop_front().map(|(_, body)| (id, body)));
        }
        Ok(batches)
    }
}

impl Device {
    async fn read_on(&mut self, connection: &mut SqliteConnection) -> Result<(), StoreError> {
        if self.ended || !self.waiting.is_empty() {
            return Ok(());
        }
        let rows = sqlx::query!(
            "SELECT seq, hlc, body FROM batch WHERE device = ? AND seq > ? ORDER BY seq LIMIT ?",
            self.id,
            self.read,
            AHEAD
        )
        .fetch_all(&mut *connection)
        .await?;
        self.ended = rows.is_empty();
        self.read = rows.last().map_or(self.read, |last| last.seq);
        self.waiting.extend(rows.into_iter().map(|row| (row.hlc, row.body)));
        Ok(())
    }
}

/// Takes batches into the log that were set aside as of a later format and are understood by now.
/// Each has kept its place: only such a batch leaves a hole in the sequence of its device. The read
/// model is outdated then, and the file says so until it is rebuilt.
pub(crate) async fn take_in_understood(
    connection: &mut SqliteConnection,
) -> Result<(), StoreError> {
    let rows = sqlx::query!(
        "SELECT q.id, q.device, q.body, d.seq FROM quarantine AS q
         JOIN device AS d ON d.device = q.device ORDER BY q.id"
    )
    .fetch_all(&mut *connection)
    .await?;
    for row in rows {
        let Ok(batch) = Batch::parse(&row.body) else { continue };
        if batch.seq > unsigned(row.seq) {
            continue;
        }
        let (seq, hlc) = (signed(batch.seq), signed(batch.hlc));
        let fits = sqlx::query_scalar!(
            r#"SELECT NOT EXISTS (SELECT 1 FROM batch WHERE device = ?1 AND (seq = ?2
                OR (seq < ?2 AND hlc >= ?3) OR (seq > ?2 AND hlc <= ?3))) AS "fits!: bool""#,
            row.device,
            seq,
            hlc
        )
        .fetch_one(&mut *connection)
        .await?;
        if !fits {
            continue;
        }
        let mut append = Append::default();
        append.push(fold::device(&row.device)?, batch, &row.body, None);
        // Folded with all the rest.
        append.write_log(connection).await?;
        sqlx::query!("DELETE FROM quarantine WHERE id = ?", row.id)
            .execute(&mut *connection)
            .await?;
        sqlx::query!("UPDATE workspace SET folded = 0, clock = max(clock, ?) WHERE only = 1", hlc)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// Empties the read model.
async fn clear(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    for table in [
        "slice",
        "register_write",
        "awaited",
        "register",
        "entity",
        "fact",
        "touched",
        "dependency",
        "merged",
        "node",
        "node_course",
        "node_text",
    ] {
        // Table names take no parameters; all are constants.
        sqlx::query(sqlx::AssertSqlSafe(format!("DELETE FROM {table}")))
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}
