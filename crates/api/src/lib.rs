//! The one door. The window, the command line and the tests all come through [`App`]: by name and
//! JSON ([`App::call`]), or by the typed method of the same name that the command table yields.
//!
//! What is deliberately absent: SQL (`store`), decisions about stages (`domain`), windows (the
//! hosts), and any path that a page could supply.

pub mod app;
pub mod archive;
pub mod clock;
pub mod cluster;
pub mod commands;
mod describe;
mod device;
pub mod dto;
pub mod error;
pub mod export;
pub mod forecast;
mod handlers;
pub mod host;
pub mod imports;
mod keeper;
mod names;
mod open;
mod outlook;
pub mod programme;
pub mod report;
mod retro;
mod skills;
pub mod typescript;

pub use app::{App, Changed, OpenOptions};
pub use clock::Clock;
pub use error::{ApiError, Code};
pub use handlers::{Acquaintance, read_playbook};
pub use host::Host;
