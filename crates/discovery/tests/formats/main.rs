//! Catalogues, tables and manifests, each from files in a folder of the test.

mod catalogue;
mod manifests;
mod robustness;
mod table;

#[path = "../compose/support.rs"]
#[expect(dead_code, reason = "shared with the tests of Compose, which use the rest")]
mod support;

use pilotage_discovery::{Discovered, DiscoveryError, Request, read};
use std::path::Path;
use support::{Tree, Written};

/// Reads one file of a tree, its format recognised.
fn read_one(tree: Tree, file: &str) -> Result<Discovered, DiscoveryError> {
    let written = Written::new(tree);
    read_at(&written.folder.path().join(file))
}

fn read_at(path: &Path) -> Result<Discovered, DiscoveryError> {
    read(&Request { files: vec![path.to_owned()], ..Request::default() })
}

fn taken(tree: Tree) -> Discovered {
    read_one(tree, tree[0].0).unwrap_or_else(|error| panic!("the import fails: {error}"))
}

/// The reason of the only rejected row.
#[track_caller]
fn check_rejected(found: &Discovered, subject: &str, place: &str, part: &str) {
    let seen: Vec<_> = found
        .rejected
        .iter()
        .map(|row| format!("{} {} {}", row.subject, support::place(&row.place), row.reason))
        .collect();
    let fits = seen.len() == 1
        && seen[0].starts_with(&format!("{subject} {place} "))
        && seen[0].contains(part);
    assert!(fits, "{subject} {place} {part}: {seen:#?}");
}
