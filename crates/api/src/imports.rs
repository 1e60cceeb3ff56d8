//! Import: files are read, compared with the programme, shown, and only then applied. A re-import
//! compares with what was last imported, changes only fields that nobody edited, and lists the
//! others as *differs*; the person takes those field by field.
//!
//! An export of Pilotage is a log and not an inventory: see [`crate::archive`].

mod plan;

use crate::app::App;
use crate::archive::Archive;
use crate::dto::import::{ApplyImport, ImportReport, MapImport, TakeField};
use crate::error::{ApiError, Code};
use crate::names::Names;
use pilotage_discovery::{Discovered, DiscoveryError, Field, Format, Request};
use pilotage_store::{BatchRange, Commit};
use plan::plan;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};
use uuid::Uuid;

/// Previews that are remembered; older ones expire.
const PREVIEWS: usize = 8;

/// What files can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportFormat {
    /// An inventory.
    Inventory(Format),
    /// An export of Pilotage, JSON.
    Pilotage,
}

impl ImportFormat {
    /// Word of [`ImportFormat::Pilotage`].
    pub const PILOTAGE: &str = "pilotage";

    /// Reads a word.
    pub fn from_word(word: &str) -> Option<Self> {
        if word.trim().eq_ignore_ascii_case(Self::PILOTAGE) {
            return Some(Self::Pilotage);
        }
        Format::from_word(word).map(Self::Inventory)
    }
}

/// Which files to import, and how.
#[derive(Debug, Clone, Default)]
pub struct ImportFiles {
    /// Files of one format; compose files are merged in order. For manifests, folders too.
    pub files: Vec<PathBuf>,
    /// The format; without it, it is recognised by content.
    pub format: Option<ImportFormat>,
    /// Compose: files of variables, besides `.env` next to the first compose file.
    pub env_files: Vec<PathBuf>,
    /// Compose: profiles to take; none takes every service.
    pub profiles: Vec<String>,
    /// Tables: title of a column and the word of the field it holds; none leaves it out.
    pub columns: Vec<(String, Option<String>)>,
}

/// A preview that may be applied.
#[derive(Debug, Clone)]
pub struct Preview {
    request: ImportFiles,
    files: Vec<String>,
    content: Arc<Content>,
}

/// What was read.
#[derive(Debug)]
enum Content {
    Inventory(Discovered),
    Pilotage(Archive),
}

/// Reads files and says what an import would do. Nothing is changed.
pub async fn preview(app: &App, request: ImportFiles) -> Result<ImportReport, ApiError> {
    let columns = columns(&request.columns)?;
    let files = request.clone();
    // Reading and parsing block: off the async threads.
    let content =
        tokio::task::spawn_blocking(move || read(files, columns)).await.map_err(|error| {
            ApiError::new(Code::Internal, "The importer stopped. Nothing was changed.")
                .with("detail", error)
        })??;
    let report = match &content {
        Content::Inventory(discovered) => plan(app, discovered, &[]).await?.report,
        Content::Pilotage(archive) => archive.preview(app).await?,
    };
    let token = Uuid::new_v4().simple().to_string();
    let files: Vec<String> = request.files.iter().map(|file| name_of(file)).collect();
    let preview = Preview { request, files: files.clone(), content: Arc::new(content) };
    let mut previews = app.previews.lock().unwrap_or_else(PoisonError::into_inner);
    if previews.len() >= PREVIEWS {
        previews.clear();
    }
    previews.insert(token.clone(), preview);
    Ok(ImportReport { token: Some(token), files, ..report })
}

/// Previews the same files again, with other columns.
pub(crate) async fn map(app: &App, request: MapImport) -> Result<ImportReport, ApiError> {
    let preview = remembered(app, &request.token)?;
    let columns = request.columns.into_iter().map(|column| (column.title, column.field)).collect();
    let report = self::preview(app, ImportFiles { columns, ..preview.request }).await?;
    forget(app, &request.token);
    Ok(report)
}

/// Applies a preview. The programme is compared again: it may have changed since.
pub(crate) async fn apply(app: &App, request: &ApplyImport) -> Result<ImportReport, ApiError> {
    let names = Names::load(app).await?;
    let actor = app.need_actor(&names)?;
    let preview = remembered(app, &request.token)?;
    let discovered = match preview.content.as_ref() {
        Content::Inventory(discovered) => discovered,
        Content::Pilotage(archive) => {
            let report = archive.merge(app).await?;
            forget(app, &request.token);
            return Ok(ImportReport { applied: true, files: preview.files, ..report });
        }
    };
    check_taken(discovered, &request.take)?;
    let plan = plan(app, discovered, &request.take).await?;
    app.copy_before_many(plan.report.created).await?;
    let commit = Commit { id: Uuid::now_v7(), actor, now: app.clock.now(), changes: plan.changes };
    let committed = app.store.commit(commit).await?;
    forget(app, &request.token);
    let batch = committed.map(|done| {
        BatchRange { device: done.device, first: done.first, last: done.last }.to_string()
    });
    Ok(ImportReport { applied: true, files: preview.files, batch, ..plan.report })
}

/// A field that no longer differs is no error: somebody may have said the same meanwhile.
fn check_taken(discovered: &Discovered, take: &[TakeField]) -> Result<(), ApiError> {
    let unknown = take
        .iter()
        .find(|taken| !discovered.services.iter().any(|service| service.name == taken.name));
    match unknown {
        Some(taken) => Err(ApiError::not_found("service of the import", &taken.name)),
        None => Ok(()),
    }
}

/// An empty table to fill in, CSV.
pub fn template() -> &'static str {
    pilotage_discovery::TEMPLATE
}

fn read(request: ImportFiles, columns: Vec<(String, Option<Field>)>) -> Result<Content, ApiError> {
    let format = match request.format {
        Some(format) => format,
        None if request.files.iter().any(|file| Archive::is_one(file)) => ImportFormat::Pilotage,
        None => ImportFormat::Inventory(
            pilotage_discovery::recognise(&request.files).map_err(|error| rejected(&error))?,
        ),
    };
    match format {
        ImportFormat::Pilotage => match request.files.as_slice() {
            [file] => Archive::read(file).map(Content::Pilotage),
            _ => Err(ApiError::new(
                Code::FileRejected,
                "An export of Pilotage is imported alone. Nothing was imported. Choose one file.",
            )),
        },
        ImportFormat::Inventory(format) => {
            let request = Request {
                files: request.files,
                format: Some(format),
                env_files: request.env_files,
                profiles: request.profiles,
                columns,
            };
            let discovered = pilotage_discovery::read(&request);
            discovered.map(Content::Inventory).map_err(|error| rejected(&error))
        }
    }
}

fn columns(named: &[(String, Option<String>)]) -> Result<Vec<(String, Option<Field>)>, ApiError> {
    named
        .iter()
        .map(|(title, word)| {
            let Some(word) = word else { return Ok((title.clone(), None)) };
            let Some(field) = Field::from_word(word) else {
                let words: Vec<&str> = Field::ALL.iter().map(|field| field.word()).collect();
                return Err(ApiError::argument(
                    "field",
                    format!(
                        "\u{201c}{}\u{201d} is not known. Use one of {}",
                        pilotage_domain::text::visible(word),
                        words.join(", ")
                    ),
                ));
            };
            Ok((title.clone(), Some(field)))
        })
        .collect()
}

fn remembered(app: &App, token: &str) -> Result<Preview, ApiError> {
    let previews = app.previews.lock().unwrap_or_else(PoisonError::into_inner);
    previews.get(token).cloned().ok_or_else(|| {
        ApiError::new(
            Code::ImportExpired,
            "This preview is gone or was applied already. Nothing was changed. Choose the files again.",
        )
    })
}

fn forget(app: &App, token: &str) {
    app.previews.lock().unwrap_or_else(PoisonError::into_inner).remove(token);
}

pub(crate) fn name_of(file: &Path) -> String {
    file.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

pub(crate) fn rejected(error: &DiscoveryError) -> ApiError {
    let mut answer = ApiError::new(Code::FileRejected, format!("{error} Nothing was imported."))
        .with("reason", error.code());
    if let Some(file) = error.file() {
        answer = answer.with("file", file);
    }
    if let Some(line) = error.line() {
        answer = answer.with("line", line);
    }
    answer
}
