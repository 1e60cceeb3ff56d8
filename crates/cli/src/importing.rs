//! Import: looked at first, then applied.

use crate::args::{Import, ImportCommand};
use crate::documents;
use crate::print::{self, Answer, Column};
use crate::session::Session;
use pilotage_api::dto::import::{ApplyImport, ImportReport, ImportRow, ImportedLog, TakeField};
use pilotage_api::imports::{self, ImportFiles, ImportFormat};
use pilotage_api::{ApiError, Code};
use pilotage_domain::text::visible;
use std::fmt::Write as _;
use std::path::Path;

/// `import`.
pub async fn import(session: &Session, request: &Import) -> Result<Answer, ApiError> {
    if let Some(ImportCommand::Template { output }) = &request.other {
        return template(session, output.as_deref());
    }
    let files = ImportFiles {
        files: request.files.clone(),
        format: request.format.as_deref().and_then(ImportFormat::from_word),
        env_files: request.env_files.clone(),
        profiles: request.profiles.clone(),
        columns: request.columns.iter().map(|column| mapped(column)).collect::<Result<_, _>>()?,
    };
    let preview = imports::preview(&session.app, files).await?;
    let take = taken(&request.take, &preview)?;
    let report = match preview.token.clone() {
        Some(token) if !request.dry_run => {
            session.app.apply_import(ApplyImport { token, take }).await?
        }
        // A token lives as long as the program: nobody could use it later.
        _ => ImportReport { token: None, ..preview },
    };
    let attention = report.rejected > 0 || report.differs > 0;
    let answer = session.answer(&report, || shown(&report))?;
    Ok(if attention { answer.with_finding() } else { answer })
}

fn template(session: &Session, output: Option<&Path>) -> Result<Answer, ApiError> {
    match output {
        Some(file) => documents::written(session, file, imports::template().as_bytes()),
        None => Ok(Answer::text(imports::template().to_owned())),
    }
}

/// `COLUMN=FIELD`. A title may hold `=` itself: the last one counts.
fn mapped(word: &str) -> Result<(String, Option<String>), ApiError> {
    let Some((column, field)) = word.rsplit_once('=') else {
        let message = format!(
            "--map {} has no `=`. Nothing was imported. Write --map \"Column=field\".",
            visible(word)
        );
        return Err(ApiError::new(Code::ArgumentsInvalid, message));
    };
    let field = field.trim();
    Ok((column.to_owned(), (!field.is_empty()).then(|| field.to_owned())))
}

/// The differing fields that are to be taken.
fn taken(words: &[String], preview: &ImportReport) -> Result<Vec<TakeField>, ApiError> {
    let differing: Vec<TakeField> = preview
        .rows
        .iter()
        .flat_map(|row| {
            let fields = row.fields.iter().filter(|field| field.differs);
            fields.map(|field| TakeField { name: row.name.clone(), field: field.field.clone() })
        })
        .collect();
    if words.iter().any(|word| word == "all") {
        return Ok(differing);
    }
    let word_of = |taken: &TakeField| format!("{}.{}", taken.name, taken.field);
    words
        .iter()
        .map(|word| {
            let found = differing.iter().find(|taken| word_of(taken) == *word);
            found.cloned().ok_or_else(|| {
                let known: Vec<String> = differing.iter().take(20).map(word_of).collect();
                let known = if known.is_empty() {
                    "Nothing differs".to_owned()
                } else {
                    format!("What differs: {}", known.join(", "))
                };
                let message = format!(
                    "{} does not differ. Nothing was imported. {}.",
                    visible(word),
                    visible(&known)
                );
                ApiError::new(Code::ArgumentsInvalid, message).with("take", word)
            })
        })
        .collect()
}

/// What an export of Pilotage adds.
fn shown_log(report: &ImportReport, log: &ImportedLog) -> String {
    let lead = match (report.applied, log.new) {
        (false, _) => "Dry run, nothing saved",
        (true, 0) => "Nothing had to change",
        (true, _) => "Merged",
    };
    format!(
        "{lead}: {} actions new, {} known, {} lines set aside, written by {} devices\n",
        log.new, log.known, log.set_aside, log.devices
    )
}

fn shown(report: &ImportReport) -> String {
    if let Some(log) = &report.log {
        return shown_log(report, log);
    }
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
    let left_out: Vec<String> = report
        .columns
        .iter()
        .filter(|column| column.field.is_none())
        .map(|column| visible(&column.title))
        .collect();
    if !left_out.is_empty() {
        let _ =
            writeln!(text, "Columns left out (--map \"Column=field\"): {}", left_out.join(", "));
    }
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
