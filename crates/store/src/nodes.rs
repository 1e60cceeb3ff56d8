//! All nodes, kept in memory until something is written or time alone changes one: nearly every page
//! asks for them, and to read a thousand rows takes longer than most of what is made of them.

use crate::Store;
use crate::error::StoreError;
use crate::fold::{json, uuid};
use crate::mark::Mark;
use crate::read::{NodeRow, courses};
use pilotage_domain::Millis;
use pilotage_domain::words::NodeClass;
use sqlx::{Acquire as _, SqliteConnection};
use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;

/// Nodes as they stand from the moment for which they were read up to the next at which time alone
/// changes one.
#[derive(Debug, Clone)]
struct Standing {
    nodes: Arc<Vec<NodeRow>>,
    since: Millis,
    until: Millis,
}

/// What was read last, and when.
#[derive(Debug, Default)]
pub(crate) struct Nodes(Mutex<Option<(Mark, Standing)>>);

impl Nodes {
    fn get(&self, mark: &Mark, now: Millis) -> Option<Arc<Vec<NodeRow>>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (then, standing) = kept.as_ref()?;
        let holds = then == mark && (standing.since..standing.until).contains(&now);
        holds.then(|| Arc::clone(&standing.nodes))
    }

    fn keep(&self, mark: Mark, standing: &Standing) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((mark, standing.clone()));
    }

    pub(crate) fn forget(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl Standing {
    async fn read(snapshot: &mut SqliteConnection, now: Millis) -> Result<Self, StoreError> {
        let rows = sqlx::query!(
            "SELECT id, name, class, changed_at, valid_until, summary, listed FROM node ORDER BY name, id"
        )
        .fetch_all(&mut *snapshot)
        .await?;
        let due = |until: Option<Millis>| until.is_some_and(|until| until <= now);
        let outdated: Vec<Uuid> = rows
            .iter()
            .filter(|row| due(row.valid_until))
            .map(|row| uuid(&row.id))
            .collect::<Result<_, _>>()?;
        // What time alone has changed since, their courses say.
        let mut courses = courses(snapshot, &outdated).await?;
        let mut nodes = Vec::with_capacity(rows.len());
        let mut until = Millis::MAX;
        for row in rows {
            let id = uuid(&row.id)?;
            let course = courses.remove(&id);
            let changes = match &course {
                Some(course) => course.changes_after(now),
                None => row.valid_until,
            };
            until = until.min(changes.unwrap_or(Millis::MAX));
            let noted = course.and_then(|course| course.at(now));
            nodes.push(NodeRow {
                id,
                name: row.name,
                class: NodeClass::from_word(&row.class).unwrap_or(NodeClass::Service),
                changed_at: row.changed_at,
                summary: noted.map_or_else(|| json(&row.summary), Ok)?,
                listed: serde_json::from_str(&row.listed).unwrap_or_default(),
            });
        }
        Ok(Self { nodes: Arc::new(nodes), since: now, until })
    }
}

impl Store {
    /// Every node, by name, as all of them stand at `now`.
    pub async fn nodes(&self, now: Millis) -> Result<Arc<Vec<NodeRow>>, StoreError> {
        let (mut reader, memory) = {
            // Together: another file that takes the place of this one has a memory of its own.
            let open = self.open.read().await;
            (open.readers.acquire().await?, Arc::clone(&open.memory))
        };
        // One snapshot: rows and courses are of the same moment.
        let mut snapshot = reader.begin().await?;
        let mark = Mark::read(&mut snapshot).await?;
        if let Some(nodes) = memory.nodes.get(&mark, now) {
            return Ok(nodes);
        }
        let standing = Standing::read(&mut snapshot, now).await?;
        memory.nodes.keep(mark, &standing);
        Ok(standing.nodes)
    }
}
