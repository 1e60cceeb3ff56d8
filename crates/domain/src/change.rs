//! Typed changes, their translation to register writes, and the way back. Domain code decides in
//! changes; this is the only module that knows which register holds what.

use crate::fact::{self, Fact, Happening, Recorded};
use crate::ids;
use crate::operation::{Batch, SeenVersion, Write};
use crate::playbook::Check;
use crate::words::{DependencyKind, NodeClass};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

/// What an entity is; its register `kind` says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// The programme itself; its id is the workspace id.
    Programme,
    /// A node of the inventory.
    Service,
    /// A dependency between two nodes.
    Dependency,
    /// A person.
    Person,
    /// An environment.
    Environment,
    /// A context and its namespaces.
    Target,
    /// A check's words.
    Check,
    /// A sprint.
    Sprint,
    /// A retrospective of a sprint.
    Retrospective,
    /// A note of a retrospective.
    Note,
    /// A group of notes.
    Group,
    /// An insight that notes and facts led to.
    Insight,
    /// An action that a retrospective agreed on.
    Action,
}

impl Kind {
    const ALL: [Self; 13] = [
        Self::Programme,
        Self::Service,
        Self::Dependency,
        Self::Person,
        Self::Environment,
        Self::Target,
        Self::Check,
        Self::Sprint,
        Self::Retrospective,
        Self::Note,
        Self::Group,
        Self::Insight,
        Self::Action,
    ];

    /// The word in the log.
    pub fn word(self) -> &'static str {
        match self {
            Self::Programme => "programme",
            Self::Service => "service",
            Self::Dependency => "dependency",
            Self::Person => "person",
            Self::Environment => "environment",
            Self::Target => "target",
            Self::Check => "check",
            Self::Sprint => "sprint",
            Self::Retrospective => "retrospective",
            Self::Note => "note",
            Self::Group => "group",
            Self::Insight => "insight",
            Self::Action => "action",
        }
    }

    /// Reads the word; words of later versions are no error, just unknown here.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// Names of the registers.
pub mod path {
    /// What the entity is.
    pub const KIND: &str = "kind";
    /// Tombstone.
    pub const DELETED: &str = "deleted";
    /// Name.
    pub const NAME: &str = "name";
    /// E-mail of a person.
    pub const EMAIL: &str = "email";
    /// IANA time zone of the programme.
    pub const TIME_ZONE: &str = "time_zone";
    /// Day by which the programme wants to be done.
    pub const DEADLINE: &str = "deadline";
    /// Stage that counts as done.
    pub const DONE_STAGE: &str = "done_stage";
    /// True for the sample programme.
    pub const SAMPLE: &str = "sample";
    /// Class of a node.
    pub const CLASS: &str = "class";
    /// Why it has its class.
    pub const CLASS_REASON: &str = "class_reason";
    /// Image.
    pub const IMAGE: &str = "image";
    /// Source directory.
    pub const SOURCE_DIRECTORY: &str = "source_directory";
    /// Day by which a service should be done.
    pub const TARGET_DATE: &str = "target_date";
    /// Who answers for it: a person or a group, as text.
    pub const OWNER: &str = "owner";
    /// Team.
    pub const TEAM: &str = "team";
    /// Address of the repository.
    pub const REPOSITORY: &str = "repository";
    /// Whole number from 1 (hardly noticed) to 5 (the company stops).
    pub const CRITICALITY: &str = "criticality";
    /// Effort of the move; see [`crate::words::Effort`].
    pub const EFFORT: &str = "effort";
    /// Kind of service, which checks can be filtered by.
    pub const ARCHETYPE: &str = "archetype";
    /// Difficulty class; see [`crate::words::Difficulty`].
    pub const DIFFICULTY: &str = "difficulty";
    /// Notes, Markdown.
    pub const NOTES: &str = "notes";
    /// `tags/<tag>`: true where the service has it.
    pub const TAGS: &str = "tags";
    /// `links/<address>`: title of the link.
    pub const LINKS: &str = "links";
    /// `due/<check>`: day by which the check should pass.
    pub const DUE: &str = "due";
    /// `doing/<check>`: person who takes care of the check.
    pub const DOING: &str = "doing";
    /// The node that this one turned out to be: its facts and names count there.
    pub const MERGED_INTO: &str = "merged_into";
    /// `view/<name>`: a saved view of the programme, an address of a page.
    pub const VIEWS: &str = "view";
    /// `aliases/<name>`: true where the service is known by it.
    pub const ALIASES: &str = "aliases";
    /// `assignees/<person>`: true where the person works on it.
    pub const ASSIGNEES: &str = "assignees";
    /// `imported/<field>`: the value that was last imported.
    pub const IMPORTED: &str = "imported";
    /// Caller of a dependency.
    pub const FROM: &str = "from";
    /// Callee of a dependency.
    pub const TO: &str = "to";
    /// Kind of a dependency.
    pub const DEPENDENCY: &str = "dependency";
    /// Confidence of a dependency, in percent.
    pub const CONFIDENCE: &str = "confidence";
    /// Evidence of a dependency, and of a verifier's finding.
    pub const EVIDENCE: &str = "evidence";
    /// Environment of a target.
    pub const ENVIRONMENT: &str = "environment";
    /// Context of a target.
    pub const CONTEXT: &str = "context";
    /// Namespaces of a target.
    pub const NAMESPACES: &str = "namespaces";
    /// `writer_rules/<id>`: the programme's word on a writer; see [`crate::cluster::WriterRule`].
    pub const WRITER_RULES: &str = "writer_rules";
    /// `pipeline_managers/<name>`: true where a service's own pipeline writes under it.
    pub const PIPELINE_MANAGERS: &str = "pipeline_managers";
    /// `workloads/<workload>`: true where a service runs as it, false where a person said no.
    pub const WORKLOADS: &str = "workloads";
    /// `looked/<device>`: when that device last completed a look at the target.
    pub const LOOKED: &str = "looked";
    /// `looked_on/<day>`: true where somebody completed a look at the target on that day, UTC.
    pub const LOOKED_ON: &str = "looked_on";
    /// What a sprint wants to be true at its end.
    pub const GOAL: &str = "goal";
    /// Kind of a sprint; see [`crate::sprint::SprintKind`].
    pub const SPRINT_KIND: &str = "sprint_kind";
    /// First day of a sprint.
    pub const FIRST_DAY: &str = "first_day";
    /// Last day of a sprint.
    pub const LAST_DAY: &str = "last_day";
    /// Who leads a sprint.
    pub const LEADER: &str = "leader";
    /// `members/<person>`: true where the person takes part in the sprint.
    pub const MEMBERS: &str = "members";
    /// `text/<number>` beside an adoption: the playbook's text, in pieces.
    pub const PLAYBOOK_TEXT: &str = "text";
    /// Weekdays that are worked, as three letters each.
    pub const WORKING_DAYS: &str = "working_days";
    /// Local time at which a working day is over.
    pub const DAY_ENDS: &str = "day_ends";
    /// `holidays/<day>`: its name.
    pub const HOLIDAYS: &str = "holidays";
    /// `pauses/<first day>`: when work goes on again, and why it rests.
    pub const PAUSES: &str = "pauses";
    /// `capacity/<day>`: hundredths of a person-day in a working day from then on.
    pub const CAPACITY: &str = "capacity";
    /// True where a person is an expert from outside the team.
    pub const OUTSIDE: &str = "outside";
    /// False where a person does not want to lead a sprint.
    pub const WILLING: &str = "willing";
    /// True where a person lets others see his own assessment.
    pub const OPEN_ASSESSMENT: &str = "open_assessment";
    /// `assessment/<skill>`: the level, 0 to 5, that a person gives himself. Never in a figure.
    pub const ASSESSMENT: &str = "assessment";
    /// A team's own formats of retrospectives, as it wrote them; see
    /// [`crate::retrospective::read_formats`].
    pub const FORMATS: &str = "retrospective_formats";
    /// `pairs/<person>+<person>`, the smaller id first: [`LOCKED`] where the two work together,
    /// [`FORBIDDEN`] where they do not, whatever a suggestion would say.
    pub const PAIRS: &str = "pairs";
    /// Two people who work together.
    pub const LOCKED: &str = "locked";
    /// Two people who do not.
    pub const FORBIDDEN: &str = "forbidden";
    /// True where the CTO's page may name people.
    pub const NAMES_SHOWN: &str = "names_shown";
    /// Words of a check, as programmes of the first version hold them.
    pub const DEFINITION: &str = "definition";

    /// The register of one element of a set, `/` and `%` in the element percent-encoded.
    pub fn element(set: &str, element: &str) -> String {
        format!("{set}/{}", element.replace('%', "%25").replace('/', "%2F"))
    }

    /// The element of a set's register.
    pub fn element_of(path: &str, set: &str) -> Option<String> {
        let element = path.strip_prefix(set)?.strip_prefix('/')?;
        Some(element.replace("%2F", "/").replace("%25", "%"))
    }
}

/// Longest piece of a playbook's text in one register, in bytes: quoting may double it.
const PIECE: usize = crate::operation::MAX_VALUE / 2 - 64;

/// A long text as the elements of a map, in order.
pub(crate) fn pieces<'a>(map: &'a str, text: &'a str) -> impl Iterator<Item = (String, &'a str)> {
    let mut rest = text;
    let piece = move |number: u32| {
        let (head, tail) = rest.split_at(rest.floor_char_boundary(PIECE));
        rest = tail;
        (!head.is_empty()).then(|| (path::element(map, &format!("{number:04}")), head))
    };
    (0..).map_while(piece)
}

/// A place in a file where something was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// File, relative to the import.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// What stands there.
    pub text: String,
}

/// A typed change.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// An entity comes into being. Imported things exist again when they are imported again.
    Created {
        /// The entity.
        entity: Uuid,
        /// What it is.
        kind: Kind,
    },
    /// An entity is deleted; what refers to it stays.
    Deleted {
        /// The entity.
        entity: Uuid,
    },
    /// A field is set; null unsets it.
    Field {
        /// The entity.
        entity: Uuid,
        /// The register.
        path: String,
        /// The value.
        value: Value,
        /// The versions that were on screen; none: the winner at the time of writing.
        seen: Option<Vec<SeenVersion>>,
    },
    /// Something happened.
    Happened {
        /// The fact's own entity.
        id: Uuid,
        /// The fact.
        fact: Fact,
    },
}

impl Change {
    /// Sets a field, naming the version in force.
    pub fn field(entity: Uuid, path: impl Into<String>, value: impl Into<Value>) -> Self {
        Self::Field { entity, path: path.into(), value: value.into(), seen: None }
    }

    /// Puts an element into a set or takes it out.
    pub fn element(entity: Uuid, set: &str, element: &str, present: Presence) -> Self {
        Self::field(entity, path::element(set, element), present == Presence::In)
    }

    /// The register writes of this change. The store fills in the versions seen where they are
    /// left open.
    pub fn writes(&self) -> Vec<(Write, SeenBy)> {
        let write = |entity: Uuid, path: &str, value: Value| {
            let write = Write { entity, path: path.to_owned(), value, seen: Vec::new() };
            (write, SeenBy::Winner)
        };
        match self {
            Self::Created { entity, kind } => vec![
                write(*entity, path::DELETED, json!(false)),
                write(*entity, path::KIND, json!(kind.word())),
            ],
            Self::Deleted { entity } => vec![write(*entity, path::DELETED, json!(true))],
            Self::Field { entity, path, value, seen } => {
                let (mut write, mut by) = write(*entity, path, value.clone());
                if let Some(seen) = seen {
                    write.seen.clone_from(seen);
                    by = SeenBy::Author;
                }
                vec![(write, by)]
            }
            Self::Happened { id, fact } => {
                let value = serde_json::to_value(fact).unwrap_or(Value::Null);
                vec![write(*id, fact::PATH, value)]
            }
        }
    }

    /// The changes that make a playbook the programme's own: the fact with its rules, and the text
    /// beside it, in pieces that fit a register.
    pub fn adopt(
        playbook: &crate::playbook::Playbook,
        text: &str,
        zone: chrono_tz::Tz,
        id: Uuid,
        occurred_at: crate::Millis,
    ) -> Vec<Self> {
        let what = Happening::PlaybookAdopted { rules: playbook.rules(zone) };
        let mut changes = vec![Self::Happened { id, fact: Fact { occurred_at, what } }];
        let pieces = pieces(path::PLAYBOOK_TEXT, text);
        changes.extend(pieces.map(|(path, piece)| Self::field(id, path, piece)));
        changes
    }

    /// The changes that declare a dependency with its evidence.
    pub fn declare(
        workspace: Uuid,
        kind: DependencyKind,
        from: Uuid,
        to: Uuid,
        confidence_percent: u8,
        evidence: &[Evidence],
    ) -> Vec<Self> {
        let entity = ids::dependency(workspace, kind.word(), from, to);
        vec![
            Self::Created { entity, kind: Kind::Dependency },
            Self::field(entity, path::FROM, from.to_string()),
            Self::field(entity, path::TO, to.to_string()),
            Self::field(entity, path::DEPENDENCY, kind.word()),
            Self::field(entity, path::CONFIDENCE, confidence_percent),
            Self::field(entity, path::EVIDENCE, json!(evidence)),
        ]
    }
}

/// Whether an element is in a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It is.
    In,
    /// It is not.
    Out,
}

/// Who says which versions were seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeenBy {
    /// The author named them.
    Author,
    /// Left to the store: the version in force when it writes.
    Winner,
}

/// The registers of one entity, as they are now.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Entity {
    /// Its id.
    pub id: Uuid,
    /// Its registers; unset ones are absent.
    pub registers: BTreeMap<String, Value>,
}

impl Entity {
    /// What it is, if this version knows its kind.
    pub fn kind(&self) -> Option<Kind> {
        self.text(path::KIND).and_then(Kind::from_word)
    }

    /// Exists and is not deleted.
    pub fn lives(&self) -> bool {
        self.registers.get(path::DELETED) != Some(&Value::Bool(true))
    }

    /// A text register.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.registers.get(path).and_then(Value::as_str)
    }

    /// Its name, or the empty text.
    pub fn name(&self) -> &str {
        self.text(path::NAME).unwrap_or_default()
    }

    /// The elements of a set, in order.
    pub fn set(&self, set: &str) -> Vec<String> {
        self.registers
            .iter()
            .filter(|(_, value)| **value == Value::Bool(true))
            .filter_map(|(path, _)| path::element_of(path, set))
            .collect()
    }

    /// The elements of a map's registers with their texts, in order of the element.
    pub fn map(&self, map: &str) -> Vec<(String, &str)> {
        self.registers
            .iter()
            .filter_map(|(path, value)| Some((path::element_of(path, map)?, value.as_str()?)))
            .collect()
    }

    /// The node that this one was merged into.
    pub fn merged_into(&self) -> Option<Uuid> {
        self.text(path::MERGED_INTO).and_then(|id| Uuid::try_parse(id).ok())
    }

    /// Class of a node.
    pub fn class(&self) -> NodeClass {
        self.text(path::CLASS).and_then(NodeClass::from_word).unwrap_or(NodeClass::Service)
    }

    /// Evidence of a dependency, and of a verifier's finding.
    pub fn evidence(&self) -> Vec<Evidence> {
        self.registers
            .get(path::EVIDENCE)
            .and_then(|value| serde_json::from_value(value.clone()).ok())
            .unwrap_or_default()
    }

    /// The text of an adopted playbook, where it was kept.
    pub fn playbook_text(&self) -> Option<String> {
        let text: String =
            self.map(path::PLAYBOOK_TEXT).into_iter().map(|(_, piece)| piece).collect();
        Some(text).filter(|text| !text.is_empty())
    }

    /// Words of a check.
    pub fn definition(&self) -> Option<Check> {
        serde_json::from_value(self.registers.get(path::DEFINITION)?.clone()).ok()
    }
}

/// A batch, read back as what it meant.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// An entity came into being.
    Created {
        /// The entity.
        entity: Uuid,
        /// What it is.
        kind: Kind,
    },
    /// An entity was deleted.
    Deleted {
        /// The entity.
        entity: Uuid,
    },
    /// A field was set.
    Field {
        /// The entity.
        entity: Uuid,
        /// The register.
        path: String,
        /// The value.
        value: Value,
    },
    /// Something happened.
    Happened(Recorded),
    /// Written by a later version; kept, not understood.
    Unknown {
        /// The entity.
        entity: Uuid,
        /// The register.
        path: String,
    },
}

/// Reads a batch back.
pub fn events(device: ids::DeviceId, batch: &Batch) -> Vec<Event> {
    batch
        .writes
        .iter()
        .filter_map(|write| {
            let entity = write.entity;
            Some(match write.path.as_str() {
                path::KIND => match write.value.as_str().and_then(Kind::from_word) {
                    Some(kind) => Event::Created { entity, kind },
                    None => Event::Unknown { entity, path: write.path.clone() },
                },
                path::DELETED if write.value == Value::Bool(true) => Event::Deleted { entity },
                // The other half of `Created`.
                path::DELETED => return None,
                fact::PATH => match serde_json::from_value(write.value.clone()) {
                    Ok(fact) => Event::Happened(Recorded {
                        id: entity,
                        version: batch.version(device),
                        actor: batch.actor,
                        fact,
                    }),
                    Err(_) => Event::Unknown { entity, path: write.path.clone() },
                },
                _ => Event::Field { entity, path: write.path.clone(), value: write.value.clone() },
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::{Seen, Source};

    #[test]
    fn set_elements_survive_any_name() {
        for element in ["plain", "a/b", "100%", "%2F", "a%/b%25"] {
            let path = path::element(path::ALIASES, element);
            assert_eq!(path.matches('/').count(), 1, "{path}: one separator");
            assert_eq!(path::element_of(&path, path::ALIASES).as_deref(), Some(element));
        }
        assert_eq!(path::element_of("aliasesx/a", path::ALIASES), None);
    }

    #[test]
    fn changes_read_back_as_events() {
        let device = ids::DeviceId([1; 16]);
        let service = Uuid::from_u128(9);
        let fact = Fact {
            occurred_at: 5,
            what: Happening::Finding {
                service,
                check: "DI-01".into(),
                check_version: 1,
                result: Seen::Pass,
                source: Source::Person,
                observed: "seen".into(),
                link: None,
                stale_after: None,
            },
        };
        let changes = [
            Change::Created { entity: service, kind: Kind::Service },
            Change::field(service, path::NAME, "payments"),
            Change::Happened { id: Uuid::from_u128(10), fact: fact.clone() },
        ];
        let writes = changes.iter().flat_map(Change::writes).map(|(write, _)| write).collect();
        let mut batch = Batch { seq: 1, hlc: 1, actor: service, wall: 5, writes };
        batch.sort();
        let batch = Batch::parse(batch.to_line().unwrap().as_bytes()).unwrap();
        let events = events(device, &batch);
        assert_eq!(events.len(), 3, "creation is one event: {events:?}");
        assert!(matches!(&events[2], Event::Happened(recorded) if recorded.fact == fact));
    }

    #[test]
    fn what_a_later_version_wrote_is_kept_as_unknown() {
        let entity = Uuid::from_u128(3);
        let write = |path: &str, value| Write { entity, path: path.into(), value, seen: vec![] };
        let batch = Batch {
            seq: 1,
            hlc: 1,
            actor: entity,
            wall: 0,
            writes: vec![
                write(fact::PATH, json!({"kind": "orbit_entered", "occurred_at": 1})),
                write(path::KIND, json!("moon")),
            ],
        };
        let events = events(ids::DeviceId([0; 16]), &batch);
        assert!(events.iter().all(|event| matches!(event, Event::Unknown { .. })), "{events:?}");
    }
}
