//! The playbook: shown, tried from a file, adopted, looked back at.

use crate::args::Playbook;
use crate::documents;
use crate::print::{self, Answer, Column, Form};
use crate::session::Session;
use pilotage_api::dto::playbook::{
    AdoptPlaybook, AdoptionRequest, AffectedService, PlaybookRow, PlaybookTrial, PlaybookView,
    TryPlaybook,
};
use pilotage_api::dto::session::Nothing;
use pilotage_api::{ApiError, read_playbook};
use pilotage_domain::text::visible;
use serde::Serialize;
use std::fmt::Write as _;
use std::path::Path;

/// Answer to `playbook text`.
#[derive(Debug, Serialize)]
struct Text {
    text: String,
}

/// `playbook`.
pub async fn playbook(session: &Session, playbook: &Playbook) -> Result<Answer, ApiError> {
    match playbook {
        Playbook::Show => {
            let view = session.app.playbook(Nothing {}).await?;
            session.answer(&view, || shown(&view))
        }
        Playbook::Text { adoption, output } => {
            text(session, adoption.as_deref(), output.as_deref()).await
        }
        Playbook::Check { file } => check(session, file).await,
        Playbook::Adopt { file, closes } => {
            let text = read_playbook(file).await?;
            let request = AdoptPlaybook { text, seen: None, closes: closes.clone() };
            let adopted = session.app.adopt_playbook(request).await;
            // A fault of the text has its place in the file.
            let saved = adopted.map_err(|error| {
                let placed = error.params.contains_key("line");
                if placed { error.with("file", file.display()) } else { error }
            })?;
            session.answer(&saved, || print::saved(&saved))
        }
        Playbook::History => {
            let history = session.app.playbook(Nothing {}).await?.history;
            session.answer(&history, || {
                let rows = history.iter().map(|adoption| {
                    vec![
                        adoption.version.to_string(),
                        adoption.name.clone(),
                        adoption.at.clone(),
                        adoption.by.clone(),
                        adoption.counted.to_string(),
                        adoption.id.clone(),
                    ]
                });
                let columns = [
                    Column::Number("Version"),
                    Column::Text("Playbook"),
                    Column::Text("Adopted"),
                    Column::Text("By"),
                    Column::Number("Counted"),
                    Column::Text("Adoption"),
                ];
                print::table(&columns, rows)
            })
        }
    }
}

fn shown(view: &PlaybookView) -> String {
    let adopted = view.adopted_at.as_ref().map_or_else(String::new, |at| format!(", adopted {at}"));
    let waivers = match view.waivers.as_str() {
        "second_person" => "A waiver needs a second person.",
        _ => "Anybody may waive a check, with a reason.",
    };
    let mut shown = format!(
        "{}\n{} version {}{adopted}. {waivers}\n",
        visible(&view.title),
        visible(&view.name),
        view.version
    );
    for stage in &view.stages {
        let _ = writeln!(shown, "\n{}: {}", visible(&stage.title), visible(&stage.meaning));
        let columns = [
            Column::Text("Check"),
            Column::Text("Title"),
            Column::Text("Kind"),
            Column::Text("State"),
            Column::Number("Weight"),
            Column::Text("For"),
            Column::Number("Passing"),
        ];
        shown += &print::table(&columns, stage.checks.iter().map(row));
    }
    shown
}

fn row(check: &PlaybookRow) -> Vec<String> {
    let state = match &check.counted_from {
        Some(day) => format!("{} from {day}", check.state),
        None => check.state.clone(),
    };
    let passing = match check.state.as_str() {
        "draft" => String::new(),
        _ => format!("{} of {}", check.passed, check.applies),
    };
    vec![
        check.id.clone(),
        check.title.clone(),
        check.kind.clone(),
        state,
        check.weight.to_string(),
        check.archetypes.join(", "),
        passing,
    ]
}

async fn text(
    session: &Session,
    adoption: Option<&str>,
    output: Option<&Path>,
) -> Result<Answer, ApiError> {
    let text = match adoption {
        None => session.app.playbook(Nothing {}).await?.text,
        Some(id) => {
            session.app.adopted_text(AdoptionRequest { adoption: id.to_owned() }).await?.text
        }
    };
    match (output, session.form) {
        (Some(file), _) => documents::written(session, file, text.as_bytes()),
        (None, Form::Human) => Ok(Answer::text(text)),
        (None, Form::Json) => session.answer(&Text { text }, String::new),
    }
}

/// Faults, each with its place, or what would change.
async fn check(session: &Session, file: &Path) -> Result<Answer, ApiError> {
    let text = read_playbook(file).await?;
    let trial = session.app.try_playbook(TryPlaybook { text }).await?;
    let answer = session.answer(&trial, || {
        if trial.faults.is_empty() { tried(&trial) } else { faults(&trial, file) }
    })?;
    Ok(if trial.faults.is_empty() { answer } else { answer.with_finding() })
}

/// As compilers say it, so that editors find the place.
fn faults(trial: &PlaybookTrial, file: &Path) -> String {
    let file = visible(&file.display().to_string());
    let mut said = String::new();
    for fault in &trial.faults {
        let line = fault.line.map_or_else(String::new, |line| format!("{line}: "));
        let _ = writeln!(said, "{file}:{line}{}", visible(&fault.text));
    }
    said
}

fn tried(trial: &PlaybookTrial) -> String {
    let mut said = format!("No faults. Version {}.\n", trial.version);
    match trial.differences.as_slice() {
        [] => said += "Nothing differs from the playbook in force.\n",
        differences => {
            said += "\nDifferences\n";
            for difference in differences {
                let _ = writeln!(said, "  {}", visible(&difference.text));
            }
        }
    }
    let all = trial.services;
    if trial.affected.is_empty() {
        let _ = writeln!(said, "\nNobody would move, of {all} services in scope.");
        return said;
    }
    let _ = writeln!(said, "\nServices that it would touch: {} of {all}", trial.affected.len());
    for service in &trial.affected {
        let _ = writeln!(said, "  {}", affected(service));
        for why in &service.why {
            let _ = writeln!(said, "    {}", visible(why));
        }
    }
    said
}

fn affected(service: &AffectedService) -> String {
    let moved = match service.up {
        Some(up) => {
            let way = if up { "climbs" } else { "falls" };
            let also = if service.reproving { " and is re-proving" } else { "" };
            format!("{way} from {} to {}{also}", service.from, service.to)
        }
        None if service.reproving => format!("stays {} and is re-proving", service.from),
        None => format!("stays {} and is re-proving no more", service.from),
    };
    let ((was, of), (is, then)) =
        ((service.passed.0, service.counted.0), (service.passed.1, service.counted.1));
    let moved = visible(&moved);
    format!("{} {moved}; checks {was} of {of}, then {is} of {then}", visible(&service.service.name))
}
