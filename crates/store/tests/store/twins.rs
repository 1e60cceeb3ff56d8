//! Two handles of one device on one file, as the window and the command line are.

use crate::support::{NOW, Place, READ_MODEL, action, commit, device, dump, id, same_rows};
use pilotage_domain::change::Change;
use pilotage_domain::operation::Batch;
use pilotage_store::Store;
use std::collections::BTreeSet;

const EACH: usize = 200;

async fn write_many(store: Store, who: &'static str) -> (Store, Vec<u64>) {
    let mut mine = Vec::new();
    for number in 0..EACH {
        let changes = vec![
            Change::field(id(1), "shared", format!("{who} {number}")),
            Change::field(id(2), format!("{who}/{number}"), true),
        ];
        mine.push(commit(&store, NOW, changes).await.first);
    }
    (store, mine)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_doubled_or_reordered() {
    let place = Place::new().await;
    let window = tokio::spawn(write_many(place.open().await, "window"));
    let shell = tokio::spawn(write_many(place.open().await, "shell"));
    let (window, from_window) = window.await.unwrap();
    let (shell, from_shell) = shell.await.unwrap();

    for mine in [&from_window, &from_shell] {
        assert!(mine.is_sorted(), "each sees its own in order");
    }
    let all: BTreeSet<u64> = from_window.iter().chain(&from_shell).copied().collect();
    assert_eq!(all, (1..=2 * EACH as u64).collect(), "every sequence once");
    let handovers = all
        .iter()
        .zip(all.iter().skip(1))
        .filter(|(a, b)| {
            from_window.binary_search(a).is_ok() != from_window.binary_search(b).is_ok()
        })
        .count();
    assert!(handovers > 0, "the two did take turns");

    let log = window.log().await.unwrap();
    let batches: Vec<Batch> = log.iter().map(|(_, line)| Batch::parse(line).unwrap()).collect();
    assert!(log.iter().all(|(of, _)| *of == device(1)));
    assert!(batches.windows(2).all(|pair| pair[0].hlc < pair[1].hlc), "the clock rises");
    let flags = shell.entity(id(2)).await.unwrap().registers.len();
    assert_eq!(flags, 2 * EACH, "every write is in force");
    assert_eq!(window.log_facts().await.unwrap().conflicts, 0, "each named what the other wrote");
    let before = dump(&place.path, &READ_MODEL).await;
    shell.rebuild(NOW).await.unwrap();
    same_rows(&before, &dump(&place.path, &READ_MODEL).await, "replay");
    window.close().await;
    shell.close().await;
}

#[tokio::test]
async fn a_watcher_sees_the_other_handle() {
    let place = Place::new().await;
    let (window, shell) = (place.open().await, place.open().await);
    let mut watcher = window.watch().await.unwrap();
    let mut last = watcher.version().await.unwrap();
    let mut check = async |expect: bool, what: &str| {
        let version = watcher.version().await.unwrap();
        assert_eq!(version != last, expect, "{what}");
        last = version;
    };
    let name = |name: &str| action(NOW, vec![Change::field(id(1), "name", name)]);
    check(false, "nothing happened").await;
    shell.commit(name("a")).await.unwrap();
    check(true, "the other one wrote").await;
    check(false, "seen already").await;
    shell.commit(name("a")).await.unwrap();
    check(false, "equal values write nothing").await;
    shell.nodes(NOW).await.unwrap();
    window.nodes(NOW).await.unwrap();
    check(false, "reading").await;
    let refused = action(NOW, vec![Change::field(id(1), "", 1)]);
    shell.commit(refused).await.unwrap_err();
    check(false, "a refused write").await;
    shell.commit(name("b")).await.unwrap();
    shell.commit(name("c")).await.unwrap();
    check(true, "twice between two looks").await;
    // The writer is another connection too.
    window.commit(name("d")).await.unwrap();
    check(true, "our own writer").await;
    drop(watcher);
    window.close().await;
    shell.close().await;
}
