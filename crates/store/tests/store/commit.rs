//! Appending: sequence, clock, idempotence, caps, cuts.

use crate::support::{ACTOR, NOW, Place, action, commit, created, device, dump, id, undo};
use pilotage_domain::change::{Change, Kind, path};
use pilotage_domain::operation::{Batch, Refused};
use pilotage_store::{Commit, Store, StoreError};
use serde_json::{Value, json};
use std::time::Duration;
use uuid::Uuid;

const TABLES: [&str; 5] = ["workspace", "device", "batch", "register", "register_write"];

async fn batches(store: &Store) -> Vec<Batch> {
    let log = store.log().await.unwrap();
    log.iter().map(|(_, line)| Batch::parse(line).unwrap()).collect()
}

fn name(number: u128, name: &str) -> Vec<Change> {
    vec![Change::field(id(number), path::NAME, name)]
}

#[tokio::test]
async fn sequence_has_no_gap_and_the_clock_only_rises() {
    let place = Place::new().await;
    let store = place.open().await;
    for (step, now) in
        [NOW, NOW - 86_400_000, NOW, NOW + 5, NOW + 5, -3, NOW + 4].iter().enumerate()
    {
        let done = commit(&store, *now, name(1, &format!("name {step}"))).await;
        let expect = step as u64 + 1;
        assert_eq!((done.first, done.last, done.device), (expect, expect, device(1)));
    }
    let log = batches(&store).await;
    let sequence: Vec<u64> = log.iter().map(|batch| batch.seq).collect();
    assert_eq!(sequence, (1..=7).collect::<Vec<_>>(), "in order of the clock");
    assert!(log.windows(2).all(|pair| pair[0].hlc < pair[1].hlc), "strictly: {log:?}");
    assert_eq!(log[1].wall, NOW - 86_400_000, "the wall clock is told as it was");

    // What another device says moves the clock of the next batch.
    let ahead = (u64::try_from(NOW).unwrap() + 3_600_000) << 16;
    let foreign = crate::support::line(1, ahead, id(2), "name", "theirs");
    store.receive(device(2), vec![foreign], NOW).await.unwrap();
    commit(&store, NOW, name(1, "last")).await;
    assert_eq!(batches(&store).await.last().unwrap().hlc, ahead + 1);
    store.close().await;
}

#[tokio::test]
async fn the_first_batch_introduces_the_device_whatever_it_carries() {
    let place = Place::new().await;
    let store = place.open().await;
    let big = "x".repeat(60_000);
    let changes = (1..=9).map(|n| Change::field(id(n), path::NAME, big.as_str())).collect();
    let done = commit(&store, NOW, changes).await;
    assert!(done.last > 1, "takes several batches");
    let own = Uuid::from_bytes(device(1).0);
    let batches = batches(&store).await;
    let introduces: Vec<u64> = batches
        .iter()
        .filter(|batch| batch.writes.iter().any(|write| write.entity == own))
        .map(|batch| batch.seq)
        .collect();
    assert_eq!(introduces, [1]);
    store.close().await;
}

#[tokio::test]
async fn equal_values_write_nothing() {
    let place = Place::new().await;
    let store = place.open().await;
    commit(&store, NOW, created(id(1), Kind::Service, "payments")).await;
    let before = dump(&place.path, &TABLES).await;
    let check = async |changes: Vec<Change>, writes: Option<usize>, what: &str| {
        let done = store.commit(action(NOW + 1, changes)).await.unwrap();
        let last = batches(&store).await.pop().unwrap();
        assert_eq!(done.map(|_| last.writes.len()), writes, "{what}");
    };
    check(vec![], None, "no change at all").await;
    check(name(1, "payments"), None, "the name it has").await;
    check(vec![Change::field(id(1), "image", Value::Null)], None, "unset what was never set").await;
    check(created(id(1), Kind::Service, "payments"), None, "made again").await;
    let there_and_back = [name(1, "ledger"), name(1, "payments")].concat();
    check(there_and_back, None, "the last of two writes is the name it has").await;
    assert_eq!(dump(&place.path, &TABLES).await, before, "not a byte");
    let twice = [name(1, "payments"), name(1, "ledger")].concat();
    check(twice, Some(1), "the last of two writes counts").await;
    let gone_and_back = vec![
        Change::Deleted { entity: id(1) },
        Change::Created { entity: id(1), kind: Kind::Service },
    ];
    check(gone_and_back, None, "deleted and made again in one action").await;
    assert!(store.entity(id(1)).await.unwrap().lives());
    assert_eq!(store.entity(id(1)).await.unwrap().name(), "ledger");
    store.close().await;
}

#[tokio::test]
async fn a_conflict_is_resolved_by_writing_the_winner_again() {
    let place = Place::new().await;
    let store = place.open().await;
    commit(&store, NOW, name(1, "ours")).await;
    let hlc = u64::try_from(NOW + 1).unwrap() << 16;
    let theirs = crate::support::line(1, hlc, id(1), "name", "theirs");
    store.receive(device(2), vec![theirs], NOW).await.unwrap();
    let open = store.conflicts(id(1)).await.unwrap();
    let heads: Vec<_> = open[0].heads.iter().map(|(_, at, _)| (at.hlc, at.device)).collect();
    assert_eq!(heads.len(), 2);
    assert_eq!(open[0].heads[0].0, "theirs", "winner first");

    // A bulk edit that showed the winner only leaves it open; one that names both closes it.
    commit(&store, NOW + 2, name(1, "theirs")).await;
    assert_eq!(store.conflicts(id(1)).await.unwrap().len(), 1, "only the winner was named");
    let heads: Vec<_> = store.conflicts(id(1)).await.unwrap()[0]
        .heads
        .iter()
        .map(|(_, at, _)| (at.hlc, at.device))
        .collect();
    let keep = Change::Field {
        entity: id(1),
        path: "name".into(),
        value: json!("theirs"),
        seen: Some(heads),
    };
    commit(&store, NOW + 3, vec![keep]).await;
    assert!(store.conflicts(id(1)).await.unwrap().is_empty());
    assert_eq!(store.log_facts().await.unwrap().conflicts, 0);
    store.close().await;
}

#[tokio::test]
async fn a_command_is_appended_once_however_often_it_is_asked_for() {
    let place = Place::new().await;
    let store = place.open().await;
    let big = "y".repeat(50_000);
    let several = (1..=9).map(|n| Change::field(id(n), path::NAME, big.as_str())).collect();
    let asked = [action(NOW, name(1, "one")), action(NOW, several), action(NOW, name(1, "two"))];
    let mut answers = Vec::new();
    for commit in &asked {
        answers.push(store.commit(commit.clone()).await.unwrap().unwrap());
    }
    let before = dump(&place.path, &TABLES).await;
    for (commit, answer) in asked.iter().zip(&answers) {
        // Other content under the same id changes nothing: the id names the action.
        let other = Commit { now: NOW + 9, changes: name(5, "other"), ..commit.clone() };
        assert_eq!(store.commit(other).await.unwrap(), Some(*answer));
    }
    assert_eq!(dump(&place.path, &TABLES).await, before);
    store.close().await;

    let again = place.open().await;
    assert_eq!(again.commit(asked[1].clone()).await.unwrap(), Some(answers[1]), "after a restart");
    again.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_that_goes_away_cancels_nothing() {
    let place = Place::new().await;
    let store = place.open().await;
    let asked: Vec<Commit> =
        (0..20).map(|n| action(NOW + n, name(1, &format!("name {n}")))).collect();
    for commit in &asked {
        // The future is polled once and dropped.
        let _ = tokio::time::timeout(Duration::ZERO, store.commit(commit.clone())).await;
    }
    for (index, commit) in asked.iter().enumerate() {
        let done = store.commit(commit.clone()).await.unwrap().unwrap();
        assert_eq!(done.first, index as u64 + 1, "findable by its id");
    }
    assert_eq!(store.log_facts().await.unwrap().batches, 20);
    store.close().await;
}

#[tokio::test]
async fn a_large_import_is_cut_and_is_one_action() {
    let place = Place::new().await;
    let store = place.open().await;
    commit(&store, NOW, name(1, "first")).await;
    let text = "line \"quoted\"\n".repeat(400);
    let mut changes = Vec::new();
    for number in 100..400 {
        changes.extend(created(id(number), Kind::Service, &format!("service {number}")));
        changes.push(Change::field(id(number), "note", text.as_str()));
    }
    let done = commit(&store, NOW + 1, changes).await;
    assert!(done.last > done.first + 5, "several batches: {done:?}");
    let log = store.log().await.unwrap();
    assert!(log.iter().all(|(_, line)| line.len() <= pilotage_domain::operation::MAX_BATCH));
    assert_eq!(store.nodes(NOW + 1).await.unwrap().len(), 300);
    commit(&store, NOW + 2, name(1, "after")).await;

    let (undone, parts) = {
        let (plan, done) = undo(&store, done, NOW + 3).await;
        (done.expect("an undo"), plan.batches.len() as u64)
    };
    assert_eq!(parts, done.last - done.first + 1, "all parts are taken back");
    assert_eq!(store.nodes(NOW + 3).await.unwrap().len(), 0);
    let (last, _) = store.last_action(device(1), ACTOR).await.unwrap().unwrap();
    assert_eq!((last.first, last.last), (done.last + 1, done.last + 1), "the one after the import");
    assert!(undone.first > last.last);
    store.close().await;
}

#[tokio::test]
async fn more_writes_than_a_batch_may_have() {
    let place = Place::new().await;
    let store = place.open().await;
    let changes = (0..12_000).map(|n| Change::field(id(n), "n", 1)).collect();
    let done = commit(&store, NOW, changes).await;
    assert!(done.last > 1);
    assert_eq!(store.log_facts().await.unwrap().writes, 12_001, "and the introduction");
    store.close().await;
}

#[tokio::test]
async fn what_breaks_a_cap_is_refused_and_changes_nothing() {
    let place = Place::new().await;
    let store = place.open().await;
    commit(&store, NOW, name(1, "before")).await;
    let before = dump(&place.path, &TABLES).await;
    let check = async |now: i64, path: &str, value: Value, expect: Option<Refused>| {
        let changes = vec![Change::field(id(2), "name", "fine"), Change::field(id(2), path, value)];
        let verdict = store.commit(action(now, changes)).await;
        match (verdict, expect) {
            (Err(StoreError::Refused(refused)), Some(expect)) => assert_eq!(refused, expect),
            (Err(StoreError::Refused(Refused::NotCanonical(_))), None) => {}
            (verdict, _) => panic!("{path}: {verdict:?}"),
        }
        assert_eq!(dump(&place.path, &TABLES).await, before, "{path}: not a byte");
    };
    let full = "z".repeat(64 * 1024 - 2);
    check(NOW, "note", json!(format!("{full}z")), Some(Refused::Cap("value"))).await;
    check(NOW, &"p".repeat(513), json!(1), Some(Refused::Cap("path"))).await;
    check(NOW, "", json!(1), Some(Refused::Form("p"))).await;
    check(NOW, "note", json!(1.5), None).await;
    check(7_258_118_400_000, "note", json!(1), Some(Refused::Future)).await;
    commit(&store, NOW, vec![Change::field(id(2), "note", full)]).await;
    assert_eq!(batches(&store).await.len(), 2, "exactly the cap is fine, and the writer goes on");
    store.close().await;
}

#[tokio::test]
async fn a_long_device_name_is_no_obstacle() {
    let place = Place::new().await;
    let store = Store::open(&place.path, device(1), &"ä".repeat(300)).await.unwrap();
    commit(&store, NOW, name(1, "one")).await;
    store.close().await;
}
