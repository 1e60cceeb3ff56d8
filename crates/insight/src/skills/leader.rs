//! Who could lead the next sprint. A suggestion with its reasons, never a decision.

use super::Standing;
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// So many are named where nobody is eligible.
const NEAREST: usize = 2;

/// Somebody who might lead.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The person.
    pub person: Uuid,
    /// Will be there.
    pub present: bool,
    /// Wants to.
    pub willing: bool,
    /// Standings by skill.
    pub standings: BTreeMap<String, Standing>,
    /// People guided to L3, over all skills.
    pub guided: u32,
    /// Sprints led so far.
    pub sprints_led: u32,
    /// When the last of them was, if any.
    pub last_led: Option<NaiveDate>,
    /// Led the last sprint.
    pub led_last_sprint: bool,
}

/// The parts of a score: `2 · high + guided + fresh − 2 · led the last sprint`.
#[derive(Clone, Debug, PartialEq)]
pub struct LeaderScore {
    /// The person.
    pub person: Uuid,
    /// Mandatory skills at L4 or L5.
    pub high: u32,
    /// People guided to L3.
    pub guided: u32,
    /// Share of the mandatory skills that were used alone within 60 days.
    pub fresh: f64,
    /// Led the last sprint.
    pub led_last_sprint: bool,
}

impl LeaderScore {
    /// The score.
    pub fn total(&self) -> f64 {
        let last = if self.led_last_sprint { 2.0 } else { 0.0 };
        2.0 * f64::from(self.high) + f64::from(self.guided) + self.fresh - last
    }
}

/// The suggestion.
#[derive(Clone, Debug, PartialEq)]
pub struct LeaderSuggestion {
    /// Eligible people, best first: the suggested one, the runner-up, and the rest.
    pub ranked: Vec<LeaderScore>,
    /// People who lack one mandatory skill, and it.
    pub one_step_away: Vec<(Uuid, String)>,
    /// Where nobody is eligible, the two nearest with the skills they lack: with the expert in
    /// support.
    pub nearest: Vec<(Uuid, Vec<String>)>,
}

/// Suggests a leader for a sprint whose planned checks need these skills. Only whoever holds all of
/// them, is present and willing is eligible. Ties: fewer sprints led, then the longer time since,
/// then the id.
pub fn suggest_leader(mandatory: &BTreeSet<String>, candidates: &[Candidate]) -> LeaderSuggestion {
    let lacking = |candidate: &Candidate| -> Vec<String> {
        let holds = |skill: &&String| !candidate.standings.get(*skill).is_some_and(Standing::holds);
        mandatory.iter().filter(holds).cloned().collect()
    };
    let here = || candidates.iter().filter(|candidate| candidate.present && candidate.willing);
    let mut eligible: Vec<(&Candidate, LeaderScore)> = here()
        .filter(|candidate| lacking(candidate).is_empty())
        .map(|candidate| (candidate, score(mandatory, candidate)))
        .collect();
    eligible.sort_by(|(a, left), (b, right)| {
        // No date sorts before every date: never having led is the longest time since.
        let tie =
            |candidate: &Candidate| (candidate.sprints_led, candidate.last_led, candidate.person);
        right.total().total_cmp(&left.total()).then_with(|| tie(a).cmp(&tie(b)))
    });
    let mut others: Vec<(Uuid, Vec<String>)> = here()
        .map(|candidate| (candidate.person, lacking(candidate)))
        .filter(|(_, lacking)| !lacking.is_empty())
        .collect();
    others.sort_by_key(|(person, lacking)| (lacking.len(), *person));
    let one = others.iter().filter(|(_, lacking)| lacking.len() == 1);
    let one_step_away = one.map(|(person, lacking)| (*person, lacking[0].clone())).collect();
    let ranked: Vec<LeaderScore> = eligible.into_iter().map(|(_, score)| score).collect();
    others.truncate(if ranked.is_empty() { NEAREST } else { 0 });
    LeaderSuggestion { ranked, one_step_away, nearest: others }
}

fn score(mandatory: &BTreeSet<String>, candidate: &Candidate) -> LeaderScore {
    let standings = mandatory.iter().filter_map(|skill| candidate.standings.get(skill));
    let count = |wanted: &dyn Fn(&Standing) -> bool| {
        u32::try_from(standings.clone().filter(|it| wanted(it)).count()).unwrap_or(u32::MAX)
    };
    let skills = u32::try_from(mandatory.len()).unwrap_or(u32::MAX);
    let fresh = f64::from(count(&|it| it.alone_lately)) / f64::from(skills.max(1));
    LeaderScore {
        person: candidate.person,
        high: count(&|it| it.counted() >= 4),
        guided: candidate.guided,
        fresh,
        led_last_sprint: candidate.led_last_sprint,
    }
}
