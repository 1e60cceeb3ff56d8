//! One kind in one scope, read for as long as it is wanted.

use super::backoff::Backoff;
use super::listing::{self, Page};
use super::stream::{Line, Lines};
use super::{Access, Event, Reading, Report, Scope, Session, Sink};
use crate::connection::state::{Failure, State};
use kube::Resource;
use serde::de::DeserializeOwned;
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// After a refusal another attempt is made this late; rights change seldom.
const FORBIDDEN_PAUSE: Duration = Duration::from_mins(10);
/// A streamed list that is not whole by then is given up, and lists come in pages from then on.
const STREAM_LIMIT: Duration = Duration::from_secs(30);
/// A watch that ended sooner is followed by a wait that grows.
const SHORT_LIFE: Duration = Duration::from_secs(5);

/// What can be chosen for a supervisor.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Objects per page. 500 is right for pods.
    pub page_size: usize,
    /// Spreads the attempts of many supervisors.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { page_size: 500, seed: 1 }
    }
}

/// A running supervisor; it ends with this value.
#[derive(Debug)]
pub struct Supervisor {
    /// The address it reads.
    pub path: String,
    report: watch::Receiver<Report>,
    task: JoinHandle<()>,
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Supervisor {
    /// Begins to read.
    pub fn start<K>(
        access: Arc<dyn Access>,
        scope: &Scope,
        sink: impl Sink<K>,
        settings: Settings,
    ) -> Self
    where
        K: Resource<DynamicType = ()> + DeserializeOwned + Send + 'static,
    {
        let (sender, report) = watch::channel(Report::new());
        let path = scope.path::<K>();
        let work = Work {
            access,
            resource: scope.resource::<K>(),
            path: path.clone(),
            sink: Box::new(sink),
            report: sender,
            backoff: Backoff::new(settings.seed),
            page_size: settings.page_size,
            kind: PhantomData,
        };
        Self { path, report, task: tokio::spawn(work.run()) }
    }

    /// How it fares now.
    pub fn report(&self) -> Report {
        self.report.borrow().clone()
    }

    /// Tells of every change in how it fares.
    pub fn reports(&self) -> watch::Receiver<Report> {
        self.report.clone()
    }
}

struct Work<K> {
    access: Arc<dyn Access>,
    resource: String,
    path: String,
    sink: Box<dyn Sink<K>>,
    report: watch::Sender<Report>,
    backoff: Backoff,
    page_size: usize,
    kind: PhantomData<fn() -> K>,
}

impl<K: DeserializeOwned + Send + 'static> Work<K> {
    async fn run(mut self) {
        loop {
            let failure = match self.access.session().await {
                Ok(mut session) => match self.read(&mut session).await {
                    Failure::Unauthorized => {
                        self.say(|report| report.state = State::Expired);
                        match self.access.rejected(session.number).await {
                            // Other credentials: at once, but a server that takes none of them is
                            // met by the broker, which gives up after the second.
                            Ok(()) => continue,
                            Err(failure) => failure,
                        }
                    }
                    failure => failure,
                },
                Err(failure) => failure,
            };
            self.pause(&failure).await;
        }
    }

    fn say(&self, change: impl FnOnce(&mut Report)) {
        self.report.send_if_modified(|report| {
            let before = report.clone();
            change(report);
            *report != before
        });
    }

    /// Says what is the matter and waits until another attempt makes sense.
    async fn pause(&mut self, failure: &Failure) {
        let state = match failure {
            Failure::Forbidden => State::Forbidden { resource: self.resource.clone() },
            Failure::Unauthorized => State::Expired,
            Failure::NeedsPerson(why) => State::NeedsPerson { why: why.clone() },
            // Expected now and then: what was read stays as live as its last sign.
            Failure::Expired => self.report.borrow().state.clone(),
            other => State::Unreachable { why: other.to_string() },
        };
        let wait = match failure {
            Failure::Forbidden | Failure::NotFound | Failure::Guarded(_) => Some(FORBIDDEN_PAUSE),
            Failure::NeedsPerson(_) | Failure::Unauthorized => None,
            Failure::Busy { retry_after, .. } => {
                Some(self.backoff.next().max(Duration::from_secs(*retry_after)))
            }
            _ => Some(self.backoff.next()),
        };
        self.say(|report| {
            report.state = state;
            report.absent = matches!(failure, Failure::NotFound);
            // What may no longer be read says nothing about now.
            report.complete &= !matches!(failure, Failure::Forbidden);
            report.reading = None;
            report.next_try = wait.map(|wait| Instant::now() + wait);
        });
        let wanted = self.access.retry_wanted();
        match wait {
            Some(wait) => {
                // A person's wish makes it sooner.
                let _ = tokio::time::timeout(wait, wanted).await;
            }
            None => wanted.await,
        }
        self.say(|report| report.next_try = None);
    }

    /// Lists and watches until something fails.
    async fn read(&mut self, session: &mut Session) -> Failure {
        let streams = session.streams_lists.load(Ordering::Relaxed);
        let listed = if streams { self.stream_list(session).await } else { Ok(None) };
        let mut lines = match listed {
            Ok(lines) => lines,
            Err(failure) => return failure,
        };
        let mut version = match &lines {
            Some(lines) => lines.version.clone(),
            None => match self.list(session).await {
                Ok(version) => version,
                Err(failure) => return failure,
            },
        };
        loop {
            let begun = Instant::now();
            let running = match lines.take() {
                Some(lines) => Ok(lines),
                // Asked for anew each time: credentials are renewed before they end.
                None => match self.access.session().await {
                    Ok(fresh) => {
                        *session = fresh;
                        Lines::begin(session, &self.path, &version).await
                    }
                    Err(failure) => Err(failure),
                },
            };
            let mut running = match running {
                Ok(running) => running,
                Err(failure) => return failure,
            };
            self.say(|report| report.state = State::Live);
            if let Err(failure) = self.follow(&mut running).await {
                return failure;
            }
            version = running.version;
            // Ended cleanly. A proxy that ends every watch at once is no reason for a storm.
            let wait = if begun.elapsed() < SHORT_LIFE {
                self.backoff.next()
            } else {
                self.backoff.forgive();
                self.backoff.part_of(Duration::from_secs(1))
            };
            tokio::time::sleep(wait).await;
        }
    }

    async fn list(&mut self, session: &Session) -> Result<String, Failure> {
        self.begin_list();
        let mut next: Option<String> = None;
        let (mut count, mut unread) = (0, 0);
        loop {
            let asked = listing::page(session, &self.path, self.page_size, next.as_deref()).await;
            let page: Page<K> = match asked {
                Err(Failure::Expired) if next.is_some() => {
                    // A slow reader of a huge list: fewer, larger pages have better chances.
                    self.page_size = self.page_size.max(1000);
                    return Err(Failure::Expired);
                }
                other => other?,
            };
            count += page.items.len();
            unread += page.unread;
            self.sink.take(Event::Page(page.items));
            self.say(|report| {
                report.reading = report.reading.map(|reading| Reading { count, ..reading });
            });
            next = page.next;
            if next.is_none() {
                self.end_list(unread);
                return Ok(page.version);
            }
        }
    }

    fn begin_list(&mut self) {
        self.sink.take(Event::Begin);
        let reading = Reading { since: Instant::now(), count: 0 };
        self.say(|report| report.reading = Some(reading));
    }

    fn end_list(&mut self, unread: usize) {
        self.sink.take(Event::Complete);
        self.say(|report| {
            report.reading = None;
            report.complete = true;
            report.absent = false;
            report.unread = unread;
            report.state = State::Live;
        });
    }

    /// A list as the beginning of a watch. `None` where the server does not do it after all.
    async fn stream_list(&mut self, session: &Session) -> Result<Option<Lines>, Failure> {
        self.begin_list();
        let reading = async {
            let mut lines = Lines::begin(session, &self.path, "").await?;
            let (mut count, mut unread) = (0, 0);
            while let Some(line) = lines.next::<K>().await? {
                match line {
                    Line::Applied(object) => {
                        count += 1;
                        self.sink.take(Event::Page(vec![object]));
                        self.say(|report| {
                            report.reading =
                                report.reading.map(|reading| Reading { count, ..reading });
                        });
                    }
                    Line::Unread => unread += 1,
                    Line::Bookmark { end: true } => return Ok(Some((lines, unread))),
                    Line::Bookmark { end: false } | Line::Removed(_) => {}
                    Line::Failed(failure) => return Err(failure),
                }
            }
            Ok(None)
        };
        let outcome = tokio::time::timeout(STREAM_LIMIT, reading).await;
        match outcome {
            Ok(Ok(Some((lines, unread)))) => {
                self.end_list(unread);
                return Ok(Some(lines));
            }
            // What says nothing about streaming is met as everywhere.
            Ok(Err(failure @ (Failure::Unauthorized | Failure::Forbidden))) => return Err(failure),
            _ => {}
        }
        // Remembered for this cluster until the app starts again.
        session.streams_lists.store(false, Ordering::Relaxed);
        Ok(None)
    }

    /// Passes on what a watch tells, until it ends.
    async fn follow(&mut self, lines: &mut Lines) -> Result<(), Failure> {
        while let Some(line) = lines.next::<K>().await? {
            match line {
                Line::Applied(object) => self.sink.take(Event::Applied(object)),
                Line::Removed(object) => self.sink.take(Event::Removed(object)),
                // One object that cannot be read: the others go on, and the kind is partly read.
                Line::Unread => self.say(|report| report.unread += 1),
                Line::Bookmark { .. } => {}
                Line::Failed(failure) => return Err(failure),
            }
        }
        Ok(())
    }
}
