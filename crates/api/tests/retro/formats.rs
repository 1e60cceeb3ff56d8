//! A team's own formats.

use super::team::Team;
use pilotage_api::Code;
use serde_json::{Value, json};

const OURS: &str = r#"[
  { "id": "ours", "title": "Ours", "columns": [
    { "id": "ups", "title": "Ups", "prompt": "What rose?" },
    { "id": "downs", "title": "Downs", "prompt": "What sank?" }
  ] }
]"#;

fn ids(retro: &Value) -> Vec<&str> {
    retro["formats"].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_team_keeps_its_own_formats_and_no_note_loses_its_column() {
    let team = Team::new().await;
    let keep = |text: &str| json!({"text": text});
    let before = team.ok(6, "retro_formats", json!({})).await;
    assert_eq!(before["own"], false);
    team.ok(6, "keep_formats", keep(before["text"].as_str().unwrap())).await;
    assert_eq!(ids(&team.retro(6, "One").await)[0], "4l", "the same text, kept as one's own");

    team.ok(6, "keep_formats", keep(OURS)).await;
    let retro = team.retro(6, "One").await;
    assert_eq!(ids(&retro), ["ours"]);
    assert_eq!(retro["document"]["format"]["id"], "ours", "the first is the default");
    assert_eq!(team.ok(6, "retro_formats", json!({})).await, json!({"text": OURS, "own": true}));
    let known = "must be one of ours";
    let format = json!({"sprint": "One", "format": "4l"});
    team.refused(6, "edit_retro", format, Code::ArgumentsInvalid, known).await;

    let note = json!({"sprint": "One", "text": "Trust grew", "column": "ups"});
    team.ok(6, "write_note", note).await;
    team.ok(6, "reveal_notes", json!({"sprint": "One"})).await;
    let less = OURS.replace("ups", "rises");
    let column = "of One stand in the column \u{201c}ups\u{201d}";
    team.refused(6, "keep_formats", keep(&less), Code::NotPossible, column).await;
    team.refused(6, "keep_formats", keep(""), Code::NotPossible, column).await;
    team.ok(6, "keep_formats", keep(&OURS.replace("What rose", "What went up"))).await;
    team.refused(6, "keep_formats", keep("[{}]"), Code::FileRejected, "line 1").await;

    let document = team.retro(6, "One").await["document"].clone();
    assert_eq!(document["format"]["columns"][0]["prompt"], "What went up?");
    assert_eq!(document["notes"][0]["column"], "ups");
}

#[tokio::test]
async fn an_empty_text_goes_back_to_those_of_the_product() {
    let team = Team::new().await;
    team.ok(6, "keep_formats", json!({"text": OURS})).await;
    team.ok(6, "keep_formats", json!({"text": " "})).await;
    assert_eq!(ids(&team.retro(6, "One").await).len(), 6);
    assert_eq!(team.ok(6, "retro_formats", json!({})).await["own"], false);
}
