//! The fold in SQL against `pilotage_domain::registers`, on random histories of several devices.

use crate::support::{ACTOR, Dice, NOW, Place, READ_MODEL, device, dump, id, same_rows};
use pilotage_domain::hlc::{self, Hlc};
use pilotage_domain::ids::DeviceId;
use pilotage_domain::operation::{Batch, SeenVersion, Version, Write};
use pilotage_domain::registers::{Registers, StateHash};
use pilotage_store::Store;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

const HISTORIES: u64 = 300;
const BATCHES: u64 = 15;
const PATHS: [&str; 7] = ["kind", "deleted", "name", "fact", "class", "merged_into", "labels/é%2F"];

/// A batch on its way: who wrote it, and its line.
struct Sent {
    device: DeviceId,
    batch: Batch,
}

/// One author: what it knows, and how far its clock is off.
struct Author {
    device: DeviceId,
    known: Registers,
    seq: u64,
    hlc: Hlc,
    skew: i64,
}

fn value(dice: &mut Dice, path: &str) -> Value {
    let words: &[Value] = &match path {
        "kind" => vec![json!("service"), json!("environment"), json!("dependency"), json!("moon")],
        "merged_into" => (1..=3).map(|of| json!(id(of).to_string())).collect(),
        "deleted" => vec![json!(false), json!(false), json!(true)],
        "fact" => vec![
            json!({"kind": "orbit_entered", "occurred_at": 5}),
            blocker(1),
            blocker(2),
            json!(null),
        ],
        _ => vec![json!("a"), json!("b\u{1}\"é"), json!(null), json!(4), json!({"k": [1, true]})],
    };
    dice.pick(words).clone()
}

fn blocker(service: u128) -> Value {
    json!({
        "kind": "blocker_opened",
        "occurred_at": NOW,
        "service": id(service).to_string(),
        "reason": "r",
        "waiting_for": "w",
    })
}

/// What a person may have had on screen: heads, the winner only, nothing, something not yet
/// arrived anywhere, or what cannot have been seen.
fn seen(dice: &mut Dice, author: &Author, entity: Uuid, path: &str, now: Hlc) -> Vec<SeenVersion> {
    let name = |version: &Version| (version.hlc, version.device);
    let register = author.known.get(entity, path);
    let mut seen: Vec<SeenVersion> = match (register, dice.below(4)) {
        (Some(register), 0 | 1) => register.heads().iter().map(|(head, _)| name(head)).collect(),
        (Some(register), 2) => register.winner().iter().map(|(head, _)| name(head)).collect(),
        _ => Vec::new(),
    };
    if dice.once_in(12) {
        seen.push((now - 1 - dice.roll() % 9, device(99)));
    }
    if dice.once_in(12) {
        seen.push((now + dice.roll() % 3, author.device));
    }
    seen
}

fn write_batch(dice: &mut Dice, author: &mut Author, minute: i64) -> Batch {
    author.seq += 1;
    author.hlc = hlc::next(author.hlc, NOW + author.skew + minute * 60_000);
    if dice.once_in(3) {
        author.hlc = hlc::next(author.hlc.max(author.known.clock()), 0);
    }
    let writes = (0..=dice.below(3))
        .map(|_| {
            let (entity, path) = (id(1 + dice.below(3) as u128), *dice.pick(&PATHS));
            let seen = seen(dice, author, entity, path, author.hlc);
            Write { entity, path: path.to_owned(), value: value(dice, path), seen }
        })
        .collect();
    let wall = NOW + author.skew;
    let mut batch = Batch { seq: author.seq, hlc: author.hlc, actor: ACTOR, wall, writes };
    batch.sort();
    batch
}

/// A history in the order in which one device receives it: each author's batches in their order,
/// authors mixed, some batches twice.
fn history(seed: u64) -> Vec<Sent> {
    let mut dice = Dice(seed);
    let mut authors: Vec<Author> = (1..=3)
        .map(|number| Author {
            device: device(number),
            known: Registers::default(),
            seq: 0,
            hlc: 0,
            // Up to ten years off, or by so little that readings collide.
            skew: *dice.pick(&[0, 0, 1, -60_000, 315_360_000_000, -315_360_000_000]),
        })
        .collect();
    let mut queues: BTreeMap<DeviceId, Vec<Batch>> = BTreeMap::new();
    for minute in 0..i64::try_from(BATCHES).unwrap() {
        let author = &mut authors[dice.below(3)];
        let batch = write_batch(&mut dice, author, minute / 4);
        let device = author.device;
        queues.entry(device).or_default().push(batch.clone());
        for reader in &mut authors {
            if reader.device == device || dice.once_in(2) {
                reader.known.fold(device, &batch);
            }
        }
    }
    let mut arrivals = Vec::new();
    let mut next: BTreeMap<DeviceId, usize> = BTreeMap::new();
    let devices: Vec<DeviceId> = queues.keys().copied().collect();
    while queues.iter().any(|(device, queue)| next.get(device).copied().unwrap_or(0) < queue.len())
    {
        let device = *dice.pick(&devices);
        let at = next.entry(device).or_default();
        let queue = &queues[&device];
        if *at > 0 && dice.once_in(6) {
            arrivals.push(Sent { device, batch: queue[dice.below(*at)].clone() });
        }
        if let Some(batch) = queue.get(*at) {
            *at += 1;
            arrivals.push(Sent { device, batch: batch.clone() });
        }
    }
    arrivals
}

/// Delivers in calls of a few lines of one device each, or all lines of a device in one: then its
/// batches are folded as one slice, and touch the same registers many times.
async fn deliver(store: &Store, arrivals: &mut [Sent], wide: bool) {
    if wide {
        arrivals.sort_by_key(|sent| sent.device);
    }
    for run in arrivals.chunk_by(|a, b| a.device == b.device) {
        let lines = run.iter().map(|sent| sent.batch.to_line().unwrap().into_bytes()).collect();
        let received = store.receive(run[0].device, lines, NOW).await.unwrap();
        assert_eq!(received.quarantined, 0, "nothing breaks a rule");
        assert_eq!(received.folded + received.known, u32::try_from(run.len()).unwrap());
    }
}

fn oracle(arrivals: &[Sent]) -> Registers {
    let mut registers = Registers::default();
    for sent in arrivals {
        registers.fold(sent.device, &sent.batch);
    }
    registers
}

async fn compare(store: &Store, oracle: &Registers, seed: u64) {
    assert_eq!(store.state_hash().await.unwrap(), oracle.state_hash(), "seed {seed}: hash");
    let mut conflicts = 0;
    for number in 1..=3 {
        let entity = id(number);
        let registers = || oracle.iter().filter(|((of, _), _)| *of == entity);
        let expect: BTreeMap<String, Value> = registers()
            .filter_map(|((_, path), register)| Some((path.clone(), register.winner()?.1.clone())))
            .filter(|(_, value)| !value.is_null())
            .collect();
        let found = store.entity(entity).await.unwrap().registers;
        assert_eq!(found, expect, "seed {seed}: winners of {number}");
        let expect: Vec<_> = registers()
            .filter(|(_, register)| register.in_conflict())
            .map(|((_, path), register)| {
                let heads = register.heads().into_iter().rev();
                (path.clone(), heads.map(|(at, value)| (value.clone(), *at, ACTOR)).collect())
            })
            .collect();
        let found: Vec<(String, Vec<_>)> = store
            .conflicts(entity)
            .await
            .unwrap()
            .into_iter()
            .map(|conflict| (conflict.path, conflict.heads))
            .collect();
        assert_eq!(found, expect, "seed {seed}: conflicts of {number}");
        conflicts += found.len() as u64;
    }
    assert_eq!(store.log_facts().await.unwrap().conflicts, conflicts, "seed {seed}: their number");
}

/// Plays one history and compares; its conflicts.
async fn play(template: &Place, seed: u64) -> u64 {
    let place = Place::empty();
    std::fs::copy(&template.path, &place.path).unwrap();
    let store = place.open_as(device(50)).await;
    let mut arrivals = history(seed);
    deliver(&store, &mut arrivals, seed.is_multiple_of(3)).await;
    compare(&store, &oracle(&arrivals), seed).await;
    let facts = store.log_facts().await.unwrap();
    assert_eq!(facts.batches, BATCHES, "seed {seed}: every batch is in");
    if seed.is_multiple_of(5) {
        let before = observable(dump(&place.path, &READ_MODEL).await);
        store.rebuild(NOW).await.unwrap();
        let after = observable(dump(&place.path, &READ_MODEL).await);
        same_rows(&before, &after, &format!("seed {seed}: replay"));
        store.rebuild_row_by_row(NOW).await.unwrap();
        let after = observable(dump(&place.path, &READ_MODEL).await);
        same_rows(&before, &after, &format!("seed {seed}: row by row"));
    }
    store.close().await;
    facts.conflicts
}

#[test]
fn the_fold_in_sql_does_what_the_domain_does() {
    // One workspace waits for the disk while others compute.
    let shard = |shard: u64| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let template = Place::new().await;
            let mut conflicts = 0;
            for seed in (shard..HISTORIES).step_by(4) {
                conflicts += play(&template, seed).await;
            }
            conflicts
        })
    };
    let conflicts: u64 = std::thread::scope(|scope| {
        let shards: Vec<_> = (0..4).map(|number| scope.spawn(move || shard(number))).collect();
        shards.into_iter().map(|shard| shard.join().unwrap()).sum()
    });
    assert!(conflicts > HISTORIES, "the histories are full of conflicts: {conflicts}");
}

/// Timeline rows of what is no service any more are left over, and nobody reads them.
fn observable(rows: Vec<String>) -> Vec<String> {
    let services: Vec<String> = rows
        .iter()
        .filter_map(|row| {
            row.strip_prefix("entity: ")?.strip_suffix(",1")?.split_once(",'service'")
        })
        .map(|(entity, _)| format!("touched: {entity},"))
        .collect();
    rows.into_iter()
        .filter(|row| {
            !row.starts_with("touched: ") || services.iter().any(|service| row.starts_with(service))
        })
        .collect()
}

#[test]
fn wrong_rules_are_told_apart() {
    // Negative control: the last to arrive wins; the clock alone decides, ties going to the later.
    type Beats = fn(&Version, &Version) -> bool;
    let rules: [(&str, Beats, bool); 3] = [
        ("by arrival", |_, _| true, true),
        ("by clock alone", |new, old| new.hlc >= old.hlc, true),
        ("the rule", |new, old| new > old, false),
    ];
    for (name, beats, differs) in rules {
        let differing = (0..HISTORIES)
            .filter(|seed| {
                let arrivals = history(*seed);
                folded_by(beats, &arrivals) != oracle(&arrivals).state_hash()
            })
            .count();
        assert_eq!(differing > 0, differs, "{name}: {differing} histories differ");
    }
}

fn folded_by(beats: fn(&Version, &Version) -> bool, arrivals: &[Sent]) -> String {
    let mut state: BTreeMap<(Uuid, String), (Version, Value)> = BTreeMap::new();
    for sent in arrivals {
        let version = sent.batch.version(sent.device);
        for write in &sent.batch.writes {
            let key = (write.entity, write.path.clone());
            let stays = state.get(&key).is_some_and(|(old, _)| !beats(&version, old));
            if !stays {
                state.insert(key, (version, write.value.clone()));
            }
        }
    }
    let mut hash = StateHash::new();
    for ((entity, path), (version, value)) in &state {
        hash.register(*entity, path, *version, &value.to_string());
    }
    hash.finish()
}
