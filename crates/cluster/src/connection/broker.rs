//! The credential broker: one actor per context, and the only one that has programs started.
//!
//! It makes a session once for all who wait for it, a new one ahead of the expiry of the old, and one
//! more when the server rejects it. After a second rejection, and whenever a person is needed, it
//! does nothing until that person says so: no login windows from nowhere.

use super::state::Failure;
use crate::watch::{Access, Session};
use chrono::{DateTime, Utc};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// The clock of the day, passed in.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// A new session is made this long before the old one ends, or a tenth of its life if that is less.
const AHEAD: Duration = Duration::from_mins(1);
/// A session that replaced a rejected one and is rejected within this time shows that renewing does
/// not help.
const STUBBORN: Duration = Duration::from_mins(5);

/// A client with what it was made from.
pub struct Made {
    /// The client and its proof of life; the broker numbers it.
    pub session: Session,
    /// When its credentials end.
    pub expires: Option<DateTime<Utc>>,
}

/// Makes clients: runs the plugin, if there is one, and builds.
pub trait Maker: Send + 'static {
    /// One attempt.
    fn make(&mut self) -> BoxFuture<'_, Result<Made, Failure>>;
}

/// What a broker is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BrokerState {
    /// Nobody has asked yet.
    Idle,
    /// A session is being made.
    Running,
    /// There is a session.
    Valid {
        /// When its credentials end; `None` where nobody says.
        until: Option<DateTime<Utc>>,
    },
    /// The last attempt failed; the next one who asks has it tried again.
    Failed(Failure),
    /// Nothing is tried until a person says so.
    NeedsPerson(Failure),
}

enum Command {
    Session(oneshot::Sender<Result<Session, Failure>>),
    Rejected(u64, oneshot::Sender<Result<(), Failure>>),
    Retry,
}

/// The handle on a broker; the actor ends with it.
pub struct Broker {
    commands: mpsc::UnboundedSender<Command>,
    state: watch::Receiver<BrokerState>,
    retry: Arc<Notify>,
    task: JoinHandle<()>,
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Broker {
    /// A broker that has done nothing yet.
    pub fn start(maker: impl Maker, clock: Clock) -> Self {
        let (commands, inbox) = mpsc::unbounded_channel();
        let (teller, state) = watch::channel(BrokerState::Idle);
        let retry = Arc::new(Notify::new());
        let actor = Actor {
            maker: Box::new(maker),
            clock,
            teller,
            retry: Arc::clone(&retry),
            present: None,
            blocked: None,
            number: 0,
        };
        Self { commands, state, retry, task: tokio::spawn(actor.run(inbox)) }
    }

    /// What it is doing.
    pub fn state(&self) -> BrokerState {
        self.state.borrow().clone()
    }

    /// A person pressed *Sign in*, gave consent, or corrected something.
    pub fn retry(&self) {
        // A broker that has ended has nothing to try.
        let _ = self.commands.send(Command::Retry);
    }

    async fn ask<T>(
        &self,
        command: impl FnOnce(oneshot::Sender<Result<T, Failure>>) -> Command,
    ) -> Result<T, Failure> {
        let gone = || Failure::Unreachable("the connection has been closed".to_owned());
        let (reply, answer) = oneshot::channel();
        self.commands.send(command(reply)).map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }
}

impl Access for Broker {
    fn session(&self) -> BoxFuture<'_, Result<Session, Failure>> {
        self.ask(Command::Session).boxed()
    }

    fn rejected(&self, session: u64) -> BoxFuture<'_, Result<(), Failure>> {
        self.ask(move |reply| Command::Rejected(session, reply)).boxed()
    }

    fn retry_wanted(&self) -> BoxFuture<'_, ()> {
        self.retry.notified().boxed()
    }
}

struct Present {
    session: Session,
    made: Instant,
    expires: Option<DateTime<Utc>>,
    /// When to make the next one.
    renew: Option<DateTime<Utc>>,
    /// It replaced one that was rejected.
    replaces: bool,
}

struct Actor {
    maker: Box<dyn Maker>,
    clock: Clock,
    teller: watch::Sender<BrokerState>,
    retry: Arc<Notify>,
    present: Option<Present>,
    blocked: Option<Failure>,
    number: u64,
}

impl Actor {
    /// One command after the other: who asks while a session is being made gets that one.
    async fn run(mut self, mut inbox: mpsc::UnboundedReceiver<Command>) {
        while let Some(command) = inbox.recv().await {
            match command {
                Command::Session(reply) => {
                    let answer = self.session().await;
                    // Who no longer waits is not missed.
                    let _ = reply.send(answer);
                }
                Command::Rejected(number, reply) => {
                    let answer = self.rejected(number).await;
                    let _ = reply.send(answer);
                }
                Command::Retry => {
                    self.blocked = None;
                    self.present = None;
                    self.teller.send_replace(BrokerState::Idle);
                    self.retry.notify_waiters();
                }
            }
        }
    }

    async fn session(&mut self) -> Result<Session, Failure> {
        if let Some(blocked) = &self.blocked {
            return Err(blocked.clone());
        }
        let now = (self.clock)();
        let present = self.present.as_ref().filter(|one| one.renew.is_none_or(|due| now < due));
        match present {
            Some(present) => Ok(present.session.clone()),
            None => self.make(false).await,
        }
    }

    async fn rejected(&mut self, number: u64) -> Result<(), Failure> {
        if let Some(blocked) = &self.blocked {
            return Err(blocked.clone());
        }
        let Some(present) = &self.present else { return Ok(()) };
        if number != present.session.number {
            // A late refusal of an earlier one.
            return Ok(());
        }
        if present.replaces && present.made.elapsed() < STUBBORN {
            let why = "the server does not accept these credentials, nor newly made ones";
            return Err(self.block(Failure::NeedsPerson(why.to_owned())));
        }
        self.make(true).await.map(drop)
    }

    fn block(&mut self, failure: Failure) -> Failure {
        self.blocked = Some(failure.clone());
        self.present = None;
        self.teller.send_replace(BrokerState::NeedsPerson(failure.clone()));
        failure
    }

    async fn make(&mut self, replaces: bool) -> Result<Session, Failure> {
        self.teller.send_replace(BrokerState::Running);
        let made = match self.maker.make().await {
            Ok(made) => made,
            Err(failure @ Failure::NeedsPerson(_)) => return Err(self.block(failure)),
            Err(failure) => {
                self.teller.send_replace(BrokerState::Failed(failure.clone()));
                return Err(failure);
            }
        };
        self.number += 1;
        let now = (self.clock)();
        let renew = made.expires.map(|expires| {
            let life = (expires - now).to_std().unwrap_or_default();
            expires - AHEAD.min(life / 10)
        });
        if renew.is_some_and(|due| due <= now) {
            let why = "the program brought credentials that have ended already";
            return Err(self.block(Failure::NeedsPerson(why.to_owned())));
        }
        let session = Session { number: self.number, ..made.session };
        let expires = made.expires;
        self.present = Some(Present {
            session: session.clone(),
            made: Instant::now(),
            expires,
            renew,
            replaces,
        });
        let until = self.present.as_ref().and_then(|present| present.expires);
        self.teller.send_replace(BrokerState::Valid { until });
        Ok(session)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::freshness::ProofOfLife;
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

    type Script = Arc<Mutex<Vec<Result<Option<i64>, Failure>>>>;

    /// Answers from a script: the life of the credentials in seconds, or a failure.
    struct Scripted {
        runs: Arc<AtomicUsize>,
        script: Script,
        clock: Clock,
    }

    impl Maker for Scripted {
        fn make(&mut self) -> BoxFuture<'_, Result<Made, Failure>> {
            self.runs.fetch_add(1, Ordering::Relaxed);
            let next = self.script.lock().expect("no panic").pop().unwrap_or(Ok(None));
            let now = (self.clock)();
            async move {
                tokio::time::sleep(Duration::from_secs(2)).await;
                let life = next?;
                let nothing = tower::service_fn(|_: http::Request<kube::client::Body>| async {
                    Ok::<_, std::convert::Infallible>(http::Response::new(String::new()))
                });
                let session = Session {
                    number: 0,
                    client: kube::Client::new(nothing, "default"),
                    life: ProofOfLife::new(),
                    streams_lists: Arc::new(AtomicBool::new(false)),
                };
                let expires = life.map(|seconds| now + chrono::Duration::seconds(seconds));
                Ok(Made { session, expires })
            }
            .boxed()
        }
    }

    fn broker(mut script: Vec<Result<Option<i64>, Failure>>) -> (Broker, Arc<AtomicUsize>) {
        let start = Instant::now();
        let clock: Clock = Arc::new(move || {
            let passed = chrono::Duration::from_std(start.elapsed()).unwrap_or_default();
            DateTime::UNIX_EPOCH + passed
        });
        script.reverse();
        let runs = Arc::new(AtomicUsize::new(0));
        let script = Arc::new(Mutex::new(script));
        let maker = Scripted { runs: Arc::clone(&runs), script, clock: Arc::clone(&clock) };
        (Broker::start(maker, clock), runs)
    }

    fn count(runs: &AtomicUsize) -> usize {
        runs.load(Ordering::Relaxed)
    }

    #[tokio::test(start_paused = true)]
    async fn all_who_wait_share_one_run() {
        let (broker, runs) = broker(Vec::new());
        assert_eq!((broker.state(), count(&runs)), (BrokerState::Idle, 0), "nothing unasked");
        let waiting = futures_util::future::join_all((0..20).map(|_| broker.session()));
        let sessions = waiting.await;
        assert!(sessions.iter().all(|one| one.as_ref().is_ok_and(|one| one.number == 1)));
        assert_eq!(count(&runs), 1);
        assert_eq!(broker.state(), BrokerState::Valid { until: None });
    }

    #[tokio::test(start_paused = true)]
    async fn credentials_are_renewed_before_they_end() {
        let (broker, runs) = broker(vec![Ok(Some(900)), Ok(Some(900))]);
        broker.session().await.unwrap();
        tokio::time::sleep(Duration::from_secs(800)).await;
        assert_eq!(broker.session().await.unwrap().number, 1, "still good");
        tokio::time::sleep(Duration::from_secs(50)).await;
        assert_eq!(broker.session().await.unwrap().number, 2, "a minute before its end");
        assert_eq!(count(&runs), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_rejection_renews_once_and_then_waits_for_a_person() {
        let (broker, runs) = broker(Vec::new());
        let first = broker.session().await.unwrap().number;
        broker.rejected(first).await.unwrap();
        broker.rejected(first).await.unwrap();
        assert_eq!(count(&runs), 2, "others who were rejected with the old one start nothing");
        let second = broker.session().await.unwrap().number;
        let refused = broker.rejected(second).await.unwrap_err();
        assert!(matches!(refused, Failure::NeedsPerson(_)), "{refused:?}");
        for _ in 0..10 {
            broker.session().await.map(|one| one.number).unwrap_err();
        }
        assert_eq!(count(&runs), 2, "no login windows from nowhere");
        let told = broker.retry_wanted();
        broker.retry();
        told.await;
        broker.session().await.unwrap();
        assert_eq!(count(&runs), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn a_rejection_long_after_the_last_is_a_new_one() {
        let (broker, runs) = broker(Vec::new());
        let mut number = broker.session().await.unwrap().number;
        for _ in 0..3 {
            broker.rejected(number).await.unwrap();
            number = broker.session().await.unwrap().number;
            tokio::time::sleep(Duration::from_hours(1)).await;
        }
        assert_eq!(count(&runs), 4);
    }

    #[tokio::test(start_paused = true)]
    async fn failures_that_pass_are_tried_again_and_others_wait() {
        let passing = Failure::Unreachable("no network".to_owned());
        let lasting = Failure::NeedsPerson("consent".to_owned());
        let (broker, runs) =
            broker(vec![Err(passing.clone()), Err(lasting.clone()), Ok(Some(-5)), Ok(None)]);
        let failed = async || broker.session().await.map(|one| one.number).unwrap_err();
        assert_eq!(failed().await, passing);
        assert_eq!(broker.state(), BrokerState::Failed(passing));
        assert_eq!(failed().await, lasting);
        assert_eq!(failed().await, lasting);
        assert_eq!(count(&runs), 2, "nothing is tried without the person");
        broker.retry();
        assert!(matches!(failed().await, Failure::NeedsPerson(_)), "credentials of yesterday");
        broker.retry();
        assert_eq!(broker.session().await.unwrap().number, 2);
    }
}
