//! What holds on every server. Each case makes a namespace, writes there by a client of its own, and
//! reads through the product's connection; the namespace is removed whatever becomes of the case.

use crate::server::{NotRun, Server, Tried, comes, now};
use k8s_openapi::api::apps::v1::{Deployment as Written, ReplicaSet};
use k8s_openapi::api::core::v1::{Event as WrittenEvent, Namespace};
use kube::api::{Api, DeleteParams, ListParams, Patch, PatchParams, PostParams};
use pilotage_cluster::health::{Past, Thresholds, Verdict};
use pilotage_cluster::live::Watching;
use pilotage_cluster::rollouts::{Known, Seen, unrecorded};
use pilotage_cluster::shape::Read;
use pilotage_cluster::shape::gitops::Application;
use pilotage_cluster::shape::network::HttpRoute;
use pilotage_cluster::shape::others::ScaledObject;
use pilotage_cluster::shape::workload::{Deployment, Rollout};
use pilotage_cluster::snapshot::{Snapshot, State};
use pilotage_cluster::view::{Index, View, Workload};
use pilotage_cluster::watch::{Event, Scope, Session, Settings, Supervisor, once};
use pilotage_cluster::writers::classify::{Rules, image_writers};
use pilotage_domain::cluster::{RolloutKind, TimeSource, WriterClass};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use uuid::Uuid;

on_any! {
    CASES:
        what_is_written_is_listed_in_pages_and_followed,
        a_context_is_watched_whole,
        one_look_is_whole_and_names_the_cluster,
        writers_are_told_by_their_field_managers,
        revisions_become_rollouts,
        a_deployment_whose_pods_run_is_healthy,
        warnings_of_a_namespace_are_read,
        nothing_but_reading_leaves,
        a_case_that_fails_leaves_no_namespace,
        a_namespace_that_is_left_would_be_seen
}

on_any! {
    LAST:
        no_namespace_is_left_behind
}

fn deployment(name: &str, image: &str) -> Value {
    json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"labels": {"app": name}},
                "spec": {
                    "containers": [{"name": "app", "image": image}],
                    // Nodes may be simulated, and such ones are tainted.
                    "tolerations": [{"operator": "Exists"}],
                },
            },
        },
    })
}

/// Deployments of a namespace, as they are written there.
struct Pen(Api<Written>);

impl Pen {
    async fn of(server: &Server, namespace: &str) -> Self {
        Self(Api::namespaced(server.writing().await, namespace))
    }

    async fn create(&self, name: &str, image: &str, manager: &str) {
        let parameters =
            PostParams { field_manager: Some(manager.to_owned()), ..PostParams::default() };
        let object = serde_json::from_value(deployment(name, image)).unwrap();
        self.0.create(&parameters, &object).await.unwrap();
    }

    async fn set_image(&self, name: &str, image: &str, manager: &str) {
        let parameters =
            PatchParams { field_manager: Some(manager.to_owned()), ..PatchParams::default() };
        let patch = json!({"spec": {"template": {"spec": {"containers": [{"name": "app", "image": image}]}}}});
        self.0.patch(name, &parameters, &Patch::Strategic(patch)).await.unwrap();
    }

    async fn apply(&self, name: &str, image: &str, manager: &str) {
        let parameters = PatchParams::apply(manager).force();
        self.0.patch(name, &parameters, &Patch::Apply(deployment(name, image))).await.unwrap();
    }
}

/// One look, restricted to the namespace where the whole may not be read.
async fn look(session: &Session, namespace: &str) -> Snapshot {
    once::whole_look(session, "contract", &[namespace.to_owned()], now()).await.unwrap()
}

fn with_view<T>(snapshot: &Snapshot, name: &str, read: impl FnOnce(&View<'_>) -> T) -> Option<T> {
    let index = Index::of(snapshot);
    let limits = Thresholds::default();
    let namespace = |one: &Workload<'_>| &*one.meta().name == name;
    let workload = Workload::all(snapshot).find(namespace)?;
    Some(read(&index.view(workload, &limits, Past::default())))
}

/// Waits until the revisions in a namespace are so many, which a controller has to bring about. Asked
/// by the writing client: a look reads the whole cluster.
async fn revisions(server: &Server, namespace: &str, count: usize) -> Tried {
    let sets: Api<ReplicaSet> = Api::namespaced(server.writing().await, namespace);
    let came = comes(async || {
        let all = sets.list(&ListParams::default()).await;
        all.is_ok_and(|all| all.items.len() == count)
    });
    if came.await {
        return Ok(());
    }
    Err(NotRun("nobody made the revisions of a Deployment: no controller runs there".to_owned()))
}

/// A name that no other namespace of the server has: a look reads all of them.
fn unique(namespace: &str, name: &str) -> String {
    format!("{name}-{}", &namespace[namespace.len() - 12..])
}

async fn what_is_written_is_listed_in_pages_and_followed(server: &Server) -> Tried {
    server
        .in_namespace(async |namespace| {
            let pen = Pen::of(server, &namespace).await;
            for number in 0..5 {
                pen.create(&format!("shop-{number}"), "shop:1", "ci").await;
            }
            let store: Arc<Mutex<BTreeMap<String, String>>> = Arc::default();
            let (own, coming) = (Arc::clone(&store), Mutex::new(BTreeMap::new()));
            let entry = |read: &Read<Deployment>| {
                let container = read.object.spec.template.spec.containers.first();
                let image = container.map_or_else(String::new, |one| one.image.to_string());
                (read.object.meta.name.to_string(), image)
            };
            let sink = move |event: Event<Read<Deployment>>| {
                let (mut shown, mut coming) = (own.lock().unwrap(), coming.lock().unwrap());
                match event {
                    Event::Begin => coming.clear(),
                    Event::Page(page) => coming.extend(page.iter().map(entry)),
                    Event::Complete => *shown = std::mem::take(&mut coming),
                    Event::Applied(read) => shown.extend([entry(&read)]),
                    Event::Removed(read) => {
                        shown.remove(&entry(&read).0);
                    }
                }
            };
            let (access, _) = server.access();
            let scope = Scope::Namespace(namespace.clone());
            let settings = Settings { page_size: 2, ..Settings::default() };
            let supervisor = Supervisor::start::<Read<Deployment>>(access, &scope, sink, settings);
            let shown = || store.lock().unwrap().clone();
            assert!(comes(async || shown().len() == 5).await, "{:?}", supervisor.report());
            pen.set_image("shop-1", "shop:2", "ci").await;
            let is_second = async || shown().get("shop-1").is_some_and(|image| image == "shop:2");
            assert!(comes(is_second).await, "{:?}", shown());
            pen.0.delete("shop-2", &DeleteParams::background()).await.unwrap();
            assert!(comes(async || shown().len() == 4).await, "{:?}", shown());
            assert_eq!(supervisor.report().unread, 0, "every object can be read");
            Ok(())
        })
        .await
}

async fn a_context_is_watched_whole(server: &Server) -> Tried {
    server
        .in_namespace(async |namespace| {
            let name = unique(&namespace, "watched");
            let (access, life) = server.access();
            let mut watching = Watching::start("contract", access, life, vec![namespace.clone()]);
            let there = |snapshot: &Snapshot| {
                snapshot.deployments.iter().any(|one| *one.meta.name == *name)
            };
            let whole =
                |snapshot: &Snapshot| snapshot.state::<Deployment>(&namespace) == State::Complete;
            let came = comes(async || {
                watching.tend();
                whole(&watching.snapshot(now()))
            });
            assert!(came.await, "{:?}", watching.state(now()));
            assert!(!there(&watching.snapshot(now())), "it is not written yet");
            Pen::of(server, &namespace).await.create(&name, "shop:1", "ci").await;
            let came = comes(async || {
                watching.tend();
                there(&watching.snapshot(now()))
            });
            assert!(came.await, "what is written is seen: {:?}", watching.state(now()));
            // Kinds of others: served or not, readable or not, but never left open.
            let open = comes(async || {
                watching.tend();
                let snapshot = watching.snapshot(now());
                let states = [
                    snapshot.state::<Rollout>(&namespace),
                    snapshot.state::<HttpRoute>(&namespace),
                    snapshot.state::<ScaledObject>(&namespace),
                    snapshot.state::<Application>(&namespace),
                ];
                states.iter().all(|state| *state != State::NotSynced)
            });
            assert!(open.await, "{:?}", watching.snapshot(now()).states);
            Ok(())
        })
        .await
}

async fn one_look_is_whole_and_names_the_cluster(server: &Server) -> Tried {
    server
        .in_namespace(async |namespace| {
            let name = unique(&namespace, "looked");
            Pen::of(server, &namespace).await.create(&name, "shop:1", "ci").await;
            let session = server.session().await;
            let snapshot = look(&session, &namespace).await;
            assert_eq!(snapshot.state::<Deployment>(&namespace), State::Complete);
            let found = snapshot.deployments.iter().filter(|one| *one.meta.name == *name);
            assert_eq!(found.count(), 1, "once");
            let namespaces: Api<Namespace> = Api::all(server.writing().await);
            match namespaces.get("kube-system").await {
                Ok(system) => {
                    let uid = system.metadata.uid.unwrap_or_default();
                    assert_eq!(snapshot.cluster, uid, "the cluster is known by it");
                }
                Err(kube::Error::Api(status)) if status.code == 403 => {
                    assert_eq!(snapshot.cluster, "", "what may not be read is not known");
                }
                Err(error) => panic!("{error}"),
            }
            Ok(())
        })
        .await
}

async fn writers_are_told_by_their_field_managers(server: &Server) -> Tried {
    server
        .in_namespace(async |namespace| {
            let name = unique(&namespace, "written");
            let pen = Pen::of(server, &namespace).await;
            let session = server.session().await;
            let check = async |manager: &str, class: WriterClass, operation: &str| {
                let snapshot = look(&session, &namespace).await;
                let told = with_view(&snapshot, &name, |view| {
                    let writers = image_writers(&view.written(false, true), &Rules::default());
                    let worst = writers.worst().expect("it has a container");
                    (worst.manager.clone(), worst.judged.class, worst.operation)
                });
                assert_eq!(told, Some((manager.to_owned(), class, operation)));
            };
            pen.create(&name, "shop:1", "contract-pipeline").await;
            check("contract-pipeline", WriterClass::Ambiguous, "Update").await;
            pen.set_image(&name, "shop:2", "kubectl-edit").await;
            check("kubectl-edit", WriterClass::Manual, "Update").await;
            pen.apply(&name, "shop:3", "kustomize-controller").await;
            check("kustomize-controller", WriterClass::Gitops, "Apply").await;
            Ok(())
        })
        .await
}

async fn revisions_become_rollouts(server: &Server) -> Tried {
    server
        .in_namespace(async |namespace| {
            let name = unique(&namespace, "rolled");
            let pen = Pen::of(server, &namespace).await;
            let session = server.session().await;
            pen.create(&name, "shop:1", "ci").await;
            revisions(server, &namespace, 1).await?;
            pen.set_image(&name, "shop:2", "ci").await;
            revisions(server, &namespace, 2).await?;
            let snapshot = look(&session, &namespace).await;
            let told = with_view(&snapshot, &name, |view| {
                let writers = image_writers(&view.written(false, false), &Rules::default());
                let recorded = BTreeSet::new();
                let known = Known {
                    target: Uuid::nil(),
                    recorded: &recorded,
                    looked_before: None,
                    followed: false,
                };
                unrecorded(view, &writers, &known)
            });
            let line = |seen: &Seen| {
                let rollout = &seen.rollout;
                let image = rollout.images.first().map(|(_, image)| image.clone());
                (rollout.revision, rollout.change, rollout.time, image)
            };
            let lines: Vec<_> = told.iter().flatten().map(line).collect();
            let made = |number: i64, change| {
                (number, change, TimeSource::Created, Some(format!("shop:{number}")))
            };
            assert_eq!(lines, [made(1, RolloutKind::First), made(2, RolloutKind::Image)]);
            Ok(())
        })
        .await
}

async fn a_deployment_whose_pods_run_is_healthy(server: &Server) -> Tried {
    server
        .in_namespace(async |namespace| {
            let name = unique(&namespace, "running");
            let session = server.session().await;
            let pen = Pen::of(server, &namespace).await;
            pen.create(&name, "shop:1", "ci").await;
            revisions(server, &namespace, 1).await?;
            let is_ready = comes(async || {
                let status = pen.0.get(&name).await.ok().and_then(|one| one.status);
                status.and_then(|status| status.available_replicas) == Some(1)
            });
            if !is_ready.await {
                let why = "its pod did not become ready: there is no node, simulated or real, that \
                           runs an image `shop:1`";
                return Err(NotRun(why.to_owned()));
            }
            let snapshot = look(&session, &namespace).await;
            let told = with_view(&snapshot, &name, |view| {
                let pods = view.pods.as_deref().map(<[_]>::len);
                (view.health.verdict, view.health.reason.to_string(), pods.ok())
            });
            assert_eq!(told, Some((Verdict::Healthy, "healthy".to_owned(), Some(1))));
            Ok(())
        })
        .await
}

async fn warnings_of_a_namespace_are_read(server: &Server) -> Tried {
    server
        .in_namespace(async |namespace| {
            let events: Api<WrittenEvent> = Api::namespaced(server.writing().await, &namespace);
            for (name, severity) in [("calm", "Normal"), ("alarm", "Warning")] {
                let event = json!({
                    "metadata": {"name": name, "namespace": namespace},
                    "involvedObject": {"kind": "Deployment", "namespace": namespace, "name": "shop"},
                    "type": severity, "reason": "Planned", "message": name,
                });
                let event = serde_json::from_value(event).unwrap();
                events.create(&PostParams::default(), &event).await.unwrap();
            }
            let session = server.session().await;
            let warnings = once::warnings(&session, &namespace).await.unwrap();
            let names: Vec<String> = warnings.iter().map(|one| one.meta.name.to_string()).collect();
            assert_eq!(names, ["alarm"]);
            Ok(())
        })
        .await
}

async fn nothing_but_reading_leaves(server: &Server) -> Tried {
    server
        .in_namespace(async |namespace| {
            let pen = Pen::of(server, &namespace).await;
            pen.create("shop", "shop:1", "ci").await;
            let patch = Patch::Merge(json!({"spec": {"replicas": 0}}));
            let reading: Api<Written> = Api::namespaced(server.session().await.client, &namespace);
            let patched = reading.patch("shop", &PatchParams::default(), &patch).await;
            let deleted = reading.delete("shop", &DeleteParams::default()).await;
            assert!(patched.is_err() && deleted.is_err(), "the product's client refuses");
            let replicas = async || reading.get("shop").await.unwrap().spec.replicas;
            assert_eq!(replicas().await, Some(1), "and nothing came of it");
            // The control: the other client may, on this very server.
            pen.0.patch("shop", &PatchParams::default(), &patch).await.unwrap();
            assert_eq!(replicas().await, Some(0));
            Ok(())
        })
        .await
}

async fn is_gone(server: &Server, name: &str) -> bool {
    comes(async || !server.left().await.iter().any(|one| one == name)).await
}

async fn a_case_that_fails_leaves_no_namespace(server: &Server) -> Tried {
    use futures_util::FutureExt as _;
    use std::panic::AssertUnwindSafe;
    let made = Mutex::new(String::new());
    let case = server.in_namespace(async |namespace| {
        assert!(server.left().await.contains(&namespace), "it is there");
        *made.lock().unwrap() = namespace;
        // As a failed assertion would, without its words.
        std::panic::resume_unwind(Box::new("planned"));
    });
    match AssertUnwindSafe(case).catch_unwind().await {
        Ok(Err(not_run)) => return Err(not_run),
        Ok(Ok(())) => panic!("it was to fail"),
        Err(_) => {}
    }
    let name = made.lock().unwrap().clone();
    assert!(!name.is_empty(), "a namespace was made");
    assert!(is_gone(server, &name).await, "{name} is left behind");
    Ok(())
}

/// The control of the last case.
async fn a_namespace_that_is_left_would_be_seen(server: &Server) -> Tried {
    let name = server.make_namespace().await?;
    let seen = server.left().await.contains(&name);
    server.remove_namespace(&name).await;
    assert!(seen, "{name} was there and not seen");
    assert!(is_gone(server, &name).await, "{name} is left behind");
    Ok(())
}

async fn no_namespace_is_left_behind(server: &Server) -> Tried {
    assert!(comes(async || server.left().await.is_empty()).await, "{:?}", server.left().await);
    Ok(())
}
