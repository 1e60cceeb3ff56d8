//! A small team with two stages, three services and sprints of a week.

#[path = "../support/clocked.rs"]
mod clocked;
#[path = "../support/two_steps.rs"]
mod two_steps;

use clocked::Clocked;
use pilotage_api::{ApiError, Code};
use serde_json::{Value, json};
use two_steps::PLAYBOOK;
pub use two_steps::noon;

pub struct Team(pub Clocked);

impl Team {
    /// Sprint *One* ran from the 2nd to the 6th: cart went live, ledger was blocked for two days and
    /// its owner check was taken back, mail came in late. Sprint *Two* is planned.
    pub async fn new() -> Self {
        let team = Self(Clocked::new(noon(1)).await);
        team.ok(1, "session", json!({})).await;
        team.ok(1, "add_person", json!({"name": "Ben"})).await;
        team.ok(1, "adopt_playbook", json!({"text": PLAYBOOK, "seen": null})).await;
        for name in ["cart", "ledger", "mail"] {
            team.ok(1, "add_service", json!({"name": name, "class": null})).await;
        }
        team.plan("One", "2026-03-02", "2026-03-06", &["cart", "ledger"]).await;
        team.plan("Two", "2026-03-09", "2026-03-13", &["ledger", "mail"]).await;
        team.turn(2, "One", "start").await;
        team.passes(2, "cart", "A-1").await;
        let wrong = team.passes(3, "ledger", "A-1").await;
        let blocker = json!({"service": "ledger", "reason": "No rule", "waiting_for": "Security"});
        let blocker = team.ok(3, "open_blocker", blocker).await["id"].clone();
        let scope =
            json!({"sprint": "One", "services": ["mail"], "change": "in", "reason": "asked"});
        team.ok(4, "scope_sprint", scope).await;
        team.ok(5, "retract", json!({"finding": wrong, "note": "wrong"})).await;
        team.ok(5, "close_blocker", json!({"blocker": blocker, "note": "there"})).await;
        team.passes(5, "cart", "B-1").await;
        team.turn(6, "One", "end").await;
        team
    }

    /// A programme in which only Ann works yet.
    pub async fn empty() -> Self {
        let team = Self(Clocked::new(noon(1)).await);
        team.ok(1, "session", json!({})).await;
        team
    }

    /// One command by Ann at noon of a day.
    pub async fn ask(&self, day: i64, command: &str, argument: Value) -> Result<Value, ApiError> {
        self.by("Ann", day, command, argument).await
    }

    pub async fn by(
        &self,
        who: &str,
        day: i64,
        command: &str,
        argument: Value,
    ) -> Result<Value, ApiError> {
        let app = self.0.at(noon(day), who).await;
        let answer = app.call(command, argument).await;
        app.close().await;
        answer
    }

    pub async fn ok(&self, day: i64, command: &str, argument: Value) -> Value {
        let told = argument.to_string();
        let answer = self.ask(day, command, argument).await;
        answer.unwrap_or_else(|error| panic!("{command} {told}: {error}"))
    }

    /// It is refused with words that hold `why`.
    pub async fn refused(&self, day: i64, command: &str, argument: Value, code: Code, why: &str) {
        let error = self.ask(day, command, argument).await.unwrap_err();
        assert_eq!(error.code, code, "{error}");
        assert!(error.message.contains(why), "{error} says {why:?}");
        assert!(error.message.contains("Nothing was changed"), "{error}");
    }

    pub async fn plan(&self, name: &str, first: &str, last: &str, services: &[&str]) {
        let plan = json!({
            "name": name, "kind": "regular", "first": first, "last": last,
            "leader": "Ann", "members": ["Ann", "Ben"], "services": services,
        });
        self.ok(1, "plan_sprint", plan).await;
    }

    pub async fn turn(&self, day: i64, sprint: &str, turn: &str) {
        self.ok(day, "turn_sprint", json!({"sprint": sprint, "turn": turn})).await;
    }

    /// The finding's id.
    pub async fn passes(&self, day: i64, service: &str, check: &str) -> Value {
        let attest = json!({"service": service, "check": check, "result": "pass"});
        self.ok(day, "attest", attest).await["id"].clone()
    }

    /// Takes back what stands for *live* of cart.
    pub async fn mistaken(&self, day: i64) {
        let panel = json!({"service": "cart", "check": "B-1"});
        let finding = self.ok(day, "evidence", panel).await["history"][0]["finding"]["id"].clone();
        self.ok(day, "retract", json!({"finding": finding, "note": "mistaken"})).await;
    }

    pub async fn retro(&self, day: i64, sprint: &str) -> Value {
        self.ok(day, "retro", json!({"sprint": sprint})).await
    }

    pub async fn edit(&self, day: i64, sprint: &str, mut edit: Value) -> Value {
        edit["sprint"] = json!(sprint);
        self.ok(day, "edit_retro", edit).await
    }
}

/// The value of a figure.
pub fn figure<'a>(retro: &'a Value, id: &str) -> &'a str {
    let sections = retro["document"]["facts"]["sections"].as_array().unwrap();
    let figures = sections.iter().flat_map(|section| section["figures"].as_array().unwrap());
    let found = figures.clone().find(|figure| figure["id"] == id);
    found.unwrap_or_else(|| panic!("{id} is a figure"))["value"].as_str().unwrap()
}
