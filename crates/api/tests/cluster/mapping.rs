//! Services and workloads: proposed with a reason, confirmed in one action, taken back in one.

use crate::desk::{Desk, SERVICES};
use pilotage_api::cluster::ClusterQuestion;
use pilotage_domain::change::{Change, path};
use serde_json::json;
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread")]
async fn one_bulk_confirm_maps_all_and_one_undo_takes_it_back() {
    let desk = Desk::new().await;
    let app = desk.app().await;
    let (view, _) = app.look_at_mapping(&desk.question()).await.unwrap();
    let target = &view.targets[0];
    assert!(target.seen, "{target:?}");
    assert_eq!(target.proposed.len(), SERVICES.len());
    assert_eq!(target.proposed[0].reason, "it bears the service's name");
    app.close().await;
    let saved = desk.map_all().await;
    let mapped = async || {
        let app = desk.app().await;
        let (view, _) = app.look_at_mapping(&desk.question()).await.unwrap();
        app.close().await;
        view.targets.into_iter().next().unwrap()
    };
    let after = mapped().await;
    assert_eq!((after.confirmed.len(), after.proposed.len()), (SERVICES.len(), 0));
    desk.call("undo", json!({ "batch": saved["batch"] })).await;
    let undone = mapped().await;
    assert_eq!((undone.confirmed.len(), undone.proposed.len()), (0, SERVICES.len()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_born_in_the_cluster_becomes_a_service() {
    let desk = Desk::new().await;
    desk.write("ledger-web", "registry.example.com/ledger:1", "codefresh");
    desk.sim.advance_by(60);
    let app = desk.app().await;
    let (view, _) = app.look_at_mapping(&desk.question()).await.unwrap();
    let born = view.targets[0].unmapped.clone();
    assert_eq!(born.len(), 1, "{born:?}");
    app.close().await;
    let pair = json!({ "workload": born[0].workload, "service": "ledger-web", "born": true });
    desk.call("map_workloads", json!({ "pairs": [pair], "word": "confirmed" })).await;
    let app = desk.app().await;
    let (view, _) = app.look_at_mapping(&desk.question()).await.unwrap();
    assert_eq!(view.targets[0].confirmed[0].service.name, "ledger-web");
    assert!(view.targets[0].unmapped.is_empty());
    // A name that is taken, a pair that is said twice, a kind that is none: nothing changes.
    for (workload, service) in [("ledger-web", "cart"), ("no name!", "ledger-web")] {
        let workload = json!({
            "target": view.targets[0].target, "namespace": "shop", "kind": "Deployment",
            "name": workload,
        });
        let pair = json!({ "workload": workload, "service": service, "born": service == "cart" });
        let refused =
            app.call("map_workloads", json!({ "pairs": [pair], "word": "confirmed" })).await;
        assert!(refused.is_err(), "{service}");
    }
    app.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workload_is_one_services() {
    let desk = Desk::new().await;
    desk.map_all().await;
    let app = desk.app().await;
    let (view, _) = app.look_at_mapping(&desk.question()).await.unwrap();
    let cart = view.targets[0].confirmed.iter().find(|one| one.service.name == "cart").unwrap();
    let pair = json!({ "workload": cart.workload, "service": "orders" });
    app.close().await;
    desk.call("map_workloads", json!({ "pairs": [pair], "word": "confirmed" })).await;
    let app = desk.app().await;
    let (view, _) = app.look_at_mapping(&desk.question()).await.unwrap();
    let owners: Vec<&str> = view.targets[0]
        .confirmed
        .iter()
        .filter(|one| one.workload == cart.workload)
        .map(|one| one.service.name.as_str())
        .collect();
    assert_eq!(owners, ["orders"]);
    app.close().await;
}

/// Owners of a workload, by name.
async fn owners(desk: &Desk, workload: &str) -> Vec<String> {
    let app = desk.app().await;
    let (view, _) = app.look_at_mapping(&desk.question()).await.unwrap();
    app.close().await;
    let confirmed = view.targets[0].confirmed.iter();
    let own = confirmed.filter(|one| one.workload.name == workload);
    own.map(|one| one.service.name.clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_word_of_a_merged_service_is_taken_back_where_it_stands() {
    let desk = Desk::new().await;
    desk.map_all().await;
    let app = desk.app().await;
    let (view, _) = app.look_at_mapping(&desk.question()).await.unwrap();
    app.close().await;
    let cart = view.targets[0].confirmed.iter().find(|one| one.service.name == "cart").unwrap();
    // What is said of the one that goes is said of the one that stays.
    desk.call("merge_services", json!({ "service": "cart", "into": "orders" })).await;
    assert_eq!(owners(&desk, "cart").await, ["orders"]);
    let say = async |service: &str, word: &str| {
        let pair = json!({ "workload": cart.workload, "service": service });
        desk.call("map_workloads", json!({ "pairs": [pair], "word": word })).await
    };
    let moved = say("payment", "confirmed").await;
    assert_eq!(owners(&desk, "cart").await, ["payment"], "no longer of the merged one");
    desk.call("undo", json!({ "batch": moved["batch"] })).await;
    assert_eq!(owners(&desk, "cart").await, ["orders"]);
    for word in ["open", "rejected"] {
        let saved = say("orders", word).await;
        assert!(owners(&desk, "cart").await.is_empty(), "{word}");
        desk.call("undo", json!({ "batch": saved["batch"] })).await;
    }
    say("orders", "confirmed").await;
    assert_eq!(owners(&desk, "cart").await, ["orders"], "once");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_that_name_each_other_the_words_of_both_count() {
    let desk = Desk::new().await;
    desk.map_all().await;
    let id = async |name: &str| -> Uuid {
        desk.service(name).await["id"].as_str().unwrap().parse().unwrap()
    };
    let (cart, orders) = (id("cart").await, id("orders").await);
    // Two devices merged them at once, each the other way.
    let into = |one: Uuid, other: Uuid| Change::field(one, path::MERGED_INTO, other.to_string());
    desk.bring(vec![into(cart, orders), into(orders, cart)]).await;
    let root = if cart < orders { "cart" } else { "orders" };
    assert_eq!(owners(&desk, "cart").await, [root]);
    assert_eq!(owners(&desk, "orders").await, [root]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_namespace_that_is_named_twice_is_read_once() {
    let desk = Desk::new().await;
    desk.forbid("/apis/apps/v1/deployments");
    let app = desk.app().await;
    // The target names it as well.
    let question = ClusterQuestion { namespaces: vec!["shop".to_owned()], ..desk.question() };
    let (view, errors) = app.look_at_mapping(&question).await.unwrap();
    app.close().await;
    assert!(errors.is_empty(), "{errors:?}");
    assert_eq!(view.targets[0].proposed.len(), SERVICES.len(), "{:?}", view.targets[0].proposed);
}
