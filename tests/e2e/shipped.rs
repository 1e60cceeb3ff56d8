//! The shipped programs as they are started: what the window tells the desktop, on a bus of the
//! test's own, and what window and command line print at every depth of their log. No secret of the
//! kubeconfig stands in any of it, nor in a file of the programme or of this device.

#![expect(clippy::unwrap_used, reason = "a step that fails ends the test and says why")]
#![expect(
    clippy::unused_self,
    clippy::used_underscore_binding,
    reason = "the bus's interface has more arguments than the test looks at"
)]
#![cfg(target_os = "linux")]

use pilotage_api::app::Watch;
use pilotage_api::cluster::{ClusterQuestion, ClusterSource, Verification};
use pilotage_api::host::NoDialogs;
use pilotage_api::programme::{NewProgramme, create};
use pilotage_api::{App, Clock, OpenOptions};
use pilotage_kube_faults::planted::{KEY, TOKEN, found, found_below, kubeconfig};
use pilotage_kube_faults::{Faults, Listening, listen};
use pilotage_kube_sim::{Sim, Writer};
use pilotage_tests::browser::{Plain, command, pilotage};
use pilotage_tests::manifests::PLAYBOOK;
use pilotage_tests::{mapping, place};
use serde_json::{Value, json};
use std::fs::File;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::process::Child;
use tokio::time::{Instant, sleep};
use tower::Layer as _;

fn cart(image: &str) -> Value {
    json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": { "name": "cart", "namespace": "shop", "labels": { "app": "cart" } },
        "spec": {
            "replicas": 1,
            "selector": { "matchLabels": { "app": "cart" } },
            "template": {
                "metadata": { "labels": { "app": "cart" } },
                "spec": { "containers": [{ "name": "app", "image": image }] },
            },
        },
    })
}

/// A programme whose one service is live on a cluster that is reached with planted secrets.
struct Scene {
    sim: Sim,
    faults: Faults,
    /// Programme and device.
    data: PathBuf,
    secrets: PathBuf,
    config: PathBuf,
    workspace: PathBuf,
    _listening: Listening,
    folder: tempfile::TempDir,
}

impl Scene {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (data, secrets) = (folder.path().join("data"), folder.path().join("secrets"));
        std::fs::create_dir_all(&data).unwrap();
        std::fs::create_dir_all(&secrets).unwrap();
        let past = Clock::System.now() - 1_200_000;
        let sim = Sim::new(3, chrono::DateTime::from_timestamp_millis(past).unwrap());
        sim.add_nodes(1);
        sim.ensure_namespace("shop");
        let faults = Faults::new();
        let listening = listen(faults.layer(sim.service())).await.unwrap();
        let config = kubeconfig(&secrets, &listening.url()).unwrap();
        let workspace = data.join("shop.pilotage");
        let scene =
            Self { sim, faults, data, secrets, config, workspace, _listening: listening, folder };
        scene.write("registry.example.com/cart:1", "codefresh");
        scene.sim.advance_by(600);
        scene.make_live().await;
        scene.switch_on().await;
        scene.catch_up();
        scene
    }

    fn write(&self, image: &str, manager: &str) {
        self.sim.apply_object(&cart(image), &Writer::update(manager)).unwrap();
    }

    fn catch_up(&self) {
        self.sim.advance(chrono::DateTime::from_timestamp_millis(Clock::System.now()).unwrap());
    }

    async fn open(&self, clock: Clock, watch: Watch) -> App {
        let options = OpenOptions {
            workspace: self.workspace.clone(),
            data_folder: self.data.clone(),
            clock,
            watch,
        };
        let app = App::open(options, Arc::new(NoDialogs)).await.unwrap();
        app.act_as_named("Ann").await.unwrap();
        app
    }

    fn question(&self) -> ClusterQuestion {
        ClusterQuestion { kubeconfig: Some(self.config.clone()), ..ClusterQuestion::default() }
    }

    /// In the past, so that all has held when the programs look.
    async fn make_live(&self) {
        let then = self.sim.now().timestamp_millis();
        let new = NewProgramme { name: "Shop".to_owned(), time_zone: "UTC".to_owned() };
        create(&self.workspace, &self.data, Clock::Fixed(then), &new).await.unwrap();
        let app = self.open(Clock::Fixed(then), Watch::No).await;
        call(&app, "adopt_playbook", json!({ "text": PLAYBOOK, "seen": null })).await;
        call(&app, "add_service", json!({ "name": "cart", "class": null })).await;
        mapping::runs_in(&app, "token", &["shop"], &self.question()).await.unwrap();
        app.close().await;
        for seconds in [0, 61, 300] {
            self.sim.advance_by(seconds);
            let app = self.open(Clock::Fixed(self.sim.now().timestamp_millis()), Watch::No).await;
            Verification::new(&app, self.question(), Vec::new()).look().await.unwrap();
            app.close().await;
        }
    }

    /// A person switches every context on and allows the plugins; the device remembers.
    async fn switch_on(&self) {
        let app = Arc::new(self.open(Clock::System, Watch::Yes).await);
        app.watch_clusters(ClusterSource::Kubeconfigs(Some(vec![self.config.clone()])));
        let service = call(&app, "service", json!({ "service": "cart" })).await;
        assert_eq!(service["stage"], "live");
        let view = call(&app, "cluster", json!({})).await;
        for context in view["contexts"].as_array().unwrap() {
            let name = &context["name"];
            call(&app, "switch_context", json!({ "context": name, "on": true })).await;
            if context["consent"].is_object() {
                let agreed = json!({ "context": name, "consent": context["consent"]["consent"] });
                call(&app, "agree_to_plugin", agreed).await;
            }
        }
        drop(app);
    }

    /// Everything that stands where no secret may.
    fn leaks(&self, printed: &[(&str, Vec<u8>)]) -> Vec<String> {
        let mut all = found_below(&self.data).unwrap();
        all.extend(printed.iter().flat_map(|(place, bytes)| found(place, bytes)));
        all
    }
}

async fn call(app: &App, command: &str, argument: Value) -> Value {
    let answer = app.call(command, argument).await;
    answer.unwrap_or_else(|error| panic!("{command}: {error}"))
}

/// A notification daemon that keeps what it was told, on a bus of its own.
struct Bus {
    address: String,
    told: Arc<Mutex<Vec<(String, String)>>>,
    daemon: Child,
    _served: zbus::Connection,
}

struct Notifications(Arc<Mutex<Vec<(String, String)>>>);

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Notifications {
    fn get_capabilities(&self) -> Vec<String> {
        vec!["body".to_owned(), "body-markup".to_owned()]
    }

    #[expect(clippy::too_many_arguments, reason = "the specification has eight")]
    fn notify(
        &self,
        _application: &str,
        _replaces: u32,
        _icon: &str,
        summary: &str,
        body: &str,
        _actions: Vec<String>,
        _hints: std::collections::HashMap<String, zbus::zvariant::OwnedValue>,
        _timeout: i32,
    ) -> u32 {
        let mut told = self.0.lock().unwrap();
        told.push((summary.to_owned(), body.to_owned()));
        u32::try_from(told.len()).unwrap()
    }
}

impl Bus {
    async fn start(folder: &std::path::Path) -> Self {
        let path = folder.join("bus");
        let address = format!("unix:path={}", path.display());
        let daemon = command("dbus-daemon")
            .args(["--session", "--nofork", "--nopidfile"])
            .arg(format!("--address={address}"))
            .spawn()
            .unwrap();
        let begun = Instant::now();
        while !path.exists() {
            assert!(begun.elapsed() < Duration::from_secs(20), "the bus never came");
            sleep(Duration::from_millis(20)).await;
        }
        let told = Arc::default();
        let served = zbus::connection::Builder::address(address.as_str())
            .unwrap()
            .name("org.freedesktop.Notifications")
            .unwrap()
            .serve_at("/org/freedesktop/Notifications", Notifications(Arc::clone(&told)))
            .unwrap()
            .build()
            .await
            .unwrap();
        Self { address, told, daemon, _served: served }
    }

    fn told(&self) -> Vec<(String, String)> {
        self.told.lock().unwrap().clone()
    }
}

async fn until(what: &str, most: Duration, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < most, "{what} never came");
        sleep(Duration::from_millis(200)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_window_tells_the_desktop_of_a_regression_and_prints_no_secret() {
    let scene = Scene::new().await;
    let mut bus = Bus::start(scene.folder.path()).await;
    let printed = scene.folder.path().join("printed");
    let output = File::create(&printed).unwrap();
    let mut window = command(place::program("pilotage-desktop").unwrap());
    window
        .arg("--workspace")
        .arg(&scene.workspace)
        .env("KUBECONFIG", &scene.config)
        .env("PILOTAGE_LOG", "trace")
        .env("DBUS_SESSION_BUS_ADDRESS", &bus.address)
        .stdout(output.try_clone().unwrap())
        .stderr(output);
    let before = scene.faults.seen().len();
    let window = Plain::start_as(window, &scene.data).await.unwrap();
    let bearer = format!("Bearer {TOKEN}");
    until("the window's look", Duration::from_mins(1), || {
        scene.catch_up();
        scene.faults.seen()[before..].iter().any(|seen| seen.authorization == bearer)
    })
    .await;
    sleep(Duration::from_secs(10)).await;
    assert_eq!(bus.told(), [], "nothing has happened yet");

    scene.catch_up();
    scene.write("registry.example.com/cart:<b>hotfix</b>", "kubectl-edit");
    until("the notification", Duration::from_mins(3), || {
        scene.catch_up();
        !bus.told().is_empty()
    })
    .await;
    window.close().await;
    let told = bus.told();
    let [(title, text)] = told.as_slice() else { panic!("told more than once: {told:?}") };
    assert_eq!(title, "cart regressed");
    assert!(text.contains("kubectl-edit"), "who did it: {text}");
    assert!(!text.contains('<'), "names are no markup: {text}");
    bus.daemon.kill().await.unwrap();

    let printed = std::fs::read(&printed).unwrap();
    assert!(printed.len() > 100_000, "the log is deep: {} bytes", printed.len());
    assert_eq!(scene.leaks(&[("what the window printed", printed)]), Vec::<String>::new());
}

/// The sample's clusters are its own. The control is the test above: without `--sample`, the server
/// is asked within seconds.
#[tokio::test(flavor = "multi_thread")]
async fn the_sample_contacts_nobody() {
    let scene = Scene::new().await;
    let before = scene.faults.seen().len();
    let mut window = command(place::program("pilotage-desktop").unwrap());
    window.arg("--sample").env("KUBECONFIG", &scene.config);
    let window = Plain::start_as(window, &scene.data).await.unwrap();
    sleep(Duration::from_secs(20)).await;
    window.close().await;
    assert_eq!(scene.faults.seen().len(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_prints_no_secret() {
    let scene = Scene::new().await;
    let config = scene.config.to_str().unwrap();
    let all = ["--all-contexts", "--allow-plugin", "--kubeconfig", config];
    let mut printed = Vec::new();
    for (place, words) in [
        ("contexts", vec!["cluster", "contexts", "--kubeconfig", config]),
        ("health", [vec!["cluster", "health"], all.to_vec()].concat()),
        ("workloads", [vec!["cluster", "workloads", "--json"], all.to_vec()].concat()),
        ("writers", [vec!["cluster", "writers"], all.to_vec()].concat()),
        ("verify", vec!["verify", "--no-wait", "--kubeconfig", config]),
        (
            "complains",
            vec!["verify", "--context", "complains", "--allow-plugin", "--kubeconfig", config],
        ),
        ("key", vec!["cluster", "health", "--context", "key", "--kubeconfig", config]),
    ] {
        let mut command = pilotage(&scene.data, &scene.workspace).unwrap();
        command.args(words).env("PILOTAGE_LOG", "trace");
        let output = command
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .output()
            .await
            .unwrap();
        printed.push((place, [output.stdout, output.stderr].concat()));
    }
    let text = |place: &str| {
        let (_, bytes) = printed.iter().find(|(name, _)| *name == place).unwrap();
        String::from_utf8_lossy(bytes).into_owned()
    };
    assert!(text("health").contains("TRACE"), "all is logged");
    assert!(text("workloads").contains("\"cart\""), "the contexts were reached");
    assert!(text("health").contains("complains"), "and those that fail are told of");
    assert_eq!(scene.leaks(&printed), Vec::<String>::new());

    // The control: the same eyes see what stands where it may not.
    assert!(!found_below(&scene.secrets).unwrap().is_empty());
    std::fs::write(scene.data.join("leak"), KEY).unwrap();
    printed.push(("leak", TOKEN.as_bytes().to_vec()));
    assert_eq!(scene.leaks(&printed).len(), 2);
}
