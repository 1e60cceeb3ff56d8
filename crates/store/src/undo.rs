//! Undo: a new action that takes an earlier one back. The log keeps both.
//!
//! A register goes back to the value it had before, unless somebody changed it since; a thing that
//! was made is deleted; a fact is retracted. An undo can itself be undone.

use crate::Store;
use crate::error::StoreError;
use crate::fold::{self, signed, unsigned};
use pilotage_domain::change::{Change, path};
use pilotage_domain::fact::{self, Fact, Happening};
use pilotage_domain::ids::DeviceId;
use pilotage_domain::Millis;
use pilotage_domain::operation::Batch;
use serde_json::Value;
use std::collections::BTreeSet;
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

impl Store {
    /// Plans taking an action back. `new_id` makes ids for the retractions.
    pub async fn plan_undo(
        &self,
        range: BatchRange,
        now: Millis,
        mut new_id: impl FnMut() -> Uuid,
    ) -> Result<UndoPlan, StoreError> {
        let mut reader = self.readers.acquire().await?;
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
        let batches =
            bodies.iter().map(|body| Batch::parse(body)).collect::<Result<Vec<_>, _>>()?;
        let own = Uuid::from_bytes(range.device.0);
        let mut plan = UndoPlan { changes: Vec::new(), kept: Vec::new(), batches };
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
            let current = fold::current(&mut reader, write.entity, &write.path).await?;
            let ours = current.is_some_and(|current| {
                current.version.device == range.device
                    && (range.first..=range.last).contains(&current.version.seq)
            });
            if !ours {
                plan.kept.push((write.entity, write.path.clone()));
                continue;
            }
            let entity = write.entity.as_bytes().to_vec();
            let before = sqlx::query_scalar!(
                "SELECT value FROM register_write
                 WHERE entity = ? AND path = ? AND NOT (device = ? AND seq BETWEEN ? AND ?)
                 ORDER BY hlc DESC, device DESC LIMIT 1",
                entity,
                write.path,
                device,
                first,
                last
            )
            .fetch_optional(&mut *reader)
            .await?;
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
    /// an undo. The first action of a device, which makes or joins the programme, is not offered.
    pub async fn last_action(
        &self,
        device: DeviceId,
        actor: Uuid,
    ) -> Result<Option<(BatchRange, Vec<Batch>)>, StoreError> {
        let mut reader = self.readers.acquire().await?;
        let own = Uuid::from_bytes(device.0);
        let undone: BTreeSet<u64> = fold::load_entity(&mut reader, own)
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
                   WHERE device = ? AND seq < ? AND seq > 1 ORDER BY seq DESC LIMIT 50"#,
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
                tail.insert(0, Batch::parse(&row.body)?);
                if !row.starts {
                    continue;
                }
                let batches = std::mem::take(&mut tail);
                let first = unsigned(row.seq);
                let last = batches.last().map_or(first, |batch| batch.seq);
                let is_undo = batches.iter().flat_map(|batch| &batch.writes).any(|write| {
                    write.entity == own && path::element_of(&write.path, UNDONE).is_some()
                });
                if batches[0].actor == actor && !is_undo && !undone.contains(&first) {
                    return Ok(Some((BatchRange { device, first, last }, batches)));
                }
            }
        }
    }
}
