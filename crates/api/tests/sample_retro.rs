//! The sample's retrospectives, against the table in `docs/sample-story.md`, which was worked out by
//! hand from `crates/sample/src/platform.rs`.

#![expect(clippy::unwrap_used, reason = "a step that fails ends the test and says why")]

#[path = "support/story.rs"]
mod story;

use serde_json::{Value, json};
use story::{check, sample};

fn figure<'a>(document: &'a Value, id: &str) -> &'a Value {
    let sections = document["facts"]["sections"].as_array().unwrap();
    let mut figures = sections.iter().flat_map(|section| section["figures"].as_array().unwrap());
    figures.find(|figure| figure["id"] == id).unwrap()
}

fn texts(list: &Value, told: impl Fn(&Value) -> String) -> String {
    list.as_array().unwrap().iter().map(told).collect::<Vec<_>>().join("; ")
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_retrospectives_say_what_the_table_says() {
    let folder = tempfile::tempdir().unwrap();
    let app = sample(folder.path()).await;
    let document = async |sprint: &str| {
        app.call("retro", json!({ "sprint": sprint })).await.unwrap()["document"].clone()
    };
    for sprint in ["Ten into the pipeline", "Six alone"] {
        let document = document(sprint).await;
        assert_eq!((&document["frozen"], &document["closed"]), (&json!(true), &json!(true)));
        assert_eq!(document["later_corrections"], 0, "{sprint}");
        for (name, id) in [
            ("planned", "2.1/planned"),
            ("done", "2.1/done"),
            ("carried", "2.1/carried"),
            ("blocked", "2.4/blocked"),
            ("done again", "2.5/redo"),
        ] {
            check(&format!("{sprint}, {name}"), &text(&figure(&document, id)["value"]));
        }
        let mut times: Vec<String> = figure(&document, "2.3/cycle-times")["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| text(&item["text"]))
            .collect();
        times.sort();
        check(&format!("{sprint}, cycle times"), &times.join("; "));
        assert_eq!(document["notes"].as_array().unwrap().len(), 4, "{sprint}");
    }
    let second = document("Six alone").await;
    let outcomes = texts(&second["open_actions"], |action| {
        format!("{}: {}", text(&action["text"]), text(&action["outcome"]))
    });
    check("Six alone, outcomes", &outcomes);
    let third = document("Over to production").await;
    assert_eq!(third["frozen"], false, "it runs");
    let waiting = texts(&third["open_actions"], |action| {
        format!("{}, carried {}", text(&action["text"]), action["carried"])
    });
    check("Over to production, waiting", &waiting);
    check("Over to production, blocked", &text(&figure(&third, "2.4/blocked")["value"]));
    for (name, metric) in [
        ("Blocked hours, before and after", "blocked_hours"),
        ("Services that fell back, before and after", "regressions"),
    ] {
        let effects = third["facts"]["effects"].as_array().unwrap();
        let effect = effects.iter().find(|effect| effect["metric"]["id"] == metric).unwrap();
        let side = |side: &str| format!("{} of {}", effect[side]["value"], effect[side]["n"]);
        let moved = text(&effect["moved"]);
        check(name, &format!("{}, {}, {moved}", side("before"), side("after")));
    }
    let all = &third["follow_through"];
    check(
        "Follow-through",
        &format!("{} of {} done, {} carried", all["done"], all["agreed"], all["carried"]),
    );
    app.close().await;
}
