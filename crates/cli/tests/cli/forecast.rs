//! `forecast` on a file, without a programme.

use crate::place::{Place, keys};
use serde_json::{Value, json};

/// Example A of the engine's golden examples.
const COUNTS: &str = "1 2 2 2 3\n1\t1 2\r\n\n1 1\n";

fn place() -> Place {
    let place = Place::empty();
    place.file("counts.txt", COUNTS);
    place
}

fn words<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let mut words = vec!["forecast", "--throughput", "counts.txt"];
    words.extend(more);
    words
}

fn numbers(value: &Value) -> Vec<i64> {
    ["50", "70", "85", "95"].iter().filter_map(|level| value[level].as_i64()).collect()
}

#[test]
fn it_answers_dates_and_counts_without_a_programme() {
    let place = place();
    let asked = words(&["--remaining", "60", "--start", "2026-03-07", "--horizon", "10"]);
    let answer = place.json(&asked);
    assert_eq!(answer["start"], "2026-03-09", "a Saturday is moved to Monday");
    let near = |found: &[i64], expect: [i64; 4], reach: i64| {
        assert_eq!(found.len(), 4, "{answer}");
        for (found, expect) in found.iter().zip(expect) {
            assert!((found - expect).abs() <= reach, "{found}, not {expect}: {answer}");
        }
    };
    near(&numbers(&answer["when"]), [41, 54, 70, 95], 3);
    near(&numbers(&answer["how_many"]), [15, 11, 8, 5], 1);
    assert_eq!(answer["reason"], Value::Null);
    assert_eq!(answer["deadline"], Value::Null);
    assert_eq!(answer, place.json(&asked), "the same question has the same answer");
    assert_eq!(keys(&answer["dates"]), ["50", "70", "85", "95"]);
    assert!(!place.workspace().exists(), "it made no programme");
}

#[test]
fn a_date_is_the_working_day_of_its_number() {
    let place = place();
    // One is left: day 1 is among the answers.
    place.file("quick.txt", "9 9 9 9 9 9 9 9 9 9");
    let ask = |start| {
        let asked = ["forecast", "--throughput", "quick.txt", "--remaining", "1", "--start", start];
        place.json(&asked)
    };
    let monday = ask("2026-03-09");
    assert_eq!(monday["when"]["50"], 1);
    assert_eq!(monday["dates"]["50"], "2026-03-09", "day 1 included");
    let long = place.json(&words(&["--remaining", "60", "--start", "2026-03-09"]));
    let days = long["when"]["85"].as_i64().unwrap();
    let date: chrono::NaiveDate = long["dates"]["85"].as_str().unwrap().parse().unwrap();
    let start: chrono::NaiveDate = "2026-03-09".parse().unwrap();
    let calendar_days = (date - start).num_days();
    assert_eq!(calendar_days, (days - 1) / 5 * 7 + (days - 1) % 5, "weekends are skipped");
}

#[test]
fn a_deadline_has_a_likelihood_and_a_status() {
    let place = place();
    let ask = |deadline| {
        let start = ["--remaining", "60", "--start", "2026-03-09", "--deadline", deadline];
        place.json(&words(&start))["deadline"].clone()
    };
    let near = ask("2026-05-29");
    assert_eq!(near["workdays"], 60);
    let likelihood = near["likelihood"].as_f64().unwrap();
    assert!((likelihood - 0.7762).abs() < 0.02, "{near}");
    assert_eq!(near["words"], format!("{:.0} %", likelihood * 100.0), "{near}");
    assert_eq!(near["status"], "Likely");
    assert_eq!(near["pace_needed"], 1.0);
    let past = ask("2026-03-08");
    assert_eq!(
        past,
        json!({"date": "2026-03-08", "workdays": 0, "passed": true, "likelihood": 0.0,
               "words": "< 5 %, passed", "status": "Off course", "pace_needed": null})
    );
}

#[test]
fn the_guard_answers_with_a_reason() {
    let place = place();
    let check = |counts: &str, remaining: &str, reason: &str| {
        place.file("few.txt", counts);
        let answer = place.json(&[
            "forecast",
            "--throughput",
            "few.txt",
            "--remaining",
            remaining,
            "--start",
            "2026-03-09",
            "--horizon",
            "10",
            "--deadline",
            "2026-03-20",
        ]);
        for member in ["when", "dates", "how_many", "beyond"] {
            assert_eq!(answer[member], Value::Null, "{member} of {counts:?}");
        }
        assert_eq!(answer["reason"], reason, "{counts:?}");
        assert_eq!(answer["deadline"]["status"], "Unknown", "{counts:?}");
        assert_eq!(answer["deadline"]["workdays"], 10, "{counts:?}");
    };
    check("1 2 1", "5", "Too few days to tell a pace: 3 of 5 days.");
    check("", "5", "No closed working day is known: 0 of 5 days.");
    check("0 0 0 0 0 0", "5", "No service done in 6 days: no date at this pace.");
    check(
        "0 0 10 0 0 0 0 0 0 0",
        "5",
        "Too few active days to tell a pace: 1 of 3 days with a completion.",
    );
    check("1 1 1 1 1", "0", "Nothing remains to be done.");
}

#[test]
fn bad_input_is_refused_naming_line_and_word() {
    let place = place();
    let check = |content: &[u8], line: Option<&str>, reason: &str, says: &str| {
        place.file("bad.txt", content);
        let asked = ["forecast", "--throughput", "bad.txt", "--remaining", "5"];
        let error = place.refusal(&asked);
        assert_eq!(error["code"], "file_rejected", "{error}");
        assert_eq!(error["params"]["line"].as_str(), line, "{error}");
        assert_eq!(error["params"]["reason"], reason, "{error}");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(says), "{message}");
    };
    check(b"1 2\n3 four 5\n", Some("2"), "count_invalid", "line 2, word 2: \u{201c}four\u{201d}");
    check(b"1 -2 3", Some("1"), "count_invalid", "\u{201c}-2\u{201d}");
    check(b"1\n2\n1.5", Some("3"), "count_invalid", "\u{201c}1.5\u{201d}");
    check(b"+1", Some("1"), "count_invalid", "\u{201c}+1\u{201d}");
    check(b"1,2,3", Some("1"), "count_invalid", "\u{201c}1,2,3\u{201d}");
    check(b"99999999999", Some("1"), "count_invalid", "whole numbers from 0 to 1000000");
    check(b"1000001", Some("1"), "count_invalid", "\u{201c}1000001\u{201d}");
    check(b"1 \xff 2", None, "file_not_text", "UTF-8");
    check("7".repeat(2 << 20).as_bytes(), None, "file_too_large", "1 MB");
    // The control: with a mark of Windows' editors in front, it is fine.
    place.file("marked.txt", "\u{feff}1 0 1 0 1");
    place.json(&["forecast", "--throughput", "marked.txt", "--remaining", "5"]);
}

#[test]
fn wrong_words_are_refused() {
    let place = place();
    let check = |more: &[&str], code: &str| {
        let error = place.refusal(&words(more));
        assert_eq!(error["code"], code, "{more:?}: {error}");
    };
    check(&[], "arguments_invalid");
    check(&["--remaining", "-1"], "arguments_invalid");
    check(&["--remaining", "many"], "arguments_invalid");
    check(&["--remaining", "5", "--start", "9.3.2026"], "arguments_invalid");
    check(&["--remaining", "5", "--start", "2026-02-30"], "arguments_invalid");
    check(&["--remaining", "5", "--deadline", "soon"], "arguments_invalid");
    check(&["--remaining", "5", "--horizon", "0"], "arguments_invalid");
    check(&["--remaining", "5", "--horizon", "1301"], "arguments_invalid");
    let missing = ["forecast", "--throughput", "absent.txt", "--remaining", "5"];
    assert_eq!(place.refusal(&missing)["params"]["reason"], "file_missing");
    std::fs::create_dir(place.path().join("folder")).unwrap();
    let folder = ["forecast", "--throughput", "folder", "--remaining", "5"];
    assert_eq!(place.refusal(&folder)["params"]["reason"], "file_is_directory");
}

#[test]
fn people_read_a_table() {
    let place = place();
    let asked = words(&[
        "--remaining",
        "12",
        "--start",
        "2026-03-09",
        "--horizon",
        "20",
        "--deadline",
        "2026-03-20",
    ]);
    let text = place.run(&asked).out;
    assert!(
        text.starts_with("16 done in the last 10 working days; 12 remain, from 2026-03-09 on.\n"),
        "{text}"
    );
    assert!(text.contains("LEVEL  WORKING DAYS  DONE BY     AT LEAST"), "{text}");
    assert!(text.contains("Deadline 2026-03-20: "), "{text}");
    let fifty = text.lines().find(|line| line.trim_start().starts_with("50 %")).unwrap();
    assert!(fifty.ends_with(" 12"), "no more than remain: {fifty}");
}
