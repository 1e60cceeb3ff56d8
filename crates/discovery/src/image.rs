//! Image references: which part of them is the name of the program.

use std::collections::{BTreeMap, BTreeSet, HashMap};

/// An image reference, taken apart. Never fails: odd references give empty parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Image {
    /// Everything before tag and digest, in lower case.
    pub(crate) repository: String,
    /// Empty if there is none.
    pub(crate) tag: String,
}

impl Image {
    pub(crate) fn parse(reference: &str) -> Self {
        let reference = reference.trim().to_lowercase();
        let without_digest = reference.split('@').next().unwrap_or_default();
        let (parents, last) = match without_digest.rsplit_once('/') {
            Some((parents, last)) => (Some(parents), last),
            None => (None, without_digest),
        };
        let (last, tag) = last.split_once(':').unwrap_or((last, ""));
        let repository =
            parents.map_or_else(|| last.to_owned(), |parents| format!("{parents}/{last}"));
        Self { repository, tag: tag.to_owned() }
    }

    /// The last part of the repository.
    pub(crate) fn last(&self) -> &str {
        self.repository.rsplit('/').next().unwrap_or_default()
    }

    /// The repository without its last part; empty for an official image.
    pub(crate) fn parent(&self) -> &str {
        self.repository.rsplit_once('/').map_or("", |(parent, _)| parent)
    }

    /// What a tag says beside a version: `cart` in `1.2-cart` and `latest-cart`.
    fn tag_name(&self) -> &str {
        let Some((version, rest)) = self.tag.split_once('-') else {
            return if is_version(&self.tag) { "" } else { &self.tag };
        };
        if is_version(version) { rest } else { &self.tag }
    }
}

/// What the images of one system have in common, which therefore names none of them.
#[derive(Debug, Default)]
pub(crate) struct ImageHabits {
    /// `rs-`, where most images begin so.
    prefix: Option<String>,
    /// Repositories that hold one program per tag.
    by_tag: BTreeSet<String>,
    /// Services per folder of repositories.
    families: HashMap<String, usize>,
}

impl ImageHabits {
    /// Looks at every image of the system.
    pub(crate) fn of<'image>(images: impl Iterator<Item = &'image Image> + Clone) -> Self {
        let mut families = HashMap::new();
        let mut tags: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let mut lasts = BTreeSet::new();
        for image in images {
            *families.entry(image.parent().to_owned()).or_insert(0) += 1;
            tags.entry(&image.repository).or_default().push(image.tag_name());
            lasts.insert(image.last());
        }
        let by_tag = tags
            .into_iter()
            .filter(|(_, names)| {
                let distinct: BTreeSet<_> = names.iter().collect();
                names.len() > 1 && distinct.len() == names.len() && !distinct.contains(&"")
            })
            .map(|(repository, _)| repository.to_owned())
            .collect();
        Self { prefix: common_prefix(&lasts), by_tag, families }
    }

    /// The part that names the program.
    pub(crate) fn name(&self, image: &Image) -> String {
        if self.by_tag.contains(&image.repository) {
            return image.tag_name().to_owned();
        }
        let last = image.last();
        let stripped = self.prefix.as_deref().and_then(|prefix| last.strip_prefix(prefix));
        stripped.filter(|rest| !rest.is_empty()).unwrap_or(last).to_owned()
    }

    /// Whether the image seems to be the team's own: it lies where at least three lie, or in a
    /// repository with one program per tag. Official images lie nowhere.
    pub(crate) fn is_own(&self, image: &Image) -> bool {
        let parent = image.parent();
        self.by_tag.contains(&image.repository)
            || (!parent.is_empty() && self.families.get(parent).is_some_and(|&count| count >= 3))
    }
}

/// The first segment with its separator, if more than half and at least three begin with it.
fn common_prefix(lasts: &BTreeSet<&str>) -> Option<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for last in lasts {
        if let Some(end) = last.find(['-', '_', '.']) {
            *counts.entry(last.get(..=end).unwrap_or_default()).or_insert(0) += 1;
        }
    }
    counts
        .into_iter()
        .find(|&(_, count)| count >= 3 && count * 2 > lasts.len())
        .map(|(prefix, _)| prefix.to_owned())
}

fn is_version(text: &str) -> bool {
    let text = text.strip_prefix('v').unwrap_or(text);
    text.starts_with(|first: char| first.is_ascii_digit())
        || matches!(
            text,
            "" | "latest" | "main" | "master" | "dev" | "develop" | "nightly" | "stable" | "edge"
        )
}
