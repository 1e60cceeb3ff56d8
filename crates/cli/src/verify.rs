//! The playbook's checks, judged on clusters.

use crate::args::{Global, Verify};
use crate::cluster::access;
use crate::print::{self, Answer, Column, Form};
use crate::session::{Places, Session};
use pilotage_api::cluster::{ClusterQuestion, Verification, Verified, VerifyLook, quick_verify};
use pilotage_api::{ApiError, Clock, programme};
use pilotage_domain::fact::Seen;
use pilotage_domain::text::visible;
use std::fmt::Write as _;
use std::time::Duration;

/// No command waits longer for something to hold: health that was bad a moment ago takes a quarter of
/// an hour to be a finding, and the next run goes on where this one ended.
const LONGEST: Duration = Duration::from_mins(6);
/// Looks lie at least so far apart.
const APART: Duration = Duration::from_secs(2);

/// `verify`.
pub async fn verify(global: &Global, request: &Verify) -> Result<Answer, ApiError> {
    let form = Form::of(global);
    let known = access(form, global.sample, &request.access)?;
    let question = ClusterQuestion { context: request.context.clone(), ..known };
    if !global.sample && !programme::is_at(&Places::of(global)?.workspace) {
        let look = quick_verify(&question, &request.services, Clock::System).await?;
        return answer(form, look);
    }
    let session = Session::open(global, crate::args::Purpose::Look).await?;
    let looked = wait_for_it(&session, question, request).await;
    let answer = looked.and_then(|look| answer(form, look));
    session.close().await;
    answer
}

async fn wait_for_it(
    session: &Session,
    question: ClusterQuestion,
    request: &Verify,
) -> Result<VerifyLook, ApiError> {
    let mut verification = Verification::new(&session.app, question, request.services.clone());
    let begun = tokio::time::Instant::now();
    let mut look = verification.look().await?;
    let (mut findings, mut rollouts) = (look.findings, look.rollouts);
    while let Some(due) = look.due.filter(|_| !request.no_wait) {
        let wait = u64::try_from(due - Clock::System.now()).unwrap_or(0);
        let wait = Duration::from_millis(wait).max(APART);
        if begun.elapsed() + wait > LONGEST {
            break;
        }
        if session.form == Form::Human {
            let text = format!(
                "Looking again in {} s: what was just seen has to hold before it is recorded.",
                wait.as_secs()
            );
            print::notice(session.form, &text);
        }
        tokio::time::sleep(wait).await;
        look = verification.look().await?;
        findings += look.findings;
        rollouts += look.rollouts;
    }
    Ok(VerifyLook { findings, rollouts, ..look })
}

fn answer(form: Form, look: VerifyLook) -> Result<Answer, ApiError> {
    if look.rows.is_empty() && !look.errors.is_empty() {
        return Ok(Answer::refused_by(look.errors));
    }
    let mut answer = Answer::new(form, &look.rows, || shown(&look))?;
    let fails = |row: &Verified| row.result == Seen::Fail || row.suspected == Some(Seen::Fail);
    if look.rows.iter().any(fails) {
        answer = answer.with_finding();
    }
    if look.errors.is_empty() { Ok(answer) } else { Ok(answer.stopped_by(look.errors)) }
}

fn shown(look: &VerifyLook) -> String {
    let columns =
        ["Service", "Target", "Check", "Result", "Suspected", "Reason", "Observed", "Writer"];
    let rows = look.rows.iter().map(|row| {
        vec![
            row.service.clone(),
            row.target.clone(),
            row.check.clone(),
            row.result.word().to_owned(),
            row.suspected.map_or("", Seen::word).to_owned(),
            row.reason.to_string(),
            row.observed.clone(),
            row.evidence.writer.as_ref().map_or_else(String::new, |one| one.manager.clone()),
        ]
    });
    let mut text = print::table(&columns.map(Column::Text), rows);
    if look.rows.is_empty() {
        "No service is mapped to a workload, or none is in scope. See `pilotage cluster map`.\n"
            .clone_into(&mut text);
    }
    for check in &look.held_back {
        let check = visible(check);
        let _ = writeln!(
            text,
            "{check}: so many services began to fail it at once that the cluster is the likelier \
             cause; nothing was recorded."
        );
    }
    if let Some(why) = &look.unrecorded {
        let _ = writeln!(text, "\nNothing was recorded: {}", visible(why));
        return text;
    }
    let _ = writeln!(text, "\nRecorded: {} findings, {} rollouts.", look.findings, look.rollouts);
    text
}
