//! The other names of a service, each with where it came from.

use std::collections::{BTreeMap, BTreeSet};

use crate::discovered::Alias;
use crate::document::Service;
use crate::image::{Image, ImageHabits};
use crate::names::{name_problem, normalised};
use crate::node::Node;

/// Aliases of every service, by name.
pub(crate) fn aliases(
    services: &BTreeMap<String, Service>,
    habits: &ImageHabits,
) -> BTreeMap<String, Vec<Alias>> {
    let mut found: BTreeMap<&str, BTreeSet<Alias>> = BTreeMap::new();
    for (name, service) in services {
        let own = found.entry(name).or_default();
        own.extend(own_aliases(&service.node));
        for (target, alias) in link_aliases(&service.node, "links") {
            if let Some((target, _)) = services.get_key_value(target) {
                let alias = Alias { value: alias.to_owned(), source: "link alias".to_owned() };
                found.entry(target).or_default().insert(alias);
            }
        }
        for (container, alias) in link_aliases(&service.node, "external_links") {
            let target = services
                .iter()
                .find(|(_, other)| other.node.text_of("container_name") == Some(container));
            if let Some((target, _)) = target {
                let source = "external link alias".to_owned();
                found.entry(target).or_default().insert(Alias { value: alias.to_owned(), source });
            }
        }
    }
    let taken: BTreeSet<String> = services.keys().map(|name| normalised(name)).collect();
    for (name, alias) in image_aliases(services, habits, &taken) {
        found.entry(name).or_default().insert(alias);
    }
    found
        .into_iter()
        .map(|(name, aliases)| {
            let fits = |alias: &Alias| alias.value != name && name_problem(&alias.value).is_none();
            (name.to_owned(), aliases.into_iter().filter(fits).collect())
        })
        .collect()
}

fn own_aliases(service: &Node) -> Vec<Alias> {
    let alias =
        |value: &str, source: &str| Alias { value: value.to_owned(), source: source.to_owned() };
    let mut result = Vec::new();
    for source in ["container_name", "hostname"] {
        result.extend(service.text_of(source).map(|value| alias(value, source)));
    }
    for network in service.get("networks").map(Node::entries).unwrap_or_default() {
        for item in network.value.get("aliases").map(Node::items).unwrap_or_default() {
            result.extend(item.text().map(|value| alias(value.trim(), "network alias")));
        }
    }
    result
}

fn link_aliases<'node>(service: &'node Node, key: &str) -> Vec<(&'node str, &'node str)> {
    let links = service.get(key).map(Node::items).unwrap_or_default();
    let pairs = links.iter().filter_map(|link| link.text()?.split_once(':'));
    pairs.map(|(target, alias)| (target.trim(), alias.trim())).collect()
}

/// Names of images that fit one service only; `mongo` behind two services names neither.
fn image_aliases<'name>(
    services: &'name BTreeMap<String, Service>,
    habits: &ImageHabits,
    taken: &BTreeSet<String>,
) -> Vec<(&'name str, Alias)> {
    let mut owners: BTreeMap<String, Vec<(&str, String)>> = BTreeMap::new();
    for (name, service) in services {
        let Some(image) = service.node.text_of("image").map(Image::parse) else {
            continue;
        };
        let value = habits.name(&image);
        if normalised(&value) != normalised(name) && !taken.contains(&normalised(&value)) {
            owners.entry(normalised(&value)).or_default().push((name, value));
        }
    }
    owners
        .into_values()
        .filter(|owners| owners.len() == 1)
        .flatten()
        .map(|(name, value)| (name, Alias { value, source: "image".to_owned() }))
        .collect()
}
