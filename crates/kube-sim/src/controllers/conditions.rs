//! Conditions in a status, with the moments at which they changed.

use crate::time;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

pub(crate) fn find<'a>(object: &'a Value, name: &str) -> Option<&'a Value> {
    let all = object["status"]["conditions"].as_array()?;
    all.iter().find(|condition| condition["type"] == name)
}

pub(crate) fn is_true(object: &Value, name: &str) -> bool {
    find(object, name).is_some_and(|condition| condition["status"] == "True")
}

/// A condition to set.
pub(crate) struct Condition<'a> {
    pub name: &'a str,
    pub status: &'a str,
    pub reason: &'a str,
    pub message: &'a str,
    /// The field that moves with every report; empty for none.
    pub touched: &'a str,
}

impl<'a> Condition<'a> {
    pub(crate) fn new(name: &'a str, status: bool) -> Self {
        let status = if status { "True" } else { "False" };
        Self { name, status, reason: "", message: "", touched: "" }
    }

    pub(crate) fn because(self, reason: &'a str, message: &'a str) -> Self {
        Self { reason, message, ..self }
    }

    /// With `lastUpdateTime`.
    pub(crate) fn updated(self) -> Self {
        Self { touched: "lastUpdateTime", ..self }
    }
}

/// Sets a condition. The moment of transition moves only with the status, that of the update with
/// anything.
pub(crate) fn set(object: &mut Value, condition: &Condition<'_>, now: DateTime<Utc>) {
    let now = time::text(now);
    let mut made = json!({
        "type": condition.name,
        "status": condition.status,
        "lastTransitionTime": now,
    });
    if !condition.reason.is_empty() {
        made["reason"] = Value::from(condition.reason);
    }
    if !condition.message.is_empty() {
        made["message"] = Value::from(condition.message);
    }
    if !condition.touched.is_empty() {
        made[condition.touched] = Value::from(now);
    }
    if !object["status"]["conditions"].is_array() {
        object["status"]["conditions"] = Value::Array(Vec::new());
    }
    let Some(all) = object["status"]["conditions"].as_array_mut() else { return };
    let Some(own) = all.iter_mut().find(|one| one["type"] == condition.name) else {
        all.push(made);
        return;
    };
    if own["status"] == made["status"] {
        made["lastTransitionTime"] = own["lastTransitionTime"].clone();
        let same =
            own.get("reason") == made.get("reason") && own.get("message") == made.get("message");
        if same && !condition.touched.is_empty() {
            made[condition.touched] = own[condition.touched].clone();
        }
    }
    *own = made;
}

pub(crate) fn drop(object: &mut Value, name: &str) {
    if let Some(all) = object["status"]["conditions"].as_array_mut() {
        all.retain(|condition| condition["type"] != name);
    }
}

/// Moves a moment of a condition without changing its words.
pub(crate) fn touch(object: &mut Value, name: &str, field: &str, now: DateTime<Utc>) {
    let all = object["status"]["conditions"].as_array_mut().into_iter().flatten();
    for condition in all.filter(|condition| condition["type"] == name) {
        condition[field] = Value::from(time::text(now));
    }
}
