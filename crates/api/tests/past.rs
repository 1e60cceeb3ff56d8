//! Past days, movers, search, conflicts and recent changes, as the commands answer them. The
//! numbers are worked out by hand.

#![expect(clippy::unwrap_used, reason = "a step that fails is a test that fails")]

use pilotage_api::app::Watch;
use pilotage_api::clock::from_rfc3339;
use pilotage_api::host::NoDialogs;
use pilotage_api::programme::{self, NewProgramme};
use pilotage_api::{App, Clock, Code, OpenOptions};
use pilotage_domain::change::{Change, Kind, path};
use pilotage_domain::fact::{Fact, Happening, Seen, Source};
use pilotage_domain::ids::DeviceId;
use pilotage_store::{Commit, Store};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;
use tempfile::TempDir;
use uuid::Uuid;

const PAYMENTS: Uuid = Uuid::from_u128(1);
const LEDGER: Uuid = Uuid::from_u128(2);
const ADA: Uuid = Uuid::from_u128(3);

struct Place {
    folder: TempDir,
}

/// A moment of March 2026, in UTC.
fn march(text: &str) -> i64 {
    from_rfc3339(&format!("2026-03-{text}:00Z")).unwrap()
}

fn found(number: u128, at: &str, service: Uuid, check: &str) -> Vec<Change> {
    let what = Happening::Finding {
        service,
        check: check.into(),
        check_version: 1,
        result: Seen::Pass,
        source: Source::Person,
        observed: format!("seen by hand, {number}"),
        link: None,
        stale_after: None,
    };
    vec![Change::Happened {
        id: Uuid::from_u128(number),
        fact: Fact { occurred_at: march(at), what },
    }]
}

impl Place {
    fn path(&self) -> PathBuf {
        self.folder.path().join("programme.pilotage")
    }

    /// A programme in Berlin that begins on 2 March and is looked at on the 7th.
    async fn new() -> Self {
        let place = Self { folder: tempfile::tempdir().unwrap() };
        let new = NewProgramme { name: "Shop".into(), time_zone: "Europe/Berlin".into() };
        let clock = Clock::Fixed(march("02T09:00"));
        programme::create(&place.path(), place.folder.path(), clock, &new).await.unwrap();
        let made = |entity, kind, name: &str| {
            vec![Change::Created { entity, kind }, Change::field(entity, path::NAME, name)]
        };
        let blocker = Happening::BlockerOpened {
            service: PAYMENTS,
            reason: "no certificate".into(),
            waiting_for: "network team".into(),
        };
        let blocker = Fact { occurred_at: march("06T09:00"), what: blocker };
        place
            .write(
                0x11,
                &[
                    ("02T09:00", made(ADA, Kind::Person, "Ada")),
                    ("02T09:00", made(PAYMENTS, Kind::Service, "payments")),
                    ("02T09:00", made(LEDGER, Kind::Service, "ledger")),
                    // Half an hour before and after midnight in Berlin.
                    ("03T22:30", found(11, "03T22:30", PAYMENTS, "DI-01")),
                    ("03T23:30", found(12, "03T23:30", PAYMENTS, "DI-02")),
                    // Told on the 5th, seen on the 3rd.
                    ("05T09:00", found(13, "03T10:00", LEDGER, "DI-01")),
                    ("06T09:00", vec![Change::Happened { id: Uuid::from_u128(14), fact: blocker }]),
                ],
            )
            .await;
        place
    }

    /// Commits changes, each at its moment, as a device.
    async fn write(&self, device: u8, steps: &[(&str, Vec<Change>)]) {
        let store = Store::open(&self.path(), DeviceId([device; 16]), "laptop").await.unwrap();
        for (at, changes) in steps {
            let (now, changes) = (march(at), changes.clone());
            let commit = Commit { id: Uuid::now_v7(), actor: ADA, now, changes };
            store.commit(commit).await.unwrap().unwrap();
        }
        store.close().await;
    }

    async fn open(&self) -> App {
        let options = OpenOptions {
            workspace: self.path(),
            data_folder: self.folder.path().to_owned(),
            clock: Clock::Fixed(march("07T09:00")),
            watch: Watch::No,
        };
        let app = App::open(options, Arc::new(NoDialogs)).await.unwrap();
        app.act_as_named("Ada").await.unwrap();
        app
    }
}

#[tokio::test]
async fn progress_of_a_past_day_as_it_was_and_as_it_was_known() {
    let place = Place::new().await;
    let app = place.open().await;
    let check = async |day: &str, known: bool, passed: u32, blocked: u32| {
        let view = app.call("progress", json!({"at": day, "as_known": known})).await.unwrap();
        let totals = &view["totals"];
        assert_eq!(totals["in_scope"], 2, "{day}");
        assert_eq!(totals["passed"], passed, "{day}, as known: {known}");
        assert_eq!(totals["blocked"], blocked, "{day}");
        assert_eq!(view["blocked"].as_array().unwrap().len(), blocked as usize, "{day}");
        assert_eq!((&view["at"], &view["as_known"]), (&json!(day), &json!(known)));
        assert_eq!(view["flow"]["days"].as_array().unwrap().last().unwrap()["date"], day);
        view
    };
    // DI-01 of payments; with what was told late, DI-01 of ledger.
    let view = check("2026-03-03", false, 2, 0).await;
    assert_eq!(view["as_of"], "2026-03-03T22:59:59.999Z", "the day ends in Berlin");
    assert_eq!(
        view["sentence"],
        "0 of 2 services were live; 100 % of the passed checks were proved."
    );
    check("2026-03-03", true, 1, 0).await;
    check("2026-03-04", false, 3, 0).await;
    check("2026-03-04", true, 2, 0).await;
    // From the day on which it was told both say the same.
    check("2026-03-05", false, 3, 0).await;
    check("2026-03-05", true, 3, 0).await;
    let view = check("2026-03-06", false, 3, 1).await;
    assert_eq!(view["blocked"][0]["days"], 0, "days are counted up to that day");
    let told = |view: &Value| view["changes_total"].as_u64().unwrap();
    let (sixth, third) = (view, check("2026-03-03", false, 2, 0).await);
    assert_eq!(told(&sixth) - told(&third), 3, "what was recorded later is not told of that day");

    let today = app.call("progress", json!({"at": "2026-03-07"})).await.unwrap();
    assert_eq!(today["at"], Value::Null, "today is now");
    assert_eq!(today, app.call("progress", json!({})).await.unwrap());
    let before = app.call("progress", json!({"at": "2026-03-01"})).await.unwrap();
    assert_eq!(before["totals"]["in_scope"], 0);
    assert_eq!(before["sentence"], "No services were in scope yet.");
    for argument in [
        json!({"at": "2026-03-08"}),
        json!({"at": "yesterday"}),
        json!({"at": "2026-02-30"}),
        json!({"as_known": true}),
    ] {
        let error = app.call("progress", argument.clone()).await.unwrap_err();
        assert_eq!(error.code, Code::ArgumentsInvalid, "{argument}");
    }
    let report = json!({"format": "md", "at": "2026-03-03", "as_known": true});
    let report = app.call("report", report).await.unwrap();
    assert_eq!(report["file_name"], "progress-2026-03-03.md");
    let text = report["text"].as_str().unwrap();
    assert!(text.contains("As of the end of 2026-03-03, as it was known then"), "{text}");
    assert!(text.contains("| ledger | Not started | 0/"), "{text}");
    assert!(text.contains("| payments | Not started | 1/"), "{text}");
    app.close().await;
}

#[tokio::test]
async fn movers_since_a_day() {
    let place = Place::new().await;
    let app = place.open().await;
    let moved = async |day: &str| {
        let view = app.call("movers", json!({"since": day})).await.unwrap();
        let names = |rows: &Value| -> Vec<String> {
            let row = |row: &Value| {
                format!("{} {}", row["service"]["name"].as_str().unwrap(), row["passed_difference"])
            };
            rows.as_array().unwrap().iter().map(row).collect()
        };
        (names(&view["movers"]), names(&view["improved"]), names(&view["dropped"]))
    };
    let none: Vec<String> = Vec::new();
    // Ledger passed on the 3rd already, as is known today.
    let one = vec!["payments 1".to_owned()];
    assert_eq!(moved("2026-03-03").await, (one.clone(), one, none.clone()));
    let both = vec!["ledger 1".to_owned(), "payments 2".to_owned()];
    let best_first = vec!["payments 2".to_owned(), "ledger 1".to_owned()];
    assert_eq!(moved("2026-03-02").await, (both, best_first, none.clone()));
    // Only the blocker is new.
    assert_eq!(
        moved("2026-03-05").await,
        (vec!["payments 0".to_owned()], none.clone(), none.clone())
    );
    assert_eq!(moved("2026-03-06").await, (none.clone(), none.clone(), none.clone()));
    let fact = json!({"finding": Uuid::from_u128(12).to_string()});
    app.call("retract", fact).await.unwrap();
    let one = vec!["payments -1".to_owned()];
    assert_eq!(moved("2026-03-06").await, (one.clone(), none, one));

    let view = app.call("movers", json!({"since": "2026-03-05"})).await.unwrap();
    let row = &view["movers"][0];
    assert_eq!((&row["from"]["blocked"], &row["to"]["blocked"]), (&json!(false), &json!(true)));
    assert_eq!((&row["from"]["passed"], &row["to"]["passed"]), (&json!(2), &json!(1)));
    for day in ["2026-03-07", "2026-03-08", ""] {
        let error = app.call("movers", json!({"since": day})).await.unwrap_err();
        assert_eq!(error.code, Code::ArgumentsInvalid, "{day:?}");
    }
    app.close().await;
}

#[tokio::test]
async fn a_conflict_is_shown_and_settled() {
    let place = Place::new().await;
    // Neither names what the other wrote.
    for (device, owner) in [(0x12, "Bob"), (0x13, "Cleo")] {
        let unseen = Change::Field {
            entity: PAYMENTS,
            path: path::OWNER.into(),
            value: json!(owner),
            seen: Some(Vec::new()),
        };
        place.write(device, &[("06T10:00", vec![unseen])]).await;
    }
    let app = place.open().await;
    let open = async || app.call("conflicts", json!({})).await.unwrap()["conflicts"].clone();
    let conflicts = open().await;
    let row = &conflicts[0];
    assert_eq!(conflicts.as_array().unwrap().len(), 1);
    assert_eq!(
        (&row["kind"], &row["name"], &row["field"]),
        (&json!("service"), &json!("payments"), &json!("owner"))
    );
    let choices = row["values"].as_array().unwrap();
    assert_eq!(choices.len(), 2);
    let noticed = async || {
        let notices = app.call("notices", json!({})).await.unwrap()["notices"].clone();
        let texts: Vec<String> = notices
            .as_array()
            .unwrap()
            .iter()
            .filter(|notice| notice["kind"] == "conflict")
            .map(|notice| notice["text"].as_str().unwrap().to_owned())
            .collect();
        texts
    };
    assert_eq!(noticed().await, ["payments has two values for owner"]);
    let bob = choices.iter().find(|choice| choice["shown"] == "Bob").unwrap();
    assert_eq!(bob["by"], "Ada");
    let settle = |value: &str, seen: &[Value]| json!({"entity": row["entity"], "field": "owner", "value": value, "seen": seen});
    for wrong in [settle("Bob", &[]), settle("true", &[]), settle("\"Bob\"", &[json!("x")])] {
        let error = app.call("settle_conflict", wrong.clone()).await.unwrap_err();
        assert_eq!(error.code, Code::ArgumentsInvalid, "{wrong}");
    }
    // The control: who names one version only leaves the other one open.
    let only = [bob["version"].clone()];
    app.call("settle_conflict", settle("\"Bob\"", &only)).await.unwrap();
    assert_eq!(open().await.as_array().unwrap().len(), 1, "still open");
    let shown: Vec<Value> = open().await[0]["values"]
        .as_array()
        .unwrap()
        .iter()
        .map(|choice| choice["version"].clone())
        .collect();
    app.call("settle_conflict", settle(bob["value"].as_str().unwrap(), &shown)).await.unwrap();
    assert_eq!(open().await.as_array().unwrap().len(), 0);
    assert!(noticed().await.is_empty(), "a settled conflict needs nobody");
    let error = app.call("settle_conflict", settle("\"Bob\"", &[])).await.unwrap_err();
    assert_eq!(error.code, Code::NotPossible, "there is nothing left to settle");
    for (name, hits) in [("bob", 1), ("cleo", 0)] {
        let found = app.call("search", json!({"query": name})).await.unwrap();
        assert_eq!(found["total"], hits, "{name}");
    }
    app.close().await;
}

#[tokio::test]
async fn words_and_recent_changes_are_found() {
    let place = Place::new().await;
    let app = place.open().await;
    let places = async |query: &str| {
        let view = app.call("search", json!({"query": query})).await.unwrap();
        let hits = view["hits"].as_array().unwrap().clone();
        assert_eq!(view["total"], hits.len(), "{query}");
        let place = |hit: &Value| hit["place"].as_str().unwrap().to_owned();
        hits.iter().map(place).collect::<Vec<_>>()
    };
    assert_eq!(places("ada").await, ["person"]);
    assert_eq!(places("PAYMENTS").await, ["name"]);
    assert_eq!(places("certificate team").await, ["blocker"]);
    assert_eq!(places("hand").await, ["check", "check", "check"]);
    assert_eq!(places("nothing of the kind").await, Vec::<String>::new());
    let recent = app.call("recent", json!({})).await.unwrap()["services"].clone();
    let names: Vec<&str> = recent
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["service"]["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["payments", "ledger"]);
    assert_eq!(recent[0]["event"]["kind"], "blocker");
    assert_eq!(recent[0]["changed_at"], "2026-03-06T09:00:00.000Z");
    app.close().await;
}
