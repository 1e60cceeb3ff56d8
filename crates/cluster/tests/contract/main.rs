//! The contract of connection and watch, on the simulated cluster with faults before it.

mod common;
#[cfg(unix)]
mod signing_in;
mod watching;
