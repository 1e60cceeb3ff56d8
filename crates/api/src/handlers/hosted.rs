//! Commands that need the host: dialogs and the browser.

use crate::app::App;
use crate::dto::actions::OpenLink;
use crate::dto::import::{ApplyImport, ImportReport, MapImport, SaveExport};
use crate::dto::progress::ReportRequest;
use crate::dto::session::Nothing;
use crate::error::ApiError;
use crate::imports::{self, ImportFiles};
use url::Url;

pub(crate) async fn choose_import(app: &App, _: Nothing) -> Result<Option<ImportReport>, ApiError> {
    let files = app.host.choose_import_files().await;
    if files.is_empty() {
        return Ok(None);
    }
    let request = ImportFiles { files, ..ImportFiles::default() };
    imports::preview(app, request).await.map(Some)
}

pub(crate) async fn apply_import(
    app: &App,
    request: ApplyImport,
) -> Result<ImportReport, ApiError> {
    imports::apply(app, &request).await
}

pub(crate) async fn map_import(app: &App, request: MapImport) -> Result<ImportReport, ApiError> {
    imports::map(app, request).await
}

pub(crate) async fn save_import_template(
    app: &App,
    _: Nothing,
) -> Result<Option<String>, ApiError> {
    save(app, "services-template.csv", imports::template()).await
}

pub(crate) async fn save_export(
    app: &App,
    request: SaveExport,
) -> Result<Option<String>, ApiError> {
    let export = app.export_file(request.what).await?;
    save(app, &export.file_name, &export.text).await
}

pub(crate) async fn save_report(
    app: &App,
    request: ReportRequest,
) -> Result<Option<String>, ApiError> {
    let report = super::report(app, request).await?;
    save(app, &report.file_name, &report.text).await
}

/// Asks where, and writes; answers the file's name, or nothing when the dialog was closed.
pub(crate) async fn save(
    app: &App,
    file_name: &str,
    text: &str,
) -> Result<Option<String>, ApiError> {
    let Some(path) = app.host.choose_save_path(file_name.to_owned()).await else {
        return Ok(None);
    };
    tokio::fs::write(&path, text).await.map_err(|error| {
        ApiError::new(
            crate::error::Code::DiskFailed,
            format!(
                "The file was not saved: {error}. The programme is unharmed. Choose another place."
            ),
        )
        .with("file", path.display())
    })?;
    Ok(path.file_name().map(|name| name.to_string_lossy().into_owned()))
}

pub(crate) async fn open_link(app: &App, request: OpenLink) -> Result<Nothing, ApiError> {
    let address = checked_link(&request.url)?;
    app.host.open_link(address).await?;
    Ok(Nothing {})
}

/// Only https, without credentials in the address.
pub(crate) fn checked_link(text: &str) -> Result<String, ApiError> {
    let refuse = |why| Err(ApiError::argument("link", why));
    if text.len() > 2_000 {
        return refuse("is longer than 2,000 characters");
    }
    let Ok(url) = Url::parse(text.trim()) else {
        return refuse("is no web address");
    };
    if url.scheme() != "https" {
        return refuse("must start with https://");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return refuse("holds a user name or password; leave them out");
    }
    Ok(url.to_string())
}

#[cfg(test)]
mod tests {
    use super::checked_link;

    #[test]
    fn only_plain_https_links_pass() {
        for good in ["https://kubernetes.io/docs/", "https://ci.example/run/7?x=1#log"] {
            assert_eq!(checked_link(good).as_deref(), Ok(good));
        }
        let long = format!("https://a.example/{}", "x".repeat(2_000));
        for bad in [
            "http://a.example/",
            "javascript:alert(1)",
            "file:///etc/passwd",
            "data:text/html,x",
            "https://user:secret@a.example/",
            "smb://host/share",
            "not a link",
            &long,
        ] {
            assert!(checked_link(bad).is_err(), "{bad:.40} must not pass");
        }
    }
}
