//! Nothing in the tree may tie it to one machine, one registry, or make a clone slow.

use super::Violation;
use super::tree::{File, Tree};

/// A clone is downloaded by everybody.
const MAX_BYTES: u64 = 1024 * 1024;
/// Folders of the machines this was written on. Split, so that this file passes its own rule.
const MACHINE_FOLDERS: &[&str] = &[concat!("/ro", "ot/"), concat!("/wo", "rk/")];
const CRATES_IO: &str = "source = \"registry+https://github.com/rust-lang/crates.io-index\"";

/// Large files.
pub fn check_sizes(tree: &Tree) -> Vec<Violation> {
    let large = tree.files.iter().filter(|file| file.size > MAX_BYTES);
    large
        .map(|file| Violation {
            path: file.path.clone(),
            line: None,
            message: format!("{} bytes, more than {MAX_BYTES}", file.size),
        })
        .collect()
}

/// Paths of one machine, and addresses of one registry.
pub fn check(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    for file in &tree.files {
        for (index, line) in file.text.lines().enumerate() {
            let messages = [machine_folder(line), registry(file, line)];
            violations.extend(messages.into_iter().flatten().map(|message| Violation {
                path: file.path.clone(),
                line: Some(index + 1),
                message,
            }));
        }
    }
    violations
}

fn machine_folder(line: &str) -> Option<String> {
    let folder = MACHINE_FOLDERS.iter().find(|folder| {
        // `docs/work/plan` is a folder of ours; an absolute path starts here.
        line.match_indices(**folder).any(|(at, _)| !ends_in_path(&line[..at]))
    })?;
    Some(format!("`{folder}` is a folder of one machine"))
}

fn ends_in_path(before: &str) -> bool {
    let last = before.chars().next_back();
    last.is_some_and(|last| last.is_alphanumeric() || "._-~/}$".contains(last))
}

/// Lock files say which package, not from where: the registry is each machine's own setting.
fn registry(file: &File, line: &str) -> Option<String> {
    let line = line.trim();
    let name = file.path.rsplit('/').next().unwrap_or_default();
    let message = match name {
        "package-lock.json" if line.starts_with("\"resolved\": \"http") => {
            "an address of a registry; ui/.npmrc has omit-lockfile-registry-resolved"
        }
        ".npmrc" if line.starts_with("registry") || line.contains("://") => {
            "a registry is each machine's own setting"
        }
        "Cargo.lock" if line.starts_with("source = ") && line != CRATES_IO => {
            "a source other than crates.io"
        }
        "config.toml" if line.starts_with("[source") || line.starts_with("[registries") => {
            "a registry is each machine's own setting"
        }
        _ => return None,
    };
    Some(message.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(path: &str, text: &str) -> usize {
        check(&Tree::of(&[(path, text)])).len()
    }

    #[test]
    fn paths_of_one_machine_are_found() {
        for folder in MACHINE_FOLDERS {
            assert_eq!(lines("README.md", &format!("cd {folder}main")), 1, "{folder}");
            assert_eq!(lines("a.json", &format!("\"{folder}main\"")), 1, "{folder} quoted");
            assert_eq!(
                lines("README.md", &format!("docs{folder}plan")),
                0,
                "{folder} within a path"
            );
        }
    }

    #[test]
    fn addresses_of_registries_are_found() {
        let check = |path: &str, text: &str, expect: usize| {
            assert_eq!(lines(path, text), expect, "{path}: {text}");
        };
        check("ui/package-lock.json", "  \"resolved\": \"https://registry.npmjs.org/a.tgz\",", 1);
        check("ui/package-lock.json", "  \"url\": \"https://opencollective.com/a\"", 0);
        check("ui/.npmrc", "registry=https://npm.example.org", 1);
        check("ui/.npmrc", "ignore-scripts=true", 0);
        check("Cargo.lock", &format!("name = \"a\"\n{CRATES_IO}"), 0);
        check("Cargo.lock", "source = \"registry+https://crates.example.org/index\"", 1);
        check("Cargo.lock", "source = \"git+https://github.com/a/b#1\"", 1);
        check(".cargo/config.toml", "[source.crates-io]\nreplace-with = \"mirror\"", 1);
        check(".cargo/config.toml", "[alias]", 0);
    }

    #[test]
    fn large_files_are_found() {
        let mut tree = Tree::of(&[("a.png", ""), ("b.png", "")]);
        tree.files[0].size = MAX_BYTES + 1;
        tree.files[1].size = MAX_BYTES;
        let found = check_sizes(&tree);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].path, "a.png", "the larger one");
    }
}
