//! The first voyage, twice: by command line and by window page. New programme, import, attest a
//! service up to Live, block another, undo, report. Both end with the same numbers, and those are
//! checked against a table worked by hand.

#![expect(clippy::unwrap_used, reason = "a step that fails ends the test and says why")]

use pilotage_api::app::Watch;
use pilotage_api::{App, Clock, OpenOptions};
use pilotage_tests::browser::{self, Browser, Outcome, folder};
use pilotage_tests::host::{self, Hand, TestHost};
use pilotage_tests::place;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;

/// Four services, a datastore and a load generator, four declared dependencies.
const COMPOSE: &str = "\
services:
  storefront:
    image: acme/storefront:1
    depends_on: [orders, quotes]
  orders:
    image: acme/orders:1
    depends_on: [orders-db]
  quotes:
    image: acme/quotes:1
  mailer:
    image: acme/mailer:1
    depends_on: [orders]
  orders-db:
    image: postgres:17
  load-test:
    image: acme/load-test:1
";

/// Worked by hand. The default playbook has 45 counted checks; the stages up to Live hold
/// 3 + 5 + 3 + 6 + 11 + 11 = 39 of them; 0 + 0 + 1 + 4 + 9 + 6 = 20 of those are automatic.
/// `quotes` passes those 39: 20 claimed, 19 proved by signature. `orders` passes DI-01 only.
/// `mailer` is blocked; `storefront` was blocked and undone. So: 1 of 4 live, 40 passed,
/// 20 proved, 20 claimed, of 4 × 45 = 180 counted.
const EXPECT: [(&str, u64); 8] = [
    ("in_scope", 4),
    ("done", 1),
    ("blocked", 1),
    ("regressed", 0),
    ("passed", 40),
    ("counted", 180),
    ("proved", 20),
    ("claimed", 20),
];

/// The sentence that follows from them.
const SENTENCE: &str =
    "1 of 4 services is live, 1 is blocked; 50 % of the passed checks are proved.";

/// Counted checks up to Live in climbing order, from the playbook as people write it.
fn checks_to_live() -> Vec<String> {
    let playbook =
        std::fs::read_to_string(place::repository().join("crates/domain/playbook/default.yaml"))
            .unwrap();
    let mut checks = Vec::new();
    let mut id = String::new();
    let mut stage = String::new();
    for line in playbook.lines() {
        if let Some(found) = line.strip_prefix("  - id: ") {
            found.split_whitespace().next().unwrap_or_default().clone_into(&mut id);
        } else if let Some(found) = line.strip_prefix("    stage: ") {
            found.trim().clone_into(&mut stage);
        } else if line.starts_with("    state: counted") && stage != "finished" {
            checks.push(id.clone());
        }
    }
    assert_eq!(checks.len(), 39, "the hand-worked number of counted checks up to Live");
    checks
}

fn agrees(progress: &Value) {
    for (name, expect) in EXPECT {
        assert_eq!(progress["totals"][name], json!(expect), "{name} of {}", progress["totals"]);
    }
    assert_eq!(progress["sentence"], json!(SENTENCE));
    let live = progress["stages"].as_array().unwrap().iter().find(|row| row["stage"] == "live");
    assert_eq!(live.unwrap()["services"][0]["name"], "quotes");
    assert_eq!(progress["blocked"][0]["service"]["name"], "mailer");
    assert_eq!(progress["blocked"].as_array().unwrap().len(), 1);
}

async fn pilotage(data: &Path, workspace: &Path, words: &[&str]) -> Outcome<String> {
    let output = browser::pilotage(data, workspace)?
        .args(words)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .output()
        .await
        .map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        Ok(text)
    } else {
        Err(format!("{words:?}: {text} {}", String::from_utf8_lossy(&output.stderr)))
    }
}

fn compose(folder: &Path) -> PathBuf {
    let file = folder.join("docker-compose.yml");
    std::fs::write(&file, COMPOSE).unwrap();
    file
}

#[tokio::test]
async fn by_command_line() {
    let (_guard, data) = folder().unwrap();
    let workspace = data.join("voyage.pilotage");
    let file = compose(&data);
    let run = |words: Vec<String>| {
        let (data, workspace) = (data.clone(), workspace.clone());
        async move {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            pilotage(&data, &workspace, &words).await.unwrap()
        }
    };
    let words = |line: &str| -> Vec<String> { line.split(' ').map(str::to_owned).collect() };
    run(vec!["init".into(), "--name".into(), "Acme".into(), "--as".into(), "Engineer A".into()])
        .await;
    let import = run(vec!["import".into(), file.display().to_string(), "--json".into()]).await;
    let import: Value = serde_json::from_str(&import).unwrap();
    assert_eq!(import["created"], 6);
    assert_eq!(import["dependencies"]["created"], 4);
    let again = run(vec!["import".into(), file.display().to_string(), "--json".into()]).await;
    let again: Value = serde_json::from_str(&again).unwrap();
    assert_eq!((&again["created"], &again["unchanged"]), (&json!(0), &json!(6)));
    assert_eq!(again["batch"], Value::Null, "a second import writes nothing");
    for check in checks_to_live() {
        run(words(&format!("check attest quotes {check}"))).await;
    }
    run(words("check attest orders DI-01")).await;
    for service in ["mailer", "storefront"] {
        run(words(&format!("block open {service} --reason firewall --waiting-for network-team")))
            .await;
    }
    run(words("undo")).await;
    let report = run(words("report progress --format json")).await;
    let report: Value = serde_json::from_str(&report).unwrap();
    agrees(&report["progress"]);
    for (format, part) in
        [("md", SENTENCE), ("html", SENTENCE), ("csv", "quotes,service,in,live,39,45,19")]
    {
        let text = run(words(&format!("report progress --format {format}"))).await;
        assert!(text.contains(part), "{format} says {part:?}: {text}");
    }
}

#[tokio::test]
async fn by_window_page() {
    let (_guard, data) = folder().unwrap();
    let workspace = data.join("voyage.pilotage");
    let file = compose(&data);
    let new = pilotage_api::programme::NewProgramme {
        name: "Acme".to_owned(),
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
    hand.import_files.lock().unwrap().push(file);
    let app = Arc::new(App::open(options, Arc::new(TestHost(hand))).await.unwrap());
    let served = host::serve(Arc::clone(&app), place::page()).await.unwrap();
    let browser = Browser::chromium(1280, 800).await.unwrap();
    let walked = walk(&browser, &served.url("#/progress")).await;
    browser.close().await;
    walked.unwrap();
    agrees(&app.call("progress", json!({})).await.unwrap());
}

async fn walk(browser: &Browser, url: &str) -> Outcome<()> {
    browser.open(url).await?;
    browser.fill("person-name", "Engineer A").await?;
    browser.click("start-working").await?;
    browser.click("empty-import").await?;
    browser.click("import-choose").await?;
    browser.until_text("import-count-created", "6").await?;
    browser.click("import-apply").await?;
    browser.find("import-done").await?;
    for check in checks_to_live() {
        open_service(browser, "quotes").await?;
        attest(browser, &check).await?;
    }
    open_service(browser, "orders").await?;
    attest(browser, "DI-01").await?;
    for service in ["mailer", "storefront"] {
        open_service(browser, service).await?;
        browser.click("blocker-add").await?;
        browser.fill("blocker-reason", "firewall").await?;
        browser.fill("blocker-waiting", "network-team").await?;
        browser.click("blocker-save").await?;
        browser.find("blocker-close").await?;
    }
    browser.click("toast-undo").await?;
    let gone = "return !document.querySelector('[data-testid=\"blocker-close\"]')";
    browser.until("the blocker is gone", gone, vec![]).await?;
    browser.run("location.hash = '#/progress'", vec![]).await?;
    browser.until_text("progress-sentence", SENTENCE).await?;
    browser.until_text("progress-done", "1").await?;
    browser.until_text("stage-count-live", "1").await
}

/// Opens a service by its name, unless it is open.
async fn open_service(browser: &Browser, name: &str) -> Outcome<()> {
    let script = "return document.querySelector('[data-testid=\"service-name\"]')?.innerText === arguments[0]";
    if browser.run(script, vec![json!(name)]).await? == json!(true) {
        return Ok(());
    }
    browser.run("location.hash = '#/services?q=' + arguments[0]", vec![json!(name)]).await?;
    let link = "const link = [...document.querySelectorAll('[data-testid=\"services-row\"] a')]\
        .find(a => a.innerText.trim() === arguments[0]); if (!link) return false; \
        location.hash = link.getAttribute('href'); return true;";
    browser.until(&format!("a row for {name}"), link, vec![json!(name)]).await?;
    browser.until_text("service-name", name).await
}

async fn attest(browser: &Browser, check: &str) -> Outcome<()> {
    let selector = format!("[data-testid=\"check-{check}\"]");
    let toggle = "const row = document.querySelector(arguments[0]); if (!row) return false; \
        if (!row.querySelector('[data-testid=\"attest-pass\"]')) document.querySelector(arguments[1]).click(); return true;";
    let arguments = vec![json!(selector), json!(format!("[data-testid=\"check-toggle-{check}\"]"))];
    browser.until(&format!("{check} on the page"), toggle, arguments).await?;
    let press = "const b = document.querySelector(`${arguments[0]} [data-testid=\"${arguments[1]}\"]`); \
        if (!b || b.disabled) return false; b.click(); return true;";
    for button in ["attest-pass", "attest-save"] {
        browser.until(button, press, vec![json!(selector), json!(button)]).await?;
    }
    // The open row's buttons say "pass" too: the row's own heading is what counts. With its last
    // check a stage is done and folds, which takes the row away.
    let passes = "const heading = document.querySelector(arguments[0]); \
        return heading === null || /\\bpass\\b/.test(heading.innerText)";
    let heading = json!(format!("[data-testid=\"check-toggle-{check}\"]"));
    browser.until(&format!("{check} passes"), passes, vec![heading]).await?;
    let closed = "return !document.querySelector(`${arguments[0]} [data-testid=\"attest-save\"]`)";
    browser.until(&format!("{check} is saved"), closed, vec![json!(selector)]).await
}
