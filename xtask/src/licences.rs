//! The licences of everything we use, against the list in `deny.toml`.
//!
//! cargo-deny reads the same file where somebody has it; this check needs nothing installed, and
//! reads the npm packages too.

use crate::problem::{Problem, Result};
use crate::process::{Call, Output};
use crate::spdx::is_allowed;
use crate::workspace::{Workspace, read};
use std::collections::BTreeMap;

/// For npm packages that build and test the pages and are shipped to nobody: permissive licences
/// that are rare among crates.
const ALSO_FOR_NPM_TOOLS: &[&str] = &["BlueOak-1.0.0", "Python-2.0", "CC-BY-4.0", "MIT-0"];

/// Says how many packages were read.
pub fn check(workspace: &Workspace) -> Result<String> {
    let deny = read(&workspace.root().join("deny.toml"))?;
    let allowed = allow_list(&deny)?;
    let crates = crates(workspace)?;
    let packages = npm_packages(&read(&workspace.ui().join("package-lock.json"))?)?;
    let refused: Vec<String> =
        refused_crates(&crates, &allowed).chain(refused_packages(&packages, &allowed)).collect();
    if !refused.is_empty() {
        let message = format!("{} licences are not on the list in deny.toml", refused.len());
        return Err(Problem::new(message).with_log(refused.join("\n")));
    }
    Ok(format!("{} crates, {} npm packages", crates.len(), packages.len()))
}

fn refused_crates<'a>(
    crates: &'a BTreeMap<String, String>,
    allowed: &'a [&str],
) -> impl Iterator<Item = String> + 'a {
    let refused = crates.iter().filter(move |(_, licence)| !is_allowed(licence, allowed));
    refused.map(|(name, licence)| format!("crate {name}: {}", named(licence)))
}

fn refused_packages<'a>(
    packages: &'a [NpmPackage],
    allowed: &'a [&str],
) -> impl Iterator<Item = String> + 'a {
    let tools = [allowed, ALSO_FOR_NPM_TOOLS].concat();
    let refused = packages.iter().filter(move |package| {
        let allowed = if package.tool { tools.as_slice() } else { allowed };
        !is_allowed(&package.licence, allowed)
    });
    refused.map(|package| format!("npm {}: {}", package.name, named(&package.licence)))
}

fn named(licence: &str) -> &str {
    if licence.is_empty() { "names no licence" } else { licence }
}

/// Every crate of the lock file on every system, for building and testing too.
fn crates(workspace: &Workspace) -> Result<BTreeMap<String, String>> {
    let tree = Call::cargo(workspace).arguments([
        "tree",
        "--workspace",
        "--target=all",
        "--edges=normal,build,dev",
        "--prefix=none",
        "--format={p}|{l}",
    ]);
    let crates = parse_tree(&tree.run(Output::Silent)?.stdout);
    if crates.is_empty() {
        return Err(Problem::new("cargo tree lists no crates"));
    }
    Ok(crates)
}

/// Lines are `name v1.2.3|MIT`, with ` (*)` where the crate was listed before.
pub fn parse_tree(text: &str) -> BTreeMap<String, String> {
    let entries = text.lines().filter_map(|line| line.split_once('|'));
    entries
        .map(|(name, licence)| (name.trim().to_owned(), licence.trim_end_matches("(*)").trim()))
        .map(|(name, licence)| (name, licence.to_owned()))
        .collect()
}

/// Names and licences of the npm packages that the built page contains.
pub fn shipped_npm_packages(workspace: &Workspace) -> Result<Vec<(String, String)>> {
    let packages = npm_packages(&read(&workspace.ui().join("package-lock.json"))?)?;
    // A tool to npm, as it compiles the page; what it compiles in is its own.
    let shipped = packages.into_iter().filter(|package| !package.tool || package.name == "svelte");
    Ok(shipped.map(|package| (package.name, package.licence)).collect())
}

struct NpmPackage {
    name: String,
    licence: String,
    /// Used to build and test, not shipped.
    tool: bool,
}

/// Reads the layout in which npm writes its lock file: one key per line, two spaces for each level.
fn npm_packages(lock: &str) -> Result<Vec<NpmPackage>> {
    let mut packages: Vec<NpmPackage> = Vec::new();
    for line in lock.lines() {
        let entry = line.strip_prefix("    \"node_modules/").and_then(|rest| rest.split_once('"'));
        if let Some((name, _)) = entry {
            packages.push(NpmPackage {
                name: name.to_owned(),
                licence: String::new(),
                tool: false,
            });
        }
        let Some(package) = packages.last_mut() else {
            continue;
        };
        if let Some(licence) = line.strip_prefix("      \"license\": \"") {
            licence.trim_end_matches(',').trim_end_matches('"').clone_into(&mut package.licence);
        }
        package.tool |= line.trim_end_matches(',') == "      \"dev\": true";
    }
    if packages.is_empty() {
        return Err(Problem::new("ui/package-lock.json lists no packages"));
    }
    Ok(packages)
}

/// The strings of `allow = [...]`.
fn allow_list(deny: &str) -> Result<Vec<&str>> {
    let (_, rest) = deny.split_once("\nallow = [").unwrap_or_default();
    let (list, _) = rest.split_once(']').unwrap_or_default();
    let lines = list.lines().filter_map(|line| line.split('#').next());
    let allowed: Vec<&str> = lines
        .flat_map(|line| line.split(','))
        .map(|word| word.trim().trim_matches('"'))
        .filter(|word| !word.is_empty())
        .collect();
    if allowed.is_empty() {
        return Err(Problem::new("deny.toml has no `allow = [...]`"));
    }
    Ok(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALLOWED: &[&str] = &["MIT", "Apache-2.0"];

    #[test]
    fn a_crate_under_another_licence_is_refused() {
        let text = "good v1.0.0|MIT OR Apache-2.0\n\nbad v2.0.0|GPL-3.0-only (*)\nnone v0.1.0|\n";
        let crates = parse_tree(text);
        let refused: Vec<String> = refused_crates(&crates, ALLOWED).collect();
        let expect = ["crate bad v2.0.0: GPL-3.0-only", "crate none v0.1.0: names no licence"];
        assert_eq!(refused, expect, "the good one passes");
    }

    #[test]
    fn an_npm_package_under_another_licence_is_refused() {
        let lock = r#"{
  "packages": {
    "": {
      "license": "UNLICENSED"
    },
    "node_modules/shipped": {
      "version": "1.0.0",
      "license": "BlueOak-1.0.0"
    },
    "node_modules/@scope/tool": {
      "dev": true,
      "license": "BlueOak-1.0.0",
      "engines": { "node": ">= 8" }
    },
    "node_modules/bad": {
      "license": "AGPL-3.0-only",
      "dev": true
    },
    "node_modules/silent": {
      "version": "1.0.0"
    }
  }
}"#;
        let packages = npm_packages(lock).expect("packages");
        let refused: Vec<String> = refused_packages(&packages, ALLOWED).collect();
        let expect = [
            "npm shipped: BlueOak-1.0.0",
            "npm bad: AGPL-3.0-only",
            "npm silent: names no licence",
        ];
        assert_eq!(refused, expect, "a tool may be under more licences, and our own is not read");
    }

    #[test]
    fn lists_that_cannot_be_read_are_no_pass() {
        assert!(npm_packages("{}").is_err(), "an empty lock file");
        assert!(allow_list("[licenses]\n").is_err(), "no allow list");
    }

    #[test]
    fn our_list_allows_no_copyleft_of_the_whole() {
        let workspace = Workspace::find().expect("a workspace");
        let deny = read(&workspace.root().join("deny.toml")).expect("deny.toml");
        let allowed = allow_list(&deny).expect("a list");
        assert!(is_allowed("MIT OR Apache-2.0", &allowed), "{allowed:?}");
        assert!(is_allowed("Apache-2.0 WITH LLVM-exception", &allowed), "{allowed:?}");
        for licence in ["GPL-3.0-only", "AGPL-3.0-only", "LGPL-2.1-or-later", "SSPL-1.0"] {
            assert!(!is_allowed(licence, &allowed), "{licence}");
        }
    }
}
