//! Paper: what Chromium makes of the CTO's page when it is printed.

use fantoccini::wd::PrintConfiguration;
use pilotage_api::app::Watch;
use pilotage_api::{App, Clock, OpenOptions};
use pilotage_tests::browser::{Browser, Outcome, folder};
use pilotage_tests::history::programme;
use pilotage_tests::host::{self, Hand, Served, TestHost};
use pilotage_tests::place;
use std::sync::Arc;

struct Scene {
    browser: Browser,
    served: Served,
    _folder: tempfile::TempDir,
}

async fn sample() -> Outcome<Scene> {
    let (guard, data) = folder()?;
    let now = Clock::System.now();
    let workspace = pilotage_sample::fresh(&data, now).await.map_err(|error| error.to_string())?;
    open(guard, workspace, pilotage_sample::ACTING_AS).await
}

/// A programme of 500 services with a long history.
async fn large() -> Outcome<Scene> {
    let (guard, data) = folder()?;
    let workspace = data.join("large.pilotage");
    programme(&workspace, 500, 40_000, Clock::System.now()).await?;
    open(guard, workspace, "Ann").await
}

async fn open(
    guard: tempfile::TempDir,
    workspace: std::path::PathBuf,
    person: &str,
) -> Outcome<Scene> {
    let data_folder = guard.path().to_owned();
    let options = OpenOptions { workspace, data_folder, clock: Clock::System, watch: Watch::Yes };
    let app = App::open(options, Arc::new(TestHost(Arc::new(Hand::default())))).await;
    let app = app.map_err(|error| error.to_string())?;
    let acting = app.act_as_named(person).await;
    acting.map_err(|error| error.to_string())?;
    let served =
        host::serve(Arc::new(app), place::page()).await.map_err(|error| error.to_string())?;
    let browser = Browser::chromium(1280, 800).await?;
    Ok(Scene { browser, served, _folder: guard })
}

/// The page as it leaves the printer: which paper, and which way up, is the style sheet's word alone.
async fn printed(browser: &Browser) -> Outcome<Vec<u8>> {
    let paper = PrintConfiguration::builder()
        .background(true)
        // What does not fit is to be seen, not made smaller; the driver then asks the page for its
        // paper.
        .shrink_to_fit(false)
        .build()
        .map_err(|error| error.to_string())?;
    browser.client.print(paper).await.map_err(|error| error.to_string())
}

/// Widths and heights of the pages of a PDF, in points. Chromium writes each page as an object of its
/// own, in the clear.
fn pages(pdf: &[u8]) -> Vec<(u32, u32)> {
    let text = String::from_utf8_lossy(pdf);
    let objects = text
        .split("endobj")
        .filter(|object| object.split("/Type /Page").skip(1).any(|after| !after.starts_with('s')));
    let size = |object: &str| -> Option<(u32, u32)> {
        let (_, box_of) = object.split_once("/MediaBox [")?;
        let numbers = box_of.split(']').next()?.split_whitespace();
        let numbers: Vec<f64> = numbers.filter_map(|number| number.parse().ok()).collect();
        let whole = |number: f64| format!("{number:.0}").parse().ok();
        Some((whole(*numbers.get(2)?)?, whole(*numbers.get(3)?)?))
    };
    objects.filter_map(size).collect()
}

/// Leaves the paper where pictures are wanted.
fn keep(name: &str, pdf: &[u8]) {
    let Some(folder) = std::env::var_os("PILOTAGE_PICTURES") else { return };
    let file = std::path::Path::new(&folder).join(format!("progress-{name}.pdf"));
    std::fs::write(file, pdf).expect("the picture is written");
}

#[tokio::test]
async fn progress_prints_on_one_page_in_both_themes() {
    let scene = sample().await.unwrap();
    let browser = &scene.browser;
    browser.open(&scene.served.url("#/progress")).await.unwrap();
    browser.find("sheet").await.unwrap();
    browser.find("transfer").await.unwrap();
    for theme in ["light", "dark"] {
        browser.theme(theme).await.unwrap();
        let pdf = printed(browser).await.unwrap();
        keep(theme, &pdf);
        assert_eq!(pages(&pdf), [(842, 595)], "A4 on its side, {theme}");
    }
    // The control: without the word of the style sheet it is the browser's usual paper.
    let silent = "for (const sheet of document.styleSheets) for (const rule of sheet.cssRules) \
                  for (let at = (rule.cssRules?.length ?? 0) - 1; at >= 0; at -= 1) \
                  if (rule.cssRules[at] instanceof CSSPageRule) rule.deleteRule(at);";
    browser.run(silent, vec![]).await.unwrap();
    let usual = pages(&printed(browser).await.unwrap());
    assert_ne!(usual.first(), Some(&(842, 595)), "{usual:?}");
    browser.client.refresh().await.unwrap();
    browser.find("transfer").await.unwrap();
    // The control: twice as much is more than one page.
    let twice = "const page = document.querySelector('main'); \
                 page.append(...[...page.children].map((child) => child.cloneNode(true)));";
    browser.run(twice, vec![]).await.unwrap();
    let doubled = pages(&printed(browser).await.unwrap());
    scene.browser.close().await;
    assert!(doubled.len() > 1, "{doubled:?}");
}

#[tokio::test]
async fn progress_of_500_services_prints_on_one_page() {
    let scene = large().await.unwrap();
    scene.browser.open(&scene.served.url("#/progress")).await.unwrap();
    scene.browser.find("sheet").await.unwrap();
    let pdf = printed(&scene.browser).await.unwrap();
    scene.browser.close().await;
    keep("large", &pdf);
    assert_eq!(pages(&pdf), [(842, 595)]);
}
