//! Which format a file has, told by its content, and the fields that a format can speak of.

use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::error::DiscoveryError;
use crate::file::read_text;
use crate::names::normalised;
use crate::paths::{absolute, folder, shown_file};

/// What files can be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Docker Compose.
    #[default]
    Compose,
    /// A Backstage catalogue, `catalog-info.yaml`.
    Catalogue,
    /// A table, CSV.
    Table,
    /// Kubernetes manifests.
    Manifests,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Compose, Self::Catalogue, Self::Table, Self::Manifests];

    /// The word on the command line and on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::Compose => "compose",
            Self::Catalogue => "backstage",
            Self::Table => "csv",
            Self::Manifests => "manifests",
        }
    }

    /// Reads a word.
    pub fn from_word(word: &str) -> Option<Self> {
        let word = word.trim();
        Self::ALL.into_iter().find(|format| format.word().eq_ignore_ascii_case(word))
    }

    /// For sentences.
    pub fn title(self) -> &'static str {
        match self {
            Self::Compose => "Compose file",
            Self::Catalogue => "Backstage catalogue",
            Self::Table => "table (CSV)",
            Self::Manifests => "Kubernetes manifest",
        }
    }

    /// Whether a field that the file leaves out is thereby unset: a Compose file says all there is
    /// to say of image and source, every other absence says nothing.
    pub fn unsets(self, field: Field) -> bool {
        self == Self::Compose && matches!(field, Field::Image | Field::SourceDirectory)
    }
}

/// What is known of a service, field by field. The words are those of the table's titles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// By which it is recognised.
    Name,
    /// Class.
    Class,
    /// Other names, a list.
    Aliases,
    /// A person or a group.
    Owner,
    /// Team.
    Team,
    /// Address of the repository.
    Repository,
    /// Folder in the repository.
    SourceDirectory,
    /// Image.
    Image,
    /// From 1 to 5.
    Criticality,
    /// S, M, L or XL.
    Effort,
    /// Kind of service.
    Archetype,
    /// easy, moderate or hard.
    Difficulty,
    /// Day.
    TargetDate,
    /// A list.
    Tags,
    /// A list of addresses, each with a title or without.
    Links,
    /// A list of names.
    DependsOn,
    /// Text.
    Notes,
}

impl Field {
    /// All of them, in the order of the template's columns.
    pub const ALL: [Self; 17] = [
        Self::Name,
        Self::Class,
        Self::Aliases,
        Self::Owner,
        Self::Team,
        Self::Repository,
        Self::SourceDirectory,
        Self::Image,
        Self::Criticality,
        Self::Effort,
        Self::Archetype,
        Self::Difficulty,
        Self::TargetDate,
        Self::Tags,
        Self::Links,
        Self::DependsOn,
        Self::Notes,
    ];

    /// The word on the command line, on the wire and in the template.
    pub fn word(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Class => "class",
            Self::Aliases => "aliases",
            Self::Owner => "owner",
            Self::Team => "team",
            Self::Repository => "repository",
            Self::SourceDirectory => "source_directory",
            Self::Image => "image",
            Self::Criticality => "criticality",
            Self::Effort => "effort",
            Self::Archetype => "archetype",
            Self::Difficulty => "difficulty",
            Self::TargetDate => "target_date",
            Self::Tags => "tags",
            Self::Links => "links",
            Self::DependsOn => "depends_on",
            Self::Notes => "notes",
        }
    }

    /// Reads a word; case, blanks, `-` and `_` do not count.
    pub fn from_word(word: &str) -> Option<Self> {
        let word = title_key(word);
        Self::ALL.into_iter().find(|field| title_key(field.word()) == word)
    }

    /// Whether several columns may hold it.
    pub(crate) fn is_list(self) -> bool {
        matches!(self, Self::Aliases | Self::Tags | Self::Links | Self::DependsOn)
    }
}

/// The form in which titles of columns are compared.
pub(crate) fn title_key(title: &str) -> String {
    normalised(title).chars().filter(|character| character.is_alphanumeric()).collect()
}

/// The format of files, by their content. Errors: files that cannot be read, and files of several
/// formats.
pub fn recognise(files: &[PathBuf]) -> Result<Format, DiscoveryError> {
    let Some(first) = files.first() else {
        return Err(DiscoveryError::NoFile);
    };
    let root = folder(&absolute(first));
    let mut found: Option<(Format, String)> = None;
    for path in files {
        let shown = shown_file(&absolute(path), &root);
        let format = of_path(path, &shown)?;
        match &found {
            None => found = Some((format, shown)),
            Some((earlier, _)) if *earlier == format => {}
            Some((earlier, file)) => {
                return Err(DiscoveryError::FormatsMixed {
                    file: shown,
                    format,
                    first_file: file.clone(),
                    first_format: *earlier,
                });
            }
        }
    }
    Ok(found.map_or(Format::Compose, |(format, _)| format))
}

fn of_path(path: &Path, shown: &str) -> Result<Format, DiscoveryError> {
    if path.is_dir() {
        return Ok(Format::Manifests);
    }
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    let text = read_text(path, shown)?;
    Ok(match ending.as_deref() {
        Some("csv" | "tsv") => Format::Table,
        ending => of_text(&text, matches!(ending, Some("yml" | "yaml"))),
    })
}

/// The values of a key at the top of a text.
fn top<'text>(text: &'text str, key: &'text str) -> impl Iterator<Item = &'text str> {
    text.lines().filter_map(move |line| {
        let line = line.strip_prefix(['"', '\'']).unwrap_or(line);
        let rest = line.strip_prefix(key)?.trim_start_matches(['"', '\'']);
        rest.trim_start().strip_prefix(':').map(str::trim)
    })
}

/// Looks at lines only, so that a file which cannot be parsed is still told by what it wants to be.
fn of_text(text: &str, named_yaml: bool) -> Format {
    if top(text, "apiVersion").any(|value| value.contains("backstage.io/")) {
        return Format::Catalogue;
    }
    let is_object = text.trim_start().starts_with('{') && text.contains("\"apiVersion\"");
    if is_object && text.contains("backstage.io/") {
        return Format::Catalogue;
    }
    if is_object || (top(text, "apiVersion").next().is_some() && top(text, "kind").next().is_some())
    {
        return Format::Manifests;
    }
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let is_compose =
        ["services", "version", "include"].iter().any(|key| top(text, key).next().is_some());
    if named_yaml || is_compose || !first.contains([',', ';', '\t']) {
        return Format::Compose;
    }
    Format::Table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_content_tells_the_format() {
        let check = |text: &str, expect: Format| assert_eq!(of_text(text, false), expect, "{text}");
        check("services:\n  a: {image: b}\n", Format::Compose);
        check("version: '3'\n", Format::Compose);
        check("a:\n  image: b\n", Format::Compose);
        check("apiVersion: backstage.io/v1alpha1\nkind: Component\n", Format::Catalogue);
        check("# c\n---\nkind: Group\n'apiVersion': backstage.io/v1beta1\n", Format::Catalogue);
        check("{\"apiVersion\": \"backstage.io/v1alpha1\"}", Format::Catalogue);
        check("apiVersion: apps/v1\nkind: Deployment\n", Format::Manifests);
        check("{\"kind\": \"List\", \"apiVersion\": \"v1\"}", Format::Manifests);
        check(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {{ x }}\n",
            Format::Manifests,
        );
        check("name;owner\na;b\n", Format::Table);
        check("name,owner\n", Format::Table);
        check("", Format::Compose);
        // The control: the key must stand at the top, not inside.
        check("services:\n  a:\n    apiVersion: backstage.io/v1\n", Format::Compose);
    }

    #[test]
    fn a_yaml_file_is_no_table() {
        assert_eq!(of_text("x, y: 1", true), Format::Compose);
        assert_eq!(of_text("x, y: 1", false), Format::Table, "the control");
    }

    #[test]
    fn words_read_back() {
        for field in Field::ALL {
            assert_eq!(Field::from_word(field.word()), Some(field));
        }
        assert_eq!(Field::from_word("Depends on"), Some(Field::DependsOn));
        assert_eq!(Field::from_word("stage"), None);
        for format in Format::ALL {
            assert_eq!(Format::from_word(format.word()), Some(format));
        }
    }
}
