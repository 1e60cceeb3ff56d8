//! A programme in a folder of its own whose clock is moved by opening it at another moment.

use pilotage_api::app::Watch;
use pilotage_api::host::NoDialogs;
use pilotage_api::programme::{self, NewProgramme};
use pilotage_api::{App, Clock, OpenOptions};
use std::sync::Arc;
use tempfile::TempDir;

/// The programme's folder; it goes with this value.
pub struct Clocked {
    folder: TempDir,
}

impl Clocked {
    /// Makes the programme `Shop` in Berlin, at a moment in milliseconds.
    pub async fn new(moment: i64) -> Self {
        let clocked = Self { folder: tempfile::tempdir().unwrap() };
        let new = NewProgramme { name: "Shop".to_owned(), time_zone: "Europe/Berlin".to_owned() };
        let OpenOptions { workspace, data_folder, clock, .. } = clocked.options(moment);
        programme::create(&workspace, &data_folder, clock, &new).await.unwrap();
        clocked
    }

    /// Opens it at a moment, with that person at work.
    pub async fn at(&self, moment: i64, person: &str) -> App {
        let app = App::open(self.options(moment), Arc::new(NoDialogs)).await.unwrap();
        app.act_as_named(person).await.unwrap();
        app
    }

    /// How it is opened at a moment.
    pub fn options(&self, moment: i64) -> OpenOptions {
        OpenOptions {
            workspace: self.folder.path().join("p.pilotage"),
            data_folder: self.folder.path().to_owned(),
            clock: Clock::Fixed(moment),
            watch: Watch::No,
        }
    }
}
