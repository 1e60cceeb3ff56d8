//! The writer task: a command enum, one connection, one reply each.

use crate::error::StoreError;
use crate::fold;
use pilotage_domain::change::{Change, SeenBy};
use pilotage_domain::hlc::{self, Hlc};
use pilotage_domain::ids::DeviceId;
use pilotage_domain::operation::{Batch, Refused, Write};
use pilotage_domain::Millis;
use serde_json::{Value, json};
use sqlx::{Connection as _, SqliteConnection, SqliteTransaction};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

/// A batch is cut well below its cap, so that no estimate has to be exact.
const CUT: usize = pilotage_domain::operation::MAX_BATCH * 3 / 5;

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
        reply: oneshot::Sender<Result<(), StoreError>>,
    },
}

/// Starts the task. It ends when every sender is gone.
pub(crate) fn start(
    connection: SqliteConnection,
    workspace: Uuid,
    device: DeviceId,
    device_name: String,
) -> (mpsc::Sender<Command>, tokio::task::JoinHandle<()>) {
    let (sender, mut commands) = mpsc::channel(64);
    let task = tokio::spawn(async move {
        let mut writer = Writer { connection, workspace, device, device_name };
        while let Some(command) = commands.recv().await {
            // A caller that went away is no error: the write stands, findable by its id.
            match command {
                Command::Commit(commit, reply) => {
                    let _ = reply.send(writer.commit(&commit).await);
                }
                Command::Receive { device, lines, now, reply } => {
                    let _ = reply.send(writer.receive(device, &lines, now).await);
                }
                Command::Rebuild { now, reply } => {
                    let _ = reply.send(writer.rebuild(now).await);
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
        let mut writes = Vec::new();
        for (mut write, by) in commit.changes.iter().flat_map(Change::writes) {
            let current = fold::current(&mut transaction, write.entity, &write.path).await?;
            let same = match &current {
                Some(current) => current.value == write.value && !current.conflict,
                None => write.value.is_null(),
            };
            if same {
                continue;
            }
            if by == SeenBy::Winner {
                write.seen = current.map(|current| (current.version.hlc, current.version.device)).into_iter().collect();
            }
            writes.push(write);
        }
        if writes.is_empty() {
            return Ok(None);
        }
        let start = position(&mut transaction, device).await?;
        if start.seq == 0 {
            writes.push(introduction(self.workspace, device, &self.device_name));
        }
        let mut at = Position { seq: start.seq, hlc: start.hlc };
        let mut refresh = fold::Refresh::default();
        for (index, writes) in cut(writes).into_iter().enumerate() {
            let clock = fold::clock(&mut transaction).await?;
            let mut batch = Batch {
                seq: at.seq + 1,
                hlc: hlc::next(clock.max(at.hlc), commit.now),
                actor: commit.actor,
                wall: commit.now,
                writes,
            };
            batch.sort();
            let line = batch.to_line()?;
            let command = (index == 0).then_some(commit.id);
            append(&mut transaction, device, &batch, line.as_bytes(), command).await?;
            refresh.merge(fold::fold(&mut transaction, device, &batch).await?);
            at = Position { seq: batch.seq, hlc: batch.hlc };
        }
        advance(&mut transaction, device, &self.device_name, &at).await?;
        fold::refresh(&mut transaction, &refresh, commit.now).await?;
        transaction.commit().await?;
        Ok(Some(Committed { first: start.seq + 1, last: at.seq, device }))
    }

    async fn receive(
        &mut self,
        device: DeviceId,
        lines: &[Vec<u8>],
        now: Millis,
    ) -> Result<Received, StoreError> {
        let mut received = Received::default();
        let mut transaction = self.connection.begin_with("BEGIN IMMEDIATE").await?;
        let mut at = position(&mut transaction, device).await?;
        let mut refresh = fold::Refresh::default();
        for line in lines {
            let verdict = Batch::parse(line).and_then(|batch| {
                if batch.seq > at.seq { batch.follows(at.hlc)? };
                Ok(batch)
            });
            match verdict {
                Ok(batch) if batch.seq <= at.seq => received.known += 1,
                Ok(batch) if batch.seq == at.seq + 1 => {
                    append(&mut transaction, device, &batch, line, None).await?;
                    refresh.merge(fold::fold(&mut transaction, device, &batch).await?);
                    at = Position { seq: batch.seq, hlc: batch.hlc };
                    received.folded += 1;
                }
                Ok(batch) => {
                    let reason = format!("gap: batch {} after {}", batch.seq, at.seq);
                    received.quarantined += quarantine(&mut transaction, device, line, &reason).await?;
                }
                Err(refused) => {
                    received.quarantined +=
                        quarantine(&mut transaction, device, line, &refused.to_string()).await?;
                    // What a later version wrote has its place in the sequence; what breaks a rule
                    // leaves a gap behind which nothing of this device counts.
                    if let (Refused::Unknown(_), Some((seq, hlc))) = (&refused, place(line))
                        && seq == at.seq + 1
                    {
                        at = Position { seq, hlc: hlc.max(at.hlc) };
                    }
                }
            }
        }
        if at.seq > 0 {
            advance(&mut transaction, device, "", &at).await?;
        }
        fold::refresh(&mut transaction, &refresh, now).await?;
        transaction.commit().await?;
        Ok(received)
    }

    async fn rebuild(&mut self, now: Millis) -> Result<(), StoreError> {
        let mut transaction = self.connection.begin_with("BEGIN IMMEDIATE").await?;
        fold::clear(&mut transaction).await?;
        let bodies = sqlx::query!(r#"SELECT device, body FROM batch ORDER BY hlc, device, seq"#)
            .fetch_all(&mut *transaction)
            .await?;
        let mut refresh = fold::Refresh::default();
        for row in bodies {
            let device = fold::device(&row.device)?;
            let batch = Batch::parse(&row.body)?;
            refresh.merge(fold::fold(&mut transaction, device, &batch).await?);
        }
        fold::refresh(&mut transaction, &refresh, now).await?;
        transaction.commit().await?;
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

/// Sequence and reading of a line whose format is of a later version.
fn place(line: &[u8]) -> Option<(u64, Hlc)> {
    let value: Value = serde_json::from_slice(line).ok()?;
    let hlc = hlc::from_hex(value.get("h")?.as_str()?)?;
    Some((value.get("s")?.as_u64()?, hlc))
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
) -> Result<(), StoreError> {
    let (id, seq, hlc) = (device.0.to_vec(), fold::signed(at.seq), fold::signed(at.hlc));
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
    sqlx::query!("UPDATE workspace SET clock = max(clock, ?) WHERE only = 1", hlc)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

async fn append(
    transaction: &mut SqliteTransaction<'_>,
    device: DeviceId,
    batch: &Batch,
    line: &[u8],
    command: Option<Uuid>,
) -> Result<(), StoreError> {
    let (id, seq, hlc) = (device.0.to_vec(), fold::signed(batch.seq), fold::signed(batch.hlc));
    let writes = i64::try_from(batch.writes.len()).unwrap_or(i64::MAX);
    let command = command.map(|command| command.as_bytes().to_vec());
    sqlx::query!(
        "INSERT INTO batch (device, seq, hlc, wall, writes, body, command) VALUES (?, ?, ?, ?, ?, ?, ?)",
        id,
        seq,
        hlc,
        batch.wall,
        writes,
        line,
        command
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

async fn quarantine(
    transaction: &mut SqliteTransaction<'_>,
    device: DeviceId,
    line: &[u8],
    reason: &str,
) -> Result<u32, StoreError> {
    let id = device.0.to_vec();
    sqlx::query!(
        "INSERT INTO quarantine (device, body, reason) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        id,
        line,
        reason
    )
    .execute(&mut **transaction)
    .await?;
    Ok(1)
}
