//! What the command line does with looks in an open programme: verify, and map.

use super::desk::{Desk, Service, moment};
use super::memory::Memory;
use super::regressions::regressions;
use super::verify::{Outcome, verify};
use super::{ClusterQuestion, Depth, IN_CLUSTER, Look, mapped, snapshots};
use crate::app::App;
use crate::clock::Clock;
use crate::dto::cluster::MappingView;
use crate::error::{ApiError, Code};
use crate::host::DesktopNotice;
use crate::names::{Called, find_node};
use crate::programme::default_playbook;
use pilotage_cluster::report::Verified;
use pilotage_cluster::snapshot::Snapshot;
use pilotage_domain::Millis;
use pilotage_store::Commit;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

impl Called for Service {
    fn id(&self) -> Uuid {
        self.id
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn aliases(&self) -> &[String] {
        &self.aliases
    }
}

/// What one look of a verification yields.
#[derive(Debug)]
pub struct VerifyLook {
    /// How each check stands on the target that speaks for its service.
    pub rows: Vec<Verified>,
    /// Why a context could not be looked at.
    pub errors: Vec<ApiError>,
    /// When the first of the suspicions may become a finding.
    pub due: Option<Millis>,
    /// Findings that were recorded by this look.
    pub findings: usize,
    /// Rollouts that were recorded by this look.
    pub rollouts: usize,
    /// Why nothing of what has held was recorded, where that is so.
    pub unrecorded: Option<String>,
    /// Regressions that were recorded by this look, as a desktop would be told.
    pub regressions: Vec<DesktopNotice>,
    /// Checks that so many services began to fail at once that nothing was recorded: the cluster is
    /// the likelier cause.
    pub held_back: Vec<String>,
}

/// One look at contexts without a programme: every workload stands for itself, and is judged by the
/// playbook that comes with the product. Nothing is recorded, so all that is seen is suspected.
///
/// # Errors
/// When no context can be chosen, or a service that is named is not there.
pub async fn quick_verify(
    question: &ClusterQuestion,
    services: &[String],
    clock: Clock,
) -> Result<VerifyLook, ApiError> {
    let playbook = default_playbook()?;
    let mut all = VerifyLook {
        rows: Vec::new(),
        errors: Vec::new(),
        due: None,
        findings: 0,
        rollouts: 0,
        unrecorded: None,
        regressions: Vec::new(),
        held_back: Vec::new(),
    };
    for (context, look) in snapshots(question, Depth::Checks, clock).await? {
        match look {
            Ok(snapshot) => {
                let desk = Desk::of_context(&snapshot, playbook);
                let asked = named(&desk, services)?;
                let seen = BTreeMap::from([(context, snapshot)]);
                let now = moment(clock.now());
                let outcome = verify(&desk, &asked, &seen, &mut Memory::default(), now);
                all.rows.extend(outcome.rows);
            }
            Err(error) => all.errors.push(error),
        }
    }
    Ok(all)
}

/// The services of these names; none where no name is said.
fn named(desk: &Desk, names: &[String]) -> Result<BTreeSet<Uuid>, ApiError> {
    names.iter().map(|name| Ok(find_node(&desk.services, name)?.id)).collect()
}

/// A verification under way: looks one after the other, each knowing what the earlier ones saw.
#[derive(Debug)]
pub struct Verification<'a> {
    app: &'a App,
    question: ClusterQuestion,
    services: Vec<String>,
    memory: Memory,
}

impl<'a> Verification<'a> {
    /// Of these services, by id, name or alias; of all where none is named.
    pub fn new(app: &'a App, question: ClusterQuestion, services: Vec<String>) -> Self {
        let now = moment(app.clock.now());
        let memory = Memory::recall(&app.notes().suspicions, now);
        Self { app, question, services, memory }
    }

    /// Looks once at every context that the programme's targets name, and records what has held.
    ///
    /// # Errors
    /// When the programme has no target, when a service is unknown, or when nothing can be saved. A
    /// context that cannot be reached is no error of the whole; it stands beside the rows.
    pub async fn look(&mut self) -> Result<VerifyLook, ApiError> {
        let app = self.app;
        let desk = Desk::load(app).await?;
        need_targets(&desk)?;
        let asked = named(&desk, &self.services)?;
        let (seen, errors) = look_at_targets(app, &desk, &self.question).await?;
        let before = self.memory.suspicions.clone();
        let outcome = verify(&desk, &asked, &seen, &mut self.memory, moment(app.clock.now()));
        let unrecorded = app.store.read_only().filter(|_| !outcome.changes.is_empty());
        if unrecorded.is_some() {
            // What has held and could not be recorded stays suspected.
            self.memory.suspicions = before;
        }
        let outcome = app.record(outcome).await?;
        let notes = self.memory.notes();
        if app.notes().suspicions != notes {
            app.notebook.amend(|known| known.suspicions.clone_from(&notes))?;
        }
        Ok(VerifyLook {
            rows: outcome.rows,
            errors,
            due: outcome.due.map(|due| due.timestamp_millis()),
            findings: outcome.findings,
            rollouts: outcome.rollouts,
            unrecorded,
            regressions: regressions(app, &outcome.failed, app.clock.now()).await?,
            held_back: outcome.held_back,
        })
    }
}

impl App {
    /// Records what a look yields. Nobody acts: the cluster was read.
    pub(crate) async fn record(&self, mut outcome: Outcome) -> Result<Outcome, ApiError> {
        if outcome.changes.is_empty() {
            return Ok(outcome);
        }
        if self.store.read_only().is_some() {
            // Nothing can be recorded, so nothing is told as recorded, and nobody is alarmed.
            return Ok(Outcome {
                changes: Vec::new(),
                findings: 0,
                rollouts: 0,
                failed: Vec::new(),
                ..outcome
            });
        }
        let changes = std::mem::take(&mut outcome.changes);
        let now = self.clock.now();
        let commit = Commit { id: Uuid::now_v7(), actor: Uuid::nil(), now, changes };
        self.store.commit(commit).await?;
        Ok(outcome)
    }

    /// Looks at clusters as [`super::looks`] does, and tells which service runs as which workload.
    ///
    /// # Errors
    /// When no context can be chosen.
    pub async fn cluster_looks(
        &self,
        question: &ClusterQuestion,
    ) -> Result<Vec<Result<Look, ApiError>>, ApiError> {
        let desk = Desk::load(self).await?;
        let seen = snapshots(question, Depth::Health, self.clock).await?;
        Ok(seen
            .into_iter()
            .map(|(_, seen)| seen.map(|seen| Look::of(&seen, Some(&desk))))
            .collect())
    }

    /// Looks at every target and says how services and workloads stand to each other there.
    ///
    /// # Errors
    /// When the programme has no target.
    pub async fn look_at_mapping(
        &self,
        question: &ClusterQuestion,
    ) -> Result<(MappingView, Vec<ApiError>), ApiError> {
        let desk = Desk::load(self).await?;
        need_targets(&desk)?;
        let (seen, errors) = look_at_targets(self, &desk, question).await?;
        Ok((mapped::mapped(&desk, &seen), errors))
    }
}

fn need_targets(desk: &Desk) -> Result<(), ApiError> {
    if desk.targets.is_empty() {
        return Err(ApiError::new(
            Code::NotPossible,
            "No environment of the programme has a target, so there is nothing to look at. Nothing \
             was contacted. Add a target in the settings: a context and its namespaces.",
        )
        .with("state", "no_target"));
    }
    Ok(())
}

/// The contexts of the targets, or the one of them that is asked for.
fn chosen_targets(desk: &Desk, question: &ClusterQuestion) -> Result<BTreeSet<String>, ApiError> {
    let mut contexts = desk.contexts();
    let Some(asked) = &question.context else { return Ok(contexts) };
    if !contexts.contains(asked) {
        let known = contexts.into_iter().collect::<Vec<_>>().join(", ");
        let message = format!(
            "No target of the programme names the context {asked}; they name {known}. Nothing was \
             contacted. Name one of these, or add a target in the settings."
        );
        return Err(ApiError::new(Code::NotFound, message).with("state", "no_target"));
    }
    contexts.retain(|context| context == asked);
    Ok(contexts)
}

/// Looks at the contexts of the targets; no other is contacted.
async fn look_at_targets(
    app: &App,
    desk: &Desk,
    question: &ClusterQuestion,
) -> Result<(BTreeMap<String, Snapshot>, Vec<ApiError>), ApiError> {
    let contexts = chosen_targets(desk, question)?;
    if question.in_cluster && contexts.len() > 1 {
        return Err(ApiError::new(
            Code::NotPossible,
            format!(
                "The programme's targets name several contexts ({}), and the pod one runs in is in \
                 one cluster. Nothing was contacted. Use a kubeconfig.",
                contexts.into_iter().collect::<Vec<_>>().join(", ")
            ),
        ));
    }
    let (mut seen, mut errors) = (BTreeMap::new(), Vec::new());
    for context in contexts {
        let mut namespaces = desk.namespaces(&context);
        namespaces.extend(question.namespaces.iter().cloned());
        let one = ClusterQuestion {
            context: Some(context.clone()),
            all_contexts: false,
            namespaces,
            ..question.clone()
        };
        match snapshots(&one, Depth::Checks, app.clock).await {
            Ok(looks) => {
                for (_, look) in looks {
                    match look {
                        Ok(mut snapshot) => {
                            debug_assert!(
                                snapshot.context == context || snapshot.context == IN_CLUSTER,
                                "the context that was asked for"
                            );
                            snapshot.context.clone_from(&context);
                            seen.insert(context.clone(), snapshot);
                        }
                        Err(error) => errors.push(error),
                    }
                }
            }
            Err(error) => errors.push(error),
        }
    }
    Ok((seen, errors))
}
