//! Facts of a kind are kept in memory, and never older than the file.

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
    // The control: with no change between, nothing is read again.
    assert!(Arc::ptr_eq(&ask().await, &ask().await));
    store.close().await;
    other.close().await;
}
