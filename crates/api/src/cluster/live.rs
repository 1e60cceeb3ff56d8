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
use pilotage_cluster::identity::Identity;
use pilotage_cluster::live::Watching;
use pilotage_cluster::report::Verified;
use pilotage_cluster::shape::Moment;
use pilotage_cluster::snapshot::Snapshot;
use pilotage_cluster::watch::Session;
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
    identity: Identity,
}

impl Running {
    fn tend(&mut self) {
        self.watching.tend();
        // Before anything was read there is nobody to ask.
        if self.watching.changes() > 0 {
            self.identity.tend(|| self.watching.access());
        }
    }
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
    let mut judged: Option<Instant> = None;
    let mut told = Told::default();
    let mut unjudged = true;
    // Judging a large cluster takes longer than a tick, and what changed is told meanwhile.
    let mut work = JoinSet::new();
    let mut asking_shell = JoinSet::new();
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
        if live.tend(&app).await && live.contexts.take_shell_question(&live.names()) {
            let live = Arc::clone(&live);
            // A login shell may take seconds.
            asking_shell.spawn(async move {
                live.contexts.learn_path().await;
                live.retry_all();
            });
        }
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
        if wanted && work.is_empty() && live.can_judge() {
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
    /// Answers whether a context or a file is new.
    async fn tend(&self, app: &App) -> bool {
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
            running.values_mut().for_each(Running::tend);
            wanted.into_iter().filter(|name| !running.contains_key(name)).collect()
        };
        let begun = !missing.is_empty();
        if begun {
            let desk = self.desk(app).await.ok();
            for name in missing {
                let namespaces = self.namespaces(desk.as_deref(), &name);
                let Some(connection) = self.contexts.connect(&name) else { continue };
                let watching =
                    Watching::start(&name, connection.access, connection.life, namespaces);
                let identity = Identity::default();
                let one = Running { watching, broker: connection.broker, identity };
                lock(&self.running).insert(name, one);
            }
        }
        let files_changed = self.contexts.files_changed();
        if files_changed {
            // Watches go on; the next session is made from the new files.
            self.retry_all();
        }
        begun || files_changed
    }

    /// The contexts that are on.
    fn names(&self) -> Vec<String> {
        lock(&self.running).keys().cloned().collect()
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
                one.identity.known().clone_into(&mut snapshot.cluster);
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
        let desk = self.desk(app).await?;
        self.name_namespaces(&desk);
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

    /// Namespaces that are read of a context where the whole cluster may not be.
    fn namespaces(&self, desk: Option<&Desk>, context: &str) -> Vec<String> {
        let mut namespaces = desk.map(|desk| desk.namespaces(context)).unwrap_or_default();
        namespaces.push(self.contexts.own_namespace(context));
        namespaces
    }

    /// Targets may have come or gone, or the programme could not be read when a watch began.
    fn name_namespaces(&self, desk: &Desk) {
        for (name, one) in lock(&self.running).iter_mut() {
            one.watching.name_namespaces(self.namespaces(Some(desk), name));
        }
    }

    /// Whether something is watched, and the first question for each cluster's identity has ended.
    fn can_judge(&self) -> bool {
        let running = lock(&self.running);
        !running.is_empty() && running.values().all(|one| !one.identity.is_awaited())
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
