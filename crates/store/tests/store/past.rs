//! Past days and movers, with numbers worked out by hand.

use crate::support::{NOW, Place, action, commit, created, id};
use chrono_tz::Tz;
use pilotage_domain::DAY;
use pilotage_domain::change::{Change, Kind, path};
use pilotage_domain::cluster::{
    Rollout, RolloutKind, TimeSource, WorkloadName, Writer, WriterClass,
};
use pilotage_domain::fact::{Fact, Happening, Scope, Seen, Source};
use pilotage_domain::playbook::Playbook;
use pilotage_store::{NodeRow, Store, When};
use std::fmt::Write as _;

/// Two stages: F1 leads to found, B1 and B2 to built.
pub fn playbook() -> (Playbook, String) {
    let mut yaml = String::from(
        "playbook: small\nversion: 1\ntitle: Small\nstages:\n\
         - {id: found, title: Found, meaning: m}\n- {id: built, title: Built, meaning: m}\n\
         skills: []\nchecks:\n",
    );
    for (check, stage) in [("F1", "found"), ("B1", "built"), ("B2", "built")] {
        let _ = writeln!(
            yaml,
            "- {{id: {check}, version: 1, stage: {stage}, title: t, kind: manual, state: counted, \
             weight: 1, what: w, why: y, how: {{steps: [s]}}}}"
        );
    }
    (Playbook::parse(&yaml).unwrap(), yaml)
}

fn happened(number: u128, occurred_at: i64, what: Happening) -> Change {
    Change::Happened { id: id(number), fact: Fact { occurred_at, what } }
}

fn found(number: u128, occurred_at: i64, service: u128, check: &str, result: Seen) -> Change {
    let what = Happening::Finding {
        service: id(service),
        check: check.into(),
        check_version: 1,
        result,
        source: Source::Person,
        observed: format!("note {number}"),
        link: None,
        stale_after: None,
    };
    happened(number, occurred_at, what)
}

/// Day by day; everything happens at the same hour, and the days of the tests end half a day later.
async fn story(store: &Store) {
    let (playbook, text) = playbook();
    let day = |number: i64| NOW + number * DAY;
    let steps = [
        (0, Change::adopt(&playbook, &text, Tz::UTC, id(90), day(0))),
        (0, created(id(1), Kind::Service, "payments")),
        (0, created(id(2), Kind::Service, "ledger")),
        (0, created(id(3), Kind::Service, "gone")),
        (1, vec![found(11, day(1), 1, "F1", Seen::Pass)]),
        (2, vec![found(12, day(2), 2, "F1", Seen::Pass)]),
        (
            2,
            vec![happened(
                13,
                day(2),
                Happening::BlockerOpened {
                    service: id(1),
                    reason: "no certificate".into(),
                    waiting_for: "network team".into(),
                },
            )],
        ),
        (3, vec![found(14, day(3), 1, "F1", Seen::Fail)]),
        // Recorded on day 5: ledger was built on day 2 already.
        (
            5,
            vec![
                found(15, day(2) + 1_000, 2, "B1", Seen::Pass),
                found(16, day(2) + 2_000, 2, "B2", Seen::Pass),
            ],
        ),
        (5, vec![Change::field(id(2), path::NAME, "general-ledger")]),
        (5, vec![Change::Deleted { entity: id(3) }]),
        (
            6,
            vec![happened(
                17,
                day(6),
                Happening::ScopeChanged {
                    service: id(2),
                    scope: Scope::Retire,
                    reason: "r".into(),
                },
            )],
        ),
    ];
    for (at, changes) in steps {
        commit(store, day(at), changes).await;
    }
}

/// Name, stage, scope, blocked, regressed, passed, counted.
fn said<'a>(nodes: impl IntoIterator<Item = &'a NodeRow>) -> Vec<String> {
    nodes
        .into_iter()
        .map(|node| {
            let summary = &node.summary;
            let mut text = format!(
                "{} {} {}/{}",
                node.name,
                summary.stage.as_deref().unwrap_or("none"),
                summary.counts.passed,
                summary.counts.counted
            );
            for (is, word) in [
                (summary.scope != Scope::In, summary.scope.word()),
                (summary.blocked_since.is_some(), "blocked"),
                (summary.regressed, "regressed"),
            ] {
                if is {
                    let _ = write!(text, " {word}");
                }
            }
            text
        })
        .collect()
}

#[tokio::test]
async fn a_past_day_as_it_was_and_as_it_was_known() {
    let place = Place::new().await;
    let store = place.open().await;
    story(&store).await;
    let check = async |day: i64, was: &[&str], known: &[&str]| {
        let end = NOW + day * DAY + DAY / 2;
        let nodes = store.nodes_at(When::AsItWas(end)).await.unwrap();
        assert_eq!(said(nodes.iter().map(|stood| &stood.row)), was, "day {day} as it was");
        let nodes = store.nodes_at(When::AsKnown(end)).await.unwrap();
        assert_eq!(said(nodes.iter().map(|stood| &stood.row)), known, "day {day} as it was known");
    };
    check(-1, &[], &[]).await;
    // What is deleted since is no part of the past as it was; it was known then.
    check(
        0,
        &["general-ledger none 0/3", "payments none 0/3"],
        &["gone none 0/3", "ledger none 0/3", "payments none 0/3"],
    )
    .await;
    check(
        1,
        &["general-ledger none 0/3", "payments found 1/3"],
        &["gone none 0/3", "ledger none 0/3", "payments found 1/3"],
    )
    .await;
    // The late entry is the difference.
    check(
        2,
        &["general-ledger built 3/3", "payments found 1/3 blocked"],
        &["gone none 0/3", "ledger found 1/3", "payments found 1/3 blocked"],
    )
    .await;
    check(
        3,
        &["general-ledger built 3/3", "payments none 0/3 blocked regressed"],
        &["gone none 0/3", "ledger found 1/3", "payments none 0/3 blocked regressed"],
    )
    .await;
    let now = ["general-ledger built 3/3 retire", "payments none 0/3 blocked regressed"];
    check(6, &now, &now).await;
    assert_eq!(said(&*store.nodes(NOW + 7 * DAY).await.unwrap()), now);
    store.close().await;
}

#[tokio::test]
async fn movers_are_those_that_stand_otherwise() {
    let place = Place::new().await;
    let store = place.open().await;
    story(&store).await;
    commit(&store, NOW + 6 * DAY, created(id(4), Kind::Service, "arrived")).await;
    commit(&store, NOW + 6 * DAY, created(id(5), Kind::Service, "db")).await;
    commit(&store, NOW + 6 * DAY, vec![Change::field(id(5), path::CLASS, "datastore")]).await;
    let check = async |day: i64, expect: &[&str]| {
        let since = NOW + day * DAY + DAY / 2;
        let movers = store.movers(since, NOW + 7 * DAY).await.unwrap();
        let said: Vec<String> = movers
            .iter()
            .map(|mover| {
                let then = mover.then.as_ref().map_or_else(
                    || "new".to_owned(),
                    |then| {
                        let stage = then.stage.as_deref().unwrap_or("none");
                        format!("{stage} {}", then.counts.passed)
                    },
                );
                let now = &mover.now.summary;
                let stage = now.stage.as_deref().unwrap_or("none");
                format!("{} {then} > {stage} {}", mover.now.name, now.counts.passed)
            })
            .collect();
        assert_eq!(said, expect, "since day {day}");
    };
    check(
        1,
        &["arrived new > none 0", "general-ledger none 0 > built 3", "payments found 1 > none 0"],
    )
    .await;
    // Only the scope of ledger has changed since day 4.
    check(4, &["arrived new > none 0", "general-ledger built 3 > built 3"]).await;
    check(6, &[]).await;
    store.close().await;
}

#[tokio::test]
async fn what_time_alone_changed_is_read_and_not_stored() {
    let place = Place::new().await;
    let store = place.open().await;
    story(&store).await;
    let day = |number: i64| NOW + number * DAY;
    let waiver = Happening::Waiver {
        service: id(1),
        check: "F1".into(),
        reason: "r".into(),
        expires_at: day(20),
        request: None,
    };
    commit(&store, day(10), vec![happened(30, day(10), waiver)]).await;
    let stage = async |now: i64| {
        let nodes = store.nodes(now).await.unwrap();
        let detail = store.node(id(1), now).await.unwrap().unwrap();
        let row = nodes.iter().find(|node| node.id == id(1)).unwrap();
        assert_eq!(detail.row, *row, "the list says what the service says");
        row.summary.stage.clone()
    };
    assert_eq!(stage(day(20) - 1).await.as_deref(), Some("found"));
    assert_eq!(stage(day(20) - 1).await.as_deref(), Some("found"), "asked again");
    assert_eq!(stage(day(20)).await, None, "the waiver has ended");
    assert_eq!(stage(day(20) - 1).await.as_deref(), Some("found"), "and before, it had not");
    store.close().await;
}

#[tokio::test]
async fn a_search_finds_words_where_they_stand() {
    let place = Place::new().await;
    let store = place.open().await;
    story(&store).await;
    let changes = vec![
        Change::element(
            id(1),
            path::TAGS,
            "Zürich \"west\"",
            pilotage_domain::change::Presence::In,
        ),
        Change::field(id(1), path::OWNER, "Anna"),
    ];
    store.commit(action(NOW + 7 * DAY, changes)).await.unwrap();
    let check = async |query: &str, expect: &[&str]| {
        let (found, count) = store.search(query, 3).await.unwrap();
        let said: Vec<String> =
            found.iter().map(|found| format!("{:?} {}", found.place, found.text)).collect();
        assert_eq!(said, expect, "{query:?}");
        assert!(count >= said.len());
    };
    check("PAYMENTS", &["Name payments"]).await;
    check("zÜRICH", &["Tag Zürich \"west\""]).await;
    check("\"west\" zürich", &["Tag Zürich \"west\""]).await;
    check("anna", &["Field Anna"]).await;
    check("team certificate", &["Blocker no certificate (network team)"]).await;
    check("note 14", &["Check note 14"]).await;
    check("note 11", &[]).await;
    check("  ", &[]).await;
    check("payments nowhere", &[]).await;
    store.close().await;
}

/// Late is what was recorded more than a day after it happened. Rollouts are found, not entered.
#[tokio::test]
async fn late_entries_are_counted_without_rollouts() {
    let place = Place::new().await;
    let store = place.open().await;
    commit(&store, NOW - 9 * DAY, created(id(1), Kind::Service, "payments")).await;
    let scope = |reason: &str| Happening::ScopeChanged {
        service: id(1),
        scope: Scope::In,
        reason: reason.to_owned(),
    };
    let rollout = Happening::RolloutSeen {
        service: Some(id(1)),
        rollout: Box::new(Rollout {
            workload: WorkloadName {
                target: id(2),
                namespace: "shop".to_owned(),
                kind: "Deployment".to_owned(),
                name: "payments".to_owned(),
            },
            uid: "u".to_owned(),
            revision: 1,
            change: RolloutKind::First,
            images: Vec::new(),
            writer: Writer {
                class: WriterClass::Ambiguous,
                manager: "kubectl".to_owned(),
                at: None,
            },
            time: TimeSource::Created,
            unseen_since: None,
            trace: None,
        }),
    };
    let late = async |when| store.late_entries(when).await.unwrap();
    for (number, occurred_at, what, count) in [
        (11, NOW - DAY / 2, scope("half a day"), 0),
        (12, NOW - 2 * DAY, scope("two days"), 1),
        (13, NOW - 2 * DAY, rollout, 1),
        (14, NOW - 3 * DAY, scope("three days"), 2),
    ] {
        commit(&store, NOW, vec![happened(number, occurred_at, what)]).await;
        assert_eq!(late(When::AsItWas(NOW)).await, count, "{number}");
    }
    assert_eq!(late(When::AsItWas(NOW - 3 * DAY)).await, 1, "only what had happened by then");
    assert_eq!(late(When::AsKnown(NOW - DAY / 4)).await, 0, "nothing of it was known then");
    store.close().await;
}
