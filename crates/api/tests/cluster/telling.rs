//! An open window tells the desktop of a regression: once, and only where the switch is on.

use crate::desk::Desk;
use pilotage_api::cluster::ClusterSource;
use pilotage_api::host::{Answer, DesktopNotice, NoDialogs};
use pilotage_api::{ApiError, App, Clock, Host};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// A desktop that keeps what it was told.
#[derive(Debug, Default)]
struct Desktop {
    told: Mutex<Vec<DesktopNotice>>,
}

impl Desktop {
    fn told(&self) -> Vec<String> {
        self.told.lock().unwrap().iter().map(|notice| notice.title.clone()).collect()
    }
}

impl Host for Desktop {
    fn choose_import_files(&self) -> Answer<'_, Vec<PathBuf>> {
        NoDialogs.choose_import_files()
    }

    fn choose_playbook(&self) -> Answer<'_, Option<PathBuf>> {
        NoDialogs.choose_playbook()
    }

    fn choose_retrospective(&self) -> Answer<'_, Option<PathBuf>> {
        NoDialogs.choose_retrospective()
    }

    fn choose_save_path(&self, file_name: String) -> Answer<'_, Option<PathBuf>> {
        NoDialogs.choose_save_path(file_name)
    }

    fn open_link(&self, address: String) -> Answer<'_, Result<(), ApiError>> {
        NoDialogs.open_link(address)
    }

    fn tell(&self, notice: &DesktopNotice) {
        self.told.lock().unwrap().push(notice.clone());
    }
}

/// A window on the shop, whose services are all live, by a clock that the test moves together with
/// the cluster's.
struct Window {
    desk: Desk,
    app: Arc<App>,
    desktop: Arc<Desktop>,
    clock: &'static AtomicI64,
}

impl Window {
    /// Opens it, switches the context on and waits for the first judgement of all that is there.
    async fn open(desk: Desk) -> Self {
        let clock: &'static AtomicI64 =
            Box::leak(Box::new(AtomicI64::new(desk.sim.now().timestamp_millis())));
        let desktop = Arc::new(Desktop::default());
        let host: Arc<dyn Host> = Arc::<Desktop>::clone(&desktop);
        let app = desk.window_of(Clock::Moved(clock), host).await;
        app.watch_clusters(ClusterSource::Kubeconfigs(Some(vec![desk.config()])));
        let window = Self { desk, app, desktop, clock };
        let on = json!({ "context": "sim", "on": true });
        window.call("switch_context", on).await;
        window
            .until("the first look", async || {
                let view = window.call("cluster", json!({})).await;
                view["contexts"][0]["complete"] == true
            })
            .await;
        window
    }

    async fn call(&self, command: &str, argument: Value) -> Value {
        let answer = self.app.call(command, argument).await;
        answer.unwrap_or_else(|error| panic!("{command}: {error}"))
    }

    async fn until(&self, what: &str, holds: impl AsyncFn() -> bool) {
        let begun = Instant::now();
        while !holds().await {
            assert!(begun.elapsed() < Duration::from_mins(1), "{what} never came");
            sleep(Duration::from_millis(50)).await;
        }
    }

    fn pass(&self, seconds: i64) {
        self.desk.sim.advance_by(seconds);
        self.clock.store(self.desk.sim.now().timestamp_millis(), Ordering::SeqCst);
    }

    async fn suspects(&self, service: &str, result: &str) {
        self.until("the suspicion", async || {
            let view = self.call("cluster", json!({})).await;
            let all = view["suspected"].as_array().unwrap();
            all.iter().any(|one| {
                one["service"] == service && one["check"] == "CD-31" && one["suspected"] == result
            })
        })
        .await;
    }

    /// Waits for the finding that costs or gives the service its stages.
    async fn regressed(&self, service: &str, expect: bool) {
        self.until("the finding", async || {
            self.call("service", json!({ "service": service })).await["regressed"] == expect
        })
        .await;
        // The desktop is told after the finding was recorded, by the same task.
        sleep(Duration::from_millis(500)).await;
    }

    /// Somebody changes a service by hand, and it holds.
    async fn edit(&self, service: &str) {
        let image = format!("registry.example.com/{service}:hotfix");
        self.desk.write(service, &image, "kubectl-edit");
        self.pass(5);
        self.suspects(service, "fail").await;
        self.pass(61);
        self.regressed(service, true).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_regression_is_told_once_and_only_where_the_switch_is_on() {
    let desk = Desk::new().await;
    desk.all_live().await;
    let window = Window::open(desk).await;
    assert_eq!(window.desktop.told(), Vec::<String>::new(), "the first look tells nothing");

    window.edit("cart").await;
    assert_eq!(window.desktop.told(), ["cart regressed"]);

    // It lasts: looks go on, and nobody is told again.
    window.pass(600);
    sleep(Duration::from_secs(3)).await;
    assert_eq!(window.desktop.told(), ["cart regressed"], "it is known");

    window.call("tell_desktop", json!({ "on": false })).await;
    assert_eq!(window.call("settings", json!({})).await["tells_desktop"], false);
    window.edit("orders").await;
    assert_eq!(window.desktop.told(), ["cart regressed"], "switched off");

    window.call("tell_desktop", json!({ "on": true })).await;
    window.edit("payment").await;
    assert_eq!(window.desktop.told(), ["cart regressed", "payment regressed"], "and on again");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_lost_before_the_window_opened_is_not_told() {
    let desk = Desk::new().await;
    desk.all_live().await;
    desk.write("cart", "registry.example.com/cart:hotfix", "kubectl-edit");
    desk.verify_after(5).await;
    let held = desk.verify_after(61).await;
    assert_eq!(held.regressions.len(), 1, "the command told of it");
    let window = Window::open(desk).await;
    for _ in 0..2 {
        window.pass(120);
        sleep(Duration::from_secs(3)).await;
    }
    assert_eq!(window.desktop.told(), Vec::<String>::new());
    window.edit("orders").await;
    assert_eq!(window.desktop.told(), ["orders regressed"], "the control: what is new is told");
}
