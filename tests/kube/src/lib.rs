//! What tests put around the in-process Kubernetes API: a loopback listener, and faults.
//!
//! Apart from the other tests, so that those of `cluster` need not build the whole product. No
//! shipped program contains any of it.

mod body;
mod faults;
mod listener;
#[cfg(unix)]
pub mod planted;

pub use body::Body;
pub use faults::{Fault, Faults, Faulty, Seen, Verb, When};
pub use listener::{Listening, listen};
