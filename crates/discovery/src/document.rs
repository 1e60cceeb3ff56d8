//! One Compose file: read, interpolated and shaped, but not yet extended or merged with others.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::environment::Environment;
use crate::error::DiscoveryError;
use crate::file::read_text;
use crate::interpolate::interpolate;
use crate::merge::merge_service;
use crate::names::name_problem;
use crate::node::{At, Content, Directive, Entry, Node};
use crate::report::Session;
use crate::shape::shape;
use crate::yaml::parse;

/// Top-level keys of the format; a file with none of them and no service is something else.
const TOP_LEVEL: [&str; 9] = [
    "configs", "include", "models", "name", "networks", "secrets", "services", "version", "volumes",
];

/// A service as one file, or several merged ones, say it.
#[derive(Clone, Debug)]
pub(crate) struct Service {
    /// The place of its key.
    pub(crate) at: At,
    /// A map of shaped attributes.
    pub(crate) node: Node,
}

/// What one file says.
#[derive(Debug, Default)]
pub(crate) struct Document {
    /// Absolute.
    pub(crate) path: PathBuf,
    pub(crate) services: BTreeMap<String, Service>,
    /// The entries of the top-level `include`.
    pub(crate) includes: Vec<Node>,
}

impl Document {
    /// Reads a file. `folder` is what a relative build context counts from.
    pub(crate) fn read(
        path: &Path,
        folder: &Path,
        environment: &Environment,
        session: &mut Session,
    ) -> Result<Self, DiscoveryError> {
        let id = session.file(path);
        let file = session.shown(id).to_owned();
        let text = read_text(path, &file)?;
        let trees = parse(&text, id, &file)?;
        let mut document = Self { path: path.to_owned(), ..Self::default() };
        let first = At { file: id, line: 1 };
        if trees.iter().all(Node::is_null) {
            return Err(not_compose(first, "it is empty", session));
        }
        for tree in trees {
            if !tree.is_null() {
                document.add(tree, folder, environment, session)?;
            }
        }
        Ok(document)
    }

    fn add(
        &mut self,
        root: Node,
        folder: &Path,
        environment: &Environment,
        session: &mut Session,
    ) -> Result<(), DiscoveryError> {
        let (at, kind) = (root.at, root.kind());
        let Content::Map(entries) = root.content else {
            let problem = format!("it holds {kind} instead of a map with `services`");
            return Err(not_compose(at, &problem, session));
        };
        let mut services = Vec::new();
        if entries.iter().any(|entry| entry.key == "services") {
            for entry in entries {
                match entry.key.as_str() {
                    "services" => services = services_of(entry.value, session)?,
                    "include" => self.include(entry.value, environment, session)?,
                    _ => {}
                }
            }
        } else {
            services = self.without_services_key(at, entries, environment, session)?;
        }
        for entry in services {
            self.add_service(entry, folder, environment, session)?;
        }
        Ok(())
    }

    /// Version 1 of the format, where every top-level key is a service, or a file that adds
    /// networks or includes only.
    fn without_services_key(
        &mut self,
        at: At,
        entries: Vec<Entry>,
        environment: &Environment,
        session: &mut Session,
    ) -> Result<Vec<Entry>, DiscoveryError> {
        let is_version_1 = !entries.iter().any(|entry| entry.key == "version")
            && entries.iter().any(looks_like_service);
        if is_version_1 {
            return Ok(entries.into_iter().filter(|entry| !entry.key.starts_with("x-")).collect());
        }
        let has = |key: &str| entries.iter().any(|entry| entry.key == key);
        if has("apiVersion") && has("kind") {
            let problem = "it is a Kubernetes manifest; choose the Compose file instead";
            return Err(not_compose(at, problem, session));
        }
        if !entries.iter().any(|entry| TOP_LEVEL.contains(&entry.key.as_str())) {
            let problem = "it has no `services` and no entry with `image` or `build`";
            return Err(not_compose(at, problem, session));
        }
        for entry in entries {
            if entry.key == "include" {
                self.include(entry.value, environment, session)?;
            }
        }
        Ok(Vec::new())
    }

    fn include(
        &mut self,
        mut node: Node,
        environment: &Environment,
        session: &mut Session,
    ) -> Result<(), DiscoveryError> {
        interpolate_node(&mut node, environment, session)?;
        match node.content {
            Content::List(items) => self.includes.extend(items),
            Content::Null => {}
            _ => self.includes.push(node),
        }
        Ok(())
    }

    fn add_service(
        &mut self,
        entry: Entry,
        folder: &Path,
        environment: &Environment,
        session: &mut Session,
    ) -> Result<(), DiscoveryError> {
        let Entry { key: name, at, mut value } = entry;
        if let Some(problem) = name_problem(&name) {
            session.reject(&name, at, problem);
            return Ok(());
        }
        let is_map = matches!(value.content, Content::Map(_));
        if !is_map && value.directive != Directive::Reset {
            let found = value.kind();
            let reason = format!("A service must be a map of attributes, here is {found}.");
            session.reject(&name, at, reason);
            return Ok(());
        }
        interpolate_node(&mut value, environment, session)?;
        let node = shape(&name, value, folder, session);
        let Some(earlier) = self.services.remove(&name) else {
            self.services.insert(name, Service { at, node });
            return Ok(());
        };
        // A second YAML document in the same file.
        if let Some(node) = merge_service(earlier.node, node) {
            self.services.insert(name, Service { at: earlier.at, node });
        }
        Ok(())
    }
}

fn services_of(node: Node, session: &Session) -> Result<Vec<Entry>, DiscoveryError> {
    let (at, kind) = (node.at, node.kind());
    match node.content {
        Content::Map(entries) => Ok(entries),
        Content::Null => Ok(Vec::new()),
        _ => Err(not_compose(at, &format!("`services` holds {kind} instead of a map"), session)),
    }
}

fn looks_like_service(entry: &Entry) -> bool {
    !TOP_LEVEL.contains(&entry.key.as_str())
        && !entry.key.starts_with("x-")
        && ["image", "build", "extends"].iter().any(|key| entry.value.get(key).is_some())
}

/// Values only: keys of maps are never interpolated.
fn interpolate_node(
    node: &mut Node,
    environment: &Environment,
    session: &mut Session,
) -> Result<(), DiscoveryError> {
    match &mut node.content {
        Content::Null => {}
        Content::Text(text) if !text.contains('$') => {}
        Content::Text(text) => {
            let mut findings = Vec::new();
            let replaced = interpolate(text, &mut &*environment, &mut findings);
            session.spend_text(replaced.len(), node.at)?;
            *text = replaced;
            for finding in findings {
                session.note(finding, node.at);
            }
        }
        Content::List(items) => {
            for item in items {
                interpolate_node(item, environment, session)?;
            }
        }
        Content::Map(entries) => {
            for entry in entries {
                interpolate_node(&mut entry.value, environment, session)?;
            }
        }
    }
    Ok(())
}

fn not_compose(at: At, problem: &str, session: &Session) -> DiscoveryError {
    DiscoveryError::ComposeInvalid {
        file: session.shown(at.file).to_owned(),
        line: at.line,
        problem: problem.to_owned(),
    }
}
