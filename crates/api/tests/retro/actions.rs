//! Actions: open ones first, carried at most twice, three new ones, an owner who leaves.

use super::team::Team;
use pilotage_api::Code;
use serde_json::{Value, json};

fn agree(sprint: &str, text: &str) -> Value {
    json!({"sprint": sprint, "text": text, "owner": "Ben", "seen_by": "nobody asks any more"})
}

#[tokio::test]
async fn open_actions_come_first_and_skipping_them_is_recorded() {
    let team = Team::new().await;
    team.ok(6, "agree_action", agree("One", "Write the runbook")).await;
    team.ok(6, "turn_retro", json!({"sprint": "One", "closed": true})).await;
    team.turn(9, "Two", "start").await;
    team.turn(13, "Two", "end").await;
    let step = |skip: bool| json!({"sprint": "Two", "step": "facts", "skip": skip});
    let waits = "1 open actions from before wait";
    team.refused(13, "edit_retro", step(false), Code::NotPossible, waits).await;
    team.refused(13, "reveal_notes", json!({"sprint": "Two"}), Code::NotPossible, waits).await;
    team.refused(
        13,
        "turn_retro",
        json!({"sprint": "Two", "closed": true}),
        Code::NotPossible,
        waits,
    )
    .await;
    let retro = team.retro(13, "Two").await;
    assert!(retro["waits"].as_str().unwrap().contains(waits));
    let open = &retro["document"]["open_actions"][0];
    assert_eq!((&open["text"], &open["from"]), (&json!("Write the runbook"), &json!("One")));
    assert_eq!((&open["age_days"], &open["outcome"]), (&json!(7), &json!("undecided")));
    team.ok(13, "edit_retro", step(true)).await;
    let retro = team.retro(13, "Two").await;
    assert_eq!(retro["document"]["skipped_by"]["name"], "Ann");
    let text = team.ok(13, "retro_report", json!({"sprint": "Two", "format": "md"})).await;
    assert!(text["text"].as_str().unwrap().contains("Skipped by Ann"), "{text}");
}

#[tokio::test]
async fn the_third_carry_forces_a_decision_and_rewriting_is_one() {
    let team = Team::new().await;
    let action = team.ok(6, "agree_action", agree("One", "Write all runbooks")).await["id"].clone();
    let decide = |sprint: &str, decision: &str, reason: Value| json!({"action": action, "sprint": sprint, "decision": decision, "reason": reason});
    for (place, name) in ["Two", "Three", "Four"].into_iter().enumerate() {
        let week = 9 + 7 * i64::try_from(place).unwrap();
        if name != "Two" {
            let (first, last) = (format!("2026-03-{week:02}"), format!("2026-03-{:02}", week + 4));
            team.plan(name, &first, &last, &["mail"]).await;
        }
        team.turn(week, name, "start").await;
        team.turn(week + 4, name, "end").await;
        if name != "Four" {
            team.ok(week + 4, "decide_action", decide(name, "keep", Value::Null)).await;
        }
    }
    let keep = decide("Four", "keep", Value::Null);
    team.refused(27, "decide_action", keep, Code::NotPossible, "carried twice").await;
    let drop = decide("Four", "drop", Value::Null);
    team.refused(27, "decide_action", drop, Code::ArgumentsInvalid, "reason").await;
    assert_eq!(team.retro(27, "Four").await["document"]["open_actions"][0]["carried"], 2);
    let mut smaller = agree("Four", "Write the runbook of mail");
    smaller["supersedes"] = action.clone();
    let refused = {
        let mut first = agree("Four", "Another one");
        first["supersedes"] = Value::Null;
        first
    };
    team.refused(27, "agree_action", refused, Code::NotPossible, "wait for a decision").await;
    // Rewriting is a decision, so it needs none before.
    team.ok(27, "edit_retro", json!({"sprint": "Four", "step": "facts", "skip": true})).await;
    team.ok(27, "agree_action", smaller).await;
    let document = team.retro(27, "Four").await["document"].clone();
    assert_eq!(document["open_actions"][0]["outcome"], "superseded");
    assert_eq!(document["actions"][0]["supersedes"], action);
}

#[tokio::test]
async fn a_fourth_action_asks_which_to_drop() {
    let team = Team::new().await;
    let mut first = Value::Null;
    for text in ["One thing", "Another thing", "A third thing"] {
        let saved = team.ok(6, "agree_action", agree("One", text)).await;
        first = if first.is_null() { saved["id"].clone() } else { first };
    }
    let fourth = || agree("One", "A fourth thing");
    team.refused(6, "agree_action", fourth(), Code::NotPossible, "Say which of these").await;
    let mut instead = fourth();
    instead["instead_of"] = first;
    team.ok(6, "agree_action", instead).await;
    let document = team.retro(6, "One").await["document"].clone();
    let states: Vec<&str> = document["actions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|a| a["state"].as_str().unwrap())
        .collect();
    assert_eq!(states.iter().filter(|state| **state == "open").count(), 3, "{states:?}");
    assert_eq!(states.iter().filter(|state| **state == "dropped").count(), 1, "{states:?}");
}

#[tokio::test]
async fn an_action_needs_an_owner_a_sign_and_a_metric_that_exists() {
    let team = Team::new().await;
    let check = async |field: &str, value: Value, code, why: &str| {
        let mut action = agree("One", "Ask earlier");
        action[field] = value;
        team.refused(6, "agree_action", action, code, why).await;
    };
    check("owner", json!("Nobody"), Code::NotFound, "person").await;
    check("seen_by", json!("  "), Code::ArgumentsInvalid, "sign that it worked").await;
    check("metric", json!("zeal"), Code::NotFound, "metric").await;
    check("metric", json!("blocked_hours"), Code::ArgumentsInvalid, "direction").await;
    check("target", json!("moon"), Code::ArgumentsInvalid, "team, playbook").await;
    let mut bound = agree("One", "Ask earlier");
    (bound["metric"], bound["direction"]) = (json!("check:A-1"), json!("down"));
    team.ok(6, "agree_action", bound).await;
}

#[tokio::test]
async fn whose_owner_left_comes_first_and_belongs_to_nobody() {
    let team = Team::new().await;
    team.ok(
        5,
        "agree_action",
        json!({"sprint": "One", "text": "Ask", "owner": "Ann", "seen_by": "x"}),
    )
    .await;
    team.ok(6, "agree_action", agree("One", "Write")).await;
    team.turn(9, "Two", "start").await;
    let ben = team.retro(9, "Two").await["people"].clone();
    let ben = ben.as_array().unwrap().iter().find(|p| p["name"] == "Ben").unwrap()["id"].clone();
    let texts = async || {
        let open = team.retro(10, "Two").await["document"]["open_actions"].clone();
        let texts = open.as_array().unwrap().iter().map(|a| a["text"].as_str().unwrap().to_owned());
        (texts.collect::<Vec<_>>(), open[0]["owner"].clone())
    };
    assert_eq!(texts().await.0, ["Ask", "Write"], "the control: the oldest first");
    team.ok(9, "remove_person", json!({"id": ben})).await;
    assert_eq!(texts().await, (vec!["Write".to_owned(), "Ask".to_owned()], Value::Null));
    let open = team.ok(10, "open_actions", json!({})).await;
    assert_eq!(open[0]["text"], "Write");
}

#[tokio::test]
async fn an_action_on_the_playbook_is_done_when_its_version_is_adopted_and_open_when_undone() {
    let team = Team::new().await;
    let mut agreed = agree("One", "Ask for the owner earlier");
    agreed["target"] = json!("playbook");
    let action = team.ok(6, "agree_action", agreed).await["id"].clone();
    let other = team.ok(6, "agree_action", agree("One", "Write")).await["id"].clone();
    let state = async |id: &Value| {
        let document = team.retro(6, "One").await["document"].clone();
        let actions = document["actions"].as_array().unwrap().clone();
        let action = actions.into_iter().find(|action| action["id"] == *id).unwrap();
        (action["state"].clone(), action["reason"].clone())
    };
    let text = team.ok(6, "playbook", json!({})).await["text"].as_str().unwrap().to_owned();
    let next = text.replacen("version: 1", "version: 2", 1);
    let adopt = |closes: Vec<&Value>| json!({"text": next, "seen": null, "closes": closes});
    let target = "must have the playbook as its target";
    team.refused(6, "adopt_playbook", adopt(vec![&action, &other]), Code::ArgumentsInvalid, target)
        .await;
    assert_eq!(team.ok(6, "playbook", json!({})).await["version"], 1, "neither was changed");
    assert_eq!(state(&action).await.0, "open");
    let adopted = team.ok(6, "adopt_playbook", adopt(vec![&action])).await;
    assert_eq!(state(&action).await, (json!("done"), json!("small version 2 was adopted")));
    assert_eq!(state(&other).await.0, "open", "the control: only what was named");
    let third = next.replacen("version: 2", "version: 3", 1);
    let again = json!({"text": third, "seen": null, "closes": [action]});
    team.refused(6, "adopt_playbook", again, Code::NotPossible, "done").await;
    team.ok(6, "undo", json!({"batch": adopted["batch"]})).await;
    assert_eq!(state(&action).await, (json!("open"), json!("")));
    assert_eq!(team.ok(6, "playbook", json!({})).await["version"], 1);
}
