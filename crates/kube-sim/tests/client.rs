//! The API as a client of Kubernetes sees it.

use chrono::{DateTime, Utc};
use futures_util::{StreamExt as _, TryStreamExt as _};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Pod};
use kube::api::{
    Api, DeleteParams, ListParams, Patch, PatchParams, PostParams, WatchEvent, WatchParams,
};
use kube::core::PartialObjectMeta;
use kube::discovery::Discovery;
use kube::runtime::WatchStreamExt as _;
use kube::runtime::watcher::{self, Event};
use kube::{Client, Error};
use pilotage_kube_sim::{Sim, Writer};
use serde_json::{Value, json};
use std::time::Duration;

fn start() -> DateTime<Utc> {
    "2026-03-02T10:00:00Z".parse().expect("a moment")
}

fn sim() -> (Sim, Client) {
    let sim = Sim::new(7, start());
    sim.add_nodes(3);
    let client = Client::new(sim.service(), "default");
    (sim, client)
}

fn config_map(name: &str, app: &str) -> ConfigMap {
    serde_json::from_value(json!({
        "metadata": {"name": name, "labels": {"app": app}}, "data": {"a": "1"},
    }))
    .expect("a ConfigMap")
}

async fn make_maps(client: &Client, count: usize) -> Api<ConfigMap> {
    let maps: Api<ConfigMap> = Api::default_namespaced(client.clone());
    for number in 0..count {
        let app = if number % 2 == 0 { "even" } else { "odd" };
        let map = config_map(&format!("map-{number:02}"), app);
        maps.create(&PostParams::default(), &map).await.expect("it is made");
    }
    maps
}

fn code(error: &Error) -> u16 {
    match error {
        Error::Api(status) => status.code,
        other => panic!("not an answer of the API: {other}"),
    }
}

#[tokio::test]
async fn discovery_names_what_is_served() {
    let (_, client) = sim();
    assert_eq!(client.apiserver_version().await.unwrap().minor, "34", "the version");
    for discovery in [
        Discovery::new(client.clone()).run_aggregated().await.unwrap(),
        Discovery::new(client).run().await.unwrap(),
    ] {
        let apps = discovery.get("apps").expect("the group apps");
        let (deployment, _) = apps.recommended_kind("Deployment").expect("Deployment");
        assert_eq!(deployment.plural, "deployments");
        assert!(discovery.get("argoproj.io").is_none(), "a group that is not served");
        assert!(discovery.groups().any(|group| group.name().is_empty()), "the core group");
    }
}

#[tokio::test]
async fn the_schema_says_that_the_server_checks() {
    // What `kubectl edit` asks before it sends anything.
    let (_, client) = sim();
    let get = async |path: &str| -> Value {
        let request = http::Request::get(path).body(Vec::new()).unwrap();
        client.request(request).await.unwrap()
    };
    let root = get("/openapi/v3").await;
    let address = root["paths"]["apis/apps/v1"]["serverRelativeURL"].as_str().unwrap().to_owned();
    let schema = get(&address).await;
    let operations = &schema["paths"]["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"];
    let patch = &operations["patch"];
    assert_eq!(patch["parameters"][0]["name"], "fieldValidation", "{schema}");
    assert_eq!(patch["x-kubernetes-group-version-kind"]["kind"], "Deployment");
}

#[tokio::test]
async fn lists_come_in_pages_of_one_moment() {
    let (_, client) = sim();
    let maps = make_maps(&client, 5).await;
    let first = maps.list(&ListParams::default().limit(2)).await.unwrap();
    assert_eq!(first.metadata.remaining_item_count, Some(3));
    let token = first.metadata.continue_.clone().expect("a token for the next page");
    // What happens between the pages belongs to a later moment.
    maps.delete("map-04", &DeleteParams::default()).await.unwrap();
    let mut names: Vec<String> =
        first.items.into_iter().filter_map(|map| map.metadata.name).collect();
    let mut token = Some(token);
    while let Some(next) = token {
        let page = maps.list(&ListParams::default().limit(2).continue_token(&next)).await.unwrap();
        assert_eq!(page.metadata.resource_version, first.metadata.resource_version);
        names.extend(page.items.into_iter().filter_map(|map| map.metadata.name));
        token = page.metadata.continue_.filter(|token| !token.is_empty());
    }
    assert_eq!(names, ["map-00", "map-01", "map-02", "map-03", "map-04"]);
}

#[tokio::test]
async fn a_page_that_is_asked_for_too_late_is_gone() {
    let (sim, client) = sim();
    let maps = make_maps(&client, 3).await;
    let first = maps.list(&ListParams::default().limit(2)).await.unwrap();
    let next = ListParams::default().limit(2).continue_token(&first.metadata.continue_.unwrap());
    assert_eq!(maps.list(&next).await.unwrap().items.len(), 1, "in time");
    sim.expire_history();
    assert_eq!(code(&maps.list(&next).await.unwrap_err()), 410);
}

#[tokio::test]
async fn selectors_choose() {
    let (sim, client) = sim();
    let maps = make_maps(&client, 4).await;
    let check = async |parameters: ListParams, expect: usize| {
        let found = maps.list(&parameters).await.unwrap().items.len();
        assert_eq!(found, expect, "{parameters:?}");
    };
    check(ListParams::default().labels("app=even"), 2).await;
    check(ListParams::default().labels("app notin (even)"), 2).await;
    check(ListParams::default().fields("metadata.name=map-01"), 1).await;
    check(ListParams::default().labels("app=even").fields("metadata.name=map-01"), 0).await;
    let unknown = maps.list(&ListParams::default().fields("data.a=1")).await.unwrap_err();
    assert_eq!(code(&unknown), 400, "{unknown}");
    drop(sim);
}

#[tokio::test]
async fn metadata_alone_is_served() {
    let (_, client) = sim();
    let maps = make_maps(&client, 1).await;
    let list = maps.list_metadata(&ListParams::default()).await.unwrap();
    assert_eq!(list.items[0].metadata.name.as_deref(), Some("map-00"));
    let one = maps.get_metadata("map-00").await.unwrap();
    assert_eq!(one.types.unwrap().kind, "PartialObjectMetadata");
    let all: Api<PartialObjectMeta<ConfigMap>> = Api::all(client);
    let mut events = watcher::watcher(all, watcher::Config::default()).applied_objects().boxed();
    let seen = events.next().await.unwrap().unwrap();
    assert_eq!(seen.metadata.name.as_deref(), Some("map-00"), "watched");
}

#[tokio::test]
async fn refusals_have_their_codes() {
    let (_, client) = sim();
    let maps = make_maps(&client, 1).await;
    assert_eq!(code(&maps.get("none").await.unwrap_err()), 404, "absent");
    let again = maps.create(&PostParams::default(), &config_map("map-00", "x")).await.unwrap_err();
    assert_eq!(code(&again), 409, "made twice");
    let mut stale = maps.get("map-00").await.unwrap();
    let touch = json!({"metadata": {"labels": {"b": "2"}}});
    maps.patch("map-00", &PatchParams::default(), &Patch::Merge(&touch)).await.unwrap();
    stale.data = None;
    let stale = maps.replace("map-00", &PostParams::default(), &stale).await.unwrap_err();
    assert_eq!(code(&stale), 409, "an older state put back");
    let elsewhere: Api<ConfigMap> = Api::namespaced(client.clone(), "nowhere");
    let placed = elsewhere.create(&PostParams::default(), &config_map("a", "a")).await.unwrap_err();
    assert_eq!(code(&placed), 404, "no such namespace");
    let deployments: Api<Deployment> = Api::default_namespaced(client.clone());
    let bad: Deployment = serde_json::from_value(json!({
        "metadata": {"name": "a"},
        "spec": {"selector": {"matchLabels": {"app": "a"}},
            "template": {"metadata": {"labels": {"app": "b"}},
                "spec": {"containers": [{"name": "a", "image": "a"}]}}},
    }))
    .unwrap();
    let bad = deployments.create(&PostParams::default(), &bad).await.unwrap_err();
    assert_eq!(code(&bad), 422, "a selector that selects nothing");
    let request = http::Request::put("/api/v1/namespaces/default/configmaps").body(Vec::new());
    let put = client.request_text(request.unwrap()).await.unwrap_err();
    assert_eq!(code(&put), 405, "putting a list");
    let request = http::Request::get("/apis/none/v1/things").body(Vec::new()).unwrap();
    assert_eq!(code(&client.request_text(request).await.unwrap_err()), 404, "not served");
}

#[tokio::test]
async fn a_watch_tells_what_changed_since() {
    let (_, client) = sim();
    let maps = make_maps(&client, 1).await;
    let version = maps.list(&ListParams::default()).await.unwrap().metadata.resource_version;
    let parameters = WatchParams::default().labels("app=even");
    let mut events = maps.watch(&parameters, &version.unwrap()).await.unwrap().boxed();
    make_maps(&client, 0).await;
    maps.create(&PostParams::default(), &config_map("new", "even")).await.unwrap();
    maps.create(&PostParams::default(), &config_map("other", "odd")).await.unwrap();
    let relabel = |app: &str| Patch::Merge(json!({"metadata": {"labels": {"app": app}}}));
    maps.patch("new", &PatchParams::default(), &relabel("odd")).await.unwrap();
    maps.patch("new", &PatchParams::default(), &relabel("even")).await.unwrap();
    maps.delete("map-00", &DeleteParams::default()).await.unwrap();
    let mut told = Vec::new();
    let mut last = 0;
    while told.len() < 4 {
        let event = events.try_next().await.unwrap().expect("the watch goes on");
        let (word, map) = match event {
            WatchEvent::Added(map) => ("added", map),
            WatchEvent::Modified(map) => ("modified", map),
            WatchEvent::Deleted(map) => ("deleted", map),
            other => panic!("{other:?}"),
        };
        let version: u64 = map.metadata.resource_version.unwrap().parse().unwrap();
        assert!(version > last, "versions rise: {version} after {last}");
        last = version;
        told.push(format!("{word} {}", map.metadata.name.unwrap()));
    }
    // Leaving the selection reads as a deletion, entering it as an addition.
    assert_eq!(told, ["added new", "deleted new", "added new", "deleted map-00"]);
}

#[tokio::test(start_paused = true)]
async fn a_quiet_watch_says_that_it_lives_and_ends_in_time() {
    let (_, client) = sim();
    let maps: Api<ConfigMap> = Api::default_namespaced(client);
    let parameters = WatchParams::default().timeout(150);
    let begun = tokio::time::Instant::now();
    let events: Vec<_> = maps.watch(&parameters, "1").await.unwrap().collect().await;
    let bookmarks =
        events.iter().filter(|event| matches!(event, Ok(WatchEvent::Bookmark(_)))).count();
    assert_eq!(bookmarks, 3, "after 60 s, 120 s and at the end: {events:?}");
    assert_eq!(begun.elapsed().as_secs(), 150, "the time that was asked for");
}

#[tokio::test]
async fn a_watch_from_forgotten_history_is_told_so() {
    let (sim, client) = sim();
    let maps = make_maps(&client, 2).await;
    sim.expire_history();
    let mut events = maps.watch(&WatchParams::default(), "3").await.unwrap().boxed();
    match events.next().await {
        Some(Ok(WatchEvent::Error(status))) => assert_eq!(status.code, 410, "{status:?}"),
        other => panic!("{other:?}"),
    }
    assert!(events.next().await.is_none(), "and it ends");
    let now = sim.version().to_string();
    let mut events = maps.watch(&WatchParams::default(), &now).await.unwrap().boxed();
    maps.delete("map-00", &DeleteParams::default()).await.unwrap();
    let told = events.next().await;
    assert!(matches!(told, Some(Ok(WatchEvent::Deleted(_)))), "what is newer is told: {told:?}");
}

#[tokio::test]
async fn a_watcher_reads_streaming_lists_and_plain_ones() {
    let (_, client) = sim();
    make_maps(&client, 3).await;
    for config in
        [watcher::Config::default().streaming_lists(), watcher::Config::default().page_size(2)]
    {
        let maps: Api<ConfigMap> = Api::all(client.clone());
        let mut events = watcher::watcher(maps, config).boxed();
        let mut words = Vec::new();
        while words.last() != Some(&"done") {
            words.push(match events.try_next().await.unwrap().unwrap() {
                Event::Init => "init",
                Event::InitApply(_) => "one",
                Event::InitDone => "done",
                other => panic!("{other:?}"),
            });
        }
        assert_eq!(words, ["init", "one", "one", "one", "done"]);
    }
}

#[tokio::test]
async fn every_write_is_booked_on_its_manager() {
    let (_, client) = sim();
    let deployments: Api<Deployment> = Api::default_namespaced(client.clone());
    let made: Deployment = serde_json::from_value(deployment("shop", "shop:1")).unwrap();
    let by = |manager: &str| PostParams { field_manager: Some(manager.to_owned()), dry_run: false };
    deployments.create(&by("helm"), &made).await.unwrap();
    let image = |image: &str| json!({"spec": {"template": {"spec": {"containers": [{"name": "app", "image": image}]}}}});
    let parameters =
        PatchParams { field_manager: Some("kubectl-set".to_owned()), ..Default::default() };
    let set = Patch::Strategic(image("shop:2"));
    let found = deployments.patch("shop", &parameters, &set).await.unwrap();
    assert_eq!(owners_of_image(&found), ["kubectl-set Update"]);
    assert_eq!(found.metadata.generation, Some(2), "a new specification");
    let same = deployments.patch("shop", &parameters, &set).await.unwrap();
    assert_eq!(same.metadata.resource_version, found.metadata.resource_version, "nothing changed");

    let mut applied = deployment("shop", "shop:3");
    applied["apiVersion"] = json!("apps/v1");
    applied["kind"] = json!("Deployment");
    let apply = PatchParams::apply("argocd-controller");
    let refused = deployments.patch("shop", &apply, &Patch::Apply(&applied)).await.unwrap_err();
    assert_eq!(code(&refused), 409, "somebody else's field: {refused}");
    let found =
        deployments.patch("shop", &apply.clone().force(), &Patch::Apply(&applied)).await.unwrap();
    assert_eq!(owners_of_image(&found), ["argocd-controller Apply"]);
    let scale: Patch<Value> = Patch::Merge(json!({"spec": {"replicas": 4}}));
    deployments.patch_scale("shop", &PatchParams::default(), &scale).await.unwrap();
    let found = deployments.get("shop").await.unwrap();
    let scaled = found
        .metadata
        .managed_fields
        .unwrap()
        .into_iter()
        .find(|entry| entry.subresource.as_deref() == Some("scale"));
    assert_eq!(found.spec.replicas, Some(4));
    assert!(scaled.is_some(), "booked on the subresource");
}

#[tokio::test]
async fn a_write_to_the_object_leaves_its_status_alone() {
    let (sim, client) = sim();
    sim.apply(&deployment("shop", "shop:1").to_string(), &Writer::update("helm")).unwrap_err();
    let mut shop = deployment("shop", "shop:1");
    shop["apiVersion"] = json!("apps/v1");
    shop["kind"] = json!("Deployment");
    sim.apply(&shop.to_string(), &Writer::update("helm")).unwrap();
    sim.advance_by(10);
    let deployments: Api<Deployment> = Api::default_namespaced(client);
    let patch =
        Patch::Merge(json!({"status": {"replicas": 99}, "metadata": {"labels": {"a": "b"}}}));
    let found = deployments.patch("shop", &PatchParams::default(), &patch).await.unwrap();
    assert_eq!(found.status.unwrap().replicas, Some(2));
    let found = deployments.patch_status("shop", &PatchParams::default(), &patch).await.unwrap();
    assert_eq!(found.status.unwrap().replicas, Some(99), "by its own door");
}

#[tokio::test]
async fn the_same_seed_gives_the_same_cluster() {
    let build = |seed: u64| {
        let sim = Sim::new(seed, start());
        sim.add_nodes(2);
        let mut shop = deployment("shop", "shop:1");
        shop["apiVersion"] = json!("apps/v1");
        shop["kind"] = json!("Deployment");
        sim.apply(&shop.to_string(), &Writer::update("helm")).unwrap();
        sim.advance_by(30);
        serde_json::to_string(&sim.list("Pod")).unwrap()
    };
    assert_eq!(build(1), build(1), "the same");
    assert_ne!(build(1), build(2), "another");
}

#[tokio::test]
async fn deletion_waits_for_finalizers_and_takes_what_is_owned() {
    let (sim, client) = sim();
    let mut shop = deployment("shop", "shop:1");
    shop["apiVersion"] = json!("apps/v1");
    shop["kind"] = json!("Deployment");
    shop["metadata"]["finalizers"] = json!(["example.com/hold"]);
    sim.apply(&shop.to_string(), &Writer::update("helm")).unwrap();
    sim.advance_by(10);
    let deployments: Api<Deployment> = Api::default_namespaced(client.clone());
    deployments.delete("shop", &DeleteParams::default()).await.unwrap();
    let held = deployments.get("shop").await.unwrap();
    assert!(held.metadata.deletion_timestamp.is_some(), "held by its finalizer");
    let free = Patch::Merge(json!({"metadata": {"finalizers": null}}));
    deployments.patch("shop", &PatchParams::default(), &free).await.unwrap();
    assert_eq!(code(&deployments.get("shop").await.unwrap_err()), 404, "gone");
    sim.advance_by(5);
    let pods: Api<Pod> = Api::all(client);
    assert!(pods.list(&ListParams::default()).await.unwrap().items.is_empty(), "its pods as well");
    assert!(sim.list("ReplicaSet").is_empty(), "and its ReplicaSet");
}

#[tokio::test]
async fn a_client_that_waits_is_woken() {
    let (sim, client) = sim();
    let maps: Api<ConfigMap> = Api::default_namespaced(client);
    let version = sim.version().to_string();
    let mut events = maps.watch(&WatchParams::default(), &version).await.unwrap().boxed();
    let waiting = tokio::spawn(async move { events.next().await });
    tokio::task::yield_now().await;
    let map = r#"{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}"#;
    sim.apply(map, &Writer::update("helm")).unwrap();
    let told = tokio::time::timeout(Duration::from_secs(5), waiting).await.unwrap().unwrap();
    assert!(matches!(told, Some(Ok(WatchEvent::Added(_)))), "{told:?}");
}

fn deployment(name: &str, image: &str) -> Value {
    json!({
        "metadata": {"name": name},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name}},
                "spec": {"containers": [{"name": "app", "image": image}]}},
        },
    })
}

fn owners_of_image(deployment: &Deployment) -> Vec<String> {
    let entries = deployment.metadata.managed_fields.iter().flatten();
    let owns = entries.filter(|entry| {
        let fields = serde_json::to_value(&entry.fields_v1).expect("JSON");
        let containers = &fields["f:spec"]["f:template"]["f:spec"]["f:containers"];
        containers[r#"k:{"name":"app"}"#].get("f:image").is_some()
    });
    let word = |value: &Option<String>| value.clone().unwrap_or_default();
    owns.map(|entry| format!("{} {}", word(&entry.manager), word(&entry.operation))).collect()
}
