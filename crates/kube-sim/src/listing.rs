//! Lists: which objects, in which pages, as which text.

use crate::failure::Failure;
use crate::kinds::Kind;
use crate::request::{Form, Query, Target};
use crate::selector::{FieldSelector, LabelSelector};
use crate::store::Stored;
use crate::world::{World, remove};
use bytes::{BufMut as _, Bytes, BytesMut};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// So many lists are remembered for their next pages.
const MOST_LISTS: usize = 256;

/// Which objects a request is about.
#[derive(Clone, Debug)]
pub(crate) struct Filter {
    pub kind: usize,
    pub namespace: Option<String>,
    pub name: Option<String>,
    pub labels: LabelSelector,
    pub fields: FieldSelector,
}

impl Filter {
    pub(crate) fn read(target: &Target, query: &Query, kinds: &[Kind]) -> Result<Self, Failure> {
        Ok(Self {
            kind: target.kind,
            namespace: target.namespace.clone(),
            name: target.name.clone(),
            labels: LabelSelector::parse(query.get("labelSelector"))?,
            fields: FieldSelector::parse(query.get("fieldSelector"), &kinds[target.kind].plural)?,
        })
    }

    pub(crate) fn matches(&self, object: &Value) -> bool {
        let metadata = &object["metadata"];
        self.name.as_ref().is_none_or(|name| metadata["name"] == name.as_str())
            && self.labels.matches(&metadata["labels"])
            && self.fields.matches(object)
    }
}

/// A list by its version and its items.
type Begun = (u64, Arc<[Arc<Stored>]>);

/// Lists whose first pages were handed out, so that the next ones show the same moment.
#[derive(Debug, Default)]
pub(crate) struct Pages {
    begun: BTreeMap<u64, Begun>,
    next: u64,
}

impl Pages {
    /// Forgets them, as a server does after some minutes.
    pub(crate) fn expire(&mut self) {
        self.begun.clear();
    }

    fn keep(&mut self, version: u64, items: Arc<[Arc<Stored>]>) -> u64 {
        self.next += 1;
        self.begun.insert(self.next, (version, items));
        while self.begun.len() > MOST_LISTS {
            self.begun.pop_first();
        }
        self.next
    }
}

/// Answers a list.
pub(crate) fn list(
    world: &World,
    pages: &mut Pages,
    filter: &Filter,
    query: &Query,
    form: Form,
) -> Result<Bytes, Failure> {
    let limit = query.number("limit")?.filter(|limit| *limit > 0);
    let token = query.get("continue");
    let (version, items, from, id) = if token.is_empty() {
        check_version(world, query)?;
        let found = world.store.list(filter.kind, filter.namespace.as_deref());
        let found = found.filter(|(_, stored)| filter.matches(&stored.value));
        let items: Arc<[Arc<Stored>]> = found.map(|(_, stored)| Arc::clone(stored)).collect();
        (world.store.version(), items, 0, None)
    } else {
        let (id, from) = read_token(token)?;
        let (version, items) = pages.begun.get(&id).ok_or_else(Failure::continue_expired)?;
        (*version, Arc::clone(items), from, Some(id))
    };
    let size = limit.map_or(items.len(), |limit| usize::try_from(limit).unwrap_or(usize::MAX));
    let to = from.saturating_add(size).min(items.len());
    let page = items.get(from..to).unwrap_or_default();
    let mut metadata = json!({ "resourceVersion": version.to_string() });
    if to < items.len() {
        let id = id.unwrap_or_else(|| pages.keep(version, Arc::clone(&items)));
        metadata["continue"] = Value::from(format!("{id:x}-{to:x}"));
        if filter.labels.is_empty() && filter.fields.is_empty() {
            metadata["remainingItemCount"] = Value::from(items.len() - to);
        }
    }
    Ok(text(&world.kinds[filter.kind], &metadata, page, form))
}

fn read_token(token: &str) -> Result<(u64, usize), Failure> {
    let unreadable = || Failure::bad_request("continue key is not valid");
    let (id, from) = token.split_once('-').ok_or_else(unreadable)?;
    let id = u64::from_str_radix(id, 16).map_err(|_| unreadable())?;
    let from = usize::from_str_radix(from, 16).map_err(|_| unreadable())?;
    Ok((id, from))
}

/// Only the present can be listed; a version that is past and asked for exactly is gone.
fn check_version(world: &World, query: &Query) -> Result<(), Failure> {
    let current = world.store.version();
    let asked = query.number("resourceVersion")?.unwrap_or(0);
    if asked > current {
        return Err(Failure::too_large(asked, current));
    }
    match query.get("resourceVersionMatch") {
        "Exact" if asked != current => Err(Failure::expired(asked, current)),
        "" | "Exact" | "NotOlderThan" => Ok(()),
        other => Err(Failure::bad_request(format!("resourceVersionMatch: {other:?}"))),
    }
}

fn text(kind: &Kind, metadata: &Value, page: &[Arc<Stored>], form: Form) -> Bytes {
    let (api_version, word) = match form {
        Form::Metadata => ("meta.k8s.io/v1".to_owned(), "PartialObjectMetadata".to_owned()),
        Form::Whole | Form::Aggregated => (kind.api_version(), kind.kind.clone()),
    };
    let head = format!(
        "{{\"kind\":\"{word}List\",\"apiVersion\":\"{api_version}\",\"metadata\":{metadata},\"items\":["
    );
    let mut text = BytesMut::from(head.as_bytes());
    for (at, stored) in page.iter().enumerate() {
        if at > 0 {
            text.put_u8(b',');
        }
        match form {
            Form::Metadata => text.put(object_text(stored, form)),
            // Lists of built-in kinds do not repeat the kind in each item.
            Form::Whole | Form::Aggregated if kind.built_in => put_item(&mut text, kind, stored),
            Form::Whole | Form::Aggregated => text.put(stored.text()),
        }
    }
    text.put_slice(b"]}");
    text.freeze()
}

fn put_item(text: &mut BytesMut, kind: &Kind, stored: &Stored) {
    // Fields stand in the order of the alphabet, so the two to leave out mostly come first.
    let head = format!("{{\"apiVersion\":\"{}\",\"kind\":\"{}\",", kind.api_version(), kind.kind);
    let whole = stored.text();
    if let Some(rest) = whole.strip_prefix(head.as_bytes()) {
        text.put_u8(b'{');
        text.put_slice(rest);
        return;
    }
    let mut value = stored.value.clone();
    remove(&mut value, "apiVersion");
    remove(&mut value, "kind");
    text.put_slice(value.to_string().as_bytes());
}

/// One object in the form that was asked for.
pub(crate) fn object_text(stored: &Stored, form: Form) -> Bytes {
    match form {
        Form::Metadata => Bytes::from(
            json!({
                "kind": "PartialObjectMetadata",
                "apiVersion": "meta.k8s.io/v1",
                "metadata": stored.value["metadata"],
            })
            .to_string(),
        ),
        Form::Whole | Form::Aggregated => stored.text(),
    }
}
