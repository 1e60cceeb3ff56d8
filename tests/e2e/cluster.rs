//! The Cluster page in Chromium over the test host, on the sample's simulated clusters.

use fantoccini::key::Key;
use pilotage_api::app::Watch;
use pilotage_api::cluster::ClusterSource;
use pilotage_api::{App, Clock, OpenOptions};
use pilotage_tests::browser::{Browser, Outcome, folder};
use pilotage_tests::host::{self, Hand, Served, TestHost};
use pilotage_tests::place;
use std::sync::Arc;

struct Scene {
    browser: Browser,
    served: Served,
    _folder: tempfile::TempDir,
}

async fn sample() -> Outcome<Scene> {
    let (guard, data) = folder()?;
    let now = Clock::System.now();
    let workspace = pilotage_sample::fresh(&data, now).await.map_err(|error| error.to_string())?;
    let options =
        OpenOptions { workspace, data_folder: data, clock: Clock::System, watch: Watch::Yes };
    let host = Arc::new(TestHost(Arc::new(Hand::default())));
    let app = App::open(options, host).await.map_err(|error| error.to_string())?;
    let acting = app.act_as_named(pilotage_sample::ACTING_AS).await;
    acting.map_err(|error| error.to_string())?;
    let app = Arc::new(app);
    let clusters = pilotage_sample::clusters(now).map_err(|error| error.to_string())?;
    app.watch_clusters(ClusterSource::Simulated(clusters));
    let served = host::serve(app, place::page()).await.map_err(|error| error.to_string())?;
    let browser = Browser::chromium(1280, 800).await?;
    Ok(Scene { browser, served, _folder: guard })
}

async fn by_keyboard(scene: &Scene) -> Outcome<()> {
    let Scene { browser, served, .. } = scene;
    browser.open(&served.url("#/progress")).await?;
    browser.settled().await?;
    browser.press("gc").await?;
    browser.until_text("cluster-simulated", "simulated and the sample's").await?;
    browser.until_text("cluster-state-sample-production", "live").await?;
    browser.until_text("cluster-state-sample-staging", "live").await?;
    browser.until_text("cluster-count", "workloads of").await?;
    browser.press("/").await?;
    browser.press("broker-api staging").await?;
    browser.until_text("cluster-count", "1 workload").await?;
    browser.until_text("cluster-row", "progressing").await?;
    let focus = "document.querySelector('[data-testid=\"cluster-grid\"]').focus()";
    browser.run(focus, vec![]).await?;
    browser.press_key(Key::Enter).await?;
    browser.until_text("cluster-panel", "Pending").await?;
    browser.until_text("cluster-panel", "nobody saw who wrote it").await?;
    browser.press_key(Key::Escape).await?;
    let gone = "return !document.querySelector('[data-testid=\"cluster-panel\"]')";
    browser.until("the panel to close", gone, vec![]).await?;
    browser.click("cluster-tab-mapping").await?;
    browser.click("cluster-map-broker-api").await?;
    browser.until_text("toast", "broker-api runs as Deployment broker-api").await
}

#[tokio::test]
async fn the_page_lives_and_is_used_by_keyboard() {
    let scene = sample().await.unwrap();
    let used = by_keyboard(&scene).await;
    let mut found = Vec::new();
    for theme in ["light", "dark"] {
        for tab in ["", "?tab=nodes", "?tab=namespaces", "?tab=mapping"] {
            scene.browser.open(&scene.served.url(&format!("#/cluster{tab}"))).await.unwrap();
            scene.browser.find("cluster-tab-nodes").await.unwrap();
            scene.browser.theme(theme).await.unwrap();
            for violation in scene.browser.axe().await.unwrap() {
                found.push(format!("{tab} ({theme}): {violation}"));
            }
        }
    }
    scene.browser.close().await;
    used.unwrap();
    assert!(found.is_empty(), "{}", found.join("\n"));
}
