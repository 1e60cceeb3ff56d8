//! Builds what is packed: the page, both programs, the manual.

use super::contents::{Built, COMMAND_LINE, DESKTOP};
use super::notices;
use super::release::Release;
use super::stage;
use crate::interface;
use crate::problem::{Doing as _, Problem, Result};
use crate::process::{Call, Output};
use crate::workspace::Workspace;
use std::env;
use std::path::{Path, PathBuf};

/// Cargo's profile, and the name of its folder.
pub const PROFILE: &str = "dist";

/// Builds everything; the first time takes as long as a release build.
pub fn build(workspace: &Workspace, release: &Release) -> Result<Built> {
    if interface::build_if_needed(workspace, Output::Kept)? {
        println!("Pages built into ui/dist");
    }
    let cargo = |words: &[&str]| Call::cargo(workspace).arguments(words.iter().copied());
    // Sources lie below folders whose names carry the registry; they are known once they are there.
    cargo(&["fetch", "--locked"]).run(Output::Kept)?;
    let folders = folders(workspace)?;
    println!("Building both programs (a first build takes some minutes)");
    let flags: Vec<String> =
        folders.iter().map(|(from, to)| format!("--remap-path-prefix={from}={to}")).collect();
    let c_flags: Vec<String> =
        folders.iter().map(|(from, to)| format!("-ffile-prefix-map={from}={to}")).collect();
    cargo(&["build", "--locked", "--profile", PROFILE])
        .arguments(["--package", "pilotage-cli", "--package", "pilotage-desktop"])
        .arguments(["--features", "pilotage-desktop/custom-protocol"])
        // In place of flags that this machine sets: a package is the same wherever it is made.
        .environment("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"))
        .environment("CFLAGS", c_flags.join(" "))
        .run_in_terminal()?;
    let programs = workspace.target().join(PROFILE);
    for name in [COMMAND_LINE, DESKTOP] {
        if !programs.join(name).is_file() {
            return Err(Problem::new(format!("cargo made no {name}")));
        }
    }
    let manual = manual(workspace, release)?;
    Ok(Built { programs, manual, notices: notices::collect(workspace)? })
}

/// Man pages and completions of the command line, from a debug build of its definition.
pub fn manual(workspace: &Workspace, release: &Release) -> Result<PathBuf> {
    // `--workspace` for its features, as in `fresh`.
    let build = ["build", "--workspace", "--example", "manual"];
    Call::cargo(workspace).arguments(build).run(Output::Kept)?;
    let folder = workspace.target().join("xtask/manual");
    stage::clear(&folder)?;
    Call::new(workspace.program("debug/examples", "manual"), workspace.root())
        .arguments([&folder])
        .environment("SOURCE_DATE_EPOCH", release.moment.to_string())
        .run(Output::Silent)?;
    Ok(folder)
}

/// Folders of this machine, with the name that stands for each in a program. Where several hold a
/// file, the last counts.
pub fn folders(workspace: &Workspace) -> Result<Vec<(String, String)>> {
    let cargo_home = cargo_home()?;
    let mut folders = vec![
        (text(workspace.root())?, "/pilotage".to_owned()),
        (text(workspace.target())?, "/target".to_owned()),
        (text(&cargo_home)?, "/cargo".to_owned()),
    ];
    let sources = cargo_home.join("registry/src");
    if sources.is_dir() {
        for registry in super::contents::files(&sources)? {
            folders.push((text(&registry)?, "/cargo/src".to_owned()));
        }
    }
    // Where the library's sources are installed, the compiler names them instead of its own.
    let library = PathBuf::from(ask_rustc(workspace, &["--print", "sysroot"])?);
    let version = ask_rustc(workspace, &["--version", "--verbose"])?;
    let commit = version.lines().find_map(|line| line.strip_prefix("commit-hash: "));
    let commit = commit.unwrap_or("unknown");
    folders.push((text(&library.join("lib/rustlib/src/rust"))?, format!("/rustc/{commit}")));
    Ok(folders)
}

pub fn cargo_home() -> Result<PathBuf> {
    env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| env::home_dir().map(|home| home.join(".cargo")))
        .ok_or_else(|| Problem::new("neither CARGO_HOME nor HOME is set"))
}

fn ask_rustc(workspace: &Workspace, question: &[&str]) -> Result<String> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let asked = Call::new(rustc, workspace.root()).arguments(question);
    Ok(asked.run(Output::Silent)?.stdout.trim().to_owned())
}

fn text(path: &Path) -> Result<String> {
    let path = std::path::absolute(path).doing("name a folder")?;
    match path.to_str() {
        Some(text) if !text.contains([' ', '=', '\'']) => Ok(text.to_owned()),
        _ => Err(Problem::new(format!(
            "{} cannot be written into compiler flags: build in a folder without blanks and `=`",
            path.display()
        ))),
    }
}
