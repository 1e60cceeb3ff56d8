//! What a person does in the page, by the hooks the page states for tests.

use crate::browser::{Browser, Outcome};
use fantoccini::Locator;
use fantoccini::elements::Element;
use fantoccini::key::Key;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// How long the page may take for anything.
const PATIENCE: Duration = Duration::from_secs(20);

/// The pages, with the address of each.
pub const PAGES: [(&str, &str); 13] = [
    ("progress", "#/progress"),
    ("services", "#/services"),
    ("heatmap", "#/heatmap"),
    ("sprint", "#/sprint"),
    ("retro", "#/retro"),
    ("checklist", "#/checklist"),
    ("skills", "#/skills"),
    ("cluster", "#/cluster"),
    ("deployments", "#/cluster?tab=deployments"),
    ("playbook", "#/playbook"),
    ("conflicts", "#/conflicts"),
    ("import", "#/import"),
    ("settings", "#/settings"),
];

impl Browser {
    /// The first element of a hook, once it is there.
    ///
    /// # Errors
    /// When it does not come.
    pub async fn find(&self, hook: &str) -> Outcome<Element> {
        let selector = format!("[data-testid=\"{hook}\"]");
        self.client
            .wait()
            .at_most(PATIENCE)
            .for_element(Locator::Css(&selector))
            .await
            .map_err(|error| format!("{hook} did not appear: {error}"))
    }

    /// Clicks a hook.
    ///
    /// # Errors
    /// When it does not come or cannot be clicked.
    pub async fn click(&self, hook: &str) -> Outcome<()> {
        let element = self.find(hook).await?;
        element.click().await.map_err(|error| format!("{hook} cannot be clicked: {error}"))
    }

    /// Replaces the text of a field.
    ///
    /// # Errors
    /// When it does not come or takes no text.
    pub async fn fill(&self, hook: &str, text: &str) -> Outcome<()> {
        let element = self.find(hook).await?;
        element.clear().await.map_err(|error| format!("{hook}: {error}"))?;
        element.send_keys(text).await.map_err(|error| format!("{hook}: {error}"))
    }

    /// The text of a hook.
    ///
    /// # Errors
    /// When it does not come.
    pub async fn text(&self, hook: &str) -> Outcome<String> {
        let element = self.find(hook).await?;
        element.text().await.map_err(|error| format!("{hook}: {error}"))
    }

    /// Waits until a script in the page answers true.
    ///
    /// # Errors
    /// When it never does; names what was awaited.
    pub async fn until(&self, what: &str, script: &str, arguments: Vec<Value>) -> Outcome<()> {
        let start = Instant::now();
        loop {
            if self.run(script, arguments.clone()).await? == json!(true) {
                return Ok(());
            }
            if start.elapsed() > PATIENCE {
                let page = self.run("return document.body.innerText", vec![]).await?;
                return Err(format!("{what} did not happen; the page says: {page}"));
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until a hook's text contains something.
    ///
    /// # Errors
    /// When it never does.
    pub async fn until_text(&self, hook: &str, part: &str) -> Outcome<()> {
        let script = "const e = document.querySelector(`[data-testid=\"${arguments[0]}\"]`);\
                      return !!e && (e.innerText + ' ' + (e.value ?? '')).includes(arguments[1]);";
        self.until(&format!("{hook} with {part:?}"), script, vec![json!(hook), json!(part)]).await
    }

    /// Presses keys wherever the focus is.
    ///
    /// # Errors
    /// When nothing has the focus.
    pub async fn press(&self, keys: &str) -> Outcome<()> {
        let start = Instant::now();
        loop {
            let element = self.client.active_element().await.map_err(|error| error.to_string())?;
            match element.send_keys(keys).await {
                Ok(()) => return Ok(()),
                // What had the focus is being taken off the page; nothing was pressed.
                Err(_) if start.elapsed() < Duration::from_secs(3) => {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                Err(error) => return Err(error.to_string()),
            }
        }
    }

    /// Presses one special key.
    ///
    /// # Errors
    /// When nothing has the focus.
    pub async fn press_key(&self, key: Key) -> Outcome<()> {
        self.press(&String::from(char::from(key))).await
    }

    /// Goes to a page and waits until it shows something other than its loading state.
    ///
    /// # Errors
    /// When it stays busy.
    pub async fn open(&self, url: &str) -> Outcome<()> {
        self.client.goto(url).await.map_err(|error| error.to_string())?;
        self.settled().await
    }

    /// Waits until nothing on the page is loading.
    ///
    /// # Errors
    /// When it stays busy.
    pub async fn settled(&self) -> Outcome<()> {
        let script = "return document.readyState === 'complete' && !!document.querySelector('main, dialog[open], form') \
                      && !document.querySelector('.loading');";
        self.until("the page to settle", script, vec![]).await
    }

    /// Chooses light or dark as the settings page does.
    ///
    /// # Errors
    /// When the page does not answer.
    pub async fn theme(&self, theme: &str) -> Outcome<()> {
        self.run("document.documentElement.dataset.theme = arguments[0];", vec![json!(theme)])
            .await
            .map(drop)
    }

    /// What axe finds on the page: one line a violation.
    ///
    /// # Errors
    /// When axe itself fails.
    pub async fn axe(&self) -> Outcome<Vec<String>> {
        let file = crate::place::repository().join("ui/node_modules/axe-core/axe.min.js");
        let source = std::fs::read_to_string(&file)
            .map_err(|error| format!("{}: {error}; run `npm ci` in ui", file.display()))?;
        self.run(&format!("if (!window.axe) {{ {source} }}"), vec![]).await?;
        let script = "const done = arguments[arguments.length - 1];\
            axe.run(document, {resultTypes: ['violations']}).then(\
              result => done(result.violations.map(v => v.id + ': ' + v.help + ' — ' + v.nodes.map(n => n.target.join(' ') + ' ' + (n.failureSummary ?? '')).slice(0, 3).join(' | '))),\
              error => done(['axe failed: ' + error]));";
        let found = self.run_async(script, vec![]).await?;
        serde_json::from_value(found).map_err(|error| error.to_string())
    }
}
