//! CD-11 … CD-13: images. Names are taken from the template, digests from what runs: a registry
//! mirror may rewrite the one, and a moved tag hides behind the other.

use super::{Around, Judgement, Parameters, told};
use crate::view::View;
use std::collections::{BTreeMap, BTreeSet};

/// Tags that are moved. `latest` always is; the rest is the playbook's.
const FLOATING: [&str; 15] = [
    "latest",
    "stable",
    "prod",
    "production",
    "live",
    "main",
    "master",
    "develop",
    "dev",
    "staging",
    "edge",
    "nightly",
    "canary",
    "next",
    "current",
];

/// A reference to an image, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Registry, with the default where none is named.
    pub registry: String,
    /// Path within it.
    pub path: String,
    /// Tag.
    pub tag: Option<String>,
    /// Digest; decides where there is one, whatever the tag says.
    pub digest: Option<String>,
}

const DEFAULT_REGISTRY: &str = "docker.io";

impl Reference {
    /// Takes a reference apart: `[registry[:port]/]path[:tag][@algorithm:hex]`.
    pub fn parse(text: &str) -> Option<Self> {
        if text.is_empty() || text.chars().any(char::is_whitespace) {
            return None;
        }
        let (name, digest) = match text.rsplit_once('@') {
            Some((name, digest)) => {
                let (algorithm, hex) = digest.split_once(':')?;
                let is_hex = hex.len() >= 32 && hex.chars().all(|c| c.is_ascii_hexdigit());
                (is_hex && !algorithm.is_empty()).then_some(())?;
                (name, Some(digest.to_owned()))
            }
            None => (text, None),
        };
        // A colon before the last slash is that of a port.
        let last = name.rfind('/').map_or(0, |slash| slash + 1);
        let (name, tag) = match name[last..].find(':') {
            Some(colon) => (&name[..last + colon], Some(name[last + colon + 1..].to_owned())),
            None => (name, None),
        };
        if tag.as_deref().is_some_and(|tag| tag.is_empty() || tag.len() > 128) {
            return None;
        }
        let (registry, path) = match name.split_once('/') {
            Some((first, path))
                if first.contains(['.', ':']) || first == "localhost" || first.starts_with('[') =>
            {
                (first.to_lowercase(), path.to_owned())
            }
            Some(_) => (DEFAULT_REGISTRY.to_owned(), name.to_owned()),
            None => (DEFAULT_REGISTRY.to_owned(), format!("library/{name}")),
        };
        let part = |part: &str| {
            !part.is_empty()
                && part.chars().all(|c| {
                    c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.')
                })
        };
        path.split('/').all(part).then_some(Self { registry, path, tag, digest })
    }
}

/// CD-11
pub fn pinned(view: &View<'_>, _: &Around<'_>, with: &Parameters) -> Judgement {
    let own = with.list("floating");
    let floats = |tag: &str| {
        tag == "latest"
            || own.map_or_else(|| FLOATING.contains(&tag), |list| list.iter().any(|one| one == tag))
    };
    let mut broad = Vec::new();
    let mut unread = None;
    for (list, container) in view.template.spec.all() {
        let field =
            format!("{}.spec.{list}[{}].image", view.workload.template_path(), container.name);
        let Some(image) = Reference::parse(&container.image) else {
            unread.get_or_insert((field, &container.image));
            continue;
        };
        if image.digest.is_some() {
            continue;
        }
        match &image.tag {
            None => return Judgement::fail(view, "no_tag").by(field, &container.image),
            Some(tag) if floats(tag) => {
                return Judgement::fail(view, "floating_tag").by(field, &container.image);
            }
            Some(tag) if is_broad(tag) => broad.push(container.image.to_string()),
            Some(_) => {}
        }
    }
    if let Some((field, image)) = unread {
        return Judgement::unknown(view, "image_unreadable").by(field, image);
    }
    let images: Vec<&str> =
        view.template.spec.all().map(|(_, container)| &*container.image).collect();
    let note = if broad.is_empty() {
        String::new()
    } else {
        format!("{}: a number this short is usually moved", broad.join(", "))
    };
    Judgement::pass(view)
        .by(format!("{}.spec.containers[].image", view.workload.template_path()), images.join(", "))
        .noting(note)
}

/// A bare major or `major.minor` number.
fn is_broad(tag: &str) -> bool {
    let tag = tag.strip_prefix('v').unwrap_or(tag);
    let parts: Vec<&str> = tag.split('.').collect();
    parts.len() <= 2
        && parts.iter().all(|part| {
            !part.is_empty() && part.len() <= 4 && part.chars().all(|c| c.is_ascii_digit())
        })
}

/// CD-12
pub fn consistent(view: &View<'_>, _: &Around<'_>, _: &Parameters) -> Judgement {
    let digest_only =
        view.template.spec.serving().all(|(_, one)| {
            Reference::parse(&one.image).is_some_and(|image| image.digest.is_some())
        });
    if digest_only {
        return Judgement::not_applicable(view, "pinned_by_digest");
    }
    let current = told!(view, view.current.clone());
    let ready: Vec<_> = current.iter().filter(|one| one.health.reason == "ready").collect();
    if ready.len() < 2 {
        return Judgement::unknown(view, "too_few_pods")
            .by("status.containerStatuses[].imageID", format!("{} ready pods", ready.len()));
    }
    let snapshot = view.snapshot();
    let architecture = |node: &str| {
        let mut nodes = snapshot.read(&snapshot.nodes, "").ok()?;
        let node = nodes.find(|one| *one.meta.name == *node)?;
        let label = node.meta.labels.get("kubernetes.io/arch");
        Some(label.unwrap_or(&node.status.node_info.architecture).to_owned())
    };
    // Container and architecture → digests.
    let mut digests: BTreeMap<&str, BTreeMap<Option<String>, BTreeSet<&str>>> = BTreeMap::new();
    for judged in &ready {
        let on = architecture(&judged.pod.spec.node_name);
        for status in &judged.pod.status.container_statuses {
            let Some((_, digest)) = status.image_id.rsplit_once('@') else {
                return Judgement::unknown(view, "local_image")
                    .on(judged.pod)
                    .by("status.containerStatuses[].imageID", &status.image_id);
            };
            digests.entry(&status.name).or_default().entry(on.clone()).or_default().insert(digest);
        }
    }
    for (container, by_architecture) in &digests {
        let field = format!("status.containerStatuses[{container}].imageID");
        if let Some((on, several)) = by_architecture.iter().find(|(_, all)| all.len() > 1) {
            let list: Vec<&str> = several.iter().copied().collect();
            // Where nobody may read nodes, two digests may be those of two architectures.
            let judgement = if on.is_some() {
                Judgement::fail(view, "tag_moved")
            } else {
                Judgement::unknown(view, "architecture_unknown")
            };
            return judgement.by(field, list.join(", "));
        }
        let all: BTreeSet<&str> = by_architecture.values().flatten().copied().collect();
        if all.len() > 1 {
            return Judgement::unknown(view, "differs_by_architecture")
                .by(field, all.into_iter().collect::<Vec<_>>().join(", "));
        }
    }
    Judgement::pass(view)
        .by("status.containerStatuses[].imageID", format!("{} pods alike", ready.len()))
}

/// CD-13
pub fn registry(view: &View<'_>, _: &Around<'_>, with: &Parameters) -> Judgement {
    let Some(allowed) = with.list("registries").filter(|list| !list.is_empty()) else {
        return Judgement::not_applicable(view, "no_list");
    };
    let mut seen = BTreeSet::new();
    let mut unread = None;
    for (list, container) in view.template.spec.all() {
        let field =
            format!("{}.spec.{list}[{}].image", view.workload.template_path(), container.name);
        let Some(image) = Reference::parse(&container.image) else {
            unread.get_or_insert((field, &container.image));
            continue;
        };
        let place = format!("{}/{}", image.registry, image.path);
        let within = |allowed: &String| {
            let allowed = allowed.trim_end_matches('/');
            image.registry == *allowed || place.starts_with(&format!("{allowed}/"))
        };
        if !allowed.iter().any(within) {
            return Judgement::fail(view, "registry_not_allowed").by(field, &image.registry);
        }
        seen.insert(image.registry);
    }
    if let Some((field, image)) = unread {
        return Judgement::unknown(view, "image_unreadable").by(field, image);
    }
    let seen: Vec<String> = seen.into_iter().collect();
    Judgement::pass(view)
        .by(format!("{}.spec.containers[].image", view.workload.template_path()), seen.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_taken_apart() {
        let hex = "a".repeat(64);
        let check = |text: &str, expect: Option<(&str, &str, Option<&str>, bool)>| {
            let read = Reference::parse(text);
            let parts = read.as_ref().map(|read| {
                (&*read.registry, &*read.path, read.tag.as_deref(), read.digest.is_some())
            });
            assert_eq!(parts, expect, "{text}");
        };
        check("app", Some(("docker.io", "library/app", None, false)));
        check("app:1", Some(("docker.io", "library/app", Some("1"), false)));
        check("team/app:1.2", Some(("docker.io", "team/app", Some("1.2"), false)));
        check("registry.example/app", Some(("registry.example", "app", None, false)));
        check("registry.example:5000/app", Some(("registry.example:5000", "app", None, false)));
        check(
            "registry.example:5000/app:2",
            Some(("registry.example:5000", "app", Some("2"), false)),
        );
        check(
            "registry.example:5000/a/b/c:2",
            Some(("registry.example:5000", "a/b/c", Some("2"), false)),
        );
        check("localhost/app:1", Some(("localhost", "app", Some("1"), false)));
        check("localhost:5000/app", Some(("localhost:5000", "app", None, false)));
        check("Registry.Example/app:1", Some(("registry.example", "app", Some("1"), false)));
        check("[fd00::1]:5000/app:1", Some(("[fd00::1]:5000", "app", Some("1"), false)));
        check("10.0.0.1/app:1", Some(("10.0.0.1", "app", Some("1"), false)));
        check("10.0.0.1:5000/app", Some(("10.0.0.1:5000", "app", None, false)));
        let digest = format!("app@sha256:{hex}");
        check(&digest, Some(("docker.io", "library/app", None, true)));
        let both = format!("registry.example:5000/app:1@sha256:{hex}");
        check(&both, Some(("registry.example:5000", "app", Some("1"), true)));
        check(&format!("team/app@sha512:{hex}{hex}"), Some(("docker.io", "team/app", None, true)));
        check("a.b/c_d/e-f:x_y.z", Some(("a.b", "c_d/e-f", Some("x_y.z"), false)));
        check("ghcr.io/org/app:sha-1234", Some(("ghcr.io", "org/app", Some("sha-1234"), false)));
        check("quay.io/a/b", Some(("quay.io", "a/b", None, false)));
        check("team/app", Some(("docker.io", "team/app", None, false)));
        check("app:v1.2.3-rc.1", Some(("docker.io", "library/app", Some("v1.2.3-rc.1"), false)));
        check("", None);
        check("registry.example/", None);
        check("registry.example//app", None);
        check("App:1", None);
        check("app:", None);
        check("app@sha256:short", None);
        check("app@", None);
        check("app 1", None);
        check("team/App", None);
        check(":1", None);
        check(&format!("app:{}", "x".repeat(129)), None);
    }

    #[test]
    fn short_numbers_are_broad() {
        for (tag, expect) in [
            ("1", true),
            ("v2", true),
            ("1.25", true),
            ("1.25.3", false),
            ("20260301", false),
            ("a1", false),
        ] {
            assert_eq!(is_broad(tag), expect, "{tag}");
        }
    }
}
