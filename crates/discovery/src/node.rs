//! The node tree: YAML without styles and anchors, but with the place of every key and value.

/// Which file of the run, an index into the file table of `report`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct FileId(pub(crate) u32);

/// A place before it is shown: a file of the run and a line from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct At {
    pub(crate) file: FileId,
    pub(crate) line: u32,
}

/// The two tags of Compose that steer merging.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Directive {
    None,
    Reset,
    Override,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Content {
    Null,
    Text(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    pub(crate) at: At,
    pub(crate) directive: Directive,
    pub(crate) content: Content,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    pub(crate) key: String,
    /// The place of the key.
    pub(crate) at: At,
    pub(crate) value: Node,
}

impl Node {
    pub(crate) fn new(at: At, content: Content) -> Self {
        Self { at, directive: Directive::None, content }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn is_null(&self) -> bool {
        matches!(self.content, Content::Null)
    }

    /// The items of a list; nothing for any other content.
    pub(crate) fn items(&self) -> &[Node] {
        match &self.content {
            Content::List(items) => items,
            _ => &[],
        }
    }

    /// The entries of a map; nothing for any other content.
    pub(crate) fn entries(&self) -> &[Entry] {
        match &self.content {
            Content::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The value under a key of a map.
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        self.entries().iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }

    /// The non-empty text under a key of a map.
    pub(crate) fn text_of(&self, key: &str) -> Option<&str> {
        self.get(key).and_then(Node::text).map(str::trim).filter(|text| !text.is_empty())
    }

    /// A list of texts, or one text standing for a list of one, each with its place.
    pub(crate) fn texts(&self) -> Vec<(&str, At)> {
        match &self.content {
            Content::Text(text) => vec![(text.as_str(), self.at)],
            _ => self
                .items()
                .iter()
                .filter_map(|item| item.text().map(|text| (text, item.at)))
                .collect(),
        }
    }

    /// In words, for messages.
    pub(crate) fn kind(&self) -> &'static str {
        match self.content {
            Content::Null => "empty",
            Content::Text(_) => "a single value",
            Content::List(_) => "a list",
            Content::Map(_) => "a map",
        }
    }
}

/// How much a tree holds; every limit counts in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Weight {
    pub(crate) nodes: usize,
    /// Bytes of keys and texts.
    pub(crate) bytes: usize,
    /// Levels, 1 for a single value.
    pub(crate) depth: usize,
}

impl Weight {
    pub(crate) fn of(node: &Node) -> Self {
        let mut weight = Self { nodes: 1, bytes: 0, depth: 0 };
        match &node.content {
            Content::Null => {}
            Content::Text(text) => weight.bytes = text.len(),
            Content::List(items) => items.iter().for_each(|item| weight.add(Self::of(item))),
            Content::Map(entries) => {
                for entry in entries {
                    weight.bytes += entry.key.len();
                    weight.add(Self::of(&entry.value));
                }
            }
        }
        weight.depth += 1;
        weight
    }

    fn add(&mut self, part: Self) {
        self.nodes += part.nodes;
        self.bytes += part.bytes;
        self.depth = self.depth.max(part.depth);
    }
}
