//! The contract of connection and watch, on the simulated cluster with faults before it.

mod common;
mod identity;
mod living;
#[cfg(unix)]
mod signing_in;
mod watching;
