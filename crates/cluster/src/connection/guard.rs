//! What every request passes on its way out: only reading leaves, watches begin no faster than they
//! should, and whatever comes back is proof of life.

use super::freshness::ProofOfLife;
use bytes::Bytes;
use http::header::USER_AGENT;
use http::{HeaderValue, Method, Request, Response};
use http_body::{Body, Frame, SizeHint};
use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::Instant;
use tower::{BoxError, Layer, Service, ServiceExt as _};

/// The least time between two watches of one address.
const LEAST_PAUSE: Duration = Duration::from_secs(1);
/// The longest pause that short watches lead to.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// A watch that lived shorter makes the next one wait longer.
const SHORT_LIFE: Duration = Duration::from_secs(5);
/// Audit logs and firewalls want to know who asks.
const AGENT: &str = concat!("pilotage/", env!("CARGO_PKG_VERSION"));
/// Parts of objects that may be read.
const OPEN: &[&str] = &["status", "scale"];

/// A request that did not leave. A fault of ours: nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{method} {path} is no reading; Pilotage only reads, so nothing was sent")]
pub struct Refused {
    method: Method,
    path: String,
}

/// The layer. Clones share their limits and their proof of life.
#[derive(Clone, Debug, Default)]
pub struct Guard {
    life: ProofOfLife,
    watches: Arc<Mutex<BTreeMap<String, Turn>>>,
}

/// When a watch of an address may begin.
#[derive(Clone, Copy, Debug)]
struct Turn {
    next: Instant,
    pause: Duration,
    begun: Instant,
}

impl Guard {
    /// A guard that stamps into `life`.
    pub fn new(life: ProofOfLife) -> Self {
        Self { life, ..Self::default() }
    }

    /// How long a watch has to wait, and reserves its turn.
    fn reserve(&self, path: &str) -> Duration {
        let now = Instant::now();
        let mut watches = self.watches.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(turn) = watches.get_mut(path) else {
            let turn = Turn { next: now + LEAST_PAUSE, pause: LEAST_PAUSE, begun: now };
            watches.insert(path.to_owned(), turn);
            return Duration::ZERO;
        };
        turn.pause = if now.duration_since(turn.begun) < SHORT_LIFE {
            (turn.pause * 2).min(LONGEST_PAUSE)
        } else {
            LEAST_PAUSE
        };
        let at = turn.next.max(now);
        turn.begun = at;
        turn.next = at + turn.pause;
        at - now
    }
}

impl<S> Layer<S> for Guard {
    type Service = Guarded<S>;

    fn layer(&self, inner: S) -> Guarded<S> {
        Guarded { inner, guard: self.clone() }
    }
}

/// A service behind the guard.
#[derive(Clone, Debug)]
pub struct Guarded<S> {
    inner: S,
    guard: Guard,
}

fn check<B>(request: &Request<B>) -> Result<(), Refused> {
    let path = request.uri().path();
    let upgrade = request.headers().contains_key(http::header::UPGRADE);
    if request.method() == Method::GET && !upgrade && !is_closed(path) {
        return Ok(());
    }
    Err(Refused { method: request.method().clone(), path: path.to_owned() })
}

/// Whether an address names a part of an object, such as `exec` of a pod or `proxy` of a node: a GET
/// can do something there. Of parts only the status and the scale are read.
fn is_closed(path: &str) -> bool {
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    let (["api", _, rest @ ..] | ["apis", _, _, rest @ ..]) = parts.as_slice() else {
        return false;
    };
    let part = match rest {
        // A namespace has parts of its own; anything else below it is an object there.
        ["namespaces", _, part] if OPEN.contains(part) => return false,
        ["namespaces", _, _, _, part @ ..] => part,
        ["namespaces", ..] => return false,
        [_, _, part @ ..] => part,
        _ => return false,
    };
    part.first().is_some_and(|part| !OPEN.contains(part)) || part.len() > 1
}

fn is_watch<B>(request: &Request<B>) -> bool {
    let query = request.uri().query().unwrap_or_default();
    query.split('&').any(|part| matches!(part, "watch=true" | "watch=1"))
}

impl<S, B, R> Service<Request<B>> for Guarded<S>
where
    S: Service<Request<B>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Into<BoxError>,
    B: Send + 'static,
    R: Body<Data = Bytes> + Send + 'static,
{
    type Response = Response<Stamped<R>>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        if let Err(refused) = check(&request) {
            return Box::pin(async move { Err(refused.into()) });
        }
        request.headers_mut().insert(USER_AGENT, HeaderValue::from_static(AGENT));
        let path = request.uri().path().to_owned();
        let wait = if is_watch(&request) { self.guard.reserve(&path) } else { Duration::ZERO };
        let life = self.guard.life.clone();
        let inner = self.inner.clone();
        Box::pin(async move {
            if !wait.is_zero() {
                tokio::time::sleep(wait).await;
            }
            life.sent(&path);
            let response = inner.oneshot(request).await.map_err(Into::into)?;
            let accepted = response.status().is_success();
            if accepted {
                life.seen(&path, 0);
            }
            // A refusal is an answer, but no sign that the kind is being read.
            let stamp = accepted.then_some((life, path));
            Ok(response.map(|body| Stamped { body: Box::pin(body), stamp }))
        })
    }
}

/// A body whose pieces are proof of life.
pub struct Stamped<R> {
    body: Pin<Box<R>>,
    stamp: Option<(ProofOfLife, String)>,
}

impl<R: Body<Data = Bytes>> Body for Stamped<R> {
    type Data = Bytes;
    type Error = R::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, R::Error>>> {
        let polled = self.body.as_mut().poll_frame(context);
        if let (Poll::Ready(Some(Ok(frame))), Some((life, path))) = (&polled, &self.stamp) {
            life.seen(path, frame.data_ref().map_or(0, Bytes::len));
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_reading_leaves() {
        let check = |method: Method, path: &str, leaves: bool| {
            let request = Request::builder().method(method.clone()).uri(path).body(()).unwrap();
            assert_eq!(super::check(&request).is_ok(), leaves, "{method} {path}");
        };
        check(Method::GET, "/api/v1/pods?watch=true", true);
        check(Method::GET, "/version", true);
        check(Method::GET, "/api/v1/namespaces/shop/pods/exec", true);
        check(Method::GET, "/apis/apps/v1/namespaces/shop/deployments/proxy", true);
        check(Method::GET, "/apis/apps/v1/namespaces/shop/deployments/a/scale", true);
        check(Method::GET, "/api/v1/namespaces/shop/status", true);
        check(Method::GET, "/api/v1/namespaces/shop/pods/a/log", false);
        check(Method::GET, "/api/v1/namespaces/shop/pods/a/exec?command=sh", false);
        check(Method::GET, "/api/v1/namespaces/shop/services/a/proxy/admin", false);
        check(Method::GET, "/api/v1/nodes/a/proxy/run", false);
        for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS] {
            check(method, "/api/v1/namespaces/shop/pods/a", false);
        }
        let upgrade = Request::builder().header("upgrade", "websocket").body(()).unwrap();
        assert!(super::check(&upgrade).is_err(), "no upgrade");
    }

    #[tokio::test(start_paused = true)]
    async fn short_watches_wait_longer_and_longer() {
        let guard = Guard::default();
        let mut begun = Vec::new();
        let start = Instant::now();
        for _ in 0..8 {
            // Each watch is ended at once by the other side.
            tokio::time::sleep(guard.reserve("/api/v1/pods")).await;
            begun.push(start.elapsed().as_secs());
        }
        assert_eq!(begun, [0, 1, 3, 7, 15, 31, 61, 91]);
        tokio::time::sleep(Duration::from_mins(2)).await;
        assert_eq!(guard.reserve("/api/v1/pods"), Duration::ZERO, "one that lived costs nothing");
        assert_eq!(guard.reserve("/api/v1/nodes"), Duration::ZERO, "another address");
    }
}
