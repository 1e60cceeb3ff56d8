//! The real window by `WebDriver`: it opens, shows the sample's numbers, attests and takes back, and
//! keeps what was done. No socket listens, and the page may call nothing but the one command.

#![expect(clippy::unwrap_used, reason = "a step that fails ends the test and says why")]

use pilotage_tests::browser::{Browser, Plain, folder};
use pilotage_tests::place;
use serde_json::json;
use std::time::{Duration, Instant};

#[tokio::test]
async fn the_window_shows_the_sample_and_saves_an_attestation() {
    let (_guard, data) = folder().unwrap();
    let program = place::program("pilotage-desktop").unwrap();
    let window = Browser::window(&program, &["--sample"], &data).await.unwrap();
    window.until_text("progress-done", "9").await.unwrap();
    window.find("flow-chart").await.unwrap();

    // Only the one command is allowed: the page cannot reach dialogs or files.
    let script = "const done = arguments[arguments.length - 1];\
        window.__TAURI_INTERNALS__.invoke(arguments[0], {}).then(() => done('allowed'), error => done(String(error)));";
    for command in ["plugin:dialog|open", "plugin:fs|read_file", "plugin:shell|open", "other"] {
        let answer = window.run_async(script, vec![json!(command)]).await.unwrap();
        assert_ne!(answer, json!("allowed"), "{command} must be refused");
    }

    // What is attested in the window is attested.
    window.run("location.hash = '#/services?q=identity'", vec![]).await.unwrap();
    let script = "return document.querySelectorAll('[data-testid=\"services-row\"]').length === 1";
    window.until("one row", script, vec![]).await.unwrap();
    let open = "location.hash = document.querySelector('[data-testid=\"services-row\"] a').getAttribute('href')";
    window.run(open, vec![]).await.unwrap();
    window.until_text("service-name", "identity-provider").await.unwrap();
    attest(&window, "LI-04").await;
    window.until_text("check-LI-04", "proved").await.unwrap();
    window.click("toast-undo").await.unwrap();
    // The buttons of the open check say "pass" too: its own word is what counts.
    window.until_text("check-LI-04", "unknown").await.unwrap();
    window.close().await;
}

async fn attest(window: &Browser, check: &str) {
    let expanded = format!("check-toggle-{check}");
    window.click(&expanded).await.unwrap();
    let card = format!("[data-testid=\"check-{check}\"] [data-testid=\"attest-pass\"]");
    let press = "document.querySelector(arguments[0]).click()";
    let there = "return !!document.querySelector(arguments[0])";
    window.until("the form", there, vec![json!(card)]).await.unwrap();
    window.run(press, vec![json!(card)]).await.unwrap();
    window.click("attest-save").await.unwrap();
}

/// Started as a person starts it: under a driver, the webview itself listens for the driver.
#[tokio::test]
async fn the_window_listens_nowhere() {
    let (_guard, data) = folder().unwrap();
    let program = place::program("pilotage-desktop").unwrap();
    let app = Plain::start(&program, &["--sample"], &data).await.unwrap();
    let process = app.process().unwrap();
    let start = Instant::now();
    while family(process).len() < 3 {
        assert!(start.elapsed() < Duration::from_secs(30), "the webview's processes never came");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let mut sockets = 0;
    for _ in 0..20 {
        let family = family(process);
        let (own, listening) = listening_sockets(&family);
        sockets = sockets.max(own);
        assert!(listening.is_empty(), "the shipped app listens on {listening:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    app.close().await;
    assert!(sockets > 0, "its sockets, such as the one to its display, were seen");
}

/// A process and its descendants.
fn family(root: u32) -> Vec<u32> {
    let mut family = vec![root];
    let mut parents = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Ok(process) = entry.file_name().to_string_lossy().parse::<u32>() else {
            continue;
        };
        let status = std::fs::read_to_string(entry.path().join("status")).unwrap_or_default();
        let parent =
            status.lines().find_map(|line| line.strip_prefix("PPid:")?.trim().parse().ok());
        parents.push((process, parent.unwrap_or(0)));
    }
    let mut next = 0;
    while let Some(parent) = family.get(next).copied() {
        family.extend(parents.iter().filter(|(_, of)| *of == parent).map(|(process, _)| *process));
        next += 1;
    }
    family
}

/// How many sockets the processes hold, and which of them listen for TCP.
fn listening_sockets(processes: &[u32]) -> (usize, Vec<String>) {
    let mut inodes = Vec::new();
    for process in processes {
        let folder = format!("/proc/{process}/fd");
        for descriptor in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let link = std::fs::read_link(descriptor.path()).unwrap_or_default();
            if let Some(inode) = link.to_string_lossy().strip_prefix("socket:[") {
                inodes.push(inode.trim_end_matches(']').to_owned());
            }
        }
    }
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"]
        .map(|table| std::fs::read_to_string(table).unwrap_or_default());
    let listening = listeners(&tables.join("\n"));
    (inodes.len(), listening.into_iter().filter(|inode| inodes.contains(inode)).collect())
}

/// Inodes of listening sockets in a `/proc/net/tcp` table: state 0A.
fn listeners(table: &str) -> Vec<String> {
    table
        .lines()
        .filter_map(|line| {
            let cells: Vec<&str> = line.split_whitespace().collect();
            (cells.get(3) == Some(&"0A")).then(|| cells.get(9).map(|inode| (*inode).to_owned()))?
        })
        .collect()
}

#[test]
fn a_listening_socket_would_be_seen() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = format!(":{:04X}", listener.local_addr().unwrap().port());
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let own: String = table.lines().filter(|line| line.contains(&port)).collect();
    assert_eq!(listeners(&own).len(), 1, "{own}");
}

/// The test host's policy and the window's are one but for whom the page may talk to, so that what a
/// browser refuses in the tests the window refuses too.
#[test]
fn the_test_host_has_the_policy_of_the_window() {
    let file = place::repository().join("src-tauri/tauri.conf.json");
    let config: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let shipped = config["app"]["security"]["csp"].as_str().unwrap();
    let rules = |policy: &str| -> Vec<String> {
        let rules =
            policy.split(';').map(|rule| rule.split_whitespace().collect::<Vec<_>>().join(" "));
        rules.filter(|rule| !rule.starts_with("connect-src")).collect()
    };
    assert_eq!(rules(shipped), rules(pilotage_tests::host::policy()));
    assert!(shipped.contains("connect-src ipc: http://ipc.localhost;"), "{shipped}");
    // The control: one more source is seen.
    assert_ne!(rules(&shipped.replace("img-src 'self'", "img-src 'self' *")), rules(shipped));
}
