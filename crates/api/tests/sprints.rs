//! Sprints from plan to carry-over.

#![expect(clippy::unwrap_used, reason = "a step that fails ends the test and says why")]

#[path = "support/clocked.rs"]
mod clocked;
#[path = "support/two_steps.rs"]
mod two_steps;

use clocked::Clocked;
use pilotage_api::{ApiError, Code};
use serde_json::{Value, json};
use two_steps::{PLAYBOOK, noon};

struct Team(Clocked);

impl Team {
    async fn new() -> Self {
        let team = Self(Clocked::new(noon(1)).await);
        team.ask(1, "session", json!({})).await.unwrap();
        team.ask(1, "add_person", json!({"name": "Ben"})).await.unwrap();
        team.ask(1, "adopt_playbook", json!({"text": PLAYBOOK, "seen": null})).await.unwrap();
        for name in ["cart", "ledger", "mail"] {
            team.ask(1, "add_service", json!({"name": name, "class": null})).await.unwrap();
        }
        team.ask(1, "add_service", json!({"name": "db", "class": "datastore"})).await.unwrap();
        team
    }

    /// One command by Ann at noon of a day.
    async fn ask(&self, day: i64, command: &str, argument: Value) -> Result<Value, ApiError> {
        let app = self.0.at(noon(day), "Ann").await;
        let answer = app.call(command, argument).await;
        app.close().await;
        answer
    }

    async fn plan(&self, name: &str, first: &str, last: &str, services: &[&str]) {
        let plan = json!({
            "name": name, "goal": "All live", "kind": "expert-led", "first": first, "last": last,
            "leader": "Ann", "members": ["Ann", "Ben"], "services": services,
        });
        self.ask(1, "plan_sprint", plan).await.unwrap();
    }

    async fn passes(&self, day: i64, service: &str, check: &str) {
        let attest = json!({"service": service, "check": check, "result": "pass"});
        self.ask(day, "attest", attest).await.unwrap();
    }

    async fn sprint(&self, day: i64, name: Option<&str>) -> Value {
        self.ask(day, "sprint", json!({ "sprint": name })).await.unwrap()
    }
}

/// `(name, reached, added)` of each service of a sprint.
fn services(sprint: &Value) -> Vec<(&str, bool, bool)> {
    let row = |service: &'_ Value| {
        (service["reached"].as_bool().unwrap(), service["added"].as_bool().unwrap())
    };
    sprint["services"]
        .as_array()
        .unwrap()
        .iter()
        .map(|service| {
            let (reached, added) = row(service);
            (service["service"]["name"].as_str().unwrap(), reached, added)
        })
        .collect()
}

/// `(day, scope, reached)` of the burn-up.
fn burn_up(sprint: &Value) -> Vec<(&str, u64, u64)> {
    let days = sprint["burn_up"].as_array().unwrap();
    let number = |day: &Value, field: &str| day[field].as_u64().unwrap();
    days.iter()
        .map(|day| {
            (&day["date"].as_str().unwrap()[5..], number(day, "scope"), number(day, "reached"))
        })
        .collect()
}

#[tokio::test]
async fn a_sprint_goes_from_plan_to_carry_over() {
    let team = Team::new().await;
    assert_eq!(team.sprint(1, None).await, Value::Null, "there is none at first");
    team.plan("First week", "2026-03-02", "2026-03-06", &["cart", "ledger"]).await;
    team.plan("Second week", "2026-03-09", "2026-03-13", &["mail"]).await;

    let planned = team.sprint(1, None).await;
    assert_eq!(planned["sprint"]["name"], "First week", "the next that is planned");
    assert_eq!(planned["sprint"]["state"], "planned");
    assert_eq!(planned["sprint"]["working_days"], 5);
    assert_eq!(planned["sprint"]["day"], Value::Null);
    assert_eq!(services(&planned), [("cart", false, false), ("ledger", false, false)]);
    assert!(burn_up(&planned).is_empty() && planned["log"].as_array().unwrap().is_empty());

    let turn = |sprint: &str, turn: &str| json!({"sprint": sprint, "turn": turn});
    team.ask(2, "turn_sprint", turn("First week", "start")).await.unwrap();
    team.passes(2, "cart", "A-1").await;
    team.passes(3, "cart", "B-1").await;
    // What happens to services that are not in the sprint is no part of its log.
    team.passes(3, "mail", "A-1").await;
    let add = |reason: Value| json!({"sprint": "first WEEK", "services": ["mail"], "change": "in", "reason": reason});
    let error = team.ask(4, "scope_sprint", add(Value::Null)).await.unwrap_err();
    assert_eq!(error.code, Code::ArgumentsInvalid, "a started sprint wants a reason");
    team.ask(4, "scope_sprint", add(json!("there is time"))).await.unwrap();
    let error = team.ask(4, "scope_sprint", add(json!("again"))).await.unwrap_err();
    assert_eq!(error.code, Code::NotPossible, "it is in already");

    let running = team.sprint(5, None).await;
    assert_eq!(
        (&running["sprint"]["state"], &running["sprint"]["day"]),
        (&json!("running"), &json!(4))
    );
    assert_eq!(
        burn_up(&running),
        [("03-02", 2, 0), ("03-03", 2, 1), ("03-04", 3, 1), ("03-05", 3, 1)]
    );
    assert_eq!(
        services(&running),
        [("cart", true, false), ("ledger", false, false), ("mail", false, true)]
    );
    let steps = running["scope_changes"].as_array().unwrap();
    assert_eq!(steps.len(), 1);
    assert_eq!((&steps[0]["by"], &steps[0]["target_title"]), (&json!("Ann"), &json!("Live")));
    let log: Vec<&str> = running["log"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["summary"].as_str().unwrap())
        .collect();
    assert_eq!(
        log,
        [
            "mail is to reach Live in sprint First week",
            "A-1 \u{201c}It has an owner\u{201d} passes on mail",
            "B-1 \u{201c}It is switched\u{201d} passes on cart",
            "A-1 \u{201c}It has an owner\u{201d} passes on cart",
            "Sprint First week started",
        ]
    );

    let end = json!({"sprint": "First week", "turn": "end", "carry_over_to": "Second week"});
    team.ask(6, "turn_sprint", end).await.unwrap();
    // What happens later does not change how it ended.
    team.passes(9, "ledger", "A-1").await;
    team.passes(9, "ledger", "B-1").await;
    let ended = team.sprint(9, Some("First week")).await;
    assert_eq!((&ended["sprint"]["planned"], &ended["sprint"]["reached"]), (&json!(3), &json!(1)));
    assert_eq!(burn_up(&ended).last(), Some(&("03-06", 3, 1)));
    let next = team.sprint(9, None).await;
    assert_eq!(next["sprint"]["name"], "Second week");
    assert_eq!(services(&next), [("ledger", true, false), ("mail", false, false)]);
    assert_eq!(next["services"][0]["reason"], "carried over from First week");
    let late =
        json!({"sprint": "First week", "services": ["cart"], "change": "out", "reason": "x"});
    assert_eq!(team.ask(9, "scope_sprint", late).await.unwrap_err().code, Code::NotPossible);
}

#[tokio::test]
async fn a_late_start_a_merge_and_a_second_sprint() {
    let team = Team::new().await;
    team.plan("Late", "2026-03-02", "2026-03-06", &["cart", "ledger"]).await;
    team.plan("Other", "2026-03-02", "2026-03-06", &["mail"]).await;
    let turn = |sprint: &str, turn: &str| json!({"sprint": sprint, "turn": turn});
    team.ask(4, "turn_sprint", turn("Late", "start")).await.unwrap();
    let late = team.sprint(4, Some("Late")).await;
    assert_eq!(burn_up(&late), [("03-02", 2, 0), ("03-03", 2, 0), ("03-04", 2, 0)]);
    // A service that turns out to be another one stays in the scope as what it is.
    let merge = json!({"service": "ledger", "into": "mail"});
    team.ask(5, "merge_services", merge).await.unwrap();
    assert_eq!(
        services(&team.sprint(5, Some("Late")).await),
        [("cart", false, false), ("mail", false, false)]
    );
    // It is there already, and leaves as what it is.
    let scope = |change: &str| json!({"sprint": "Late", "services": ["mail"], "change": change, "reason": "x"});
    let there = team.ask(5, "scope_sprint", scope("in")).await.unwrap_err();
    assert_eq!(there.code, Code::NotPossible);
    team.ask(5, "scope_sprint", scope("out")).await.unwrap();
    assert_eq!(services(&team.sprint(5, Some("Late")).await), [("cart", false, false)]);
    team.ask(5, "scope_sprint", scope("in")).await.unwrap();
    // What happens to it is in the day log.
    team.passes(5, "mail", "A-1").await;
    let log = team.sprint(5, Some("Late")).await["log"].to_string();
    assert!(log.contains("A-1"), "{log}");
    // One at a time: neither starts nor resumes beside another.
    team.ask(5, "turn_sprint", turn("Late", "pause")).await.unwrap();
    team.ask(5, "turn_sprint", turn("Other", "start")).await.unwrap();
    let beside = team.ask(5, "turn_sprint", turn("Late", "resume")).await.unwrap_err();
    assert_eq!(beside.code, Code::NotPossible);
    team.ask(6, "turn_sprint", turn("Other", "end")).await.unwrap();
    team.ask(6, "turn_sprint", turn("Late", "resume")).await.unwrap();
}

#[tokio::test]
async fn a_forecast_kept_at_the_start_of_a_sprint_speaks_of_that_sprint() {
    let kept = async |kind: &str| {
        let team = Team::new().await;
        for day in 2..=17 {
            let name = format!("service-{day}");
            team.ask(1, "add_service", json!({"name": name, "class": null})).await.unwrap();
            team.passes(day, &name, "A-1").await;
            team.passes(day, &name, "B-1").await;
        }
        let plan = json!({
            "name": "Next", "kind": kind, "first": "2026-03-18", "last": "2026-03-24",
            "services": ["cart"],
        });
        team.ask(18, "plan_sprint", plan).await.unwrap();
        team.ask(18, "turn_sprint", json!({"sprint": "Next", "turn": "start"})).await.unwrap();
        let outlook = team.ask(19, "outlook", json!({})).await.unwrap();
        outlook["calibration"]["forecasts"].as_array().unwrap().len()
    };
    assert_eq!(kept("internal").await, 1, "the team's own days speak of a sprint of its own");
    assert_eq!(kept("expert-led").await, 0, "and say nothing of days with an expert");
}

#[tokio::test]
async fn what_cannot_be_is_refused_and_changes_nothing() {
    let team = Team::new().await;
    team.plan("First week", "2026-03-02", "2026-03-06", &["cart"]).await;
    team.plan("Second week", "2026-03-09", "2026-03-13", &[]).await;
    team.ask(2, "turn_sprint", json!({"sprint": "First week", "turn": "start"})).await.unwrap();
    let before = team.ask(2, "sprints", json!({})).await.unwrap();
    let plan = |change: Value| {
        let mut plan = json!({
            "name": "Third", "kind": "internal", "first": "2026-03-16", "last": "2026-03-20",
        });
        for (key, value) in change.as_object().unwrap() {
            plan[key] = value.clone();
        }
        plan
    };
    for (command, argument, code) in [
        ("plan_sprint", plan(json!({"name": "second WEEK"})), Code::NameTaken),
        ("plan_sprint", plan(json!({"kind": "secret"})), Code::ArgumentsInvalid),
        ("plan_sprint", plan(json!({"last": "2026-03-15"})), Code::ArgumentsInvalid),
        ("plan_sprint", plan(json!({"last": "2027-03-15"})), Code::ArgumentsInvalid),
        ("plan_sprint", plan(json!({"leader": "Zoe"})), Code::NotFound),
        ("plan_sprint", plan(json!({"services": ["nothing"]})), Code::NotFound),
        ("plan_sprint", plan(json!({"services": ["db"]})), Code::NotPossible),
        ("plan_sprint", plan(json!({"target_stage": "moon"})), Code::NotFound),
        ("turn_sprint", json!({"sprint": "First week", "turn": "start"}), Code::NotPossible),
        ("turn_sprint", json!({"sprint": "First week", "turn": "resume"}), Code::NotPossible),
        ("turn_sprint", json!({"sprint": "Second week", "turn": "start"}), Code::NotPossible),
        ("turn_sprint", json!({"sprint": "Second week", "turn": "end"}), Code::NotPossible),
        (
            "turn_sprint",
            json!({"sprint": "First week", "turn": "end", "carry_over_to": "First week"}),
            Code::ArgumentsInvalid,
        ),
        (
            "edit_sprint",
            json!({"sprint": "First week", "first": "2026-03-07"}),
            Code::ArgumentsInvalid,
        ),
        ("sprint", json!({"sprint": "Fourth"}), Code::NotFound),
    ] {
        let error = team.ask(2, command, argument.clone()).await.unwrap_err();
        assert_eq!(error.code, code, "{command} {argument}: {error}");
    }
    assert_eq!(team.ask(2, "sprints", json!({})).await.unwrap(), before);

    // The control: with right words each of them is done.
    team.ask(2, "plan_sprint", plan(json!({"target_stage": "Ready"}))).await.unwrap();
    team.ask(3, "turn_sprint", json!({"sprint": "First week", "turn": "pause"})).await.unwrap();
    team.ask(3, "turn_sprint", json!({"sprint": "Second week", "turn": "start"})).await.unwrap();
    let edit = json!({"sprint": "Third", "name": "Last", "members": ["Ben"], "leader": "Ben"});
    team.ask(3, "edit_sprint", edit).await.unwrap();
    let last = team.sprint(3, Some("last")).await;
    assert_eq!(last["sprint"]["members"][0]["name"], "Ben");
    assert_eq!(team.sprint(3, None).await["sprint"]["name"], "Second week");
}
