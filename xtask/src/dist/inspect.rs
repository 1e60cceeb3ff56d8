//! Looks at a built package as somebody who installs it: which files, with which modes, owned by
//! whom, and whether any of them names a folder of the machine that built it.

use super::contents::{Entry, Format, Package};
use super::stage;
use crate::problem::{Doing as _, Problem, Result};
use crate::process::{Call, Output, find_program};
use crate::workspace::{Workspace, create_folder};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A file or folder in a package.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Found {
    pub mode: u32,
    /// `root/root`.
    pub owner: String,
    pub is_folder: bool,
}

/// By path from the root of the system, without slashes at the ends.
pub type Listing = BTreeMap<String, Found>;

/// Reads the table of contents.
pub fn list(workspace: &Workspace, format: Format, package: &Path) -> Result<Listing> {
    let (program, arguments): (_, &[&str]) = match format {
        Format::Deb => ("dpkg-deb", &["--contents"]),
        Format::Rpm => {
            let query =
                "[%{FILEMODES:perms} %{FILEUSERNAME}/%{FILEGROUPNAME} 0 - - %{FILENAMES}\\n]";
            ("rpm", &["--query", "--package", "--queryformat", query])
        }
    };
    let call = Call::new(program, workspace.root()).arguments(arguments).arguments([package]);
    let text = call.run(Output::Silent)?.stdout;
    let found: Option<Listing> = text.lines().map(found).collect();
    found.ok_or_else(|| Problem::new("the package's list is not understood").with_log(text))
}

/// `-rw-r--r-- root/root 12 2026-11-28 00:00 ./usr/share/x`
fn found(line: &str) -> Option<(String, Found)> {
    let mut words = line.split_whitespace();
    let permissions = words.next()?;
    let owner = words.next()?.to_owned();
    let path = words.nth(3)?.trim_start_matches('.').trim_matches('/').to_owned();
    let mut bits = permissions.chars();
    let is_folder = bits.next()? == 'd';
    let mode = bits.fold(0, |mode, bit| mode << 1 | u32::from(bit != '-'));
    Some((path, Found { mode, owner, is_folder }))
}

/// What is wrong with the files of a package; empty when nothing is.
pub fn differences(expected: &[Entry], listing: &Listing) -> Vec<String> {
    let mut wrong = Vec::new();
    let known: BTreeMap<&str, u32> =
        expected.iter().map(|entry| (entry.path.as_str(), entry.mode)).collect();
    for path in known.keys().filter(|path| !listing.contains_key(**path)) {
        wrong.push(format!("missing: /{path}"));
    }
    for (path, found) in listing {
        if found.owner != "root/root" {
            wrong.push(format!("owned by {}: /{path}", found.owner));
        }
        let wanted = match known.get(path.as_str()) {
            Some(mode) => *mode,
            None if found.is_folder && is_above(path, &known) => 0o755,
            None => {
                wrong.push(format!("unexpected: /{path}"));
                continue;
            }
        };
        if found.mode != wanted {
            wrong.push(format!("mode {:04o} instead of {wanted:04o}: /{path}", found.mode));
        }
    }
    wrong
}

fn is_above(folder: &str, known: &BTreeMap<&str, u32>) -> bool {
    folder.is_empty()
        || known
            .keys()
            .any(|path| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')))
}

/// Files below `root` that name a folder of the machine that built them.
pub fn foreign_paths(root: &Path, folders: &BTreeSet<String>) -> Result<Vec<String>> {
    let mut wrong = Vec::new();
    for path in super::contents::files(root)? {
        if path.is_dir() {
            wrong.extend(foreign_paths(&path, folders)?);
            continue;
        }
        let bytes = content(&path)?;
        for folder in folders {
            if let Some(at) = position(&bytes, folder.as_bytes()) {
                let around = &bytes[at.saturating_sub(20)..bytes.len().min(at + 100)];
                let around = String::from_utf8_lossy(around).replace(char::is_control, " ");
                wrong.push(format!("{} names {folder}: …{around}…", path.display()));
            }
        }
    }
    Ok(wrong)
}

/// Of a compressed file, what is in it.
fn content(path: &Path) -> Result<Vec<u8>> {
    if path.extension().is_some_and(|own| own == "gz") {
        let unpacked = Call::new("gzip", Path::new("/")).arguments(["-dc"]).arguments([path]);
        return Ok(unpacked.run(Output::Silent)?.stdout.into_bytes());
    }
    fs::read(path).doing(format_args!("read {}", path.display()))
}

fn position(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    let first = *wanted.first()?;
    let mut start = 0;
    while let Some(at) = bytes[start..].iter().position(|byte| *byte == first) {
        start += at;
        if bytes[start..].starts_with(wanted) {
            return Some(start);
        }
        start += 1;
    }
    None
}

/// Installs the packages into `root`, an empty system of their own.
pub fn install(
    workspace: &Workspace,
    format: Format,
    files: &[PathBuf],
    root: &Path,
) -> Result<()> {
    stage::clear(root)?;
    match format {
        Format::Deb => install_deb(workspace, files, root),
        Format::Rpm => unpack_rpm(files, root),
    }
}

/// As `apt` would in the end, in one go, so that two packages with one file are refused.
fn install_deb(workspace: &Workspace, files: &[PathBuf], root: &Path) -> Result<()> {
    let state = root.join("var/lib/dpkg");
    for folder in ["updates", "info"] {
        create_folder(&state.join(folder))?;
    }
    for file in ["status", "available"] {
        fs::write(state.join(file), "").doing("write an empty list of packages")?;
    }
    // Owners are written, so it wants root, or somebody who looks like it.
    let fakeroot = find_program(&["fakeroot"]).filter(|_| !is_root());
    let mut words: Vec<&str> =
        if fakeroot.is_some() { vec!["fakeroot", "dpkg"] } else { vec!["dpkg"] };
    // Nothing else is installed there: what the package depends on is judged apart.
    words.extend(["--force-depends", "--force-not-root", "--force-bad-path", "--log=/dev/null"]);
    Call::new(words[0], workspace.root())
        .arguments(&words[1..])
        .arguments([format!("--root={}", root.display()), "--install".to_owned()])
        .arguments(files)
        .run(Output::Silent)
        .map(drop)
}

fn is_root() -> bool {
    let asked = Call::new("id", Path::new("/")).arguments(["-u"]).finish(Output::Silent);
    asked.is_ok_and(|answer| answer.stdout.trim() == "0")
}

/// `rpm --root` would need the right to change the root folder, and a database.
fn unpack_rpm(files: &[PathBuf], root: &Path) -> Result<()> {
    for file in files {
        Call::new("sh", root)
            .arguments(["-c", "rpm2cpio \"$1\" | cpio --extract --make-directories --quiet", "sh"])
            .arguments([file])
            .run(Output::Silent)?;
    }
    Ok(())
}

/// What the package says it needs, a word each, versions left out.
pub fn needs(workspace: &Workspace, format: Format, package: &Path) -> Result<Vec<String>> {
    let call = match format {
        Format::Deb => Call::new("dpkg-deb", workspace.root())
            .arguments(["--field"])
            .arguments([package])
            .arguments(["Depends"]),
        Format::Rpm => Call::new("rpm", workspace.root())
            .arguments(["--query", "--package", "--requires"])
            .arguments([package]),
    };
    let text = call.run(Output::Silent)?.stdout;
    let words = text.split([',', '\n']).filter_map(|need| need.split_whitespace().next());
    Ok(words.map(str::to_owned).collect())
}

/// What is wrong with that: only the window may need a web view, and it must. On Debian every name
/// must be one that is installed here, where the programs run.
pub fn wrong_needs(package: &Package, format: Format, needs: &[String]) -> Vec<String> {
    let names = |part: &str| needs.iter().any(|need| need.contains(part));
    let own = needs.iter().any(|need| need == super::contents::COMMAND_LINE);
    let mut wrong = Vec::new();
    let (webkit, gtk, libc) = match format {
        Format::Deb => ("libwebkit2gtk-4.1-0", "libgtk-3-0", "libc6"),
        Format::Rpm => ("libwebkit2gtk-4.1.so.0", "libgtk-3.so.0", "libc.so.6"),
    };
    if !names(libc) {
        wrong.push(format!("{} does not need {libc}", package.name));
    }
    for library in [webkit, gtk] {
        match (package.is_desktop(), names(library)) {
            (true, false) => wrong.push(format!("{} does not need {library}", package.name)),
            (false, true) => wrong.push(format!("{} needs {library}", package.name)),
            _ => {}
        }
    }
    if package.is_desktop() && !own {
        wrong.push(format!("{} does not need the command line", package.name));
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::super::contents::Source;
    use super::*;

    fn entry(path: &str, mode: u32) -> Entry {
        Entry { path: path.to_owned(), mode, source: Source::Text(String::new()) }
    }

    fn listing(lines: &[&str]) -> Listing {
        lines.iter().map(|line| found(line).expect("a line")).collect()
    }

    #[test]
    fn every_wrong_file_is_named() {
        let expected = [entry("usr/bin/pilotage", 0o755), entry("usr/share/a.gz", 0o644)];
        let check = |lines: &[&str], expect: &[&str]| {
            assert_eq!(differences(&expected, &listing(lines)), expect, "{lines:?}");
        };
        let program = "-rwxr-xr-x root/root 9 2026-11-28 00:00 ./usr/bin/pilotage";
        let page = "-rw-r--r-- root/root 9 2026-11-28 00:00 ./usr/share/a.gz";
        check(&["drwxr-xr-x root/root 0 2026-11-28 00:00 ./", program, page], &[]);
        check(&["drwxr-xr-x root/root 0 2026-11-28 00:00 ./usr/bin/", program, page], &[]);
        check(&[program], &["missing: /usr/share/a.gz"]);
        check(
            &[program, page, "-rw-r--r-- root/root 9 - - ./usr/share/b"],
            &["unexpected: /usr/share/b"],
        );
        check(&[program, page, "drwxr-xr-x root/root 0 - - ./opt/"], &["unexpected: /opt"]);
        check(
            &["-rw-r--r-- root/root 9 - - ./usr/bin/pilotage", page],
            &["mode 0644 instead of 0755: /usr/bin/pilotage"],
        );
        check(
            &["drwxrwxr-x root/root 0 - - ./usr/", program, page],
            &["mode 0775 instead of 0755: /usr"],
        );
        check(
            &["-rwxr-xr-x ada/users 9 - - ./usr/bin/pilotage", page],
            &["owned by ada/users: /usr/bin/pilotage"],
        );
    }

    #[test]
    fn a_folder_of_the_machine_is_found_in_any_file() {
        let workspace = Workspace::find().expect("a workspace");
        let folder = workspace.target().join("xtask/foreign-paths");
        stage::clear(&folder).expect("a folder");
        let folders = BTreeSet::from(["/home/ada/pilotage".to_owned()]);
        fs::write(folder.join("clean"), b"\0/pilotage/crates\0/home/ada/").expect("a file");
        let clean = foreign_paths(&folder, &folders).expect("an answer");
        assert!(clean.is_empty(), "{clean:?}");
        create_folder(&folder.join("below")).expect("a folder");
        fs::write(folder.join("below/p"), b"\0\xff/home/ada/pilotage/src\0").expect("a file");
        let found = foreign_paths(&folder, &folders).expect("an answer");
        assert_eq!(found.len(), 1, "{found:?}");
    }

    #[test]
    fn the_command_line_may_not_need_a_web_view() {
        let package =
            |name| Package { name, summary: "", description: "", section: "", entries: Vec::new() };
        let check = |name, needs: &[&str], expect: usize| {
            let needs: Vec<String> = needs.iter().map(|need| (*need).to_owned()).collect();
            let wrong = wrong_needs(&package(name), Format::Deb, &needs);
            assert_eq!(wrong.len(), expect, "{name}: {needs:?}: {wrong:?}");
        };
        check("pilotage", &["libc6"], 0);
        check("pilotage", &["libc6", "libwebkit2gtk-4.1-0"], 1);
        check("pilotage", &[], 1);
        let all = ["pilotage", "libc6", "libwebkit2gtk-4.1-0", "libgtk-3-0"];
        check("pilotage-desktop", &all, 0);
        check("pilotage-desktop", &all[1..], 1);
        check("pilotage-desktop", &all[..3], 1);
    }
}
