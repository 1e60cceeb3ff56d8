//! What leaves the programme: one JSON document with what is known now and the whole log it was
//! folded from, or tables of it (CSV). They hold no tokens, no kubeconfigs and no paths of this
//! machine, and nothing that depends on which device or person exports: the same log gives the same
//! document.

use crate::app::App;
use crate::clock::rfc3339;
use crate::dto::import::ExportKind;
use crate::dto::progress::ReportText;
use crate::dto::service::{DependencyView, ServiceRequest, ServiceView};
use crate::dto::session::Nothing;
use crate::error::{ApiError, Code};
use crate::names::Names;
use crate::report::cell;
use pilotage_discovery::archive::{FORMAT, to_hex};
use pilotage_domain::change::{Entity, Kind, path};
use pilotage_domain::operation::Batch;
use pilotage_domain::words::DependencyKind;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use uuid::Uuid;

/// One line of the log.
#[derive(Debug, Clone, Serialize)]
pub struct LogLine {
    /// The device that wrote it.
    pub device: String,
    /// The batch.
    pub batch: Value,
}

/// A line that was set aside: of a later version, or breaking a rule of the log.
#[derive(Debug, Clone, Serialize)]
pub struct AsideLine {
    /// The device that wrote it.
    pub device: String,
    /// Its bytes, two hex digits each.
    pub line_hex: String,
}

/// The document.
#[derive(Debug, Clone, Serialize)]
pub struct Export {
    /// Version of the document.
    pub format: u32,
    /// When it was written.
    pub exported_at: String,
    /// Settings, people, environments.
    pub programme: Value,
    /// Every node, whole.
    pub services: Vec<Value>,
    /// Every dependency once.
    pub dependencies: Vec<DependencyView>,
    /// Hash of the folded registers.
    pub state_hash: String,
    /// The log in order of its clock.
    pub log: Vec<LogLine>,
    /// Lines that were set aside, by device.
    pub set_aside: Vec<AsideLine>,
}

impl App {
    /// Everything, as one document.
    pub async fn export(&self) -> Result<Export, ApiError> {
        let mut programme = value(&self.settings(Nothing {}).await?)?;
        // Of this installation, not of the programme.
        remove(&mut programme, &["time_zones"]);
        if let Some(workspace) = programme.get_mut("workspace") {
            remove(workspace, &["device"]);
        }
        let mut services = Vec::new();
        let mut dependencies = Vec::new();
        for view in self.views().await? {
            dependencies.extend(view.dependencies.iter().cloned());
            let mut service = value(&view)?;
            // Advice is for the person who looks.
            for stage in
                service.get_mut("ladder").and_then(Value::as_array_mut).into_iter().flatten()
            {
                let checks = stage.get_mut("checks").and_then(Value::as_array_mut);
                for check in checks.into_iter().flatten() {
                    remove(check, &["advice"]);
                }
            }
            services.push(service);
        }
        let log = self
            .store
            .log()
            .await?
            .into_iter()
            .map(|(device, line)| {
                let batch = serde_json::from_slice(&line).map_err(|error| {
                    ApiError::new(Code::WorkspaceDamaged, "A line of the log is not JSON.")
                        .with("detail", error)
                })?;
                Ok(LogLine { device: device.to_hex(), batch })
            })
            .collect::<Result<Vec<_>, ApiError>>()?;
        let set_aside = self.store.set_aside().await?;
        Ok(Export {
            format: FORMAT,
            exported_at: rfc3339(self.clock.now()),
            programme,
            services,
            dependencies,
            state_hash: self.store.state_hash().await?,
            log,
            set_aside: set_aside
                .into_iter()
                .map(|(device, line)| AsideLine {
                    device: device.to_hex(),
                    line_hex: to_hex(&line),
                })
                .collect(),
        })
    }

    /// An export as the text of a file, with the name it should have.
    pub async fn export_file(&self, what: ExportKind) -> Result<ReportText, ApiError> {
        let (name, ending, text) = match what {
            ExportKind::Everything => {
                let text = serde_json::to_string(&self.export().await?).map_err(|error| {
                    ApiError::new(Code::Internal, "The export has no JSON form.")
                        .with("detail", error)
                })?;
                ("pilotage", "json", text + "\n")
            }
            ExportKind::Services => ("services", "csv", self.services_table().await?),
            ExportKind::Dependencies => ("dependencies", "csv", self.dependencies_table().await?),
            ExportKind::Checks => ("checks", "csv", self.checks_table().await?),
            ExportKind::Log => ("log", "csv", self.log_table().await?),
        };
        let now = rfc3339(self.clock.now());
        let day = now.get(..10).unwrap_or_default();
        Ok(ReportText { file_name: format!("{name}-{day}.{ending}"), text })
    }

    async fn views(&self) -> Result<Vec<ServiceView>, ApiError> {
        let mut views = Vec::new();
        for row in self.services(Nothing {}).await?.rows {
            views.push(self.service(ServiceRequest { service: row.id }).await?);
        }
        Ok(views)
    }

    /// The columns of the import's template, so that the table reads back, and then where each
    /// service stands.
    async fn services_table(&self) -> Result<String, ApiError> {
        let entities: BTreeMap<String, Entity> = self
            .store
            .entities(Kind::Service)
            .await?
            .into_iter()
            .map(|entity| (entity.id.to_string(), entity))
            .collect();
        let mut table = Table::new(&[
            "name",
            "class",
            "aliases",
            "owner",
            "team",
            "repository",
            "source_directory",
            "image",
            "criticality",
            "effort",
            "archetype",
            "difficulty",
            "target_date",
            "tags",
            "links",
            "depends_on",
            "notes",
            "scope",
            "scope_reason",
            "stage",
            "stage_since",
            "passed",
            "counted",
            "proved",
            "waived",
            "not_applicable",
            "blocked_since",
            "open_blockers",
            "regressed",
            "reproving",
            "unproven_since",
            "next_check",
            "assignees",
            "callees",
            "callers",
            "changed_at",
            "id",
        ]);
        for view in self.views().await? {
            let row = &view.row;
            let none = Entity::default();
            let entity = entities.get(&row.id).unwrap_or(&none);
            let text = |register: &str| entity.text(register).unwrap_or_default();
            let links: Vec<String> = entity
                .map(path::LINKS)
                .into_iter()
                .map(|(address, title)| format!("{title} {address}"))
                .collect();
            let needs: Vec<&str> = view
                .dependencies
                .iter()
                .filter(|edge| edge.kind == DependencyKind::Declared.word())
                .map(|edge| edge.to.as_str())
                .collect();
            let open: Vec<String> = view
                .blockers
                .iter()
                .filter(|blocker| blocker.closed_at.is_none())
                .map(|blocker| format!("{} (waiting for {})", blocker.reason, blocker.waiting_for))
                .collect();
            let people: Vec<&str> =
                row.assignees.iter().map(|person| person.name.as_str()).collect();
            let criticality = entity.registers.get(path::CRITICALITY).and_then(Value::as_i64);
            table
                .text(&row.name)
                .text(&row.class)
                .text(&view.aliases.join("; "))
                .text(text(path::OWNER))
                .text(text(path::TEAM))
                .text(text(path::REPOSITORY))
                .text(text(path::SOURCE_DIRECTORY))
                .text(text(path::IMAGE))
                .number(criticality)
                .text(text(path::EFFORT))
                .text(text(path::ARCHETYPE))
                .text(text(path::DIFFICULTY))
                .text(text(path::TARGET_DATE))
                .text(&entity.set(path::TAGS).join("; "))
                .text(&links.join("\n"))
                .text(&needs.join("; "))
                .text(text(path::NOTES))
                .text(&row.scope)
                .maybe(view.scope_reason.as_ref())
                .maybe(row.stage.as_ref())
                .maybe(row.stage_since.as_ref())
                .number(Some(row.progress.passed))
                .number(Some(row.progress.counted))
                .number(Some(row.progress.proved))
                .number(Some(row.progress.waived))
                .number(Some(row.progress.not_applicable))
                .maybe(row.blocked_since.as_ref())
                .text(&open.join("\n"))
                .text(yes(row.regressed))
                .text(yes(row.reproving))
                .maybe(row.unproven_since.as_ref())
                .maybe(row.next_check.as_ref().map(|check| &check.id))
                .text(&people.join("; "))
                .number(Some(row.calls))
                .number(Some(row.called_by))
                .text(&row.changed_at)
                .text(&row.id)
                .end();
        }
        Ok(table.finish())
    }

    async fn dependencies_table(&self) -> Result<String, ApiError> {
        let mut table = Table::new(&["from", "to", "kind", "confidence_percent", "evidence", "id"]);
        let nodes: BTreeMap<Uuid, String> = self
            .store
            .entities(Kind::Service)
            .await?
            .into_iter()
            .map(|entity| (entity.id, entity.name().to_owned()))
            .collect();
        let name = |id: &Uuid| nodes.get(id).map(String::as_str).unwrap_or_default();
        let mut edges = self.store.dependencies().await?;
        edges.sort_by_key(|edge| {
            (name(&edge.caller).to_owned(), name(&edge.callee).to_owned(), edge.kind.clone())
        });
        for edge in &edges {
            let evidence: Vec<String> = edge
                .evidence
                .iter()
                .map(|evidence| format!("{}:{} {}", evidence.file, evidence.line, evidence.text))
                .collect();
            table
                .text(name(&edge.caller))
                .text(name(&edge.callee))
                .text(&edge.kind)
                .number(Some(edge.confidence))
                .text(&evidence.join("\n"))
                .text(&edge.id.to_string())
                .end();
        }
        Ok(table.finish())
    }

    async fn checks_table(&self) -> Result<String, ApiError> {
        let mut table = Table::new(&[
            "service",
            "check",
            "title",
            "stage",
            "kind",
            "state",
            "weight",
            "result",
            "reason",
            "claimed",
            "source",
            "by",
            "observed",
            "link",
            "seen_at",
            "stale_after",
            "waived_until",
            "waived_by",
            "waiver_reason",
        ]);
        for view in self.views().await? {
            for check in view.ladder.iter().flat_map(|stage| &stage.checks) {
                let finding = check.finding.as_ref();
                let waiver = check.waiver.as_ref();
                table
                    .text(&view.row.name)
                    .text(&check.id)
                    .text(&check.title)
                    .text(&check.stage)
                    .text(&check.kind)
                    .text(&check.state)
                    .number(Some(check.weight))
                    .text(&check.result)
                    .maybe(check.reason.as_ref())
                    .text(yes(check.claimed))
                    .maybe(finding.map(|finding| &finding.source))
                    .maybe(finding.map(|finding| &finding.by))
                    .maybe(finding.map(|finding| &finding.observed))
                    .maybe(finding.and_then(|finding| finding.link.as_ref()))
                    .maybe(finding.map(|finding| &finding.seen_at))
                    .maybe(finding.and_then(|finding| finding.stale_after.as_ref()))
                    .maybe(waiver.map(|waiver| &waiver.expires_on))
                    .maybe(waiver.map(|waiver| &waiver.by))
                    .maybe(waiver.map(|waiver| &waiver.reason))
                    .end();
            }
        }
        Ok(table.finish())
    }

    async fn log_table(&self) -> Result<String, ApiError> {
        let mut table = Table::new(&[
            "recorded_at",
            "device",
            "sequence",
            "person",
            "entity",
            "register",
            "value",
        ]);
        let names = Names::load(self).await?;
        for (device, line) in self.store.log().await? {
            let batch = Batch::parse(&line).map_err(|error| {
                ApiError::new(Code::WorkspaceDamaged, "A line of the log is damaged.")
                    .with("detail", error)
            })?;
            for write in &batch.writes {
                table
                    .text(&rfc3339(batch.wall))
                    .text(&device.to_hex())
                    .number(Some(batch.seq))
                    .text(&names.of(batch.actor))
                    .text(&write.entity.to_string())
                    .text(&write.path)
                    .text(&write.value.to_string())
                    .end();
            }
        }
        Ok(table.finish())
    }
}

fn value<T: Serialize>(view: &T) -> Result<Value, ApiError> {
    serde_json::to_value(view).map_err(|error| {
        ApiError::new(Code::Internal, "The export has no JSON form.").with("detail", error)
    })
}

fn remove(object: &mut Value, keys: &[&str]) {
    if let Value::Object(entries) = object {
        for key in keys {
            entries.remove(*key);
        }
    }
}

fn yes(is: bool) -> &'static str {
    if is { "yes" } else { "" }
}

/// A table as RFC 4180 has it. Texts are defused, numbers are written as they are.
struct Table {
    text: String,
    starts: bool,
}

impl Table {
    fn new(titles: &[&str]) -> Self {
        let mut table = Self { text: String::new(), starts: true };
        for title in titles {
            table.text(title);
        }
        table.end();
        table
    }

    fn raw(&mut self, cell: &str) -> &mut Self {
        if !self.starts {
            self.text.push(',');
        }
        self.starts = false;
        self.text.push_str(cell);
        self
    }

    fn text(&mut self, text: &str) -> &mut Self {
        self.raw(&cell(text))
    }

    fn maybe(&mut self, text: Option<&String>) -> &mut Self {
        self.text(text.map_or("", String::as_str))
    }

    fn number<T: std::fmt::Display>(&mut self, number: Option<T>) -> &mut Self {
        let mut text = String::new();
        if let Some(number) = number {
            // Writing to a text does not fail.
            let _ = write!(text, "{number}");
        }
        self.raw(&text)
    }

    fn end(&mut self) {
        self.text.push_str("\r\n");
        self.starts = true;
    }

    fn finish(self) -> String {
        self.text
    }
}
