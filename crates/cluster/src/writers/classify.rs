//! From a name to a class. The team's own rules come first; then what the name says by itself; then
//! what marks beside it may change. Everything else is ambiguous, with the reason and with what
//! would settle it.

mod names;

pub use names::{Known, NAMES};

use super::markers::{self, Freshness, Mark};
use super::{Entry, Owns, Writers};
use crate::shape::Moment;
use crate::shape::meta::Meta;
use crate::shape::workload::Template;
use names::NOBODY;
use pilotage_domain::cluster::{WriterClass, WriterRule, fits};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How sure a class is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// Hardly.
    Low,
    /// The name exists because somebody configured it, or a mark says so.
    Medium,
    /// Only one thing writes this name.
    High,
}

/// Why a writer has its class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// A rule of the service or the programme.
    Rule,
    /// A name that only one thing writes.
    Name,
    /// A mark of this very rollout.
    Marker,
    /// Changed by hand beside a delivery controller.
    BesideGitops,
    /// The service declares its pipeline, and this is none of its names.
    OtherThanDeclared,
    /// A command that laptops and pipelines run.
    SharedCli,
    /// A tool that laptops and pipelines run.
    SharedTool,
    /// A name that nobody knows.
    Unrecognised,
    /// The record of it is gone.
    HistoryLost,
    /// There is no record.
    NoManagedFields,
    /// An operator, whose own resource somebody wrote.
    NotClassifiedOperator,
}

impl Reason {
    /// The word, as written on the command line and in the window.
    pub fn word(self) -> &'static str {
        match self {
            Self::Rule => "rule",
            Self::Name => "name",
            Self::Marker => "marker",
            Self::BesideGitops => "beside_gitops",
            Self::OtherThanDeclared => "other_than_declared",
            Self::SharedCli => "shared_cli",
            Self::SharedTool => "shared_tool",
            Self::Unrecognised => "unrecognised",
            Self::HistoryLost => "history_lost",
            Self::NoManagedFields => "no_managed_fields",
            Self::NotClassifiedOperator => "not_classified_operator",
        }
    }

    /// What a person can do about an unsettled writer, on the spot.
    pub fn help(self) -> Option<&'static str> {
        Some(match self {
            Self::SharedCli => {
                "Laptops and pipelines both write this name. Give the pipeline its own: kubectl \
                 apply, set, patch or replace with --field-manager=NAME, then declare NAME as a \
                 pipeline of the programme."
            }
            Self::SharedTool => {
                "Laptops and pipelines both run this tool, and Helm cannot be given another name. \
                 Let the chart put the run into an annotation of the pod template and declare the \
                 name together with that annotation, or declare the name if only the pipeline uses \
                 it. Terraform has a field_manager block; Pulumi reads \
                 pulumi.com/patchFieldManager."
            }
            Self::Unrecognised => {
                "Nobody has said who writes this name. If it is your pipeline, declare it."
            }
            Self::HistoryLost => {
                "The cluster has forgotten who wrote this. The next rollout will tell."
            }
            Self::NoManagedFields => {
                "The object holds no record of its writers. The next rollout by server-side apply \
                 or by kubectl will leave one."
            }
            Self::NotClassifiedOperator => {
                "An operator writes the image. Who writes the operator's own resource? If your \
                 pipeline does, declare the operator's name."
            }
            _ => return None,
        })
    }
}

/// The team's word on writers.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// Rules of the programme with their ids, in order.
    pub programme: Arc<[(String, WriterRule)]>,
    /// Names under which the service's own pipeline writes; empty where it declares none.
    pub pipeline_managers: BTreeSet<String>,
}

/// The object that was written.
#[derive(Clone, Copy, Debug)]
pub struct Object<'a> {
    /// API group.
    pub group: &'a str,
    /// Kind.
    pub kind: &'a str,
    /// What it has in common with all.
    pub meta: &'a Meta,
    /// Its template.
    pub template: &'a Template,
    /// Its record.
    pub writers: &'a Writers,
    /// The context it lies in.
    pub cluster: &'a str,
    /// What decides whether its marks belong to its newest rollout.
    pub freshness: Freshness,
    /// Whether the object of the delivery controller behind it was read.
    pub controller_read: bool,
}

/// The class of one entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Judged {
    /// What it is.
    pub class: WriterClass,
    /// How sure.
    pub confidence: Confidence,
    /// Why.
    pub reason: Reason,
    /// The rule that said so.
    pub rule: Option<String>,
    /// The mark that said so.
    pub mark: Option<Mark>,
}

/// Who last wrote the image of one container.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ImageWriter {
    /// The container.
    pub container: String,
    /// The name that was given; empty where there is none.
    pub manager: String,
    /// How it was written.
    pub operation: &'static str,
    /// Not later than.
    pub at: Option<Moment>,
    /// What it is.
    #[serde(flatten)]
    pub judged: Judged,
    /// The value was written by hand and taken over by the pipeline.
    pub adopted: bool,
    /// Others that own the same value.
    pub beside: Vec<String>,
}

/// Who last wrote the images of a workload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ImageWriters {
    /// Each container; the worst is first.
    pub containers: Vec<ImageWriter>,
    /// The names behind the class are those of this container.
    pub class: WriterClass,
}

impl ImageWriters {
    /// The container that decides.
    pub fn worst(&self) -> Option<&ImageWriter> {
        self.containers.first()
    }
}

/// Judges with the names that are known.
pub fn judge(entry: &Entry, object: &Object<'_>, rules: &Rules) -> Judged {
    judge_by(NAMES, entry, object, rules)
}

fn judge_by(table: &[Known], entry: &Entry, object: &Object<'_>, rules: &Rules) -> Judged {
    if let Some((class, rule)) = ruled(entry, object, rules) {
        let (confidence, reason) = (Confidence::High, Reason::Rule);
        return Judged { class, confidence, reason, rule: Some(rule), mark: None };
    }
    let writes_it = |known: &&Known| known.names.iter().any(|name| fits(name, &entry.manager));
    let known = table.iter().find(writes_it).unwrap_or(&NOBODY);
    let by_name = Judged {
        class: known.class,
        confidence: known.confidence,
        reason: known.reason,
        rule: None,
        mark: None,
    };
    match known.class {
        WriterClass::Ambiguous => in_context(by_name, entry, object, rules),
        WriterClass::Gitops if !object.controller_read => {
            Judged { confidence: Confidence::Medium, ..by_name }
        }
        _ => by_name,
    }
}

/// A rule of the service, then one of the programme; the first that matches.
fn ruled(entry: &Entry, object: &Object<'_>, rules: &Rules) -> Option<(WriterClass, String)> {
    if rules.pipeline_managers.contains(&*entry.manager) {
        return Some((WriterClass::Pipeline, "of the service".to_owned()));
    }
    let matches = |rule: &WriterRule| {
        let of = &rule.matches;
        let is = |wanted: &Option<String>, has: &str| wanted.as_deref().is_none_or(|w| w == has);
        !of.is_empty()
            && is(&of.manager, &entry.manager)
            && of.manager_prefix.as_deref().is_none_or(|start| entry.manager.starts_with(start))
            && is(&of.operation, entry.operation.word())
            && is(&of.kind, object.kind)
            && is(&of.cluster, object.cluster)
            && of.namespace.as_deref().is_none_or(|glob| fits(glob, &object.meta.namespace))
            && of.marker.as_deref().is_none_or(|key| {
                let template = &object.template.metadata.annotations;
                let own = &object.meta.annotations;
                markers::own_is_fresh(key, own, template, object.freshness)
            })
    };
    let (id, rule) = rules.programme.iter().find(|(_, rule)| matches(rule))?;
    Some((rule.class, id.clone()))
}

/// What the surroundings of an ambiguous name may change: the first that fits.
fn in_context(by_name: Judged, entry: &Entry, object: &Object<'_>, rules: &Rules) -> Judged {
    let template = &object.template.metadata.annotations;
    let mark = markers::fresh(&object.meta.annotations, template, object.freshness);
    // What the cluster has forgotten, the mark of a run does not bring back.
    if by_name.reason != Reason::HistoryLost && mark.is_some() {
        return Judged {
            class: WriterClass::Pipeline,
            confidence: Confidence::Medium,
            reason: Reason::Marker,
            rule: None,
            mark,
        };
    }
    let followed = markers::follows(object.group, object.kind, object.meta).is_some();
    let manager = &*entry.manager;
    let by_hand =
        ["kubectl-set", "kubectl-patch", "kubectl-replace", "kubectl-create", "kubectl-run"];
    if followed && by_hand.contains(&manager) {
        return Judged {
            class: WriterClass::Manual,
            confidence: Confidence::High,
            reason: Reason::BesideGitops,
            ..by_name
        };
    }
    // Earlier versions of delivery controllers wrote these very names.
    if followed && ["kubectl-client-side-apply", "kubectl"].contains(&manager) {
        return by_name;
    }
    if !rules.pipeline_managers.is_empty() && by_name.reason != Reason::HistoryLost {
        return Judged {
            class: WriterClass::Manual,
            confidence: Confidence::Medium,
            reason: Reason::OtherThanDeclared,
            ..by_name
        };
    }
    by_name
}

/// Manual is worst, because it is drift; then what nobody can tell.
fn badness(class: WriterClass) -> u8 {
    match class {
        WriterClass::Manual => 3,
        WriterClass::Ambiguous => 2,
        WriterClass::Controller => 1,
        WriterClass::Pipeline | WriterClass::Gitops => 0,
    }
}

/// Who last wrote the image of each container of the template.
pub fn image_writers(object: &Object<'_>, rules: &Rules) -> ImageWriters {
    image_writers_by(NAMES, object, rules)
}

fn image_writers_by(names: &[Known], object: &Object<'_>, rules: &Rules) -> ImageWriters {
    let mut containers: Vec<ImageWriter> = object
        .template
        .spec
        .all()
        .map(|(_, container)| image_writer(names, &container.name, object, rules))
        .collect();
    // A stable sort: among equals the order of the template stands.
    containers.sort_by_key(|writer| std::cmp::Reverse(badness(writer.judged.class)));
    let class = containers.first().map_or(WriterClass::Ambiguous, |worst| worst.judged.class);
    ImageWriters { containers, class }
}

fn image_writer(
    names: &[Known],
    container: &str,
    object: &Object<'_>,
    rules: &Rules,
) -> ImageWriter {
    let mut owners: Vec<(&Entry, Judged)> = object
        .writers
        .of_image(container)
        .map(|entry| (entry, judge_by(names, entry, object, rules)))
        .collect();
    // Several owners wrote the same value. Delivery among them has taken it over; else the worst
    // word counts, and of equal words the latest.
    let delivered = owners.iter().any(|(_, judged)| judged.class.delivers());
    owners.sort_by_key(|(entry, judged)| {
        let bad = badness(judged.class);
        (if delivered { bad } else { 3 - bad }, std::cmp::Reverse(entry.at))
    });
    let by_hand = owners.iter().any(|(_, judged)| judged.class == WriterClass::Manual);
    let beside = owners.iter().skip(1).map(|(entry, _)| entry.manager.to_string()).collect();
    match owners.into_iter().next() {
        Some((entry, judged)) => ImageWriter {
            container: container.to_owned(),
            manager: entry.manager.to_string(),
            operation: entry.operation.word(),
            at: entry.at,
            judged,
            adopted: delivered && by_hand,
            beside,
        },
        None => ImageWriter {
            container: container.to_owned(),
            manager: String::new(),
            operation: "",
            at: None,
            judged: Judged {
                class: WriterClass::Ambiguous,
                confidence: Confidence::Low,
                reason: if object.writers.is_empty() {
                    Reason::NoManagedFields
                } else {
                    Reason::HistoryLost
                },
                rule: None,
                mark: None,
            },
            adopted: false,
            beside,
        },
    }
}

/// A change by hand that is still there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Drift {
    /// The name that was given.
    pub manager: String,
    /// How it was written.
    pub operation: &'static str,
    /// Not later than.
    pub at: Option<Moment>,
    /// Nothing but a restart: listed, and no fault by itself.
    pub restart_only: bool,
    /// Fields of the specification, some of them.
    pub fields: Vec<String>,
    /// How many more there are.
    pub more_fields: u32,
    /// Why it counts as done by hand.
    pub reason: Reason,
}

/// Changes by hand of anything of the specification, the newest first. Labels and annotations of
/// the object itself never count.
pub fn drifts(object: &Object<'_>, rules: &Rules) -> Vec<Drift> {
    let mut drifts: Vec<Drift> = object
        .writers
        .of(Owns::SPEC)
        .filter_map(|entry| {
            let judged = judge(entry, object, rules);
            (judged.class == WriterClass::Manual).then(|| Drift {
                manager: entry.manager.to_string(),
                operation: entry.operation.word(),
                at: entry.at,
                restart_only: !entry.owns.any(without_restart()),
                fields: entry.paths.iter().map(ToString::to_string).collect(),
                more_fields: entry.more_paths,
                reason: judged.reason,
            })
        })
        .collect();
    drifts.sort_by_key(|drift| std::cmp::Reverse(drift.at));
    drifts
}

fn without_restart() -> Owns {
    let mut owns = Owns::IMAGE;
    for more in [Owns::CONFIG, Owns::SCALE, Owns::PAUSED, Owns::OTHER] {
        owns.add(more);
    }
    owns
}

/// A name that stayed ambiguous with the same mark over at least three rollouts: proposed to the
/// team as its pipeline, never decided.
pub fn proposals<'a>(
    rollouts: impl IntoIterator<Item = (&'a str, Option<&'a str>, WriterClass)>,
) -> Vec<String> {
    let mut seen: BTreeMap<(&str, Option<&str>), u32> = BTreeMap::new();
    for (manager, mark, class) in rollouts {
        if class == WriterClass::Ambiguous && !manager.is_empty() {
            *seen.entry((manager, mark)).or_default() += 1;
        }
    }
    let mut names: Vec<String> = seen
        .into_iter()
        .filter(|(_, times)| *times >= 3)
        .map(|((manager, _), _)| manager.to_owned())
        .collect();
    names.dedup();
    names
}

#[cfg(test)]
mod tests;
