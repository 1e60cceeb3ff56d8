//! The CTO's sheet in lines of plain text, which each form of the report escapes by its own rules.

use crate::dto::outlook::{HeldSkill, LevelView, OutlookView, SheetView, TransferView};
use crate::dto::progress::ProgressView;
use crate::dto::skills::IndependenceRatio;

/// Titles with their lines.
pub(super) fn sections(view: &ProgressView) -> Vec<(&'static str, Vec<String>)> {
    let mut sections = vec![
        ("Forecast", forecast(&view.outlook)),
        ("By difficulty", classes(&view.sheet)),
        ("Needs you", needs(&view.sheet)),
        ("Independence", independence(&view.sheet)),
        ("After the move", after(&view.sheet)),
        ("Trust", trust(view)),
    ];
    sections.retain(|(_, lines)| !lines.is_empty());
    sections
}

fn forecast(outlook: &OutlookView) -> Vec<String> {
    let mut lines = vec![outlook.sentence.clone()];
    let likelihood = outlook.deadline.as_ref().and_then(|deadline| deadline.words.clone());
    let likelihood = likelihood.map_or_else(String::new, |words| format!(" ({words})"));
    lines.push(format!(
        "Status: {}{likelihood}. On course from 85 %, likely from 70, at risk from 50, else off course.",
        outlook.status
    ));
    let level = |level: &LevelView| {
        let date = level.date.clone().unwrap_or_else(|| "beyond 5 years".to_owned());
        format!("{} % by {date}", level.level)
    };
    let all = |levels: &[LevelView]| levels.iter().map(level).collect::<Vec<_>>().join(", ");
    if !outlook.levels.is_empty() {
        let days = outlook.horizon;
        let counts: Vec<String> = outlook
            .levels
            .iter()
            .map(|level| format!("{} % at least {}", level.level, level.how_many))
            .collect();
        lines.push(format!(
            "With today\u{2019}s scope of {} services: {}.",
            outlook.scope,
            all(&outlook.levels)
        ));
        lines.push(match &outlook.growing_reason {
            Some(reason) => format!("If scope keeps growing as seen: {reason}"),
            None => format!("If scope keeps growing as seen: {}.", all(&outlook.growing)),
        });
        lines.push(format!(
            "Of the {} that remain, done in {days} working days: {}.",
            outlook.remaining,
            counts.join(", ")
        ));
    }
    lines.extend(outlook.adjusted.clone());
    lines
}

fn classes(sheet: &SheetView) -> Vec<String> {
    let line = |row: &crate::dto::outlook::ClassRow| {
        let class = row.class.as_deref().unwrap_or("not classed");
        let oldest = row.oldest.as_ref().map_or_else(String::new, |oldest| {
            format!("; longest where it stands: {}, {} days", oldest.name, row.oldest_days)
        });
        format!("{class}: {} of {} done{oldest}", row.done, row.total)
    };
    sheet.classes.iter().map(line).collect()
}

fn needs(sheet: &SheetView) -> Vec<String> {
    let line = |need: &crate::dto::outlook::NeedRow| {
        let names: Vec<&str> = need.services.iter().map(|service| service.name.as_str()).collect();
        let by =
            need.needed_by.as_ref().map_or_else(String::new, |day| format!(", needed by {day}"));
        let cost = need
            .cost_days
            .map_or_else(String::new, |days| format!(" Waiting costs {days} working days."));
        format!(
            "{}: {} since {} days{by}.{cost} {}",
            need.owner,
            names.join(", "),
            need.days,
            need.what
        )
    };
    sheet.needs.iter().map(line).collect()
}

fn independence(sheet: &SheetView) -> Vec<String> {
    let independence = &sheet.independence;
    if let Some(transfer) = &independence.transfer {
        return told(transfer);
    }
    let all = independence.led + independence.unled;
    let mut lines =
        vec![format!("{} of {all} became done without an expert leading", independence.unled)];
    lines.extend(independence.sprints.iter().map(|sprint| {
        format!("{} ({}): {} of {}", sprint.name, sprint.kind, sprint.reached, sprint.planned)
    }));
    lines
}

/// The same from what is recorded of who did what.
fn told(transfer: &TransferView) -> Vec<String> {
    let ratio = |figures: &IndependenceRatio| {
        if figures.all == 0 {
            return "no confirmed steps".to_owned();
        }
        format!("{} of {} confirmed steps alone", figures.alone, figures.all)
    };
    let with = transfer.independence;
    let factor = transfer.truck_factor.map_or_else(|| "\u{2013}".to_owned(), |it| it.to_string());
    let mut lines = vec![
        format!(
            "{} ({} of {} with unconfirmed ones); {} services done unaided",
            ratio(&with),
            with.alone_with_unconfirmed,
            with.all_with_unconfirmed,
            transfer.unaided
        ),
        format!("Truck factor over mandatory skills: {factor}"),
    ];
    let held = |skill: &HeldSkill| {
        let names = skill.names.join(", ");
        let names = if names.is_empty() { String::new() } else { format!(" ({names})") };
        format!("{} {}{names}", skill.title, skill.held_by)
    };
    if !transfer.thin.is_empty() {
        let thin: Vec<String> = transfer.thin.iter().map(held).collect();
        lines.push(format!("Held by fewer than two: {}", thin.join(", ")));
    }
    lines.extend(transfer.sprints.iter().map(|sprint| {
        let hours = sprint.hours_per_service.map_or_else(String::new, |hours| {
            format!("; {}.{:02} expert hours a service (self-reported)", hours / 100, hours % 100)
        });
        format!(
            "{} ({}): {}; {} of {} done unaided{hours}",
            sprint.name,
            sprint.kind,
            ratio(&sprint.independence),
            sprint.unaided,
            sprint.done
        )
    }));
    lines
}

fn after(sheet: &SheetView) -> Vec<String> {
    let health = &sheet.health;
    let recovery = health
        .recovery_days
        .map_or_else(String::new, |days| format!(", back after {days} days (median)"));
    let mut lines = vec![format!(
        "Regressions so far: {}, open: {}{recovery}",
        health.regressions, health.open
    )];
    // A week in which nobody looked says nothing.
    lines.push(match sheet.deployments.iter().rfind(|week| week.observed) {
        None => "Manual deployments: not observed, no rollout was seen in a cluster".to_owned(),
        Some(week) => format!(
            "Week of {}: {} deployments by hand, {} by a pipeline (measured)",
            week.week, week.manual, week.automated
        ),
    });
    lines
}

fn trust(view: &ProgressView) -> Vec<String> {
    let trust = &view.sheet.trust;
    let look = trust.last_look.as_ref().map_or_else(
        || "No cluster was read yet".to_owned(),
        |at| format!("Clusters last read {at}"),
    );
    vec![
        view.outlook.calibration.words.clone(),
        format!(
            "{look}; {} checks open or unknown; {} entries recorded late",
            trust.open_checks, trust.late_entries
        ),
    ]
}
