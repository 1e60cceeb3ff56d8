//! The form of answers: JSON members, tables without escape sequences, notices, pipes.

use crate::place::{Place, keys};
use serde_json::Value;

#[test]
fn json_members_keep_their_names() {
    let place = Place::with_shop();
    let saved = place.json(&["check", "attest", "shop", "DI-01", "--note", "seen"]);
    assert_eq!(keys(&saved), ["batch", "id", "summary"]);
    place.json(&["block", "open", "shop", "--reason", "r", "--waiting-for", "w"]);
    let import = place.json(&["import", "compose.yml", "--dry-run"]);
    let service = place.json(&["service", "shop"]);
    let settings = place.json(&["settings"]);
    let report = place.json(&["report", "progress"]);
    let check = &place.json(&["check", "list", "shop"])[0];
    let export = place.json(&["export"]);
    let row = [
        "archetype",
        "assignees",
        "blocked",
        "blocked_since",
        "called_by",
        "calls",
        "changed_at",
        "class",
        "criticality",
        "difficulty",
        "effort",
        "id",
        "known_as",
        "name",
        "next_check",
        "next_due",
        "owner",
        "progress",
        "regressed",
        "reproving",
        "scope",
        "stage",
        "stage_index",
        "stage_since",
        "tags",
        "target_date",
        "team",
        "unproven_since",
    ];
    let mut whole = row.to_vec();
    whole.extend([
        "aliases",
        "blockers",
        "class_reason",
        "conflicts",
        "dependencies",
        "dependents",
        "findings",
        "image",
        "ladder",
        "links",
        "merged",
        "notes",
        "repository",
        "scope_reason",
        "source_directory",
        "timeline",
    ]);
    whole.sort_unstable();
    let check_names = [
        "advice",
        "claimed",
        "doing",
        "due",
        "finding",
        "fix_link",
        "id",
        "kind",
        "reason",
        "regressed",
        "reproving",
        "request",
        "result",
        "script",
        "skills",
        "stage",
        "state",
        "steps",
        "title",
        "waiver",
        "weight",
        "what",
        "why",
    ];
    let expect: [(&str, &Value, &[&str]); 10] = [
        ("row", &place.row("shop"), &row),
        ("service", &service, &whole),
        ("check", check, &check_names),
        (
            "import",
            &import,
            &[
                "applied",
                "batch",
                "columns",
                "created",
                "dependencies",
                "differs",
                "fields",
                "files",
                "format",
                "log",
                "rejected",
                "rows",
                "token",
                "unchanged",
                "updated",
                "warnings",
            ],
        ),
        (
            "import row",
            &import["rows"][0],
            &["class", "class_reason", "fields", "file", "line", "name", "outcome", "reason"],
        ),
        (
            "blocked",
            &place.json(&["block", "list"])[0],
            &["blocker", "days", "opened_by", "reason", "service", "since", "waiting_for"],
        ),
        ("person", &place.json(&["person", "list"])[0], &["email", "id", "name", "services"]),
        (
            "settings",
            &settings,
            &[
                "calendar",
                "deadline",
                "done_stage",
                "environments",
                "name",
                "names_shown",
                "people",
                "playbook",
                "stages",
                "tells_desktop",
                "time_zone",
                "time_zones",
                "workspace",
            ],
        ),
        ("report", &report, &["progress", "services"]),
        (
            "export",
            &export,
            &[
                "dependencies",
                "exported_at",
                "format",
                "log",
                "programme",
                "services",
                "set_aside",
                "state_hash",
            ],
        ),
    ];
    for (what, value, names) in expect {
        assert_eq!(keys(value), names, "{what}");
    }
}

/// Nothing that a terminal obeys, and nothing that turns the reading direction.
fn is_harmless(text: &str) -> bool {
    text.chars().all(|c| {
        c == '\n' || !(c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
    })
}

#[test]
fn hostile_text_reaches_no_terminal() {
    let place = Place::with_programme();
    place.file(
        "compose.yml",
        "services:\n  a:\n    image: \"x\\e[2J\\e]0;owned\\a\"\n    build: \"./s\\e[31m\"\n    container_name: \"n\\u202Eame\"\n  \"b\\e[31m\":\n    image: y\n  c:\n    image: z\n    depends_on: [\"\\e[2Ja\"]\n",
    );
    let hostile = "\u{1b}[31mred\u{9b}2J\u{202e}\r\nsecond\u{7f}";
    let import = place.run(&["import", "compose.yml"]);
    assert!(import.exit <= 1, "{}", import.err);
    place.json(&["check", "attest", "a", "DI-01", "--note", hostile]);
    place.json(&["block", "open", "a", "--reason", hostile, "--waiting-for", hostile]);
    let quiet: [&[&str]; 12] = [
        &["import", "compose.yml"],
        &["services"],
        &["service", "a"],
        &["check", "list", "a"],
        &["block", "list"],
        &["settings"],
        &["report", "progress"],
        &["report", "progress", "--format", "html"],
        &["service", hostile],
        &["check", "attest", "a", hostile],
        &["import", hostile],
        &[hostile],
    ];
    for words in quiet {
        for json in [&[][..], &["--json"]] {
            let run = place.run(&[words, json].concat());
            assert!(is_harmless(&run.out), "{words:?} {json:?} prints {:?}", run.out);
            assert!(is_harmless(&run.err), "{words:?} {json:?} prints {:?}", run.err);
        }
    }
    let run = place.run(&["export"]);
    assert!(is_harmless(&run.out), "the export escapes");
    let view = place.json(&["service", "a"]);
    let stored = view["blockers"][0]["reason"].as_str().unwrap();
    assert!(stored.starts_with("\u{1b}[31mred\u{9b}2J\u{202e}"), "JSON loses nothing: {stored:?}");
    // The control: without the net these characters are there to be found.
    assert!(!is_harmless(stored));
}

#[test]
fn a_spreadsheet_sees_no_formula() {
    let place = Place::with_programme();
    place.file("compose.yml", "services:\n  \"=1+1\":\n    build: .\n  \"@sum(a1)\":\n    build: .\n  \"-x,y\":\n    build: .\n");
    place.json(&["import", "compose.yml"]);
    let run = place.run(&["report", "progress", "--format", "csv"]);
    let mut cells: Vec<&str> = run
        .out
        .split_terminator("\r\n")
        .skip(1)
        .filter_map(|row| row.split(",service,").next())
        .collect();
    cells.sort_unstable();
    assert_eq!(cells, ["\"'-x,y\"", "'=1+1", "'@sum(a1)"]);
}

#[test]
fn a_new_person_is_noticed_and_only_where_something_changes() {
    let place = Place::with_shop();
    let run = place.run(&["services", "--as", "Stranger"]);
    assert_eq!((run.exit, run.err.as_str()), (0, ""), "looking adds nobody");
    assert_eq!(place.json(&["person", "list"]).as_array().unwrap().len(), 2);

    let words = ["check", "attest", "shop", "DI-01", "--as", "Eve <eve@a.example>"];
    let run = place.run(&words);
    assert_eq!(run.err, "note: Eve is new and was added to the people.\n");
    let people = place.json(&["person", "list"]);
    assert_eq!(people[2]["email"], "eve@a.example");
    let run = place.run(&["check", "attest", "shop", "DI-02", "--as", "eVE"]);
    assert_eq!((run.exit, run.err.as_str()), (0, ""), "known without regard to case");
    assert_eq!(place.json(&["service", "shop"])["findings"][0]["by"], "Eve");

    let run = place.run(&["check", "attest", "shop", "DI-03", "--as", "Zoe", "--json"]);
    let notice: Value = serde_json::from_str(&run.err).unwrap();
    assert_eq!(keys(&notice), ["notice"]);
    place.json(&["check", "attest", "shop", "AS-01"]);
    let view = place.json(&["service", "shop"]);
    let by =
        view["findings"].as_array().unwrap().iter().find(|finding| finding["check"] == "AS-01");
    assert_eq!(by.unwrap()["by"], "Ann", "--as holds for one command only");
}

#[test]
fn the_account_suggests_who_makes_a_programme() {
    let place = Place::empty();
    let output = place.command(&["init"]).env("GIT_AUTHOR_NAME", "Git Person").output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert!(err.starts_with("note: Working as Git Person"), "{err}");
    place.json(&["settings", "set", "--name", "Mine"]);
    assert_eq!(place.json(&["person", "list"])[0]["name"], "Git Person");
}

#[test]
fn a_programme_is_made_where_its_person_has_no_proper_name() {
    let place = Place::empty();
    let run = place.run(&["init", "--as", " ", "--json"]);
    assert_eq!(run.exit, 1, "a part is done");
    let made: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(keys(&made), ["acting_as", "programme", "workspace"]);
    let error: Value = serde_json::from_str(&run.err).unwrap();
    assert_eq!(keys(&error), ["code", "message", "params"]);
}

#[test]
fn help_and_version_are_no_errors() {
    let place = Place::empty();
    for words in [&["--help"][..], &["check", "attest", "--help"], &["--version"]] {
        let run = place.run(words);
        assert_eq!((run.exit, run.err.as_str()), (0, ""), "{words:?}");
        assert!(!run.out.contains("--data-folder"), "hidden: {}", run.out);
    }
    let run = place.run(&["sail"]);
    assert_eq!((run.exit, run.out.as_str()), (2, ""));
    assert!(run.err.starts_with("error: ") && run.err.contains("Usage"), "{}", run.err);
    let run = place.run(&["check", "attest", "--", "--json"]);
    assert!(run.err.starts_with("error: "), "what follows -- is no option: {}", run.err);
}

#[cfg(unix)]
#[test]
fn without_a_command_the_window_beside_the_program_starts() {
    let mut place = Place::empty();
    place.put_program_in_folder();
    let beside = place.path().join("pilotage-desktop");
    let error = place.refusal(&[]);
    assert_eq!(error["code"], "not_possible");
    assert_eq!(error["params"]["file"], beside.display().to_string());

    // A stand-in that says with what it was started. Its output ends when it has ended.
    std::os::unix::fs::symlink("/bin/echo", &beside).unwrap();
    for (words, expect) in [
        (&[][..], "\n"),
        (&["--workspace", "w.pilotage"], "--workspace w.pilotage\n"),
        (&["--sample"], "--sample\n"),
    ] {
        let run = place.run(words);
        assert_eq!((run.exit, run.out.as_str(), run.err.as_str()), (0, expect, ""), "{words:?}");
    }
    assert_eq!(place.refusal(&["--as", "Ann"])["code"], "arguments_invalid");
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let place = Place::with_shop();
    let mut child = place.command(&["export"]).spawn().unwrap();
    // Closed before the program writes.
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}

#[test]
fn the_sample_is_there_at_once_and_gone_afterwards() {
    let place = Place::empty();
    let before = std::fs::read_dir(place.path()).unwrap().count();
    let rows = place.json(&["--sample", "services"]);
    assert!(rows.as_array().unwrap().len() > 5, "an inventory");
    let saved = place.json(&["--sample", "settings", "set", "--name", "Other"]);
    assert!(saved["batch"].is_string(), "somebody works on it");
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), before, "nothing is left");
}
