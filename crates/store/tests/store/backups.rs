//! Copies: what they hold, what they refuse, and what a restore puts back.

use crate::support::{NOW, Place, WORKSPACE, commit, created, device, id, tamper};
use pilotage_domain::change::{Change, Kind};
use pilotage_store::{Backups, Opening, Reason, Store, StoreError};
use std::path::PathBuf;

const DAY: i64 = 24 * 60 * 60 * 1000;

pub struct Kept {
    pub place: Place,
    pub folder: PathBuf,
}

impl Kept {
    pub async fn new() -> Self {
        let place = Place::new().await;
        let folder = place.beside("backups");
        Self { place, folder }
    }

    pub fn opening(&self) -> Opening {
        Opening { backups: Some(self.folder.clone()), now: NOW, ..Opening::default() }
    }

    pub async fn open(&self) -> Store {
        self.try_open().await.unwrap()
    }

    pub async fn try_open(&self) -> Result<Store, StoreError> {
        Store::open_with(&self.place.path, device(1), "laptop", self.opening()).await
    }

    pub fn backups(&self) -> Backups {
        Backups::in_folder(&self.folder)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_made_beside_a_writer_holds_what_was_saved_before() {
    let kept = Kept::new().await;
    let store = kept.open().await;
    commit(&store, NOW, created(id(1), Kind::Service, "payments")).await;
    let mut saved = 0;
    for round in 0..5 {
        let (copy, ()) = tokio::join!(store.back_up(Reason::Asked, NOW + round), async {
            for number in 0..40 {
                let name = format!("payments {round} {number}");
                saved = commit(&store, NOW, vec![Change::field(id(1), "name", name)]).await.last;
            }
        });
        let copy = copy.unwrap();
        kept.backups().check(&copy, WORKSPACE).await.unwrap();
        let opened = Store::open(&copy.path, device(2), "look").await.unwrap();
        let batches = opened.log_facts().await.unwrap().batches;
        assert!((round.unsigned_abs() * 40..=saved).contains(&batches), "{batches} of {saved}");
        opened.close().await;
    }
    store.close().await;
    // The control: the file alone, while a program has it open, misses what lies in the log.
    let store = kept.open().await;
    commit(&store, NOW, vec![Change::field(id(1), "name", "last")]).await;
    let alone = kept.place.beside("alone.pilotage");
    std::fs::copy(&kept.place.path, &alone).unwrap();
    let copy = store.back_up(Reason::Asked, NOW + 10).await.unwrap();
    let hash = async |path: &std::path::Path| {
        let opened = Store::open(path, device(2), "look").await.unwrap();
        opened.state_hash().await.unwrap()
    };
    let state = store.state_hash().await.unwrap();
    assert_eq!(hash(&copy.path).await, state);
    assert_ne!(hash(&alone).await, state, "negative control: a copied file");
}

#[tokio::test]
async fn copies_are_the_owners_and_thinned_out() {
    let kept = Kept::new().await;
    let store = kept.open().await;
    for day in 0..20 {
        store.back_up(Reason::Daily, NOW + day * DAY).await.unwrap();
        store.back_up(Reason::Migration, NOW + day * DAY + 1).await.unwrap();
    }
    let list = kept.backups().list().unwrap();
    let count = |reason| list.iter().filter(|copy| copy.reason == reason).count();
    // The newest of each of seven days is the one before a migration; of the others three stay.
    assert_eq!((count(Reason::Migration), count(Reason::Daily)), (8, 1), "{list:?}");
    assert!(list.iter().all(|copy| copy.made_at > NOW - DAY));
    assert_eq!(list[0].made_at, NOW + 19 * DAY + 1, "newest first");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &PathBuf| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&list[0].path), 0o600);
        assert_eq!(mode(&kept.folder), 0o700);
    }
    assert!(std::fs::read_dir(&kept.folder).unwrap().count() == list.len(), "nothing else stays");
}

#[tokio::test]
async fn a_restore_puts_back_and_never_reuses_a_number() {
    let kept = Kept::new().await;
    let store = kept.open().await;
    commit(&store, NOW, created(id(1), Kind::Service, "payments")).await;
    let copy = store.back_up(Reason::Asked, NOW).await.unwrap();
    let then = store.state_hash().await.unwrap();
    let same = store.restore(&copy, device(9), NOW + 1).await.unwrap();
    assert_eq!(same.device, device(1), "nothing was written since: the device goes on");
    commit(&store, NOW, vec![Change::field(id(1), "name", "orders")]).await;
    let later = store.state_hash().await.unwrap();
    let done = store.restore(&copy, device(9), NOW + 2).await.unwrap();
    assert_eq!(store.state_hash().await.unwrap(), then);
    assert_eq!((done.device, store.device()), (device(9), device(9)), "its log is behind");
    assert!(done.aside.join("programme.pilotage").exists(), "what was replaced is set aside");
    let log = std::fs::metadata(done.aside.join("programme.pilotage-wal"));
    assert!(log.is_ok_and(|log| log.len() == 0), "with its log, which was written home before");
    let written = commit(&store, NOW, vec![Change::field(id(1), "name", "billing")]).await;
    assert_eq!((written.device, written.first), (device(9), 1));
    // And back: the copy of the present was made first.
    let present = done.copy_of_present.unwrap();
    assert_eq!(present.reason, Reason::Restore);
    store.restore(&present, device(10), NOW + 3).await.unwrap();
    assert_eq!(store.state_hash().await.unwrap(), later);
    store.close().await;
}

#[tokio::test]
async fn a_restore_waits_for_nobody_for_ever() {
    let kept = Kept::new().await;
    let store = kept.open().await;
    commit(&store, NOW, created(id(1), Kind::Service, "payments")).await;
    let copy = store.back_up(Reason::Asked, NOW).await.unwrap();
    let other = kept.open().await;
    let refused = store.restore(&copy, device(9), NOW).await;
    assert!(matches!(refused, Err(StoreError::Busy)), "{refused:?}");
    commit(&other, NOW, vec![Change::field(id(1), "name", "still there")]).await;
    other.close().await;
    commit(&store, NOW, vec![Change::field(id(1), "name", "and here")]).await;
    store.restore(&copy, device(9), NOW).await.unwrap();
    store.close().await;
}

#[tokio::test]
async fn a_foreign_or_damaged_copy_is_not_restored() {
    let kept = Kept::new().await;
    let store = kept.open().await;
    commit(&store, NOW, created(id(1), Kind::Service, "payments")).await;
    let copy = store.back_up(Reason::Asked, NOW).await.unwrap();
    let whole = std::fs::read(&copy.path).unwrap();
    let state = store.state_hash().await.unwrap();
    let check = async |what: &str| {
        let refused = store.restore(&copy, device(9), NOW).await.unwrap_err();
        let clear = matches!(
            refused,
            StoreError::Damaged(_) | StoreError::Foreign(_) | StoreError::Tampered(_)
        );
        assert!(clear, "{what}: {refused:?}");
        assert_eq!(store.state_hash().await.unwrap(), state, "{what}: nothing changed");
    };
    std::fs::write(&copy.path, &whole[..whole.len() / 2]).unwrap();
    check("truncated").await;
    std::fs::write(&copy.path, b"not a database, just text").unwrap();
    check("text").await;
    std::fs::write(&copy.path, &whole).unwrap();
    tamper(&copy.path, "UPDATE workspace SET id = zeroblob(16)").await;
    check("of another programme").await;
    std::fs::write(&copy.path, &whole).unwrap();
    tamper(&copy.path, "CREATE VIEW v AS SELECT 1").await;
    check("with a view").await;
    std::fs::write(&copy.path, &whole).unwrap();
    tamper(&copy.path, "UPDATE register_write SET value = '\"other\"' WHERE path = 'name'").await;
    check("with a value that the log does not hold").await;
    store.close().await;
}

#[tokio::test]
async fn an_interrupted_restore_is_finished() {
    // The program ends after each step of the replacement.
    for steps in 1..=12 {
        let kept = Kept::new().await;
        let harness = pilotage_store::Harness {
            disk: std::sync::Arc::new(crate::recovering::StopsAfter::new(steps)),
            ..Default::default()
        };
        let store = kept.open().await;
        commit(&store, NOW, created(id(1), Kind::Service, "payments")).await;
        let copy = store.back_up(Reason::Asked, NOW).await.unwrap();
        let then = store.state_hash().await.unwrap();
        commit(&store, NOW, vec![Change::field(id(1), "name", "orders")]).await;
        let later = store.state_hash().await.unwrap();
        store.close().await;
        let opening = Opening { harness, ..kept.opening() };
        let store = Store::open_with(&kept.place.path, device(1), "laptop", opening).await.unwrap();
        let restored = store.restore(&copy, device(9), NOW).await;
        store.close().await;
        // A new process.
        let store = kept.open().await;
        let state = store.state_hash().await.unwrap();
        match restored {
            Ok(_) => assert_eq!(state, then, "{steps}"),
            Err(_) => assert!(state == then || state == later, "{steps}: one or the other"),
        }
        assert!(!kept.place.beside("programme.pilotage.replacing").exists(), "{steps}");
        store.close().await;
    }
}
