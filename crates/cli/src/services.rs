//! The inventory as a list.

use crate::args::{Services, ServicesCommand};
use crate::print::{self, Answer, Column};
use crate::session::Session;
use pilotage_api::dto::actions::{AddService, MergeServices, SplitService};
use pilotage_api::dto::service::{ServiceRow, ServicesView};
use pilotage_api::dto::session::Nothing;
use pilotage_api::{ApiError, Code};
use pilotage_domain::text::visible;
use pilotage_domain::words::NodeClass;

/// `services`.
pub async fn services(session: &Session, filter: &Services) -> Result<Answer, ApiError> {
    if let Some(command) = &filter.command {
        return change(session, command).await;
    }
    let view = session.app.services(Nothing {}).await?;
    let class = filter.class.as_deref().map(class_word).transpose()?;
    let stage = filter.stage.as_deref().map(|stage| stage_id(&view, stage)).transpose()?;
    let total = view.rows.len();
    let rows: Vec<ServiceRow> = view
        .rows
        .iter()
        .filter(|row| class.is_none_or(|class| row.class == class))
        .filter(|row| stage.as_deref().is_none_or(|stage| stands_at(row, stage)))
        .filter(|row| !filter.blocked || row.blocked)
        .filter(|row| filter.archived || row.scope != "archived")
        .filter(|row| filter.team.as_ref().is_none_or(|team| same(row.team.as_ref(), team)))
        .filter(|row| {
            filter.tag.as_ref().is_none_or(|tag| row.tags.iter().any(|has| same(Some(has), tag)))
        })
        .cloned()
        .collect();
    session.answer(&rows, || shown(&view, &rows, total))
}

async fn change(session: &Session, command: &ServicesCommand) -> Result<Answer, ApiError> {
    let app = &session.app;
    let saved = match command {
        ServicesCommand::Add { name, class } => {
            app.add_service(AddService { name: name.clone(), class: class.clone() }).await?
        }
        ServicesCommand::Merge { service, into } => {
            app.merge_services(MergeServices { service: service.clone(), into: into.clone() })
                .await?
        }
        ServicesCommand::Split { service, out } => {
            app.split_service(SplitService { service: service.clone(), name: out.clone() }).await?
        }
    };
    session.answer(&saved, || print::saved(&saved))
}

fn same(has: Option<&String>, wanted: &str) -> bool {
    has.is_some_and(|has| has.to_lowercase() == wanted.trim().to_lowercase())
}

/// Only services stand on the ladder, so only they stand before its first stage.
fn stands_at(row: &ServiceRow, stage: &str) -> bool {
    row.class == NodeClass::Service.word() && row.stage.as_deref().unwrap_or("none") == stage
}

fn class_word(entered: &str) -> Result<&'static str, ApiError> {
    NodeClass::from_word(entered).map(NodeClass::word).ok_or_else(|| {
        let words = NodeClass::ALL.map(NodeClass::word).join(", ");
        unknown("class", entered, &words)
    })
}

fn stage_id(view: &ServicesView, entered: &str) -> Result<String, ApiError> {
    let entered = entered.trim();
    if entered.eq_ignore_ascii_case("none") {
        return Ok("none".to_owned());
    }
    let found = view.stages.iter().find(|stage| {
        stage.id.eq_ignore_ascii_case(entered)
            || stage.title.to_lowercase() == entered.to_lowercase()
    });
    found.map(|stage| stage.id.clone()).ok_or_else(|| {
        let ids: Vec<&str> = view.stages.iter().map(|stage| stage.id.as_str()).collect();
        unknown("stage", entered, &format!("none, {}", ids.join(", ")))
    })
}

fn unknown(what: &str, entered: &str, known: &str) -> ApiError {
    let message =
        format!("No {what} is called \u{201c}{}\u{201d}. Use one of: {known}.", visible(entered));
    ApiError::new(Code::ArgumentsInvalid, message).with("field", what)
}

/// Title of the stage a row stands at; nothing for nodes that stand on no ladder.
pub fn stage_title(view: &ServicesView, row: &ServiceRow) -> String {
    if row.class != NodeClass::Service.word() {
        return String::new();
    }
    match &row.stage {
        None => "Not started".to_owned(),
        Some(id) => view
            .stages
            .iter()
            .find(|stage| stage.id == *id)
            .map_or_else(|| id.clone(), |stage| stage.title.clone()),
    }
}

/// What else there is to know about a row, in words.
pub fn marks(row: &ServiceRow) -> String {
    let mut marks = Vec::new();
    if row.scope != "in" {
        marks.push(row.scope.as_str());
    }
    for (is, word) in [
        (row.blocked, "blocked"),
        (row.regressed, "regressed"),
        (row.reproving, "re-proving"),
        (row.unproven_since.is_some(), "unproven"),
    ] {
        if is {
            marks.push(word);
        }
    }
    marks.join(", ")
}

fn shown(view: &ServicesView, rows: &[ServiceRow], total: usize) -> String {
    if total == 0 {
        return "The inventory is empty. Fill it with `pilotage import FILE`.\n".to_owned();
    }
    if rows.is_empty() {
        return format!("None of {total} fits.\n");
    }
    let columns = [
        Column::Text("Name"),
        Column::Text("Class"),
        Column::Text("Stage"),
        Column::Number("Passed"),
        Column::Number("Proved"),
        Column::Text("Marks"),
        Column::Text("Next check"),
        Column::Text("People"),
        Column::Text("Due"),
    ];
    let cells = rows.iter().map(|row| {
        let climbs = row.class == NodeClass::Service.word();
        let counts = row.progress;
        let number = |text: String| if climbs { text } else { String::new() };
        let people: Vec<&str> = row.assignees.iter().map(|person| person.name.as_str()).collect();
        vec![
            row.name.clone(),
            row.class.clone(),
            stage_title(view, row),
            number(format!("{}/{}", counts.passed, counts.counted)),
            number(counts.proved.to_string()),
            marks(row),
            row.next_check.as_ref().map_or_else(String::new, |check| check.id.clone()),
            people.join(", "),
            row.target_date.clone().unwrap_or_default(),
        ]
    });
    print::table(&columns, cells)
}
