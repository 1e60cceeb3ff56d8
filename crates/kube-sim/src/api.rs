//! Requests in, answers out.

use crate::discovery;
use crate::failure::Failure;
use crate::listing::{self, Filter, Pages, object_text};
use crate::managed::{Operation, Part, Writer};
use crate::patch;
use crate::request::{Form, Query, Target, form, target};
use crate::sim::{Shared, State};
use crate::store::{Key, Stored};
use crate::watching::Watching;
use crate::world::World;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, Method, request::Parts};
use serde_json::{Value, json};
use std::sync::Arc;

/// What goes back.
pub(crate) enum Answer {
    Text(u16, Bytes),
    Plain(&'static str),
    /// Everything served in one answer, which clients know by its media type.
    Aggregated(Bytes),
    Watch(Box<Watching>),
}

/// Answers one request.
pub(crate) fn answer(shared: &Arc<Shared>, parts: &Parts, body: &Bytes) -> Answer {
    let answered = shared.change(|state| route(shared, state, parts, body));
    answered.unwrap_or_else(|failure| {
        Answer::Text(failure.code, Bytes::from(failure.status().to_string()))
    })
}

fn json_answer(value: &Value) -> Answer {
    Answer::Text(200, Bytes::from(value.to_string()))
}

fn route(
    shared: &Arc<Shared>,
    state: &mut State,
    parts: &Parts,
    body: &Bytes,
) -> Result<Answer, Failure> {
    let path = parts.uri.path();
    if let Some(answer) = describe(&state.world, path, &parts.method, &parts.headers)? {
        return Ok(answer);
    }
    let query = Query::parse(parts.uri.query().unwrap_or_default());
    let target = target(path, &state.world.kinds).ok_or_else(Failure::no_such_path)?;
    if !query.get("dryRun").is_empty() {
        return Err(Failure::bad_request("dryRun is not served by this simulation"));
    }
    let request = Request { query: &query, headers: &parts.headers, body };
    match (&parts.method, &target.name) {
        (&Method::GET, _) => read(shared, state, &target, &request),
        (&Method::POST, None) => create(&mut state.world, &target, &request),
        (&Method::PUT, Some(name)) => replace(&mut state.world, &target, name, &request),
        (&Method::PATCH, Some(name)) => change(&mut state.world, &target, name, &request),
        (&Method::DELETE, Some(name)) if target.part == Part::Object => {
            delete(&mut state.world, &target, name, &request)
        }
        (&Method::DELETE, None) => delete_all(state, &target, &request),
        _ => Err(Failure::method_not_allowed()),
    }
}

/// Health, version and discovery.
fn describe(
    world: &World,
    path: &str,
    method: &Method,
    headers: &HeaderMap,
) -> Result<Option<Answer>, Failure> {
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    let root = matches!(parts.as_slice(), ["api" | "apis"]);
    let found = match parts.as_slice() {
        ["healthz" | "livez" | "readyz"] => return Ok(Some(Answer::Plain("ok"))),
        ["version"] => discovery::version(),
        ["api" | "apis"] if form(headers, root)? == Form::Aggregated => {
            let all = discovery::aggregated(&world.kinds, parts == ["api"]);
            return Ok(Some(Answer::Aggregated(Bytes::from(all.to_string()))));
        }
        ["api"] => discovery::core_versions(),
        ["apis"] => discovery::group_list(&world.kinds),
        ["api", version] => {
            discovery::resources(&world.kinds, version).ok_or_else(Failure::no_such_path)?
        }
        ["openapi", "v3"] => discovery::schemas(&world.kinds),
        ["openapi", "v3", "api" | "apis", version @ ..] => {
            let api_version = version.join("/");
            discovery::schema(&world.kinds, &api_version).ok_or_else(Failure::no_such_path)?
        }
        ["apis", group] => {
            discovery::group(&world.kinds, group).ok_or_else(Failure::no_such_path)?
        }
        ["apis", group, version] => {
            let api_version = format!("{group}/{version}");
            discovery::resources(&world.kinds, &api_version).ok_or_else(Failure::no_such_path)?
        }
        _ => return Ok(None),
    };
    if method != Method::GET {
        return Err(Failure::method_not_allowed());
    }
    Ok(Some(json_answer(&found)))
}

struct Request<'a> {
    query: &'a Query,
    headers: &'a HeaderMap,
    body: &'a Bytes,
}

impl Request<'_> {
    /// The name it writes under: as given, else the program's own up to the first slash.
    fn manager(&self) -> String {
        let given = self.query.get("fieldManager");
        if !given.is_empty() {
            return given.to_owned();
        }
        let agent = self.headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok());
        let agent = agent.unwrap_or_default().split('/').next().unwrap_or_default();
        agent.chars().filter(|letter| !letter.is_control()).collect()
    }

    fn writer(&self) -> Writer {
        Writer::update(&self.manager())
    }

    fn json(&self) -> Result<Value, Failure> {
        let read = serde_json::from_slice(self.body);
        read.map_err(|error| Failure::bad_request(format!("the body is no JSON: {error}")))
    }

    fn options(&self) -> Result<Value, Failure> {
        let mut options = if self.body.is_empty() { json!({}) } else { self.json()? };
        if !options.is_object() {
            return Err(Failure::bad_request("the body is no object"));
        }
        for name in ["propagationPolicy", "gracePeriodSeconds"] {
            let text = self.query.get(name);
            if !text.is_empty() {
                options[name] = text.parse::<i64>().map_or_else(|_| Value::from(text), Value::from);
            }
        }
        Ok(options)
    }
}

fn key(world: &World, target: &Target, name: &str) -> Key {
    let namespaced = world.kinds[target.kind].namespaced;
    let namespace = target.namespace.clone().filter(|_| namespaced).unwrap_or_default();
    Key { kind: target.kind, namespace, name: name.to_owned() }
}

fn existing(world: &World, key: &Key) -> Result<Arc<Stored>, Failure> {
    let found = world.store.get(key).cloned();
    found.ok_or_else(|| Failure::not_found(&world.kinds[key.kind], &key.name))
}

fn read(
    shared: &Arc<Shared>,
    state: &mut State,
    target: &Target,
    request: &Request<'_>,
) -> Result<Answer, Failure> {
    let form = form(request.headers, false)?;
    let mut filter = Filter::read(target, request.query, &state.world.kinds)?;
    if request.query.is("watch") {
        filter.name.clone_from(&target.name);
        let watching = Watching::begin(shared, &state.world, filter, request.query, form)?;
        return Ok(Answer::Watch(Box::new(watching)));
    }
    let Some(name) = &target.name else {
        let text = listing::list(&state.world, &mut state.pages, &filter, request.query, form)?;
        return Ok(Answer::Text(200, text));
    };
    let stored = existing(&state.world, &key(&state.world, target, name))?;
    if target.part == Part::Scale {
        return Ok(json_answer(&scale_of(&stored.value)));
    }
    Ok(Answer::Text(200, object_text(&stored, form)))
}

fn answer_with(part: Part, code: u16, stored: &Stored) -> Answer {
    match part {
        Part::Scale => json_answer(&scale_of(&stored.value)),
        Part::Object | Part::Status => Answer::Text(code, stored.text()),
    }
}

fn create(world: &mut World, target: &Target, request: &Request<'_>) -> Result<Answer, Failure> {
    let namespace = target.namespace.clone().unwrap_or_default();
    if world.kinds[target.kind].namespaced && namespace.is_empty() {
        return Err(Failure::method_not_allowed());
    }
    let made = world.create(target.kind, &namespace, request.json()?, &request.writer())?;
    Ok(answer_with(Part::Object, 201, &made))
}

fn replace(
    world: &mut World,
    target: &Target,
    name: &str,
    request: &Request<'_>,
) -> Result<Answer, Failure> {
    let key = key(world, target, name);
    let stored = existing(world, &key)?;
    let sent = request.json()?;
    let value = match target.part {
        Part::Scale => with_scale(&stored.value, &sent),
        Part::Object | Part::Status => sent,
    };
    if value["metadata"]["name"] != name {
        return Err(Failure::bad_request("the name of the object does not match the address"));
    }
    let done = world.update(&key, value, &request.manager(), target.part)?;
    Ok(answer_with(target.part, 200, &done))
}

fn change(
    world: &mut World,
    target: &Target,
    name: &str,
    request: &Request<'_>,
) -> Result<Answer, Failure> {
    let media = request.headers.get(CONTENT_TYPE).and_then(|media| media.to_str().ok());
    let media = media.unwrap_or_default().split(';').next().unwrap_or_default();
    if media.starts_with("application/apply-patch") {
        return apply(world, target, name, request);
    }
    let key = key(world, target, name);
    let stored = existing(world, &key)?;
    let built_in = world.kinds[target.kind].built_in;
    let scale = target.part == Part::Scale;
    let mut value = if scale { scale_of(&stored.value) } else { stored.value.clone() };
    // Only a version that the patch itself names is compared.
    crate::world::remove(&mut value["metadata"], "resourceVersion");
    let patch = request.json()?;
    match media {
        "application/merge-patch+json" => patch::merge(&mut value, &patch),
        "application/strategic-merge-patch+json" if built_in => {
            patch::strategic(&mut value, &patch);
        }
        "application/json-patch+json" => patch::json(&mut value, patch)?,
        other => return Err(Failure::unsupported_media(other)),
    }
    let value = if scale { with_scale(&stored.value, &value) } else { value };
    let done = world.update(&key, value, &request.manager(), target.part)?;
    Ok(answer_with(target.part, 200, &done))
}

fn apply(
    world: &mut World,
    target: &Target,
    name: &str,
    request: &Request<'_>,
) -> Result<Answer, Failure> {
    let manager = request.query.get("fieldManager");
    if manager.is_empty() {
        return Err(Failure::bad_request("fieldManager is required for apply patch"));
    }
    if target.part != Part::Object {
        return Err(Failure::method_not_allowed());
    }
    let text = std::str::from_utf8(request.body)
        .map_err(|_| Failure::bad_request("the body is no text"))?;
    let mut wanted: Value = serde_saphyr::from_str(text)
        .map_err(|error| Failure::bad_request(format!("the body is no YAML: {error}")))?;
    if !wanted.is_object() {
        return Err(Failure::bad_request("the body is no object"));
    }
    wanted["metadata"]["name"] = Value::from(name);
    let forced = request.query.is("force");
    let operation = if forced { Operation::ForcedApply } else { Operation::Apply };
    let namespace = target.namespace.clone().unwrap_or_default();
    let known = world.store.get(&key(world, target, name)).is_some();
    let writer = Writer::new(manager, operation);
    let done = world.apply(target.kind, &namespace, &wanted, &writer)?;
    Ok(answer_with(Part::Object, if known { 200 } else { 201 }, &done))
}

fn delete(
    world: &mut World,
    target: &Target,
    name: &str,
    request: &Request<'_>,
) -> Result<Answer, Failure> {
    let key = key(world, target, name);
    let stored = existing(world, &key)?;
    let left = world.delete(&key, &request.options()?)?;
    if world.store.get(&key).is_some() {
        return Ok(answer_with(Part::Object, 200, &left));
    }
    let kind = &world.kinds[target.kind];
    Ok(json_answer(&json!({
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Success",
        "details": {
            "name": name,
            "group": kind.group,
            "kind": kind.plural,
            "uid": stored.uid(),
        },
    })))
}

fn delete_all(
    state: &mut State,
    target: &Target,
    request: &Request<'_>,
) -> Result<Answer, Failure> {
    let filter = Filter::read(target, request.query, &state.world.kinds)?;
    let text =
        listing::list(&state.world, &mut Pages::default(), &filter, request.query, Form::Whole)?;
    let found = state.world.store.list(target.kind, target.namespace.as_deref());
    let keys: Vec<Key> = found
        .filter(|(_, stored)| filter.matches(&stored.value))
        .map(|(key, _)| key.clone())
        .collect();
    let options = request.options()?;
    for key in keys {
        state.world.delete(&key, &options)?;
    }
    Ok(Answer::Text(200, text))
}

/// An object as `/scale` shows it.
fn scale_of(object: &Value) -> Value {
    let metadata = &object["metadata"];
    let labels = object["spec"]["selector"]["matchLabels"].as_object().into_iter().flatten();
    let selector: Vec<String> = labels
        .map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()))
        .collect();
    json!({
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {
            "name": metadata["name"],
            "namespace": metadata["namespace"],
            "uid": metadata["uid"],
            "resourceVersion": metadata["resourceVersion"],
            "creationTimestamp": metadata["creationTimestamp"],
        },
        "spec": { "replicas": object["spec"]["replicas"] },
        "status": {
            "replicas": object["status"]["replicas"].as_i64().unwrap_or(0),
            "selector": selector.join(","),
        },
    })
}

fn with_scale(object: &Value, scale: &Value) -> Value {
    let mut value = object.clone();
    value["spec"]["replicas"] = scale["spec"]["replicas"].clone();
    value["metadata"]["resourceVersion"] = scale["metadata"]["resourceVersion"].clone();
    value
}
