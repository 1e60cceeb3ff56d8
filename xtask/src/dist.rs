//! `cargo xtask dist`: packages for Linux, and the check that installs and starts them.
//!
//! The systems' own tools pack (`dpkg-deb`, `rpmbuild`): they know best what their packages look
//! like, which libraries a program needs, and how to give the same bytes each time.

mod contents;
mod deb;
mod inspect;
mod notices;
mod papers;
mod programs;
mod release;
mod rpm;
mod stage;
mod trial;

use crate::arguments::Arguments;
use crate::problem::{Doing as _, Problem, Result};
use crate::process::{Output, find_program};
use crate::workspace::{Workspace, create_folder, in_ci};
use crate::{interface, products, setup};
use contents::{Built, Entry, Format, Package, Source};
use papers::Verdict;
use release::Release;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

pub use contents::ICON_SIZES;

/// What is wanted.
struct Options {
    formats: Vec<Format>,
    out: PathBuf,
    check: bool,
}

impl Options {
    fn from_arguments(mut arguments: Arguments, workspace: &Workspace) -> Result<Self> {
        let (deb, rpm) = (arguments.flag("--deb"), arguments.flag("--rpm"));
        let check = arguments.flag("--check");
        let out = arguments.values("--out")?.pop().map(PathBuf::from);
        arguments.finish()?;
        let named = [(Format::Deb, deb), (Format::Rpm, rpm)];
        let formats: Vec<Format> = if deb || rpm {
            named.into_iter().filter(|(_, wanted)| *wanted).map(|(format, _)| format).collect()
        } else {
            // Without Debian's lists of packages only the other kind can be made.
            let deb = find_program(&["dpkg-shlibdeps"]).map(|_| Format::Deb);
            deb.into_iter().chain([Format::Rpm]).collect()
        };
        let out = match out {
            Some(out) => std::path::absolute(out).doing("name the folder for the packages")?,
            None => workspace.target().join("packages"),
        };
        Ok(Self { formats, out, check })
    }
}

/// Builds, packs, and with `--check` installs into an empty root and starts.
pub fn command(arguments: Arguments, workspace: &Workspace) -> Result<()> {
    let options = Options::from_arguments(arguments, workspace)?;
    make(workspace, &options).map_err(products::with_output)
}

fn make(workspace: &Workspace, options: &Options) -> Result<()> {
    let started = Instant::now();
    let wanted = setup::Setup { headless: options.check, packaging: true, yes: in_ci() };
    setup::prepare(workspace, wanted, Output::Shown)?;
    interface::install_if_needed(workspace, Output::Shown)?;
    options.formats.iter().try_for_each(|format| require(*format))?;
    let release = Release::read(workspace)?;
    let built = programs::build(workspace, &release)?;
    println!("Built in {}", crate::process::duration(started.elapsed()));
    create_folder(&options.out)?;
    for format in &options.formats {
        let packages = contents::packages(workspace, &release, &built, *format)?;
        let files = pack(workspace, &release, *format, &packages, &options.out)?;
        for file in &files {
            let size = fs::metadata(file).doing("measure a package")?.len();
            println!("{} ({:.1} MB)", file.display(), size_in_megabytes(size));
        }
        if options.check {
            let mut verdict = examine(workspace, *format, &packages, &files, Programs::Real)?;
            let differing = differing(workspace, &release, *format, &packages, &files)?;
            verdict.judge("the same bytes again", differing);
            trial::start(workspace, &release, &root_of(workspace, *format), &mut verdict)?;
            verdict.print(*format);
            verdict.into_result()?;
        }
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "shown with one decimal")]
fn size_in_megabytes(size: u64) -> f64 {
    size as f64 / 1_000_000.0
}

/// The step of `cargo xtask test`: everything but the programs, which take minutes to build; a small
/// program stands in for both. Says what was looked at and what was left out.
pub fn rehearse(workspace: &Workspace) -> Result<String> {
    let release = Release::read(workspace)?;
    let manual = programs::manual(workspace, &release)?;
    let programs = stand_ins(workspace)?;
    let built = Built { programs, manual, notices: notices::collect(workspace)? };
    let out = work(workspace).join("rehearsal");
    stage::clear(&out)?;
    let mut sum = Verdict::default();
    let mut made = Vec::new();
    for format in [Format::Deb, Format::Rpm] {
        if let Err(problem) = require(format) {
            sum.leave_out(format!("{} ({problem})", format.name()));
            continue;
        }
        let packages = contents::packages(workspace, &release, &built, format)?;
        let files = pack(workspace, &release, format, &packages, &out)?;
        sum.add(examine(workspace, format, &packages, &files, Programs::StandIns)?);
        let differing = differing(workspace, &release, format, &packages, &files)?;
        sum.judge("the same bytes again", differing);
        control(workspace, &release, format, packages)?;
        made.push(format.name());
    }
    Ok(format!("{}: {}", made.join(" and "), sum.into_result()?))
}

/// The check itself must see a file that is missing, one too many, a path of this machine, and a
/// page that cannot be set.
fn control(
    workspace: &Workspace,
    release: &Release,
    format: Format,
    packages: Vec<Package>,
) -> Result<()> {
    let out = work(workspace).join("control");
    stage::clear(&out)?;
    let left_out = "usr/share/applications/pilotage-desktop.desktop";
    let page = "usr/share/man/man1/pilotage.1.gz";
    let added = "usr/share/doc/pilotage-desktop/added.txt";
    let spoiled = packages.into_iter().map(|package| {
        let mut entries = package.entries;
        entries.retain(|entry| entry.path != left_out);
        if package.name == contents::DESKTOP {
            let text = format!("built in {}\n", workspace.root().display());
            let source = Source::Text(text);
            entries.push(Entry { path: added.to_owned(), mode: 0o664, source });
        }
        for entry in entries.iter_mut().filter(|entry| entry.path == page) {
            entry.source = Source::Text(".TH X 1\n.SH NAME\nx \\- y\n.nosuchmacro\n".to_owned());
        }
        Package { entries, ..package }
    });
    let spoiled: Vec<Package> = spoiled.collect();
    let files = pack(workspace, release, format, &spoiled, &out)?;
    let whole = spoiled.into_iter().map(|package| {
        let mut entries = package.entries;
        entries.retain(|entry| entry.path != added);
        if package.name == contents::DESKTOP {
            let source = Source::Text(String::new());
            entries.push(Entry { path: left_out.to_owned(), mode: 0o644, source });
        }
        Package { entries, ..package }
    });
    let whole: Vec<Package> = whole.collect();
    let verdict = examine(workspace, format, &whole, &files, Programs::StandIns)?;
    let root = workspace.root().display().to_string();
    let mut expected = vec![
        format!("missing: /{left_out}"),
        format!("unexpected: /{added}"),
        format!("names {root}"),
    ];
    if find_program(&["man"]).is_some() {
        expected.push("nosuchmacro".to_owned());
    }
    for expected in expected {
        if !verdict.wrong().iter().any(|line| line.contains(&expected)) {
            let problem = Problem::new(format!("the check of packages does not see `{expected}`"));
            return Err(problem.with_log(verdict.wrong().join("\n")));
        }
    }
    Ok(())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Programs {
    Real,
    /// They need no web view.
    StandIns,
}

/// Looks into the packages, installs them into an empty root, and looks at what lies there.
fn examine(
    workspace: &Workspace,
    format: Format,
    packages: &[Package],
    files: &[PathBuf],
    programs: Programs,
) -> Result<Verdict> {
    let mut verdict = Verdict::default();
    for (package, file) in packages.iter().zip(files) {
        let listing = inspect::list(workspace, format, file)?;
        verdict.judge("files, modes and owners", inspect::differences(&package.entries, &listing));
        if programs == Programs::Real {
            let needs = inspect::needs(workspace, format, file)?;
            verdict.judge("dependencies", inspect::wrong_needs(package, format, &needs));
        }
    }
    let root = root_of(workspace, format);
    inspect::install(workspace, format, files, &root)?;
    verdict.judge(
        "no path of this machine",
        inspect::foreign_paths(&root.join("usr"), &folders(workspace)?)?,
    );
    papers::check(workspace, &root, &mut verdict)?;
    Ok(verdict)
}

/// Packs once more and compares.
fn differing(
    workspace: &Workspace,
    release: &Release,
    format: Format,
    packages: &[Package],
    files: &[PathBuf],
) -> Result<Vec<String>> {
    let again = work(workspace).join("again");
    stage::clear(&again)?;
    let second = pack(workspace, release, format, packages, &again)?;
    let mut wrong = Vec::new();
    for (first, second) in files.iter().zip(&second) {
        let bytes = |file: &Path| fs::read(file).doing(format_args!("read {}", file.display()));
        if bytes(first)? != bytes(second)? {
            wrong.push(format!("packed twice, it differs: {}", first.display()));
        }
    }
    Ok(wrong)
}

/// Folders whose names may not stand in a package.
fn folders(workspace: &Workspace) -> Result<BTreeSet<String>> {
    let mut folders: BTreeSet<String> =
        programs::folders(workspace)?.into_iter().map(|(folder, _)| folder).collect();
    if let Some(home) = std::env::home_dir().filter(|home| home.components().count() > 1) {
        folders.insert(format!("{}/", home.display()));
    }
    Ok(folders)
}

fn pack(
    workspace: &Workspace,
    release: &Release,
    format: Format,
    packages: &[Package],
    out: &Path,
) -> Result<Vec<PathBuf>> {
    let trees = work(workspace).join("trees");
    stage::clear(&trees)?;
    let mut files = Vec::new();
    match format {
        Format::Deb => {
            for package in packages {
                let tree = trees.join(package.name);
                stage::write(package, &tree)?;
                files.push(deb::pack(workspace, release, package, &tree, out)?);
            }
        }
        Format::Rpm => {
            let tree = trees.join("all");
            create_folder(&tree)?;
            for package in packages {
                stage::add(package, &tree)?;
            }
            files = rpm::pack(workspace, release, packages, &tree, out)?;
        }
    }
    Ok(files)
}

fn require(format: Format) -> Result<()> {
    match format {
        Format::Deb => deb::require(),
        Format::Rpm => rpm::require(),
    }
}

fn stand_ins(workspace: &Workspace) -> Result<PathBuf> {
    let small = find_program(&["true"]).ok_or_else(|| Problem::new("there is no `true` here"))?;
    let folder = work(workspace).join("stand-ins");
    stage::clear(&folder)?;
    for name in [contents::COMMAND_LINE, contents::DESKTOP] {
        fs::copy(&small, folder.join(name)).doing("copy a small program")?;
    }
    Ok(folder)
}

fn work(workspace: &Workspace) -> PathBuf {
    workspace.target().join("xtask/dist")
}

/// Where the packages of one format are installed to be looked at.
fn root_of(workspace: &Workspace, format: Format) -> PathBuf {
    work(workspace).join(match format {
        Format::Deb => "root-deb",
        Format::Rpm => "root-rpm",
    })
}
