//! Import: looked at first, then applied.

use crate::args::Import;
use crate::print::{self, Answer, Column};
use crate::session::Session;
use pilotage_api::ApiError;
use pilotage_api::dto::import::{ApplyImport, ImportReport, ImportRow};
use pilotage_api::imports::{self, ImportFiles};
use pilotage_domain::text::visible;
use std::fmt::Write as _;

/// `import`.
pub async fn import(session: &Session, request: &Import) -> Result<Answer, ApiError> {
    let files = ImportFiles {
        files: request.files.clone(),
        env_files: request.env_files.clone(),
        profiles: request.profiles.clone(),
    };
    let preview = imports::preview(&session.app, files).await?;
    let report = match preview.token.clone() {
        Some(token) if !request.dry_run => session.app.apply_import(ApplyImport { token }).await?,
        // A token lives as long as the program: nobody could use it later.
        _ => ImportReport { token: None, ..preview },
    };
    let attention = report.rejected > 0 || report.differs > 0;
    let answer = session.answer(&report, || shown(&report))?;
    Ok(if attention { answer.with_finding() } else { answer })
}

fn shown(report: &ImportReport) -> String {
    let mut text = String::new();
    let edges = &report.dependencies;
    let lead = match (report.applied, &report.batch) {
        (false, _) => "Dry run, nothing saved",
        (true, Some(_)) => "Imported",
        (true, None) => "Nothing had to change",
    };
    let _ = writeln!(
        text,
        "{lead}: {} created, {} updated, {} unchanged, {} differ, {} rejected; dependencies: {} \
         created, {} updated, {} unchanged",
        report.created,
        report.updated,
        report.unchanged,
        report.differs,
        report.rejected,
        edges.created,
        edges.updated,
        edges.unchanged
    );
    let rows: Vec<Vec<String>> =
        report.rows.iter().filter(|row| row.outcome != "unchanged").map(cells).collect();
    if !rows.is_empty() {
        let columns = ["Outcome", "Name", "Class", "Place", "Reason"].map(Column::Text);
        let _ = write!(text, "\n{}", print::table(&columns, rows));
    }
    if !report.warnings.is_empty() {
        text.push_str("\nWarnings:\n");
    }
    for warning in &report.warnings {
        let (file, what) = (visible(&warning.file), visible(&warning.text));
        let _ = writeln!(text, "  {file}:{}: {what}", warning.line);
    }
    if let Some(batch) = &report.batch {
        let _ = writeln!(text, "\nTake it back with: pilotage undo {batch}");
    }
    text
}

fn cells(row: &ImportRow) -> Vec<String> {
    let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".to_owned());
    let fields: Vec<String> = row
        .fields
        .iter()
        .map(|field| {
            format!("{}: here {}, file {}", field.field, shown(&field.here), shown(&field.file))
        })
        .collect();
    let reason = match &row.reason {
        Some(reason) => reason.clone(),
        None if fields.is_empty() => row.class_reason.clone().unwrap_or_default(),
        None => fields.join("; "),
    };
    vec![
        row.outcome.clone(),
        row.name.clone(),
        row.class.clone().unwrap_or_default(),
        format!("{}:{}", row.file, row.line),
        reason,
    ]
}
