//! The contexts that a person switched on, watched for as long as the window is open. What is seen is
//! shown at once and goes the way of every verification; no other context is ever contacted.

use super::desk::{Desk, moment};
use super::memory::Memory;
use super::regressions::regressions;
use super::source::{ClusterSource, Contexts};
use super::verify::verify;
use crate::app::App;
use crate::commands::Tag;
use crate::error::{ApiError, Code};
use pilotage_cluster::connection::broker::Broker;
use pilotage_cluster::connection::state::State;
use pilotage_cluster::health;
use pilotage_cluster::live::Watching;
use pilotage_cluster::report::Verified;
use pilotage_cluster::shape::Moment;
use pilotage_cluster::snapshot::Snapshot;
use pilotage_cluster::watch::{Session, once};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// At most so many contexts are watched at once.
pub(crate) const MOST: usize = 4;
/// What changed within this time is told as one.
const TICK: Duration = Duration::from_millis(250);
/// Checks are judged at most so often.
const JUDGED: Duration = Duration::from_secs(2);
/// And at least so often, since time alone changes verdicts.
const JUDGED_AGAIN: Duration = Duration::from_secs(30);
/// How long one question of an opened workload may wait for a session.
const PATIENCE: Duration = Duration::from_secs(15);

struct Running {
    watching: Watching,
    broker: Option<Arc<Broker>>,
    /// Identity of the cluster, once it is known.
    cluster: String,
}

/// What judging has seen so far, and what it last said.
#[derive(Default)]
struct Judging {
    memory: Memory,
    desk: Option<Arc<Desk>>,
    /// How often the programme learned something: what was read before that is not kept.
    learned: u64,
    rows: Vec<Verified>,
    held_back: Vec<String>,
    due: Option<Moment>,
}

/// The watched contexts of one window.
pub(crate) struct Live {
    pub(super) contexts: Contexts,
    running: Mutex<BTreeMap<String, Running>>,
    judging: Mutex<Judging>,
    /// What the page was shown, so that it tells since when.
    shown: Mutex<BTreeMap<String, health::Memory>>,
}

impl std::fmt::Debug for Live {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Live").finish_non_exhaustive()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is behind these locks is only looked at or replaced.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl App {
    /// Begins to watch the contexts that are switched on, for as long as this value lives.
    pub fn watch_clusters(self: &Arc<Self>, source: ClusterSource) {
        let contexts = Contexts::of(source, Arc::clone(&self.notebook), self.clock);
        let live = Arc::new(Live {
            contexts,
            running: Mutex::default(),
            judging: Mutex::default(),
            shown: Mutex::default(),
        });
        let task = tokio::spawn(keep(Arc::downgrade(self), Arc::clone(&live)));
        self.start_living(live, task);
    }
}

/// Works until the window ends.
async fn keep(app: Weak<App>, live: Arc<Live>) {
    let Some(mut news) = app.upgrade().map(|app| app.changes()) else { return };
    live.contexts.learn_path().await;
    let mut judged: Option<Instant> = None;
    let mut told = Told::default();
    let mut unjudged = true;
    // Judging a large cluster takes longer than a tick, and what changed is told meanwhile.
    let mut work = JoinSet::new();
    loop {
        let Some(app) = app.upgrade() else { return };
        // Anything the programme learned may be about services, targets or writers.
        let mut learned = false;
        loop {
            use tokio::sync::broadcast::error::TryRecvError;
            match news.try_recv() {
                Ok(news) => learned |= news.tags.iter().any(|tag| *tag != Tag::Cluster),
                Err(TryRecvError::Lagged(_)) => learned = true,
                Err(_) => break,
            }
        }
        if learned {
            let mut judging = lock(&live.judging);
            judging.desk = None;
            judging.learned += 1;
            unjudged = true;
        }
        live.tend(&app).await;
        let now = moment(app.clock.now());
        let present = live.told(now);
        if present != told {
            unjudged |= present.changes != told.changes;
            told = present;
            app.publish(&[Tag::Cluster]);
        }
        let age = judged.map(|at| at.elapsed());
        let due = lock(&live.judging).due.is_some_and(|due| due <= now);
        let wanted =
            age.is_none_or(|age| age >= JUDGED_AGAIN || (age >= JUDGED && (unjudged || due)));
        while work.try_join_next().is_some() {}
        if wanted && work.is_empty() && !lock(&live.running).is_empty() {
            judged = Some(Instant::now());
            unjudged = false;
            let (live, app) = (Arc::clone(&live), Arc::clone(&app));
            work.spawn(async move {
                if let Err(error) = live.judge(&app).await {
                    tracing::warn!(%error, "what was seen of clusters was not recorded");
                }
            });
        }
        drop(app);
        tokio::time::sleep(TICK).await;
    }
}

/// What the page has been told of.
#[derive(Default, PartialEq)]
struct Told {
    changes: BTreeMap<String, u64>,
    states: BTreeMap<String, State>,
}

impl Live {
    /// Starts and ends watches as the person wants, and lets those that run do what is needful.
    async fn tend(&self, app: &App) {
        let known = self.contexts.names();
        let wanted: Vec<String> = if self.contexts.is_simulated() {
            known.clone()
        } else {
            let on = app.notes().contexts.clone();
            on.into_iter().filter(|name| known.contains(name)).take(MOST).collect()
        };
        let missing: Vec<String> = {
            let mut running = lock(&self.running);
            running.retain(|name, _| wanted.contains(name));
            running.values_mut().for_each(|one| one.watching.tend());
            wanted.into_iter().filter(|name| !running.contains_key(name)).collect()
        };
        if !missing.is_empty() {
            let desk = self.desk(app).await.ok();
            for name in missing {
                let mut namespaces =
                    desk.as_ref().map(|desk| desk.namespaces(&name)).unwrap_or_default();
                let own = self.contexts.own_namespace(&name);
                if !namespaces.contains(&own) {
                    namespaces.push(own);
                }
                let Some(connection) = self.contexts.connect(&name) else { continue };
                let watching =
                    Watching::start(&name, connection.access, connection.life, namespaces);
                let one = Running { watching, broker: connection.broker, cluster: String::new() };
                lock(&self.running).insert(name, one);
            }
        }
        if self.contexts.files_changed() {
            // Watches go on; the next session is made from the new files.
            self.retry_all();
        }
    }

    fn told(&self, now: Moment) -> Told {
        let running = lock(&self.running);
        Told {
            changes: running
                .iter()
                .map(|(name, one)| (name.clone(), one.watching.changes()))
                .collect(),
            states: running
                .iter()
                .map(|(name, one)| (name.clone(), one.watching.state(now)))
                .collect(),
        }
    }

    fn retry_all(&self) {
        for one in lock(&self.running).values() {
            if let Some(broker) = &one.broker {
                broker.retry();
            }
        }
    }

    /// A person signed in, agreed or corrected something.
    pub(crate) fn retry(&self, context: &str) {
        if let Some(broker) = lock(&self.running).get(context).and_then(|one| one.broker.clone()) {
            broker.retry();
        }
    }

    /// Whether a context of that name can be switched on.
    pub(crate) fn knows(&self, context: &str) -> bool {
        self.contexts.names().iter().any(|name| name == context)
    }

    /// The key of what a person has to agree to before a context can be used.
    pub(crate) fn question(&self, context: &str) -> Option<String> {
        Some(self.contexts.question(context).ok()??.consent.text())
    }

    /// What the programme says, read anew where it learned something.
    pub(crate) async fn desk(&self, app: &App) -> Result<Arc<Desk>, ApiError> {
        let (known, learned) = {
            let judging = lock(&self.judging);
            (judging.desk.clone(), judging.learned)
        };
        if let Some(desk) = known {
            return Ok(desk);
        }
        let desk = Arc::new(Desk::load(app).await?);
        let mut judging = lock(&self.judging);
        if judging.learned == learned {
            judging.desk = Some(Arc::clone(&desk));
        }
        Ok(desk)
    }

    /// Snapshots of all that runs, and how each context fares.
    pub(crate) fn snapshots(&self, now: Moment) -> BTreeMap<String, (Snapshot, State)> {
        let running = lock(&self.running);
        running
            .iter()
            .map(|(name, one)| {
                let mut snapshot = one.watching.snapshot(now);
                snapshot.cluster.clone_from(&one.cluster);
                (name.clone(), (snapshot, one.watching.state(now)))
            })
            .collect()
    }

    /// What the page was last shown of a context's health, to be used and given back.
    pub(crate) fn with_shown<T>(
        &self,
        context: &str,
        look: impl FnOnce(&mut health::Memory) -> T,
    ) -> T {
        look(lock(&self.shown).entry(context.to_owned()).or_default())
    }

    /// What judging last said: rows, and checks that were held back.
    pub(crate) fn judged(&self) -> (Vec<Verified>, Vec<String>) {
        let judging = lock(&self.judging);
        (judging.rows.clone(), judging.held_back.clone())
    }

    /// A session for one question.
    pub(crate) async fn session(&self, context: &str) -> Option<Session> {
        let access = lock(&self.running).get(context).map(|one| one.watching.access())?;
        tokio::time::timeout(PATIENCE, access.session()).await.ok()?.ok()
    }

    /// Judges what is seen, and records what has held.
    async fn judge(&self, app: &App) -> Result<(), ApiError> {
        self.learn_identities().await;
        let desk = self.desk(app).await?;
        let contexts = desk.contexts();
        let now = moment(app.clock.now());
        let seen: BTreeMap<String, Snapshot> = self
            .snapshots(now)
            .into_iter()
            .filter(|(name, _)| contexts.contains(name))
            .map(|(name, (snapshot, _))| (name, snapshot))
            .collect();
        let outcome = {
            // One judgement at a time, and nobody waits for the lock as long as that takes.
            let mut memory = std::mem::take(&mut lock(&self.judging).memory);
            let outcome = verify(&desk, &BTreeSet::new(), &seen, &mut memory, now);
            let mut judging = lock(&self.judging);
            judging.memory = memory;
            judging.rows.clone_from(&outcome.rows);
            judging.held_back.clone_from(&outcome.held_back);
            judging.due = outcome.due;
            outcome
        };
        let wrote = !outcome.changes.is_empty();
        let outcome = app.record(outcome).await?;
        if !app.notes().quiet {
            for notice in regressions(app, &outcome.failed, app.clock.now()).await? {
                app.host.tell(&notice);
            }
        }
        let tags: &[Tag] = if wrote { &[Tag::Services, Tag::Cluster] } else { &[Tag::Cluster] };
        if wrote || lock(&self.judging).rows.iter().any(|row| row.suspected.is_some()) {
            app.publish(tags);
        }
        Ok(())
    }

    async fn learn_identities(&self) {
        let unknown: Vec<String> = {
            let running = lock(&self.running);
            let unknown = running.iter().filter(|(_, one)| one.cluster.is_empty());
            unknown
                .filter(|(_, one)| one.watching.changes() > 0)
                .map(|(name, _)| name.clone())
                .collect()
        };
        for name in unknown {
            let Some(session) = self.session(&name).await else { continue };
            let identity = once::identity(&session).await;
            if let Some(one) = lock(&self.running).get_mut(&name) {
                // A cluster whose identity may not be read is asked once.
                one.cluster = if identity.is_empty() { "unknown".to_owned() } else { identity };
            }
        }
    }
}

/// Refuses what only a window that watches clusters can do.
pub(crate) fn need_live(app: &App) -> Result<Arc<Live>, ApiError> {
    app.live().ok_or_else(|| {
        ApiError::new(
            Code::NotPossible,
            "Clusters are watched in the window only. Nothing was changed. Use `pilotage cluster` \
             for a look.",
        )
    })
}
