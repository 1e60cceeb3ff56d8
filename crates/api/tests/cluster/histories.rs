//! What the histories of Argo CD and Flux tell, from the objects in a cluster to the deployments: who
//! delivered, from what, and never one deployment more than there was.

use crate::desk::{Desk, row};
use pilotage_domain::change::Change;
use pilotage_domain::cluster::{
    Rollout, RolloutKind, TimeSource, WorkloadName, Writer, WriterClass,
};
use pilotage_domain::fact::{Fact, Happening, Seen};
use pilotage_domain::ids::DeviceId;
use pilotage_kube_sim::Writer as Pen;
use pilotage_store::Store;
use serde_json::{Value, json};
use uuid::Uuid;

const DAY: i64 = 86_400;
const ARGO_CD: &str = include_str!("histories/argo-cd.yaml");
const FLUX: &str = include_str!("histories/flux.yaml");

/// The shop of Monday, whose cart was changed on Tuesday at 10:10 and whose payment on Wednesday at
/// 10:20. Nobody has looked yet.
async fn shop() -> Desk {
    let desk = Desk::new().await;
    for namespace in ["argocd", "flux-system"] {
        desk.sim.ensure_namespace(namespace);
    }
    for name in ["cart", "payment"] {
        desk.sim.advance_by(DAY);
        desk.write(name, &format!("registry.example.com/{name}:2"), "gitops-engine");
        desk.sim.advance_by(600);
    }
    desk
}

fn apply(desk: &Desk, yaml: &str) {
    desk.sim.apply(yaml, &Pen::update("controller")).unwrap();
}

/// Deployments of a service, newest first: revision, change, class, and what delivered it.
async fn deployed(desk: &Desk, service: &str) -> Vec<(i64, String, String, Option<String>)> {
    let view = desk.call("deployments", json!({ "service": service })).await;
    let rows = view["deployments"].as_array().unwrap().iter();
    let counted: u64 = view["weeks"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|week| {
            ["manual", "ambiguous", "controller", "pipeline", "gitops"]
                .map(|class| week[class].as_u64().unwrap())
        })
        .sum();
    assert_eq!(view["total"], counted, "the weeks count what is listed");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    rows.map(|row| {
        let source = &row["source"];
        let source = source.is_object().then(|| {
            let parts = ["tool", "kind", "object", "short_revision", "start"];
            parts.map(|part| source[part].as_str().unwrap_or("-")).join(" ")
        });
        (row["revision"].as_i64().unwrap(), text(&row["change"]), text(&row["class"]), source)
    })
    .collect()
}

fn line(
    revision: i64,
    change: &str,
    class: &str,
    source: Option<&str>,
) -> (i64, String, String, Option<String>) {
    (revision, change.to_owned(), class.to_owned(), source.map(str::to_owned))
}

async fn recorded(desk: &Desk) -> usize {
    let workspace = desk.options().workspace;
    let store = Store::open(&workspace, DeviceId([9; 16]), "reader").await.unwrap();
    let count = store.facts_of_kind("delivery_seen").await.unwrap().len();
    store.close().await;
    count
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_that_made_a_revision_tells_of_it_and_is_none_more() {
    let desk = shop().await;
    apply(&desk, ARGO_CD);
    desk.map_all().await;
    desk.verify().await;
    let asked = "Argo CD Application argocd/cart 01234567 requested";
    let cart = [line(2, "image", "gitops", Some(asked)), line(1, "first", "ambiguous", None)];
    // The sync of Monday evening and that of Tuesday evening changed nothing of its template.
    assert_eq!(deployed(&desk, "cart").await, cart);
    // The control: an application that delivers something else was synced at that very minute.
    let payment = [line(2, "image", "ambiguous", None), line(1, "first", "ambiguous", None)];
    assert_eq!(deployed(&desk, "payment").await, payment);
    assert_eq!(recorded(&desk).await, 1, "what says nothing is not kept");
    desk.verify_after(600).await;
    assert_eq!(deployed(&desk, "cart").await, cart);
    assert_eq!(recorded(&desk).await, 1, "each once");
    // The timeline tells it, and nothing tells who asked.
    let service = desk.service("cart").await.to_string();
    assert!(service.contains("Argo CD delivered 01234567 to cart"), "{service}");
    assert!(service.contains("somebody asked for it"), "{service}");
    let workspace = desk.options().workspace;
    let file = String::from_utf8_lossy(&std::fs::read(workspace).unwrap()).into_owned();
    assert!(file.contains("argocd/cart") && !file.contains("planted-anna"), "no account is kept");
}

/// The application was synced in the very minute in which somebody edited the cart: that proves
/// nothing, and the check is judged by the name that the cluster keeps.
#[tokio::test(flavor = "multi_thread")]
async fn a_sync_beside_a_change_by_hand_hides_nothing() {
    for (manager, expect) in [("kubectl-edit", Seen::Fail), ("argocd-controller", Seen::Pass)] {
        let desk = Desk::new().await;
        desk.sim.ensure_namespace("argocd");
        desk.sim.advance_by(DAY);
        desk.write("cart", "registry.example.com/cart:2", manager);
        desk.sim.advance_by(600);
        apply(&desk, ARGO_CD);
        desk.map_all().await;
        desk.verify().await;
        let held = desk.verify_after(61).await;
        assert_eq!(row(&held, "cart", "CD-32").result, expect, "{manager}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_back_is_not_learned_again() {
    let desk = shop().await;
    apply(&desk, ARGO_CD);
    desk.map_all().await;
    desk.verify().await;
    assert!(deployed(&desk, "cart").await[0].3.is_some(), "the control: it is told");
    let store = Store::open(&desk.options().workspace, DeviceId([9; 16]), "reader").await.unwrap();
    let told = store.facts_of_kind("delivery_seen").await.unwrap()[0].clone();
    store.close().await;
    let Happening::DeliverySeen { service, .. } = told.fact.what else { panic!("{told:?}") };
    let what = Happening::Retraction { of: told.id, service, note: String::new() };
    let at = desk.sim.now().timestamp_millis();
    let fact = Fact { occurred_at: at, what };
    desk.bring(vec![Change::Happened { id: Uuid::now_v7(), fact }]).await;
    let unknown = [line(2, "image", "ambiguous", None), line(1, "first", "ambiguous", None)];
    assert_eq!(deployed(&desk, "cart").await, unknown);
    desk.verify_after(600).await;
    assert_eq!(deployed(&desk, "cart").await, unknown, "a later look brings it not back");
    let store = Store::open(&desk.options().workspace, DeviceId([9; 16]), "reader").await.unwrap();
    let id = told.id.to_string();
    let names = |(_, line): &&(DeviceId, Vec<u8>)| String::from_utf8_lossy(line).contains(&id);
    let written = store.log().await.unwrap().iter().filter(names).count();
    store.close().await;
    assert_eq!(written, 2, "nor is it written again: once told, once taken back");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_not_be_read_stays_unknown_and_is_learned_later() {
    let desk = shop().await;
    apply(&desk, ARGO_CD);
    desk.map_all().await;
    desk.forbid("/applications");
    let look = desk.verify().await;
    assert!(look.errors.is_empty(), "{:?}", look.errors);
    assert_eq!(look.rollouts, 6, "all that was rolled out is recorded");
    let unknown = [line(2, "image", "ambiguous", None), line(1, "first", "ambiguous", None)];
    assert_eq!(deployed(&desk, "cart").await, unknown);
    desk.faults.clear();
    desk.verify_after(60).await;
    let cart = deployed(&desk, "cart").await;
    assert_eq!(cart.len(), 2, "known by now, and still one deployment each: {cart:?}");
    assert_eq!(cart[0].2, "gitops");
}

#[tokio::test(flavor = "multi_thread")]
async fn flux_tells_of_states_and_releases() {
    let desk = shop().await;
    apply(&desk, FLUX);
    desk.map_all().await;
    desk.verify().await;
    let flux = "Flux Kustomization flux-system/shop main@01234567 untold";
    let payment = [line(2, "image", "gitops", Some(flux)), line(1, "first", "ambiguous", None)];
    assert_eq!(deployed(&desk, "payment").await, payment);
    let [second, first] = ["1.3.0", "1.2.0"]
        .map(|chart| format!("Flux Helm HelmRelease flux-system/cart {chart} untold"));
    let cart =
        [line(2, "image", "gitops", Some(&second)), line(1, "first", "gitops", Some(&first))];
    assert_eq!(deployed(&desk, "cart").await, cart);
    for name in ["orders", "shipping"] {
        assert_eq!(deployed(&desk, name).await, [line(1, "first", "ambiguous", None)], "{name}");
    }
}

/// The cart's first two revisions are forgotten: what Argo CD still knows of that time is a
/// deployment, until a colleague who saw the revision itself tells of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_history_counts_where_revisions_are_forgotten_and_never_beside_one() {
    let desk = shop().await;
    desk.write("cart", "registry.example.com/cart:3", "gitops-engine");
    desk.sim.advance_by(600);
    for set in desk.sim.list("ReplicaSet") {
        let (name, number) = (&set["metadata"]["name"], &set["metadata"]["annotations"]);
        let number = &number["deployment.kubernetes.io/revision"];
        if name.as_str().unwrap().starts_with("cart") && number != "3" {
            desk.sim.delete("ReplicaSet", "shop", name.as_str().unwrap()).unwrap();
        }
    }
    apply(&desk, ARGO_CD);
    desk.map_all().await;
    desk.verify().await;
    let cart = deployed(&desk, "cart").await;
    let told =
        |revision, start: &str| format!("Argo CD Application argocd/cart {revision} {start}");
    let expect = [
        line(3, "config", "ambiguous", None),
        line(0, "delivery", "gitops", Some(&told("cccccccc", "automated"))),
        line(0, "delivery", "gitops", Some(&told("01234567", "requested"))),
    ];
    assert_eq!(cart, expect, "not that of Monday: what it brought is not known");

    let uid = desk.sim.get("Deployment", "shop", "cart").unwrap()["metadata"]["uid"].clone();
    let view = desk.call("deployments", json!({})).await;
    let target = desk.call("settings", json!({})).await["environments"].clone();
    let targets =
        target.as_array().unwrap().iter().flat_map(|one| one["targets"].as_array().unwrap());
    let target: Uuid = targets.clone().next().unwrap()["id"].as_str().unwrap().parse().unwrap();
    let cart = view["deployments"].as_array().unwrap().iter();
    let cart = cart.clone().find(|row| row["service"]["name"] == "cart").unwrap();
    let service: Uuid = cart["service"]["id"].as_str().unwrap().parse().unwrap();
    let seen = Rollout {
        workload: WorkloadName {
            target,
            namespace: "shop".into(),
            kind: "Deployment".into(),
            name: "cart".into(),
        },
        uid: uid.as_str().unwrap().into(),
        revision: 2,
        change: RolloutKind::Image,
        images: vec![("app".into(), "registry.example.com/cart:2".into())],
        writer: Writer { class: WriterClass::Ambiguous, manager: String::new(), at: None },
        time: TimeSource::Created,
        unseen_since: None,
        trace: None,
    };
    let at: chrono::DateTime<chrono::Utc> = "2026-03-03T10:10:00Z".parse().unwrap();
    let what = Happening::RolloutSeen { service: Some(service), rollout: Box::new(seen) };
    let fact = Fact { occurred_at: at.timestamp_millis(), what };
    desk.bring(vec![Change::Happened { id: Uuid::now_v7(), fact }]).await;
    let expect = [
        line(3, "config", "ambiguous", None),
        line(2, "image", "gitops", Some(&told("01234567", "requested"))),
    ];
    assert_eq!(deployed(&desk, "cart").await, expect, "the one, and nothing is missing any more");
}
