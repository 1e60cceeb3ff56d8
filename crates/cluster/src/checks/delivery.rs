//! Checks on who delivers: CD-20, CD-31 … CD-36.

use super::{Around, Judgement, Parameters, told};
use crate::shape::Moment;
use crate::shape::meta::{Truth, condition};
use crate::snapshot::{Snapshot, Told, Untold};
use crate::view::{View, Workload, revision_of};
use crate::writers::classify::{self, Drift, ImageWriter, Reason, judge};
use crate::writers::markers::{self, Follows};
use crate::writers::{Operation, Owns};
use chrono::TimeDelta;
use pilotage_domain::cluster::{RolloutKind, Writer, WriterClass};
use std::collections::BTreeSet;

/// CD-20
pub fn autoscaler_not_fought(view: &View<'_>, _: &Around<'_>, _: &Parameters) -> Judgement {
    let Some(scaler) = told!(view, view.autoscaler()) else {
        return Judgement::not_applicable(view, "no_autoscaler");
    };
    let writers = view.workload.writers();
    let field = "metadata.managedFields[].f:replicas";
    if writers.is_empty() {
        return Judgement::unknown(view, "no_managed_fields").by(field, "absent");
    }
    let mut entries: Vec<_> = writers.of(Owns::SCALE).collect();
    // Apply first: it resets the replicas with every sync.
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.operation));
    let Some(entry) = entries.first() else {
        return Judgement::pass(view).by(field, "only by scaling");
    };
    let value = format!("{} ({})", entry.manager, entry.operation.word());
    let judgement = match (entry.operation, scaler.status.last_scale_time) {
        (Operation::Apply, _) => Judgement::fail(view, "replicas_applied"),
        // It had taken the field when it scaled, so this one wrote it again afterwards.
        (Operation::Update, Some(_)) => Judgement::fail(view, "replicas_written"),
        // The first creation leaves such an entry behind, harmlessly.
        (Operation::Update, None) => Judgement::unknown(view, "never_scaled"),
    };
    judgement.by(field, value)
}

fn writer(one: &ImageWriter) -> Writer {
    Writer {
        class: one.judged.class,
        manager: one.manager.clone(),
        at: one.at.map(|at| at.timestamp_millis()),
    }
}

/// The images' writers, with what is known around the workload.
pub fn image_writers(view: &View<'_>, around: &Around<'_>) -> classify::ImageWriters {
    let read = view.follows().is_some_and(|follows| controller_found(&follows, view, around));
    classify::image_writers(&view.written(around.changed_together, read), around.rules)
}

fn controller_found(follows: &Follows, view: &View<'_>, around: &Around<'_>) -> bool {
    let snapshot = around.controllers.unwrap_or(view.snapshot());
    matches!(stand(follows, snapshot), Ok(Some(_)))
}

/// CD-31
pub fn by_pipeline(view: &View<'_>, around: &Around<'_>, _: &Parameters) -> Judgement {
    let writers = image_writers(view, around);
    let Some(worst) = writers.worst() else {
        return Judgement::unknown(view, "no_containers")
            .by(view.workload.template_path(), "no containers");
    };
    let field =
        format!("{}.spec.containers[{}].image", view.workload.template_path(), worst.container);
    let reason = worst.judged.reason;
    let mut judgement = match worst.judged.class {
        WriterClass::Pipeline | WriterClass::Gitops => Judgement::pass(view),
        WriterClass::Manual => Judgement::fail(view, reason.word()),
        WriterClass::Controller | WriterClass::Ambiguous => Judgement::unknown(view, reason.word()),
    };
    if judgement.result == pilotage_domain::fact::Seen::Pass && worst.adopted {
        judgement = judgement.noting("written by hand first, and taken over since");
    }
    if let Some(help) = reason.help() {
        judgement = judgement.noting(help);
    }
    judgement.writer = Some(writer(worst));
    judgement.by(field, &worst.manager).saw(sentence(worst))
}

/// A fact, and its limit: the name is no identity, and the time an upper bound.
fn sentence(one: &ImageWriter) -> String {
    if one.manager.is_empty() && one.at.is_none() {
        return format!("nobody is recorded as the writer of {}'s image", one.container);
    }
    let at = one.at.map_or_else(String::new, |at| format!(", not later than {}", minute(at)));
    let class = one.judged.class.word();
    format!("image of {} set by {} ({class}){at}", one.container, one.manager)
}

fn minute(at: Moment) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

/// The last delivery without a hand: as recorded, or as the images' writer tells.
fn last_delivery(view: &View<'_>, around: &Around<'_>) -> Option<Moment> {
    let recorded = around
        .rollouts
        .iter()
        .filter(|(_, one)| one.writer.class.delivers() && one.change.deploys())
        .map(|(at, _)| *at)
        .max();
    let writers = image_writers(view, around);
    let told = writers.worst().filter(|one| one.judged.class.delivers()).and_then(|one| one.at);
    // The writer's time is an upper bound, and later than the rollout where labels were written.
    recorded.or(told)
}

/// CD-32. Without `days`, no change by hand since the last pipeline rollout; with `days`, none
/// within so many days, and watched for as long.
pub fn no_drift(view: &View<'_>, around: &Around<'_>, with: &Parameters) -> Judgement {
    let object = view.written(around.changed_together, true);
    let days = with.number("days", 0);
    let field = "metadata.managedFields";
    let after = if days > 0 {
        Some(view.now() - TimeDelta::days(days))
    } else {
        last_delivery(view, around)
    };
    let counts = |drift: &Drift| {
        let restart = drift.restart_only && !with.flag("restarts_count");
        !restart && drift.at.zip(after).is_none_or(|(at, after)| at > after)
    };
    let all = classify::drifts(&object, around.rules);
    if let Some(drift) = all.iter().find(|drift| counts(drift)) {
        return drifted(view, drift);
    }
    let by_hand = |at: &Moment, rollout: &pilotage_domain::cluster::Rollout| {
        rollout.writer.class == WriterClass::Manual
            && rollout.change != RolloutKind::Restart
            && after.is_none_or(|after| *at > after)
    };
    if let Some((at, one)) = around.rollouts.iter().rfind(|(at, one)| by_hand(at, one)) {
        let mut judgement = Judgement::fail(view, "manual_rollout")
            .by("spec.template", format!("revision {}", one.revision))
            .saw(format!("revision {} by {}, {}", one.revision, one.writer.manager, minute(*at)));
        judgement.writer = Some(one.writer.clone());
        return judgement;
    }
    if object.writers.is_empty() {
        return Judgement::unknown(view, "no_managed_fields").by(field, "absent");
    }
    let lost = object
        .writers
        .of(Owns::TEMPLATE)
        .find(|entry| judge(entry, &object, around.rules).reason == Reason::HistoryLost);
    if let Some(entry) = lost {
        return Judgement::unknown(view, "history_lost").by(field, &entry.manager);
    }
    let watched = around.watched_since.is_some_and(|since| after.is_some_and(|at| since <= at));
    if days > 0 && !watched {
        return Judgement::unknown(view, "history_short")
            .by(field, format!("not watched for {days} days yet"));
    }
    let restarts = all.iter().filter(|drift| drift.restart_only).count();
    let note = if restarts > 0 { "restarted by hand, which changes nothing" } else { "" };
    Judgement::pass(view).by(field, "no writer by hand").noting(note)
}

fn drifted(view: &View<'_>, drift: &Drift) -> Judgement {
    let mut fields = drift.fields.join(", ");
    if drift.more_fields > 0 {
        fields = format!("{fields} and {} more", drift.more_fields);
    }
    let at = drift.at.map_or_else(String::new, |at| format!(", not later than {}", minute(at)));
    let mut judgement = Judgement::fail(view, drift.reason.word())
        .by(drift.fields.first().cloned().unwrap_or_default(), &drift.manager)
        .saw(format!("{} by {}{at}", fields, drift.manager));
    judgement.writer = Some(Writer {
        class: WriterClass::Manual,
        manager: drift.manager.clone(),
        at: drift.at.map(|at| at.timestamp_millis()),
    });
    judgement
}

/// How a delivery controller stands to a workload.
struct Stand {
    object: super::Object,
    /// In step and well, out of step, or in trouble.
    word: Step,
    field: &'static str,
    value: String,
    automated: bool,
    compared: Option<Moment>,
    revision: Option<String>,
    deployments: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Level,
    Behind,
    Broken,
    OnItsWay,
}

/// Looks up the object of a delivery controller.
fn stand(follows: &Follows, snapshot: &Snapshot) -> Told<Option<Stand>> {
    match follows {
        Follows::ArgoCd { namespace, application } => {
            // Without a namespace in the tracking id, the application lies in Argo CD's own.
            let state = snapshot.state::<crate::shape::gitops::Application>(
                namespace.as_deref().unwrap_or_default(),
            );
            if state != crate::snapshot::State::Complete {
                return Err(Untold { reason: state.reason(), what: "applications".to_owned() });
            }
            let found = snapshot.applications.iter().find(|one| {
                *one.meta.name == **application
                    && namespace.as_deref().is_none_or(|name| *one.meta.namespace == *name)
            });
            Ok(found.map(|one| argo_cd(one)))
        }
        Follows::Kustomization { namespace, name } => {
            let mut all = snapshot.read(&snapshot.kustomizations, namespace)?;
            Ok(all
                .find(|one| *one.meta.name == **name)
                .map(|one| flux(one, one.spec.suspend, &one.status)))
        }
        Follows::HelmRelease { namespace, name } => {
            let mut all = snapshot.read(&snapshot.helm_releases, namespace)?;
            Ok(all
                .find(|one| *one.meta.name == **name)
                .map(|one| flux(one, one.spec.suspend, &one.status)))
        }
    }
}

fn argo_cd(one: &crate::shape::gitops::Application) -> Stand {
    let status = &one.status;
    let phase = status.operation_state.phase.as_deref().unwrap_or_default();
    let (word, field, value) = if matches!(phase, "Failed" | "Error") {
        (Step::Broken, "status.operationState.phase", phase)
    } else if &*status.sync.status == "OutOfSync" {
        (Step::Behind, "status.sync.status", "OutOfSync")
    } else if &*status.sync.status == "Synced" && &*status.health.status == "Healthy" {
        (Step::Level, "status.sync.status", "Synced")
    } else {
        (Step::OnItsWay, "status.health.status", &*status.health.status)
    };
    Stand {
        object: super::Object::of("argoproj.io/v1alpha1".to_owned(), "Application", &one.meta),
        word,
        field,
        value: value.to_owned(),
        automated: one.spec.sync_policy.automated.0,
        compared: status.reconciled_at,
        revision: status.sync.revision.as_deref().map(str::to_owned),
        deployments: status.history.len(),
    }
}

fn flux<K: crate::shape::Kind>(
    one: &K,
    suspended: bool,
    status: &crate::shape::gitops::FluxStatus,
) -> Stand {
    let ready = condition(&status.conditions, "Ready");
    let (word, field, value) = match ready {
        _ if suspended => (Step::Broken, "spec.suspend", "true".to_owned()),
        Some(ready) if ready.status == Truth::True => {
            (Step::Level, "status.conditions[Ready].status", "True".to_owned())
        }
        Some(ready) if ready.status == Truth::False => (
            Step::Broken,
            "status.conditions[Ready].status",
            format!("{}: {}", ready.reason(), ready.message()),
        ),
        _ => (Step::OnItsWay, "status.conditions[Ready].status", "Unknown".to_owned()),
    };
    Stand {
        object: super::Object::of(K::api_version(), K::KIND, one.meta()),
        word,
        field,
        value,
        automated: true,
        compared: None,
        revision: status.last_applied_revision.as_deref().map(str::to_owned),
        deployments: status.history.len(),
    }
}

/// CD-33
pub fn synced(view: &View<'_>, around: &Around<'_>, with: &Parameters) -> Judgement {
    let Some(follows) = view.follows() else {
        return Judgement::not_applicable(view, "no_gitops");
    };
    let snapshot = around.controllers.unwrap_or(view.snapshot());
    let Some(stand) = told!(view, stand(&follows, snapshot)) else {
        return Judgement::unknown(view, "controller_elsewhere")
            .by("metadata.annotations", format!("{follows:?}"))
            .saw("the object of its delivery controller is not in this context")
            .noting("Name the context in which the delivery controller keeps its objects.");
    };
    let now = view.now();
    let old = TimeDelta::minutes(3 * with.number("period_minutes", 3));
    let too_old = stand.compared.is_some_and(|at| now - at > old);
    let since = around.out_of_step_since;
    let patience = TimeDelta::hours(with.number("hours", 24));
    let judgement = match stand.word {
        Step::Broken => Judgement::fail(view, "sync_failed"),
        _ if too_old => Judgement::unknown(view, "controller_silent"),
        Step::Behind if since.is_some_and(|since| now - since > patience) => {
            Judgement::fail(view, "out_of_sync")
        }
        Step::Behind | Step::OnItsWay => Judgement::unknown(view, "in_progress"),
        Step::Level if !stand.automated && with.flag("automated") => {
            Judgement::fail(view, "synced_by_hand")
        }
        Step::Level => Judgement::pass(view).noting(if stand.automated {
            ""
        } else {
            "a person presses the button: no automated sync"
        }),
    };
    let mut judgement = judgement.by(stand.field, stand.value);
    judgement.object = stand.object;
    judgement
}

/// CD-34
pub fn traceable(view: &View<'_>, around: &Around<'_>, _: &Parameters) -> Judgement {
    let template = (&view.template.metadata.labels, &view.template.metadata.annotations);
    if let Some((key, value)) = markers::trace(view.workload.meta(), template) {
        return Judgement::pass(view).by(format!("metadata.annotations[{key}]"), value);
    }
    let Some(follows) = view.follows() else {
        return Judgement::fail(view, "no_trace").by("metadata.annotations", "no commit, no run");
    };
    let snapshot = around.controllers.unwrap_or(view.snapshot());
    match told!(view, stand(&follows, snapshot))
        .and_then(|stand| Some((stand.object, stand.revision?)))
    {
        Some((object, revision)) => {
            let mut judgement = Judgement::pass(view).by("status.sync.revision", revision);
            judgement.object = object;
            judgement
        }
        None => Judgement::unknown(view, "controller_elsewhere")
            .by("status.sync.revision", "not to be read here"),
    }
}

/// CD-35
pub fn repeatedly(view: &View<'_>, around: &Around<'_>, with: &Parameters) -> Judgement {
    let (wanted, days) = (with.number("rollouts", 3), with.number("days", 30));
    let window = view.now() - TimeDelta::days(days);
    let mut images = BTreeSet::new();
    for (_, rollout) in around.rollouts.iter().filter(|(at, _)| *at >= window) {
        if rollout.writer.class == WriterClass::Manual && rollout.change.deploys() {
            // None by hand between them.
            images.clear();
        } else if rollout.writer.class.delivers() && rollout.change.deploys() {
            images.insert(&rollout.images);
        }
    }
    let seen = images.len();
    let (field, value) = ("rollouts", format!("{seen} of {wanted} in {days} days"));
    if i64::try_from(seen).is_ok_and(|seen| seen >= wanted) {
        return Judgement::pass(view).by(field, value);
    }
    let watched = around.watched_since.is_some_and(|since| since <= window);
    let judgement = if watched {
        Judgement::fail(view, "too_few_rollouts")
    } else {
        let since = around.watched_since;
        let note = since.map_or_else(
            || "not watched yet".to_owned(),
            |since| format!("can be proved from {} on", minute(since + TimeDelta::days(days))),
        );
        Judgement::unknown(view, "history_short").noting(note)
    };
    judgement.by(field, value)
}

/// CD-36
pub fn rollback(view: &View<'_>, around: &Around<'_>, _: &Parameters) -> Judgement {
    if let Some(follows) = view.follows() {
        let snapshot = around.controllers.unwrap_or(view.snapshot());
        if let Ok(Some(stand)) = stand(&follows, snapshot)
            && stand.deployments >= 2
        {
            let mut judgement = Judgement::pass(view)
                .by("status.history", format!("{} deployments", stand.deployments));
            judgement.object = stand.object;
            return judgement;
        }
    }
    let (limit, revisions, highest) = match view.workload {
        Workload::Deployment(one) => {
            let sets = told!(view, view.sets.clone());
            let highest = sets.iter().map(|set| revision_of(set)).max().unwrap_or(0);
            (one.spec.revision_history_limit, sets.len(), highest)
        }
        Workload::Rollout(one) => {
            let sets = told!(view, view.sets.clone());
            let highest = sets.iter().map(|set| revision_of(set)).max().unwrap_or(0);
            (one.spec.revision_history_limit, sets.len(), highest)
        }
        Workload::StatefulSet(one) => {
            let all = told!(view, view.revisions.clone());
            let highest = all.iter().filter_map(|one| one.revision).max().unwrap_or(0);
            (one.spec.revision_history_limit, all.len(), highest)
        }
        Workload::DaemonSet(one) => {
            let all = told!(view, view.revisions.clone());
            let highest = all.iter().filter_map(|one| one.revision).max().unwrap_or(0);
            (one.spec.revision_history_limit, all.len(), highest)
        }
        Workload::CronJob(_) => return Judgement::not_applicable(view, "runs_by_schedule"),
    };
    if limit == Some(0) {
        return Judgement::fail(view, "no_history").by("spec.revisionHistoryLimit", 0);
    }
    let (field, value) = ("revisions", format!("{revisions} kept, newest is number {highest}"));
    let judgement = match (revisions, highest) {
        (2.., _) => Judgement::pass(view),
        (_, ..=1) => Judgement::not_applicable(view, "never_rolled_out_twice"),
        _ => Judgement::fail(view, "no_earlier_revision"),
    };
    judgement.by(field, value)
}
