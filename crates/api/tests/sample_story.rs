//! The sample's three sprints on Progress and Sprint, against the table in
//! `docs/sample-story.md`, which was worked out by hand from `crates/sample/src/platform.rs`.

#![expect(clippy::unwrap_used, reason = "a step that fails ends the test and says why")]

#[path = "support/story.rs"]
mod story;

use serde_json::{Value, json};
use story::{check, sample};

fn numbers(list: &Value, field: &str) -> String {
    let list = list.as_array().unwrap();
    list.iter().map(|row| row[field].to_string()).collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn progress_and_sprint_say_what_the_table_says() {
    let folder = tempfile::tempdir().unwrap();
    let app = sample(folder.path()).await;
    let progress = app.call("progress", json!({})).await.unwrap();
    let (outlook, sheet) = (&progress["outlook"], &progress["sheet"]);
    check("Services in scope", &outlook["scope"].to_string());
    check("Remaining", &outlook["remaining"].to_string());
    check("Day 1", outlook["day_one"].as_str().unwrap());
    check("Mode", outlook["basis"]["mode"].as_str().unwrap());
    check("Sample", &numbers(&outlook["basis"]["sample"], "done"));
    check("Regressions in the sample", &outlook["basis"]["regressions"].to_string());
    check("Additions in the sample", &outlook["basis"]["additions"].to_string());
    check("Dispersion", &outlook["basis"]["dispersion"].to_string());
    check("Done while an expert led", &sheet["independence"]["led"].to_string());
    check("Done without", &sheet["independence"]["unled"].to_string());
    check("Regressions", &sheet["health"]["regressions"].to_string());
    check("Open regressions", &sheet["health"]["open"].to_string());
    check("Waits for", sheet["needs"][0]["owner"].as_str().unwrap());
    check("Days waited", &sheet["needs"][0]["days"].to_string());
    for row in sheet["classes"].as_array().unwrap() {
        let class = row["class"].as_str().unwrap();
        check(class, &format!("{} of {}", row["done"], row["total"]));
    }
    let cost = sheet["needs"][0]["cost_days"].as_i64().unwrap();
    assert!(cost > 0, "waiting costs days: {cost}");
    // The same question asked as "what if", and its control: nothing supposed moves nothing.
    let supposed = async |what: Value| app.call("what_if", what).await.unwrap();
    let dropped = supposed(json!({"without": ["kyc-check"]})).await;
    assert_eq!(dropped["moved"].as_i64(), Some(-cost), "{dropped}");
    assert_eq!(supposed(json!({})).await["moved"], 0);
    let paused = json!({"pause_from": "2026-11-30", "pause_until": "2026-12-07"});
    assert_eq!(supposed(paused).await["moved"], 5, "a week without work");
    let more = supposed(json!({"scope": 3, "capacity": 50})).await["moved"].as_i64();
    assert!(more > Some(0), "{more:?}");
    let levels = outlook["levels"].as_array().unwrap();
    let days = levels.iter().map(|level| level["working_days"].as_u64().unwrap());
    assert!(days.is_sorted() && levels.len() == 4, "{levels:?}");

    for (name, kind) in [
        ("Ten into the pipeline", "expert-led"),
        ("Six alone", "regular"),
        ("Over to production", "internal"),
    ] {
        let sprint = app.call("sprint", json!({"sprint": name})).await.unwrap();
        let row = &sprint["sprint"];
        let found = format!(
            "{}, {}, {} to {}, {} of {}",
            row["kind"].as_str().unwrap(),
            row["state"].as_str().unwrap(),
            row["first"].as_str().unwrap(),
            row["last"].as_str().unwrap(),
            row["reached"],
            row["planned"]
        );
        assert!(found.starts_with(kind), "{found}");
        check(name, &found);
        check(&format!("{name}, day by day"), &numbers(&sprint["burn_up"], "reached"));
    }
    app.close().await;
}
