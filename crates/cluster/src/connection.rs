//! From a kubeconfig to a client that can only read.
//!
//! Reading order: [`kubeconfig`] and [`reload`] (files and contexts), [`proxy`] (which way out), [`consent`] and
//! [`plugin`] (programs that bring credentials), [`broker`] (one per context, the only one that
//! starts them), [`guard`] (what every request passes), [`freshness`] (proof of life), [`client`]
//! and [`maker`] (all of it put together), [`direct`] (an API within the process), [`state`] (what is shown).
//!
//! Deliberately absent: anything that writes to a cluster or to a kubeconfig, anything that stores a
//! credential, and any contact with a context that nobody switched on.

pub mod broker;
pub mod client;
pub mod consent;
pub mod direct;
pub mod freshness;
pub mod guard;
pub mod kubeconfig;
pub mod maker;
pub mod plugin;

pub mod proxy;
pub mod redact;
pub mod reload;
pub mod state;
