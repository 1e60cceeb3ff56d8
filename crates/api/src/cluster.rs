//! Clusters: a quick look for the command line, which needs no programme, reads by lists alone, and
//! contacts no context but those it is asked for; and what becomes of looks in a programme.

mod delivery;
pub(crate) mod deployments;
pub(crate) mod desk;
pub(crate) mod histories;
pub(crate) mod live;
pub(crate) mod mapped;
pub(crate) mod memory;
mod programme;
mod regressions;
pub(crate) mod screen;
mod source;
pub(crate) mod verify;
mod watching;

use crate::{ApiError, Clock, Code};
use desk::Desk;
use pilotage_cluster::connection::broker::Maker as _;
use pilotage_cluster::connection::consent::{self, Consent};
pub use pilotage_cluster::connection::direct::Direct;
use pilotage_cluster::connection::freshness::ProofOfLife;
use pilotage_cluster::connection::kubeconfig::{Context, Kubeconfigs, Note};
use pilotage_cluster::connection::maker::{ContextMaker, InClusterMaker, Question};
use pilotage_cluster::connection::redact::redact;
use pilotage_cluster::connection::state::Failure;
use pilotage_cluster::health::{Memory, Thresholds, Verdict};
pub use pilotage_cluster::report::{ClusterHealth, Verified, WorkloadHealth};
use pilotage_cluster::report::{health, workload};
use pilotage_cluster::snapshot::Snapshot;
use pilotage_cluster::view::{Index, View, views};
use pilotage_cluster::watch::{Access as _, Session, once};
use pilotage_cluster::writers::classify::{ImageWriter, Rules, image_writers};
pub use programme::{Verification, VerifyLook, quick_verify};
use serde::Serialize;
pub use source::ClusterSource;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
pub use watching::Watched;

/// What is asked.
#[derive(Debug, Clone, Default)]
pub struct ClusterQuestion {
    /// The kubeconfig, in place of those that the environment names.
    pub kubeconfig: Option<PathBuf>,
    /// The context, in place of the current one.
    pub context: Option<String>,
    /// All contexts of the kubeconfigs.
    pub all_contexts: bool,
    /// Namespaces that are tried where the whole cluster may not be read, besides the context's.
    pub namespaces: Vec<String>,
    /// Programs that bring credentials may run.
    pub allow_plugin: bool,
    /// The service account of the pod one runs in, in place of kubeconfigs.
    pub in_cluster: bool,
    /// Clusters within the process, by name of the context, in place of kubeconfigs: the sample's.
    /// None where real ones are meant.
    pub simulated: BTreeMap<String, Direct>,
}

impl ClusterQuestion {
    /// The simulated clusters that are asked for; nothing where real ones are meant. Without a name
    /// it is the first one, as a kubeconfig has a current context.
    fn chosen_simulated(&self) -> Result<Option<BTreeMap<String, Direct>>, ApiError> {
        if self.simulated.is_empty() {
            return Ok(None);
        }
        let wanted = |name: &String| match &self.context {
            Some(asked) => name == asked,
            None => self.simulated.keys().next() == Some(name),
        };
        let mut chosen = self.simulated.clone();
        chosen.retain(|name, _| self.all_contexts || wanted(name));
        if chosen.is_empty() {
            return Err(no_context(self.context.as_deref()));
        }
        Ok(Some(chosen))
    }
}

/// What the cluster of the pod one runs in is called.
pub const IN_CLUSTER: &str = "in-cluster";

/// A context as it is listed; nothing was contacted for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ContextRow {
    /// Its name.
    pub name: String,
    /// The kubeconfig that defines it.
    pub file: String,
    /// Its cluster's name.
    pub cluster: String,
    /// The address of the server.
    pub server: String,
    /// Its user's name.
    pub user: String,
    /// Its own namespace.
    pub namespace: Option<String>,
    /// The kubeconfigs call it the current one.
    pub current: bool,
    /// The program that brings its credentials, which has to be allowed.
    pub plugin: Option<String>,
    /// What should be pointed out about it.
    pub notes: Vec<&'static str>,
}

/// Who last wrote the image of one container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WriterLine {
    /// Context.
    pub context: String,
    /// Namespace.
    pub namespace: String,
    /// Kind of the workload.
    pub kind: &'static str,
    /// Name of the workload.
    pub name: String,
    /// Name of the container.
    pub container: String,
    /// What kind of writer.
    pub class: pilotage_domain::cluster::WriterClass,
    /// The name it gave itself.
    pub manager: String,
    /// How it wrote.
    pub operation: &'static str,
    /// Not later than.
    pub at: Option<chrono::DateTime<chrono::Utc>>,
    /// Why it has its class.
    pub reason: &'static str,
    /// What would settle it, where it is not settled.
    pub help: Option<&'static str>,
}

/// One context, seen once.
#[derive(Debug, Clone)]
pub struct Look {
    /// How it fares.
    pub health: ClusterHealth,
    /// Its workloads.
    pub workloads: Vec<WorkloadHealth>,
    /// Who wrote their images.
    pub writers: Vec<WriterLine>,
}

impl Look {
    /// Whether a workload is unhealthy. What is unknown is not told to be.
    pub fn is_unhealthy(&self) -> bool {
        let bad =
            |row: &WorkloadHealth| matches!(row.verdict, Verdict::Degraded | Verdict::Missing);
        self.workloads.iter().any(bad)
    }

    /// A snapshot as rows, with what the programme says where one is open.
    fn of(seen: &Snapshot, desk: Option<&Desk>) -> Self {
        Self::remembering(seen, desk, &mut Memory::default())
    }

    /// The same, knowing what earlier looks saw.
    fn remembering(seen: &Snapshot, desk: Option<&Desk>, memory: &mut Memory) -> Self {
        let (index, limits) = (Index::of(seen), Thresholds::default());
        let views = views(&index, &limits, memory);
        let (mut workloads, mut writers) = (Vec::new(), Vec::new());
        for view in &views {
            let meta = view.workload.meta();
            let service = desk.and_then(|desk| {
                desk.service_of(&seen.context, &meta.namespace, view.workload.kind(), &meta.name)
            });
            let rules = desk.map_or_else(Rules::default, |desk| desk.rules(service));
            // No controller was read, and one look knows of no other change at the same time.
            let judged = image_writers(&view.written(false, false), &rules);
            writers.extend(judged.containers.iter().map(|one| writer_line(view, one)));
            workloads.push(workload(view, &judged, service.map(|service| service.name.clone())));
        }
        Self { health: health(seen, &views), workloads, writers }
    }
}

fn writer_line(view: &View<'_>, one: &ImageWriter) -> WriterLine {
    let meta = view.workload.meta();
    WriterLine {
        context: view.snapshot().context.clone(),
        namespace: meta.namespace.to_string(),
        kind: view.workload.kind(),
        name: meta.name.to_string(),
        container: one.container.clone(),
        class: one.judged.class,
        manager: one.manager.clone(),
        operation: one.operation,
        at: one.at,
        reason: one.judged.reason.word(),
        help: one.judged.reason.help(),
    }
}

/// The contexts of the kubeconfigs.
///
/// # Errors
/// When none can be read.
pub fn contexts(question: &ClusterQuestion) -> Result<Vec<ContextRow>, ApiError> {
    if !question.simulated.is_empty() {
        let first = question.simulated.keys().next();
        let row = |name: &String| ContextRow {
            current: first == Some(name),
            name: name.clone(),
            file: String::new(),
            cluster: name.clone(),
            server: "simulated".to_owned(),
            user: String::new(),
            namespace: None,
            plugin: None,
            notes: Vec::new(),
        };
        return Ok(question.simulated.keys().map(row).collect());
    }
    let files = files(question)?;
    let current = files.current();
    let rows = files.contexts().into_iter().map(|one| ContextRow {
        current: current.as_ref() == Some(&one.key),
        name: one.key.name,
        file: one.key.file.display().to_string(),
        cluster: one.cluster,
        server: redact(&one.server),
        user: one.user,
        namespace: one.namespace,
        plugin: one.program.map(|program| program.command),
        notes: one.notes.iter().map(|note| note_word(*note)).collect(),
    });
    Ok(rows.collect())
}

fn note_word(note: Note) -> &'static str {
    match note {
        Note::NoCertificateCheck => "no_certificate_check",
        Note::PlainHttp => "plain_http",
        Note::Impersonates => "impersonates",
        Note::AuthProvider => "auth_provider",
        Note::Incomplete => "incomplete",
    }
}

/// Looks at the contexts asked for, one after the other. Each has its own outcome.
///
/// # Errors
/// When no context can be chosen.
pub async fn looks(
    question: &ClusterQuestion,
    clock: Clock,
) -> Result<Vec<Result<Look, ApiError>>, ApiError> {
    let seen = snapshots(question, Depth::Health, clock).await?;
    Ok(seen.into_iter().map(|(_, seen)| seen.map(|seen| Look::of(&seen, None))).collect())
}

/// How much is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Depth {
    /// What health and writers need.
    Health,
    /// What checks need.
    Checks,
}

type Looks = Vec<(String, Result<Snapshot, ApiError>)>;

/// Snapshots of the contexts asked for, each under its name.
async fn snapshots(
    question: &ClusterQuestion,
    depth: Depth,
    clock: Clock,
) -> Result<Looks, ApiError> {
    if question.in_cluster {
        let seen = look_inside(question, depth, clock).await;
        return Ok(vec![(IN_CLUSTER.to_owned(), seen)]);
    }
    if let Some(simulated) = question.chosen_simulated()? {
        let mut looks = Vec::new();
        for (name, direct) in simulated {
            let session = direct.session().await.map_err(|failure| refused(&name, &failure))?;
            let seen = read(&session, &name, &question.namespaces, depth, clock).await;
            looks.push((name, seen));
        }
        return Ok(looks);
    }
    let files = files(question)?;
    let mut looks = Vec::new();
    for context in chosen(question, &files)? {
        let seen = look(question, &files, &context, depth, clock).await;
        looks.push((context.key.name, seen));
    }
    Ok(looks)
}

fn files(question: &ClusterQuestion) -> Result<Kubeconfigs, ApiError> {
    let paths = match &question.kubeconfig {
        Some(file) => vec![file.clone()],
        None => source::usual_paths(),
    };
    let files = Kubeconfigs::load(&paths);
    if files.contexts().is_empty() {
        let problem = files.problems().into_iter().next();
        let why = problem.map_or_else(
            || "it holds no context".to_owned(),
            |problem| format!("{}: {}", problem.file.display(), redact(&problem.why)),
        );
        let message = format!(
            "No kubeconfig can be used: {why}. Nothing was contacted. Name one with --kubeconfig, \
             or in KUBECONFIG."
        );
        return Err(ApiError::new(Code::NotFound, message).with("state", "no_context"));
    }
    Ok(files)
}

fn chosen(question: &ClusterQuestion, files: &Kubeconfigs) -> Result<Vec<Context>, ApiError> {
    let all = files.contexts();
    if question.all_contexts {
        return Ok(all);
    }
    let current = files.current();
    let wanted = |one: &Context| match &question.context {
        Some(name) => one.key.name == *name,
        None => current.as_ref() == Some(&one.key),
    };
    match all.into_iter().find(wanted) {
        Some(context) => Ok(vec![context]),
        None => Err(no_context(question.context.as_deref())),
    }
}

fn no_context(asked: Option<&str>) -> ApiError {
    let what = match asked {
        Some(name) => format!("There is no context {name}."),
        None => "The kubeconfig names no current context.".to_owned(),
    };
    let way_out =
        " Nothing was contacted. See `pilotage cluster contexts`, and name one with --context.";
    ApiError::new(Code::NotFound, what + way_out)
}

async fn look(
    question: &ClusterQuestion,
    files: &Kubeconfigs,
    context: &Context,
    depth: Depth,
    clock: Clock,
) -> Result<Snapshot, ApiError> {
    let name = &context.key.name;
    let session = session(question, files, context).await?;
    let own = context.namespace.clone().unwrap_or_else(|| "default".to_owned());
    let mut namespaces = question.namespaces.clone();
    if !namespaces.contains(&own) {
        namespaces.push(own);
    }
    read(&session, name, &namespaces, depth, clock).await
}

/// A look by the service account of the pod one runs in.
async fn look_inside(
    question: &ClusterQuestion,
    depth: Depth,
    clock: Clock,
) -> Result<Snapshot, ApiError> {
    let made = InClusterMaker::default().make().await;
    let made = made.map_err(|failure| refused(IN_CLUSTER, &failure))?;
    read(&made.session, IN_CLUSTER, &question.namespaces, depth, clock).await
}

async fn read(
    session: &Session,
    name: &str,
    namespaces: &[String],
    depth: Depth,
    clock: Clock,
) -> Result<Snapshot, ApiError> {
    let now = desk::moment(clock.now());
    let seen = match depth {
        Depth::Health => once::look(session, name, namespaces, now).await,
        Depth::Checks => once::whole_look(session, name, namespaces, now).await,
    };
    seen.map_err(|failure| refused(name, &failure))
}

async fn session(
    question: &ClusterQuestion,
    files: &Kubeconfigs,
    context: &Context,
) -> Result<Session, ApiError> {
    let allowed = question.allow_plugin;
    let around = source::surroundings(Arc::new(move |_: &Consent| allowed));
    let name = &context.key.name;
    let made = ContextMaker::new(files, &context.key, around, ProofOfLife::new());
    let mut maker = made.ok_or_else(|| {
        refused(name, &Failure::NeedsPerson("its kubeconfig no longer holds it".to_owned()))
    })?;
    let asked = maker
        .question()
        .map_err(|refusal| refused(name, &Failure::NeedsPerson(redact(&refusal.to_string()))))?;
    if let Some(asked) = asked {
        return Err(consent_wanted(name, &asked));
    }
    let made = maker.make().await.map_err(|failure| refused(name, &failure))?;
    Ok(made.session)
}

/// What would run, whole, but for the values of variables.
fn consent_wanted(context: &str, asked: &Question) -> ApiError {
    let variables: Vec<String> = asked.program.environment.iter().map(variable).collect();
    let arguments = redact(&asked.program.arguments.join(" "));
    let path = asked.path.display();
    let with = if variables.is_empty() { "none".to_owned() } else { variables.join(", ") };
    ApiError::new(
        Code::NotPossible,
        format!(
            "The context {context} gets its credentials from a program: {path}, with the arguments \
             [{arguments}] and the environment variables: {with}. It was not run, and nothing was \
             contacted. If you trust it, say --allow-plugin."
        ),
    )
    .with("state", "plugin_not_allowed")
    .with("context", context)
    .with("program", path)
    .with("arguments", arguments)
    .with("environment", variables.join(" "))
}

fn variable((name, _): &(String, String)) -> String {
    let mark = if consent::is_delicate(name) { " (changes what programs do)" } else { "" };
    format!("{name}{mark}")
}

fn refused(context: &str, failure: &Failure) -> ApiError {
    let (state, message) = match failure {
        Failure::Unauthorized => (
            "expired",
            format!(
                "The cluster of {context} does not accept these credentials. Nothing was changed. \
                 Sign in again as you do for kubectl, then repeat the command."
            ),
        ),
        Failure::Forbidden => (
            "forbidden",
            format!(
                "You may read nothing that health needs in {context}. Nothing was changed. Ask for \
                 the rights to list deployments.apps, pods and the like, or name the namespaces \
                 you may read with --namespace."
            ),
        ),
        Failure::NeedsPerson(why) => {
            ("needs_person", format!("{context} cannot be used: {why}. Nothing was changed."))
        }
        Failure::Guarded(why) => ("internal", format!("A defect of Pilotage: {why}.")),
        other => (
            "unreachable",
            format!(
                "The cluster of {context} gives no usable answer: {}. Nothing was changed. Check \
                 the network, the VPN and the proxy, then repeat the command.",
                redact(&other.to_string())
            ),
        ),
    };
    let code = if state == "internal" { Code::Internal } else { Code::NotPossible };
    ApiError::new(code, message).with("state", state).with("context", context)
}
