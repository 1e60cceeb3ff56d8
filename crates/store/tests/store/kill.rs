//! The process is killed while it writes: what was acknowledged is there.

use crate::support::{NOW, Place, commit, id};
use pilotage_domain::change::Change;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::Stdio;
use std::sync::mpsc;
use std::time::{Duration, Instant};

const FILE: &str = "PILOTAGE_STORE_TEST_KILL_FILE";
const MODE: &str = "PILOTAGE_STORE_TEST_KILL_MODE";
const KILLS: u64 = 20;

/// The child's part: writes until it is killed. Does nothing in an ordinary run.
#[tokio::test]
async fn writes_until_killed() {
    let Some(file) = std::env::var_os(FILE) else {
        return;
    };
    let early = std::env::var(MODE).is_ok_and(|mode| mode == "early");
    let store = pilotage_store::Store::open(Path::new(&file), crate::support::device(1), "child")
        .await
        .unwrap();
    let mut next = store.log_facts().await.unwrap().batches + 1;
    let mut out = std::io::stdout();
    loop {
        if early {
            writeln!(out, "\nacknowledged {next}").unwrap();
        }
        let note = format!("{next} {}", "x".repeat(2_000));
        let done = commit(&store, NOW, vec![Change::field(id(1), "note", note)]).await;
        if !early {
            writeln!(out, "\nacknowledged {}", done.last).unwrap();
        }
        next = done.last + 1;
    }
}

/// Starts a child, kills it some time after its first acknowledgement, and returns the last one.
#[expect(clippy::disallowed_methods, reason = "the test harness starts itself once more")]
fn run_and_kill(file: &Path, mode: &str, after: Duration) -> u64 {
    let mut child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kill::writes_until_killed", "--nocapture"])
        .env(FILE, file)
        .env(MODE, mode)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    let (sender, acknowledged) = mpsc::channel::<u64>();
    let reader = std::thread::spawn(move || {
        for line in output.lines().map_while(Result::ok) {
            let number = line.strip_prefix("acknowledged ").and_then(|number| number.parse().ok());
            number.map_or(Ok(()), |number| sender.send(number)).unwrap();
        }
    });
    let mut last = acknowledged.recv().expect("a first acknowledgement");
    let end = Instant::now() + after;
    while let Ok(number) = acknowledged.recv_timeout(end.saturating_duration_since(Instant::now()))
    {
        last = number;
    }
    child.kill().unwrap();
    child.wait().unwrap();
    reader.join().unwrap();
    // What it had told before it died counts too.
    acknowledged.try_iter().last().unwrap_or(last)
}

/// Sequences in the file after a kill, which must be sound.
async fn sequences(place: &Place) -> Vec<u64> {
    let store = place.open().await;
    let state = store.state_hash().await.unwrap();
    store.rebuild(NOW).await.unwrap();
    assert_eq!(store.state_hash().await.unwrap(), state, "whole batches only");
    store.close().await;
    let mut raw = place.raw().await;
    let verdict: Vec<String> =
        sqlx::query_scalar("PRAGMA integrity_check").fetch_all(&mut raw).await.unwrap();
    assert_eq!(verdict, ["ok"]);
    let rows: Vec<i64> =
        sqlx::query_scalar("SELECT seq FROM batch ORDER BY seq").fetch_all(&mut raw).await.unwrap();
    rows.into_iter().map(|seq| u64::try_from(seq).unwrap()).collect()
}

/// How many of [`KILLS`] lost an acknowledged batch.
async fn losses(mode: &'static str) -> u64 {
    let place = Place::new().await;
    let mut dice = crate::support::Dice(1);
    let (mut lossy, mut before) = (0, 0);
    for _ in 0..KILLS {
        let path = place.path.clone();
        let after = Duration::from_micros(dice.roll() % 40_000);
        let child = tokio::task::spawn_blocking(move || run_and_kill(&path, mode, after));
        let acknowledged = child.await.unwrap();
        let found = sequences(&place).await;
        let last = found.len() as u64;
        assert_eq!(found, (1..=last).collect::<Vec<_>>(), "no gap");
        assert!(acknowledged > before, "each child got somewhere");
        lossy += u64::from(last < acknowledged);
        before = last;
    }
    lossy
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_loses_nothing_that_was_acknowledged() {
    assert_eq!(losses("true").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acknowledging_before_the_commit_is_told_apart() {
    let lossy = losses("early").await;
    assert!(lossy > 0, "negative control: {lossy} of {KILLS} lost");
}
