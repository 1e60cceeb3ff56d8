//! After damage: the damaged files are set aside, the newest good copy takes their place, and what
//! the damaged log still holds is taken in through the door that batches of other devices use.
//!
//! The device starts anew under another id: its last numbers may be lost without a trace, and must
//! not be given twice. What it had written behind a gap is written again under the new id; batches
//! of other devices wait in quarantine until the gap fills.

use crate::Store;
use crate::backup::Backups;
use crate::error::StoreError;
use crate::opening::Opening;
use crate::replace::{self, Plan};
use crate::salvage::{self, Found};
use pilotage_domain::Millis;
use pilotage_domain::ids::DeviceId;
use pilotage_domain::operation::{Batch, Write};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// Lines taken in within one transaction.
const SLICE: usize = 500;

/// What came back, and what did not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recovery {
    /// When.
    pub at: Millis,
    /// What was wrong.
    pub damage: String,
    /// The folder with the damaged files.
    pub aside: PathBuf,
    /// Name of the copy that was restored; nothing where no good one was there.
    pub backup: Option<String>,
    /// Newer copies that were damaged too.
    pub bad_backups: Vec<String>,
    /// Batches that the copy did not have and the damaged files still gave.
    pub salvaged: u64,
    /// Batches that wait for others of their device.
    pub waiting: u64,
    /// Batches that are lost here, by device. Another device may still have them.
    pub missing: Vec<Missing>,
    /// Nothing could be read of the damaged files: how much of what came after the copy is lost
    /// cannot be told.
    #[serde(default)]
    pub unread: bool,
}

/// Batches of one device that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// The device.
    pub device: DeviceId,
    /// How many.
    pub batches: u64,
    /// First sequence.
    pub first: u64,
    /// Last sequence.
    pub last: u64,
    /// The authors' clock at the first and last of them, where it is known.
    pub from: Option<Millis>,
    /// See `from`.
    pub to: Option<Millis>,
}

/// Who opens the workspace.
#[derive(Debug, Clone)]
pub struct Opener {
    /// Id under which this device wrote.
    pub device: DeviceId,
    /// Id under which it writes from now on, if it must.
    pub fresh: DeviceId,
    /// Its name.
    pub name: String,
}

/// Lines by their sequence.
type Lines = Vec<(u64, Vec<u8>)>;
/// Sequences without a line, with the author's clock where it is known.
type Lost = Vec<(u64, Option<Millis>)>;

/// Chooses what takes the damaged file's place.
pub(crate) async fn plan(
    path: &Path,
    workspace: Uuid,
    damage: &str,
    opening: &Opening,
) -> Result<Plan, StoreError> {
    let copy = match &opening.backups {
        Some(folder) => {
            let backups = Backups::at(folder, opening.harness.clone());
            backups.newest_good(workspace).await?.0.map(|backup| backup.path)
        }
        None => None,
    };
    Ok(Plan::new(path, workspace, opening.now, copy, Some(damage.to_owned())))
}

/// Takes what the files set aside still hold into the restored workspace.
pub(crate) async fn take_in(
    store: &Store,
    path: &Path,
    plan: &Plan,
    opener: &Opener,
    opening: &Opening,
) -> Result<Recovery, StoreError> {
    let found = salvage::read(&plan.old(path), plan.copy.as_deref(), &opening.harness).await?;
    let before = store.log_facts().await?;
    let unread = found.known.is_empty();
    let mut missing = Vec::new();
    let devices: BTreeSet<DeviceId> = found.known.keys().map(|(device, _)| *device).collect();
    for device in devices {
        let (lines, lost) = split(&found, device, &store.sequences(device).await?);
        let gap = lost.iter().map(|(seq, _)| *seq).min();
        let ours = device == opener.device;
        let (whole, behind): (Vec<_>, Vec<_>) =
            lines.into_iter().partition(|(seq, _)| !ours || gap.is_none_or(|gap| *seq < gap));
        receive(store, device, whole.into_iter().map(|(_, line)| line), opening.now).await?;
        if !behind.is_empty() {
            let lines = rewritten(&behind, opener, plan.workspace)?;
            receive(store, opener.fresh, lines.into_iter(), opening.now).await?;
        }
        missing.extend(Missing::of(device, &lost));
    }
    let mut kept: BTreeMap<DeviceId, Vec<Vec<u8>>> = BTreeMap::new();
    for (device, line) in found.quarantined {
        kept.entry(device).or_default().push(line);
    }
    for (device, lines) in kept {
        receive(store, device, lines.into_iter(), opening.now).await?;
    }
    store.rebuild(opening.now).await?;
    let after = store.log_facts().await?;
    let name = |path: &PathBuf| path.file_name().map(|name| name.to_string_lossy().into_owned());
    let backup = plan.copy.as_ref().and_then(name);
    Ok(Recovery {
        at: plan.now,
        damage: plan.damage.clone().unwrap_or_default(),
        aside: plan.aside.clone(),
        bad_backups: newer_than(backup.as_ref(), opening)?,
        backup,
        salvaged: after.batches - before.batches,
        waiting: after.quarantined.saturating_sub(before.quarantined),
        missing,
        unread,
    })
}

/// Copies newer than the one that was chosen: they were passed over.
fn newer_than(chosen: Option<&String>, opening: &Opening) -> Result<Vec<String>, StoreError> {
    let Some(folder) = &opening.backups else { return Ok(Vec::new()) };
    let list = Backups::at(folder, opening.harness.clone()).list()?;
    Ok(list.into_iter().map(|backup| backup.name).take_while(|name| Some(name) != chosen).collect())
}

/// Lines of a device that the restored log does not have, and batches that neither has.
fn split(found: &Found, device: DeviceId, here: &BTreeSet<u64>) -> (Lines, Lost) {
    let (mut lines, mut lost) = (Vec::new(), Vec::new());
    for (key, wall) in found.known.range((device, 0)..=(device, u64::MAX)) {
        if here.contains(&key.1) {
            continue;
        }
        match found.lines.get(key) {
            Some(line) => lines.push((key.1, line.clone())),
            None => lost.push((key.1, *wall)),
        }
    }
    (lines, lost)
}

async fn receive(
    store: &Store,
    device: DeviceId,
    lines: impl Iterator<Item = Vec<u8>>,
    now: Millis,
) -> Result<(), StoreError> {
    let lines: Vec<Vec<u8>> = lines.collect();
    for slice in lines.chunks(SLICE) {
        store.receive(device, slice.to_vec(), now).await?;
    }
    Ok(())
}

/// The device's own batches behind a gap, under its new id: clock readings stay, sequences start at
/// 1, and what they say they saw of each other goes by the new id.
fn rewritten(
    lines: &[(u64, Vec<u8>)],
    opener: &Opener,
    workspace: Uuid,
) -> Result<Vec<Vec<u8>>, StoreError> {
    let batches =
        lines.iter().map(|(_, line)| Batch::parse(line)).collect::<Result<Vec<_>, _>>()?;
    let readings: BTreeSet<u64> = batches.iter().map(|batch| batch.hlc).collect();
    let mut rewritten = Vec::with_capacity(batches.len());
    for (seq, mut batch) in (1..).zip(batches) {
        batch.seq = seq;
        for seen in batch.writes.iter_mut().flat_map(|write| &mut write.seen) {
            if seen.1 == opener.device && readings.contains(&seen.0) {
                seen.1 = opener.fresh;
            }
        }
        if seq == 1 {
            batch.writes.push(Write {
                entity: Uuid::from_bytes(opener.fresh.0),
                path: "device".to_owned(),
                value: json!({
                    "app": env!("CARGO_PKG_VERSION"),
                    "name": opener.name,
                    "workspace": workspace.to_string(),
                }),
                seen: Vec::new(),
            });
        }
        batch.sort();
        rewritten.push(batch.to_line()?.into_bytes());
    }
    Ok(rewritten)
}

impl Missing {
    fn of(device: DeviceId, lost: &[(u64, Option<Millis>)]) -> Option<Self> {
        let walls = || lost.iter().filter_map(|(_, wall)| *wall);
        Some(Self {
            device,
            batches: lost.len() as u64,
            first: lost.first()?.0,
            last: lost.last()?.0,
            from: walls().min(),
            to: walls().max(),
        })
    }
}

/// Finishes a replacement that was interrupted, where it needs nothing more than moving files.
pub(crate) async fn finish_moving(
    path: &Path,
    opening: &Opening,
) -> Result<Option<Plan>, StoreError> {
    let Some(plan) = replace::begun(path) else { return Ok(None) };
    replace::carry_on(&opening.harness, path, &plan).await?;
    if plan.damage.is_none() {
        replace::finish(opening.harness.disk.as_ref(), path)?;
        return Ok(None);
    }
    Ok(Some(plan))
}
