//! The simulated cluster in a process of its own, for measuring clients and for trying `kubectl`.
//!
//! Prints its address as the first line and ends when its standard input does.

use chrono::{DateTime, Duration, Utc};
use pilotage_kube_faults::listen;
use pilotage_kube_sim::{Sim, Writer};
use std::process::ExitCode;
use std::time::Instant;
use tokio::io::AsyncReadExt as _;

const USAGE: &str = "serve-sim [--nodes N] [--workloads N] [--pods N] [--pad BYTES] \
    [--changes N] [--kubeconfig FILE] [MANIFEST…]

  --nodes N         healthy nodes (3)
  --workloads N     Deployments in ten namespaces (0)
  --pods N          pods of each (10)
  --pad BYTES       size of the variables in each pod, so that it is as large as real ones (0)
  --changes N       image changes per second, round the workloads (0)
  --kubeconfig FILE where to write a kubeconfig that points here
  MANIFEST          YAML to load, written by `kubectl-client-side-apply`";

#[derive(Debug)]
struct Options {
    nodes: usize,
    workloads: usize,
    pods: usize,
    pad: usize,
    changes: usize,
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
    let sim = Sim::new(1, start);
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
    let living = live(&sim, base, begun, &options);
    let mut nothing = Vec::new();
    let mut input = tokio::io::stdin();
    tokio::select! {
        ended = living => ended,
        _ = input.read_to_end(&mut nothing) => Ok(()),
    }
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
    let pad: Vec<serde_json::Value> = (0..options.pad / 100)
        .map(|at| serde_json::json!({ "name": format!("SETTING_{at}"), "value": "x".repeat(72) }))
        .collect();
    let labels = serde_json::json!({ "app": name });
    let container = serde_json::json!({
        "name": "app",
        "image": format!("registry.example.com/{name}:{version}"),
        "env": pad,
    });
    let deployment = serde_json::json!({
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
