//! Notes: private until revealed, authors in three ways, groups and votes.

use super::team::{Team, noon};
use pilotage_api::Code;
use pilotage_domain::operation::Batch;
use pilotage_store::Store;
use serde_json::{Value, json};
use uuid::Uuid;

async fn log(team: &Team) -> Vec<(Batch, String)> {
    let app = team.0.at(noon(30), "Ann").await;
    let workspace = app.workspace().to_owned();
    app.close().await;
    let device = pilotage_domain::ids::DeviceId([9; 16]);
    let store = Store::open(&workspace, device, "reader").await.unwrap();
    let lines = store.log().await.unwrap();
    store.close().await;
    lines
        .into_iter()
        .map(|(_, line)| {
            (Batch::parse(&line).unwrap(), String::from_utf8_lossy(&line).into_owned())
        })
        .collect()
}

async fn says(team: &Team, text: &str) -> Vec<Batch> {
    let log = log(team).await;
    log.into_iter().filter(|(_, line)| line.contains(text)).map(|(batch, _)| batch).collect()
}

#[tokio::test]
async fn a_note_stays_on_the_device_until_it_is_revealed_and_survives_a_restart() {
    let team = Team::new().await;
    let note = json!({"sprint": "One", "text": "ask-for-rules", "column": "Learned", "service": "ledger", "check": "a-1"});
    let kept = team.ok(4, "write_note", note).await;
    assert_eq!(kept["batch"], Value::Null, "nothing was written into the log");
    assert_eq!(says(&team, "ask-for-rules").await, [], "and the log does not hold it");
    // Every command opens the programme anew.
    let retro = team.retro(6, "One").await;
    let draft = &retro["drafts"][0];
    assert_eq!(
        (&draft["text"], &draft["column"], &draft["service"]["name"], &draft["check"]),
        (&json!("ask-for-rules"), &json!("learned"), &json!("ledger"), &json!("A-1"))
    );
    assert_eq!(retro["document"]["notes"], json!([]));
    let elsewhere = team.ok(6, "retro_report", json!({"sprint": "One", "format": "md"})).await;
    assert!(!elsewhere["text"].as_str().unwrap().contains("ask-for-rules"), "nor an export");
    team.ok(6, "reveal_notes", json!({"sprint": "One"})).await;
    assert_eq!(says(&team, "ask-for-rules").await.len(), 1, "the control: now it does");
    let retro = team.retro(6, "One").await;
    assert_eq!(retro["drafts"], json!([]));
    let note = &retro["document"]["notes"][0];
    assert_eq!((&note["id"], &note["author"]), (&kept["id"], &json!("Ann")));
    team.ok(6, "reveal_notes", json!({"sprint": "One"})).await;
    assert_eq!(team.retro(6, "One").await["document"]["notes"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn authors_are_named_in_three_ways_and_unattributed_stores_none() {
    for (authors, expect) in
        [("named", json!("Ben")), ("initials", json!("B")), ("unattributed", Value::Null)]
    {
        let team = Team::new().await;
        team.edit(6, "One", json!({ "authors": authors })).await;
        let note = json!({"sprint": "One", "text": "too-many-meetings"});
        team.by("Ben", 6, "write_note", note).await.unwrap();
        team.by("Ben", 6, "reveal_notes", json!({"sprint": "One"})).await.unwrap();
        let retro = team.retro(6, "One").await;
        assert_eq!(retro["document"]["notes"][0]["author"], expect, "{authors}");
        let batches = says(&team, "too-many-meetings").await;
        let ben = retro["people"].as_array().unwrap().iter().find(|p| p["name"] == "Ben").unwrap();
        let ben = Uuid::try_parse(ben["id"].as_str().unwrap()).unwrap();
        let operation = serde_json::to_string(&batches[0].to_line().unwrap()).unwrap();
        let names_him = batches[0].actor == ben || operation.contains(&ben.to_string());
        assert_eq!(names_him, authors != "unattributed", "{authors}: {:?}", batches[0]);
        let late = json!({"sprint": "One", "authors": "named"});
        team.refused(6, "edit_retro", late, Code::NotPossible, "revealed").await;
    }
}

#[tokio::test]
async fn groups_gather_notes_and_votes_keep_their_budget() {
    let team = Team::new().await;
    team.edit(6, "One", json!({"present": ["Ann", "Ben"], "step": "notes"})).await;
    for text in ["rules take days", "rules again", "good pairing"] {
        team.ok(6, "write_note", json!({"sprint": "One", "text": text})).await;
    }
    team.ok(6, "reveal_notes", json!({"sprint": "One"})).await;
    let notes = team.retro(6, "One").await["document"]["notes"].clone();
    let id = |place: usize| notes[place]["id"].clone();
    let group = json!({"sprint": "One", "notes": [id(0), id(1)], "name": "Rules"});
    let group = team.ok(6, "group_notes", group).await["id"].clone();
    let vote = |votes: u32| json!({"sprint": "One", "group": group, "votes": votes});
    team.ok(6, "group_notes", vote(6)).await;
    team.refused(6, "group_notes", vote(7), Code::NotPossible, "3 for each of 2 people").await;
    let other = json!({"sprint": "One", "notes": [id(2)]});
    let other = team.ok(6, "group_notes", other).await["id"].clone();
    let over = json!({"sprint": "One", "group": other, "votes": 1});
    team.refused(6, "group_notes", over, Code::NotPossible, "7 votes").await;
    let document = team.retro(6, "One").await["document"].clone();
    assert_eq!(document["groups"][0]["name"], "Rules");
    assert_eq!(document["groups"][0]["votes"], 6);
    assert_eq!(document["groups"][1]["name"], "good pairing", "named by its first note");
    let individual = json!({"sprint": "One", "voting": "individual"});
    team.refused(6, "edit_retro", individual, Code::NotPossible, "has voted").await;
    team.ok(6, "group_notes", json!({"sprint": "One", "notes": [id(0)], "group": "none"})).await;
    let document = team.retro(6, "One").await["document"].clone();
    let grouped = document["notes"].as_array().unwrap().iter().filter(|n| n["group"] == group);
    assert_eq!(grouped.count(), 1);
}

#[tokio::test]
async fn votes_of_each_are_hidden_while_people_vote() {
    let team = Team::new().await;
    let edit = json!({"present": ["Ann", "Ben"], "voting": "individual", "step": "group"});
    team.edit(6, "One", edit).await;
    team.ok(6, "write_note", json!({"sprint": "One", "text": "rules"})).await;
    team.ok(6, "reveal_notes", json!({"sprint": "One"})).await;
    let note = team.retro(6, "One").await["document"]["notes"][0]["id"].clone();
    let group = json!({"sprint": "One", "notes": [note]});
    let group = team.ok(6, "group_notes", group).await["id"].clone();
    let vote = |votes: u32| json!({"sprint": "One", "group": group, "votes": votes});
    team.refused(6, "group_notes", vote(3), Code::NotPossible, "At most 2").await;
    team.ok(6, "group_notes", vote(2)).await;
    assert_eq!(team.retro(6, "One").await["document"]["groups"][0]["votes"], Value::Null);
    team.edit(6, "One", json!({"step": "discuss"})).await;
    assert_eq!(team.retro(6, "One").await["document"]["groups"][0]["votes"], 2);
}

#[tokio::test]
async fn a_closed_one_is_opened_again_with_a_reason_only() {
    let team = Team::new().await;
    let turn =
        |closed: bool, reason: Value| json!({"sprint": "One", "closed": closed, "reason": reason});
    team.refused(6, "turn_retro", turn(false, json!("why")), Code::NotPossible, "open").await;
    team.ok(6, "turn_retro", turn(true, Value::Null)).await;
    for (command, argument) in [
        ("edit_retro", json!({"sprint": "One", "step": "notes"})),
        ("write_note", json!({"sprint": "One", "text": "late"})),
        ("turn_retro", turn(true, Value::Null)),
    ] {
        team.refused(7, command, argument, Code::NotPossible, "closed").await;
    }
    team.refused(7, "turn_retro", turn(false, Value::Null), Code::ArgumentsInvalid, "reason").await;
    team.ok(7, "turn_retro", turn(false, json!("a vote was missing"))).await;
    team.ok(8, "turn_retro", turn(true, Value::Null)).await;
    let revisions = team.retro(8, "One").await["document"]["revisions"].clone();
    let kept: Vec<&Value> = revisions.as_array().unwrap().iter().map(|r| &r["reason"]).collect();
    assert_eq!(kept, [&json!(""), &json!("a vote was missing"), &json!("")], "all stay");
}
