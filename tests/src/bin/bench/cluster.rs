//! `bench cluster`: a large cluster in a process of its own, and what a look at it costs.

#[path = "cluster/memory.rs"]
mod memory;
#[path = "cluster/page.rs"]
mod page;
#[path = "cluster/screen.rs"]
mod screen;
#[path = "cluster/server.rs"]
mod server;

use pilotage_tests::browser::{Outcome, folder};
use pilotage_tests::place;
use server::{Server, Size};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::process::Command;

const USAGE: &str =
    "usage: bench cluster [--only look|memory|screen|page] [--rounds N] [--seconds N]";
/// Pods in all, ten to a workload.
const PODS: usize = 10_000;
/// For the memory of a further pod.
const MORE_PODS: usize = 30_000;
/// The kinds that `cluster health` reads, as kubectl names them. Rollouts of Argo are not served.
const KINDS: &str = "deployments,statefulsets,daemonsets,cronjobs,replicasets,controllerrevisions,\
                     pods,nodes";

pub fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

struct Words {
    only: Option<String>,
    rounds: usize,
    seconds: u64,
}

impl Words {
    fn read(words: &[String]) -> Outcome<Self> {
        let mut read = Self { only: None, rounds: 5, seconds: 30 };
        for pair in words.chunks(2) {
            let [name, value] = pair else { return Err(USAGE.to_owned()) };
            let usage = |_| USAGE.to_owned();
            match name.as_str() {
                "--only" if matches!(value.as_str(), "look" | "memory" | "screen" | "page") => {
                    read.only = Some(value.clone());
                }
                "--rounds" => read.rounds = value.parse().map_err(usage)?,
                "--seconds" => read.seconds = value.parse().map_err(usage)?,
                _ => return Err(USAGE.to_owned()),
            }
        }
        Ok(read)
    }

    fn wants(&self, part: &str) -> bool {
        self.only.as_ref().is_none_or(|only| only == part)
    }
}

/// All of it, or a part. `hold …` is what the measurement of memory starts.
pub async fn cluster(words: &[String]) -> Outcome<()> {
    if let [hold, kubeconfig, pods] = words
        && hold == "hold"
    {
        return memory::hold(Path::new(kubeconfig), pods).await;
    }
    let words = Words::read(words)?;
    let (_guard, folder) = folder()?;
    if words.wants("look") {
        look(&folder, words.rounds).await?;
    }
    if words.wants("memory") {
        memory::each_further_pod(&folder, PODS, MORE_PODS).await?;
    }
    if words.wants("screen") {
        screen::changes(&folder, PODS, words.seconds).await?;
    }
    if words.wants("page") {
        page::responsive(&folder, PODS, screen::RESTARTS_A_SECOND, words.seconds).await?;
    }
    Ok(())
}

/// What one run of a program took.
#[derive(Clone, Copy)]
struct Cost {
    wall: Duration,
    /// User and system time of the program.
    processor: Duration,
    /// The same of the server meanwhile.
    server: Duration,
}

/// `cluster health` beside `kubectl get` of the same kinds, in turns.
async fn look(folder: &Path, rounds: usize) -> Outcome<()> {
    let server = Server::start(folder, Size { pods: PODS, restarts: 0 }).await?;
    println!("cluster: {}", server.described().await?);
    let kubectl = kubectl().ok_or("kubectl is not on PATH: there is nothing to compare with")?;
    let pilotage = place::program("pilotage")?;
    let config = server.kubeconfig.display().to_string();
    let cache = folder.join("cache").display().to_string();
    let ours = ["cluster", "health", "--json", "--kubeconfig", &config];
    let theirs = ["--kubeconfig", &config, "--cache-dir", &cache, "get", KINDS, "-A", "-o", "json"];
    let mut all = Vec::new();
    // The first round fills caches and is not counted.
    for round in 0..=rounds {
        let own = cost(&pilotage, &ours, folder, &server).await?;
        let other = cost(&kubectl, &theirs, folder, &server).await?;
        if round > 0 {
            all.push((own, other));
        }
    }
    let column = |pick: fn(&(Cost, Cost)) -> Duration| spread(all.iter().map(pick).collect());
    println!("cluster: of {rounds} rounds, median (least to most)");
    println!(
        "cluster: pilotage cluster health  processor {}, wall {}, the server's processor {}",
        column(|(own, _)| own.processor),
        column(|(own, _)| own.wall),
        column(|(own, _)| own.server),
    );
    println!(
        "cluster: kubectl get              processor {}, wall {}, the server's processor {}",
        column(|(_, other)| other.processor),
        column(|(_, other)| other.wall),
        column(|(_, other)| other.server),
    );
    let share = |pick: fn(&Cost) -> Duration| {
        let mut shares: Vec<f64> = all
            .iter()
            .map(|(own, other)| pick(own).as_secs_f64() / pick(other).as_secs_f64().max(0.001))
            .collect();
        shares.sort_unstable_by(f64::total_cmp);
        let last = shares.len() - 1;
        format!("{:.2} ({:.2} to {:.2})", shares[last / 2], shares[0], shares[last])
    };
    println!("cluster: ours by kubectl's, processor {}, bar 1.00", share(|cost| cost.processor));
    println!("cluster: ours by kubectl's, wall      {}, bar 1.30", share(|cost| cost.wall));
    Ok(())
}

fn kubectl() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join("kubectl")).find(|file| file.is_file())
}

async fn cost(program: &Path, words: &[&str], home: &Path, server: &Server) -> Outcome<Cost> {
    let (server_before, before) = (server.processor(), children());
    let begun = Instant::now();
    let mut child = Command::new(program)
        .args(words)
        .env("HOME", home)
        .env("XDG_DATA_HOME", home)
        .env("XDG_CONFIG_HOME", home)
        // A proxy of the machine is no way to the loopback.
        .env("NO_PROXY", "127.0.0.1")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(text)?;
    let ended = child.wait().await.map_err(text)?;
    let wall = begun.elapsed();
    // One that found something to say about the cluster's health has looked as well.
    if !matches!(ended.code(), Some(0 | 1)) {
        return Err(format!("{} {}: {ended}", program.display(), words.join(" ")));
    }
    let processor = children().saturating_sub(before);
    Ok(Cost { wall, processor, server: server.processor().saturating_sub(server_before) })
}

/// Processor time of the programs that this one started and that have ended, by `/proc/self/stat`
/// (proc(5): `cutime` and `cstime`, in steps of 10 ms). Zero where the system does not tell.
fn children() -> Duration {
    server::ticks("self", 13)
}

/// Median, least and most.
fn spread(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let of = |time: Duration| format!("{:.2}", time.as_secs_f64());
    let last = times.len() - 1;
    format!("{} s ({} to {})", of(times[last / 2]), of(times[0]), of(times[last]))
}
