//! Reads across the programme: search, what is in conflict, what changed last.

use crate::Store;
use crate::error::StoreError;
use crate::fold::{self, json, uuid, version};
use crate::read::{Listed, LoggedBatch, logged};
use pilotage_domain::Millis;
use pilotage_domain::change::{Entity, path};
use pilotage_domain::fact::{Happening, Recorded};
use pilotage_domain::journey::Journey;
use pilotage_domain::operation::Version;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::Connection as _;
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// Most characters of one text that are searched and shown.
const LONGEST: usize = 500;

/// Where in a node a text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// Its name.
    Name,
    /// Another name of it.
    Alias,
    /// A tag.
    Tag,
    /// A field, whose register is the reference.
    Field,
    /// A blocker, open or closed, whose id is the reference.
    Blocker,
    /// The note of a check in force, or of its waiver; the reference is the check.
    Check,
}

/// A text of a node: where it stands, what it belongs to, and the text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Text(Place, String, String);

/// What a search found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The node.
    pub node: Uuid,
    /// Its name.
    pub name: String,
    /// Where the text stands.
    pub place: Place,
    /// What it belongs to: the check, the blocker, the register; else nothing.
    pub reference: String,
    /// The text.
    pub text: String,
}

/// A register with two or more heads.
#[derive(Debug, Clone, PartialEq)]
pub struct Conflict {
    /// The entity.
    pub entity: Uuid,
    /// The register.
    pub path: String,
    /// Its heads, winner first: value, version, who wrote it.
    pub heads: Vec<(Value, Version, Uuid)>,
}

/// A node that changed, with the newest batch about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Recent {
    /// The node.
    pub node: Uuid,
    /// Its name.
    pub name: String,
    /// When it changed.
    pub changed_at: Millis,
    /// The batch.
    pub last: LoggedBatch,
}

/// The texts of a node that a search looks through.
pub(crate) fn texts(
    entity: &Entity,
    listed: &Listed,
    journey: &Journey,
    facts: &[Recorded],
) -> Vec<Text> {
    let cut = |text: &str| text.chars().take(LONGEST).collect::<String>();
    let mut texts = vec![Text(Place::Name, String::new(), entity.name().to_owned())];
    let mut add = |place, reference: &str, text: &str| {
        if !text.is_empty() {
            texts.push(Text(place, reference.to_owned(), cut(text)));
        }
    };
    for alias in &listed.aliases {
        add(Place::Alias, "", alias);
    }
    for tag in &listed.tags {
        add(Place::Tag, "", tag);
    }
    for field in [path::OWNER, path::TEAM, path::REPOSITORY, path::NOTES, path::ARCHETYPE] {
        add(Place::Field, field, entity.text(field).unwrap_or_default());
    }
    let by_id: HashMap<Uuid, &Happening> =
        facts.iter().map(|recorded| (recorded.id, &recorded.fact.what)).collect();
    for check in &journey.checks {
        if let Some(Happening::Finding { observed, .. }) =
            check.finding.and_then(|id| by_id.get(&id))
        {
            add(Place::Check, &check.check, observed);
        }
        if let Some(Happening::Waiver { reason, .. }) = check.waiver.and_then(|id| by_id.get(&id)) {
            add(Place::Check, &check.check, reason);
        }
    }
    for recorded in facts {
        if let Happening::BlockerOpened { reason, waiting_for, .. } = &recorded.fact.what {
            let text = format!("{reason} ({waiting_for})");
            add(Place::Blocker, &recorded.id.to_string(), &text);
        }
    }
    texts
}

impl Store {
    /// Texts that hold every word of the query, without regard to case: names first, then by
    /// place and node. At most `most`, and how many there are.
    pub async fn search(
        &self,
        query: &str,
        most: usize,
    ) -> Result<(Vec<Found>, usize), StoreError> {
        let query = query.to_lowercase();
        let words: Vec<&str> = query.split_whitespace().collect();
        if words.is_empty() {
            return Ok((Vec::new(), 0));
        }
        let mut reader = self.reader().await?;
        let rows = sqlx::query!(
            "SELECT n.id, n.name, t.texts FROM node AS n JOIN node_text AS t ON t.id = n.id"
        )
        .fetch_all(&mut *reader)
        .await?;
        let mut found = Vec::new();
        for row in rows {
            // Looked at whole first: most nodes hold none of the words. Quotes and backslashes are
            // spelt otherwise there, so a word with one is looked for in the texts alone.
            let folded = row.texts.to_lowercase();
            let plain = |word: &&&str| !word.contains(['"', '\\']);
            if !words.iter().filter(plain).all(|word| folded.contains(*word)) {
                continue;
            }
            let node = uuid(&row.id)?;
            let texts: Vec<Text> = json(&row.texts)?;
            for Text(place, reference, text) in texts {
                let folded = text.to_lowercase();
                if words.iter().all(|word| folded.contains(word)) {
                    let name = row.name.clone();
                    found.push(Found { node, name, place, reference, text });
                }
            }
        }
        found.sort_by(|a, b| {
            (a.place, &a.name, a.node, &a.reference).cmp(&(b.place, &b.name, b.node, &b.reference))
        });
        let count = found.len();
        found.truncate(most);
        Ok((found, count))
    }

    /// Nodes by their last change, newest first.
    pub async fn recent(&self, most: u32) -> Result<Vec<Recent>, StoreError> {
        let mut reader = self.reader().await?;
        let rows = sqlx::query!(
            r#"SELECT n.id AS "id!", n.name AS "name!", n.changed_at AS "changed_at!",
                b.device AS "device!", b.body AS "body!"
             FROM (SELECT id, name, changed_at FROM node
                ORDER BY changed_at DESC, name, id LIMIT ?) AS n
             JOIN batch AS b ON (b.device, b.seq) = (
                -- The last change is known to the millisecond: both indexes begin there.
                SELECT t.device, t.seq FROM (
                    SELECT hlc, device, seq FROM touched
                    WHERE hlc >= n.changed_at << 16 AND service IN (
                        SELECT n.id UNION ALL SELECT service FROM merged WHERE root = n.id)
                    UNION ALL
                    SELECT hlc, device, seq FROM fact
                    WHERE hlc >= n.changed_at << 16 AND service IN (
                        SELECT n.id UNION ALL SELECT service FROM merged WHERE root = n.id)) AS t
                ORDER BY t.hlc DESC, t.device DESC LIMIT 1)
             ORDER BY n.changed_at DESC, n.name, n.id"#,
            most
        )
        .fetch_all(&mut *reader)
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(Recent {
                    node: uuid(&row.id)?,
                    name: row.name,
                    changed_at: row.changed_at,
                    last: logged(&row.device, &row.body)?,
                })
            })
            .collect()
    }

    /// The registers of an entity that are in conflict.
    pub async fn conflicts(&self, entity: Uuid) -> Result<Vec<Conflict>, StoreError> {
        self.conflicts_of(Some(entity)).await
    }

    /// Who wrote last into each element of an entity's map, and when, by the element's path.
    pub async fn authors(
        &self,
        entity: Uuid,
        map: &str,
    ) -> Result<BTreeMap<String, (Uuid, Millis)>, StoreError> {
        let key = entity.as_bytes().as_slice();
        let begins = format!("{map}/");
        let rows = sqlx::query!(
            "SELECT r.path, r.hlc, b.body FROM register AS r
             JOIN batch AS b ON b.device = r.device AND b.seq = r.seq
             WHERE r.entity = ?1 AND substr(r.path, 1, length(?2)) = ?2",
            key,
            begins
        )
        .fetch_all(&mut *self.reader().await?)
        .await?;
        let mut authors = BTreeMap::new();
        for row in rows {
            authors.insert(row.path, (fold::batch(&row.body)?.actor, row.hlc >> 16));
        }
        Ok(authors)
    }

    /// Every register of the programme that is in conflict.
    pub async fn conflicts_all(&self) -> Result<Vec<Conflict>, StoreError> {
        self.conflicts_of(None).await
    }

    async fn conflicts_of(&self, entity: Option<Uuid>) -> Result<Vec<Conflict>, StoreError> {
        let mut reader = self.reader().await?;
        let mut snapshot = reader.begin().await?;
        let key = entity.map(|entity| entity.as_bytes().to_vec());
        let rows = sqlx::query!(
            "SELECT w.entity, w.path, w.value, w.hlc, w.device, w.seq
             FROM register AS r INDEXED BY register_in_conflict
             JOIN register_write AS w ON w.entity = r.entity AND w.path = r.path AND w.named = 0
             WHERE r.conflict = 1 AND (?1 IS NULL OR r.entity = ?1)
             ORDER BY w.entity, w.path, w.hlc DESC, w.device DESC",
            key
        )
        .fetch_all(&mut *snapshot)
        .await?;
        // One import may stand behind hundreds of them.
        let mut actors: BTreeMap<(Vec<u8>, i64), Uuid> = BTreeMap::new();
        let mut conflicts: Vec<Conflict> = Vec::new();
        for row in rows {
            let at = (row.device.clone(), row.seq);
            let actor = if let Some(actor) = actors.get(&at) {
                *actor
            } else {
                let body = sqlx::query_scalar!(
                    "SELECT body FROM batch WHERE device = ? AND seq = ?",
                    row.device,
                    row.seq
                )
                .fetch_one(&mut *snapshot)
                .await?;
                let actor = fold::batch(&body)?.actor;
                actors.insert(at, actor);
                actor
            };
            let entity = fold::uuid(&row.entity)?;
            let value = serde_json::from_str(&row.value).unwrap_or(Value::Null);
            let head = (value, version((row.hlc, &row.device, row.seq))?, actor);
            match conflicts.last_mut() {
                Some(conflict) if conflict.entity == entity && conflict.path == row.path => {
                    conflict.heads.push(head);
                }
                _ => conflicts.push(Conflict { entity, path: row.path, heads: vec![head] }),
            }
        }
        Ok(conflicts)
    }
}
