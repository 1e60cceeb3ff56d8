//! The large cluster: `serve-sim` in a process of its own.

use super::text;
use pilotage_tests::browser::Outcome;
use pilotage_tests::place;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::net::TcpStream;
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// Workloads.
pub const WORKLOADS: usize = 1_000;
const NODES: usize = 100;
/// Bytes of variables with which a pod is about 9.7 kB large, the median of real ones that the
/// reference gives.
const PAD: usize = 4_000;

/// How large, and how lively.
#[derive(Clone, Copy)]
pub struct Size {
    /// In all.
    pub pods: usize,
    /// Restarts a second, each told in a line.
    pub restarts: usize,
}

/// A running server; it ends with this value.
pub struct Server {
    pub kubeconfig: PathBuf,
    url: String,
    child: Child,
    /// It ends when this does.
    _input: ChildStdin,
    lines: Option<Lines<BufReader<ChildStdout>>>,
}

impl Server {
    /// Starts it and waits until all of it stands.
    pub async fn start(folder: &Path, size: Size) -> Outcome<Self> {
        let kubeconfig = folder.join(format!("config-{}-{}", size.pods, size.restarts));
        let mut child = Command::new(place::program("serve-sim")?)
            .args(["--nodes", &NODES.max(size.pods / 100).to_string()])
            .args(["--workloads", &WORKLOADS.to_string()])
            .args(["--pods", &(size.pods / WORKLOADS).to_string()])
            .args(["--pad", &PAD.to_string()])
            .args(["--restarts", &size.restarts.to_string()])
            .arg("--kubeconfig")
            .arg(&kubeconfig)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(text)?;
        let input = child.stdin.take().ok_or("the server has no input")?;
        let output = child.stdout.take().ok_or("the server has no output")?;
        let mut lines = BufReader::new(output).lines();
        let url = lines.next_line().await.map_err(text)?;
        let url = url.ok_or("the server ended before it served")?;
        Ok(Self { kubeconfig, url, child, _input: input, lines: Some(lines) })
    }

    /// What it tells of changes, once.
    pub fn lines(&mut self) -> Option<Lines<BufReader<ChildStdout>>> {
        self.lines.take()
    }

    /// Its processor time so far.
    pub fn processor(&self) -> Duration {
        self.child.id().map_or(Duration::ZERO, |id| ticks(&id.to_string(), 11))
    }

    /// How large its pods are.
    pub async fn described(&self) -> Outcome<String> {
        let address = self.url.trim_start_matches("http://");
        let mut connection = TcpStream::connect(address).await.map_err(text)?;
        // HTTP 1.0 knows no pieces: what follows the head is the body.
        let asked = format!("GET /api/v1/pods?limit=100 HTTP/1.0\r\nHost: {address}\r\n\r\n");
        connection.write_all(asked.as_bytes()).await.map_err(text)?;
        let mut answer = String::new();
        connection.read_to_string(&mut answer).await.map_err(text)?;
        let page = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        let list: Value = serde_json::from_str(page).map_err(text)?;
        let items = list["items"].as_array().map_or(0, Vec::len);
        let left = list["metadata"]["remainingItemCount"].as_u64().unwrap_or(0);
        Ok(format!(
            "{} pods of {} bytes, {WORKLOADS} workloads, {NODES} nodes",
            left + items as u64,
            page.len() / items.max(1)
        ))
    }
}

/// Two fields that follow each other in `/proc/…/stat`, counted from the state: user and system time
/// in steps of 10 ms. Zero where the system does not tell.
pub fn ticks(process: &str, at: usize) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let fields: Vec<&str> =
        stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace().collect();
    let one = |at: usize| fields.get(at).and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
    Duration::from_millis((one(at) + one(at + 1)) * 10)
}
