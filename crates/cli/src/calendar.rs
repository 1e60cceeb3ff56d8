//! The programme's calendar, shown and changed.

use crate::args::{Calendar, CalendarCommand, CalendarSet};
use crate::print::{self, Answer};
use crate::session::Session;
use pilotage_api::dto::calendar::{
    CalendarView, CapacityWords, EditCalendar, HolidayWords, PauseWords,
};
use pilotage_api::dto::session::Nothing;
use pilotage_api::{ApiError, Code};
use pilotage_domain::text::visible;
use serde::Serialize;
use std::fmt::Write as _;

/// Answer to `calendar`.
#[derive(Debug, Serialize)]
struct Shown {
    time_zone: String,
    #[serde(flatten)]
    calendar: CalendarView,
}

/// `calendar`.
pub async fn calendar(session: &Session, words: &Calendar) -> Result<Answer, ApiError> {
    if let Some(CalendarCommand::Set(set)) = &words.set {
        let saved = session.app.edit_calendar(edit(set)?).await?;
        return session.answer(&saved, || print::saved(&saved));
    }
    let settings = session.app.settings(Nothing {}).await?;
    let shown = Shown { time_zone: settings.time_zone, calendar: settings.calendar };
    session.answer(&shown, || text(&shown))
}

fn edit(set: &CalendarSet) -> Result<EditCalendar, ApiError> {
    let capacity = |entered: &String| {
        let read = entered.split_once('=').and_then(|(from, days)| {
            let person_days = days.trim().parse().ok()?;
            Some(CapacityWords { from: from.to_owned(), person_days })
        });
        read.ok_or_else(|| {
            let message = format!(
                "--capacity {}: write a day and a number, such as 2026-11-02=2.5. Nothing was \
                 changed.",
                visible(entered)
            );
            ApiError::new(Code::ArgumentsInvalid, message)
        })
    };
    Ok(EditCalendar {
        working_days: set.working_days.clone(),
        day_ends: set.day_ends.clone(),
        holidays: set.holidays.iter().map(|entered| holiday(entered)).collect(),
        no_holidays: set.no_holidays.clone(),
        pauses: set.pauses.iter().map(|entered| pause(entered)).collect(),
        no_pauses: set.no_pauses.clone(),
        capacity: set.capacity.iter().map(capacity).collect::<Result<_, _>>()?,
        no_capacity: set.no_capacity.clone(),
    })
}

/// `DAY[=NAME]`.
fn holiday(entered: &str) -> HolidayWords {
    let (date, name) = entered.split_once('=').unwrap_or((entered, ""));
    HolidayWords { date: date.to_owned(), name: name.to_owned() }
}

/// `FROM[..RESUMES][=REASON]`.
fn pause(entered: &str) -> PauseWords {
    let (days, reason) = entered.split_once('=').unwrap_or((entered, ""));
    let (from, resumes) = days.split_once("..").map_or((days, None), |(a, b)| (a, Some(b)));
    PauseWords {
        from: from.to_owned(),
        resumes: resumes.map(str::to_owned),
        reason: reason.to_owned(),
    }
}

fn text(shown: &Shown) -> String {
    let calendar = &shown.calendar;
    let mut text = format!(
        "Time zone    {}\nWorking days {}, over at {}\n",
        visible(&shown.time_zone),
        calendar.working_days.join(", "),
        calendar.day_ends
    );
    for holiday in &calendar.holidays {
        let _ = writeln!(text, "Holiday      {}  {}", holiday.date, visible(&holiday.name));
    }
    for pause in &calendar.pauses {
        let until = match &pause.resumes {
            Some(day) => format!("resumes {day}"),
            None => "no end planned".to_owned(),
        };
        let _ = writeln!(text, "Pause        {}, {until}  {}", pause.from, visible(&pause.reason));
    }
    for capacity in &calendar.capacity {
        let days = capacity.person_days;
        let _ = writeln!(text, "Capacity     {days} person-days a day from {} on", capacity.from);
    }
    text
}
