//! From a kubeconfig with a plugin to a watch that lives, over a socket.

use crate::common::{Deployment, Desk, wait_until};
use pilotage_cluster::connection::broker::{Broker, BrokerState, Clock};
use pilotage_cluster::connection::freshness::ProofOfLife;
use pilotage_cluster::connection::kubeconfig::Kubeconfigs;
use pilotage_cluster::connection::maker::{ContextMaker, Surroundings};
use pilotage_cluster::connection::proxy::ProxyVariables;
use pilotage_cluster::connection::state::State;
use pilotage_cluster::watch::{Event, Scope, Settings, Supervisor};
use pilotage_kube_faults::{Fault, Listening, When, listen};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tempfile::TempDir;

staged! {
    Real:
        a_rejected_token_is_replaced_and_nobody_sees_it,
        nothing_runs_before_somebody_agreed,
        a_plugin_that_fails_says_why_and_is_not_started_again;
}

/// A cluster that knows the token `planted-2` and no other, and a plugin that brings `planted-1`,
/// `planted-2` and so on.
struct Gate {
    desk: Desk,
    _listening: Listening,
    folder: TempDir,
    allowed: Arc<AtomicBool>,
}

impl Gate {
    async fn new() -> Self {
        let desk = Desk::new(2);
        for token in ["", "Bearer planted-1", "Bearer planted-3"] {
            let refused = Fault::Status { code: 401, reason: "Unauthorized", retry_after: None };
            desk.faults.always(When::any().authorization(token), refused);
        }
        let listening = listen(desk.service()).await.expect("a free port");
        let folder = TempDir::new().expect("a folder");
        let config = listening.kubeconfig().replace(
            "user: {}",
            "user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: ./login, \
             interactiveMode: IfAvailable}}",
        );
        std::fs::write(folder.path().join("config"), config).expect("a kubeconfig");
        let script = r#"#!/bin/sh
cd "$(dirname "$0")"
echo run >> runs
printf '{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": {"token": "planted-%s"}}' $(($(wc -l < runs)))
"#;
        let login = folder.path().join("login");
        std::fs::write(&login, script).expect("a plugin");
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(&login, mode).expect("a program");
        let allowed = Arc::new(AtomicBool::new(true));
        Self { desk, _listening: listening, folder, allowed }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn maker(&self) -> ContextMaker {
        let files = Kubeconfigs::load(&[self.path("config")]);
        let key = files.current().expect("a context");
        let allowed = Arc::clone(&self.allowed);
        let around = Surroundings {
            proxies: ProxyVariables::default(),
            search_path: "/usr/bin:/bin".to_owned(),
            consented: Arc::new(move |_| allowed.load(Ordering::Relaxed)),
            plugin_limit: Duration::from_secs(30),
        };
        ContextMaker::new(&files, &key, around, ProofOfLife::new()).expect("the context is there")
    }

    fn broker(&self) -> Arc<Broker> {
        let clock: Clock = Arc::new(|| "2026-03-02T10:00:00Z".parse().expect("a moment"));
        Arc::new(Broker::start(self.maker(), clock))
    }

    fn runs(&self) -> usize {
        std::fs::read_to_string(self.path("runs")).map_or(0, |runs| runs.lines().count())
    }
}

fn watch(broker: &Arc<Broker>) -> Supervisor {
    let access: Arc<Broker> = Arc::clone(broker);
    let sink = |_: Event<Deployment>| {};
    Supervisor::start::<Deployment>(access, &Scope::Cluster, sink, Settings::default())
}

async fn a_rejected_token_is_replaced_and_nobody_sees_it() {
    let gate = Gate::new().await;
    let broker = gate.broker();
    let watched = [watch(&broker), watch(&broker)];
    wait_until(|| watched.iter().all(|one| one.report().state == State::Live)).await;
    assert_eq!(gate.runs(), 2, "once for both, and once for the rejection");
    let seen = gate.desk.faults.seen();
    assert!(seen.iter().any(|one| one.authorization == "Bearer planted-2"), "{seen:?}");
    let told = format!("{:?} {:?}", broker.state(), watched[0].report());
    assert!(!told.contains("planted"), "{told}");
}

async fn nothing_runs_before_somebody_agreed() {
    let gate = Gate::new().await;
    gate.allowed.store(false, Ordering::Relaxed);
    let question = gate.maker().question().unwrap().expect("it asks");
    assert_eq!(question.path, gate.path("login"));
    let broker = gate.broker();
    let watched = watch(&broker);
    wait_until(|| matches!(watched.report().state, State::NeedsPerson { .. })).await;
    assert!(matches!(broker.state(), BrokerState::NeedsPerson(_)), "{:?}", broker.state());
    assert_eq!(gate.runs(), 0, "no program");
    assert_eq!(gate.desk.faults.seen().len(), 0, "and no request");
    gate.allowed.store(true, Ordering::Relaxed);
    assert_eq!(gate.maker().question().unwrap(), None, "agreed");
    broker.retry();
    wait_until(|| watched.report().state == State::Live).await;
}

async fn a_plugin_that_fails_says_why_and_is_not_started_again() {
    let gate = Gate::new().await;
    let script = "#!/bin/sh\ncd \"$(dirname \"$0\")\"\necho run >> runs\necho 'session ended, token=planted' >&2\nexit 1\n";
    std::fs::write(gate.path("login"), script).unwrap();
    let broker = gate.broker();
    let watched = watch(&broker);
    wait_until(|| matches!(watched.report().state, State::NeedsPerson { .. })).await;
    let State::NeedsPerson { why } = watched.report().state else { panic!("as waited for") };
    assert!(why.contains("login ended with code 1: session ended, token=…"), "{why}");
    assert_eq!(gate.runs(), 1);
}
