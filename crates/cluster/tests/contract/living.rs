//! A watched context as a whole: what may be seen is seen, whatever else is refused, and nothing old
//! reads as fresh.

use crate::common::{Desk, wait_until};
use pilotage_cluster::connection::direct::Direct;
use pilotage_cluster::connection::freshness::FRESHNESS_LIMIT;
use pilotage_cluster::connection::state::State as Shown;
use pilotage_cluster::live::Watching;
use pilotage_cluster::shape::Moment;
use pilotage_cluster::shape::network::Service;
use pilotage_cluster::shape::others::ScaledObject;
use pilotage_cluster::shape::workload::Deployment;
use pilotage_cluster::snapshot::State;
use pilotage_kube_faults::{Fault, When};
use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;

staged! {
    Paused:
        every_kind_is_read_and_changes_are_counted,
        rights_to_one_namespace_show_that_namespace,
        a_namespace_that_is_named_later_is_watched_and_one_no_longer_named_is_not,
        nothing_at_all_is_forbidden,
        nothing_old_reads_as_whole,
        each_object_is_shown_once_whatever_becomes_of_the_rights;
}

const MINUTE: Duration = Duration::from_mins(1);

fn now() -> Moment {
    "2026-03-02T12:00:00Z".parse().expect("a moment")
}

fn watch(desk: &Desk) -> RefCell<Watching> {
    let direct = Direct::over(desk.service());
    let life = direct.life();
    let namespaces = ["default", "other", "default"].map(str::to_owned).to_vec();
    RefCell::new(Watching::start("sim", Arc::new(direct), life, namespaces))
}

async fn settles(watching: &RefCell<Watching>, deployments: usize, state: &Shown) {
    wait_until(|| {
        let mut watching = watching.borrow_mut();
        watching.tend();
        let snapshot = watching.snapshot(now());
        snapshot.deployments.len() == deployments && watching.state(now()) == *state
    })
    .await;
}

fn forbid(desk: &Desk, path: &str) {
    let fault = Fault::Status { code: 403, reason: "Forbidden", retry_after: None };
    desk.faults.always(When::any().path(path), fault);
}

async fn every_kind_is_read_and_changes_are_counted() {
    let desk = Desk::new(3);
    let watching = watch(&desk);
    settles(&watching, 3, &Shown::Live).await;
    let before = watching.borrow().changes();
    desk.write("shop-1", "shop-1:2");
    wait_until(|| watching.borrow().changes() > before).await;
    let snapshot = watching.borrow().snapshot(now());
    assert_eq!(snapshot.state::<Service>("default"), State::Complete, "empty, and known to be");
    assert_eq!(snapshot.state::<ScaledObject>("default"), State::Absent, "not served");
    desk.sim.delete("Deployment", "default", "shop-2").expect("it is there");
    settles(&watching, 2, &Shown::Live).await;
}

async fn rights_to_one_namespace_show_that_namespace() {
    let desk = Desk::new(2);
    forbid(&desk, "/apis/apps/v1/deployments");
    forbid(&desk, "/api/v1/nodes");
    forbid(&desk, "/namespaces/other/deployments");
    let watching = watch(&desk);
    settles(&watching, 2, &Shown::Live).await;
    let snapshot = watching.borrow().snapshot(now());
    assert_eq!(snapshot.state::<Deployment>("default"), State::Complete);
    assert_eq!(snapshot.state::<Deployment>("other"), State::Forbidden);
    assert_eq!(snapshot.state::<Deployment>("elsewhere"), State::Forbidden, "not to be told");
}

async fn a_namespace_that_is_named_later_is_watched_and_one_no_longer_named_is_not() {
    let desk = Desk::new(2);
    forbid(&desk, "/apis/apps/v1/deployments");
    let direct = Direct::over(desk.service());
    let life = direct.life();
    let watching = Watching::start("sim", Arc::new(direct), life, vec!["other".to_owned()]);
    let watching = RefCell::new(watching);
    settles(&watching, 0, &Shown::Live).await;
    let state = |namespace: &str| watching.borrow().snapshot(now()).state::<Deployment>(namespace);
    assert_eq!(state("default"), State::Forbidden, "the control: nobody named it");
    let name = |namespaces: &[&str]| {
        let namespaces = namespaces.iter().map(|name| (*name).to_owned()).collect();
        watching.borrow_mut().name_namespaces(namespaces);
    };
    let lists = || desk.faults.count(&When::any().path("/namespaces/other/deployments"));
    let before = lists();
    name(&["default", "other", "default"]);
    settles(&watching, 2, &Shown::Live).await;
    assert_eq!(state("default"), State::Complete);
    assert_eq!(lists(), before, "who was watched is not read anew");
    name(&["other"]);
    settles(&watching, 0, &Shown::Live).await;
    assert_eq!(state("default"), State::Forbidden);
}

async fn nothing_at_all_is_forbidden() {
    let desk = Desk::new(1);
    desk.faults
        .always(When::any(), Fault::Status { code: 403, reason: "Forbidden", retry_after: None });
    let watching = watch(&desk);
    wait_until(|| {
        watching.borrow_mut().tend();
        matches!(watching.borrow().state(now()), Shown::Forbidden { .. })
    })
    .await;
    tokio::time::sleep(MINUTE * 5).await;
    let asked = desk.faults.seen().len();
    // 22 kinds, each in the whole cluster and in two namespaces, once in ten minutes.
    assert!(asked <= 22 * 3, "no hot loop: {asked}");
}

async fn nothing_old_reads_as_whole() {
    let desk = Desk::new(1);
    let watching = watch(&desk);
    settles(&watching, 1, &Shown::Live).await;
    desk.faults.always(When::any(), Fault::Hang);
    tokio::time::sleep(FRESHNESS_LIMIT + MINUTE * 3).await;
    let snapshot = watching.borrow().snapshot(now());
    assert_eq!(snapshot.state::<Deployment>("default"), State::Stale);
    assert_eq!(snapshot.deployments.len(), 1, "what was seen stays, and is not fresh");
    assert!(!matches!(watching.borrow().state(now()), Shown::Live));
    desk.faults.clear();
    settles(&watching, 1, &Shown::Live).await;
    let snapshot = watching.borrow().snapshot(now());
    assert_eq!(snapshot.state::<Deployment>("default"), State::Complete, "it recovers by itself");
}

async fn each_object_is_shown_once_whatever_becomes_of_the_rights() {
    let desk = Desk::new(2);
    let watching = watch(&desk);
    settles(&watching, 2, &Shown::Live).await;
    // The rights are lost: what was read with them is not mixed with what may still be read.
    desk.faults.always(
        When::any().path("/apis/apps/v1/deployments"),
        Fault::Status { code: 403, reason: "Forbidden", retry_after: None },
    );
    tokio::time::sleep(MINUTE * 20).await;
    desk.sim.delete("Deployment", "default", "shop-1").expect("it is there");
    settles(&watching, 1, &Shown::Live).await;
    let snapshot = watching.borrow().snapshot(now());
    assert_eq!(snapshot.state::<Deployment>(""), State::Forbidden);
    assert_eq!(snapshot.state::<Deployment>("default"), State::Complete);
    // They are given back: the parts go, and the whole is read alone.
    desk.faults.clear();
    tokio::time::sleep(MINUTE * 11).await;
    settles(&watching, 1, &Shown::Live).await;
    let snapshot = watching.borrow().snapshot(now());
    assert_eq!(snapshot.state::<Deployment>("elsewhere"), State::Complete);
    assert_eq!(snapshot.state::<Deployment>("default"), State::Complete);
}
