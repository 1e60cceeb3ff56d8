//! The programs of this workspace, and how they are started: the only place that knows their
//! names and flags.

use crate::arguments::Arguments;
use crate::problem::{Problem, Result};
use crate::process::{Call, Output};
use crate::workspace::{Workspace, has_display, in_ci};
use crate::{interface, setup};

/// Always the same crates in one call. Cargo unites features over the crates it is asked for, so
/// another choice would compile most of the dependencies a second time.
const BUILD: [&str; 7] = [
    "build",
    "--package",
    "pilotage-cli",
    "--package",
    "pilotage-desktop",
    "--package",
    "pilotage-tests",
];
const DESKTOP: &str = "pilotage-desktop";
const COMMAND_LINE: &str = "pilotage";
/// Of `tests/`: brings its own Xvfb and `WebKitWebDriver`, writes target/screenshots/*.png.
const WALK_PAGES: &str = "walk-pages";
/// Of `tests/`.
const BENCH: &str = "bench";
/// The measurements that show no page: they need neither a browser nor the window's libraries.
const PAGELESS_BENCHES: [&str; 4] = ["store", "forecast", "cluster", "manifests"];
/// What `bench cluster` measures, and the large cluster: of `tests/kube`.
const CLUSTER_BENCH: [&str; 12] = [
    "--package",
    "pilotage-cli",
    "--package",
    "pilotage-cluster",
    "--example",
    "hold-pods",
    "--package",
    "pilotage-kube-faults",
    "--bin",
    COMMAND_LINE,
    "--bin",
    "serve-sim",
];

/// On what the app starts, and how it is built.
#[derive(Clone, Copy)]
pub struct Start {
    programme: Programme,
    profile: Profile,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Programme {
    Sample,
    Empty,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Profile {
    Debug,
    Release,
}

impl Start {
    pub fn from_arguments(arguments: &mut Arguments) -> Self {
        let empty = arguments.flag("--empty");
        let release = arguments.flag("--release");
        Self {
            programme: if empty { Programme::Empty } else { Programme::Sample },
            profile: if release { Profile::Release } else { Profile::Debug },
        }
    }
}

impl Programme {
    fn flag(self) -> &'static str {
        match self {
            Self::Sample => "--sample",
            Self::Empty => "--new",
        }
    }
}

impl Profile {
    fn folder(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Release => "release",
        }
    }
}

/// Builds everything and starts the app; without a display, walks its pages instead.
pub fn run(workspace: &Workspace, start: Start, pages_only: bool) -> Result<()> {
    let windowless = pages_only || !has_display();
    prepare(workspace, windowless)?;
    build(workspace, start.profile)?;
    if !windowless {
        println!("Starting {DESKTOP} {}", start.programme.flag());
        return program(workspace, start.profile, DESKTOP)
            .arguments([start.programme.flag()])
            .run_in_terminal();
    }
    if !pages_only {
        println!(
            "There is no display (DISPLAY and WAYLAND_DISPLAY are empty), so no window opens."
        );
    }
    walk_pages(workspace, start)?;
    if start.programme == Programme::Empty {
        return Ok(());
    }
    println!("\nThe sample programme's progress report:\n");
    program(workspace, start.profile, COMMAND_LINE)
        .arguments(["--sample", "report", "progress", "--format", "md"])
        .run_in_terminal()
}

/// Builds everything and writes a picture of every page.
pub fn screenshots(workspace: &Workspace, start: Start) -> Result<()> {
    prepare(workspace, true)?;
    build(workspace, start.profile)?;
    walk_pages(workspace, start)
}

/// Measures one thing on an optimised build.
pub fn bench(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    if arguments.first().is_some_and(|name| PAGELESS_BENCHES.contains(&name.as_str())) {
        println!("Building (a first build takes some minutes)");
        let clusters = arguments.first().is_some_and(|name| name == "cluster");
        Call::cargo(workspace)
            .arguments(["build", "--release", "--package", "pilotage-tests", "--bin", BENCH])
            .arguments(CLUSTER_BENCH.iter().filter(|_| clusters))
            .run_in_terminal()?;
        return program(workspace, Profile::Release, BENCH).arguments(arguments).run_in_terminal();
    }
    prepare(workspace, true)?;
    println!("Building the test host's pages");
    interface::script(workspace, "build:testhost", Output::Kept).map_err(with_output)?;
    build(workspace, Profile::Release)?;
    program(workspace, Profile::Release, BENCH).arguments(arguments).run_in_terminal()
}

fn prepare(workspace: &Workspace, headless: bool) -> Result<()> {
    setup::prepare(
        workspace,
        setup::Setup { headless, packaging: false, yes: in_ci() },
        Output::Shown,
    )?;
    interface::install_if_needed(workspace, Output::Shown)?;
    if interface::build_if_needed(workspace, Output::Kept).map_err(with_output)? {
        println!("Pages built into ui/dist");
    }
    Ok(())
}

fn build(workspace: &Workspace, profile: Profile) -> Result<()> {
    println!("Building (a first build takes some minutes)");
    let release = (profile == Profile::Release).then_some("--release");
    // In the terminal, so that cargo shows its progress bar.
    Call::cargo(workspace).arguments(BUILD).arguments(release).run_in_terminal()
}

fn walk_pages(workspace: &Workspace, start: Start) -> Result<()> {
    println!("Visiting every page with {WALK_PAGES} {}", start.programme.flag());
    program(workspace, start.profile, WALK_PAGES)
        .arguments([start.programme.flag()])
        .run_in_terminal()
}

fn program(workspace: &Workspace, profile: Profile, name: &str) -> Call {
    Call::new(workspace.program(profile.folder(), name), workspace.root())
}

/// Output that was kept is needed once it explains a failure.
pub fn with_output(problem: Problem) -> Problem {
    match problem.log() {
        Some(log) => Problem::new(format!("{problem}\n\n{log}")),
        None => problem,
    }
}
