//! The real program, run as people and scripts run it: on a workspace of its own, in a folder of
//! its own.

#[path = "cli/backups.rs"]
mod backups;
#[path = "cli/cluster.rs"]
mod cluster;
#[path = "cli/documents.rs"]
mod documents;
#[path = "cli/forecast.rs"]
mod forecast;
#[path = "cli/forms.rs"]
mod forms;
#[path = "cli/importing.rs"]
mod importing;
#[path = "cli/journey.rs"]
mod journey;
#[path = "cli/place.rs"]
mod place;
#[path = "cli/playbook.rs"]
mod playbook;
#[path = "cli/refusals.rs"]
mod refusals;
#[path = "cli/retro.rs"]
mod retro;
#[path = "cli/skills.rs"]
mod skills;
#[path = "cli/writers.rs"]
mod writers;
