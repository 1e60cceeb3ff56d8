//! Label and field selectors, as they stand in requests and in objects.

use crate::failure::Failure;
use serde_json::Value;

/// One requirement; a selector is all of them together.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Requirement {
    In(String, Vec<String>),
    /// True for objects without the key as well, as Kubernetes defines it.
    NotIn(String, Vec<String>),
    Exists(String),
    Absent(String),
}

/// What `labelSelector=` says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LabelSelector(Vec<Requirement>);

impl LabelSelector {
    /// Reads `a=b,c!=d,e in (f,g),h notin (i),j,!k`.
    pub(crate) fn parse(text: &str) -> Result<Self, Failure> {
        let terms = split_outside_brackets(text);
        let terms = terms.iter().map(|term| term.trim()).filter(|term| !term.is_empty());
        terms.map(requirement).collect::<Result<_, _>>().map(Self)
    }

    /// The `selector` of a workload: `matchLabels` and `matchExpressions`.
    pub(crate) fn of_object(selector: &Value) -> Self {
        let labels = selector["matchLabels"].as_object().into_iter().flatten();
        let mut all: Vec<Requirement> = labels
            .map(|(key, value)| {
                let value = value.as_str().unwrap_or_default().to_owned();
                Requirement::In(key.clone(), vec![value])
            })
            .collect();
        for expression in selector["matchExpressions"].as_array().into_iter().flatten() {
            let key = expression["key"].as_str().unwrap_or_default().to_owned();
            let values = expression["values"].as_array().into_iter().flatten();
            let values = values.filter_map(Value::as_str).map(str::to_owned).collect();
            match expression["operator"].as_str() {
                Some("In") => all.push(Requirement::In(key, values)),
                Some("NotIn") => all.push(Requirement::NotIn(key, values)),
                Some("Exists") => all.push(Requirement::Exists(key)),
                Some("DoesNotExist") => all.push(Requirement::Absent(key)),
                _ => {}
            }
        }
        Self(all)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether an object's labels fulfil it.
    pub(crate) fn matches(&self, labels: &Value) -> bool {
        self.0.iter().all(|requirement| match requirement {
            Requirement::In(key, values) => {
                labels[key].as_str().is_some_and(|value| values.iter().any(|one| one == value))
            }
            Requirement::NotIn(key, values) => {
                labels[key].as_str().is_none_or(|value| values.iter().all(|one| one != value))
            }
            Requirement::Exists(key) => labels.get(key).is_some(),
            Requirement::Absent(key) => labels.get(key).is_none(),
        })
    }
}

fn split_outside_brackets(text: &str) -> Vec<&str> {
    let (mut depth, mut start, mut terms) = (0_i32, 0, Vec::new());
    for (at, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                terms.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    terms.push(&text[start..]);
    terms
}

fn requirement(term: &str) -> Result<Requirement, Failure> {
    let unreadable = || Failure::bad_request(format!("unable to parse requirement: {term:?}"));
    let key = |text: &str| {
        let text = text.trim();
        let plain = !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || c == '(');
        plain.then(|| text.to_owned()).ok_or_else(unreadable)
    };
    if let Some(open) = term.find('(') {
        let values = term[open..].trim().trim_start_matches('(');
        let values = values.strip_suffix(')').ok_or_else(unreadable)?;
        let values = values.split(',').map(|value| value.trim().to_owned()).collect();
        let mut words = term[..open].split_whitespace();
        let name = words.next().ok_or_else(unreadable)?.to_owned();
        return match (words.next(), words.next()) {
            (Some("in"), None) => Ok(Requirement::In(name, values)),
            (Some("notin"), None) => Ok(Requirement::NotIn(name, values)),
            _ => Err(unreadable()),
        };
    }
    if let Some((name, value)) = term.split_once("!=") {
        return Ok(Requirement::NotIn(key(name)?, vec![value.trim().to_owned()]));
    }
    if let Some((name, value)) = term.split_once("==").or_else(|| term.split_once('=')) {
        return Ok(Requirement::In(key(name)?, vec![value.trim().to_owned()]));
    }
    match term.strip_prefix('!') {
        Some(name) => key(name).map(Requirement::Absent),
        None => key(term).map(Requirement::Exists),
    }
}

/// What `fieldSelector=` says: paths with the values they must, or must not, have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FieldSelector(Vec<(String, String, Wanted)>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    Equal,
    Different,
}

/// Which fields a server can select by, besides name and namespace. Others are refused, as there.
const FIELDS: &[(&str, &[&str])] = &[
    (
        "pods",
        &[
            "spec.nodeName",
            "spec.restartPolicy",
            "spec.schedulerName",
            "spec.serviceAccountName",
            "status.phase",
            "status.podIP",
        ],
    ),
    (
        "events",
        &[
            "involvedObject.kind",
            "involvedObject.namespace",
            "involvedObject.name",
            "involvedObject.uid",
            "involvedObject.apiVersion",
            "involvedObject.fieldPath",
            "reason",
            "reportingComponent",
            "source",
            "type",
        ],
    ),
    ("nodes", &["spec.unschedulable"]),
    ("namespaces", &["status.phase"]),
    ("secrets", &["type"]),
    ("replicasets", &["status.replicas"]),
    ("jobs", &["status.successful"]),
];

impl FieldSelector {
    pub(crate) fn parse(text: &str, plural: &str) -> Result<Self, Failure> {
        let terms = text.split(',').map(str::trim).filter(|term| !term.is_empty());
        let parsed = terms.map(|term| {
            let (path, value, wanted) = if let Some((path, value)) = term.split_once("!=") {
                (path, value, Wanted::Different)
            } else if let Some((path, value)) =
                term.split_once("==").or_else(|| term.split_once('='))
            {
                (path, value, Wanted::Equal)
            } else {
                return Err(Failure::bad_request(format!("invalid selector: {term:?}")));
            };
            let known = matches!(path, "metadata.name" | "metadata.namespace")
                || FIELDS.iter().any(|(kind, paths)| *kind == plural && paths.contains(&path));
            if !known {
                let message = format!("field label not supported: {path}");
                return Err(Failure::bad_request(message));
            }
            Ok((path.to_owned(), value.to_owned(), wanted))
        });
        parsed.collect::<Result<_, _>>().map(Self)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn matches(&self, object: &Value) -> bool {
        self.0.iter().all(|(path, value, wanted)| {
            let found = path.split('.').fold(object, |at, part| &at[part]);
            let text = match found {
                Value::String(text) => text.clone(),
                // Absent counters and flags read as their zero value.
                Value::Null if path.ends_with("unschedulable") => "false".to_owned(),
                Value::Null => String::new(),
                other => other.to_string(),
            };
            (text == *value) == (*wanted == Wanted::Equal)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn label_selectors_select_as_kubernetes_defines_them() {
        let check = |selector: &str, labels: Value, expect: bool| {
            let parsed = LabelSelector::parse(selector).unwrap();
            assert_eq!(parsed.matches(&labels), expect, "{selector} on {labels}");
        };
        check("", json!({}), true);
        check("app=shop", json!({"app": "shop"}), true);
        check("app==shop", json!({"app": "till"}), false);
        check("app=shop,tier=web", json!({"app": "shop"}), false);
        check("app!=shop", json!({"app": "till"}), true);
        check("app!=shop", json!({}), true);
        check("app in (shop, till)", json!({"app": "till"}), true);
        check("app in (shop,till),tier", json!({"app": "till"}), false);
        check("app notin (shop)", json!({"app": "shop"}), false);
        check("app notin (shop)", json!({}), true);
        check("tier", json!({"tier": ""}), true);
        check("!tier", json!({"tier": "web"}), false);
        check("!tier", json!({}), true);
        check("app=", json!({"app": ""}), true);
    }

    #[test]
    fn selectors_that_say_nothing_readable_are_refused() {
        for text in ["app in shop", "app in (shop", "app near (shop)", "a b", "=x"] {
            let found = LabelSelector::parse(text);
            assert!(found.is_err(), "{text}: {found:?}");
        }
    }

    #[test]
    fn field_selectors_know_the_fields_of_the_server() {
        let pod = json!({"metadata": {"name": "a"}, "spec": {"nodeName": "n1"}, "status": {}});
        let check = |selector: &str, expect: Option<bool>| {
            let found = FieldSelector::parse(selector, "pods").ok().map(|one| one.matches(&pod));
            assert_eq!(found, expect, "{selector}");
        };
        check("metadata.name=a", Some(true));
        check("spec.nodeName!=n1", Some(false));
        check("status.phase=Running", Some(false));
        check("status.phase=", Some(true));
        check("spec.hostNetwork=true", None);
    }
}
