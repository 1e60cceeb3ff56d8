//! The desktop shell: one window, one command, change events. Everything else is behind
//! `pilotage_api`. What is deliberately absent: any decision, any second command, any path that the
//! page could name.

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod host;
mod single;
mod start;

use pilotage_api::{ApiError, App};
use serde_json::Value;
use std::process::ExitCode;
use std::sync::Arc;
use tauri::{AppHandle, Emitter as _, Manager as _, WebviewUrl, WebviewWindowBuilder};

/// The open programme, or why it did not open: then every page shows that.
struct Opened(Result<Arc<App>, ApiError>);

/// The one command. Its name and argument are checked against the command table.
#[tauri::command]
async fn call(
    opened: tauri::State<'_, Opened>,
    command: String,
    argument: Value,
) -> Result<Value, ApiError> {
    let app = opened.0.as_ref().map_err(Clone::clone)?;
    app.call(&command, argument).await
}

fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::builder()
                .with_default_directive(tracing::level_filters::LevelFilter::WARN.into())
                .with_env_var("PILOTAGE_LOG")
                .from_env_lossy(),
        )
        .with_writer(std::io::stderr)
        .init();
    let arguments = match start::Arguments::read(std::env::args_os().skip(1)) {
        Ok(arguments) => arguments,
        Err(usage) => {
            eprintln!("{usage}");
            return ExitCode::from(2);
        }
    };
    #[cfg(target_os = "linux")]
    if std::env::var_os("DISPLAY").is_none() && std::env::var_os("WAYLAND_DISPLAY").is_none() {
        eprintln!(
            "error: there is no display. Use the command line `pilotage`, or start a display first."
        );
        return ExitCode::from(2);
    }
    let mut builder = tauri::Builder::default();
    // First of all plugins: a second start ends in it.
    let current = std::env::current_dir().unwrap_or_default();
    if let Ok(what) = arguments.what(&current)
        && let Some(plugin) = single::plugin(&what, arguments.is_own())
    {
        builder = builder.plugin(plugin);
    }
    let result = builder
        .plugin(tauri_plugin_dialog::init())
        .invoke_handler(tauri::generate_handler![call])
        .setup(move |app| {
            let handle = app.handle().clone();
            let opened = tauri::async_runtime::block_on(start::open(&arguments, &handle));
            if let Ok(programme) = &opened {
                tauri::async_runtime::spawn(forward_changes(handle, Arc::clone(programme)));
            }
            app.manage(Opened(opened));
            WebviewWindowBuilder::new(app, "main", WebviewUrl::default())
                .title("Pilotage")
                .inner_size(1280.0, 800.0)
                .min_inner_size(900.0, 600.0)
                // The page never leaves itself: links open in the browser, by command.
                .on_navigation(|url| {
                    url.scheme() == "tauri" || url.host_str() == Some("tauri.localhost")
                })
                .build()?;
            Ok(())
        })
        .run(tauri::generate_context!());
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: the window could not be opened: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Passes on what changed. What arrives within a moment goes out as one event.
async fn forward_changes(handle: AppHandle, app: Arc<App>) {
    use tokio::sync::broadcast::error::RecvError;
    let mut changes = app.changes();
    loop {
        let mut tags = match changes.recv().await {
            Ok(news) => news.tags,
            // Missed some: everything may be old.
            Err(RecvError::Lagged(_)) => pilotage_api::commands::Tag::ALL.to_vec(),
            Err(RecvError::Closed) => return,
        };
        tokio::time::sleep(std::time::Duration::from_millis(30)).await;
        while let Ok(more) = changes.try_recv() {
            tags.extend(more.tags);
        }
        tags.sort();
        tags.dedup();
        if let Err(error) = handle.emit("changed", pilotage_api::Changed { tags }) {
            tracing::warn!(%error, "the window was not told of a change");
        }
    }
}
