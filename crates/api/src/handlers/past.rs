//! Past days: which one is asked for, who stood where then, and who moved since.

use crate::app::App;
use crate::dto::past::{MoverRow, MoversRequest, MoversView, Stand};
use crate::error::ApiError;
use crate::names::node_ref;
use crate::programme::Programme;
use crate::programme::zone_of;
use chrono::NaiveDate;
use chrono_tz::Tz;
use pilotage_domain::Millis;
use pilotage_domain::fact::Scope;
use pilotage_domain::flow;
use pilotage_domain::journey::{Marks, Summary};
use pilotage_store::{NodeRow, When};
use std::collections::BTreeMap;
use std::sync::Arc;
use uuid::Uuid;

/// Most improved and most fallen services that are named.
const MOST: usize = 10;

/// The day that a view shows: now, or the end of a past one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Day {
    past: Option<NaiveDate>,
    when: When,
}

impl Day {
    /// Reads a day in the programme's zone. Today is now, and no other day is to come.
    pub(crate) async fn of(app: &App, day: Option<&str>, as_known: bool) -> Result<Self, ApiError> {
        let now = app.clock.now();
        let Some(text) = day else {
            if as_known {
                return Err(ApiError::argument("day", "is needed to show what was known then"));
            }
            return Ok(Self { past: None, when: When::AsItWas(now) });
        };
        let programme = app.store.entity(app.store.workspace()).await?;
        let zone: Tz = zone_of(&programme);
        let day: NaiveDate = text
            .trim()
            .parse()
            .map_err(|_| ApiError::argument("day", "must look like 2026-11-24"))?;
        let today = flow::day_of(now, zone);
        if day > today {
            return Err(ApiError::argument("day", format!("is still to come; today is {today}")));
        }
        if day == today {
            return Ok(Self { past: None, when: When::AsItWas(now) });
        }
        let end = day.succ_opt().map_or(now, |next| flow::start_of(next, zone) - 1);
        let when = if as_known { When::AsKnown(end) } else { When::AsItWas(end) };
        Ok(Self { past: Some(day), when })
    }

    pub(crate) fn when(&self) -> When {
        self.when
    }

    pub(crate) fn moment(&self) -> Millis {
        self.when.moment()
    }

    /// The day, where it is a past one.
    pub(crate) fn past(&self) -> Option<NaiveDate> {
        self.past
    }

    pub(crate) fn is_as_known(&self) -> bool {
        matches!(self.when, When::AsKnown(_))
    }

    /// The last moment whose changes are shown. Now has none: another device's clock may be ahead.
    pub(crate) fn end(&self) -> Millis {
        self.past.map_or(Millis::MAX, |_| self.moment())
    }

    pub(crate) async fn nodes(&self, app: &App) -> Result<Arc<Vec<NodeRow>>, ApiError> {
        if self.past.is_none() {
            return Ok(app.store.nodes(self.moment()).await?);
        }
        let stood = app.store.nodes_at(self.when).await?;
        Ok(Arc::new(stood.into_iter().map(|stood| stood.row).collect()))
    }

    /// Every node, and what stands against those that are blocked or regressed.
    pub(crate) async fn nodes_and_marks(
        &self,
        app: &App,
    ) -> Result<(Arc<Vec<NodeRow>>, BTreeMap<Uuid, Marks>), ApiError> {
        if self.past.is_some() {
            let stood = app.store.nodes_at(self.when).await?;
            let marks = stood.iter().map(|stood| (stood.row.id, stood.marks.clone())).collect();
            return Ok((Arc::new(stood.into_iter().map(|stood| stood.row).collect()), marks));
        }
        let nodes = app.store.nodes(self.moment()).await?;
        let marked =
            |node: &&NodeRow| node.summary.blocked_since.is_some() || node.summary.regressed;
        let ids: Vec<Uuid> = nodes.iter().filter(marked).map(|node| node.id).collect();
        let marks = app.store.marks(&ids, self.moment()).await?;
        Ok((nodes, marks))
    }
}

pub(crate) async fn movers(app: &App, request: MoversRequest) -> Result<MoversView, ApiError> {
    let day = Day::of(app, Some(&request.since), false).await?;
    let Some(since) = day.past() else {
        return Err(ApiError::argument("day", "must be before today"));
    };
    let programme = Programme::load(app).await?;
    let movers: Vec<(MoverRow, bool)> = app
        .store
        .movers(day.moment(), app.clock.now())
        .await?
        .into_iter()
        .map(|mover| {
            let (then, now) = (mover.then.as_ref(), &mover.now.summary);
            let passed = then.map_or(0, |then| then.counts.passed);
            let row = MoverRow {
                service: node_ref(&mover.now),
                from: then.map(|then| stand(&programme, then)),
                to: stand(&programme, now),
                passed_difference: now.counts.passed.cast_signed() - passed.cast_signed(),
            };
            (row, now.scope == Scope::In)
        })
        .collect();
    let most = |wanted: fn(i32) -> bool| {
        let in_scope = movers.iter().filter(|(_, in_scope)| *in_scope).map(|(row, _)| row);
        let mut rows: Vec<MoverRow> =
            in_scope.filter(|row| wanted(row.passed_difference)).cloned().collect();
        rows.sort_by_key(|row| std::cmp::Reverse(row.passed_difference.abs()));
        rows.truncate(MOST);
        rows
    };
    let (improved, dropped) =
        (most(|difference| difference > 0), most(|difference| difference < 0));
    Ok(MoversView {
        since: since.to_string(),
        movers: movers.into_iter().map(|(row, _)| row).collect(),
        improved,
        dropped,
    })
}

fn stand(programme: &Programme, summary: &Summary) -> Stand {
    Stand {
        stage: summary.stage.clone(),
        title: programme.title(summary.stage.as_deref()),
        number: u32::try_from(summary.number).unwrap_or(u32::MAX),
        scope: summary.scope.word().to_owned(),
        blocked: summary.blocked_since.is_some(),
        passed: summary.counts.passed,
        counted: summary.counts.counted,
    }
}
