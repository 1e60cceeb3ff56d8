//! Facts of a kind, kept in memory: a page asks for a dozen kinds each time it is pulled, and to read
//! thousands of facts again takes longer than all that is made of them. What was written since is
//! read from the log, and only what it touched is read again.

use crate::Store;
use crate::error::StoreError;
use crate::refresh::FactRow;
use crate::{fold, rows};
use pilotage_domain::fact::Recorded;
use pilotage_domain::ids::DeviceId;
use sqlx::{Acquire as _, SqliteConnection};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;

/// Facts of one kind that are kept, some 25 MB. A longer list is read each time.
const KEPT: usize = 50_000;
/// Batches that are looked through for what they wrote. After more, all is read again.
const LOOKED_THROUGH: i64 = 100;

/// What the file held when something was read: every batch that is appended raises the sequence of
/// its device, and only a rebuild changes what is folded otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Mark {
    sequences: BTreeMap<DeviceId, i64>,
    folded: i64,
}

/// Facts as they were read.
type Read = (Mark, Arc<Vec<Recorded>>);

/// What was read of each kind, and when.
#[derive(Debug, Default)]
pub(crate) struct Kinds(Mutex<HashMap<String, Read>>);

impl Kinds {
    fn get(&self, kind: &str) -> Option<Read> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(kind).cloned()
    }

    fn keep(&self, kind: &str, mark: Mark, facts: &Arc<Vec<Recorded>>) {
        let mut kinds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if facts.len() <= KEPT {
            kinds.insert(kind.to_owned(), (mark, Arc::clone(facts)));
        } else {
            kinds.remove(kind);
        }
    }
}

impl Mark {
    async fn read(connection: &mut SqliteConnection) -> Result<Self, StoreError> {
        let folded = sqlx::query_scalar!("SELECT folded FROM workspace WHERE only = 1")
            .fetch_one(&mut *connection)
            .await?;
        let devices =
            sqlx::query!("SELECT device, seq FROM device").fetch_all(&mut *connection).await?;
        let read = |id: &[u8], seq| Ok::<_, StoreError>((fold::device(id)?, seq));
        let sequences =
            devices.iter().map(|row| read(&row.device, row.seq)).collect::<Result<_, _>>()?;
        Ok(Self { sequences, folded })
    }

    /// What was written between an earlier mark and this one; nothing where that cannot be told.
    async fn written_since(
        &self,
        then: &Self,
        connection: &mut SqliteConnection,
    ) -> Result<Option<BTreeSet<Uuid>>, StoreError> {
        let before = |device| then.sequences.get(device).copied().unwrap_or(0);
        let gone = then.sequences.keys().any(|device| !self.sequences.contains_key(device));
        let steps: Vec<(&DeviceId, i64, i64)> = self
            .sequences
            .iter()
            .map(|(device, seq)| (device, before(device), *seq))
            .filter(|(_, before, seq)| before != seq)
            .collect();
        let back = steps.iter().any(|(_, before, seq)| before > seq);
        let batches: i64 = steps.iter().map(|(_, before, seq)| seq - before).sum();
        if self.folded != then.folded || gone || back || batches > LOOKED_THROUGH {
            return Ok(None);
        }
        let mut written = BTreeSet::new();
        for (device, before, seq) in steps {
            let device = device.0.as_slice();
            let lines = sqlx::query_scalar!(
                "SELECT body FROM batch WHERE device = ? AND seq > ? AND seq <= ?",
                device,
                before,
                seq
            )
            .fetch_all(&mut *connection)
            .await?;
            for line in lines {
                written.extend(fold::batch(&line)?.writes.iter().map(|write| write.entity));
            }
        }
        Ok(Some(written))
    }
}

/// The facts of a kind with these read again.
async fn read_again(
    connection: &mut SqliteConnection,
    kind: &str,
    facts: Arc<Vec<Recorded>>,
    written: &BTreeSet<Uuid>,
) -> Result<Arc<Vec<Recorded>>, StoreError> {
    if written.is_empty() {
        return Ok(facts);
    }
    let ids = rows::ids(written);
    let found = sqlx::query_as!(
        FactRow,
        "SELECT id, hlc, device, seq, actor, body FROM fact
         WHERE id IN (SELECT unhex(value) FROM json_each(?)) AND kind = ? AND kind <> 'finding'",
        ids,
        kind
    )
    .fetch_all(connection)
    .await?;
    // A fact that was of this kind may be of another one now.
    if found.is_empty() && !facts.iter().any(|recorded| written.contains(&recorded.id)) {
        return Ok(facts);
    }
    let mut facts = Arc::unwrap_or_clone(facts);
    facts.retain(|recorded| !written.contains(&recorded.id));
    for row in &found {
        facts.push(row.read()?);
    }
    facts.sort_by_key(Recorded::order);
    Ok(Arc::new(facts))
}

impl Store {
    /// Every fact of a kind (`playbook_adopted`, `blocker_opened` …), in order of occurrence.
    /// Findings are asked for by their service.
    pub async fn facts_of_kind(&self, kind: &str) -> Result<Arc<Vec<Recorded>>, StoreError> {
        let (mut reader, kinds) = {
            // Together: another file that takes the place of this one has a memory of its own.
            let open = self.open.read().await;
            (open.readers.acquire().await?, Arc::clone(&open.kinds))
        };
        // One snapshot: the facts are those of the mark.
        let mut snapshot = reader.begin().await?;
        let mark = Mark::read(&mut snapshot).await?;
        if let Some((then, facts)) = kinds.get(kind) {
            if then == mark {
                return Ok(facts);
            }
            if let Some(written) = mark.written_since(&then, &mut snapshot).await? {
                let facts = read_again(&mut snapshot, kind, facts, &written).await?;
                kinds.keep(kind, mark, &facts);
                return Ok(facts);
            }
        }
        let rows = sqlx::query_as!(
            FactRow,
            "SELECT id, hlc, device, seq, actor, body FROM fact
             WHERE kind = ? AND kind <> 'finding'
             ORDER BY occurred_at, hlc, device, seq",
            kind
        )
        .fetch_all(&mut *snapshot)
        .await?;
        let facts: Arc<Vec<Recorded>> =
            Arc::new(rows.iter().map(FactRow::read).collect::<Result<_, _>>()?);
        kinds.keep(kind, mark, &facts);
        Ok(facts)
    }
}
