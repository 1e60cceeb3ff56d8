//! The little of `Cargo.toml` that tidy needs: names of packages and of their dependencies.
//!
//! A TOML parser would be a dependency; a line of ours names one dependency, and the tests show
//! that the other spellings are read as well.

/// Where a dependency stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Normal,
    Build,
    Dev,
    /// `[workspace.dependencies]`: a version, not a use.
    Workspace,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Dependency {
    pub name: String,
    pub kind: Kind,
    /// Counted from 1.
    pub line: usize,
}

#[derive(Debug)]
pub struct Manifest {
    /// Of `[package]`; empty in a manifest without one.
    pub name: String,
    pub dependencies: Vec<Dependency>,
}

impl Manifest {
    pub fn parse(text: &str) -> Self {
        let mut manifest = Self { name: String::new(), dependencies: Vec::new() };
        let mut section = Section::Other;
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            let number = index + 1;
            if let Some(header) = line.strip_prefix('[') {
                let header = header.split(']').next().unwrap_or_default();
                section = Section::of(header);
                if let Section::One(kind, name) = &section {
                    manifest.add(name, *kind, number);
                }
            } else if let Some((key, value)) =
                line.split_once('=').filter(|_| !line.starts_with('#'))
            {
                match &section {
                    Section::Package if key.trim() == "name" => {
                        unquoted(value).clone_into(&mut manifest.name);
                    }
                    // `serde.workspace = true` names `serde`.
                    Section::Many(kind) if is_entry(key) => {
                        let name = key.split('.').next().unwrap_or_default();
                        manifest.add(name, *kind, number);
                    }
                    _ => {}
                }
            }
        }
        manifest
    }

    fn add(&mut self, name: &str, kind: Kind, line: usize) {
        self.dependencies.push(Dependency { name: unquoted(name).to_owned(), kind, line });
    }
}

enum Section {
    Package,
    Many(Kind),
    /// `[dependencies.serde]`.
    One(Kind, String),
    Other,
}

impl Section {
    fn of(header: &str) -> Self {
        let tables = [
            ("workspace.dependencies", Kind::Workspace),
            ("build-dependencies", Kind::Build),
            ("dev-dependencies", Kind::Dev),
            ("dependencies", Kind::Normal),
        ];
        if header == "package" {
            return Self::Package;
        }
        for (table, kind) in tables {
            // `target.'cfg(unix)'.dependencies` ends with the table.
            if header == table || header.ends_with(&format!(".{table}")) {
                return Self::Many(kind);
            }
            let named = header
                .rsplit_once('.')
                .filter(|(before, _)| *before == table || before.ends_with(&format!(".{table}")));
            if let Some((_, name)) = named {
                return Self::One(kind, name.to_owned());
            }
        }
        Self::Other
    }
}

/// A key, and not a line within a list of features that happens to hold a `=`.
fn is_entry(key: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.\"' ".contains(c);
    !key.trim().is_empty() && key.chars().all(allowed)
}

fn unquoted(text: &str) -> &str {
    text.trim().trim_matches(['"', '\''])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_is_read() {
        let text = r#"
            [package]
            name = "pilotage-store"
            [lints]
            workspace = true
            [dependencies]
            # serde_yaml = "1"
            serde.workspace = true
            "sqlx" = { version = "0.9", features = [
                "macros",
            ] }
            [dependencies.tokio]
            version = "1"
            [target.'cfg(unix)'.dependencies]
            nix = "1"
            [dev-dependencies]
            tempfile = "3"
            [build-dependencies]
            tauri-build = "2"
            [workspace.dependencies]
            uuid = "1"
        "#;
        let manifest = Manifest::parse(text);
        assert_eq!(manifest.name, "pilotage-store", "the package's name");
        let found: Vec<(&str, Kind)> = manifest
            .dependencies
            .iter()
            .map(|dependency| (dependency.name.as_str(), dependency.kind))
            .collect();
        let expect = [
            ("serde", Kind::Normal),
            ("sqlx", Kind::Normal),
            ("tokio", Kind::Normal),
            ("nix", Kind::Normal),
            ("tempfile", Kind::Dev),
            ("tauri-build", Kind::Build),
            ("uuid", Kind::Workspace),
        ];
        assert_eq!(found, expect, "comments and keys of a dependency are none");
        assert_eq!(manifest.dependencies[0].line, 8, "lines count from 1");
    }
}
