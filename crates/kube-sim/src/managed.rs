//! `metadata.managedFields`: who last set which field, kept as the API server keeps it.
//!
//! Absent: versions. Every kind is served in one version, so no set is ever converted.

use crate::failure::Failure;
use crate::fields::FieldSet;
use crate::time;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

/// At most so many entries of operation Update; the oldest are then folded into one.
const MOST_UPDATES: usize = 10;
const ANCIENT: &str = "ancient-changes";

/// How a manager writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Create, update and patch: the manager owns what it changed.
    Update,
    /// Server-side apply: the manager owns all that it names, and conflicts are refused.
    Apply,
    /// Server-side apply that takes the fields of others.
    ForcedApply,
}

/// Who writes, and how. The name is what stands in `managedFields`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Writer {
    /// At most 128 characters, as the server cuts it.
    pub manager: String,
    /// How the fields are booked.
    pub operation: Operation,
}

impl Writer {
    /// A manager that creates, updates or patches.
    pub fn update(manager: &str) -> Self {
        Self::new(manager, Operation::Update)
    }

    /// A manager that applies on the server, taking the fields of others.
    pub fn apply(manager: &str) -> Self {
        Self::new(manager, Operation::ForcedApply)
    }

    pub(crate) fn new(manager: &str, operation: Operation) -> Self {
        Self { manager: manager.chars().take(128).collect(), operation }
    }
}

/// The subresource a write goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Object,
    Status,
    Scale,
}

impl Part {
    fn word(self) -> &'static str {
        match self {
            Self::Object => "",
            Self::Status => "status",
            Self::Scale => "scale",
        }
    }
}

struct Entry {
    manager: String,
    applied: bool,
    subresource: String,
    api_version: String,
    time: String,
    fields: FieldSet,
}

impl Entry {
    fn read(value: &Value) -> Self {
        let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
        Self {
            manager: text("manager"),
            applied: value["operation"] == "Apply",
            subresource: text("subresource"),
            api_version: text("apiVersion"),
            time: text("time"),
            fields: FieldSet::read(&value["fieldsV1"]),
        }
    }

    fn write(&self) -> Value {
        let mut value = json!({
            "manager": self.manager,
            "operation": if self.applied { "Apply" } else { "Update" },
            "apiVersion": self.api_version,
            "time": self.time,
            "fieldsType": "FieldsV1",
            "fieldsV1": self.fields.write(),
        });
        if !self.subresource.is_empty() {
            value["subresource"] = Value::from(self.subresource.clone());
        }
        value
    }
}

fn entries(object: &Value) -> Vec<Entry> {
    object["metadata"]["managedFields"].as_array().into_iter().flatten().map(Entry::read).collect()
}

fn put(object: &mut Value, mut entries: Vec<Entry>) {
    entries.retain(|entry| !entry.fields.is_empty());
    cap(&mut entries);
    // Applied ones first, then by time, as the server sorts them.
    entries.sort_by(|a, b| {
        b.applied
            .cmp(&a.applied)
            .then_with(|| a.time.cmp(&b.time))
            .then_with(|| a.manager.cmp(&b.manager))
            .then_with(|| a.subresource.cmp(&b.subresource))
    });
    let written = entries.iter().map(Entry::write).collect();
    if let Some(metadata) = object["metadata"].as_object_mut() {
        metadata.insert("managedFields".to_owned(), Value::Array(written));
    }
}

fn cap(entries: &mut Vec<Entry>) {
    let updates = entries.iter().filter(|entry| !entry.applied && entry.subresource.is_empty());
    let count = updates.count();
    if count <= MOST_UPDATES {
        return;
    }
    let (mut updates, rest): (Vec<Entry>, Vec<Entry>) = std::mem::take(entries)
        .into_iter()
        .partition(|entry| !entry.applied && entry.subresource.is_empty());
    updates.sort_by(|a, b| a.time.cmp(&b.time).then_with(|| a.manager.cmp(&b.manager)));
    // One more than the surplus, as the folded ones become an entry of their own.
    let recent = updates.split_off(count - MOST_UPDATES + 1);
    let mut folded = updates.into_iter();
    if let Some(mut ancient) = folded.next() {
        for entry in folded {
            ancient.fields.union(&entry.fields);
            ancient.time = ancient.time.max(entry.time);
        }
        ANCIENT.clone_into(&mut ancient.manager);
        entries.push(ancient);
    }
    entries.extend(recent);
    entries.extend(rest);
}

/// Books an update: `after` is what will be stored, `before` what is stored now (`Null` for a new
/// object). The bookkeeping of `after` is replaced.
pub(crate) fn book_update(
    before: &Value,
    after: &mut Value,
    manager: &str,
    part: Part,
    now: DateTime<Utc>,
) {
    let (mut changed, mut gone) = FieldSet::compare(before, after);
    match part {
        Part::Object => {}
        Part::Status => {
            changed = changed.only(&["status", "metadata"]);
            gone = gone.only(&["status", "metadata"]);
        }
        Part::Scale => {
            changed = changed.only(&["spec"]);
            gone = gone.only(&["spec"]);
        }
    }
    let mut all = entries(before);
    let mut own_lost = false;
    for entry in &mut all {
        let own = entry.manager == manager && !entry.applied && entry.subresource == part.word();
        let lost = entry.fields.intersection(&gone);
        own_lost |= own && !lost.is_empty();
        entry.fields.subtract(&gone);
        if !own {
            entry.fields.subtract(&changed);
        }
    }
    if !changed.is_empty() || own_lost {
        let time = time::text(now);
        let own = all.iter_mut().find(|entry| {
            entry.manager == manager && !entry.applied && entry.subresource == part.word()
        });
        if let Some(own) = own {
            own.fields.union(&changed);
            own.time = time;
        } else {
            all.push(Entry {
                manager: manager.to_owned(),
                applied: false,
                subresource: part.word().to_owned(),
                api_version: after["apiVersion"].as_str().unwrap_or_default().to_owned(),
                time,
                fields: changed,
            });
        }
    }
    put(after, all);
}

/// Books a server-side apply of `wanted`, which has been merged into `merged`: checks conflicts,
/// takes out what the manager no longer names, and writes the entries.
pub(crate) fn book_apply(
    before: &Value,
    wanted: &Value,
    merged: &mut Value,
    writer: &Writer,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    let named = FieldSet::of(wanted).without_status();
    let (changed, _) = FieldSet::compare(before, merged);
    let mut all = entries(before);
    let is_own = |entry: &Entry| {
        entry.manager == writer.manager && entry.applied && entry.subresource.is_empty()
    };
    let mut conflicts = Vec::new();
    for entry in all.iter().filter(|entry| !is_own(entry)) {
        let taken = entry.fields.intersection(&named).intersection(&changed);
        conflicts.extend(taken.paths().into_iter().map(|path| (entry.manager.clone(), path)));
    }
    if !conflicts.is_empty() && writer.operation != Operation::ForcedApply {
        return Err(Failure::owned_by_others(&conflicts));
    }
    let own = all.iter().position(is_own);
    if let Some(own) = own {
        // What it once named, no longer names, and nobody else holds, goes.
        let mut dropped = all[own].fields.clone();
        dropped.subtract(&named);
        for entry in all.iter().filter(|entry| !is_own(entry)) {
            dropped.subtract(&entry.fields);
        }
        dropped.remove_from(merged);
    }
    for entry in all.iter_mut().filter(|entry| !is_own(entry)) {
        let taken = entry.fields.intersection(&named).intersection(&changed);
        entry.fields.subtract(&taken);
    }
    let time = time::text(now);
    match own {
        Some(own) if all[own].fields == named && changed.is_empty() => {}
        Some(own) => {
            all[own].fields = named;
            all[own].time = time;
        }
        None => all.push(Entry {
            manager: writer.manager.clone(),
            applied: true,
            subresource: String::new(),
            api_version: wanted["apiVersion"].as_str().unwrap_or_default().to_owned(),
            time,
            fields: named,
        }),
    }
    put(merged, all);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: u32) -> DateTime<Utc> {
        time::read(&format!("2026-03-02T10:00:{second:02}Z")).unwrap()
    }

    fn deployment(image: &str) -> Value {
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a"},
            "spec": {"template": {"spec": {"containers": [{"name": "app", "image": image}]}}}})
    }

    /// `manager operation second`, for each owner of the image.
    fn owners(object: &Value) -> Vec<String> {
        let path = FieldSet::of(&json!({"spec": {"template": {"spec": {"containers":
            [{"name": "app", "image": ""}]}}}}));
        let image = FieldSet::read(&json!({"f:spec": {"f:template": {"f:spec": {"f:containers":
            {"k:{\"name\":\"app\"}": {"f:image": {}}}}}}}));
        assert!(!path.intersection(&image).is_empty(), "the path is one of the object");
        let owns = |entry: &&Entry| !entry.fields.intersection(&image).is_empty();
        let word = |entry: Entry| {
            let operation = if entry.applied { "Apply" } else { "Update" };
            format!("{} {operation} {}", entry.manager, &entry.time[17..19])
        };
        entries(object).into_iter().filter(|entry| owns(&entry)).map(word).collect()
    }

    fn updated(before: &Value, image: &str, manager: &str, second: u32) -> Value {
        let mut after = deployment(image);
        book_update(before, &mut after, manager, Part::Object, at(second));
        after
    }

    #[test]
    fn an_update_takes_the_fields_it_changes() {
        let made = updated(&Value::Null, "a:1", "helm", 0);
        assert_eq!(owners(&made), ["helm Update 00"]);
        let edited = updated(&made, "a:2", "kubectl-edit", 5);
        assert_eq!(owners(&edited), ["kubectl-edit Update 05"]);
        let same = updated(&edited, "a:2", "helm", 9);
        assert_eq!(owners(&same), ["kubectl-edit Update 05"], "an equal value changes no owner");
        assert_eq!(entries(&same).len(), 2, "helm still owns the rest");
    }

    #[test]
    fn an_apply_conflicts_with_owners_of_other_values_only() {
        let made = updated(&Value::Null, "a:1", "helm", 0);
        let apply = |image: &str, operation| {
            let mut merged = deployment(image);
            let writer = Writer::new("kubectl", operation);
            book_apply(&made, &deployment(image), &mut merged, &writer, at(3)).map(|()| merged)
        };
        let refused = apply("a:2", Operation::Apply).unwrap_err();
        assert_eq!(refused.code, 409, "{refused}");
        assert!(refused.message.contains("containers[name=\"app\"].image"), "{refused}");
        let shared = apply("a:1", Operation::Apply).unwrap();
        assert_eq!(owners(&shared), ["kubectl Apply 03", "helm Update 00"], "equal: both own it");
        let forced = apply("a:2", Operation::ForcedApply).unwrap();
        assert_eq!(owners(&forced), ["kubectl Apply 03"]);
    }

    #[test]
    fn what_is_applied_no_more_goes() {
        let mut wanted = deployment("a:1");
        wanted["metadata"]["labels"] = json!({"tier": "web"});
        let mut first = wanted.clone();
        let writer = Writer::apply("flux");
        book_apply(&Value::Null, &wanted, &mut first, &writer, at(0)).unwrap();
        let mut second = first.clone();
        book_apply(&first, &deployment("a:1"), &mut second, &writer, at(1)).unwrap();
        assert_eq!(second["metadata"].get("labels"), None, "{second}");
    }

    #[test]
    fn the_eleventh_manager_folds_the_oldest() {
        let mut object = updated(&Value::Null, "a:0", "m0", 0);
        for turn in 1..12 {
            let before = object.clone();
            object["metadata"]["labels"][format!("l{turn}")] = Value::from("x");
            book_update(&before, &mut object, &format!("m{turn}"), Part::Object, at(turn));
        }
        let names: Vec<String> = entries(&object).into_iter().map(|entry| entry.manager).collect();
        assert_eq!(names.len(), MOST_UPDATES, "{names:?}");
        assert!(names.contains(&ANCIENT.to_owned()), "{names:?}");
        assert_eq!(owners(&object).len(), 1, "the image has an owner still");
        assert!(owners(&object)[0].starts_with(ANCIENT), "{:?}", owners(&object));
    }
}
