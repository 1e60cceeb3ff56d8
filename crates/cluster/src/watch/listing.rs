//! Pages of lists, in which one bad object spoils no other.

use super::Session;
use crate::connection::state::Failure;
use http::Request;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use std::time::Duration;

/// A single question is answered within this time, or is not answered.
pub(super) const ONE_SHOT: Duration = Duration::from_secs(15);
/// A page, or a piece of a watch, comes within this time: the life of a watch and 20 s.
pub(super) const PATIENCE: Duration = Duration::from_secs(140);

/// Where a list ended.
pub(super) struct Page<K> {
    pub items: Vec<K>,
    /// Objects that could not be read.
    pub unread: usize,
    /// The version of the list.
    pub version: String,
    /// How to ask for the next page; `None` at the end.
    pub next: Option<String>,
}

#[derive(Deserialize)]
struct RawList {
    #[serde(default)]
    metadata: ListMeta,
    #[serde(default)]
    items: Option<Vec<Box<RawValue>>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListMeta {
    #[serde(default)]
    resource_version: Option<String>,
    #[serde(default, rename = "continue")]
    next: Option<String>,
}

pub(super) async fn page_text(
    session: &Session,
    path: &str,
    query: &str,
) -> Result<String, Failure> {
    let request = Request::get(format!("{path}?{query}")).body(Vec::new());
    let request = request.map_err(|error| Failure::Unreadable(error.to_string()))?;
    session.client.request_text(request).await.map_err(|error| Failure::of(&error))
}

/// Reads one page. `size` objects at most; `next` is what the page before said.
pub(super) async fn page<K: DeserializeOwned>(
    session: &Session,
    path: &str,
    size: usize,
    next: Option<&str>,
) -> Result<Page<K>, Failure> {
    let mut query = format!("limit={size}");
    if let Some(next) = next {
        query.push_str("&continue=");
        // Tokens are base64 of a server's own making; the three letters that would end a value.
        query.push_str(&next.replace('%', "%25").replace('&', "%26").replace('+', "%2B"));
    }
    page_by(session, path, &query).await
}

/// Reads one page by a query of its own.
pub(super) async fn page_by<K: DeserializeOwned>(
    session: &Session,
    path: &str,
    query: &str,
) -> Result<Page<K>, Failure> {
    let asking = page_text(session, path, query);
    let text = tokio::time::timeout(PATIENCE, asking).await.map_err(|_| late())??;
    let list: RawList = serde_json::from_str(&text).map_err(|error| {
        Failure::Unreadable(format!("the list is no JSON of Kubernetes: {error}"))
    })?;
    let raw = list.items.unwrap_or_default();
    let all = raw.len();
    let items: Vec<K> =
        raw.into_iter().filter_map(|item| serde_json::from_str(item.get()).ok()).collect();
    let version = list.metadata.resource_version.unwrap_or_default();
    if version.is_empty() {
        return Err(Failure::Unreadable("the list has no version".to_owned()));
    }
    Ok(Page {
        unread: all - items.len(),
        items,
        version,
        next: list.metadata.next.filter(|next| !next.is_empty()),
    })
}

pub(super) fn late() -> Failure {
    Failure::Unreachable(format!("no answer within {} s", PATIENCE.as_secs()))
}
