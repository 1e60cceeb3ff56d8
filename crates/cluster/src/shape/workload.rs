//! What owns pods: the template, and the kinds around it.

use super::lenient::{NumberOrText, Present, Print, part};
use super::meta::{Condition, Labels, Selector, condition};
use super::pod::{Probe, Resources, Restarts};
use super::{Moment, kind};
use std::sync::Arc;

/// All annotations of a workload are kept but the one that holds its manifest: services are found
/// by them, and pipelines leave their marks there.
fn all(_annotation: &str) -> bool {
    true
}

kind! {
    /// A Deployment.
    Deployment = "Deployment" in "apps" / "v1" as "deployments", NamespaceResourceScope,
        writers writers, keeps all {
        /// What is wanted.
        "spec" spec: DeploymentSpec,
        /// What is.
        "status" status: WorkloadStatus,
    }
}
kind! {
    /// A StatefulSet.
    StatefulSet = "StatefulSet" in "apps" / "v1" as "statefulsets", NamespaceResourceScope,
        writers writers, keeps all {
        /// What is wanted.
        "spec" spec: StatefulSetSpec,
        /// What is.
        "status" status: WorkloadStatus,
    }
}
kind! {
    /// A DaemonSet.
    DaemonSet = "DaemonSet" in "apps" / "v1" as "daemonsets", NamespaceResourceScope,
        writers writers, keeps all {
        /// What is wanted.
        "spec" spec: DaemonSetSpec,
        /// What is.
        "status" status: DaemonSetStatus,
    }
}
kind! {
    /// A CronJob.
    CronJob = "CronJob" in "batch" / "v1" as "cronjobs", NamespaceResourceScope,
        writers writers, keeps all {
        /// What is wanted.
        "spec" spec: CronJobSpec,
        /// What is.
        "status" status: CronJobStatus,
    }
}
kind! {
    /// A Rollout of Argo Rollouts.
    Rollout = "Rollout" in "argoproj.io" / "v1alpha1" as "rollouts", NamespaceResourceScope,
        writers writers, keeps all {
        /// What is wanted.
        "spec" spec: RolloutSpec,
        /// What is.
        "status" status: RolloutStatus,
    }
}
kind! {
    /// A Job.
    Job = "Job" in "batch" / "v1" as "jobs", NamespaceResourceScope {
        /// What is.
        "status" status: JobStatus,
    }
}

part! {
    /// What is wanted of a Deployment.
    DeploymentSpec {
        /// How many pods; absent means 1.
        replicas: Option<i64>,
        /// Whether rollouts stand still.
        paused: bool,
        /// Seconds after which a rollout without progress has failed.
        progress_deadline_seconds: Option<i64>,
        /// How many old revisions are kept; absent means 10.
        revision_history_limit: Option<i64>,
        /// Its pods.
        selector: Selector,
        /// How it updates.
        strategy: Strategy,
        /// The pods.
        template: Template,
    }
    /// How a workload updates.
    Strategy {
        /// `RollingUpdate`, `Recreate` or `OnDelete`; absent means the first.
        #[serde(rename = "type")]
        kind: Option<Arc<str>>,
        /// Its numbers.
        rolling_update: Option<Box<RollingUpdate>>,
    }
    /// Numbers of a rolling update.
    RollingUpdate {
        /// Pods above the wanted number.
        max_surge: NumberOrText,
        /// Pods below the wanted number.
        max_unavailable: NumberOrText,
        /// Pods with a lower ordinal keep the old revision.
        partition: Option<i64>,
    }
    /// What is of a Deployment or StatefulSet.
    WorkloadStatus {
        /// The generation that the controller has seen.
        observed_generation: Option<i64>,
        /// Pods.
        replicas: Option<i64>,
        /// Pods of the newest template.
        updated_replicas: Option<i64>,
        /// Ready pods, of all templates.
        ready_replicas: Option<i64>,
        /// Available pods, of all templates.
        available_replicas: Option<i64>,
        /// Revision of the pods that are not updated (StatefulSet).
        current_revision: Option<Box<str>>,
        /// Revision of the template (StatefulSet).
        update_revision: Option<Box<str>>,
        /// Conditions.
        conditions: Box<[Condition]>,
    }
    /// What is wanted of a StatefulSet.
    StatefulSetSpec {
        /// How many pods; absent means 1.
        replicas: Option<i64>,
        /// How many old revisions are kept; absent means 10.
        revision_history_limit: Option<i64>,
        /// Its pods.
        selector: Selector,
        /// How it updates.
        update_strategy: Strategy,
        /// The pods.
        template: Template,
    }
    /// What is wanted of a DaemonSet.
    DaemonSetSpec {
        /// How many old revisions are kept; absent means 10.
        revision_history_limit: Option<i64>,
        /// Its pods.
        selector: Selector,
        /// How it updates.
        update_strategy: Strategy,
        /// The pods.
        template: Template,
    }
    /// What is of a DaemonSet.
    DaemonSetStatus {
        /// The generation that the controller has seen.
        observed_generation: Option<i64>,
        /// Nodes that should run it.
        desired_number_scheduled: Option<i64>,
        /// Nodes that run the newest template.
        updated_number_scheduled: Option<i64>,
        /// Nodes on which it is ready.
        number_ready: Option<i64>,
        /// Nodes on which it is available.
        number_available: Option<i64>,
        /// Nodes that run it and should not.
        number_misscheduled: Option<i64>,
        /// Conditions.
        conditions: Box<[Condition]>,
    }
    /// What is wanted of a CronJob.
    CronJobSpec {
        /// When it runs.
        schedule: Box<str>,
        /// Zone of the schedule; absent means that of the control plane.
        time_zone: Option<Box<str>>,
        /// Whether it stands still.
        suspend: bool,
        /// What it runs.
        job_template: JobTemplate,
    }
    /// What a CronJob runs.
    JobTemplate {
        /// The job.
        spec: JobSpec,
    }
    /// A job to run.
    JobSpec {
        /// The pods.
        template: Template,
    }
    /// What is of a CronJob.
    CronJobStatus {
        /// Jobs that run.
        active: Box<[Present]>,
        /// When it last began.
        last_schedule_time: Option<Moment>,
        /// When it last ended well.
        last_successful_time: Option<Moment>,
    }
    /// What is wanted of a Rollout.
    RolloutSpec {
        /// How many pods; absent means 1.
        replicas: Option<i64>,
        /// Whether it stands still.
        paused: bool,
        /// How many old revisions are kept; absent means 10.
        revision_history_limit: Option<i64>,
        /// Its pods.
        selector: Selector,
        /// The pods, where no other object holds them.
        template: Template,
        /// The object that holds them.
        workload_ref: Option<Box<Reference>>,
    }
    /// Names an object in the same namespace.
    Reference {
        /// Kind.
        kind: Box<str>,
        /// Name.
        name: Box<str>,
    }
    /// What is of a Rollout.
    RolloutStatus {
        /// The generation that the controller has seen, as a text.
        observed_generation: Option<Box<str>>,
        /// What the controller thinks of it.
        phase: Option<Arc<str>>,
        /// Why.
        message: Option<Box<str>>,
        /// Pods.
        replicas: Option<i64>,
        /// Pods of the newest template.
        updated_replicas: Option<i64>,
        /// Ready pods.
        ready_replicas: Option<i64>,
        /// Available pods.
        available_replicas: Option<i64>,
        /// Why it waits, a step of a canary among others.
        pause_conditions: Box<[Present]>,
        /// Hash of the newest template.
        current_pod_hash: Option<Box<str>>,
        /// Conditions.
        conditions: Box<[Condition]>,
    }
    /// What is of a Job.
    JobStatus {
        /// When it began.
        start_time: Option<Moment>,
        /// Conditions.
        conditions: Box<[Condition]>,
    }
    /// A pod template.
    Template {
        /// Its labels and annotations.
        metadata: TemplateMeta,
        /// Its pods.
        spec: TemplateSpec,
    }
    /// Labels and annotations of a template.
    TemplateMeta {
        /// Labels.
        labels: Labels,
        /// Annotations.
        annotations: super::Annotations,
    }
    /// The pods of a template.
    TemplateSpec {
        /// Main containers.
        containers: Box<[Container]>,
        /// Init containers, sidecars among them.
        init_containers: Box<[Container]>,
        /// Service account.
        service_account_name: Option<Box<str>>,
        /// Credentials for registries, by name.
        image_pull_secrets: Box<[Named]>,
        /// Volumes.
        volumes: Box<[Volume]>,
        /// Security of all containers.
        security_context: SecurityContext,
        /// Shares the network of the node.
        host_network: bool,
        /// Sees the processes of the node.
        #[serde(rename = "hostPID")]
        host_pid: bool,
        /// Shares memory with processes of the node.
        #[serde(rename = "hostIPC")]
        host_ipc: bool,
        /// How it spreads.
        topology_spread_constraints: Box<[Present]>,
    }
    /// Names something.
    Named {
        /// The name.
        name: Box<str>,
    }
    /// One container of a template.
    Container {
        /// Name.
        name: Box<str>,
        /// Image.
        image: Box<str>,
        /// Whether it is restarted always: an init container that is, is a sidecar.
        #[serde(rename = "restartPolicy")]
        restarts: Restarts,
        /// Ports.
        ports: Box<[ContainerPort]>,
        /// Resources.
        resources: Resources,
        /// Whether it takes requests.
        readiness_probe: Option<Box<Probe>>,
        /// Whether it lives.
        liveness_probe: Option<Box<Probe>>,
        /// Whether it has started.
        startup_probe: Option<Box<Probe>>,
        /// Values taken from elsewhere; the names only.
        env: Box<[EnvironmentEntry]>,
        /// All values of something elsewhere; the names only.
        env_from: Box<[EnvironmentSource]>,
        /// Security.
        security_context: SecurityContext,
    }
    /// A port of a container.
    ContainerPort {
        /// Name.
        name: Option<Box<str>>,
        /// Number.
        container_port: Option<i64>,
    }
    /// One entry of the environment; neither its name nor its value is kept.
    EnvironmentEntry {
        /// Where its value comes from.
        value_from: Option<Box<ValueFrom>>,
    }
    /// Where a value comes from.
    ValueFrom {
        /// A ConfigMap.
        config_map_key_ref: Option<Box<ObjectName>>,
        /// A Secret.
        secret_key_ref: Option<Box<ObjectName>>,
    }
    /// Where many values come from.
    EnvironmentSource {
        /// A ConfigMap.
        config_map_ref: Option<Box<ObjectName>>,
        /// A Secret.
        secret_ref: Option<Box<ObjectName>>,
    }
    /// Names a ConfigMap or Secret.
    ObjectName {
        /// Its name.
        name: Box<str>,
        /// Its name, where it is a Secret in a volume.
        secret_name: Box<str>,
        /// Whether it may be missing.
        optional: bool,
    }
    /// A volume.
    Volume {
        /// A ConfigMap.
        config_map: Option<Box<ObjectName>>,
        /// A Secret.
        secret: Option<Box<ObjectName>>,
        /// Several of them.
        projected: Option<Box<Projected>>,
        /// A folder of the node.
        host_path: Present,
    }
    /// A volume of several sources.
    Projected {
        /// The sources.
        sources: Box<[ProjectedSource]>,
    }
    /// One source of a projected volume.
    ProjectedSource {
        /// A ConfigMap.
        config_map: Option<Box<ObjectName>>,
        /// A Secret.
        secret: Option<Box<ObjectName>>,
    }
    /// Security of a pod or container.
    SecurityContext {
        /// Refuses to run as root.
        run_as_non_root: Option<bool>,
        /// User.
        run_as_user: Option<i64>,
        /// May gain rights.
        allow_privilege_escalation: Option<bool>,
        /// Has all rights of the node.
        privileged: Option<bool>,
        /// Rights of the kernel.
        capabilities: Capabilities,
    }
    /// Rights of the kernel.
    Capabilities {
        /// Added ones.
        add: Box<[Box<str>]>,
    }
}

impl TemplateSpec {
    /// Main containers and sidecars, with the path of the list each stands in.
    pub fn serving(&self) -> impl Iterator<Item = (&'static str, &Container)> {
        let sidecars = self.init_containers.iter().filter(|container| container.restarts.0);
        self.containers
            .iter()
            .map(|container| ("containers", container))
            .chain(sidecars.map(|container| ("initContainers", container)))
    }

    /// All containers, with the path of the list each stands in.
    pub fn all(&self) -> impl Iterator<Item = (&'static str, &Container)> {
        let init = self.init_containers.iter().map(|container| ("initContainers", container));
        self.containers.iter().map(|container| ("containers", container)).chain(init)
    }
}

impl ObjectName {
    /// Its name, wherever it stands.
    pub fn named(&self) -> &str {
        if self.name.is_empty() { &self.secret_name } else { &self.name }
    }
}

impl Strategy {
    /// The strategy, with the default of the server.
    pub fn name(&self) -> &str {
        self.kind.as_deref().unwrap_or("RollingUpdate")
    }

    /// Pods with a lower ordinal keep the old revision.
    pub fn partition(&self) -> i64 {
        self.rolling_update.as_deref().and_then(|rolling| rolling.partition).unwrap_or(0)
    }
}

impl WorkloadStatus {
    /// A condition.
    pub fn condition(&self, kind: &str) -> Option<&Condition> {
        condition(&self.conditions, kind)
    }
}

/// Whether two probes ask the same in the same way.
pub fn same_probe(one: &Probe, other: &Probe) -> bool {
    let unset = Print::default();
    let asks = |probe: &Probe| {
        probe.http_get.is_some()
            || probe.tcp_socket != unset
            || probe.exec != unset
            || probe.grpc != unset
    };
    asks(one) && one == other
}
