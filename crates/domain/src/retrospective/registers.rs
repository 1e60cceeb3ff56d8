//! Registers of things as they are filled and read: what is unset is left out, and what does not fit
//! is as if it were unset.

use crate::Millis;
use crate::change::{Entity, Kind, path};
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Registers as they are filled.
#[derive(Default)]
pub(super) struct Registers(pub(super) BTreeMap<String, Value>);

impl Registers {
    pub(super) fn set(&mut self, register: &str, value: impl Into<Value>) {
        self.0.insert(register.to_owned(), value.into());
    }

    pub(super) fn some(&mut self, register: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.set(register, value);
        }
    }

    pub(super) fn elements<T: ToString>(&mut self, set: &str, elements: &BTreeSet<T>) {
        for element in elements {
            let register = path::element(set, &element.to_string());
            self.set(&register, true);
        }
    }
}

/// Registers as they are read; what does not fit is as if it were unset.
pub(super) struct Reader<'a>(&'a Entity);

impl<'a> Reader<'a> {
    pub(super) fn of(entity: &'a Entity, kind: Kind) -> Option<Self> {
        (entity.kind() == Some(kind) && entity.lives()).then_some(Self(entity))
    }

    pub(super) fn id(&self, register: &str) -> Option<Uuid> {
        self.0.text(register).and_then(|id| Uuid::try_parse(id).ok())
    }

    pub(super) fn ids(&self, set: &str) -> BTreeSet<Uuid> {
        self.0.set(set).iter().filter_map(|id| Uuid::try_parse(id).ok()).collect()
    }

    pub(super) fn number(&self, register: &str) -> Option<Millis> {
        self.0.registers.get(register)?.as_i64()
    }

    pub(super) fn word<T: Default>(&self, register: &str, read: fn(&str) -> Option<T>) -> T {
        self.0.text(register).and_then(read).unwrap_or_default()
    }

    pub(super) fn json<T: for<'de> Deserialize<'de>>(&self, register: &str) -> Option<T> {
        serde_json::from_value(self.0.registers.get(register)?.clone()).ok()
    }

    pub(super) fn values<T: for<'de> Deserialize<'de>>(
        &self,
        map: &'static str,
    ) -> impl Iterator<Item = (String, T)> + '_ {
        self.0.registers.iter().filter_map(move |(register, value)| {
            let element = path::element_of(register, map)?;
            Some((element, serde_json::from_value(value.clone()).ok()?))
        })
    }

    pub(super) fn counts(&self, map: &'static str) -> [u32; 5] {
        let mut counts = [0; 5];
        for (rating, count) in self.values::<u32>(map) {
            let place = rating.parse::<usize>().ok().and_then(|rating| rating.checked_sub(1));
            if let Some(slot) = place.and_then(|place| counts.get_mut(place)) {
                *slot = count;
            }
        }
        counts
    }
}
