//! Lists and watches under faults. Each fault has its control: what would be seen if nothing were
//! done against it.

use crate::common::{Deployment, Desk, Settled, wait_until};
use kube::api::{Api, DeleteParams, Patch, PatchParams, PostParams};
use pilotage_cluster::connection::freshness::FRESHNESS_LIMIT;
use pilotage_cluster::connection::state::State;
use pilotage_cluster::watch::{Scope, probe};
use pilotage_kube_faults::{Fault, Verb, When};
use serde_json::json;
use std::time::Duration;

staged! {
    Paused:
        it_lists_in_pages_and_follows,
        a_quiet_watch_is_renewed_and_stays_live,
        no_answer_for_long_is_stale_and_never_live,
        expired_history_in_the_stream_is_read_anew,
        expired_history_at_the_start_is_read_anew,
        a_page_that_expires_begins_the_list_anew_with_larger_pages,
        a_refusal_is_named_and_asked_again_seldom_or_on_request,
        rejected_credentials_are_renewed_once,
        credentials_that_stay_rejected_wait_for_a_person,
        a_storm_of_clean_closes_is_no_hot_loop,
        a_server_that_hangs_on_lists_is_given_up_and_tried_again,
        busy_servers_are_left_alone_for_as_long_as_they_ask,
        every_way_to_break_is_survived,
        a_watch_that_breaks_within_a_line_loses_no_change,
        one_bad_object_spoils_no_other,
        lists_are_streamed_where_the_server_does_it,
        a_streamed_list_without_its_end_falls_back_to_pages_for_good,
        who_may_read_some_namespaces_reads_those,
        nothing_but_reading_leaves,
        every_request_says_who_asks;
    Real:
        kube_alone_storms_where_the_guard_slows,
        compressed_answers_are_read;
}

const MINUTE: Duration = Duration::from_mins(1);

fn lists() -> When {
    When::verb(Verb::Read).path("/deployments")
}

fn watches() -> When {
    When::verb(Verb::Watch).path("/deployments")
}

fn status(code: u16, reason: &'static str) -> Fault {
    Fault::Status { code, reason, retry_after: None }
}

async fn it_lists_in_pages_and_follows() {
    let desk = Desk::new(5);
    let watched = desk.watch_pages_of(2);
    watched.settles(Settled { names: 5, state: State::Live }).await;
    assert_eq!(desk.faults.count(&lists()), 3, "three pages");
    desk.write("shop-1", "shop:2");
    watched.until(|store| store["shop-1"].image() == "shop:2").await;
    desk.sim.delete("Deployment", "default", "shop-2").unwrap();
    watched.until(|store| store.len() == 4).await;
    assert_eq!(desk.faults.count(&lists()), 3, "changes need no further list");
}

async fn a_quiet_watch_is_renewed_and_stays_live() {
    let desk = Desk::new(1);
    let watched = desk.watch();
    watched.settles(Settled { names: 1, state: State::Live }).await;
    tokio::time::sleep(MINUTE * 30).await;
    assert_eq!(watched.state(), State::Live);
    let count = desk.faults.count(&watches());
    assert!((14..=17).contains(&count), "one watch in two minutes: {count}");
    assert_eq!(desk.faults.count(&lists()), 1, "and no list");
}

async fn no_answer_for_long_is_stale_and_never_live() {
    let desk = Desk::new(1);
    let watched = desk.watch();
    watched.settles(Settled { names: 1, state: State::Live }).await;
    desk.faults.always(When::any(), Fault::Hang);
    tokio::time::sleep(FRESHNESS_LIMIT + MINUTE * 3).await;
    let state = watched.state();
    assert!(matches!(state, State::Stale { .. } | State::Unreachable { .. }), "{state:?}");
    assert_eq!(watched.store().len(), 1, "what was seen stays, as old as it is");
    desk.faults.clear();
    watched.settles(Settled { names: 1, state: State::Live }).await;
}

async fn expired_history_in_the_stream_is_read_anew() {
    let desk = Desk::new(2);
    let watched = desk.watch();
    watched.settles(Settled { names: 2, state: State::Live }).await;
    desk.faults.times(1, watches(), Fault::ExpiredInStream);
    desk.sim.expire_history();
    desk.write("shop-0", "shop:2");
    tokio::time::sleep(MINUTE * 3).await;
    watched.until(|store| store["shop-0"].image() == "shop:2").await;
    assert_eq!(desk.faults.count(&lists()), 2, "one list more");
    assert_eq!(watched.state(), State::Live);
}

async fn expired_history_at_the_start_is_read_anew() {
    let desk = Desk::new(2);
    desk.faults.times(2, watches(), status(410, "Expired"));
    let watched = desk.watch();
    tokio::time::sleep(MINUTE).await;
    watched.settles(Settled { names: 2, state: State::Live }).await;
    // kube would ask for the same version for ever: one list, and watches without end.
    assert_eq!(desk.faults.count(&lists()), 3);
    assert_eq!(desk.faults.count(&watches()), 3);
}

async fn a_page_that_expires_begins_the_list_anew_with_larger_pages() {
    let desk = Desk::new(5);
    desk.faults.times(1, lists().query("continue="), status(410, "Expired"));
    let watched = desk.watch_pages_of(2);
    watched.settles(Settled { names: 5, state: State::Live }).await;
    let asked = desk.faults.seen();
    assert!(asked.iter().any(|seen| seen.query.contains("limit=1000")), "{asked:?}");
}

async fn a_refusal_is_named_and_asked_again_seldom_or_on_request() {
    let desk = Desk::new(1);
    desk.faults.always(When::any().path("/deployments"), status(403, "Forbidden"));
    let watched = desk.watch();
    let forbidden = State::Forbidden { resource: "deployments.apps".to_owned() };
    watched.settles(Settled { names: 0, state: forbidden.clone() }).await;
    tokio::time::sleep(MINUTE * 9).await;
    assert_eq!(desk.faults.count(&lists()), 1, "not asked again before ten minutes");
    assert!(!watched.report().complete, "what is absent is not known to be absent");
    desk.faults.clear();
    desk.access.retry();
    watched.settles(Settled { names: 1, state: State::Live }).await;
}

async fn rejected_credentials_are_renewed_once() {
    let desk = Desk::new(1);
    let watched = desk.watch();
    watched.settles(Settled { names: 1, state: State::Live }).await;
    desk.faults.times(1, When::any(), status(401, "Unauthorized"));
    tokio::time::sleep(MINUTE * 5).await;
    watched.settles(Settled { names: 1, state: State::Live }).await;
    assert_eq!(desk.access.renewals(), 1, "one renewal");
}

async fn credentials_that_stay_rejected_wait_for_a_person() {
    let desk = Desk::new(1);
    desk.faults.always(When::any(), status(401, "Unauthorized"));
    let watched = desk.watch();
    tokio::time::sleep(MINUTE).await;
    assert!(matches!(watched.state(), State::NeedsPerson { .. }), "{:?}", watched.state());
    let asked = desk.faults.seen().len();
    tokio::time::sleep(MINUTE * 60).await;
    assert_eq!(desk.faults.seen().len(), asked, "nothing is tried until somebody signs in");
    assert_eq!(asked, 2, "with the old credentials and with new ones");
    desk.faults.clear();
    desk.access.retry();
    watched.settles(Settled { names: 1, state: State::Live }).await;
}

async fn a_storm_of_clean_closes_is_no_hot_loop() {
    let desk = Desk::new(1);
    desk.faults.always(watches(), Fault::EndAfter(0));
    let _watched = desk.watch();
    tokio::time::sleep(MINUTE).await;
    let count = desk.faults.count(&watches());
    assert!((3..=10).contains(&count), "{count} watches in a minute");
}

async fn kube_alone_storms_where_the_guard_slows() {
    // The control of the test before: kube's own watcher on the same server, without and with guard.
    // Over a socket and in real time, as a storm in memory would never let another task run.
    use futures_util::StreamExt as _;
    use kube::runtime::watcher::{Config, watcher};
    let count = async |guarded: bool| {
        let desk = Desk::new(1);
        desk.faults.always(watches(), Fault::EndAfter(0));
        let listening = pilotage_kube_faults::listen(desk.service()).await.unwrap();
        let config = kube::Config::new(listening.url().parse().unwrap());
        let life = pilotage_cluster::connection::freshness::ProofOfLife::new();
        let client = if guarded {
            pilotage_cluster::connection::client::build(config, life).unwrap()
        } else {
            kube::Client::try_from(config).unwrap()
        };
        let all: Api<Deployment> = Api::all(client);
        let mut events = watcher(all, Config::default()).boxed();
        let reading = async { while events.next().await.is_some() {} };
        let _ = tokio::time::timeout(Duration::from_secs(2), reading).await;
        desk.faults.count(&watches())
    };
    let (alone, guarded) = (count(false).await, count(true).await);
    assert!(alone >= 20, "kube alone: {alone}");
    assert!(guarded <= 3, "behind the guard: {guarded}");
}

async fn a_server_that_hangs_on_lists_is_given_up_and_tried_again() {
    let desk = Desk::new(1);
    desk.faults.times(1, lists(), Fault::Hang);
    let watched = desk.watch();
    tokio::time::sleep(MINUTE + Duration::from_secs(5)).await;
    assert!(watched.report().is_slow(), "it says that it is slow: {:?}", watched.report());
    tokio::time::sleep(MINUTE * 2).await;
    watched.settles(Settled { names: 1, state: State::Live }).await;
    assert_eq!(desk.faults.count(&lists()), 2);
}

async fn busy_servers_are_left_alone_for_as_long_as_they_ask() {
    let desk = Desk::new(1);
    let busy = Fault::Status { code: 429, reason: "TooManyRequests", retry_after: Some(50) };
    desk.faults.times(1, lists(), busy);
    desk.faults.times(3, lists(), status(500, "InternalError"));
    let watched = desk.watch();
    tokio::time::sleep(MINUTE * 2).await;
    watched.settles(Settled { names: 1, state: State::Live }).await;
    assert_eq!(desk.faults.count(&lists()), 5, "each attempt is ours and counted");
}

async fn every_way_to_break_is_survived() {
    for fault in [
        Fault::Drop,
        Fault::Malformed,
        Fault::BreakAfter(0),
        Fault::Delay(Duration::from_secs(30)),
        Fault::HangBody,
        Fault::Slow { size: 100, pause: Duration::from_millis(10) },
        status(503, "ServiceUnavailable"),
    ] {
        let desk = Desk::new(2);
        desk.faults.times(2, When::any().path("/deployments"), fault.clone());
        let watched = desk.watch();
        tokio::time::sleep(MINUTE * 6).await;
        let expect = Settled { names: 2, state: State::Live };
        tokio::time::timeout(MINUTE, watched.settles(expect)).await.unwrap_or_else(|_| {
            panic!("{fault:?}: {:?}", watched.report());
        });
        let count = desk.faults.seen().len();
        assert!(count < 15, "{fault:?}: {count} requests in six minutes");
    }
}

async fn a_watch_that_breaks_within_a_line_loses_no_change() {
    let desk = Desk::new(2);
    let watched = desk.watch();
    watched.settles(Settled { names: 2, state: State::Live }).await;
    desk.faults.times(1, watches(), Fault::BreakAfter(0));
    tokio::time::sleep(MINUTE * 2 + Duration::from_secs(10)).await;
    desk.write("shop-1", "shop:2");
    tokio::time::sleep(MINUTE).await;
    watched.until(|store| store["shop-1"].image() == "shop:2").await;
}

async fn one_bad_object_spoils_no_other() {
    let desk = Desk::new(3);
    let bad = Fault::Replace("\"image\":\"shop-1:1\"".to_owned(), "\"image\":[7]".to_owned());
    desk.faults.always(When::any(), bad);
    let watched = desk.watch();
    watched.settles(Settled { names: 2, state: State::Live }).await;
    assert_eq!(watched.report().unread, 1, "and is counted");
    let strict: Api<Deployment> = Api::all(desk.client());
    assert!(strict.list(&kube::api::ListParams::default()).await.is_err(), "kube loses the page");
}

async fn lists_are_streamed_where_the_server_does_it() {
    let desk = Desk::new(3);
    desk.access.stream_lists();
    let watched = desk.watch();
    watched.settles(Settled { names: 3, state: State::Live }).await;
    assert_eq!(desk.faults.count(&lists()), 0, "no list");
    desk.write("shop-1", "shop:2");
    watched.until(|store| store["shop-1"].image() == "shop:2").await;
    assert_eq!(desk.faults.count(&watches()), 1, "one request for all of it");
}

async fn a_streamed_list_without_its_end_falls_back_to_pages_for_good() {
    let desk = Desk::new(3);
    desk.access.stream_lists();
    desk.faults.always(When::any(), Fault::NoEndMark);
    let watched = desk.watch();
    tokio::time::sleep(Duration::from_secs(40)).await;
    watched.settles(Settled { names: 3, state: State::Live }).await;
    desk.faults.times(1, watches(), Fault::ExpiredInStream);
    tokio::time::sleep(MINUTE * 10).await;
    let streamed = desk.faults.count(&watches().query("sendInitialEvents=true"));
    assert_eq!(streamed, 1, "tried once");
}

async fn compressed_answers_are_read() {
    let desk = Desk::new(3);
    let listening = pilotage_kube_faults::listen(desk.service()).await.unwrap();
    desk.faults.always(lists(), Fault::Gzip);
    let mut config = kube::Config::new(listening.url().parse().unwrap());
    pilotage_cluster::connection::client::harden(&mut config, None);
    let life = pilotage_cluster::connection::freshness::ProofOfLife::new();
    let client = pilotage_cluster::connection::client::build(config, life).unwrap();
    let all: Api<Deployment> = Api::all(client);
    assert_eq!(all.list(&kube::api::ListParams::default()).await.unwrap().items.len(), 3);
}

async fn who_may_read_some_namespaces_reads_those() {
    let desk = Desk::new(2);
    desk.faults
        .always(When::verb(Verb::Read).path("/apis/apps/v1/deployments"), status(403, "Forbidden"));
    desk.faults.always(
        When::verb(Verb::Read).path("/namespaces/kube-system/deployments"),
        status(403, "Forbidden"),
    );
    let session = desk.access.present();
    let namespaces = ["default".to_owned(), "kube-system".to_owned()];
    let found = probe::<Deployment>(&session, &namespaces).await.unwrap();
    let may: Vec<bool> = found.iter().map(|(_, answer)| answer.is_ok()).collect();
    assert_eq!(may, [true, false], "{found:?}");
    let watched = desk.watch_in(&Scope::Namespace("default".to_owned()));
    watched.settles(Settled { names: 2, state: State::Live }).await;
    desk.faults.clear();
    let found = probe::<Deployment>(&session, &namespaces).await.unwrap();
    assert_eq!(found, [(Scope::Cluster, Ok(()))], "everywhere, where that is allowed");
}

async fn nothing_but_reading_leaves() {
    let desk = Desk::new(1);
    let deployments: Api<Deployment> = Api::default_namespaced(desk.client());
    let patch = Patch::Merge(json!({"spec": {"replicas": 0}}));
    let patched = deployments.patch("shop-0", &PatchParams::default(), &patch).await;
    let deleted = deployments.delete("shop-0", &DeleteParams::default()).await;
    let made = deployments.create(&PostParams::default(), &Deployment::default()).await;
    assert!(patched.is_err() && deleted.is_err() && made.is_err(), "all are refused");
    assert_eq!(desk.faults.seen().len(), 0, "before anything was sent");
    // The control: without the guard the same client writes.
    let deployments: Api<Deployment> = Api::default_namespaced(desk.bare_client());
    deployments.patch("shop-0", &PatchParams::default(), &patch).await.unwrap();
    assert_eq!(desk.faults.seen().len(), 1, "it left");
}

async fn every_request_says_who_asks() {
    let desk = Desk::new(1);
    let watched = desk.watch();
    watched.settles(Settled { names: 1, state: State::Live }).await;
    wait_until(|| desk.faults.count(&watches()) == 1).await;
    let seen = desk.faults.seen();
    assert!(seen.iter().all(|one| one.user_agent.starts_with("pilotage/")), "{seen:?}");
}
