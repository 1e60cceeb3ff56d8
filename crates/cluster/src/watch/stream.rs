//! The lines of a watch.

use super::Session;
use super::listing::{PATIENCE, late};
use crate::connection::freshness::WATCH_LIFE;
use crate::connection::state::Failure;
use futures_util::{AsyncBufRead, AsyncBufReadExt as _};
use http::Request;
use http::header::ACCEPT_ENCODING;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use std::pin::Pin;

/// What a line says.
pub(super) enum Line<K> {
    Applied(K),
    Removed(K),
    /// Nothing happened up to the version. `end` marks the end of a streamed list.
    Bookmark {
        end: bool,
    },
    /// An object that could not be read.
    Unread,
    Failed(Failure),
}

/// A running watch.
pub(super) struct Lines {
    reader: Pin<Box<dyn AsyncBufRead + Send>>,
    text: Vec<u8>,
    /// Everything up to this version has been told.
    pub version: String,
}

#[derive(Deserialize)]
struct RawEvent<'a> {
    #[serde(rename = "type")]
    word: String,
    #[serde(borrow)]
    object: &'a RawValue,
}

#[derive(Default, Deserialize)]
struct Head {
    #[serde(default)]
    metadata: HeadMeta,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct HeadMeta {
    #[serde(default)]
    resource_version: Option<String>,
    #[serde(default)]
    annotations: Option<serde_json::Map<String, serde_json::Value>>,
}

#[derive(Deserialize)]
struct Status {
    #[serde(default)]
    code: u16,
    #[serde(default)]
    message: String,
}

impl Lines {
    /// Begins a watch after a version; an empty one asks for a streamed list first.
    pub(super) async fn begin(
        session: &Session,
        path: &str,
        version: &str,
    ) -> Result<Self, Failure> {
        let life = WATCH_LIFE.as_secs();
        let mut query = format!("watch=true&allowWatchBookmarks=true&timeoutSeconds={life}");
        if version.is_empty() {
            query.push_str("&sendInitialEvents=true&resourceVersionMatch=NotOlderThan");
        } else {
            query.push_str("&resourceVersion=");
            query.push_str(version);
        }
        let request = Request::get(format!("{path}?{query}"))
            // Servers from 1.37 compress watches in a form that kube cannot read.
            .header(ACCEPT_ENCODING, "identity")
            .body(Vec::new())
            .map_err(|error| Failure::Unreadable(error.to_string()))?;
        let asking = session.client.request_stream(request);
        let begun = tokio::time::timeout(PATIENCE, asking).await.map_err(|_| late())?;
        let reader = begun.map_err(|error| Failure::of(&error))?;
        Ok(Self { reader: Box::pin(reader), text: Vec::new(), version: version.to_owned() })
    }

    /// The next line; `None` when the server has ended the watch.
    ///
    /// Waiting for it may be broken off: what was read of a line stays.
    pub(super) async fn next<K: DeserializeOwned>(&mut self) -> Result<Option<Line<K>>, Failure> {
        let reading = self.reader.read_until(b'\n', &mut self.text);
        let read = tokio::time::timeout(PATIENCE, reading).await.map_err(|_| late())?;
        read.map_err(|error| {
            Failure::Unreachable(crate::connection::redact::redact(&error.to_string()))
        })?;
        if self.text.is_empty() {
            return Ok(None);
        }
        let text = std::mem::take(&mut self.text);
        if text.trim_ascii().is_empty() {
            return Ok(Some(Line::Bookmark { end: false }));
        }
        self.read(&text).map(Some)
    }

    fn read<K: DeserializeOwned>(&mut self, text: &[u8]) -> Result<Line<K>, Failure> {
        let event: RawEvent<'_> = serde_json::from_slice(text).map_err(|_| {
            Failure::Unreadable("the watch sent a line that is none of Kubernetes".to_owned())
        })?;
        let object = event.object.get();
        if event.word == "ERROR" {
            let status: Status = serde_json::from_str(object)
                .unwrap_or(Status { code: 500, message: String::new() });
            return Ok(Line::Failed(Failure::of_code(status.code, 0, &status.message)));
        }
        // The version is taken even where the object cannot be read: the next watch begins after it.
        let head: Head = serde_json::from_str(object).unwrap_or_default();
        if let Some(version) = head.metadata.resource_version {
            self.version = version;
        }
        let parsed = || serde_json::from_str::<K>(object).ok();
        Ok(match event.word.as_str() {
            "ADDED" | "MODIFIED" => parsed().map_or(Line::Unread, Line::Applied),
            "DELETED" => parsed().map_or(Line::Unread, Line::Removed),
            _ => {
                let notes = head.metadata.annotations.unwrap_or_default();
                Line::Bookmark { end: notes.contains_key("k8s.io/initial-events-end") }
            }
        })
    }
}
