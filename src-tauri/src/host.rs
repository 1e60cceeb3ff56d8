//! Dialogs, the browser and notifications, opened from Rust: the page has no permission for any.

use pilotage_api::host::{Answer, DesktopNotice};
use pilotage_api::{ApiError, Code, Host};
use std::path::PathBuf;
use tauri::{AppHandle, Runtime, Wry};
use tauri_plugin_dialog::DialogExt as _;

/// The desktop's dialogs.
pub struct DesktopHost<R: Runtime = Wry> {
    handle: AppHandle<R>,
}

impl<R: Runtime> DesktopHost<R> {
    /// Dialogs of this app.
    pub fn new(handle: AppHandle<R>) -> Self {
        Self { handle }
    }
}

impl<R: Runtime> std::fmt::Debug for DesktopHost<R> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("DesktopHost")
    }
}

impl<R: Runtime> Host for DesktopHost<R> {
    fn choose_import_files(&self) -> Answer<'_, Vec<PathBuf>> {
        let (reply, chosen) = tokio::sync::oneshot::channel();
        self.handle
            .dialog()
            .file()
            .set_title("Import services")
            .add_filter("Inventories", &["yml", "yaml", "csv", "tsv", "json"])
            .pick_files(move |files| {
                let paths = files
                    .unwrap_or_default()
                    .into_iter()
                    .filter_map(|file| file.into_path().ok())
                    .collect();
                // The app may have ended meanwhile.
                let _ = reply.send(paths);
            });
        Box::pin(async move { chosen.await.unwrap_or_default() })
    }

    fn choose_playbook(&self) -> Answer<'_, Option<PathBuf>> {
        let (reply, chosen) = tokio::sync::oneshot::channel();
        self.handle
            .dialog()
            .file()
            .set_title("Open a playbook")
            .add_filter("Playbooks", &["yaml", "yml"])
            .pick_file(move |file| {
                let _ = reply.send(file.and_then(|file| file.into_path().ok()));
            });
        Box::pin(async move { chosen.await.unwrap_or_default() })
    }

    fn choose_retrospective(&self) -> Answer<'_, Option<PathBuf>> {
        let (reply, chosen) = tokio::sync::oneshot::channel();
        self.handle
            .dialog()
            .file()
            .set_title("Take in a retrospective")
            .add_filter("Exports of retrospectives", &["json"])
            .pick_file(move |file| {
                let _ = reply.send(file.and_then(|file| file.into_path().ok()));
            });
        Box::pin(async move { chosen.await.unwrap_or_default() })
    }

    fn choose_save_path(&self, file_name: String) -> Answer<'_, Option<PathBuf>> {
        let (reply, chosen) = tokio::sync::oneshot::channel();
        self.handle.dialog().file().set_title("Save").set_file_name(file_name).save_file(
            move |file| {
                let _ = reply.send(file.and_then(|file| file.into_path().ok()));
            },
        );
        Box::pin(async move { chosen.await.unwrap_or_default() })
    }

    fn open_link(&self, address: String) -> Answer<'_, Result<(), ApiError>> {
        Box::pin(async move {
            opener::open_browser(&address).map_err(|error| {
                ApiError::new(
                    Code::NotPossible,
                    format!("The browser did not open. The address is {address}"),
                )
                .with("detail", error)
            })
        })
    }

    fn tell(&self, notice: &DesktopNotice) {
        let DesktopNotice { title, text } = notice.clone();
        // The bus may be slow to answer, or there is none.
        tauri::async_runtime::spawn_blocking(move || {
            let text = if reads_markup() { plain(&text) } else { text };
            let mut shown = notify_rust::Notification::new();
            shown.appname("Pilotage").summary(&title).body(&text);
            if let Err(error) = shown.show() {
                tracing::warn!(%error, "the desktop was not told of a regression");
            }
        });
    }
}

/// Whether the desktop reads the text of a notification as markup.
#[cfg(target_os = "linux")]
fn reads_markup() -> bool {
    notify_rust::get_capabilities()
        .is_ok_and(|able| able.iter().any(|capability| capability == "body-markup"))
}

/// Whether the desktop reads the text of a notification as markup.
#[cfg(not(target_os = "linux"))]
fn reads_markup() -> bool {
    false
}

/// The text for a desktop that reads markup: names come from a cluster, and are shown as they are.
fn plain(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn a_name_of_a_cluster_is_no_markup() {
        assert_eq!(
            plain("<a href=\"x\">cart</a> & co"),
            "&lt;a href=\"x\"&gt;cart&lt;/a&gt; &amp; co"
        );
        assert_eq!(plain("cart regressed"), "cart regressed");
    }
}
