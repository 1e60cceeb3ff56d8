//! Where the log ended when something was read: what is kept in memory is as good as the file for as
//! long as the mark is the same.

use crate::error::StoreError;
use crate::fold;
use pilotage_domain::ids::DeviceId;
use sqlx::SqliteConnection;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Batches that are looked through for what they wrote. After more, all is read again.
const LOOKED_THROUGH: i64 = 100;

/// What the file held when something was read: every batch that is appended raises the sequence of
/// its device, and only a rebuild changes what is folded otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mark {
    sequences: BTreeMap<DeviceId, i64>,
    folded: i64,
}

impl Mark {
    pub(crate) async fn read(connection: &mut SqliteConnection) -> Result<Self, StoreError> {
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
    pub(crate) async fn written_since(
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
