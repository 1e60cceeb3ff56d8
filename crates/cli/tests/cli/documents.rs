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
