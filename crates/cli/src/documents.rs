//! What leaves the programme as a document: the report and the export.

use crate::args::{Export, ExportFormatWord, FormatWord, Report, TableWord};
use crate::print::{self, Answer, Column, Form};
use crate::retro;
use crate::session::Session;
use pilotage_api::dto::import::ExportKind;
use pilotage_api::dto::outlook::{FreezeReport, FrozenRequest, FrozenText, FrozenView};
use pilotage_api::dto::progress::{ReportFormat, ReportRequest, ReportText};
use pilotage_api::dto::session::Nothing;
use pilotage_api::{ApiError, Code};
use pilotage_domain::text::visible;
use serde::Serialize;
use std::io::Write as _;
use std::path::Path;

/// Answer where a file was written.
#[derive(Debug, Serialize)]
struct Written {
    file: String,
    bytes: u64,
}

/// `report`.
pub async fn report(session: &Session, report: &Report) -> Result<Answer, ApiError> {
    match report {
        Report::Progress { format, output, at, as_known } => {
            let format = chosen(session, *format, output.as_deref());
            let request = ReportRequest { format, at: at.clone(), as_known: *as_known };
            let report = session.app.report(request).await?;
            rendered(session, format, output.as_deref(), report)
        }
        Report::Sprint(words) => retro::sprint_report(session, words).await,
        Report::Retro(words) => retro::report(session, words).await,
        Report::Freeze { note } => {
            let saved = session.app.freeze_report(FreezeReport { note: note.clone() }).await?;
            session.answer(&saved, || print::saved(&saved))
        }
        Report::Frozen { id: None, .. } => {
            let frozen = session.app.frozen_reports(Nothing {}).await?;
            session.answer(&frozen, || listed(&frozen))
        }
        Report::Frozen { id: Some(id), format, output } => {
            let format = chosen(session, *format, output.as_deref());
            let request = FrozenRequest { id: id.clone(), format };
            let FrozenText { file_name, text, identical, .. } =
                session.app.frozen_report(request).await?;
            let report = ReportText { file_name, text };
            let answer = rendered(session, format, output.as_deref(), report)?;
            if identical {
                return Ok(answer);
            }
            let message = "Another version of Pilotage froze this report; this one renders it \
                           otherwise. What is printed is not, byte for byte, what was frozen.";
            Ok(answer.stopped_by([ApiError::new(Code::NotPossible, message)]))
        }
    }
}

fn listed(frozen: &[FrozenView]) -> String {
    if frozen.is_empty() {
        return "No report is frozen yet. Freeze one with `pilotage report freeze`.\n".to_owned();
    }
    let columns =
        [Column::Text("Id"), Column::Text("At"), Column::Text("By"), Column::Text("Note")];
    let rows = frozen.iter().map(|report| {
        vec![report.id.clone(), report.at.clone(), report.by.clone(), report.note.clone()]
    });
    print::table(&columns, rows)
}

/// The form that is asked for, by name or by the ending of a file.
pub fn chosen(
    session: &Session,
    format: Option<FormatWord>,
    output: Option<&Path>,
) -> ReportFormat {
    let word = match (format, output) {
        (Some(format), _) => format,
        (None, Some(file)) => by_ending(file),
        (None, None) if session.form == Form::Json => FormatWord::Json,
        (None, None) => FormatWord::Md,
    };
    form(word)
}

/// The form that a word names.
pub fn form(word: FormatWord) -> ReportFormat {
    match word {
        FormatWord::Md => ReportFormat::Md,
        FormatWord::Html => ReportFormat::Html,
        FormatWord::Json => ReportFormat::Json,
        FormatWord::Csv => ReportFormat::Csv,
    }
}

/// The answer that holds a document, or the file it was written to.
pub fn rendered(
    session: &Session,
    format: ReportFormat,
    output: Option<&Path>,
    mut report: ReportText,
) -> Result<Answer, ApiError> {
    let is_json = format == ReportFormat::Json;
    if is_json {
        report.text = print::json_escaped(&report.text);
    }
    if let Some(file) = output {
        return written(session, file, report.text.as_bytes());
    }
    match session.form {
        Form::Human => Ok(Answer::text(report.text)),
        // The report is JSON itself: as it is, in one line.
        Form::Json if is_json => {
            let value: serde_json::Value = serde_json::from_str(&report.text).map_err(|error| {
                ApiError::new(Code::Internal, "The report is no JSON.").with("detail", error)
            })?;
            session.answer(&value, String::new)
        }
        Form::Json => session.answer(&report, String::new),
    }
}

fn by_ending(file: &Path) -> FormatWord {
    let ending = file.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    match ending.as_deref() {
        Some("html" | "htm") => FormatWord::Html,
        Some("json") => FormatWord::Json,
        Some("csv") => FormatWord::Csv,
        _ => FormatWord::Md,
    }
}

/// `export`.
pub async fn export(session: &Session, export: &Export) -> Result<Answer, ApiError> {
    let is_csv = match (export.format, export.what, &export.output) {
        (Some(format), ..) => format == ExportFormatWord::Csv,
        (None, Some(_), _) => true,
        (None, None, Some(file)) => matches!(by_ending(file), FormatWord::Csv),
        (None, None, None) => false,
    };
    if !is_csv {
        if export.what.is_some() {
            let message = "The JSON export is always whole. Nothing was written. Leave out --what, or choose --format csv.";
            return Err(ApiError::new(Code::ArgumentsInvalid, message));
        }
        let text = print::json_line(&session.app.export().await?)?;
        return match &export.output {
            Some(file) => written(session, file, text.as_bytes()),
            None => Ok(Answer::text(text)),
        };
    }
    let what = match export.what {
        None | Some(TableWord::Services) => ExportKind::Services,
        Some(TableWord::Dependencies) => ExportKind::Dependencies,
        Some(TableWord::Checks) => ExportKind::Checks,
        Some(TableWord::Log) => ExportKind::Log,
    };
    let table = session.app.export_file(what).await?;
    match (&export.output, session.form) {
        (Some(file), _) => written(session, file, table.text.as_bytes()),
        (None, Form::Human) => Ok(Answer::text(table.text)),
        (None, Form::Json) => session.answer(&table, String::new),
    }
}

/// Writes a document to a file, whole or not at all, and never over the programme itself.
pub fn written(session: &Session, file: &Path, content: &[u8]) -> Result<Answer, ApiError> {
    if is_workspace(session.workspace(), file) {
        return Err(ApiError::new(
            Code::ArgumentsInvalid,
            "The output would replace the programme's own file. Nothing was changed. Name another file.",
        )
        .with("file", file.display()));
    }
    write(file, content).map_err(|error| {
        let shown = file.display();
        let message = format!(
            "{shown} cannot be written: {error}. The programme is unharmed. Choose another place."
        );
        ApiError::new(Code::DiskFailed, message).with("file", shown)
    })?;
    let done = Written { file: file.display().to_string(), bytes: content.len() as u64 };
    session.answer(&done, || format!("Wrote {} ({} bytes).\n", visible(&done.file), done.bytes))
}

/// The database or one of its neighbours.
fn is_workspace(workspace: &Path, file: &Path) -> bool {
    let (Ok(workspace), Ok(file)) = (std::fs::canonicalize(workspace), std::fs::canonicalize(file))
    else {
        return false;
    };
    let neighbour = |ending: &str| {
        let mut name = workspace.clone().into_os_string();
        name.push(ending);
        file.as_os_str() == name
    };
    ["", "-wal", "-shm"].into_iter().any(neighbour)
}

/// Whole or not at all: written aside, then put in place. Pipes and devices are written as they are.
fn write(file: &Path, content: &[u8]) -> std::io::Result<()> {
    if std::fs::metadata(file).is_ok_and(|metadata| !metadata.is_file()) {
        return std::fs::OpenOptions::new().write(true).open(file)?.write_all(content);
    }
    // Through a link, the file it leads to is replaced, not the link.
    let target = std::fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut aside = tempfile::Builder::new();
    aside.prefix(".pilotage-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // As any new file; the account's mask still applies.
        aside.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let mut aside = aside.tempfile_in(folder.unwrap_or(Path::new(".")))?;
    aside.write_all(content)?;
    aside.as_file().sync_all()?;
    aside.persist(&target)?;
    Ok(())
}
