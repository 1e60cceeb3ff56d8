//! Writes the man pages and shell completions of `pilotage` into a folder: `manual FOLDER`.
//!
//! They come from the definition that the program parses with, so they cannot say anything else.
//! `SOURCE_DATE_EPOCH` (seconds since 1970) gives the pages their date, so that two runs are equal.

use clap::{Command, CommandFactory as _};
use clap_complete::Shell;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("usage: manual FOLDER");
        return ExitCode::from(2);
    };
    match write(&folder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: the manual could not be written to {}: {error}", folder.display());
            ExitCode::FAILURE
        }
    }
}

fn write(folder: &Path) -> std::io::Result<()> {
    let completions = folder.join("completions");
    std::fs::create_dir_all(&completions)?;
    for shell in [Shell::Bash, Shell::Fish, Shell::Zsh] {
        let mut command = pilotage_cli::args::Cli::command();
        clap_complete::generate_to(shell, &mut command, "pilotage", &completions)?;
    }
    let pages = folder.join("man");
    std::fs::create_dir_all(&pages)?;
    let mut command = pilotage_cli::args::Cli::command();
    // Hands the options of every command down to each.
    command.build();
    page(&pages, command)
}

/// One page for the command, and one for each below it, but for `help`, which every page is.
fn page(folder: &Path, command: Command) -> std::io::Result<()> {
    for below in command.get_subcommands().filter(|below| !is_help(below)) {
        page(folder, below.clone())?;
    }
    let name = command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned();
    // Without a synopsis of `help` itself, which has no page.
    let command =
        command.mut_subcommands(|below| if is_help(&below) { below.hide(true) } else { below });
    let version = command.get_version().unwrap_or(env!("CARGO_PKG_VERSION"));
    let source = format!("Pilotage {version}");
    let page = clap_mangen::Man::new(command)
        .title(name.to_uppercase())
        .date(date())
        .source(source)
        .manual("Pilotage");
    let mut text = Vec::new();
    page.render(&mut text)?;
    std::fs::write(folder.join(format!("{name}.1")), text)
}

fn is_help(command: &Command) -> bool {
    command.get_name() == "help"
}

/// The day of the release, where the caller says it; else none.
fn date() -> String {
    let seconds = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|text| text.parse().ok());
    let moment = seconds.and_then(|seconds| chrono::DateTime::from_timestamp(seconds, 0));
    moment.map_or_else(String::new, |moment| moment.format("%Y-%m-%d").to_string())
}
