//! The formats of retrospectives, as a team edits them: one text, kept with the programme.

use crate::app::App;
use crate::dto::retro::{FormatsText, KeepFormats};
use crate::dto::session::{Nothing, Saved};
use crate::error::{ApiError, Code};
use crate::names::Names;
use crate::programme::Programme;
use crate::retro::desk::{Desk, read_all};
use pilotage_domain::change::{Change, path};
use pilotage_domain::retrospective::{Format, Note, Retrospective, formats, read_formats, written};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

pub(crate) async fn retro_formats(app: &App, _: Nothing) -> Result<FormatsText, ApiError> {
    let programme = Programme::load(app).await?;
    let own = programme.entity.text(path::FORMATS);
    Ok(FormatsText { text: own.unwrap_or(written()).to_owned(), own: own.is_some() })
}

pub(crate) async fn keep_formats(app: &App, request: KeepFormats) -> Result<Saved, ApiError> {
    let names = Names::load(app).await?;
    let actor = app.need_actor(&names)?;
    let own = !request.text.trim().is_empty();
    let after =
        if own { read_formats(&request.text).map_err(|fault| faulty(&fault))? } else { formats() };
    keeps_columns(app, &after).await?;
    let value = if own { json!(request.text) } else { Value::Null };
    let change = Change::field(app.store.workspace(), path::FORMATS, value);
    let summary = if own {
        "Formats of retrospectives changed"
    } else {
        "Formats of retrospectives are those of the product again"
    };
    app.save(actor, vec![change], summary, None).await
}

fn faulty(fault: &str) -> ApiError {
    let message =
        format!("The formats have a fault: {fault}. Nothing was changed; mend it and save again.");
    ApiError::new(Code::FileRejected, message)
}

/// A column in which notes stand must stay, or they would be seen no more.
async fn keeps_columns(app: &App, after: &[Format]) -> Result<(), ApiError> {
    let retrospectives: BTreeMap<Uuid, Retrospective> = read_all(app).await?;
    let notes: BTreeMap<Uuid, Note> = read_all(app).await?;
    let product = formats();
    for note in notes.values().filter(|note| !note.column.is_empty()) {
        let Some(retrospective) = retrospectives.get(&note.retrospective) else { continue };
        let mut all = after.iter().chain(&product);
        let format = all.find(|format| format.id == retrospective.format);
        let has = |format: &Format| format.columns.iter().any(|column| column.id == note.column);
        if !format.is_some_and(has) {
            let sprint = Desk::of(app, &retrospective.sprint.to_string()).await?;
            let message = format!(
                "Notes of the retrospective of {} stand in the column \u{201c}{}\u{201d} of \
                 \u{201c}{}\u{201d}. Keep that column. Nothing was changed.",
                sprint.sprint_name(retrospective.sprint),
                note.column,
                retrospective.format
            );
            return Err(ApiError::new(Code::NotPossible, message));
        }
    }
    Ok(())
}
