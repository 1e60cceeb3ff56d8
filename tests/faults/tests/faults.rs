//! Small numbers of every fault, each with its control.

use pilotage_faults::damage::{self, Aside};
use pilotage_faults::kill::{self, Work};
use pilotage_faults::tape::Fault;
use pilotage_faults::{calls, cancel, power};
use pilotage_store::Durability;
use std::path::Path;

fn child() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_faults-child"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_power_cut_loses_nothing_that_was_acknowledged() {
    let found = power::cut(240, Durability::Full, 1).await.unwrap();
    assert_eq!((found.corrupt, found.lost, found.copies), (0, 0, 0), "{found:?}");
    assert!(found.copies_seen > 0, "copies were looked at: {found:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_flushes_at_commits_a_power_cut_loses() {
    let found = power::cut(60, Durability::Normal, 2).await.unwrap();
    assert!(found.lossy > 0, "negative control: {found:?}");
    assert_eq!(found.corrupt, 0, "it loses, and stays sound: {found:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_any_flush_a_power_cut_corrupts() {
    let found = power::cut(60, Durability::Off, 3).await.unwrap();
    assert!(found.corrupt > 0, "negative control: {found:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_loses_nothing_that_was_acknowledged() {
    for work in Work::PRODUCT {
        let found = kill::kill(child(), work, 38, 4).await.unwrap();
        assert_eq!((found.lost, found.corrupt, found.copies), (0, 0, 0), "{work:?}: {found:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_early_acknowledgement_is_told_apart() {
    let found = kill::kill(child(), Work::Early, 8, 5).await.unwrap();
    assert!(found.lossy > 0, "negative control: {found:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn damage_is_harmless_repaired_or_named() {
    let found = damage::damage(100, Aside::Together, 6).await.unwrap();
    assert_eq!((found.silent, found.failed), (0, 0), "{found:?}");
    assert!(found.recovered > 10 && found.copies > 5, "each kind was met: {found:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recovery_that_leaves_the_log_comes_out_wrong() {
    let found = damage::damage(10, Aside::LogStays, 7).await.unwrap();
    assert_eq!(found.silent, 10, "negative control: {found:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_call_may_fail() {
    for (fault, on) in [(Fault::Io, false), (Fault::Full, true)] {
        let found = calls::fail(fault, on, 9).await.unwrap();
        assert!(found.runs > 30 && found.told > 20, "{fault:?}: {found:?}");
        assert_eq!((found.panics, found.lossy, found.corrupt), (0, 0, 0), "{fault:?}: {found:?}");
        assert_eq!(found.misnamed, 0, "a full disk is called one: {found:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_may_go_away() {
    let found = cancel::cancel(150, 8).await.unwrap();
    assert_eq!(found.wrong, 0, "{found:?}");
    assert!(found.gone > 10, "some went away: {found:?}");
}
