//! What stands beside workloads: Services, autoscalers, disruption budgets, claims. Ingresses and
//! routes are not judged by their addresses, which some controllers never write.

use super::{Health, Impact, Verdict};
use crate::shape::meta::{Truth, condition};
use crate::shape::network::{EndpointSlice, Service};
use crate::shape::others::{HorizontalPodAutoscaler, PersistentVolumeClaim, PodDisruptionBudget};

/// Endpoints of a Service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Endpoints {
    /// Take requests.
    pub ready: usize,
    /// Would take them.
    pub serving: usize,
    /// All.
    pub total: usize,
}

/// Counts endpoints. A condition that is absent counts as true.
pub fn endpoints<'a>(slices: impl IntoIterator<Item = &'a EndpointSlice>) -> Endpoints {
    let mut count = Endpoints::default();
    for endpoint in slices.into_iter().flat_map(|slice| &slice.endpoints) {
        let ready = endpoint.conditions.ready.unwrap_or(true);
        count.total += 1;
        count.ready += usize::from(ready);
        count.serving += usize::from(endpoint.conditions.serving.unwrap_or(ready));
    }
    count
}

/// Judges a Service; `backing` are the verdicts of the workloads that it selects.
pub fn service(object: &Service, endpoints: Option<Endpoints>, backing: &[Verdict]) -> Health {
    let spec = &object.spec;
    if !object.selects() {
        return Health::new(Verdict::Healthy, "not_judged").by("spec.selector", "absent");
    }
    let Some(endpoints) = endpoints else { return Health::unknown("forbidden") };
    if spec.kind.as_deref() == Some("LoadBalancer")
        && object.status.load_balancer.ingress.is_empty()
    {
        return Health::new(Verdict::Progressing, "waits_for_address")
            .by("status.loadBalancer.ingress", "empty");
    }
    let ready = if spec.publish_not_ready_addresses { endpoints.serving } else { endpoints.ready };
    let field = "endpoints[].conditions.ready";
    let value = format!("{ready} of {}", endpoints.total);
    if ready > 0 {
        return Health::new(Verdict::Healthy, "healthy").by(field, value).impact(Impact::None);
    }
    let asleep = !backing.is_empty() && backing.iter().all(|one| *one == Verdict::Suspended);
    if asleep {
        return Health::new(Verdict::Suspended, "workloads_suspended").by(field, value);
    }
    Health::new(Verdict::Degraded, "no_ready_endpoints").by(field, value).impact(Impact::Outage)
}

/// Reasons of an autoscaler that mean it does not work: the list of Argo CD.
const BROKEN: [&str; 9] = [
    "FailedGetScale",
    "FailedUpdateScale",
    "FailedGetResourceMetric",
    "FailedGetObjectMetric",
    "FailedGetPodsMetric",
    "FailedGetExternalMetric",
    "FailedGetContainerResourceMetric",
    "FailedComputeMetricsReplicas",
    "InvalidSelector",
];

/// Judges an autoscaler.
pub fn autoscaler(object: &HorizontalPodAutoscaler) -> Health {
    let conditions = &object.status.conditions;
    for kind in ["AbleToScale", "ScalingActive"] {
        if let Some(broken) =
            condition(conditions, kind).filter(|one| BROKEN.contains(&one.reason()))
        {
            return Health::new(Verdict::Degraded, "autoscaler_broken")
                .by(format!("status.conditions[{kind}].reason"), broken.reason())
                .since(broken.last_transition_time)
                .note(broken.message());
        }
    }
    if let Some(active) = condition(conditions, "ScalingActive")
        && active.status == Truth::False
        && active.reason() == "ScalingDisabled"
    {
        return Health::new(Verdict::Suspended, "scaling_disabled")
            .by("status.conditions[ScalingActive].reason", active.reason())
            .since(active.last_transition_time);
    }
    let works = ["AbleToScale", "ScalingLimited"]
        .iter()
        .find(|kind| condition(conditions, kind).is_some_and(|one| one.status == Truth::True));
    match works {
        Some(kind) => Health::new(Verdict::Healthy, "healthy")
            .by(format!("status.conditions[{kind}].status"), "True"),
        None => Health::new(Verdict::Progressing, "not_yet_scaling")
            .by("status.conditions[AbleToScale]", "absent"),
    }
}

/// Judges a disruption budget. One that blocks is a check of its own, not ill health.
pub fn budget(object: &PodDisruptionBudget) -> Health {
    let broken = object
        .status
        .conditions
        .iter()
        .find(|one| one.status == Truth::False && one.reason() != "InsufficientPods");
    match broken {
        Some(one) => Health::new(Verdict::Degraded, "budget_broken")
            .by(format!("status.conditions[{}].reason", one.kind), one.reason())
            .note(one.message()),
        None => Health::new(Verdict::Healthy, "healthy"),
    }
}

/// What is known about a claim besides itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct ClaimUse {
    /// Its class waits for a pod before it makes a volume.
    pub binds_on_first_consumer: bool,
    /// A pod uses it.
    pub used: bool,
}

/// Judges a claim to storage.
pub fn claim(object: &PersistentVolumeClaim, usage: ClaimUse) -> Health {
    let phase = object.status.phase.as_deref().unwrap_or_default();
    let (verdict, reason) = match phase {
        "Bound" => (Verdict::Healthy, "bound"),
        "Lost" => (Verdict::Degraded, "lost"),
        "Pending" if usage.binds_on_first_consumer && !usage.used => {
            (Verdict::Healthy, "waits_for_consumer")
        }
        "Pending" => (Verdict::Progressing, "pending"),
        _ => (Verdict::Unknown, "phase_unknown"),
    };
    Health::new(verdict, reason).by("status.phase", phase)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::tests::object;
    use serde_json::{Value, json};

    #[test]
    fn services() {
        let check = |spec: Value, ends: Value, backing: &[Verdict], expect: (Verdict, &str)| {
            let read: Service = object(json!({"spec": spec}));
            let slice: EndpointSlice = object(json!({"endpoints": ends}));
            let health = service(&read, Some(endpoints([&slice])), backing);
            assert_eq!((health.verdict, &*health.reason), expect, "{spec} {ends}");
        };
        use Verdict::{Degraded, Healthy, Progressing, Suspended};
        let app = || json!({"app": "cart"});
        let up = || json!([{"conditions": {"ready": true}}]);
        let down = || json!([{"conditions": {"ready": false}}]);
        check(json!({}), json!([]), &[], (Healthy, "not_judged"));
        check(
            json!({"type": "ExternalName", "selector": app()}),
            json!([]),
            &[],
            (Healthy, "not_judged"),
        );
        check(json!({"selector": app()}), up(), &[], (Healthy, "healthy"));
        check(json!({"selector": app()}), json!([{}]), &[], (Healthy, "healthy"));
        check(json!({"selector": app()}), down(), &[Healthy], (Degraded, "no_ready_endpoints"));
        check(json!({"selector": app()}), json!([]), &[], (Degraded, "no_ready_endpoints"));
        check(
            json!({"selector": app()}),
            json!([]),
            &[Suspended],
            (Suspended, "workloads_suspended"),
        );
        check(
            json!({"selector": app(), "type": "LoadBalancer"}),
            up(),
            &[],
            (Progressing, "waits_for_address"),
        );
        let publishes = json!({"selector": app(), "publishNotReadyAddresses": true});
        let serving = |serving: bool| json!([{"conditions": {"ready": true, "serving": serving}}]);
        check(publishes.clone(), serving(false), &[], (Degraded, "no_ready_endpoints"));
        check(publishes, serving(true), &[], (Healthy, "healthy"));
        let read: Service = object(json!({"spec": {"selector": app()}}));
        assert_eq!(service(&read, None, &[]).verdict, Verdict::Unknown);
    }

    #[test]
    fn autoscalers_budgets_and_claims() {
        let scaler = |kind: &str, status: &str, reason: &str, expect: Verdict| {
            let read: HorizontalPodAutoscaler = object(json!({"status": {"conditions":
                [{"type": kind, "status": status, "reason": reason}]}}));
            assert_eq!(autoscaler(&read).verdict, expect, "{kind} {reason}");
        };
        scaler("AbleToScale", "False", "FailedGetScale", Verdict::Degraded);
        scaler("AbleToScale", "False", "FailedUpdateScale", Verdict::Degraded);
        for reason in &BROKEN[2..] {
            scaler("ScalingActive", "False", reason, Verdict::Degraded);
        }
        scaler("ScalingActive", "False", "ScalingDisabled", Verdict::Suspended);
        scaler("AbleToScale", "True", "ReadyForNewScale", Verdict::Healthy);
        scaler("ScalingLimited", "True", "TooFewReplicas", Verdict::Healthy);
        scaler("AbleToScale", "False", "BackoffBoth", Verdict::Progressing);
        let pdb = |status: &str, reason: &str, expect: Verdict| {
            let read: PodDisruptionBudget = object(json!({"status": {"conditions":
                [{"type": "DisruptionAllowed", "status": status, "reason": reason}]}}));
            assert_eq!(budget(&read).verdict, expect, "{reason}");
        };
        pdb("False", "SyncFailed", Verdict::Degraded);
        pdb("False", "InsufficientPods", Verdict::Healthy);
        pdb("True", "SufficientPods", Verdict::Healthy);
        let pvc = |phase: &str, first: bool, used: bool, expect: (Verdict, &str)| {
            let read: PersistentVolumeClaim = object(json!({"status": {"phase": phase}}));
            let health = claim(&read, ClaimUse { binds_on_first_consumer: first, used });
            assert_eq!((health.verdict, &*health.reason), expect, "{phase}");
        };
        pvc("Bound", false, true, (Verdict::Healthy, "bound"));
        pvc("Lost", false, true, (Verdict::Degraded, "lost"));
        pvc("Pending", false, true, (Verdict::Progressing, "pending"));
        pvc("Pending", true, false, (Verdict::Healthy, "waits_for_consumer"));
        pvc("Pending", true, true, (Verdict::Progressing, "pending"));
        pvc("", false, false, (Verdict::Unknown, "phase_unknown"));
    }
}
