//! Who could work with whom. Ordinal levels, so no arithmetic is done on them: each meeting of two
//! levels has its value, and its reason.

use super::{Standing, Standings};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Up to so many people every plan is tried (945 pairings of ten).
const MOST_PEOPLE: usize = 10;

/// What is asked.
#[derive(Clone, Debug)]
pub struct PairRequest<'a> {
    /// Who works in the sprint.
    pub people: BTreeSet<Uuid>,
    /// Skills that the planned checks need.
    pub needed: BTreeSet<String>,
    /// Of them, those that somebody within reach must hold.
    pub mandatory: BTreeSet<String>,
    /// Standings.
    pub standings: &'a Standings,
    /// Pairs of the last sprint, the smaller id first.
    pub last: BTreeSet<(Uuid, Uuid)>,
    /// Pairs of the sprint before it.
    pub before_last: BTreeSet<(Uuid, Uuid)>,
    /// Pairs that people want.
    pub locked: BTreeSet<(Uuid, Uuid)>,
    /// Pairs that people refuse.
    pub forbidden: BTreeSet<(Uuid, Uuid)>,
}

/// Two people, or three in a team of odd size.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Its members, in order of their id.
    pub people: Vec<Uuid>,
    /// Its score; of three, the mean of their pairs.
    pub score: f64,
    /// At most two skills that would move somebody towards independence, the strongest first.
    pub moves: Vec<String>,
}

/// A skill that a group lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Support {
    /// The place of the group in the plan.
    pub group: usize,
    /// The mandatory skill.
    pub skill: String,
    /// Who holds it and stands by; nobody where it is missing altogether.
    pub person: Option<Uuid>,
}

/// Everybody in a group.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The groups, in order of their first member.
    pub groups: Vec<Group>,
    /// What groups lack.
    pub support: Vec<Support>,
}

impl Plan {
    /// The sum over its groups.
    pub fn score(&self) -> f64 {
        self.groups.iter().map(|group| group.score).sum()
    }
}

/// The best plan and the second.
#[derive(Clone, Debug, PartialEq)]
pub struct Plans {
    /// The suggested one.
    pub best: Plan,
    /// The runner-up, where there is one.
    pub runner_up: Option<Plan>,
    /// With more than ten people pairs are taken best first, and not every plan is tried.
    pub greedy: bool,
}

/// Suggests pairs. None for fewer than two people, and where locks and refusals leave no plan.
pub fn suggest_pairs(request: &PairRequest<'_>) -> Option<Plans> {
    let people: Vec<Uuid> = request.people.iter().copied().collect();
    if people.len() < 2 {
        return None;
    }
    let table = Table::of(request, &people);
    if people.len() > MOST_PEOPLE {
        let groups = table.greedy(&people)?;
        return Some(Plans { best: table.plan(&groups), runner_up: None, greedy: true });
    }
    let mut plans: Vec<Plan> = groupings(&people)
        .into_iter()
        .filter(|groups| table.is_allowed(groups))
        .map(|groups| table.plan(&groups))
        .collect();
    // Stable, and groupings come in order of the ids: that settles ties.
    plans.sort_by(|a, b| b.score().total_cmp(&a.score()));
    let mut plans = plans.into_iter();
    let best = plans.next()?;
    Some(Plans { best, runner_up: plans.next(), greedy: false })
}

/// Every way to part people into pairs, with one group of three where their number is odd.
fn groupings(people: &[Uuid]) -> Vec<Vec<Vec<Uuid>>> {
    let Some((first, rest)) = people.split_first() else {
        return vec![Vec::new()];
    };
    let mut all = Vec::new();
    let mut with = |others: &[usize]| {
        let mut group = vec![*first];
        group.extend(others.iter().map(|at| rest[*at]));
        let left = rest.iter().enumerate().filter(|(at, _)| !others.contains(at));
        let left: Vec<Uuid> = left.map(|(_, person)| *person).collect();
        for mut groups in groupings(&left) {
            groups.insert(0, group.clone());
            all.push(groups);
        }
    };
    let odd = people.len() % 2 == 1;
    for one in 0..rest.len() {
        // The three are formed once: with an odd number, a pair leaves an odd number again.
        if !odd || rest.len() > 2 {
            with(&[one]);
        }
        for other in one + 1..rest.len() {
            if odd {
                with(&[one, other]);
            }
        }
    }
    all
}

/// Scores of all pairs, and what they were made from.
struct Table<'a, 'r> {
    request: &'a PairRequest<'r>,
    weights: BTreeMap<&'a str, f64>,
}

fn pair(a: Uuid, b: Uuid) -> (Uuid, Uuid) {
    (a.min(b), a.max(b))
}

fn pairs_of(group: &[Uuid]) -> Vec<(Uuid, Uuid)> {
    let mut pairs = Vec::new();
    for (at, one) in group.iter().enumerate() {
        pairs.extend(group[at + 1..].iter().map(|other| pair(*one, *other)));
    }
    pairs
}

impl<'a, 'r> Table<'a, 'r> {
    fn of(request: &'a PairRequest<'r>, people: &[Uuid]) -> Self {
        let weight = |skill: &'a String| {
            let holders =
                people.iter().filter(|person| standing(request, **person, skill).holds()).count();
            // The fewer hold it, the more it is worth to pass it on.
            let weight = match holders {
                0 | 1 => 3.0,
                2 => 2.0,
                _ => 1.0,
            };
            (skill.as_str(), weight)
        };
        Self { request, weights: request.needed.iter().map(weight).collect() }
    }

    /// What one skill is worth to a pair.
    fn value(&self, (a, b): (Uuid, Uuid), skill: &str) -> f64 {
        let level = |person| standing(self.request, person, skill).counted();
        self.weights[skill] * value(level(a).max(level(b)), level(a).min(level(b)))
    }

    fn score(&self, pair: (Uuid, Uuid)) -> f64 {
        let value: f64 = self.weights.keys().map(|skill| self.value(pair, skill)).sum();
        let again = if self.request.last.contains(&pair) { 2.0 } else { 0.0 };
        let before = if self.request.before_last.contains(&pair) { 1.0 } else { 0.0 };
        value - again - before
    }

    fn group(&self, people: &[Uuid]) -> Group {
        let pairs = pairs_of(people);
        let count = f64::from(u32::try_from(pairs.len()).unwrap_or(u32::MAX));
        let mut moves: Vec<(f64, &str)> = self
            .weights
            .keys()
            .map(|skill| {
                let best = pairs.iter().map(|pair| self.value(*pair, skill));
                (best.fold(0.0, f64::max), *skill)
            })
            .filter(|(value, skill)| *value > 0.0 && self.helps(people, skill))
            .collect();
        moves.sort_by(|(a, left), (b, right)| b.total_cmp(a).then_with(|| left.cmp(right)));
        Group {
            people: people.to_vec(),
            score: pairs.iter().map(|pair| self.score(*pair)).sum::<f64>() / count,
            moves: moves.into_iter().take(2).map(|(_, skill)| skill.to_owned()).collect(),
        }
    }

    /// Somebody of the group does not hold the skill yet.
    fn helps(&self, people: &[Uuid], skill: &str) -> bool {
        people.iter().any(|person| !standing(self.request, *person, skill).holds())
    }

    fn plan(&self, groups: &[Vec<Uuid>]) -> Plan {
        let groups: Vec<Group> = groups.iter().map(|group| self.group(group)).collect();
        let mut support = Vec::new();
        for (place, group) in groups.iter().enumerate() {
            for skill in &self.request.mandatory {
                let holds = |person: &&Uuid| standing(self.request, **person, skill).holds();
                if group.people.iter().any(|person| holds(&person)) {
                    continue;
                }
                let person = self.request.people.iter().find(holds).copied();
                support.push(Support { group: place, skill: skill.clone(), person });
            }
        }
        Plan { groups, support }
    }

    fn is_allowed(&self, groups: &[Vec<Uuid>]) -> bool {
        let formed: BTreeSet<(Uuid, Uuid)> =
            groups.iter().flat_map(|group| pairs_of(group)).collect();
        formed.is_disjoint(&self.request.forbidden) && self.request.locked.is_subset(&formed)
    }

    /// Locked pairs, then the best pair of those left, again and again; the last of an odd number
    /// joins the first group that takes him.
    fn greedy(&self, people: &[Uuid]) -> Option<Vec<Vec<Uuid>>> {
        let mut left: BTreeSet<Uuid> = people.iter().copied().collect();
        let mut groups: Vec<Vec<Uuid>> = Vec::new();
        let take = |left: &mut BTreeSet<Uuid>, (a, b)| left.remove(&a) & left.remove(&b);
        for locked in &self.request.locked {
            if !take(&mut left, *locked) {
                return None;
            }
            groups.push(vec![locked.0, locked.1]);
        }
        while left.len() >= 2 {
            let everybody: Vec<Uuid> = left.iter().copied().collect();
            let open = pairs_of(&everybody).into_iter();
            let open = open.filter(|pair| !self.request.forbidden.contains(pair));
            // The first of equals: pairs come in order of the ids.
            let best = open.rev().max_by(|a, b| self.score(*a).total_cmp(&self.score(*b)))?;
            take(&mut left, best);
            groups.push(vec![best.0, best.1]);
        }
        if let Some(last) = left.pop_first() {
            let takes = |group: &&mut Vec<Uuid>| {
                group.iter().all(|one| !self.request.forbidden.contains(&pair(*one, last)))
            };
            let group = groups.iter_mut().find(takes)?;
            group.push(last);
            group.sort_unstable();
        }
        groups.sort_unstable();
        Some(groups)
    }
}

fn standing(request: &PairRequest<'_>, person: Uuid, skill: &str) -> Standing {
    request.standings.get(&(person, skill.to_owned())).copied().unwrap_or_default()
}

/// What two levels give each other, by the higher and the lower.
fn value(high: u8, low: u8) -> f64 {
    match (high, low) {
        // One step from independence.
        (3.., 2) => 1.0,
        (3.., 1) => 0.5,
        // An expert beside a novice works badly.
        (4.., 0) => -0.5,
        // Deepens, and moves nobody to independence.
        (high, 3..) if high > low => 0.25,
        _ => 0.0,
    }
}
