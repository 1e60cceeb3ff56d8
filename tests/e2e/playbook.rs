//! The playbook at work in the page: written, tried, adopted, marked, looked back at and undone,
//! by keyboard where it matters, with axe on every tab in light and dark.
//! With `PILOTAGE_PICTURES=FOLDER`, pictures of every step are left there.

#![expect(clippy::unwrap_used, reason = "a step that fails ends the test and says why")]

use fantoccini::key::Key;
use pilotage_api::app::Watch;
use pilotage_api::dto::playbook::AdoptPlaybook;
use pilotage_api::dto::session::Nothing;
use pilotage_api::{App, Clock, OpenOptions};
use pilotage_tests::browser::{Browser, Outcome, folder};
use pilotage_tests::host::{self, Hand, Served, TestHost};
use pilotage_tests::place;
use serde_json::json;
use std::path::Path;
use std::sync::Arc;

struct Scene {
    browser: Browser,
    served: Served,
    app: Arc<App>,
    hand: Arc<Hand>,
    folder: tempfile::TempDir,
}

impl Scene {
    async fn sample() -> Outcome<Self> {
        let (guard, data) = folder()?;
        let now = Clock::System.now();
        let workspace =
            pilotage_sample::fresh(&data, now).await.map_err(|error| error.to_string())?;
        let options =
            OpenOptions { workspace, data_folder: data, clock: Clock::System, watch: Watch::Yes };
        let hand = Arc::new(Hand::default());
        let app = App::open(options, Arc::new(TestHost(Arc::clone(&hand)))).await;
        let app = Arc::new(app.map_err(|error| error.to_string())?);
        app.act_as_named(pilotage_sample::ACTING_AS).await.map_err(|error| error.to_string())?;
        let served = host::serve(Arc::clone(&app), place::page()).await;
        let served = served.map_err(|error| error.to_string())?;
        let browser = Browser::chromium(1280, 800).await?;
        Ok(Self { browser, served, app, hand, folder: guard })
    }

    /// Leaves a picture in light and dark where pictures are wanted.
    async fn look(&self, name: &str) {
        let Some(folder) = std::env::var_os("PILOTAGE_PICTURES") else { return };
        for theme in ["light", "dark"] {
            self.browser.theme(theme).await.unwrap();
            // Colours of buttons fade over.
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
            let file = Path::new(&folder).join(format!("{name}-{theme}.png"));
            self.browser.screenshot(&file).await.unwrap();
        }
    }

    /// What axe finds on the page as it stands.
    async fn axe(&self, name: &str) -> Vec<String> {
        let mut found = Vec::new();
        for theme in ["dark", "light"] {
            self.browser.theme(theme).await.unwrap();
            let violations = self.browser.axe().await.unwrap();
            found.extend(violations.iter().map(|one| format!("{name} ({theme}): {one}")));
        }
        found
    }

    async fn open(&self, address: &str) {
        self.browser.open(&self.served.url(address)).await.unwrap();
    }

    /// Replaces a part of the text in the editor, as typing would.
    async fn edit(&self, from: &str, to: &str) {
        let script = "const area = document.querySelector('[data-testid=\"playbook-text\"]'); \
            const at = area.value.indexOf(arguments[0]); \
            if (at < 0) return false; \
            area.setRangeText(arguments[1], at, at + arguments[0].length, 'end'); \
            area.dispatchEvent(new Event('input', {bubbles: true})); return true;";
        let hit = self.browser.run(script, vec![json!(from), json!(to)]).await.unwrap();
        assert_eq!(hit, json!(true), "{from:?} stands in the text");
    }
}

/// Tabs to the first hook that begins so, and presses Enter there.
async fn tab_and_enter(browser: &Browser, hook: &str) {
    for _ in 0..90 {
        browser.press_key(Key::Tab).await.unwrap();
        let script =
            "return document.activeElement?.closest('[data-testid]')?.dataset.testid ?? ''";
        let focused = browser.run(script, vec![]).await.unwrap();
        if focused.as_str().unwrap_or_default().starts_with(hook) {
            return browser.press_key(Key::Enter).await.unwrap();
        }
    }
    panic!("Tab never came to {hook}");
}

const STRICTER: (&str, &str) = ("- id: LI-01\n    version: 1", "- id: LI-01\n    version: 2");

#[tokio::test]
async fn a_stricter_playbook_is_written_tried_adopted_and_undone() {
    let scene = Scene::sample().await.unwrap();
    let browser = &scene.browser;
    let mut found = Vec::new();

    scene.open("#/playbook?check=LI-01").await;
    browser.until_text("playbook-name", "version 1").await.unwrap();
    scene.look("checks").await;
    found.extend(scene.axe("checks").await);
    scene.open("#/playbook?tab=try").await;
    browser.until_text("playbook-tab-try", "Try").await.unwrap();
    scene.look("try-nothing").await;
    found.extend(scene.axe("try, nothing to try").await);

    // Written: the fault names its line and offers what mends it.
    scene.open("#/playbook?tab=edit").await;
    browser.find("playbook-text").await.unwrap();
    found.extend(scene.axe("edit").await);
    scene.edit(STRICTER.0, STRICTER.1).await;
    browser.until_text("playbook-fault", "Line 2").await.unwrap();
    scene.look("edit-fault").await;
    found.extend(scene.axe("edit with a fault").await);
    browser.click("playbook-fault").await.unwrap();
    let selected = "const area = document.querySelector('[data-testid=\"playbook-text\"]'); \
        return document.activeElement === area \
            && area.value.slice(area.selectionStart, area.selectionEnd) === 'version: 1'";
    browser.until("the line is selected", selected, vec![]).await.unwrap();
    browser.click("playbook-raise").await.unwrap();
    browser.until_text("playbook-state", "No faults. Version 2").await.unwrap();

    // It outlives the page.
    scene.open("#/progress").await;
    scene.open("#/playbook?tab=try").await;
    browser.until_text("playbook-difference", "LI-01").await.unwrap();
    browser.until_text("playbook-affected", "re-proving").await.unwrap();
    scene.look("try").await;
    found.extend(scene.axe("try").await);

    // Adopted with the keyboard.
    tab_and_enter(browser, "playbook-adopt").await;
    browser.find("playbook-confirm").await.unwrap();
    scene.look("adopt").await;
    found.extend(scene.axe("adopt").await);
    tab_and_enter(browser, "playbook-confirm").await;
    browser.until_text("playbook-name", "version 2").await.unwrap();

    // Marked on the chart, and shown on the services.
    scene.open("#/progress").await;
    browser.find("flow-toggle").await.unwrap();
    browser.until_text("flow-chart", "").await.unwrap();
    let marked = "return [...document.querySelectorAll('[data-testid=\"flow-chart\"] text')]\
        .some(text => text.textContent.includes('Playbook 2 adopted'))";
    browser.until("the chart has its mark", marked, vec![]).await.unwrap();
    scene.look("progress").await;
    scene.open("#/services?q=kyc").await;
    scene.look("services").await;

    // Looked back at, and taken up again as an edition that follows.
    scene.open("#/playbook?tab=history").await;
    browser.until_text("playbook-adoption", "in force").await.unwrap();
    let first = "const links = document.querySelectorAll('[data-testid=\"playbook-look\"]'); \
        links[links.length - 1].click(); return true";
    browser.run(first, vec![]).await.unwrap();
    browser.until_text("playbook-then", "version: 1").await.unwrap();
    scene.look("history").await;
    found.extend(scene.axe("history").await);
    browser.click("playbook-again").await.unwrap();
    browser.until_text("playbook-difference", "LI-01").await.unwrap();
    browser.until_text("playbook-adopt", "version 3").await.unwrap();

    // Somebody else adopts meanwhile: said at once, and refused until the person has seen it.
    let view = scene.app.playbook(Nothing {}).await.unwrap();
    let theirs = view.text.replacen("version: 2", "version: 3", 1);
    let theirs = AdoptPlaybook { text: theirs, seen: None, closes: Vec::new() };
    scene.app.adopt_playbook(theirs).await.unwrap();
    browser.find("playbook-since").await.unwrap();
    scene.look("since").await;
    found.extend(scene.axe("adopted since").await);
    browser.click("playbook-keep-mine").await.unwrap();
    browser.click("playbook-raise").await.unwrap();
    browser.until_text("playbook-adopt", "version 4").await.unwrap();

    // Undone.
    browser.click("undo").await.unwrap();
    browser.until_text("playbook-name", "version 2").await.unwrap();
    assert_eq!(scene.app.playbook(Nothing {}).await.unwrap().version, 2);
    scene.browser.close().await;
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[tokio::test]
async fn what_a_service_taught_becomes_a_draft_by_keyboard_alone() {
    let scene = Scene::sample().await.unwrap();
    let browser = &scene.browser;
    scene.open("#/services?q=kyc").await;
    browser.find("services-row").await.unwrap();
    let address =
        "return document.querySelector('[data-testid=\"services-row\"] a').getAttribute('href')";
    let address = browser.run(address, vec![]).await.unwrap();
    scene.open(address.as_str().unwrap()).await;
    browser.until_text("service-name", "kyc").await.unwrap();
    tab_and_enter(browser, "draft-open").await;
    browser.find("draft-title").await.unwrap();
    browser.press("The queue is drained").await.unwrap();
    browser.press_key(Key::Tab).await.unwrap();
    browser.press_key(Key::Tab).await.unwrap();
    browser.press("It is empty").await.unwrap();
    browser.press_key(Key::Tab).await.unwrap();
    browser.press("Orders are lost else").await.unwrap();
    scene.look("draft").await;
    let found = scene.axe("draft").await;
    tab_and_enter(browser, "draft-save").await;
    let selected = "const area = document.querySelector('[data-testid=\"playbook-text\"]'); \
        return !!area && document.activeElement === area \
            && area.value.slice(area.selectionStart, area.selectionEnd).startsWith('  - id: OWN-01')";
    browser.until("the draft is selected", selected, vec![]).await.unwrap();
    browser.until_text("playbook-state", "No faults").await.unwrap();
    scene.look("drafted").await;

    // Tab indents, Escape and Tab leave, and the text goes to a file and comes back from one.
    let inside = "return document.activeElement.dataset.testid === 'playbook-text'";
    browser.press_key(Key::Tab).await.unwrap();
    assert_eq!(browser.run(inside, vec![]).await.unwrap(), json!(true), "Tab indents");
    let indented = "return document.activeElement.value.includes('    - id: OWN-01')";
    assert_eq!(browser.run(indented, vec![]).await.unwrap(), json!(true));
    browser.press(&format!("{}{}", char::from(Key::Escape), char::from(Key::Tab))).await.unwrap();
    assert_eq!(browser.run(inside, vec![]).await.unwrap(), json!(false), "Tab left");
    let file = scene.folder.path().join("mine.yaml");
    *scene.hand.save_path.lock().unwrap() = Some(file.clone());
    browser.click("playbook-save").await.unwrap();
    browser.until_text("toast", "mine.yaml").await.unwrap();
    let saved = std::fs::read_to_string(&file).unwrap();
    assert!(saved.contains("    - id: OWN-01"), "the text as it stands");
    std::fs::write(&file, saved.replace("The queue is drained", "The queue is empty")).unwrap();
    *scene.hand.import_files.lock().unwrap() = vec![file];
    browser.click("playbook-open").await.unwrap();
    browser.click("playbook-replace").await.unwrap();
    browser.until_text("playbook-text", "The queue is empty").await.unwrap();
    scene.browser.close().await;
    assert!(found.is_empty(), "{}", found.join("\n"));
}
