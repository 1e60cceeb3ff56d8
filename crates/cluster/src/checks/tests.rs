//! The catalogue as a table: every check with pass, fail, unknown and, where it exists, not
//! applicable, each a change to one hand-made cluster that is as it should be.

use super::suspected::{Effect, Held, is_blip};
use super::*;
use crate::health::tests::{ago, now};
use crate::health::{Past, Thresholds};
use crate::snapshot::State;
use crate::view::{Index, Workload};
use crate::world::{PLURALS, World};
use pilotage_domain::cluster::{RolloutKind, TimeSource, WorkloadName, WriterClass};
use pilotage_domain::playbook::{DEFAULT, Parameter, Playbook, RULES};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// One line of the table.
struct Case {
    id: &'static str,
    expect: (Seen, &'static str),
    world: World,
    with: Parameters,
    past: Past,
    watched_days: Option<i64>,
    rollouts: Vec<(i64, WriterClass, &'static str)>,
    out_of_step_hours: Option<i64>,
}

fn judged(case: &Case) -> Judgement {
    judged_on(case, &case.world.snapshot())
}

fn judged_on(case: &Case, snapshot: &Snapshot) -> Judgement {
    let index = Index::of(snapshot);
    let limits = Thresholds::default();
    let workload = Workload::all(snapshot).next().unwrap();
    let view = index.view(workload, &limits, case.past);
    let rules = Rules::default();
    let rollouts: Vec<(Moment, Rollout)> = case
        .rollouts
        .iter()
        .zip(1..)
        .map(|((days, class, image), revision)| rollout(*days, *class, image, revision))
        .collect();
    let rollouts: Vec<(Moment, &Rollout)> = rollouts.iter().map(|(at, one)| (*at, one)).collect();
    let around = Around {
        rollouts: &rollouts,
        watched_since: case.watched_days.map(|days| now() - TimeDelta::days(days)),
        out_of_step_since: case.out_of_step_hours.map(|hours| now() - TimeDelta::hours(hours)),
        ..Around::nothing(&rules)
    };
    judge(check(case.id).unwrap(), &view, &around, &case.with)
}

fn rollout(days: i64, class: WriterClass, image: &str, revision: i64) -> (Moment, Rollout) {
    let at = now() - TimeDelta::days(days);
    let rollout = Rollout {
        workload: WorkloadName {
            target: Uuid::nil(),
            namespace: "shop".into(),
            kind: "Deployment".into(),
            name: "cart".into(),
        },
        uid: "d-1".into(),
        revision,
        change: RolloutKind::Image,
        images: vec![("cart".into(), image.into())],
        writer: Writer { class, manager: "m".into(), at: None },
        time: TimeSource::Observed,
        unseen_since: None,
        trace: None,
    };
    (at, rollout)
}

type Change = fn(&mut World);

fn case(id: &'static str, result: Seen, reason: &'static str, change: Change) -> Case {
    let mut world = World::healthy();
    change(&mut world);
    Case {
        id,
        expect: (result, reason),
        world,
        with: Parameters::default(),
        past: Past::default(),
        watched_days: None,
        rollouts: Vec::new(),
        out_of_step_hours: None,
    }
}

impl Case {
    fn with(mut self, name: &str, value: Parameter) -> Self {
        self.with = self.with.with(name, value);
        self
    }

    fn watched(mut self, days: i64, rollouts: &[(i64, WriterClass, &'static str)]) -> Self {
        self.watched_days = Some(days);
        self.rollouts = rollouts.to_vec();
        self
    }
}

const D: &str = "deployments";
const P: &str = "pods";
const H: &str = "horizontalpodautoscalers";
const B: &str = "poddisruptionbudgets";
const C: &str = "/spec/template/spec/containers/0";

fn list(words: &[&str]) -> Parameter {
    Parameter::List(words.iter().map(|word| (*word).to_owned()).collect())
}

/// The Deployment becomes another kind of the same name.
fn become_kind(world: &mut World, plural: &str) {
    let mut object = world.objects.remove(D).unwrap().remove(0);
    if plural == "cronjobs" {
        object["spec"] = json!({"schedule": "0 * * * *",
            "jobTemplate": {"spec": {"template": object["spec"]["template"].clone()}}});
        object["status"] = json!({"lastScheduleTime": ago(60), "lastSuccessfulTime": ago(30)});
    }
    world.add(plural, object);
}

fn cron(world: &mut World) {
    become_kind(world, "cronjobs");
}

fn daemon(world: &mut World) {
    become_kind(world, "daemonsets");
}

fn zero(world: &mut World) {
    world.set(D, "/spec/replicas", json!(0));
    world.set(D, "/status/replicas", json!(0));
}

fn managed(world: &mut World, manager: &str, fields: Value) {
    world.set(
        D,
        "/metadata/managedFields",
        json!([{"manager": manager, "operation": "Update", "time": ago(1_800), "fieldsV1": fields}]),
    );
}

fn image_fields() -> Value {
    json!({"f:spec": {"f:template": {"f:spec": {"f:containers":
        {r#"k:{"name":"cart"}"#: {"f:image": {}}}}}}})
}

fn replicas_by(world: &mut World, operation: &str) {
    world.set(
        D,
        "/metadata/managedFields",
        json!([{"manager": "ci", "operation": operation, "fieldsV1": {"f:spec": {"f:replicas": {}}}}]),
    );
}

fn follow_flux(world: &mut World, ready: &str, suspend: bool) {
    world.set(D, "/metadata/labels/kustomize.toolkit.fluxcd.io|name", json!("shop"));
    world.add(
        "kustomizations",
        json!({"metadata": {"name": "shop", "namespace": "shop"}, "spec": {"suspend": suspend},
            "status": {"conditions": [{"type": "Ready", "status": ready}],
                "lastAppliedRevision": "main@sha1:abc"}}),
    );
}

fn follow_argo(world: &mut World, sync: &str, health: &str, phase: &str) {
    world.set(
        D,
        "/metadata/annotations",
        json!({"argocd.argoproj.io/tracking-id": "shop:apps/Deployment:shop/cart"}),
    );
    world.add(
        "applications",
        json!({"metadata": {"name": "shop", "namespace": "argocd"},
            "spec": {"syncPolicy": {}},
            "status": {"sync": {"status": sync, "revision": "abc"}, "health": {"status": health},
                "operationState": {"phase": phase}, "reconciledAt": ago(60)}}),
    );
}

fn no_workload_trace(world: &mut World) {
    world.set(D, "/metadata/labels/helm.sh|chart", json!(null));
}

fn forbid(plural: &'static str) -> impl Fn(&mut World) {
    move |world| world.state(plural, State::Forbidden)
}

fn forbidden(id: &'static str, plural: &'static str) -> Case {
    let mut case = case(id, Seen::Unknown, "forbidden", |_| {});
    forbid(plural)(&mut case.world);
    case
}

fn table() -> Vec<Case> {
    use Seen::{Fail, NotApplicable as None_, Pass, Unknown};
    let yes: Change = |_| {};
    let deleting: Change = |w| w.set(D, "/metadata/deletionTimestamp", json!(ago(1)));
    let crash: Change = |w| {
        w.set(
            P,
            "/status/containerStatuses/0/state",
            json!({"waiting": {"reason": "CrashLoopBackOff"}}),
        );
    };
    let unready: Change = |w| {
        w.set(D, "/status/availableReplicas", json!(1));
        w.set(D, "/status/conditions/0/status", json!("False"));
    };
    let mut open = case("CD-03", Fail, "no_progress", |w| {
        w.set(D, "/status/updatedReplicas", json!(1));
        w.set(D, "/spec/progressDeadlineSeconds", json!(null));
    });
    open.past.open_since = Some(now() - TimeDelta::seconds(601));
    let mut slept =
        case("CD-33", Fail, "out_of_sync", |w| follow_argo(w, "OutOfSync", "Healthy", "Succeeded"));
    slept.out_of_step_hours = Some(25);
    let mut overslept = case("CD-33", Unknown, "in_progress", |w| {
        follow_argo(w, "OutOfSync", "Healthy", "Succeeded")
    });
    overslept.out_of_step_hours = Some(23);
    use WriterClass::{Manual, Pipeline};
    let thrice = [(20, Pipeline, "a"), (10, Pipeline, "b"), (1, Pipeline, "c")];
    vec![
        case("CD-01", Pass, "holds", yes),
        case("CD-01", Unknown, "deleting", deleting),
        case("CD-02", Pass, "holds", yes),
        case("CD-02", Fail, "below_minimum", unready),
        case("CD-02", Unknown, "in_progress", |w| w.set(D, "/status/availableReplicas", json!(1))),
        case("CD-02", Unknown, "in_progress", |w| w.set(D, "/status/observedGeneration", json!(2))),
        case("CD-02", None_, "scaled_to_zero", zero),
        case("CD-02", None_, "runs_by_schedule", cron),
        // A stuck rollout whose old pods serve is no lack of replicas.
        case("CD-02", Pass, "holds", |w| {
            w.set(D, "/status/conditions/1/reason", json!("ProgressDeadlineExceeded"));
        }),
        case("CD-03", Pass, "holds", yes),
        open,
        case("CD-03", Unknown, "in_progress", |w| w.set(D, "/status/updatedReplicas", json!(1))),
        case("CD-03", Unknown, "in_progress", |w| w.set(D, "/status/observedGeneration", json!(2))),
        case("CD-03", None_, "no_rollouts", cron),
        case("CD-04", Pass, "holds", yes),
        case("CD-04", Fail, "deadline_exceeded", |w| {
            w.set(D, "/status/conditions/1/reason", json!("ProgressDeadlineExceeded"));
        }),
        case("CD-04", Fail, "replica_failure", |w| {
            w.set(
                D,
                "/status/conditions/0",
                json!({"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate"}),
            );
        }),
        case("CD-04", Unknown, "deleting", deleting),
        case("CD-04", None_, "paused", |w| w.set(D, "/spec/paused", json!(true))),
        case("CD-04", None_, "no_conditions", daemon),
        case("CD-05", Pass, "holds", yes),
        case("CD-05", Fail, "paused", |w| w.set(D, "/spec/paused", json!(true))),
        case("CD-05", Unknown, "deleting", deleting),
        case("CD-05", None_, "cannot_pause", daemon),
        case("CD-06", Pass, "holds", yes),
        case("CD-06", Fail, "scaled_to_zero", zero),
        case("CD-06", Unknown, "forbidden", |w| {
            zero(w);
            w.state(H, State::Forbidden);
        }),
        case("CD-06", None_, "zero_is_declared", |w| {
            zero(w);
            w.set(H, "/spec/minReplicas", json!(0));
        }),
        case("CD-06", None_, "zero_is_declared", |w| {
            zero(w);
            w.add(
                "scaledobjects",
                json!({"metadata": {"name": "cart", "namespace": "shop"},
                "spec": {"scaleTargetRef": {"name": "cart"}}}),
            );
        }),
        case("CD-06", None_, "no_replicas", daemon),
        case("CD-07", Pass, "holds", yes),
        case("CD-07", Fail, "crashing", crash),
        case("CD-07", Fail, "crashing", |w| {
            w.set(P, "/status/conditions/1/status", json!("False"));
            w.set(P, "/status/containerStatuses/0/restartCount", json!(3));
            w.set(
                P,
                "/status/containerStatuses/0/lastState",
                json!({"terminated": {"exitCode": 1, "finishedAt": ago(60)}}),
            );
        }),
        // A pod of the earlier revision does not count.
        case("CD-07", Pass, "holds", |w| {
            w.set(
                P,
                "/status/containerStatuses/0/state",
                json!({"waiting": {"reason": "CrashLoopBackOff"}}),
            );
            w.set(P, "/metadata/labels/pod-template-hash", json!("old"));
        }),
        forbidden("CD-07", P),
        case("CD-07", Unknown, "too_few_pods", |w| w.clear(P)),
        case("CD-07", None_, "scaled_to_zero", zero),
        case("CD-08", Pass, "holds", yes),
        case("CD-08", Fail, "unschedulable", |w| {
            w.set(P, "/status/conditions/0", json!({"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "no memory"}));
        }),
        case("CD-08", Pass, "holds", |w| {
            w.set(
                P,
                "/status/conditions/0",
                json!({"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}),
            );
            w.set(P, "/metadata/creationTimestamp", json!(ago(299)));
        }),
        forbidden("CD-08", P),
        case("CD-08", None_, "gated", |w| {
            for nth in [0, 1] {
                w.set_nth(
                    P,
                    nth,
                    "/status/conditions/0",
                    json!({"type": "PodScheduled", "status": "False", "reason": "SchedulingGated"}),
                );
            }
        }),
        case("CD-09", Pass, "holds", yes),
        case("CD-09", Fail, "many_restarts", |w| {
            w.set(P, "/status/containerStatuses/0/restartCount", json!(6));
            w.set(
                P,
                "/status/containerStatuses/0/lastState",
                json!({"terminated": {"finishedAt": ago(86_300)}}),
            );
        }),
        case("CD-09", Pass, "holds", |w| {
            w.set(P, "/status/containerStatuses/0/restartCount", json!(6));
            w.set(
                P,
                "/status/containerStatuses/0/lastState",
                json!({"terminated": {"finishedAt": ago(86_500)}}),
            );
        }),
        case("CD-09", Pass, "holds", |w| {
            w.set(P, "/status/containerStatuses/0/restartCount", json!(99))
        })
        .watched(2, &[]),
        case("CD-09", Fail, "out_of_memory", |w| {
            w.set(P, "/status/containerStatuses/0/restartCount", json!(1));
            w.set(
                P,
                "/status/containerStatuses/0/lastState",
                json!({"terminated": {"reason": "OOMKilled", "finishedAt": ago(60)}}),
            );
        }),
        forbidden("CD-09", P),
        case("CD-09", None_, "runs_by_schedule", cron),
        case("CD-10", Pass, "holds", yes),
        case("CD-10", Fail, "naked_pod", |w| w.set(P, "/metadata/ownerReferences", json!([]))),
        case("CD-10", Pass, "holds", |w| {
            w.set(P, "/metadata/ownerReferences", json!([{"kind": "Node", "name": "node-1"}]));
        }),
        forbidden("CD-10", P),
        case("CD-11", Pass, "holds", yes),
        case("CD-11", Fail, "no_tag", |w| {
            w.set(D, &format!("{C}/image"), json!("registry.example:5000/cart"))
        }),
        case("CD-11", Fail, "floating_tag", |w| {
            w.set(D, &format!("{C}/image"), json!("registry.example:5000/cart:latest"))
        }),
        case("CD-11", Fail, "floating_tag", |w| {
            w.set(D, &format!("{C}/image"), json!("cart:stable"))
        }),
        // The list is the team's: emptied, its words are fine, and `latest` still is not.
        case("CD-11", Pass, "holds", |w| w.set(D, &format!("{C}/image"), json!("cart:stable")))
            .with("floating", list(&[])),
        case("CD-11", Fail, "floating_tag", |w| {
            w.set(D, &format!("{C}/image"), json!("cart:latest"))
        })
        .with("floating", list(&[])),
        case("CD-11", Unknown, "image_unreadable", |w| {
            w.set(D, &format!("{C}/image"), json!("Cart:"))
        }),
        case("CD-12", Pass, "holds", yes),
        case("CD-12", Fail, "tag_moved", |w| {
            w.set(P, "/status/containerStatuses/0/imageID", json!("mirror.example/cart@sha256:bb"));
        }),
        // A mirror rewrites the repository, never the digest.
        case("CD-12", Pass, "holds", |w| {
            w.set(
                P,
                "/status/containerStatuses/0/imageID",
                json!("docker-pullable://mirror.example/cart@sha256:aa"),
            );
        }),
        case("CD-12", Unknown, "differs_by_architecture", |w| {
            w.set(P, "/status/containerStatuses/0/imageID", json!("a@sha256:bb"));
            w.set("nodes", "/metadata/labels/kubernetes.io|arch", json!("arm64"));
        }),
        case("CD-12", Unknown, "local_image", |w| {
            w.set(P, "/status/containerStatuses/0/imageID", json!("sha256:aa"));
        }),
        case("CD-12", Unknown, "too_few_pods", |w| w.objects.get_mut(P).unwrap().truncate(1)),
        forbidden("CD-12", P),
        case("CD-12", None_, "pinned_by_digest", |w| {
            let digest = "a".repeat(64);
            w.set(D, &format!("{C}/image"), json!(format!("cart@sha256:{digest}")));
        }),
        case("CD-13", Pass, "holds", yes).with("registries", list(&["registry.example"])),
        case("CD-13", Fail, "registry_not_allowed", yes)
            .with("registries", list(&["registry.other"])),
        case("CD-13", Fail, "registry_not_allowed", yes)
            .with("registries", list(&["registry.example/team"])),
        case("CD-13", Unknown, "image_unreadable", |w| w.set(D, &format!("{C}/image"), json!(":")))
            .with("registries", list(&["registry.example"])),
        case("CD-13", None_, "no_list", yes),
        case("CD-14", Pass, "holds", yes),
        case("CD-14", Fail, "no_readiness_probe", |w| {
            w.set(D, &format!("{C}/readinessProbe"), json!(null))
        }),
        forbidden("CD-14", "services"),
        case("CD-14", None_, "no_service", |w| w.clear("services")),
        case("CD-14", None_, "runs_by_schedule", cron),
        case("CD-15", Pass, "holds", yes),
        case("CD-15", Pass, "holds", |w| w.set(D, &format!("{C}/livenessProbe"), json!(null))),
        case("CD-15", Fail, "same_as_readiness", |w| {
            w.set(
                D,
                &format!("{C}/livenessProbe"),
                json!({"httpGet": {"path": "/ready", "port": 8080}}),
            );
        }),
        case("CD-15", Fail, "same_as_readiness", |w| {
            let command = json!({"exec": {"command": ["/bin/check", "--now"]}});
            w.set(D, &format!("{C}/livenessProbe"), command.clone());
            w.set(D, &format!("{C}/readinessProbe"), command);
        }),
        case("CD-15", Unknown, "deleting", deleting),
        case("CD-15", None_, "runs_by_schedule", cron),
        case("CD-16", Pass, "holds", yes),
        case("CD-16", Fail, "no_requests", |w| {
            w.set(D, &format!("{C}/resources"), json!({"requests": {"cpu": "1"}}));
            w.set(P, "/spec/containers/0/resources", json!({}));
        }),
        // A LimitRange filled the pods.
        case("CD-16", Pass, "holds", |w| w.set(D, &format!("{C}/resources"), json!({}))),
        case("CD-16", Unknown, "forbidden", |w| {
            w.set(D, &format!("{C}/resources"), json!({}));
            w.state(P, State::Forbidden);
        }),
        case("CD-17", Pass, "holds", yes),
        case("CD-17", Fail, "no_memory_limit", |w| {
            w.set(D, &format!("{C}/resources/limits"), json!({"cpu": 1}))
        }),
        case("CD-17", Unknown, "deleting", deleting),
        case("CD-18", Pass, "holds", yes),
        case("CD-18", Fail, "single_replica", |w| w.set(H, "/spec/minReplicas", json!(null))),
        case("CD-18", Fail, "single_replica", |w| {
            w.clear(H);
            w.set(D, "/spec/replicas", json!(1));
        }),
        forbidden("CD-18", H),
        case("CD-18", None_, "scaled_to_zero", zero),
        case("CD-18", None_, "declared_singleton", yes).with("singletons", list(&["cart"])),
        case("CD-19", Pass, "holds", yes),
        case("CD-19", Fail, "autoscaler_broken", |w| {
            w.set(H, "/status/conditions/0", json!({"type": "ScalingActive", "status": "False", "reason": "FailedGetResourceMetric"}));
        }),
        case("CD-19", Fail, "no_room", |w| w.set(H, "/spec/maxReplicas", json!(2))),
        forbidden("CD-19", H),
        case("CD-19", None_, "no_autoscaler", |w| w.clear(H)),
        case("CD-20", Pass, "holds", yes),
        case("CD-20", Fail, "replicas_applied", |w| replicas_by(w, "Apply")),
        case("CD-20", Fail, "replicas_written", |w| {
            replicas_by(w, "Update");
            w.set(H, "/status/lastScaleTime", json!(ago(60)));
        }),
        case("CD-20", Unknown, "never_scaled", |w| replicas_by(w, "Update")),
        case("CD-20", Unknown, "no_managed_fields", |w| {
            w.set(D, "/metadata/managedFields", json!([]))
        }),
        forbidden("CD-20", H),
        case("CD-20", None_, "no_autoscaler", |w| w.clear(H)),
        case("CD-21", Pass, "holds", yes),
        case("CD-21", Fail, "no_budget", |w| {
            w.set(B, "/spec/selector/matchLabels/app", json!("other"))
        }),
        forbidden("CD-21", B),
        case("CD-21", None_, "one_replica", |w| w.set(H, "/spec/minReplicas", json!(1))),
        case("CD-21", None_, "no_replicas", daemon),
        case("CD-22", Pass, "holds", yes),
        // Unhealthy pods are not this fault.
        case("CD-22", Pass, "holds", |w| {
            w.set(B, "/status", json!({"disruptionsAllowed": 0, "expectedPods": 2}))
        }),
        case("CD-22", Fail, "blocks_drains", |w| w.set(B, "/spec/maxUnavailable", json!(0))),
        case("CD-22", Fail, "blocks_drains", |w| {
            w.set(B, "/spec/maxUnavailable", json!(null));
            w.set(B, "/spec/minAvailable", json!(2));
        }),
        case("CD-22", Fail, "blocks_drains", |w| {
            w.set(B, "/spec/maxUnavailable", json!(null));
            w.set(B, "/spec/minAvailable", json!("100%"));
        }),
        case("CD-22", Fail, "several_budgets", |w| {
            w.add(B, json!({"metadata": {"name": "all", "namespace": "shop"}, "spec": {"selector": {}, "maxUnavailable": 1}}));
        }),
        forbidden("CD-22", B),
        case("CD-22", None_, "no_budget", |w| w.clear(B)),
        case("CD-23", Pass, "holds", yes),
        case("CD-23", Pass, "holds", |w| w.set(D, "/spec/strategy", json!({}))),
        case("CD-23", Fail, "does_not_roll", |w| {
            w.set(D, "/spec/strategy/type", json!("Recreate"))
        }),
        case("CD-23", Unknown, "deleting", deleting),
        case("CD-23", None_, "runs_by_schedule", cron),
        case("CD-24", Pass, "holds", yes),
        case("CD-24", Fail, "one_node_only", |w| w.set(P, "/spec/nodeName", json!("node-2"))),
        case("CD-24", Unknown, "too_few_pods", |w| w.objects.get_mut(P).unwrap().truncate(1)),
        forbidden("CD-24", P),
        forbidden("CD-24", "nodes"),
        case("CD-24", None_, "one_node", |w| w.objects.get_mut("nodes").unwrap().truncate(1)),
        case("CD-24", None_, "one_replica", |w| w.set(D, "/spec/replicas", json!(1))),
        case("CD-25", Pass, "holds", yes),
        case("CD-25", Pass, "holds", |w| {
            w.set("endpointslices", "/endpoints/0/conditions/ready", json!(false))
        }),
        case("CD-25", Fail, "no_ready_endpoints", |w| w.clear("endpointslices")),
        case("CD-25", Fail, "no_ready_endpoints", |w| {
            w.set("services", "/spec/publishNotReadyAddresses", json!(true));
            for nth in ["0", "1"] {
                w.set(
                    "endpointslices",
                    &format!("/endpoints/{nth}/conditions/serving"),
                    json!(false),
                );
            }
        }),
        forbidden("CD-25", "services"),
        forbidden("CD-25", "endpointslices"),
        case("CD-25", None_, "no_service", |w| w.clear("services")),
        case("CD-26", Pass, "holds", yes),
        case("CD-26", Fail, "dangling", |w| {
            w.set("ingresses", "/spec/rules/0/http/paths/0/backend/service/port/number", json!(81));
        }),
        case("CD-26", Fail, "dangling", |w| w.clear("services")),
        case("CD-26", Fail, "dangling", |w| {
            w.add(
                "httproutes",
                json!({"metadata": {"name": "r", "namespace": "shop"},
                "spec": {"rules": [{"backendRefs": [{"name": "cart", "port": 81}]}]}}),
            );
        }),
        forbidden("CD-26", "services"),
        forbidden("CD-26", "ingresses"),
        forbidden("CD-26", "httproutes"),
        // The Gateway API may be absent.
        case("CD-26", Pass, "holds", |w| w.state("httproutes", State::Absent)),
        case("CD-26", Unknown, "forbidden", |w| {
            w.add(
                "httproutes",
                json!({"metadata": {"name": "r", "namespace": "shop"},
                "spec": {"rules": [{"backendRefs": [{"name": "cart", "namespace": "other"}]}]}}),
            );
            w.state("referencegrants", State::Forbidden);
        }),
        case("CD-26", None_, "no_route", |w| w.clear("ingresses")),
        case("CD-27", Pass, "holds", yes),
        case("CD-27", Fail, "default_namespace", |w| {
            w.set(D, "/metadata/namespace", json!("default"))
        }),
        case("CD-27", Unknown, "deleting", deleting),
        case("CD-28", Pass, "holds", yes),
        case("CD-28", Fail, "no_service_account", |w| {
            w.set(D, "/spec/template/spec/serviceAccountName", json!(null))
        }),
        case("CD-28", Fail, "default_service_account", |w| {
            w.set(D, "/spec/template/spec/serviceAccountName", json!("default"))
        }),
        case("CD-28", Fail, "service_account_missing", |w| w.clear("serviceaccounts")),
        forbidden("CD-28", "serviceaccounts"),
        case("CD-29", Pass, "holds", yes),
        case("CD-29", Fail, "config_map_missing", |w| w.clear("configmaps")),
        case("CD-29", Fail, "reference_missing", |w| {
            w.set(
                P,
                "/status/containerStatuses/0/state",
                json!({"waiting": {"reason": "CreateContainerConfigError"}}),
            );
        }),
        // Optional ones may be missing.
        case("CD-29", Pass, "holds", |w| {
            w.clear("configmaps");
            w.set(D, &format!("{C}/envFrom/0/configMapRef/optional"), json!(true));
        }),
        // A Secret of a volume is named otherwise, and is proved by the pods that started.
        case("CD-29", Pass, "holds", |w| {
            w.set(D, &format!("{C}/envFrom"), json!([]));
            w.set(
                D,
                "/spec/template/spec/volumes",
                json!([{"name": "v", "secret": {"secretName": "keys"}}]),
            );
        }),
        forbidden("CD-29", "configmaps"),
        forbidden("CD-29", P),
        // No pod of the template has started, and Secrets are not looked at.
        case("CD-29", Unknown, "forbidden", |w| {
            for nth in [0, 1] {
                w.set_nth(P, nth, "/status/conditions/1/status", json!("False"));
            }
        }),
        case("CD-29", None_, "names_nothing", |w| w.set(D, &format!("{C}/envFrom"), json!([]))),
        case("CD-30", Pass, "holds", yes),
        case("CD-30", Fail, "labels_missing", yes).with("labels", list(&["team"])),
        case("CD-30", Unknown, "deleting", deleting),
        case("CD-31", Pass, "holds", yes),
        case("CD-31", Fail, "name", |w| managed(w, "kubectl-edit", image_fields())),
        // Laptops and pipelines both set images so: not to be told, and never a regression.
        case("CD-31", Unknown, "shared_cli", |w| managed(w, "kubectl-set", image_fields())),
        case("CD-31", Unknown, "not_classified_operator", |w| {
            managed(w, "shop-operator", image_fields())
        }),
        case("CD-31", Unknown, "no_managed_fields", |w| {
            w.set(D, "/metadata/managedFields", json!([]))
        }),
        case("CD-32", Pass, "holds", yes),
        case("CD-32", Fail, "name", |w| managed(w, "kubectl-edit", image_fields())),
        case("CD-32", Fail, "name", |w| managed(w, "k9s", json!({"f:spec": {"f:replicas": {}}}))),
        // Before the last pipeline rollout, and so overwritten by it.
        case("CD-32", Pass, "holds", |w| managed(w, "k9s", json!({"f:spec": {"f:replicas": {}}})))
            .watched(9, &[(0, Pipeline, "a")]),
        case("CD-32", Pass, "holds", |w| {
            managed(w, "kubectl-edit", json!({"f:metadata": {"f:labels": {"f:a": {}}}}))
        }),
        case("CD-32", Pass, "holds", |w| {
            managed(
                w,
                "k9s",
                json!({"f:spec": {"f:template": {"f:metadata": {"f:annotations":
                {"f:kubectl.kubernetes.io/restartedAt": {}}}}}}),
            );
        }),
        case("CD-32", Fail, "manual_rollout", yes)
            .watched(40, &[(2, Pipeline, "a"), (1, Manual, "b")]),
        case("CD-32", Unknown, "history_lost", |w| managed(w, "ancient-changes", image_fields())),
        case("CD-32", Unknown, "no_managed_fields", |w| {
            w.set(D, "/metadata/managedFields", json!([]))
        }),
        case("CD-32", Unknown, "history_short", yes)
            .with("days", Parameter::Number(30))
            .watched(29, &[]),
        case("CD-32", Pass, "holds", yes).with("days", Parameter::Number(30)).watched(31, &[]),
        case("CD-32", Fail, "manual_rollout", yes)
            .with("days", Parameter::Number(30))
            .watched(40, &[(29, Manual, "b"), (1, Pipeline, "a")]),
        case("CD-33", Pass, "holds", |w| follow_flux(w, "True", false)),
        case("CD-33", Fail, "sync_failed", |w| follow_flux(w, "False", false)),
        case("CD-33", Fail, "sync_failed", |w| follow_flux(w, "True", true)),
        case("CD-33", Unknown, "in_progress", |w| follow_flux(w, "Unknown", false)),
        case("CD-33", Unknown, "controller_elsewhere", |w| {
            follow_flux(w, "True", false);
            w.clear("kustomizations");
        }),
        case("CD-33", Unknown, "forbidden", |w| {
            follow_flux(w, "True", false);
            w.state("kustomizations", State::Forbidden);
        }),
        case("CD-33", Pass, "holds", |w| follow_argo(w, "Synced", "Healthy", "Succeeded")),
        case("CD-33", Fail, "synced_by_hand", |w| follow_argo(w, "Synced", "Healthy", "Succeeded"))
            .with("automated", Parameter::Flag(true)),
        case("CD-33", Fail, "sync_failed", |w| follow_argo(w, "Synced", "Healthy", "Failed")),
        case("CD-33", Unknown, "controller_silent", |w| {
            follow_argo(w, "Synced", "Healthy", "Succeeded");
            w.set("applications", "/status/reconciledAt", json!(ago(541)));
        }),
        slept,
        overslept,
        case("CD-33", None_, "no_gitops", yes),
        case("CD-34", Pass, "holds", yes),
        case("CD-34", Fail, "no_trace", no_workload_trace),
        case("CD-34", Pass, "holds", |w| {
            no_workload_trace(w);
            follow_argo(w, "Synced", "Healthy", "Succeeded");
        }),
        case("CD-34", Unknown, "controller_elsewhere", |w| {
            no_workload_trace(w);
            follow_flux(w, "True", false);
            w.clear("kustomizations");
        }),
        case("CD-35", Pass, "holds", yes).watched(31, &thrice),
        case("CD-35", Pass, "holds", yes).watched(21, &thrice),
        case("CD-35", Fail, "too_few_rollouts", yes).watched(31, &thrice[1..]),
        case("CD-35", Unknown, "history_short", yes).watched(29, &thrice[1..]),
        case("CD-35", Unknown, "history_short", yes),
        // One by hand between them; the same image again.
        case("CD-35", Fail, "too_few_rollouts", yes).watched(
            31,
            &[(20, Pipeline, "a"), (10, Manual, "x"), (5, Pipeline, "b"), (1, Pipeline, "c")],
        ),
        case("CD-35", Fail, "too_few_rollouts", yes)
            .watched(31, &[(20, Pipeline, "a"), (10, Pipeline, "a"), (1, Pipeline, "c")]),
        case("CD-35", Pass, "holds", yes)
            .with("rollouts", Parameter::Number(2))
            .watched(31, &thrice[1..]),
        case("CD-36", Pass, "holds", yes),
        case("CD-36", Fail, "no_history", |w| w.set(D, "/spec/revisionHistoryLimit", json!(0))),
        case("CD-36", Fail, "no_earlier_revision", |w| {
            w.objects.get_mut("replicasets").unwrap().remove(0);
        }),
        forbidden("CD-36", "replicasets"),
        case("CD-36", None_, "never_rolled_out_twice", |w| {
            w.objects.get_mut("replicasets").unwrap().truncate(1);
        }),
        case("CD-37", Pass, "holds", cron),
        case("CD-37", Fail, "last_run_failed", |w| {
            cron(w);
            w.set("cronjobs", "/status/lastSuccessfulTime", json!(ago(7_000)));
        }),
        case("CD-37", Unknown, "never_succeeded", |w| {
            cron(w);
            w.set("cronjobs", "/status/lastSuccessfulTime", json!(null));
        }),
        case("CD-37", None_, "no_schedule", yes),
        case("CD-38", Pass, "holds", yes),
        case("CD-38", Fail, "open_points", |w| {
            w.set(D, &format!("{C}/securityContext"), json!({}))
        }),
        case("CD-38", Fail, "open_points", |w| {
            w.set(D, "/spec/template/spec/hostPID", json!(true))
        }),
        case("CD-38", Fail, "open_points", |w| {
            w.set(
                D,
                "/spec/template/spec/volumes",
                json!([{"name": "v", "hostPath": {"path": "/"}}]),
            );
        }),
        case("CD-38", Fail, "open_points", |w| {
            w.set(
                D,
                &format!("{C}/securityContext/capabilities"),
                json!({"add": ["CAP_SYS_ADMIN"]}),
            );
        }),
        case("CD-38", Unknown, "deleting", deleting),
    ]
}

#[test]
fn every_case_of_the_catalogue() {
    for case in table() {
        let judgement = judged(&case);
        let read = (judgement.result, &*judgement.reason);
        assert_eq!(read, case.expect, "{}: {judgement:?}", case.id);
        if matches!(judgement.result, Seen::Pass | Seen::Fail) {
            assert!(!judgement.field.is_empty(), "{}: names the field that decided", case.id);
            assert!(!judgement.object.name.is_empty(), "{}: names the object", case.id);
        }
    }
}

#[test]
fn every_check_has_every_kind_of_case() {
    let mut seen: BTreeMap<&str, BTreeSet<u8>> = BTreeMap::new();
    for case in table() {
        seen.entry(case.id).or_default().insert(case.expect.0 as u8);
    }
    // Their subject always exists; that CD-01 fails is told where there is no workload.
    let always = [
        "CD-01", "CD-10", "CD-11", "CD-16", "CD-17", "CD-27", "CD-28", "CD-30", "CD-31", "CD-32",
        "CD-34", "CD-35", "CD-38",
    ];
    for check in CATALOGUE {
        let seen = &seen[check.id];
        for result in [Seen::Pass, Seen::Fail, Seen::Unknown, Seen::NotApplicable] {
            let excused = (result == Seen::NotApplicable && always.contains(&check.id))
                || (result == Seen::Fail && check.id == "CD-01");
            assert_eq!(seen.contains(&(result as u8)), !excused, "{} {result:?}", check.id);
        }
    }
}

/// What this laptop may not see turns nothing into pass or fail.
#[test]
fn a_forbidden_list_gives_unknown_and_nothing_else() {
    for case in table() {
        let whole = case.world.snapshot();
        let before = judged_on(&case, &whole);
        for plural in PLURALS {
            let mut blind = whole.clone();
            blind.states.insert((*plural, String::new()), State::Forbidden);
            let after = judged_on(&case, &blind);
            let turned =
                after.result != before.result && matches!(after.result, Seen::Pass | Seen::Fail);
            assert!(!turned, "{} without {plural}: {before:?} became {after:?}", case.id);
        }
    }
}

#[test]
fn catalogue_and_playbook_know_the_same_rules() {
    let rules: Vec<(&str, &str)> = RULES.iter().map(|(id, name, _)| (*id, *name)).collect();
    let catalogue: Vec<(&str, &str)> =
        CATALOGUE.iter().map(|check| (check.id, check.name)).collect();
    assert_eq!(catalogue, rules);
    let playbook = Playbook::parse(DEFAULT).unwrap();
    for rule in playbook.checks.iter().filter(|check| check.id.starts_with("CD-")) {
        let known = check(&rule.id).unwrap();
        assert_eq!(known.weight, rule.weight, "{}", rule.id);
    }
}

#[test]
fn a_check_of_the_playbook_is_judged_by_the_rule_that_it_names() {
    let playbook = Playbook::parse(DEFAULT).unwrap();
    let of = |id: &str| {
        let asked = asked(playbook.checks.iter().find(|check| check.id == id).unwrap());
        asked.map(|asked| (asked.rule.id, asked.with.number("days", 0), asked.environment))
    };
    assert_eq!(of("CD-32"), Some(("CD-32", 0, None)), "by its id");
    let production = Some("production".to_owned());
    assert_eq!(of("FI-04"), Some(("CD-32", 30, production)), "by the rule it names");
    assert_eq!(of("DI-01"), None, "a person judges it");
    assert_eq!(of("PI-01"), None, "no rule of the cluster");
}

#[test]
fn where_there_is_no_workload() {
    let namespaces = ["shop".to_owned()];
    let judged = |world: &World, mapped: bool, id: &str| {
        let snapshot = world.snapshot();
        let target = TargetView { snapshot: &snapshot, namespaces: &namespaces, mapped };
        let with = Parameters::default();
        let judgement = judge_target(check(id).unwrap(), &target, &[], &with);
        (judgement.result, judgement.reason.to_string())
    };
    let is = |result, reason: &str| (result, reason.to_owned());
    let mut world = World::empty();
    assert_eq!(judged(&world, true, "CD-01"), is(Seen::Fail, "not_found"));
    assert_eq!(judged(&world, true, "CD-02"), is(Seen::Unknown, "no_workload"));
    assert_eq!(judged(&world, false, "CD-01"), is(Seen::Unknown, "not_mapped"));
    world.state("rollouts", State::Absent);
    assert_eq!(judged(&world, true, "CD-01"), is(Seen::Fail, "not_found"), "optional");
    world.state("statefulsets", State::Forbidden);
    assert_eq!(judged(&world, true, "CD-01"), is(Seen::Unknown, "forbidden"));
    world.state("statefulsets", State::Stale);
    assert_eq!(judged(&world, true, "CD-01"), is(Seen::Unknown, "stale"));
}

#[test]
fn one_target_speaks_for_a_service() {
    let one = |result, reason: &'static str| {
        let mut judgement = judged(&case("CD-27", Seen::Pass, "holds", |_| {}));
        (judgement.result, judgement.reason) = (result, reason.into());
        judgement
    };
    use Seen::{Fail, Pass, Unknown};
    let pass = || one(Pass, "holds");
    let fail = || one(Fail, "name");
    let blind = || one(Unknown, "forbidden");
    let check = |id: &str,
                 named: Option<&str>,
                 live: bool,
                 targets: &[(&str, Judgement)],
                 expect: Option<Seen>| {
        let read = speaking(check(id).unwrap(), named, targets, live);
        assert_eq!(read.map(|one| one.result), expect, "{id} {targets:?}");
    };
    let both = [("Staging", pass()), ("production", fail())];
    // A pipeline shows on the first target that it reaches, until users are there.
    check("CD-31", None, false, &both, Some(Pass));
    check("CD-31", None, true, &both, Some(Fail));
    check("CD-31", Some("production"), false, &both, Some(Fail));
    check("CD-02", None, false, &both, Some(Pass));
    check("CD-02", None, true, &both, Some(Fail));
    check("CD-18", None, false, &both, Some(Fail));
    // Without staging its checks are judged on production.
    check("CD-02", None, false, &both[1..], Some(Fail));
    check("CD-18", None, false, &both[..1], None);
    // Blindness on one target hides nothing of another.
    check("CD-31", None, false, &[("staging", blind()), ("production", fail())], Some(Fail));
    check("CD-31", None, false, &[("staging", blind())], Some(Unknown));
}

#[test]
fn the_worst_workload_speaks_for_a_target() {
    let one = |result| {
        let mut judgement = judged(&case("CD-27", Seen::Pass, "holds", |_| {}));
        judgement.result = result;
        judgement
    };
    use Seen::{Fail, NotApplicable, Pass, Unknown};
    let check = |results: &[Seen], expect: Option<Seen>| {
        let read = worst(results.iter().map(|result| one(*result)).collect());
        assert_eq!(read.map(|judgement| judgement.result), expect, "{results:?}");
    };
    check(&[Pass, Fail, Unknown], Some(Fail));
    check(&[Pass, Unknown], Some(Unknown));
    check(&[Pass, NotApplicable], Some(Pass));
    check(&[NotApplicable, NotApplicable], Some(NotApplicable));
    check(&[], None);
    // Another workload never improves a service.
    let rank = |seen: Option<Seen>| match seen {
        Some(Fail) => 0,
        Some(Unknown) => 1,
        Some(Pass) => 2,
        _ => 3,
    };
    for first in [Pass, Fail, Unknown, NotApplicable] {
        for second in [Pass, Fail, Unknown, NotApplicable] {
            let both = worst(vec![one(first), one(second)]).map(|judgement| judgement.result);
            assert!(rank(both) <= rank(Some(first)), "{first:?} and {second:?}");
        }
    }
}

#[test]
fn a_change_is_suspected_at_once_and_found_after_it_held() {
    let judgement = |result: Seen, reason: &'static str| {
        let mut judgement = judged(&case("CD-27", Seen::Pass, "holds", |_| {}));
        judgement.result = result;
        judgement.reason = reason.into();
        judgement
    };
    use Seen::{Fail, Pass, Unknown};
    let standing = Hold::of(check("CD-31").unwrap(), &Parameters::default());
    let operational = Hold::of(check("CD-07").unwrap(), &Parameters::default());
    let none = Hold { fail: TimeDelta::zero(), other: TimeDelta::zero(), ..standing };
    let run = |hold: Hold, steps: &[(i64, Seen, &'static str)]| {
        let mut held = Held { finding: Some(Pass), confirmed: Some(now()), suspicion: None };
        let mut last = Effect::Nothing;
        for (seconds, result, reason) in steps {
            let at = now() + TimeDelta::seconds(*seconds);
            (held, last) = held.observe(&judgement(*result, reason), at, hold);
        }
        (held.finding, last)
    };
    let since = now();
    let found = (Some(Fail), Effect::Find { since });
    let fails = |at| (at, Fail, "name");
    assert_eq!(run(standing, &[fails(0)]), (Some(Pass), Effect::Suspected));
    assert_eq!(run(standing, &[fails(0), fails(59)]), (Some(Pass), Effect::Suspected));
    assert_eq!(run(standing, &[fails(0), fails(60)]), found);
    // Between them it was well again.
    let back = [fails(0), (30, Pass, "holds"), fails(60)];
    assert_eq!(run(standing, &back), (Some(Pass), Effect::Suspected));
    // What this laptop could not see neither ends a suspicion nor becomes a finding.
    for reason in ["forbidden", "stale", "not_synced", "api_absent", "in_progress", "not_mapped"] {
        let blind = [fails(0), (30, Unknown, reason), fails(60)];
        assert_eq!(run(standing, &blind), found, "{reason}");
        let only = [(0, Unknown, reason), (600, Unknown, reason)];
        assert_eq!(run(standing, &only), (Some(Pass), Effect::Nothing), "{reason}");
    }
    // What nobody can tell is the service's own, and is found.
    let unknown = [(0, Unknown, "shared_cli"), (60, Unknown, "shared_cli")];
    assert_eq!(run(standing, &unknown), (Some(Unknown), Effect::Find { since }));
    // Health has its own hold, so that a restart regresses nobody; without it, it would.
    let blip = [fails(0), fails(300), (400, Pass, "holds")];
    assert_eq!(run(operational, &blip), (Some(Pass), Effect::Nothing));
    assert_eq!(run(none, &blip[..2]).0, Some(Fail), "without a hold the blip regresses");
    assert_eq!(run(operational, &[fails(0), fails(899)]), (Some(Pass), Effect::Suspected));
    assert_eq!(run(operational, &[fails(0), fails(900)]), found);
    let longer = Hold::of(
        check("CD-07").unwrap(),
        &Parameters::default().with("hold_minutes", Parameter::Number(30)),
    );
    assert_eq!(run(longer, &[fails(0), fails(900)]), (Some(Pass), Effect::Suspected));
    let schedulable = Hold::of(check("CD-08").unwrap(), &Parameters::default());
    assert_eq!(run(schedulable, &[fails(0), fails(300)]), found);
    // A single observation never decides.
    assert_eq!(run(none, &[fails(0)]), (Some(Pass), Effect::Suspected));
}

#[test]
fn a_finding_goes_stale_and_is_confirmed_before_it_does() {
    let pass = judged(&case("CD-27", Seen::Pass, "holds", |_| {}));
    let hold = Hold::of(check("CD-27").unwrap(), &Parameters::default());
    let at = |hours: i64| now() + TimeDelta::hours(hours);
    let kept = Held { finding: Some(Seen::Pass), confirmed: Some(at(0)), suspicion: None };
    assert_eq!(kept.shown(at(24), hold), Some(Seen::Pass));
    assert_eq!(kept.shown(at(25), hold), Some(Seen::Unknown));
    let (same, effect) = kept.observe(&pass, at(11), hold);
    assert_eq!((same, effect), (kept, Effect::Nothing));
    let (confirmed, effect) = kept.observe(&pass, at(12), hold);
    assert_eq!((confirmed.confirmed, effect), (Some(at(12)), Effect::Confirm));
    assert_eq!(confirmed.shown(at(30), hold), Some(Seen::Pass));
    assert_eq!(Held::default().shown(at(0), hold), None);
}

#[test]
fn a_wave_over_many_services_is_held_back() {
    let at = |minutes: i64| now() - TimeDelta::minutes(minutes);
    let check = |failing: &[Moment], services: usize, expect: bool| {
        assert_eq!(is_blip(failing, services), expect, "{} of {services}", failing.len());
    };
    check(&[at(1), at(2), at(3), at(4)], 10, true);
    check(&[at(1), at(2), at(3)], 10, false);
    check(&[at(1), at(2), at(3), at(12)], 10, false);
    // A straggler does not end what began before it.
    check(&[at(30), at(31), at(32), at(33), at(1)], 10, true);
    check(&[at(1)], 1, false);
}

#[test]
fn evidence_holds_no_secret_and_names_what_decided() {
    let case = case("CD-31", Seen::Fail, "name", |w| managed(w, "kubectl-edit", image_fields()));
    let judgement = judged(&case);
    let snapshot = case.world.snapshot();
    let evidence = judgement.evidence(check("CD-31").unwrap(), &snapshot);
    assert_eq!(
        (evidence.kind.as_str(), evidence.name.as_str(), evidence.uid.as_str()),
        ("Deployment", "cart", "d-1")
    );
    assert_eq!(evidence.resource_version, "7");
    assert_eq!(evidence.field, "spec.template.spec.containers[cart].image");
    let writer = evidence.writer.unwrap();
    assert_eq!((writer.class, writer.manager.as_str()), (WriterClass::Manual, "kubectl-edit"));
    assert!(writer.at.is_some());
    assert!(judgement.observed.contains("not later than"), "the limit of the fact is said");
}

/// Nobody has acted on them yet, or the controller tells nothing: that is no pass of anything that the
/// status would have to say.
#[test]
fn a_workload_without_a_status_passes_no_check_of_it() {
    // What an autoscaler and the endpoints of a Service say stands in objects of their own.
    let elsewhere = ["CD-19", "CD-25"];
    let passed = |plural: &str, change: fn(&mut World, &str)| {
        let mut world = World::healthy();
        if plural != D {
            become_kind(&mut world, plural);
        }
        change(&mut world, plural);
        let operational = CATALOGUE.iter().filter(|rule| rule.nature == Nature::Operational);
        let rules = operational.filter(|rule| !elsewhere.contains(&rule.id));
        rules
            .map(|rule| Case { world: world.clone(), ..case(rule.id, Seen::Unknown, "", |_| {}) })
            .map(|case| judged(&case))
            .filter(|judgement| judgement.result == Seen::Pass)
            .map(|judgement| judgement.observed)
            .collect::<Vec<String>>()
    };
    for plural in ["deployments", "statefulsets", "daemonsets", "rollouts", "cronjobs"] {
        let silent = passed(plural, |world, plural| {
            world.set(plural, "/status", Value::Null);
            world.clear(P);
        });
        assert_eq!(silent, [""; 0], "{plural}");
    }
    // The control: with its status it passes several.
    assert!(passed(D, |_, _| {}).len() > 3);
}
