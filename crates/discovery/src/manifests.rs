//! Kubernetes manifests: names, images and classes of workloads, from files or folders read as one
//! set.
//!
//! Deliberately absent: dependencies, and rendering. Helm templates are not YAML; they are a warning.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use crate::classify::{Subject, classify};
use crate::discovered::{Alias, Discovered, DiscoveredService, Said};
use crate::error::DiscoveryError;
use crate::file::read_text;
use crate::format::Format;
use crate::image::{Image, ImageHabits};
use crate::names::{name_problem, normalised, shown};
use crate::node::{At, Node};
use crate::paths::{absolute, folder};
use crate::report::Session;
use crate::said;
use crate::yaml::parse;

/// Folders inside folders.
const MAX_STEPS: usize = 16;
/// Entries of folders looked at, whatever they are.
const MAX_ENTRIES: usize = 50_000;
/// Text of all files of one import.
const MAX_TOTAL_BYTES: usize = 64 * 1024 * 1024;
/// Workloads of one import.
const MAX_WORKLOADS: usize = 20_000;
/// Workloads with one label, above which it tells none of them apart.
const MAX_CANDIDATES: usize = 200;
/// Lists inside lists.
const MAX_LISTS: usize = 4;

/// A file, and whether a person named it: then it must be readable.
struct Source {
    path: PathBuf,
    is_named: bool,
}

/// A workload as one document says it.
struct Workload {
    name: String,
    kind: String,
    namespace: String,
    at: At,
    image: Option<String>,
    command: Vec<String>,
    ports: BTreeSet<String>,
    /// Labels of its pods.
    labels: BTreeMap<String, String>,
    aliases: BTreeSet<Alias>,
}

/// A Kubernetes Service: a name that leads to pods with these labels.
struct Address {
    name: String,
    namespace: String,
    selector: BTreeMap<String, String>,
}

#[derive(Default)]
struct Found {
    workloads: Vec<Workload>,
    addresses: Vec<Address>,
    /// Text that says `apiVersion` and `kind` was seen.
    objects: usize,
    templates: usize,
}

/// Reads manifests; folders are walked, links in them are not followed.
pub(crate) fn read(paths: &[PathBuf]) -> Result<Discovered, DiscoveryError> {
    let Some(first) = paths.first() else {
        return Err(DiscoveryError::NoFile);
    };
    let first = absolute(first);
    let root = if first.is_dir() { first.clone() } else { folder(&first) };
    let mut session = Session::new(root);
    let mut sources = Vec::new();
    for path in paths {
        let path = absolute(path);
        if path.is_dir() {
            walk(&path, &mut sources, &mut session)?;
        } else {
            sources.push(Source { path, is_named: true });
        }
    }
    let mut found = Found::default();
    let mut total = 0;
    for source in &sources {
        read_file(source, &mut total, &mut found, &mut session)?;
    }
    if found.workloads.is_empty() && found.templates == 0 {
        let problem = if found.objects == 0 {
            "nothing in it has `apiVersion` and `kind`"
        } else {
            "it describes no workload (Deployment, StatefulSet, DaemonSet, Job, CronJob, Rollout)"
        };
        let file = session.file(&first);
        return Err(DiscoveryError::NotOfFormat {
            file: session.shown(file).to_owned(),
            line: 1,
            format: Format::Manifests,
            problem: problem.to_owned(),
        });
    }
    let services = services(found, &mut session);
    let found = Discovered { format: Format::Manifests, services, ..Discovered::default() };
    Ok(session.finish(found))
}

/// YAML files below a folder, in order of their paths.
fn walk(
    top: &Path,
    sources: &mut Vec<Source>,
    session: &mut Session,
) -> Result<(), DiscoveryError> {
    let limit = |session: &mut Session, limit: String| {
        let at = At { file: session.file(top), line: 1 };
        session.limit(at, limit)
    };
    let mut waiting = vec![(top.to_owned(), 0)];
    let mut entries = 0;
    while let Some((here, steps)) = waiting.pop() {
        let listed = match std::fs::read_dir(&here) {
            Ok(listed) => listed,
            Err(error) => {
                let at = At { file: session.file(&here), line: 1 };
                session.warn(at, format!("The folder cannot be read: {}.", error.kind()));
                continue;
            }
        };
        let mut inside: Vec<_> = listed.filter_map(Result::ok).collect();
        inside.sort_by_key(std::fs::DirEntry::file_name);
        entries += inside.len();
        if entries > MAX_ENTRIES {
            return Err(limit(
                session,
                format!("more than {MAX_ENTRIES} files and folders lie in it"),
            ));
        }
        let mut folders = Vec::new();
        for entry in inside {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().to_lowercase();
            if name.starts_with('.') || name == "node_modules" {
                continue;
            }
            // The type of the entry itself: a link is neither file nor folder here.
            let Ok(kind) = entry.file_type() else { continue };
            let is_yaml = path.extension().is_some_and(|ending| {
                ending.eq_ignore_ascii_case("yaml") || ending.eq_ignore_ascii_case("yml")
            });
            if kind.is_dir() {
                if steps >= MAX_STEPS {
                    let depth = format!("folders lie in it more than {MAX_STEPS} steps deep");
                    return Err(limit(session, depth));
                }
                folders.push((path, steps + 1));
            } else if kind.is_file() && is_yaml {
                sources.push(Source { path, is_named: false });
            } else if kind.is_symlink() && is_yaml {
                let at = At { file: session.file(&path), line: 1 };
                session.warn(at, "The file is a link; links are not followed.");
            }
        }
        waiting.extend(folders.into_iter().rev());
    }
    Ok(())
}

fn read_file(
    source: &Source,
    total: &mut usize,
    found: &mut Found,
    session: &mut Session,
) -> Result<(), DiscoveryError> {
    let id = session.file(&source.path);
    let at = At { file: id, line: 1 };
    session.spend_file(at)?;
    let file = session.shown(id).to_owned();
    let text = match read_text(&source.path, &file) {
        Ok(text) => text,
        Err(error) if source.is_named => return Err(error),
        Err(error) => {
            session.reject(&file, at, error.to_string());
            return Ok(());
        }
    };
    *total += text.len();
    if *total > MAX_TOTAL_BYTES {
        let mib = MAX_TOTAL_BYTES / (1024 * 1024);
        return Err(session.limit(at, format!("the files hold more than {mib} MiB together")));
    }
    match parse(&text, id, &file) {
        Ok(documents) => {
            for document in &documents {
                object(document, 0, found, session)?;
            }
        }
        Err(_) if text.contains("{{") => template(at, found, session),
        Err(error) if source.is_named => return Err(error),
        Err(error) => {
            let at = At { line: error.line().unwrap_or(1), ..at };
            session.reject(&file, at, error.to_string());
        }
    }
    Ok(())
}

fn template(at: At, found: &mut Found, session: &mut Session) {
    found.templates += 1;
    let text = "This is a Helm template and no manifest: render it first (`helm template`) and import what comes out.";
    session.warn(at, text);
}

fn object(
    node: &Node,
    lists: usize,
    found: &mut Found,
    session: &mut Session,
) -> Result<(), DiscoveryError> {
    let (Some(version), Some(kind)) = (node.text_of("apiVersion"), node.text_of("kind")) else {
        return Ok(());
    };
    found.objects += 1;
    if kind.ends_with("List")
        && let Some(items) = node.get("items")
    {
        if lists >= MAX_LISTS {
            return Err(
                session.limit(node.at, format!("lists lie in lists more than {MAX_LISTS} times"))
            );
        }
        for item in items.items() {
            object(item, lists + 1, found, session)?;
        }
        return Ok(());
    }
    let Some(metadata) = node.get("metadata") else { return Ok(()) };
    let Some(name) = metadata.text_of("name") else { return Ok(()) };
    let namespace = metadata.text_of("namespace").unwrap_or_default().to_owned();
    let spec = node.get("spec");
    if kind == "Service" && version == "v1" {
        let selector = labels(spec.and_then(|spec| spec.get("selector")));
        if !selector.is_empty() {
            found.addresses.push(Address { name: name.to_owned(), namespace, selector });
        }
        return Ok(());
    }
    let template = match kind {
        "Deployment" | "StatefulSet" | "DaemonSet" | "Job" | "Rollout" => {
            spec.and_then(|spec| spec.get("template"))
        }
        "CronJob" => spec
            .and_then(|spec| spec.get("jobTemplate"))
            .and_then(|job| job.get("spec"))
            .and_then(|spec| spec.get("template")),
        _ => return Ok(()),
    };
    if name.contains("{{") {
        self::template(node.at, found, session);
        return Ok(());
    }
    let name = match said::name(name) {
        Ok(name) => name,
        Err(problem) => {
            session.reject(name, node.at, problem);
            return Ok(());
        }
    };
    if found.workloads.len() >= MAX_WORKLOADS {
        return Err(session.limit(node.at, format!("more than {MAX_WORKLOADS} workloads")));
    }
    found.workloads.push(workload(name, kind, namespace, node, metadata, template));
    Ok(())
}

fn workload(
    name: String,
    kind: &str,
    namespace: String,
    node: &Node,
    metadata: &Node,
    template: Option<&Node>,
) -> Workload {
    let pod = template.and_then(|template| template.get("spec"));
    let containers = pod.and_then(|pod| pod.get("containers")).map(Node::items).unwrap_or_default();
    // The first container is the workload; exporters and proxies come after it.
    let main = containers.first();
    let words = ["command", "args"]
        .iter()
        .filter_map(|key| main.and_then(|main| main.get(key)))
        .flat_map(Node::texts)
        .flat_map(|(text, _)| text.split_whitespace());
    let ports = main.and_then(|main| main.get("ports")).map(Node::items).unwrap_or_default();
    let mut aliases = BTreeSet::new();
    let converted = metadata.get("labels").and_then(|labels| labels.text_of("io.kompose.service"));
    if let Some(value) = converted.filter(|value| name_problem(value).is_none()) {
        let source = "io.kompose.service".to_owned();
        aliases.insert(Alias { value: value.to_owned(), source });
    }
    let image = main.and_then(|main| main.text_of("image"));
    Workload {
        name,
        kind: kind.to_owned(),
        namespace,
        at: node.at,
        image: image.and_then(|image| said::line(image).ok()),
        command: words.take(8).map(str::to_owned).collect(),
        ports: ports
            .iter()
            .filter_map(|port| port.text_of("containerPort"))
            .filter(|port| port.parse::<u16>().is_ok())
            .map(str::to_owned)
            .collect(),
        labels: labels(
            template
                .and_then(|template| template.get("metadata"))
                .and_then(|metadata| metadata.get("labels")),
        ),
        aliases,
    }
}

fn labels(node: Option<&Node>) -> BTreeMap<String, String> {
    node.map(Node::entries)
        .unwrap_or_default()
        .iter()
        .filter_map(|entry| Some((entry.key.clone(), entry.value.text()?.to_owned())))
        .collect()
}

/// One node a name. The same name again (another namespace, an overlay) is the same node.
fn services(found: Found, session: &mut Session) -> Vec<DiscoveredService> {
    let mut by_name: HashMap<String, usize> = HashMap::new();
    let mut kept: Vec<Workload> = Vec::new();
    for workload in found.workloads {
        let Some(earlier) =
            by_name.get(&normalised(&workload.name)).and_then(|&index| kept.get_mut(index))
        else {
            by_name.insert(normalised(&workload.name), kept.len());
            kept.push(workload);
            continue;
        };
        let differs = match (&earlier.image, &workload.image) {
            (Some(one), Some(other)) => one != other,
            _ => false,
        };
        if differs || earlier.kind != workload.kind {
            let text = format!(
                "{} {} is described again here, otherwise than in {}; that one was taken.",
                workload.kind,
                shown(&workload.name),
                session.words(earlier.at)
            );
            session.warn(workload.at, text);
        }
        earlier.aliases.extend(workload.aliases);
        earlier.ports.extend(workload.ports);
        if earlier.image.is_none() {
            earlier.image = workload.image;
            earlier.command = workload.command;
        }
        for (key, value) in workload.labels {
            earlier.labels.entry(key).or_insert(value);
        }
    }
    name_addresses(&mut kept, &found.addresses, &by_name);
    let images: Vec<Image> =
        kept.iter().filter_map(|workload| workload.image.as_deref().map(Image::parse)).collect();
    let habits = ImageHabits::of(images.iter());
    let subjects: Vec<Subject> = kept
        .iter()
        .map(|workload| Subject {
            name: workload.name.clone(),
            image: workload.image.as_deref().map(Image::parse),
            is_built: false,
            command: workload.command.clone(),
            container_ports: workload.ports.clone(),
        })
        .collect();
    let mut verdicts = classify(&subjects, &BTreeSet::new(), &habits);
    let mut services: Vec<DiscoveredService> = kept
        .into_iter()
        .filter_map(|workload| {
            let (class, class_reason) = verdicts.remove(&workload.name)?;
            let own = normalised(&workload.name);
            Some(DiscoveredService {
                class,
                class_reason,
                class_is_guessed: false,
                image: workload.image,
                source_directory: None,
                aliases: workload
                    .aliases
                    .into_iter()
                    .filter(|alias| normalised(&alias.value) != own)
                    .collect(),
                ports: workload.ports.into_iter().collect(),
                place: session.place(workload.at),
                said: Said::default(),
                name: workload.name,
            })
        })
        .collect();
    services.sort_by(|a, b| a.name.cmp(&b.name));
    services
}

/// A Service that leads to one workload only is another name of it.
fn name_addresses(
    workloads: &mut [Workload],
    addresses: &[Address],
    names: &HashMap<String, usize>,
) {
    // By one label of the selector, so that many workloads and many addresses stay quick.
    let mut by_label: HashMap<(String, String), Vec<usize>> = HashMap::new();
    for (index, workload) in workloads.iter().enumerate() {
        for (key, value) in &workload.labels {
            by_label.entry((key.clone(), value.clone())).or_default().push(index);
        }
    }
    let mut found: BTreeMap<(String, usize), String> = BTreeMap::new();
    let mut owners: HashMap<String, BTreeSet<usize>> = HashMap::new();
    for address in addresses {
        if names.contains_key(&normalised(&address.name)) || name_problem(&address.name).is_some() {
            continue;
        }
        let rarest = address
            .selector
            .iter()
            .map(|(key, value)| by_label.get(&(key.clone(), value.clone())))
            .map(|found| found.map(Vec::as_slice).unwrap_or_default())
            .min_by_key(|found| found.len());
        let candidates = rarest.unwrap_or_default();
        if candidates.len() > MAX_CANDIDATES {
            continue;
        }
        for &index in candidates {
            let fits = workloads.get(index).is_some_and(|workload| {
                workload.namespace == address.namespace
                    && address
                        .selector
                        .iter()
                        .all(|(key, value)| workload.labels.get(key) == Some(value))
            });
            if fits {
                owners.entry(normalised(&address.name)).or_default().insert(index);
                found.insert((normalised(&address.name), index), address.name.clone());
            }
        }
    }
    for ((key, index), value) in found {
        let is_only = owners.get(&key).is_some_and(|owners| owners.len() == 1);
        if let (true, Some(workload)) = (is_only, workloads.get_mut(index)) {
            workload.aliases.insert(Alias { value, source: "service".to_owned() });
        }
    }
}
