//! The report of a sprint.

use super::blocks::{self, Block};
use super::{cell, ending};
use crate::dto::progress::{ReportFormat, ReportText};
use crate::dto::service::StageRef;
use crate::dto::sprint::{SprintService, SprintView};

/// Renders it; `day` is the past day that it shows, if it shows one.
pub(crate) fn render(view: &SprintView, day: Option<&str>, format: ReportFormat) -> ReportText {
    let title = format!("Sprint: {}", view.sprint.name);
    let text = match format {
        ReportFormat::Md => blocks::markdown(&told(view, day)),
        ReportFormat::Html => blocks::html(&title, &told(view, day)),
        ReportFormat::Json => {
            let value = serde_json::json!({ "schema_version": 1, "sprint": view });
            serde_json::to_string_pretty(&value).unwrap_or_default() + "\n"
        }
        ReportFormat::Csv => csv(view),
    };
    ReportText { file_name: format!("sprint-{}.{}", view.sprint.first, ending(format)), text }
}

fn stage<'a>(stages: &'a [StageRef], service: &SprintService) -> &'a str {
    let id = service.service.stage.as_deref();
    let known = stages.iter().find(|stage| Some(stage.id.as_str()) == id);
    known.map_or("Not started", |stage| &stage.title)
}

fn told(view: &SprintView, day: Option<&str>) -> Vec<Block> {
    let row = &view.sprint;
    let day = day.map_or_else(String::new, |day| format!(" As it was known at the end of {day}."));
    let leader = row.leader.as_ref().map_or("nobody", |leader| &leader.name);
    let members: Vec<&str> = row.members.iter().map(|member| member.name.as_str()).collect();
    let mut blocks = vec![
        Block::Heading(1, format!("Sprint: {}", row.name)),
        Block::Line(row.goal.clone()),
        Block::Line(format!(
            "{}, {}, {} to {}. Led by {leader}, with {}.{day}",
            row.kind,
            row.state,
            row.first,
            row.last,
            if members.is_empty() { "nobody else".to_owned() } else { members.join(", ") }
        )),
        Block::Line(format!("{} of {} services reached their stage.", row.reached, row.planned)),
        Block::Heading(2, "Services".to_owned()),
    ];
    blocks.retain(|block| *block != Block::Line(String::new()));
    let services = view.services.iter().map(|service| {
        vec![
            service.service.name.clone(),
            stage(&view.stages, service).to_owned(),
            service.target_title.clone(),
            if service.reached { "yes" } else { "no" }.to_owned(),
            if service.added { format!("added: {}", service.reason) } else { String::new() },
        ]
    });
    let head = vec!["Service", "Stage", "Target", "Reached", "Note"];
    blocks.push(Block::Table(head, services.collect()));
    if !view.scope_changes.is_empty() {
        blocks.push(Block::Heading(2, "Changes of scope".to_owned()));
        let steps = view.scope_changes.iter().map(|step| {
            let what = step
                .target_title
                .as_ref()
                .map_or("taken out".to_owned(), |stage| format!("taken in, to reach {stage}"));
            format!("{}: {} {what}: {} ({})", step.day, step.service.name, step.reason, step.by)
        });
        blocks.push(Block::Items(steps.collect()));
    }
    blocks.push(Block::Heading(2, "Day by day".to_owned()));
    let days = view.burn_up.iter();
    let days =
        days.map(|day| vec![day.date.clone(), day.scope.to_string(), day.reached.to_string()]);
    blocks.push(Block::Table(vec!["Day", "Scope", "Reached"], days.collect()));
    blocks
}

fn csv(view: &SprintView) -> String {
    let mut text = String::from("service,stage,target,reached,added,reason\r\n");
    for service in &view.services {
        let cells = [
            cell(&service.service.name),
            cell(service.service.stage.as_deref().unwrap_or("")),
            cell(&service.target_stage),
            service.reached.to_string(),
            service.added.to_string(),
            cell(&service.reason),
        ];
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    }
    text
}
