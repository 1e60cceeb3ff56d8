//! Commands through standard input, and several programs that write at the same time.

use crate::place::Place;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Programs that write at the same time.
const WRITERS: usize = 4;
/// Writes of each.
const WRITES: usize = 250;

fn lines(run: &str) -> Vec<Value> {
    run.lines().map(|line| serde_json::from_str(line).expect("JSON a line")).collect()
}

#[test]
fn each_line_is_answered() {
    let place = Place::with_shop();
    let input = [
        r#"{"command": "services"}"#,
        "",
        r#"{"command": "attest", "argument": {"service": "shop", "check": "DI-01", "result": "pass"}}"#,
        r#"{"command": "attest", "argument": {"service": "shop", "check": "ZZ-01", "result": "pass"}}"#,
        r#"{"command": "attest", "argument": {"service": "shop"}}"#,
        r#"{"command": "drop_tables"}"#,
        r#"{"command": "services", "arguments": {}}"#,
        "not json \u{1b}[31m",
        r#"{"command": "choose_import"}"#,
        r#"{"command": "session", "argument": null}"#,
    ];
    let run = place.feed(&["batch"], &input.join("\n"));
    assert_eq!((run.exit, run.err.as_str()), (1, ""), "some were refused");
    let answers = lines(&run.out);
    let codes: Vec<(u64, &str)> = answers
        .iter()
        .map(|answer| {
            let code = answer["error"]["code"].as_str().unwrap_or("done");
            (answer["line"].as_u64().unwrap(), code)
        })
        .collect();
    assert_eq!(
        codes,
        [
            (1, "done"),
            (3, "done"),
            (4, "not_found"),
            (5, "arguments_invalid"),
            (6, "command_unknown"),
            (7, "arguments_invalid"),
            (8, "arguments_invalid"),
            (9, "done"),
            (10, "done"),
        ]
    );
    assert_eq!(answers[0]["answer"]["rows"].as_array().unwrap().len(), 4);
    assert_eq!(place.row("shop")["progress"]["passed"], 1);
    assert_eq!(place.feed(&["batch"], "").exit, 0, "nothing to do is done");
}

/// What was acknowledged is in the log, once, and the log has no gap.
#[test]
fn four_programs_write_at_the_same_time() {
    let place = Place::with_programme();
    let services: Vec<String> = (0..WRITERS).map(|writer| format!("service-{writer}")).collect();
    let compose: String =
        services.iter().map(|name| format!("  {name}:\n    build: ./{name}\n")).collect();
    place.file("compose.yml", format!("services:\n{compose}"));
    place.json(&["import", "compose.yml"]);
    let before = place.json(&["export"])["log"].as_array().unwrap().len();

    let runs: Vec<_> = std::thread::scope(|scope| {
        let started: Vec<_> = services
            .iter()
            .enumerate()
            .map(|(writer, service)| {
                let person = if writer % 2 == 0 { "Ann" } else { "Ben" };
                let input: String = (0..WRITES)
                    .map(|write| {
                        let argument = json!({
                            "service": service,
                            "check": if write % 2 == 0 { "DI-01" } else { "DI-02" },
                            "result": "pass",
                            "note": format!("{service} {write}"),
                        });
                        json!({ "command": "attest", "argument": argument }).to_string() + "\n"
                    })
                    .collect();
                let place = &place;
                scope.spawn(move || place.feed(&["batch", "--as", person], &input))
            })
            .collect();
        started.into_iter().map(|thread| thread.join().unwrap()).collect()
    });

    let mut acknowledged = BTreeSet::new();
    for run in &runs {
        assert_eq!((run.exit, run.err.as_str()), (0, ""), "no write fails: {:.500}", run.out);
        for answer in lines(&run.out) {
            assert!(answer["answer"]["batch"].is_string(), "saved: {answer}");
            let id = answer["answer"]["id"].as_str().expect("an id");
            assert!(acknowledged.insert(id.to_owned()), "each has an id of its own");
        }
    }
    assert_eq!(acknowledged.len(), WRITERS * WRITES);

    let export = place.json(&["export"]);
    let log = export["log"].as_array().unwrap();
    assert_eq!(log.len(), before + WRITERS * WRITES, "one batch a write, and no other");
    let mut sequences: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
    let mut missing = acknowledged;
    for line in log {
        let sequence = line["batch"]["s"].as_u64().expect("a sequence");
        sequences.entry(line["device"].as_str().unwrap()).or_default().push(sequence);
        for operation in line["batch"]["o"].as_array().expect("operations") {
            missing.remove(operation["e"].as_str().expect("an entity"));
        }
    }
    assert_eq!(missing, BTreeSet::new(), "every acknowledged write is in the log");
    for (device, mut found) in sequences {
        found.sort_unstable();
        let expect: Vec<u64> = (1..=found.len() as u64).collect();
        assert_eq!(found, expect, "device {device} has every sequence once");
    }
    assert_eq!(export["programme"]["workspace"]["quarantined"], 0);
    for service in &services {
        assert_eq!(place.row(service)["progress"]["passed"], 2, "{service}");
    }
}
