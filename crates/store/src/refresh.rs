//! The read model of entities and services, computed anew after a fold: what kinds things are, who
//! calls whom, and where each node stands. Journeys are walked on threads of their own while the
//! database is read and written.

use crate::error::StoreError;
use crate::fold::{Refresh, json, unsigned, uuid, version};
use crate::merges::{self, Merges};
use crate::read::Listed;
use crate::rebuild::Told;
use crate::rows::{self, Rows, hex};
use pilotage_domain::Millis;
use pilotage_domain::change::{Entity, Kind, path};
use pilotage_domain::fact::{Fact, Happening, Recorded};
use pilotage_domain::hlc;
use pilotage_domain::journey::{self, Course, Journey, Subject, Summary};
use pilotage_domain::playbook::{self, Ladder, Rules};
use pilotage_domain::words::NodeClass;
use sqlx::SqliteConnection;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use uuid::Uuid;

/// The ladders in force over time, oldest first.
pub(crate) type Ladders = Vec<(Millis, Ladder)>;

/// Entities that are looked at together.
const ENTITIES: usize = 1_000;
/// Nodes that are walked together: enough that handing them over costs nothing.
const NODES: usize = 32;

/// Facts at hand, by service.
pub(crate) type AtHand = BTreeMap<Uuid, Vec<Recorded>>;

/// Refreshes the read model of what was touched. Facts are read, unless all of them are at hand.
pub(crate) async fn refresh(
    connection: &mut SqliteConnection,
    refresh: Refresh,
    at_hand: Option<AtHand>,
    now: Millis,
    told: &Told,
) -> Result<(), StoreError> {
    let Refresh { entities, mut services, mut all, merges } = refresh;
    let entities: Vec<Uuid> = entities.into_iter().collect();
    for chunk in entities.chunks(ENTITIES) {
        all |= refresh_entities(connection, chunk, &mut services).await?;
    }
    if merges {
        services.extend(merges::refresh(connection).await?);
    }
    if all {
        let word = Kind::Service.word();
        let rows = sqlx::query_scalar!("SELECT entity FROM entity WHERE kind = ?", word)
            .fetch_all(&mut *connection)
            .await?;
        for row in rows {
            services.insert(uuid(&row)?);
        }
    }
    if services.is_empty() {
        return Ok(());
    }
    let merges = merges::load(connection).await?;
    let roots: BTreeSet<Uuid> =
        services.iter().map(|service| *merges.get(service).unwrap_or(service)).collect();
    forget_nodes(connection, services.difference(&roots)).await?;
    let roots: Vec<Uuid> = roots.into_iter().collect();
    refresh_nodes(connection, &roots, &merges, at_hand, now, told).await
}

/// Notes what these entities are, and says whether the ladder may be another one.
async fn refresh_entities(
    connection: &mut SqliteConnection,
    ids: &[Uuid],
    services: &mut BTreeSet<Uuid>,
) -> Result<bool, StoreError> {
    let loaded = load_entities(connection, ids).await?;
    let ladder_before = forget_other_kinds(connection, &loaded).await?;
    let mut kinds = Rows::default();
    let mut dependencies = Rows::default();
    let mut edges = Rows::default();
    let mut nodes = Vec::new();
    let mut ladder = ladder_before;
    for entity in loaded.values() {
        let Some(kind) = entity.kind() else { continue };
        let id = hex(entity.id.as_bytes());
        kinds.push(&(&id, kind.word(), u8::from(entity.lives())));
        match kind {
            Kind::Service => nodes.push(entity.id),
            Kind::Dependency => {
                dependencies.push(&id);
                if let Some(edge) = Edge::of(entity)? {
                    edges.push(&(
                        &id,
                        edge.caller,
                        edge.callee,
                        edge.kind,
                        edge.confidence,
                        edge.evidence,
                    ));
                }
            }
            Kind::Environment => ladder = true,
            Kind::Programme
            | Kind::Person
            | Kind::Target
            | Kind::Check
            | Kind::Sprint
            | Kind::Retrospective
            | Kind::Note
            | Kind::Group
            | Kind::Insight
            | Kind::Action => {}
        }
    }
    note_kinds(connection, &kinds.text()).await?;
    if !dependencies.is_empty() {
        note_dependencies(connection, &dependencies.text(), &edges.text()).await?;
    }
    if !nodes.is_empty() {
        touch_services(connection, &rows::ids(&nodes)).await?;
        services.extend(nodes);
    }
    Ok(ladder)
}

/// Drops what the read model holds of entities that it knows as something else, and says whether
/// one was an environment: of two devices that made one entity as different kinds, one wins.
async fn forget_other_kinds(
    connection: &mut SqliteConnection,
    loaded: &BTreeMap<Uuid, Entity>,
) -> Result<bool, StoreError> {
    let ids = rows::ids(loaded.keys());
    let known = sqlx::query!(
        "SELECT entity, kind FROM entity
         WHERE entity IN (SELECT unhex(value) FROM json_each(?))",
        ids
    )
    .fetch_all(&mut *connection)
    .await?;
    let mut others = Vec::new();
    let mut ladder = false;
    for row in known {
        let id = uuid(&row.entity)?;
        if loaded.get(&id).and_then(|entity| entity.text(path::KIND)) != Some(&row.kind) {
            ladder |= row.kind == Kind::Environment.word();
            others.push(id);
        }
    }
    if others.is_empty() {
        return Ok(false);
    }
    forget_nodes(connection, &others).await?;
    let others = rows::ids(&others);
    sqlx::query!(
        "DELETE FROM entity WHERE entity IN (SELECT unhex(value) FROM json_each(?))",
        others
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "DELETE FROM dependency WHERE id IN (SELECT unhex(value) FROM json_each(?))",
        others
    )
    .execute(&mut *connection)
    .await?;
    Ok(ladder)
}

async fn note_kinds(connection: &mut SqliteConnection, kinds: &str) -> Result<(), StoreError> {
    sqlx::query!(
        "WITH rows (r) AS MATERIALIZED (SELECT value FROM json_each(?))
         INSERT INTO entity (entity, kind, alive, created_at)
         SELECT unhex(r->>0), r->>1, r->>2,
            (SELECT min(w.hlc) >> 16 FROM register_write AS w
             WHERE w.entity = unhex(r->>0) AND w.path = 'kind')
         FROM rows WHERE true
         ON CONFLICT (entity) DO UPDATE SET
            kind = excluded.kind, created_at = excluded.created_at, alive = excluded.alive",
        kinds
    )
    .execute(&mut *connection)
    .await?;
    Ok(())
}

/// Batches that set a field of a service are about it.
async fn touch_services(connection: &mut SqliteConnection, ids: &str) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO touched (service, hlc, device, seq)
         SELECT DISTINCT w.entity, w.hlc, w.device, w.seq
         FROM json_each(?) AS k CROSS JOIN register_write AS w ON w.entity = unhex(k.value)
         WHERE w.path <> 'fact'
         ON CONFLICT DO NOTHING",
        ids
    )
    .execute(&mut *connection)
    .await?;
    Ok(())
}

/// A dependency as the read model holds it.
struct Edge {
    caller: String,
    callee: String,
    kind: String,
    confidence: i64,
    evidence: String,
}

impl Edge {
    fn of(entity: &Entity) -> Result<Option<Self>, StoreError> {
        let end = |path| entity.text(path).and_then(|text| Uuid::try_parse(text).ok());
        let (Some(from), Some(to), true) = (end(path::FROM), end(path::TO), entity.lives()) else {
            return Ok(None);
        };
        let confidence = entity.registers.get(path::CONFIDENCE).and_then(serde_json::Value::as_i64);
        Ok(Some(Self {
            caller: hex(from.as_bytes()),
            callee: hex(to.as_bytes()),
            kind: entity.text(path::DEPENDENCY).unwrap_or_default().to_owned(),
            confidence: confidence.unwrap_or(0).clamp(0, 100),
            evidence: json_text(&entity.evidence())?,
        }))
    }
}

async fn note_dependencies(
    connection: &mut SqliteConnection,
    ids: &str,
    edges: &str,
) -> Result<(), StoreError> {
    sqlx::query!("DELETE FROM dependency WHERE id IN (SELECT unhex(value) FROM json_each(?))", ids)
        .execute(&mut *connection)
        .await?;
    sqlx::query!(
        "WITH rows (r) AS MATERIALIZED (SELECT value FROM json_each(?))
         INSERT INTO dependency (id, caller, callee, kind, confidence, evidence)
         SELECT unhex(r->>0), unhex(r->>1), unhex(r->>2), r->>3, r->>4, r->>5 FROM rows",
        edges
    )
    .execute(&mut *connection)
    .await?;
    Ok(())
}

async fn forget_nodes(
    connection: &mut SqliteConnection,
    ids: impl IntoIterator<Item = &Uuid>,
) -> Result<(), StoreError> {
    let ids = rows::ids(ids);
    if ids == "[]" {
        return Ok(());
    }
    sqlx::query!("DELETE FROM node WHERE id IN (SELECT unhex(value) FROM json_each(?))", ids)
        .execute(&mut *connection)
        .await?;
    sqlx::query!(
        "DELETE FROM node_course WHERE id IN (SELECT unhex(value) FROM json_each(?))",
        ids
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!("DELETE FROM node_text WHERE id IN (SELECT unhex(value) FROM json_each(?))", ids)
        .execute(&mut *connection)
        .await?;
    Ok(())
}

/// Computes nodes anew. While some are walked, the next are read.
async fn refresh_nodes(
    connection: &mut SqliteConnection,
    roots: &[Uuid],
    merges: &Merges,
    mut at_hand: Option<AtHand>,
    now: Millis,
    told: &Told,
) -> Result<(), StoreError> {
    let ladders = Arc::new(ladders(connection).await?);
    let mut walking = VecDeque::new();
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    for chunk in roots.chunks(NODES) {
        let mut nodes = match &mut at_hand {
            None => load_nodes(connection, chunk, merges).await?,
            Some(at_hand) => take_nodes(connection, chunk, merges, at_hand).await?,
        };
        let standing: BTreeSet<Uuid> = nodes.iter().map(|node| node.entity.id).collect();
        forget_nodes(connection, chunk.iter().filter(|id| !standing.contains(id))).await?;
        if let [node] = nodes.as_mut_slice() {
            // One is walked sooner than it is handed over.
            store_node(connection, &node.compute(&ladders, now)?).await?;
            continue;
        }
        let ladders = Arc::clone(&ladders);
        walking.push_back(tokio::task::spawn_blocking(move || {
            nodes.iter_mut().map(|node| node.compute(&ladders, now)).collect::<Result<Vec<_>, _>>()
        }));
        if walking.len() > threads
            && let Some(walked) = walking.pop_front()
        {
            store_walked(connection, walked, told, roots.len()).await?;
        }
    }
    for walked in walking {
        store_walked(connection, walked, told, roots.len()).await?;
    }
    Ok(())
}

type Walking = tokio::task::JoinHandle<Result<Vec<Computed>, StoreError>>;

async fn store_walked(
    connection: &mut SqliteConnection,
    walked: Walking,
    told: &Told,
    all: usize,
) -> Result<(), StoreError> {
    let walked = walked.await.map_err(|error| StoreError::Unexpected(error.to_string()))??;
    for computed in &walked {
        store_node(connection, computed).await?;
    }
    told.computed(walked.len(), all);
    Ok(())
}

/// A node and all that its journey is computed from.
pub(crate) struct Node {
    pub(crate) entity: Entity,
    /// Services that count as this one.
    pub(crate) members: Vec<Entity>,
    pub(crate) created_at: Millis,
    pub(crate) changed_at: Millis,
    /// As the database holds them: whoever takes them reads them, on a thread of his own.
    pub(crate) rows: Vec<FactRow>,
    /// Those that were at hand.
    pub(crate) facts: Vec<Recorded>,
}

/// A fact as the database holds it.
pub(crate) struct FactRow {
    pub(crate) id: Vec<u8>,
    pub(crate) hlc: i64,
    pub(crate) device: Vec<u8>,
    pub(crate) seq: i64,
    pub(crate) actor: Vec<u8>,
    pub(crate) body: String,
}

impl FactRow {
    pub(crate) fn read(&self) -> Result<Recorded, StoreError> {
        Ok(Recorded {
            id: uuid(&self.id)?,
            version: version((self.hlc, &self.device, self.seq))?,
            actor: uuid(&self.actor)?,
            fact: Fact::parse(&self.body)
                .map_err(|error| StoreError::Damaged(error.to_string()))?,
        })
    }
}

/// A node as the read model holds it.
struct Computed {
    id: Vec<u8>,
    name: String,
    class: &'static str,
    changed_at: Millis,
    valid_until: Option<Millis>,
    summary: String,
    listed: String,
    journey: String,
    course: String,
    texts: String,
}

impl Node {
    /// A node of which its fields are known and nothing else.
    pub(crate) fn bare(entity: Entity) -> Self {
        Self {
            entity,
            members: Vec::new(),
            created_at: Millis::MAX,
            changed_at: 0,
            rows: Vec::new(),
            facts: Vec::new(),
        }
    }

    /// Takes its facts out, in order of occurrence.
    pub(crate) fn take_facts(&mut self) -> Result<Vec<Recorded>, StoreError> {
        let mut facts = std::mem::take(&mut self.facts);
        for row in std::mem::take(&mut self.rows) {
            facts.push(row.read()?);
        }
        facts.sort_by_key(Recorded::order);
        Ok(facts)
    }

    /// Where it stands at `now`, and on its whole way. Only services have a journey; other nodes
    /// stand nowhere.
    pub(crate) fn walk(
        &self,
        facts: &[Recorded],
        ladders: &[(Millis, Ladder)],
        now: Millis,
    ) -> (Journey, Course) {
        let archetype = self.entity.text(path::ARCHETYPE);
        let subject = Subject { created_at: self.created_at, archetype, facts };
        let ladders = if self.entity.class() == NodeClass::Service { ladders } else { &[] };
        // Without a ladder time alone changes nothing, a clock behind the node's arrival included.
        let now = if ladders.is_empty() { now.max(self.created_at) } else { now };
        journey::walk_on(&subject, ladders, now)
    }

    /// What lists show of it.
    pub(crate) fn listed(&self) -> Listed {
        Listed::of(&self.entity, &self.members)
    }

    fn compute(
        &mut self,
        ladders: &[(Millis, Ladder)],
        now: Millis,
    ) -> Result<Computed, StoreError> {
        let facts = self.take_facts()?;
        let (journey, course) = self.walk(&facts, ladders, now);
        let listed = self.listed();
        Ok(Computed {
            id: self.entity.id.as_bytes().to_vec(),
            name: self.entity.name().to_owned(),
            class: self.entity.class().word(),
            changed_at: self.changed_at,
            valid_until: journey.valid_until,
            summary: json_text(&Summary::from(&journey))?,
            texts: json_text(&crate::find::texts(&self.entity, &listed, &journey, &facts))?,
            listed: json_text(&listed)?,
            journey: json_text(&journey)?,
            course: json_text(&course)?,
        })
    }
}

async fn store_node(connection: &mut SqliteConnection, node: &Computed) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO node (id, name, class, changed_at, valid_until, summary, listed, journey)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT (id) DO UPDATE SET name = ?2, class = ?3, changed_at = ?4, valid_until = ?5,
            summary = ?6, listed = ?7, journey = ?8",
        node.id,
        node.name,
        node.class,
        node.changed_at,
        node.valid_until,
        node.summary,
        node.listed,
        node.journey
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "INSERT INTO node_course (id, course) VALUES (?1, ?2)
         ON CONFLICT (id) DO UPDATE SET course = ?2",
        node.id,
        node.course
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "INSERT INTO node_text (id, texts) VALUES (?1, ?2)
         ON CONFLICT (id) DO UPDATE SET texts = ?2",
        node.id,
        node.texts
    )
    .execute(&mut *connection)
    .await?;
    Ok(())
}

/// The nodes among these services, each with its facts and those of the services merged into it.
pub(crate) async fn load_nodes(
    connection: &mut SqliteConnection,
    roots: &[Uuid],
    merges: &Merges,
) -> Result<Vec<Node>, StoreError> {
    let (mut nodes, root_of) = load_bare(connection, roots, merges).await?;
    hand_out_facts(connection, &mut nodes, &root_of, i64::MAX).await?;
    Ok(nodes.into_values().collect())
}

/// The same, taking their facts from those at hand.
async fn take_nodes(
    connection: &mut SqliteConnection,
    roots: &[Uuid],
    merges: &Merges,
    at_hand: &mut AtHand,
) -> Result<Vec<Node>, StoreError> {
    let (mut nodes, root_of) = load_bare(connection, roots, merges).await?;
    for (service, root) in &root_of {
        if let Some(node) = nodes.get_mut(root) {
            node.facts.append(&mut at_hand.remove(service).unwrap_or_default());
        }
    }
    Ok(nodes.into_values().collect())
}

/// The nodes among these services without their facts, and for each of the services that count as
/// one of these which it is.
async fn load_bare(
    connection: &mut SqliteConnection,
    roots: &[Uuid],
    merges: &Merges,
) -> Result<(BTreeMap<Uuid, Node>, BTreeMap<Uuid, Uuid>), StoreError> {
    let wanted: BTreeSet<Uuid> = roots.iter().copied().collect();
    let mut root_of: BTreeMap<Uuid, Uuid> = wanted.iter().map(|root| (*root, *root)).collect();
    root_of.extend(merges.iter().filter(|(_, root)| wanted.contains(root)));
    let mut nodes: BTreeMap<Uuid, Node> = BTreeMap::new();
    let mut members: BTreeMap<Uuid, Vec<Entity>> = BTreeMap::new();
    let services: Vec<Uuid> = root_of.keys().copied().collect();
    for (id, entity) in load_entities(connection, &services).await? {
        let root = root_of[&id];
        if id != root {
            members.entry(root).or_default().push(entity);
        } else if entity.kind() == Some(Kind::Service) && entity.lives() {
            nodes.insert(id, Node::bare(entity));
        }
    }
    for (root, members) in members {
        if let Some(node) = nodes.get_mut(&root) {
            node.members = members;
        }
    }
    let ids =
        rows::ids(root_of.iter().filter(|(_, root)| nodes.contains_key(root)).map(|(id, _)| id));
    let moments = sqlx::query!(
        r#"SELECT e.entity, e.created_at,
            max(coalesce((SELECT max(hlc) FROM touched WHERE service = e.entity), 0),
                coalesce((SELECT max(hlc) FROM fact WHERE service = e.entity), 0))
                AS "changed!: i64"
         FROM entity AS e WHERE e.entity IN (SELECT unhex(value) FROM json_each(?))"#,
        ids
    )
    .fetch_all(&mut *connection)
    .await?;
    for row in moments {
        if let Some(node) = nodes.get_mut(&root_of[&uuid(&row.entity)?]) {
            node.created_at = node.created_at.min(row.created_at);
            node.changed_at = node.changed_at.max(hlc::millis(unsigned(row.changed)));
        }
    }
    Ok((nodes, root_of))
}

/// Gives each node the facts of the services that count as it, as far as they were recorded up to
/// a clock reading.
pub(crate) async fn hand_out_facts(
    connection: &mut SqliteConnection,
    nodes: &mut BTreeMap<Uuid, Node>,
    root_of: &BTreeMap<Uuid, Uuid>,
    reading: i64,
) -> Result<(), StoreError> {
    let ids =
        rows::ids(root_of.iter().filter(|(_, root)| nodes.contains_key(root)).map(|(id, _)| id));
    let facts = sqlx::query!(
        r#"SELECT service AS "service!", id, hlc, device, seq, actor, body FROM fact
         WHERE service IN (SELECT unhex(value) FROM json_each(?)) AND hlc <= ?"#,
        ids,
        reading
    )
    .fetch_all(&mut *connection)
    .await?;
    for row in facts {
        if let Some(node) = nodes.get_mut(&root_of[&uuid(&row.service)?]) {
            node.rows.push(FactRow {
                id: row.id,
                hlc: row.hlc,
                device: row.device,
                seq: row.seq,
                actor: row.actor,
                body: row.body,
            });
        }
    }
    Ok(())
}

/// Adoptions of a playbook that nobody took back, oldest first.
pub(crate) async fn adoptions(
    connection: &mut SqliteConnection,
) -> Result<Vec<Recorded>, StoreError> {
    let rows = sqlx::query_as!(
        FactRow,
        // Most retractions are about a service: `+` keeps the index by kind from listing them.
        "SELECT id, hlc, device, seq, actor, body FROM fact
         WHERE service IS NULL AND +kind IN ('playbook_adopted', 'retraction')
         ORDER BY occurred_at, hlc, device, seq"
    )
    .fetch_all(&mut *connection)
    .await?;
    let facts = rows.iter().map(FactRow::read).collect::<Result<Vec<_>, _>>()?;
    Ok(living_adoptions(facts))
}

/// Those of these facts, which are in order of occurrence, that adopt a playbook and hold.
pub(crate) fn living_adoptions(facts: Vec<Recorded>) -> Vec<Recorded> {
    let dead = journey::retracted(&facts.iter().collect::<Vec<_>>());
    let adoption = |recorded: &Recorded| {
        matches!(recorded.fact.what, Happening::PlaybookAdopted { .. })
            && !dead.contains(&recorded.id)
    };
    facts.into_iter().filter(adoption).collect()
}

/// When environments came and went: moment, name, whether it came.
pub(crate) async fn presences(
    connection: &mut SqliteConnection,
) -> Result<Vec<(Millis, String, bool)>, StoreError> {
    let word = Kind::Environment.word();
    let rows = sqlx::query!(
        "SELECT w.hlc, w.value AS deleted, n.value AS name
         FROM entity e
         JOIN register_write w ON w.entity = e.entity AND w.path = 'deleted'
         JOIN register n ON n.entity = e.entity AND n.path = 'name'
         WHERE e.kind = ? ORDER BY w.hlc, w.device",
        word
    )
    .fetch_all(&mut *connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let name = serde_json::from_str(&row.name).unwrap_or_default();
            (hlc::millis(unsigned(row.hlc)), name, row.deleted == "false")
        })
        .collect())
}

/// The ladders that adoptions and environments make, and one that is supposed.
pub(crate) fn ladders_of(
    adoptions: &[Recorded],
    supposed: Option<(Millis, Rules)>,
    presences: &[(Millis, String, bool)],
) -> Ladders {
    let mut adopted: Vec<_> = adoptions
        .iter()
        .filter_map(|recorded| match &recorded.fact.what {
            Happening::PlaybookAdopted { rules } => {
                Some((recorded.fact.occurred_at, rules.clone()))
            }
            _ => None,
        })
        .collect();
    adopted.extend(supposed);
    playbook::ladders(&adopted, presences)
}

/// The ladders in force over time.
pub(crate) async fn ladders(connection: &mut SqliteConnection) -> Result<Ladders, StoreError> {
    let adoptions = adoptions(connection).await?;
    Ok(ladders_of(&adoptions, None, &presences(connection).await?))
}

/// The registers of entities; unset ones are absent, and so are entities without any.
pub(crate) async fn load_entities(
    connection: &mut SqliteConnection,
    entities: &[Uuid],
) -> Result<BTreeMap<Uuid, Entity>, StoreError> {
    let ids = rows::ids(entities);
    let rows = sqlx::query!(
        r#"SELECT entity AS "entity!", path AS "path!", value AS "value!" FROM register
         WHERE entity IN (SELECT unhex(value) FROM json_each(?1))
         UNION ALL
         SELECT id, 'fact', body FROM fact
         WHERE id IN (SELECT unhex(value) FROM json_each(?1))
            AND NOT EXISTS (SELECT 1 FROM register WHERE entity = fact.id AND path = 'fact')"#,
        ids
    )
    .fetch_all(&mut *connection)
    .await?;
    let mut loaded = BTreeMap::new();
    for row in rows {
        let id = uuid(&row.entity)?;
        let entity = loaded.entry(id).or_insert_with(|| Entity { id, ..Entity::default() });
        let value: serde_json::Value = json(&row.value)?;
        if !value.is_null() {
            entity.registers.insert(row.path, value);
        }
    }
    Ok(loaded)
}

/// One entity's registers; unset ones are absent.
pub(crate) async fn load_entity(
    connection: &mut SqliteConnection,
    entity: Uuid,
) -> Result<Entity, StoreError> {
    let loaded = load_entities(connection, &[entity]).await?.remove(&entity);
    Ok(loaded.unwrap_or_else(|| Entity { id: entity, ..Entity::default() }))
}

pub(crate) fn json_text<T: serde::Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Unexpected(error.to_string()))
}
