//! What controllers make of manifests, time and troubles.

use chrono::{DateTime, Utc};
use pilotage_kube_sim::{NodeState, Sim, Subject, Trouble, Writer};
use serde_json::{Value, json};

fn sim(nodes: usize) -> Sim {
    let start: DateTime<Utc> = "2026-03-02T10:00:00Z".parse().expect("a moment");
    let sim = Sim::new(7, start);
    sim.add_nodes(nodes);
    sim
}

fn workload(kind: &str, image: &str, more: &str) -> String {
    format!(
        "apiVersion: apps/v1
kind: {kind}
metadata: {{name: shop}}
spec:
  {more}
  selector: {{matchLabels: {{app: shop}}}}
  template:
    metadata: {{labels: {{app: shop}}}}
    spec: {{containers: [{{name: app, image: '{image}'}}]}}
"
    )
}

fn write(sim: &Sim, yaml: &str) {
    sim.apply(yaml, &Writer::update("ci")).expect("the manifest is written");
}

fn shop(sim: &Sim, kind: &str) -> Value {
    sim.get(kind, "default", "shop").expect("it exists")
}

fn condition(object: &Value, name: &str) -> String {
    let all = object["status"]["conditions"].as_array().into_iter().flatten();
    let found = all.into_iter().find(|one| one["type"] == name);
    found.map_or("absent".to_owned(), |one| {
        let word = |name: &str| one[name].as_str().unwrap_or_default();
        format!("{} {}", word("status"), word("reason"))
    })
}

/// The image and phase, with the waiting reason of the first container, of each pod.
fn pods(sim: &Sim) -> Vec<String> {
    let word = |pod: &Value| {
        let status = &pod["status"]["containerStatuses"][0];
        let waiting = status["state"]["waiting"]["reason"].as_str().unwrap_or_default();
        let ready = if status["ready"] == true { "ready" } else { waiting };
        let image = pod["spec"]["containers"][0]["image"].as_str().unwrap_or_default();
        let phase = pod["status"]["phase"].as_str().unwrap_or_default();
        format!("{image} {phase} {ready}")
    };
    let mut pods: Vec<String> = sim.list("Pod").iter().map(word).collect();
    pods.sort();
    pods
}

#[test]
fn a_deployment_becomes_available() {
    let sim = sim(2);
    write(&sim, &workload("Deployment", "shop:1", "replicas: 3"));
    assert!(sim.list("Pod").is_empty(), "nothing happens before time passes");
    sim.advance_by(0);
    assert_eq!(pods(&sim).len(), 3, "made at once");
    assert_eq!(
        condition(&shop(&sim, "Deployment"), "Available"),
        "False MinimumReplicasUnavailable"
    );
    sim.advance_by(10);
    let found = shop(&sim, "Deployment");
    assert_eq!(found["status"]["availableReplicas"], 3, "{found}");
    assert_eq!(found["status"]["observedGeneration"], found["metadata"]["generation"]);
    assert_eq!(condition(&found, "Progressing"), "True NewReplicaSetAvailable");
    assert_eq!(found["metadata"]["annotations"]["deployment.kubernetes.io/revision"], "1");
    assert_eq!(pods(&sim), ["shop:1 Running ready"; 3]);
    let quiet = sim.version();
    sim.advance_by(3600);
    assert_eq!(sim.version(), quiet, "a cluster at rest changes nothing");
}

#[test]
fn a_rollout_keeps_enough_pods_and_numbers_its_revisions() {
    let sim = sim(2);
    write(&sim, &workload("Deployment", "shop:1", "replicas: 4"));
    sim.advance_by(10);
    write(&sim, &workload("Deployment", "shop:2", "replicas: 4"));
    let mut least = 4;
    for _ in 0..20 {
        sim.advance_by(1);
        least = least
            .min(shop(&sim, "Deployment")["status"]["availableReplicas"].as_i64().unwrap_or(0));
    }
    assert_eq!(least, 3, "a quarter of four may be missing");
    assert_eq!(pods(&sim), ["shop:2 Running ready"; 4]);
    let revisions = || {
        let mut found: Vec<(String, i64)> = sim
            .list("ReplicaSet")
            .iter()
            .map(|set| {
                let notes = &set["metadata"]["annotations"];
                let revision = notes["deployment.kubernetes.io/revision"].as_str().unwrap();
                (revision.to_owned(), set["spec"]["replicas"].as_i64().unwrap())
            })
            .collect();
        found.sort();
        found
    };
    assert_eq!(revisions(), [("1".to_owned(), 0), ("2".to_owned(), 4)]);
    // Back to the first template: its ReplicaSet is used again and numbered anew.
    write(&sim, &workload("Deployment", "shop:1", "replicas: 4"));
    sim.advance_by(30);
    assert_eq!(revisions(), [("2".to_owned(), 0), ("3".to_owned(), 4)]);
    let sets = sim.list("ReplicaSet");
    let back = sets.iter().find(|set| set["spec"]["replicas"] == 4).unwrap();
    assert_eq!(back["metadata"]["annotations"]["deployment.kubernetes.io/revision-history"], "1");
}

#[test]
fn a_rollout_that_cannot_go_on_says_so_after_its_deadline() {
    let sim = sim(2);
    write(&sim, &workload("Deployment", "shop:1", "replicas: 2\n  progressDeadlineSeconds: 60"));
    sim.advance_by(10);
    sim.trouble(Subject::Image("shop:2".to_owned()), Trouble::ImagePull);
    write(&sim, &workload("Deployment", "shop:2", "replicas: 2\n  progressDeadlineSeconds: 60"));
    sim.advance_by(30);
    let found = shop(&sim, "Deployment");
    assert!(condition(&found, "Progressing").starts_with("True"), "in time still: {found}");
    assert_eq!(found["status"]["availableReplicas"], 2, "the old pods serve");
    assert!(pods(&sim).contains(&"shop:2 Pending ImagePullBackOff".to_owned()), "{:?}", pods(&sim));
    sim.advance_by(60);
    let found = shop(&sim, "Deployment");
    assert_eq!(condition(&found, "Progressing"), "False ProgressDeadlineExceeded");
    assert_eq!(condition(&found, "Available"), "True MinimumReplicasAvailable");
    sim.heal(&Subject::Image("shop:2".to_owned()));
    sim.advance_by(30);
    assert_eq!(pods(&sim), ["shop:2 Running ready"; 2]);
    assert_eq!(condition(&shop(&sim, "Deployment"), "Progressing"), "True NewReplicaSetAvailable");
}

#[test]
fn a_service_that_dies_later_is_no_rollout() {
    let sim = sim(2);
    write(&sim, &workload("Deployment", "shop:1", "replicas: 2"));
    sim.advance_by(10);
    let subject = Subject::Workload { namespace: "default".to_owned(), name: "shop".to_owned() };
    sim.trouble(subject, Trouble::Crashes { exit_code: 137 });
    sim.advance_by(1200);
    let found = shop(&sim, "Deployment");
    assert_eq!(condition(&found, "Progressing"), "True NewReplicaSetAvailable", "{found}");
    let pod = &sim.list("Pod")[0];
    let status = &pod["status"]["containerStatuses"][0];
    assert!(status["restartCount"].as_i64().unwrap() >= 3, "{status}");
    assert_eq!(status["lastState"]["terminated"]["reason"], "OOMKilled");
    let backs_off = sim.list("Event").iter().any(|event| event["reason"] == "BackOff");
    assert!(backs_off, "an event says so");
}

#[test]
fn a_pod_that_fits_nowhere_waits_with_a_reason() {
    let sim = sim(2);
    let picky = workload("Deployment", "shop:1", "replicas: 1")
        .replace("spec: {containers", "spec: {nodeSelector: {disk: fast}, containers");
    write(&sim, &picky);
    sim.advance_by(20);
    let pod = &sim.list("Pod")[0];
    assert_eq!(condition(pod, "PodScheduled"), "False Unschedulable");
    let message = pod["status"]["conditions"][0]["message"].as_str().unwrap();
    assert!(message.starts_with("0/2 nodes are available: 2 node(s) didn't match"), "{message}");
    let label = r#"{"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node-1", "labels": {"disk": "fast"}}}"#;
    sim.apply(label, &Writer::update("kubectl-label")).unwrap();
    sim.advance_by(10);
    assert_eq!(pods(&sim), ["shop:1 Running ready"]);
    assert_eq!(sim.list("Pod")[0]["spec"]["nodeName"], "node-1");
}

#[test]
fn requests_fill_nodes() {
    let sim = sim(1);
    let hungry = workload("Deployment", "shop:1", "replicas: 4")
        .replace("image: 'shop:1'}", "image: 'shop:1', resources: {requests: {cpu: '3'}}}");
    write(&sim, &hungry);
    sim.advance_by(10);
    let waiting =
        sim.list("Pod").iter().filter(|pod| pod["spec"].get("nodeName").is_none()).count();
    assert_eq!(waiting, 2, "eight cores hold two of three");
}

#[test]
fn a_silent_node_loses_its_pods_after_a_while() {
    let sim = sim(2);
    write(&sim, &workload("Deployment", "shop:1", "replicas: 2"));
    sim.advance_by(10);
    sim.set_node_down("node-1", NodeState::Down);
    sim.advance_by(10);
    let node = sim.get("Node", "", "node-1").unwrap();
    assert_eq!(condition(&node, "Ready"), "Unknown NodeStatusUnknown");
    assert_eq!(shop(&sim, "Deployment")["status"]["readyReplicas"], 1, "its pod is not ready");
    sim.advance_by(320);
    let all = sim.list("Pod");
    let leaving =
        all.iter().filter(|pod| pod["metadata"].get("deletionTimestamp").is_some()).count();
    assert_eq!((all.len(), leaving), (3, 1), "evicted, replaced, and stuck on its way out");
    assert_eq!(shop(&sim, "Deployment")["status"]["readyReplicas"], 2);
    sim.set_node_down("node-1", NodeState::Up);
    sim.advance_by(10);
    assert_eq!(sim.list("Pod").len(), 2, "the node ends it");
    assert_eq!(condition(&sim.get("Node", "", "node-1").unwrap(), "Ready"), "True KubeletReady");
}

#[test]
fn a_full_quota_shows_on_the_deployment() {
    let sim = sim(1);
    let subject = Subject::Workload { namespace: "default".to_owned(), name: "shop".to_owned() };
    sim.trouble(subject.clone(), Trouble::QuotaExceeded);
    write(&sim, &workload("Deployment", "shop:1", "replicas: 2"));
    sim.advance_by(5);
    assert_eq!(condition(&shop(&sim, "Deployment"), "ReplicaFailure"), "True FailedCreate");
    sim.heal(&subject);
    sim.advance_by(10);
    assert_eq!(condition(&shop(&sim, "Deployment"), "ReplicaFailure"), "absent");
    assert_eq!(pods(&sim).len(), 2);
}

#[test]
fn a_deployment_that_recreates_never_mixes() {
    let sim = sim(1);
    let how = "replicas: 2\n  strategy: {type: Recreate}";
    write(&sim, &workload("Deployment", "shop:1", how));
    sim.advance_by(10);
    write(&sim, &workload("Deployment", "shop:2", how));
    for _ in 0..15 {
        sim.advance_by(1);
        let images: std::collections::BTreeSet<String> =
            pods(&sim).iter().map(|pod| pod[..6].to_owned()).collect();
        assert!(images.len() < 2, "{images:?}");
    }
    assert_eq!(pods(&sim), ["shop:2 Running ready"; 2]);
}

#[test]
fn a_paused_deployment_stands_still() {
    let sim = sim(1);
    write(&sim, &workload("Deployment", "shop:1", "replicas: 1"));
    sim.advance_by(10);
    write(&sim, &workload("Deployment", "shop:2", "paused: true"));
    sim.advance_by(30);
    assert_eq!(pods(&sim), ["shop:1 Running ready"]);
    write(&sim, &workload("Deployment", "shop:2", "paused: false"));
    sim.advance_by(30);
    assert_eq!(pods(&sim), ["shop:2 Running ready"]);
}

#[test]
fn a_stateful_set_goes_one_by_one_and_stops_at_its_partition() {
    let sim = sim(1);
    write(&sim, &workload("StatefulSet", "shop:1", "replicas: 3\n  serviceName: shop"));
    sim.advance_by(1);
    assert_eq!(sim.list("Pod").len(), 1, "one after the other");
    sim.advance_by(20);
    let names: Vec<String> = sim
        .list("Pod")
        .iter()
        .map(|pod| pod["metadata"]["name"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(names, ["shop-0", "shop-1", "shop-2"]);
    let held = "replicas: 3\n  serviceName: shop\n  updateStrategy: {type: RollingUpdate, rollingUpdate: {partition: 2}}";
    write(&sim, &workload("StatefulSet", "shop:2", held));
    sim.advance_by(60);
    assert_eq!(
        pods(&sim),
        ["shop:1 Running ready", "shop:1 Running ready", "shop:2 Running ready"]
    );
    let found = shop(&sim, "StatefulSet");
    assert_ne!(found["status"]["currentRevision"], found["status"]["updateRevision"], "{found}");
    assert_eq!(found["status"]["updatedReplicas"], 1);
    write(&sim, &workload("StatefulSet", "shop:2", &held.replace("partition: 2", "partition: 0")));
    sim.advance_by(60);
    assert_eq!(pods(&sim), ["shop:2 Running ready"; 3]);
    let found = shop(&sim, "StatefulSet");
    assert_eq!(found["status"]["currentRevision"], found["status"]["updateRevision"], "{found}");
    assert_eq!(sim.list("ControllerRevision").len(), 2, "its history");
}

#[test]
fn a_daemon_set_is_everywhere_it_may_be() {
    let sim = sim(3);
    let taint = r#"{"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node-3"},
        "spec": {"taints": [{"key": "gpu", "value": "yes", "effect": "NoSchedule"}]}}"#;
    sim.apply(taint, &Writer::update("kubectl-taint")).unwrap();
    write(&sim, &workload("DaemonSet", "shop:1", "minReadySeconds: 0"));
    sim.advance_by(10);
    let found = shop(&sim, "DaemonSet");
    assert_eq!(found["status"]["desiredNumberScheduled"], 2, "{found}");
    assert_eq!(found["status"]["numberAvailable"], 2);
    write(&sim, &workload("DaemonSet", "shop:2", "minReadySeconds: 0"));
    sim.advance_by(3);
    assert_eq!(shop(&sim, "DaemonSet")["status"]["updatedNumberScheduled"], 1, "one at a time");
    sim.advance_by(20);
    assert_eq!(pods(&sim), ["shop:2 Running ready"; 2]);
}

const JOB: &str = "
apiVersion: batch/v1
kind: Job
metadata: {name: shop}
spec:
  backoffLimit: 1
  template:
    spec: {restartPolicy: Never, containers: [{name: app, image: 'shop:1'}]}
";

#[test]
fn a_job_ends_well_or_badly() {
    let sim = sim(1);
    write(&sim, JOB);
    sim.advance_by(20);
    let found = shop(&sim, "Job");
    assert_eq!(condition(&found, "Complete"), "True CompletionsReached");
    assert_eq!(found["status"]["succeeded"], 1);
    sim.delete("Job", "default", "shop").unwrap();
    sim.advance_by(5);
    assert!(sim.list("Pod").is_empty(), "with its pods");
    sim.trouble(Subject::Image("shop:1".to_owned()), Trouble::Crashes { exit_code: 3 });
    write(&sim, JOB);
    sim.advance_by(60);
    let found = shop(&sim, "Job");
    assert_eq!(condition(&found, "Failed"), "True BackoffLimitExceeded", "{found}");
    assert_eq!(found["status"]["failed"], 2);
}

#[test]
fn a_cron_job_starts_jobs_when_it_should() {
    let sim = sim(1);
    write(
        &sim,
        "
apiVersion: batch/v1
kind: CronJob
metadata: {name: shop}
spec:
  schedule: '*/10 * * * *'
  jobTemplate:
    spec:
      template:
        spec: {restartPolicy: Never, containers: [{name: app, image: 'shop:1'}]}
",
    );
    sim.advance_by(9 * 60);
    assert!(sim.list("Job").is_empty(), "before its time");
    sim.advance_by(62);
    let found = shop(&sim, "CronJob");
    assert_eq!(found["status"]["lastScheduleTime"], "2026-03-02T10:10:00Z", "{found}");
    assert_eq!(found["status"]["active"].as_array().map(Vec::len), Some(1));
    sim.advance_by(3610);
    let found = shop(&sim, "CronJob");
    assert_eq!(found["status"]["lastSuccessfulTime"], "2026-03-02T11:10:06Z", "{found}");
    assert_eq!(sim.list("Job").len(), 3, "as many as its history keeps");
}

#[test]
fn a_service_names_the_pods_that_answer() {
    let sim = sim(1);
    write(&sim, &workload("Deployment", "shop:1", "replicas: 2"));
    write(
        &sim,
        "
apiVersion: v1
kind: Service
metadata: {name: shop}
spec: {selector: {app: shop}, ports: [{port: 80}]}
",
    );
    let ready = || {
        let slices = sim.list("EndpointSlice");
        let all = slices.iter().flat_map(|slice| slice["endpoints"].as_array().unwrap());
        all.filter(|one| one["conditions"]["ready"] == true).count()
    };
    sim.advance_by(0);
    assert_eq!(ready(), 0, "not yet");
    sim.advance_by(10);
    assert_eq!(ready(), 2);
}

#[test]
fn init_containers_and_sidecars_come_first() {
    let sim = sim(1);
    let yaml = workload("Deployment", "shop:1", "replicas: 1").replace(
        "spec: {containers",
        "spec: {initContainers: [{name: wait, image: 'wait:1'}, {name: mesh, image: 'mesh:1', restartPolicy: Always}], containers",
    );
    sim.trouble(Subject::Image("wait:1".to_owned()), Trouble::Crashes { exit_code: 1 });
    write(&sim, &yaml);
    sim.advance_by(10);
    let pod = &sim.list("Pod")[0];
    let waiting = &pod["status"]["initContainerStatuses"][0]["state"]["waiting"]["reason"];
    assert_eq!(waiting, "CrashLoopBackOff", "{pod}");
    assert_eq!(pod["status"]["phase"], "Pending");
    sim.heal(&Subject::Image("wait:1".to_owned()));
    sim.advance_by(60);
    let pod = &sim.list("Pod")[0];
    assert_eq!(pod["status"]["initContainerStatuses"][0]["state"]["terminated"]["exitCode"], 0);
    assert_eq!(pod["status"]["initContainerStatuses"][1]["ready"], json!(true), "{pod}");
    assert_eq!(condition(pod, "Ready").split(' ').next(), Some("True"));
}

#[test]
fn a_namespace_takes_all_it_holds_with_it() {
    let sim = sim(1);
    sim.ensure_namespace("shop");
    let yaml = workload("Deployment", "shop:1", "replicas: 2")
        .replace("{name: shop}", "{name: shop, namespace: shop}");
    write(&sim, &yaml);
    sim.advance_by(10);
    sim.delete("Namespace", "", "shop").unwrap();
    let refused = sim.apply(&yaml.replace("name: shop,", "name: late,"), &Writer::update("ci"));
    assert!(refused.is_err(), "nothing new comes in");
    sim.advance_by(10);
    assert!(sim.get("Namespace", "", "shop").is_none(), "gone");
    assert!(sim.list("Pod").is_empty() && sim.list("Deployment").is_empty(), "and empty");
}

#[test]
fn manifests_that_cannot_be_written_say_why() {
    let sim = sim(1);
    let refused = |yaml: &str| sim.apply(yaml, &Writer::update("ci")).unwrap_err().to_string();
    let unserved =
        refused("{apiVersion: argoproj.io/v1alpha1, kind: Rollout, metadata: {name: a}}");
    assert!(unserved.contains("argoproj.io/v1alpha1 Rollout is not served"), "{unserved}");
    let unread = refused("a: [");
    assert!(unread.starts_with("the manifest cannot be read"), "{unread}");
    let rollout = pilotage_kube_sim::Kind::custom("argoproj.io", "v1alpha1", "Rollout", "rollouts");
    sim.serve(rollout);
    write(&sim, "{apiVersion: argoproj.io/v1alpha1, kind: Rollout, metadata: {name: a}, spec: {}}");
}

/// Definition, object and status in one text, as a repository holds them.
#[test]
fn custom_objects_are_served_from_their_definitions() {
    let sim = sim(1);
    let definition = |scope: &str, plural: &str, kind: &str| {
        format!(
            "{{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, \
               metadata: {{name: {plural}.argoproj.io}}, spec: {{group: argoproj.io, scope: {scope}, \
               names: {{plural: {plural}, kind: {kind}, shortNames: [short]}}, versions: [ \
               {{name: v1alpha1, served: true, storage: true, subresources: {{status: {{}}}}}}, \
               {{name: v1alpha0, served: false, storage: false}}]}}}}"
        )
    };
    let object = "{apiVersion: argoproj.io/v1alpha1, kind: Application, metadata: {name: shop}, \
                  status: {history: [{id: 1}]}}";
    let whole =
        format!("{}\n---\n{object}", definition("Namespaced", "applications", "Application"));
    write(&sim, &whole);
    write(&sim, &whole);
    write(&sim, &definition("Cluster", "projects", "Project"));
    write(&sim, "{apiVersion: argoproj.io/v1alpha1, kind: Project, metadata: {name: team}}");
    let refused = |yaml: &str| sim.apply(yaml, &Writer::update("ci")).unwrap_err().to_string();
    let old = refused("{apiVersion: argoproj.io/v1alpha0, kind: Application, metadata: {name: a}}");
    assert!(old.contains("is not served"), "{old}");
    let none = refused("{apiVersion: argoproj.io/v1alpha1, kind: Rollout, metadata: {name: a}}");
    assert!(none.contains("is not served"), "the control: {none}");
}

#[test]
fn many_pods_start_in_reasonable_time() {
    let sim = sim(20);
    let begun = std::time::Instant::now();
    for number in 0..50 {
        let name = format!("{{name: shop-{number}}}");
        let yaml = workload("Deployment", "shop:1", "replicas: 10").replace("{name: shop}", &name);
        write(&sim, &yaml.replace("app: shop", &format!("app: shop-{number}")));
    }
    sim.advance_by(30);
    let all = sim.list("Deployment");
    let ready = all.iter().filter(|one| one["status"]["readyReplicas"] == 10).count();
    assert_eq!(ready, 50, "all ready");
    // No bar of speed, but of shape: a step that looked at all pods for each pod would take minutes.
    assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());
}
