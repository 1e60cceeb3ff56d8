//! The merged model becomes the inventory: profiles, names, dependencies, ports, places.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use pilotage_domain::words::{DependencyKind, NodeClass};

use crate::aliases::aliases;
use crate::classify::{Subject, classify};
use crate::discovered::{Discovered, DiscoveredDependency, DiscoveredService, Evidence, Said};
use crate::document::Service;
use crate::format::Format;
use crate::image::{Image, ImageHabits};
use crate::load::Model;
use crate::names::{normalised, shown};
use crate::node::{At, Content, Node};
use crate::paths::{absolute, relative};
use crate::report::Session;
use crate::shape::DEFAULT_CONTEXT;

/// Start order finds 63 % to 78 % of true edges and is wrong for one in four.
const START_ORDER_PERCENT: u8 = 70;

type Pair = (String, String);

/// Turns a model into what a person judges.
pub(crate) fn discover(model: Model, profiles: &[String], mut session: Session) -> Discovered {
    let mut left_out = HashMap::new();
    let services = taken(model.services, profiles, &mut left_out, &mut session);
    let evidence = evidence(&services, &left_out, &mut session);

    let images: Vec<Image> = services
        .values()
        .filter_map(|service| service.node.text_of("image").map(Image::parse))
        .collect();
    let habits = ImageHabits::of(images.iter());
    let subjects: Vec<Subject> =
        services.iter().map(|(name, service)| subject(name, &service.node)).collect();
    let pairs: BTreeSet<Pair> = evidence.keys().cloned().collect();
    let mut verdicts = classify(&subjects, &pairs, &habits);
    let mut other_names = aliases(&services, &habits);

    let mut listed = Vec::new();
    for (name, service) in services {
        let node = &service.node;
        let image = node.text_of("image").map(str::to_owned);
        if image.is_none() && node.get("build").is_none_or(Node::is_null) {
            let name = shown(&name);
            let text = format!(
                "The service {name} has neither `image` nor `build`; it is listed all the same."
            );
            session.warn(service.at, text);
        }
        let (class, class_reason) =
            verdicts.remove(&name).unwrap_or((NodeClass::Service, String::new()));
        listed.push(DiscoveredService {
            class,
            class_reason,
            image,
            source_directory: source_directory(node, session.root()),
            aliases: other_names.remove(&name).unwrap_or_default(),
            class_is_guessed: false,
            ports: ports(node),
            place: session.place(service.at),
            said: Said::default(),
            name,
        });
    }
    let dependencies = evidence
        .into_iter()
        .map(|((from, to), evidence)| DiscoveredDependency {
            from,
            to,
            kind: DependencyKind::StartOrder,
            confidence_percent: START_ORDER_PERCENT,
            evidence: evidence.into_iter().collect(),
        })
        .collect();
    session.finish(Discovered {
        format: Format::Compose,
        services: listed,
        dependencies,
        ..Discovered::default()
    })
}

/// Active services with names that cannot be confused. `left_out` gets the others with the reason.
fn taken(
    services: BTreeMap<String, Service>,
    profiles: &[String],
    left_out: &mut HashMap<String, &'static str>,
    session: &mut Session,
) -> BTreeMap<String, Service> {
    let mut in_order: Vec<(String, Service)> = services.into_iter().collect();
    in_order.sort_by(|(a, first), (b, second)| (first.at, a).cmp(&(second.at, b)));
    let mut known: HashMap<String, (String, At)> = HashMap::new();
    let mut result = BTreeMap::new();
    for (name, service) in in_order {
        if !is_active(&service.node, profiles) {
            left_out.insert(name, "belongs to a profile that was not chosen");
            continue;
        }
        if let Some((first, at)) = known.get(&normalised(&name)) {
            let reason = format!(
                "The name is the same as “{}” in {} when case, `-`, `_` and `.` do not count; this one stands in {}. Rename one of the two.",
                shown(first),
                session.words(*at),
                session.words(service.at)
            );
            session.reject(&name, service.at, reason);
            left_out.insert(name, "was not taken because of its name");
            continue;
        }
        known.insert(normalised(&name), (name.clone(), service.at));
        result.insert(name, service);
    }
    result
}

fn is_active(service: &Node, chosen: &[String]) -> bool {
    let profiles = service.get("profiles").map(Node::texts).unwrap_or_default();
    chosen.is_empty()
        || profiles.is_empty()
        || chosen.iter().any(|chosen| chosen == "*")
        || profiles.iter().any(|(profile, _)| chosen.iter().any(|c| c.trim() == profile.trim()))
}

/// Every declared pair with everything that declares it.
fn evidence(
    services: &BTreeMap<String, Service>,
    left_out: &HashMap<String, &'static str>,
    session: &mut Session,
) -> BTreeMap<Pair, BTreeSet<Evidence>> {
    let mut result: BTreeMap<Pair, BTreeSet<Evidence>> = BTreeMap::new();
    for (from, service) in services {
        for declared in declared(&service.node) {
            let Declared { to, at, text, is_required } = declared;
            let subject = format!("{} → {}", shown(from), shown(to));
            if to == from {
                session.reject(&subject, at, "The service names itself. Remove the entry.");
            } else if services.contains_key(to) {
                let evidence = Evidence { place: session.place(at), text };
                result.entry((from.clone(), to.to_owned())).or_default().insert(evidence);
            } else if let Some(reason) = left_out.get(to) {
                session.reject(&subject, at, format!("The service {} {reason}.", shown(to)));
            } else if is_required {
                let reason = format!(
                    "No service is called “{}”. Correct the name, or import the file that has it.",
                    shown(to)
                );
                session.reject(&subject, at, reason);
            } else {
                session.warn(at, format!("{subject}: the optional service is not in these files."));
            }
        }
        for link in service.node.get("external_links").map(Node::items).unwrap_or_default() {
            let text =
                "An external link leads to a container outside these files; it is no dependency.";
            session.warn(link.at, text);
        }
    }
    result
}

struct Declared<'node> {
    to: &'node str,
    at: At,
    text: String,
    is_required: bool,
}

fn declared(service: &Node) -> Vec<Declared<'_>> {
    let mut result = Vec::new();
    for entry in service.get("depends_on").map(Node::entries).unwrap_or_default() {
        let condition = entry.value.text_of("condition").map(|word| format!(" ({})", shown(word)));
        result.push(Declared {
            to: entry.key.trim(),
            at: entry.at,
            text: format!("depends_on: {}{}", shown(&entry.key), condition.unwrap_or_default()),
            is_required: entry.value.text_of("required") != Some("false"),
        });
    }
    for link in service.get("links").map(Node::items).unwrap_or_default() {
        let Some(written) = link.text() else { continue };
        let to = written.split(':').next().unwrap_or_default().trim();
        let text = format!("links: {}", shown(written.trim()));
        result.push(Declared { to, at: link.at, text, is_required: true });
    }
    result
}

fn subject(name: &str, service: &Node) -> Subject {
    let command = ["entrypoint", "command"]
        .iter()
        .filter_map(|key| service.get(key))
        .flat_map(Node::texts)
        .flat_map(|(text, _)| text.split_whitespace())
        .take(8)
        .map(str::to_owned)
        .collect();
    let container_ports = ports(service)
        .iter()
        .filter_map(|port| port.split('/').next()?.rsplit(':').next())
        .map(str::to_owned)
        .collect();
    Subject {
        name: name.to_owned(),
        image: service.text_of("image").map(Image::parse),
        is_built: service.get("build").is_some_and(|build| !build.is_null()),
        command,
        container_ports,
    }
}

/// `ports` and `expose` in short form.
fn ports(service: &Node) -> Vec<String> {
    let mut result = BTreeSet::new();
    for key in ["ports", "expose"] {
        for item in service.get(key).map(Node::items).unwrap_or_default() {
            let port = match &item.content {
                Content::Map(_) => long_port(item),
                _ => item.text().map(|text| text.trim().to_owned()),
            };
            result.extend(port.filter(|port| port.chars().any(|part| part.is_ascii_digit())));
        }
    }
    result.into_iter().collect()
}

fn long_port(port: &Node) -> Option<String> {
    let mut result = port.text_of("target")?.to_owned();
    if let Some(published) = port.text_of("published") {
        result = format!("{published}:{result}");
        if let Some(host) = port.text_of("host_ip") {
            result = format!("{host}:{result}");
        }
    }
    if let Some(protocol) = port.text_of("protocol").filter(|protocol| *protocol != "tcp") {
        result = format!("{result}/{protocol}");
    }
    Some(result)
}

/// The context joined with the Dockerfile's folder. Where the context is the whole repository, the
/// Dockerfile's folder is the better answer, and the joined path is just that.
fn source_directory(service: &Node, root: &Path) -> Option<String> {
    let build = service.get("build")?;
    let context = build.get("context").or_else(|| build.get(DEFAULT_CONTEXT))?;
    let context = Path::new(context.text()?);
    let dockerfile = build.text_of("dockerfile").map(Path::new).filter(|path| path.is_relative());
    let folder = dockerfile.and_then(Path::parent).unwrap_or(Path::new(""));
    Some(relative(&absolute(&context.join(folder)), root))
}
