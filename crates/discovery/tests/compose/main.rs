//! The Compose importer from outside: invented trees in, inventories, rows and errors out.

mod classes;
mod errors;
mod features;
mod merging;
mod names;
mod robustness;
mod support;
mod variables;
