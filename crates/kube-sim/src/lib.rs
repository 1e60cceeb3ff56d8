//! An in-process Kubernetes API with the controllers of a small cluster, for samples and tests.
//!
//! [`Sim`] is a cluster: [`Sim::apply`] writes manifests under a manager's name, [`Sim::advance`]
//! lets time pass, [`Sim::trouble`] brings troubles, and [`Sim::service`] is the API for clients.
//! Discovery, get, list (pages, selectors, metadata only), watch (bookmarks, initial events, expired
//! history), create, update, every kind of patch and delete behave as those of a real server where
//! clients can tell; `managedFields` are kept as a real server keeps them.
//!
//! Deliberately absent: sockets and faults (both live with the tests), tables, admission, quotas as
//! numbers, access control, logs, and any clock or randomness of its own. Time limits of watches
//! alone run on the runtime's clock, as connections do.

mod api;
mod controllers;
mod defaults;
mod definitions;
mod discovery;
mod failure;
mod fields;
mod kinds;
mod listing;
mod load;
mod managed;
mod patch;
mod request;
mod selector;
mod service;
mod shape;
mod sim;
mod store;
mod time;
mod trouble;
mod watching;
mod world;

pub use discovery::VERSION;
pub use failure::Failure;
pub use kinds::Kind;
pub use managed::{Operation, Writer};
pub use service::{SimBody, SimService};
pub use sim::{NodeState, Sim, SimError};
pub use trouble::{Subject, Trouble};
