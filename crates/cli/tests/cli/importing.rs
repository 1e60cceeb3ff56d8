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

const CATALOGUE: &str = "apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: shop}
spec: {type: website, owner: team-blue, dependsOn: ['component:orders']}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: orders}
spec: {type: service}
";

#[test]
fn every_format_is_recognised_or_stated() {
    let place = Place::with_shop();
    place.file("catalog-info.yaml", CATALOGUE);
    place.file("services.csv", "name;owner\nshop;Ann\nnew;Ben\n");
    place.file("plain.txt", "name\nshop\n");
    std::fs::create_dir(place.path().join("k8s")).unwrap();
    place.file("k8s/a.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: orders}\n");
    let check = |words: &[&str], format: &str, counts: (u64, u64, u64)| {
        let report = place.json(&[&["import"], words, &["--dry-run"]].concat());
        let count = |name: &str| report[name].as_u64().unwrap();
        assert_eq!(report["format"], format, "{words:?}");
        let seen = (count("created"), count("updated"), count("unchanged"));
        assert_eq!(seen, counts, "{words:?}: {report}");
    };
    check(&["compose.yml"], "compose", (0, 0, 4));
    check(&["catalog-info.yaml"], "backstage", (0, 1, 1));
    check(&["services.csv"], "csv", (1, 1, 0));
    check(&["k8s"], "manifests", (0, 0, 1));
    check(&["plain.txt", "--format", "csv"], "csv", (0, 0, 1));
    let refused = place.refusal(&["import", "plain.txt", "--format", "manifests"]);
    assert_eq!(refused["params"]["reason"], "not_of_format");
    let mixed = place.refusal(&["import", "compose.yml", "services.csv"]);
    assert_eq!(mixed["params"]["reason"], "formats_mixed");
    assert_eq!(place.run(&["import", "x", "--format", "word"]).exit, 2);
}

#[test]
fn differing_fields_are_taken_by_name_or_all() {
    let place = Place::with_programme();
    place.file("a.csv", "name,class,target_date\na.b,service,2027-01-01\nc,service,\n");
    place.json(&["import", "a.csv"]);
    place.json(&["service", "a.b", "--class", "platform", "--target-date", "2027-05-05"]);
    place.json(&["service", "c", "--class", "platform"]);
    let report = place.json_ending(&["import", "a.csv"], 1);
    assert_eq!(report["differs"], 2);
    let refused = place.refusal(&["import", "a.csv", "--take", "a.b.owner"]);
    assert_eq!(refused["code"], "arguments_invalid");
    let said = refused["message"].as_str().unwrap();
    assert!(said.contains("a.b.class, a.b.target_date, c.class"), "{said}");
    let report = place.json_ending(&["import", "a.csv", "--take", "a.b.class"], 1);
    assert_eq!(report["differs"], 2, "the date and c still differ");
    assert_eq!(place.row("a.b")["class"], "service");
    assert_eq!(place.row("a.b")["target_date"], "2027-05-05");
    let report = place.json(&["import", "a.csv", "--take", "all"]);
    assert_eq!((&report["differs"], &report["updated"]), (&0.into(), &2.into()));
    assert_eq!(place.row("a.b")["target_date"], "2027-01-01");
    place.json(&["undo"]);
    assert_eq!(place.row("a.b")["target_date"], "2027-05-05", "taken fields are undone, too");
}

#[test]
fn columns_are_mapped_by_title() {
    let place = Place::with_programme();
    place.file("a.csv", "What,A=B,Size\npay,Ann,M\n");
    let run = place.run(&["import", "a.csv", "--dry-run"]);
    assert_eq!(run.exit, 1);
    assert!(run.out.contains("Columns left out") && run.out.contains("What, A=B"), "{}", run.out);
    place.json(&["import", "a.csv", "--map", "what=name", "--map", "A=B=owner", "--map", "Size="]);
    let table = place.run(&["export", "--format", "csv"]).out;
    assert!(table.contains("\r\npay,service,,Ann,"), "{table}");
    for (word, says) in
        [("What", "no `=`"), ("What=stage", "not known"), ("Nope=name", "No column is called")]
    {
        let refused = place.refusal(&["import", "a.csv", "--map", word]);
        assert!(refused["message"].as_str().unwrap().contains(says), "{refused}");
    }
}

#[test]
fn the_template_can_be_filled_in_and_imported() {
    let place = Place::with_programme();
    let run = place.run(&["import", "template"]);
    assert!(run.out.starts_with("name,class,aliases,owner,"), "{}", run.out);
    place.json(&["import", "template", "--output", "t.csv"]);
    assert_eq!(std::fs::read_to_string(place.path().join("t.csv")).unwrap(), run.out);
    let report = place.json(&["import", "t.csv"]);
    assert_eq!((&report["created"], &report["rejected"]), (&1.into(), &0.into()));
    assert_eq!(place.run(&["import"]).exit, 2, "without a file it is no import");
}
