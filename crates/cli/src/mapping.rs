//! Which services run as which workloads.

use crate::args::Map;
use crate::cluster::access;
use crate::print::{self, Answer, Column};
use crate::session::Session;
use pilotage_api::dto::cluster::{
    MapWorkload, MapWorkloads, MappingView, MappingWord, TargetMapping, WorkloadRef,
};
use pilotage_api::dto::session::Nothing;
use pilotage_api::{ApiError, Code};
use pilotage_domain::ids::normalised_name;
use pilotage_domain::text::visible;
use std::fmt::Write as _;

/// `cluster map`.
pub async fn map(session: &Session, request: &Map) -> Result<Answer, ApiError> {
    if let Some(workload) = &request.to {
        return say(session, request, workload).await;
    }
    let question = access(session.form, session.is_sample(), &request.access)?;
    let (view, errors) = session.app.look_at_mapping(&question).await?;
    let seen = view.targets.iter().any(|target| target.seen);
    if !seen && !errors.is_empty() {
        return Ok(Answer::refused_by(errors));
    }
    let answer = if request.confirm {
        confirm(session, request, &view).await?
    } else {
        session.answer(&view, || shown(&view))?
    };
    if errors.is_empty() { Ok(answer) } else { Ok(answer.stopped_by(errors)) }
}

/// Confirms what is proposed, in one action.
async fn confirm(session: &Session, request: &Map, view: &MappingView) -> Result<Answer, ApiError> {
    let wanted = |name: &str| {
        let key = normalised_name(name);
        request.services.is_empty()
            || request.services.iter().any(|one| normalised_name(one) == key)
    };
    let pairs: Vec<MapWorkload> = view
        .targets
        .iter()
        .flat_map(|target| &target.proposed)
        .filter(|one| wanted(&one.service.name) || request.services.contains(&one.service.id))
        .map(|one| MapWorkload {
            workload: one.workload.clone(),
            service: one.service.id.clone(),
            born: false,
        })
        .collect();
    if pairs.is_empty() {
        return Err(ApiError::new(
            Code::NotPossible,
            "Nothing is proposed for these services. Nothing was changed. See `pilotage cluster \
             map`, and name a workload with --to.",
        ));
    }
    let word = MappingWord::Confirmed;
    let saved = session.app.map_workloads(MapWorkloads { pairs, word }).await?;
    session.answer(&saved, || print::saved(&saved))
}

/// Says one thing of one service and one workload; no cluster is contacted.
async fn say(session: &Session, request: &Map, workload: &str) -> Result<Answer, ApiError> {
    let wrong = |message: String| ApiError::new(Code::ArgumentsInvalid, message);
    let [service] = request.services.as_slice() else {
        return Err(wrong("--to wants exactly one service. Nothing was changed.".to_owned()));
    };
    let parts: Vec<&str> = workload.split('/').collect();
    let [kind, namespace, name] = parts.as_slice() else {
        return Err(wrong(
            "--to wants KIND/NAMESPACE/NAME, such as Deployment/shop/cart. Nothing was changed."
                .to_owned(),
        ));
    };
    let pair = MapWorkload {
        workload: WorkloadRef {
            target: target(session, request.environment.as_deref()).await?,
            namespace: (*namespace).to_owned(),
            kind: (*kind).to_owned(),
            name: (*name).to_owned(),
        },
        service: service.clone(),
        born: false,
    };
    let word = match (request.reject, request.forget) {
        (true, _) => MappingWord::Rejected,
        (_, true) => MappingWord::Open,
        _ => MappingWord::Confirmed,
    };
    let saved = session.app.map_workloads(MapWorkloads { pairs: vec![pair], word }).await?;
    session.answer(&saved, || print::saved(&saved))
}

/// The one target that is meant.
async fn target(session: &Session, environment: Option<&str>) -> Result<String, ApiError> {
    let settings = session.app.settings(Nothing {}).await?;
    let targets: Vec<(&str, &str)> = settings
        .environments
        .iter()
        .filter(|one| environment.is_none_or(|name| one.name.eq_ignore_ascii_case(name.trim())))
        .flat_map(|one| one.targets.iter().map(|target| (one.name.as_str(), target.id.as_str())))
        .collect();
    match targets.as_slice() {
        [(_, target)] => Ok((*target).to_owned()),
        [] => Err(ApiError::new(
            Code::NotFound,
            "No such environment has a target. Nothing was changed. See `pilotage settings`.",
        )),
        several => {
            let names: Vec<&str> = several.iter().map(|(name, _)| *name).collect();
            Err(ApiError::new(
                Code::NameAmbiguous,
                format!(
                    "Several targets may be meant, in {}. Nothing was changed. Name one with \
                     --environment.",
                    names.join(", ")
                ),
            ))
        }
    }
}

fn shown(view: &MappingView) -> String {
    view.targets.iter().map(target_shown).collect::<Vec<_>>().join("\n")
}

fn target_shown(target: &TargetMapping) -> String {
    let (environment, context) = (visible(&target.environment), visible(&target.context));
    let mut text = format!("{environment}, context {context}\n");
    if !target.seen {
        text += "Not looked at as a whole: what is missing here may be there.\n";
    }
    let place = |one: &WorkloadRef| format!("{}/{}/{}", one.kind, one.namespace, one.name);
    let row = |service: &str, workload: &WorkloadRef, word: &str| {
        vec![service.to_owned(), place(workload), word.to_owned()]
    };
    let mut rows = Vec::new();
    rows.extend(
        target.confirmed.iter().map(|one| row(&one.service.name, &one.workload, "confirmed")),
    );
    let gone = "confirmed, and not there";
    rows.extend(target.missing.iter().map(|one| row(&one.service.name, &one.workload, gone)));
    rows.extend(
        target
            .proposed
            .iter()
            .map(|one| row(&one.service.name, &one.workload, &format!("proposed: {}", one.reason))),
    );
    for one in &target.contested {
        let names: Vec<&str> = one.services.iter().map(|service| service.name.as_str()).collect();
        rows.push(row(&names.join(" or "), &one.workload, "several services claim it"));
    }
    rows.extend(target.unmapped.iter().map(|one| row("", &one.workload, "nobody's")));
    text += &print::table(&["Service", "Workload", "Word"].map(Column::Text), rows);
    if !target.unmatched.is_empty() {
        let names: Vec<String> =
            target.unmatched.iter().map(|service| visible(&service.name)).collect();
        let _ = writeln!(text, "Services without a workload here: {}", names.join(", "));
    }
    text
}
