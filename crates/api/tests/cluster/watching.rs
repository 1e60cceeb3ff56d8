//! Clusters in an open window: nobody is contacted unasked, what changes is seen, and a storm of
//! changes is a few events.

use crate::desk::Desk;
use pilotage_api::App;
use pilotage_api::cluster::ClusterSource;
use pilotage_api::commands::Tag;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep};

async fn call(app: &App, command: &str, argument: Value) -> Value {
    let answer = app.call(command, argument).await;
    answer.unwrap_or_else(|error| panic!("{command}: {error}"))
}

/// Asks until it holds; panics with what was last seen where it does not.
pub async fn until(
    app: &App,
    command: &str,
    argument: Value,
    holds: impl Fn(&Value) -> bool,
) -> Value {
    let begun = Instant::now();
    loop {
        let seen = call(app, command, argument.clone()).await;
        if holds(&seen) {
            return seen;
        }
        assert!(begun.elapsed() < Duration::from_mins(1), "{seen:#}");
        sleep(Duration::from_millis(50)).await;
    }
}

fn workload<'v>(view: &'v Value, name: &str) -> Option<&'v Value> {
    view["workloads"].as_array()?.iter().find(|one| one["name"] == name)
}

pub async fn watched(desk: &Desk) -> Arc<App> {
    let app = desk.window().await;
    app.watch_clusters(ClusterSource::Kubeconfigs(Some(vec![desk.config()])));
    app
}

pub async fn switch(app: &App, on: bool) {
    call(app, "switch_context", json!({ "context": "sim", "on": on })).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_is_switched_on_is_contacted() {
    let desk = Desk::present().await;
    let app = watched(&desk).await;
    sleep(Duration::from_secs(2)).await;
    assert_eq!(desk.faults.seen().len(), 0, "nobody asked for it");
    let view = call(&app, "cluster", json!({})).await;
    assert_eq!(
        (&view["contexts"][0]["state"], &view["contexts"][0]["on"]),
        (&json!("off"), &json!(false))
    );
    assert_eq!(view["contexts"][0]["environments"], json!(["production"]));
    switch(&app, true).await;
    let view = until(&app, "cluster", json!({}), |view| {
        view["contexts"][0]["state"] == "live" && view["contexts"][0]["complete"] == true
    })
    .await;
    assert_eq!(view["workloads"].as_array().unwrap().len(), 4);
    assert_eq!(view["nodes"].as_array().unwrap().len(), 3);
    assert_eq!(workload(&view, "cart").unwrap()["verdict"], "healthy");
    switch(&app, false).await;
    until(&app, "cluster", json!({}), |view| view["workloads"].as_array().unwrap().is_empty())
        .await;
    sleep(Duration::from_secs(1)).await;
    let before = desk.faults.seen().len();
    sleep(Duration::from_secs(2)).await;
    assert_eq!(desk.faults.seen().len(), before, "and no more");
    let refused = app.call("switch_context", json!({ "context": "other", "on": true })).await;
    assert!(refused.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_by_hand_is_suspected_within_five_seconds() {
    let desk = Desk::present().await;
    desk.map_all().await;
    let app = watched(&desk).await;
    switch(&app, true).await;
    until(&app, "cluster", json!({}), |view| !view["suspected"].as_array().unwrap().is_empty())
        .await;
    desk.catch_up();
    desk.write("cart", "registry.example.com/cart:hotfix", "kubectl-edit");
    desk.catch_up();
    let edited = Instant::now();
    let fails = |view: &Value| {
        let all = view["suspected"].as_array().unwrap();
        all.iter().any(|one| {
            one["service"] == "cart" && one["check"] == "CD-31" && one["suspected"] == "fail"
        })
    };
    let view = until(&app, "cluster", json!({}), fails).await;
    assert!(edited.elapsed() < Duration::from_secs(5), "{:?}", edited.elapsed());
    let row = workload(&view, "cart").unwrap();
    assert_eq!(
        (&row["writer"]["class"], &row["writer"]["manager"]),
        (&json!("manual"), &json!("kubectl-edit"))
    );
    assert!(row["writer"]["at"].is_string());
    assert_eq!(row["service"]["name"], "cart");
    let asked =
        json!({ "context": "sim", "namespace": "shop", "kind": "Deployment", "name": "cart" });
    let detail = until(&app, "cluster_workload", asked, |detail| {
        detail["rollouts"][0]["recorded"] == true
            && detail["rollouts"].as_array().unwrap().len() == 2
    })
    .await;
    assert_eq!(detail["rollouts"][0]["manager"], "kubectl-edit", "it was seen to happen");
    assert_eq!(detail["rollouts"][1]["class"], "ambiguous", "nobody looked then");
    assert!(!detail["pods"].as_array().unwrap().is_empty());
    assert!(detail["warnings"].is_array());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storm_of_changes_is_a_few_events() {
    let desk = Desk::present().await;
    let app = watched(&desk).await;
    switch(&app, true).await;
    until(&app, "cluster", json!({}), |view| view["contexts"][0]["complete"] == true).await;
    sleep(Duration::from_secs(3)).await;
    let mut news = app.changes();
    let begun = Instant::now();
    for number in 0..400 {
        desk.write("cart", &format!("registry.example.com/cart:{number}"), "codefresh");
        desk.catch_up();
        sleep(Duration::from_millis(5)).await;
    }
    let seconds = begun.elapsed().as_secs_f64();
    sleep(Duration::from_millis(600)).await;
    let mut events = 0_u32;
    while let Ok(told) = news.try_recv() {
        events += u32::from(told.tags.contains(&Tag::Cluster));
    }
    assert!(events > 0, "it is told at all");
    assert!(f64::from(events) <= seconds * 5.0 + 4.0, "{events} events in {seconds} s");
    until(
        &app,
        "cluster_workload",
        json!({
            "context": "sim", "namespace": "shop", "kind": "Deployment", "name": "cart",
        }),
        |detail| detail["rollouts"][0]["images"][0]["image"] == "registry.example.com/cart:399",
    )
    .await;
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_program_is_asked_about_and_runs_after_consent_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let desk = Desk::present().await;
    let folder = desk.config().parent().unwrap().to_owned();
    let (program, ran) = (folder.join("sign-in"), folder.join("ran"));
    let script = format!(
        "#!/bin/sh\ntouch {}\necho '{{\"apiVersion\":\"client.authentication.k8s.io/v1\",\
         \"kind\":\"ExecCredential\",\"status\":{{\"token\":\"planted\"}}}}'\n",
        ran.display()
    );
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let config = std::fs::read_to_string(desk.config()).unwrap();
    let user = format!(
        "user: {{exec: {{apiVersion: client.authentication.k8s.io/v1, command: '{}', \
         interactiveMode: Never, env: [{{name: REGION, value: hidden-value}}]}}}}",
        program.display()
    );
    std::fs::write(desk.config(), config.replace("user: {}", &user)).unwrap();
    let app = watched(&desk).await;
    switch(&app, true).await;
    let view =
        until(&app, "cluster", json!({}), |view| view["contexts"][0]["state"] == "needs_person")
            .await;
    assert!(!ran.exists(), "not before a person agreed");
    let consent = &view["contexts"][0]["consent"];
    assert_eq!(consent["path"], program.display().to_string());
    assert_eq!(consent["variables"][0]["name"], "REGION");
    assert!(!view.to_string().contains("hidden-value"));
    let wrong = json!({ "context": "sim", "consent": "another" });
    assert!(app.call("agree_to_plugin", wrong).await.is_err());
    assert!(!ran.exists());
    let agreed = json!({ "context": "sim", "consent": consent["consent"] });
    call(&app, "agree_to_plugin", agreed).await;
    let view =
        until(&app, "cluster", json!({}), |view| view["contexts"][0]["state"] == "live").await;
    assert!(ran.exists());
    assert_eq!(view["contexts"][0]["consent"], Value::Null);
    assert!(!view.to_string().contains("planted"));
}
