//! The pages in `ui/`: npm packages, builds, lint and tests.

use crate::problem::{Problem, Result};
use crate::process::{Call, Finished, Output};
use crate::workspace::{Workspace, newest};

/// Installs the npm packages where the lock file is newer than what lies there.
/// Says whether it did.
pub fn install_if_needed(workspace: &Workspace, output: Output) -> Result<bool> {
    let lock = newest(&[workspace.ui().join("package-lock.json")]);
    if lock.is_none() {
        return Err(Problem::new(
            "ui/package-lock.json is missing; `npm ci` cannot work without it",
        ));
    }
    let installed = newest(&[workspace.ui().join("node_modules/.package-lock.json")]);
    if installed >= lock {
        return Ok(false);
    }
    // No install scripts: a package may not run code on this machine by being downloaded.
    npm(workspace, &["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).run(output)?;
    Ok(true)
}

/// Builds the pages that the desktop app embeds, where sources are newer than the last build.
pub fn build_if_needed(workspace: &Workspace, output: Output) -> Result<bool> {
    let sources = sources(workspace);
    let built = newest(&[workspace.ui_dist().join("index.html")]);
    if built.is_some() && built >= newest(&sources) {
        return Ok(false);
    }
    script(workspace, "build", output)?;
    Ok(true)
}

/// Runs a script of `ui/package.json`.
pub fn script(workspace: &Workspace, name: &str, output: Output) -> Result<Finished> {
    if !workspace.ui().join("node_modules").is_dir() {
        return Err(Problem::new("ui/node_modules is missing; run `cargo xtask setup`"));
    }
    npm(workspace, &["run", name]).run(output)
}

/// The desktop crate embeds the pages at compile time.
pub fn require_dist(workspace: &Workspace) -> Result<()> {
    if workspace.ui_dist().join("index.html").is_file() {
        return Ok(());
    }
    Err(Problem::new("ui/dist is missing; run `cargo xtask test --only ui-install,ui-build`"))
}

fn npm(workspace: &Workspace, arguments: &[&str]) -> Call {
    let program = if cfg!(windows) { "npm.cmd" } else { "npm" };
    // No colours: the output is kept, and its counts are read.
    Call::new(program, &workspace.ui()).arguments(arguments).environment("NO_COLOR", "1")
}

fn sources(workspace: &Workspace) -> Vec<std::path::PathBuf> {
    let ui = workspace.ui();
    let names = [
        "src",
        "public",
        "index.html",
        "package.json",
        "package-lock.json",
        "vite.config.ts",
        "vite.config.js",
        "svelte.config.js",
        "tsconfig.json",
    ];
    names.iter().map(|name| ui.join(name)).collect()
}
