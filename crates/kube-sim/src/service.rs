//! The API as a tower service over requests of the `http` crate.

use crate::api::{self, Answer};
use crate::sim::Shared;
use crate::watching::Watching;
use bytes::Bytes;
use futures_util::Stream;
use futures_util::stream;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Request, Response, StatusCode};
use http_body::Frame;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// The body of an answer.
pub type SimBody = UnsyncBoxBody<Bytes, Infallible>;

/// The API of one simulated cluster: fits `kube::Client::new`, and any server of tower services.
#[derive(Clone, Debug)]
pub struct SimService {
    shared: Arc<Shared>,
}

impl SimService {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }
}

impl<B> tower_service::Service<Request<B>> for SimService
where
    B: http_body::Body + Send + 'static,
    B::Data: Send,
    B::Error: std::fmt::Display,
{
    type Response = Response<SimBody>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let shared = Arc::clone(&self.shared);
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            // A body that breaks off is one that never came.
            let body = body.collect().await.map(http_body_util::Collected::to_bytes);
            let answer = api::answer(&shared, &parts, &body.unwrap_or_default());
            Ok(respond(answer))
        })
    }
}

const AGGREGATED: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

fn respond(answer: Answer) -> Response<SimBody> {
    let (code, media, body) = match answer {
        Answer::Text(code, text) => (code, "application/json", Full::new(text).boxed_unsync()),
        Answer::Aggregated(text) => (200, AGGREGATED, Full::new(text).boxed_unsync()),
        Answer::Plain(text) => (200, "text/plain", Full::new(Bytes::from(text)).boxed_unsync()),
        Answer::Watch(watching) => {
            let body = StreamBody::new(pieces(watching)).boxed_unsync();
            (200, "application/json", body)
        }
    };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(code).unwrap_or_default();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache, private"));
    response
}

fn pieces(watching: Box<Watching>) -> impl Stream<Item = Result<Frame<Bytes>, Infallible>> {
    stream::unfold(watching, async |mut watching| {
        let piece = watching.next().await?;
        Some((Ok(Frame::data(piece)), watching))
    })
}
