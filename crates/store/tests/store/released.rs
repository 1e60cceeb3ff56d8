//! Files of every released version open with this one; files of a later one open for reading.
//!
//! After a release: `PILOTAGE_STORE_TEST_RELEASE=<version> cargo test -p pilotage-store released`
//! writes its file, which is committed and never changed.

use crate::support::{ACTOR, NOW, Place, commit, created, device, happened, id, tamper};
use pilotage_domain::change::{Change, Kind};
use pilotage_domain::fact::Happening;
use pilotage_store::{Look, Opening, Store};
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
            store.nodes(NOW).await.unwrap().into_iter().map(|node| node.name).collect();
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

#[test]
fn migrations_only_add() {
    let forbidden = |sql: &str| {
        let sql = sql.to_uppercase();
        let words: Vec<&str> = sql.split_whitespace().collect();
        let found =
            ["DROP TABLE", "DROP COLUMN", "RENAME TO", "RENAME COLUMN", "-- NO-TRANSACTION"]
                .into_iter()
                .find(|word| words.join(" ").contains(word));
        found.map(str::to_owned)
    };
    for migration in pilotage_schema::MIGRATOR.iter() {
        let found = forbidden(migration.sql.as_ref());
        assert_eq!(found, None, "{}", migration.description);
    }
    assert!(forbidden("ALTER TABLE batch\n  DROP COLUMN wall").is_some(), "negative control");
}
