//! Importers: files in, proposed services and dependencies out.
//!
//! Four readers, one result ([`Discovered`]): Docker Compose, Backstage catalogues, tables (CSV) and
//! Kubernetes manifests. Everything found keeps the file and line it was read from, and the same
//! tree gives the same bytes, because a person judges a diff between two runs.
//!
//! What is deliberately absent:
//! - the environment of the process: results would differ by machine ([`ComposeRequest`]);
//! - values of environment entries: they hold passwords, so no result carries them;
//! - edges from a shared network, volume or namespace: membership is not a call;
//! - running, fetching or building anything: remote `include`, `extends` and catalogue locations are
//!   reported, not read; Helm templates are not rendered;
//! - dependencies from manifests: they need the deep scan of a later version.
//!
//! An export of Pilotage is a log and no inventory: [`archive`] reads and checks it.
//!
//! Reading order: `format` (which reader), then `compose`, `catalogue`, `table` or `manifests`. For
//! Compose: `load` (files, `include`), `extends`, `merge`, `compose` (the result), `classify`. Below
//! them `yaml`, `said` (values of fields, checked), `interpolate` and `environment`.

mod aliases;
pub mod archive;
mod catalogue;
mod classify;
mod compose;
mod discovered;
mod document;
mod environment;
mod error;
mod extends;
mod file;
mod format;
mod image;
mod interpolate;
mod load;
mod manifests;
mod merge;
mod names;
mod node;
mod paths;
mod report;
mod said;
mod shape;
mod signs;
mod table;
mod yaml;

pub use discovered::{
    Alias, Column, ComposeRequest, Discovered, DiscoveredDependency, DiscoveredService, Evidence,
    Place, Rejected, Request, Said, Warning,
};
pub use error::DiscoveryError;
pub use file::read_text_up_to;
pub use format::{Field, Format, recognise};
pub use table::TEMPLATE;

/// Reads files of any format into an inventory.
///
/// Errors: [`DiscoveryError`] where no trustworthy inventory is possible. Whatever spoils one entry
/// only is a row in [`Discovered::rejected`] or [`Discovered::warnings`] instead.
pub fn read(request: &Request) -> Result<Discovered, DiscoveryError> {
    let format = match request.format {
        Some(format) => format,
        None => recognise(&request.files)?,
    };
    match format {
        Format::Compose => read_compose(&ComposeRequest {
            files: request.files.clone(),
            env_files: request.env_files.clone(),
            profiles: request.profiles.clone(),
        }),
        Format::Catalogue => catalogue::read(&request.files),
        Format::Table => table::read(&request.files, &request.columns),
        Format::Manifests => manifests::read(&request.files),
    }
}

/// Reads Compose files into an inventory.
///
/// Errors: [`DiscoveryError`] where no trustworthy inventory is possible. Whatever spoils one entry
/// only is a row in [`Discovered::rejected`] or [`Discovered::warnings`] instead.
pub fn read_compose(request: &ComposeRequest) -> Result<Discovered, DiscoveryError> {
    let (model, session) = load::load(request)?;
    Ok(compose::discover(model, &request.profiles, session))
}
