//! A hostile cluster: its names, annotations, messages and writers are text on the Cluster page and
//! in the terminal; no script runs, no request leaves. Every tenth of the 500 strings; all with
//! `PILOTAGE_TEST_HOSTILE=all`.

#![expect(clippy::unwrap_used, reason = "a step that fails ends the test and says why")]

use pilotage_api::app::Watch;
use pilotage_api::cluster::ClusterSource;
use pilotage_api::programme::{NewProgramme, create};
use pilotage_api::{App, Clock, OpenOptions};
use pilotage_kube_faults::{Listening, listen};
use pilotage_kube_sim::{Kind, Sim, Writer};
use pilotage_tests::browser::{self, Browser, folder};
use pilotage_tests::host::{self, Hand, TestHost};
use pilotage_tests::hostile::{
    Listener, SEEN, WATCH, is_dangerous, plain, see_everything, strings,
};
use pilotage_tests::place;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Every other Deployment has a name that Kubernetes allows: only such a one can be mapped.
fn name(number: usize, string: &str) -> String {
    if number.is_multiple_of(2) { format!("{string} {number}") } else { format!("app-{number}") }
}

/// An object of each kind that shows a text of its own.
fn fill(sim: &Sim, number: usize, string: &str) {
    let writer = Writer::update(string);
    let labels = json!({ "app": format!("app-{number}"), "app.kubernetes.io/name": string });
    let meta = |name: String| {
        json!({
            "name": name,
            "namespace": "hostile",
            "labels": labels,
            "annotations": {
                "kubernetes.io/change-cause": string,
                "actions.github.com/k8s-deploy": string,
                string: string,
            },
        })
    };
    let template = json!({
        "metadata": { "labels": labels, "annotations": { string: string } },
        "spec": {
            "serviceAccountName": string,
            "nodeSelector": { string: string },
            "containers": [{
                "name": string,
                "image": string,
                "envFrom": [{ "configMapRef": { "name": string } }],
            }],
        },
    });
    let condition = json!([{
        "type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded",
        "message": string,
    }, {
        "type": "ReplicaFailure", "status": "True", "reason": string, "message": string,
        "lastTransitionTime": "2026-03-01T10:00:00Z",
    }]);
    let deployment = json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": meta(name(number, string)),
        "spec": {
            "replicas": 2,
            "selector": { "matchLabels": { "app": format!("app-{number}") } },
            "template": template,
        },
        "status": { "conditions": condition, "observedGeneration": 1 },
    });
    let pod = json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": meta(format!("pod {string} {number}")),
        "spec": template["spec"],
        "status": {
            "phase": "Pending", "reason": string, "message": string,
            "conditions": [{
                "type": "PodScheduled", "status": "False", "reason": "Unschedulable",
                "message": string,
            }],
            "containerStatuses": [{
                "name": string, "image": string, "imageID": string, "ready": false,
                "restartCount": 3, "started": false,
                "state": { "waiting": { "reason": string, "message": string } },
                "lastState": { "terminated": { "reason": string, "exitCode": 1 } },
            }],
        },
    });
    let service = json!({
        "apiVersion": "v1", "kind": "Service",
        "metadata": meta(format!("service {string} {number}")),
        "spec": {
            "selector": { "app": format!("app-{number}") },
            "ports": [{ "name": string, "port": 80 }],
        },
    });
    let node = json!({
        "apiVersion": "v1", "kind": "Node",
        "metadata": { "name": format!("node {string} {number}") },
        "spec": { "taints": [{ "key": string, "value": string, "effect": string }] },
        "status": {
            "nodeInfo": { "kubeletVersion": string },
            "conditions": [{
                "type": "Ready", "status": "False", "reason": string, "message": string,
            }],
        },
    });
    // Delivered twice, the second time from another revision: that made the one rollout.
    let sync = |id: i64, revision: &str| {
        json!({ "id": id, "revision": revision, "deployedAt": sim.now().to_rfc3339(),
            "initiatedBy": { "username": string } })
    };
    let application = json!({
        "apiVersion": "argoproj.io/v1alpha1", "kind": "Application",
        "metadata": meta(format!("application {string} {number}")),
        "spec": { "destination": { "name": "in-cluster" } },
        "status": {
            "resources": [{ "group": "apps", "kind": "Deployment", "namespace": "hostile",
                "name": name(number, string) }],
            "history": [sync(1, ""), sync(2, string)],
        },
    });
    for object in [&deployment, &pod, &service, &node, &application] {
        sim.apply_object(object, &writer).unwrap();
    }
    let stored = sim.get("Deployment", "hostile", &name(number, string)).unwrap();
    let mut set = json!({
        "apiVersion": "apps/v1", "kind": "ReplicaSet",
        "metadata": meta(format!("set {string} {number}")),
        "spec": {
            "replicas": 2, "selector": deployment["spec"]["selector"], "template": template,
        },
    });
    set["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = json!("1");
    set["metadata"]["ownerReferences"] = json!([{
        "apiVersion": "apps/v1", "kind": "Deployment", "controller": true,
        "name": stored["metadata"]["name"], "uid": stored["metadata"]["uid"],
    }]);
    sim.apply_object(&set, &writer).unwrap();
    sim.event(&stored, "Warning", string, string);
}

/// A programme beside a hostile cluster.
struct Scene {
    app: Arc<App>,
    sim: Sim,
    data: PathBuf,
    workspace: PathBuf,
    _listening: Listening,
    _folder: tempfile::TempDir,
}

async fn scene(strings: &[String]) -> Scene {
    let (guard, data) = folder().unwrap();
    let now = Clock::System.now() - 600_000;
    let sim = Sim::new(3, chrono::DateTime::from_timestamp_millis(now).unwrap());
    sim.ensure_namespace("hostile");
    sim.serve(Kind::custom("argoproj.io", "v1alpha1", "Application", "applications"));
    for (number, string) in strings.iter().enumerate() {
        fill(&sim, number, string);
    }
    let listening = listen(sim.service()).await.unwrap();
    std::fs::write(data.join("config"), listening.kubeconfig()).unwrap();
    let workspace = data.join("hostile.pilotage");
    let new = NewProgramme { name: "Hostile".into(), time_zone: "UTC".into() };
    create(&workspace, &data, Clock::System, &new).await.unwrap();
    let options = OpenOptions {
        workspace: workspace.clone(),
        data_folder: data.clone(),
        clock: Clock::System,
        watch: Watch::Yes,
    };
    let host = Arc::new(TestHost(Arc::new(Hand::default())));
    let app = Arc::new(App::open(options, host).await.unwrap());
    app.act_as_named("Ann").await.unwrap();
    app.watch_clusters(ClusterSource::Kubeconfigs(Some(vec![data.join("config")])));
    let call = async |command: &str, argument: Value| {
        app.call(command, argument).await.unwrap_or_else(|error| panic!("{command}: {error}"))
    };
    let settings = call("settings", json!({})).await;
    let production = settings["environments"].as_array().unwrap().iter();
    let production = production.clone().find(|one| one["name"] == "production").unwrap();
    let target = json!({
        "environment": production["id"], "context": "sim", "namespaces": ["hostile"],
    });
    call("add_target", target).await;
    call("switch_context", json!({ "context": "sim", "on": true })).await;
    let unmapped = loop {
        let view = call("cluster_mapping", json!({})).await;
        let unmapped = view["targets"][0]["unmapped"].as_array().unwrap().clone();
        if unmapped.len() >= strings.len() {
            break unmapped;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    // What can be mapped becomes a service, so that what is seen of it is judged and shown elsewhere.
    let (mut mapped, mut refused) = (0, 0);
    for one in &unmapped {
        let service = format!("service {mapped}");
        let pair = json!({ "workload": one["workload"], "service": service, "born": true });
        let said = json!({ "pairs": [pair], "word": "confirmed" });
        match app.call("map_workloads", said).await {
            Ok(_) => mapped += 1,
            Err(error) => {
                assert!(error.message.contains("no name of Kubernetes"), "{error}");
                refused += 1;
            }
        }
    }
    assert!(mapped >= strings.len() / 2 && refused > 0, "{mapped} mapped, {refused} refused");
    Scene { app, sim, data, workspace, _listening: listening, _folder: guard }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hostile_cluster_is_text_everywhere() {
    let listener = Listener::start().await.unwrap();
    let step = if std::env::var_os("PILOTAGE_TEST_HOSTILE").is_some() { 1 } else { 10 };
    let strings: Vec<String> = strings(listener.port).into_iter().step_by(step).collect();
    let scene = scene(&strings).await;
    window(&scene, &strings, &listener).await;
    // The window's lock is no hindrance: the command line reads beside it.
    terminal(&scene.data, &scene.workspace).await;
    assert_eq!(scene.sim.list("Deployment").len(), strings.len(), "and it was only read");
}

async fn window(scene: &Scene, strings: &[String], listener: &Listener) {
    let served = host::serve(Arc::clone(&scene.app), place::page()).await.unwrap();
    let window = Browser::chromium(1280, 800).await.unwrap();
    window.open(&served.url("#/cluster")).await.unwrap();
    window.settled().await.unwrap();
    window.run(WATCH, vec![]).await.unwrap();
    let quiet = async |place: &str| {
        let seen = window.run(SEEN, vec![]).await.unwrap();
        assert_eq!(
            seen,
            json!([[], 0, 0, 0]),
            "{place}: [errors, scripts, violations, foreign elements]"
        );
    };
    let go = async |address: &str| {
        window.run("location.hash = arguments[0]", vec![json!(address)]).await.unwrap();
        window.settled().await.unwrap();
        quiet(address).await;
    };
    for tab in ["", "?tab=nodes", "?tab=namespaces", "?tab=mapping"] {
        go(&format!("#/cluster{tab}")).await;
    }
    let view = scene.app.call("cluster", json!({})).await.unwrap();
    let rows = view["workloads"].as_array().unwrap();
    assert!(rows.len() >= strings.len(), "{} rows", rows.len());
    let open = "const key = arguments[0].map(encodeURIComponent).join('/');\
        location.hash = '#/cluster?' + new URLSearchParams({ workload: key });";
    let mut shown = 0;
    for row in rows {
        let parts = json!([row["context"], row["namespace"], row["kind"], row["name"]]);
        window.run(open, vec![parts]).await.unwrap();
        window.settled().await.unwrap();
        let text = window.text("cluster-panel").await.unwrap();
        quiet(&text).await;
        // Markup that was obeyed would be gone from the text.
        let name = plain(row["name"].as_str().unwrap());
        let name: String = name.chars().take(40).collect();
        assert!(plain(&text).contains(&name), "{name:?} is not in {text:?}");
        shown += 1;
    }
    println!("{shown} workloads opened");
    // What delivered a service stands on its page.
    let delivered = async || {
        let view = scene.app.call("deployments", json!({})).await.unwrap();
        let rows = view["deployments"].as_array().unwrap();
        rows.iter().filter(|row| row["source"].is_object()).count()
    };
    let begun = tokio::time::Instant::now();
    while delivered().await < strings.len() / 4 {
        assert!(begun.elapsed() < Duration::from_mins(1), "{} are told", delivered().await);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let services = scene.app.call("services", json!({})).await.unwrap();
    for row in services["rows"].as_array().unwrap() {
        go(&format!("#/service/{}", row["id"].as_str().unwrap())).await;
    }
    for page in ["#/progress", "#/progress?notices=open", "#/services"] {
        go(page).await;
    }
    assert_eq!(listener.hits(), 0, "a request left");
    // Each of the eyes sees what it is there to see.
    see_everything(&window, listener).await.unwrap();
    window.close().await;
}

async fn terminal(data: &Path, workspace: &Path) {
    let config = data.join("config").display().to_string();
    let config = ["--kubeconfig", &config];
    let mut characters = 0;
    for words in [
        &["cluster", "contexts"][..],
        &["cluster", "health"],
        &["cluster", "workloads"],
        &["cluster", "writers"],
        &["cluster", "map"],
        &["cluster", "deployments"],
        &["verify", "--no-wait"],
    ] {
        // What was seen before is told without a cluster.
        let config = if words.contains(&"deployments") { &[][..] } else { &config };
        for form in [&[][..], &["--json"]] {
            let output = browser::pilotage(data, workspace)
                .unwrap()
                .args(words)
                .args(config)
                .args(form)
                .env("NO_PROXY", "127.0.0.1")
                .stdout(std::process::Stdio::piped())
                .stderr(std::process::Stdio::piped())
                .output()
                .await
                .unwrap();
            let said = String::from_utf8(output.stdout).unwrap()
                + &String::from_utf8(output.stderr).unwrap();
            assert!(matches!(output.status.code(), Some(0 | 1)), "{words:?}: {said}");
            let bad = said.chars().find(|c| is_dangerous(*c));
            assert_eq!(bad, None, "{words:?} lets U+{:04X} pass", bad.map_or(0, u32::from));
            characters += said.len();
        }
    }
    assert!(characters > 10_000, "{characters} characters were looked at");
    assert!(is_dangerous('\u{1b}') && is_dangerous('\u{202e}'), "the eye sees what it must");
}
