//! A cluster in which every service of a made-up programme runs, most of them well.

use crate::browser::Outcome;
use crate::host::{Hand, TestHost};
use crate::mapping;
use pilotage_api::app::Watch;
use pilotage_api::cluster::{ClusterQuestion, ClusterSource};
use pilotage_api::{App, Clock, OpenOptions};
use pilotage_domain::words::NodeClass;
use pilotage_kube_faults::{Listening, listen};
use pilotage_kube_sim::{Sim, Subject, Trouble, Writer};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::Arc;

const NAMESPACES: [&str; 5] = ["accounts", "lending", "payments", "platform", "reporting"];
/// How long the cluster has run when it is looked at, in seconds.
const AGE: i64 = 6 * 60 * 60;

/// The cluster, for as long as this value lives.
#[derive(Debug)]
pub struct Crowd {
    /// The kubeconfig that leads to it.
    pub kubeconfig: PathBuf,
    _listening: Listening,
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

impl Crowd {
    /// Makes the cluster; production of the programme lies in it, every service is mapped, and its
    /// context is switched on for the device of `data`.
    ///
    /// # Errors
    /// What went wrong, as a sentence.
    pub async fn around(workspace: &Path, data: &Path) -> Outcome<Self> {
        let now = Clock::System.now();
        let begun = chrono::DateTime::from_timestamp_millis(now - AGE * 1_000);
        let sim = Sim::new(3, begun.ok_or("the moment is out of range")?);
        sim.add_nodes(12);
        let options = OpenOptions {
            workspace: workspace.to_owned(),
            data_folder: data.to_owned(),
            clock: Clock::System,
            watch: Watch::Yes,
        };
        let host = Arc::new(TestHost(Arc::new(Hand::default())));
        let app = Arc::new(App::open(options, host).await.map_err(text)?);
        app.act_as_named("Person 1").await.map_err(text)?;
        let services = call(&app, "services", json!({})).await?;
        let services = services["rows"].as_array().cloned().unwrap_or_default();
        let service = NodeClass::Service.word();
        let names = services.iter().filter(|row| row["class"] == service);
        for (number, name) in names.filter_map(|row| row["name"].as_str()).enumerate() {
            run(&sim, number, name)?;
        }
        sim.advance_by(AGE);
        let listening = listen(sim.service()).await.map_err(text)?;
        let kubeconfig = data.join("kubeconfig");
        std::fs::write(&kubeconfig, listening.kubeconfig()).map_err(text)?;
        let question =
            ClusterQuestion { kubeconfig: Some(kubeconfig.clone()), ..ClusterQuestion::default() };
        mapping::runs_in(&app, "sim", &NAMESPACES, &question).await?;
        app.watch_clusters(ClusterSource::Kubeconfigs(Some(vec![kubeconfig.clone()])));
        call(&app, "switch_context", json!({ "context": "sim", "on": true })).await?;
        Ok(Self { kubeconfig, _listening: listening })
    }
}

async fn call(app: &App, command: &str, argument: Value) -> Outcome<Value> {
    app.call(command, argument).await.map_err(|error| format!("{command}: {error}"))
}

/// One service's Deployment: a pipeline writes most, people some, and a few are in trouble.
fn run(sim: &Sim, number: usize, name: &str) -> Outcome<()> {
    let namespace = NAMESPACES[number % NAMESPACES.len()];
    sim.ensure_namespace(namespace);
    let manager = match number % 7 {
        0 => "kubectl-edit",
        1 => "helm",
        2 => "kubectl-set",
        _ => "codefresh",
    };
    let object = json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": { "name": name, "namespace": namespace, "labels": { "app": name } },
        "spec": {
            "replicas": 2,
            "selector": { "matchLabels": { "app": name } },
            "template": {
                "metadata": { "labels": { "app": name } },
                "spec": { "containers": [{
                    "name": "app", "image": format!("registry.example.com/{name}:1.{number}"),
                }] },
            },
        },
    });
    sim.apply_object(&object, &Writer::update(manager)).map_err(text)?;
    let trouble = match number % 41 {
        3 => Trouble::Crashes { exit_code: 137 },
        11 => Trouble::ImagePull,
        19 => Trouble::Unschedulable,
        _ => return Ok(()),
    };
    let workload = Subject::Workload { namespace: namespace.to_owned(), name: name.to_owned() };
    sim.trouble(workload, trouble);
    Ok(())
}
