//! Retrospectives that leave the programme and come into another one: the same document, a preview
//! that changes nothing, all or nothing, "talked about before", and notes that speak about people.

use super::team::{Team, noon};
use pilotage_api::app::App;
use pilotage_api::host::{Answer, NoDialogs};
use pilotage_api::{ApiError, Code, Host};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;

/// Sprint *One*, its retrospective with a note about a person, one about a service, one about a check
/// and an action that came of the last.
async fn held() -> Team {
    let team = Team::new().await;
    team.edit(6, "One", json!({"present": ["Ann", "Ben"], "step": "notes"})).await;
    for note in [
        json!({"text": "Ben saved the day", "column": "liked"}),
        json!({"text": "its alarm is mute", "column": "lacked", "service": "ledger"}),
        json!({"text": "switching took all night", "column": "lacked", "check": "B-1"}),
    ] {
        let mut note = note;
        note["sprint"] = json!("One");
        team.ok(6, "write_note", note).await;
    }
    team.ok(6, "reveal_notes", json!({"sprint": "One"})).await;
    let notes = team.retro(6, "One").await["document"]["notes"].clone();
    let of = |text: &str| {
        let mut notes = notes.as_array().unwrap().iter();
        notes.find(|note| note["text"] == text).unwrap()["id"].clone()
    };
    let action = json!({
        "sprint": "One", "text": "Write", "owner": "Ben", "seen_by": "it is read",
        "notes": [of("switching took all night")],
    });
    team.ok(6, "agree_action", action).await;
    let group = json!({"sprint": "One", "notes": [of("Ben saved the day")]});
    team.ok(6, "group_notes", group).await;
    team
}

async fn close(team: &Team) {
    team.ok(6, "turn_retro", json!({"sprint": "One", "closed": true})).await;
}

async fn export(team: &Team) -> String {
    let request = json!({"sprint": "One", "format": "json", "with_people": true});
    team.ok(7, "retro_report", request).await["text"].as_str().unwrap().to_owned()
}

fn import(text: &str) -> Value {
    json!({ "text": text })
}

/// A window in which somebody chooses a file.
#[derive(Debug)]
struct Chooses(PathBuf);

impl Host for Chooses {
    fn choose_import_files(&self) -> Answer<'_, Vec<PathBuf>> {
        NoDialogs.choose_import_files()
    }

    fn choose_playbook(&self) -> Answer<'_, Option<PathBuf>> {
        NoDialogs.choose_playbook()
    }

    fn choose_retrospective(&self) -> Answer<'_, Option<PathBuf>> {
        Box::pin(async { Some(self.0.clone()) })
    }

    fn choose_save_path(&self, file_name: String) -> Answer<'_, Option<PathBuf>> {
        NoDialogs.choose_save_path(file_name)
    }

    fn open_link(&self, address: String) -> Answer<'_, Result<(), ApiError>> {
        NoDialogs.open_link(address)
    }
}

/// What the preview of a file says.
async fn preview(team: &Team, content: &str) -> Result<Value, ApiError> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("there.json");
    std::fs::write(&file, content).unwrap();
    let app = App::open(team.0.options(noon(7)), Arc::new(Chooses(file))).await.unwrap();
    app.act_as_named("Ann").await.unwrap();
    let answer = app.call("choose_retro", json!({})).await;
    app.close().await;
    answer
}

#[tokio::test]
async fn an_export_makes_the_same_document_in_an_empty_programme() {
    let team = held().await;
    let about = team.retro(6, "One").await;
    let about_ben: Vec<&Value> = about["document"]["notes"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|note| note["text"] == "Ben saved the day")
        .map(|note| &note["id"])
        .collect();
    assert_eq!(about["about_people"], json!(about_ben));
    let open = export(&team).await;
    close(&team).await;
    let closed = export(&team).await;

    let empty = Team::empty().await;
    let still = "Only a closed retrospective";
    empty.refused(7, "import_retro", import(&open), Code::NotPossible, still).await;
    empty.refused(7, "import_retro", import("{}"), Code::FileRejected, "schema_version").await;
    let broken = closed.replacen("2026-03-02", "the second", 1);
    empty.refused(7, "import_retro", import(&broken), Code::FileRejected, "is no day").await;
    assert!(empty.ok(7, "sprints", json!({})).await["sprints"].as_array().unwrap().is_empty());
    empty.ok(7, "import_retro", import(&closed)).await;
    assert_eq!(export(&empty).await, closed, "the same document, byte for byte");
    let here = "in this programme already";
    empty.refused(7, "import_retro", import(&closed), Code::NotPossible, here).await;
    team.refused(7, "import_retro", import(&closed), Code::NotPossible, here).await;
    let reopen = json!({"sprint": "One", "closed": false, "reason": "a name"});
    empty.refused(7, "turn_retro", reopen, Code::NotPossible, "stays as it is").await;

    // Its action goes on living here, with its owner.
    let open = empty.ok(8, "open_actions", json!({})).await;
    assert_eq!((&open[0]["text"], &open[0]["owner"]["name"]), (&json!("Write"), &json!("Ben")));
    let decide = json!({"action": open[0]["id"], "decision": "done"});
    empty.ok(8, "decide_action", decide).await;
    assert_eq!(empty.ok(8, "open_actions", json!({})).await, json!([]));
    assert_eq!(export(&empty).await, closed, "and the document stays as it was");
}

async fn state(team: &Team) -> String {
    let app = team.0.at(noon(7), "Ann").await;
    let hash = app.export().await.unwrap().state_hash;
    app.close().await;
    hash
}

#[tokio::test]
async fn a_preview_says_what_would_come_in_and_changes_nothing() {
    let team = held().await;
    close(&team).await;
    let export = export(&team).await;
    let empty = Team::empty().await;
    let before = state(&empty).await;
    let seen = preview(&empty, &export).await.unwrap();
    assert_eq!(state(&empty).await, before, "looking writes nothing");
    let part = |name: &str| seen[name].clone();
    assert_eq!(part("file_name"), "there.json");
    assert_eq!((part("programme"), part("notes")), (json!("Shop"), json!(3)));
    assert_eq!((&seen["sprint"]["name"], part("sprint_is_here")), (&json!("One"), json!(false)));
    assert_eq!(part("people"), json!(["Ben"]), "Ann is here already");
    assert_eq!(part("unknown_services"), json!(["ledger"]));
    let action = json!({"text": "Write", "owner": "Ben", "state": "open", "is_here": false});
    assert_eq!(part("actions"), json!([action]));

    empty.ok(7, "import_retro", import(seen["text"].as_str().unwrap())).await;
    assert_ne!(state(&empty).await, before, "the control: taking it in does");
    let people = empty.ok(7, "session", json!({})).await["people"].clone();
    assert_eq!(people.as_array().unwrap().len(), 2, "{people}");
    let again = preview(&empty, &export).await.unwrap_err();
    assert!(again.message.contains("in this programme already"), "{again}");
}

#[tokio::test]
async fn a_file_that_is_not_whole_leaves_nothing_behind() {
    let team = held().await;
    close(&team).await;
    let export = export(&team).await;
    let empty = Team::empty().await;
    let before = state(&empty).await;
    let action = serde_json::from_str::<Value>(&export).unwrap()["actions"][0]["id"].clone();
    let action = action.as_str().unwrap();
    let ben = team.retro(6, "One").await["people"][1]["id"].clone();
    let cut = &export[..export.len() / 2];
    let mut twice: Value = serde_json::from_str(&export).unwrap();
    twice["open_actions"] = twice["actions"].clone();
    for (broken, why) in [
        (cut.to_owned(), "EOF"),
        (export.replace(action, "the first one"), "the id of its action is none"),
        (export.replace(ben.as_str().unwrap(), "benjamin"), "the id of its person is none"),
        (export.replace("\"regular\"", "\"yearly\""), "of no kind that is known"),
        (export.replace("\"state\": \"open\"", "\"state\": \"ajar\""), "stands as none does here"),
        (twice.to_string(), "two of its actions have one id"),
        ("\u{feff}# Retrospective".to_owned(), "expected value"),
    ] {
        assert_ne!(broken, export, "{why}: the file is another one");
        for error in [
            preview(&empty, &broken).await.unwrap_err(),
            empty.ask(7, "import_retro", import(&broken)).await.unwrap_err(),
        ] {
            assert_eq!(error.code, Code::FileRejected, "{why}: {error}");
            assert!(error.message.contains(why), "{why}: {error}");
            assert!(error.message.contains("Nothing was changed"), "{error}");
        }
        assert_eq!(state(&empty).await, before, "{why}");
    }
    empty.ok(7, "import_retro", import(&export)).await;
    assert_ne!(state(&empty).await, before, "the control: the whole file changes it");
}

#[tokio::test]
async fn what_another_programme_said_was_talked_about_before() {
    let there = held().await;
    let ledger = async |team: &Team| {
        let rows = team.ok(6, "services", json!({})).await["rows"].clone();
        let mut rows = rows.as_array().unwrap().iter();
        rows.find(|row| row["name"] == "ledger").unwrap()["id"].clone()
    };
    close(&there).await;
    let export = export(&there).await;
    let here = Team::new().await;
    assert_ne!(ledger(&there).await, ledger(&here).await, "the name is what they share");
    here.turn(9, "Two", "start").await;
    here.ok(9, "edit_retro", json!({"sprint": "Two", "step": "notes"})).await;
    for note in [
        json!({"text": "mute again", "service": "ledger"}),
        json!({"text": "two nights", "check": "B-1"}),
        json!({"text": "an owner is missing", "check": "A-1"}),
    ] {
        let mut note = note;
        note["sprint"] = json!("Two");
        here.ok(9, "write_note", note).await;
    }
    here.ok(9, "reveal_notes", json!({"sprint": "Two"})).await;
    let before = async |text: &str| {
        let notes = here.retro(10, "Two").await["document"]["notes"].clone();
        let mut notes = notes.as_array().unwrap().iter();
        notes.find(|note| note["text"] == text).unwrap()["before"].clone()
    };
    assert_eq!(before("mute again").await, json!([]), "the control: nobody said it here");

    let saved = here.ok(9, "import_retro", import(&export)).await;
    // Both programmes have a sprint of that name.
    let name = "One (Shop)";
    assert_eq!(saved["summary"], format!("Retrospective of {name} taken in"));
    assert_eq!(before("mute again").await, json!([format!("{name}: its alarm is mute")]));
    let said = |state: &str| {
        let action = format!("{name}, action, {state}: Write");
        json!([format!("{name}: switching took all night"), action])
    };
    assert_eq!(before("two nights").await, said("open"));
    assert_eq!(before("an owner is missing").await, json!([]), "of another check nothing is told");
    // The action lives on here, and so does what became of it.
    let action = here.ok(9, "open_actions", json!({})).await[0]["id"].clone();
    here.ok(9, "decide_action", json!({"action": action, "decision": "done"})).await;
    assert_eq!(before("two nights").await, said("done"));
    here.ok(9, "undo", json!({"batch": saved["batch"]})).await;
    assert_eq!(before("mute again").await, json!([]), "and undone it is gone");
}

#[tokio::test]
async fn notes_that_speak_about_people_stay_unless_they_are_asked_for() {
    let team = held().await;
    let report = async |team: &Team, form: &str, with: bool| {
        let request = json!({"sprint": "One", "format": form, "with_people": with});
        team.ok(7, "retro_report", request).await
    };
    for form in ["md", "html", "json"] {
        let whole = report(&team, form, true).await;
        assert_eq!(whole["notes_left_out"], 0, "{form}");
        // The group took its name from the note.
        let told = whole["text"].as_str().unwrap().matches("Ben saved the day").count();
        assert!(told > 1, "the control: {form} tells it {told} times");
        let left = report(&team, form, false).await;
        assert_eq!(left["notes_left_out"], 1, "{form}");
        let text = left["text"].as_str().unwrap();
        assert!(!text.contains("saved the day"), "{form}: {text}");
        assert!(text.contains("its alarm is mute"), "{form}: the others stay");
    }
    let text = report(&team, "md", false).await["text"].as_str().unwrap().to_owned();
    assert!(text.contains("1 note that speaks about people was left out."), "{text}");
    let csv = report(&team, "csv", false).await;
    assert_eq!(csv["notes_left_out"], 0, "a table of actions holds no note");
    // Who left is still spoken about.
    let ben = team.retro(7, "One").await["people"][1].clone();
    assert_eq!(ben["name"], "Ben");
    team.ok(7, "remove_person", json!({"id": ben["id"]})).await;
    assert_eq!(report(&team, "md", false).await["notes_left_out"], 1);

    // The same of one that was taken in: its people are named in it.
    close(&team).await;
    let empty = Team::empty().await;
    empty.ok(7, "import_retro", import(&export(&team).await)).await;
    assert_eq!(empty.retro(7, "One").await["about_people"].as_array().unwrap().len(), 1);
    let left = report(&empty, "json", false).await;
    assert_eq!(left["notes_left_out"], 1);
    // What was left out stays left out, and is told wherever the file goes.
    let third = Team::empty().await;
    third.ok(7, "import_retro", import(left["text"].as_str().unwrap())).await;
    let document = third.retro(7, "One").await["document"].clone();
    assert_eq!(document["notes_left_out"], 1);
    assert_eq!(document["notes"].as_array().unwrap().len(), 2);
    assert_eq!(report(&third, "json", false).await["text"], left["text"]);
}
