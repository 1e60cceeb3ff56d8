//! Retrospectives: shown, exported, and run from a terminal.

use crate::args::retro::{
    ActionWords, DecideWords, DecisionWord, EditRetroWords, GroupWords, NoteWords, Retro,
    RetroExport, SprintDocument,
};
use crate::documents;
use crate::print::{self, Answer, Column};
use crate::session::Session;
use pilotage_api::dto::progress::ReportText;
use pilotage_api::dto::retro::{
    ActionView, AgreeAction, DecideAction, Decision, EditRetro, GroupNotes, KeepFormats,
    ProposePerson, RetroOf, TurnRetro, WriteNote,
};
use pilotage_api::dto::retro_documents::{
    ImportRetro, ReadRetro, RetroReport, RetroText, SprintReport,
};
use pilotage_api::dto::session::{Nothing, Saved};
use pilotage_api::{ApiError, Code};
use std::path::Path;

/// `retro`.
pub async fn retro(session: &Session, command: &Retro) -> Result<Answer, ApiError> {
    let app = &session.app;
    let saved = match command {
        Retro::Show { sprint } => {
            let sprint = sprint.clone();
            let document = SprintDocument { sprint, format: None, output: None, at: None };
            // Shown to whoever asks, and no file: nothing is kept from him.
            return report(session, &RetroExport { document, with_people: true }).await;
        }
        Retro::Export(export) => return report(session, export).await,
        Retro::Read { file, format } => {
            let format = documents::form(*format);
            let request = ReadRetro { text: text_of(file)?, format };
            let report = app.read_retro(request).await?;
            return documents::rendered(session, format, None, report);
        }
        Retro::Actions => {
            let open = app.open_actions(Nothing {}).await?;
            return session.answer(&open, || listed(&open));
        }
        Retro::Import { file } => app.import_retro(ImportRetro { text: text_of(file)? }).await?,
        Retro::Formats { keep: None, product: false } => {
            let formats = app.retro_formats(Nothing {}).await?;
            return session.answer(&formats, || formats.text.clone());
        }
        Retro::Formats { keep, .. } => {
            let text = keep.as_deref().map(text_of).transpose()?.unwrap_or_default();
            if keep.is_some() && text.trim().is_empty() {
                let message = "The file is empty, so it holds no format. Nothing was changed.";
                return Err(ApiError::new(Code::FileRejected, message));
            }
            app.keep_formats(KeepFormats { text }).await?
        }
        Retro::Note(words) => note(session, words).await?,
        Retro::Reveal { sprint } => app.reveal_notes(RetroOf { sprint: sprint.clone() }).await?,
        Retro::Edit(words) => edit(session, words).await?,
        Retro::Group(words) => group(session, words).await?,
        Retro::Action(words) => action(session, words).await?,
        Retro::Decide(words) => decide(session, words).await?,
        Retro::Close { sprint } => {
            let sprint = sprint.clone();
            app.turn_retro(TurnRetro { sprint, closed: true, reason: None }).await?
        }
        Retro::Reopen { sprint, reason } => {
            let (sprint, reason) = (sprint.clone(), Some(reason.clone()));
            app.turn_retro(TurnRetro { sprint, closed: false, reason }).await?
        }
    };
    session.answer(&saved, || print::saved(&saved))
}

/// `report retro`, too.
pub async fn report(session: &Session, words: &RetroExport) -> Result<Answer, ApiError> {
    let SprintReport { sprint, format, at } = asked(session, &words.document);
    let request = RetroReport { sprint, format, at, with_people: words.with_people };
    let RetroText { file_name, text, notes_left_out } = session.app.retro_report(request).await?;
    if let Some(left_out) = told_left_out(notes_left_out) {
        print::notice(session.form, &left_out);
    }
    let report = ReportText { file_name, text };
    documents::rendered(session, format, words.document.output.as_deref(), report)
}

fn told_left_out(notes: u32) -> Option<String> {
    let what = match notes {
        0 => return None,
        1 => "1 note that speaks about people was left out. Where those who are named agree, \
              --with-people writes it, too."
            .to_owned(),
        more => format!(
            "{more} notes that speak about people were left out. Where those who are named agree, \
             --with-people writes them, too."
        ),
    };
    Some(what)
}

/// `report sprint`.
pub async fn sprint_report(session: &Session, words: &SprintDocument) -> Result<Answer, ApiError> {
    let request = asked(session, words);
    let format = request.format;
    let report = session.app.sprint_report(request).await?;
    documents::rendered(session, format, words.output.as_deref(), report)
}

fn asked(session: &Session, words: &SprintDocument) -> SprintReport {
    let format = documents::chosen(session, words.format, words.output.as_deref());
    SprintReport { sprint: words.sprint.clone(), format, at: words.at.clone() }
}

fn text_of(file: &Path) -> Result<String, ApiError> {
    std::fs::read_to_string(file).map_err(|error| {
        let message = format!("The file cannot be read: {error}. Nothing was changed.");
        ApiError::new(Code::FileRejected, message).with("file", file.display())
    })
}

async fn note(session: &Session, words: &NoteWords) -> Result<Saved, ApiError> {
    let request = WriteNote {
        sprint: words.sprint.clone(),
        text: words.text.clone(),
        column: words.column.clone(),
        service: words.service.clone(),
        check: words.check.clone(),
        ..WriteNote::default()
    };
    session.app.write_note(request).await
}

async fn edit(session: &Session, words: &EditRetroWords) -> Result<Saved, ApiError> {
    let filled = |counts: &Vec<u32>| Some(counts.clone()).filter(|counts| !counts.is_empty());
    let leader = words.next_leader.as_ref().map(|person| ProposePerson {
        person: person.clone(),
        reason: words.reason.clone().unwrap_or_default(),
    });
    let request = EditRetro {
        sprint: words.sprint.clone(),
        format: words.format.clone(),
        authors: words.authors.clone(),
        voting: words.voting.clone(),
        present: Some(words.present.clone()).filter(|present| !present.is_empty()),
        step: words.step.clone(),
        skip: words.skip,
        return_on_time: filled(&words.return_on_time),
        confidence: filled(&words.confidence),
        next_leader: leader,
        ..EditRetro::default()
    };
    session.app.edit_retro(request).await
}

async fn group(session: &Session, words: &GroupWords) -> Result<Saved, ApiError> {
    let request = GroupNotes {
        sprint: words.sprint.clone(),
        notes: words.notes.clone(),
        group: words.group.clone(),
        name: words.name.clone(),
        votes: words.votes,
    };
    session.app.group_notes(request).await
}

async fn action(session: &Session, words: &ActionWords) -> Result<Saved, ApiError> {
    let request = AgreeAction {
        sprint: words.sprint.clone(),
        text: words.text.clone(),
        owner: words.owner.clone(),
        seen_by: words.seen_by.clone(),
        due_sprint: words.due.clone(),
        metric: words.metric.clone(),
        direction: words.direction.clone(),
        target: words.target.clone(),
        instead_of: words.instead_of.clone(),
        supersedes: words.supersedes.clone(),
        ..AgreeAction::default()
    };
    session.app.agree_action(request).await
}

async fn decide(session: &Session, words: &DecideWords) -> Result<Saved, ApiError> {
    let request = DecideAction {
        action: words.action.clone(),
        decision: match words.decision {
            DecisionWord::Done => Decision::Done,
            DecisionWord::Keep => Decision::Keep,
            DecisionWord::Drop => Decision::Drop,
        },
        sprint: words.sprint.clone(),
        reason: words.reason.clone(),
        owner: words.owner.clone(),
    };
    session.app.decide_action(request).await
}

fn listed(open: &[ActionView]) -> String {
    if open.is_empty() {
        return "No action of a retrospective is open.\n".to_owned();
    }
    let columns = [
        Column::Text("Id"),
        Column::Text("Action"),
        Column::Text("Owner"),
        Column::Text("From"),
        Column::Number("Days"),
        Column::Number("Carried"),
    ];
    let rows = open.iter().map(|action| {
        vec![
            action.id.clone(),
            action.text.clone(),
            action.owner.as_ref().map_or("nobody", |owner| &owner.name).to_owned(),
            action.from.clone(),
            action.age_days.to_string(),
            action.carried.to_string(),
        ]
    });
    print::table(&columns, rows)
}
