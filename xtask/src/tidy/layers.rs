//! Imports between crates run downwards only, and some libraries belong to one crate.

use super::Violation;
use super::tree::{File, Tree};
use crate::manifest::{Dependency, Kind, Manifest};

/// From the bottom to the top. A crate may use those below its own layer, never its neighbours.
const LAYERS: &[&[&str]] = &[
    &["pilotage-domain", "pilotage-schema"],
    &["pilotage-insight"],
    &[
        "pilotage-store",
        "pilotage-discovery",
        "pilotage-cluster",
        "pilotage-delivery",
        "pilotage-sync",
        "pilotage-kube-sim",
    ],
    &["pilotage-api", "pilotage-sample", "pilotage-faults", "pilotage-kube-faults"],
    &["pilotage-desktop", "pilotage-cli", "pilotage-tests", "pilotage-fuzz"],
];
/// Builds before everything else, so it uses no crate of ours, and none uses it.
const APART: &str = "xtask";

/// A library and the crates that may name it, in any kind of dependency.
struct Owned {
    matches: fn(&str) -> bool,
    owners: &'static [&'static str],
    why: &'static str,
}

const OWNED: &[Owned] = &[
    Owned {
        matches: |name| matches!(name, "tauri" | "wry" | "tao") || name.starts_with("tauri-"),
        owners: &["pilotage-desktop"],
        why: "Tauri appears only in src-tauri",
    },
    Owned {
        matches: |name| name == "sqlx" || name.starts_with("sqlx-") || name == "rusqlite",
        owners: &["pilotage-store", "pilotage-schema"],
        why: "nothing but the store opens the database",
    },
    Owned {
        matches: |name| name == "kube" || name.starts_with("kube-") || name == "k8s-openapi",
        owners: &["pilotage-cluster", "pilotage-kube-sim", "pilotage-kube-faults"],
        why: "nothing but the cluster crate speaks to Kubernetes",
    },
    Owned {
        matches: |name| name == "libsqlite3-sys",
        owners: &["pilotage-faults"],
        why: "the database's own interface is `unsafe`, and only fault tests need it",
    },
];

pub fn check(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (file, manifest) in tree.manifests() {
        if manifest.name != APART && layer_of(&manifest.name).is_none() {
            let message = format!("`{}` has no layer in xtask/src/tidy/layers.rs", manifest.name);
            violations.push(Violation { path: file.path.clone(), line: None, message });
        }
        for dependency in &manifest.dependencies {
            let messages = [upwards(&manifest, dependency), not_owned(&manifest, dependency)];
            let named = messages.into_iter().flatten();
            violations.extend(named.map(|message| violation(file, dependency, message)));
        }
    }
    violations
}

fn layer_of(name: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&name))
}

/// Tests of a crate may use any other.
fn upwards(manifest: &Manifest, dependency: &Dependency) -> Option<String> {
    let ours = dependency.name.starts_with("pilotage-") || dependency.name == APART;
    if !ours || dependency.kind == Kind::Dev {
        return None;
    }
    let (from, to) = (layer_of(&manifest.name), layer_of(&dependency.name));
    match (from, to) {
        (Some(from), Some(to)) if to < from => None,
        _ => Some(format!("{} may not use {}", manifest.name, dependency.name)),
    }
}

fn not_owned(manifest: &Manifest, dependency: &Dependency) -> Option<String> {
    let rule = OWNED.iter().find(|owned| (owned.matches)(&dependency.name))?;
    let allowed = rule.owners.contains(&manifest.name.as_str());
    (!allowed).then(|| format!("{} may not use {}: {}", manifest.name, dependency.name, rule.why))
}

fn violation(file: &File, dependency: &Dependency, message: String) -> Violation {
    Violation { path: file.path.clone(), line: Some(dependency.line), message }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_downward_imports_pass() {
        let check = |name: &str, body: &str, expect: usize| {
            let text = format!("[package]\nname = \"{name}\"\n{body}");
            let found = super::check(&Tree::of(&[("crates/x/Cargo.toml", &text)]));
            assert_eq!(found.len(), expect, "{name}: {body}: {found:?}");
        };
        check("pilotage-store", "[dependencies]\npilotage-domain.workspace = true", 0);
        check("pilotage-store", "[dependencies]\npilotage-schema.workspace = true", 0);
        check("pilotage-domain", "[dependencies]\npilotage-store.workspace = true", 1);
        check("pilotage-store", "[dependencies]\npilotage-discovery = { path = \"..\" }", 1);
        check("pilotage-store", "[dependencies.pilotage-api]\npath = \"../api\"", 1);
        check("pilotage-sample", "[dependencies]\npilotage-api.workspace = true", 1);
        check("pilotage-domain", "[build-dependencies]\npilotage-store.workspace = true", 1);
        check("pilotage-domain", "[dev-dependencies]\npilotage-store.workspace = true", 0);
        check("pilotage-tests", "[dependencies]\npilotage-api.workspace = true", 0);
        check("xtask", "[dependencies]\npilotage-domain.workspace = true", 1);
        check("pilotage-new", "", 1);
    }

    #[test]
    fn some_libraries_belong_to_one_crate() {
        let check = |name: &str, line: &str, expect: usize| {
            let text = format!("[package]\nname = \"{name}\"\n{line}");
            let found = super::check(&Tree::of(&[("x/Cargo.toml", &text)]));
            assert_eq!(found.len(), expect, "{name}: {line}: {found:?}");
        };
        check("pilotage-desktop", "[dependencies]\ntauri.workspace = true", 0);
        check("pilotage-desktop", "[build-dependencies]\ntauri-build.workspace = true", 0);
        check("pilotage-api", "[dependencies]\ntauri.workspace = true", 1);
        check("pilotage-tests", "[dev-dependencies]\ntauri-plugin-dialog = \"2\"", 1);
        check("pilotage-store", "[dependencies]\nsqlx.workspace = true", 0);
        check("pilotage-schema", "[dependencies]\nsqlx.workspace = true", 0);
        check("pilotage-api", "[dependencies]\nsqlx.workspace = true", 1);
        check("pilotage-cluster", "[dependencies]\nkube.workspace = true", 0);
        check("pilotage-api", "[dependencies]\nkube.workspace = true", 1);
        check("pilotage-cli", "[dependencies]\nk8s-openapi.workspace = true", 1);
        check("xtask", "[dependencies]\nsqlx.workspace = true", 1);
    }
}
