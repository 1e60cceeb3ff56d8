//! What each package consists of: the one list that packing and checking share.
//!
//! Two packages. `pilotage`, the command line, runs on a build server and needs the C library only;
//! `pilotage-desktop` needs a web view with some 160 libraries behind it. One package would put
//! those on every server.

use super::release::Release;
use crate::problem::{Doing as _, Result};
use crate::workspace::{Workspace, read};
use std::fs;
use std::path::{Path, PathBuf};

/// The kind of package. Some folders differ between the systems.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    Deb,
    Rpm,
}

impl Format {
    /// How its files end.
    pub fn name(self) -> &'static str {
        match self {
            Self::Deb => ".deb",
            Self::Rpm => ".rpm",
        }
    }
}

/// A package to be.
pub struct Package {
    pub name: &'static str,
    pub summary: &'static str,
    pub description: &'static str,
    /// Its place among Debian's packages.
    pub section: &'static str,
    pub entries: Vec<Entry>,
}

/// A file of a package. Folders follow from the files.
#[derive(Clone)]
pub struct Entry {
    /// From the root of the system, without a leading slash. `.gz` at the end has it compressed.
    pub path: String,
    /// `0o755` or `0o644`.
    pub mode: u32,
    pub source: Source,
}

#[derive(Clone)]
pub enum Source {
    File(PathBuf),
    Text(String),
}

/// What was built before packing.
pub struct Built {
    /// Holds `pilotage` and `pilotage-desktop`.
    pub programs: PathBuf,
    /// What the example `manual` wrote: `man/*.1` and `completions/*`.
    pub manual: PathBuf,
    /// Licences of everything that the programs contain.
    pub notices: String,
}

/// Sizes in pixels of the icons that a desktop finds by name.
pub const ICON_SIZES: &[u32] = &[16, 22, 24, 32, 48, 64, 128, 256, 512];

impl Package {
    pub fn is_desktop(&self) -> bool {
        self.name == DESKTOP
    }
}

pub const COMMAND_LINE: &str = "pilotage";
pub const DESKTOP: &str = "pilotage-desktop";

/// Both packages, the one that the other needs first.
pub fn packages(
    workspace: &Workspace,
    release: &Release,
    built: &Built,
    format: Format,
) -> Result<Vec<Package>> {
    let papers = Papers { workspace, release, built, format };
    Ok(vec![
        Package {
            name: COMMAND_LINE,
            summary: "follow services into continuous delivery (command line)",
            description: "Pilotage follows a company's services, one by one, into continuous \
                          delivery on Kubernetes. The stage of a service is computed from evidence \
                          and never set by hand. Everything is stored in one file on this machine. \
                          This package has the command line, which needs no display.",
            section: "devel",
            entries: papers.command_line()?,
        },
        Package {
            name: DESKTOP,
            summary: "follow services into continuous delivery (window)",
            description: "Pilotage follows a company's services, one by one, into continuous \
                          delivery on Kubernetes: progress on one page, a checklist for every \
                          service, and every number opens the list behind it. This package has the \
                          window.",
            section: "devel",
            entries: papers.desktop()?,
        },
    ])
}

struct Papers<'a> {
    workspace: &'a Workspace,
    release: &'a Release,
    built: &'a Built,
    format: Format,
}

impl Papers<'_> {
    fn command_line(&self) -> Result<Vec<Entry>> {
        let mut entries = vec![program(&self.built.programs, COMMAND_LINE)];
        entries.extend(self.common(COMMAND_LINE)?);
        for page in files(&self.built.manual.join("man"))? {
            let path = format!("usr/share/man/man1/{}.gz", name(&page));
            entries.push(file(path, page));
        }
        let zsh = match self.format {
            Format::Deb => "usr/share/zsh/vendor-completions/_pilotage",
            Format::Rpm => "usr/share/zsh/site-functions/_pilotage",
        };
        let completions = [
            ("pilotage.bash", "usr/share/bash-completion/completions/pilotage"),
            ("pilotage.fish", "usr/share/fish/vendor_completions.d/pilotage.fish"),
            ("_pilotage", zsh),
        ];
        for (name, path) in completions {
            entries.push(file(path, self.built.manual.join("completions").join(name)));
        }
        Ok(entries)
    }

    fn desktop(&self) -> Result<Vec<Entry>> {
        let packaging = self.workspace.root().join("packaging");
        let mut entries = vec![program(&self.built.programs, DESKTOP)];
        entries.extend(self.common(DESKTOP)?);
        let page = read(&packaging.join("pilotage-desktop.1"))?
            .replace("@VERSION@", &self.release.version)
            .replace("@DATE@", &self.release.day(self.workspace)?);
        entries.push(text("usr/share/man/man1/pilotage-desktop.1.gz", page));
        entries.push(file(
            "usr/share/applications/pilotage-desktop.desktop",
            packaging.join("pilotage-desktop.desktop"),
        ));
        entries.push(file(format!("usr/share/metainfo/{METAINFO}"), packaging.join(METAINFO)));
        let icons = self.workspace.root().join("src-tauri/icons");
        for size in ICON_SIZES {
            let path = format!("usr/share/icons/hicolor/{size}x{size}/apps/pilotage.png");
            entries.push(file(path, icons.join(format!("{size}x{size}.png"))));
        }
        entries.push(file(
            "usr/share/icons/hicolor/scalable/apps/pilotage.svg",
            packaging.join("icons/pilotage.svg"),
        ));
        Ok(entries)
    }

    /// Licences and changes, where each system looks for them.
    fn common(&self, package: &str) -> Result<Vec<Entry>> {
        let root = self.workspace.root();
        let documents = format!("usr/share/doc/{package}");
        let mut entries = vec![
            text(format!("{documents}/third-party.txt.gz"), self.built.notices.clone()),
            file(format!("{documents}/changelog.gz"), root.join("packaging/changelog")),
        ];
        match self.format {
            Format::Deb => {
                let copyright = read(&root.join("packaging/copyright"))?;
                let licence = read(&root.join("LICENSE-MIT"))?;
                let copyright = copyright.replace("@LICENSE-MIT@", &indented(&licence));
                entries.push(text(format!("{documents}/copyright"), copyright));
            }
            Format::Rpm => {
                for name in ["LICENSE-MIT", "LICENSE-APACHE"] {
                    let path = format!("usr/share/licenses/{package}/{name}");
                    entries.push(file(path, root.join(name)));
                }
            }
        }
        Ok(entries)
    }
}

/// File name of the description that software centres read.
pub const METAINFO: &str = "app.pilotage.pilotage.metainfo.xml";

fn program(folder: &Path, name: &str) -> Entry {
    Entry { path: format!("usr/bin/{name}"), mode: 0o755, source: Source::File(folder.join(name)) }
}

fn file(path: impl Into<String>, source: PathBuf) -> Entry {
    Entry { path: path.into(), mode: 0o644, source: Source::File(source) }
}

fn text(path: impl Into<String>, text: String) -> Entry {
    Entry { path: path.into(), mode: 0o644, source: Source::Text(text) }
}

/// As Debian's copyright files hold a text: one space before, a dot for an empty line.
fn indented(text: &str) -> String {
    let lines = text.trim_end().lines().skip_while(|line| line.trim().is_empty());
    let lines =
        lines.map(|line| if line.trim().is_empty() { " .".into() } else { format!(" {line}") });
    lines.collect::<Vec<String>>().join("\n")
}

/// Lines of at most 75 characters, each after `start`.
pub fn folded(text: &str, start: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + word.chars().count() < 75 => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(format!("{start}{word}")),
        }
    }
    lines.join("\n")
}

/// Files of a folder, in order.
pub fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).doing(format_args!("read {}", folder.display()))? {
        files.push(entry.doing("read a folder")?.path());
    }
    files.sort();
    Ok(files)
}

pub fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_is_folded() {
        let text = folded(&"word ".repeat(40), " ");
        assert!(text.lines().all(|line| line.starts_with(' ') && line.len() <= 75), "{text}");
        assert_eq!(text.lines().count(), 3, "14 words a line");
        assert_eq!(text.split_whitespace().count(), 40, "nothing is lost");
    }

    #[test]
    fn a_licence_is_written_as_debian_wants_it() {
        assert_eq!(indented("MIT\n\nAll of it.\n"), " MIT\n .\n All of it.");
    }
}
