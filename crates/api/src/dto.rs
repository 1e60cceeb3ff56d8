//! What crosses the border: one module per page or subject. Field names are `snake_case` on the
//! command line and in the window alike. Moments are RFC 3339 in UTC, days are `YYYY-MM-DD` in the
//! programme's time zone, ids are hyphenated UUIDs.

pub mod actions;
pub mod backups;
pub mod calendar;
pub mod cluster;
pub mod deployments;
pub mod find;
pub mod import;
pub mod outlook;
pub mod overview;
pub mod past;
pub mod playbook;
pub mod progress;
pub mod retro;
pub mod retro_documents;
pub mod service;
pub mod session;
pub mod settings;
pub mod skills;
pub mod sprint;
pub mod writers;
