//! Reads. All of them run on read-only connections.

use crate::Store;
use crate::error::StoreError;
use crate::fold::{self, json, unsigned, uuid};
use crate::merges;
use crate::refresh::{self, FactRow};
use crate::rows;
use pilotage_domain::Millis;
use pilotage_domain::change::{Entity, Evidence, Kind, path};
use pilotage_domain::fact::Recorded;
use pilotage_domain::ids::DeviceId;
use pilotage_domain::journey::{Course, Journey, Summary};
use pilotage_domain::operation::{Batch, Version};
use pilotage_domain::playbook::{Ladder, Rules};
use pilotage_domain::registers::StateHash;
use pilotage_domain::words::NodeClass;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::pool::PoolConnection;
use sqlx::{Connection as _, SqliteConnection};
use std::collections::{BTreeMap, BTreeSet};
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
    /// Who answers for it.
    #[serde(default)]
    pub owner: Option<String>,
    /// Team.
    #[serde(default)]
    pub team: Option<String>,
    /// From 1 to 5.
    #[serde(default)]
    pub criticality: Option<u8>,
    /// Effort of the move, as its word.
    #[serde(default)]
    pub effort: Option<String>,
    /// Kind of service.
    #[serde(default)]
    pub archetype: Option<String>,
    /// Difficulty class, as its word.
    #[serde(default)]
    pub difficulty: Option<String>,
    /// Tags, in order.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Days by which checks are due, by check.
    #[serde(default)]
    pub due: BTreeMap<String, String>,
    /// Ids of the people who take care of checks, by check.
    #[serde(default)]
    pub doing: BTreeMap<String, String>,
}

impl Listed {
    /// Reads the fields off a node. Services merged into it are other names of it.
    pub(crate) fn of(entity: &Entity, members: &[Entity]) -> Self {
        let mut aliases: BTreeSet<String> = entity.set(path::ALIASES).into_iter().collect();
        for member in members {
            aliases.insert(member.name().to_owned());
            aliases.extend(member.set(path::ALIASES));
        }
        // What it is called anyway is no other name.
        if !members.is_empty() {
            aliases.remove("");
            aliases.remove(entity.name());
        }
        let text = |path| entity.text(path).map(str::to_owned);
        let map = |path| {
            entity.map(path).into_iter().map(|(check, text)| (check, text.to_owned())).collect()
        };
        let criticality = entity.registers.get(path::CRITICALITY).and_then(Value::as_u64);
        Self {
            owner: text(path::OWNER),
            team: text(path::TEAM),
            criticality: criticality.and_then(|number| u8::try_from(number).ok()),
            effort: text(path::EFFORT),
            archetype: text(path::ARCHETYPE),
            difficulty: text(path::DIFFICULTY),
            tags: entity.set(path::TAGS),
            due: map(path::DUE),
            doing: map(path::DOING),
            assignees: entity.set(path::ASSIGNEES),
            target_date: text(path::TARGET_DATE),
            aliases: aliases.into_iter().collect(),
        }
    }
}

/// What a node is and goes by.
#[derive(Debug, Clone, PartialEq)]
pub struct KnownNode {
    /// Its entity.
    pub id: Uuid,
    /// Name.
    pub name: String,
    /// What it is.
    pub class: NodeClass,
    /// Other names it is known by.
    pub aliases: Vec<String>,
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

/// Nodes whose facts are held in memory together.
const TOGETHER: usize = 32;

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
        refresh::load_entity(&mut *self.reader().await?, id).await
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
            let value: Value = json(&row.value)?;
            if !value.is_null() {
                entity.registers.insert(row.path, value);
            }
        }
        Ok(entities.into_values().collect())
    }

    /// The services that count as this one, in order of id, deleted ones too.
    pub async fn merged_into(&self, root: Uuid) -> Result<Vec<Entity>, StoreError> {
        let mut reader = self.reader().await?;
        let mut snapshot = reader.begin().await?;
        let merges = merges::load(&mut snapshot).await?;
        let ids: Vec<Uuid> =
            merges.into_iter().filter(|(_, into)| *into == root).map(|(id, _)| id).collect();
        Ok(refresh::load_entities(&mut snapshot, &ids).await?.into_values().collect())
    }

    /// These entities, as far as they are there.
    pub async fn entities_of(&self, ids: &[Uuid]) -> Result<BTreeMap<Uuid, Entity>, StoreError> {
        refresh::load_entities(&mut *self.reader().await?, ids).await
    }

    /// Adoptions of a playbook that nobody took back and the ladders they make over time, both
    /// oldest first.
    pub async fn rules(&self) -> Result<(Vec<Recorded>, Vec<(Millis, Ladder)>), StoreError> {
        let mut reader = self.reader().await?;
        let mut snapshot = reader.begin().await?;
        let adoptions = refresh::adoptions(&mut snapshot).await?;
        let presences = refresh::presences(&mut snapshot).await?;
        let ladders = refresh::ladders_of(&adoptions, None, &presences);
        Ok((adoptions, ladders))
    }

    /// Where every service would stand at `now` if these rules were adopted then, by id.
    pub async fn suppose(
        &self,
        rules: Rules,
        now: Millis,
    ) -> Result<Vec<(Uuid, Journey)>, StoreError> {
        let mut reader = self.reader().await?;
        let mut snapshot = reader.begin().await?;
        let adoptions = refresh::adoptions(&mut snapshot).await?;
        let presences = refresh::presences(&mut snapshot).await?;
        let ladders = refresh::ladders_of(&adoptions, Some((now, rules)), &presences);
        let class = NodeClass::Service.word();
        let ids = sqlx::query_scalar!("SELECT id FROM node WHERE class = ? ORDER BY id", class)
            .fetch_all(&mut *snapshot)
            .await?;
        let ids = ids.iter().map(|id| uuid(id)).collect::<Result<Vec<_>, _>>()?;
        let merges = merges::load(&mut snapshot).await?;
        let mut journeys = Vec::with_capacity(ids.len());
        for some in ids.chunks(TOGETHER) {
            for mut node in refresh::load_nodes(&mut snapshot, some, &merges).await? {
                let facts = node.take_facts()?;
                let journey = node.walk(&facts, &ladders, now).0;
                journeys.push((node.entity.id, journey));
            }
        }
        Ok(journeys)
    }

    /// What every node is and goes by, by name. Where it stands is not read, which is most of the
    /// work of [`Store::nodes`].
    pub async fn known_nodes(&self) -> Result<Vec<KnownNode>, StoreError> {
        /// The one field of [`Listed`] that is wanted.
        #[derive(Default, Deserialize)]
        struct Aliases {
            aliases: Vec<String>,
        }
        let mut reader = self.reader().await?;
        let rows = sqlx::query!("SELECT id, name, class, listed FROM node ORDER BY name, id")
            .fetch_all(&mut *reader)
            .await?;
        rows.into_iter()
            .map(|row| {
                Ok(KnownNode {
                    id: uuid(&row.id)?,
                    name: row.name,
                    class: NodeClass::from_word(&row.class).unwrap_or(NodeClass::Service),
                    aliases: serde_json::from_str::<Aliases>(&row.listed)
                        .unwrap_or_default()
                        .aliases,
                })
            })
            .collect()
    }

    /// One node, whole, as it stands at `now`.
    pub async fn node(&self, id: Uuid, now: Millis) -> Result<Option<NodeDetail>, StoreError> {
        Ok(self.nodes_with_all_facts(&[id], now).await?.into_values().next())
    }

    /// Several nodes, as they stand at `now`, each with all of its facts.
    pub async fn nodes_with_all_facts(
        &self,
        ids: &[Uuid],
        now: Millis,
    ) -> Result<BTreeMap<Uuid, NodeDetail>, StoreError> {
        let mut reader = self.reader().await?;
        let mut snapshot = reader.begin().await?;
        let wanted = rows::ids(ids);
        let rows = sqlx::query!(
            "SELECT id, valid_until, journey FROM node
             WHERE id IN (SELECT unhex(value) FROM json_each(?))",
            wanted
        )
        .fetch_all(&mut *snapshot)
        .await?;
        let mut known = BTreeMap::new();
        for row in rows {
            known.insert(uuid(&row.id)?, (row.valid_until, row.journey));
        }
        if known.is_empty() {
            return Ok(BTreeMap::new());
        }
        let there: Vec<Uuid> = known.keys().copied().collect();
        let merges = merges::load(&mut snapshot).await?;
        let mut ladders = None;
        let mut details = BTreeMap::new();
        for mut node in refresh::load_nodes(&mut snapshot, &there, &merges).await? {
            let id = node.entity.id;
            let Some((until, journey)) = known.remove(&id) else { continue };
            let facts = node.take_facts()?;
            let journey = if until.is_some_and(|until| until <= now) {
                let ladders = match &ladders {
                    Some(ladders) => ladders,
                    None => ladders.insert(refresh::ladders(&mut snapshot).await?),
                };
                node.walk(&facts, ladders, now).0
            } else {
                json(&journey)?
            };
            let row = NodeRow {
                id,
                name: node.entity.name().to_owned(),
                class: node.entity.class(),
                changed_at: node.changed_at,
                summary: Summary::from(&journey),
                listed: node.listed(),
            };
            details.insert(id, NodeDetail { row, entity: node.entity, journey, facts });
        }
        Ok(details)
    }

    /// Several nodes, as they stand at `now`, each with those of its facts that its journey names:
    /// findings and waivers in force, open blockers and requests, the choice of scope.
    pub async fn nodes_with_facts(
        &self,
        ids: &[Uuid],
        now: Millis,
    ) -> Result<BTreeMap<Uuid, NodeDetail>, StoreError> {
        let mut reader = self.reader().await?;
        let mut snapshot = reader.begin().await?;
        let wanted = rows::ids(ids);
        let rows = sqlx::query!(
            "SELECT id, name, class, changed_at, valid_until, listed, journey FROM node
             WHERE id IN (SELECT unhex(value) FROM json_each(?))",
            wanted
        )
        .fetch_all(&mut *snapshot)
        .await?;
        let mut entities = refresh::load_entities(&mut snapshot, ids).await?;
        let mut journeys: BTreeMap<Uuid, Journey> = BTreeMap::new();
        let mut due = Vec::new();
        for row in &rows {
            if row.valid_until.is_some_and(|until| until <= now) {
                due.push(uuid(&row.id)?);
            } else {
                journeys.insert(uuid(&row.id)?, json(&row.journey)?);
            }
        }
        if !due.is_empty() {
            let merges = merges::load(&mut snapshot).await?;
            let nodes = refresh::load_nodes(&mut snapshot, &due, &merges).await?;
            let ladders = refresh::ladders(&mut snapshot).await?;
            journeys.extend(crate::past::walk_all(nodes, ladders, now).await?);
        }
        let wanted: Vec<Uuid> = journeys.values().flat_map(named).collect();
        let mut facts = facts(&mut snapshot, &wanted).await?;
        let mut details = BTreeMap::new();
        for row in rows {
            let id = uuid(&row.id)?;
            let (Some(journey), Some(entity)) = (journeys.remove(&id), entities.remove(&id)) else {
                continue;
            };
            let mut own: Vec<Recorded> =
                named(&journey).into_iter().filter_map(|fact| facts.remove(&fact)).collect();
            own.sort_by_key(Recorded::order);
            let row = NodeRow {
                id,
                name: row.name,
                class: NodeClass::from_word(&row.class).unwrap_or(NodeClass::Service),
                changed_at: row.changed_at,
                summary: Summary::from(&journey),
                listed: serde_json::from_str(&row.listed).unwrap_or_default(),
            };
            details.insert(id, NodeDetail { row, entity, journey, facts: own });
        }
        Ok(details)
    }

    /// One fact.
    pub async fn fact(&self, id: Uuid) -> Result<Option<Recorded>, StoreError> {
        Ok(self.facts(&[id]).await?.remove(&id))
    }

    /// These facts, as far as they are there.
    pub async fn facts(&self, ids: &[Uuid]) -> Result<BTreeMap<Uuid, Recorded>, StoreError> {
        facts(&mut *self.reader().await?, ids).await
    }

    /// Services that were merged, each with the one it counts as.
    pub async fn merges(&self) -> Result<BTreeMap<Uuid, Uuid>, StoreError> {
        let mut reader = self.reader().await?;
        merges::load(&mut reader).await
    }

    /// Every dependency, between nodes as they count now: what leads from or to a merged service
    /// leads from or to its root. Of several of one kind between two nodes the surest is told, and
    /// none leads from a node to itself.
    pub async fn dependencies(&self) -> Result<Vec<DependencyRow>, StoreError> {
        let mut reader = self.reader().await?;
        let mut snapshot = reader.begin().await?;
        let merges = merges::load(&mut snapshot).await?;
        let rows = sqlx::query!(
            "SELECT id, caller, callee, kind, confidence, evidence FROM dependency ORDER BY id"
        )
        .fetch_all(&mut *snapshot)
        .await?;
        let mut edges = Vec::with_capacity(rows.len());
        for row in rows {
            edges.push(DependencyRow {
                id: uuid(&row.id)?,
                caller: uuid(&row.caller)?,
                callee: uuid(&row.callee)?,
                kind: row.kind,
                confidence: u8::try_from(row.confidence).unwrap_or(0),
                evidence: serde_json::from_str(&row.evidence).unwrap_or_default(),
            });
        }
        Ok(merges::join(edges, &merges))
    }

    /// The newest batches about a service, newest first.
    pub async fn timeline(&self, service: Uuid, most: u32) -> Result<Vec<LoggedBatch>, StoreError> {
        let mut reader = self.reader().await?;
        let key = service.as_bytes().to_vec();
        // A batch about several of them is told once.
        let rows = sqlx::query!(
            r#"SELECT b.device AS "device!", b.body AS "body!" FROM (
                SELECT hlc, device, seq FROM touched
                WHERE service = ?1 OR service IN (SELECT service FROM merged WHERE root = ?1)
                UNION
                SELECT hlc, device, seq FROM fact
                WHERE service = ?1 OR service IN (SELECT service FROM merged WHERE root = ?1)
                ORDER BY hlc DESC, device DESC LIMIT ?2) AS t
             JOIN batch AS b ON b.device = t.device AND b.seq = t.seq
             ORDER BY t.hlc DESC, t.device DESC"#,
            key,
            most
        )
        .fetch_all(&mut *reader)
        .await?;
        rows.into_iter().map(|row| logged(&row.device, &row.body)).collect()
    }

    /// Batches recorded after a moment and up to another, newest first, at most `most`, and how
    /// many there are.
    pub async fn between(
        &self,
        after: Millis,
        until: Millis,
        most: u32,
    ) -> Result<(Vec<LoggedBatch>, u64), StoreError> {
        let mut reader = self.reader().await?;
        let mut snapshot = reader.begin().await?;
        let rows = sqlx::query!(
            "SELECT device, body FROM batch WHERE wall > ? AND wall <= ?
             ORDER BY wall DESC, hlc DESC, device DESC LIMIT ?",
            after,
            until,
            most
        )
        .fetch_all(&mut *snapshot)
        .await?;
        let count = sqlx::query_scalar!(
            "SELECT count(*) FROM batch WHERE wall > ? AND wall <= ?",
            after,
            until
        )
        .fetch_one(&mut *snapshot)
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

    /// Lines that were set aside (later formats, broken rules), by device in order of arrival.
    pub async fn set_aside(&self) -> Result<Vec<(DeviceId, Vec<u8>)>, StoreError> {
        let mut reader = self.reader().await?;
        let rows = sqlx::query!("SELECT device, body FROM quarantine ORDER BY device, id")
            .fetch_all(&mut *reader)
            .await?;
        rows.into_iter().map(|row| Ok((fold::device(&row.device)?, row.body))).collect()
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

/// These facts, those that are understood.
pub(crate) async fn facts(
    connection: &mut SqliteConnection,
    ids: &[Uuid],
) -> Result<BTreeMap<Uuid, Recorded>, StoreError> {
    let ids = rows::ids(ids);
    let rows = sqlx::query_as!(
        FactRow,
        "SELECT id, hlc, device, seq, actor, body FROM fact
         WHERE id IN (SELECT unhex(value) FROM json_each(?))",
        ids
    )
    .fetch_all(connection)
    .await?;
    rows.iter().map(|row| row.read().map(|recorded| (recorded.id, recorded))).collect()
}

/// The facts that a journey names.
fn named(journey: &Journey) -> Vec<Uuid> {
    let checks = journey.checks.iter().flat_map(|check| [check.finding, check.waiver]).flatten();
    let open = journey.open_blockers.iter().chain(&journey.open_requests).copied();
    checks.chain(open).chain(journey.scope_fact).collect()
}

/// The courses of these nodes, as far as they are there.
pub(crate) async fn courses(
    connection: &mut SqliteConnection,
    nodes: &[Uuid],
) -> Result<BTreeMap<Uuid, Course>, StoreError> {
    let ids = rows::ids(nodes);
    let rows = sqlx::query!(
        "SELECT id, course FROM node_course WHERE id IN (SELECT unhex(value) FROM json_each(?))",
        ids
    )
    .fetch_all(&mut *connection)
    .await?;
    rows.into_iter().map(|row| Ok((uuid(&row.id)?, json(&row.course)?))).collect()
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
        r#"SELECT entity AS "entity!", path AS "path!", value AS "value!", hlc AS "hlc!",
            device AS "device!", seq AS "seq!"
         FROM register
         UNION ALL
         SELECT id, 'fact', body, hlc, device, seq FROM fact
         WHERE NOT EXISTS (SELECT 1 FROM register WHERE entity = fact.id AND path = 'fact')
         ORDER BY 1, 2"#
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

pub(crate) fn logged(device: &[u8], body: &[u8]) -> Result<LoggedBatch, StoreError> {
    Ok(LoggedBatch { device: fold::device(device)?, batch: fold::batch(body)? })
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
