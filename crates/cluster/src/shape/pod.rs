//! Pods: ten thousands of them are kept, so nothing stands here that no rule reads.

use super::lenient::{Loose, Print, part};
use super::meta::Condition;
use super::{Moment, Strings, kind};
use serde::de::MapAccess;
use std::collections::BTreeMap;
use std::sync::Arc;

kind! {
    /// A pod.
    Pod = "Pod" in "" / "v1" as "pods", NamespaceResourceScope, keeps keeps, shares share {
        /// What is wanted.
        "spec" spec: PodSpec,
        /// What is.
        "status" status: PodStatus,
    }
}

/// The mark of a pod that a node made from a file.
pub const MIRROR: &str = "kubernetes.io/config.mirror";

fn keeps(annotation: &str) -> bool {
    annotation == MIRROR
}

fn share(pod: &mut Pod, strings: &mut Strings) {
    strings.share(&mut pod.spec.node_name);
    strings.share_containers(&mut pod.spec.containers);
    strings.share_containers(&mut pod.spec.init_containers);
    strings.share(&mut pod.status.phase);
    if let Some(reason) = &mut pod.status.reason {
        strings.share(reason);
    }
    for condition in &mut pod.status.conditions.0 {
        condition.share(strings);
    }
    let statuses =
        pod.status.container_statuses.iter_mut().chain(&mut pod.status.init_container_statuses);
    for status in statuses {
        strings.share(&mut status.name);
        strings.share(&mut status.image_id);
        for state in [&mut status.state, &mut status.last_state] {
            let ended = state.terminated.as_deref_mut().and_then(|end| end.reason.as_mut());
            let waits = state.waiting.as_deref_mut().and_then(|wait| wait.reason.as_mut());
            for reason in ended.into_iter().chain(waits) {
                strings.share(reason);
            }
        }
    }
}

part! {
    /// What is wanted of a pod.
    PodSpec {
        /// The node it runs on; empty while it has none.
        node_name: Arc<str>,
        /// Main containers.
        containers: Arc<[PodContainer]>,
        /// Init containers, sidecars among them.
        init_containers: Arc<[PodContainer]>,
    }
    /// One container of a pod, as far as rules about pods need it.
    PodContainer {
        /// Name.
        name: Arc<str>,
        /// Image.
        image: Arc<str>,
        /// Whether it is restarted always: an init container that is, is a sidecar.
        #[serde(rename = "restartPolicy")]
        restarts: Restarts,
        /// Which requests it has.
        resources: Requested,
        /// How long it may take to start.
        #[serde(rename = "startupProbe")]
        start_up: StartUp,
    }
    /// What is of a pod.
    PodStatus {
        /// Phase.
        phase: Arc<str>,
        /// Why, where the node or the control plane says so.
        reason: Option<Arc<str>>,
        /// Conditions that rules read.
        conditions: PodConditions,
        /// Main containers.
        container_statuses: Box<[ContainerStatus]>,
        /// Init containers.
        init_container_statuses: Box<[ContainerStatus]>,
    }
    /// How one container fares.
    ContainerStatus {
        /// Name.
        name: Arc<str>,
        /// Whether it takes requests.
        ready: bool,
        /// Whether it has started.
        started: bool,
        /// Restarts in the pod's life.
        restart_count: u32,
        /// What the node runs; only its digest can be compared.
        #[serde(rename = "imageID")]
        image_id: Arc<str>,
        /// Now.
        state: ContainerState,
        /// Before its last restart.
        last_state: ContainerState,
    }
    /// What a container does.
    ContainerState {
        /// It runs.
        running: Option<Box<Running>>,
        /// It waits.
        waiting: Option<Box<Waiting>>,
        /// It ended.
        terminated: Option<Box<Terminated>>,
    }
    /// A running container.
    Running {
        /// Since when.
        started_at: Option<Moment>,
    }
    /// A waiting container.
    Waiting {
        /// Why, in one word.
        reason: Option<Arc<str>>,
    }
    /// An ended container.
    Terminated {
        /// Why, in one word.
        reason: Option<Arc<str>>,
        /// Its exit code.
        exit_code: i64,
        /// The signal that ended it; 0 for none.
        signal: i64,
        /// When.
        finished_at: Option<Moment>,
    }
}

impl Eq for PodContainer {}

impl std::hash::Hash for PodContainer {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (&self.name, &self.image).hash(state);
    }
}

/// Whether a container has a restart policy `Always` of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Restarts(pub bool);

impl Loose for Restarts {
    fn text(text: &str) -> Self {
        Self(text == "Always")
    }
}

/// Which requests a container has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Requested {
    /// Processor time.
    pub cpu: bool,
    /// Memory.
    pub memory: bool,
}

part! {
    /// Resources of a container.
    Resources {
        /// What it is promised.
        requests: BTreeMap<Arc<str>, Box<str>>,
        /// What it may not exceed.
        limits: BTreeMap<Arc<str>, Box<str>>,
    }
}

impl Loose for Requested {
    fn map<'de, A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        let resources = Resources::map(map)?;
        let has = |name: &str| resources.requests.contains_key(name);
        Ok(Self { cpu: has("cpu"), memory: has("memory") })
    }
}

/// How long a container may take to start, in seconds; 0 where nothing says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StartUp(pub u32);

part! {
    /// A probe.
    Probe {
        /// A request.
        http_get: Option<Box<HttpGet>>,
        /// A connection.
        tcp_socket: Print,
        /// A command; only compared.
        exec: Print,
        /// A health request of gRPC.
        grpc: Print,
        /// Seconds before the first.
        initial_delay_seconds: Option<i64>,
        /// Seconds between two.
        period_seconds: Option<i64>,
        /// Seconds until one has failed.
        timeout_seconds: Option<i64>,
        /// Failures in a row that count.
        failure_threshold: Option<i64>,
        /// Successes in a row that count.
        success_threshold: Option<i64>,
    }
    /// A request of a probe; its headers are not kept.
    HttpGet {
        /// Path.
        path: Option<Box<str>>,
        /// Port.
        port: super::lenient::NumberOrText,
        /// Scheme.
        scheme: Option<Box<str>>,
    }
}

impl Loose for StartUp {
    fn map<'de, A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        let probe = Probe::map(map)?;
        // Kubernetes' own defaults: 3 failures, 10 seconds apart.
        let (failures, period) =
            (probe.failure_threshold.unwrap_or(3), probe.period_seconds.unwrap_or(10));
        Ok(Self(u32::try_from(failures.saturating_mul(period)).unwrap_or_default()))
    }
}

/// The conditions that rules read; the others are dropped.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PodConditions(pub Vec<Condition>);

impl Loose for PodConditions {
    fn list<'de, A: serde::de::SeqAccess<'de>>(list: A) -> Result<Self, A::Error> {
        let mut conditions = Vec::<Condition>::list(list)?;
        conditions.retain(|condition| {
            matches!(&*condition.kind, "PodScheduled" | "Initialized" | "Ready")
        });
        conditions.shrink_to_fit();
        Ok(Self(conditions))
    }
}

impl Pod {
    /// A condition.
    pub fn condition(&self, kind: &str) -> Option<&Condition> {
        super::meta::condition(&self.status.conditions.0, kind)
    }

    /// Sidecars: init containers that are always restarted.
    pub fn is_sidecar(&self, name: &str) -> bool {
        self.spec.init_containers.iter().any(|one| *one.name == *name && one.restarts.0)
    }

    /// The statuses of all containers, init containers first.
    pub fn statuses(&self) -> impl Iterator<Item = &ContainerStatus> {
        self.status.init_container_statuses.iter().chain(&self.status.container_statuses)
    }
}
