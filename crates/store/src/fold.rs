//! Folding in SQL: the same rule as `pilotage_domain::registers`, which is its oracle in the tests.
//!
//! Batches are folded in slices, each a handful of statements over all of its writes: a statement
//! costs as much for one row as for hundreds. A commit, batches of another device and a rebuild
//! all come through [`Slice`]. What the read model says of the entities and services that a slice
//! touches is refreshed afterwards, by `crate::refresh`.
//!
//! Nearly everything in a long log is a fact, and nearly every fact *stands alone*: its register was
//! written once, and that write names no other. There is nothing to fold then, and it is kept as a
//! row of `fact` and nothing else. Once a second write to its register arrives, it gets the rows
//! that every register has ([`settle`]), and folds as one.

use crate::error::StoreError;
use crate::read;
use crate::rows::{self, Rows, hex};
use pilotage_domain::Millis;
use pilotage_domain::change::path;
use pilotage_domain::fact::{self, Fact, Recorded};
use pilotage_domain::hlc::Hlc;
use pilotage_domain::ids::DeviceId;
use pilotage_domain::operation::{Batch, SeenVersion, Version, Write};
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
    /// What the table `slice` holds, in its order.
    writes: Rows,
    /// Facts that stand alone, unless more is known of their registers.
    lone: Lone,
    /// Registers of facts that the slice itself shows not to stand alone.
    folding: BTreeSet<Uuid>,
    refresh: Refresh,
}

/// Facts that stand alone, and their rows as the table `slice` would hold them.
#[derive(Default)]
struct Lone {
    facts: Vec<Recorded>,
    rows: Rows,
    /// Where the row of each ends in `rows`.
    ends: Vec<usize>,
}

impl Lone {
    fn push(&mut self, fact: Recorded, row: &str) {
        self.facts.push(fact);
        self.rows.push_row(row);
        self.ends.push(self.rows.length());
    }

    fn ids(&self) -> impl Iterator<Item = &Uuid> {
        self.facts.iter().map(|fact| &fact.id)
    }

    /// The others, and the rows of those that are `known`.
    fn without(self, known: &BTreeSet<Uuid>) -> (Self, Vec<String>) {
        if known.is_empty() {
            return (self, Vec::new());
        }
        let mut others = Self::default();
        let mut rows = Vec::new();
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        for ((fact, end), start) in self.facts.into_iter().zip(&self.ends).zip(starts) {
            let row = self.rows.between(start, *end);
            if known.contains(&fact.id) {
                rows.push(row.to_owned());
            } else {
                others.push(fact, row);
            }
        }
        (others, rows)
    }
}

/// Facts that the slices of a rebuild added. They stay in memory: to ask the database about each
/// whether an earlier slice had it, and to read all of them again for the walks, takes longer than
/// to fold them.
#[derive(Default)]
pub(crate) struct Folded {
    /// Those that stand alone so far.
    lone: HashMap<Uuid, Recorded>,
    /// Those whose registers have rows: the database says what became of them.
    settled: BTreeSet<Uuid>,
}

impl Folded {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.lone.len() + self.settled.len()
    }

    fn knows(&self, fact: Uuid) -> bool {
        self.lone.contains_key(&fact) || self.settled.contains(&fact)
    }

    fn settle(&mut self, facts: &BTreeSet<Uuid>) {
        for fact in facts {
            self.lone.remove(fact);
        }
        self.settled.extend(facts);
    }

    /// The facts, by what they are about.
    pub(crate) async fn by_service(
        self,
        connection: &mut SqliteConnection,
    ) -> Result<BTreeMap<Uuid, Vec<Recorded>>, StoreError> {
        let mut facts: BTreeMap<Uuid, Vec<Recorded>> = BTreeMap::new();
        let settled: Vec<Uuid> = self.settled.into_iter().collect();
        let mut told: Vec<Recorded> = self.lone.into_values().collect();
        for chunk in settled.chunks(SLICE) {
            told.extend(read::facts(connection, chunk).await?.into_values());
        }
        for recorded in told {
            if let Some(service) = recorded.fact.what.service() {
                facts.entry(service).or_default().push(recorded);
            }
        }
        Ok(facts)
    }
}

/// A write with its version and who made it.
type Made<'a> = (Version, Uuid, &'a Write);

/// What the table `slice` holds of a fact.
#[derive(Default)]
struct FactParts {
    kind: Option<String>,
    service: Option<String>,
    occurred_at: Option<Millis>,
    actor: Option<String>,
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
    pub(crate) fn of_writes<'a>(writes: impl IntoIterator<Item = Made<'a>>) -> Self {
        let mut slice = Self::default();
        // In order of the key, which is how the database keeps them.
        let key = |(version, _, write): &Made<'a>| (write.entity, write.path.as_str(), *version);
        let mut writes: Vec<Made<'a>> = writes.into_iter().collect();
        writes.sort_unstable_by(|a, b| key(a).cmp(&key(b)));
        let same =
            |(_, _, a): &Made<'a>, (_, _, b): &Made<'a>| a.entity == b.entity && a.path == b.path;
        for register in writes.chunk_by(same) {
            let Write { entity, path, .. } = register[0].2;
            if path != fact::PATH {
                slice.refresh.entities.insert(*entity);
                slice.refresh.merges |= path == path::KIND || path == path::MERGED_INTO;
            }
            slice.take_register(*entity, path, register);
        }
        slice
    }

    fn take_register(&mut self, entity: Uuid, path: &str, register: &[Made<'_>]) {
        let key = hex(entity.as_bytes());
        let here: BTreeSet<SeenVersion> =
            register.iter().map(|(version, ..)| (version.hlc, version.device)).collect();
        let mut named: BTreeSet<SeenVersion> = BTreeSet::new();
        for (version, _, write) in register {
            // Names that are not smaller than the write itself are ignored: the relation stays
            // acyclic.
            let older = |seen: &&SeenVersion| **seen < (version.hlc, version.device);
            named.extend(write.seen.iter().filter(older));
        }
        for (hlc, device) in named.difference(&here) {
            self.seen.push(&(&key, path, signed(*hlc), hex(&device.0)));
        }
        for (place, (version, actor, write)) in register.iter().enumerate() {
            let value = write.value.to_string();
            // A fact of a later version stays in its register until the upgrade.
            let read = if path == fact::PATH { Fact::parse(&value).ok() } else { None };
            let fact = read.as_ref().map(|fact| self.fact_parts(*actor, write, fact));
            let fact = fact.unwrap_or_default();
            let row = rows::row(&(
                &key,
                path,
                signed(version.hlc),
                hex(&version.device.0),
                signed(version.seq),
                value,
                u8::from(named.contains(&(version.hlc, version.device))),
                u8::from(place + 1 == register.len()),
                fact.kind,
                fact.service,
                fact.occurred_at,
                fact.actor,
            ));
            let alone = register.len() == 1 && write.seen.is_empty();
            if let Some(fact) = read.filter(|_| alone) {
                let recorded = Recorded { id: entity, version: *version, actor: *actor, fact };
                self.lone.push(recorded, &row);
                continue;
            }
            self.writes.push_row(&row);
            if path == fact::PATH {
                self.folding.insert(entity);
            }
        }
    }

    fn fact_parts(&mut self, actor: Uuid, write: &Write, fact: &Fact) -> FactParts {
        let service = fact.what.service();
        self.refresh.of_fact(service);
        let kind = write.value.get("kind").and_then(Value::as_str).unwrap_or_default();
        FactParts {
            kind: Some(kind.to_owned()),
            service: service.map(|service| hex(service.as_bytes())),
            occurred_at: Some(fact.occurred_at),
            actor: Some(hex(actor.as_bytes())),
        }
    }

    /// Folds the slice, whose batches were just appended, and says what to compute anew. A rebuild
    /// knows by itself what its earlier slices `folded`; else the database is asked.
    pub(crate) async fn fold(
        mut self,
        connection: &mut SqliteConnection,
        folded: Option<&mut Folded>,
    ) -> Result<Refresh, StoreError> {
        let known: BTreeSet<Uuid> = match &folded {
            _ if self.lone.facts.is_empty() => BTreeSet::new(),
            Some(folded) => self.lone.ids().filter(|id| folded.knows(**id)).copied().collect(),
            None => known_facts(connection, &rows::ids(self.lone.ids())).await?,
        };
        let (lone, known_rows) = self.lone.without(&known);
        for row in &known_rows {
            self.writes.push_row(row);
        }
        self.folding.extend(known);
        if !self.folding.is_empty() {
            settle(connection, &rows::ids(&self.folding)).await?;
        }
        if !lone.rows.is_empty() {
            add_facts(connection, &lone.rows.text()).await?;
        }
        if let Some(folded) = folded {
            folded.settle(&self.folding);
            folded.lone.extend(lone.facts.into_iter().map(|fact| (fact.id, fact)));
        }
        if !self.seen.is_empty() {
            fold_seen(connection, &self.seen.text()).await?;
        }
        if !self.writes.is_empty() {
            for service in fold_writes(connection, &self.writes.text()).await? {
                self.refresh.of_fact(service);
            }
        }
        Ok(self.refresh)
    }
}

// Rows are taken out of their text once, into `rows`, in the database's own binary form of JSON:
// each mention of the value of `json_each` would spell it anew and read it again, which costs more
// than all the rest. The slice is spelt once, too, for all statements.

/// Those of these facts whose register the database knows already.
async fn known_facts(
    connection: &mut SqliteConnection,
    ids: &str,
) -> Result<BTreeSet<Uuid>, StoreError> {
    let known = sqlx::query_scalar!(
        r#"SELECT f.id AS "id!" FROM json_each(?1) AS k CROSS JOIN fact AS f ON f.id = unhex(k.value)
         UNION
         SELECT r.entity FROM json_each(?1) AS k
         CROSS JOIN register AS r ON r.entity = unhex(k.value) AND r.path = 'fact'"#,
        ids
    )
    .fetch_all(&mut *connection)
    .await?;
    known.iter().map(|id| uuid(id)).collect()
}

/// Gives facts that stood alone the rows of a register.
async fn settle(connection: &mut SqliteConnection, ids: &str) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO touched (service, hlc, device, seq)
         SELECT f.service, f.hlc, f.device, f.seq
         FROM json_each(?) AS k CROSS JOIN fact AS f ON f.id = unhex(k.value)
         WHERE f.service IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM register WHERE entity = f.id AND path = 'fact')
         ON CONFLICT DO NOTHING",
        ids
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "INSERT INTO register_write (entity, path, hlc, device, seq, value, named)
         SELECT f.id, 'fact', f.hlc, f.device, f.seq, f.body, 0
         FROM json_each(?) AS k CROSS JOIN fact AS f ON f.id = unhex(k.value)
         WHERE NOT EXISTS (SELECT 1 FROM register WHERE entity = f.id AND path = 'fact')",
        ids
    )
    .execute(&mut *connection)
    .await?;
    // Last: the register says that it is done.
    sqlx::query!(
        "INSERT INTO register (entity, path, value, hlc, device, seq, conflict)
         SELECT f.id, 'fact', f.body, f.hlc, f.device, f.seq, 0
         FROM json_each(?) AS k CROSS JOIN fact AS f ON f.id = unhex(k.value) WHERE true
         ON CONFLICT DO NOTHING",
        ids
    )
    .execute(&mut *connection)
    .await?;
    Ok(())
}

/// Adds facts that stand alone.
async fn add_facts(connection: &mut SqliteConnection, facts: &str) -> Result<(), StoreError> {
    sqlx::query!(
        "WITH rows (r) AS MATERIALIZED (SELECT value FROM jsonb_each(?))
         INSERT INTO fact (id, service, kind, occurred_at, hlc, device, seq, actor, body)
         SELECT unhex(r->>0), unhex(r->>9), r->>8, r->>10, r->>2, unhex(r->>3), r->>4,
            unhex(r->>11), r->>5
         FROM rows",
        facts
    )
    .execute(&mut *connection)
    .await?;
    Ok(())
}

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

/// Folds writes and says which services the facts among them were about before.
async fn fold_writes(
    connection: &mut SqliteConnection,
    writes: &str,
) -> Result<Vec<Option<Uuid>>, StoreError> {
    sqlx::query!(
        "WITH rows (r) AS MATERIALIZED (SELECT value FROM jsonb_each(?))
         INSERT INTO slice (entity, path, hlc, device, seq, value, named, wins, kind, service,
            occurred_at, actor)
         SELECT unhex(r->>0), r->>1, r->>2, unhex(r->>3), r->>4, r->>5, r->>6, r->>7, r->>8,
            unhex(r->>9), r->>10, unhex(r->>11)
         FROM rows",
        writes
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "INSERT INTO register_write (entity, path, hlc, device, seq, value, named)
         SELECT entity, path, hlc, device, seq, value, named FROM slice WHERE true
         ON CONFLICT DO NOTHING"
    )
    .execute(&mut *connection)
    .await?;
    let awaited = sqlx::query_scalar!(r#"SELECT EXISTS (SELECT 1 FROM awaited) AS "any!: bool""#)
        .fetch_one(&mut *connection)
        .await?;
    if awaited {
        arrive(connection).await?;
    }
    // Winner: max(hlc, device, seq). Conflict: heads with different values, nothing awaited.
    sqlx::query!(
        "INSERT INTO register (entity, path, value, hlc, device, seq, conflict)
         SELECT entity, path, value, hlc, device, seq,
            (SELECT min(w.value) <> max(w.value) FROM register_write AS w
             WHERE w.entity = slice.entity AND w.path = slice.path AND w.named = 0)
            AND NOT EXISTS (SELECT 1 FROM awaited AS a
             WHERE a.entity = slice.entity AND a.path = slice.path)
         FROM slice WHERE wins = 1
         ON CONFLICT (entity, path) DO UPDATE SET
            value = CASE WHEN (excluded.hlc, excluded.device, excluded.seq) > (hlc, device, seq)
                THEN excluded.value ELSE value END,
            hlc = CASE WHEN (excluded.hlc, excluded.device, excluded.seq) > (hlc, device, seq)
                THEN excluded.hlc ELSE hlc END,
            device = CASE WHEN (excluded.hlc, excluded.device, excluded.seq) > (hlc, device, seq)
                THEN excluded.device ELSE device END,
            seq = CASE WHEN (excluded.hlc, excluded.device, excluded.seq) > (hlc, device, seq)
                THEN excluded.seq ELSE seq END,
            conflict = excluded.conflict"
    )
    .execute(&mut *connection)
    .await?;
    let before = fold_facts(connection).await?;
    sqlx::query!("DELETE FROM slice").execute(&mut *connection).await?;
    Ok(before)
}

/// What was awaited and is in the slice is not awaited any more, and named.
async fn arrive(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE register_write SET named = 1
         WHERE (entity, path, hlc, device) IN (
            SELECT a.entity, a.path, a.hlc, a.device FROM slice CROSS JOIN awaited AS a
            ON a.entity = slice.entity AND a.path = slice.path
            AND a.hlc = slice.hlc AND a.device = slice.device)"
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "DELETE FROM awaited WHERE (entity, path, hlc, device) IN (
            SELECT entity, path, hlc, device FROM slice)"
    )
    .execute(&mut *connection)
    .await?;
    Ok(())
}

/// Folds facts and says which services they were about before. Facts are not rewritten, but a log
/// that does so moves one from service to service.
async fn fold_facts(connection: &mut SqliteConnection) -> Result<Vec<Option<Uuid>>, StoreError> {
    let before = sqlx::query_scalar!(
        "SELECT DISTINCT f.service FROM slice CROSS JOIN fact AS f ON f.id = slice.entity
         WHERE slice.kind IS NOT NULL"
    )
    .fetch_all(&mut *connection)
    .await?;
    sqlx::query!(
        "INSERT INTO fact (id, service, kind, occurred_at, hlc, device, seq, actor, body)
         SELECT entity, service, kind, occurred_at, hlc, device, seq, actor, value
         FROM slice WHERE kind IS NOT NULL
         ON CONFLICT (id) DO UPDATE SET
            service = excluded.service, kind = excluded.kind, occurred_at = excluded.occurred_at,
            hlc = excluded.hlc, device = excluded.device, seq = excluded.seq,
            actor = excluded.actor, body = excluded.body
         WHERE (excluded.hlc, excluded.device, excluded.seq) > (fact.hlc, fact.device, fact.seq)"
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "INSERT INTO touched (service, hlc, device, seq)
         SELECT service, hlc, device, seq FROM slice WHERE service IS NOT NULL
         ON CONFLICT DO NOTHING"
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
        r#"WITH keys (k) AS MATERIALIZED (SELECT value FROM json_each(?))
         SELECT r.entity AS "entity!", r.path AS "path!", r.value AS "value!", r.hlc AS "hlc!",
            r.device AS "device!", r.seq AS "seq!", r.conflict AS "conflict!"
         FROM keys CROSS JOIN register AS r ON r.entity = unhex(k->>0) AND r.path = k->>1
         UNION ALL
         SELECT f.id, 'fact', f.body, f.hlc, f.device, f.seq, 0
         FROM keys CROSS JOIN fact AS f ON f.id = unhex(k->>0)
         WHERE k->>1 = 'fact'
            AND NOT EXISTS (SELECT 1 FROM register WHERE entity = f.id AND path = 'fact')"#,
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

/// A batch of the log. What breaks a rule never got there, so it was damaged there.
pub(crate) fn batch(body: &[u8]) -> Result<Batch, StoreError> {
    Batch::parse(body).map_err(|refused| StoreError::Damaged(refused.to_string()))
}

pub(crate) fn json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Damaged(error.to_string()))
}
