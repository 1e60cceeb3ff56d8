//! Folding in SQL: the same rule as `pilotage_domain::registers`, which is its oracle in the tests.
//!
//! Batches are folded in slices, each a handful of statements over all of its writes: a statement
//! costs as much for one row as for hundreds. A commit, batches of another device and a rebuild
//! all come through [`Slice`]. What the read model says of the entities and services that a slice
//! touches is refreshed afterwards, by `crate::refresh`.

use crate::error::StoreError;
use crate::rows::{Rows, hex};
use pilotage_domain::change::path;
use pilotage_domain::fact::{self, Fact};
use pilotage_domain::hlc::Hlc;
use pilotage_domain::ids::DeviceId;
use pilotage_domain::operation::{Batch, SeenVersion, Version, Write};
use serde::Deserialize as _;
use serde_json::Value;
use sqlx::SqliteConnection;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uuid::Uuid;

/// Writes that are folded together. More would not be faster, and hold more in memory.
pub(crate) const SLICE: usize = 4_000;

/// What a transaction has to compute anew.
#[derive(Debug, Default)]
pub(crate) struct Refresh {
    pub(crate) entities: BTreeSet<Uuid>,
    pub(crate) services: BTreeSet<Uuid>,
    /// The ladder changed: every service.
    pub(crate) all: bool,
    /// Which services count as which others may have changed.
    pub(crate) merges: bool,
}

impl Refresh {
    pub(crate) fn merge(&mut self, other: Self) {
        self.entities.extend(other.entities);
        self.services.extend(other.services);
        self.all |= other.all;
        self.merges |= other.merges;
    }

    fn of_fact(&mut self, service: Option<Uuid>) {
        match service {
            Some(service) => {
                self.services.insert(service);
            }
            None => self.all = true,
        }
    }
}

/// Writes made ready for the database. Making one needs no database and can be done on a thread
/// of its own.
#[derive(Default)]
pub(crate) struct Slice {
    /// Versions that were seen and are not in the slice: entity, path, hlc, device.
    seen: Rows,
    /// Entity, path, hlc, device, seq, value, and 1 where another write of the slice names it.
    writes: Rows,
    /// The greatest write of each register: entity, path, value, hlc, device, seq.
    winners: Rows,
    /// Id, service, kind, occurred at, hlc, device, seq, actor, body.
    facts: Rows,
    fact_ids: Rows,
    /// Service, hlc, device, seq.
    touched: Rows,
    refresh: Refresh,
}

impl Slice {
    /// Takes in the writes of batches, each with its device.
    pub(crate) fn of<'a>(batches: impl IntoIterator<Item = (DeviceId, &'a Batch)>) -> Self {
        Self::of_writes(batches.into_iter().flat_map(|(device, batch)| {
            let version = batch.version(device);
            batch.writes.iter().map(move |write| (version, batch.actor, write))
        }))
    }

    /// Takes in writes, each with its version and who made it.
    pub(crate) fn of_writes<'a>(
        writes: impl IntoIterator<Item = (Version, Uuid, &'a Write)>,
    ) -> Self {
        let mut slice = Self::default();
        // In order of the key, which is how the database keeps them.
        let mut registers: BTreeMap<(Uuid, &str), Vec<(Version, &Write)>> = BTreeMap::new();
        for (version, actor, write) in writes {
            let register = registers.entry((write.entity, &write.path)).or_default();
            register.push((version, write));
            if write.path == fact::PATH {
                slice.take_fact(version, actor, write);
            } else {
                slice.refresh.entities.insert(write.entity);
                slice.refresh.merges |= write.path == path::KIND || write.path == path::MERGED_INTO;
            }
        }
        for ((entity, path), mut register) in registers {
            register.sort_by_key(|(version, _)| *version);
            slice.take_register(entity, path, &register);
        }
        slice
    }

    fn take_register(&mut self, entity: Uuid, path: &str, register: &[(Version, &Write)]) {
        let key = hex(entity.as_bytes());
        let here: BTreeSet<SeenVersion> =
            register.iter().map(|(version, _)| (version.hlc, version.device)).collect();
        let mut named: BTreeSet<SeenVersion> = BTreeSet::new();
        for (version, write) in register {
            // Names that are not smaller than the write itself are ignored: the relation stays
            // acyclic.
            let older = |seen: &&SeenVersion| **seen < (version.hlc, version.device);
            named.extend(write.seen.iter().filter(older));
        }
        for (hlc, device) in named.difference(&here) {
            self.seen.push(&(&key, path, signed(*hlc), hex(&device.0)));
        }
        for (version, write) in register {
            let is_named = named.contains(&(version.hlc, version.device));
            self.writes.push(&(
                &key,
                path,
                signed(version.hlc),
                hex(&version.device.0),
                signed(version.seq),
                write.value.to_string(),
                u8::from(is_named),
            ));
        }
        if let Some((version, write)) = register.last() {
            self.winners.push(&(
                &key,
                path,
                write.value.to_string(),
                signed(version.hlc),
                hex(&version.device.0),
                signed(version.seq),
            ));
        }
    }

    fn take_fact(&mut self, version: Version, actor: Uuid, write: &Write) {
        // A fact of a later version stays in its register until the upgrade.
        let Ok(fact) = Fact::deserialize(&write.value) else {
            return;
        };
        let service = fact.what.service();
        self.refresh.of_fact(service);
        let service = service.map(|service| hex(service.as_bytes()));
        let kind = write.value.get("kind").and_then(Value::as_str).unwrap_or_default();
        let (hlc, seq) = (signed(version.hlc), signed(version.seq));
        let device = hex(&version.device.0);
        let id = hex(write.entity.as_bytes());
        self.fact_ids.push(&id);
        self.facts.push(&(
            id,
            &service,
            kind,
            fact.occurred_at,
            hlc,
            &device,
            seq,
            hex(actor.as_bytes()),
            write.value.to_string(),
        ));
        if let Some(service) = service {
            self.touched.push(&(service, hlc, device, seq));
        }
    }

    /// Folds the slice, whose batches were just appended, and says what to compute anew.
    pub(crate) async fn fold(
        mut self,
        connection: &mut SqliteConnection,
    ) -> Result<Refresh, StoreError> {
        if !self.seen.is_empty() {
            fold_seen(connection, &self.seen.text()).await?;
        }
        if !self.writes.is_empty() {
            fold_writes(connection, &self.writes.text(), &self.winners.text()).await?;
        }
        if !self.facts.is_empty() {
            let (ids, touched) = (self.fact_ids.text(), self.touched.text());
            let left = fold_facts(connection, &ids, &self.facts.text(), &touched).await?;
            for service in left {
                self.refresh.of_fact(service);
            }
        }
        Ok(self.refresh)
    }
}

// Rows are taken out of their text once, into `rows`: each mention of the value of `json_each`
// would spell it anew, which costs more than all the rest.

/// Marks what is named, and remembers what was named and has not arrived.
async fn fold_seen(connection: &mut SqliteConnection, seen: &str) -> Result<(), StoreError> {
    sqlx::query!(
        "WITH rows (r) AS MATERIALIZED (SELECT value FROM json_each(?))
         UPDATE register_write SET named = 1
         WHERE (entity, path, hlc, device) IN (
            SELECT unhex(r->>0), r->>1, r->>2, unhex(r->>3) FROM rows)",
        seen
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "WITH rows (r) AS MATERIALIZED (SELECT value FROM json_each(?))
         INSERT INTO awaited (entity, path, hlc, device)
         SELECT unhex(r->>0), r->>1, r->>2, unhex(r->>3) FROM rows
         WHERE NOT EXISTS (SELECT 1 FROM register_write AS w
            WHERE w.entity = unhex(r->>0) AND w.path = r->>1
            AND w.hlc = r->>2 AND w.device = unhex(r->>3))
         ON CONFLICT DO NOTHING",
        seen
    )
    .execute(&mut *connection)
    .await?;
    Ok(())
}

async fn fold_writes(
    connection: &mut SqliteConnection,
    writes: &str,
    winners: &str,
) -> Result<(), StoreError> {
    sqlx::query!(
        "WITH rows (r) AS MATERIALIZED (SELECT value FROM json_each(?))
         INSERT INTO register_write (entity, path, hlc, device, seq, value, named)
         SELECT unhex(r->>0), r->>1, r->>2, unhex(r->>3), r->>4, r->>5, r->>6
         FROM rows WHERE true
         ON CONFLICT DO NOTHING",
        writes
    )
    .execute(&mut *connection)
    .await?;
    let awaited = sqlx::query_scalar!(r#"SELECT EXISTS (SELECT 1 FROM awaited) AS "any!: bool""#)
        .fetch_one(&mut *connection)
        .await?;
    if awaited {
        arrive(connection, writes).await?;
    }
    // Winner: max(hlc, device, seq). Conflict: heads with different values, nothing awaited.
    sqlx::query!(
        "WITH rows (r) AS MATERIALIZED (SELECT value FROM json_each(?)),
         won (entity, path, value, hlc, device, seq) AS MATERIALIZED (
            SELECT unhex(r->>0), r->>1, r->>2, r->>3, unhex(r->>4), r->>5 FROM rows)
         INSERT INTO register (entity, path, value, hlc, device, seq, conflict)
         SELECT entity, path, value, hlc, device, seq,
            (SELECT min(w.value) <> max(w.value) FROM register_write AS w
             WHERE w.entity = won.entity AND w.path = won.path AND w.named = 0)
            AND NOT EXISTS (SELECT 1 FROM awaited AS a
             WHERE a.entity = won.entity AND a.path = won.path)
         FROM won WHERE true
         ON CONFLICT (entity, path) DO UPDATE SET
            value = CASE WHEN (excluded.hlc, excluded.device, excluded.seq) > (hlc, device, seq)
                THEN excluded.value ELSE value END,
            hlc = CASE WHEN (excluded.hlc, excluded.device, excluded.seq) > (hlc, device, seq)
                THEN excluded.hlc ELSE hlc END,
            device = CASE WHEN (excluded.hlc, excluded.device, excluded.seq) > (hlc, device, seq)
                THEN excluded.device ELSE device END,
            seq = CASE WHEN (excluded.hlc, excluded.device, excluded.seq) > (hlc, device, seq)
                THEN excluded.seq ELSE seq END,
            conflict = excluded.conflict",
        winners
    )
    .execute(&mut *connection)
    .await?;
    Ok(())
}

/// What was awaited and is in the slice is not awaited any more, and named.
async fn arrive(connection: &mut SqliteConnection, writes: &str) -> Result<(), StoreError> {
    sqlx::query!(
        "WITH rows (r) AS MATERIALIZED (SELECT value FROM json_each(?))
         UPDATE register_write SET named = 1
         WHERE (entity, path, hlc, device) IN (
            SELECT a.entity, a.path, a.hlc, a.device FROM rows CROSS JOIN awaited AS a
            ON a.entity = unhex(r->>0) AND a.path = r->>1
            AND a.hlc = r->>2 AND a.device = unhex(r->>3))",
        writes
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "WITH rows (r) AS MATERIALIZED (SELECT value FROM json_each(?))
         DELETE FROM awaited
         WHERE (entity, path, hlc, device) IN (
            SELECT unhex(r->>0), r->>1, r->>2, unhex(r->>3) FROM rows)",
        writes
    )
    .execute(&mut *connection)
    .await?;
    Ok(())
}

/// Folds facts and says which services they were about before. Facts are not rewritten, but a log
/// that does so moves one from service to service.
async fn fold_facts(
    connection: &mut SqliteConnection,
    ids: &str,
    facts: &str,
    touched: &str,
) -> Result<Vec<Option<Uuid>>, StoreError> {
    let before = sqlx::query_scalar!(
        "SELECT DISTINCT service FROM fact
         WHERE id IN (SELECT unhex(value) FROM json_each(?))",
        ids
    )
    .fetch_all(&mut *connection)
    .await?;
    sqlx::query!(
        "WITH rows (r) AS MATERIALIZED (SELECT value FROM json_each(?))
         INSERT INTO fact (id, service, kind, occurred_at, hlc, device, seq, actor, body)
         SELECT unhex(r->>0), unhex(r->>1), r->>2, r->>3, r->>4, unhex(r->>5), r->>6,
            unhex(r->>7), r->>8
         FROM rows WHERE true
         ON CONFLICT (id) DO UPDATE SET
            service = excluded.service, kind = excluded.kind, occurred_at = excluded.occurred_at,
            hlc = excluded.hlc, device = excluded.device, seq = excluded.seq,
            actor = excluded.actor, body = excluded.body
         WHERE (excluded.hlc, excluded.device, excluded.seq) > (fact.hlc, fact.device, fact.seq)",
        facts
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "WITH rows (r) AS MATERIALIZED (SELECT value FROM json_each(?))
         INSERT INTO touched (service, hlc, device, seq)
         SELECT unhex(r->>0), r->>1, unhex(r->>2), r->>3
         FROM rows WHERE true
         ON CONFLICT DO NOTHING",
        touched
    )
    .execute(&mut *connection)
    .await?;
    before.into_iter().map(|before| before.as_deref().map(uuid).transpose()).collect()
}

/// A register's value in force.
pub(crate) struct Current {
    pub(crate) value: Value,
    pub(crate) version: Version,
    pub(crate) conflict: bool,
}

/// The values in force of these registers; absent where nothing was written.
pub(crate) async fn current<'a>(
    connection: &mut SqliteConnection,
    registers: impl IntoIterator<Item = (Uuid, &'a str)>,
) -> Result<HashMap<(Uuid, String), Current>, StoreError> {
    let mut keys = Rows::default();
    for (entity, path) in registers {
        keys.push(&(hex(entity.as_bytes()), path));
    }
    let keys = keys.text();
    let rows = sqlx::query!(
        "WITH keys (k) AS MATERIALIZED (SELECT value FROM json_each(?))
         SELECT r.entity, r.path, r.value, r.hlc, r.device, r.seq, r.conflict
         FROM keys CROSS JOIN register AS r ON r.entity = unhex(k->>0) AND r.path = k->>1",
        keys
    )
    .fetch_all(&mut *connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let current = Current {
                value: json(&row.value)?,
                version: version((row.hlc, &row.device, row.seq))?,
                conflict: row.conflict != 0,
            };
            Ok(((uuid(&row.entity)?, row.path), current))
        })
        .collect()
}

/// The highest clock reading seen.
pub(crate) async fn clock(connection: &mut SqliteConnection) -> Result<Hlc, StoreError> {
    let clock = sqlx::query_scalar!("SELECT clock FROM workspace WHERE only = 1")
        .fetch_one(&mut *connection)
        .await?;
    Ok(unsigned(clock))
}

/// Readings and sequences stay below 2^63 by the cap on the clock.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(crate) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

pub(crate) fn uuid(bytes: &[u8]) -> Result<Uuid, StoreError> {
    Uuid::from_slice(bytes).map_err(|error| StoreError::Damaged(error.to_string()))
}

pub(crate) fn device(bytes: &[u8]) -> Result<DeviceId, StoreError> {
    bytes.try_into().map(DeviceId).map_err(|_| StoreError::Damaged("device id".to_owned()))
}

pub(crate) fn version((hlc, id, seq): (i64, &[u8], i64)) -> Result<Version, StoreError> {
    Ok(Version { hlc: unsigned(hlc), device: device(id)?, seq: unsigned(seq) })
}

pub(crate) fn json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Damaged(error.to_string()))
}
