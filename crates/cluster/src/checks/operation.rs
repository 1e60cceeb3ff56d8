//! Checks on how a workload runs: CD-01 … CD-10, CD-19, CD-24, CD-25, CD-37.

use super::{Around, Judgement, Parameters, told};
use crate::health::beside;
use crate::health::pod::Judged;
use crate::health::{Verdict, pod};
use crate::shape::meta::{Condition, Truth, condition};
use crate::shape::pod::MIRROR;
use crate::view::{View, Workload};
use chrono::TimeDelta;
use std::collections::BTreeSet;

/// CD-01: there is one, or this would not be judged on it.
pub fn exists(view: &View<'_>, _: &Around<'_>, _: &Parameters) -> Judgement {
    Judgement::pass(view).by("metadata.name", &view.workload.meta().name)
}

/// CD-02
pub fn available(view: &View<'_>, _: &Around<'_>, _: &Parameters) -> Judgement {
    let (have, wanted, field) = match view.workload {
        Workload::Deployment(one) => (
            one.status.available_replicas,
            one.spec.replicas.unwrap_or(1),
            "status.availableReplicas",
        ),
        Workload::Rollout(one) => (
            one.status.available_replicas,
            one.spec.replicas.unwrap_or(1),
            "status.availableReplicas",
        ),
        Workload::StatefulSet(one) => {
            (one.status.ready_replicas, one.spec.replicas.unwrap_or(1), "status.readyReplicas")
        }
        Workload::DaemonSet(one) => (
            one.status.number_available,
            one.status.desired_number_scheduled.unwrap_or(0),
            "status.numberAvailable",
        ),
        Workload::CronJob(_) => return Judgement::not_applicable(view, "runs_by_schedule"),
    };
    if wanted == 0 && !matches!(view.workload, Workload::DaemonSet(_)) {
        return Judgement::not_applicable(view, "scaled_to_zero").by("spec.replicas", 0);
    }
    let have = have.unwrap_or(0);
    let health = &view.health;
    let judgement = if matches!(&*health.reason, "spec_not_observed" | "controller_silent") {
        Judgement::unknown(view, "in_progress")
    } else if have >= wanted {
        Judgement::pass(view)
    } else if health.verdict == Verdict::Progressing {
        Judgement::unknown(view, "in_progress")
    } else {
        Judgement::fail(view, health.reason.clone()).noting(health.note.clone())
    };
    judgement.by(field, format!("{have} of {wanted}"))
}

/// CD-03
pub fn rollout_complete(view: &View<'_>, _: &Around<'_>, _: &Parameters) -> Judgement {
    let health = &view.health;
    if matches!(&*health.reason, "spec_not_observed" | "controller_silent") {
        return Judgement::unknown(view, "in_progress").by(health.field.clone(), &health.value);
    }
    let Some((open, field, value)) = open_rollout(view) else {
        return Judgement::not_applicable(view, "no_rollouts");
    };
    let judgement = if !open {
        Judgement::pass(view)
    } else if health.verdict == Verdict::Progressing
        || (health.reason == "new_pods_failing" && !overdue(view))
    {
        // Within its deadline; failing pods are another check's.
        Judgement::unknown(view, "in_progress")
    } else {
        Judgement::fail(view, health.reason.clone()).noting(health.note.clone())
    };
    judgement.by(field, value)
}

/// Open for longer than our own deadline, where no other one runs.
fn overdue(view: &View<'_>) -> bool {
    let own = match view.workload {
        Workload::Deployment(one) => one.spec.progress_deadline_seconds,
        _ => None,
    };
    let open = view.past.open_since;
    own.is_none_or(|seconds| seconds == i64::from(i32::MAX))
        && open.is_some_and(|open| view.now() - open > view.limits.fallback_deadline)
}

/// Whether the newest revision is not everywhere yet, by the counters alone.
fn open_rollout(view: &View<'_>) -> Option<(bool, &'static str, String)> {
    let of = |number: i64, whole: i64| format!("{number} of {whole}");
    let counters = |wanted: i64, all: i64, updated: i64, available: i64| {
        if updated < wanted {
            (true, "status.updatedReplicas", of(updated, wanted))
        } else if all > updated {
            (true, "status.replicas", of(all, updated))
        } else if available < updated {
            (true, "status.availableReplicas", of(available, updated))
        } else {
            (false, "status.updatedReplicas", of(updated, wanted))
        }
    };
    Some(match view.workload {
        Workload::Deployment(one) => {
            let status = &one.status;
            counters(
                one.spec.replicas.unwrap_or(1),
                status.replicas.unwrap_or(0),
                status.updated_replicas.unwrap_or(0),
                status.available_replicas.unwrap_or(0),
            )
        }
        Workload::Rollout(one) => {
            let phase = one.status.phase.as_deref().unwrap_or_default();
            (phase != "Healthy", "status.phase", phase.to_owned())
        }
        Workload::StatefulSet(one) => {
            let current = one.status.current_revision.as_deref().unwrap_or_default();
            let update = one.status.update_revision.as_deref().unwrap_or_default();
            (current != update, "status.currentRevision", format!("{current}, wanted {update}"))
        }
        Workload::DaemonSet(one) => {
            let wanted = one.status.desired_number_scheduled.unwrap_or(0);
            let updated = one.status.updated_number_scheduled.unwrap_or(0);
            (updated < wanted, "status.updatedNumberScheduled", of(updated, wanted))
        }
        Workload::CronJob(_) => return None,
    })
}

/// CD-04
pub fn not_stuck(view: &View<'_>, _: &Around<'_>, _: &Parameters) -> Judgement {
    let (conditions, paused) = match view.workload {
        Workload::Deployment(one) => (&one.status.conditions, one.spec.paused),
        Workload::Rollout(one) => (&one.status.conditions, one.spec.paused),
        _ => return Judgement::not_applicable(view, "no_conditions"),
    };
    if paused {
        return Judgement::not_applicable(view, "paused").by("spec.paused", true);
    }
    let said = |one: &Condition| format!("{}: {}", one.reason(), one.message());
    let progress = condition(conditions, "Progressing");
    if let Some(one) = progress.filter(|one| one.reason() == "ProgressDeadlineExceeded") {
        return Judgement::fail(view, "deadline_exceeded")
            .by("status.conditions[Progressing].reason", one.reason())
            .saw(said(one));
    }
    let failure = condition(conditions, "ReplicaFailure");
    if let Some(one) = failure.filter(|one| one.status == Truth::True) {
        return Judgement::fail(view, "replica_failure")
            .by("status.conditions[ReplicaFailure].reason", one.reason())
            .saw(said(one));
    }
    let reason = progress.map_or("no deadline", |one| one.reason());
    Judgement::pass(view).by("status.conditions[Progressing].reason", reason)
}

/// CD-05
pub fn not_paused(view: &View<'_>, _: &Around<'_>, _: &Parameters) -> Judgement {
    let paused = match view.workload {
        Workload::Deployment(one) => one.spec.paused,
        // A step of a canary pauses in the status, which is no fault.
        Workload::Rollout(one) => one.spec.paused,
        _ => return Judgement::not_applicable(view, "cannot_pause"),
    };
    let judgement = if paused { Judgement::fail(view, "paused") } else { Judgement::pass(view) };
    judgement.by("spec.paused", paused)
}

/// CD-06
pub fn not_zero(view: &View<'_>, _: &Around<'_>, _: &Parameters) -> Judgement {
    let Some(replicas) = view.workload.replicas() else {
        return Judgement::not_applicable(view, "no_replicas");
    };
    if replicas > 0 {
        return Judgement::pass(view).by("spec.replicas", replicas);
    }
    let snapshot = view.snapshot();
    let scaled = told!(view, snapshot.read_optional(&snapshot.scaled_objects, view.namespace()));
    let declared = scaled.into_iter().find(|one| {
        let target = &one.spec.scale_target_ref;
        target.name == view.workload.meta().name
            && target.kind.as_deref().unwrap_or("Deployment") == view.workload.kind()
            && one.spec.min_replica_count.unwrap_or(0) == 0
    });
    if let Some(one) = declared {
        return Judgement::not_applicable(view, "zero_is_declared")
            .on(one)
            .by("spec.minReplicaCount", 0);
    }
    match told!(view, view.autoscaler()).filter(|one| one.spec.min_replicas == Some(0)) {
        Some(one) => {
            Judgement::not_applicable(view, "zero_is_declared").on(one).by("spec.minReplicas", 0)
        }
        None => Judgement::fail(view, "scaled_to_zero").by("spec.replicas", 0),
    }
}

/// Pods that a check on pods can speak about, or why it cannot.
fn pods<'v, 'a>(view: &'v View<'a>) -> Result<&'v [Judged<'a>], Box<Judgement>> {
    if matches!(view.workload, Workload::CronJob(_)) {
        return Err(Box::new(Judgement::not_applicable(view, "runs_by_schedule")));
    }
    if view.workload.replicas() == Some(0) {
        return Err(Box::new(Judgement::not_applicable(view, "scaled_to_zero")));
    }
    match &view.current {
        Err(untold) => Err(Box::new(Judgement::untold(view, untold))),
        Ok(pods) if pods.is_empty() => {
            Err(Box::new(Judgement::unknown(view, "too_few_pods").by("pods", 0).saw("no pods yet")))
        }
        Ok(pods) => Ok(pods),
    }
}

macro_rules! pods {
    ($view:expr) => {
        match pods($view) {
            Ok(pods) => pods,
            Err(judgement) => return *judgement,
        }
    };
}

/// CD-07
pub fn not_crashing(view: &View<'_>, _: &Around<'_>, _: &Parameters) -> Judgement {
    let pods = pods!(view);
    for judged in pods {
        let waits = pod::failing(judged.pod).map(|(container, reason)| {
            (format!("status.containerStatuses[{container}].state.waiting.reason"), reason)
        });
        let loops = || {
            let ready = judged.health.reason == "ready";
            pod::looping(judged.pod, view.now(), view.limits).filter(|_| !ready).map(|status| {
                let field = format!("status.containerStatuses[{}].restartCount", status.name);
                (field, format!("{} restarts", status.restart_count))
            })
        };
        if let Some((field, value)) = waits.or_else(loops) {
            let exit = judged
                .pod
                .statuses()
                .filter_map(|status| status.last_state.terminated.as_deref())
                .map(|end| format!("last exit code {}", end.exit_code))
                .next();
            return Judgement::fail(view, "crashing")
                .on(judged.pod)
                .by(field, value)
                .noting(exit.unwrap_or_default());
        }
    }
    Judgement::pass(view).by("status.containerStatuses[].state", format!("{} pods", pods.len()))
}

/// CD-08
pub fn schedulable(view: &View<'_>, _: &Around<'_>, with: &Parameters) -> Judgement {
    let pods = pods!(view);
    let limit = with.minutes("minutes", 5);
    let field = "status.conditions[PodScheduled].reason";
    let scheduled = |judged: &Judged<'_>, reason: &str| {
        judged
            .pod
            .condition("PodScheduled")
            .is_some_and(|one| one.status == Truth::False && one.reason() == reason)
    };
    if pods.iter().all(|judged| scheduled(judged, "SchedulingGated")) {
        return Judgement::not_applicable(view, "gated").by(field, "SchedulingGated");
    }
    let now = view.now();
    let waits = pods.iter().find(|judged| {
        let created = judged.pod.meta.created;
        scheduled(judged, "Unschedulable") && created.is_some_and(|at| now - at > limit)
    });
    match waits {
        Some(judged) => {
            let message = judged.pod.condition("PodScheduled").map_or("", |one| one.message());
            Judgement::fail(view, "unschedulable")
                .on(judged.pod)
                .by(field, "Unschedulable")
                .saw(message)
        }
        None => Judgement::pass(view).by(field, format!("{} pods", pods.len())),
    }
}

/// CD-09
pub fn restarts(view: &View<'_>, around: &Around<'_>, with: &Parameters) -> Judgement {
    let pods = pods!(view);
    let most = with.number("restarts", 5);
    let window = TimeDelta::hours(with.number("hours", 24));
    let now = view.now();
    let recent = |at: Option<crate::shape::Moment>| at.is_some_and(|at| now - at <= window);
    for judged in pods {
        for status in judged.pod.statuses() {
            let ended = status.last_state.terminated.as_deref();
            let Some(end) = ended.filter(|end| recent(end.finished_at)) else { continue };
            if end.reason.as_deref() == Some("OOMKilled") {
                return Judgement::fail(view, "out_of_memory").on(judged.pod).by(
                    format!(
                        "status.containerStatuses[{}].lastState.terminated.reason",
                        status.name
                    ),
                    "OOMKilled",
                );
            }
        }
    }
    // Once a whole window was watched, what was seen counts; until then the pods' own counts do,
    // which are for their lives.
    if around.watched_since.is_some_and(|since| now - since >= window) {
        let seen = around.restarts_seen.iter().filter(|at| recent(Some(**at))).count();
        let many = i64::try_from(seen).is_ok_and(|seen| seen > most);
        let judgement =
            if many { Judgement::fail(view, "many_restarts") } else { Judgement::pass(view) };
        return judgement.by("status.containerStatuses[].restartCount", format!("{seen} seen"));
    }
    let over = pods.iter().find_map(|judged| {
        judged.pod.statuses().find_map(|status| {
            let ended = status.last_state.terminated.as_deref().and_then(|end| end.finished_at);
            (i64::from(status.restart_count) > most && (ended.is_none() || recent(ended)))
                .then_some((judged, status))
        })
    });
    if let Some((judged, status)) = over {
        return Judgement::fail(view, "many_restarts").on(judged.pod).by(
            format!("status.containerStatuses[{}].restartCount", status.name),
            status.restart_count,
        );
    }
    let statuses = pods.iter().flat_map(|judged| judged.pod.statuses());
    let all: u32 = statuses.map(|status| status.restart_count).sum();
    Judgement::pass(view).by("status.containerStatuses[].restartCount", format!("{all} in all"))
}

/// CD-10
pub fn owned(view: &View<'_>, _: &Around<'_>, _: &Parameters) -> Judgement {
    let services = told!(view, view.services());
    let pods = told!(view, view.matched_pods(&services));
    let is_static = |pod: &crate::shape::pod::Pod| {
        pod.meta.annotations.get(MIRROR).is_some()
            || pod.meta.owners.iter().any(|owner| &*owner.kind == "Node")
    };
    let naked: Vec<_> =
        pods.iter().filter(|pod| pod.meta.controller().is_none() && !is_static(pod)).collect();
    match naked.first() {
        Some(pod) => {
            let names: Vec<&str> = naked.iter().map(|pod| &*pod.meta.name).collect();
            Judgement::fail(view, "naked_pod")
                .on(**pod)
                .by("metadata.ownerReferences", "absent")
                .saw(names.join(", "))
        }
        None => {
            Judgement::pass(view).by("metadata.ownerReferences", format!("{} pods", pods.len()))
        }
    }
}

/// CD-19
pub fn autoscaler(view: &View<'_>, _: &Around<'_>, _: &Parameters) -> Judgement {
    let Some(scaler) = told!(view, view.autoscaler()) else {
        return Judgement::not_applicable(view, "no_autoscaler");
    };
    let health = beside::autoscaler(scaler);
    if health.verdict == Verdict::Degraded {
        return Judgement::fail(view, health.reason)
            .on(scaler)
            .by(health.field, health.value)
            .noting(health.note);
    }
    let (least, most) =
        (scaler.spec.min_replicas.unwrap_or(1), scaler.spec.max_replicas.unwrap_or(0));
    let judgement =
        if most <= least { Judgement::fail(view, "no_room") } else { Judgement::pass(view) };
    judgement.on(scaler).by("spec.maxReplicas", format!("{least} to {most}"))
}

/// CD-24
pub fn spread(view: &View<'_>, _: &Around<'_>, _: &Parameters) -> Judgement {
    let Some(wanted) = view.workload.replicas() else {
        return Judgement::not_applicable(view, "no_replicas");
    };
    if wanted < 2 {
        return Judgement::not_applicable(view, "one_replica").by("spec.replicas", wanted);
    }
    let pods = pods!(view);
    let placed: Vec<&str> = pods
        .iter()
        .map(|judged| &*judged.pod.spec.node_name)
        .filter(|node| !node.is_empty())
        .collect();
    let nodes: BTreeSet<&str> = placed.iter().copied().collect();
    let counted = |node: &str| placed.iter().filter(|one| **one == node).count();
    let list: Vec<String> = nodes.iter().map(|node| format!("{node}: {}", counted(node))).collect();
    let (field, value) = ("spec.nodeName", list.join(", "));
    let snapshot = view.snapshot();
    let all = told!(view, snapshot.read(&snapshot.nodes, "")).count();
    if all == 1 {
        return Judgement::not_applicable(view, "one_node").by(field, value);
    }
    let judgement = match (nodes.len(), placed.len()) {
        (2.., _) => Judgement::pass(view),
        (_, 2..) => Judgement::fail(view, "one_node_only"),
        _ => Judgement::unknown(view, "too_few_pods"),
    };
    judgement.by(field, value)
}

/// CD-25
pub fn endpoints(view: &View<'_>, around: &Around<'_>, with: &Parameters) -> Judgement {
    let services = told!(view, view.services());
    if services.is_empty() {
        return Judgement::not_applicable(view, "no_service");
    }
    let snapshot = view.snapshot();
    let mut fewest: Option<(usize, &crate::shape::network::Service, usize)> = None;
    for service in services {
        let slices = told!(view, snapshot.read(&snapshot.endpoint_slices, view.namespace()))
            .filter(|slice| slice.service() == Some(&*service.meta.name));
        let count = beside::endpoints(slices);
        let ready =
            if service.spec.publish_not_ready_addresses { count.serving } else { count.ready };
        if fewest.is_none_or(|(least, ..)| ready < least) {
            fewest = Some((ready, service, count.total));
        }
    }
    let Some((ready, service, total)) = fewest else {
        return Judgement::not_applicable(view, "no_service");
    };
    let single = super::specification::two_replicas(view, around, with);
    let one_is_enough = single.result == pilotage_domain::fact::Seen::NotApplicable;
    let judgement = if ready == 0 {
        Judgement::fail(view, "no_ready_endpoints")
    } else {
        let alone = ready == 1 && !one_is_enough;
        Judgement::pass(view).noting(if alone { "one endpoint only" } else { "" })
    };
    judgement.on(service).by("endpoints[].conditions.ready", format!("{ready} of {total}"))
}

/// CD-37
pub fn cron(view: &View<'_>, _: &Around<'_>, _: &Parameters) -> Judgement {
    if !matches!(view.workload, Workload::CronJob(_)) {
        return Judgement::not_applicable(view, "no_schedule");
    }
    let health = &view.health;
    let judgement = match health.verdict {
        Verdict::Healthy => Judgement::pass(view),
        Verdict::Degraded => Judgement::fail(view, health.reason.clone()),
        Verdict::Suspended => Judgement::not_applicable(view, health.reason.clone()),
        _ => Judgement::unknown(view, health.reason.clone()),
    };
    judgement.by(health.field.clone(), &health.value)
}
