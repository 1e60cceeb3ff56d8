//! Benches: `bench NAME`. Figures are for reading, never for failing: machines are busy.

#[path = "bench/cluster.rs"]
mod cluster;
#[path = "bench/forecast.rs"]
mod forecast;
#[path = "bench/manifests.rs"]
mod manifests;
#[path = "bench/store.rs"]
mod store;

use pilotage_api::app::Watch;
use pilotage_api::{App, Clock, OpenOptions};
use pilotage_tests::browser::{Browser, Outcome, folder};
use pilotage_tests::host::{self, Hand, TestHost};
use pilotage_tests::place;
use serde_json::json;
use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

/// Starts of the window.
const STARTS: usize = 10;
/// Services of the large programme.
const SERVICES: usize = 5_000;

#[tokio::main]
async fn main() -> ExitCode {
    let name = std::env::args().nth(1).unwrap_or_default();
    let result = measure(&name).await;
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn measure(name: &str) -> Outcome<()> {
    match name {
        "start" => start().await,
        "table" => table().await,
        "store" => store::store(&std::env::args().skip(2).collect::<Vec<_>>()).await,
        "durability" => durability().await,
        "cluster" => cluster::cluster(&std::env::args().skip(2).collect::<Vec<_>>()).await,
        "forecast" => forecast::forecast(&std::env::args().skip(2).collect::<Vec<_>>()),
        "manifests" => manifests::manifests(&std::env::args().skip(2).collect::<Vec<_>>()).await,
        _ => Err("usage: bench start | table | store [--rebuild WRITES | --pages FILE [PAGE]] | durability | \
                  forecast --data DIR | cluster | manifests --samples DIR"
            .to_owned()),
    }
}

/// Power cuts, kills, failing calls and damage through the store, with the controls that must lose:
/// `durability [--kills N] [--cuts N] [--damages N] [--cancels N]`.
async fn durability() -> Outcome<()> {
    let words: Vec<String> = std::env::args().skip(2).collect();
    let numbers = pilotage_faults::table::Numbers::read(&words)?;
    pilotage_faults::table::print(numbers, &place::program("faults-child")?).await
}

/// From process start to Progress's first painted numbers, on the sample programme. The clock
/// starts when the driver starts the app, so the driver's own part is in the figure; the page
/// reports the moment of its first numbers itself.
async fn start() -> Outcome<()> {
    let (_guard, data) = folder()?;
    let program = place::program("pilotage-desktop")?;
    let mut times = Vec::new();
    // The first start makes the sample and is not counted.
    for round in 0..=STARTS {
        let before = now();
        let window = Browser::window(&program, &["--sample"], &data).await?;
        let painted = painted(&window).await;
        window.close().await;
        if round > 0 {
            times.push(painted? - before);
        }
    }
    times.sort_unstable();
    println!(
        "start: median {} ms, min {}, max {} of {STARTS}",
        times[times.len() / 2],
        times[0],
        times[times.len() - 1]
    );
    Ok(())
}

/// The moment of the first painted numbers: the page marks it as `progress-painted`.
async fn painted(window: &Browser) -> Outcome<u128> {
    let mark = "performance.getEntriesByName('progress-painted')[0]";
    window.until("the first painted numbers", &format!("return !!{mark}"), vec![]).await?;
    let script = format!("return Math.round(performance.timeOrigin + {mark}.startTime)");
    let moment = window.run(&script, vec![]).await?;
    moment.as_u64().map(u128::from).ok_or_else(|| "the page made no mark".to_owned())
}

#[expect(clippy::disallowed_methods, reason = "a bench reads the clock")]
fn now() -> u128 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| since.as_millis())
}

/// The table at 5,000 services in Chromium: mounted rows, and frames of a scripted 5 s scroll.
async fn table() -> Outcome<()> {
    let (_guard, data) = folder()?;
    let app = large_programme(&data).await?;
    let served = host::serve(app, place::page()).await.map_err(|error| error.to_string())?;
    let browser = Browser::chromium(1280, 800).await?;
    let measured = measure_table(&browser, &served.url("#/services")).await;
    browser.close().await;
    measured
}

async fn measure_table(browser: &Browser, url: &str) -> Outcome<()> {
    let before = Instant::now();
    browser.open(url).await?;
    browser.find("services-row").await?;
    println!("table: first rows after {} ms", before.elapsed().as_millis());
    let script = "const done = arguments[arguments.length - 1];\
        const row = document.querySelector('[data-testid=\"services-row\"]');\
        let box = row; while (box && !(box.scrollHeight > box.clientHeight + 50 && /auto|scroll/.test(getComputedStyle(box).overflowY))) box = box.parentElement;\
        box = box ?? document.scrollingElement;\
        const frames = []; let last = performance.now(); let rows = 0; const start = last;\
        const step = now => { frames.push(now - last); last = now;\
          const part = (now - start) / 5000;\
          rows = Math.max(rows, document.querySelectorAll('[data-testid=\"services-row\"]').length);\
          if (part >= 1) { frames.shift(); frames.sort((a, b) => a - b); done({rows, frames: frames.length, p50: frames[Math.floor(frames.length * 0.5)], p95: frames[Math.floor(frames.length * 0.95)], height: box.scrollHeight, top: box.scrollTop}); return; }\
          box.scrollTop = part * (box.scrollHeight - box.clientHeight); requestAnimationFrame(step); };\
        requestAnimationFrame(step);";
    for _ in 0..3 {
        let measured = browser.run_async(script, vec![]).await?;
        println!("table: {measured}");
    }
    Ok(())
}

/// A programme with many services, made through a compose file like any other.
pub(crate) async fn large_programme(data: &Path) -> Outcome<Arc<App>> {
    let text = |error: pilotage_api::ApiError| error.to_string();
    let workspace = data.join("large.pilotage");
    let new = pilotage_api::programme::NewProgramme {
        name: "Large".to_owned(),
        time_zone: "UTC".to_owned(),
    };
    pilotage_api::programme::create(&workspace, data, Clock::System, &new).await.map_err(text)?;
    let options = OpenOptions {
        workspace,
        data_folder: data.to_owned(),
        clock: Clock::System,
        watch: Watch::Yes,
    };
    let hand = Arc::new(Hand::default());
    let app = App::open(options, Arc::new(TestHost(hand))).await.map_err(text)?;
    app.act_as_named("Bench").await.map_err(text)?;
    let mut compose = String::from("services:\n");
    for number in 0..SERVICES {
        let _ = writeln!(compose, "  service-{number:05}:\n    image: bench/service-{number:05}:1");
        if number > 0 {
            let _ = writeln!(compose, "    depends_on: [service-{:05}]", number / 2);
        }
    }
    let file = data.join("compose.yaml");
    std::fs::write(&file, compose).map_err(|error| error.to_string())?;
    let files = pilotage_api::imports::ImportFiles { files: vec![file], ..Default::default() };
    let before = Instant::now();
    let preview = pilotage_api::imports::preview(&app, files).await.map_err(text)?;
    println!("table: import of {SERVICES} previewed in {} ms", before.elapsed().as_millis());
    let before = Instant::now();
    let token = preview.token.unwrap_or_default();
    app.apply_import(pilotage_api::dto::import::ApplyImport { token, take: Vec::new() })
        .await
        .map_err(text)?;
    println!("table: and applied in {} ms", before.elapsed().as_millis());
    let before = Instant::now();
    let view = app.call("services", json!({})).await.map_err(text)?;
    println!(
        "table: {} bytes of rows in {} ms",
        view.to_string().len(),
        before.elapsed().as_millis()
    );
    Ok(Arc::new(app))
}
