//! Folding: state is a map (entity, path) → value, and a write replaces the entry exactly when its
//! version is greater. That is commutative, associative and idempotent, so any order, repetition or
//! partial delivery of batches ends in the same state.
//!
//! `store` does the same in SQL; this in-memory form is its oracle in the tests, and the reference
//! for what a conflict is.

use crate::hlc;
use crate::ids::DeviceId;
use crate::operation::{Batch, SeenVersion, Version, Write};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// All writes to one register.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Register {
    writes: BTreeMap<Version, (Value, Vec<SeenVersion>)>,
}

impl Register {
    /// The value in force.
    pub fn winner(&self) -> Option<(&Version, &Value)> {
        self.writes.iter().next_back().map(|(version, (value, _))| (version, value))
    }

    /// All writes, greatest last. Nothing that was written is lost, whoever won.
    pub fn writes(&self) -> impl DoubleEndedIterator<Item = (&Version, &Value)> {
        self.writes.iter().map(|(version, (value, _))| (version, value))
    }

    /// Writes that no other write names, greatest last. The winner is always one of them. Names
    /// that are not smaller than the write itself are ignored, which keeps the relation acyclic.
    pub fn heads(&self) -> Vec<(&Version, &Value)> {
        let named: BTreeSet<SeenVersion> = self.named().collect();
        self.writes
            .iter()
            .filter(|(version, _)| !named.contains(&(version.hlc, version.device)))
            .map(|(version, (value, _))| (version, value))
            .collect()
    }

    /// Two or more heads with different values, unless a version that somebody saw has not arrived
    /// yet: then it is too early to tell.
    pub fn in_conflict(&self) -> bool {
        let arrived: BTreeSet<SeenVersion> =
            self.writes.keys().map(|version| (version.hlc, version.device)).collect();
        if self.named().any(|seen| !arrived.contains(&seen)) {
            return false;
        }
        let heads = self.heads();
        heads.iter().any(|(_, value)| *value != heads[0].1)
    }

    fn named(&self) -> impl Iterator<Item = SeenVersion> + '_ {
        self.writes.iter().flat_map(|(version, (_, seen))| {
            seen.iter().copied().filter(|seen| *seen < (version.hlc, version.device))
        })
    }
}

/// The folded state of a log.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Registers {
    registers: BTreeMap<(Uuid, String), Register>,
    clock: hlc::Hlc,
}

impl Registers {
    /// Folds one batch of one device in.
    pub fn fold(&mut self, device: DeviceId, batch: &Batch) {
        self.clock = hlc::seen(self.clock, batch.hlc);
        for write in &batch.writes {
            self.fold_write(batch.version(device), write);
        }
    }

    fn fold_write(&mut self, version: Version, write: &Write) {
        self.registers
            .entry((write.entity, write.path.clone()))
            .or_default()
            .writes
            .insert(version, (write.value.clone(), write.seen.clone()));
    }

    /// One register.
    pub fn get(&self, entity: Uuid, path: &str) -> Option<&Register> {
        self.registers.get(&(entity, path.to_owned()))
    }

    /// All registers in order.
    pub fn iter(&self) -> impl Iterator<Item = (&(Uuid, String), &Register)> {
        self.registers.iter()
    }

    /// The greatest clock reading folded.
    pub fn clock(&self) -> hlc::Hlc {
        self.clock
    }

    /// `BLAKE3("pilotage-state-v1" ‖ registers sorted by (entity, path), length-prefixed, with
    /// their versions)`. Equal version vectors with unequal hashes are a divergence.
    pub fn state_hash(&self) -> String {
        let mut hash = StateHash::new();
        for ((entity, path), register) in &self.registers {
            if let Some((version, value)) = register.winner() {
                hash.register(*entity, path, *version, &value.to_string());
            }
        }
        hash.finish()
    }
}

/// Hashes registers that are fed in order of (entity, path).
pub struct StateHash(blake3::Hasher);

impl StateHash {
    /// An empty state.
    #[expect(clippy::new_without_default, reason = "an empty hash is a start, not a default")]
    pub fn new() -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(b"pilotage-state-v1");
        Self(hasher)
    }

    /// Feeds one register, its value as canonical JSON.
    pub fn register(&mut self, entity: Uuid, path: &str, version: Version, value: &str) {
        let mut part = |bytes: &[u8]| {
            self.0.update(&(bytes.len() as u64).to_le_bytes());
            self.0.update(bytes);
        };
        part(entity.as_bytes());
        part(path.as_bytes());
        part(value.as_bytes());
        part(&version.hlc.to_be_bytes());
        part(&version.device.0);
        part(&version.seq.to_be_bytes());
    }

    /// 64 hex digits.
    pub fn finish(self) -> String {
        self.0.finalize().to_hex().to_string()
    }
}
