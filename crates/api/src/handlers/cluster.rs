//! Clusters in the window, and which service runs as which workload.

use super::actions::{Bench, name, no_check, note};
use super::inventory::{free_service_id, taken};
use crate::app::App;
use crate::cluster::desk::{Desk, moment};
use crate::cluster::live::{MOST as MOST_CONTEXTS, need_live};
use crate::cluster::mapped::mapped;
use crate::cluster::screen;
use crate::dto::cluster::{
    AgreeToPlugin, ClusterView, ContextRequest, MapWorkload, MapWorkloads, MappingView,
    MappingWord, RecordCutOver, SwitchContext, WorkloadDetail, WorkloadRef, WorkloadRequest,
};
use crate::dto::session::{Nothing, Saved};
use crate::error::{ApiError, Code};
use crate::names::find_node;
use pilotage_domain::change::{Change, Kind, path};
use pilotage_domain::cluster::{Mapping, WorkloadName};
use pilotage_domain::fact::Happening;
use pilotage_domain::words::NodeClass;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Most pairs of one action.
const MOST: usize = 5_000;

pub(crate) async fn map_workloads(app: &App, request: MapWorkloads) -> Result<Saved, ApiError> {
    let bench = Bench::set_up(app).await?;
    if request.pairs.is_empty() {
        return Err(ApiError::argument("selection", "is empty"));
    }
    if request.pairs.len() > MOST {
        return Err(ApiError::argument("selection", format!("holds more than {MOST} workloads")));
    }
    let desk = Desk::load(app).await?;
    let mut changes = Vec::new();
    let mut said = BTreeSet::new();
    for pair in &request.pairs {
        let workload = workload(&desk, &pair.workload)?;
        if !said.insert(workload.clone()) {
            return Err(ApiError::argument("selection", "names one workload twice"));
        }
        let (service, born) = service(app, &bench, pair, request.word)?;
        changes.extend(born);
        let word = match request.word {
            MappingWord::Confirmed => Mapping::Confirmed,
            MappingWord::Rejected => Mapping::Rejected,
            MappingWord::Open => Mapping::Open,
        };
        // A workload is one service's: who had it before has it no more.
        let confirmed = word == Mapping::Confirmed;
        let before = desk.services.iter().filter(|other| {
            confirmed
                && other.id != service
                && other.runs_as(workload.target).any(|one| *one == workload)
        });
        // A word is taken back where it stands: also with services merged into one.
        let held = before.chain(desk.service(service)).flat_map(|one| one.holders(&workload));
        let held = held.filter(|holder| *holder != service);
        changes.extend(held.map(|holder| workload.map(holder, Mapping::Open)));
        changes.push(workload.map(service, word));
    }
    let summary = match request.pairs.as_slice() {
        [one] => {
            let verb = match request.word {
                MappingWord::Confirmed => "runs as",
                MappingWord::Rejected => "does not run as",
                MappingWord::Open => "is no longer said to run as",
            };
            let service = find_node(&bench.nodes, &one.service).map(|node| node.name.clone());
            let service = service.unwrap_or_else(|_| one.service.clone());
            format!("{service} {verb} {} {}", one.workload.kind, one.workload.name)
        }
        several => match request.word {
            MappingWord::Confirmed => format!("{} workloads mapped", several.len()),
            MappingWord::Rejected => format!("{} proposals rejected", several.len()),
            MappingWord::Open => format!("{} mappings taken back", several.len()),
        },
    };
    app.save(bench.actor, changes, summary, None).await
}

fn workload(desk: &Desk, asked: &WorkloadRef) -> Result<WorkloadName, ApiError> {
    let target = Uuid::try_parse(asked.target.trim()).ok().and_then(|id| desk.target(id));
    let target = target.ok_or_else(|| ApiError::not_found("target", &asked.target))?;
    let kinds = ["Deployment", "StatefulSet", "DaemonSet", "CronJob", "Rollout"];
    let kind = kinds.into_iter().find(|kind| kind.eq_ignore_ascii_case(asked.kind.trim()));
    let kind = kind.ok_or_else(|| {
        ApiError::argument("kind", format!("must be one of {}", kinds.join(", ")))
    })?;
    Ok(WorkloadName {
        target: target.id,
        namespace: part("namespace", &asked.namespace)?,
        kind: kind.to_owned(),
        name: part("workload", &asked.name)?,
    })
}

/// A name as Kubernetes allows it: no separator of ours can be in it.
fn part(field: &str, entered: &str) -> Result<String, ApiError> {
    let entered = entered.trim();
    let allowed = |letter: char| {
        letter.is_ascii_lowercase() || letter.is_ascii_digit() || matches!(letter, '-' | '.')
    };
    if entered.is_empty() || entered.len() > 253 || !entered.chars().all(allowed) {
        return Err(ApiError::argument(field, "is no name of Kubernetes"));
    }
    Ok(entered.to_owned())
}

/// The service of a pair, and the changes that make it where it was born on the new platform.
fn service(
    app: &App,
    bench: &Bench,
    pair: &MapWorkload,
    word: MappingWord,
) -> Result<(Uuid, Vec<Change>), ApiError> {
    if !pair.born {
        let node = find_node(&bench.nodes, &pair.service)?;
        if node.class != NodeClass::Service {
            return Err(ApiError::new(
                Code::NotPossible,
                format!(
                    "{} is a {}; only services are mapped. Nothing was changed.",
                    node.name,
                    node.class.word()
                ),
            ));
        }
        return Ok((node.id, Vec::new()));
    }
    if word != MappingWord::Confirmed {
        return Err(ApiError::argument("word", "must be confirmed for a service that is new"));
    }
    let entered = name("name", &pair.service)?;
    taken(bench, None, &entered)?;
    let id = free_service_id(app, bench, &entered);
    let changes = vec![
        Change::Created { entity: id, kind: Kind::Service },
        Change::field(id, path::NAME, entered),
        Change::field(id, path::CLASS, NodeClass::Service.word()),
        Change::field(id, path::CLASS_REASON, "runs in the cluster, and nothing else knew it"),
        Change::field(id, path::MERGED_INTO, serde_json::Value::Null),
    ];
    Ok((id, changes))
}

pub(crate) async fn record_cut_over(app: &App, request: RecordCutOver) -> Result<Saved, ApiError> {
    let bench = Bench::set_up(app).await?;
    let detail = bench.detail(app, &request.service).await?;
    if detail.row.class != NodeClass::Service {
        return Err(no_check(&detail, "a cut-over"));
    }
    let what = Happening::CutOver {
        service: detail.row.id,
        note: note("note", request.note)?.unwrap_or_default(),
    };
    let (id, change) = bench.happened(what);
    let summary = format!("{} was cut over", detail.row.name);
    app.save(bench.actor, vec![change], summary, Some(id)).await
}

/// The Cluster page.
pub(crate) async fn cluster(app: &App, _: Nothing) -> Result<ClusterView, ApiError> {
    let Some(live) = app.live() else { return Ok(screen::unavailable()) };
    let desk = live.desk(app).await?;
    Ok(screen::page(app, &live, &desk))
}

pub(crate) async fn cluster_workload(
    app: &App,
    request: WorkloadRequest,
) -> Result<Option<WorkloadDetail>, ApiError> {
    let Some(live) = app.live() else { return Ok(None) };
    let desk = live.desk(app).await?;
    screen::detail(app, &live, &desk, &request).await
}

pub(crate) async fn cluster_mapping(app: &App, _: Nothing) -> Result<MappingView, ApiError> {
    let Some(live) = app.live() else {
        return Ok(mapped(&Desk::load(app).await?, &BTreeMap::new()));
    };
    let desk = live.desk(app).await?;
    let seen = live.snapshots(moment(app.clock.now()));
    let seen = seen.into_iter().map(|(name, (snapshot, _))| (name, snapshot)).collect();
    Ok(mapped(&desk, &seen))
}

pub(crate) async fn switch_context(app: &App, request: SwitchContext) -> Result<Nothing, ApiError> {
    let live = need_live(app)?;
    let name = request.context.trim().to_owned();
    if !request.on {
        app.notebook.amend(|notes| notes.contexts.retain(|one| *one != name))?;
        return Ok(Nothing {});
    }
    if !live.knows(&name) {
        return Err(ApiError::not_found("context", &name));
    }
    let (known, full) = {
        let notes = app.notes();
        (notes.contexts.contains(&name), notes.contexts.len() >= MOST_CONTEXTS)
    };
    if known {
        return Ok(Nothing {});
    }
    if full {
        return Err(ApiError::new(
            Code::NotPossible,
            format!(
                "{MOST_CONTEXTS} contexts are on already, which is the most. Nothing was changed. \
                 Switch one off first."
            ),
        ));
    }
    app.notebook.amend(|notes| notes.contexts.push(name.clone()))?;
    Ok(Nothing {})
}

pub(crate) async fn agree_to_plugin(
    app: &App,
    request: AgreeToPlugin,
) -> Result<Nothing, ApiError> {
    let live = need_live(app)?;
    // Only what was on screen is agreed to: a stanza that changed meanwhile asks again.
    if live.question(&request.context).as_deref() != Some(request.consent.as_str()) {
        return Err(ApiError::new(
            Code::NotPossible,
            "The kubeconfig changed since the question was asked. Nothing was allowed. Look at it \
             again.",
        ));
    }
    app.notebook.amend(|notes| {
        notes.consents.insert(request.consent.clone());
    })?;
    live.retry(&request.context);
    Ok(Nothing {})
}

pub(crate) async fn retry_context(app: &App, request: ContextRequest) -> Result<Nothing, ApiError> {
    need_live(app)?.retry(&request.context);
    Ok(Nothing {})
}
