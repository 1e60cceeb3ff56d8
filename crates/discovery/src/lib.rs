//! Importers: files in, proposed services and dependencies out.
//!
//! One importer so far: Docker Compose. Everything found keeps the file and line it was read from,
//! and the same tree gives the same bytes, because a person judges a diff between two runs.
//!
//! What is deliberately absent:
//! - the environment of the process: results would differ by machine ([`ComposeRequest`]);
//! - values of environment entries: they hold passwords, so no result carries them;
//! - edges from a shared network, volume or namespace: membership is not a call;
//! - running, fetching or building anything: remote `include` and `extends` are reported, not read.
//!
//! Reading order: [`read_compose`], `load` (files, `include`), `extends`, `merge`, `compose`
//! (the result), `classify`. Below them `yaml`, `interpolate` and `environment`.

mod aliases;
mod classify;
mod compose;
mod discovered;
mod document;
mod environment;
mod error;
mod extends;
mod file;
mod image;
mod interpolate;
mod load;
mod merge;
mod names;
mod node;
mod paths;
mod report;
mod shape;
mod signs;
mod yaml;

pub use discovered::{
    Alias, ComposeRequest, Discovered, DiscoveredDependency, DiscoveredService, Evidence, Place,
    Rejected, Warning,
};
pub use error::DiscoveryError;

/// Reads Compose files into an inventory.
///
/// Errors: [`DiscoveryError`] where no trustworthy inventory is possible. Whatever spoils one entry
/// only is a row in [`Discovered::rejected`] or [`Discovered::warnings`] instead.
pub fn read_compose(request: &ComposeRequest) -> Result<Discovered, DiscoveryError> {
    let (model, session) = load::load(request)?;
    Ok(compose::discover(model, &request.profiles, session))
}
