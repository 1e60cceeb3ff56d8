//! Kubernetes, read only: what runs, how it fares, and who wrote it. What is deliberately absent:
//! any verb but get, list and watch, and any judgement about a person. Everything from `shape` on is
//! pure: time, settings and what was seen before are passed in.
//!
//! Reading order: [`connection`] (kubeconfigs, credentials, the guard every request passes),
//! [`watch`] (lists and watches that look after themselves), [`shape`] (objects, slimmed),
//! [`writers`] (who wrote them), [`health`] (how they fare), [`snapshot`] (one look), [`live`] (a
//! context that is watched), [`view`] (a
//! workload with all that belongs to it), [`checks`] (what a look proves, and when it is a finding),
//! [`rollouts`], [`mapping`], [`report`] (the shapes that people see).

#![cfg_attr(
    test,
    allow(
        clippy::needless_pass_by_value,
        clippy::items_after_statements,
        clippy::semicolon_if_nothing_returned,
        reason = "tables of cases read better with values written in place"
    )
)]

pub mod checks;
pub mod connection;
pub mod cut_over;
pub mod health;
pub mod identity;
pub mod live;
pub mod mapping;
pub mod report;
pub mod rollouts;
pub mod shape;
pub mod snapshot;
pub mod view;
pub mod watch;
pub mod writers;

#[cfg(test)]
mod world;
