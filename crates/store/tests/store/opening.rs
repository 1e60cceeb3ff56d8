//! What is opened, what is refused, and that a refused file stays as it was.

use crate::support::{NOW, Place, WORKSPACE, action, commit, created, device, id, tamper};
use pilotage_domain::change::{Change, Kind};
use pilotage_store::{Store, StoreError};
use std::path::Path;

/// A closed workspace with a few hundred services.
async fn filled() -> Place {
    let place = Place::new().await;
    let store = place.open().await;
    let changes =
        (1..=300).flat_map(|n| created(id(n), Kind::Service, &format!("service {n}"))).collect();
    commit(&store, NOW, changes).await;
    store.close().await;
    place
}

async fn refused(path: &Path) -> StoreError {
    let before = std::fs::read(path).ok();
    let identified = Store::identify(path).await.unwrap_err();
    let opened = Store::open(path, device(1), "laptop").await.unwrap_err();
    assert_eq!(identified.to_string(), opened.to_string(), "both say the same");
    assert_eq!(std::fs::read(path).ok(), before, "not a byte changed");
    opened
}

#[tokio::test]
async fn what_is_no_workspace_is_refused_and_left_alone() {
    let place = Place::empty();
    let check = async |name: &str, expect: &str| {
        let error = refused(&place.beside(name)).await;
        let text = format!("{error:?}");
        assert!(text.starts_with(expect), "{name}: {text}, expected {expect}");
    };
    check("missing", "Missing").await;
    check("no/such/folder", "Missing").await;
    assert!(!place.beside("missing").exists(), "looking makes nothing");
    std::fs::create_dir(place.beside("folder")).unwrap();
    check("folder", "Foreign(\"it is a folder\")").await;
    for (name, bytes) in [
        ("empty", Vec::new()),
        ("text", b"Dear diary, today we migrated.\n".repeat(100)),
        ("short", b"x".to_vec()),
        ("zeros", vec![0; 8192]),
        ("almost", b"SQLite format 3\0".to_vec()),
    ] {
        std::fs::write(place.beside(name), bytes).unwrap();
        check(name, "Foreign").await;
    }
    tamper(&place.beside("foreign"), "CREATE TABLE mails (a); PRAGMA application_id = 1").await;
    check("foreign", "Foreign(\"another program made it\")").await;
    tamper(&place.beside("bare"), "CREATE TABLE mails (a)").await;
    check("bare", "Foreign(\"another program made it\")").await;
    let ours = "PRAGMA application_id = 0x504C5447";
    tamper(&place.beside("marked"), &format!("CREATE TABLE mails (a); {ours}")).await;
    check("marked", "Damaged").await;
    let table = "CREATE TABLE workspace (only INTEGER PRIMARY KEY, id BLOB NOT NULL)";
    tamper(&place.beside("void"), &format!("{table}; {ours}")).await;
    check("void", "Damaged").await;
    let row = "INSERT INTO workspace VALUES (1, x'0102')";
    tamper(&place.beside("stub"), &format!("{table}; {row}; {ours}")).await;
    check("stub", "Damaged").await;
}

#[tokio::test]
async fn a_file_that_somebody_added_to_is_refused() {
    for addition in [
        "CREATE TRIGGER t AFTER INSERT ON batch BEGIN DELETE FROM batch; END",
        "CREATE VIEW v AS SELECT 1",
        "CREATE TABLE mails (a)",
        "CREATE INDEX more ON batch (hlc)",
        "CREATE TRIGGER t INSTEAD OF INSERT ON v BEGIN SELECT 1; END",
    ] {
        let place = filled().await;
        if addition.contains("INSTEAD") {
            tamper(&place.path, "CREATE VIEW v AS SELECT 1").await;
        }
        tamper(&place.path, addition).await;
        let error = refused(&place.path).await;
        assert!(matches!(error, StoreError::Tampered(_)), "{addition}: {error:?}");
    }
}

/// Opens for reading only: everything reads, nothing writes.
async fn only_reads(place: &Place, expect: &str) {
    let before = std::fs::read(&place.path).unwrap();
    let store = place.open().await;
    let reason = store.read_only().expect("a reason");
    assert!(reason.contains(expect), "{reason}");
    assert_eq!(store.workspace(), WORKSPACE);
    assert_eq!(store.nodes(NOW).await.unwrap().len(), 300);
    let change = Change::field(id(1), "name", "other");
    let verdicts = [
        store.commit(action(NOW, vec![change])).await.map(|_| ()),
        store.receive(device(2), vec![b"x".to_vec()], NOW).await.map(|_| ()),
        store.rebuild(NOW).await,
    ];
    for verdict in verdicts {
        match verdict {
            Err(StoreError::ReadOnly(text)) => assert_eq!(text, reason),
            other => panic!("{other:?}"),
        }
    }
    store.watch().await.unwrap().version().await.unwrap();
    store.close().await;
    assert_eq!(std::fs::read(&place.path).unwrap(), before, "not a byte changed");
}

#[tokio::test]
async fn a_newer_file_opens_for_reading() {
    let place = filled().await;
    tamper(&place.path, "PRAGMA user_version = 3; CREATE TABLE later (a INTEGER) STRICT").await;
    only_reads(&place, "newer version").await;
}

#[tokio::test]
async fn a_write_protected_file_opens_for_reading() {
    let place = filled().await;
    let mut permissions = std::fs::metadata(&place.path).unwrap().permissions();
    permissions.set_readonly(true);
    std::fs::set_permissions(&place.path, permissions).unwrap();
    only_reads(&place, "write-protected").await;
}

/// Takes a file back to the first form of its schema.
async fn made_by_the_first_version(place: &Place) {
    let first = pilotage_schema::MIGRATOR.iter().next().unwrap().sql.as_ref();
    let fact = first.split(';').find(|step| step.contains("CREATE TABLE fact ")).unwrap();
    let back = format!(
        "DROP TABLE node_course; DROP TABLE node_text; DROP TABLE merged; DROP TABLE slice;
        DROP INDEX batch_by_clock; DROP INDEX register_of_merged;
        ALTER TABLE fact RENAME TO later; {fact}; INSERT INTO fact SELECT * FROM later;
        DROP TABLE later;
        CREATE INDEX fact_by_kind ON fact (kind, occurred_at);
        CREATE INDEX fact_by_service ON fact (service, occurred_at);
        ALTER TABLE workspace DROP COLUMN folded; PRAGMA user_version = 1;
        DELETE FROM _sqlx_migrations WHERE version > 1"
    );
    tamper(&place.path, &back).await;
}

#[tokio::test]
async fn a_file_of_an_older_version_says_that_it_is_to_be_folded_again() {
    let place = filled().await;
    let store = place.open().await;
    assert!(!store.is_outdated(), "a new one is not");
    let expect = store.nodes(NOW).await.unwrap();
    store.close().await;
    made_by_the_first_version(&place).await;
    let store = place.open().await;
    assert!(store.is_outdated());
    assert_eq!(store.nodes(NOW).await.unwrap(), expect, "lists of now are there at once");
    let past = pilotage_store::When::AsItWas(NOW);
    assert_eq!(store.nodes_at(past).await.unwrap().len(), 0, "past days are not");
    let (sender, progress) = tokio::sync::watch::channel(pilotage_store::Rebuilding::default());
    store.rebuild_watched(NOW, sender).await.unwrap();
    let told = *progress.borrow();
    let writes = store.log_facts().await.unwrap().writes;
    assert_eq!((told.folded, told.writes), (writes, writes), "every write is told of");
    assert_eq!((told.walked, told.services), (300, 300), "and every service");
    assert_eq!(store.nodes_at(past).await.unwrap().len(), 300);
    store.close().await;
    let store = place.open().await;
    assert!(!store.is_outdated());
    store.close().await;
}

#[tokio::test]
async fn an_older_file_that_cannot_be_written_is_refused_and_left_alone() {
    let place = filled().await;
    made_by_the_first_version(&place).await;
    let mut permissions = std::fs::metadata(&place.path).unwrap().permissions();
    permissions.set_readonly(true);
    std::fs::set_permissions(&place.path, permissions).unwrap();
    let before = std::fs::read(&place.path).unwrap();
    let error = Store::open(&place.path, device(1), "laptop").await.unwrap_err();
    assert!(
        matches!(&error, StoreError::ReadOnly(why) if why.contains("older version")),
        "{error:?}"
    );
    assert_eq!(std::fs::read(&place.path).unwrap(), before, "not a byte changed");
}

#[tokio::test]
async fn a_schema_that_a_newer_version_added_to_is_written() {
    let place = filled().await;
    let applied = "INSERT INTO _sqlx_migrations
        SELECT version + 1000, 'later', installed_on, success, checksum, execution_time
        FROM _sqlx_migrations LIMIT 1";
    tamper(&place.path, &format!("{applied}; CREATE TABLE later (a INTEGER) STRICT")).await;
    let store = place.open().await;
    assert_eq!(store.read_only(), None, "`user_version` still lets us write");
    commit(&store, NOW, vec![Change::field(id(1), "name", "other")]).await;
    store.close().await;
}

#[tokio::test]
async fn a_truncated_file_is_refused_and_left_alone() {
    let whole = std::fs::read(filled().await.path).unwrap();
    let place = Place::empty();
    for part in 1..16 {
        for odd in [0, 1, 333] {
            std::fs::write(&place.path, &whole[..whole.len() * part / 16 - odd]).unwrap();
            let error = refused(&place.path).await;
            let clear = matches!(error, StoreError::Damaged(_) | StoreError::Foreign(_));
            assert!(clear, "{part}/16 - {odd}: {error:?}");
            std::fs::remove_file(&place.path).unwrap();
        }
    }
}

#[tokio::test]
async fn damage_inside_is_an_error_and_never_a_panic() {
    let whole = std::fs::read(filled().await.path).unwrap();
    let pages = whole.len() / 4096;
    let mut found = 0;
    for page in (1..pages).step_by(1 + pages / 40) {
        let place = Place::empty();
        let mut bytes = whole.clone();
        bytes[page * 4096..(page + 1) * 4096].fill(0xa5);
        std::fs::write(&place.path, &bytes).unwrap();
        let verdict = read_all(&place.path).await;
        match verdict {
            Ok(()) => {}
            Err(StoreError::Damaged(_)) => found += 1,
            Err(error) => panic!("page {page}: {error:?}"),
        }
    }
    assert!(found > 10, "most pages are read: {found}");
}

async fn read_all(path: &Path) -> Result<(), StoreError> {
    let store = Store::open(path, device(1), "laptop").await?;
    let verdict = async {
        store.nodes(NOW).await?;
        store.log().await?;
        store.state_hash().await?;
        store.entities(Kind::Service).await?;
        store.rebuild(NOW).await
    };
    let verdict = verdict.await;
    store.close().await;
    verdict
}

#[tokio::test]
async fn nothing_is_made_where_something_is() {
    let place = Place::new().await;
    let before = std::fs::read(&place.path).unwrap();
    let again = Store::create(&place.path, WORKSPACE, NOW).await;
    assert!(matches!(again, Err(StoreError::Exists(_))), "{again:?}");
    assert_eq!(std::fs::read(&place.path).unwrap(), before);
    assert_eq!(Store::identify(&place.path).await.unwrap(), WORKSPACE);
    let deep = place.beside("a/b/c.pilotage");
    Store::create(&deep, WORKSPACE, NOW).await.unwrap();
    assert_eq!(Store::identify(&deep).await.unwrap(), WORKSPACE, "folders are made");
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_may_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::new().await;
    let store = place.open().await;
    commit(&store, NOW, created(id(1), Kind::Service, "payments")).await;
    for suffix in ["", "-wal", "-shm"] {
        let path = place.beside(&format!("programme.pilotage{suffix}"));
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", path.display());
    }
    store.close().await;
    assert!(!place.beside("programme.pilotage-wal").exists(), "a clean close leaves no log");
}
