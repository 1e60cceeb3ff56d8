//! Which service runs as which workload: what is proposed, what people said, and the changes that say
//! so.

use super::desk::{Desk, Target};
use crate::dto::cluster::{
    ContestedView, MappedView, MappingView, ProposalView, TargetMapping, UnmappedView, WorkloadRef,
};
use crate::dto::session::NodeRef;
use pilotage_cluster::mapping::{Candidate, Reason, Rules, map};
use pilotage_cluster::shape::workload::Deployment;
use pilotage_cluster::snapshot::{Snapshot, State};
use pilotage_domain::cluster::WorkloadName;
use std::collections::BTreeMap;
use uuid::Uuid;

/// How services and workloads stand to each other in every target that was looked at.
pub(crate) fn mapped(desk: &Desk, seen: &BTreeMap<String, Snapshot>) -> MappingView {
    let candidates: Vec<Candidate> = desk
        .services
        .iter()
        .filter(|service| service.in_scope)
        .map(super::desk::Service::candidate)
        .collect();
    let of = |target: &Target| one(desk, target, seen.get(&target.context), &candidates);
    MappingView { targets: desk.targets.iter().map(of).collect() }
}

fn one(
    desk: &Desk,
    target: &Target,
    snapshot: Option<&Snapshot>,
    candidates: &[Candidate],
) -> TargetMapping {
    let service = |id: Uuid| {
        let name = desk.service(id).map_or("a service", |service| &service.name);
        NodeRef { id: id.to_string(), name: name.to_owned() }
    };
    let mut view = TargetMapping {
        target: target.id.to_string(),
        environment: target.environment.clone(),
        context: target.context.clone(),
        namespaces: target.namespaces.clone(),
        seen: false,
        confirmed: Vec::new(),
        missing: Vec::new(),
        proposed: Vec::new(),
        contested: Vec::new(),
        unmapped: Vec::new(),
        unmatched: Vec::new(),
    };
    let Some(snapshot) = snapshot else {
        // Nobody looked: what people said is all there is to show.
        view.confirmed = desk
            .services
            .iter()
            .flat_map(|one| one.runs_as(target.id).map(|name| (name, one.id)))
            .map(|(name, id)| MappedView { workload: reference(name), service: service(id) })
            .collect();
        return view;
    };
    let whole = |namespace: &str| snapshot.state::<Deployment>(namespace) == State::Complete;
    view.seen = if target.namespaces.is_empty() {
        whole("")
    } else {
        target.namespaces.iter().all(|namespace| whole(namespace))
    };
    let rules = Rules::usual(target.id, target.namespaces.clone());
    let mapped = map(snapshot, &rules, candidates);
    let pair = |(name, id): &(WorkloadName, Uuid)| MappedView {
        workload: reference(name),
        service: service(*id),
    };
    view.confirmed = mapped.confirmed.iter().map(pair).collect();
    view.missing = mapped.missing.iter().map(pair).collect();
    view.proposed = mapped
        .proposed
        .iter()
        .map(|one| ProposalView {
            workload: reference(&one.workload),
            service: service(one.service),
            reason: sentence(&one.reason),
        })
        .collect();
    view.contested = mapped
        .contested
        .iter()
        .map(|one| ContestedView {
            workload: reference(&one.workload),
            services: one.services.iter().map(|id| service(*id)).collect(),
        })
        .collect();
    view.unmapped = mapped
        .unmapped
        .into_iter()
        .map(|one| UnmappedView {
            workload: reference(&one.workload),
            name: one.name,
            images: one.images,
        })
        .collect();
    view.unmatched = mapped.unmatched.iter().map(|id| service(*id)).collect();
    view
}

/// A workload as it crosses the border.
pub(crate) fn reference(name: &WorkloadName) -> WorkloadRef {
    WorkloadRef {
        target: name.target.to_string(),
        namespace: name.namespace.clone(),
        kind: name.kind.clone(),
        name: name.name.clone(),
    }
}

fn sentence(reason: &Reason) -> String {
    match reason {
        Reason::Annotation { key, value } => format!("its annotation {key} says {value}"),
        Reason::Label { key, value } => format!("its label {key} says {value}"),
        Reason::Name => "it bears the service's name".to_owned(),
        Reason::Alias { name } => format!("{name} is another name of the service"),
        Reason::Selector { service } => format!("the Service {service} selects it"),
        Reason::Image { image } => format!("it runs {image}"),
    }
}
