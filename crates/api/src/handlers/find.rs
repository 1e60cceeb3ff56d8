//! Search, conflicts, recent changes.

use crate::app::App;
use crate::clock::rfc3339;
use crate::describe::Describer;
use crate::dto::find::{
    ConflictChoice, ConflictRow, ConflictsView, RecentRow, RecentView, SearchHit, SearchRequest,
    SearchView, SettleConflict,
};
use crate::dto::session::{NodeRef, Nothing, Saved};
use crate::error::{ApiError, Code};
use crate::names::Names;
use crate::programme::Programme;
use pilotage_domain::change::{Change, Entity, path};
use pilotage_domain::hlc;
use pilotage_domain::ids::DeviceId;
use pilotage_domain::operation::{SeenVersion, Version};
use pilotage_store::{Conflict, Place};
use serde_json::Value;
use uuid::Uuid;

/// Hits that are shown.
const HITS: usize = 100;
/// Changed services that are shown.
const RECENT: u32 = 30;

pub(crate) async fn search(app: &App, request: SearchRequest) -> Result<SearchView, ApiError> {
    let programme = Programme::load(app).await?;
    let names = Names::load(app).await?;
    let query = request.query.to_lowercase();
    let words: Vec<&str> = query.split_whitespace().collect();
    let mut hits = Vec::new();
    for person in names.present().into_iter().filter(|_| !words.is_empty()) {
        let text = match person.text(path::EMAIL) {
            Some(email) => format!("{} ({email})", person.name()),
            None => person.name().to_owned(),
        };
        let folded = text.to_lowercase();
        if words.iter().all(|word| folded.contains(word)) {
            hits.push(SearchHit {
                place: "person".to_owned(),
                service: None,
                reference: person.id.to_string(),
                title: None,
                text,
            });
        }
    }
    let (found, count) = app.store.search(&request.query, HITS).await?;
    let total = u32::try_from(hits.len() + count).unwrap_or(u32::MAX);
    hits.extend(found.into_iter().map(|found| {
        SearchHit {
            place: match found.place {
                Place::Name => "name",
                Place::Alias => "alias",
                Place::Tag => "tag",
                Place::Field => "field",
                Place::Blocker => "blocker",
                Place::Check => "check",
            }
            .to_owned(),
            service: Some(NodeRef { id: found.node.to_string(), name: found.name }),
            title: (found.place == Place::Check).then(|| programme.check_title(&found.reference)),
            reference: found.reference,
            text: found.text,
        }
    }));
    hits.truncate(HITS);
    Ok(SearchView { hits, total })
}

pub(crate) async fn recent(app: &App, _: Nothing) -> Result<RecentView, ApiError> {
    let programme = Programme::load(app).await?;
    let names = Names::load_for_log(app).await?;
    let nodes = app.store.nodes(app.clock.now()).await?;
    let describer = Describer::new(&programme, &names, &nodes);
    let recent = app.store.recent(RECENT).await?;
    let services = recent
        .into_iter()
        .map(|recent| {
            let (device, batch) = (recent.last.device, &recent.last.batch);
            RecentRow {
                event: describer.events(device, batch, Some(recent.node)).into_iter().next(),
                service: NodeRef { id: recent.node.to_string(), name: recent.name },
                changed_at: rfc3339(recent.changed_at),
            }
        })
        .collect();
    Ok(RecentView { services })
}

pub(crate) async fn conflicts(app: &App, _: Nothing) -> Result<ConflictsView, ApiError> {
    let names = Names::load(app).await?;
    let conflicts = app.store.conflicts_all().await?;
    let ids: Vec<Uuid> = conflicts.iter().map(|conflict| conflict.entity).collect();
    let entities = app.store.entities_of(&ids).await?;
    let row = |conflict: Conflict| {
        let entity = entities.get(&conflict.entity);
        ConflictRow {
            entity: conflict.entity.to_string(),
            kind: entity.and_then(|entity| entity.text(path::KIND)).unwrap_or("other").to_owned(),
            name: entity.map(Entity::name).unwrap_or_default().to_owned(),
            field: conflict.path,
            values: conflict
                .heads
                .into_iter()
                .map(|(value, version, actor)| ConflictChoice {
                    shown: value.as_str().map_or_else(|| value.to_string(), str::to_owned),
                    value: value.to_string(),
                    version: version_text(version),
                    by: names.of(actor),
                    at: rfc3339(hlc::millis(version.hlc)),
                })
                .collect(),
        }
    };
    Ok(ConflictsView { conflicts: conflicts.into_iter().map(row).collect() })
}

fn version_text(version: Version) -> String {
    format!("{}:{}", hlc::to_hex(version.hlc), version.device.to_hex())
}

fn version_of(text: &str) -> Option<SeenVersion> {
    let (hlc, device) = text.split_once(':')?;
    Some((hlc::from_hex(hlc)?, DeviceId::from_hex(device)?))
}

pub(crate) async fn settle_conflict(app: &App, request: SettleConflict) -> Result<Saved, ApiError> {
    let names = Names::load(app).await?;
    let actor = app.need_actor(&names)?;
    let SettleConflict { entity, field, value, seen } = request;
    let id = Uuid::try_parse(&entity).map_err(|_| ApiError::argument("entity", "is no id"))?;
    let conflicts = app.store.conflicts(id).await?;
    let Some(conflict) = conflicts.into_iter().find(|conflict| conflict.path == field) else {
        return Err(ApiError::new(
            Code::NotPossible,
            "That field is not in conflict any more. Nothing was changed. Look at it again.",
        ));
    };
    let value: Value = serde_json::from_str(&value)
        .map_err(|_| ApiError::argument("value", "is no JSON; text needs its quotes"))?;
    let kind = std::mem::discriminant(&value);
    if !conflict.heads.iter().any(|(head, ..)| std::mem::discriminant(head) == kind) {
        return Err(ApiError::argument("value", "is of another kind than those in conflict"));
    }
    let seen = if seen.is_empty() {
        conflict.heads.iter().map(|(_, at, _)| (at.hlc, at.device)).collect()
    } else {
        seen.iter()
            .map(|text| version_of(text))
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| ApiError::argument("version", "is none that was shown"))?
    };
    let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let summary = format!("{field} is {shown}: the conflict is settled");
    let change = Change::Field { entity: id, path: field, value, seen: Some(seen) };
    app.save(actor, vec![change], summary, None).await
}
