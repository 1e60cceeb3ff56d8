//! The command table. Declared here once, it yields the router, the TypeScript types and, through
//! [`dispatch`], both hosts. A read says what it provides, a write what it invalidates.

use crate::app::App;
use crate::dto::actions::{
    AddEnvironment, AddPerson, AddTarget, Assign, Attest, ById, CloseBlocker, EditPerson,
    EditProgramme, EditService, OpenBlocker, OpenLink, Retract, RevokeWaiver, SetScope, Undo,
    Waive,
};
use crate::dto::backups::{RestoreBackup, StorageView, WorkspaceCheck};
use crate::dto::import::{ApplyImport, ImportReport};
use crate::dto::progress::{ProgressRequest, ProgressView, ReportRequest, ReportText};
use crate::dto::service::{
    ChecklistRequest, ChecklistView, ServiceRequest, ServiceView, ServicesView,
};
use crate::dto::session::{Nothing, Saved, SessionView};
use crate::dto::settings::SettingsView;
use crate::error::{ApiError, Code};
use crate::handlers;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

/// What a view shows and a write can make old.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Tag {
    /// Who is working, undo, the frame.
    Session,
    /// Anything about services.
    Services,
    /// Name, zone, deadline, people, environments, playbook.
    Programme,
    /// Backups, and what happened to the file.
    Storage,
}

impl Tag {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Session, Self::Services, Self::Programme, Self::Storage];
}

macro_rules! commands {
    ($( $(#[doc = $doc:literal])+ $kind:ident $name:ident($argument:ty) -> $answer:ty, [$($tag:ident),*]; )+) => {
        /// Name, documentation, kind and tags of every command.
        pub const TABLE: &[CommandFacts] = &[
            $(CommandFacts {
                name: stringify!($name),
                doc: concat!($($doc),+),
                kind: CommandKind::$kind,
                tags: &[$(Tag::$tag),*],
            }),+
        ];

        /// One typed method a command: what the command line uses.
        impl App {
            $(
                $(#[doc = $doc])+
                pub async fn $name(&self, argument: $argument) -> Result<$answer, ApiError> {
                    let answer = handlers::$name(self, argument).await;
                    let answer = answer.map_err(|error| self.noticed(error))?;
                    if CommandKind::$kind == CommandKind::Write {
                        // A command line notes it once, at its end.
                        if self.is_window() {
                            self.note_position().await;
                        }
                        self.publish(&[$(Tag::$tag),*]);
                    }
                    Ok(answer)
                }
            )+

            /// Runs the command of that name on JSON: what windows use.
            pub async fn call(&self, command: &str, argument: Value) -> Result<Value, ApiError> {
                match command {
                    $(stringify!($name) => {
                        let argument: $argument = parse(argument)?;
                        answer(&Box::pin(self.$name(argument)).await?)
                    })+
                    _ => Err(ApiError::new(Code::CommandUnknown, "No command has that name.")
                        .with("command", command)),
                }
            }
        }

        /// Hands each command's argument and answer type to the visitor, in table order.
        pub(crate) fn visit_types(visitor: &mut impl crate::typescript::CommandVisitor) {
            $(visitor.command::<$argument, $answer>(stringify!($name));)+
        }
    };
}

fn parse<T: DeserializeOwned>(argument: Value) -> Result<T, ApiError> {
    let argument =
        if argument.is_null() { Value::Object(serde_json::Map::new()) } else { argument };
    serde_json::from_value(argument).map_err(|error| {
        ApiError::new(
            Code::ArgumentsInvalid,
            "The arguments are not of the command's form. Nothing was changed.",
        )
        .with("detail", error)
    })
}

fn answer<T: Serialize>(answer: &T) -> Result<Value, ApiError> {
    serde_json::to_value(answer).map_err(|error| {
        ApiError::new(Code::Internal, "The answer has no JSON form.").with("detail", error)
    })
}

/// Whether a command changes anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommandKind {
    /// Changes nothing; provides its tags.
    Read,
    /// Changes state; invalidates its tags.
    Write,
}

/// One line of the table.
#[derive(Debug, Clone, Copy)]
pub struct CommandFacts {
    /// Name on the wire.
    pub name: &'static str,
    /// What it does.
    pub doc: &'static str,
    /// Whether it changes anything.
    pub kind: CommandKind,
    /// Provided or invalidated.
    pub tags: &'static [Tag],
}

commands! {
    /// The frame: programme, who is working, undo.
    Read session(Nothing) -> SessionView, [Session, Programme];
    /// The Progress page.
    Read progress(ProgressRequest) -> ProgressView, [Services, Programme];
    /// The Services table.
    Read services(Nothing) -> ServicesView, [Services, Programme];
    /// One service.
    Read service(ServiceRequest) -> ServiceView, [Services, Programme];
    /// A person's checklist.
    Read checklist(ChecklistRequest) -> ChecklistView, [Services, Programme, Session];
    /// The Settings page.
    Read settings(Nothing) -> SettingsView, [Programme];
    /// The progress report as text.
    Read report(ReportRequest) -> ReportText, [Services, Programme];

    /// Attests a check.
    Write attest(Attest) -> Saved, [Services, Session];
    /// Takes an attestation back.
    Write retract(Retract) -> Saved, [Services, Session];
    /// Waives a check with reason and expiry.
    Write waive(Waive) -> Saved, [Services, Session];
    /// Ends a waiver early.
    Write revoke_waiver(RevokeWaiver) -> Saved, [Services, Session];
    /// Opens a blocker.
    Write open_blocker(OpenBlocker) -> Saved, [Services, Session];
    /// Closes a blocker.
    Write close_blocker(CloseBlocker) -> Saved, [Services, Session];
    /// Takes a service into scope or out of it.
    Write set_scope(SetScope) -> Saved, [Services, Session];
    /// Puts a person on a service or takes him off it.
    Write assign(Assign) -> Saved, [Services, Session];
    /// Changes one field of a service.
    Write edit_service(EditService) -> Saved, [Services, Session];
    /// Takes an action back; the log keeps both.
    Write undo(Undo) -> Saved, [Services, Session, Programme];

    /// Changes name, time zone, deadline or done stage.
    Write edit_programme(EditProgramme) -> Saved, [Programme, Session];
    /// Adds a person.
    Write add_person(AddPerson) -> Saved, [Programme, Session];
    /// Changes a person.
    Write edit_person(EditPerson) -> Saved, [Programme, Session, Services];
    /// Removes a person; what he did stays.
    Write remove_person(ById) -> Saved, [Programme, Session, Services];
    /// Says who is working on this device.
    Write act_as(ById) -> Saved, [Session];
    /// Adds an environment.
    Write add_environment(AddEnvironment) -> Saved, [Programme, Session, Services];
    /// Removes an environment and its targets.
    Write remove_environment(ById) -> Saved, [Programme, Session, Services];
    /// Adds a target to an environment.
    Write add_target(AddTarget) -> Saved, [Programme, Session];
    /// Removes a target.
    Write remove_target(ById) -> Saved, [Programme, Session];

    /// Copies of the programme, and what happened to its file.
    Read storage(Nothing) -> StorageView, [Storage];
    /// Makes a copy of the programme now.
    Write make_backup(Nothing) -> Saved, [Storage];
    /// Puts a copy in the place of the present, which is copied before.
    Write restore_backup(RestoreBackup) -> Saved, [Session, Services, Programme, Storage];
    /// Looks at the whole file: pages, indexes, and the read model against the log.
    Write check_workspace(Nothing) -> WorkspaceCheck, [Storage];
    /// Says that the report of the last recovery has been read.
    Write dismiss_recovery(Nothing) -> Nothing, [Storage];

    /// Lets the person choose compose files in a native dialog and previews the import; answers
    /// nothing when the dialog was closed.
    Read choose_import(Nothing) -> Option<ImportReport>, [];
    /// Saves a previewed import.
    Write apply_import(ApplyImport) -> ImportReport, [Services, Session];
    /// Lets the person choose where the report is saved; answers the file name, or nothing when
    /// the dialog was closed.
    Read save_report(ReportRequest) -> Option<String>, [];
    /// Opens an https link in the browser.
    Read open_link(OpenLink) -> Nothing, [];
}
