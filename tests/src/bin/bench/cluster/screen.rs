//! From a change in the cluster to the model of the Cluster page, with all workloads mapped to
//! services and judged meanwhile.

use super::server::{Server, Size, WORKLOADS, ticks};
use super::text;
use pilotage_api::app::Watch;
use pilotage_api::cluster::ClusterSource;
use pilotage_api::commands::Tag;
use pilotage_api::{App, Clock, OpenOptions};
use pilotage_tests::browser::Outcome;
use pilotage_tests::host::{Hand, TestHost};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::broadcast::error::RecvError;

pub const RESTARTS_A_SECOND: usize = 200;
/// So long the first lists and the first judgement may take.
const PATIENCE: Duration = Duration::from_mins(2);

/// A restart that the server told: the workload, its restarts so far, and when in microseconds.
type Told = Arc<Mutex<Vec<(String, u64, u64)>>>;

/// Measures for so many seconds.
pub async fn changes(folder: &Path, pods: usize, seconds: u64) -> Outcome<()> {
    let size = Size { pods, restarts: RESTARTS_A_SECOND };
    let mut server = Server::start(folder, size).await?;
    let told = Told::default();
    let mut lines = server.lines().ok_or("nobody tells changes")?;
    let own = Arc::clone(&told);
    let telling = tokio::spawn(async move {
        while let Ok(Some(line)) = lines.next_line().await {
            let mut words = line.split(' ');
            let mut next = || words.next().unwrap_or_default();
            let (name, count, at) = (next().to_owned(), next().parse(), next().parse());
            if let (Ok(count), Ok(at)) = (count, at) {
                own.lock().unwrap_or_else(PoisonError::into_inner).push((name, count, at));
            }
        }
    });
    let app = programme(folder).await?;
    app.watch_clusters(ClusterSource::Kubeconfigs(Some(vec![server.kubeconfig.clone()])));
    call(&app, "switch_context", json!({ "context": "sim", "on": true })).await?;
    map_all(&app).await?;
    // Until the first judgement is over.
    tokio::time::sleep(Duration::from_secs(10)).await;
    let before = (server.processor(), ticks("self", 11));
    let begun = Instant::now();
    let pulled = pull(&app, Duration::from_secs(seconds)).await?;
    let wall = begun.elapsed().as_secs_f64();
    let spent = (
        server.processor().saturating_sub(before.0).as_secs_f64() / wall,
        ticks("self", 11).saturating_sub(before.1).as_secs_f64() / wall,
    );
    telling.abort();
    drop(app);
    let told = told.lock().unwrap_or_else(PoisonError::into_inner);
    report(&told, &pulled, spent, wall)
}

/// What the page pulled.
struct Pulled {
    began: u64,
    ended: u64,
    /// Restarts that were seen of a workload, with the moment at which they were first seen.
    seen: HashMap<String, Vec<(u64, u64)>>,
    times: Vec<Duration>,
    bytes: usize,
}

/// As the page does: waits for news, pulls, and shows.
async fn pull(app: &App, time: Duration) -> Outcome<Pulled> {
    let mut news = app.changes();
    let mut pulled =
        Pulled { began: micros(), ended: 0, seen: HashMap::new(), times: Vec::new(), bytes: 0 };
    let begun = Instant::now();
    while begun.elapsed() < time {
        match tokio::time::timeout(PATIENCE, news.recv()).await.map_err(text)? {
            Ok(told) if !told.tags.contains(&Tag::Cluster) => continue,
            Ok(_) | Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return Err("the programme ended".to_owned()),
        }
        let asked = Instant::now();
        let view = call(app, "cluster", json!({})).await?;
        pulled.bytes = view.to_string().len();
        pulled.times.push(asked.elapsed());
        let at = micros();
        for row in view["workloads"].as_array().into_iter().flatten() {
            let name = row["name"].as_str().unwrap_or_default();
            let restarts = row["pods"]["restarts"].as_u64().unwrap_or(0);
            let seen = pulled.seen.entry(name.to_owned()).or_default();
            if seen.last().is_none_or(|(before, _)| *before < restarts) {
                seen.push((restarts, at));
            }
        }
    }
    pulled.ended = micros();
    Ok(pulled)
}

fn report(
    told: &[(String, u64, u64)],
    pulled: &Pulled,
    (server, own): (f64, f64),
    wall: f64,
) -> Outcome<()> {
    // A change of the last second may have no pull after it.
    let within = |at: u64| at >= pulled.began && at + 1_000_000 < pulled.ended;
    let (mut delays, mut unseen) = (Vec::new(), 0);
    for (name, count, at) in told.iter().filter(|(_, _, at)| within(*at)) {
        let seen = pulled.seen.get(name).and_then(|seen| {
            seen.iter().find(|(restarts, _)| restarts >= count).map(|(_, when)| *when)
        });
        match seen {
            Some(when) => delays.push(Duration::from_micros(when.saturating_sub(*at))),
            None => unseen += 1,
        }
    }
    if delays.is_empty() {
        return Err("no change reached the page".to_owned());
    }
    println!(
        "cluster: {} changes in {wall:.0} s reached the screen model: {}, bar p95 500 ms; {unseen} \
         did not",
        delays.len(),
        percentiles(delays)
    );
    println!(
        "cluster: {} pulls of {} kB: {}; of one core the app took {:.0} %, the server {:.0} %",
        pulled.times.len(),
        pulled.bytes / 1_000,
        percentiles(pulled.times.clone()),
        own * 100.0,
        server * 100.0
    );
    Ok(())
}

fn percentiles(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let last = times.len() - 1;
    let ms = |time: Duration| time.as_millis();
    format!(
        "p50 {} ms, p95 {} ms, max {} ms",
        ms(times[last / 2]),
        ms(times[last * 95 / 100]),
        ms(times[last])
    )
}

/// A programme with a service for each workload and production in the cluster.
pub async fn programme(folder: &Path) -> Outcome<Arc<App>> {
    let workspace = folder.join("cluster.pilotage");
    let new = pilotage_api::programme::NewProgramme {
        name: "Large".to_owned(),
        time_zone: "UTC".to_owned(),
    };
    pilotage_api::programme::create(&workspace, folder, Clock::System, &new).await.map_err(text)?;
    let options = OpenOptions {
        workspace,
        data_folder: folder.to_owned(),
        clock: Clock::System,
        watch: Watch::Yes,
    };
    let host = Arc::new(TestHost(Arc::new(Hand::default())));
    let app = App::open(options, host).await.map_err(text)?;
    app.act_as_named("Bench").await.map_err(text)?;
    let mut compose = String::from("services:\n");
    for number in 0..WORKLOADS {
        let _ = writeln!(compose, "  service-{number}:\n    image: bench/service-{number}:1");
    }
    let file = folder.join("compose.yaml");
    std::fs::write(&file, compose).map_err(text)?;
    let files = pilotage_api::imports::ImportFiles { files: vec![file], ..Default::default() };
    let preview = pilotage_api::imports::preview(&app, files).await.map_err(text)?;
    let token = preview.token.unwrap_or_default();
    app.apply_import(pilotage_api::dto::import::ApplyImport { token, take: Vec::new() })
        .await
        .map_err(text)?;
    let settings = call(&app, "settings", json!({})).await?;
    let environments = settings["environments"].as_array().into_iter().flatten();
    let production = environments
        .clone()
        .find(|one| one["name"] == "production")
        .ok_or("a programme has production")?;
    let target = json!({ "environment": production["id"], "context": "sim", "namespaces": [] });
    call(&app, "add_target", target).await?;
    Ok(Arc::new(app))
}

/// Confirms every proposal once all is there.
pub async fn map_all(app: &App) -> Outcome<()> {
    let begun = Instant::now();
    loop {
        let view = call(app, "cluster_mapping", json!({})).await?;
        let proposed = view["targets"][0]["proposed"].as_array().cloned().unwrap_or_default();
        if proposed.len() == WORKLOADS {
            let pairs: Vec<Value> = proposed
                .iter()
                .map(|one| json!({ "workload": one["workload"], "service": one["service"]["id"] }))
                .collect();
            call(app, "map_workloads", json!({ "pairs": pairs, "word": "confirmed" })).await?;
            return Ok(());
        }
        if begun.elapsed() > PATIENCE {
            return Err(format!("{} of {WORKLOADS} workloads are proposed", proposed.len()));
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

pub async fn call(app: &App, command: &str, argument: Value) -> Outcome<Value> {
    app.call(command, argument).await.map_err(|error| format!("{command}: {error}"))
}

/// By the machine's clock, by which the server tells its moments as well.
#[expect(clippy::disallowed_methods, reason = "a bench reads the clock")]
fn micros() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| u64::try_from(since.as_micros()).unwrap_or(u64::MAX))
}
