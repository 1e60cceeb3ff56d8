//! Files of every released version open with this one; files of a later one open for reading.
//!
//! After a release: `PILOTAGE_STORE_TEST_RELEASE=<version> cargo test -p pilotage-store released`
//! writes its file, which is committed and never changed.

use crate::support::{ACTOR, NOW, Place, commit, created, device, happened, id, tamper};
use pilotage_domain::change::{Change, Kind};
use pilotage_domain::fact::Happening;
use pilotage_store::{Look, Opening, Store};
use sqlx::{Connection as _, SqliteConnection};
use std::collections::BTreeSet;
use std::path::PathBuf;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/released")
}

/// The state that every file in the folder holds: it is made of the same actions.
fn story() -> Vec<Vec<Change>> {
    let blocker = Happening::BlockerOpened {
        service: id(1),
        reason: "no chart yet".to_owned(),
        waiting_for: "platform team".to_owned(),
    };
    vec![
        created(id(1), Kind::Service, "payments"),
        created(id(2), Kind::Service, "ledger"),
        created(ACTOR, Kind::Person, "Ada"),
        vec![happened(NOW, blocker)],
        vec![Change::field(id(2), "name", "general ledger")],
    ]
}

#[tokio::test]
async fn writes_the_file_of_a_release_when_asked() {
    let Some(version) = std::env::var_os("PILOTAGE_STORE_TEST_RELEASE") else { return };
    let place = Place::new().await;
    let store = place.open().await;
    for changes in story() {
        commit(&store, NOW, changes).await;
    }
    store.close().await;
    // `VACUUM` leaves no free pages: the file is committed.
    tamper(&place.path, "PRAGMA journal_mode = DELETE; VACUUM").await;
    std::fs::create_dir_all(folder()).unwrap();
    let file = folder().join(version).with_added_extension("pilotage");
    std::fs::copy(&place.path, file).unwrap();
}

#[tokio::test]
async fn every_released_file_opens_and_is_written() {
    let mut files = 0;
    for entry in std::fs::read_dir(folder()).unwrap() {
        let entry = entry.unwrap();
        let place = Place::empty();
        std::fs::copy(entry.path(), &place.path).unwrap();
        let opening = Opening {
            backups: Some(place.beside("backups")),
            look: Look::Close,
            now: NOW,
            ..Opening::default()
        };
        let store = Store::open_with(&place.path, device(1), "laptop", opening).await.unwrap();
        let name = entry.file_name();
        assert_eq!(store.read_only(), None, "{name:?}");
        let nodes: Vec<String> =
            store.nodes(NOW).await.unwrap().iter().map(|node| node.name.clone()).collect();
        assert_eq!(nodes, ["general ledger", "payments"], "{name:?}");
        let state = store.state_hash().await.unwrap();
        store.rebuild(NOW).await.unwrap();
        assert_eq!(store.state_hash().await.unwrap(), state, "{name:?}: replay is the same");
        commit(&store, NOW, vec![Change::field(id(1), "name", "invoices")]).await;
        assert!(store.check().await.unwrap().is_empty(), "{name:?}");
        store.close().await;
        files += 1;
    }
    assert!(files > 0, "a released file is there");
}

#[tokio::test]
async fn a_later_file_opens_for_reading_and_stays_as_it_is() {
    let place = Place::empty();
    std::fs::copy(folder().join("0.1.0.pilotage"), &place.path).unwrap();
    // A later version has all that this one has, and more.
    let store = place.open().await;
    store.rebuild(NOW).await.unwrap();
    store.close().await;
    let later =
        "INSERT INTO _sqlx_migrations SELECT version + 1000, 'later', installed_on, success,
            checksum, execution_time FROM _sqlx_migrations LIMIT 1;
        ALTER TABLE node ADD COLUMN later TEXT; CREATE TABLE later (a INTEGER) STRICT;
        UPDATE register SET value = json_set(value, '$.app', '7.2.0') WHERE path = 'device';";
    tamper(&place.path, &format!("{later} PRAGMA user_version = 3")).await;
    let before = std::fs::read(&place.path).unwrap();
    let store = place.open().await;
    let reason = store.read_only().expect("it is newer");
    assert!(reason.contains("version 7.2.0 or newer"), "{reason}");
    assert_eq!(store.nodes(NOW).await.unwrap().len(), 2, "everything reads");
    store.close().await;
    assert_eq!(std::fs::read(&place.path).unwrap(), before, "not a byte is written");
    // The control: the same file below the version is written.
    tamper(&place.path, "PRAGMA user_version = 2").await;
    let store = Store::open(&place.path, device(1), "laptop").await.unwrap();
    commit(&store, NOW, vec![Change::field(id(1), "name", "invoices")]).await;
    store.close().await;
}

/// Every column of every table, and every row of the log.
async fn held(connection: &mut SqliteConnection) -> BTreeSet<String> {
    let columns =
        "SELECT m.name || '.' || c.name FROM sqlite_schema AS m, pragma_table_info(m.name) AS c
         WHERE m.type = 'table'";
    let mut held: BTreeSet<String> = sqlx::query_scalar(columns)
        .fetch_all(&mut *connection)
        .await
        .unwrap()
        .into_iter()
        .collect();
    for table in ["workspace", "device", "batch", "quarantine"] {
        let rows = format!("SELECT count(*) FROM {table}");
        let rows: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(rows))
            .fetch_one(&mut *connection)
            .await
            .unwrap();
        held.extend((0..rows).map(|row| format!("{table}, row {row}")));
    }
    held
}

/// What a step takes away from a file that has something in every table of the log.
async fn taken_by(steps: &[String]) -> BTreeSet<String> {
    let mut connection = SqliteConnection::connect("sqlite::memory:").await.unwrap();
    let mut taken = BTreeSet::new();
    let mut before = BTreeSet::new();
    for (number, step) in steps.iter().enumerate() {
        sqlx::raw_sql(sqlx::AssertSqlSafe(step.clone())).execute(&mut connection).await.unwrap();
        if number == 0 {
            let rows = "INSERT INTO workspace (only, id, created_at) VALUES (1, zeroblob(16), 0);
                INSERT INTO device (device, name) VALUES (zeroblob(16), 'laptop');
                INSERT INTO batch (device, seq, hlc, wall, writes, body)
                    VALUES (zeroblob(16), 1, 1, 1, 0, x'7b');
                INSERT INTO quarantine (device, body, reason) VALUES (zeroblob(16), x'7b', 'r');";
            sqlx::raw_sql(rows).execute(&mut connection).await.unwrap();
        }
        let after = held(&mut connection).await;
        taken.extend(before.difference(&after).cloned());
        before = after;
    }
    taken
}

/// Tables of the read model may be made anew, with all the columns they had: an earlier version
/// reads the file of a later one.
#[tokio::test]
async fn migrations_only_add() {
    let steps: Vec<String> =
        pilotage_schema::MIGRATOR.iter().map(|step| step.sql.as_ref().to_owned()).collect();
    assert!(steps.iter().all(|sql| !sql.to_lowercase().contains("-- no-transaction")));
    assert_eq!(taken_by(&steps).await, BTreeSet::new());
    // Controls.
    for (step, taken) in [
        ("ALTER TABLE node DROP COLUMN listed", "node.listed"),
        ("DROP TABLE quarantine; CREATE TABLE quarantine (id INTEGER)", "quarantine.reason"),
        ("DELETE FROM batch", "batch, row 0"),
    ] {
        let with: Vec<String> = steps.iter().cloned().chain([step.to_owned()]).collect();
        assert!(taken_by(&with).await.contains(taken), "{step}");
    }
}
