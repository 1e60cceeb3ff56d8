//! What the store is asked to do while something goes wrong: small actions, one the size of an
//! import, copies, and a close that writes the log home.

use crate::Dice;
use crate::tape::{Event, Tape};
use pilotage_domain::change::{Change, Kind, path};
use pilotage_domain::ids::DeviceId;
use pilotage_store::{Commit, Durability, Opening, Reason, Store, StoreError};
use std::path::Path;
use std::sync::Arc;
use uuid::Uuid;

/// The workspace.
pub const WORKSPACE: Uuid = Uuid::from_u128(0x0192_f0c4_6c1e_7b35_9d0e_3f6f_1c2a_7b11);
/// Who writes.
pub const DEVICE: DeviceId = DeviceId([1; 16]);
/// A morning in 2026.
pub const NOW: i64 = 1_790_000_000_000;
/// Name of the workspace file.
pub const FILE: &str = "programme.pilotage";
/// Name of the folder of copies.
pub const BACKUPS: &str = "backups";

/// An action of so many new services.
pub fn services(count: u32, dice: &mut Dice) -> Commit {
    let command = dice.id();
    let changes = (0..count).flat_map(|_| {
        let id = dice.id();
        let name = format!("service {}", id.simple());
        [
            Change::Created { entity: id, kind: Kind::Service },
            Change::field(id, path::NAME, name),
            Change::field(id, "note", "x".repeat(dice.below(400))),
        ]
    });
    Commit { id: command, actor: Uuid::from_u128(7), now: NOW, changes: changes.collect() }
}

/// How a story opens its workspace.
pub fn opening(root: &Path, tape: &Arc<Tape>, durability: Durability) -> Opening {
    Opening {
        backups: Some(root.join(BACKUPS)),
        now: NOW,
        harness: tape.harness(durability),
        ..Opening::default()
    }
}

/// Plays the story, with one action of `largest` services. What was acknowledged is on the tape, also where it ends with an error.
pub async fn run(
    root: &Path,
    tape: &Arc<Tape>,
    durability: Durability,
    largest: u32,
    dice: &mut Dice,
) -> Result<(), StoreError> {
    let path = root.join(FILE);
    let opening = opening(root, tape, durability);
    Store::create_with(&path, WORKSPACE, NOW, &opening.harness).await?;
    for round in 0..2 {
        let store = Store::open_with(&path, DEVICE, "laptop", opening.clone()).await?;
        let told = tell(&store, tape, largest, dice, round).await;
        store.close().await;
        told?;
    }
    Ok(())
}

async fn tell(
    store: &Store,
    tape: &Tape,
    largest: u32,
    dice: &mut Dice,
    round: u32,
) -> Result<(), StoreError> {
    let mut last = 0;
    for number in 0..6 + dice.below(10) {
        let large = number == 4;
        let commit = services(if large { largest } else { 1 }, dice);
        if let Some(done) = store.commit(commit).await? {
            last = done.last;
            tape.record(Event::Acknowledged(last));
        }
        if number == 3 {
            let copy = store.back_up(Reason::Asked, NOW + i64::from(round)).await?;
            tape.record(Event::CopyAcknowledged(copy.name, last));
        }
    }
    Ok(())
}
