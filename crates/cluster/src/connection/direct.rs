//! A connection to an API within the process: no kubeconfig, no network, no credentials. For the
//! sample programme, whose cluster is simulated.

use super::client;
use super::freshness::ProofOfLife;
use super::state::Failure;
use crate::watch::{Access, Session};
use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http::{Request, Response};
use kube::client::Body;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use tower::{BoxError, Service};

/// Hands out one session, which never ends.
#[derive(Clone)]
pub struct Direct {
    session: Session,
}

impl std::fmt::Debug for Direct {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Direct").finish_non_exhaustive()
    }
}

impl Direct {
    /// Over a service, behind the same guard as every other connection.
    pub fn over<S, B>(service: S) -> Self
    where
        S: Service<Request<Body>, Response = Response<B>> + Clone + Send + 'static,
        S::Future: Send,
        S::Error: Into<BoxError>,
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let life = ProofOfLife::new();
        let client = client::over(service, "default", life.clone());
        let streams_lists = Arc::new(AtomicBool::new(false));
        Self { session: Session { number: 0, client, life, streams_lists } }
    }

    /// What came over it.
    pub fn life(&self) -> ProofOfLife {
        self.session.life.clone()
    }
}

impl Access for Direct {
    fn session(&self) -> BoxFuture<'_, Result<Session, Failure>> {
        std::future::ready(Ok(self.session.clone())).boxed()
    }

    fn rejected(&self, _: u64) -> BoxFuture<'_, Result<(), Failure>> {
        let why = "an API within the process asks for no credentials";
        std::future::ready(Err(Failure::NeedsPerson(why.to_owned()))).boxed()
    }

    fn retry_wanted(&self) -> BoxFuture<'_, ()> {
        std::future::pending().boxed()
    }
}
