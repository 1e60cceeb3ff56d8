//! The next steps of one person across services.

use crate::app::App;
use crate::dto::service::{CheckElsewhere, ChecklistRequest, ChecklistService, ChecklistView};
use crate::error::ApiError;
use crate::handlers::service::Context;
use crate::names::{Names, node_ref};
use crate::programme::Programme;
use pilotage_domain::fact::Scope;
use pilotage_domain::flow;
use pilotage_domain::words::NodeClass;
use pilotage_store::NodeRow;
use uuid::Uuid;

pub(crate) async fn checklist(
    app: &App,
    request: ChecklistRequest,
) -> Result<ChecklistView, ApiError> {
    let now = app.clock.now();
    let programme = Programme::load(app).await?;
    let names = Names::load(app).await?;
    let person = match &request.person {
        Some(person) => Some(names.need(person)?),
        None => app.actor(&names),
    };
    let nodes = app.store.nodes(now).await?;
    let degrees = super::dependency_degrees(&app.store.dependencies().await?);
    let in_scope = || {
        nodes
            .iter()
            .filter(|node| node.class == NodeClass::Service && node.summary.scope == Scope::In)
    };
    let today = flow::day_of(now, programme.zone).to_string();
    let key = person.map(|person| person.to_string());
    let works_on =
        |node: &NodeRow| key.as_ref().is_some_and(|key| node.listed.assignees.contains(key));
    let cares_for = |node: &NodeRow| {
        key.as_ref().is_some_and(|key| node.listed.doing.values().any(|doing| doing == key))
    };
    let mine: Vec<Uuid> =
        in_scope().filter(|node| works_on(node) || cares_for(node)).map(|node| node.id).collect();
    let details = app.store.nodes_with_facts(&mine, now).await?;
    let mut services = Vec::new();
    let mut elsewhere = Vec::new();
    for node in in_scope() {
        let Some(detail) = details.get(&node.id) else {
            continue;
        };
        let context =
            Context { programme: &programme, names: &names, detail, actor: app.actor(&names), now };
        if !works_on(node) {
            elsewhere.extend(context.cared_for(person));
            continue;
        }
        let ladder = &programme.ladder;
        let next = (detail.journey.number + 1..=ladder.stages.len())
            .find(|number| ladder.applicable[number - 1]);
        let counted: Vec<_> = next
            .map(|number| context.checks(number))
            .unwrap_or_default()
            .into_iter()
            .filter(|check| check.state == "counted")
            .collect();
        // A regressed or re-proving check of a reached stage comes before anything new.
        let mut open: Vec<_> = (1..=detail.journey.number)
            .flat_map(|number| context.checks(number))
            .filter(|check| check.state == "counted" && is_open(&check.result))
            .collect();
        let done = counted.iter().filter(|check| !is_open(&check.result)).count();
        open.extend(counted.into_iter().filter(|check| is_open(&check.result)));
        // What is overdue comes before everything; the rest keeps its order.
        open.sort_by_key(|check| !is_overdue(check.due.as_ref(), &today));
        services.push(ChecklistService {
            row: super::row_of(node, &programme, &names, &degrees),
            next_stage: next.map(|number| programme.title(ladder.stage(number))),
            open,
            done: u32::try_from(done).unwrap_or(u32::MAX),
            blockers: context
                .blockers()
                .into_iter()
                .filter(|blocker| blocker.closed_at.is_none())
                .collect(),
        });
    }
    // Most urgent first: what was lost, then what is overdue, then what is due, then what is
    // furthest.
    services.sort_by_key(|service| {
        (
            !service.row.regressed,
            !service.open.iter().any(|check| is_overdue(check.due.as_ref(), &today)),
            service.row.target_date.clone().unwrap_or_else(|| "9999".to_owned()),
            std::cmp::Reverse(service.row.stage_index),
            service.row.name.clone(),
        )
    });
    elsewhere.sort_by_key(|one: &CheckElsewhere| {
        let due = one.check.due.clone().unwrap_or_else(|| "9999".to_owned());
        (due, one.service.name.clone(), one.check.id.clone())
    });
    let unassigned =
        in_scope().filter(|node| node.listed.assignees.is_empty()).map(node_ref).collect();
    let person = person.map(|person| names.reference(person));
    Ok(ChecklistView { person, services, elsewhere, unassigned })
}

impl Context<'_> {
    /// Open checks of this service that a person takes care of.
    fn cared_for(&self, person: Option<Uuid>) -> Vec<CheckElsewhere> {
        let Some(person) = person.map(|person| person.to_string()) else {
            return Vec::new();
        };
        let checks = &self.detail.journey.checks;
        checks
            .iter()
            .map(|standing| self.check(standing))
            .filter(|check| check.doing.as_ref().is_some_and(|doing| doing.id == person))
            .filter(|check| is_open(&check.result))
            .map(|check| CheckElsewhere { service: node_ref(&self.detail.row), check })
            .collect()
    }
}

/// Days are compared as text: year first, so the earlier one is the smaller one.
fn is_overdue(due: Option<&String>, today: &str) -> bool {
    due.is_some_and(|due| due.as_str() < today)
}

fn is_open(result: &str) -> bool {
    matches!(result, "fail" | "unknown")
}

#[cfg(test)]
mod tests {
    use crate::app::{App, OpenOptions, Watch};
    use crate::clock::{Clock, from_rfc3339};
    use crate::host::NoDialogs;
    use crate::programme::{NewProgramme, create};
    use serde_json::{Value, json};
    use std::sync::Arc;

    async fn edit(app: &App, service: &str, edit: Value) {
        app.call("edit_service", json!({ "service": service, "edit": edit })).await.unwrap();
    }

    async fn doing(app: &App, service: &str, check: &str, person: &str, day: Option<&str>) {
        let cares = json!({ "check": check, "person": person });
        edit(app, service, json!({ "field": "doing", "value": cares })).await;
        edit(app, service, json!({ "field": "due", "value": { "check": check, "day": day } }))
            .await;
    }

    async fn scene() {
        let folder = tempfile::tempdir().unwrap();
        let workspace = folder.path().join("programme.pilotage");
        let clock = Clock::Fixed(from_rfc3339("2026-11-24T12:00:00Z").unwrap());
        let new = NewProgramme { name: "P".to_owned(), time_zone: "Europe/Prague".to_owned() };
        create(&workspace, folder.path(), clock, &new).await.unwrap();
        let data_folder = folder.path().to_owned();
        let options = OpenOptions { workspace, data_folder, clock, watch: Watch::No };
        let app = App::open(options, Arc::new(NoDialogs)).await.unwrap();
        let add = |name: &str| json!({ "name": name, "email": null });
        let ada = app.call("add_person", add("Ada")).await.unwrap()["id"].clone();
        app.call("act_as", json!({ "id": ada })).await.unwrap();
        app.call("add_person", add("Bob")).await.unwrap();
        for service in ["mine", "other", "third"] {
            app.call("add_service", json!({ "name": service, "class": null })).await.unwrap();
        }
        let assign = json!({ "service": "mine", "person": "Ada", "assigned": true });
        app.call("assign", assign).await.unwrap();
        doing(&app, "mine", "DI-02", "Ada", Some("2026-11-20")).await;
        doing(&app, "other", "DI-01", "Ada", None).await;
        doing(&app, "third", "DI-03", "Ada", Some("2026-11-23")).await;
        doing(&app, "third", "DI-01", "Bob", None).await;
        doing(&app, "third", "DI-02", "Ada", None).await;
        let attest = json!({ "service": "third", "check": "DI-02", "result": "pass" });
        app.call("attest", attest).await.unwrap();

        let list = app.call("checklist", json!({ "person": null })).await.unwrap();
        let pairs = |list: &Value| -> Vec<String> {
            let one = |item: &Value| {
                let text = |value: &Value| value.as_str().unwrap().to_owned();
                format!("{} {}", text(&item["service"]["name"]), text(&item["check"]["id"]))
            };
            list["elsewhere"].as_array().unwrap().iter().map(one).collect()
        };
        // The earliest day first; neither what is Bob's, nor what passes, nor what is on her list.
        assert_eq!(pairs(&list), ["third DI-03", "other DI-01"]);
        assert_eq!(list["services"][0]["open"][0]["id"], "DI-02", "the overdue check leads");
        let list = app.call("checklist", json!({ "person": "Bob" })).await.unwrap();
        assert_eq!(pairs(&list), ["third DI-01"]);
        app.close().await;
    }

    #[test]
    fn checks_one_cares_for_elsewhere_are_listed_overdue_first() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(scene());
    }
}
