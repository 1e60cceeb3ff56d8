//! The log in sentences: one event view a thing that happened, large actions as one.

use crate::clock::rfc3339;
use crate::dto::session::{EventView, NodeRef};
use crate::names::Names;
use crate::programme::Programme;
use pilotage_domain::change::{Event, Kind, events, path};
use pilotage_domain::cluster::WriterRule;
use pilotage_domain::delivery::Start;
use pilotage_domain::execution::{Help, Participant};
use pilotage_domain::fact::{Happening, Recorded, Scope, Seen};
use pilotage_domain::flow;
use pilotage_domain::ids::DeviceId;
use pilotage_domain::operation::Batch;
use pilotage_store::{BatchRange, NodeRow};
use serde_json::Value;
use std::collections::BTreeMap;
use uuid::Uuid;

/// From this many nodes in one action on, it is told as an import.
const IMPORT: usize = 2;

/// Tells what batches did.
pub(crate) struct Describer<'a> {
    programme: &'a Programme,
    names: &'a Names,
    nodes: BTreeMap<Uuid, &'a NodeRow>,
}

struct Told {
    service: Option<Uuid>,
    kind: &'static str,
    summary: String,
    occurred_at: Option<i64>,
    note: Option<String>,
    link: Option<String>,
}

impl<'a> Describer<'a> {
    pub(crate) fn new(programme: &'a Programme, names: &'a Names, nodes: &'a [NodeRow]) -> Self {
        Self { programme, names, nodes: nodes.iter().map(|node| (node.id, node)).collect() }
    }

    /// One sentence for a whole action.
    pub(crate) fn action(&self, device: DeviceId, batches: &[Batch]) -> String {
        let all: Vec<Event> = batches.iter().flat_map(|batch| events(device, batch)).collect();
        let mut told = self.tell(&all, None);
        match told.len() {
            0 => "an action".to_owned(),
            1 => told.remove(0).summary,
            more => format!("{} and {} more", told[0].summary, more - 1),
        }
    }

    /// The events of one batch; of one service, where one is named.
    pub(crate) fn events(
        &self,
        device: DeviceId,
        batch: &Batch,
        only: Option<Uuid>,
    ) -> Vec<EventView> {
        let range = BatchRange { device, first: batch.seq, last: batch.seq };
        self.tell(&events(device, batch), only)
            .into_iter()
            .map(|told| EventView {
                batch: range.to_string(),
                occurred_at: rfc3339(told.occurred_at.unwrap_or(batch.wall)),
                recorded_at: rfc3339(batch.wall),
                actor: self.names.of(batch.actor),
                device: device.short(),
                service: told.service.and_then(|id| self.node(id)),
                kind: told.kind.to_owned(),
                summary: told.summary,
                note: told.note.filter(|note| !note.is_empty()),
                link: told.link,
            })
            .collect()
    }

    fn node(&self, id: Uuid) -> Option<NodeRef> {
        self.nodes.get(&id).map(|node| NodeRef { id: id.to_string(), name: node.name.clone() })
    }

    fn name(&self, id: Uuid) -> String {
        self.nodes
            .get(&id)
            .map_or_else(|| "a node that is gone".to_owned(), |node| node.name.clone())
    }

    fn tell(&self, events: &[Event], only: Option<Uuid>) -> Vec<Told> {
        let created = |kind| {
            events
                .iter()
                .filter(|event| matches!(event, Event::Created { kind: made, .. } if *made == kind))
                .count()
        };
        let plain = |kind, summary: String| Told {
            service: only,
            kind,
            summary,
            occurred_at: None,
            note: None,
            link: None,
        };
        if created(Kind::Programme) > 0 {
            return if only.is_some() {
                Vec::new()
            } else {
                vec![plain("other", "Programme made, default playbook adopted".to_owned())]
            };
        }
        let (nodes, edges) = (created(Kind::Service), created(Kind::Dependency));
        if let Some(service) = only {
            let arrives = events.iter().any(|event| {
                matches!(event, Event::Created { entity, kind: Kind::Service } if *entity == service)
            });
            if arrives {
                return vec![plain("import", "Came into the inventory".to_owned())];
            }
        } else if nodes >= IMPORT || (nodes + edges > 0 && edges >= IMPORT) {
            return vec![plain(
                "import",
                format!("Imported {nodes} nodes and {edges} dependencies"),
            )];
        }
        // The retractions of one undo are told as one thing each; its bookkeeping is not told.
        let worth = events.iter().filter(|event| !goes_without_saying(event));
        let mut told: Vec<Told> = worth.filter_map(|event| self.tell_one(event, only)).collect();
        // An attestation and who did it are taken back together.
        told.dedup_by(|a, b| {
            (a.kind, a.service, &a.summary, &a.note) == ("undo", b.service, &b.summary, &b.note)
        });
        told
    }

    fn tell_one(&self, event: &Event, only: Option<Uuid>) -> Option<Told> {
        let other = |entity: &Uuid| only.is_some_and(|only| only != *entity);
        match event {
            Event::Happened(recorded) => self.tell_fact(recorded, only),
            Event::Created { entity, kind } => {
                if other(entity) {
                    return None;
                }
                let summary = match kind {
                    Kind::Service => format!("{} came into the inventory", self.name(*entity)),
                    Kind::Person => format!("{} added", self.names.of(*entity)),
                    Kind::Environment => "Environment added".to_owned(),
                    Kind::Target => "Target added".to_owned(),
                    Kind::Dependency => "Dependency declared".to_owned(),
                    Kind::Sprint => format!("Sprint {} planned", self.names.sprint(*entity)),
                    Kind::Retrospective => "Retrospective opened".to_owned(),
                    Kind::Note => "Note of a retrospective revealed".to_owned(),
                    Kind::Insight => "Insight of a retrospective added".to_owned(),
                    Kind::Action => "Action of a retrospective agreed on".to_owned(),
                    Kind::Programme | Kind::Check | Kind::Group => return None,
                };
                let service = (*kind == Kind::Service).then_some(*entity);
                Some(told(service, "field", summary))
            }
            Event::Deleted { entity } => {
                if other(entity) {
                    return None;
                }
                let name = match self.nodes.get(entity) {
                    Some(node) => node.name.clone(),
                    None => self.names.of(*entity),
                };
                let name = if name == "someone" { "Something".to_owned() } else { name };
                Some(told(None, "other", format!("{name} removed")))
            }
            Event::Field { entity, path, value } => {
                if other(entity) {
                    return None;
                }
                self.tell_field(*entity, path, value)
            }
            Event::Unknown { entity, .. } => (!other(entity)).then(|| {
                told(None, "other", "Something that a newer version of Pilotage wrote".to_owned())
            }),
        }
    }

    /// Elements of a node's sets and maps.
    fn tell_element(&self, entity: Uuid, field: &str, value: &Value) -> Option<String> {
        let name = &self.nodes.get(&entity)?.name;
        let (set, _) = field.split_once('/')?;
        let element = path::element_of(field, set)?;
        let text = value.as_str();
        Some(match (set, text) {
            (path::TAGS, _) if *value == true => format!("{name} has the tag {element}"),
            (path::TAGS, _) => format!("{name} has no more the tag {element}"),
            (path::LINKS, Some(title)) => format!("{name} links to {title}, {element}"),
            (path::LINKS, None) => format!("{name} links no more to {element}"),
            (path::DUE, Some(day)) => format!("{element} on {name} is due on {day}"),
            (path::DUE, None) => format!("{element} on {name} is not due any more"),
            (path::DOING, Some(person)) => {
                let person = Uuid::try_parse(person)
                    .map_or_else(|_| person.to_owned(), |id| self.names.of(id));
                format!("{person} takes care of {element} on {name}")
            }
            (path::DOING, None) => {
                format!("Nobody in particular takes care of {element} on {name}")
            }
            _ => return None,
        })
    }

    fn tell_field(&self, entity: Uuid, field: &str, value: &Value) -> Option<Told> {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        if let Some(person) = path::element_of(field, path::ASSIGNEES) {
            let person = Uuid::try_parse(&person).map(|id| self.names.of(id)).unwrap_or(person);
            let verb = if *value == true { "works on" } else { "is off" };
            let summary = format!("{person} {verb} {}", self.name(entity));
            return Some(told(Some(entity), "field", summary));
        }
        if let Some(summary) = self.tell_element(entity, field, value) {
            return Some(told(Some(entity), "field", summary));
        }
        if let Some(manager) = path::element_of(field, path::PIPELINE_MANAGERS) {
            let verb = if *value == true { "writes" } else { "no longer writes" };
            let summary = format!("The pipeline of {} {verb} as {manager}", self.name(entity));
            return Some(told(Some(entity), "field", summary));
        }
        if path::element_of(field, path::WRITER_RULES).is_some() {
            let rule = serde_json::from_value::<WriterRule>(value.clone());
            let summary = rule.map_or_else(
                |_| "A rule on writers was removed".to_owned(),
                |rule| format!("{} counts as {}", rule.matches.words(), rule.class.word()),
            );
            return Some(told(None, "other", summary));
        }
        if entity == self.programme.entity.id {
            let summary = match field {
                path::NAME => format!("Programme renamed to {text}"),
                path::TIME_ZONE => format!("Time zone set to {text}"),
                path::DEADLINE if value.is_null() => "Deadline removed".to_owned(),
                path::DEADLINE => format!("Deadline set to {text}"),
                path::DONE_STAGE => format!("Done now means {}", self.programme.title(Some(&text))),
                field => calendar_words(field, value)?,
            };
            return Some(told(None, "other", summary));
        }
        if !self.nodes.contains_key(&entity) {
            return None;
        }
        let name = self.name(entity);
        let summary = match field {
            path::OWNER
            | path::TEAM
            | path::REPOSITORY
            | path::CRITICALITY
            | path::EFFORT
            | path::ARCHETYPE
            | path::DIFFICULTY => {
                if value.is_null() {
                    format!("{name} has no {field} any more")
                } else {
                    format!("{} of {name} is {text}", capitalised(field))
                }
            }
            path::NOTES => format!("Notes of {name} changed"),
            path::MERGED_INTO => match Uuid::try_parse(&text) {
                Ok(into) => format!("{name} is {} from now on", self.name(into)),
                Err(_) => format!("{name} is a service of its own again"),
            },
            path::NAME => format!("Renamed to {text}"),
            path::CLASS => format!("{name} is now a {text}"),
            path::TARGET_DATE if value.is_null() => format!("Target date of {name} removed"),
            path::TARGET_DATE => format!("{name} is due on {text}"),
            path::IMAGE => format!("Image of {name} is now {text}"),
            // Aliases, reasons and what was last imported are bookkeeping.
            _ => return None,
        };
        Some(told(Some(entity), "field", summary))
    }

    fn tell_fact(&self, recorded: &Recorded, only: Option<Uuid>) -> Option<Told> {
        let service = recorded.fact.what.service();
        if only.is_some() && service != only {
            return None;
        }
        let on = service.map_or_else(|| "the programme".to_owned(), |id| self.name(id));
        let check = |id: &str| format!("{id} \u{201c}{}\u{201d}", self.programme.check_title(id));
        let mut note = None;
        let mut link = None;
        let (kind, summary) = match &recorded.fact.what {
            Happening::Finding { check: id, result, observed, link: evidence, .. } => {
                note = Some(observed.clone());
                link.clone_from(evidence);
                let verb = match result {
                    Seen::Pass => "passes",
                    Seen::Fail => "fails",
                    Seen::Unknown => "is unknown",
                    Seen::NotApplicable => "does not apply",
                };
                ("finding", format!("{} {verb} on {on}", check(id)))
            }
            Happening::Retraction { note: why, .. } => {
                note = Some(why.clone());
                ("undo", format!("An earlier entry on {on} was taken back"))
            }
            Happening::Waiver { check: id, reason, expires_at, .. } => {
                note = Some(reason.clone());
                let last = flow::day_of(expires_at - 1, self.programme.zone);
                ("waiver", format!("{} waived on {on} until {last}", check(id)))
            }
            Happening::WaiverRequested { check: id, reason, expires_at, .. } => {
                note = Some(reason.clone());
                let last = flow::day_of(expires_at - 1, self.programme.zone);
                ("waiver", format!("Waiver of {} on {on} until {last} asked for", check(id)))
            }
            Happening::WaiverDeclined { note: why, .. } => {
                note = Some(why.clone());
                ("waiver", format!("A waiver on {on} was declined"))
            }
            Happening::BlockerOpened { reason, waiting_for, .. } => {
                note = Some(reason.clone());
                ("blocker", format!("{on} is blocked, waiting for {waiting_for}"))
            }
            Happening::BlockerClosed { note: how, .. } => {
                note = Some(how.clone());
                ("blocker", format!("Blocker of {on} closed"))
            }
            Happening::ScopeChanged { scope, reason, .. } => {
                note = Some(reason.clone());
                let summary = match scope {
                    Scope::In => format!("{on} is in scope"),
                    Scope::Retire => format!("{on} is out of scope: it will be retired"),
                    Scope::Retain => format!("{on} is out of scope: it stays where it is"),
                    Scope::Archived => format!("{on} was archived"),
                };
                ("scope", summary)
            }
            Happening::RolloutSeen { rollout, .. } => {
                let (manager, class) = (&rollout.writer.manager, rollout.writer.class.word());
                note = (!manager.is_empty()).then(|| format!("by {manager} ({class})"));
                let name = &rollout.workload.name;
                ("rollout", format!("Revision {} of {name} rolled out", rollout.revision))
            }
            Happening::DeliverySeen { delivery, .. } => {
                let tool = delivery.tool;
                let asked = match delivery.start {
                    Start::Requested => "; somebody asked for it",
                    Start::Automated | Start::Untold => "",
                };
                note = Some(format!("{} {}{asked}", tool.kind(), delivery.source));
                let what = delivery.short_revision().unwrap_or_else(|| "a revision".to_owned());
                let name = &delivery.workload.name;
                ("rollout", format!("{} delivered {what} to {name}", tool.title()))
            }
            Happening::CutOver { note: why, .. } => {
                note = Some(why.clone());
                ("cut_over", format!("Users were moved to {on}"))
            }
            Happening::HealthSeen { look, verdict, observed, .. } => {
                note = Some(observed.clone());
                let verdict = verdict.as_deref().unwrap_or("not observed");
                (
                    "health",
                    format!("Health of {on} around its cut-over, {}: {verdict}", look.word()),
                )
            }
            Happening::SprintTurned { sprint, turn, note: why } => {
                note = Some(why.clone());
                ("sprint", format!("Sprint {} {}", self.names.sprint(*sprint), turn.word()))
            }
            Happening::SprintScopeChanged { sprint, target_stage, reason, .. } => {
                note = Some(reason.clone());
                let sprint = self.names.sprint(*sprint);
                let summary = match target_stage {
                    Some(stage) => {
                        let stage = self.programme.title(Some(stage));
                        format!("{on} is to reach {stage} in sprint {sprint}")
                    }
                    None => format!("{on} is out of sprint {sprint}"),
                };
                ("sprint", summary)
            }
            Happening::StepExecuted { execution, .. } => {
                note = Some(execution.note.clone());
                let people = execution.people.iter();
                let people: Vec<String> = people
                    .map(|one| format!("{} {}", self.names.of(one.person), one.help.words()))
                    .collect();
                ("execution", format!("{} on {on}: {}", check(&execution.check), people.join(", ")))
            }
            Happening::ExecutionConfirmed { .. } => {
                ("execution", format!("Who did a step on {on} was confirmed"))
            }
            Happening::ExecutionContested { note: why, .. } => {
                note = Some(why.clone());
                ("execution", format!("Who did a step on {on} is doubted"))
            }
            Happening::ContestSettled { note: how, .. } => {
                note = Some(how.clone());
                ("execution", format!("A doubt about who did a step on {on} was settled"))
            }
            Happening::ExpertHours { person, on: day, hundredths, note: why, .. } => {
                note = Some(why.clone());
                let (whole, rest) = (hundredths / 100, hundredths % 100);
                let person = self.names.of(*person);
                ("execution", format!("{person} spent {whole}.{rest:02} hours on {on} on {day}"))
            }
            Happening::RegressionTraced { check: id, note: why, .. } => {
                note = Some(why.clone());
                ("execution", format!("The regression of {on} comes from {}", check(id)))
            }
            Happening::ForecastIssued { forecast } => {
                let date = forecast.dates[2].map(|day| format!(": 85 % by {day}"));
                ("forecast", format!("Forecast kept{}", date.unwrap_or_default()))
            }
            Happening::ReportFrozen { report } => {
                note = Some(report.note.clone());
                ("report", format!("Report {} frozen", report.report))
            }
            Happening::PlaybookAdopted { rules } => (
                "playbook",
                format!("Playbook {} version {} adopted", rules.playbook, rules.version),
            ),
        };
        Some(Told {
            service,
            kind,
            summary,
            occurred_at: Some(recorded.fact.occurred_at),
            note,
            link,
        })
    }
}

/// Who attests a check and says no more has done it alone: the attestation is told, and that is all.
fn goes_without_saying(event: &Event) -> bool {
    let Event::Happened(recorded) = event else { return false };
    let Happening::StepExecuted { execution, .. } = &recorded.fact.what else { return false };
    let alone = Participant { person: recorded.actor, help: Help::Alone };
    execution.finding.is_some()
        && execution.people == [alone]
        && !execution.by_script
        && !execution.exceptional
}

/// A change of the programme's calendar.
fn calendar_words(field: &str, value: &Value) -> Option<String> {
    let set = field.split('/').next().unwrap_or(field);
    let element = || path::element_of(field, set).unwrap_or_default();
    Some(match (set, value.is_null()) {
        (path::FORMATS, true) => {
            "Formats of retrospectives are those of the product again".to_owned()
        }
        (path::FORMATS, false) => "Formats of retrospectives changed".to_owned(),
        (path::PAIRS, _) => "What is said of a pair changed".to_owned(),
        (path::WORKING_DAYS, _) => "Working days changed".to_owned(),
        (path::DAY_ENDS, _) => format!("A working day ends at {}", value.as_str()?),
        (path::HOLIDAYS, true) => format!("{} is no holiday any more", element()),
        (path::HOLIDAYS, false) => format!("{} is a holiday: {}", element(), value.as_str()?),
        (path::PAUSES, true) => format!("No pause from {} any more", element()),
        (path::PAUSES, false) => match value["resumes"].as_str() {
            Some(resumes) => format!("Work rests from {} and resumes on {resumes}", element()),
            None => format!("Work rests from {}", element()),
        },
        (path::CAPACITY, true) => format!("No capacity kept from {} any more", element()),
        (path::CAPACITY, false) => {
            let hundredths = value.as_u64().and_then(|days| u32::try_from(days).ok())?;
            let days = pilotage_domain::calendar::person_days(hundredths);
            format!("{days} person-days a day from {}", element())
        }
        _ => return None,
    })
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().collect::<String>() + letters.as_str()
    })
}

fn told(service: Option<Uuid>, kind: &'static str, summary: String) -> Told {
    Told { service, kind, summary, occurred_at: None, note: None, link: None }
}
