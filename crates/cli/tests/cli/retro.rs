//! A retrospective held from the terminal, and the documents of a sprint.

use crate::place::Place;

#[test]
fn a_retrospective_is_held_and_exported_from_the_terminal() {
    let place = Place::with_shop();
    let day = "2026-01-05";
    let refused = place.refusal(&["retro", "note", "too early"]);
    assert_eq!(refused["code"], "not_possible", "no sprint has started");
    place.json(&[
        "sprint",
        "plan",
        "Week",
        "--kind",
        "regular",
        "--from",
        day,
        "--to",
        "2026-01-09",
        "--service",
        "shop",
    ]);
    place.json(&["sprint", "start", "Week"]);
    let me = place.json(&["person", "list"])[0]["name"].as_str().expect("a name").to_owned();
    let kept =
        place.json(&["retro", "note", "keys came late", "--column", "lacked", "--service", "shop"]);
    assert!(kept["batch"].is_null(), "it is in no log: {kept}");
    assert!(!place.run(&["retro", "show", "Week"]).out.contains("keys came late"));
    place.json(&["retro", "edit", "Week", "--present", &me, "--step", "notes"]);
    place.json(&["retro", "reveal", "Week"]);
    let shown = place.run(&["retro", "show"]).out;
    for part in ["# Retrospective: Week", "Sprint still running", "## 3 Notes", "keys came late"] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
    let action = [
        "retro",
        "action",
        "Ask for keys on day one",
        "--sprint",
        "Week",
        "--owner",
        &me,
        "--seen-by",
        "nobody waits",
    ];
    let action = place.json(&action)["id"].as_str().expect("an id").to_owned();
    assert!(place.run(&["retro", "actions"]).out.contains("Ask for keys"));
    let refused = place.refusal(&["retro", "decide", &action, "drop"]);
    assert_eq!(refused["params"]["field"], "reason");
    place.json(&["retro", "decide", &action, "done", "--reason", "asked"]);
    place.json(&["retro", "close", "Week"]);
    let refused = place.refusal(&["retro", "note", "too late"]);
    assert!(refused["message"].as_str().expect("words").contains("closed"), "{refused}");
    place.json(&["retro", "reopen", "Week", "--reason", "a name was wrong"]);

    place.json(&["retro", "export", "Week", "--output", "r.json"]);
    let again = place.run(&["retro", "read", "r.json", "--format", "json"]).out;
    let file = std::fs::read_to_string(place.path().join("r.json")).expect("the export");
    assert_eq!(again, file, "an export reads back without loss");
    let markdown = place.run(&["retro", "read", "r.json"]).out;
    let exported = place.run(&["report", "retro", "Week"]).out;
    assert_eq!(markdown, exported, "and tells the same");
    assert_eq!(place.refusal(&["retro", "read", "compose.yml"])["code"], "file_rejected");
    let sprint = place.run(&["report", "sprint", "Week", "--format", "csv"]).out;
    assert!(sprint.starts_with("service,stage,target") && sprint.contains("shop"), "{sprint}");
    assert_eq!(place.json(&["report", "sprint", "Week"])["schema_version"], 1);
}

#[test]
fn formats_pairs_actions_and_exports_are_kept_from_the_terminal() {
    let place = Place::with_shop();
    let formats = place.run(&["retro", "formats"]).out;
    assert!(formats.contains("\"4l\""), "{formats}");
    place.file("ours.json", formats.replacen("\"4L\"", "\"Four\"", 1));
    place.json(&["retro", "formats", "--keep", "ours.json"]);
    assert_eq!(place.json(&["retro", "formats"])["own"], true);
    place.file("broken.json", "[{]");
    let refused = place.refusal(&["retro", "formats", "--keep", "broken.json"]);
    assert!(refused["message"].as_str().expect("words").contains("line 1"), "{refused}");
    place.json(&["retro", "formats", "--product"]);
    assert_eq!(place.json(&["retro", "formats"])["own"], false);

    let me = place.json(&["person", "list"])[0]["name"].as_str().expect("a name").to_owned();
    place.json(&["person", "add", "Cleo"]);
    place.json(&["skills", "pair", &me, "Cleo", "forbid"]);
    let wishes = || place.json(&["skills"])["suggestion"]["wishes"].clone();
    assert_eq!(wishes()[0]["wish"], "forbidden");
    place.json(&["skills", "pair", "Cleo", &me, "free"]);
    assert_eq!(wishes().as_array().map(Vec::len), Some(0));

    let plan = ["sprint", "plan", "Week", "--kind", "regular", "--from", "2026-01-05"];
    place.json(&[&plan[..], &["--to", "2026-01-09", "--service", "shop"]].concat());
    place.json(&["sprint", "start", "Week"]);
    let action = ["retro", "action", "Ask earlier", "--sprint", "Week", "--owner", &me];
    let rest = ["--seen-by", "nobody waits", "--target", "playbook"];
    let action = place.json(&[&action[..], &rest].concat())["id"].as_str().expect("id").to_owned();
    let text = place.run(&["playbook", "text"]).out;
    place.file("next.yaml", text.replacen("version: 1", "version: 900", 1));
    place.json(&["playbook", "adopt", "next.yaml", "--closes", &action]);
    assert_eq!(place.json(&["retro", "actions"]).as_array().map(Vec::len), Some(0));

    place.json(&["retro", "close", "Week"]);
    place.json(&["retro", "export", "Week", "--output", "r.json"]);
    let there = Place::with_programme();
    let file = std::fs::read_to_string(place.path().join("r.json")).expect("the export");
    there.file("r.json", &file);
    there.json(&["retro", "import", "r.json"]);
    there.json(&["retro", "export", "Week", "--output", "again.json"]);
    let again = std::fs::read_to_string(there.path().join("again.json")).expect("the export");
    assert_eq!(again, file, "the same document in another programme");
}

#[test]
fn notes_on_people_leave_only_when_they_are_asked_for() {
    let place = Place::with_shop();
    let plan = ["sprint", "plan", "Week", "--kind", "regular", "--from", "2026-01-05"];
    place.json(&[&plan[..], &["--to", "2026-01-09", "--service", "shop"]].concat());
    place.json(&["sprint", "start", "Week"]);
    for text in ["Ben was late twice", "keys came late"] {
        place.json(&["retro", "note", text]);
    }
    place.json(&["retro", "reveal", "Week"]);
    let left_out = "note: 1 note that speaks about people was left out. Where those who are named \
                    agree, --with-people writes it, too.\n";
    for command in [["retro", "export"], ["report", "retro"]] {
        for form in ["md", "html", "json"] {
            let words = [&command[..], &["Week", "--format", form]].concat();
            let run = place.run(&words);
            assert_eq!((run.exit, run.err.as_str()), (0, left_out), "{words:?}");
            assert!(!run.out.contains("Ben was late"), "{words:?}: {}", run.out);
            assert!(run.out.contains("keys came late"), "{words:?}: the others stay");
            let run = place.run(&[&words[..], &["--with-people"]].concat());
            assert_eq!((run.exit, run.err.as_str()), (0, ""), "{words:?}");
            assert!(run.out.contains("Ben was late"), "{words:?}: the control");
        }
    }
    let run = place.run(&["retro", "export", "Week", "--output", "r.md"]);
    assert_eq!(run.err, left_out, "a file, too");
    let file = std::fs::read_to_string(place.path().join("r.md")).expect("the document");
    assert!(!file.contains("Ben was late"), "{file}");
    assert!(file.contains("1 note that speaks about people was left out."), "{file}");
    let run = place.run(&["retro", "export", "Week", "--format", "csv"]);
    assert_eq!(run.err, "", "a table of actions holds no note");
    let run = place.run(&["retro", "show", "Week"]);
    assert!(run.out.contains("Ben was late") && run.err.is_empty(), "shown, and nothing leaves");
    let run = place.run(&["report", "sprint", "Week", "--with-people"]);
    assert_eq!(run.exit, 2, "the report of a sprint holds no notes");
    let run = place.run(&["retro", "export", "Week", "--json"]);
    let notice: serde_json::Value = serde_json::from_str(&run.err).expect("a notice");
    assert!(notice["notice"].as_str().expect("words").starts_with("1 note"), "{notice}");
}
