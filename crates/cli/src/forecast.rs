//! Forecasts: of the open programme, or of counts in a file, which needs none.

use crate::args::{Forecast, Global};
use crate::print::{self, Answer, Column, Form};
use crate::session::Session;
use pilotage_api::dto::outlook::{LevelView, OutlookRequest, OutlookView};
use pilotage_api::forecast::{DeadlineAnswer, ForecastAnswer, ForecastQuestion, forecast_file};
use pilotage_api::{ApiError, Clock};
use pilotage_domain::text::visible;
use std::fmt::Write as _;
use std::path::PathBuf;

/// `forecast` without a file.
pub async fn of_programme(session: &Session, request: &Forecast) -> Result<Answer, ApiError> {
    let request = OutlookRequest { at: request.at.clone(), as_known: request.as_known };
    let outlook = session.app.outlook(request).await?;
    session.answer(&outlook, || outlook_shown(&outlook))
}

fn outlook_shown(outlook: &OutlookView) -> String {
    let mut text = format!("{}\nStatus: {}\n", visible(&outlook.sentence), outlook.status);
    let columns = [
        Column::Number("Level"),
        Column::Number("Working days"),
        Column::Text("Done by"),
        Column::Number("At least"),
    ];
    let rows = |levels: &[LevelView]| -> Vec<Vec<String>> {
        let never = || "beyond 5 years at this pace".to_owned();
        let row = |level: &LevelView| {
            vec![
                format!("{} %", level.level),
                level.working_days.map_or_else(String::new, |days| days.to_string()),
                level.date.clone().unwrap_or_else(never),
                level.how_many.to_string(),
            ]
        };
        levels.iter().map(row).collect()
    };
    if !outlook.levels.is_empty() {
        let table = print::table(&columns, rows(&outlook.levels));
        let days = outlook.horizon;
        let _ = write!(
            text,
            "\n{table}\n\u{201c}At least\u{201d} of the {} that remain are done in {days} working \
             days.\n\nIf scope keeps growing as seen: ",
            outlook.remaining
        );
        match &outlook.growing_reason {
            Some(reason) => {
                let _ = writeln!(text, "{reason}");
            }
            None => {
                let _ = write!(text, "\n{}", print::table(&columns, rows(&outlook.growing)));
            }
        }
    }
    if let Some(adjusted) = &outlook.adjusted {
        let _ = writeln!(text, "{adjusted}");
    }
    let _ = writeln!(text, "\nHow right were we? {}", outlook.calibration.words);
    text
}

/// `forecast --throughput`; nothing without a file.
pub fn from_file(global: &Global, request: &Forecast) -> Option<Result<Answer, ApiError>> {
    let throughput = request.throughput.clone()?;
    Some(forecast(global, request, throughput))
}

fn forecast(global: &Global, request: &Forecast, throughput: PathBuf) -> Result<Answer, ApiError> {
    let question = ForecastQuestion {
        throughput,
        // Required beside a file.
        remaining: request.remaining.unwrap_or_default(),
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
