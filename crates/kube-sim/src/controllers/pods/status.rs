//! What a kubelet reports of a pod.

use super::container::{Container, Ended, Run, State};
use crate::controllers::conditions::{self, Condition};
use crate::time;
use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

/// Seconds from the start of a container to its readiness, besides the delay its probe asks for.
const READY: i64 = 1;

pub(super) struct Report {
    phase: &'static str,
    initialized: bool,
    ready: bool,
    unready: Vec<String>,
    init: Vec<Value>,
    main: Vec<Value>,
    now: DateTime<Utc>,
}

/// The report, and when it will read otherwise by itself.
pub(super) fn report(
    pod: &Value,
    run: &Run,
    now: DateTime<Utc>,
) -> (Report, Option<DateTime<Utc>>) {
    let mut next = None;
    let mut list = |name: &str| -> Vec<(Value, Option<Container>)> {
        let specs = pod["spec"][name].as_array().into_iter().flatten();
        specs
            .map(|spec| {
                let container = run.get(spec["name"].as_str().unwrap_or_default()).cloned();
                let (status, wake) = one(spec, container.as_ref(), now);
                next = [next, wake].into_iter().flatten().min();
                (status, container)
            })
            .collect()
    };
    let (init, main) = (list("initContainers"), list("containers"));
    let done = |(status, container): &(Value, Option<Container>)| {
        let ended = container.as_ref().and_then(|one| one.last.as_ref());
        status["started"] == true || ended.is_some_and(|ended| ended.code == 0)
    };
    let initialized = init.iter().all(done);
    let ended: Option<Vec<u8>> = main
        .iter()
        .map(|(_, container)| {
            let container = container.as_ref()?;
            let over = matches!(container.state, State::Ended);
            container.last.as_ref().filter(|_| over).map(|last| last.code)
        })
        .collect();
    let failed_init = init.iter().any(|(_, container)| {
        container.as_ref().is_some_and(|one| {
            matches!(one.state, State::Ended) && one.last.as_ref().is_some_and(|one| one.code != 0)
        })
    });
    let begun = main.iter().any(|(_, container)| {
        container
            .as_ref()
            .is_some_and(|one| one.last.is_some() || matches!(one.state, State::Running { .. }))
    });
    let phase = match ended {
        _ if failed_init => "Failed",
        Some(codes) if codes.iter().all(|code| *code == 0) => "Succeeded",
        Some(_) => "Failed",
        None if begun && initialized => "Running",
        None => "Pending",
    };
    let unready: Vec<String> = main
        .iter()
        .filter(|(status, _)| status["ready"] != true)
        .map(|(status, _)| status["name"].as_str().unwrap_or_default().to_owned())
        .collect();
    let ready = unready.is_empty() && phase == "Running";
    let statuses =
        |all: Vec<(Value, Option<Container>)>| all.into_iter().map(|one| one.0).collect();
    let report = Report {
        phase,
        initialized,
        ready,
        unready,
        init: statuses(init),
        main: statuses(main),
        now,
    };
    (report, next)
}

fn one(
    spec: &Value,
    container: Option<&Container>,
    now: DateTime<Utc>,
) -> (Value, Option<DateTime<Utc>>) {
    let image = spec["image"].as_str().unwrap_or_default();
    let mut status = json!({
        "name": spec["name"],
        "image": image,
        "imageID": "",
        "ready": false,
        "started": false,
        "restartCount": container.map_or(0, |one| one.restarts),
        "state": { "waiting": { "reason": "PodInitializing" } },
        "lastState": {},
    });
    let Some(container) = container else { return (status, None) };
    if let Some(last) = &container.last
        && !matches!(container.state, State::Ended)
    {
        status["lastState"] = terminated(last);
    }
    if container.last.is_some() || matches!(container.state, State::Running { .. }) {
        status["imageID"] = Value::from(image_id(image));
    }
    let waiting = |reason: &str, message: &str| match message {
        "" => json!({ "waiting": { "reason": reason } }),
        message => json!({ "waiting": { "reason": reason, "message": message } }),
    };
    let mut next = None;
    status["state"] = match &container.state {
        State::Creating { .. } => waiting("ContainerCreating", ""),
        State::InvalidImage => {
            let why = format!("Failed to apply default image tag {image:?}: invalid reference");
            waiting("InvalidImageName", &why)
        }
        State::PullFailed { .. } => {
            waiting("ErrImagePull", &format!("failed to pull image {image:?}: not found"))
        }
        State::PullBackOff { .. } => {
            waiting("ImagePullBackOff", &format!("Back-off pulling image {image:?}"))
        }
        State::BackOff { until } => {
            let seconds =
                container.last.as_ref().map_or(0, |last| (*until - last.at).num_seconds());
            let why = format!("back-off {seconds}s restarting failed container");
            waiting("CrashLoopBackOff", &why)
        }
        State::Ended => container.last.as_ref().map(terminated).unwrap_or_default(),
        State::Running { since, .. } => {
            let delay = spec["readinessProbe"]["initialDelaySeconds"].as_i64().unwrap_or(0);
            let ready_at = *since + Duration::seconds(READY + delay);
            status["started"] = Value::from(true);
            status["ready"] = Value::from(ready_at <= now && !container.never_ready);
            next = (ready_at > now).then_some(ready_at);
            json!({ "running": { "startedAt": time::text(*since) } })
        }
    };
    (status, next)
}

fn terminated(ended: &Ended) -> Value {
    json!({ "terminated": {
        "exitCode": ended.code,
        "reason": ended.reason(),
        "startedAt": time::text(ended.from),
        "finishedAt": time::text(ended.at),
    }})
}

/// The digest that was pulled; the same image has the same one everywhere.
fn image_id(image: &str) -> String {
    if image.contains('@') {
        return image.to_owned();
    }
    let part = |text: &str| {
        let text = format!("{text} {image}");
        Uuid::new_v5(&Uuid::NAMESPACE_OID, text.as_bytes()).simple().to_string()
    };
    let name = match (image.rfind(':'), image.rfind('/')) {
        (Some(colon), slash) if slash.is_none_or(|slash| slash < colon) => &image[..colon],
        _ => image,
    };
    format!("{name}@sha256:{}{}", part("first"), part("second"))
}

pub(super) fn write(pod: &mut Value, report: &Report, started: &str) {
    let uid = pod["metadata"]["uid"].as_str().unwrap_or_default();
    let number = Uuid::new_v5(&Uuid::NAMESPACE_OID, uid.as_bytes()).as_u128();
    let (high, low) = ((number >> 8) % 255, number % 255);
    let ip = format!("10.{}.{high}.{low}", 64 + (number >> 16) % 64);
    let status = &mut pod["status"];
    status["phase"] = Value::from(report.phase);
    status["startTime"] = Value::from(started);
    status["podIP"] = Value::from(ip.clone());
    status["podIPs"] = json!([{ "ip": ip }]);
    status["containerStatuses"] = Value::Array(report.main.clone());
    if !report.init.is_empty() {
        status["initContainerStatuses"] = Value::Array(report.init.clone());
    }
    let ended = matches!(report.phase, "Succeeded" | "Failed");
    let unready = format!("containers with unready status: [{}]", report.unready.join(" "));
    let (reason, message) = match (report.ready, report.phase) {
        (true, _) => ("", ""),
        (false, "Succeeded") => ("PodCompleted", ""),
        (false, "Failed") => ("PodFailed", ""),
        (false, _) => ("ContainersNotReady", unready.as_str()),
    };
    let initialized = Condition::new("Initialized", report.initialized || ended);
    conditions::set(pod, &initialized, report.now);
    for name in ["Ready", "ContainersReady"] {
        let condition = Condition::new(name, report.ready).because(reason, message);
        conditions::set(pod, &condition, report.now);
    }
}
