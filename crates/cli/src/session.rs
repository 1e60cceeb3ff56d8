//! The programme a command works on, and who is working.

use crate::args::{Global, Purpose};
use crate::backup;
use crate::print::{self, Answer, Form};
use pilotage_api::app::Watch;
use pilotage_api::dto::session::Nothing;
use pilotage_api::host::NoDialogs;
use pilotage_api::{ApiError, App, Clock, Code, OpenOptions};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

/// Where things lie.
#[derive(Debug)]
pub struct Places {
    /// The programme's file.
    pub workspace: PathBuf,
    /// This device's own folder.
    pub data_folder: PathBuf,
}

impl Places {
    /// As the options say, else the environment, else where the window looks.
    pub fn of(global: &Global) -> Result<Self, ApiError> {
        let from_environment = |name: &str| {
            std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
        };
        let data_folder = match (&global.data_folder, from_environment("PILOTAGE_DATA_FOLDER")) {
            (Some(folder), _) => folder.clone(),
            (None, Some(folder)) => folder,
            (None, None) => pilotage_api::app::data_folder()?,
        };
        let workspace = global
            .workspace
            .clone()
            .or_else(|| from_environment("PILOTAGE_WORKSPACE"))
            .unwrap_or_else(|| data_folder.join("programme.pilotage"));
        Ok(Self { workspace, data_folder })
    }

    /// Opens the programme.
    pub async fn open(&self) -> Result<App, ApiError> {
        let options = OpenOptions {
            workspace: self.workspace.clone(),
            data_folder: self.data_folder.clone(),
            clock: Clock::System,
            watch: Watch::No,
        };
        App::open(options, Arc::new(NoDialogs)).await
    }
}

/// An open programme and the form of the answers.
#[derive(Debug)]
pub struct Session {
    /// The programme.
    pub app: App,
    /// Form of the answers.
    pub form: Form,
    /// Folder of the sample programme, removed at the end.
    sample: Option<TempDir>,
}

impl Session {
    /// Opens the programme the options name, and acts as the person they name.
    pub async fn open(global: &Global, purpose: Purpose) -> Result<Self, ApiError> {
        let (places, sample) = if global.sample {
            let (places, folder) = sample(global).await?;
            (places, Some(folder))
        } else {
            (Places::of(global)?, None)
        };
        let form = Form::of(global);
        let app = places.open().await?;
        if let Some(report) = app.recovered_now() {
            print::notice(form, &backup::recovered(&report));
        }
        if let Some(text) = app.behind_now() {
            print::notice(form, &text);
        }
        // The sample has somebody working on it already.
        let usual = sample.as_ref().map(|_| pilotage_sample::ACTING_AS);
        let named = global.acting_as.as_deref().filter(|_| purpose == Purpose::Change);
        if let Some(person) = named.or(usual)
            && let Err(error) = act_as(&app, form, person).await
        {
            app.close().await;
            return Err(error);
        }
        Ok(Self { app, form, sample })
    }

    /// Whether it is the sample programme.
    pub fn is_sample(&self) -> bool {
        self.sample.is_some()
    }

    /// Closes the file.
    pub async fn close(self) {
        self.app.close().await;
    }

    /// An answer in the session's form.
    pub fn answer<T: Serialize>(
        &self,
        value: &T,
        human: impl FnOnce() -> String,
    ) -> Result<Answer, ApiError> {
        Answer::new(self.form, value, human)
    }

    /// Where the programme's file lies.
    pub fn workspace(&self) -> &Path {
        self.app.workspace()
    }
}

/// Acts as a person, and says so where he is new.
pub async fn act_as(app: &App, form: Form, person: &str) -> Result<(), ApiError> {
    let known = app.session(Nothing {}).await?.people;
    let (person, _) = app.act_as_named(person).await?;
    if !known.contains(&person) {
        print::notice(form, &format!("{} is new and was added to the people.", person.name));
    }
    Ok(())
}

/// A fresh sample programme in a folder of its own.
async fn sample(global: &Global) -> Result<(Places, TempDir), ApiError> {
    if global.workspace.is_some() {
        let message =
            "--sample and --workspace exclude each other. Nothing was changed. Leave one out.";
        return Err(ApiError::new(Code::ArgumentsInvalid, message));
    }
    let failed = |error: &dyn std::error::Error| {
        ApiError::new(
            Code::DiskFailed,
            "The sample programme could not be made. Nothing was changed. Check the space and \
             permissions of the folder for temporary files.",
        )
        .with("detail", error)
    };
    let folder = tempfile::Builder::new()
        .prefix("pilotage-sample-")
        .tempdir()
        .map_err(|error| failed(&error))?;
    let places = Places {
        workspace: folder.path().join("sample.pilotage"),
        data_folder: folder.path().join("data"),
    };
    pilotage_sample::create(&places.workspace, Clock::System.now())
        .await
        .map_err(|error| failed(&error))?;
    Ok((places, folder))
}
