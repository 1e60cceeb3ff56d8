//! The store against real files: the fold against its oracle, the log against two writers, undo,
//! quarantine, foreign and damaged files, and the kill of the process.

#![expect(clippy::unwrap_used, reason = "a step that fails is a test that fails")]

#[path = "store/backups.rs"]
mod backups;
#[path = "store/commit.rs"]
mod commit;
#[path = "store/kill.rs"]
mod kill;
#[path = "store/kinds.rs"]
mod kinds;
#[path = "store/merges.rs"]
mod merges;
#[path = "store/opening.rs"]
mod opening;
#[path = "store/oracle.rs"]
mod oracle;
#[path = "store/past.rs"]
mod past;
#[path = "store/receive.rs"]
mod receive;
#[path = "store/recovering.rs"]
mod recovering;
#[path = "store/released.rs"]
mod released;
#[path = "store/replay.rs"]
mod replay;
#[path = "store/support.rs"]
mod support;
#[path = "store/twins.rs"]
mod twins;
#[path = "store/undo.rs"]
mod undo;
