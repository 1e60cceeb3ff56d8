//! Imports: first, again, after an edit, dry, and with entries that cannot be taken.

use crate::place::{Place, SHOP};

#[test]
fn a_second_import_changes_nothing() {
    let place = Place::with_shop();
    let before = place.json(&["export"])["state_hash"].clone();
    let again = place.json(&["import", "compose.yml"]);
    assert_eq!((&again["created"], &again["updated"]), (&0.into(), &0.into()));
    assert_eq!(again["unchanged"], 4);
    assert_eq!(again["dependencies"]["unchanged"], 3);
    assert_eq!(again["batch"], serde_json::Value::Null, "no empty action in the log");
    assert_eq!(place.json(&["export"])["state_hash"], before);
    let run = place.run(&["import", "compose.yml"]);
    assert!(
        run.out.starts_with("Nothing had to change: 0 created, 0 updated, 4 unchanged"),
        "{}",
        run.out
    );
    assert!(!run.out.contains("OUTCOME"), "no table of what stayed: {}", run.out);
}

#[test]
fn a_dry_run_saves_nothing() {
    let place = Place::with_programme();
    place.file("compose.yml", SHOP);
    let report = place.json(&["import", "compose.yml", "--dry-run"]);
    assert_eq!((&report["applied"], &report["created"]), (&false.into(), &4.into()));
    assert_eq!(report["token"], serde_json::Value::Null, "nobody could use it");
    assert_eq!(place.json(&["services"]), serde_json::json!([]));
}

#[test]
fn what_somebody_edited_differs_and_is_kept() {
    let place = Place::with_shop();
    place.json(&["service", "db", "--class", "platform"]);
    let report = place.json_ending(&["import", "compose.yml"], 1);
    assert_eq!((&report["differs"], &report["unchanged"]), (&1.into(), &3.into()));
    assert_eq!(place.row("db")["class"], "platform", "the edit stays");
    let run = place.run(&["import", "compose.yml"]);
    assert_eq!(run.exit, 1);
    assert!(run.out.contains("class: here platform, file datastore"), "{}", run.out);
}

#[test]
fn what_cannot_be_taken_is_named_with_its_line() {
    let place = Place::with_programme();
    place
        .file("compose.yml", "services:\n  good:\n    image: a\n  \"ba\\u0007d\":\n    image: b\n");
    let report = place.json_ending(&["import", "compose.yml"], 1);
    assert_eq!((&report["created"], &report["rejected"]), (&1.into(), &1.into()));
    let rejected =
        report["rows"].as_array().unwrap().iter().find(|row| row["outcome"] == "rejected");
    assert_eq!(rejected.unwrap()["line"], 4);
    assert!(
        place.run(&["import", "compose.yml"]).out.contains("compose.yml:4"),
        "the line is shown"
    );
}

#[test]
fn variables_come_from_the_files_named() {
    let place = Place::with_programme();
    place.file(
        "compose.yml",
        "services:\n  a:\n    image: ${IMAGE}\n  b:\n    image: x\n    profiles: [extra]\n",
    );
    place.file("own.env", "IMAGE=registry.example/a:1\n");
    place.json(&["import", "compose.yml", "--env-file", "own.env", "--profile", "other"]);
    assert_eq!(place.json(&["service", "a"])["image"], "registry.example/a:1");
    assert_eq!(place.refusal(&["service", "b"])["code"], "not_found", "its profile was not taken");
}

#[test]
fn an_import_is_undone_whole() {
    let place = Place::with_shop();
    place.json(&["undo"]);
    assert_eq!(place.json(&["services"]), serde_json::json!([]));
}
