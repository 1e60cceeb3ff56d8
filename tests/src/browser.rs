//! Browsers for the tests: headless Chromium through chromedriver, and the real window through
//! `WebKitWebDriver` under a display of its own. Each has its own driver, port and folders, and ends
//! with its value.

use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// How often a start is tried: ports can be taken between choosing and binding.
const TRIES: u32 = 5;

/// A result whose error is a sentence.
pub type Outcome<T> = Result<T, String>;

/// A browser or window under a driver.
#[derive(Debug)]
pub struct Browser {
    /// The session.
    pub client: Client,
    driver: Child,
    display: Option<Display>,
}

impl Browser {
    /// Headless Chromium of that size.
    ///
    /// # Errors
    /// Says which program is missing or did not start.
    pub async fn chromium(width: u32, height: u32) -> Outcome<Self> {
        let size = format!("--window-size={width},{height}");
        let mut capabilities = Capabilities::new();
        capabilities.insert("browserName".to_owned(), json!("chrome"));
        capabilities.insert(
            "goog:chromeOptions".to_owned(),
            json!({
                "binary": "/usr/bin/chromium",
                "args": [
                    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic",
                    "--no-first-run", "--disable-background-networking",
                    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
                    "--hide-scrollbars", "--force-color-profile=srgb", size,
                ],
            }),
        );
        let (driver, client) = start("chromedriver", &[], capabilities).await?;
        Ok(Self { client, driver, display: None })
    }

    /// The real window of `program`, started with `arguments` on a display of its own.
    ///
    /// # Errors
    /// Says which program is missing or did not start.
    pub async fn window(program: &Path, arguments: &[&str], data_folder: &Path) -> Outcome<Self> {
        Self::window_with(program, arguments, data_folder, &[]).await
    }

    /// The same with further variables in its environment.
    ///
    /// # Errors
    /// Says which program is missing or did not start.
    pub async fn window_with(
        program: &Path,
        arguments: &[&str],
        data_folder: &Path,
        variables: &[(String, String)],
    ) -> Outcome<Self> {
        let display = Display::start(1920, 1080).await?;
        let mut environment = vec![
            ("DISPLAY".to_owned(), format!(":{}", display.number)),
            // Else the session hangs.
            ("TAURI_WEBVIEW_AUTOMATION".to_owned(), "true".to_owned()),
            ("PILOTAGE_DATA_FOLDER".to_owned(), data_folder.display().to_string()),
            ("XDG_DATA_HOME".to_owned(), data_folder.display().to_string()),
            ("XDG_CACHE_HOME".to_owned(), data_folder.join("cache").display().to_string()),
        ];
        environment.extend_from_slice(variables);
        let mut capabilities = Capabilities::new();
        capabilities.insert(
            "webkitgtk:browserOptions".to_owned(),
            json!({ "binary": program.display().to_string(), "args": arguments }),
        );
        let (driver, client) = start("WebKitWebDriver", &environment, capabilities).await?;
        Ok(Self { client, driver, display: Some(display) })
    }

    /// A screenshot as PNG.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub async fn screenshot(&self, file: &Path) -> Outcome<()> {
        let png = self.client.screenshot().await.map_err(|error| error.to_string())?;
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder).map_err(|error| error.to_string())?;
        }
        std::fs::write(file, png).map_err(|error| error.to_string())
    }

    /// Runs a script in the page.
    ///
    /// # Errors
    /// When the script throws.
    pub async fn run(&self, script: &str, arguments: Vec<Value>) -> Outcome<Value> {
        self.client.execute(script, arguments).await.map_err(|error| error.to_string())
    }

    /// Runs a script that ends by calling its last argument.
    ///
    /// # Errors
    /// When the script throws or does not end.
    pub async fn run_async(&self, script: &str, arguments: Vec<Value>) -> Outcome<Value> {
        self.client.execute_async(script, arguments).await.map_err(|error| error.to_string())
    }

    /// Ends the session, the driver and the display.
    pub async fn close(mut self) {
        // The session is deleted first: a killed driver would orphan the window.
        let _ = tokio::time::timeout(Duration::from_secs(10), self.client.clone().close()).await;
        let _ = self.driver.kill().await;
        if let Some(mut display) = self.display.take() {
            let _ = display.server.kill().await;
        }
    }
}

async fn start(
    program: &str,
    environment: &[(String, String)],
    capabilities: Capabilities,
) -> Outcome<(Child, Client)> {
    let mut last = String::new();
    for _ in 0..TRIES {
        let port = free_port()?;
        let mut command = command(program);
        command.arg(format!("--port={port}")).envs(environment.iter().cloned());
        let mut driver = command.spawn().map_err(|error| {
            format!("{program} did not start: {error}; run `cargo xtask setup`")
        })?;
        match connect(port, &capabilities).await {
            Ok(client) => return Ok((driver, client)),
            Err(error) => {
                last = error;
                let _ = driver.kill().await;
            }
        }
    }
    Err(format!("{program} gave no session in {TRIES} tries: {last}"))
}

async fn connect(port: u16, capabilities: &Capabilities) -> Outcome<Client> {
    let mut last = String::new();
    for _ in 0..100 {
        let listening = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok();
        if listening {
            let mut builder = ClientBuilder::new(HttpConnector::new());
            builder.capabilities(capabilities.clone());
            let address = format!("http://127.0.0.1:{port}");
            let connecting = builder.connect(&address);
            return match tokio::time::timeout(Duration::from_mins(1), connecting).await {
                Ok(Ok(client)) => Ok(client),
                Ok(Err(error)) => Err(error.to_string()),
                Err(_) => Err("the session did not begin within 60 s".to_owned()),
            };
        }
        last = format!("nothing listens on port {port}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Err(last)
}

fn free_port() -> Outcome<u16> {
    std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|error| error.to_string())
}

/// A program of the tests. Its output goes nowhere, so that no orphan holds a pipe.
#[expect(clippy::disallowed_methods, reason = "the one place where the tests start programs")]
pub fn command(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::from(std::process::Command::new(program));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    command
}

/// The command line on a programme, with a data folder of its own.
///
/// # Errors
/// When it is not built.
pub fn pilotage(data: &Path, workspace: &Path) -> Outcome<Command> {
    let mut command = command(crate::place::program("pilotage")?);
    command.arg("--workspace").arg(workspace).env("PILOTAGE_DATA_FOLDER", data);
    Ok(command)
}

/// An Xvfb of one's own, on a display number it picks itself.
#[derive(Debug)]
struct Display {
    number: u32,
    server: Child,
}

impl Display {
    async fn start(width: u32, height: u32) -> Outcome<Self> {
        let mut server = command("Xvfb")
            .args([
                "-displayfd",
                "1",
                "-screen",
                "0",
                &format!("{width}x{height}x24"),
                "-nolisten",
                "tcp",
            ])
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("Xvfb did not start: {error}; run `cargo xtask setup`"))?;
        let output = server.stdout.take().ok_or("Xvfb has no output")?;
        let mut line = String::new();
        let reading = BufReader::new(output).read_line(&mut line).await;
        reading.map_err(|error| error.to_string())?;
        let number = line.trim().parse().map_err(|_| "Xvfb named no display".to_owned())?;
        Ok(Self { number, server })
    }
}

/// The app on a display of its own, as a person starts it: nothing steers it.
#[derive(Debug)]
pub struct Plain {
    display: Display,
    app: Child,
}

impl Plain {
    /// Starts `program` with `arguments`.
    ///
    /// # Errors
    /// Says which program is missing or did not start.
    pub async fn start(program: &Path, arguments: &[&str], data_folder: &Path) -> Outcome<Self> {
        let mut app = command(program);
        app.args(arguments);
        Self::start_as(app, data_folder).await
    }

    /// Starts a command that its maker has given arguments, surroundings and outputs.
    ///
    /// # Errors
    /// Says which program is missing or did not start.
    pub async fn start_as(mut app: Command, data_folder: &Path) -> Outcome<Self> {
        let display = Display::start(1280, 800).await?;
        let app = app
            .env("DISPLAY", format!(":{}", display.number))
            .env("PILOTAGE_DATA_FOLDER", data_folder)
            .env("XDG_DATA_HOME", data_folder)
            .env("XDG_CACHE_HOME", data_folder.join("cache"))
            .spawn()
            .map_err(|error| format!("the window did not start: {error}"))?;
        Ok(Self { display, app })
    }

    /// Its process, while it runs.
    pub fn process(&self) -> Option<u32> {
        self.app.id()
    }

    /// Ends it.
    pub async fn close(mut self) {
        let _ = self.app.kill().await;
        let _ = self.display.server.kill().await;
    }
}

/// A fresh folder for one browser's data.
///
/// # Errors
/// When the disk refuses.
pub fn folder() -> Outcome<(tempfile::TempDir, PathBuf)> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let path = folder.path().to_owned();
    Ok((folder, path))
}
