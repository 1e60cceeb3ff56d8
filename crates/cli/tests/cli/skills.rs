//! Who did what, said and confirmed on the command line.

use crate::place::Place;
use serde_json::Value;

fn level(place: &Place, skill: &str) -> Value {
    let view = place.json(&["skills"]);
    let mut levels = view["levels"].as_array().into_iter().flatten();
    let cell = levels.find(|cell| cell["skill"] == skill);
    cell.map_or(Value::Null, |cell| cell["words"].clone())
}

#[test]
fn who_did_it_is_said_confirmed_and_listed() {
    let place = Place::with_shop();
    place.json(&["person", "add", "Cleo"]);
    place.json(&["check", "attest", "shop", "LI-02"]);
    let found = &place.json(&["skills", "executions"])["executions"][0];
    assert_eq!(found["people"][0]["help"], 3, "{found}");
    // Nobody confirms his own; the control is another person.
    let own = place.refusal(&["check", "confirm", "shop", "LI-02"]);
    assert_eq!(own["code"], "not_possible", "{own}");
    place.json(&["check", "confirm", "shop", "LI-02", "--as", "Cleo"]);
    let again = place.refusal(&["check", "confirm", "shop", "LI-02", "--as", "Cleo"]);
    assert_eq!(again["code"], "not_found", "nothing waits any more: {again}");
    assert_eq!(level(&place, "cutover"), "L2");
    place.json(&["check", "done", "orders", "LI-02"]);
    place.json(&["check", "confirm", "orders", "LI-02", "--as", "Cleo"]);
    assert_eq!(level(&place, "cutover"), "L3");
    // What was not to be recorded is not, and a helper makes it no work alone.
    place.json(&["check", "attest", "payments", "LI-02", "--unrecorded"]);
    assert_eq!(place.json(&["skills", "executions"])["total"], 2);
    let eve = ["person", "add", "Eve"];
    place.json(&eve);
    let guided = ["check", "done", "payments", "LI-02", "--with", "Eve:4"];
    assert_eq!(place.refusal(&guided)["code"], "not_possible", "Eve has not done it before");
    place.json(&["person", "set", "Eve", "--outside", "yes"]);
    place.json(&guided);
    let found = &place.json(&["skills", "executions", "--service", "payments"])["executions"][0];
    assert_eq!((&found["people"][0]["help"], &found["people"][1]["help"]), (&2.into(), &4.into()));
    let wrong = place.refusal(&["check", "done", "payments", "LI-02", "--with", "Eve"]);
    assert_eq!(wrong["code"], "arguments_invalid");
}

#[test]
fn hours_and_own_assessments_are_told() {
    let place = Place::with_shop();
    let hours = ["skills", "hours", "shop", "1.5"];
    assert_eq!(place.refusal(&hours)["code"], "not_possible", "hours are of experts from outside");
    place.json(&["person", "add", "Eve"]);
    place.json(&["person", "set", "Eve", "--outside", "yes"]);
    let saved = place.json(&["skills", "hours", "shop", "1.5", "--person", "Eve"]);
    assert_eq!(place.json(&["skills"])["hours"][0]["hundredths"], 150);
    let id = saved["id"].as_str().unwrap();
    place.json(&["skills", "retract", id]);
    assert_eq!(place.json(&["skills"])["hours"].as_array().unwrap().len(), 0);
    place.json(&["skills", "assess", "pipeline", "4"]);
    let view = place.json(&["skills"]);
    let cell = &view["levels"][0];
    assert_eq!((&cell["level"], &cell["assessed"]), (&0.into(), &4.into()));
    place.json(&["skills", "assess", "pipeline", "none"]);
    assert_eq!(place.json(&["skills"])["levels"].as_array().unwrap().len(), 0);
}
