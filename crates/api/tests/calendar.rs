//! The programme's calendar: entered, refused, taken back, and used by sprints.

#![expect(clippy::unwrap_used, reason = "a step that fails ends the test and says why")]

#[path = "support/clocked.rs"]
mod clocked;

use clocked::Clocked;
use pilotage_api::{ApiError, Code};
use serde_json::{Value, json};

/// Noon of Monday, 2 March 2026, in Berlin.
const NOON: i64 = 1_772_449_200_000;

async fn ask(team: &Clocked, command: &str, argument: Value) -> Result<Value, ApiError> {
    let app = team.at(NOON, "Ann").await;
    let answer = app.call(command, argument).await;
    app.close().await;
    answer
}

async fn calendar(team: &Clocked) -> Value {
    ask(team, "settings", json!({})).await.unwrap()["calendar"].clone()
}

#[tokio::test]
async fn the_calendar_is_entered_used_and_taken_back() {
    let team = Clocked::new(NOON).await;
    let plan =
        json!({"name": "One", "kind": "internal", "first": "2026-03-02", "last": "2026-03-08"});
    ask(&team, "plan_sprint", plan).await.unwrap();
    let days = async || {
        ask(&team, "sprints", json!({})).await.unwrap()["sprints"][0]["working_days"].clone()
    };
    assert_eq!(days().await, 5);
    let before = calendar(&team).await;
    let change = json!({
        "working_days": ["sun", "mon", "tue", "wed"], "day_ends": "16:30",
        "holidays": [{"date": "2026-03-03", "name": "Town fair"}],
        "pauses": [{"from": "2026-04-01", "resumes": null, "reason": "freeze"}],
        "capacity": [{"from": "2026-03-02", "person_days": 2.5}],
    });
    let saved = ask(&team, "edit_calendar", change).await.unwrap();
    assert_eq!(days().await, 3, "Monday, Wednesday, Sunday");
    assert_eq!(
        calendar(&team).await,
        json!({
            "working_days": ["mon", "tue", "wed", "sun"], "day_ends": "16:30",
            "holidays": [{"date": "2026-03-03", "name": "Town fair"}],
            "pauses": [{"from": "2026-04-01", "resumes": null, "reason": "freeze"}],
            "capacity": [{"from": "2026-03-02", "person_days": 2.5}],
        })
    );
    ask(&team, "undo", json!({"batch": saved["batch"]})).await.unwrap();
    assert_eq!(calendar(&team).await, before);
    assert_eq!(days().await, 5);
}

#[tokio::test]
async fn what_is_no_calendar_is_refused() {
    let team = Clocked::new(NOON).await;
    let before = calendar(&team).await;
    for change in [
        json!({"working_days": []}),
        json!({"working_days": ["someday"]}),
        json!({"day_ends": "late"}),
        json!({"holidays": [{"date": "soon", "name": ""}]}),
        json!({"pauses": [{"from": "2026-03-05", "resumes": "2026-03-05", "reason": ""}]}),
        json!({"capacity": [{"from": "2026-03-05", "person_days": -1}]}),
        json!({"holidays": [{"date": "2026-03-05", "name": "x"}], "no_pauses": ["never"]}),
    ] {
        let error = ask(&team, "edit_calendar", change.clone()).await.unwrap_err();
        assert_eq!(error.code, Code::ArgumentsInvalid, "{change}");
    }
    assert_eq!(calendar(&team).await, before);
}
