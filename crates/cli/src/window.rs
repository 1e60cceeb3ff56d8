//! Starts the desktop app, a program of its own beside this one.

use crate::args::Global;
use crate::print::Answer;
use pilotage_api::{ApiError, Code};
use std::path::Path;

/// File name of the desktop app.
const PROGRAM: &str = if cfg!(windows) { "pilotage-desktop.exe" } else { "pilotage-desktop" };

/// Opens the window on the programme the options name.
pub fn open(global: &Global) -> Result<Answer, ApiError> {
    let own = std::env::current_exe().map_err(|error| {
        ApiError::new(Code::Internal, "The system does not say where this program lies.")
            .with("detail", error)
    })?;
    let program = own.with_file_name(PROGRAM);
    if !program.is_file() {
        let message = format!(
            "The desktop app is not installed: {} does not exist. Install it, or use a command: \
             `pilotage --help` lists them.",
            program.display()
        );
        return Err(ApiError::new(Code::NotPossible, message).with("file", program.display()));
    }
    if global.acting_as.is_some() {
        let message = "--as goes with a command; the window asks who is working. Leave it out.";
        return Err(ApiError::new(Code::ArgumentsInvalid, message));
    }
    open_window(&program, global).map_err(|error| {
        let message = format!("The desktop app cannot be started: {error}.");
        ApiError::new(Code::NotPossible, message).with("file", program.display())
    })?;
    Ok(Answer::nothing())
}

#[expect(
    clippy::disallowed_methods,
    reason = "the window is a program of its own, so that this one links no window library"
)]
fn open_window(program: &Path, global: &Global) -> std::io::Result<()> {
    let mut command = std::process::Command::new(program);
    // Not those of the environment: the window reads them itself, and makes the person's own
    // programme where none is named.
    if let Some(file) = &global.workspace {
        command.arg("--workspace").arg(file);
    }
    if let Some(folder) = &global.data_folder {
        command.arg("--data-folder").arg(folder);
    }
    if global.sample {
        command.arg("--sample");
    }
    // It lives on when this program ends, and leaves the terminal's input to others.
    command.stdin(std::process::Stdio::null());
    command.spawn().map(drop)
}
