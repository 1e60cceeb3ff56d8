//! What needs whom: every kind of notice comes to the right person and to nobody else.

#![expect(clippy::unwrap_used, reason = "a step that fails ends the test and says why")]

#[path = "support/clocked.rs"]
mod clocked;

use clocked::Clocked;
use pilotage_api::App;
use pilotage_api::dto::overview::NoticeView;
use pilotage_api::dto::session::Nothing;
use serde_json::{Value, json};

/// Two stages; each wants a person's word and a second person's.
const PLAYBOOK: &str = "\
playbook: small
version: 1
title: Two steps
stages:
  - { id: ready, title: Ready, meaning: It may go. }
  - { id: done, title: Done, meaning: It went. }
skills: []
checks:
  - &check
    id: A-1
    version: 1
    stage: ready
    title: It has an owner
    kind: manual
    state: counted
    weight: 5
    what: Somebody answers for it.
    why: Else nobody does.
    how: { steps: [Ask around.] }
  - { <<: *check, id: A-2, title: The owner agreed, kind: approval }
  - { <<: *check, id: B-1, title: It is switched, stage: done }
  - { <<: *check, id: B-2, title: The switch was seen, stage: done, kind: approval }
";

/// Everybody: Ann works on `shop`, Ben on nothing, Eve on `other`.
const PEOPLE: [&str; 3] = ["Ann", "Ben", "Eve"];

/// Noon of a day of January 2026 in Berlin.
fn noon(day: i64) -> i64 {
    1_767_265_200_000 + (day - 1) * 86_400_000
}

struct Bench(Clocked);

impl Bench {
    async fn new() -> Self {
        let bench = Self(Clocked::new(noon(1)).await);
        for person in PEOPLE {
            bench.act(1, person, "session", json!({})).await;
        }
        bench.act(1, "Ben", "adopt_playbook", json!({ "text": PLAYBOOK, "seen": null })).await;
        for (service, person) in [("shop", "Ann"), ("other", "Eve")] {
            bench.act(1, "Ben", "add_service", json!({ "name": service, "class": null })).await;
            let assign = json!({ "service": service, "person": person, "assigned": true });
            bench.act(1, "Ben", "assign", assign).await;
        }
        bench
    }

    /// Opens it at noon of a day, with that person at work.
    async fn on(&self, day: i64, person: &str) -> App {
        self.0.at(noon(day), person).await
    }

    /// One command on a day by a person.
    async fn act(&self, day: i64, person: &str, command: &str, argument: Value) -> Value {
        let app = self.on(day, person).await;
        let answer = app.call(command, argument).await;
        app.close().await;
        answer.unwrap_or_else(|error| panic!("{command}: {error}"))
    }

    async fn attest(&self, day: i64, person: &str, check: &str, result: &str) {
        let argument = json!({ "service": "shop", "check": check, "result": result, "note": "seen", "link": null });
        self.act(day, person, "attest", argument).await;
    }

    async fn notices(&self, day: i64, person: &str) -> Vec<NoticeView> {
        let app = self.on(day, person).await;
        let notices = app.notices(Nothing {}).await.unwrap().notices;
        app.close().await;
        notices
    }

    /// Asserts who sees a notice of a kind and check on a day; everybody else must not.
    async fn check(&self, day: i64, kind: &str, about: Option<&str>, who: &[&str]) {
        for person in PEOPLE {
            let notices = self.notices(day, person).await;
            let seen = notices
                .iter()
                .any(|notice| notice.kind == kind && notice.check.as_deref() == about);
            assert_eq!(
                seen,
                who.contains(&person),
                "{kind} {about:?} for {person} on day {day}: {notices:?}"
            );
        }
    }
}

#[tokio::test]
async fn nothing_needs_anybody_at_first() {
    let bench = Bench::new().await;
    for person in PEOPLE {
        assert_eq!(bench.notices(2, person).await.len(), 0, "{person}");
    }
}

#[tokio::test]
async fn a_regression_is_told_to_who_works_on_the_service() {
    let bench = Bench::new().await;
    bench.attest(2, "Ann", "A-1", "pass").await;
    bench.attest(2, "Ben", "A-2", "pass").await;
    bench.check(2, "regressed", Some("A-1"), &[]).await;
    bench.attest(3, "Ben", "A-1", "fail").await;
    bench.check(3, "regressed", Some("A-1"), &["Ann"]).await;
    // A check of a stage that was never reached fails without having regressed.
    bench.attest(3, "Ben", "B-1", "fail").await;
    bench.check(3, "regressed", Some("B-1"), &[]).await;
    bench.attest(4, "Ann", "A-1", "pass").await;
    bench.check(4, "regressed", Some("A-1"), &[]).await;
}

#[tokio::test]
async fn an_approval_is_asked_of_those_who_do_not_work_on_the_service() {
    let bench = Bench::new().await;
    bench.check(2, "approval", Some("A-2"), &[]).await;
    bench.attest(2, "Ann", "A-1", "pass").await;
    bench.check(2, "approval", Some("A-2"), &["Ben", "Eve"]).await;
    bench.check(2, "approval", Some("B-2"), &[]).await;
    bench.attest(3, "Ben", "A-2", "pass").await;
    bench.check(3, "approval", Some("A-2"), &[]).await;
    bench.attest(3, "Ann", "B-1", "pass").await;
    bench.check(3, "approval", Some("B-2"), &["Ben", "Eve"]).await;
}

#[tokio::test]
async fn a_request_for_a_waiver_is_told_to_all_but_the_one_who_asked() {
    let bench = Bench::new().await;
    let waiver = json!({ "service": "shop", "check": "A-1", "reason": "being sold", "expires_on": "2026-02-01" });
    bench.act(2, "Ann", "request_waiver", waiver).await;
    bench.check(2, "waiver_requested", Some("A-1"), &["Ben", "Eve"]).await;
    let asked = bench.notices(2, "Ben").await.remove(0);
    assert_eq!(asked.text, "Ann asks that A-1 be waived on shop: being sold");
    let answer = json!({ "request": asked.request, "grant": false, "note": "not yet" });
    bench.act(3, "Ben", "answer_waiver", answer).await;
    bench.check(3, "waiver_requested", Some("A-1"), &[]).await;
}

#[tokio::test]
async fn a_request_that_lapses_is_no_notice_any_more() {
    let bench = Bench::new().await;
    let waiver = json!({ "service": "shop", "check": "A-1", "reason": "being sold", "expires_on": "2026-01-04" });
    bench.act(2, "Ann", "request_waiver", waiver).await;
    bench.check(4, "waiver_requested", Some("A-1"), &["Ben", "Eve"]).await;
    bench.check(5, "waiver_requested", Some("A-1"), &[]).await;
}

#[tokio::test]
async fn a_waiver_about_to_end_is_told_to_who_works_on_it_and_to_who_granted_it() {
    let bench = Bench::new().await;
    let waiver = json!({ "service": "shop", "check": "A-1", "reason": "being sold", "expires_on": "2026-01-20" });
    bench.act(2, "Ben", "waive", waiver).await;
    // It ends at midnight after the 20th: a week earlier that is after noon of the 13th.
    bench.check(13, "waiver_ending", Some("A-1"), &[]).await;
    bench.check(14, "waiver_ending", Some("A-1"), &["Ann", "Ben"]).await;
    bench.check(20, "waiver_ending", Some("A-1"), &["Ann", "Ben"]).await;
    bench.check(21, "waiver_ending", Some("A-1"), &[]).await;
}

#[tokio::test]
async fn an_overdue_check_is_told_to_who_takes_care_of_it_else_to_who_works_on_the_service() {
    let bench = Bench::new().await;
    let due = json!({ "service": "shop", "edit": { "field": "due", "value": { "check": "A-1", "day": "2026-01-05" } } });
    bench.act(2, "Ben", "edit_service", due).await;
    bench.check(5, "overdue", Some("A-1"), &[]).await;
    bench.check(6, "overdue", Some("A-1"), &["Ann"]).await;
    let doing = json!({ "service": "shop", "edit": { "field": "doing", "value": { "check": "A-1", "person": "Eve" } } });
    bench.act(6, "Ben", "edit_service", doing).await;
    bench.check(6, "overdue", Some("A-1"), &["Eve"]).await;
    bench.attest(7, "Eve", "A-1", "pass").await;
    bench.check(7, "overdue", Some("A-1"), &[]).await;
}

#[tokio::test]
async fn a_blocker_is_told_to_who_works_on_the_service() {
    let bench = Bench::new().await;
    let blocker = json!({ "service": "shop", "reason": "no licence", "waiting_for": "Legal" });
    let opened = bench.act(2, "Ben", "open_blocker", blocker).await;
    bench.check(2, "blocked", None, &["Ann"]).await;
    let close = json!({ "blocker": opened["id"], "note": null });
    bench.act(3, "Ben", "close_blocker", close).await;
    bench.check(3, "blocked", None, &[]).await;
}

#[tokio::test]
async fn a_service_out_of_scope_needs_nobody() {
    let bench = Bench::new().await;
    let blocker = json!({ "service": "shop", "reason": "no licence", "waiting_for": "Legal" });
    bench.act(2, "Ben", "open_blocker", blocker).await;
    bench.check(2, "blocked", None, &["Ann"]).await;
    let scope = json!({ "service": "shop", "scope": "retire", "reason": "sold" });
    bench.act(3, "Ben", "set_scope", scope).await;
    bench.check(3, "blocked", None, &[]).await;
}

#[tokio::test]
async fn what_was_looked_at_is_seen_until_something_newer_comes() {
    let bench = Bench::new().await;
    let blocker = json!({ "service": "shop", "reason": "no licence", "waiting_for": "Legal" });
    bench.act(2, "Ben", "open_blocker", blocker).await;
    let app = bench.on(3, "Ann").await;
    let view = app.notices(Nothing {}).await.unwrap();
    assert_eq!((view.unseen, view.notices[0].unseen), (1, true));
    let until = json!({ "until": view.notices[0].at });
    app.call("looked_at", until).await.unwrap();
    let view = app.notices(Nothing {}).await.unwrap();
    assert_eq!((view.unseen, view.notices.len()), (0, 1), "it stays, and is seen");
    let wrong = app.call("looked_at", json!({ "until": "yesterday" })).await;
    assert!(wrong.is_err(), "no moment is no look");
    app.close().await;
    let waiver = json!({ "service": "shop", "check": "A-1", "reason": "being sold", "expires_on": "2026-02-01" });
    bench.act(4, "Ben", "request_waiver", waiver).await;
    let app = bench.on(4, "Ann").await;
    let view = app.notices(Nothing {}).await.unwrap();
    let kinds: Vec<_> =
        view.notices.iter().map(|notice| (notice.kind.as_str(), notice.unseen)).collect();
    assert_eq!(kinds, [("waiver_requested", true), ("blocked", false)], "the urgent one first");
    app.close().await;
}

#[tokio::test]
async fn the_evidence_of_a_cell_keeps_what_was_taken_back() {
    let bench = Bench::new().await;
    bench.attest(2, "Ann", "A-1", "pass").await;
    let cell = json!({ "service": "shop", "check": "a-1" });
    let panel = bench.act(2, "Ben", "evidence", cell.clone()).await;
    let finding = panel["check"]["finding"]["id"].clone();
    bench.act(3, "Ann", "retract", json!({ "finding": finding, "note": "the wrong shop" })).await;
    bench.attest(4, "Ann", "A-1", "fail").await;
    let panel = bench.act(4, "Ben", "evidence", cell).await;
    let history: Vec<(&str, bool)> = panel["history"]
        .as_array()
        .unwrap()
        .iter()
        .map(|past| {
            (past["finding"]["result"].as_str().unwrap(), past["retracted"].as_bool().unwrap())
        })
        .collect();
    assert_eq!(history, [("fail", false), ("pass", true)], "newest first");
    assert_eq!(panel["check"]["finding"]["id"], panel["history"][0]["finding"]["id"]);
    let app = bench.on(4, "Ben").await;
    let unknown = app.call("evidence", json!({ "service": "shop", "check": "Z-9" })).await;
    assert!(unknown.is_err(), "a check that is not on the ladder has no evidence");
    app.close().await;
}

#[tokio::test]
async fn the_heat_map_has_a_letter_for_every_check() {
    let bench = Bench::new().await;
    bench.attest(2, "Ann", "A-1", "pass").await;
    bench.attest(2, "Ben", "A-2", "fail").await;
    bench.attest(2, "Ann", "B-1", "not_applicable").await;
    let scope = json!({ "service": "other", "scope": "retire", "reason": "sold" });
    bench.act(2, "Ben", "set_scope", scope).await;
    let app = bench.on(3, "Ben").await;
    let map = app.heat_map(Nothing {}).await.unwrap();
    let columns: Vec<_> = map.checks.iter().map(|check| check.id.as_str()).collect();
    assert_eq!(columns, ["A-1", "A-2", "B-1", "B-2"]);
    let rows: Vec<_> =
        map.rows.iter().map(|row| (row.service.name.as_str(), row.cells.as_str())).collect();
    assert_eq!(rows, [("shop", "pfnu")], "what is out of scope has no row");
    assert_eq!((map.rows[0].passed, map.rows[0].counted), (1, 3));
    app.close().await;
}
