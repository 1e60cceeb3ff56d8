//! An export of Pilotage, read again: a new programme with the same log, or what is new in it for a
//! programme that has it already. The log goes through the store's intake for other devices, so that
//! nothing counts here that would not count coming from a colleague.
//!
//! What an export says beside its log (services, stages …) is never read: it follows from the log.

use crate::app::{App, OpenOptions, Watch};
use crate::clock::Clock;
use crate::device::DeviceFile;
use crate::dto::import::{ImportReport, ImportedLog};
use crate::error::{ApiError, Code};
use crate::export::FORMAT;
use crate::host::NoDialogs;
use crate::imports::{ImportFormat, name_of, rejected};
use pilotage_domain::canonical;
use pilotage_domain::ids::DeviceId;
use pilotage_domain::operation::{Batch, MAX_BATCH};
use pilotage_domain::registers::Registers;
use pilotage_store::{Received, Store};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;
use uuid::Uuid;

/// Largest export, in MiB: some hundred thousand actions.
const MAX_MIB: u64 = 64;
/// How much of a file is looked at to tell an export.
const HEAD: u64 = 4096;

/// A read and checked export.
#[derive(Debug)]
pub struct Archive {
    workspace: Uuid,
    state_hash: String,
    devices: BTreeMap<DeviceId, DeviceLog>,
}

/// What one device wrote.
#[derive(Debug, Default)]
struct DeviceLog {
    /// Canonical lines in order of their sequence, and the sequences.
    lines: Vec<(u64, Vec<u8>)>,
    /// Lines that were set aside, whatever they hold.
    set_aside: Vec<Vec<u8>>,
}

impl DeviceLog {
    fn all(&self) -> Vec<Vec<u8>> {
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
    /// Whether a file begins like an export.
    pub(crate) fn is_one(file: &Path) -> bool {
        let mut head = Vec::new();
        let is_file = std::fs::metadata(file).is_ok_and(|metadata| metadata.is_file());
        let read = is_file
            && std::fs::File::open(file)
                .is_ok_and(|file| file.take(HEAD).read_to_end(&mut head).is_ok());
        let head = String::from_utf8_lossy(&head);
        let head = head.trim_start_matches('\u{feff}').trim_start();
        read && head.starts_with('{')
            && head.contains("\"format\"")
            && head.contains("\"exported_at\"")
    }

    /// Reads and checks a file. Errors say that nothing was imported.
    pub fn read(file: &Path) -> Result<Self, ApiError> {
        let name = name_of(file);
        let text = pilotage_discovery::read_text_up_to(file, &name, MAX_MIB)
            .map_err(|error| rejected(&error))?;
        Self::parse(&text).map_err(|error| error.with("file", name))
    }

    /// Reads and checks the text of an export.
    pub fn parse(text: &str) -> Result<Self, ApiError> {
        let document: Document = serde_json::from_str(text).map_err(|error| {
            let why = format!("this is no export of Pilotage ({error})");
            // Programs that read it get the line as for every other file.
            refuse("not_an_export", &why).with("line", error.line())
        })?;
        if document.format != FORMAT {
            let why = format!(
                "the export has format {}, and this version reads format {FORMAT}; update Pilotage",
                document.format
            );
            return Err(refuse("export_newer", &why));
        }
        let workspace = document.programme.workspace.id;
        let mut archive =
            Self { workspace, state_hash: document.state_hash, devices: BTreeMap::new() };
        for aside in document.set_aside {
            let line = from_hex(&aside.line_hex)
                .filter(|line| line.len() <= MAX_BATCH)
                .ok_or_else(|| refuse("export_damaged", "a line that was set aside is damaged"))?;
            archive.devices.entry(aside.device).or_default().set_aside.push(line);
        }
        let mut state = Registers::default();
        let mut clocks: BTreeMap<DeviceId, (u64, u64)> = BTreeMap::new();
        for (index, line) in document.log.into_iter().enumerate() {
            let number = index + 1;
            let damaged =
                |why: &str| refuse("export_damaged", &format!("entry {number} of the log {why}"));
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
            return Err(refuse("export_damaged", why));
        }
        Ok(archive)
    }

    fn is_of(&self, app: &App) -> Result<(), ApiError> {
        if self.workspace == app.store.workspace() {
            return Ok(());
        }
        let why = "the export is of another programme, and two programmes cannot be joined; make a \
                   new one from it with `pilotage init --from FILE`";
        Err(refuse("other_programme", why))
    }

    /// Actions that are new here and that are known, after a look for a log that was written twice.
    async fn compare(&self, app: &App) -> Result<ImportedLog, ApiError> {
        self.is_of(app)?;
        let mut here: BTreeMap<DeviceId, BTreeMap<u64, Vec<u8>>> = BTreeMap::new();
        for (device, line) in app.store.log().await? {
            let seq = Batch::parse(&line).map_or(0, |batch| batch.seq);
            here.entry(device).or_default().insert(seq, line);
        }
        let mut log = ImportedLog {
            devices: u32::try_from(self.devices.len()).unwrap_or(u32::MAX),
            ..ImportedLog::default()
        };
        for (device, theirs) in &self.devices {
            let ours = here.get(device);
            for (seq, line) in &theirs.lines {
                match ours.and_then(|ours| ours.get(seq)) {
                    None => log.new += 1,
                    Some(known) if known == line => log.known += 1,
                    Some(_) => {
                        let why = format!(
                            "the device {} wrote two different logs: one is here, the other in the \
                             export. Ask who worked on a copy of the file",
                            device.short()
                        );
                        return Err(refuse("log_forked", &why));
                    }
                }
            }
            log.set_aside += u32::try_from(theirs.set_aside.len()).unwrap_or(u32::MAX);
        }
        Ok(log)
    }

    /// What [`Archive::merge`] would do.
    pub(crate) async fn preview(&self, app: &App) -> Result<ImportReport, ApiError> {
        let log = self.compare(app).await?;
        let format = ImportFormat::PILOTAGE.to_owned();
        Ok(ImportReport { format, log: Some(log), ..ImportReport::default() })
    }

    /// Adds what is new to the programme.
    pub(crate) async fn merge(&self, app: &App) -> Result<ImportReport, ApiError> {
        let report = self.preview(app).await?;
        self.pour(app).await?;
        Ok(report)
    }

    /// Hands the log to the store, device by device.
    async fn pour(&self, app: &App) -> Result<Received, ApiError> {
        let mut all = Received::default();
        for (device, log) in &self.devices {
            let received = app.store.receive(*device, log.all(), app.clock.now()).await?;
            all.folded += received.folded;
            all.known += received.known;
            all.quarantined += received.quarantined;
        }
        Ok(all)
    }

    /// Makes a new programme file with the export's log and workspace id. Afterwards this device is a
    /// new one of the programme, even where it wrote parts of the log: what it wrote after the export
    /// is lost here, and must not be written a second time under the same numbers.
    pub async fn create(
        &self,
        path: &Path,
        data_folder: &Path,
        clock: Clock,
    ) -> Result<(), ApiError> {
        let created = Store::create(path, self.workspace, clock.now()).await;
        created.map_err(|error| ApiError::opening(error, path))?;
        let filled = self.fill(path, data_folder, clock).await;
        if filled.is_err() {
            // Made a moment ago by us: nothing of anybody's is in it.
            for ending in ["", "-wal", "-shm"] {
                let mut file = path.as_os_str().to_owned();
                file.push(ending);
                let _ = std::fs::remove_file(file);
            }
        }
        filled
    }

    async fn fill(&self, path: &Path, data_folder: &Path, clock: Clock) -> Result<(), ApiError> {
        let (file, mut notes) = DeviceFile::load(data_folder, self.workspace, path)?;
        if self.devices.contains_key(&notes.device) {
            notes.device = DeviceId(*Uuid::new_v4().as_bytes());
            file.write(&notes)?;
        }
        let options = OpenOptions {
            workspace: path.to_owned(),
            data_folder: data_folder.to_owned(),
            clock,
            watch: Watch::No,
        };
        let app = App::open(options, Arc::new(NoDialogs)).await?;
        let poured = self.pour(&app).await;
        let hash = app.store.state_hash().await;
        app.close().await;
        poured?;
        if hash? == self.state_hash {
            return Ok(());
        }
        let why = "the log has gaps: not all of it counts here";
        Err(refuse("export_damaged", why))
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

fn refuse(reason: &str, why: &str) -> ApiError {
    let mut letters = why.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    let message = format!("{first}{}. Nothing was imported.", letters.as_str());
    ApiError::new(Code::FileRejected, message).with("reason", reason)
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok())
        .collect()
}

/// What [`from_hex`] reads.
pub(crate) fn to_hex(bytes: &[u8]) -> String {
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

    #[test]
    fn hex_reads_back() {
        let bytes: Vec<u8> = (0..=255).collect();
        assert_eq!(from_hex(&to_hex(&bytes)), Some(bytes));
        for bad in ["0", "0g", "+1", "éé"] {
            assert_eq!(from_hex(bad), None, "{bad}");
        }
    }

    #[test]
    fn what_is_no_export_is_refused_with_its_reason() {
        let check = |text: &str, reason: &str| {
            let error = Archive::parse(text).unwrap_err();
            assert_eq!(error.code, Code::FileRejected, "{text}");
            assert_eq!(error.params.get("reason").map(String::as_str), Some(reason), "{error}");
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
