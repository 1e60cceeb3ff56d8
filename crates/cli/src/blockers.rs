//! Blockers: opened, closed, listed.

use crate::args::Block;
use crate::print::{self, Answer, Column};
use crate::session::Session;
use pilotage_api::dto::actions::{CloseBlocker, OpenBlocker};
use pilotage_api::dto::progress::{BlockedRow, ProgressRequest};
use pilotage_api::dto::service::{BlockerView, ServiceRequest};
use pilotage_api::{ApiError, Code};
use pilotage_domain::text::visible;

/// `block`.
pub async fn block(session: &Session, block: &Block) -> Result<Answer, ApiError> {
    let saved = match block {
        Block::List => {
            let blocked = session.app.progress(ProgressRequest::default()).await?.blocked;
            return session.answer(&blocked, || shown(&blocked));
        }
        Block::Open { service, reason, waiting_for } => {
            let request = OpenBlocker {
                service: service.clone(),
                reason: reason.clone(),
                waiting_for: waiting_for.clone(),
            };
            session.app.open_blocker(request).await?
        }
        Block::Close { subject, note } => {
            let blocker = blocker(session, subject).await?;
            session.app.close_blocker(CloseBlocker { blocker, note: note.clone() }).await?
        }
    };
    session.answer(&saved, || print::saved(&saved))
}

/// The only open blocker of a service; whatever is no service is taken for a blocker's own id.
async fn blocker(session: &Session, subject: &str) -> Result<String, ApiError> {
    let view = match session.app.service(ServiceRequest { service: subject.to_owned() }).await {
        Ok(view) => view,
        Err(error) if error.code == Code::NotFound && is_id(subject) => {
            return Ok(subject.to_owned());
        }
        Err(error) => return Err(error),
    };
    let open: Vec<&BlockerView> =
        view.blockers.iter().filter(|blocker| blocker.closed_at.is_none()).collect();
    let name = visible(&view.row.name);
    match open.as_slice() {
        [one] => Ok(one.id.clone()),
        [] => Err(ApiError::new(
            Code::NotPossible,
            format!("{name} has no open blocker. Nothing was changed."),
        )),
        several => {
            let ids: Vec<&str> = several.iter().map(|blocker| blocker.id.as_str()).collect();
            let ids = ids.join(", ");
            let message =
                format!("{name} has several open blockers: {ids}. Nothing was changed. Name one.");
            Err(ApiError::new(Code::NameAmbiguous, message).with("candidates", ids))
        }
    }
}

/// Ids are UUIDs: 32 hexadecimal digits, with or without dashes.
fn is_id(text: &str) -> bool {
    let digits: Vec<char> = text.trim().chars().filter(|c| *c != '-').collect();
    digits.len() == 32 && digits.iter().all(char::is_ascii_hexdigit)
}

fn shown(blocked: &[BlockedRow]) -> String {
    if blocked.is_empty() {
        return "Nothing is blocked.\n".to_owned();
    }
    let columns = [
        Column::Text("Blocker"),
        Column::Text("Service"),
        Column::Number("Days"),
        Column::Text("Waiting for"),
        Column::Text("Reason"),
        Column::Text("Opened by"),
    ];
    let rows = blocked.iter().map(|row| {
        vec![
            row.blocker.clone(),
            row.service.name.clone(),
            row.days.to_string(),
            row.waiting_for.clone(),
            row.reason.clone(),
            row.opened_by.clone(),
        ]
    });
    print::table(&columns, rows)
}
