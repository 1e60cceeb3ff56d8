//! Checks on what is declared: CD-14 … CD-18, CD-21 … CD-23, CD-26 … CD-30, CD-38.

use super::{Around, Judgement, Parameters, told};
use crate::shape::lenient::NumberOrText;
use crate::shape::network::{Backend, Service};
use crate::shape::workload::{Container, ObjectName, SecurityContext, same_probe};
use crate::snapshot::{Told, Untold};
use crate::view::{View, Workload};
use std::collections::{BTreeMap, BTreeSet};

fn at(view: &View<'_>, list: &str, container: &Container, rest: &str) -> String {
    format!("{}.spec.{list}[{}].{rest}", view.workload.template_path(), container.name)
}

/// CD-14
pub fn readiness(view: &View<'_>, _: &Around<'_>, _: &Parameters) -> Judgement {
    if matches!(view.workload, Workload::CronJob(_)) {
        return Judgement::not_applicable(view, "runs_by_schedule");
    }
    let services = told!(view, view.services());
    if services.is_empty() {
        return Judgement::not_applicable(view, "no_service");
    }
    let mut probed = Vec::new();
    for service in services {
        for port in &service.spec.ports {
            let Some((list, container)) = serving(view, port) else { continue };
            let field = at(view, list, container, "readinessProbe");
            if container.readiness_probe.is_none() {
                return Judgement::fail(view, "no_readiness_probe")
                    .by(field, "absent")
                    .noting(format!("{} sends requests to {}", service.meta.name, container.name));
            }
            probed.push((field, container.name.to_string()));
        }
    }
    match probed.first() {
        Some((field, _)) => {
            let names: BTreeSet<&str> = probed.iter().map(|(_, name)| name.as_str()).collect();
            Judgement::pass(view)
                .by(field.clone(), names.into_iter().collect::<Vec<_>>().join(", "))
        }
        None => Judgement::not_applicable(view, "no_port_of_a_service"),
    }
}

/// The container at which requests to a port arrive. One that nobody declares is taken for the
/// first container's: declaring ports is a courtesy.
fn serving<'a>(
    view: &View<'a>,
    port: &crate::shape::network::ServicePort,
) -> Option<(&'static str, &'a Container)> {
    let wanted = match &port.target_port {
        NumberOrText::Absent => NumberOrText::Number(port.port?),
        other => other.clone(),
    };
    let has = |container: &Container| {
        container.ports.iter().any(|one| match &wanted {
            NumberOrText::Number(number) => one.container_port == Some(*number),
            NumberOrText::Text(name) => one.name.as_deref() == Some(name),
            NumberOrText::Absent => false,
        })
    };
    let mut all = view.template.spec.serving();
    let named = all.find(|(_, container)| has(container));
    named.or_else(|| view.template.spec.serving().next())
}

/// CD-15
pub fn liveness(view: &View<'_>, _: &Around<'_>, _: &Parameters) -> Judgement {
    if matches!(view.workload, Workload::CronJob(_)) {
        return Judgement::not_applicable(view, "runs_by_schedule");
    }
    let mut absent = Vec::new();
    for (list, container) in view.template.spec.serving() {
        match (&container.liveness_probe, &container.readiness_probe) {
            (None, _) => absent.push(&*container.name),
            (Some(lives), Some(ready)) if same_probe(lives, ready) => {
                return Judgement::fail(view, "same_as_readiness")
                    .by(at(view, list, container, "livenessProbe"), "equal to readinessProbe");
            }
            _ => {}
        }
    }
    let note = if absent.is_empty() {
        String::new()
    } else {
        format!("{}: no liveness probe, which is better than a wrong one", absent.join(", "))
    };
    Judgement::pass(view)
        .by(format!("{}.spec.containers[].livenessProbe", view.workload.template_path()), "sane")
        .noting(note)
}

/// CD-16
pub fn requests(view: &View<'_>, _: &Around<'_>, _: &Parameters) -> Judgement {
    let missing = view.template.spec.serving().find_map(|(list, container)| {
        ["cpu", "memory"]
            .iter()
            .find(|name| !container.resources.requests.contains_key(**name))
            .map(|name| at(view, list, container, &format!("resources.requests.{name}")))
    });
    let Some(field) = missing else {
        let all: Vec<String> = view.template.spec.serving().map(|(_, one)| wants(one)).collect();
        return Judgement::pass(view).by(
            format!("{}.spec.containers[].resources.requests", view.workload.template_path()),
            all.join("; "),
        );
    };
    // A LimitRange shows in pods, not in the template.
    if matches!(view.workload, Workload::CronJob(_)) {
        return Judgement::fail(view, "no_requests").by(field, "absent");
    }
    let current = told!(view, view.current.clone());
    let set = !current.is_empty()
        && current.iter().all(|judged| {
            let sidecars = judged.pod.spec.init_containers.iter().filter(|one| one.restarts.0);
            let mut all = judged.pod.spec.containers.iter().chain(sidecars);
            all.all(|one| one.resources.cpu && one.resources.memory)
        });
    if set {
        return Judgement::pass(view)
            .by("spec.containers[].resources.requests", "set in the pods")
            .noting(format!("set by a LimitRange or an admission; {field} is absent"));
    }
    Judgement::fail(view, "no_requests").by(field, "absent")
}

fn wants(container: &Container) -> String {
    let requests: Vec<String> = container
        .resources
        .requests
        .iter()
        .map(|(name, value)| format!("{name} {value}"))
        .collect();
    format!("{}: {}", container.name, requests.join(", "))
}

/// CD-17
pub fn memory_limit(view: &View<'_>, _: &Around<'_>, _: &Parameters) -> Judgement {
    for (list, container) in view.template.spec.serving() {
        if !container.resources.limits.contains_key("memory") {
            return Judgement::fail(view, "no_memory_limit")
                .by(at(view, list, container, "resources.limits.memory"), "absent");
        }
    }
    let limits: Vec<String> = view
        .template
        .spec
        .serving()
        .filter_map(|(_, one)| {
            Some(format!("{}: {}", one.name, one.resources.limits.get("memory")?))
        })
        .collect();
    Judgement::pass(view).by(
        format!("{}.spec.containers[].resources.limits.memory", view.workload.template_path()),
        limits.join(", "),
    )
}

/// CD-18
pub fn two_replicas(view: &View<'_>, _: &Around<'_>, with: &Parameters) -> Judgement {
    let Some(replicas) = view.workload.replicas() else {
        return Judgement::not_applicable(view, "no_replicas");
    };
    if replicas == 0 {
        return Judgement::not_applicable(view, "scaled_to_zero").by("spec.replicas", 0);
    }
    let name = &view.workload.meta().name;
    if with.list("singletons").is_some_and(|list| list.iter().any(|one| **one == **name)) {
        return Judgement::not_applicable(view, "declared_singleton").by("spec.replicas", replicas);
    }
    let least = with.number("replicas", 2);
    let (field, judgement, fewest) = match told!(view, view.autoscaler()) {
        Some(scaler) => {
            let fewest = scaler.spec.min_replicas.unwrap_or(1);
            let judgement = if fewest >= least {
                Judgement::pass(view)
            } else {
                Judgement::fail(view, "single_replica")
            };
            ("spec.minReplicas", judgement.on(scaler), fewest)
        }
        None if replicas >= least => ("spec.replicas", Judgement::pass(view), replicas),
        None => ("spec.replicas", Judgement::fail(view, "single_replica"), replicas),
    };
    judgement.by(field, fewest)
}

/// CD-21
pub fn budget_present(view: &View<'_>, _: &Around<'_>, _: &Parameters) -> Judgement {
    let Some(fewest) = told!(view, view.fewest_replicas()) else {
        return Judgement::not_applicable(view, "no_replicas");
    };
    if fewest < 2 {
        return Judgement::not_applicable(view, "one_replica").by("spec.replicas", fewest);
    }
    let budgets = told!(view, view.budgets());
    match budgets.first() {
        Some(budget) => Judgement::pass(view).on(*budget).by("spec.selector", &budget.meta.name),
        None => {
            Judgement::fail(view, "no_budget").by("poddisruptionbudgets", "none selects its pods")
        }
    }
}

/// CD-22
pub fn budget_not_blocking(view: &View<'_>, _: &Around<'_>, _: &Parameters) -> Judgement {
    let budgets = told!(view, view.budgets());
    let budget = match budgets.as_slice() {
        [] => return Judgement::not_applicable(view, "no_budget"),
        [one] => *one,
        several => {
            let names: Vec<&str> = several.iter().map(|one| &*one.meta.name).collect();
            return Judgement::fail(view, "several_budgets")
                .on(several[0])
                .by("spec.selector", names.join(", "));
        }
    };
    let fewest = told!(view, view.fewest_replicas()).or(budget.status.expected_pods).unwrap_or(1);
    let (field, setting, blocks) = match (&budget.spec.min_available, &budget.spec.max_unavailable)
    {
        (NumberOrText::Absent, NumberOrText::Absent) => {
            ("spec.minAvailable", "1".into(), fewest <= 1)
        }
        (NumberOrText::Absent, most) => {
            ("spec.maxUnavailable", most.to_string(), most.of(fewest) == Some(0))
        }
        (least, _) => {
            let stay = least.of(fewest).unwrap_or(0);
            ("spec.minAvailable", least.to_string(), stay >= fewest)
        }
    };
    let judgement =
        if blocks { Judgement::fail(view, "blocks_drains") } else { Judgement::pass(view) };
    judgement.on(budget).by(field, format!("{setting} of {fewest}"))
}

/// CD-23
pub fn rolling_update(view: &View<'_>, _: &Around<'_>, _: &Parameters) -> Judgement {
    let (field, strategy) = match view.workload {
        Workload::Deployment(one) => ("spec.strategy.type", one.spec.strategy.name()),
        Workload::StatefulSet(one) => ("spec.updateStrategy.type", one.spec.update_strategy.name()),
        Workload::DaemonSet(one) => ("spec.updateStrategy.type", one.spec.update_strategy.name()),
        Workload::Rollout(_) => return Judgement::pass(view).by("spec.strategy", "of the Rollout"),
        Workload::CronJob(_) => return Judgement::not_applicable(view, "runs_by_schedule"),
    };
    let judgement = if strategy == "RollingUpdate" {
        Judgement::pass(view)
    } else {
        Judgement::fail(view, "does_not_roll")
    };
    judgement.by(field, strategy)
}

/// CD-26
pub fn routes(view: &View<'_>, around: &Around<'_>, _: &Parameters) -> Judgement {
    let snapshot = view.snapshot();
    let namespace = view.namespace();
    let services = told!(view, view.services());
    let all: BTreeMap<&str, &Service> = told!(view, snapshot.read(&snapshot.services, namespace))
        .map(|service| (&*service.meta.name, service))
        .collect();
    // A route that leads nowhere is told to be this workload's by the name it asks for.
    let mine = |name: &str| {
        services.iter().any(|service| *service.meta.name == *name)
            || *view.workload.meta().name == *name
            || around.names.iter().any(|one| one == name)
    };
    let resolves = |name: &str, number: Option<i64>, port: Option<&str>| {
        all.get(name).is_some_and(|service| service.has_port(number, port))
    };
    let mut found = 0;
    for ingress in told!(view, snapshot.read(&snapshot.ingresses, namespace)) {
        let paths = ingress.spec.rules.iter().flat_map(|rule| &rule.http.paths);
        let default = ingress.spec.default_backend.as_deref().into_iter();
        for Backend { service } in default.chain(paths.map(|path| &path.backend)) {
            if !mine(&service.name) {
                continue;
            }
            found += 1;
            if !resolves(&service.name, service.port.number, service.port.name.as_deref()) {
                return Judgement::fail(view, "dangling").on(ingress).by(
                    "spec.rules[].http.paths[].backend.service",
                    format!("{} is missing or lacks the port", service.name),
                );
            }
        }
    }
    match http_routes(view, &mine, &resolves) {
        Ok(Ok(more)) => found += more,
        Ok(Err(judgement)) => return *judgement,
        Err(untold) => return Judgement::untold(view, &untold),
    }
    if found == 0 {
        return Judgement::not_applicable(view, "no_route");
    }
    Judgement::pass(view)
        .by("spec.rules", format!("{found} routes"))
        .noting("certificates lie in Secrets, which are not looked at")
}

/// Whether a Service of that name has a port of that number or name.
type Resolves<'a> = dyn Fn(&str, Option<i64>, Option<&str>) -> bool + 'a;

/// The same for the Gateway API, which may be absent.
fn http_routes(
    view: &View<'_>,
    mine: &dyn Fn(&str) -> bool,
    resolves: &Resolves<'_>,
) -> Told<Result<usize, Box<Judgement>>> {
    let snapshot = view.snapshot();
    let mut found = 0;
    for route in snapshot.read_optional(&snapshot.http_routes, view.namespace())? {
        for backend in route.spec.rules.iter().flat_map(|rule| &rule.backend_refs) {
            let is_service = backend.kind.as_deref().is_none_or(|kind| kind == "Service");
            let elsewhere = backend.namespace.as_deref().filter(|other| *other != view.namespace());
            if !is_service || !mine(&backend.name) {
                continue;
            }
            if let Some(other) = elsewhere {
                let grants = snapshot.read_optional(&snapshot.reference_grants, other)?;
                let granted = grants
                    .iter()
                    .flat_map(|grant| &grant.spec.from)
                    .any(|from| &*from.kind == "HTTPRoute" && &*from.namespace == view.namespace());
                if granted {
                    continue;
                }
                let judgement = Judgement::fail(view, "not_granted")
                    .on(route)
                    .by("spec.rules[].backendRefs[].namespace", other);
                return Ok(Err(Box::new(judgement)));
            }
            found += 1;
            if !resolves(&backend.name, backend.port, None) {
                let judgement = Judgement::fail(view, "dangling").on(route).by(
                    "spec.rules[].backendRefs[]",
                    format!("{} is missing or lacks the port", backend.name),
                );
                return Ok(Err(Box::new(judgement)));
            }
        }
    }
    Ok(Ok(found))
}

/// CD-27
pub fn namespace(view: &View<'_>, _: &Around<'_>, _: &Parameters) -> Judgement {
    let namespace = view.namespace();
    let judgement = if namespace == "default" {
        Judgement::fail(view, "default_namespace")
    } else {
        Judgement::pass(view)
    };
    judgement.by("metadata.namespace", namespace)
}

/// CD-28
pub fn service_account(view: &View<'_>, _: &Around<'_>, _: &Parameters) -> Judgement {
    let field = format!("{}.spec.serviceAccountName", view.workload.template_path());
    let name = view.template.spec.service_account_name.as_deref().unwrap_or("");
    let snapshot = view.snapshot();
    let accounts = snapshot.read(&snapshot.service_accounts, view.namespace());
    let exists = told!(view, accounts).any(|account| *account.meta.name == *name);
    let judgement = match name {
        "" => Judgement::fail(view, "no_service_account"),
        "default" => Judgement::fail(view, "default_service_account"),
        _ if exists => Judgement::pass(view),
        _ => Judgement::fail(view, "service_account_missing"),
    };
    judgement.by(field, if name.is_empty() { "absent" } else { name })
}

/// What a template names, each `ConfigMap` and Secret, with the path of each.
fn named<'a>(view: &View<'a>) -> (BTreeMap<&'a str, String>, BTreeMap<&'a str, String>) {
    let (mut maps, mut secrets) = (BTreeMap::new(), BTreeMap::new());
    let add = |all: &mut BTreeMap<&'a str, String>, one: Option<&'a ObjectName>, field: &str| {
        if let Some(one) = one.filter(|one| !one.optional && !one.named().is_empty()) {
            let path = format!("{}.spec.{field}", view.workload.template_path());
            all.entry(one.named()).or_insert(path);
        }
    };
    for (list, container) in view.template.spec.all() {
        for entry in container.env.iter().filter_map(|entry| entry.value_from.as_deref()) {
            let field = format!("{list}[{}].env[].valueFrom", container.name);
            add(&mut maps, entry.config_map_key_ref.as_deref(), &field);
            add(&mut secrets, entry.secret_key_ref.as_deref(), &field);
        }
        for source in &container.env_from {
            let field = format!("{list}[{}].envFrom[]", container.name);
            add(&mut maps, source.config_map_ref.as_deref(), &field);
            add(&mut secrets, source.secret_ref.as_deref(), &field);
        }
    }
    for volume in &view.template.spec.volumes {
        add(&mut maps, volume.config_map.as_deref(), "volumes[].configMap");
        add(&mut secrets, volume.secret.as_deref(), "volumes[].secret");
        for source in volume.projected.iter().flat_map(|projected| &projected.sources) {
            add(&mut maps, source.config_map.as_deref(), "volumes[].projected.sources[]");
            add(&mut secrets, source.secret.as_deref(), "volumes[].projected.sources[]");
        }
    }
    for pull in view.template.spec.image_pull_secrets.iter().filter(|one| !one.name.is_empty()) {
        let path = format!("{}.spec.imagePullSecrets[]", view.workload.template_path());
        secrets.entry(&*pull.name).or_insert(path);
    }
    (maps, secrets)
}

/// CD-29. Secrets are never listed. That a pod of the newest template started proves that what it
/// needs was there when it did; that one waits for its configuration disproves it.
pub fn references(view: &View<'_>, _: &Around<'_>, _: &Parameters) -> Judgement {
    let (maps, secrets) = named(view);
    if maps.is_empty() && secrets.is_empty() {
        return Judgement::not_applicable(view, "names_nothing");
    }
    let snapshot = view.snapshot();
    let current = told!(view, view.current.clone());
    let waits = current.iter().find(|judged| judged.health.reason == "CreateContainerConfigError");
    if let Some(judged) = waits {
        return Judgement::fail(view, "reference_missing")
            .on(judged.pod)
            .by("status.containerStatuses[].state.waiting.reason", "CreateContainerConfigError");
    }
    if !maps.is_empty() {
        let read = snapshot.read(&snapshot.config_maps, view.namespace());
        let known: BTreeSet<&str> = told!(view, read).map(|map| &*map.meta.name).collect();
        if let Some((name, field)) = maps.iter().find(|(name, _)| !known.contains(**name)) {
            return Judgement::fail(view, "config_map_missing")
                .by(field.clone(), format!("ConfigMap {name}"));
        }
    }
    let started = current.iter().any(|judged| judged.health.reason == "ready");
    if !secrets.is_empty() && !started {
        let what = format!("secrets in {}", view.namespace());
        return Judgement::untold(view, &Untold { reason: "forbidden", what });
    }
    let how = if secrets.is_empty() { "all are there" } else { "a pod of this template started" };
    Judgement::pass(view)
        .by(
            format!("{}.spec", view.workload.template_path()),
            format!("{} ConfigMaps, {} Secrets", maps.len(), secrets.len()),
        )
        .noting(how)
}

/// CD-30
pub fn labels(view: &View<'_>, _: &Around<'_>, with: &Parameters) -> Judgement {
    let usual = [
        "app.kubernetes.io/name".to_owned(),
        "app.kubernetes.io/version".to_owned(),
        "app.kubernetes.io/managed-by".to_owned(),
    ];
    let wanted = with.list("labels").unwrap_or(&usual);
    let (own, template) = (&view.workload.meta().labels, &view.template.metadata.labels);
    let missing: Vec<&str> = wanted
        .iter()
        .map(String::as_str)
        .filter(|label| own.get(label).is_none() && template.get(label).is_none())
        .collect();
    let judgement = if missing.is_empty() {
        Judgement::pass(view).by("metadata.labels", wanted.join(", "))
    } else {
        Judgement::fail(view, "labels_missing").by("metadata.labels", missing.join(", "))
    };
    judgement.noting("")
}

/// Rights of the kernel that are as good as all.
const DANGEROUS: [&str; 8] = [
    "ALL",
    "SYS_ADMIN",
    "NET_ADMIN",
    "SYS_PTRACE",
    "SYS_MODULE",
    "DAC_READ_SEARCH",
    "SYS_RAWIO",
    "BPF",
];

/// CD-38
pub fn hardening(view: &View<'_>, _: &Around<'_>, _: &Parameters) -> Judgement {
    let spec = &view.template.spec;
    let path = view.workload.template_path();
    let mut open = Vec::new();
    for (field, is_open) in [
        ("hostNetwork", spec.host_network),
        ("hostPID", spec.host_pid),
        ("hostIPC", spec.host_ipc),
        ("volumes[].hostPath", spec.volumes.iter().any(|volume| volume.host_path.0)),
    ] {
        if is_open {
            open.push(format!("{path}.spec.{field}"));
        }
    }
    let rootless = |context: &SecurityContext| match (context.run_as_user, context.run_as_non_root)
    {
        (Some(user), _) => Some(user >= 1),
        (None, non_root) => non_root,
    };
    for (list, container) in spec.serving() {
        let own = &container.security_context;
        let mut add = |field: &str| open.push(at(view, list, container, field));
        if !rootless(own).or(rootless(&spec.security_context)).unwrap_or(false) {
            add("securityContext.runAsNonRoot");
        }
        if own.allow_privilege_escalation != Some(false) {
            add("securityContext.allowPrivilegeEscalation");
        }
        if own.privileged == Some(true) {
            add("securityContext.privileged");
        }
        let dangerous = |right: &str| {
            let right = right.to_ascii_uppercase();
            DANGEROUS.contains(&right.strip_prefix("CAP_").unwrap_or(&right))
        };
        if own.capabilities.add.iter().any(|right| dangerous(right)) {
            add("securityContext.capabilities.add");
        }
    }
    match open.first() {
        Some(field) => Judgement::fail(view, "open_points")
            .by(field.clone(), format!("{} open points", open.len()))
            .saw(open.join(", ")),
        None => Judgement::pass(view).by(format!("{path}.spec.securityContext"), "hardened"),
    }
}
