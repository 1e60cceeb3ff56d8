//! One service: shown whole, or changed.

use crate::args::{ScopeWord, Service, ServiceEdits};
use crate::print::{self, Answer, Column};
use crate::services::marks;
use crate::session::Session;
use pilotage_api::dto::actions::{EditServices, ScopeChoice, ServiceEdit};
use pilotage_api::dto::service::{
    CheckView, DependencyView, LadderStage, ServiceRequest, ServiceView,
};
use pilotage_api::{ApiError, Code};
use pilotage_domain::text::visible;
use std::fmt::Write as _;

/// Events of the timeline that are shown; JSON has all.
const EVENTS: usize = 10;

/// `service`.
pub async fn service(session: &Session, request: &Service) -> Result<Answer, ApiError> {
    let edits = edits(&request.edits)?;
    if !edits.is_empty() {
        let asked = EditServices { services: request.names.clone(), edits };
        let saved = session.app.edit_services(asked).await?;
        return session.answer(&saved, || print::saved(&saved));
    }
    let [name] = request.names.as_slice() else {
        let message = "Name one service to look at it, or say what to change about all of them.";
        return Err(ApiError::new(Code::ArgumentsInvalid, message));
    };
    let view = session.app.service(ServiceRequest { service: name.clone() }).await?;
    session.answer(&view, || shown(&view))
}

/// The edits that the words ask for.
fn edits(words: &ServiceEdits) -> Result<Vec<ServiceEdit>, ApiError> {
    let mut edits: Vec<ServiceEdit> = Vec::new();
    for (people, assigned) in [(&words.assign, true), (&words.unassign, false)] {
        let edit = |person: &String| ServiceEdit::Assignee { person: person.clone(), assigned };
        edits.extend(people.iter().map(edit));
    }
    let mut field = |text: &Option<String>, edit: fn(Option<String>) -> ServiceEdit| {
        edits.extend(text.iter().map(|text| edit(unless_none(text))));
    };
    field(&words.target_date, ServiceEdit::TargetDate);
    field(&words.owner, ServiceEdit::Owner);
    field(&words.team, ServiceEdit::Team);
    field(&words.repository, ServiceEdit::Repository);
    field(&words.effort, ServiceEdit::Effort);
    field(&words.archetype, ServiceEdit::Archetype);
    field(&words.difficulty, ServiceEdit::Difficulty);
    field(&words.notes, ServiceEdit::Notes);
    if let Some(number) = &words.criticality {
        let number = unless_none(number).map(|number| number.parse::<u8>()).transpose();
        let number =
            number.map_err(|_| wrong("criticality", "must be a whole number from 1 to 5"))?;
        edits.push(ServiceEdit::Criticality(number));
    }
    for (tags, present) in [(&words.tag, true), (&words.untag, false)] {
        edits.extend(tags.iter().map(|tag| ServiceEdit::Tag { tag: tag.clone(), present }));
    }
    for (aliases, present) in [(&words.alias, true), (&words.unalias, false)] {
        let edit = |alias: &String| ServiceEdit::Alias { alias: alias.clone(), present };
        edits.extend(aliases.iter().map(edit));
    }
    for link in &words.link {
        // The title comes first: an address may hold the sign itself.
        let (title, address) = pair("link", link, "TITLE=URL")?;
        edits.push(ServiceEdit::Link { address, title: Some(title) });
    }
    for address in &words.unlink {
        edits.push(ServiceEdit::Link { address: address.clone(), title: None });
    }
    for due in &words.due {
        let (check, day) = pair("due date", due, "CHECK=DAY")?;
        edits.push(ServiceEdit::Due { check, day: unless_none(&day) });
    }
    for doing in &words.doing {
        let (check, person) = pair("person", doing, "CHECK=PERSON")?;
        edits.push(ServiceEdit::Doing { check, person: unless_none(&person) });
    }
    if let Some(scope) = words.scope {
        let scope = match scope {
            ScopeWord::In => ScopeChoice::In,
            ScopeWord::Retire => ScopeChoice::Retire,
            ScopeWord::Retain => ScopeChoice::Retain,
            ScopeWord::Archived => ScopeChoice::Archived,
        };
        let reason = words.reason.clone().unwrap_or_default();
        edits.push(ServiceEdit::Scope { scope, reason });
    }
    edits.extend(words.class.iter().cloned().map(ServiceEdit::Class));
    edits.extend(words.rename.iter().cloned().map(ServiceEdit::Name));
    Ok(edits)
}

fn unless_none(text: &str) -> Option<String> {
    (!text.eq_ignore_ascii_case("none")).then(|| text.to_owned())
}

fn pair(field: &str, text: &str, form: &str) -> Result<(String, String), ApiError> {
    text.split_once('=')
        .map(|(left, right)| (left.trim().to_owned(), right.trim().to_owned()))
        .ok_or_else(|| wrong(field, &format!("must be {form}")))
}

fn wrong(field: &str, why: &str) -> ApiError {
    ApiError::new(Code::ArgumentsInvalid, format!("The {field} {why}. Nothing was changed."))
        .with("field", field)
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
    let addresses: Vec<String> =
        view.links.iter().map(|link| format!("{} {}", link.title, link.address)).collect();
    let merged: Vec<&str> = view.merged.iter().map(|node| node.name.as_str()).collect();
    let or_nothing = |text: &Option<String>| text.clone().unwrap_or_default();
    let lines = [
        ("Class", with_reason(&row.class, view.class_reason.as_ref())),
        ("Scope", with_reason(&row.scope, view.scope_reason.as_ref())),
        ("Stage", stage),
        ("Marks", marks(row)),
        ("Next check", next.unwrap_or_default()),
        ("People", people.join(", ")),
        ("Due", or_nothing(&row.target_date)),
        ("Owner", or_nothing(&row.owner)),
        ("Team", or_nothing(&row.team)),
        ("Criticality", row.criticality.map(|number| number.to_string()).unwrap_or_default()),
        ("Effort", or_nothing(&row.effort)),
        ("Difficulty", or_nothing(&row.difficulty)),
        ("Archetype", or_nothing(&row.archetype)),
        ("Tags", row.tags.join(", ")),
        ("Repository", or_nothing(&view.repository)),
        ("Image", or_nothing(&view.image)),
        ("Source", or_nothing(&view.source_directory)),
        ("Aliases", view.aliases.join(", ")),
        ("Links", addresses.join(", ")),
        ("Is also", merged.join(", ")),
    ];
    let mut text = format!("{}\n", visible(&row.name));
    for (label, value) in lines.iter().filter(|(_, value)| !value.is_empty()) {
        let _ = writeln!(text, "{label:<11} {}", visible(value));
    }
    if let Some(notes) = &view.notes {
        text.push_str("\nNotes\n");
        for line in notes.lines() {
            let _ = writeln!(text, "  {}", visible(line));
        }
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
    if let Some(request) = &check.request {
        marks.push(format!("{} asks for a waiver until {}", request.by, request.expires_on));
    }
    marks.extend(check.due.as_ref().map(|day| format!("due {day}")));
    marks.extend(check.doing.as_ref().map(|person| format!("{} does it", person.name)));
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
