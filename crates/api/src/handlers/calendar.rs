//! The programme's calendar: shown and changed.

use super::actions::{note, parse_day};
use crate::app::App;
use crate::dto::calendar::{CalendarView, CapacityWords, EditCalendar, HolidayWords, PauseWords};
use crate::dto::session::Saved;
use crate::error::ApiError;
use crate::names::Names;
use pilotage_domain::calendar::{self, Rest, Timetable};
use pilotage_domain::change::{Change, path};
use serde_json::{Value, json};

/// Nobody plans more in a day.
const MOST_PERSON_DAYS: f64 = 1_000.0;

/// The calendar as it is shown.
pub(crate) fn calendar_view(timetable: &Timetable) -> CalendarView {
    CalendarView {
        working_days: timetable.working_days.clone(),
        day_ends: timetable.day_ends.format("%H:%M").to_string(),
        holidays: timetable
            .holidays
            .iter()
            .map(|(date, name)| HolidayWords { date: date.to_string(), name: name.clone() })
            .collect(),
        pauses: timetable
            .pauses
            .iter()
            .map(|(from, rest)| PauseWords {
                from: from.to_string(),
                resumes: rest.resumes.map(|day| day.to_string()),
                reason: rest.reason.clone(),
            })
            .collect(),
        capacity: timetable
            .capacity
            .iter()
            .map(|(from, days)| CapacityWords {
                from: from.to_string(),
                person_days: calendar::person_days(*days),
            })
            .collect(),
    }
}

pub(crate) async fn edit_calendar(app: &App, request: EditCalendar) -> Result<Saved, ApiError> {
    let names = Names::load(app).await?;
    let actor = app.need_actor(&names)?;
    let programme = app.store.workspace();
    let mut changes = Vec::new();
    let mut set = |register: String, value: Value| {
        changes.push(Change::field(programme, register, value));
    };
    if let Some(days) = &request.working_days {
        let days = calendar::read_weekdays(days.iter().map(String::as_str));
        let days = days.filter(|days| !days.is_empty()).ok_or_else(|| {
            ApiError::argument("working days", "must be weekdays such as mon, tue; at least one")
        })?;
        set(path::WORKING_DAYS.to_owned(), calendar::weekdays_value(days));
    }
    if let Some(time) = &request.day_ends {
        let time = calendar::read_time(time)
            .ok_or_else(|| ApiError::argument("end of a day", "must be a time such as 18:00"))?;
        set(path::DAY_ENDS.to_owned(), json!(time.format("%H:%M").to_string()));
    }
    for holiday in request.holidays {
        let register = register(path::HOLIDAYS, "holiday", &holiday.date)?;
        set(register, json!(note("name", Some(holiday.name))?.unwrap_or_default()));
    }
    for pause in request.pauses {
        let from = parse_day("pause", &pause.from)?;
        let resumes = pause.resumes.filter(|day| !day.trim().is_empty());
        let resumes = resumes.map(|day| parse_day("resumes", &day)).transpose()?;
        if resumes.is_some_and(|resumes| resumes <= from) {
            return Err(ApiError::argument("resumes", "must be after the first day of the pause"));
        }
        let reason = note("reason", Some(pause.reason))?.unwrap_or_default();
        set(path::element(path::PAUSES, &from.to_string()), json!(Rest { resumes, reason }));
    }
    for capacity in request.capacity {
        let register = register(path::CAPACITY, "capacity", &capacity.from)?;
        set(register, json!(hundredths(capacity.person_days)?));
    }
    for (set_of, field, days) in [
        (path::HOLIDAYS, "holiday", &request.no_holidays),
        (path::PAUSES, "pause", &request.no_pauses),
        (path::CAPACITY, "capacity", &request.no_capacity),
    ] {
        for day in days {
            set(register(set_of, field, day)?, Value::Null);
        }
    }
    app.save(actor, changes, "Calendar changed", None).await
}

/// Person-days as the log holds them.
fn hundredths(person_days: f64) -> Result<u32, ApiError> {
    let refused = || ApiError::argument("person-days", "must be a number from 0 to 1000");
    if !(0.0..=MOST_PERSON_DAYS).contains(&person_days) {
        return Err(refused());
    }
    // Rounded by its text, which is exact where a cast would cut off.
    format!("{:.0}", person_days * 100.0).parse().map_err(|_| refused())
}

fn register(set: &str, field: &str, day: &str) -> Result<String, ApiError> {
    Ok(path::element(set, &parse_day(field, day)?.to_string()))
}
