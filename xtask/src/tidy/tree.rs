//! The files that git tracks or would track.

use crate::manifest::Manifest;
use crate::problem::{Doing as _, Problem, Result};
use crate::process::{Call, Output};
use crate::workspace::Workspace;
use std::fs;

/// A file of the tree.
pub struct File {
    /// From the root, with slashes.
    pub path: String,
    /// In bytes.
    pub size: u64,
    /// Empty where the file is not UTF-8.
    pub text: String,
}

pub struct Tree {
    pub files: Vec<File>,
}

impl Tree {
    /// Reads every file that git tracks, and those it would add: a rule should speak before a
    /// commit, not after.
    pub fn load(workspace: &Workspace) -> Result<Self> {
        let listing = Call::new("git", workspace.root()).arguments([
            "-c",
            "core.quotePath=false",
            "ls-files",
            "--cached",
            "--others",
            "--exclude-standard",
        ]);
        let listing = listing.run(Output::Silent)?;
        let mut files = Vec::new();
        for path in listing.stdout.lines() {
            let full = workspace.root().join(path);
            // Deleted, and the deletion not yet recorded.
            if !full.is_file() {
                continue;
            }
            let bytes = fs::read(&full).doing(format_args!("read {path}"))?;
            let size = bytes.len() as u64;
            let text = String::from_utf8(bytes).unwrap_or_default();
            files.push(File { path: path.to_owned(), size, text });
        }
        if files.is_empty() {
            return Err(Problem::new("git lists no files; is this a clone?"));
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        files.dedup_by(|a, b| a.path == b.path);
        Ok(Self { files })
    }

    /// Every manifest but the workspace's, with its path.
    pub fn manifests(&self) -> impl Iterator<Item = (&File, Manifest)> {
        self.files
            .iter()
            .filter(|file| file.path.ends_with("/Cargo.toml"))
            .map(|file| (file, Manifest::parse(&file.text)))
    }

    #[cfg(test)]
    pub fn of(files: &[(&str, &str)]) -> Self {
        let file = |(path, text): &(&str, &str)| File {
            path: (*path).to_owned(),
            size: text.len() as u64,
            text: (*text).to_owned(),
        };
        Self { files: files.iter().map(file).collect() }
    }
}

impl File {
    pub fn is(&self, extension: &str) -> bool {
        self.path.rsplit_once('.').is_some_and(|(_, own)| own == extension)
    }

    pub fn is_below(&self, folders: &[&str]) -> bool {
        folders.iter().any(|folder| self.path.starts_with(folder))
    }

    /// Lines with their numbers, without those that are comments as a whole.
    pub fn code_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.text.lines().enumerate().map(|(index, line)| (index + 1, line));
        lines.filter(|(_, line)| {
            let line = line.trim_start();
            !line.starts_with("//") && !line.starts_with("<!--") && !line.starts_with("* ")
        })
    }
}
