//! Backstage catalogues: `catalog-info.yaml` with several documents, and the files beside it that a
//! Location names.
//!
//! Components and resources become nodes; systems become tags; an API is no node, it joins whoever
//! consumes it to whoever provides it. Libraries are left out: they do not run.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::path::{Path, PathBuf};

use pilotage_domain::words::{DependencyKind, NodeClass};

use crate::discovered::{
    Alias, Discovered, DiscoveredDependency, DiscoveredService, Evidence, Said,
};
use crate::error::DiscoveryError;
use crate::file::read_text;
use crate::format::Format;
use crate::names::{name_problem, normalised, shown};
use crate::node::{At, Node};
use crate::paths::{absolute, folder, is_remote};
use crate::report::Session;
use crate::said;
use crate::yaml::parse;

/// Written by hand and often stale.
const CATALOGUE_PERCENT: u8 = 80;
/// Where an entity names no namespace.
const DEFAULT_NAMESPACE: &str = "default";
/// Dependencies of one import: an API that all consume and all provide multiplies them.
const MAX_EDGES: usize = 50_000;
/// Types of resources that hold data, as parts of the word.
const STORES: [&str; 14] = [
    "database",
    "db",
    "datastore",
    "cache",
    "queue",
    "topic",
    "broker",
    "bucket",
    "storage",
    "store",
    "stream",
    "redis",
    "postgres",
    "kafka",
];
/// Types of resources that carry others.
const PLATFORMS: [&str; 6] =
    ["cluster", "monitoring", "observability", "registry", "platform", "gateway"];

/// What a reference names: kind, namespace and name, in lower case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Key {
    kind: String,
    namespace: String,
    name: String,
}

struct Entity {
    key: Key,
    /// As written.
    name: String,
    /// The place of the document.
    at: At,
    node: Node,
}

/// Reads catalogues and the files their locations name.
pub(crate) fn read(paths: &[PathBuf]) -> Result<Discovered, DiscoveryError> {
    let Some(first) = paths.first() else {
        return Err(DiscoveryError::NoFile);
    };
    let mut session = Session::new(folder(&absolute(first)));
    let entities = load(paths, &mut session)?;
    let (mut services, places) = nodes(&entities, &mut session);
    let edges = edges(&entities, &places, &mut session)?;
    services.sort_by(|a, b| a.name.cmp(&b.name));
    let dependencies = edges
        .into_iter()
        .map(|((from, to, kind), evidence)| DiscoveredDependency {
            from,
            to,
            kind,
            confidence_percent: CATALOGUE_PERCENT,
            evidence: evidence.into_iter().collect(),
        })
        .collect();
    let found =
        Discovered { format: Format::Catalogue, services, dependencies, ..Discovered::default() };
    Ok(session.finish(found))
}

fn load(paths: &[PathBuf], session: &mut Session) -> Result<Vec<Entity>, DiscoveryError> {
    let mut waiting: VecDeque<(PathBuf, Option<At>)> =
        paths.iter().map(|path| (absolute(path), None)).collect();
    let mut seen: HashSet<PathBuf> = HashSet::new();
    let mut known: HashMap<Key, At> = HashMap::new();
    let mut entities = Vec::new();
    let mut first = None;
    while let Some((path, named_by)) = waiting.pop_front() {
        if !seen.insert(path.clone()) {
            continue;
        }
        let id = session.file(&path);
        let at = At { file: id, line: 1 };
        first.get_or_insert(at);
        session.spend_file(named_by.unwrap_or(at))?;
        let file = session.shown(id).to_owned();
        for document in parse(&read_text(&path, &file)?, id, &file)? {
            let Some(entity) = entity(document, session) else { continue };
            if entity.key.kind == "location" {
                let targets = targets(&entity, &path, session);
                waiting.extend(targets.into_iter().map(|(path, at)| (path, Some(at))));
            }
            if let Some(earlier) = known.get(&entity.key) {
                let reason = format!(
                    "The {} stands in {} already; this one is left out. Remove one of the two.",
                    entity.key.kind,
                    session.words(*earlier)
                );
                session.reject(&entity.name, entity.at, reason);
                continue;
            }
            known.insert(entity.key.clone(), entity.at);
            entities.push(entity);
        }
    }
    if let (true, Some(at)) = (entities.is_empty(), first) {
        return Err(DiscoveryError::NotOfFormat {
            file: session.shown(at.file).to_owned(),
            line: at.line,
            format: Format::Catalogue,
            problem: "it holds no entity with `apiVersion`, `kind` and `metadata.name`".to_owned(),
        });
    }
    Ok(entities)
}

/// A document that is an entity of Backstage; others are of no concern here.
fn entity(node: Node, session: &mut Session) -> Option<Entity> {
    if !node.text_of("apiVersion")?.contains("backstage.io/") {
        return None;
    }
    let kind = node.text_of("kind")?.to_lowercase();
    let metadata = node.get("metadata");
    let written = metadata.and_then(|metadata| metadata.text_of("name"));
    let Some(written) = written else {
        session.reject(&kind, node.at, "It has no `metadata.name`. Give it one.");
        return None;
    };
    let name = match said::name(written) {
        Ok(name) => name,
        Err(problem) => {
            session.reject(written, node.at, problem);
            return None;
        }
    };
    let namespace = metadata
        .and_then(|metadata| metadata.text_of("namespace"))
        .unwrap_or(DEFAULT_NAMESPACE)
        .to_lowercase();
    let key = Key { kind, namespace, name: name.to_lowercase() };
    Some(Entity { key, name, at: node.at, node })
}

/// Files that a Location names and that may be read: relative, inside the first file's folder.
fn targets(location: &Entity, path: &Path, session: &mut Session) -> Vec<(PathBuf, At)> {
    let spec = location.node.get("spec");
    let mut written = Vec::new();
    for key in ["target", "targets"] {
        written.extend(spec.and_then(|spec| spec.get(key)).map(Node::texts).unwrap_or_default());
    }
    let mut taken = Vec::new();
    for (target, at) in written {
        match target_file(target.trim(), path, session.root()) {
            Ok(path) => taken.push((path, at)),
            Err(problem) => {
                let text = format!("The location {} {problem}; it was not read.", shown(target));
                session.warn(at, text);
            }
        }
    }
    taken
}

fn target_file(target: &str, path: &Path, root: &Path) -> Result<PathBuf, &'static str> {
    if target.is_empty() {
        return Err("is empty");
    }
    if is_remote(target) {
        return Err("lies on another machine");
    }
    if target.contains(['*', '?', '{', '$']) {
        return Err("is a pattern and not one file");
    }
    if Path::new(target).is_absolute() {
        return Err("is no relative path");
    }
    let file = absolute(&folder(path).join(target));
    if !file.starts_with(root) {
        return Err("lies outside the folder of the first file");
    }
    // Through links, too, the file must lie inside.
    match (file.canonicalize(), root.canonicalize()) {
        (Ok(real), Ok(root)) if !real.starts_with(&root) => {
            Err("leads out of the folder of the first file through a link")
        }
        (Ok(real), _) if !real.is_file() => Err("is no file"),
        (Ok(_), Ok(_)) => Ok(file),
        _ => Err("does not exist"),
    }
}

/// Where each component and resource went: its name among the nodes, or why it is none.
type Places = BTreeMap<Key, Result<String, &'static str>>;

fn nodes(entities: &[Entity], session: &mut Session) -> (Vec<DiscoveredService>, Places) {
    let mut names: HashMap<String, At> = HashMap::new();
    let mut services = Vec::new();
    let mut places = Places::new();
    for entity in entities {
        if !matches!(entity.key.kind.as_str(), "component" | "resource") {
            continue;
        }
        let kind = spec_text(entity, "type").unwrap_or_default();
        let Some((class, class_reason)) = class(&entity.key.kind, kind) else {
            let text = format!(
                "The component {} is a {}: it does not run and was left out.",
                shown(&entity.name),
                shown(kind)
            );
            session.warn(entity.at, text);
            places.insert(entity.key.clone(), Err("does not run and was left out"));
            continue;
        };
        if let Some(earlier) = names.get(&normalised(&entity.name)) {
            let reason = format!(
                "Another entity of this name stands in {}; this one is left out. Case, `-`, `_`, `.` and the namespace do not count. Rename one of the two.",
                session.words(*earlier)
            );
            session.reject(&entity.name, entity.at, reason);
            places.insert(entity.key.clone(), Err("was not taken because of its name"));
            continue;
        }
        names.insert(normalised(&entity.name), entity.at);
        places.insert(entity.key.clone(), Ok(entity.name.clone()));
        let (said, source_directory) = said(entity, kind, session);
        services.push(DiscoveredService {
            name: entity.name.clone(),
            class,
            class_reason,
            class_is_guessed: false,
            image: None,
            source_directory,
            aliases: aliases(entity),
            ports: Vec::new(),
            place: session.place(entity.at),
            said,
        });
    }
    (services, places)
}

/// The class that kind and type say, or nothing for what does not run.
fn class(kind: &str, kind_of: &str) -> Option<(NodeClass, String)> {
    let word = kind_of.to_lowercase();
    let parts: Vec<&str> = word.split(|c: char| !c.is_alphanumeric()).collect();
    let is_one_of = |list: &[&str]| list.iter().any(|sign| parts.contains(sign));
    if kind == "component" && matches!(word.as_str(), "library" | "documentation" | "template") {
        return None;
    }
    let reason = if kind_of.is_empty() {
        format!("a {kind} of the catalogue")
    } else {
        format!("a {kind} of type “{}” in the catalogue", shown(kind_of))
    };
    let class = if is_one_of(&STORES) {
        NodeClass::Datastore
    } else if kind == "component" {
        NodeClass::Service
    } else if is_one_of(&PLATFORMS) {
        NodeClass::Platform
    } else {
        NodeClass::External
    };
    Some((class, reason))
}

fn spec_text<'node>(entity: &'node Entity, key: &str) -> Option<&'node str> {
    entity.node.get("spec").and_then(|spec| spec.text_of(key))
}

fn aliases(entity: &Entity) -> Vec<Alias> {
    let metadata = entity.node.get("metadata");
    let title = metadata.and_then(|metadata| metadata.text_of("title"));
    let label = annotation(entity, "backstage.io/kubernetes-id").map(|(text, _)| text);
    let found: BTreeSet<Alias> = [(title, "title"), (label, "kubernetes-id")]
        .into_iter()
        .filter_map(|(value, source)| Some((value?, source)))
        .filter(|(value, _)| *value != entity.name && name_problem(value).is_none())
        .map(|(value, source)| Alias { value: value.to_owned(), source: source.to_owned() })
        .collect();
    found.into_iter().collect()
}

fn annotation<'node>(entity: &'node Entity, key: &str) -> Option<(&'node str, At)> {
    let annotations = entity.node.get("metadata")?.get("annotations")?;
    let value = annotations.get(key)?;
    Some((value.text()?.trim(), value.at)).filter(|(text, _)| !text.is_empty())
}

/// What the entity says of itself, and its source directory.
fn said(entity: &Entity, kind: &str, session: &mut Session) -> (Said, Option<String>) {
    let mut said = Said::default();
    let mut directory = None;
    let mut doubts: Vec<(At, String)> = Vec::new();
    let mut take = |at: At, what: &str, taken: Result<(), String>| {
        if let Err(problem) = taken {
            doubts.push((
                at,
                format!("{}: the {what} {problem}; it was left out.", shown(&entity.name)),
            ));
        }
    };
    let at = |node: Option<&Node>| node.map_or(entity.at, |node| node.at);
    let spec = entity.node.get("spec");
    let metadata = entity.node.get("metadata");
    if let Some(owner) = spec_text(entity, "owner") {
        let reference = Reference::parse(owner, &entity.key.namespace);
        let is_person = reference.kind.as_deref() == Some("user");
        let taken = said::line(&reference.written).map(|name| {
            if !is_person {
                said.team = Some(name.clone());
            }
            said.owner = Some(name);
        });
        take(at(spec.and_then(|spec| spec.get("owner"))), "owner", taken);
    }
    if entity.key.kind == "component" && !kind.is_empty() && !kind.eq_ignore_ascii_case("service") {
        let taken = said::line(kind).map(|kind| said.archetype = Some(kind));
        take(entity.at, "type", taken);
    }
    if let Some(source) = source(entity) {
        let (address, folder, place) = source;
        let taken = said::repository(&address).map(|address| {
            said.repository = Some(address);
            directory = folder.filter(|folder| said::line(folder).is_ok());
        });
        take(place, "repository", taken);
    }
    if let Some(text) = metadata.and_then(|metadata| metadata.text_of("description")) {
        let taken = said::notes(text).map(|notes| said.notes = notes);
        take(at(metadata.and_then(|metadata| metadata.get("description"))), "description", taken);
    }
    if let Some(system) = spec_text(entity, "system") {
        let system = Reference::parse(system, &entity.key.namespace).written;
        let taken = said.add_tag(&format!("system:{system}"));
        take(at(spec.and_then(|spec| spec.get("system"))), "system", taken);
    }
    let tags = metadata.and_then(|metadata| metadata.get("tags"));
    for (tag, place) in tags.map(Node::texts).unwrap_or_default() {
        take(place, "tag", said.add_tag(tag));
    }
    let links = metadata.and_then(|metadata| metadata.get("links"));
    for link in links.map(Node::items).unwrap_or_default() {
        let Some(address) = link.text_of("url") else { continue };
        take(link.at, "link", said.add_link(address, link.text_of("title")));
    }
    for (place, text) in doubts {
        session.warn(place, text);
    }
    (said, directory)
}

/// Repository, folder in it, and where that stands.
fn source(entity: &Entity) -> Option<(String, Option<String>, At)> {
    if let Some((written, at)) = annotation(entity, "backstage.io/source-location") {
        let address = written.strip_prefix("url:").unwrap_or(written);
        let (repository, folder) = split_source(address);
        return Some((repository, folder, at));
    }
    ["github.com", "gitlab.com", "bitbucket.org"].into_iter().find_map(|host| {
        let (slug, at) = annotation(entity, &format!("{host}/project-slug"))?;
        Some((format!("https://{host}/{}", slug.trim_matches('/')), None, at))
    })
}

/// `https://host/group/repository/tree/branch/folder` is a repository and a folder in it.
fn split_source(address: &str) -> (String, Option<String>) {
    let split = address.split_once("/-/tree/").or_else(|| address.split_once("/tree/"));
    let Some((head, tail)) = split else {
        return (address.trim_end_matches('/').to_owned(), None);
    };
    let folder = tail.split_once('/').map(|(_, folder)| folder.trim_matches('/').to_owned());
    (head.to_owned(), folder.filter(|folder| !folder.is_empty()))
}

/// `[kind:][namespace/]name`.
struct Reference {
    kind: Option<String>,
    namespace: String,
    name: String,
    /// The name as written.
    written: String,
}

impl Reference {
    fn parse(text: &str, home: &str) -> Self {
        let text = text.trim();
        let (kind, rest) = match text.split_once(':') {
            Some((kind, rest)) => (Some(kind.trim().to_lowercase()), rest),
            None => (None, text),
        };
        let (namespace, name) = rest.split_once('/').unwrap_or((home, rest));
        Self {
            kind,
            namespace: namespace.trim().to_lowercase(),
            name: name.trim().to_lowercase(),
            written: name.trim().to_owned(),
        }
    }

    /// The keys it may mean, best first.
    fn keys(&self, kinds: &[&str]) -> Vec<Key> {
        let key = |kind: &str| Key {
            kind: kind.to_owned(),
            namespace: self.namespace.clone(),
            name: self.name.clone(),
        };
        match &self.kind {
            Some(kind) => vec![key(kind)],
            None => kinds.iter().map(|kind| key(kind)).collect(),
        }
    }
}

type Edges = BTreeMap<(String, String, DependencyKind), BTreeSet<Evidence>>;

fn edges(
    entities: &[Entity],
    places: &Places,
    session: &mut Session,
) -> Result<Edges, DiscoveryError> {
    let mut edges = Edges::new();
    let mut providers: BTreeMap<Key, Vec<(String, Evidence)>> = BTreeMap::new();
    for (entity, name) in taken(entities, places) {
        for (written, at) in listed(entity, "providesApis") {
            let reference = Reference::parse(written, &entity.key.namespace);
            let text = format!("providesApis: {}", shown(written.trim()));
            let evidence = Evidence { place: session.place(at), text };
            for key in reference.keys(&["api"]) {
                providers.entry(key).or_default().push((name.to_owned(), evidence.clone()));
            }
        }
    }
    for (entity, name) in taken(entities, places) {
        for (written, at) in listed(entity, "consumesApis") {
            consume(&mut edges, &providers, entity, name, ("consumesApis", written, at), session)?;
        }
        for (key, is_reversed) in [("dependsOn", false), ("dependencyOf", true)] {
            for (written, at) in listed(entity, key) {
                let reference = Reference::parse(written, &entity.key.namespace);
                if reference.kind.as_deref() == Some("api") && !is_reversed {
                    consume(&mut edges, &providers, entity, name, (key, written, at), session)?;
                    continue;
                }
                let keys = reference.keys(&["component", "resource"]);
                let other = keys.iter().find_map(|key| places.get(key));
                let subject = |other: &str| {
                    let (from, to) = if is_reversed { (other, name) } else { (name, other) };
                    format!("{} → {}", shown(from), shown(to))
                };
                match other {
                    Some(Ok(other)) if other == name => {
                        let reason = "It names itself. Remove the entry.";
                        session.reject(&subject(other), at, reason);
                    }
                    Some(Ok(other)) => {
                        let (from, to) = if is_reversed {
                            (other.as_str(), name)
                        } else {
                            (name, other.as_str())
                        };
                        let text = format!("{key}: {}", shown(written.trim()));
                        let evidence = Evidence { place: session.place(at), text };
                        let pair = (from.to_owned(), to.to_owned(), DependencyKind::Declared);
                        edges.entry(pair).or_default().insert(evidence);
                    }
                    Some(Err(reason)) => {
                        let text = format!("{}: {} {reason}.", subject(written), shown(written));
                        session.warn(at, text);
                    }
                    None => {
                        let reason = format!(
                            "No component or resource of these files is called “{}”. Correct the name, or import the file that has it.",
                            shown(written.trim())
                        );
                        session.reject(&subject(written.trim()), at, reason);
                    }
                }
            }
        }
    }
    Ok(edges)
}

/// Whoever consumes an API calls everyone who provides it.
fn consume(
    edges: &mut Edges,
    providers: &BTreeMap<Key, Vec<(String, Evidence)>>,
    entity: &Entity,
    name: &str,
    (field, written, at): (&str, &str, At),
    session: &mut Session,
) -> Result<(), DiscoveryError> {
    let reference = Reference::parse(written, &entity.key.namespace);
    let keys = reference.keys(&["api"]);
    let Some(provided) = keys.iter().find_map(|key| providers.get(key)) else {
        let text = format!(
            "{} needs the interface {}, which no component of these files provides.",
            shown(name),
            shown(written.trim())
        );
        session.warn(at, text);
        return Ok(());
    };
    let text = format!("{field}: {}", shown(written.trim()));
    let consumed = Evidence { place: session.place(at), text };
    for (provider, evidence) in provided {
        // A component may call its own interface; that is no dependency.
        if provider == name {
            continue;
        }
        let pair = (name.to_owned(), provider.clone(), DependencyKind::Interface);
        edges.entry(pair).or_default().extend([consumed.clone(), evidence.clone()]);
        if edges.len() > MAX_EDGES {
            return Err(session.limit(at, format!("more than {MAX_EDGES} dependencies")));
        }
    }
    Ok(())
}

/// Components and resources that became nodes, with their names.
fn taken<'a>(
    entities: &'a [Entity],
    places: &'a Places,
) -> impl Iterator<Item = (&'a Entity, &'a str)> {
    entities.iter().filter_map(|entity| match places.get(&entity.key) {
        Some(Ok(name)) => Some((entity, name.as_str())),
        _ => None,
    })
}

fn listed<'node>(entity: &'node Entity, key: &str) -> Vec<(&'node str, At)> {
    let listed = entity.node.get("spec").and_then(|spec| spec.get(key));
    let listed = listed.map(Node::texts).unwrap_or_default();
    listed.into_iter().filter(|(text, _)| !text.trim().is_empty()).collect()
}
