//! What the pods of each node ask for, kept up to date so that placing a pod counts nothing anew.

use serde_json::Value;
use std::collections::BTreeMap;

/// Sums of requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Load {
    pub pods: i64,
    /// In thousandths of a core.
    pub cpu: i64,
    /// In bytes.
    pub memory: i64,
}

#[derive(Debug, Default)]
pub(crate) struct NodeLoads(BTreeMap<String, Load>);

impl NodeLoads {
    pub(crate) fn of(&self, node: &str) -> Load {
        self.0.get(node).copied().unwrap_or_default()
    }

    pub(crate) fn changed(&mut self, before: Option<&Value>, after: Option<&Value>) {
        if let Some((node, load)) = before.and_then(placed) {
            let sum = self.0.entry(node).or_default();
            sum.pods -= 1;
            sum.cpu -= load.cpu;
            sum.memory -= load.memory;
        }
        if let Some((node, load)) = after.and_then(placed) {
            let sum = self.0.entry(node).or_default();
            sum.pods += 1;
            sum.cpu += load.cpu;
            sum.memory += load.memory;
        }
    }
}

fn placed(pod: &Value) -> Option<(String, Load)> {
    let node = pod["spec"]["nodeName"].as_str()?;
    let ended = matches!(pod["status"]["phase"].as_str(), Some("Succeeded" | "Failed"));
    (!ended).then(|| (node.to_owned(), requests(&pod["spec"])))
}

/// What a pod asks for; limits stand in where requests are absent.
pub(crate) fn requests(spec: &Value) -> Load {
    let mut load = Load { pods: 1, ..Load::default() };
    for container in spec["containers"].as_array().into_iter().flatten() {
        let resources = &container["resources"];
        let asked = |name: &str| {
            let found = resources["requests"].get(name).or_else(|| resources["limits"].get(name));
            found.map_or(0, milli)
        };
        load.cpu += asked("cpu");
        load.memory += asked("memory") / 1000;
    }
    load
}

/// A quantity of Kubernetes in thousandths: `100m` is 100, `1` is 1000, `1Ki` is 1024000.
pub(crate) fn milli(quantity: &Value) -> i64 {
    const UNITS: &[(&str, f64)] = &[
        ("Ki", 1024.0),
        ("Mi", 1_048_576.0),
        ("Gi", 1_073_741_824.0),
        ("Ti", 1_099_511_627_776.0),
        ("m", 0.001),
        ("k", 1e3),
        ("M", 1e6),
        ("G", 1e9),
        ("T", 1e12),
    ];
    let text = match quantity {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let unit = UNITS.iter().find(|(unit, _)| text.ends_with(unit)).unwrap_or(&("", 1.0));
    let number: f64 = text.trim_end_matches(unit.0).parse().unwrap_or(0.0);
    #[expect(clippy::cast_possible_truncation, reason = "quantities of pods are far below 2^53")]
    let milli = (number * unit.1 * 1000.0).round() as i64;
    milli
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn quantities_are_read() {
        let check = |text: Value, expect: i64| assert_eq!(milli(&text), expect, "{text}");
        check(json!("100m"), 100);
        check(json!("1"), 1000);
        check(json!(2), 2000);
        check(json!("0.5"), 500);
        check(json!("1Ki"), 1_024_000);
        check(json!("64Mi"), 67_108_864_000);
        check(json!("1G"), 1_000_000_000_000);
    }
}
