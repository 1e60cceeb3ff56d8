//! The next steps of one person across services.

use crate::app::App;
use crate::dto::service::{ChecklistRequest, ChecklistService, ChecklistView};
use crate::error::ApiError;
use crate::handlers::service::Context;
use crate::names::{Names, node_ref};
use crate::programme::Programme;
use pilotage_domain::fact::Scope;
use pilotage_domain::words::NodeClass;
use uuid::Uuid;

pub(crate) async fn checklist(
    app: &App,
    request: ChecklistRequest,
) -> Result<ChecklistView, ApiError> {
    let now = app.clock.now();
    let programme = Programme::load(app).await?;
    let names = Names::load(app).await?;
    let person = match &request.person {
        Some(person) => Some(names.need(person)?),
        None => app.actor(&names),
    };
    let nodes = app.store.nodes(now).await?;
    let degrees = super::dependency_degrees(&app.store.dependencies().await?);
    let in_scope = || {
        nodes
            .iter()
            .filter(|node| node.class == NodeClass::Service && node.summary.scope == Scope::In)
    };
    let key = person.map(|person| person.to_string());
    let mine: Vec<Uuid> = in_scope()
        .filter(|node| key.as_ref().is_some_and(|key| node.listed.assignees.contains(key)))
        .map(|node| node.id)
        .collect();
    let details = app.store.nodes_with_facts(&mine, now).await?;
    let mut services = Vec::new();
    for node in in_scope() {
        let Some(detail) = details.get(&node.id) else {
            continue;
        };
        let context =
            Context { programme: &programme, names: &names, detail, actor: app.actor(&names), now };
        let ladder = &programme.ladder;
        let next = (detail.journey.number + 1..=ladder.stages.len())
            .find(|number| ladder.applicable[number - 1]);
        let counted: Vec<_> = next
            .map(|number| context.checks(number))
            .unwrap_or_default()
            .into_iter()
            .filter(|check| check.state == "counted")
            .collect();
        // A regressed or re-proving check of a reached stage comes before anything new.
        let mut open: Vec<_> = (1..=detail.journey.number)
            .flat_map(|number| context.checks(number))
            .filter(|check| check.state == "counted" && is_open(&check.result))
            .collect();
        let done = counted.iter().filter(|check| !is_open(&check.result)).count();
        open.extend(counted.into_iter().filter(|check| is_open(&check.result)));
        services.push(ChecklistService {
            row: super::row_of(node, &programme, &names, &degrees),
            next_stage: next.map(|number| programme.title(ladder.stage(number))),
            open,
            done: u32::try_from(done).unwrap_or(u32::MAX),
            blockers: context
                .blockers()
                .into_iter()
                .filter(|blocker| blocker.closed_at.is_none())
                .collect(),
        });
    }
    // Most urgent first: what was lost, then what is due, then what is furthest.
    services.sort_by_key(|service| {
        (
            !service.row.regressed,
            service.row.target_date.clone().unwrap_or_else(|| "9999".to_owned()),
            std::cmp::Reverse(service.row.stage_index),
            service.row.name.clone(),
        )
    });
    let unassigned =
        in_scope().filter(|node| node.listed.assignees.is_empty()).map(node_ref).collect();
    Ok(ChecklistView { person: person.map(|person| names.reference(person)), services, unassigned })
}

fn is_open(result: &str) -> bool {
    matches!(result, "fail" | "unknown")
}
