//! One function a command, by subject. The command table (`crate::commands`) calls them by name.

mod actions;
mod backups;
mod calendar;
mod checklist;
mod cluster;
mod executions;
mod find;
pub(crate) mod frozen;
mod hosted;
mod inventory;
mod overview;
mod past;
mod playbook;
mod progress;
mod retro;
mod retro_actions;
mod retro_edit;
mod retro_formats;
mod retro_import;
mod retro_notes;
mod service;
mod services;
mod session;
mod settings;
mod skills;
pub(crate) mod sprints;
mod waivers;
mod what_if;
mod writers;

pub(crate) use crate::cluster::deployments::deployments;
pub(crate) use actions::{attest, close_blocker, open_blocker, parse_day, retract, undo};
pub(crate) use backups::{check_workspace, dismiss_recovery, make_backup, restore_backup, storage};
pub(crate) use calendar::edit_calendar;
pub(crate) use checklist::checklist;
pub(crate) use cluster::{
    agree_to_plugin, cluster, cluster_mapping, cluster_workload, map_workloads, record_cut_over,
    retry_context, switch_context,
};
pub(crate) use executions::{
    assess_self, confirm_execution, contest_execution, describe_person, record_execution,
    report_hours, retract_execution, settle_contest, trace_regression, wish_pair,
};
pub(crate) use find::{conflicts, recent, search, settle_conflict};
pub(crate) use frozen::{freeze_report, frozen_report, frozen_reports};
pub(crate) use hosted::{
    apply_import, choose_import, map_import, open_link, save_export, save_import_template,
    save_report,
};
pub(crate) use inventory::{
    add_service, assign, edit_service, edit_services, merge_services, set_scope, split_service,
};
pub(crate) use overview::{evidence, heat_map, looked_at, notices};
pub(crate) use past::movers;
pub use playbook::read_playbook;
pub(crate) use playbook::{
    adopt_playbook, adopted_text, choose_playbook, draft_check, playbook, save_playbook,
    try_playbook,
};
pub(crate) use progress::{outlook, progress, report};
pub(crate) use retro::{open_actions, read_retro, retro, retro_report, save_retro, sprint_report};
pub(crate) use retro_actions::{agree_action, decide_action};
pub(crate) use retro_edit::{edit_retro, turn_retro};
pub(crate) use retro_formats::{keep_formats, retro_formats};
pub(crate) use retro_import::{choose_retro, import_retro};
pub(crate) use retro_notes::{discard_note, group_notes, reveal_notes, write_insight, write_note};
pub(crate) use service::service;
pub(crate) use services::{dependency_degrees, row_of, services};
pub(crate) use session::session;
pub use settings::Acquaintance;
pub(crate) use settings::{
    act_as, add_environment, add_person, add_target, edit_person, edit_programme, keep_view,
    remove_environment, remove_person, remove_target, settings, tell_desktop,
};
pub(crate) use skills::{executions, skills};
pub(crate) use sprints::{edit_sprint, plan_sprint, scope_sprint, sprint, sprints, turn_sprint};
pub(crate) use waivers::{answer_waiver, request_waiver, revoke_waiver, waive, waiver_requests};
pub(crate) use what_if::what_if;
pub(crate) use writers::{edit_pipeline, edit_writer_rule, try_writer_rule, writers};
