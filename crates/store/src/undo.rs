//! Undo: a new action that takes an earlier one back. The log keeps both.
//!
//! A register goes back to the value it had before, unless somebody changed it since; a thing that
//! was made is deleted; a fact is retracted. An undo can itself be undone.

use crate::Store;
use crate::error::StoreError;
use crate::fold::{self, signed, unsigned};
use pilotage_domain::Millis;
use pilotage_domain::change::{Change, Kind, path};
use pilotage_domain::fact::{self, Fact, Happening};
use pilotage_domain::ids::DeviceId;
use pilotage_domain::operation::{Batch, Version, Write};
use serde_json::Value;
use sqlx::SqliteConnection;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// `undone/<seq>` on the device's own entity: true where that action was taken back.
const UNDONE: &str = "undone";

/// The batches of one action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchRange {
    /// The device.
    pub device: DeviceId,
    /// First sequence.
    pub first: u64,
    /// Last sequence.
    pub last: u64,
}

impl std::fmt::Display for BatchRange {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}:{}-{}", self.device.to_hex(), self.first, self.last)
    }
}

impl std::str::FromStr for BatchRange {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        let parse = || {
            let (device, range) = text.split_once(':')?;
            let (first, last) = range.split_once('-').unwrap_or((range, range));
            let (first, last) = (first.parse().ok()?, last.parse().ok()?);
            let device = DeviceId::from_hex(device)?;
            (first >= 1 && last >= first).then_some(Self { device, first, last })
        };
        parse().ok_or_else(|| StoreError::NotFound(format!("action {text:?}")))
    }
}

/// How an action would be taken back.
#[derive(Debug, Clone, PartialEq)]
pub struct UndoPlan {
    /// The changes.
    pub changes: Vec<Change>,
    /// Registers that somebody changed since, and that stay: entity and path.
    pub kept: Vec<(Uuid, String)>,
    /// The action that is taken back.
    pub batches: Vec<Batch>,
}

/// Whether an action makes the programme, or the very person who acts: neither is taken back.
pub fn founds(batches: &[Batch], actor: Uuid) -> bool {
    batches.iter().flat_map(|batch| &batch.writes).any(|write| {
        write.path == path::KIND && (write.entity == actor || write.value == Kind::Programme.word())
    })
}

impl Store {
    /// Plans taking an action back. `new_id` makes ids for the retractions.
    pub async fn plan_undo(
        &self,
        range: BatchRange,
        now: Millis,
        mut new_id: impl FnMut() -> Uuid,
    ) -> Result<UndoPlan, StoreError> {
        let mut reader = self.reader().await?;
        let (device, first, last) =
            (range.device.0.to_vec(), signed(range.first), signed(range.last));
        let bodies = sqlx::query_scalar!(
            "SELECT body FROM batch WHERE device = ? AND seq BETWEEN ? AND ? ORDER BY seq",
            device,
            first,
            last
        )
        .fetch_all(&mut *reader)
        .await?;
        if bodies.len() as u64 != range.last - range.first + 1 {
            return Err(StoreError::NotFound(format!("action {range}")));
        }
        let batches = bodies.iter().map(|body| fold::batch(body)).collect::<Result<Vec<_>, _>>()?;
        let own = Uuid::from_bytes(range.device.0);
        let mut plan = UndoPlan { changes: Vec::new(), kept: Vec::new(), batches };
        let mut undone = Undone::default();
        let created: BTreeSet<Uuid> = {
            let mut created = BTreeSet::new();
            for write in plan.batches.iter().flat_map(|batch| &batch.writes) {
                let made = write.path == path::KIND && write.seen.is_empty();
                if made {
                    created.insert(write.entity);
                }
            }
            created
        };
        for write in plan.batches.iter().flat_map(|batch| &batch.writes) {
            if write.path == "device" && write.entity == own {
                continue;
            }
            if write.path == fact::PATH {
                let service = serde_json::from_value::<Fact>(write.value.clone())
                    .ok()
                    .and_then(|fact| fact.what.service());
                let what = Happening::Retraction { of: write.entity, service, note: String::new() };
                let fact = Fact { occurred_at: now, what };
                plan.changes.push(Change::Happened { id: new_id(), fact });
                continue;
            }
            let wrote = |version: Version| {
                version.device == range.device && (range.first..=range.last).contains(&version.seq)
            };
            let in_force = undone.in_force(&mut reader, write, wrote).await?;
            let Some(ours) = in_force.filter(|found| wrote(*found)) else {
                plan.kept.push((write.entity, write.path.clone()));
                continue;
            };
            let before = below(&mut reader, write, ours).await?.map(|(_, value)| value);
            let before = before.and_then(|text| serde_json::from_str(&text).ok());
            match (write.path.as_str(), before) {
                (path::KIND, _) => {}
                (path::DELETED, None) => {
                    plan.changes.push(Change::Deleted { entity: write.entity });
                }
                // The tombstone is enough for what was made; its fields stay for a later return.
                (_, None) if created.contains(&write.entity) => {}
                (_, before) => plan.changes.push(Change::field(
                    write.entity,
                    write.path.clone(),
                    before.unwrap_or(Value::Null),
                )),
            }
        }
        if !plan.changes.is_empty() {
            let mark = path::element(UNDONE, &range.first.to_string());
            plan.changes.push(Change::field(own, mark, true));
        }
        Ok(plan)
    }

    /// The newest action of this person on this device that was not taken back and is not itself
    /// an undo. Making the programme, or the person who acts, is not offered.
    pub async fn last_action(
        &self,
        device: DeviceId,
        actor: Uuid,
    ) -> Result<Option<(BatchRange, Vec<Batch>)>, StoreError> {
        let mut reader = self.reader().await?;
        let own = Uuid::from_bytes(device.0);
        let undone: BTreeSet<u64> = crate::refresh::load_entity(&mut reader, own)
            .await?
            .set(UNDONE)
            .iter()
            .filter_map(|seq| seq.parse().ok())
            .collect();
        let key = device.0.to_vec();
        let mut below = i64::MAX;
        let mut tail: Vec<Batch> = Vec::new();
        loop {
            let rows = sqlx::query!(
                r#"SELECT seq, body, command IS NOT NULL AS "starts!: bool" FROM batch
                   WHERE device = ? AND seq < ? ORDER BY seq DESC LIMIT 50"#,
                key,
                below
            )
            .fetch_all(&mut *reader)
            .await?;
            if rows.is_empty() {
                return Ok(None);
            }
            for row in rows {
                below = row.seq;
                tail.insert(0, fold::batch(&row.body)?);
                if !row.starts {
                    continue;
                }
                let batches = std::mem::take(&mut tail);
                let first = unsigned(row.seq);
                let last = batches.last().map_or(first, |batch| batch.seq);
                let is_undo = batches.iter().flat_map(|batch| &batch.writes).any(|write| {
                    write.entity == own && path::element_of(&write.path, UNDONE).is_some()
                });
                let offered = !is_undo && !undone.contains(&first) && !founds(&batches, actor);
                if batches[0].actor == actor && offered {
                    return Ok(Some((BatchRange { device, first, last }, batches)));
                }
            }
        }
    }
}

/// What the batches met on the way took back: nothing, or the action of a device from a sequence on.
#[derive(Default)]
struct Undone(BTreeMap<(DeviceId, u64), Option<(DeviceId, u64)>>);

impl Undone {
    /// The version of a register in force; what an undo restored counts as what it restored, so
    /// that several actions on one field can be taken back one after the other. An undo that is
    /// itself to be taken back, among `ours`, counts as what it is.
    async fn in_force(
        &mut self,
        connection: &mut SqliteConnection,
        write: &Write,
        ours: impl Fn(Version) -> bool,
    ) -> Result<Option<Version>, StoreError> {
        let key = (write.entity, write.path.as_str());
        let current = fold::current(connection, [key]).await?;
        let mut version = current.into_values().next().map(|current| current.version);
        while let Some(at) = version.filter(|at| !ours(*at)) {
            let Some((device, first)) = self.by(connection, at).await? else {
                break;
            };
            // An action writes a register once, so its write is the first from there. It is older
            // than the undo: this ends whatever the log says.
            let (entity, key) = (write.entity.as_bytes().to_vec(), device.0.to_vec());
            let (first, hlc) = (signed(first), signed(at.hlc));
            let undone = sqlx::query!(
                "SELECT hlc, seq FROM register_write
                 WHERE entity = ? AND path = ? AND device = ? AND seq >= ? AND hlc < ?
                 ORDER BY hlc LIMIT 1",
                entity,
                write.path,
                key,
                first,
                hlc
            )
            .fetch_optional(&mut *connection)
            .await?;
            let Some(undone) = undone else { break };
            let undone = Version { hlc: unsigned(undone.hlc), device, seq: unsigned(undone.seq) };
            let older = below(connection, write, undone).await?;
            version = older.map(|(version, _)| version);
        }
        Ok(version)
    }

    async fn by(
        &mut self,
        connection: &mut SqliteConnection,
        version: Version,
    ) -> Result<Option<(DeviceId, u64)>, StoreError> {
        let key = (version.device, version.seq);
        if let Some(known) = self.0.get(&key) {
            return Ok(*known);
        }
        let found = taken_back(connection, version).await?;
        self.0.insert(key, found);
        Ok(found)
    }
}

/// The newest write of a register that is older than a version of it.
async fn below(
    connection: &mut SqliteConnection,
    write: &Write,
    version: Version,
) -> Result<Option<(Version, String)>, StoreError> {
    let (entity, device) = (write.entity.as_bytes().to_vec(), version.device.0.to_vec());
    let hlc = signed(version.hlc);
    let row = sqlx::query!(
        "SELECT hlc, device, seq, value FROM register_write
         WHERE entity = ? AND path = ? AND (hlc, device) < (?, ?)
         ORDER BY hlc DESC, device DESC LIMIT 1",
        entity,
        write.path,
        hlc,
        device
    )
    .fetch_optional(&mut *connection)
    .await?;
    row.map(|row| {
        let (hlc, seq) = (unsigned(row.hlc), unsigned(row.seq));
        Ok((Version { hlc, device: fold::device(&row.device)?, seq }, row.value))
    })
    .transpose()
}

/// Which action the action of a version took back, if it is an undo.
async fn taken_back(
    connection: &mut SqliteConnection,
    version: Version,
) -> Result<Option<(DeviceId, u64)>, StoreError> {
    let (device, seq) = (version.device.0.to_vec(), signed(version.seq));
    // Where an action begins is known for this device only; of another one the batch must do.
    let bodies = sqlx::query_scalar!(
        "SELECT body FROM batch WHERE device = ?1
         AND seq >= coalesce((SELECT max(s.seq) FROM batch s
            WHERE s.device = ?1 AND s.seq <= ?2 AND s.command IS NOT NULL), ?2)
         AND seq < coalesce(
            (SELECT min(n.seq) FROM batch n
             WHERE n.device = ?1 AND n.seq > ?2 AND n.command IS NOT NULL),
            (SELECT max(m.seq) + 1 FROM batch m WHERE m.device = ?1 AND EXISTS (
                SELECT 1 FROM batch c WHERE c.device = ?1 AND c.command IS NOT NULL)),
            ?2 + 1)",
        device,
        seq
    )
    .fetch_all(&mut *connection)
    .await?;
    for body in bodies {
        for write in fold::batch(&body)?.writes {
            let first = path::element_of(&write.path, UNDONE).filter(|_| write.value == true);
            if let Some(first) = first.and_then(|first| first.parse().ok()) {
                return Ok(Some((DeviceId(write.entity.into_bytes()), first)));
            }
        }
    }
    Ok(None)
}
