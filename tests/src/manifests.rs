//! A shop's manifests in a simulated cluster: every check on every workload against answers that
//! were written by hand, and the story from the first look to a regression.

use crate::browser::Outcome;
use chrono::{DateTime, Utc};
use pilotage_api::app::Watch;
use pilotage_api::cluster::{ClusterQuestion, Verification, Verified, VerifyLook};
use pilotage_api::host::NoDialogs;
use pilotage_api::programme::{self, NewProgramme};
use pilotage_api::{App, Clock, OpenOptions};
use pilotage_cluster::checks::{Around, CATALOGUE, Parameters, judge};
use pilotage_cluster::connection::direct::Direct;
use pilotage_cluster::health::{Memory, Thresholds};
use pilotage_cluster::view::{Index, views};
use pilotage_cluster::watch::{Access as _, once};
use pilotage_cluster::writers::classify::Rules;
use pilotage_domain::cluster::WriterClass;
use pilotage_domain::fact::Seen;
use pilotage_kube_faults::{Listening, listen};
use pilotage_kube_sim::{Sim, Writer};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use tempfile::TempDir;

/// The kinds that run something.
const WORKLOADS: [&str; 4] = ["Deployment", "StatefulSet", "DaemonSet", "CronJob"];

/// Two stages that a cluster alone can prove.
pub const PLAYBOOK: &str = "\
playbook: story
version: 1
title: Two steps
stages:
  - { id: pipeline, title: Pipeline, meaning: The pipeline deploys it. }
  - { id: live, title: Live, meaning: It serves. }
skills: []
checks:
  - &check
    id: CD-01
    version: 1
    stage: pipeline
    title: It is there
    kind: auto
    state: counted
    weight: 5
    what: It runs.
    why: Else there is nothing.
    how: { steps: [Deploy it.] }
  - { <<: *check, id: CD-31, title: The pipeline wrote it }
  - { <<: *check, id: CD-02, stage: live, title: It is available }
  - { <<: *check, id: CD-32, stage: live, title: Nobody changes it by hand }
";

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn ensure(holds: bool, why: impl FnOnce() -> String) -> Outcome<()> {
    if holds { Ok(()) } else { Err(why()) }
}

/// The manifests as `kubectl apply` left them, ten minutes ago.
fn cluster(yaml: &str) -> Outcome<Sim> {
    let start: DateTime<Utc> = "2026-03-02T10:00:00Z".parse().map_err(text)?;
    let sim = Sim::new(3, start);
    sim.add_nodes(3);
    let writer = Writer::update("kubectl-client-side-apply");
    sim.apply(yaml, &writer).map_err(text)?;
    sim.advance_by(600);
    Ok(sim)
}

/// Check and workload → result and reason.
type Answers = BTreeMap<(String, String), (String, String)>;

/// Reads answers: `check result reason: workload …` a line; `*` stands for all workloads that the
/// check has no other line for. Lines that begin with `#` are remarks.
///
/// # Errors
/// When a line cannot be read, or says what another one has said.
fn answers(written: &str, workloads: &BTreeSet<String>) -> Outcome<Answers> {
    let mut read = Answers::new();
    let mut others = Vec::new();
    for line in written.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let wrong = || format!("cannot read the answer {line:?}");
        let (head, names) = line.split_once(':').ok_or_else(wrong)?;
        let [check, result, reason] = head.split(' ').collect::<Vec<_>>()[..] else {
            return Err(wrong());
        };
        let answer = (result.to_owned(), reason.to_owned());
        if names.trim() == "*" {
            others.push((check.to_owned(), answer));
            continue;
        }
        for name in names.split_whitespace() {
            ensure(workloads.contains(name), || format!("there is no workload {name}: {line}"))?;
            let before = read.insert((check.to_owned(), name.to_owned()), answer.clone());
            ensure(before.is_none(), || format!("{check} of {name} is answered twice"))?;
        }
    }
    for (check, answer) in others {
        for name in workloads {
            read.entry((check.clone(), name.clone())).or_insert_with(|| answer.clone());
        }
    }
    Ok(read)
}

/// Judges every check of the catalogue on every workload and compares; answers how many were
/// compared, and how many of them are unknown.
///
/// # Errors
/// Names every answer that differs, is missing or is about nothing.
pub async fn every_check(yaml: &str, written: &str) -> Outcome<(usize, usize)> {
    let sim = cluster(yaml)?;
    let session = Direct::over(sim.service()).session().await.map_err(text)?;
    let snapshot = once::whole_look(&session, "sim", &[], sim.now()).await.map_err(text)?;
    let (index, limits, rules) = (Index::of(&snapshot), Thresholds::default(), Rules::default());
    let (around, with) = (Around::nothing(&rules), Parameters::default());
    let all = views(&index, &limits, &mut Memory::default());
    let names = all.iter().map(|view| view.workload.meta().name.to_string()).collect();
    let mut expected = answers(written, &names)?;
    let (mut wrong, mut compared, mut unknown) = (Vec::new(), 0, 0);
    for view in &all {
        for check in CATALOGUE {
            let name = view.workload.meta().name.to_string();
            let seen = judge(check, view, &around, &with);
            let result = seen.result.word().to_owned();
            let seen = (result, seen.reason.to_string());
            compared += 1;
            unknown += usize::from(seen.0 == "unknown");
            match expected.remove(&(check.id.to_owned(), name.clone())) {
                Some(answer) if answer == seen => {}
                answer => wrong.push(format!("{} of {name}: {seen:?}, not {answer:?}", check.id)),
            }
        }
    }
    wrong.extend(expected.keys().map(|(check, name)| format!("{check} of {name} is no check")));
    if wrong.is_empty() { Ok((compared, unknown)) } else { Err(wrong.join("\n")) }
}

/// A programme beside the cluster, whose clock is the cluster's.
struct Story {
    sim: Sim,
    folder: TempDir,
    _listening: Listening,
}

/// What the story says when it is told.
#[derive(Debug)]
pub struct Told {
    /// Services, each of them mapped by the one confirmation.
    pub services: usize,
    /// Which one was changed by `kubectl edit`, and what its regression says.
    pub edited: (String, String),
    /// Which one was changed by `kubectl set image`.
    pub set: String,
}

/// First look, one bulk confirmation, a run of the pipeline, an edit by hand, an image set by a tool
/// that people and pipelines share.
///
/// # Errors
/// Says which step came out otherwise.
pub async fn story(yaml: &str) -> Outcome<Told> {
    let story = Story::new(yaml).await?;
    let services = story.services()?;
    story.maps_all_at_once(&services).await?;
    story.proves_nothing_yet(&services).await?;
    story.pipeline_makes_all_live(&services).await?;
    let (edited, set) = (&services[0], &services[1]);
    let regression = story.edit_regresses(edited, &services).await?;
    story.shared_tool_is_unproven(set).await?;
    Ok(Told { services: services.len(), edited: (edited.clone(), regression), set: set.clone() })
}

impl Story {
    async fn new(yaml: &str) -> Outcome<Self> {
        let sim = cluster(yaml)?;
        let listening = listen(sim.service()).await.map_err(text)?;
        let folder = tempfile::tempdir().map_err(text)?;
        std::fs::write(folder.path().join("config"), listening.kubeconfig()).map_err(text)?;
        let story = Self { sim, folder, _listening: listening };
        let new = NewProgramme { name: "Story".to_owned(), time_zone: "UTC".to_owned() };
        let OpenOptions { workspace, data_folder, clock, .. } = story.options();
        programme::create(&workspace, &data_folder, clock, &new).await.map_err(text)?;
        story.call("adopt_playbook", json!({ "text": PLAYBOOK, "seen": null })).await?;
        for name in story.services()? {
            story.call("add_service", json!({ "name": name, "class": null })).await?;
        }
        let settings = story.call("settings", json!({})).await?;
        let mut environments = settings["environments"].as_array().into_iter().flatten();
        let production = environments.find(|one| one["name"] == "production");
        let production = production.ok_or("a programme has production")?;
        let target = json!({ "environment": production["id"], "context": "sim", "namespaces": [] });
        story.call("add_target", target).await?;
        Ok(story)
    }

    fn options(&self) -> OpenOptions {
        OpenOptions {
            workspace: self.folder.path().join("story.pilotage"),
            data_folder: self.folder.path().to_owned(),
            clock: Clock::Fixed(self.sim.now().timestamp_millis()),
            watch: Watch::No,
        }
    }

    async fn app(&self) -> Outcome<App> {
        let app = App::open(self.options(), Arc::new(NoDialogs)).await.map_err(text)?;
        app.act_as_named("Ann").await.map_err(text)?;
        Ok(app)
    }

    async fn call(&self, command: &str, argument: Value) -> Outcome<Value> {
        let app = self.app().await?;
        let answer = app.call(command, argument).await;
        app.close().await;
        answer.map_err(|error| format!("{command}: {error}"))
    }

    fn question(&self) -> ClusterQuestion {
        let kubeconfig: PathBuf = self.folder.path().join("config");
        ClusterQuestion { kubeconfig: Some(kubeconfig), ..ClusterQuestion::default() }
    }

    fn running(&self) -> impl Iterator<Item = Value> + '_ {
        WORKLOADS.iter().flat_map(|kind| self.sim.list(kind))
    }

    /// Names of all that runs, those first that a rollout shows on within seconds.
    fn services(&self) -> Outcome<Vec<String>> {
        let name = |one: &Value| one["metadata"]["name"].as_str().unwrap_or_default().to_owned();
        let names: Vec<String> = self.running().map(|one| name(&one)).collect();
        ensure(names.len() >= 2, || "the manifests run less than two workloads".to_owned())?;
        Ok(names)
    }

    async fn maps_all_at_once(&self, services: &[String]) -> Outcome<()> {
        let app = self.app().await?;
        let (view, _) = app.look_at_mapping(&self.question()).await.map_err(text)?;
        app.close().await;
        let target = view.targets.first().ok_or("there is no target")?;
        ensure(target.proposed.len() == services.len(), || {
            format!("proposed: {:?}, not {services:?}", target.proposed)
        })?;
        let pairs: Vec<Value> = target
            .proposed
            .iter()
            .map(|one| json!({ "workload": one.workload, "service": one.service.id }))
            .collect();
        self.call("map_workloads", json!({ "pairs": pairs, "word": "confirmed" })).await?;
        let app = self.app().await?;
        let (view, _) = app.look_at_mapping(&self.question()).await.map_err(text)?;
        app.close().await;
        let target = view.targets.first().ok_or("there is no target")?;
        let left = (target.confirmed.len(), target.proposed.len(), target.unmapped.len());
        ensure(left == (services.len(), 0, 0), || {
            format!("confirmed, proposed, unmapped: {left:?}")
        })
    }

    /// What `kubectl apply` wrote proves no pipeline.
    async fn proves_nothing_yet(&self, services: &[String]) -> Outcome<()> {
        self.look_until_it_holds().await?;
        for name in services {
            let service = self.service(name).await?;
            ensure(service["stage"].is_null(), || format!("{name} has a stage: {service}"))?;
        }
        Ok(())
    }

    async fn pipeline_makes_all_live(&self, services: &[String]) -> Outcome<()> {
        for object in self.running().collect::<Vec<_>>() {
            self.write(&object, "pipeline-2", "codefresh")?;
        }
        self.sim.advance_by(600);
        let look = self.look_until_it_holds().await?;
        for name in services {
            let seen = row(&look, name, "CD-31")?;
            ensure(seen.result == Seen::Pass, || format!("CD-31 of {name}: {seen:?}"))?;
            let writer = seen.evidence.writer.as_ref();
            let by_it = writer.is_some_and(|writer| {
                (writer.class, writer.manager.as_str()) == (WriterClass::Pipeline, "codefresh")
            });
            ensure(by_it, || format!("CD-31 of {name} by {writer:?}"))?;
            let service = self.service(name).await?;
            ensure(service["stage"] == "live", || format!("{name} is not live: {service}"))?;
        }
        Ok(())
    }

    /// Suspected at once with manager and time, a regression after it held; nobody else falls.
    async fn edit_regresses(&self, edited: &str, services: &[String]) -> Outcome<String> {
        self.write(&self.object(edited)?, "hotfix", "kubectl-edit")?;
        let at = self.sim.now().timestamp_millis();
        self.sim.advance_by(5);
        let look = self.verify().await?;
        let seen = row(&look, edited, "CD-31")?;
        let suspected = (seen.result, seen.suspected) == (Seen::Pass, Some(Seen::Fail));
        let writer = seen.evidence.writer.as_ref();
        let by_hand = writer.is_some_and(|writer| {
            let who = (writer.class, writer.manager.as_str());
            who == (WriterClass::Manual, "kubectl-edit") && writer.at == Some(at)
        });
        ensure(suspected && by_hand, || format!("within five seconds: {seen:?}"))?;
        self.sim.advance_by(60);
        let look = self.verify().await?;
        let seen = row(&look, edited, "CD-31")?;
        ensure((seen.result, seen.suspected) == (Seen::Fail, None), || {
            format!("after it held for 60 s: {seen:?}")
        })?;
        let service = self.service(edited).await?;
        let fell = service["regressed"] == true && service["stage"].is_null();
        ensure(fell, || format!("{edited} has not regressed: {service}"))?;
        for other in services.iter().filter(|name| *name != edited) {
            let service = self.service(other).await?;
            ensure(service["stage"] == "live", || format!("{other} fell as well: {service}"))?;
        }
        Ok(seen.observed.clone())
    }

    async fn shared_tool_is_unproven(&self, name: &str) -> Outcome<()> {
        self.write(&self.object(name)?, "3", "kubectl-set")?;
        self.sim.advance_by(5);
        self.verify().await?;
        self.sim.advance_by(61);
        let look = self.verify().await?;
        let seen = row(&look, name, "CD-31")?;
        let unproven = (seen.result, &*seen.reason) == (Seen::Unknown, "shared_cli");
        ensure(unproven, || format!("CD-31 of {name} after kubectl set image: {seen:?}"))?;
        let service = self.service(name).await?;
        ensure(service["regressed"] == false && service["stage"] == "live", || {
            format!("{name} fell although nothing is proved: {service}")
        })
    }

    fn object(&self, name: &str) -> Outcome<Value> {
        let mut all = self.running();
        all.find(|one| one["metadata"]["name"] == name).ok_or_else(|| format!("{name} is gone"))
    }

    /// Gives every container of a workload another tag, and nothing else.
    fn write(&self, object: &Value, tag: &str, manager: &str) -> Outcome<()> {
        let template: &[&str] = match object["kind"].as_str() {
            Some("CronJob") => &["spec", "jobTemplate", "spec", "template", "spec"],
            _ => &["spec", "template", "spec"],
        };
        let pod = template.iter().fold(object, |at, part| &at[*part]);
        let mut wanted = json!({});
        for list in ["initContainers", "containers"] {
            let containers = pod[list].as_array().map(|all| {
                all.iter().map(|one| {
                    let image = one["image"].as_str().unwrap_or_default();
                    json!({ "name": one["name"], "image": with_tag(image, tag) })
                })
            });
            if let Some(containers) = containers {
                wanted[list] = containers.collect();
            }
        }
        for part in template.iter().rev() {
            wanted = json!({ *part: wanted });
        }
        wanted["apiVersion"] = object["apiVersion"].clone();
        wanted["kind"] = object["kind"].clone();
        wanted["metadata"] = json!({
            "name": object["metadata"]["name"],
            "namespace": object["metadata"]["namespace"],
        });
        self.sim.apply_object(&wanted, &Writer::update(manager)).map_err(text)
    }

    async fn verify(&self) -> Outcome<VerifyLook> {
        let app = self.app().await?;
        let look = Verification::new(&app, self.question(), Vec::new()).look().await;
        app.close().await;
        look.map_err(text)
    }

    /// Long enough for standing checks and for health.
    async fn look_until_it_holds(&self) -> Outcome<VerifyLook> {
        self.verify().await?;
        self.sim.advance_by(61);
        self.verify().await?;
        self.sim.advance_by(300);
        self.verify().await
    }

    async fn service(&self, name: &str) -> Outcome<Value> {
        self.call("service", json!({ "service": name })).await
    }
}

/// The same image under another tag.
fn with_tag(image: &str, tag: &str) -> String {
    let name = image.rfind('/').map_or(0, |slash| slash + 1);
    let end = image[name..].find([':', '@']).map_or(image.len(), |at| name + at);
    format!("{}:{tag}", &image[..end])
}

fn row<'l>(look: &'l VerifyLook, service: &str, check: &str) -> Outcome<&'l Verified> {
    let mut rows = look.rows.iter();
    let found = rows.find(|row| row.service == service && row.check == check);
    found.ok_or_else(|| format!("no row of {check} for {service}"))
}
