//! Walks the real window through every page on a display of its own and takes pictures:
//! `walk-pages [--sample | --new | --workspace FILE | --services COUNT]`, into `target/screenshots`.
//! The last one makes up a programme of that many services, with a long history, and a cluster in
//! which they run.

use pilotage_tests::browser::{Browser, folder};
use pilotage_tests::crowd::Crowd;
use pilotage_tests::history::programme;
use pilotage_tests::page::PAGES;
use pilotage_tests::place;
use std::process::ExitCode;

/// Register writes of a made-up programme, for each of its services.
const WRITES_EACH: usize = 80;

#[tokio::main]
async fn main() -> ExitCode {
    match walk().await {
        Ok(pictures) => {
            println!("{pictures} pictures in {}", place::target().join("screenshots").display());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn walk() -> Result<u32, String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let target = place::target().join("screenshots");
    let mut arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (_guard, data) = folder()?;
    let mut crowd = None;
    let made_up = data.join("made-up.pilotage").display().to_string();
    if let ["--services", count] = arguments[..] {
        let services = count.parse().map_err(|_| format!("{count} is no number of services"))?;
        let now = pilotage_api::Clock::System.now();
        programme(made_up.as_ref(), services, services * WRITES_EACH, now).await?;
        arguments = vec!["--workspace", &made_up];
        crowd = Some(Crowd::around(made_up.as_ref(), &data).await?);
    }
    let kubeconfig = |crowd: &Crowd| crowd.kubeconfig.display().to_string();
    let variables: Vec<(String, String)> =
        crowd.iter().map(|crowd| ("KUBECONFIG".to_owned(), kubeconfig(crowd))).collect();
    let program = place::program("pilotage-desktop")?;
    let window = Browser::window_with(&program, &arguments, &data, &variables).await?;
    let walked = pictures(&window, &target).await;
    window.close().await;
    walked
}

async fn pictures(window: &Browser, target: &std::path::Path) -> Result<u32, String> {
    let mut pictures = 0;
    window.settled().await?;
    // A programme that nobody on this device works in asks for a name first.
    let somebody = "const person = document.querySelector('[data-testid^=\"work-as-\"]'); \
                    if (person) person.click(); \
                    const name = document.querySelector('[data-testid=\"person-name\"]'); \
                    if (name && name.value === '' && !document.querySelector('nav')) { name.value = 'Ann'; \
                      name.dispatchEvent(new Event('input', {bubbles: true})); \
                      name.form.requestSubmit(); } \
                    return !!document.querySelector('nav');";
    window.until("the pages", somebody, vec![]).await?;
    for (width, height) in [(1280, 800), (1920, 1080)] {
        // Without a window manager the size may be refused; the picture then shows what is there.
        let _ = window.client.set_window_size(width, height).await;
        for theme in ["light", "dark"] {
            window.theme(theme).await?;
            for (name, address) in PAGES {
                go(window, address).await?;
                let file = target.join(format!("{name}-{theme}-{width}x{height}.png"));
                window.screenshot(&file).await?;
                pictures += 1;
            }
            let first = "const row = document.querySelector('[data-testid=\"services-row\"] a'); \
                         return row ? row.getAttribute('href') : null;";
            go(window, "#/services").await?;
            if let Some(address) = window.run(first, vec![]).await?.as_str() {
                go(window, address).await?;
                let file = target.join(format!("service-{theme}-{width}x{height}.png"));
                window.screenshot(&file).await?;
                pictures += 1;
            }
        }
    }
    Ok(pictures)
}

async fn go(window: &Browser, address: &str) -> Result<(), String> {
    window.run("location.hash = arguments[0];", vec![serde_json::json!(address)]).await?;
    tokio::time::sleep(std::time::Duration::from_millis(150)).await;
    window.settled().await
}
