//! A folder of its own for each test, a seeded generator, and a look at the tables themselves.

use pilotage_domain::change::{Change, Kind, path};
use pilotage_domain::fact::{Fact, Happening};
use pilotage_domain::hlc::Hlc;
use pilotage_domain::ids::DeviceId;
use pilotage_domain::operation::{Batch, Write};
use pilotage_store::{BatchRange, Commit, Committed, Store, UndoPlan};
use serde_json::Value;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection};
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use uuid::Uuid;

pub const WORKSPACE: Uuid = Uuid::from_u128(0x0192_f0c4_6c1e_7b35_9d0e_3f6f_1c2a_7b11);
pub const ACTOR: Uuid = Uuid::from_u128(7);
/// A morning in 2026.
pub const NOW: i64 = 1_790_000_000_000;

/// Every table that is folded from the log.
pub const READ_MODEL: [&str; 11] = [
    "register_write",
    "awaited",
    "register",
    "entity",
    "fact",
    "touched",
    "dependency",
    "merged",
    "node",
    "node_course",
    "node_text",
];

pub struct Place {
    folder: TempDir,
    pub path: PathBuf,
}

impl Place {
    /// A folder without a workspace.
    pub fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("programme.pilotage");
        Self { folder, path }
    }

    /// A folder with a new workspace.
    pub async fn new() -> Self {
        let place = Self::empty();
        Store::create(&place.path, WORKSPACE, NOW).await.unwrap();
        place
    }

    pub fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub async fn open(&self) -> Store {
        self.open_as(device(1)).await
    }

    pub async fn open_as(&self, device: DeviceId) -> Store {
        Store::open(&self.path, device, "laptop").await.unwrap()
    }

    pub async fn raw(&self) -> SqliteConnection {
        raw(&self.path).await
    }
}

/// A connection that is none of the store's.
pub async fn raw(path: &Path) -> SqliteConnection {
    SqliteConnectOptions::new().filename(path).connect().await.unwrap()
}

/// Runs statements on a connection that is none of the store's, and closes it.
pub async fn tamper(path: &Path, statements: &str) {
    let mut connection =
        SqliteConnectOptions::new().filename(path).create_if_missing(true).connect().await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(statements)).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

pub fn device(number: u8) -> DeviceId {
    DeviceId([number; 16])
}

pub fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

pub fn action(now: i64, changes: Vec<Change>) -> Commit {
    Commit { id: Uuid::now_v7(), actor: ACTOR, now, changes }
}

pub async fn commit(store: &Store, now: i64, changes: Vec<Change>) -> Committed {
    store.commit(action(now, changes)).await.unwrap().expect("something changes")
}

pub fn created(entity: Uuid, kind: Kind, name: &str) -> Vec<Change> {
    vec![Change::Created { entity, kind }, Change::field(entity, path::NAME, name)]
}

pub fn happened(occurred_at: i64, what: Happening) -> Change {
    Change::Happened { id: Uuid::now_v7(), fact: Fact { occurred_at, what } }
}

pub fn range(committed: Committed) -> BatchRange {
    BatchRange { device: committed.device, first: committed.first, last: committed.last }
}

pub async fn undo(store: &Store, what: Committed, now: i64) -> (UndoPlan, Option<Committed>) {
    let plan = store.plan_undo(range(what), now, Uuid::now_v7).await.unwrap();
    let done = store.commit(action(now, plan.changes.clone())).await.unwrap();
    (plan, done)
}

/// A canonical line with one write.
pub fn line(seq: u64, hlc: Hlc, entity: Uuid, path: &str, value: impl Into<Value>) -> Vec<u8> {
    let write = Write { entity, path: path.to_owned(), value: value.into(), seen: Vec::new() };
    let batch = Batch { seq, hlc, actor: ACTOR, wall: NOW, writes: vec![write] };
    batch.to_line().unwrap().into_bytes()
}

/// The rows of tables, each value spelled as SQL, in order.
pub async fn dump(path: &Path, tables: &[&str]) -> Vec<String> {
    let mut connection = raw(path).await;
    let mut lines = Vec::new();
    for table in tables {
        let columns: Vec<String> =
            sqlx::query_scalar("SELECT 'quote(' || name || ')' FROM pragma_table_info(?)")
                .bind(table)
                .fetch_all(&mut connection)
                .await
                .unwrap();
        assert!(!columns.is_empty(), "{table} exists");
        let row = columns.join("||','||");
        let statement = format!("SELECT '{table}: '||{row} FROM {table} ORDER BY 1");
        let rows: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(statement))
            .fetch_all(&mut connection)
            .await
            .unwrap();
        lines.extend(rows);
    }
    connection.close().await.unwrap();
    lines
}

/// Asserts that two dumps are equal, and names the first row that is not.
pub fn same_rows(before: &[String], after: &[String], what: &str) {
    let only = |a: &[String], b: &[String]| a.iter().find(|row| !b.contains(row)).cloned();
    assert!(before == after, "{what}: {:?} became {:?}", only(before, after), only(after, before));
}

/// `SplitMix64`: one seed replays everything.
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to `sides` - 1.
    pub fn below(&mut self, sides: usize) -> usize {
        usize::try_from(self.roll() % sides as u64).unwrap()
    }

    /// True once in `times`.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    pub fn id(&mut self) -> Uuid {
        Uuid::from_u64_pair(self.roll(), self.roll())
    }
}
