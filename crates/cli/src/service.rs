//! One service: shown whole, or changed.

use crate::args::{ScopeWord, Service, ServiceEdits};
use crate::print::{self, Answer, Column};
use crate::services::marks;
use crate::session::Session;
use pilotage_api::dto::actions::{Assign, EditService, ScopeChoice, ServiceEdit, SetScope};
use pilotage_api::dto::service::{
    CheckView, DependencyView, LadderStage, ServiceRequest, ServiceView,
};
use pilotage_api::dto::session::Saved;
use pilotage_api::{ApiError, App};
use pilotage_domain::text::visible;
use std::fmt::Write as _;

/// Events of the timeline that are shown; JSON has all.
const EVENTS: usize = 10;

/// `service`.
pub async fn service(session: &Session, request: &Service) -> Result<Answer, ApiError> {
    let asked = ServiceRequest { service: request.name.clone() };
    let view = session.app.service(asked).await?;
    let edits = edits(&request.edits);
    if edits.is_empty() {
        return session.answer(&view, || shown(&view));
    }
    let mut done: Vec<Saved> = Vec::new();
    for edit in edits {
        // By its id: one of the changes may be a new name.
        match apply(&session.app, &view.row.id, edit).await {
            Ok(saved) => done.push(saved),
            Err(error) if done.is_empty() => return Err(error),
            Err(error) => return Ok(saved_all(session, &done)?.stopped_by(error)),
        }
    }
    saved_all(session, &done)
}

fn saved_all(session: &Session, done: &[Saved]) -> Result<Answer, ApiError> {
    session.answer(&done, || done.iter().map(print::saved).collect())
}

enum Edit {
    Assign(String),
    Unassign(String),
    Field(ServiceEdit),
    Scope(ScopeChoice, String),
}

fn edits(words: &ServiceEdits) -> Vec<Edit> {
    let mut edits: Vec<Edit> = Vec::new();
    edits.extend(words.assign.iter().cloned().map(Edit::Assign));
    edits.extend(words.unassign.iter().cloned().map(Edit::Unassign));
    if let Some(day) = &words.target_date {
        let day = (!day.eq_ignore_ascii_case("none")).then(|| day.clone());
        edits.push(Edit::Field(ServiceEdit::TargetDate(day)));
    }
    if let Some(scope) = words.scope {
        let scope = match scope {
            ScopeWord::In => ScopeChoice::In,
            ScopeWord::Retire => ScopeChoice::Retire,
            ScopeWord::Retain => ScopeChoice::Retain,
        };
        edits.push(Edit::Scope(scope, words.reason.clone().unwrap_or_default()));
    }
    edits.extend(words.class.iter().cloned().map(|class| Edit::Field(ServiceEdit::Class(class))));
    edits.extend(words.rename.iter().cloned().map(|name| Edit::Field(ServiceEdit::Name(name))));
    edits
}

async fn apply(app: &App, id: &str, edit: Edit) -> Result<Saved, ApiError> {
    let service = id.to_owned();
    match edit {
        Edit::Assign(person) => app.assign(Assign { service, person, assigned: true }).await,
        Edit::Unassign(person) => app.assign(Assign { service, person, assigned: false }).await,
        Edit::Field(edit) => app.edit_service(EditService { service, edit }).await,
        Edit::Scope(scope, reason) => app.set_scope(SetScope { service, scope, reason }).await,
    }
}

fn shown(view: &ServiceView) -> String {
    let row = &view.row;
    let people: Vec<&str> = row.assignees.iter().map(|person| person.name.as_str()).collect();
    let current = view.ladder.iter().find(|stage| stage.state == "current");
    let stage = match current {
        Some(stage) => stage.title.clone(),
        None if view.ladder.is_empty() => String::new(),
        None => "Not started".to_owned(),
    };
    let next = row.next_check.as_ref().map(|check| format!("{}: {}", check.id, check.title));
    let or_nothing = |text: &Option<String>| text.clone().unwrap_or_default();
    let lines = [
        ("Class", with_reason(&row.class, view.class_reason.as_ref())),
        ("Scope", with_reason(&row.scope, view.scope_reason.as_ref())),
        ("Stage", stage),
        ("Marks", marks(row)),
        ("Next check", next.unwrap_or_default()),
        ("People", people.join(", ")),
        ("Due", or_nothing(&row.target_date)),
        ("Image", or_nothing(&view.image)),
        ("Source", or_nothing(&view.source_directory)),
        ("Aliases", view.aliases.join(", ")),
    ];
    let mut text = format!("{}\n", visible(&row.name));
    for (label, value) in lines.iter().filter(|(_, value)| !value.is_empty()) {
        let _ = writeln!(text, "{label:<11} {}", visible(value));
    }
    text.push_str(&checks(&view.ladder, row.progress.counted > 0));
    text.push_str(&blockers(view));
    text.push_str(&dependencies("Calls", &view.dependencies));
    text.push_str(&dependencies("Called by", &view.dependents));
    for conflict in &view.conflicts {
        let values: Vec<String> =
            conflict.values.iter().map(|value| format!("{} ({})", value.value, value.by)).collect();
        let _ = writeln!(
            text,
            "\nConflict in {}: {}",
            visible(&conflict.field),
            visible(&values.join(" | "))
        );
    }
    if !view.timeline.is_empty() {
        text.push_str("\nWhat happened, newest first:\n");
    }
    for event in view.timeline.iter().take(EVENTS) {
        let note = event.note.as_ref().map_or_else(String::new, |note| format!(": {note}"));
        let line = format!("{}  {}: {}{note}", event.occurred_at, event.actor, event.summary);
        let _ = writeln!(text, "  {}", visible(&line));
    }
    if view.timeline.len() > EVENTS {
        let _ = writeln!(text, "  … and {} more (--json lists them)", view.timeline.len() - EVENTS);
    }
    text
}

fn with_reason(word: &str, reason: Option<&String>) -> String {
    reason.map_or_else(|| word.to_owned(), |reason| format!("{word}: {reason}"))
}

/// The ladder's checks as a table; empty for nodes that stand on no ladder.
pub fn checks(ladder: &[LadderStage], any: bool) -> String {
    let rows: Vec<Vec<String>> = ladder
        .iter()
        .filter(|stage| stage.state != "not_applicable")
        .flat_map(|stage| stage.checks.iter().map(|check| check_cells(stage, check)))
        .collect();
    if rows.is_empty() || !any {
        return String::new();
    }
    let columns = ["Stage", "Check", "Title", "Kind", "Result", "Marks", "By"].map(Column::Text);
    format!("\n{}", print::table(&columns, rows))
}

fn check_cells(stage: &LadderStage, check: &CheckView) -> Vec<String> {
    let mut marks: Vec<String> = Vec::new();
    if check.state != "counted" {
        marks.push(check.state.clone());
    }
    for (is, word) in [
        (check.claimed, "claimed"),
        (check.regressed, "regressed"),
        (check.reproving, "re-proving"),
    ] {
        if is {
            marks.push(word.to_owned());
        }
    }
    marks.extend(check.reason.as_ref().map(|reason| reason.replace('_', " ")));
    if let Some(waiver) = &check.waiver {
        marks.push(format!("until {}: {}", waiver.expires_on, waiver.reason));
    }
    let by = match (&check.waiver, &check.finding) {
        (Some(waiver), _) => waiver.by.clone(),
        (None, Some(finding)) => finding.by.clone(),
        (None, None) => String::new(),
    };
    vec![
        stage.title.clone(),
        check.id.clone(),
        check.title.clone(),
        check.kind.clone(),
        check.result.replace('_', " "),
        marks.join(", "),
        by,
    ]
}

fn blockers(view: &ServiceView) -> String {
    if view.blockers.is_empty() {
        return String::new();
    }
    let columns = [
        Column::Text("Blocker"),
        Column::Text("State"),
        Column::Number("Days"),
        Column::Text("Waiting for"),
        Column::Text("Reason"),
    ];
    let rows = view.blockers.iter().map(|blocker| {
        let state = if blocker.closed_at.is_some() { "closed" } else { "open" };
        vec![
            blocker.id.clone(),
            state.to_owned(),
            blocker.days.to_string(),
            blocker.waiting_for.clone(),
            blocker.reason.clone(),
        ]
    });
    format!("\n{}", print::table(&columns, rows))
}

fn dependencies(title: &'static str, edges: &[DependencyView]) -> String {
    if edges.is_empty() {
        return String::new();
    }
    let columns = [title, "Class", "Kind", "Evidence"].map(Column::Text);
    let rows = edges.iter().map(|edge| {
        let evidence: Vec<String> =
            edge.evidence.iter().map(|place| format!("{}:{}", place.file, place.line)).collect();
        vec![
            edge.node.name.clone(),
            edge.class.clone(),
            edge.kind.replace('_', " "),
            evidence.join(", "),
        ]
    });
    format!("\n{}", print::table(&columns, rows))
}
