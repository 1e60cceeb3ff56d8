//! The frame around every page.

use crate::app::App;
use crate::clock::rfc3339;
use crate::describe::Describer;
use crate::dto::session::{FirstSteps, KeptView, Nothing, PersonRef, SessionView, UndoView};
use crate::error::ApiError;
use crate::names::Names;
use crate::programme::Programme;
use pilotage_domain::change::path;
use pilotage_domain::flow;
use pilotage_domain::words::NodeClass;

pub(crate) async fn session(app: &App, _: Nothing) -> Result<SessionView, ApiError> {
    let programme = Programme::load(app).await?;
    let names = Names::load_for_log(app).await?;
    let nodes = app.store.nodes(app.clock.now()).await?;
    let actor = app.actor(&names);
    let undo = match actor {
        Some(actor) => app.store.last_action(app.device(), actor).await?,
        None => None,
    };
    let undo = undo.map(|(range, batches)| UndoView {
        batch: range.to_string(),
        summary: Describer::new(&programme, &names, &nodes).action(app.device(), &batches),
    });
    let suggested = suggested_person();
    Ok(SessionView {
        programme: programme.name().to_owned(),
        workspace: app
            .workspace
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        acting_as: actor.map(|actor| names.reference(actor)),
        suggested_name: suggested.0,
        suggested_email: suggested.1,
        people: names
            .present()
            .into_iter()
            .map(|person| PersonRef { id: person.id.to_string(), name: person.name().to_owned() })
            .collect(),
        today: flow::day_of(app.clock.now(), programme.zone).to_string(),
        last_visit: app.last_visit.map(rfc3339),
        undo,
        read_only: app.store.read_only(),
        sample: programme.is_sample(),
        nodes: u32::try_from(nodes.len()).unwrap_or(u32::MAX),
        views: programme
            .entity
            .map(path::VIEWS)
            .into_iter()
            .map(|(name, address)| KeptView { name, address: address.to_owned() })
            .collect(),
        first_steps: FirstSteps {
            person: actor.is_some(),
            services: nodes.iter().any(|node| node.class == NodeClass::Service),
            assigned: nodes.iter().any(|node| !node.listed.assignees.is_empty()),
            looked: nodes.iter().any(|node| {
                node.summary.cells.chars().any(|cell| matches!(cell, 'p' | 'c' | 'f' | 'r' | 's'))
            }),
        },
    })
}

/// Name and e-mail as the environment states them for git, else the login name.
pub(crate) fn suggested_person() -> (Option<String>, Option<String>) {
    let first = |names: [&str; 3]| {
        names
            .into_iter()
            .filter_map(|name| std::env::var(name).ok())
            .map(|value| value.trim().to_owned())
            .find(|value| !value.is_empty())
    };
    let name = first(["GIT_AUTHOR_NAME", "USER", "USERNAME"]);
    let email = first(["GIT_AUTHOR_EMAIL", "EMAIL", "GIT_COMMITTER_EMAIL"]);
    (name, email)
}
