//! What a further pod costs in memory: as a watched context keeps it, and as a whole `Pod` for
//! comparison. Each is held by a process of its own, so that nothing else is in the figure.

use super::server::{Server, Size};
use super::text;
use pilotage_api::Clock;
use pilotage_api::cluster::{ClusterQuestion, Watched};
use pilotage_tests::browser::Outcome;
use pilotage_tests::place;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tokio::process::Command;

/// So many looks may pass before all pods are there.
const PATIENCE: usize = 120;

/// Prints the memory of each pod between the two numbers.
pub async fn each_further_pod(folder: &Path, fewer: usize, more: usize) -> Outcome<()> {
    let small = Server::start(folder, Size { pods: fewer, restarts: 0 }).await?;
    let small_held = both(&small.kubeconfig, fewer).await?;
    drop(small);
    let large = Server::start(folder, Size { pods: more, restarts: 0 }).await?;
    let large_held = both(&large.kubeconfig, more).await?;
    for (at, (what, bar)) in
        [("watched, as we keep them", ", bar 3072"), ("whole Pods", "")].iter().enumerate()
    {
        let (before, after) = (small_held[at], large_held[at]);
        println!(
            "cluster: {what}: {} MiB at {fewer} pods, {} MiB at {more}: {} bytes a further pod{bar}",
            before / 1_048_576,
            after / 1_048_576,
            after.saturating_sub(before) / (more - fewer)
        );
    }
    Ok(())
}

/// Bytes with all pods watched, and with all as whole Pods.
async fn both(kubeconfig: &Path, pods: usize) -> Outcome<[usize; 2]> {
    let own = std::env::current_exe().map_err(text)?;
    let watched = held(&own, &["cluster", "hold"], kubeconfig, pods).await?;
    // Only the cluster crate knows the types of the API.
    let whole = held(&place::program("examples/hold-pods")?, &[], kubeconfig, pods).await?;
    Ok([watched, whole])
}

async fn held(program: &PathBuf, words: &[&str], kubeconfig: &Path, pods: usize) -> Outcome<usize> {
    let output = Command::new(program)
        .args(words)
        .arg(kubeconfig)
        .arg(pods.to_string())
        .env("NO_PROXY", "127.0.0.1")
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .await
        .map_err(text)?;
    let told = String::from_utf8_lossy(&output.stdout);
    told.trim()
        .parse()
        .map_err(|_| format!("{} with {pods} pods ended without its figure", program.display()))
}

/// Watches all pods of a context and prints the resident bytes.
pub async fn hold(kubeconfig: &Path, pods: &str) -> Outcome<()> {
    let pods: usize = pods.parse().map_err(text)?;
    let question =
        ClusterQuestion { kubeconfig: Some(kubeconfig.to_owned()), ..ClusterQuestion::default() };
    let mut watched = Watched::start(&question, None, Clock::System).await.map_err(text)?;
    for _ in 0..PATIENCE {
        let looks = watched.next().await;
        if looks.iter().flatten().any(|look| look.health.pods.values().sum::<usize>() == pods) {
            drop(looks);
            println!("{}", resident()?);
            return Ok(());
        }
    }
    Err("not all pods came".to_owned())
}

fn resident() -> Outcome<usize> {
    let status = std::fs::read_to_string("/proc/self/status").map_err(text)?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kibibytes = line.and_then(|line| line.split_whitespace().next()?.parse::<usize>().ok());
    kibibytes.map(|size| size * 1024).ok_or_else(|| "the system does not tell".to_owned())
}
