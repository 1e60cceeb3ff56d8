//! Clusters in a programme, on the simulated API over a loopback connection.

#![expect(clippy::unwrap_used, reason = "a step that fails ends the test and says why")]

#[path = "support/clocked.rs"]
mod clocked;
#[path = "cluster/deployments.rs"]
mod deployments;
#[path = "cluster/desk.rs"]
mod desk;
#[path = "cluster/histories.rs"]
mod histories;
#[path = "cluster/mapping.rs"]
mod mapping;
#[path = "cluster/telling.rs"]
mod telling;
#[path = "cluster/verifying.rs"]
mod verifying;
#[path = "cluster/watching.rs"]
mod watching;
#[path = "cluster/writers.rs"]
mod writers;
