//! Works until it is killed: `faults-child FOLDER WORK SEED`.

use std::path::PathBuf;
use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let mut words = std::env::args_os().skip(1);
    let (Some(folder), Some(work), Some(seed)) = (words.next(), words.next(), words.next()) else {
        eprintln!("usage: faults-child FOLDER WORK SEED");
        return ExitCode::from(2);
    };
    let seed = seed.to_str().and_then(|seed| seed.parse().ok()).unwrap_or(0);
    let work = work.to_string_lossy();
    match pilotage_faults::kill::work(&PathBuf::from(folder), &work, seed).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
