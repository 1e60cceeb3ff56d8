//! `cluster deployments` in words: the weeks, and the latest deployments one by one.

use crate::print::{Column, table};
use pilotage_api::dto::deployments::{DeployedWeek, DeploymentRow, DeploymentsView, SourceView};
use pilotage_domain::text::visible;
use std::fmt::Write as _;

/// Deployments that are listed in words; `--json` tells all.
const LISTED: usize = 20;

/// Weeks, when somebody last deployed by hand, the latest deployments with what delivered them, and
/// what is deployed together.
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
    if !view.deployments.is_empty() {
        let columns = ["Latest", "Service", "Workload", "Change", "Written by", "Delivered by"];
        let rows = view.deployments.iter().take(LISTED).map(deployment);
        let _ = write!(text, "\n{}", table(&columns.map(Column::Text), rows));
        if view.deployments.len() > LISTED {
            let _ = writeln!(text, "The latest {LISTED} of {}; --json tells more.", view.total);
        }
    }
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

fn deployment(row: &DeploymentRow) -> Vec<String> {
    let service = row.service.as_ref().map_or("not mapped", |service| service.name.as_str());
    let alone = row.change == "delivery";
    let workload =
        if alone { row.workload.clone() } else { format!("{} r{}", row.workload, row.revision) };
    let writer = format!("{} {}", row.class, row.manager);
    let source = row.source.as_ref().map_or_else(|| "\u{2013}".to_owned(), delivered_by);
    vec![
        row.at.clone(),
        visible(service),
        visible(&workload),
        if alone { "not known".to_owned() } else { row.change.clone() },
        visible(writer.trim_end()),
        visible(&source),
    ]
}

fn delivered_by(source: &SourceView) -> String {
    let revision = source.short_revision.as_ref();
    let revision = revision.map_or_else(String::new, |revision| format!(" {revision}"));
    let asked = match source.start.as_str() {
        "automated" => ", by itself",
        "requested" => ", on request",
        _ => "",
    };
    format!("{} {}{revision}{asked}", source.tool, source.object)
}

fn week(week: &DeployedWeek) -> Vec<String> {
    let numbers = [week.manual, week.ambiguous, week.controller, week.pipeline, week.gitops];
    let told = |number: u32| {
        if week.observed || number > 0 { number.to_string() } else { "not observed".to_owned() }
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
        format!(
            " Watched since {at}; who wrote what was before is known only where a delivery controller \
             remembers it."
        )
    });
    let ambiguous = match view.ambiguous_since {
        0 => String::new(),
        count => format!(" {count} since then are ambiguous."),
    };
    format!("{last}{ambiguous}{since}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use pilotage_api::dto::session::NodeRef;

    fn row(
        change: &str,
        revision: i64,
        manager: &str,
        source: Option<SourceView>,
    ) -> DeploymentRow {
        DeploymentRow {
            week: "2026-03-02".into(),
            at: "2026-03-03T10:10:00.000Z".into(),
            unseen_since: None,
            service: Some(NodeRef { id: "c".into(), name: "cart".into() }),
            id: "f".into(),
            environment: "production".into(),
            workload: "shop/Deployment cart".into(),
            revision,
            change: change.into(),
            images: Vec::new(),
            class: "gitops".into(),
            manager: manager.into(),
            trace: None,
            source,
        }
    }

    fn source(object: &str, revision: Option<&str>, start: &str) -> SourceView {
        SourceView {
            tool: "Argo CD".into(),
            kind: "Application".into(),
            object: object.into(),
            short_revision: revision.map(str::to_owned),
            revision: None,
            start: start.into(),
        }
    }

    #[test]
    fn a_deployment_tells_what_delivered_it() {
        let check = |row: DeploymentRow, expect: [&str; 4]| {
            assert_eq!(deployment(&row)[2..], expect, "{row:?}");
        };
        check(
            row(
                "image",
                4,
                "argocd-controller",
                Some(source("argocd/shop", Some("abc"), "requested")),
            ),
            [
                "shop/Deployment cart r4",
                "image",
                "gitops argocd-controller",
                "Argo CD argocd/shop abc, on request",
            ],
        );
        // Of what a history alone tells there is no revision, and nobody knows what it changed.
        check(
            row("delivery", 0, "", Some(source("argocd/shop", None, "untold"))),
            ["shop/Deployment cart", "not known", "gitops", "Argo CD argocd/shop"],
        );
        check(
            row("image", 4, "", None),
            ["shop/Deployment cart r4", "image", "gitops", "\u{2013}"],
        );
        let hostile = Some(source("argocd/\u{1b}[31m", None, "untold"));
        assert!(!deployment(&row("image", 4, "", hostile))[5].contains('\u{1b}'));
    }
}
