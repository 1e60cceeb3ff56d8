//! What the end-to-end tests, the benches and the walk through the pages share. No shipped program
//! contains any of it.

pub mod browser;
pub mod crowd;
pub mod history;
pub mod host;
pub mod hostile;
pub mod manifests;
pub mod mapping;
pub mod page;
pub mod place;
