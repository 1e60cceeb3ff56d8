//! Twelve workloads × all checks, with a hand-written answer for each: what a team would expect to
//! read on the first day.

use chrono::{DateTime, Utc};
use pilotage_cluster::checks::{Around, CATALOGUE, Parameters, judge};
use pilotage_cluster::health::{Memory, Thresholds, Verdict};
use pilotage_cluster::shape::{Kind, Read, gitops, network, others, pod, revision, workload};
use pilotage_cluster::snapshot::{Snapshot, State};
use pilotage_cluster::view::{Index, View, views};
use pilotage_cluster::writers::classify::Rules;
use pilotage_domain::fact::Seen;
use serde_json::Value;
use std::sync::Arc;

const SHOP: &str = include_str!("shop.yaml");

fn read<K: Kind>(documents: &[Value]) -> Vec<Arc<K>> {
    let of_kind = |document: &&Value| document["kind"] == K::KIND;
    let object = |document: &Value| {
        serde_json::from_value::<Read<K>>(document.clone()).expect("an object").object
    };
    documents.iter().filter(of_kind).map(|document| Arc::new(object(document))).collect()
}

fn shop() -> Snapshot {
    let documents: Vec<Value> = SHOP
        .split("\n---\n")
        .map(|document| serde_saphyr::from_str(document).expect("a document"))
        .collect();
    let now: DateTime<Utc> = "2026-03-01T12:00:00Z".parse().expect("a moment");
    let mut snapshot = Snapshot::empty("production", now);
    macro_rules! lists {
        ($($list:ident $kind:ty,)*) => { $(
            snapshot.$list = read::<$kind>(&documents);
            snapshot.set_state::<$kind>("", State::Complete);
        )* };
    }
    lists! {
        deployments workload::Deployment,
        stateful_sets workload::StatefulSet,
        daemon_sets workload::DaemonSet,
        cron_jobs workload::CronJob,
        replica_sets revision::ReplicaSet,
        revisions revision::ControllerRevision,
        pods pod::Pod,
        nodes others::Node,
        services network::Service,
        endpoint_slices network::EndpointSlice,
        ingresses network::Ingress,
        autoscalers others::HorizontalPodAutoscaler,
        budgets others::PodDisruptionBudget,
        service_accounts others::ServiceAccount,
        config_maps others::ConfigMap,
        kustomizations gitops::Kustomization,
    }
    snapshot.set_state::<workload::Rollout>("", State::Absent);
    snapshot.set_state::<network::HttpRoute>("", State::Absent);
    snapshot.set_state::<others::ScaledObject>("", State::Absent);
    snapshot.set_state::<gitops::Application>("", State::Forbidden);
    snapshot
}

fn letter(seen: Seen) -> char {
    match seen {
        Seen::Pass => 'p',
        Seen::Fail => 'F',
        Seen::Unknown => 'u',
        Seen::NotApplicable => '-',
    }
}

/// Ten checks to a group: CD-01 … CD-10, CD-11 … CD-20, CD-21 … CD-30, CD-31 … CD-38.
fn row(view: &View<'_>) -> String {
    let rules = Rules::default();
    let around = Around::nothing(&rules);
    let with = Parameters::default();
    let mut row = String::new();
    for (index, check) in CATALOGUE.iter().enumerate() {
        if index > 0 && index % 10 == 0 {
            row.push(' ');
        }
        row.push(letter(judge(check, view, &around, &with).result));
    }
    row
}

/// Name, verdict with its reason, and the answers.
const EXPECTED: [(&str, Verdict, &str, &str); 12] = [
    ("front", Verdict::Healthy, "healthy", "pppppppppp pp-ppppppp pppppppppp pp-pup-p"),
    ("cart", Verdict::Healthy, "healthy", "pppppppppp pF-ppppp-- pppFp-pp-p FF-Fup-p"),
    ("orders", Verdict::Degraded, "below_minimum", "pFFpppFpFp pu-ppppp-- F-pppFpp-F up-pu--p"),
    ("payment", Verdict::Healthy, "healthy", "pppppppppp Fu-FpFFF-- --p-p-pF-F up-FuF-F"),
    ("catalogue", Verdict::Suspended, "paused", "ppp-Fppppp pp--pppp-- F-pp--pF-p pp-FuF-p"),
    (
        "recommend",
        Verdict::Suspended,
        "scaled_to_zero",
        "p-pppF---p pu-pppp--- --p-F-pF-F uF-Fu--p",
    ),
    (
        "ledger",
        Verdict::Suspended,
        "held_by_partition",
        "ppF--ppppp p--pFpFp-- F-pup-pF-p pp-Fup-p",
    ),
    (
        "agent",
        Verdict::Suspended,
        "waits_for_pod_deletion",
        "ppF---pppp pp--ppF--- --F---pF-F ppuuu--F",
    ),
    ("report", Verdict::Degraded, "last_run_failed", "p--------p Fu---FF--- ------pF-F pp-Fu-FF"),
    ("mail", Verdict::Unknown, "never_succeeded", "p--------p pu---pp--- ------pFuF uu-Fu-uF"),
    (
        "gateway",
        Verdict::Degraded,
        "deadline_exceeded",
        "ppFFppFppp pu-pFppp-- pFpup-pF-F up-Fup-p",
    ),
    ("tools", Verdict::Degraded, "new_pods_failing", "pFuppppFpp pu--pppp-- F-Fu--FF-F ppppu--p"),
];

#[test]
fn every_check_on_every_workload() {
    let snapshot = shop();
    let index = Index::of(&snapshot);
    let limits = Thresholds::default();
    let views = views(&index, &limits, &mut Memory::default());
    assert_eq!(views.len(), EXPECTED.len());
    let mut wrong = Vec::new();
    for (name, verdict, reason, expected) in EXPECTED {
        let view = views
            .iter()
            .find(|view| &*view.workload.meta().name == name)
            .unwrap_or_else(|| panic!("{name} is in the shop"));
        let health = (view.health.verdict, &*view.health.reason);
        assert_eq!(health, (verdict, reason), "{name}: {:?}", view.health);
        let read = row(view);
        if read != expected {
            wrong.push(format!("{name}\n  expected {expected}\n  read     {read}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
