//! Facts of a kind and nodes are kept in memory, and never older than the file.

use crate::support::{NOW, Place, commit, created, device, happened, id, line};
use pilotage_domain::change::Kind;
use pilotage_domain::fact::{Happening, Scope};
use serde_json::json;
use std::sync::Arc;

fn retired(reason: &str) -> Happening {
    Happening::ScopeChanged { service: id(1), scope: Scope::Retire, reason: reason.to_owned() }
}

#[tokio::test]
async fn what_is_remembered_is_what_the_file_holds() {
    let place = Place::new().await;
    let (store, other) = (place.open().await, place.open_as(device(2)).await);
    commit(&store, NOW, created(id(1), Kind::Service, "payments")).await;
    let ask = async || store.facts_of_kind("scope_changed").await.unwrap();
    assert_eq!(ask().await.len(), 0);
    commit(&store, NOW + 1, vec![happened(NOW + 1, retired("replaced"))]).await;
    assert_eq!(ask().await.len(), 1, "its own change");
    commit(&other, NOW + 2, vec![happened(NOW + 2, retired("really"))]).await;
    assert_eq!(ask().await.len(), 2, "another program's");
    let fact = json!({
        "kind": "scope_changed", "occurred_at": NOW, "service": id(1), "scope": "in", "reason": "",
    });
    let hlc = u64::try_from(NOW).unwrap() << 16;
    store
        .receive(device(3), vec![line(1, hlc, id(9), pilotage_domain::fact::PATH, fact)], NOW + 3)
        .await
        .unwrap();
    assert_eq!(ask().await.len(), 3, "another device's");
    let before = ask().await;
    store.rebuild(NOW + 3).await.unwrap();
    assert_eq!(ask().await, before, "a rebuild folds the same");
    // The control: with no change between, nothing is read again, nor after one of other things.
    assert!(Arc::ptr_eq(&ask().await, &ask().await));
    commit(&other, NOW + 4, created(id(2), Kind::Service, "orders")).await;
    assert_eq!(ask().await, before);
    let kept = ask().await;
    commit(&other, NOW + 5, created(id(3), Kind::Service, "carts")).await;
    assert!(Arc::ptr_eq(&kept, &ask().await));
    store.close().await;
    other.close().await;
}

#[tokio::test]
async fn nodes_that_are_remembered_are_those_of_the_file() {
    let place = Place::new().await;
    let (store, other) = (place.open().await, place.open_as(device(2)).await);
    let ask = async || store.nodes(NOW + 9).await.unwrap();
    let names = async || ask().await.iter().map(|node| node.name.clone()).collect::<Vec<_>>();
    assert_eq!(names().await, Vec::<String>::new());
    commit(&store, NOW, created(id(1), Kind::Service, "payments")).await;
    assert_eq!(names().await, ["payments"], "its own change");
    commit(&other, NOW + 1, created(id(2), Kind::Service, "orders")).await;
    assert_eq!(names().await, ["orders", "payments"], "another program's");
    let hlc = (u64::try_from(NOW).unwrap() + 2) << 16;
    let renamed = line(1, hlc, id(2), pilotage_domain::change::path::NAME, json!("carts"));
    store.receive(device(3), vec![renamed], NOW + 3).await.unwrap();
    assert_eq!(names().await, ["carts", "payments"], "another device's");
    let before = ask().await;
    store.rebuild(NOW + 3).await.unwrap();
    assert_eq!(ask().await, before, "a rebuild folds the same");
    // The control: with no change between, nothing is read again.
    assert!(Arc::ptr_eq(&ask().await, &ask().await));
    store.close().await;
    other.close().await;
}

#[tokio::test]
async fn a_fact_that_is_written_again_is_read_again() {
    let place = Place::new().await;
    let store = place.open().await;
    commit(&store, NOW, created(id(1), Kind::Service, "payments")).await;
    let hlc = u64::try_from(NOW).unwrap() << 16;
    let told = |number: u64, kind: &str, reason: &str| {
        let fact = json!({
            "kind": kind, "occurred_at": NOW, "service": id(1), "scope": "in", "reason": reason,
            "waiting_for": "", "check": "DI-01",
        });
        vec![line(number, hlc + number, id(9), pilotage_domain::fact::PATH, fact)]
    };
    let reasons = async |kind: &str| {
        let facts = store.facts_of_kind(kind).await.unwrap();
        let reason = |what: &Happening| match what {
            Happening::ScopeChanged { reason, .. } | Happening::BlockerOpened { reason, .. } => {
                reason.clone()
            }
            _ => String::new(),
        };
        facts.iter().map(|recorded| reason(&recorded.fact.what)).collect::<Vec<_>>()
    };
    for (number, kind, scope, blocker) in [
        (1, "scope_changed", vec!["one"], vec![]),
        (2, "scope_changed", vec!["two"], vec![]),
        (3, "blocker_opened", vec![], vec!["three"]),
        (4, "scope_changed", vec!["four"], vec![]),
    ] {
        let reason = ["", "one", "two", "three", "four"][usize::try_from(number).unwrap()];
        store.receive(device(3), told(number, kind, reason), NOW + 3).await.unwrap();
        assert_eq!(reasons("scope_changed").await, scope, "{number}");
        assert_eq!(reasons("blocker_opened").await, blocker, "{number}");
    }
    store.close().await;
}
