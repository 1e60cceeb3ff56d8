//! What one run has to say, and how much it may still do: places, rejected rows, warnings, limits.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use crate::discovered::{Discovered, Place, Rejected, Warning};
use crate::error::DiscoveryError;
use crate::interpolate::Finding;
use crate::names::shown;
use crate::node::{At, FileId};
use crate::paths::shown_file;

/// Nodes copied by `extends`, over all files.
const MAX_COPIED_NODES: usize = 1_000_000;
/// Bytes that variables put in place of themselves, over all files.
const MAX_INTERPOLATED_BYTES: usize = 32 * 1024 * 1024;
/// Files and `include` entries. Guards against a tree of includes that doubles on each level.
const MAX_FILES: usize = 2_000;
/// Rejected rows and warnings, each: nobody reads more, and a hostile file could ask for millions.
const MAX_SAID: usize = 5_000;

/// One run of the importer.
pub(crate) struct Session {
    /// The first file's folder, absolute.
    root: PathBuf,
    files: Vec<String>,
    ids: HashMap<PathBuf, FileId>,
    rejected: Vec<Rejected>,
    warnings: Vec<Warning>,
    /// Variables already warned about; the first place says enough.
    unset: BTreeSet<String>,
    copied_nodes: usize,
    interpolated_bytes: usize,
    loaded_files: usize,
    /// Rows beyond the limit.
    unsaid: usize,
}

impl Session {
    pub(crate) fn new(root: PathBuf) -> Self {
        Self {
            root,
            files: Vec::new(),
            ids: HashMap::new(),
            rejected: Vec::new(),
            warnings: Vec::new(),
            unset: BTreeSet::new(),
            copied_nodes: 0,
            interpolated_bytes: 0,
            loaded_files: 0,
            unsaid: 0,
        }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The id of a file, new or known.
    pub(crate) fn file(&mut self, path: &Path) -> FileId {
        if let Some(&id) = self.ids.get(path) {
            return id;
        }
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(shown_file(path, &self.root));
        self.ids.insert(path.to_owned(), id);
        id
    }

    pub(crate) fn shown(&self, id: FileId) -> &str {
        usize::try_from(id.0)
            .ok()
            .and_then(|index| self.files.get(index))
            .map_or("", String::as_str)
    }

    pub(crate) fn place(&self, at: At) -> Place {
        Place { file: self.shown(at.file).to_owned(), line: at.line }
    }

    /// `file, line n`, for sentences that need a second place.
    pub(crate) fn words(&self, at: At) -> String {
        format!("{}, line {}", self.shown(at.file), at.line)
    }

    pub(crate) fn reject(&mut self, subject: &str, at: At, reason: impl Into<String>) {
        if self.rejected.len() >= MAX_SAID {
            self.unsaid += 1;
            return;
        }
        let place = self.place(at);
        self.rejected.push(Rejected { subject: shown(subject), place, reason: reason.into() });
    }

    pub(crate) fn warn(&mut self, at: At, text: impl Into<String>) {
        if self.warnings.len() >= MAX_SAID {
            self.unsaid += 1;
            return;
        }
        self.warnings.push(Warning { place: self.place(at), text: text.into() });
    }

    /// A finding of interpolation, as a warning; each unset variable once.
    pub(crate) fn note(&mut self, finding: Finding, at: At) {
        let text = match finding {
            Finding::Unset(name) => {
                if !self.unset.insert(name.clone()) {
                    return;
                }
                let name = shown(&name);
                format!("The variable {name} has no value; it was read as empty. Name an env file that sets it.")
            }
            Finding::Required { name, message } => {
                let (name, message) = (shown(&name), shown(&message));
                format!("The variable {name} is required but has no value ({message}); it was read as empty.")
            }
            Finding::Malformed => {
                "A `$` here begins no valid variable; the text was kept as written. Write `$$` for a dollar sign."
                    .to_owned()
            }
            Finding::TooLarge => {
                "A value with variables is too long or nested too deep; it was not fully replaced."
                    .to_owned()
            }
        };
        self.warn(at, text);
    }

    pub(crate) fn spend_nodes(&mut self, nodes: usize, at: At) -> Result<(), DiscoveryError> {
        self.copied_nodes = self.copied_nodes.saturating_add(nodes);
        if self.copied_nodes <= MAX_COPIED_NODES {
            return Ok(());
        }
        Err(self.limit(at, format!("`extends` copies more than {MAX_COPIED_NODES} values")))
    }

    pub(crate) fn spend_text(&mut self, bytes: usize, at: At) -> Result<(), DiscoveryError> {
        self.interpolated_bytes = self.interpolated_bytes.saturating_add(bytes);
        if self.interpolated_bytes <= MAX_INTERPOLATED_BYTES {
            return Ok(());
        }
        let mib = MAX_INTERPOLATED_BYTES / (1024 * 1024);
        Err(self.limit(at, format!("variables stand for more than {mib} MiB of text")))
    }

    pub(crate) fn spend_file(&mut self, at: At) -> Result<(), DiscoveryError> {
        self.loaded_files += 1;
        if self.loaded_files <= MAX_FILES {
            return Ok(());
        }
        Err(self.limit(at, format!("more than {MAX_FILES} files belong to this import")))
    }

    pub(crate) fn limit(&self, at: At, limit: String) -> DiscoveryError {
        DiscoveryError::LimitExceeded { file: self.shown(at.file).to_owned(), line: at.line, limit }
    }

    /// The result, with the rows in the order of their places.
    pub(crate) fn finish(self, found: Discovered) -> Discovered {
        let unsaid = self.unsaid;
        let (mut rejected, mut warnings, mut files) = (self.rejected, self.warnings, self.files);
        rejected.sort_by(|a, b| {
            (&a.place, &a.subject, &a.reason).cmp(&(&b.place, &b.subject, &b.reason))
        });
        rejected.dedup();
        warnings.sort_by(|a, b| (&a.place, &a.text).cmp(&(&b.place, &b.text)));
        warnings.dedup();
        if let (true, Some(file)) = (unsaid > 0, files.first()) {
            let place = Place { file: file.clone(), line: 1 };
            let text = format!("{unsaid} more rows and warnings are not listed.");
            warnings.insert(0, Warning { place, text });
        }
        files.sort_unstable();
        files.dedup();
        Discovered { files, rejected, warnings, ..found }
    }
}
