//! The import page in a browser: a table is mapped, what differs is taken field by field, and the
//! preview is looked at in both themes (pictures in `target/screenshots`).

use pilotage_api::app::Watch;
use pilotage_api::{App, Clock, OpenOptions};
use pilotage_tests::browser::{Browser, Outcome, folder};
use pilotage_tests::host::{self, Hand, TestHost};
use pilotage_tests::place;
use serde_json::json;
use std::path::Path;
use std::sync::Arc;

const FIRST: &str = "name,class,owner,target_date\n\
    checkout,service,Ann Hill,2027-03-01\n\
    ledger,service,Ben Ochs,2027-04-01\n\
    orders-db,datastore,,\n";

const SECOND: &str = "What,Who,Class,Target date,Effort,Comment,Cost centre,Depends on\n\
    checkout,Cara Vogt,service,2027-06-30,M,\"Moves first, then the rest\",4711,ledger\n\
    ledger,Dan Roth,platform,2027-07-31,XL,Shared by three teams,4712,orders-db\n\
    orders-db,,datastore,,huge,,4712,\n\
    ,nobody,,,,,,\n\
    invoices,Eve Lind,service,31.8.2027,S,New here,4711,ledger\n";

#[tokio::test]
async fn a_table_is_mapped_and_what_differs_is_taken_field_by_field() {
    let (_guard, data) = folder().unwrap();
    let workspace = data.join("import.pilotage");
    let new = pilotage_api::programme::NewProgramme {
        name: "Shop".to_owned(),
        time_zone: "UTC".to_owned(),
    };
    pilotage_api::programme::create(&workspace, &data, Clock::System, &new).await.unwrap();
    let options = OpenOptions {
        workspace,
        data_folder: data.clone(),
        clock: Clock::System,
        watch: Watch::Yes,
    };
    let hand = Arc::new(Hand::default());
    let app = Arc::new(App::open(options, Arc::new(TestHost(Arc::clone(&hand)))).await.unwrap());
    app.act_as_named("Ann").await.unwrap();
    let choose = |name: &str, text: &str| {
        std::fs::write(data.join(name), text).unwrap();
        *hand.import_files.lock().unwrap() = vec![data.join(name)];
    };
    choose("first.csv", FIRST);
    let report = app.call("choose_import", json!({})).await.unwrap();
    app.call("apply_import", json!({"token": report["token"]})).await.unwrap();
    for (service, edit) in [
        ("checkout", json!({"field": "target_date", "value": "2027-05-05"})),
        ("ledger", json!({"field": "target_date", "value": "2027-05-06"})),
        ("ledger", json!({"field": "class", "value": "datastore"})),
    ] {
        app.call("edit_service", json!({"service": service, "edit": edit})).await.unwrap();
    }
    choose("services.csv", SECOND);
    *hand.save_path.lock().unwrap() = Some(data.join("template.csv"));

    let served = host::serve(Arc::clone(&app), place::page()).await.unwrap();
    let browser = Browser::chromium(1280, 800).await.unwrap();
    let walked = walk(&browser, &served.url("#/import"), &data).await;
    browser.close().await;
    walked.unwrap();
    let table =
        app.export_file(pilotage_api::dto::import::ExportKind::Services).await.unwrap().text;
    let starts = |begins: &str| table.lines().any(|line| line.starts_with(begins));
    assert!(starts("checkout,service,,Cara Vogt,"), "{table}");
    assert!(table.contains(",2027-06-30,"), "the date was taken: {table}");
    assert!(starts("ledger,datastore,,Dan Roth,"), "the class was not: {table}");
}

async fn walk(browser: &Browser, url: &str, data: &Path) -> Outcome<()> {
    browser.open(url).await?;
    picture(browser, "start").await?;
    browser.click("import-template").await?;
    browser.until_text("toast", "Template saved as template.csv").await?;
    let saved = std::fs::read_to_string(data.join("template.csv"));
    if !saved.is_ok_and(|text| text == pilotage_api::imports::template()) {
        return Err("the template is not what was saved".to_owned());
    }
    browser.click("import-choose").await?;
    browser.until_text("import-count-rejected", "1").await?;
    picture(browser, "unmapped").await?;
    map(browser, "What", "name").await?;
    browser.until_text("import-count-differs", "2").await?;
    map(browser, "Who", "owner").await?;
    let held =
        "return document.querySelector('[data-testid=\"import-column-Who\"]').value === 'owner'";
    browser.until("the column is mapped", held, vec![]).await?;
    browser.settled().await?;
    // By keyboard alone: the box is reached and set with the space bar.
    let focus =
        "document.querySelector('[data-testid=\"import-take-checkout-target_date\"]').focus();";
    browser.run(focus, vec![]).await?;
    browser.press(" ").await?;
    picture(browser, "mapped").await?;
    let faults = browser.axe().await?;
    if !faults.is_empty() {
        return Err(format!("the preview has faults: {faults:?}"));
    }
    browser.click("import-apply").await?;
    browser.find("import-done").await?;
    picture(browser, "applied").await
}

async fn map(browser: &Browser, column: &str, field: &str) -> Outcome<()> {
    browser.find(&format!("import-column-{column}")).await?;
    let choose = "const select = document.querySelector(`[data-testid=\"import-column-${arguments[0]}\"]`); \
                  select.value = arguments[1]; \
                  select.dispatchEvent(new Event('change', { bubbles: true }));";
    browser.run(choose, vec![json!(column), json!(field)]).await?;
    Ok(())
}

async fn picture(browser: &Browser, name: &str) -> Outcome<()> {
    for theme in ["dark", "light"] {
        browser.theme(theme).await?;
        browser.settled().await?;
        let file = place::target().join("screenshots").join(format!("import-{name}-{theme}.png"));
        browser.screenshot(&file).await?;
    }
    Ok(())
}
