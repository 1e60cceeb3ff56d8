//! From looks to stages: suspected at once, a finding after it held, a regression that names who.

use crate::desk::{Desk, SERVICES, row};
use pilotage_api::App;
use pilotage_api::cluster::{ClusterQuestion, Verification};
use pilotage_api::host::NoDialogs;
use pilotage_domain::cluster::WriterClass;
use pilotage_domain::fact::Seen;
use serde_json::{Value, json};
use std::sync::Arc;

fn check<'v>(service: &'v Value, id: &str) -> &'v Value {
    let stages = service["ladder"].as_array().unwrap().iter();
    stages
        .flat_map(|stage| stage["checks"].as_array().unwrap())
        .find(|check| check["id"] == id)
        .unwrap_or_else(|| panic!("{id} in {service}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn stages_follow_what_has_held() {
    let desk = Desk::new().await;
    let unmapped = desk.verify().await;
    assert_eq!(unmapped.findings, 0);
    assert_eq!(&*row(&unmapped, "cart", "CD-01").reason, "not_mapped");
    desk.map_all().await;
    let first = desk.verify().await;
    let seen = row(&first, "cart", "CD-31");
    assert_eq!((seen.result, seen.suspected), (Seen::Unknown, Some(Seen::Pass)));
    assert_eq!((first.findings, first.rollouts), (0, SERVICES.len()), "rollouts at once");
    assert_eq!(desk.service("cart").await["stage"], Value::Null);
    let early = desk.verify_after(30).await;
    assert_eq!(early.findings, 0, "thirty seconds are not enough");
    let held = desk.verify_after(31).await;
    assert_eq!(held.findings, 3 * SERVICES.len(), "standing checks");
    assert_eq!(row(&held, "cart", "CD-31").result, Seen::Pass);
    assert_eq!(desk.service("cart").await["stage"], "pipeline");
    // Health has a hold of its own.
    let well = desk.verify_after(300).await;
    assert_eq!(well.findings, SERVICES.len());
    assert_eq!(desk.service("cart").await["stage"], "live");
    let again = desk.verify_after(61).await;
    assert_eq!((again.findings, again.rollouts), (0, 0), "what has not changed is not written");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_by_hand_regresses_and_names_object_field_manager_and_time() {
    let desk = Desk::new().await;
    desk.all_live().await;
    assert_eq!(desk.service("cart").await["stage"], "live");
    desk.write("cart", "registry.example.com/cart:hotfix", "kubectl-edit");
    let edited = desk.sim.now();
    let at_once = desk.verify_after(5).await;
    let seen = row(&at_once, "cart", "CD-31");
    assert_eq!((seen.result, seen.suspected), (Seen::Pass, Some(Seen::Fail)), "{seen:?}");
    let writer = seen.evidence.writer.clone().unwrap();
    assert_eq!((writer.class, writer.manager.as_str()), (WriterClass::Manual, "kubectl-edit"));
    assert_eq!(writer.at, Some(edited.timestamp_millis()));
    assert_eq!(desk.service("cart").await["stage"], "live", "suspected is no finding");
    assert!(at_once.regressions.is_empty(), "{:?}", at_once.regressions);
    let held = desk.verify_after(60).await;
    let found = row(&held, "cart", "CD-31");
    assert_eq!((found.result, found.suspected), (Seen::Fail, None));
    let evidence = &found.evidence;
    assert_eq!((evidence.kind.as_str(), evidence.name.as_str()), ("Deployment", "cart"));
    assert!(!evidence.uid.is_empty() && !evidence.resource_version.is_empty(), "{evidence:?}");
    assert_eq!(evidence.field, "spec.template.spec.containers[app].image");
    let cart = desk.service("cart").await;
    assert_eq!(cart["regressed"], true, "{cart}");
    assert_eq!(cart["stage"], Value::Null, "the pipeline stage is lost as well");
    let text = check(&cart, "CD-31").to_string();
    for part in ["kubectl-edit", "Deployment shop/cart", "containers[app].image", "2026-03-02"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(desk.service("orders").await["stage"], "live", "nobody else");
    // The desktop is told once, and Progress says the same.
    let [told] = held.regressions.as_slice() else { panic!("{:?}", held.regressions) };
    assert_eq!(told.title, "cart regressed");
    for part in ["CD-31", "Deployment shop/cart", "[app].image", "kubectl-edit (manual)", "UTC"] {
        assert!(told.text.contains(part), "{part}: {}", told.text);
    }
    let progress = desk.call("progress", json!({})).await;
    let stands = &progress["regressed"];
    assert_eq!(stands[0]["service"]["name"], "cart", "{stands}");
    assert!(stands[0]["observed"].as_str().unwrap().contains("kubectl-edit"), "{stands}");
    let later = desk.verify_after(61).await;
    assert!(later.regressions.is_empty(), "once: {:?}", later.regressions);
    // The pipeline writes again: the stage comes back, and the regression stays in the history.
    desk.write("cart", "registry.example.com/cart:2", "codefresh");
    desk.verify_after(60).await;
    desk.verify_after(61).await;
    let mended = desk.service("cart").await;
    assert_eq!(mended["regressed"], false, "{mended}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ambiguous_writer_is_unproven_and_not_regressed() {
    let desk = Desk::new().await;
    desk.all_live().await;
    desk.write("cart", "registry.example.com/cart:2", "kubectl-set");
    desk.verify_after(5).await;
    let held = desk.verify_after(61).await;
    let found = row(&held, "cart", "CD-31");
    assert_eq!((found.result, &*found.reason), (Seen::Unknown, "shared_cli"));
    assert!(found.note.contains("--field-manager"), "help on the spot: {}", found.note);
    let cart = desk.service("cart").await;
    assert_eq!((&cart["regressed"], &cart["stage"]), (&false.into(), &"live".into()));
    assert!(cart["unproven_since"].is_string(), "{cart}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_this_laptop_may_not_see_overwrites_nothing() {
    let desk = Desk::new().await;
    desk.all_live().await;
    desk.forbid("/deployments");
    let blind = desk.verify_after(61).await;
    let blind_again = desk.verify_after(61).await;
    assert_eq!((blind.findings, blind_again.findings), (0, 0));
    let row = row(&blind_again, "cart", "CD-31");
    assert_eq!((row.result, &*row.reason), (Seen::Pass, "forbidden"));
    assert_eq!(desk.service("cart").await["stage"], "live");
    // The control: the same look with its rights sees the edit.
    desk.faults.clear();
    desk.write("cart", "registry.example.com/cart:x", "kubectl-edit");
    desk.verify_after(5).await;
    assert!(desk.verify_after(61).await.findings > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_workload_is_found_missing() {
    let desk = Desk::new().await;
    desk.all_live().await;
    desk.sim.delete("Deployment", "shop", "cart").unwrap();
    desk.verify_after(5).await;
    let held = desk.verify_after(61).await;
    let found = row(&held, "cart", "CD-01");
    assert_eq!((found.result, &*found.reason), (Seen::Fail, "not_found"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wave_of_failures_is_the_clusters() {
    let desk = Desk::new().await;
    desk.all_live().await;
    for node in ["node-1", "node-2", "node-3"] {
        desk.sim.set_node_down(node, pilotage_kube_sim::NodeState::Down);
    }
    let mut held = desk.verify_after(300).await;
    for _ in 0..8 {
        held = desk.verify_after(240).await;
    }
    assert_eq!(held.held_back, ["CD-02"], "{:?}", row(&held, "cart", "CD-02"));
    assert_eq!(desk.service("cart").await["regressed"], false);
    assert_eq!(held.due, None, "another look would not help");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wave_is_told_by_the_services_that_are_judged() {
    use pilotage_kube_sim::{Subject, Trouble};
    let desk = Desk::new().await;
    desk.all_live().await;
    // Services that run nowhere take no part in it.
    for number in 0..10 {
        let asked = json!({ "name": format!("paper-{number}"), "class": null });
        desk.call("add_service", asked).await;
    }
    for name in ["cart", "orders", "payment"] {
        let one = Subject::Workload { namespace: "shop".into(), name: name.into() };
        desk.sim.trouble(one, Trouble::Crashes { exit_code: 1 });
    }
    let mut held = desk.verify_after(300).await;
    for _ in 0..5 {
        held = desk.verify_after(240).await;
    }
    assert_eq!(held.held_back, ["CD-02"]);
    assert_eq!(desk.service("cart").await["regressed"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_of_all_that_is_asked_for_are_no_wave() {
    use pilotage_kube_sim::{Subject, Trouble};
    let desk = Desk::new().await;
    let asked = ["cart", "orders", "payment"];
    for number in 0..8 {
        let name = format!("other-{number}");
        desk.write(&name, "registry.example.com/other:1", "codefresh");
        desk.call("add_service", json!({ "name": name, "class": null })).await;
    }
    desk.sim.advance_by(60);
    desk.all_live().await;
    for name in asked {
        let one = Subject::Workload { namespace: "shop".into(), name: name.into() };
        desk.sim.trouble(one, Trouble::Crashes { exit_code: 1 });
    }
    for _ in 0..6 {
        desk.sim.advance_by(240);
        let app = desk.app().await;
        let services = asked.map(str::to_owned).to_vec();
        let look = Verification::new(&app, desk.question(), services).look().await.unwrap();
        app.close().await;
        assert!(look.held_back.is_empty(), "{:?}", look.held_back);
        assert!(look.rows.iter().all(|row| asked.contains(&&*row.service)), "{:?}", look.rows);
    }
    assert_eq!(desk.service("cart").await["regressed"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_service_that_fails_is_no_wave() {
    use pilotage_kube_sim::{Subject, Trouble};
    let desk = Desk::new().await;
    desk.all_live().await;
    let cart = Subject::Workload { namespace: "shop".into(), name: "cart".into() };
    desk.sim.trouble(cart, Trouble::Crashes { exit_code: 1 });
    for _ in 0..6 {
        let look = desk.verify_after(240).await;
        assert!(look.held_back.is_empty(), "{:?}", look.held_back);
    }
    assert_eq!(desk.service("cart").await["regressed"], true);
    assert_eq!(desk.service("orders").await["regressed"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn health_is_looked_at_around_a_cut_over() {
    use pilotage_kube_sim::{Subject, Trouble};
    let desk = Desk::new().await;
    desk.map_all().await;
    desk.verify().await;
    let told = async || -> Vec<String> {
        let cart = desk.service("cart").await;
        let timeline = cart["timeline"].as_array().unwrap().iter();
        let health = timeline.filter(|one| one["kind"] == "health");
        health.map(|one| one["summary"].as_str().unwrap().to_owned()).collect()
    };
    assert!(told().await.is_empty(), "nobody was moved yet");
    let moved = json!({ "service": "cart", "note": "all users" });
    desk.call("record_cut_over", moved).await;
    desk.verify_after(60).await;
    let first = told().await;
    assert_eq!(first, ["Health of cart around its cut-over, before: healthy"]);
    desk.verify_after(61).await;
    assert_eq!(told().await, first, "each look once");
    let cart = Subject::Workload { namespace: "shop".into(), name: "cart".into() };
    desk.sim.trouble(cart, Trouble::Crashes { exit_code: 1 });
    desk.verify_after(3_600).await;
    assert_eq!(told().await[0], "Health of cart around its cut-over, hour: degraded");
    // Too late for the day: nobody looked, and nothing is made up.
    desk.verify_after(27 * 3_600).await;
    assert_eq!(told().await.len(), 2);
    // Another cut-over has looks of its own.
    desk.call("record_cut_over", json!({ "service": "cart", "note": "again" })).await;
    desk.verify_after(60).await;
    assert_eq!(told().await.len(), 3);
    assert_eq!(told().await[0], "Health of cart around its cut-over, before: degraded");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_only_be_read_is_not_told_as_recorded() {
    let desk = Desk::new().await;
    desk.map_all().await;
    desk.sim.advance_by(60);
    desk.make_read_only();
    let app = App::open(desk.options(), Arc::new(NoDialogs)).await.unwrap();
    let look = Verification::new(&app, desk.question(), Vec::new()).look().await.unwrap();
    app.close().await;
    assert_eq!((look.findings, look.rollouts), (0, 0));
    assert!(look.unrecorded.is_some());
    assert!(!look.rows.is_empty(), "what is seen is told");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_context_that_is_asked_for_is_contacted() {
    let desk = Desk::new().await;
    desk.map_all().await;
    let app = desk.app().await;
    let asked = async |context: &str| {
        let question = ClusterQuestion { context: Some(context.to_owned()), ..desk.question() };
        Verification::new(&app, question, Vec::new()).look().await
    };
    let before = desk.faults.seen().len();
    let refused = asked("staging").await.unwrap_err();
    assert!(refused.message.contains("staging"), "{refused}");
    assert_eq!(desk.faults.seen().len(), before, "nothing was contacted");
    assert!(!asked(&desk.context()).await.unwrap().rows.is_empty());
    assert!(desk.faults.seen().len() > before);
    app.close().await;
}
