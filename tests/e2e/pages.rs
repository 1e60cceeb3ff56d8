//! Every page in Chromium over the test host: axe in light and dark, and by keyboard alone.

use fantoccini::key::Key;
use pilotage_api::app::Watch;
use pilotage_api::{App, Clock, OpenOptions};
use pilotage_tests::browser::{Browser, Outcome, folder};
use pilotage_tests::host::{self, Hand, Served, TestHost};
use pilotage_tests::page::PAGES;
use pilotage_tests::place;
use serde_json::json;
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
    open(guard, workspace, Some(pilotage_sample::ACTING_AS)).await
}

async fn empty() -> Outcome<Scene> {
    let (guard, data) = folder()?;
    let workspace = data.join("new.pilotage");
    let new = pilotage_api::programme::NewProgramme {
        name: "New programme".to_owned(),
        time_zone: "Europe/Berlin".to_owned(),
    };
    pilotage_api::programme::create(&workspace, &data, Clock::System, &new)
        .await
        .map_err(|error| error.to_string())?;
    open(guard, workspace, None).await
}

async fn open(
    guard: tempfile::TempDir,
    workspace: std::path::PathBuf,
    acting: Option<&str>,
) -> Outcome<Scene> {
    let options = OpenOptions {
        workspace,
        data_folder: guard.path().to_owned(),
        clock: Clock::System,
        watch: Watch::Yes,
    };
    let file = guard.path().join("docker-compose.yml");
    std::fs::write(&file, "services:\n  parcel-tracker:\n    image: acme/parcel-tracker:1\n")
        .map_err(|error| error.to_string())?;
    let hand = Hand::default();
    *hand.import_files.lock().map_err(|error| error.to_string())? = vec![file];
    let host = Arc::new(TestHost(Arc::new(hand)));
    let app = App::open(options, host).await.map_err(|error| error.to_string())?;
    if let Some(person) = acting {
        app.act_as_named(person).await.map_err(|error| error.to_string())?;
    }
    let served =
        host::serve(Arc::new(app), place::page()).await.map_err(|error| error.to_string())?;
    let browser = Browser::chromium(1280, 800).await?;
    Ok(Scene { browser, served, _folder: guard })
}

/// Pages of the sample, the first service among them.
async fn addresses(scene: &Scene) -> Outcome<Vec<(String, String)>> {
    let mut addresses: Vec<(String, String)> =
        PAGES.iter().map(|(name, address)| ((*name).to_owned(), (*address).to_owned())).collect();
    scene.browser.open(&scene.served.url("#/services")).await?;
    scene.browser.find("services-row").await?;
    let first =
        "return document.querySelector('[data-testid=\"services-row\"] a')?.getAttribute('href')";
    let first = scene.browser.run(first, vec![]).await?;
    let first = first.as_str().ok_or("no row links to its service")?;
    addresses.push(("service".to_owned(), first.to_owned()));
    Ok(addresses)
}

async fn axe_everywhere(scene: &Scene, addresses: &[(String, String)]) -> Outcome<Vec<String>> {
    let mut found = Vec::new();
    for theme in ["light", "dark"] {
        for (name, address) in addresses {
            scene.browser.open(&scene.served.url(address)).await?;
            scene.browser.theme(theme).await?;
            for violation in scene.browser.axe().await? {
                found.push(format!("{name} ({theme}): {violation}"));
            }
        }
    }
    Ok(found)
}

#[tokio::test]
async fn axe_finds_nothing_on_any_page_of_the_sample() {
    let scene = sample().await.unwrap();
    let addresses = addresses(&scene).await.unwrap();
    assert_eq!(addresses.len(), PAGES.len() + 1);
    let found = axe_everywhere(&scene, &addresses).await.unwrap();
    // Negative control: axe does see a fault that is put there.
    let fault = "const image = document.createElement('img'); image.src = '/icon.svg'; document.querySelector('main').append(image);";
    scene.browser.run(fault, vec![]).await.unwrap();
    let seen = scene.browser.axe().await.unwrap();
    scene.browser.close().await;
    assert!(found.is_empty(), "{}", found.join("\n"));
    assert!(seen.iter().any(|violation| violation.starts_with("image-alt")), "{seen:?}");
}

#[tokio::test]
async fn axe_finds_nothing_on_the_first_start() {
    let scene = empty().await.unwrap();
    let first = [("first start".to_owned(), "#/progress".to_owned())];
    let mut found = axe_everywhere(&scene, &first).await.unwrap();
    scene.browser.fill("person-name", "Engineer A").await.unwrap();
    scene.browser.click("start-working").await.unwrap();
    scene.browser.find("empty-import").await.unwrap();
    let pages: Vec<(String, String)> = PAGES
        .iter()
        .map(|(name, address)| (format!("empty {name}"), (*address).to_owned()))
        .collect();
    found.extend(axe_everywhere(&scene, &pages).await.unwrap());
    scene.browser.close().await;
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Walks the page with Tab alone and says which hooks got the focus.
async fn tab_through(browser: &Browser, most: usize) -> Outcome<Vec<String>> {
    let mut hooks = Vec::new();
    for _ in 0..most {
        browser.press_key(Key::Tab).await?;
        let focused = browser
            .run(
                "const e = document.activeElement; \
                 return e === document.body ? '' : (e.closest('[data-testid]')?.dataset.testid ?? e.tagName)",
                vec![],
            )
            .await?;
        hooks.push(focused.as_str().unwrap_or_default().to_owned());
    }
    Ok(hooks)
}

/// Tabs to the first hook that begins so, and presses Enter there.
async fn tab_and_enter(browser: &Browser, hook: &str) -> Outcome<()> {
    tab_to(browser, hook).await?;
    browser.press_key(Key::Enter).await
}

/// Tabs to the first hook that begins so.
async fn tab_to(browser: &Browser, hook: &str) -> Outcome<()> {
    for _ in 0..80 {
        let focused = tab_through(browser, 1).await?;
        if focused[0].starts_with(hook) {
            return Ok(());
        }
    }
    Err(format!("Tab never came to {hook}"))
}

/// The hook around what has the focus.
const FOCUSED: &str =
    "return document.activeElement?.closest('[data-testid]')?.dataset.testid === arguments[0]";

#[tokio::test]
async fn the_map_leads_to_evidence_and_back_by_keyboard() {
    let scene = sample().await.unwrap();
    let browser = &scene.browser;
    browser.open(&scene.served.url("#/heatmap")).await.unwrap();
    browser.find("heat-row").await.unwrap();
    let hooks = tab_through(browser, 30).await.unwrap();
    let stops = hooks.iter().filter(|hook| hook.starts_with("heat-grid")).count();
    assert_eq!(stops, 1, "the map is one tab stop: {hooks:?}");
    browser.run("document.querySelector('[data-testid=heat-grid]').focus()", vec![]).await.unwrap();
    for key in [Key::Down, Key::Right, Key::End, Key::Left, Key::Enter] {
        browser.press_key(key).await.unwrap();
    }
    browser.find("evidence-history").await.unwrap();
    browser.until("the panel has the focus", FOCUSED, vec![json!("evidence-panel")]).await.unwrap();
    let address =
        "return decodeURIComponent(location.hash).match(/evidence=[^/]+\\/(.+)$/)?.[1] ?? ''";
    let check = browser.run(address, vec![]).await.unwrap();
    let before_last =
        "return document.querySelectorAll('[role=columnheader] span')[arguments[0]]?.innerText";
    let columns = browser
        .run("return document.querySelectorAll('[role=columnheader] span').length", vec![])
        .await
        .unwrap();
    let expected =
        browser.run(before_last, vec![json!(columns.as_u64().unwrap() - 2)]).await.unwrap();
    assert_eq!(check, expected, "the cell before the last opens");
    let mut found = Vec::new();
    for panel in ["evidence", "notices"] {
        for theme in ["light", "dark"] {
            browser.theme(theme).await.unwrap();
            found.extend(
                browser.axe().await.unwrap().into_iter().map(|it| format!("{panel}: {it}")),
            );
        }
        browser.press_key(Key::Escape).await.unwrap();
        if panel == "evidence" {
            browser.until("the map has it back", FOCUSED, vec![json!("heat-grid")]).await.unwrap();
            browser.press("gn").await.unwrap();
            browser.find("notice").await.unwrap();
        }
    }
    let closed = "return !document.querySelector('.inspector')";
    browser.until("Escape closes the notices", closed, vec![]).await.unwrap();
    scene.browser.close().await;
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[tokio::test]
async fn a_new_programme_comes_to_its_first_attested_check_by_keyboard_alone() {
    let scene = empty().await.unwrap();
    let browser = &scene.browser;
    browser.open(&scene.served.url("#/progress")).await.unwrap();
    browser.find("person-name").await.unwrap();
    tab_to(browser, "person-name").await.unwrap();
    browser.press("Engineer A").await.unwrap();
    browser.press_key(Key::Enter).await.unwrap();
    browser.find("first-steps").await.unwrap();
    for hook in ["empty-import", "import-choose", "import-apply"] {
        browser.find(hook).await.unwrap();
        tab_and_enter(browser, hook).await.unwrap();
    }
    browser.find("import-done").await.unwrap();
    browser.press("gp").await.unwrap();
    tab_and_enter(browser, "first-step-assigned").await.unwrap();
    for hook in ["take-it", "check-toggle-", "attest-pass", "attest-save"] {
        browser.until_text("first-steps", "First steps").await.unwrap();
        tab_and_enter(browser, hook).await.unwrap();
    }
    let gone = "return !document.querySelector('[data-testid=\"first-steps\"]')";
    browser.until("the first steps are gone", gone, vec![]).await.unwrap();
    scene.browser.close().await;
}

#[tokio::test]
async fn work_is_done_by_keyboard_alone() {
    let scene = sample().await.unwrap();
    let browser = &scene.browser;
    // My checklist: open a check, attest it, save.
    browser.open(&scene.served.url("#/checklist")).await.unwrap();
    browser.find("checklist-service").await.unwrap();
    for hook in ["check-toggle-", "attest-pass", "attest-save"] {
        tab_and_enter(browser, hook).await.unwrap();
    }
    browser.find("toast-undo").await.unwrap();
    // Import: choose, look, apply.
    browser.open(&scene.served.url("#/import")).await.unwrap();
    tab_and_enter(browser, "import-choose").await.unwrap();
    browser.until_text("import-count-created", "1").await.unwrap();
    tab_and_enter(browser, "import-apply").await.unwrap();
    browser.find("import-done").await.unwrap();
    // Settings: add an environment.
    browser.open(&scene.served.url("#/settings")).await.unwrap();
    browser.find("environment-name").await.unwrap();
    tab_and_enter(browser, "environment-name").await.unwrap();
    browser.press("rehearsal").await.unwrap();
    tab_and_enter(browser, "environment-add").await.unwrap();
    let there = "return document.querySelector('main').innerText.includes('rehearsal')";
    browser.until("the environment is listed", there, vec![]).await.unwrap();
    scene.browser.close().await;
}

#[tokio::test]
async fn every_page_is_usable_by_keyboard_alone() {
    let scene = sample().await.unwrap();
    let browser = &scene.browser;
    browser.open(&scene.served.url("#/progress")).await.unwrap();

    // Pages by their keys.
    for (keys, page, hook) in [
        ("gs", "#/services", "services-filter"),
        ("gm", "#/checklist", "nav-checklist"),
        ("gc", "#/cluster", "nav-cluster"),
        ("gb", "#/playbook", "playbook-name"),
        ("g,", "#/settings", "settings-name"),
        ("gp", "#/progress", "progress-done"),
    ] {
        browser.press(keys).await.unwrap();
        let script = "return location.hash.startsWith(arguments[0])";
        browser.until(keys, script, vec![json!(page)]).await.unwrap();
        browser.find(hook).await.unwrap();
    }

    // Progress: a number leads to its list.
    let hooks = tab_through(browser, 30).await.unwrap();
    assert!(hooks.iter().any(|hook| hook == "progress-blocked"), "{hooks:?}");

    // Services: filter, then into the grid and open a service.
    browser.press("gs").await.unwrap();
    browser.find("services-row").await.unwrap();
    browser.press("/").await.unwrap();
    let focused = "return document.activeElement?.dataset.testid === 'services-filter'";
    browser.until("/ focuses the filter", focused, vec![]).await.unwrap();
    browser.press("kyc").await.unwrap();
    let one = "return document.querySelectorAll('[data-testid=\"services-row\"]').length === 1";
    browser.until("one row left", one, vec![]).await.unwrap();
    let hooks = tab_through(browser, 25).await.unwrap();
    let grid = hooks.iter().any(|hook| hook == "services-row" || hook == "services-grid");
    assert!(grid, "the grid takes the focus: {hooks:?}");
    browser.open(&scene.served.url("#/services?q=kyc")).await.unwrap();
    browser.find("services-row").await.unwrap();
    let focus = "const e = document.querySelector('[data-testid=\"services-row\"]'); \
                 (e.matches('[tabindex]') ? e : e.querySelector('[tabindex], a')).focus();";
    browser.run(focus, vec![]).await.unwrap();
    browser.press_key(Key::Enter).await.unwrap();
    browser.until_text("service-name", "kyc-check").await.unwrap();

    // Service: a check opens, is attested and taken back without a mouse.
    let hooks = tab_through(browser, 60).await.unwrap();
    assert!(hooks.iter().any(|hook| hook.starts_with("check-")), "{hooks:?}");

    // The palette finds a service and opens it.
    browser.press(&format!("{}k", char::from(Key::Control))).await.unwrap();
    browser.find("palette-input").await.unwrap();
    browser.press("ledger").await.unwrap();
    browser.find("palette-item").await.unwrap();
    browser.press_key(Key::Enter).await.unwrap();
    browser.until_text("service-name", "ledger").await.unwrap();

    // The keys are listed, and Escape closes.
    browser.press("?").await.unwrap();
    browser.find("keys-dialog").await.unwrap();
    browser.press_key(Key::Escape).await.unwrap();
    let closed = "return !document.querySelector('dialog[open]')";
    browser.until("Escape closes the dialog", closed, vec![]).await.unwrap();
    scene.browser.close().await;
}

#[tokio::test]
async fn the_inventory_is_edited_by_keyboard_alone() {
    let scene = sample().await.unwrap();
    let browser = &scene.browser;
    let mut found = Vec::new();
    let focus = "document.querySelector('[data-testid=\"services-grid\"]').focus()";
    browser.open(&scene.served.url("#/services?q=kyc")).await.unwrap();
    browser.find("services-row").await.unwrap();
    browser.run(focus, vec![]).await.unwrap();
    // Through the cells to the team, and edit it.
    let here = "return document.getElementById('active-cell')?.dataset.column === 'team'";
    for _ in 0..7 {
        browser.press_key(Key::Right).await.unwrap();
    }
    browser.until("the team is active", here, vec![]).await.unwrap();
    browser.press_key(Key::Enter).await.unwrap();
    browser.find("services-editor").await.unwrap();
    found.extend(browser.axe().await.unwrap());
    browser.press("Identity").await.unwrap();
    browser.press_key(Key::Enter).await.unwrap();
    browser.until_text("services-row", "Identity").await.unwrap();
    // The grid has the focus again: select the row, and give it a tag with all that are selected.
    browser.press(" ").await.unwrap();
    browser.until_text("services-selected", "1 service").await.unwrap();
    tab_and_enter(browser, "services-bulk-tags").await.unwrap();
    browser.find("field-input").await.unwrap();
    found.extend(browser.axe().await.unwrap());
    browser.press("vendor").await.unwrap();
    for _ in 0..2 {
        // Enter adds the tag, and in the empty field it saves.
        browser.press_key(Key::Enter).await.unwrap();
    }
    // What was entered is found by its filters.
    browser.open(&scene.served.url("#/services?team=Identity&tag=vendor")).await.unwrap();
    browser.until_text("services-count", "1 service of").await.unwrap();
    // Notes: written, and drawn without markup.
    let first = "location.hash = \
                 document.querySelector('[data-testid=\"services-row\"] a').getAttribute('href')";
    browser.run(first, vec![]).await.unwrap();
    tab_and_enter(browser, "notes-edit").await.unwrap();
    browser.press("# Vendor\n<b>slow</b> **really**").await.unwrap();
    tab_and_enter(browser, "notes-save").await.unwrap();
    browser.until_text("notes", "<b>slow</b> really").await.unwrap();
    found.extend(browser.axe().await.unwrap());
    scene.browser.close().await;
    assert!(found.is_empty(), "{}", found.join("\n"));
}
