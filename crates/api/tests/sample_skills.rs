//! Who did what in the sample, against the second table of `docs/sample-story.md`, which was worked
//! out by hand from `crates/sample/src/executions.rs`.

#![expect(clippy::unwrap_used, reason = "a step that fails ends the test and says why")]

#[path = "support/story.rs"]
mod story;

use serde_json::{Value, json};
use story::{check, sample};

fn list(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap()
}

fn words(value: &Value) -> String {
    let all = list(value).iter().map(|one| one.as_str().unwrap());
    all.collect::<Vec<_>>().join(", ")
}

fn names(value: &Value) -> String {
    let all = list(value).iter().map(|one| one["name"].as_str().unwrap());
    all.collect::<Vec<_>>().join(", ")
}

fn ratio(figures: &Value) -> String {
    format!(
        "{} of {}, with unconfirmed {} of {}",
        figures["alone"],
        figures["all"],
        figures["alone_with_unconfirmed"],
        figures["all_with_unconfirmed"]
    )
}

#[tokio::test]
async fn skills_say_what_the_table_says() {
    let folder = tempfile::tempdir().unwrap();
    let app = sample(folder.path()).await;
    let view = app.call("skills", json!({})).await.unwrap();
    check("Executions", &view["executions"].to_string());
    check("Not confirmed", &view["unconfirmed"].to_string());
    let levels = |skill: &str| {
        let people = list(&view["people"]).iter();
        let level = |person: &Value| {
            let mut cells = list(&view["levels"]).iter();
            let cell = cells.find(|it| it["skill"] == skill && it["person"] == person["id"])?;
            let (name, words) = (person["name"].as_str()?, cell["words"].as_str()?);
            Some(format!("{name} {words}"))
        };
        people.filter_map(level).collect::<Vec<_>>().join(", ")
    };
    for (figure, skill) in
        [("Manifests", "manifests"), ("Pipeline", "pipeline"), ("Cut-over", "cutover")]
    {
        check(figure, &levels(skill));
    }
    let skills = list(&view["skills"]);
    let mandatory = skills.iter().filter(|skill| skill["mandatory"] == true);
    let coverage = mandatory.map(|skill| {
        format!("{} {}", skill["id"].as_str().unwrap(), list(&skill["holders"]).len())
    });
    check("Coverage", &coverage.collect::<Vec<_>>().join(", "));
    check("Truck factor", &format!("{}: {}", view["truck_factor"], words(&view["weakest"])));
    check("Orphaned", &words(&view["orphaned"]));
    check("Half lost", &view["half_lost"].to_string());
    check("Independence", &ratio(&view["independence"]));
    check("Unaided services", &names(&view["unaided"]));
    for sprint in list(&view["sprints"]) {
        let name = sprint["name"].as_str().unwrap();
        check(&format!("Independence, {name}"), &ratio(&sprint["independence"]));
        let transfer = format!(
            "{} of {} unaided, {} hundredths, {} a service",
            list(&sprint["unaided"]).len(),
            sprint["done"],
            sprint["hours"],
            sprint["hours_per_service"]
        );
        check(&format!("Transfer, {name}"), &transfer);
    }
    let manifests = skills.iter().find(|skill| skill["id"] == "manifests").unwrap();
    let time = list(&manifests["times"]).iter().find(|it| it["person"]["name"] == "Engineer A");
    let time = time.unwrap();
    let told = format!("{} days, {} services", time["working_days"], time["services"]);
    check("Manifests, time of Engineer A", &told);
    // The list behind a level, and a number that the list must have.
    let behind = json!({"person": "Engineer B", "skill": "cutover"});
    let behind = app.call("executions", behind).await.unwrap();
    assert_eq!(behind["total"], 4, "cut-overs by B: days 8, 11, 13 and 17");
    let waiting = app.call("executions", json!({"unconfirmed": true})).await.unwrap();
    assert_eq!(waiting["total"], view["unconfirmed"]);
    app.close().await;
}

#[tokio::test]
async fn progress_tells_the_same_without_names_until_the_programme_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let app = sample(folder.path()).await;
    app.act_as_named("CTO").await.unwrap();
    let transfer = async || {
        let progress = app.call("progress", json!({})).await.unwrap();
        progress["sheet"]["independence"]["transfer"].clone()
    };
    let before = transfer().await;
    check("Independence", &ratio(&before["independence"]));
    let thin = |transfer: &Value| {
        let thin = list(&transfer["thin"]).iter();
        let thin = thin.map(|skill| format!("{} {}", skill["skill"], skill["names"]));
        thin.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(thin(&before), r#""cutover" [] "data" [] "pipeline" [] "rollback" []"#);
    assert!(!before.to_string().contains("Engineer"), "no names: {before}");
    app.call("edit_programme", json!({"names_shown": true})).await.unwrap();
    let after = transfer().await;
    assert_eq!(
        thin(&after),
        r#""cutover" ["Engineer A"] "data" [] "pipeline" ["Engineer B"] "rollback" []"#
    );
    app.close().await;
}
