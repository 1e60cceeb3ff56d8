//! After damage: what is set aside, what comes back, and what is said of the rest.

use crate::backups::Kept;
use crate::support::{Dice, NOW, WORKSPACE, commit, created, device, id, line};
use pilotage_domain::change::{Change, Kind};
use pilotage_store::disk::{Disk, SystemDisk};
use pilotage_store::{Look, Opener, Opening, Reason, Recovery, Store, StoreError};
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

/// A program that ends in the middle of its steps on files: every step after the first few fails.
#[derive(Debug)]
pub struct StopsAfter {
    left: AtomicU32,
}

impl StopsAfter {
    pub fn new(steps: u32) -> Self {
        Self { left: AtomicU32::new(steps) }
    }

    fn step(&self) -> io::Result<()> {
        let left =
            self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        left.map(|_| ()).map_err(|_| io::Error::other("the program has ended"))
    }
}

impl Disk for StopsAfter {
    fn create_folder(&self, folder: &Path) -> io::Result<()> {
        self.step().and_then(|()| SystemDisk.create_folder(folder))
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step().and_then(|()| SystemDisk.rename(from, to))
    }
    fn copy(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step().and_then(|()| SystemDisk.copy(from, to))
    }
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.step().and_then(|()| SystemDisk.write(path, bytes))
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        self.step().and_then(|()| SystemDisk.remove(path))
    }
    fn sync_file(&self, path: &Path) -> io::Result<()> {
        self.step().and_then(|()| SystemDisk.sync_file(path))
    }
    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        self.step().and_then(|()| SystemDisk.sync_folder(folder))
    }
    fn free(&self, folder: &Path) -> Option<u64> {
        SystemDisk.free(folder)
    }
}

fn opener() -> Opener {
    Opener { device: device(1), fresh: device(9), name: "laptop".to_owned() }
}

/// A workspace with a copy in the middle of its history; answers its final state.
async fn filled(with_copy: bool) -> (Kept, String) {
    let kept = Kept::new().await;
    let store = kept.open().await;
    for number in 1..=60_u32 {
        commit(
            &store,
            NOW + i64::from(number),
            created(id(number.into()), Kind::Service, &format!("service {number}")),
        )
        .await;
        if number == 30 && with_copy {
            store.back_up(Reason::Daily, NOW).await.unwrap();
        }
    }
    let state = store.state_hash().await.unwrap();
    store.close().await;
    (kept, state)
}

/// Opens as the app does: what is damaged is recovered.
async fn open_or_recover(kept: &Kept, look: Look) -> (Store, Option<Recovery>) {
    let opening = Opening { look, ..kept.opening() };
    let path = &kept.place.path;
    match Store::open_with(path, device(1), "laptop", opening.clone()).await {
        Ok(store) => (store, None),
        Err(StoreError::Damaged(text) | StoreError::Foreign(text)) => {
            let (store, report) =
                Store::recover(path, WORKSPACE, &opener(), &text, opening).await.unwrap();
            (store, Some(report))
        }
        Err(error) => panic!("{error:?}"),
    }
}

#[tokio::test]
async fn a_damaged_header_comes_back_whole() {
    for with_copy in [true, false] {
        let (kept, state) = filled(with_copy).await;
        let mut bytes = std::fs::read(&kept.place.path).unwrap();
        // The free list, which no table needs.
        bytes[32..40].fill(0xff);
        std::fs::write(&kept.place.path, &bytes).unwrap();
        let (store, report) = open_or_recover(&kept, Look::Close).await;
        let report = report.expect("it was damaged");
        assert_eq!(store.state_hash().await.unwrap(), state, "copy: {with_copy}, {report:?}");
        assert_eq!(report.salvaged, if with_copy { 30 } else { 60 });
        assert_eq!((report.missing.len(), report.backup.is_some()), (0, with_copy));
        let aside = std::fs::read(report.aside.join("programme.pilotage")).unwrap();
        assert_eq!(aside, bytes, "the damaged file is as it was");
        let written = commit(&store, NOW + 99, vec![Change::field(id(1), "name", "on")]).await;
        assert_eq!((written.device, written.first), (device(9), 1), "a new device");
        store.close().await;
        assert!(open_or_recover(&kept, Look::Close).await.1.is_none(), "once");
    }
}

#[tokio::test]
async fn a_file_of_which_nothing_can_be_read_says_so() {
    for torn in [100..4096, 32..40] {
        let (kept, state) = filled(true).await;
        let mut bytes = std::fs::read(&kept.place.path).unwrap();
        // Where the tables are listed; the control leaves them be.
        bytes[torn.clone()].fill(0xff);
        std::fs::write(&kept.place.path, &bytes).unwrap();
        let (store, report) = open_or_recover(&kept, Look::Close).await;
        let report = report.expect("it was damaged");
        let whole = store.state_hash().await.unwrap() == state;
        assert_eq!((report.unread, whole), (torn.start == 100, torn.start == 32), "{report:?}");
        store.close().await;
    }
}

#[tokio::test]
async fn a_header_that_is_gone_is_borrowed_from_the_copy() {
    let (kept, state) = filled(true).await;
    let mut bytes = std::fs::read(&kept.place.path).unwrap();
    bytes[..100].fill(0);
    std::fs::write(&kept.place.path, &bytes).unwrap();
    let (store, report) = open_or_recover(&kept, Look::Usual).await;
    let report = report.expect("it was damaged");
    assert_eq!((report.salvaged, report.missing.len()), (30, 0), "{report:?}");
    assert_eq!(store.state_hash().await.unwrap(), state);
    store.close().await;
}

#[tokio::test]
async fn what_is_lost_is_named_and_what_came_after_it_is_written_again() {
    let (kept, _) = filled(true).await;
    // The row of batch 40 is torn; those behind it are whole.
    let mut bytes = std::fs::read(&kept.place.path).unwrap();
    let torn = b"service 40";
    let places: Vec<usize> = bytes
        .windows(torn.len())
        .enumerate()
        .filter(|(_, part)| part == torn)
        .map(|(at, _)| at)
        .collect();
    for at in places {
        bytes[at..at + torn.len()].fill(0x01);
    }
    std::fs::write(&kept.place.path, &bytes).unwrap();
    let (store, report) = open_or_recover(&kept, Look::Close).await;
    let report = report.expect("it was damaged");
    let [missing] = report.missing.as_slice() else { panic!("{report:?}") };
    assert_eq!((missing.device, missing.batches, missing.first), (device(1), 1, 40));
    assert_eq!((missing.from, missing.to), (Some(NOW + 40), Some(NOW + 40)));
    let names: Vec<String> =
        store.nodes(NOW + 100).await.unwrap().iter().map(|node| node.name.clone()).collect();
    assert_eq!(names.len(), 59, "all but one: {names:?}");
    assert!(!names.contains(&"service 40".to_owned()));
    assert_eq!(report.waiting, 0);
    assert_eq!(store.sequences(device(9)).await.unwrap().len(), 20, "41 to 60 under the new id");
    assert!(store.check().await.unwrap().is_empty());
    store.close().await;
}

#[tokio::test]
async fn batches_of_other_devices_wait_behind_a_gap() {
    let (kept, _) = filled(true).await;
    let store = kept.open().await;
    let lines: Vec<_> = (1..=5_u64)
        .map(|seq| {
            line(seq, (1_790_000_000_000 << 16) + seq, id(1), "note", format!("remote {seq}!"))
        })
        .collect();
    store.receive(device(2), lines, NOW).await.unwrap();
    store.close().await;
    let mut bytes = std::fs::read(&kept.place.path).unwrap();
    let torn = b"remote 3!";
    while let Some(at) = bytes.windows(torn.len()).position(|part| part == torn) {
        bytes[at..at + torn.len()].fill(0x01);
    }
    std::fs::write(&kept.place.path, &bytes).unwrap();
    let (store, report) = open_or_recover(&kept, Look::Close).await;
    let report = report.expect("it was damaged");
    assert_eq!((report.waiting, report.missing.len()), (2, 1), "{report:?}");
    // The device sends it again: then the rest folds too.
    let again = line(3, (1_790_000_000_000 << 16) + 3, id(1), "note", "remote 3!");
    store.receive(device(2), vec![again], NOW).await.unwrap();
    assert_eq!(store.sequences(device(2)).await.unwrap().len(), 5);
    store.close().await;
}

#[tokio::test]
async fn an_unclean_end_with_damage_is_found_at_the_start() {
    let (kept, state) = filled(true).await;
    let store = kept.open().await;
    commit(&store, NOW + 61, vec![Change::field(id(1), "name", "in the log only")]).await;
    let later = store.state_hash().await.unwrap();
    // As a kill leaves it: the log is full, and nobody has it open.
    let log = kept.place.beside("programme.pilotage-wal");
    let (database, written) =
        (std::fs::read(&kept.place.path).unwrap(), std::fs::read(&log).unwrap());
    store.close().await;
    let mut dice = Dice(5);
    for round in 0..12 {
        let mut torn = database.clone();
        let page = 4096 * (2 + dice.below(torn.len() / 4096 - 2));
        torn[page..page + 4096].fill(0xa5);
        std::fs::write(&kept.place.path, &torn).unwrap();
        std::fs::write(&log, &written).unwrap();
        let _ = std::fs::remove_file(kept.place.beside("programme.pilotage-shm"));
        let (store, report) = open_or_recover(&kept, Look::Usual).await;
        let now = store.state_hash().await.unwrap();
        // Pages that the log overwrites, or that nothing uses, are no damage.
        if let Some(report) = &report {
            let complete = report.missing.is_empty() && !report.unread;
            assert!(!complete || now == later, "round {round}: {report:?}");
        } else {
            assert!(now == later, "round {round}: nothing was reported and something is lost");
        }
        assert_ne!(now, state, "round {round}: the log's change came along");
        store.close().await;
    }
}

#[tokio::test]
async fn an_interrupted_recovery_is_finished() {
    for steps in 1..=24 {
        let (kept, state) = filled(true).await;
        let mut bytes = std::fs::read(&kept.place.path).unwrap();
        bytes[32..40].fill(0xff);
        std::fs::write(&kept.place.path, &bytes).unwrap();
        let harness = pilotage_store::Harness {
            disk: std::sync::Arc::new(StopsAfter::new(steps)),
            ..Default::default()
        };
        let opening = Opening { harness, look: Look::Close, ..kept.opening() };
        let stopped =
            Store::recover(&kept.place.path, WORKSPACE, &opener(), "header", opening).await;
        if let Ok((store, _)) = stopped {
            store.close().await;
        }
        let (store, _) = open_or_recover(&kept, Look::Close).await;
        assert_eq!(store.state_hash().await.unwrap(), state, "after {steps} steps");
        assert!(store.check().await.unwrap().is_empty());
        store.close().await;
        assert!(!kept.place.beside("programme.pilotage.replacing").exists());
    }
}

/// What a recovery that leaves the log behind would do.
#[tokio::test]
async fn a_log_left_beside_a_restored_file_is_told_apart() {
    let mut wrong = 0;
    for round in 0..10 {
        let (kept, _) = filled(true).await;
        let copy = kept.backups().newest().unwrap().unwrap();
        let expect = {
            let store = Store::open(&copy.path, device(2), "look").await.unwrap();
            store.state_hash().await.unwrap()
        };
        let store = kept.open().await;
        for number in 0..=round {
            commit(&store, NOW, vec![Change::field(id(2), "note", number.to_string())]).await;
        }
        let log = kept.place.beside("programme.pilotage-wal");
        let written = std::fs::read(&log).unwrap();
        store.close().await;
        std::fs::copy(&copy.path, &kept.place.path).unwrap();
        std::fs::write(&log, written).unwrap();
        let outcome = match kept.try_open().await {
            Ok(store) => store.state_hash().await.ok(),
            Err(_) => None,
        };
        wrong += u32::from(outcome.as_ref() != Some(&expect));
    }
    assert_eq!(wrong, 10, "negative control: every one comes out wrong");
}
