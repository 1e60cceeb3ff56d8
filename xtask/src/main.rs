//! `cargo xtask`: set-up, run, test, bench, fuzz, screenshots.
//!
//! Built before anything else on a fresh machine, so it uses the standard library only.
//! It is the one place, besides the test harness, that starts other programs.
//! Deliberately absent: knowledge of what a crate does. It knows names, paths and commands.

mod arguments;
mod dependencies;
mod dist;
mod fresh;
mod fuzz;
mod icons;
mod interface;
mod licences;
mod manifest;
mod problem;
mod process;
mod products;
mod setup;
mod spdx;
mod testing;
mod tidy;
mod workspace;

use arguments::Arguments;
use problem::{Problem, Result};
use process::Output;
use setup::Setup;
use std::process::ExitCode;
use testing::Selection;
use workspace::Workspace;

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let name = words.next().unwrap_or_else(|| "help".to_owned());
    let arguments = Arguments::new(words.collect());
    match dispatch(&name, arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            if !problem.is_reported() {
                eprintln!("\nerror: {problem}");
            }
            // 2 is wrong use, as in the command line of the product.
            ExitCode::from(if problem.is_wrong_use() { 2 } else { 1 })
        }
    }
}

/// One thing that `cargo xtask` does.
struct Subcommand {
    name: &'static str,
    usage: &'static str,
    summary: &'static str,
    help: &'static str,
    run: fn(Arguments, &Workspace) -> Result<()>,
}

const SUBCOMMANDS: &[Subcommand] = &[
    Subcommand {
        name: "setup",
        usage: "setup [--yes]",
        summary: "find or install what building and testing need",
        help: "Checks system packages, cargo, Node and npm, then installs the npm packages of ui/.\n\
               On Debian and Ubuntu missing packages are installed with apt-get. It asks before\n\
               sudo, except with --yes, when CI=true, or as root (who needs no sudo).\n\
               On other systems it prints what to install.",
        run: setup_command,
    },
    Subcommand {
        name: "run",
        usage: "run [--empty] [--release] [--pages-only]",
        summary: "build everything and start the app on the sample programme",
        help: "--empty       start with a new, empty programme\n\
               --release     an optimised build\n\
               --pages-only  visit every page without a display, write target/screenshots/*.png\n\
               Without a display (no DISPLAY, no WAYLAND_DISPLAY) it does what --pages-only does.",
        run: run_command,
    },
    Subcommand {
        name: "test",
        usage: "test [--only STEP]... [--list] [--progress] [--keep-going]",
        summary: "every check and every test",
        help: "--only STEP   this step only; may be repeated, or a list with commas\n\
               --list        the steps, in order\n\
               --progress    show the output of each step as it comes (also with CI=true)\n\
               --keep-going  do not stop at the first step that fails\n\
               Nothing is skipped: a step that cannot run fails and says what is missing.",
        run: test_command,
    },
    Subcommand {
        name: "lint",
        usage: "lint [--progress] [--keep-going]",
        summary: "format, tidy, clippy and ui-lint",
        help: "The steps of `cargo xtask test` that read sources only.",
        run: lint_command,
    },
    Subcommand {
        name: "bench",
        usage: "bench NAME [ARGS]...",
        summary: "a measurement, on an optimised build",
        help: "Builds the test host's pages and every binary with --release, then starts\n\
               tests/src/bin/bench.rs with NAME and ARGS. Without a good NAME it lists its names.\n\
               `bench store`, `bench forecast --data DIR`, `bench cluster` and `bench manifests --samples DIR`\n\
               show no page and build no more than they need.",
        run: |arguments, workspace| products::bench(workspace, &arguments.rest()),
    },
    Subcommand {
        name: "fuzz",
        usage: "fuzz [--minutes N] [TARGET]...",
        summary: "throw damaged files at everything that reads foreign text",
        help: "Builds the targets of fuzz/ with libFuzzer's counters and runs each for N minutes\n\
               (1 without it), with at most 256 MiB. A panic, more memory, or an input that takes\n\
               over 10 seconds is a finding: the command fails and says where the input lies.\n\
               Needs a C++ compiler, since libFuzzer is built from source.",
        run: fuzz::run,
    },
    Subcommand {
        name: "screenshots",
        usage: "screenshots [--empty] [--release]",
        summary: "visit every page, write target/screenshots/*.png",
        help: "What `cargo xtask run --pages-only` does, without the report in the terminal.",
        run: screenshots_command,
    },
    Subcommand {
        name: "dist",
        usage: "dist [--deb] [--rpm] [--out DIR] [--check]",
        summary: "packages for Linux: .deb and .rpm",
        help: "Builds the page and both programs for packages, their man pages and completions, and\n\
               packs them: `pilotage` (command line) and `pilotage-desktop` (window).\n\
               --deb, --rpm  only that kind; without, each kind that this system can make\n\
               --out DIR     where the packages go, by default target/packages\n\
               --check       install them into an empty root and start both programs there\n\
               SOURCE_DATE_EPOCH dates the files; without it the newest entry of\n\
               packaging/changelog does.",
        run: dist::command,
    },
    Subcommand {
        name: "icons",
        usage: "icons",
        summary: "draw src-tauri/icons from packaging/icons",
        help: "Needs rsvg-convert (Debian: librsvg2-bin). The step `packages` fails while the\n\
               committed pictures do not fit.",
        run: |arguments, workspace| {
            arguments.finish()?;
            icons::write(workspace)
        },
    },
    Subcommand {
        name: "types",
        usage: "types",
        summary: "write ui/src/lib/generated/api.ts from the command table",
        help: "The step `types-fresh` fails while the committed file differs.",
        run: |arguments, workspace| {
            arguments.finish()?;
            fresh::write_types(workspace)
        },
    },
    Subcommand {
        name: "queries",
        usage: "queries",
        summary: "write .sqlx/ from the SQL queries of the store",
        help: "Checks every query against an empty database of the newest schema, and records it,\n\
               so that a build needs no database. The step `queries-fresh` fails while the\n\
               committed folder differs.",
        run: |arguments, workspace| {
            arguments.finish()?;
            fresh::write_queries(workspace)
        },
    },
];

fn dispatch(name: &str, mut arguments: Arguments) -> Result<()> {
    if matches!(name, "help" | "--help" | "-h") {
        println!("{}", overview());
        return Ok(());
    }
    let Some(subcommand) = SUBCOMMANDS.iter().find(|subcommand| subcommand.name == name) else {
        return Err(Problem::wrong_use(format!("there is no `{name}`\n\n{}", overview())));
    };
    // The words after `bench NAME` belong to the measurement.
    if arguments.asks_for_help(name != "bench") {
        println!("cargo xtask {}\n\n{}", subcommand.usage, subcommand.help);
        return Ok(());
    }
    (subcommand.run)(arguments, &Workspace::find()?)
}

fn overview() -> String {
    let lines: Vec<String> = SUBCOMMANDS
        .iter()
        .map(|subcommand| format!("  {:<12} {}", subcommand.name, subcommand.summary))
        .collect();
    format!("cargo xtask COMMAND [--help]\n\n{}", lines.join("\n"))
}

fn setup_command(mut arguments: Arguments, workspace: &Workspace) -> Result<()> {
    let yes = arguments.flag("--yes");
    arguments.finish()?;
    setup::prepare(workspace, Setup { headless: true, packaging: false, yes }, Output::Shown)?;
    if interface::install_if_needed(workspace, Output::Shown)? {
        println!("npm packages: installed");
    } else {
        println!("npm packages: already installed");
    }
    println!("\nReady. Next: cargo xtask run");
    Ok(())
}

fn run_command(mut arguments: Arguments, workspace: &Workspace) -> Result<()> {
    let start = products::Start::from_arguments(&mut arguments);
    let pages_only = arguments.flag("--pages-only");
    arguments.finish()?;
    products::run(workspace, start, pages_only)
}

fn screenshots_command(mut arguments: Arguments, workspace: &Workspace) -> Result<()> {
    let start = products::Start::from_arguments(&mut arguments);
    arguments.finish()?;
    products::screenshots(workspace, start)
}

fn test_command(mut arguments: Arguments, workspace: &Workspace) -> Result<()> {
    let list = arguments.flag("--list");
    let only = arguments.values("--only")?;
    let selection = selection(&mut arguments, only);
    arguments.finish()?;
    if list {
        println!("{}", testing::list());
        return Ok(());
    }
    testing::run(workspace, &selection)
}

fn lint_command(mut arguments: Arguments, workspace: &Workspace) -> Result<()> {
    let only = ["format", "tidy", "clippy", "ui-lint"].map(str::to_owned).to_vec();
    let selection = selection(&mut arguments, only);
    arguments.finish()?;
    testing::run(workspace, &selection)
}

fn selection(arguments: &mut Arguments, only: Vec<String>) -> Selection {
    let shown = arguments.flag("--progress") || workspace::in_ci();
    Selection {
        only,
        output: if shown { Output::Shown } else { Output::Kept },
        keep_going: arguments.flag("--keep-going"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_subcommand_is_in_the_overview() {
        let overview = overview();
        for subcommand in SUBCOMMANDS {
            assert!(overview.contains(subcommand.summary), "{} is missing", subcommand.name);
            assert!(subcommand.usage.starts_with(subcommand.name), "{}", subcommand.usage);
        }
    }

    #[test]
    fn an_unknown_subcommand_is_wrong_use() {
        let problem = dispatch("tset", Arguments::new(Vec::new())).expect_err("must fail");
        assert!(problem.is_wrong_use(), "{problem}");
    }
}
