//! Faults between a client and the API, as a tower layer that also writes down what was asked.

use crate::body::{self, Body};
use bytes::Bytes;
use http::header::{CONTENT_ENCODING, RETRY_AFTER, USER_AGENT};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use serde_json::json;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::Instant;
use tower::{Layer, Service, ServiceExt as _};

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Reading without a watch: one object, a list, discovery.
    Read,
    /// A watch.
    Watch,
    /// Anything that changes.
    Write,
}

/// Which requests a fault befalls. All that is said must hold.
#[derive(Clone, Debug, Default)]
pub struct When {
    verb: Option<Verb>,
    path: Option<String>,
    query: Option<String>,
    authorization: Option<String>,
}

impl When {
    /// Every request.
    pub fn any() -> Self {
        Self::default()
    }

    /// Requests of this verb.
    pub fn verb(verb: Verb) -> Self {
        Self { verb: Some(verb), ..Self::default() }
    }

    /// And whose path ends so.
    #[must_use]
    pub fn path(self, end: &str) -> Self {
        Self { path: Some(end.to_owned()), ..self }
    }

    /// And whose query contains this.
    #[must_use]
    pub fn query(self, part: &str) -> Self {
        Self { query: Some(part.to_owned()), ..self }
    }

    /// And that bring this header `Authorization`.
    #[must_use]
    pub fn authorization(self, value: &str) -> Self {
        Self { authorization: Some(value.to_owned()), ..self }
    }

    fn holds(&self, seen: &Seen) -> bool {
        self.verb.is_none_or(|verb| verb == seen.verb)
            && self.path.as_ref().is_none_or(|end| seen.path.ends_with(end.as_str()))
            && self.query.as_ref().is_none_or(|part| seen.query.contains(part.as_str()))
            && self.authorization.as_ref().is_none_or(|own| *own == seen.authorization)
    }
}

/// What goes wrong on the way.
#[derive(Clone, Debug)]
pub enum Fault {
    /// The connection breaks before an answer.
    Drop,
    /// The answer comes later.
    Delay(Duration),
    /// No answer ever comes.
    Hang,
    /// The head of the answer comes, its body never.
    HangBody,
    /// A refusal in the API's own form, such as 401, 403, 410, 429, 500.
    Status {
        /// The HTTP status.
        code: u16,
        /// The word of Kubernetes.
        reason: &'static str,
        /// Seconds of `Retry-After`.
        retry_after: Option<u64>,
    },
    /// A page of a proxy instead of an answer, with status 200.
    Malformed,
    /// The body comes in small pieces with pauses.
    Slow {
        /// Bytes of a piece.
        size: usize,
        /// Before each piece.
        pause: Duration,
    },
    /// The body ends after so many pieces, as if all had been said.
    EndAfter(usize),
    /// The body breaks within a piece, after so many whole ones.
    BreakAfter(usize),
    /// A watch that tells at once that its history has expired.
    ExpiredInStream,
    /// A streaming list whose end is never marked.
    NoEndMark,
    /// The body has one text in place of another.
    Replace(String, String),
    /// The answer is compressed.
    Gzip,
}

/// A request that came by.
#[derive(Clone, Debug)]
pub struct Seen {
    /// What for.
    pub verb: Verb,
    /// The method as sent.
    pub method: Method,
    /// Without the query.
    pub path: String,
    /// Empty where absent.
    pub query: String,
    /// The header `Authorization`; empty where absent.
    pub authorization: String,
    /// The header `User-Agent`; empty where absent.
    pub user_agent: String,
    /// On the runtime's clock.
    pub at: Instant,
}

#[derive(Debug)]
struct Rule {
    when: When,
    fault: Fault,
    left: Option<usize>,
}

#[derive(Debug, Default)]
struct Inner {
    rules: Vec<Rule>,
    seen: Vec<Seen>,
}

/// The faults of one API and the list of what was asked. Clones are handles on the same ones.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    inner: Arc<Mutex<Inner>>,
}

impl Faults {
    /// No fault yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// From now on, until [`Faults::clear`]. Of several faults that hold the first one counts.
    pub fn always(&self, when: When, fault: Fault) {
        self.change(|inner| inner.rules.push(Rule { when, fault, left: None }));
    }

    /// For so many requests.
    pub fn times(&self, count: usize, when: When, fault: Fault) {
        self.change(|inner| inner.rules.push(Rule { when, fault, left: Some(count) }));
    }

    /// Ends all faults.
    pub fn clear(&self) {
        self.change(|inner| inner.rules.clear());
    }

    /// Requests so far, oldest first.
    pub fn seen(&self) -> Vec<Seen> {
        self.change(|inner| inner.seen.clone())
    }

    /// How many requests so far are of this kind.
    pub fn count(&self, when: &When) -> usize {
        self.change(|inner| inner.seen.iter().filter(|seen| when.holds(seen)).count())
    }

    fn change<T>(&self, change: impl FnOnce(&mut Inner) -> T) -> T {
        change(&mut self.inner.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn meet(&self, seen: Seen) -> Option<Fault> {
        self.change(|inner| {
            let rule =
                inner.rules.iter_mut().find(|rule| rule.left != Some(0) && rule.when.holds(&seen));
            let fault = rule.map(|rule| {
                rule.left = rule.left.map(|left| left - 1);
                rule.fault.clone()
            });
            inner.seen.push(seen);
            fault
        })
    }
}

impl<S> Layer<S> for Faults {
    type Service = Faulty<S>;

    fn layer(&self, inner: S) -> Faulty<S> {
        Faulty { inner, faults: self.clone() }
    }
}

/// A service with faults before it.
#[derive(Clone, Debug)]
pub struct Faulty<S> {
    inner: S,
    faults: Faults,
}

impl<S, B, R> Service<Request<B>> for Faulty<S>
where
    S: Service<Request<B>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: std::fmt::Display,
    B: Send + 'static,
    R: http_body::Body<Data = Bytes> + Send + 'static,
    R::Error: std::fmt::Display,
{
    type Response = Response<Body>;
    type Error = std::io::Error;
    type Future = Pin<Box<dyn Future<Output = std::io::Result<Response<Body>>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let fault = self.faults.meet(seen(&request));
        let inner = self.inner.clone();
        Box::pin(async move {
            match fault.as_ref() {
                Some(Fault::Drop) => {
                    return Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset));
                }
                Some(Fault::Hang) => return std::future::pending().await,
                Some(Fault::Delay(pause)) => tokio::time::sleep(*pause).await,
                Some(Fault::Status { code, reason, retry_after }) => {
                    return Ok(refusal(*code, reason, *retry_after));
                }
                Some(Fault::Malformed) => {
                    let page = "<html><body>Please sign in to the network</body></html>";
                    return Ok(Response::new(body::whole(page)));
                }
                Some(Fault::ExpiredInStream) => {
                    let event = json!({ "type": "ERROR", "object": status(410, "Expired") });
                    return Ok(Response::new(body::whole(format!("{event}\n"))));
                }
                _ => {}
            }
            let response = inner.oneshot(request).await;
            let response = response.map_err(|error| std::io::Error::other(error.to_string()))?;
            spoil(response.map(body::plain), fault).await
        })
    }
}

async fn spoil(response: Response<Body>, fault: Option<Fault>) -> std::io::Result<Response<Body>> {
    Ok(match fault {
        Some(Fault::HangBody) => response.map(|_| {
            let never = futures_util::stream::pending::<std::io::Result<_>>();
            http_body_util::BodyExt::boxed_unsync(http_body_util::StreamBody::new(never))
        }),
        Some(Fault::Slow { size, pause }) => response.map(|own| body::slow(own, size, pause)),
        Some(Fault::EndAfter(pieces)) => response.map(|own| body::ended(own, pieces)),
        Some(Fault::BreakAfter(pieces)) => response.map(|own| body::broken(own, pieces)),
        Some(Fault::NoEndMark) => {
            response.map(|own| body::without(own, "k8s.io/initial-events-end"))
        }
        Some(Fault::Replace(from, to)) => response.map(|own| body::replaced(own, from, to)),
        Some(Fault::Gzip) => {
            let (mut parts, own) = response.into_parts();
            parts.headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            Response::from_parts(parts, body::compressed(own).await?)
        }
        _ => response,
    })
}

fn seen<B>(request: &Request<B>) -> Seen {
    let query = request.uri().query().unwrap_or_default().to_owned();
    let watches = query.split('&').any(|part| matches!(part, "watch=true" | "watch=1"));
    let verb = match *request.method() {
        Method::GET if watches => Verb::Watch,
        Method::GET => Verb::Read,
        _ => Verb::Write,
    };
    let header = |name| {
        let value = request.headers().get(name).and_then(|value: &HeaderValue| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    Seen {
        verb,
        method: request.method().clone(),
        path: request.uri().path().to_owned(),
        query,
        authorization: header(http::header::AUTHORIZATION),
        user_agent: header(USER_AGENT),
        at: Instant::now(),
    }
}

fn status(code: u16, reason: &str) -> serde_json::Value {
    json!({
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": format!("a fault of the test: {reason}"),
        "reason": reason,
        "code": code,
    })
}

fn refusal(code: u16, reason: &str, retry_after: Option<u64>) -> Response<Body> {
    let mut response = Response::new(body::whole(status(code, reason).to_string()));
    *response.status_mut() = StatusCode::from_u16(code).unwrap_or_default();
    if let Some(seconds) = retry_after {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
