//! The inventory by hand: nodes added, edited one by one or many at once, merged and split.

use super::actions::{Bench, name, needed, parse_day};
use super::hosted::checked_link;
use crate::app::App;
use crate::dto::actions::{
    AddService, Assign, EditService, EditServices, MergeServices, ScopeChoice, ServiceEdit,
    SetScope, SplitService,
};
use crate::dto::session::Saved;
use crate::error::{ApiError, Code};
use crate::names::find_node;
use pilotage_domain::change::{Change, Kind, Presence, path};
use pilotage_domain::fact::{Fact, Happening, Scope};
use pilotage_domain::ids::{self, normalised_name};
use pilotage_domain::text;
use pilotage_domain::words::{Difficulty, Effort, NodeClass};
use pilotage_store::NodeRow;
use serde_json::{Value, json};
use uuid::Uuid;

/// Most services one action edits.
const MOST: usize = 5_000;
/// Longest notes of a service, in characters.
const NOTES: usize = 20_000;
/// Most tags, and most links, of one service.
const ELEMENTS: usize = 50;

pub(crate) async fn add_service(app: &App, request: AddService) -> Result<Saved, ApiError> {
    let bench = Bench::set_up(app).await?;
    let entered = name("name", &request.name)?;
    let class = match request.class.as_deref() {
        None => NodeClass::Service,
        Some(word) => class(word)?,
    };
    taken(&bench, None, &entered)?;
    let id = free_service_id(app, &bench, &entered);
    let changes = vec![
        Change::Created { entity: id, kind: Kind::Service },
        Change::field(id, path::NAME, entered.clone()),
        Change::field(id, path::CLASS, class.word()),
        Change::field(id, path::CLASS_REASON, bench.said_by()),
        // A service that was merged away under this name is its own again.
        Change::field(id, path::MERGED_INTO, Value::Null),
    ];
    app.save(bench.actor, changes, format!("{entered} added"), Some(id)).await
}

/// The id of a new service: that of its name, unless it belongs to a service that goes by another one
/// today.
pub(crate) fn free_service_id(app: &App, bench: &Bench, name: &str) -> Uuid {
    let id = ids::service(app.store.workspace(), name);
    if bench.nodes.iter().any(|node| node.id == id) { Uuid::now_v7() } else { id }
}

pub(crate) async fn edit_service(app: &App, request: EditService) -> Result<Saved, ApiError> {
    let bench = Bench::set_up(app).await?;
    let node = bench.detail(app, &request.service).await?.row;
    let (changes, summary) = edit(app, &bench, &node, &request.edit).await?;
    app.save(bench.actor, changes, summary, None).await
}

pub(crate) async fn edit_services(app: &App, request: EditServices) -> Result<Saved, ApiError> {
    let bench = Bench::set_up(app).await?;
    if request.services.is_empty() || request.edits.is_empty() {
        return Err(ApiError::argument("selection", "is empty"));
    }
    if request.services.len() > MOST {
        return Err(ApiError::argument("selection", format!("holds more than {MOST} services")));
    }
    if request.services.len() > 1
        && request.edits.iter().any(|edit| matches!(edit, ServiceEdit::Name(_)))
    {
        return Err(ApiError::argument("name", "cannot be given to several services"));
    }
    let nodes = app.store.nodes(bench.now).await?;
    let mut changes = Vec::new();
    let mut summary = String::new();
    for service in &request.services {
        let node = find_node(&nodes, service)?;
        for change in &request.edits {
            let (edits, said) = match edit(app, &bench, node, change).await {
                Ok(edited) => edited,
                // What is so already is no reason to refuse the others.
                Err(error) if request.services.len() > 1 && error.code == Code::NotPossible => {
                    continue;
                }
                Err(error) => return Err(error),
            };
            changes.extend(edits);
            summary = said;
        }
    }
    if let ([service], [_, _, ..]) = (request.services.as_slice(), request.edits.as_slice()) {
        let name = &find_node(&bench.nodes, service)?.name;
        summary = format!("{} changes of {name}", request.edits.len());
    }
    if request.services.len() > 1 {
        summary = format!("{} services changed", request.services.len());
    }
    app.save(bench.actor, changes, summary, None).await
}

pub(crate) async fn assign(app: &App, request: Assign) -> Result<Saved, ApiError> {
    let edit = ServiceEdit::Assignee { person: request.person, assigned: request.assigned };
    edit_service(app, EditService { service: request.service, edit }).await
}

pub(crate) async fn set_scope(app: &App, request: SetScope) -> Result<Saved, ApiError> {
    let edit = ServiceEdit::Scope { scope: request.scope, reason: request.reason };
    edit_service(app, EditService { service: request.service, edit }).await
}

pub(crate) async fn merge_services(app: &App, request: MergeServices) -> Result<Saved, ApiError> {
    let bench = Bench::set_up(app).await?;
    let gone = find_node(&bench.nodes, &request.service)?;
    let stays = find_node(&bench.nodes, &request.into)?;
    if gone.id == stays.id {
        return Err(ApiError::new(
            Code::NotPossible,
            "A service cannot be merged into itself. Nothing was changed.",
        ));
    }
    if gone.class != stays.class {
        return Err(ApiError::new(
            Code::NotPossible,
            format!(
                "{} is a {} and {} is a {}. Give both the same class first. Nothing was changed.",
                gone.name,
                gone.class.word(),
                stays.name,
                stays.class.word()
            ),
        ));
    }
    let summary = format!("{} is {} from now on", gone.name, stays.name);
    let changes = vec![Change::field(gone.id, path::MERGED_INTO, stays.id.to_string())];
    app.save(bench.actor, changes, summary, Some(stays.id)).await
}

pub(crate) async fn split_service(app: &App, request: SplitService) -> Result<Saved, ApiError> {
    let bench = Bench::set_up(app).await?;
    let node = bench.detail(app, &request.service).await?.row;
    let key = normalised_name(&request.name);
    let merged = app.store.entities(Kind::Service).await?.into_iter().find(|entity| {
        entity.lives()
            && entity.merged_into() == Some(node.id)
            && (normalised_name(entity.name()) == key || entity.id.to_string() == request.name)
    });
    if let Some(merged) = merged {
        let changes = vec![Change::field(merged.id, path::MERGED_INTO, Value::Null)];
        let summary = format!("{} is a service of its own again", merged.name());
        return app.save(bench.actor, changes, summary, Some(merged.id)).await;
    }
    let Some(alias) = node.listed.aliases.iter().find(|alias| normalised_name(alias) == key) else {
        return Err(ApiError::not_found("name of this service", &request.name));
    };
    let alias = name("name", alias)?;
    let mut id = ids::service(app.store.workspace(), &alias);
    if bench.nodes.iter().any(|other| other.id == id) {
        id = Uuid::now_v7();
    }
    let mut changes = vec![
        Change::element(node.id, path::ALIASES, &alias, Presence::Out),
        Change::Created { entity: id, kind: Kind::Service },
        Change::field(id, path::NAME, alias.clone()),
        Change::field(id, path::CLASS, node.class.word()),
        Change::field(id, path::CLASS_REASON, format!("split from {}", node.name)),
    ];
    changes.extend(
        [(path::OWNER, &node.listed.owner), (path::TEAM, &node.listed.team)]
            .into_iter()
            .filter_map(|(path, text)| Some(Change::field(id, path, text.clone()?))),
    );
    let summary = format!("{alias} is a service of its own, split from {}", node.name);
    app.save(bench.actor, changes, summary, Some(id)).await
}

/// The changes that one edit makes to one node, and a sentence for them.
async fn edit(
    app: &App,
    bench: &Bench,
    node: &NodeRow,
    edit: &ServiceEdit,
) -> Result<(Vec<Change>, String), ApiError> {
    let of = &node.name;
    let field = |path: &str, value: Value, said: &str| {
        let shown = match &value {
            Value::Null => format!("{of} has no {said} any more"),
            Value::String(text) => format!("{said} of {of} is {text}"),
            other => format!("{said} of {of} is {other}"),
        };
        Ok((vec![Change::field(node.id, path, value)], shown))
    };
    match edit {
        ServiceEdit::Name(entered) => rename(bench, node, entered),
        ServiceEdit::Class(word) => {
            let class = class(word)?;
            let changes = vec![
                Change::field(node.id, path::CLASS, class.word()),
                Change::field(node.id, path::CLASS_REASON, bench.said_by()),
            ];
            Ok((changes, format!("{of} is now a {}", class.word())))
        }
        ServiceEdit::TargetDate(day) => {
            let day = entered(day.as_ref()).map(|day| parse_day("target date", day)).transpose()?;
            let value = day.map_or(Value::Null, |day| day.to_string().into());
            let summary = day.map_or_else(
                || format!("{of} has no target date any more"),
                |day| format!("{of} is due on {day}"),
            );
            Ok((vec![Change::field(node.id, path::TARGET_DATE, value)], summary))
        }
        ServiceEdit::Owner(text) => field(path::OWNER, label("owner", text.as_ref())?, "owner"),
        ServiceEdit::Team(text) => field(path::TEAM, label("team", text.as_ref())?, "team"),
        ServiceEdit::Archetype(text) => {
            field(path::ARCHETYPE, label("archetype", text.as_ref())?, "archetype")
        }
        ServiceEdit::Repository(address) => {
            let address = entered(address.as_ref()).map(checked_link).transpose()?;
            field(path::REPOSITORY, address.map_or(Value::Null, Value::String), "repository")
        }
        ServiceEdit::Criticality(number) => {
            if number.is_some_and(|number| !(1..=5).contains(&number)) {
                return Err(ApiError::argument(
                    "criticality",
                    "must be a whole number from 1 to 5",
                ));
            }
            field(path::CRITICALITY, json!(number), "criticality")
        }
        ServiceEdit::Effort(word) => {
            let effort = entered(word.as_ref())
                .map(|word| {
                    Effort::from_word(word)
                        .ok_or_else(|| ApiError::argument("effort", "must be S, M, L or XL"))
                })
                .transpose()?;
            field(path::EFFORT, json!(effort.map(Effort::word)), "effort")
        }
        ServiceEdit::Difficulty(word) => {
            let difficulty = entered(word.as_ref())
                .map(|word| {
                    Difficulty::from_word(word).ok_or_else(|| {
                        ApiError::argument("difficulty", "must be easy, moderate or hard")
                    })
                })
                .transpose()?;
            field(path::DIFFICULTY, json!(difficulty.map(Difficulty::word)), "difficulty")
        }
        ServiceEdit::Notes(notes) => {
            let notes = text::long(notes.as_deref().unwrap_or_default(), NOTES)
                .map_err(|why| ApiError::argument("notes", why))?;
            let summary = format!("notes of {of} changed");
            let value = notes.map_or(Value::Null, Value::String);
            Ok((vec![Change::field(node.id, path::NOTES, value)], summary))
        }
        ServiceEdit::Tag { tag, present } => {
            let tag = name("tag", tag)?;
            room(*present, node.listed.tags.len(), "tags")?;
            let verb = if *present { "has" } else { "has no more" };
            let summary = format!("{of} {verb} the tag {tag}");
            Ok((vec![Change::element(node.id, path::TAGS, &tag, presence(*present))], summary))
        }
        ServiceEdit::Alias { alias, present } => {
            let alias = name("alias", alias)?;
            if *present {
                taken(bench, Some(node.id), &alias)?;
                room(true, node.listed.aliases.len(), "aliases")?;
            }
            let verb = if *present { "is known as" } else { "is no longer known as" };
            let summary = format!("{of} {verb} {alias}");
            Ok((vec![Change::element(node.id, path::ALIASES, &alias, presence(*present))], summary))
        }
        ServiceEdit::Link { address, title } => link(app, node, address, title.as_ref()).await,
        ServiceEdit::Assignee { person, assigned } => {
            let person = bench.names.need(person)?;
            let change =
                Change::element(node.id, path::ASSIGNEES, &person.to_string(), presence(*assigned));
            let verb = if *assigned { "works on" } else { "is off" };
            Ok((vec![change], format!("{} {verb} {of}", bench.names.of(person))))
        }
        ServiceEdit::Scope { scope, reason } => rescope(bench, node, *scope, reason),
        ServiceEdit::Due { check, day } => {
            let check = known_check(bench, check)?;
            let day = entered(day.as_ref()).map(|day| parse_day("due date", day)).transpose()?;
            let summary = day.map_or_else(
                || format!("{check} on {of} is not due any more"),
                |day| format!("{check} on {of} is due on {day}"),
            );
            let value = day.map_or(Value::Null, |day| day.to_string().into());
            Ok((vec![Change::field(node.id, path::element(path::DUE, &check), value)], summary))
        }
        ServiceEdit::Doing { check, person } => {
            let check = known_check(bench, check)?;
            let person =
                entered(person.as_ref()).map(|person| bench.names.need(person)).transpose()?;
            let summary = person.map_or_else(
                || format!("nobody in particular takes care of {check} on {of}"),
                |person| format!("{} takes care of {check} on {of}", bench.names.of(person)),
            );
            let value = person.map_or(Value::Null, |person| person.to_string().into());
            Ok((vec![Change::field(node.id, path::element(path::DOING, &check), value)], summary))
        }
    }
}

fn rename(bench: &Bench, node: &NodeRow, entered: &str) -> Result<(Vec<Change>, String), ApiError> {
    let entered = name("name", entered)?;
    taken(bench, Some(node.id), &entered)?;
    // The old name stays an alias, so that files which use it still find the service.
    let changes = vec![
        Change::field(node.id, path::NAME, entered.clone()),
        Change::element(node.id, path::ALIASES, &node.name, Presence::In),
    ];
    Ok((changes, format!("{} is now called {entered}", node.name)))
}

fn rescope(
    bench: &Bench,
    node: &NodeRow,
    scope: ScopeChoice,
    reason: &str,
) -> Result<(Vec<Change>, String), ApiError> {
    let of = &node.name;
    let scope = match scope {
        ScopeChoice::In => Scope::In,
        ScopeChoice::Retire => Scope::Retire,
        ScopeChoice::Retain => Scope::Retain,
        ScopeChoice::Archived => Scope::Archived,
    };
    if scope == node.summary.scope {
        return Err(ApiError::new(
            Code::NotPossible,
            format!("That is the scope of {of} already. Nothing was changed."),
        ));
    }
    let reason = needed("reason", reason)?;
    let what = Happening::ScopeChanged { service: node.id, scope, reason };
    let fact = Fact { occurred_at: bench.now, what };
    let summary = match scope {
        Scope::In => format!("{of} is in scope"),
        Scope::Retire => format!("{of} is out of scope: it will be retired"),
        Scope::Retain => format!("{of} is out of scope: it stays where it is"),
        Scope::Archived => format!("{of} is archived"),
    };
    Ok((vec![Change::Happened { id: Uuid::now_v7(), fact }], summary))
}

async fn link(
    app: &App,
    node: &NodeRow,
    address: &str,
    title: Option<&String>,
) -> Result<(Vec<Change>, String), ApiError> {
    let address = checked_link(address)?;
    let title = entered(title).map(|title| name("title", title)).transpose()?;
    if title.is_some() {
        let links = app.store.entity(node.id).await?.map(path::LINKS).len();
        room(true, links, "links")?;
    }
    let path = path::element(path::LINKS, &address);
    if path.len() > pilotage_domain::operation::MAX_PATH {
        return Err(ApiError::argument("link", "is longer than 500 characters"));
    }
    let verb = if title.is_some() { "leads to" } else { "leads no longer to" };
    let summary = format!("{} {verb} {address}", node.name);
    let value = title.map_or(Value::Null, Value::String);
    Ok((vec![Change::field(node.id, path, value)], summary))
}

/// Nobody else goes by that name.
pub(crate) fn taken(bench: &Bench, but: Option<Uuid>, entered: &str) -> Result<(), ApiError> {
    let key = normalised_name(entered);
    let other = bench.nodes.iter().find(|other| {
        Some(other.id) != but
            && (normalised_name(&other.name) == key
                || other.aliases.iter().any(|alias| normalised_name(alias) == key))
    });
    match other {
        Some(other) => Err(ApiError::new(
            Code::NameTaken,
            format!("{} goes by that name already. Nothing was changed.", other.name),
        )),
        None => Ok(()),
    }
}

fn known_check(bench: &Bench, entered: &str) -> Result<String, ApiError> {
    let check = bench
        .programme
        .ladder
        .checks
        .iter()
        .find(|(_, rule)| rule.id.eq_ignore_ascii_case(entered.trim()));
    check
        .map(|(_, rule)| rule.id.clone())
        .ok_or_else(|| ApiError::not_found("check of the playbook", entered))
}

fn class(word: &str) -> Result<NodeClass, ApiError> {
    NodeClass::from_word(word).ok_or_else(|| {
        ApiError::argument(
            "class",
            "must be service, datastore, platform, load generator or external",
        )
    })
}

/// A filled-in text, trimmed.
fn entered(text: Option<&String>) -> Option<&str> {
    text.map(|text| text.trim()).filter(|text| !text.is_empty())
}

fn label(field: &str, text: Option<&String>) -> Result<Value, ApiError> {
    Ok(entered(text).map(|text| name(field, text)).transpose()?.map_or(Value::Null, Value::String))
}

fn presence(present: bool) -> Presence {
    if present { Presence::In } else { Presence::Out }
}

fn room(present: bool, has: usize, what: &str) -> Result<(), ApiError> {
    if present && has >= ELEMENTS {
        return Err(ApiError::new(
            Code::NotPossible,
            format!("A service has {ELEMENTS} {what} at most. Nothing was changed."),
        ));
    }
    Ok(())
}
