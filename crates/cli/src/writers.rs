//! `cluster rules`, `cluster rule` and `cluster pipeline`.

use crate::args::{Global, Purpose, WriterRule};
use crate::print::{self, Answer, Column, Form};
use crate::session::Session;
use pilotage_api::ApiError;
use pilotage_api::dto::session::Nothing;
use pilotage_api::dto::writers::{EditPipeline, EditWriterRule, WriterIs, WritersView};
use pilotage_domain::text::visible;
use std::fmt::Write as _;

/// `cluster rules`.
pub async fn rules(global: &Global) -> Result<Answer, ApiError> {
    let session = Session::open(global, Purpose::Look).await?;
    let view = session.app.writers(Nothing {}).await;
    session.close().await;
    let view = view?;
    Answer::new(Form::of(global), &view, || shown(&view))
}

/// `cluster rule`.
pub async fn rule(global: &Global, rule: &WriterRule) -> Result<Answer, ApiError> {
    let is = WriterIs {
        manager: rule.manager.clone(),
        manager_prefix: rule.manager_prefix.clone(),
        operation: rule.operation.clone(),
        namespace: rule.in_namespace.clone(),
        cluster: rule.in_context.clone(),
        kind: rule.kind.clone(),
        marker: rule.marker.clone(),
    };
    let request = EditWriterRule {
        id: rule.id.clone(),
        is: (!rule.remove).then_some(is),
        class: rule.class.clone(),
        note: rule.note.clone(),
    };
    let session = Session::open(global, Purpose::Change).await?;
    let saved = session.app.edit_writer_rule(request).await;
    session.close().await;
    let saved = saved?;
    Answer::new(Form::of(global), &saved, || print::saved(&saved))
}

/// `cluster pipeline`.
pub async fn pipeline(
    global: &Global,
    service: &str,
    managers: &[String],
) -> Result<Answer, ApiError> {
    let session = Session::open(global, Purpose::Change).await?;
    let request = EditPipeline { service: service.to_owned(), managers: managers.to_vec() };
    let saved = session.app.edit_pipeline(request).await;
    session.close().await;
    let saved = saved?;
    Answer::new(Form::of(global), &saved, || print::saved(&saved))
}

fn shown(view: &WritersView) -> String {
    if view.rules.is_empty() && view.pipelines.is_empty() {
        return "The team has said nothing of writers: names are read as Pilotage knows them.\n"
            .to_owned();
    }
    let columns = ["Rule", "Whom", "Counts as", "Why", "Said by", "On"].map(Column::Text);
    let rows = view.rules.iter().map(|rule| {
        let id: String =
            rule.id.chars().rev().take(8).collect::<Vec<_>>().into_iter().rev().collect();
        vec![
            id,
            visible(&rule.words),
            rule.class.clone(),
            visible(&rule.note),
            visible(&rule.by),
            rule.on.clone(),
        ]
    });
    let mut text = print::table(&columns, rows);
    for pipeline in &view.pipelines {
        let names = pipeline.managers.join(", ");
        let _ = writeln!(
            text,
            "The pipeline of {} writes as {}.",
            visible(&pipeline.service.name),
            visible(&names)
        );
    }
    text
}
