//! Backups and recovery in Chromium: the banner after damage, a backup made and restored in
//! Settings, and axe on both in light and dark. Pictures go to `target/screenshots`.

use pilotage_api::app::Watch;
use pilotage_api::dto::session::Nothing;
use pilotage_api::{App, Clock, OpenOptions};
use pilotage_tests::browser::{Browser, Outcome, folder};
use pilotage_tests::host::{self, Hand, TestHost};
use pilotage_tests::place;
use std::path::Path;
use std::sync::Arc;

async fn open(data: &Path, watch: Watch) -> Outcome<App> {
    let options = OpenOptions {
        workspace: data.join("p.pilotage"),
        data_folder: data.to_owned(),
        clock: Clock::System,
        watch,
    };
    let host = Arc::new(TestHost(Arc::new(Hand::default())));
    App::open(options, host).await.map_err(|error| error.to_string())
}

/// A programme whose file was damaged after a backup.
async fn damaged(data: &Path) -> Outcome<()> {
    let text = |error: pilotage_api::ApiError| error.to_string();
    let new = pilotage_api::programme::NewProgramme {
        name: "Lending platform".to_owned(),
        time_zone: "Europe/Berlin".to_owned(),
    };
    let path = data.join("p.pilotage");
    pilotage_api::programme::create(&path, data, Clock::System, &new).await.map_err(text)?;
    let app = open(data, Watch::No).await?;
    for _ in 0..2 {
        app.make_backup(Nothing {}).await.map_err(text)?;
    }
    app.act_as_named("Ada").await.map_err(text)?;
    app.keep_acting().map_err(text)?;
    app.close().await;
    // Nothing of a database is left at the start of the file.
    let mut bytes = std::fs::read(&path).map_err(|error| error.to_string())?;
    bytes[..100].fill(0);
    std::fs::write(&path, bytes).map_err(|error| error.to_string())
}

async fn look(browser: &Browser, name: &str) -> Outcome<()> {
    for theme in ["light", "dark"] {
        browser.theme(theme).await?;
        let found = browser.axe().await?;
        if !found.is_empty() {
            return Err(format!("{name} ({theme}): {}", found.join("\n")));
        }
        let file = place::target().join("screenshots").join(format!("{name}-{theme}.png"));
        browser.screenshot(&file).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_recovery_is_told_and_a_backup_restored() {
    let (_guard, data) = folder().unwrap();
    damaged(&data).await.unwrap();
    let app = Arc::new(open(&data, Watch::Yes).await.unwrap());
    let second = open(&data, Watch::Yes).await.unwrap_err();
    assert!(second.contains("Another window has this programme open"), "{second}");
    let served = host::serve(Arc::clone(&app), place::page()).await.unwrap();
    let browser = Browser::chromium(1280, 1000).await.unwrap();
    browser.open(&served.url("#/settings")).await.unwrap();
    browser.find("recovered-banner").await.unwrap();
    browser.find("backup-row").await.unwrap();
    let script = "document.querySelector('[data-testid=\"backup-facts\"]').scrollIntoView({block: 'center'})";
    browser.run(script, vec![]).await.unwrap();
    look(&browser, "backups").await.unwrap();
    browser.run("scrollTo(0, 0)", vec![]).await.unwrap();
    look(&browser, "recovered").await.unwrap();

    let press = async |testid: &str| {
        let element = browser.find(testid).await.unwrap();
        // Away from the messages in the corner.
        let script = format!(
            "document.querySelector('[data-testid=\"{testid}\"]').scrollIntoView({{block: 'center'}})"
        );
        browser.run(&script, vec![]).await.unwrap();
        element.click().await.unwrap();
    };
    press("recovered-dismiss").await;
    let gone = "return !document.querySelector('[data-testid=\"recovered-banner\"]')";
    browser.until("the banner to go", gone, vec![]).await.unwrap();
    press("backup-make").await;
    let rows = "return document.querySelectorAll('[data-testid=\"backup-row\"]').length > 2";
    browser.until("a third backup", rows, vec![]).await.unwrap();
    press("backup-restore").await;
    browser.find("backup-restore-confirm").await.unwrap();
    look(&browser, "restore").await.unwrap();
    press("backup-restore-confirm").await;
    let restored = "return document.querySelector('main').innerText.includes('before a restore')";
    browser.until("the backup before the restore", restored, vec![]).await.unwrap();
    browser.close().await;
}
