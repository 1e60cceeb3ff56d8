//! What the window opens.

use crate::host::DesktopHost;
use pilotage_api::app::Watch;
use pilotage_api::cluster::ClusterSource;
use pilotage_api::programme::{self, NewProgramme};
use pilotage_api::{ApiError, App, Clock, Code, OpenOptions};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tauri::AppHandle;

/// What to open.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Arguments {
    workspace: Option<PathBuf>,
    data_folder: Option<PathBuf>,
    sample: bool,
}

impl Arguments {
    /// Reads the command line: `[--workspace FILE | --sample | --new] [--data-folder FOLDER]`.
    pub fn read(mut words: impl Iterator<Item = OsString>) -> Result<Self, String> {
        let usage =
            "usage: pilotage-desktop [--workspace FILE | --sample | --new] [--data-folder FOLDER]";
        let mut arguments = Self::default();
        while let Some(word) = words.next() {
            let mut value = || words.next().map(PathBuf::from).ok_or_else(|| usage.to_owned());
            match word.to_str() {
                Some("--workspace") => arguments.workspace = Some(value()?),
                Some("--data-folder") => arguments.data_folder = Some(value()?),
                Some("--sample") => arguments.sample = true,
                // The person's own programme, made at the first start.
                Some("--new") => {}
                _ => return Err(usage.to_owned()),
            }
        }
        if arguments.sample && arguments.workspace.is_some() {
            return Err(usage.to_owned());
        }
        Ok(arguments)
    }
}

impl Arguments {
    /// What these arguments open, said from the folder `current`: two windows of one would be one
    /// too many.
    pub fn what(&self, current: &Path) -> Result<PathBuf, ApiError> {
        let data_folder = self.data_folder()?;
        let path =
            if self.sample { data_folder.join("sample") } else { self.workspace(&data_folder).0 };
        let path = current.join(path);
        Ok(std::fs::canonicalize(&path).unwrap_or(path))
    }

    /// Whether they open the person's own programme.
    pub fn is_own(&self) -> bool {
        !self.sample && self.workspace.is_none() && std::env::var_os("PILOTAGE_WORKSPACE").is_none()
    }

    fn data_folder(&self) -> Result<PathBuf, ApiError> {
        match (&self.data_folder, std::env::var_os("PILOTAGE_DATA_FOLDER")) {
            (Some(folder), _) => Ok(folder.clone()),
            (None, Some(folder)) => Ok(PathBuf::from(folder)),
            (None, None) => pilotage_api::app::data_folder(),
        }
    }

    /// The workspace file, and whether it is the person's own that nobody named.
    fn workspace(&self, data_folder: &Path) -> (PathBuf, bool) {
        let path = self
            .workspace
            .clone()
            .or_else(|| std::env::var_os("PILOTAGE_WORKSPACE").map(PathBuf::from))
            .unwrap_or_else(|| data_folder.join("programme.pilotage"));
        (path, self.workspace.is_none())
    }
}

/// Opens the programme: the one named, the sample, or the person's own, which is made at first.
pub async fn open(arguments: &Arguments, handle: &AppHandle) -> Result<Arc<App>, ApiError> {
    let data_folder = arguments.data_folder()?;
    let workspace = if arguments.sample {
        pilotage_sample::fresh(&data_folder, Clock::System.now()).await.map_err(|error| {
            ApiError::new(Code::Internal, "The sample programme could not be made.")
                .with("detail", error)
        })?
    } else {
        let (path, own) = arguments.workspace(&data_folder);
        if own && !programme::is_at(&path) {
            create_own(&path, &data_folder).await?;
        }
        path
    };
    let options = OpenOptions { workspace, data_folder, clock: Clock::System, watch: Watch::Yes };
    let host = Arc::new(DesktopHost::new(handle.clone()));
    let app = App::open(options, host).await?;
    if arguments.sample {
        app.act_as_named(pilotage_sample::ACTING_AS).await?;
    }
    let app = Arc::new(app);
    app.watch_clusters(clusters(arguments)?);
    Ok(app)
}

/// The person's own clusters, or the sample's, which are simulated.
fn clusters(arguments: &Arguments) -> Result<ClusterSource, ApiError> {
    if !arguments.sample {
        return Ok(ClusterSource::Kubeconfigs(None));
    }
    let simulated = pilotage_sample::clusters(Clock::System.now()).map_err(|error| {
        ApiError::new(Code::Internal, "The sample's clusters could not be made.")
            .with("detail", error)
    })?;
    Ok(ClusterSource::Simulated(simulated))
}

async fn create_own(path: &Path, data_folder: &Path) -> Result<(), ApiError> {
    let new =
        NewProgramme { name: "New programme".to_owned(), time_zone: programme::system_zone() };
    programme::create(path, data_folder, Clock::System, &new).await
}

#[cfg(test)]
mod tests {
    use super::Arguments;
    use std::path::Path;

    #[test]
    fn one_programme_is_one_whatever_it_is_called() {
        let what = |line: &str, current: &str| {
            let arguments = Arguments::read(line.split_whitespace().map(Into::into)).unwrap();
            arguments.what(Path::new(current)).unwrap()
        };
        let folder = "--data-folder /absent/data";
        let absolute = what(&format!("{folder} --workspace /absent/a.pilotage"), "/");
        assert_eq!(what(&format!("{folder} --workspace a.pilotage"), "/absent"), absolute);
        assert_ne!(what(&format!("{folder} --workspace a.pilotage"), "/other"), absolute);
        assert_ne!(what(&format!("{folder} --sample"), "/absent"), absolute);
    }

    #[test]
    fn arguments_are_checked() {
        let read = |line: &str| Arguments::read(line.split_whitespace().map(Into::into));
        assert!(read("").is_ok());
        assert!(read("--sample").unwrap().sample);
        assert_eq!(read("--workspace a.pilotage").unwrap().workspace, Some("a.pilotage".into()));
        for wrong in ["--workspace", "--sample --workspace a", "file", "--verbose"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
