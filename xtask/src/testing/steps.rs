//! What `cargo xtask test` consists of.

use super::Passed;
use super::counts;
use crate::problem::{Problem, Result};
use crate::process::{Call, Output};
use crate::setup::{self, Setup};
use crate::workspace::{Workspace, in_ci};
use crate::{dependencies, dist, fresh, interface, licences, tidy};

pub struct Step {
    pub name: &'static str,
    pub about: &'static str,
    pub(super) run: fn(&Workspace, Output) -> Result<Passed>,
}

/// In order: what is quick and fails often comes first, and what others need before them.
pub const STEPS: &[Step] = &[
    Step {
        name: "setup",
        about: "system packages, cargo, Node and npm are there",
        run: |workspace, output| {
            let setup = Setup { headless: true, packaging: false, yes: in_ci() };
            setup::prepare(workspace, setup, output).map(|()| Passed::default())
        },
    },
    Step {
        name: "lock-file",
        about: "Cargo.lock fits the manifests; no later step may change it",
        run: |workspace, output| {
            cargo(workspace, output, &["tree", "--locked", "--workspace", "--depth=0"])
        },
    },
    Step {
        name: "format",
        about: "cargo fmt finds nothing to change",
        run: |workspace, output| {
            cargo(workspace, output, &["fmt", "--all", "--check", "--", "--color=never"])
        },
    },
    Step {
        name: "tidy",
        about: "house rules: layers of crates, banned words, large files, machine paths",
        run: |workspace, _| tidy::check(workspace).map(noted),
    },
    Step {
        name: "ui-install",
        about: "npm packages as in the lock file, without install scripts",
        run: |workspace, output| {
            let installed = interface::install_if_needed(workspace, output)?;
            Ok(noted(if installed { "installed" } else { "already installed" }))
        },
    },
    Step {
        name: "ui-build",
        about: "the pages, for the desktop app and for the test host",
        run: build_pages,
    },
    Step {
        name: "clippy",
        about: "no lint, in any target of any crate",
        run: |workspace, output| {
            interface::require_dist(workspace)?;
            let lint = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
            cargo(workspace, output, &lint)
        },
    },
    Step {
        name: "types-fresh",
        about: "the committed TypeScript is that of the command table",
        run: |workspace, output| fresh::check_types(workspace, output).map(noted),
    },
    Step {
        name: "queries-fresh",
        about: "every query fits the newest schema, and is recorded in .sqlx",
        run: |workspace, output| fresh::check_queries(workspace, output).map(noted),
    },
    Step {
        name: "rust-tests",
        about: "unit and integration tests of every crate",
        run: rust_tests,
    },
    Step {
        name: "licences",
        about: "crates and npm packages are under licences of the list in deny.toml",
        run: |workspace, _| licences::check(workspace).map(noted),
    },
    Step {
        name: "unused-dependencies",
        about: "every dependency is named by a source",
        run: |workspace, _| dependencies::check(workspace).map(noted),
    },
    Step {
        name: "ui-lint",
        about: "eslint and prettier find nothing",
        run: |workspace, output| script(workspace, output, "lint"),
    },
    Step {
        name: "ui-check",
        about: "TypeScript and Svelte types fit",
        run: |workspace, output| script(workspace, output, "check"),
    },
    Step {
        name: "ui-test",
        about: "tests of components and of the pages' own logic",
        run: |workspace, output| counted(&interface::script(workspace, "test", output)?.all),
    },
    Step {
        name: "desktop-build",
        about: "the desktop app and the command line, as end-to-end needs them",
        run: |workspace, output| {
            interface::require_dist(workspace)?;
            // `--workspace`, as the tests do: the same features, so nothing is compiled twice.
            cargo(workspace, output, &["build", "--workspace", "--bins"])
        },
    },
    Step {
        name: "packages",
        about: "all of the packages but the programs: packed, installed into an empty root, read",
        run: |workspace, _| dist::rehearse(workspace).map(noted),
    },
    Step {
        name: "end-to-end",
        about: "the pages in Chromium, the real window, the command line",
        run: end_to_end,
    },
];

fn build_pages(workspace: &Workspace, output: Output) -> Result<Passed> {
    interface::script(workspace, "build", output)?;
    interface::script(workspace, "build:testhost", output)?;
    let entry = workspace.ui_dist_testhost().join("index.html");
    if !entry.is_file() {
        return Err(Problem::new(format!("the build wrote no {}", entry.display())));
    }
    interface::require_dist(workspace).map(|()| Passed::default())
}

fn rust_tests(workspace: &Workspace, output: Output) -> Result<Passed> {
    interface::require_dist(workspace)?;
    if has_nextest(workspace)? {
        return tests(workspace, output, &nextest("not package(pilotage-tests)"));
    }
    // `--tests` leaves out doc tests: examples in comments are not how this code is tested.
    let words = ["test", "--no-fail-fast", "--tests", "--workspace"];
    tests(workspace, output, &[&words[..], &["--exclude", "pilotage-tests"]].concat())
}

fn end_to_end(workspace: &Workspace, output: Output) -> Result<Passed> {
    for program in ["pilotage", "pilotage-desktop"] {
        let path = workspace.program("debug", program);
        if !path.is_file() {
            let message = format!("{} is missing; run --only desktop-build first", path.display());
            return Err(Problem::new(message));
        }
    }
    if has_nextest(workspace)? {
        return tests(workspace, output, &nextest("package(pilotage-tests)"));
    }
    let words = ["test", "--no-fail-fast", "--tests", "--package", "pilotage-tests"];
    tests(workspace, output, &words)
}

/// One build of the whole workspace serves both steps; the filter says which tests run.
fn nextest(filter: &str) -> [&str; 6] {
    ["nextest", "run", "--no-fail-fast", "--workspace", "-E", filter]
}

fn has_nextest(workspace: &Workspace) -> Result<bool> {
    let asked = Call::cargo(workspace).arguments(["nextest", "--version"]);
    Ok(asked.finish(Output::Silent)?.success)
}

fn tests(workspace: &Workspace, output: Output, arguments: &[&str]) -> Result<Passed> {
    counted(&Call::cargo(workspace).arguments(arguments).run(output)?.all)
}

fn cargo(workspace: &Workspace, output: Output, arguments: &[&str]) -> Result<Passed> {
    Call::cargo(workspace).arguments(arguments).run(output).map(|_| Passed::default())
}

fn script(workspace: &Workspace, output: Output, name: &str) -> Result<Passed> {
    interface::script(workspace, name, output).map(|_| Passed::default())
}

/// A test run that counts nothing has tested nothing.
fn counted(log: &str) -> Result<Passed> {
    match counts::read(log) {
        Some(counts) if counts.passed > 0 => {
            Ok(Passed { counts: Some(counts), note: String::new() })
        }
        _ => Err(Problem::new("no test ran").with_log(log)),
    }
}

fn noted(note: impl Into<String>) -> Passed {
    Passed { counts: None, note: note.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_steps_are_unique() {
        let mut names: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), STEPS.len(), "{names:?}");
    }

    #[test]
    fn a_run_without_tests_is_a_failure() {
        assert!(counted("").is_err(), "no summary");
        assert!(counted("test result: ok. 0 passed; 0 failed; 0 ignored;").is_err(), "no case");
        assert!(counted("test result: ok. 1 passed; 0 failed; 0 ignored;").is_ok(), "one case");
    }
}
