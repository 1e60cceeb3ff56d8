//! Text to node tree: places, tags, anchors, merge keys, duplicate keys, limits.
//!
//! Deliberately absent: types. Every scalar stays the text that was written (`no` is `no`), except
//! that nothing, `~` and `null` are empty. Tags other than `!reset` and `!override` are ignored and
//! never executed.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span, Tag};

use crate::error::DiscoveryError;
use crate::names::shown;
use crate::node::{At, Content, Directive, Entry, FileId, Node, Weight};

/// Levels of nesting. Compose needs eight; recursion over a tree stays safe on any stack.
const MAX_DEPTH: usize = 64;
/// Nodes of one file, counted after aliases are written out (the defence against alias bombs).
const MAX_NODES: usize = 250_000;
/// Bytes of text of one file, counted the same way.
const MAX_TEXT_BYTES: usize = 32 * 1024 * 1024;

/// Characters parsed again to repair indentation, see [`parse`].
const MAX_REREAD: usize = 8 * 1024 * 1024;
/// More than any sensible indentation.
const REPAIR_INDENT: usize = 256;

/// Reads every document of a text. `file` is the name for messages, `id` goes into the places.
///
/// A closing `]` or `}` below its key is wrong by YAML 1.2, which the parser insists on, and common
/// in Compose files, since Docker's own parser takes it. Blanks before such a line mean nothing
/// inside brackets, so such lines are indented and the text read again; lines keep their numbers.
pub(crate) fn parse(text: &str, id: FileId, file: &str) -> Result<Vec<Node>, DiscoveryError> {
    let mut text = Cow::Borrowed(text);
    let mut repaired = HashSet::new();
    let mut reread = 0_usize;
    loop {
        let problem = match parse_strictly(&text, id, file) {
            Ok(documents) => return Ok(documents),
            Err(Stop::Limit(error)) => return Err(error),
            Err(Stop::Syntax(problem)) => problem,
        };
        let line = problem.marker().line();
        reread = reread.saturating_add(problem.marker().index());
        let repairable = matches!(
            problem.info(),
            "invalid indentation" | "invalid indentation in flow construct"
        );
        // The parser's own limit on brackets; it scans ahead, so ours may not be reached first.
        if problem.info() == "recursion limit exceeded" {
            return Err(Builder::new(id, file).too_deep(At { file: id, line: line_number(line) }));
        }
        if !repairable || reread > MAX_REREAD || !repaired.insert(line) {
            return Err(DiscoveryError::YamlInvalid {
                file: file.to_owned(),
                line: line_number(line),
                problem: shown(problem.info()),
            });
        }
        text = Cow::Owned(with_indented_lines(&text, line));
    }
}

/// Why a text was not read to its end.
enum Stop {
    Syntax(ScanError),
    Limit(DiscoveryError),
}

fn parse_strictly(text: &str, id: FileId, file: &str) -> Result<Vec<Node>, Stop> {
    let mut builder = Builder::new(id, file);
    let mut parser = Parser::new_from_str(text);
    while let Some(event) = parser.next_event() {
        let (event, span) = event.map_err(Stop::Syntax)?;
        builder.event(event, span).map_err(Stop::Limit)?;
    }
    Ok(builder.documents)
}

/// Indents a line, and every later one that holds closing brackets only: where one stands too far
/// left, most do, and each reading costs time.
fn with_indented_lines(text: &str, line: usize) -> String {
    let mut result = String::with_capacity(text.len() + REPAIR_INDENT);
    for (number, written) in (1..).zip(text.split_inclusive('\n')) {
        if number == line || (number > line && closes_only(written)) {
            result.extend(std::iter::repeat_n(' ', REPAIR_INDENT));
        }
        result.push_str(written);
    }
    result
}

fn closes_only(line: &str) -> bool {
    let line = line.trim_end();
    // A line that was indented before stays as it is.
    let indent = line.len() - line.trim_start().len();
    let brackets = line.trim_start();
    indent < REPAIR_INDENT
        && !brackets.is_empty()
        && brackets.chars().all(|character| matches!(character, ']' | '}' | ','))
}

struct Builder<'file> {
    id: FileId,
    file: &'file str,
    documents: Vec<Node>,
    open: Vec<Open>,
    anchors: HashMap<usize, (Node, Weight)>,
    nodes: usize,
    bytes: usize,
}

/// A collection whose end has not been seen yet.
struct Open {
    at: At,
    directive: Directive,
    anchor: usize,
    parts: Parts,
}

enum Parts {
    List(Vec<Node>),
    Map(OpenMap),
}

#[derive(Default)]
struct OpenMap {
    entries: Vec<Entry>,
    /// Line of each key, to name both lines of a duplicate.
    lines: HashMap<String, u32>,
    /// The key that waits for its value.
    key: Option<Key>,
    /// Values of `<<`, in order.
    merges: Vec<Node>,
}

enum Key {
    Name(String, At),
    Merge,
}

impl<'file> Builder<'file> {
    fn new(id: FileId, file: &'file str) -> Self {
        Self {
            id,
            file,
            documents: Vec::new(),
            open: Vec::new(),
            anchors: HashMap::new(),
            nodes: 0,
            bytes: 0,
        }
    }

    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), DiscoveryError> {
        let at = At { file: self.id, line: line_number(span.start.line()) };
        match event {
            Event::DocumentStart(_) => self.anchors.clear(),
            Event::Scalar(text, style, anchor, tag) => {
                let directive = directive(tag.as_ref());
                let plain = style == ScalarStyle::Plain;
                let content =
                    scalar(&text, plain && (tag.is_none() || directive != Directive::None));
                self.spend(1, text.len(), at)?;
                self.complete(Node { at, directive, content }, anchor, plain && text == "<<")?;
            }
            Event::Alias(anchor) => {
                let Some((node, weight)) = self.anchors.get(&anchor).cloned() else {
                    return Err(self.invalid(at.line, "an alias stands inside its own anchor"));
                };
                self.spend(weight.nodes, weight.bytes, at)?;
                if self.open.len() + weight.depth > MAX_DEPTH {
                    return Err(self.too_deep(at));
                }
                self.complete(node, 0, false)?;
            }
            Event::SequenceStart(anchor, tag) => {
                self.begin(at, directive(tag.as_ref()), anchor, Parts::List(Vec::new()))?;
            }
            Event::MappingStart(anchor, tag) => {
                let parts = Parts::Map(OpenMap::default());
                self.begin(at, directive(tag.as_ref()), anchor, parts)?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.end()?,
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
        Ok(())
    }

    fn begin(
        &mut self,
        at: At,
        directive: Directive,
        anchor: usize,
        parts: Parts,
    ) -> Result<(), DiscoveryError> {
        self.spend(1, 0, at)?;
        if self.open.len() >= MAX_DEPTH {
            return Err(self.too_deep(at));
        }
        self.open.push(Open { at, directive, anchor, parts });
        Ok(())
    }

    fn end(&mut self) -> Result<(), DiscoveryError> {
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        let content = match open.parts {
            Parts::List(items) => Content::List(items),
            Parts::Map(map) => Content::Map(self.with_merges(map)?),
        };
        let node = Node { at: open.at, directive: open.directive, content };
        self.complete(node, open.anchor, false)
    }

    /// Hands a finished node to whatever is open around it.
    fn complete(&mut self, node: Node, anchor: usize, merge: bool) -> Result<(), DiscoveryError> {
        if anchor > 0 {
            let weight = Weight::of(&node);
            // An anchor keeps a copy; nested anchors would otherwise multiply for free.
            self.spend(weight.nodes, weight.bytes, node.at)?;
            self.anchors.insert(anchor, (node.clone(), weight));
        }
        let Some(open) = self.open.last_mut() else {
            self.documents.push(node);
            return Ok(());
        };
        match &mut open.parts {
            Parts::List(items) => items.push(node),
            Parts::Map(map) => match map.key.take() {
                None if merge => map.key = Some(Key::Merge),
                None => {
                    let (line, kind, at) = (node.at.line, node.kind(), node.at);
                    let key = match node.content {
                        Content::Text(text) => text,
                        Content::Null => String::new(),
                        Content::List(_) | Content::Map(_) => {
                            let problem = format!("a key must be a single value, here is {kind}");
                            return Err(self.invalid(line, problem));
                        }
                    };
                    if let Some(&first_line) = map.lines.get(&key) {
                        return Err(DiscoveryError::DuplicateKey {
                            file: self.file.to_owned(),
                            line,
                            first_line,
                            key: shown(&key),
                        });
                    }
                    map.lines.insert(key.clone(), line);
                    map.key = Some(Key::Name(key, at));
                }
                Some(Key::Merge) => map.merges.push(node),
                Some(Key::Name(key, at)) => map.entries.push(Entry { key, at, value: node }),
            },
        }
        Ok(())
    }

    /// Merge keys: what the map says itself wins, then the earlier of several sources.
    fn with_merges(&self, map: OpenMap) -> Result<Vec<Entry>, DiscoveryError> {
        let OpenMap { mut entries, mut lines, merges, .. } = map;
        for merge in merges {
            let sources = match merge.content {
                Content::Null => Vec::new(),
                Content::List(items) => items,
                content => vec![Node { content, ..merge }],
            };
            for source in sources {
                let (line, kind) = (source.at.line, source.kind());
                let Content::Map(inherited) = source.content else {
                    let problem = format!("`<<` takes a map or a list of maps, here is {kind}");
                    return Err(self.invalid(line, problem));
                };
                for entry in inherited {
                    if !lines.contains_key(&entry.key) {
                        lines.insert(entry.key.clone(), entry.at.line);
                        entries.push(entry);
                    }
                }
            }
        }
        Ok(entries)
    }

    fn spend(&mut self, nodes: usize, bytes: usize, at: At) -> Result<(), DiscoveryError> {
        self.nodes = self.nodes.saturating_add(nodes);
        self.bytes = self.bytes.saturating_add(bytes);
        if self.nodes > MAX_NODES {
            return Err(self.limit(
                at,
                format!(
                    "the file holds more than {MAX_NODES} values once its aliases are written out"
                ),
            ));
        }
        if self.bytes > MAX_TEXT_BYTES {
            let mib = MAX_TEXT_BYTES / (1024 * 1024);
            return Err(self.limit(
                at,
                format!(
                    "the file holds more than {mib} MiB of text once its aliases are written out"
                ),
            ));
        }
        Ok(())
    }

    fn too_deep(&self, at: At) -> DiscoveryError {
        self.limit(at, format!("the file is nested deeper than {MAX_DEPTH} levels"))
    }

    fn limit(&self, at: At, limit: String) -> DiscoveryError {
        DiscoveryError::LimitExceeded { file: self.file.to_owned(), line: at.line, limit }
    }

    fn invalid(&self, line: u32, problem: impl Into<String>) -> DiscoveryError {
        DiscoveryError::YamlInvalid { file: self.file.to_owned(), line, problem: problem.into() }
    }
}

fn directive(tag: Option<&Cow<'_, Tag>>) -> Directive {
    match tag.map(|tag| (tag.handle.as_str(), tag.suffix.as_str())) {
        Some(("!", "reset")) => Directive::Reset,
        Some(("!", "override")) => Directive::Override,
        _ => Directive::None,
    }
}

fn scalar(text: &str, may_be_null: bool) -> Content {
    if may_be_null && matches!(text, "" | "~" | "null" | "Null" | "NULL") {
        return Content::Null;
    }
    Content::Text(text.to_owned())
}

fn line_number(line: usize) -> u32 {
    u32::try_from(line).unwrap_or(u32::MAX).max(1)
}
