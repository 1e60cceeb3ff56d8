//! Kubernetes, read only: what runs, how it fares, and who wrote it. What is deliberately absent:
//! any verb but get, list and watch, and any judgement about a person. Everything below `shape` is
//! pure: time, settings and what was seen before are passed in.
//!
//! Reading order: [`shape`] (objects, slimmed), [`writers`] (who wrote them), [`health`] (how they
//! fare).

#![cfg_attr(
    test,
    allow(
        clippy::needless_pass_by_value,
        clippy::items_after_statements,
        reason = "tables of cases read better with values written in place"
    )
)]

pub mod health;
pub mod shape;
pub mod writers;
