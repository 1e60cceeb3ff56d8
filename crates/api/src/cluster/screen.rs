//! What the Cluster page shows: rows of all that is watched, and an opened workload.

mod rollouts;

use super::desk::{Desk, Service, moment};
use super::live::{Live, MOST};
use super::note_word;
use crate::app::App;
use crate::clock::rfc3339;
use crate::dto::cluster::{
    ClusterView, ConsentView, ContextView, CountView, LookView, NamespaceView, NodeView, PodView,
    PodsView, SuspectedView, UnreadView, VariableView, WarningView, WorkloadDetail,
    WorkloadRequest, WorkloadView, WriterView,
};
use crate::dto::session::NodeRef;
use crate::error::ApiError;
use pilotage_cluster::connection::consent::{self, Question as Manner};
use pilotage_cluster::connection::redact::redact;
use pilotage_cluster::connection::state::State;
use pilotage_cluster::cut_over::{Due, Fared, looks, worse};
use pilotage_cluster::health::pod::judge as judge_pod;
use pilotage_cluster::health::{Memory, Thresholds, Verdict};
use pilotage_cluster::report::{
    self, ClusterHealth, NodeRow, Verified, WorkloadHealth, health, workload,
};
use pilotage_cluster::shape::Moment;
use pilotage_cluster::snapshot::Snapshot;
use pilotage_cluster::view::{Index, View, views};
use pilotage_cluster::watch::once;
use pilotage_cluster::writers::classify::{ImageWriters, image_writers};
use pilotage_domain::Millis;
use pilotage_domain::fact::Look;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

fn at(moment: Option<Moment>) -> Option<String> {
    moment.map(|moment| rfc3339(moment.timestamp_millis()))
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn signed(number: i64) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// Why a moment ago matters: workloads, nodes and namespaces of one context.
struct Rows {
    health: ClusterHealth,
    workloads: Vec<WorkloadView>,
}

fn rows(snapshot: &Snapshot, desk: &Desk, memory: &mut Memory) -> Rows {
    let (index, limits) = (Index::of(snapshot), Thresholds::default());
    let views = views(&index, &limits, memory);
    let workloads = views.iter().map(|view| row(view, desk).0).collect();
    Rows { health: health(snapshot, &views), workloads }
}

/// The rows of a context's workloads by the rules of a desk, for who wrote them.
pub(crate) fn writers(snapshot: &Snapshot, desk: &Desk) -> Vec<WorkloadView> {
    rows(snapshot, desk, &mut Memory::default()).workloads
}

/// The row of a workload, with who wrote it and the service that runs as it.
fn row<'d>(view: &View<'_>, desk: &'d Desk) -> (WorkloadView, ImageWriters, Option<&'d Service>) {
    let meta = view.workload.meta();
    let context = &view.snapshot().context;
    let service = desk.service_of(context, &meta.namespace, view.workload.kind(), &meta.name);
    let writers = image_writers(&view.written(false, false), &desk.rules(service));
    let line = workload(view, &writers, None);
    (workload_view(line, service, pending(view)), writers, service)
}

/// The scheduler's words on the first pod that has no place.
fn pending(view: &View<'_>) -> Option<String> {
    let pods = view.pods.as_ref().ok()?;
    pods.iter().find_map(|pod| {
        let judged = judge_pod(pod, view.now(), view.limits);
        let waits = &*pod.status.phase == "Pending" && pod.spec.node_name.is_empty();
        let line = report::pod(&judged);
        (waits && !line.message.is_empty()).then_some(line.message)
    })
}

fn workload_view(
    line: WorkloadHealth,
    service: Option<&Service>,
    pending: Option<String>,
) -> WorkloadView {
    let impact = serde_json::to_value(line.impact).unwrap_or_default();
    WorkloadView {
        context: line.context,
        namespace: line.namespace,
        kind: line.kind.to_owned(),
        name: line.name,
        verdict: line.verdict.word().to_owned(),
        reason: line.reason.into_owned(),
        deciding_field: line.deciding_field,
        since: at(line.since),
        impact: impact.as_str().unwrap_or_default().to_owned(),
        note: line.note,
        service: service
            .map(|service| NodeRef { id: service.id.to_string(), name: service.name.clone() }),
        writer: WriterView {
            class: line.writer.class.word().to_owned(),
            manager: line.writer.manager,
            at: at(line.writer.at),
            reason: line.writer.reason.to_owned(),
            help: line.writer.help.map(str::to_owned),
        },
        pods: line.pods.map(|pods| PodsView {
            wanted: signed(pods.wanted),
            ready: signed(pods.ready),
            restarts: pods.restarts,
            by_status: counts(pods.by_status),
        }),
        pending,
    }
}

fn counts(all: impl IntoIterator<Item = (String, usize)>) -> Vec<CountView> {
    all.into_iter().map(|(word, number)| CountView { word, count: count(number) }).collect()
}

/// Verdicts from good to bad, those that nothing has left out.
fn by_verdict<'w>(workloads: impl Iterator<Item = &'w WorkloadView>) -> Vec<CountView> {
    let mut all: BTreeMap<&str, usize> = BTreeMap::new();
    for one in workloads {
        *all.entry(&one.verdict).or_default() += 1;
    }
    let words = Verdict::ALL.into_iter().map(Verdict::word);
    counts(words.filter_map(|word| Some((word.to_owned(), *all.get(word)?))))
}

fn node(context: &str, row: NodeRow) -> NodeView {
    NodeView {
        context: context.to_owned(),
        name: row.name,
        status: row.status,
        verdict: row.verdict.word().to_owned(),
        reason: row.reason.into_owned(),
        since: at(row.since),
        version: row.version,
        taints: row.taints,
    }
}

/// The page where nothing is watched.
pub(crate) fn unavailable() -> ClusterView {
    ClusterView {
        available: false,
        simulated: false,
        contexts: Vec::new(),
        most: count(MOST),
        problems: Vec::new(),
        nodes: Vec::new(),
        namespaces: Vec::new(),
        workloads: Vec::new(),
        suspected: Vec::new(),
        held_back: Vec::new(),
    }
}

/// The page.
pub(crate) fn page(app: &App, live: &Live, desk: &Desk) -> ClusterView {
    let mut view =
        ClusterView { available: true, simulated: live.contexts.is_simulated(), ..unavailable() };
    let mut contexts = listed(app, live, desk);
    for (name, (snapshot, state)) in live.snapshots(moment(app.clock.now())) {
        let rows = live.with_shown(&name, |memory| rows(&snapshot, desk, memory));
        if let Some(context) = contexts.iter_mut().find(|context| context.name == name) {
            (context.state, context.since, context.why) = state_words(&state);
            state.way_out().clone_into(&mut context.way_out);
            context.complete = rows.health.complete;
            context.workloads = by_verdict(rows.workloads.iter());
            context.pods = counts(rows.health.pods);
            context.missing = rows
                .health
                .missing
                .into_iter()
                .map(|one| UnreadView {
                    resource: one.resource.to_owned(),
                    namespace: one.namespace,
                    reason: one.reason.to_owned(),
                })
                .collect();
        }
        view.nodes.extend(rows.health.nodes.into_iter().map(|row| node(&name, row)));
        let mut namespaces: BTreeMap<&str, Vec<&WorkloadView>> = BTreeMap::new();
        for one in &rows.workloads {
            namespaces.entry(&one.namespace).or_default().push(one);
        }
        view.namespaces.extend(namespaces.into_iter().map(|(namespace, workloads)| {
            NamespaceView {
                context: name.clone(),
                name: namespace.to_owned(),
                workloads: by_verdict(workloads.into_iter()),
            }
        }));
        view.workloads.extend(rows.workloads);
    }
    view.contexts = contexts;
    if let Some(files) = live.contexts.files() {
        view.problems = files
            .problems()
            .into_iter()
            .map(|problem| {
                let earlier =
                    if problem.shows_earlier { " What was last read of it is used." } else { "" };
                format!("{}: {}.{earlier}", problem.file.display(), redact(&problem.why))
            })
            .collect();
    }
    let (rows, held_back) = live.judged();
    let waived: BTreeSet<(&str, &str)> = desk
        .services
        .iter()
        .flat_map(|service| service.waived.iter().map(|check| (&*service.name, &**check)))
        .collect();
    let alarms = rows.iter().filter(|row| !waived.contains(&(&*row.service, &*row.check)));
    view.suspected = alarms.filter_map(suspected).collect();
    view.held_back = held_back;
    view
}

fn suspected(row: &Verified) -> Option<SuspectedView> {
    Some(SuspectedView {
        suspected: row.suspected?.word().to_owned(),
        service: row.service.clone(),
        target: row.target.clone(),
        check: row.check.clone(),
        result: row.result.word().to_owned(),
        observed: row.observed.clone(),
        writer: row.evidence.writer.as_ref().map(|writer| writer.manager.clone()),
    })
}

/// Every context, as its files say.
fn listed(app: &App, live: &Live, desk: &Desk) -> Vec<ContextView> {
    let environments = |name: &str| -> Vec<String> {
        let own = desk.targets.iter().filter(|target| target.context == name);
        own.map(|target| target.environment.clone()).collect()
    };
    let blank = |name: &str| ContextView {
        name: name.to_owned(),
        server: String::new(),
        user: String::new(),
        file: String::new(),
        notes: Vec::new(),
        environments: environments(name),
        on: false,
        state: "off".to_owned(),
        since: None,
        why: String::new(),
        way_out: String::new(),
        missing: Vec::new(),
        complete: false,
        consent: None,
        workloads: Vec::new(),
        pods: Vec::new(),
    };
    let Some(files) = live.contexts.files() else {
        let names = live.contexts.names();
        return names.iter().map(|name| ContextView { on: true, ..blank(name) }).collect();
    };
    let on = app.notes().contexts.clone();
    let mut contexts: Vec<ContextView> = Vec::new();
    for one in files.contexts() {
        let name = &one.key.name;
        if contexts.iter().any(|context| context.name == *name) {
            // Of two contexts of one name the first is used, as kubectl does.
            continue;
        }
        let mut context = ContextView {
            server: redact(&one.server),
            user: one.user.clone(),
            file: one.key.file.display().to_string(),
            notes: one.notes.iter().map(|note| note_word(*note).to_owned()).collect(),
            on: on.contains(name),
            ..blank(name)
        };
        if one.program.is_some() {
            match live.contexts.question(name) {
                Ok(question) => context.consent = question.map(|question| asked(&question)),
                Err(refusal) => context.why = refusal,
            }
        }
        contexts.push(context);
    }
    // What was switched on and is in no file any more says so, and can be switched off.
    for name in on {
        if !contexts.iter().any(|context| context.name == name) {
            contexts.push(ContextView {
                on: true,
                state: "needs_person".to_owned(),
                why: "no kubeconfig holds this context any more".to_owned(),
                way_out: "Bring the kubeconfig back, or switch the context off.".to_owned(),
                ..blank(&name)
            });
        }
    }
    contexts
}

fn asked(question: &pilotage_cluster::connection::maker::Question) -> ConsentView {
    ConsentView {
        consent: question.consent.text(),
        path: question.path.display().to_string(),
        arguments: question.program.arguments.iter().map(|one| redact(one)).collect(),
        variables: question
            .program
            .environment
            .iter()
            .map(|(name, _)| VariableView {
                name: name.clone(),
                delicate: consent::is_delicate(name),
            })
            .collect(),
        api_version: question.program.api_version.clone(),
        known: question.manner == Manner::Known,
    }
}

/// Word, since when, and one line more.
fn state_words(state: &State) -> (String, Option<String>, String) {
    let (word, since, why) = match state {
        State::Connecting => ("connecting", None, String::new()),
        State::Live => ("live", None, String::new()),
        State::Stale { since } => ("stale", Some(*since), String::new()),
        State::Forbidden { resource } => {
            ("forbidden", None, format!("You may not read {resource}."))
        }
        State::Expired => ("expired", None, String::new()),
        State::Unreachable { why } => ("unreachable", None, why.clone()),
        State::NeedsPerson { why } => ("needs_person", None, why.clone()),
    };
    (word.to_owned(), at(since), why)
}

/// An opened workload.
pub(crate) async fn detail(
    app: &App,
    live: &Live,
    desk: &Desk,
    request: &WorkloadRequest,
) -> Result<Option<WorkloadDetail>, ApiError> {
    let now = moment(app.clock.now());
    let Some((snapshot, _)) = live.snapshots(now).remove(&request.context) else {
        return Ok(None);
    };
    let Some((mut detail, uids, service)) =
        live.with_shown(&request.context, |memory| opened(&snapshot, desk, request, memory))
    else {
        return Ok(None);
    };
    if let Some(session) = live.session(&request.context).await
        && let Ok(events) = once::warnings(&session, &request.namespace).await
    {
        let own = events.iter().filter(|event| uids.contains(&*event.about.uid));
        detail.warnings = Some(report::warnings(own).into_iter().map(warning).collect());
    }
    if let Some(service) = service.and_then(|id| desk.service(id)) {
        (detail.cut_over, detail.worse) = around_cut_over(service, app.clock.now());
    }
    Ok(Some(detail))
}

fn warning(one: report::Warning) -> WarningView {
    WarningView {
        at: at(one.at),
        reason: one.reason,
        message: one.message,
        about: one.about,
        count: u32::try_from(one.count).unwrap_or(0),
    }
}

type Opened = (WorkloadDetail, BTreeSet<String>, Option<Uuid>);

/// What the snapshot and the programme know of a workload, and the uids of all that belongs to it.
fn opened(
    snapshot: &Snapshot,
    desk: &Desk,
    request: &WorkloadRequest,
    memory: &mut Memory,
) -> Option<Opened> {
    let (index, limits) = (Index::of(snapshot), Thresholds::default());
    let all = views(&index, &limits, memory);
    let view = all.iter().find(|view| {
        let meta = view.workload.meta();
        view.workload.kind() == request.kind
            && *meta.namespace == *request.namespace
            && *meta.name == *request.name
    })?;
    let (line, writers, service) = row(view, desk);
    let uid = view.workload.meta().uid.to_string();
    let pods = view.pods.as_ref().ok();
    let mut uids = BTreeSet::from([uid.clone()]);
    uids.extend(pods.into_iter().flatten().map(|pod| pod.meta.uid.to_string()));
    let sets = view.sets.as_deref().unwrap_or_default();
    uids.extend(sets.iter().map(|set| set.meta.uid.to_string()));
    let pods = pods.map(|pods| {
        pods.iter()
            .map(|pod| pod_view(report::pod(&judge_pod(pod, snapshot.now, &limits))))
            .collect()
    });
    let detail = WorkloadDetail {
        workload: line,
        pods,
        rollouts: rollouts::rollouts(view, &writers, desk, &uid),
        watched_since: at(desk.watched.get(&uid).copied()),
        warnings: None,
        cut_over: Vec::new(),
        worse: false,
    };
    Some((detail, uids, service.map(|service| service.id)))
}

fn pod_view(row: report::PodRow) -> PodView {
    PodView {
        name: row.name,
        node: row.node,
        status: row.line.status,
        ready: count(row.line.ready),
        containers: count(row.line.containers),
        restarts: row.line.restarts,
        verdict: row.verdict.word().to_owned(),
        reason: row.reason.into_owned(),
        message: row.message,
        created: at(row.created),
    }
}

/// The looks around a service's cut-over, and whether it fares worse than before.
fn around_cut_over(service: &Service, now: Millis) -> (Vec<LookView>, bool) {
    let Some(cut_over) = service.cut_over else { return (Vec::new(), false) };
    let taken = &service.looks;
    let done = taken.keys().copied().collect();
    let views = looks(cut_over, &done, now)
        .into_iter()
        .map(|(look, due)| {
            let seen = taken.get(&look);
            LookView {
                look: look.word().to_owned(),
                due: match due {
                    Due::Later => "later",
                    Due::Now => "now",
                    Due::Done => "done",
                    Due::NotObserved => "not_observed",
                }
                .to_owned(),
                verdict: seen.map(|taken| taken.verdict.clone()),
                observed: seen.map(|taken| taken.observed.clone()).unwrap_or_default(),
            }
        })
        .collect();
    let fared = |look: Look| {
        let word = &taken.get(&look)?.verdict;
        let verdict = Verdict::ALL.into_iter().find(|verdict| verdict.word() == word)?;
        // Restarts are counted in the sentence only.
        Some(Fared { verdict, restarts: 0 })
    };
    let before = fared(Look::Before);
    let after = [Look::Hour, Look::Day, Look::Week].into_iter().filter_map(fared);
    let worse = before.is_some_and(|before| after.into_iter().any(|one| worse(before, one)));
    (views, worse)
}
