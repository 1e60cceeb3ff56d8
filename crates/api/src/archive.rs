//! An export of Pilotage, imported: a new programme with the same log, or what is new in it for a
//! programme that has it already. The log goes through the store's intake for other devices, so that
//! nothing counts here that would not count coming from a colleague.

use crate::app::{App, OpenOptions, Watch};
use crate::clock::Clock;
use crate::device::DeviceFile;
use crate::dto::import::{ImportReport, ImportedLog};
use crate::error::{ApiError, Code};
use crate::host::NoDialogs;
use crate::imports::{ImportFormat, name_of, rejected};
use pilotage_discovery::archive::Archive as Checked;
use pilotage_domain::ids::DeviceId;
use pilotage_domain::operation::Batch;
use pilotage_store::Store;
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
pub struct Archive(Checked);

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
        let checked = Checked::parse(&text)
            .map_err(|error| refuse(error.reason, &error.problem).with("file", name))?;
        Ok(Self(checked))
    }

    fn is_of(&self, app: &App) -> Result<(), ApiError> {
        if self.0.workspace == app.store.workspace() {
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
            devices: u32::try_from(self.0.devices.len()).unwrap_or(u32::MAX),
            ..ImportedLog::default()
        };
        for (device, theirs) in &self.0.devices {
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
    async fn pour(&self, app: &App) -> Result<(), ApiError> {
        for (device, log) in &self.0.devices {
            app.store.receive(*device, log.all(), app.clock.now()).await?;
        }
        Ok(())
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
        let created = Store::create(path, self.0.workspace, clock.now()).await;
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
        let (file, mut notes) = DeviceFile::load(data_folder, self.0.workspace, path)?;
        if self.0.devices.contains_key(&notes.device) {
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
        if hash? == self.0.state_hash {
            return Ok(());
        }
        let why = "the log has gaps: not all of it counts here";
        Err(refuse("export_damaged", why))
    }
}

fn refuse(reason: &str, why: &str) -> ApiError {
    let mut letters = why.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    let message = format!("{first}{}. Nothing was imported.", letters.as_str());
    ApiError::new(Code::FileRejected, message).with("reason", reason)
}
