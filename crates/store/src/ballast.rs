//! A file that takes up space, so that it can be given back when the disk is full: enough for one
//! checkpoint, a clean close and the change that could not be saved. Its bytes are random, since
//! file systems that compress make zeros worth nothing. Snapshots may keep its blocks: it helps, and
//! nothing relies on it.

use crate::disk::Disk;
use crate::error::StoreError;
use crate::lock::beside;
use std::io;
use std::path::Path;
use uuid::Uuid;

/// Its size in bytes.
pub const BALLAST: usize = 16 * 1024 * 1024;

const ENDING: &str = ".ballast";

/// Makes the ballast of a workspace where there is room for it ten times over.
pub(crate) fn take_on(disk: &dyn Disk, workspace: &Path) -> Result<(), StoreError> {
    let path = beside(workspace, ENDING);
    if std::fs::metadata(&path).is_ok_and(|facts| facts.len() == BALLAST as u64) {
        return Ok(());
    }
    let free = disk.free(&crate::disk::folder_of(workspace));
    if free.is_some_and(|free| free < 10 * BALLAST as u64) {
        return Ok(());
    }
    let written = disk.write(&path, &random()).and_then(|()| crate::connect::owner_only(&path));
    if written.is_err() {
        disk.remove(&path)?;
    }
    Ok(())
}

/// Gives the space back. Says whether there was any.
pub(crate) fn drop_it(disk: &dyn Disk, workspace: &Path) -> bool {
    let path = beside(workspace, ENDING);
    path.exists() && disk.remove(&path).is_ok()
}

/// Whether the disk of the workspace takes 64 KiB more. Some refusals of the database do not say
/// that space was the reason.
pub(crate) fn is_full(disk: &dyn Disk, workspace: &Path) -> bool {
    let path = beside(workspace, ".probe");
    let error = disk.write(&path, &vec![0x5a; 64 * 1024]).err();
    let _ = disk.remove(&path);
    error.is_some_and(|error| {
        matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
    })
}

/// `SplitMix64` from a random seed: not secret, only not compressible.
fn random() -> Vec<u8> {
    let (mut state, _) = Uuid::new_v4().as_u64_pair();
    let mut bytes = Vec::with_capacity(BALLAST);
    while bytes.len() < BALLAST {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bytes.extend((mixed ^ (mixed >> 31)).to_le_bytes());
    }
    bytes
}
