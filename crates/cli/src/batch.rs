//! Many commands through one start: one JSON object a line in, one a line out. The names are those
//! of the command table, the same that windows use.

use crate::print::{self, Answer};
use crate::session::Session;
use pilotage_api::{ApiError, Code};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::io::{BufRead as _, ErrorKind};

/// One line in.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    command: String,
    #[serde(default)]
    argument: Value,
}

/// One line out.
#[derive(Debug, Serialize)]
struct Answered {
    /// Line of the input, from 1.
    line: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ApiError>,
}

/// `batch`.
pub async fn batch(session: &Session) -> Result<Answer, ApiError> {
    let mut input = std::io::stdin().lock();
    let (mut line, mut failed, mut bytes) = (0, false, Vec::new());
    loop {
        bytes.clear();
        let read = input.read_until(b'\n', &mut bytes).map_err(|error| {
            ApiError::new(Code::DiskFailed, format!("The input cannot be read: {error}."))
                .with("line", line + 1)
        })?;
        if read == 0 {
            break;
        }
        line += 1;
        if bytes.trim_ascii().is_empty() {
            continue;
        }
        let answered = match run(session, &bytes).await {
            Ok(answer) => Answered { line, answer: Some(answer), error: None },
            Err(error) => {
                failed = true;
                Answered { line, answer: None, error: Some(error) }
            }
        };
        match print::say(&print::json_line(&answered)?) {
            Ok(()) => {}
            // Nobody hears the answers any more: the rest is not run.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(Answer::nothing()),
            Err(error) => {
                let message =
                    format!("The answers cannot be written: {error}. The rest was not run.");
                return Ok(Answer::nothing().stopped_by([ApiError::new(
                    Code::DiskFailed,
                    message,
                )
                .with("line", line)]));
            }
        }
    }
    Ok(if failed { Answer::nothing().with_finding() } else { Answer::nothing() })
}

async fn run(session: &Session, line: &[u8]) -> Result<Value, ApiError> {
    let asked: Asked = serde_json::from_slice(line).map_err(|error| {
        ApiError::new(
            Code::ArgumentsInvalid,
            "This line is not of the form {\"command\": …, \"argument\": …}. Nothing was changed.",
        )
        .with("detail", error)
    })?;
    Box::pin(session.app.call(&asked.command, asked.argument)).await
}
