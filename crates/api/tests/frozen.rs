//! A frozen report, rendered again after the world went on: late entries, older operations of
//! another device, another zone, another playbook. The control, the same day as it was, differs.

#![expect(clippy::unwrap_used, reason = "a step that fails ends the test and says why")]

use chrono::{Datelike as _, NaiveDate};
use pilotage_api::app::Watch;
use pilotage_api::host::NoDialogs;
use pilotage_api::{App, Clock, Code, OpenOptions};
use pilotage_domain::change::{Change, Kind, path};
use pilotage_domain::fact::Happening;
use pilotage_domain::ids::DeviceId;
use pilotage_store::{Commit, Store};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use uuid::Uuid;

const DAY: i64 = 86_400_000;
/// Tuesday, 24 November 2026, noon in Berlin.
const FROZEN: i64 = 1_795_518_000_000;
const FORMATS: [&str; 4] = ["md", "html", "json", "csv"];

async fn open(folder: &Path, now: i64) -> App {
    let options = OpenOptions {
        workspace: folder.join("p.pilotage"),
        data_folder: folder.to_owned(),
        clock: Clock::Fixed(now),
        watch: Watch::No,
    };
    let app = App::open(options, Arc::new(NoDialogs)).await.unwrap();
    app.act_as_named("Engineer C").await.unwrap();
    app
}

/// Working days from the date that was said before to the one that is said now. The sample's
/// programme has no holidays.
fn moved(outlook: &Value) -> i64 {
    let day = |text: &Value| text.as_str().unwrap().parse::<NaiveDate>().unwrap();
    let levels = outlook["levels"].as_array().unwrap();
    let now = levels.iter().find(|level| level["level"] == 85).unwrap();
    let (before, now) = (day(&outlook["slip"]["from"]), day(&now["date"]));
    let worked = |from: NaiveDate, to: NaiveDate| {
        let days = from.iter_days().skip(1).take_while(|day| *day <= to);
        i64::try_from(days.filter(|day| day.weekday().number_from_monday() < 6).count()).unwrap()
    };
    worked(before, now) - worked(now, before)
}

async fn frozen(app: &App, id: &str) -> Vec<Value> {
    let mut texts = Vec::new();
    for format in FORMATS {
        texts.push(app.call("frozen_report", json!({"id": id, "format": format})).await.unwrap());
    }
    texts
}

/// What a device wrote before the report was frozen and that arrives after it.
async fn older_operations(folder: &Path, workspace: Uuid) -> Vec<Vec<u8>> {
    let path = folder.join("other.pilotage");
    Store::create(&path, workspace, FROZEN - 9 * DAY).await.unwrap();
    let store = Store::open(&path, DeviceId([7; 16]), "other").await.unwrap();
    let service = Uuid::from_u128(77);
    let changes = vec![
        Change::Created { entity: service, kind: Kind::Service },
        Change::field(service, path::NAME, "from-elsewhere"),
        Change::field(service, path::CLASS, "service"),
    ];
    let commit = Commit { id: Uuid::now_v7(), actor: Uuid::nil(), now: FROZEN - 8 * DAY, changes };
    store.commit(commit).await.unwrap();
    let changes = vec![Change::field(service, path::TEAM, "elsewhere")];
    let commit = Commit { id: Uuid::now_v7(), actor: Uuid::nil(), now: FROZEN - 7 * DAY, changes };
    store.commit(commit).await.unwrap();
    let lines = store.log().await.unwrap().into_iter().map(|(_, line)| line).collect();
    store.close().await;
    lines
}

/// A hole in a device's log would take all that comes after it out of the report, in silence.
#[tokio::test]
async fn a_log_with_a_change_of_a_later_version_is_not_frozen() {
    for later in [true, false] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.pilotage");
        pilotage_sample::create(&path, FROZEN).await.unwrap();
        let store = Store::open(&path, DeviceId([9; 16]), "messenger").await.unwrap();
        let mut lines = older_operations(folder.path(), store.workspace()).await;
        if later {
            let line = String::from_utf8(lines[0].clone()).unwrap();
            lines[0] = line.replacen("\"v\":1", "\"v\":2", 1).into_bytes();
        }
        store.receive(DeviceId([7; 16]), lines, FROZEN).await.unwrap();
        store.close().await;
        let app = open(folder.path(), FROZEN).await;
        let answer = app.call("freeze_report", json!({"note": ""})).await;
        match answer {
            Err(error) => assert!(later && error.code == Code::NotPossible, "{error}"),
            Ok(_) => assert!(!later, "the control alone is frozen"),
        }
        app.close().await;
    }
}

#[tokio::test]
async fn nothing_that_comes_later_changes_a_frozen_report() {
    let folder = tempfile::tempdir().unwrap();
    pilotage_sample::create(&folder.path().join("p.pilotage"), FROZEN).await.unwrap();
    let app = open(folder.path(), FROZEN).await;
    let saved = app.call("freeze_report", json!({"note": "for the board"})).await.unwrap();
    let id = saved["id"].as_str().unwrap().to_owned();
    let before = frozen(&app, &id).await;
    let live = app.call("report", json!({"format": "md"})).await.unwrap();
    app.close().await;
    for (format, text) in FORMATS.iter().zip(&before) {
        assert_eq!(text["identical"], true, "{format}");
    }
    assert_eq!(before[0]["text"], live["text"], "it is the report of that moment");

    // The world goes on.
    let app = open(folder.path(), FROZEN + 2 * DAY).await;
    let late = json!({"service": "kyc-check", "check": "LI-01", "result": "pass"});
    app.call("attest", late).await.unwrap();
    app.call("edit_programme", json!({"time_zone": "Pacific/Auckland", "deadline": "2027-06-30"}))
        .await
        .unwrap();
    let playbook = app.call("playbook", json!({})).await.unwrap();
    let text = playbook["text"].as_str().unwrap().replacen("version: 1\n", "version: 2\n", 1);
    let text = text.replacen("title: ", "title: Another ", 1);
    app.call("adopt_playbook", json!({"text": text, "seen": null})).await.unwrap();
    app.call("set_scope", json!({"service": "rate-feed", "scope": "retain", "reason": "it stays"}))
        .await
        .unwrap();
    let workspace = app.workspace().to_owned();
    app.close().await;
    let store = Store::open(&workspace, DeviceId([9; 16]), "messenger").await.unwrap();
    let lines = older_operations(folder.path(), store.workspace()).await;
    store.receive(DeviceId([7; 16]), lines, FROZEN + 2 * DAY).await.unwrap();
    store.close().await;

    let app = open(folder.path(), FROZEN + 3 * DAY).await;
    let after = frozen(&app, &id).await;
    for ((format, before), after) in FORMATS.iter().zip(&before).zip(&after) {
        assert_eq!(before["text"], after["text"], "{format}: identical bytes");
        assert_eq!(after["identical"], true, "{format}: the hash says so");
    }
    // The control: as it was on that day, by what is known now.
    let was = json!({"format": "md", "at": "2026-11-24"});
    let was = app.call("report", was).await.unwrap();
    assert_ne!(was["text"], before[0]["text"]);
    assert!(was["text"].as_str().unwrap().contains("from-elsewhere"), "it knows more now");
    let listed = app.call("frozen_reports", json!({})).await.unwrap();
    assert_eq!(
        (listed.as_array().unwrap().len(), &listed[0]["note"]),
        (1, &json!("for the board"))
    );
    let missing = app.call("frozen_report", json!({"id": "ffff", "format": "md"})).await;
    assert_eq!(missing.unwrap_err().code, Code::NotFound);
    // Its forecast is kept, and the date that moved since is explained by parts that add up.
    let outlook = app.call("outlook", json!({})).await.unwrap();
    assert_eq!(outlook["calibration"]["forecasts"][0]["occasion"], "report");
    let slip = &outlook["slip"];
    let part = |name: &str| slip[name].as_i64().unwrap();
    let parts = ["scope", "regressions", "calendar", "pace", "noise"].map(part);
    assert_eq!(parts.iter().sum::<i64>(), part("total"), "{slip}");
    assert_eq!(moved(&outlook), part("total"), "it is how far the date moved: {outlook}");
    app.close().await;
}

/// What was frozen is told apart from what is rendered now by its hash alone.
#[tokio::test]
async fn a_false_hash_is_told() {
    let folder = tempfile::tempdir().unwrap();
    pilotage_sample::create(&folder.path().join("p.pilotage"), FROZEN).await.unwrap();
    let app = open(folder.path(), FROZEN).await;
    let saved = app.call("freeze_report", json!({"note": "true"})).await.unwrap();
    let workspace = app.workspace().to_owned();
    app.close().await;
    let store = Store::open(&workspace, DeviceId([9; 16]), "forger").await.unwrap();
    let mut fact = store.facts_of_kind("report_frozen").await.unwrap()[0].fact.clone();
    let Happening::ReportFrozen { report } = &mut fact.what else { panic!("a frozen report") };
    let markdown = report.hashes.get_mut("md").unwrap();
    *markdown = "0".repeat(markdown.len());
    let forged = Uuid::now_v7();
    let changes = vec![Change::Happened { id: forged, fact }];
    let commit = Commit { id: Uuid::now_v7(), actor: Uuid::nil(), now: FROZEN, changes };
    store.commit(commit).await.unwrap();
    store.close().await;
    let app = open(folder.path(), FROZEN + DAY).await;
    let forged = frozen(&app, &forged.to_string()).await;
    let honest = frozen(&app, saved["id"].as_str().unwrap()).await;
    app.close().await;
    for ((format, forged), honest) in FORMATS.iter().zip(&forged).zip(&honest) {
        assert_eq!(forged["text"], honest["text"], "{format}: the same report");
        assert_eq!(honest["identical"], true, "{format}");
        assert_eq!(forged["identical"], *format != "md", "{format}: only one hash is false");
    }
}
