//! Planted secrets are found nowhere: no log of any depth, no answer, no error, no file of the
//! programme or of this device holds a token, a plugin's output, a key or a proxy's password.

#![expect(clippy::unwrap_used, reason = "a step that fails ends the test and says why")]
#![cfg(unix)]

use pilotage_api::app::Watch;
use pilotage_api::cluster::{ClusterQuestion, ClusterSource, Verification, looks};
use pilotage_api::host::NoDialogs;
use pilotage_api::programme::{NewProgramme, create};
use pilotage_api::{App, Clock, OpenOptions};
use pilotage_kube_faults::planted::{
    COMPLAINT, KEY, PASSWORD, PLUGIN, TOKEN, found, found_below, kubeconfig,
};
use pilotage_kube_faults::{Fault, Faults, When, listen};
use pilotage_kube_sim::{Sim, Writer};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tower::Layer as _;

/// Everything that is logged, at every depth.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

async fn call(app: &App, command: &str, argument: Value, said: &mut String) -> Value {
    match app.call(command, argument).await {
        Ok(answer) => {
            said.push_str(&answer.to_string());
            answer
        }
        Err(error) => {
            let _ = write!(said, "{error:?} {error}");
            Value::Null
        }
    }
}

/// Waits until every context has a state that is not *connecting*, and `token` and `plugin` live.
async fn settled(app: &App, said: &mut String) -> Value {
    for _ in 0..600 {
        let view = call(app, "cluster", json!({}), said).await;
        let state = |name: &str| {
            let mut all = view["contexts"].as_array().unwrap().iter();
            all.find(|one| one["name"] == name).unwrap()["state"].clone()
        };
        if state("token") == "live"
            && state("plugin") == "live"
            && !["connecting", "off"].iter().any(|one| state("key") == *one)
            && !["connecting", "off"].iter().any(|one| state("complains") == *one)
        {
            return view;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the contexts did not settle: {}", call(app, "cluster", json!({}), said).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn planted_secrets_are_found_nowhere() {
    let log = Log::default();
    let own = log.clone();
    tracing_subscriber::fmt().with_env_filter("trace").with_writer(move || own.clone()).init();
    let place = tempfile::tempdir().unwrap();
    let (secrets, data) = (place.path().join("secrets"), place.path().join("data"));
    std::fs::create_dir_all(&secrets).unwrap();
    std::fs::create_dir_all(&data).unwrap();
    let now = Clock::System.now();
    let sim = Sim::new(3, chrono::DateTime::from_timestamp_millis(now - 600_000).unwrap());
    sim.add_nodes(1);
    let yaml = "{apiVersion: apps/v1, kind: Deployment, metadata: {name: cart}, spec: {
        selector: {matchLabels: {app: cart}}, template: {metadata: {labels: {app: cart}},
        spec: {containers: [{name: app, image: 'cart:1'}]}}}}";
    sim.apply(yaml, &Writer::update("kubectl-edit")).unwrap();
    sim.advance_by(600);
    let faults = Faults::new();
    let refused = Fault::Status { code: 401, reason: "Unauthorized", retry_after: None };
    faults.times(1, When::any().authorization(&format!("Bearer {PLUGIN}")), refused);
    let listening = listen(faults.layer(sim.service())).await.unwrap();
    let config = kubeconfig(&secrets, &listening.url()).unwrap();

    let workspace = data.join("p.pilotage");
    let new = NewProgramme { name: "Shop".to_owned(), time_zone: "UTC".to_owned() };
    create(&workspace, &data, Clock::System, &new).await.unwrap();
    let options = OpenOptions {
        workspace,
        data_folder: data.clone(),
        clock: Clock::System,
        watch: Watch::Yes,
    };
    let app = Arc::new(App::open(options, Arc::new(NoDialogs)).await.unwrap());
    app.act_as_named("Ann").await.unwrap();
    let mut said = String::new();
    call(&app, "add_service", json!({ "name": "cart", "class": null }), &mut said).await;
    let settings = call(&app, "settings", json!({}), &mut said).await;
    let environment = settings["environments"][0]["id"].clone();
    for context in ["token", "plugin", "key"] {
        let target = json!({ "environment": environment, "context": context, "namespaces": [] });
        call(&app, "add_target", target, &mut said).await;
    }
    app.watch_clusters(ClusterSource::Kubeconfigs(Some(vec![config.clone()])));
    let view = call(&app, "cluster", json!({}), &mut said).await;
    for context in view["contexts"].as_array().unwrap() {
        let name = &context["name"];
        call(&app, "switch_context", json!({ "context": name, "on": true }), &mut said).await;
        if context["consent"].is_object() {
            let agreed = json!({ "context": name, "consent": context["consent"]["consent"] });
            call(&app, "agree_to_plugin", agreed, &mut said).await;
        }
    }
    settled(&app, &mut said).await;
    assert!(
        faults.seen().iter().any(|one| one.authorization == format!("Bearer {TOKEN}")),
        "the secrets are used"
    );
    call(&app, "cluster_mapping", json!({}), &mut said).await;
    let asked = json!({
        "context": "plugin", "namespace": "default", "kind": "Deployment", "name": "cart",
    });
    call(&app, "cluster_workload", asked, &mut said).await;
    // The command line's way, to every context.
    let question = ClusterQuestion {
        kubeconfig: Some(config.clone()),
        all_contexts: true,
        allow_plugin: true,
        ..ClusterQuestion::default()
    };
    for look in looks(&question, Clock::System).await.unwrap() {
        let _ = match look {
            Ok(look) => write!(said, "{look:?}"),
            Err(error) => write!(said, "{error:?} {error}"),
        };
    }
    let look = Verification::new(&app, question, Vec::new()).look().await.unwrap();
    let _ = write!(said, "{look:?}");
    tokio::time::sleep(Duration::from_secs(3)).await;
    drop(app);
    tokio::time::sleep(Duration::from_secs(1)).await;

    let logged = log.0.lock().unwrap().clone();
    assert!(logged.len() > 10_000 && said.len() > 1_000, "there is something to search");
    let mut all = found("the answers", said.as_bytes());
    all.extend(found("the log", &logged));
    all.extend(found_below(&data).unwrap());
    assert_eq!(all, Vec::<String>::new());

    // The control: the same eyes see each of them where it may stand, and where it must not.
    let seen = found_below(&secrets).unwrap();
    for secret in [TOKEN, PLUGIN, COMPLAINT, KEY, PASSWORD] {
        assert!(seen.iter().any(|one| one.starts_with(secret)), "{secret}: {seen:?}");
    }
    tracing::trace!(secret = TOKEN, "leaks");
    std::fs::write(data.join("leak"), format!("key {KEY}")).unwrap();
    assert_eq!(found("the log", &log.0.lock().unwrap()).len(), 1);
    assert_eq!(found_below(&data).unwrap().len(), 1);
}
