//! The quick look at clusters, over a real loopback connection to the simulated API.

use super::place::{Place, Run};
use pilotage_kube_faults::{Fault, Faults, Listening, When, listen};
use pilotage_kube_sim::{Sim, Subject, Trouble, Writer};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::PathBuf;
use tower::Layer as _;

const TOKEN: &str = "planted-token-0123456789abcdef";

fn deployment(name: &str, namespace: &str, image: &str) -> String {
    format!(
        "
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}, namespace: {namespace}}}
spec:
  replicas: 2
  selector: {{matchLabels: {{app: {name}}}}}
  template:
    metadata: {{labels: {{app: {name}}}}}
    spec: {{containers: [{{name: app, image: '{image}'}}]}}
"
    )
}

/// A cluster behind a listener, with faults before it, and a folder with its kubeconfig.
struct Desk {
    sim: Sim,
    faults: Faults,
    listening: Listening,
    place: Place,
}

impl Desk {
    async fn new() -> Self {
        let now = chrono::DateTime::from_timestamp_millis(pilotage_api::Clock::System.now())
            .expect("the clock is set")
            - chrono::TimeDelta::minutes(30);
        let sim = Sim::new(3, now);
        sim.add_nodes(2);
        for (name, namespace) in [("shop", "front"), ("orders", "back")] {
            sim.ensure_namespace(namespace);
            let yaml = deployment(name, namespace, &format!("{name}:1"));
            sim.apply(&yaml, &Writer::update("helm")).expect("it is written");
        }
        sim.advance_by(60);
        let faults = Faults::new();
        let listening = listen(faults.layer(sim.service())).await;
        let desk =
            Self { sim, faults, listening: listening.expect("a port"), place: Place::empty() };
        desk.write(&desk.listening.url(), &format!("token: {TOKEN}"));
        desk
    }

    fn write(&self, server: &str, user: &str) {
        let text = format!(
            "apiVersion: v1
kind: Config
clusters: [{{name: sim, cluster: {{server: '{server}'}}}}]
users: [{{name: sim, user: {{{user}}}}}]
contexts: [{{name: sim, context: {{cluster: sim, user: sim, namespace: front}}}}]
current-context: sim
"
        );
        std::fs::write(self.file(), text).expect("a kubeconfig");
    }

    fn file(&self) -> PathBuf {
        self.place.path().join("config")
    }

    /// Runs the program off the async threads, and looks for the token in all it says.
    async fn run(&self, words: &[&str]) -> Run {
        let file = self.file().display().to_string();
        let mut command = self.command();
        command.arg("cluster").args(words).args(["--kubeconfig", &file]);
        self.finish(command).await
    }

    /// The program in a folder and with data of its own.
    fn command(&self) -> tokio::process::Command {
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_pilotage"));
        command.env("NO_PROXY", "127.0.0.1").current_dir(self.place.path());
        command.env("PILOTAGE_DATA_FOLDER", self.place.path().join("data"));
        command.env("KUBECONFIG", self.file());
        command
    }

    /// Any words as they are, with a JSON answer.
    async fn bare(&self, words: &[&str], exit: i32) -> Value {
        let mut command = self.command();
        command.args(words);
        let run = self.finish(command).await;
        assert_eq!(run.exit, exit, "{words:?}: {} {}", run.out, run.err);
        let text = if exit == 2 { &run.err } else { &run.out };
        serde_json::from_str(text).expect("JSON")
    }

    /// One command of the table.
    async fn batch(&self, words: &[&str], line: &str) {
        use tokio::io::AsyncWriteExt as _;
        let mut command = self.command();
        command.arg("batch").args(words);
        command.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped());
        let mut child = command.spawn().expect("it runs");
        let mut input = child.stdin.take().expect("an input");
        input.write_all(format!("{line}\n").as_bytes()).await.expect("it is read");
        drop(input);
        let run = Run::of(child.wait_with_output().await.expect("it ends"));
        assert_eq!(run.exit, 0, "{}", run.out);
    }

    async fn finish(&self, mut command: tokio::process::Command) -> Run {
        let run = Run::of(command.output().await.expect("it runs"));
        assert!(!run.out.contains(TOKEN) && !run.err.contains(TOKEN), "{} {}", run.out, run.err);
        run
    }

    async fn json(&self, words: &[&str], exit: i32) -> Value {
        let run = self.run(&[words, &["--json"]].concat()).await;
        assert_eq!(run.exit, exit, "{words:?}: {} {}", run.out, run.err);
        let text = if exit == 2 { &run.err } else { &run.out };
        serde_json::from_str(text).expect("JSON")
    }

    fn forbid(&self, when: When) {
        let fault = Fault::Status { code: 403, reason: "Forbidden", retry_after: None };
        self.faults.always(when, fault);
    }
}

fn names(rows: &Value, field: &str) -> BTreeSet<String> {
    let rows = rows.as_array().expect("an array").iter();
    rows.map(|row| row[field].as_str().expect("a text").to_owned()).collect()
}

fn has(value: &Value, fields: &[&str]) {
    for field in fields {
        assert!(value.get(field).is_some(), "{field} in {value}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_healthy_cluster_is_no_finding() {
    let desk = Desk::new().await;
    let health = desk.json(&["health"], 0).await;
    has(&health, &["nodes", "workloads", "pods", "complete", "missing", "seen_at"]);
    assert_eq!(health["complete"], true, "{health}");
    assert_eq!(health["workloads"]["healthy"], 2, "{health}");
    assert_eq!(health["pods"]["Running"], 4, "{health}");
    let rows = desk.json(&["workloads"], 0).await;
    assert_eq!(names(&rows, "name"), BTreeSet::from(["orders".into(), "shop".into()]));
    let row = &rows[0];
    has(row, &["context", "namespace", "kind", "name", "verdict", "reason", "deciding_field"]);
    has(row, &["service", "writer", "pods"]);
    has(&row["writer"], &["class", "manager", "at"]);
    has(&row["pods"], &["wanted", "ready", "restarts", "by_status"]);
    let writers = desk.json(&["writers"], 0).await;
    assert_eq!(names(&writers, "manager"), BTreeSet::from(["helm".into()]));
    let contexts = desk.json(&["contexts"], 0).await;
    assert_eq!(names(&contexts, "name"), BTreeSet::from(["sim".into()]));
    assert!(desk.run(&["workloads"]).await.out.contains("healthy"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_loop_is_a_finding() {
    let desk = Desk::new().await;
    let subject = Subject::Workload { namespace: "front".into(), name: "shop".into() };
    desk.sim.trouble(subject, Trouble::Crashes { exit_code: 1 });
    desk.sim.advance_by(1500);
    let rows = desk.json(&["workloads"], 1).await;
    let shop = rows.as_array().unwrap().iter().find(|row| row["name"] == "shop").unwrap();
    assert_eq!(shop["verdict"], "degraded", "{shop}");
    assert_eq!(desk.run(&["health"]).await.exit, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn rights_to_one_namespace_show_that_namespace() {
    let desk = Desk::new().await;
    for plural in ["deployments", "statefulsets", "daemonsets", "replicasets"] {
        desk.forbid(When::any().path(&format!("/apis/apps/v1/{plural}")));
    }
    desk.forbid(When::any().path("/api/v1/pods"));
    desk.forbid(When::any().path("/api/v1/nodes"));
    let health = desk.json(&["health"], 0).await;
    assert_eq!(health["complete"], false);
    assert_eq!(health["workloads"]["healthy"], 1, "{health}");
    let missing = health["missing"].as_array().unwrap();
    let nodes = missing.iter().find(|one| one["resource"] == "nodes").expect("nodes");
    assert_eq!(nodes["reason"], "forbidden");
    let rows = desk.json(&["workloads"], 0).await;
    assert_eq!(names(&rows, "name"), BTreeSet::from(["shop".into()]));
    let rows = desk.json(&["workloads", "--namespace", "back"], 0).await;
    assert_eq!(names(&rows, "name").len(), 2, "{rows}");
    desk.forbid(When::any());
    let error = desk.json(&["workloads"], 2).await;
    assert_eq!(error["params"]["state"], "forbidden");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_reached_says_the_way_out() {
    let desk = Desk::new().await;
    let fault = Fault::Status { code: 401, reason: "Unauthorized", retry_after: None };
    desk.faults.always(When::any(), fault);
    let error = desk.json(&["health"], 2).await;
    assert_eq!(error["params"]["state"], "expired");
    assert!(desk.run(&["health"]).await.err.contains("Sign in again"));
    desk.write("http://127.0.0.1:9", "");
    let error = desk.json(&["health"], 2).await;
    assert_eq!(error["params"]["state"], "unreachable", "{error}");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_program_runs_only_when_allowed() {
    use std::os::unix::fs::PermissionsExt as _;
    let desk = Desk::new().await;
    let program = desk.place.path().join("sign-in");
    let answer = format!(
        "#!/bin/sh\necho '{{\"apiVersion\":\"client.authentication.k8s.io/v1\",\
         \"kind\":\"ExecCredential\",\"status\":{{\"token\":\"{TOKEN}\"}}}}'\n"
    );
    std::fs::write(&program, answer).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    desk.write(
        &desk.listening.url(),
        &format!(
            "exec: {{apiVersion: client.authentication.k8s.io/v1, command: '{}', args: [get-it], \
             env: [{{name: REGION, value: hidden-value}}], interactiveMode: Never}}",
            program.display()
        ),
    );
    let error = desk.run(&["health"]).await;
    assert_eq!(error.exit, 2);
    for part in ["sign-in", "get-it", "REGION", "--allow-plugin"] {
        assert!(error.err.contains(part), "{part}: {}", error.err);
    }
    assert!(!error.err.contains("hidden-value"), "{}", error.err);
    assert!(desk.faults.seen().is_empty(), "nothing was contacted");
    assert_eq!(desk.run(&["health", "--allow-plugin"]).await.exit, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_managers_are_harmless() {
    let desk = Desk::new().await;
    let yaml = deployment("evil", "front", "evil:1");
    desk.sim.apply(&yaml, &Writer::update("a\u{1b}[31m\u{202e}b")).expect("it is written");
    for words in [&["writers"][..], &["writers", "--json"]] {
        let out = desk.run(words).await.out;
        assert!(out.contains("evil") && !out.contains(['\u{1b}', '\u{202e}']), "{out:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn kubectl_sees_the_same_workloads() {
    let desk = Desk::new().await;
    let mut command = tokio::process::Command::new("kubectl");
    command.args(["--kubeconfig", "config", "--cache-dir", "cache"]);
    command.args(["get", "deploy", "-A", "-o", "json"]).env("NO_PROXY", "127.0.0.1");
    let done = command.current_dir(desk.place.path()).output().await;
    let done = done.expect("kubectl is installed: Debian's package kubernetes-client");
    let list: Value = serde_json::from_slice(&done.stdout).expect("JSON");
    let items = list["items"].as_array().unwrap().iter();
    let theirs: BTreeSet<String> =
        items.map(|one| one["metadata"]["name"].as_str().unwrap().to_owned()).collect();
    assert_eq!(names(&desk.json(&["workloads"], 0).await, "name"), theirs);
}

#[tokio::test(flavor = "multi_thread")]
async fn verify_without_a_programme_is_a_quick_look() {
    let desk = Desk::new().await;
    let rows = desk.bare(&["verify", "--json"], 1).await;
    let row = rows.as_array().unwrap().iter().find(|row| row["check"] == "CD-31").unwrap();
    has(row, &["service", "target", "check", "result", "suspected", "observed", "evidence"]);
    has(row, &["seen_at"]);
    has(&row["evidence"], &["uid", "resource_version", "field", "value", "seen_at", "writer"]);
    assert_eq!((&row["result"], &row["suspected"]), (&"unknown".into(), &Value::Null), "helm");
    assert_eq!(row["reason"], "shared_tool");
    let exists = rows.as_array().unwrap().iter().find(|row| row["check"] == "CD-01").unwrap();
    assert_eq!(exists["suspected"], "pass");
    assert!(!desk.place.path().join("p.pilotage").exists(), "nothing is made");
    let refused = desk.bare(&["verify", "nowhere", "--json"], 2).await;
    assert_eq!(refused["code"], "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn map_and_verify_a_programme() {
    let desk = Desk::new().await;
    let own = ["--workspace", "p.pilotage", "--as", "Ann", "--json"];
    let ask = async |words: &[&str], exit: i32| desk.bare(&[words, &own].concat(), exit).await;
    ask(&["init"], 0).await;
    ask(&["services", "add", "shop"], 0).await;
    ask(&["services", "add", "orders"], 0).await;
    let nothing = ask(&["verify", "--no-wait"], 2).await;
    assert_eq!(nothing["params"]["state"], "no_target");
    let settings = ask(&["settings"], 0).await;
    let environments = settings["environments"].as_array().unwrap();
    let production = environments.iter().find(|one| one["name"] == "production").unwrap();
    let target = serde_json::json!({ "command": "add_target", "argument": {
        "environment": production["id"], "context": "sim", "namespaces": ["front", "back"] } });
    desk.batch(&own, &target.to_string()).await;
    let proposed = ask(&["cluster", "map"], 0).await;
    assert_eq!(proposed["targets"][0]["proposed"].as_array().unwrap().len(), 2, "{proposed}");
    ask(&["cluster", "map", "--confirm"], 0).await;
    let rows = desk.bare(&[&["cluster", "workloads"][..], &own].concat(), 0).await;
    let services = rows.as_array().unwrap().iter().map(|row| row["service"].as_str().unwrap());
    assert_eq!(services.collect::<BTreeSet<_>>(), BTreeSet::from(["orders", "shop"]));
    let rows = ask(&["verify", "shop", "--no-wait"], 1).await;
    let rows = rows.as_array().unwrap();
    assert!(rows.iter().all(|row| row["service"] == "shop" && row["result"] == "unknown"));
    let suspected = rows.iter().find(|row| row["check"] == "CD-01").unwrap();
    assert_eq!(suspected["suspected"], "pass", "seen once, and not recorded");
    ask(&["cluster", "map", "shop", "--to", "Deployment/front/shop", "--forget"], 0).await;
    let again = ask(&["cluster", "map"], 0).await;
    assert_eq!(again["targets"][0]["proposed"].as_array().unwrap().len(), 1, "{again}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_context_that_fails_is_told() {
    let desk = Desk::new().await;
    let text = "apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: 'http://127.0.0.1:9'}}]
users: [{name: u, user: {}}]
contexts:
  - {name: one, context: {cluster: c, user: u}}
  - {name: two, context: {cluster: c, user: u}}
";
    std::fs::write(desk.file(), text).unwrap();
    let run = desk.run(&["health", "--all-contexts"]).await;
    assert_eq!(run.exit, 2);
    assert!(run.err.contains("one gives") && run.err.contains("two gives"), "{}", run.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn watching_tells_every_change_until_it_is_ended() {
    use tokio::io::{AsyncBufReadExt as _, BufReader};
    let desk = Desk::new().await;
    let mut command = desk.command();
    command.args(["cluster", "workloads", "--watch", "--json"]);
    command.stdout(std::process::Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().expect("it runs");
    let mut lines = BufReader::new(child.stdout.take().expect("an output")).lines();
    let mut until = async |image_written_by: &str| {
        let reading = async {
            loop {
                let line = lines.next_line().await.expect("it is read").expect("a line");
                let rows: Value = serde_json::from_str(&line).expect("JSON");
                let rows = rows.as_array().expect("an array").clone();
                let mut shop = rows.iter().filter(|row| row["name"] == "shop");
                if shop.any(|row| row["writer"]["manager"] == image_written_by) {
                    return rows.len();
                }
            }
        };
        let read = tokio::time::timeout(std::time::Duration::from_mins(1), reading).await;
        read.unwrap_or_else(|_| panic!("nothing by {image_written_by}"))
    };
    assert_eq!(until("helm").await, 2);
    let yaml = deployment("shop", "front", "shop:2");
    desk.sim.apply(&yaml, &Writer::update("kubectl-edit")).expect("it is written");
    assert_eq!(until("kubectl-edit").await, 2);
    child.kill().await.expect("it is ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sample_looks_at_clusters_of_its_own_and_says_so() {
    let desk = Desk::new().await;
    let run = async |words: &[&str]| {
        let mut command = desk.command();
        command.args(words);
        desk.finish(command).await
    };
    let look = run(&["--sample", "--json", "cluster", "health"]).await;
    let health: Value = serde_json::from_str(&look.out).expect("JSON");
    assert_eq!(
        (&health["context"], &health["complete"]),
        (&"sample-production".into(), &true.into())
    );
    assert!(look.err.contains("Simulated"), "{}", look.err);
    let rows = run(&["--sample", "--json", "cluster", "workloads", "--all-contexts"]).await;
    let rows: Value = serde_json::from_str(&rows.out).expect("JSON");
    let contexts = names(&rows, "context");
    assert_eq!(
        contexts,
        BTreeSet::from(["sample-production", "sample-staging"].map(str::to_owned))
    );
    let listed = run(&["--sample", "cluster", "contexts"]).await;
    assert!(
        listed.out.contains("simulated") && !listed.out.contains("127.0.0.1"),
        "{}",
        listed.out
    );
    let nowhere = run(&["--sample", "cluster", "health", "--context", "sim"]).await;
    assert_eq!(nowhere.exit, 2, "the person's own context is not among them");
    assert_eq!(desk.faults.seen().len(), 0, "nothing real is contacted");
    // The control: without the sample the very same words contact the person's cluster, and so does
    // the sample where a kubeconfig is named.
    for words in [&["cluster", "health"][..], &["--sample", "cluster", "health", "--kubeconfig"]] {
        let before = desk.faults.seen().len();
        let file = desk.file().display().to_string();
        let mut command = desk.command();
        command.args(words).args(words.ends_with(&["--kubeconfig"]).then_some(file));
        let look = desk.finish(command).await;
        assert!(desk.faults.seen().len() > before, "{words:?}: {}", look.err);
        assert!(!look.err.contains("Simulated"), "{}", look.err);
    }
}
