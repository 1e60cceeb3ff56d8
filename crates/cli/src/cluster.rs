//! A quick look at clusters. It needs no programme, and says more with one.

use crate::args::{Access, Cluster, Command, Global, Purpose, Reach};
use crate::deployments::deployments_shown;
use crate::mapping::map;
use crate::print::{self, Answer, Column, Form};
use crate::session::{Places, Session};
use crate::writers;
use pilotage_api::cluster::{
    ClusterHealth, ClusterQuestion, ContextRow, Direct, Look, Watched, WorkloadHealth, WriterLine,
    contexts, looks,
};
use pilotage_api::dto::cluster::RecordCutOver;
use pilotage_api::dto::deployments::DeploymentsRequest;
use pilotage_api::{ApiError, Clock, Code, programme};
use pilotage_domain::text::visible;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// `cluster`.
pub async fn cluster(global: &Global, command: &Cluster) -> Result<Answer, ApiError> {
    let form = Form::of(global);
    match command {
        Cluster::Contexts(files) => {
            let kubeconfig = files.kubeconfig.clone();
            let simulated = simulated(form, global.sample && kubeconfig.is_none())?;
            let question = ClusterQuestion { kubeconfig, simulated, ..ClusterQuestion::default() };
            let rows = contexts(&question)?;
            Answer::new(form, &rows, || contexts_shown(&rows))
        }
        Cluster::Map(request) => {
            let purpose = Command::purpose_of(command);
            let session = Session::open(global, purpose).await?;
            let answer = map(&session, request).await;
            session.close().await;
            answer
        }
        Cluster::Deployments(request) => {
            let session = Session::open(global, Purpose::Look).await?;
            let request = DeploymentsRequest {
                service: request.service.clone(),
                weeks: request.weeks,
                everywhere: request.everywhere.then_some(true),
                ..DeploymentsRequest::default()
            };
            let view = session.app.deployments(request).await;
            session.close().await;
            let view = view?;
            Answer::new(form, &view, || deployments_shown(&view))
        }
        Cluster::Rules => writers::rules(global).await,
        Cluster::Rule(rule) => writers::rule(global, rule).await,
        Cluster::Pipeline { service, managers } => {
            writers::pipeline(global, service, managers).await
        }
        Cluster::CutOver { service, note } => {
            let session = Session::open(global, Purpose::Change).await?;
            let request = RecordCutOver { service: service.clone(), note: note.clone() };
            let saved = session.app.record_cut_over(request).await;
            session.close().await;
            let saved = saved?;
            Answer::new(form, &saved, || print::saved(&saved))
        }
        Cluster::Health(reach) | Cluster::Workloads(reach) | Cluster::Writers(reach) => {
            if reach.watch {
                return watch(global, command, reach).await;
            }
            let (seen, errors) = look(global, reach).await?;
            if seen.is_empty() && !errors.is_empty() {
                return Ok(Answer::refused_by(errors));
            }
            let answer = looked(form, command, reach, &seen)?;
            if errors.is_empty() { Ok(answer) } else { Ok(answer.stopped_by(errors)) }
        }
    }
}

/// Tells every change until the command is ended: one document a line, or the tables anew.
async fn watch(global: &Global, command: &Cluster, reach: &Reach) -> Result<Answer, ApiError> {
    let form = Form::of(global);
    let question = question(global, reach)?;
    let mut watched = if global.sample || programme::is_at(&Places::of(global)?.workspace) {
        let session = Session::open(global, Purpose::Look).await?;
        let watched = Watched::start(&question, Some(&session.app), Clock::System).await;
        session.close().await;
        watched?
    } else {
        Watched::start(&question, None, Clock::System).await?
    };
    let mut complained: Vec<String> = Vec::new();
    loop {
        let (mut seen, mut errors) = (Vec::new(), Vec::new());
        for look in watched.next().await {
            match look {
                Ok(look) => seen.push(look),
                Err(error) => errors.push(error),
            }
        }
        // A trouble is told when it begins, not with every look.
        let messages: Vec<String> = errors.iter().map(|error| error.message.clone()).collect();
        for error in errors.iter().filter(|error| !complained.contains(&error.message)) {
            print::notice(form, &error.message);
        }
        complained = messages;
        if seen.is_empty() {
            continue;
        }
        let answer = looked(form, command, reach, &seen)?;
        match print::say(&answer.told()) {
            Ok(()) => {}
            // Nobody reads any more.
            Err(_) => return Ok(Answer::nothing()),
        }
    }
}

/// Looks once, with what the programme knows where there is one.
async fn look(global: &Global, reach: &Reach) -> Result<(Vec<Look>, Vec<ApiError>), ApiError> {
    let question = question(global, reach)?;
    let looks = if global.sample || programme::is_at(&Places::of(global)?.workspace) {
        let session = Session::open(global, Purpose::Look).await?;
        let looks = session.app.cluster_looks(&question).await;
        session.close().await;
        looks?
    } else {
        looks(&question, Clock::System).await?
    };
    let (mut seen, mut errors) = (Vec::new(), Vec::new());
    for look in looks {
        match look {
            Ok(look) => seen.push(look),
            Err(error) => errors.push(error),
        }
    }
    Ok((seen, errors))
}

fn looked(form: Form, command: &Cluster, reach: &Reach, seen: &[Look]) -> Result<Answer, ApiError> {
    let answer = match command {
        Cluster::Health(_) => health_answer(form, reach, seen)?,
        Cluster::Workloads(_) => {
            let rows: Vec<_> = seen.iter().flat_map(|look| &look.workloads).collect();
            Answer::new(form, &rows, || workloads_shown(&rows, seen))?
        }
        _ => {
            let rows: Vec<_> = seen.iter().flat_map(|look| &look.writers).collect();
            return Answer::new(form, &rows, || writers_shown(&rows, seen));
        }
    };
    // Who wrote what is no finding.
    Ok(if seen.iter().any(Look::is_unhealthy) { answer.with_finding() } else { answer })
}

fn question(global: &Global, reach: &Reach) -> Result<ClusterQuestion, ApiError> {
    Ok(ClusterQuestion {
        context: reach.context.clone(),
        all_contexts: reach.all_contexts,
        ..access(Form::of(global), global.sample, &reach.access)?
    })
}

/// How clusters are reached, whichever of them. The sample has its own, unless others are named.
pub fn access(form: Form, sample: bool, access: &Access) -> Result<ClusterQuestion, ApiError> {
    let kubeconfig = access.files.kubeconfig.clone();
    let own = sample && kubeconfig.is_none() && !access.in_cluster;
    Ok(ClusterQuestion {
        kubeconfig,
        context: None,
        all_contexts: false,
        namespaces: access.namespaces.clone(),
        allow_plugin: access.allow_plugin,
        in_cluster: access.in_cluster,
        simulated: simulated(form, own)?,
    })
}

/// The sample's clusters, where they are meant; it is said that they are no real ones.
fn simulated(form: Form, wanted: bool) -> Result<BTreeMap<String, Direct>, ApiError> {
    if !wanted {
        return Ok(BTreeMap::new());
    }
    print::notice(
        form,
        "Simulated: these clusters are the sample's, and nothing real is contacted.",
    );
    pilotage_sample::clusters(Clock::System.now()).map_err(|error| {
        ApiError::new(Code::Internal, "The sample's clusters could not be made.")
            .with("detail", error)
    })
}

/// One object for one context, an array for all.
fn health_answer(form: Form, reach: &Reach, seen: &[Look]) -> Result<Answer, ApiError> {
    let all: Vec<_> = seen.iter().map(|look| &look.health).collect();
    let human = || all.iter().map(|one| health_shown(one)).collect::<Vec<_>>().join("\n");
    match all.first() {
        Some(one) if !reach.all_contexts => Answer::new(form, one, human),
        _ => Answer::new(form, &all, human),
    }
}

fn contexts_shown(rows: &[ContextRow]) -> String {
    let columns = ["", "Context", "Server", "User", "Namespace", "Plugin", "Notes"];
    let rows = rows.iter().map(|row| {
        vec![
            if row.current { "*" } else { "" }.to_owned(),
            row.name.clone(),
            row.server.clone(),
            row.user.clone(),
            row.namespace.clone().unwrap_or_default(),
            row.plugin.clone().unwrap_or_default(),
            row.notes.join(", "),
        ]
    });
    print::table(&columns.map(Column::Text), rows)
}

fn health_shown(health: &ClusterHealth) -> String {
    let mut text = format!("{}, seen at {}\n", visible(&health.context), health.seen_at);
    let counts = serde_json::to_value(health.workloads).unwrap_or_default();
    let counted = counts.as_object().into_iter().flatten();
    let verdicts: Vec<String> = counted
        .filter(|(_, count)| count.as_u64() != Some(0))
        .map(|(verdict, count)| format!("{count} {verdict}"))
        .collect();
    let pods: Vec<String> =
        health.pods.iter().map(|(status, count)| format!("{count} {}", visible(status))).collect();
    let listed = |some: &[String]| {
        if some.is_empty() { "none".to_owned() } else { some.join(", ") }
    };
    let _ = writeln!(text, "Workloads: {}", listed(&verdicts));
    let _ = writeln!(text, "Pods: {}\n", listed(&pods));
    let rows = health.nodes.iter().map(|node| {
        vec![
            node.name.clone(),
            node.status.clone(),
            node.verdict.word().to_owned(),
            node.version.clone(),
        ]
    });
    text += &print::table(&["Node", "Status", "Verdict", "Version"].map(Column::Text), rows);
    text + &missing_shown(health)
}

fn missing_shown(health: &ClusterHealth) -> String {
    let mut text = String::new();
    for one in &health.missing {
        let place = if one.namespace.is_empty() { "the whole cluster" } else { &one.namespace };
        let (resource, place) = (one.resource, visible(place));
        let _ = writeln!(text, "Not read: {resource} in {place} ({})", one.reason);
    }
    if text.is_empty() { text } else { format!("\n{text}") }
}

fn workloads_shown(rows: &[&WorkloadHealth], seen: &[Look]) -> String {
    let columns = [
        Column::Text("Context"),
        Column::Text("Namespace"),
        Column::Text("Kind"),
        Column::Text("Name"),
        Column::Text("Verdict"),
        Column::Text("Reason"),
        Column::Text("Ready"),
        Column::Number("Restarts"),
        Column::Text("Writer"),
        Column::Text("Service"),
    ];
    let lines = rows.iter().map(|row| {
        let pods = row.pods.as_ref();
        vec![
            row.context.clone(),
            row.namespace.clone(),
            row.kind.to_owned(),
            row.name.clone(),
            row.verdict.word().to_owned(),
            row.reason.to_string(),
            pods.map_or_else(|| "?".to_owned(), |pods| format!("{}/{}", pods.ready, pods.wanted)),
            pods.map_or_else(|| "?".to_owned(), |pods| pods.restarts.to_string()),
            format!("{} ({})", row.writer.manager, row.writer.class.word()),
            row.service.clone().unwrap_or_default(),
        ]
    });
    print::table(&columns, lines) + &all_missing(seen)
}

fn writers_shown(rows: &[&WriterLine], seen: &[Look]) -> String {
    let columns =
        ["Context", "Namespace", "Kind", "Name", "Container", "Class", "Manager", "At", "Reason"];
    let lines = rows.iter().map(|row| {
        vec![
            row.context.clone(),
            row.namespace.clone(),
            row.kind.to_owned(),
            row.name.clone(),
            row.container.clone(),
            row.class.word().to_owned(),
            row.manager.clone(),
            row.at.map_or_else(String::new, |at| at.to_rfc3339()),
            row.reason.to_owned(),
        ]
    });
    print::table(&columns.map(Column::Text), lines) + &all_missing(seen)
}

fn all_missing(seen: &[Look]) -> String {
    seen.iter().map(|look| missing_shown(&look.health)).collect()
}
