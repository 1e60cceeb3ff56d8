//! The story against hand-worked tables.

#![expect(clippy::unwrap_used, reason = "a step that fails ends the test and says why")]

use chrono::{DateTime, Days};
use pilotage_domain::fact::Scope;
use pilotage_domain::flow;
use pilotage_domain::words::NodeClass;
use pilotage_store::{NodeRow, Store};
use std::collections::BTreeMap;

const STAGES: [&str; 7] =
    ["discovered", "assessed", "containerised", "pipeline", "staging", "live", "finished"];

/// A Tuesday at noon in Berlin.
fn now() -> i64 {
    DateTime::parse_from_rfc3339("2026-11-24T11:00:00Z").unwrap().timestamp_millis()
}

async fn services() -> Vec<NodeRow> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sample.pilotage");
    pilotage_sample::create(&path, now()).await.unwrap();
    let device = pilotage_domain::ids::DeviceId([1; 16]);
    let store = Store::open(&path, device, "test").await.unwrap();
    let mut nodes = Vec::clone(&*store.nodes(now()).await.unwrap());
    let edges = store.dependencies().await.unwrap();
    assert_eq!(nodes.len(), 26, "17 services and 9 other nodes");
    assert_eq!(edges.len(), 47, "dependencies as listed");
    store.close().await;
    nodes.retain(|node| node.class == NodeClass::Service);
    nodes
}

#[tokio::test]
async fn everyone_stands_where_the_story_says() {
    let services = services().await;
    let mut here: BTreeMap<String, u32> = BTreeMap::new();
    for node in services.iter().filter(|node| node.summary.scope == Scope::In) {
        *here.entry(node.summary.stage.clone().unwrap_or_default()).or_default() += 1;
    }
    let expect =
        [("assessed", 1), ("containerised", 1), ("pipeline", 1), ("staging", 4), ("live", 9)];
    let expect: BTreeMap<String, u32> =
        expect.into_iter().map(|(stage, count)| (stage.to_owned(), count)).collect();
    assert_eq!(here, expect);
    let named = |is: &dyn Fn(&NodeRow) -> bool| -> Vec<String> {
        services.iter().filter(|node| is(node)).map(|node| node.name.clone()).collect()
    };
    assert_eq!(named(&|node| node.summary.regressed), ["payment-gateway"]);
    assert_eq!(named(&|node| node.summary.blocked_since.is_some()), ["kyc-check"]);
    assert_eq!(named(&|node| node.summary.scope == Scope::Retire), ["legacy-scoring"]);
    assert_eq!(named(&|node| node.summary.counts.waived > 0), ["notification-hub"]);
    assert_eq!(named(&|node| node.summary.counts.not_applicable > 0), ["rate-feed"]);
}

/// Hand-worked from the table in `platform.rs`: services at each stage at the end of each week.
#[tokio::test]
async fn the_weeks_end_as_the_story_says() {
    let services = services().await;
    let moves: Vec<_> = services.iter().map(|node| node.summary.moves.clone()).collect();
    let stages = STAGES.map(str::to_owned);
    let zone = chrono_tz::Europe::Berlin;
    // Yesterday, a Monday, is working day 19; working day 0 is Tuesday four weeks before.
    let last = flow::day_of(now(), zone).checked_sub_days(Days::new(1)).unwrap();
    let first = last.checked_sub_days(Days::new(27)).unwrap();
    let flow = flow::cumulative_flow(&moves, &stages, first, last, zone);
    let end = |day: &str| flow.iter().find(|row| row.day.to_string() == day).unwrap().here.clone();
    // Day 4: all sixteen assessed. legacy-scoring is out of scope since day 3.
    assert_eq!(end("2026-11-02"), [0, 0, 16, 0, 0, 0, 0, 0]);
    // Day 9, the end of the expert's sprint: three live, three at staging (payment-gateway, ledger,
    // kyc-check), four at pipeline, six still assessed.
    assert_eq!(end("2026-11-09"), [0, 0, 6, 0, 4, 3, 3, 0]);
    // Day 14: live are the three, payment-gateway, ledger, fraud-screening, document-vault; at
    // staging kyc-check, notification-hub, identity-provider, customer-portal, broker-api,
    // repayment-scheduler; collections at pipeline, statement-builder containerised.
    assert_eq!(end("2026-11-16"), [0, 0, 1, 1, 1, 6, 7, 0]);
    // Day 19: three more live, payment-gateway fell back to staging.
    assert_eq!(end("2026-11-23"), [0, 0, 1, 1, 1, 4, 9, 0]);
}

#[tokio::test]
async fn a_sample_of_today_is_made_once() {
    let folder = tempfile::tempdir().unwrap();
    let first = pilotage_sample::fresh(folder.path(), now()).await.unwrap();
    let made = std::fs::metadata(&first).unwrap().modified().unwrap();
    assert_eq!(pilotage_sample::fresh(folder.path(), now()).await.unwrap(), first);
    assert_eq!(std::fs::metadata(&first).unwrap().modified().unwrap(), made, "not made again");
    let tomorrow = now() + pilotage_domain::DAY;
    let next = pilotage_sample::fresh(folder.path(), tomorrow).await.unwrap();
    assert_ne!(next, first);
    assert!(!first.exists(), "yesterday's sample is gone");
}
