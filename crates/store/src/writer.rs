//! The writer task: a command enum, one connection, one reply each.

use crate::connect::CACHE;
use crate::error::StoreError;
use crate::fold::{self, Slice};
use crate::rebuild::{self, Slices, Told};
use crate::refresh;
use crate::rows::{Rows, hex};
use pilotage_domain::Millis;
use pilotage_domain::change::{Change, SeenBy};
use pilotage_domain::hlc::{self, Hlc};
use pilotage_domain::ids::DeviceId;
use pilotage_domain::operation::{Batch, Refused, Write};
use serde_json::{Value, json};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection, SqliteTransaction};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

/// A batch is cut well below its cap, so that no estimate has to be exact.
const CUT: usize = pilotage_domain::operation::MAX_BATCH * 3 / 5;

/// How long nobody must have asked for anything until the log is written home: a change does not
/// wait for that, unless it comes at that very moment.
const QUIET: Duration = Duration::from_secs(1);

/// Longest name of a device, in characters.
const NAME: usize = 200;

/// One action to append.
#[derive(Debug, Clone)]
pub struct Commit {
    /// Names the action: appended once, however often it is asked for.
    pub id: Uuid,
    /// Who acts.
    pub actor: Uuid,
    /// The author's clock.
    pub now: Millis,
    /// What changes.
    pub changes: Vec<Change>,
}

/// An appended action. Large ones take several batches, in one transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Committed {
    /// Sequence of its first batch.
    pub first: u64,
    /// Sequence of its last batch.
    pub last: u64,
    /// The device that wrote it.
    pub device: DeviceId,
}

/// What became of another device's batches.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Received {
    /// Appended and folded.
    pub folded: u32,
    /// Here already.
    pub known: u32,
    /// Kept, not folded.
    pub quarantined: u32,
}

pub(crate) enum Command {
    Commit(Commit, oneshot::Sender<Result<Option<Committed>, StoreError>>),
    Receive {
        device: DeviceId,
        lines: Vec<Vec<u8>>,
        now: Millis,
        reply: oneshot::Sender<Result<Received, StoreError>>,
    },
    Rebuild {
        now: Millis,
        slices: Slices,
        told: Told,
        reply: oneshot::Sender<Result<(), StoreError>>,
    },
}

/// Starts the task. It ends when every sender is gone. `reading` opens the same file for reading.
pub(crate) fn start(
    connection: SqliteConnection,
    reading: SqliteConnectOptions,
    workspace: Uuid,
    device: DeviceId,
    device_name: &str,
) -> (mpsc::Sender<Command>, tokio::task::JoinHandle<()>) {
    let device_name = device_name.chars().take(NAME).collect();
    let (sender, mut commands) = mpsc::channel(64);
    let task = tokio::spawn(async move {
        let mut writer = Writer { connection, reading, workspace, device, device_name };
        let mut wrote = false;
        loop {
            let command = if wrote {
                let Ok(command) = tokio::time::timeout(QUIET, commands.recv()).await else {
                    writer.write_log_home().await;
                    wrote = false;
                    continue;
                };
                command
            } else {
                commands.recv().await
            };
            let Some(command) = command else { break };
            wrote = true;
            // A caller that went away is no error: the write stands, findable by its id.
            match command {
                Command::Commit(commit, reply) => {
                    let _ = reply.send(writer.commit(&commit).await);
                }
                Command::Receive { device, lines, now, reply } => {
                    let _ = reply.send(writer.receive(device, &lines, now).await);
                }
                Command::Rebuild { now, slices, told, reply } => {
                    let _ = reply.send(writer.rebuild(now, slices, &told).await);
                }
            }
        }
        // `optimize` keeps the planner's statistics; losing it loses nothing.
        let _ = sqlx::query("PRAGMA optimize").execute(&mut writer.connection).await;
        let _ = writer.connection.close().await;
    });
    (sender, task)
}

struct Writer {
    connection: SqliteConnection,
    reading: SqliteConnectOptions,
    workspace: Uuid,
    device: DeviceId,
    device_name: String,
}

/// Where a device's log ends.
struct Position {
    seq: u64,
    hlc: Hlc,
}

impl Writer {
    async fn commit(&mut self, commit: &Commit) -> Result<Option<Committed>, StoreError> {
        let device = self.device;
        // Sequence and clock are drawn inside the transaction: two processes never draw the same.
        let mut transaction = self.connection.begin_with("BEGIN IMMEDIATE").await?;
        if let Some(done) = find_command(&mut transaction, commit.id).await? {
            return Ok(Some(done));
        }
        // Of two changes to one register the last one counts, before anything is compared.
        let mut latest = BTreeMap::new();
        for (write, by) in commit.changes.iter().flat_map(Change::writes) {
            latest.insert((write.entity, write.path.clone()), (write, by));
        }
        let keys = latest.keys().map(|(entity, path)| (*entity, path.as_str()));
        let mut current = fold::current(&mut transaction, keys).await?;
        let mut writes = Vec::new();
        for (key, (mut write, by)) in latest {
            let current = current.remove(&key);
            let same = match &current {
                Some(current) => current.value == write.value && !current.conflict,
                None => write.value.is_null(),
            };
            if same {
                continue;
            }
            if by == SeenBy::Winner {
                write.seen = current
                    .map(|current| (current.version.hlc, current.version.device))
                    .into_iter()
                    .collect();
            }
            writes.push(write);
        }
        if writes.is_empty() {
            return Ok(None);
        }
        let start = position(&mut transaction, device).await?;
        if start.seq == 0 {
            // In batch 1, however many batches this action takes.
            writes.insert(0, introduction(self.workspace, device, &self.device_name));
        }
        let mut at = Position { seq: start.seq, hlc: start.hlc };
        let clock = fold::clock(&mut transaction).await?;
        let mut refresh = fold::Refresh::default();
        let mut append = Append::default();
        for (index, writes) in cut(writes).into_iter().enumerate() {
            let mut batch = Batch {
                seq: at.seq + 1,
                hlc: hlc::next(clock.max(at.hlc), commit.now),
                actor: commit.actor,
                wall: commit.now,
                writes,
            };
            batch.sort();
            let line = batch.to_line()?;
            at = Position { seq: batch.seq, hlc: batch.hlc };
            let command = (index == 0).then_some(commit.id);
            append.push(device, batch, line.as_bytes(), command);
            append.flush_if_full(&mut transaction, &mut refresh).await?;
        }
        append.flush(&mut transaction, &mut refresh).await?;
        advance(&mut transaction, device, &self.device_name, &at, at.hlc).await?;
        refresh::refresh(&mut transaction, refresh, None, commit.now, &Told::nobody()).await?;
        transaction.commit().await?;
        Ok(Some(Committed { first: start.seq + 1, last: at.seq, device }))
    }

    async fn receive(
        &mut self,
        device: DeviceId,
        lines: &[Vec<u8>],
        now: Millis,
    ) -> Result<Received, StoreError> {
        let mut transaction = self.connection.begin_with("BEGIN IMMEDIATE").await?;
        let mut intake = Intake::start(&mut transaction, device).await?;
        for line in lines {
            intake.take(&mut transaction, line).await?;
        }
        let Intake { at, clock, received, mut refresh, append, .. } = intake;
        append.flush(&mut transaction, &mut refresh).await?;
        if at.seq > 0 {
            advance(&mut transaction, device, "", &at, clock).await?;
        }
        refresh::refresh(&mut transaction, refresh, None, now, &Told::nobody()).await?;
        transaction.commit().await?;
        Ok(received)
    }

    /// Writes the log into the file, as far as readers let it. An error is no loss: the log is as
    /// safe as the file, and is written home another time.
    async fn write_log_home(&mut self) {
        let _ = sqlx::query("PRAGMA wal_checkpoint(PASSIVE)").execute(&mut self.connection).await;
    }

    async fn rebuild(
        &mut self,
        now: Millis,
        slices: Slices,
        told: &Told,
    ) -> Result<(), StoreError> {
        // A rebuild goes to and fro in all of the read model: what does not stay in memory is
        // written and read several times over.
        sqlx::query("PRAGMA cache_size = -524288").execute(&mut self.connection).await?;
        let rebuilt = self.rebuild_in_memory(now, slices, told).await;
        let size = sqlx::AssertSqlSafe(format!("PRAGMA cache_size = {CACHE}"));
        sqlx::query(size).execute(&mut self.connection).await?;
        sqlx::query("PRAGMA shrink_memory").execute(&mut self.connection).await?;
        rebuilt
    }

    async fn rebuild_in_memory(
        &mut self,
        now: Millis,
        slices: Slices,
        told: &Told,
    ) -> Result<(), StoreError> {
        let mut transaction = self.connection.begin_with("BEGIN IMMEDIATE").await?;
        rebuild::take_in_understood(&mut transaction).await?;
        transaction.commit().await?;
        let mut transaction = self.connection.begin_with("BEGIN IMMEDIATE").await?;
        let log = self.reading.connect().await?;
        rebuild::rebuild(&mut transaction, log, now, slices, told).await?;
        transaction.commit().await?;
        Ok(())
    }
}

/// Batches on their way into the log and the fold, several at a time.
#[derive(Default)]
pub(crate) struct Append {
    /// Device, seq, hlc, wall, number of writes, line, command.
    rows: Rows,
    batches: Vec<(DeviceId, Batch)>,
    writes: usize,
}

impl Append {
    /// Adds a batch with its canonical line.
    pub(crate) fn push(
        &mut self,
        device: DeviceId,
        batch: Batch,
        line: &[u8],
        command: Option<Uuid>,
    ) {
        self.rows.push(&(
            hex(&device.0),
            fold::signed(batch.seq),
            fold::signed(batch.hlc),
            batch.wall,
            batch.writes.len(),
            // A canonical line is text.
            String::from_utf8_lossy(line),
            command.map(|command| hex(command.as_bytes())),
        ));
        self.writes += batch.writes.len();
        self.batches.push((device, batch));
    }

    async fn flush_if_full(
        &mut self,
        connection: &mut SqliteConnection,
        refresh: &mut fold::Refresh,
    ) -> Result<(), StoreError> {
        if self.writes >= fold::SLICE {
            std::mem::take(self).flush(connection, refresh).await?;
        }
        Ok(())
    }

    /// Appends and folds what was added.
    async fn flush(
        mut self,
        connection: &mut SqliteConnection,
        refresh: &mut fold::Refresh,
    ) -> Result<(), StoreError> {
        if self.batches.is_empty() {
            return Ok(());
        }
        self.write_log(connection).await?;
        let slice = Slice::of(self.batches.iter().map(|(device, batch)| (*device, batch)));
        refresh.merge(slice.fold(connection, None).await?);
        Ok(())
    }

    /// Appends without folding.
    pub(crate) async fn write_log(
        &mut self,
        connection: &mut SqliteConnection,
    ) -> Result<(), StoreError> {
        let rows = std::mem::take(&mut self.rows).text();
        sqlx::query!(
            "WITH rows (r) AS MATERIALIZED (SELECT value FROM json_each(?))
             INSERT INTO batch (device, seq, hlc, wall, writes, body, command)
             SELECT unhex(r->>0), r->>1, r->>2, r->>3, r->>4, CAST(r->>5 AS BLOB), unhex(r->>6)
             FROM rows",
            rows
        )
        .execute(&mut *connection)
        .await?;
        Ok(())
    }
}

/// What is to be done with a line of another device.
enum Verdict {
    Known,
    /// The next of its device.
    Next(Batch),
    /// Of a later version: not folded, but it has its place in the sequence.
    Later(Position, String),
    /// Breaks a rule or comes after a gap: nothing of this device counts behind it.
    Kept(String),
}

/// A device's lines on their way in.
struct Intake {
    device: DeviceId,
    at: Position,
    /// The greatest reading folded; what is only kept does not move the clock.
    clock: Hlc,
    /// Quarantined lines by their sequence, with their rows: a gap may fill.
    waiting: BTreeMap<u64, Vec<(i64, Vec<u8>)>>,
    /// Rows that were quarantined by this call.
    fresh: BTreeSet<i64>,
    refresh: fold::Refresh,
    append: Append,
    received: Received,
}

impl Intake {
    async fn start(
        transaction: &mut SqliteTransaction<'_>,
        device: DeviceId,
    ) -> Result<Self, StoreError> {
        let at = position(transaction, device).await?;
        let id = device.0.to_vec();
        let rows = sqlx::query!("SELECT id, body FROM quarantine WHERE device = ? ORDER BY id", id)
            .fetch_all(&mut **transaction)
            .await?;
        let mut waiting: BTreeMap<u64, Vec<_>> = BTreeMap::new();
        for row in rows {
            if let Some(place) = place(&row.body) {
                waiting.entry(place.seq).or_default().push((row.id, row.body));
            }
        }
        Ok(Self {
            device,
            at,
            clock: 0,
            waiting,
            fresh: BTreeSet::new(),
            refresh: fold::Refresh::default(),
            append: Append::default(),
            received: Received::default(),
        })
    }

    fn judge(&self, line: &[u8]) -> Verdict {
        match Batch::parse(line) {
            Ok(batch) if batch.seq <= self.at.seq => Verdict::Known,
            Ok(batch) => match batch.follows(self.at.hlc) {
                Err(refused) => Verdict::Kept(refused.to_string()),
                Ok(()) if batch.seq == self.at.seq + 1 => Verdict::Next(batch),
                Ok(()) => Verdict::Kept(format!("gap: batch {} after {}", batch.seq, self.at.seq)),
            },
            Err(refused @ Refused::Unknown(_)) => match place(line) {
                Some(place)
                    if place.seq == self.at.seq + 1
                        && (self.at.hlc + 1..hlc::CAP).contains(&place.hlc) =>
                {
                    Verdict::Later(place, refused.to_string())
                }
                _ => Verdict::Kept(refused.to_string()),
            },
            Err(refused) => Verdict::Kept(refused.to_string()),
        }
    }

    async fn take(
        &mut self,
        transaction: &mut SqliteTransaction<'_>,
        line: &[u8],
    ) -> Result<(), StoreError> {
        match self.judge(line) {
            Verdict::Known => self.received.known += 1,
            Verdict::Next(batch) => {
                self.fold(transaction, batch, line).await?;
                self.release(transaction).await?;
            }
            Verdict::Later(place, reason) => {
                self.keep(transaction, line, &reason).await?;
                self.at = place;
                self.release(transaction).await?;
            }
            Verdict::Kept(reason) => self.keep(transaction, line, &reason).await?,
        }
        Ok(())
    }

    async fn fold(
        &mut self,
        transaction: &mut SqliteTransaction<'_>,
        batch: Batch,
        line: &[u8],
    ) -> Result<(), StoreError> {
        self.at = Position { seq: batch.seq, hlc: batch.hlc };
        self.clock = batch.hlc;
        self.received.folded += 1;
        self.append.push(self.device, batch, line, None);
        self.append.flush_if_full(transaction, &mut self.refresh).await
    }

    /// Takes in what waited for the place that was just filled, and so on.
    async fn release(&mut self, transaction: &mut SqliteTransaction<'_>) -> Result<(), StoreError> {
        while let Some(candidates) = self.waiting.remove(&(self.at.seq + 1)) {
            let before = self.at.seq;
            for (row, line) in candidates {
                match self.judge(&line) {
                    Verdict::Next(batch) => {
                        self.fold(transaction, batch, &line).await?;
                        sqlx::query!("DELETE FROM quarantine WHERE id = ?", row)
                            .execute(&mut **transaction)
                            .await?;
                        if self.fresh.remove(&row) {
                            self.received.quarantined -= 1;
                        }
                    }
                    Verdict::Later(place, _) => self.at = place,
                    Verdict::Known | Verdict::Kept(_) => {}
                }
            }
            if self.at.seq == before {
                break;
            }
        }
        Ok(())
    }

    async fn keep(
        &mut self,
        transaction: &mut SqliteTransaction<'_>,
        line: &[u8],
        reason: &str,
    ) -> Result<(), StoreError> {
        let id = self.device.0.to_vec();
        let row = sqlx::query_scalar!(
            r#"INSERT INTO quarantine (device, body, reason) VALUES (?, ?, ?)
               ON CONFLICT DO NOTHING RETURNING id AS "id!: i64""#,
            id,
            line,
            reason
        )
        .fetch_optional(&mut **transaction)
        .await?;
        let Some(row) = row else {
            self.received.known += 1;
            return Ok(());
        };
        self.fresh.insert(row);
        self.received.quarantined += 1;
        if let Some(place) = place(line) {
            self.waiting.entry(place.seq).or_default().push((row, line.to_vec()));
        }
        Ok(())
    }
}

/// The write that introduces a device, part of its first batch.
fn introduction(workspace: Uuid, device: DeviceId, name: &str) -> Write {
    Write {
        entity: Uuid::from_bytes(device.0),
        path: "device".to_owned(),
        value: json!({
            "app": env!("CARGO_PKG_VERSION"),
            "name": name,
            "workspace": workspace.to_string(),
        }),
        seen: Vec::new(),
    }
}

/// Cuts an action into batches below the cap.
fn cut(writes: Vec<Write>) -> Vec<Vec<Write>> {
    let mut batches = vec![Vec::new()];
    let mut size = 0;
    for write in writes {
        let weight = write.value.to_string().len() + write.path.len() + 64 * write.seen.len() + 80;
        let full = size + weight > CUT
            || batches.last().is_some_and(|batch: &Vec<Write>| {
                batch.len() >= pilotage_domain::operation::MAX_WRITES
            });
        if full && size > 0 {
            batches.push(Vec::new());
            size = 0;
        }
        size += weight;
        if let Some(batch) = batches.last_mut() {
            batch.push(write);
        }
    }
    batches
}

/// Sequence and reading that a line claims, whatever its format.
fn place(line: &[u8]) -> Option<Position> {
    let value: Value = serde_json::from_slice(line).ok()?;
    let hlc = hlc::from_hex(value.get("h")?.as_str()?)?;
    Some(Position { seq: value.get("s")?.as_u64()?, hlc })
}

async fn find_command(
    transaction: &mut SqliteTransaction<'_>,
    id: Uuid,
) -> Result<Option<Committed>, StoreError> {
    let command = id.as_bytes().to_vec();
    // The batches of one action follow each other; only the first carries the command's id.
    let row = sqlx::query!(
        r#"SELECT device AS "device!", seq AS "seq!",
            (SELECT max(b.seq) FROM batch b WHERE b.device = batch.device AND b.seq < coalesce(
                (SELECT min(n.seq) FROM batch n
                 WHERE n.device = batch.device AND n.seq > batch.seq AND n.command IS NOT NULL),
                9223372036854775807)) AS "last!: i64"
           FROM batch WHERE command = ?"#,
        command
    )
    .fetch_optional(&mut **transaction)
    .await?;
    row.map(|row| {
        Ok(Committed {
            first: fold::unsigned(row.seq),
            last: fold::unsigned(row.last),
            device: fold::device(&row.device)?,
        })
    })
    .transpose()
}

async fn position(
    transaction: &mut SqliteTransaction<'_>,
    device: DeviceId,
) -> Result<Position, StoreError> {
    let id = device.0.to_vec();
    let row = sqlx::query!("SELECT seq, hlc FROM device WHERE device = ?", id)
        .fetch_optional(&mut **transaction)
        .await?;
    Ok(row.map_or(Position { seq: 0, hlc: 0 }, |row| Position {
        seq: fold::unsigned(row.seq),
        hlc: fold::unsigned(row.hlc),
    }))
}

async fn advance(
    transaction: &mut SqliteTransaction<'_>,
    device: DeviceId,
    name: &str,
    at: &Position,
    clock: Hlc,
) -> Result<(), StoreError> {
    let (id, seq, hlc) = (device.0.to_vec(), fold::signed(at.seq), fold::signed(at.hlc));
    let clock = fold::signed(clock);
    sqlx::query!(
        "INSERT INTO device (device, name, seq, hlc) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (device) DO UPDATE SET seq = ?3, hlc = ?4",
        id,
        name,
        seq,
        hlc
    )
    .execute(&mut **transaction)
    .await?;
    sqlx::query!("UPDATE workspace SET clock = max(clock, ?) WHERE only = 1", clock)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}
