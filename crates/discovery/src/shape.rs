//! One form for every attribute of a service, so that merging has nothing to guess.
//!
//! Only attributes that the inventory uses survive. The values of `environment` in particular are
//! dropped here, before anything else can see them.

use std::path::Path;

use crate::names::shown;
use crate::node::{Content, Directive, Entry, Node};
use crate::paths::{absolute, is_remote};
use crate::report::Session;

const USED: [&str; 14] = [
    "build",
    "command",
    "container_name",
    "depends_on",
    "entrypoint",
    "expose",
    "extends",
    "external_links",
    "hostname",
    "image",
    "links",
    "networks",
    "ports",
    "profiles",
];

/// Added to `build`: the context where no file names one.
pub(crate) const DEFAULT_CONTEXT: &str = "default context";

/// Shapes one service. `folder` is what a relative build context counts from.
pub(crate) fn shape(name: &str, service: Node, folder: &Path, session: &mut Session) -> Node {
    let (at, directive) = (service.at, service.directive);
    // Version 1 of the format keeps the Dockerfile beside `build`.
    let dockerfile = service.get("dockerfile").cloned();
    let Content::Map(entries) = service.content else {
        return Node { at, directive, content: Content::Map(Vec::new()) };
    };
    let mut kept = Vec::new();
    for mut entry in entries {
        if !USED.contains(&entry.key.as_str()) {
            continue;
        }
        entry.value = match entry.key.as_str() {
            "depends_on" => depends_on(name, entry.value, session),
            "links" => links(name, entry.value, session),
            "networks" => networks(entry.value),
            "build" => build(entry.value, dockerfile.as_ref(), folder, session),
            _ => entry.value,
        };
        kept.push(entry);
    }
    Node { at, directive, content: Content::Map(kept) }
}

fn depends_on(service: &str, node: Node, session: &mut Session) -> Node {
    let Node { at, directive, content } = node;
    let entries = match content {
        Content::Map(entries) => entries,
        Content::List(items) => {
            let mut entries = Vec::new();
            for item in items {
                let Some(target) = item.text() else {
                    let found = item.kind();
                    let reason = format!(
                        "An entry of depends_on must be the name of a service, here is {found}. Write the name."
                    );
                    session.reject(service, item.at, reason);
                    continue;
                };
                let key = target.trim().to_owned();
                let value = Node { content: Content::Null, ..item };
                entries.push(Entry { key, at: value.at, value });
            }
            entries
        }
        Content::Null => {
            return Node { at, directive, content: Content::Null };
        }
        Content::Text(_) => {
            if directive != Directive::Reset {
                session.reject(
                    service,
                    at,
                    "depends_on must be a list or a map of service names. Write `- ` before the name.",
                );
            }
            return Node { at, directive, content: Content::Null };
        }
    };
    Node { at, directive, content: Content::Map(entries) }
}

fn links(service: &str, node: Node, session: &mut Session) -> Node {
    let Node { at, directive, content } = node;
    let content = match content {
        Content::List(items) => {
            let mut kept = Vec::new();
            for item in items {
                if item.text().is_some() {
                    kept.push(item);
                } else {
                    let found = item.kind();
                    let reason =
                        format!("An entry of links must be NAME or NAME:ALIAS, here is {found}.");
                    session.reject(service, item.at, reason);
                }
            }
            Content::List(kept)
        }
        Content::Null => Content::Null,
        other => {
            let found = Node::new(at, other).kind();
            if directive != Directive::Reset {
                session.reject(service, at, format!("links must be a list, here is {found}."));
            }
            Content::Null
        }
    };
    Node { at, directive, content }
}

fn networks(node: Node) -> Node {
    let Content::List(items) = node.content else {
        return node;
    };
    let entries = items
        .into_iter()
        .filter_map(|item| {
            let key = item.text()?.to_owned();
            Some(Entry { key, at: item.at, value: Node::new(item.at, Content::Null) })
        })
        .collect();
    Node { at: node.at, directive: node.directive, content: Content::Map(entries) }
}

/// `context` becomes an absolute path here, while it is known which file wrote it.
fn build(node: Node, dockerfile: Option<&Node>, folder: &Path, session: &mut Session) -> Node {
    let Node { at, directive, content } = node;
    let mut entries = match content {
        Content::Map(entries) => entries,
        Content::Text(_) => {
            vec![Entry { key: "context".to_owned(), at, value: Node::new(at, content) }]
        }
        _ => {
            return Node { at, directive, content: Content::Null };
        }
    };
    if let Some(dockerfile) = dockerfile {
        let key = "dockerfile".to_owned();
        entries.push(Entry { key, at: dockerfile.at, value: dockerfile.clone() });
    }
    entries.retain(|entry| matches!(entry.key.as_str(), "context" | "dockerfile"));
    let default = Content::Text(folder.to_string_lossy().into_owned());
    entries.push(Entry { key: DEFAULT_CONTEXT.to_owned(), at, value: Node::new(at, default) });
    for entry in &mut entries {
        if entry.key == "context" && entry.value.directive != Directive::Reset {
            context(&mut entry.value, folder, session);
        }
    }
    Node { at, directive, content: Content::Map(entries) }
}

fn context(node: &mut Node, folder: &Path, session: &mut Session) {
    let Some(written) = node.text().map(str::trim).map(str::to_owned) else {
        return;
    };
    if is_remote(&written) {
        session.warn(
            node.at,
            "The build context lies on another machine; no source directory is known.",
        );
        node.content = Content::Null;
        return;
    }
    let path = Path::new(&written);
    let joined = absolute(&folder.join(path));
    if path.is_absolute() && !joined.starts_with(session.root()) {
        let text = format!(
            "The build context {} lies outside the project; no source directory is kept.",
            path.file_name().map_or_else(|| "/".to_owned(), |name| shown(&name.to_string_lossy()))
        );
        session.warn(node.at, text);
        node.content = Content::Null;
        return;
    }
    node.content = Content::Text(joined.to_string_lossy().into_owned());
}
