//! The simulated cluster in a process of its own, for measuring clients and for trying `kubectl`.
//!
//! Prints its address as the first line and ends when its standard input does.

use chrono::{DateTime, Duration, Utc};
use pilotage_kube_faults::listen;
use pilotage_kube_sim::{Sim, Writer};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::ExitCode;
use std::time::Instant;
use tokio::io::AsyncReadExt as _;

const USAGE: &str = "serve-sim [--nodes N] [--workloads N] [--pods N] [--pad BYTES] \
    [--changes N] [--restarts N] [--kubeconfig FILE] [MANIFEST…]

  --nodes N         healthy nodes (3)
  --workloads N     Deployments in ten namespaces (0)
  --pods N          pods of each (10)
  --pad BYTES       size of the variables in each pod, so that it is as large as real ones (0)
  --changes N       image changes per second, round the workloads (0)
  --restarts N      restarts of containers per second, round the workloads; one line a restart tells
                    workload, restarts and moment in microseconds. Nothing else happens then (0)
  --kubeconfig FILE where to write a kubeconfig that points here
  MANIFEST          YAML to load, written by `kubectl-client-side-apply`; what a custom resource
                    definition defines is served";

#[derive(Debug)]
struct Options {
    nodes: usize,
    workloads: usize,
    pods: usize,
    pad: usize,
    changes: usize,
    restarts: usize,
    kubeconfig: Option<String>,
    manifests: Vec<String>,
}

impl Options {
    fn read(arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Self {
            nodes: 3,
            workloads: 0,
            pods: 10,
            pad: 0,
            changes: 0,
            restarts: 0,
            kubeconfig: None,
            manifests: Vec::new(),
        };
        let mut arguments = arguments;
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or(format!("{argument} wants a value"));
            let number = |text: String| text.parse().map_err(|_| format!("{text} is no number"));
            match argument.as_str() {
                "--nodes" => options.nodes = number(value()?)?,
                "--workloads" => options.workloads = number(value()?)?,
                "--pods" => options.pods = number(value()?)?,
                "--pad" => options.pad = number(value()?)?,
                "--changes" => options.changes = number(value()?)?,
                "--restarts" => options.restarts = number(value()?)?,
                "--kubeconfig" => options.kubeconfig = Some(value()?),
                file if !file.starts_with('-') => options.manifests.push(file.to_owned()),
                other => return Err(format!("unknown option {other}\n\n{USAGE}")),
            }
        }
        Ok(options)
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    match serve().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::from(2)
        }
    }
}

async fn serve() -> Result<(), String> {
    let options = Options::read(std::env::args().skip(1))?;
    let start: DateTime<Utc> =
        "2026-03-02T10:00:00Z".parse().map_err(|_| "no such moment".to_owned())?;
    // A large cluster's whole history would take more room than the cluster.
    let sim = Sim::with_history(1, start, 2_000);
    sim.add_nodes(options.nodes);
    for file in &options.manifests {
        let yaml = std::fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
        let writer = Writer::update("kubectl-client-side-apply");
        sim.apply(&yaml, &writer).map_err(|error| format!("{file}: {error}"))?;
    }
    for number in 0..options.workloads {
        write(&sim, number, 1, &options)?;
    }
    // Everything stands before anybody looks.
    sim.advance_by(60);
    let begun = Instant::now();
    let base = sim.now();
    let listening = listen(sim.service()).await.map_err(|error| error.to_string())?;
    if let Some(file) = &options.kubeconfig {
        std::fs::write(file, listening.kubeconfig()).map_err(|error| format!("{file}: {error}"))?;
    }
    println!("{}", listening.url());
    let mut nothing = Vec::new();
    let mut input = tokio::io::stdin();
    let ended = input.read_to_end(&mut nothing);
    if options.restarts > 0 {
        return tokio::select! {
            stopped = restart(&sim, &options) => stopped,
            _ = ended => Ok(()),
        };
    }
    tokio::select! {
        stopped = live(&sim, base, begun, &options) => stopped,
        _ = ended => Ok(()),
    }
}

/// Restarts containers as a kubelet would tell it. The cluster's clock stands still, so that all
/// that changes is what is told here.
async fn restart(sim: &Sim, options: &Options) -> Result<(), String> {
    // The pod of each workload that restarts.
    let mut pods = BTreeMap::new();
    for pod in sim.list("Pod") {
        let workload = pod["metadata"]["labels"]["app"].as_str().unwrap_or_default().to_owned();
        pods.entry(workload).or_insert(pod);
    }
    let mut pods: Vec<(String, Value)> = pods.into_iter().collect();
    if pods.is_empty() {
        return Err("--restarts needs --workloads".to_owned());
    }
    let kubelet = Writer::update("kubelet");
    let pause = std::time::Duration::from_micros(1_000_000 / options.restarts as u64);
    let mut ticks = tokio::time::interval(pause);
    let mut at = 0;
    loop {
        ticks.tick().await;
        let number = at % pods.len();
        let count = 1 + at / pods.len();
        at += 1;
        let (name, pod) = &mut pods[number];
        let mut statuses = pod["status"]["containerStatuses"].clone();
        statuses[0]["restartCount"] = Value::from(count);
        let told = json!({
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": pod["metadata"]["name"],
                "namespace": pod["metadata"]["namespace"],
            },
            "status": { "containerStatuses": statuses },
        });
        sim.apply_object(&told, &kubelet).map_err(|error| error.to_string())?;
        // Whoever asked for it is gone: that is an end and no fault.
        if writeln!(std::io::stdout(), "{name} {count} {}", micros()).is_err() {
            return Ok(());
        }
    }
}

/// By the machine's clock, which the reader of the lines reads as well.
#[expect(clippy::disallowed_methods, reason = "a bench reads the clock")]
fn micros() -> u128 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| since.as_micros())
}

/// Moves the cluster's clock with the real one, and makes the changes that were asked for.
async fn live(
    sim: &Sim,
    base: DateTime<Utc>,
    begun: Instant,
    options: &Options,
) -> Result<(), String> {
    let mut ticks = tokio::time::interval(std::time::Duration::from_millis(100));
    let mut made = 0;
    loop {
        ticks.tick().await;
        let passed = begun.elapsed();
        let due = usize::try_from(passed.as_millis()).unwrap_or(0) * options.changes / 1000;
        while made < due && options.workloads > 0 {
            made += 1;
            let version = 2 + made / options.workloads;
            write(sim, made % options.workloads, version, options)?;
        }
        sim.advance(base + Duration::from_std(passed).unwrap_or_default());
    }
}

/// One Deployment, of a size that real ones have.
fn write(sim: &Sim, number: usize, version: usize, options: &Options) -> Result<(), String> {
    let namespace = format!("team-{}", number % 10);
    sim.ensure_namespace(&namespace);
    let name = format!("service-{number}");
    let pad: Vec<Value> = (0..options.pad / 100)
        .map(|at| json!({ "name": format!("SETTING_{at}"), "value": "x".repeat(72) }))
        .collect();
    let labels = json!({ "app": name });
    let container = json!({
        "name": "app",
        "image": format!("registry.example.com/{name}:{version}"),
        "env": pad,
    });
    let deployment = json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": { "name": name, "namespace": namespace, "labels": labels },
        "spec": {
            "replicas": options.pods,
            "selector": { "matchLabels": labels },
            "template": {
                "metadata": { "labels": labels },
                "spec": { "containers": [container] },
            },
        },
    });
    let writer = Writer::update("codefresh");
    sim.apply_object(&deployment, &writer).map_err(|error| error.to_string())
}
