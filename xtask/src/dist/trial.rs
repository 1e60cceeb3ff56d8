//! Starts both programs from the root where the packages are installed.

use super::contents::{COMMAND_LINE, DESKTOP};
use super::papers::Verdict;
use super::release::Release;
use super::stage;
use crate::problem::Result;
use crate::process::{Call, Output};
use crate::workspace::Workspace;
use std::path::{Path, PathBuf};

/// Of `tests/`: brings its own display and driver.
const TRY_WINDOW: &str = "try-window";

/// Asks the command line, and waits until the window has painted Progress.
pub fn start(
    workspace: &Workspace,
    release: &Release,
    root: &Path,
    verdict: &mut Verdict,
) -> Result<()> {
    let home = root.join("home");
    stage::clear(&home)?;
    verdict.judge("the command line", command_line(release, root, &home)?);
    verdict.judge("the options in the manual of the window", usage(root)?);
    verdict.judge("the window", window(workspace, root)?);
    Ok(())
}

fn command_line(release: &Release, root: &Path, home: &Path) -> Result<Vec<String>> {
    let ask = |words: &[&str]| {
        Call::new(program(root, COMMAND_LINE), home)
            .arguments(words.iter().copied())
            .environment("HOME", home)
            .environment("PILOTAGE_DATA_FOLDER", home)
            .finish(Output::Silent)
    };
    let mut wrong = Vec::new();
    let version = ask(&["--version"])?;
    if version.stdout.trim() != format!("pilotage {}", release.version) {
        wrong.push(format!("pilotage --version says {}", version.all));
    }
    let services = ask(&["--sample", "services", "--json"])?;
    let text = services.stdout.trim();
    let listed = text.matches("\"class\":\"service\"").count();
    if !services.success || !text.starts_with('[') || !text.ends_with(']') || listed < 10 {
        wrong.push(format!("pilotage --sample services --json says {}", services.all));
    }
    Ok(wrong)
}

/// The page about the window is written by hand; the program says which options there are.
fn usage(root: &Path) -> Result<Vec<String>> {
    let said =
        Call::new(program(root, DESKTOP), root).arguments(["--usage"]).finish(Output::Silent)?;
    let page = root.join("usr/share/man/man1/pilotage-desktop.1.gz");
    let page = Call::new("gzip", root).arguments(["-dc"]).arguments([page]).run(Output::Silent)?;
    let page = page.stdout.replace('\\', "");
    let options: Vec<&str> = said
        .all
        .split(|character: char| !character.is_ascii_alphanumeric() && character != '-')
        .filter(|word| word.starts_with("--"))
        .collect();
    if options.is_empty() {
        return Ok(vec![format!("pilotage-desktop names no options: {}", said.all)]);
    }
    let unknown = options.iter().filter(|option| !page.contains(**option));
    Ok(unknown.map(|option| format!("pilotage-desktop(1) does not mention {option}")).collect())
}

fn window(workspace: &Workspace, root: &Path) -> Result<Vec<String>> {
    // `--workspace` for its features, as in `fresh`.
    let build = ["build", "--workspace", "--bin", TRY_WINDOW];
    Call::cargo(workspace).arguments(build).run(Output::Kept)?;
    let picture = root.with_extension("png");
    let tried = Call::new(workspace.program("debug", TRY_WINDOW), workspace.root())
        .arguments([program(root, DESKTOP), picture.clone()])
        .finish(Output::Silent)?;
    if !tried.success {
        return Ok(vec![format!("the window of {}:\n{}", root.display(), tried.all)]);
    }
    println!("{} (picture: {})", tried.stdout.trim(), picture.display());
    Ok(Vec::new())
}

fn program(root: &Path, name: &str) -> PathBuf {
    root.join("usr/bin").join(name)
}
