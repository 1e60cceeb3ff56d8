//! What the command line and the window show of a look: the shapes of `cluster workloads`, `cluster
//! health` and `verify`. Rows are made here and nowhere else, so that both show the same.

use crate::checks::suspected::Held;
use crate::checks::{Check, Hold, Judgement};
use crate::health::node;
use crate::health::pod::Judged;
use crate::health::rollup::Counts;
use crate::health::status::{PodLine, line};
use crate::health::{Health, Impact, Verdict};
use crate::shape::others::{Event, Node};
use crate::shape::pod::Pod;
use crate::shape::{Moment, meta};
use crate::snapshot::{Snapshot, State};
use crate::view::View;
use crate::writers::classify::ImageWriters;
use pilotage_domain::cluster::{Evidence, WriterClass};
use pilotage_domain::fact::Seen;
use serde::Serialize;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// One row of `cluster workloads`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WorkloadHealth {
    /// Context.
    pub context: String,
    /// Namespace.
    pub namespace: String,
    /// Kind.
    pub kind: &'static str,
    /// Name.
    pub name: String,
    /// How it fares.
    pub verdict: Verdict,
    /// Why.
    pub reason: Cow<'static, str>,
    /// What decided, with its value.
    pub deciding_field: String,
    /// Since when.
    pub since: Option<Moment>,
    /// Whether users still get answers.
    pub impact: Impact,
    /// What stands beside it.
    pub note: String,
    /// The service that runs as it, where one is mapped.
    pub service: Option<String>,
    /// Who last wrote its images.
    pub writer: WriterRow,
    /// Its pods; nothing where they may not be read.
    pub pods: Option<PodCounts>,
}

/// Who last wrote the images of a workload.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WriterRow {
    /// What kind of writer.
    pub class: WriterClass,
    /// The name that was given.
    pub manager: String,
    /// Not later than.
    pub at: Option<Moment>,
    /// Why it has its class.
    pub reason: &'static str,
    /// What would settle it, where it is not settled.
    pub help: Option<&'static str>,
}

/// The pods of a workload.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PodCounts {
    /// Wanted.
    pub wanted: i64,
    /// Ready.
    pub ready: i64,
    /// Restarts of all that are there.
    pub restarts: u32,
    /// How many have each of kubectl's status words.
    pub by_status: BTreeMap<String, usize>,
}

/// The row of a workload.
pub fn workload(
    view: &View<'_>,
    writers: &ImageWriters,
    service: Option<String>,
) -> WorkloadHealth {
    let meta = view.workload.meta();
    let health = &view.health;
    WorkloadHealth {
        context: view.snapshot().context.clone(),
        namespace: meta.namespace.to_string(),
        kind: view.workload.kind(),
        name: meta.name.to_string(),
        verdict: health.verdict,
        reason: health.reason.clone(),
        deciding_field: deciding(health),
        since: health.since,
        impact: health.impact,
        note: health.note.clone(),
        service,
        writer: writer(writers),
        pods: view.pods.as_ref().ok().map(|pods| pod_counts(view, pods)),
    }
}

fn deciding(health: &Health) -> String {
    if health.field.is_empty() {
        String::new()
    } else {
        format!("{}={}", health.field, health.value)
    }
}

fn writer(writers: &ImageWriters) -> WriterRow {
    let worst = writers.worst();
    WriterRow {
        class: writers.class,
        manager: worst.map_or_else(String::new, |one| one.manager.clone()),
        at: worst.and_then(|one| one.at),
        reason: worst.map_or("no_containers", |one| one.judged.reason.word()),
        help: worst.and_then(|one| one.judged.reason.help()),
    }
}

fn pod_counts(view: &View<'_>, pods: &[&Pod]) -> PodCounts {
    use crate::view::Workload;
    let (wanted, ready) = match view.workload {
        Workload::DaemonSet(one) => {
            (one.status.desired_number_scheduled.unwrap_or(0), one.status.number_ready.unwrap_or(0))
        }
        Workload::Deployment(one) => {
            (one.spec.replicas.unwrap_or(1), one.status.ready_replicas.unwrap_or(0))
        }
        Workload::StatefulSet(one) => {
            (one.spec.replicas.unwrap_or(1), one.status.ready_replicas.unwrap_or(0))
        }
        Workload::Rollout(one) => {
            (one.spec.replicas.unwrap_or(1), one.status.ready_replicas.unwrap_or(0))
        }
        Workload::CronJob(_) => (0, 0),
    };
    let mut counts = PodCounts { wanted, ready, ..PodCounts::default() };
    for pod in pods {
        let line = line(pod);
        counts.restarts += line.restarts;
        *counts.by_status.entry(line.status).or_default() += 1;
    }
    counts
}

/// One pod of an opened workload.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PodRow {
    /// Name.
    pub name: String,
    /// The node it runs on.
    pub node: String,
    /// What kubectl would print.
    #[serde(flatten)]
    pub line: PodLine,
    /// How it fares.
    pub verdict: Verdict,
    /// Why.
    pub reason: Cow<'static, str>,
    /// The scheduler's or the node's own words.
    pub message: String,
    /// Whether it counts for its workload.
    pub counts: bool,
    /// When it was made.
    pub created: Option<Moment>,
}

/// The row of a pod.
pub fn pod(judged: &Judged<'_>) -> PodRow {
    let pod = judged.pod;
    let scheduler = pod.condition("PodScheduled").filter(|one| one.status != meta::Truth::True);
    let message = scheduler.map_or(judged.health.note.as_str(), |one| one.message());
    PodRow {
        name: pod.meta.name.to_string(),
        node: pod.spec.node_name.to_string(),
        line: line(pod),
        verdict: judged.health.verdict,
        reason: judged.health.reason.clone(),
        message: crate::shape::lenient::cut(message, crate::health::MAX_MESSAGE),
        counts: judged.counts,
        created: pod.meta.created,
    }
}

/// One warning about an opened workload.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Warning {
    /// When last.
    pub at: Option<Moment>,
    /// Why, in one word.
    pub reason: String,
    /// What, in a sentence.
    pub message: String,
    /// What it is about.
    pub about: String,
    /// How often.
    pub count: i64,
}

/// Warnings, the newest first.
pub fn warnings<'a>(events: impl IntoIterator<Item = &'a Event>) -> Vec<Warning> {
    let mut all: Vec<Warning> = events
        .into_iter()
        .filter(|event| &*event.kind == "Warning")
        .map(|event| Warning {
            at: event.last.or(event.at).or(event.meta.created),
            reason: event.reason.to_string(),
            message: crate::shape::lenient::cut(&event.message, crate::health::MAX_MESSAGE),
            about: format!("{}/{}", event.about.kind, event.about.name),
            count: event.count.unwrap_or(1),
        })
        .collect();
    all.sort_by_key(|warning| std::cmp::Reverse(warning.at));
    all
}

/// One node.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NodeRow {
    /// Name.
    pub name: String,
    /// What kubectl would print.
    pub status: String,
    /// How it fares.
    pub verdict: Verdict,
    /// Why.
    pub reason: Cow<'static, str>,
    /// What decided, with its value.
    pub deciding_field: String,
    /// Since when.
    pub since: Option<Moment>,
    /// Version of its kubelet.
    pub version: String,
    /// Marks that keep pods away: shown, not judged.
    pub taints: Vec<String>,
}

/// The row of a node, read from a list that is whole or not.
pub fn node(object: &Node, state: State) -> NodeRow {
    let health = match state {
        State::Complete => node::judge(object),
        state => Health::unknown(state.reason()),
    };
    NodeRow {
        name: object.meta.name.to_string(),
        status: node::line(object),
        verdict: health.verdict,
        deciding_field: deciding(&health),
        reason: health.reason,
        since: health.since,
        version: object.status.node_info.kubelet_version.to_string(),
        taints: object
            .spec
            .taints
            .iter()
            .map(|taint| format!("{}:{}", taint.key, taint.effect))
            .collect(),
    }
}

/// What may not or could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Missing {
    /// What, such as `pods`.
    pub resource: &'static str,
    /// Where; empty for the whole cluster.
    pub namespace: String,
    /// Why.
    pub reason: &'static str,
}

/// `cluster health`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClusterHealth {
    /// Context.
    pub context: String,
    /// Nodes.
    pub nodes: Vec<NodeRow>,
    /// Workloads by verdict.
    pub workloads: Counts,
    /// Pods by kubectl's status words.
    pub pods: BTreeMap<String, usize>,
    /// Whether everything that health needs was read.
    pub complete: bool,
    /// What was not.
    pub missing: Vec<Missing>,
    /// When, by the clock of the cluster.
    pub seen_at: Moment,
}

/// Kinds without which health is not complete.
const NEEDED: [&str; 7] =
    ["nodes", "pods", "deployments", "statefulsets", "daemonsets", "cronjobs", "replicasets"];

/// The health of a context.
pub fn health(snapshot: &Snapshot, views: &[View<'_>]) -> ClusterHealth {
    let mut missing: Vec<Missing> = snapshot
        .states
        .iter()
        .filter(|((resource, _), state)| {
            // An optional kind that is not served is nothing missing.
            let optional = !NEEDED.contains(resource) && **state == State::Absent;
            **state != State::Complete && !optional
        })
        .map(|((resource, namespace), state)| Missing {
            resource,
            namespace: namespace.clone(),
            reason: state.reason(),
        })
        .collect();
    let known = |resource: &str| snapshot.states.keys().any(|(one, _)| *one == resource);
    missing.extend(NEEDED.iter().filter(|resource| !known(resource)).map(|resource| Missing {
        resource,
        namespace: String::new(),
        reason: State::NotSynced.reason(),
    }));
    let mut pods = BTreeMap::new();
    for pod in &snapshot.pods {
        *pods.entry(line(pod).status).or_default() += 1;
    }
    ClusterHealth {
        context: snapshot.context.clone(),
        nodes: snapshot.nodes.iter().map(|one| node(one, snapshot.state::<Node>(""))).collect(),
        workloads: Counts::of(views.iter().map(|view| view.health.verdict)),
        pods,
        complete: !missing.iter().any(|one| NEEDED.contains(&one.resource)),
        missing,
        seen_at: snapshot.now,
    }
}

/// One row of `verify`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verified {
    /// The service.
    pub service: String,
    /// The target.
    pub target: String,
    /// The check.
    pub check: String,
    /// The finding as it stands; what was just seen where none was recorded.
    pub result: Seen,
    /// What it may become, while that has not held long enough.
    pub suspected: Option<Seen>,
    /// Reason code.
    pub reason: Cow<'static, str>,
    /// What was seen.
    pub observed: String,
    /// What stands beside it, or what to do.
    pub note: String,
    /// What it rests on.
    pub evidence: Evidence,
    /// When.
    pub seen_at: Moment,
}

/// The row of a check on a target, as it stands after this look.
pub fn verified(
    names: (String, String, String),
    rule: (&Check, Hold),
    judgement: &Judgement,
    held: &Held,
    snapshot: &Snapshot,
) -> Verified {
    let (service, target, check) = names;
    let shown = held.shown(snapshot.now, rule.1);
    Verified {
        service,
        target,
        check,
        // Nothing was recorded yet, and what was seen once is not a finding: it is suspected.
        result: shown.unwrap_or(Seen::Unknown),
        suspected: held.suspicion.map(|suspicion| suspicion.result),
        reason: judgement.reason.clone(),
        observed: judgement.observed.clone(),
        note: judgement.note.clone(),
        evidence: judgement.evidence(rule.0, snapshot),
        seen_at: snapshot.now,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::{Around, Parameters, check, delivery, judge};
    use crate::health::{Memory, Thresholds};
    use crate::shape::tests::object;
    use crate::view::{Index, views};
    use crate::world::World;
    use crate::writers::classify::Rules;
    use serde_json::json;

    fn rows(world: &World) -> (Vec<WorkloadHealth>, ClusterHealth) {
        let snapshot = world.snapshot();
        let index = Index::of(&snapshot);
        let limits = Thresholds::default();
        let views = views(&index, &limits, &mut Memory::default());
        let rules = Rules::default();
        let around = Around::nothing(&rules);
        let rows = views
            .iter()
            .map(|view| workload(view, &delivery::image_writers(view, &around), None))
            .collect();
        (rows, health(&snapshot, &views))
    }

    #[test]
    fn a_workload_tells_what_the_command_line_promises() {
        let (rows, _) = rows(&World::healthy());
        let row = serde_json::to_value(&rows[0]).unwrap();
        let fields = [
            ("context", json!("prod")),
            ("namespace", json!("shop")),
            ("kind", json!("Deployment")),
            ("name", json!("cart")),
            ("verdict", json!("healthy")),
            ("reason", json!("healthy")),
            ("deciding_field", json!("status.availableReplicas=2 of 2")),
            ("service", json!(null)),
            ("pods", json!({"wanted": 2, "ready": 2, "restarts": 0, "by_status": {"Running": 2}})),
        ];
        for (field, expect) in fields {
            assert_eq!(row[field], expect, "{field}");
        }
        assert_eq!(row["writer"]["class"], "pipeline");
        assert_eq!(row["writer"]["manager"], "codefresh");
        assert!(row["writer"]["at"].is_string());
    }

    #[test]
    fn what_may_not_be_read_is_missing_and_never_healthy() {
        let mut world = World::healthy();
        let (_, whole) = rows(&world);
        assert!(whole.complete && whole.missing.is_empty(), "{whole:?}");
        assert_eq!((whole.workloads.healthy, whole.pods["Running"], whole.nodes.len()), (1, 2, 2));
        world.state("pods", State::Forbidden);
        world.state("httproutes", State::Absent);
        let (rows, blind) = rows(&world);
        assert_eq!(rows[0].pods, None);
        assert!(!blind.complete);
        let missing = [Missing { resource: "pods", namespace: String::new(), reason: "forbidden" }];
        assert_eq!(blind.missing, missing, "a kind that is not served is not missing");
        world.state("nodes", State::Stale);
        assert_eq!(self::rows(&world).1.nodes[0].verdict, Verdict::Unknown, "no stale green");
        world.states.remove(&("nodes".to_owned(), String::new()));
        assert!(self::rows(&world).1.missing.iter().any(|one| one.resource == "nodes"));
    }

    #[test]
    fn one_look_is_a_suspicion_and_no_finding() {
        let world = World::healthy();
        let snapshot = world.snapshot();
        let index = Index::of(&snapshot);
        let limits = Thresholds::default();
        let views = views(&index, &limits, &mut Memory::default());
        let (rules, with) = (Rules::default(), Parameters::default());
        let rule = check("CD-31").unwrap();
        let judgement = judge(rule, &views[0], &Around::nothing(&rules), &with);
        let hold = Hold::of(rule, &with);
        let names = || ("cart".to_owned(), "production".to_owned(), "CD-31".to_owned());
        let (once, _) = Held::default().observe(&judgement, snapshot.now, hold);
        let row = verified(names(), (rule, hold), &judgement, &once, &snapshot);
        assert_eq!((row.result, row.suspected), (Seen::Unknown, Some(Seen::Pass)));
        let later = snapshot.now + chrono::TimeDelta::seconds(60);
        let (twice, _) = once.observe(&judgement, later, hold);
        let row = verified(names(), (rule, hold), &judgement, &twice, &snapshot);
        assert_eq!((row.result, row.suspected), (Seen::Pass, None));
        assert_eq!(serde_json::to_value(&row).unwrap()["evidence"]["uid"], "d-1");
    }

    #[test]
    fn hostile_names_and_messages_come_out_harmless() {
        let mut world = World::healthy();
        let hostile = "a\u{1b}[2J\u{202e}b\u{200b}";
        world.set("deployments", "/metadata/name", json!(hostile));
        world.set("deployments", "/spec/template/spec/containers/0/name", json!(hostile));
        world.set(
            "deployments",
            "/status/conditions/1",
            json!({"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded",
                "message": format!("{hostile}{}", "x".repeat(5_000))}),
        );
        world.set("deployments", "/metadata/managedFields/0/manager", json!(hostile));
        let (rows, health) = rows(&world);
        let text = serde_json::to_string(&(&rows, &health)).unwrap();
        let hidden: Vec<char> =
            text.chars().filter(|c| pilotage_domain::text::is_hidden(*c)).collect();
        assert!(hidden.is_empty() && !text.contains("\\u001b"), "{hidden:?}");
        assert!(rows[0].note.chars().count() <= crate::health::MAX_MESSAGE + 1);
        let event: Event =
            object(json!({"type": "Warning", "reason": hostile, "message": hostile}));
        let warning = &warnings([&event])[0];
        let clean = |text: &str| !text.chars().any(pilotage_domain::text::is_hidden);
        assert!(clean(&warning.reason) && clean(&warning.message));
        assert!(hostile.chars().any(pilotage_domain::text::is_hidden), "the control is hostile");
    }
}
