//! Clusters watched by a command, until it is ended: `cluster … --watch`.

use super::desk::{Desk, moment};
use super::source::Contexts;
use super::{ClusterQuestion, IN_CLUSTER, Look, chosen, files, refused};
use crate::app::App;
use crate::clock::Clock;
use crate::error::ApiError;
use pilotage_cluster::connection::broker::Broker;
use pilotage_cluster::connection::consent::Consent;
use pilotage_cluster::connection::direct::Direct;
use pilotage_cluster::connection::freshness::ProofOfLife;
use pilotage_cluster::connection::maker::InClusterMaker;
use pilotage_cluster::connection::state::{Failure, State};
use pilotage_cluster::health::Memory;
use pilotage_cluster::live::Watching;
use std::sync::Arc;
use std::time::Duration;

/// Changes within this time are told together.
const TOGETHER: Duration = Duration::from_millis(500);
/// Without any change verdicts are judged anew after this time: time alone changes them.
const ANEW: Duration = Duration::from_secs(30);
/// So long the first lists may take before what is there is told.
const FIRST: Duration = Duration::from_secs(20);

struct One {
    watching: Watching,
    memory: Memory,
}

/// Contexts that are watched by a command.
pub struct Watched {
    all: Vec<One>,
    desk: Option<Desk>,
    clock: Clock,
    told: Option<(Vec<u64>, Vec<State>)>,
    /// Ends with the watches.
    _contexts: Option<Contexts>,
}

impl std::fmt::Debug for Watched {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Watched").field("contexts", &self.all.len()).finish_non_exhaustive()
    }
}

impl Watched {
    /// Begins to watch the contexts that are asked for, and no other. With a programme, rows tell
    /// which service runs as which workload, as of now.
    ///
    /// # Errors
    /// When no context can be chosen.
    pub async fn start(
        question: &ClusterQuestion,
        app: Option<&App>,
        clock: Clock,
    ) -> Result<Self, ApiError> {
        let desk = match app {
            Some(app) => Some(Desk::load(app).await?),
            None => None,
        };
        let started = |watching| One { watching, memory: Memory::default() };
        if question.in_cluster {
            let life = ProofOfLife::new();
            let maker = InClusterMaker::new(life.clone());
            let broker = Broker::start(maker, Arc::new(move || moment(clock.now())));
            let namespaces = question.namespaces.clone();
            let watching = Watching::start(IN_CLUSTER, Arc::new(broker), life, namespaces);
            let all = vec![started(watching)];
            return Ok(Self { all, desk, clock, told: None, _contexts: None });
        }
        if let Some(simulated) = question.chosen_simulated()? {
            let started = |(name, direct): (String, Direct)| {
                let (life, namespaces) = (direct.life(), question.namespaces.clone());
                started(Watching::start(&name, Arc::new(direct), life, namespaces))
            };
            let all = simulated.into_iter().map(started).collect();
            return Ok(Self { all, desk, clock, told: None, _contexts: None });
        }
        let files = files(question)?;
        let wanted = chosen(question, &files)?;
        let allowed = question.allow_plugin;
        let contexts = Contexts::following(files, Arc::new(move |_: &Consent| allowed), clock);
        let mut all = Vec::new();
        for context in wanted {
            let name = &context.key.name;
            let Some(connection) = contexts.connect(name) else { continue };
            let mut namespaces = question.namespaces.clone();
            namespaces.push(contexts.own_namespace(name));
            let (access, life) = (connection.access, connection.life);
            all.push(started(Watching::start(name, access, life, namespaces)));
        }
        Ok(Self { all, desk, clock, told: None, _contexts: Some(contexts) })
    }

    /// Waits until something is to be told, and looks at each context. One that cannot be watched
    /// now says why; what was seen of it before is not shown as if it were fresh.
    pub async fn next(&mut self) -> Vec<Result<Look, ApiError>> {
        let begun = tokio::time::Instant::now();
        loop {
            tokio::time::sleep(TOGETHER).await;
            let now = moment(self.clock.now());
            self.all.iter_mut().for_each(|one| one.watching.tend());
            let present = (
                self.all.iter().map(|one| one.watching.changes()).collect::<Vec<_>>(),
                self.all.iter().map(|one| one.watching.state(now)).collect::<Vec<_>>(),
            );
            let waits = present.1.contains(&State::Connecting) && begun.elapsed() < FIRST;
            let first = self.told.is_none();
            let news = self.told.as_ref() != Some(&present) || begun.elapsed() >= ANEW;
            if news && !(first && waits) {
                self.told = Some(present);
                break;
            }
        }
        let now = moment(self.clock.now());
        let desk = self.desk.as_ref();
        self.all
            .iter_mut()
            .map(|one| {
                let snapshot = one.watching.snapshot(now);
                match failure(&one.watching.state(now)) {
                    Some(failure) => Err(refused(&snapshot.context, &failure)),
                    None => Ok(Look::remembering(&snapshot, desk, &mut one.memory)),
                }
            })
            .collect()
    }
}

/// Why nothing fresh can be told, if that is so.
fn failure(state: &State) -> Option<Failure> {
    Some(match state {
        State::Live | State::Connecting => return None,
        State::Stale { since } => Failure::Unreachable(format!("no sign of life since {since}")),
        State::Forbidden { .. } => Failure::Forbidden,
        State::Expired => Failure::Unauthorized,
        State::Unreachable { why } => Failure::Unreachable(why.clone()),
        State::NeedsPerson { why } => Failure::NeedsPerson(why.clone()),
    })
}
