//! Where the playbook wants a second person, nobody waives alone.

use crate::bench::{Bench, Day, edited};
use pilotage_api::dto::actions::{AnswerWaiver, RevokeWaiver, Undo, Waive};
use pilotage_api::dto::session::{Nothing, Saved};
use pilotage_api::{ApiError, Code};

/// The first half of January, in a programme that wants two people for a waiver.
async fn strict() -> Bench {
    let bench = Bench::new().await;
    let day = bench.on(2, "Ann").await;
    let text = edited(&[("version: 1\ntitle", "version: 2\nwaivers: second_person\ntitle")]);
    day.adopt(&text).await.unwrap();
    assert_eq!(day.app.playbook(Nothing {}).await.unwrap().waivers, "second_person");
    day.close().await;
    bench
}

/// That `A-1` be waived until the tenth of January.
fn until_the_tenth() -> Waive {
    Waive {
        service: "shop".to_owned(),
        check: "A-1".to_owned(),
        reason: "being sold".to_owned(),
        expires_on: "2026-01-10".to_owned(),
    }
}

async fn ask(day: &Day) -> String {
    day.app.request_waiver(until_the_tenth()).await.unwrap().id.unwrap()
}

async fn answer(day: &Day, request: &str, grant: bool) -> Result<Saved, ApiError> {
    let note = (!grant).then(|| "find an owner first".to_owned());
    day.app.answer_waiver(AnswerWaiver { request: request.to_owned(), grant, note }).await
}

/// Finding of `A-1` and stage of the shop.
async fn stands(day: &Day) -> (String, String) {
    (day.check("A-1").await.result, day.stands().await)
}

fn open() -> (String, String) {
    ("unknown".to_owned(), "none".to_owned())
}

fn waived() -> (String, String) {
    ("waived".to_owned(), "ready".to_owned())
}

#[tokio::test]
async fn nobody_waives_alone() {
    let bench = strict().await;
    let day = bench.on(3, "Ann").await;
    let refused = day.app.waive(until_the_tenth()).await.unwrap_err();
    assert_eq!(refused.code, Code::NotPossible);
    assert_eq!(stands(&day).await, open());
    // Who asked cannot grant it either.
    let request = ask(&day).await;
    let refused = answer(&day, &request, true).await.unwrap_err();
    assert_eq!(refused.code, Code::NotPossible);
    assert_eq!(stands(&day).await, open());
    let requests = day.app.waiver_requests(Nothing {}).await.unwrap();
    let said: Vec<_> = requests
        .iter()
        .map(|one| (one.check.as_str(), one.by.as_str(), one.expires_on.as_str()))
        .collect();
    assert_eq!(said, [("A-1", "Ann", "2026-01-10")]);
    let shown = day.check("A-1").await.request.unwrap();
    assert_eq!((shown.id == request, shown.by.as_str()), (true, "Ann"));
    day.close().await;
    // Under the usual policy the same waiver is a matter of one.
    let usual = Bench::new().await;
    let day = usual.on(3, "Ann").await;
    day.app.waive(until_the_tenth()).await.unwrap();
    assert_eq!(stands(&day).await, waived());
    day.close().await;
}

#[tokio::test]
async fn another_person_grants_it_until_its_last_day_ends() {
    let bench = strict().await;
    let day = bench.on(3, "Ann").await;
    let request = ask(&day).await;
    day.close().await;
    let day = bench.on(4, "Ben").await;
    answer(&day, &request, true).await.unwrap();
    assert_eq!(stands(&day).await, waived());
    let check = day.check("A-1").await;
    let waiver = check.waiver.unwrap();
    assert_eq!(
        (waiver.by.as_str(), waiver.reason.as_str(), waiver.expires_on.as_str()),
        ("Ben", "being sold", "2026-01-10")
    );
    assert!(check.request.is_none(), "it is answered");
    assert!(day.app.waiver_requests(Nothing {}).await.unwrap().is_empty());
    let again = answer(&day, &request, true).await.unwrap_err();
    assert_eq!(again.code, Code::NotPossible, "once is enough");
    day.close().await;
    let day = bench.on(10, "Ann").await;
    assert_eq!(stands(&day).await, waived(), "on its last day");
    day.close().await;
    let day = bench.on(11, "Ann").await;
    assert_eq!(stands(&day).await, open(), "expired");
    assert_eq!(day.check("A-1").await.reason.as_deref(), Some("waiver_ended"));
    assert_eq!(day.listed().await, None, "lists know it too");
    day.close().await;
}

#[tokio::test]
async fn a_request_is_declined() {
    let bench = strict().await;
    let day = bench.on(3, "Ann").await;
    let request = ask(&day).await;
    day.close().await;
    let day = bench.on(4, "Ben").await;
    let saved = answer(&day, &request, false).await.unwrap();
    assert_eq!(stands(&day).await, open());
    assert!(day.check("A-1").await.request.is_none());
    let refused = answer(&day, &request, true).await.unwrap_err();
    assert_eq!(refused.code, Code::NotPossible, "it was declined");
    // Taken back, it is open again.
    day.app.undo(Undo { batch: saved.batch.unwrap() }).await.unwrap();
    answer(&day, &request, true).await.unwrap();
    assert_eq!(stands(&day).await, waived());
    day.close().await;
}

#[tokio::test]
async fn who_asked_may_take_it_back() {
    let bench = strict().await;
    let day = bench.on(3, "Ann").await;
    let request = ask(&day).await;
    let refused = answer(&day, &request, true).await.unwrap_err();
    assert_eq!(refused.code, Code::NotPossible);
    answer(&day, &request, false).await.unwrap();
    assert!(day.check("A-1").await.request.is_none());
    day.close().await;
}

#[tokio::test]
async fn a_request_lapses_with_the_day_it_asked_for() {
    let bench = strict().await;
    let day = bench.on(3, "Ann").await;
    let request = ask(&day).await;
    day.close().await;
    let day = bench.on(10, "Ben").await;
    assert!(day.check("A-1").await.request.is_some(), "open on its last day");
    day.close().await;
    let day = bench.on(11, "Ben").await;
    assert!(day.check("A-1").await.request.is_none());
    let refused = answer(&day, &request, true).await.unwrap_err();
    assert_eq!(refused.code, Code::NotPossible);
    assert_eq!(stands(&day).await, open());
    day.close().await;
}

#[tokio::test]
async fn a_granted_waiver_is_revoked() {
    let bench = strict().await;
    let day = bench.on(3, "Ann").await;
    let request = ask(&day).await;
    day.close().await;
    let day = bench.on(4, "Ben").await;
    let waiver = answer(&day, &request, true).await.unwrap().id.unwrap();
    assert_eq!(stands(&day).await, waived());
    day.close().await;
    let day = bench.on(5, "Ann").await;
    let revoke = || RevokeWaiver { waiver: waiver.clone() };
    day.app.revoke_waiver(revoke()).await.unwrap();
    assert_eq!(stands(&day).await, open());
    let refused = day.app.revoke_waiver(revoke()).await.unwrap_err();
    assert_eq!(refused.code, Code::NotPossible, "it is not in force any more");
    day.close().await;
}
