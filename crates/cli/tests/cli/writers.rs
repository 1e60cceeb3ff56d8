//! Commands through standard input, and several programs that write at the same time.

use crate::place::Place;
use serde_json::{Value, json};
use std::collections::BTreeMap;

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

/// Days that all differ, so that each is a write.
fn day(write: usize) -> String {
    format!("{}-{:02}-{:02}", 2030 + write / 336, 1 + write / 28 % 12, 1 + write % 28)
}

fn orders(service: &str) -> String {
    (0..WRITES)
        .map(|write| {
            let edit = json!({ "field": "target_date", "value": day(write) });
            let argument = json!({ "service": service, "edit": edit });
            json!({ "command": "edit_service", "argument": argument }).to_string() + "\n"
        })
        .collect()
}

/// What was acknowledged is in the log, under the number that was acknowledged, and the log has no
/// gap.
#[test]
fn four_programs_write_at_the_same_time() {
    let place = Place::with_programme();
    let services: Vec<String> = (0..WRITERS).map(|writer| format!("service-{writer}")).collect();
    let builds: serde_json::Map<String, Value> =
        services.iter().map(|name| (name.clone(), json!({ "build": "." }))).collect();
    // JSON is YAML.
    place.file("compose.yml", json!({ "services": builds }).to_string());
    place.json(&["import", "compose.yml"]);
    let before = place.json(&["export"])["log"].as_array().unwrap().len();

    let runs: Vec<_> = std::thread::scope(|scope| {
        let place = &place;
        let start = |(writer, service): (usize, &String)| {
            let person = if writer % 2 == 0 { "Ann" } else { "Ben" };
            let input = orders(service);
            scope.spawn(move || place.feed(&["batch", "--as", person], &input))
        };
        let started: Vec<_> = services.iter().enumerate().map(start).collect();
        started.into_iter().map(|thread| thread.join().unwrap()).collect()
    });

    // Which service got which day, by what was acknowledged: `device:n-n`.
    let mut acknowledged = BTreeMap::new();
    for (service, run) in services.iter().zip(&runs) {
        assert_eq!((run.exit, run.err.as_str()), (0, ""), "no write fails: {:.500}", run.out);
        let answers = lines(&run.out);
        assert_eq!(answers.len(), WRITES);
        let id = place.row(service)["id"].as_str().unwrap().to_owned();
        for (write, answer) in answers.iter().enumerate() {
            let action = answer["answer"]["batch"].as_str().expect("saved").to_owned();
            let twice = acknowledged.insert(action, (id.clone(), day(write)));
            assert_eq!(twice, None, "each has a number of its own");
        }
        let last = place.row(service)["target_date"].clone();
        assert_eq!(last, day(WRITES - 1), "{service}");
    }

    let export = place.json(&["export"]);
    let log = export["log"].as_array().unwrap();
    assert_eq!(log.len(), before + WRITERS * WRITES, "one batch a write, and no other");
    let mut sequences: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
    for line in log {
        let (device, sequence) =
            (line["device"].as_str().unwrap(), line["batch"]["s"].as_u64().unwrap());
        sequences.entry(device).or_default().push(sequence);
        if let Some((service, day)) =
            acknowledged.remove(&format!("{device}:{sequence}-{sequence}"))
        {
            let write = &line["batch"]["o"][0];
            assert_eq!(
                (&write["e"], &write["x"]),
                (&service.into(), &day.into()),
                "as acknowledged"
            );
        }
    }
    assert_eq!(acknowledged, BTreeMap::new(), "every acknowledged write is in the log");
    assert_eq!(sequences.len(), 1, "four programs on one device write one log");
    for (device, mut found) in sequences {
        found.sort_unstable();
        let expect: Vec<u64> = (1..=found.len() as u64).collect();
        assert_eq!(found, expect, "device {device} has every sequence once");
    }
    assert_eq!(export["programme"]["workspace"]["quarantined"], 0);
}
