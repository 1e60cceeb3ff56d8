//! Forms by the keyboard alone: Tab reaches their buttons with the focus in view, Escape leaves and
//! gives the focus back, what is missing is said, Enter sends. Nothing here is clicked.

#![expect(clippy::unwrap_used, reason = "a step that fails ends the test and says why")]

use fantoccini::key::Key;
use pilotage_api::app::Watch;
use pilotage_api::{App, Clock, OpenOptions};
use pilotage_tests::browser::{Browser, Outcome, folder};
use pilotage_tests::host::{self, Hand, Served, TestHost};
use pilotage_tests::place;
use serde_json::{Value, json};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

/// What has the focus: its hook, and whether a ring shows it; cards show it with their frame.
const FOCUSED: &str = "const e = document.activeElement; const style = getComputedStyle(e); \
    return {hook: e.dataset.testid ?? '', what: `${e.tagName} ${e.getAttribute('aria-label') ?? e.innerText ?? ''}`.slice(0, 80), \
      ring: (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || !!e.closest('.card'), \
      seen: e === document.body || (() => { const box = e.getBoundingClientRect(); \
        return box.width > 0 && box.bottom > 0 && box.top < innerHeight; })(), \
      body: e === document.body, value: e.value ?? ''};";
/// What is said to be wrong or missing, in the form or by the browser.
const SAID: &str = "const said = [...document.querySelectorAll('[role=alert]')].map((e) => e.innerText).join(' '); \
    return said || (document.querySelector(':focus:invalid') ? 'the browser says it' : '');";

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
        let host = Arc::new(TestHost(Arc::clone(&hand)));
        let app = Arc::new(App::open(options, host).await.map_err(|error| error.to_string())?);
        app.act_as_named(pilotage_sample::ACTING_AS).await.map_err(|error| error.to_string())?;
        let served = host::serve(Arc::clone(&app), place::page()).await;
        let served = served.map_err(|error| error.to_string())?;
        let browser = Browser::chromium(1280, 800).await?;
        Ok(Self { browser, served, app, hand, folder: guard })
    }

    async fn ask(&self, command: &str, argument: Value) -> Value {
        self.app.call(command, argument).await.unwrap()
    }

    /// Opens a page afresh, with the focus where it begins.
    async fn open(&self, address: &str) {
        self.browser.open("about:blank").await.ok();
        self.browser.open(&self.served.url(address)).await.unwrap();
        let heading = "document.querySelector('h1').focus(); return true;";
        self.browser.run(heading, vec![]).await.unwrap();
    }

    async fn key(&self, key: Key) {
        self.browser.press_key(key).await.unwrap();
    }

    async fn type_(&self, text: &str) {
        self.browser.press(text).await.unwrap();
    }

    async fn focused(&self) -> Value {
        self.browser.run(FOCUSED, vec![]).await.unwrap()
    }

    /// Presses Tab until that hook has the focus; each stop on the way is in view.
    async fn tab_to(&self, hook: &str) {
        self.browser.find(hook).await.unwrap();
        let mut way = Vec::new();
        for _ in 0..150 {
            let at = self.focused().await;
            if at["hook"] == hook {
                return;
            }
            way.push(at["what"].clone());
            self.key(Key::Tab).await;
            let at = self.focused().await;
            // Behind the last stop the focus is the browser's own for one press.
            let shown = at["ring"] == true && at["seen"] == true;
            assert!(shown || at["body"] == true, "the focus is not in view: {at}");
        }
        panic!("{hook} is not reached by Tab: {way:?}");
    }

    /// Waits until a script answers true.
    async fn until(&self, what: &str, script: &str, argument: &str) {
        let awaited = self.browser.until(what, script, vec![json!(argument)]).await;
        awaited.unwrap();
    }

    async fn gone(&self, hook: &str) {
        let script = "return !document.querySelector(`[data-testid=\"${arguments[0]}\"]`);";
        self.until(&format!("{hook} to go"), script, hook).await;
    }

    async fn focus_on(&self, hook: &str) {
        let script = "return document.activeElement.dataset.testid === arguments[0];";
        self.until(&format!("the focus on {hook}"), script, hook).await;
    }

    async fn said(&self) -> String {
        self.browser.run(SAID, vec![]).await.unwrap().as_str().unwrap().to_owned()
    }

    /// A form is opened by Enter, left by Escape, refused with words while it is empty, filled, and
    /// sent by Enter. The focus is in it at once and comes back to what opened it each time.
    async fn form(&self, form: Form<'_>) {
        let Form { opens, fields, save, returns, empty } = form;
        let name = opens;
        self.tab_to(opens).await;
        self.key(Key::Enter).await;
        self.browser.find(save).await.unwrap();
        let at = self.focused().await;
        assert!(at["body"] == false && at["hook"] != opens, "{name}: the focus is in it: {at}");
        self.key(Key::Escape).await;
        self.gone(save).await;
        self.focus_on(returns.unwrap_or(opens)).await;
        self.tab_to(opens).await;
        self.key(Key::Enter).await;
        if empty {
            self.tab_to(save).await;
            self.key(Key::Enter).await;
            assert_ne!(self.said().await, "", "{name}: an empty form is refused with words");
            self.key(Key::Escape).await;
            self.gone(save).await;
            self.tab_to(opens).await;
            self.key(Key::Enter).await;
        }
        for (field, text) in fields {
            self.tab_to(field).await;
            self.type_(text).await;
        }
        self.key(Key::Enter).await;
        self.gone(save).await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        self.browser.settled().await.unwrap();
    }
}

/// A form and the keys that fill it.
#[derive(Clone, Copy)]
struct Form<'a> {
    /// What opens it.
    opens: &'a str,
    /// Its fields in order, and what is typed.
    fields: &'a [(&'a str, &'a str)],
    save: &'a str,
    /// What has the focus after Escape, where it is not what opened it.
    returns: Option<&'a str>,
    /// It says something while it is empty.
    empty: bool,
}

#[tokio::test]
async fn forms_of_a_service_are_filled_by_keys() {
    let scene = Scene::sample().await.unwrap();
    let rows = scene.ask("services", json!({})).await["rows"].clone();
    let rows = rows.as_array().unwrap();
    let regressed = rows.iter().find(|row| row["regressed"] == true).expect("one has regressed");
    let id = regressed["id"].as_str().unwrap();
    scene.open(&format!("#/service/{id}")).await;
    scene
        .form(Form {
            opens: "hours-add",
            fields: &[("hours-amount", "1.5")],
            save: "hours-save",
            returns: None,
            empty: true,
        })
        .await;
    scene.focus_on("hours-add").await;
    let hours = scene.ask("skills", json!({})).await["hours"].clone();
    let told = hours.as_array().unwrap().iter().find(|hours| hours["service"]["id"] == id);
    let entries = told.unwrap()["entries"].as_array().unwrap();
    assert_eq!(entries.iter().filter(|entry| entry["hundredths"] == 150).count(), 2, "{entries:?}");
    scene
        .form(Form {
            opens: "cause-open",
            fields: &[("cause-check", "")],
            save: "cause-save",
            returns: None,
            empty: false,
        })
        .await;
    scene.browser.close().await;
}

#[tokio::test]
async fn forms_of_the_settings_are_filled_by_keys() {
    let scene = Scene::sample().await.unwrap();
    scene.open("#/settings").await;
    scene.tab_to("person-add").await;
    let hide = "document.styleSheets[0].insertRule(':focus-visible { outline: none !important; }', 0); return true;";
    scene.browser.run(hide, vec![]).await.unwrap();
    assert_eq!(scene.focused().await["ring"], false, "the control: a ring that is not there");
    scene.open("#/settings").await;
    scene
        .form(Form {
            opens: "person-add",
            fields: &[("person-name", "Zoe")],
            save: "person-name",
            returns: None,
            empty: false,
        })
        .await;
    scene.focus_on("person-add").await;
    let people = scene.ask("settings", json!({})).await["people"].clone();
    let zoe = people.as_array().unwrap().iter().any(|person| person["name"] == "Zoe");
    assert!(zoe, "{people}");
    // The name is taken: it is said beside the field, and the form stays.
    scene.key(Key::Enter).await;
    scene.tab_to("person-name").await;
    scene.type_("Zoe").await;
    scene.key(Key::Enter).await;
    let said = "return [...document.querySelectorAll('form [role=alert]')].length === 1 && \
                !!document.activeElement.getAttribute('aria-describedby');";
    scene.until("the refusal", said, "").await;
    scene.key(Key::Escape).await;
    scene.focus_on("person-add").await;
    scene
        .form(Form {
            opens: "writer-add",
            fields: &[("writer-text", "robot-ci")],
            save: "writer-save",
            returns: None,
            empty: true,
        })
        .await;
    scene.focus_on("writer-add").await;
    let rules = scene.ask("writers", json!({})).await["rules"].clone();
    assert_eq!(rules.as_array().unwrap().len(), 1, "{rules}");
    // A removed rule leaves the focus near.
    let remove =
        "document.querySelector('[data-testid=writer-rules] button').focus(); return true;";
    scene.browser.run(remove, vec![]).await.unwrap();
    scene.key(Key::Enter).await;
    let removed = "return !document.querySelector('[data-testid=writer-rules] button') && document.activeElement !== document.body;";
    scene.until("the rule to go, and the focus to stay", removed, "").await;
    scene.focus_on("writer-add").await;
    scene.browser.close().await;
}

#[tokio::test]
async fn skills_are_wished_and_assessed_by_keys() {
    let scene = Scene::sample().await.unwrap();
    let skills = scene.ask("skills", json!({})).await;
    let session = scene.ask("session", json!({})).await;
    let me = session["acting_as"]["id"].as_str().unwrap();
    let team = skills["people"].as_array().unwrap().iter().filter(|one| one["outside"] == false);
    let names: Vec<&str> = team.map(|one| one["name"].as_str().unwrap()).collect();
    scene.open("#/skills").await;
    let summary = "const summary = [...document.querySelectorAll('summary')].find((one) => one.innerText.includes('pairs (')); \
                   summary.focus(); return true;";
    scene.browser.find("skills-matrix").await.unwrap();
    scene.until("the wishes", "return [...document.querySelectorAll('summary')].some((one) => one.innerText.includes('pairs ('));", "").await;
    scene.browser.run(summary, vec![]).await.unwrap();
    if skills["suggestion"]["wishes"] == json!([]) {
        scene.key(Key::Enter).await;
    }
    scene.tab_to("wish-save").await;
    scene.key(Key::Enter).await;
    let advice = "return [...document.querySelectorAll('[data-testid=toast]')].some((one) => one.innerText.includes('Choose two people'));";
    scene.until("why nothing is kept", advice, "").await;
    scene.browser.run(summary, vec![]).await.unwrap();
    scene.tab_to("wish-person").await;
    scene.type_(names[0]).await;
    scene.tab_to("wish-with").await;
    scene.type_(names[1]).await;
    scene.tab_to("wish-save").await;
    scene.key(Key::Enter).await;
    let kept = "return document.querySelectorAll('[data-testid^=wish-free]').length === 1;";
    scene.until("the wish", kept, "").await;
    let free = "document.querySelector('[data-testid^=wish-free]').focus(); return true;";
    scene.browser.run(free, vec![]).await.unwrap();
    scene.key(Key::Enter).await;
    let gone = "return !document.querySelector('[data-testid^=wish-free]') && document.activeElement !== document.body;";
    scene.until("the wish to go, and the focus to stay", gone, "").await;

    // Levels are passed by the arrow keys, and the one counts where Enter is pressed.
    let skill = skills["skills"][0]["id"].as_str().unwrap();
    let assessed = async || {
        let cells = scene.ask("skills", json!({})).await["levels"].clone();
        let mut cells = cells.as_array().unwrap().clone().into_iter();
        let cell = cells.find(|cell| cell["person"] == me && cell["skill"] == skill);
        cell.map_or(Value::Null, |cell| cell["assessed"].clone())
    };
    let before = assessed().await;
    scene.open(&format!("#/skills?person={me}&skill={skill}")).await;
    scene.tab_to("skills-assess").await;
    scene.key(Key::Home).await;
    for _ in 0..3 {
        scene.key(Key::Down).await;
    }
    assert_eq!(scene.focused().await["value"], "2");
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(assessed().await, before, "nothing is said in passing");
    scene.key(Key::Enter).await;
    for _ in 0..50 {
        if assessed().await == json!(2) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(assessed().await, 2);
    scene.key(Key::Escape).await;
    scene.gone("skills-panel").await;
    scene.browser.close().await;
}

#[tokio::test]
async fn a_sprint_is_planned_and_changed_by_keys() {
    let scene = Scene::sample().await.unwrap();
    scene.open("#/sprint").await;
    let plan = Form {
        opens: "sprint-plan",
        fields: &[
            ("sprint-name", "By keys"),
            ("sprint-first", "03012027"),
            ("sprint-last", "03052027"),
        ],
        save: "sprint-save",
        returns: None,
        empty: true,
    };
    scene.form(plan).await;
    let sprints = scene.ask("sprints", json!({})).await["sprints"].clone();
    let planned = sprints.as_array().unwrap().iter().find(|sprint| sprint["name"] == "By keys");
    assert_eq!(planned.expect("it is planned")["first"], "2027-03-01");
    // Its services: typed, taken by Enter, and sent.
    scene.browser.find("sprint-add").await.unwrap();
    scene.tab_to("sprint-add").await;
    scene.key(Key::Enter).await;
    scene.focus_on("sprint-pick").await;
    scene.type_("kyc").await;
    scene.key(Key::Enter).await;
    scene.tab_to("sprint-add-save").await;
    scene.key(Key::Enter).await;
    scene.gone("sprint-add-save").await;
    let id = planned.unwrap()["id"].clone();
    let scope = async || {
        let view = scene.ask("sprint", json!({"sprint": id})).await;
        view["services"].as_array().unwrap().len()
    };
    for _ in 0..50 {
        if scope().await == 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(scope().await, 1);
    scene.browser.settled().await.unwrap();
    // And out again, by the key of the card.
    let card = "const card = document.querySelector('[data-testid^=sprint-card]'); card?.focus(); return !!card;";
    scene.until("the card", card, "").await;
    scene.type_("x").await;
    scene.browser.find("sprint-out-save").await.unwrap();
    scene.key(Key::Escape).await;
    scene.gone("sprint-out-save").await;
    let back = "return document.activeElement.dataset.testid?.startsWith('sprint-card') ?? false;";
    scene.until("the focus on the card", back, "").await;
    scene.type_("x").await;
    scene.tab_to("sprint-out-save").await;
    scene.key(Key::Enter).await;
    scene.gone("sprint-out-save").await;
    let near = "return !document.querySelector('[data-testid^=sprint-card]') && document.activeElement !== document.body;";
    scene.until("the card to go, and the focus to stay", near, "").await;
    assert_eq!(scope().await, 0);
    let edit = Form {
        opens: "sprint-edit",
        fields: &[("sprint-name", "!")],
        save: "sprint-save",
        returns: None,
        empty: false,
    };
    scene.form(edit).await;
    scene.focus_on("sprint-edit").await;
    scene.browser.close().await;
}

#[tokio::test]
async fn a_retrospective_is_held_and_taken_in_by_keys() {
    let scene = Scene::sample().await.unwrap();
    let sprint = "Over to production";
    let retro = async || scene.ask("retro", json!({"sprint": sprint})).await["document"].clone();
    let open = retro().await["open_actions"].clone();
    for action in open.as_array().unwrap() {
        let kept = json!({"action": action["id"], "decision": "keep", "sprint": sprint});
        scene.ask("decide_action", kept).await;
    }
    for text in ["one", "two", "three"] {
        let note = json!({"sprint": sprint, "text": text, "column": "liked"});
        scene.ask("write_note", note).await;
    }
    scene.ask("reveal_notes", json!({"sprint": sprint})).await;
    let notes = retro().await["notes"].clone();
    let id = |place: usize| notes[place]["id"].as_str().unwrap().to_owned();
    for name in ["First", "Second"] {
        let place = usize::from(name == "Second");
        let group = json!({"sprint": sprint, "notes": [id(place)], "name": name});
        scene.ask("group_notes", group).await;
    }
    // The second group is reached past "A new group" and the first, and nothing is made in passing.
    scene.open("#/retro?sprint=Over%20to%20production&step=group").await;
    let field = format!("retro-group-of-{}", id(2));
    scene.tab_to(&field).await;
    for _ in 0..3 {
        scene.key(Key::Down).await;
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(retro().await["groups"].as_array().unwrap().len(), 2, "nothing in passing");
    scene.key(Key::Enter).await;
    let second = async || {
        let document = retro().await;
        let mut groups = document["groups"].as_array().unwrap().iter();
        let group = groups.find(|group| group["name"] == "Second").unwrap()["id"].clone();
        let notes = document["notes"].as_array().unwrap().iter();
        notes.filter(|note| note["group"] == group).count()
    };
    for _ in 0..50 {
        if second().await == 2 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(second().await, 2);
    scene.focus_on(&field).await;

    scene.open("#/retro?sprint=Over%20to%20production&step=actions").await;
    let person = scene.ask("retro", json!({})).await["people"][0]["name"].clone();
    let action = Form {
        opens: "retro-action-add",
        fields: &[
            ("retro-action-text", "Ask for one contact"),
            ("retro-action-owner", person.as_str().unwrap()),
            ("retro-action-seen", "a rule takes a day"),
        ],
        save: "retro-action-save",
        returns: None,
        empty: true,
    };
    scene.form(action).await;
    scene.focus_on("retro-action-add").await;
    assert_eq!(retro().await["actions"].as_array().unwrap().len(), 1);
    // Thanks: what is missing is said below the line, and Enter in its last field sends it.
    scene.open("#/retro?sprint=Over%20to%20production&step=close").await;
    scene.tab_to("retro-thank").await;
    scene.key(Key::Enter).await;
    assert!(scene.said().await.contains("Say whom"), "{}", scene.said().await);
    let whom = "document.querySelector('[aria-label=\"To whom\"]').focus(); return true;";
    scene.browser.run(whom, vec![]).await.unwrap();
    scene.type_(person.as_str().unwrap()).await;
    scene.key(Key::Tab).await;
    scene.type_("patience").await;
    scene.key(Key::Enter).await;
    for _ in 0..50 {
        if retro().await["kudos"].as_array().unwrap().len() == 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(retro().await["kudos"][0]["text"], "patience");
    take_in(&scene).await;
    scene.browser.close().await;
}

/// The export of another programme: a file that is none is refused in one message, one that is whole is
/// shown first.
async fn take_in(scene: &Scene) {
    let file = scene.folder.path().join("there.json");
    let choose = |content: &str| {
        std::fs::write(&file, content).unwrap();
        *scene.hand.import_files.lock().unwrap_or_else(PoisonError::into_inner) =
            vec![file.clone()];
    };
    scene.open("#/retro?sprint=Six%20alone").await;
    choose("# Retrospective");
    scene.tab_to("retro-import").await;
    scene.key(Key::Enter).await;
    let said = "return document.querySelectorAll('[role=alert]').length === 1 && \
                document.querySelector('[role=alert]').innerText.includes('no export of a retrospective');";
    scene.until("one clear message", said, "").await;
    scene.focus_on("retro-import").await;
    // Another programme's: the same with ids of its own.
    let export = json!({"sprint": "Six alone", "format": "json", "with_people": true});
    let export = scene.ask("retro_report", export).await["text"].as_str().unwrap().to_owned();
    let mut theirs: Value = serde_json::from_str(&export).unwrap();
    theirs["programme"] = json!("Harbour");
    theirs["sprint"]["id"] = json!("00000000-0000-4000-8000-000000000001");
    choose(&theirs.to_string());
    scene.key(Key::Enter).await;
    scene.browser.find("retro-preview").await.unwrap();
    assert_eq!(scene.focused().await["hook"], "retro-take-in");
    let text = scene.browser.text("retro-preview").await.unwrap();
    for part in ["there.json", "Harbour", "Six alone (Harbour)", "comes with it"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    if let Some(folder) = std::env::var_os("PILOTAGE_PICTURES") {
        for theme in ["light", "dark"] {
            scene.browser.theme(theme).await.unwrap();
            tokio::time::sleep(Duration::from_millis(200)).await;
            let picture = std::path::Path::new(&folder).join(format!("retro-import-{theme}.png"));
            scene.browser.screenshot(&picture).await.unwrap();
        }
    }
    assert_eq!(scene.browser.axe().await.unwrap(), Vec::<String>::new());
    scene.key(Key::Escape).await;
    scene.gone("retro-preview").await;
    scene.focus_on("retro-import").await;
    let sprints = async || {
        let view = scene.ask("sprints", json!({})).await;
        view["sprints"].as_array().unwrap().len()
    };
    let before = sprints().await;
    scene.key(Key::Enter).await;
    scene.browser.find("retro-preview").await.unwrap();
    scene.key(Key::Enter).await;
    scene.gone("retro-preview").await;
    let there = "return location.hash.includes('00000000-0000-4000-8000-000000000001') && \
                 document.querySelector('h1').innerText.includes('Six alone');";
    scene.until("its page", there, "").await;
    assert_eq!(sprints().await, before + 1);
}
