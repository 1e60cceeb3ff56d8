//! One container as a state machine that knows when it moves next.

use crate::trouble::Trouble;
use chrono::{DateTime, Duration, Utc};
use std::collections::BTreeMap;

/// Seconds from the placing of a pod until its images are there.
const PULL: i64 = 1;
/// Seconds until a container that crashes does so.
const CRASH: i64 = 3;
/// Seconds an init container takes.
const INIT: i64 = 1;
/// Seconds a container of a Job takes.
const WORK: i64 = 5;
/// The first wait before a restart or another pull, in seconds; it doubles each time.
const FIRST_WAIT: i64 = 10;
/// The longest wait, in seconds.
const LONGEST_WAIT: i64 = 300;
/// How long a failed pull reads as failed before it reads as backing off, in seconds.
const PULL_ERROR: i64 = 5;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Init,
    Sidecar,
    Main,
}

#[derive(Clone, Debug)]
pub(super) struct Ended {
    pub code: u8,
    pub from: DateTime<Utc>,
    pub at: DateTime<Utc>,
}

impl Ended {
    pub(super) fn reason(&self) -> &'static str {
        match self.code {
            0 => "Completed",
            137 => "OOMKilled",
            _ => "Error",
        }
    }
}

#[derive(Clone, Debug)]
pub(super) enum State {
    Creating { until: DateTime<Utc> },
    PullFailed { tries: u32, until: DateTime<Utc> },
    PullBackOff { tries: u32, until: DateTime<Utc> },
    InvalidImage,
    Running { since: DateTime<Utc>, doomed: Option<DateTime<Utc>> },
    Ended,
    BackOff { until: DateTime<Utc> },
}

#[derive(Clone, Debug)]
pub(super) struct Container {
    pub restarts: u32,
    pub state: State,
    /// How it ended last.
    pub last: Option<Ended>,
    /// A script keeps it from becoming ready.
    pub never_ready: bool,
}

/// What a kubelet knows of the containers of a pod, by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Run(BTreeMap<String, Container>);

/// What decides over a container, besides its state.
pub(super) struct Circumstances<'a> {
    pub now: DateTime<Utc>,
    /// When its turn came.
    pub begin: DateTime<Utc>,
    pub role: Role,
    /// The restart policy of the pod.
    pub policy: &'a str,
    pub troubles: &'a [Trouble],
}

impl Run {
    pub(super) fn get(&self, name: &str) -> Option<&Container> {
        self.0.get(name)
    }

    /// Brings a container to this moment, and says when it moves next.
    pub(super) fn step(&mut self, name: &str, around: &Circumstances<'_>) -> Option<DateTime<Utc>> {
        let container = self.0.entry(name.to_owned()).or_insert_with(|| Container {
            restarts: 0,
            state: State::Creating { until: around.begin + Duration::seconds(PULL) },
            last: None,
            never_ready: false,
        });
        container.never_ready = around.troubles.contains(&Trouble::NeverReady);
        loop {
            match container.turn(around) {
                Turn::Moved => {}
                Turn::Waits(next) => return next,
            }
        }
    }

    pub(super) fn running_since(&self, name: &str) -> Option<DateTime<Utc>> {
        match self.0.get(name)?.state {
            State::Running { since, .. } => Some(since),
            _ => None,
        }
    }

    pub(super) fn succeeded_at(&self, name: &str) -> Option<DateTime<Utc>> {
        let container = self.0.get(name)?;
        let last = container.last.as_ref().filter(|last| last.code == 0)?;
        matches!(container.state, State::Ended).then_some(last.at)
    }
}

enum Turn {
    Moved,
    /// Until that moment, or until somebody interferes.
    Waits(Option<DateTime<Utc>>),
}

impl Container {
    fn turn(&mut self, around: &Circumstances<'_>) -> Turn {
        let now = around.now;
        let has = |trouble: &Trouble| around.troubles.contains(trouble);
        match self.state.clone() {
            State::Creating { until } | State::BackOff { until } if now < until => {
                return Turn::Waits(Some(until));
            }
            State::Creating { until } => {
                self.state = if has(&Trouble::InvalidImageName) {
                    State::InvalidImage
                } else if has(&Trouble::ImagePull) {
                    State::PullFailed { tries: 0, until: until + Duration::seconds(PULL_ERROR) }
                } else {
                    State::Running { since: until, doomed: None }
                };
            }
            State::InvalidImage if has(&Trouble::InvalidImageName) => return Turn::Waits(None),
            State::InvalidImage => self.state = State::Creating { until: now },
            State::PullFailed { .. } | State::PullBackOff { .. } if !has(&Trouble::ImagePull) => {
                self.state = State::Creating { until: now };
            }
            State::PullFailed { until, .. } | State::PullBackOff { until, .. } if now < until => {
                return Turn::Waits(Some(until));
            }
            State::PullFailed { tries, until } => {
                self.state = State::PullBackOff { tries, until: until + wait(tries) };
            }
            State::PullBackOff { tries, until } => {
                let until = until + Duration::seconds(PULL_ERROR);
                self.state = State::PullFailed { tries: tries + 1, until };
            }
            State::Running { since, doomed } => return self.run(since, doomed, around),
            State::Ended => return self.restart(around),
            State::BackOff { until } => {
                self.restarts += 1;
                self.state = State::Running { since: until, doomed: None };
            }
        }
        Turn::Moved
    }

    fn run(
        &mut self,
        since: DateTime<Utc>,
        doomed: Option<DateTime<Utc>>,
        around: &Circumstances<'_>,
    ) -> Turn {
        let crash = around.troubles.iter().find_map(|trouble| match trouble {
            Trouble::Crashes { exit_code } => Some(*exit_code),
            _ => None,
        });
        let works = around.role == Role::Main && around.policy != "Always";
        let (at, code) = match (crash, around.role) {
            (Some(code), _) => {
                let crashes = since + Duration::seconds(CRASH);
                (doomed.unwrap_or_else(|| crashes.max(around.now)), code)
            }
            (None, Role::Init) => (since + Duration::seconds(INIT), 0),
            (None, _) if works => (since + Duration::seconds(WORK), 0),
            (None, _) => {
                self.state = State::Running { since, doomed: None };
                return Turn::Waits(None);
            }
        };
        if around.now < at {
            self.state = State::Running { since, doomed: crash.map(|_| at) };
            return Turn::Waits(Some(at));
        }
        self.last = Some(Ended { code, from: since, at });
        self.state = State::Ended;
        Turn::Moved
    }

    fn restart(&mut self, around: &Circumstances<'_>) -> Turn {
        let Some(last) = &self.last else { return Turn::Waits(None) };
        let again = match (around.role, around.policy) {
            (Role::Sidecar, _) | (Role::Main, "Always") => true,
            (_, "Never") => false,
            _ => last.code != 0,
        };
        if !again {
            return Turn::Waits(None);
        }
        self.state = State::BackOff { until: last.at + wait(self.restarts) };
        Turn::Moved
    }
}

/// Doubles with each try, up to the longest.
fn wait(tries: u32) -> Duration {
    let seconds = FIRST_WAIT.saturating_mul(1_i64 << tries.min(10));
    Duration::seconds(seconds.min(LONGEST_WAIT))
}
