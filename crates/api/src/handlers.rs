//! One function a command, by subject. The command table (`crate::commands`) calls them by name.

mod actions;
mod backups;
mod checklist;
mod hosted;
mod progress;
mod service;
mod services;
mod session;
mod settings;

pub(crate) use actions::{
    assign, attest, close_blocker, edit_service, open_blocker, retract, revoke_waiver, set_scope,
    undo, waive,
};
pub(crate) use backups::{check_workspace, dismiss_recovery, make_backup, restore_backup, storage};
pub(crate) use checklist::checklist;
pub(crate) use hosted::{apply_import, choose_import, open_link, save_report};
pub(crate) use progress::{progress, report};
pub(crate) use service::service;
pub(crate) use services::{dependency_degrees, row_of, services};
pub(crate) use session::session;
pub use settings::Acquaintance;
pub(crate) use settings::{
    act_as, add_environment, add_person, add_target, edit_person, edit_programme,
    remove_environment, remove_person, remove_target, settings,
};
