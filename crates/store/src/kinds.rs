//! Facts of a kind, kept in memory while nothing is written: a page asks for a dozen kinds each time
//! it is pulled, and to read thousands of facts again takes longer than all that is made of them.

use crate::Store;
use crate::error::StoreError;
use crate::refresh::FactRow;
use pilotage_domain::fact::Recorded;
use sqlx::{Acquire as _, SqliteConnection};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Facts of one kind that are kept, some 25 MB. A longer list is read each time.
const KEPT: usize = 50_000;

/// What the file held when something was read: every batch that is appended raises a sequence, and
/// only a rebuild changes what is folded otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Mark {
    sequences: i64,
    folded: i64,
}

/// Facts as they were read.
type Read = (Mark, Arc<Vec<Recorded>>);

/// What was read of each kind, and when.
#[derive(Debug, Default)]
pub(crate) struct Kinds(Mutex<HashMap<String, Read>>);

impl Kinds {
    fn get(&self, kind: &str, mark: Mark) -> Option<Arc<Vec<Recorded>>> {
        let kinds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kinds.get(kind).filter(|(then, _)| *then == mark).map(|(_, facts)| Arc::clone(facts))
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

async fn mark(connection: &mut SqliteConnection) -> Result<Mark, StoreError> {
    let row = sqlx::query!(
        r#"SELECT folded, (SELECT coalesce(sum(seq), 0) FROM device) AS "sequences!: i64"
         FROM workspace WHERE only = 1"#
    )
    .fetch_one(connection)
    .await?;
    Ok(Mark { sequences: row.sequences, folded: row.folded })
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
        let mark = mark(&mut snapshot).await?;
        if let Some(facts) = kinds.get(kind, mark) {
            return Ok(facts);
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
