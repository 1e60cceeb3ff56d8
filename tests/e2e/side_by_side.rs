//! Four command lines write side by side with the page open: nothing is lost, sequences have no
//! gaps, and the page follows within a second.

#![expect(clippy::unwrap_used, reason = "a step that fails ends the test and says why")]

use pilotage_api::app::Watch;
use pilotage_api::{App, Clock, OpenOptions};
use pilotage_tests::browser::{self, Browser, folder};
use pilotage_tests::host::{self, Hand, TestHost};
use pilotage_tests::place;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};

/// Writers.
const PROCESSES: usize = 4;

/// Writes of each; the 1,000 by `PILOTAGE_TEST_WRITES=1000`.
fn writes() -> usize {
    std::env::var("PILOTAGE_TEST_WRITES").ok().and_then(|count| count.parse().ok()).unwrap_or(250)
}

#[tokio::test]
async fn four_command_lines_and_a_page() {
    let (_guard, data) = folder().unwrap();
    let workspace = data.join("side.pilotage");
    let new = pilotage_api::programme::NewProgramme {
        name: "Side by side".to_owned(),
        time_zone: "UTC".to_owned(),
    };
    pilotage_api::programme::create(&workspace, &data, Clock::System, &new).await.unwrap();
    let options = OpenOptions {
        workspace: workspace.clone(),
        data_folder: data.clone(),
        clock: Clock::System,
        watch: Watch::Yes,
    };
    let app = App::open(options, Arc::new(TestHost(Arc::new(Hand::default())))).await.unwrap();
    app.act_as_named("Engineer A").await.unwrap();
    app.keep_acting().unwrap();
    let file = data.join("compose.yml");
    let compose: String = std::iter::once("services:\n".to_owned())
        .chain((0..PROCESSES).map(|n| format!("  service-{n}:\n    image: acme/service-{n}:1\n")))
        .collect();
    std::fs::write(&file, compose).unwrap();
    let files = pilotage_api::imports::ImportFiles { files: vec![file], ..Default::default() };
    let preview = pilotage_api::imports::preview(&app, files).await.unwrap();
    let token = preview.token.unwrap();
    app.apply_import(pilotage_api::dto::import::ApplyImport { token, take: Vec::new() })
        .await
        .unwrap();
    let before = app.export().await.unwrap().log.len();

    let app = Arc::new(app);
    let served = host::serve(Arc::clone(&app), place::page()).await.unwrap();
    let browser = Browser::chromium(1280, 800).await.unwrap();
    browser.open(&served.url("#/services")).await.unwrap();
    browser.find("services-row").await.unwrap();

    let mut tasks = Vec::new();
    for process in 0..PROCESSES {
        let (data, workspace) = (data.clone(), workspace.clone());
        tasks.push(tokio::spawn(async move { write_many(&data, &workspace, process).await }));
    }
    let mut acknowledged = BTreeSet::new();
    for task in tasks {
        for batch in task.await.unwrap() {
            assert!(acknowledged.insert(batch.clone()), "{batch} was given twice");
        }
    }
    assert_eq!(acknowledged.len(), PROCESSES * writes());

    // The page follows: a blocker that another program opens shows within a second.
    let start =
        write_one(&data, &workspace, "block open service-1 --reason x --waiting-for y").await;
    let shown = "return [...document.querySelectorAll('[data-testid=\"services-row\"]')]\
        .some(row => row.innerText.includes('service-1') && row.innerText.toLowerCase().includes('blocked'))";
    while browser.run(shown, vec![]).await.unwrap() != json!(true) {
        assert!(start.elapsed() < Duration::from_secs(20), "the page never followed");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let lag = start.elapsed();
    browser.close().await;
    println!("the page followed after {} ms", lag.as_millis());

    let log = app.export().await.unwrap().log;
    assert_eq!(log.len(), before + PROCESSES * writes() + 1, "nothing lost, nothing doubled");
    let sequences: Vec<u64> = log.iter().map(|line| line.batch["s"].as_u64().unwrap()).collect();
    let expect: Vec<u64> = (1..=sequences.len() as u64).collect();
    let mut sorted = sequences.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, expect, "sequences have no gap");
    assert_eq!(sequences, expect, "and the clock runs with them");
    let devices: BTreeSet<&str> = log.iter().map(|line| line.device.as_str()).collect();
    assert_eq!(devices.len(), 1, "one device, several programs");
}

async fn write_many(data: &Path, workspace: &Path, process: usize) -> Vec<String> {
    let mut child = browser::pilotage(data, workspace)
        .unwrap()
        .arg("batch")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut batches = Vec::new();
    for number in 0..writes() {
        let result = if number % 2 == 0 { "pass" } else { "fail" };
        let line = json!({"command": "attest", "argument": {
            "service": format!("service-{process}"), "check": "DI-01", "result": result,
            "note": format!("write {number} of {process}"),
        }});
        input.write_all(format!("{line}\n").as_bytes()).await.unwrap();
        let answer: Value =
            serde_json::from_str(&output.next_line().await.unwrap().unwrap()).unwrap();
        let batch = answer["answer"]["batch"].as_str().unwrap_or_else(|| panic!("{answer}"));
        batches.push(batch.to_owned());
    }
    drop(input);
    child.wait().await.unwrap();
    batches
}

/// Runs one command and returns the moment at which it had ended.
async fn write_one(data: &Path, workspace: &Path, line: &str) -> Instant {
    let status =
        browser::pilotage(data, workspace).unwrap().args(line.split(' ')).status().await.unwrap();
    assert!(status.success(), "{line}");
    Instant::now()
}
