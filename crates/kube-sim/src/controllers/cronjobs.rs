//! `CronJobs`: a Job whenever the schedule says so.

use crate::controllers::conditions;
use crate::controllers::schedule::Schedule;
use crate::controllers::{CONTROLLER, created, event, number_or, owned};
use crate::managed::{Part, Writer};
use crate::store::{Key, Stored};
use crate::time;
use crate::world::{World, controlled_by, remove};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

pub(crate) fn look(world: &mut World, key: &Key, stored: &Stored) {
    let cron = &stored.value;
    if cron["metadata"].get("deletionTimestamp").is_some() {
        return;
    }
    keep_books(world, key, stored);
    if cron["spec"]["suspend"] == true {
        return;
    }
    let text = cron["spec"]["schedule"].as_str().unwrap_or_default();
    let zone = cron["spec"]["timeZone"].as_str().unwrap_or("UTC");
    let Some(schedule) = Schedule::parse(text, zone) else {
        let message = format!("unparseable schedule: {text:?}");
        event(world, cron, "Warning", "UnparseableSchedule", &message);
        return;
    };
    let last = cron["status"]["lastScheduleTime"].as_str().and_then(time::read);
    let from = last.or_else(|| created(cron)).unwrap_or(world.now);
    // Of several missed moments only the last is made up for.
    let mut due = schedule.next_after(from);
    while let Some(later) = due.and_then(|at| schedule.next_after(at)) {
        if later > world.now {
            break;
        }
        due = Some(later);
    }
    match due {
        Some(at) if at <= world.now => start(world, key, cron, at),
        Some(at) => world.wake(at, key),
        None => {}
    }
}

fn start(world: &mut World, key: &Key, cron: &Value, at: DateTime<Utc>) {
    let running = cron["status"]["active"].as_array().is_some_and(|all| !all.is_empty());
    let policy = cron["spec"]["concurrencyPolicy"].as_str().unwrap_or("Allow");
    if running && policy == "Forbid" {
        world.wake(world.now + chrono::Duration::seconds(1), key);
        return;
    }
    let template = &cron["spec"]["jobTemplate"];
    let mut job = json!({ "spec": template["spec"], "metadata": template["metadata"] });
    if !job["metadata"].is_object() {
        job["metadata"] = json!({});
    }
    // Minutes since 1970, as the controller names them.
    job["metadata"]["name"] = Value::from(format!("{}-{}", key.name, at.timestamp() / 60));
    job["metadata"]["ownerReferences"] = controlled_by(cron);
    job["metadata"]["annotations"]["batch.kubernetes.io/cronjob-scheduled-timestamp"] =
        Value::from(time::text(at));
    let kind = world.kind("Job");
    let _ = world.create(kind, &key.namespace, job, &Writer::update(CONTROLLER));
    world.change(key, CONTROLLER, Part::Status, |cron| {
        cron["status"]["lastScheduleTime"] = Value::from(time::text(at));
    });
}

/// Which Jobs run, when one last succeeded, and which are kept.
fn keep_books(world: &mut World, key: &Key, stored: &Stored) {
    let mut jobs = owned(world, stored, "Job");
    jobs.sort_by_key(|(_, job)| created(&job.value));
    let is = |job: &Value, name: &str| conditions::is_true(job, name);
    let active: Vec<Value> = jobs
        .iter()
        .filter(|(_, job)| !is(&job.value, "Complete") && !is(&job.value, "Failed"))
        .map(|(key, job)| {
            json!({
                "apiVersion": "batch/v1",
                "kind": "Job",
                "name": key.name,
                "namespace": key.namespace,
                "uid": job.uid(),
                "resourceVersion": job.value["metadata"]["resourceVersion"],
            })
        })
        .collect();
    let succeeded =
        jobs.iter().filter_map(|(_, job)| job.value["status"]["completionTime"].as_str());
    let succeeded = succeeded.max().map(str::to_owned);
    world.change(key, CONTROLLER, Part::Status, |cron| {
        if !cron["status"].is_object() {
            cron["status"] = json!({});
        }
        if active.is_empty() {
            remove(&mut cron["status"], "active");
        } else {
            cron["status"]["active"] = Value::Array(active);
        }
        if let Some(at) = succeeded {
            let before = cron["status"]["lastSuccessfulTime"].as_str().unwrap_or_default();
            if at.as_str() > before {
                cron["status"]["lastSuccessfulTime"] = Value::from(at);
            }
        }
    });
    let limits =
        [("Complete", "successfulJobsHistoryLimit", 3), ("Failed", "failedJobsHistoryLimit", 1)];
    for (condition, field, absent) in limits {
        let limit = number_or(&stored.value["spec"][field], absent);
        let over: Vec<&Key> =
            jobs.iter().filter(|(_, job)| is(&job.value, condition)).map(|(key, _)| key).collect();
        let surplus = i64::try_from(over.len()).unwrap_or(0) - limit;
        for job in over.into_iter().take(usize::try_from(surplus).unwrap_or(0)) {
            let _ = world.delete(job, &Value::Null);
        }
    }
}
