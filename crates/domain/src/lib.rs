//! The pure core of Pilotage. It knows no clock, no randomness and no IO: time, seeds and ids are
//! passed in. What is deliberately absent: wire formats for the window (they live in `api`) and
//! SQL (it lives in `store`).
//!
//! Reading order: [`words`], [`operation`] (what is stored), [`registers`] (how it folds),
//! [`fact`] and [`change`] (what it means), [`cluster`] and [`delivery`] (what is kept of clusters),
//! [`playbook`], [`journey`] (the stage), [`sprint`], [`execution`] (who did what), [`retrospective`],
//! [`calendar`], [`flow`].

pub mod calendar;
pub mod canonical;
pub mod change;
pub mod cluster;
pub mod delivery;
pub mod execution;
pub mod fact;
pub mod flow;
pub mod hlc;
pub mod ids;
pub mod issued;
pub mod journey;
pub mod operation;
pub mod playbook;
pub mod registers;
pub mod retrospective;
pub mod sprint;
pub mod text;
pub mod words;

/// Milliseconds since 1970-01-01 UTC.
pub type Millis = i64;

/// One day in milliseconds.
pub const DAY: Millis = 86_400_000;
