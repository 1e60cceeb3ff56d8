//! What this machine needs before anything builds: system packages, cargo, Node and npm.
//!
//! Only `apt-get` is ever started. On other systems the names are printed, as a wrong guess there
//! would change somebody's machine.

mod packages;
mod system;
mod versions;

use crate::problem::{Problem, Result};
use crate::process::{Call, Output, find_program};
use crate::workspace::{Workspace, in_ci};
use packages::{NEEDS, Need, Scope};
use std::io::{IsTerminal as _, Write as _};
use system::System;
use versions::Version;

/// What is wanted.
#[derive(Clone, Copy)]
pub struct Setup {
    /// Also what visiting pages and testing without a display need.
    pub headless: bool,
    /// Also what making and checking packages needs.
    pub packaging: bool,
    /// Install without asking.
    pub yes: bool,
}

/// Finds or installs everything but the npm packages of `ui/`.
pub fn prepare(workspace: &Workspace, setup: Setup, output: Output) -> Result<()> {
    let system = System::here();
    let needs: Vec<&Need> = NEEDS
        .iter()
        .filter(|need| match need.scope {
            Scope::Build => true,
            Scope::Headless => setup.headless,
            Scope::Packaging => setup.packaging,
        })
        .filter(|need| system.package_of(need).is_some())
        .collect();
    let missing = missing(&needs, system, workspace)?;
    if missing.is_empty() {
        println!("system packages: all {} found", needs.len());
    } else if system == System::Debian {
        install(&missing, setup.yes, workspace, output)?;
        let still = self::missing(&missing, system, workspace)?;
        if !still.is_empty() {
            return Err(Problem::new(system.instructions(&still)));
        }
    } else {
        return Err(Problem::new(system.instructions(&missing)));
    }
    check_tools(workspace)
}

fn missing<'a>(needs: &[&'a Need], system: System, workspace: &Workspace) -> Result<Vec<&'a Need>> {
    let mut missing = Vec::new();
    for need in needs {
        let found = need.found(workspace.root())?
            || (system == System::Debian && dpkg_knows(need.debian, workspace)?);
        if !found {
            missing.push(*need);
        }
    }
    Ok(missing)
}

fn dpkg_knows(package: &str, workspace: &Workspace) -> Result<bool> {
    let query = Call::new("dpkg-query", workspace.root()).arguments([
        "--show",
        "--showformat",
        "${db:Status-Status}\n",
        package,
    ]);
    // A package that dpkg has never seen is a failure of the program, not of the question.
    let finished = query.finish(Output::Silent)?;
    Ok(finished.success && finished.stdout.lines().any(|line| line == "installed"))
}

fn install(missing: &[&Need], yes: bool, workspace: &Workspace, output: Output) -> Result<()> {
    let names: Vec<&str> = missing.iter().map(|need| need.debian).collect();
    println!("system packages: missing {}", names.join(", "));
    let consent = Consent::decide(Circumstances {
        root: is_root(workspace)?,
        agreed: yes || in_ci(),
        terminal: std::io::stdin().is_terminal(),
    });
    let sudo: &[&str] = match consent {
        Consent::Root => &[],
        // Fails instead of waiting for a password that nobody can type.
        Consent::SudoWithoutPassword => &["sudo", "-n"],
        Consent::Sudo => &["sudo"],
        Consent::Ask if agrees(&names)? => &["sudo"],
        Consent::Ask | Consent::Refuse => {
            return Err(Problem::new(System::Debian.instructions(missing)));
        }
    };
    apt_get(sudo, &["update"], workspace, output)?;
    let flags = ["install", "--yes", "--no-install-recommends"];
    apt_get(sudo, &[&flags, names.as_slice()].concat(), workspace, output)
}

fn apt_get(sudo: &[&str], arguments: &[&str], workspace: &Workspace, output: Output) -> Result<()> {
    // `env` because sudo drops the environment it is given.
    let quiet = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"];
    let words = [sudo, &quiet, arguments].concat();
    let Some((program, rest)) = words.split_first() else {
        return Ok(());
    };
    let call = Call::new(program, workspace.root()).arguments(rest);
    println!("  {}", call.line());
    if sudo == ["sudo"] { call.run_in_terminal() } else { call.run(output).map(drop) }
}

fn agrees(names: &[&str]) -> Result<bool> {
    print!("Install {} with sudo apt-get? [Y/n] ", names.join(" "));
    let mut answer = String::new();
    let asked = std::io::stdout().flush().and_then(|()| std::io::stdin().read_line(&mut answer));
    asked.map_err(|error| Problem::new(format!("could not ask: {error}")))?;
    Ok(is_yes(&answer))
}

/// An empty line is a yes; the end of the input is not.
fn is_yes(answer: &str) -> bool {
    answer.ends_with('\n') && matches!(answer.trim(), "" | "y" | "Y" | "yes" | "Yes")
}

fn is_root(workspace: &Workspace) -> Result<bool> {
    let finished = Call::new("id", workspace.root()).arguments(["-u"]).finish(Output::Silent)?;
    Ok(finished.stdout.trim() == "0")
}

#[derive(Clone, Copy)]
struct Circumstances {
    root: bool,
    agreed: bool,
    terminal: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Consent {
    Root,
    SudoWithoutPassword,
    Sudo,
    Ask,
    Refuse,
}

impl Consent {
    fn decide(circumstances: Circumstances) -> Self {
        match circumstances {
            Circumstances { root: true, .. } => Self::Root,
            Circumstances { agreed: true, terminal: true, .. } => Self::Sudo,
            Circumstances { agreed: true, .. } => Self::SudoWithoutPassword,
            Circumstances { terminal: true, .. } => Self::Ask,
            Circumstances { .. } => Self::Refuse,
        }
    }
}

fn check_tools(workspace: &Workspace) -> Result<()> {
    let cargo = Call::cargo(workspace).arguments(["--version"]).run(Output::Silent)?;
    let Some(node) = find_program(&["node"]) else {
        return Err(Problem::new(format!("Node is missing. {NODE_HELP}")));
    };
    let node = Call::new(node, workspace.root()).arguments(["--version"]).run(Output::Silent)?;
    let text = node.stdout.trim();
    if !Version::parse(text).is_some_and(Version::runs_the_ui_build) {
        return Err(Problem::new(format!("Node {text} cannot build the pages. {NODE_HELP}")));
    }
    if find_program(&["npm"]).is_none() && !cfg!(windows) {
        return Err(Problem::new(format!("npm is missing. {NODE_HELP}")));
    }
    println!("tools: {}, Node {text}, npm", cargo.stdout.trim());
    Ok(())
}

const NODE_HELP: &str = "\
Wanted: Node 20.19 or newer of 20, 22.12 or newer of 22, or a later version (npm comes with it).
  any system   https://nodejs.org/en/download, or a version manager: `nvm install 22`, `fnm install 22`
  Debian 12    its own nodejs is too old; use one of the above
  Fedora       sudo dnf install nodejs
  Arch         sudo pacman -S nodejs npm
  macOS        brew install node
  Windows      winget install OpenJS.NodeJS.LTS";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_given_sudo_unasked() {
        let check = |root, agreed, terminal, expect| {
            let circumstances = Circumstances { root, agreed, terminal };
            let message = format!("root {root}, agreed {agreed}, terminal {terminal}");
            assert_eq!(Consent::decide(circumstances), expect, "{message}");
        };
        check(true, false, false, Consent::Root);
        check(false, true, true, Consent::Sudo);
        check(false, true, false, Consent::SudoWithoutPassword);
        check(false, false, true, Consent::Ask);
        check(false, false, false, Consent::Refuse);
    }

    #[test]
    fn only_a_yes_is_a_yes() {
        for answer in ["\n", "y\n", "yes\n", " Y \n"] {
            assert!(is_yes(answer), "{answer:?}");
        }
        for answer in ["", "n\n", "no\n", "what\n"] {
            assert!(!is_yes(answer), "{answer:?}");
        }
    }

    #[test]
    fn a_package_that_does_not_exist_is_missing() {
        const NONE: Need = Need { scope: Scope::Build, debian: "no-such-package-here", ..NEEDS[0] };
        const NEVER: Need = Need { probe: packages::Probe::Program(&["no-such-program"]), ..NONE };
        let workspace = Workspace::find().expect("a workspace");
        let found = missing(&[&NEVER], System::OtherLinux, &workspace).expect("an answer");
        assert_eq!(found.len(), 1, "neither package nor program exists");
    }
}
