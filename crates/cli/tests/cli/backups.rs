//! Backups and recovery, as a person at a terminal meets them.

use crate::place::Place;
use serde_json::Value;

fn listed(place: &Place, member: &str) -> Vec<String> {
    let list = place.json(&["backup", "list"]);
    let backups = list["backups"].as_array().expect("a list").iter();
    backups.map(|backup| backup[member].as_str().expect("a word").to_owned()).collect()
}

#[test]
fn a_backup_is_made_listed_and_restored() {
    let place = Place::with_shop();
    assert!(listed(&place, "name").is_empty(), "four services are a handful");
    let run = place.run(&["backup", "list"]);
    assert!(run.out.starts_with("No backups yet.\nIn "), "{}", run.out);
    place.json(&["backup", "create"]);
    let first = listed(&place, "name");
    assert!(first[0].ends_with("-asked.pilotage"), "{first:?}");
    place.json(&["service", "shop", "--target-date", "2030-01-01"]);
    let answer = place.json(&["backup", "restore", &first[0]]);
    assert!(answer["summary"].as_str().unwrap().contains("is kept as"), "{answer}");
    assert_eq!(place.row("shop")["target_date"], Value::Null, "it is as it was");
    let before = listed(&place, "name");
    assert!(before[0].ends_with("-restore.pilotage"), "{before:?}");
    // Writing goes on, under a new device: the numbers of the old one are taken.
    place.json(&["service", "shop", "--target-date", "2031-01-01"]);
    let log = place.json(&["export"]);
    let devices: std::collections::BTreeSet<&str> = log["log"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["device"].as_str().unwrap())
        .collect();
    assert_eq!(devices.len(), 2, "{devices:?}");
    // And back to what was replaced.
    place.json(&["backup", "restore", &before[0]]);
    assert_eq!(place.row("shop")["target_date"], "2030-01-01");
    assert_eq!(place.refusal(&["backup", "restore", "../p.pilotage"])["code"], "not_found");
    let check = place.json(&["backup", "check"]);
    assert_eq!(check["problems"].as_array().unwrap().len(), 0);
}

#[test]
fn a_large_import_is_preceded_by_a_backup() {
    let place = Place::with_programme();
    let mut compose = "services:\n".to_owned();
    compose.extend((0..6).map(|n| format!("  service-{n}:\n    image: acme/{n}\n")));
    place.file("compose.yml", compose);
    place.json(&["import", "--dry-run", "compose.yml"]);
    assert!(listed(&place, "name").is_empty(), "a dry run changes nothing");
    place.json(&["import", "compose.yml"]);
    assert_eq!(listed(&place, "reason"), ["import"]);
    place.json(&["import", "compose.yml"]);
    assert_eq!(listed(&place, "reason"), ["import"], "nothing is made the second time");
}

#[test]
fn damage_is_found_set_aside_and_repaired() {
    let place = Place::with_shop();
    place.json(&["backup", "create"]);
    place.json(&["service", "shop", "--target-date", "2030-01-01"]);
    let mut bytes = std::fs::read(place.workspace()).unwrap();
    // The list of free pages: nothing reads it until space is needed.
    bytes[32..40].fill(0xff);
    std::fs::write(place.workspace(), &bytes).unwrap();
    let check = place.json_ending(&["backup", "check"], 1);
    assert!(!check["problems"].as_array().unwrap().is_empty(), "{check}");
    let run = place.run(&["services"]);
    assert_eq!(run.exit, 0, "{}", run.err);
    assert!(
        run.err.starts_with("note: The programme's file was damaged and is set aside."),
        "{}",
        run.err
    );
    assert!(run.err.contains("1 action more came from the damaged file. As far as"), "{}", run.err);
    assert!(run.err.contains("p.pilotage-damaged-"), "{}", run.err);
    assert_eq!(place.row("shop")["target_date"], "2030-01-01", "nothing is missing");
    assert_eq!(place.run(&["services"]).err, "", "it is said once");
    // Nothing readable at all: the place is known, the backup is good.
    std::fs::write(place.workspace(), "overwritten by something else").unwrap();
    let run = place.run(&["services"]);
    assert_eq!(run.exit, 0, "{}", run.err);
    assert!(run.err.contains("The backup of "), "{}", run.err);
    assert_eq!(place.json(&["services"]).as_array().unwrap().len(), 4);
}

#[test]
fn a_file_put_back_by_hand_starts_a_new_device() {
    let place = Place::with_shop();
    let old = std::fs::read(place.workspace()).unwrap();
    place.json(&["service", "shop", "--target-date", "2030-01-01"]);
    std::fs::write(place.workspace(), old).unwrap();
    let run = place.run(&["service", "shop", "--target-date", "2031-01-01"]);
    assert_eq!(run.exit, 0, "{}", run.err);
    assert!(run.err.contains("ends 1 action before what this device had saved"), "{}", run.err);
    assert_eq!(place.run(&["services"]).err, "", "it is said once");
    let log = place.json(&["export"]);
    let lines = log["log"].as_array().unwrap();
    let last = lines.last().unwrap();
    assert_ne!(last["device"], lines[0]["device"], "its old number is taken");
}

#[test]
fn cloud_folders_are_refused_with_the_reason() {
    let place = Place::empty();
    let file = place.path().join("OneDrive - Acme/p.pilotage");
    let file = file.to_str().unwrap();
    let error = place.refusal(&["--workspace", file, "init"]);
    assert_eq!(error["code"], "workspace_place");
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("OneDrive") && message.contains("without --workspace"), "{message}");
    assert!(!std::path::Path::new(file).exists(), "nothing was made");
    let other = Place::with_programme();
    std::fs::create_dir(other.path().join("Dropbox")).unwrap();
    let moved = other.path().join("Dropbox/p.pilotage");
    std::fs::rename(other.workspace(), &moved).unwrap();
    let error = other.refusal(&["--workspace", moved.to_str().unwrap(), "services"]);
    assert_eq!(error["code"], "workspace_place", "and none is opened there");
}
