//! The team's rules on writers. A rule beats everything that Pilotage would say by itself, so one
//! that would match everybody is refused.

use super::actions::{Bench, note};
use crate::app::App;
use crate::clock::rfc3339;
use crate::cluster::desk::{Desk, moment};
use crate::cluster::screen;
use crate::dto::session::{Nothing, Saved};
use crate::dto::writers::{
    EditPipeline, EditWriterRule, PipelineView, TriedWriter, WriterIs, WriterRuleView, WriterTrial,
    WritersView,
};
use crate::error::ApiError;
use crate::names::{Names, find_node, node_ref};
use crate::programme::zone_of;
use pilotage_domain::calendar::day_of;
use pilotage_domain::change::{Change, Presence, path};
use pilotage_domain::cluster::{
    WriterClass, WriterMatch, WriterRule, pipeline_managers, writer_rules,
};
use pilotage_domain::words::NodeClass;
use std::collections::BTreeSet;
use std::sync::Arc;
use uuid::Uuid;

/// Rules of a programme, and names of a service's pipeline, at most.
const MOST: usize = 100;
/// Longest name of a writer: the server cuts them there.
const NAME: usize = 128;

pub(crate) async fn writers(app: &App, _: Nothing) -> Result<WritersView, ApiError> {
    let programme = app.store.entity(app.store.workspace()).await?;
    let authors = app.store.authors(app.store.workspace(), path::WRITER_RULES).await?;
    let names = Names::load(app).await?;
    let zone = zone_of(&programme);
    let said = |id: &str| authors.get(&path::element(path::WRITER_RULES, id)).copied();
    let rules = writer_rules(&programme).into_iter().map(|(id, rule)| {
        let (by, at, on) = said(&id).map_or_else(Default::default, |(by, at)| {
            (names.of(by), rfc3339(at), day_of(at, zone).to_string())
        });
        WriterRuleView { by, at, on, ..view(id, rule) }
    });
    let rules = rules.collect();
    let nodes = app.store.nodes(app.clock.now()).await?;
    let services: Vec<_> = nodes.iter().filter(|node| node.class == NodeClass::Service).collect();
    let ids: Vec<Uuid> = services.iter().map(|node| node.id).collect();
    let entities = app.store.entities_of(&ids).await?;
    let pipelines = services.into_iter().filter_map(|node| {
        let managers: Vec<String> =
            pipeline_managers(entities.get(&node.id)?).into_iter().collect();
        (!managers.is_empty()).then(|| PipelineView { service: node_ref(node), managers })
    });
    Ok(WritersView { rules, pipelines: pipelines.collect() })
}

pub(crate) async fn edit_writer_rule(
    app: &App,
    request: EditWriterRule,
) -> Result<Saved, ApiError> {
    let bench = Bench::set_up(app).await?;
    let workspace = app.store.workspace();
    let known = writer_rules(&app.store.entity(workspace).await?);
    let Some((id, rule)) = edited(&known, &request)? else {
        let (id, rule) = found(&known, request.id.as_deref().unwrap_or_default())?;
        let summary = format!("rule on writers removed: {}", rule.matches.words());
        return app.save(bench.actor, vec![WriterRule::unset(workspace, id)], summary, None).await;
    };
    let summary = format!("{} counts as {}", rule.matches.words(), rule.class.word());
    app.save(bench.actor, vec![rule.set(workspace, &id)], summary, None).await
}

/// What the rule would change of what is seen in the contexts that are on. Nothing is recorded.
pub(crate) async fn try_writer_rule(
    app: &App,
    request: EditWriterRule,
) -> Result<WriterTrial, ApiError> {
    let programme = app.store.entity(app.store.workspace()).await?;
    let known = writer_rules(&programme);
    let mut rules = known.clone();
    if let Some((id, rule)) = edited(&known, &request)? {
        rules.retain(|(other, _)| *other != id);
        rules.push((id, rule));
        rules.sort_by(|(id, rule), (other, later)| (rule.order, id).cmp(&(later.order, other)));
    } else {
        let id = found(&known, request.id.as_deref().unwrap_or_default())?.0.clone();
        rules.retain(|(other, _)| *other != id);
    }
    let Some(live) = app.live() else {
        return Ok(WriterTrial { changed: Vec::new(), looked_at: 0 });
    };
    let desk = live.desk(app).await?;
    let mut tried = Desk::clone(&desk);
    tried.writer_rules = Arc::from(rules);
    let mut trial = WriterTrial { changed: Vec::new(), looked_at: 0 };
    for (snapshot, _) in live.snapshots(moment(app.clock.now())).values() {
        let pairs =
            screen::writers(snapshot, &desk).into_iter().zip(screen::writers(snapshot, &tried));
        for (now, then) in pairs {
            trial.looked_at += 1;
            if now.writer.class != then.writer.class {
                trial.changed.push(TriedWriter {
                    workload: format!(
                        "{} {}/{} {}",
                        now.context, now.namespace, now.kind, now.name
                    ),
                    service: now.service,
                    manager: now.writer.manager,
                    from: now.writer.class,
                    to: then.writer.class,
                });
            }
        }
    }
    Ok(trial)
}

pub(crate) async fn edit_pipeline(app: &App, request: EditPipeline) -> Result<Saved, ApiError> {
    let bench = Bench::set_up(app).await?;
    let node = find_node(&bench.nodes, &request.service)?;
    if node.class != NodeClass::Service {
        return Err(ApiError::argument("service", "is no service: no pipeline deploys it"));
    }
    let wanted = request.managers.iter().map(|name| manager(name));
    let wanted: BTreeSet<String> = wanted.collect::<Result<_, _>>()?;
    if wanted.len() > MOST {
        return Err(ApiError::argument("managers", format!("are more than {MOST}")));
    }
    let held = pipeline_managers(&app.store.entity(node.id).await?);
    let element =
        |name: &String, presence| Change::element(node.id, path::PIPELINE_MANAGERS, name, presence);
    let gone = held.difference(&wanted).map(|name| element(name, Presence::Out));
    let come = wanted.difference(&held).map(|name| element(name, Presence::In));
    let changes: Vec<Change> = gone.chain(come).collect();
    let summary = match wanted.iter().cloned().collect::<Vec<_>>().join(", ") {
        names if names.is_empty() => format!("{} has no pipeline of its own", node.name),
        names => format!("the pipeline of {} writes as {names}", node.name),
    };
    app.save(bench.actor, changes, summary, None).await
}

/// The rule as it would be, with its id; nothing where it is to be taken away.
fn edited(
    known: &[(String, WriterRule)],
    request: &EditWriterRule,
) -> Result<Option<(String, WriterRule)>, ApiError> {
    let Some(is) = &request.is else { return Ok(None) };
    let before = match &request.id {
        Some(id) => Some(found(known, id)?),
        None if known.len() >= MOST => {
            return Err(ApiError::argument("rules", format!("are {MOST} already")));
        }
        None => None,
    };
    let class = request.class.as_deref().unwrap_or_default();
    let class = WriterClass::from_word(class).ok_or_else(|| {
        let words = WriterClass::ALL.map(WriterClass::word).join(", ");
        ApiError::argument("class", format!("must be one of {words}"))
    })?;
    let last = known.iter().map(|(_, rule)| rule.order).max();
    let order = before.map_or_else(|| last.map_or(0, |last| last + 1), |(_, rule)| rule.order);
    let id = before.map_or_else(|| Uuid::now_v7().simple().to_string(), |(id, _)| id.clone());
    let note = note("note", request.note.clone())?.unwrap_or_default();
    Ok(Some((id, WriterRule { order, matches: matches(is)?, class, note })))
}

fn found<'k>(
    known: &'k [(String, WriterRule)],
    id: &str,
) -> Result<&'k (String, WriterRule), ApiError> {
    let wanted = id.trim().to_lowercase();
    // Ids made in the same hour begin alike, so their ends are shown.
    let fits = |id: &str| !wanted.is_empty() && (id == wanted || id.ends_with(&wanted));
    let mut fitting = known.iter().filter(|(id, _)| fits(id));
    match (fitting.next(), fitting.next()) {
        (Some(found), None) => Ok(found),
        _ => Err(ApiError::not_found("rule", id)),
    }
}

fn matches(is: &WriterIs) -> Result<WriterMatch, ApiError> {
    let some = |field: &str, text: &Option<String>| -> Result<Option<String>, ApiError> {
        match text.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
            Some(text) => Ok(Some(short(field, text)?)),
            None => Ok(None),
        }
    };
    let matches = WriterMatch {
        manager: some("manager", &is.manager)?,
        manager_prefix: some("manager prefix", &is.manager_prefix)?,
        operation: some("operation", &is.operation)?,
        namespace: some("namespace", &is.namespace)?,
        cluster: some("cluster", &is.cluster)?,
        kind: some("kind", &is.kind)?,
        marker: some("marker", &is.marker)?,
    };
    if matches.is_empty() {
        return Err(ApiError::argument(
            "rule",
            "asks for nothing, and would match everybody: give a name, a beginning or a marker",
        ));
    }
    if matches.operation.as_ref().is_some_and(|it| it != "Apply" && it != "Update") {
        return Err(ApiError::argument("operation", "must be Apply or Update"));
    }
    Ok(matches)
}

fn manager(name: &str) -> Result<String, ApiError> {
    match name.trim() {
        "" => Err(ApiError::argument("manager", "is empty")),
        name => short("manager", name),
    }
}

fn short(field: &str, text: &str) -> Result<String, ApiError> {
    if text.chars().count() > NAME || text.chars().any(char::is_control) {
        let why = format!("must be one line of at most {NAME} characters");
        return Err(ApiError::argument(field, why));
    }
    Ok(text.to_owned())
}

fn view(id: String, rule: WriterRule) -> WriterRuleView {
    let words = rule.matches.words();
    let WriterMatch { manager, manager_prefix, operation, namespace, cluster, kind, marker } =
        rule.matches;
    let is = WriterIs { manager, manager_prefix, operation, namespace, cluster, kind, marker };
    WriterRuleView {
        id,
        is,
        words,
        class: rule.class.word().to_owned(),
        note: rule.note,
        ..WriterRuleView::default()
    }
}
