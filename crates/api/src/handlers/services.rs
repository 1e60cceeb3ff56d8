//! The Services table.

use crate::app::App;
use crate::clock::rfc3339;
use crate::dto::service::{CheckRef, ProgressCounts, ServiceRow, ServicesView, StageRef};
use crate::dto::session::Nothing;
use crate::error::ApiError;
use crate::handlers::past::Day;
use crate::names::Names;
use crate::programme::Programme;
use pilotage_domain::journey::Counts;
use pilotage_store::{DependencyRow, NodeRow};
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

pub(crate) async fn services(app: &App, _: Nothing) -> Result<ServicesView, ApiError> {
    services_of(app, &Day::of(app, None, false).await?).await
}

/// The services of a day. What depends on whom is told as it is now.
pub(crate) async fn services_of(app: &App, day: &Day) -> Result<ServicesView, ApiError> {
    let programme = Programme::load_at(app, day.when()).await?;
    let names = Names::load(app).await?;
    let nodes = day.nodes(app).await?;
    let degrees = dependency_degrees(&app.store.dependencies().await?);
    let rows = nodes.iter().map(|node| row_of(node, &programme, &names, &degrees)).collect();
    Ok(ServicesView { rows, stages: stage_refs(&programme) })
}

pub(crate) fn stage_refs(programme: &Programme) -> Vec<StageRef> {
    programme
        .ladder
        .stages
        .iter()
        .zip(&programme.ladder.applicable)
        .map(|(id, applicable)| StageRef {
            id: id.clone(),
            title: programme.title(Some(id)),
            applicable: *applicable,
        })
        .collect()
}

/// How many nodes each node calls, and how many call it.
pub(crate) fn dependency_degrees(dependencies: &[DependencyRow]) -> HashMap<Uuid, (u32, u32)> {
    let pairs: BTreeSet<(Uuid, Uuid)> =
        dependencies.iter().map(|edge| (edge.caller, edge.callee)).collect();
    let mut degrees: HashMap<Uuid, (u32, u32)> = HashMap::new();
    for (caller, callee) in pairs {
        degrees.entry(caller).or_default().0 += 1;
        degrees.entry(callee).or_default().1 += 1;
    }
    degrees
}

pub(crate) fn row_of(
    node: &NodeRow,
    programme: &Programme,
    names: &Names,
    degrees: &HashMap<Uuid, (u32, u32)>,
) -> ServiceRow {
    let summary = &node.summary;
    let (calls, called_by) = degrees.get(&node.id).copied().unwrap_or_default();
    ServiceRow {
        id: node.id.to_string(),
        name: node.name.clone(),
        class: node.class.word().to_owned(),
        scope: summary.scope.word().to_owned(),
        stage: summary.stage.clone(),
        stage_index: u32::try_from(summary.number).unwrap_or(0),
        blocked: summary.blocked_since.is_some(),
        blocked_since: summary.blocked_since.map(rfc3339),
        regressed: summary.regressed,
        reproving: summary.reproving,
        unproven_since: summary.unproven_since.map(rfc3339),
        progress: counts(summary.counts),
        assignees: node
            .listed
            .assignees
            .iter()
            .filter_map(|id| Uuid::try_parse(id).ok())
            .filter(|id| names.is_person(*id))
            .map(|id| names.reference(id))
            .collect(),
        target_date: node.listed.target_date.clone(),
        next_check: summary
            .next_check
            .as_ref()
            .map(|id| CheckRef { id: id.clone(), title: programme.check_title(id) }),
        calls,
        called_by,
        stage_since: summary.stage.as_ref().map(|_| rfc3339(summary.stage_since)),
        changed_at: rfc3339(node.changed_at),
        owner: node.listed.owner.clone(),
        team: node.listed.team.clone(),
        criticality: node.listed.criticality,
        effort: node.listed.effort.clone(),
        archetype: node.listed.archetype.clone(),
        difficulty: node.listed.difficulty.clone(),
        tags: node.listed.tags.clone(),
        known_as: node.listed.aliases.clone(),
        next_due: next_due(node, programme),
    }
}

/// The first day on which a check that is open is due.
fn next_due(node: &NodeRow, programme: &Programme) -> Option<String> {
    let cells = node.summary.cells.chars();
    programme
        .ladder
        .checks
        .iter()
        .zip(cells)
        .filter(|(_, cell)| !matches!(cell, 'p' | 'c' | 'w' | 'n'))
        .filter_map(|((_, rule), _)| node.listed.due.get(&rule.id))
        .min()
        .cloned()
}

pub(crate) fn counts(counts: Counts) -> ProgressCounts {
    ProgressCounts {
        passed: counts.passed,
        counted: counts.counted,
        proved: counts.proved,
        waived: counts.waived,
        not_applicable: counts.not_applicable,
    }
}
