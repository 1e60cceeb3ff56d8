//! Batches of other devices: what is folded, what is kept, and when it is released.

use crate::support::{
    Dice, NOW, Place, READ_MODEL, commit, created, device, dump, id, line, same_rows, tamper,
};
use chrono_tz::Tz;
use pilotage_domain::change::{Change, Kind};
use pilotage_domain::hlc::{self, Hlc};
use pilotage_domain::operation::{Batch, MAX_VALUE, Write};
use pilotage_domain::playbook::{DEFAULT, Playbook};
use pilotage_domain::registers::Registers;
use pilotage_store::{Received, Store};
use serde_json::json;

const THEIRS: u8 = 2;

/// A reading so many ticks after the start.
fn tick(ticks: u64) -> Hlc {
    (u64::try_from(NOW).unwrap() << 16) + ticks
}

/// Their batch number `seq`, which sets `name` to its number.
fn nth(seq: u64) -> Vec<u8> {
    line(seq, tick(seq), id(1), "name", format!("name {seq}"))
}

async fn receive(store: &Store, lines: &[Vec<u8>]) -> (u32, u32, u32) {
    let received = store.receive(device(THEIRS), lines.to_vec(), NOW).await.unwrap();
    let Received { folded, known, quarantined } = received;
    (folded, known, quarantined)
}

async fn kept(place: &Place) -> Vec<(Vec<u8>, String)> {
    let mut raw = place.raw().await;
    sqlx::query_as("SELECT body, reason FROM quarantine ORDER BY id")
        .fetch_all(&mut raw)
        .await
        .unwrap()
}

async fn name(store: &Store) -> String {
    store.entity(id(1)).await.unwrap().name().to_owned()
}

#[tokio::test]
async fn known_batches_are_passed_over() {
    let place = Place::new().await;
    let store = place.open().await;
    assert_eq!(receive(&store, &[nth(1), nth(2)]).await, (2, 0, 0));
    let before = dump(&place.path, &READ_MODEL).await;
    assert_eq!(receive(&store, &[nth(1), nth(2)]).await, (0, 2, 0));
    assert_eq!(receive(&store, &[nth(2), nth(3), nth(3), nth(1)]).await, (1, 3, 0));
    assert_eq!(receive(&store, &[]).await, (0, 0, 0));
    assert_ne!(before, dump(&place.path, &READ_MODEL).await);
    assert_eq!(store.log_facts().await.unwrap().batches, 3);
    assert_eq!(store.log().await.unwrap()[2].1, nth(3), "byte for byte");
    store.close().await;
}

#[tokio::test]
async fn a_gap_is_kept_until_it_fills() {
    let place = Place::new().await;
    let store = place.open().await;
    assert_eq!(receive(&store, &[nth(1), nth(3), nth(5)]).await, (1, 0, 2));
    assert_eq!(name(&store).await, "name 1", "nothing counts behind a gap");
    assert_eq!(receive(&store, &[nth(3)]).await, (0, 1, 0), "kept already");
    assert_eq!(receive(&store, &[nth(2)]).await, (2, 0, 0), "2, and 3 that waited");
    assert_eq!(name(&store).await, "name 3");
    assert_eq!(kept(&place).await.len(), 1);
    assert_eq!(
        receive(&store, &[nth(4), nth(5)]).await,
        (2, 1, 0),
        "5 was released before it came"
    );
    assert_eq!(kept(&place).await, []);
    assert_eq!(receive(&store, &[nth(9), nth(7), nth(6), nth(8)]).await, (4, 0, 0), "in one call");
    assert_eq!(store.log_facts().await.unwrap().batches, 9);
    assert_eq!(store.log_facts().await.unwrap().quarantined, 0);
    store.close().await;
}

#[tokio::test]
async fn a_gap_of_one_device_is_no_other_devices_gap() {
    let place = Place::new().await;
    let store = place.open().await;
    assert_eq!(receive(&store, &[nth(2)]).await, (0, 0, 1));
    let other = store.receive(device(3), vec![nth(1)], NOW).await.unwrap();
    assert_eq!((other.folded, other.quarantined), (1, 0));
    assert_eq!(store.log_facts().await.unwrap().quarantined, 1);
    store.close().await;
}

#[tokio::test]
async fn any_order_of_one_devices_lines_ends_the_same() {
    let mut expect = Registers::default();
    let lines: Vec<Vec<u8>> = (1..=9).map(nth).collect();
    for line in &lines {
        expect.fold(device(THEIRS), &Batch::parse(line).unwrap());
    }
    for seed in 0..25 {
        let mut dice = Dice(seed);
        let place = Place::new().await;
        let store = place.open().await;
        let mut lines = lines.clone();
        for at in (1..lines.len()).rev() {
            lines.swap(at, dice.below(at + 1));
        }
        let mut folded = 0;
        for call in lines.chunks(1 + dice.below(4)) {
            folded += receive(&store, call).await.0;
        }
        assert_eq!(folded, 9, "seed {seed}");
        assert_eq!(kept(&place).await, [], "seed {seed}");
        assert_eq!(store.state_hash().await.unwrap(), expect.state_hash(), "seed {seed}");
        store.close().await;
    }
}

#[tokio::test]
async fn what_breaks_a_rule_is_kept_byte_for_byte_and_holds_back_the_rest() {
    let long = "x".repeat(MAX_VALUE);
    let spelled = |line: Vec<u8>, from: &str, to: &str| {
        let text = String::from_utf8(line).unwrap();
        assert!(text.contains(from), "{from:?} must occur");
        text.replacen(from, to, 1).into_bytes()
    };
    let check = async |bad: Vec<u8>, expect: &str| {
        let place = Place::new().await;
        let store = place.open().await;
        receive(&store, &[nth(1)]).await;
        let clock = clock(&place).await;
        assert_eq!(receive(&store, &[bad.clone(), nth(3)]).await, (0, 0, 2), "{expect}");
        let kept = kept(&place).await;
        assert!(kept[0].1.contains(expect), "{:?} says {expect:?}", kept[0].1);
        assert_eq!(kept[0].0, bad, "byte for byte");
        assert!(kept[1].1.contains("gap: batch 3 after 1"), "{:?}", kept[1].1);
        assert_eq!(name(&store).await, "name 1");
        assert_eq!(self::clock(&place).await, clock, "the clock does not move");
        assert_eq!(receive(&store, std::slice::from_ref(&bad)).await, (0, 1, 0), "kept once");
        // The device's true batch 2 fills the place, and what waited is released.
        assert_eq!(receive(&store, &[nth(2)]).await, (2, 0, 0), "{expect}");
        assert_eq!(self::kept(&place).await.len(), 1, "the bad line stays");
        commit(&store, NOW, created(id(9), Kind::Service, "ours")).await;
        store.close().await;
    };
    check(line(2, tick(1), id(1), "name", "x"), "ran backwards").await;
    check(line(2, tick(0), id(1), "name", "x"), "ran backwards").await;
    check(spelled(nth(2), "\"s\":2", "\"s\": 2"), "canonical").await;
    check(b"not json at all".to_vec(), "").await;
    check(b"\xff\xfe\0".to_vec(), "").await;
    check(Vec::new(), "").await;
    let reading = hlc::to_hex(tick(2));
    check(spelled(nth(2), &reading, "0699e991a8000000"), "beyond the cap").await;
    check(spelled(nth(2), &reading, "ffffffffffffffff"), "beyond the cap").await;
    check(spelled(nth(2), "\"name 2\"", &format!("\"{long}\"")), "value is over its cap").await;
    check(spelled(nth(2), "\"p\":\"name\"", "\"q\":\"name\""), "p is missing").await;
    // A later version is bound by the clock too, or it would push every clock to the end.
    let later = |hex: &str| spelled(spelled(nth(2), "\"v\":1", "\"v\":2"), &reading, hex);
    check(later("ffffffffffffffff"), "later version").await;
    check(later("0699e991a8000000"), "later version").await;
    check(later(&hlc::to_hex(tick(1))), "later version").await;
}

async fn clock(place: &Place) -> i64 {
    sqlx::query_scalar("SELECT clock FROM workspace")
        .fetch_one(&mut place.raw().await)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_later_version_is_kept_and_blocks_nobody() {
    let place = Place::new().await;
    let store = place.open().await;
    let later = |seq: u64, extra: &str| {
        let hlc = hlc::to_hex(tick(seq));
        format!(r#"{{"h":"{hlc}","s":{seq},"t":"snapshot","v":2,"z":"{extra}"}}"#).into_bytes()
    };
    assert_eq!(receive(&store, &[nth(1), later(2, ""), nth(3)]).await, (2, 0, 1));
    assert_eq!(name(&store).await, "name 3", "the later batches fold");
    assert_eq!(kept(&place).await[0].0, later(2, ""), "byte for byte");
    assert_eq!(receive(&store, &[nth(1), later(2, ""), nth(3)]).await, (0, 3, 0));

    // Behind a gap it waits for its place like any other.
    assert_eq!(receive(&store, &[nth(6), later(5, "")]).await, (0, 0, 2));
    assert_eq!(receive(&store, &[nth(4)]).await, (2, 0, 0), "4, and 6 behind 5");
    assert_eq!(name(&store).await, "name 6");
    assert_eq!(kept(&place).await.len(), 2, "both of the later version");

    // Whatever is unknown about it.
    let kind = String::from_utf8(nth(7)).unwrap().replacen("\"batch\"", "null", 1).into_bytes();
    assert_eq!(receive(&store, &[kind, nth(8)]).await, (1, 0, 1));

    // A rebuild and a restart keep them, and the hash is that of the known batches.
    let mut expect = Registers::default();
    for seq in [1, 3, 4, 6, 8] {
        expect.fold(device(THEIRS), &Batch::parse(&nth(seq)).unwrap());
    }
    assert_eq!(store.state_hash().await.unwrap(), expect.state_hash());
    store.rebuild(NOW).await.unwrap();
    assert_eq!(store.state_hash().await.unwrap(), expect.state_hash());
    store.close().await;
    let store = place.open().await;
    assert_eq!(receive(&store, &[nth(9)]).await, (1, 0, 0));
    assert_eq!(kept(&place).await.len(), 3);
    store.close().await;
}

#[tokio::test]
async fn unknown_paths_and_kinds_are_kept_and_counted() {
    let place = Place::new().await;
    let store = place.open().await;
    let lines = [
        line(1, tick(1), id(1), "kind", "moon"),
        line(2, tick(2), id(1), "orbit", json!({"eccentricity": "0.05"})),
        line(3, tick(3), id(2), "fact", json!({"kind": "orbit_entered", "occurred_at": 1})),
        line(4, tick(4), id(1), "requires/tides", true),
    ];
    let mut expect = Registers::default();
    for line in &lines {
        expect.fold(device(THEIRS), &Batch::parse(line).unwrap());
    }
    assert_eq!(receive(&store, &lines).await, (4, 0, 0));
    assert_eq!(store.state_hash().await.unwrap(), expect.state_hash());
    let moon = store.entity(id(1)).await.unwrap();
    assert_eq!(moon.kind(), None);
    assert_eq!(moon.registers.len(), 3);
    assert_eq!(*store.nodes(NOW).await.unwrap(), []);
    commit(&store, NOW, vec![Change::field(id(1), "orbit", "ours")]).await;
    let before = dump(&place.path, &READ_MODEL).await;
    store.rebuild(NOW).await.unwrap();
    same_rows(&before, &dump(&place.path, &READ_MODEL).await, "replay");
    store.close().await;
}

#[tokio::test]
async fn two_devices_that_made_one_entity_as_different_kinds() {
    for (ours, theirs) in [
        ("service", "dependency"),
        ("service", "moon"),
        ("environment", "service"),
        ("dependency", "service"),
    ] {
        let place = Place::new().await;
        let store = place.open().await;
        let first = [
            line(1, tick(1), id(1), "kind", ours),
            line(2, tick(2), id(1), "name", "Staging"),
            line(3, tick(3), id(1), "from", id(5).to_string()),
            line(4, tick(4), id(1), "to", id(6).to_string()),
        ];
        receive(&store, &first).await;
        let second = vec![line(1, tick(9), id(1), "kind", theirs)];
        store.receive(device(3), second, NOW).await.unwrap();
        let services = store.nodes(NOW).await.unwrap().len();
        assert_eq!(services, usize::from(theirs == "service"), "{ours} became {theirs}");
        let edges = store.dependencies().await.unwrap().len();
        assert_eq!(edges, usize::from(theirs == "dependency"), "{ours} became {theirs}");
        let tables = ["register", "register_write", "entity", "node", "dependency"];
        let before = dump(&place.path, &tables).await;
        store.rebuild(NOW).await.unwrap();
        same_rows(&before, &dump(&place.path, &tables).await, "replay");
        store.close().await;
    }
}

#[tokio::test]
async fn a_fact_that_is_rewritten_leaves_its_old_service() {
    let place = Place::new().await;
    let store = place.open().await;
    let playbook = Playbook::parse(DEFAULT).unwrap();
    commit(&store, NOW, Change::adopt(&playbook, DEFAULT, Tz::UTC, id(50), NOW)).await;
    for number in [1, 2] {
        commit(&store, NOW, created(id(number), Kind::Service, &format!("s{number}"))).await;
    }
    let blocker = |service: u128| {
        json!({
            "kind": "blocker_opened", "occurred_at": NOW, "service": id(service).to_string(),
            "reason": "r", "waiting_for": "w",
        })
    };
    let standing = async || {
        let nodes = store.nodes(NOW).await.unwrap();
        nodes.iter().map(|node| node.summary.blocked_since.is_some()).collect::<Vec<_>>()
    };
    receive(&store, &[line(1, tick(1), id(9), "fact", blocker(1))]).await;
    assert_eq!(standing().await, [true, false]);
    receive(&store, &[line(2, tick(2), id(9), "fact", blocker(2))]).await;
    assert_eq!(standing().await, [false, true]);
    let before = dump(&place.path, &READ_MODEL).await;
    store.rebuild(NOW).await.unwrap();
    same_rows(&before, &dump(&place.path, &READ_MODEL).await, "replay");
    store.close().await;
}

#[tokio::test]
async fn a_fact_stands_alone_until_its_register_is_written_again() {
    let blocker = |reason: &str| {
        json!({
            "kind": "blocker_opened", "occurred_at": NOW, "service": id(1).to_string(),
            "reason": reason, "waiting_for": "w",
        })
    };
    // Of two devices, none of which saw the other's: in which order they arrive makes no difference.
    let lines = [
        (device(2), line(1, tick(1), id(9), "fact", blocker("one"))),
        (device(3), line(1, tick(2), id(9), "fact", blocker("other"))),
    ];
    let mut ends = Vec::new();
    for order in [[0, 1], [1, 0]] {
        let place = Place::new().await;
        let store = place.open().await;
        let rows = async || -> (i64, i64, i64, i64) {
            let counts = "SELECT (SELECT count(*) FROM fact),
                (SELECT count(*) FROM register WHERE path = 'fact'),
                (SELECT count(*) FROM register_write WHERE path = 'fact'),
                (SELECT count(*) FROM touched)";
            sqlx::query_as(counts).fetch_one(&mut place.raw().await).await.unwrap()
        };
        for (at, expect) in [(0, (1, 0, 0, 0)), (1, (1, 1, 2, 2))] {
            let (device, line) = &lines[order[at]];
            store.receive(*device, vec![line.clone()], NOW).await.unwrap();
            assert_eq!(rows().await, expect, "{order:?}: after {}", at + 1);
            assert_eq!(store.timeline(id(1), 9).await.unwrap().len(), at + 1, "{order:?}");
            assert!(store.check().await.unwrap().is_empty(), "{order:?}");
        }
        let conflicts = store.conflicts(id(9)).await.unwrap();
        assert_eq!(conflicts[0].heads.len(), 2, "{order:?}: nobody saw the other's");
        ends.push(dump(&place.path, &READ_MODEL).await);
        store.rebuild(NOW).await.unwrap();
        ends.push(dump(&place.path, &READ_MODEL).await);
        store.close().await;
    }
    for end in &ends[1..] {
        same_rows(&ends[0], end, "any order, and replay");
    }
}

#[tokio::test]
async fn a_fact_that_is_not_what_the_log_says_is_found() {
    let place = Place::new().await;
    let store = place.open().await;
    let blocker = json!({
        "kind": "blocker_opened", "occurred_at": NOW, "service": id(1).to_string(),
        "reason": "r", "waiting_for": "w",
    });
    receive(&store, &[line(1, tick(1), id(9), "fact", blocker)]).await;
    assert!(store.check().await.unwrap().is_empty(), "it is sound at first");
    store.close().await;
    for damage in ["UPDATE fact SET body = replace(body, 'w', 'v')", "DELETE FROM fact"] {
        tamper(&place.path, damage).await;
        let store = place.open().await;
        assert_eq!(store.check().await.unwrap().len(), 1, "{damage}");
        store.close().await;
    }
}

/// A line that sets `name` of entity 1 and names these versions.
fn naming(seq: u64, ticks: u64, value: &str, seen: &[(u64, u8)]) -> Vec<u8> {
    let seen = seen.iter().map(|(ticks, number)| (tick(*ticks), device(*number))).collect();
    let write = Write { entity: id(1), path: "name".into(), value: value.into(), seen };
    let batch = Batch { seq, hlc: tick(ticks), actor: id(7), wall: NOW, writes: vec![write] };
    batch.to_line().unwrap().into_bytes()
}

#[tokio::test]
async fn a_version_may_be_awaited_within_a_slice_and_across() {
    let place = Place::new().await;
    let store = place.open().await;
    let awaited = async || -> i64 {
        let mut raw = place.raw().await;
        sqlx::query_scalar("SELECT count(*) FROM awaited").fetch_one(&mut raw).await.unwrap()
    };
    let heads = async || {
        let open = store.conflicts(id(1)).await.unwrap();
        open.first().map_or(0, |conflict| conflict.heads.len())
    };
    // One slice: the third names the first, which is in it, and two of device 3 that are not.
    let first = [
        naming(1, 10, "a", &[]),
        naming(2, 20, "b", &[]),
        naming(3, 30, "c", &[(10, 2), (15, 3), (16, 3)]),
    ];
    assert_eq!(receive(&store, &first).await, (3, 0, 0));
    assert_eq!((awaited().await, heads().await), (2, 0), "too early to tell");
    // One of the two comes, beside one that names its own forerunner.
    let second = vec![naming(1, 15, "d", &[]), naming(2, 16, "e", &[(15, 3)])];
    store.receive(device(3), second, NOW).await.unwrap();
    assert_eq!((awaited().await, heads().await), (0, 2), "b and c are left");
    let before = dump(&place.path, &READ_MODEL).await;
    for row_by_row in [false, true] {
        if row_by_row {
            store.rebuild_row_by_row(NOW).await.unwrap();
        } else {
            store.rebuild(NOW).await.unwrap();
        }
        same_rows(&before, &dump(&place.path, &READ_MODEL).await, "replay");
    }
    store.close().await;
}

#[tokio::test]
async fn a_rebuild_takes_in_what_is_understood_by_now() {
    let place = Place::new().await;
    let store = place.open().await;
    let later = |seq: u64| {
        let hlc = hlc::to_hex(tick(seq));
        format!(r#"{{"h":"{hlc}","s":{seq},"t":"batch","v":2}}"#).into_bytes()
    };
    receive(&store, &[nth(1), later(2), nth(3), later(4), nth(7)]).await;
    assert_eq!(kept(&place).await.len(), 3);
    store.rebuild(NOW).await.unwrap();
    assert_eq!(kept(&place).await.len(), 3, "nothing is understood yet");
    // An upgrade that reads version 2 is played by lines of version 1 in their places. One of them
    // does not fit its place: the clock of the device would run backwards.
    let mut raw = place.raw().await;
    for (seq, line) in [(2, nth(2)), (4, line(4, tick(2), id(1), "name", "backwards"))] {
        sqlx::query("UPDATE quarantine SET body = ? WHERE body = ?")
            .bind(line)
            .bind(later(seq))
            .execute(&mut raw)
            .await
            .unwrap();
    }
    store.rebuild(NOW).await.unwrap();
    let sequence: Vec<u64> = store
        .log()
        .await
        .unwrap()
        .iter()
        .map(|(_, line)| Batch::parse(line).unwrap().seq)
        .collect();
    assert_eq!(sequence, [1, 2, 3]);
    assert_eq!(kept(&place).await.len(), 2, "the one that does not fit, and the one behind a gap");
    let mut expect = Registers::default();
    for seq in [1, 2, 3] {
        expect.fold(device(THEIRS), &Batch::parse(&nth(seq)).unwrap());
    }
    assert_eq!(store.state_hash().await.unwrap(), expect.state_hash());
    // The sequence goes on behind the last place.
    assert_eq!(receive(&store, &[nth(5)]).await, (1, 0, 0));
    store.close().await;
}
