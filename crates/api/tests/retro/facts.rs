//! Facts: counted, frozen at a position of the log, and never changed by what arrives later; the
//! document's forms; a metric before and after.

use super::team::{Team, figure};
use pilotage_api::Code;
use serde_json::{Value, json};

#[tokio::test]
async fn facts_count_what_the_log_says() {
    let team = Team::new().await;
    let retro = team.retro(6, "One").await;
    let check = |id: &str, expect: &str| assert_eq!(figure(&retro, id), expect, "{id}");
    check("2.1/planned", "2");
    check("2.1/added", "1");
    check("2.1/removed", "0");
    check("2.1/done", "1");
    check("2.1/carried", "2");
    check("2.1/regressed", "0");
    check("2.3/cycle-times", "1");
    // From noon of the 3rd to noon of the 5th.
    check("2.4/blocked", "48 h, once");
    check("2.5/redo", "1");
    let sections = retro["document"]["facts"]["sections"].as_array().unwrap();
    let numbers: Vec<&str> = sections.iter().map(|s| s["number"].as_str().unwrap()).collect();
    assert_eq!(numbers, ["2.1", "2.2", "2.3", "2.4", "2.5", "2.6", "2.7", "2.8", "2.9"]);
    for (number, why) in [("2.7", "forecast"), ("2.8", "rollout")] {
        let section = sections.iter().find(|section| section["number"] == number).unwrap();
        let said = section["not_observed"].as_str().unwrap();
        assert!(said.contains(why), "{number}: {said}");
    }
    let planned = team.retro(6, "Two").await;
    let sections = planned["document"]["facts"]["sections"].as_array().unwrap();
    assert!(sections.iter().all(|section| section["not_observed"].is_string()), "not started");
}

#[tokio::test]
async fn frozen_facts_stay_and_later_entries_are_counted() {
    let team = Team::new().await;
    team.edit(6, "One", json!({"step": "facts"})).await;
    let before = team.retro(6, "One").await["document"].clone();
    assert_eq!((&before["frozen"], &before["later_corrections"]), (&json!(true), &json!(0)));
    team.mistaken(8).await;
    team.ok(8, "edit_programme", json!({"time_zone": "Pacific/Auckland"})).await;
    let after = team.retro(9, "One").await["document"].clone();
    assert_eq!(after["facts"], before["facts"], "the text stays");
    assert_eq!(after["later_corrections"], 1);
    assert_eq!(after["position"], before["position"]);
    // The control: another retrospective that is not frozen knows it.
    let other = Team::new().await;
    let before = other.retro(6, "One").await["document"]["facts"].clone();
    other.mistaken(8).await;
    other.ok(8, "edit_programme", json!({"time_zone": "Pacific/Auckland"})).await;
    assert_ne!(other.retro(9, "One").await["document"]["facts"], before);
}

#[tokio::test]
async fn a_doubt_leaves_the_fact_as_it_is() {
    let team = Team::new().await;
    team.edit(6, "One", json!({"step": "facts"})).await;
    let doubt = |comment: &str| json!({"doubt": {"figure": "2.1/done", "comment": comment}});
    team.edit(6, "One", doubt("mail was done, too")).await;
    let retro = team.retro(6, "One").await;
    assert_eq!(figure(&retro, "2.1/done"), "1");
    assert_eq!(retro["document"]["doubts"][0]["by"]["name"], "Ann");
    team.edit(6, "One", doubt("")).await;
    assert_eq!(team.retro(6, "One").await["document"]["doubts"], json!([]));
}

#[tokio::test]
async fn the_forms_hold_the_same_and_json_reads_back() {
    let team = Team::new().await;
    team.edit(6, "One", json!({"present": ["Ann", "Ben"], "step": "notes"})).await;
    team.ok(6, "write_note", json!({"sprint": "One", "text": "<b>rules</b>", "column": "lacked"}))
        .await;
    team.ok(6, "reveal_notes", json!({"sprint": "One"})).await;
    let ratings = json!({"return_on_time": [0, 0, 0, 1, 1], "kudos": {"person": "Ben", "reason": "for help"}});
    team.edit(6, "One", ratings).await;
    let too_many = json!({"sprint": "One", "confidence": [1, 1, 1, 0, 0]});
    team.refused(6, "edit_retro", too_many, Code::NotPossible, "3 answers").await;
    let text = async |format: &str, at: Value| {
        let request = json!({"sprint": "One", "format": format, "at": at});
        let report = team.ok(30, "retro_report", request).await;
        report["text"].as_str().unwrap().to_owned()
    };
    let (md, html) = (text("md", Value::Null).await, text("html", Value::Null).await);
    for part in
        ["1 Open actions", "2.4 Blockers", "3 Notes", "Lacked", "1 × 4, 1 × 5", "Ben: for help"]
    {
        assert!(md.contains(part), "{part} in {md}");
        assert!(html.contains(part), "{part} in {html}");
    }
    assert!(html.contains("&lt;b&gt;rules") && !html.contains("<b>rules"), "text stays text");
    let json = text("json", Value::Null).await;
    for (form, told) in [("md", &md), ("html", &html), ("json", &json)] {
        let read = team.ok(30, "read_retro", json!({"text": json, "format": form})).await;
        assert_eq!(read["text"].as_str().unwrap(), told, "{form}: nothing is lost");
    }
    // As it was known before anybody had written.
    let early = text("md", json!("2026-03-05")).await;
    assert!(early.contains("Sprint still running") && !early.contains("rules"), "{early}");
    let request = json!({"sprint": "One", "format": "md", "at": "2026-03-04"});
    let sprint = team.ok(30, "sprint_report", request).await["text"].as_str().unwrap().to_owned();
    assert!(sprint.contains("0 of 3 services") && sprint.contains("2026-03-04"), "{sprint}");
    let request = json!({"sprint": "One", "format": "csv"});
    let sprint = team.ok(30, "sprint_report", request).await["text"].as_str().unwrap().to_owned();
    assert!(
        sprint.starts_with("service,stage") && sprint.contains("\r\ncart,live,live,true"),
        "{sprint}"
    );
}

#[tokio::test]
async fn an_action_with_a_metric_shows_before_and_after() {
    let team = Team::new().await;
    let action = json!({
        "sprint": "One", "text": "Ask for rules on day one", "owner": "Ann",
        "seen_by": "fewer hours blocked", "metric": "blocked_hours", "direction": "down",
    });
    team.ok(6, "agree_action", action).await;
    team.turn(9, "Two", "start").await;
    let blocker = json!({"service": "mail", "reason": "No rule", "waiting_for": "Security"});
    let blocker = team.ok(10, "open_blocker", blocker).await["id"].clone();
    team.ok(11, "close_blocker", json!({"blocker": blocker, "note": "there"})).await;
    team.turn(13, "Two", "end").await;
    let effects = team.retro(13, "Two").await["document"]["facts"]["effects"].clone();
    let effect = &effects[0];
    assert_eq!((&effect["before"]["value"], &effect["before"]["n"]), (&json!(48), &json!(3)));
    assert_eq!((&effect["after"]["value"], &effect["after"]["n"]), (&json!(24), &json!(2)));
    assert_eq!(effect["moved"], "as hoped");
    let text = team.ok(13, "retro_report", json!({"sprint": "Two", "format": "md"})).await;
    assert!(text["text"].as_str().unwrap().contains("no cause is claimed"), "{text}");
    assert_eq!(team.retro(13, "One").await["document"]["facts"]["effects"], json!([]), "not yet");
}
