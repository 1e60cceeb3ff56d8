//! A programme beside a simulated cluster whose clock is the programme's.

use crate::clocked::Clocked;
use pilotage_api::app::Watch;
use pilotage_api::cluster::{ClusterQuestion, Verification, Verified, VerifyLook};
use pilotage_api::host::NoDialogs;
use pilotage_api::{App, Clock, Host, OpenOptions};
use pilotage_domain::change::Change;
use pilotage_domain::ids::DeviceId;
use pilotage_kube_faults::{Fault, Faults, Listening, When, listen};
use pilotage_kube_sim::{Sim, Writer};
use pilotage_store::{Commit, Store};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;
use tempfile::TempDir;
use tower::Layer as _;
use uuid::Uuid;

/// Two stages that a cluster alone can prove.
const PLAYBOOK: &str = "\
playbook: small
version: 1
title: Two steps
stages:
  - { id: pipeline, title: Pipeline, meaning: The pipeline deploys it. }
  - { id: live, title: Live, meaning: It serves. }
skills: []
checks:
  - &check
    id: CD-01
    version: 1
    stage: pipeline
    title: It is there
    kind: auto
    state: counted
    weight: 5
    what: It runs.
    why: Else there is nothing.
    how: { steps: [Deploy it.] }
  - { <<: *check, id: CD-31, title: The pipeline wrote it }
  - { <<: *check, id: CD-02, stage: live, title: It is available }
  - { <<: *check, id: CD-32, stage: live, title: Nobody changes it by hand }
";

/// The services of the shop; each runs as a Deployment of its name.
pub const SERVICES: [&str; 4] = ["cart", "orders", "payment", "shipping"];

/// Programme and cluster.
pub struct Desk {
    pub sim: Sim,
    pub faults: Faults,
    programme: Clocked,
    folder: TempDir,
    _listening: Listening,
}

pub fn deployment(name: &str, image: &str) -> Value {
    json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": { "name": name, "namespace": "shop", "labels": { "app": name } },
        "spec": {
            "replicas": 2,
            "selector": { "matchLabels": { "app": name } },
            "template": {
                "metadata": { "labels": { "app": name } },
                "spec": { "containers": [{ "name": "app", "image": image }] },
            },
        },
    })
}

impl Desk {
    /// A cluster with the shop in it, written by its pipeline, and a programme that knows the
    /// services and has production there.
    pub async fn new() -> Self {
        Self::at("2026-03-02T10:00:00Z".parse().unwrap()).await
    }

    /// The same at the present moment: for what lives.
    pub async fn present() -> Self {
        let now = chrono::DateTime::from_timestamp_millis(Clock::System.now()).unwrap();
        Self::at(now - chrono::TimeDelta::seconds(600)).await
    }

    async fn at(moment: chrono::DateTime<chrono::Utc>) -> Self {
        let sim = Sim::new(3, moment);
        sim.add_nodes(3);
        sim.ensure_namespace("shop");
        let programme = Clocked::new(sim.now().timestamp_millis()).await;
        let faults = Faults::new();
        let listening = listen(faults.layer(sim.service())).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let config = listening.kubeconfig();
        std::fs::write(folder.path().join("config"), config).unwrap();
        let desk = Self { sim, faults, programme, folder, _listening: listening };
        for name in SERVICES {
            desk.write(name, &format!("registry.example.com/{name}:1"), "codefresh");
        }
        desk.sim.advance_by(600);
        let app = desk.app().await;
        let call = async |command: &str, argument: Value| {
            app.call(command, argument).await.unwrap_or_else(|error| panic!("{command}: {error}"))
        };
        call("adopt_playbook", json!({ "text": PLAYBOOK, "seen": null })).await;
        for name in SERVICES {
            call("add_service", json!({ "name": name, "class": null })).await;
        }
        let settings = call("settings", json!({})).await;
        let production = settings["environments"].as_array().unwrap().iter();
        let production = production.clone().find(|one| one["name"] == "production").unwrap();
        let target = json!({
            "environment": production["id"], "context": desk.context(), "namespaces": ["shop"],
        });
        call("add_target", target).await;
        app.close().await;
        desk
    }

    /// A window on the programme, by the real clock, with Ann at work.
    pub async fn window(&self) -> Arc<App> {
        self.window_of(Clock::System, Arc::new(NoDialogs)).await
    }

    /// A window by a clock and on a host of the test's own.
    pub async fn window_of(&self, clock: Clock, host: Arc<dyn Host>) -> Arc<App> {
        let options = OpenOptions { clock, watch: Watch::Yes, ..self.programme.options(0) };
        let app = App::open(options, host).await.unwrap();
        app.act_as_named("Ann").await.unwrap();
        Arc::new(app)
    }

    /// The cluster's clock comes up to the real one.
    pub fn catch_up(&self) {
        self.sim.advance(chrono::DateTime::from_timestamp_millis(Clock::System.now()).unwrap());
    }

    /// The kubeconfig.
    pub fn config(&self) -> PathBuf {
        self.folder.path().join("config")
    }

    /// The context that the kubeconfig names.
    pub fn context(&self) -> String {
        let text = std::fs::read_to_string(self.folder.path().join("config")).unwrap();
        let line = text.lines().find(|line| line.starts_with("current-context:")).unwrap();
        line.trim_start_matches("current-context:").trim().trim_matches('"').to_owned()
    }

    /// The programme at the cluster's moment, with Ann at work.
    pub async fn app(&self) -> App {
        self.programme.at(self.sim.now().timestamp_millis(), "Ann").await
    }

    /// How the programme is opened at the cluster's moment.
    pub fn options(&self) -> OpenOptions {
        self.programme.options(self.sim.now().timestamp_millis())
    }

    pub fn question(&self) -> ClusterQuestion {
        ClusterQuestion {
            kubeconfig: Some(self.folder.path().join("config")),
            ..ClusterQuestion::default()
        }
    }

    pub fn write(&self, name: &str, image: &str, manager: &str) {
        self.sim.apply_object(&deployment(name, image), &Writer::update(manager)).unwrap();
    }

    /// One command by Ann.
    pub async fn call(&self, command: &str, argument: Value) -> Value {
        let app = self.app().await;
        let answer = app.call(command, argument).await;
        app.close().await;
        answer.unwrap_or_else(|error| panic!("{command}: {error}"))
    }

    /// Changes as another device brings them, past every rule of the commands.
    pub async fn bring(&self, changes: Vec<Change>) {
        let workspace = self.programme.options(0).workspace;
        let store = Store::open(&workspace, DeviceId([7; 16]), "another").await.unwrap();
        let now = self.sim.now().timestamp_millis();
        let commit = Commit { id: Uuid::now_v7(), actor: Uuid::nil(), now, changes };
        store.commit(commit).await.unwrap();
        store.close().await;
    }

    /// Writes into the programme's file are forbidden.
    pub fn make_read_only(&self) {
        let workspace = self.programme.options(0).workspace;
        let mut permissions = std::fs::metadata(&workspace).unwrap().permissions();
        permissions.set_readonly(true);
        std::fs::set_permissions(&workspace, permissions).unwrap();
    }

    /// One look, as a command that ends takes it.
    pub async fn verify(&self) -> VerifyLook {
        let app = self.app().await;
        let look = Verification::new(&app, self.question(), Vec::new()).look().await.unwrap();
        app.close().await;
        look
    }

    /// Time passes, then one look.
    pub async fn verify_after(&self, seconds: i64) -> VerifyLook {
        self.sim.advance_by(seconds);
        self.verify().await
    }

    /// Confirms every proposal; answers the action.
    pub async fn map_all(&self) -> Value {
        let app = self.app().await;
        let (view, errors) = app.look_at_mapping(&self.question()).await.unwrap();
        app.close().await;
        assert!(errors.is_empty(), "{errors:?}");
        let proposed = view.targets.iter().flat_map(|target| &target.proposed);
        let pairs: Vec<Value> = proposed
            .map(|one| json!({ "workload": one.workload, "service": one.service.id }))
            .collect();
        self.call("map_workloads", json!({ "pairs": pairs, "word": "confirmed" })).await
    }

    /// Mapped, looked at until all of it holds: every service is live.
    pub async fn all_live(&self) {
        self.map_all().await;
        self.verify().await;
        self.verify_after(61).await;
        self.verify_after(300).await;
    }

    pub async fn service(&self, name: &str) -> Value {
        self.call("service", json!({ "service": name })).await
    }

    pub fn forbid(&self, path: &str) {
        let fault = Fault::Status { code: 403, reason: "Forbidden", retry_after: None };
        self.faults.always(When::any().path(path), fault);
    }
}

/// The row of a service's check.
pub fn row<'l>(look: &'l VerifyLook, service: &str, check: &str) -> &'l Verified {
    let mut rows = look.rows.iter();
    rows.find(|row| row.service == service && row.check == check)
        .unwrap_or_else(|| panic!("{service} {check} in {:?}", look.rows))
}
