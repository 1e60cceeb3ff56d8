//! The histories of each tool, written by hand as the tools' objects bear them.

use super::*;
use crate::health::tests::{ago, now};
use crate::health::{Past, Thresholds};
use crate::view::{Index, Workload};
use crate::world::World;
use serde_json::{Value, json};

const TRACKING: &str = "/metadata/annotations/argocd.argoproj.io|tracking-id";
const ARGO: &str = "applications";
const DAY: i64 = 86_400;

/// What is told of the shop's cart: entry, seconds ago, what set it going, and whether it is a
/// deployment of its own.
type Line = (String, i64, Start, bool);

fn told(world: &World) -> Vec<Told> {
    let snapshot = world.snapshot();
    let index = Index::of(&snapshot);
    let limits = Thresholds::default();
    let workload = Workload::all(&snapshot).next().unwrap();
    let view = index.view(workload, &limits, Past::default());
    Histories::of(&snapshot).deliveries(&view, Uuid::nil())
}

fn lines(world: &World) -> Vec<Line> {
    let line = |one: &Told| {
        let delivery = &one.delivery;
        let seconds = (now() - one.at).num_seconds();
        (delivery.entry.clone(), seconds, delivery.start, delivery.is_deployment)
    };
    told(world).iter().map(line).collect()
}

fn line(entry: &str, seconds: i64, start: Start, is_deployment: bool) -> Line {
    (entry.to_owned(), seconds, start, is_deployment)
}

fn resource(kind: &str, name: &str) -> Value {
    json!({"group": "apps", "version": "v1", "kind": kind, "namespace": "shop", "name": name})
}

/// The cart, tracked by an application that delivers it alone.
fn argo_cd() -> World {
    let mut world = World::healthy();
    world.set("deployments", TRACKING, json!("shop:apps/Deployment:shop/cart"));
    world.set("deployments", "/metadata/creationTimestamp", json!(ago(30 * DAY)));
    world.add(ARGO, json!({
        "metadata": {"name": "shop", "namespace": "argocd", "uid": "a-1"},
        "spec": {"destination": {"server": "https://kubernetes.default.svc", "namespace": "shop"}},
        "status": {
            "resources": [resource("Deployment", "cart"),
                {"version": "v1", "kind": "Service", "namespace": "shop", "name": "cart"}],
            "history": [
                {"id": 4, "revision": "aaa", "deployedAt": ago(9 * DAY), "initiatedBy": {"automated": true}},
                {"id": 5, "revision": "bbb", "deployStartedAt": ago(8 * DAY + 30), "deployedAt": ago(8 * DAY),
                    "initiatedBy": {"username": "anna"}},
                {"id": 6, "revision": "bbb", "deployedAt": ago(7 * DAY), "initiatedBy": {"automated": true}},
                {"id": 7, "revision": "ccc", "deployedAt": ago(6 * DAY)},
            ],
        },
    }));
    world
}

#[test]
fn argo_cd_tells_when_from_what_and_whether_somebody_asked() {
    let world = argo_cd();
    let expect = [
        // What the oldest brought is not known, and the third brought nothing.
        line("4", 9 * DAY, Start::Automated, false),
        line("5", 8 * DAY, Start::Requested, true),
        line("6", 7 * DAY, Start::Automated, false),
        line("7", 6 * DAY, Start::Untold, true),
    ];
    assert_eq!(lines(&world), expect);
    let told = told(&world);
    let second = &told[1].delivery;
    assert_eq!((second.tool, second.source.as_str()), (Tool::ArgoCd, "argocd/shop"));
    assert_eq!(second.revision.as_deref(), Some("bbb"));
    assert_eq!(second.until - second.from, 30_000, "as long as it took");
    assert_eq!(told[0].delivery.until - told[0].delivery.from, 900_000, "where that is not told");
    assert!(!format!("{told:?}").contains("anna"), "who asked is not kept");
}

#[test]
fn whose_application_it_is() {
    let check = |change: fn(&mut World), expect: usize| {
        let mut world = argo_cd();
        change(&mut world);
        assert_eq!(lines(&world).len(), expect, "{:?}", world.objects[ARGO]);
    };
    check(|_| {}, 4);
    // Tracked by a label that charts set too: what the application lists decides.
    let untracked = |w: &mut World| w.set("deployments", TRACKING, Value::Null);
    check(untracked, 4);
    check(
        |w| {
            w.set("deployments", TRACKING, Value::Null);
            w.set(ARGO, "/spec/destination", json!({"name": "in-cluster"}));
        },
        4,
    );
    check(
        |w| {
            w.set("deployments", TRACKING, Value::Null);
            w.set(ARGO, "/spec/destination", json!({}));
        },
        0,
    );
    check(|w| w.set(ARGO, "/spec/destination", json!({})), 4);
    // Another application, another object of this one, another cluster's.
    check(|w| w.set(ARGO, "/metadata/name", json!("other")), 0);
    check(|w| w.set(ARGO, "/status/resources", json!([resource("Deployment", "orders")])), 0);
    check(|w| w.set(ARGO, "/status/resources", json!([resource("StatefulSet", "cart")])), 0);
    check(|w| w.set(ARGO, "/spec/destination", json!({"server": "https://elsewhere.example"})), 0);
    check(|w| w.set(ARGO, "/spec/destination", json!({"name": "elsewhere"})), 0);
    // By the tracking id alone, where it lists nothing.
    check(|w| w.set(ARGO, "/status/resources", json!([])), 4);
    // Two that claim it.
    check(
        |w| {
            let mut other = w.objects[ARGO][0].clone();
            other["metadata"]["namespace"] = json!("team");
            w.add(ARGO, other);
        },
        0,
    );
    check(
        |w| {
            let mut other = w.objects[ARGO][0].clone();
            other["metadata"]["namespace"] = json!("team");
            w.add(ARGO, other);
            w.set("deployments", TRACKING, json!("team_shop:apps/Deployment:shop/cart"));
        },
        4,
    );
    // What was delivered before the workload was made went to another one.
    check(|w| w.set("deployments", "/metadata/creationTimestamp", json!(ago(7 * DAY + 60))), 2);
}

#[test]
fn of_several_workloads_none_is_known_to_be_changed() {
    let mut world = argo_cd();
    let both = json!([resource("Deployment", "cart"), resource("StatefulSet", "cart-store")]);
    world.set(ARGO, "/status/resources", both);
    let lines = lines(&world);
    assert_eq!(lines.len(), 4);
    assert!(lines.iter().all(|(_, _, _, is_deployment)| !is_deployment), "{lines:?}");
}

#[test]
fn what_may_not_be_read_tells_nothing_and_breaks_nothing() {
    for state in [State::Forbidden, State::Absent, State::NotSynced, State::Stale] {
        let mut world = argo_cd();
        world.state(ARGO, state);
        assert_eq!(lines(&world), [], "{state:?}");
    }
    let mut world = argo_cd();
    world.set(ARGO, "/status/history", json!({"id": 1}));
    assert_eq!(lines(&world), [], "of another form");
    world.set(
        ARGO,
        "/status/history",
        json!([7, {"id": "x"}, {"id": 8, "deployedAt": "yesterday"}]),
    );
    assert_eq!(lines(&world), [], "without a number or a time");
}

fn labelled(world: &mut World, group: &str) {
    world.set("deployments", &format!("/metadata/labels/{group}|name"), json!("shop"));
    world.set("deployments", &format!("/metadata/labels/{group}|namespace"), json!("flux-system"));
    world.set("deployments", "/metadata/creationTimestamp", json!(ago(30 * DAY)));
}

fn kustomization() -> World {
    let mut world = World::healthy();
    labelled(&mut world, "kustomize.toolkit.fluxcd.io");
    let state = |digest: &str, days: i64, status: &str| {
        json!({"digest": digest, "firstReconciled": ago(days * DAY), "lastReconciled": ago(60),
            "lastReconciledStatus": status, "metadata": {"revision": format!("main@sha1:{digest}")}})
    };
    world.add("kustomizations", json!({
        "metadata": {"name": "shop", "namespace": "flux-system", "uid": "k-1"},
        "status": {
            "lastAppliedRevision": "main@sha1:ccc",
            "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": ago(3 * DAY)}],
            "inventory": {"entries": [{"id": "shop_cart_apps_Deployment", "v": "v1"},
                {"id": "shop_cart__Service", "v": "v1"}]},
            "history": [state("ccc", 3, "ReconciliationSucceeded"), state("bbb", 4, "HealthCheckFailed"),
                state("ccc", 2, "HealthCheckFailed"), state("aaa", 5, "ReconciliationSucceeded")],
        },
    }));
    world
}

#[test]
fn a_kustomization_tells_of_each_state_once() {
    let world = kustomization();
    let expect = [
        line("aaa", 5 * DAY, Start::Untold, false),
        line("bbb", 4 * DAY, Start::Untold, false),
        line("ccc", 3 * DAY, Start::Untold, true),
    ];
    assert_eq!(lines(&world), expect);
    let first = told(&world).remove(0).delivery;
    assert_eq!(
        (first.tool, first.revision.as_deref()),
        (Tool::FluxKustomization, Some("main@sha1:aaa"))
    );
    let check = |change: fn(&mut World), expect: &[Line]| {
        let mut world = kustomization();
        change(&mut world);
        assert_eq!(lines(&world), expect);
    };
    const K: &str = "kustomizations";
    // Older versions keep no history: the last revision, by when it was ready, and never by itself.
    let last = [line("main@sha1:ccc", 3 * DAY, Start::Untold, false)];
    check(|w| w.set(K, "/status/history", json!([])), &last);
    check(
        |w| {
            w.set(K, "/status/history", json!([]));
            w.set(K, "/status/conditions/0/status", json!("False"));
        },
        &[],
    );
    // Copied labels, another Kustomization, another cluster, no right to read it.
    let other = json!([{"id": "shop_orders_apps_Deployment", "v": "v1"}]);
    let mut copied = kustomization();
    copied.set(K, "/status/inventory/entries", other);
    assert_eq!(lines(&copied), []);
    check(|w| w.set(K, "/status/inventory", json!({})), &[]);
    check(|w| w.set(K, "/metadata/name", json!("other")), &[]);
    check(|w| w.set(K, "/metadata/namespace", json!("other")), &[]);
    check(|w| w.set(K, "/spec", json!({"kubeConfig": {"secretRef": {"name": "far"}}})), &[]);
    check(|w| w.state(K, State::Forbidden), &[]);
}

fn release() -> World {
    let mut world = World::healthy();
    labelled(&mut world, "helm.toolkit.fluxcd.io");
    let release = |version: i64, days: i64, chart: &str, values: &str, status: &str| {
        json!({"name": "shop", "namespace": "shop", "version": version, "chartName": "cart",
            "chartVersion": chart, "configDigest": values, "status": status,
            "firstDeployed": ago(20 * DAY), "lastDeployed": ago(days * DAY)})
    };
    world.add(
        "helmreleases",
        json!({
            "metadata": {"name": "shop", "namespace": "flux-system", "uid": "h-1"},
            "status": {
                "inventory": {"entries": [{"id": "shop_cart_apps_Deployment", "v": "v1"}]},
                "history": [
                    release(9, 2, "1.3.0", "sha256:b", "failed"),
                    release(8, 4, "1.2.1", "sha256:b", "deployed"),
                    release(7, 5, "1.2.1", "sha256:a", "superseded"),
                    release(6, 6, "1.2.1", "sha256:a", "superseded"),
                    release(5, 7, "1.2.0", "sha256:a", "superseded"),
                ],
            },
        }),
    );
    world
}

#[test]
fn a_release_tells_of_charts_and_values() {
    let world = release();
    let expect = [
        line("5", 7 * DAY, Start::Untold, false),
        line("6", 6 * DAY, Start::Untold, true),
        // The same chart and values again; then other values; then one that failed.
        line("7", 5 * DAY, Start::Untold, false),
        line("8", 4 * DAY, Start::Untold, true),
        line("9", 2 * DAY, Start::Untold, false),
    ];
    assert_eq!(lines(&world), expect);
    let last = told(&world).pop().unwrap();
    assert_eq!(
        (last.delivery.tool, last.delivery.revision.as_deref()),
        (Tool::FluxHelm, Some("1.3.0"))
    );
    assert_eq!(last.at.timestamp_millis(), last.delivery.from, "its time is that of its beginning");
    let check = |change: fn(&mut World), expect: &[bool]| {
        let mut world = release();
        change(&mut world);
        let told: Vec<bool> = lines(&world).iter().map(|(_, _, _, own)| *own).collect();
        assert_eq!(told, expect);
    };
    const H: &str = "helmreleases";
    // A version that does not list what it delivers.
    check(|w| w.set(H, "/status/inventory", Value::Null), &[false; 5]);
    check(
        |w| w.set(H, "/status/inventory/entries/0/id", json!("shop_orders_apps_Deployment")),
        &[],
    );
    check(|w| w.set(H, "/metadata/name", json!("other")), &[]);
    check(|w| w.state(H, State::Forbidden), &[]);
}
