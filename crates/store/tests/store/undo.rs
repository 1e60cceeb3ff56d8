//! Undo and what is offered for it.

use crate::support::{
    ACTOR, NOW, Place, action, commit, created, device, happened, id, line, range, undo,
};
use chrono_tz::Tz;
use pilotage_domain::change::{Change, Kind, Presence, path};
use pilotage_domain::fact::{Happening, Scope};
use pilotage_domain::playbook::{DEFAULT, Playbook};
use pilotage_store::{BatchRange, Commit, Committed, Store, StoreError};
use serde_json::Value;
use uuid::Uuid;

async fn register(store: &Store, path: &str) -> Value {
    store.entity(id(1)).await.unwrap().registers.get(path).cloned().unwrap_or_default()
}

/// A workspace with one service: `payments`.
async fn start() -> (Place, Store) {
    let place = Place::new().await;
    let store = place.open().await;
    let playbook = Playbook::parse(DEFAULT).unwrap();
    commit(&store, NOW, Change::adopt(&playbook, DEFAULT, Tz::UTC, id(50), NOW)).await;
    commit(&store, NOW, created(id(1), Kind::Service, "payments")).await;
    (place, store)
}

async fn offered(store: &Store, actor: Uuid) -> Option<(u64, u64)> {
    let offered = store.last_action(device(1), actor).await.unwrap();
    offered.map(|(range, _)| (range.first, range.last))
}

#[tokio::test]
async fn fields_go_back_and_an_undo_can_be_undone() {
    let (_place, store) = start().await;
    let changes = vec![
        Change::field(id(1), path::NAME, "ledger"),
        Change::field(id(1), path::IMAGE, "ledger:1"),
        Change::element(id(1), path::ALIASES, "old/name", Presence::In),
    ];
    let done = commit(&store, NOW + 1, changes).await;
    let check = async |name: &str, image: Value, alias: Value| {
        assert_eq!(register(&store, path::NAME).await, name);
        assert_eq!(register(&store, path::IMAGE).await, image);
        assert_eq!(register(&store, "aliases/old%2Fname").await, alias);
    };
    let (plan, first) = undo(&store, done, NOW + 2).await;
    assert!(plan.kept.is_empty());
    check("payments", Value::Null, Value::Null).await;
    let (plan, second) = undo(&store, first.unwrap(), NOW + 3).await;
    assert!(plan.kept.is_empty());
    check("ledger", "ledger:1".into(), true.into()).await;
    undo(&store, second.unwrap(), NOW + 4).await;
    check("payments", Value::Null, Value::Null).await;
    assert_eq!(store.log_facts().await.unwrap().conflicts, 0);
    store.close().await;
}

#[tokio::test]
async fn what_was_made_is_deleted_and_what_was_deleted_returns() {
    let (_place, store) = start().await;
    let made = commit(&store, NOW + 1, created(id(2), Kind::Service, "reports")).await;
    let (_, undone) = undo(&store, made, NOW + 2).await;
    assert!(!store.entity(id(2)).await.unwrap().lives());
    assert_eq!(store.node(id(2), NOW + 2).await.unwrap(), None);
    undo(&store, undone.unwrap(), NOW + 3).await;
    let detail = store.node(id(2), NOW + 3).await.unwrap().expect("it is back");
    assert_eq!(detail.row.name, "reports", "with its fields");

    let gone = commit(&store, NOW + 4, vec![Change::Deleted { entity: id(1) }]).await;
    assert_eq!(store.nodes(NOW + 4).await.unwrap().len(), 1);
    undo(&store, gone, NOW + 5).await;
    assert_eq!(store.nodes(NOW + 5).await.unwrap().len(), 2);
    store.close().await;
}

#[tokio::test]
async fn facts_are_retracted_and_a_retraction_too() {
    let (_place, store) = start().await;
    let what =
        Happening::ScopeChanged { service: id(1), scope: Scope::Retire, reason: "replaced".into() };
    let done = commit(&store, NOW + 1, vec![happened(NOW + 1, what)]).await;
    let check = async |now: i64, expect: Scope| {
        let detail = store.node(id(1), now).await.unwrap().unwrap();
        assert_eq!(detail.journey.scope, expect);
        assert_eq!(detail.row.summary.scope, expect, "and in lists");
    };
    check(NOW + 1, Scope::Retire).await;
    let (_, undone) = undo(&store, done, NOW + 2).await;
    check(NOW + 2, Scope::In).await;
    undo(&store, undone.unwrap(), NOW + 3).await;
    check(NOW + 3, Scope::Retire).await;
    assert_eq!(store.facts_of_kind("retraction").await.unwrap().len(), 2, "the log keeps all");
    store.close().await;
}

#[tokio::test]
async fn an_adopted_playbook_is_taken_back() {
    let (_place, store) = start().await;
    let mut stricter = Playbook::parse(DEFAULT).unwrap();
    stricter.version += 1;
    stricter.checks[0].version += 1;
    let before = store.rules().await.unwrap().1;
    let adopt = Change::adopt(&stricter, "stricter", Tz::UTC, id(51), NOW + 1);
    let done = commit(&store, NOW + 1, adopt).await;
    assert_eq!(store.rules().await.unwrap().1.len(), before.len() + 1);
    let text = async |id| store.entity(id).await.unwrap().playbook_text();
    assert_eq!(text(id(50)).await.as_deref(), Some(DEFAULT), "kept whole, in pieces");
    assert_eq!(text(id(51)).await.as_deref(), Some("stricter"));
    undo(&store, done, NOW + 2).await;
    assert_eq!(store.rules().await.unwrap().1, before);
    assert_eq!(text(id(51)).await, None, "its words too");
    store.close().await;
}

#[tokio::test]
async fn what_somebody_changed_since_stays_and_is_told() {
    let (_place, store) = start().await;
    let changes = vec![
        Change::field(id(1), path::NAME, "ledger"),
        Change::field(id(1), path::IMAGE, "ledger:1"),
    ];
    let done = commit(&store, NOW + 1, changes).await;
    let hlc = u64::try_from(NOW + 60_000).unwrap() << 16;
    let theirs = line(1, hlc, id(1), path::NAME, "accounts");
    store.receive(device(2), vec![theirs], NOW + 2).await.unwrap();
    let (plan, _) = undo(&store, done, NOW + 3).await;
    assert_eq!(plan.kept, [(id(1), path::NAME.to_owned())]);
    assert_eq!(register(&store, path::NAME).await, "accounts");
    assert_eq!(register(&store, path::IMAGE).await, Value::Null);

    let renamed = commit(&store, NOW + 4, vec![Change::field(id(1), path::NAME, "a")]).await;
    commit(&store, NOW + 5, vec![Change::field(id(1), path::NAME, "b")]).await;
    let (plan, nothing) = undo(&store, renamed, NOW + 6).await;
    assert_eq!(
        (plan.changes.len(), plan.kept.len(), nothing),
        (0, 1, None),
        "nothing to take back"
    );
    store.close().await;
}

#[tokio::test]
async fn what_an_undo_restored_counts_as_what_it_restored() {
    let (_place, store) = start().await;
    let mut next = u64::try_from(NOW + 60_000).unwrap() << 16;
    let rename =
        async |name: &str| commit(&store, NOW, vec![Change::field(id(1), path::NAME, name)]).await;
    let taken_back = async |what: Committed, kept: usize, name: &str| {
        let (plan, done) = undo(&store, what, NOW).await;
        assert_eq!((plan.kept.len(), done.is_none()), (kept, kept > 0), "before {name}");
        assert_eq!(register(&store, path::NAME).await, name);
        done
    };
    let (one, two) = (rename("one").await, rename("two").await);
    let undone = taken_back(two, 0, "one").await;
    let redone = taken_back(undone.unwrap(), 0, "two").await;
    taken_back(redone.unwrap(), 0, "one").await;
    taken_back(one, 0, "payments").await;

    // Somebody else's name lies between the two: the second undo would overwrite it.
    let three = rename("three").await;
    next += 1;
    let theirs = line(1, next, id(1), path::NAME, "theirs");
    store.receive(device(2), vec![theirs], NOW).await.unwrap();
    let four = rename("four").await;
    taken_back(four, 0, "theirs").await;
    taken_back(three, 1, "theirs").await;

    // A field of a large action, whose undo takes several batches.
    let text = "x".repeat(60_000);
    let five = rename("five").await;
    let mut changes: Vec<Change> =
        (10..20).map(|n| Change::field(id(n), "note", text.as_str())).collect();
    changes.push(Change::field(id(1), path::NAME, "six"));
    let six = commit(&store, NOW, changes.clone()).await;
    for change in &mut changes[..10] {
        if let Change::Field { value, .. } = change {
            *value = "y".repeat(60_000).into();
        }
    }
    changes[10] = Change::field(id(1), path::NAME, "seven");
    let seven = commit(&store, NOW, changes).await;
    let undone = taken_back(seven, 0, "six").await.unwrap();
    assert!(undone.last > undone.first, "several batches");
    taken_back(six, 0, "five").await;
    taken_back(five, 0, "theirs").await;
    store.close().await;
}

#[tokio::test]
async fn the_last_action_walks_back() {
    let place = Place::new().await;
    let store = place.open().await;
    assert_eq!(offered(&store, ACTOR).await, None, "nothing happened yet");
    let mut founding = created(crate::support::WORKSPACE, Kind::Programme, "lending");
    founding.extend(created(ACTOR, Kind::Person, "Ada"));
    commit(&store, NOW, founding).await;
    assert_eq!(offered(&store, ACTOR).await, None, "making the programme is not offered");
    let made = commit(&store, NOW, created(id(1), Kind::Service, "payments")).await;
    assert_eq!(offered(&store, ACTOR).await, Some((made.first, made.last)));

    let mut done: Vec<Committed> = Vec::new();
    for number in 0..70_i64 {
        let changes = vec![Change::field(id(1), path::NAME, format!("name {number}"))];
        done.push(commit(&store, NOW + number, changes).await);
    }
    let pair = |committed: Committed| Some((committed.first, committed.last));
    // Further back than one page of the log.
    for back in (10..70).rev() {
        assert_eq!(offered(&store, ACTOR).await, pair(done[back]));
        undo(&store, done[back], NOW + 100).await;
    }
    assert_eq!(register(&store, path::NAME).await, "name 9");
    assert_eq!(offered(&store, ACTOR).await, pair(done[9]));

    // Another person acts on the same device.
    let other = id(77);
    let theirs =
        Commit { actor: other, ..action(NOW + 200, vec![Change::field(id(1), path::IMAGE, "x")]) };
    let theirs = store.commit(theirs).await.unwrap().unwrap();
    assert_eq!(offered(&store, ACTOR).await, pair(done[9]));
    assert_eq!(offered(&store, other).await, pair(theirs));

    // An undo that was undone is offered again.
    let (_, undone) = undo(&store, done[9], NOW + 300).await;
    assert_eq!(offered(&store, ACTOR).await, pair(done[8]));
    undo(&store, undone.unwrap(), NOW + 301).await;
    assert_eq!(offered(&store, ACTOR).await, pair(done[9]));
    store.close().await;
}

#[tokio::test]
async fn an_action_that_is_not_there_is_not_found() {
    let (_place, store) = start().await;
    let check = async |text: &str| {
        let range = text.parse::<BatchRange>();
        let verdict = match range {
            Ok(range) => store.plan_undo(range, NOW, Uuid::now_v7).await.map(|_| ()),
            Err(error) => Err(error),
        };
        assert!(matches!(verdict, Err(StoreError::NotFound(_))), "{text:?}: {verdict:?}");
    };
    let own = device(1).to_hex();
    for text in ["", ":", "x:1-2", "1-2", &own, &format!("{own}:0-1"), &format!("{own}:2-1")] {
        check(text).await;
    }
    for tail in ["9-9", "1-9", "-1-1", "1-18446744073709551615", "2-99999999999999999999"] {
        check(&format!("{own}:{tail}")).await;
    }
    check(&format!("{}:1-1", device(9).to_hex())).await;
    let range = range(Committed { first: 3, last: 4, device: device(1) });
    assert_eq!(range.to_string().parse::<BatchRange>().unwrap(), range, "round trip");
    store.close().await;
}
