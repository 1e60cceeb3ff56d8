//! The programme itself: made, shown, changed, and its last action taken back.

use crate::args::{Global, Init, Settings, SettingsCommand, SettingsSet, Undo};
use crate::print::{self, Answer, Column, Form};
use crate::session::{self, Places, Session};
use pilotage_api::archive::Archive;
use pilotage_api::dto::actions::{self, EditProgramme};
use pilotage_api::dto::session::{Nothing, PersonRef, UndoView};
use pilotage_api::dto::settings::{EnvironmentView, PersonView, SettingsView};
use pilotage_api::programme::{self, NewProgramme};
use pilotage_api::{ApiError, App, Clock, Code};
use pilotage_domain::text::visible;
use serde::Serialize;
use std::fmt::Write as _;

/// Answer to `init`.
#[derive(Debug, Serialize)]
struct Made {
    workspace: String,
    programme: String,
    acting_as: Option<PersonRef>,
}

/// `init`.
pub async fn init(global: &Global, new: &Init) -> Result<Answer, ApiError> {
    if global.sample {
        let message = "--sample makes a programme of its own. Nothing was changed. Leave out init, or --sample.";
        return Err(ApiError::new(Code::ArgumentsInvalid, message));
    }
    let form = Form::of(global);
    let places = Places::of(global)?;
    if let Some(export) = &new.from {
        let archive = Archive::read(export)?;
        archive.create(&places.workspace, &places.data_folder, Clock::System).await?;
    } else {
        let new = NewProgramme {
            name: new.name.clone(),
            time_zone: new.time_zone.clone().unwrap_or_else(programme::system_zone),
        };
        programme::create(&places.workspace, &places.data_folder, Clock::System, &new).await?;
    }
    let app = places.open().await?;
    let introduced = introduce(&app, form, global.acting_as.as_deref()).await;
    let session = app.session(Nothing {}).await;
    app.close().await;
    let session = session?;
    let made = Made {
        workspace: places.workspace.display().to_string(),
        programme: session.programme,
        acting_as: session.acting_as,
    };
    let answer = Answer::new(form, &made, || {
        let who = made.acting_as.as_ref().map_or_else(
            || "Nobody is working on it yet: `pilotage person add NAME`, then `person act-as NAME`.".to_owned(),
            |person| format!("Working as {}.", visible(&person.name)),
        );
        format!("Made {} at {}.\n{who}\n", visible(&made.programme), visible(&made.workspace))
    })?;
    // The programme is made: only the person is missing.
    Ok(match introduced {
        Ok(()) => answer,
        Err(error) => answer.stopped_by([error]),
    })
}

/// Whoever makes a programme works on it from now on.
async fn introduce(app: &App, form: Form, named: Option<&str>) -> Result<(), ApiError> {
    if let Some(person) = named {
        session::act_as(app, form, person).await?;
    } else {
        let Some(person) = App::suggested_name() else {
            return Ok(());
        };
        // A name nobody chose is no reason to fail.
        if app.act_as_named(&person).await.is_err() {
            return Ok(());
        }
        print::notice(
            form,
            &format!(
                "Working as {person}, as this account says. Somebody else? `pilotage person add \
                 NAME`, then `pilotage person act-as NAME`."
            ),
        );
    }
    app.keep_acting()
}

/// `undo`.
pub async fn undo(session: &Session, undo: &Undo) -> Result<Answer, ApiError> {
    let (batch, what) = match undo.action.clone() {
        Some(batch) => (batch, None),
        None => last_action(session).await.map(|last| (last.batch, Some(last.summary)))?,
    };
    let saved = session.app.undo(actions::Undo { batch }).await?;
    session.answer(&saved, || {
        let what = what.map_or_else(String::new, |what| format!("Undone: {}\n", visible(&what)));
        what + &print::saved(&saved)
    })
}

/// What the acting person did last on this device, of what can be taken back.
async fn last_action(session: &Session) -> Result<UndoView, ApiError> {
    let view = session.app.session(Nothing {}).await?;
    if let Some(undo) = view.undo {
        return Ok(undo);
    }
    let Some(person) = view.acting_as else {
        let message = "Nobody has said who is working. Nothing was changed. Add --as PERSON.";
        return Err(ApiError::new(Code::WhoUnknown, message));
    };
    let message = format!(
        "{} has no action on this device that can be taken back. Nothing was changed.",
        person.name
    );
    Err(ApiError::new(Code::NotPossible, message))
}

/// `settings` and `settings set`.
pub async fn settings(session: &Session, settings: &Settings) -> Result<Answer, ApiError> {
    if let Some(SettingsCommand::Set(set)) = &settings.set {
        let saved = session.app.edit_programme(edit(set)).await?;
        return session.answer(&saved, || print::saved(&saved));
    }
    let view = session.app.settings(Nothing {}).await?;
    session.answer(&view, || shown(session, &view))
}

fn edit(set: &SettingsSet) -> EditProgramme {
    EditProgramme {
        name: set.name.clone(),
        time_zone: set.time_zone.clone(),
        // On the wire the empty text removes it.
        deadline: set
            .deadline
            .as_ref()
            .map(|day| if day.eq_ignore_ascii_case("none") { String::new() } else { day.clone() }),
        done_stage: set.done_stage.clone(),
        names_shown: set.names_on_progress,
    }
}

fn shown(session: &Session, view: &SettingsView) -> String {
    let stages: Vec<&str> = view
        .stages
        .iter()
        .filter(|stage| stage.applicable)
        .map(|stage| stage.id.as_str())
        .collect();
    let playbook = &view.playbook;
    let facts = &view.workspace;
    let lines = [
        ("Programme", view.name.clone()),
        ("Time zone", view.time_zone.clone()),
        ("Deadline", view.deadline.clone().unwrap_or_else(|| "none".to_owned())),
        ("Done stage", view.done_stage.clone()),
        ("Stages", stages.join(", ")),
        (
            "Playbook",
            format!(
                "{} version {}, {} checks, {} counted",
                playbook.name, playbook.version, playbook.checks, playbook.counted
            ),
        ),
        ("File", session.workspace().display().to_string()),
        (
            "Log",
            format!(
                "{} actions, {} writes, {} set aside, {} fields in conflict",
                facts.batches, facts.writes, facts.quarantined, facts.conflicts
            ),
        ),
    ];
    let mut text = String::new();
    for (label, value) in lines {
        let _ = writeln!(text, "{label:<11} {}", visible(&value));
    }
    text + "\n" + &environments(&view.environments) + "\n" + &people(&view.people)
}

fn environments(environments: &[EnvironmentView]) -> String {
    let rows = environments.iter().map(|environment| {
        let targets: Vec<String> = environment
            .targets
            .iter()
            .map(|target| {
                let namespaces = if target.namespaces.is_empty() {
                    "all namespaces".to_owned()
                } else {
                    target.namespaces.join(", ")
                };
                format!("{} ({namespaces})", target.context)
            })
            .collect();
        vec![environment.name.clone(), targets.join("; ")]
    });
    print::table(&[Column::Text("Environment"), Column::Text("Targets")], rows)
}

/// People as a table.
pub fn people(people: &[PersonView]) -> String {
    if people.is_empty() {
        return "No people yet.\n".to_owned();
    }
    let rows = people.iter().map(|person| {
        vec![
            person.person.name.clone(),
            person.email.clone().unwrap_or_default(),
            person.services.to_string(),
        ]
    });
    print::table(
        &[Column::Text("Person"), Column::Text("E-mail"), Column::Number("Services")],
        rows,
    )
}
