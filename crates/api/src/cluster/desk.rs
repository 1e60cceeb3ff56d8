//! What the programme says about clusters: its targets, which service runs as which workload, who
//! counts as a pipeline, what was found and rolled out so far. Read once; nothing of it is a look at
//! a cluster.

use super::histories::{Deliveries, recorded_deliveries, recorded_rollouts};
use crate::app::App;
use crate::error::ApiError;
use crate::programme::Programme;
use chrono::{DateTime, NaiveDate};
use pilotage_cluster::checks::{Asked, asked};
use pilotage_cluster::mapping::{Candidate, SYSTEM_NAMESPACES, workload_name};
use pilotage_cluster::shape::Moment;
use pilotage_cluster::snapshot::Snapshot;
use pilotage_cluster::view::Workload;
use pilotage_cluster::writers::classify::Rules;
use pilotage_domain::Millis;
use pilotage_domain::change::{Entity, Kind, path};
use pilotage_domain::cluster::{self, Mapping, Rollout, WorkloadName, WriterRule};
use pilotage_domain::fact::{Happening, Look, Recorded, Scope, Seen, Source};
use pilotage_domain::ids::DeviceId;
use pilotage_domain::playbook::{Playbook, Rule};
use pilotage_domain::words::NodeClass;
use pilotage_store::NodeDetail;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use uuid::Uuid;

/// A context and its namespaces, as one environment of the programme.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) id: Uuid,
    /// Name of its environment.
    pub(crate) environment: String,
    /// Name of the kubeconfig context.
    pub(crate) context: String,
    /// None means all.
    pub(crate) namespaces: Vec<String>,
    /// When anybody last completed a look at it.
    pub(crate) looked_at: Option<Millis>,
    /// When this device recorded its own last look.
    pub(crate) own_look: Option<Millis>,
    /// The last day, UTC, of which it is recorded that somebody looked.
    pub(crate) looked_on: Option<NaiveDate>,
}

impl Target {
    /// As people know it.
    pub(crate) fn label(&self) -> String {
        if self.id.is_nil() {
            // Of no programme.
            return self.context.clone();
        }
        format!("{} ({})", self.environment, self.context)
    }
}

/// What a verifier last found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found {
    pub(crate) result: Seen,
    pub(crate) at: Millis,
    pub(crate) version: u32,
}

/// A look at a service's health around its cut-over.
#[derive(Debug, Clone)]
pub(crate) struct Taken {
    at: Millis,
    /// Word of the verdict.
    pub(crate) verdict: String,
    pub(crate) observed: String,
}

/// A person's word on a workload.
#[derive(Debug, Clone)]
pub(crate) struct Said {
    /// The service whose register holds the word: the service itself, or one merged into it.
    pub(crate) of: Uuid,
    pub(crate) workload: WorkloadName,
    pub(crate) word: Mapping,
}

/// A service as far as clusters matter to it.
#[derive(Debug, Clone)]
pub(crate) struct Service {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) aliases: Vec<String>,
    pub(crate) image: Option<String>,
    pub(crate) archetype: Option<String>,
    pub(crate) workloads: Vec<Said>,
    pub(crate) pipeline_managers: BTreeSet<String>,
    pub(crate) in_scope: bool,
    /// It has reached the stage that counts as done.
    pub(crate) live: bool,
    /// By check.
    pub(crate) found: BTreeMap<String, Found>,
    /// Checks that are waived now: what is seen of them is kept, and alarms nobody.
    pub(crate) waived: BTreeSet<String>,
    /// Its cut-over: the moment that a person recorded, else its first entry into Live.
    pub(crate) cut_over: Option<Millis>,
    /// Looks around it that were taken.
    pub(crate) looks: BTreeMap<Look, Taken>,
}

impl Service {
    /// Its confirmed workloads in a target, each once: several of its members may name one.
    pub(crate) fn runs_as(&self, target: Uuid) -> impl Iterator<Item = &WorkloadName> {
        let here = self.workloads.iter().filter(|one| one.workload.target == target);
        let confirmed = here.filter(|one| one.word == Mapping::Confirmed);
        confirmed.map(|one| &one.workload).collect::<BTreeSet<_>>().into_iter()
    }

    /// Who of its members holds a word on a workload.
    pub(crate) fn holders(&self, workload: &WorkloadName) -> impl Iterator<Item = Uuid> {
        self.workloads.iter().filter(move |one| one.workload == *workload).map(|one| one.of)
    }

    /// A workload that stands for itself.
    fn of_workload(name: WorkloadName) -> Self {
        let key = format!("{}/{}/{}", name.namespace, name.kind, name.name);
        let id = Uuid::new_v5(&Uuid::NAMESPACE_OID, key.as_bytes());
        Self {
            id,
            name: format!("{}/{}", name.namespace, name.name),
            aliases: vec![name.name.clone()],
            image: None,
            archetype: None,
            workloads: vec![Said { of: id, workload: name, word: Mapping::Confirmed }],
            pipeline_managers: BTreeSet::new(),
            in_scope: true,
            live: false,
            found: BTreeMap::new(),
            waived: BTreeSet::new(),
            cut_over: None,
            looks: BTreeMap::new(),
        }
    }

    /// As mapping sees it.
    pub(crate) fn candidate(&self) -> Candidate {
        Candidate {
            id: self.id,
            name: self.name.clone(),
            aliases: self.aliases.clone(),
            image: self.image.clone(),
            workloads: self.workloads.iter().map(|one| (one.workload.clone(), one.word)).collect(),
        }
    }
}

/// A check that a cluster can prove.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    pub(crate) rule: Rule,
    pub(crate) asked: Asked,
}

impl Question {
    /// Whether it is for services of this kind.
    pub(crate) fn is_for(&self, service: &Service) -> bool {
        let archetypes = &self.rule.archetypes;
        archetypes.is_empty()
            || service.archetype.as_ref().is_some_and(|own| archetypes.contains(own))
    }
}

/// What the programme says.
#[derive(Debug, Clone)]
pub(crate) struct Desk {
    pub(crate) workspace: Uuid,
    pub(crate) device: DeviceId,
    pub(crate) targets: Vec<Target>,
    /// By name.
    pub(crate) services: Vec<Service>,
    pub(crate) writer_rules: Arc<[(String, WriterRule)]>,
    pub(crate) questions: Vec<Question>,
    /// Recorded rollouts by uid of the workload, oldest first.
    pub(crate) rollouts: BTreeMap<String, Vec<(Moment, Rollout)>>,
    /// Recorded deliveries by uid of the workload.
    pub(crate) deliveries: Deliveries,
    /// When its first rollout was recorded: since then the workload is watched.
    pub(crate) watched: BTreeMap<String, Moment>,
    places: Places,
}

/// Where each service lies among the services: thousands of workloads are shown several times a
/// second.
#[derive(Debug, Clone, Default)]
struct Places {
    by_id: HashMap<Uuid, usize>,
    /// By context, namespace, kind and name of a confirmed workload.
    by_workload: HashMap<[String; 4], usize>,
}

impl Places {
    fn of(targets: &[Target], services: &[Service]) -> Self {
        let contexts: HashMap<Uuid, &str> =
            targets.iter().map(|target| (target.id, &*target.context)).collect();
        let mut places = Self::default();
        for (at, service) in services.iter().enumerate() {
            places.by_id.insert(service.id, at);
            for one in service.workloads.iter().filter(|one| one.word == Mapping::Confirmed) {
                let Some(context) = contexts.get(&one.workload.target) else { continue };
                let WorkloadName { namespace, kind, name, .. } = one.workload.clone();
                // Where several claim a workload, the first of them by name is told.
                places
                    .by_workload
                    .entry([(*context).to_owned(), namespace, kind, name])
                    .or_insert(at);
            }
        }
        places
    }
}

impl Desk {
    /// Every workload of a context as a service of its own, judged by the playbook that comes with
    /// the product: for a look without a programme.
    pub(crate) fn of_context(seen: &Snapshot, playbook: &Playbook) -> Self {
        let target = Target {
            id: Uuid::nil(),
            environment: "production".to_owned(),
            context: seen.context.clone(),
            namespaces: Vec::new(),
            looked_at: None,
            own_look: None,
            looked_on: None,
        };
        let rules = playbook.rules(chrono_tz::Tz::UTC);
        let question = |rule: &Rule| {
            let check = playbook.checks.iter().find(|check| check.id == rule.id)?;
            Some(Question { rule: rule.clone(), asked: asked(check)? })
        };
        let own =
            |workload: &Workload<'_>| !SYSTEM_NAMESPACES.contains(&&*workload.meta().namespace);
        let mut services: Vec<Service> = Workload::all(seen)
            .filter(own)
            .map(|workload| Service::of_workload(workload_name(workload, target.id)))
            .collect();
        services.sort_by(|one, other| one.name.cmp(&other.name));
        let targets = vec![target];
        Self {
            workspace: Uuid::nil(),
            device: DeviceId([0; 16]),
            places: Places::of(&targets, &services),
            targets,
            services,
            writer_rules: Arc::default(),
            questions: rules.checks.iter().filter_map(question).collect(),
            rollouts: BTreeMap::new(),
            deliveries: Deliveries::new(),
            watched: BTreeMap::new(),
        }
    }

    pub(crate) async fn load(app: &App) -> Result<Self, ApiError> {
        let programme = Programme::load(app).await?;
        let retracted = retracted(app).await?;
        let (rollouts, watched) = recorded_rollouts(app, &retracted).await?;
        let deliveries = recorded_deliveries(app, &retracted).await?;
        let targets = targets(app).await?;
        let services = services(app, &programme, &retracted).await?;
        Ok(Self {
            workspace: app.store.workspace(),
            device: app.device(),
            places: Places::of(&targets, &services),
            targets,
            services,
            writer_rules: cluster::writer_rules(&programme.entity).into(),
            questions: questions(&programme),
            rollouts,
            deliveries,
            watched,
        })
    }

    /// The contexts of its targets, each once, in order of their names.
    pub(crate) fn contexts(&self) -> BTreeSet<String> {
        self.targets.iter().map(|target| target.context.clone()).collect()
    }

    pub(crate) fn service(&self, id: Uuid) -> Option<&Service> {
        self.services.get(*self.places.by_id.get(&id)?)
    }

    pub(crate) fn target(&self, id: Uuid) -> Option<&Target> {
        self.targets.iter().find(|target| target.id == id)
    }

    /// Namespaces that the targets of a context name: they are tried where the whole cluster may
    /// not be read.
    pub(crate) fn namespaces(&self, context: &str) -> Vec<String> {
        let own = self.targets.iter().filter(|target| target.context == context);
        let named: BTreeSet<&String> = own.flat_map(|target| &target.namespaces).collect();
        named.into_iter().cloned().collect()
    }

    /// The service that runs as a workload.
    pub(crate) fn service_of(
        &self,
        context: &str,
        namespace: &str,
        kind: &str,
        name: &str,
    ) -> Option<&Service> {
        let key = [context, namespace, kind, name].map(str::to_owned);
        self.services.get(*self.places.by_workload.get(&key)?)
    }

    /// Who counts as a pipeline of a service, and what the programme says of writers.
    pub(crate) fn rules(&self, service: Option<&Service>) -> Rules {
        Rules {
            programme: Arc::clone(&self.writer_rules),
            pipeline_managers: service
                .map(|service| service.pipeline_managers.clone())
                .unwrap_or_default(),
        }
    }
}

/// A moment as clusters write it.
pub(crate) fn moment(at: Millis) -> Moment {
    DateTime::from_timestamp_millis(at).unwrap_or_default()
}

async fn targets(app: &App) -> Result<Vec<Target>, ApiError> {
    let environments: BTreeMap<String, String> = app
        .store
        .entities(Kind::Environment)
        .await?
        .into_iter()
        .filter(Entity::lives)
        .map(|environment| (environment.id.to_string(), environment.name().to_owned()))
        .collect();
    let device = app.device();
    let mut targets: Vec<Target> = app
        .store
        .entities(Kind::Target)
        .await?
        .into_iter()
        .filter(Entity::lives)
        .filter_map(|entity| {
            let environment = environments.get(entity.text(path::ENVIRONMENT)?)?.clone();
            let own = path::element(path::LOOKED, &device.to_hex());
            Some(Target {
                id: entity.id,
                environment,
                context: entity.text(path::CONTEXT)?.to_owned(),
                namespaces: entity
                    .registers
                    .get(path::NAMESPACES)
                    .and_then(|value| serde_json::from_value(value.clone()).ok())
                    .unwrap_or_default(),
                looked_at: cluster::last_look(&entity).map(|(_, at)| at),
                own_look: entity.registers.get(&own).and_then(serde_json::Value::as_i64),
                looked_on: cluster::looked_days(&entity).last().copied(),
            })
        })
        .collect();
    // Production last: the order in which a change travels.
    targets.sort_by_key(|target| {
        let production = target.environment.eq_ignore_ascii_case("production");
        (production, target.environment.to_lowercase(), target.context.clone(), target.id)
    });
    Ok(targets)
}

async fn retracted(app: &App) -> Result<BTreeSet<Uuid>, ApiError> {
    let all = app.store.facts_of_kind("retraction").await?;
    let facts: Vec<&Recorded> = all.iter().collect();
    Ok(pilotage_domain::journey::retracted(&facts).into_iter().collect())
}

/// The checks of the ladder that a cluster can prove; drafts are not among them.
fn questions(programme: &Programme) -> Vec<Question> {
    let of = |rule: &Rule| {
        let asked = asked(programme.check(&rule.id)?)?;
        Some(Question { rule: rule.clone(), asked })
    };
    programme.ladder.checks.iter().filter_map(|(_, rule)| of(rule)).collect()
}

/// Looks around cut-overs, by service.
async fn looks(
    app: &App,
    retracted: &BTreeSet<Uuid>,
) -> Result<BTreeMap<Uuid, Vec<(Look, Taken)>>, ApiError> {
    let mut looks: BTreeMap<Uuid, Vec<(Look, Taken)>> = BTreeMap::new();
    for recorded in app.store.facts_of_kind("health_seen").await?.iter() {
        let at = recorded.fact.occurred_at;
        if let Happening::HealthSeen { service, look, verdict, observed } = &recorded.fact.what
            && !retracted.contains(&recorded.id)
        {
            let verdict = verdict.clone().unwrap_or_default();
            let taken = Taken { at, verdict, observed: observed.clone() };
            looks.entry(*service).or_default().push((*look, taken));
        }
    }
    Ok(looks)
}

async fn services(
    app: &App,
    programme: &Programme,
    retracted: &BTreeSet<Uuid>,
) -> Result<Vec<Service>, ApiError> {
    let nodes = app.store.known_nodes().await?;
    let ids: Vec<Uuid> =
        nodes.iter().filter(|node| node.class == NodeClass::Service).map(|node| node.id).collect();
    let details = app.store.nodes_with_facts(&ids, app.clock.now()).await?;
    let done = programme.ladder.stages.iter().position(|stage| stage == programme.done_stage());
    let done = done.map_or(usize::MAX, |place| place + 1);
    let mut moved = BTreeMap::new();
    for recorded in app.store.facts_of_kind("cut_over").await?.iter() {
        if let Happening::CutOver { service, .. } = &recorded.fact.what
            && !retracted.contains(&recorded.id)
        {
            moved.insert(*service, recorded.fact.occurred_at);
        }
    }
    let looks = looks(app, retracted).await?;
    let entities = app.store.entities(Kind::Service).await?;
    let merges = app.store.merges().await?;
    let mut members: BTreeMap<Uuid, Vec<&Entity>> = BTreeMap::new();
    for entity in &entities {
        // What is said of a merged service is said of the one it counts as.
        let counts_as = merges.get(&entity.id).copied().unwrap_or(entity.id);
        members.entry(counts_as).or_default().push(entity);
    }
    let mut services: Vec<Service> = nodes
        .into_iter()
        .filter_map(|node| {
            let detail = details.get(&node.id)?;
            let own = members.remove(&node.id).unwrap_or_default();
            let first_live = detail.journey.first_reached.get(programme.done_stage()).copied();
            let ids: BTreeSet<Uuid> = own.iter().map(|entity| entity.id).chain([node.id]).collect();
            let cut_over = ids.iter().filter_map(|id| moved.get(id)).copied().max();
            let cut_over = cut_over.or(first_live);
            // What was seen around an earlier cut-over says nothing about this one.
            let of_this = |taken: &Taken| cut_over.is_some_and(|moved| taken.at >= moved);
            let own_looks = ids.iter().filter_map(|id| looks.get(id)).flatten();
            let mut own_looks: Vec<(Look, Taken)> =
                own_looks.filter(|(_, taken)| of_this(taken)).cloned().collect();
            own_looks.sort_by_key(|(_, taken)| taken.at);
            Some(Service {
                id: node.id,
                name: node.name,
                aliases: node.aliases,
                image: detail.entity.text(path::IMAGE).map(str::to_owned),
                archetype: detail.entity.text(path::ARCHETYPE).map(str::to_owned),
                workloads: own.iter().flat_map(|entity| said(entity)).collect(),
                pipeline_managers: own
                    .iter()
                    .flat_map(|entity| cluster::pipeline_managers(entity))
                    .collect(),
                in_scope: detail.journey.scope == Scope::In,
                live: detail.journey.number >= done,
                found: found(detail),
                waived: waived(detail),
                cut_over,
                looks: own_looks.into_iter().collect(),
            })
        })
        .collect();
    services.sort_by_key(|service| (service.name.to_lowercase(), service.id));
    Ok(services)
}

fn said(entity: &Entity) -> impl Iterator<Item = Said> {
    let of = entity.id;
    cluster::workloads(entity).into_iter().map(move |(workload, word)| Said { of, workload, word })
}

fn waived(detail: &NodeDetail) -> BTreeSet<String> {
    let checks = detail.journey.checks.iter();
    checks.filter(|one| one.waiver.is_some()).map(|one| one.check.clone()).collect()
}

/// What verifiers last found on each check.
fn found(detail: &NodeDetail) -> BTreeMap<String, Found> {
    let of = |id: Uuid| detail.facts.iter().find(|recorded| recorded.id == id);
    let mut found = BTreeMap::new();
    for standing in &detail.journey.checks {
        let Some(recorded) = standing.finding.and_then(of) else { continue };
        if let Happening::Finding { check, check_version, result, source, .. } = &recorded.fact.what
            && *source != Source::Person
        {
            let at = recorded.fact.occurred_at;
            let one = Found { result: *result, at, version: *check_version };
            found.insert(check.clone(), one);
        }
    }
    found
}
