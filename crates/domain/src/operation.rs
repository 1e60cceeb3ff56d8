//! The operation log's unit: a batch of register writes by an actor on a device. One user action is
//! one batch is one line of canonical JSON. The device id is not in the line: the key of the row
//! supplies it. Whether a batch counts is decided from its content alone, never from a local clock.

use crate::Millis;
use crate::canonical::{self, NotCanonical};
use crate::hlc::{self, Hlc};
use crate::ids::DeviceId;
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// Largest value of one write, in bytes of canonical JSON.
pub const MAX_VALUE: usize = 64 * 1024;
/// Largest batch, in bytes.
pub const MAX_BATCH: usize = 256 * 1024;
/// Most writes in one batch.
pub const MAX_WRITES: usize = 10_000;
/// Longest path of a register, in bytes.
pub const MAX_PATH: usize = 512;

/// The version of a register's value. Of two, the greater wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// Clock reading of the batch.
    pub hlc: Hlc,
    /// Device that wrote it.
    pub device: DeviceId,
    /// Sequence of the batch on that device, from 1.
    pub seq: u64,
}

/// The part of a version that a later write names: a device never uses a reading twice.
pub type SeenVersion = (Hlc, DeviceId);

/// One register write.
#[derive(Clone, Debug, PartialEq)]
pub struct Write {
    /// The entity.
    pub entity: Uuid,
    /// The register of the entity.
    pub path: String,
    /// The new value; null unsets.
    pub value: Value,
    /// The versions of this register that the author had on screen.
    pub seen: Vec<SeenVersion>,
}

/// One action.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// Per device, from 1, without gaps.
    pub seq: u64,
    /// Clock reading; greater than every earlier one of the device.
    pub hlc: Hlc,
    /// Who acted.
    pub actor: Uuid,
    /// The author's wall clock; for people only, order never depends on it.
    pub wall: Millis,
    /// Sorted by (entity, path), each pair at most once.
    pub writes: Vec<Write>,
}

/// Why a line is kept but not folded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Not canonical JSON.
    #[error(transparent)]
    NotCanonical(#[from] NotCanonical),
    /// A format or kind of a later version: kept byte for byte, folded after the upgrade.
    #[error("format of a later version: {0}")]
    Unknown(String),
    /// A key is missing or of the wrong form.
    #[error("{0} is missing or of the wrong form")]
    Form(&'static str),
    /// Over a cap.
    #[error("{0} is over its cap")]
    Cap(&'static str),
    /// Writes are not sorted, or two of them name the same register.
    #[error("writes are not sorted by entity and path, each once")]
    Order,
    /// The reading is not greater than the device's previous one.
    #[error("the clock of the device ran backwards")]
    Clock,
    /// The reading lies in the year 2200 or later.
    #[error("the clock reading is beyond the cap")]
    Future,
}

impl Batch {
    /// Version of this batch's writes on `device`.
    pub fn version(&self, device: DeviceId) -> Version {
        Version { hlc: self.hlc, device, seq: self.seq }
    }

    /// Sorts the writes as the format wants them. The last of two writes to one register stays.
    pub fn sort(&mut self) {
        self.writes.reverse();
        self.writes.sort_by(|a, b| (a.entity, &a.path).cmp(&(b.entity, &b.path)));
        self.writes.dedup_by(|later, earlier| {
            later.entity == earlier.entity && later.path == earlier.path
        });
    }

    /// The canonical line. Refuses what [`Batch::parse`] would refuse.
    pub fn to_line(&self) -> Result<String, Refused> {
        let writes: Vec<Value> = self
            .writes
            .iter()
            .map(|write| {
                let seen: Vec<Value> = write
                    .seen
                    .iter()
                    .map(|(hlc, device)| json!([hlc::to_hex(*hlc), device.to_hex()]))
                    .collect();
                json!({
                    "b": seen,
                    "e": write.entity.hyphenated().to_string(),
                    "p": write.path,
                    "x": write.value,
                })
            })
            .collect();
        let line = canonical::write(&json!({
            "a": self.actor.hyphenated().to_string(),
            "h": hlc::to_hex(self.hlc),
            "o": writes,
            "s": self.seq,
            "t": "batch",
            "v": 1,
            "w": self.wall,
        }))?;
        Self::parse(line.as_bytes())?;
        Ok(line)
    }

    /// Reads one line. The verdict depends on the line alone; the clock rule, which needs the
    /// device's previous reading, is [`Batch::follows`].
    pub fn parse(line: &[u8]) -> Result<Self, Refused> {
        if line.len() > MAX_BATCH {
            return Err(Refused::Cap("batch"));
        }
        let mut value = canonical::parse(line)?;
        let object = value.as_object_mut().ok_or(Refused::Form("batch"))?;
        let items = object.get_mut("o").map(Value::take);
        if object.get("v") != Some(&json!(1)) || object.get("t") != Some(&json!("batch")) {
            let named = |key| object.get(key).map_or_else(String::new, Value::to_string);
            return Err(Refused::Unknown(format!("v {}, t {}", named("v"), named("t"))));
        }
        let hlc = text(object, "h").and_then(hlc::from_hex).ok_or(Refused::Form("h"))?;
        if hlc >= hlc::CAP {
            return Err(Refused::Future);
        }
        let Some(Value::Array(items)) = items else { return Err(Refused::Form("o")) };
        if items.len() > MAX_WRITES {
            return Err(Refused::Cap("number of writes"));
        }
        // A value is no longer than its line.
        let long = line.len() > MAX_VALUE;
        let writes =
            items.into_iter().map(|item| parse_write(item, long)).collect::<Result<Vec<_>, _>>()?;
        let sorted = writes
            .windows(2)
            .all(|pair| (pair[0].entity, &pair[0].path) < (pair[1].entity, &pair[1].path));
        if !sorted {
            return Err(Refused::Order);
        }
        Ok(Self {
            seq: object
                .get("s")
                .and_then(Value::as_u64)
                .filter(|seq| *seq > 0)
                .ok_or(Refused::Form("s"))?,
            hlc,
            actor: text(object, "a").and_then(uuid).ok_or(Refused::Form("a"))?,
            wall: object.get("w").and_then(Value::as_i64).ok_or(Refused::Form("w"))?,
            writes,
        })
    }

    /// Whether the batch may follow a batch of the same device with reading `previous`.
    pub fn follows(&self, previous: Hlc) -> Result<(), Refused> {
        if self.hlc > previous { Ok(()) } else { Err(Refused::Clock) }
    }
}

/// Reads one write; of a `long` line each value is measured.
fn parse_write(mut item: Value, long: bool) -> Result<Write, Refused> {
    let object = item.as_object_mut().ok_or(Refused::Form("o"))?;
    let value = object.get_mut("x").map(Value::take);
    let path = text(object, "p").filter(|path| !path.is_empty()).ok_or(Refused::Form("p"))?;
    if path.len() > MAX_PATH {
        return Err(Refused::Cap("path"));
    }
    let value = value.ok_or(Refused::Form("x"))?;
    if long && value.to_string().len() > MAX_VALUE {
        return Err(Refused::Cap("value"));
    }
    let seen = object
        .get("b")
        .and_then(Value::as_array)
        .ok_or(Refused::Form("b"))?
        .iter()
        .map(|pair| {
            let [hlc, device] = pair.as_array()?.as_slice() else {
                return None;
            };
            Some((hlc::from_hex(hlc.as_str()?)?, DeviceId::from_hex(device.as_str()?)?))
        })
        .collect::<Option<Vec<_>>>()
        .ok_or(Refused::Form("b"))?;
    Ok(Write {
        entity: text(object, "e").and_then(uuid).ok_or(Refused::Form("e"))?,
        path: path.to_owned(),
        value,
        seen,
    })
}

fn text<'a>(object: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    object.get(key).and_then(Value::as_str)
}

fn uuid(text: &str) -> Option<Uuid> {
    let id = Uuid::try_parse(text).ok()?;
    (id.hyphenated().to_string() == text).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch() -> Batch {
        let device = DeviceId([7; 16]);
        Batch {
            seq: 17,
            hlc: 0x019a_a0b1_c2d3_0000,
            actor: Uuid::from_u128(1),
            wall: 1_763_900_000_000,
            writes: vec![Write {
                entity: Uuid::from_u128(2),
                path: "name".into(),
                value: json!("canary since Tuesday"),
                seen: vec![(0x019a_a0b0_f1e2_0000, device)],
            }],
        }
    }

    #[test]
    fn a_batch_round_trips_to_the_same_bytes() {
        let line = batch().to_line().unwrap();
        let read = Batch::parse(line.as_bytes()).unwrap();
        assert_eq!(read, batch());
        assert_eq!(read.to_line().unwrap(), line);
    }

    #[test]
    fn content_rules_refuse() {
        let line = batch().to_line().unwrap();
        let check = |from: &str, to: &str, expect: &str| {
            let changed = line.replacen(from, to, 1);
            assert_ne!(changed, line, "{from:?} must occur in the line");
            let verdict = Batch::parse(changed.as_bytes()).unwrap_err().to_string();
            assert!(verdict.contains(expect), "{to:?} gave {verdict:?}, expected {expect:?}");
        };
        check(r#""v":1"#, r#""v":2"#, "later version");
        check(r#""t":"batch""#, r#""t":"snapshot""#, "later version");
        check(r#""s":17"#, r#""s":0"#, "s is missing");
        check(r#""h":"019aa0b1c2d30000""#, r#""h":"0699e991a8000000""#, "beyond the cap");
        check(r#""s":17"#, r#""s": 17"#, "canonical spelling");
        check(r#""p":"name""#, r#""p":"""#, "p is missing");
        check("canary", &"x".repeat(MAX_VALUE), "value is over its cap");
    }

    #[test]
    fn two_writes_to_one_register_are_refused_and_sorting_keeps_the_last() {
        let mut twice = batch();
        twice.writes.push(Write { value: json!("later"), ..twice.writes[0].clone() });
        assert_eq!(twice.to_line(), Err(Refused::Order));
        twice.sort();
        assert_eq!(twice.writes.len(), 1);
        assert_eq!(twice.writes[0].value, json!("later"));
    }

    #[test]
    fn the_clock_of_a_device_only_runs_forward() {
        let batch = batch();
        assert!(batch.follows(batch.hlc - 1).is_ok());
        assert_eq!(batch.follows(batch.hlc), Err(Refused::Clock));
    }
}
