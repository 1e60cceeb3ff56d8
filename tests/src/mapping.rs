//! A programme's production in a cluster.

use crate::browser::Outcome;
use pilotage_api::App;
use pilotage_api::cluster::ClusterQuestion;
use serde_json::{Value, json};

/// Production lies in these namespaces of the context, and every proposed workload is confirmed.
///
/// # Errors
/// What went wrong, as a sentence.
pub async fn runs_in(
    app: &App,
    context: &str,
    namespaces: &[&str],
    question: &ClusterQuestion,
) -> Outcome<()> {
    let call = async |command: &str, argument: Value| {
        app.call(command, argument).await.map_err(|error| format!("{command}: {error}"))
    };
    let settings = call("settings", json!({})).await?;
    let mut environments = settings["environments"].as_array().into_iter().flatten();
    let production =
        environments.find(|one| one["name"] == "production").ok_or("a programme has production")?;
    let target = json!({
        "environment": production["id"], "context": context, "namespaces": namespaces,
    });
    call("add_target", target).await?;
    let (view, errors) = app.look_at_mapping(question).await.map_err(|error| error.to_string())?;
    if !errors.is_empty() {
        return Err(format!("the cluster could not be looked at: {errors:?}"));
    }
    let proposed = view.targets.iter().flat_map(|target| &target.proposed);
    let pairs: Vec<Value> = proposed
        .map(|one| json!({ "workload": one.workload, "service": one.service.id }))
        .collect();
    call("map_workloads", json!({ "pairs": pairs, "word": "confirmed" })).await?;
    Ok(())
}
