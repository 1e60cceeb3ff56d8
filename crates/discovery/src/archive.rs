//! An export of Pilotage, read and checked: the log of each device, ready to be handed on.
//!
//! What an export says beside its log (services, stages …) is never read: it follows from the log.

use std::collections::BTreeMap;

use pilotage_domain::canonical;
use pilotage_domain::ids::DeviceId;
use pilotage_domain::operation::{Batch, MAX_BATCH};
use pilotage_domain::registers::Registers;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use uuid::Uuid;

/// Version of the document that is written and read.
pub const FORMAT: u32 = 1;

/// A read and checked export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archive {
    /// The programme.
    pub workspace: Uuid,
    /// Hash of the state that the log folds to.
    pub state_hash: String,
    /// What each device wrote.
    pub devices: BTreeMap<DeviceId, DeviceLog>,
}

/// Why an export is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}.")]
pub struct ArchiveRefused {
    /// `not_an_export`, `export_newer` or `export_damaged`: for programs, it stays.
    pub reason: &'static str,
    /// A sentence without its end.
    pub problem: String,
}

/// What one device wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeviceLog {
    /// Canonical lines in order of their sequence, and the sequences.
    pub lines: Vec<(u64, Vec<u8>)>,
    /// Lines that were set aside, whatever they hold.
    pub set_aside: Vec<Vec<u8>>,
}

impl DeviceLog {
    /// All lines, for the intake of the store.
    pub fn all(&self) -> Vec<Vec<u8>> {
        let lines = self.lines.iter().map(|(_, line)| line);
        lines.chain(&self.set_aside).cloned().collect()
    }
}

#[derive(Deserialize)]
struct Document {
    format: u32,
    programme: Programme,
    state_hash: String,
    log: Vec<Line>,
    #[serde(default)]
    set_aside: Vec<Aside>,
}

#[derive(Deserialize)]
struct Programme {
    workspace: Workspace,
}

#[derive(Deserialize)]
struct Workspace {
    id: Uuid,
}

#[derive(Deserialize)]
struct Line {
    device: DeviceId,
    #[serde(deserialize_with = "canonical_line")]
    batch: String,
}

#[derive(Deserialize)]
struct Aside {
    device: DeviceId,
    line_hex: String,
}

/// However the document was laid out, each batch is brought to the one spelling that counts.
fn canonical_line<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    canonical::write(&Value::deserialize(deserializer)?).map_err(D::Error::custom)
}

impl Archive {
    /// Reads and checks the text of an export.
    pub fn parse(text: &str) -> Result<Self, ArchiveRefused> {
        let document: Document = serde_json::from_str(text).map_err(|error| {
            refuse("not_an_export", format!("this is no export of Pilotage ({error})"))
        })?;
        if document.format != FORMAT {
            let why = format!(
                "the export has format {}, and this version reads format {FORMAT}; update Pilotage",
                document.format
            );
            return Err(refuse("export_newer", why));
        }
        let workspace = document.programme.workspace.id;
        let mut archive =
            Self { workspace, state_hash: document.state_hash, devices: BTreeMap::new() };
        for aside in document.set_aside {
            let line =
                from_hex(&aside.line_hex).filter(|line| line.len() <= MAX_BATCH).ok_or_else(
                    || refuse("export_damaged", "a line that was set aside is damaged".to_owned()),
                )?;
            archive.devices.entry(aside.device).or_default().set_aside.push(line);
        }
        let mut state = Registers::default();
        let mut clocks: BTreeMap<DeviceId, (u64, u64)> = BTreeMap::new();
        for (index, line) in document.log.into_iter().enumerate() {
            let number = index + 1;
            let damaged =
                |why: &str| refuse("export_damaged", format!("entry {number} of the log {why}"));
            let batch = Batch::parse(line.batch.as_bytes())
                .map_err(|error| damaged(&format!("breaks a rule of the log: {error}")))?;
            let (seq, clock) = clocks.get(&line.device).copied().unwrap_or_default();
            if batch.seq <= seq || batch.follows(clock).is_err() {
                return Err(damaged("stands out of order"));
            }
            clocks.insert(line.device, (batch.seq, batch.hlc));
            if batch.seq == 1 && !introduces(&batch, line.device, workspace) {
                return Err(damaged("belongs to another programme"));
            }
            state.fold(line.device, &batch);
            let log = archive.devices.entry(line.device).or_default();
            log.lines.push((batch.seq, line.batch.into_bytes()));
        }
        if state.state_hash() != archive.state_hash {
            let why = "the log does not give the state that the export names: entries are missing or were changed";
            return Err(refuse("export_damaged", why.to_owned()));
        }
        Ok(archive)
    }
}

/// Whether the first batch of a device introduces it to this programme. One without an introduction
/// is as good as one: the id of the entity it writes to is the programme's.
fn introduces(batch: &Batch, device: DeviceId, workspace: Uuid) -> bool {
    let entity = Uuid::from_bytes(device.0);
    let written =
        batch.writes.iter().find(|write| write.entity == entity && write.path == "device");
    written
        .and_then(|write| write.value.get("workspace"))
        .is_none_or(|id| id.as_str() == Some(workspace.to_string().as_str()))
}

fn refuse(reason: &'static str, problem: String) -> ArchiveRefused {
    ArchiveRefused { reason, problem }
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    // The parser of numbers would take a sign.
    if !text.len().is_multiple_of(2) || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok())
        .collect()
}

/// Two digits a byte, as lines that were set aside are written.
pub fn to_hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a text does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use pilotage_domain::operation::Write;
    use serde_json::json;

    #[test]
    fn hex_reads_back() {
        let bytes: Vec<u8> = (0..=255).collect();
        assert_eq!(from_hex(&to_hex(&bytes)), Some(bytes));
        for bad in ["0", "0g", "+1", "éé"] {
            assert_eq!(from_hex(bad), None, "{bad}");
        }
    }

    const WORKSPACE: Uuid = Uuid::from_u128(0x0192_f0c4_6c1e_7b35_9d0e_3f6f_1c2a_7b11);

    /// Two devices, three batches, one line set aside.
    fn export() -> Value {
        let device = |byte| DeviceId([byte; 16]);
        let write = |entity, path: &str, value: Value| Write {
            entity,
            path: path.to_owned(),
            value,
            seen: Vec::new(),
        };
        let introduction = |byte| {
            let value = json!({"app": "0.1.0", "name": "d", "workspace": WORKSPACE.to_string()});
            write(Uuid::from_bytes([byte; 16]), "device", value)
        };
        let mut state = Registers::default();
        let mut log = Vec::new();
        for (byte, seq, writes) in [
            (1, 1, vec![introduction(1), write(WORKSPACE, "name", json!("Shop"))]),
            (2, 1, vec![introduction(2)]),
            (1, 2, vec![write(WORKSPACE, "name", json!("Store"))]),
        ] {
            let hlc = 0x0199_0000_0000_0000 + log.len() as u64;
            let mut batch = Batch { seq, hlc, actor: Uuid::nil(), wall: 5, writes };
            batch.sort();
            state.fold(device(byte), &batch);
            let line: Value = serde_json::from_str(&batch.to_line().unwrap()).unwrap();
            log.push(json!({"device": device(byte).to_hex(), "batch": line}));
        }
        json!({
            "format": FORMAT,
            "programme": {"workspace": {"id": WORKSPACE.to_string()}},
            "state_hash": state.state_hash(),
            "log": log,
            "set_aside": [{"device": device(2).to_hex(), "line_hex": to_hex(b"{\"s\":2}")}],
        })
    }

    #[test]
    fn an_export_is_read_and_an_altered_one_is_not() {
        let archive = Archive::parse(&export().to_string()).unwrap();
        assert_eq!((archive.workspace, archive.devices.len()), (WORKSPACE, 2));
        let lines: Vec<usize> = archive.devices.values().map(|log| log.all().len()).collect();
        assert_eq!(lines, [2, 2]);
        let check = |change: &dyn Fn(&mut Value), says: &str| {
            let mut export = export();
            change(&mut export);
            let error = Archive::parse(&export.to_string()).unwrap_err();
            assert_eq!(error.reason, "export_damaged", "{error}");
            assert!(error.problem.contains(says), "{says}: {error}");
        };
        check(&|value| value["log"].as_array_mut().unwrap().swap(0, 2), "out of order");
        check(&|value| value["log"][2] = value["log"][0].clone(), "out of order");
        check(&|value| value["log"][2]["batch"]["s"] = 0.into(), "breaks a rule");
        check(
            &|value| value["log"][2]["batch"]["o"][0]["x"] = "x".into(),
            "does not give the state",
        );
        check(&|value| drop(value["log"].as_array_mut().unwrap().pop()), "does not give the state");
        let other = Uuid::nil().to_string();
        check(
            &|value| value["programme"]["workspace"]["id"] = other.clone().into(),
            "another programme",
        );
        check(&|value| value["set_aside"][0]["line_hex"] = "0g".into(), "set aside");
    }

    #[test]
    fn what_is_no_export_is_refused_with_its_reason() {
        let check = |text: &str, reason: &str| {
            let error = Archive::parse(text).unwrap_err();
            assert_eq!(error.reason, reason, "{text}: {error}");
        };
        let of = |format: u32, hash: &str, log: &str| {
            let id = Uuid::nil();
            format!(
                r#"{{"format":{format},"programme":{{"workspace":{{"id":"{id}"}}}},"state_hash":"{hash}","log":[{log}]}}"#
            )
        };
        let empty = Registers::default().state_hash();
        assert!(Archive::parse(&of(1, &empty, "")).is_ok(), "the control");
        check("", "not_an_export");
        check("{}", "not_an_export");
        check(&of(2, &empty, ""), "export_newer");
        check(&of(1, "00", ""), "export_damaged");
        let device = "0".repeat(32);
        check(
            &of(1, &empty, &format!(r#"{{"device":"{device}","batch":{{}}}}"#)),
            "export_damaged",
        );
        check(&of(1, &empty, &format!(r#"{{"device":"{device}","batch":1.5}}"#)), "not_an_export");
        check(&of(1, &empty, r#"{"device":"x","batch":{}}"#), "not_an_export");
    }
}
