//! The command table. Declared here once, it yields the router, the TypeScript types and, through
//! [`dispatch`], both hosts. A read says what it provides, a write what it invalidates.

use crate::app::App;
use crate::dto::actions::{
    AddEnvironment, AddPerson, AddService, AddTarget, AnswerWaiver, Assign, Attest, ById,
    CloseBlocker, EditPerson, EditProgramme, EditService, EditServices, KeepView, MergeServices,
    OpenBlocker, OpenLink, Retract, RevokeWaiver, SetScope, SplitService, Undo, Waive,
    WaiverRequestView,
};
use crate::dto::backups::{RestoreBackup, StorageView, WorkspaceCheck};
use crate::dto::calendar::EditCalendar;
use crate::dto::cluster::{
    AgreeToPlugin, ClusterView, ContextRequest, MapWorkloads, MappingView, RecordCutOver,
    SwitchContext, WorkloadDetail, WorkloadRequest,
};
use crate::dto::deployments::{DeploymentsRequest, DeploymentsView};
use crate::dto::find::{ConflictsView, RecentView, SearchRequest, SearchView, SettleConflict};
use crate::dto::import::{ApplyImport, ImportReport, MapImport, SaveExport};
use crate::dto::outlook::{
    FreezeReport, FrozenRequest, FrozenText, FrozenView, OutlookRequest, OutlookView, WhatIf,
    WhatIfView,
};
use crate::dto::overview::{EvidencePanel, EvidenceRequest, HeatMapView, LookedAt, NoticesView};
use crate::dto::past::{MoversRequest, MoversView};
use crate::dto::playbook::{
    AdoptPlaybook, AdoptedText, AdoptionRequest, DraftCheck, DraftedPlaybook, PlaybookTrial,
    PlaybookView, TryPlaybook,
};
use crate::dto::progress::{ProgressRequest, ProgressView, ReportRequest, ReportText};
use crate::dto::retro::{
    ActionView, AgreeAction, DecideAction, EditRetro, FormatsText, GroupNotes, KeepFormats,
    RetroOf, RetroRequest, RetroView, TurnRetro, WriteInsight, WriteNote,
};
use crate::dto::retro_documents::{
    ImportRetro, ReadRetro, RetroPreview, RetroReport, RetroText, SprintReport,
};
use crate::dto::service::{
    ChecklistRequest, ChecklistView, ServiceRequest, ServiceView, ServicesView,
};
use crate::dto::session::{Nothing, Saved, SessionView};
use crate::dto::settings::{SettingsView, TellDesktop};
use crate::dto::skills::{
    AssessSelf, DescribePerson, ExecutionsRequest, ExecutionsView, RecordExecution, ReportHours,
    SayOf, SkillsView, TraceRegression, WishPair,
};
use crate::dto::sprint::{
    EditSprint, PlanSprint, ScopeSprint, SprintRequest, SprintView, SprintsView, TurnSprint,
};
use crate::dto::writers::{EditPipeline, EditWriterRule, WriterTrial, WritersView};
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
    /// Watched clusters.
    Cluster,
}

impl Tag {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Session, Self::Services, Self::Programme, Self::Storage, Self::Cluster];
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
    /// Services × checks.
    Read heat_map(Nothing) -> HeatMapView, [Services, Programme];
    /// What stands behind one check of one service.
    Read evidence(EvidenceRequest) -> EvidencePanel, [Services, Programme, Session];
    /// What needs the acting person.
    Read notices(Nothing) -> NoticesView, [Services, Programme, Session];
    /// The playbook in force, as text and in parts.
    Read playbook(Nothing) -> PlaybookView, [Programme, Services];
    /// The text of an earlier adoption.
    Read adopted_text(AdoptionRequest) -> AdoptedText, [Programme];
    /// What is wrong with a playbook, or what adopting it would change. Nothing is changed.
    Read try_playbook(TryPlaybook) -> PlaybookTrial, [Programme, Services];
    /// The playbook in force with a new draft in it. Nothing is changed.
    Read draft_check(DraftCheck) -> DraftedPlaybook, [Programme];
    /// Waivers that were asked for and not answered, oldest first.
    Read waiver_requests(Nothing) -> Vec<WaiverRequestView>, [Services, Programme];
    /// The progress report as text.
    Read report(ReportRequest) -> ReportText, [Services, Programme];
    /// When the rest will be done, how sure that is, and whether earlier forecasts held.
    Read outlook(OutlookRequest) -> OutlookView, [Services, Programme];
    /// What the dates would be if. Nothing is changed.
    Read what_if(WhatIf) -> WhatIfView, [Services, Programme];
    /// Reports that were frozen, the latest first.
    Read frozen_reports(Nothing) -> Vec<FrozenView>, [Programme, Session];
    /// A frozen report, rendered again from the log as it was.
    Read frozen_report(FrozenRequest) -> FrozenText, [Programme, Session];
    /// Services that stand otherwise than at the end of a day.
    Read movers(MoversRequest) -> MoversView, [Services, Programme];
    /// Fields that two devices set differently without knowing of each other.
    Read conflicts(Nothing) -> ConflictsView, [Services, Programme];
    /// Services by their last change.
    Read recent(Nothing) -> RecentView, [Services, Programme];
    /// Finds services, notes of checks, blockers, people and tags by words in them.
    Read search(SearchRequest) -> SearchView, [Services, Programme];

    /// All sprints.
    Read sprints(Nothing) -> SprintsView, [Services, Programme];
    /// One sprint; nothing where there is none.
    Read sprint(SprintRequest) -> Option<SprintView>, [Services, Programme];

    /// The Skills page: levels, coverage, independence, suggestions.
    Read skills(Nothing) -> SkillsView, [Services, Programme, Session];
    /// Who did what: the list behind a number.
    Read executions(ExecutionsRequest) -> ExecutionsView, [Services, Programme, Session];
    /// Records who did a step.
    Write record_execution(RecordExecution) -> Saved, [Services, Session];
    /// Confirms what another person did.
    Write confirm_execution(ById) -> Saved, [Services, Session];
    /// Doubts an execution; the doubt shows until it is settled.
    Write contest_execution(SayOf) -> Saved, [Services, Session];
    /// Settles a doubt.
    Write settle_contest(SayOf) -> Saved, [Services, Session];
    /// Takes an execution, hours of an expert or the cause of a regression back.
    Write retract_execution(SayOf) -> Saved, [Services, Session];
    /// Reports an expert's hours on a service.
    Write report_hours(ReportHours) -> Saved, [Services, Session];
    /// Says which check a regression comes from.
    Write trace_regression(TraceRegression) -> Saved, [Services, Session];
    /// Says whether a person is from outside, wants to lead, and shows his own assessment.
    Write describe_person(DescribePerson) -> Saved, [Programme, Session, Services];
    /// Says whether two people work together, whatever the scores say.
    Write wish_pair(WishPair) -> Saved, [Programme, Session];
    /// The acting person assesses himself in a skill.
    Write assess_self(AssessSelf) -> Saved, [Programme, Session];
    /// The retrospective of a sprint; nothing where no sprint has started.
    Read retro(RetroRequest) -> Option<RetroView>, [Programme, Services, Session];
    /// Actions of retrospectives that are open.
    Read open_actions(Nothing) -> Vec<ActionView>, [Programme, Services];
    /// A retrospective as text.
    Read retro_report(RetroReport) -> RetroText, [Programme, Services];
    /// A sprint as text.
    Read sprint_report(SprintReport) -> ReportText, [Programme, Services];
    /// An export of a retrospective, read back and told in a form.
    Read read_retro(ReadRetro) -> ReportText, [];
    /// Lets the person choose where a retrospective is saved; answers the file name.
    Read save_retro(RetroReport) -> Option<String>, [];
    /// Lets the person choose the export of a retrospective; answers what it would bring in.
    Read choose_retro(Nothing) -> Option<RetroPreview>, [];
    /// Takes the export of a retrospective in: the same document, its sprint and its actions.
    Write import_retro(ImportRetro) -> Saved, [Programme, Session];
    /// The formats of retrospectives, as a team edits them.
    Read retro_formats(Nothing) -> FormatsText, [Programme];
    /// Keeps formats of the team's own, or goes back to those of the product.
    Write keep_formats(KeepFormats) -> Saved, [Programme, Session];
    /// Changes a retrospective, and opens it where nobody has.
    Write edit_retro(EditRetro) -> Saved, [Programme, Session];
    /// Closes a retrospective, or opens it again with a reason.
    Write turn_retro(TurnRetro) -> Saved, [Programme, Session];
    /// Keeps a note for a retrospective on this device until it is revealed.
    Write write_note(WriteNote) -> Saved, [Programme, Session];
    /// Throws a note away.
    Write discard_note(ById) -> Saved, [Programme, Session];
    /// Reveals the private notes of this device.
    Write reveal_notes(RetroOf) -> Saved, [Programme, Session];
    /// Groups notes, names groups, votes on them.
    Write group_notes(GroupNotes) -> Saved, [Programme, Session];
    /// Adds, changes or removes an insight.
    Write write_insight(WriteInsight) -> Saved, [Programme, Session];
    /// Agrees on an action.
    Write agree_action(AgreeAction) -> Saved, [Programme, Session];
    /// Marks an action done, carries it on, or drops it.
    Write decide_action(DecideAction) -> Saved, [Programme, Session];

    /// Attests a check.
    Write attest(Attest) -> Saved, [Services, Session];
    /// Takes an attestation back.
    Write retract(Retract) -> Saved, [Services, Session];
    /// Waives a check with reason and expiry.
    Write waive(Waive) -> Saved, [Services, Session];
    /// Asks that another person waive a check.
    Write request_waiver(Waive) -> Saved, [Services, Session];
    /// Grants or declines a waiver that another person asked for.
    Write answer_waiver(AnswerWaiver) -> Saved, [Services, Session];
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
    /// Adds a service by hand.
    Write add_service(AddService) -> Saved, [Services, Session];
    /// Changes one field of a service.
    Write edit_service(EditService) -> Saved, [Services, Session];
    /// Changes several services in one action.
    Write edit_services(EditServices) -> Saved, [Services, Session];
    /// Says that two nodes are one.
    Write merge_services(MergeServices) -> Saved, [Services, Session];
    /// Makes two of one.
    Write split_service(SplitService) -> Saved, [Services, Session];
    /// Settles a conflict: one value stays, and all that were shown are seen.
    Write settle_conflict(SettleConflict) -> Saved, [Services, Session, Programme];
    /// Takes an action back; the log keeps both.
    Write undo(Undo) -> Saved, [Services, Session, Programme];

    /// Plans a sprint.
    Write plan_sprint(PlanSprint) -> Saved, [Programme, Session, Services];
    /// Changes a sprint's words.
    Write edit_sprint(EditSprint) -> Saved, [Programme, Session];
    /// Starts, pauses, resumes or ends a sprint.
    Write turn_sprint(TurnSprint) -> Saved, [Programme, Session, Services];
    /// Takes services into a sprint or out of it.
    Write scope_sprint(ScopeSprint) -> Saved, [Services, Session, Programme];

    /// Says which services run as which workloads, or that they do not.
    Write map_workloads(MapWorkloads) -> Saved, [Services, Session, Cluster];
    /// Records that a service's users were moved over now: health is compared around this moment.
    Write record_cut_over(RecordCutOver) -> Saved, [Services, Session, Cluster];
    /// The Cluster page: contexts and all that is seen in those that are on.
    Read cluster(Nothing) -> ClusterView, [Cluster, Services, Programme];
    /// An opened workload: pods, rollouts, warnings. Nothing where it is not there any more.
    Read cluster_workload(WorkloadRequest) -> Option<WorkloadDetail>, [Cluster, Services];
    /// How services and workloads stand to each other in the contexts that are on.
    Read cluster_mapping(Nothing) -> MappingView, [Cluster, Services, Programme];
    /// The team's rules on writers, and the pipelines of single services.
    Read writers(Nothing) -> WritersView, [Programme, Services];
    /// What a rule on writers would change of what is seen now; records nothing.
    Read try_writer_rule(EditWriterRule) -> WriterTrial, [Cluster, Programme, Services];
    /// Makes, changes or takes away a rule on writers.
    Write edit_writer_rule(EditWriterRule) -> Saved, [Programme, Session, Cluster];
    /// Says under which names a service's own pipeline writes.
    Write edit_pipeline(EditPipeline) -> Saved, [Services, Programme, Session, Cluster];
    /// What was deployed by whom, of one service or of all.
    Read deployments(DeploymentsRequest) -> DeploymentsView, [Services, Programme];
    /// Watches a context from now on, or no more, on this device.
    Write switch_context(SwitchContext) -> Nothing, [Cluster];
    /// Agrees that a program brings a context's credentials, on this device.
    Write agree_to_plugin(AgreeToPlugin) -> Nothing, [Cluster];
    /// Tries a context again: a person signed in or corrected something.
    Write retry_context(ContextRequest) -> Nothing, [Cluster];

    /// Changes name, time zone, deadline or done stage.
    Write edit_programme(EditProgramme) -> Saved, [Programme, Session];
    /// Changes working days, holidays, pauses or capacity.
    Write edit_calendar(EditCalendar) -> Saved, [Programme, Session, Services];
    /// Freezes the progress report as it is now, and keeps its forecast.
    Write freeze_report(FreezeReport) -> Saved, [Programme, Session];
    /// Adopts a playbook from this moment on.
    Write adopt_playbook(AdoptPlaybook) -> Saved, [Programme, Session, Services];
    /// Keeps an address of the window under a name.
    Write keep_view(KeepView) -> Saved, [Session];
    /// Says whether the desktop is told of regressions, on this device.
    Write tell_desktop(TellDesktop) -> Nothing, [Programme];
    /// Says that notices were looked at, on this device.
    Write looked_at(LookedAt) -> Nothing, [Session];
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

    /// Lets the person choose files in a native dialog, recognises their format and previews the
    /// import; answers nothing when the dialog was closed.
    Read choose_import(Nothing) -> Option<ImportReport>, [];
    /// Previews the same table again, with its columns mapped otherwise.
    Read map_import(MapImport) -> ImportReport, [];
    /// Lets the person choose where an empty table to fill in is saved.
    Read save_import_template(Nothing) -> Option<String>, [];
    /// Saves a previewed import.
    Write apply_import(ApplyImport) -> ImportReport, [Services, Session, Programme];
    /// Lets the person choose where an export is saved; answers the file name, or nothing when the
    /// dialog was closed.
    Read save_export(SaveExport) -> Option<String>, [];
    /// Lets the person choose where the report is saved; answers the file name, or nothing when
    /// the dialog was closed.
    Read save_report(ReportRequest) -> Option<String>, [];
    /// Lets the person choose a playbook file and reads it; nothing when the dialog was closed.
    Read choose_playbook(Nothing) -> Option<String>, [];
    /// Lets the person choose where a playbook is saved; answers the file name.
    Read save_playbook(TryPlaybook) -> Option<String>, [];
    /// Opens an https link in the browser.
    Read open_link(OpenLink) -> Nothing, [];
}
