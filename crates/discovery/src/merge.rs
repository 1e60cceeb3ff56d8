//! Two versions of one service become one, by the Compose specification's chapter on merging.
//!
//! Both are shaped (`shape`): every attribute has one form. Maps merge, lists append, `command` and
//! `entrypoint` are replaced, `!override` replaces and `!reset` removes at any depth. `depends_on`
//! is a map that may hold one key several times, so that every file's evidence survives.

use std::collections::HashMap;

use crate::node::{Content, Directive, Entry, Node};

const REPLACED: [&str; 2] = ["command", "entrypoint"];
const KEEPS_EVERY_ENTRY: &str = "depends_on";

/// Lays `over` on `base`; both are maps of attributes. The result holds no directive.
pub(crate) fn merge_service(base: Node, over: Node) -> Option<Node> {
    match over.directive {
        Directive::Reset => return None,
        Directive::Override => return Some(settle(over)),
        Directive::None => {}
    }
    let (Content::Map(base_entries), Content::Map(over_entries)) = (base.content, over.content)
    else {
        return Some(Node::new(over.at, Content::Map(Vec::new())));
    };
    let content = Content::Map(merge_entries(base_entries, over_entries, attribute));
    Some(Node::new(over.at, content))
}

/// Removes what `!reset` removes and forgets `!override`, for a tree with nothing below it.
pub(crate) fn settle(node: Node) -> Node {
    let content = match node.content {
        Content::List(items) => Content::List(
            items
                .into_iter()
                .filter(|item| item.directive != Directive::Reset)
                .map(settle)
                .collect(),
        ),
        Content::Map(entries) => Content::Map(
            entries
                .into_iter()
                .filter(|entry| entry.value.directive != Directive::Reset)
                .map(|entry| Entry { value: settle(entry.value), ..entry })
                .collect(),
        ),
        content => content,
    };
    Node::new(node.at, content)
}

type Rule = fn(&str, Node, Node) -> Node;

fn attribute(name: &str, base: Node, over: Node) -> Node {
    if over.is_null() {
        return base;
    }
    if REPLACED.contains(&name) {
        return settle(over);
    }
    if name != KEEPS_EVERY_ENTRY {
        return anything(name, base, over);
    }
    let at = over.at;
    match (base.content, over.content) {
        (Content::Map(kept), Content::Map(added)) => {
            Node::new(at, Content::Map(union(kept, added)))
        }
        (_, content) => settle(Node::new(at, content)),
    }
}

fn anything(_: &str, base: Node, over: Node) -> Node {
    let at = over.at;
    match (base.content, over.content) {
        (Content::Map(kept), Content::Map(added)) => {
            Node::new(at, Content::Map(merge_entries(kept, added, anything)))
        }
        (Content::List(mut kept), Content::List(added)) => {
            kept.extend(settle(Node::new(at, Content::List(added))).into_items());
            Node::new(at, Content::List(kept))
        }
        (kept, Content::Null) => Node::new(base.at, kept),
        (_, content) => settle(Node::new(at, content)),
    }
}

fn merge_entries(base: Vec<Entry>, over: Vec<Entry>, rule: Rule) -> Vec<Entry> {
    let mut slots: Vec<Option<Entry>> = base.into_iter().map(Some).collect();
    let mut index: HashMap<String, usize> = HashMap::new();
    for (position, slot) in slots.iter().enumerate() {
        if let Some(entry) = slot {
            index.insert(entry.key.clone(), position);
        }
    }
    for entry in over {
        let known = index.get(&entry.key).and_then(|&position| slots.get_mut(position));
        match (known, entry.value.directive) {
            (Some(slot), Directive::Reset) => *slot = None,
            (None, Directive::Reset) => {}
            (Some(slot), Directive::Override) => {
                *slot = Some(Entry { value: settle(entry.value), ..entry });
            }
            (Some(slot), Directive::None) => {
                *slot = Some(match slot.take() {
                    Some(kept) => {
                        Entry { value: rule(&entry.key, kept.value, entry.value), ..entry }
                    }
                    None => Entry { value: settle(entry.value), ..entry },
                });
            }
            (None, _) => slots.push(Some(Entry { value: settle(entry.value), ..entry })),
        }
    }
    slots.into_iter().flatten().collect()
}

fn union(mut kept: Vec<Entry>, added: Vec<Entry>) -> Vec<Entry> {
    let replaced: std::collections::HashSet<&str> = added
        .iter()
        .filter(|entry| entry.value.directive != Directive::None)
        .map(|entry| entry.key.as_str())
        .collect();
    kept.retain(|entry| !replaced.contains(entry.key.as_str()));
    kept.extend(
        added
            .into_iter()
            .filter(|entry| entry.value.directive != Directive::Reset)
            .map(|entry| Entry { value: settle(entry.value), ..entry }),
    );
    kept
}

impl Node {
    fn into_items(self) -> Vec<Node> {
        match self.content {
            Content::List(items) => items,
            _ => Vec::new(),
        }
    }
}
