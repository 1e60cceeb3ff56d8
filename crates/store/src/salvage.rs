//! What can still be read in a damaged file. Only copies of it are opened: opening a database can
//! change it, and the damaged one is evidence.
//!
//! The rows of the log are read in order, then one by one where a stretch cannot be read. Which rows
//! there should be is also told by an index, by the devices' own positions and by the registers, so
//! that what is missing can be named.

use crate::connect::base;
use crate::error::StoreError;
use crate::fold::{device, signed, unsigned};
use crate::lock::beside;
use crate::opening::Harness;
use pilotage_domain::Millis;
use pilotage_domain::hlc;
use pilotage_domain::ids::DeviceId;
use pilotage_domain::operation::Batch;
use sqlx::{ConnectOptions as _, Connection as _, Row as _, SqliteConnection};
use std::collections::BTreeMap;
use std::path::Path;

/// Rows read at once.
const STRETCH: i64 = 256;

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Lines by device and sequence. Each parses and is what its row says.
    pub(crate) lines: BTreeMap<(DeviceId, u64), Vec<u8>>,
    /// Batches there were, with the author's clock where it is known.
    pub(crate) known: BTreeMap<(DeviceId, u64), Option<Millis>>,
    /// Lines that had been set aside.
    pub(crate) quarantined: Vec<(DeviceId, Vec<u8>)>,
}

/// Bytes of a database's header.
const HEADER: usize = 100;

/// Reads the set-aside database `old`, with its log and without: each may hold what the other does
/// not. Where its header is what was lost, that of `good`, a sound copy, takes its place.
pub(crate) async fn read(
    old: &Path,
    good: Option<&Path>,
    harness: &Harness,
) -> Result<Found, StoreError> {
    let disk = harness.disk.as_ref();
    let mut found = Found::default();
    for look in ["-look", "-look-alone", "-look-mended"] {
        let mended = look == "-look-mended";
        if mended && !found.known.is_empty() {
            break;
        }
        let folder = beside(old, look);
        disk.create_folder(&folder)?;
        let copy = folder.join("copy");
        disk.copy(old, &copy)?;
        let log = beside(old, "-wal");
        if look != "-look-alone" && log.exists() {
            disk.copy(&log, &beside(&copy, "-wal"))?;
        }
        if let (true, Some(good)) = (mended, good) {
            mend(&copy, good)?;
        }
        if let Ok(mut connection) = base(&copy, harness).connect().await {
            found.read(&mut connection).await;
            let _ = connection.close().await;
        }
        std::fs::remove_dir_all(&folder)?;
    }
    Ok(found)
}

/// Gives a file the header of a sound one. Page size and encoding are the same in all our files; the
/// number of pages, at byte 28, is the file's own, and counts only where the numbers at 24 and 92 are
/// the same.
fn mend(copy: &Path, good: &Path) -> Result<(), StoreError> {
    let (mut bytes, sound) = (std::fs::read(copy)?, std::fs::read(good)?);
    if bytes.len() < HEADER || sound.len() < HEADER {
        return Ok(());
    }
    bytes[..HEADER].copy_from_slice(&sound[..HEADER]);
    let size = usize::from(u16::from_be_bytes([sound[16], sound[17]])).max(512);
    let pages = u32::try_from(bytes.len() / size).unwrap_or(u32::MAX);
    bytes[28..32].copy_from_slice(&pages.to_be_bytes());
    bytes.copy_within(24..28, 92);
    // No free pages: nothing is written here.
    bytes[32..40].fill(0);
    Ok(std::fs::write(copy, bytes)?)
}

impl Found {
    /// Errors are what is expected here: each step takes what it gets.
    async fn read(&mut self, connection: &mut SqliteConnection) {
        self.read_stretches(connection).await;
        self.read_indexes(connection).await;
        let wanted: Vec<(DeviceId, u64)> =
            self.known.keys().filter(|key| !self.lines.contains_key(key)).copied().collect();
        for (id, seq) in wanted {
            let row =
                sqlx::query("SELECT device, seq, body FROM batch WHERE device = ? AND seq = ?")
                    .bind(id.0.to_vec())
                    .bind(signed(seq))
                    .fetch_one(&mut *connection)
                    .await;
            if let Ok(row) = row {
                self.take(&row);
            }
        }
        let kept = sqlx::query("SELECT device, body FROM quarantine").fetch_all(connection).await;
        for row in kept.unwrap_or_default() {
            let (Ok(id), Ok(body)) = (row.try_get::<Vec<u8>, _>(0), row.try_get(1)) else {
                continue;
            };
            let Ok(id) = device(&id) else { continue };
            if !self.quarantined.contains(&(id, body)) {
                self.quarantined.push((id, row.get(1)));
            }
        }
    }

    async fn read_stretches(&mut self, connection: &mut SqliteConnection) {
        let (mut id, mut seq) = (Vec::new(), 0);
        loop {
            let rows = sqlx::query(
                "SELECT device, seq, body FROM batch WHERE (device, seq) > (?, ?)
                 ORDER BY device, seq LIMIT ?",
            )
            .bind(id.clone())
            .bind(seq)
            .bind(STRETCH)
            .fetch_all(&mut *connection)
            .await;
            let Ok(rows) = rows else { return };
            for row in &rows {
                self.take(row);
            }
            let Some(last) = rows.last() else { return };
            let (Ok(last_id), Ok(last_seq)) = (last.try_get(0), last.try_get(1)) else { return };
            if (&last_id, last_seq) <= (&id, seq) {
                // A damaged order would go round for ever.
                return;
            }
            (id, seq) = (last_id, last_seq);
        }
    }

    /// Keeps a row of the log that is what it says.
    fn take(&mut self, row: &sqlx::sqlite::SqliteRow) {
        let (Ok(id), Ok(seq), Ok(body)) =
            (row.try_get::<Vec<u8>, _>(0), row.try_get::<i64, _>(1), row.try_get::<Vec<u8>, _>(2))
        else {
            return;
        };
        let Ok(id) = device(&id) else { return };
        let key = (id, unsigned(seq));
        match Batch::parse(&body) {
            Ok(batch) if batch.seq == key.1 => {
                self.known.insert(key, Some(batch.wall));
                self.lines.entry(key).or_insert(body);
            }
            _ => {
                self.known.entry(key).or_insert(None);
            }
        }
    }

    /// Which batches there were.
    async fn read_indexes(&mut self, connection: &mut SqliteConnection) {
        // Answered from the index alone: the table may be the damaged part.
        let rows = sqlx::query(
            "SELECT device, seq, wall FROM batch INDEXED BY batch_by_wall ORDER BY wall",
        )
        .fetch_all(&mut *connection)
        .await;
        self.note(rows, |row| row.try_get(2).ok());
        for table in ["register_write", "fact"] {
            let statement = format!("SELECT DISTINCT device, seq, hlc FROM {table}");
            let rows =
                sqlx::query(sqlx::AssertSqlSafe(statement)).fetch_all(&mut *connection).await;
            self.note(rows, |row| Some(hlc::millis(unsigned(row.try_get(2).ok()?))));
        }
        let rows = sqlx::query("SELECT device, seq FROM device").fetch_all(&mut *connection).await;
        for row in rows.unwrap_or_default() {
            let (Ok(id), Ok(last)) = (row.try_get::<Vec<u8>, _>(0), row.try_get::<i64, _>(1))
            else {
                continue;
            };
            let Ok(id) = device(&id) else { continue };
            // A position that damage made up would name millions of batches.
            let highest =
                self.known.range((id, 0)..=(id, u64::MAX)).next_back().map_or(0, |(key, _)| key.1);
            for seq in 1..=unsigned(last).min(highest + 1_000) {
                self.known.entry((id, seq)).or_insert(None);
            }
        }
    }

    fn note(
        &mut self,
        rows: Result<Vec<sqlx::sqlite::SqliteRow>, sqlx::Error>,
        wall: impl Fn(&sqlx::sqlite::SqliteRow) -> Option<Millis>,
    ) {
        for row in rows.unwrap_or_default() {
            let (Ok(id), Ok(seq)) = (row.try_get::<Vec<u8>, _>(0), row.try_get::<i64, _>(1)) else {
                continue;
            };
            if let Ok(id) = device(&id) {
                let entry = self.known.entry((id, unsigned(seq))).or_insert(None);
                *entry = entry.or_else(|| wall(&row));
            }
        }
    }
}
