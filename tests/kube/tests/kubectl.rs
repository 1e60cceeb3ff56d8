//! `kubectl` reads the simulated API: what its users know must look as they know it.

use pilotage_kube_faults::{Listening, listen};
use pilotage_kube_sim::{Sim, Writer};
use serde_json::Value;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;

const SHOP: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop, annotations: {kubernetes.io/change-cause: first}}
spec:
  replicas: 2
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec: {containers: [{name: app, image: 'shop:1'}]}
";

/// A cluster behind a listener, with a kubeconfig of its own.
struct Desk {
    sim: Sim,
    _listening: Listening,
    folder: TempDir,
}

impl Desk {
    async fn new() -> Self {
        let sim = Sim::new(3, "2026-03-02T10:00:00Z".parse().expect("a moment"));
        sim.add_nodes(2);
        sim.apply(SHOP, &Writer::update("helm")).expect("it is written");
        sim.advance_by(10);
        let listening = listen(sim.service()).await.expect("a free port");
        let folder = TempDir::new().expect("a folder");
        let file = folder.path().join("config");
        std::fs::write(file, listening.kubeconfig()).expect("a kubeconfig");
        Self { sim, _listening: listening, folder }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let program = kubectl().expect("kubectl is installed: Debian's package kubernetes-client");
        let mut command = Command::new(program);
        command
            .args(["--kubeconfig", "config", "--cache-dir", "cache"])
            .args(arguments)
            .current_dir(self.folder.path())
            // A proxy of the machine is no way to the loopback.
            .env("NO_PROXY", "127.0.0.1")
            .env("HOME", self.folder.path())
            .env("TMPDIR", self.folder.path())
            .stdin(Stdio::null())
            .kill_on_drop(true);
        command
    }

    async fn run(&self, arguments: &[&str]) -> String {
        let run = self.command(arguments).output();
        let done = tokio::time::timeout(Duration::from_mins(1), run).await;
        let done = done.expect("kubectl ends").expect("kubectl starts");
        let errors = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "kubectl {arguments:?}: {errors}");
        String::from_utf8(done.stdout).expect("text")
    }
}

fn kubectl() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join("kubectl")).find(|file| file.is_file())
}

#[tokio::test(flavor = "multi_thread")]
async fn it_lists_and_gets() {
    let desk = Desk::new().await;
    let pods: Value =
        serde_json::from_str(&desk.run(&["get", "pods", "-o", "json"]).await).unwrap();
    assert_eq!(pods["items"].as_array().map(Vec::len), Some(2), "{pods}");
    assert_eq!(pods["items"][0]["kind"], "Pod", "each says what it is");
    assert_eq!(pods["items"][0]["status"]["phase"], "Running");
    let named = desk.run(&["get", "deploy,rs", "-A", "-o", "name"]).await;
    assert!(named.contains("deployment.apps/shop"), "{named}");
    assert!(named.contains("replicaset.apps/shop-"), "{named}");
    let plain = desk.run(&["get", "pods"]).await;
    assert!(plain.starts_with("NAME"), "{plain}");
    assert_eq!(plain.lines().count(), 3, "{plain}");
    let all = desk.run(&["get", "all", "--chunk-size", "1", "-o", "name"]).await;
    assert_eq!(all.lines().filter(|line| line.starts_with("pod/")).count(), 2, "{all}");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_watches() {
    let desk = Desk::new().await;
    let mut command = desk.command(&["get", "deploy", "-w", "-o", "name"]);
    let mut watching = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(watching.stdout.take().unwrap()).lines();
    let mut next = async || {
        let line = tokio::time::timeout(Duration::from_mins(1), lines.next_line()).await;
        line.expect("a line in time").unwrap().expect("the watch goes on")
    };
    assert_eq!(next().await, "deployment.apps/shop");
    let till = SHOP.replace("{name: shop,", "{name: till,");
    desk.sim.apply(&till, &Writer::update("helm")).unwrap();
    assert_eq!(next().await, "deployment.apps/till");
    watching.kill().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn it_tells_rollouts_and_their_history() {
    let desk = Desk::new().await;
    let second =
        SHOP.replace("shop:1", "shop:2").replace("change-cause: first", "change-cause: second");
    desk.sim.apply(&second, &Writer::update("helm")).unwrap();
    desk.sim.advance_by(30);
    let history = desk.run(&["rollout", "history", "deploy/shop"]).await;
    let rows: Vec<Vec<&str>> =
        history.lines().map(|line| line.split_whitespace().collect()).collect();
    assert!(rows.contains(&vec!["1", "first"]), "{history}");
    assert!(rows.contains(&vec!["2", "second"]), "{history}");
    let status = desk.run(&["rollout", "status", "deploy/shop"]).await;
    assert!(status.contains("successfully rolled out"), "{status}");
}

#[tokio::test(flavor = "multi_thread")]
async fn its_writes_are_booked_under_its_names() {
    let desk = Desk::new().await;
    desk.run(&["set", "image", "deploy/shop", "app=shop:2"]).await;
    desk.run(&["scale", "deploy/shop", "--replicas", "3"]).await;
    desk.run(&["label", "deploy/shop", "tier=web"]).await;
    desk.run(&["rollout", "restart", "deploy/shop"]).await;
    let shop = desk.sim.get("Deployment", "default", "shop").unwrap();
    let entries = shop["metadata"]["managedFields"].as_array().unwrap();
    let find = |manager: &str, subresource: &str| {
        entries.iter().find(|entry| {
            entry["manager"] == manager
                && entry["subresource"].as_str().unwrap_or_default() == subresource
        })
    };
    let image = "/fieldsV1/f:spec/f:template/f:spec/f:containers/k:{\"name\":\"app\"}/f:image";
    let set = find("kubectl-set", "").unwrap_or_else(|| panic!("{entries:#?}"));
    assert!(set.pointer(image).is_some(), "{set}");
    assert!(find("helm", "").unwrap().pointer(image).is_none(), "helm lost the image");
    assert!(find("kubectl", "scale").is_some(), "{entries:#?}");
    assert!(find("kubectl-label", "").is_some(), "{entries:#?}");
    assert!(find("kubectl-rollout", "").is_some(), "{entries:#?}");
    desk.sim.advance_by(30);
    let pods = desk.run(&["get", "pods", "-l", "app=shop", "-o", "name"]).await;
    assert_eq!(pods.lines().count(), 3, "{pods}");
    desk.run(&["delete", "deploy/shop", "--wait=false"]).await;
    desk.sim.advance_by(10);
    assert!(desk.sim.list("Pod").is_empty(), "deleted with all it owned");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_edits_and_applies() {
    let desk = Desk::new().await;
    let mut edit = desk.command(&["edit", "deploy/shop", "--validate=false"]);
    edit.env("KUBE_EDITOR", "sed -i s/shop:1/shop:9/");
    let done = edit.output().await.unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let shop = desk.sim.get("Deployment", "default", "shop").unwrap();
    assert_eq!(shop["spec"]["template"]["spec"]["containers"][0]["image"], "shop:9");
    let names = |object: &Value| -> Vec<String> {
        let entries = object["metadata"]["managedFields"].as_array().unwrap();
        let word = |entry: &Value| {
            let name = |field: &str| entry[field].as_str().unwrap_or_default().to_owned();
            format!("{} {}", name("manager"), name("operation"))
        };
        entries.iter().map(word).collect()
    };
    assert!(names(&shop).contains(&"kubectl-edit Update".to_owned()), "{:?}", names(&shop));
    std::fs::write(desk.folder.path().join("shop.yaml"), SHOP).unwrap();
    // Old ones want a schema in a form of their own; what is written is the same.
    let apply = ["apply", "-f", "shop.yaml", "--validate=false"];
    desk.run(&apply).await;
    let shop = desk.sim.get("Deployment", "default", "shop").unwrap();
    assert_eq!(shop["spec"]["template"]["spec"]["containers"][0]["image"], "shop:1");
    let names_now = names(&shop);
    assert!(names_now.contains(&"kubectl-client-side-apply Update".to_owned()), "{names_now:?}");
    desk.run(&[
        "apply",
        "-f",
        "shop.yaml",
        "--server-side",
        "--force-conflicts",
        "--validate=false",
    ])
    .await;
    let shop = desk.sim.get("Deployment", "default", "shop").unwrap();
    assert!(names(&shop).contains(&"kubectl Apply".to_owned()), "{:?}", names(&shop));
}
