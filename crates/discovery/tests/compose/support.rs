//! Trees in temporary folders, and results as lines that are easy to compare.

use std::path::Path;

use pilotage_discovery::{ComposeRequest, Discovered, DiscoveryError, Place, read_compose};
use tempfile::TempDir;

/// A tree of files; the first is the Compose file, unless the request says otherwise.
pub type Tree<'text> = &'text [(&'text str, &'text str)];

pub struct Written {
    pub folder: TempDir,
}

impl Written {
    pub fn new(tree: Tree) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for (name, text) in tree {
            write(&folder.path().join(name), text.as_bytes());
        }
        Self { folder }
    }

    pub fn request(&self, files: &[&str]) -> ComposeRequest {
        let files = files.iter().map(|file| self.folder.path().join(file)).collect();
        ComposeRequest { files, ..ComposeRequest::default() }
    }
}

pub fn write(path: &Path, bytes: &[u8]) {
    let folder = path.parent().expect("a file lies in a folder");
    std::fs::create_dir_all(folder).expect("the folder can be made");
    std::fs::write(path, bytes).expect("the file can be written");
}

/// Imports the first file of a tree.
pub fn import(tree: Tree) -> Result<Discovered, DiscoveryError> {
    let written = Written::new(tree);
    read_compose(&written.request(&[tree[0].0]))
}

pub fn taken(tree: Tree) -> Discovered {
    import(tree).unwrap_or_else(|error| panic!("the import fails: {error}"))
}

/// Imports several files of a tree, in order.
pub fn merged(tree: Tree, files: &[&str]) -> Discovered {
    let written = Written::new(tree);
    read_compose(&written.request(files))
        .unwrap_or_else(|error| panic!("the import fails: {error}"))
}

/// One line per result: `service`, `needs`, `rejected`.
pub fn lines(found: &Discovered) -> Vec<String> {
    let mut lines: Vec<String> =
        found.services.iter().map(|service| format!("service {}", service.name)).collect();
    for dependency in &found.dependencies {
        let evidence: Vec<_> = dependency
            .evidence
            .iter()
            .map(|evidence| format!("{} {}", place(&evidence.place), evidence.text))
            .collect();
        let (from, to) = (&dependency.from, &dependency.to);
        lines.push(format!("{from} needs {to}: {}", evidence.join("; ")));
    }
    for rejected in &found.rejected {
        lines.push(format!("rejected {} at {}", rejected.subject, place(&rejected.place)));
    }
    lines
}

pub fn place(place: &Place) -> String {
    format!("{}:{}", place.file, place.line)
}

/// Services, dependencies with all evidence, and rejected rows are exactly these.
#[track_caller]
pub fn check(tree: Tree, expect: &[&str]) {
    assert_eq!(lines(&taken(tree)), expect, "services, dependencies and rejected rows");
}

/// The same for several files.
#[track_caller]
pub fn check_merged(tree: Tree, files: &[&str], expect: &[&str]) {
    assert_eq!(lines(&merged(tree, files)), expect, "services, dependencies and rejected rows");
}

/// What is known of one service: image, source directory, ports, aliases.
#[track_caller]
pub fn check_service(found: &Discovered, name: &str, expect: &str) {
    let service = found.services.iter().find(|service| service.name == name);
    let service = service.unwrap_or_else(|| panic!("there is no service {name}"));
    let aliases: Vec<_> =
        service.aliases.iter().map(|alias| format!("{} ({})", alias.value, alias.source)).collect();
    let seen = format!(
        "{} | {} | {} | {}",
        service.image.as_deref().unwrap_or("-"),
        service.source_directory.as_deref().unwrap_or("-"),
        service.ports.join(" "),
        aliases.join(", "),
    );
    assert_eq!(seen, expect, "image | source directory | ports | aliases of {name}");
}

/// Warnings are exactly these: the place, and a part of the text.
#[track_caller]
pub fn check_warnings(found: &Discovered, expect: &[(&str, &str)]) {
    let seen: Vec<_> =
        found.warnings.iter().map(|w| format!("{} {}", place(&w.place), w.text)).collect();
    assert_eq!(seen.len(), expect.len(), "as many warnings as expected: {seen:#?}");
    for (seen, (place, part)) in seen.iter().zip(expect) {
        assert!(
            seen.starts_with(&format!("{place} ")) && seen.contains(part),
            "{place} {part}: {seen}"
        );
    }
}

/// The import fails with this code, file and line.
#[track_caller]
pub fn check_error(tree: Tree, code: &str, file: &str, line: Option<u32>) {
    let error = import(tree).expect_err("the import fails");
    assert_error(&error, code, file, line);
}

#[track_caller]
pub fn assert_error(error: &DiscoveryError, code: &str, file: &str, line: Option<u32>) {
    let seen = (error.code(), error.file(), error.line());
    assert_eq!(seen, (code, Some(file), line), "{error}");
    assert!(error.to_string().contains(file), "the message names the file: {error}");
    assert!(error.to_string().ends_with('.'), "the message is a sentence: {error}");
}
