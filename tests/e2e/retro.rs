//! A retrospective held in the page: a note taken elsewhere by key, revealed, grouped by keyboard,
//! voted on, an insight, an action, the close; open actions first, and axe on every step in light
//! and dark. With `PILOTAGE_PICTURES=FOLDER`, pictures of every step are left there.

#![expect(clippy::unwrap_used, reason = "a step that fails ends the test and says why")]

use pilotage_api::app::Watch;
use pilotage_api::{App, Clock, OpenOptions};
use pilotage_tests::browser::{Browser, Outcome, folder};
use pilotage_tests::host::{self, Hand, Served, TestHost};
use pilotage_tests::place;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;

const STEPS: [&str; 7] = ["open-actions", "facts", "notes", "group", "discuss", "actions", "close"];

struct Scene {
    browser: Browser,
    served: Served,
    app: Arc<App>,
    _folder: tempfile::TempDir,
}

impl Scene {
    async fn sample(width: u32, height: u32) -> Outcome<Self> {
        let (guard, data) = folder()?;
        let now = Clock::System.now();
        let workspace =
            pilotage_sample::fresh(&data, now).await.map_err(|error| error.to_string())?;
        let options =
            OpenOptions { workspace, data_folder: data, clock: Clock::System, watch: Watch::Yes };
        let host = Arc::new(TestHost(Arc::new(Hand::default())));
        let app = Arc::new(App::open(options, host).await.map_err(|error| error.to_string())?);
        app.act_as_named(pilotage_sample::ACTING_AS).await.map_err(|error| error.to_string())?;
        let served = host::serve(Arc::clone(&app), place::page()).await;
        let served = served.map_err(|error| error.to_string())?;
        let browser = Browser::chromium(width, height).await?;
        Ok(Self { browser, served, app, _folder: guard })
    }

    async fn open(&self, address: &str) {
        self.browser.open(&self.served.url(address)).await.unwrap();
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

    async fn axe(&self, name: &str) -> Vec<String> {
        let mut found = Vec::new();
        for theme in ["dark", "light"] {
            self.browser.theme(theme).await.unwrap();
            let violations = self.browser.axe().await.unwrap();
            found.extend(violations.iter().map(|one| format!("{name} ({theme}): {one}")));
        }
        found
    }

    async fn ask(&self, command: &str, argument: Value) -> Value {
        self.app.call(command, argument).await.unwrap()
    }

    async fn document(&self) -> Value {
        self.ask("retro", json!({"sprint": "Over to production"})).await["document"].clone()
    }

    /// Fills a field as typing would, and leaves it.
    async fn fill(&self, hook: &str, text: &str) {
        self.browser.find(hook).await.unwrap();
        let script = "const field = document.querySelector(`[data-testid=\"${arguments[0]}\"]`); \
            field.focus(); field.value = arguments[1]; \
            field.dispatchEvent(new Event('input', {bubbles: true})); \
            field.dispatchEvent(new Event('change', {bubbles: true})); return true;";
        self.browser.run(script, vec![json!(hook), json!(text)]).await.unwrap();
    }

    /// Waits until the programme says so.
    async fn until(&self, what: &str, is: impl Fn(&Value) -> bool) -> Value {
        for _ in 0..100 {
            let document = self.document().await;
            if is(&document) {
                // The page writes one thing at a time.
                self.browser.settled().await.unwrap();
                return document;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        panic!("{what} never came to be: {}", self.document().await);
    }

    async fn click(&self, hook: &str) {
        self.browser.click(hook).await.unwrap();
    }
}

fn count(document: &Value, list: &str) -> usize {
    document[list].as_array().unwrap().len()
}

#[tokio::test]
async fn a_retrospective_is_held_from_the_note_to_the_close() {
    let scene = Scene::sample(1280, 800).await.unwrap();
    // A note, one key away, on a service's page.
    let services = scene.ask("services", json!({})).await;
    let kyc = services["rows"].as_array().unwrap().iter().find(|row| row["name"] == "kyc-check");
    let id = kyc.unwrap()["id"].as_str().unwrap().to_owned();
    scene.open(&format!("#/service/{id}")).await;
    scene.browser.find("service-name").await.ok();
    scene.browser.press("n").await.unwrap();
    scene.fill("note-text", "The rule still is not there").await;
    scene.look("note").await;
    scene.click("note-save").await;
    let mut drafts = Value::Null;
    for _ in 0..50 {
        let view = scene.ask("retro", json!({"sprint": "Over to production"})).await;
        drafts = view["drafts"].clone();
        if drafts.as_array().unwrap().len() == 1 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert_eq!(drafts[0]["service"]["name"], "kyc-check", "it linked itself");
    assert_eq!(count(&scene.document().await, "notes"), 0, "and nobody else sees it");

    scene.open("#/retro?sprint=Over%20to%20production&step=open-actions").await;
    scene.browser.find("retro-open").await.unwrap();
    // Going on asks, and open actions stay first.
    scene.click("retro-step-facts").await;
    scene.browser.find("retro-skip").await.unwrap();
    scene.browser.press_key(fantoccini::key::Key::Escape).await.unwrap();
    assert_eq!(scene.document().await["skipped_by"], Value::Null);
    let open = scene.document().await["open_actions"].clone();
    for action in open.as_array().unwrap() {
        scene.click(&format!("retro-keep-{}", action["id"].as_str().unwrap())).await;
        let id = action["id"].clone();
        scene
            .until("the carry", |document| {
                let open = document["open_actions"].as_array().unwrap();
                open.iter().any(|one| one["id"] == id && one["outcome"] == "kept")
            })
            .await;
    }
    scene.look("open-actions").await;
    let people = scene.ask("retro", json!({})).await["people"].clone();
    let person = people[0]["id"].as_str().unwrap().to_owned();
    scene.click(&format!("retro-present-{person}")).await;
    scene.until("the presence", |document| count(document, "present") == 1).await;
    scene.click("retro-step-facts").await;
    scene.until("the freeze", |document| document["frozen"] == true).await;
    scene.click("retro-step-notes").await;
    scene.until("the step", |document| document["step"] == "notes").await;
    scene.fill("retro-new-note-liked", "The portal went live without a call").await;
    scene.browser.press_key(fantoccini::key::Key::Enter).await.unwrap();
    let view = async || scene.ask("retro", json!({})).await["drafts"].as_array().unwrap().len();
    for _ in 0..50 {
        if view().await == 2 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    scene.look("notes-private").await;
    scene.click("retro-reveal").await;
    let document = scene.until("the notes", |document| count(document, "notes") == 2).await;
    scene.look("notes").await;
    scene.click("retro-step-group").await;
    scene.until("the step", |document| document["step"] == "group").await;
    let note = document["notes"][0]["id"].as_str().unwrap().to_owned();
    scene.fill(&format!("retro-group-of-{note}"), "new").await;
    let document = scene.until("the group", |document| count(document, "groups") == 1).await;
    let group = document["groups"][0]["id"].as_str().unwrap().to_owned();
    scene.fill(&format!("retro-votes-{group}"), "3").await;
    scene.until("the votes", |document| document["groups"][0]["votes"] == 3).await;
    // One more than the room has is refused, and the field shows what stands.
    scene.fill(&format!("retro-votes-{group}"), "4").await;
    scene.browser.find("toast").await.unwrap();
    assert_eq!(scene.document().await["groups"][0]["votes"], 3);
    scene.look("group").await;
    scene.click("retro-step-discuss").await;
    scene.until("the step", |document| document["step"] == "discuss").await;
    scene.click("retro-insight-add").await;
    scene.fill("retro-insight-text", "Rules decide how fast we are").await;
    scene.click("retro-insight-save").await;
    scene.until("the insight", |document| count(document, "insights") == 1).await;
    scene.click("retro-step-actions").await;
    scene.until("the step", |document| document["step"] == "actions").await;
    scene.click("retro-action-add").await;
    scene.fill("retro-action-text", "Ask the security team for one contact").await;
    scene.fill("retro-action-owner", &person).await;
    scene.fill("retro-action-seen", "a rule takes a day").await;
    scene.look("action-form").await;
    scene.click("retro-action-save").await;
    scene.until("the action", |document| count(document, "actions") == 1).await;
    let mut found = Vec::new();
    for step in STEPS {
        scene.open(&format!("#/retro?sprint=Over%20to%20production&step={step}")).await;
        scene.browser.find("retro-step-facts").await.unwrap();
        found.extend(scene.axe(step).await);
        scene.look(&format!("held-{step}")).await;
    }
    assert_eq!(found, Vec::<String>::new());
    scene.click("retro-close").await;
    scene.until("the close", |document| document["closed"] == true).await;
    scene.open("#/sprint").await;
    scene.browser.find("sprint-actions").await.unwrap();
    scene.look("sprint").await;
    scene.browser.close().await;
}

#[tokio::test]
async fn pages_of_ended_sprints_hold_and_print() {
    let scene = Scene::sample(1920, 1080).await.unwrap();
    let mut found = Vec::new();
    for step in STEPS {
        scene.open(&format!("#/retro?sprint=Six%20alone&step={step}")).await;
        scene.browser.find("retro-step-facts").await.unwrap();
        found.extend(scene.axe(step).await);
        scene.look(&format!("ended-{step}")).await;
    }
    assert_eq!(found, Vec::<String>::new());
    // Paper has every step, whichever the screen shows.
    let hidden = "return [...document.querySelectorAll('.step')] \
        .filter((step) => getComputedStyle(step).display === 'none').length";
    let on_screen = scene.browser.run(hidden, vec![]).await.unwrap();
    assert_eq!(on_screen, 6, "the control: the screen shows one");
    // The rules for paper, put on the screen.
    let as_paper = "for (const sheet of document.styleSheets) for (const rule of sheet.cssRules) \
        if (rule instanceof CSSMediaRule) { const media = rule.media.mediaText; \
        if (media === 'print') rule.media.mediaText = 'screen'; \
        else if (media === 'screen') rule.media.mediaText = 'print'; } \
        dispatchEvent(new Event('beforeprint')); return true;";
    scene.browser.run(as_paper, vec![]).await.unwrap();
    let on_paper = scene.browser.run(hidden, vec![]).await.unwrap();
    assert_eq!(on_paper, 0, "paper shows all of them");
    let pressed = "return [...document.querySelectorAll('main button')] \
        .filter((one) => one.offsetParent && !one.hasAttribute('aria-pressed')).length";
    let buttons = scene.browser.run(pressed, vec![]).await.unwrap();
    assert_eq!(buttons, 0, "and nothing to press");
    scene.browser.client.set_window_size(1120, 2600).await.unwrap();
    scene.look("paper").await;
    scene.browser.close().await;
}
