//! Where services stood on a past day: *as it was*, by what is known today, or *as it was known*,
//! by what had been recorded by then. Both under the ladder of that day.
//!
//! As it was, the course that each node keeps says it. As it was known differs from that only for
//! services of which something was recorded late, or whose own fields changed since; those are
//! walked anew.

use crate::Store;
use crate::error::StoreError;
use crate::fold::{json, signed, unsigned, uuid};
use crate::merges::{self, Merges};
use crate::read::{Listed, NodeRow, courses};
use crate::refresh::{self, FactRow, Ladders, Node};
use pilotage_domain::change::{Entity, Kind, path};
use pilotage_domain::fact::Recorded;
use pilotage_domain::hlc;
use pilotage_domain::ids::DeviceId;
use pilotage_domain::journey::{Course, Journey, Marks, Summary};
use pilotage_domain::playbook::Ladder;
use pilotage_domain::words::NodeClass;
use pilotage_domain::{DAY, Millis};
use sqlx::{Connection as _, SqliteConnection};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use uuid::Uuid;

/// A moment, and from which knowledge it is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// By what is known today.
    AsItWas(Millis),
    /// By what had been recorded by then.
    AsKnown(Millis),
}

impl When {
    /// The moment.
    pub fn moment(self) -> Millis {
        match self {
            Self::AsItWas(moment) | Self::AsKnown(moment) => moment,
        }
    }
}

/// A node of a past moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Stood {
    /// Where it stood.
    pub row: NodeRow,
    /// What stood against it.
    pub marks: Marks,
}

/// A node now, and where it stood.
#[derive(Debug, Clone, PartialEq)]
pub struct Mover {
    /// As it stands now.
    pub now: NodeRow,
    /// Where it stood; nothing where it arrived later.
    pub then: Option<Summary>,
}

/// The greatest clock reading of a moment.
fn last_reading(moment: Millis) -> i64 {
    signed((hlc::next(0, moment.saturating_add(1))).saturating_sub(1))
}

impl Store {
    /// Every node of a past moment, by name.
    pub async fn nodes_at(&self, when: When) -> Result<Vec<Stood>, StoreError> {
        let mut reader = self.reader().await?;
        let mut snapshot = reader.begin().await?;
        match when {
            When::AsItWas(moment) => as_it_was(&mut snapshot, moment).await,
            When::AsKnown(moment) => as_known(&mut snapshot, moment).await,
        }
    }

    /// What stands against these nodes at `now`.
    pub async fn marks(
        &self,
        nodes: &[Uuid],
        now: Millis,
    ) -> Result<BTreeMap<Uuid, Marks>, StoreError> {
        let courses = courses(&mut *self.reader().await?, nodes).await?;
        Ok(courses.into_iter().map(|(id, course)| (id, course.marks_at(now))).collect())
    }

    /// What stood against nodes at moments of their own, in the order of the moments.
    pub async fn marks_each(
        &self,
        moments: &BTreeMap<Uuid, Vec<Millis>>,
    ) -> Result<BTreeMap<Uuid, Vec<Marks>>, StoreError> {
        let nodes: Vec<Uuid> = moments.keys().copied().collect();
        let courses = courses(&mut *self.reader().await?, &nodes).await?;
        let of = |id: Uuid, course: &Course| {
            let moments = moments.get(&id).into_iter().flatten();
            moments.map(|moment| course.marks_at(*moment)).collect()
        };
        Ok(courses.into_iter().map(|(id, course)| (id, of(id, &course))).collect())
    }

    /// How many entries up to a moment were recorded more than a day after they happened, and for a
    /// moment as known, by then. Rollouts and deliveries are not entered: a first look finds them with
    /// their times.
    pub async fn late_entries(&self, when: When) -> Result<u64, StoreError> {
        let mut reader = self.reader().await?;
        let until = when.moment();
        let known = match when {
            When::AsItWas(_) => i64::MAX,
            When::AsKnown(moment) => last_reading(moment),
        };
        // Of the kind the index knows nothing, and to look at each row takes longer than to look
        // through what was seen in clusters, which is kept.
        let count = sqlx::query_scalar!(
            "SELECT count(*) FROM fact INDEXED BY fact_recorded_late
             WHERE occurred_at < (hlc >> 16) AND occurred_at + 86400000 < (hlc >> 16)
             AND occurred_at <= ? AND hlc <= ?",
            until,
            known
        )
        .fetch_one(&mut *reader)
        .await?;
        drop(reader);
        let is_late = |seen: &&Recorded| {
            let (occurred, hlc) = (seen.fact.occurred_at, signed(seen.version.hlc));
            occurred + DAY < (hlc >> 16) && occurred <= until && hlc <= known
        };
        let mut seen = 0;
        for kind in ["rollout_seen", "delivery_seen"] {
            seen += self.facts_of_kind(kind).await?.iter().filter(is_late).count() as u64;
        }
        Ok(unsigned(count).saturating_sub(seen))
    }

    /// The last sequence of every device in the log: with it, the log of this moment is named.
    pub async fn log_position(&self) -> Result<BTreeMap<DeviceId, u64>, StoreError> {
        let mut reader = self.reader().await?;
        let rows = sqlx::query!(
            r#"SELECT device AS "device!", max(seq) AS "seq!: i64" FROM batch GROUP BY device"#
        )
        .fetch_all(&mut *reader)
        .await?;
        let read = |device: &[u8]| {
            <[u8; 16]>::try_from(device)
                .map(DeviceId)
                .map_err(|_| StoreError::Unexpected("a device id of another length".to_owned()))
        };
        rows.iter().map(|row| Ok((read(&row.device)?, unsigned(row.seq)))).collect()
    }

    /// Like [`Store::rules`], but as they were known at a moment.
    pub async fn rules_known_at(
        &self,
        moment: Millis,
    ) -> Result<(Vec<Recorded>, Vec<(Millis, Ladder)>), StoreError> {
        let mut reader = self.reader().await?;
        let mut snapshot = reader.begin().await?;
        rules_then(&mut snapshot, moment).await
    }

    /// Services whose stage, scope, blocker or number of passed checks is another one than at
    /// `since`, by name. What was there then and is deleted by now is not told.
    pub async fn movers(&self, since: Millis, now: Millis) -> Result<Vec<Mover>, StoreError> {
        let mut reader = self.reader().await?;
        let mut snapshot = reader.begin().await?;
        let mut movers = Vec::new();
        let look = move |row: NodeRow, course: &Course| {
            let summary = course.at(now)?;
            Some((NodeRow { summary, ..row }, course.at(since)))
        };
        for (now, then) in look_back(&mut snapshot, look).await? {
            let same = then.as_ref().is_some_and(|then| {
                (&then.stage, then.scope, then.blocked_since.is_some(), then.counts.passed)
                    == (
                        &now.summary.stage,
                        now.summary.scope,
                        now.summary.blocked_since.is_some(),
                        now.summary.counts.passed,
                    )
            });
            if now.class == NodeClass::Service && !same {
                movers.push(Mover { now, then });
            }
        }
        Ok(movers)
    }
}

/// Walks nodes up to a moment, on threads of their own.
pub(crate) async fn walk_all(
    nodes: Vec<Node>,
    ladders: Ladders,
    moment: Millis,
) -> Result<BTreeMap<Uuid, Journey>, StoreError> {
    let ladders = Arc::new(ladders);
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let share = nodes.len().div_ceil(threads).max(1);
    let mut nodes = nodes.into_iter().peekable();
    let mut walking = Vec::new();
    while nodes.peek().is_some() {
        let mut some: Vec<Node> = nodes.by_ref().take(share).collect();
        let ladders = Arc::clone(&ladders);
        walking.push(tokio::task::spawn_blocking(move || {
            let walk = |node: &mut Node| {
                let facts = node.take_facts()?;
                Ok((node.entity.id, node.walk(&facts, &ladders, moment).0))
            };
            some.iter_mut().map(walk).collect::<Result<Vec<_>, StoreError>>()
        }));
    }
    let mut journeys = BTreeMap::new();
    for walked in walking {
        journeys.extend(walked.await.map_err(|error| StoreError::Unexpected(error.to_string()))??);
    }
    Ok(journeys)
}

async fn as_it_was(
    connection: &mut SqliteConnection,
    moment: Millis,
) -> Result<Vec<Stood>, StoreError> {
    look_back(connection, move |row, course| {
        let summary = course.at(moment)?.of_the_past();
        Some(Stood { row: NodeRow { summary, ..row }, marks: course.marks_at(moment) })
    })
    .await
}

/// What `look` sees of every node and its course, by name.
async fn look_back<T: Send + 'static>(
    connection: &mut SqliteConnection,
    look: impl Fn(NodeRow, &Course) -> Option<T> + Copy + Send + 'static,
) -> Result<Vec<T>, StoreError> {
    let rows = sqlx::query!(
        "SELECT id, name, class, changed_at, summary, listed FROM node ORDER BY name, id"
    )
    .fetch_all(&mut *connection)
    .await?;
    // All of them as they lie: to look a long row up by its id, the database reads its neighbours.
    let courses =
        sqlx::query!("SELECT id, course FROM node_course").fetch_all(&mut *connection).await?;
    let mut courses: HashMap<Vec<u8>, String> =
        courses.into_iter().map(|row| (row.id, row.course)).collect();
    let rows: Vec<_> = rows
        .into_iter()
        .filter_map(|row| {
            let course = courses.remove(&row.id)?;
            Some((row, course))
        })
        .collect();
    // Reading hundreds of points a node is work: it is shared.
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let share = rows.len().div_ceil(threads).max(1);
    let mut rows = rows.into_iter().peekable();
    let mut reading = Vec::new();
    while rows.peek().is_some() {
        let some: Vec<_> = rows.by_ref().take(share).collect();
        reading.push(tokio::task::spawn_blocking(move || {
            let mut seen = Vec::new();
            for (row, course) in some {
                let course: Course = json(&course)?;
                let node = NodeRow {
                    id: uuid(&row.id)?,
                    name: row.name,
                    class: NodeClass::from_word(&row.class).unwrap_or(NodeClass::Service),
                    changed_at: row.changed_at,
                    summary: json(&row.summary)?,
                    listed: serde_json::from_str(&row.listed).unwrap_or_default(),
                };
                seen.extend(look(node, &course));
            }
            Ok::<_, StoreError>(seen)
        }));
    }
    let mut seen = Vec::new();
    for read in reading {
        seen.extend(read.await.map_err(|error| StoreError::Unexpected(error.to_string()))??);
    }
    Ok(seen)
}

/// What was known at a moment, but for the facts of services.
struct Then {
    moment: Millis,
    /// Services as they were: name, class, who they counted as.
    services: BTreeMap<Uuid, Entity>,
    /// When each of them came into being, and when it had last changed.
    moments: BTreeMap<Uuid, (Millis, Millis)>,
    merges: Merges,
    ladders: Ladders,
}

impl Then {
    async fn load(connection: &mut SqliteConnection, moment: Millis) -> Result<Self, StoreError> {
        let services = services_then(connection, moment).await?;
        let named = services
            .values()
            .filter_map(|service| Some((service.id, service.merged_into()?)))
            .filter(|(id, other)| id != other && services.contains_key(other))
            .collect();
        Ok(Self {
            moment,
            merges: merges::resolve(&named),
            ladders: rules_then(connection, moment).await?.1,
            moments: moments_then(connection, moment).await?,
            services,
        })
    }

    /// When a node and all that counted as it came into being, and when it had last changed.
    fn moments_of(&self, root: Uuid) -> (Millis, Millis) {
        let moments = self.members(root).into_iter().filter_map(|id| self.moments.get(&id));
        moments.fold((Millis::MAX, 0), |(created, changed), moment| {
            (created.min(moment.0), changed.max(moment.1))
        })
    }

    fn members(&self, root: Uuid) -> Vec<Uuid> {
        let merged = self.merges.iter().filter(|(_, to)| **to == root).map(|(id, _)| *id);
        merged.chain([root]).collect()
    }

    /// Those of these nodes that were there, with the facts that had been recorded.
    async fn nodes(
        &self,
        connection: &mut SqliteConnection,
        wanted: &BTreeSet<Uuid>,
    ) -> Result<Vec<Node>, StoreError> {
        let reading = last_reading(self.moment);
        let mut nodes: BTreeMap<Uuid, Node> = BTreeMap::new();
        for id in wanted {
            let Some(entity) = self.services.get(id).filter(|entity| entity.lives()) else {
                continue;
            };
            if self.merges.contains_key(id) {
                continue;
            }
            let members = self.members(*id).into_iter().filter(|member| member != id);
            let members =
                members.filter_map(|member| self.services.get(&member)).cloned().collect();
            let (created_at, changed_at) = self.moments_of(*id);
            let node = Node { members, created_at, changed_at, ..Node::bare(entity.clone()) };
            nodes.insert(*id, node);
        }
        let mut root_of = BTreeMap::new();
        for root in nodes.keys() {
            root_of.extend(self.members(*root).into_iter().map(|member| (member, *root)));
        }
        refresh::hand_out_facts(connection, &mut nodes, &root_of, reading).await?;
        Ok(nodes.into_values().collect())
    }
}

async fn services_then(
    connection: &mut SqliteConnection,
    moment: Millis,
) -> Result<BTreeMap<Uuid, Entity>, StoreError> {
    let reading = last_reading(moment);
    let word = Kind::Service.word();
    let rows = sqlx::query!(
        "SELECT w.entity, w.path, w.value FROM entity AS e
         CROSS JOIN register_write AS w ON w.entity = e.entity
         WHERE e.kind = ? AND w.path <> 'fact' AND w.hlc <= ?
         ORDER BY w.entity, w.path, w.hlc, w.device",
        word,
        reading
    )
    .fetch_all(&mut *connection)
    .await?;
    let mut services = BTreeMap::new();
    for row in rows {
        let id = uuid(&row.entity)?;
        let entity = services.entry(id).or_insert_with(|| Entity { id, ..Entity::default() });
        let value: serde_json::Value = json(&row.value)?;
        // The last one wins, and a null unsets.
        if value.is_null() {
            entity.registers.remove(&row.path);
        } else {
            entity.registers.insert(row.path, value);
        }
    }
    services.retain(|_, entity| entity.kind() == Some(Kind::Service));
    Ok(services)
}

async fn moments_then(
    connection: &mut SqliteConnection,
    moment: Millis,
) -> Result<BTreeMap<Uuid, (Millis, Millis)>, StoreError> {
    let reading = last_reading(moment);
    let word = Kind::Service.word();
    let rows = sqlx::query!(
        r#"SELECT e.entity, e.created_at,
            max(coalesce((SELECT max(hlc) FROM touched WHERE service = e.entity AND hlc <= ?1), 0),
                coalesce((SELECT max(hlc) FROM fact WHERE service = e.entity AND hlc <= ?1), 0))
                AS "changed!: i64"
         FROM entity AS e WHERE e.kind = ?2"#,
        reading,
        word
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| Ok((uuid(&row.entity)?, (row.created_at, row.changed >> 16))))
        .collect()
}

/// Adoptions as they were known, and the ladders they made.
async fn rules_then(
    connection: &mut SqliteConnection,
    moment: Millis,
) -> Result<(Vec<Recorded>, Ladders), StoreError> {
    let reading = last_reading(moment);
    let rows = sqlx::query_as!(
        FactRow,
        "SELECT id, hlc, device, seq, actor, body FROM fact
         WHERE service IS NULL AND +kind IN ('playbook_adopted', 'retraction') AND hlc <= ?
         ORDER BY occurred_at, hlc, device, seq",
        reading
    )
    .fetch_all(&mut *connection)
    .await?;
    let facts = rows.iter().map(FactRow::read).collect::<Result<Vec<Recorded>, _>>()?;
    let mut presences = refresh::presences(connection).await?;
    presences.retain(|(at, ..)| *at <= moment);
    let adoptions = refresh::living_adoptions(facts);
    let ladders = refresh::ladders_of(&adoptions, None, &presences);
    Ok((adoptions, ladders))
}

/// Services of which something that had happened by then was recorded later.
async fn told_late(
    connection: &mut SqliteConnection,
    moment: Millis,
) -> Result<BTreeSet<Uuid>, StoreError> {
    let reading = last_reading(moment);
    let rows = sqlx::query_scalar!(
        r#"SELECT DISTINCT service AS "service!" FROM fact INDEXED BY fact_recorded_late
         WHERE occurred_at < (hlc >> 16) AND service IS NOT NULL
         AND occurred_at <= ? AND hlc > ?"#,
        moment,
        reading
    )
    .fetch_all(&mut *connection)
    .await?;
    rows.iter().map(|id| uuid(id)).collect()
}

async fn as_known(
    connection: &mut SqliteConnection,
    moment: Millis,
) -> Result<Vec<Stood>, StoreError> {
    let then = Then::load(connection, moment).await?;
    let in_force = |ladders: &Ladders| -> Ladders {
        ladders.iter().filter(|(at, _)| *at <= moment).cloned().collect()
    };
    let same_ladders = in_force(&then.ladders) == in_force(&refresh::ladders(connection).await?);
    let late = told_late(connection, moment).await?;
    let merges_now = merges::load(connection).await?;
    let ids: Vec<Uuid> = then.services.keys().copied().collect();
    let now = refresh::load_entities(connection, &ids).await?;
    // What decides a walk besides facts, of one service.
    let decides = |entity: &Entity| {
        (entity.class(), entity.text(path::ARCHETYPE).map(str::to_owned), entity.lives())
    };
    let merged_otherwise = |id: &Uuid| then.merges.get(id) != merges_now.get(id);
    let was = as_it_was(connection, moment).await?;
    let mut noted: BTreeMap<Uuid, Stood> =
        was.into_iter().map(|stood| (stood.row.id, stood)).collect();
    // Who counts as whom may have changed on either side of a merge.
    let mut otherwise: BTreeSet<Uuid> = BTreeSet::new();
    for id in then.services.keys().chain(merges_now.keys()).filter(|id| merged_otherwise(id)) {
        otherwise.extend(then.merges.get(id));
        otherwise.extend(merges_now.get(id));
    }
    let mut stood = Vec::new();
    let mut anew = BTreeSet::new();
    for (id, entity) in then.services.iter().filter(|(_, entity)| entity.lives()) {
        if then.merges.contains_key(id) {
            continue;
        }
        let members = then.members(*id);
        let same = same_ladders
            && !otherwise.contains(id)
            && !merged_otherwise(id)
            && !members.iter().any(|member| late.contains(member))
            && now.get(id).is_some_and(|now| decides(now) == decides(entity));
        let Some(Stood { row, marks }) = noted.remove(id).filter(|_| same) else {
            anew.insert(*id);
            continue;
        };
        let others: Vec<Entity> = members
            .iter()
            .filter(|member| *member != id)
            .filter_map(|member| then.services.get(member))
            .cloned()
            .collect();
        let row = NodeRow {
            name: entity.name().to_owned(),
            changed_at: then.moments_of(*id).1,
            listed: Listed::of(entity, &others),
            ..row
        };
        stood.push(Stood { row, marks });
    }
    let nodes = then.nodes(connection, &anew).await?;
    let shown: Vec<_> =
        nodes.iter().map(|node| (node.entity.clone(), node.changed_at, node.listed())).collect();
    let mut journeys = walk_all(nodes, then.ladders, moment).await?;
    for (entity, changed_at, listed) in shown {
        let Some(journey) = journeys.remove(&entity.id) else { continue };
        let row = NodeRow {
            id: entity.id,
            name: entity.name().to_owned(),
            class: entity.class(),
            changed_at,
            summary: Summary::from(&journey).of_the_past(),
            listed,
        };
        stood.push(Stood { row, marks: journey.marks() });
    }
    stood.sort_by(|a, b| (&a.row.name, a.row.id).cmp(&(&b.row.name, b.row.id)));
    Ok(stood)
}
