//! Nodes. Their taints are shown and not judged: most are deliberate.

use super::{Health, Impact, Verdict};
use crate::shape::meta::{Truth, condition};
use crate::shape::others::Node;

/// Conditions that mean trouble where they hold.
const TROUBLE: [&str; 4] = ["DiskPressure", "MemoryPressure", "PIDPressure", "NetworkUnavailable"];

/// Judges a node.
pub fn judge(node: &Node) -> Health {
    let conditions = &node.status.conditions;
    let Some(ready) = condition(conditions, "Ready") else {
        return Health::unknown("no_conditions").by("status.conditions[Ready]", "absent");
    };
    let field = "status.conditions[Ready].status";
    match ready.status {
        Truth::Unknown => {
            // The kubelet stopped reporting.
            return Health::new(Verdict::Degraded, "unreachable")
                .by(field, "Unknown")
                .since(ready.last_transition_time)
                .note(ready.message());
        }
        Truth::False => {
            return Health::new(Verdict::Degraded, "not_ready")
                .by(field, "False")
                .since(ready.last_transition_time)
                .note(ready.message());
        }
        Truth::True => {}
    }
    for kind in TROUBLE {
        if let Some(trouble) = condition(conditions, kind).filter(|one| one.status == Truth::True) {
            return Health::new(Verdict::Degraded, kind)
                .by(format!("status.conditions[{kind}].status"), "True")
                .since(trouble.last_transition_time)
                .impact(Impact::None)
                .note(trouble.message());
        }
    }
    if node.spec.unschedulable {
        return Health::new(Verdict::Suspended, "cordoned").by("spec.unschedulable", true);
    }
    let others: Vec<&str> = conditions
        .iter()
        .filter(|one| one.status == Truth::True && &*one.kind != "Ready")
        .map(|one| &*one.kind)
        .collect();
    Health::new(Verdict::Healthy, "healthy")
        .by(field, "True")
        .since(ready.last_transition_time)
        .impact(Impact::None)
        .note(&others.join(", "))
}

/// What kubectl prints.
pub fn line(node: &Node) -> String {
    let ready = match condition(&node.status.conditions, "Ready") {
        None => "Unknown",
        Some(ready) if ready.status == Truth::True => "Ready",
        Some(_) => "NotReady",
    };
    let cordoned = if node.spec.unschedulable { ",SchedulingDisabled" } else { "" };
    format!("{ready}{cordoned}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::tests::object;
    use serde_json::{Value, json};

    #[test]
    fn each_rule_of_nodes() {
        let check = |conditions: &[(&str, &str)], cordoned: bool, expect: (Verdict, &str, &str)| {
            let conditions: Vec<Value> = conditions
                .iter()
                .map(|(kind, status)| json!({"type": kind, "status": status}))
                .collect();
            let node: Node = object(
                json!({"spec": {"unschedulable": cordoned}, "status": {"conditions": conditions}}),
            );
            let health = judge(&node);
            assert_eq!((health.verdict, &*health.reason, &*line(&node)), expect, "{node:?}");
        };
        use Verdict::{Degraded, Healthy, Suspended, Unknown};
        check(&[], false, (Unknown, "no_conditions", "Unknown"));
        check(&[("Ready", "Unknown")], false, (Degraded, "unreachable", "NotReady"));
        check(&[("Ready", "False")], false, (Degraded, "not_ready", "NotReady"));
        for kind in TROUBLE {
            check(
                &[("Ready", "True"), (kind, "True")],
                true,
                (Degraded, kind, "Ready,SchedulingDisabled"),
            );
            check(&[("Ready", "True"), (kind, "False")], false, (Healthy, "healthy", "Ready"));
        }
        check(&[("Ready", "True")], true, (Suspended, "cordoned", "Ready,SchedulingDisabled"));
        check(
            &[("Ready", "True"), ("KernelDeadlock", "True")],
            false,
            (Healthy, "healthy", "Ready"),
        );
    }
}
