//! Reads all pods of a kubeconfig's context as whole objects, holds them, and prints the resident
//! bytes of this program: what the slim shapes of this crate are measured against (`cargo xtask
//! bench cluster`). `hold-pods KUBECONFIG PODS`, over a connection without a proxy.

use k8s_openapi::api::core::v1::Pod;
use kube::api::{Api, ListParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [kubeconfig, wanted] = words.as_slice() else {
        return Err("usage: hold-pods KUBECONFIG PODS".into());
    };
    let wanted: usize = wanted.parse()?;
    let file = Kubeconfig::read_from(kubeconfig)?;
    let mut config = Config::from_custom_kubeconfig(file, &KubeConfigOptions::default()).await?;
    config.proxy_url = None;
    let pods: Api<Pod> = Api::all(Client::try_from(config)?);
    let mut held = Vec::new();
    let mut next = ListParams::default().limit(500);
    loop {
        let page = pods.list(&next).await?;
        held.extend(page.items);
        match page.metadata.continue_.filter(|token| !token.is_empty()) {
            Some(token) => next = next.continue_token(&token),
            None => break,
        }
    }
    if held.len() != wanted {
        return Err(format!("{} pods came, not {wanted}", held.len()).into());
    }
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kibibytes = line.and_then(|line| line.split_whitespace().next()?.parse::<usize>().ok());
    println!("{}", kibibytes.ok_or("the system does not tell")? * 1024);
    Ok(())
}
