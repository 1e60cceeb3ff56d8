//! Services that turned out to be one.

use crate::past::playbook;
use crate::support::{
    NOW, Place, READ_MODEL, WORKSPACE, commit, created, device, dump, id, line, same_rows,
};
use chrono_tz::Tz;
use pilotage_domain::DAY;
use pilotage_domain::change::{Change, Kind, Presence, path};
use pilotage_domain::fact::{Fact, Happening, Seen, Source};
use pilotage_domain::words::DependencyKind;
use pilotage_store::{NodeDetail, Store};
use serde_json::Value;

fn found(number: u128, occurred_at: i64, service: u128, check: &str) -> Change {
    let what = Happening::Finding {
        service: id(service),
        check: check.into(),
        check_version: 1,
        result: Seen::Pass,
        source: Source::Person,
        observed: "seen".into(),
        link: None,
        stale_after: None,
    };
    Change::Happened { id: id(number), fact: Fact { occurred_at, what } }
}

fn depends(from: u128, to: u128, percent: u8) -> Vec<Change> {
    Change::declare(WORKSPACE, DependencyKind::StartOrder, id(from), id(to), percent, &[])
}

fn merge(from: u128, into: u128) -> Vec<Change> {
    vec![Change::field(id(from), path::MERGED_INTO, id(into).to_string())]
}

fn split(from: u128) -> Vec<Change> {
    vec![Change::field(id(from), path::MERGED_INTO, Value::Null)]
}

/// Payments (1) a day before pay (2), both before ledger (3), each with something of its own.
async fn three(store: &Store) {
    let (playbook, text) = playbook();
    commit(store, NOW, Change::adopt(&playbook, &text, Tz::UTC, id(90), NOW)).await;
    commit(store, NOW + DAY, created(id(2), Kind::Service, "pay")).await;
    commit(store, NOW + 2 * DAY, created(id(1), Kind::Service, "payments")).await;
    commit(store, NOW + 2 * DAY, created(id(3), Kind::Service, "ledger")).await;
    let alias = Change::element(id(2), path::ALIASES, "pay-svc", Presence::In);
    commit(store, NOW + 3 * DAY, vec![alias]).await;
    commit(store, NOW + 3 * DAY, vec![found(11, NOW + 3 * DAY, 1, "F1")]).await;
    commit(store, NOW + 3 * DAY, vec![found(12, NOW + 3 * DAY, 2, "B1")]).await;
    commit(store, NOW + 3 * DAY, vec![found(13, NOW + 3 * DAY, 2, "B2")]).await;
    for changes in [depends(1, 3, 50), depends(2, 3, 90), depends(1, 2, 90), depends(3, 2, 70)] {
        commit(store, NOW + 3 * DAY, changes).await;
    }
}

async fn detail(store: &Store, service: u128) -> Option<NodeDetail> {
    store.node(id(service), NOW + 9 * DAY).await.unwrap()
}

async fn names(store: &Store) -> Vec<String> {
    let nodes = store.nodes(NOW + 9 * DAY).await.unwrap();
    nodes.iter().map(|node| node.name.clone()).collect()
}

async fn edges(store: &Store) -> Vec<(u128, u128, u8)> {
    let edges = store.dependencies().await.unwrap();
    let mut edges: Vec<_> = edges
        .iter()
        .map(|edge| (edge.caller.as_u128(), edge.callee.as_u128(), edge.confidence))
        .collect();
    edges.sort_unstable();
    edges
}

async fn replays(place: &Place, store: &Store) {
    let before = dump(&place.path, &READ_MODEL).await;
    store.rebuild(NOW + 9 * DAY).await.unwrap();
    same_rows(&before, &dump(&place.path, &READ_MODEL).await, "replay");
}

#[tokio::test]
async fn one_counts_as_the_other_and_splits_again_exactly() {
    let place = Place::new().await;
    let store = place.open().await;
    three(&store).await;
    let apart = (detail(&store, 1).await, detail(&store, 2).await, edges(&store).await);
    assert_eq!(apart.2, [(1, 2, 90), (1, 3, 50), (2, 3, 90), (3, 2, 70)]);
    let timeline = store.timeline(id(1), 50).await.unwrap().len();

    commit(&store, NOW + 4 * DAY, merge(2, 1)).await;
    assert_eq!(names(&store).await, ["ledger", "payments"]);
    assert_eq!(detail(&store, 2).await, None, "it is no node of its own");
    let one = detail(&store, 1).await.unwrap();
    assert_eq!(one.journey.stage.as_deref(), Some("built"), "F1 of one, B1 and B2 of the other");
    assert_eq!(one.journey.moves[0].at, NOW + DAY, "since the earlier one arrived");
    assert_eq!(one.row.listed.aliases, ["pay", "pay-svc"]);
    assert_eq!(one.facts.len(), 3);
    assert_eq!(edges(&store).await, [(1, 3, 90), (3, 1, 70)], "no loop, no double, the surest");
    assert!(store.timeline(id(1), 50).await.unwrap().len() > timeline + 4, "with what was of it");
    assert_eq!(store.search("pay-svc", 9).await.unwrap().0[0].node, id(1));
    replays(&place, &store).await;

    // What is heard of the merged one is heard of the root.
    commit(&store, NOW + 5 * DAY, vec![found(14, NOW + 5 * DAY, 2, "F1")]).await;
    assert_eq!(detail(&store, 1).await.unwrap().facts.len(), 4);
    commit(&store, NOW + 5 * DAY, vec![Change::field(id(2), path::NAME, "pay-two")]).await;
    assert_eq!(detail(&store, 1).await.unwrap().row.listed.aliases, ["pay-svc", "pay-two"]);
    commit(&store, NOW + 5 * DAY, vec![Change::field(id(2), path::NAME, "pay")]).await;

    commit(&store, NOW + 6 * DAY, split(2)).await;
    assert_eq!(detail(&store, 1).await, apart.0, "as it was before");
    let (after, mut before) = (detail(&store, 2).await.unwrap(), apart.1.unwrap());
    assert_eq!(after.facts.len(), before.facts.len() + 1, "and what came since");
    before.row.changed_at = after.row.changed_at;
    before.facts.clone_from(&after.facts);
    before.journey.clone_from(&after.journey);
    before.row.summary = after.row.summary.clone();
    assert_eq!(after, before);
    assert_eq!(edges(&store).await, apart.2);
    replays(&place, &store).await;
    store.close().await;
}

#[tokio::test]
async fn chains_lead_to_the_end_and_wait_for_it() {
    let place = Place::new().await;
    let store = place.open().await;
    three(&store).await;
    commit(&store, NOW + 4 * DAY, merge(2, 1)).await;
    commit(&store, NOW + 4 * DAY, merge(1, 3)).await;
    assert_eq!(names(&store).await, ["ledger"]);
    assert_eq!(detail(&store, 3).await.unwrap().facts.len(), 3);
    replays(&place, &store).await;
    // The middle leaves, and takes with it what counts as it.
    commit(&store, NOW + 5 * DAY, split(1)).await;
    assert_eq!(names(&store).await, ["ledger", "payments"]);
    assert_eq!(detail(&store, 1).await.unwrap().facts.len(), 3);
    assert_eq!(detail(&store, 3).await.unwrap().facts.len(), 0);

    // A root that is not there yet: until it comes, everyone stands alone.
    commit(&store, NOW + 5 * DAY, merge(3, 7)).await;
    assert_eq!(names(&store).await, ["ledger", "payments"]);
    commit(&store, NOW + 5 * DAY, created(id(7), Kind::Service, "late")).await;
    assert_eq!(names(&store).await, ["late", "payments"]);
    // A root that is deleted takes all of it along, and brings it back.
    commit(&store, NOW + 6 * DAY, vec![Change::Deleted { entity: id(7) }]).await;
    assert_eq!(names(&store).await, ["payments"]);
    let kind = Kind::Service;
    commit(&store, NOW + 6 * DAY, vec![Change::Created { entity: id(7), kind }]).await;
    assert_eq!(names(&store).await, ["late", "payments"]);
    replays(&place, &store).await;
    store.close().await;
}

#[tokio::test]
async fn two_devices_that_merge_both_ways_agree() {
    let mut ends = Vec::new();
    for order in [[0, 1], [1, 0]] {
        let place = Place::new().await;
        let store = place.open().await;
        three(&store).await;
        let at = (u64::try_from(NOW + 5 * DAY).unwrap()) << 16;
        let lines = [
            (device(2), line(1, at + 1, id(1), path::MERGED_INTO, id(2).to_string())),
            (device(3), line(1, at + 2, id(2), path::MERGED_INTO, id(1).to_string())),
        ];
        for place in order {
            let (device, line) = lines[place].clone();
            store.receive(device, vec![line], NOW + 9 * DAY).await.unwrap();
        }
        assert_eq!(names(&store).await, ["ledger", "payments"], "the smaller id stays");
        let one = detail(&store, 1).await.unwrap();
        assert_eq!(one.facts.len(), 3, "nothing is lost");
        replays(&place, &store).await;
        ends.push(one);
        store.close().await;
    }
    assert_eq!(ends[0], ends[1]);
}
