//! The catalogue of checks that a cluster can prove: observation in, judgement out, with the object
//! and the field that decided. What is deliberately absent: time that passes. Holding a judgement
//! until it is a finding is [`suspected`]; a check never turns what it cannot see into pass or
//! fail.

pub mod delivery;
pub mod images;
pub mod operation;
pub mod parameters;
pub mod specification;
pub mod suspected;

use crate::shape::lenient::cut;
use crate::shape::{Kind, Meta, Moment};
use crate::snapshot::{Snapshot, State, Told, Untold};
use crate::view::View;
use crate::writers::classify::Rules;
use chrono::TimeDelta;
pub use parameters::Parameters;
use pilotage_domain::cluster::{Evidence, Rollout, Writer};
use pilotage_domain::fact::Seen;
use serde::Serialize;
use std::borrow::Cow;

/// What a check speaks about, which decides how long a judgement must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Nature {
    /// Specification and provenance.
    Standing,
    /// Health; would flip with every restart.
    Operational,
}

/// On which environment a check is judged first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum JudgedOn {
    /// On any.
    Any,
    /// On staging; without one on production.
    Staging,
    /// On production.
    Production,
}

/// One check of the catalogue.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// Id, and the id of the playbook's check by default.
    pub id: &'static str,
    /// Name of its rule, by which a playbook may name it.
    pub name: &'static str,
    /// What it speaks about.
    pub nature: Nature,
    /// Where it is judged first.
    pub judged_on: JudgedOn,
    /// 5 blocker, 3 major, 1 minor, 0 information.
    pub weight: u32,
    /// What it wants, in a few words.
    pub expected: &'static str,
    /// The verifier.
    pub judge: fn(&View<'_>, &Around<'_>, &Parameters) -> Judgement,
}

macro_rules! catalogue {
    ($($id:literal $name:literal $nature:ident $on:ident $weight:literal $expected:literal $judge:path;)*) => {
        /// All checks, in order of their ids.
        pub const CATALOGUE: &[Check] = &[$(Check {
            id: $id,
            name: $name,
            nature: Nature::$nature,
            judged_on: JudgedOn::$on,
            weight: $weight,
            expected: $expected,
            judge: $judge,
        },)*];
    };
}

catalogue! {
    "CD-01" "workload-exists" Standing Any 5 "at least one workload" operation::exists;
    "CD-02" "workload-available" Operational Staging 5 "all wanted replicas available" operation::available;
    "CD-03" "rollout-complete" Operational Staging 3 "every pod of the newest revision" operation::rollout_complete;
    "CD-04" "rollout-not-stuck" Standing Staging 5 "no rollout past its deadline" operation::not_stuck;
    "CD-05" "not-paused" Standing Staging 1 "rollouts not paused" operation::not_paused;
    "CD-06" "not-scaled-to-zero" Standing Production 3 "more than zero replicas" operation::not_zero;
    "CD-07" "pods-not-crashing" Operational Staging 5 "no pod crashing" operation::not_crashing;
    "CD-08" "pods-schedulable" Operational Staging 5 "every pod has a place" operation::schedulable;
    "CD-09" "restarts-bounded" Operational Production 3 "few restarts, none for lack of memory" operation::restarts;
    "CD-10" "controller-owned" Standing Any 3 "every pod has a controller" operation::owned;
    "CD-11" "image-pinned" Standing Any 5 "digest, or a tag that does not float" images::pinned;
    "CD-12" "image-consistent" Standing Any 3 "one digest per container" images::consistent;
    "CD-13" "image-registry-allowed" Standing Any 3 "a registry of the list" images::registry;
    "CD-14" "readiness-probe" Standing Any 3 "a readiness probe where requests arrive" specification::readiness;
    "CD-15" "liveness-sane" Standing Staging 1 "liveness differs from readiness" specification::liveness;
    "CD-16" "requests-set" Standing Any 3 "requests of CPU and memory" specification::requests;
    "CD-17" "memory-limit" Standing Any 1 "a limit of memory" specification::memory_limit;
    "CD-18" "two-replicas" Standing Production 3 "at least two replicas" specification::two_replicas;
    "CD-19" "hpa-working" Operational Production 3 "an autoscaler that works" operation::autoscaler;
    "CD-20" "hpa-not-fought" Standing Any 1 "nobody else writes the replicas" delivery::autoscaler_not_fought;
    "CD-21" "pdb-present" Standing Production 3 "a disruption budget" specification::budget_present;
    "CD-22" "pdb-not-blocking" Standing Production 3 "a budget that lets one pod go" specification::budget_not_blocking;
    "CD-23" "rolling-update" Standing Production 1 "updates that roll" specification::rolling_update;
    "CD-24" "spread" Operational Production 1 "pods on two nodes or more" operation::spread;
    "CD-25" "service-endpoints" Operational Staging 5 "ready endpoints" operation::endpoints;
    "CD-26" "route-resolves" Standing Staging 3 "routes that lead somewhere" specification::routes;
    "CD-27" "namespace-not-default" Standing Any 1 "a namespace of its own" specification::namespace;
    "CD-28" "service-account" Standing Any 1 "a service account of its own" specification::service_account;
    "CD-29" "references-exist" Standing Staging 3 "all that it names exists" specification::references;
    "CD-30" "labels" Standing Any 0 "the labels of the programme" specification::labels;
    "CD-31" "deployed-by-pipeline" Standing Any 5 "every image written by the pipeline" delivery::by_pipeline;
    "CD-32" "no-manual-drift" Standing Production 3 "no change by hand since the last pipeline rollout" delivery::no_drift;
    "CD-33" "gitops-synced" Operational Any 3 "in step with its source" delivery::synced;
    "CD-34" "deploy-traceable" Standing Any 1 "a commit or a run" delivery::traceable;
    "CD-35" "deployed-repeatedly" Standing Production 3 "several pipeline rollouts" delivery::repeatedly;
    "CD-36" "rollback-possible" Standing Production 1 "an earlier revision" delivery::rollback;
    "CD-37" "cron-last-ok" Operational Staging 3 "the last run ended well" operation::cron;
    "CD-38" "hardening" Standing Any 1 "no needless rights" specification::hardening;
}

/// The check of that id or rule name.
pub fn check(name: &str) -> Option<&'static Check> {
    CATALOGUE.iter().find(|check| check.id == name || check.name == name)
}

/// A check of the playbook as a verifier judges it.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The rule.
    pub rule: &'static Check,
    /// Its thresholds.
    pub with: Parameters,
    /// The environment that the playbook names, where it names one instead of the rule's own.
    pub environment: Option<String>,
}

/// The rule that judges a check of the playbook: the one it names, else the one of its id. Checks
/// that people judge have none, nor have those of a team's own that name none.
pub fn asked(check: &pilotage_domain::playbook::Check) -> Option<Asked> {
    if check.kind != pilotage_domain::playbook::CheckKind::Auto {
        return None;
    }
    let verify = check.verify.as_ref();
    let rule = self::check(verify.map_or(check.id.as_str(), |verify| verify.rule.as_str()))?;
    let environment = verify.and_then(|verify| verify.environment.clone());
    Some(Asked { rule, with: Parameters::of(verify), environment })
}

/// What is known about a workload beside the snapshot.
#[derive(Clone, Copy, Debug)]
pub struct Around<'a> {
    /// The team's word on writers.
    pub rules: &'a Rules,
    /// Rollouts of the workload that were recorded, with their times, oldest first.
    pub rollouts: &'a [(Moment, &'a Rollout)],
    /// Since when the workload has been watched.
    pub watched_since: Option<Moment>,
    /// Restarts of its containers that were seen, each with its moment.
    pub restarts_seen: &'a [Moment],
    /// Whether its marks were seen to change together with its newest rollout.
    pub changed_together: bool,
    /// Where the objects of its delivery controller lie, if they may be read anywhere.
    pub controllers: Option<&'a Snapshot>,
    /// Since when its delivery controller has said that it is out of step.
    pub out_of_step_since: Option<Moment>,
    /// Further names by which routes may mean the service.
    pub names: &'a [String],
}

impl<'a> Around<'a> {
    /// Nothing is known.
    pub fn nothing(rules: &'a Rules) -> Self {
        Self {
            rules,
            rollouts: &[],
            watched_since: None,
            restarts_seen: &[],
            changed_together: false,
            controllers: None,
            out_of_step_since: None,
            names: &[],
        }
    }
}

/// The object that decided.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Object {
    /// `apps/v1`.
    pub api_version: String,
    /// Kind.
    pub kind: String,
    /// Namespace.
    pub namespace: String,
    /// Name.
    pub name: String,
    /// Uid.
    pub uid: String,
    /// Version.
    pub resource_version: String,
    /// Generation.
    pub generation: Option<i64>,
}

impl Object {
    fn of(api_version: String, kind: &str, meta: &Meta) -> Self {
        Self {
            api_version,
            kind: kind.to_owned(),
            namespace: meta.namespace.to_string(),
            name: meta.name.to_string(),
            uid: meta.uid.to_string(),
            resource_version: meta.resource_version.to_string(),
            generation: meta.generation,
        }
    }
}

/// What a check was found to be, once.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Judgement {
    /// The result.
    pub result: Seen,
    /// Reason code.
    pub reason: Cow<'static, str>,
    /// What was seen, in a few words.
    pub observed: String,
    /// What stands beside it, or what to do.
    pub note: String,
    /// The object that decided.
    pub object: Object,
    /// Path of the field that decided.
    pub field: String,
    /// What it held.
    pub value: String,
    /// Who wrote it, where that matters.
    pub writer: Option<Writer>,
}

/// Longest observed text, in characters.
const MAX_OBSERVED: usize = 300;

impl Judgement {
    fn new(view: &View<'_>, result: Seen, reason: impl Into<Cow<'static, str>>) -> Self {
        let workload = view.workload;
        let object = Object::of(workload.api_version(), workload.kind(), workload.meta());
        Self {
            result,
            reason: reason.into(),
            observed: String::new(),
            note: String::new(),
            object,
            field: String::new(),
            value: String::new(),
            writer: None,
        }
    }

    fn pass(view: &View<'_>) -> Self {
        Self::new(view, Seen::Pass, "holds")
    }

    fn fail(view: &View<'_>, reason: impl Into<Cow<'static, str>>) -> Self {
        Self::new(view, Seen::Fail, reason)
    }

    fn unknown(view: &View<'_>, reason: impl Into<Cow<'static, str>>) -> Self {
        Self::new(view, Seen::Unknown, reason)
    }

    fn not_applicable(view: &View<'_>, reason: impl Into<Cow<'static, str>>) -> Self {
        Self::new(view, Seen::NotApplicable, reason)
    }

    fn untold(view: &View<'_>, untold: &Untold) -> Self {
        let said = match untold.reason {
            "forbidden" => format!("no right to list {}", untold.what),
            "api_absent" => format!("the cluster does not serve {}", untold.what),
            _ => format!("{} not read to the end", untold.what),
        };
        Self::unknown(view, untold.reason).saw(said)
    }

    fn saw(mut self, observed: impl AsRef<str>) -> Self {
        self.observed = cut(observed.as_ref(), MAX_OBSERVED);
        self
    }

    fn by(mut self, field: impl Into<String>, value: impl std::fmt::Display) -> Self {
        self.field = field.into();
        self.value = cut(&value.to_string(), MAX_OBSERVED);
        if self.observed.is_empty() {
            self.observed.clone_from(&self.value);
        }
        self
    }

    fn noting(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    fn on<K: Kind>(mut self, object: &K) -> Self {
        self.object = Object::of(K::api_version(), K::KIND, object.meta());
        self
    }

    /// What it rests on, as it is kept beside a finding. `target` and times are the caller's.
    pub fn evidence(&self, check: &Check, snapshot: &Snapshot) -> Evidence {
        let object = self.object.clone();
        Evidence {
            target: None,
            cluster: snapshot.cluster.clone(),
            api_version: object.api_version,
            kind: object.kind,
            namespace: object.namespace,
            name: object.name,
            uid: object.uid,
            resource_version: object.resource_version,
            generation: object.generation,
            field: self.field.clone(),
            value: self.value.clone(),
            expected: check.expected.to_owned(),
            reason: self.reason.to_string(),
            writer: self.writer.clone(),
            seen_at: snapshot.now.timestamp_millis(),
        }
    }

    /// Whether it says something about this laptop or its rights only, and so never leaves it.
    pub fn is_local(&self) -> bool {
        matches!(
            &*self.reason,
            "forbidden" | "api_absent" | "not_synced" | "stale" | "not_mapped" | "in_progress"
        )
    }
}

/// What cannot be told ends a verifier.
macro_rules! told {
    ($view:expr, $told:expr) => {
        match $told {
            Ok(value) => value,
            Err(untold) => return Judgement::untold($view, &untold),
        }
    };
}
pub(crate) use told;

/// Judges one check on one workload.
pub fn judge(check: &Check, view: &View<'_>, around: &Around<'_>, with: &Parameters) -> Judgement {
    let state = view.workload.state(view.snapshot());
    if state != State::Complete {
        let what = format!("{} in {}", view.workload.kind(), view.namespace());
        return Judgement::untold(view, &Untold { reason: state.reason(), what });
    }
    if view.workload.meta().deleted.is_some() {
        return Judgement::unknown(view, "deleting")
            .by("metadata.deletionTimestamp", "set")
            .saw("being deleted");
    }
    (check.judge)(view, around, with)
}

/// The worst of several judgements: fail, unknown, pass; not applicable only if all are.
pub fn worst(judgements: Vec<Judgement>) -> Option<Judgement> {
    let rank = |judgement: &Judgement| match judgement.result {
        Seen::Fail => 0,
        Seen::Unknown => 1,
        Seen::Pass => 2,
        Seen::NotApplicable => 3,
    };
    // The first of equals, so that the order of the workloads stands.
    judgements.into_iter().reduce(|best, next| if rank(&next) < rank(&best) { next } else { best })
}

/// Which target speaks for a service on a check. `judged` are the service's targets, each with the
/// name of its environment.
///
/// - The environment that the playbook names, if it names one.
/// - Production, once the service is live: what was proved on staging first is asked again there.
/// - Before that, production, staging (without one, production), or the best of all, as the
///   catalogue says: a pipeline shows on the first target that it reaches.
///
/// What a target cannot tell because of this laptop counts only where no other one can.
pub fn speaking<'j>(
    check: &Check,
    environment: Option<&str>,
    judged: &'j [(&str, Judgement)],
    live: bool,
) -> Option<&'j Judgement> {
    let on = |name: &str| {
        judged
            .iter()
            .find(|(one, _)| one.eq_ignore_ascii_case(name))
            .map(|(_, judgement)| judgement)
    };
    let rank = |judgement: &Judgement| {
        let by_result = match judgement.result {
            Seen::Pass => 0,
            Seen::NotApplicable => 1,
            Seen::Unknown => 2,
            Seen::Fail => 3,
        };
        (judgement.is_local(), by_result)
    };
    if let Some(environment) = environment {
        return on(environment);
    }
    match check.judged_on {
        _ if live => on("production"),
        JudgedOn::Production => on("production"),
        JudgedOn::Staging => on("staging").or_else(|| on("production")),
        JudgedOn::Any => judged.iter().map(|(_, one)| one).min_by_key(|one| rank(one)),
    }
}

/// A target's answer on one check: the service's workloads there.
pub fn judge_target(
    check: &Check,
    target: &TargetView<'_>,
    views: &[(&View<'_>, Around<'_>)],
    with: &Parameters,
) -> Judgement {
    let judgements = views.iter().map(|(view, around)| judge(check, view, around, with)).collect();
    worst(judgements).unwrap_or_else(|| target.without_workloads(check))
}

/// What a target is, where a service has no workload in it.
#[derive(Clone, Copy, Debug)]
pub struct TargetView<'a> {
    /// The snapshot.
    pub snapshot: &'a Snapshot,
    /// The target's namespaces.
    pub namespaces: &'a [String],
    /// Whether the service is mapped to anything there.
    pub mapped: bool,
}

impl TargetView<'_> {
    fn without_workloads(&self, check: &Check) -> Judgement {
        use crate::shape::workload::{CronJob, DaemonSet, Deployment, Rollout, StatefulSet};
        let mut judgement = Judgement {
            result: Seen::Unknown,
            reason: "not_mapped".into(),
            observed: "no workload is mapped to the service".to_owned(),
            note: String::new(),
            object: Object::default(),
            field: String::new(),
            value: String::new(),
            writer: None,
        };
        if !self.mapped {
            return judgement;
        }
        let read = |namespace: &String| -> Told<()> {
            let snapshot = self.snapshot;
            snapshot.read(&snapshot.deployments, namespace).map(drop)?;
            snapshot.read(&snapshot.stateful_sets, namespace).map(drop)?;
            snapshot.read(&snapshot.daemon_sets, namespace).map(drop)?;
            snapshot.read(&snapshot.cron_jobs, namespace).map(drop)?;
            snapshot.read_optional(&snapshot.rollouts, namespace).map(drop)
        };
        match self.namespaces.iter().find_map(|namespace| read(namespace).err()) {
            Some(untold) => {
                judgement.reason = untold.reason.into();
                judgement.observed = format!("{} cannot be read", untold.what);
            }
            // Everything was read, and it is not there.
            None if check.id == "CD-01" => {
                judgement.result = Seen::Fail;
                judgement.reason = "not_found".into();
                let kinds = [
                    Deployment::KIND,
                    StatefulSet::KIND,
                    DaemonSet::KIND,
                    CronJob::KIND,
                    Rollout::KIND,
                ];
                judgement.observed =
                    format!("no {} in {}", kinds.join(", "), self.namespaces.join(", "));
            }
            None => {
                judgement.reason = "no_workload".into();
                "the mapped workload is not there".clone_into(&mut judgement.observed);
            }
        }
        judgement
    }
}

/// How long a judgement must hold before it is a finding, and how long a finding stays fresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hold {
    /// Before it turns to fail.
    pub fail: TimeDelta,
    /// Before it turns to anything else.
    pub other: TimeDelta,
    /// How long a finding stays fresh without another look.
    pub stale_after: TimeDelta,
}

impl Hold {
    /// Of a check, with what the playbook says.
    pub fn of(check: &Check, with: &Parameters) -> Self {
        let (fail, other, stale_hours) = match check.nature {
            Nature::Standing => (1, 1, 24),
            Nature::Operational if check.id == "CD-08" => (5, 5, 1),
            Nature::Operational => (15, 5, 1),
        };
        let fail = with.minutes("hold_minutes", fail);
        Self {
            fail,
            other: TimeDelta::minutes(other),
            stale_after: TimeDelta::hours(with.number("stale_after_hours", stale_hours)),
        }
    }
}

#[cfg(test)]
mod tests;
