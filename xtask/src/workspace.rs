//! Where things are.

use crate::problem::{Doing as _, Problem, Result};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The folders of the workspace, as absolute paths.
pub struct Workspace {
    root: PathBuf,
    target: PathBuf,
}

impl Workspace {
    /// Cargo names this crate's folder in the environment. The path known at compile time is the
    /// fallback only: a binary in a shared target folder may come from another clone.
    pub fn find() -> Result<Self> {
        let own = env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = own.parent().ok_or_else(|| Problem::new("xtask lies in no workspace"))?;
        let here = env::current_dir().doing("find the current folder")?;
        let target = env::var_os("CARGO_TARGET_DIR").filter(|value| !value.is_empty());
        let target = target.map_or_else(|| root.join("target"), |value| here.join(value));
        Ok(Self { root: root.to_owned(), target })
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    pub fn target(&self) -> &Path {
        &self.target
    }

    pub fn ui(&self) -> PathBuf {
        self.root.join("ui")
    }

    /// The built pages, which must exist before the desktop crate compiles.
    pub fn ui_dist(&self) -> PathBuf {
        self.ui().join("dist")
    }

    pub fn ui_dist_testhost(&self) -> PathBuf {
        self.ui().join("dist-testhost")
    }

    /// Full output of the steps.
    pub fn logs(&self) -> PathBuf {
        self.target.join("xtask")
    }

    /// A program that cargo built.
    pub fn program(&self, profile: &str, name: &str) -> PathBuf {
        self.target.join(profile).join(format!("{name}{}", env::consts::EXE_SUFFIX))
    }
}

/// Whether a build server runs this: nobody can answer questions.
pub fn in_ci() -> bool {
    env::var("CI").is_ok_and(|value| matches!(value.as_str(), "true" | "1"))
}

/// Whether a window can be opened. GTK ends the process without a display.
pub fn has_display() -> bool {
    let set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || set("DISPLAY") || set("WAYLAND_DISPLAY")
}

/// When the newest file of `paths` was written; folders are walked. `None` when none exists.
pub fn newest(paths: &[PathBuf]) -> Option<SystemTime> {
    paths.iter().filter_map(|path| newest_below(path)).max()
}

/// Reads a text file.
pub fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).doing(format_args!("read {}", path.display()))
}

/// Creates a folder and those above it.
pub fn create_folder(path: &Path) -> Result<()> {
    fs::create_dir_all(path).doing(format_args!("create {}", path.display()))
}

fn newest_below(path: &Path) -> Option<SystemTime> {
    let metadata = fs::metadata(path).ok()?;
    if !metadata.is_dir() {
        return metadata.modified().ok();
    }
    let entries = fs::read_dir(path).ok()?.flatten();
    entries.filter_map(|entry| newest_below(&entry.path())).max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_holds_the_workspace_manifest() {
        let workspace = Workspace::find().expect("a workspace");
        let manifest = read(&workspace.root().join("Cargo.toml")).expect("its manifest");
        assert!(manifest.contains("[workspace]"), "{manifest}");
        assert!(workspace.target().is_absolute(), "cargo may run in another folder");
    }

    #[test]
    fn what_is_missing_has_no_age() {
        let own = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        assert!(newest(&[own.join("src")]).is_some(), "a folder is walked");
        assert!(newest(&[own.join("no-such-file")]).is_none(), "a missing file has no time");
    }
}
