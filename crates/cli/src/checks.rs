//! Checks: attested, taken back, waived, listed.

use crate::args::{Check, ResultWord};
use crate::print::{self, Answer, Column};
use crate::service;
use crate::session::Session;
use crate::skills;
use pilotage_api::dto::actions::{
    AnswerWaiver, Attest, AttestedResult, Retract, RevokeWaiver, Waive,
};
use pilotage_api::dto::service::{CheckView, ServiceRequest, ServiceView};
use pilotage_api::dto::session::{Nothing, Saved};
use pilotage_api::dto::skills::DoneBy;
use pilotage_api::{ApiError, Code};
use pilotage_domain::text::visible;

/// `check`.
pub async fn check(session: &Session, check: &Check) -> Result<Answer, ApiError> {
    let saved = match check {
        Check::List { service } => return list(session, service).await,
        Check::Requests => return requests(session).await,
        Check::Attest { service, check, result, note, link, who, unrecorded } => {
            let request = Attest {
                service: service.clone(),
                check: check.clone(),
                result: match result {
                    ResultWord::Pass => AttestedResult::Pass,
                    ResultWord::Fail => AttestedResult::Fail,
                    ResultWord::NotApplicable => AttestedResult::NotApplicable,
                },
                note: note.clone(),
                link: link.clone(),
                done_by: if *unrecorded {
                    Some(DoneBy::Nobody)
                } else {
                    skills::done_by(session, who).await?
                },
            };
            session.app.attest(request).await?
        }
        Check::Done { service, check, who, imported, on, note } => {
            let rest = (*imported, on.clone(), note.clone());
            skills::record(session, (service, check), who, rest).await?
        }
        Check::Confirm { subject, check } => {
            skills::confirm(session, subject, check.as_ref()).await?
        }
        Check::Retract { subject, check, note } => {
            let finding = match check {
                None => subject.clone(),
                Some(check) => finding_of(session, subject, check).await?,
            };
            session.app.retract(Retract { finding, note: note.clone() }).await?
        }
        Check::Waive { service, check, reason, until, ask } => {
            let request = Waive {
                service: service.clone(),
                check: check.clone(),
                reason: reason.clone(),
                expires_on: until.clone(),
            };
            if *ask {
                session.app.request_waiver(request).await?
            } else {
                session.app.waive(request).await?
            }
        }
        Check::Answer { subject, check, word, note } => {
            let request = match check {
                None => subject.clone(),
                Some(check) => request_of(session, subject, check).await?,
            };
            let answer = AnswerWaiver { request, grant: word.grant, note: note.clone() };
            session.app.answer_waiver(answer).await?
        }
        Check::Revoke { subject, check } => {
            let waiver = match check {
                None => subject.clone(),
                Some(check) => waiver_of(session, subject, check).await?,
            };
            session.app.revoke_waiver(RevokeWaiver { waiver }).await?
        }
    };
    answer(session, &saved)
}

fn answer(session: &Session, saved: &Saved) -> Result<Answer, ApiError> {
    session.answer(saved, || print::saved(saved))
}

async fn list(session: &Session, service: &str) -> Result<Answer, ApiError> {
    let view = session.app.service(ServiceRequest { service: service.to_owned() }).await?;
    let checks: Vec<&CheckView> =
        view.ladder.iter().flat_map(|stage| stage.checks.iter()).collect();
    session.answer(&checks, || {
        if checks.is_empty() {
            let (name, class) = (visible(&view.row.name), visible(&view.row.class));
            return format!("{name} is a {class}; only services have checks.\n");
        }
        let title = visible(&view.row.name);
        format!("{title}\n{}", service::checks(&view.ladder, true))
    })
}

/// `check requests`.
async fn requests(session: &Session) -> Result<Answer, ApiError> {
    let requests = session.app.waiver_requests(Nothing {}).await?;
    session.answer(&requests, || {
        if requests.is_empty() {
            return "No waiver is asked for.\n".to_owned();
        }
        let rows = requests.iter().map(|one| {
            vec![
                one.service.name.clone(),
                one.check.clone(),
                one.reason.clone(),
                one.by.clone(),
                one.expires_on.clone(),
                one.request.clone(),
            ]
        });
        let columns = ["Service", "Check", "Reason", "Asked by", "Until", "Request"];
        print::table(&columns.map(Column::Text), rows)
    })
}

async fn request_of(session: &Session, service: &str, check: &str) -> Result<String, ApiError> {
    let view = session.app.service(ServiceRequest { service: service.to_owned() }).await?;
    let found = one_check(&view, check)?;
    found
        .request
        .as_ref()
        .map(|request| request.id.clone())
        .ok_or_else(|| nothing(&view, found, "open request"))
}

async fn finding_of(session: &Session, service: &str, check: &str) -> Result<String, ApiError> {
    let view = session.app.service(ServiceRequest { service: service.to_owned() }).await?;
    let found = one_check(&view, check)?;
    found
        .finding
        .as_ref()
        .map(|finding| finding.id.clone())
        .ok_or_else(|| nothing(&view, found, "finding"))
}

async fn waiver_of(session: &Session, service: &str, check: &str) -> Result<String, ApiError> {
    let view = session.app.service(ServiceRequest { service: service.to_owned() }).await?;
    let found = one_check(&view, check)?;
    found
        .waiver
        .as_ref()
        .map(|waiver| waiver.id.clone())
        .ok_or_else(|| nothing(&view, found, "waiver"))
}

fn one_check<'a>(view: &'a ServiceView, check: &str) -> Result<&'a CheckView, ApiError> {
    let mut checks = view.ladder.iter().flat_map(|stage| stage.checks.iter());
    checks.find(|found| found.id.eq_ignore_ascii_case(check.trim())).ok_or_else(|| {
        let message = format!(
            "{} has no check \u{201c}{}\u{201d}. Nothing was changed.",
            visible(&view.row.name),
            visible(check)
        );
        ApiError::new(Code::NotFound, message).with("name", check)
    })
}

fn nothing(view: &ServiceView, check: &CheckView, what: &str) -> ApiError {
    let message =
        format!("{} has no {what} for {}. Nothing was changed.", visible(&view.row.name), check.id);
    ApiError::new(Code::NotFound, message).with("name", &check.id)
}
