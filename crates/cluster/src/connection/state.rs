//! What is shown of a connection: a closed set of states, each with the way out.

use chrono::{DateTime, Utc};
use std::error::Error as _;

/// The state of a context, or of one kind of object within it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// The first answer has not come yet.
    Connecting,
    /// Seen within the freshness limit.
    Live,
    /// What is shown is older than the freshness limit.
    Stale {
        /// The last proof of life.
        since: DateTime<Utc>,
    },
    /// The server said no.
    Forbidden {
        /// What may not be read, such as `deployments.apps in shop`.
        resource: String,
    },
    /// The server no longer knows the credentials.
    Expired,
    /// No answer came, or none that is one of Kubernetes.
    Unreachable {
        /// One line, without secrets.
        why: String,
    },
    /// Nothing more is tried until a person acts.
    NeedsPerson {
        /// One line, without secrets.
        why: String,
    },
}

impl State {
    /// What gets one out of it; empty where nothing has to be done.
    pub fn way_out(&self) -> &'static str {
        match self {
            Self::Connecting | Self::Live => "",
            Self::Stale { .. } => {
                "Pilotage keeps trying. Check the network or the VPN; what is shown is as of then."
            }
            Self::Forbidden { .. } => {
                "Ask for the rights to get, list and watch it, or choose the namespaces you may \
                 read. All else is read as before."
            }
            Self::Expired => "Sign in again as you do for kubectl, then press Sign in.",
            Self::Unreachable { .. } => {
                "Check the network, the VPN and the proxy. Pilotage keeps trying."
            }
            Self::NeedsPerson { .. } => "Do what the message says, then press Sign in.",
        }
    }
}

/// Why a request failed: what a watch decides by.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// 401.
    #[error("the credentials are not accepted")]
    Unauthorized,
    /// 403.
    #[error("forbidden")]
    Forbidden,
    /// 404: the API is not served, or the object is gone.
    #[error("not served")]
    NotFound,
    /// 410: the history or the page is gone.
    #[error("expired history")]
    Expired,
    /// 429, 500, 502, 503, 504: try later.
    #[error("the server is busy: {code}")]
    Busy {
        /// The HTTP status.
        code: u16,
        /// Seconds the server asked to wait; 0 where it asked for nothing.
        retry_after: u64,
    },
    /// No connection, a broken one, or none in time.
    #[error("{0}")]
    Unreachable(String),
    /// An answer that is none of Kubernetes, or an object that does not parse.
    #[error("the answer cannot be read: {0}")]
    Unreadable(String),
    /// A program or a person is needed first.
    #[error("{0}")]
    NeedsPerson(String),
    /// Our own guard stopped it: a fault of ours.
    #[error("refused before it left: {0}")]
    Guarded(String),
}

impl Failure {
    /// Reads an error of kube. Texts are cut and redacted.
    pub fn of(error: &kube::Error) -> Self {
        match error {
            kube::Error::Api(status) => {
                let details = status.details.as_ref();
                let retry_after = details.map_or(0, |details| details.retry_after_seconds);
                let retry_after = u64::from(retry_after);
                Self::of_code(status.code, retry_after, &status.message)
            }
            kube::Error::SerdeError(why) => Self::Unreadable(line(&why.to_string())),
            kube::Error::Auth(why) => Self::NeedsPerson(line(&why.to_string())),
            other => {
                let mut cause = other.source();
                while let Some(deeper) = cause {
                    if let Some(refused) = deeper.downcast_ref::<super::guard::Refused>() {
                        return Self::Guarded(refused.to_string());
                    }
                    cause = deeper.source();
                }
                Self::Unreachable(line(&innermost(other)))
            }
        }
    }

    /// Reads a status of HTTP, or of a Kubernetes `Status`.
    pub fn of_code(code: u16, retry_after: u64, message: &str) -> Self {
        match code {
            401 => Self::Unauthorized,
            403 => Self::Forbidden,
            404 | 405 => Self::NotFound,
            410 => Self::Expired,
            429 | 500..=599 => Self::Busy { code, retry_after },
            _ => Self::Unreadable(line(&format!("{code} {message}"))),
        }
    }
}

/// The deepest cause says what happened; those above say only where.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut deepest = error.to_string();
    let mut cause = error.source();
    while let Some(deeper) = cause {
        deepest = deeper.to_string();
        cause = deeper.source();
    }
    deepest
}

/// At most so many letters of a foreign message are shown.
const LONGEST: usize = 300;

fn line(text: &str) -> String {
    let text = super::redact::redact(text);
    let flat: String = text
        .chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .take(LONGEST)
        .collect();
    flat.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_mean_what_a_watch_decides_by() {
        let check = |code: u16, expect: Failure| {
            assert_eq!(Failure::of_code(code, 7, "text"), expect, "{code}");
        };
        check(401, Failure::Unauthorized);
        check(403, Failure::Forbidden);
        check(404, Failure::NotFound);
        check(410, Failure::Expired);
        check(429, Failure::Busy { code: 429, retry_after: 7 });
        check(503, Failure::Busy { code: 503, retry_after: 7 });
        check(422, Failure::Unreadable("422 text".to_owned()));
    }

    #[test]
    fn every_trouble_has_a_way_out() {
        let text = String::new;
        for state in [
            State::Stale { since: DateTime::UNIX_EPOCH },
            State::Forbidden { resource: text() },
            State::Expired,
            State::Unreachable { why: text() },
            State::NeedsPerson { why: text() },
        ] {
            assert!(!state.way_out().is_empty(), "{state:?}");
        }
        assert_eq!(State::Live.way_out(), "", "nothing to do");
    }
}
