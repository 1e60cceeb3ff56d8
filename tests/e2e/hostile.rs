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
use pilotage_tests::place;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};

const STRINGS: usize = 500;

/// Counts whoever connects.
struct Listener {
    port: u16,
    hits: Arc<AtomicU32>,
}

impl Listener {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let hits = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&hits);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::Relaxed);
                let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await;
            }
        });
        Self { port, hits }
    }

    fn hits(&self) -> u32 {
        self.hits.load(Ordering::Relaxed)
    }
}

/// The strings: every attack in every wrapping, numbered, so that no two are the same.
fn strings(port: u16) -> Vec<String> {
    let url = format!("http://127.0.0.1:{port}/x");
    let run = "window.pwned=1";
    let attacks = [
        format!("<script>{run}</script>"),
        format!("<img src=x onerror={run}>"),
        format!("<img src=\"{url}\">"),
        format!("<svg onload={run}>"),
        format!("<iframe src=\"{url}\"></iframe>"),
        format!("<link rel=stylesheet href=\"{url}\">"),
        format!("<style>@import '{url}';</style>"),
        format!("<a href=\"javascript:{run}\">x</a>"),
        format!("<body onload={run}>"),
        format!("<meta http-equiv=refresh content=\"0;url={url}\">"),
        format!("<object data=\"{url}\"></object>"),
        format!("<video src=\"{url}\" autoplay></video>"),
        format!("\"><script>{run}</script>"),
        format!("'-{run}-'"),
        format!("${{{run}}}"),
        format!("{{{{constructor.constructor('{run}')()}}}}"),
        format!("{{@html '<script>{run}</script>'}}"),
        format!("</textarea><script>{run}</script>"),
        format!("<!--<script>{run}//-->"),
        format!("]]><script>{run}</script>"),
        format!("[x](javascript:{run})"),
        format!("![x]({url})"),
        format!("[x]({url} \"onmouseover={run}\")"),
        format!("<{url}>"),
        "javascript:alert(1)".to_owned(),
        "data:text/html,<script>window.pwned=1</script>".to_owned(),
        "=cmd|' /C calc'!A0".to_owned(),
        format!("=HYPERLINK(\"{url}\",\"x\")"),
        "+1+1".to_owned(),
        "-2+3".to_owned(),
        "@SUM(1+1)".to_owned(),
        "\t=1+1".to_owned(),
        "'; DROP TABLE node; --".to_owned(),
        "\" OR 1=1 --".to_owned(),
        "%s%s%n%x".to_owned(),
        "../../../etc/passwd".to_owned(),
        "..\\..\\windows\\system32".to_owned(),
        "/etc/passwd\u{0}.png".to_owned(),
        "CON".to_owned(),
        "a/b%2Fc".to_owned(),
        "--workspace=/tmp/x".to_owned(),
        "-rf".to_owned(),
        "$(reboot)".to_owned(),
        "`reboot`".to_owned(),
        "pay\u{202e}stnem".to_owned(),
        "\u{2066}isolate\u{2069}".to_owned(),
        "zero\u{200b}width".to_owned(),
        "\u{feff}mark".to_owned(),
        "tag\u{e0041}\u{e0042}".to_owned(),
        "\u{1b}[31mred\u{1b}[0m\u{7}".to_owned(),
        "\u{1b}]0;title\u{7}".to_owned(),
        "line\r\nSet-Cookie: x".to_owned(),
        "null\u{0}byte".to_owned(),
        "c1\u{85}\u{9b}31m".to_owned(),
        "Z\u{300}\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}\u{307}".to_owned(),
        "\u{fdfd}\u{12219}".to_owned(),
        "👩‍👩‍👧‍👦🏴󠁧󠁢󠁥󠁮󠁧󠁿".to_owned(),
        "\u{fffe}\u{ffff}".to_owned(),
        "x".repeat(1024 * 1024),
        "😀".repeat(3_000),
        "| a | b |\n|---|---|\n| 1 | 2 |".to_owned(),
        "# heading\n- list\n```\ncode".to_owned(),
        "{\"json\": [1, null]}".to_owned(),
        "key: value\n- &a [*a]".to_owned(),
    ];
    let wrappings: [fn(&str) -> String; 8] = [
        str::to_owned,
        |attack| format!("plain {attack}"),
        |attack| format!("{attack} behind"),
        |attack| format!("\u{a0}{attack}"),
        |attack| format!("\"{attack}\""),
        |attack| format!("<b>{attack}</b>"),
        |attack| attack.to_uppercase(),
        |attack| format!("{attack}{attack}"),
    ];
    let mut strings: Vec<String> = Vec::new();
    for wrap in wrappings {
        for attack in &attacks {
            let string = wrap(attack);
            if !strings.contains(&string) && strings.len() < STRINGS {
                strings.push(string);
            }
        }
    }
    assert_eq!(strings.len(), STRINGS);
    strings
}

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

/// Characters that a terminal obeys or that turn the reading direction.
fn is_dangerous(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
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
    let listener = Listener::start().await;
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

/// What must not happen in a page, counted from now on.
const WATCH: &str = "window.seen = {violations: 0, errors: []};\
    window.addEventListener('error', (event) => { window.seen.errors.push(event.message); });\
    window.addEventListener('unhandledrejection', (event) => { window.seen.errors.push(String(event.reason)); });\
    document.addEventListener('securitypolicyviolation', () => { window.seen.violations += 1; });";

/// What did happen: errors of the page, scripts that ran, policy violations, elements that no page
/// of ours has.
const SEEN: &str = "return [window.seen.errors, window.pwned === undefined ? 0 : 1, window.seen.violations,\
    document.querySelectorAll('script:not([src]), iframe, object, embed, video, main img, main style, main link, \
    [onerror], [onload], [onmouseover], a[href^=\"javascript:\" i], a[href^=\"data:\" i]').length];";

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

    // Controls: each of the eyes sees what it is there to see.
    window.run("document.body.insertAdjacentHTML('beforeend', '<img src=\"http://127.0.0.1:' + arguments[0] + '/\">')", vec![json!(listener.port)]).await.unwrap();
    window.until("the violation", "return window.seen.violations > 0", vec![]).await.unwrap();
    window.run("document.querySelector('main').insertAdjacentHTML('beforeend', '<iframe></iframe>'); window.pwned = 1; setTimeout(() => { throw new Error('thrown'); });", vec![]).await.unwrap();
    window.until("the error", "return window.seen.errors.length > 0", vec![]).await.unwrap();
    let seen = window.run(SEEN, vec![]).await.unwrap();
    assert!(seen[1] == json!(1) && seen[3].as_u64() > Some(0), "{seen}");
    TcpStream::connect(("127.0.0.1", listener.port)).await.unwrap();
    let start = std::time::Instant::now();
    while listener.hits() == 0 && start.elapsed().as_secs() < 5 {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert_eq!(listener.hits(), 1, "the listener counts");
    window.close().await;
}

/// Without blanks and hidden characters, which a view shows in a way of its own.
fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric() || c.is_ascii_punctuation()).collect()
}
