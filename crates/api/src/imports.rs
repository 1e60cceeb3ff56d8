//! Import: files are read, compared with the programme, shown, and only then applied. A re-import
//! compares with what was last imported, changes only fields that nobody edited, and lists the
//! others as *differs*.

use crate::app::App;
use crate::dto::import::{
    ImportField, ImportReport, ImportRow, ImportWarning, ImportedDependencies, ImportedDependency,
};
use crate::dto::service::EvidenceView;
use crate::error::{ApiError, Code};
use crate::names::Names;
use pilotage_discovery::{ComposeRequest, Discovered, DiscoveredService, DiscoveryError};
use pilotage_domain::change::{Change, Entity, Evidence, Kind, Presence, path};
use pilotage_domain::ids::{self, normalised_name};
use pilotage_store::{BatchRange, Commit};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::PoisonError;
use uuid::Uuid;

/// Previews that are remembered; older ones expire.
const PREVIEWS: usize = 8;

/// Which files to import.
#[derive(Debug, Clone, Default)]
pub struct ImportFiles {
    /// Compose files, merged in order.
    pub files: Vec<PathBuf>,
    /// Files of variables, besides `.env` next to the first compose file.
    pub env_files: Vec<PathBuf>,
    /// Profiles to take; none takes every service.
    pub profiles: Vec<String>,
}

/// A preview that may be applied.
#[derive(Debug, Clone)]
pub struct Preview {
    files: Vec<String>,
    discovered: Discovered,
}

/// Reads files and says what an import would do. Nothing is changed.
pub async fn preview(app: &App, request: ImportFiles) -> Result<ImportReport, ApiError> {
    let files: Vec<String> = request
        .files
        .iter()
        .map(|file| {
            file.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
        })
        .collect();
    let read = ComposeRequest {
        files: request.files,
        env_files: request.env_files,
        profiles: request.profiles,
    };
    // Reading and parsing block: off the async threads.
    let discovered = tokio::task::spawn_blocking(move || pilotage_discovery::read_compose(&read))
        .await
        .map_err(|error| {
            ApiError::new(Code::Internal, "The importer stopped. Nothing was changed.")
                .with("detail", error)
        })?
        .map_err(|error| rejected(&error))?;
    let plan = plan(app, &discovered).await?;
    let token = Uuid::new_v4().simple().to_string();
    let mut previews = app.previews.lock().unwrap_or_else(PoisonError::into_inner);
    if previews.len() >= PREVIEWS {
        previews.clear();
    }
    previews.insert(token.clone(), Preview { files: files.clone(), discovered });
    Ok(ImportReport { token: Some(token), files, ..plan.report })
}

/// Applies a preview. The programme is compared again: it may have changed since.
pub async fn apply(app: &App, token: &str) -> Result<ImportReport, ApiError> {
    let names = Names::load(app).await?;
    let actor = app.need_actor(&names)?;
    let preview = {
        let previews = app.previews.lock().unwrap_or_else(PoisonError::into_inner);
        previews.get(token).cloned()
    };
    let Some(preview) = preview else {
        return Err(ApiError::new(
            Code::ImportExpired,
            "This preview is gone or was applied already. Nothing was changed. Choose the files again.",
        ));
    };
    let plan = plan(app, &preview.discovered).await?;
    app.copy_before_many(plan.report.created).await?;
    let commit = Commit { id: Uuid::now_v7(), actor, now: app.clock.now(), changes: plan.changes };
    let committed = app.store.commit(commit).await?;
    app.previews.lock().unwrap_or_else(PoisonError::into_inner).remove(token);
    let batch = committed.map(|done| {
        BatchRange { device: done.device, first: done.first, last: done.last }.to_string()
    });
    Ok(ImportReport { applied: true, files: preview.files, batch, ..plan.report })
}

fn rejected(error: &DiscoveryError) -> ApiError {
    let mut answer = ApiError::new(Code::FileRejected, format!("{error} Nothing was imported."))
        .with("reason", error.code());
    if let Some(file) = error.file() {
        answer = answer.with("file", file);
    }
    if let Some(line) = error.line() {
        answer = answer.with("line", line);
    }
    answer
}

struct Plan {
    report: ImportReport,
    changes: Vec<Change>,
}

/// Compares what was discovered with the programme.
async fn plan(app: &App, discovered: &Discovered) -> Result<Plan, ApiError> {
    let workspace = app.store.workspace();
    let nodes: Vec<Entity> = app.store.entities(Kind::Service).await?;
    let mut report = ImportReport {
        token: None,
        files: Vec::new(),
        applied: false,
        created: 0,
        updated: 0,
        unchanged: 0,
        differs: 0,
        rejected: 0,
        rows: Vec::new(),
        dependencies: ImportedDependencies {
            created: 0,
            updated: 0,
            unchanged: 0,
            rows: Vec::new(),
        },
        warnings: discovered
            .warnings
            .iter()
            .map(|warning| ImportWarning {
                file: warning.place.file.clone(),
                line: warning.place.line,
                text: warning.text.clone(),
            })
            .collect(),
        batch: None,
    };
    let mut changes = Vec::new();
    let mut placed: BTreeMap<&str, Uuid> = BTreeMap::new();
    for service in &discovered.services {
        match find(workspace, &nodes, service) {
            Ok(found) => {
                let id =
                    found.map_or_else(|| ids::service(workspace, &service.name), |node| node.id);
                placed.insert(&service.name, id);
                let (row, node_changes) = compare(id, found, service);
                changes.extend(node_changes);
                report.rows.push(row);
            }
            Err(reason) => report.rows.push(ImportRow {
                outcome: "rejected".to_owned(),
                reason: Some(reason),
                ..row(service)
            }),
        }
    }
    for entry in &discovered.rejected {
        report.rows.push(ImportRow {
            outcome: "rejected".to_owned(),
            name: entry.subject.clone(),
            class: None,
            class_reason: None,
            file: entry.place.file.clone(),
            line: entry.place.line,
            reason: Some(entry.reason.clone()),
            fields: Vec::new(),
        });
    }
    for row in &report.rows {
        *match row.outcome.as_str() {
            "created" => &mut report.created,
            "updated" => &mut report.updated,
            "unchanged" => &mut report.unchanged,
            "differs" => &mut report.differs,
            _ => &mut report.rejected,
        } += 1;
    }
    changes.extend(dependencies(app, discovered, &placed, &mut report.dependencies).await?);
    Ok(Plan { report, changes })
}

/// The node that goes by the name or an alias of it, or none, or a question.
fn find<'a>(
    workspace: Uuid,
    nodes: &'a [Entity],
    service: &DiscoveredService,
) -> Result<Option<&'a Entity>, String> {
    let id = ids::service(workspace, &service.name);
    let key = normalised_name(&service.name);
    if let Some(node) =
        nodes.iter().find(|node| node.lives() && normalised_name(node.name()) == key)
    {
        return Ok(Some(node));
    }
    let by_alias: Vec<&Entity> = nodes
        .iter()
        .filter(|node| node.lives())
        .filter(|node| node.set(path::ALIASES).iter().any(|alias| normalised_name(alias) == key))
        .collect();
    match by_alias.as_slice() {
        // A node that was deleted comes back as itself.
        [] => Ok(nodes.iter().find(|node| node.id == id)),
        [one] => Ok(Some(one)),
        several => {
            let names: Vec<&str> = several.iter().map(|node| node.name()).collect();
            Err(format!(
                "the name fits several nodes: {}; rename one of them, then import again",
                names.join(", ")
            ))
        }
    }
}

fn row(service: &DiscoveredService) -> ImportRow {
    ImportRow {
        outcome: String::new(),
        name: service.name.clone(),
        class: Some(service.class.word().to_owned()),
        class_reason: Some(service.class_reason.clone()),
        file: service.place.file.clone(),
        line: service.place.line,
        reason: None,
        fields: Vec::new(),
    }
}

fn compare(
    id: Uuid,
    found: Option<&Entity>,
    service: &DiscoveredService,
) -> (ImportRow, Vec<Change>) {
    let class = service.class.word().to_owned();
    let fields = [
        (path::CLASS, Some(class)),
        (path::IMAGE, service.image.clone()),
        (path::SOURCE_DIRECTORY, service.source_directory.clone()),
    ];
    let mut changes = Vec::new();
    let mut shown = Vec::new();
    let existing = found.filter(|node| node.lives());
    if existing.is_none() {
        changes.push(Change::Created { entity: id, kind: Kind::Service });
        changes.push(Change::field(id, path::NAME, service.name.clone()));
    }
    let mut differs = false;
    for (field, file) in fields {
        let imported = path::element(path::IMPORTED, field);
        let here = existing.and_then(|node| node.text(field)).map(str::to_owned);
        let last = existing.and_then(|node| node.text(&imported)).map(str::to_owned);
        let value = |text: &Option<String>| text.clone().map_or(Value::Null, Value::String);
        if here == file {
            if last != file {
                changes.push(Change::field(id, imported, value(&file)));
            }
            continue;
        }
        let edited = here.is_some() && here != last;
        shown.push(ImportField { field: field.to_owned(), here, file: file.clone() });
        if edited {
            differs = true;
            continue;
        }
        changes.push(Change::field(id, field, value(&file)));
        changes.push(Change::field(id, imported, value(&file)));
        if field == path::CLASS {
            changes.push(Change::field(id, path::CLASS_REASON, service.class_reason.clone()));
        }
    }
    let own = normalised_name(existing.map_or(&service.name, |node| node.name()));
    let aliases = service.aliases.iter().map(|alias| &alias.value).chain([&service.name]);
    for alias in aliases.filter(|alias| normalised_name(alias) != own) {
        // An alias that a person took away stays away.
        let register = path::element(path::ALIASES, alias);
        if existing.is_none_or(|node| !node.registers.contains_key(&register)) {
            changes.push(Change::element(id, path::ALIASES, alias, Presence::In));
        }
    }
    let outcome = if existing.is_none() {
        "created"
    } else if differs {
        "differs"
    } else if changes.is_empty() {
        "unchanged"
    } else {
        "updated"
    };
    let fields = if existing.is_none() { Vec::new() } else { shown };
    (ImportRow { outcome: outcome.to_owned(), fields, ..row(service) }, changes)
}

async fn dependencies(
    app: &App,
    discovered: &Discovered,
    placed: &BTreeMap<&str, Uuid>,
    report: &mut ImportedDependencies,
) -> Result<Vec<Change>, ApiError> {
    let workspace = app.store.workspace();
    let known: BTreeMap<Uuid, Vec<Evidence>> =
        app.store.dependencies().await?.into_iter().map(|edge| (edge.id, edge.evidence)).collect();
    let mut changes = Vec::new();
    for edge in &discovered.dependencies {
        let (Some(from), Some(to)) = (placed.get(edge.from.as_str()), placed.get(edge.to.as_str()))
        else {
            continue;
        };
        let evidence: Vec<Evidence> = edge
            .evidence
            .iter()
            .map(|evidence| Evidence {
                file: evidence.place.file.clone(),
                line: evidence.place.line,
                text: evidence.text.clone(),
            })
            .collect();
        let id = ids::dependency(workspace, edge.kind.word(), *from, *to);
        let (outcome, count) = match known.get(&id) {
            None => ("created", &mut report.created),
            Some(before) if *before == evidence => ("unchanged", &mut report.unchanged),
            Some(_) => ("updated", &mut report.updated),
        };
        *count += 1;
        if outcome != "unchanged" {
            changes.extend(Change::declare(
                workspace,
                edge.kind,
                *from,
                *to,
                edge.confidence_percent,
                &evidence,
            ));
        }
        report.rows.push(ImportedDependency {
            outcome: outcome.to_owned(),
            from: edge.from.clone(),
            to: edge.to.clone(),
            kind: edge.kind.word().to_owned(),
            evidence: evidence
                .into_iter()
                .map(|evidence| EvidenceView {
                    file: evidence.file,
                    line: evidence.line,
                    text: evidence.text,
                })
                .collect(),
        });
    }
    Ok(changes)
}
