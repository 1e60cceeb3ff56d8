//! The programme's own settings and playbook, and how a programme comes into being.

use crate::app::App;
use crate::clock::Clock;
use crate::error::{ApiError, Code};
use chrono_tz::Tz;
use pilotage_domain::Millis;
use pilotage_domain::calendar::{Calendar, Timetable};
use pilotage_domain::change::{Change, Entity, Kind, path};
use pilotage_domain::fact::{Happening, Recorded};
use pilotage_domain::ids;
use pilotage_domain::playbook::{self, Check, Ladder, Playbook, PlaybookRefused, Stage};
use pilotage_domain::text;
use pilotage_store::{NodeRow, Store, When};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, LazyLock, PoisonError};
use uuid::Uuid;

/// The default meaning of "done".
pub const DONE_STAGE: &str = "live";

/// A programme to be made.
#[derive(Debug, Clone)]
pub struct NewProgramme {
    /// Its name.
    pub name: String,
    /// IANA time zone.
    pub time_zone: String,
}

/// Makes a new programme file: its settings, the environments staging and production, and the
/// default playbook, as ordinary operations.
pub async fn create(
    path: &Path,
    data_folder: &Path,
    clock: Clock,
    new: &NewProgramme,
) -> Result<(), ApiError> {
    let name = text::name(&new.name).map_err(|why| ApiError::argument("name", why))?;
    let zone = parse_zone(&new.time_zone)?;
    let workspace = Uuid::now_v7();
    let now = clock.now();
    let created = Store::create(path, workspace, now).await;
    created.map_err(|error| ApiError::opening(error, path))?;
    let options = crate::OpenOptions {
        workspace: path.to_owned(),
        data_folder: data_folder.to_owned(),
        clock,
        watch: crate::app::Watch::No,
    };
    let app = App::open(options, std::sync::Arc::new(crate::host::NoDialogs)).await?;
    let playbook = default_playbook()?;
    let changes = initial_changes(workspace, &name, zone, playbook, now, Uuid::now_v7());
    app.save(Uuid::nil(), changes, "programme made", None).await?;
    app.close().await;
    Ok(())
}

/// Whether a programme lies at the path, or will again once an interrupted restore is finished.
pub fn is_at(path: &Path) -> bool {
    Store::is_at(path)
}

/// The changes that make a programme.
pub fn initial_changes(
    workspace: Uuid,
    name: &str,
    zone: Tz,
    playbook: &Playbook,
    now: pilotage_domain::Millis,
    adoption: Uuid,
) -> Vec<Change> {
    let mut changes = vec![
        Change::Created { entity: workspace, kind: Kind::Programme },
        Change::field(workspace, path::NAME, name),
        Change::field(workspace, path::TIME_ZONE, zone.name()),
        Change::field(workspace, path::DONE_STAGE, DONE_STAGE),
    ];
    for environment in ["staging", "production"] {
        let entity = ids::environment(workspace, environment);
        changes.push(Change::Created { entity, kind: Kind::Environment });
        changes.push(Change::field(entity, path::NAME, environment));
    }
    changes.extend(Change::adopt(playbook, playbook::DEFAULT, zone, adoption, now));
    changes
}

/// The time zone this device states, else UTC.
pub fn system_zone() -> String {
    let stated = std::env::var("TZ").ok().or_else(|| {
        let link = std::fs::read_link("/etc/localtime").ok()?;
        link.to_str()?.split_once("zoneinfo/").map(|(_, zone)| zone.to_owned())
    });
    stated.filter(|zone| zone.parse::<Tz>().is_ok()).unwrap_or_else(|| "UTC".to_owned())
}

/// The playbook in the product, read once: every view needs its words.
pub fn default_playbook() -> Result<&'static Playbook, ApiError> {
    static DEFAULT: LazyLock<Result<Playbook, PlaybookRefused>> =
        LazyLock::new(|| Playbook::parse(playbook::DEFAULT));
    DEFAULT.as_ref().map_err(|error| {
        ApiError::new(Code::Internal, "The default playbook is unsound.").with("detail", error)
    })
}

pub(crate) fn parse_zone(name: &str) -> Result<Tz, ApiError> {
    name.trim().parse().map_err(|_| {
        ApiError::argument(
            "time zone",
            format!(
                "\u{201c}{}\u{201d} is not known. Use an IANA name such as Europe/Berlin",
                text::visible(name)
            ),
        )
    })
}

/// The words of an adopted playbook. They are read from its text once; programmes that hold none
/// have the words that come with the product.
async fn words(app: &App, adoption: Option<&Recorded>) -> Result<Arc<Playbook>, ApiError> {
    let Some(adoption) = adoption else { return Ok(Arc::new(default_playbook()?.clone())) };
    let cached =
        app.words.lock().unwrap_or_else(PoisonError::into_inner).get(&adoption.id).cloned();
    if let Some(words) = cached {
        return Ok(words);
    }
    let text = app.store.entity(adoption.id).await?.playbook_text();
    let words = match text {
        // Validated before it was adopted; an unreadable one is another version's.
        Some(text) => Playbook::parse(&text).ok(),
        None => None,
    };
    let words = Arc::new(words.map_or_else(|| default_playbook().cloned(), Ok)?);
    let mut cache = app.words.lock().unwrap_or_else(PoisonError::into_inner);
    cache.insert(adoption.id, Arc::clone(&words));
    drop(cache);
    Ok(words)
}

/// The programme at a moment, usually now.
#[derive(Debug, Clone)]
pub(crate) struct Programme {
    pub(crate) entity: Entity,
    pub(crate) zone: Tz,
    /// What is kept of the calendar.
    pub(crate) timetable: Timetable,
    pub(crate) ladder: Ladder,
    pub(crate) skills: BTreeMap<String, String>,
    pub(crate) adoption: Option<Recorded>,
    /// The playbook in force, with all its words. Read once an adoption, and shared.
    pub(crate) words: Arc<Playbook>,
}

impl Programme {
    pub(crate) async fn load(app: &App) -> Result<Self, ApiError> {
        Self::load_at(app, When::AsItWas(app.clock.now())).await
    }

    /// The programme with the playbook of a past moment; name, zone and deadline are today's.
    pub(crate) async fn load_at(app: &App, when: When) -> Result<Self, ApiError> {
        let entity = app.store.entity(app.store.workspace()).await?;
        let zone = zone_of(&entity);
        let moment = when.moment();
        let (mut adoptions, ladders) = match when {
            When::AsItWas(_) => app.store.rules().await?,
            When::AsKnown(moment) => app.store.rules_known_at(moment).await?,
        };
        // A check that counts from a later day on gives a ladder that is not in force yet. Before
        // the first one, the first one counts.
        let place = ladders.iter().rposition(|(from, _)| *from <= moment).unwrap_or(0);
        let ladder = ladders.into_iter().nth(place).map_or_else(
            || Ladder { stages: Vec::new(), applicable: Vec::new(), checks: Vec::new() },
            |(_, ladder)| ladder,
        );
        adoptions.retain(|recorded| recorded.fact.occurred_at <= moment);
        let adoption = adoptions.pop();
        let words = words(app, adoption.as_ref()).await?;
        Ok(Self {
            timetable: Timetable::of(&entity),
            entity,
            zone,
            ladder,
            skills: words
                .skills
                .iter()
                .map(|skill| (skill.id.clone(), skill.title.clone()))
                .collect(),
            adoption,
            words,
        })
    }

    /// The calendar in the programme's zone.
    pub(crate) fn calendar(&self) -> Calendar {
        self.timetable.calendar(self.zone)
    }

    pub(crate) fn name(&self) -> &str {
        self.entity.name()
    }

    pub(crate) fn is_sample(&self) -> bool {
        self.entity.registers.get(path::SAMPLE).is_some_and(|value| value == true)
    }

    /// Id of the stage that counts as done.
    pub(crate) fn done_stage(&self) -> &str {
        let chosen = self.entity.text(path::DONE_STAGE).unwrap_or(DONE_STAGE);
        if self.ladder.stages.iter().any(|stage| stage == chosen) {
            chosen
        } else {
            self.ladder.stages.last().map_or(DONE_STAGE, String::as_str)
        }
    }

    /// Number of the stage at which a service stood at a moment.
    pub(crate) fn stood(&self, node: &NodeRow, moment: Millis) -> usize {
        let step = node.summary.moves.iter().rev().find(|step| step.at <= moment);
        step.map_or(0, |step| self.ladder.number(step.stage.as_deref()))
    }

    pub(crate) fn title(&self, stage: Option<&str>) -> String {
        match stage {
            None => "Not started".to_owned(),
            Some(id) => self.stage(id).map_or_else(|| id.to_owned(), |stage| stage.title.clone()),
        }
    }

    pub(crate) fn meaning(&self, stage: &str) -> String {
        self.stage(stage).map(|stage| stage.meaning.clone()).unwrap_or_default()
    }

    fn stage(&self, id: &str) -> Option<&Stage> {
        self.words.stages.iter().find(|stage| stage.id == id)
    }

    pub(crate) fn check(&self, id: &str) -> Option<&Check> {
        self.words.checks.iter().find(|check| check.id == id)
    }

    pub(crate) fn check_title(&self, id: &str) -> String {
        self.check(id).map_or_else(|| id.to_owned(), |check| check.title.clone())
    }

    /// Version of the playbook in force, its name, and when it was adopted.
    pub(crate) fn playbook(&self) -> (String, u32, pilotage_domain::Millis) {
        match &self.adoption {
            Some(Recorded { fact, .. }) => match &fact.what {
                Happening::PlaybookAdopted { rules } => {
                    (rules.playbook.clone(), rules.version, fact.occurred_at)
                }
                _ => (String::new(), 0, fact.occurred_at),
            },
            None => (String::new(), 0, 0),
        }
    }
}

/// The time zone of a programme: its days are days there.
pub(crate) fn zone_of(programme: &Entity) -> Tz {
    programme.text(path::TIME_ZONE).and_then(|zone| zone.parse().ok()).unwrap_or(Tz::UTC)
}
