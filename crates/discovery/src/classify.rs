//! Classes from signs: the image first, then the command, the name and the ports. A proposal, with
//! its reason; the signs themselves are in `signs`.

use std::collections::{BTreeMap, BTreeSet};

use pilotage_domain::words::NodeClass;

use crate::image::{Image, ImageHabits};
use crate::names::shown;
use crate::signs;

/// What is known about one service.
#[derive(Debug, Default)]
pub(crate) struct Subject {
    pub(crate) name: String,
    pub(crate) image: Option<Image>,
    pub(crate) is_built: bool,
    /// Words of command and entrypoint.
    pub(crate) command: Vec<String>,
    /// Ports inside the container.
    pub(crate) container_ports: BTreeSet<String>,
}

/// A class and why.
pub(crate) type Verdict = (NodeClass, String);

/// Classifies all services of a system. `dependencies` are pairs of names, from caller to callee.
pub(crate) fn classify(
    subjects: &[Subject],
    dependencies: &BTreeSet<(String, String)>,
    habits: &ImageHabits,
) -> BTreeMap<String, Verdict> {
    let mut verdicts: BTreeMap<String, Verdict> =
        subjects.iter().map(|subject| (subject.name.clone(), by_signs(subject, habits))).collect();
    let watched = subjects.iter().any(|subject| readings(subject, habits).iter().any(is_telemetry));
    for subject in subjects {
        let searches = readings(subject, habits)
            .iter()
            .any(|reading| signs::SEARCH_STORES.iter().any(|sign| reading.starts_with(sign)));
        if !searches || verdict_of(&verdicts, &subject.name) != Some(NodeClass::Datastore) {
            continue;
        }
        let callers: Vec<_> = dependencies
            .iter()
            .filter(|(_, to)| *to == subject.name)
            .filter_map(|(from, _)| verdict_of(&verdicts, from))
            .collect();
        let only_platform = callers.iter().all(|&class| class == NodeClass::Platform);
        let is_opensearch = readings(subject, habits).iter().any(|r| r.starts_with("opensearch"));
        if only_platform && (!callers.is_empty() || (watched && is_opensearch)) {
            let reason = "a search store beside telemetry that no service declares a need for";
            verdicts.insert(subject.name.clone(), (NodeClass::Platform, reason.to_owned()));
        }
    }
    verdicts
}

fn verdict_of(verdicts: &BTreeMap<String, Verdict>, name: &str) -> Option<NodeClass> {
    verdicts.get(name).map(|(class, _)| *class)
}

fn by_signs(subject: &Subject, habits: &ImageHabits) -> Verdict {
    let own = subject.is_built || subject.image.as_ref().is_some_and(|image| habits.is_own(image));
    let name = Reading::of(&subject.name, "name");
    let images = image_readings(subject, habits);
    for reading in &images {
        let Some((class, reason)) = verdict(reading, own) else {
            continue;
        };
        if class == NodeClass::Datastore && name.is_task() {
            let reason = format!("{reason}, but the name says that it is a task on it");
            return (NodeClass::Service, reason);
        }
        return (class, reason);
    }
    let program = subject.command.iter().take(4).find_map(|word| {
        let program = word.rsplit('/').next().unwrap_or_default();
        signs::LOAD_PROGRAMS.iter().find(|sign| **sign == program)
    });
    if let Some(program) = program {
        return (NodeClass::LoadGenerator, format!("the command runs {program}"));
    }
    if let Some(verdict) = verdict(&name, own) {
        return verdict;
    }
    let ports = &subject.container_ports;
    if !ports.is_empty() && ports.iter().all(|port| signs::STORE_PORTS.contains(&port.as_str())) {
        let ports: Vec<_> = ports.iter().map(String::as_str).collect();
        return (NodeClass::Datastore, format!("listens on {} only", ports.join(", ")));
    }
    (NodeClass::Service, "nothing says otherwise".to_owned())
}

fn verdict(reading: &Reading, own: bool) -> Option<Verdict> {
    let because =
        |sign: &str| format!("the {} “{}” says {sign}", reading.source, shown(&reading.text));
    let store = store_sign(reading);
    let ends_as_store = store.is_some_and(|sign| reading.ends_with(sign));
    if !ends_as_store {
        if let Some(sign) = reading.any(signs::LOAD) {
            return Some((NodeClass::LoadGenerator, because(sign)));
        }
        let front = own && reading.ends_in(signs::FRONT_ENDINGS).is_some();
        if let Some(sign) = platform_sign(reading).filter(|_| !front) {
            return Some((NodeClass::Platform, because(sign)));
        }
    }
    store.map(|sign| (NodeClass::Datastore, because(sign)))
}

fn platform_sign(reading: &Reading) -> Option<&'static str> {
    if reading.words.len() > 1 && reading.ends_with("exporter") {
        return Some("exporter");
    }
    reading
        .any(signs::TELEMETRY)
        .or_else(|| reading.any(signs::PLATFORM))
        .or_else(|| reading.whole(signs::TELEMETRY_WHOLE))
        .or_else(|| reading.whole(signs::PLATFORM_WHOLE))
}

fn store_sign(reading: &Reading) -> Option<&'static str> {
    if reading.ends_in(signs::OWN_ENDINGS).is_some() {
        return None;
    }
    let begins = signs::STORES.iter().find(|sign| reading.starts_with(sign)).copied();
    let ending = reading.ends_in(signs::STORE_ENDINGS).filter(|_| reading.words.len() > 1);
    reading
        .ends_in(signs::STORES)
        .or(ending)
        .or(begins)
        .or_else(|| reading.whole(signs::STORE_WHOLE))
}

fn is_telemetry(reading: &Reading) -> bool {
    reading.any(signs::TELEMETRY).is_some() || reading.whole(signs::TELEMETRY_WHOLE).is_some()
}

/// Everything that may name the program: the image's readings and the service's name.
fn readings(subject: &Subject, habits: &ImageHabits) -> Vec<Reading> {
    let mut readings = image_readings(subject, habits);
    readings.push(Reading::of(&subject.name, "name"));
    readings
}

fn image_readings(subject: &Subject, habits: &ImageHabits) -> Vec<Reading> {
    let Some(image) = &subject.image else {
        return Vec::new();
    };
    let mut readings = vec![Reading::of(image.last(), "image")];
    if readings.iter().any(|last| last.whole(signs::BARE_PARTS).is_some()) {
        let parent = image.parent().rsplit('/').next().unwrap_or_default();
        readings = vec![Reading::of(&format!("{parent}/{}", image.last()), "image")];
    }
    let name = habits.name(image);
    if name != image.last() {
        readings.push(Reading::of(&name, "image"));
    }
    readings
}

/// A name as its words.
struct Reading {
    text: String,
    source: &'static str,
    words: Vec<String>,
}

impl Reading {
    fn of(text: &str, source: &'static str) -> Self {
        let words = text
            .to_lowercase()
            .split(|character: char| !character.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect();
        Self { text: text.to_owned(), source, words }
    }

    fn is_task(&self) -> bool {
        self.ends_in(signs::TASKS).is_some()
            || signs::TASKS.iter().any(|sign| self.starts_with(sign))
    }

    fn any(&self, list: &[&'static str]) -> Option<&'static str> {
        let starts = 0..self.words.len();
        list.iter().copied().find(|sign| starts.clone().any(|start| self.stands_at(sign, start)))
    }

    fn whole(&self, list: &[&'static str]) -> Option<&'static str> {
        list.iter().copied().find(|sign| count(sign) == self.words.len() && self.starts_with(sign))
    }

    fn ends_in(&self, list: &[&'static str]) -> Option<&'static str> {
        list.iter().copied().find(|sign| self.ends_with(sign))
    }

    fn starts_with(&self, sign: &str) -> bool {
        self.stands_at(sign, 0)
    }

    fn ends_with(&self, sign: &str) -> bool {
        self.words.len().checked_sub(count(sign)).is_some_and(|start| self.stands_at(sign, start))
    }

    fn stands_at(&self, sign: &str, start: usize) -> bool {
        let words = self.words.iter().skip(start);
        words.len() >= count(sign)
            && sign.split(' ').zip(words).all(|(wanted, word)| {
                word == wanted || word.trim_end_matches(|c: char| c.is_ascii_digit()) == wanted
            })
    }
}

fn count(sign: &str) -> usize {
    sign.split(' ').count()
}
