//! Who did what: recorded with an attestation, guarded, confirmed, doubted, taken back; and what
//! follows for levels, coverage and independence.

#![expect(clippy::unwrap_used, reason = "a step that fails ends the test and says why")]

#[path = "support/clocked.rs"]
mod clocked;

use clocked::Clocked;
use pilotage_api::{ApiError, Code};
use serde_json::{Value, json};

/// Two stages, two mandatory skills, one that is not, and an approval.
const PLAYBOOK: &str = "\
playbook: small
version: 1
title: Two steps
stages:
  - { id: ready, title: Ready, meaning: It may go. }
  - { id: live, title: Live, meaning: It went. }
skills:
  - { id: pipeline, title: Pipeline, mandatory: true }
  - { id: rollback, title: Rollback, mandatory: true }
  - { id: talk, title: Talk }
checks:
  - &check
    id: A-1
    version: 1
    stage: ready
    title: It builds
    kind: manual
    state: counted
    weight: 5
    what: It builds by itself.
    why: Else nobody does.
    how: { steps: [Try it.] }
    skills: [pipeline]
  - { <<: *check, id: B-1, title: It goes back, stage: live, skills: [rollback] }
  - { <<: *check, id: C-1, title: It was agreed, kind: approval, skills: [talk] }
";

/// Noon of a day of March 2026 in Berlin; the 2nd is a Monday.
fn noon(day: i64) -> i64 {
    1_772_362_800_000 + (day - 1) * 86_400_000
}

struct Team(Clocked);

impl Team {
    async fn new() -> Self {
        let team = Self(Clocked::new(noon(1)).await);
        team.ask(1, "Ann", "session", json!({})).await.unwrap();
        for person in ["Ben", "Eve"] {
            team.ask(1, "Ann", "add_person", json!({"name": person})).await.unwrap();
        }
        let eve = json!({"person": "Eve", "outside": true});
        team.ask(1, "Ann", "describe_person", eve).await.unwrap();
        let playbook = json!({"text": PLAYBOOK, "seen": null});
        team.ask(1, "Ann", "adopt_playbook", playbook).await.unwrap();
        for name in ["cart", "ledger", "mail"] {
            let service = json!({"name": name, "class": null});
            team.ask(1, "Ann", "add_service", service).await.unwrap();
        }
        team
    }

    /// One command by a person at noon of a day.
    async fn ask(
        &self,
        day: i64,
        person: &str,
        command: &str,
        argument: Value,
    ) -> Result<Value, ApiError> {
        let app = self.0.at(noon(day), person).await;
        let answer = app.call(command, argument).await;
        app.close().await;
        answer
    }

    /// Attests a pass; `people` are names with levels, or nothing for the default.
    async fn passes(
        &self,
        day: i64,
        by: &str,
        (service, check): (&str, &str),
        people: &[(&str, u8)],
    ) -> Result<Value, ApiError> {
        let mut attest = json!({"service": service, "check": check, "result": "pass"});
        if !people.is_empty() {
            attest["done_by"] = json!({"who": "people", "people": took(people)});
        }
        self.ask(day, by, "attest", attest).await
    }

    async fn executions(&self, day: i64, by: &str, filter: Value) -> Vec<Value> {
        let view = self.ask(day, by, "executions", filter).await.unwrap();
        view["executions"].as_array().unwrap().clone()
    }

    /// The latest execution confirmed by a person.
    async fn confirm(&self, day: i64, by: &str, service: &str) -> Result<Value, ApiError> {
        let found = self.executions(day, by, json!({"service": service})).await;
        self.ask(day, by, "confirm_execution", json!({"id": found[0]["id"]})).await
    }

    /// A person's level in a skill, as shown; nothing without evidence.
    async fn level(&self, day: i64, person: &str, skill: &str) -> Option<String> {
        let view = self.ask(day, "Ann", "skills", json!({})).await.unwrap();
        cell(&view, person, skill).map(|cell| cell["words"].as_str().unwrap().to_owned())
    }
}

fn took(people: &[(&str, u8)]) -> Vec<Value> {
    people.iter().map(|(person, help)| json!({"person": person, "help": help})).collect()
}

fn cell<'a>(view: &'a Value, person: &str, skill: &str) -> Option<&'a Value> {
    let people = view["people"].as_array().unwrap();
    let id = &people.iter().find(|known| known["name"] == person)?["id"];
    let mut levels = view["levels"].as_array().unwrap().iter();
    levels.find(|cell| cell["person"] == *id && cell["skill"] == skill)
}

fn refused(answer: Result<Value, ApiError>, code: Code, words: &str) {
    let error = answer.unwrap_err();
    assert_eq!(error.code, code, "{error}");
    assert!(error.message.contains(words), "{error} says {words:?}");
    assert!(error.message.contains("Nothing was changed."), "{error} says what is unharmed");
}

#[tokio::test]
async fn an_attestation_says_who_did_it() {
    let team = Team::new().await;
    team.passes(2, "Ann", ("cart", "A-1"), &[]).await.unwrap();
    let found = team.executions(2, "Ben", json!({})).await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["people"][0]["name"], "Ann");
    assert_eq!(found[0]["people"][0]["help"], 3);
    assert_eq!(found[0]["confirmed_by"], Value::Null);
    assert_eq!(found[0]["skills"], json!(["Pipeline"]));
    assert_eq!(found[0]["confirm_advice"], Value::Null, "Ben can confirm it");
    // Nothing is recorded where the person says so, of what fails, and of an approval.
    let nobody = json!({
        "service": "ledger", "check": "A-1", "result": "pass", "done_by": {"who": "nobody"},
    });
    team.ask(2, "Ann", "attest", nobody).await.unwrap();
    let fails = json!({"service": "mail", "check": "A-1", "result": "fail", "note": "red"});
    team.ask(2, "Ann", "attest", fails).await.unwrap();
    team.passes(2, "Ben", ("cart", "C-1"), &[]).await.unwrap();
    assert_eq!(team.executions(2, "Ann", json!({})).await.len(), 1);
    // Undo takes both back, and taking the finding back does.
    let saved = team.passes(3, "Ann", ("mail", "B-1"), &[]).await.unwrap();
    assert_eq!(team.executions(3, "Ann", json!({})).await.len(), 2);
    team.ask(3, "Ann", "undo", json!({"batch": saved["batch"]})).await.unwrap();
    assert_eq!(team.executions(3, "Ann", json!({})).await.len(), 1);
    let saved = team.passes(4, "Ann", ("mail", "B-1"), &[]).await.unwrap();
    assert_eq!(team.executions(4, "Ann", json!({"service": "mail"})).await.len(), 1);
    team.ask(4, "Ann", "retract", json!({"finding": saved["id"]})).await.unwrap();
    assert_eq!(team.executions(4, "Ann", json!({"service": "mail"})).await.len(), 0);
}

#[tokio::test]
async fn a_second_person_confirms_and_levels_rise() {
    let team = Team::new().await;
    for (day, service) in [(2, "cart"), (3, "ledger")] {
        team.passes(day, "Ann", (service, "A-1"), &[]).await.unwrap();
    }
    assert_eq!(team.level(4, "Ann", "pipeline").await.as_deref(), Some("L2"), "unconfirmed");
    refused(team.confirm(4, "Ann", "cart").await, Code::NotPossible, "nobody confirms his own");
    team.confirm(4, "Ben", "cart").await.unwrap();
    refused(team.confirm(4, "Eve", "cart").await, Code::NotPossible, "confirmed already");
    assert_eq!(team.level(4, "Ann", "pipeline").await.as_deref(), Some("L2"));
    let undone = team.confirm(5, "Ben", "ledger").await.unwrap();
    assert_eq!(team.level(5, "Ann", "pipeline").await.as_deref(), Some("L3"));
    assert_eq!(team.level(5, "Ben", "pipeline").await, None, "whoever confirms learns nothing");
    let view = team.ask(5, "Ann", "skills", json!({})).await.unwrap();
    assert_eq!(view["truck_factor"], 1);
    assert_eq!(view["weakest"], json!(["pipeline"]));
    assert_eq!(view["orphaned"], json!(["rollback"]), "told apart");
    assert_eq!(view["independence"]["alone"], 2);
    team.ask(5, "Ben", "undo", json!({"batch": undone["batch"]})).await.unwrap();
    assert_eq!(team.level(5, "Ann", "pipeline").await.as_deref(), Some("L2"), "taken back");
    // Whoever recorded another person's step is no second person.
    team.passes(6, "Ben", ("mail", "A-1"), &[("Ann", 3)]).await.unwrap();
    refused(team.confirm(6, "Ben", "mail").await, Code::NotPossible, "recorded it");
    refused(team.confirm(6, "Ann", "mail").await, Code::NotPossible, "did it");
    team.confirm(6, "Eve", "mail").await.unwrap();
}

#[tokio::test]
async fn a_guide_has_done_it_alone_or_comes_from_outside() {
    let team = Team::new().await;
    let cart = ("cart", "A-1");
    let with_ann: &[(&str, u8)] = &[("Ben", 1), ("Ann", 4)];
    refused(team.passes(2, "Ann", cart, with_ann).await, Code::NotPossible, "not reached L3");
    team.passes(2, "Eve", cart, &[("Ben", 1), ("Eve", 4), ("Ann", 0)]).await.unwrap();
    let found = team.executions(2, "Ann", json!({})).await;
    assert_eq!(found[0]["confirmed_by"], "Eve", "the guide recorded it");
    assert_eq!(found[0]["people"][1]["outside"], true, "marked");
    for (day, service) in [(3, "ledger"), (4, "mail")] {
        team.passes(day, "Ann", (service, "A-1"), &[]).await.unwrap();
        team.confirm(day, "Ben", service).await.unwrap();
    }
    assert_eq!(team.level(4, "Ann", "pipeline").await.as_deref(), Some("L3"));
    team.passes(5, "Ann", cart, with_ann).await.unwrap();
    let rollback = ("mail", "B-1");
    refused(team.passes(5, "Ann", rollback, with_ann).await, Code::NotPossible, "Rollback");
}

#[tokio::test]
async fn what_contradicts_itself_is_refused() {
    let team = Team::new().await;
    let cart = ("cart", "A-1");
    for (people, code, words) in [
        (&[("Ann", 3), ("Eve", 4)][..], Code::ArgumentsInvalid, "no guide"),
        (&[("Ann", 3), ("Ben", 2)], Code::ArgumentsInvalid, "one doer"),
        (&[("Ann", 0)], Code::ArgumentsInvalid, "somebody who did it"),
        (&[("Ann", 2), ("ann", 1)], Code::ArgumentsInvalid, "each person once"),
        (&[("Ann", 7)], Code::ArgumentsInvalid, "help level"),
        (&[("Zoe", 3)], Code::NotFound, "Zoe"),
    ] {
        refused(team.passes(2, "Ann", cart, people).await, code, words);
    }
    let failing = json!({
        "service": "cart", "check": "A-1", "result": "fail", "note": "red",
        "done_by": {"who": "people", "people": took(&[("Ann", 3)])},
    });
    let answer = team.ask(2, "Ann", "attest", failing).await;
    refused(answer, Code::ArgumentsInvalid, "a check that passes");
    assert_eq!(team.executions(2, "Ann", json!({})).await.len(), 0);
    let view = team.ask(2, "Ann", "service", json!({"service": "cart"})).await.unwrap();
    assert_eq!(view["findings"].as_array().unwrap().len(), 0, "the check was not attested either");
    let step = |on: &str, check: &str| json!({"service": "cart", "check": check, "people": took(&[("Ann", 3)]), "on": on});
    let record = async |what: Value| team.ask(4, "Ann", "record_execution", what).await;
    refused(record(step("2026-03-05", "A-1")).await, Code::ArgumentsInvalid, "in the future");
    refused(record(step("2026-03-02", "Z-9")).await, Code::NotFound, "Z-9");
    record(step("2026-03-02", "a-1")).await.unwrap();
    assert_eq!(team.executions(4, "Ann", json!({})).await[0]["on"], "2026-03-02");
}

#[tokio::test]
async fn a_doubt_shows_until_it_is_settled() {
    let team = Team::new().await;
    team.passes(2, "Ben", ("cart", "A-1"), &[("Ann", 2), ("Ben", 2)]).await.unwrap();
    let id = team.executions(2, "Ann", json!({})).await[0]["id"].clone();
    let doubt = json!({"id": id, "note": "I only watched"});
    let saved = team.ask(3, "Ann", "contest_execution", doubt).await.unwrap();
    let contested =
        async || team.ask(3, "Ann", "skills", json!({})).await.unwrap()["contested"].clone();
    assert_eq!(contested().await, 1);
    let empty = team.ask(3, "Ann", "contest_execution", json!({"id": id, "note": " "})).await;
    refused(empty, Code::ArgumentsInvalid, "note");
    let settle = json!({"id": saved["id"], "note": "recorded anew"});
    team.ask(3, "Ben", "settle_contest", settle.clone()).await.unwrap();
    assert_eq!(contested().await, 0);
    refused(team.ask(3, "Ben", "settle_contest", settle).await, Code::NotPossible, "already");
    let found = team.executions(3, "Ann", json!({})).await;
    assert_eq!(found[0]["contests"][0]["settled"], "recorded anew (Ben)");
    team.ask(3, "Ben", "retract_execution", json!({"id": id, "note": ""})).await.unwrap();
    assert_eq!(team.executions(3, "Ann", json!({})).await.len(), 0);
}

#[tokio::test]
async fn a_regression_is_traced_by_a_person() {
    let team = Team::new().await;
    team.passes(1, "Ben", ("cart", "C-1"), &[]).await.unwrap();
    for (day, service) in [(2, "cart"), (3, "ledger")] {
        team.passes(day, "Ann", (service, "A-1"), &[]).await.unwrap();
        team.confirm(day, "Ben", service).await.unwrap();
    }
    let trace = json!({"service": "cart", "check": "A-1", "note": "the build was flaky"});
    let early = team.ask(4, "Ann", "trace_regression", trace.clone()).await;
    refused(early, Code::NotPossible, "has not regressed");
    let fails = json!({"service": "cart", "check": "A-1", "result": "fail", "note": "red"});
    team.ask(5, "Ann", "attest", fails).await.unwrap();
    assert_eq!(team.level(5, "Ann", "pipeline").await.as_deref(), Some("L3"), "not traced yet");
    let traced = team.ask(6, "Ann", "trace_regression", trace).await.unwrap();
    assert_eq!(team.level(6, "Ann", "pipeline").await.as_deref(), Some("L3?"));
    let view = team.ask(6, "Ann", "skills", json!({})).await.unwrap();
    assert_eq!(view["truck_factor"], Value::Null, "L3? counts as L2");
    let back = json!({"id": traced["id"], "note": "it was the network"});
    team.ask(6, "Ann", "retract_execution", back).await.unwrap();
    assert_eq!(team.level(6, "Ann", "pipeline").await.as_deref(), Some("L3"));
}

#[tokio::test]
async fn hours_are_told_of_experts_from_outside() {
    let team = Team::new().await;
    let hours = |person: &str, hundredths: u32, on: &str| json!({"service": "cart", "hundredths": hundredths, "person": person, "on": on});
    let report = async |what: Value| team.ask(3, "Ann", "report_hours", what).await;
    refused(report(hours("Ben", 100, "2026-03-02")).await, Code::NotPossible, "of the team");
    refused(report(hours("Eve", 0, "2026-03-02")).await, Code::ArgumentsInvalid, "at most 24");
    refused(report(hours("Eve", 2_401, "2026-03-02")).await, Code::ArgumentsInvalid, "at most 24");
    refused(report(hours("Eve", 100, "2026-03-04")).await, Code::ArgumentsInvalid, "future");
    let saved = report(hours("Eve", 150, "2026-03-02")).await.unwrap();
    report(hours("Eve", 25, "2026-03-03")).await.unwrap();
    let view = team.ask(3, "Ann", "skills", json!({})).await.unwrap();
    assert_eq!(view["hours"][0]["hundredths"], 175);
    assert_eq!(view["hours"][0]["entries"][0]["on"], "2026-03-02");
    let back = json!({"id": saved["id"], "note": "twice"});
    team.ask(3, "Ann", "retract_execution", back).await.unwrap();
    let view = team.ask(3, "Ann", "skills", json!({})).await.unwrap();
    assert_eq!(view["hours"][0]["hundredths"], 25);
}

#[tokio::test]
async fn an_own_assessment_enters_no_figure_and_is_the_persons_own() {
    let team = Team::new().await;
    let before = team.ask(2, "Ben", "skills", json!({})).await.unwrap();
    let assess = json!({"skill": "pipeline", "level": 5});
    team.ask(2, "Ann", "assess_self", assess).await.unwrap();
    let of = async |by: &str| {
        let view = team.ask(2, by, "skills", json!({})).await.unwrap();
        cell(&view, "Ann", "pipeline").map(|cell| (cell["level"].clone(), cell["assessed"].clone()))
    };
    assert_eq!(of("Ann").await, Some((json!(0), json!(5))));
    assert_eq!(of("Ben").await, None, "nobody else sees it");
    let open = json!({"person": "Ann", "open_assessment": true});
    let others = team.ask(2, "Ben", "describe_person", open.clone()).await;
    refused(others, Code::NotPossible, "for himself");
    team.ask(2, "Ann", "describe_person", open).await.unwrap();
    assert_eq!(of("Ben").await, Some((json!(0), json!(5))));
    let after = team.ask(2, "Ben", "skills", json!({})).await.unwrap();
    for figure in ["truck_factor", "orphaned", "independence", "suggestion", "skills"] {
        assert_eq!(after[figure], before[figure], "{figure} is as it was");
    }
    let wrong = team.ask(2, "Ann", "assess_self", json!({"skill": "pipeline", "level": 6})).await;
    refused(wrong, Code::ArgumentsInvalid, "0 to 5");
    let none = team.ask(2, "Ann", "assess_self", json!({"skill": "magic", "level": 1})).await;
    refused(none, Code::NotFound, "magic");
}

#[tokio::test]
async fn leader_and_pairs_are_suggested_for_the_next_sprint() {
    let team = Team::new().await;
    let plan = json!({
        "name": "Next", "goal": "", "kind": "internal", "first": "2026-03-09",
        "last": "2026-03-13", "leader": null, "members": ["Ann", "Ben"], "services": ["mail"],
        "target_stage": "ready",
    });
    team.ask(1, "Ann", "plan_sprint", plan).await.unwrap();
    let suggested = async |day: i64| {
        let view = team.ask(day, "Ann", "skills", json!({})).await.unwrap();
        view["suggestion"].clone()
    };
    let first = suggested(1).await;
    assert_eq!(first["sprint"], "Next");
    assert_eq!(first["needed"], json!(["pipeline", "talk"]), "of the open checks until ready");
    assert_eq!(first["mandatory"], json!(["pipeline"]));
    assert_eq!(first["leader"]["eligible"], json!([]));
    assert_eq!(first["leader"]["nearest"].as_array().unwrap().len(), 2);
    let support = &first["pairs"]["best"]["groups"][0]["support"][0];
    assert_eq!((&support["skill"], &support["person"]), (&json!("pipeline"), &Value::Null));
    for (day, service) in [(2, "cart"), (3, "ledger")] {
        team.passes(day, "Ann", (service, "A-1"), &[]).await.unwrap();
        team.confirm(day, "Ben", service).await.unwrap();
    }
    let then = suggested(4).await;
    assert_eq!(then["leader"]["eligible"][0]["person"]["name"], "Ann");
    assert_eq!(then["leader"]["eligible"][0]["total"], 1.0, "fresh 1, nothing else");
    assert_eq!(then["leader"]["one_step_away"][0]["person"]["name"], "Ben");
    assert_eq!(then["pairs"]["best"]["groups"][0]["support"], json!([]));
    let unwilling = json!({"person": "Ann", "willing": false});
    team.ask(4, "Ann", "describe_person", unwilling).await.unwrap();
    assert_eq!(suggested(4).await["leader"]["eligible"], json!([]), "a hard constraint");
}

#[tokio::test]
async fn what_is_said_of_a_pair_binds_every_plan() {
    let team = Team::new().await;
    for person in ["Cid", "Dot"] {
        team.ask(1, "Ann", "add_person", json!({"name": person})).await.unwrap();
    }
    let wish = async |one: &str, other: &str, wish: &str| {
        let wish = json!({"person": one, "with": other, "wish": wish});
        team.ask(2, "Ann", "wish_pair", wish).await
    };
    let suggestion = async || {
        let view = team.ask(2, "Ann", "skills", json!({})).await.unwrap();
        view["suggestion"].clone()
    };
    let names = |people: &Value| -> Vec<String> {
        let people = people.as_array().unwrap().iter();
        let mut names: Vec<String> =
            people.map(|one| one["name"].as_str().unwrap().to_owned()).collect();
        names.sort();
        names
    };
    let paired = |suggestion: &Value, one: &str, other: &str| {
        let groups = suggestion["pairs"]["best"]["groups"].as_array().unwrap();
        groups.iter().any(|group| names(&group["people"]) == [one, other])
    };
    // Nobody knows anything yet, so each pair is as good as another: whichever stands is refused.
    let before = suggestion().await;
    assert_eq!(before["wishes"], json!([]));
    let first = names(&before["pairs"]["best"]["groups"][0]["people"]);
    let (one, other) = (first[0].as_str(), first[1].as_str());
    wish(one, other, "forbidden").await.unwrap();
    let after = suggestion().await;
    assert!(!paired(&after, one, other), "{after}");
    assert_eq!(
        (&after["wishes"][0]["wish"], names(&after["wishes"][0]["people"])),
        (&json!("forbidden"), first.clone())
    );
    // The other way round it is the same pair.
    wish(other, one, "locked").await.unwrap();
    let locked = suggestion().await;
    assert!(paired(&locked, one, other));
    assert_eq!(locked["wishes"].as_array().unwrap().len(), 1);
    // Of four people nobody can be in two pairs.
    let third =
        ["Ann", "Ben", "Cid", "Dot"].into_iter().find(|it| !first.iter().any(|name| name == it));
    wish(one, third.unwrap(), "locked").await.unwrap();
    let stuck = suggestion().await;
    assert_eq!(stuck["pairs"], Value::Null);
    assert!(stuck["note"].as_str().unwrap().contains("No plan meets"), "{stuck}");
    wish(one, third.unwrap(), "free").await.unwrap();
    assert!(paired(&suggestion().await, one, other), "what is free again binds nothing");
    refused(wish("Ann", "ann", "locked").await, Code::ArgumentsInvalid, "two people");
    refused(wish("Ann", "Eve", "locked").await, Code::NotPossible, "from outside");
    refused(wish("Ann", "Nobody", "locked").await, Code::NotFound, "Nobody");
}
