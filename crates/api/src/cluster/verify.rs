//! From looks at clusters to what the programme keeps: findings with their evidence, rollouts, health
//! around a cut-over. Pure: what was seen, what is known and the moment are passed in, and changes
//! come out. What says something about this laptop only comes out as a row and never as a change.

mod cut_over;
mod rollouts;

use super::desk::{Desk, Question, Service, Target, moment};
use super::memory::Memory;
use super::regressions::Failed;
use chrono::TimeDelta;
use pilotage_cluster::checks::suspected::{Effect, Held, is_blip};
use pilotage_cluster::checks::{
    Around, Hold, Judgement, Nature, TargetView, judge_target, speaking, worst,
};
use pilotage_cluster::health::{self, Thresholds};
use pilotage_cluster::report::{Verified, verified};
use pilotage_cluster::shape::Moment;
use pilotage_cluster::snapshot::Snapshot;
use pilotage_cluster::view::{Index, View, views};
use pilotage_cluster::writers::classify::Rules;
use pilotage_domain::change::Change;
use pilotage_domain::cluster::{Rollout, WorkloadName};
use pilotage_domain::fact::{Fact, Happening, Seen, Source};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uuid::Uuid;

/// A finding is recorded anew once a day while it stands, so that it never goes stale while somebody
/// looks; with what people do at night and at weekends in mind it holds for two.
const KEPT_FOR: TimeDelta = TimeDelta::hours(48);
/// What one look yields.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// How each check stands on the target that speaks for the service.
    pub(crate) rows: Vec<Verified>,
    /// What is to be recorded.
    pub(crate) changes: Vec<Change>,
    /// When the first of the suspicions may become a finding.
    pub(crate) due: Option<Moment>,
    /// Operational checks that so many services began to fail at once that the cluster, not they,
    /// is the likelier cause: their findings are held.
    pub(crate) held_back: Vec<String>,
    /// Findings among the changes.
    pub(crate) findings: usize,
    /// Those of them that say *fail* for the first time since something else was found.
    pub(crate) failed: Vec<Failed>,
    /// Rollouts among the changes.
    pub(crate) rollouts: usize,
}

/// One context with its workloads, found by their names.
struct Looked<'a> {
    snapshot: &'a Snapshot,
    views: Vec<View<'a>>,
    by_name: HashMap<(&'a str, &'static str, &'a str), usize>,
}

impl<'a> Looked<'a> {
    fn of(index: &'a Index<'a>, limits: &'a Thresholds, memory: &mut health::Memory) -> Self {
        let views = views(index, limits, memory);
        let key = |view: &View<'a>| {
            let meta = view.workload.meta();
            (&*meta.namespace, view.workload.kind(), &*meta.name)
        };
        let by_name = views.iter().enumerate().map(|(at, view)| (key(view), at)).collect();
        Self { snapshot: index.snapshot, views, by_name }
    }

    fn view(&self, name: &WorkloadName) -> Option<&View<'a>> {
        let kinds = ["Deployment", "StatefulSet", "DaemonSet", "CronJob", "Rollout"];
        let kind = kinds.into_iter().find(|kind| *kind == name.kind)?;
        let at = self.by_name.get(&(name.namespace.as_str(), kind, name.name.as_str()))?;
        self.views.get(*at)
    }
}

/// Judges every service on what was seen. A context that is not among `seen` was not reached. Rows
/// and changes are about the services `asked` for, about all where none is; whether the cluster is
/// to blame is told by all.
pub(crate) fn verify(
    desk: &Desk,
    asked: &BTreeSet<Uuid>,
    seen: &BTreeMap<String, Snapshot>,
    memory: &mut Memory,
    now: Moment,
) -> Outcome {
    let unseen: BTreeMap<String, Snapshot> = desk
        .contexts()
        .into_iter()
        .filter(|context| !seen.contains_key(context))
        .map(|context| (context.clone(), Snapshot::empty(context, now)))
        .collect();
    let indexes: Vec<Index<'_>> = seen.values().chain(unseen.values()).map(Index::of).collect();
    let limits = Thresholds::default();
    let mut looks = BTreeMap::new();
    for index in &indexes {
        let context = index.snapshot.context.as_str();
        let looked = Looked::of(index, &limits, memory.health(context));
        looked.views.iter().for_each(|view| memory.restarts.note(view));
        looks.insert(context, looked);
    }
    let mut round = Round {
        desk,
        asked,
        looks,
        rollouts: desk.rollouts.clone(),
        fresh: BTreeSet::new(),
        outcome: Outcome::default(),
        memory,
    };
    round.record_rollouts();
    round.record_deliveries();
    round.record_findings();
    round.record_health();
    round.record_looks(seen);
    round.outcome
}

struct Round<'a> {
    desk: &'a Desk,
    asked: &'a BTreeSet<Uuid>,
    looks: BTreeMap<&'a str, Looked<'a>>,
    rollouts: BTreeMap<String, Vec<(Moment, Rollout)>>,
    /// Workloads that this look is the first to see.
    fresh: BTreeSet<String>,
    outcome: Outcome,
    memory: &'a mut Memory,
}

/// A service's workloads in a target, each with its recorded rollouts.
type OfTarget<'o, 'a> = (&'o [&'o View<'a>], &'o [Vec<(Moment, &'o Rollout)>]);

/// One check of one service, as this look sees it.
struct Observed<'a> {
    service: &'a Service,
    question: &'a Question,
    target: &'a Target,
    judgement: Judgement,
    before: Held,
    after: Held,
    effect: Effect,
    hold: Hold,
    at: Moment,
    /// It would be a finding, were it not part of a wave.
    held_back: bool,
}

impl<'a> Round<'a> {
    fn asks_about(&self, service: &Service) -> bool {
        self.asked.is_empty() || self.asked.contains(&service.id)
    }

    fn views_of(&self, service: &Service, target: &Target) -> Vec<&View<'a>> {
        let Some(looked) = self.looks.get(target.context.as_str()) else { return Vec::new() };
        service.runs_as(target.id).filter_map(|name| looked.view(name)).collect()
    }

    fn record_findings(&mut self) {
        let mut observed = Vec::new();
        let desk = self.desk;
        for service in desk.services.iter().filter(|service| service.in_scope) {
            let judged = self.judged(service);
            for (question, target, judgement) in judged {
                observed.push(self.observe(service, question, target, judgement));
            }
        }
        let waves = waves(&observed);
        for one in &mut observed {
            let fails = one.judgement.result == Seen::Fail;
            if waves.contains(one.question.rule.id.as_str())
                && fails
                && matches!(one.effect, Effect::Find { .. })
            {
                one.after = Held { suspicion: one.before.suspicion, ..one.before };
                one.effect = Effect::Suspected;
                one.held_back = true;
            }
        }
        self.outcome.held_back = waves.into_iter().map(str::to_owned).collect();
        for one in &observed {
            if self.asks_about(one.service) {
                self.keep(one);
            }
        }
    }

    /// What each check says on the target that speaks for the service.
    fn judged(&self, service: &Service) -> Vec<(&'a Question, &'a Target, Judgement)> {
        let rules = self.desk.rules(Some(service));
        let mut by_target = Vec::new();
        for target in &self.desk.targets {
            let views = self.views_of(service, target);
            let rollouts: Vec<Vec<(Moment, &Rollout)>> = views
                .iter()
                .map(|view| {
                    let known = self.rollouts.get(&*view.workload.meta().uid);
                    let known = known.map(Vec::as_slice).unwrap_or_default();
                    known.iter().map(|(at, one)| (*at, one)).collect()
                })
                .collect();
            by_target.push((target, views, rollouts));
        }
        let mut all = Vec::new();
        let questions = self.desk.questions.iter().filter(|question| question.is_for(service));
        for question in questions {
            // The worst of the targets of one environment speaks for it.
            let mut environments: Vec<(&str, Vec<(&'a Target, Judgement)>)> = Vec::new();
            for (target, views, rollouts) in &by_target {
                let judgement = self.judge(question, service, target, (views, rollouts), &rules);
                let same =
                    |(name, _): &&mut (&str, _)| name.eq_ignore_ascii_case(&target.environment);
                match environments.iter_mut().find(same) {
                    Some((_, judged)) => judged.push((target, judgement)),
                    None => {
                        environments.push((&target.environment, vec![(target, judgement)]));
                    }
                }
            }
            let judged: Vec<(&str, (&'a Target, Judgement))> = environments
                .into_iter()
                .filter_map(|(name, judged)| Some((name, speaker(judged)?)))
                .collect();
            let words: Vec<(&str, Judgement)> =
                judged.iter().map(|(name, (_, judgement))| (*name, judgement.clone())).collect();
            let environment = question.asked.environment.as_deref();
            let spoken = speaking(question.asked.rule, environment, &words, service.live);
            let place = spoken
                .and_then(|spoken| words.iter().position(|(_, one)| std::ptr::eq(one, spoken)));
            if let Some((_, (target, judgement))) =
                place.and_then(|place| judged.into_iter().nth(place))
            {
                all.push((question, target, judgement));
            }
        }
        all
    }

    fn judge(
        &self,
        question: &Question,
        service: &Service,
        target: &Target,
        (views, rollouts): OfTarget<'_, 'a>,
        rules: &Rules,
    ) -> Judgement {
        let namespaces = if target.namespaces.is_empty() {
            let own: BTreeSet<String> =
                service.runs_as(target.id).map(|name| name.namespace.clone()).collect();
            own.into_iter().collect()
        } else {
            target.namespaces.clone()
        };
        let Some(looked) = self.looks.get(target.context.as_str()) else {
            // Every context of a target has a look, be it an empty one.
            unreachable!("a target without a look");
        };
        let around = |at: usize, view: &View<'a>| {
            let uid = &*view.workload.meta().uid;
            let (watched, restarts) = self.memory.restarts.of(uid);
            let first = self.fresh.contains(uid).then(|| view.now());
            let kept = self.desk.watched.get(uid).copied().or(first);
            // Restarts are counted by this program only; rollouts are remembered by the programme.
            let watched_since = if question.asked.rule.id == "CD-09" { watched } else { kept };
            Around {
                rollouts: &rollouts[at],
                watched_since,
                restarts_seen: restarts,
                names: &service.aliases,
                ..Around::nothing(rules)
            }
        };
        let views: Vec<(&View<'_>, Around<'_>)> =
            views.iter().enumerate().map(|(at, view)| (*view, around(at, view))).collect();
        let target_view = TargetView {
            snapshot: looked.snapshot,
            namespaces: &namespaces,
            mapped: service.runs_as(target.id).next().is_some(),
        };
        judge_target(question.asked.rule, &target_view, &views, &question.asked.with)
    }

    fn observe(
        &self,
        service: &'a Service,
        question: &'a Question,
        target: &'a Target,
        judgement: Judgement,
    ) -> Observed<'a> {
        let at = self
            .looks
            .get(target.context.as_str())
            .map_or_else(Moment::default, |looked| looked.snapshot.now);
        let mut hold = Hold::of(question.asked.rule, &question.asked.with);
        hold.stale_after = hold.stale_after.max(KEPT_FOR);
        // What was found by an earlier version of the check is asked anew.
        let found = service.found.get(&question.rule.id);
        let found = found.filter(|found| found.version >= question.rule.version);
        let key = (service.id, question.rule.id.clone());
        let before = Held {
            finding: found.map(|found| found.result),
            confirmed: found.map(|found| moment(found.at)),
            suspicion: self.memory.suspicion(&key, at),
        };
        // Unknown is no word where nobody has spoken yet: a claim stands until there is one.
        let silent = before.finding.is_none() && judgement.result == Seen::Unknown;
        let (after, effect) = if silent {
            (Held { suspicion: None, ..before }, Effect::Nothing)
        } else {
            before.observe(&judgement, at, hold)
        };
        Observed {
            service,
            question,
            target,
            judgement,
            before,
            after,
            effect,
            hold,
            at,
            held_back: false,
        }
    }

    fn keep(&mut self, one: &Observed<'_>) {
        let key = (one.service.id, one.question.rule.id.clone());
        match one.after.suspicion {
            // A look that saw nothing of it does not keep it alive, nor would the next one help.
            Some(_) if one.judgement.is_local() => {}
            Some(suspicion) => {
                let wait =
                    if suspicion.result == Seen::Fail { one.hold.fail } else { one.hold.other };
                let due = suspicion.since + wait;
                if !one.held_back {
                    self.outcome.due = Some(self.outcome.due.map_or(due, |first| first.min(due)));
                }
                self.memory.suspicions.insert(key, (suspicion, one.at));
            }
            None => {
                self.memory.suspicions.remove(&key);
            }
        }
        let Some(looked) = self.looks.get(one.target.context.as_str()) else { return };
        let snapshot = looked.snapshot;
        let names = (one.service.name.clone(), one.target.label(), one.question.rule.id.clone());
        let rule = (one.question.asked.rule, one.hold);
        let row = verified(names, rule, &one.judgement, &one.after, snapshot);
        let occurred_at = match one.effect {
            Effect::Find { since } => since,
            Effect::Confirm => one.at,
            Effect::Nothing | Effect::Suspected => {
                self.outcome.rows.push(row);
                return;
            }
        };
        let mut evidence = row.evidence.clone();
        evidence.target = Some(one.target.id);
        let what = Happening::Finding {
            service: one.service.id,
            check: one.question.rule.id.clone(),
            check_version: one.question.rule.version,
            result: one.judgement.result,
            source: Source::Cluster,
            observed: sentence(&one.judgement),
            link: None,
            stale_after: Some((one.at + one.hold.stale_after).timestamp_millis()),
        };
        let fact = Fact { occurred_at: occurred_at.timestamp_millis(), what };
        let id = Uuid::now_v7();
        if one.judgement.result == Seen::Fail && matches!(one.effect, Effect::Find { .. }) {
            self.outcome.failed.push(Failed {
                service: one.service.id,
                name: one.service.name.clone(),
                check: one.question.rule.id.clone(),
                fact: id,
                evidence: evidence.clone(),
            });
        }
        self.outcome.changes.extend(evidence.record(id, fact));
        self.outcome.findings += 1;
        self.outcome.rows.push(row);
    }
}

/// Every service of the scope with every target.
fn pairs(desk: &Desk) -> impl Iterator<Item = (&Service, &Target)> {
    let services = desk.services.iter().filter(|service| service.in_scope);
    services.flat_map(|service| desk.targets.iter().map(move |target| (service, target)))
}

/// The worst of the targets of one environment. A target in which the service is mapped to nothing
/// is silent where another one is not.
fn speaker(mut judged: Vec<(&Target, Judgement)>) -> Option<(&Target, Judgement)> {
    let mapped = |(_, one): &(&Target, Judgement)| one.reason != "not_mapped";
    if judged.iter().any(mapped) {
        judged.retain(mapped);
    }
    let word = worst(judged.iter().map(|(_, one)| one.clone()).collect())?;
    judged.into_iter().find(|(_, one)| *one == word)
}

/// The operational checks that so many of the services judged on them began to fail together that
/// none is to blame.
fn waves<'a>(observed: &[Observed<'a>]) -> BTreeSet<&'a str> {
    let mut judged: BTreeMap<&str, (usize, Vec<Moment>)> = BTreeMap::new();
    for one in observed {
        let operational = one.question.asked.rule.nature == Nature::Operational;
        if !operational || !matches!(one.judgement.result, Seen::Pass | Seen::Fail) {
            continue;
        }
        let (services, failing) = judged.entry(&one.question.rule.id).or_default();
        *services += 1;
        // What never passed has not begun to fail just now.
        if one.judgement.result == Seen::Fail
            && !one.judgement.is_local()
            && one.before.finding == Some(Seen::Pass)
        {
            let began = one.before.suspicion.filter(|suspicion| suspicion.result == Seen::Fail);
            failing.push(began.map_or(one.at, |suspicion| suspicion.since));
        }
    }
    judged
        .into_iter()
        .filter(|(_, (services, failing))| is_blip(failing, *services))
        .map(|(check, _)| check)
        .collect()
}

/// What a finding says in the timeline: what was seen, and by whom it was written.
fn sentence(judgement: &Judgement) -> String {
    let object = &judgement.object;
    let place = if object.name.is_empty() {
        String::new()
    } else {
        format!("{} {}/{}: ", object.kind, object.namespace, object.name)
    };
    let field = if judgement.field.is_empty() || judgement.observed.contains(&judgement.field) {
        String::new()
    } else {
        format!(" [{}]", judgement.field)
    };
    let note = if judgement.note.is_empty() || judgement.result == Seen::Pass {
        String::new()
    } else {
        format!(". {}", judgement.note)
    };
    format!("{place}{}{field}{note}", judgement.observed)
}
