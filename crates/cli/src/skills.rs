//! Who did what: recorded, confirmed, listed; and what the team can do alone.

use crate::args::skills::{PairWord, Skills, SkillsCommand, Who};
use crate::print::{self, Answer, Column};
use crate::session::Session;
use pilotage_api::dto::actions::ById;
use pilotage_api::dto::session::{Nothing, PersonRef, Saved};
use pilotage_api::dto::skills::{
    AssessSelf, DoneBy, ExecutionView, ExecutionsRequest, IndependenceRatio, LevelCell,
    RecordExecution, ReportHours, SayOf, SkilledPerson, SkillsView, SuggestedLeader, Suggestion,
    TookPart, TraceRegression, Wish, WishPair, WishedPair,
};
use pilotage_api::{ApiError, Code};
use pilotage_domain::text::visible;
use std::fmt::Write as _;

/// `skills`.
pub async fn skills(session: &Session, words: &Skills) -> Result<Answer, ApiError> {
    let app = &session.app;
    let saved = match &words.command {
        None => {
            let view = app.skills(Nothing {}).await?;
            return session.answer(&view, || page(&view));
        }
        Some(SkillsCommand::Executions { service, check, person, skill, sprint, unconfirmed }) => {
            let request = ExecutionsRequest {
                service: service.clone(),
                check: check.clone(),
                person: person.clone(),
                skill: skill.clone(),
                sprint: sprint.clone(),
                unconfirmed: Some(*unconfirmed),
            };
            let view = app.executions(request).await?;
            return session.answer(&view, || list(&view.executions));
        }
        Some(SkillsCommand::Hours { service, hours, person, on, note }) => {
            let request = ReportHours {
                service: service.clone(),
                hundredths: hundredths(hours)?,
                person: person.clone(),
                on: on.clone(),
                note: note.clone(),
            };
            app.report_hours(request).await?
        }
        Some(SkillsCommand::Assess { skill, level }) => {
            let level =
                match level.as_str() {
                    "none" => None,
                    level => Some(level.parse().map_err(|_| {
                        refused("A level is 0 to 5, or `none`. Nothing was changed.")
                    })?),
                };
            app.assess_self(AssessSelf { skill: skill.clone(), level }).await?
        }
        Some(SkillsCommand::Pair { person, with, wish }) => {
            let wish = match wish {
                PairWord::Lock => Wish::Locked,
                PairWord::Forbid => Wish::Forbidden,
                PairWord::Free => Wish::Free,
            };
            let request = WishPair { person: person.clone(), with: with.clone(), wish };
            app.wish_pair(request).await?
        }
        Some(SkillsCommand::Cause { service, check, note }) => {
            let (service, check) = (service.clone(), check.clone());
            app.trace_regression(TraceRegression { service, check, note: note.clone() }).await?
        }
        Some(SkillsCommand::Contest { execution, note }) => {
            app.contest_execution(say(execution, note)).await?
        }
        Some(SkillsCommand::Settle { doubt, note }) => app.settle_contest(say(doubt, note)).await?,
        Some(SkillsCommand::Retract { id, note }) => app.retract_execution(say(id, note)).await?,
    };
    answer(session, &saved)
}

fn say(id: &str, note: &str) -> SayOf {
    SayOf { id: id.to_owned(), note: note.to_owned() }
}

fn answer(session: &Session, saved: &Saved) -> Result<Answer, ApiError> {
    session.answer(saved, || print::saved(saved))
}

fn refused(message: &str) -> ApiError {
    ApiError::new(Code::ArgumentsInvalid, message)
}

/// Hours with at most two places, as hundredths.
fn hundredths(entered: &str) -> Result<u32, ApiError> {
    let (whole, part) = entered.split_once('.').unwrap_or((entered, ""));
    let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    let sound = !whole.is_empty() && digits(whole) && digits(part) && part.len() <= 2;
    let number: Option<u32> = sound.then(|| format!("{whole}{part:0<2}").parse().ok()).flatten();
    number.ok_or_else(|| {
        refused("Hours are a number with at most two places, such as 1.5. Nothing was changed.")
    })
}

/// Who did it, where the words say something of it.
pub async fn done_by(session: &Session, who: &Who) -> Result<Option<DoneBy>, ApiError> {
    let says = !who.with.is_empty() || who.own.is_some() || who.by_script || who.exceptional;
    if !says {
        return Ok(None);
    }
    let people = people(session, who).await?;
    Ok(Some(DoneBy::People { people, by_script: who.by_script, exceptional: who.exceptional }))
}

async fn people(session: &Session, who: &Who) -> Result<Vec<TookPart>, ApiError> {
    let one = |words: &String| {
        let (person, level) = words.rsplit_once(':')?;
        Some(TookPart { person: person.trim().to_owned(), help: level.trim().parse().ok()? })
    };
    let mut people = Vec::new();
    for words in &who.with {
        people.push(one(words).ok_or_else(|| {
            refused(
                "`--with` takes a name, a colon and a level, such as Ann:4. Nothing was changed.",
            )
        })?);
    }
    let Some(me) = session.app.acting().await? else { return Ok(people) };
    let is_me = |part: &TookPart| {
        part.person == me.id || part.person.to_lowercase() == me.name.to_lowercase()
    };
    if !people.iter().any(is_me) {
        let alone = people.iter().all(|part| part.help == 0);
        let help = who.own.unwrap_or(if alone { 3 } else { 2 });
        people.insert(0, TookPart { person: me.id, help });
    } else if who.own.is_some() {
        return Err(refused("Your level stands in `--with` and in `--own`. Nothing was changed."));
    }
    Ok(people)
}

/// `check done`.
pub async fn record(
    session: &Session,
    (service, check): (&str, &str),
    who: &Who,
    (imported, on, note): (bool, Option<String>, Option<String>),
) -> Result<Saved, ApiError> {
    let request = RecordExecution {
        service: service.to_owned(),
        check: check.to_owned(),
        people: people(session, who).await?,
        by_script: who.by_script,
        exceptional: who.exceptional,
        imported,
        note,
        on,
    };
    session.app.record_execution(request).await
}

/// `check confirm`: by id, or the latest of a service's check that nobody confirmed.
pub async fn confirm(
    session: &Session,
    subject: &str,
    check: Option<&String>,
) -> Result<Saved, ApiError> {
    let id = match check {
        None => subject.to_owned(),
        Some(check) => {
            let request = ExecutionsRequest {
                service: Some(subject.to_owned()),
                check: Some(check.clone()),
                unconfirmed: Some(true),
                ..ExecutionsRequest::default()
            };
            let found = session.app.executions(request).await?.executions;
            let message = format!(
                "Nobody waits for a confirmation of {} on {}. Nothing was changed.",
                visible(check),
                visible(subject)
            );
            let first = found.into_iter().next();
            first.ok_or_else(|| ApiError::new(Code::NotFound, message))?.id
        }
    };
    session.app.confirm_execution(ById { id }).await
}

fn list(executions: &[ExecutionView]) -> String {
    if executions.is_empty() {
        return "No execution is known. `pilotage check attest` records who did a step.\n"
            .to_owned();
    }
    let columns = ["Day", "Service", "Check", "Who", "Confirmed", "Id"];
    let rows = executions.iter().map(|one| {
        let people = one.people.iter();
        let people: Vec<String> =
            people.map(|part| format!("{} ({})", part.person.name, part.help)).collect();
        let open = one.contests.iter().any(|contest| contest.settled.is_none());
        let confirmed = one.confirmed_by.clone().unwrap_or_else(|| "no".to_owned());
        vec![
            one.on.clone(),
            one.service.name.clone(),
            one.check.clone(),
            people.join(", "),
            if open { format!("{confirmed}, in doubt") } else { confirmed },
            one.id.clone(),
        ]
    });
    print::table(&columns.map(Column::Text), rows)
}

fn page(view: &SkillsView) -> String {
    if view.executions == 0 {
        return "No execution is known, so nothing is known of skills. `pilotage check attest` \
                records who did a step.\n"
            .to_owned();
    }
    let columns = ["Skill", "Mandatory", "Held by", "Levels"];
    let mut text = print::table(&columns.map(Column::Text), matrix(view));
    let title = |id: &String| {
        let known = view.skills.iter().find(|skill| skill.id == *id);
        visible(known.map_or(id.as_str(), |skill| &skill.title))
    };
    let titles = |ids: &[String]| ids.iter().map(title).collect::<Vec<_>>().join(", ");
    let factor = view.truck_factor.map_or_else(|| "\u{2013}".to_owned(), |it| it.to_string());
    let _ = writeln!(text, "Truck factor: {factor} ({})", titles(&view.weakest));
    let _ = writeln!(text, "Orphaned: {}", or_none(&titles(&view.orphaned)));
    let _ = writeln!(text, "Independence: {}", ratio(&view.independence));
    for sprint in &view.sprints {
        let hours = sprint.hours_per_service.map_or_else(String::new, |hours| {
            format!(", {}.{:02} expert hours a service", hours / 100, hours % 100)
        });
        let _ = writeln!(
            text,
            "{} ({}): {}, {} of {} done unaided{hours}",
            visible(&sprint.name),
            sprint.kind,
            ratio(&sprint.independence),
            sprint.unaided.len(),
            sprint.done
        );
    }
    text.push_str(&suggestion(&view.suggestion, &titles));
    text
}

/// A row a skill: who stands where.
fn matrix(view: &SkillsView) -> impl Iterator<Item = Vec<String>> + '_ {
    view.skills.iter().map(|skill| {
        let of = |one: &SkilledPerson| {
            let is_cell =
                |cell: &&LevelCell| cell.person == one.person.id && cell.skill == skill.id;
            let cell = view.levels.iter().find(is_cell)?;
            let faded = if cell.faded { " faded" } else { "" };
            let own = cell.assessed.map_or_else(String::new, |level| format!(" (own: L{level})"));
            Some(format!("{} {}{faded}{own}", one.person.name, cell.words))
        };
        let levels: Vec<String> = view.people.iter().filter_map(of).collect();
        vec![
            skill.title.clone(),
            if skill.mandatory { "yes" } else { "" }.to_owned(),
            skill.holders.len().to_string(),
            levels.join(", "),
        ]
    })
}

fn ratio(figures: &IndependenceRatio) -> String {
    let share = |alone: u32, all: u32| {
        if all == 0 { "\u{2013}".to_owned() } else { format!("{alone} of {all} alone") }
    };
    format!(
        "{} (with unconfirmed: {})",
        share(figures.alone, figures.all),
        share(figures.alone_with_unconfirmed, figures.all_with_unconfirmed)
    )
}

fn or_none(text: &str) -> &str {
    if text.is_empty() { "none" } else { text }
}

fn suggestion(suggestion: &Suggestion, titles: &impl Fn(&[String]) -> String) -> String {
    let mut text = String::new();
    let SuggestedLeader { eligible, one_step_away, nearest } = &suggestion.leader;
    let sprint = suggestion.sprint.as_deref().unwrap_or("the next sprint");
    let leaders: Vec<String> = eligible
        .iter()
        .map(|row| {
            let last = if row.led_last_sprint { " \u{2212} 2 led last" } else { "" };
            format!(
                "{} {:.1} (2\u{b7}{} high + {} guided + {:.2} fresh{last})",
                visible(&row.person.name),
                row.total,
                row.high,
                row.guided,
                row.fresh
            )
        })
        .collect();
    let _ = writeln!(text, "Leader of {}: {}", visible(sprint), or_none(&leaders.join("; ")));
    for (words, rows) in [("One step away", one_step_away), ("Nearest", nearest)] {
        for row in rows {
            let _ = writeln!(
                text,
                "{words}: {} lacks {}",
                visible(&row.person.name),
                titles(&row.skills)
            );
        }
    }
    if let Some(pairs) = &suggestion.pairs {
        let names = |people: &[PersonRef]| {
            people.iter().map(|one| visible(&one.name)).collect::<Vec<_>>().join(" + ")
        };
        for group in &pairs.best.groups {
            let moves = or_none(&titles(&group.moves)).to_owned();
            let _ = writeln!(
                text,
                "Pair: {} ({:.2}; moves: {moves})",
                names(&group.people),
                group.score
            );
            for support in &group.support {
                let person = support.person.as_ref().map_or("nobody", |one| &one.name);
                let skill = titles(std::slice::from_ref(&support.skill));
                let _ = writeln!(text, "  stands by for {skill}: {}", visible(person));
            }
        }
    }
    for WishedPair { people, wish } in &suggestion.wishes {
        let people: Vec<String> = people.iter().map(|one| visible(&one.name)).collect();
        let said = if *wish == Wish::Locked { "Locked" } else { "Refused" };
        let _ = writeln!(text, "{said}: {}", people.join(" + "));
    }
    if let Some(note) = &suggestion.note {
        let _ = writeln!(text, "{note}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::hundredths;

    #[test]
    fn hours_have_at_most_two_places() {
        let check = |entered: &str, expect: Option<u32>| {
            assert_eq!(hundredths(entered).ok(), expect, "{entered:?}");
        };
        check("1.5", Some(150));
        check("2", Some(200));
        check("0.25", Some(25));
        check("12.", Some(1_200));
        check("1.255", None);
        check("", None);
        check(".5", None);
        check("-1", None);
        check("1,5", None);
        check("99999999999", None);
    }
}
