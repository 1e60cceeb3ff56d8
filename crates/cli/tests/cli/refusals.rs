//! What is refused: each with its code, exit code 2, and nothing changed.

use crate::place::Place;

#[test]
fn wrong_words_are_refused_and_change_nothing() {
    let place = Place::with_shop();
    place.file("alias.yml", "services:\n  x1:\n    image: a\n    networks: {n: {aliases: [api]}}\n  x2:\n    image: b\n    networks: {n: {aliases: [api]}}\nnetworks: {n: {}}\n");
    place.run(&["import", "alias.yml"]);
    place.file("broken.yml", "services:\n  a:\n    image: b\n  c: [\n");
    place.file("twice.yml", "services:\n  a:\n    image: b\n  a:\n    image: c\n");
    place.file("list.yml", "- a\n- b\n");
    place.file("binary.yml", [0xff, 0xfe, 0x00, 0x01]);
    std::fs::create_dir(place.path().join("folder")).unwrap();
    let before = place.json(&["export"])["state_hash"].clone();
    for (words, code) in [
        (&["import", "absent.yml"][..], "file_rejected"),
        (&["import", "folder"], "file_rejected"),
        (&["import", "broken.yml"], "file_rejected"),
        (&["import", "twice.yml"], "file_rejected"),
        (&["import", "list.yml"], "file_rejected"),
        (&["import", "binary.yml"], "file_rejected"),
        (&["import"], "arguments_invalid"),
        (&["service", "nobody"], "not_found"),
        (&["service", "api"], "name_ambiguous"),
        (&["service", "shop", "--assign", "Nobody"], "not_found"),
        (&["service", "shop", "--rename", "orders"], "name_taken"),
        (&["service", "shop", "--rename", " "], "arguments_invalid"),
        (&["service", "shop", "--class", "thing"], "arguments_invalid"),
        (&["service", "shop", "--target-date", "31.3.2027"], "arguments_invalid"),
        (&["service", "shop", "--target-date", "2027-02-29"], "arguments_invalid"),
        (&["service", "shop", "--scope", "retire"], "arguments_invalid"),
        (&["service", "shop", "--reason", "r"], "arguments_invalid"),
        (&["services", "--class", "thing"], "arguments_invalid"),
        (&["services", "--stage", "thing"], "arguments_invalid"),
        (&["check", "attest", "shop", "ZZ-99"], "not_found"),
        (&["check", "attest", "nobody", "DI-01"], "not_found"),
        (&["check", "attest", "db", "DI-01"], "not_possible"),
        (&["check", "attest", "shop", "DI-01", "--result", "fail"], "arguments_invalid"),
        (&["check", "attest", "shop", "DI-01", "--result", "maybe"], "arguments_invalid"),
        (&["check", "attest", "shop", "DI-01", "--link", "http://a.example"], "arguments_invalid"),
        (
            &["check", "attest", "shop", "DI-01", "--link", "javascript:alert(1)"],
            "arguments_invalid",
        ),
        (&["check", "retract", "nothing"], "not_found"),
        (&["check", "retract", "shop", "ZZ-99"], "not_found"),
        (
            &["check", "waive", "shop", "DI-01", "--reason", "r", "--until", "2020-01-01"],
            "arguments_invalid",
        ),
        (
            &["check", "waive", "shop", "DI-01", "--reason", "r", "--until", "2199-01-01"],
            "arguments_invalid",
        ),
        (
            &["check", "waive", "shop", "DI-01", "--reason", "r", "--until", "soon"],
            "arguments_invalid",
        ),
        (
            &["check", "waive", "shop", "DI-01", "--reason", " ", "--until", "2099-01-01"],
            "arguments_invalid",
        ),
        (&["check", "list", "nobody"], "not_found"),
        (&["block", "open", "shop", "--reason", " ", "--waiting-for", "w"], "arguments_invalid"),
        (&["block", "open", "shop", "--reason", "r"], "arguments_invalid"),
        (&["block", "close", "nothing"], "not_found"),
        (&["block", "close", "00000000-0000-0000-0000-000000000000"], "not_found"),
        (&["undo", "nothing"], "not_found"),
        (&["person", "add", "ANN"], "name_taken"),
        (&["person", "add", "Eve", "--email", "nowhere"], "arguments_invalid"),
        (&["person", "act-as", "Nobody"], "not_found"),
        (&["settings", "set"], "arguments_invalid"),
        (&["settings", "set", "--time-zone", "Mars/Base"], "arguments_invalid"),
        (&["settings", "set", "--deadline", "2027-13-01"], "arguments_invalid"),
        (&["settings", "set", "--done-stage", "heaven"], "arguments_invalid"),
        (&["report"], "arguments_invalid"),
        (&["report", "progress", "--format", "pdf"], "arguments_invalid"),
        (&["report", "progress", "--output", "absent/r.md"], "disk_failed"),
        (&["report", "progress", "--output", "p.pilotage"], "arguments_invalid"),
        (&["export", "--output", "p.pilotage-wal"], "arguments_invalid"),
        (&["init"], "workspace_exists"),
        (&["--sample", "init"], "arguments_invalid"),
        (&["--sample", "--workspace", "p.pilotage", "services"], "arguments_invalid"),
        (&["sail"], "arguments_invalid"),
        (&["services", "--wind"], "arguments_invalid"),
    ] {
        if words.contains(&"p.pilotage-wal") && !place.path().join("p.pilotage-wal").exists() {
            place.file("p.pilotage-wal", "");
        }
        let error = place.refusal(words);
        assert_eq!(error["code"], code, "{words:?}: {error}");
        let message = error["message"].as_str().unwrap();
        assert!(
            !message.is_empty() && !message.contains('\n'),
            "{words:?}: one sentence, {message:?}"
        );
    }
    assert_eq!(place.json(&["export"])["state_hash"], before, "nothing was changed");
}

#[test]
fn a_rejected_file_is_named_with_its_line() {
    let place = Place::with_programme();
    place.file("broken.yml", "services:\n  a:\n    image: b\n  c: \"x\n");
    place.file("twice.yml", "services:\n  a:\n    image: b\n  a:\n    image: c\n");
    let error = place.refusal(&["import", "twice.yml"]);
    assert_eq!(error["params"]["file"], "twice.yml");
    assert_eq!(error["params"]["line"], "4");
    assert_eq!(error["params"]["reason"], "duplicate_key");
    let error = place.refusal(&["import", "broken.yml"]);
    assert_eq!(error["params"]["reason"], "yaml_invalid");
    let line = error["params"]["line"].as_str().unwrap();
    let run = place.run(&["import", "broken.yml"]);
    assert_eq!((run.exit, run.out.as_str()), (2, ""));
    assert!(run.err.starts_with("error: "), "{}", run.err);
    assert!(run.err.contains(&format!("  at broken.yml:{line}\n")), "{}", run.err);
    assert_eq!(place.refusal(&["import", "absent.yml"])["params"]["reason"], "file_missing");
}

#[test]
fn workspaces_that_are_none_are_refused_and_stay_as_they_are() {
    let place = Place::empty();
    let error = place.refusal(&["services"]);
    assert_eq!(error["code"], "workspace_missing");
    assert_eq!(error["params"]["file"], place.workspace().display().to_string());
    assert!(!place.workspace().exists(), "looking makes no file");

    let cases: [(&str, &[u8]); 4] = [
        ("empty", b""),
        ("text", b"some notes of mine\n"),
        ("a page of text", &[b'x'; 8192]),
        ("an SQLite header only", b"SQLite format 3\0"),
    ];
    for (what, content) in cases {
        std::fs::write(place.workspace(), content).unwrap();
        let code = place.refusal(&["services"])["code"].clone();
        assert_eq!(code, "workspace_foreign", "{what}");
        let code = place.refusal(&["init"])["code"].clone();
        assert_eq!(code, "workspace_exists", "{what}");
        assert_eq!(std::fs::read(place.workspace()).unwrap(), content, "{what} is unharmed");
    }
    std::fs::remove_file(place.workspace()).unwrap();
    std::fs::create_dir(place.workspace()).unwrap();
    assert_eq!(place.refusal(&["services"])["code"], "workspace_foreign", "a folder");
}

#[test]
fn a_database_of_another_program_is_refused() {
    let place = Place::with_programme();
    // A sound database whose application id, at byte 68 of the header, is another's.
    let mut bytes = std::fs::read(place.workspace()).unwrap();
    bytes[68..72].copy_from_slice(&7_u32.to_be_bytes());
    std::fs::write(place.workspace(), &bytes).unwrap();
    for leftover in ["p.pilotage-wal", "p.pilotage-shm"] {
        // Absent after a clean close.
        let _ = std::fs::remove_file(place.path().join(leftover));
    }
    // On a device that knows the file it is a damaged one; see the tests of backups.
    let error = place.refusal(&["--data-folder", "another-device", "services"]);
    assert_eq!(error["code"], "workspace_foreign");
    assert_eq!(std::fs::read(place.workspace()).unwrap(), bytes, "it is unharmed");
}

#[cfg(unix)]
#[test]
fn a_write_protected_workspace_is_read_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::with_shop();
    let mode = |mode| {
        std::fs::set_permissions(place.workspace(), std::fs::Permissions::from_mode(mode)).unwrap();
    };
    mode(0o444);
    assert_eq!(place.json(&["services"]).as_array().unwrap().len(), 4, "it can be read");
    for words in [
        &["check", "attest", "shop", "DI-01"][..],
        &["import", "compose.yml"],
        &["service", "shop", "--assign", "Ben"],
        &["person", "add", "Eve"],
        &["undo"],
    ] {
        // An import that changes nothing writes nothing.
        let error = if words[0] == "import" {
            place.file("compose.yml", "services:\n  fresh:\n    image: a\n");
            place.refusal(words)
        } else {
            place.refusal(words)
        };
        assert_eq!(error["code"], "workspace_read_only", "{words:?}: {error}");
    }
    mode(0o600);
    place.json(&["check", "attest", "shop", "DI-01"]);
}

#[test]
fn nobody_changes_anything_unnamed() {
    let place = Place::empty();
    let made = place.json(&["init"]);
    assert_eq!(made["acting_as"], serde_json::Value::Null, "the environment names nobody");
    assert_eq!(made["programme"], "New programme");
    let error = place.refusal(&["settings", "set", "--name", "Mine"]);
    assert_eq!(error["code"], "who_unknown");
    assert_eq!(place.refusal(&["undo"])["code"], "who_unknown");
    place.json(&["person", "add", "Ann"]);
    place.json(&["person", "act-as", "ann"]);
    place.json(&[
        "settings",
        "set",
        "--name",
        "Mine",
        "--deadline",
        "2027-12-31",
        "--done-stage",
        "finished",
    ]);
    let settings = place.json(&["settings"]);
    assert_eq!((&settings["name"], &settings["deadline"]), (&"Mine".into(), &"2027-12-31".into()));
    assert_eq!(settings["done_stage"], "finished");
    place.json(&["settings", "set", "--deadline", "none"]);
    assert_eq!(place.json(&["settings"])["deadline"], serde_json::Value::Null);
}
