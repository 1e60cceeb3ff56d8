//! Sprints: listed, shown, planned, turned.

use crate::args::sprint::{EditWords, PlanWords, ScopeWords, Sprint, TurnWords};
use crate::print::{self, Answer, Column};
use crate::session::Session;
use pilotage_api::ApiError;
use pilotage_api::dto::session::{Nothing, Saved};
use pilotage_api::dto::sprint::{
    EditSprint, PlanSprint, ScopeSprint, SprintRequest, SprintRow, SprintScopeChange, SprintTurn,
    SprintView, TurnSprint,
};
use pilotage_domain::text::visible;
use std::fmt::Write as _;

/// `sprint`.
pub async fn sprint(session: &Session, command: &Sprint) -> Result<Answer, ApiError> {
    let saved = match command {
        Sprint::List => {
            let sprints = session.app.sprints(Nothing {}).await?.sprints;
            return session.answer(&sprints, || listed(&sprints));
        }
        Sprint::Show { sprint } => {
            let request = SprintRequest { sprint: sprint.clone() };
            let view = session.app.sprint(request).await?;
            return session.answer(&view, || match &view {
                Some(view) => shown(view),
                None => {
                    "There is no sprint yet. Plan one with `pilotage sprint plan`.\n".to_owned()
                }
            });
        }
        Sprint::Plan(words) => plan(session, words).await?,
        Sprint::Edit(words) => edit(session, words).await?,
        Sprint::Start(words) => turn(session, words, SprintTurn::Start, None).await?,
        Sprint::Pause(words) => turn(session, words, SprintTurn::Pause, None).await?,
        Sprint::Resume(words) => turn(session, words, SprintTurn::Resume, None).await?,
        Sprint::End { turn: words, carry_over_to } => {
            turn(session, words, SprintTurn::End, carry_over_to.clone()).await?
        }
        Sprint::Add { scope: words, target_stage } => {
            scope(session, words, SprintScopeChange::In, target_stage.clone()).await?
        }
        Sprint::Remove { scope: words } => {
            scope(session, words, SprintScopeChange::Out, None).await?
        }
    };
    session.answer(&saved, || print::saved(&saved))
}

async fn plan(session: &Session, words: &PlanWords) -> Result<Saved, ApiError> {
    let request = PlanSprint {
        name: words.name.clone(),
        goal: words.goal.clone(),
        kind: words.kind.clone(),
        first: words.from.clone(),
        last: words.to.clone(),
        leader: words.leader.clone(),
        members: words.members.clone(),
        services: words.services.clone(),
        target_stage: words.target_stage.clone(),
    };
    session.app.plan_sprint(request).await
}

async fn edit(session: &Session, words: &EditWords) -> Result<Saved, ApiError> {
    let none = |leader: &String| match leader.trim() {
        "none" => String::new(),
        leader => leader.to_owned(),
    };
    let request = EditSprint {
        sprint: words.sprint.clone(),
        name: words.rename.clone(),
        goal: words.goal.clone(),
        kind: words.kind.clone(),
        first: words.from.clone(),
        last: words.to.clone(),
        leader: words.leader.as_ref().map(none),
        members: Some(words.members.clone()).filter(|members| !members.is_empty()),
    };
    session.app.edit_sprint(request).await
}

async fn turn(
    session: &Session,
    words: &TurnWords,
    turn: SprintTurn,
    carry_over_to: Option<String>,
) -> Result<Saved, ApiError> {
    let (sprint, note) = (words.sprint.clone(), words.note.clone());
    session.app.turn_sprint(TurnSprint { sprint, turn, note, carry_over_to }).await
}

async fn scope(
    session: &Session,
    words: &ScopeWords,
    change: SprintScopeChange,
    target_stage: Option<String>,
) -> Result<Saved, ApiError> {
    let request = ScopeSprint {
        sprint: words.sprint.clone(),
        services: words.services.clone(),
        change,
        target_stage,
        reason: words.reason.clone(),
    };
    session.app.scope_sprint(request).await
}

fn listed(sprints: &[SprintRow]) -> String {
    if sprints.is_empty() {
        return "There is no sprint yet. Plan one with `pilotage sprint plan`.\n".to_owned();
    }
    let columns = [
        Column::Text("Sprint"),
        Column::Text("Kind"),
        Column::Text("State"),
        Column::Text("From"),
        Column::Text("To"),
        Column::Text("Leader"),
        Column::Number("Reached"),
        Column::Number("Scope"),
    ];
    let rows = sprints.iter().map(|row| {
        vec![
            row.name.clone(),
            row.kind.clone(),
            row.state.clone(),
            row.first.clone(),
            row.last.clone(),
            row.leader.as_ref().map(|leader| leader.name.clone()).unwrap_or_default(),
            row.reached.to_string(),
            row.planned.to_string(),
        ]
    });
    print::table(&columns, rows)
}

fn shown(view: &SprintView) -> String {
    let row = &view.sprint;
    let mut text = format!(
        "{}: {}, {}, {} to {}\n",
        visible(&row.name),
        row.kind,
        row.state,
        row.first,
        row.last
    );
    let mut line = |title: &str, words: &str| {
        if !words.is_empty() {
            let _ = writeln!(text, "{title}: {}", visible(words));
        }
    };
    line("Goal", &row.goal);
    line("Leader", row.leader.as_ref().map_or("", |leader| &leader.name));
    let members: Vec<&str> = row.members.iter().map(|member| member.name.as_str()).collect();
    line("Members", &members.join(", "));
    line("Result", &format!("{} of {} services reached their stage", row.reached, row.planned));
    let columns = [
        Column::Text("Service"),
        Column::Text("Stage"),
        Column::Text("Target"),
        Column::Text("Reached"),
        Column::Text("Next check"),
        Column::Text("Note"),
    ];
    let title = |stage: &Option<String>| {
        let known = view.stages.iter().find(|known| Some(&known.id) == stage.as_ref());
        known.map_or_else(|| "Not started".to_owned(), |known| known.title.clone())
    };
    let rows = view.services.iter().map(|service| {
        let notes = [
            service.added.then(|| format!("added: {}", service.reason)),
            service.service.blocked.then(|| "blocked".to_owned()),
            service.service.regressed.then(|| "regressed".to_owned()),
        ];
        vec![
            service.service.name.clone(),
            title(&service.service.stage),
            service.target_title.clone(),
            if service.reached { "yes" } else { "no" }.to_owned(),
            service
                .service
                .next_check
                .as_ref()
                .map(|check| check.title.clone())
                .unwrap_or_default(),
            notes.into_iter().flatten().collect::<Vec<_>>().join(", "),
        ]
    });
    if !view.services.is_empty() {
        text.push_str(&print::table(&columns, rows));
    }
    for step in &view.scope_changes {
        let what = step
            .target_title
            .as_ref()
            .map_or_else(|| "taken out".to_owned(), |stage| format!("taken in, to reach {stage}"));
        let _ = writeln!(
            text,
            "{}  {} {what}: {} ({})",
            step.day,
            visible(&step.service.name),
            visible(&step.reason),
            visible(&step.by)
        );
    }
    text
}
