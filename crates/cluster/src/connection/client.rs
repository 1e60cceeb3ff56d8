//! A client that can only read, with the limits and headers every connection has.

use super::freshness::ProofOfLife;
use super::guard::Guard;
use super::state::Failure;
use bytes::Bytes;
use http::{Request, Response};
use kube::client::{Body, ClientBuilder};
use kube::{Client, Config};
use std::time::Duration;
use tower::{BoxError, Layer as _, Service};

/// How long a connection may take to stand.
const CONNECT: Duration = Duration::from_secs(10);
/// How long an answer may be silent: the life of a watch and 20 s (kube-client.md, section 4).
const READ: Duration = Duration::from_secs(140);
/// From this minor version of Kubernetes 1 on, servers stream lists unless told otherwise.
pub const STREAMS_LISTS_FROM: u32 = 34;

/// Sets what every connection has: limits of time, no silent retries, and the proxy as worked out
/// here, `None` included.
pub fn harden(config: &mut Config, proxy: Option<http::Uri>) {
    config.connect_timeout = Some(CONNECT);
    config.read_timeout = Some(READ);
    config.reset_reader_on_write = true;
    // Retries are ours, so that they show.
    config.default_retry = false;
    config.proxy_url = proxy;
}

/// Builds a client behind the guard. Call it off the async threads: reading certificates blocks.
///
/// # Errors
/// When certificates or keys cannot be read.
pub fn build(config: Config, life: ProofOfLife) -> Result<Client, Failure> {
    let builder = ClientBuilder::try_from(config).map_err(|error| Failure::of(&error))?;
    let builder = builder.with_layer(&tower::buffer::BufferLayer::new(1024));
    Ok(builder.with_layer(&Guard::new(life)).build())
}

/// A client behind the guard over any service: for an API within the process.
pub fn over<S, B>(service: S, namespace: &str, life: ProofOfLife) -> Client
where
    S: Service<Request<Body>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Into<BoxError>,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    Client::new(Guard::new(life).layer(service), namespace)
}

/// The configuration of a pod that runs in the cluster: its service account.
///
/// # Errors
/// When this is no pod, or its service account is not mounted.
pub fn in_cluster() -> Result<Config, Failure> {
    let mut config = Config::incluster().map_err(|error| {
        Failure::NeedsPerson(format!(
            "this is no pod with a service account, and no kubeconfig was found: {error}"
        ))
    })?;
    harden(&mut config, None);
    Ok(config)
}

/// Whether a server of this version surely streams lists.
pub fn streams_lists(major: &str, minor: &str) -> bool {
    // Vendors write `34+`.
    let digits: String = minor.chars().take_while(char::is_ascii_digit).collect();
    major == "1" && digits.parse::<u32>().is_ok_and(|minor| minor >= STREAMS_LISTS_FROM)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_versions_that_surely_stream_are_asked_to() {
        let check =
            |minor: &str, expect: bool| assert_eq!(streams_lists("1", minor), expect, "{minor}");
        check("32", false);
        check("33", false);
        check("34", true);
        check("34+", true);
        check("", false);
        check("unknown", false);
    }

    #[test]
    fn every_connection_has_its_limits() {
        let mut config = Config::new("https://api.example.com".parse().unwrap());
        config.proxy_url = Some("http://proxy:1".parse().unwrap());
        assert!(config.default_retry, "kube retries in silence unless told not to");
        harden(&mut config, None);
        assert!(!config.default_retry, "our retries show");
        assert_eq!(config.proxy_url, None, "ours is the answer");
        assert_eq!(config.connect_timeout, Some(CONNECT));
        assert_eq!(config.read_timeout, Some(READ));
    }
}
