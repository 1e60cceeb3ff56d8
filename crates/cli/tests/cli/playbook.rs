//! The playbook from the command line, and waivers by two people.

use crate::place::Place;

/// The default playbook's text after one replacement that must hit.
fn edited(place: &Place, from: &str, to: &str) -> String {
    let run = place.run(&["playbook", "text"]);
    assert_eq!((run.exit, run.err.as_str()), (0, ""));
    assert!(run.out.contains(from), "{from:?} must occur");
    run.out.replacen(from, to, 1)
}

#[test]
fn faults_have_their_place_and_the_trial_is_said() {
    let place = Place::with_shop();
    place.json(&["check", "attest", "shop", "DI-01"]);
    place.json(&["check", "attest", "shop", "DI-02"]);
    place.json(&["check", "attest", "shop", "DI-03"]);
    let stricter = edited(&place, "- id: DI-01\n    version: 1", "- id: DI-01\n    version: 2");
    place.file("mine.yaml", &stricter);
    let run = place.run(&["playbook", "check", "mine.yaml"]);
    let said = "mine.yaml:2: version 1 is in force; give this one a higher number, such as 2\n";
    assert_eq!((run.exit, run.out.as_str()), (1, said));
    let trial = place.json_ending(&["playbook", "check", "mine.yaml"], 1);
    assert_eq!(
        (&trial["faults"][0]["line"], &trial["faults"][0]["raise_to"]),
        (&2.into(), &2.into())
    );
    let refused = place.refusal(&["playbook", "adopt", "mine.yaml"]);
    assert_eq!(refused["code"], "file_rejected");
    assert_eq!(
        (&refused["params"]["file"], &refused["params"]["line"]),
        (&"mine.yaml".into(), &"2".into())
    );

    place.file("mine.yaml", stricter.replacen("version: 1", "version: 2", 1));
    let run = place.run(&["playbook", "check", "mine.yaml"]);
    let said = "No faults. Version 2.\n\nDifferences\n  DI-01 \u{201c}An owner is named and has \
        agreed\u{201d} is stricter: version 2 after 1; it has to be proved again\n\nServices that \
        it would touch: 1 of 3\n  shop stays Discovered and is re-proving; checks 3 of 45, then 2 \
        of 45\n    DI-01 \u{201c}An owner is named and has agreed\u{201d} is stricter and is not \
        known; the stage is kept while it is re-proved\n";
    assert_eq!((run.exit, run.out.as_str()), (0, said));
    assert_eq!(place.row("shop")["reproving"], false, "a trial changes nothing");

    let saved = place.json(&["playbook", "adopt", "mine.yaml"]);
    assert_eq!(saved["summary"], "Playbook default version 2 adopted");
    assert_eq!(place.row("shop")["reproving"], true);
    assert_eq!(place.row("shop")["stage"], "discovered");
    let history = place.json(&["playbook", "history"]);
    let said: Vec<_> = history
        .as_array()
        .unwrap()
        .iter()
        .map(|adoption| (adoption["version"].as_u64().unwrap(), adoption["by"].as_str().unwrap()))
        .collect();
    assert_eq!(said[0], (2, "Ann"));
    assert_eq!(said[1].0, 1);
    let first = history[1]["id"].as_str().unwrap();
    place.json(&["playbook", "text", first, "--output", "first.yaml"]);
    let text = std::fs::read_to_string(place.path().join("first.yaml")).unwrap();
    assert!(text.starts_with("playbook: default\nversion: 1\n"));
    assert_eq!(place.json(&["playbook", "text", first])["text"], text.as_str());
    assert_eq!(place.refusal(&["playbook", "text", "nothing"])["code"], "not_found");
    assert_eq!(place.refusal(&["playbook", "check", "absent.yaml"])["code"], "file_rejected");

    place.json(&["undo"]);
    assert_eq!(place.row("shop")["reproving"], false);
    assert_eq!(place.json(&["playbook", "show"])["version"], 1);
    let same = place.run(&["playbook", "check", "first.yaml"]);
    let said = "No faults. Version 1.\nNothing differs from the playbook in force.\n\nNobody would \
                move, of 3 services in scope.\n";
    assert_eq!((same.exit, same.out.as_str()), (0, said));
}

#[test]
fn the_playbook_is_shown() {
    let place = Place::with_shop();
    let run = place.run(&["playbook", "show"]);
    assert_eq!(run.exit, 0);
    let lines: Vec<&str> = run.out.lines().collect();
    assert_eq!(lines[0], "Into continuous delivery on Kubernetes");
    assert!(lines[1].starts_with("default version 1, adopted 2"), "{}", lines[1]);
    assert!(lines[1].ends_with("Anybody may waive a check, with a reason."), "{}", lines[1]);
    let row = lines.iter().find(|line| line.starts_with("DI-01")).unwrap();
    assert!(row.contains("manual") && row.contains("counted") && row.ends_with("0 of 3"), "{row}");
}

#[test]
fn a_waiver_takes_two_where_the_playbook_wants_it() {
    let place = Place::with_shop();
    let text = edited(&place, "version: 1\n", "version: 2\nwaivers: second_person\n");
    place.file("strict.yaml", text);
    place.json(&["playbook", "adopt", "strict.yaml"]);
    let until = {
        let now = place.json(&["report", "progress"])["progress"]["as_of"].clone();
        let year: u32 = now.as_str().unwrap()[..4].parse().unwrap();
        format!("{}-01-01", year + 1)
    };
    let waive = ["check", "waive", "shop", "DI-03", "--reason", "tiny", "--until", &until];
    assert_eq!(place.refusal(&waive)["code"], "not_possible");
    let asked = place.json(&[&waive[..], &["--ask"]].concat());
    let requests = place.json(&["check", "requests"]);
    assert_eq!(requests.as_array().unwrap().len(), 1);
    assert_eq!(requests[0]["request"], asked["id"]);
    assert_eq!((&requests[0]["by"], &requests[0]["check"]), (&"Ann".into(), &"DI-03".into()));
    let id = asked["id"].as_str().unwrap();
    for (words, code) in [
        (&["check", "answer", id][..], "arguments_invalid"),
        (&["check", "answer", id, "--grant", "--decline"], "arguments_invalid"),
        (&["check", "answer", id, "--grant", "--note", "n"], "arguments_invalid"),
        (&["check", "answer", id, "--grant"], "not_possible"),
        (&["check", "answer", "nothing", "--grant", "--as", "Ben"], "not_found"),
        (&["check", "answer", "shop", "DI-01", "--grant", "--as", "Ben"], "not_found"),
    ] {
        assert_eq!(place.refusal(words)["code"], code, "{words:?}");
    }
    place.json(&["check", "answer", id, "--decline", "--note", "review them", "--as", "Ben"]);
    assert_eq!(place.json(&["check", "requests"]), serde_json::json!([]));
    assert_eq!(place.row("shop")["progress"]["waived"], 0);
    place.json(&[&waive[..], &["--ask"]].concat());
    place.json(&["check", "answer", "shop", "di-03", "--grant", "--as", "Ben"]);
    assert_eq!(place.row("shop")["progress"]["waived"], 1);
}
