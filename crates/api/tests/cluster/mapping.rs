//! Services and workloads: proposed with a reason, confirmed in one action, taken back in one.

use crate::desk::{Desk, SERVICES};
use serde_json::json;

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
