//! Hostile strings in every field: shown as text in the real window, on the command line and in the
//! exports; no script runs, no request leaves.
//!
//! There are 500 strings; the suite takes every tenth, `PILOTAGE_TEST_HOSTILE=all` takes all. Each
//! goes into every field that takes text; what a field refuses is refused with an error and leaves
//! nothing behind.

#![expect(clippy::unwrap_used, reason = "a step that fails ends the test and says why")]

use pilotage_api::programme::{NewProgramme, create};
use pilotage_api::{App, Clock, OpenOptions, app::Watch, host::NoDialogs};
use pilotage_tests::browser::{self, Browser, Outcome, folder};
use pilotage_tests::hostile::{
    Listener, SEEN, STRINGS, WATCH, is_dangerous, plain, see_everything, strings,
};
use pilotage_tests::place;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// What became of a string in one field.
#[derive(Debug, Default)]
struct Tally {
    taken: u32,
    refused: u32,
}

/// Puts every string into every field, and answers the id of each string's service.
async fn fill(app: &App, strings: &[String]) -> (Vec<String>, BTreeMap<&'static str, Tally>) {
    let mut tally: BTreeMap<&'static str, Tally> = BTreeMap::new();
    let mut services = Vec::new();
    let mut say = async |field: &'static str, command: &str, argument: Value| {
        let answer = app.call(command, argument).await;
        let count = tally.entry(field).or_default();
        match answer {
            Ok(saved) => {
                count.taken += 1;
                Some(saved)
            }
            Err(error) => {
                let code = serde_json::to_value(error.code).unwrap();
                // What the string breaks is the form of a field, never the program.
                let closed = ["arguments_invalid", "name_taken", "not_possible", "not_found"];
                assert!(closed.contains(&code.as_str().unwrap()), "{field}: {error:?}");
                count.refused += 1;
                None
            }
        }
    };
    for (number, string) in strings.iter().enumerate() {
        let named = say("name", "add_service", json!({"name": format!("{string} {number}")})).await;
        let id = if let Some(saved) = named {
            saved["id"].as_str().unwrap().to_owned()
        } else {
            let plain = json!({"name": format!("service {number}")});
            let saved = say("plain name", "add_service", plain).await.unwrap();
            saved["id"].as_str().unwrap().to_owned()
        };
        let edit = |edit: Value| json!({"service": id, "edit": edit});
        for field in ["owner", "team", "archetype", "repository", "notes", "effort", "class"] {
            say(field, "edit_service", edit(json!({"field": field, "value": string}))).await;
        }
        let tag = edit(json!({"field": "tag", "value": {"tag": string, "present": true}}));
        say("tag", "edit_service", tag).await;
        let alias = format!("{string} alias {number}");
        let alias = edit(json!({"field": "alias", "value": {"alias": alias, "present": true}}));
        say("alias", "edit_service", alias).await;
        let link = json!({"address": "https://a.example/", "title": string});
        say("link title", "edit_service", edit(json!({"field": "link", "value": link}))).await;
        let link = json!({"address": string, "title": "title"});
        say("link address", "edit_service", edit(json!({"field": "link", "value": link}))).await;
        let blocker = json!({"service": id, "reason": string, "waiting_for": string});
        say("blocker", "open_blocker", blocker).await;
        let attested = json!({"service": id, "check": "DI-01", "result": "fail", "note": string});
        say("note of a finding", "attest", attested).await;
        let waiver =
            json!({"service": id, "check": "DI-02", "reason": string, "expires_on": "2027-01-31"});
        say("waiver", "request_waiver", waiver).await;
        let scope = json!({"field": "scope", "value": {"scope": "retire", "reason": string}});
        say("scope reason", "edit_service", edit(scope)).await;
        say(
            "scope back",
            "edit_service",
            edit(json!({"field": "scope", "value": {"scope": "in", "reason": "back"}})),
        )
        .await;
        if strings.len() < STRINGS || number % 10 == 0 {
            say("person", "add_person", json!({"name": format!("{string} {number}")})).await;
            let environment = json!({"name": format!("{string} {number}")});
            say("environment", "add_environment", environment).await;
            let view = json!({"name": string, "address": "#/services?q=x"});
            say("view", "keep_view", view).await;
            say("programme", "edit_programme", json!({"name": string})).await;
            // As identifiers they lead nowhere.
            say("as an id", "service", json!({"service": string})).await;
            say("as a check", "evidence", json!({"service": id, "check": string})).await;
        }
        services.push(id);
    }
    say("programme", "edit_programme", json!({"name": strings[0]})).await.unwrap();
    let draft =
        json!({"title": strings[2], "stage": "live", "what": strings[0], "why": strings[3]});
    let drafted = say("check", "draft_check", draft).await.unwrap();
    let counted = drafted["text"].as_str().unwrap().replace("state: draft", "state: visible");
    say("playbook", "adopt_playbook", json!({"text": counted})).await.unwrap();
    (services, tally)
}

/// Compose files are foreign text too: names, images and folders come from them.
fn compose(strings: &[String]) -> String {
    let services: serde_json::Map<String, Value> = strings
        .iter()
        .enumerate()
        .filter(|(_, string)| string.len() < 2_000)
        .map(|(number, string)| {
            (format!("imported-{number}"), json!({"image": string, "container_name": string}))
        })
        .collect();
    json!({ "services": services }).to_string()
}

async fn pilotage(data: &Path, workspace: &Path, words: &[&str]) -> Outcome<String> {
    let output = browser::pilotage(data, workspace)?
        .args(words)
        .output()
        .await
        .map_err(|error| error.to_string())?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr))
}

#[tokio::test]
async fn hostile_strings_are_text_everywhere() {
    let (_guard, data) = folder().unwrap();
    let listener = Listener::start().await.unwrap();
    let step = if std::env::var_os("PILOTAGE_TEST_HOSTILE").is_some() { 1 } else { 10 };
    let strings: Vec<String> = strings(listener.port).into_iter().step_by(step).collect();
    let workspace = data.join("hostile.pilotage");
    let new = NewProgramme { name: "Hostile".into(), time_zone: "UTC".into() };
    create(&workspace, &data, Clock::System, &new).await.unwrap();
    let options = OpenOptions {
        workspace: workspace.clone(),
        data_folder: data.clone(),
        clock: Clock::System,
        watch: Watch::No,
    };
    let app = App::open(options, Arc::new(NoDialogs)).await.unwrap();
    let me = app.call("add_person", json!({"name": "Ann"})).await.unwrap();
    app.call("act_as", json!({"id": me["id"]})).await.unwrap();
    let (services, tally) = fill(&app, &strings).await;
    let names: Vec<String> = app.call("services", json!({})).await.unwrap()["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["name"].as_str().unwrap().to_owned())
        .collect();
    app.close().await;
    for (field, count) in &tally {
        println!("{field}: {} taken, {} refused", count.taken, count.refused);
    }
    let file = data.join("compose.yml");
    std::fs::write(&file, compose(&strings)).unwrap();
    let file = file.display().to_string();
    pilotage(&data, &workspace, &["--as", "Ann", "import", &file]).await.unwrap();

    command_line(&data, &workspace, &services).await;
    let hits = listener.hits();
    window(&data, &workspace, &listener, &services, &names).await;
    assert_eq!(hits, 0, "nothing was fetched before the window opened either");
}

async fn command_line(data: &Path, workspace: &Path, services: &[String]) {
    for words in [
        &["services"][..],
        &["block", "list"],
        &["person", "list"],
        &["settings"],
        &["report", "progress", "--format", "md"],
        &["services", "--json"],
        &["service", &services[0], "--json"],
        &["export"],
    ] {
        let said = pilotage(data, workspace, words).await.unwrap();
        let bad = said.chars().find(|c| is_dangerous(*c));
        assert_eq!(bad, None, "{words:?} lets U+{:04X} pass", bad.map_or(0, u32::from));
    }
    for service in services.iter().step_by(10) {
        let said = pilotage(data, workspace, &["service", service]).await.unwrap();
        assert!(!said.chars().any(is_dangerous), "{service}");
        assert!(said.contains("Owner") || said.contains("Class"), "{said}");
    }
    let html =
        pilotage(data, workspace, &["report", "progress", "--format", "html"]).await.unwrap();
    for raw in [
        "<script",
        "<img",
        "<svg",
        "<iframe",
        "<object",
        "<link",
        "<video",
        "<meta http-equiv=refresh",
    ] {
        assert!(!html.to_lowercase().contains(raw), "{raw} stands in the report as markup");
    }
    let csv = pilotage(data, workspace, &["report", "progress", "--format", "csv"]).await.unwrap();
    let mut cells = 0;
    let mut table = csv::ReaderBuilder::new().has_headers(false).from_reader(csv.as_bytes());
    for record in table.records() {
        for cell in &record.unwrap() {
            let is_number = cell.parse::<f64>().is_ok();
            let is_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
            assert!(is_number || !is_formula, "{cell:?} is a formula");
            cells += 1;
        }
    }
    assert!(cells > services.len(), "{cells} cells were looked at");
}

/// What a page shows that did not come to rest.
const SHOWN: &str =
    "return [window.seen.errors, document.querySelector('main').innerText.slice(0, 500)];";

async fn window(
    data: &Path,
    workspace: &Path,
    listener: &Listener,
    services: &[String],
    names: &[String],
) {
    let program = place::program("pilotage-desktop").unwrap();
    let workspace = workspace.display().to_string();
    let window = Browser::window(&program, &["--workspace", &workspace], data).await.unwrap();
    window.settled().await.unwrap();
    window.run(WATCH, vec![]).await.unwrap();
    let go = async |address: &str| {
        window.run("location.hash = arguments[0]", vec![json!(address)]).await.unwrap();
        if let Err(error) = window.settled().await {
            let shown = window.run(SHOWN, vec![]).await;
            panic!("{address}: {error}; the page shows {shown:?}");
        }
    };
    let quiet = async |place: &str| {
        let seen = window.run(SEEN, vec![]).await.unwrap();
        assert_eq!(
            seen,
            json!([[], 0, 0, 0]),
            "{place}: [errors, scripts, violations, foreign elements]"
        );
    };
    for (name, address) in pilotage_tests::page::PAGES {
        go(address).await;
        quiet(name).await;
    }
    for (name, address) in [
        ("notices", "#/progress?notices=open"),
        ("groups of the heat map", "#/heatmap?group=team"),
        ("the playbook's text", "#/playbook?tab=edit"),
    ] {
        go(address).await;
        quiet(name).await;
    }
    let mut shown = 0;
    for service in services {
        go(&format!("#/service/{service}?evidence={service}/DI-01")).await;
        let ready = "const e = document.querySelector('[data-testid=\"service-name\"]'); return !!e && e.textContent.trim() !== '';";
        if let Err(error) = window.until("the service", ready, vec![]).await {
            let shown = window.run(SHOWN, vec![]).await;
            panic!("{service}: {error}; the page shows {shown:?}");
        }
        let name = window.text("service-name").await.unwrap();
        // Markup that was obeyed would be gone from the text.
        let known = names.iter().any(|known| plain(known) == plain(&name));
        assert!(known, "{name:?} is the text of no service");
        quiet(service).await;
        shown += 1;
    }
    println!("{shown} services shown in the window");
    assert_eq!(listener.hits(), 0, "a request left");

    // Each of the eyes sees what it is there to see.
    see_everything(&window, listener).await.unwrap();
    window.close().await;
}
