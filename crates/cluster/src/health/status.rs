//! The word that kubectl prints for a pod, and its restarts. The rule is Kubernetes' own
//! (`printPod` in `pkg/printers/internalversion`, mid-2026), in our words. For people only.

use crate::shape::Moment;
use crate::shape::meta::Truth;
use crate::shape::pod::{ContainerState, Pod, Terminated};
use serde::Serialize;

/// What the line of a pod says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PodLine {
    /// `Running`, `CrashLoopBackOff`, `Init:0/1` …
    pub status: String,
    /// Ready containers, sidecars included.
    pub ready: usize,
    /// Containers, sidecars included.
    pub containers: usize,
    /// Restarts.
    pub restarts: u32,
    /// When the last one was.
    pub last_restart: Option<Moment>,
}

#[derive(Default)]
struct Walk {
    text: String,
    ready: usize,
    restarts: u32,
    sidecar_restarts: u32,
    last: Option<Moment>,
    last_sidecar: Option<Moment>,
    held_up: bool,
    error: Option<String>,
    runs: bool,
}

/// The line of a pod.
pub fn line(pod: &Pod) -> PodLine {
    let status = &pod.status;
    let mut walk = Walk {
        text: status.reason.as_deref().unwrap_or(&status.phase).to_owned(),
        ..Walk::default()
    };
    if pod.condition("PodScheduled").is_some_and(|one| one.reason() == "SchedulingGated") {
        "SchedulingGated".clone_into(&mut walk.text);
    }
    let sidecars = pod.spec.init_containers.iter().filter(|container| container.restarts.0).count();
    let containers = pod.spec.containers.len() + sidecars;
    walk.init(pod);
    let initialised = pod.condition("Initialized").is_some_and(|one| one.status == Truth::True);
    if !walk.held_up || initialised {
        walk.main(pod);
    }
    if pod.meta.deleted.is_some() {
        if status.reason.as_deref() == Some("NodeLost") {
            "Unknown".clone_into(&mut walk.text);
        } else if !matches!(&*status.phase, "Succeeded" | "Failed") {
            "Terminating".clone_into(&mut walk.text);
        }
    }
    PodLine {
        status: walk.text,
        ready: walk.ready,
        containers,
        restarts: walk.restarts,
        last_restart: walk.last,
    }
}

fn last_end(state: &ContainerState) -> Option<Moment> {
    state.terminated.as_deref().and_then(|end| end.finished_at)
}

/// The reason of an end, or its signal, or its exit code.
fn ended(end: &Terminated) -> String {
    match end.reason.as_deref() {
        Some(reason) if !reason.is_empty() => reason.to_owned(),
        _ if end.signal != 0 => format!("Signal:{}", end.signal),
        _ => format!("ExitCode:{}", end.exit_code),
    }
}

impl Walk {
    fn init(&mut self, pod: &Pod) {
        for (index, status) in pod.status.init_container_statuses.iter().enumerate() {
            self.restarts += status.restart_count;
            self.last = self.last.max(last_end(&status.last_state));
            let sidecar = pod.is_sidecar(&status.name);
            if sidecar {
                self.sidecar_restarts += status.restart_count;
                self.last_sidecar = self.last_sidecar.max(last_end(&status.last_state));
            }
            let end = status.state.terminated.as_deref();
            if end.is_some_and(|end| end.exit_code == 0) {
                continue;
            }
            if sidecar && status.started {
                self.ready += usize::from(status.ready);
                continue;
            }
            let waits = status.state.waiting.as_deref().and_then(|wait| wait.reason.as_deref());
            self.text = match (end, waits) {
                (Some(end), _) => format!("Init:{}", ended(end)),
                (None, Some(reason)) if !reason.is_empty() && reason != "PodInitializing" => {
                    format!("Init:{reason}")
                }
                _ => format!("Init:{index}/{}", pod.spec.init_containers.len()),
            };
            self.held_up = true;
            return;
        }
    }

    fn main(&mut self, pod: &Pod) {
        self.restarts = self.sidecar_restarts;
        self.last = self.last_sidecar;
        // From last to first, so that the first container has the last word.
        for status in pod.status.container_statuses.iter().rev() {
            self.restarts += status.restart_count;
            self.last = self.last.max(last_end(&status.last_state));
            let waits = status.state.waiting.as_deref().and_then(|wait| wait.reason.as_deref());
            if let Some(reason) = waits.filter(|reason| !reason.is_empty()) {
                reason.clone_into(&mut self.text);
            } else if let Some(end) = status.state.terminated.as_deref() {
                self.text = ended(end);
                if end.exit_code != 0 {
                    self.error = Some(self.text.clone());
                }
            } else if status.ready && status.state.running.is_some() {
                self.runs = true;
                self.ready += 1;
            }
        }
        if self.text == "Completed" {
            let ready = pod.condition("Ready").is_some_and(|one| one.status == Truth::True);
            match (self.runs, ready, self.error.take()) {
                (true, true, _) => "Running".clone_into(&mut self.text),
                (_, _, Some(error)) => self.text = error,
                (true, _, None) => "NotReady".clone_into(&mut self.text),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::tests::object;
    use serde_json::{Value, json};

    #[track_caller]
    fn check(json: Value, expect: &str, ready: (usize, usize), restarts: u32) {
        let pod: Pod = object(json.clone());
        let line = line(&pod);
        assert_eq!(line.status, expect, "{json}");
        assert_eq!((line.ready, line.containers), ready, "{json}");
        assert_eq!(line.restarts, restarts, "{json}");
    }

    fn status(name: &str, restarts: u32, state: Value) -> Value {
        let ready = state.get("running").is_some();
        json!({"name": name, "restartCount": restarts, "ready": ready, "started": ready, "state": state})
    }

    fn main_only(phase: &str, statuses: &[Value]) -> Value {
        let containers: Vec<Value> =
            statuses.iter().map(|one| json!({"name": one["name"]})).collect();
        json!({"spec": {"containers": containers},
            "status": {"phase": phase, "containerStatuses": statuses}})
    }

    #[test]
    fn main_containers() {
        let runs = || json!({"running": {}});
        let waits = |reason: &str| json!({"waiting": {"reason": reason}});
        let ends =
            |code: i64, reason: &str| json!({"terminated": {"exitCode": code, "reason": reason}});
        check(main_only("Running", &[status("a", 0, runs())]), "Running", (1, 1), 0);
        check(
            main_only("Pending", &[status("a", 0, waits("ContainerCreating"))]),
            "ContainerCreating",
            (0, 1),
            0,
        );
        check(
            main_only("Running", &[status("a", 3, waits("CrashLoopBackOff"))]),
            "CrashLoopBackOff",
            (0, 1),
            3,
        );
        check(
            main_only("Succeeded", &[status("a", 0, ends(0, "Completed"))]),
            "Completed",
            (0, 1),
            0,
        );
        check(main_only("Failed", &[status("a", 0, ends(1, "Error"))]), "Error", (0, 1), 0);
        check(
            main_only("Failed", &[status("a", 0, json!({"terminated": {"exitCode": 3}}))]),
            "ExitCode:3",
            (0, 1),
            0,
        );
        check(
            main_only(
                "Failed",
                &[status("a", 0, json!({"terminated": {"exitCode": 137, "signal": 9}}))],
            ),
            "Signal:9",
            (0, 1),
            0,
        );
        // The first container has the last word.
        let two =
            [status("a", 1, waits("ErrImagePull")), status("b", 2, waits("CrashLoopBackOff"))];
        check(main_only("Pending", &two), "ErrImagePull", (0, 2), 3);
        // One ended well, one runs.
        let mixed = [status("a", 0, ends(0, "Completed")), status("b", 0, runs())];
        check(main_only("Running", &mixed), "NotReady", (1, 2), 0);
        let mut ready = main_only("Running", &mixed);
        ready["status"]["conditions"] = json!([{"type": "Ready", "status": "True"}]);
        check(ready, "Running", (1, 2), 0);
        // One ended well, another one with an error.
        let failed = [status("a", 0, ends(0, "Completed")), status("b", 0, ends(1, "Error"))];
        check(main_only("Running", &failed), "Error", (0, 2), 0);
    }

    #[test]
    fn reasons_gates_and_deletion() {
        check(json!({"status": {"phase": "Failed", "reason": "Evicted"}}), "Evicted", (0, 0), 0);
        check(
            json!({"status": {"phase": "Pending", "conditions":
                [{"type": "PodScheduled", "status": "False", "reason": "SchedulingGated"}]}}),
            "SchedulingGated",
            (0, 0),
            0,
        );
        let deleted = json!({"deletionTimestamp": "2026-03-01T12:00:00Z"});
        check(
            json!({"metadata": deleted, "status": {"phase": "Running"}}),
            "Terminating",
            (0, 0),
            0,
        );
        check(json!({"metadata": deleted, "status": {"phase": "Failed"}}), "Failed", (0, 0), 0);
        check(
            json!({"metadata": deleted, "status": {"phase": "Running", "reason": "NodeLost"}}),
            "Unknown",
            (0, 0),
            0,
        );
    }

    #[test]
    fn init_containers_and_sidecars() {
        let with = |init: &[(&str, bool)], statuses: Vec<Value>, main: Vec<Value>| {
            let init: Vec<Value> = init
                .iter()
                .map(|(name, sidecar)| {
                    json!({"name": name, "restartPolicy": if *sidecar { "Always" } else { "" }})
                })
                .collect();
            json!({"spec": {"initContainers": init, "containers": [{"name": "main"}]},
                "status": {"phase": "Pending", "initContainerStatuses": statuses, "containerStatuses": main}})
        };
        let done = json!({"terminated": {"exitCode": 0, "reason": "Completed"}});
        let creating = json!({"waiting": {"reason": "PodInitializing"}});
        let main = vec![status("main", 0, creating.clone())];
        check(
            with(
                &[("a", false), ("b", false)],
                vec![status("a", 0, done.clone()), status("b", 0, creating.clone())],
                main.clone(),
            ),
            "Init:1/2",
            (0, 1),
            0,
        );
        check(
            with(
                &[("a", false)],
                vec![status("a", 4, json!({"waiting": {"reason": "CrashLoopBackOff"}}))],
                main.clone(),
            ),
            "Init:CrashLoopBackOff",
            (0, 1),
            4,
        );
        check(
            with(
                &[("a", false)],
                vec![status("a", 1, json!({"terminated": {"exitCode": 2}}))],
                main.clone(),
            ),
            "Init:ExitCode:2",
            (0, 1),
            1,
        );
        check(
            with(
                &[("a", false)],
                vec![status("a", 1, json!({"terminated": {"exitCode": 137, "signal": 9}}))],
                main,
            ),
            "Init:Signal:9",
            (0, 1),
            1,
        );
        // Restarts of a finished init container are no more of interest; those of a sidecar are.
        let sidecar = status("mesh", 2, json!({"running": {}}));
        let runs = vec![status("main", 1, json!({"running": {}}))];
        let mut both =
            with(&[("a", false), ("mesh", true)], vec![status("a", 5, done), sidecar], runs);
        both["status"]["phase"] = json!("Running");
        check(both, "Running", (2, 2), 3);
    }
}
