//! Reads. All of them run on read-only connections.

use crate::Store;
use crate::error::StoreError;
use crate::fold::{self, unsigned, uuid};
use pilotage_domain::Millis;
use pilotage_domain::change::{Entity, Evidence, Kind, path};
use pilotage_domain::fact::Recorded;
use pilotage_domain::ids::DeviceId;
use pilotage_domain::journey::{Journey, Summary};
use pilotage_domain::operation::{Batch, Version};
use pilotage_domain::playbook::Ladder;
use pilotage_domain::registers::StateHash;
use pilotage_domain::words::NodeClass;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::pool::PoolConnection;
use sqlx::{Connection as _, SqliteConnection};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A node of the inventory and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct NodeRow {
    /// Id.
    pub id: Uuid,
    /// Name.
    pub name: String,
    /// Class.
    pub class: NodeClass,
    /// When anything about it last changed.
    pub changed_at: Millis,
    /// Where it stands.
    pub summary: Summary,
    /// What else lists show of it.
    pub listed: Listed,
}

/// Fields of a node that lists show, kept beside its summary.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// Ids of the people who work on it.
    pub assignees: Vec<String>,
    /// Day by which it should be done.
    pub target_date: Option<String>,
    /// Other names it is known by.
    pub aliases: Vec<String>,
}

impl Listed {
    /// Reads the fields off a node.
    pub(crate) fn of(entity: &Entity) -> Self {
        Self {
            assignees: entity.set(path::ASSIGNEES),
            target_date: entity.text(path::TARGET_DATE).map(str::to_owned),
            aliases: entity.set(path::ALIASES),
        }
    }
}

/// One node, whole.
#[derive(Debug, Clone, PartialEq)]
pub struct NodeDetail {
    /// Its row.
    pub row: NodeRow,
    /// Its registers.
    pub entity: Entity,
    /// Its journey.
    pub journey: Journey,
    /// Its facts, in order of occurrence.
    pub facts: Vec<Recorded>,
}

/// A dependency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DependencyRow {
    /// Id.
    pub id: Uuid,
    /// Who calls.
    pub caller: Uuid,
    /// Who is called.
    pub callee: Uuid,
    /// What kind of evidence stands behind it.
    pub kind: String,
    /// In percent.
    pub confidence: u8,
    /// Where it was read.
    pub evidence: Vec<Evidence>,
}

/// A batch of the log.
#[derive(Debug, Clone, PartialEq)]
pub struct LoggedBatch {
    /// The device that wrote it.
    pub device: DeviceId,
    /// The batch.
    pub batch: Batch,
}

/// A register with two or more heads.
#[derive(Debug, Clone, PartialEq)]
pub struct Conflict {
    /// The register.
    pub path: String,
    /// Its heads, winner first: value, version, who wrote it.
    pub heads: Vec<(Value, Version, Uuid)>,
}

/// The log in numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LogFacts {
    /// Batches.
    pub batches: u64,
    /// Register writes.
    pub writes: u64,
    /// Batches kept but not folded.
    pub quarantined: u64,
    /// Registers in conflict.
    pub conflicts: u64,
}

impl Store {
    pub(crate) async fn reader(&self) -> Result<PoolConnection<sqlx::Sqlite>, StoreError> {
        Ok(self.open.read().await.readers.acquire().await?)
    }

    /// Changes whenever another connection commits: poll it to see other programs' writes. The
    /// watcher owns one connection, since the number only means something on the same one.
    pub async fn watch(&self) -> Result<Watcher, StoreError> {
        Ok(Watcher { connection: self.reader().await? })
    }

    /// One entity.
    pub async fn entity(&self, id: Uuid) -> Result<Entity, StoreError> {
        fold::load_entity(&mut *self.reader().await?, id).await
    }

    /// Every entity of a kind in order of id, deleted ones too: their names are still spoken of.
    pub async fn entities(&self, kind: Kind) -> Result<Vec<Entity>, StoreError> {
        let mut reader = self.reader().await?;
        let word = kind.word();
        let rows = sqlx::query!(
            "SELECT r.entity, r.path, r.value FROM entity e JOIN register r ON r.entity = e.entity
             WHERE e.kind = ? ORDER BY r.entity",
            word
        )
        .fetch_all(&mut *reader)
        .await?;
        let mut entities: BTreeMap<Uuid, Entity> = BTreeMap::new();
        for row in rows {
            let id = uuid(&row.entity)?;
            let entity = entities.entry(id).or_insert_with(|| Entity { id, ..Entity::default() });
            let value: Value = serde_json::from_str(&row.value)
                .map_err(|error| StoreError::Damaged(error.to_string()))?;
            if !value.is_null() {
                entity.registers.insert(row.path, value);
            }
        }
        Ok(entities.into_values().collect())
    }

    /// The ladders in force over time, oldest first.
    pub async fn ladders(&self) -> Result<Vec<(Millis, Ladder)>, StoreError> {
        fold::ladders(&mut *self.reader().await?).await
    }

    /// Adoptions of a playbook that nobody took back, oldest first.
    pub async fn adoptions(&self) -> Result<Vec<Recorded>, StoreError> {
        fold::adoptions(&mut *self.reader().await?).await
    }

    /// Every node, by name. Rows that time alone has changed since are computed anew.
    pub async fn nodes(&self, now: Millis) -> Result<Vec<NodeRow>, StoreError> {
        let mut reader = self.reader().await?;
        let rows = sqlx::query!(
            "SELECT id, name, class, changed_at, valid_until, summary, listed FROM node ORDER BY name, id"
        )
        .fetch_all(&mut *reader)
        .await?;
        let mut ladders = None;
        let mut nodes = Vec::with_capacity(rows.len());
        for row in rows {
            let id = uuid(&row.id)?;
            let summary = if row.valid_until.is_some_and(|until| until <= now) {
                if ladders.is_none() {
                    ladders = Some(fold::ladders(&mut reader).await?);
                }
                let ladders = ladders.as_deref().unwrap_or_default();
                let entity = fold::load_entity(&mut reader, id).await?;
                Summary::from(&fold::compute(&mut reader, &entity, ladders, now).await?)
            } else {
                serde_json::from_str(&row.summary)
                    .map_err(|error| StoreError::Damaged(error.to_string()))?
            };
            nodes.push(NodeRow {
                id,
                name: row.name,
                class: NodeClass::from_word(&row.class).unwrap_or(NodeClass::Service),
                changed_at: row.changed_at,
                summary,
                listed: serde_json::from_str(&row.listed).unwrap_or_default(),
            });
        }
        Ok(nodes)
    }

    /// One node, whole, as it stands at `now`.
    pub async fn node(&self, id: Uuid, now: Millis) -> Result<Option<NodeDetail>, StoreError> {
        let mut reader = self.reader().await?;
        let key = id.as_bytes().to_vec();
        let row = sqlx::query!(
            "SELECT name, class, changed_at, valid_until, journey FROM node WHERE id = ?",
            key
        )
        .fetch_optional(&mut *reader)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let entity = fold::load_entity(&mut reader, id).await?;
        let journey = if row.valid_until.is_some_and(|until| until <= now) {
            let ladders = fold::ladders(&mut reader).await?;
            fold::compute(&mut reader, &entity, &ladders, now).await?
        } else {
            serde_json::from_str(&row.journey)
                .map_err(|error| StoreError::Damaged(error.to_string()))?
        };
        Ok(Some(NodeDetail {
            row: NodeRow {
                id,
                name: row.name,
                class: NodeClass::from_word(&row.class).unwrap_or(NodeClass::Service),
                changed_at: row.changed_at,
                summary: Summary::from(&journey),
                listed: Listed::of(&entity),
            },
            entity,
            journey,
            facts: fold::facts_of(&mut reader, id).await?,
        }))
    }

    /// One fact.
    pub async fn fact(&self, id: Uuid) -> Result<Option<Recorded>, StoreError> {
        let mut reader = self.reader().await?;
        let key = id.as_bytes().to_vec();
        let row =
            sqlx::query!("SELECT id, hlc, device, seq, actor, body FROM fact WHERE id = ?", key)
                .fetch_optional(&mut *reader)
                .await?;
        row.map(|row| {
            fold::recorded(&row.id, (row.hlc, &row.device, row.seq), &row.actor, &row.body)
        })
        .transpose()
    }

    /// Every fact of a kind (`playbook_adopted`, `blocker_opened` …), in order of occurrence.
    pub async fn facts_of_kind(&self, kind: &str) -> Result<Vec<Recorded>, StoreError> {
        let mut reader = self.reader().await?;
        let rows = sqlx::query!(
            "SELECT id, hlc, device, seq, actor, body FROM fact WHERE kind = ? ORDER BY occurred_at, hlc, device, seq",
            kind
        )
        .fetch_all(&mut *reader)
        .await?;
        rows.into_iter()
            .map(|row| {
                fold::recorded(&row.id, (row.hlc, &row.device, row.seq), &row.actor, &row.body)
            })
            .collect()
    }

    /// Every dependency.
    pub async fn dependencies(&self) -> Result<Vec<DependencyRow>, StoreError> {
        let mut reader = self.reader().await?;
        let rows = sqlx::query!(
            "SELECT id, caller, callee, kind, confidence, evidence FROM dependency ORDER BY id"
        )
        .fetch_all(&mut *reader)
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(DependencyRow {
                    id: uuid(&row.id)?,
                    caller: uuid(&row.caller)?,
                    callee: uuid(&row.callee)?,
                    kind: row.kind,
                    confidence: u8::try_from(row.confidence).unwrap_or(0),
                    evidence: serde_json::from_str(&row.evidence).unwrap_or_default(),
                })
            })
            .collect()
    }

    /// The newest batches about a service, newest first.
    pub async fn timeline(&self, service: Uuid, most: u32) -> Result<Vec<LoggedBatch>, StoreError> {
        let mut reader = self.reader().await?;
        let key = service.as_bytes().to_vec();
        let rows = sqlx::query!(
            "SELECT b.device, b.body FROM touched t JOIN batch b ON b.device = t.device AND b.seq = t.seq
             WHERE t.service = ? ORDER BY t.hlc DESC, t.device DESC LIMIT ?",
            key,
            most
        )
        .fetch_all(&mut *reader)
        .await?;
        rows.into_iter().map(|row| logged(&row.device, &row.body)).collect()
    }

    /// Batches recorded after a moment, newest first, at most `most`, and how many there are.
    pub async fn since(
        &self,
        moment: Millis,
        most: u32,
    ) -> Result<(Vec<LoggedBatch>, u64), StoreError> {
        let mut reader = self.reader().await?;
        let rows = sqlx::query!(
            "SELECT device, body FROM batch WHERE wall > ? ORDER BY hlc DESC, device DESC LIMIT ?",
            moment,
            most
        )
        .fetch_all(&mut *reader)
        .await?;
        let count = sqlx::query_scalar!("SELECT count(*) FROM batch WHERE wall > ?", moment)
            .fetch_one(&mut *reader)
            .await?;
        let batches = rows
            .into_iter()
            .map(|row| logged(&row.device, &row.body))
            .collect::<Result<Vec<_>, _>>()?;
        Ok((batches, unsigned(count)))
    }

    /// The whole log in order of the clock: device and canonical line.
    pub async fn log(&self) -> Result<Vec<(DeviceId, Vec<u8>)>, StoreError> {
        let mut reader = self.reader().await?;
        let rows = sqlx::query!("SELECT device, body FROM batch ORDER BY hlc, device, seq")
            .fetch_all(&mut *reader)
            .await?;
        rows.into_iter().map(|row| Ok((fold::device(&row.device)?, row.body))).collect()
    }

    /// The registers of an entity that are in conflict.
    pub async fn conflicts(&self, entity: Uuid) -> Result<Vec<Conflict>, StoreError> {
        let mut reader = self.reader().await?;
        let key = entity.as_bytes().to_vec();
        let rows = sqlx::query!(
            "SELECT w.path, w.value, w.hlc, w.device, w.seq, b.body
             FROM register r
             JOIN register_write w ON w.entity = r.entity AND w.path = r.path AND w.named = 0
             JOIN batch b ON b.device = w.device AND b.seq = w.seq
             WHERE r.entity = ? AND r.conflict = 1
             ORDER BY w.path, w.hlc DESC, w.device DESC",
            key
        )
        .fetch_all(&mut *reader)
        .await?;
        let mut conflicts: Vec<Conflict> = Vec::new();
        for row in rows {
            let version = Version {
                hlc: unsigned(row.hlc),
                device: fold::device(&row.device)?,
                seq: unsigned(row.seq),
            };
            let value = serde_json::from_str(&row.value).unwrap_or(Value::Null);
            let head = (value, version, Batch::parse(&row.body)?.actor);
            match conflicts.last_mut() {
                Some(conflict) if conflict.path == row.path => conflict.heads.push(head),
                _ => conflicts.push(Conflict { path: row.path, heads: vec![head] }),
            }
        }
        Ok(conflicts)
    }

    /// The log in numbers.
    pub async fn log_facts(&self) -> Result<LogFacts, StoreError> {
        let mut reader = self.reader().await?;
        let row = sqlx::query!(
            r#"SELECT count(*) AS "batches!: i64", coalesce(sum(writes), 0) AS "writes!: i64",
                (SELECT count(*) FROM quarantine) AS "quarantined!: i64",
                (SELECT count(*) FROM register WHERE conflict = 1) AS "conflicts!: i64"
             FROM batch"#
        )
        .fetch_one(&mut *reader)
        .await?;
        Ok(LogFacts {
            batches: unsigned(row.batches),
            writes: unsigned(row.writes),
            quarantined: unsigned(row.quarantined),
            conflicts: unsigned(row.conflicts),
        })
    }

    /// Hash of the folded registers; see `pilotage_domain::registers`.
    pub async fn state_hash(&self) -> Result<String, StoreError> {
        Ok(hash_of(&mut *self.reader().await?).await?.state)
    }
}

/// How long a log is, and what it folds to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct State {
    pub(crate) batches: i64,
    pub(crate) state: String,
}

/// The state of a file, at one moment.
pub(crate) async fn hash_of(connection: &mut SqliteConnection) -> Result<State, StoreError> {
    let mut transaction = connection.begin().await?;
    let batches =
        sqlx::query_scalar!("SELECT count(*) FROM batch").fetch_one(&mut *transaction).await?;
    let rows = sqlx::query!(
        "SELECT entity, path, value, hlc, device, seq FROM register ORDER BY entity, path"
    )
    .fetch_all(&mut *transaction)
    .await?;
    transaction.rollback().await?;
    let mut hash = StateHash::new();
    for row in rows {
        let version = Version {
            hlc: unsigned(row.hlc),
            device: fold::device(&row.device)?,
            seq: unsigned(row.seq),
        };
        hash.register(uuid(&row.entity)?, &row.path, version, &row.value);
    }
    Ok(State { batches, state: hash.finish() })
}

fn logged(device: &[u8], body: &[u8]) -> Result<LoggedBatch, StoreError> {
    Ok(LoggedBatch { device: fold::device(device)?, batch: Batch::parse(body)? })
}

/// Sees other connections' commits.
#[derive(Debug)]
pub struct Watcher {
    connection: PoolConnection<sqlx::Sqlite>,
}

impl Watcher {
    /// A number that changes with every commit of another connection.
    pub async fn version(&mut self) -> Result<i64, StoreError> {
        let connection: &mut SqliteConnection = &mut self.connection;
        Ok(sqlx::query_scalar("PRAGMA data_version").fetch_one(connection).await?)
    }
}
