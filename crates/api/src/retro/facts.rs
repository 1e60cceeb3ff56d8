//! The facts of a sprint, sections 2.1 to 2.9. They name services, checks and reasons; people are
//! named for credit only. A section without data says so, and why.

use super::chapters;
use super::effects::effects;
use super::looked::Looked;
use super::transfer::transfer;
use crate::app::App;
use crate::dto::retro::{FactFigure, FactItem, FactSection, FactsView};
use crate::dto::session::NodeRef;
use crate::error::ApiError;
use crate::handlers::frozen::Then;
use crate::handlers::sprints::{Office, Sprint};
use pilotage_domain::Millis;
use pilotage_domain::fact::{Happening, Recorded};
use pilotage_domain::ids::DeviceId;
use pilotage_domain::retrospective::Frozen;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError};
use uuid::Uuid;

/// From so many services on charts say more than lists.
const CHARTED: usize = 3;
/// Frozen facts that are remembered: the same position gives the same facts.
const REMEMBERED: usize = 16;

/// Frozen facts by retrospective, moment and position.
pub(crate) type Remembered = BTreeMap<String, Arc<FactsView>>;

/// The facts of a sprint, as this programme's log has them.
pub(crate) async fn gather(
    app: &App,
    office: &Office,
    sprint: Uuid,
) -> Result<FactsView, ApiError> {
    let sprint = office.find(&sprint.to_string())?;
    let Some(looked) = Looked::at(app, office, sprint).await? else {
        return Ok(FactsView { sections: not_started(), small: true, ..FactsView::default() });
    };
    Ok(FactsView {
        sections: vec![
            chapters::scope(&looked),
            chapters::timeline(&looked),
            chapters::charts(&looked),
            chapters::blockers(&looked),
            chapters::checks(&looked),
            transfer(&looked),
            chapters::forecast(app, &looked).await?,
            chapters::delivery(&looked),
            chapters::quality(&looked),
        ],
        small: looked.services.len() < CHARTED,
        burn_up: office.burn_up(sprint),
        effects: effects(app, office, &looked).await?,
    })
}

/// The facts as they were frozen: from the log up to a position and nothing else, so that nothing
/// that arrives later can change them.
pub(crate) async fn frozen(
    app: &App,
    sprint: Uuid,
    frozen: &Frozen,
) -> Result<Arc<FactsView>, ApiError> {
    let key = format!("{sprint} {} {:?}", frozen.moment, frozen.position);
    let known = app.facts.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
    if let Some(facts) = known {
        return Ok(facts);
    }
    let position = position(frozen);
    let then = Then::open(app, &position, frozen.moment).await?;
    let facts = Box::pin(async {
        let office = Office::open(&then.app).await?;
        gather(&then.app, &office, sprint).await.map(Arc::new)
    })
    .await;
    then.close().await;
    let facts = facts?;
    let mut remembered = app.facts.lock().unwrap_or_else(PoisonError::into_inner);
    if remembered.len() >= REMEMBERED {
        remembered.clear();
    }
    remembered.insert(key, Arc::clone(&facts));
    Ok(facts)
}

/// How many actions about the sprint arrived after the position and speak of the time before it: one
/// that takes a finding back with who did it is one.
pub(crate) async fn later_corrections(
    app: &App,
    office: &Office,
    sprint: &Sprint,
    frozen: &Frozen,
) -> Result<u32, ApiError> {
    let Some(looked) = Looked::at(app, office, sprint).await? else { return Ok(0) };
    let position = position(frozen);
    let is_later = |recorded: &Recorded| {
        let known = position.get(&recorded.version.device).copied().unwrap_or(0);
        recorded.version.seq > known
    };
    let end = sprint.moment(frozen.moment).min(frozen.moment);
    let about_it = |recorded: &Recorded| match &recorded.fact.what {
        Happening::Retraction { of, .. } => about_then(&looked, *of, end),
        _ => (looked.started..=end).contains(&recorded.fact.occurred_at),
    };
    let facts = looked.services.values().flat_map(|detail| &detail.facts);
    let action = |recorded: &Recorded| (recorded.version.device, recorded.version.seq);
    let mut actions: BTreeSet<(DeviceId, u64)> =
        facts.filter(|recorded| is_later(recorded) && about_it(recorded)).map(action).collect();
    let turns = app.store.facts_of_kind("sprint_turned").await?;
    let turned = turns.iter().filter(|recorded| match &recorded.fact.what {
        Happening::SprintTurned { sprint: of, .. } => {
            *of == sprint.id && recorded.fact.occurred_at <= end && is_later(recorded)
        }
        _ => false,
    });
    actions.extend(turned.map(action));
    Ok(u32::try_from(actions.len()).unwrap_or(u32::MAX))
}

/// Whether a fact that was taken back happened while the sprint ran.
fn about_then(looked: &Looked<'_>, fact: Uuid, end: Millis) -> bool {
    let mut facts = looked.services.values().flat_map(|detail| &detail.facts);
    facts.any(|recorded| {
        recorded.id == fact && (looked.started..=end).contains(&recorded.fact.occurred_at)
    })
}

fn position(frozen: &Frozen) -> BTreeMap<DeviceId, u64> {
    let read = |(device, seq): (&String, &u64)| Some((DeviceId::from_hex(device)?, *seq));
    frozen.position.iter().filter_map(read).collect()
}

fn not_started() -> Vec<FactSection> {
    chapters::TITLES
        .iter()
        .map(|(number, title, query)| {
            let why = "the sprint has not started";
            Chapter::new(number, title, query).unseen(why)
        })
        .collect()
}

/// A section as it is written.
pub(super) struct Chapter(FactSection);

impl Chapter {
    pub(super) fn new(number: &str, title: &str, query: &str) -> Self {
        Self(FactSection {
            number: number.to_owned(),
            title: title.to_owned(),
            query: query.to_owned(),
            tag: "measured".to_owned(),
            not_observed: None,
            figures: Vec::new(),
        })
    }

    /// The one of that number.
    pub(super) fn of(wanted: &str) -> Self {
        let known = chapters::TITLES.iter().find(|(number, ..)| *number == wanted);
        let (number, title, query) = known.copied().unwrap_or((wanted, "", ""));
        Self::new(number, title, query)
    }

    pub(super) fn tagged(mut self, tag: &str) -> Self {
        tag.clone_into(&mut self.0.tag);
        self
    }

    pub(super) fn figure(
        mut self,
        id: &str,
        label: impl Into<String>,
        value: impl Into<String>,
        items: Vec<FactItem>,
    ) -> Self {
        let id = format!("{}/{id}", self.0.number);
        let (label, value) = (label.into(), value.into());
        self.0.figures.push(FactFigure { id, label, value, items });
        self
    }

    /// A figure that counts what is listed.
    pub(super) fn list(self, id: &str, label: impl Into<String>, items: Vec<FactItem>) -> Self {
        self.figure(id, label, items.len().to_string(), items)
    }

    pub(super) fn unseen(mut self, why: impl Into<String>) -> FactSection {
        self.0.not_observed = Some(why.into());
        self.0
    }

    pub(super) fn done(self) -> FactSection {
        self.0
    }
}

/// A thing behind a figure.
pub(super) fn item(text: impl Into<String>) -> FactItem {
    FactItem { text: text.into(), service: None, check: None, day: None }
}

impl FactItem {
    pub(super) fn on(mut self, looked: &Looked<'_>, service: Uuid) -> Self {
        self.service = Some(NodeRef { id: service.to_string(), name: looked.name(service) });
        self
    }

    pub(super) fn check(mut self, check: &str) -> Self {
        self.check = Some(check.to_owned());
        self
    }

    pub(super) fn at(mut self, looked: &Looked<'_>, moment: Millis) -> Self {
        self.day = Some(looked.day(moment).to_string());
        self
    }
}
