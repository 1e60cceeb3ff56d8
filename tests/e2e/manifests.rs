//! A small shop of our own, from its manifests to a regression. `cargo xtask bench manifests` tells
//! the same story of demonstration shops that people know.

use pilotage_tests::manifests::{every_check, story};

const MARKET: &str = include_str!("../manifests/market.yaml");
const ANSWERS: &str = include_str!("../manifests/market.answers");

#[tokio::test(flavor = "multi_thread")]
async fn every_check_answers_as_written_by_hand() {
    let (compared, unknown) = every_check(MARKET, ANSWERS).await.unwrap_or_else(|wrong| {
        panic!("{wrong}");
    });
    assert_eq!(compared, 5 * 38);
    assert!(unknown > 0, "what cannot be told is among the answers");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_wrong_answer_is_found() {
    let wrong = ANSWERS.replace("CD-11 fail no_tag: cart\n", "");
    let told = every_check(MARKET, &wrong).await.expect_err("an answer is wrong");
    assert_eq!(told.lines().count(), 1, "{told}");
    assert!(told.starts_with("CD-11 of cart"), "{told}");
    let missing = ANSWERS.replace("CD-01 pass holds: *\n", "");
    let told = every_check(MARKET, &missing).await.expect_err("answers are missing");
    assert_eq!(told.lines().count(), 5, "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn pipeline_and_hand_are_told_apart() {
    // The relay stands still on purpose and the report has never run: neither can be live.
    let running: Vec<&str> = MARKET
        .split("\n---\n")
        .filter(|one| !one.contains("name: relay,") && !one.contains("name: report,"))
        .collect();
    let told = story(&running.join("\n---\n")).await.unwrap_or_else(|why| panic!("{why}"));
    assert_eq!(told.services, 3);
    assert!(told.edited.1.contains("kubectl-edit"), "{told:?}");
    assert_ne!(told.edited.0, told.set);
}
