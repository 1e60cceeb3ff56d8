//! What a host can do that the rest cannot: that handful and nothing more. Paths come from native
//! dialogs opened here, never from the page.

use crate::error::ApiError;
use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;

/// A boxed answer.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Something that happened and that a person should hear of though the window may lie behind
/// others. Its texts are bounded and harmless.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DesktopNotice {
    /// What, in a few words.
    pub title: String,
    /// Where, by whom and when.
    pub text: String,
}

/// The desktop shell, the test host, or the command line.
pub trait Host: Send + Sync + std::fmt::Debug {
    /// Asks which files to import, of any format; empty when the dialog was closed.
    fn choose_import_files(&self) -> Answer<'_, Vec<PathBuf>>;
    /// Asks which playbook to read; nothing when the dialog was closed.
    fn choose_playbook(&self) -> Answer<'_, Option<PathBuf>>;
    /// Asks which export of a retrospective to read; nothing when the dialog was closed.
    fn choose_retrospective(&self) -> Answer<'_, Option<PathBuf>>;
    /// Asks where to save a file of this name; nothing when the dialog was closed.
    fn choose_save_path(&self, file_name: String) -> Answer<'_, Option<PathBuf>>;
    /// Opens an https address, already checked, in the browser.
    fn open_link(&self, address: String) -> Answer<'_, Result<(), ApiError>>;
    /// Tells the desktop, where there is one. Nothing waits for it, and nothing depends on it.
    fn tell(&self, _: &DesktopNotice) {}
}

/// A host without dialogs: the command line.
#[derive(Debug, Clone, Copy)]
pub struct NoDialogs;

impl Host for NoDialogs {
    fn choose_import_files(&self) -> Answer<'_, Vec<PathBuf>> {
        Box::pin(async { Vec::new() })
    }

    fn choose_playbook(&self) -> Answer<'_, Option<PathBuf>> {
        Box::pin(async { None })
    }

    fn choose_retrospective(&self) -> Answer<'_, Option<PathBuf>> {
        Box::pin(async { None })
    }

    fn choose_save_path(&self, _: String) -> Answer<'_, Option<PathBuf>> {
        Box::pin(async { None })
    }

    fn open_link(&self, address: String) -> Answer<'_, Result<(), ApiError>> {
        Box::pin(async move {
            Err(ApiError::new(
                crate::error::Code::NotPossible,
                format!("No browser is opened from here. The address is {address}"),
            ))
        })
    }
}
