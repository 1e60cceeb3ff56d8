//! The licences of everything that the programs contain. Most of them ask that their text goes with
//! every copy.

use super::contents::{files, name};
use super::programs::cargo_home;
use crate::licences;
use crate::problem::{Problem, Result};
use crate::process::{Call, Output};
use crate::workspace::Workspace;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// Beginnings of the file names that hold a licence.
const NAMES: &[&str] = &["licen", "copying", "copyright", "notice", "unlicense"];

/// One text for both programs: each licence once, after the names of what is under it.
pub fn collect(workspace: &Workspace) -> Result<String> {
    let mut parts = crates(workspace)?;
    if parts.is_empty() {
        return Err(Problem::new("cargo tree lists no crates"));
    }
    // Comes with the compiler, so cargo does not list it.
    let title = "the Rust standard library, MIT OR Apache-2.0".to_owned();
    parts.push(Part { title, licences: Vec::new() });
    parts.extend(npm_packages(workspace)?);
    Ok(text(&parts))
}

/// Something the programs contain.
struct Part {
    /// With its version and licence.
    title: String,
    licences: Vec<String>,
}

fn text(parts: &[Part]) -> String {
    let mut under: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut text = String::from(
        "Pilotage contains the work of others, under the licences below. Those without a text of \
         their own here\nname their licence only.\n\n",
    );
    for part in parts {
        let _ = writeln!(text, "{}", part.title);
        for licence in &part.licences {
            under.entry(licence).or_default().insert(&part.title);
        }
    }
    for (licence, titles) in under {
        let rule = "-".repeat(78);
        let titles: Vec<&str> = titles.into_iter().collect();
        let _ = writeln!(text, "\n{rule}\n{}\n{rule}\n{licence}", titles.join("\n"));
    }
    text
}

fn crates(workspace: &Workspace) -> Result<Vec<Part>> {
    let tree = Call::cargo(workspace).arguments([
        "tree",
        "--package=pilotage-cli",
        "--package=pilotage-desktop",
        "--edges=normal",
        "--prefix=none",
        "--format={p}|{l}",
    ]);
    let listed = licences::parse_tree(&tree.run(Output::Silent)?.stdout);
    let sources = cargo_home()?.join("registry/src");
    let registries = if sources.is_dir() { files(&sources)? } else { Vec::new() };
    let mut parts = Vec::new();
    for (package, licence) in listed {
        // `name v1.2.3`; our own have a path after it.
        let mut words = package.split_whitespace();
        let (Some(name), Some(version)) = (words.next(), words.next()) else {
            continue;
        };
        if name.starts_with("pilotage-") {
            continue;
        }
        let folder = format!("{name}-{}", version.trim_start_matches('v'));
        let found = registries.iter().map(|registry| registry.join(&folder));
        let found = found.filter(|folder| folder.is_dir()).collect::<Vec<PathBuf>>();
        let licences = match found.first() {
            Some(folder) => texts(folder)?,
            None => Vec::new(),
        };
        parts.push(Part { title: format!("{name} {version}, {licence}"), licences });
    }
    Ok(parts)
}

/// What the page is made of: the packages that are no tools, and Svelte, which compiles itself in.
fn npm_packages(workspace: &Workspace) -> Result<Vec<Part>> {
    let mut parts = Vec::new();
    for (name, licence) in licences::shipped_npm_packages(workspace)? {
        let folder = workspace.ui().join("node_modules").join(&name);
        let licences = if folder.is_dir() { texts(&folder)? } else { Vec::new() };
        parts.push(Part { title: format!("{name} (npm), {licence}"), licences });
    }
    Ok(parts)
}

fn texts(folder: &Path) -> Result<Vec<String>> {
    let is_licence = |path: &PathBuf| {
        let name = name(path).to_lowercase();
        path.is_file() && NAMES.iter().any(|start| name.starts_with(start))
    };
    let found = files(folder)?.into_iter().filter(is_licence);
    let texts = found.filter_map(|path| fs::read(path).ok());
    let texts = texts.map(|bytes| String::from_utf8_lossy(&bytes).replace("\r\n", "\n"));
    Ok(texts.map(|text| text.trim_matches('\n').to_owned()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_licence_of_two_is_written_once() {
        let part = |title: &str| Part { title: title.into(), licences: vec!["Be kind.".into()] };
        let text = text(&[part("a 1, MIT"), part("b 2, MIT")]);
        assert_eq!(text.matches("Be kind.").count(), 1, "{text}");
        assert_eq!(text.matches("a 1, MIT").count(), 2, "in the list, and above the text: {text}");
    }
}
