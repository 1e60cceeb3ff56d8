//! The test host: the same page and the same command table behind a loopback listener, in place of
//! the desktop shell. For development and tests only.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures_util::stream::{self, Stream};
use pilotage_api::host::Answer;
use pilotage_api::{ApiError, App, Host};
use serde_json::Value;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// The policy of the shipped window, with the test host's own address in place of the IPC.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    font-src 'self'; worker-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'none'";

/// The policy under which the test host serves the page.
#[doc(hidden)]
pub fn policy() -> &'static str {
    POLICY
}

/// What a person would do in dialogs, and which links were opened.
#[derive(Debug, Default)]
pub struct Hand {
    /// Files the next import dialog gives.
    pub import_files: Mutex<Vec<PathBuf>>,
    /// Where the next save dialog saves.
    pub save_path: Mutex<Option<PathBuf>>,
    /// Links that were opened.
    pub opened_links: Mutex<Vec<String>>,
}

/// The host whose dialogs answer from a [`Hand`].
#[derive(Debug, Clone)]
pub struct TestHost(pub Arc<Hand>);

impl TestHost {
    fn first_file(&self) -> Answer<'_, Option<PathBuf>> {
        let files = self.0.import_files.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Box::pin(async move { files.into_iter().next() })
    }
}

impl Host for TestHost {
    fn choose_import_files(&self) -> Answer<'_, Vec<PathBuf>> {
        let files = self.0.import_files.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Box::pin(async move { files })
    }

    fn choose_playbook(&self) -> Answer<'_, Option<PathBuf>> {
        self.first_file()
    }

    fn choose_retrospective(&self) -> Answer<'_, Option<PathBuf>> {
        self.first_file()
    }

    fn choose_save_path(&self, _: String) -> Answer<'_, Option<PathBuf>> {
        let path = self.0.save_path.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Box::pin(async move { path })
    }

    fn open_link(&self, address: String) -> Answer<'_, Result<(), ApiError>> {
        self.0.opened_links.lock().unwrap_or_else(PoisonError::into_inner).push(address);
        Box::pin(async { Ok(()) })
    }
}

/// A running test host; it ends with this value.
#[derive(Debug)]
pub struct Served {
    /// Where it listens.
    pub address: SocketAddr,
    task: tokio::task::JoinHandle<()>,
}

impl Served {
    /// The address of a page, such as `#/progress`.
    pub fn url(&self, page: &str) -> String {
        format!("http://{}/{page}", self.address)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Serves `app` and the page in `folder` on a free loopback port.
///
/// # Errors
/// When no port is free.
pub async fn serve(app: Arc<App>, folder: PathBuf) -> std::io::Result<Served> {
    let router = Router::new()
        .route("/api/call", post(call))
        .route("/api/events", get(events))
        .fallback(file)
        .with_state(Shared { app, folder: Arc::new(folder) });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let task = tokio::spawn(async move {
        // Serving ends when the task is aborted.
        let _ = axum::serve(listener, router).await;
    });
    Ok(Served { address, task })
}

#[derive(Clone)]
struct Shared {
    app: Arc<App>,
    folder: Arc<PathBuf>,
}

async fn call(State(shared): State<Shared>, Json(request): Json<Value>) -> Response {
    let command = request.get("command").and_then(Value::as_str).unwrap_or_default();
    let argument = request.get("argument").cloned().unwrap_or(Value::Null);
    match shared.app.call(command, argument).await {
        Ok(answer) => Json(answer).into_response(),
        Err(error) => (StatusCode::UNPROCESSABLE_ENTITY, Json(error)).into_response(),
    }
}

async fn events(
    State(shared): State<Shared>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let changes = shared.app.changes();
    let stream = stream::unfold(changes, |mut changes| async move {
        let news = changes.recv().await.ok()?;
        let event = Event::default().json_data(news).unwrap_or_default();
        Some((Ok(event), changes))
    });
    Sse::new(stream).keep_alive(KeepAlive::default())
}

async fn file(State(shared): State<Shared>, uri: Uri) -> Response {
    let name = uri.path().trim_start_matches('/');
    let name = if name.is_empty() { "index.html" } else { name };
    if name.split('/').any(|part| part == "..") {
        return StatusCode::NOT_FOUND.into_response();
    }
    let Ok(content) = tokio::fs::read(shared.folder.join(name)).await else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let kind = match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript",
        Some("css") => "text/css",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        _ => "application/octet-stream",
    };
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    (headers, Body::from(content)).into_response()
}
