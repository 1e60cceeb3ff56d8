//! What leaves the programme as a document: the report and the export.

use crate::args::{Export, FormatWord, Report};
use crate::print::{self, Answer, Form};
use crate::session::Session;
use pilotage_api::dto::progress::{ReportFormat, ReportRequest};
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
    let Report::Progress { format, output, at, as_known } = report;
    let chosen = match (format, output) {
        (Some(format), _) => *format,
        (None, Some(file)) => by_ending(file),
        (None, None) if session.form == Form::Json => FormatWord::Json,
        (None, None) => FormatWord::Md,
    };
    let format_sent = match chosen {
        FormatWord::Md => ReportFormat::Md,
        FormatWord::Html => ReportFormat::Html,
        FormatWord::Json => ReportFormat::Json,
        FormatWord::Csv => ReportFormat::Csv,
    };
    let request = ReportRequest { format: format_sent, at: at.clone(), as_known: *as_known };
    let mut report = session.app.report(request).await?;
    let is_json = matches!(chosen, FormatWord::Json);
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
    let text = print::json_line(&session.app.export().await?)?;
    match &export.output {
        Some(file) => written(session, file, text.as_bytes()),
        None => Ok(Answer::text(text)),
    }
}

fn written(session: &Session, file: &Path, content: &[u8]) -> Result<Answer, ApiError> {
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
