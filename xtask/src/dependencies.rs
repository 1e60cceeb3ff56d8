//! Dependencies that no source names. Each costs compile time and trust.

use crate::manifest::{Dependency, Kind, Manifest};
use crate::problem::Result;
use crate::tidy::{File, Tree, Violation, report};
use crate::workspace::Workspace;
use std::collections::BTreeSet;

/// Says how many dependencies were looked for.
pub fn check(workspace: &Workspace) -> Result<String> {
    let tree = Tree::load(workspace)?;
    let violations = unused(&tree);
    if violations.is_empty() {
        let count: usize = tree.manifests().map(|(_, own)| own.dependencies.len()).sum();
        return Ok(format!("{count} dependencies"));
    }
    Err(report(&violations))
}

fn unused(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut named = BTreeSet::new();
    for (file, manifest) in tree.manifests() {
        let folder = file.path.trim_end_matches("Cargo.toml");
        let words = identifiers(tree, folder);
        for dependency in &manifest.dependencies {
            named.insert(dependency.name.clone());
            if !words.contains(dependency.name.replace('-', "_").as_str()) {
                let message = format!("`{}` is used by no source of this crate", dependency.name);
                violations.push(violation(&file.path, dependency, message));
            }
        }
    }
    if let Some(root) = tree.files.iter().find(|file| file.path == "Cargo.toml") {
        let manifest = Manifest::parse(&root.text);
        let shared = manifest.dependencies.iter().filter(|entry| entry.kind == Kind::Workspace);
        violations.extend(shared.filter(|entry| !named.contains(&entry.name)).map(|entry| {
            violation(&root.path, entry, format!("`{}` is used by no crate", entry.name))
        }));
    }
    violations
}

/// Every word of the crate's sources, build script and tests included, comments left out.
fn identifiers<'a>(tree: &'a Tree, folder: &str) -> BTreeSet<&'a str> {
    let sources = tree.files.iter().filter(|file| file.path.starts_with(folder) && file.is("rs"));
    sources
        .flat_map(File::code_lines)
        .flat_map(|(_, line)| line.split(|c: char| !c.is_ascii_alphanumeric() && c != '_'))
        .collect()
}

fn violation(path: &str, dependency: &Dependency, message: String) -> Violation {
    Violation { path: path.to_owned(), line: Some(dependency.line), message }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(files: &[(&str, &str)]) -> Vec<String> {
        unused(&Tree::of(files)).into_iter().map(|violation| violation.message).collect()
    }

    #[test]
    fn a_dependency_that_no_source_names_is_found() {
        let manifest =
            "[dependencies]\nserde.workspace = true\nsaphyr-parser = \"1\"\nurl = \"2\"\n";
        let source =
            "use saphyr_parser::Parser;\n// url is only mentioned\n#[derive(serde::Serialize)]";
        let found = messages(&[("crates/a/Cargo.toml", manifest), ("crates/a/src/lib.rs", source)]);
        assert_eq!(found, ["`url` is used by no source of this crate"], "a comment is no use");
    }

    #[test]
    fn the_source_of_another_crate_does_not_count() {
        let found = messages(&[
            ("crates/a/Cargo.toml", "[dependencies]\nurl = \"2\""),
            ("crates/b/src/lib.rs", "use url::Url;"),
        ]);
        assert_eq!(found.len(), 1, "{found:?}");
    }

    #[test]
    fn a_version_that_no_crate_takes_is_found() {
        let found = messages(&[
            ("Cargo.toml", "[workspace.dependencies]\nurl = \"2\"\nuuid = \"1\""),
            ("crates/a/Cargo.toml", "[dependencies]\nurl.workspace = true"),
            ("crates/a/src/lib.rs", "use url::Url;"),
        ]);
        assert_eq!(found, ["`uuid` is used by no crate"], "url is taken");
    }
}
