//! Kubernetes, read only: what runs, how it fares, and who wrote it. What is deliberately absent:
//! any verb but get, list and watch, and any judgement about a person.
//!
//! Reading order: [`connection`] (kubeconfigs, credentials, the guard every request passes),
//! [`watch`] (lists and watches that look after themselves).

pub mod connection;
pub mod watch;
