//! Which service runs as which workload. Proposals come with a reason; a person confirms or rejects
//! them, and what was confirmed is never proposed otherwise.

use crate::snapshot::Snapshot;
use crate::view::Workload;
use pilotage_domain::cluster::{Mapping, WorkloadName};
use pilotage_domain::ids::normalised_name;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// A service as far as mapping needs it.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Other names.
    pub aliases: Vec<String>,
    /// Its image, where one is known.
    pub image: Option<String>,
    /// What people have said about its workloads.
    pub workloads: Vec<(WorkloadName, Mapping)>,
}

/// How a target finds its workloads.
#[derive(Clone, Debug)]
pub struct Rules {
    /// The target.
    pub target: Uuid,
    /// Its namespaces; empty for all.
    pub namespaces: Vec<String>,
    /// Labels that name a service, in order.
    pub labels: Vec<String>,
    /// Annotations that name a service, in order.
    pub annotations: Vec<String>,
    /// Labels that a workload must have to be looked at, with their values.
    pub selector: Vec<(String, String)>,
}

/// Namespaces of the cluster itself, which hold nobody's services.
pub const SYSTEM_NAMESPACES: [&str; 3] = ["kube-system", "kube-public", "kube-node-lease"];

impl Rules {
    /// Usual labels and annotations.
    pub fn usual(target: Uuid, namespaces: Vec<String>) -> Self {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        Self {
            target,
            namespaces,
            labels: words(&[
                "app.kubernetes.io/name",
                "app.kubernetes.io/instance",
                "app",
                "k8s-app",
                "service",
            ]),
            annotations: words(&["backstage.io/kubernetes-id", "app.gitlab.com/app"]),
            selector: Vec::new(),
        }
    }

    fn covers(&self, workload: Workload<'_>) -> bool {
        let meta = workload.meta();
        let namespace = &*meta.namespace;
        let within = if self.namespaces.is_empty() {
            !SYSTEM_NAMESPACES.contains(&namespace)
        } else {
            self.namespaces.iter().any(|one| one == namespace)
        };
        within
            && meta.deleted.is_none()
            && self.selector.iter().all(|(key, value)| meta.labels.get(key) == Some(value))
    }
}

/// Why a service is proposed for a workload, the strongest first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Reason {
    /// An annotation names it.
    Annotation {
        /// The annotation.
        key: String,
        /// What it says.
        value: String,
    },
    /// A label names it.
    Label {
        /// The label.
        key: String,
        /// What it says.
        value: String,
    },
    /// The workload bears its name.
    Name,
    /// The workload bears another name of it.
    Alias {
        /// The name.
        name: String,
    },
    /// A Service of Kubernetes that selects the workload bears its name.
    Selector {
        /// The Service.
        service: String,
    },
    /// It runs the service's image.
    Image {
        /// The image, without its tag.
        image: String,
    },
}

/// A proposal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Proposal {
    /// The workload.
    pub workload: WorkloadName,
    /// The service.
    pub service: Uuid,
    /// Why.
    pub reason: Reason,
}

/// A workload that several services claim by reasons of equal strength: asked, not guessed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Contested {
    /// The workload.
    pub workload: WorkloadName,
    /// The services.
    pub services: Vec<Uuid>,
}

/// A workload that no service of the programme is: proposed as one that was born here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unmapped {
    /// The workload.
    pub workload: WorkloadName,
    /// The name that a new service would get.
    pub name: String,
    /// Its images.
    pub images: Vec<String>,
}

/// How workloads and services of a target stand to each other.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Mapped {
    /// What a person confirmed, and is there.
    pub confirmed: Vec<(WorkloadName, Uuid)>,
    /// What a person confirmed, and is not there.
    pub missing: Vec<(WorkloadName, Uuid)>,
    /// What is proposed.
    pub proposed: Vec<Proposal>,
    /// What several services claim.
    pub contested: Vec<Contested>,
    /// Workloads that nobody is.
    pub unmapped: Vec<Unmapped>,
    /// Services that have nothing here, neither confirmed nor proposed.
    pub unmatched: Vec<Uuid>,
}

/// Matches the workloads of a target with the programme's services.
pub fn map(snapshot: &Snapshot, rules: &Rules, services: &[Candidate]) -> Mapped {
    let mut mapped = Mapped::default();
    let names = Names::of(services);
    let confirmed: BTreeMap<&WorkloadName, Uuid> =
        said(services, rules, Mapping::Confirmed).collect();
    let rejected: BTreeSet<(&WorkloadName, Uuid)> =
        said(services, rules, Mapping::Rejected).collect();
    let mut here = BTreeSet::new();
    for workload in Workload::all(snapshot).filter(|workload| rules.covers(*workload)) {
        let name = workload_name(workload, rules.target);
        here.insert(name.clone());
        if let Some(service) = confirmed.get(&name) {
            mapped.confirmed.push((name, *service));
            continue;
        }
        let mut reasons = names.reasons(workload, rules, snapshot);
        reasons.retain(|(service, _)| !rejected.contains(&(&name, *service)));
        propose(workload, name, reasons, &mut mapped);
    }
    mapped.missing = confirmed
        .iter()
        .filter(|(workload, _)| !here.contains(**workload))
        .map(|(workload, service)| ((*workload).clone(), *service))
        .collect();
    let matched: BTreeSet<Uuid> = mapped
        .confirmed
        .iter()
        .chain(&mapped.missing)
        .map(|(_, service)| *service)
        .chain(mapped.proposed.iter().map(|proposal| proposal.service))
        .chain(mapped.contested.iter().flat_map(|one| one.services.iter().copied()))
        .collect();
    mapped.unmatched =
        services.iter().map(|one| one.id).filter(|id| !matched.contains(id)).collect();
    mapped
}

fn said<'a>(
    services: &'a [Candidate],
    rules: &'a Rules,
    word: Mapping,
) -> impl Iterator<Item = (&'a WorkloadName, Uuid)> {
    services.iter().flat_map(move |service| {
        service
            .workloads
            .iter()
            .filter(move |(name, said)| *said == word && name.target == rules.target)
            .map(|(name, _)| (name, service.id))
    })
}

/// The name of a workload within a target.
pub fn workload_name(workload: Workload<'_>, target: Uuid) -> WorkloadName {
    WorkloadName {
        target,
        namespace: workload.meta().namespace.to_string(),
        kind: workload.kind().to_owned(),
        name: workload.meta().name.to_string(),
    }
}

fn propose(
    workload: Workload<'_>,
    name: WorkloadName,
    mut reasons: Vec<(Uuid, Reason)>,
    mapped: &mut Mapped,
) {
    // The strongest reason decides; two services with reasons of one kind are asked about.
    reasons.sort_by_key(|(_, reason)| strength(reason));
    let strongest = reasons.first().map(|(_, reason)| strength(reason));
    let mut best: Vec<(Uuid, Reason)> =
        reasons.into_iter().filter(|(_, reason)| Some(strength(reason)) == strongest).collect();
    best.sort_by_key(|(service, _)| *service);
    best.dedup_by_key(|(service, _)| *service);
    match best.as_slice() {
        [] => {
            let images =
                workload.template().spec.all().map(|(_, one)| one.image.to_string()).collect();
            let proposed = workload.meta().labels.get("app.kubernetes.io/name");
            let proposed = proposed.unwrap_or(&workload.meta().name).to_owned();
            mapped.unmapped.push(Unmapped { workload: name, name: proposed, images });
        }
        [(service, reason)] => mapped.proposed.push(Proposal {
            workload: name,
            service: *service,
            reason: reason.clone(),
        }),
        several => mapped.contested.push(Contested {
            workload: name,
            services: several.iter().map(|(service, _)| *service).collect(),
        }),
    }
}

fn strength(reason: &Reason) -> u8 {
    match reason {
        Reason::Annotation { .. } => 0,
        Reason::Name => 1,
        Reason::Label { .. } => 2,
        Reason::Alias { .. } => 3,
        Reason::Selector { .. } => 4,
        Reason::Image { .. } => 5,
    }
}

/// Names of services, normalised: `Loan-Payments` and `loan_payments` are one.
struct Names {
    own: BTreeMap<String, Vec<Uuid>>,
    aliases: BTreeMap<String, Vec<Uuid>>,
    images: BTreeMap<String, Vec<Uuid>>,
}

impl Names {
    fn of(services: &[Candidate]) -> Self {
        let mut all =
            Self { own: BTreeMap::new(), aliases: BTreeMap::new(), images: BTreeMap::new() };
        for service in services {
            all.own.entry(normalised_name(&service.name)).or_default().push(service.id);
            for alias in &service.aliases {
                all.aliases.entry(normalised_name(alias)).or_default().push(service.id);
            }
            if let Some(image) = service.image.as_deref().and_then(repository) {
                all.images.entry(image).or_default().push(service.id);
            }
        }
        all
    }

    fn by_name(&self, name: &str) -> impl Iterator<Item = Uuid> {
        let name = normalised_name(name);
        let all = [self.own.get(&name), self.aliases.get(&name)];
        all.into_iter().flatten().flatten().copied().collect::<BTreeSet<_>>().into_iter()
    }

    fn reasons(
        &self,
        workload: Workload<'_>,
        rules: &Rules,
        snapshot: &Snapshot,
    ) -> Vec<(Uuid, Reason)> {
        let meta = workload.meta();
        let mut reasons = Vec::new();
        for key in &rules.annotations {
            if let Some(value) = meta.annotations.get(key) {
                reasons.extend(self.by_name(value).map(|id| {
                    (id, Reason::Annotation { key: key.clone(), value: value.to_owned() })
                }));
            }
        }
        let name = normalised_name(&meta.name);
        reasons.extend(self.own.get(&name).into_iter().flatten().map(|id| (*id, Reason::Name)));
        for key in &rules.labels {
            if let Some(value) = meta.labels.get(key) {
                reasons.extend(
                    self.by_name(value).map(|id| {
                        (id, Reason::Label { key: key.clone(), value: value.to_owned() })
                    }),
                );
            }
        }
        reasons.extend(
            self.aliases
                .get(&name)
                .into_iter()
                .flatten()
                .map(|id| (*id, Reason::Alias { name: meta.name.to_string() })),
        );
        let template = workload.template();
        let selecting = snapshot.services.iter().filter(|service| {
            service.meta.namespace == meta.namespace
                && service.selects()
                && template.metadata.labels.contain(&service.spec.selector)
        });
        for service in selecting {
            let name = &service.meta.name;
            reasons.extend(
                self.by_name(name).map(|id| (id, Reason::Selector { service: name.to_string() })),
            );
        }
        for image in template.spec.containers.iter().filter_map(|one| repository(&one.image)) {
            let ids = self.images.get(&image).into_iter().flatten();
            reasons.extend(ids.map(|id| (*id, Reason::Image { image: image.clone() })));
        }
        reasons
    }
}

/// An image without tag and digest.
fn repository(image: &str) -> Option<String> {
    let image = crate::checks::images::Reference::parse(image)?;
    Some(format!("{}/{}", image.registry, image.path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::World;
    use serde_json::{Value, json};

    const TARGET: Uuid = Uuid::from_u128(9);

    fn service(id: u128, name: &str) -> Candidate {
        Candidate {
            id: Uuid::from_u128(id),
            name: name.to_owned(),
            aliases: Vec::new(),
            image: None,
            workloads: Vec::new(),
        }
    }

    fn workload(name: &str) -> WorkloadName {
        WorkloadName {
            target: TARGET,
            namespace: "shop".into(),
            kind: "Deployment".into(),
            name: name.into(),
        }
    }

    fn deployment(name: &str, labels: Value, annotations: Value, image: &str) -> World {
        let mut world = World::empty();
        world.add("deployments", json!({"metadata": {"name": name, "namespace": "shop", "labels": labels,
            "annotations": annotations}, "spec": {"template": {"metadata": {"labels": {"pod": name}},
            "spec": {"containers": [{"name": "a", "image": image}]}}}}));
        world
    }

    fn mapped(world: &World, services: &[Candidate]) -> Mapped {
        map(&world.snapshot(), &Rules::usual(TARGET, vec!["shop".into()]), services)
    }

    #[test]
    fn each_reason() {
        let check = |world: &World, services: &[Candidate], expect: Option<(u128, Reason)>| {
            let mapped = mapped(world, services);
            let read =
                mapped.proposed.first().map(|one| (one.service.as_u128(), one.reason.clone()));
            assert_eq!(read, expect, "{mapped:?}");
        };
        let plain = |name: &str| deployment(name, json!({}), json!({}), "registry.example/x:1");
        check(&plain("loan-payments"), &[service(1, "Loan_Payments")], Some((1, Reason::Name)));
        check(&plain("web"), &[service(1, "cart")], None);
        let label = |key: &str| Reason::Label { key: key.into(), value: "cart".into() };
        let by_label = deployment("web", json!({"app": "cart"}), json!({}), "x:1");
        check(&by_label, &[service(1, "cart")], Some((1, label("app"))));
        let by_annotation = deployment(
            "web",
            json!({"app": "web"}),
            json!({"backstage.io/kubernetes-id": "cart"}),
            "x:1",
        );
        let annotation =
            Reason::Annotation { key: "backstage.io/kubernetes-id".into(), value: "cart".into() };
        check(&by_annotation, &[service(1, "cart"), service(2, "web")], Some((1, annotation)));
        let mut alias = service(1, "Shopping cart");
        alias.aliases = vec!["web".into()];
        check(&plain("web"), &[alias], Some((1, Reason::Alias { name: "web".into() })));
        let mut selected = plain("web-v2");
        selected.add(
            "services",
            json!({"metadata": {"name": "cart", "namespace": "shop"},
            "spec": {"selector": {"pod": "web-v2"}}}),
        );
        check(
            &selected,
            &[service(1, "cart")],
            Some((1, Reason::Selector { service: "cart".into() })),
        );
        let mut image = service(1, "cart");
        image.image = Some("registry.example/x:0.9".into());
        check(
            &plain("web"),
            &[image],
            Some((1, Reason::Image { image: "registry.example/x".into() })),
        );
    }

    #[test]
    fn the_stronger_reason_wins_and_equal_ones_are_asked_about() {
        let world = deployment("web", json!({"app": "cart"}), json!({}), "x:1");
        let both = mapped(&world, &[service(1, "cart"), service(2, "web")]);
        assert_eq!(both.proposed[0].service, Uuid::from_u128(2), "its own name before a label");
        let labels = json!({"app": "cart", "service": "orders"});
        let world = deployment("web", labels, json!({}), "x:1");
        let asked = mapped(&world, &[service(1, "cart"), service(2, "orders")]);
        assert_eq!(asked.proposed, []);
        assert_eq!(asked.contested[0].services, [Uuid::from_u128(1), Uuid::from_u128(2)]);
        assert!(asked.unmatched.is_empty(), "both are spoken of");
    }

    #[test]
    fn what_a_person_said_stands() {
        let world = deployment("cart", json!({}), json!({}), "x:1");
        let said = |word: Mapping, name: &str| {
            let mut cart = service(1, "cart");
            cart.workloads = vec![(workload(name), word)];
            mapped(&world, &[cart])
        };
        let confirmed = said(Mapping::Confirmed, "cart");
        assert_eq!(confirmed.confirmed, [(workload("cart"), Uuid::from_u128(1))]);
        assert_eq!(confirmed.proposed, []);
        let rejected = said(Mapping::Rejected, "cart");
        assert_eq!((rejected.proposed.len(), rejected.unmapped.len()), (0, 1));
        assert_eq!(rejected.unmatched, [Uuid::from_u128(1)]);
        let gone = said(Mapping::Confirmed, "old-cart");
        assert_eq!(gone.missing, [(workload("old-cart"), Uuid::from_u128(1))]);
        // Said of another target.
        let mut elsewhere = service(1, "other");
        elsewhere.workloads =
            vec![(WorkloadName { target: Uuid::nil(), ..workload("cart") }, Mapping::Confirmed)];
        assert_eq!(mapped(&world, &[elsewhere]).confirmed, []);
    }

    #[test]
    fn what_nobody_is_was_born_here() {
        let labels = json!({"app.kubernetes.io/name": "ledger"});
        let mut world = deployment("ledger-web", labels, json!({}), "registry.example/ledger:1");
        world.add("deployments", json!({"metadata": {"name": "dns", "namespace": "kube-system"}}));
        let snapshot = world.snapshot();
        let all = map(&snapshot, &Rules::usual(TARGET, Vec::new()), &[service(1, "cart")]);
        assert_eq!(all.unmapped.len(), 1, "nothing of the cluster itself: {all:?}");
        assert_eq!(all.unmapped[0].name, "ledger");
        assert_eq!(all.unmapped[0].images, ["registry.example/ledger:1"]);
        assert_eq!(all.unmatched, [Uuid::from_u128(1)]);
        let mut narrow = Rules::usual(TARGET, vec!["shop".into()]);
        narrow.selector = vec![("team".into(), "a".into())];
        assert_eq!(map(&snapshot, &narrow, &[]).unmapped, []);
    }
}
