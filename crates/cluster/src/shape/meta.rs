//! What every object has: names, labels, owners, conditions.

use super::lenient::{Loose, cut, part};
use super::{Moment, Strings};
use serde::Deserialize;
use serde::de::{IgnoredAny, MapAccess};
use std::sync::Arc;

/// Longest value of an annotation that is kept, in characters: what a run of a pipeline tells of
/// itself takes about a thousand.
const MAX_ANNOTATION: usize = 4096;
/// Most labels or annotations that are kept of one object.
const MAX_PAIRS: usize = 256;
/// Holds a whole manifest, values of the environment included, and is never kept.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Keys with their values, in order of the keys.
type Pairs = Box<[(Arc<str>, Arc<str>)]>;

/// Labels, in order of their keys.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Labels(pub Box<[(Arc<str>, Arc<str>)]>);

impl Labels {
    /// The value of a label.
    pub fn get(&self, key: &str) -> Option<&str> {
        let at = self.0.binary_search_by(|(known, _)| (**known).cmp(key)).ok()?;
        Some(&self.0[at].1)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether all labels of a selector are among these. An empty selector matches nothing here:
    /// where it means everything, the caller says so.
    pub fn contain(&self, selector: &Self) -> bool {
        !selector.is_empty()
            && selector.0.iter().all(|(key, value)| self.get(key) == Some(&**value))
    }
}

impl Loose for Labels {
    fn map<'de, A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        pairs(map, super::lenient::MAX_TEXT).map(Self)
    }
}

impl Loose for Arc<Labels> {
    fn map<'de, A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        Labels::map(map).map(Self::new)
    }
}

/// Annotations that are kept, in order of their keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Annotations(Pairs);

impl Annotations {
    /// The value of an annotation.
    pub fn get(&self, key: &str) -> Option<&str> {
        let at = self.0.binary_search_by(|(known, _)| (**known).cmp(key)).ok()?;
        Some(&self.0[at].1)
    }

    /// Keys and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (&**key, &**value))
    }
}

impl Loose for Annotations {
    fn map<'de, A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        pairs(map, MAX_ANNOTATION).map(Self)
    }
}

fn pairs<'de, A: MapAccess<'de>>(mut map: A, most: usize) -> Result<Pairs, A::Error> {
    let mut pairs: Vec<(Arc<str>, Arc<str>)> = Vec::new();
    while let Some(key) = map.next_key::<std::borrow::Cow<'de, str>>()? {
        if key == LAST_APPLIED || pairs.len() == MAX_PAIRS {
            map.next_value::<IgnoredAny>()?;
            continue;
        }
        let value: super::lenient::Any = map.next_value_seed(super::lenient::Seed::new())?;
        if let Some(value) = value.0.as_str() {
            pairs.push((super::lenient::clean(&key).into(), cut(value, most).into()));
        }
    }
    pairs.sort_unstable();
    pairs.dedup_by(|later, earlier| later.0 == earlier.0);
    Ok(pairs.into())
}

part! {
    /// Who owns an object.
    Owner {
        /// The owner's kind.
        kind: Arc<str>,
        /// Its name.
        name: Arc<str>,
        /// Its uid.
        uid: Arc<str>,
        /// Whether it is the one that controls the object.
        controller: bool,
    }
}

/// What every object has.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Meta {
    /// Name.
    pub name: Box<str>,
    /// Namespace; empty where the kind has none.
    pub namespace: Arc<str>,
    /// Uid.
    pub uid: Box<str>,
    /// Version of the object, to be compared for equality only.
    pub resource_version: Box<str>,
    /// Raised with every change of the specification.
    pub generation: Option<i64>,
    /// When it was made.
    pub created: Option<Moment>,
    /// When it is to be gone, where it is being deleted; contains the grace period.
    pub deleted: Option<Moment>,
    /// What keeps it from going.
    pub finalizers: Box<[Arc<str>]>,
    /// Labels.
    pub labels: Arc<Labels>,
    /// Annotations that the kind keeps.
    pub annotations: Annotations,
    /// Owners.
    pub owners: Box<[Owner]>,
}

impl Meta {
    /// The owner that controls it.
    pub fn controller(&self) -> Option<&Owner> {
        self.owners.iter().find(|owner| owner.controller)
    }

    /// Whether it is controlled by the object with this uid.
    pub fn is_of(&self, uid: &str) -> bool {
        self.controller().is_some_and(|owner| &*owner.uid == uid)
    }

    pub(super) fn keep_annotations(&mut self, keeps: impl Fn(&str) -> bool) {
        let all = std::mem::take(&mut self.annotations).0.into_vec();
        self.annotations = Annotations(all.into_iter().filter(|(key, _)| keeps(key)).collect());
    }

    pub(super) fn share(&mut self, strings: &mut Strings) {
        strings.share(&mut self.namespace);
        strings.share_labels(&mut self.labels);
        for finalizer in &mut self.finalizers {
            strings.share(finalizer);
        }
        for owner in &mut self.owners {
            strings.share(&mut owner.kind);
            strings.share(&mut owner.name);
            strings.share(&mut owner.uid);
        }
    }
}

/// `metadata` as it is read.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase", bound = "M: Loose")]
pub(super) struct Wire<M> {
    #[serde(deserialize_with = "super::lenient::loose")]
    name: Box<str>,
    #[serde(deserialize_with = "super::lenient::loose")]
    namespace: Arc<str>,
    #[serde(deserialize_with = "super::lenient::loose")]
    uid: Box<str>,
    #[serde(deserialize_with = "super::lenient::loose")]
    resource_version: Box<str>,
    #[serde(deserialize_with = "super::lenient::loose")]
    generation: Option<i64>,
    #[serde(deserialize_with = "super::lenient::loose")]
    creation_timestamp: Option<Moment>,
    #[serde(deserialize_with = "super::lenient::loose")]
    deletion_timestamp: Option<Moment>,
    #[serde(deserialize_with = "super::lenient::loose")]
    finalizers: Box<[Arc<str>]>,
    #[serde(deserialize_with = "super::lenient::loose")]
    labels: Arc<Labels>,
    #[serde(deserialize_with = "super::lenient::loose")]
    annotations: Annotations,
    #[serde(deserialize_with = "super::lenient::loose")]
    owner_references: Box<[Owner]>,
    #[serde(deserialize_with = "super::lenient::loose")]
    managed_fields: M,
}

impl<M: Loose> Loose for Wire<M> {
    fn map<'de, A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        Self::deserialize(serde::de::value::MapAccessDeserializer::new(map))
    }
}

impl<M> Wire<M> {
    pub(super) fn into_meta(self) -> (Meta, M) {
        let meta = Meta {
            name: self.name,
            namespace: self.namespace,
            uid: self.uid,
            resource_version: self.resource_version,
            generation: self.generation,
            created: self.creation_timestamp,
            deleted: self.deletion_timestamp,
            finalizers: self.finalizers,
            labels: self.labels,
            annotations: self.annotations,
            owners: self.owner_references,
        };
        (meta, self.managed_fields)
    }
}

/// The status of a condition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Truth {
    /// It holds.
    True,
    /// It does not.
    False,
    /// Nobody can tell, or the word is none of the three.
    #[default]
    Unknown,
}

impl Truth {
    /// The word as the cluster writes it.
    pub fn word(self) -> &'static str {
        match self {
            Self::True => "True",
            Self::False => "False",
            Self::Unknown => "Unknown",
        }
    }
}

impl Loose for Truth {
    fn text(text: &str) -> Self {
        match text {
            "True" => Self::True,
            "False" => Self::False,
            _ => Self::Unknown,
        }
    }
}

part! {
    /// One condition of an object.
    Condition {
        /// Its type.
        #[serde(rename = "type")]
        kind: Arc<str>,
        /// Whether it holds.
        status: Truth,
        /// Why, in one word.
        reason: Option<Arc<str>>,
        /// Why, in a sentence.
        message: Option<Box<str>>,
        /// When its status last changed.
        last_transition_time: Option<Moment>,
        /// When it was last written.
        last_update_time: Option<Moment>,
    }
}

impl Condition {
    /// The reason, or nothing.
    pub fn reason(&self) -> &str {
        self.reason.as_deref().unwrap_or_default()
    }

    /// The message, or nothing.
    pub fn message(&self) -> &str {
        self.message.as_deref().unwrap_or_default()
    }

    pub(super) fn share(&mut self, strings: &mut Strings) {
        strings.share(&mut self.kind);
        if let Some(reason) = &mut self.reason {
            strings.share(reason);
        }
    }
}

/// The condition of a type.
pub fn condition<'a>(conditions: &'a [Condition], kind: &str) -> Option<&'a Condition> {
    conditions.iter().find(|condition| &*condition.kind == kind)
}

part! {
    /// A selector over labels.
    Selector {
        /// Labels with their values.
        match_labels: Labels,
        /// Further demands.
        match_expressions: Box<[Demand]>,
    }
    /// One demand on a label.
    Demand {
        /// The label.
        key: Box<str>,
        /// `In`, `NotIn`, `Exists` or `DoesNotExist`.
        operator: Box<str>,
        /// Values of the first two.
        values: Box<[Box<str>]>,
    }
}

impl Selector {
    /// Whether it asks for nothing.
    pub fn is_empty(&self) -> bool {
        self.match_labels.is_empty() && self.match_expressions.is_empty()
    }

    /// Whether the labels satisfy it; an empty selector is satisfied by all.
    pub fn matches(&self, labels: &Labels) -> bool {
        let plain = self.match_labels.is_empty() || labels.contain(&self.match_labels);
        plain
            && self.match_expressions.iter().all(|demand| {
                let value = labels.get(&demand.key);
                let among = value.is_some_and(|value| demand.values.iter().any(|v| **v == *value));
                match &*demand.operator {
                    "In" => among,
                    "NotIn" => !among,
                    "Exists" => value.is_some(),
                    "DoesNotExist" => value.is_none(),
                    _ => false,
                }
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::tests::object;
    use crate::shape::workload::Deployment;
    use serde_json::json;

    #[test]
    fn selectors_match_as_the_cluster_matches() {
        let labels =
            |json: serde_json::Value| -> Labels { super::super::lenient::loose(json).unwrap() };
        let check = |selector: serde_json::Value, expect: bool| {
            let read: Selector = serde_json::from_value(selector.clone()).unwrap();
            let mine = labels(json!({"app": "cart", "tier": "web"}));
            assert_eq!(read.matches(&mine), expect, "{selector}");
        };
        let demand = |key: &str, operator: &str, values: &[&str]| json!({"matchExpressions": [{"key": key, "operator": operator, "values": values}]});
        check(json!({}), true);
        check(json!({"matchLabels": {"app": "cart"}}), true);
        check(json!({"matchLabels": {"app": "cart", "x": "y"}}), false);
        check(demand("app", "In", &["cart", "shop"]), true);
        check(demand("app", "In", &["shop"]), false);
        check(demand("app", "NotIn", &["shop"]), true);
        check(demand("none", "NotIn", &["shop"]), true);
        check(demand("tier", "Exists", &[]), true);
        check(demand("tier", "DoesNotExist", &[]), false);
        check(demand("tier", "Sounds", &[]), false);
    }

    #[test]
    fn whole_manifests_in_annotations_are_never_kept() {
        let deployment: Deployment = object(json!({"metadata": {"name": "a", "annotations": {
            LAST_APPLIED: "{\"env\": \"secret\"}",
            "deployment.kubernetes.io/revision": "4",
            "kubernetes.io/change-cause": "a\u{202e}b",
            "long": "x".repeat(9_000),
        }}}));
        assert_eq!(deployment.meta.annotations.get(LAST_APPLIED), None);
        assert_eq!(deployment.meta.annotations.get("deployment.kubernetes.io/revision"), Some("4"));
        assert_eq!(
            deployment.meta.annotations.get("kubernetes.io/change-cause"),
            Some("a\u{fffd}b")
        );
        let long = deployment.meta.annotations.get("long").map(|text| text.chars().count());
        assert_eq!(long, Some(MAX_ANNOTATION + 1), "bounded");
    }
}
