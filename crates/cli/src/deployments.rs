//! `cluster deployments` in words.

use crate::print::{Column, table};
use pilotage_api::dto::deployments::{DeployedWeek, DeploymentsView};
use pilotage_domain::text::visible;
use std::fmt::Write as _;

/// Weeks, when somebody last deployed by hand, and what is deployed together.
pub fn deployments_shown(view: &DeploymentsView) -> String {
    if view.weeks.is_empty() {
        return "No deployment was seen, and nobody looked: switch a context on in the window, or run \
                `pilotage verify`.\n"
            .to_owned();
    }
    let columns = [
        Column::Text("Week of"),
        Column::Number("Manual"),
        Column::Number("Ambiguous"),
        Column::Number("Controller"),
        Column::Number("Pipeline"),
        Column::Number("GitOps"),
    ];
    let mut text = table(&columns, view.weeks.iter().map(week));
    let _ = writeln!(text, "\n{}", since_manual(view));
    if let Some(delivery) = &view.delivery {
        let columns = ["Delivery", "Value", "Before the move", "After it", "Covers", "How"];
        let told = |value: &Option<String>| value.clone().unwrap_or_else(|| "\u{2013}".to_owned());
        let rows = delivery.figures.iter().map(|figure| {
            vec![
                figure.title.clone(),
                told(&figure.value),
                told(&figure.before),
                told(&figure.after),
                figure.covers.clone(),
                figure.tag.clone(),
            ]
        });
        let _ = write!(text, "\n{}", table(&columns.map(Column::Text), rows));
        if let Some(why) = &delivery.not_compared {
            let _ = writeln!(text, "{why}");
        }
    }
    if !view.together.is_empty() {
        let columns = [
            Column::Text("Deployed within 15 minutes"),
            Column::Text("of each other"),
            Column::Number("Times"),
            Column::Number("Of the first"),
            Column::Number("Of the second"),
        ];
        let rows = view.together.iter().map(|pair| {
            let numbers = [pair.times, pair.of_first, pair.of_second];
            let names = [&pair.first.name, &pair.second.name].map(|name| visible(name));
            names.into_iter().chain(numbers.map(|number| number.to_string())).collect()
        });
        let _ = write!(text, "\n{}", table(&columns, rows));
    }
    text
}

fn week(week: &DeployedWeek) -> Vec<String> {
    let numbers = [week.manual, week.ambiguous, week.controller, week.pipeline, week.gitops];
    let told = |number: u32| {
        if week.observed { number.to_string() } else { "not observed".to_owned() }
    };
    std::iter::once(week.week.clone()).chain(numbers.map(told)).collect()
}

fn since_manual(view: &DeploymentsView) -> String {
    let last = match (&view.last_manual, view.days_since_manual) {
        (Some(at), Some(days)) => {
            let ago = match days {
                0 => "today".to_owned(),
                1 => "yesterday".to_owned(),
                days => format!("{days} days ago"),
            };
            format!("Last deployed by hand {ago}, at {at}.")
        }
        _ => "No deployment by hand was seen.".to_owned(),
    };
    let since = view.watched_since.as_deref().map_or_else(String::new, |at| {
        format!(" Watched since {at}; of what was before, nobody can tell who wrote it.")
    });
    let ambiguous = match view.ambiguous_since {
        0 => String::new(),
        count => format!(" {count} since then are ambiguous."),
    };
    format!("{last}{ambiguous}{since}")
}
