//! Reports and exports in files.

use crate::place::{Place, keys};
use serde_json::Value;

#[test]
fn a_file_is_written_whole_in_the_form_its_ending_says() {
    let place = Place::with_shop();
    for (file, begins) in [
        ("r.md", "# Shop: progress"),
        ("r", "# Shop: progress"),
        ("r.html", "<!doctype html>"),
        ("r.json", "{"),
        ("r.csv", "service,class,"),
    ] {
        place.file(file, "what was there before, which was longer than the report".repeat(2_000));
        let written = place.json(&["report", "progress", "--output", file]);
        assert_eq!(keys(&written), ["bytes", "file"]);
        let text = std::fs::read_to_string(place.path().join(file)).unwrap();
        assert!(text.starts_with(begins), "{file}: {text:.60}");
        assert_eq!(written["bytes"], text.len(), "{file}");
    }
    place.json(&["report", "progress", "--format", "csv", "--output", "r.html"]);
    let text = std::fs::read_to_string(place.path().join("r.html")).unwrap();
    assert!(text.starts_with("service,class,"), "--format wins over the ending");
    let left: Vec<String> = std::fs::read_dir(place.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with(".pilotage-"))
        .collect();
    assert_eq!(left, Vec::<String>::new(), "nothing is left aside");
}

#[test]
fn the_export_holds_everything_and_no_path() {
    let place = Place::with_shop();
    place.json(&["export", "--output", "e.json"]);
    let text = std::fs::read_to_string(place.path().join("e.json")).unwrap();
    let export: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(export["format"], 1);
    assert_eq!(export["services"].as_array().unwrap().len(), 4);
    assert_eq!(export["dependencies"].as_array().unwrap().len(), 3);
    assert_eq!(export["programme"]["people"].as_array().unwrap().len(), 2);
    let folder = place.path().display().to_string();
    assert!(!text.contains(&folder), "no path of this machine");
    assert!(place.run(&["settings"]).out.contains(&folder), "the control: the path can be found");
    let again = place.json(&["export"]);
    assert_eq!(again["log"], export["log"]);
    assert_eq!(again["state_hash"], export["state_hash"]);
}

#[test]
fn a_report_in_a_named_form_is_text_within_json() {
    let place = Place::with_shop();
    let report = place.json(&["report", "progress", "--format", "csv"]);
    assert_eq!(keys(&report), ["file_name", "text"]);
    let name = report["file_name"].as_str().unwrap().rsplit_once('.');
    assert_eq!(name.map(|(_, ending)| ending), Some("csv"));
    assert!(report["text"].as_str().unwrap().starts_with("service,class,"));
}

#[test]
fn tables_are_exported_by_name() {
    let place = Place::with_shop();
    for (what, begins) in [
        ("services", "name,class,aliases,owner,"),
        ("dependencies", "from,to,kind,"),
        ("checks", "service,check,title,"),
        ("log", "recorded_at,device,sequence,"),
    ] {
        let table = place.run(&["export", "--what", what]).out;
        assert!(table.starts_with(begins), "{what}: {table:.60}");
        assert!(table.lines().count() > 3, "{what}");
        assert!(table.lines().all(|line| !line.starts_with(['=', '+', '-', '@'])), "{what}");
    }
    place.json(&["export", "--output", "s.csv"]);
    let by_ending = std::fs::read_to_string(place.path().join("s.csv")).unwrap();
    assert_eq!(by_ending, place.run(&["export", "--format", "csv"]).out);
    let refused = place.refusal(&["export", "--format", "json", "--what", "log"]);
    assert_eq!(refused["code"], "arguments_invalid");
    assert_eq!(keys(&place.json(&["export", "--what", "log"])), ["file_name", "text"]);
}

#[test]
fn a_programme_is_made_again_from_its_export() {
    let place = Place::with_shop();
    place.json(&["check", "attest", "shop", "DI-01", "--note", "bell \u{7} and é"]);
    place.json(&["export", "--output", "e.json"]);
    let read = |name: &str| -> Value {
        serde_json::from_slice(&std::fs::read(place.path().join(name)).unwrap()).unwrap()
    };
    let second = |words: &[&str]| {
        let mut words = words.to_vec();
        words.extend(["--workspace", "second.pilotage", "--data-folder", "second"]);
        place.run(&words)
    };
    assert_eq!(second(&["init", "--from", "e.json", "--name", "x"]).exit, 2, "it has its name");
    assert_eq!(second(&["init", "--from", "compose.yml"]).exit, 2);
    assert!(!place.path().join("second.pilotage").exists(), "a refusal leaves nothing");
    let made = second(&["init", "--from", "e.json"]);
    assert_eq!(made.exit, 0, "{}", made.err);
    assert!(made.out.starts_with("Made Shop at"), "{}", made.out);
    second(&["export", "--output", "again.json"]);
    let (mut first, mut again) = (read("e.json"), read("again.json"));
    assert_eq!(first["state_hash"], again["state_hash"]);
    first["exported_at"] = Value::Null;
    again["exported_at"] = Value::Null;
    // Moments pass between the two: what counts days may differ only where a day has passed.
    assert_eq!(first, again);
    let merged = place.json(&["import", "e.json"]);
    assert_eq!((&merged["format"], &merged["log"]["new"]), (&"pilotage".into(), &0.into()));
    let other = Place::with_programme();
    std::fs::copy(place.path().join("e.json"), other.path().join("e.json")).unwrap();
    let refused = other.refusal(&["import", "e.json"]);
    assert_eq!(refused["params"]["reason"], "other_programme");
    let into = other.refusal(&["init", "--from", "e.json"]);
    assert_eq!(into["code"], "workspace_exists");
}
