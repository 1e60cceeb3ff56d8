//! A forecast of counts in a file. It needs no programme.

use crate::args::{Forecast, Global};
use crate::print::{self, Answer, Column, Form};
use pilotage_api::forecast::{DeadlineAnswer, ForecastAnswer, ForecastQuestion, forecast_file};
use pilotage_api::{ApiError, Clock};
use std::fmt::Write as _;

/// `forecast`.
pub fn forecast(global: &Global, request: &Forecast) -> Result<Answer, ApiError> {
    let question = ForecastQuestion {
        throughput: request.throughput.clone(),
        remaining: request.remaining,
        start: request.start.clone(),
        horizon: request.horizon,
        deadline: request.deadline.clone(),
    };
    let answer = forecast_file(&question, Clock::System)?;
    Answer::new(Form::of(global), &answer, || shown(&answer))
}

fn shown(answer: &ForecastAnswer) -> String {
    let sample = &answer.sample;
    let mut text = format!(
        "{} done in the last {} working days; {} remain, from {} on.\n",
        sample.done, sample.days, answer.remaining, answer.start
    );
    if let Some(reason) = &answer.reason {
        let _ = writeln!(text, "No forecast. {reason}");
    } else {
        let _ = write!(text, "\n{}", table(answer));
    }
    if let Some(deadline) = &answer.deadline {
        let _ = writeln!(text, "\n{}", by(deadline));
    }
    text
}

fn table(answer: &ForecastAnswer) -> String {
    let days = answer.when.iter().flatten();
    let dates = answer.dates.iter().flat_map(|dates| dates.values());
    let rows = days.zip(dates).map(|((level, days), date)| {
        let never = || "beyond 5 years at this pace".to_owned();
        let mut row = vec![
            format!("{level} %"),
            days.map_or_else(String::new, |days| days.to_string()),
            date.clone().unwrap_or_else(never),
        ];
        // No more than remain can be done.
        let count = answer.how_many.as_ref().and_then(|counts| counts.get(level));
        row.extend(count.map(|count| (*count).min(answer.remaining.into()).to_string()));
        row
    });
    let mut columns =
        vec![Column::Number("Level"), Column::Number("Working days"), Column::Text("Done by")];
    if answer.how_many.is_some() {
        columns.push(Column::Number("At least"));
    }
    let table = print::table(&columns, rows);
    match answer.horizon.filter(|_| answer.how_many.is_some()) {
        Some(days) => {
            format!("{table}\n\u{201c}At least\u{201d} are done in {days} working days.\n")
        }
        None => table,
    }
}

fn by(deadline: &DeadlineAnswer) -> String {
    let said = match &deadline.words {
        Some(words) => format!("Deadline {}: {words} ({}).", deadline.date, deadline.status),
        None => format!("Deadline {}: {}.", deadline.date, deadline.status),
    };
    match deadline.pace_needed {
        Some(pace) => format!("{said} It needs {pace:.2} a working day."),
        None => said,
    }
}
