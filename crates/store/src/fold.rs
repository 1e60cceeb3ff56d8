//! Folding in SQL: the same rule as `pilotage_domain::registers`, which is its oracle in the tests.
//! After the batches of a transaction are folded, the read model of what they touched is refreshed.

use crate::error::StoreError;
use crate::read::Listed;
use pilotage_domain::Millis;
use pilotage_domain::change::{Entity, Kind, path};
use pilotage_domain::fact::{self, Fact, Happening, Recorded};
use pilotage_domain::hlc::{self, Hlc};
use pilotage_domain::ids::DeviceId;
use pilotage_domain::journey::{self, Journey, Subject, Summary};
use pilotage_domain::operation::{Batch, Version, Write};
use pilotage_domain::playbook::{self, Ladder, Rules};
use pilotage_domain::words::NodeClass;
use serde_json::Value;
use sqlx::SqliteConnection;
use std::collections::BTreeSet;
use uuid::Uuid;

/// What a transaction has to compute anew.
#[derive(Debug, Default)]
pub(crate) struct Refresh {
    entities: BTreeSet<Uuid>,
    services: BTreeSet<Uuid>,
    /// The ladder changed: every service.
    all: bool,
}

impl Refresh {
    pub(crate) fn merge(&mut self, other: Self) {
        self.entities.extend(other.entities);
        self.services.extend(other.services);
        self.all |= other.all;
    }
}

/// A register's value in force.
pub(crate) struct Current {
    pub(crate) value: Value,
    pub(crate) version: Version,
    pub(crate) conflict: bool,
}

/// Folds one batch that was just appended.
pub(crate) async fn fold(
    connection: &mut SqliteConnection,
    device: DeviceId,
    batch: &Batch,
) -> Result<Refresh, StoreError> {
    let mut refresh = Refresh::default();
    let version = batch.version(device);
    for write in &batch.writes {
        fold_write(connection, version, write).await?;
        if write.path == fact::PATH {
            fold_fact(connection, version, batch.actor, write, &mut refresh).await?;
        } else {
            refresh.entities.insert(write.entity);
        }
    }
    Ok(refresh)
}

async fn fold_write(
    connection: &mut SqliteConnection,
    version: Version,
    write: &Write,
) -> Result<(), StoreError> {
    let (entity, device) = (write.entity.as_bytes().to_vec(), version.device.0.to_vec());
    let (hlc, seq) = (signed(version.hlc), signed(version.seq));
    let value = write.value.to_string();
    let path = &write.path;
    sqlx::query!(
        "INSERT INTO register_write (entity, path, hlc, device, seq, value) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT DO NOTHING",
        entity,
        path,
        hlc,
        device,
        seq,
        value
    )
    .execute(&mut *connection)
    .await?;

    // Names that are not smaller than the write itself are ignored: the relation stays acyclic.
    for (seen_hlc, seen_device) in
        write.seen.iter().filter(|seen| **seen < (version.hlc, version.device))
    {
        let (seen_hlc, seen_device) = (signed(*seen_hlc), seen_device.0.to_vec());
        let named = sqlx::query!(
            "UPDATE register_write SET named = 1 WHERE entity = ? AND path = ? AND hlc = ? AND device = ?",
            entity,
            path,
            seen_hlc,
            seen_device
        )
        .execute(&mut *connection)
        .await?;
        if named.rows_affected() == 0 {
            sqlx::query!(
                "INSERT INTO awaited (entity, path, hlc, device) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                entity,
                path,
                seen_hlc,
                seen_device
            )
            .execute(&mut *connection)
            .await?;
        }
    }
    let arrived = sqlx::query!(
        "DELETE FROM awaited WHERE entity = ? AND path = ? AND hlc = ? AND device = ?",
        entity,
        path,
        hlc,
        device
    )
    .execute(&mut *connection)
    .await?;
    if arrived.rows_affected() > 0 {
        sqlx::query!(
            "UPDATE register_write SET named = 1 WHERE entity = ? AND path = ? AND hlc = ? AND device = ?",
            entity,
            path,
            hlc,
            device
        )
        .execute(&mut *connection)
        .await?;
    }

    // Winner: max(hlc, device, seq). Conflict: heads with different values, nothing awaited.
    sqlx::query!(
        "INSERT INTO register (entity, path, value, hlc, device, seq) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (entity, path) DO UPDATE SET
            value = excluded.value, hlc = excluded.hlc, device = excluded.device, seq = excluded.seq
         WHERE (excluded.hlc, excluded.device, excluded.seq) > (register.hlc, register.device, register.seq)",
        entity,
        path,
        value,
        hlc,
        device,
        seq
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "UPDATE register SET conflict =
            (SELECT count(DISTINCT value) > 1 FROM register_write
             WHERE entity = ?1 AND path = ?2 AND named = 0)
            AND NOT EXISTS (SELECT 1 FROM awaited WHERE entity = ?1 AND path = ?2)
         WHERE entity = ?1 AND path = ?2",
        entity,
        path
    )
    .execute(&mut *connection)
    .await?;
    Ok(())
}

async fn fold_fact(
    connection: &mut SqliteConnection,
    version: Version,
    actor: Uuid,
    write: &Write,
    refresh: &mut Refresh,
) -> Result<(), StoreError> {
    // A fact of a later version stays in its register until the upgrade.
    let Ok(fact) = serde_json::from_value::<Fact>(write.value.clone()) else {
        return Ok(());
    };
    let service = fact.what.service();
    let id = write.entity.as_bytes().to_vec();
    // Facts are not rewritten, but a log that does so moves one from service to service.
    let before = sqlx::query_scalar!("SELECT service FROM fact WHERE id = ?", id)
        .fetch_optional(&mut *connection)
        .await?
        .map(|before| before.as_deref().map(uuid).transpose())
        .transpose()?;
    for service in before.into_iter().chain([service]) {
        match service {
            Some(service) => {
                refresh.services.insert(service);
            }
            None => refresh.all = true,
        }
    }
    let kind = write.value.get("kind").and_then(Value::as_str).unwrap_or_default();
    let device = version.device.0.to_vec();
    let (hlc, seq) = (signed(version.hlc), signed(version.seq));
    let (actor, body) = (actor.as_bytes().to_vec(), write.value.to_string());
    let service = service.map(|service| service.as_bytes().to_vec());
    sqlx::query!(
        "INSERT INTO fact (id, service, kind, occurred_at, hlc, device, seq, actor, body)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET
            service = excluded.service, kind = excluded.kind, occurred_at = excluded.occurred_at,
            hlc = excluded.hlc, device = excluded.device, seq = excluded.seq,
            actor = excluded.actor, body = excluded.body
         WHERE (excluded.hlc, excluded.device, excluded.seq) > (fact.hlc, fact.device, fact.seq)",
        id,
        service,
        kind,
        fact.occurred_at,
        hlc,
        device,
        seq,
        actor,
        body
    )
    .execute(&mut *connection)
    .await?;
    if let Some(service) = service {
        touch(connection, &service, version).await?;
    }
    Ok(())
}

async fn touch(
    connection: &mut SqliteConnection,
    service: &[u8],
    version: Version,
) -> Result<(), StoreError> {
    let (hlc, device, seq) = (signed(version.hlc), version.device.0.to_vec(), signed(version.seq));
    sqlx::query!(
        "INSERT INTO touched (service, hlc, device, seq) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        service,
        hlc,
        device,
        seq
    )
    .execute(&mut *connection)
    .await?;
    Ok(())
}

/// Refreshes the read model of what was touched.
pub(crate) async fn refresh(
    connection: &mut SqliteConnection,
    refresh: &Refresh,
    now: Millis,
) -> Result<(), StoreError> {
    let mut services = refresh.services.clone();
    let mut all = refresh.all;
    for entity in &refresh.entities {
        let loaded = load_entity(connection, *entity).await?;
        all |= forget_other_kind(connection, &loaded).await? == Some(Kind::Environment);
        let Some(kind) = loaded.kind() else { continue };
        refresh_entity(connection, &loaded, kind).await?;
        match kind {
            Kind::Service => {
                services.insert(*entity);
            }
            Kind::Dependency => refresh_dependency(connection, &loaded).await?,
            Kind::Environment => all = true,
            Kind::Programme | Kind::Person | Kind::Target | Kind::Check => {}
        }
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
    let ladders = ladders(connection).await?;
    for service in services {
        refresh_node(connection, service, &ladders, now).await?;
    }
    Ok(())
}

/// Drops what the read model holds of an entity that it knows as something else, and says as what:
/// of two devices that made one entity as different kinds, one wins.
async fn forget_other_kind(
    connection: &mut SqliteConnection,
    entity: &Entity,
) -> Result<Option<Kind>, StoreError> {
    let id = entity.id.as_bytes().to_vec();
    let known = sqlx::query_scalar!("SELECT kind FROM entity WHERE entity = ?", id)
        .fetch_optional(&mut *connection)
        .await?;
    let Some(known) = known.filter(|known| entity.text(path::KIND) != Some(known)) else {
        return Ok(None);
    };
    sqlx::query!("DELETE FROM entity WHERE entity = ?", id).execute(&mut *connection).await?;
    sqlx::query!("DELETE FROM node WHERE id = ?", id).execute(&mut *connection).await?;
    sqlx::query!("DELETE FROM dependency WHERE id = ?", id).execute(&mut *connection).await?;
    Ok(Kind::from_word(&known))
}

async fn refresh_entity(
    connection: &mut SqliteConnection,
    entity: &Entity,
    kind: Kind,
) -> Result<(), StoreError> {
    let id = entity.id.as_bytes().to_vec();
    let first = sqlx::query_scalar!(
        r#"SELECT min(hlc) AS "hlc!: i64" FROM register_write WHERE entity = ? AND path = 'kind'"#,
        id
    )
    .fetch_one(&mut *connection)
    .await?;
    let (word, created_at, alive) =
        (kind.word(), hlc::millis(unsigned(first)), i64::from(entity.lives()));
    sqlx::query!(
        "INSERT INTO entity (entity, kind, created_at, alive) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (entity) DO UPDATE SET kind = ?2, created_at = ?3, alive = ?4",
        id,
        word,
        created_at,
        alive
    )
    .execute(&mut *connection)
    .await?;
    if kind == Kind::Service {
        let versions = sqlx::query!(
            "SELECT DISTINCT hlc, device, seq FROM register_write WHERE entity = ?1 AND path <> 'fact'
             AND NOT EXISTS (SELECT 1 FROM touched WHERE touched.service = ?1
                AND touched.hlc = register_write.hlc AND touched.device = register_write.device)",
            id
        )
        .fetch_all(&mut *connection)
        .await?;
        for row in versions {
            let version = Version {
                hlc: unsigned(row.hlc),
                device: device(&row.device)?,
                seq: unsigned(row.seq),
            };
            touch(connection, &id, version).await?;
        }
    }
    Ok(())
}

async fn refresh_dependency(
    connection: &mut SqliteConnection,
    entity: &Entity,
) -> Result<(), StoreError> {
    let id = entity.id.as_bytes().to_vec();
    sqlx::query!("DELETE FROM dependency WHERE id = ?", id).execute(&mut *connection).await?;
    let end = |path| entity.text(path).and_then(|text| Uuid::try_parse(text).ok());
    let (Some(from), Some(to), true) = (end(path::FROM), end(path::TO), entity.lives()) else {
        return Ok(());
    };
    let (from, to) = (from.as_bytes().to_vec(), to.as_bytes().to_vec());
    let kind = entity.text(path::DEPENDENCY).unwrap_or_default();
    let confidence = entity.registers.get(path::CONFIDENCE).and_then(Value::as_i64).unwrap_or(0);
    let confidence = confidence.clamp(0, 100);
    let evidence = serde_json::to_string(&entity.evidence()).unwrap_or_default();
    sqlx::query!(
        "INSERT INTO dependency (id, caller, callee, kind, confidence, evidence) VALUES (?, ?, ?, ?, ?, ?)",
        id,
        from,
        to,
        kind,
        confidence,
        evidence
    )
    .execute(&mut *connection)
    .await?;
    Ok(())
}

async fn refresh_node(
    connection: &mut SqliteConnection,
    service: Uuid,
    ladders: &[(Millis, Ladder)],
    now: Millis,
) -> Result<(), StoreError> {
    let id = service.as_bytes().to_vec();
    let entity = load_entity(connection, service).await?;
    if entity.kind() != Some(Kind::Service) || !entity.lives() {
        sqlx::query!("DELETE FROM node WHERE id = ?", id).execute(&mut *connection).await?;
        return Ok(());
    }
    let journey = compute(connection, &entity, ladders, now).await?;
    let changed =
        sqlx::query_scalar!(r#"SELECT max(hlc) AS "hlc!: i64" FROM touched WHERE service = ?"#, id)
            .fetch_one(&mut *connection)
            .await?;
    let changed_at = hlc::millis(unsigned(changed));
    let (name, class) = (entity.name(), entity.class().word());
    let summary = json_text(&Summary::from(&journey))?;
    let listed = json_text(&Listed::of(&entity))?;
    let text = json_text(&journey)?;
    sqlx::query!(
        "INSERT INTO node (id, name, class, changed_at, valid_until, summary, listed, journey)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT (id) DO UPDATE SET name = ?2, class = ?3, changed_at = ?4, valid_until = ?5,
            summary = ?6, listed = ?7, journey = ?8",
        id,
        name,
        class,
        changed_at,
        journey.valid_until,
        summary,
        listed,
        text
    )
    .execute(&mut *connection)
    .await?;
    Ok(())
}

/// Where a node stands at `now`. Only services have a journey; other nodes stand nowhere.
pub(crate) async fn compute(
    connection: &mut SqliteConnection,
    entity: &Entity,
    ladders: &[(Millis, Ladder)],
    now: Millis,
) -> Result<Journey, StoreError> {
    let id = entity.id.as_bytes().to_vec();
    let created_at = sqlx::query_scalar!("SELECT created_at FROM entity WHERE entity = ?", id)
        .fetch_one(&mut *connection)
        .await?;
    let facts = facts_of(connection, entity.id).await?;
    let subject = Subject { created_at, archetype: entity.text(path::ARCHETYPE), facts: &facts };
    let ladders = if entity.class() == NodeClass::Service { ladders } else { &[] };
    // Without a ladder time alone changes nothing, a clock behind the node's arrival included.
    let now = if ladders.is_empty() { now.max(created_at) } else { now };
    Ok(journey::walk(&subject, ladders, now))
}

/// Every fact about a service, in order of occurrence.
pub(crate) async fn facts_of(
    connection: &mut SqliteConnection,
    service: Uuid,
) -> Result<Vec<Recorded>, StoreError> {
    let id = service.as_bytes().to_vec();
    let rows = sqlx::query!(
        "SELECT id, hlc, device, seq, actor, body FROM fact WHERE service = ? ORDER BY occurred_at, hlc, device, seq",
        id
    )
    .fetch_all(&mut *connection)
    .await?;
    rows.into_iter()
        .map(|row| recorded(&row.id, (row.hlc, &row.device, row.seq), &row.actor, &row.body))
        .collect()
}

/// Reads a fact row.
pub(crate) fn recorded(
    id: &[u8],
    (hlc, device_id, seq): (i64, &[u8], i64),
    actor: &[u8],
    body: &str,
) -> Result<Recorded, StoreError> {
    let version = Version { hlc: unsigned(hlc), device: device(device_id)?, seq: unsigned(seq) };
    let fact =
        serde_json::from_str(body).map_err(|error| StoreError::Damaged(error.to_string()))?;
    Ok(Recorded { id: uuid(id)?, version, actor: uuid(actor)?, fact })
}

/// Adoptions of a playbook that nobody took back, oldest first.
pub(crate) async fn adoptions(
    connection: &mut SqliteConnection,
) -> Result<Vec<Recorded>, StoreError> {
    let rows = sqlx::query!(
        "SELECT id, hlc, device, seq, actor, body FROM fact
         WHERE service IS NULL AND kind IN ('playbook_adopted', 'retraction')
         ORDER BY occurred_at, hlc, device, seq"
    )
    .fetch_all(&mut *connection)
    .await?;
    let facts = rows
        .into_iter()
        .map(|row| recorded(&row.id, (row.hlc, &row.device, row.seq), &row.actor, &row.body))
        .collect::<Result<Vec<_>, _>>()?;
    let dead = journey::retracted(&facts.iter().collect::<Vec<_>>());
    let adoption = |recorded: &Recorded| {
        matches!(recorded.fact.what, Happening::PlaybookAdopted { .. })
            && !dead.contains(&recorded.id)
    };
    Ok(facts.into_iter().filter(adoption).collect())
}

/// The ladders in force over time.
pub(crate) async fn ladders(
    connection: &mut SqliteConnection,
) -> Result<Vec<(Millis, Ladder)>, StoreError> {
    ladders_with(connection, None).await
}

/// The ladders in force over time if this adoption were added to the others.
pub(crate) async fn ladders_with(
    connection: &mut SqliteConnection,
    supposed: Option<(Millis, Rules)>,
) -> Result<Vec<(Millis, Ladder)>, StoreError> {
    let mut adopted: Vec<_> = adoptions(connection)
        .await?
        .into_iter()
        .filter_map(|recorded| match recorded.fact.what {
            Happening::PlaybookAdopted { rules } => Some((recorded.fact.occurred_at, rules)),
            _ => None,
        })
        .collect();
    adopted.extend(supposed);
    let word = Kind::Environment.word();
    let presences = sqlx::query!(
        "SELECT w.hlc, w.value AS deleted, n.value AS name
         FROM entity e
         JOIN register_write w ON w.entity = e.entity AND w.path = 'deleted'
         JOIN register n ON n.entity = e.entity AND n.path = 'name'
         WHERE e.kind = ? ORDER BY w.hlc, w.device",
        word
    )
    .fetch_all(&mut *connection)
    .await?;
    let presences: Vec<(Millis, String, bool)> = presences
        .into_iter()
        .map(|row| {
            let name = serde_json::from_str(&row.name).unwrap_or_default();
            (hlc::millis(unsigned(row.hlc)), name, row.deleted == "false")
        })
        .collect();
    Ok(playbook::ladders(&adopted, &presences))
}

/// One entity's registers; unset ones are absent.
pub(crate) async fn load_entity(
    connection: &mut SqliteConnection,
    entity: Uuid,
) -> Result<Entity, StoreError> {
    let id = entity.as_bytes().to_vec();
    let rows = sqlx::query!("SELECT path, value FROM register WHERE entity = ?", id)
        .fetch_all(&mut *connection)
        .await?;
    let mut loaded = Entity { id: entity, ..Entity::default() };
    for row in rows {
        let value: Value = serde_json::from_str(&row.value)
            .map_err(|error| StoreError::Damaged(error.to_string()))?;
        if !value.is_null() {
            loaded.registers.insert(row.path, value);
        }
    }
    Ok(loaded)
}

/// A register's value in force.
pub(crate) async fn current(
    connection: &mut SqliteConnection,
    entity: Uuid,
    path: &str,
) -> Result<Option<Current>, StoreError> {
    let id = entity.as_bytes().to_vec();
    let row = sqlx::query!(
        "SELECT value, hlc, device, seq, conflict FROM register WHERE entity = ? AND path = ?",
        id,
        path
    )
    .fetch_optional(&mut *connection)
    .await?;
    row.map(|row| {
        Ok(Current {
            value: serde_json::from_str(&row.value)
                .map_err(|error| StoreError::Damaged(error.to_string()))?,
            version: Version {
                hlc: unsigned(row.hlc),
                device: device(&row.device)?,
                seq: unsigned(row.seq),
            },
            conflict: row.conflict != 0,
        })
    })
    .transpose()
}

/// The highest clock reading seen.
pub(crate) async fn clock(connection: &mut SqliteConnection) -> Result<Hlc, StoreError> {
    let clock = sqlx::query_scalar!("SELECT clock FROM workspace WHERE only = 1")
        .fetch_one(&mut *connection)
        .await?;
    Ok(unsigned(clock))
}

/// Empties the read model.
pub(crate) async fn clear(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    for table in
        ["register_write", "awaited", "register", "entity", "fact", "touched", "dependency", "node"]
    {
        // Table names take no parameters; all are constants.
        sqlx::query(sqlx::AssertSqlSafe(format!("DELETE FROM {table}")))
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
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

fn json_text<T: serde::Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Unexpected(error.to_string()))
}
