//! `bench store`: how fast the store is with a long history.

use pilotage_api::app::Watch;
use pilotage_api::{App, Clock, OpenOptions};
use pilotage_domain::DAY;
use pilotage_domain::change::{Change, Presence, path};
use pilotage_domain::ids::DeviceId;
use pilotage_store::{Commit, Store};
use pilotage_tests::browser::{Outcome, folder};
use pilotage_tests::history::{Received, programme};
use pilotage_tests::host::{Hand, TestHost};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use uuid::Uuid;

const SERVICES: usize = 1_000;
const WRITES: usize = 500_000;
/// Writes of the history that is replayed row by row as well.
const NAIVE: usize = 15_000;
/// Acknowledged changes.
const COMMITS: usize = 500;
/// Times each page is asked for.
const ROUNDS: usize = 7;

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn rate(writes: usize, time: Duration) -> u128 {
    writes as u128 * 1_000_000 / time.as_micros().max(1)
}

/// Median and slowest, in milliseconds with one digit.
fn spread(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let ms = |time: Duration| format!("{:.1}", time.as_secs_f64() * 1_000.0);
    let last = times.len() - 1;
    format!(
        "p50 {} ms, p99 {} ms, max {} ms",
        ms(times[last / 2]),
        ms(times[last * 99 / 100]),
        ms(times[last])
    )
}

/// Processor time of this program so far, of all its threads: on a busy machine it says more than
/// the clock. In steps of 10 ms; nothing where the system does not tell.
fn processor() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> =
        stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
    Duration::from_millis((ticks(11) + ticks(12)) * 10)
}

/// Processor time a call since `before`, in milliseconds.
fn processor_each(before: Duration, calls: usize) -> String {
    let each = processor().saturating_sub(before).as_secs_f64() * 1_000.0;
    format!("processor {:.1} ms", each / f64::from(u32::try_from(calls).unwrap_or(1)))
}

/// Everything; with `--rebuild WRITES` that alone; with `--pages FILE [PAGE]` what pages ask for
/// alone, of a programme that is made there and kept, since making it takes longer than measuring.
pub async fn store(words: &[String]) -> Outcome<()> {
    let (_guard, data) = folder()?;
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => all(&data).await,
        ["--rebuild", writes] => {
            let writes = writes.parse().map_err(|_| "--rebuild needs a number of writes")?;
            let workspace = data.join("long.pilotage");
            let writes = long_history(&workspace, SERVICES, writes).await?;
            rebuilt(&workspace, writes).await
        }
        ["--pages", file, one @ ..] => {
            let workspace = Path::new(file);
            if !workspace.exists() {
                long_history(workspace, SERVICES, WRITES).await?;
            }
            pages(&data, workspace, one.first().copied()).await
        }
        _ => Err("store understands --rebuild WRITES or --pages FILE [PAGE]".to_owned()),
    }
}

async fn all(data: &Path) -> Outcome<()> {
    let workspace = data.join("long.pilotage");
    let writes = long_history(&workspace, SERVICES, WRITES).await?;
    pages(data, &workspace, None).await?;
    acknowledged(data, &workspace).await?;
    rebuilt(&workspace, writes).await?;
    let small = data.join("small.pilotage");
    let writes = long_history(&small, 50, NAIVE).await?;
    naive(&small, writes).await?;
    drop(crate::large_programme(data).await?);
    Ok(())
}

fn now() -> i64 {
    Clock::System.now()
}

/// Makes a programme with a long history, and says how quickly it was received.
async fn long_history(path: &Path, services: usize, writes: usize) -> Outcome<usize> {
    let Received { writes, batches, time } = programme(path, services, writes, now()).await?;
    let size = std::fs::metadata(path).map_err(text)?.len() / 1_000_000;
    println!(
        "store: {services} services, {writes} writes in {batches} batches, {size} MB; received in {:.1} s, {} writes/s",
        time.as_secs_f64(),
        rate(writes, time)
    );
    Ok(writes)
}

async fn open(data: &Path, workspace: &Path) -> Outcome<App> {
    let options = OpenOptions {
        workspace: workspace.to_owned(),
        data_folder: data.to_owned(),
        clock: Clock::System,
        watch: Watch::No,
    };
    App::open(options, Arc::new(TestHost(Arc::new(Hand::default())))).await.map_err(text)
}

/// Opening, and what each page asks for; of one page alone, more often.
async fn pages(data: &Path, workspace: &Path, one: Option<&str>) -> Outcome<()> {
    let rounds = if one.is_some() { ROUNDS * 10 } else { ROUNDS };
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let before = Instant::now();
        let app = open(data, workspace).await?;
        times.push(before.elapsed());
        app.close().await;
    }
    println!("store: open                {}", spread(times));
    let app = open(data, workspace).await?;
    app.act_as_named("Person 1").await.map_err(text)?;
    let day = |back: i64| {
        let moment = pilotage_api::clock::rfc3339(now() - back * DAY);
        moment[..10].to_owned()
    };
    let asks: [(&str, &str, Value); 17] = [
        ("session", "session", json!({})),
        ("progress", "progress", json!({})),
        ("progress, past day", "progress", json!({"at": day(90)})),
        ("progress, as known", "progress", json!({"at": day(90), "as_known": true})),
        ("sprint", "sprint", json!({"sprint": "Sprint 100"})),
        ("sprints", "sprints", json!({})),
        ("retrospective", "retro", json!({"sprint": "Sprint 99"})),
        ("skills", "skills", json!({})),
        ("services", "services", json!({})),
        ("service", "service", json!({"service": "service-00042"})),
        ("checklist", "checklist", json!({"person": "Person 1"})),
        ("settings", "settings", json!({})),
        ("report", "report", json!({"format": "md"})),
        ("movers, 7 days", "movers", json!({"since": day(7)})),
        ("search", "search", json!({"query": "certificate network"})),
        ("conflicts", "conflicts", json!({})),
        ("recent", "recent", json!({})),
    ];
    for (name, command, argument) in
        asks.into_iter().filter(|ask| one.is_none_or(|one| one == ask.0))
    {
        let mut times = Vec::new();
        let mut size = 0;
        let used = processor();
        for _ in 0..rounds {
            let before = Instant::now();
            let answer = app.call(command, argument.clone()).await;
            times.push(before.elapsed());
            size = answer.map_err(text)?.to_string().len();
        }
        let used = processor_each(used, rounds);
        println!("store: {name:<19} {}, {used}, {} kB", spread(times), size / 1_000);
    }
    app.close().await;
    Ok(())
}

/// Changes, from the call to the acknowledgement.
async fn acknowledged(data: &Path, workspace: &Path) -> Outcome<()> {
    let app = open(data, workspace).await?;
    app.act_as_named("Person 1").await.map_err(text)?;
    let mut times = Vec::new();
    let used = processor();
    for number in 0..COMMITS {
        let attest = json!({
            "service": format!("service-{:05}", number * 7 % SERVICES),
            "check": "DI-02",
            "result": "pass",
            "note": format!("looked at, {number}"),
        });
        let before = Instant::now();
        app.call("attest", attest).await.map_err(text)?;
        times.push(before.elapsed());
    }
    app.close().await;
    let used = processor_each(used, COMMITS);
    println!("store: attest (command)    {}, {used}", spread(times));

    let store = Store::open(workspace, DeviceId([1; 16]), "bench").await.map_err(text)?;
    let nodes = store.nodes(now()).await.map_err(text)?;
    let mut times = Vec::new();
    let used = processor();
    for (number, node) in nodes.iter().cycle().take(COMMITS).enumerate() {
        let tag = format!("bench-{number}");
        let changes = vec![Change::element(node.id, path::TAGS, &tag, Presence::In)];
        let commit = Commit { id: Uuid::now_v7(), actor: Uuid::nil(), now: now(), changes };
        let before = Instant::now();
        store.commit(commit).await.map_err(text)?;
        times.push(before.elapsed());
    }
    store.close().await;
    let used = processor_each(used, COMMITS);
    println!("store: commit (store)      {}, {used}", spread(times));
    Ok(())
}

async fn rebuilt(workspace: &Path, writes: usize) -> Outcome<()> {
    let store = Store::open(workspace, DeviceId([1; 16]), "bench").await.map_err(text)?;
    let used = processor();
    let before = Instant::now();
    let (sender, mut progress) = tokio::sync::watch::channel(pilotage_store::Rebuilding::default());
    let watching = tokio::spawn(async move {
        let mut folded = (Duration::ZERO, Duration::ZERO);
        while progress.changed().await.is_ok() {
            if progress.borrow().walked == 0 {
                folded = (before.elapsed(), processor().saturating_sub(used));
            }
        }
        folded
    });
    store.rebuild_watched(now(), sender).await.map_err(text)?;
    let time = before.elapsed();
    let folded = watching.await.map_err(text)?;
    println!(
        "store: rebuild with stages {:.2} s (log {:.2} s), {} writes/s; processor {:.2} s (log {:.2} s)",
        time.as_secs_f64(),
        folded.0.as_secs_f64(),
        rate(writes, time),
        processor().saturating_sub(used).as_secs_f64(),
        folded.1.as_secs_f64()
    );
    store.close().await;
    Ok(())
}

/// The same history folded in slices and write by write.
async fn naive(workspace: &Path, writes: usize) -> Outcome<()> {
    let store = Store::open(workspace, DeviceId([1; 16]), "bench").await.map_err(text)?;
    let before = Instant::now();
    store.rebuild(now()).await.map_err(text)?;
    let slices = before.elapsed();
    let before = Instant::now();
    store.rebuild_row_by_row(now()).await.map_err(text)?;
    let rows = before.elapsed();
    println!(
        "store: of {writes} writes, in slices {} writes/s, row by row {} writes/s",
        rate(writes, slices),
        rate(writes, rows)
    );
    store.close().await;
    Ok(())
}
