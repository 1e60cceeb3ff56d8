//! Starts an installed desktop app on a display of its own, waits until Progress of the sample is
//! painted, and takes a picture: `try-window PROGRAM PICTURE`. `cargo xtask dist --check` uses it.

use pilotage_tests::browser::{Browser, Outcome, folder};
use std::path::Path;
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [program, picture] = arguments.as_slice() else {
        eprintln!("usage: try-window PROGRAM PICTURE");
        return ExitCode::from(2);
    };
    match look(Path::new(program), Path::new(picture)).await {
        Ok(done) => {
            println!("Progress is painted: {done} done");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn look(program: &Path, picture: &Path) -> Outcome<String> {
    let (_guard, data) = folder()?;
    let window = Browser::window(program, &["--sample"], &data).await?;
    let done = progress(&window, picture).await;
    window.close().await;
    done
}

async fn progress(window: &Browser, picture: &Path) -> Outcome<String> {
    window.settled().await?;
    // A number and a chart: both come from the database through the one command.
    let done = window.find("progress-done").await?.text().await;
    let done = done.map_err(|error| error.to_string())?;
    if !done.chars().any(|character| character.is_ascii_digit()) {
        return Err(format!("Progress shows no number of services that are done: {done:?}"));
    }
    window.find("flow-chart").await?;
    window.screenshot(picture).await?;
    Ok(done)
}
