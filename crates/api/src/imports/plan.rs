//! What was discovered, compared with the programme. Only fields that nobody edited since the last
//! import change; the others *differ*, and change where the person takes them.

use crate::app::App;
use crate::dto::import::{
    ImportColumn, ImportField, ImportReport, ImportRow, ImportWarning, ImportedDependencies,
    ImportedDependency, TakeField,
};
use crate::dto::service::EvidenceView;
use crate::error::ApiError;
use pilotage_discovery::{Discovered, DiscoveredService, Field, Format};
use pilotage_domain::change::{Change, Entity, Evidence, Kind, Presence, path};
use pilotage_domain::ids::{self, normalised_name};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Evidence that is kept for one dependency: more proves no more.
const MAX_EVIDENCE: usize = 50;
/// Nodes merged into each other in a row, before it is taken for a circle.
const MAX_MERGES: usize = 16;

/// What an import says and does.
pub(super) struct Plan {
    pub(super) report: ImportReport,
    pub(super) changes: Vec<Change>,
}

/// Compares what was discovered with the programme. `take` are the differing fields to take.
pub(super) async fn plan(
    app: &App,
    discovered: &Discovered,
    take: &[TakeField],
) -> Result<Plan, ApiError> {
    let workspace = app.store.workspace();
    let nodes: Vec<Entity> = app.store.entities(Kind::Service).await?;
    let take: BTreeSet<(&str, &str)> =
        take.iter().map(|field| (field.name.as_str(), field.field.as_str())).collect();
    let mut report = ImportReport {
        format: discovered.format.word().to_owned(),
        columns: columns(discovered),
        warnings: discovered
            .warnings
            .iter()
            .map(|warning| ImportWarning {
                file: warning.place.file.clone(),
                line: warning.place.line,
                text: warning.text.clone(),
            })
            .collect(),
        ..ImportReport::default()
    };
    if discovered.format == Format::Table {
        report.fields = Field::ALL.iter().map(|field| field.word().to_owned()).collect();
    }
    let mut changes = Vec::new();
    let mut placed: BTreeMap<&str, Uuid> = BTreeMap::new();
    for service in &discovered.services {
        match find(workspace, &nodes, service) {
            Ok(found) => {
                let id =
                    found.map_or_else(|| ids::service(workspace, &service.name), |node| node.id);
                placed.insert(&service.name, id);
                let comparison = Comparison::of(id, found, service, discovered.format, &take);
                report.rows.push(comparison.row(service));
                changes.extend(comparison.changes);
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

fn columns(discovered: &Discovered) -> Vec<ImportColumn> {
    discovered
        .columns
        .iter()
        .map(|column| ImportColumn {
            title: column.title.clone(),
            field: column.field.map(|field| field.word().to_owned()),
            samples: column.samples.clone(),
        })
        .collect()
}

/// The node that goes by the name or an alias of it, or none, or a question.
fn find<'a>(
    workspace: Uuid,
    nodes: &'a [Entity],
    service: &DiscoveredService,
) -> Result<Option<&'a Entity>, String> {
    let id = ids::service(workspace, &service.name);
    let key = normalised_name(&service.name);
    let living = || nodes.iter().filter(|node| node.lives());
    if let Some(node) = living().find(|node| normalised_name(node.name()) == key) {
        return Ok(Some(merged(nodes, node)));
    }
    let mut by_alias: Vec<&Entity> = living()
        .filter(|node| node.set(path::ALIASES).iter().any(|alias| normalised_name(alias) == key))
        .map(|node| merged(nodes, node))
        .collect();
    by_alias.sort_by_key(|node| node.id);
    by_alias.dedup_by_key(|node| node.id);
    match by_alias.as_slice() {
        // A node that was deleted comes back as itself, one that was merged as what it was merged
        // into.
        [] => Ok(nodes.iter().find(|node| node.id == id).map(|node| merged(nodes, node))),
        [one] => Ok(Some(one)),
        several => {
            let names: Vec<&str> = several.iter().map(|node| node.name()).collect();
            Err(format!(
                "The name fits several nodes: {}. Rename one of them, then import again.",
                names.join(", ")
            ))
        }
    }
}

/// The node that this one was merged into, if it was.
fn merged<'a>(nodes: &'a [Entity], node: &'a Entity) -> &'a Entity {
    let mut here = node;
    for _ in 0..MAX_MERGES {
        let next = here.merged_into().and_then(|id| nodes.iter().find(|node| node.id == id));
        match next {
            Some(next) if next.lives() => here = next,
            _ => break,
        }
    }
    here
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

/// One node and what the file says of it.
struct Comparison<'a> {
    id: Uuid,
    /// The node, if it lives.
    existing: Option<&'a Entity>,
    changes: Vec<Change>,
    fields: Vec<ImportField>,
}

impl<'a> Comparison<'a> {
    fn of(
        id: Uuid,
        found: Option<&'a Entity>,
        service: &DiscoveredService,
        format: Format,
        take: &BTreeSet<(&str, &str)>,
    ) -> Self {
        let existing = found.filter(|node| node.lives());
        let mut comparison = Self { id, existing, changes: Vec::new(), fields: Vec::new() };
        if existing.is_none() {
            let created = Change::Created { entity: id, kind: Kind::Service };
            comparison.changes.push(created);
            comparison.changes.push(Change::field(id, path::NAME, service.name.clone()));
        }
        for (register, value) in said(service, format, existing.is_none()) {
            let is_taken = take.contains(&(service.name.as_str(), register));
            if comparison.field(register, value, is_taken) && register == path::CLASS {
                let reason = service.class_reason.clone();
                comparison.changes.push(Change::field(id, path::CLASS_REASON, reason));
            }
        }
        for (address, title) in &service.said.links {
            let register = path::element(path::LINKS, address);
            let is_taken = take.contains(&(service.name.as_str(), register.as_str()));
            // A link that a person took away stays away.
            if !comparison.was_taken_away(&register) {
                comparison.field(&register, Value::from(title.as_str()), is_taken);
            }
        }
        for tag in &service.said.tags {
            comparison.element(path::TAGS, tag);
        }
        let own = normalised_name(existing.map_or(&service.name, |node| node.name()));
        let aliases = service.aliases.iter().map(|alias| &alias.value).chain([&service.name]);
        for alias in aliases.filter(|alias| normalised_name(alias) != own) {
            comparison.element(path::ALIASES, alias);
        }
        comparison
    }

    fn was_taken_away(&self, register: &str) -> bool {
        let imported = path::element(path::IMPORTED, register);
        self.existing.is_some_and(|node| {
            !node.registers.contains_key(register) && node.registers.contains_key(&imported)
        })
    }

    /// Adds an element of a set; one that a person took away stays away.
    fn element(&mut self, set: &str, element: &str) {
        let register = path::element(set, element);
        if register.len() <= pilotage_domain::operation::MAX_PATH
            && self.existing.is_none_or(|node| !node.registers.contains_key(&register))
        {
            self.changes.push(Change::element(self.id, set, element, Presence::In));
        }
    }

    /// Compares one field; true where the file's value is written.
    fn field(&mut self, register: &str, file: Value, is_taken: bool) -> bool {
        let imported = path::element(path::IMPORTED, register);
        let read = |register: &str| {
            let value = self.existing.and_then(|node| node.registers.get(register));
            value.cloned().unwrap_or_default()
        };
        let (here, last) = (read(register), read(&imported));
        if here == file {
            if last != file {
                self.changes.push(Change::field(self.id, imported, file));
            }
            return false;
        }
        let differs = here != last;
        if self.existing.is_some() {
            self.fields.push(ImportField {
                field: register.to_owned(),
                here: shown(&here),
                file: shown(&file),
                differs: differs && !is_taken,
            });
        }
        if differs && !is_taken {
            return false;
        }
        self.changes.push(Change::field(self.id, register, file.clone()));
        self.changes.push(Change::field(self.id, imported, file));
        true
    }

    fn row(&self, service: &DiscoveredService) -> ImportRow {
        let outcome = if self.existing.is_none() {
            "created"
        } else if self.fields.iter().any(|field| field.differs) {
            "differs"
        } else if self.changes.is_empty() {
            "unchanged"
        } else {
            "updated"
        };
        ImportRow { outcome: outcome.to_owned(), fields: self.fields.clone(), ..row(service) }
    }
}

/// A register's value as text.
fn shown(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// Registers and values that a file says. What it leaves out says nothing, unless it is the format's
/// own business to say it: then the value is null.
fn said(service: &DiscoveredService, format: Format, is_new: bool) -> Vec<(&'static str, Value)> {
    let said = &service.said;
    let text = |text: &Option<String>| text.as_deref().map(Value::from);
    let all = [
        (path::IMAGE, Field::Image, text(&service.image)),
        (path::SOURCE_DIRECTORY, Field::SourceDirectory, text(&service.source_directory)),
        (path::OWNER, Field::Owner, text(&said.owner)),
        (path::TEAM, Field::Team, text(&said.team)),
        (path::REPOSITORY, Field::Repository, text(&said.repository)),
        (path::CRITICALITY, Field::Criticality, said.criticality.map(Value::from)),
        (path::EFFORT, Field::Effort, said.effort.map(Value::from)),
        (path::ARCHETYPE, Field::Archetype, text(&said.archetype)),
        (path::DIFFICULTY, Field::Difficulty, said.difficulty.map(Value::from)),
        (path::TARGET_DATE, Field::TargetDate, text(&said.target_date)),
        (path::NOTES, Field::Notes, text(&said.notes)),
    ];
    let mut values = Vec::new();
    // A class that the file does not state serves new nodes only.
    if is_new || !service.class_is_guessed {
        values.push((path::CLASS, Value::from(service.class.word())));
    }
    values.extend(all.into_iter().filter_map(|(register, field, value)| {
        let value = value.or_else(|| format.unsets(field).then_some(Value::Null))?;
        Some((register, value))
    }));
    values
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
        let mut evidence: Vec<Evidence> = edge
            .evidence
            .iter()
            .map(|evidence| Evidence {
                file: evidence.place.file.clone(),
                line: evidence.place.line,
                text: evidence.text.clone(),
            })
            .collect();
        let id = ids::dependency(workspace, edge.kind.word(), *from, *to);
        let before = known.get(&id);
        // What other files prove stays; what these files proved is read anew.
        let others = before.into_iter().flatten();
        evidence.extend(others.filter(|known| !discovered.files.contains(&known.file)).cloned());
        evidence.sort_by(|a, b| (&a.file, a.line, &a.text).cmp(&(&b.file, b.line, &b.text)));
        evidence.truncate(MAX_EVIDENCE);
        let (outcome, count) = match before {
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
