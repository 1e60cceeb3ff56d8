//! From an empty folder to a service that is live, with numbers worked out by hand.

use crate::place::{Place, SHOP};
use serde_json::Value;

/// Counted checks of the default playbook, stage by stage.
const LADDER: [(&str, usize); 7] = [
    ("discovered", 3),
    ("assessed", 5),
    ("containerised", 3),
    ("pipeline", 6),
    ("staging", 11),
    ("live", 11),
    ("finished", 6),
];

/// 3 + 5 + 3 + 6 + 11 + 11 + 6.
const COUNTED: u64 = 45;
/// All but those of the last stage.
const TO_LIVE: u64 = 39;
/// CO-01, PI-01, three of CD in Pipeline, nine in Staging, six in Live: a person's word only claims.
const CLAIMED: u64 = 20;

#[test]
fn from_nothing_to_live() {
    let place = Place::empty();
    let made = place.json(&["init", "--name", "Shop", "--as", "Ann"]);
    assert_eq!(made["programme"], "Shop");
    assert_eq!(made["acting_as"]["name"], "Ann");
    assert_eq!(made["workspace"], place.workspace().display().to_string());
    place.json(&["person", "add", "Ben"]);

    place.file("compose.yml", SHOP);
    let report = place.json(&["import", "compose.yml"]);
    assert_eq!((&report["created"], &report["dependencies"]["created"]), (&4.into(), &3.into()));
    let rows = place.json(&["services"]);
    let classes: Vec<(&str, &str)> = rows
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["name"].as_str().unwrap(), row["class"].as_str().unwrap()))
        .collect();
    let expect =
        [("db", "datastore"), ("orders", "service"), ("payments", "service"), ("shop", "service")];
    assert_eq!(classes, expect);

    // Ann works on it, so she may attest all but the approval.
    place.json(&["service", "shop", "--assign", "ANN"]);
    climb(&place, "shop");
    let row = place.row("shop");
    assert_eq!(row["stage"], "live");
    assert_eq!(row["progress"]["passed"], TO_LIVE);
    assert_eq!(row["progress"]["counted"], COUNTED);
    assert_eq!(row["progress"]["proved"], TO_LIVE - CLAIMED);

    place.json(&["block", "open", "order-desk", "--reason", "no keys", "--waiting-for", "Ops"]);
    place.json(&["check", "attest", "orders", "DI-01"]);
    assert_eq!(place.row("orders")["progress"]["passed"], 1);
    place.json(&["undo"]);
    assert_eq!(place.row("orders")["progress"]["passed"], 0, "undo took the attestation");
    assert_eq!(place.row("orders")["blocked"], true, "and not the blocker before it");

    reports_agree(&place);
}

/// Attests every counted check of every stage up to Live, in order; each full stage is reached.
fn climb(place: &Place, service: &str) {
    let checks = place.json(&["check", "list", service]);
    let counted = |stage: &str| -> Vec<Value> {
        let checks = checks.as_array().expect("a list").iter();
        checks
            .filter(|check| check["stage"] == stage && check["state"] == "counted")
            .cloned()
            .collect()
    };
    let mut approvals = 0;
    for (stage, count) in LADDER {
        let checks = counted(stage);
        assert_eq!(checks.len(), count, "counted checks of {stage}");
        if stage == "finished" {
            break;
        }
        for check in checks {
            assert_ne!(
                place.row(service)["stage"],
                stage,
                "{stage} is not reached before its last check"
            );
            let id = check["id"].as_str().expect("an id");
            if check["kind"] == "approval" {
                approvals += 1;
                let refused = place.refusal(&["check", "attest", service, id]);
                assert_eq!(refused["code"], "not_possible", "Ann works on it");
                place.json(&["check", "attest", service, id, "--as", "ben", "--note", "seen"]);
            } else {
                place.json(&["check", "attest", service, id]);
            }
        }
        assert_eq!(place.row(service)["stage"], stage);
    }
    assert_eq!(approvals, 1, "going live is approved");
}

/// 3 services in scope; 1 live; 1 blocked; 39 of 3 × 45 = 135 checks; 19 of 39 proved is 49 %.
fn reports_agree(place: &Place) {
    let report = place.json(&["report", "progress"]);
    let totals = &report["progress"]["totals"];
    for (name, expect) in [
        ("in_scope", 3),
        ("out_of_scope", 0),
        ("done", 1),
        ("blocked", 1),
        ("regressed", 0),
        ("passed", TO_LIVE),
        ("counted", 3 * COUNTED),
        ("proved", TO_LIVE - CLAIMED),
        ("claimed", CLAIMED),
        ("waived", 0),
        ("not_applicable", 0),
    ] {
        assert_eq!(totals[name], expect, "{name}");
    }
    let here: Vec<(&str, u64)> = report["progress"]["stages"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|stage| {
            (stage["stage"].as_str().expect("an id"), stage["here"].as_u64().expect("a number"))
        })
        .filter(|(_, here)| *here > 0)
        .collect();
    assert_eq!(here, [("none", 2), ("live", 1)]);

    let sentence = "Checks: 39 of 135 passed; 19 proved, 20 claimed (49 % proved); 0 waived, 0 not applicable.";
    let text = |format: &str| {
        let run = place.run(&["report", "progress", "--format", format]);
        assert_eq!((run.exit, run.err.as_str()), (0, ""), "{format}");
        run.out
    };
    let markdown = text("md");
    assert!(markdown.contains(sentence), "{markdown}");
    assert!(markdown.contains("| Live | 1 | 1 |"), "{markdown}");
    assert!(markdown.contains("- **orders** for 0 days, waiting for Ops: no keys"), "{markdown}");
    assert!(markdown.contains("| shop | Live | 39/45 | 19 |"), "{markdown}");
    assert_eq!(place.run(&["report", "progress"]).out.lines().next(), markdown.lines().next());

    let page = text("html");
    assert!(page.contains(&format!("<p>{sentence}</p>")), "{page}");
    assert!(page.contains("<td>shop</td><td>Live</td><td class=\"n\">39/45</td>"), "{page}");
    assert!(!page.contains("<script"), "no script");

    let document: Value = serde_json::from_str(&text("json")).expect("JSON");
    assert_eq!(document["progress"]["totals"], *totals);

    let rows = text("csv");
    let rows: Vec<&str> = rows.split_terminator("\r\n").collect();
    assert_eq!(rows.len(), 4, "a header and three services: {rows:?}");
    assert!(rows[0].starts_with("service,class,scope,stage,passed,counted,proved,"), "{}", rows[0]);
    assert!(rows[1].starts_with("orders,service,in,,0,45,0,0,0,true,"), "{}", rows[1]);
    assert!(rows[3].starts_with("shop,service,in,live,39,45,19,0,0,false,"), "{}", rows[3]);
}

#[test]
fn findings_are_taken_back_and_checks_waived() {
    let place = Place::with_shop();
    let result = |check: &str| {
        let checks = place.json(&["check", "list", "shop"]);
        let checks = checks.as_array().unwrap().iter();
        checks.clone().find(|found| found["id"] == check).unwrap()["result"].clone()
    };
    let saved = place.json(&["check", "attest", "shop", "di-01", "--link", "https://a.example/1"]);
    assert_eq!(result("DI-01"), "pass", "the id's case does not matter");
    place.json(&["check", "retract", saved["id"].as_str().unwrap()]);
    assert_eq!(result("DI-01"), "unknown", "taken back by the finding's id");
    place.json(&[
        "check",
        "attest",
        "shop",
        "DI-02",
        "--result",
        "fail",
        "--note",
        "no repository",
    ]);
    assert_eq!(result("DI-02"), "fail");
    place.json(&["check", "retract", "shop", "DI-02", "--note", "it was another"]);
    assert_eq!(result("DI-02"), "unknown", "taken back by service and check");
    let refused = place.refusal(&["check", "retract", "shop", "DI-03"]);
    assert_eq!(refused["code"], "not_found", "there is nothing to take back");

    let today =
        place.json(&["report", "progress"])["progress"]["as_of"].as_str().unwrap()[..10].to_owned();
    // A day ahead of Berlin's today in any case.
    let year: u32 = today[..4].parse().unwrap();
    let until = format!("{}-01-01", year + 1);
    let saved =
        place.json(&["check", "waive", "shop", "DI-03", "--reason", "tiny", "--until", &until]);
    assert_eq!(result("DI-03"), "waived");
    assert_eq!(place.row("shop")["progress"]["waived"], 1);
    place.json(&["check", "revoke", saved["id"].as_str().unwrap()]);
    assert_eq!(result("DI-03"), "unknown");
    let refused = place.refusal(&["check", "revoke", "shop", "DI-03"]);
    assert_eq!(refused["code"], "not_found", "no waiver is in force");
}

#[test]
fn blockers_close_by_id_or_by_service() {
    let place = Place::with_shop();
    let open = |reason: &str| {
        let words = ["block", "open", "shop", "--reason", reason, "--waiting-for", "Ops"];
        place.json(&words)["id"].as_str().unwrap().to_owned()
    };
    let first = open("one");
    place.json(&["block", "close", "shop", "--note", "done"]);
    assert_eq!(place.json(&["block", "list"]), serde_json::json!([]));
    assert_eq!(place.refusal(&["block", "close", "shop"])["code"], "not_possible");
    assert_eq!(
        place.refusal(&["block", "close", &first])["code"],
        "not_possible",
        "closed already"
    );

    let (second, third) = (open("two"), open("three"));
    let refused = place.refusal(&["block", "close", "shop"]);
    assert_eq!(refused["code"], "name_ambiguous");
    let candidates = refused["params"]["candidates"].as_str().unwrap();
    assert!(candidates.contains(&second) && candidates.contains(&third), "{candidates}");
    place.json(&["block", "close", &second]);
    let left = place.json(&["block", "list"]);
    assert_eq!(left.as_array().unwrap().len(), 1);
    assert_eq!(left[0]["blocker"], third.as_str());
}

#[test]
fn a_service_is_changed_field_by_field() {
    let place = Place::with_shop();
    let saved = place.json(&[
        "service",
        "shop",
        "--assign",
        "Ann",
        "--assign",
        "ben",
        "--target-date",
        "2027-03-31",
        "--scope",
        "retire",
        "--reason",
        "replaced",
        "--rename",
        "store",
    ]);
    assert_eq!(saved["summary"], "5 changes of shop", "all of it is one action");
    let view = place.json(&["service", "shop"]);
    assert_eq!(view["name"], "store", "the old name stays an alias");
    assert_eq!(view["target_date"], "2027-03-31");
    assert_eq!(view["scope"], "retire");
    assert_eq!(view["assignees"].as_array().unwrap().len(), 2);
    place.json(&[
        "service",
        "store",
        "--unassign",
        "Ben",
        "--target-date",
        "none",
        "--scope",
        "in",
        "--reason",
        "no",
    ]);
    let view = place.json(&["service", "store"]);
    assert_eq!((&view["target_date"], &view["scope"]), (&Value::Null, &"in".into()));
    place.json(&["service", "store", "--class", "load-generator"]);
    assert_eq!(place.json(&["services", "--class", "load generator"])[0]["name"], "store");

    let before = place.json(&["service", "orders"]);
    let run = place.run(&["service", "orders", "--assign", "Ann", "--class", "nonsense", "--json"]);
    assert_eq!(run.exit, 2, "one change that cannot be made stops all of them");
    let stopped: Value = serde_json::from_str(&run.err).unwrap();
    assert_eq!(stopped["code"], "arguments_invalid");
    assert_eq!(place.json(&["service", "orders"]), before, "nothing half done");
}

#[test]
fn the_whole_of_a_service_is_kept_and_unset() {
    let place = Place::with_shop();
    let set = [
        ("--owner", "Ann B.", "owner", Value::from("Ann B.")),
        ("--team", "Payments", "team", "Payments".into()),
        (
            "--repository",
            "https://git.example/shop",
            "repository",
            "https://git.example/shop".into(),
        ),
        ("--criticality", "4", "criticality", 4.into()),
        ("--effort", "xl", "effort", "XL".into()),
        ("--archetype", "worker", "archetype", "worker".into()),
        ("--difficulty", "HARD", "difficulty", "hard".into()),
        ("--notes", "# Note\n<b>as text</b>", "notes", "# Note\n<b>as text</b>".into()),
    ];
    for (option, word, field, value) in &set {
        place.json(&["service", "shop", option, word]);
        assert_eq!(place.json(&["service", "shop"])[field], *value, "{option}");
    }
    let many = ["service", "shop", "orders", "--tag", "core", "--team", "Payments"];
    let saved = place.json(&many);
    assert_eq!(saved["summary"], "2 services changed");
    place.json(&[
        "service",
        "shop",
        "--alias",
        "storefront",
        "--link",
        "Runbook=https://wiki.example/a?b=c",
    ]);
    place.json(&["service", "shop", "--due", "DI-01=2027-01-15", "--doing", "di-01=Ben"]);
    let view = place.json(&["service", "storefront"]);
    assert_eq!(view["tags"], serde_json::json!(["core"]));
    let link = serde_json::json!({"title": "Runbook", "address": "https://wiki.example/a?b=c"});
    assert_eq!(view["links"][0], link);
    assert_eq!(view["next_due"], "2027-01-15");
    let check = &view["ladder"][0]["checks"].as_array().unwrap().iter();
    let check = check.clone().find(|check| check["id"] == "DI-01").unwrap();
    assert_eq!((&check["due"], &check["doing"]["name"]), (&"2027-01-15".into(), &"Ben".into()));
    let by = |words: &[&str]| place.json(words).as_array().unwrap().len();
    assert_eq!(
        (by(&["services", "--team", "payments"]), by(&["services", "--tag", "CORE"])),
        (2, 2)
    );
    // One undo for all that one action did.
    place.json(&["undo", saved["batch"].as_str().unwrap()]);
    assert_eq!(by(&["services", "--tag", "core"]), 0);
    for (option, _, field, _) in &set {
        place.json(&["service", "shop", option, "none"]);
        assert_eq!(place.json(&["service", "shop"])[field], Value::Null, "{option} none");
    }
    for (option, word) in [
        ("--criticality", "6"),
        ("--criticality", "high"),
        ("--effort", "huge"),
        ("--difficulty", "impossible"),
        ("--repository", "javascript:alert(1)"),
        ("--link", "no address"),
        ("--alias", "orders"),
        ("--due", "DI-01=soon"),
        ("--due", "NO-99=2027-01-01"),
        ("--doing", "DI-01=Nobody"),
        ("--tag", "a\u{202e}b"),
    ] {
        let before = place.json(&["service", "shop"]);
        let run = place.run(&["service", "shop", option, word, "--json"]);
        assert_eq!(run.exit, 2, "{option} {word:?}: {}", run.out);
        assert_eq!(place.json(&["service", "shop"]), before, "{option} {word:?}");
    }
}

#[test]
fn services_are_added_archived_and_split() {
    let place = Place::with_shop();
    let count = |words: &[&str]| place.json(words).as_array().unwrap().len();
    let all = count(&["services"]);
    place.json(&["services", "add", "ledger"]);
    assert_eq!(place.json(&["service", "ledger"])["class"], "service");
    assert_eq!(place.run(&["services", "add", "Ledger"]).exit, 2, "the name is taken");
    place.json(&["service", "ledger", "--scope", "archived", "--reason", "a mistake"]);
    assert_eq!((count(&["services"]), count(&["services", "--archived"])), (all, all + 1));
    place.json(&["service", "ledger", "--scope", "in", "--reason", "it is back"]);
    place.json(&["service", "ledger", "--alias", "journal"]);
    place.json(&["services", "split", "ledger", "--out", "journal"]);
    assert_eq!(place.json(&["service", "journal"])["name"], "journal");
    assert_eq!(place.json(&["service", "ledger"])["aliases"], serde_json::json!([]));
    assert_eq!(place.run(&["services", "split", "ledger", "--out", "nothing"]).exit, 2);
    assert_eq!(place.run(&["services", "merge", "ledger", "--into", "ledger"]).exit, 2);
    assert_eq!(place.run(&["services", "merge", "ledger", "--into", "db"]).exit, 2, "other class");
}

#[test]
fn lists_are_filtered() {
    let place = Place::with_shop();
    place.json(&["block", "open", "orders", "--reason", "r", "--waiting-for", "w"]);
    for (words, expect) in [
        (&["services", "--class", "datastore"][..], &["db"][..]),
        (&["services", "--stage", "none"], &["orders", "payments", "shop"]),
        (&["services", "--stage", "Live"], &[]),
        (&["services", "--blocked"], &["orders"]),
        (&["services", "--blocked", "--class", "datastore"], &[]),
    ] {
        let rows = place.json(words);
        let names: Vec<&str> =
            rows.as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap()).collect();
        assert_eq!(names, expect, "{words:?}");
    }
}
