//! Words about clusters that the programme keeps: who counts as a pipeline, which workload a
//! service runs as, and what a verifier saw. What is deliberately absent: live objects and
//! anything that only says something about this laptop (*forbidden*, *not synced*).

use crate::change::{Change, Entity, Presence, path};
use crate::fact::{Fact, Happening};
use crate::{Millis, ids};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;

/// What kind of writer changed a workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WriterClass {
    /// A person, by hand.
    Manual,
    /// The team's pipeline.
    Pipeline,
    /// A controller that follows a repository.
    Gitops,
    /// A controller of the cluster.
    Controller,
    /// The name does not tell. Shown as such, never guessed.
    Ambiguous,
}

impl WriterClass {
    /// All classes, in the order lists show them.
    pub const ALL: [Self; 5] =
        [Self::Manual, Self::Ambiguous, Self::Controller, Self::Pipeline, Self::Gitops];

    /// The word, as written in the log, on the command line and in the window.
    pub fn word(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::Pipeline => "pipeline",
            Self::Gitops => "gitops",
            Self::Controller => "controller",
            Self::Ambiguous => "ambiguous",
        }
    }

    /// Reads a word, without regard to case.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.word().eq_ignore_ascii_case(word.trim()))
    }

    /// Whether it delivers without a hand.
    pub fn delivers(self) -> bool {
        matches!(self, Self::Pipeline | Self::Gitops)
    }
}

/// By what a writer is recognised; what is absent does not matter. No regular expressions: people
/// must be able to read a rule back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct WriterMatch {
    /// The name, exactly.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manager: Option<String>,
    /// How the name begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manager_prefix: Option<String>,
    /// `Apply` or `Update`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// Namespace, with `*` for anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Context as the programme's targets name it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
    /// Kind of the workload.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// An annotation that must belong to this very rollout.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub marker: Option<String>,
}

impl WriterMatch {
    /// Whether it asks for nothing, and so would match everybody.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whom it is about, as people say it.
    pub fn words(&self) -> String {
        let parts = [
            ("", &self.manager),
            ("names that begin with ", &self.manager_prefix),
            ("operation ", &self.operation),
            ("in namespace ", &self.namespace),
            ("in cluster ", &self.cluster),
            ("on kind ", &self.kind),
            ("with the marker ", &self.marker),
        ];
        let told = parts.iter().filter_map(|(words, value)| {
            value.as_ref().map(|value| format!("{words}\u{201c}{value}\u{201d}"))
        });
        told.collect::<Vec<_>>().join(", ")
    }
}

/// Whether a text fits a pattern in which `*` stands for anything.
pub fn fits(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(head) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        let Some(at) = text.find(part) else { return false };
        text = &text[at + part.len()..];
    }
    text.ends_with(last)
}

/// The team's word on a writer. It beats everything that Pilotage would say by itself. Who wrote it
/// and when stands in the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WriterRule {
    /// Rules are tried in this order, then in order of their ids.
    #[serde(default)]
    pub order: u32,
    /// Whom it is about.
    #[serde(rename = "match")]
    pub matches: WriterMatch,
    /// What he is.
    pub class: WriterClass,
    /// Why.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

impl WriterRule {
    /// The change that makes it a rule of the programme.
    pub fn set(&self, programme: Uuid, id: &str) -> Change {
        Change::field(programme, path::element(path::WRITER_RULES, id), json!(self))
    }

    /// The change that takes a rule away.
    pub fn unset(programme: Uuid, id: &str) -> Change {
        Change::field(programme, path::element(path::WRITER_RULES, id), Value::Null)
    }
}

/// The programme's rules on writers with their ids, in the order in which they are tried. A rule
/// of a later version that cannot be read, or one that would match everybody, is left out.
pub fn writer_rules(programme: &Entity) -> Vec<(String, WriterRule)> {
    let mut rules: Vec<(String, WriterRule)> = programme
        .registers
        .iter()
        .filter_map(|(register, value)| {
            let id = path::element_of(register, path::WRITER_RULES)?;
            let rule: WriterRule = serde_json::from_value(value.clone()).ok()?;
            (!rule.matches.is_empty()).then_some((id, rule))
        })
        .collect();
    rules.sort_by(|(id, rule), (other, later)| (rule.order, id).cmp(&(later.order, other)));
    rules
}

/// The names under which a service's own pipeline writes.
pub fn pipeline_managers(service: &Entity) -> BTreeSet<String> {
    elements(service, path::PIPELINE_MANAGERS, true).collect()
}

fn elements<'a>(entity: &'a Entity, set: &'a str, held: bool) -> impl Iterator<Item = String> + 'a {
    entity.registers.iter().filter_map(move |(register, value)| {
        let element = path::element_of(register, set)?;
        (*value == Value::Bool(held)).then_some(element)
    })
}

/// A workload within a target.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct WorkloadName {
    /// The target.
    pub target: Uuid,
    /// Namespace.
    pub namespace: String,
    /// Kind, such as `Deployment`.
    pub kind: String,
    /// Name.
    pub name: String,
}

impl WorkloadName {
    fn element(&self) -> String {
        format!("{}:{}:{}:{}", self.target.simple(), self.namespace, self.kind, self.name)
    }

    fn from_element(element: &str) -> Option<Self> {
        let mut parts = element.splitn(4, ':');
        Some(Self {
            target: Uuid::try_parse(parts.next()?).ok()?,
            namespace: parts.next()?.to_owned(),
            kind: parts.next()?.to_owned(),
            name: parts.next()?.to_owned(),
        })
    }

    /// A person confirms that the service runs as this workload, or rejects it, so that it is not
    /// proposed again.
    pub fn map(&self, service: Uuid, word: Mapping) -> Change {
        let value = match word {
            Mapping::Confirmed => Value::Bool(true),
            Mapping::Rejected => Value::Bool(false),
            Mapping::Open => Value::Null,
        };
        Change::field(service, path::element(path::WORKLOADS, &self.element()), value)
    }
}

/// A person's word on a proposed mapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mapping {
    /// The service runs as the workload.
    Confirmed,
    /// It does not.
    Rejected,
    /// Nobody said.
    Open,
}

/// The workloads of a service with a person's word on each.
pub fn workloads(service: &Entity) -> Vec<(WorkloadName, Mapping)> {
    let read = |held, word| {
        elements(service, path::WORKLOADS, held)
            .filter_map(move |element| Some((WorkloadName::from_element(&element)?, word)))
    };
    let mut all: Vec<_> =
        read(true, Mapping::Confirmed).chain(read(false, Mapping::Rejected)).collect();
    all.sort_unstable_by(|(name, _), (other, _)| name.cmp(other));
    all
}

/// Who wrote a field, as far as the cluster knows: a name, never an identity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Writer {
    /// What kind of writer.
    pub class: WriterClass,
    /// The name he gave.
    pub manager: String,
    /// Not later than.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Millis>,
}

/// What a verifier's finding rests on. It stands beside the finding in a register of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Evidence {
    /// The target that was looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<Uuid>,
    /// Identity of the cluster. Never part of an id: two people may know one cluster by two.
    pub cluster: String,
    /// `apps/v1`.
    pub api_version: String,
    /// Kind of the object.
    pub kind: String,
    /// Namespace of the object.
    pub namespace: String,
    /// Name of the object.
    pub name: String,
    /// Uid of the object.
    pub uid: String,
    /// Its version.
    pub resource_version: String,
    /// The generation of its specification.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generation: Option<i64>,
    /// Path of the field that decided.
    pub field: String,
    /// What it held.
    pub value: String,
    /// What the check wants.
    pub expected: String,
    /// Reason code.
    pub reason: String,
    /// Who wrote it, where that is known and matters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub writer: Option<Writer>,
    /// When it was seen, by the clock of the cluster.
    pub seen_at: Millis,
}

impl Evidence {
    /// The changes that record a finding together with what it rests on.
    pub fn record(&self, id: Uuid, finding: Fact) -> Vec<Change> {
        debug_assert!(matches!(finding.what, Happening::Finding { .. }), "evidence of a finding");
        vec![Change::Happened { id, fact: finding }, Change::field(id, path::EVIDENCE, json!(self))]
    }

    /// What a finding's entity rests on, where a verifier recorded it.
    pub fn of(finding: &Entity) -> Option<Self> {
        serde_json::from_value(finding.registers.get(path::EVIDENCE)?.clone()).ok()
    }
}

/// How the time of a rollout was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeSource {
    /// When the revision was made.
    Created,
    /// From a condition of the workload.
    Condition,
    /// From the history of a delivery controller.
    History,
    /// When it was first seen; it happened since the look before.
    Observed,
}

/// What a rollout changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RolloutKind {
    /// An image.
    Image,
    /// Something else of the template.
    Config,
    /// Nothing: pods were started anew.
    Restart,
    /// An earlier revision came back.
    Rollback,
    /// The first revision.
    First,
    /// Told by the history of a delivery controller alone: no revision of the workload is known for
    /// it any more, so nobody can tell what it changed. Never written; see [`crate::delivery`].
    Delivery,
}

impl RolloutKind {
    /// The word, as written in the log, on the command line and in the window.
    pub fn word(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Config => "config",
            Self::Restart => "restart",
            Self::Rollback => "rollback",
            Self::First => "first",
            Self::Delivery => "delivery",
        }
    }

    /// Whether it counts as a deployment: it brought a change.
    pub fn deploys(self) -> bool {
        self != Self::Restart
    }
}

/// A change of a pod template, as it was observed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rollout {
    /// The workload.
    pub workload: WorkloadName,
    /// Uid of the workload.
    pub uid: String,
    /// Number of the revision.
    pub revision: i64,
    /// What it changed.
    pub change: RolloutKind,
    /// Container and image.
    pub images: Vec<(String, String)>,
    /// Who wrote it. What happened before the first look is ambiguous, never a guess.
    pub writer: Writer,
    /// How its time was found.
    pub time: TimeSource,
    /// Where the time is that of the first look, when the look before was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unseen_since: Option<Millis>,
    /// Run or commit, where the rollout names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
}

impl Rollout {
    /// Its entity: two engineers who see the same rollout make one record.
    pub fn id(&self, workspace: Uuid) -> Uuid {
        ids::rollout(workspace, &self.uid, &self.workload.kind, self.revision)
    }
}

/// The change that records the last complete look of a device at a target, once a day. A register
/// of the target, so that freshness is shared and nothing grows.
pub fn looked(target: Uuid, device: ids::DeviceId, at: Millis) -> Change {
    Change::field(target, path::element(path::LOOKED, &device.to_hex()), at)
}

/// The change that records that a target was looked at on a day, by whomever. A day without is one in
/// which nothing would have been seen: a gap, and no zero. One register a day, the same on every
/// device.
pub fn looked_on(target: Uuid, day: NaiveDate) -> Change {
    Change::element(target, path::LOOKED_ON, &day.to_string(), Presence::In)
}

/// The days on which anybody completed a look at a target, in order.
pub fn looked_days(target: &Entity) -> Vec<NaiveDate> {
    let day = |(register, value): (&String, &Value)| {
        let day = path::element_of(register, path::LOOKED_ON)?.parse().ok()?;
        (value == &Value::Bool(true)).then_some(day)
    };
    let mut days: Vec<NaiveDate> = target.registers.iter().filter_map(day).collect();
    days.sort_unstable();
    days
}

/// When anybody last completed a look at a target, and on which device.
pub fn last_look(target: &Entity) -> Option<(ids::DeviceId, Millis)> {
    target
        .registers
        .iter()
        .filter_map(|(register, value)| {
            let device = ids::DeviceId::from_hex(&path::element_of(register, path::LOOKED)?)?;
            Some((device, value.as_i64()?))
        })
        .max_by_key(|(_, at)| *at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::{Seen, Source};

    fn entity(changes: &[Change]) -> Entity {
        let mut entity = Entity::default();
        for (write, _) in changes.iter().flat_map(Change::writes) {
            entity.id = write.entity;
            entity.registers.insert(write.path, write.value);
        }
        entity
    }

    #[test]
    fn patterns_fit() {
        let check = |pattern: &str, text: &str, expect: bool| {
            assert_eq!(fits(pattern, text), expect, "{pattern} on {text}");
        };
        check("shop", "shop", true);
        check("shop", "shop-prod", false);
        check("shop-*", "shop-prod", true);
        check("*-prod", "shop-prod", true);
        check("s*p-*d", "shop-prod", true);
        check("s*x*d", "shop-prod", false);
        check("*", "", true);
        check("a*a", "a", false);
    }

    #[test]
    fn rules_on_writers_are_read_in_their_order() {
        let rule = |order: u32, manager: &str| WriterRule {
            order,
            matches: WriterMatch { manager: Some(manager.into()), ..WriterMatch::default() },
            class: WriterClass::Pipeline,
            note: String::new(),
        };
        let programme = Uuid::from_u128(1);
        let mut read = entity(&[
            rule(2, "late").set(programme, "a"),
            rule(1, "early").set(programme, "b"),
            WriterRule { matches: WriterMatch::default(), ..rule(0, "") }.set(programme, "all"),
            WriterRule::unset(programme, "gone"),
        ]);
        let later = path::element(path::WRITER_RULES, "later");
        read.registers.insert(later, json!({"match": {"moon": 1}, "class": "pipeline"}));
        let ids: Vec<String> = writer_rules(&read).into_iter().map(|(id, _)| id).collect();
        assert_eq!(ids, ["b", "a"], "neither the one for everybody nor that of a later version");
    }

    #[test]
    fn a_mapping_reads_back_as_it_was_said() {
        let service = Uuid::from_u128(2);
        let workload = |name: &str| WorkloadName {
            target: Uuid::from_u128(7),
            namespace: "shop".into(),
            kind: "Deployment".into(),
            name: name.into(),
        };
        let said = [
            (workload("cart"), Mapping::Confirmed),
            (workload("cart:odd/100%"), Mapping::Rejected),
        ];
        let changes: Vec<Change> =
            said.iter().map(|(name, word)| name.map(service, *word)).collect();
        assert_eq!(workloads(&entity(&changes)), said);
        let open = workload("cart").map(service, Mapping::Open);
        assert_eq!(workloads(&entity(&[open])), []);
    }

    #[test]
    fn evidence_stands_beside_its_finding() {
        let (service, id) = (Uuid::from_u128(2), Uuid::from_u128(3));
        let finding = Fact {
            occurred_at: 5,
            what: Happening::Finding {
                service,
                check: "CD-31".into(),
                check_version: 1,
                result: Seen::Fail,
                source: Source::Cluster,
                observed: "cart: kubectl-edit".into(),
                link: None,
                stale_after: Some(9),
            },
        };
        let evidence = Evidence {
            field: "spec.template.spec.containers[cart].image".into(),
            writer: Some(Writer {
                class: WriterClass::Manual,
                manager: "kubectl-edit".into(),
                at: Some(4),
            }),
            ..Evidence::default()
        };
        let mut read = entity(&evidence.record(id, finding.clone()));
        assert_eq!(Evidence::of(&read), Some(evidence));
        let fact: Fact = serde_json::from_value(read.registers[crate::fact::PATH].clone()).unwrap();
        assert_eq!(fact, finding);
        read.registers.insert(path::EVIDENCE.into(), json!("torn"));
        assert_eq!(Evidence::of(&read), None);
    }

    #[test]
    fn the_last_look_is_the_latest_of_all_devices() {
        let target = Uuid::from_u128(4);
        let device = |byte| ids::DeviceId([byte; 16]);
        let looks = [looked(target, device(1), 50), looked(target, device(2), 90)];
        assert_eq!(last_look(&entity(&looks)), Some((device(2), 90)));
        assert_eq!(last_look(&Entity::default()), None);
        let day = |day| NaiveDate::from_ymd_opt(2026, 3, day).unwrap();
        let days =
            [looked_on(target, day(3)), looked_on(target, day(2)), looked_on(target, day(3))];
        assert_eq!(looked_days(&entity(&days)), [day(2), day(3)]);
        assert_eq!(looked_days(&entity(&looks)), [], "when says nothing of other days");
    }

    #[test]
    fn a_rollout_has_one_id_for_all_who_see_it() {
        let rollout = Rollout {
            workload: WorkloadName {
                target: Uuid::from_u128(7),
                namespace: "shop".into(),
                kind: "Deployment".into(),
                name: "cart".into(),
            },
            uid: "u-1".into(),
            revision: 4,
            change: RolloutKind::Image,
            images: vec![("cart".into(), "cart:4".into())],
            writer: Writer { class: WriterClass::Ambiguous, manager: String::new(), at: None },
            time: TimeSource::Created,
            unseen_since: None,
            trace: None,
        };
        let workspace = Uuid::from_u128(1);
        let mut seen_elsewhere = rollout.clone();
        seen_elsewhere.workload.target = Uuid::from_u128(8);
        seen_elsewhere.time = TimeSource::Observed;
        assert_eq!(rollout.id(workspace), seen_elsewhere.id(workspace));
        seen_elsewhere.revision = 5;
        assert_ne!(rollout.id(workspace), seen_elsewhere.id(workspace));
        let what = Happening::RolloutSeen { service: None, rollout: Box::new(rollout) };
        let fact = Fact { occurred_at: 1, what };
        let text = serde_json::to_string(&fact).unwrap();
        assert_eq!(serde_json::from_str::<Fact>(&text).unwrap(), fact);
    }
}
