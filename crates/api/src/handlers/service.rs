//! One service, whole.

use crate::app::App;
use crate::clock::rfc3339;
use crate::describe::Describer;
use crate::dto::service::{
    BlockerView, CheckView, ConflictValue, ConflictView, DependencyView, EvidenceView, FindingView,
    LadderStage, LinkView, ServiceRequest, ServiceView, WaiverView,
};
use crate::dto::session::{EventView, NodeRef, PersonRef};
use crate::error::ApiError;
use crate::names::{Names, find_node, node_ref};
use crate::programme::Programme;
use pilotage_domain::Millis;
use pilotage_domain::change::{Entity, path};
use pilotage_domain::fact::{Happening, Recorded};
use pilotage_domain::flow;
use pilotage_domain::journey::{
    CheckStanding, Journey, Result as CheckResult, Standing, retracted,
};
use pilotage_domain::playbook::CheckKind;
use pilotage_store::{DependencyRow, NodeDetail, NodeRow};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Batches of a timeline that are shown.
const TIMELINE: u32 = 300;

pub(crate) async fn service(app: &App, request: ServiceRequest) -> Result<ServiceView, ApiError> {
    let now = app.clock.now();
    let programme = Programme::load(app).await?;
    let names = Names::load_for_log(app).await?;
    let nodes = app.store.nodes(now).await?;
    let id = find_node(&nodes, &request.service)?.id;
    let Some(detail) = app.store.node(id, now).await? else {
        return Err(ApiError::not_found("service", &request.service));
    };
    let all = app.store.dependencies().await?;
    let degrees = super::dependency_degrees(&all);
    let actor = app.actor(&names);
    let context = Context { programme: &programme, names: &names, detail: &detail, actor, now };
    let (dependencies, dependents) = context.dependencies(&all, &nodes);
    let mut timeline = context.moves();
    let describer = Describer::new(&programme, &names, &nodes);
    for logged in app.store.timeline(id, TIMELINE).await? {
        timeline.extend(describer.events(logged.device, &logged.batch, Some(id)));
    }
    timeline
        .sort_by(|a, b| (&b.occurred_at, &b.recorded_at).cmp(&(&a.occurred_at, &a.recorded_at)));
    let conflicts = app
        .store
        .conflicts(id)
        .await?
        .into_iter()
        .map(|conflict| ConflictView {
            field: conflict.path,
            values: conflict
                .heads
                .into_iter()
                .map(|(value, version, actor)| ConflictValue {
                    value: value.as_str().map_or_else(|| value.to_string(), str::to_owned),
                    by: names.of(actor),
                    at: rfc3339(pilotage_domain::hlc::millis(version.hlc)),
                })
                .collect(),
        })
        .collect();
    let text = |path| detail.entity.text(path).map(str::to_owned);
    Ok(ServiceView {
        row: super::row_of(&detail.row, &programme, &names, &degrees),
        class_reason: text(path::CLASS_REASON),
        image: text(path::IMAGE),
        source_directory: text(path::SOURCE_DIRECTORY),
        repository: text(path::REPOSITORY),
        notes: text(path::NOTES),
        links: detail
            .entity
            .map(path::LINKS)
            .into_iter()
            .map(|(address, title)| LinkView { address, title: title.to_owned() })
            .collect(),
        merged: merged_into(app, id).await?,
        aliases: detail.row.listed.aliases.clone(),
        scope_reason: context.scope_reason(),
        ladder: context.ladder(),
        blockers: context.blockers(),
        dependencies,
        dependents,
        findings: detail.journey.checks.iter().filter_map(|check| context.finding(check)).collect(),
        timeline,
        conflicts,
    })
}

/// The nodes that turned out to be this one, by name.
async fn merged_into(app: &App, id: Uuid) -> Result<Vec<NodeRef>, ApiError> {
    let mut merged: Vec<NodeRef> = app
        .store
        .merged_into(id)
        .await?
        .into_iter()
        .filter(Entity::lives)
        .map(|entity| NodeRef { id: entity.id.to_string(), name: entity.name().to_owned() })
        .collect();
    merged.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    Ok(merged)
}

/// What the parts of a service's view need to know.
pub(crate) struct Context<'a> {
    pub(crate) programme: &'a Programme,
    pub(crate) names: &'a Names,
    pub(crate) detail: &'a NodeDetail,
    /// Who looks: advice depends on it.
    pub(crate) actor: Option<Uuid>,
    pub(crate) now: Millis,
}

impl Context<'_> {
    fn journey(&self) -> &Journey {
        &self.detail.journey
    }

    fn fact(&self, id: Option<Uuid>) -> Option<&Recorded> {
        let id = id?;
        self.detail.facts.iter().find(|recorded| recorded.id == id)
    }

    fn ladder(&self) -> Vec<LadderStage> {
        let programme = self.programme;
        let current = self.journey().number;
        // Nodes that are no services stand on no ladder.
        if self.journey().checks.is_empty() {
            return Vec::new();
        }
        let next = (current + 1..=programme.ladder.stages.len())
            .find(|number| programme.ladder.applicable[number - 1]);
        programme
            .ladder
            .stages
            .iter()
            .enumerate()
            .map(|(index, stage)| {
                let number = index + 1;
                let state = if !programme.ladder.applicable[index] {
                    "not_applicable"
                } else if number == current {
                    "current"
                } else if number < current {
                    "reached"
                } else if Some(number) == next {
                    "next"
                } else {
                    "ahead"
                };
                LadderStage {
                    stage: stage.clone(),
                    title: programme.title(Some(stage)),
                    meaning: programme.meaning(stage),
                    state: state.to_owned(),
                    first_reached: self
                        .journey()
                        .first_reached
                        .get(stage)
                        .map(|at| flow::day_of(*at, programme.zone).to_string()),
                    checks: self.checks(number),
                }
            })
            .collect()
    }

    /// The checks that a stage judges, blockers first.
    pub(crate) fn checks(&self, number: usize) -> Vec<CheckView> {
        let mut checks: Vec<CheckView> = self
            .journey()
            .checks
            .iter()
            .filter(|check| check.stage == number)
            .map(|check| self.check(check))
            .collect();
        checks.sort_by_key(|check| (check.state != "counted", std::cmp::Reverse(check.weight)));
        checks
    }

    pub(crate) fn check(&self, standing: &CheckStanding) -> CheckView {
        let programme = self.programme;
        let words = programme.check(&standing.check);
        let kind = words.map_or(CheckKind::Manual, |words| words.kind);
        let finding = self.finding(standing);
        CheckView {
            id: standing.check.clone(),
            title: programme.check_title(&standing.check),
            stage: programme.ladder.stage(standing.stage).unwrap_or_default().to_owned(),
            kind: kind.word().to_owned(),
            state: if standing.counted { "counted" } else { "visible" }.to_owned(),
            weight: words.map_or(0, |words| words.weight),
            skills: words
                .map(|words| {
                    let title = |id: &String| programme.skills.get(id).unwrap_or(id).clone();
                    words.skills.iter().map(title).collect()
                })
                .unwrap_or_default(),
            what: words.map(|words| words.what.clone()).unwrap_or_default(),
            why: words.map(|words| words.why.clone()).unwrap_or_default(),
            steps: words.map(|words| words.how.steps.clone()).unwrap_or_default(),
            script: words.and_then(|words| words.how.script.clone()),
            fix_link: words.and_then(|words| words.fix_link.clone()),
            result: standing.result.word().to_owned(),
            reason: standing.reason.map(|reason| reason.word().to_owned()),
            claimed: standing.claimed,
            regressed: matches!(standing.standing, Standing::Regressed { .. }),
            reproving: matches!(standing.standing, Standing::Reproving { .. }),
            advice: attest_advice(
                kind,
                standing,
                self.detail,
                self.fact(standing.finding),
                self.actor,
            ),
            waiver: self.waiver(standing),
            request: self.request(&standing.check),
            due: self.detail.row.listed.due.get(&standing.check).cloned(),
            doing: self.doing(&standing.check),
            finding,
        }
    }

    fn finding(&self, standing: &CheckStanding) -> Option<FindingView> {
        self.finding_view(self.fact(standing.finding)?, standing.result.word(), standing.claimed)
    }

    /// A finding, with the word for its result.
    pub(crate) fn finding_view(
        &self,
        recorded: &Recorded,
        result: &str,
        claimed: bool,
    ) -> Option<FindingView> {
        let Happening::Finding { check, source, observed, link, stale_after, .. } =
            &recorded.fact.what
        else {
            return None;
        };
        let by = match source {
            pilotage_domain::fact::Source::Person => self.names.of(recorded.actor),
            verifier => verifier.word().to_owned(),
        };
        Some(FindingView {
            id: recorded.id.to_string(),
            check: check.clone(),
            result: result.to_owned(),
            source: source.word().to_owned(),
            by,
            claimed,
            observed: observed.clone(),
            link: link.clone(),
            seen_at: rfc3339(recorded.fact.occurred_at),
            stale_after: stale_after.map(rfc3339),
        })
    }

    fn waiver(&self, standing: &CheckStanding) -> Option<WaiverView> {
        let recorded = self.fact(standing.waiver)?;
        let Happening::Waiver { reason, expires_at, .. } = &recorded.fact.what else {
            return None;
        };
        Some(WaiverView {
            id: recorded.id.to_string(),
            reason: reason.clone(),
            by: self.names.of(recorded.actor),
            expires_on: flow::day_of(expires_at - 1, self.programme.zone).to_string(),
        })
    }

    /// The newest unanswered request for a waiver of a check.
    fn request(&self, check: &str) -> Option<WaiverView> {
        let recorded =
            self.journey().open_requests.iter().rev().filter_map(|id| self.fact(Some(*id))).find(
                |recorded| {
                    matches!(&recorded.fact.what,
                    Happening::WaiverRequested { check: of, .. } if of == check)
                },
            )?;
        let Happening::WaiverRequested { reason, expires_at, .. } = &recorded.fact.what else {
            return None;
        };
        Some(WaiverView {
            id: recorded.id.to_string(),
            reason: reason.clone(),
            by: self.names.of(recorded.actor),
            expires_on: flow::day_of(expires_at - 1, self.programme.zone).to_string(),
        })
    }

    fn doing(&self, check: &str) -> Option<PersonRef> {
        let person = self.detail.row.listed.doing.get(check)?;
        let person = Uuid::try_parse(person).ok().filter(|id| self.names.is_person(*id))?;
        Some(self.names.reference(person))
    }

    fn scope_reason(&self) -> Option<String> {
        let recorded = self.fact(self.journey().scope_fact)?;
        let Happening::ScopeChanged { reason, .. } = &recorded.fact.what else {
            return None;
        };
        Some(format!("{reason} (decided by {})", self.names.of(recorded.actor)))
    }

    /// Open blockers, oldest first, then closed ones, newest first.
    pub(crate) fn blockers(&self) -> Vec<BlockerView> {
        let facts: Vec<&Recorded> = self.detail.facts.iter().collect();
        let dead = retracted(&facts);
        let closed: BTreeMap<Uuid, Millis> = facts
            .iter()
            .filter(|recorded| !dead.contains(&recorded.id))
            .filter_map(|recorded| match &recorded.fact.what {
                Happening::BlockerClosed { of, .. } => Some((*of, recorded.fact.occurred_at)),
                _ => None,
            })
            .collect();
        let mut blockers: Vec<BlockerView> = facts
            .iter()
            .filter(|recorded| !dead.contains(&recorded.id))
            .filter_map(|recorded| {
                let Happening::BlockerOpened { reason, waiting_for, .. } = &recorded.fact.what
                else {
                    return None;
                };
                let since = recorded.fact.occurred_at;
                let closed_at = closed.get(&recorded.id).copied();
                let end = closed_at.unwrap_or(self.now);
                Some(BlockerView {
                    id: recorded.id.to_string(),
                    reason: reason.clone(),
                    waiting_for: waiting_for.clone(),
                    since: rfc3339(since),
                    days: flow::days_between(since, end, self.programme.zone),
                    opened_by: self.names.of(recorded.actor),
                    closed_at: closed_at.map(rfc3339),
                })
            })
            .collect();
        blockers.sort_by(|a, b| match (&a.closed_at, &b.closed_at) {
            (None, None) => a.since.cmp(&b.since),
            (None, Some(_)) => std::cmp::Ordering::Less,
            (Some(_), None) => std::cmp::Ordering::Greater,
            (Some(a), Some(b)) => b.cmp(a),
        });
        blockers
    }

    fn dependencies(
        &self,
        all: &[DependencyRow],
        nodes: &[NodeRow],
    ) -> (Vec<DependencyView>, Vec<DependencyView>) {
        let by_id: BTreeMap<Uuid, &NodeRow> = nodes.iter().map(|node| (node.id, node)).collect();
        let own = self.detail.row.id;
        let view = |edge: &DependencyRow, other: Uuid| {
            let (from, to) = (by_id.get(&edge.caller)?, by_id.get(&edge.callee)?);
            let node = by_id.get(&other)?;
            Some(DependencyView {
                id: edge.id.to_string(),
                from: from.name.clone(),
                to: to.name.clone(),
                node: node_ref(node),
                class: node.class.word().to_owned(),
                stage: node.summary.stage.clone(),
                kind: edge.kind.clone(),
                confidence: f64::from(edge.confidence) / 100.0,
                evidence: edge
                    .evidence
                    .iter()
                    .map(|evidence| EvidenceView {
                        file: evidence.file.clone(),
                        line: evidence.line,
                        text: evidence.text.clone(),
                    })
                    .collect(),
            })
        };
        let mut calls: Vec<DependencyView> = all
            .iter()
            .filter(|edge| edge.caller == own)
            .filter_map(|edge| view(edge, edge.callee))
            .collect();
        let mut called_by: Vec<DependencyView> = all
            .iter()
            .filter(|edge| edge.callee == own)
            .filter_map(|edge| view(edge, edge.caller))
            .collect();
        calls.sort_by(|a, b| a.to.cmp(&b.to));
        called_by.sort_by(|a, b| a.from.cmp(&b.from));
        (calls, called_by)
    }

    /// Stage moves, as events of the timeline: computed, so nobody recorded them.
    fn moves(&self) -> Vec<EventView> {
        let moves = &self.journey().moves;
        moves
            .windows(2)
            .filter(|pair| pair[0].stage != pair[1].stage)
            .map(|pair| {
                let (from, to) = (pair[0].stage.as_deref(), pair[1].stage.as_deref());
                let ladder = &self.programme.ladder;
                let up = ladder.number(to) > ladder.number(from);
                let title = self.programme.title(to);
                let summary = if up {
                    format!("Reached {title}")
                } else {
                    format!("Fell from {} to {title}", self.programme.title(from))
                };
                EventView {
                    batch: String::new(),
                    occurred_at: rfc3339(pair[1].at),
                    recorded_at: rfc3339(pair[1].at),
                    actor: "computed".to_owned(),
                    device: String::new(),
                    service: Some(node_ref(&self.detail.row)),
                    kind: "stage".to_owned(),
                    summary,
                    note: None,
                    link: None,
                }
            })
            .collect()
    }
}

/// Why a person cannot attest a check now, as advice.
pub(crate) fn attest_advice(
    kind: CheckKind,
    standing: &CheckStanding,
    detail: &NodeDetail,
    finding: Option<&Recorded>,
    actor: Option<Uuid>,
) -> Option<String> {
    let verified = finding.is_some_and(|recorded| {
        matches!(&recorded.fact.what, Happening::Finding { source, .. }
            if *source != pilotage_domain::fact::Source::Person)
    });
    if kind == CheckKind::Auto && verified {
        return Some(
            "A verifier has spoken, and its word counts. Waive the check with a reason instead."
                .to_owned(),
        );
    }
    if standing.result == CheckResult::NotApplicable && standing.finding.is_none() {
        return Some("The check is for another kind of service.".to_owned());
    }
    let works_on_it = actor.is_some_and(|actor| {
        detail.row.listed.assignees.iter().any(|assignee| *assignee == actor.to_string())
    });
    if kind == CheckKind::Approval && works_on_it {
        return Some(
            "You work on this service. An approval comes from somebody who does not.".to_owned(),
        );
    }
    None
}
