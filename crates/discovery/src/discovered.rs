//! What an importer is asked for and what it answers. Plain data, no behaviour.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use pilotage_domain::words::{DependencyKind, NodeClass};
use serde::Serialize;

use crate::format::{Field, Format};

/// Which files to read, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// Files of one format; for manifests, folders too.
    pub files: Vec<PathBuf>,
    /// The format; without it, it is recognised by content.
    pub format: Option<Format>,
    /// Compose only: see [`ComposeRequest::env_files`].
    pub env_files: Vec<PathBuf>,
    /// Compose only: see [`ComposeRequest::profiles`].
    pub profiles: Vec<String>,
    /// Tables only: title of a column and the field it holds; none leaves the column out. Columns
    /// that are not named here are recognised by their titles.
    pub columns: Vec<(String, Option<Field>)>,
}

/// Which Compose files to read, and with which settings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ComposeRequest {
    /// Merged in this order, as `docker compose -f a -f b` does. The folder of the first is the
    /// project's folder.
    pub files: Vec<PathBuf>,
    /// Read after the `.env` beside the first file; later values win.
    pub env_files: Vec<PathBuf>,
    /// Active profiles. None named lists every service, whatever its profile, since an inventory
    /// that hides services by default would be wrong.
    pub profiles: Vec<String>,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Column {
    /// Its title; made unique with a number where two have the same, `Column 3` where it has none.
    pub title: String,
    /// What it was taken for.
    pub field: Option<Field>,
    /// Its first cells that are not empty, three at most, shortened for a message.
    pub samples: Vec<String>,
}

/// A proposed inventory. Services are sorted by name, dependencies by both ends, the rest by place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Discovered {
    /// What the files are.
    pub format: Format,
    /// Every file that was read, written as in [`Place`], sorted.
    pub files: Vec<String>,
    /// The columns of a table, in order of the file; nothing for other formats.
    pub columns: Vec<Column>,
    /// The services that can be taken.
    pub services: Vec<DiscoveredService>,
    /// One per pair of services.
    pub dependencies: Vec<DiscoveredDependency>,
    /// Entries that cannot be taken.
    pub rejected: Vec<Rejected>,
    /// What was taken, but with a doubt.
    pub warnings: Vec<Warning>,
}

/// One node of the inventory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DiscoveredService {
    /// The key under `services`, the `metadata.name`, or the cell.
    pub name: String,
    /// A proposal; a person can override it.
    pub class: NodeClass,
    /// Why that class, in one sentence.
    pub class_reason: String,
    /// True where the file says nothing of the class: then it serves new nodes only.
    pub class_is_guessed: bool,
    /// With registry and tag, after interpolation.
    pub image: Option<String>,
    /// Where the source is, relative to the first file's folder, with `/` between parts.
    pub source_directory: Option<String>,
    /// Other names of this service, sorted; the name itself is not among them.
    pub aliases: Vec<Alias>,
    /// `ports` and `expose` in short form (`8080:80`, `9000/udp`), sorted.
    pub ports: Vec<String>,
    /// The line of the service's key.
    pub place: Place,
    /// What the file says of it beside that.
    pub said: Said,
}

/// What catalogues and tables say of a service. All of it is checked text: composed, trimmed,
/// within the caps of `pilotage_domain::text`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Said {
    /// A person or a group.
    pub owner: Option<String>,
    /// Team.
    pub team: Option<String>,
    /// Address of the repository.
    pub repository: Option<String>,
    /// From 1 to 5.
    pub criticality: Option<u8>,
    /// A word of [`pilotage_domain::words::Effort`].
    pub effort: Option<&'static str>,
    /// Kind of service.
    pub archetype: Option<String>,
    /// A word of [`pilotage_domain::words::Difficulty`].
    pub difficulty: Option<&'static str>,
    /// Day, as `2026-12-31`.
    pub target_date: Option<String>,
    /// Markdown.
    pub notes: Option<String>,
    /// Tags.
    pub tags: BTreeSet<String>,
    /// Title by address; only `https`.
    pub links: BTreeMap<String, String>,
}

/// Another name of a service.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Alias {
    /// As written.
    pub value: String,
    /// `container_name`, `hostname`, `network alias`, `link alias`, `external link alias` or `image`.
    pub source: String,
}

/// A proposed dependency, from the caller to the callee.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DiscoveredDependency {
    /// The service that declares it.
    pub from: String,
    /// The service it needs.
    pub to: String,
    /// What kind of evidence stands behind it.
    pub kind: DependencyKind,
    /// 0 to 100. Start order (`depends_on`, `links`) is 70: it is not the call graph.
    pub confidence_percent: u8,
    /// Everything found for this pair, sorted, never empty.
    pub evidence: Vec<Evidence>,
}

/// Why we believe in a dependency.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Evidence {
    /// The line of the entry itself.
    pub place: Place,
    /// What stands there, for example `depends_on: kafka (service_healthy)`.
    pub text: String,
}

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Place {
    /// Relative to the first file's folder, with `/`; only the file's name if it lies outside.
    pub file: String,
    /// From 1.
    pub line: u32,
}

/// An entry that cannot be taken, while the rest can.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rejected {
    /// The service, or `from → to` for a dependency.
    pub subject: String,
    /// Where it stands.
    pub place: Place,
    /// Why, and what to do.
    pub reason: String,
}

/// A doubt about something that was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// Where it stands.
    pub place: Place,
    /// What is doubtful.
    pub text: String,
}
