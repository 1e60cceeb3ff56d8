//! A loopback listener for a tower service. An error of the service breaks the connection.

use bytes::Bytes;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use std::net::SocketAddr;
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};
use tower::Service;

/// A running listener; it ends with this value.
#[derive(Debug)]
pub struct Listening {
    /// Where it listens: loopback, on a free port.
    pub address: SocketAddr,
    task: JoinHandle<()>,
}

impl Listening {
    /// The address of the API.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A kubeconfig with one context `sim` that points here.
    pub fn kubeconfig(&self) -> String {
        format!(
            "apiVersion: v1
kind: Config
clusters: [{{name: sim, cluster: {{server: 'http://{}'}}}}]
users: [{{name: sim, user: {{}}}}]
contexts: [{{name: sim, context: {{cluster: sim, user: sim, namespace: default}}}}]
current-context: sim
",
            self.address
        )
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Serves on a free loopback port.
///
/// # Errors
/// When no port is free.
pub async fn listen<S, B>(service: S) -> std::io::Result<Listening>
where
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let task = tokio::spawn(async move {
        // Connections end with the listener.
        let mut connections = JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            let service = TowerToHyperService::new(service.clone());
            connections.spawn(async move {
                let serving = hyper::server::conn::http1::Builder::new();
                // A broken connection is the client's to notice.
                let _ = serving.serve_connection(TokioIo::new(stream), service).await;
            });
            while connections.try_join_next().is_some() {}
        }
    });
    Ok(Listening { address, task })
}
