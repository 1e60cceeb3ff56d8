//! Facts of a kind, kept in memory: a page asks for a dozen kinds each time it is pulled, and to read
//! thousands of facts again takes longer than all that is made of them. What was written since is
//! read from the log, and only what it touched is read again.

use crate::Store;
use crate::error::StoreError;
use crate::mark::Mark;
use crate::refresh::FactRow;
use crate::rows;
use pilotage_domain::fact::Recorded;
use sqlx::{Acquire as _, SqliteConnection};
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;

/// Facts of one kind that are kept, some 25 MB. A longer list is read each time.
const KEPT: usize = 50_000;
/// Facts as they were read.
type Read = (Mark, Arc<Vec<Recorded>>);

/// What was read of each kind, and when.
#[derive(Debug, Default)]
pub(crate) struct Kinds(Mutex<HashMap<String, Read>>);

impl Kinds {
    fn get(&self, kind: &str) -> Option<Read> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(kind).cloned()
    }

    pub(crate) fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
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
        let (mut reader, memory) = {
            // Together: another file that takes the place of this one has a memory of its own.
            let open = self.open.read().await;
            (open.readers.acquire().await?, Arc::clone(&open.memory))
        };
        // One snapshot: the facts are those of the mark.
        let mut snapshot = reader.begin().await?;
        let mark = Mark::read(&mut snapshot).await?;
        if let Some((then, facts)) = memory.kinds.get(kind) {
            if then == mark {
                return Ok(facts);
            }
            if let Some(written) = mark.written_since(&then, &mut snapshot).await? {
                let facts = read_again(&mut snapshot, kind, facts, &written).await?;
                memory.kinds.keep(kind, mark, &facts);
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
        memory.kinds.keep(kind, mark, &facts);
        Ok(facts)
    }
}
